/*
 * The canonical text and the picture. Printed text loads to the same dialog: it prints the same again, and steps the
 * same through thousands of events. The spacing and comments of an author change nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/dialog.h"
#include "dialog/play.h"
#include "tests/unit/dialog/files.h"

static const char *const shipped[] = {"renewal", "change", "visitor"};

/* Loads other text with the wordings of a shipped dialog. */
static struct dialog *
load_with_wordings_of(const char *name, const char *text)
{
	char path[64];
	struct dialog_wording_source w[4] = {0};
	size_t n = 0;
	const char *const stems[] = {name, "common"}, *const languages[] = {"zh", "en"};
	for (int s = 0; s < 2; s++)
		for (int l = 0; l < 2; l++) {
			snprintf(path, sizeof(path), "templates/%s.%s.txt", stems[s], languages[l]);
			w[n].file = stems[s];
			w[n].language = languages[l];
			w[n].text = file_read(path, &w[n].len);
			n += w[n].text != NULL;
		}
	struct dialog_faults f = {0};
	struct dialog *d = dialog_load("again.dlg", text, strlen(text), w, n, &f);
	for (size_t i = 0; i < f.count; i++)
		print_error("%s:%d: %s\n", f.list[i].file, f.list[i].line, f.list[i].text);
	dialog_faults_free(&f);
	for (size_t i = 0; i < n; i++)
		free((void *)w[i].text);
	return d;
}

static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (uint32_t)(((uint64_t)(*seed >> 8) * below) >> 24);
}

static struct dialog_event
random_event(uint32_t *seed, struct dialog_slot slot[1])
{
	static const char *const texts[] = {"Y", "N", "1", "2", "3", "5", "all", "Y 1 2", "hm", "help", "stop", "status",
		"English", "not me", "check 12345678", "威海市文登区文山路88号", "不变", "快递", "", "start"};
	static const char *const names[] = {"verified", "confirmed", "correct", "old_on_site", "old_courier", "pick_up",
		"courier", "approved", "rejected", "sent", "ready", "collected", "finished", "undeliverable"};
	struct dialog_event e = {
		.kind = (enum dialog_event_kind)draw(seed, 4), .channel = (enum dialog_channel)draw(seed, 4)};
	e.text = texts[draw(seed, sizeof(texts) / sizeof(texts[0]))];
	e.name = names[draw(seed, sizeof(names) / sizeof(names[0]))];
	e.application = (int)draw(seed, 3);
	*slot = (struct dialog_slot){"address", "x"};
	e.slots = slot;
	e.nslots = draw(seed, 2);
	return e;
}

/* The two step the same: the same effects by name, the same conversation. */
static void
assert_same(const struct dialog *a, const struct dialog *b)
{
	uint32_t seed = 42;
	struct dialog_conversation c = {.applications = 3, .language = "zh"};
	int64_t now = 1000000;
	for (int i = 0; i < 20000; i++) {
		struct dialog_slot slot[1];
		struct dialog_event e = random_event(&seed, slot);
		struct dialog_conversation ca, cb;
		struct dialog_result ra, rb;
		now += draw(&seed, 3 * 86400);
		assert_int_equal(dialog_step(a, &c, &e, now, &ca, &ra), 0);
		assert_int_equal(dialog_step(b, &c, &e, now, &cb, &rb), 0);
		assert_memory_equal(&ca, &cb, sizeof(ca));
		assert_int_equal(ra.neffects, rb.neffects);
		for (size_t k = 0; k < ra.neffects; k++) {
			assert_int_equal(ra.effects[k].kind, rb.effects[k].kind);
			assert_string_equal(ra.effects[k].name, rb.effects[k].name);
			assert_int_equal(ra.effects[k].what, rb.effects[k].what);
			assert_int_equal(ra.effects[k].reminder, rb.effects[k].reminder);
		}
		c = ca;
		if (c.ended)
			c = (struct dialog_conversation){.applications = 1 + (int)draw(&seed, 4), .language = "en"};
	}
}

static void
test_prints_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
		struct dialog *d = dialog_shipped(shipped[i]);
		assert_non_null(d);
		char *once = dialog_print(d);
		assert_non_null(once);
		struct dialog *again = load_with_wordings_of(shipped[i], once);
		assert_non_null(again);
		char *twice = dialog_print(again);
		assert_string_equal(once, twice);
		assert_same(d, again);
		free(once);
		free(twice);
		dialog_free(again);
		dialog_free(d);
	}
}

