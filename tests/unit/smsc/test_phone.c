/* Pretend phones: numbers, their texts, putting parts together, bounds, events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "tests/smsc/phone.h"

static const char *const n1 = "+8613800138000";

static struct text *
part(
	struct phones *p, struct phone *ph, enum concat kind, int reference, int total, int i, const char *body, int64_t at)
{
	return phone_add_part(p, ph, "10690001", kind, (uint16_t)reference, (uint8_t)total, (uint8_t)i, body, ALPHABET_UCS2,
		TEXT_DELIVERED, at);
}

static void
normalises_numbers(void **state)
{
	char out[NUMBER_ROOM];
	(void)state;
	assert_int_equal(number_normalise("8613800138000", out), 0);
	assert_string_equal(out, "+8613800138000");
	assert_int_equal(number_normalise("+8613800138000", out), 0);
	assert_string_equal(out, "+8613800138000");
	assert_int_equal(number_normalise("Bureau1", out), 0);
	assert_string_equal(out, "Bureau1");
	assert_int_equal(number_normalise("", out), -1);
	assert_int_equal(number_normalise("+", out), -1);
	assert_int_equal(number_normalise("138 001", out), -1);
	assert_int_equal(number_normalise("<b>", out), -1);
	assert_int_equal(number_normalise("12345678901234567890", out), 0);
	assert_int_equal(number_normalise("123456789012345678901", out), -1);
}

static void
matches_patterns(void **state)
{
	char word[8];
	(void)state;
	assert_true(pattern_match("*", n1));
	assert_true(pattern_match("+86138*", n1));
	assert_true(pattern_match("*8000", n1));
	assert_true(pattern_match("+86?3*8*0", n1));
	assert_false(pattern_match("+86139*", n1));
	assert_false(pattern_match("+8613800138000?", n1));
	assert_false(pattern_match("", n1));
	assert_true(pattern_list_match("+86139*,+86138*", n1, NULL, 0));
	assert_false(pattern_list_match("+86139*,+86137*", n1, NULL, 0));
	assert_true(pattern_list_match("+86139*=EXPIRED,*=UNDELIV", n1, word, sizeof(word)));
	assert_string_equal(word, "UNDELIV");
	assert_false(pattern_list_match("*=TOOLONGAWORD", n1, word, sizeof(word)));
}

static void
puts_parts_together_in_any_order(void **state)
{
	struct phones *p = phones_new(10, 10, 1);
	struct phone *ph = phones_get(p, n1);
	(void)state;

	assert_null(part(p, ph, CONCAT_UDH8, 0, 3, 3, "三", 1));
	assert_null(part(p, ph, CONCAT_UDH8, 0, 3, 1, "一", 2));
	assert_null(part(p, ph, CONCAT_UDH8, 0, 3, 1, "一", 3)); /* again */
	struct text *t = part(p, ph, CONCAT_UDH8, 0, 3, 2, "二", 4);
	assert_non_null(t);
	assert_string_equal(t->body, "一二三");
	assert_int_equal(t->parts, 3);
	assert_int_equal(ph->nunfinished, 0);
	assert_string_equal(ph->code, "10690001");
	phones_free(p);
}

static void
keeps_kinds_and_references_apart(void **state)
{
	struct phones *p = phones_new(10, 10, 1);
	struct phone *ph = phones_get(p, n1);
	(void)state;

	assert_null(part(p, ph, CONCAT_UDH8, 7, 2, 1, "a", 1));
	assert_null(part(p, ph, CONCAT_UDH16, 7, 2, 2, "b", 1));
	assert_null(part(p, ph, CONCAT_SAR, 7, 2, 2, "c", 1));
	assert_null(part(p, ph, CONCAT_UDH8, 8, 2, 2, "d", 1));
	assert_null(part(p, ph, CONCAT_UDH8, 7, 3, 2, "e", 1));
	assert_null(phone_add_part(p, ph, "10690002", CONCAT_UDH8, 7, 2, 2, "f", ALPHABET_GSM7, TEXT_DELIVERED, 1));
	assert_int_equal(ph->nunfinished, 6);
	struct text *t = part(p, ph, CONCAT_UDH8, 7, 2, 2, "z", 1);
	assert_string_equal(t->body, "az");
	phones_free(p);
}

static void
old_parts_do_not_meet_new_ones(void **state)
{
	struct phones *p = phones_new(10, 10, 1);
	struct phone *ph = phones_get(p, n1);
	(void)state;

	assert_null(part(p, ph, CONCAT_UDH8, 7, 2, 1, "old", 1));
	assert_null(part(p, ph, CONCAT_UDH8, 7, 2, 2, "new 2", 700 * (int64_t)1000000));
	struct text *t = part(p, ph, CONCAT_UDH8, 7, 2, 1, "new 1 ", 701 * (int64_t)1000000);
	assert_string_equal(t->body, "new 1 new 2");
	phones_free(p);
}

