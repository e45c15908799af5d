/* huizhi report and huizhi forecast: figures of each service as a bureau could publish them, and what is to come. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "gateway/csv.h"
#include "gateway/import_check.h"

#define MONTHS 12

static const struct cli_column report_columns[] = {{"bureau", "BUREAU"}, {"service", "SERVICE"}, {"item", "ITEM"},
	{"licences", "ON FILE"}, {"holders", "HOLDERS"}, {"found", "FOUND"}, {"reminded", "REMINDED"},
	{"answered", "ANSWERED"}, {"consented", "CONSENTED"}, {"proven", "PROVEN"}, {"submitted", "SUBMITTED"},
	{"decided", "DECIDED"}, {"approved", "APPROVED"}, {"delivered", "DELIVERED"}, {"rated", "RATED"}, {"mark", "MARK"},
	{"under_way", "UNDER WAY"}, {NULL, NULL}};

/* What a spreadsheet gets: everything. */
static const char *const report_csv[] = {"bureau", "service", "item", "item_name", "from", "to", "licences", "holders",
	"found", "reminded", "reminded_holders", "reminders", "answered", "consented", "proven", "confirmed", "submitted",
	"decided", "approved", "delivered", "rated", "mark", "declined", "opted_out", "wrong_number", "unreachable",
	"withdrawn", "rejected", "under_way", "answer_median", "answer_p90", "proof_median", "proof_p90",
	"application_median", "application_p90", "decision_median", "decision_p90", "delivery_median", "delivery_p90",
	"whole_median", "whole_p90", NULL};

static const struct cli_column forecast_columns[] = {{"bureau", "BUREAU"}, {"month", "MONTH"}, {"item", "ITEM"},
	{"due", "DUE"}, {"changes", "CHANGES"}, {"expected", "EXPECTED"}, {"low", "FROM"}, {"high", "TO"}, {NULL, NULL}};
static const char *const forecast_csv[] = {
	"bureau", "month", "item", "item_name", "due", "changes", "expected", "low", "high", NULL};

/* ---- CSV -------------------------------------------------------------------------------------------------------- */

static void
put_cell(FILE *out, const json_t *value)
{
	if (json_is_integer(value)) {
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	} else if (json_is_real(value)) {
		fprintf(out, "%.2f", json_real_value(value));
	} else if (json_is_string(value)) {
		csv_write_guarded(out, json_string_value(value), json_string_length(value), true);
	}
}

/* Writes the rows as CSV, and with --json says where they are. */
static int
write_csv(const struct cli *c, const char *file, const json_t *rows, const char *const *columns)
{
	bool to_stdout = strcmp(file, "-") == 0;
	if (to_stdout && c->json)
		return cli_usage(c, "--csv - is no JSON document; give --csv a file, or leave one of them out");
	FILE *out = to_stdout ? stdout : fopen(file, "we");
	json_t *row;
	size_t i;
	if (out == NULL)
		return cli_fail("cannot make %s: %s", file, strerror(errno));
	/* The mark without which spreadsheets take UTF-8 for something else. */
	fputs("\xef\xbb\xbf", out);
	for (const char *const *k = columns; *k != NULL; k++)
		fprintf(out, "%s%s", k == columns ? "" : ",", *k);
	fputs("\r\n", out);
	json_array_foreach (rows, i, row) {
		for (const char *const *k = columns; *k != NULL; k++) {
			if (k != columns)
				fputc(',', out);
			put_cell(out, json_object_get(row, *k));
		}
		fputs("\r\n", out);
	}
	if (!to_stdout && fclose(out) != 0)
		return cli_fail("could not write %s: %s", file, strerror(errno));
	return c->json ? cli_told_file(c, file, (int64_t)json_array_size(rows)) : CLI_DONE;
}

/* ---- Rows ------------------------------------------------------------------------------------------------------- */

/* An item's name and the service it comes from; the row of all items has neither. */
static void
name_rows(const struct cli *c, const struct conf_bureau *b, json_t *rows)
{
	bool zh = strcmp(cli_language(), "zh") == 0;
	json_t *row;
	size_t i;
	json_array_foreach (rows, i, row) {
		const char *code = json_string_value(json_object_get(row, "item"));
		const struct conf_item *item = code == NULL ? NULL : conf_item_for(c->conf, b, code);
		json_object_set_new(row, "service", json_string(item == NULL ? "" : item->service));
		json_object_set_new(row, "item_name", json_string(item == NULL ? "" : zh ? item->name_zh : item->name_en));
		if (code == NULL)
			json_object_set_new(row, "item", json_string(""));
	}
}

