/* Grants against a real database: what a page loads, tries counted once and for the whole talk, codes, proofs. */
#define NAMESPACE "test_grant"
#include "tests/store/store_db.h"

#include "store/grant.h"

static const uint8_t hash_a[32] = {1}, hash_b[32] = {2}, hash_none[32] = {9};

static int
open_db(void **state)
{
	if (open_schema(state) != 0)
		return -1;
	side_do("INSERT INTO bureau VALUES (1, 'one', 'One', '[One]', '1', 'Asia/Shanghai', '86'), "
			"(2, 'two', 'Two', '[Two]', '2', 'UTC', '86')");
	side_do(
		"INSERT INTO item (bureau_id, code, name_zh, name_en, trigger, window_before, window_after, reminder_days, "
		"dialog, approval, old_certificate, delivery, languages) SELECT b, 'food', '食品', 'Food', 'expiry', 60, 0, "
		"'{30}', 'renewal', 'clerk', '{on_site,courier}', '{pick_up}', '{zh,en}' FROM generate_series(1, 2) AS b");
	side_do("INSERT INTO holder (bureau_id, id, identity_hash, name, phone, language, id_number, address) "
			"OVERRIDING SYSTEM VALUE VALUES (1, 1, '\\x01', 'A', '+861', 'zh', '\\x0102ff', NULL), "
			"(1, 2, '\\x02', 'B', '+861', 'zh', NULL, '\\xaa'), (2, 1, '\\x01', 'Other', '+861', 'zh', NULL, NULL)");
	side_do("INSERT INTO licence (bureau_id, id, item_code, licence_no, holder_id, issued_on, expires_on) "
			"OVERRIDING SYSTEM VALUE VALUES (1, 1, 'food', 'L1', 1, '2021-01-02', '2026-01-01'), "
			"(1, 2, 'food', 'L2', 2, NULL, '2026-02-01'), (1, 3, 'food', 'L3', 1, NULL, '2026-03-01'), "
			"(2, 1, 'food', 'L1', 1, NULL, '2026-01-01')");
	return 0;
}

static int
close_db(void **state)
{
	(void)state;
	return close_schema(state);
}

/* Two talks: 1 at bureau 1 with three applications of two holders, 1 at bureau 2 with one. */
static int
fresh_rows(void **state)
{
	(void)state;
	side_do("DELETE FROM access_grant");
	side_do("DELETE FROM outside_event");
	side_do("DELETE FROM trail");
	side_do("DELETE FROM application");
	side_do("DELETE FROM conversation");
	side_do(
		"INSERT INTO conversation (bureau_id, id, phone, holder_id, language, dialog, step, selected, begun, slots) "
		"VALUES (1, 1, '+861', 1, 'zh', 'renewal', 'verify', 5, true, '{\"a\": \"b\"}'), "
		"(2, 1, '+861', 1, 'en', 'renewal', 'reminded', 0, false, '{}')");
	side_do("INSERT INTO application (bureau_id, id, licence_id, holder_id, item_code, cycle, conversation_id, number, "
			"status, submitted_at, rating) VALUES (1, 11, 1, 1, 'food', 'expiry:2026-01-01', 1, 1, 'consented', NULL, "
			"NULL), "
			"(1, 12, 2, 2, 'food', 'expiry:2026-02-01', 1, 2, 'consented', NULL, NULL), "
			"(1, 13, 3, 1, 'food', 'expiry:2026-03-01', 1, 3, 'submitted', '2026-01-01 23:30+00', 4), "
			"(2, 11, 1, 1, 'food', 'expiry:2026-01-01', 1, 1, 'due', NULL, NULL)");
	side_do("INSERT INTO access_grant (bureau_id, id, conversation_id, purpose, nonce, code_hash, expires_at, "
			"code_expires_at) "
			"VALUES (1, 5, 1, 'renew', '\\x0102030405060708', decode(rpad('01', 64, '0'), 'hex'), now() + '1 day', "
			"now() + '1 hour'), "
			"(2, 5, 1, 'pickup', '\\x00', decode(rpad('02', 64, '0'), 'hex'), now() + '1 day', now() + '1 hour')");
	return 0;
}

