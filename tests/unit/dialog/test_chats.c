/*
 * Plays every .chat of tests/dialogs against the dialogs in templates/, and fails for every branch of a shipped dialog
 * that no chat takes, and for every "at most N then TARGET" that no chat follows both ways. dialog/play.h says how a
 * chat is written; here a chat begins with one or more lines "dialog NAME LANGUAGE": it is played with each of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "dialog/play.h"
#include "tests/unit/dialog/files.h"

#define SHIPPED_MAX 16
#define LINES_MAX 512
#define CHATS_MAX 256

struct shipped {
	char name[DIALOG_NAME_MAX + 1];
	struct dialog *d;
	bool stayed[LINES_MAX], left[LINES_MAX];
};
static struct shipped shipped[SHIPPED_MAX];
static size_t nshipped;

static void
taken(void *arg, int line, bool left)
{
	struct shipped *s = arg;
	if (line > 0 && line < LINES_MAX)
		(left ? s->left : s->stayed)[line] = true;
}

static struct shipped *
find(const char *name)
{
	for (size_t i = 0; i < nshipped; i++)
		if (strcmp(shipped[i].name, name) == 0)
			return &shipped[i];
	return NULL;
}

/* Plays the lines from `body` up to the next "dialog" line. Returns 0, or -1 after printing what was wrong. */
static int
play(const char *path, struct shipped *s, const char *language, char **lines, size_t count, size_t body)
{
	struct play_options o = {.language = language, .taken = taken, .arg = s};
	struct play *p = play_new(s->d, &o);
	const char *why = "";
	int rc = 0;
	size_t i = body;
	for (; i < count && strncmp(lines[i], "dialog ", 7) != 0 && rc == 0; i++)
		rc = play_line(p, lines[i], &why);
	if (rc == 0)
		rc = play_finish(p, &why);
	if (rc)
		print_error("%s:%zu: (%s %s) %s\n", path, i, s->name, language, why);
	play_free(p);
	return rc;
}

/* One file: groups of "dialog" lines, each followed by the body that is played with every one of the group. */
static int
play_file(const char *path, char **lines, size_t count)
{
	int failed = 0, played = 0;
	for (size_t i = 0; i < count;) {
		if (strncmp(lines[i], "dialog ", 7) != 0) {
			i++;
			continue;
		}
		size_t body = i;
		while (body < count && strncmp(lines[body], "dialog ", 7) == 0)
			body++;
		for (; i < body; i++, played++) {
			char name[DIALOG_NAME_MAX + 1], language[8];
			struct shipped *s = sscanf(lines[i], "dialog %40s %7s", name, language) == 2 ? find(name) : NULL;
			if (!s) {
				print_error("%s:%zu: no shipped dialog \"%s\"\n", path, i + 1, lines[i]);
				failed = -1;
			} else if (play(path, s, language, lines, count, body)) {
				failed = -1;
			}
		}
	}
	if (!played)
		print_error("%s: no line \"dialog NAME LANGUAGE\"\n", path);
	return played ? failed : -1;
}

static size_t
split_lines(char *text, char ***out)
{
	size_t n = 0, room = 0;
	char **lines = NULL;
	for (char *line = text; line && *line;) {
		char *nl = strchr(line, '\n');
		if (nl)
			*nl = '\0';
		if (n == room) {
			room = room ? room * 2 : 64;
			lines = realloc(lines, room * sizeof(*lines));
			assert_non_null(lines);
		}
		lines[n++] = line;
		line = nl ? nl + 1 : NULL;
	}
	*out = lines;
	return n;
}

static void
test_chat(void **state)
{
	const char *path = *state;
	size_t len;
	char *text = file_read(path, &len), **lines;
	assert_non_null(text);
	size_t count = split_lines(text, &lines);
	int rc = play_file(path, lines, count);
	free(lines);
	free(text);
	assert_int_equal(rc, 0);
}

static void
test_every_branch(void **state)
{
	(void)state;
	int missing = 0;
	for (size_t i = 0; i < nshipped; i++) {
		struct shipped *s = &shipped[i];
		char path[256], **lines, *text;
		int branches[LINES_MAX];
		size_t len, n = dialog_branch_lines(s->d, branches, LINES_MAX);
		assert_in_range(n, 1, LINES_MAX);
		snprintf(path, sizeof(path), "templates/%.*s.dlg", DIALOG_NAME_MAX, s->name);
		text = file_read(path, &len);
		assert_non_null(text);
		size_t count = split_lines(text, &lines);
		for (size_t k = 0; k < n; k++) {
			int l = branches[k];
			assert_in_range(l, 1, count);
			const char *line = lines[l - 1];
			bool counted = strstr(line, " at most ") && !strstr(line, " then same");
			if (counted ? s->stayed[l] && s->left[l] : s->stayed[l] || s->left[l])
				continue;
			print_error("%s:%d: no chat %s this: %s\n", path, l, s->stayed[l] ? "gets past" : "takes", line);
			missing++;
		}
		free(lines);
		free(text);
	}
	assert_int_equal(missing, 0);
}

int
main(void)
{
	glob_t dialogs, chats;
	static struct CMUnitTest tests[CHATS_MAX + 1];
	size_t n = 0;
	if (glob("templates/*.dlg", 0, NULL, &dialogs) || glob("tests/dialogs/*.chat", 0, NULL, &chats)) {
		fprintf(stderr, "no dialogs or chats here; run this in the project's root folder\n");
		return 1;
	}
	for (size_t i = 0; i < dialogs.gl_pathc && nshipped < SHIPPED_MAX; i++) {
		struct shipped *s = &shipped[nshipped++];
		const char *name = strrchr(dialogs.gl_pathv[i], '/') + 1;
		snprintf(s->name, sizeof(s->name), "%.*s", (int)strcspn(name, "."), name);
		s->d = dialog_shipped(s->name);
		if (!s->d)
			return 1;
	}
	for (size_t i = 0; i < chats.gl_pathc && n < CHATS_MAX; i++)
		tests[n++] =
			(struct CMUnitTest){.name = chats.gl_pathv[i], .test_func = test_chat, .initial_state = chats.gl_pathv[i]};
	tests[n++] = (struct CMUnitTest){.name = "every branch of every dialog is taken", .test_func = test_every_branch};
	int rc = _cmocka_run_group_tests("chats", tests, n, NULL, NULL);
	for (size_t i = 0; i < nshipped; i++)
		dialog_free(shipped[i].d);
	globfree(&dialogs);
	globfree(&chats);
	return rc;
}
