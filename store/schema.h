/* The schema's migrations, which are part of the program: bringing a database up to date, and telling whether it is. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <stdio.h>
#include <libpq-fe.h>

struct pg;

/* The newest migration of this program: its number, and its name without ".sql". */
int schema_version(void);
const char *schema_name(void);

/*
 * Creates or upgrades the schema over a plain blocking connection, each migration in a transaction of its own, then
 * makes the month partitions. Forward only; two at once take turns. Prints a line to progress (may be NULL) for each
 * migration. Returns how many were applied (0: it was up to date), or -1 with *error, which lives until the next call.
 */
int schema_apply(PGconn *conn, FILE *progress, const char **error);
/* The same up to migration `last` only: for tests of upgrades. */
int schema_apply_until(PGconn *conn, int last, FILE *progress, const char **error);

enum schema_state {
	SCHEMA_SAME,
	SCHEMA_OLDER,	/* an init is due; also a database without any schema */
	SCHEMA_NEWER,	/* made by a newer program */
	SCHEMA_UNKNOWN, /* could not be asked */
};
/* text: one line for a person that names the command to run; "" when the same. file: the configuration, for that
 * command. */
typedef void (*schema_check_fn)(void *arg, enum schema_state state, const char *text);
/* Called once. -1 when the connection is not ready; nothing is called then. */
int schema_check(struct pg *pg, const char *file, schema_check_fn fn, void *arg);
/* The same, waiting: 0 when the same, else -1 with that line in *error, which lives until the next call. */
int schema_check_wait(struct pg *pg, const char *file, const char **error);

#endif
