/* Receipts find their parts by link, id and destination, in whatever order they come, and a final state stays. */
#include "store/receipt.h"

#include "store/arena.h"
#define NAMESPACE "t_receipt"
#include "tests/store/store_db.h"

#define PHONE "+8613800000001"
#define OTHER "+8613800000002"

static bool ended;

static void
on_end(void *arg, const char *error, const char *sqlstate)
{
	(void)arg;
	if (error != NULL)
		fail_msg("%s (%s)", error, sqlstate);
	ended = true;
}

static struct arena *arena;
static struct store_receipt *taken;
static size_t ntaken;

static void
on_result(void *arg, int index, const PGresult *res)
{
	(void)arg;
	(void)index;
	(void)res;
}

static void
on_taken(void *arg, int index, const PGresult *res)
{
	(void)arg;
	(void)index;
	if (res != NULL && taken == NULL)
		taken = store_receipts_taken(arena, res, &ntaken);
}

static void
mark_taken(void *arg, struct pg_batch *b)
{
	(void)arg;
	if (ntaken > 0)
		store_receipts(b, 1, taken, ntaken);
	pg_batch_commit(b);
}

/* Those that were put aside are looked at again. */
static void
sweep(void)
{
	struct pg_batch *b = pg_batch_begin(pg, true, NULL, on_taken, on_end);

	arena = arena_new();
	taken = NULL;
	ended = false;
	store_receipts_guess(b, 1);
	pg_batch_flush(b, mark_taken);
	while (!ended)
		event_base_loop(base, EVLOOP_ONCE);
	arena_free(arena);
}

static void
receive(const char *link, const char *key, const char *phone, const char *state)
{
	struct store_receipt r = {.link = link,
		.carrier_key = key,
		.phone = phone,
		.state = state,
		.error = "",
		.hex_key = "",
		.decimal_key = ""};
	struct pg_batch *b = pg_batch_begin(pg, true, NULL, on_result, on_end);

	ended = false;
	store_receipts(b, 1, &r, 1);
	pg_batch_commit(b);
	while (!ended)
		event_base_loop(base, EVLOOP_ONCE);
}

/* One part with this id, accepted by its carrier. */
static void
accepted(int message, const char *link, const char *key, const char *phone)
{
	char sql[400];

	snprintf(sql, sizeof sql,
		"INSERT INTO message_part (bureau_id, message_id, part, attempt, link, phone, state, carrier_id, carrier_key) "
		"VALUES (1, %d, 1, 1, '%s', '%s', 'accepted', '%s', '%s')",
		message, link, phone, key, key);
	side_do(sql);
}

/* One part whose response was lost, so many seconds ago. */
static void
lost(int message, int part, int attempt, int seconds)
{
	char sql[400];

	snprintf(sql, sizeof sql,
		"INSERT INTO message_part (bureau_id, message_id, part, attempt, created_at, message_at, link, phone, state, "
		"lost) "
		"VALUES (1, %d, %d, %d, now() - %d * interval '1 second', '2025-03-01', 'east', '" PHONE
		"', 'uncertain', true)",
		message, part, attempt, seconds);
	side_do(sql);
	snprintf(sql, sizeof sql,
		"INSERT INTO message (bureau_id, id, created_at, phone, kind, text, link, parts) "
		"VALUES (1, %d, '2025-03-01', '" PHONE "', 'reply', 't', 'east', 1) ON CONFLICT DO NOTHING",
		message);
	side_do(sql);
}

/* "attempt part state" of each part of a text. */
static const char *
parts_of(int message)
{
	char sql[200];

	snprintf(sql, sizeof sql,
		"SELECT string_agg(concat_ws(' ', attempt, part, state), ', ' ORDER BY attempt, part) FROM message_part "
		"WHERE message_id = %d",
		message);
	return side_text(sql);
}

static int
aside(void)
{
	return side_number("SELECT count(*) FROM receipt_early");
}

static const char *
state_of(int message)
{
	char sql[100];

	snprintf(sql, sizeof sql, "SELECT state || ' ' || receipt FROM message_part WHERE message_id = %d", message);
	return side_text(sql);
}

static int
clean(void **state)
{
	(void)state;
	side_do("TRUNCATE message, message_part, receipt_early");
	return 0;
}

