/*
 * huizhi worklist claim, release, done, act, undo: one entry or several at once. Which were left as they were, and why,
 * is told for each.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/clerk.h"
#include "gateway/cli/progress.h"
#include "gateway/cli/worklist.h"
#include "store/view.h"

#define PAGE_ROWS 1000 /* of a list, one statement each */

struct many {
	struct cli *c;
	const char *verb; /* claim, release, done, act */
	const struct clerk_together *together;
	const char *list, *item, *staff, *note;
	bool all, due, mine, free_, take_over, dry_run;
	const struct conf_bureau *bureau;
	char actor[80];
	int64_t *ids; /* sorted, each once */
	size_t n;
	json_t *left; /* [{"id", "why", "by", "text"}] */
	int64_t batch;
};

/* ---- Which ------------------------------------------------------------------------------------------------------ */

static int
read_words(struct many *m, const char **words, int n)
{
	m->ids = calloc((size_t)n + 1, sizeof *m->ids);
	if (m->ids == NULL)
		abort();
	for (int i = 0; i < n; i++)
		if (cli_number(m->c, "entry", words[i], 1, INT64_MAX, &m->ids[i]) != 0)
			return CLI_USAGE;
	m->n = clerk_ids_sort(m->ids, (size_t)n);
	return CLI_DONE;
}

/* Every entry of the list that the filter lets through, as the console's pages have them. */
static int
read_list(struct many *m)
{
	char due[16] = "-infinity";
	int64_t after = 0;
	size_t rows = PAGE_ROWS;

	while (rows == PAGE_ROWS) {
		struct pg_params *p = cli_params(m->bureau);
		pg_param_text(p, m->list);
		pg_param_text(p, m->mine ? m->actor : NULL);
		pg_param_bool(p, m->free_);
		pg_param_bool(p, m->due);
		pg_param_text(p, m->item);
		pg_param_text(p, due);
		pg_param_int(p, after);
		pg_param_int(p, PAGE_ROWS);
		json_t *page = cli_rows_run(m->c, STMT_WORKLIST_PAGE, p, m->bureau);
		if (page == NULL)
			return CLI_FAILED;
		rows = json_array_size(page);
		m->ids = realloc(m->ids, (m->n + rows + 1) * sizeof *m->ids);
		if (m->ids == NULL)
			abort();
		for (size_t i = 0; i < rows; i++) {
			const json_t *row = json_array_get(page, i);
			m->ids[m->n++] = after = view_number(row, "id");
			snprintf(due, sizeof due, "%s", view_text(row, "due_key"));
		}
		json_decref(page);
	}
	m->n = clerk_ids_sort(m->ids, m->n);
	return CLI_DONE;
}

/* ---- What came of it -------------------------------------------------------------------------------------------- */

static void
leave(struct many *m, int64_t id, const char *why, const char *by, const char *text)
{
	json_array_append_new(
		m->left, json_pack("{s:I, s:s, s:s, s:s*}", "id", (json_int_t)id, "why", why, "by", by, "text", text));
}

static bool
is_left(const struct many *m, int64_t id)
{
	json_t *row;
	size_t i;

	json_array_foreach (m->left, i, row)
		if (view_number(row, "id") == id)
			return true;
	return false;
}

static void
put_why(const struct many *m, const json_t *row, char *out, size_t room)
{
	const char *why = view_text(row, "why"), *by = view_text(row, "by"), *code = m->bureau->code;
	long long id = (long long)view_number(row, "id");

	if (*view_text(row, "text") != '\0')
		snprintf(out, room, "entry %lld: %s", id, view_text(row, "text"));
	else if (strcmp(why, "held") == 0 && strcmp(m->verb, "claim") == 0)
		snprintf(out, room, "entry %lld is taken by %s; --take-over takes it all the same", id, by);
	else if (strcmp(why, "held") == 0)
		snprintf(out, room, "entry %lld is taken by %s; claim it with --take-over first", id, by);
	else if (strcmp(why, "not_yours") == 0)
		snprintf(out, room, "entry %lld of bureau %s is not %s's", id, code, strchr(m->actor, ':') + 1);
	else if (strcmp(why, "owed") == 0)
		snprintf(
			out, room, "entry %lld is closed by what the check says: huizhi application check ID passed|failed", id);
	else if (strcmp(why, "itself") == 0)
		snprintf(out, room, "entry %lld closes by itself when the thing is done: see huizhi application", id);
	else if (strcmp(why, "list") == 0)
		snprintf(out, room, "entry %lld is not on the list %s", id, m->together->list);
	else if (strcmp(why, "closed") == 0 && *by != '\0')
		snprintf(out, room, "entry %lld was done already by %s", id, by);
	else
		snprintf(out, room, "bureau %s has no open entry %lld", code, id);
}

