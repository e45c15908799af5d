/* Redacts talks, applications and their events. */
#include "gateway/redaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/seal.h"
#include "gateway/seal_rows.h"
#include "store/pg.h"
#include "store/raw.h"

static int64_t
number(const PGresult *res, int row, int column)
{
	return strtoll(PQgetvalue(res, row, column), NULL, 10);
}

static void
counts(const struct redaction *r, int64_t out[5])
{
	const int64_t now[5] = {r->conversations, r->applications, r->holders, r->texts, r->events};
	memcpy(out, now, sizeof now);
}

int
redaction_order(struct redaction *r)
{
	if (r->order_id != 0)
		return 0;
	struct pg_params *p = pg_params_new();
	pg_param_int(p, r->bureau_id);
	pg_param_text(p, r->kind);
	pg_param_text(p, r->reason);
	pg_param_text(p, r->actor);
	PGresult *res = raw_run(r->conn, STMT_REDACT_ORDER, p, &r->error);
	if (res != NULL) {
		r->order_id = number(res, 0, 0);
		counts(r, r->before);
	}
	PQclear(res);
	pg_params_free(p);
	return res == NULL ? -1 : 0;
}

int
redaction_done(struct redaction *r)
{
	char text[300];
	int64_t n[5];
	if (r->order_id == 0)
		return 0;
	counts(r, n);
	for (size_t i = 0; i < 5; i++)
		n[i] -= r->before[i];
	snprintf(text, sizeof text,
		"{\"conversations\": %lld, \"applications\": %lld, \"holders\": %lld, \"texts\": %lld, \"events\": %lld}",
		(long long)n[0], (long long)n[1], (long long)n[2], (long long)n[3], (long long)n[4]);
	struct pg_params *p = pg_params_new();
	pg_param_int(p, r->bureau_id);
	pg_param_int(p, r->order_id);
	pg_param_text(p, text);
	PGresult *res = raw_run(r->conn, STMT_REDACT_DONE, p, &r->error);
	PQclear(res);
	pg_params_free(p);
	return res == NULL ? -1 : 0;
}

/* ---- Events of the trail ---------------------------------------------------------------------------------------- */

/* The events of one seal that are redacted together. */
struct sealed {
	struct seal seal;
	struct pg_params *ids; /* bureau, ids, first and last time */
	PGresult *was, *now;
};

static void
ids_params(struct redaction *r, struct sealed *s, const PGresult *found, int from, int to)
{
	pg_params_reset(s->ids);
	pg_param_int(s->ids, r->bureau_id);
	pg_array_begin(s->ids);
	for (int i = from; i < to; i++)
		pg_array_int(s->ids, number(found, i, 0));
	pg_array_end(s->ids);
	pg_param_time(s->ids, s->seal.first_us);
	pg_param_time(s->ids, s->seal.last_us);
}

static int
load(struct redaction *r, struct sealed *s, const PGresult *found, int from, int to)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, r->bureau_id);
	pg_param_int(p, number(found, from, 1));
	PGresult *res = raw_run(r->conn, STMT_REDACT_SEAL_LOCK, p, &r->error);
	pg_params_free(p);
	int rc = res == NULL ? -1 : 0;
	if (rc == 0 && (PQntuples(res) != 1 || seal_row_seal(res, 0, r->bureau_id, &s->seal) != 0)) {
		r->error = "a seal is damaged; run: huizhi trail verify";
		rc = -1;
	}
	PQclear(res);
	if (rc != 0)
		return -1;
	ids_params(r, s, found, from, to);
	s->was = raw_run(r->conn, STMT_REDACT_EVENTS, s->ids, &r->error);
	if (s->was == NULL)
		return -1;
	pg_param_int(s->ids, r->order_id);
	s->now = raw_run(r->conn, STMT_REDACT_EVENTS_PUT, s->ids, &r->error);
	return s->now == NULL ? -1 : 0;
}

/* The digests of what was there and the hashes of what is there now; the salts of the former go. */
static int
exchange(struct redaction *r, struct sealed *s, struct seal_redaction *note)
{
	int at = 0;
	for (int i = 0; i < PQntuples(s->was); i++) {
		struct seal_entry entry = {.id = 0};
		struct seal_redacted redacted;
		redacted.id = number(s->was, i, 0);
		while (at < s->seal.events && entry.id != redacted.id)
			seal_entry_get(s->seal.body, at++, &entry);
		if (entry.id != redacted.id || i >= PQntuples(s->now) || number(s->now, i, 0) != redacted.id) {
			r->error = "an event is not in its seal; run: huizhi trail verify";
			return -1;
		}
		seal_digest(entry.salt, PQgetvalue(s->was, i, 6), redacted.digest);
		seal_plain_hash(PQgetvalue(s->now, i, 1), redacted.now);
		memset(entry.salt, 0, SEAL_SALT);
		seal_entry_put(s->seal.body, at - 1, &entry);
		seal_redacted_put(note->body, note->entries++, &redacted);
	}
	return 0;
}

