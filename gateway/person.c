/* Gathers and erases what is kept of one person. */
#include "gateway/person.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/conf.h"
#include "gateway/keys.h"
#include "gateway/redaction.h"
#include "store/pg.h"
#include "store/raw.h"
#include "store/view.h"

/* ---- Who is it? ------------------------------------------------------------------------------------------------- */

static char *
copy(const char *text)
{
	char *s = strdup(text);
	if (s == NULL)
		abort();
	return s;
}

/* {1,2} and {3} -> {1,2,3}; takes over the first. */
static char *
join(char *list, const char *more)
{
	size_t len = strlen(list), add = strlen(more);
	if (add <= 2)
		return list;
	char *out = malloc(len + add);
	if (out == NULL)
		abort();
	memcpy(out, list, len - 1);
	size_t at = len - 1;
	if (len > 2)
		out[at++] = ',';
	memcpy(out + at, more + 1, add); /* with its brace and NUL */
	free(list);
	return out;
}

static char *
join_number(char *list, json_int_t number)
{
	char one[32];
	snprintf(one, sizeof one, "{%" JSON_INTEGER_FORMAT "}", number);
	return join(list, one);
}

static int
find_talks(struct person *p)
{
	struct pg_params *params = pg_params_new();
	pg_param_int(params, p->bureau->id);
	pg_param_text(params, p->holders);
	pg_param_text(params, p->phones);
	pg_param_int(params, p->bureau->keep_days);
	PGresult *res = raw_run(p->conn, STMT_PERSON_TALKS, params, &p->error);
	pg_params_free(params);
	if (res == NULL)
		return -1;
	json_decref(p->talks);
	free(p->conversations);
	free(p->applications);
	p->talks = view_rows(res);
	PQclear(res);
	p->conversations = copy("{}");
	p->applications = copy("{}");
	json_t *row;
	size_t i;
	json_array_foreach (p->talks, i, row) {
		p->conversations = join_number(p->conversations, json_integer_value(json_object_get(row, "id")));
		p->applications = join(p->applications, json_string_value(json_object_get(row, "applications")));
	}
	return 0;
}

static int
find_strays(struct person *p)
{
	struct pg_params *params = pg_params_new();
	pg_param_int(params, p->bureau->id);
	pg_param_text(params, p->phones);
	PGresult *res = raw_run(p->conn, STMT_PERSON_PHONES_KNOWN, params, &p->error);
	pg_params_free(params);
	if (res != NULL)
		p->strays = strcmp(PQgetvalue(res, 0, 0), "1") == 0;
	PQclear(res);
	return res == NULL ? -1 : 0;
}

int
person_find(struct person *p, const char *phone, const char *id_number)
{
	struct pg_params *params = pg_params_new();
	uint8_t hash[32];
	pg_param_int(params, p->bureau->id);
	pg_param_text(params, phone);
	if (id_number != NULL) {
		keys_hash(p->keys, "identity", id_number, strlen(id_number), hash);
		pg_param_bytes(params, hash, sizeof hash);
	} else {
		pg_param_text(params, NULL);
	}
	PGresult *res = raw_run(p->conn, STMT_PERSON_FIND, params, &p->error);
	pg_params_free(params);
	if (res == NULL)
		return -1;
	p->holders = copy(PQgetvalue(res, 0, 0));
	p->phones = copy(PQgetvalue(res, 0, 1));
	PQclear(res);
	return find_talks(p) == 0 ? find_strays(p) : -1;
}

#define LOOK_AGAIN_NS 50000000

int
person_settle(struct person *p, int seconds)
{
	struct pg_params *params = pg_params_new();
	time_t until = time(NULL) + seconds;
	int rc = 1;
	pg_param_int(params, p->bureau->id);
	pg_param_text(params, p->conversations);
	pg_param_text(params, p->phones);
	while (rc == 1) {
		PGresult *res = raw_run(p->conn, STMT_PERSON_SENDING, params, &p->error);
		rc = res == NULL ? -1 : strcmp(PQgetvalue(res, 0, 0), "0") != 0;
		PQclear(res);
		if (rc != 1 || time(NULL) >= until)
			break;
		nanosleep(&(struct timespec){.tv_nsec = LOOK_AGAIN_NS}, NULL);
	}
	pg_params_free(params);
	return rc < 0 ? -1 : find_talks(p);
}

