/* huizhi trail: what happened to an application. */
#include <stdio.h>

#include "gateway/cli/commands.h"
#include "gateway/cli/trail.h"
#include "store/view.h"

static const struct cli_column columns[] = {{"at", "TIME"}, {"kind", "WHAT"}, {"actor", "WHO"},
	{"application", "APPLICATION"}, {"data", "DETAILS"}, {NULL, NULL}};

static int
show(struct cli *c, int argc, char **argv)
{
	const char *word;
	int64_t id;
	size_t n;
	if (cli_args(c, argc, argv, NULL, &word, 1, 1) < 0 || cli_number(c, "application", word, 1, INT64_MAX, &id) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;
	struct pg_params *p = pg_params_new();
	PGresult *res = NULL;
	json_t *rows = NULL;
	for (size_t i = 0; i < n; i++) {
		pg_params_reset(p);
		pg_param_int(p, b[i].id);
		pg_param_int(p, id);
		res = cli_run(c, STMT_VIEW_TRAIL, p);
		if (res == NULL || PQntuples(res) > 0) {
			if (res != NULL)
				rows = cli_rows(res, &b[i]);
			break;
		}
		PQclear(res);
		res = NULL;
		if (i + 1 == n)
			cli_fail("there is no application %lld", (long long)id);
	}
	PQclear(res);
	pg_params_free(p);
	return rows == NULL ? CLI_FAILED : cli_print_list(c, rows, columns);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {
		{"show", show}, {"verify", trail_verify}, {"seal", trail_seal}, {"export", trail_export}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_trail = {
	.name = "trail",
	.usage = "trail show ID\n"
			 "trail verify [ID] [--expect NUMBER:HEAD]\n"
			 "trail verify --export FILE --public-key FILE[,FILE...]\n"
			 "trail seal\n"
			 "trail export FILE|-\n",
	.summary = "what happened to an application, and whether the trail is whole and unaltered",
	.help =
		"verify follows every application (or one) through its events: it begins as due, each event moves it as is\n"
		"allowed from where the one before left it, the last one leaves it where it stands now, and times do not run\n"
		"backwards. Then it checks every bureau's events against their seals and names each that was altered, "
		"inserted\n"
		"or is missing. Data that an order has blacked out are good when the order is signed, and counted.\n"
		"seal     seals what is new; the daemon does it every seal_seconds\n"
		"export   the trail with its seals, a line of JSON each, for an auditor; - is standard output\n"
		"--export --public-key  check such a file with the bureau's public keys (sign.N.pub) alone, without database\n"
		"--expect the seal of that number must have that head, as verify printed it once: shows that nothing was cut\n"
		"         off at the end, which no seal can show by itself\n"
		"What was written and not sealed yet is counted as such; nothing is proven of it.\n",
	.run = run,
};
