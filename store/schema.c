/* Applies the migrations that are part of the program, and compares a database's version with the program's. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "store/pg.h"
#include "store/schema.h"

enum {
	LOCK = 728330, /* advisory lock: one upgrade at a time */
	MONTHS_AHEAD = 3,
};

/* Made by tools/embed from store/schema/NNN_name.sql, in the order of their names. */
struct embedded_file {
	const char *name, *text;
};
extern const struct embedded_file schema_files[];

static char said[700];

static int
file_version(const struct embedded_file *f)
{
	return (int)strtol(f->name, NULL, 10);
}

static const struct embedded_file *
newest(void)
{
	const struct embedded_file *f = schema_files;

	while (f[1].name != NULL)
		f++;
	return f;
}

int
schema_version(void)
{
	return file_version(newest());
}

static void
bare_name(const char *file, char *out, size_t room)
{
	snprintf(out, room, "%.*s", (int)strcspn(file, "."), file);
}

const char *
schema_name(void)
{
	static char name[80];

	bare_name(newest()->name, name, sizeof name);
	return name;
}

/* ---- Applying -------------------------------------------------------------------------------------------------- */

static int
fail(PGconn *conn, const char *doing, const char **error)
{
	const char *text = PQerrorMessage(conn);

	snprintf(
		said, sizeof said, "%s: %.*s", doing, (int)strcspn(text, "\n"), *text ? text : "no answer from the database");
	*error = said;
	return -1;
}

static bool
run(PGconn *conn, const char *sql)
{
	PGresult *res = PQexec(conn, sql);
	ExecStatusType status = PQresultStatus(res);

	PQclear(res);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* One number, or -1. */
static long
ask(PGconn *conn, const char *sql)
{
	PGresult *res = PQexec(conn, sql);
	long n =
		PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) == 1 ? strtol(PQgetvalue(res, 0, 0), NULL, 10) : -1;

	PQclear(res);
	return n;
}

static bool
record(PGconn *conn, int version, const char *name)
{
	char number[16];
	const char *values[] = {number, name};
	PGresult *res;
	bool good;

	snprintf(number, sizeof number, "%d", version);
	res = PQexecParams(
		conn, "INSERT INTO schema_version (version, name) VALUES ($1::int, $2::text)", 2, NULL, values, NULL, NULL, 0);
	good = PQresultStatus(res) == PGRES_COMMAND_OK;
	PQclear(res);
	return good;
}

static int
apply_one(PGconn *conn, const struct embedded_file *f, FILE *progress, const char **error)
{
	char name[80], doing[120];

	bare_name(f->name, name, sizeof name);
	snprintf(doing, sizeof doing, "could not apply migration %s", name);
	if (!run(conn, "BEGIN"))
		return fail(conn, doing, error);
	if (!run(conn, f->text) || !record(conn, file_version(f), name)) {
		fail(conn, doing, error);
		run(conn, "ROLLBACK");
		return -1;
	}
	if (!run(conn, "COMMIT"))
		return fail(conn, doing, error);
	if (progress != NULL)
		fprintf(progress, "applied %s\n", name);
	return 0;
}

static int
apply_locked(PGconn *conn, int last, FILE *progress, const char **error)
{
	int applied = 0;
	long current;
	char sql[80];

	if (!run(conn, "CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, name text NOT NULL, "
				   "applied_at timestamptz NOT NULL DEFAULT now())") ||
		(current = ask(conn, "SELECT coalesce(max(version), 0) FROM schema_version")) < 0)
		return fail(conn, "could not read the schema's version", error);
	if (current > schema_version()) {
		snprintf(said, sizeof said,
			"the database has schema %ld, this program knows schemas up to %d; use the newer program", current,
			schema_version());
		*error = said;
		return -1;
	}
	for (const struct embedded_file *f = schema_files; f->name != NULL; f++) {
		if (file_version(f) <= current || file_version(f) > last)
			continue;
		if (apply_one(conn, f, progress, error) != 0)
			return -1;
		applied++;
	}
	snprintf(sql, sizeof sql, "SELECT ensure_partitions(%d)", MONTHS_AHEAD);
	if (ask(conn, sql) < 0)
		return fail(conn, "could not make the month partitions", error);
	return applied;
}