void
person_free(struct person *p)
{
	free(p->holders);
	free(p->phones);
	free(p->conversations);
	free(p->applications);
	json_decref(p->talks);
}

/* ---- Everything ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *key;
	enum stmt stmt;
} parts[] = {
	{"holders", STMT_PERSON_HOLDERS},
	{"licences", STMT_PERSON_LICENCES},
	{"changes", STMT_PERSON_CHANGES},
	{"applications", STMT_PERSON_APPLICATIONS},
	{"conversations", STMT_PERSON_CONVERSATIONS},
	{"texts", STMT_PERSON_TEXTS},
	{"ussd_sessions", STMT_PERSON_SESSIONS},
	{"access", STMT_PERSON_ACCESS},
	{"signatures", STMT_PERSON_SIGNATURES},
	{"credit_marks", STMT_PERSON_MARKS},
	{"calls", STMT_PERSON_CALLS},
	{"worklist", STMT_PERSON_WORKLIST},
	{"waiting", STMT_PERSON_WAITING},
	{"campaigns", STMT_PERSON_CAMPAIGNS},
	{"told", STMT_PERSON_TOLD},
	{"looks", STMT_PERSON_LOOKS},
	{"languages", STMT_PERSON_LANGUAGES},
	{"opt_outs", STMT_PERSON_OPT_OUTS},
	{"trail", STMT_PERSON_EVENTS},
};
#define PARTS (sizeof parts / sizeof parts[0])

static struct pg_params *
set_params(const struct person *p)
{
	struct pg_params *params = pg_params_new();
	pg_param_int(params, p->bureau->id);
	pg_param_text(params, p->holders);
	pg_param_text(params, p->phones);
	pg_param_text(params, p->conversations);
	pg_param_text(params, p->applications);
	return params;
}

/* "id_number_sealed": hex -> "id_number": text. */
static void
open_sealed(const struct person *p, json_t *row)
{
	static const char *const names[] = {"id_number", "address", "old_value", "new_value", "document"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char key[40];
		snprintf(key, sizeof key, "%s_sealed", names[i]);
		json_t *sealed = json_object_get(row, key);
		if (sealed == NULL)
			continue;
		const char *hex = json_string_value(sealed);
		json_t *value = json_null();
		if (hex != NULL) {
			char *plain = keys_open(p->keys, hex);
			/* One whose key is gone is nobody's to read. */
			value = json_string(plain == NULL ? "(cannot be opened: its key is missing)" : plain);
			free(plain);
		}
		json_object_set_new(row, names[i], value);
		json_object_del(row, key);
	}
}

static json_t *
gather(struct person *p, json_int_t *rows)
{
	json_t *all = json_pack("{s:s}", "bureau", p->bureau->code);
	struct pg_params *params = set_params(p);
	for (size_t i = 0; i < PARTS && all != NULL; i++) {
		PGresult *res = raw_run(p->conn, parts[i].stmt, params, &p->error);
		if (res == NULL) {
			json_decref(all);
			all = NULL;
			break;
		}
		json_t *list = view_rows(res), *row;
		size_t n;
		PQclear(res);
		json_array_foreach (list, n, row)
			open_sealed(p, row);
		*rows += (json_int_t)json_array_size(list);
		json_object_set_new(all, parts[i].key, list);
	}
	pg_params_free(params);
	return all;
}

int
person_known(const struct person *p)
{
	return strcmp(p->holders, "{}") != 0 || strcmp(p->conversations, "{}") != 0 || p->strays;
}

json_t *
person_export(struct person *p, const char *actor)
{
	json_int_t rows = 0;
	json_t *all = gather(p, &rows);
	if (all == NULL)
		return NULL;
	struct pg_params *params = pg_params_new();
	pg_param_int(params, p->bureau->id);
	pg_param_text(params, actor);
	pg_param_text(params, p->holders);
	pg_param_int(params, rows);
	PGresult *res = raw_run(p->conn, STMT_PERSON_NOTED, params, &p->error);
	pg_params_free(params);
	if (res == NULL) {
		json_decref(all);
		return NULL;
	}
	PQclear(res);
	return all;
}