struct asked {
	const struct cli *c;
	const char *from, *to, *item, *service, *csv;
	int64_t months;
};

/* Keeps the rows of one service; the row of all items is left out then. */
static void
keep_service(json_t *rows, const char *service)
{
	for (size_t i = json_array_size(rows); service != NULL && i-- > 0;) {
		const char *own = json_string_value(json_object_get(json_array_get(rows, i), "service"));
		if (strcmp(own, service) != 0)
			json_array_remove(rows, i);
	}
}

static bool
ask_report(struct pg_params *p, const struct conf_bureau *b, void *arg)
{
	const struct asked *a = arg;

	(void)b;
	pg_param_text(p, a->from);
	pg_param_text(p, a->to);
	pg_param_text(p, a->item);
	return true;
}

static bool
ask_forecast(struct pg_params *p, const struct conf_bureau *b, void *arg)
{
	const struct asked *a = arg;

	(void)b;
	pg_param_int(p, a->months);
	pg_param_text(p, a->item);
	return true;
}

static void
got_rows(json_t *rows, const struct conf_bureau *b, void *arg)
{
	const struct asked *a = arg;

	name_rows(a->c, b, rows);
	keep_service(rows, a->service);
}

/* ---- report ----------------------------------------------------------------------------------------------------- */

/* "3 d 4 h", "2 h 5 min", "12 min", "40 s". */
static void
duration(json_int_t s, char *out, size_t room)
{
	if (s >= 86400)
		snprintf(out, room, "%lld d %lld h", (long long)(s / 86400), (long long)(s % 86400 / 3600));
	else if (s >= 3600)
		snprintf(out, room, "%lld h %lld min", (long long)(s / 3600), (long long)(s % 3600 / 60));
	else if (s >= 60)
		snprintf(out, room, "%lld min", (long long)(s / 60));
	else
		snprintf(out, room, "%lld s", (long long)s);
}

/* The times of the steps and the losses, under the table. */
static void
print_times(const json_t *row)
{
	static const char *const steps[] = {"answer", "proof", "application", "decision", "delivery", "whole"};
	static const char *const lost[] = {"declined", "opted_out", "wrong_number", "unreachable", "withdrawn", "rejected"};
	const char *item = json_string_value(json_object_get(row, "item"));

	printf("\n%s, %s:\n", json_string_value(json_object_get(row, "bureau")), *item == '\0' ? "all items" : item);
	printf("  %" JSON_INTEGER_FORMAT " licences of %" JSON_INTEGER_FORMAT " holders on file; %" JSON_INTEGER_FORMAT
		   " reminders to %" JSON_INTEGER_FORMAT " holders\n",
		json_integer_value(json_object_get(row, "licences")), json_integer_value(json_object_get(row, "holders")),
		json_integer_value(json_object_get(row, "reminders")),
		json_integer_value(json_object_get(row, "reminded_holders")));
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		char key[40], median[40], p90[40];
		snprintf(key, sizeof key, "%s_median", steps[i]);
		const json_t *m = json_object_get(row, key);
		snprintf(key, sizeof key, "%s_p90", steps[i]);
		if (!json_is_integer(m))
			continue;
		duration(json_integer_value(m), median, sizeof median);
		duration(json_integer_value(json_object_get(row, key)), p90, sizeof p90);
		printf("  time to %-12s half within %s, nine in ten within %s\n", i == 5 ? "the end" : steps[i], median, p90);
	}
	printf("  lost:");
	for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++)
		printf(" %" JSON_INTEGER_FORMAT " %s%s", json_integer_value(json_object_get(row, lost[i])), lost[i],
			i + 1 < sizeof lost / sizeof lost[0] ? "," : "\n");
}