int
schema_apply_until(PGconn *conn, int last, FILE *progress, const char **error)
{
	char sql[80];
	int applied;

	run(conn, "SET client_min_messages = warning");
	/* A session's lock: it outlives the transactions of the single migrations. */
	snprintf(sql, sizeof sql, "SELECT pg_advisory_lock(%d)", LOCK);
	if (!run(conn, sql))
		return fail(conn, "could not lock the schema", error);
	applied = apply_locked(conn, last, progress, error);
	snprintf(sql, sizeof sql, "SELECT pg_advisory_unlock(%d)", LOCK);
	run(conn, sql);
	return applied;
}

int
schema_apply(PGconn *conn, FILE *progress, const char **error)
{
	return schema_apply_until(conn, schema_version(), progress, error);
}

/* ---- Checking -------------------------------------------------------------------------------------------------- */

struct check {
	char *file;
	schema_check_fn fn;
	void *arg;
	int version;
	char name[80];
};

static enum schema_state
compare(const struct check *c, const char *error, const char *sqlstate)
{
	said[0] = '\0';
	if (error != NULL && strcmp(sqlstate, "42P01") != 0) {
		snprintf(said, sizeof said, "could not read the schema's version: %s", error);
		return SCHEMA_UNKNOWN;
	}
	if (error != NULL || c->version == 0) {
		snprintf(said, sizeof said, "the database has no schema yet; run: huizhi -c %s init", c->file);
		return SCHEMA_OLDER;
	}
	if (c->version < schema_version()) {
		snprintf(said, sizeof said, "the database has schema %s, this program needs %s; run: huizhi -c %s init",
			c->name, schema_name(), c->file);
		return SCHEMA_OLDER;
	}
	if (c->version > schema_version()) {
		snprintf(said, sizeof said,
			"the database has schema %s, which is newer than this program's %s; run the huizhid that made it, "
			"or the newer huizhi -c %s init",
			c->name, schema_name(), c->file);
		return SCHEMA_NEWER;
	}
	return SCHEMA_SAME;
}

static void
on_version(void *arg, int index, const PGresult *res)
{
	struct check *c = arg;

	(void)index;
	if (res == NULL || PQntuples(res) != 1)
		return;
	c->version = (int)strtol(PQgetvalue(res, 0, 0), NULL, 10);
	snprintf(c->name, sizeof c->name, "%s", PQgetvalue(res, 0, 1));
}

static void
on_checked(void *arg, const char *error, const char *sqlstate)
{
	struct check *c = arg;
	enum schema_state state = compare(c, error, sqlstate);

	c->fn(c->arg, state, said);
	free(c->file);
	free(c);
}

int
schema_check(struct pg *pg, const char *file, schema_check_fn fn, void *arg)
{
	struct check *c = calloc(1, sizeof *c);

	if (c == NULL || (c->file = strdup(file)) == NULL) {
		free(c);
		return -1;
	}
	c->fn = fn;
	c->arg = arg;
	if (pg_run(pg, STMT_SCHEMA_VERSION, NULL, c, on_version, on_checked) != 0) {
		free(c->file);
		free(c);
		return -1;
	}
	return 0;
}

struct waited {
	bool done;
	enum schema_state state;
};

static void
on_waited(void *arg, enum schema_state state, const char *text)
{
	struct waited *w = arg;

	(void)text;
	w->state = state;
	w->done = true;
}

int
schema_check_wait(struct pg *pg, const char *file, const char **error)
{
	struct waited w = {false, SCHEMA_UNKNOWN};

	*error = said;
	if (schema_check(pg, file, on_waited, &w) != 0) {
		snprintf(said, sizeof said, "could not read the schema's version: %s", pg_error(pg));
		return -1;
	}
	pg_wait(pg, &w.done);
	return w.state == SCHEMA_SAME ? 0 : -1;
}
