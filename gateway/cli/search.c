/* huizhi search: holders and applications by what somebody was told. */
#include <stdio.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "gateway/search.h"

#define ROWS 50
#define ROWS_MAX 1000

static const struct cli_column columns[] = {{"bureau", "BUREAU"}, {"holder", "HOLDER"}, {"phone", "PHONE"},
	{"item_name", "ITEM"}, {"licence_no", "LICENCE"}, {"expires_on", "EXPIRES"}, {"application", "APPLICATION"},
	{"status", "STATUS"}, {"by", "FOUND BY"}, {NULL, NULL}};

/* Of one bureau. 0, or -1 with the reason printed; *more: there are others. */
static int
look(struct cli *c, const struct conf_bureau *b, const char *text, int limit, json_t *all, bool *more)
{
	struct search_way ways[SEARCH_WAYS];
	size_t n = search_ways(c->keys, b, text, true, limit + 1, ways);
	json_t *own = json_array();
	int rc = 0;
	for (size_t i = 0; i < n; i++) {
		PGresult *res = rc == 0 ? cli_run(c, ways[i].stmt, ways[i].params) : NULL;
		rc = res == NULL ? -1 : 0;
		if (res != NULL) {
			json_t *rows = cli_rows(res, b);
			*more = search_add(own, rows, ways[i].name, (size_t)limit) || *more;
			json_decref(rows);
		}
		PQclear(res);
		pg_params_free(ways[i].params);
	}
	json_array_extend(all, own);
	json_decref(own);
	return rc;
}

static int
run(struct cli *c, int argc, char **argv)
{
	const char *text, *limit_text = NULL;
	const struct cli_option options[] = {{"--limit", &limit_text, NULL}, {NULL, NULL, NULL}};
	int64_t limit = ROWS;
	size_t n;
	bool more = false;
	if (cli_args(c, argc, argv, options, &text, 1, 1) < 0 ||
		(limit_text != NULL && cli_number(c, "--limit", limit_text, 1, ROWS_MAX, &limit) != 0))
		return CLI_USAGE;
	if (text[0] == '\0' || strlen(text) > SEARCH_TEXT_MAX)
		return cli_usage(c, "a text to search has 1 to %d octets", SEARCH_TEXT_MAX);
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *all = json_array();
	for (size_t i = 0; i < n; i++) {
		if (look(c, &b[i], text, (int)limit, all, &more) != 0) {
			json_decref(all);
			return CLI_FAILED;
		}
	}
	if (more)
		fputs("huizhi: there are more; search for more of it, or ask for more rows with --limit\n", stderr);
	return cli_print_list(c, all, columns);
}

const struct cli_command cli_search = {
	.name = "search",
	.usage = "search TEXT [--limit N]\n",
	.summary = "find a holder or an application by name, phone, licence or application number",
	.help =
		"A name by any part of two characters or more (words with blanks between them), a phone number whole, by its\n"
		"first seven digits or its last four, a licence's or new certificate's number by how it begins or its last four\n"
		"characters, an application's number whole. A whole identity number or credit code is found by\n"
		"its keyed hash; addresses are sealed, and nobody is found by one. One row for each licence, 50 unless\n"
		"--limit says otherwise; names are masked, `application show` tells more.\n",
	.run = run,
};
