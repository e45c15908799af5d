/* huizhi campaign: bulk runs of reminders; the rows are made and moved here, the daemon does the work. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/campaign_plan.h"
#include "gateway/cli/campaign.h"
#include "gateway/cli/commands.h"
#include "gateway/cli/progress.h"
#include "gateway/figures.h"
#include "gateway/hours.h"
#include "store/scan.h"
#include "store/view.h"

#define AT_ONCE 2000	 /* talks or texts that one statement takes back */
#define COUNT_AT_ONCE 20 /* large campaigns whose figures have aged, counted for one list */

const struct cli_column campaign_columns[] = {
	{"bureau", "BUREAU"},
	{"id", "ID"},
	{"name", "NAME"},
	{"status", "STATUS"},
	{"item", "ITEM"},
	{"tag", "TAG"},
	{"language", "LANGUAGE"},
	{"on_date", "DAY"},
	{"rate", "PER SECOND"},
	{"canary", "CANARY"},
	{"audience", "AUDIENCE"},
	{"queued", "QUEUED"},
	{"sent", "SENT"},
	{"delivered", "DELIVERED"},
	{"failed", "FAILED"},
	{"answered", "ANSWERED"},
	{"yes", "YES"},
	{"no", "NO"},
	{"stop", "STOP"},
	{"not_me", "NOT ME"},
	{"created_by", "BY"},
	{"started_at", "STARTED"},
	{"estimated_end", "ENDS ABOUT"},
	{"ended_at", "ENDED"},
	{NULL, NULL},
};
static const struct cli_column list_columns[] = {
	{"bureau", "BUREAU"},
	{"id", "ID"},
	{"name", "NAME"},
	{"status", "STATUS"},
	{"item", "ITEM"},
	{"tag", "TAG"},
	{"audience", "AUDIENCE"},
	{"queued", "QUEUED"},
	{"sent", "SENT"},
	{"delivered", "DELIVERED"},
	{"failed", "FAILED"},
	{"answered", "ANSWERED"},
	{"started_at", "STARTED"},
	{"estimated_end", "ENDS ABOUT"},
	{"ended_at", "ENDED"},
	{NULL, NULL},
};

/* ---- list, show ------------------------------------------------------------------------------------------------- */

/* Large campaigns show figures that were counted: anew when they have aged. id 0 = those of the list. */
static void
count_aged(struct cli *c, const struct conf_bureau *b, int64_t id)
{
	struct pg_params *p = cli_params(b);

	if (id == 0)
		pg_param_text(p, NULL);
	else
		pg_param_int(p, id);
	pg_param_int(p, COUNT_AT_ONCE);
	PGresult *aged = cli_run(c, STMT_CAMPAIGN_AGED, p);
	pg_params_free(p);
	for (int i = 0; aged != NULL && i < PQntuples(aged); i++) {
		p = cli_params(b);
		pg_param_int(p, strtoll(PQgetvalue(aged, i, 0), NULL, 10));
		pg_param_int(p, FIGURES_SLICES);
		PQclear(cli_run(c, STMT_CAMPAIGN_COUNT, p));
		pg_params_free(p);
	}
	PQclear(aged);
}

static bool
ask_list(struct pg_params *p, const struct conf_bureau *b, void *arg)
{
	count_aged(arg, b, 0);
	pg_param_text(p, NULL);
	pg_param_text(p, NULL);
	return true;
}

static void
got_list(json_t *rows, const struct conf_bureau *b, void *arg)
{
	const struct cli *c = arg;
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row)
		campaign_end_add(c->conf, b, row);
}

static int
list(struct cli *c, int argc, char **argv)
{
	const struct cli_each each = {.stmt = STMT_CAMPAIGN_LIST, .ask = ask_list, .got = got_list, .arg = c};

	return cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0 ? CLI_USAGE : cli_list_each(c, &each, list_columns);
}

int
campaign_read_id(struct cli *c, int argc, char **argv, const struct cli_option *options, int64_t *id)
{
	const char *word;
	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0)
		return -1;
	return cli_number(c, "campaign", word, 1, INT64_MAX, id);
}

