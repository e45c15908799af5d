/* Wordings: values put in, cut, left out, repeated; the forms for several applications and for USSD; what texts cost.
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
#include "dialog/text.h"
#include "tests/unit/dialog/files.h"

static const char dlg[] = "dialog d 1\nstep s\n  stays\n  else -> same say a\nanywhere\n"
						  "  STOP, HELP, STATUS, LANGUAGE, NOT ME, CHECK, START -> same say a\n";
static const char zh[] =
	"# 注释\n"
	"[a]\n"
	"\n"
	"您好,{item}  \n"
	"\n"
	"# 中间的注释\n"
	"再见\n"
	"\n"
	"[cut]\n{item}|{reason}\n"
	"[whole parts=7]\n{link}\n"
	"[optional]\n{#reason}原因:{reason}。{/reason}完\n"
	"[list list=2]\n{count}:{#applications}{n}={item}{#licence_tail}({licence_tail}){/licence_tail};"
	"{/applications}{#more}+{more}{/more}\n"
	"[forms]\n一件\n"
	"[forms many]\n{count}件\n"
	"[forms ussd]\n屏\n"
	"[forms many ussd]\n{count}屏\n"
	"[outside]\n{n}|{expires_on}|{more}|{address}\n";
static const char en[] = "[a]\nHi {item}\n[cut]\n{item}|{reason}\n[whole parts=7]\n{link}\n[optional]\nx\n[list]\nx\n"
						 "[forms]\none\n[outside]\nx\n";

static struct dialog *d;

static int
setup(void **state)
{
	(void)state;
	struct dialog_faults f = {0};
	struct dialog_wording_source w[] = {{"d.zh.txt", "zh", zh, sizeof(zh) - 1, false}, {"d.en.txt", "en", en, sizeof(en) - 1, false}};
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

struct values {
	const char *item, *reason, *licence_no, *n;
};

static const char *
value(void *arg, const char *placeholder, int index)
{
	static char room[64];
	const struct values *v = arg;
	if (strcmp(placeholder, "item") == 0) {
		if (!index || !v->item)
			return v->item;
		snprintf(room, sizeof(room), "%s%d", v->item, index);
		return room;
	}
	if (strcmp(placeholder, "licence_no") == 0)
		return v->licence_no;
	if (strcmp(placeholder, "n") == 0)
		return v->n;
	return strcmp(placeholder, "reason") == 0 || strcmp(placeholder, "link") == 0 ? v->reason : NULL;
}

static void
renders(
	const char *name, const char *language, const struct dialog_conversation *c, struct values v, const char *expected)
{
	char out[DIALOG_TEXT_MAX + 1];
	int n = dialog_render(d, name, language, c, value, &v, out, sizeof(out));
	assert_string_equal(out, expected);
	assert_int_equal(n, strlen(expected));
}

static void
test_plain(void **state)
{
	(void)state;
	/* Comments go, blank lines around go, those inside stay, spaces at the end of lines go. */
	renders("a", "zh", NULL, (struct values){.item = "证"}, "您好,证\n\n再见");
	renders("a", "en", NULL, (struct values){.item = "licence"}, "Hi licence");
	renders("a", "fr", NULL, (struct values){.item = "证"}, "您好,证\n\n再见"); /* the first language */
	renders("a", "en", NULL, (struct values){.item = NULL}, "Hi");
	char out[8];
	assert_int_equal(dialog_render(d, "none", "zh", NULL, NULL, NULL, out, sizeof(out)), -1);
}

