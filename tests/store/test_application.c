/* The status table, and every act of the bureau with all that must change in its transaction. */
#include "store/application.h"
#define NAMESPACE "t_application"
#include "tests/store/store_db.h"

/* One bureau, a firm with two licences, a person with one; talks open; application 3 has no talk. */
static void
seed(void)
{
	side_do(
		"TRUNCATE bureau, item, holder, licence, conversation, application, trail, outside_event, worklist CASCADE");
	side_do("INSERT INTO bureau (id, code, name, signature, short_code, timezone, country) VALUES "
			"(1, 'yiyuan', 'Yiyuan', '[Y]', '1069', 'Asia/Shanghai', '86'), (2, 'other', 'Other', '[O]', '1070', "
			"'UTC', '86')");
	side_do("INSERT INTO item (bureau_id, code, name_zh, name_en, trigger, window_before, window_after, reminder_days, "
			"dialog, "
			"approval, old_certificate, delivery, languages) VALUES "
			"(1, 'food', '食品', 'Food', 'expiry', 60, 0, '{30,7}', 'renewal', 'clerk', '{on_site,courier}', "
			"'{pick_up,courier}', '{zh}'), "
			"(1, 'pledged', '承诺', 'Pledged', 'pledge', 60, 0, '{30}', 'renewal', 'pledge', '{on_site}', '{pick_up}', "
			"'{zh}')");
	side_do("INSERT INTO holder (bureau_id, identity_hash, name, phone, language) VALUES "
			"(1, '\\x01', '沂源县好再来餐饮有限公司', '+8613800000001', 'zh'), (1, '\\x02', '张三', '+8613800000002', "
			"'zh')");
	side_do("INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on) "
			"SELECT 1, item, no, (SELECT id FROM holder WHERE name LIKE who), '2025-12-31' FROM (VALUES ('food', 'F1', "
			"'沂源%'), "
			"('food', 'F2', '沂源%'), ('pledged', 'P1', '张%')) AS v(item, no, who)");
	side_do("INSERT INTO conversation (bureau_id, id, phone, holder_id, language, dialog, step) "
			"SELECT 1, 10, '+8613800000001', id, 'zh', 'renewal', 'submitted' FROM holder WHERE name LIKE '沂源%'");
	side_do("INSERT INTO application (bureau_id, id, licence_id, holder_id, item_code, cycle, conversation_id, number, "
			"status, "
			"old_certificate, delivery) SELECT 1, v.id, l.id, l.holder_id, l.item_code, 'expiry:2025-12-31', v.talk, "
			"v.number, "
			"'submitted', v.old, v.delivery FROM (VALUES (1, 'F1', 10, 1, 'courier', 'courier'), (2, 'F2', 10, 2, "
			"'on_site', 'pick_up'), "
			"(3, 'P1', NULL, 1, 'on_site', 'pick_up')) AS v(id, no, talk, number, old, delivery) "
			"JOIN licence l ON l.bureau_id = 1 AND l.licence_no = v.no");
	side_do(
		"INSERT INTO worklist (bureau_id, list, application_id, conversation_id, phone, reason) VALUES "
		"(1, 'approve', 1, 10, '+8613800000001', 'submitted'), (1, 'approve', 2, 10, '+8613800000001', 'submitted')");
}

static struct application_answer
act(enum application_act_kind kind, int64_t id, const char *text)
{
	struct application_act a = {.kind = kind,
		.bureau_id = 1,
		.id = id,
		.actor = "staff:li",
		.reason = kind == APPLICATION_REJECT || kind == APPLICATION_APPROVE ? text : NULL,
		.tracking_no = kind == APPLICATION_SEND ? text : NULL,
		.pickup_code = kind == APPLICATION_READY || kind == APPLICATION_COLLECT ? text : NULL};

	return application_act_wait(pg, &a);
}

static void
must(enum application_act_kind kind, int64_t id, const char *text)
{
	struct application_answer a = act(kind, id, text);

	if (a.outcome != APPLICATION_DONE)
		fail_msg("%s", a.text);
	assert_string_equal(a.text, "");
}

