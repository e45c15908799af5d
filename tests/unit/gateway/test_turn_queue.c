/* The queue of turns: one at a time for each phone, in order of arrival, one bureau a batch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/turn_internal.h"

static const struct conf_bureau one = {.id = 1, .code = "one"}, two = {.id = 2, .code = "two"};

static struct turn *
turn(const struct conf_bureau *b, const char *phone, uint32_t sequence)
{
	struct turn *t = calloc(1, sizeof(*t));

	t->bureau = b;
	t->sequence = sequence;
	t->is_text = true;
	(void)snprintf(t->session, sizeof(t->session), "bind");
	memcpy(t->hash, &sequence, sizeof(sequence));
	(void)snprintf(t->phone, sizeof(t->phone), "%s", phone);
	return t;
}

static void
finish(struct turn_queue *q, struct turn *t)
{
	turn_queue_done(q, t);
	turn_free(t);
}

static void
one_phone_is_stepped_in_order(void **state)
{
	struct turn_queue q;
	struct turn *got[8];

	(void)state;
	assert_int_equal(turn_queue_init(&q), 0);
	for (uint32_t i = 1; i <= 3; i++)
		turn_queue_add(&q, turn(&one, "+8613800000001", i));
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(turn_queue_take(&q, got, 8), 1);
		assert_int_equal(got[0]->sequence, i);
		/* While it is under way, nothing else of this phone is ready. */
		struct turn *more[8];
		assert_int_equal(turn_queue_take(&q, more, 8), 0);
		finish(&q, got[0]);
	}
	assert_int_equal(turn_queue_take(&q, got, 8), 0);
	assert_int_equal(q.pending, 0);
	assert_int_equal(q.nphones, 0);
	turn_queue_free(&q);
}

static void
a_batch_has_one_turn_a_phone(void **state)
{
	struct turn_queue q;
	struct turn *got[8];

	(void)state;
	assert_int_equal(turn_queue_init(&q), 0);
	turn_queue_add(&q, turn(&one, "+8613800000001", 1));
	turn_queue_add(&q, turn(&one, "+8613800000002", 2));
	turn_queue_add(&q, turn(&one, "+8613800000001", 3));
	turn_queue_add(&q, turn(&one, "+8613800000003", 4));
	assert_int_equal(turn_queue_take(&q, got, 8), 3);
	assert_int_equal(got[0]->sequence, 1);
	assert_int_equal(got[1]->sequence, 2);
	assert_int_equal(got[2]->sequence, 4);
	for (int i = 0; i < 3; i++)
		finish(&q, got[i]);
	assert_int_equal(turn_queue_take(&q, got, 8), 1);
	assert_int_equal(got[0]->sequence, 3);
	finish(&q, got[0]);
	turn_queue_free(&q);
}

static void
a_batch_has_one_bureau(void **state)
{
	struct turn_queue q;
	struct turn *got[8];

	(void)state;
	assert_int_equal(turn_queue_init(&q), 0);
	turn_queue_add(&q, turn(&one, "+8613800000001", 1));
	turn_queue_add(&q, turn(&two, "+8613800000001", 2));
	turn_queue_add(&q, turn(&one, "+8613800000002", 3));
	turn_queue_add(&q, turn(&two, "+8613800000002", 4));
	assert_int_equal(turn_queue_take(&q, got, 8), 2);
	assert_int_equal(got[0]->sequence, 1);
	assert_int_equal(got[1]->sequence, 3);
	finish(&q, got[0]);
	finish(&q, got[1]);
	/* The other bureau's phones are still in their order, and a phone added now comes behind them. */
	turn_queue_add(&q, turn(&two, "+8613800000003", 5));
	assert_int_equal(turn_queue_take(&q, got, 8), 3);
	assert_int_equal(got[0]->sequence, 2);
	assert_int_equal(got[1]->sequence, 4);
	assert_int_equal(got[2]->sequence, 5);
	for (int i = 0; i < 3; i++)
		finish(&q, got[i]);
	turn_queue_free(&q);
}