static const char *
result_of(const struct many *m)
{
	static const char *const words[][3] = {{"claim", "claimed", "yours"}, {"release", "released", "free again"},
		{"done", "done", "done"}, {"approve", "approved", "approved"}, {"ready", "ready", "ready"},
		{"passed", "passed", "passed"}};
	const char *verb = m->together != NULL ? m->together->word : m->verb;
	bool people = !m->c->json;

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i][0], verb) == 0)
			return words[i][people ? 2 : 1];
	return verb;
}

static void
print_json(struct many *m, const char *key)
{
	json_t *ids = json_array(), *o = json_pack("{s:s, s:s, s:s}", "bureau", m->bureau->code, "result",
									m->dry_run ? "dry run" : result_of(m), "by", m->actor);

	if (m->n == 1)
		json_object_set_new(o, "id", json_integer((json_int_t)m->ids[0]));
	for (size_t i = 0, k = 0; i < m->n; i++) {
		/* Acts leave theirs in another order than they were asked for. */
		if (m->together == NULL && k < json_array_size(m->left) &&
			view_number(json_array_get(m->left, k), "id") == m->ids[i])
			k++;
		else if (m->together == NULL || !is_left(m, m->ids[i]))
			json_array_append_new(ids, json_integer((json_int_t)m->ids[i]));
	}
	json_object_set_new(o, key, ids);
	json_object_set(o, "left", m->left);
	json_object_set_new(o, "batch", m->batch == 0 ? json_null() : json_integer((json_int_t)m->batch));
	cli_print_object(m->c, o, NULL);
}

/* The exit code, everything printed. */
static int
tell(struct many *m)
{
	size_t nleft = json_array_size(m->left), i;
	char text[900];
	json_t *row;

	json_array_foreach (m->left, i, row) {
		put_why(m, row, text, sizeof text);
		json_object_set_new(row, "text", json_string(text));
	}
	if (m->n == 1 && nleft == 1 && !m->all)
		return cli_fail("%s", text);
	if (m->c->json) {
		print_json(m, "done");
		return nleft > 0 ? cli_fail("%zu of %zu entries were left as they were", nleft, m->n) : CLI_DONE;
	}
	if (m->n == 1 && !m->all)
		printf("entry %lld: %s\n", (long long)m->ids[0], result_of(m));
	else
		printf("%zu %s: %s\n", m->n - nleft, m->n - nleft == 1 ? "entry" : "entries", result_of(m));
	if (m->batch != 0 && m->n > nleft)
		printf("within ten minutes this takes it back: huizhi worklist undo %lld\n", (long long)m->batch);
	fflush(stdout);
	json_array_foreach (m->left, i, row)
		cli_fail("%s", view_text(row, "text"));
	return nleft > 0 ? CLI_FAILED : CLI_DONE;
}

/* ---- Doing it --------------------------------------------------------------------------------------------------- */

/* One statement over all: its rows, NULL printed. */
static json_t *
change(struct many *m, enum stmt s)
{
	struct pg_params *p = cli_params(m->bureau);

	pg_array_begin(p);
	for (size_t i = 0; i < m->n; i++)
		pg_array_int(p, m->ids[i]);
	pg_array_end(p);
	pg_param_text(p, m->actor);
	pg_param_text(p, NULL);
	pg_param_text(p, "command line");
	if (s == STMT_WORKLIST_CLAIM) {
		pg_param_int(p, CLERK_CLAIM_SECONDS);
		pg_param_bool(p, m->take_over);
	} else if (s == STMT_WORKLIST_DONE) {
		pg_param_text(p, m->note == NULL ? "" : m->note);
		clerk_by_hand_lists(p);
	}
	struct progress *progress = m->n > 1 ? progress_new() : NULL;
	progress_wait(progress, m->c->base, "working");
	json_t *rows = cli_rows_run(m->c, s, p, m->bureau);
	progress_end(progress);
	return rows;
}