static void
must_refuse(enum application_act_kind kind, int64_t id, const char *text, const char *words)
{
	long events = side_number("SELECT count(*) FROM outside_event"), trail = side_number("SELECT count(*) FROM trail");
	struct application_answer a = act(kind, id, text);

	assert_int_equal(a.outcome, APPLICATION_REFUSED);
	assert_string_equal(a.text, words);
	assert_string_equal(a.status, a.before);
	assert_int_equal(side_number("SELECT count(*) FROM outside_event"), events);
	assert_int_equal(side_number("SELECT count(*) FROM trail"), trail);
}

static const char *
events(void)
{
	return side_text(
		"SELECT coalesce(string_agg(concat_ws(' ', name, application_id, nullif(slots::text, '{}'), actor), '; ' "
		"ORDER BY id), '') FROM outside_event WHERE conversation_id = 10 AND phone = '+8613800000001'");
}

static const char *
open_lists(int id)
{
	char sql[200];

	snprintf(sql, sizeof sql,
		"SELECT coalesce(string_agg(list || ':' || reason, '; ' ORDER BY list), '') FROM worklist "
		"WHERE application_id = %d AND done_at IS NULL",
		id);
	return side_text(sql);
}

/* ---- The table ---- */

static void
the_main_flow_is_allowed_and_nothing_skips(void **state)
{
	static const char *const flow[] = {
		"due", "reminded", "consented", "verified", "confirmed", "submitted", "approved"};

	(void)state;
	for (size_t i = 0; i < 7; i++)
		for (size_t k = 0; k < 7; k++) {
			/* a talk may begin before its reminder was recorded, and a reminder that never left is taken back */
			bool want = k == i + 1 || (i == 0 && k == 2) || (i == 1 && k == 0);

			assert_int_equal(application_status_may(flow[i], flow[k]), want);
		}
	assert_true(application_status_may("approved", "sent"));
	assert_true(application_status_may("approved", "ready"));
	assert_true(application_status_may("ready", "collected"));
	assert_true(application_status_may("sent", "collected"));
	assert_false(application_status_may("submitted", "closed"));
	assert_false(application_status_may("submitted", "sent"));
	assert_false(application_status_may("nonsense", "due"));
	assert_false(application_status_may("due", "nonsense"));
}

static void
ends_are_ends(void **state)
{
	static const char *const ends[] = {
		"collected", "rejected", "declined", "stopped", "unreachable", "wrong_number", "withdrawn", "closed"};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		assert_true(application_status_ended(ends[i]));
		for (const char *const *to = application_statuses(); *to != NULL; to++)
			assert_int_equal(application_status_may(ends[i], *to),
				strcmp(ends[i], "wrong_number") == 0 && strcmp(*to, "due") == 0); /* a new number on file */
	}
	for (const char *const *s = application_statuses(); *s != NULL; s++)
		n += application_status_ended(*s);
	assert_int_equal(n, sizeof ends / sizeof ends[0]);
	assert_false(application_status_ended("nonsense"));
}

/* ---- The acts ---- */

static void
an_approval_moves_everything_at_once(void **state)
{
	struct application_answer a;

	(void)state;
	seed();
	a = act(APPLICATION_APPROVE, 1, "complete");
	assert_int_equal(a.outcome, APPLICATION_DONE);
	assert_string_equal(a.before, "submitted");
	assert_string_equal(a.status, "approved");
	assert_true(a.told);
	assert_false(a.finished);
	assert_string_equal(side_text("SELECT concat_ws(' ', status, decided_by, decision_reason, decided_at IS NOT NULL, "
								  "closed_at IS NULL) FROM application WHERE id = 1"),
		"approved staff:li complete t t");
	assert_string_equal(
		side_text(
			"SELECT concat_ws(' ', kind, actor, conversation_id, data::text) FROM trail WHERE application_id = 1"),
		"approved staff:li 10 {\"from\": \"submitted\", \"reason\": \"complete\"}");
	assert_string_equal(events(), "approved 1 staff:li");
	assert_string_equal(open_lists(1), "collect:old certificate by courier; send:by courier");
	assert_string_equal(
		side_text("SELECT done_by FROM worklist WHERE application_id = 1 AND list = 'approve'"), "staff:li");
	/* The other application of the talk is untouched. */
	assert_string_equal(open_lists(2), "approve:submitted");
	assert_string_equal(side_text("SELECT status FROM application WHERE id = 2"), "submitted");
	{
		char words[200];

		snprintf(words, sizeof words, "application 1 was already approved by staff:li at %.40s",
			side_text("SELECT to_char(decided_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') FROM application "
					  "WHERE id = 1"));
		must_refuse(APPLICATION_APPROVE, 1, NULL, words);
	}
}