int
campaign_begin(
	struct cli *c, int argc, char **argv, const struct cli_option *options, const struct conf_bureau **b, int64_t *id)
{
	if (campaign_read_id(c, argc, argv, options, id) != 0)
		return CLI_USAGE;
	*b = cli_bureau(c);
	return *b == NULL || cli_pg(c) == NULL ? CLI_FAILED : CLI_DONE;
}

struct pg_params *
campaign_params(const struct conf_bureau *b, int64_t id)
{
	struct pg_params *p = cli_params(b);

	pg_param_int(p, id);
	return p;
}

json_t *
campaign_load(struct cli *c, const struct conf_bureau *b, int64_t id)
{
	bool failed;

	count_aged(c, b, id);
	json_t *row = cli_row_run(c, STMT_CAMPAIGN_SHOW, campaign_params(b, id), b, &failed);

	if (row != NULL)
		campaign_end_add(c->conf, b, row);
	else if (!failed)
		cli_fail("bureau %s has no campaign %lld", b->code, (long long)id);
	return row;
}

static void
print_bar(const json_t *row)
{
	int64_t sent = view_number(row, "sent"), all = sent + campaign_texts_left(row);
	int percent = all > 0 ? (int)(sent * 100 / all) : view_is(row, "status", "done") ? 100 : 0;
	putchar('[');
	for (int i = 0; i < 50; i++)
		putchar(i < percent / 2 ? '#' : '.');
	printf("] %d %%  %lld of %lld texts sent\n", percent, (long long)sent, (long long)all);
}

static int
show(struct cli *c, int argc, char **argv)
{
	const struct conf_bureau *b;
	int64_t id;
	int code = campaign_begin(c, argc, argv, NULL, &b, &id);
	json_t *row = code == CLI_DONE ? campaign_load(c, b, id) : NULL;
	if (row == NULL)
		return code == CLI_DONE ? CLI_FAILED : code;
	if (!c->json && isatty(STDOUT_FILENO) && !view_is(row, "status", "draft"))
		print_bar(row);
	if (!c->json && view_is(row, "status", "canary"))
		printf("held after its first %lld texts: %lld delivered, %lld failed, %lld without a receipt yet;\n"
			   "`huizhi campaign resume %lld` lets the others go, `stop` ends it\n",
			(long long)view_number(row, "sent"), (long long)view_number(row, "delivered"),
			(long long)view_number(row, "failed"),
			(long long)(view_number(row, "sent") - view_number(row, "delivered") - view_number(row, "failed")),
			(long long)id);
	return cli_print_object(c, row, campaign_columns);
}

/* ---- start, pause, resume, stop --------------------------------------------------------------------------------- */

struct asked {
	const struct conf_bureau *b;
	int64_t id;
	json_t *told; /* what --json prints */
};

/* Moves a campaign to `to` when it is in one of `from` (NULL-ended). */
static int
move(struct cli *c, int argc, char **argv, const char *to, const char *const *from, const char *sentence,
	struct asked *a)
{
	const char *staff = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char actor[80];
	int code = campaign_begin(c, argc, argv, options, &a->b, &a->id);
	if (code != CLI_DONE)
		return code;
	struct pg_params *p = campaign_params(a->b, a->id);
	pg_array_begin(p);
	for (; *from != NULL; from++)
		pg_array_text(p, *from);
	pg_array_end(p);
	pg_param_text(p, to);
	pg_param_text(p, cli_actor(staff, actor, sizeof actor));
	int moved = cli_change(c, STMT_CAMPAIGN_MOVE, p);
	if (moved < 0)
		return CLI_FAILED;
	if (moved == 0) {
		json_t *row = campaign_load(c, a->b, a->id);
		if (row == NULL)
			return CLI_FAILED;
		cli_fail("campaign %lld is %s; %s", (long long)a->id, json_string_value(json_object_get(row, "status")),
			view_is(row, "status", "canary") && strcmp(to, "paused") == 0 ? "it is held already" : sentence);
		json_decref(row);
		return CLI_FAILED;
	}
	a->told = json_pack("{s:s, s:I, s:s}", "bureau", a->b->code, "id", (json_int_t)a->id, "status", to);
	if (!c->json)
		printf("campaign %lld: %s\n", (long long)a->id, to);
	return CLI_DONE;
}

