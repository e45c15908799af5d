/* Walks a trail with its seals, out of the database or out of an export. */
#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/progress.h"
#include "gateway/cli/trail.h"
#include "gateway/seal_rows.h"
#include "store/raw.h"

#define SEALS_AT_ONCE 16

/* ---- Out of the database ---------------------------------------------------------------------------------------- */

struct walk {
	PGconn *conn;
	const struct trail_walk *w;
	int bureau_id;
	struct pg_params *p;
	const char *error;
	PGresult *events; /* the rows fetched last */
	int next;		  /* of them */
	bool over;		  /* the cursor has given everything */
};

static PGresult *
ask(struct walk *k, enum stmt s)
{
	return raw_run(k->conn, s, k->p, &k->error);
}

static struct pg_params *
bureau_params(struct walk *k)
{
	pg_params_reset(k->p);
	pg_param_int(k->p, k->bureau_id);
	return k->p;
}

/* Tells of events up to this id, and leaves the next one where it is. */
static int
events_until(struct walk *k, int64_t to_id)
{
	for (;;) {
		if (k->events != NULL && k->next == PQntuples(k->events)) {
			PQclear(k->events);
			k->events = NULL;
		}
		if (k->events == NULL) {
			if (k->over)
				return 0;
			k->events = raw_run(k->conn, STMT_SEAL_FETCH, NULL, &k->error);
			k->next = 0;
			if (k->events == NULL)
				return -1;
			k->over = PQntuples(k->events) < SEAL_EVENTS;
			continue;
		}
		struct seal_event e;
		seal_row_event(k->events, k->next, k->bureau_id, &e);
		if (e.id > to_id)
			return 0;
		k->w->event(k->w->arg, &e);
		k->next++;
	}
}

static int
drops(struct walk *k)
{
	bureau_params(k);
	PGresult *res = ask(k, STMT_SEAL_DROPS);
	if (res == NULL)
		return -1;
	for (int i = 0; i < PQntuples(res); i++) {
		struct seal_drop d;
		if (seal_row_drop(res, i, k->bureau_id, &d) == 0)
			k->w->drop(k->w->arg, &d);
	}
	PQclear(res);
	return 0;
}

static int
redactions(struct walk *k, int64_t number)
{
	bureau_params(k);
	pg_param_int(k->p, number);
	PGresult *res = ask(k, STMT_SEAL_REDACTIONS);
	if (res == NULL)
		return -1;
	for (int i = 0; i < PQntuples(res); i++) {
		struct seal_redaction r;
		/* One that is damaged makes none of its events good; they are found then. */
		if (seal_row_redaction(res, i, k->bureau_id, &r) != 0)
			continue;
		k->w->redaction(k->w->arg, &r);
		free(r.body);
	}
	PQclear(res);
	return 0;
}

/* The number of the bureau's last seal, where somebody watches; -1 when it is not known. */
static int64_t
last_number(struct walk *k)
{
	if (k->w->progress == NULL)
		return -1;
	bureau_params(k);
	PGresult *res = ask(k, STMT_SEAL_LAST);
	int64_t last = res != NULL && PQntuples(res) == 1 ? strtoll(PQgetvalue(res, 0, 0), NULL, 10) : -1;
	PQclear(res);
	return last;
}

static int
seals(struct walk *k)
{
	int64_t after = 0, last = last_number(k);
	for (int n = SEALS_AT_ONCE; n == SEALS_AT_ONCE;) {
		bureau_params(k);
		pg_param_int(k->p, after);
		pg_param_int(k->p, SEALS_AT_ONCE);
		PGresult *res = ask(k, STMT_SEAL_LIST);
		if (res == NULL)
			return -1;
		n = PQntuples(res);
		int rc = 0;
		for (int i = 0; i < n && rc == 0; i++) {
			struct seal s;
			after = strtoll(PQgetvalue(res, i, 0), NULL, 10);
			/* One whose columns are damaged is as good as missing, and is named so. */
			if (seal_row_seal(res, i, k->bureau_id, &s) != 0)
				continue;
			k->w->seal(k->w->arg, &s);
			free(s.body);
			rc = redactions(k, after) == 0 ? events_until(k, s.to_id) : -1;
		}
		PQclear(res);
		if (rc != 0)
			return -1;
		progress_show(k->w->progress, "reading the trail", after, last);
	}
	return events_until(k, INT64_MAX);
}

static int
open_cursor(struct walk *k)
{
	bureau_params(k);
	pg_param_int(k->p, INT64_MIN);
	pg_param_int(k->p, INT64_MAX);
	pg_param_text(k->p, "-infinity");
	PGresult *res = ask(k, STMT_SEAL_EVENTS);
	PQclear(res);
	return res == NULL ? -1 : 0;
}

int
trail_walk_database(PGconn *conn, int bureau_id, const struct trail_walk *w)
{
	struct walk k = {.conn = conn, .w = w, .bureau_id = bureau_id, .p = pg_params_new(), .error = ""};
	const char *ignored;
	int rc = raw_do(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &k.error);

	if (rc == 0)
		rc = open_cursor(&k) == 0 && drops(&k) == 0 && seals(&k) == 0 ? 0 : -1;
	PQclear(k.events);
	(void)raw_do(conn, "ROLLBACK", &ignored);
	pg_params_free(k.p);
	if (rc != 0)
		cli_fail("the database says: %s", k.error);
	return rc;
}

