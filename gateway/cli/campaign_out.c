/* What `huizhi campaign` prints for people of lists and previews, and the report as a file. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/campaign_preview.h"
#include "gateway/campaign_report.h"
#include "gateway/cli/campaign.h"
#include "gateway/scan_words.h"

static int64_t
number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text == NULL ? "" : text;
}

void
campaign_print_list(const json_t *found)
{
	const json_t *one;
	size_t i;

	if (*text_of(found, "error") != '\0')
		return;
	printf("%" PRId64 " rows (%s), %" PRId64 " good\n", number_of(found, "rows"), text_of(found, "encoding"),
		number_of(found, "good"));
	json_array_foreach (json_object_get(found, "sums"), i, one) {
		const char *column = text_of(one, "column");
		if (number_of(one, "wrong") > 0)
			printf("  correct %" PRId64 " %s\n", number_of(one, "wrong"), *column != '\0' ? column : "rows");
		if (number_of(one, "empty") > 0)
			printf("  fill in %" PRId64 " %s\n", number_of(one, "empty"), column);
	}
	json_array_foreach (json_object_get(found, "faults"), i, one)
		printf("row %" PRId64 "  %s \"%s\" %s\n", number_of(one, "row"), text_of(one, "column"), text_of(one, "value"),
			text_of(one, "text"));
}

static void
print_text(const json_t *t, const char *currency)
{
	const json_t *forced = json_object_get(t, "forced"), *one;
	char cost[40];
	size_t i;

	printf("\n%s, %" PRId64 " licence%s: %" PRId64 " phones, %" PRId64 " parts each", text_of(t, "language"),
		number_of(t, "licences"), number_of(t, "licences") == 1 ? "" : "s", number_of(t, "phones"),
		number_of(t, "parts"));
	if (json_is_integer(json_object_get(t, "cost"))) {
		campaign_cost_text(number_of(t, "cost"), cost, sizeof cost);
		printf(", %s %s each", cost, currency);
	}
	printf("\n  %s\n", text_of(t, "text"));
	if (json_array_size(forced) > 0) {
		fputs("  not in the GSM alphabet:", stdout);
		json_array_foreach (forced, i, one)
			printf(" %s", json_string_value(one));
		printf("; without them it takes %" PRId64 " parts\n", number_of(t, "plain_parts"));
	}
	if (number_of(t, "cut") > 0)
		printf("  %" PRId64 " characters less, and it takes %" PRId64 " parts\n", number_of(t, "cut"),
			number_of(t, "fewer_parts"));
}

void
campaign_print_preview(const json_t *found)
{
	const char *words, *key;
	const json_t *one;
	char cost[40];
	size_t i;

	printf("%" PRId64 " phones get a text, %" PRId64 " parts in all", number_of(found, "audience"),
		number_of(found, "parts"));
	if (json_is_integer(json_object_get(found, "cost"))) {
		campaign_cost_text(number_of(found, "cost"), cost, sizeof cost);
		printf(", %s %s", cost, text_of(found, "currency"));
	}
	putchar('\n');
	for (i = 0; (key = scan_reason(i, &words, NULL, NULL)) != NULL; i++) {
		int64_t n = number_of(json_object_get(found, "left_out"), key);
		if (n > 0)
			printf("%9" PRId64 "  left out: %s\n", n, words);
	}
	json_array_foreach (json_object_get(found, "texts"), i, one)
		print_text(one, text_of(found, "currency"));
}

/* ---- report -------------------------------------------------------------------------------------------------------
 */

/* All rows, page by page. CLI_FAILED with the reason printed. */
static int
write_report(struct cli *c, const struct conf_bureau *b, int64_t id, FILE *out)
{
	int64_t after = 0;
	int n;

	fprintf(out, "\xef\xbb\xbf%s\r\n", campaign_report_columns);
	do {
		struct pg_params *p = pg_params_new();
		pg_param_int(p, b->id);
		pg_param_int(p, id);
		pg_param_int(p, after);
		pg_param_int(p, CAMPAIGN_REPORT_ROWS);
		PGresult *res = cli_run(c, STMT_CAMPAIGN_REPORT, p);
		pg_params_free(p);
		if (res == NULL)
			return CLI_FAILED;
		json_t *rows = cli_rows(res, b), *row;
		size_t i;
		n = PQntuples(res);
		PQclear(res);
		json_array_foreach (rows, i, row) {
			after = number_of(row, "id");
			campaign_report_row(out, row, cli_language());
		}
		json_decref(rows);
	} while (n > 0);
	return CLI_DONE;
}

/* As JSON: an array of the same rows. */
static int
print_report(struct cli *c, const struct conf_bureau *b, int64_t id)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, b->id);
	pg_param_int(p, id);
	pg_param_int(p, 0);
	pg_param_int(p, INT32_MAX);
	PGresult *res = cli_run(c, STMT_CAMPAIGN_REPORT, p);
	pg_params_free(p);
	if (res == NULL)
		return CLI_FAILED;
	json_t *rows = cli_rows(res, b);
	PQclear(res);
	return cli_print_list(c, rows, NULL);
}

int
campaign_report(struct cli *c, int argc, char **argv)
{
	const char *file = NULL;
	const struct cli_option options[] = {{"--out", &file, NULL}, {NULL, NULL, NULL}};
	const struct conf_bureau *b;
	int64_t id;

	if (campaign_read_id(c, argc, argv, options, &id) != 0)
		return CLI_USAGE;
	if ((b = cli_bureau(c)) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *row = campaign_load(c, b, id);
	json_decref(row);
	if (row == NULL)
		return CLI_FAILED;
	if (c->json)
		return print_report(c, b, id);
	FILE *out = file == NULL ? stdout : fopen(file, "we");
	if (out == NULL)
		return cli_fail("cannot write %s: %s", file, strerror(errno));
	int code = write_report(c, b, id, out);
	if (file != NULL && fclose(out) != 0)
		return cli_fail("could not write %s: %s", file, strerror(errno));
	return code;
}
