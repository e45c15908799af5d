/*
 * Batches as the caller sees them: begun, filled, handed over, and ended once, whatever happens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/pg_internal.h"

/* ---- Ending ------------------------------------------------------------------------------------------------------ */

void
pg_batch_fault(struct pg_batch *b, const char *text, const char *sqlstate)
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
void
pg_batch_end(struct pg_batch *b)
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
		pg_batch_fault(b, text, "");
		pg_batch_end(b);
	}
}

/* ---- The caller's side ------------------------------------------------------------------------------------------- */

void
pg_batch_queue(struct pg_batch *b, enum pg_batch_goal goal)
{
	b->goal = goal;
	if (b->stage != PG_BATCH_FILLING)
		return;
	b->stage = PG_BATCH_SENDING;
	TAILQ_INSERT_TAIL(&b->pg->send, b, send);
	pg_batches_pump(b->pg);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct pg_batch *b = arg;
	struct pg *pg = b->pg;
	bool in_flight =
		b->stage == PG_BATCH_WAITING || b->pushed || (b->stage == PG_BATCH_SENDING && (b->segment || b->began));
	char text[120];

	(void)fd, (void)what;
	pg_enter(pg);
	if (in_flight) {
		/* Whatever the server does, nobody waits for it any longer; without the connection it gives up too. */
		snprintf(text, sizeof text, "no answer from the database within %d s", b->seconds);
		pg_lose(pg, text);
	} else if (b->began) {
		snprintf(text, sizeof text, "the transaction was not ended within %d s", b->seconds);
		pg_batch_fault(b, text, PG_CANCELED);
		pg_batch_deadline(b, b->seconds);
		pg_batch_queue(b, PG_GOAL_ROLLBACK);
	} else {
		snprintf(text, sizeof text, "the batch was not sent within %d s", b->seconds);
		pg_batch_fault(b, text, PG_CANCELED);
		pg_batch_end(b);
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

void
pg_deadline(struct pg *pg, int seconds)
{
	pg->seconds = seconds;
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
	pg_batch_deadline(b, pg->seconds);
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

/* The type by which the parameter goes as an array in binary form; NULL: it goes as text. */
static const struct array_type *
binary_type(enum stmt stmt, const struct pg_params *p, int i, struct pg_list *list)
{
	const struct array_type *type = pg_params_list(p, i, list) ? pg_array_type_of(stmt, i + 1) : NULL;

	return type != NULL && pg_array_fits(type, list) ? type : NULL;
}

/* Octets that the value takes at most. */
static size_t
value_room(enum stmt stmt, const struct pg_params *p, int i)
{
	struct pg_list list;
	size_t len;

	if (binary_type(stmt, p, i, &list) != NULL)
		return pg_array_room(&list);
	(void)pg_params_value(p, i, &len);
	return len + 1;
}

/* The statement's value i, whose octets go to `to`; returns what lies behind them. */
static char *
value_put(struct pg_statement *s, enum stmt stmt, const struct pg_params *p, int i, char *to)
{
	struct pg_list list;
	const struct array_type *type = binary_type(stmt, p, i, &list);
	size_t len;

	s->formats[i] = type != NULL;
	if (type != NULL) {
		len = pg_array_put(type, &list, to);
		s->values[i] = to;
		s->lengths[i] = (int)len;
		return to + len;
	}
	const char *value = pg_params_value(p, i, &len);

	s->values[i] = value ? memcpy(to, value, len + 1) : NULL;
	s->lengths[i] = (int)len;
	return to + len + 1;
}

void
pg_batch_add(struct pg_batch *b, enum stmt stmt, const struct pg_params *p)
{
	int count = p ? pg_params_count(p) : 0;
	size_t size = sizeof(struct pg_statement) + (size_t)count * (sizeof(char *) + 2 * sizeof(int));
	struct pg_statement *s;
	char *text;

	if (b->stage != PG_BATCH_FILLING)
		return;
	for (int i = 0; i < count; i++)
		size += value_room(stmt, p, i);
	s = pg_alloc(size);
	s->stmt = (int)stmt;
	s->sql = NULL;
	s->count = count;
	s->lengths = (int *)&s->values[count];
	s->formats = s->lengths + count;
	text = (char *)(s->formats + count);
	for (int i = 0; i < count; i++)
		text = value_put(s, stmt, p, i, text);
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
	pg_batch_queue(b, PG_GOAL_PHASE);
}

void
pg_batch_push(struct pg_batch *b)
{
	const struct pg *pg = b->pg;

	if (b->stage == PG_BATCH_FILLING && b->transaction && b->error == NULL && b->written < b->count &&
		pg->state == PG_READY && !pg->raw && !pg->lost &&
		(pg->holder == b || (pg->holder == NULL && TAILQ_EMPTY(&pg->send))))
		pg_batch_write_ahead(b);
}

void
pg_batch_commit(struct pg_batch *b)
{
	if (b->stage == PG_BATCH_FILLING)
		pg_batch_queue(b, PG_GOAL_COMMIT);
}

void
pg_batch_rollback(struct pg_batch *b)
{
	if (b->stage == PG_BATCH_FILLING) {
		pg_batch_fault(b, "rolled back", PG_CANCELED);
		pg_batch_queue(b, PG_GOAL_ROLLBACK);
	} else if (b->goal == PG_GOAL_PHASE) {
		b->give_up = true;
	}
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