static void
bounds(void **state)
{
	struct phones *p = phones_new(3, 2, 1);
	struct phone *ph = phones_get(p, n1);
	char body[16];
	(void)state;

	for (int i = 0; i < 10; i++) {
		snprintf(body, sizeof(body), "%d", i);
		assert_non_null(phone_add(p, ph, true, "1", body, 1, ALPHABET_GSM7, TEXT_DELIVERED, i));
	}
	assert_int_equal(ph->ntexts, 3);
	assert_string_equal(ph->texts[0]->body, "7");
	assert_string_equal(ph->texts[2]->body, "9");
	assert_null(phone_text(ph, 7));
	assert_string_equal(phone_text(ph, 8)->body, "7");
	assert_null(phone_text(ph, 11));
	for (int i = 0; i < 100; i++)
		part(p, ph, CONCAT_UDH8, i, 2, 1, "x", 1);
	assert_int_equal(ph->nunfinished, 16);
	assert_non_null(phones_get(p, "+1"));
	assert_null(phones_get(p, "+2"));
	assert_ptr_equal(phones_get(p, n1), ph);
	phones_free(p);
}

static void
finds_every_phone(void **state)
{
	struct phones *p = phones_new(3, 100000, 1);
	char number[NUMBER_ROOM];
	(void)state;

	for (int i = 0; i < 5000; i++) {
		snprintf(number, sizeof(number), "+86138%08d", i);
		assert_non_null(phones_get(p, number));
	}
	assert_int_equal(phones_count(p), 5000);
	for (int i = 0; i < 5000; i++) {
		snprintf(number, sizeof(number), "+86138%08d", i);
		assert_string_equal(phones_find(p, number)->number, number);
	}
	assert_null(phones_find(p, "+86139"));
	phones_free(p);
}

static void
newest_activity_first(void **state)
{
	struct phones *p = phones_new(3, 10, 1);
	struct phone *a = phones_get(p, "+1"), *b = phones_get(p, "+2");
	(void)state;

	phone_add(p, a, true, "1", "x", 1, ALPHABET_GSM7, TEXT_DELIVERED, 1);
	assert_ptr_equal(TAILQ_FIRST(phones_by_age(p)), a);
	phone_add(p, b, true, "1", "x", 1, ALPHABET_GSM7, TEXT_DELIVERED, 2);
	assert_ptr_equal(TAILQ_FIRST(phones_by_age(p)), b);
	assert_ptr_equal(TAILQ_NEXT(b, by_age), a);
	phones_free(p);
}

static void
events(void **state)
{
	struct phones *p = phones_new(3, 10, 1);
	struct phone *ph = phones_get(p, n1);
	struct phone_event e[4];
	uint64_t next, missed;
	(void)state;

	struct text *t = phone_add(p, ph, false, "1", "Y", 1, ALPHABET_GSM7, TEXT_QUEUED, 1);
	phone_set_state(p, ph, t, TEXT_QUEUED); /* no change, no event */
	phone_set_state(p, ph, t, TEXT_DELIVERED);
	assert_int_equal(phones_events(p, 0, e, 4, &next, &missed), 2);
	assert_int_equal(next, 2);
	assert_int_equal(missed, 0);
	assert_true(e[0].fresh);
	assert_false(e[1].fresh);
	assert_int_equal(e[1].text, t->n);
	assert_int_equal(phones_events(p, 0, e, 1, &next, &missed), 1);
	assert_int_equal(next, 1);
	assert_int_equal(phones_events(p, 2, e, 4, &next, &missed), 0);
	assert_int_equal(next, 2);
	/* A cursor of another run. */
	assert_int_equal(phones_events(p, 99, e, 4, &next, &missed), 0);
	assert_int_equal(next, 2);
	/* Those that left the ring are counted. */
	for (int i = 0; i < 70000; i++)
		phone_add(p, ph, true, "1", "x", 1, ALPHABET_GSM7, TEXT_DELIVERED, 1);
	assert_int_equal(phones_events(p, 1, e, 4, &next, &missed), 4);
	assert_int_equal(missed, 70002 - 65536 - 1);
	assert_int_equal(e[0].cursor, 70002 - 65536 + 1);
	phones_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normalises_numbers),
		cmocka_unit_test(matches_patterns),
		cmocka_unit_test(puts_parts_together_in_any_order),
		cmocka_unit_test(keeps_kinds_and_references_apart),
		cmocka_unit_test(old_parts_do_not_meet_new_ones),
		cmocka_unit_test(bounds),
		cmocka_unit_test(finds_every_phone),
		cmocka_unit_test(newest_activity_first),
		cmocka_unit_test(events),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