/* For --json; for people it was printed on the way. */
static int
tell(const struct cli *c, struct asked *a)
{
	if (c->json)
		return cli_print_object(c, a->told, NULL);
	json_decref(a->told);
	return CLI_DONE;
}

static void
warn(const char *text, json_t *warnings)
{
	fprintf(stderr, "huizhi: warning: %s\n", text);
	json_array_append_new(warnings, json_string(text));
}

/* Can it be through within the sending hours of the day, and before any licence leaves its legal window? */
static void
foresee(struct cli *c, struct asked *a)
{
	json_t *row = campaign_load(c, a->b, a->id), *warnings = json_array();
	int64_t seconds, now = (int64_t)time(NULL),
					 end = row != NULL ? campaign_end(c->conf, a->b, row, now, &seconds) : -1;
	char day[16], at[24], text[200];
	struct tm tm;

	json_object_set(a->told, "estimated_end", row != NULL ? json_object_get(row, "estimated_end") : json_null());
	json_object_set_new(a->told, "warnings", warnings);
	json_decref(row);
	if (end < 0)
		return;
	hours_local(a->b, end, &tm);
	strftime(day, sizeof day, "%Y-%m-%d", &tm);
	strftime(at, sizeof at, "%Y-%m-%d %H:%M", &tm);
	if (!c->json)
		printf("it ends about %s\n", at);
	if (end - now > seconds + 60) {
		snprintf(text, sizeof text, "it cannot finish inside the sending hours of today (%s): computed end %s",
			a->b->send_hours, at);
		warn(text, warnings);
	}
	struct pg_params *p = campaign_params(a->b, a->id);
	pg_param_text(p, day);
	PGresult *res = cli_run(c, STMT_CAMPAIGN_LATE, p);
	pg_params_free(p);
	if (res != NULL && strcmp(PQgetvalue(res, 0, 0), "0") != 0) {
		snprintf(text, sizeof text, "%s licences are past their legal window by the computed end %s",
			PQgetvalue(res, 0, 0), at);
		warn(text, warnings);
	}
	PQclear(res);
}

/* Why it could not be started: it is no draft, it waits for somebody else, or its list went out already. */
static int
refuse_start(struct cli *c, const struct conf_bureau *b, int64_t id)
{
	json_t *row = campaign_load(c, b, id);
	if (row == NULL)
		return CLI_FAILED;
	if (view_is(row, "status", "draft"))
		cli_fail("campaign %lld cannot be started: its list was sent before, or is being read", (long long)id);
	else if (view_is(row, "status", "waiting"))
		cli_fail("campaign %lld is waiting for a second person; %s has asked for it", (long long)id,
			json_string_value(json_object_get(row, "asked_by")));
	else
		cli_fail("campaign %lld is %s; only a draft can be started", (long long)id,
			json_string_value(json_object_get(row, "status")));
	json_decref(row);
	return CLI_FAILED;
}

/* "2026-11-22 09:30" by the bureau's clock -> unix seconds; -1 when it is none. */
static int64_t
read_time(const struct conf_bureau *b, const char *text)
{
	struct tm tm = {.tm_isdst = -1}, ignored;
	const char *end = strptime(text, "%Y-%m-%d %H:%M", &tm);

	if (end == NULL)
		end = strptime(text, "%Y-%m-%dT%H:%M", &tm);
	if (end == NULL || *end != '\0')
		return -1;
	hours_local(b, 0, &ignored); /* the bureau's zone is the one in force */
	return (int64_t)mktime(&tm);
}

