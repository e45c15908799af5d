/* The engine: what one event makes of a conversation. The shipped dialogs are played in test_chats.c; here its rules.
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

#define DAY 86400
#define NOW INT64_C(1780000000)

static const char dlg[] = "dialog d 1\n"				 /* 1 */
						  "step one\n"					 /* 2 */
						  "  ask q\n"					 /* 3 */
						  "  choose -> two do consent\n" /* 4 */
						  "  else -> same say help at most 2 then clerk\n"
						  "  silent 1d -> same at most 2 then done\n"
						  "step two\n"
						  "  ask q2\n" /* 8 */
						  "  yes -> three say thanks list send\n"
						  "  event confirmed, event verified -> three do confirm\n"
						  "  event courier -> same do address say help\n"
						  "  event correct -> three quietly\n"
						  "  event approved -> same quietly\n"
						  "  text 6-20 in address -> three do address, submit\n" /* 12 */
						  "  else -> clerk\n"
						  "  silent 2d -> done\n"
						  "step three\n"
						  "  tell t\n" /* 16 */
						  "  event finished -> done do submit\n"
						  "  number 1-5 in rating -> same do rate\n"
						  "  else -> done say help\n"
						  "  silent 3d -> same list phone\n" /* 20 */
						  "step clerk\n"
						  "  tell t\n"
						  "  list read\n"
						  "  yes -> back\n" /* 24 */
						  "  no -> clerk2\n"
						  "  else -> same say help at most 1 then same\n"
						  "  silent 1d -> done\n"
						  "step clerk2\n" /* 28 */
						  "  list read\n"
						  "  yes -> back\n"
						  "  else -> clerk\n"
						  "  silent 1d -> done\n"
						  "end done say bye\n"
						  "anywhere\n"
						  "  STOP -> done do opt_out\n"
						  "  HELP, STATUS, NOT ME, START -> same say help\n"
						  "  LANGUAGE -> same\n"
						  "  CHECK -> same do check say help\n"
						  "anywhere begun\n"
						  "  STOP -> same do opt_out say help\n";
static const char words[] = "[q]\nq\n[q2]\nq2\n[t]\nt\n[help]\nhelp\n[thanks]\nthanks\n[bye]\nbye\n";

static struct dialog *d;
static struct dialog_conversation c;
static struct dialog_result r;

static int
setup(void **state)
{
	(void)state;
	struct dialog_faults f = {0};
	struct dialog_wording_source w[] = {
		{"d.zh.txt", "zh", words, sizeof(words) - 1, false}, {"d.en.txt", "en", words, sizeof(words) - 1, false}};
	d = dialog_load("d.dlg", dlg, sizeof(dlg) - 1, w, 2, &f);
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

static void
step(const struct dialog_event *e, int64_t now)
{
	struct dialog_conversation before = c, after;
	assert_int_equal(dialog_step(d, &before, e, now, &after, &r), 0);
	assert_memory_equal(&before, &c, sizeof(c)); /* `before` is not touched */
	c = after;
}

static void
begin(int applications)
{
	c = (struct dialog_conversation){.language = "zh", .applications = applications};
	struct dialog_event e = {.kind = DIALOG_START};
	step(&e, NOW);
}

static void
text(const char *words_in)
{
	struct dialog_event e = {.kind = DIALOG_TEXT, .text = words_in};
	step(&e, NOW);
}

static void
outside(const char *name, enum dialog_channel channel)
{
	struct dialog_event e = {.kind = DIALOG_OUTSIDE, .channel = channel, .name = name};
	step(&e, NOW);
}

static void
timer(int64_t now)
{
	struct dialog_event e = {.kind = DIALOG_TIMER};
	step(&e, now);
}

/* All effects of the last event, in order, as words: "apply consent, move one two, say q2". */
static void
effects_are(const char *expected)
{
	char got[512] = "";
	size_t len = 0;
	for (size_t i = 0; i < r.neffects; i++) {
		const struct dialog_effect *e = &r.effects[i];
		static const char *const kinds[] = {"say", "apply", "list", "move", "end"};
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s%s%s %s%s", i ? ", " : "", kinds[e->kind],
			e->from[0] ? " " : "", e->from, e->name, e->reminder ? " (reminder)" : "");
		if (e->kind == DIALOG_APPLY)
			assert_string_equal(e->name, dialog_do_name(e->what));
	}
	assert_string_equal(got, expected);
}

