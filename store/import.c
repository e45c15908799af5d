/*
 * The staging of rows by COPY and the merge: one transaction from import_begin to import_merge or import_abort.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/import.h"

enum import_stmt {
#define IMPORT(name, sql) SQL_##name,
#include "store/stmt/import.def"
#undef IMPORT
};

static const char *const statements[] = {
#define IMPORT(name, sql) sql,
#include "store/stmt/import.def"
#undef IMPORT
};

/* Rows go to libpq in pieces of this size, so that its buffer does not grow with the file. */
#define COPY_PIECE 65536
/* From so many new licences on the planner is told of them at once. */
#define MANY_ROWS 1000

struct import {
	PGconn *conn;
	bool copying, holders_alone;
	void (*on_row)(void *arg, int64_t row, enum import_outcome outcome, int64_t id); /* may be NULL */
	void *row_arg;
	char *buffer;
	size_t len, room;
	bool no_memory;
	char error[512];
};

const char *
import_error(const struct import *im)
{
	return im->error;
}

static int
fail(struct import *im, const char *what)
{
	snprintf(im->error, sizeof im->error, "%s", what);
	im->error[strcspn(im->error, "\n")] = '\0';
	return -1;
}

static const char *
last_error(PGconn *conn)
{
	const char *text = PQerrorMessage(conn);

	return strncmp(text, "ERROR:  ", 8) == 0 ? text + 8 : text;
}

/* The result, or NULL with the error kept. */
static PGresult *
run(struct import *im, const char *sql)
{
	PGresult *res = PQexec(im->conn, sql);
	ExecStatusType status = PQresultStatus(res);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN)
		return res;
	fail(im, last_error(im->conn));
	PQclear(res);
	return NULL;
}

static int
run_only(struct import *im, const char *sql)
{
	PGresult *res = run(im, sql);

	PQclear(res);
	return res ? 0 : -1;
}

/* ---- COPY, text format -------------------------------------------------------------------------------------- */

static void
put(struct import *im, const char *octets, size_t n)
{
	if (im->len + n > im->room) {
		size_t room = (im->len + n) * 2 + COPY_PIECE;
		char *grown = realloc(im->buffer, room);

		if (!grown) {
			im->no_memory = true;
			return;
		}
		im->buffer = grown;
		im->room = room;
	}
	memcpy(im->buffer + im->len, octets, n);
	im->len += n;
}

static void
put_escaped(struct import *im, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '\\':
			put(im, "\\\\", 2);
			break;
		case '\t':
			put(im, "\\t", 2);
			break;
		case '\n':
			put(im, "\\n", 2);
			break;
		case '\r':
			put(im, "\\r", 2);
			break;
		default:
			put(im, text, 1);
		}
	}
}

static void
put_text(struct import *im, const char *text)
{
	if (text)
		put_escaped(im, text);
	else
		put(im, "\\N", 2);
	put(im, "\t", 1);
}

static void
put_int(struct import *im, int64_t n)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)n);
	put_text(im, text);
}

static void
put_bool(struct import *im, bool b)
{
	put(im, b ? "t\t" : "f\t", 2);
}

static void
put_bytes(struct import *im, const uint8_t *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	if (!bytes) {
		put_text(im, NULL);
		return;
	}
	put(im, "\\\\x", 3);
	for (size_t i = 0; i < len; i++) {
		char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};

		put(im, pair, 2);
	}
	put(im, "\t", 1);
}

/* An array literal, its quoting inside COPY's. */
static void
put_array(struct import *im, const char *const *list, size_t n)
{
	put(im, "{", 1);
	for (size_t i = 0; i < n; i++) {
		put(im, i ? ",\"" : "\"", i ? 2 : 1);
		for (const char *s = list[i]; *s; s++) {
			char one[2] = {*s, '\0'};

			if (*s == '"' || *s == '\\')
				put(im, "\\\\", 2);
			put_escaped(im, one);
		}
		put(im, "\"", 1);
	}
	put(im, "}\t", 2);
}

static int
copy_flush(struct import *im)
{
	if (im->no_memory)
		return fail(im, "no memory");
	if (im->len > 0 && PQputCopyData(im->conn, im->buffer, (int)im->len) != 1)
		return fail(im, last_error(im->conn));
	im->len = 0;
	return 0;
}

static int
row_end(struct import *im)
{
	if (im->no_memory)
		return fail(im, "no memory");
	im->buffer[im->len - 1] = '\n'; /* in place of the last column's tab */
	return im->len < COPY_PIECE ? 0 : copy_flush(im);
}

static int
copy_begin(struct import *im, enum import_stmt s)
{
	if (run_only(im, statements[s]) < 0)
		return -1;
	im->copying = true;
	return 0;
}

