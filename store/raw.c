/* Statements on a lent connection. */
#include "store/raw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "store/pg_internal.h"

static char said[512];

static void
keep_error(PGconn *conn, const PGresult *res, const char **error)
{
	const char *text = res != NULL ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *state = res != NULL ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;

	if (text == NULL)
		text = PQerrorMessage(conn);
	if (state != NULL && strcmp(state, "55P03") == 0)
		text = "";
	snprintf(said, sizeof said, "%.*s", (int)strcspn(text, "\n"), text);
	*error = said;
}

PGresult *
raw_run(PGconn *conn, enum stmt s, const struct pg_params *p, const char **error)
{
	int n = p == NULL ? 0 : pg_params_count(p);
	const char **values = pg_alloc((size_t)(n + 1) * sizeof *values);
	PGresult *res;

	for (int i = 0; i < n; i++) {
		size_t len;
		values[i] = pg_params_value(p, i, &len);
	}
	res = PQexecParams(conn, stmt_sql(s), n, NULL, values, NULL, NULL, 0);
	free(values);
	if (PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK)
		return res;
	keep_error(conn, res, error);
	PQclear(res);
	return NULL;
}

int
raw_do(PGconn *conn, const char *sql, const char **error)
{
	PGresult *res = PQexec(conn, sql);
	int rc = PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK ? 0 : -1;

	if (rc != 0)
		keep_error(conn, res, error);
	PQclear(res);
	return rc;
}