/* ---- Loading ---- */

static void
a_view_has_what_the_page_needs(void **state)
{
	struct grant_view *v;
	const char *error = NULL;

	(void)state;
	assert_int_equal(grant_load_wait(pg, 1, 5, &v, &error), 0);
	assert_non_null(v);
	assert_int_equal(v->conversation_id, 1);
	assert_string_equal(v->purpose, "renew");
	assert_int_equal(v->expires_us - v->code_expires_us, INT64_C(23) * 3600 * 1000000);
	assert_memory_equal(v->nonce, "\1\2\3\4\5\6\7\10", 8);
	assert_false(v->expired || v->used || v->revoked || v->opened);
	assert_string_equal(v->locked_until, "");
	assert_string_equal(v->phone, "+861");
	assert_string_equal(v->language, "zh");
	assert_string_equal(v->step, "verify");
	assert_true(v->open && v->begun);
	assert_string_equal(v->slots, "{\"a\": \"b\"}");
	assert_int_equal(v->napplications, 3);
	assert_int_equal(v->applications[0].id, 11);
	assert_true(v->applications[0].selected);
	assert_false(v->applications[1].selected);
	assert_true(v->applications[2].selected);
	assert_string_equal(v->applications[0].licence_no, "L1");
	assert_string_equal(v->applications[0].issued_on, "2021-01-02");
	assert_string_equal(v->applications[0].expires_on, "2026-01-01");
	assert_string_equal(v->applications[0].old_choices, "on_site courier");
	assert_string_equal(v->applications[0].delivery_choices, "pick_up");
	assert_string_equal(v->applications[0].submitted_on, "");
	/* Half past eleven in the evening, UTC, is the next day in Shanghai. */
	assert_string_equal(v->applications[2].submitted_on, "2026-01-02");
	assert_int_equal(v->applications[2].rating, 4);
	assert_ptr_equal(v->applications[0].holder, v->applications[2].holder);
	assert_int_equal(v->applications[0].holder->id_number.len, 3);
	assert_memory_equal(v->applications[0].holder->id_number.data, "\1\2\377", 3);
	assert_null(v->applications[0].holder->address.data);
	/* Application 2 was not chosen, so its holder is not asked. */
	assert_int_equal(v->nholders, 1);
	assert_string_equal(v->holders[0].name, "A");
	grant_view_free(v);

	side_do("UPDATE conversation SET selected = 0 WHERE bureau_id = 1");
	assert_int_equal(grant_load_wait(pg, 1, 5, &v, &error), 0);
	assert_int_equal(v->nholders, 2);
	assert_string_equal(v->holders[1].name, "B");
	assert_null(v->holders[1].id_number.data);
	grant_view_free(v);
}

static void
a_grant_is_seen_by_its_own_bureau_only(void **state)
{
	struct grant_view *v;
	const char *error = NULL;

	(void)state;
	assert_int_equal(grant_load_wait(pg, 2, 5, &v, &error), 0);
	assert_string_equal(v->purpose, "pickup");
	assert_int_equal(v->napplications, 1);
	assert_string_equal(v->holders[0].name, "Other");
	grant_view_free(v);
	assert_int_equal(grant_load_wait(pg, 3, 5, &v, &error), 0);
	assert_null(v);
	assert_int_equal(grant_load_wait(pg, 1, 6, &v, &error), 0);
	assert_null(v);
}

