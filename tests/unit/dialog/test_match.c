/* What citizens write and what it means: answers, numbers, days, selections, reserved words, and what none of them is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/match.h"

/* Normalised, in one of two buffers so that two results can be compared. */
static const char *
normal(const char *text)
{
	static char out[2][MATCH_NORMAL_MAX + 1];
	static int which;

	which = !which;
	match_normalise(text, strlen(text), out[which], sizeof out[which]);
	return out[which];
}

static void
normalises(const char *text, const char *want)
{
	char again[MATCH_NORMAL_MAX + 1];

	assert_string_equal(normal(text), want);
	match_normalise(want, strlen(want), again, sizeof again);
	assert_string_equal(again, want);
}

static void
one_form_for_every_spelling(void **state)
{
	(void)state;
	normalises("  Y. ", "y");
	normalises("ＹＥＳ!", "yes");
	normalises("好的, 谢谢。", "好的谢谢");
	normalises("不 同 意", "不同意");
	normalises("是 1 3", "是1 3");
	normalises("1,3", "1 3");
	normalises("1、3;5", "1 3 5");
	normalises("١٢٣ ۴۵ ६७", "123 45 67");
	normalises("①③⑫", "1 3 12");
	normalises("1\xEF\xB8\x8F\xE2\x83\xA3", "1"); /* keycap */
	normalises("(2)", "2");
	normalises("It's NOT me", "its not me");
	normalises("it’s", "its");
	normalises("Não! SÍ. HAYIR", "nao si hayir");
	normalises("ÉCOLE ŁÓDŹ", "ecole lodz");
	normalises("ДА ЁЖ", "да еж");
	normalises("أوافق", "اوافق");
	normalises("نَعَمْ", "نعم");
	normalises("हाँ", "हां");
	normalises("ग़लत", "गलत");
	normalises("yes\xF0\x9F\x91\x8D", "yes");
	normalises("\xF0\x9F\x91\x8D", "");
	normalises("a\xE2\x80\x8B"
			   "b\xE2\x80\x8D",
		"ab");
	normalises("stop\r\n\tit", "stop it");
	normalises("", "");
	normalises("...!", "");
	normalises("y.e.s", "y e s");
}

static void
signs_between_digits_stay(void **state)
{
	(void)state;
	normalises("2026-12-01", "2026-12-01");
	normalises("2026/12/1", "2026/12/1");
	normalises("２０２６．１２．１", "2026.12.1");
	normalises("1 - 3", "1-3");
	normalises("1～3", "1-3");
	normalises("1–3", "1-3");
	normalises("1. 3.", "1 3");
	normalises("1.", "1");
	normalises("1-", "1");
	normalises("1.a", "1 a");
	normalises("1-a", "1 a");
	normalises("1--3", "1 3");
	normalises("not-me", "not me");
	normalises("y/n", "y n");
}

/* What would turn the meaning round is kept, so that the message is not understood. */
static void
what_changes_the_meaning_is_kept(void **state)
{
	(void)state;
	normalises("是?", "是?");
	normalises("是 ??？", "是?");
	normalises("yes ?", "yes?");
	normalises("-1", "-1");
	normalises("- 1", "1"); /* an item of a list */
	normalises("好❌", "好❌");
	normalises("ok \xF0\x9F\x91\x8E", "ok \xF0\x9F\x91\x8E");
	normalises("5%", "5%");
	normalises("$5", "$5");
	normalises("a\xFF", "a\xEF\xBF\xBD");
}

static void
too_long_is_no_word(void **state)
{
	char text[2000], out[MATCH_NORMAL_MAX + 1], small[4];

	(void)state;
	memset(text, 'a', sizeof text);
	assert_int_equal(match_normalise(text, MATCH_NORMAL_MAX, out, sizeof out), MATCH_NORMAL_MAX);
	assert_int_equal(match_normalise(text, MATCH_NORMAL_MAX + 1, out, sizeof out), 0);
	assert_string_equal(out, "");
	memset(text, '!', sizeof text);
	memcpy(text, "yes", 3);
	assert_int_equal(match_normalise(text, sizeof text, out, sizeof out), 3); /* long only by what is dropped */
	assert_int_equal(match_normalise("yes", 3, small, sizeof small), 3);
	assert_int_equal(match_normalise("yess", 4, small, sizeof small), 0);
	assert_string_equal(small, "");
	small[0] = 'x';
	assert_int_equal(match_normalise("y", 1, small, 0), 0);
	assert_int_equal(small[0], 'x');
}

