/* huizhi scan: who is due for a reminder today, and the conversations that follow from it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/cli/commands.h"
#include "gateway/cli/progress.h"
#include "gateway/hours.h"
#include "gateway/import_check.h"
#include "gateway/scan_words.h"
#include "store/scan.h"

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

struct asked {
	const char *date, *item, *tag, *language, *campaign;
	bool dry_run;
	int64_t campaign_id;
};

static void
on_progress(void *arg, int64_t done, int64_t all)
{
	progress_show(arg, "scanning", done, all);
}

static json_t *
counts_json(const struct scan_counts *n)
{
	json_t *object = json_pack("{s:I, s:I, s:I, s:I, s:I}", "licences", (json_int_t)n->licences, "reminders",
		(json_int_t)n->reminders, "conversations", (json_int_t)n->conversations, "applications",
		(json_int_t)n->applications, "listed", (json_int_t)n->listed);

	json_object_set_new(object, "left_out", scan_left_out(n));
	return object;
}

static void
print_bureau(const struct conf_bureau *b, const char *date, const struct asked *a, const struct scan_counts *n)
{
	const char *words;
	int64_t count;

	printf("%s %s%s\n", b->code, date, a->dry_run ? " (dry run: nothing is changed)" : "");
	printf("%9lld  licences looked at\n", (long long)n->licences);
	printf("%9lld  reminders to %lld phones\n", (long long)n->reminders, (long long)n->conversations);
	printf("%9lld  new applications\n", (long long)n->applications);
	printf("%9lld  put on the list to phone\n", (long long)n->listed);
	puts("left out:");
	for (size_t i = 0; scan_reason(i, &words, n, &count) != NULL; i++) {
		if (count > 0)
			printf("%9lld  %s\n", (long long)count, words);
	}
}

/* Scans one bureau. The day is --date, else the campaign's, else today where the bureau is. */
static int
scan_bureau(struct cli *c, PGconn *conn, const struct conf_bureau *b, const struct asked *a, json_t *list,
	struct scan_counts *sum)
{
	struct scan_campaign campaign = {0};
	struct scan_counts n = {0};
	const char *error;
	char today[24];
	json_t *object;
	struct tm tm;
	struct scan_options o = {
		.bureau_id = b->id,
		.date = a->date,
		.item = a->item,
		.tag = a->tag,
		.language = a->language,
		.campaign_id = a->campaign_id,
		.dry_run = a->dry_run,
		.actor = "clock",
		.stop = &stopped,
		.on_progress = on_progress,
	};
	char *trial = conf_trial(b);
	int rc = 0;

	o.trial = trial;
	if (a->campaign_id != 0) {
		if ((!a->dry_run && scan_campaign_lock(conn, b->id, a->campaign_id, &error) < 0) ||
			scan_campaign(conn, b->id, a->campaign_id, &campaign, &error) < 0)
			return cli_fail("%s", error);
		if (!a->dry_run && strcmp(campaign.status, "running") != 0 && strcmp(campaign.status, "canary") != 0)
			return cli_fail("campaign %lld is %s; start it first: huizhi campaign start %lld",
				(long long)a->campaign_id, campaign.status, (long long)a->campaign_id);
		o.item = campaign.item[0] ? campaign.item : NULL;
		o.tag = campaign.tag[0] ? campaign.tag : NULL;
		o.language = campaign.language[0] ? campaign.language : NULL;
		o.date = o.date ? o.date : campaign.date;
		o.list_id = campaign.listed ? a->campaign_id : 0;
	}
	if (!o.date) {
		hours_local(b, time(NULL), &tm);
		strftime(today, sizeof today, "%Y-%m-%d", &tm);
		o.date = today;
	}
	/* Another daemon's scan of the campaign was waited for: its audience is complete. */
	if (a->dry_run || !campaign.scanned) {
		o.arg = progress_new();
		rc = campaign.resend_of != 0 && !a->dry_run ? scan_campaign_release(conn, b->id, a->campaign_id, &error) : 0;
		if (rc == 0)
			rc = scan_run(conn, &o, &n, &error);
		progress_end(o.arg);
	}
	free(trial);
	if (rc == 0 && a->campaign_id != 0 && !a->dry_run && !campaign.scanned)
		rc = scan_campaign_done(conn, b->id, a->campaign_id, &error);
	if (rc < 0)
		return cli_fail("bureau %s: %s", b->code, error);
	scan_add(sum, &n);
	if (!c->json) {
		print_bureau(b, o.date, a, &n);
		return CLI_DONE;
	}
	object = counts_json(&n);
	json_object_set_new(object, "bureau", json_string(b->code));
	json_object_set_new(object, "date", json_string(o.date));
	json_array_append_new(list, object);
	return CLI_DONE;
}