static void
a_register_change_comes_with_its_application(void **state)
{
	struct grant_view *v;
	const char *error = NULL;

	(void)state;
	side_do(
		"INSERT INTO register_change (bureau_id, id, holder_id, changed_on, field, old_value, new_value, value_hash) "
		"OVERRIDING SYSTEM VALUE VALUES (1, 77, 1, '2026-05-06', 'name', '\\x01', '\\x0203', '\\x00')");
	side_do("UPDATE application SET cycle = 'change:77' WHERE bureau_id = 1 AND id = 11");
	assert_int_equal(grant_load_wait(pg, 1, 5, &v, &error), 0);
	assert_int_equal(v->applications[0].nchanges, 1);
	assert_string_equal(v->applications[0].changes[0].field, "name");
	assert_string_equal(v->applications[0].changed_on, "2026-05-06");
	assert_int_equal(v->applications[0].changes[0].from.len, 1);
	assert_int_equal(v->applications[0].changes[0].to.len, 2);
	assert_int_equal(v->applications[1].nchanges, 0);
	grant_view_free(v);
	side_do("DELETE FROM register_change");
}

/* ---- Short codes ---- */

static int
find(const uint8_t hash[32], int64_t *id)
{
	static const int bureaus[] = {1, 2};
	const char *error = NULL;
	int bureau = 0, rc = grant_find_code_wait(pg, bureaus, 2, hash, &bureau, id, &error);

	assert_int_not_equal(rc, -1);
	return rc == 1 ? bureau : 0;
}

static void
a_code_leads_to_its_live_grant(void **state)
{
	int64_t id = 0;

	(void)state;
	assert_int_equal(find(hash_a, &id), 1);
	assert_int_equal(id, 5);
	assert_int_equal(find(hash_b, &id), 2);
	assert_int_equal(find(hash_none, &id), 0);
	assert_int_equal(side_number("SELECT code_tries FROM access_grant WHERE bureau_id = 1"), 1);
	side_do("UPDATE access_grant SET code_expires_at = now() WHERE bureau_id = 1");
	assert_int_equal(find(hash_a, &id), 0);
	side_do("UPDATE access_grant SET code_expires_at = now() + '1 hour', revoked_at = now() WHERE bureau_id = 1");
	assert_int_equal(find(hash_a, &id), 0);
	side_do("UPDATE access_grant SET revoked_at = NULL, code_tries = 19 WHERE bureau_id = 1");
	assert_int_equal(find(hash_a, &id), 1);
	assert_int_equal(find(hash_a, &id), 0); /* it was used up */
}

static void
a_code_that_two_have_leads_nowhere(void **state)
{
	int64_t id = 0;

	(void)state;
	side_do("UPDATE access_grant SET code_hash = (SELECT code_hash FROM access_grant WHERE bureau_id = 1)");
	assert_int_equal(find(hash_a, &id), 0);
}

/* ---- Tries ---- */

static int last_tries;
static bool answered;

static void
on_try(void *arg, int tries, const char *error)
{
	(void)arg;
	assert_null(error);
	last_tries = tries;
	answered = true;
}

static int
attempt(void)
{
	answered = false;
	assert_int_equal(grant_try(pg, 1, 1, on_try, NULL), 0);
	while (!answered)
		event_base_loop(base, EVLOOP_ONCE);
	return last_tries;
}

/* Runs the loop until everything that was asked for before is done: a question after it is answered. */
static void
settle(void)
{
	struct grant_view *v;
	const char *error = NULL;

	assert_int_equal(grant_load_wait(pg, 1, 5, &v, &error), 0);
	grant_view_free(v);
}