static bool
is(enum words_list list, const char *text)
{
	return match_list_has(list, "zh", normal(text));
}

static void
yes_and_no(void **state)
{
	static const char *const yes[] = {"Y", "y.", "1", "是", "好的", "١", "Ｙ", "好的 谢谢", "是的", "yes please",
		"ok thanks", "同意!", "您好, 同意", "好的,同意", "请办理", "同意吧", "可以的,麻烦您了", "OK", "Okay.",
		"Thanks, yes", "hello yes", "确认无误。", "Sí, gracias", "D'accord, merci", "sim obrigado", "Evet, lütfen",
		"Да, спасибо", "نعم من فضلك", "जी हाँ", "ok谢谢", "好的thanks", "yes👍", "*是*", "“是”", "好 了"};
	static const char *const no[] = {"N", "不", "不同意", "不是", "否", "no thanks", "不用了,谢谢", "不需要", "0",
		"No, thank you", "不 同 意", "não", "Нет.", "hayır", "لا شكرا", "नहीं", "不办了", "好的不办了"};
	static const char *const neither[] = {"", "不好意思, 同意", "是?", "是吗", "好的吗", "同意吗?", "好❌", "好不",
		"y n", "yesno", "no problem at all", "谢谢", "thanks", "的", "收到", "知道了", "同意不同意", "是否",
		"aye captain", "-1", "1 2", "yess", "不同意见", "好不好?"};

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		if (!is(WORDS_YES, yes[i]) || is(WORDS_NO, yes[i]))
			fail_msg("\"%s\" is not yes", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		if (!is(WORDS_NO, no[i]) || is(WORDS_YES, no[i]))
			fail_msg("\"%s\" is not no", no[i]);
	for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++)
		if (is(WORDS_YES, neither[i]) || is(WORDS_NO, neither[i]))
			fail_msg("\"%s\" is yes or no", neither[i]);
	assert_true(is(WORDS_ALL, "全部都要"));
	assert_true(is(WORDS_ALL, "All, please"));
	assert_true(is(WORDS_KEEP, "不变"));
	assert_true(is(WORDS_KEEP, "the same address"));
}

static enum words_reserved
reserved(const char *text, char arg[MATCH_ARG_MAX + 1])
{
	return match_reserved(normal(text), "zh", arg);
}

