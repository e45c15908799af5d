/* Access grants: loading, short codes, tries. */
#include "store/grant.h"

#include <stdlib.h>
#include <string.h>
#include "store/arena.h"
#include "store/pg.h"

/* ---- Rows -> view --------------------------------------------------------------------------------------------- */

static const char *
text(struct arena *a, const PGresult *res, int row, int column)
{
	return arena_copy(a, PQgetvalue(res, row, column), (size_t)PQgetlength(res, row, column));
}

static int64_t
number(const PGresult *res, int row, int column)
{
	return strtoll(PQgetvalue(res, row, column), NULL, 10); /* NULL is "" here and gives 0 */
}

static int
hex_digit(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

static struct grant_sealed
octets_of(struct arena *a, const char *hex, size_t len)
{
	struct grant_sealed s = {0};
	uint8_t *data = arena_alloc(a, len + 1);
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
	s.data = data;
	s.len = len;
	return s;
}

/* A column of encode(..., 'hex'). */
static struct grant_sealed
sealed(struct arena *a, const PGresult *res, int row, int column)
{
	if (PQgetisnull(res, row, column))
		return (struct grant_sealed){0};
	return octets_of(a, PQgetvalue(res, row, column), (size_t)PQgetlength(res, row, column) / 2);
}

/* "field:HEX:HEX field:HEX:HEX": what each entry was and is; an empty value is none. */
static void
take_changes(struct arena *a, struct grant_application *p, const char *list)
{
	size_t n = *list != '\0';

	for (const char *c = list; *c != '\0'; c++)
		n += *c == ' ';
	p->changes = arena_alloc(a, (n + 1) * sizeof(*p->changes));
	while (*list != '\0') {
		struct grant_change *c = &p->changes[p->nchanges++];
		size_t len = strcspn(list, " "), name = strcspn(list, ":"), old = strcspn(list + name + 1, ":");
		const char *from = list + name + 1, *to = from + old + 1;

		c->field = arena_copy(a, list, name);
		if (old > 0)
			c->from = octets_of(a, from, old / 2);
		if (to < list + len)
			c->to = octets_of(a, to, (size_t)(list + len - to) / 2);
		list += len + (list[len] == ' ');
	}
}

static struct grant_view *
view_from_grant(const PGresult *res, int bureau_id, int64_t id)
{
	if (PQntuples(res) != 1)
		return NULL;
	struct arena *a = arena_new();
	struct grant_view *v = arena_alloc(a, sizeof(*v));
	v->arena = a;
	v->bureau_id = bureau_id;
	v->id = id;
	v->conversation_id = number(res, 0, 0);
	v->purpose = text(a, res, 0, 1);
	struct grant_sealed nonce = sealed(a, res, 0, 2);
	if (nonce.len == sizeof(v->nonce))
		memcpy(v->nonce, nonce.data, sizeof(v->nonce));
	v->expires_us = number(res, 0, 3);
	v->expired = number(res, 0, 4) != 0;
	v->used = number(res, 0, 5) != 0;
	v->revoked = number(res, 0, 6) != 0;
	v->opened = number(res, 0, 7) != 0;
	v->identity_tries = (int)number(res, 0, 8);
	v->locked_until = text(a, res, 0, 9);
	v->phone = text(a, res, 0, 10);
	v->language = text(a, res, 0, 11);
	v->step = text(a, res, 0, 12);
	v->open = number(res, 0, 13) != 0;
	v->outcome = text(a, res, 0, 14);
	v->selected = (uint64_t)number(res, 0, 15);
	v->begun = number(res, 0, 16) != 0;
	v->slots = text(a, res, 0, 17);
	v->code_expires_us = number(res, 0, 18);
	v->dialog = text(a, res, 0, 19);
	v->dialog_version = (int)number(res, 0, 20);
	return v;
}

/* The holder of this row: known already, or the next of the list. */
static const struct grant_holder *
view_holder(struct grant_view *v, size_t *known, struct grant_holder *list, const PGresult *res, int row)
{
	int64_t id = number(res, row, 14);

	for (size_t i = 0; i < *known; i++)
		if (list[i].id == id)
			return &list[i];
	struct grant_holder *h = &list[(*known)++];
	h->id = id;
	h->name = text(v->arena, res, row, 15);
	h->id_number = sealed(v->arena, res, row, 16);
	h->address = sealed(v->arena, res, row, 17);
	return h;
}

static void
view_add_applications(struct grant_view *v, const PGresult *res)
{
	int n = PQntuples(res);
	struct arena *a = v->arena;
	struct grant_holder *all = arena_alloc(a, ((size_t)n + 1) * sizeof(*all));
	size_t known = 0;

	v->applications = arena_alloc(a, ((size_t)n + 1) * sizeof(*v->applications));
	v->holders = arena_alloc(a, ((size_t)n + 1) * sizeof(*v->holders));
	for (int i = 0; i < n; i++) {
		struct grant_application *p = &v->applications[v->napplications++];
		p->id = number(res, i, 0);
		p->number = (int)number(res, i, 1);
		p->status = text(a, res, i, 2);
		p->item_code = text(a, res, i, 3);
		p->name_zh = text(a, res, i, 4);
		p->name_en = text(a, res, i, 5);
		p->trigger = text(a, res, i, 6);
		p->approval = text(a, res, i, 7);
		p->old_choices = text(a, res, i, 8);
		p->delivery_choices = text(a, res, i, 9);
		p->licence_no = text(a, res, i, 10);
		p->issued_on = text(a, res, i, 11);
		p->expires_on = text(a, res, i, 12);
		p->facts = text(a, res, i, 13);
		p->holder = view_holder(v, &known, all, res, i);
		p->address = sealed(a, res, i, 18);
		p->old_certificate = text(a, res, i, 19);
		p->delivery = text(a, res, i, 20);
		p->tracking_no = text(a, res, i, 21);
		p->pickup_code = text(a, res, i, 22);
		p->decision_reason = text(a, res, i, 23);
		p->rating = (int)number(res, i, 24);
		p->submitted_on = text(a, res, i, 25);
		p->decided_on = text(a, res, i, 26);
		p->sent_on = text(a, res, i, 27);
		p->collected_on = text(a, res, i, 28);
		take_changes(a, p, text(a, res, i, 29));
		p->changed_on = text(a, res, i, 30);
		p->selected =
			v->selected == 0 || (p->number >= 1 && p->number <= 64 && (v->selected >> (p->number - 1) & 1) != 0);
	}
	/* Only whose application is meant is asked for their number, and only they are shown. */
	for (size_t h = 0; h < known; h++)
		for (size_t i = 0; i < v->napplications; i++)
			if (v->applications[i].selected && v->applications[i].holder == &all[h]) {
				v->holders[v->nholders++] = all[h];
				break;
			}
}

void
grant_view_free(struct grant_view *v)
{
	if (v != NULL)
		arena_free(v->arena);
}

/* ---- In the loop ---------------------------------------------------------------------------------------------- */

struct load {
	int bureau_id;
	int64_t id;
	struct grant_view *view;
	grant_view_fn fn;
	void *arg;
};

static void
load_result(void *arg, int index, const PGresult *res)
{
	struct load *l = arg;

	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK)
		return;
	if (index == 0)
		l->view = view_from_grant(res, l->bureau_id, l->id);
	else if (l->view != NULL)
		view_add_applications(l->view, res);
}