static int
change_all(struct many *m, enum stmt s, const char *absent)
{
	json_t *rows = change(m, s);

	if (rows == NULL)
		return CLI_FAILED;
	m->left = clerk_left(rows, m->ids, m->n, absent, m->actor);
	m->batch = view_number(json_array_get(rows, 0), "batch");
	json_decref(rows);
	return tell(m);
}

/* Only those of the act's own list are taken for it. */
static int
keep_list(struct many *m)
{
	struct pg_params *p = cli_params(m->bureau);
	size_t kept = 0;

	pg_array_begin(p);
	for (size_t i = 0; i < m->n; i++)
		pg_array_int(p, m->ids[i]);
	pg_array_end(p);
	json_t *names = cli_rows_run(m->c, STMT_WORKLIST_NAMES, p, m->bureau);
	if (names == NULL)
		return -1;
	for (size_t i = 0, k = 0; i < m->n; i++) {
		while (k < json_array_size(names) && view_number(json_array_get(names, k), "id") < m->ids[i])
			k++;
		const json_t *row = json_array_get(names, k);
		if (row != NULL && view_number(row, "id") == m->ids[i] && !view_is(row, "list", m->together->list))
			leave(m, m->ids[i], "list", "", NULL);
		else
			m->ids[kept++] = m->ids[i];
	}
	m->n = kept;
	json_decref(names);
	return 0;
}

static void
act_on(struct many *m, int64_t entry, int64_t application)
{
	struct application_act a = {
		.kind = m->together->kind, .bureau_id = m->bureau->id, .id = application, .actor = m->actor};
	char code[8];

	/* Only the citizen is told the code: it is what the clerk at the counter asks for. */
	snprintf(code, sizeof code, "%06u", (unsigned)randombytes_uniform(1000000));
	if (a.kind == APPLICATION_READY)
		a.pickup_code = code;
	const struct application_answer answer = application_act_wait(m->c->pg, &a);
	switch (answer.outcome) {
	case APPLICATION_DONE:
		break;
	case APPLICATION_REFUSED:
		leave(m, entry, answer.refusal.code, answer.refusal.by, answer.text);
		break;
	case APPLICATION_UNKNOWN:
		leave(m, entry, "unknown", "", "its application is gone");
		break;
	case APPLICATION_FAILED:
		leave(m, entry, "failed", "", answer.text);
		break;
	}
}

static void
note_act(struct many *m, size_t asked)
{
	char detail[80];
	struct pg_params *p = cli_params(m->bureau);

	snprintf(detail, sizeof detail, "%zu of %zu entries", asked - json_array_size(m->left), asked);
	pg_param_text(p, strncmp(m->actor, "staff:", 6) == 0 ? m->actor + 6 : m->actor);
	pg_param_text(p, NULL);
	pg_param_text(p, m->together->event);
	pg_param_text(p, m->together->list);
	pg_param_text(p, detail);
	pg_param_text(p, "command line");
	cli_change(m->c, STMT_STAFF_EVENT, p);
}

static int
act_all(struct many *m)
{
	size_t asked = m->n, i;
	int64_t *all = malloc((m->n + 1) * sizeof *all);
	json_t *row;

	if (all == NULL)
		abort();
	memcpy(all, m->ids, m->n * sizeof *all);
	json_t *rows = keep_list(m) == 0 ? change(m, STMT_WORKLIST_CLAIM) : NULL;
	if (rows != NULL) {
		json_t *held = clerk_left(rows, m->ids, m->n, "closed", m->actor);
		struct progress *progress = progress_new();
		size_t k = 0;
		json_array_foreach (rows, i, row) {
			int64_t id = view_number(row, "id"), application = view_number(row, "application");
			while (k < json_array_size(held) && view_number(json_array_get(held, k), "id") < id)
				k++;
			progress_show(progress, "acting", (int64_t)i, (int64_t)json_array_size(rows));
			if (k < json_array_size(held) && view_number(json_array_get(held, k), "id") == id)
				continue;
			if (application == 0)
				leave(m, id, "itself", "", NULL);
			else
				act_on(m, id, application);
		}
		progress_end(progress);
		json_array_extend(m->left, held);
		json_decref(held);
		note_act(m, asked);
	}
	free(m->ids);
	m->ids = all;
	m->n = asked;
	int code = rows == NULL ? CLI_FAILED : tell(m);
	json_decref(rows);
	return code;
}

