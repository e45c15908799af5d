/* Digits behind a short code, and the bureau and conversation that they name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/conf.h"
#include "gateway/suffix.h"

static const char *east[] = {"east"}, *both[] = {"east", "west"};
static struct conf_link links[] = {{.name = "east", .suffix_digits = 4}, {.name = "west", .suffix_digits = 0}};
static struct conf_bureau bureaus[] = {
	{.id = 7, .code = "b", .short_code = "10690001", .links = both, .nlinks = 2},
	{.id = 3, .code = "a", .short_code = "10690001", .links = east, .nlinks = 1},
	{.id = 9, .code = "alone", .short_code = "10690002", .links = both, .nlinks = 2},
};
static struct conf conf = {.links = links, .nlinks = 2, .bureaus = bureaus, .nbureaus = 3};

static const char *
address(int bureau, int link, int64_t conversation)
{
	static char out[SUFFIX_ADDRESS_MAX];

	suffix_address(&conf, &bureaus[bureau], &links[link], conversation, out);
	return out;
}

/* Every conversation's address leads back to its bureau and to it; those of one phone at two bureaus never meet. */
static void
there_and_back(void **state)
{
	(void)state;
	for (int bureau = 0; bureau < 3; bureau++) {
		int64_t modulus = suffix_modulus(&conf, &bureaus[bureau]), named;

		assert_true(modulus >= 4000);
		for (int64_t id = 1; id < 20000; id += 7) {
			const char *a = address(bureau, 0, id);

			assert_int_equal(strlen(a), 12);
			assert_ptr_equal(suffix_bureau(&conf, "east", a, &named), &bureaus[bureau]);
			assert_int_equal(named, 1 + id % modulus);
		}
	}
	for (int64_t id = 1; id < 5000; id++) {
		char one[SUFFIX_ADDRESS_MAX];

		snprintf(one, sizeof one, "%s", address(0, 0, id));
		assert_string_not_equal(one, address(1, 0, id));
		assert_string_not_equal(one, address(1, 0, id + 1));
	}
}

static void
without_a_conversation_or_digits(void **state)
{
	int64_t named = 5;

	(void)state;
	assert_string_equal(address(2, 0, 0), "10690002"); /* nobody shares it: nothing to say */
	assert_string_equal(address(1, 0, 0), "106900010000");
	assert_string_equal(address(0, 0, 0), "106900010001");
	assert_ptr_equal(suffix_bureau(&conf, "east", "+106900010001", &named), &bureaus[0]);
	assert_int_equal(named, 0);
	assert_string_equal(address(0, 1, 42), "10690001"); /* the other carrier allows none */
	named = 5;
	assert_ptr_equal(suffix_bureau(&conf, "east", "10690001", &named), &bureaus[0]);
	assert_int_equal(named, 0);
	assert_ptr_equal(suffix_bureau(&conf, "west", "10690002", NULL), &bureaus[2]);
	assert_ptr_equal(suffix_bureau(&conf, "east", "1069000112", &named), &bureaus[0]); /* too few digits */
	assert_int_equal(named, 0);
	assert_ptr_equal(suffix_bureau(&conf, "east", "10690001abcd", &named), &bureaus[0]);
	assert_null(suffix_bureau(&conf, "east", "12345", &named));
	assert_null(suffix_bureau(&conf, "north", "10690001", NULL));
}

static void
at_most_twenty_digits(void **state)
{
	struct conf_bureau b = {.id = 1, .short_code = "1234567890123456", .links = east, .nlinks = 1};
	struct conf one = {.links = links, .nlinks = 2, .bureaus = &b, .nbureaus = 1};
	char out[SUFFIX_ADDRESS_MAX];

	(void)state;
	suffix_address(&one, &b, &links[0], 9998, out);
	assert_int_equal(strlen(out), 20);
	assert_string_equal(out, "12345678901234569999");
	suffix_address(&one, &b, &links[0], 9999, out);
	assert_string_equal(out, "12345678901234560001");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(without_a_conversation_or_digits),
		cmocka_unit_test(at_most_twenty_digits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
