/* Concatenation references: stable for a text, different for the texts that a phone gets close together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "gateway/smpp/reference.h"

#define PHONE "+8613800138000"

/* smpp.md, outbound: a reference per destination, 1-255 all used. */
static void
all_255_are_used_and_none_else(void **state)
{
	struct references *r = references_new(4);
	int seen[256] = {0};

	(void)state;
	for (int64_t id = 1000; id < 1000 + 255; id++)
		seen[references_pick(r, PHONE, id)]++;
	assert_int_equal(seen[0], 0);
	for (int i = 1; i < 256; i++)
		assert_int_equal(seen[i], 1);
	references_free(r);
}

static void
texts_of_one_phone_differ(void **state)
{
	struct references *r = references_new(4);
	uint8_t got[REFERENCE_TEXTS];

	(void)state;
	/* Numbers 255 apart would all have the same one. */
	for (int i = 0; i < REFERENCE_TEXTS; i++) {
		got[i] = references_pick(r, PHONE, 254 + 255 * (int64_t)i);
		for (int j = 0; j < i; j++)
			assert_int_not_equal(got[i], got[j]);
	}
	assert_int_equal(got[0], 255);
	assert_int_equal(got[1], 1); /* the next one that is free, 0 never */
	/* A later attempt of each goes with its own again. */
	for (int i = 0; i < REFERENCE_TEXTS; i++)
		assert_int_equal(references_pick(r, PHONE, 254 + 255 * (int64_t)i), got[i]);
	/* Another phone is another matter. */
	assert_int_equal(references_pick(r, "+8613800138001", 254 + 255), 255);
	references_free(r);
}

static void
another_run_gives_the_same(void **state)
{
	struct references *a = references_new(4), *b = references_new(4);

	(void)state;
	for (int64_t id = 7; id < 7 + 40; id += 13)
		assert_int_equal(references_pick(a, PHONE, id), references_pick(b, PHONE, id));
	assert_int_equal(references_pick(a, PHONE, 509), 509 % 255 + 1);
	references_free(a);
	references_free(b);
}

static void
the_phone_longest_without_a_text_is_forgotten(void **state)
{
	struct references *r = references_new(3);
	char phone[24];

	(void)state;
	assert_int_equal(references_pick(r, "a", 1), 2);
	assert_int_equal(references_pick(r, "b", 1), 2);
	assert_int_equal(references_pick(r, "c", 1), 2);
	assert_int_equal(references_pick(r, "a", 256), 3); /* a is remembered, and used last */
	assert_int_equal(references_pick(r, "d", 1), 2);   /* takes the place of b */
	assert_int_equal(references_pick(r, "a", 1), 2);
	assert_int_equal(references_pick(r, "c", 256), 3);
	assert_int_equal(references_pick(r, "b", 256), 2); /* b had been forgotten */
	for (int i = 0; i < 10000; i++) {
		(void)snprintf(phone, sizeof(phone), "+86%d", i * 7919);
		assert_int_equal(references_pick(r, phone, i), i % 255 + 1);
	}
	references_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_255_are_used_and_none_else),
		cmocka_unit_test(texts_of_one_phone_differ),
		cmocka_unit_test(another_run_gives_the_same),
		cmocka_unit_test(the_phone_longest_without_a_text_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