static void
five_tries_lock_for_half_an_hour(void **state)
{
	struct grant_view *v;
	const char *error = NULL;

	(void)state;
	for (int i = 1; i <= GRANT_TRIES; i++)
		assert_int_equal(attempt(), i);
	assert_int_equal(attempt(), 0);
	assert_int_equal(side_number("SELECT identity_tries FROM access_grant WHERE bureau_id = 1"), GRANT_TRIES);
	assert_int_equal(side_number("SELECT round(extract(epoch FROM locked_until - now()) / 60) FROM access_grant "
								 "WHERE bureau_id = 1"),
		GRANT_LOCK_MINUTES);
	assert_int_equal(grant_load_wait(pg, 1, 5, &v, &error), 0);
	assert_string_equal(
		v->locked_until, side_text("SELECT to_char(locked_until AT TIME ZONE 'Asia/Shanghai', 'HH24:MI') "
								   "FROM access_grant WHERE bureau_id = 1"));
	grant_view_free(v);
	/* The other bureau's talk with the same number is not touched. */
	assert_int_equal(side_number("SELECT identity_tries FROM access_grant WHERE bureau_id = 2"), 0);
	/* When the lock is over a new count begins. */
	side_do("UPDATE access_grant SET locked_until = now() - interval '1 second' WHERE bureau_id = 1");
	assert_int_equal(attempt(), 1);
	assert_string_equal(
		side_text("SELECT coalesce(locked_until::text, 'free') FROM access_grant WHERE bureau_id = 1"), "free");
}

static void
a_right_answer_clears_the_count(void **state)
{
	(void)state;
	for (int i = 1; i <= GRANT_TRIES; i++)
		attempt();
	grant_proven(pg, 1, 1);
	settle();
	assert_int_equal(attempt(), 1);
}

static void
another_link_gives_no_further_guesses(void **state)
{
	static const char insert[] =
		"INSERT INTO access_grant (bureau_id, id, conversation_id, purpose, nonce, code_hash, "
		"expires_at, code_expires_at) VALUES (1, 6, 1, 'renew', '\\x00', '\\x03', now() + '1 day', now())";
	struct pg_params *p = pg_params_new();
	const char *error = NULL;
	uint8_t nonce[8] = {0};

	(void)state;
	side_do(insert);
	assert_int_equal(attempt(), 1); /* counted on both links of the talk */
	assert_int_equal(side_number("SELECT sum(identity_tries) FROM access_grant WHERE bureau_id = 1"), 2);
	for (int i = 2; i <= GRANT_TRIES; i++)
		attempt();
	pg_param_int(p, 1);
	pg_array_begin(p), pg_array_int(p, 7), pg_array_end(p);
	pg_array_begin(p), pg_array_int(p, 1), pg_array_end(p);
	pg_array_begin(p), pg_array_text(p, "renew"), pg_array_end(p);
	pg_array_begin(p), pg_array_bytes(p, nonce, sizeof(nonce)), pg_array_end(p);
	pg_array_begin(p), pg_array_bytes(p, hash_b, sizeof(hash_b)), pg_array_end(p);
	pg_array_begin(p), pg_array_time(p, INT64_C(4102444800000000)), pg_array_end(p);
	pg_array_begin(p), pg_array_time(p, INT64_C(4102444800000000)), pg_array_end(p);
	PGresult *res = pg_run_wait(pg, STMT_GRANT_INSERT, p, &error);
	if (res == NULL)
		fail_msg("%s", error);
	PQclear(res);
	pg_params_free(p);
	assert_int_equal(
		side_number("SELECT identity_tries FROM access_grant WHERE bureau_id = 1 AND id = 7"), GRANT_TRIES);
	assert_string_equal(
		side_text("SELECT (locked_until > now())::text FROM access_grant WHERE bureau_id = 1 AND id = 7"), "true");
	assert_int_equal(attempt(), 0);
}

/* ---- Traces ---- */

static void
opening_and_refusals_are_in_the_trail(void **state)
{
	(void)state;
	grant_opened(pg, 1, 5);
	grant_opened(pg, 1, 5);
	grant_refused(pg, 1, 1, 5, 2);
	grant_refused(pg, 1, 1, 5, GRANT_TRIES);
	settle();
	assert_string_equal(
		side_text("SELECT string_agg(kind, ' ' ORDER BY id) FROM trail WHERE bureau_id = 1 AND conversation_id = 1"),
		"opened identity_refused identity_locked");
	assert_string_equal(side_text("SELECT data->>'tries' FROM trail WHERE kind = 'identity_refused'"), "2");
	assert_int_equal(side_number("SELECT count(*) FROM access_grant WHERE opened_at IS NOT NULL"), 1);
}