static void
the_daemon_is_notified(void **state)
{
	PGnotify *n;

	(void)state;
	seed();
	side_do("LISTEN huizhi_event");
	must(APPLICATION_APPROVE, 1, NULL);
	side_do("SELECT 1");
	n = PQnotifies(side);
	assert_non_null(n);
	assert_string_equal(n->relname, "huizhi_event");
	PQfreemem(n);
	side_do("UNLISTEN *");
}

static void
the_last_of_a_talk_finishes_it(void **state)
{
	struct application_answer a;

	(void)state;
	seed();
	a = act(APPLICATION_REJECT, 1, "the premises moved");
	assert_int_equal(a.outcome, APPLICATION_DONE);
	assert_false(a.finished);
	assert_string_equal(open_lists(1), "");
	assert_string_equal(side_text("SELECT closed_at IS NOT NULL FROM application WHERE id = 1"), "t");
	must(APPLICATION_APPROVE, 2, NULL);
	must(APPLICATION_READY, 2, "482913");
	a = act(APPLICATION_COLLECT, 2, "482913");
	assert_int_equal(a.outcome, APPLICATION_DONE);
	assert_true(a.finished);
	assert_string_equal(events(),
		"rejected 1 {\"reason\": \"the premises moved\"} staff:li; approved 2 staff:li; "
		"ready 2 {\"pickup_code\": \"482913\"} staff:li; collected 2 staff:li; finished staff:li");
	assert_string_equal(open_lists(2), "");
	assert_string_equal(side_text("SELECT data->>'code_checked' FROM trail WHERE kind = 'collected'"), "true");
	must_refuse(APPLICATION_COLLECT, 2, "482913", "application 2 is collected already");
}

static void
sent_by_courier_needs_no_code(void **state)
{
	(void)state;
	seed();
	must_refuse(APPLICATION_SEND, 1, "SF123", "application 1 is submitted and not decided; decide it first");
	must(APPLICATION_APPROVE, 1, NULL);
	must_refuse(
		APPLICATION_READY, 1, "111111", "application 1 is to go by courier; send it with its tracking number instead");
	must_refuse(
		APPLICATION_COLLECT, 1, NULL, "application 1 is approved and not on its way; send it or make it ready first");
	must(APPLICATION_SEND, 1, "SF123");
	assert_string_equal(side_text("SELECT tracking_no FROM application WHERE id = 1 AND sent_at IS NOT NULL"), "SF123");
	assert_string_equal(open_lists(1), "collect:old certificate by courier");
	/* It came back: then it waits at the counter, and its code is asked. */
	must(APPLICATION_READY, 1, "222222");
	must_refuse(APPLICATION_COLLECT, 1, "222223",
		"application 1 has another pick-up code; ask for the code in the text message");
	must_refuse(
		APPLICATION_COLLECT, 1, NULL, "application 1 has another pick-up code; ask for the code in the text message");
	must(APPLICATION_SEND, 1, "SF124");
	must(APPLICATION_COLLECT, 1, NULL);
	assert_string_equal(events(),
		"approved 1 staff:li; sent 1 {\"tracking_no\": \"SF123\"} staff:li; "
		"ready 1 {\"pickup_code\": \"222222\"} staff:li; sent 1 {\"tracking_no\": \"SF124\"} staff:li; "
		"collected 1 staff:li");
}

static void
what_is_missing_is_said(void **state)
{
	(void)state;
	seed();
	must_refuse(APPLICATION_REJECT, 1, "", "application 1 needs a reason that the citizen is told");
	must(APPLICATION_APPROVE, 1, NULL);
	must(APPLICATION_APPROVE, 2, NULL);
	must_refuse(APPLICATION_SEND, 1, NULL, "application 1 needs the tracking number");
	must_refuse(APPLICATION_READY, 2, "", "application 2 needs a pick-up code");
	must_refuse(APPLICATION_SEND, 2, "SF1",
		"application 2 is to be picked up; make it ready for pick-up instead of sending it");
}