/* The same id at another carrier, and for another phone at this one: two carriers count alike, and some begin anew. */
static void
matched_by_link_id_and_destination(void **state)
{
	(void)state;
	accepted(1, "east", "77", PHONE);
	accepted(2, "west", "77", PHONE);
	accepted(3, "east", "77", OTHER);
	accepted(4, "east", "78", PHONE);
	receive("east", "77", PHONE, "DELIVRD"); /* the older of the two that bear this id here */
	assert_string_equal(state_of(1), "delivered DELIVRD");
	assert_string_equal(state_of(2), "accepted ");
	assert_string_equal(state_of(3), "accepted ");
	receive("west", "77", PHONE, "UNDELIV");
	assert_string_equal(state_of(2), "failed UNDELIV");
	assert_string_equal(state_of(3), "accepted ");
	receive("east", "77", OTHER, "EXPIRED");
	assert_string_equal(state_of(3), "failed EXPIRED");
	assert_string_equal(state_of(4), "accepted ");
	/* of nobody: kept, in case its response is still to come */
	receive("west", "78", PHONE, "DELIVRD");
	assert_string_equal(state_of(4), "accepted ");
	assert_string_equal(side_text("SELECT string_agg(link || ' ' || carrier_key, ',') FROM receipt_early"), "west 78");
}

static void
a_final_state_stays(void **state)
{
	(void)state;
	accepted(1, "east", "77", PHONE);
	receive("east", "77", PHONE, "ENROUTE");
	assert_string_equal(state_of(1), "accepted ENROUTE");
	receive("east", "77", PHONE, "DELIVRD");
	receive("east", "77", PHONE, "DELIVRD"); /* twice */
	receive("east", "77", PHONE, "ENROUTE"); /* late */
	receive("east", "77", PHONE, "UNDELIV");
	assert_string_equal(state_of(1), "delivered DELIVRD");
	assert_int_equal(side_number("SELECT count(*) FROM receipt_early"), 0);
}

/*
 * A text in two parts: the first attempt's first part was lost, the second attempt's first is known as 1043, its second
 * was lost. 1044 is behind 1043, also when its receipt comes twice at once because our answer to it was lost.
 */
static void
a_receipt_that_comes_twice_goes_where_it_would_alone(void **state)
{
	struct store_receipt twice[2];
	struct pg_batch *b;

	(void)state;
	side_do("INSERT INTO message_part (bureau_id, message_id, part, attempt, created_at, link, phone, state, lost, "
			"carrier_id, "
			"carrier_key) VALUES (1, 9, 1, 1, now() - interval '2 seconds', 'east', '" PHONE
			"', 'uncertain', true, '', ''), "
			"(1, 9, 1, 2, now(), 'east', '" PHONE "', 'accepted', false, '1043', '1043'), "
			"(1, 9, 2, 2, now(), 'east', '" PHONE "', 'uncertain', true, '', '')");
	for (int i = 0; i < 2; i++)
		twice[i] = (struct store_receipt){.link = "east",
			.carrier_key = "1044",
			.phone = PHONE,
			.state = "DELIVRD",
			.error = "",
			.hex_key = "",
			.decimal_key = ""};
	b = pg_batch_begin(pg, true, NULL, on_result, on_end);
	ended = false;
	store_receipts(b, 1, twice, 2);
	pg_batch_commit(b);
	while (!ended)
		event_base_loop(base, EVLOOP_ONCE);
	assert_string_equal(
		side_text("SELECT string_agg(concat_ws(' ', attempt, part, state), ', ' ORDER BY attempt, part) FROM "
				  "message_part WHERE message_id = 9"),
		"1 1 uncertain, 2 1 accepted, 2 2 delivered");
}

/* One of two texts may never have left: a receipt that may be for either makes neither delivered, until both have one.
 */
