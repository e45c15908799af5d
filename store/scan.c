/* Walks a bureau's phones, then its holders without one, a statement a step, and adds up what the steps say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/scan.h"
#include "store/stmt.h"

#define STEP 5000

/* The columns of both statements, in the order of the SELECT. */
enum {
	LAST,
	WALKED,
	REMINDERS,
	CONVERSATIONS,
	APPLICATIONS,
	LISTED,
	LICENCES,
	OUTSIDE_WINDOW,
	NOT_YET,
	ANSWERED,
	ALREADY_OPEN,
	ALREADY_REMINDED,
	OPTED_OUT,
	WRONG_NUMBER,
	LANGUAGE,
	SHARED_PHONE,
	NO_MOBILE
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
}

static void
add_step(struct scan_counts *counts, const PGresult *res)
{
	const struct scan_counts step = {
		.licences = number(res, LICENCES),
		.reminders = number(res, REMINDERS),
		.conversations = number(res, CONVERSATIONS),
		.applications = number(res, APPLICATIONS),
		.listed = number(res, LISTED),
		.outside_window = number(res, OUTSIDE_WINDOW),
		.not_yet = number(res, NOT_YET),
		.answered = number(res, ANSWERED),
		.shared_phone = number(res, SHARED_PHONE),
		.already_open = number(res, ALREADY_OPEN),
		.already_reminded = number(res, ALREADY_REMINDED),
		.wrong_number = number(res, WRONG_NUMBER),
		.opted_out = number(res, OPTED_OUT),
		.language = number(res, LANGUAGE),
		.no_mobile = number(res, NO_MOBILE),
	};

	scan_add(counts, &step);
}

/* One statement with text parameters; NULL with *error. */
static PGresult *
run(PGconn *conn, enum stmt s, int n, const char *const *values, const char **error)
{
	static char line[300];
	PGresult *res = PQexecParams(conn, stmt_sql(s), n, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(res) == PGRES_TUPLES_OK)
		return res;
	snprintf(line, sizeof line, "%s",
		PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY)
														 : PQerrorMessage(conn));
	line[strcspn(line, "\n")] = '\0';
	*error = line;
	PQclear(res);
	return NULL;
}

/*
 * One step; `at` moves on. Returns how many phones or holders it walked over, -1 with *error. The statement is planned
 * anew each time: a plan made while the tables were empty would be kept while they fill.
 */
static int64_t
run_step(PGconn *conn, enum stmt s, const struct scan_options *o, char *at, size_t room, struct scan_counts *counts,
	const char **error)
{
	char bureau[16], step[16], campaign[24];
	const char *values[] = {bureau, o->date, at, step, o->item, o->tag, o->language, o->dry_run ? "t" : "f", o->actor,
		o->campaign_id ? campaign : NULL};
	PGresult *res;
	int64_t walked;

	snprintf(bureau, sizeof bureau, "%d", o->bureau_id);
	snprintf(step, sizeof step, "%d", o->step > 0 ? o->step : STEP);
	snprintf(campaign, sizeof campaign, "%lld", (long long)o->campaign_id);
	res = run(conn, s, s == STMT_SCAN_PHONES ? 10 : 9, values, error);
	if (!res)
		return -1;
	walked = number(res, WALKED);
	add_step(counts, res);
	snprintf(at, room, "%s", PQgetvalue(res, 0, LAST));
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

int
scan_run(PGconn *conn, const struct scan_options *o, struct scan_counts *counts, const char **error)
{
	static const struct {
		enum stmt stmt;
		const char *from;
	} walks[] = {{STMT_SCAN_PHONES, ""}, {STMT_SCAN_NO_MOBILE, "0"}};
	const char *bureau[1];
	int64_t all, done = 0, walked = 0;
	char at[64], id[16];
	PGresult *res;

	memset(counts, 0, sizeof *counts);
	snprintf(id, sizeof id, "%d", o->bureau_id);
	bureau[0] = id;
	res = run(conn, STMT_SCAN_TOTAL, 1, bureau, error);
	if (!res)
		return -1;
	all = number(res, 0);
	PQclear(res);
	for (int i = 0; i < 2; i++) {
		snprintf(at, sizeof at, "%s", walks[i].from);
		do {
			if (o->stop && *o->stop) {
				*error = "stopped; what was done stays, and the next scan goes on";
				return -1;
			}
			if (still_wanted(conn, o, error) < 0)
				return -1;
			walked = run_step(conn, walks[i].stmt, o, at, sizeof at, counts, error);
			if (walked < 0)
				return -1;
			done += walked;
			if (o->on_progress)
				o->on_progress(o->arg, done < all ? done : all, all);
		} while (walked == (o->step > 0 ? o->step : STEP));
	}
	if (o->on_progress)
		o->on_progress(o->arg, all, all);
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
	res = run(conn, STMT_SCAN_CAMPAIGN, 2, values, error);
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
	res = run(conn, s, 2, values, error);
	PQclear(res);
	return res ? 0 : -1;
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
