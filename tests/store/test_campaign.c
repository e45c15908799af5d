/* Campaigns against a real PostgreSQL: what the claim gives out, to several daemons at once; what is taken back. */
#define NAMESPACE "t_campaign"
#include "tests/store/store_db.h"

static PGconn *other; /* a second daemon's connection */

static PGresult *
ask_on(PGconn *conn, enum stmt s, int n, const char *const *values)
{
	PGresult *res = PQexecParams(conn, stmt_sql(s), n, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(res) != PGRES_TUPLES_OK && PQresultStatus(res) != PGRES_COMMAND_OK)
		fail_msg("%s: %s", stmt_name(s), PQerrorMessage(conn));
	return res;
}

/* How many texts one claim gives. */
static int
claim_on(PGconn *conn, const char *limit, const char *bulk)
{
	const char *values[] = {"1", "east", limit, conn == side ? "d1" : "d2", "60", bulk};
	PGresult *res = ask_on(conn, STMT_OUTBOX_CLAIM, 6, values);
	int n = PQntuples(res);

	PQclear(res);
	return n;
}

static int
claim(const char *limit)
{
	return claim_on(side, limit, "t");
}

static long
next_ms(void)
{
	const char *values[] = {"1", "east"};
	PGresult *res = ask_on(side, STMT_OUTBOX_NEXT, 2, values);
	long ms = PQgetisnull(res, 0, 0) ? -1 : strtol(PQgetvalue(res, 0, 0), NULL, 10);

	PQclear(res);
	return ms;
}

/* A statement for any campaign, with its limit where it has one: what it counts; of CAMPAIGN_DONE how many. */
static long
tend(enum stmt s, const char *limit)
{
	const char *values[] = {"1", NULL, limit};
	PGresult *res = ask_on(side, s, s == STMT_CAMPAIGN_DONE ? 1 : limit ? 3 : 2, values);
	long n = s == STMT_CAMPAIGN_DONE ? PQntuples(res) : PQntuples(res) ? strtol(PQgetvalue(res, 0, 0), NULL, 10) : 0;

	PQclear(res);
	return n;
}

/* Talks that the feed lets begin. */
static int
feed(const char *open)
{
	const char *values[] = {"1", open};
	PGresult *res = ask_on(side, STMT_CAMPAIGN_FEED, 2, values);
	int n = PQntuples(res);

	PQclear(res);
	return n;
}

static void
campaign(const char *id, const char *status, const char *rate, const char *canary_left)
{
	char sql[300];

	snprintf(sql, sizeof sql,
		"INSERT INTO campaign (bureau_id, id, name, on_date, status, rate, canary_left, created_by) "
		"OVERRIDING SYSTEM VALUE VALUES (1, %s, 'c', '2026-11-21', '%s', %s, %s, 'test')",
		id, status, rate, canary_left);
	side_do(sql);
}

/* Talks first..last of a campaign, each with its application; with their first text queued, or not begun yet. */
static void
talks(const char *campaign_id, int first, int last, bool queued)
{
	char sql[900];

	snprintf(sql, sizeof sql,
		"INSERT INTO conversation (bureau_id, id, phone, holder_id, campaign_id, language, dialog, step, version, "
		"dialog_version, deadline_at) SELECT 1, n, '+86138' || n, 1, %s, 'zh', 'renewal', '%s', %d, %d, %s "
		"FROM generate_series(%d, %d) n",
		campaign_id, queued ? "reminded" : "", queued ? 1 : 0, queued ? 1 : 0,
		queued ? "now() + interval '7 days'" : "NULL", first, last);
	side_do(sql);
	snprintf(sql, sizeof sql,
		"INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on) "
		"SELECT 1, 'food', n::text, 1, '2026-12-21' FROM generate_series(%d, %d) n",
		first, last);
	side_do(sql);
	snprintf(sql, sizeof sql,
		"INSERT INTO application (bureau_id, id, licence_id, holder_id, item_code, cycle, conversation_id, status) "
		"SELECT 1, n, l.id, 1, 'food', 'expiry:2026-12-21', n, '%s' FROM generate_series(%d, %d) n "
		"JOIN licence l ON l.licence_no = n::text",
		queued ? "reminded" : "due", first, last);
	side_do(sql);
	snprintf(sql, sizeof sql,
		"INSERT INTO reminder (bureau_id, application_id, step, conversation_id) SELECT 1, n, 30, n "
		"FROM generate_series(%d, %d) n",
		first, last);
	side_do(sql);
	if (!queued)
		return;
	snprintf(sql, sizeof sql,
		"WITH m AS (INSERT INTO message (bureau_id, id, created_at, conversation_id, campaign_id, phone, kind, text) "
		"SELECT 1, n, now(), n, %s, '+86138' || n, 'reminder', 't' FROM generate_series(%d, %d) n RETURNING *) "
		"INSERT INTO outbox (bureau_id, message_id, message_at, conversation_id, campaign_id, phone, link, priority, "
		"kind, "
		"text) SELECT 1, id, created_at, conversation_id, campaign_id, phone, 'east', 2, 'reminder', 't' FROM m",
		campaign_id, first, last);
	side_do(sql);
}