/* ---- Erasure ---------------------------------------------------------------------------------------------------- */

static void
stay(json_t *stays, const char *what, json_int_t id, const char *why)
{
	json_array_append_new(stays, json_pack("{s:s, s:I, s:s}", "what", what, "id", id, "why", why));
}

static const char still_sending[] = "a text of it has not left yet: try again when it has";

static const char *
why_talk_stays(const json_t *row)
{
	if (json_is_true(json_object_get(row, "open")))
		return "it is under way: it must be finished or withdrawn first";
	if (json_is_true(json_object_get(row, "sending")))
		return still_sending;
	if (json_is_true(json_object_get(row, "recent")))
		return "an application of it ended within the days that the law has the bureau keep its file (keep_days)";
	if (json_is_true(json_object_get(row, "shared")))
		return "it is about other holders' licences too";
	return NULL;
}

static const char *
why_holder_stays(const json_t *row)
{
	if (json_is_true(json_object_get(row, "under_way")))
		return "an application is under way: it must be finished or withdrawn first";
	if (json_is_true(json_object_get(row, "recent")))
		return "an application ended within the days that the law has the bureau keep its file (keep_days)";
	if (json_is_true(json_object_get(row, "valid")))
		return "a licence is valid: name and number stay in the register until it has run out; phone and address go";
	return NULL;
}

/* What may go. The lists are the caller's to free: chosen_free. */
struct chosen {
	char *conversations, *applications; /* of the talks that go */
	char *phones;						/* theirs, and those of the talks: a number may have changed since */
	char *whole, *reach;				/* holders who go, and those of whom phone and address do */
	bool all_talks;						/* none stays */
	bool sending;						/* one stays only until its text has left */
};

static void
chosen_free(struct chosen *c)
{
	free(c->conversations);
	free(c->applications);
	free(c->phones);
	free(c->whole);
	free(c->reach);
}

static void
choose_talks(const struct person *p, json_t *stays, struct chosen *c)
{
	json_t *row;
	size_t i;
	*c = (struct chosen){.conversations = copy("{}"),
		.applications = copy("{}"),
		.phones = copy(p->phones),
		.whole = copy("{}"),
		.reach = copy("{}"),
		.all_talks = true};
	json_array_foreach (p->talks, i, row) {
		json_int_t id = json_integer_value(json_object_get(row, "id"));
		const char *why = why_talk_stays(row), *phone = json_string_value(json_object_get(row, "phone"));
		if (why != NULL) {
			stay(stays, "conversation", id, why);
			c->all_talks = false;
			c->sending = c->sending || why == still_sending;
			continue;
		}
		c->conversations = join_number(c->conversations, id);
		c->applications = join(c->applications, json_string_value(json_object_get(row, "applications")));
		if (phone != NULL && *phone != '\0') {
			char one[40];
			snprintf(one, sizeof one, "{%s}", phone);
			c->phones = join(c->phones, one);
		}
	}
}

static int
choose_holders(struct person *p, json_t *stays, struct chosen *c)
{
	struct pg_params *params = pg_params_new();
	pg_param_int(params, p->bureau->id);
	pg_param_text(params, p->holders);
	pg_param_int(params, p->bureau->keep_days);
	PGresult *res = raw_run(p->conn, STMT_PERSON_HOLDERS_MAY, params, &p->error);
	pg_params_free(params);
	if (res == NULL)
		return -1;
	json_t *rows = view_rows(res), *row;
	size_t i;
	PQclear(res);
	json_array_foreach (rows, i, row) {
		json_int_t id = json_integer_value(json_object_get(row, "id"));
		/* Without the holder the talk would not be found again. */
		const char *why = c->sending ? still_sending : why_holder_stays(row);
		if (why != NULL)
			stay(stays, "holder", id, why);
		if (c->sending)
			continue;
		if (why == NULL)
			c->whole = join_number(c->whole, id);
		else if (!json_is_true(json_object_get(row, "under_way")) && !json_is_true(json_object_get(row, "recent")))
			c->reach = join_number(c->reach, id);
	}
	json_decref(rows);
	return 0;
}

