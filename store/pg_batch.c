/*
 * Batches over one connection: what is written when, and whose answer is whose.
 *
 * On the wire a transaction is
 *     [Prepare... Sync] Begin statement... Sync Commit Sync
 * The Sync before Commit lets Commit be read even when a statement failed, so that a transaction never stays open
 * behind a failure and the next batch can be in flight already. New statements are prepared in a group of their own
 * ahead of it, because the server skips everything up to the next Sync once something fails. Without a transaction
 * each statement has its own Sync and stands or falls alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/pg_internal.h"

enum {
	DEADLINE_SECONDS = 30,
	WRITE_RUN = 64, /* statements handed to libpq between two looks at the socket */
};

static const char canceled[] = "57014"; /* query_canceled: nothing was stored */

/* A statement with its values behind it in the same block; freed as soon as libpq has copied it. */
struct pg_statement {
	int stmt; /* -1: sql as text, without values */
	const char *sql;
	int count;
	const char *values[];
};

/* ---- Ending ------------------------------------------------------------------------------------------------------ */

static void
batch_fault(struct pg_batch *b, const char *text, const char *sqlstate)
{
	if (b->error != NULL)
		return;
	b->error = pg_strdup(text);
	snprintf(b->sqlstate, sizeof b->sqlstate, "%s", sqlstate);
}

static void
leave_queue(struct pg_batch *b)
{
	if (b->stage == PG_BATCH_SENDING)
		TAILQ_REMOVE(&b->pg->send, b, send);
}

/* Tells the caller everything that is still to be told, once. */
static void
batch_end(struct pg_batch *b)
{
	struct pg *pg = b->pg;

	leave_queue(b);
	b->stage = PG_BATCH_ENDING;
	if (pg->holder == b)
		pg->holder = NULL;
	TAILQ_REMOVE(&pg->all, b, all);
	event_free(b->timer);
	pg_enter(pg);
	while (b->results < b->count) {
		int index = b->results++;

		if (b->on_result != NULL)
			b->on_result(b->arg, index, NULL);
	}
	if (b->on_end != NULL)
		b->on_end(b->arg, b->error, b->error ? b->sqlstate : "");
	for (int i = 0; i < b->count; i++)
		free(b->list[i]);
	free(b->list);
	free(b->error);
	free(b);
	pg_leave(pg);
}