static void
an_unknown_application_is_said(void **state)
{
	struct application_act a = {.kind = APPLICATION_APPROVE, .bureau_id = 2, .id = 1, .actor = "staff:li"};
	struct application_answer answer;

	(void)state;
	seed();
	answer = application_act_wait(pg, &a); /* another bureau's */
	assert_int_equal(answer.outcome, APPLICATION_UNKNOWN);
	assert_string_equal(answer.text, "there is no application 1");
	assert_string_equal(side_text("SELECT status FROM application WHERE id = 1"), "submitted");
	assert_int_equal(act(APPLICATION_OLD_RECEIVED, 99, NULL).outcome, APPLICATION_UNKNOWN);
	assert_int_equal(act(APPLICATION_VERIFY, 99, NULL).outcome, APPLICATION_UNKNOWN);
}

static void
a_pledge_is_checked_afterwards_and_nobody_is_told_without_a_talk(void **state)
{
	struct application_answer a;

	(void)state;
	seed();
	a = act(APPLICATION_APPROVE, 3, NULL);
	assert_int_equal(a.outcome, APPLICATION_DONE);
	assert_false(a.told);
	assert_int_equal(side_number("SELECT count(*) FROM outside_event"), 0);
	assert_string_equal(open_lists(3), "check:issued on a pledge; send:for pick-up");
	assert_int_equal(
		side_number("SELECT due_on - (now() AT TIME ZONE 'Asia/Shanghai')::date FROM worklist WHERE list = 'check'"),
		30);
	assert_string_equal(side_text("SELECT phone FROM worklist WHERE list = 'check'"), "+8613800000002");
}

static void
a_closed_talk_is_not_told(void **state)
{
	(void)state;
	seed();
	side_do("UPDATE conversation SET open = false WHERE id = 10");
	assert_false(act(APPLICATION_APPROVE, 1, NULL).told);
	assert_int_equal(side_number("SELECT count(*) FROM outside_event"), 0);
}

static void
the_old_certificate_comes_in_once(void **state)
{
	struct application_answer a;

	(void)state;
	seed();
	must(APPLICATION_APPROVE, 1, NULL);
	must(APPLICATION_OLD_RECEIVED, 1, NULL);
	assert_string_equal(open_lists(1), "send:by courier");
	assert_string_equal(
		side_text("SELECT kind FROM trail WHERE application_id = 1 ORDER BY id DESC LIMIT 1"), "old_received");
	a = act(APPLICATION_OLD_RECEIVED, 1, NULL);
	assert_int_equal(a.outcome, APPLICATION_REFUSED);
	assert_non_null(strstr(a.text, "application 1 handed in its old certificate already, at 20"));
	/* Received before the decision: nobody is sent to fetch it. */
	must(APPLICATION_OLD_RECEIVED, 2, NULL);
	side_do("UPDATE application SET status = 'reminded' WHERE id = 3");
	must_refuse(APPLICATION_OLD_RECEIVED, 3, NULL, "application 3 is reminded; no old certificate is awaited");
}

static void
a_clerk_proves_an_identity(void **state)
{
	(void)state;
	seed();
	must_refuse(APPLICATION_VERIFY, 1, NULL, "application 1 is submitted; no proof of identity is awaited");
	side_do("UPDATE application SET status = 'consented'");
	must(APPLICATION_VERIFY, 1, NULL);
	assert_string_equal(events(), "verified staff:li");
	/* The dialog moves it, not the clerk. */
	assert_string_equal(side_text("SELECT status FROM application WHERE id = 1"), "consented");
	must_refuse(APPLICATION_VERIFY, 3, NULL, "application 3 is consented and has no open conversation");
}

/* Two clerks decide the last two applications of a talk in the same instant: one of them finishes it, and only one. */
struct later {
	bool done;
	struct application_answer answer;
};

static void
keep_answer(void *arg, const struct application_answer *answer)
{
	struct later *l = arg;

	l->answer = *answer;
	l->done = true;
}

