/*
 * For the tests of statements: a fresh schema in a namespace of its own, a connection in it, rows to work on.
 * NAMESPACE is defined before this is included. open_schema and close_schema are what cmocka runs around a program's
 * tests.
 */
#ifndef TESTS_STORE_STORE_DB_H
#define TESTS_STORE_STORE_DB_H

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
#include "store/pg.h"
#include "store/schema.h"

static struct event_base *base;
static PGconn *side;
static struct pg *pg;
static char conninfo[600];

static inline void
side_do(const char *sql)
{
	PGresult *res = PQexec(side, sql);

	if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(side));
	PQclear(res);
}

/* The first column of the first row; the string lives until the next call. */
static inline const char *
side_text(const char *sql)
{
	static char text[2000];
	PGresult *res = PQexec(side, sql);

	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(side));
	snprintf(text, sizeof text, "%s", PQntuples(res) ? PQgetvalue(res, 0, 0) : "(no row)");
	PQclear(res);
	return text;
}

static inline long
side_number(const char *sql)
{
	return strtol(side_text(sql), NULL, 10);
}

/* Pages that a statement has read, from its EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON), which this frees. */
static inline long
side_pages(PGresult *res)
{
	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s", PQerrorMessage(side));
	long pages = strtol(strstr(PQgetvalue(res, 0, 0), "\"Shared Hit Blocks\": ") + 21, NULL, 10);
	PQclear(res);
	return pages;
}

/* The namespace, empty. */
static inline int
open_empty(void **state)
{
	const char *given = getenv("HUIZHI_TEST_DB");

	(void)state;
	if (given == NULL) {
		fprintf(stderr, "HUIZHI_TEST_DB must name an empty private database; run: make test\n");
		return -1;
	}
	alarm(560);
	snprintf(conninfo, sizeof conninfo, "%s options='-c search_path=%s'", given, NAMESPACE);
	side = PQconnectdb(conninfo);
	if (PQstatus(side) != CONNECTION_OK) {
		fprintf(stderr, "%s", PQerrorMessage(side));
		return -1;
	}
	side_do("SET client_min_messages = warning");
	side_do("DROP SCHEMA IF EXISTS " NAMESPACE " CASCADE");
	side_do("CREATE SCHEMA " NAMESPACE);
	base = event_base_new();
	return 0;
}

/* Leaves the database as it was found. */
static inline int
close_schema(void **state)
{
	(void)state;
	pg_free(pg);
	event_base_free(base);
	side_do("DROP SCHEMA " NAMESPACE " CASCADE");
	PQfinish(side);
	libevent_global_shutdown();
	return 0;
}

/* With the schema of today, and the connection that the statements run on. */
static inline int
open_schema(void **state)
{
	const char *error = "";

	if (open_empty(state) != 0)
		return -1;
	if (schema_apply(side, NULL, &error) < 0 || (pg = pg_open_wait(base, conninfo, 20, &error)) == NULL) {
		fprintf(stderr, "%s\n", error);
		return -1;
	}
	return 0;
}

#endif
