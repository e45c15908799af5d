/* USSD screens: menus made of answers, their numbers, their pages, what an input means, and what the loader refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/screen.h"
#include "dialog/text.h"
#include "tests/unit/dialog/files.h"

#define ANYWHERE "anywhere\nSTOP, HELP, STATUS, LANGUAGE, NOT ME, CHECK, START -> same say again\n"
#define COMMON                                                                                                         \
	"[again]\nAgain?\n[menu_yes]\nYes\n[menu_no]\nNo\n[menu_all]\nAll\n[menu_keep]\nKeep\n[menu_more]\nMore\n"         \
	"[identity_wrong]\nWrong.\n[identity_locked]\nLocked.\n[menu_back]\nBack\n[menu_noted]\nNoted.\n[menu_"            \
	"application]\n{item}\n"
#define REST "  else -> same say again at most 2 then over\n  silent 1d -> over\n"

static const char dlg[] = "dialog d 1 ussd\n"
						  "step one\n  ask first\n  yes -> two\n  \"blue\", \"azul\" -> two\n  no, keep -> over\n" REST
						  "step two\n  ask second\n  number 0-5 in rating -> three\n  keep -> over\n" REST
						  "step three\n  ask third\n  choose -> four\n  no -> over\n" REST
						  "step four\n  ask fourth\n  no -> over\n  text 6-200 in address -> five do address\n" REST
						  "step five\n  tell fifth\n  \"red\" -> six\n  event sent -> over\n" REST
						  "step six\n  tell sixth\n  event verified -> over\n" REST "end over say again\n" ANYWHERE;
static const char wording[] =
	COMMON "[first]\nSms first\n"
		   "[first ussd pages=3]\nWhich colour?\n* blue: Blue like the sky over {counter}\n* STATUS: How it stands\n"
		   "[second]\nFrom 0 to 5?\n"
		   "[second ussd pages=3]\nHow good? {item}\n* 5: Very\n* 0: Not at all\n"
		   "[third]\nWhich?\n[third many]\nWhich of {count}?\n"
		   "[third many ussd pages=4]\nWhich of {count}?\n* all: All of them\n* choose: {item} {n}\n"
		   "[third ussd]\nShall we?\n"
		   "[fourth]\nWhere to? {link}\n[fourth ussd]\nWhere to?{#identity} Who?{/identity}\n"
		   "[fifth]\nTold.\n[fifth ussd]\nTold.\n* red: Red\n"
		   "[sixth]\nQuiet.\n";

static const struct dialog_screen_limit full = {TEXT_USSD_GSM7, TEXT_USSD_UCS2};
static struct dialog *d;

static struct dialog *
load(const char *flow, const char *words, struct dialog_faults *f)
{
	struct dialog_wording_source w[] = {{"d.en.txt", "en", words, strlen(words), false}};
	return dialog_load("d.dlg", flow, strlen(flow), w, 1, f);
}

static int
setup(void **state)
{
	struct dialog_faults f = {0};
	(void)state;
	d = load(dlg, wording, &f);
	for (size_t i = 0; i < f.count; i++)
		print_error("%s:%d: %s\n", f.list[i].file, f.list[i].line, f.list[i].text);
	dialog_faults_free(&f);
	return d ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	dialog_free(d);
	return 0;
}

static const char *
value(void *arg, const char *placeholder, int index)
{
	static char room[32];
	(void)arg;
	if (strcmp(placeholder, "item") == 0 && index == 2)
		return ""; /* it has left the talk */
	snprintf(room, sizeof(room), "%s%d", placeholder, index);
	return room;
}

static struct dialog_conversation
at(const char *step, int applications)
{
	struct dialog_conversation c = {.applications = applications, .language = "en"};
	snprintf(c.step, sizeof(c.step), "%s", step);
	return c;
}

