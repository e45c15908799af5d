/*
 * For the tests of the connection class: what a batch was told, an owner that counts, a plain connection beside it.
 */
#ifndef TESTS_STORE_PG_TOLD_H
#define TESTS_STORE_PG_TOLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <event2/event.h>
#include "store/pg_internal.h"

/* What one batch was told. */
struct told {
	int results, nulls, ends, phases, out_of_order, next, stores;
	long long last;
	char error[600], sqlstate[8];
	struct pg *again; /* begin another batch from on_end */
	struct told *other;
};

static struct event_base *base;
static PGconn *side; /* a plain connection: makes tables, looks, ends backends */
static const char *conninfo;

static struct {
	int ready, down, notified;
	char channel[64], payload[64];
} seen;

static inline void
on_state(void *arg, struct pg *pg, enum pg_state state, const char *why)
{
	(void)arg, (void)pg, (void)why;
	seen.ready += state == PG_READY;
	seen.down += state == PG_DOWN;
}

static inline void
on_notify(void *arg, struct pg *pg, const char *channel, const char *payload)
{
	(void)arg, (void)pg;
	seen.notified++;
	snprintf(seen.channel, sizeof seen.channel, "%s", channel);
	snprintf(seen.payload, sizeof seen.payload, "%s", payload);
}

static const struct pg_owner owner = {NULL, on_state, on_notify};

static inline void
on_result(void *arg, int index, const PGresult *res)
{
	struct told *t = arg;

	t->out_of_order += index != t->next;
	t->next = index + 1;
	if (res == NULL) {
		t->nulls++;
		return;
	}
	t->results++;
	if (PQntuples(res) == 1 && PQnfields(res) == 1)
		t->last = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
}

static inline void
on_end(void *arg, const char *error, const char *sqlstate)
{
	struct told *t = arg;

	t->ends++;
	snprintf(t->error, sizeof t->error, "%s", error ? error : "");
	snprintf(t->sqlstate, sizeof t->sqlstate, "%s", sqlstate);
	if (t->again != NULL) {
		struct pg_batch *b = pg_batch_begin(t->again, false, t->other, on_result, on_end);

		if (b != NULL) {
			pg_batch_add_sql(b, "SELECT 77");
			pg_batch_commit(b);
		} else {
			t->other->ends = -1;
		}
	}
}

static inline void
until(const int *n, int at_least)
{
	while (*n < at_least)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
}

static inline struct pg *
open_pg(void)
{
	struct pg *pg;

	memset(&seen, 0, sizeof seen);
	pg = pg_new(base, conninfo, &owner);
	until(&seen.ready, 1);
	assert_true(pg_ready(pg));
	return pg;
}

static inline void
add_echo(struct pg_batch *b, int64_t v)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, v);
	pg_batch_add(b, STMT_PING, p);
	pg_params_free(p);
}

static inline long
side_number(const char *sql)
{
	PGresult *res = PQexec(side, sql);
	long n;

	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(side));
	n = PQntuples(res) ? strtol(PQgetvalue(res, 0, 0), NULL, 10) : 0;
	PQclear(res);
	return n;
}

static inline void
side_do(const char *sql)
{
	PGresult *res = PQexec(side, sql);

	if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(side));
	PQclear(res);
}

static void
no_notice(void *arg, const PGresult *res)
{
	(void)arg, (void)res;
}

static int
set_up(void **state)
{
	(void)state;
	conninfo = getenv("HUIZHI_TEST_DB");
	if (conninfo == NULL) {
		fprintf(stderr, "HUIZHI_TEST_DB must name an empty private database; run: make test\n");
		return -1;
	}
	alarm(560); /* a wait that never ends is a failure with a name, not a hang */
	base = event_base_new();
	side = PQconnectdb(conninfo);
	if (PQstatus(side) != CONNECTION_OK) {
		fprintf(stderr, "%s", PQerrorMessage(side));
		return -1;
	}
	PQsetNoticeReceiver(side, no_notice, NULL);
	side_do("DROP TABLE IF EXISTS pg_test_child, pg_test");
	side_do("CREATE TABLE pg_test (id integer PRIMARY KEY, text text)");
	side_do("CREATE TABLE pg_test_child (id integer, parent integer REFERENCES pg_test DEFERRABLE INITIALLY DEFERRED)");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	side_do("DROP TABLE pg_test_child, pg_test");
	PQfinish(side);
	event_base_free(base);
	libevent_global_shutdown();
	return 0;
}

#endif
