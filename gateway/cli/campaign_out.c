/* What `huizhi campaign` prints for people of lists and previews, and the report as a file. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/campaign_preview.h"
#include "gateway/campaign_report.h"
#include "gateway/cli/campaign.h"
#include "gateway/cli/progress.h"
#include "gateway/scan_words.h"
#include "store/view.h"

void
campaign_print_list(const json_t *found)
{
	const json_t *one;
	size_t i;

	if (*view_text(found, "error") != '\0')
		return;
	const char *separator = view_text(found, "separator");
	bool other = *separator != '\0' && strcmp(separator, "comma") != 0;
	printf("%" PRId64 " rows (%s%s%s), %" PRId64 " good\n", view_number(found, "rows"), view_text(found, "encoding"),
		other ? ", cells by " : "", other ? separator : "", view_number(found, "good"));
	json_array_foreach (json_object_get(found, "sums"), i, one) {
		const char *column = view_text(one, "column");
		if (view_number(one, "wrong") > 0)
			printf("  correct %" PRId64 " %s\n", view_number(one, "wrong"), *column != '\0' ? column : "rows");
		if (view_number(one, "empty") > 0)
			printf("  fill in %" PRId64 " %s\n", view_number(one, "empty"), column);
	}
	json_array_foreach (json_object_get(found, "faults"), i, one)
		printf("row %" PRId64 "  %s \"%s\" %s\n", view_number(one, "row"), view_text(one, "column"),
			view_text(one, "value"), view_text(one, "text"));
}

static void
print_text(const json_t *t, const char *currency)
{
	const json_t *forced = json_object_get(t, "forced"), *one;
	char cost[40];
	size_t i;

	printf("\n%s, %" PRId64 " licence%s: %" PRId64 " phones, %" PRId64 " parts each", view_text(t, "language"),
		view_number(t, "licences"), view_number(t, "licences") == 1 ? "" : "s", view_number(t, "phones"),
		view_number(t, "parts"));
	if (json_is_integer(json_object_get(t, "cost"))) {
		campaign_cost_text(view_number(t, "cost"), cost, sizeof cost);
		printf(", %s %s each", cost, currency);
	}
	printf("\n  %s\n", view_text(t, "text"));
	if (json_array_size(forced) > 0) {
		fputs("  not in the GSM alphabet:", stdout);
		json_array_foreach (forced, i, one)
			printf(" %s", json_string_value(one));
		printf("; without them it takes %" PRId64 " parts\n", view_number(t, "plain_parts"));
	}
	if (view_number(t, "cut") > 0)
		printf("  %" PRId64 " characters less, and it takes %" PRId64 " parts\n", view_number(t, "cut"),
			view_number(t, "fewer_parts"));
}

void
campaign_print_preview(const json_t *found)
{
	const char *words, *key;
	const json_t *one;
	char cost[40];
	size_t i;

	printf("%" PRId64 " phones get a text, %" PRId64 " parts in all", view_number(found, "audience"),
		view_number(found, "parts"));
	if (json_is_integer(json_object_get(found, "cost"))) {
		campaign_cost_text(view_number(found, "cost"), cost, sizeof cost);
		printf(", %s %s", cost, view_text(found, "currency"));
	}
	putchar('\n');
	for (i = 0; (key = scan_reason(i, &words, NULL, NULL)) != NULL; i++) {
		int64_t n = view_number(json_object_get(found, "left_out"), key);
		if (n > 0)
			printf("%9" PRId64 "  left out: %s\n", n, words);
	}
	json_array_foreach (json_object_get(found, "texts"), i, one)
		print_text(one, view_text(found, "currency"));
}

/* ---- report -------------------------------------------------------------------------------------------------------
 */

static json_t *
report_rows(struct cli *c, const struct conf_bureau *b, int64_t id, int64_t after, int64_t most)
{
	struct pg_params *p = campaign_params(b, id);

	pg_param_int(p, after);
	pg_param_int(p, most);
	return cli_rows_run(c, STMT_CAMPAIGN_REPORT, p, b);
}

/* All rows, page by page. CLI_FAILED with the reason printed. */
static int
write_report(struct cli *c, const struct conf_bureau *b, int64_t id, FILE *out, int64_t *done)
{
	struct progress *progress = out == stdout ? NULL : progress_new();
	int64_t after = 0;
	size_t n = 0;

	fprintf(out, "\xef\xbb\xbf%s\r\n", campaign_report_columns);
	do {
		json_t *rows = report_rows(c, b, id, after, CAMPAIGN_REPORT_ROWS), *row;
		size_t i;
		if (rows == NULL) {
			progress_end(progress);
			return CLI_FAILED;
		}
		n = json_array_size(rows);
		json_array_foreach (rows, i, row) {
			after = view_number(row, "id");
			campaign_report_row(out, row, cli_language());
		}
		json_decref(rows);
		*done += (int64_t)n;
		progress_show(progress, "writing", *done, -1);
	} while (n > 0);
	progress_end(progress);
	return CLI_DONE;
}

int
campaign_report(struct cli *c, int argc, char **argv)
{
	const char *file = NULL;
	const struct cli_option options[] = {{"--out", &file, NULL}, {NULL, NULL, NULL}};
	const struct conf_bureau *b;
	int64_t id;

	int code = campaign_begin(c, argc, argv, options, &b, &id);
	if (code != CLI_DONE)
		return code;
	json_t *row = campaign_load(c, b, id);
	json_decref(row);
	if (row == NULL)
		return CLI_FAILED;
	if (c->json && file == NULL) {
		json_t *rows = report_rows(c, b, id, 0, INT32_MAX);
		return rows == NULL ? CLI_FAILED : cli_print_list(c, rows, NULL);
	}
	FILE *out = file == NULL ? stdout : fopen(file, "we");
	if (out == NULL)
		return cli_fail("cannot write %s: %s", file, strerror(errno));
	int64_t done = 0;
	code = write_report(c, b, id, out, &done);
	if (file != NULL && fclose(out) != 0)
		return cli_fail("could not write %s: %s", file, strerror(errno));
	return code == CLI_DONE && c->json ? cli_told_file(c, file, done) : code;
}