static int
run_list(struct person *p, enum stmt s, const char *list, int64_t *count)
{
	struct pg_params *params = pg_params_new();
	pg_param_int(params, p->bureau->id);
	pg_param_text(params, list);
	PGresult *res = raw_run(p->conn, s, params, &p->error);
	pg_params_free(params);
	if (res != NULL && count != NULL)
		*count += strtoll(PQgetvalue(res, 0, 0), NULL, 10);
	PQclear(res);
	return res == NULL ? -1 : 0;
}

/* What others have copied of it goes before the words that it is known by. */
static int
erase_copies(struct person *p, const struct chosen *c)
{
	struct pg_params *params = pg_params_new();
	pg_param_int(params, p->bureau->id);
	pg_param_text(params, c->all_talks ? p->phones : "{}");
	pg_param_text(params, c->conversations);
	pg_param_text(params, c->whole);
	PGresult *res = raw_run(p->conn, STMT_REDACT_COPIES, params, &p->error);
	pg_params_free(params);
	PQclear(res);
	return res == NULL ? -1 : 0;
}

static int
erase_chosen(struct person *p, struct redaction *r, const struct chosen *c)
{
	const struct redaction_set talks = {
		.conversations = c->conversations, .phones = c->phones, .applications = c->applications};
	/* A phone whose talk stays is named where the bureau was asked to leave it in peace. */
	const struct redaction_set said = {
		.conversations = c->conversations, .phones = c->all_talks ? p->phones : "{}", .applications = c->applications};
	if (redaction_order(r) != 0 || redaction_trail(r, &said, 0) != 0) {
		p->error = r->error;
		return -1;
	}
	if (erase_copies(p, c) != 0)
		return -1;
	if (redaction_talks(r, &talks) != 0) {
		p->error = r->error;
		return -1;
	}
	if (run_list(p, STMT_REDACT_HOLDERS, c->whole, &r->holders) != 0 ||
		run_list(p, STMT_REDACT_REACH, c->reach, &r->holders) != 0 ||
		(c->all_talks && run_list(p, STMT_REDACT_PHONES, p->phones, &r->texts) != 0))
		return -1;
	if (redaction_done(r) == 0)
		return 0;
	p->error = r->error;
	return -1;
}

json_t *
person_erase(struct person *p, const char *reason, const char *actor, bool dry_run)
{
	struct redaction r = {.conn = p->conn,
		.secret = keys_sign_secret(p->keys),
		.bureau_id = p->bureau->id,
		.kind = "erasure",
		.reason = reason,
		.actor = actor,
		.error = ""};
	json_t *stays = json_array(), *told = NULL;
	struct chosen c;

	choose_talks(p, stays, &c);
	int rc = choose_holders(p, stays, &c);
	if (rc == 0 && !dry_run)
		rc = erase_chosen(p, &r, &c);
	if (rc == 0) {
		/* What nobody may erase, and why. */
		stay(stays, "licence", 0, "numbers, items and dates of licences are the public register's");
		stay(stays, "trail", 0, "that and when something happened stays, sealed; what it said of the person is gone");
		stay(stays, "credit_mark", 0, "marks on the record stay until they are lifted");
		stay(stays, "opt_out", 0, "a phone that wants no reminders must go on being known as such");
		told = json_pack("{s:b, s:I, s:s, s:s, s:{s:I, s:I, s:I, s:I, s:I}, s:O}", "dry_run", dry_run, "order",
			(json_int_t)r.order_id, "conversations", c.conversations, "holders", c.whole, "erased", "conversations",
			(json_int_t)r.conversations, "applications", (json_int_t)r.applications, "holders", (json_int_t)r.holders,
			"texts", (json_int_t)r.texts, "events", (json_int_t)r.events, "stays", stays);
	}
	chosen_free(&c);
	json_decref(stays);
	return told;
}