/* ---- The commands ----------------------------------------------------------------------------------------------- */

static int
preview(struct many *m)
{
	if (m->c->json) {
		print_json(m, "entries");
		return CLI_DONE;
	}
	printf("%zu %s%s", m->n, m->n == 1 ? "entry" : "entries", m->n > 0 ? ":" : "");
	for (size_t i = 0; i < m->n; i++)
		printf(" %lld", (long long)m->ids[i]);
	putchar('\n');
	return CLI_DONE;
}

static int
do_it(struct many *m)
{
	m->left = json_array();
	if (m->dry_run || m->n == 0)
		return preview(m);
	if (m->together != NULL)
		return act_all(m);
	json_decref(m->left);
	m->left = NULL;
	if (strcmp(m->verb, "claim") == 0)
		return change_all(m, STMT_WORKLIST_CLAIM, "closed");
	if (strcmp(m->verb, "release") == 0)
		return change_all(m, STMT_WORKLIST_RELEASE, "not_yours");
	return change_all(m, STMT_WORKLIST_DONE, "closed");
}

/* Behind the verb: entries, or --all of a list. */
static int
many(struct many *m, const char **words, int n)
{
	enum role role = m->together != NULL ? m->together->role : ROLE_SEND;
	int code;

	if (m->all && n > 0)
		return cli_usage(m->c, "give entries, or --all");
	if (!m->all && n == 0)
		return cli_usage(m->c, "which entries? give their numbers, or --all with --list");
	if (!m->all && (m->list != NULL || m->item != NULL || m->due || m->mine || m->free_))
		return cli_usage(m->c, "--list, --item, --due, --mine and --free choose among --all");
	if (m->together != NULL)
		m->list = m->together->list;
	if (m->all && (m->list == NULL || !clerk_is_list(m->list)))
		return cli_usage(m->c, "--all needs --list: phone, read, approve, collect, send or check");
	if (m->all && strcmp(m->verb, "done") == 0 && !clerk_by_hand(m->list))
		return cli_fail("entries of the list %s close by themselves when the thing is done", m->list);
	m->bureau = cli_bureau(m->c);
	if (m->bureau == NULL || cli_pg(m->c) == NULL)
		return CLI_FAILED;
	cli_actor(m->staff, m->actor, sizeof m->actor);
	if (worklist_may(m->c, m->bureau, m->actor, role) != 0)
		return CLI_FAILED;
	/* Of a whole list one takes what nobody has, and gives back what is one's own. */
	m->mine = m->mine || strcmp(m->verb, "release") == 0;
	m->free_ = m->free_ || (strcmp(m->verb, "claim") == 0 && !m->take_over);
	code = m->all ? read_list(m) : read_words(m, words, n);
	if (code == CLI_DONE)
		code = do_it(m);
	free(m->ids);
	json_decref(m->left);
	return code;
}

/* Reads the options that the verb has, then does it. */
static int
run(struct cli *c, int argc, char **argv, struct many *m, const struct cli_option *options)
{
	const char **words = calloc((size_t)argc + 1, sizeof *words);
	int code = CLI_USAGE, at = 0;

	if (words == NULL)
		abort();
	m->c = c;
	int n = cli_args(c, argc, argv, options, words, 0, argc);
	if (n >= 0 && strcmp(m->verb, "act") == 0) {
		size_t all;
		const struct clerk_together *t = clerk_togethers(&all);
		for (size_t i = 0; n > 0 && i < all; i++)
			if (strcmp(t[i].word, words[0]) == 0)
				m->together = &t[i];
		at = 1;
	}
	if (n >= 0 && at == 1 && m->together == NULL)
		code = cli_usage(c, "act how? approve, ready or passed");
	else if (n >= 0)
		code = many(m, words + at, n - at);
	free(words);
	return code;
}

