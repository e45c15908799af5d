/*
 * huizhi worklist show, next, answer, pick: an entry with its talk, and what a clerk says in it. The rule is
 * gateway/clerk.h's, as for the console; the turn is left to the daemon, and its outcome waited for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "gateway/campaign_preview.h"
#include "gateway/clerk.h"
#include "gateway/cli/progress.h"
#include "gateway/cli/worklist.h"
#include "gateway/delivery_rows.h"
#include "gateway/mask.h"
#include "gateway/templates.h"
#include "store/view.h"

#define TEXTS 100
#define FILE_MAX 20000 /* octets read of a file: more than any text may have */

static const struct cli_column columns[] = {{"bureau", "Bureau"}, {"id", "Entry"}, {"list", "List"},
	{"reason", "Reason"}, {"due_on", "Due"}, {"holder", "Holder"}, {"phone", "Phone"}, {"landline", "Landline"},
	{"application", "Application"}, {"item_name", "Item"}, {"licence_no", "Licence"}, {"status", "Status"},
	{"language", "Language"}, {"step", "Step"}, {"open", "Open"}, {"claimed_by", "Taken by"}, {"tries", "Calls so far"},
	{"said", "Last said for it"}, {"created_at", "Since"}, {"done_at", "Done"}, {"done_by", "Done by"},
	{"note", "Note"}, {NULL, NULL}};

static const struct cli_column choice_columns[] = {
	{"branch", "BRANCH"}, {"says", "AS IF ANSWERED"}, {"target", "LEADS TO"}, {NULL, NULL}};

/* The entry as the clerk sees it; NULL, printed. */
static json_t *
load(struct cli *c, const struct conf_bureau *b, int64_t id, const char *actor)
{
	struct pg_params *p = cli_params(b);
	bool failed;

	pg_param_int(p, id);
	pg_param_text(p, actor);
	json_t *row = cli_row_run(c, STMT_WORKLIST_SHOW, p, b, &failed);
	if (row == NULL && !failed)
		cli_fail("bureau %s has no entry %lld", b->code, (long long)id);
	return row;
}

/* How a branch is written: what it does, with where it leads when another does the same. */
static void
branch_name(const struct dialog_choice *list, size_t n, size_t i, char *out, size_t room)
{
	size_t same = 0;

	for (size_t k = 0; k < n; k++)
		same += strcmp(list[k].what, list[i].what) == 0;
	snprintf(out, room, same > 1 ? "%s/%s" : "%s", list[i].what, list[i].target);
}

static json_t *
choices(const struct templates *t, const struct conf_bureau *b, const json_t *entry)
{
	struct dialog_choice list[DIALOG_CHOICES_ROOM];
	size_t n = clerk_choices(t, b->id, entry, list);
	json_t *out = json_array();
	char name[200];

	for (size_t i = 0; i < n; i++) {
		branch_name(list, n, i, name, sizeof name);
		json_array_append_new(out, json_pack("{s:s, s:s, s:s}", "branch", name, "says",
									   list[i].say != NULL ? list[i].say : list[i].event, "target", list[i].target));
	}
	return out;
}

/* What opens something belongs to the citizen alone. */
static void
mask_texts(const struct conf_bureau *b, json_t *texts)
{
	json_t *row;
	size_t i;

	json_array_foreach (texts, i, row) {
		char *masked = mask_codes(view_text(row, "text"), b->short_code);
		json_object_set_new(row, "text", json_string(masked == NULL ? "" : masked));
		free(masked);
	}
	delivery_rows(texts, cli_language());
}

static int
print_entry(struct cli *c, json_t *entry)
{
	json_t *texts = json_object_get(entry, "messages"), *picks = json_object_get(entry, "choices");

	cli_print_object(c, json_incref(entry), columns);
	if (json_array_size(texts) > 0)
		putchar('\n');
	cli_print_texts(texts);
	if (json_array_size(picks) > 0) {
		putchar('\n');
		cli_print_list(c, json_incref(picks), choice_columns);
		printf("\nhuizhi worklist pick %lld BRANCH --step %s\nhuizhi worklist answer %lld TEXT --step %s\n",
			(long long)view_number(entry, "id"), view_text(entry, "step"), (long long)view_number(entry, "id"),
			view_text(entry, "step"));
	}
	json_decref(entry);
	return CLI_DONE;
}