/* ---- Out of a file ---------------------------------------------------------------------------------------------- */

static int
octets(const json_t *o, const char *key, uint8_t *out, size_t n)
{
	const char *text = json_string_value(json_object_get(o, key));
	size_t got = 0;
	return text != NULL &&
				   sodium_base642bin(out, n, text, strlen(text), NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) ==
					   0 &&
				   got == n
			   ? 0
			   : -1;
}

/* A body of `size` octets an entry; *n entries, malloc'd. NULL when it is none. */
static uint8_t *
body(const json_t *o, size_t size, int *n)
{
	const char *text = json_string_value(json_object_get(o, "body"));
	size_t room = text == NULL ? 0 : strlen(text), got = 0;
	uint8_t *out = malloc(room + 1);
	if (out == NULL)
		abort();
	if (text == NULL || room > SEAL_EVENTS * 2 * size ||
		sodium_base642bin(out, room, text, room, NULL, &got, NULL, sodium_base64_VARIANT_ORIGINAL) != 0 || got == 0 ||
		got % size != 0) {
		free(out);
		return NULL;
	}
	*n = (int)(got / size);
	return out;
}

static int64_t
number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static int64_t
number_or_none(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	return json_is_integer(v) ? json_integer_value(v) : SEAL_NONE;
}

static int
take_event(const json_t *o, const struct trail_walk *w)
{
	const struct seal_event e = {.bureau_id = (int)number(o, "event"),
		.id = number(o, "id"),
		.at_us = number(o, "at_us"),
		.application_id = number_or_none(o, "application"),
		.conversation_id = number_or_none(o, "conversation"),
		.actor = json_string_value(json_object_get(o, "actor")),
		.kind = json_string_value(json_object_get(o, "kind")),
		.data = json_string_value(json_object_get(o, "data"))};
	if (e.actor == NULL || e.kind == NULL || e.data == NULL)
		return -1;
	w->event(w->arg, &e);
	return 0;
}

static int
take_seal(const json_t *o, const struct trail_walk *w)
{
	struct seal s = {.bureau_id = (int)number(o, "seal"),
		.number = number(o, "number"),
		.after_id = number(o, "after_id"),
		.to_id = number(o, "to_id"),
		.first_us = number(o, "first_us"),
		.last_us = number(o, "last_us"),
		.sealed_us = number(o, "sealed_us")};
	if (octets(o, "previous", s.previous, SEAL_HASH) != 0 || octets(o, "head", s.head, SEAL_HASH) != 0 ||
		octets(o, "public_key", s.public_key, SEAL_KEY) != 0 ||
		octets(o, "signature", s.signature, SEAL_SIGNATURE) != 0 || (s.body = body(o, SEAL_ENTRY, &s.events)) == NULL)
		return -1;
	w->seal(w->arg, &s);
	free(s.body);
	return 0;
}

static int
take_redaction(const json_t *o, const struct trail_walk *w)
{
	struct seal_redaction r = {
		.bureau_id = (int)number(o, "redaction"), .number = number(o, "number"), .order_id = number(o, "order")};
	if (octets(o, "public_key", r.public_key, SEAL_KEY) != 0 ||
		octets(o, "signature", r.signature, SEAL_SIGNATURE) != 0 ||
		(r.body = body(o, SEAL_REDACTED, &r.entries)) == NULL)
		return -1;
	w->redaction(w->arg, &r);
	free(r.body);
	return 0;
}

static int
take_drop(const json_t *o, const struct trail_walk *w)
{
	struct seal_drop d = {
		.bureau_id = (int)number(o, "drop"), .order_id = number(o, "order"), .before_us = number(o, "before_us")};
	if (octets(o, "public_key", d.public_key, SEAL_KEY) != 0 ||
		octets(o, "signature", d.signature, SEAL_SIGNATURE) != 0)
		return -1;
	w->drop(w->arg, &d);
	return 0;
}

static int
take(const json_t *o, const struct trail_walk *w)
{
	if (json_object_get(o, "event") != NULL)
		return take_event(o, w);
	if (json_object_get(o, "seal") != NULL)
		return take_seal(o, w);
	if (json_object_get(o, "redaction") != NULL)
		return take_redaction(o, w);
	return json_object_get(o, "drop") != NULL ? take_drop(o, w) : -1;
}

int
trail_walk_file(FILE *in, const char *name, const struct trail_walk *w)
{
	char *line = NULL;
	size_t room = 0;
	int rc = 0;
	long n = 0;

	while (rc == 0 && getline(&line, &room, in) > 0) {
		json_error_t why;
		n++;
		if (line[strspn(line, " \t\r\n")] == '\0')
			continue;
		json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, &why);
		if (o == NULL || take(o, w) != 0) {
			cli_fail("%s:%ld: this is no line of a trail's export", name, n);
			rc = -1;
		}
		json_decref(o);
	}
	if (rc == 0 && ferror(in)) {
		cli_fail("could not read %s", name);
		rc = -1;
	}
	free(line);
	return rc;
}