static void
test_start(void **state)
{
	(void)state;
	begin(1);
	effects_are("move one, say q (reminder)");
	assert_string_equal(c.step, "one");
	assert_int_equal(c.deadline, NOW + DAY);
	struct dialog_event e = {.kind = DIALOG_START};
	step(&e, NOW);
	effects_are(""); /* begun already */
}

static void
test_consent(void **state)
{
	(void)state;
	begin(1);
	text("Y");
	effects_are("apply consent, move one two, say q2");
	assert_true(c.begun);
	assert_true(r.understood);
	assert_int_equal(r.line, 4);
	assert_int_equal(c.deadline, NOW + 2 * DAY);
}

static void
test_selection(void **state)
{
	(void)state;
	begin(3);
	text("Y 1 3");
	assert_int_equal(c.selected, 5);
	begin(3);
	text("Y 4");
	assert_int_equal(c.selected, 0);
	assert_string_equal(c.step, "one");
	assert_false(r.understood);
	begin(64);
	text("all");
	assert_true(c.selected == UINT64_MAX);
	begin(2);
	c.applications = 1000; /* more than there can be */
	text("all");
	assert_true(c.selected == UINT64_MAX);
}

static void
test_counts(void **state)
{
	(void)state;
	begin(1);
	for (int i = 0; i < 2; i++) {
		text("hm");
		effects_are("say help");
		assert_int_equal(r.line, 5);
	}
	timer(NOW + DAY);
	effects_are("say q (reminder)"); /* counted by itself */
	text("hm");
	effects_are("move one clerk, list read, say t");
	assert_int_equal(c.counts[0], 0); /* forgotten on leaving */
	text("hm");
	effects_are("say help");
	text("hm");
	effects_are(""); /* then same: it stays and says no more */
	assert_string_equal(c.step, "clerk");
	assert_int_equal(c.deadline, NOW + DAY);
}

static void
test_silence(void **state)
{
	(void)state;
	begin(1);
	timer(NOW + DAY - 1);
	effects_are(""); /* not due */
	timer(NOW + DAY);
	effects_are("say q (reminder)");
	assert_int_equal(c.deadline, NOW + 2 * DAY);
	timer(NOW + 2 * DAY);
	timer(NOW + 3 * DAY);
	effects_are("move one done, say bye, end done");
	assert_true(c.ended);
	assert_int_equal(c.deadline, 0);
	timer(NOW + 9 * DAY);
	effects_are("");
	text("Y");
	effects_are("");
}

static void
test_say_and_list(void **state)
{
	(void)state;
	begin(1);
	text("Y");
	text("Y");
	effects_are("list send, say thanks, move two three, say t");
	text("7");
	effects_are("say help, move three done, say bye, end done");
}

static void
test_page(void **state)
{
	(void)state;
	begin(1);
	text("Y");
	/* A statement is said at once. */
	outside("confirmed", DIALOG_CHANNEL_PAGE);
	effects_are("apply confirm, move two three, say t");
	assert_false(c.ask_owed);
	/* A question that was put off: nothing but the page's silence brings it, and HELP does not lose it. */
	begin(1);
	text("Y");
	c.ask_owed = true;
	c.deadline = NOW + 300;
	text("help");
	effects_are("say help");
	assert_true(c.ask_owed);
	assert_int_equal(c.deadline, NOW + 300);
	timer(NOW + 299);
	effects_are("");
	timer(NOW + 300);
	effects_are("say q2");
	assert_false(c.ask_owed);
	assert_int_equal(c.deadline, NOW + 300 + 2 * DAY);
}

