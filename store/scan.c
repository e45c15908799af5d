/* Walks the phones that have something due, then the holders without one, a statement a step, and adds up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/scan.h"
#include "store/stmt.h"

#define STEP 5000

/* The columns of both statements, in the order of the SELECT. */
enum {
	REMINDERS,
	CONVERSATIONS,
	APPLICATIONS,
	LISTED,
	ANSWERED,
	ALREADY_OPEN,
	ALREADY_REMINDED,
	OPTED_OUT,
	WRONG_NUMBER,
	LANGUAGE,
	SHARED_PHONE,
	NO_MOBILE,
	TRIAL,
	KINDS
};

static int64_t
number(const PGresult *res, int column)
{
	return strtoll(PQgetvalue(res, 0, column), NULL, 10);
}

void
scan_add(struct scan_counts *sum, const struct scan_counts *more)
{
	sum->licences += more->licences;
	sum->reminders += more->reminders;
	sum->conversations += more->conversations;
	sum->applications += more->applications;
	sum->listed += more->listed;
	sum->outside_window += more->outside_window;
	sum->not_yet += more->not_yet;
	sum->answered += more->answered;
	sum->shared_phone += more->shared_phone;
	sum->already_open += more->already_open;
	sum->already_reminded += more->already_reminded;
	sum->wrong_number += more->wrong_number;
	sum->opted_out += more->opted_out;
	sum->language += more->language;
	sum->no_mobile += more->no_mobile;
	sum->trial += more->trial;
}

static void
add_step(struct scan_counts *counts, const PGresult *res)
{
	const struct scan_counts step = {
		.reminders = number(res, REMINDERS),
		.conversations = number(res, CONVERSATIONS),
		.applications = number(res, APPLICATIONS),
		.listed = number(res, LISTED),
		.answered = number(res, ANSWERED),
		.shared_phone = number(res, SHARED_PHONE),
		.already_open = number(res, ALREADY_OPEN),
		.already_reminded = number(res, ALREADY_REMINDED),
		.wrong_number = number(res, WRONG_NUMBER),
		.opted_out = number(res, OPTED_OUT),
		.language = number(res, LANGUAGE),
		.no_mobile = number(res, NO_MOBILE),
		.trial = number(res, TRIAL),
	};

	scan_add(counts, &step);
}

/* One statement with text parameters; NULL with *error. */
static PGresult *
run(PGconn *conn, const char *sql, int n, const char *const *values, const char **error)
{
	static char line[300];
	PGresult *res = PQexecParams(conn, sql, n, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(res) == PGRES_TUPLES_OK || PQresultStatus(res) == PGRES_COMMAND_OK)
		return res;
	snprintf(line, sizeof line, "%s",
		PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY)
														 : PQerrorMessage(conn));
	line[strcspn(line, "\n")] = '\0';
	*error = line;
	PQclear(res);
	return NULL;
}

/* The parameters that all statements of a scan share, in their order; $3 is the step's own. */
struct asked {
	char bureau[16], campaign[24], list[24];
	const char *values[11];
};

static void
ask(struct asked *a, const struct scan_options *o)
{
	snprintf(a->bureau, sizeof a->bureau, "%d", o->bureau_id);
	snprintf(a->campaign, sizeof a->campaign, "%lld", (long long)o->campaign_id);
	a->values[0] = a->bureau;
	a->values[1] = o->date;
	a->values[2] = NULL;
	a->values[3] = o->item;
	a->values[4] = o->tag;
	a->values[5] = o->language;
	snprintf(a->list, sizeof a->list, "%lld", (long long)o->list_id);
	a->values[6] = o->list_id ? a->list : NULL;
	a->values[7] = o->dry_run ? "t" : "f";
	a->values[8] = o->actor;
	a->values[9] = o->campaign_id ? a->campaign : NULL;
	a->values[10] = o->trial;
}