static int
empty(void **state)
{
	(void)state;
	side_do("TRUNCATE campaign, conversation, application, reminder, licence, outbox, message, message_part, trail "
			"CASCADE");
	return 0;
}

/* ---- The claim ---- */

static void
only_running_campaigns_give_texts(void **state)
{
	(void)state;
	campaign("1", "paused", "0", "NULL");
	campaign("2", "stopped", "0", "NULL");
	campaign("3", "canary", "0", "0");
	campaign("4", "running", "0", "NULL");
	talks("1", 1001, 1005, true);
	talks("2", 1011, 1015, true);
	talks("3", 1021, 1025, true);
	talks("4", 1031, 1035, true);
	assert_int_equal(claim_on(side, "100", "f"), 0); /* outside the sending hours */
	assert_int_equal(claim("100"), 5);
	assert_int_equal(side_number("SELECT count(*) FROM outbox WHERE lease_owner = 'd1' AND campaign_id = 4"), 5);
	assert_int_equal(claim("100"), 0);
	side_do("UPDATE campaign SET status = 'running' WHERE id = 1");
	assert_int_equal(claim("3"), 3);
}

static void
replies_go_ahead_and_the_limit_holds_for_all(void **state)
{
	(void)state;
	campaign("1", "running", "0", "NULL");
	campaign("2", "running", "0", "NULL");
	talks("1", 1001, 1010, true);
	talks("2", 1011, 1020, true);
	side_do("INSERT INTO outbox (bureau_id, message_id, message_at, phone, link, priority, kind, text) "
			"SELECT 1, n, now(), '+1', 'east', CASE WHEN n > 2005 THEN 2 ELSE 0 END, 'reply', 't' "
			"FROM generate_series(2001, 2010) n");
	assert_int_equal(claim("4"), 4);
	assert_int_equal(side_number("SELECT count(*) FROM outbox WHERE lease_owner <> '' AND priority = 0"), 4);
	assert_int_equal(claim_on(side, "100", "f"), 1); /* at night the last reply only */
	assert_int_equal(claim("8"), 8);
	assert_int_equal(side_number("SELECT count(*) FROM outbox WHERE lease_owner <> ''"), 13);
}

/* Claims, and says whether the next slice may go so many milliseconds behind the claim, however long that took. */
static int
claim_and_wait(const char *ms, int want)
{
	char before[64], sql[300];

	snprintf(before, sizeof before, "%.60s", side_text("SELECT clock_timestamp()"));
	assert_int_equal(claim("100"), want);
	snprintf(sql, sizeof sql,
		"SELECT count(*) FROM campaign WHERE next_at BETWEEN '%s'::timestamptz + interval '%s ms' "
		"AND clock_timestamp() + interval '%s ms'",
		before, ms, ms);
	return (int)side_number(sql);
}

static void
a_rate_gives_a_slice_and_then_waits(void **state)
{
	(void)state;
	campaign("1", "running", "25", "NULL");
	talks("1", 1001, 1010, true);
	assert_int_equal(next_ms(), -1);
	assert_int_equal(claim_and_wait("83.333", 2), 1); /* a tenth of 25, whole: twelve slices a second */
	side_do("UPDATE campaign SET next_at = now() + interval '1 hour'");
	assert_int_equal(claim("100"), 0);
	assert_in_range(next_ms(), 1, 3600000);
	side_do("UPDATE campaign SET next_at = now() - interval '1 hour'");
	assert_int_equal(claim_and_wait("83.333", 2), 1); /* what was not used is not saved up */
	side_do("UPDATE campaign SET rate = 1, next_at = now()");
	assert_int_equal(claim_and_wait("1000", 1), 1);
	side_do("UPDATE campaign SET next_at = now() + interval '1 hour'");
	side_do("UPDATE outbox SET lease_owner = 'd9'");
	assert_int_equal(next_ms(), -1); /* nothing waits for it */
}