static void
reserved_words(void **state)
{
	static const struct {
		const char *text;
		enum words_reserved want;
		const char *arg;
	} known[] = {{"STOP", WORDS_STOP, ""}, {"stop.", WORDS_STOP, ""}, {"Please stop!", WORDS_STOP, ""},
		{"退订", WORDS_STOP, ""}, {"TD", WORDS_STOP, ""}, {"拒收请回复R", WORDS_NONE, ""}, {"R", WORDS_STOP, ""},
		{"请不要再发了", WORDS_STOP, ""}, {"HELP?", WORDS_HELP, ""}, {"?", WORDS_HELP, ""}, {"？", WORDS_HELP, ""},
		{"怎么办？", WORDS_HELP, ""}, {"进度?", WORDS_STATUS, ""}, {"请问办理进度", WORDS_STATUS, ""},
		{"status please", WORDS_STATUS, ""}, {"NOT ME", WORDS_NOT_ME, ""}, {"不是本人", WORDS_NOT_ME, ""},
		{"打错了", WORDS_NOT_ME, ""}, {"It's not me", WORDS_NOT_ME, ""}, {"不是我的", WORDS_NOT_ME, ""},
		{"START", WORDS_START, ""}, {"恢复提醒", WORDS_START, ""}, {"CHECK", WORDS_CHECK, ""},
		{"CHECK 12345678", WORDS_CHECK, "12345678"}, {"check 1234 5678.", WORDS_CHECK, "12345678"},
		{"核验１２３４５６７８", WORDS_CHECK, "12345678"}, {"核验 1234-5678 谢谢", WORDS_CHECK, "12345678"},
		{"CHECK CODE 12345678", WORDS_CHECK, "12345678"}, {"check 1234567", WORDS_CHECK, "1234567"},
		{"check 1234567890123456", WORDS_NONE, ""}, {"check the address", WORDS_NONE, ""},
		{"验证码: 12345678", WORDS_CHECK, "12345678"}, {"LANGUAGE", WORDS_LANGUAGE, ""},
		{"LANGUAGE EN", WORDS_LANGUAGE, "en"}, {"语言 中文", WORDS_LANGUAGE, "zh"}, {"语言:英语", WORDS_LANGUAGE, "en"},
		{"English", WORDS_LANGUAGE, "en"}, {"English please", WORDS_LANGUAGE, "en"}, {"العربية", WORDS_LANGUAGE, "ar"},
		{"language cn", WORDS_LANGUAGE, "zh"}, {"language klingon", WORDS_LANGUAGE, ""},
		{"language is a barrier", WORDS_NONE, ""}, {"语言不通", WORDS_NONE, ""}, {"hi", WORDS_NONE, ""},
		{"es", WORDS_NONE, ""}, {"don't stop", WORDS_NONE, ""}, {"停车", WORDS_NONE, ""},
		{"不是我不同意", WORDS_NONE, ""}, {"", WORDS_NONE, ""}, {"helpful", WORDS_NONE, ""},
		{"stop?!", WORDS_STOP, ""}};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		char arg[MATCH_ARG_MAX + 1] = "unset";
		enum words_reserved r = reserved(known[i].text, arg);

		if (r != known[i].want || strcmp(arg, known[i].arg) != 0)
			fail_msg("\"%s\" is %s(%s)", known[i].text, words_reserved_name(r), arg);
	}
	assert_int_equal(match_reserved("stop", "zh", NULL), WORDS_STOP);
}

static void
literals(void **state)
{
	const char *pick_up = "自取";

	(void)state;
	assert_true(match_literal(pick_up, normal("自取")));
	assert_true(match_literal(pick_up, normal("自取吧, 谢谢")));
	assert_true(match_literal(pick_up, normal("您好 自取。")));
	assert_false(match_literal(pick_up, normal("不自取")));
	assert_false(match_literal(pick_up, normal("自")));
	assert_true(match_literal("谢", "谢谢"));
	assert_false(match_literal("", normal("自取")));
	assert_false(match_literal("", ""));
	assert_false(match_literal("a", ""));
	assert_true(match_literal("thanks", "thanks")); /* polite words are only peeled off something */
	/* Latin words stand apart by a space. */
	assert_false(match_literal("o", "othanks"));
	assert_true(match_literal("o", "o thanks"));
	assert_false(match_literal("да", "даспасибо"));
}

static void
number(const char *text, int64_t min, int64_t max, int64_t want)
{
	int64_t value = -77;

	if (!match_number(normal(text), min, max, &value) || value != want)
		fail_msg("\"%s\" is not %d", text, (int)want);
}

static void
no_number(const char *text, int64_t min, int64_t max)
{
	int64_t value = -77;

	if (match_number(normal(text), min, max, &value))
		fail_msg("\"%s\" is %d", text, (int)value);
	assert_int_equal(value, -77);
}

static void
numbers(void **state)
{
	(void)state;
	number("1", 1, 5, 1);
	number("5", 1, 5, 5);
	number("٣", 1, 5, 3);
	number("５", 1, 5, 5);
	number("५", 1, 5, 5);
	number("5分", 1, 5, 5);
	number("五星!", 1, 5, 5);
	number("5颗星", 1, 5, 5);
	number("选择5", 1, 5, 5);
	number("第3项", 1, 5, 3);
	number("5 谢谢", 1, 5, 5);
	number("two please", 1, 5, 2);
	number("05", 1, 5, 5);
	number("⑤", 1, 5, 5);
	number("999999999999999999", 0, INT64_MAX, 999999999999999999);
	no_number("0", 1, 5);
	no_number("6", 1, 5);
	no_number("-1", 1, 5);
	no_number("1.5", 1, 5);
	no_number("1-5", 1, 5);
	no_number("1 2", 1, 5);
	no_number("5%", 1, 5);
	no_number("5?", 1, 5);
	no_number("no 3", 1, 5);
	no_number("", 0, 5);
	no_number("选", 0, 5);
	no_number("分", 0, 5);
	no_number("9999999999999999999999999", 0, INT64_MAX);
	no_number("18446744073709551617", 0, 5); /* would be 1 if it wrapped */
}

