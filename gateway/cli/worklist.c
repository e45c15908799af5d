/* huizhi worklist: what waits for a person. */
#include <stdio.h>
#include <string.h>

#include "gateway/cli/commands.h"
#include "store/view.h"

#define ENTRIES 10000

static const char *const names[] = {"phone", "read", "approve", "collect", "send", "check", NULL};

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

static bool
ask(struct pg_params *p, const struct conf_bureau *b, void *arg)
{
	(void)b;
	pg_param_text(p, arg);
	pg_param_int(p, ENTRIES);
	return true;
}

#define CLAIM_SECONDS 1800

static const struct verb {
	const char *name;
	enum stmt stmt;
	const char *did; /* for people, behind "entry 5: " */
} verbs[] = {
	{"claim", STMT_WORKLIST_CLAIM, "yours"},
	{"release", STMT_WORKLIST_RELEASE, "free again"},
	{"done", STMT_WORKLIST_DONE, "done"},
};

static struct pg_params *
change_params(const struct conf_bureau *b, int64_t id, const char *actor)
{
	struct pg_params *p = cli_params(b);
	pg_array_begin(p);
	pg_array_int(p, id);
	pg_array_end(p);
	pg_param_text(p, actor);
	pg_param_text(p, NULL);
	pg_param_text(p, "command line");
	return p;
}

/* Takes, gives back or closes one entry; the answer says who has it. */
static int
change(struct cli *c, const struct verb *v, const char *word, const char *staff, const char *note, bool take_over)
{
	int64_t id;
	char actor[80];
	if (cli_number(c, "entry", word, 1, INT64_MAX, &id) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	struct pg_params *p = change_params(b, id, cli_actor(staff, actor, sizeof actor));
	if (v->stmt == STMT_WORKLIST_CLAIM) {
		pg_param_int(p, CLAIM_SECONDS);
		pg_param_bool(p, take_over);
	} else if (v->stmt == STMT_WORKLIST_DONE) {
		pg_param_text(p, note == NULL ? "" : note);
		pg_array_begin(p);
		for (size_t i = 0; names[i] != NULL; i++)
			pg_array_text(p, names[i]);
		pg_array_end(p);
	}
	PGresult *res = cli_run(c, v->stmt, p);
	pg_params_free(p);
	if (res == NULL)
		return CLI_FAILED;
	if (PQntuples(res) == 0) {
		PQclear(res);
		return v->stmt == STMT_WORKLIST_RELEASE
				   ? cli_fail("entry %lld of bureau %s is not %s's", (long long)id, b->code, strchr(actor, ':') + 1)
				   : cli_fail("bureau %s has no open entry %lld", b->code, (long long)id);
	}
	json_t *row = view_row(res, 0);
	PQclear(res);
	const char *holder = json_string_value(json_object_get(row, "claimed_by")),
			   *held = json_string_value(json_object_get(row, "held_by")),
			   *done_by = json_string_value(json_object_get(row, "done_by"));
	int code = CLI_DONE;
	if (held != NULL && held[0] != '\0')
		code = cli_fail("entry %lld is taken by %s; claim it with --take-over first", (long long)id, held);
	else if (json_is_true(json_object_get(row, "owed")))
		code = cli_fail("entry %lld is closed by what the check says: huizhi application check ID passed|failed", (long long)id);
	else if (json_is_false(json_object_get(row, "changed")))
		code = cli_fail("entry %lld was done already by %s", (long long)id, done_by != NULL ? done_by : "?");
	else if (holder != NULL && strcmp(holder, actor) != 0)
		code = cli_fail("entry %lld is taken by %s; --take-over takes it all the same", (long long)id, holder);
	else if (c->json)
		cli_print_object(c,
			json_pack("{s:s, s:I, s:s, s:s}", "bureau", b->code, "id", (json_int_t)id, "result",
				v->stmt == STMT_WORKLIST_DONE	 ? "done"
				: v->stmt == STMT_WORKLIST_CLAIM ? "claimed"
												 : "released",
				"by", actor),
			NULL);
	else
		printf("entry %lld: %s\n", (long long)id, v->did);
	json_decref(row);
	return code;
}

static int
run(struct cli *c, int argc, char **argv)
{
	const char *words[2] = {NULL, NULL}, *staff = NULL, *note = NULL;
	bool count = false, take_over = false;
	const struct cli_option options[] = {{"--count", NULL, &count}, {"--staff", &staff, NULL}, {"--note", &note, NULL},
		{"--take-over", NULL, &take_over}, {NULL, NULL, NULL}};
	int n = cli_args(c, argc, argv, options, words, 0, 2);
	if (n < 0)
		return CLI_USAGE;
	for (size_t i = 0; n == 2 && i < sizeof verbs / sizeof verbs[0]; i++) {
		if (strcmp(words[0], verbs[i].name) == 0)
			return change(c, &verbs[i], words[1], staff, note, take_over);
	}
	if (n == 2)
		return cli_usage(c, "one word too many: %s", words[1]);
	if (n == 0 && count)
		return cli_list_bureaus(c, STMT_VIEW_WORKLISTS, count_columns);
	const char *const *name = names;
	while (n == 1 && *name != NULL && strcmp(*name, words[0]) != 0)
		name++;
	if (*name == NULL)
		return cli_usage(c, "there is no list \"%s\": phone, read, approve, collect, send, check", words[0]);
	const struct cli_each each = {.stmt = STMT_VIEW_WORKLIST, .ask = ask, .arg = (char *)words[0]};
	return cli_list_each(c, &each, columns);
}

const struct cli_command cli_worklist = {
	.name = "worklist",
	.usage = "worklist [phone|read|approve|collect|send|check]\n"
			 "worklist --count\n"
			 "worklist claim ENTRY [--take-over] [--staff NAME]\n"
			 "worklist release ENTRY [--staff NAME]\n"
			 "worklist done ENTRY [--note TEXT] [--staff NAME]\n",
	.summary = "what waits for a person",
	.help =
		"phone    to phone, because texts had no answer or there is no mobile number\n"
		"read     to read, because an answer was not understood or the data are said to be wrong\n"
		"approve  to decide\n"
		"collect  old certificates to fetch\n"
		"send     new certificates to send or to lay ready\n"
		"check    issued on a pledge, to check afterwards\n"
		"--count tells how many wait on each. Most entries close by themselves when the thing is done.\n"
		"`claim` takes one for half an hour, so that no two people do the same; --take-over takes it from who has it.\n"
		"`release` gives it back. --note is kept with what was done, for who asks later.\n",
	.run = run,
};