static void
a_turn_again_stays_first(void **state)
{
	struct turn_queue q;
	struct turn *got[8];

	(void)state;
	assert_int_equal(turn_queue_init(&q), 0);
	turn_queue_add(&q, turn(&one, "+8613800000001", 1));
	turn_queue_add(&q, turn(&one, "+8613800000001", 2));
	assert_int_equal(turn_queue_take(&q, got, 1), 1);
	turn_queue_again(&q, got[0]);
	assert_int_equal(turn_queue_take(&q, got, 1), 1);
	assert_int_equal(got[0]->sequence, 1);
	finish(&q, got[0]);
	assert_int_equal(turn_queue_take(&q, got, 1), 1);
	assert_int_equal(got[0]->sequence, 2);
	finish(&q, got[0]);
	turn_queue_free(&q);
}

/* Whoever waits for an answer goes before what the clock raised, also when that came first. */
static void
texts_go_before_the_clock(void **state)
{
	struct turn_queue q;
	struct turn *got[8], *due;

	(void)state;
	assert_int_equal(turn_queue_init(&q), 0);
	for (uint32_t i = 1; i <= 2; i++) {
		due = turn(&one, i == 1 ? "+8613800000001" : "+8613800000002", i);
		due->is_text = false;
		turn_queue_add(&q, due);
	}
	turn_queue_add(&q, turn(&one, "+8613800000003", 3));
	assert_int_equal(turn_queue_take(&q, got, 2), 2);
	assert_int_equal(got[0]->sequence, 3);
	assert_int_equal(got[1]->sequence, 1);
	assert_true(turn_queue_ready(&q));
	finish(&q, got[0]);
	finish(&q, got[1]);
	turn_queue_free(&q);
}

/* The carrier sends the same text twice before it is answered: the second is known as such; other words are not. */
static void
twins_are_known(void **state)
{
	struct turn_queue q;
	struct turn *first = turn(&one, "+8613800000001", 7), *twin = turn(&one, "+8613800000001", 7),
				*other = turn(&one, "+8613800000001", 8);

	(void)state;
	assert_int_equal(turn_queue_init(&q), 0);
	turn_queue_add(&q, first);
	turn_queue_add(&q, twin);
	turn_queue_add(&q, other);
	assert_false(first->twin);
	assert_true(twin->twin);
	assert_false(other->twin);
	/* The first was stepped: its twin stays one. */
	struct turn *got[8];
	assert_int_equal(turn_queue_take(&q, got, 8), 1);
	finish(&q, got[0]);
	assert_true(twin->twin);
	turn_queue_free(&q);

	/* The first was swallowed, for it might have been stored before: the second is judged by itself. */
	first = turn(&one, "+8613800000001", 7);
	twin = turn(&one, "+8613800000001", 7);
	assert_int_equal(turn_queue_init(&q), 0);
	turn_queue_add(&q, first);
	turn_queue_add(&q, twin);
	assert_true(twin->twin);
	assert_int_equal(turn_queue_take(&q, got, 8), 1);
	first->again = true;
	finish(&q, first);
	assert_false(twin->twin);
	turn_queue_free(&q);
}

/* Many more phones than buckets: the table grows, every turn comes once, and the order holds. */
static void
many_phones(void **state)
{
	struct turn_queue q;
	struct turn *got[100];
	uint32_t next = 0;
	int n;

	(void)state;
	assert_int_equal(turn_queue_init(&q), 0);
	for (uint32_t i = 0; i < 5000; i++) {
		char phone[24];
		(void)snprintf(phone, sizeof(phone), "+86138%08u", i);
		turn_queue_add(&q, turn(&one, phone, i));
	}
	while ((n = turn_queue_take(&q, got, 100)) > 0) {
		for (int i = 0; i < n; i++) {
			assert_int_equal(got[i]->sequence, next++);
			finish(&q, got[i]);
		}
	}
	assert_int_equal(next, 5000);
	/* Freed with turns inside: the sanitizer says whether all of them are. */
	turn_queue_add(&q, turn(&one, "+8613800000001", 1));
	turn_queue_add(&q, turn(&one, "+8613800000001", 2));
	turn_queue_free(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_phone_is_stepped_in_order),
		cmocka_unit_test(a_batch_has_one_turn_a_phone),
		cmocka_unit_test(a_batch_has_one_bureau),
		cmocka_unit_test(a_turn_again_stays_first),
		cmocka_unit_test(texts_go_before_the_clock),
		cmocka_unit_test(twins_are_known),
		cmocka_unit_test(many_phones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