static int
store(struct redaction *r, struct sealed *s, struct seal_redaction *note)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, r->bureau_id);
	pg_param_int(p, s->seal.number);
	pg_param_bytes(p, s->seal.body, (size_t)s->seal.events * SEAL_ENTRY);
	PGresult *res = raw_run(r->conn, STMT_REDACT_SEAL_PUT, p, &r->error);
	if (res != NULL) {
		PQclear(res);
		seal_sign_redaction(note, r->secret);
		pg_params_reset(p);
		pg_param_int(p, r->bureau_id);
		pg_param_int(p, note->number);
		pg_param_int(p, note->order_id);
		pg_param_bytes(p, note->public_key, SEAL_KEY);
		pg_param_bytes(p, note->signature, SEAL_SIGNATURE);
		pg_param_bytes(p, note->body, (size_t)note->entries * SEAL_REDACTED);
		res = raw_run(r->conn, STMT_REDACT_PUT, p, &r->error);
	}
	pg_params_free(p);
	PQclear(res);
	return res == NULL ? -1 : 0;
}

/* Rows from..to of `found` are of one seal. */
static int
redact_in_seal(struct redaction *r, const PGresult *found, int from, int to)
{
	struct sealed s = {.ids = pg_params_new()};
	struct seal_redaction note = {.bureau_id = r->bureau_id, .number = number(found, from, 1), .order_id = r->order_id};
	const char *ignored;
	int rc = raw_do(r->conn, "BEGIN", &r->error);

	note.body = malloc((size_t)(to - from) * SEAL_REDACTED + 1);
	if (note.body == NULL)
		abort();
	if (rc == 0)
		rc = load(r, &s, found, from, to);
	if (rc == 0 && PQntuples(s.was) > 0)
		rc = exchange(r, &s, &note) == 0 ? store(r, &s, &note) : -1;
	if (rc == 0)
		rc = raw_do(r->conn, "COMMIT", &r->error);
	else
		(void)raw_do(r->conn, "ROLLBACK", &ignored);
	if (rc == 0)
		r->events += note.entries;
	PQclear(s.was);
	PQclear(s.now);
	free(s.seal.body);
	free(note.body);
	pg_params_free(s.ids);
	return rc;
}

int
redaction_trail(struct redaction *r, const struct redaction_set *set, int old_days)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, r->bureau_id);
	pg_param_text(p, set->conversations);
	pg_param_text(p, set->applications);
	pg_param_text(p, set->phones);
	if (old_days > 0)
		pg_param_int(p, old_days);
	else
		pg_param_text(p, NULL);
	PGresult *found = raw_run(r->conn, STMT_REDACT_TRAIL_FIND, p, &r->error);
	pg_params_free(p);
	int n = found == NULL ? 0 : PQntuples(found), rc = found == NULL ? -1 : n > 0 ? redaction_order(r) : 0;
	/* What is not sealed cannot be redacted under seal; taking out the rest would hide that it is there. */
	if (rc == 0 && n > 0 && PQgetisnull(found, 0, 1)) {
		r->error = "an event of it is not sealed yet; run: huizhi trail seal, then try again";
		rc = -1;
	}
	for (int from = 0, to; from < n && rc == 0; from = to) {
		for (to = from; to < n && number(found, to, 1) == number(found, from, 1); to++)
			;
		rc = redact_in_seal(r, found, from, to);
	}
	PQclear(found);
	return rc;
}

/* ---- Everything else -------------------------------------------------------------------------------------------- */

int
redaction_talks(struct redaction *r, const struct redaction_set *set)
{
	const struct {
		enum stmt stmt;
		int64_t *count;
	} steps[] = {{STMT_REDACT_MESSAGES, &r->texts}, {STMT_REDACT_INBOUND, &r->texts}, {STMT_REDACT_SESSIONS, NULL},
		{STMT_REDACT_WORKLIST, NULL}, {STMT_REDACT_EVENTS_OUTSIDE, NULL}, {STMT_REDACT_CHANGES, NULL},
		{STMT_REDACT_SIGNATURES, NULL}, {STMT_REDACT_APPLICATIONS, &r->applications},
		{STMT_REDACT_CONVERSATIONS, &r->conversations}};
	struct pg_params *p = pg_params_new();
	const char *ignored;

	pg_param_int(p, r->bureau_id);
	pg_param_text(p, set->conversations);
	pg_param_text(p, set->phones);
	pg_param_text(p, set->applications);
	int rc = raw_do(r->conn, "BEGIN", &r->error);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0] && rc == 0; i++) {
		PGresult *res = raw_run(r->conn, steps[i].stmt, p, &r->error);
		rc = res == NULL ? -1 : 0;
		if (rc == 0 && steps[i].count != NULL)
			*steps[i].count += number(res, 0, 0);
		PQclear(res);
	}
	pg_params_free(p);
	if (rc == 0)
		return raw_do(r->conn, "COMMIT", &r->error);
	(void)raw_do(r->conn, "ROLLBACK", &ignored);
	return -1;
}
