/* How fast a link may send. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/smpp/pace.h"

#define SECOND 1000000LL
#define BURST_SHARE 20

/* Sends as fast as it may from `from` on for a while; returns how many parts went. */
static int
run(struct pace *p, int64_t from, int64_t until, int64_t tick)
{
	int sent = 0;

	for (int64_t now = from; now < until; now += tick)
		for (int n = pace_allowed(p, now); n > 0; n--, sent++)
			pace_spend(p, now);
	return sent;
}

static void
no_limit(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 1000, 60000, 0);
	assert_int_equal(pace_allowed(&p, 0), INT_MAX);
	pace_spend(&p, 0);
	assert_int_equal(pace_allowed(&p, 0), INT_MAX);
	assert_int_equal(pace_wait(&p, 0), 0);
}

/* Over ten seconds the rate holds, at rates slow and fast; looked at seldom, a tick's worth of it may be lost. */
static void
rate_holds(void **state)
{
	static const int rates[] = {1, 3, 10, 100, 999, 5000};
	static const int64_t ticks[] = {1000, 7001, 20000};

	(void)state;
	for (size_t r = 0; r < sizeof(rates) / sizeof(rates[0]); r++) {
		for (size_t t = 0; t < 3; t++) {
			struct pace p;
			int most = rates[r] * 10 + rates[r] / 20 + 1, sent;

			pace_init(&p, rates[r], 1000, 60000, 5);
			sent = run(&p, 5, 5 + 10 * SECOND, ticks[t]);
			assert_in_range(sent, rates[r] * 10 * 9 / 10, most);
		}
	}
}

/* In no second more than the rate and a twentieth, even after a rest. */
static void
no_burst_after_a_rest(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 100, 1000, 60000, 0);
	assert_in_range(run(&p, 3600 * SECOND, 3601 * SECOND, 1000), 100, 105);
	pace_init(&p, 100, 1000, 60000, 0);
	assert_int_equal(pace_allowed(&p, INT64_MAX / 2), 5);
}

static void
wait_is_long_enough(void **state)
{
	struct pace p;
	int64_t wait;

	(void)state;
	pace_init(&p, 3, 1000, 60000, 0);
	pace_spend(&p, 0);
	assert_int_equal(pace_allowed(&p, 0), 0);
	wait = pace_wait(&p, 0);
	assert_int_equal(wait, 333334);
	assert_int_equal(pace_allowed(&p, wait - 1), 0);
	assert_int_equal(pace_allowed(&p, wait), 1);
	assert_int_equal(pace_wait(&p, wait), 0);
}

static void
throttle_pauses_and_doubles(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 1000, 60000, 0);
	assert_true(pace_throttled(&p, 0));
	assert_false(pace_throttled(&p, 1)); /* the same wave */
	assert_int_equal(pace_allowed(&p, SECOND - 1), 0);
	assert_int_equal(pace_wait(&p, 0), SECOND);
	assert_int_equal(pace_allowed(&p, SECOND), 1);
	assert_true(pace_throttled(&p, SECOND));
	assert_int_equal(pace_wait(&p, SECOND), 2 * SECOND);
	assert_true(pace_throttled(&p, 3 * SECOND));
	assert_int_equal(pace_wait(&p, 3 * SECOND), 4 * SECOND);
	pace_accepted(&p, 7 * SECOND);
	assert_true(pace_throttled(&p, 7 * SECOND));
	assert_int_equal(pace_wait(&p, 7 * SECOND), SECOND);
}

static void
pauses_end_at_thirty_seconds(void **state)
{
	struct pace p;
	int64_t now = 0;

	(void)state;
	pace_init(&p, 0, 1000, 30000, 0);
	for (int i = 0; i < 40; i++) {
		assert_true(pace_throttled(&p, now));
		assert_in_range(pace_wait(&p, now), SECOND, 30 * SECOND);
		now += pace_wait(&p, now);
	}
	assert_true(pace_throttled(&p, now));
	assert_int_equal(pace_wait(&p, now), 30 * SECOND);
}