static void
day(const char *text, const char *want)
{
	char out[11] = "x";

	if (match_date(normal(text), out) != (want[0] != '\0') || strcmp(out, want) != 0)
		fail_msg("\"%s\" is \"%s\"", text, out);
}

static void
days(void **state)
{
	(void)state;
	day("2026-12-01", "2026-12-01");
	day("2026/12/1", "2026-12-01");
	day("2026.1.31", "2026-01-31");
	day("2026 12 1", "2026-12-01");
	day("20261201", "2026-12-01");
	day("2026年12月1日", "2026-12-01");
	day("2026 年 12 月 1 号。", "2026-12-01");
	day("２０２６年１２月１日", "2026-12-01");
	day("٢٠٢٦/١٢/٠١", "2026-12-01");
	day("2026-12-01, 谢谢", "2026-12-01");
	day("2028-02-29", "2028-02-29");
	day("2000-02-29", "2000-02-29");
	day("1900-01-01", "1900-01-01");
	day("2199-12-31", "2199-12-31");
	day("2026-02-29", "");
	day("2100-02-29", "");
	day("2026-04-31", "");
	day("2026-13-01", "");
	day("2026-00-10", "");
	day("2026-10-00", "");
	day("1899-12-31", "");
	day("2200-01-01", "");
	day("2026-12/01", "");
	day("26-12-01", "");
	day("202612011", "");
	day("2026", "");
	day("2026-12", "");
	day("2026年12月", "");
	day("2026-12-011", "");
	day("01.12.2026", "");
	day("", "");
}

static void
selects(const char *text, int n, uint64_t want)
{
	uint64_t mask = 99;
	bool matched = match_select(normal(text), "zh", n, &mask);

	if (matched != (want != 0) || mask != want)
		fail_msg("\"%s\" of %d is %llx", text, n, (unsigned long long)mask);
}

static void
selections(void **state)
{
	(void)state;
	selects("Y 1 3", 3, 5);
	selects("1 3", 3, 5);
	selects("1,3", 3, 5);
	selects("1、3", 3, 5);
	selects("1.3", 3, 5);
	selects("1/3", 3, 5);
	selects("是 1 3", 3, 5);
	selects("是1，3", 3, 5);
	selects("Y1 谢谢", 3, 1);
	selects("1和3", 3, 5);
	selects("1 and 3 please", 3, 5);
	selects("1, 2 and 3", 3, 7);
	selects("1和3同意", 3, 5);
	selects("选1和3", 3, 5);
	selects("同意选 2 号", 3, 2);
	selects("第3项", 3, 4);
	selects("三", 3, 4);
	selects("1-3", 3, 7);
	selects("1-2 3", 3, 7);
	selects("1-2 4", 5, 11);
	selects("٣", 3, 4);
	selects("①③", 3, 5);
	selects("1 1", 3, 1);
	selects("all", 3, 7);
	selects("全部", 3, 7);
	selects("全部同意", 3, 7);
	selects("yes all", 3, 7);
	selects("Y", 3, 7);
	selects("是的", 1, 1);
	selects("1", 3, 1); /* the first one, not a yes to all */
	selects("1", 1, 1);
	selects("all", 64, UINT64_MAX);
	selects("64", 64, UINT64_C(1) << 63);
	selects("1-64", 64, UINT64_MAX);
	/* not understood */
	selects("4", 3, 0);
	selects("1 4", 3, 0);
	selects("0", 3, 0);
	selects("Y 0", 3, 0);
	selects("3-1", 3, 0);
	selects("1-2-3", 3, 0);
	selects("-1", 3, 0);
	selects("13", 3, 0);
	selects("N 1", 3, 0);
	selects("不要1", 3, 0);
	selects("no 1 3", 3, 0);
	selects("1 no", 3, 0);
	selects("1 or 3", 3, 0);
	selects("1和", 3, 0);
	selects("1?", 3, 0);
	selects("不是全部", 3, 0);
	selects("not all", 3, 0);
	selects("yall", 3, 0);
	selects("1000", 64, 0);
	selects("65", 64, 0);
	selects("四", 3, 0);
	selects("", 3, 0);
	selects("1", 0, 0);
	selects("all", 0, 0);
	selects("all", -1, 0);
	selects("1", 65, 0);
}