static const char *
screen(const char *step, int applications, const char *said, int page, struct dialog_screen *s)
{
	struct dialog_conversation c = at(step, applications);
	assert_int_equal(dialog_screen_make(d, &c, said, page, &full, value, NULL, s), 0);
	return s->text;
}

static void
answers_become_numbered_lines(void **state)
{
	struct dialog_screen s;
	(void)state;
	assert_true(dialog_speaks_ussd(d));
	/* The author's lines in the author's order, then the lists that have none; `no, keep` is one answer. */
	assert_string_equal(
		screen("one", 1, "", 1, &s), "Which colour?\n1 Blue like the sky over counter0\n2 How it stands\n3 Yes\n4 No");
	assert_true(s.waits && s.pages == 1 && s.page == 1);
	assert_string_equal(screen("one", 1, "Sorry.", 1, &s),
		"Sorry.\nWhich colour?\n1 Blue like the sky over counter0\n2 How it stands\n3 Yes\n4 No");
	/* A number of a range bears itself; what else there is goes around the range. */
	assert_string_equal(screen("two", 1, "", 1, &s), "How good? item0\n5 Very\n0 Not at all\n6 Keep");
	assert_string_equal(screen("three", 1, "", 1, &s), "Shall we?\n1 Yes\n2 No");
	assert_string_equal(screen("three", 3, "", 1, &s), "Which of 3?\n1 All of them\n2 item1 1\n4 item3 3\n5 No");
	/* What is told has a menu only where its author gave it one. */
	assert_string_equal(screen("five", 1, "", 1, &s), "Told.\n1 Red");
	assert_true(s.waits);
	assert_string_equal(screen("six", 1, "Thanks.", 1, &s), "Thanks.");
	assert_false(s.waits);
	assert_string_equal(screen("six", 1, "", 1, &s), "Noted.");
	struct dialog_conversation over = at("over", 1);
	over.ended = true;
	assert_int_equal(dialog_screen_make(d, &over, "Bye.", 1, &full, value, NULL, &s), 0);
	assert_string_equal(s.text, "Bye.");
	assert_false(s.waits);
	struct dialog_conversation lost = at("nowhere", 1);
	assert_int_equal(dialog_screen_make(d, &lost, "", 1, &full, value, NULL, &s), -1);
}

static const char *
typed(const char *step, int applications, const char *input, int page, int pages, struct dialog_input *in)
{
	struct dialog_conversation c = at(step, applications);
	dialog_screen_input(d, &c, input, page, pages, in);
	return in->kind == DIALOG_INPUT_TEXT ? in->text : NULL;
}

static void
a_number_is_its_line_on_every_page(void **state)
{
	struct dialog_input in;
	(void)state;
	assert_string_equal(typed("one", 1, "1", 1, 1, &in), "blue");
	assert_string_equal(typed("one", 1, " ٢ ", 1, 1, &in), "STATUS");
	assert_string_equal(typed("one", 1, "３", 2, 2, &in), "yes");
	assert_string_equal(typed("one", 1, "4", 1, 1, &in), "no");
	/* Not on the menu: nothing at all, though a text "0" is a no and "1" a yes. */
	assert_string_equal(typed("one", 1, "5", 1, 1, &in), "\xEF\xBF\xBD");
	assert_string_equal(typed("one", 1, "001", 1, 1, &in), "\xEF\xBF\xBD");
	assert_string_equal(typed("five", 1, "2", 1, 1, &in), "\xEF\xBF\xBD");
	assert_string_equal(typed("one", 1, "help", 1, 1, &in), "help");
	assert_string_equal(typed("one", 1, "12345678", 1, 1, &in), "check 12345678");
	assert_string_equal(typed("two", 1, "3", 1, 1, &in), "3");
	assert_string_equal(typed("two", 1, "0", 1, 1, &in), "0");
	assert_string_equal(typed("two", 1, "6", 1, 1, &in), "keep");
	assert_string_equal(typed("four", 1, "1 Long Street", 1, 1, &in), "1 Long Street");
	assert_string_equal(typed("four", 1, "7654321", 1, 1, &in), "7654321");
	assert_string_equal(typed("three", 3, "2", 1, 1, &in), "y 1");
	assert_string_equal(typed("three", 3, "2 4", 1, 1, &in), "y 1 3");
	assert_string_equal(typed("three", 3, "4*2", 1, 1, &in), "y 3 1");
	assert_string_equal(typed("three", 3, "1 2", 1, 1, &in), "1 2"); /* all and one: left to the dialog */
	assert_string_equal(typed("three", 1, "1", 1, 1, &in), "yes");
}