static void
test_outside_slots(void **state)
{
	(void)state;
	begin(1);
	text("Y");
	struct dialog_event e = {.kind = DIALOG_OUTSIDE, .channel = DIALOG_CHANNEL_PAGE, .name = "courier"};
	step(&e, NOW);
	effects_are("say help"); /* no address came with it: nothing to apply; the branch speaks at once */
	const struct dialog_slot slots[] = {{"address", "1 Road"}, {"unheard_of", "x"}};
	e.slots = slots;
	e.nslots = 2;
	e.application = 2;
	step(&e, NOW);
	effects_are("apply address, say help");
	assert_int_equal(r.effects[0].application, 2);
	assert_string_equal(dialog_slot_get(&c, "address"), "1 Road");
	assert_null(dialog_slot_get(&c, "unheard_of"));
}

static void
test_quietly(void **state)
{
	(void)state;
	begin(1);
	text("Y");
	outside("approved", DIALOG_CHANNEL_PAGE);
	effects_are("");
	assert_false(c.ask_owed);
	outside("correct", DIALOG_CHANNEL_STAFF);
	effects_are("move two three");
	assert_int_equal(c.deadline, NOW + 3 * DAY);
}

static void
test_out_of_place(void **state)
{
	(void)state;
	begin(1);
	struct dialog_conversation before = c;
	outside("confirmed", DIALOG_CHANNEL_PAGE);
	effects_are("");
	assert_memory_equal(&before, &c, sizeof(c));
	outside("nonsense", DIALOG_CHANNEL_STAFF);
	outside(NULL, DIALOG_CHANNEL_STAFF);
	effects_are("");
	assert_int_equal(r.line, 0);
	snprintf(c.step, sizeof(c.step), "gone");
	struct dialog_event e = {.kind = DIALOG_TEXT, .text = "Y"};
	struct dialog_conversation after;
	assert_int_equal(dialog_step(d, &c, &e, NOW, &after, &r), -1);
	assert_memory_equal(&after, &c, sizeof(c));
}

static void
test_back(void **state)
{
	(void)state;
	begin(1);
	text("Y");
	text("hm");
	effects_are("move two clerk, list read, say t");
	text("no");
	effects_are("move clerk clerk2, list read");
	text("Y"); /* from clerk to clerk the way back stays what it was */
	effects_are("move clerk2 two, say q2");
	/* No step before is known: it stays and says its part again. */
	snprintf(c.step, sizeof(c.step), "clerk");
	c.nslots = 0;
	text("Y");
	effects_are("say t");
}

static void
test_reserved(void **state)
{
	(void)state;
	begin(1);
	text("Stop!");
	effects_are("apply opt_out, move one done, say bye, end done");
	begin(1);
	text("Y");
	text("stop");
	effects_are("apply opt_out, say help");
	assert_string_equal(c.step, "two");
	text("check 12345678");
	effects_are("apply check, say help");
	assert_string_equal(dialog_slot_get(&c, "check"), "12345678");
	text("check");
	assert_string_equal(dialog_slot_get(&c, "check"), "");
	/* The step asks for free text, and the reserved word wins. */
	text("帮助");
	effects_are("say help");
	assert_null(dialog_slot_get(&c, "address"));
}

static void
test_language(void **state)
{
	(void)state;
	begin(1);
	text("English");
	effects_are("say q");
	assert_string_equal(c.language, "en");
	text("语言");
	assert_string_equal(c.language, "zh");
	text("language fr"); /* a language that the dialog does not have */
	effects_are("say q");
	assert_string_equal(c.language, "zh");
}

static void
test_free_text(void **state)
{
	(void)state;
	begin(1);
	text("Y");
	text("家里");
	effects_are("move two clerk, list read, say t"); /* too short to be an address */
	begin(1);
	text("Y");
	text("文山路 88 号 2 楼");
	effects_are("apply address, apply submit, move two three, say t");
	assert_string_equal(dialog_slot_get(&c, "address"), "文山路 88 号 2 楼");
	text("5 分");
	assert_string_equal(dialog_slot_get(&c, "rating"), "5");
	effects_are("apply rate, say t");
}