static struct match_message
message(const char *raw)
{
	return (struct match_message){.raw = raw, .normal = normal(raw), .language = "zh", .applications = 3};
}

static void
patterns_give_values(void **state)
{
	struct match_value v;
	struct match_message m;
	char longer[3000];

	(void)state;
	m = message("5分");
	assert_true(match_pattern(&(struct match_pattern){.kind = MATCH_NUMBER, .min = 1, .max = 5}, &m, &v));
	assert_string_equal(v.text, "5");
	m = message("2026年12月1日");
	assert_true(match_pattern(&(struct match_pattern){.kind = MATCH_DATE}, &m, &v));
	assert_string_equal(v.text, "2026-12-01");
	m = message("Y 2");
	assert_true(match_pattern(&(struct match_pattern){.kind = MATCH_SELECT}, &m, &v));
	assert_int_equal(v.mask, 2);
	assert_string_equal(v.text, "");
	m = message("好的");
	assert_true(match_pattern(&(struct match_pattern){.kind = MATCH_LIST, .list = WORDS_YES}, &m, &v));
	assert_false(match_pattern(&(struct match_pattern){.kind = MATCH_LIST, .list = WORDS_NO}, &m, &v));
	assert_true(match_pattern(&(struct match_pattern){.kind = MATCH_LITERAL, .literal = "好"}, &m, NULL));
	assert_int_equal(v.mask, 0);

	m = message(" \r\n 山东省 威海市\n文登区\x01 1号 \xE3\x80\x80");
	assert_true(match_pattern(&(struct match_pattern){.kind = MATCH_FREE_TEXT}, &m, &v));
	assert_string_equal(v.text, "山东省 威海市 文登区 1号");
	m = message("a\xFF"
				"b");
	/* What could not be read in full is no address. */
	assert_false(match_pattern(&(struct match_pattern){.kind = MATCH_FREE_TEXT}, &m, &v));
	assert_string_equal(v.text, "");
	m = message(" \n ");
	assert_false(match_pattern(&(struct match_pattern){.kind = MATCH_FREE_TEXT}, &m, &v));
	assert_string_equal(v.text, "");
	for (int i = 0; i < 900; i++)
		memcpy(longer + i * 3, "文", 4);
	m = message(longer);
	assert_true(match_pattern(&(struct match_pattern){.kind = MATCH_FREE_TEXT}, &m, &v));
	assert_int_equal(strlen(v.text), 510); /* 170 whole characters within 512 octets */
}

static bool
collide(struct match_pattern a, struct match_pattern b)
{
	const char *word = "unset", *back;
	bool there = match_collide(&a, &b, &word);

	assert_int_equal(match_collide(&b, &a, &back), there);
	assert_true((word != NULL) == there);
	return there;
}
#define LITERAL(s) ((struct match_pattern){.kind = MATCH_LITERAL, .literal = s})
#define LIST(l) ((struct match_pattern){.kind = MATCH_LIST, .list = l})
#define NUMBER(a, b) ((struct match_pattern){.kind = MATCH_NUMBER, .min = a, .max = b})
#define KIND(k) ((struct match_pattern){.kind = k})