static void
keys_turn_pages_and_step_nothing(void **state)
{
	struct dialog_input in;
	(void)state;
	assert_null(typed("one", 1, "0", 1, 3, &in));
	assert_int_equal(in.page, 2);
	assert_null(typed("one", 1, "0", 3, 3, &in));
	assert_int_equal(in.page, 3);
	assert_null(typed("one", 1, "00", 3, 3, &in));
	assert_int_equal(in.page, 2);
	assert_null(typed("one", 1, "00", 1, 3, &in));
	assert_int_equal(in.page, 1);
	assert_null(typed("one", 1, "  ", 2, 3, &in));
	assert_int_equal(in.page, 2);
	/* Where nought is an answer the keys are others. */
	assert_null(typed("two", 1, "#", 1, 2, &in));
	assert_int_equal(in.page, 2);
	assert_null(typed("two", 1, "*", 2, 2, &in));
	assert_int_equal(in.page, 1);
}

static size_t
cost(const char *text, bool *wide)
{
	struct text_measure m;
	text_measure(text, strlen(text), &m);
	*wide = m.alphabet == TEXT_UCS2;
	return m.units;
}

/* Everything that was said comes, in order, on pages that hold it, whatever their size; the menu's lines stay whole. */
static void
pages_lose_nothing(void **state)
{
	static const char *const said[] = {
		"",
		"Short.",
		"A sentence of some length. Another one, which is rather longer than the first. And a third; it ends here.",
		"这是一段很长的中文，用来看它怎么分页。每一页都不能超过八十个字，句子最好不要从中间断开。这是一段很长的中文，"
		"用来看它怎么分页。每一页都不能超过八十个字，句子最好不要从中间断开。",
		"anuncommonlylongwordwithoutanyspaceanuncommonlylongwordwithoutanyspaceanuncommonlylongwordwithoutanyspace",
		"Mixed 中文 and ASCII, €uro and 🌧 beyond the plane, so that the alphabet changes from page to page to "
		"page.",
	};
	struct dialog_conversation c = at("one", 1);
	(void)state;
	for (int size = 50; size <= 182; size++) {
		struct dialog_screen_limit limit = {size, size > 80 ? 80 : size};
		for (size_t k = 0; k < sizeof(said) / sizeof(said[0]); k++) {
			char all[4096] = "", want[4096];
			size_t used = 0;
			struct dialog_screen s = {.pages = 1};
			for (int page = 1; page <= s.pages; page++) {
				bool wide;
				assert_int_equal(dialog_screen_make(d, &c, said[k], page, &limit, value, NULL, &s), 0);
				assert_int_equal(s.page, page);
				assert_true(s.waits);
				size_t units = cost(s.text, &wide);
				assert_in_range(units, 1, (size_t)(wide ? limit.ucs2 : limit.gsm7));
				char *end = strstr(s.text, "\n0 More");
				if (!end)
					end = strstr(s.text, "\n00 Back");
				assert_true((page < s.pages) == (strstr(s.text, "0 More") != NULL));
				assert_true((page > 1) == (strstr(s.text, "00 Back") != NULL));
				if (end)
					*end = '\0';
				used += (size_t)snprintf(all + used, sizeof(all) - used, "%s", s.text);
				assert_true(used < sizeof(all));
			}
			snprintf(want, sizeof(want),
				"%s\nWhich colour?\n1 Blue like the sky over counter0\n2 How it stands\n3 Yes\n4 No", said[k]);
			char *from = all, *to = want;
			for (; *from || *to; from++, to++) {
				while (*from == ' ' || *from == '\n')
					from++;
				while (*to == ' ' || *to == '\n')
					to++;
				assert_int_equal(*from, *to);
				if (!*from)
					break;
			}
		}
	}
	/* A screen on which not even one line finds room. */
	struct dialog_screen s;
	struct dialog_screen_limit tiny = {20, 20};
	assert_int_equal(dialog_screen_make(d, &c, "", 1, &tiny, value, NULL, &s), -1);
}