static void
two_at_once_finish_a_talk_once(void **state)
{
	struct application_act one = {
		.kind = APPLICATION_REJECT, .bureau_id = 1, .id = 1, .actor = "staff:a", .reason = "r"};
	PGconn *other = PQconnectdb(conninfo);
	struct later later = {.done = false};

	(void)state;
	seed();
	/* The other clerk's transaction is not over: ours must wait for it, and then see what it did. */
	PQclear(PQexec(other, "BEGIN; SELECT id FROM conversation WHERE bureau_id = 1 AND id = 10 FOR UPDATE; "
						  "UPDATE application SET status = 'rejected' WHERE bureau_id = 1 AND id = 2"));
	assert_int_equal(application_act(pg, &one, keep_answer, &later), 0);
	while (side_number("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
		event_base_loop(base, EVLOOP_NONBLOCK);
	assert_false(later.done);
	PQclear(PQexec(other, "COMMIT"));
	PQfinish(other);
	pg_wait(pg, &later.done);
	assert_int_equal(later.answer.outcome, APPLICATION_DONE);
	assert_true(later.answer.finished);
	assert_string_equal(events(), "rejected 1 {\"reason\": \"r\"} staff:a; finished staff:a");
}

static void
a_lost_connection_is_said(void **state)
{
	struct application_act a = {.kind = APPLICATION_APPROVE, .bureau_id = 1, .id = 1, .actor = "staff:li"};
	struct pg *down = pg_new(base, "host=/nowhere", NULL);
	struct application_answer answer;

	(void)state;
	answer = application_act_wait(down, &a);
	assert_int_equal(answer.outcome, APPLICATION_FAILED);
	assert_string_equal(answer.text, "not connected to the database");
	pg_free(down);
}

/* ---- Worklists and the other small statements ---- */

static PGresult *
run(enum stmt s, struct pg_params *p)
{
	const char *error = "";
	PGresult *res = pg_run_wait(pg, s, p, &error);

	if (res == NULL)
		fail_msg("%s", error);
	pg_params_free(p);
	return res;
}

/* Thousands wait to be phoned, and nobody has counted them since there were none: a turn does not walk their list. */
static void
who_answers_leaves_the_list_without_a_walk_along_it(void **state)
{
	char sql[2000];
	PGresult *res;
	long pages;

	(void)state;
	seed();
	side_do("INSERT INTO worklist (bureau_id, list, conversation_id, phone, reason) "
			"SELECT 1, 'approve', n, '', 'submitted' FROM generate_series(10001, 10200) n");
	side_do("ANALYZE worklist");
	side_do("INSERT INTO worklist (bureau_id, list, conversation_id, phone, reason) "
			"SELECT 1, 'phone', n, '+8613' || n, 'no answer' FROM generate_series(1, 5000) n");
	side_do("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan");
	snprintf(sql, sizeof sql, "PREPARE leaves AS %s", stmt_sql(STMT_TURN_WORKLIST_DONE));
	side_do(sql);
	res = PQexec(side, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE leaves(1, '{700,701}')");
	pages = side_pages(res);
	side_do("DEALLOCATE leaves; RESET enable_seqscan; RESET plan_cache_mode");
	assert_in_range(pages, 1, 50);
	assert_int_equal(side_number("SELECT count(*) FROM worklist WHERE done_by = 'citizen'"), 2);
}

static void
worklist_entries_are_added_once_and_done_once(void **state)
{
	/* As every statement that puts something on a list does. */
	static const char entry[] =
		"INSERT INTO worklist (bureau_id, list, application_id, phone, reason, due_on) "
		"VALUES (1, 'phone', 3, '+8613800000002', 'no answer', '2025-12-28') ON CONFLICT DO NOTHING";
	long id;
	PGresult *res;
	struct pg_params *p;

	(void)state;
	seed();
	side_do(entry);
	side_do(entry);
	assert_int_equal(side_number("SELECT count(*) FROM worklist WHERE list = 'phone'"), 1);
	id = side_number("SELECT id FROM worklist WHERE list = 'phone'");
	for (int i = 0; i < 2; i++) {
		p = pg_params_new();
		pg_param_int(p, 1);
		pg_array_begin(p);
		pg_array_int(p, id);
		pg_array_end(p);
		pg_param_text(p, "staff:li");
		pg_param_text(p, NULL);
		pg_param_text(p, "command line");
		pg_param_text(p, "");
		pg_array_begin(p);
		pg_array_text(p, "phone");
		pg_array_end(p);
		res = run(STMT_WORKLIST_DONE, p);
		assert_int_equal(PQntuples(res), 1);
		assert_string_equal(PQgetvalue(res, 0, PQfnumber(res, "changed")), i == 0 ? "t" : "f");
		PQclear(res);
	}
	/* Done: the same may come again. */
	side_do(entry);
	assert_int_equal(side_number("SELECT count(*) FROM worklist WHERE list = 'phone'"), 2);
}

static int
claim_scan(void)
{
	struct pg_params *p = pg_params_new();
	PGresult *res;
	int n;

	pg_param_int(p, 1);
	pg_param_text(p, "2025-11-21");
	res = run(STMT_SCAN_RUN_CLAIM, p);
	n = PQntuples(res);
	PQclear(res);
	return n;
}

static void
one_daemon_scans_a_day(void **state)
{
	struct pg_params *p;

	(void)state;
	seed();
	assert_int_equal(claim_scan(), 1);
	assert_int_equal(claim_scan(), 0);
	/* The one that claimed it died. */
	side_do("UPDATE scan_run SET started_at = now() - interval '31 minutes'");
	assert_int_equal(claim_scan(), 1);
	p = pg_params_new();
	pg_param_int(p, 1);
	pg_param_text(p, "2025-11-21");
	pg_param_text(p, "{\"reminders\": 7}");
	PQclear(run(STMT_SCAN_RUN_DONE, p));
	side_do("UPDATE scan_run SET started_at = now() - interval '31 minutes'");
	assert_int_equal(claim_scan(), 0);
	assert_string_equal(side_text("SELECT result->>'reminders' FROM scan_run WHERE finished_at IS NOT NULL"), "7");
}

static void
a_link_has_one_row_a_daemon(void **state)
{
	static const char *const states[] = {"connecting", "bound"};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct pg_params *p = pg_params_new();

		pg_param_text(p, "east");
		pg_param_text(p, "d1");
		pg_param_text(p, states[i]);
		pg_param_text(p, "127.0.0.1:2775");
		pg_param_text(p, "");
		pg_param_int(p, 3);
		pg_param_int(p, 100);
		pg_param_int(p, 7);
		pg_param_time(p, 1763752440000000);
		pg_param_text(p, i ? "" : "bind refused");
		pg_param_int(p, 50);
		pg_param_int(p, 64);
		pg_param_int(p, 2);
		PQclear(run(STMT_LINK_STATE_PUT, p));
	}
	assert_string_equal(
		side_text("SELECT string_agg(concat_ws(' ', state, in_flight, sent, received, "
				  "extract(epoch FROM since)::bigint, '<' || alarm || '>', rate, window_size, throttled), "
				  "';') FROM link_state"),
		"bound 3 100 7 1763752440 <> 50 64 2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_main_flow_is_allowed_and_nothing_skips),
		cmocka_unit_test(ends_are_ends),
		cmocka_unit_test(an_approval_moves_everything_at_once),
		cmocka_unit_test(the_daemon_is_notified),
		cmocka_unit_test(the_last_of_a_talk_finishes_it),
		cmocka_unit_test(sent_by_courier_needs_no_code),
		cmocka_unit_test(what_is_missing_is_said),
		cmocka_unit_test(an_unknown_application_is_said),
		cmocka_unit_test(a_pledge_is_checked_afterwards_and_nobody_is_told_without_a_talk),
		cmocka_unit_test(a_closed_talk_is_not_told),
		cmocka_unit_test(the_old_certificate_comes_in_once),
		cmocka_unit_test(a_clerk_proves_an_identity),
		cmocka_unit_test(two_at_once_finish_a_talk_once),
		cmocka_unit_test(a_lost_connection_is_said),
		cmocka_unit_test(worklist_entries_are_added_once_and_done_once),
		cmocka_unit_test(who_answers_leaves_the_list_without_a_walk_along_it),
		cmocka_unit_test(one_daemon_scans_a_day),
		cmocka_unit_test(a_link_has_one_row_a_daemon),
	};

	return cmocka_run_group_tests(tests, open_schema, close_schema);
}