static int
copy_end(struct import *im)
{
	PGresult *res;
	int bad = 0;

	if (copy_flush(im) < 0)
		return -1;
	if (PQputCopyEnd(im->conn, NULL) != 1)
		return fail(im, last_error(im->conn));
	im->copying = false;
	while ((res = PQgetResult(im->conn)) != NULL) {
		if (PQresultStatus(res) != PGRES_COMMAND_OK && !bad)
			bad = fail(im, last_error(im->conn));
		PQclear(res);
	}
	return bad;
}

/* ---- Begin and end ------------------------------------------------------------------------------------------ */

static struct import *
begin(PGconn *conn, enum import_stmt stage, bool wait, const char **error)
{
	static char line[512];
	struct import *im = calloc(1, sizeof *im);
	PGresult *res = NULL;
	bool alone = false;

	*error = line;
	if (!im) {
		snprintf(line, sizeof line, "no memory");
		return NULL;
	}
	im->conn = conn;
	/* Sorting a million rows in the few megabytes of the default goes through many small files. */
	if (run_only(im, "BEGIN") == 0 && run_only(im, "SET LOCAL work_mem = '64MB'") == 0 &&
		run_only(im, "SET LOCAL client_min_messages = warning") == 0 &&
		(!wait || run_only(im, "SET LOCAL lock_timeout = '30s'") == 0) &&
		(res = run(im, statements[wait ? SQL_LOCK_WAIT : SQL_LOCK])) != NULL) {
		alone = wait || strcmp(PQgetvalue(res, 0, 0), "t") == 0;
		PQclear(res);
		if (alone && run_only(im, statements[stage]) == 0)
			return im;
		if (!alone)
			fail(im, "another import is running; wait for its end");
	}
	snprintf(line, sizeof line, "%s", im->error);
	import_abort(im);
	return NULL;
}

static void
import_free(struct import *im)
{
	free(im->buffer);
	free(im);
}

void
import_abort(struct import *im)
{
	PGresult *res;

	if (!im)
		return;
	if (im->copying && PQputCopyEnd(im->conn, "given up") == 1) {
		while ((res = PQgetResult(im->conn)) != NULL)
			PQclear(res);
	}
	PQclear(PQexec(im->conn, "ROLLBACK"));
	import_free(im);
}

struct import *
import_begin(PGconn *conn, bool wait, const char **error)
{
	static char line[512];
	struct import *im = begin(conn, SQL_STAGE, wait, error);

	if (im && copy_begin(im, SQL_COPY) < 0) {
		snprintf(line, sizeof line, "%s", im->error);
		*error = line;
		import_abort(im);
		return NULL;
	}
	return im;
}

int
import_add(struct import *im, const struct import_licence *l)
{
	put_int(im, l->row);
	put_int(im, l->bureau_id);
	put_text(im, l->item);
	put_text(im, l->licence_no);
	put_text(im, l->holder);
	put_text(im, l->language);
	put_bool(im, l->language_given);
	put_text(im, l->phone);
	put_text(im, l->landline);
	put_text(im, l->issued_on);
	put_text(im, l->expires_on);
	put_bool(im, l->expires_given);
	put_bool(im, l->identified);
	put_bytes(im, l->identity_hash, IMPORT_HASH);
	put_bytes(im, l->id_number, l->id_number_len);
	put_bytes(im, l->address, l->address_len);
	put_bytes(im, l->address_hash, IMPORT_HASH);
	put_array(im, l->tags, l->ntags);
	put_text(im, l->facts);
	return row_end(im);
}

static int64_t
number_at(const PGresult *res, int column)
{
	return strtoll(PQgetvalue(res, 0, column), NULL, 10);
}

static int
check_items(struct import *im)
{
	PGresult *res = run(im, statements[SQL_UNKNOWN_ITEM]);
	int bad = res ? 0 : -1;
	char line[256];

	if (res && PQntuples(res) > 0) {
		snprintf(line, sizeof line,
			"item %s of bureau %s is in the configuration but not yet in the database (row %s); "
			"run huizhi init",
			PQgetvalue(res, 0, 0), PQgetvalue(res, 0, 1), PQgetvalue(res, 0, 2));
		bad = fail(im, line);
	}
	PQclear(res);
	return bad;
}

static int
count(struct import *im, struct import_counts *c)
{
	PGresult *res = run(im, statements[SQL_COUNT]);

	if (!res)
		return -1;
	c->rows = number_at(res, 0);
	c->added = number_at(res, 1);
	c->changed = number_at(res, 2);
	c->unchanged = c->rows - c->added - c->changed;
	c->holders = number_at(res, 3);
	c->holders_added = number_at(res, 4);
	c->holders_changed = number_at(res, 5);
	c->without_mobile = number_at(res, 6);
	PQclear(res);
	return 0;
}

static enum import_outcome
outcome_of(const char *word)
{
	static const char *const words[] = {"added", "changed", "unchanged", "no_holder", "no_licence", "ambiguous"};

	for (int i = 0; i < IMPORT_AMBIGUOUS; i++) {
		if (strcmp(word, words[i]) == 0)
			return (enum import_outcome)i;
	}
	return IMPORT_AMBIGUOUS;
}

