/* Concatenation references: the same for each attempt of a text, all used in turn by the texts of a phone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "gateway/smpp/reference.h"

#define PHONE "+8613800138000"

static uint8_t
pick(struct references *r, const char *phone, int64_t id, uint8_t had)
{
	return references_pick(r, phone, id, had);
}

/* smpp.md, outbound: a reference per destination, 1-255 all used; whatever the texts' numbers, before one comes again.
 */
static void
all_255_are_used_before_one_comes_again(void **state)
{
	struct references *r = references_new(4);
	int64_t id = 1000;
	int last[256] = {0};

	(void)state;
	for (int n = 1; n <= 3 * 255; n++) {
		id += n * 7919 % 509;
		uint8_t got = pick(r, PHONE, id, 0);

		assert_int_not_equal(got, 0);
		assert_int_equal(last[got], n > 255 ? n - 255 : 0);
		last[got] = n;
		/* Other phones have their own. */
		(void)pick(r, "+8613800138001", ++id, 0);
	}
	references_free(r);
}

static void
texts_of_one_phone_differ(void **state)
{
	struct references *r = references_new(4);
	uint8_t got[REFERENCE_TEXTS];

	(void)state;
	/* Numbers 255 apart would all begin with the same one. */
	for (int i = 0; i < REFERENCE_TEXTS; i++) {
		got[i] = pick(r, PHONE, 254 + 255 * (int64_t)i, 0);
		for (int j = 0; j < i; j++)
			assert_int_not_equal(got[i], got[j]);
	}
	assert_int_equal(got[0], 255);
	assert_int_equal(got[1], 1); /* the next one, 0 never */
	/* A later attempt of each goes with its own again. */
	for (int i = 0; i < REFERENCE_TEXTS; i++)
		assert_int_equal(pick(r, PHONE, 254 + 255 * (int64_t)i, 0), got[i]);
	/* Another phone is another matter. */
	assert_int_equal(pick(r, "+8613800138001", 254 + 255, 0), 255);
	references_free(r);
}

/* What is stored with a text is its reference; no other text to the phone gets it, nor goes on from there. */
static void
a_text_keeps_what_it_was_stored_with(void **state)
{
	struct references *r = references_new(4);

	(void)state;
	assert_int_equal(pick(r, PHONE, 9, 80), 80);
	assert_int_equal(pick(r, PHONE, 10, 77), 77);
	assert_int_equal(pick(r, PHONE, 76, 0), 78); /* 77 is another text's */
	assert_int_equal(pick(r, PHONE, 12, 0), 79);
	assert_int_equal(pick(r, PHONE, 13, 0), 81); /* and 80 */
	assert_int_equal(pick(r, PHONE, 9, 0), 80);
	references_free(r);
}

/* One after the other from the conversation's row, whoever counts there. */
static void
a_conversation_uses_all_255(void **state)
{
	int last[256] = {0};

	(void)state;
	for (int n = 0; n < 3 * 255; n++) {
		uint8_t got = references_of(4711, n);

		assert_int_not_equal(got, 0);
		assert_int_equal(last[got], n < 255 ? 0 : n - 254);
		last[got] = n + 1;
	}
	/* Another one of the same phone begins elsewhere. */
	assert_int_not_equal(references_of(4711, 0), references_of(4712, 0));
	assert_int_not_equal(references_of(4711, 1), references_of(4712, 0));
}

static void
the_phone_longest_without_a_text_is_forgotten(void **state)
{
	struct references *r = references_new(3);
	char phone[24];

	(void)state;
	assert_int_equal(pick(r, "a", 1, 0), 2);
	assert_int_equal(pick(r, "b", 1, 0), 2);
	assert_int_equal(pick(r, "c", 1, 0), 2);
	assert_int_equal(pick(r, "a", 256, 0), 3); /* a is remembered, and used last */
	assert_int_equal(pick(r, "d", 1, 0), 2);   /* takes the place of b */
	assert_int_equal(pick(r, "a", 1, 0), 2);
	assert_int_equal(pick(r, "c", 256, 0), 3);
	assert_int_equal(pick(r, "b", 256, 0), 2); /* b had been forgotten */
	for (int i = 0; i < 10000; i++) {
		(void)snprintf(phone, sizeof(phone), "+86%d", i * 7919);
		assert_int_equal(pick(r, phone, i, 0), i % 255 + 1);
	}
	references_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_255_are_used_before_one_comes_again),
		cmocka_unit_test(texts_of_one_phone_differ),
		cmocka_unit_test(a_text_keeps_what_it_was_stored_with),
		cmocka_unit_test(a_conversation_uses_all_255),
		cmocka_unit_test(the_phone_longest_without_a_text_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