static void
load_end(void *arg, const char *error, const char *sqlstate)
{
	struct load *l = arg;

	(void)sqlstate;
	if (error != NULL) {
		grant_view_free(l->view);
		l->view = NULL;
	}
	l->fn(l->arg, l->view, error);
	free(l);
}

static void
params_ids(struct pg_params *p, int bureau_id, int64_t id)
{
	pg_params_reset(p);
	pg_param_int(p, bureau_id);
	pg_param_int(p, id);
}

int
grant_load(struct pg *pg, int bureau_id, int64_t id, grant_view_fn fn, void *arg)
{
	struct load *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return -1;
	*l = (struct load){.bureau_id = bureau_id, .id = id, .fn = fn, .arg = arg};
	struct pg_batch *b = pg_batch_begin(pg, true, l, load_result, load_end);
	if (b == NULL) {
		free(l);
		return -1;
	}
	struct pg_params *p = pg_params_new();
	params_ids(p, bureau_id, id);
	pg_batch_add(b, STMT_GRANT_LOAD, p);
	pg_batch_add(b, STMT_GRANT_APPLICATIONS, p);
	pg_params_free(p);
	pg_batch_commit(b);
	return 0;
}

struct code_search {
	int *bureau_ids; /* of the statements, in order */
	int bureau_id, found;
	int64_t id;
	grant_code_fn fn;
	void *arg;
};