void
import_holders_alone(struct import *im)
{
	im->holders_alone = true;
}

void
import_tell_rows(
	struct import *im, void (*on_row)(void *arg, int64_t row, enum import_outcome outcome, int64_t id), void *arg)
{
	im->on_row = on_row;
	im->row_arg = arg;
}

static int
tell_rows(struct import *im)
{
	PGresult *res = run(im, statements[im->holders_alone ? SQL_HOLDER_OUTCOMES : SQL_OUTCOMES]);

	for (int i = 0; res && i < PQntuples(res); i++)
		im->on_row(im->row_arg, strtoll(PQgetvalue(res, i, 0), NULL, 10), outcome_of(PQgetvalue(res, i, 1)),
			strtoll(PQgetvalue(res, i, 2), NULL, 10));
	PQclear(res);
	return res ? 0 : -1;
}

int
import_merge(struct import *im, bool dry_run, struct import_counts *counts,
	void (*on_phase)(void *arg, const char *word, int done, int all), void *arg)
{
	static const struct {
		enum import_stmt stmt;
		const char *word;
		bool writes, licences;
	} steps[] = {
		{SQL_ANALYZE, "sorting holders", false, false},
		{SQL_UNKNOWN_ITEM, "checking items", false, true},
		{SQL_HOLDERS, "sorting holders", false, false},
		{SQL_HOLDERS_ANALYZE, "sorting holders", false, false},
		{SQL_HOLDERS_FILL, "sorting holders", false, false},
		{SQL_HOLDERS_BY_LICENCE, "looking up holders", false, true},
		{SQL_CHANGED, "comparing holders", false, false},
		{SQL_MERGE, "comparing licences", false, true},
		{SQL_COUNT, "counting", false, true},
		{SQL_HOLDERS_ADD, "adding holders", true, false},
		{SQL_HOLDERS_CHANGE, "changing holders", true, false},
		{SQL_WRONG_NUMBERS, "reminding new numbers", true, false},
		{SQL_LICENCES_ADD, "adding licences", true, true},
		{SQL_LICENCES_CHANGE, "changing licences", true, true},
	};
	const int all = sizeof steps / sizeof steps[0];

	if (copy_end(im) < 0)
		return -1;
	for (int i = 0; i < all; i++) {
		int bad;

		if ((steps[i].writes && dry_run) || (steps[i].licences && im->holders_alone))
			continue;
		if (on_phase)
			on_phase(arg, steps[i].word, i, all);
		if (steps[i].stmt == SQL_UNKNOWN_ITEM)
			bad = check_items(im);
		else if (steps[i].stmt == SQL_COUNT)
			bad = count(im, counts);
		else
			bad = run_only(im, statements[steps[i].stmt]);
		if (bad)
			return -1;
	}
	if (im->on_row && tell_rows(im) < 0)
		return -1;
	if (on_phase)
		on_phase(arg, "committing", all, all);
	if (run_only(im, dry_run ? "ROLLBACK" : "COMMIT") < 0)
		return -1;
	/* The import is done, whatever becomes of this. */
	if (!dry_run && counts->added >= MANY_ROWS)
		(void)run_only(im, statements[SQL_ANALYZE_TABLES]);
	import_free(im);
	return 0;
}

/* ---- Changes in the business register ----------------------------------------------------------------------- */

struct import *
import_changes_begin(PGconn *conn, bool wait, const char **error)
{
	return begin(conn, SQL_CHANGE_STAGE, wait, error);
}

int
import_changes(struct import *im, const struct import_change *rows, size_t n, enum import_outcome *outcomes)
{
	PGresult *res;

	if (copy_begin(im, SQL_CHANGE_COPY) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct import_change *c = &rows[i];

		put_int(im, (int64_t)i);
		put_int(im, c->bureau_id);
		put_bytes(im, c->identity_hash, IMPORT_HASH);
		put_text(im, c->licence_no);
		put_text(im, c->changed_on);
		put_text(im, c->field);
		put_bytes(im, c->old_value, c->old_len);
		put_bytes(im, c->new_value, c->new_len);
		put_bytes(im, c->value_hash, IMPORT_HASH);
		if (row_end(im) < 0)
			return -1;
	}
	if (copy_end(im) < 0 || (res = run(im, statements[SQL_CHANGE_PUT])) == NULL)
		return -1;
	for (int i = 0; i < PQntuples(res); i++) {
		size_t at = strtoul(PQgetvalue(res, i, 0), NULL, 10);

		if (at < n)
			outcomes[at] = outcome_of(PQgetvalue(res, i, 1));
	}
	PQclear(res);
	return run_only(im, statements[SQL_CHANGE_EMPTY]);
}

int
import_changes_end(struct import *im, bool dry_run)
{
	if (run_only(im, dry_run ? "ROLLBACK" : "COMMIT") < 0)
		return -1;
	import_free(im);
	return 0;
}
