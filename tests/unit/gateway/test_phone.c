/* Telephone numbers as people write them come out as E.164, or are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "gateway/conf.h"

struct row {
	const char *in, *out; /* out NULL: refused */
	bool mobile;
};

static void
check_rows(const char *country, const struct row *rows, size_t n)
{
	const struct conf_bureau b = {.country = country};
	for (size_t i = 0; i < n; i++) {
		char out[24] = "";
		bool mobile = true;
		int rc = conf_phone_normalise(&b, rows[i].in, out, sizeof out, &mobile);
		if (rows[i].out == NULL) {
			if (rc == 0)
				fail_msg("\"%s\" was taken as %s", rows[i].in, out);
			continue;
		}
		if (rc != 0)
			fail_msg("\"%s\" was refused", rows[i].in);
		assert_string_equal(out, rows[i].out);
		if (mobile != rows[i].mobile)
			fail_msg("\"%s\": mobile is %d", rows[i].in, mobile);
	}
}

static void
test_china(void **state)
{
	(void)state;
	static const struct row rows[] = {
		{"13800138000", "+8613800138000", true},
		{"8613800138000", "+8613800138000", true},
		{"+8613800138000", "+8613800138000", true},
		{"008613800138000", "+8613800138000", true},
		{"+86 138-0013-8000", "+8613800138000", true},
		{"(86) 138 0013 8000", "+8613800138000", true},
		{"013800138000", "+8613800138000", true},
		{"１３８００１３８０００", "+8613800138000", true},
		{"＋８６　１３８－００１３－８０００", "+8613800138000", true},
		{"١٣٨٠٠١٣٨٠٠٠", "+8613800138000", true},
		{"19912345678", "+8619912345678", true},
		{"0631-8451234", "+866318451234", false},
		{"（0631）8451234", "+866318451234", false},
		{"86 631 8451234", "+866318451234", false},
		{"+86 0631 8451234", "+866318451234", false},
		{"010-65551234", "+861065551234", false},
		{"+86 10 65551234", "+861065551234", false},
		{"400-800-1234", "+864008001234", false},
		{"+14155550123", "+14155550123", true},
		{"0014155550123", "+14155550123", true},
		{"12800138000", NULL, false}, /* no such mobile prefix */
		{"1380013800", NULL, false},  /* a digit short */
		{"138001380000", NULL, false},
		{"+861380013800", NULL, false},
		{"8451234", NULL, false},	 /* no area code */
		{"6318451234", NULL, false}, /* an area code without its zero might be anything */
		{"86318451234", NULL, false},
		{"", NULL, false},
		{"   ", NULL, false},
		{"+", NULL, false},
		{"无", NULL, false},
		{"13800138000转801", NULL, false},
		{"13800138000/13900139000", NULL, false},
		{"138001380+0", NULL, false},
		{"++8613800138000", NULL, false},
		{"+0123456789", NULL, false},
		{"123456789012345678901234567890", NULL, false},
		{"\xff"
		 "13800138000",
			NULL, false},
		{"1380013800\xe0", NULL, false},
	};
	check_rows("86", rows, sizeof rows / sizeof rows[0]);
}

static void
test_elsewhere(void **state)
{
	(void)state;
	static const struct row german[] = {
		{"0151 23456789", "+4915123456789", true},
		{"49 151 23456789", "+4915123456789", true},
		{"+49 151 23456789", "+4915123456789", true},
		{"0049-151-23456789", "+4915123456789", true},
		{"+8613800138000", "+8613800138000", true},
		{"+861", NULL, false},
		{"12345", NULL, false},
		{"0151 2345678901234", NULL, false},
	};
	static const struct row american[] = {
		{"(415) 555-0123", "+14155550123", true},
		{"1 415 555 0123", "+14155550123", true},
		{"415.555.0123", "+14155550123", true},
	};
	check_rows("49", german, sizeof german / sizeof german[0]);
	check_rows("1", american, sizeof american / sizeof american[0]);
}

/* What has no room is refused, not cut. */
static void
test_room(void **state)
{
	(void)state;
	const struct conf_bureau b = {.country = "86"};
	char out[15];
	assert_int_equal(conf_phone_normalise(&b, "13800138000", out, 15, NULL), 0);
	assert_int_equal(conf_phone_normalise(&b, "13800138000", out, 14, NULL), -1);
	assert_int_equal(conf_phone_normalise(&b, "+14155550123", out, 12, NULL), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_china),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
