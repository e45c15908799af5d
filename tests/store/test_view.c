/* The views: what each shows and what it never shows, and rows as JSON by the type of their columns. */
#include <jansson.h>
#include "store/view.h"
#define NAMESPACE "t_view"
#include "tests/store/store_db.h"

static void
seed(void)
{
	side_do("INSERT INTO bureau (id, code, name, signature, short_code, timezone, country) VALUES "
			"(1, 'yiyuan', 'Yiyuan', '[Y]', '1069', 'Asia/Shanghai', '86'), (2, 'other', 'Other', '[O]', '1070', "
			"'UTC', '86')");
	side_do("INSERT INTO item (bureau_id, code, name_zh, name_en, trigger, window_before, window_after, reminder_days, "
			"dialog, "
			"approval, old_certificate, delivery, languages) SELECT b, 'food', '食品经营许可证延续', 'Food', 'expiry', "
			"60, 0, '{30,7}', "
			"'renewal', 'clerk', '{on_site}', '{pick_up}', '{zh}' FROM (VALUES (1), (2)) AS v(b)");
	side_do("INSERT INTO holder (bureau_id, identity_hash, name, phone, landline, language, id_number, address, tags) "
			"VALUES "
			"(1, '\\x01', '张三丰', '+8613800000001', '+865333241234', 'zh', '\\x5ec0de', '\\xadd7', '{clinic,\"two "
			"words\"}'), "
			"(2, '\\x01', '李四', '+8613800000001', NULL, 'zh', '\\x5ec0de', NULL, '{}')");
	side_do("INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, issued_on, expires_on, facts) "
			"SELECT h.bureau_id, 'food', 'F' || n, h.id, '2020-12-31', '2025-12-31', '{\"scope\": \"热食\"}' FROM "
			"holder h, "
			"generate_series(1, 3) AS n");
	side_do("INSERT INTO conversation (bureau_id, id, phone, holder_id, language, dialog, step, open, started_at) "
			"SELECT h.bureau_id, h.bureau_id * 100 + n, h.phone, h.id, 'zh', 'renewal', 'submitted', n = 2, "
			"'2025-11-20 08:00:00+08' FROM holder h, generate_series(1, 2) AS n");
	side_do(
		"INSERT INTO application (bureau_id, id, licence_id, holder_id, item_code, cycle, conversation_id, number, "
		"status, "
		"pickup_code, rating, created_at) SELECT l.bureau_id, l.bureau_id * 10 + substr(l.licence_no, 2)::int, l.id, "
		"l.holder_id, 'food', 'expiry:2025-12-31', CASE WHEN l.licence_no <> 'F3' THEN l.bureau_id * 100 + 2 END, "
		"substr(l.licence_no, 2)::int, CASE WHEN l.licence_no = 'F1' THEN 'submitted' ELSE 'ready' END, '482913', 4, "
		"'2025-11-20 08:00:00.123456+08' FROM licence l");
	/* In and out, in turn; ids grow as they do in life. */
	side_do(
		"INSERT INTO message (bureau_id, id, created_at, conversation_id, phone, kind, wording, text, parts, state) "
		"SELECT 1, 2 * n, '2025-11-20 09:00:00+08'::timestamptz + make_interval(mins => 2 * n), 102, '+8613800000001', "
		"'reply', "
		"'ask', 'out ' || n, 2, 'delivered' FROM generate_series(1, 3) AS n");
	side_do("INSERT INTO message_part (bureau_id, message_id, part, attempt, link, phone, state, carrier_id, receipt) "
			"SELECT 1, 2, p, 1, 'east', '+8613800000001', 'delivered', 'c' || p, 'DELIVRD' FROM generate_series(1, 2) "
			"AS p");
	side_do("INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash, "
			"conversation_id, understood) SELECT 1, 2 * n + 1, '2025-11-20 09:01:00+08'::timestamptz + "
			"make_interval(mins => 2 * n), "
			"'east', 's', n, '+8613800000001', '1069', 'in ' || n, ('\\x0' || n)::bytea, 102, n <> 2 FROM "
			"generate_series(1, 3) AS n");
	side_do("INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash) "
			"VALUES "
			"(1, 90, now(), 'east', 's', 90, '+8613800000099', '1069', 'stranger', '\\x90'), "
			"(2, 91, now(), 'east', 's', 91, '+8613800000001', '1070', 'elsewhere', '\\x91')");
	side_do("INSERT INTO worklist (bureau_id, list, application_id, conversation_id, phone, reason, due_on, "
			"claimed_by, claimed_until) VALUES "
			"(1, 'approve', 11, 102, '+8613800000001', 'submitted', NULL, '', NULL), (1, 'phone', NULL, 102, '', 'no "
			"answer', NULL, 'staff:li', now() + interval '10 minutes'), "
			/* That claim is over. */
			"(1, 'phone', 13, NULL, '', 'expires soon', '2025-01-01', 'staff:wu', now() - interval '1 minute'), "
			"(2, 'phone', NULL, 202, '', 'no answer', NULL, '', NULL)");
	side_do("INSERT INTO worklist (bureau_id, list, application_id, reason, done_at) VALUES (1, 'send', 12, 'done', "
			"now())");
	side_do("INSERT INTO trail (bureau_id, at, application_id, conversation_id, actor, kind, data) VALUES "
			"(1, '2025-11-20 01:00:00+00', 11, 101, 'clock', 'reminded', '{}'), (1, '2025-11-20 01:01:00+00', NULL, "
			"101, 'citizen', 'moved', '{}'), "
			"(1, '2025-11-20 01:02:00+00', 11, 102, 'citizen', 'consented', '{\"text\": \"Y\"}'), "
			"(1, '2025-11-20 01:03:00+00', NULL, 102, 'citizen', 'moved', '{}'), (1, '2025-11-20 01:04:00+00', 12, "
			"102, 'citizen', 'other', '{}'), "
			"(2, '2025-11-20 01:05:00+00', 11, 102, 'citizen', 'foreign', '{}')");
	side_do(
		"INSERT INTO link_state (link, daemon, state, since, seen_at) VALUES ('east', 'd1', 'bound', now(), now()), "
		"('west', 'd0', 'bound', now(), now() - interval '1 hour')");
	side_do("INSERT INTO suppression (bureau_id, phone, reason) VALUES (1, '+8613800000001', 'opt_out')");
	side_do("INSERT INTO scan_run (bureau_id, on_date, finished_at, result) VALUES (1, '2025-11-20', now(), "
			"'{\"reminders\": 3}')");
}