/* smpp.md: "pause the link, adapt the rate": half of what was refused, and back up while parts are accepted. */
static void
rate_follows_refusals_and_creeps_back(void **state)
{
	static const int rates[] = {0, 400};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct pace p;
		int64_t now = 10 * SECOND;
		int before = 0;

		pace_init(&p, rates[i], 500, 30000, 0);
		for (int n = 0; n < 400; n++) { /* 400 parts in a second, and the next is refused */
			now += SECOND / 400;
			pace_spend(&p, now);
		}
		assert_true(pace_throttled(&p, now));
		assert_in_range(pace_rate(&p), 150, 200);
		assert_int_equal(pace_allowed(&p, now + SECOND / 2 - 1), 0);
		now += SECOND / 2;
		for (int second = 0; second < 20 && pace_rate(&p); second++) {
			int sent = 0, rate = pace_rate(&p);

			if (rates[i] && rate == rates[i])
				break;
			assert_true(rate >= before); /* never down by itself */
			before = rate;
			for (int64_t end = now + SECOND; now < end; now += 1000)
				for (int n = pace_allowed(&p, now); n > 0; n--, sent++)
					pace_spend(&p, now);
			assert_in_range(sent, rate * 8 / 10, rate + rate / BURST_SHARE + 1);
			pace_accepted(&p, now);
		}
		assert_int_equal(pace_rate(&p), rates[i]); /* the limit is lifted */
		assert_true(before >= 300);
	}
}

/* Refused again and again it does not end below one part a second; after a rest one acceptance makes it good. */
static void
rate_has_a_floor_and_recovers_from_a_rest(void **state)
{
	struct pace p;
	int64_t now = SECOND;

	(void)state;
	pace_init(&p, 100, 500, 1000, 0);
	for (int i = 0; i < 20; i++) {
		pace_spend(&p, now);
		assert_true(pace_throttled(&p, now));
		now += SECOND;
	}
	assert_int_equal(pace_rate(&p), 1);
	assert_int_equal(pace_allowed(&p, now), 1);
	pace_accepted(&p, now + 60 * SECOND);
	assert_int_equal(pace_rate(&p), 100);
}

/* smpp.md: "congestion_state TLV (0x0428, 0-100; 90+ is near congestion): slow down before being refused". */
static void
congestion_slows_down_before_a_refusal(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 110, 500, 30000, 0);
	assert_false(pace_congested(&p, 0, SECOND));
	assert_false(pace_congested(&p, 79, SECOND));
	assert_int_equal(pace_rate(&p), 110);
	assert_true(pace_congested(&p, 80, SECOND));
	assert_int_equal(pace_rate(&p), 100);
	assert_false(pace_congested(&p, 85, SECOND)); /* told already */
	assert_int_equal(pace_rate(&p), 50);
	pace_congested(&p, 89, SECOND);
	assert_int_equal(pace_rate(&p), 10);
	pace_congested(&p, 90, SECOND);
	assert_int_equal(pace_rate(&p), 1);
	pace_congested(&p, 100, SECOND);
	assert_int_equal(pace_rate(&p), 1);
	assert_in_range(run(&p, 2 * SECOND, 4 * SECOND, 1000), 1, 3);
	pace_congested(&p, 200, 4 * SECOND); /* out of range: as much as can be */
	assert_int_equal(pace_rate(&p), 1);
	pace_congested(&p, 10, 4 * SECOND);
	assert_int_equal(pace_rate(&p), 110);
	/* what is not told again is forgotten */
	pace_congested(&p, 95, 5 * SECOND);
	pace_accepted(&p, 11 * SECOND);
	assert_int_equal(pace_rate(&p), 110);
}

static void
congestion_without_a_rate_goes_by_what_went(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 500, 30000, 0);
	for (int i = 0; i < 220; i++)
		pace_spend(&p, i * SECOND / 220);
	pace_congested(&p, 85, SECOND - 1);
	assert_int_equal(pace_rate(&p), 100);
	/* told again and again it does not slow down what is slow already */
	for (int64_t now = SECOND; now < 20 * SECOND; now += SECOND / 10) {
		for (int n = pace_allowed(&p, now); n > 0; n--)
			pace_spend(&p, now);
		pace_congested(&p, 85, now);
	}
	assert_int_equal(pace_rate(&p), 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limit),
		cmocka_unit_test(rate_holds),
		cmocka_unit_test(no_burst_after_a_rest),
		cmocka_unit_test(wait_is_long_enough),
		cmocka_unit_test(throttle_pauses_and_doubles),
		cmocka_unit_test(pauses_end_at_thirty_seconds),
		cmocka_unit_test(rate_follows_refusals_and_creeps_back),
		cmocka_unit_test(rate_has_a_floor_and_recovers_from_a_rest),
		cmocka_unit_test(congestion_slows_down_before_a_refusal),
		cmocka_unit_test(congestion_without_a_rate_goes_by_what_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
