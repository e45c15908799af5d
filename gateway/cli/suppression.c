/* huizhi suppression: the phones that get no reminders; one more, or one less, each with its reason in the trail. */
#include <stdio.h>
#include <string.h>

#include "gateway/cli/commands.h"

#define REASON_MAX 200 /* octets, as programs may give */

static bool
ask(struct pg_params *p, const struct conf_bureau *b, void *arg)
{
	(void)b;
	pg_param_text(p, NULL);
	pg_param_text(p, NULL);
	pg_param_int(p, *(int64_t *)arg);
	return true;
}

static int
list(struct cli *c, int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{"bureau", "BUREAU"}, {"phone", "PHONE"}, {"reason", "REASON"}, {"since", "SINCE"}, {NULL, NULL}};
	const char *limit_text = "1000";
	const struct cli_option options[] = {{"--limit", &limit_text, NULL}, {NULL, NULL, NULL}};
	int64_t limit;
	const struct cli_each each = {.stmt = STMT_API_SUPPRESSIONS, .ask = ask, .arg = &limit};

	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0 ||
		cli_number(c, "--limit", limit_text, 1, 1000000, &limit) != 0)
		return CLI_USAGE;
	return cli_list_each(c, &each, columns);
}

/* What add and remove have in common: a phone, a reason, who. A phone that is none is refused. */
static int
change(struct cli *c, int argc, char **argv, bool put)
{
	static const struct cli_column columns[] = {
		{"phone", "PHONE"}, {"reason", "REASON"}, {"since", "SINCE"}, {"added", "ADDED"}, {NULL, NULL}};
	const char *typed, *reason = NULL, *staff = NULL;
	const struct cli_option options[] = {{"--reason", &reason, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char phone[24], actor[80];
	bool failed;

	if (cli_args(c, argc, argv, options, &typed, 1, 1) < 0)
		return CLI_USAGE;
	if (reason == NULL || *reason == '\0' || strlen(reason) > REASON_MAX)
		return cli_usage(c, "--reason says why, in up to %d octets; it stands in the trail", REASON_MAX);
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	if (conf_phone_normalise(b, typed, phone, sizeof phone, NULL) != 0)
		return cli_fail("\"%s\" is no phone", typed);
	cli_actor(staff, actor, sizeof actor);
	struct pg_params *p = cli_params(b);
	pg_param_text(p, phone);
	pg_param_text(p, put ? reason : actor);
	pg_param_text(p, put ? actor : reason);
	json_t *row = cli_row_run(c, put ? STMT_API_SUPPRESSION_ADD : STMT_API_SUPPRESSION_REMOVE, p, b, &failed);
	if (row == NULL)
		return failed ? CLI_FAILED : cli_fail("%s gets reminders already at bureau %s", phone, b->code);
	return cli_print_object(c, row, columns);
}

static int
add(struct cli *c, int argc, char **argv)
{
	return change(c, argc, argv, true);
}

static int
take_off(struct cli *c, int argc, char **argv)
{
	return change(c, argc, argv, false);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"list", list}, {"add", add}, {"remove", take_off}, {NULL, NULL}};

	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_suppression = {
	.name = "suppression",
	.usage = "suppression list [--limit N]\n"
			 "suppression add PHONE --reason TEXT [--staff NAME]\n"
			 "suppression remove PHONE --reason TEXT [--staff NAME]\n",
	.summary = "phones that get no reminders: their holders said STOP, or the bureau was asked to",
	.help = "add     no more reminders to this phone; notices about an application that was begun still come\n"
			"remove  reminders again, because the holder asked for it: --reason says how, and stands in the trail\n",
	.run = run,
};
