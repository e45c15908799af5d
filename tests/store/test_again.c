/* Which texts are a carrier's second delivery: what shows that our response was heard, and what shows nothing. */
#define NAMESPACE "t_again"
#include "tests/store/store_db.h"

#define PHONE "+8613800000001"
#define SECOND 1000000LL

static int64_t now_us;

/* A text of this hash, `ago` seconds before now; again: answered again so long ago, having come a while before; "" =
 * not. */
static void
inbound(int id, const char *hash, const char *session, int sequence, double ago, const char *again)
{
	char sql[600];

	snprintf(sql, sizeof sql,
		"INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash%s) "
		"VALUES (1, %d, now() - make_interval(secs => %f), 'east', '%s', %d, '" PHONE
		"', '10690001', 'Y', '\\x%s'%s%s)",
		again[0] ? ", again_at, again_came_at" : "", id, ago, session, sequence, hash, again[0] ? ", " : "", again);
	side_do(sql);
}

/* Our answer to it: written and taken so many seconds ago, on this bind. */
static void
answer(int id, int to, double written, const char *session, double taken, const char *state, const char *lost)
{
	char sql[700];

	snprintf(sql, sizeof sql,
		"INSERT INTO message (bureau_id, id, created_at, phone, kind, text, reply_to) VALUES (1, %d, "
		"now() - make_interval(secs => %f), '" PHONE "', 'reply', 'thanks', %d)",
		id, written, to);
	side_do(sql);
	snprintf(sql, sizeof sql,
		"INSERT INTO message_part (bureau_id, message_id, part, attempt, link, phone, session, state, lost, "
		"answered_at) "
		"VALUES (1, %d, 1, 1, 'east', '" PHONE "', '%s', '%s', %s, now() - make_interval(secs => %f))",
		id, session, state, lost, taken);
	side_do(sql);
}

