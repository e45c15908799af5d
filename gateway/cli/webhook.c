/* huizhi webhook: who is told of events, what became of the deliveries, and bringing them again. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "gateway/cli/commands.h"
#include "gateway/webhook_add.h"

/* Cuts a list at its commas, in place. */
static size_t
cut(char *list, const char **words)
{
	size_t n = 0;

	for (char *save = NULL, *word = strtok_r(list, ",", &save); word != NULL && n < WEBHOOK_EVENTS_MAX;
		 word = strtok_r(NULL, ",", &save))
		words[n++] = word;
	return n;
}

static int
add(struct cli *c, int argc, char **argv)
{
	const char *url, *list = NULL, *staff = NULL, *events[WEBHOOK_EVENTS_MAX];
	const struct cli_option options[] = {{"--events", &list, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char secret[48], actor[80], words[2000];

	if (cli_args(c, argc, argv, options, &url, 1, 1) < 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_keys(c) == NULL)
		return CLI_FAILED;
	(void)snprintf(words, sizeof words, "%s", list != NULL ? list : "");
	struct pg_params *p = cli_params(b);
	struct webhook_wrong wrong;
	bool good = webhook_add(
		p, c->conf, c->keys, url, events, cut(words, events), cli_actor(staff, actor, sizeof actor), secret, &wrong);
	PGresult *res = NULL;
	int code = CLI_DONE;
	if (!good)
		code = cli_fail("%s %s", url, wrong.words);
	else if (cli_pg(c) == NULL || (res = cli_run(c, STMT_WEBHOOK_ADD, p)) == NULL)
		code = CLI_FAILED;
	pg_params_free(p);
	if (res != NULL && c->json) {
		json_t *rows = cli_rows(res, b), *row = json_incref(json_array_get(rows, 0));
		json_decref(rows);
		json_object_del(row, "told");
		json_object_set_new(row, "secret", json_string(secret));
		code = cli_print_object(c, row, NULL);
	} else if (res != NULL) {
		printf(
			"webhook %s: %s\nsecret: %s\nThis is the only time that the secret is shown; it checks the signatures.\n",
			PQgetvalue(res, 0, 0), url, secret);
	}
	PQclear(res);
	sodium_memzero(secret, sizeof secret);
	return code;
}

static int
list(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"id", "ID"}, {"url", "ADDRESS"},
		{"events", "EVENTS"}, {"pending", "WAITING"}, {"delivered", "DELIVERED"}, {"dead", "DEAD"},
		{"paused_at", "PAUSED"}, {"created_at", "SINCE"}, {"created_by", "BY"}, {NULL, NULL}};

	if (cli_args(c, argc, argv, NULL, NULL, 0, 0) < 0)
		return CLI_USAGE;
	return cli_list_bureaus(c, STMT_WEBHOOK_LIST, columns);
}

/* Runs a statement and prints its rows as a list; `nothing` is said when there are none, if it is not NULL. */
static int
print_rows(struct cli *c, const struct conf_bureau *b, enum stmt s, struct pg_params *p,
	const struct cli_column *columns, const char *nothing)
{
	if (cli_pg(c) == NULL) {
		pg_params_free(p);
		return CLI_FAILED;
	}
	json_t *rows = cli_rows_run(c, s, p, b), *row;
	size_t i;
	if (rows == NULL)
		return CLI_FAILED;
	if (nothing != NULL && json_array_size(rows) == 0) {
		json_decref(rows);
		return cli_fail("%s", nothing);
	}
	json_array_foreach (rows, i, row)
		json_object_del(row, "told");
	return cli_print_list(c, rows, columns);
}