static int
check_asked(struct cli *c, struct asked *a, const struct conf_bureau *bureaus, size_t n, char date[11])
{
	char fault[CHECK_FAULT_MAX + 1];
	bool known = a->item == NULL;

	if (a->date) {
		if (check_date(a->date, date, fault) < 0)
			return cli_usage(c, "--date \"%s\" %s", a->date, fault);
		a->date = date;
	}
	if (a->campaign) {
		if (a->item || a->tag || a->language)
			return cli_usage(c, "--campaign says itself which item, tag and language");
		if (cli_number(c, "--campaign", a->campaign, 1, INT64_MAX, &a->campaign_id) < 0)
			return CLI_USAGE;
		if (n != 1)
			return cli_usage(c, "a campaign belongs to one bureau; name it with --bureau");
	}
	for (size_t i = 0; i < n && !known; i++)
		known = conf_item_for(c->conf, &bureaus[i], a->item) != NULL;
	if (!known)
		return cli_fail("item %s is not offered%s", a->item, n == 1 ? " at this bureau" : " at any bureau");
	return CLI_DONE;
}

static int
run(struct cli *c, int argc, char **argv)
{
	struct asked a = {0};
	const struct cli_option options[] = {
		{"--date", &a.date, NULL},
		{"--item", &a.item, NULL},
		{"--tag", &a.tag, NULL},
		{"--language", &a.language, NULL},
		{"--campaign", &a.campaign, NULL},
		{"--dry-run", NULL, &a.dry_run},
		{NULL, NULL, NULL},
	};
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	const struct conf_bureau *bureaus;
	struct scan_counts sum = {0};
	json_t *list, *object;
	PGconn *conn;
	char date[11];
	size_t n;
	int rc;

	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0)
		return CLI_USAGE;
	bureaus = cli_bureaus(c, &n);
	if (n == 0)
		return CLI_FAILED;
	rc = check_asked(c, &a, bureaus, n, date);
	if (rc != CLI_DONE)
		return rc;
	if (cli_pg(c) == NULL)
		return CLI_FAILED;
	conn = pg_raw_begin(c->pg);
	if (!conn)
		return cli_fail("could not use the connection to the database; try again");
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	list = json_array();
	for (size_t i = 0; i < n && rc == CLI_DONE; i++)
		rc = scan_bureau(c, conn, &bureaus[i], &a, list, &sum);
	pg_raw_end(c->pg);
	if (rc != CLI_DONE || !c->json) {
		json_decref(list);
		return rc;
	}
	object = counts_json(&sum);
	json_object_set_new(object, "dry_run", json_boolean(a.dry_run));
	json_object_set_new(object, "bureaus", list);
	return cli_print_object(c, object, NULL);
}

const struct cli_command cli_scan = {
	.name = "scan",
	.usage = "scan [--date YYYY-MM-DD] [--dry-run] [--bureau CODE] [--item CODE] [--tag TAG] [--language LANG]\n"
			 "scan --campaign ID [--dry-run] [--bureau CODE]\n",
	.summary = "find the licences that are due for a reminder and begin their conversations",
	.help =
		"Each licence inside its item's legal window is reminded once for each reminder day. Licences of one holder "
		"are\n"
		"grouped in one conversation; the daemon sends it. Whoever has no mobile number is put on the list to phone.\n"
		"Running it again on the same day changes nothing. --dry-run changes nothing and counts the same. The day is\n"
		"today at the bureau unless --date says another. The daemon scans by itself at the bureau's scan_at.\n",
	.run = run,
};