static void
links_and_receipts_go_out_as_texts(void **state)
{
	struct dialog_conversation c = at("three", 1), after;
	struct dialog_event e = {.kind = DIALOG_TEXT, .channel = DIALOG_CHANNEL_USSD, .text = "yes"};
	struct dialog_result r;
	(void)state;
	assert_int_equal(dialog_step(d, &c, &e, 1000, &after, &r), 0);
	assert_string_equal(after.step, "four");
	for (size_t i = 0; i < r.neffects; i++) {
		struct dialog_telling with = dialog_screen_tells(d, &after, &r, i, true),
							  without = dialog_screen_tells(d, &after, &r, i, false);
		bool said = r.effects[i].kind == DIALOG_SAY;
		assert_false(with.said || without.said); /* it is the screen's own question */
		assert_false(with.text);				 /* identity is asked for here: no link unless it is wanted */
		assert_int_equal(without.text, said);
	}
	assert_true(dialog_step_asks_identity(d, "four", "en"));
	assert_false(dialog_step_asks_identity(d, "one", "en"));
	assert_string_equal(dialog_step_text(d, "six"), "sixth");
	assert_string_equal(dialog_step_text(d, "over"), "again");
	assert_string_equal(dialog_step_text(d, "nowhere"), "");
}

static void
dialling_asks_or_tells(void **state)
{
	struct dialog_conversation c = at("", 1);
	struct dialog_event e;
	(void)state;
	assert_true(dialog_dial_event(d, &c, &e));
	assert_int_equal(e.kind, DIALOG_START);
	c = at("one", 1);
	assert_false(dialog_dial_event(d, &c, &e));
	c = at("six", 1);
	assert_true(dialog_dial_event(d, &c, &e));
	assert_string_equal(e.text, "STATUS");
	c.ended = true;
	assert_false(dialog_dial_event(d, &c, &e));
}

/* ---- What the loader refuses ----------------------------------------------------------------------------------------
 */

struct refusal {
	const char *name, *find, *put;
	int line;
	const char *text;
};

static const struct refusal refusals[] = {
	{"no label", "* blue: Blue like the sky over {counter}\n", "", 25, "the answer in line 5 of d.dlg has no label"},
	{"no such answer", "* blue:", "* green:", 27, "\"green\" is no answer of step \"one\""},
	{"an answer of another step", "* red: Red", "* 5: Red", 53, "\"5\" is no answer of step \"five\""},
	{"a line twice", "* STATUS: How it stands\n", "* blue: Also\n", 28, "has its line already, in line 27"},
	{"a line without a label", "* red: Red", "* red:", 53, "a line of a menu is \"* ANSWER: LABEL\""},
	{"a label with an unknown value", "* red: Red", "* red: {itme}", 51, "there is no placeholder {itme}"},
	{"too many screens", "[first ussd pages=3]", "[first ussd]", 25, "at its longest it takes 3 screens"},
	{"a label that fits no screen", "* red: Red", "* red: {reason}{item}", 53, "the line of \"red\" fits no screen"},
	{"a link on the screen", "[fourth ussd]\nWhere to?", "[fourth ussd]\nWhere {link}", 47,
		"a link or a code goes out as a text by itself"},
	{"a link and no screen", "[fourth ussd]\nWhere to?{#identity} Who?{/identity}\n", "", 45,
		"what does the screen say meanwhile?"},
	{"one form for many", "[third many ussd pages=4]\nWhich of {count}?\n* all: All of them\n* choose: {item} {n}\n",
		"", 39, "none for USSD: [third many ussd]"},
	{"no answer to a wrong number", "[identity_wrong]\nWrong.\n", "", 1, "a question with {#identity} needs the text"},
	{"no keys", "[menu_more]\nMore\n", "", 1, "a dialog by ussd needs the text \"menu_more\""},
	{"no label for yes", "[menu_yes]\nYes\n", "", 23, "the menu of step \"one\" needs the text \"menu_yes\" in en"},
	{"a menu that nobody asks", "[again]\nAgain?\n", "[again]\nAgain?\n[again ussd]\nAgain?\n* yes: Yes\n", 5,
		"no step asks or tells \"again\""},
	{"too many pages allowed", "pages=3", "pages=10", 25, "\"pages=10\" is not understood"},
};