/* All about an entry, with its talk and what can be picked in it. */
static int
show(struct cli *c, const struct conf_bureau *b, int64_t id, const char *actor)
{
	json_t *entry = load(c, b, id, actor);
	struct templates *t = entry == NULL ? NULL : cli_templates(c);
	json_t *texts = NULL;

	if (t != NULL) {
		struct pg_params *p = cli_params(b);
		pg_param_text(p, view_text(entry, "phone"));
		pg_param_int(p, TEXTS);
		texts = cli_rows_run(c, STMT_VIEW_TEXTS, p, b);
	}
	if (texts == NULL) {
		templates_free(t);
		json_decref(entry);
		return CLI_FAILED;
	}
	mask_texts(b, texts);
	json_object_set_new(entry, "messages", texts);
	json_object_set_new(entry, "choices", choices(t, b, entry));
	json_object_del(entry, "talk_phone");
	json_object_del(entry, "claimed_us");
	json_object_del(entry, "holder_name");
	templates_free(t);
	return c->json ? cli_print_object(c, entry, NULL) : print_entry(c, entry);
}

int
worklist_show(struct cli *c, int argc, char **argv)
{
	const char *word, *staff = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char actor[80];
	int64_t id;

	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0 || cli_number(c, "entry", word, 1, INT64_MAX, &id) != 0)
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	return show(c, b, id, cli_actor(staff, actor, sizeof actor));
}

int
worklist_next(struct cli *c, int argc, char **argv)
{
	const char *list, *staff = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char actor[80];
	bool failed;

	if (cli_args(c, argc, argv, options, &list, 1, 1) < 0)
		return CLI_USAGE;
	if (!clerk_is_list(list))
		return cli_usage(c, "there is no list \"%s\": phone, read, approve, collect, send, check", list);
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL || worklist_may(c, b, cli_actor(staff, actor, sizeof actor), ROLE_SEND) != 0)
		return CLI_FAILED;
	struct pg_params *p = cli_params(b);
	pg_param_text(p, list);
	pg_param_text(p, actor);
	pg_param_text(p, NULL);
	pg_param_text(p, "command line");
	pg_param_int(p, CLERK_CLAIM_SECONDS);
	json_t *row = cli_row_run(c, STMT_WORKLIST_NEXT, p, b, &failed);
	if (row == NULL)
		return failed ? CLI_FAILED : cli_fail("nothing is left on the list %s that nobody has", list);
	int64_t id = view_number(row, "id");
	json_decref(row);
	return show(c, b, id, actor);
}

/* ---- Saying something ------------------------------------------------------------------------------------------- */

struct say {
	const char *staff, *step, *wait, *file;
	bool dry_run, open;
	int64_t id, seconds;
	const struct conf_bureau *bureau;
	char actor[80];
	struct clerk_act act;
};

static int
refuse(const struct say *s, const json_t *entry, enum clerk_fault fault)
{
	long long id = (long long)s->id;

	switch (fault) {
	case CLERK_CLOSED:
		return cli_fail("entry %lld was done already by %s", id, view_text(entry, "done_by"));
	case CLERK_HELD:
		return cli_fail(
			"entry %lld is taken by %s; claim it with --take-over first", id, view_text(entry, "claimed_by"));
	case CLERK_WAITS:
		return cli_fail("what was said before for entry %lld waits for the gateway; is huizhid running?", id);
	case CLERK_OVER:
		return cli_fail("the talk of entry %lld is over: nothing can be sent or picked in it", id);
	case CLERK_NO_TEXTS:
		return cli_fail("no text reaches the holder of entry %lld; phone, or write a letter", id);
	case CLERK_MOVED:
		return cli_fail("entry %lld stands at step \"%s\", where this cannot be done; see: huizhi worklist show %lld",
			id, view_text(entry, "step"), id);
	case CLERK_EMPTY:
		return cli_fail("the text is empty");
	case CLERK_LONG:
		return cli_fail(
			"the text has %d parts, and %d are allowed; make it shorter", s->act.measure.parts, CLERK_PARTS);
	case CLERK_NOT_MINE:
	case CLERK_GOOD:
	case CLERK_FAULTS:
		break;
	}
	return CLI_FAILED;
}

/* What is told of it: before it is done with --dry-run, and with its outcome. */
static json_t *
about(const struct say *s)
{
	const struct clerk_act *a = &s->act;
	json_t *o = json_pack(
		"{s:s, s:I, s:s, s:s}", "bureau", s->bureau->code, "id", (json_int_t)s->id, "step", a->step, "by", s->actor);
	char text[sizeof a->text + 256];

	if (a->text[0] == '\0') {
		json_object_set_new(o, "picked", json_string(a->choice.what));
		json_object_set_new(o, "says", json_string(a->choice.say != NULL ? a->choice.say : a->choice.event));
		json_object_set_new(o, "target", json_string(a->choice.target));
		return o;
	}
	snprintf(text, sizeof text, "%s%s", s->bureau->signature, a->text);
	int64_t cost = campaign_cost_of(s->bureau->part_cost);
	json_object_set_new(o, "text", json_string(text));
	json_object_set_new(o, "characters", json_integer((json_int_t)a->measure.characters));
	json_object_set_new(o, "alphabet", json_string(text_alphabet_name(a->measure.alphabet)));
	json_object_set_new(o, "parts", json_integer(a->measure.parts));
	json_object_set_new(o, "cost", cost < 0 ? json_null() : json_integer(cost * a->measure.parts));
	json_object_set_new(o, "closes", json_boolean(a->closes));
	return o;
}

