/* The check of a trail: good ones pass, and each way of being wrong is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "gateway/trail.h"

#define N(list) (sizeof(list) / sizeof((list)[0]))

static void
test_whole_way(void **state)
{
	(void)state;
	static const struct trail_event events[] = {
		{"due", "", 100},
		{"reminded", "", 110},
		{"reminded", "", 200},
		{"consented", "", 210},
		{"verified", "", 220},
		{"confirmed", "", 230},
		{"old_certificate_chosen", "", 240},
		{"delivery_chosen", "", 250},
		{"submitted", "", 250},
		{"approved", "submitted", 260},
		{"ready", "approved", 270},
		{"collected", "ready", 280},
	};
	assert_null(trail_check(events, N(events), "collected"));
	/* Every shorter trail is whole for the status it leads to, and for no other. */
	assert_null(trail_check(events, 5, "verified"));
	assert_null(trail_check(events, 8, "confirmed"));
	assert_string_equal(
		trail_check(events, 9, "approved"), "the trail ends at submitted, but the application is approved");
}

static void
test_opting_out_is_a_move(void **state)
{
	(void)state;
	static const struct trail_event events[] = {{"due", "", 1}, {"reminded", "", 2}, {"opted_out", "", 3}};
	assert_null(trail_check(events, N(events), "stopped"));
	assert_non_null(trail_check(events, N(events), "reminded"));
}

static void
test_faults(void **state)
{
	(void)state;
	static const struct trail_event late_begin[] = {{"reminded", "", 1}};
	static const struct trail_event no_move[] = {{"rated", "", 1}};
	static const struct trail_event jump[] = {{"due", "", 1}, {"approved", "", 2}};
	static const struct trail_event twice[] = {{"due", "", 1}, {"consented", "", 2}, {"consented", "", 3}};
	static const struct trail_event other_from[] = {{"due", "", 1}, {"consented", "", 2}, {"verified", "reminded", 3}};
	static const struct trail_event backwards[] = {{"due", "", 1000}, {"reminded", "", 900}};
	static const struct trail_event overtaken[] = {{"due", "", 1000}, {"reminded", "", 950}};

	assert_string_equal(trail_check(NULL, 0, "due"), "it has no event");
	assert_string_equal(trail_check(no_move, 1, "due"), "it has no event");
	assert_string_equal(trail_check(late_begin, 1, "reminded"), "it begins with reminded, not with due");
	assert_string_equal(
		trail_check(jump, 2, "approved"), "event 2 moves from due to approved, which is no allowed move");
	assert_string_equal(
		trail_check(twice, 3, "consented"), "event 3 moves from consented to consented, which is no allowed move");
	assert_string_equal(trail_check(other_from, 3, "verified"),
		"event 3 (verified) comes from reminded, but the trail stood at consented");
	assert_string_equal(trail_check(backwards, 2, "reminded"), "event 2 (reminded) is older than the one before it");
	assert_null(trail_check(overtaken, 2, "reminded"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_way),
		cmocka_unit_test(test_opting_out_is_a_move),
		cmocka_unit_test(test_faults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
