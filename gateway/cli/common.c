/* Small jobs that several commands do the same way: a list over all bureaus, a change of one named row. */
#include "gateway/cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/progress.h"
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

struct pg_params *
cli_params(const struct conf_bureau *b)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, b->id);
	return p;
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

json_t *
cli_rows_run(struct cli *c, enum stmt s, struct pg_params *p, const struct conf_bureau *b)
{
	PGresult *res = cli_run(c, s, p);
	json_t *rows = res != NULL ? cli_rows(res, b) : NULL;

	pg_params_free(p);
	PQclear(res);
	return rows;
}

json_t *
cli_row_run(struct cli *c, enum stmt s, struct pg_params *p, const struct conf_bureau *b, bool *failed)
{
	json_t *rows = cli_rows_run(c, s, p, b), *row = json_incref(json_array_get(rows, 0));

	*failed = rows == NULL;
	json_decref(rows);
	return row;
}

json_t *
cli_rows_bureaus(struct cli *c, const struct cli_each *each)
{
	size_t n;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return NULL;

	json_t *all = json_array();
	struct progress *progress = each->word != NULL ? progress_new() : NULL;
	progress_wait(progress, c->base, each->word);
	for (size_t i = 0; i < n; i++) {
		struct pg_params *p = cli_params(&b[i]);
		if (each->ask != NULL && !each->ask(p, &b[i], each->arg)) {
			pg_params_free(p);
			continue;
		}
		json_t *rows = cli_rows_run(c, each->stmt, p, &b[i]);
		if (rows == NULL) {
			json_decref(all);
			all = NULL;
			break;
		}
		if (each->got != NULL)
			each->got(rows, &b[i], each->arg);
		json_array_extend(all, rows);
		json_decref(rows);
	}
	progress_end(progress);
	return all;
}

int
cli_list_each(struct cli *c, const struct cli_each *each, const struct cli_column *columns)
{
	json_t *rows = cli_rows_bureaus(c, each);

	return rows == NULL ? CLI_FAILED : cli_print_list(c, rows, columns);
}

int
cli_list_bureaus(struct cli *c, enum stmt s, const struct cli_column *columns)
{
	const struct cli_each each = {.stmt = s};

	return cli_list_each(c, &each, columns);
}

int
cli_change(struct cli *c, enum stmt s, struct pg_params *p)
{
	PGresult *res = cli_run(c, s, p);
	int rows = res != NULL ? PQntuples(res) : -1;

	pg_params_free(p);
	PQclear(res);
	return rows;
}

int
cli_told_named(const struct cli *c, const struct conf_bureau *b, const char *name, const char *done)
{
	if (c->json)
		return cli_print_object(c, json_pack("{s:s, s:s, s:s}", "bureau", b->code, "name", name, "result", done), NULL);
	printf("%s: %s\n", name, done);
	return CLI_DONE;
}

int
cli_told_file(const struct cli *c, const char *file, int64_t rows)
{
	return cli_print_object(c, json_pack("{s:s, s:I}", "file", file, "rows", (json_int_t)rows), NULL);
}

void
cli_print_texts(const json_t *texts)
{
	size_t i;
	json_t *row;
	json_array_foreach (texts, i, row) {
		bool in = strcmp(json_string_value(json_object_get(row, "direction")), "in") == 0;
		char *at = cli_cell(json_object_get(row, "at"));
		printf("%s %c %s", at, in ? '<' : '>', json_string_value(json_object_get(row, "text")));
		if (!in)
			printf("  (%s%s)",
				json_is_string(json_object_get(row, "channel")) &&
						strcmp(json_string_value(json_object_get(row, "channel")), "ussd") == 0
					? "ussd, "
					: "",
				json_string_value(json_object_get(row, "status")));
		putchar('\n');
		free(at);
	}
}
