/* Sending hours: the bureau's clock, its edges, holidays, and hours over midnight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway/conf.h"
#include "gateway/hours.h"

/* 2026-12-01 00:00:00 in Shanghai */
#define MIDNIGHT 1796054400
#define AT(h, m) (MIDNIGHT + (h)*3600 + (m)*60)

static void
edges(void **state)
{
	struct conf_bureau b = {.timezone = "Asia/Shanghai", .send_hours = "09:00-20:00"};

	(void)state;
	assert_false(hours_open(&b, AT(8, 59)));
	assert_true(hours_open(&b, AT(9, 0)));
	assert_true(hours_open(&b, AT(19, 59)));
	assert_false(hours_open(&b, AT(20, 0)));
	assert_false(hours_open(&b, AT(0, 0)));
}

static void
always(void **state)
{
	struct conf_bureau b = {.timezone = "Asia/Shanghai", .send_hours = "00:00-24:00"};

	(void)state;
	for (int h = 0; h < 24; h++) {
		assert_true(hours_open(&b, AT(h, 0)));
		assert_true(hours_open(&b, AT(h, 59)));
	}
}

static void
holiday(void **state)
{
	const char *days[] = {"2026-12-01"};
	struct conf_bureau b = {.timezone = "Asia/Shanghai", .send_hours = "00:00-24:00", .holidays = days, .nholidays = 1};

	(void)state;
	assert_false(hours_open(&b, AT(0, 0)));
	assert_false(hours_open(&b, AT(23, 59)));
	assert_true(hours_open(&b, AT(24, 0)));
	assert_true(hours_open(&b, AT(0, 0) - 60));
}

/* Two bureaus in two zones, asked in turn: each gets its own clock. */
static void
zones(void **state)
{
	struct conf_bureau shanghai = {.timezone = "Asia/Shanghai", .send_hours = "09:00-20:00"};
	struct conf_bureau lisbon = {.timezone = "Europe/Lisbon", .send_hours = "09:00-20:00"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(hours_open(&shanghai, AT(10, 0))); /* 02:00 in Lisbon */
		assert_false(hours_open(&lisbon, AT(10, 0)));
		assert_false(hours_open(&shanghai, AT(21, 0))); /* 13:00 in Lisbon */
		assert_true(hours_open(&lisbon, AT(21, 0)));
	}
}

/* So many seconds of sending: within the hours, over the closing, over a holiday, and never. */
static void
after(void **state)
{
	const char *days[] = {"2026-12-02"};
	struct conf_bureau b = {.timezone = "Asia/Shanghai", .send_hours = "09:00-20:00"};
	struct conf_bureau closed = {.timezone = "Asia/Shanghai", .send_hours = "09:00-09:00"};

	(void)state;
	assert_int_equal(hours_after(&b, AT(10, 0) + 7, 600), AT(10, 10) + 7);
	assert_int_equal(hours_after(&b, AT(10, 0), 0), AT(10, 0));
	assert_int_equal(hours_after(&b, AT(19, 50), 600), AT(20, 0));
	assert_int_equal(hours_after(&b, AT(19, 50), 601), AT(24 + 9, 0) + 1);
	assert_int_equal(hours_after(&b, AT(3, 0), 60), AT(9, 1));
	b.holidays = days;
	b.nholidays = 1;
	assert_int_equal(hours_after(&b, AT(19, 50), 601), AT(48 + 9, 0) + 1);
	assert_int_equal(hours_after(&closed, AT(3, 0), 1), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(always),
		cmocka_unit_test(holiday),
		cmocka_unit_test(zones),
		cmocka_unit_test(after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
