/* huizhi trail: what happened to an application, and whether the trail of each leads to where it stands. */
#include "gateway/trail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "store/view.h"

#define PAGE_ROWS 2000
#define EVENTS_MAX 1000 /* of one application that are followed */

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

/* ---- verify ----------------------------------------------------------------------------------------------------- */

struct checked {
	int64_t applications, events;
	json_t *faults;
};

static void
check_row(const struct conf_bureau *b, const json_t *row, struct checked *checked)
{
	static struct trail_event events[EVENTS_MAX];
	const json_t *kinds = json_object_get(row, "kinds"), *froms = json_object_get(row, "froms"),
				 *times = json_object_get(row, "times");
	size_t n = json_array_size(kinds);
	checked->applications++;
	checked->events += (int64_t)n;
	for (size_t i = 0; i < n && i < EVENTS_MAX; i++)
		events[i] = (struct trail_event){.kind = json_string_value(json_array_get(kinds, i)),
			.from = json_string_value(json_array_get(froms, i)),
			.at = strtoll(json_string_value(json_array_get(times, i)), NULL, 10)};
	const char *why = n > EVENTS_MAX ? "it has more events than can be followed"
									 : trail_check(events, n, json_string_value(json_object_get(row, "status")));
	if (why != NULL)
		json_array_append_new(checked->faults, json_pack("{s:s, s:I, s:s}", "bureau", b->code, "application",
												   json_integer_value(json_object_get(row, "id")), "fault", why));
}

static int
verify_bureau(struct cli *c, const struct conf_bureau *b, const int64_t *only, struct checked *checked)
{
	struct pg_params *p = pg_params_new();
	int64_t after = 0;
	int code = CLI_DONE;
	for (int rows = PAGE_ROWS; rows == PAGE_ROWS;) {
		pg_params_reset(p);
		pg_param_int(p, b->id);
		if (only != NULL)
			pg_param_int(p, *only);
		else
			pg_param_text(p, NULL);
		pg_param_int(p, after);
		pg_param_int(p, PAGE_ROWS);
		PGresult *res = cli_run(c, STMT_TRAIL_CHAINS, p);
		if (res == NULL) {
			code = CLI_FAILED;
			break;
		}
		rows = PQntuples(res);
		for (int i = 0; i < rows; i++) {
			json_t *row = view_row(res, i);
			after = json_integer_value(json_object_get(row, "id"));
			check_row(b, row, checked);
			json_decref(row);
		}
		PQclear(res);
	}
	pg_params_free(p);
	return code;
}

static int
verify(struct cli *c, int argc, char **argv)
{
	const char *word;
	int64_t id;
	size_t n, i;
	int nwords = cli_args(c, argc, argv, NULL, &word, 0, 1);
	if (nwords < 0 || (nwords == 1 && cli_number(c, "application", word, 1, INT64_MAX, &id) != 0))
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;

	struct checked checked = {.faults = json_array()};
	int code = CLI_DONE;
	for (i = 0; i < n && code == CLI_DONE; i++)
		code = verify_bureau(c, &b[i], nwords == 1 ? &id : NULL, &checked);
	if (code == CLI_DONE && nwords == 1 && checked.applications == 0)
		code = cli_fail("there is no application %lld", (long long)id);
	if (code == CLI_DONE && c->json) {
		cli_print_object(c,
			json_pack("{s:b, s:I, s:I, s:O}", "good", json_array_size(checked.faults) == 0, "applications",
				(json_int_t)checked.applications, "events", (json_int_t)checked.events, "faults", checked.faults),
			NULL);
	} else if (code == CLI_DONE) {
		json_t *fault;
		json_array_foreach (checked.faults, i, fault)
			printf("bureau %s application %lld: %s\n", json_string_value(json_object_get(fault, "bureau")),
				(long long)json_integer_value(json_object_get(fault, "application")),
				json_string_value(json_object_get(fault, "fault")));
		printf("%lld applications with %lld events: %zu at fault\n", (long long)checked.applications,
			(long long)checked.events, json_array_size(checked.faults));
	}
	if (json_array_size(checked.faults) > 0)
		code = CLI_FAILED;
	json_decref(checked.faults);
	return code;
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"show", show}, {"verify", verify}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_trail = {
	.name = "trail",
	.usage = "trail show ID\ntrail verify [ID]\n",
	.summary = "what happened to an application, and whether its trail is whole",
	.help =
		"verify follows every application (or one) through its events: it begins as due, each event moves it as is\n"
		"allowed from where the one before left it, the last one leaves it where it stands now, and times do not run\n"
		"backwards. It does not prove that nobody with access to the database wrote events: they are not sealed yet.\n",
	.run = run,
};
