/* Starts scans when they are due: one child process at a time. The database decides which of several daemons does it.
 */
#include "gateway/daily.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

#include "gateway/clock.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/hours.h"
#include "gateway/log.h"
#include "gateway/program.h"
#include "store/pg.h"

#define CAMPAIGN_AGAIN_SECONDS 60 /* after a campaign's scan that failed */

/* The one scan that may be under way in this daemon. */
static struct {
	struct gateway *g;
	const struct conf_bureau *bureau;
	char date[16];
	int64_t campaign_id; /* 0 = the daily scan */
	bool asking;		 /* the database was asked whether it is ours */
	pid_t child;		 /* 0 = none */
	size_t next;		 /* the bureau to look at next */
	int64_t failed_at;	 /* unix seconds, of a campaign's */
	bool stopped;
	bool claimed;
} scan;

static void
on_noted(void *arg, const char *error, const char *sqlstate)
{
	(void)arg;
	if (error != NULL)
		log_warn("the end of a scan could not be noted: %s sqlstate=%s", error, sqlstate);
}

static void
ended(void *arg, int code)
{
	struct gateway *g = scan.g;
	bool good = code == 0;

	(void)arg;
	if (good)
		log_info(
			"bureau=%s scan done date=%s campaign=%lld", scan.bureau->code, scan.date, (long long)scan.campaign_id);
	else
		log_error("bureau=%s scan failed status=%d date=%s campaign=%lld; it is tried again in %s", scan.bureau->code,
			code, scan.date, (long long)scan.campaign_id,
			scan.campaign_id != 0 ? "a minute" : "30 minutes, or run: huizhi scan");
	scan.child = 0;
	if (scan.campaign_id != 0) {
		/* A campaign's scan notes its own end. */
		if (!good)
			scan.failed_at = (int64_t)time(NULL);
	} else if (good) {
		struct pg_params *p = pg_params_new();

		pg_param_int(p, scan.bureau->id);
		pg_param_text(p, scan.date);
		pg_param_text(p, "{}");
		(void)pg_run(g->pg_side, STMT_SCAN_RUN_DONE, p, NULL, NULL, on_noted);
		pg_params_free(p);
	}
	clock_wake(g);
}

static void
start(void)
{
	static const int fds[3] = {PROGRAM_SAME, PROGRAM_SAME, PROGRAM_SAME};
	char id[24];
	bool campaign = scan.campaign_id != 0;

	(void)snprintf(id, sizeof(id), "%lld", (long long)scan.campaign_id);
	const char *words[] = {"--json", "scan", "--bureau", scan.bureau->code, campaign ? "--campaign" : "--date",
		campaign ? id : scan.date, NULL};
	pid_t pid = program_start(scan.g, words, fds, ended, NULL);
	scan.child = pid > 0 ? pid : 0;
}

static void
on_claim(void *arg, int index, const PGresult *res)
{
	(void)arg;
	(void)index;
	scan.claimed = res != NULL && PQntuples(res) > 0;
}

static void
on_claim_end(void *arg, const char *error, const char *sqlstate)
{
	(void)arg;
	scan.asking = false;
	if (error != NULL)
		log_warn("bureau=%s could not ask whether a scan is due: %s sqlstate=%s", scan.bureau->code, error, sqlstate);
	else if (scan.claimed && !scan.stopped)
		start();
}

/* Is there room for one more scan? */
static bool
free_to_scan(struct gateway *g)
{
	if (scan.asking || scan.child != 0 || scan.stopped)
		return false;
	scan.g = g;
	return true;
}

void
daily_scan_campaign(struct gateway *g, const struct conf_bureau *b, int64_t campaign_id)
{
	if ((int64_t)time(NULL) - scan.failed_at < CAMPAIGN_AGAIN_SECONDS || !free_to_scan(g))
		return;
	scan.bureau = b;
	scan.date[0] = '\0';
	scan.campaign_id = campaign_id;
	start();
}

void
daily_check(struct gateway *g, int64_t now)
{
	struct tm tm;
	int minute;

	if (!free_to_scan(g))
		return;
	/* One bureau each time. */
	scan.bureau = &g->conf->bureaus[scan.next++ % g->conf->nbureaus];
	hours_local(scan.bureau, now, &tm);
	(void)snprintf(scan.date, sizeof(scan.date), "%04d-%02d-%02d", (tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100,
		tm.tm_mday % 100);
	scan.campaign_id = 0;
	if (conf_time_of_day(scan.bureau->scan_at, &minute) != 0 || tm.tm_hour * 60 + tm.tm_min < minute)
		return;
	struct pg_params *p = pg_params_new();
	pg_param_int(p, scan.bureau->id);
	pg_param_text(p, scan.date);
	scan.claimed = false;
	scan.asking = pg_run(g->pg_side, STMT_SCAN_RUN_CLAIM, p, NULL, on_claim, on_claim_end) == 0;
	pg_params_free(p);
}

void
daily_stop(struct gateway *g)
{
	(void)g;
	scan.stopped = true;
	if (scan.child != 0)
		program_end(scan.child);
	scan.child = 0;
}