static void
a_clerks_proof_becomes_an_event(void **state)
{
	const char *error = NULL;

	(void)state;
	assert_int_equal(grant_prove_wait(pg, 1, 5, "staff:zhou", &error), 1);
	assert_string_equal(
		side_text("SELECT name || ' ' || phone || ' ' || actor || ' ' || conversation_id FROM outside_event"),
		"verified +861 staff:zhou 1");
	side_do("UPDATE access_grant SET revoked_at = now() WHERE bureau_id = 1");
	assert_int_equal(grant_prove_wait(pg, 1, 5, "staff:zhou", &error), 0);
	side_do("UPDATE access_grant SET revoked_at = NULL");
	side_do("UPDATE conversation SET open = false");
	assert_int_equal(grant_prove_wait(pg, 1, 5, "staff:zhou", &error), 0);
	assert_int_equal(side_number("SELECT count(*) FROM outside_event"), 1);
}

/* ---- In the loop ---- */

static struct grant_view *seen;
static int seen_bureau;

static void
on_view(void *arg, struct grant_view *v, const char *error)
{
	(void)arg;
	assert_null(error);
	seen = v;
	answered = true;
}

static void
on_code(void *arg, int bureau_id, int64_t id, const char *error)
{
	(void)arg;
	assert_null(error);
	assert_int_equal(id, bureau_id == 0 ? 0 : 5);
	seen_bureau = bureau_id;
	answered = true;
}

static void
the_loop_gives_the_same(void **state)
{
	static const int bureaus[] = {1, 2};

	(void)state;
	answered = false;
	assert_int_equal(grant_load(pg, 1, 5, on_view, NULL), 0);
	while (!answered)
		event_base_loop(base, EVLOOP_ONCE);
	assert_non_null(seen);
	assert_int_equal(seen->napplications, 3);
	grant_view_free(seen);
	answered = false;
	assert_int_equal(grant_load(pg, 1, 99, on_view, NULL), 0);
	while (!answered)
		event_base_loop(base, EVLOOP_ONCE);
	assert_null(seen);
	answered = false;
	assert_int_equal(grant_find_code(pg, bureaus, 2, hash_b, on_code, NULL), 0);
	while (!answered)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(seen_bureau, 2);
	answered = false;
	assert_int_equal(grant_find_code(pg, bureaus, 2, hash_none, on_code, NULL), 0);
	while (!answered)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(seen_bureau, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_view_has_what_the_page_needs, fresh_rows),
		cmocka_unit_test_setup(a_grant_is_seen_by_its_own_bureau_only, fresh_rows),
		cmocka_unit_test_setup(a_register_change_comes_with_its_application, fresh_rows),
		cmocka_unit_test_setup(a_code_leads_to_its_live_grant, fresh_rows),
		cmocka_unit_test_setup(a_code_that_two_have_leads_nowhere, fresh_rows),
		cmocka_unit_test_setup(five_tries_lock_for_half_an_hour, fresh_rows),
		cmocka_unit_test_setup(a_right_answer_clears_the_count, fresh_rows),
		cmocka_unit_test_setup(another_link_gives_no_further_guesses, fresh_rows),
		cmocka_unit_test_setup(opening_and_refusals_are_in_the_trail, fresh_rows),
		cmocka_unit_test_setup(a_clerks_proof_becomes_an_event, fresh_rows),
		cmocka_unit_test_setup(the_loop_gives_the_same, fresh_rows),
	};
	return cmocka_run_group_tests(tests, open_db, close_db);
}