static bool seen[DIALOG_FAULT_CODES]; /* the codes that were told so far */

static void
test_refusal(void **state)
{
	const struct refusal *r = *state;
	const char *from = strstr(wording, r->find);
	char words[4096];
	struct dialog_faults f = {0};
	assert_non_null(from);
	snprintf(words, sizeof(words), "%.*s%s%s", (int)(from - wording), wording, r->put, from + strlen(r->find));
	struct dialog *bad = load(dlg, words, &f);
	assert_null(bad);
	bool told = false;
	for (size_t i = 0; i < f.count; i++)
		told = told || (f.list[i].line == r->line && strstr(f.list[i].text, r->text));
	for (size_t i = 0; i < f.count && !told; i++)
		print_error("%s:%d: %s\n", f.list[i].file, f.list[i].line, f.list[i].text);
	assert_true(told);
	for (size_t i = 0; i < f.count; i++)
		seen[f.list[i].code] = true;
	dialog_faults_free(&f);
}

/* The last one: no fault of screens is in the table that nothing tells. */
static void
every_code_is_told(void **state)
{
	(void)state;
	for (int i = DIALOG_FAULT_TEXT_SCREENS; i < DIALOG_FAULT_CODES; i++)
		if (!seen[i])
			fail_msg("no test tells %s", dialog_fault_name((enum dialog_fault_code)i));
}

/* The same words in a dialog that is not held by USSD need no menus. */
static void
only_who_says_ussd_is_held_to_it(void **state)
{
	struct dialog_faults f = {0};
	char flow[4096];
	(void)state;
	snprintf(flow, sizeof(flow), "dialog d 1%s", dlg + strlen("dialog d 1 ussd"));
	struct dialog *plain =
		load(flow, "[again]\nx\n[first]\nx\n[second]\nx\n[third]\nx\n[fourth]\nx\n[fifth]\nx\n[sixth]\nx\n", &f);
	assert_non_null(plain);
	assert_false(dialog_speaks_ussd(plain));
	dialog_free(plain);
	char *printed = dialog_print(d);
	assert_non_null(strstr(printed, "dialog d 1 ussd\n"));
	free(printed);
}

int
main(void)
{
	struct CMUnitTest tests[64] = {
		cmocka_unit_test(answers_become_numbered_lines),
		cmocka_unit_test(a_number_is_its_line_on_every_page),
		cmocka_unit_test(keys_turn_pages_and_step_nothing),
		cmocka_unit_test(pages_lose_nothing),
		cmocka_unit_test(links_and_receipts_go_out_as_texts),
		cmocka_unit_test(dialling_asks_or_tells),
		cmocka_unit_test(only_who_says_ussd_is_held_to_it),
	};
	size_t n = 7;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		tests[n++] = (struct CMUnitTest){
			.name = refusals[i].name, .test_func = test_refusal, .initial_state = (void *)&refusals[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(every_code_is_told);
	return _cmocka_run_group_tests("screen", tests, n, setup, teardown);
}