static void
two_daemons_share_a_rate_and_a_canary(void **state)
{
	(void)state;
	campaign("1", "running", "10", "NULL");
	campaign("2", "running", "0", "4");
	talks("1", 1001, 1010, true);
	talks("2", 1011, 1020, true);
	side_do("BEGIN");
	assert_int_equal(claim("100"), 5);				  /* one of the rate, four of the canary */
	assert_int_equal(claim_on(other, "100", "t"), 0); /* the other's are under way: it does not wait for them */
	side_do("UPDATE campaign SET next_at = next_at + interval '1 hour' WHERE id = 1"); /* this machine may be slow */
	side_do("COMMIT");
	assert_int_equal(claim_on(other, "100", "t"), 0);
	assert_string_equal(side_text("SELECT status || ' ' || canary_left FROM campaign WHERE id = 2"), "canary 0");
	assert_int_equal(side_number("SELECT count(*) FROM trail WHERE kind = 'campaign_canary'"), 1);
	side_do("UPDATE campaign SET next_at = now()");
	assert_int_equal(claim_on(other, "100", "t"), 1);
}

/* A claim that was never committed has spent nothing. */
static void
a_claim_that_dies_spends_nothing(void **state)
{
	(void)state;
	campaign("1", "running", "0", "4");
	talks("1", 1001, 1010, true);
	side_do("BEGIN");
	assert_int_equal(claim("3"), 3);
	side_do("ROLLBACK");
	assert_string_equal(side_text("SELECT status || ' ' || canary_left FROM campaign"), "running 4");
	assert_int_equal(claim("3"), 3);
	assert_int_equal(claim("3"), 1);
}

/* What the carrier throttled goes again while the campaign is held, and is not counted twice. */
static void
a_text_counts_once_for_the_canary(void **state)
{
	(void)state;
	campaign("1", "running", "0", "4");
	talks("1", 1001, 1010, true);
	assert_int_equal(claim("2"), 2);
	side_do("UPDATE outbox SET lease_owner = '', attempts = 0 WHERE lease_owner <> ''");
	assert_int_equal(claim("3"), 3);
	assert_string_equal(side_text("SELECT status || ' ' || canary_left FROM campaign"), "running 1");
	side_do("UPDATE outbox SET lease_owner = '', attempts = 0 WHERE lease_owner <> ''");
	assert_int_equal(claim("100"), 4);
	side_do("UPDATE outbox SET lease_owner = '', attempts = 0 WHERE lease_owner <> ''");
	assert_int_equal(claim("100"), 4);
	assert_string_equal(side_text("SELECT status || ' ' || canary_left FROM campaign"), "canary 0");
	assert_int_equal(claim("100"), 0);
}

/* A hundred thousand held texts are not walked: the claim reads a few pages. */
static void
held_texts_are_in_nobodys_way(void **state)
{
	const char *values[] = {"1", "east", "500", "d1", "60", "t"};
	char sql[8000];
	PGresult *res;
	long pages;

	(void)state;
	campaign("1", "paused", "0", "NULL");
	campaign("2", "running", "5", "NULL");
	side_do("INSERT INTO outbox (bureau_id, message_id, message_at, campaign_id, phone, link, priority, kind, text) "
			"SELECT 1, n, now(), 1 + n % 2, '+1', 'east', 2, 'reminder', 't' FROM generate_series(1, 100000) n");
	side_do("UPDATE campaign SET next_at = now() + interval '1 hour' WHERE id = 2");
	side_do("ANALYZE outbox; SET enable_seqscan = off");
	snprintf(sql, sizeof sql, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) %s", stmt_sql(STMT_OUTBOX_CLAIM));
	res = PQexecParams(side, sql, 6, NULL, values, NULL, NULL, 0);
	pages = side_pages(res);
	side_do("RESET enable_seqscan");
	assert_in_range(pages, 1, 60);
}

/* ---- What the daemon does for them ---- */

static void
talks_begin_as_their_texts_can_go(void **state)
{
	(void)state;
	campaign("1", "running", "4", "NULL");
	campaign("2", "running", "0", "3");
	campaign("3", "paused", "0", "NULL");
	talks("1", 1001, 1030, false);
	talks("2", 1101, 1130, false);
	talks("3", 1201, 1230, false);
	assert_int_equal(feed("f"), 0);
	assert_int_equal(feed("t"), 12 + 3); /* three seconds' texts; what the canary has left */
	assert_int_equal(feed("t"), 0);
	assert_int_equal(
		side_number("SELECT count(*) FROM conversation WHERE campaign_id = 1 AND deadline_at IS NOT NULL"), 12);
	side_do("UPDATE campaign SET status = 'paused' WHERE id = 1");
	tend(STMT_CAMPAIGN_UNFEED, NULL);
	assert_int_equal(
		side_number("SELECT count(*) FROM conversation WHERE campaign_id = 1 AND deadline_at IS NOT NULL"), 0);
	assert_int_equal(
		side_number("SELECT count(*) FROM conversation WHERE campaign_id = 2 AND deadline_at IS NOT NULL"), 3);
}