static int
start(struct cli *c, int argc, char **argv)
{
	const char *staff = NULL, *at = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {"--at", &at, NULL}, {NULL, NULL, NULL}};
	struct asked a;
	char actor[80];
	int code = campaign_begin(c, argc, argv, options, &a.b, &a.id);
	if (code != CLI_DONE)
		return code;
	int64_t when = at == NULL ? 0 : read_time(a.b, at);
	if (when < 0)
		return cli_usage(c, "--at \"%s\" is no time; write \"2026-11-22 09:30\"", at);
	/* Whether two people are needed depends on how many it reaches now. */
	if (a.b->two_person_over > 0) {
		json_t *row = campaign_load(c, a.b, a.id);
		json_t *found = row != NULL && view_is(row, "status", "draft") ? campaign_count(c, a.b, a.id) : json_null();
		json_decref(row);
		if (row == NULL || found == NULL)
			return CLI_FAILED;
		json_decref(found);
	}
	struct pg_params *p = campaign_params(a.b, a.id);
	pg_param_text(p, cli_actor(staff, actor, sizeof actor));
	pg_param_int(p, a.b->two_person_over);
	if (at == NULL)
		pg_param_text(p, NULL);
	else
		pg_param_time(p, when * 1000000);
	PGresult *res = cli_run(c, STMT_CAMPAIGN_START, p);
	pg_params_free(p);
	if (res == NULL)
		return CLI_FAILED;
	if (PQntuples(res) != 1) {
		PQclear(res);
		return refuse_start(c, a.b, a.id);
	}
	const char *status = PQgetvalue(res, 0, 2);
	bool waits = strcmp(status, "waiting") == 0;
	a.told = json_pack("{s:s, s:I, s:s}", "bureau", a.b->code, "id", (json_int_t)a.id, "status", status);
	if (!c->json)
		printf("campaign %lld: %s\n", (long long)a.id, status);
	if (!c->json && waits)
		printf("it reaches more than %d phones: a second person starts it, on the console or with\n"
			   "`huizhi campaign start %lld --staff NAME`\n",
			a.b->two_person_over, (long long)a.id);
	PQclear(res);
	if (!waits)
		foresee(c, &a);
	return tell(c, &a);
}

static int
pause_campaign(struct cli *c, int argc, char **argv)
{
	static const char *const from[] = {"running", NULL};
	struct asked a;
	int code = move(c, argc, argv, "paused", from, "only a running one can be paused", &a);
	return code == CLI_DONE ? tell(c, &a) : code;
}

static int
resume(struct cli *c, int argc, char **argv)
{
	static const char *const from[] = {"paused", "canary", NULL};
	struct asked a;
	int code =
		move(c, argc, argv, "running", from, "only a paused one, or one held after its canary, can be resumed", &a);
	return code == CLI_DONE ? tell(c, &a) : code;
}

/* Runs a statement that takes back a number of things until it finds no more. */
static int
take_back(struct cli *c, enum stmt s, const struct asked *a)
{
	struct progress *progress = progress_new();
	int64_t n = AT_ONCE, done = 0;
	while (n == AT_ONCE) {
		struct pg_params *p = campaign_params(a->b, a->id);
		pg_param_int(p, AT_ONCE);
		PGresult *res = cli_run(c, s, p);
		pg_params_free(p);
		n = res != NULL ? strtoll(PQgetvalue(res, 0, 0), NULL, 10) : -1;
		PQclear(res);
		done += n;
		progress_show(progress, "taking back", done, -1);
	}
	progress_end(progress);
	return n < 0 ? -1 : 0;
}

