/* Receipts find their parts by link, id and destination, in whatever order they come, and a final state stays. */
#include "store/receipt.h"
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

static void
on_result(void *arg, int index, const PGresult *res)
{
	(void)arg;
	(void)index;
	(void)res;
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
	side_do("TRUNCATE message_part, receipt_early");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(matched_by_link_id_and_destination, clean),
		cmocka_unit_test_setup(a_final_state_stays, clean),
		cmocka_unit_test_setup(a_receipt_that_comes_twice_goes_where_it_would_alone, clean),
	};

	return cmocka_run_group_tests(tests, open_schema, close_schema);
}
