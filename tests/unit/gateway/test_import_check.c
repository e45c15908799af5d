/* What a cell may hold: white space, dates, identity numbers with their check characters, tags. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "gateway/import_check.h"

static void
expect_clean(const char *in, bool fold, const char *out)
{
	char cell[64];

	assert_int_equal(check_clean(in, strlen(in), fold, cell, sizeof cell), strlen(out));
	assert_string_equal(cell, out);
}

static void
test_clean(void **state)
{
	char cell[8];

	(void)state;
	expect_clean("  a \t b\r\n c  ", false, "a b c");
	expect_clean("\u3000沂源　县\u00a0", false, "沂源 县");
	expect_clean("\u200b\ufeff\u202e张三", false, "张三");
	expect_clean("ＦＯＯＤ－１", true, "FOOD-1");
	expect_clean("（２０２１）", false, "（２０２１）");
	expect_clean("م\u200cن", false, "م\u200cن"); /* a joiner belongs to the word */
	expect_clean(" \n ", true, "");
	/* cut at a character */
	assert_int_equal(check_clean("沂源县", 9, false, cell, sizeof cell), 6);
	assert_string_equal(cell, "沂源");
	assert_true(check_damaged("a\xef\xbf\xbd"));
	assert_false(check_damaged("沂源"));
}

static void
expect_date(const char *in, const char *out)
{
	char date[11], fault[CHECK_FAULT_MAX + 1];

	if (check_date(in, date, fault) != 0)
		fail_msg("%s %s", in, fault);
	assert_string_equal(date, out);
}

static void
expect_no_date(const char *in, const char *words)
{
	char date[11], fault[CHECK_FAULT_MAX + 1];

	assert_int_equal(check_date(in, date, fault), -1);
	if (!strstr(fault, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", in, fault, words);
}

static void
test_dates(void **state)
{
	(void)state;
	expect_date("2026-12-01", "2026-12-01");
	expect_date("2026/12/1", "2026-12-01");
	expect_date("2026.1.31", "2026-01-31");
	expect_date("2026年12月1日", "2026-12-01");
	expect_date("2024-02-29", "2024-02-29");
	expect_date("2000-2-29", "2000-02-29");
	expect_no_date("2026-02-29", "does not exist");
	expect_no_date("2100-02-29", "does not exist");
	expect_no_date("2026-13-01", "does not exist");
	expect_no_date("2026-04-31", "does not exist");
	expect_no_date("1899-12-31", "does not exist");
	expect_no_date("2026-00-10", "does not exist");
	expect_no_date("2026-12-00", "no date");
	expect_no_date("2026-12-01 00:00", "no date");
	expect_no_date("2026-12/01", "no date");
	expect_no_date("2026年12月1", "no date");
	expect_no_date("26-12-01", "no date");
	expect_no_date("20261201", "no date");
	expect_no_date("46357", "no date");
	expect_no_date("", "no date");
	expect_no_date("2026-12-011", "no date");
}

static void
expect_number(const char *country, const char *in, const char *out, const char *words)
{
	char number[41], fault[CHECK_FAULT_MAX + 1] = "";
	int rc = check_id_number(country, in, number, fault);

	assert_int_equal(rc, out ? 0 : -1);
	if (out)
		assert_string_equal(number, out);
	else if (!strstr(fault, words))
		fail_msg("%s: \"%s\" does not say \"%s\"", in, fault, words);
}

static void
test_numbers(void **state)
{
	(void)state;
	/* the example of GB 11643, and one whose digit is X */
	expect_number("86", "11010519491231002X", "11010519491231002X", NULL);
	expect_number("86", "11010519491231002x", "11010519491231002X", NULL);
	expect_number("86", "440524188001010014", NULL, "wrong check"); /* right digit, but nobody is born in 1880 */
	expect_number("86", "110105194912310021", NULL, "wrong check");
	expect_number("86", "110105194913310021", NULL, "wrong check"); /* right digit, but a 13th month */
	/* the examples that GB 32100 is commonly shown by */
	expect_number("86", "91350100M000100Y43", "91350100M000100Y43", NULL);
	expect_number("86", "91350100m000100y43", "91350100M000100Y43", NULL);
	expect_number("86", "91350100M000100Y44", NULL, "wrong check");
	expect_number("86", "91350100M0001O0Y43", NULL, "wrong check"); /* the letter O stands nowhere */
	expect_number("86", "110105491231002", NULL, "15 characters");
	expect_number("86", "3.70323E+17", NULL, "rounded");
	expect_number("86", "370323198001011000", NULL, "rounded");
	expect_number("62", "3173-0101", "3173-0101", NULL);
	expect_number("62", "31!", NULL, "no identity number");
	expect_number("62", "12345678901234567890123456789012345678901", NULL, "41 characters");
}

static void
test_tags(void **state)
{
	static const char *const cells[] = {"餐饮;学校", "餐饮；学校", " 餐饮 、学校,", "餐饮|学校|餐饮", "餐饮，学校；；"};
	char room[CHECK_TEXT_MAX + 1], fault[CHECK_FAULT_MAX + 1], many[CHECK_TEXT_MAX + 1] = "";
	const char *tags[CHECK_TAGS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
		assert_int_equal(check_tags(cells[i], room, tags, fault), 2);
		assert_string_equal(tags[0], "餐饮");
		assert_string_equal(tags[1], "学校");
	}
	assert_int_equal(check_tags("", room, tags, fault), 0);
	assert_int_equal(check_tags("food service", room, tags, fault), 1);
	for (int i = 0; i < CHECK_TAGS_MAX + 1; i++)
		snprintf(many + strlen(many), 16, "t%d;", i);
	assert_int_equal(check_tags(many, room, tags, fault), -1);
	memset(many, 'x', 41);
	many[41] = '\0';
	assert_int_equal(check_tags(many, room, tags, fault), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_tags),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