static void
print_about(const struct say *s, const json_t *o)
{
	char cost[40];

	if (s->act.text[0] == '\0') {
		printf("%s, as if answered \"%s\" at step %s", view_text(o, "picked"), view_text(o, "says"), s->act.step);
		if (*view_text(o, "target") != '\0')
			printf("; leads to %s", view_text(o, "target"));
		putchar('\n');
		return;
	}
	printf("%s\n%lld characters, %s, %lld part%s", view_text(o, "text"), (long long)view_number(o, "characters"),
		view_text(o, "alphabet"), (long long)view_number(o, "parts"), s->act.measure.parts == 1 ? "" : "s");
	if (json_is_integer(json_object_get(o, "cost"))) {
		campaign_cost_text(view_number(o, "cost"), cost, sizeof cost);
		printf(", %s %s", cost, s->bureau->currency);
	}
	putchar('\n');
}

/* Stores it for the daemon. 1, 0 when the entry or its talk has changed since it was read, -1 printed. */
static int
store(struct cli *c, const struct say *s)
{
	const struct turn_event e = clerk_event(&s->act, s->bureau->id, s->actor, 0, "command line");
	json_t *desk = clerk_event_write(&e);
	char *text = json_dumps(desk, JSON_COMPACT);
	struct pg_params *p = cli_params(s->bureau);

	pg_param_int(p, s->id);
	pg_param_text(p, s->actor);
	pg_param_text(p, NULL);
	pg_param_text(p, "command line");
	pg_param_int(p, CLERK_CLAIM_SECONDS);
	pg_param_text(p, s->act.step);
	pg_param_text(p, e.name != NULL ? e.name : e.by_hand != NULL ? "answered" : "picked");
	pg_param_text(p, text);
	free(text);
	json_decref(desk);
	return cli_change(c, STMT_WORKLIST_SAY, p);
}

/* What became of it, looked at until it is known or the seconds are over: a row of STMT_WORKLIST_BECAME; NULL, printed.
 */
static json_t *
became(struct cli *c, const struct say *s)
{
	const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
	struct progress *progress = progress_new();
	json_t *row = NULL;
	bool failed;

	for (int64_t looks = 0; looks <= s->seconds * 10; looks++) {
		struct pg_params *p = cli_params(s->bureau);
		pg_param_int(p, s->id);
		json_decref(row);
		row = cli_row_run(c, STMT_WORKLIST_BECAME, p, s->bureau, &failed);
		if (row == NULL || !view_is(row, "said", "waits"))
			break;
		progress_show(progress, "waiting", -1, -1);
		if (looks < s->seconds * 10)
			nanosleep(&pause, NULL);
	}
	progress_end(progress);
	return row;
}

static int
tell(struct cli *c, const struct say *s, json_t *o, const json_t *row)
{
	const char *said = view_text(row, "said"), *word = s->act.text[0] == '\0' ? "picked" : "answered";
	long long id = (long long)s->id;
	int code = CLI_DONE;

	json_object_set_new(o, "result", json_string(strcmp(said, "done") == 0 ? word : said));
	json_object_set_new(o, "stands_at", json_string(view_text(row, "step")));
	if (c->json) {
		cli_print_object(c, json_incref(o), NULL);
	} else if (strcmp(said, "done") == 0 || strcmp(said, "waits") == 0) {
		print_about(s, o);
		if (*said == 'd')
			printf("entry %lld: %s; the talk stands at %s\n", id, word, view_text(row, "step"));
		else
			printf("entry %lld: kept; the gateway does it when it runs\n", id);
	}
	json_decref(o);
	if (strcmp(said, "moved") == 0)
		code = cli_fail("the talk of entry %lld has gone on meanwhile: nothing was done", id);
	else if (strcmp(said, "over") == 0)
		code = cli_fail("the talk of entry %lld is over: nothing was done", id);
	else if (strcmp(said, "failed") == 0)
		code = cli_fail("the talk of entry %lld cannot go on; see the gateway's log", id);
	return code;
}

