/* huizhi worklist: what waits for a person. */
#include <stdio.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "store/view.h"

#define ENTRIES 10000

static const struct cli_column columns[] = {
	{"bureau", "BUREAU"},
	{"id", "ENTRY"},
	{"list", "LIST"},
	{"application", "APPLICATION"},
	{"applications", "OF THE TALK"},
	{"phone", "PHONE"},
	{"holder", "HOLDER"},
	{"item_name", "ITEM"},
	{"status", "STATUS"},
	{"reason", "REASON"},
	{"due_on", "DUE"},
	{"claimed_by", "TAKEN BY"},
	{"created_at", "SINCE"},
	{NULL, NULL},
};
static const struct cli_column count_columns[] = {{"bureau", "BUREAU"}, {"list", "LIST"}, {"waiting", "WAITING"},
	{"claimed", "TAKEN"}, {"due", "DUE"}, {"oldest", "OLDEST"}, {NULL, NULL}};

static int
list_entries(struct cli *c, const char *name)
{
	size_t n;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *all = json_array();
	struct pg_params *p = pg_params_new();
	bool failed = false;
	for (size_t i = 0; i < n && !failed; i++) {
		pg_params_reset(p);
		pg_param_int(p, b[i].id);
		pg_param_text(p, name);
		pg_param_int(p, ENTRIES);
		PGresult *res = cli_run(c, STMT_VIEW_WORKLIST, p);
		failed = res == NULL;
		if (res != NULL) {
			json_t *rows = cli_rows(res, &b[i]);
			json_array_extend(all, rows);
			json_decref(rows);
		}
		PQclear(res);
	}
	pg_params_free(p);
	if (!failed)
		return cli_print_list(c, all, columns);
	json_decref(all);
	return CLI_FAILED;
}

/* Takes or closes one entry; `column` of the answer says who has it. */
static int
change(struct cli *c, enum stmt s, const char *word, const char *staff)
{
	int64_t id;
	char actor[80];
	if (cli_number(c, "entry", word, 1, INT64_MAX, &id) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_int(p, id);
	pg_param_text(p, cli_actor(staff, actor, sizeof actor));
	PGresult *res = cli_run(c, s, p);
	pg_params_free(p);
	if (res == NULL)
		return CLI_FAILED;
	if (PQntuples(res) == 0) {
		PQclear(res);
		return cli_fail("bureau %s has no open entry %lld", b->code, (long long)id);
	}
	json_t *row = view_row(res, 0);
	PQclear(res);
	const json_t *changed = json_object_get(row, "changed");
	const char *holder = json_string_value(json_object_get(row, "claimed_by")),
			   *done_by = json_string_value(json_object_get(row, "done_by"));
	int code = CLI_DONE;
	if (json_is_false(changed))
		code = cli_fail("entry %lld was done already by %s", (long long)id, done_by != NULL ? done_by : "?");
	else if (holder != NULL && strcmp(holder, actor) != 0)
		code = cli_fail("entry %lld is taken by %s", (long long)id, holder);
	else if (c->json)
		cli_print_object(c,
			json_pack("{s:s, s:I, s:s, s:s}", "bureau", b->code, "id", (json_int_t)id, "result",
				s == STMT_WORKLIST_DONE ? "done" : "claimed", "by", actor),
			NULL);
	else
		printf("entry %lld: %s\n", (long long)id, s == STMT_WORKLIST_DONE ? "done" : "yours");
	json_decref(row);
	return code;
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const char *const names[] = {"phone", "read", "approve", "collect", "send", "check", NULL};
	const char *words[2] = {NULL, NULL}, *staff = NULL;
	bool count = false;
	const struct cli_option options[] = {{"--count", NULL, &count}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	int n = cli_args(c, argc, argv, options, words, 0, 2);
	if (n < 0)
		return CLI_USAGE;
	if (n == 2 && strcmp(words[0], "done") == 0)
		return change(c, STMT_WORKLIST_DONE, words[1], staff);
	if (n == 2 && strcmp(words[0], "claim") == 0)
		return change(c, STMT_WORKLIST_CLAIM, words[1], staff);
	if (n == 2)
		return cli_usage(c, "one word too many: %s", words[1]);
	if (n == 0 && count)
		return cli_list_bureaus(c, STMT_VIEW_WORKLISTS, count_columns);
	const char *const *name = names;
	while (n == 1 && *name != NULL && strcmp(*name, words[0]) != 0)
		name++;
	if (*name == NULL)
		return cli_usage(c, "there is no list \"%s\": phone, read, approve, collect, send, check", words[0]);
	return list_entries(c, words[0]);
}

const struct cli_command cli_worklist = {
	.name = "worklist",
	.usage = "worklist [phone|read|approve|collect|send|check]\n"
			 "worklist --count\n"
			 "worklist claim|done ENTRY [--staff NAME]\n",
	.summary = "what waits for a person",
	.help = "phone    to phone, because texts had no answer or there is no mobile number\n"
			"read     to read, because an answer was not understood or the data are said to be wrong\n"
			"approve  to decide\n"
			"collect  old certificates to fetch\n"
			"send     new certificates to send or to lay ready\n"
			"check    issued on a pledge, to check afterwards\n"
			"--count tells how many wait on each. Most entries close by themselves when the thing is done.\n",
	.run = run,
};