static void
test_values_are_cut(void **state)
{
	(void)state;
	/* {item} has 36 characters at most, {reason} 60. */
	renders("cut", "zh", NULL,
		(struct values){
			.item = "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六", .reason = "ok"},
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六|ok");
	renders("cut", "zh", NULL,
		(struct values){
			.item = "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七", .reason = "x"},
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五…|x");
	renders("cut", "en", NULL, (struct values){.item = "abcdefghijklmnopqrstuvwxyz0123456789x", .reason = "x"},
		"abcdefghijklmnopqrstuvwxyz01234567..|x");
	/* What is beyond U+FFFF counts two, as it does on the wire. */
	renders("cut", "zh", NULL, (struct values){.item = "𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷", .reason = "x"},
		"𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷…|x");
	/* A link that is cut leads nowhere: it stays whole. */
	char link[201];
	memset(link, 'x', 200);
	link[200] = '\0';
	renders("whole", "zh", NULL, (struct values){.reason = link}, link);
}

static void
test_values_are_only_values(void **state)
{
	(void)state;
	renders(
		"cut", "zh", NULL, (struct values){.item = "{link}", .reason = "{#applications}"}, "{link}|{#applications}");
	renders("cut", "zh", NULL, (struct values){.item = "a\r\nb\x7F", .reason = "\xFF"}, "a  b |\xEF\xBF\xBD");
}

static void
test_sections(void **state)
{
	(void)state;
	renders("optional", "zh", NULL, (struct values){.reason = "缺照片"}, "原因:缺照片。完");
	renders("optional", "zh", NULL, (struct values){.reason = ""}, "完");
	renders("optional", "zh", NULL, (struct values){.reason = NULL}, "完");
}

static void
test_lists(void **state)
{
	(void)state;
	struct dialog_conversation c = {.applications = 2};
	const struct values v = {.item = "证", .licence_no = "鲁字2024第0017号"};
	renders("list", "zh", &c, v, "2:1=证1(017号);2=证2(017号);");
	c.applications = 5;
	renders("list", "zh", &c, v, "5:1=证1(017号);2=证2(017号);+3");
	c.selected = 1 << 1 | 1 << 4;
	renders("list", "zh", &c, v, "2:2=证2(017号);5=证5(017号);");
	renders("list", "zh", &c, (struct values){.item = "证"}, "2:2=证2;5=证5;");
	c.selected = 0;
	c.applications = 64;
	renders("list", "zh", &c, v, "64:1=证1(017号);2=证2(017号);+62");
	renders("list", "zh", NULL, v, "0:");
}

static void
test_forms(void **state)
{
	(void)state;
	struct dialog_conversation c = {.applications = 1};
	char out[64];
	const struct values none = {.item = NULL};
	renders("forms", "zh", &c, none, "一件");
	assert_int_equal(dialog_render_ussd(d, "forms", "zh", &c, NULL, NULL, out, sizeof(out)), 3);
	assert_string_equal(out, "屏");
	c.applications = 3;
	renders("forms", "zh", &c, none, "3件");
	dialog_render_ussd(d, "forms", "zh", &c, NULL, NULL, out, sizeof(out));
	assert_string_equal(out, "3屏");
	c.selected = 4; /* one of three: about one */
	renders("forms", "zh", &c, none, "一件");
	c.selected = 0;
	renders("forms", "en", &c, none, "one"); /* no such form in this language */
	dialog_render_ussd(d, "forms", "en", &c, NULL, NULL, out, sizeof(out));
	assert_string_equal(out, "one");
}

static void
test_slots_before_values(void **state)
{
	(void)state;
	struct dialog_conversation c = {.applications = 1};
	dialog_slot_set(&c, "address", "1 Road");
	renders("outside", "zh", &c, (struct values){.n = "7"}, "7|||1 Road");
}

static void
test_room(void **state)
{
	(void)state;
	char out[16];
	struct values v = {.item = "证"};
	assert_int_equal(dialog_render(d, "a", "en", NULL, value, &v, out, 7), 6);
	assert_int_equal(dialog_render(d, "a", "en", NULL, value, &v, out, 6), -1);
	assert_int_equal(dialog_render(d, "a", "en", NULL, value, &v, out, 0), -1);
}

static void
test_uses(void **state)
{
	(void)state;
	assert_true(dialog_text_uses(d, "whole", "zh", "link"));
	assert_false(dialog_text_uses(d, "a", "zh", "link"));
	assert_true(dialog_text_uses(d, "list", "zh", "applications"));
	assert_true(dialog_text_uses(d, "forms", "zh", "count"));
	assert_false(dialog_text_uses(d, "list", "en", "count"));
	assert_false(dialog_text_uses(d, "whole", "zh", "lin"));
	assert_false(dialog_text_uses(d, "none", "zh", "link"));
}

static void
test_costs(void **state)
{
	(void)state;
	struct dialog_cost list[64];
	size_t n = dialog_costs(d, NULL, list, 64);
	assert_int_equal(n, 17);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].text, "a") == 0 && strcmp(list[i].language, "en") == 0) {
			assert_int_equal(list[i].characters, 10 + 3 + 36);
			assert_int_equal(list[i].parts, 1);
			assert_int_equal(list[i].allowed, 3);
			assert_int_equal(list[i].forcing, 0);
			assert_int_equal(list[i].line, 1);
		}
		if (strcmp(list[i].text, "a") == 0 && strcmp(list[i].language, "zh") == 0)
			assert_int_equal(list[i].forced_by, 0x60A8);
	}
	assert_int_equal(dialog_costs(d, NULL, NULL, 0), 17);
}

