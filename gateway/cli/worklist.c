/* huizhi worklist: what waits for a person, as lists; the acts are in worklist_talk.c and worklist_many.c. */
#include <stdio.h>
#include <string.h>

#include "gateway/cli/worklist.h"
#include "gateway/clerk.h"
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

static bool
ask(struct pg_params *p, const struct conf_bureau *b, void *arg)
{
	(void)b;
	pg_param_text(p, arg);
	pg_param_int(p, ENTRIES);
	return true;
}

int
worklist_may(struct cli *c, const struct conf_bureau *b, const char *actor, enum role role)
{
	static const char *const words[] = {"look", "send", "write", "approve", "manage"};
	const char *name = strncmp(actor, "staff:", 6) == 0 ? actor + 6 : "", *needed = "";
	bool failed, may = false;
	json_t *role_of;
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if ((1 << i) == (int)role)
			needed = words[i];
	struct pg_params *p = cli_params(b);
	pg_param_text(p, name);
	json_t *row = cli_row_run(c, STMT_STAFF_SHOW, p, b, &failed);
	if (row == NULL)
		return failed ? -1 : 0;
	json_array_foreach (json_object_get(row, "roles"), i, role_of)
		may = may || strcmp(json_string_value(role_of), needed) == 0;
	if (json_is_string(json_object_get(row, "disabled_at")))
		cli_fail("the account %s is closed", name);
	else if (!may)
		cli_fail("%s may not do this: the account has no role %s", name, needed);
	may = may && !json_is_string(json_object_get(row, "disabled_at"));
	json_decref(row);
	return may ? 0 : -1;
}

static int
lists(struct cli *c, int argc, char **argv)
{
	const char *word = NULL;
	bool count = false;
	const struct cli_option options[] = {{"--count", NULL, &count}, {NULL, NULL, NULL}};
	int n = cli_args(c, argc, argv, options, &word, 0, 1);
	if (n < 0)
		return CLI_USAGE;
	if (n == 0 && count)
		return cli_list_bureaus(c, STMT_VIEW_WORKLISTS, count_columns);
	if (n == 1 && !clerk_is_list(word))
		return cli_usage(c, "there is no list \"%s\": phone, read, approve, collect, send, check", word);
	const struct cli_each each = {.stmt = STMT_VIEW_WORKLIST, .ask = ask, .arg = (char *)word};
	return cli_list_each(c, &each, columns);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"show", worklist_show}, {"next", worklist_next}, {"answer", worklist_answer},
		{"pick", worklist_pick}, {"claim", worklist_claim}, {"release", worklist_release}, {"done", worklist_done},
		{"act", worklist_act}, {"undo", worklist_undo}, {NULL, NULL}};

	const struct cli_sub *s = cli_sub_find(c, subs, argc, argv);

	return s != NULL ? s->run(c, argc - 1, argv + 1) : lists(c, argc, argv);
}

const struct cli_command cli_worklist = {
	.name = "worklist",
	.usage =
		"worklist [phone|read|approve|collect|send|check]\n"
		"worklist --count\n"
		"worklist show ENTRY [--staff NAME]\n"
		"worklist next phone|read|approve|collect|send|check [--staff NAME]\n"
		"worklist answer ENTRY TEXT | --file FILE [--open] [--step STEP] [--dry-run] [--wait SECONDS] [--staff NAME]\n"
		"worklist pick ENTRY BRANCH [--step STEP] [--dry-run] [--wait SECONDS] [--staff NAME]\n"
		"worklist claim ENTRY ... | --all --list LIST [--take-over] [--item CODE] [--due] [--mine] [--free] "
		"[--dry-run]\n"
		"               [--staff NAME]\n"
		"worklist release ENTRY ... | --all --list LIST [--item CODE] [--due] [--dry-run] [--staff NAME]\n"
		"worklist done ENTRY ... | --all --list LIST [--note TEXT] [--item CODE] [--due] [--mine] [--free] "
		"[--dry-run]\n"
		"               [--staff NAME]\n"
		"worklist act approve|ready|passed ENTRY ... | --all [--item CODE] [--due] [--mine] [--free] [--dry-run]\n"
		"               [--staff NAME]\n"
		"worklist undo [BATCH] [--staff NAME]\n",
	.summary = "what waits for a person",
	.help =
		"phone    to phone, because texts had no answer or there is no mobile number\n"
		"read     to read, because an answer was not understood or the data are said to be wrong\n"
		"approve  to decide\n"
		"collect  old certificates to fetch\n"
		"send     new certificates to send or to lay ready\n"
		"check    issued on a pledge, to check afterwards\n"
		"--count tells how many wait on each. Most entries close by themselves when the thing is done.\n"
		"`show` has the talk and the branches that can be picked in it, `next` takes the first that nobody has and "
		"shows it.\n"
		"`answer` sends a text by hand, behind the\n"
		"bureau's signature; with it the entry is done, or with --open it is not. `pick` says what the citizen means: "
		"the\n"
		"talk goes on as if he had answered so. Neither is done when somebody else has the entry, or the talk has gone "
		"on\n"
		"since; --step is where it stood when you looked. --dry-run shows parts and cost and sends nothing. The "
		"gateway\n"
		"does it: --wait is how long to wait for it, 10 seconds without, and what waits longer is done when it runs.\n"
		"`claim` takes entries for half an hour, so that no two people do the same; --take-over takes them from who "
		"has\n"
		"them. `release` gives them back, `done` closes those to phone, to read and to check with what came of it in\n"
		"--note, and `undo` takes back the last of that, within ten minutes. `act` approves applications, lays\n"
		"certificates ready, or notes that pledges were kept. Which entries were left, and why, is told for each.\n"
		"--all is every entry of a list, narrowed by --item, --due (its day has come), --mine, --free (nobody has "
		"it).\n"
		"An account named by --staff needs the role that the console asks for.\n",
	.run = run,
};