void
pg_batches_fail(struct pg *pg, const char *why)
{
	struct pg_batch *b;
	char text[sizeof pg->error];

	/* why may be pg->error, which a callback can overwrite. */
	snprintf(text, sizeof text, "%s", why);
	while ((b = TAILQ_FIRST(&pg->all)) != NULL) {
		batch_fault(b, text, "");
		batch_end(b);
	}
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* A segment is what lies between two waits of the caller. Its new statements are prepared first, then BEGIN. */
static bool
write_segment_start(struct pg *pg, struct pg_batch *b)
{
	bool any = false;

	for (int i = b->written; i < b->count; i++) {
		int s = b->list[i]->stmt;

		if (s < 0 || pg->prepared[s])
			continue;
		if (PQsendPrepare(pg->conn, stmt_name(s), stmt_sql(s), 0, NULL) != 1) {
			pg_lose_later(pg);
			return false;
		}
		pg_sent_push(pg, PG_SENT_PREPARE, b, s, -1);
		pg->prepared[s] = true;
		any = true;
	}
	if (any && !pg_send_sync(pg, PG_SENT_SYNC, b))
		return false;
	if (b->transaction && !b->began) {
		if (!pg_send_sql(pg, "BEGIN", PG_SENT_CONTROL, b))
			return false;
		b->began = true;
	}
	b->segment = true;
	return true;
}

static bool
write_statement(struct pg *pg, struct pg_batch *b)
{
	struct pg_statement *s = b->list[b->written];
	int ok;

	if (s->stmt < 0)
		ok = PQsendQueryParams(pg->conn, s->sql, 0, NULL, NULL, NULL, NULL, 0);
	else
		ok = PQsendQueryPrepared(pg->conn, stmt_name(s->stmt), s->count, s->values, NULL, NULL, 0);
	if (ok != 1) {
		pg_lose_later(pg);
		return false;
	}
	pg_sent_push(pg, PG_SENT_STATEMENT, b, s->stmt, b->written);
	free(s);
	b->list[b->written++] = NULL;
	return b->transaction || pg_send_sync(pg, PG_SENT_SYNC, b);
}

static bool
write_segment_end(struct pg *pg, struct pg_batch *b)
{
	bool ok;

	switch (b->goal) {
	case PG_GOAL_PHASE:
		ok = pg_send_sync(pg, PG_SENT_SYNC_PHASE, b);
		break;
	case PG_GOAL_COMMIT:
		ok = !b->began || (pg_send_sync(pg, PG_SENT_SYNC, b) && pg_send_sql(pg, "COMMIT", PG_SENT_COMMIT, b));
		ok = ok && pg_send_sync(pg, PG_SENT_SYNC_END, b);
		break;
	default:
		ok = !b->began || pg_send_sql(pg, "ROLLBACK", PG_SENT_CONTROL, b);
		ok = ok && pg_send_sync(pg, PG_SENT_SYNC_END, b);
		break;
	}
	if (!ok)
		return false;
	TAILQ_REMOVE(&pg->send, b, send);
	b->stage = PG_BATCH_WAITING;
	b->segment = false;
	/* Behind a COMMIT or ROLLBACK others may go; between phases nobody else may use the open transaction. */
	pg->holder = b->goal == PG_GOAL_PHASE && b->began ? b : NULL;
	return true;
}

static struct pg_batch *
next_to_write(struct pg *pg)
{
	if (pg->holder != NULL)
		return pg->holder->stage == PG_BATCH_SENDING ? pg->holder : NULL;
	return TAILQ_FIRST(&pg->send);
}

void
pg_batches_pump(struct pg *pg)
{
	struct pg_batch *b;
	int run = 0;

	if (pg->state != PG_READY || pg->raw || pg->lost)
		return;
	while ((b = next_to_write(pg)) != NULL) {
		if (!b->segment && b->goal != PG_GOAL_ROLLBACK && !write_segment_start(pg, b))
			return;
		while (b->goal != PG_GOAL_ROLLBACK && b->written < b->count) {
			/* After a failure in the transaction the rest would only be skipped. */
			if (b->transaction && b->error != NULL)
				break;
			if (!write_statement(pg, b))
				return;
			if (++run % WRITE_RUN == 0) {
				int pending = PQflush(pg->conn);

				if (pending < 0) {
					pg_lose_later(pg);
					return;
				}
				/* The socket is full: go on when it is not, so that the buffer stays small. */
				if (pending > 0) {
					pg_wait_socket(pg);
					return;
				}
			}
		}
		if (!write_segment_end(pg, b))
			return;
	}
	pg_wait_socket(pg);
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

static void
note_error(struct pg *pg, const struct pg_sent *s, const PGresult *res)
{
	const char *sqlstate = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
	char line[600];

	if (text == NULL)
		text = PQresultErrorMessage(res);
	snprintf(line, sizeof line, "%s%s%.300s%s%.200s%s", s->stmt >= 0 ? stmt_name(s->stmt) : "",
		s->stmt >= 0 ? ": " : "", text, detail ? " (" : "", detail ? detail : "", detail ? ")" : "");
	pg_set_error(pg, line);
	/* FATAL: the server hangs up. What became of the batch is then as unknown as with a cut line. */
	if (severity != NULL && strcmp(severity, "ERROR") != 0) {
		pg->farewell = true;
		return;
	}
	if (PQstatus(pg->conn) == CONNECTION_BAD)
		return;
	if (sqlstate != NULL && strcmp(sqlstate, "25006") == 0)
		pg->read_only = true;
	if (s->batch != NULL)
		batch_fault(s->batch, pg->error, sqlstate ? sqlstate : "");
}

static void
take_statement(struct pg *pg, const struct pg_sent *s, PGresult **res)
{
	struct pg_batch *b = s->batch;
	ExecStatusType status = PQresultStatus(*res);
	bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;

	if (status == PGRES_FATAL_ERROR) {
		const char *sqlstate = PQresultErrorField(*res, PG_DIAG_SQLSTATE);

		/* invalid_sql_statement_name: something between us and the server dropped it; prepare it anew. */
		if (s->stmt >= 0 && sqlstate != NULL && strcmp(sqlstate, "26000") == 0)
			pg->prepared[s->stmt] = false;
		note_error(pg, s, *res);
	} else if (!good && status != PGRES_PIPELINE_ABORTED) {
		batch_fault(b, "cannot use this kind of statement here", "0A000");
	}
	if (s->index < b->results) /* a statement has one result */
		return;
	b->results = s->index + 1;
	if (good && b->steal != NULL) {
		PQclear(*b->steal);
		*b->steal = *res;
		*res = NULL;
	} else if (b->on_result != NULL) {
		b->on_result(b->arg, s->index, good ? *res : NULL);
	}
}

static void
take_result(struct pg *pg, const struct pg_sent *s, PGresult **res)
{
	ExecStatusType status = PQresultStatus(*res);

	switch (s->kind) {
	case PG_SENT_STATEMENT:
		take_statement(pg, s, res);
		break;
	case PG_SENT_PREPARE:
		if (status == PGRES_FATAL_ERROR) {
			const char *sqlstate = PQresultErrorField(*res, PG_DIAG_SQLSTATE);

			/* duplicate_prepared_statement: it is there, which is what we wanted. */
			if (sqlstate != NULL && strcmp(sqlstate, "42P05") == 0)
				break;
			note_error(pg, s, *res);
		}
		if (status != PGRES_COMMAND_OK)
			pg->prepared[s->stmt] = false;
		break;
	case PG_SENT_COMMIT:
		if (status == PGRES_FATAL_ERROR)
			note_error(pg, s, *res);
		else if (strcmp(PQcmdStatus(*res), "COMMIT") != 0)
			batch_fault(s->batch, "the transaction was rolled back", "40000");
		break;
	case PG_SENT_EXTRA:
		break;
	case PG_SENT_SETUP:
		if (status == PGRES_FATAL_ERROR) {
			note_error(pg, s, *res);
			pg_lose(pg, NULL);
		}
		break;
	default:
		if (status == PGRES_FATAL_ERROR)
			note_error(pg, s, *res);
		break;
	}
}

static void
batch_queue(struct pg_batch *b, enum pg_batch_goal goal)
{
	b->goal = goal;
	if (b->stage != PG_BATCH_FILLING)
		return;
	b->stage = PG_BATCH_SENDING;
	TAILQ_INSERT_TAIL(&b->pg->send, b, send);
	pg_batches_pump(b->pg);
}

static void
phase_done(struct pg *pg, struct pg_batch *b)
{
	b->stage = PG_BATCH_FILLING;
	if (b->give_up)
		batch_fault(b, "rolled back", canceled);
	if (b->error != NULL) {
		batch_queue(b, PG_GOAL_ROLLBACK);
		return;
	}
	pg_enter(pg);
	b->on_phase(b->arg, b);
	pg_leave(pg);
}

static void
take_sync(struct pg *pg, struct pg_sent s)
{
	switch (s.kind) {
	case PG_SENT_SYNC_READY:
		pg_setup_done(pg);
		break;
	case PG_SENT_SYNC_PHASE:
		phase_done(pg, s.batch);
		break;
	case PG_SENT_SYNC_END:
		batch_end(s.batch);
		break;
	default:
		break;
	}
	/* A server that has become read-only is a primary no longer; another host may be. */
	if (pg->conn != NULL && pg->read_only)
		pg_lose(pg, "the database server is read-only");
}

static bool
is_sync(const struct pg_sent *s)
{
	return s->kind >= PG_SENT_SYNC;
}

static struct pg_sent
sent_pop(struct pg *pg)
{
	struct pg_sent s = pg->sent[pg->sent_head];

	pg->sent_head = (pg->sent_head + 1) % pg->sent_room;
	pg->sent_count--;
	return s;
}

void
pg_batches_read(struct pg *pg)
{
	int empty = 0;

	while (pg->conn != NULL && !pg->raw && pg->sent_count > 0 && !PQisBusy(pg->conn)) {
		struct pg_sent *s = &pg->sent[pg->sent_head];
		PGresult *res = PQgetResult(pg->conn);

		if (res == NULL) {
			if (s->answered && !is_sync(s)) {
				sent_pop(pg);
				empty = 0;
			} else if (++empty > 2) {
				pg_lose(pg, "the database's answers do not fit what was asked");
			}
			continue;
		}
		empty = 0;
		if (PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
			PQclear(res);
			if (is_sync(s))
				take_sync(pg, sent_pop(pg));
			else
				pg_lose(pg, "the database's answers do not fit what was asked");
			continue;
		}
		s->answered = true;
		{
			/* The ring may move while the caller adds statements from his callback. */
			struct pg_sent copy = *s;

			take_result(pg, &copy, &res);
		}
		PQclear(res);
		if (pg->conn != NULL && PQstatus(pg->conn) == CONNECTION_BAD)
			pg_lose(pg, pg->error[0] ? NULL : PQerrorMessage(pg->conn));
	}
}

/* ---- The caller's side ------------------------------------------------------------------------------------------- */

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct pg_batch *b = arg;
	struct pg *pg = b->pg;
	bool in_flight = b->stage == PG_BATCH_WAITING || (b->stage == PG_BATCH_SENDING && (b->segment || b->began));
	char text[120];

	(void)fd, (void)what;
	pg_enter(pg);
	if (in_flight) {
		/* Whatever the server does, nobody waits for it any longer; without the connection it gives up too. */
		snprintf(text, sizeof text, "no answer from the database within %d s", b->seconds);
		pg_lose(pg, text);
	} else if (b->began) {
		snprintf(text, sizeof text, "the transaction was not ended within %d s", b->seconds);
		batch_fault(b, text, canceled);
		pg_batch_deadline(b, b->seconds);
		batch_queue(b, PG_GOAL_ROLLBACK);
	} else {
		snprintf(text, sizeof text, "the batch was not sent within %d s", b->seconds);
		batch_fault(b, text, canceled);
		batch_end(b);
	}
	pg_leave(pg);
}

void
pg_batch_deadline(struct pg_batch *b, int seconds)
{
	struct timeval tv = {.tv_sec = seconds};

	b->seconds = seconds;
	event_add(b->timer, &tv);
}

struct pg_batch *
pg_batch_begin(struct pg *pg, bool transaction, void *arg, pg_result_fn on_result, pg_end_fn on_end)
{
	struct pg_batch *b;

	if (!pg_ready(pg))
		return NULL;
	b = pg_alloc(sizeof *b);
	memset(b, 0, sizeof *b);
	b->pg = pg;
	b->transaction = transaction;
	b->arg = arg;
	b->on_result = on_result;
	b->on_end = on_end;
	b->timer = evtimer_new(pg->base, on_deadline, b);
	if (b->timer == NULL)
		abort();
	TAILQ_INSERT_TAIL(&pg->all, b, all);
	pg_batch_deadline(b, DEADLINE_SECONDS);
	return b;
}

static void
batch_append(struct pg_batch *b, struct pg_statement *s)
{
	if (b->count == b->room) {
		b->room = b->room ? 2 * b->room : 8;
		b->list = pg_realloc(b->list, (size_t)b->room * sizeof(struct pg_statement *));
	}
	b->list[b->count++] = s;
}

void
pg_batch_add(struct pg_batch *b, enum stmt stmt, const struct pg_params *p)
{
	int count = p ? pg_params_count(p) : 0;
	size_t size = sizeof(struct pg_statement) + (size_t)count * sizeof(char *), len;
	struct pg_statement *s;
	char *text;

	if (b->stage != PG_BATCH_FILLING)
		return;
	for (int i = 0; i < count; i++) {
		pg_params_value(p, i, &len);
		size += len + 1;
	}
	s = pg_alloc(size);
	s->stmt = (int)stmt;
	s->sql = NULL;
	s->count = count;
	text = (char *)&s->values[count];
	for (int i = 0; i < count; i++) {
		const char *value = pg_params_value(p, i, &len);

		s->values[i] = value ? memcpy(text, value, len + 1) : NULL;
		text += len + 1;
	}
	batch_append(b, s);
}

void
pg_batch_add_sql(struct pg_batch *b, const char *sql)
{
	size_t len = strlen(sql) + 1;
	struct pg_statement *s = pg_alloc(sizeof *s + len);

	s->stmt = -1;
	s->count = 0;
	s->sql = memcpy((char *)s->values, sql, len);
	batch_append(b, s);
}

void
pg_batch_flush(struct pg_batch *b, void (*on_phase)(void *arg, struct pg_batch *b))
{
	if (b->stage != PG_BATCH_FILLING)
		return;
	b->on_phase = on_phase;
	batch_queue(b, PG_GOAL_PHASE);
}

void
pg_batch_commit(struct pg_batch *b)
{
	if (b->stage == PG_BATCH_FILLING)
		batch_queue(b, PG_GOAL_COMMIT);
}

void
pg_batch_rollback(struct pg_batch *b)
{
	if (b->stage == PG_BATCH_FILLING) {
		batch_fault(b, "rolled back", canceled);
		batch_queue(b, PG_GOAL_ROLLBACK);
	} else if (b->goal == PG_GOAL_PHASE) {
		b->give_up = true;
	}
}

struct pg *
pg_batch_pg(const struct pg_batch *b)
{
	return b->pg;
}

int
pg_run(struct pg *pg, enum stmt s, const struct pg_params *p, void *arg, pg_result_fn on_result, pg_end_fn on_end)
{
	struct pg_batch *b = pg_batch_begin(pg, false, arg, on_result, on_end);

	if (b == NULL)
		return -1;
	pg_batch_add(b, s, p);
	pg_batch_commit(b);
	return 0;
}