int
worklist_claim(struct cli *c, int argc, char **argv)
{
	struct many m = {.verb = "claim"};
	const struct cli_option options[] = {{"--all", NULL, &m.all}, {"--list", &m.list, NULL}, {"--item", &m.item, NULL},
		{"--due", NULL, &m.due}, {"--mine", NULL, &m.mine}, {"--free", NULL, &m.free_},
		{"--take-over", NULL, &m.take_over}, {"--dry-run", NULL, &m.dry_run}, {"--staff", &m.staff, NULL},
		{NULL, NULL, NULL}};

	return run(c, argc, argv, &m, options);
}

int
worklist_release(struct cli *c, int argc, char **argv)
{
	struct many m = {.verb = "release"};
	const struct cli_option options[] = {{"--all", NULL, &m.all}, {"--list", &m.list, NULL}, {"--item", &m.item, NULL},
		{"--due", NULL, &m.due}, {"--dry-run", NULL, &m.dry_run}, {"--staff", &m.staff, NULL}, {NULL, NULL, NULL}};

	return run(c, argc, argv, &m, options);
}

int
worklist_done(struct cli *c, int argc, char **argv)
{
	struct many m = {.verb = "done"};
	const struct cli_option options[] = {{"--all", NULL, &m.all}, {"--list", &m.list, NULL}, {"--item", &m.item, NULL},
		{"--due", NULL, &m.due}, {"--mine", NULL, &m.mine}, {"--free", NULL, &m.free_}, {"--note", &m.note, NULL},
		{"--dry-run", NULL, &m.dry_run}, {"--staff", &m.staff, NULL}, {NULL, NULL, NULL}};

	return run(c, argc, argv, &m, options);
}

int
worklist_act(struct cli *c, int argc, char **argv)
{
	struct many m = {.verb = "act"};
	const struct cli_option options[] = {{"--all", NULL, &m.all}, {"--item", &m.item, NULL}, {"--due", NULL, &m.due},
		{"--mine", NULL, &m.mine}, {"--free", NULL, &m.free_}, {"--dry-run", NULL, &m.dry_run},
		{"--staff", &m.staff, NULL}, {NULL, NULL, NULL}};

	return run(c, argc, argv, &m, options);
}

int
worklist_undo(struct cli *c, int argc, char **argv)
{
	const char *word, *staff = NULL;
	const struct cli_option options[] = {{"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char actor[80];
	int64_t batch = 0;
	bool failed = false;
	json_t *row;
	size_t i;

	int n = cli_args(c, argc, argv, options, &word, 0, 1);
	if (n < 0 || (n == 1 && cli_number(c, "batch", word, 1, INT64_MAX, &batch) != 0))
		return CLI_USAGE;
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	cli_actor(staff, actor, sizeof actor);
	if (worklist_may(c, b, actor, ROLE_SEND) != 0)
		return CLI_FAILED;
	if (n == 0) {
		struct pg_params *p = cli_params(b);
		pg_param_text(p, actor);
		pg_param_int(p, CLERK_UNDO_SECONDS);
		row = cli_row_run(c, STMT_WORKLIST_BATCH, p, b, &failed);
		batch = view_number(row, "batch");
		json_decref(row);
	}
	if (failed)
		return CLI_FAILED;
	struct pg_params *p = cli_params(b);
	pg_param_int(p, batch);
	pg_param_text(p, actor);
	pg_param_text(p, NULL);
	pg_param_text(p, "command line");
	pg_param_int(p, CLERK_UNDO_SECONDS);
	json_t *rows = cli_rows_run(c, STMT_WORKLIST_UNDO, p, b);
	if (rows == NULL)
		return CLI_FAILED;
	json_t *ids = json_array();
	json_array_foreach (rows, i, row)
		json_array_append(ids, json_object_get(row, "id"));
	json_decref(rows);
	size_t back = json_array_size(ids);
	if (back == 0) {
		json_decref(ids);
		return cli_fail("%s has marked nothing as done in the last ten minutes that could be taken back", actor);
	}
	if (c->json)
		return cli_print_object(c, json_pack("{s:s, s:s, s:o}", "bureau", b->code, "by", actor, "undone", ids), NULL);
	json_decref(ids);
	printf("%zu %s again\n", back, back == 1 ? "entry waits" : "entries wait");
	return CLI_DONE;
}
