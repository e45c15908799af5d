/* huizhi campaign: bulk runs of reminders; the rows are made and moved here, the daemon does the work. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gateway/campaign_plan.h"
#include "gateway/cli/commands.h"
#include "gateway/cli/progress.h"
#include "gateway/hours.h"
#include "store/scan.h"

#define AT_ONCE 2000 /* talks or texts that one statement takes back */

static const struct cli_column columns[] = {
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

static int64_t
number_of(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

static bool
is(const json_t *row, const char *status)
{
	return strcmp(json_string_value(json_object_get(row, "status")), status) == 0;
}

/* ---- create ----------------------------------------------------------------------------------------------------- */

static void
on_progress(void *arg, int64_t done, int64_t all)
{
	progress_show(arg, "counting", done, all);
}

/* The phones that a scan with these words would remind now; -1 with the reason printed. */
static int64_t
count_audience(struct cli *c, struct scan_options *o)
{
	struct scan_counts counts;
	const char *error;
	PGconn *conn = pg_raw_begin(c->pg);
	if (conn == NULL) {
		cli_fail("could not use the connection to the database; try again");
		return -1;
	}
	o->dry_run = true;
	o->actor = "clock";
	o->on_progress = on_progress;
	o->arg = progress_new();
	int rc = scan_run(conn, o, &counts, &error);
	progress_end(o->arg);
	if (rc < 0)
		cli_fail("the audience could not be counted: %s", error);
	pg_raw_end(c->pg);
	return rc < 0 ? -1 : counts.conversations;
}

static bool
speaks(const struct conf_bureau *b, const char *language)
{
	for (size_t i = 0; i < b->nlanguages; i++) {
		if (strcmp(b->languages[i], language) == 0)
			return true;
	}
	return false;
}

static int
create(struct cli *c, int argc, char **argv)
{
	const char *name, *item = NULL, *tag = NULL, *language = NULL, *date = NULL, *rate_text = "0", *canary_text = "0";
	const char *staff = NULL;
	const struct cli_option options[] = {{"--item", &item, NULL}, {"--tag", &tag, NULL},
		{"--language", &language, NULL}, {"--date", &date, NULL}, {"--rate", &rate_text, NULL},
		{"--canary", &canary_text, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	int64_t rate, canary;
	char day[24], actor[80];
	struct tm tm = {0};

	if (cli_args(c, argc, argv, options, &name, 1, 1) < 0 ||
		cli_number(c, "--rate", rate_text, 0, 100000, &rate) != 0 ||
		cli_number(c, "--canary", canary_text, 0, 1000000, &canary) != 0)
		return CLI_USAGE;
	const char *rest = date != NULL ? strptime(date, "%Y-%m-%d", &tm) : "";
	if (rest == NULL || *rest != '\0')
		return cli_usage(c, "\"%s\" is no day; write YYYY-MM-DD", date);
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL)
		return CLI_FAILED;
	if (item != NULL && conf_item_for(c->conf, b, item) == NULL)
		return cli_fail("bureau %s does not offer the item \"%s\"", b->code, item);
	if (language != NULL && !speaks(b, language))
		return cli_fail("bureau %s does not write in the language \"%s\"", b->code, language);
	if (cli_pg(c) == NULL)
		return CLI_FAILED;
	if (date == NULL) {
		hours_local(b, (int64_t)time(NULL), &tm);
		strftime(day, sizeof day, "%Y-%m-%d", &tm);
		date = day;
	}
	int64_t audience = count_audience(
		c, &(struct scan_options){.bureau_id = b->id, .date = date, .item = item, .tag = tag, .language = language});
	if (audience < 0)
		return CLI_FAILED;

	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_text(p, item);
	pg_param_text(p, tag);
	pg_param_text(p, language);
	pg_param_text(p, date);
	pg_param_text(p, name);
	pg_param_int(p, rate);
	pg_param_int(p, canary);
	pg_param_text(p, cli_actor(staff, actor, sizeof actor));
	pg_param_int(p, audience);
	PGresult *res = cli_run(c, STMT_CAMPAIGN_CREATE, p);
	pg_params_free(p);
	if (res == NULL)
		return CLI_FAILED;
	json_t *rows = cli_rows(res, b);
	PQclear(res);
	json_t *row = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	return cli_print_object(c, row, columns);
}

/* ---- list, show ------------------------------------------------------------------------------------------------- */

static int
list(struct cli *c, int argc, char **argv)
{
	size_t n, k;
	json_t *row;
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *all = json_array();
	for (size_t i = 0; i < n; i++) {
		struct pg_params *p = pg_params_new();
		pg_param_int(p, b[i].id);
		pg_param_text(p, NULL);
		pg_param_text(p, NULL);
		PGresult *res = cli_run(c, STMT_CAMPAIGN_LIST, p);
		pg_params_free(p);
		if (res == NULL) {
			json_decref(all);
			return CLI_FAILED;
		}
		json_t *rows = cli_rows(res, &b[i]);
		PQclear(res);
		json_array_foreach (rows, k, row)
			campaign_end_add(c->conf, &b[i], row);
		json_array_extend(all, rows);
		json_decref(rows);
	}
	return cli_print_list(c, all, list_columns);
}

/* The one word is the campaign's id. */
static int
read_id(struct cli *c, int argc, char **argv, const struct cli_option *options, int64_t *id)
{
	const char *word;
	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0)
		return -1;
	return cli_number(c, "campaign", word, 1, INT64_MAX, id);
}

static PGresult *
run_for(struct cli *c, enum stmt s, const struct conf_bureau *b, int64_t id)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_int(p, id);
	PGresult *res = cli_run(c, s, p);
	pg_params_free(p);
	return res;
}

/* The campaign with its progress; NULL with the reason printed. */
static json_t *
load(struct cli *c, const struct conf_bureau *b, int64_t id)
{
	PGresult *res = run_for(c, STMT_CAMPAIGN_SHOW, b, id);
	if (res == NULL)
		return NULL;
	json_t *rows = cli_rows(res, b);
	PQclear(res);
	json_t *row = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	if (row == NULL)
		cli_fail("bureau %s has no campaign %lld", b->code, (long long)id);
	else
		campaign_end_add(c->conf, b, row);
	return row;
}

static void
print_bar(const json_t *row)
{
	int64_t sent = number_of(row, "sent"), all = sent + campaign_texts_left(row);
	int percent = all > 0 ? (int)(sent * 100 / all) : is(row, "done") ? 100 : 0;
	putchar('[');
	for (int i = 0; i < 50; i++)
		putchar(i < percent / 2 ? '#' : '.');
	printf("] %d %%  %lld of %lld texts sent\n", percent, (long long)sent, (long long)all);
}

static int
show(struct cli *c, int argc, char **argv)
{
	int64_t id;
	if (read_id(c, argc, argv, NULL, &id) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *row = load(c, b, id);
	if (row == NULL)
		return CLI_FAILED;
	if (!c->json && isatty(STDOUT_FILENO) && !is(row, "draft"))
		print_bar(row);
	if (!c->json && is(row, "canary"))
		printf("held after its first %lld texts: %lld delivered, %lld failed, %lld without a receipt yet;\n"
			   "`huizhi campaign resume %lld` lets the others go, `stop` ends it\n",
			(long long)number_of(row, "sent"), (long long)number_of(row, "delivered"),
			(long long)number_of(row, "failed"),
			(long long)(number_of(row, "sent") - number_of(row, "delivered") - number_of(row, "failed")),
			(long long)id);
	return cli_print_object(c, row, columns);
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
	if (read_id(c, argc, argv, options, &a->id) != 0)
		return CLI_USAGE;
	a->b = cli_bureau(c);
	if (a->b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;

	struct pg_params *p = pg_params_new();
	pg_param_int(p, a->b->id);
	pg_param_int(p, a->id);
	pg_array_begin(p);
	for (; *from != NULL; from++)
		pg_array_text(p, *from);
	pg_array_end(p);
	pg_param_text(p, to);
	pg_param_text(p, cli_actor(staff, actor, sizeof actor));
	PGresult *res = cli_run(c, STMT_CAMPAIGN_MOVE, p);
	pg_params_free(p);
	if (res == NULL)
		return CLI_FAILED;
	bool moved = PQntuples(res) == 1;
	PQclear(res);
	if (!moved) {
		json_t *row = load(c, a->b, a->id);
		if (row == NULL)
			return CLI_FAILED;
		cli_fail("campaign %lld is %s; %s", (long long)a->id, json_string_value(json_object_get(row, "status")),
			is(row, "canary") && strcmp(to, "paused") == 0 ? "it is held already" : sentence);
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
	json_t *row = load(c, a->b, a->id), *warnings = json_array();
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
	struct pg_params *p = pg_params_new();
	pg_param_int(p, a->b->id);
	pg_param_int(p, a->id);
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

static int
start(struct cli *c, int argc, char **argv)
{
	static const char *const from[] = {"draft", NULL};
	struct asked a;
	int code = move(c, argc, argv, "running", from, "only a draft can be started", &a);
	if (code != CLI_DONE)
		return code;
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
	int64_t n = AT_ONCE;
	while (n == AT_ONCE) {
		struct pg_params *p = pg_params_new();
		pg_param_int(p, a->b->id);
		pg_param_int(p, a->id);
		pg_param_int(p, AT_ONCE);
		PGresult *res = cli_run(c, s, p);
		pg_params_free(p);
		if (res == NULL)
			return -1;
		n = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
		PQclear(res);
	}
	return 0;
}

/* It works beside the daemon, which takes back the same; what is busy just now the daemon's next look finds. */
static int
stop(struct cli *c, int argc, char **argv)
{
	/* Done means sent: what carriers still hold can be taken back. */
	static const char *const from[] = {"draft", "running", "canary", "paused", "done", NULL};
	struct asked a;
	int code = move(c, argc, argv, "stopped", from, "it is over", &a);
	if (code != CLI_DONE)
		return code;
	PGresult *res = NULL;
	if (take_back(c, STMT_CAMPAIGN_TAKE_BACK, &a) == 0 && take_back(c, STMT_CAMPAIGN_END_UNASKED, &a) == 0)
		res = run_for(c, STMT_CAMPAIGN_NOT_ASKED, a.b, a.id);
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
	static const struct cli_sub subs[] = {{"create", create}, {"list", list}, {"show", show}, {"start", start},
		{"pause", pause_campaign}, {"resume", resume}, {"stop", stop}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_campaign = {
	.name = "campaign",
	.usage =
		"campaign create NAME [--item CODE] [--tag TAG] [--language L] [--date YYYY-MM-DD] [--rate N] [--canary N]\n"
		"campaign list\n"
		"campaign show ID\n"
		"campaign start|pause|resume|stop ID [--staff NAME]\n",
	.summary = "bulk runs of reminders: audience, rate, progress",
	.help =
		"A campaign reminds the holders of licences of one item, tag or language (all, where not given) that are due\n"
		"for a reminder on its day (today, unless --date says another). `create` makes a draft and counts the phones "
		"of\n"
		"its audience; `start` hands it to the daemon, says when it will end, and warns when that is not inside the\n"
		"sending hours or after a licence has left its legal window.\n"
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