static void
test_not_begun(void **state)
{
	(void)state;
	const struct dialog_conversation fresh = {.language = "zh", .applications = 1};
	c = fresh;
	text("Y"); /* an answer before the question */
	effects_are("move one, apply consent, move one two, say q2");
	c = fresh;
	text("hello");
	effects_are("move one, say q");
	assert_false(r.understood);
	c = fresh;
	text("stop");
	effects_are("move one, apply opt_out, move one done, say bye, end done");
	c = fresh;
	timer(NOW);
	effects_are("");
	c = fresh;
	outside("verified", DIALOG_CHANNEL_STAFF);
	effects_are("");
	assert_string_equal(c.step, "");
}

static void
test_hostile_texts(void **state)
{
	(void)state;
	static char big[70000];
	memset(big, 'y', sizeof(big) - 1);
	const char *const texts[] = {"", " ", "\xFF\xFE", "\x01\x02", "{link}", "\n\n", big, "\xF0\x9F\x98\x80"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		begin(1);
		text(texts[i]);
		assert_string_equal(c.step, "one");
		assert_false(r.understood);
	}
	struct dialog_event e = {.kind = DIALOG_TEXT, .text = NULL};
	begin(1);
	step(&e, NOW);
	assert_string_equal(c.step, "one");
}

static void
test_slots(void **state)
{
	(void)state;
	struct dialog_conversation s = {.nslots = 0};
	char name[16], longest[3 * DIALOG_SLOT_MAX];
	memset(longest, 0, sizeof(longest));
	for (size_t i = 0; i + 3 < DIALOG_SLOT_MAX + 6; i += 3)
		memcpy(longest + i, "国", 3);
	assert_int_equal(dialog_slot_set(&s, "a", longest), 0);
	assert_int_equal(strlen(dialog_slot_get(&s, "a")), 510); /* 512 cut at a character */
	for (int i = 1; i < DIALOG_SLOTS_MAX; i++) {
		snprintf(name, sizeof(name), "a%d", i);
		assert_int_equal(dialog_slot_set(&s, name, "x"), 0);
	}
	assert_int_equal(dialog_slot_set(&s, "one_more", "x"), -1);
	assert_int_equal(dialog_slot_set(&s, "a", "y"), 0);
	assert_string_equal(dialog_slot_get(&s, "a"), "y");
	assert_null(dialog_slot_get(&s, "b"));
	assert_int_equal(dialog_slot_set(&s, "a2345678901234567890123456789012345678901", "x"), -1);
}

/* The same inputs give the same outputs, to the last octet: a recorded turn replays. */
static void
test_replay(void **state)
{
	(void)state;
	const char *const texts[] = {"Y", "hm", "help", "stop", "文山路 88 号 2 楼", "3", "no", "English"};
	uint32_t seed = 7;
	begin(3);
	for (int i = 0; i < 2000; i++) {
		seed = seed * 1664525 + 1013904223;
		struct dialog_event e = {.kind = DIALOG_TEXT, .text = texts[seed >> 29]};
		struct dialog_conversation x, y;
		struct dialog_result rx, ry;
		memset(&rx, 0xAA, sizeof(rx));
		memset(&ry, 0x55, sizeof(ry));
		assert_int_equal(dialog_step(d, &c, &e, NOW + i, &x, &rx), 0);
		assert_int_equal(dialog_step(d, &c, &e, NOW + i, &y, &ry), 0);
		assert_memory_equal(&x, &y, sizeof(x));
		assert_memory_equal(&rx, &ry, offsetof(struct dialog_result, effects) + rx.neffects * sizeof(rx.effects[0]));
		assert_int_equal(rx.neffects, ry.neffects);
		c = x;
		if (c.ended)
			begin(3);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_consent),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_say_and_list),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_outside_slots),
		cmocka_unit_test(test_quietly),
		cmocka_unit_test(test_out_of_place),
		cmocka_unit_test(test_back),
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_language),
		cmocka_unit_test(test_free_text),
		cmocka_unit_test(test_not_begun),
		cmocka_unit_test(test_hostile_texts),
		cmocka_unit_test(test_slots),
		cmocka_unit_test(test_replay),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