/* An array literal of the rows' one column: phones and ids need no quotes. The caller frees it. */
static char *
array_of(const PGresult *rows)
{
	size_t room = 3, len = 1;
	char *list;

	for (int i = 0; i < PQntuples(rows); i++)
		room += (size_t)PQgetlength(rows, i, 0) + 1;
	list = malloc(room);
	if (!list)
		return NULL;
	list[0] = '{';
	for (int i = 0; i < PQntuples(rows); i++) {
		size_t n = (size_t)PQgetlength(rows, i, 0);

		if (i > 0)
			list[len++] = ',';
		memcpy(list + len, PQgetvalue(rows, i, 0), n);
		len += n;
	}
	list[len] = '}';
	list[len + 1] = '\0';
	return list;
}

/*
 * One step. Returns how many phones or holders it walked over, -1 with *error. The statement is planned anew each time:
 * a plan made while the tables were empty would be kept while they fill.
 */
static int64_t
run_step(PGconn *conn, enum stmt s, int nvalues, const struct scan_options *o, struct asked *a,
	struct scan_counts *counts, const char **error)
{
	char fetch[64];
	PGresult *rows, *res;
	char *list = NULL;
	int64_t walked;

	snprintf(fetch, sizeof fetch, "FETCH FORWARD %d FROM scan_walk", o->step > 0 ? o->step : STEP);
	rows = run(conn, fetch, 0, NULL, error);
	if (!rows)
		return -1;
	walked = PQntuples(rows);
	if (walked > 0 && (list = array_of(rows)) == NULL)
		*error = "no memory";
	PQclear(rows);
	if (walked == 0)
		return 0;
	if (!list)
		return -1;
	a->values[2] = list;
	res = run(conn, stmt_sql(s), nvalues, a->values, error);
	free(list);
	if (!res)
		return -1;
	add_step(counts, res);
	if (o->on_kinds && PQnfields(res) > KINDS && !PQgetisnull(res, 0, KINDS))
		o->on_kinds(o->arg, PQgetvalue(res, 0, KINDS));
	PQclear(res);
	return walked;
}

/* A campaign may be stopped while its scan runs: then it brings no more talks. */
static int
still_wanted(PGconn *conn, const struct scan_options *o, const char **error)
{
	static char line[80];
	struct scan_campaign c;

	if (o->campaign_id == 0 || o->dry_run)
		return 0;
	if (scan_campaign(conn, o->bureau_id, o->campaign_id, &c, error) < 0)
		return -1;
	if (strcmp(c.status, "running") == 0 || strcmp(c.status, "canary") == 0 || strcmp(c.status, "paused") == 0)
		return 0;
	snprintf(line, sizeof line, "campaign %lld is %s; the scan ends", (long long)o->campaign_id, c.status);
	*error = line;
	return -1;
}

/* Opens the walk: the server keeps its rows. Returns how many there are, -1 with *error. */
static int64_t
open_walk(PGconn *conn, enum stmt declare, struct asked *a, const char **error)
{
	PGresult *res;
	int64_t all;

	a->values[2] = NULL;
	PQclear(PQexec(conn, "CLOSE ALL")); /* of a scan that failed before on this connection */
	res = run(conn, stmt_sql(declare), 7, a->values, error);
	if (!res)
		return -1;
	PQclear(res);
	res = run(conn, "MOVE FORWARD ALL IN scan_walk", 0, NULL, error);
	if (!res)
		return -1;
	all = strtoll(PQcmdTuples(res), NULL, 10);
	PQclear(res);
	res = run(conn, "MOVE ABSOLUTE 0 IN scan_walk", 0, NULL, error);
	PQclear(res);
	return res ? all : -1;
}

/* What lies outside its window or waits for its first day is counted, not walked. */
static int
count_totals(PGconn *conn, struct asked *a, struct scan_counts *counts, const char **error)
{
	PGresult *res;

	a->values[2] = NULL;
	res = run(conn, stmt_sql(STMT_SCAN_TOTALS), 7, a->values, error);
	if (!res)
		return -1;
	counts->licences = number(res, 0);
	counts->outside_window = counts->licences - number(res, 1);
	counts->not_yet = number(res, 2);
	PQclear(res);
	return 0;
}