static void
a_pause_takes_back_only_what_nobody_was_given(void **state)
{
	(void)state;
	campaign("1", "running", "0", "NULL");
	talks("1", 1001, 1006, true);
	assert_int_equal(claim("2"), 2);												 /* 1001, 1002: in flight */
	side_do("UPDATE outbox SET lease_owner = '' WHERE message_id = 1002");			 /* tried, and uncertain */
	side_do("UPDATE conversation SET version = 2, step = 'verify' WHERE id = 1003"); /* the citizen wrote by himself */
	side_do("INSERT INTO reminder (bureau_id, application_id, step, conversation_id) VALUES (1, 1004, 90, 7)");
	assert_int_equal(tend(STMT_CAMPAIGN_TAKE_BACK, "100"), 0); /* it runs */
	side_do("UPDATE campaign SET status = 'paused'");
	assert_int_equal(tend(STMT_CAMPAIGN_TAKE_BACK, "3"), 3);
	assert_int_equal(tend(STMT_CAMPAIGN_TAKE_BACK, "100"), 1);
	assert_string_equal(
		side_text("SELECT string_agg(id || ':' || step || ':' || version, ' ' ORDER BY id) FROM conversation"),
		"1001:reminded:1 1002:reminded:1 1003:verify:2 1004::0 1005::0 1006::0");
	assert_string_equal(side_text("SELECT string_agg(id || ':' || status, ' ' ORDER BY id) FROM application"),
		"1001:reminded 1002:reminded 1003:reminded 1004:reminded 1005:due 1006:due");
	assert_string_equal(side_text("SELECT string_agg(id || ':' || state, ' ' ORDER BY id) FROM message"),
		"1001:delivering 1002:delivering 1003:cancelled 1004:cancelled 1005:cancelled 1006:cancelled");
	assert_string_equal(
		side_text("SELECT string_agg(application_id || ':' || kind, ' ' ORDER BY application_id) FROM trail "
				  "WHERE application_id IS NOT NULL"),
		"1004:taken_back 1005:due 1006:due");
	assert_int_equal(side_number("SELECT count(*) FROM reminder"), 7); /* the keys stay: these are still its own */
}

static void
a_stop_frees_who_was_not_asked(void **state)
{
	(void)state;
	campaign("1", "running", "0", "NULL");
	talks("1", 1001, 1003, true);
	talks("1", 1011, 1014, false);
	assert_int_equal(claim("2"), 2);
	side_do("UPDATE outbox SET lease_owner = '' WHERE message_id = 1002"); /* its receipt was waited for in vain */
	side_do("UPDATE campaign SET status = 'stopped'");
	assert_int_equal(tend(STMT_CAMPAIGN_TAKE_BACK, "100"), 2);
	assert_int_equal(tend(STMT_CAMPAIGN_END_UNASKED, "3"), 3);
	assert_int_equal(tend(STMT_CAMPAIGN_END_UNASKED, "100"), 2);
	assert_string_equal(
		side_text("SELECT string_agg(id || ':' || outcome, ' ' ORDER BY id) FROM conversation WHERE NOT open"),
		"1003:campaign_stopped 1011:campaign_stopped 1012:campaign_stopped 1013:campaign_stopped "
		"1014:campaign_stopped");
	assert_string_equal(
		side_text("SELECT string_agg(application_id::text, ' ' ORDER BY application_id) FROM reminder"), "1001 1002");
	assert_int_equal(
		side_number("SELECT count(*) FROM application WHERE conversation_id IS NULL AND status = 'due'"), 5);
	assert_string_equal(side_text("SELECT error FROM message WHERE id = 1002"),
		"the campaign was stopped; an earlier attempt may have arrived");
	/* 1001 is in flight: it is settled when that has ended, and not while a scan of it runs. */
	assert_int_equal(tend(STMT_CAMPAIGN_DONE, NULL), 0);
	side_do("DELETE FROM outbox");
	PQclear(PQexec(other, "SELECT pg_advisory_lock(728337, 1)"));
	assert_int_equal(tend(STMT_CAMPAIGN_DONE, NULL), 0);
	PQclear(PQexec(other, "SELECT pg_advisory_unlock(728337, 1)"));
	assert_int_equal(tend(STMT_CAMPAIGN_DONE, NULL), 1);
	assert_string_equal(side_text("SELECT status FROM campaign"), "stopped");
}