/* No value that the outside can bring makes a shipped text longer than its author allowed. */
static const char *
long_value(void *arg, const char *placeholder, int index)
{
	(void)index;
	/* The whole ones are the gateway's own, within their limits; the rest may be anything. */
	static const char *const whole[][2] = {{"telephone", "0631-84500001234"}, {"counter", "文山路1号政务大厅3号窗口"},
		{"expires_on", "2026-12-01"}, {"days_left", "-365"}, {"code", "12345678"},
		{"application_no", "12345678901234567890"}, {"tracking_no", "123456789012345678901234567890"},
		{"due_on", "2026-12-01"}, {"check_due", "2026-12-31"}, {"signed", "abcd efgh"},
		{"certificate_no", "鲁潍卫公证字[2026]第123456789012号国国国"}, {"pickup_code", "1234567890"}, {"rating", "5"}, {"check", "12345678"},
		{"link", "https://v.example.org/r/123456789012345678901234567890123456789012345678"}};
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (strcmp(whole[i][0], placeholder) == 0)
			return whole[i][1];
	return arg;
}

static void
test_never_longer_than_allowed(void **state)
{
	(void)state;
	static char longest[3001];
	for (int i = 0; i < 1000; i++)
		memcpy(longest + 3 * i, "国", 3);
	const char *const names[] = {"renewal", "change", "verified_first", "pledge", "visitor"};
	size_t texts = 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct dialog *shipped = dialog_shipped(names[i]);
		assert_non_null(shipped);
		static struct dialog_cost list[512];
		size_t n = dialog_costs(shipped, NULL, list, 512);
		assert_in_range(n, 1, 512);
		for (size_t k = 0; k < n; k++, texts++) {
			struct dialog_conversation c = {.applications = list[k].many ? 64 : 1};
			char text[30 + DIALOG_TEXT_MAX + 1] = "【【【【【【【【【【";
			int len = dialog_render(
				shipped, list[k].text, list[k].language, &c, long_value, longest, text + 30, DIALOG_TEXT_MAX + 1);
			struct text_measure m;
			assert_true(len > 0);
			if (list[k].ussd) { /* its screens are test_screen's */
				assert_in_range(list[k].parts, 1, list[k].allowed);
				continue;
			}
			text_measure(text, 30 + (size_t)len, &m);
			if (m.parts > list[k].allowed)
				print_error("%s %s: %d parts, %d allowed\n", list[k].text, list[k].language, m.parts, list[k].allowed);
			assert_true(m.parts <= list[k].allowed);
		}
		dialog_free(shipped);
	}
	assert_true(texts > 100);
}

/* A bureau may have told no telephone and no counter: no text then speaks of what is not there. */
static const char *
sparse_value(void *arg, const char *placeholder, int index)
{
	static const char *const absent[] = {"telephone", "counter", "address", "licence_no"};
	(void)arg;
	(void)index;
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		if (strcmp(absent[i], placeholder) == 0)
			return "";
	return "X";
}

static void
test_nothing_absent_is_named(void **state)
{
	(void)state;
	static const char *const bad[] = {"致电", "（）", "()", "  ", " .", "：。", "、。", "，。", "尾号", "，地址。"};
	const char *const names[] = {"renewal", "change", "verified_first", "pledge", "visitor"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct dialog *shipped = dialog_shipped(names[i]);
		assert_non_null(shipped);
		static struct dialog_cost list[512];
		size_t n = dialog_costs(shipped, NULL, list, 512);
		for (size_t k = 0; k < n; k++) {
			struct dialog_conversation c = {.applications = list[k].many ? 3 : 1};
			char text[DIALOG_TEXT_MAX + 1];
			if (strcmp(list[k].text, "address_taken") == 0)
				continue; /* said only when an address has come */
			assert_true(
				dialog_render(shipped, list[k].text, list[k].language, &c, sparse_value, NULL, text, sizeof(text)) > 0);
			for (size_t b = 0; b < sizeof(bad) / sizeof(bad[0]); b++)
				if (strstr(text, bad[b])) {
					print_error("%s %s has \"%s\": %s\n", list[k].text, list[k].language, bad[b], text);
					fail();
				}
		}
		dialog_free(shipped);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_values_are_cut),
		cmocka_unit_test(test_values_are_only_values),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_slots_before_values),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_costs),
		cmocka_unit_test(test_never_longer_than_allowed),
		cmocka_unit_test(test_nothing_absent_is_named),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