static void
collisions_are_found(void **state)
{
	(void)state;
	assert_true(collide(LITERAL("1"), LIST(WORDS_YES)));
	assert_true(collide(LITERAL("evet"), LIST(WORDS_YES)));
	assert_true(collide(LITERAL("e"), LIST(WORDS_YES))); /* in a Turkish conversation */
	assert_true(collide(LITERAL("e谢谢"), LIST(WORDS_YES)));
	assert_true(collide(LITERAL("好的谢谢"), LITERAL("好")));
	assert_true(collide(LITERAL("2"), NUMBER(1, 5)));
	assert_true(collide(LIST(WORDS_YES), NUMBER(1, 5)));
	assert_true(collide(LIST(WORDS_NO), NUMBER(0, 5)));
	assert_true(collide(NUMBER(1, 3), NUMBER(3, 5)));
	assert_true(collide(NUMBER(1, 99999999), KIND(MATCH_DATE)));
	assert_true(collide(KIND(MATCH_SELECT), LIST(WORDS_YES)));
	assert_true(collide(KIND(MATCH_SELECT), LIST(WORDS_ALL)));
	assert_true(collide(KIND(MATCH_SELECT), NUMBER(60, 70)));
	assert_true(collide(KIND(MATCH_SELECT), LITERAL("2")));
	assert_true(collide(LITERAL("2026-12-01"), KIND(MATCH_DATE)));
	assert_true(collide(LIST(WORDS_YES), LIST(WORDS_YES)));
	assert_true(collide(KIND(MATCH_DATE), KIND(MATCH_DATE)));
	assert_true(collide(KIND(MATCH_SELECT), KIND(MATCH_SELECT)));
	assert_true(collide(KIND(MATCH_FREE_TEXT), KIND(MATCH_FREE_TEXT)));
	assert_false(collide(LITERAL("2"), LIST(WORDS_YES)));
	assert_false(collide(LITERAL("自取"), LITERAL("快递")));
	assert_false(collide(LIST(WORDS_YES), LIST(WORDS_NO)));
	assert_false(collide(LIST(WORDS_YES), LIST(WORDS_KEEP)));
	assert_false(collide(LIST(WORDS_YES), NUMBER(2, 5)));
	assert_false(collide(NUMBER(1, 2), NUMBER(3, 5)));
	assert_false(collide(NUMBER(1, 5), KIND(MATCH_DATE)));
	assert_false(collide(KIND(MATCH_SELECT), LIST(WORDS_NO)));
	assert_false(collide(KIND(MATCH_SELECT), KIND(MATCH_DATE)));
	assert_false(collide(KIND(MATCH_FREE_TEXT), LIST(WORDS_YES)));
	assert_false(collide(LITERAL(""), LITERAL("")));
}

static void
collisions_with_reserved_words(void **state)
{
	enum words_reserved r;
	const char *word;

	(void)state;
	assert_true(match_collide_reserved(&LITERAL("stop"), &r, &word));
	assert_int_equal(r, WORDS_STOP);
	assert_string_equal(word, "stop");
	assert_true(match_collide_reserved(&LITERAL("english"), &r, NULL));
	assert_int_equal(r, WORDS_LANGUAGE);
	assert_true(match_collide_reserved(&LITERAL("核验1"), &r, NULL));
	assert_int_equal(r, WORDS_CHECK);
	assert_true(match_collide_reserved(&LITERAL("r"), &r, NULL)); /* in a Chinese conversation */
	assert_true(match_collide_reserved(&LITERAL("请停止"), NULL, NULL));
	assert_false(match_collide_reserved(&LITERAL("自取"), &r, &word));
	assert_int_equal(r, WORDS_NONE);
	assert_null(word);
	for (int list = 0; list < WORDS_LISTS; list++)
		assert_false(match_collide_reserved(&LIST((enum words_list)list), NULL, NULL));
	assert_false(match_collide_reserved(&NUMBER(0, INT64_MAX), NULL, NULL));
	assert_false(match_collide_reserved(&KIND(MATCH_SELECT), NULL, NULL));
	assert_false(match_collide_reserved(&KIND(MATCH_DATE), NULL, NULL));
	assert_false(match_collide_reserved(&KIND(MATCH_FREE_TEXT), NULL, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_form_for_every_spelling),
		cmocka_unit_test(signs_between_digits_stay),
		cmocka_unit_test(what_changes_the_meaning_is_kept),
		cmocka_unit_test(too_long_is_no_word),
		cmocka_unit_test(yes_and_no),
		cmocka_unit_test(reserved_words),
		cmocka_unit_test(literals),
		cmocka_unit_test(numbers),
		cmocka_unit_test(days),
		cmocka_unit_test(selections),
		cmocka_unit_test(patterns_give_values),
		cmocka_unit_test(collisions_are_found),
		cmocka_unit_test(collisions_with_reserved_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
