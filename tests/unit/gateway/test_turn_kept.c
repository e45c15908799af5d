/* Talks that are kept for the next text: copies, found by phone, not for long and not too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/turn_kept.h"

#define SECOND 1000000

static const struct turn_kept_text text = {.hash = "a hash", .inbound_id = 7, .session = "d1.1"};

static struct turn_kept *
kept(int bureau_id, const char *phone, int64_t read_us)
{
	struct store_conversation row = {.id = 1,
		.phone = phone,
		.link = "east",
		.language = "zh",
		.dialog = "renewal",
		.step = "confirm",
		.slots = "{}",
		.version = 4,
		.open = true,
		.deadline_us = INT64_MIN};

	return turn_kept_new(bureau_id, read_us, 900, &row, NULL, 0, NULL, 0, &text);
}

/* What it was made of may go; it is as the store would read it after the save. */
static void
a_copy_of_what_was_saved(void **state)
{
	char phone[] = "+8613800000001", status[] = "verified", step[] = "old";
	uint8_t old[] = {1, 2, 3}, new_one[] = {9, 8, 7, 6}, holder[] = {5};
	struct store_application list[2] = {
		{.id = 30, .number = 1, .status = status, .holder = "面馆", .address = old, .address_len = 3, .xid = 500},
		{.id = 20,
			.number = 2,
			.status = "confirmed",
			.holder_address = holder,
			.holder_address_len = 1,
			.xid = 500,
			.new_address = new_one,
			.new_address_len = 4,
			.new_rating = 3,
			.rating = 3,
			.new_complaint = "x",
			.changed = true},
	};
	struct store_conversation row = {.id = 1,
		.phone = phone,
		.step = step,
		.slots = "{\"a\": \"1\"}",
		.version = 4,
		.open = true,
		.outcome = "gone"};
	struct turn_kept_text before = {.hash = "an older hash"};

	(void)state;
	struct turn_kept *k = turn_kept_new(1, 5, 900, &row, list, 2, &before, 1, &text);
	memset(phone, 'x', sizeof(phone) - 1);
	memset(status, 'x', sizeof(status) - 1);
	memset(step, 'x', sizeof(step) - 1);
	memset(old, 0, sizeof(old));
	memset(new_one, 0, sizeof(new_one));
	memset(list, 0, sizeof(list));
	assert_string_equal(k->row.phone, "+8613800000001");
	assert_string_equal(k->row.step, "old");
	assert_string_equal(k->row.outcome, "");
	assert_int_equal(k->row.version, 5);
	assert_int_equal(k->row.kept_xid, 900);
	assert_null(k->row.link);
	assert_int_equal(k->napplications, 2);
	assert_string_equal(k->applications[0].status, "verified");
	assert_string_equal(k->applications[0].holder, "面馆");
	assert_memory_equal(k->applications[0].address, "\1\2\3", 3);
	assert_int_equal(k->applications[0].xid, 500);
	assert_int_equal(k->applications[1].xid, 900);
	assert_int_equal(k->applications[1].address_len, 4);
	assert_memory_equal(k->applications[1].address, "\11\10\7\6", 4);
	assert_null(k->applications[1].new_address);
	assert_null(k->applications[1].new_complaint);
	assert_int_equal(k->applications[1].new_rating, 0);
	assert_int_equal(k->applications[1].rating, 3);
	assert_false(k->applications[1].changed);
	assert_int_equal(k->ntexts, 2);
	assert_string_equal((const char *)k->texts[0].hash, "an older hash");
	assert_int_equal(k->texts[1].inbound_id, 7);
	turn_kept_free(k);
}

static void
found_by_bureau_and_phone_once(void **state)
{
	struct turn_keep *all = turn_keep_new(100);
	struct turn_kept *k;

	(void)state;
	turn_keep_put(all, kept(1, "+8613800000001", 0));
	turn_keep_put(all, kept(2, "+8613800000001", 0));
	turn_keep_put(all, kept(1, "+8613800000002", 0));
	turn_keep_put(all, kept(1, "+8613800000002", 1)); /* in place of the one before */
	assert_int_equal(turn_keep_count(all), 3);
	assert_null(turn_keep_take(all, 3, "+8613800000001", SECOND));
	k = turn_keep_take(all, 2, "+8613800000001", SECOND);
	assert_int_equal(k->bureau_id, 2);
	turn_kept_free(k);
	assert_null(turn_keep_take(all, 2, "+8613800000001", SECOND));
	k = turn_keep_take(all, 1, "+8613800000002", SECOND);
	assert_int_equal(k->read_us, 1);
	turn_kept_free(k);
	turn_keep_clear(all);
	assert_int_equal(turn_keep_count(all), 0);
	assert_null(turn_keep_take(all, 1, "+8613800000001", SECOND));
	turn_keep_free(all);
}