int
scan_run(PGconn *conn, const struct scan_options *o, struct scan_counts *counts, const char **error)
{
	static const struct {
		enum stmt declare, step;
		int nvalues;
	} walks[] = {{STMT_SCAN_DUE_PHONES, STMT_SCAN_PHONES, 11}, {STMT_SCAN_DUE_HOLDERS, STMT_SCAN_NO_MOBILE, 9}};
	int64_t all = 0, done = 0, walked = 0;
	struct asked a;

	memset(counts, 0, sizeof *counts);
	/* Statements of so many parts take longer to compile than to run. */
	PQclear(PQexec(conn, "SET jit = off"));
	ask(&a, o);
	if (count_totals(conn, &a, counts, error) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		int64_t more = open_walk(conn, walks[i].declare, &a, error);

		if (more < 0)
			return -1;
		all += more;
		do {
			if (o->stop && *o->stop) {
				*error = "stopped; what was done stays, and the next scan goes on";
				return -1;
			}
			if (still_wanted(conn, o, error) < 0)
				return -1;
			walked = run_step(conn, walks[i].step, walks[i].nvalues, o, &a, counts, error);
			if (walked < 0)
				return -1;
			done += walked;
			if (o->on_progress)
				o->on_progress(o->arg, done, all);
		} while (walked == (o->step > 0 ? o->step : STEP));
	}
	PQclear(PQexec(conn, "CLOSE scan_walk"));
	return 0;
}

int
scan_campaign(PGconn *conn, int bureau_id, int64_t id, struct scan_campaign *out, const char **error)
{
	static char line[80];
	char bureau[16], number_text[24];
	const char *values[] = {bureau, number_text};
	PGresult *res;

	snprintf(bureau, sizeof bureau, "%d", bureau_id);
	snprintf(number_text, sizeof number_text, "%lld", (long long)id);
	res = run(conn, stmt_sql(STMT_SCAN_CAMPAIGN), 2, values, error);
	if (!res)
		return -1;
	if (PQntuples(res) == 0) {
		snprintf(line, sizeof line, "there is no campaign %lld at this bureau", (long long)id);
		*error = line;
		PQclear(res);
		return -1;
	}
	snprintf(out->item, sizeof out->item, "%s", PQgetvalue(res, 0, 0));
	snprintf(out->tag, sizeof out->tag, "%s", PQgetvalue(res, 0, 1));
	snprintf(out->language, sizeof out->language, "%s", PQgetvalue(res, 0, 2));
	snprintf(out->date, sizeof out->date, "%s", PQgetvalue(res, 0, 3));
	snprintf(out->status, sizeof out->status, "%s", PQgetvalue(res, 0, 4));
	out->scanned = PQgetvalue(res, 0, 5)[0] == 't';
	out->listed = PQgetvalue(res, 0, 6)[0] == 't';
	out->resend_of = strtoll(PQgetvalue(res, 0, 7), NULL, 10);
	PQclear(res);
	return 0;
}

static int
of_campaign(PGconn *conn, enum stmt s, int bureau_id, int64_t id, const char **error)
{
	char bureau[16], number_text[24];
	const char *values[] = {bureau, number_text};
	PGresult *res;

	snprintf(bureau, sizeof bureau, "%d", bureau_id);
	snprintf(number_text, sizeof number_text, "%lld", (long long)id);
	res = run(conn, stmt_sql(s), 2, values, error);
	PQclear(res);
	return res ? 0 : -1;
}

int
scan_campaign_release(PGconn *conn, int bureau_id, int64_t id, const char **error)
{
	return of_campaign(conn, STMT_SCAN_CAMPAIGN_RELEASE, bureau_id, id, error);
}

int
scan_campaign_lock(PGconn *conn, int bureau_id, int64_t id, const char **error)
{
	return of_campaign(conn, STMT_SCAN_CAMPAIGN_LOCK, bureau_id, id, error);
}

int
scan_campaign_done(PGconn *conn, int bureau_id, int64_t id, const char **error)
{
	return of_campaign(conn, STMT_SCAN_CAMPAIGN_DONE, bureau_id, id, error);
}