/* A turn has the talk locked and will delete its reminder: the take-back leaves both alone, or each waits for the
 * other. */
static void
what_a_turn_holds_is_left_for_the_next_time(void **state)
{
	(void)state;
	campaign("1", "paused", "0", "NULL");
	talks("1", 1001, 1002, true);
	PQclear(PQexec(other, "BEGIN"));
	PQclear(PQexec(other, "SELECT 1 FROM conversation WHERE id = 1001 FOR UPDATE"));
	assert_int_equal(tend(STMT_CAMPAIGN_TAKE_BACK, "100"), 1);
	PQclear(PQexec(other, "DELETE FROM outbox WHERE message_id = 1001"));
	PQclear(PQexec(other, "COMMIT"));
	assert_int_equal(side_number("SELECT count(*) FROM outbox"), 0);
	assert_string_equal(side_text("SELECT state FROM message WHERE id = 1001"), "queued");
}

static void
done_when_scanned_and_nothing_is_left(void **state)
{
	(void)state;
	campaign("1", "running", "0", "NULL");
	campaign("2", "canary", "0", "0");
	talks("1", 1001, 1001, true);
	assert_int_equal(tend(STMT_CAMPAIGN_DONE, NULL), 0);
	side_do("UPDATE campaign SET scanned_at = now()");
	assert_int_equal(tend(STMT_CAMPAIGN_DONE, NULL), 1); /* a canary that held nothing back */
	talks("1", 1002, 1002, false);
	side_do("DELETE FROM outbox");
	assert_int_equal(tend(STMT_CAMPAIGN_DONE, NULL), 0);
	side_do("UPDATE conversation SET open = false WHERE id = 1002");
	assert_int_equal(tend(STMT_CAMPAIGN_DONE, NULL), 1);
	assert_int_equal(side_number("SELECT count(*) FROM campaign WHERE status = 'done' AND ended_at IS NOT NULL"), 2);
}

static int
set_up(void **state)
{
	if (open_schema(state) != 0)
		return -1;
	other = PQconnectdb(conninfo);
	PQclear(
		PQexec(other, "SET lock_timeout = '5s'")); /* both are this process: waiting for the other would never end */
	side_do("SET lock_timeout = '5s'");
	side_do("INSERT INTO bureau (id, code, name, signature, short_code, timezone, country) "
			"VALUES (1, 'b', 'B', '[B]', '1069', 'Asia/Shanghai', '86')");
	side_do("INSERT INTO item (bureau_id, code, name_zh, name_en, trigger, window_before, window_after, reminder_days, "
			"dialog, approval, old_certificate, delivery, languages) "
			"VALUES (1, 'food', 'f', 'f', 'expiry', 90, 0, '{30}', 'renewal', 'clerk', '{}', '{}', '{}')");
	side_do("INSERT INTO holder (bureau_id, id, identity_hash, name, language) OVERRIDING SYSTEM VALUE "
			"VALUES (1, 1, '\\x00', 'H', 'zh')");
	return PQstatus(other) == CONNECTION_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	PQfinish(other);
	return close_schema(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(only_running_campaigns_give_texts, empty),
		cmocka_unit_test_setup(replies_go_ahead_and_the_limit_holds_for_all, empty),
		cmocka_unit_test_setup(a_rate_gives_a_slice_and_then_waits, empty),
		cmocka_unit_test_setup(two_daemons_share_a_rate_and_a_canary, empty),
		cmocka_unit_test_setup(a_claim_that_dies_spends_nothing, empty),
		cmocka_unit_test_setup(a_text_counts_once_for_the_canary, empty),
		cmocka_unit_test_setup(held_texts_are_in_nobodys_way, empty),
		cmocka_unit_test_setup(talks_begin_as_their_texts_can_go, empty),
		cmocka_unit_test_setup(a_pause_takes_back_only_what_nobody_was_given, empty),
		cmocka_unit_test_setup(a_stop_frees_who_was_not_asked, empty),
		cmocka_unit_test_setup(what_a_turn_holds_is_left_for_the_next_time, empty),
		cmocka_unit_test_setup(done_when_scanned_and_nothing_is_left, empty),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
