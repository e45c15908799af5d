/* The sessions that a daemon has heard of: whose they are, which are over, and that silent ones are forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "gateway/ussd_live.h"

#define SECOND 1000000

static void
a_session_is_its_link_phone_and_key(void **state)
{
	struct ussd_live *t = ussd_live_new();
	(void)state;
	assert_int_equal(ussd_live_bureau(t, "east", "+861", "s1"), 0);
	assert_true(ussd_live_open(t, "east", "+861", "s1")); /* knowing nothing is no end */
	ussd_live_heard(t, "east", "+861", "s1", 7, SECOND, 180);
	assert_int_equal(ussd_live_bureau(t, "east", "+861", "s1"), 7);
	assert_int_equal(ussd_live_bureau(t, "east", "+862", "s1"), 0);
	assert_int_equal(ussd_live_bureau(t, "west", "+861", "s1"), 0);
	assert_int_equal(ussd_live_bureau(t, "east", "+861", "s2"), 0);
	ussd_live_over(t, "east", "+862", "s1", SECOND);
	assert_true(ussd_live_open(t, "east", "+861", "s1"));
	ussd_live_over(t, "east", "+861", "s1", SECOND);
	assert_false(ussd_live_open(t, "east", "+861", "s1"));
	assert_int_equal(ussd_live_bureau(t, "east", "+861", "s1"), 7);
	/* The carrier gives the key to another session of that phone. */
	ussd_live_heard(t, "east", "+861", "s1", 8, 2 * SECOND, 180);
	assert_true(ussd_live_open(t, "east", "+861", "s1"));
	assert_int_equal(ussd_live_bureau(t, "east", "+861", "s1"), 8);
	ussd_live_free(t);
	ussd_live_free(NULL);
}

static void
what_fell_silent_is_forgotten(void **state)
{
	struct ussd_live *t = ussd_live_new();
	char phone[24];
	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(phone, sizeof(phone), "+%d", i);
		ussd_live_heard(t, "east", phone, "s", 1, SECOND, 10);
	}
	ussd_live_over(t, "east", "+19999", "s", SECOND);
	/* As many others an hour later: every bucket is walked. */
	for (int i = 20000; i < 40000; i++) {
		snprintf(phone, sizeof(phone), "+%d", i);
		ussd_live_heard(t, "east", phone, "s", 2, (int64_t)3600 * SECOND, 10);
	}
	int left = 0;
	for (int i = 0; i < 20000; i++) {
		snprintf(phone, sizeof(phone), "+%d", i);
		left += ussd_live_bureau(t, "east", phone, "s") != 0;
	}
	assert_in_range(left, 0, 600); /* of buckets that nobody came by */
	assert_int_equal(ussd_live_bureau(t, "east", "+39999", "s"), 2);
	ussd_live_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_its_link_phone_and_key),
		cmocka_unit_test(what_fell_silent_is_forgotten),
	};
	return cmocka_run_group_tests_name("ussd_live", tests, NULL, NULL);
}