static void
code_result(void *arg, int index, const PGresult *res)
{
	struct code_search *s = arg;

	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) == 0)
		return;
	s->found += PQntuples(res);
	s->bureau_id = s->bureau_ids[index];
	s->id = number(res, 0, 0);
}

static void
code_end(void *arg, const char *error, const char *sqlstate)
{
	struct code_search *s = arg;
	bool one = error == NULL && s->found == 1;

	(void)sqlstate;
	s->fn(s->arg, one ? s->bureau_id : 0, one ? s->id : 0, error);
	free(s->bureau_ids);
	free(s);
}

static void
params_code(struct pg_params *p, int bureau_id, const uint8_t hash[32])
{
	pg_params_reset(p);
	pg_param_int(p, bureau_id);
	pg_param_bytes(p, hash, 32);
	pg_param_int(p, GRANT_CODE_USES);
}

int
grant_find_code(struct pg *pg, const int *bureau_ids, size_t n, const uint8_t hash[32], grant_code_fn fn, void *arg)
{
	struct code_search *s = calloc(1, sizeof(*s));
	int *ids = calloc(n + 1, sizeof(*ids));
	struct pg_batch *b = s == NULL || ids == NULL ? NULL : pg_batch_begin(pg, true, s, code_result, code_end);

	if (b == NULL) {
		free(s);
		free(ids);
		return -1;
	}
	*s = (struct code_search){.bureau_ids = ids, .fn = fn, .arg = arg};
	struct pg_params *p = pg_params_new();
	for (size_t i = 0; i < n; i++) {
		ids[i] = bureau_ids[i];
		params_code(p, bureau_ids[i], hash);
		pg_batch_add(b, STMT_GRANT_BY_CODE, p);
	}
	pg_params_free(p);
	pg_batch_commit(b);
	return 0;
}

struct attempt {
	int tries;
	grant_try_fn fn;
	void *arg;
};

static void
try_result(void *arg, int index, const PGresult *res)
{
	struct attempt *t = arg;

	(void)index;
	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK)
		return;
	for (int i = 0; i < PQntuples(res); i++)
		if (number(res, i, 0) > t->tries)
			t->tries = (int)number(res, i, 0);
}

static void
try_end(void *arg, const char *error, const char *sqlstate)
{
	struct attempt *t = arg;

	(void)sqlstate;
	t->fn(t->arg, error == NULL ? t->tries : 0, error);
	free(t);
}

int
grant_try(struct pg *pg, int bureau_id, int64_t conversation_id, grant_try_fn fn, void *arg)
{
	struct attempt *t = calloc(1, sizeof(*t));
	struct pg_params *p = pg_params_new();
	int rc = -1;

	if (t != NULL && p != NULL) {
		*t = (struct attempt){.fn = fn, .arg = arg};
		params_ids(p, bureau_id, conversation_id);
		pg_param_int(p, GRANT_TRIES);
		pg_param_int(p, GRANT_LOCK_MINUTES);
		rc = pg_run(pg, STMT_GRANT_TRY, p, t, try_result, try_end);
	}
	if (rc != 0)
		free(t);
	pg_params_free(p);
	return rc;
}

