/* Phones and the links that carry their texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "gateway/route.h"

#define PHONES 8000

static const char *
phone(int i)
{
	static char text[24];

	snprintf(text, sizeof text, "+86138%08d", i);
	return text;
}

static void
the_preferred_while_it_is_up(void **state)
{
	struct route_link links[] = {{"east", 5, true}, {"west", 0, true}, {"north", 1, false}};

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(route_pick(links, 3, phone(i), "west"), 1);
		assert_int_equal(route_pick(links, 3, phone(i), "north"), 0);
		assert_int_equal(route_pick(links, 3, phone(i), "elsewhere"), 0);
	}
}

static void
shares_follow_the_weights(void **state)
{
	struct route_link links[] = {{"east", 3, true}, {"west", 1, true}};
	int east = 0;

	(void)state;
	for (int i = 0; i < PHONES; i++)
		east += route_pick(links, 2, phone(i), "") == 0;
	assert_in_range(east, PHONES * 3 / 4 - 200, PHONES * 3 / 4 + 200);
}

/* Those who had a link that is still there keep it; the others are shared out; and all go home when it is back. */
static void
only_the_phones_of_a_lost_link_move(void **state)
{
	struct route_link links[] = {{"east", 1, true}, {"west", 1, true}, {"north", 2, true}};
	int before[PHONES], moved[3] = {0};

	(void)state;
	for (int i = 0; i < PHONES; i++)
		before[i] = route_pick(links, 3, phone(i), "");
	links[2].up = false;
	for (int i = 0; i < PHONES; i++) {
		int now = route_pick(links, 3, phone(i), "");

		assert_int_not_equal(now, 2);
		if (before[i] != 2)
			assert_int_equal(now, before[i]);
		else
			moved[now]++;
	}
	assert_in_range(moved[0], PHONES / 4 - 200, PHONES / 4 + 200);
	assert_in_range(moved[1], PHONES / 4 - 200, PHONES / 4 + 200);
	links[2].up = true;
	for (int i = 0; i < PHONES; i++)
		assert_int_equal(route_pick(links, 3, phone(i), ""), before[i]);
}

static void
a_spare_works_only_alone(void **state)
{
	struct route_link links[] = {{"spare", 0, true}, {"east", 1, true}};

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(route_pick(links, 2, phone(i), ""), 1);
	links[1].up = false;
	for (int i = 0; i < 100; i++)
		assert_int_equal(route_pick(links, 2, phone(i), ""), 0);
}

static void
with_none_up_it_waits_where_it_belongs(void **state)
{
	struct route_link up[] = {{"east", 1, true}, {"west", 1, true}}, down[] = {{"east", 1, false}, {"west", 1, false}};
	struct route_link spares[] = {{"a", 0, false}, {"b", 0, false}};

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(route_pick(down, 2, phone(i), "west"), route_pick(up, 2, phone(i), ""));
	assert_int_equal(route_pick(spares, 2, phone(1), ""), 0);
	assert_int_equal(route_pick(spares, 0, phone(1), ""), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_preferred_while_it_is_up),
		cmocka_unit_test(shares_follow_the_weights),
		cmocka_unit_test(only_the_phones_of_a_lost_link_move),
		cmocka_unit_test(a_spare_works_only_alone),
		cmocka_unit_test(with_none_up_it_waits_where_it_belongs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