static int
deliveries(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"id", "ID"}, {"webhook", "WEBHOOK"}, {"event", "EVENT"},
		{"state", "STATE"}, {"attempts", "TRIES"}, {"status", "ANSWER"}, {"error", "ERROR"}, {"next_at", "NEXT"},
		{"created_at", "SINCE"}, {"ended_at", "ENDED"}, {NULL, NULL}};
	const char *word = NULL, *state = NULL, *limit_text = "100";
	const struct cli_option options[] = {{"--state", &state, NULL}, {"--limit", &limit_text, NULL}, {NULL, NULL, NULL}};
	int64_t id = 0, limit;
	int n = cli_args(c, argc, argv, options, &word, 0, 1);

	if (n < 0 || (n == 1 && cli_number(c, "webhook", word, 1, INT64_MAX, &id) != 0) ||
		cli_number(c, "--limit", limit_text, 1, 100000, &limit) != 0)
		return CLI_USAGE;
	if (state != NULL && strcmp(state, "pending") != 0 && strcmp(state, "delivered") != 0 && strcmp(state, "dead") != 0)
		return cli_usage(c, "--state is pending, delivered or dead");
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL)
		return CLI_FAILED;
	struct pg_params *p = cli_params(b);
	pg_param_id(p, id);
	pg_param_text(p, state);
	pg_param_text(p, NULL);
	pg_param_int(p, limit);
	return print_rows(c, b, STMT_WEBHOOK_DELIVERIES, p, columns, NULL);
}

static int
replay(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{"id", "ID"}, {"webhook", "WEBHOOK"}, {"event", "EVENT"}, {"state", "STATE"}, {NULL, NULL}};
	const char *word = NULL, *hook = NULL;
	const struct cli_option options[] = {{"--dead-of", &hook, NULL}, {NULL, NULL, NULL}};
	int64_t id = 0, webhook = 0;
	int n = cli_args(c, argc, argv, options, &word, 0, 1);

	if (n < 0 || (n == 1 && cli_number(c, "delivery", word, 1, INT64_MAX, &id) != 0) ||
		(hook != NULL && cli_number(c, "--dead-of", hook, 1, INT64_MAX, &webhook) != 0))
		return CLI_USAGE;
	if ((id == 0) == (webhook == 0))
		return cli_usage(c, "name one delivery, or --dead-of a webhook");
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL)
		return CLI_FAILED;
	struct pg_params *p = cli_params(b);
	pg_param_id(p, id);
	pg_param_int(p, webhook);
	return print_rows(c, b, STMT_WEBHOOK_REPLAY, p, columns,
		"there is no such delivery of a webhook that is still there; see: huizhi webhook deliveries");
}

/* The bureau and the webhook that the only word names, as $1 and $2; NULL with the exit code. */
static struct pg_params *
named_webhook(struct cli *c, int argc, char **argv, int *code)
{
	const char *word;
	int64_t id;

	*code = CLI_USAGE;
	if (cli_args(c, argc, argv, NULL, &word, 1, 1) < 0 || cli_number(c, "webhook", word, 1, INT64_MAX, &id) != 0)
		return NULL;
	*code = CLI_FAILED;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL)
		return NULL;
	struct pg_params *p = cli_params(b);
	pg_param_int(p, id);
	return p;
}

static const char no_webhook[] = "there is no such webhook; see: huizhi webhook list";

static int
remove_hook(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"id", "ID"}, {"url", "ADDRESS"}, {"events", "EVENTS"}, {NULL, NULL}};
	int code;
	struct pg_params *p = named_webhook(c, argc, argv, &code);

	return p == NULL ? code : print_rows(c, cli_bureau(c), STMT_WEBHOOK_REMOVE, p, columns, no_webhook);
}

static int
hold(struct cli *c, int argc, char **argv, bool held)
{
	static const struct cli_column columns[] = {
		{"id", "ID"}, {"url", "ADDRESS"}, {"events", "EVENTS"}, {"paused_at", "PAUSED"}, {NULL, NULL}};
	int code;
	struct pg_params *p = named_webhook(c, argc, argv, &code);

	if (p == NULL)
		return code;
	pg_param_bool(p, held);
	return print_rows(c, cli_bureau(c), STMT_WEBHOOK_PAUSE, p, columns, no_webhook);
}

/* Has it been answered, or tried in vain? */
static bool
is_told(const json_t *row)
{
	const char *state = json_string_value(json_object_get(row, "state")),
			   *error = json_string_value(json_object_get(row, "error"));

	return (state != NULL && strcmp(state, "pending") != 0) || (error != NULL && *error != '\0');
}

/* The delivery as it stands, looked at until it was answered or the seconds are over. NULL, printed, on failure. */
static json_t *
await_told(struct cli *c, const struct conf_bureau *b, int64_t webhook, int64_t id, int64_t seconds)
{
	const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
	json_t *row = NULL;
	bool failed;

	for (int64_t looks = 0; looks <= seconds * 10; looks++) {
		struct pg_params *p = cli_params(b);
		pg_param_int(p, webhook);
		pg_param_text(p, NULL);
		pg_param_int(p, id + 1); /* the newest below this one */
		pg_param_int(p, 1);
		json_decref(row);
		row = cli_row_run(c, STMT_WEBHOOK_DELIVERIES, p, b, &failed);
		if (row == NULL || is_told(row))
			break;
		if (looks < seconds * 10)
			nanosleep(&pause, NULL);
	}
	return row;
}

