/* For the command line, where a person waits: the same connection, driven until the answer is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/pg_internal.h"

static char last_error[600];

static void
keep_error(const char *text, const char **error)
{
	snprintf(last_error, sizeof last_error, "%s", text && *text ? text : "lost the connection to the database");
	if (error != NULL)
		*error = last_error;
}

void
pg_wait(struct pg *pg, const bool *done)
{
	while (!*done)
		if (event_base_loop(pg->base, EVLOOP_ONCE) != 0)
			return;
}

static void
on_limit(evutil_socket_t fd, short what, void *arg)
{
	bool *over = arg;

	(void)fd, (void)what;
	*over = true;
}

struct pg *
pg_open_wait(struct event_base *base, const char *conninfo, int seconds, const char **error)
{
	struct timeval tv = {.tv_sec = seconds};
	bool over = false;
	struct event *limit = evtimer_new(base, on_limit, &over);
	struct pg *pg = pg_new(base, conninfo, NULL);

	if (limit == NULL)
		abort();
	event_add(limit, &tv);
	/* One failed attempt, which has tried every host, is an answer: a person waits. */
	while (!over && !pg_ready(pg) && pg->failures == 0)
		if (event_base_loop(base, EVLOOP_ONCE) != 0)
			break;
	event_free(limit);
	if (!pg_ready(pg)) {
		char text[600];

		if (pg->error[0] != '\0')
			snprintf(text, sizeof text, "could not connect to the database: %s", pg->error);
		else
			snprintf(text, sizeof text, "could not connect to the database within %d s", seconds);
		keep_error(text, error);
		pg_free(pg);
		return NULL;
	}
	return pg;
}

struct waited {
	bool done, failed;
};

static void
waited_end(void *arg, const char *error, const char *sqlstate)
{
	struct waited *w = arg;

	(void)sqlstate;
	w->done = true;
	w->failed = error != NULL;
	if (error != NULL)
		keep_error(error, NULL);
}

PGresult *
pg_run_wait(struct pg *pg, enum stmt s, const struct pg_params *p, const char **error)
{
	struct pg_batch *b = pg_batch_begin(pg, false, NULL, NULL, waited_end);
	struct waited w = {false, false};
	PGresult *res = NULL;

	if (b == NULL) {
		keep_error(pg->error[0] ? pg->error : "not connected to the database", error);
		return NULL;
	}
	b->arg = &w;
	b->steal = &res;
	pg_batch_add(b, s, p);
	pg_batch_commit(b);
	pg_wait(pg, &w.done);
	if (!w.failed && res != NULL)
		return res;
	PQclear(res);
	if (error != NULL)
		*error = last_error;
	return NULL;
}

PGconn *
pg_raw_begin(struct pg *pg)
{
	while (pg->state == PG_READY && pg->sent_count > 0)
		if (event_base_loop(pg->base, EVLOOP_ONCE) != 0)
			break;
	if (!pg_ready(pg) || pg->holder != NULL)
		return NULL;
	if (PQexitPipelineMode(pg->conn) != 1 || PQsetnonblocking(pg->conn, 0) != 0)
		return NULL;
	pg->raw = true;
	if (pg->waiting_for != 0)
		event_del(pg->socket);
	pg->waiting_for = 0;
	pg->waiting_fd = -1;
	return pg->conn;
}

void
pg_raw_end(struct pg *pg)
{
	if (!pg->raw)
		return;
	pg->raw = false;
	if (PQsetnonblocking(pg->conn, 1) != 0 || PQenterPipelineMode(pg->conn) != 1)
		pg_lose_later(pg);
	else
		pg_batches_pump(pg);
}