/* A view's rows. text: NULL for SQL NULL, up to three parameters behind the bureau, ended by "". */
static json_t *
view(enum stmt s, int bureau_id, const char *a, const char *b, const char *c, const char *d)
{
	const char *values[] = {a, b, c, d}, *error = "";
	struct pg_params *p = pg_params_new();
	PGresult *res;
	json_t *rows;

	pg_param_int(p, bureau_id);
	for (int i = 0; i < 4 && (values[i] == NULL || *values[i] != '\0'); i++)
		pg_param_text(p, values[i]);
	res = pg_run_wait(pg, s, p, &error);
	if (res == NULL)
		fail_msg("%s", error);
	rows = view_rows(res);
	PQclear(res);
	pg_params_free(p);
	assert_non_null(rows);
	return rows;
}

/* One field of one row, as JSON text; lives until the next call. */
static const char *
field(const json_t *rows, size_t row, const char *key)
{
	static char *text;

	free(text);
	text = json_dumps(json_object_get(json_array_get(rows, row), key), JSON_ENCODE_ANY | JSON_COMPACT);
	if (text == NULL)
		fail_msg("row %zu has no %s", row, key);
	return text;
}

static void
nothing_secret(const json_t *rows)
{
	char *text = json_dumps(rows, JSON_COMPACT);

	assert_null(strstr(text, "张三丰"));
	assert_null(strstr(text, "5ec0de"));
	assert_null(strstr(text, "482913"));
	free(text);
}