static int
test_hook(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {{"id", "DELIVERY"}, {"state", "STATE"}, {"status", "ANSWER"},
		{"error", "ERROR"}, {"attempts", "TRIES"}, {NULL, NULL}};
	const char *word, *wait = "10", *staff = NULL;
	const struct cli_option options[] = {{"--wait", &wait, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char actor[80];
	int64_t id, seconds;
	bool failed;

	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0 || cli_number(c, "webhook", word, 1, INT64_MAX, &id) != 0 ||
		cli_number(c, "--wait", wait, 0, 3600, &seconds) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	struct pg_params *p = cli_params(b);
	pg_param_int(p, id);
	pg_param_text(p, cli_actor(staff, actor, sizeof actor));
	json_t *row = cli_row_run(c, STMT_WEBHOOK_TEST, p, b, &failed);
	if (row == NULL)
		return failed ? CLI_FAILED : cli_fail("%s", no_webhook);
	int64_t delivery = json_integer_value(json_object_get(row, "id"));
	json_decref(row);
	row = await_told(c, b, id, delivery, seconds);
	if (row == NULL)
		return CLI_FAILED;
	json_object_del(row, "body");
	bool good = json_is_string(json_object_get(row, "state")) &&
				strcmp(json_string_value(json_object_get(row, "state")), "delivered") == 0,
		 told = is_told(row);
	int code = cli_print_object(c, row, columns);
	if (seconds > 0 && !told)
		return cli_fail("no answer within %s s; is huizhid running? See: huizhi webhook deliveries %s", wait, word);
	return good || seconds == 0 ? code : CLI_FAILED;
}

static int
pause_hook(struct cli *c, int argc, char **argv)
{
	return hold(c, argc, argv, true);
}

static int
resume_hook(struct cli *c, int argc, char **argv)
{
	return hold(c, argc, argv, false);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"add", add}, {"list", list}, {"deliveries", deliveries}, {"replay", replay},
		{"test", test_hook}, {"pause", pause_hook}, {"resume", resume_hook}, {"remove", remove_hook}, {NULL, NULL}};

	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_webhook = {
	.name = "webhook",
	.usage = "webhook add URL [--events EVENT,...] [--staff NAME]\n"
			 "webhook list\n"
			 "webhook deliveries [WEBHOOK] [--state pending|delivered|dead] [--limit N]\n"
			 "webhook replay DELIVERY | --dead-of WEBHOOK\n"
			 "webhook test WEBHOOK [--wait SECONDS] [--staff NAME]\n"
			 "webhook pause WEBHOOK\n"
			 "webhook resume WEBHOOK\n"
			 "webhook remove WEBHOOK\n",
	.summary = "events for the bureau's other systems",
	.help =
		"Each event is posted as JSON to the address, until that answers 2xx: again and again with growing waits\n"
		"(webhook_tries, webhook_backoff_seconds); then it is dead, and `replay` brings it again. `pause` lets events\n"
		"wait until `resume`. `test` brings one of the type webhook.test to this webhook alone, and tells how it was\n"
		"answered. Events are\n"
		"  application.due reminded phoned consented identity_proven verified confirmed said_wrong pledged submitted\n"
		"              left_to_clerk approved rejected old_received ready sent collected said_received pledge_passed\n"
		"              pledge_failed declined unreachable wrong_number withdrawn closed rated complained; all others "
		"of\n"
		"              its trail come with application.*\n"
		"  conversation.ended  opt_out  opt_in  message.failed\n"
		"  campaign.created running canary paused stopped done\n"
		"Give full names, such as application.approved, or a group: application.*, conversation.*, campaign.*, or *.\n"
		"The header Huizhi-Signature is t=TIME,v1=HEX: the HMAC-SHA256 of TIME, a full stop and the body, with the\n"
		"secret that `add` shows once. An event may come twice; its `id` tells. Addresses in private networks are\n"
		"refused unless webhook_allow names them.\n",
	.run = run,
};
