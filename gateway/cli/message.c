/* huizhi message list: texts in and out, as the citizens see them. */
#include <string.h>

#include "gateway/cli/commands.h"
#include "gateway/delivery_rows.h"

static const struct cli_column columns[] = {
	{"at", "TIME"},
	{"bureau", "BUREAU"},
	{"direction", "WAY"},
	{"phone", "PHONE"},
	{"kind", "KIND"},
	{"status", "STATUS"},
	{"error", "ERROR"},
	{"text", "TEXT"},
	{NULL, NULL},
};

struct wanted {
	const char *typed; /* a phone; NULL = all */
	int64_t limit;
	bool any; /* at some bureau it is a phone */
};

static bool
ask(struct pg_params *p, const struct conf_bureau *b, void *arg)
{
	struct wanted *w = arg;
	char phone[24];

	if (w->typed != NULL && conf_phone_normalise(b, w->typed, phone, sizeof phone, NULL) != 0)
		return false;
	w->any = true;
	if (w->typed != NULL)
		pg_param_text(p, phone);
	pg_param_int(p, w->limit);
	return true;
}

static void
got(json_t *rows, const struct conf_bureau *b, void *arg)
{
	(void)b;
	(void)arg;
	delivery_rows(rows, cli_language());
}

static int
list(struct cli *c, int argc, char **argv)
{
	struct wanted w = {0};
	const char *limit = "1000";
	const struct cli_option options[] = {{"--phone", &w.typed, NULL}, {"--limit", &limit, NULL}, {NULL, NULL, NULL}};
	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0 || cli_number(c, "--limit", limit, 1, 1000000, &w.limit) != 0)
		return CLI_USAGE;
	const struct cli_each each = {
		.stmt = w.typed != NULL ? STMT_VIEW_TEXTS : STMT_VIEW_MESSAGES, .ask = ask, .got = got, .arg = &w};
	json_t *rows = cli_rows_bureaus(c, &each);
	if (rows == NULL)
		return CLI_FAILED;
	if (w.any)
		return cli_print_list(c, rows, columns);
	json_decref(rows);
	return cli_fail("\"%s\" is no telephone number", w.typed);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"list", list}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_message = {
	.name = "message",
	.usage = "message list [--phone PHONE] [--limit N]\n",
	.summary = "texts in and out, as the citizens see them",
	.help = "With --phone in the order of time; without it the newest first, 1000 of each bureau unless --limit says "
			"another. STATUS is in Chinese where the locale is.\n",
	.run = run,
};
