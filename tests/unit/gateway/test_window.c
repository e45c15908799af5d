/* Requests that wait for their responses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/smpp/window.h"

static uint32_t
put(struct window *w, uint64_t id, int64_t deadline)
{
	struct window_entry e = {.message_id = id, .part = 1, .parts = 2, .attempt = 3, .deadline = deadline};

	return window_put(w, &e);
}

static void
response_finds_its_request(void **state)
{
	struct window *w = window_new(3);
	struct window_entry e;

	(void)state;
	assert_int_equal(put(w, 10, 100), 1);
	assert_int_equal(put(w, 11, 110), 2);
	assert_int_equal(put(w, 12, 120), 3);
	assert_int_equal(put(w, 13, 130), 0); /* full */
	assert_int_equal(window_count(w), 3);
	assert_int_equal(window_room(w), 0);
	assert_true(window_take(w, 2, &e));
	assert_int_equal(e.message_id, 11);
	assert_int_equal(e.attempt, 3);
	assert_false(window_take(w, 2, &e)); /* answered twice */
	assert_false(window_take(w, 99, &e));
	assert_int_equal(put(w, 13, 130), 4);
	window_free(w);
}

static void
oldest_is_late_first(void **state)
{
	struct window *w = window_new(8);
	struct window_entry e;

	(void)state;
	assert_int_equal(window_deadline(w), -1);
	for (int i = 0; i < 5; i++)
		put(w, (uint64_t)i, 100 + i);
	assert_int_equal(window_deadline(w), 100);
	assert_true(window_take(w, 1, &e)); /* the oldest */
	assert_true(window_take(w, 3, &e)); /* one in the middle */
	assert_true(window_take(w, 5, &e)); /* the newest */
	assert_int_equal(window_deadline(w), 101);
	assert_true(window_take_oldest(w, &e));
	assert_int_equal(e.message_id, 1);
	assert_true(window_take_oldest(w, &e));
	assert_int_equal(e.message_id, 3);
	assert_false(window_take_oldest(w, &e));
	assert_int_equal(window_deadline(w), -1);
	window_free(w);
}

/* From the last sequence to 1, never 0, never one that still waits. */
static void
sequences_wrap(void **state)
{
	struct window *w = window_new(4);
	struct window_entry e;

	(void)state;
	window_set_sequence(w, 0x7ffffffe);
	assert_int_equal(put(w, 1, 0), 0x7ffffffe);
	assert_int_equal(put(w, 2, 0), 0x7fffffff);
	assert_int_equal(put(w, 3, 0), 1);
	window_set_sequence(w, 0x7ffffffe);
	assert_int_equal(window_sequence(w), 2);
	assert_int_equal(put(w, 4, 0), 3);
	assert_true(window_take(w, 0x7fffffff, &e));
	assert_int_equal(e.message_id, 2);
	window_free(w);
}

static void
written_marks_what_was_put_so_far(void **state)
{
	struct window *w = window_new(8);
	struct window_entry e;

	(void)state;
	put(w, 1, 0);
	put(w, 2, 0);
	window_written(w);
	put(w, 3, 0);
	assert_true(window_take(w, 1, &e));
	assert_true(e.written);
	assert_true(window_take(w, 3, &e));
	assert_false(e.written);
	put(w, 4, 0);
	window_written(w);
	assert_true(window_take(w, 4, &e));
	assert_true(e.written);
	window_free(w);
}

static void
refusals_are_found(void **state)
{
	struct window *w = window_new(8);
	struct window_entry e = {.message_id = 2, .refusal = 0x0b};

	(void)state;
	put(w, 1, 0);
	window_put(w, &e);
	put(w, 3, 0);
	assert_true(window_take_refused(w, &e));
	assert_int_equal(e.message_id, 2);
	assert_false(window_take_refused(w, &e));
	assert_int_equal(window_count(w), 2);
	window_free(w);
}

/* A long random life beside a plain array that cannot be wrong. */
static void
agrees_with_a_plain_array(void **state)
{
	enum {
		ROOM = 50
	};
	struct window *w = window_new(ROOM);
	struct {
		uint32_t sequence;
		uint64_t id;
	} plain[ROOM];
	size_t n = 0;

	(void)state;
	srandom(7);
	window_set_sequence(w, 0x7fffff00);
	for (uint64_t step = 1; step < 200000; step++) {
		struct window_entry e;

		if (random() % 2) {
			uint32_t s = put(w, step, (int64_t)step);

			assert_int_equal(s != 0, n < ROOM);
			if (s) {
				plain[n].sequence = s;
				plain[n++].id = step;
			}
		} else if (n && random() % 2) {
			size_t i = (size_t)random() % n;

			assert_true(window_take(w, plain[i].sequence, &e));
			assert_int_equal(e.message_id, plain[i].id);
			memmove(&plain[i], &plain[i + 1], (--n - i) * sizeof(plain[0]));
		} else {
			assert_int_equal(window_take_oldest(w, &e), n > 0);
			if (n) {
				assert_int_equal(e.message_id, plain[0].id);
				memmove(&plain[0], &plain[1], --n * sizeof(plain[0]));
			}
		}
		assert_int_equal(window_count(w), n);
		assert_int_equal(window_deadline(w), n ? (int64_t)plain[0].id : -1);
	}
	window_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(response_finds_its_request),
		cmocka_unit_test(oldest_is_late_first),
		cmocka_unit_test(sequences_wrap),
		cmocka_unit_test(written_marks_what_was_put_so_far),
		cmocka_unit_test(refusals_are_found),
		cmocka_unit_test(agrees_with_a_plain_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