/* Comments, blank lines, tabs and spaces strewn in by a fixed draw. */
static char *
strew(const char *text, uint32_t seed)
{
	static const char *const between[] = {" ", "  ", "\t", " \t "};
	static const char *const after[] = {"\n", " # words\n", "\r\n", "\n\n", "\n# -> else say\n\n"};
	char *out = malloc(strlen(text) * 20 + 1), *to = out;
	bool quoted = false;
	assert_non_null(out);
	for (; *text; text++) {
		const char *piece = NULL;
		quoted = *text == '"' ? !quoted : quoted;
		if (*text == ' ' && !quoted)
			piece = between[draw(&seed, 4)];
		else if (*text == '\n')
			piece = after[draw(&seed, 5)];
		if (piece) {
			to = stpcpy(to, piece);
			continue;
		}
		*to++ = *text;
	}
	*to = '\0';
	return out;
}

static void
test_spacing_changes_nothing(void **state)
{
	(void)state;
	struct dialog *d = dialog_shipped("renewal");
	assert_non_null(d);
	char *once = dialog_print(d);
	for (uint32_t seed = 0; seed < 20; seed++) {
		char *strewn = strew(once, seed);
		struct dialog *again = load_with_wordings_of("renewal", strewn);
		assert_non_null(again);
		char *twice = dialog_print(again);
		assert_string_equal(once, twice);
		free(strewn);
		free(twice);
		dialog_free(again);
	}
	free(once);
	dialog_free(d);
}

static void
test_print_of_everything(void **state)
{
	(void)state;
	static const char text[] = "dialog all 3\n"
							   "\n"
							   "step one\n"
							   "  ask a\n"
							   "  list phone\n"
							   "  yes, \"Blue  Sky\"     -> two do consent, verified say a list read\n"
							   "  number 2-5 in rating -> two\n"
							   "  date in day          -> two quietly say a\n"
							   "  text 2-9 in note     -> two\n"
							   "  event ready          -> same\n"
							   "  else                 -> same say a at most 3 then two\n"
							   "  silent 90m           -> same at most 1 then done\n"
							   "\n"
							   "step two\n"
							   "  tell a\n"
							   "  list read\n"
							   "  choose       -> back\n"
							   "  text in note -> done\n"
							   "  else         -> same at most 1 then same\n"
							   "  silent 36h   -> done\n"
							   "\n"
							   "end done say a\n"
							   "end gone\n"
							   "\n"
							   "anywhere\n"
							   "  STOP, NOT ME -> gone\n"
							   "  HELP, STATUS, LANGUAGE, CHECK, START -> same say a\n"
							   "\n"
							   "anywhere begun\n"
							   "  STOP -> same say a\n";
	struct dialog_wording_source w = {"x.zh.txt", "zh", "[a]\nx\n", 6, false};
	struct dialog_faults f = {0};
	struct dialog *d = dialog_load("x.dlg", text, sizeof(text) - 1, &w, 1, &f);
	for (size_t i = 0; i < f.count; i++)
		print_error("%d: %s\n", f.list[i].line, f.list[i].text);
	assert_non_null(d);
	char *printed = dialog_print(d);
	assert_string_equal(printed, text);
	free(printed);
	dialog_free(d);
}

static void
test_dot(void **state)
{
	(void)state;
	struct dialog *d = dialog_shipped("renewal");
	assert_non_null(d);
	char *dot = dialog_dot(d, "en");
	assert_non_null(dot);
	assert_non_null(strstr(dot, "digraph \"renewal\" {\n"));
	assert_non_null(strstr(dot, "\"reminded\" [shape=box, penwidth=2, label=\"reminded\\nHello, this is {bureau}."));
	assert_non_null(strstr(dot, "\"finished\" [shape=ellipse"));
	assert_non_null(strstr(dot, "\"reminded\" -> \"verify\" [label=\"choose: consent\\nevent consented: consent\"];"));
	assert_non_null(strstr(dot, "\"reminded\" -> \"phone_list\" [label=\"event undeliverable\\nelse, after 2 times\\n"
								"silent reminder_day, after 2 times\", style=dotted];"));
	assert_non_null(strstr(dot, "else: says reminder_help\\l")); /* staying is told inside the box */
	assert_non_null(strstr(dot, "\"clerk\" -> \"back from clerk\" [label=\"yes\"];"));
	assert_non_null(strstr(dot, "\\\"1\\\", \\\"on site\\\"")); /* quotes inside a label */
	/* Every quote that opens closes on its line, and braces balance outside of labels. */
	int braces = 0;
	bool quoted = false;
	for (const char *s = dot; *s; s++) {
		if (quoted && *s == '\\')
			s++;
		else if (*s == '"')
			quoted = !quoted;
		else if (!quoted)
			braces += (*s == '{') - (*s == '}');
		if (*s == '\n')
			assert_false(quoted);
	}
	assert_int_equal(braces, 0);
	free(dot);
	char *zh = dialog_dot(d, "zh");
	assert_non_null(strstr(zh, "您好"));
	free(zh);
	dialog_free(d);
}