static void
nothing_is_guessed_between_two_texts(void **state)
{
	(void)state;
	lost(11, 1, 1, 9);
	lost(12, 1, 1, 5);
	receive("east", "2000", PHONE, "DELIVRD");
	sweep();
	assert_string_equal(parts_of(11), "1 1 uncertain");
	assert_string_equal(parts_of(12), "1 1 uncertain");
	assert_int_equal(aside(), 1);
	/* It is as old as it was: what nobody claims is not kept for ever. */
	side_do("UPDATE receipt_early SET received_at = now() - interval '50 minutes', other_keys = '{7d0}'");
	int64_t row = side_number("SELECT id FROM receipt_early");
	sweep();
	assert_int_equal(side_number("SELECT count(*) FROM receipt_early WHERE received_at < now() - interval '49 minutes' "
								 "AND other_keys = '{7d0}'"),
		1);
	assert_true(side_number("SELECT id FROM receipt_early") > row);
	/* Nor looked at. */
	row = side_number("SELECT id FROM receipt_early");
	side_do("UPDATE receipt_early SET received_at = now() - interval '61 minutes'");
	sweep();
	assert_int_equal(side_number("SELECT id FROM receipt_early"), row);
	side_do("UPDATE receipt_early SET received_at = now()");
	receive("east", "2001", PHONE, "DELIVRD");
	sweep();
	assert_string_equal(parts_of(11), "1 1 delivered");
	assert_string_equal(parts_of(12), "1 1 delivered");
	assert_int_equal(aside(), 0);
	/* One says that it has not arrived, and nobody knows which. */
	lost(13, 1, 1, 3);
	lost(14, 1, 1, 2);
	receive("east", "2002", PHONE, "UNDELIV");
	receive("east", "2003", PHONE, "DELIVRD");
	sweep();
	assert_string_equal(parts_of(13), "1 1 uncertain");
	assert_string_equal(parts_of(14), "1 1 uncertain");
	assert_int_equal(aside(), 2);
}

/* Of one attempt the carrier has the first parts; which ones of two attempts it has, nobody knows. */
static void
of_one_text_only_what_is_certain(void **state)
{
	(void)state;
	for (int part = 1; part <= 3; part++)
		lost(11, part, 1, 9);
	receive("east", "2000", PHONE, "DELIVRD");
	assert_string_equal(parts_of(11), "1 1 delivered, 1 2 uncertain, 1 3 uncertain");
	receive("east", "2001", PHONE, "DELIVRD");
	receive("east", "2002", PHONE, "DELIVRD");
	assert_string_equal(parts_of(11), "1 1 delivered, 1 2 delivered, 1 3 delivered");
	side_do("TRUNCATE message_part");
	for (int i = 0; i < 4; i++)
		lost(12, 1 + i % 2, 1 + i / 2, 9 - i);
	receive("east", "3000", PHONE, "DELIVRD");
	receive("east", "3001", PHONE, "DELIVRD");
	sweep();
	assert_string_equal(parts_of(12), "1 1 uncertain, 1 2 uncertain, 2 1 uncertain, 2 2 uncertain");
	assert_int_equal(aside(), 2);
	/* More than are missing: which of them is the text's nobody knows, and they are not looked at again and again. */
	side_do("TRUNCATE message_part, receipt_early");
	lost(14, 1, 1, 9);
	lost(15, 1, 1, 5);
	lost(15, 1, 2, 4);
	receive("east", "3000", PHONE, "DELIVRD");
	receive("east", "3001", PHONE, "DELIVRD");
	side_do("UPDATE message_part SET state = 'refused' WHERE message_id = 14");
	side_do("UPDATE message_part SET state = 'refused' WHERE message_id = 15 AND attempt = 1");
	int64_t row = side_number("SELECT max(id) FROM receipt_early");
	sweep();
	assert_string_equal(parts_of(15), "1 1 refused, 2 1 uncertain");
	assert_int_equal(side_number("SELECT max(id) FROM receipt_early"), row);
	assert_int_equal(aside(), 2);
	/* A text in one part: whichever attempt it was. */
	side_do("TRUNCATE message_part, receipt_early");
	lost(13, 1, 1, 9);
	lost(13, 1, 2, 5);
	receive("east", "4000", PHONE, "DELIVRD");
	assert_string_equal(parts_of(13), "1 1 delivered, 2 1 uncertain");
	assert_int_equal(aside(), 0);
}

/*
 * The receipts of what was lost come in another order than the texts went, or one of them lies aside meanwhile: which
 * of them was given to which attempt or part of the same text is the same, and the last one finds the last place.
 */