static void
types_become_values(void **state)
{
	PGresult *res = PQexec(side,
		"SELECT 1::int2 AS a, -9007199254740993::int8 AS b, true AS c, NULL::text AS d, 2.5::numeric AS e, "
		"'2025-11-21'::date AS f, "
		"'2025-11-21 19:14:00.123+00'::timestamptz AS g, 'infinity'::timestamptz AS h, '{\"k\": [1]}'::jsonb AS i, "
		"ARRAY['a', 'b c', '\"', '\\', NULL, '', 'NULL', '逗,号'] AS j, '{}'::text[] AS k, '{1,NULL,-3}'::int8[] AS l, "
		"'[1]'::json AS m");
	json_t *rows = view_rows(res);

	(void)state;
	assert_string_equal(field(rows, 0, "a"), "1");
	assert_string_equal(field(rows, 0, "b"), "-9007199254740993");
	assert_string_equal(field(rows, 0, "c"), "true");
	assert_string_equal(field(rows, 0, "d"), "null");
	assert_string_equal(field(rows, 0, "e"), "2.5");
	assert_string_equal(field(rows, 0, "f"), "\"2025-11-21\"");
	assert_string_equal(field(rows, 0, "g"), "\"2025-11-21T19:14:00Z\"");
	assert_string_equal(field(rows, 0, "h"), "\"infinity\"");
	assert_string_equal(field(rows, 0, "i"), "{\"k\":[1]}");
	assert_string_equal(field(rows, 0, "j"), "[\"a\",\"b c\",\"\\\"\",\"\\\\\",null,\"\",\"NULL\",\"逗,号\"]");
	assert_string_equal(field(rows, 0, "k"), "[]");
	assert_string_equal(field(rows, 0, "l"), "[1,null,-3]");
	assert_string_equal(field(rows, 0, "m"), "[1]");
	json_decref(rows);
	PQclear(res);
}

static void
values_are_read_by_key(void **state)
{
	(void)state;
	json_t *row = json_pack("{s:s, s:I, s:n}", "status", "due", "id", (json_int_t)1 << 40, "none"),
		   *at = view_time(1767229261);
	assert_string_equal(view_text(row, "status"), "due");
	assert_string_equal(view_text(row, "none"), "");
	assert_string_equal(view_text(row, "absent"), "");
	assert_string_equal(view_text(NULL, "status"), "");
	assert_true(view_number(row, "id") == (int64_t)1 << 40);
	assert_true(view_number(row, "status") == 0);
	assert_true(view_is(row, "status", "due"));
	assert_false(view_is(row, "status", "du"));
	assert_false(view_is(row, "absent", "due"));
	assert_string_equal(json_string_value(at), "2026-01-01T01:01:01Z");
	json_decref(row);
	json_decref(at);
}

static void
applications_are_filtered_and_paged(void **state)
{
	json_t *rows = view(STMT_VIEW_APPLICATIONS, 1, NULL, NULL, NULL, "10");

	(void)state;
	assert_int_equal(json_array_size(rows), 3);
	assert_string_equal(field(rows, 0, "id"), "11");
	assert_string_equal(field(rows, 0, "holder"), "\"张**\"");
	assert_string_equal(field(rows, 0, "item"), "\"food\"");
	assert_string_equal(field(rows, 0, "licence_no"), "\"F1\"");
	assert_string_equal(field(rows, 0, "expires_on"), "\"2025-12-31\"");
	assert_string_equal(field(rows, 0, "phone"), "\"+8613800000001\"");
	assert_string_equal(field(rows, 0, "created_at"), "\"2025-11-20T00:00:00Z\"");
	nothing_secret(rows);
	json_decref(rows);
	rows = view(STMT_VIEW_APPLICATIONS, 1, "ready", "food", NULL, "10");
	assert_int_equal(json_array_size(rows), 2);
	json_decref(rows);
	rows = view(STMT_VIEW_APPLICATIONS, 1, "ready", NULL, "12", "10");
	assert_int_equal(json_array_size(rows), 1);
	assert_string_equal(field(rows, 0, "id"), "13");
	json_decref(rows);
	rows = view(STMT_VIEW_APPLICATIONS, 1, NULL, NULL, NULL, "1");
	assert_int_equal(json_array_size(rows), 1);
	json_decref(rows);
	rows = view(STMT_VIEW_APPLICATIONS, 1, NULL, "other-item", NULL, "10");
	assert_int_equal(json_array_size(rows), 0);
	json_decref(rows);
}