static void
not_for_long_and_not_when_the_clock_was_set_back(void **state)
{
	struct turn_keep *all = turn_keep_new(100);
	const int64_t at = 1000 * (int64_t)SECOND, most = (int64_t)TURN_KEPT_SECONDS * SECOND;

	(void)state;
	turn_keep_put(all, kept(1, "1", at));
	turn_keep_put(all, kept(1, "2", at));
	turn_keep_put(all, kept(1, "3", at));
	struct turn_kept *k = turn_keep_take(all, 1, "1", at + most);
	assert_non_null(k);
	turn_kept_free(k);
	assert_null(turn_keep_take(all, 1, "2", at + most + 1));
	assert_null(turn_keep_take(all, 1, "3", at - 1));
	assert_int_equal(turn_keep_count(all), 0);
	/* Nobody's name stays in memory because he does not write again. */
	turn_keep_put(all, kept(1, "1", at));
	turn_keep_put(all, kept(1, "2", at + SECOND));
	turn_keep_put(all, kept(1, "3", at));
	turn_keep_sweep(all, at + most + 1);
	assert_int_equal(turn_keep_count(all), 1);
	k = turn_keep_take(all, 1, "2", at + most);
	assert_non_null(k);
	turn_kept_free(k);
	turn_keep_free(all);
}

/* Whoever was not heard of for longest gives way. */
static void
at_most_so_many(void **state)
{
	struct turn_keep *all = turn_keep_new(1000), *none = turn_keep_new(0);
	char phone[24];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(phone, sizeof(phone), "+86138%08d", i);
		turn_keep_put(all, kept(1, phone, 0));
		if (i >= 10) { /* the tenth speaks again and again */
			struct turn_kept *k = turn_keep_take(all, 1, "+8613800000009", 0);
			assert_non_null(k);
			turn_keep_put(all, k);
		}
	}
	assert_int_equal(turn_keep_count(all), 1000);
	assert_null(turn_keep_take(all, 1, "+8613800000008", 0));
	assert_null(turn_keep_take(all, 1, "+8613800004000", 0));
	for (int i = 4001; i < 5000; i++) {
		(void)snprintf(phone, sizeof(phone), "+86138%08d", i);
		struct turn_kept *k = turn_keep_take(all, 1, phone, 0);
		assert_non_null(k);
		turn_kept_free(k);
	}
	assert_int_equal(turn_keep_count(all), 1);
	turn_keep_free(all);
	turn_keep_put(none, kept(1, "1", 0));
	assert_int_equal(turn_keep_count(none), 0);
	turn_keep_free(none);
	turn_keep_free(NULL);
	turn_kept_free(NULL);
}

/* Nobody knows all texts of somebody who writes much: then each is looked for among the stored ones. */
static void
not_of_a_phone_with_many_texts(void **state)
{
	struct turn_kept_text texts[TURN_KEPT_TEXTS] = {{.inbound_id = 1}};
	struct store_conversation row = {.phone = "1"};

	(void)state;
	struct turn_kept *k = turn_kept_new(1, 0, 900, &row, NULL, 0, texts, TURN_KEPT_TEXTS - 1, &text);
	assert_int_equal(k->ntexts, TURN_KEPT_TEXTS);
	turn_kept_free(k);
	assert_null(turn_kept_new(1, 0, 900, &row, NULL, 0, texts, TURN_KEPT_TEXTS, &text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_of_what_was_saved),
		cmocka_unit_test(found_by_bureau_and_phone_once),
		cmocka_unit_test(not_for_long_and_not_when_the_clock_was_set_back),
		cmocka_unit_test(at_most_so_many),
		cmocka_unit_test(not_of_a_phone_with_many_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
