/*
 * Statements on a connection that pg_raw_begin lent: blocking, for jobs of the command line that hold a transaction or
 * a cursor open over several of them.
 */
#ifndef STORE_RAW_H
#define STORE_RAW_H

#include <libpq-fe.h>
#include "store/stmt.h"

struct pg_params;

/*
 * Runs one statement. p may be NULL. NULL with *error (static, until the next call) when it failed; the caller
 * PQclears. *error is "" when the statement was given up because a lock was not to be had in time (55P03).
 */
PGresult *raw_run(PGconn *conn, enum stmt s, const struct pg_params *p, const char **error);
/* BEGIN, COMMIT, ROLLBACK and their like. 0, or -1 with *error. */
int raw_do(PGconn *conn, const char *sql, const char **error);

#endif
