/* Reminder days and the day to phone, on a bureau's working days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <time.h>
#include "gateway/conf.h"
#include "gateway/hours.h"
#include "gateway/reminders.h"

static const char *weekend[] = {"sat", "sun"}, *holidays[] = {"2026-10-01", "2026-10-02"}, *workdays[] = {"2026-10-10"};
static int days[] = {30, 7};
static const struct conf_bureau bureau = {.timezone = "Asia/Shanghai",
	.send_hours = "09:00-20:00",
	.weekend = weekend,
	.nweekend = 2,
	.holidays = holidays,
	.nholidays = 2,
	.workdays = workdays,
	.nworkdays = 1};
static const struct conf_item item = {.reminder_days = days, .nreminder_days = 2, .phone_days = 3};

/* "2026-10-09 09:00" where the bureau is. */
static const char *
local(int64_t at)
{
	static char text[40];
	struct tm tm;
	hours_local(&bureau, at, &tm);
	strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm);
	return text;
}

static void
test_workdays(void **state)
{
	(void)state;
	assert_true(hours_workday(&bureau, "2026-10-09"));	/* a Friday */
	assert_true(hours_workday(&bureau, "2026-10-10"));	/* a Saturday that is worked */
	assert_false(hours_workday(&bureau, "2026-10-11")); /* a Sunday */
	assert_false(hours_workday(&bureau, "2026-10-01")); /* a holiday on a Thursday */
	char day[11];
	hours_day_text(hours_workday_before(&bureau, hours_day_number("2026-10-04")), day);
	assert_string_equal(day, "2026-09-30"); /* over a weekend and two holidays */
	assert_int_equal(hours_day_number("nonsense"), INT64_MIN);
}

static void
test_days(void **state)
{
	(void)state;
	static const struct {
		const char *now, *last, *next, *phone;
	} cases[] = {
		/* 2026-11-01 is a Sunday: seven days before 11-08 (also a Sunday) is moved to Friday, 30 October. */
		{"2026-10-09", "2026-11-08", "2026-10-30 09:00", "2026-11-05 09:00"},
		/* The last reminder day is over: only the phone is left. */
		{"2026-10-30", "2026-11-08", "", "2026-11-05 09:00"},
		{"2026-11-06", "2026-11-08", "", "2026-11-05 09:00"},
		/* Before the first reminder day, which lies behind a weekend and two holidays. */
		{"2026-08-01", "2026-11-03", "2026-09-30 09:00", "2026-10-30 09:00"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t now = hours_morning(&bureau, hours_day_number(cases[i].now)) + 3600, next, phone;
		reminders_next(&bureau, &item, cases[i].last, now, &next, &phone);
		assert_string_equal(next == 0 ? "" : local(next), cases[i].next);
		assert_string_equal(local(phone), cases[i].phone);
	}
	int64_t next, phone;
	struct conf_item without = item;
	without.phone_days = 0;
	reminders_next(
		&bureau, &without, "2026-11-08", hours_morning(&bureau, hours_day_number("2026-10-09")), &next, &phone);
	assert_int_equal(phone, 0);
	assert_true(next > 0);
	reminders_next(&bureau, &item, "", 0, &next, &phone);
	assert_true(next == 0 && phone == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_workdays),
		cmocka_unit_test(test_days),
	};
	return cmocka_run_group_tests_name("reminders", tests, NULL, NULL);
}