/* It works beside the daemon, which takes back the same; what is busy just now the daemon's next look finds. */
static int
stop(struct cli *c, int argc, char **argv)
{
	/* Done means sent: what carriers still hold can be taken back. */
	static const char *const from[] = {"draft", "waiting", "scheduled", "running", "canary", "paused", "done", NULL};
	struct asked a;
	int code = move(c, argc, argv, "stopped", from, "it is over", &a);
	if (code != CLI_DONE)
		return code;
	PGresult *res = NULL;
	if (take_back(c, STMT_CAMPAIGN_TAKE_BACK, &a) == 0 && take_back(c, STMT_CAMPAIGN_END_UNASKED, &a) == 0) {
		struct pg_params *p = campaign_params(a.b, a.id);
		res = cli_run(c, STMT_CAMPAIGN_NOT_ASKED, p);
		pg_params_free(p);
	}
	if (res == NULL) {
		json_decref(a.told);
		return CLI_FAILED;
	}
	int64_t n = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
	PQclear(res);
	if (!c->json)
		printf("%lld holders were not asked; another campaign or the next scan reminds them\n", (long long)n);
	json_object_set_new(a.told, "not_asked", json_integer(n));
	return tell(c, &a);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"create", campaign_create}, {"audience", campaign_audience},
		{"preview", campaign_preview_show}, {"list", list}, {"show", show}, {"start", start}, {"pause", pause_campaign},
		{"resume", resume}, {"stop", stop}, {"resend", campaign_resend}, {"report", campaign_report}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_campaign = {
	.name = "campaign",
	.usage =
		"campaign create NAME [--item CODE] [--tag TAG] [--language L] [--date YYYY-MM-DD] [--rate N] [--canary N]\n"
		"                   [--staff NAME]\n"
		"campaign create NAME --file FILE.csv [--refused FILE] [--words zh|en] [--date YYYY-MM-DD] [--rate N]\n"
		"                   [--canary N] [--staff NAME]\n"
		"campaign audience ID --file FILE.csv [--refused FILE] [--words zh|en]\n"
		"campaign preview ID\n"
		"campaign list\n"
		"campaign show ID\n"
		"campaign start ID [--at \"YYYY-MM-DD HH:MM\"] [--staff NAME]\n"
		"campaign pause|resume|stop ID [--staff NAME]\n"
		"campaign report ID [--out FILE.csv]\n"
		"campaign resend ID [--name NAME] [--staff NAME]\n",
	.summary = "bulk runs of reminders: audience, rate, progress",
	.help =
		"A campaign reminds the holders of licences of one item, tag or language (all, where not given) that are due\n"
		"for a reminder on its day (today, unless --date says another). `create` makes a draft and counts the phones "
		"of\n"
		"its audience; `start` hands it to the daemon, says when it will end, and warns when that is not inside the\n"
		"sending hours or after a licence has left its legal window.\n"
		"--file F    the audience is a list: licences as `huizhi import` takes them, which are put on file (the "
		"column\n"
		"            bureau may be missing), or nothing but the column licence_no of licences that are on file. Bad "
		"rows\n"
		"            are told with their numbers and left out; the good ones can go. A list that was sent is not sent\n"
		"            again on its day, whatever its file is called.\n"
		"--refused F the bad rows go into F, with their numbers and what is wrong in the language of --words, to be\n"
		"            corrected and brought again (-: standard output, and nothing else)\n"
		"`preview` tells who is left out and why, and shows each kind of text with its parts and its cost "
		"(part_cost).\n"
		"--at TIME   starts by itself then, by the bureau's clock\n"
		"A campaign to more phones than the bureau's two_person_over waits until somebody else starts it as well.\n"
		"`report` writes a row a phone as CSV. `resend` makes a draft for those whom the carrier could not reach.\n"
		"--rate N    at most N texts a second, whatever number of daemons sends (0: the links' own rate)\n"
		"--canary N  send to the first N and hold (status canary) until `resume`\n"
		"`pause` lets nothing more go, and what is in flight ends; `resume` goes on. `stop` is for good: what has not\n"
		"left is cancelled, and who was not asked is reminded by another campaign or the next scan. Who has been "
		"asked\n"
		"is answered and reminded again as anybody. A campaign is done when everything of it has left.\n"
		"QUEUED, SENT, DELIVERED and FAILED count texts, one a phone; FAILED ones are among the SENT. ANSWERED are\n"
		"those who said yes, no, STOP or that it is not they.\n",
	.run = run,
};