/* Says it when the rule lets it; the act is filled. Frees the entry. */
static int
say(struct cli *c, struct say *s, json_t *entry, enum clerk_fault fault)
{
	int code = CLI_FAILED;

	if (fault != CLERK_GOOD) {
		code = refuse(s, entry, fault);
	} else if (s->dry_run) {
		json_t *o = about(s);
		if (c->json)
			cli_print_object(c, json_incref(o), NULL);
		else
			print_about(s, o);
		json_decref(o);
		code = CLI_DONE;
	} else {
		int stored = store(c, s);
		json_t *row = stored > 0 ? became(c, s) : NULL;
		if (stored == 0)
			cli_fail("entry %lld or its talk has changed this moment; see: huizhi worklist show %lld", (long long)s->id,
				(long long)s->id);
		if (row != NULL)
			code = tell(c, s, about(s), row);
		json_decref(row);
	}
	json_decref(entry);
	return code;
}

/* The bureau, who it is and the entry; NULL, printed, with *code. */
static json_t *
begin(struct cli *c, struct say *s, const char *word, int *code)
{
	*code = CLI_USAGE;
	if (cli_number(c, "entry", word, 1, INT64_MAX, &s->id) != 0 ||
		cli_number(c, "--wait", s->wait, 0, 3600, &s->seconds) != 0)
		return NULL;
	*code = CLI_FAILED;
	s->bureau = cli_bureau(c);
	if (s->bureau == NULL || cli_pg(c) == NULL)
		return NULL;
	cli_actor(s->staff, s->actor, sizeof s->actor);
	return worklist_may(c, s->bureau, s->actor, ROLE_SEND) != 0 ? NULL : load(c, s->bureau, s->id, s->actor);
}

/* The file's text, "-" = standard input; malloc'd, NULL printed. */
static char *
read_text(const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *text = f == NULL ? NULL : malloc(FILE_MAX + 1);

	if (f == NULL)
		cli_fail("%s: cannot open", path);
	if (text != NULL) {
		size_t len = fread(text, 1, FILE_MAX, f);
		text[len] = '\0';
		/* The bytes of another alphabet would reach the citizen as rubbish. */
		json_t *whole = json_stringn(text, len);
		if (ferror(f) || whole == NULL || strlen(text) != len) {
			cli_fail("%s: %s", path, ferror(f) ? "could not read" : "the text is not UTF-8");
			free(text);
			text = NULL;
		}
		json_decref(whole);
	}
	if (f != NULL && f != stdin)
		fclose(f);
	return text;
}

int
worklist_answer(struct cli *c, int argc, char **argv)
{
	static struct say s;
	const char *words[2] = {NULL, NULL};
	const struct cli_option options[] = {{"--file", &s.file, NULL}, {"--open", NULL, &s.open},
		{"--step", &s.step, NULL}, {"--dry-run", NULL, &s.dry_run}, {"--wait", &s.wait, NULL},
		{"--staff", &s.staff, NULL}, {NULL, NULL, NULL}};
	int code;

	s = (struct say){.wait = "10"};
	int n = cli_args(c, argc, argv, options, words, 1, 2);
	if (n < 0)
		return CLI_USAGE;
	if ((n == 2) == (s.file != NULL))
		return cli_usage(c, "give the text, or --file");
	json_t *whole = n == 2 ? json_string(words[1]) : NULL;
	json_decref(whole);
	if (n == 2 && whole == NULL)
		return cli_fail("the text is not UTF-8");
	char *text = n == 2 ? strdup(words[1]) : read_text(s.file);
	json_t *entry = text == NULL ? NULL : begin(c, &s, words[0], &code);
	if (text == NULL)
		code = CLI_FAILED;
	if (entry != NULL)
		code = say(c, &s, entry, clerk_answer(s.bureau, entry, s.step, true, text, !s.open, &s.act));
	free(text);
	return code;
}

int
worklist_pick(struct cli *c, int argc, char **argv)
{
	static struct say s;
	const char *words[2];
	const struct cli_option options[] = {{"--step", &s.step, NULL}, {"--dry-run", NULL, &s.dry_run},
		{"--wait", &s.wait, NULL}, {"--staff", &s.staff, NULL}, {NULL, NULL, NULL}};
	struct dialog_choice list[DIALOG_CHOICES_ROOM];
	char name[200];
	int code;

	s = (struct say){.wait = "10"};
	if (cli_args(c, argc, argv, options, words, 2, 2) < 0)
		return CLI_USAGE;
	json_t *entry = begin(c, &s, words[0], &code);
	struct templates *t = entry == NULL ? NULL : cli_templates(c);
	if (t == NULL) {
		json_decref(entry);
		return code;
	}
	size_t n = clerk_choices(t, s.bureau->id, entry, list), at = n;
	for (size_t i = 0; i < n; i++) {
		branch_name(list, n, i, name, sizeof name);
		if (strcmp(name, words[1]) == 0)
			at = i;
	}
	code = say(c, &s, entry,
		clerk_pick(
			t, s.bureau->id, entry, s.step, true, at < n ? list[at].what : words[1], at < n ? (long)at : -1, &s.act));
	templates_free(t);
	return code;
}