static void
an_application_shows_everything_but_secrets(void **state)
{
	json_t *rows = view(STMT_VIEW_APPLICATION, 1, "11", "", NULL, NULL);

	(void)state;
	assert_int_equal(json_array_size(rows), 1);
	assert_string_equal(field(rows, 0, "status"), "\"submitted\"");
	assert_string_equal(field(rows, 0, "facts"), "{\"scope\":\"热食\"}");
	assert_string_equal(field(rows, 0, "tags"), "[\"clinic\",\"two words\"]");
	assert_string_equal(field(rows, 0, "worklists"), "[\"approve\"]");
	assert_string_equal(field(rows, 0, "address"), "\"\\\\xadd7\"");
	assert_string_equal(field(rows, 0, "conversation"), "102");
	nothing_secret(rows);
	json_decref(rows);
	rows = view(STMT_VIEW_APPLICATION, 2, "11", "", NULL, NULL); /* another bureau's */
	assert_int_equal(json_array_size(rows), 0);
	json_decref(rows);
}

static void
a_conversation_lists_its_applications(void **state)
{
	json_t *rows = view(STMT_VIEW_CONVERSATIONS, 1, "+8613800000001", "10", "", NULL);

	(void)state;
	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(field(rows, 0, "id"), "102");
	assert_string_equal(field(rows, 0, "open"), "true");
	assert_string_equal(field(rows, 0, "opted_out"), "\"opt_out\"");
	assert_string_equal(field(rows, 0, "started_at"), "\"2025-11-20T00:00:00Z\"");
	assert_string_equal(field(rows, 0, "applications"),
		"[{\"id\":11,\"number\":1,\"item\":\"food\",\"licence_no\":\"F1\",\"status\":\"submitted\"},"
		"{\"id\":12,\"number\":2,\"item\":\"food\",\"licence_no\":\"F2\",\"status\":\"ready\"}]");
	assert_string_equal(field(rows, 1, "applications"), "[]");
	json_decref(rows);
}

