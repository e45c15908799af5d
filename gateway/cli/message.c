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

static int
list(struct cli *c, int argc, char **argv)
{
	const char *typed = NULL, *limit_text = "1000";
	const struct cli_option options[] = {{"--phone", &typed, NULL}, {"--limit", &limit_text, NULL}, {NULL, NULL, NULL}};
	char phone[24];
	int64_t limit;
	size_t n;
	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0 ||
		cli_number(c, "--limit", limit_text, 1, 1000000, &limit) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;

	json_t *all = json_array();
	struct pg_params *p = pg_params_new();
	bool any = typed == NULL, failed = false;
	for (size_t i = 0; i < n && !failed; i++) {
		if (typed != NULL && conf_phone_normalise(&b[i], typed, phone, sizeof phone, NULL) != 0)
			continue;
		any = true;
		pg_params_reset(p);
		pg_param_int(p, b[i].id);
		if (typed != NULL)
			pg_param_text(p, phone);
		pg_param_int(p, limit);
		PGresult *res = cli_run(c, typed != NULL ? STMT_VIEW_TEXTS : STMT_VIEW_MESSAGES, p);
		failed = res == NULL;
		if (res != NULL) {
			json_t *rows = cli_rows(res, &b[i]);
			delivery_rows(rows, cli_language());
			json_array_extend(all, rows);
			json_decref(rows);
		}
		PQclear(res);
	}
	pg_params_free(p);
	if (!failed && any)
		return cli_print_list(c, all, columns);
	json_decref(all);
	return failed ? CLI_FAILED : cli_fail("\"%s\" is no telephone number", typed);
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
