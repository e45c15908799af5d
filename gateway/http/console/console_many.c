/* What is done with several entries of a list at once: which were left as they were, and why, is told on the list's
 * page. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/clerk.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/log.h"
#include "store/pg.h"

#define LEFT_TOLD 2000 /* octets of an address: fifty entries and their reasons */

/* left: an array of {"id", "why"}, NULL = none. */
static void
see_list(struct desk_call *c, const char *word, size_t n, const json_t *left, int64_t batch)
{
	char path[LEFT_TOLD + 600], more[LEFT_TOLD + 200];
	size_t len, i;
	json_t *row;

	len = (size_t)snprintf(
		more, sizeof(more), "done=%s&n=%zu&refused=%zu&batch=%" PRId64 "&left=", word, n, json_array_size(left), batch);
	json_array_foreach (left, i, row) {
		if (len > LEFT_TOLD)
			break;
		len += (size_t)snprintf(more + len, sizeof(more) - len, "%s%" JSON_INTEGER_FORMAT ".%.20s", i > 0 ? "," : "",
			json_integer_value(json_object_get(row, "id")), json_string_value(json_object_get(row, "why")));
	}
	console_worklist_path(c, &c->r->form, more, path, sizeof(path));
	http_reply_see(c->r, path);
	desk_free(c);
}

/* The entries that were chosen, sorted, each once; malloc'd. */
static int64_t *
chosen(const struct desk_call *c, size_t *n)
{
	const struct form *f = &c->r->form;
	const char *name = form_get(f, "all") != NULL ? "shown" : "entry"; /* all of the page */
	int64_t *ids = calloc(f->count + 1, sizeof(*ids));

	*n = 0;
	if (ids == NULL)
		return NULL;
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->fields[i].name, name) == 0)
			ids[(*n)++] = strtoll(f->fields[i].value, NULL, 10);
	*n = clerk_ids_sort(ids, *n);
	return ids;
}

/* Every act says which it was refused; absent: why an entry has no row in the answer. */
static const struct verb {
	const char *word;
	enum stmt stmt;
	const char *absent;
} verbs[] = {
	{"claim", STMT_WORKLIST_CLAIM, "closed"},
	{"release", STMT_WORKLIST_RELEASE, "not_yours"},
	{"done", STMT_WORKLIST_DONE, "closed"},
};

static const struct verb *
verb_of(const struct desk_call *c)
{
	return console_act_row(c, verbs, sizeof(verbs) / sizeof(verbs[0]), sizeof(verbs[0]));
}

static void
undone(struct desk_call *c)
{
	see_list(c, "undo", json_array_size(json_object_get(c->data, "rows")), NULL, 0);
}

static void
counted(struct desk_call *c)
{
	const struct verb *v = verb_of(c);
	json_t *rows = json_object_get(c->data, "rows");
	size_t n;
	int64_t *ids = chosen(c, &n);
	json_t *left = clerk_left(rows, ids, ids == NULL ? 0 : n, v->absent, c->actor);

	see_list(c, v->word, n - json_array_size(left), left,
		json_integer_value(json_object_get(json_array_get(rows, 0), "batch")));
	json_decref(left);
	free(ids);
}

/* What the form asks for with the applications of its entries, NULL when it is none of this list. */
static const struct clerk_together *
together_of(const struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act"), *list = c->r->params.values[0];
	size_t n;
	const struct clerk_together *all = clerk_togethers(&n);

	for (size_t i = 0; act != NULL && i < n; i++)
		if (strcmp(all[i].word, act) == 0 && strcmp(all[i].list, list) == 0)
			return &all[i];
	return NULL;
}

/* Acts on applications run side by side; the last one answers. */
struct bulk {
	struct desk_call *c;
	json_t *left; /* {"id", "why"} */
	size_t waiting, done;
};

struct one {
	struct bulk *all;
	int64_t entry;
};

static void
leave(struct bulk *b, int64_t entry, const char *why)
{
	json_array_append_new(b->left, json_pack("{s:I, s:s}", "id", (json_int_t)entry, "why", why));
}

static void
see_bulk(struct desk_call *c)
{
	const json_t *b = json_object_get(c->data, "bulk");

	see_list(
		c, together_of(c)->word, (size_t)json_integer_value(json_object_get(b, "done")), json_object_get(b, "left"), 0);
}

static void
bulk_end(struct bulk *b)
{
	struct desk_call *c = b->c;
	char detail[80];

	if (--b->waiting > 0)
		return;
	snprintf(detail, sizeof(detail), "%zu of %zu entries", b->done, b->done + json_array_size(b->left));
	json_object_set_new(c->data, "bulk", json_pack("{s:I, s:o}", "done", (json_int_t)b->done, "left", b->left));
	free(b);
	desk_note_then(c, together_of(c)->event, c->r->params.values[0], detail, see_bulk);
}

static void
acted(void *arg, const struct application_answer *answer)
{
	struct one *one = arg;
	struct bulk *b = one->all;

	if (answer->outcome == APPLICATION_DONE)
		b->done++;
	else
		leave(b, one->entry,
			answer->outcome == APPLICATION_REFUSED	 ? answer->refusal.code
			: answer->outcome == APPLICATION_UNKNOWN ? "unknown"
													 : "failed");
	if (answer->outcome == APPLICATION_FAILED)
		log_warn("%s could not change an application: %s", b->c->actor, answer->text);
	free(one);
	bulk_end(b);
}

