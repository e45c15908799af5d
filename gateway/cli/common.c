/* Small jobs that several commands do the same way: a list over all bureaus, a change of one named row. */
#include "gateway/cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/view.h"

const char *
cli_language(void)
{
	/* As setlocale looks them up. */
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		if (value != NULL && value[0] != '\0')
			return strncmp(value, "zh", 2) == 0 ? "zh" : "en";
	}
	return "en";
}

json_t *
cli_rows(const PGresult *res, const struct conf_bureau *b)
{
	json_t *rows = json_array();
	for (int i = 0; i < PQntuples(res); i++) {
		json_t *row = json_object(), *own = view_row(res, i);
		if (row == NULL || own == NULL)
			abort();
		json_object_set_new(row, "bureau", json_string(b->code));
		json_object_update(row, own);
		json_decref(own);
		json_array_append_new(rows, row);
	}
	return rows;
}

int
cli_list_bureaus(struct cli *c, enum stmt s, const struct cli_column *columns)
{
	size_t n;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;

	json_t *all = json_array();
	struct pg_params *p = pg_params_new();
	int code = CLI_DONE;
	for (size_t i = 0; i < n && code == CLI_DONE; i++) {
		pg_params_reset(p);
		pg_param_int(p, b[i].id);
		PGresult *res = cli_run(c, s, p);
		if (res == NULL) {
			code = CLI_FAILED;
			break;
		}
		json_t *rows = cli_rows(res, &b[i]);
		json_array_extend(all, rows);
		json_decref(rows);
		PQclear(res);
	}
	pg_params_free(p);
	if (code != CLI_DONE) {
		json_decref(all);
		return code;
	}
	return cli_print_list(c, all, columns);
}

int
cli_change_named(struct cli *c, enum stmt s, const char *name, const char *nobody, const char *done)
{
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_text(p, name);
	PGresult *res = cli_run(c, s, p);
	pg_params_free(p);
	if (res == NULL)
		return CLI_FAILED;
	bool found = PQntuples(res) > 0;
	PQclear(res);
	if (!found)
		return cli_fail("%s %s at bureau %s", nobody, name, b->code);
	if (c->json)
		return cli_print_object(c, json_pack("{s:s, s:s, s:s}", "bureau", b->code, "name", name, "result", done), NULL);
	printf("%s: %s\n", name, done);
	return CLI_DONE;
}