static void
texts_stand_in_the_order_of_time(void **state)
{
	json_t *rows = view(STMT_VIEW_TEXTS, 1, "+8613800000001", "100", "", NULL);
	static const char *const order[] = {"out 1", "in 1", "out 2", "in 2", "out 3", "in 3"};

	(void)state;
	assert_int_equal(json_array_size(rows), 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(json_string_value(json_object_get(json_array_get(rows, i), "text")), order[i]);
	assert_string_equal(field(rows, 0, "direction"), "\"out\"");
	assert_string_equal(field(rows, 0, "state"), "\"delivered\"");
	assert_string_equal(field(rows, 0, "sendings"),
		"[{\"part\":1,\"attempt\":1,\"link\":\"east\",\"state\":\"delivered\",\"carrier_id\":\"c1\",\"receipt\":"
		"\"DELIVRD\",\"error\":\"\"},"
		"{\"part\":2,\"attempt\":1,\"link\":\"east\",\"state\":\"delivered\",\"carrier_id\":\"c2\",\"receipt\":"
		"\"DELIVRD\",\"error\":\"\"}]");
	assert_string_equal(field(rows, 1, "direction"), "\"in\"");
	assert_string_equal(field(rows, 1, "understood"), "true");
	assert_string_equal(field(rows, 3, "understood"), "false");
	assert_string_equal(field(rows, 4, "understood"), "null");
	json_decref(rows);
	/* A limit keeps the latest. */
	rows = view(STMT_VIEW_TEXTS, 1, "+8613800000001", "2", "", NULL);
	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(field(rows, 0, "text"), "\"out 3\"");
	json_decref(rows);
	rows = view(STMT_VIEW_MESSAGES, 1, "4", "", NULL, NULL);
	assert_int_equal(json_array_size(rows), 4);
	assert_string_equal(field(rows, 0, "text"), "\"stranger\"");
	assert_string_equal(field(rows, 1, "text"), "\"in 3\"");
	json_decref(rows);
}

static void
worklists_count_and_list(void **state)
{
	json_t *rows = view(STMT_VIEW_WORKLISTS, 1, "", NULL, NULL, NULL);

	(void)state;
	assert_int_equal(json_array_size(rows), 6);
	assert_string_equal(field(rows, 0, "list"), "\"phone\"");
	assert_string_equal(field(rows, 0, "waiting"), "2");
	assert_string_equal(field(rows, 0, "claimed"), "1");
	assert_string_equal(field(rows, 0, "due"), "1");
	assert_string_equal(field(rows, 4, "list"), "\"send\"");
	assert_string_equal(field(rows, 4, "waiting"), "0");
	json_decref(rows);
	rows = view(STMT_VIEW_WORKLIST, 1, "phone", "10", "", NULL);
	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(field(rows, 0, "reason"), "\"expires soon\""); /* due first */
	assert_string_equal(field(rows, 0, "phone"), "\"+8613800000001\"");
	assert_string_equal(field(rows, 0, "landline"), "\"+865333241234\"");
	assert_string_equal(field(rows, 0, "licence_no"), "\"F3\"");
	assert_string_equal(field(rows, 0, "applications"), "[]");
	assert_string_equal(field(rows, 1, "applications"), "[11,12]");
	assert_string_equal(field(rows, 1, "holder"), "\"张**\"");
	nothing_secret(rows);
	json_decref(rows);
	rows = view(STMT_VIEW_WORKLIST, 1, NULL, "10", "", NULL);
	assert_int_equal(json_array_size(rows), 3);
	json_decref(rows);
}

static void
a_trail_is_that_of_the_application_and_its_talks(void **state)
{
	json_t *rows = view(STMT_VIEW_TRAIL, 1, "11", "", NULL, NULL);
	static const char *const kinds[] = {"reminded", "moved", "consented", "moved"};

	(void)state;
	assert_int_equal(json_array_size(rows), 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(json_string_value(json_object_get(json_array_get(rows, i), "kind")), kinds[i]);
	assert_string_equal(field(rows, 2, "data"), "{\"text\":\"Y\"}");
	assert_string_equal(field(rows, 1, "application"), "null");
	json_decref(rows);
}

static void
the_small_lists(void **state)
{
	const char *error = "";
	PGresult *res = pg_run_wait(pg, STMT_VIEW_LINKS, NULL, &error);
	json_t *rows;

	(void)state;
	assert_non_null(res);
	rows = view_rows(res);
	PQclear(res);
	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(field(rows, 0, "state"), "\"bound\"");
	assert_string_equal(field(rows, 1, "state"), "\"unknown\""); /* not heard of for an hour */
	json_decref(rows);
	rows = view(STMT_VIEW_SUPPRESSIONS, 1, "10", "", NULL, NULL);
	assert_string_equal(field(rows, 0, "reason"), "\"opt_out\"");
	json_decref(rows);
	rows = view(STMT_VIEW_SCANS, 1, "10", "", NULL, NULL);
	assert_string_equal(field(rows, 0, "result"), "{\"reminders\":3}");
	json_decref(rows);
}

/* With many rows of many bureaus no view reads a whole growing table. */
static void
no_view_reads_a_whole_table(void **state)
{
	static const struct {
		enum stmt s;
		const char *values;
	} cases[] = {
		{STMT_VIEW_APPLICATIONS, "1, 'due', 'food', NULL, 50"},
		{STMT_VIEW_APPLICATIONS, "1, NULL, NULL, 5000, 50"},
		{STMT_VIEW_APPLICATION, "1, 1200"},
		{STMT_VIEW_CONVERSATIONS, "1, '+8613900000007', 10"},
		{STMT_VIEW_TEXTS, "1, '+8613900000007', 50"},
		{STMT_VIEW_MESSAGES, "1, 50"},
		{STMT_VIEW_TRAIL, "1, 1200"},
		{STMT_VIEW_WORKLIST, "1, 'phone', 50"},
		{STMT_WORKLIST_PAGE, "1, 'phone', NULL, false, false, NULL, '-infinity', 0, 51"},
		{STMT_WORKLIST_PAGE, "1, 'phone', NULL, true, false, NULL, 'infinity', 100, 51"},
		{STMT_WORKLIST_TABS, "1, 999"},
		{STMT_WORKLIST_SHOW, "1, 100, 'staff:li'"},
		{STMT_VIEW_TALK, "1, 1200, 100"},
		{STMT_VIEW_HOLDER, "1, 1200"},
		{STMT_COUNTER_BY_CODE, "1, '000007'"},
		{STMT_STAFF_EVENTS, "1, NULL, NULL, 5000, 100"},
		{STMT_STAFF_EVENTS, "1, 'li', NULL, NULL, 100"},
		{STMT_STAFF_EVENTS, "1, NULL, 'entry 7', NULL, 100"},
		{STMT_WORKLIST_NEXT, "1, 'phone', 'staff:li', NULL, '', 1800"},
		/* What staff type, by its first characters: whatever the plan was made for. */
		{STMT_SEARCH_APPLICATION, "1, 1200"},
		{STMT_SEARCH_PHONE, "1, '+86139000', 51"},
		{STMT_SEARCH_IDENTITY, "1, '\\x0102', 51"},
		{STMT_SEARCH_LICENCE, "1, 'g12', 51"},
		{STMT_SEARCH_CERTIFICATE, "1, 'c12', 51"},
		{STMT_SEARCH_NAME, "1, 'shop 12', 51"},
		{STMT_SEARCH_NAME_PART, "1, '%p%123%', 51, 'p123', 'p 123'"},
		{STMT_SEARCH_PHONE_END, "1, '0123', 51"},
		{STMT_SEARCH_LICENCE_END, "1, '1234', 51"},
		{STMT_SEARCH_CERTIFICATE_END, "1, '1234', 51"},
	};

	(void)state;
	side_do("INSERT INTO holder (bureau_id, identity_hash, name, phone, landline, language) SELECT 1, int4send(n), "
			"'Shop ' || n, "
			"'+86139' || lpad(n::text, 8, '0'), CASE WHEN n % 10 = 0 THEN '+86533' || n END, 'zh' FROM "
			"generate_series(1, 20000) AS n");
	side_do("INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on) SELECT 1, 'food', "
			"'G' || substr(name, 6), id, '2025-12-31' FROM holder WHERE bureau_id = 1 AND name LIKE 'Shop %'");
	side_do(
		"INSERT INTO application (bureau_id, id, licence_id, holder_id, item_code, cycle, status) SELECT 1, 1000 + id, "
		"id, "
		"holder_id, 'food', 'expiry:2025-12-31', CASE WHEN id % 10 = 0 THEN 'due' ELSE 'collected' END FROM licence "
		"WHERE licence_no LIKE 'G%'");
	side_do("INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash) "
			"SELECT 1, 1000 + n, now(), 'e', 's', 1000 + n, '+86139' || lpad((n % 5000)::text, 8, '0'), '1069', 'y', "
			"decode(lpad(to_hex(n), 8, '0'), 'hex') FROM generate_series(1, 20000) AS n");
	side_do("INSERT INTO message (bureau_id, id, created_at, phone, kind, text) SELECT 1, 100000 + n, now(), "
			"'+86139' || lpad((n % 5000)::text, 8, '0'), 'reply', 'x' FROM generate_series(1, 20000) AS n");
	side_do("INSERT INTO trail (bureau_id, at, application_id, conversation_id, actor, kind) SELECT 1, now(), 1000 + "
			"n, 5000 + n, "
			"'clock', 'due' FROM generate_series(1, 20000) AS n");
	side_do("INSERT INTO conversation (bureau_id, id, phone, holder_id, language, dialog) SELECT 1, 5000 + n, "
			"'+86139' || lpad(n::text, 8, '0'), (SELECT min(id) FROM holder WHERE bureau_id = 1), 'zh', 'renewal' "
			"FROM generate_series(1, 20000) AS n");
	side_do(
		"INSERT INTO worklist (bureau_id, list, conversation_id, reason, done_at) SELECT 1, 'phone', 5000 + n, 'x', "
		"CASE WHEN n % 100 <> 0 THEN now() END FROM generate_series(1, 20000) AS n");
	side_do("INSERT INTO staff_event (bureau_id, name, kind, subject) SELECT 1, 'p' || n % 50, 'acted', 'entry ' || n "
			"% 5000 "
			"FROM generate_series(1, 20000) AS n");
	side_do("UPDATE application SET pickup_code = lpad((id % 1000000)::text, 6, '0') WHERE id % 3 = 0");
	side_do("UPDATE application SET certificate_no = 'C' || id WHERE id % 7 = 0");
	side_do("ANALYZE holder, licence, application, inbound, message, trail, conversation, worklist, staff_event");
	side_do("SET plan_cache_mode = force_custom_plan");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool search =
			strncmp(stmt_name(cases[i].s), "SEARCH", 6) == 0 || strncmp(stmt_name(cases[i].s), "s_SEARCH", 8) == 0;
		if (search)
			side_do("SET plan_cache_mode = force_generic_plan");
		PGresult *res = PQprepare(side, "view", stmt_sql(cases[i].s), 0, NULL);
		char sql[300];

		assert_int_equal(PQresultStatus(res), PGRES_COMMAND_OK);
		PQclear(res);
		snprintf(sql, sizeof sql, "EXPLAIN EXECUTE view(%s)", cases[i].values);
		res = PQexec(side, sql);
		assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
		for (int row = 0; row < PQntuples(res); row++) {
			const char *line = PQgetvalue(res, row, 0), *scan = strstr(line, "Seq Scan on ");
			bool small = scan == NULL || strstr(scan, "on bureau") || strstr(scan, "on item") ||
						 (!search && strstr(scan, "on holder")) || strstr(scan, "on suppression") ||
						 strstr(scan, "on reminder") || strstr(scan, "on message_part") || strstr(scan, "_default") ||
						 strstr(scan, "rows=1 ");

			if (!small)
				fail_msg("%s: %s", stmt_name(cases[i].s), line);
		}
		PQclear(res);
		side_do("DEALLOCATE view");
	}
}

static int
set_up(void **state)
{
	if (open_schema(state) != 0)
		return -1;
	side_do("SET TimeZone = 'UTC'");
	seed();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_become_values),
		cmocka_unit_test(values_are_read_by_key),
		cmocka_unit_test(applications_are_filtered_and_paged),
		cmocka_unit_test(an_application_shows_everything_but_secrets),
		cmocka_unit_test(a_conversation_lists_its_applications),
		cmocka_unit_test(texts_stand_in_the_order_of_time),
		cmocka_unit_test(worklists_count_and_list),
		cmocka_unit_test(a_trail_is_that_of_the_application_and_its_talks),
		cmocka_unit_test(the_small_lists),
		cmocka_unit_test(no_view_reads_a_whole_table),
	};

	return cmocka_run_group_tests(tests, set_up, close_schema);
}