static int
report(struct cli *c, int argc, char **argv)
{
	struct asked a = {.c = c};
	const struct cli_option options[] = {{"--from", &a.from, NULL}, {"--to", &a.to, NULL}, {"--item", &a.item, NULL},
		{"--service", &a.service, NULL}, {"--csv", &a.csv, NULL}, {NULL, NULL, NULL}};
	char first[11], last[11], fault[CHECK_FAULT_MAX + 1];

	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0)
		return CLI_USAGE;
	if (cli_conf(c) == NULL)
		return CLI_FAILED;
	if (a.from != NULL && check_date(a.from, first, fault) != 0)
		return cli_usage(c, "--from \"%s\" is no day", a.from);
	if (a.to != NULL && check_date(a.to, last, fault) != 0)
		return cli_usage(c, "--to \"%s\" is no day", a.to);
	if (a.from != NULL && a.to != NULL && strcmp(first, last) > 0)
		return cli_usage(c, "--from is after --to");
	a.from = a.from == NULL ? NULL : first;
	a.to = a.to == NULL ? NULL : last;
	const struct cli_each each = {
		.stmt = STMT_REPORT, .ask = ask_report, .got = got_rows, .arg = &a, .word = "counting"};
	json_t *rows = cli_rows_bureaus(c, &each), *row;
	size_t i;
	if (rows == NULL)
		return CLI_FAILED;
	int code = CLI_DONE;
	if (a.csv != NULL) {
		code = write_csv(c, a.csv, rows, report_csv);
	} else {
		row = json_array_get(rows, 0);
		if (!c->json && row != NULL)
			printf("applications begun from %s to %s\n", json_string_value(json_object_get(row, "from")),
				json_string_value(json_object_get(row, "to")));
		code = cli_print_list(c, json_incref(rows), report_columns);
		json_array_foreach (rows, i, row) {
			if (!c->json && json_integer_value(json_object_get(row, "found")) > 0)
				print_times(row);
		}
	}
	json_decref(rows);
	return code;
}

const struct cli_command cli_report = {
	.name = "report",
	.usage = "report [--from YYYY-MM-DD] [--to YYYY-MM-DD] [--item CODE] [--service NAME] [--csv FILE|-]\n",
	.summary = "figures of each service: how many came how far, how long it took, where they were lost",
	.help = "Counts the applications that were begun on these days (the last 365), by item; the row without an item is "
			"all.\n"
			"Licences and holders on file now; reminders, one each step, and to how many holders; found, reminded,\n"
			"answered (yes, no or STOP), consented, proven (identity), submitted, decided, approved,\n"
			"delivered, rated with the mean mark; lost: declined, opted out, wrong number, unreachable, withdrawn, "
			"rejected.\n"
			"Times are from one step to the next, and from the first reminder to the end: half within, nine in ten "
			"within;\n"
			"--csv and --json have them in seconds. --service is the file of the catalogue, such as yiyuan.\n",
	.run = report,
};

/* ---- forecast --------------------------------------------------------------------------------------------------- */

static int
forecast(struct cli *c, int argc, char **argv)
{
	struct asked a = {.c = c, .months = MONTHS};
	const char *months = NULL;
	bool by_item = false;
	const struct cli_option options[] = {{"--months", &months, NULL}, {"--item", &a.item, NULL},
		{"--service", &a.service, NULL}, {"--by-item", NULL, &by_item}, {"--csv", &a.csv, NULL}, {NULL, NULL, NULL}};

	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0 ||
		(months != NULL && cli_number(c, "--months", months, 1, 60, &a.months) != 0))
		return CLI_USAGE;
	const struct cli_each each = {
		.stmt = STMT_FORECAST, .ask = ask_forecast, .got = got_rows, .arg = &a, .word = "counting"};
	json_t *rows = cli_rows_bureaus(c, &each);
	if (rows == NULL)
		return CLI_FAILED;
	by_item = by_item || a.service != NULL;
	for (size_t i = json_array_size(rows); i-- > 0;) {
		const char *item = json_string_value(json_object_get(json_array_get(rows, i), "item"));
		if (!by_item && *item != '\0')
			json_array_remove(rows, i);
	}
	if (a.csv == NULL)
		return cli_print_list(c, rows, forecast_columns);
	int code = write_csv(c, a.csv, rows, forecast_csv);
	json_decref(rows);
	return code;
}

const struct cli_command cli_forecast = {
	.name = "forecast",
	.usage = "forecast [--months N] [--item CODE] [--service NAME] [--by-item] [--csv FILE|-]\n",
	.summary = "how many applications the next months will bring",
	.help = "For each month (12): licences whose first reminder falls into it (this month: also those that are due "
			"already),\n"
			"times the share that was submitted among what was asked in the last twelve months, of the same item, or "
			"of all\n"
			"where it had fewer than 20; and as many changes of the register a month as there were. FROM and TO hold "
			"19 of 20\n"
			"outcomes where every licence decides for itself; a new campaign, a new law or a bad winter is not in it.\n"
			"EXPECTED is empty where nothing was ever asked.\n",
	.run = forecast,
};