static void
receipts_of_one_text_may_come_in_any_order(void **state)
{
	(void)state;
	/* Of a text in two parts the first was lost twice, the second never went. */
	lost(11, 1, 1, 9);
	lost(11, 1, 2, 5);
	side_do("INSERT INTO message_part (bureau_id, message_id, part, attempt, link, phone, state) "
			"VALUES (1, 11, 2, 1, 'east', '" PHONE "', 'refused'), (1, 11, 2, 2, 'east', '" PHONE "', 'refused')");
	receive("east", "1013", PHONE, "DELIVRD");
	receive("east", "1008", PHONE, "DELIVRD");
	sweep();
	assert_string_equal(parts_of(11), "1 1 delivered, 1 2 refused, 2 1 delivered, 2 2 refused");
	assert_int_equal(aside(), 0);
	lost(12, 1, 1, 9);
	lost(12, 2, 1, 9);
	receive("east", "2001", PHONE, "DELIVRD");
	receive("east", "2000", PHONE, "DELIVRD");
	assert_string_equal(parts_of(12), "1 1 delivered, 1 2 delivered");
	assert_int_equal(aside(), 0);
	/* What the response has named is certain: before it there is no place for an id that is greater. */
	lost(13, 1, 1, 9);
	side_do(
		"INSERT INTO message_part (bureau_id, message_id, part, attempt, link, phone, state, carrier_id, carrier_key) "
		"VALUES (1, 13, 1, 2, 'east', '" PHONE "', 'accepted', '3000', '3000')");
	receive("east", "3001", PHONE, "DELIVRD");
	sweep();
	assert_string_equal(parts_of(13), "1 1 uncertain, 2 1 accepted");
	assert_int_equal(aside(), 1);
}

/* An attempt that was lost before another one of its text, whose id is known: a greater id is not its. */
static void
ids_that_grow_tell_of_the_text(void **state)
{
	(void)state;
	lost(11, 1, 1, 9);
	side_do(
		"INSERT INTO message_part (bureau_id, message_id, part, attempt, link, phone, state, carrier_id, carrier_key) "
		"VALUES (1, 11, 1, 2, 'east', '" PHONE "', 'accepted', '99', '99')");
	lost(12, 1, 1, 5);
	receive("east", "100", PHONE, "DELIVRD");
	assert_string_equal(parts_of(11), "1 1 uncertain, 2 1 accepted");
	assert_string_equal(parts_of(12), "1 1 delivered");
	/* Ids that are not numbers tell of nothing. */
	lost(13, 1, 1, 3);
	receive("east", "f00", PHONE, "DELIVRD");
	assert_string_equal(parts_of(11), "1 1 uncertain, 2 1 accepted");
	assert_string_equal(parts_of(13), "1 1 uncertain");
	assert_int_equal(aside(), 1);
}

/*
 * A daemon died with a text under way, and its lease has run out: until somebody has taken the text over, nobody knows
 * that it may be the one that the receipt is for. It does not go to an older text whose response was lost, which never
 * arrived.
 */
static void
nothing_is_guessed_while_a_text_waits_to_be_taken_over(void **state)
{
	static const char *const left[] = {
		"INSERT INTO outbox (bureau_id, message_id, message_at, phone, link, priority, kind, text, attempts, "
		"lease_owner, "
		"lease_until) VALUES (1, 12, '2025-03-01', '" PHONE
		"', 'east', 0, 'reply', '', 1, 'd1', now() - interval '1 s')",
		"INSERT INTO outbox_direct (bureau_id, id, message_at, messages, \"references\", lease_owner, lease_until) "
		"VALUES (1, 12, '2025-03-01', '{12}', '{0}', 'd1', now() - interval '1 s')",
	};

	(void)state;
	side_do("TRUNCATE outbox, outbox_direct");
	lost(11, 1, 1, 9);
	side_do("INSERT INTO message (bureau_id, id, created_at, phone, kind, text, link, parts) "
			"VALUES (1, 12, '2025-03-01', '" PHONE "', 'reply', 't', 'east', 1)");
	for (int i = 0; i < 2; i++) {
		side_do(left[i]);
		receive("east", "2000", PHONE, "DELIVRD");
		assert_string_equal(parts_of(11), "1 1 uncertain");
		assert_int_equal(aside(), 1); /* one that comes twice lies there once */
		side_do("TRUNCATE outbox, outbox_direct");
	}
	sweep();
	assert_string_equal(parts_of(11), "1 1 delivered");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(matched_by_link_id_and_destination, clean),
		cmocka_unit_test_setup(a_final_state_stays, clean),
		cmocka_unit_test_setup(a_receipt_that_comes_twice_goes_where_it_would_alone, clean),
		cmocka_unit_test_setup(nothing_is_guessed_between_two_texts, clean),
		cmocka_unit_test_setup(of_one_text_only_what_is_certain, clean),
		cmocka_unit_test_setup(receipts_of_one_text_may_come_in_any_order, clean),
		cmocka_unit_test_setup(ids_that_grow_tell_of_the_text, clean),
		cmocka_unit_test_setup(nothing_is_guessed_while_a_text_waits_to_be_taken_over, clean),
	};

	return cmocka_run_group_tests(tests, open_schema, close_schema);
}