static void
ignore_result(void *arg, int index, const PGresult *res)
{
	(void)arg;
	(void)index;
	(void)res;
}

static void
ignore_end(void *arg, const char *error, const char *sqlstate)
{
	(void)arg;
	(void)error;
	(void)sqlstate;
}

void
grant_proven(struct pg *pg, int bureau_id, int64_t conversation_id)
{
	struct pg_params *p = pg_params_new();

	params_ids(p, bureau_id, conversation_id);
	pg_run(pg, STMT_GRANT_PROVEN, p, NULL, ignore_result, ignore_end);
	pg_params_free(p);
}

void
grant_refused(struct pg *pg, int bureau_id, int64_t conversation_id, int64_t id, int tries)
{
	struct pg_params *p = pg_params_new();

	params_ids(p, bureau_id, conversation_id);
	pg_param_int(p, id);
	pg_param_int(p, tries);
	pg_param_bool(p, tries >= GRANT_TRIES);
	pg_run(pg, STMT_GRANT_REFUSED, p, NULL, ignore_result, ignore_end);
	pg_params_free(p);
}

void
grant_opened(struct pg *pg, int bureau_id, int64_t id)
{
	struct pg_params *p = pg_params_new();

	params_ids(p, bureau_id, id);
	pg_run(pg, STMT_GRANT_OPENED, p, NULL, ignore_result, ignore_end);
	pg_params_free(p);
}

/* ---- For the command line ------------------------------------------------------------------------------------- */

int
grant_load_wait(struct pg *pg, int bureau_id, int64_t id, struct grant_view **v, const char **error)
{
	struct pg_params *p = pg_params_new();
	PGresult *res;

	*v = NULL;
	params_ids(p, bureau_id, id);
	res = pg_run_wait(pg, STMT_GRANT_LOAD, p, error);
	if (res != NULL && (*v = view_from_grant(res, bureau_id, id)) != NULL) {
		PQclear(res);
		res = pg_run_wait(pg, STMT_GRANT_APPLICATIONS, p, error);
		if (res != NULL)
			view_add_applications(*v, res);
	}
	pg_params_free(p);
	if (res == NULL) {
		grant_view_free(*v);
		*v = NULL;
		return -1;
	}
	PQclear(res);
	return 0;
}

int
grant_find_code_wait(struct pg *pg, const int *bureau_ids, size_t n, const uint8_t hash[32], int *bureau_id,
	int64_t *id, const char **error)
{
	struct pg_params *p = pg_params_new();
	int found = 0;

	for (size_t i = 0; i < n; i++) {
		params_code(p, bureau_ids[i], hash);
		PGresult *res = pg_run_wait(pg, STMT_GRANT_BY_CODE, p, error);
		if (res == NULL) {
			pg_params_free(p);
			return -1;
		}
		if (PQntuples(res) > 0) {
			found += PQntuples(res);
			*bureau_id = bureau_ids[i];
			*id = number(res, 0, 0);
		}
		PQclear(res);
	}
	pg_params_free(p);
	return found == 1;
}

int
grant_prove_wait(struct pg *pg, int bureau_id, int64_t id, const char *actor, const char **error)
{
	struct pg_params *p = pg_params_new();
	int rc = -1;

	params_ids(p, bureau_id, id);
	pg_param_text(p, actor);
	PGresult *res = pg_run_wait(pg, STMT_GRANT_PROVE, p, error);
	if (res != NULL)
		rc = PQntuples(res) > 0;
	PQclear(res);
	pg_params_free(p);
	return rc;
}