/* The row that this text finds among those of the statement, "" none. */
static void
ask(enum stmt stmt, const char *const *values, char *row, size_t room)
{
	PGresult *res = PQexecParams(side, stmt_sql(stmt), 7, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s", PQerrorMessage(side));
	assert_true(PQntuples(res) <= 1);
	row[0] = '\0';
	for (int i = 1; PQntuples(res) == 1 && i < PQnfields(res); i++) {
		size_t len = strlen(row);
		snprintf(row + len, room - len, "%s ", PQgetvalue(res, 0, i));
	}
	PQclear(res);
}

/* The inbound that this text would be: "" none; "0" this very deliver_sm. Asked alone and as one of many. */
static const char *
again(const char *hash, const char *session, int64_t sequence)
{
	static char alone[200];
	char among[200], bytes[40], number[24], sessions[40], list[40], numbers[24];
	const char *one[] = {"1", PHONE, bytes, session, number, "east", "t"};
	const char *many[] = {"1", "{" PHONE "}", list, sessions, numbers, "{east}", "{t}"};

	snprintf(bytes, sizeof bytes, "\\x%s", hash);
	snprintf(list, sizeof list, "{\"\\\\x%s\"}", hash);
	snprintf(sessions, sizeof sessions, "{\"%s\"}", session);
	snprintf(number, sizeof number, "%lld", (long long)sequence);
	snprintf(numbers, sizeof numbers, "{%lld}", (long long)sequence);
	ask(STMT_TURN_AGAIN, many, among, sizeof among);
	ask(STMT_TURN_AGAIN_ONE, one, alone, sizeof alone);
	assert_string_equal(alone, among);
	alone[strcspn(alone, " ")] = '\0';
	return alone;
}

static void
the_same_bind_and_number_is_the_same_delivery(void **state)
{
	(void)state;
	inbound(1, "aa", "one", 7, 100, "");
	answer(11, 1, 100, "one", 99, "delivered", "false");
	inbound(2, "aa", "one", 9, 50, "");
	answer(12, 2, 50, "one", 49, "delivered", "false");
	assert_string_equal(again("aa", "one", 9), "0");
	/* Also of the older of two alike. */
	assert_string_equal(again("aa", "one", 7), "0");
	assert_string_equal(again("aa", "one", 8), "");
	assert_string_equal(again("bb", "one", 9), "");
	/* Nor is another link's bind of the same name and number. */
	side_do("UPDATE inbound SET link = 'west'");
	assert_string_equal(again("aa", "one", 9), "");
}

static void
what_came_an_hour_ago_is_another_text(void **state)
{
	(void)state;
	inbound(1, "aa", "one", 1, 3500, "");
	assert_string_equal(again("aa", "two", 1), "1");
	side_do("UPDATE inbound SET received_at = received_at - interval '10 minutes'");
	assert_string_equal(again("aa", "two", 1), "");
}

static void
an_answer_taken_in_time_shows_that_ours_was_heard(void **state)
{
	(void)state;
	inbound(1, "aa", "one", 1, 60, "");
	assert_string_equal(again("aa", "two", 1), "1");
	answer(11, 1, 60, "one", 54, "delivered", "false");
	/* Six seconds after the text came: the carrier may have sent it again by then. */
	assert_string_equal(again("aa", "two", 1), "1");
	answer(12, 1, 60, "one", 57, "uncertain", "true");
	assert_string_equal(again("aa", "two", 1), "1");
	answer(13, 1, 60, "one", 57, "delivered", "true");
	assert_string_equal(again("aa", "two", 1), "1");
	/* On another bind it shows something only while that of the text lasts. */
	answer(14, 1, 60, "other", 57, "accepted", "false");
	assert_string_equal(again("aa", "two", 1), "1");
	assert_string_equal(again("aa", "one", 2), "");
	answer(15, 1, 60, "one", 57, "accepted", "false");
	assert_string_equal(again("aa", "two", 1), "");
}

/* It came eight seconds before it was answered again: the answer was taken at once, and the carrier had given up. */
static void
what_came_again_waits_from_when_it_came(void **state)
{
	(void)state;
	inbound(1, "aa", "two", 3, 60, "now() - interval '20 seconds', now() - interval '28 seconds'");
	answer(11, 1, 60, "two", 59, "delivered", "false"); /* on its way before it came once more */
	assert_string_equal(again("aa", "two", 4), "1");
	answer(12, 1, 20, "two", 19, "delivered", "false");
	assert_string_equal(again("aa", "two", 4), "1");
	side_do("UPDATE inbound SET again_came_at = now() - interval '21 seconds'");
	assert_string_equal(again("aa", "two", 4), "");
}

static void
of_several_alike_the_last_one_counts(void **state)
{
	(void)state;
	inbound(1, "aa", "one", 1, 90, "");
	inbound(2, "aa", "one", 5, 60, "");
	assert_string_equal(again("aa", "two", 1), "2");
	answer(12, 2, 60, "one", 59, "delivered", "false");
	assert_string_equal(again("aa", "two", 1), "");
}

/* A carrier that was put off for minutes sends it behind what else the phone wrote since. */
static void
what_else_came_since_does_not_hide_it(void **state)
{
	(void)state;
	inbound(1, "aa", "one", 1, 600, "");
	side_do("INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash) "
			"SELECT 1, 1 + n, now() - interval '1 minute', 'east', 'three', n, '" PHONE "', '10690001', 'N', "
			"'\\xcc' FROM generate_series(1, 900) n");
	assert_string_equal(again("aa", "two", 1), "1");
	assert_string_equal(again("bb", "two", 1), "");
}

/* A text whose commit was sent and never answered was put off: it is stored when one like it has come since then. */
static void
what_was_put_off_is_found_by_its_time(void **state)
{
	(void)state;
	inbound(1, "aa", "one", 1, 60, "");
	answer(11, 1, 60, "one", 59, "delivered", "false");
	assert_string_equal(again("aa", "", now_us - 30 * SECOND), "");
	inbound(2, "aa", "one", 2, 20, "");
	answer(12, 2, 20, "one", 19, "delivered", "false"); /* by another daemon, after the commit */
	assert_string_equal(again("aa", "", now_us - 30 * SECOND), "2");
	assert_string_equal(again("aa", "", now_us - 10 * SECOND), "");
	/* Before it, on a bind that was lost with our response: that one, put off or not. */
	side_do("UPDATE message_part SET answered_at = NULL, state = 'uncertain' WHERE message_id = 12");
	assert_string_equal(again("aa", "", now_us - 10 * SECOND), "2");
}

/* Also when it was its answer said again whose commit nobody answered. */
static void
what_was_put_off_when_it_came_again_is_found_by_that_time(void **state)
{
	(void)state;
	inbound(1, "aa", "two", 3, 60, "now() - interval '20 seconds', now() - interval '20 seconds'");
	answer(11, 1, 20, "two", 19, "delivered", "false");
	assert_string_equal(again("aa", "", now_us - 20 * SECOND), "1");
	assert_string_equal(again("aa", "", now_us - 10 * SECOND), "");
}

/* Whoever takes the daemon's place knows of it: an answer that was taken in time shows nothing any more. */
static void
what_was_put_off_is_marked_for_whoever_comes_later(void **state)
{
	char came[2][80];
	const char *values[] = {"{1,1}", "{" PHONE "," PHONE "}", "{\"\\\\xaa\",\"\\\\xbb\"}", NULL};
	char list[170];

	(void)state;
	inbound(1, "aa", "one", 1, 60, "");
	answer(11, 1, 60, "one", 59, "delivered", "false");
	inbound(2, "bb", "two", 2, 40, "now() - interval '20 seconds', now() - interval '21 seconds'");
	answer(12, 2, 20, "two", 19, "delivered", "false");
	inbound(3, "aa", "one", 9, 900, "");
	assert_string_equal(again("aa", "two", 1), "");
	assert_string_equal(again("bb", "three", 1), "");
	for (int i = 0; i < 2; i++)
		snprintf(came[i], sizeof came[i], "%.60s",
			side_text(i == 0 ? "SELECT received_at FROM inbound WHERE id = 1"
							 : "SELECT again_came_at FROM inbound WHERE id = 2"));
	snprintf(list, sizeof list, "{\"%s\",\"%s\"}", came[0], came[1]);
	values[3] = list;
	PGresult *res = PQexecParams(side, stmt_sql(STMT_TURN_UNSURE), 4, NULL, values, NULL, NULL, 0);
	assert_string_equal(PQcmdTuples(res), "2");
	PQclear(res);
	assert_string_equal(again("aa", "two", 1), "1");
	assert_string_equal(again("aa", "one", 2), "1");
	assert_string_equal(again("bb", "three", 1), "2");
	assert_string_equal(again("bb", "two", 3), "2");
}

static void
an_answer_said_again_keeps_when_the_text_came(void **state)
{
	char came[2100];
	const char *values[] = {"1", "{1}", "{" PHONE "}", "{two}", "{9}", came};

	(void)state;
	inbound(1, "aa", "one", 1, 60, "");
	answer(11, 1, 60, "one", 59, "delivered", "false");
	snprintf(came, sizeof came, "{\"%s\"}", side_text("SELECT now() - interval '8 seconds'"));
	PGresult *res = PQexecParams(side, stmt_sql(STMT_TURN_ANSWER_AGAIN), 6, NULL, values, NULL, NULL, 0);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s", PQerrorMessage(side));
	PQclear(res);
	assert_string_equal(side_text("SELECT session || ' ' || sequence || ' ' || round(extract(epoch FROM again_at - "
								  "again_came_at)) FROM inbound"),
		"two 9 8");
	/* Not before our response to the text is on its way. */
	assert_string_equal(
		side_text(
			"SELECT count(*) || ' ' || bool_and(not_before > statement_timestamp()) FROM outbox WHERE reply_to = 1"),
		"1 true");
	assert_string_equal(again("aa", "two", 9), "0");
	assert_string_equal(again("aa", "two", 10), "1");
}

static int
clean(void **state)
{
	(void)state;
	side_do("TRUNCATE inbound, message, message_part, outbox");
	now_us = strtoll(side_text("SELECT (extract(epoch FROM now()) * 1000000)::bigint"), NULL, 10);
	return 0;
}

static int
set_up(void **state)
{
	if (open_schema(state) != 0)
		return -1;
	side_do("INSERT INTO bureau (id, code, name, signature, short_code, timezone, country) VALUES (1, 'yiyuan', "
			"'name', '[x]', '10690001', 'Asia/Shanghai', '86')");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_same_bind_and_number_is_the_same_delivery, clean),
		cmocka_unit_test_setup(what_came_an_hour_ago_is_another_text, clean),
		cmocka_unit_test_setup(an_answer_taken_in_time_shows_that_ours_was_heard, clean),
		cmocka_unit_test_setup(what_came_again_waits_from_when_it_came, clean),
		cmocka_unit_test_setup(of_several_alike_the_last_one_counts, clean),
		cmocka_unit_test_setup(what_else_came_since_does_not_hide_it, clean),
		cmocka_unit_test_setup(what_was_put_off_is_found_by_its_time, clean),
		cmocka_unit_test_setup(what_was_put_off_when_it_came_again_is_found_by_that_time, clean),
		cmocka_unit_test_setup(what_was_put_off_is_marked_for_whoever_comes_later, clean),
		cmocka_unit_test_setup(an_answer_said_again_keeps_when_the_text_came, clean),
	};

	return cmocka_run_group_tests(tests, set_up, close_schema);
}
