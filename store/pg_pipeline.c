/*
 * What travels over a connection: what is written when, and whose answer is whose.
 *
 * On the wire a transaction of one segment is
 *     Prepare... statement... Sync
 * for what lies before a Sync is a transaction by itself, which the server commits or rolls back at the Sync. One that
 * waits for the answers of its first segment is
 *     Prepare... Begin statement... Sync   and then   Prepare... statement... Commit Sync
 * After a failure the server skips everything up to the next Sync, Commit too: then it is rolled back, and no other
 * batch may be in flight behind it before that is known. When one waits already, a Sync before Commit lets Commit be
 * read in any case. New statements are prepared ahead of the first one that can fail. Without a transaction each
 * statement has its own Sync and stands or falls alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/pg_internal.h"

enum {
	WRITE_RUN = 64, /* statements handed to libpq between two looks at the socket */
};

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

static bool
prepare(struct pg *pg, struct pg_batch *b, int s)
{
	if (PQsendPrepare(pg->conn, stmt_name(s), stmt_sql(s), 0, NULL) != 1) {
		pg_lose_later(pg);
		return false;
	}
	pg_sent_push(pg, PG_SENT_PREPARE, b, s, -1);
	pg->prepared[s] = true;
	return true;
}

/* BEGIN, COMMIT: as often as turns, so they are prepared as well. */
static bool
write_control(struct pg *pg, struct pg_batch *b, enum stmt s, enum pg_sent_kind kind)
{
	if (PQsendQueryPrepared(pg->conn, stmt_name(s), 0, NULL, NULL, NULL, 0) != 1) {
		pg_lose_later(pg);
		return false;
	}
	pg_sent_push(pg, kind, b, (int)s, -1);
	return true;
}

static bool
prepare_new(struct pg *pg, struct pg_batch *b, bool *any)
{
	*any = false;
	for (int i = b->written; i < b->count; i++) {
		int s = b->list[i]->stmt;

		if (s < 0 || pg->prepared[s])
			continue;
		if (!prepare(pg, b, s))
			return false;
		*any = true;
	}
	return true;
}

/*
 * A segment is what lies between two waits of the caller. Its new statements are prepared first, then BEGIN; of one
 * that is pushed those that were not known then are prepared behind the others.
 */
static bool
write_segment_start(struct pg *pg, struct pg_batch *b)
{
	bool any, begins = b->transaction && !b->began && b->goal == PG_GOAL_PHASE;

	if (!prepare_new(pg, b, &any))
		return false;
	if (b->segment)
		return true;
	if (begins && ((!pg->prepared[STMT_BEGIN] && !prepare(pg, b, STMT_BEGIN)) ||
					  (!pg->prepared[STMT_COMMIT] && !prepare(pg, b, STMT_COMMIT))))
		return false;
	/* One that cannot be prepared must not take statements with it that stand alone. */
	if (any && !b->transaction && !pg_send_sync(pg, PG_SENT_SYNC, b))
		return false;
	if (begins) {
		if (!write_control(pg, b, STMT_BEGIN, PG_SENT_CONTROL))
			return false;
		b->began = b->open = true;
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
		ok = PQsendQueryPrepared(pg->conn, stmt_name(s->stmt), s->count, s->values, s->lengths, s->formats, 0);
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
	bool ok = true, alone = false;

	switch (b->goal) {
	case PG_GOAL_PHASE:
		ok = pg_send_sync(pg, PG_SENT_SYNC_PHASE, b);
		break;
	case PG_GOAL_COMMIT:
		if (b->began) {
			alone = b->error == NULL && TAILQ_FIRST(&pg->send) == b && TAILQ_NEXT(b, send) == NULL;
			ok = (alone || pg_send_sync(pg, PG_SENT_SYNC, b)) && write_control(pg, b, STMT_COMMIT, PG_SENT_COMMIT);
		}
		ok = ok && pg_send_sync(pg, PG_SENT_SYNC_END, b);
		break;
	default:
		ok = (!b->began && !b->pushed) || pg_send_sql(pg, "ROLLBACK", PG_SENT_CONTROL, b);
		ok = ok && pg_send_sync(pg, PG_SENT_SYNC_END, b);
		b->open = false;
		break;
	}
	if (!ok)
		return false;
	TAILQ_REMOVE(&pg->send, b, send);
	b->stage = PG_BATCH_WAITING;
	b->segment = b->pushed = false;
	/* Behind a COMMIT or ROLLBACK that is read in any case others may go; nobody else may use the open transaction. */
	pg->holder = b->began && (b->goal == PG_GOAL_PHASE || alone) ? b : NULL;
	return true;
}

/* Nobody else may write before its Sync: the connection is its own until then. */
void
pg_batch_write_ahead(struct pg_batch *b)
{
	struct pg *pg = b->pg;

	b->goal = PG_GOAL_COMMIT;
	if (!write_segment_start(pg, b))
		return;
	b->pushed = true;
	pg->holder = b;
	while (b->written < b->count) {
		if (!write_statement(pg, b))
			return;
	}
	if (PQflush(pg->conn) < 0)
		pg_lose_later(pg);
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
		if ((!b->segment || b->pushed) && b->goal != PG_GOAL_ROLLBACK && !write_segment_start(pg, b))
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
				/*
				 * The socket is full: go on when it is not, so that the buffer stays small. Without another try to
				 * empty it, which may succeed by now: nobody would wait to write the rest, and the server, which sends
				 * nothing before a Sync, would wait for it.
				 */
				if (pending > 0) {
					pg_wait_for(pg, EV_READ | EV_WRITE);
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
	/* invalid_sql_statement_name: something between us and the server dropped it; prepare it anew. */
	if (s->stmt >= 0 && sqlstate != NULL && strcmp(sqlstate, "26000") == 0)
		pg->prepared[s->stmt] = false;
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
		pg_batch_fault(s->batch, pg->error, sqlstate ? sqlstate : "");
}

static void
take_statement(struct pg *pg, const struct pg_sent *s, PGresult **res)
{
	struct pg_batch *b = s->batch;
	ExecStatusType status = PQresultStatus(*res);
	bool good = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY;

	if (status == PGRES_FATAL_ERROR) {
		note_error(pg, s, *res);
	} else if (!good && status != PGRES_PIPELINE_ABORTED) {
		pg_batch_fault(b, "cannot use this kind of statement here", "0A000");
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
		if (status == PGRES_PIPELINE_ABORTED) /* skipped behind a failure: the transaction is open */
			break;
		if (status == PGRES_FATAL_ERROR)
			note_error(pg, s, *res);
		s->batch->open = !pg->prepared[s->stmt];
		if (status == PGRES_FATAL_ERROR)
			break;
		if (strcmp(PQcmdStatus(*res), "COMMIT") != 0)
			pg_batch_fault(s->batch, "the transaction was rolled back", "40000");
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
phase_done(struct pg *pg, struct pg_batch *b)
{
	b->stage = PG_BATCH_FILLING;
	if (b->give_up)
		pg_batch_fault(b, "rolled back", PG_CANCELED);
	if (b->error != NULL) {
		pg_batch_queue(b, PG_GOAL_ROLLBACK);
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
		if (s.batch->open) {
			s.batch->stage = PG_BATCH_FILLING;
			pg_batch_queue(s.batch, PG_GOAL_ROLLBACK);
		} else {
			pg_batch_end(s.batch);
		}
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
