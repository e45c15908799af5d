/* huizhi campaign: bulk runs of reminders; the rows are made and moved here, the daemon does the work. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gateway/cli/commands.h"

static const struct cli_column columns[] = {
	{"bureau", "BUREAU"},
	{"id", "ID"},
	{"name", "NAME"},
	{"status", "STATUS"},
	{"item", "ITEM"},
	{"tag", "TAG"},
	{"language", "LANGUAGE"},
	{"on_date", "DAY"},
	{"audience", "AUDIENCE"},
	{"queued", "QUEUED"},
	{"sent", "SENT"},
	{"delivered", "DELIVERED"},
	{"failed", "FAILED"},
	{"answered", "ANSWERED"},
	{"rate", "PER SECOND"},
	{"canary", "CANARY"},
	{"created_by", "BY"},
	{"started_at", "STARTED"},
	{"ended_at", "ENDED"},
	{NULL, NULL},
};
/* The list leaves out what only `show` counts. */
static const struct cli_column list_columns[] = {
	{"bureau", "BUREAU"},
	{"id", "ID"},
	{"name", "NAME"},
	{"status", "STATUS"},
	{"item", "ITEM"},
	{"tag", "TAG"},
	{"on_date", "DAY"},
	{"audience", "AUDIENCE"},
	{"started_at", "STARTED"},
	{"ended_at", "ENDED"},
	{NULL, NULL},
};

/* Today where the bureau is (cli_conf has set the zone), as YYYY-MM-DD. */
static void
today(char out[11])
{
	struct tm tm;
	time_t now = time(NULL);
	localtime_r(&now, &tm);
	strftime(out, 11, "%Y-%m-%d", &tm);
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
	char day[11], actor[80];
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
	if (cli_pg(c) == NULL)
		return CLI_FAILED;
	if (date == NULL)
		today(day);

	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_text(p, item);
	pg_param_text(p, tag);
	pg_param_text(p, language);
	pg_param_text(p, date != NULL ? date : day);
	pg_param_text(p, name);
	pg_param_int(p, rate);
	pg_param_int(p, canary);
	pg_param_text(p, cli_actor(staff, actor, sizeof actor));
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

static int
list(struct cli *c, int argc, char **argv)
{
	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	return cli_list_bureaus(c, STMT_CAMPAIGN_LIST, list_columns);
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
load(struct cli *c, const struct conf_bureau *b, int64_t id)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_int(p, id);
	PGresult *res = cli_run(c, STMT_CAMPAIGN_SHOW, p);
	pg_params_free(p);
	if (res != NULL && PQntuples(res) == 0) {
		cli_fail("bureau %s has no campaign %lld", b->code, (long long)id);
		PQclear(res);
		res = NULL;
	}
	return res;
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
	PGresult *res = load(c, b, id);
	if (res == NULL)
		return CLI_FAILED;
	json_t *rows = cli_rows(res, b);
	PQclear(res);
	json_t *row = json_incref(json_array_get(rows, 0));
	json_decref(rows);
	return cli_print_object(c, row, columns);
}

/* Moves a campaign to `to` when it is in one of `from` (NULL-ended). */
static int
move(struct cli *c, int argc, char **argv, const char *to, const char *const *from, const char *sentence)
{
	const char *staff = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char actor[80];
	int64_t id;
	if (read_id(c, argc, argv, options, &id) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;

	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_int(p, id);
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
		res = load(c, b, id);
		if (res == NULL)
			return CLI_FAILED;
		int code =
			cli_fail("campaign %lld is %s; %s", (long long)id, PQgetvalue(res, 0, PQfnumber(res, "status")), sentence);
		PQclear(res);
		return code;
	}
	if (c->json)
		return cli_print_object(
			c, json_pack("{s:s, s:I, s:s}", "bureau", b->code, "id", (json_int_t)id, "status", to), NULL);
	printf("campaign %lld: %s\n", (long long)id, to);
	return CLI_DONE;
}

static int
start(struct cli *c, int argc, char **argv)
{
	static const char *const from[] = {"draft", NULL};
	return move(c, argc, argv, "running", from, "only a draft can be started");
}

static int
pause_campaign(struct cli *c, int argc, char **argv)
{
	static const char *const from[] = {"running", NULL};
	return move(c, argc, argv, "paused", from, "only a running one can be paused");
}

static int
resume(struct cli *c, int argc, char **argv)
{
	static const char *const from[] = {"paused", NULL};
	return move(c, argc, argv, "running", from, "only a paused one can be resumed");
}

static int
stop(struct cli *c, int argc, char **argv)
{
	static const char *const from[] = {"draft", "running", "paused", NULL};
	return move(c, argc, argv, "stopped", from, "it is over");
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
	.help = "A campaign reminds the holders of licences of one item, tag or language (all, where not given) that are "
			"inside\n"
			"their window on its day. `create` makes a draft and counts its audience; `start` hands it to the daemon.\n"
			"--rate N    at most N texts a second (0: the link's own rate)\n"
			"--canary N  send to the first N and hold until `resume`\n",
	.run = run,
};