/* The entry is this person's: what is asked for is done with its application. */
static void
act_on(struct bulk *b, const struct clerk_together *t, int64_t entry, int64_t application)
{
	struct one *one = malloc(sizeof(*one));
	char code[7];

	console_pickup_code(code);
	const struct application_act a = {.kind = t->kind,
		.bureau_id = b->c->bureau->id,
		.id = application,
		.actor = b->c->actor,
		.pickup_code = t->kind == APPLICATION_READY ? code : NULL};
	if (one == NULL) {
		leave(b, entry, "failed");
		return;
	}
	*one = (struct one){b, entry};
	b->waiting++;
	if (application_act(b->c->r->g->pg_side, &a, acted, one) != 0) {
		b->waiting--;
		free(one);
		leave(b, entry, "failed");
	}
}

static void
act_on_claimed(struct desk_call *c)
{
	struct bulk *b = calloc(1, sizeof(*b));
	json_t *rows = json_object_get(c->data, "rows"), *row;
	size_t n, i, k = 0;
	int64_t *ids = chosen(c, &n);

	if (b == NULL || ids == NULL) {
		free(b);
		free(ids);
		http_reply_error(c->r, 503);
		desk_free(c);
		return;
	}
	*b = (struct bulk){.c = c, .waiting = 1, .left = clerk_left(rows, ids, n, "closed", c->actor)};
	free(ids);
	json_t *held = json_deep_copy(b->left);
	json_array_foreach (rows, i, row) {
		int64_t entry = json_integer_value(json_object_get(row, "id")),
				application = json_integer_value(json_object_get(row, "application"));
		/* Both are in the order of their numbers. */
		while (k < json_array_size(held) && json_integer_value(json_object_get(json_array_get(held, k), "id")) < entry)
			k++;
		if (k < json_array_size(held) && json_integer_value(json_object_get(json_array_get(held, k), "id")) == entry)
			continue;
		if (application == 0)
			leave(b, entry, "itself");
		else
			act_on(b, together_of(c), entry, application);
	}
	json_decref(held);
	bulk_end(b);
}

static void
after_next(struct desk_call *c)
{
	json_t *entry = json_object_get(c->data, "next");
	char path[ROUTER_PARAM_MAX + 64];

	if (json_is_object(entry))
		console_entry_path(entry, c->r->params.values[0], path, sizeof(path));
	else
		snprintf(path, sizeof(path), "/worklists/%s?done=next&n=0", c->r->params.values[0]);
	if (json_is_object(entry) && strncmp(path, "/entries/", 9) == 0)
		snprintf(path + strlen(path), sizeof(path) - strlen(path), "?done=claimed");
	http_reply_see(c->r, path);
	desk_free(c);
}

/* The next of a list that is worked through one by one becomes this person's. */
static void
take_next(struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_text(p, c->r->params.values[0]);
	console_who(c, p);
	pg_param_int(p, CLERK_CLAIM_SECONDS);
	const struct desk_ask asks[] = {{"next", STMT_WORKLIST_NEXT, p, true}};
	desk_gather(c, asks, 1, after_next);
}

static void
post_worklist(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act"), *list = c->r->params.values[0],
			   *batch = form_get(&c->r->form, "batch");
	const struct clerk_together *t = together_of(c);
	const struct verb *v = verb_of(c);
	bool undo = act != NULL && strcmp(act, "undo") == 0;
	struct desk_ask ask = {.key = "rows", .params = NULL};

	if (!desk_may(c, t != NULL ? t->role : ROLE_SEND)) {
		desk_refuse_role(c);
		return;
	}
	if (act != NULL && strcmp(act, "next") == 0) {
		take_next(c);
		return;
	}
	if (!undo && t == NULL && (v == NULL || (v->stmt == STMT_WORKLIST_DONE && !clerk_by_hand(list)))) {
		http_reply_error(c->r, act == NULL ? 400 : 404);
		desk_free(c);
		return;
	}
	struct pg_params *p = ask.params = desk_params(c);
	if (undo) {
		pg_param_int(p, batch == NULL ? 0 : strtoll(batch, NULL, 10));
		console_who(c, p);
		pg_param_int(p, CLERK_UNDO_SECONDS);
		ask.stmt = STMT_WORKLIST_UNDO;
		desk_gather(c, &ask, 1, undone);
		return;
	}
	size_t n;
	int64_t *ids = chosen(c, &n);
	pg_array_begin(p);
	for (size_t i = 0; ids != NULL && i < n; i++)
		pg_array_int(p, ids[i]);
	pg_array_end(p);
	free(ids);
	if (n == 0) {
		pg_params_free(p);
		char path[600];
		console_worklist_path(c, &c->r->form, "done=none&n=0", path, sizeof(path));
		http_reply_see(c->r, path);
		desk_free(c);
		return;
	}
	console_who(c, p);
	ask.stmt = t != NULL ? STMT_WORKLIST_CLAIM : v->stmt;
	if (ask.stmt == STMT_WORKLIST_CLAIM) {
		pg_param_int(p, CLERK_CLAIM_SECONDS);
		pg_param_bool(p, false);
	} else if (ask.stmt == STMT_WORKLIST_DONE) {
		pg_param_text(p, "");
		clerk_by_hand_lists(p);
	}
	desk_gather(c, &ask, 1, t != NULL ? act_on_claimed : counted);
}

void
console_worklist_post(struct http_request *r)
{
	if (clerk_is_list(r->params.values[0]))
		desk_person_post(r, post_worklist);
	else
		http_reply_error(r, 404);
}