/* ---- The player fails when it should: a chat that cannot fail tests nothing -------------------------------------- */

static void
plays(const char *const lines[], const char *why_not)
{
	struct dialog *d = dialog_shipped("renewal");
	assert_non_null(d);
	struct play *p = play_new(d, &(struct play_options){.language = "en"});
	assert_non_null(p);
	const char *why = "";
	int rc = 0;
	for (size_t i = 0; lines[i] && rc == 0; i++)
		rc = play_line(p, lines[i], &why);
	if (rc == 0)
		rc = play_finish(p, &why);
	assert_int_equal(rc, why_not ? -1 : 0);
	if (why_not)
		assert_non_null(strstr(why, why_not));
	play_free(p);
	dialog_free(d);
}
#define PLAYS(why_not, ...) plays((const char *const[]){__VA_ARGS__, NULL}, why_not)

static void
test_player_fails(void **state)
{
	(void)state;
	PLAYS(NULL, "# fine", "", "start", "> [reminder]", "< Y", "> [verify]", "= step verify", "= effect consent");
	PLAYS("this was sent and not expected, [reminder]", "start");
	PLAYS("this was sent and not expected, [reminder]", "start", "< Y");
	PLAYS("but sent was [reminder]", "start", "> [verify]", "< Y");
	PLAYS("but sent was [reminder]", "start", "> Hello.");
	PLAYS("nothing was sent, where this was expected:\nHello", "start", "> [reminder]", "> Hello", "= nothing");
	PLAYS("stands at step reminded", "start", "> [reminder]", "= step verify");
	PLAYS("stands at step reminded", "start", "> [reminder]", "= end reminded");
	PLAYS("no effect consent", "start", "> [reminder]", "= effect consent");
	PLAYS("not put on the list phone", "start", "> [reminder]", "= list phone");
	PLAYS("something happened", "start", "> [reminder]", "= nothing");
	PLAYS("it was understood", "start", "> [reminder]", "< N", "> [declined]", "= not understood");
	PLAYS("the text is no reminder", "start", "> [reminder]", "< Y", "> [verify]", "= reminder");
	PLAYS("the language is en", "start", "> [reminder]", "= language zh");
	PLAYS("the selection is 0", "start", "> [reminder]", "= selected 1");
	PLAYS("the slot holds \"\"", "start", "> [reminder]", "= slot address x");
	PLAYS("nothing that can be expected", "start", "> [reminder]", "= what");
	PLAYS("no sign that is known", "hello");
	PLAYS("wait wants a time", "wait 3w");
	PLAYS("comes \"event NAME\"", "! verified");
	PLAYS("\"x\" is not understood", "! event verified x");
	PLAYS("this was sent and not expected, [reminder]", "start", "> [reminder]", "wait 7d");
}

static void
collect(void *arg, const char *line)
{
	char *all = arg;
	size_t len = strlen(all);
	snprintf(all + len, 4096 - len, "%s\n", line);
}

static void
test_player_shows(void **state)
{
	(void)state;
	struct dialog *d = dialog_shipped("change");
	assert_non_null(d);
	static char all[4096];
	const char *why;
	struct play *p =
		play_new(d, &(struct play_options){.language = "en", .applications = 2, .out = collect, .arg = all});
	assert_int_equal(play_line(p, "start", &why), 0);
	assert_int_equal(play_line(p, "< n", &why), 0);
	assert_string_equal(all, "= step reminded\n"
							 "> Hello, this is Wendeng Approval Bureau. Your entry in the business register has "
							 "changed. These should follow:\n"
							 "  1. Food business licence renewal (..1234)\n"
							 "  2. Public place hygiene licence renewal (..0088)\n"
							 "  Reply Y for all, or Y and numbers, such as Y 1 3; our staff then act for you. N for "
							 "no. To check that this is "
							 "genuine, phone 0631-8450000 or reply CHECK. STOP ends reminders.\n"
							 "= effect decline\n"
							 "> All right, we leave it for now. If you want it later, come to our counter (Service "
							 "Hall, 1 Wenshan Road, window 3) "
							 "or phone 0631-8450000.\n"
							 "= end declined\n");
	assert_true(play_conversation(p)->ended);
	play_free(p);
	dialog_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prints_the_same),
		cmocka_unit_test(test_spacing_changes_nothing),
		cmocka_unit_test(test_print_of_everything),
		cmocka_unit_test(test_dot),
		cmocka_unit_test(test_player_fails),
		cmocka_unit_test(test_player_shows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
