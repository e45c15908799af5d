/* A talk that is saved as it is remembered: only where nobody has changed it or its applications meanwhile. */
#include "store/turn.h"

#include "store/arena.h"
#define NAMESPACE "t_kept"
#include "tests/store/store_db.h"

#define PHONE "+8613800000001"
#define OTHER "+8613800000002"
#define MOVED "40001"

/* One batch at a time: what it has brought. */
static struct arena *arena;
static bool ended;
static char failed[6]; /* the SQLSTATE, "" = it is committed */
static struct store_conversation *talks;
static struct store_application *applications;
static size_t ntalks, napplications;
static int saved_index;
static uint32_t xid; /* of the saved talks */
static int nsaved;
static char texts[2000];

static void
on_end(void *arg, const char *error, const char *sqlstate)
{
	(void)arg;
	snprintf(failed, sizeof failed, "%.5s", error == NULL ? "" : sqlstate[0] == '\0' ? "lost" : sqlstate);
	ended = true;
}

static void
finish(struct pg_batch *b)
{
	ended = false;
	pg_batch_commit(b);
	while (!ended)
		event_base_loop(base, EVLOOP_ONCE);
}

static void
on_loaded(void *arg, int index, const PGresult *res)
{
	(void)arg;
	assert_non_null(res);
	if (index == 0)
		talks = store_turn_conversations(arena, res, &ntalks);
	else
		applications = store_turn_applications(arena, res, &napplications);
}

static void
load(const char *const *phones, size_t n)
{
	struct pg_batch *b = pg_batch_begin(pg, true, NULL, on_loaded, on_end);

	store_turn_load(b, 1, phones, n);
	finish(b);
	assert_string_equal(failed, "");
}

static struct store_conversation
load_one(const char *phone)
{
	load(&phone, 1);
	assert_int_equal(ntalks, 1);
	return talks[0];
}

static void
on_saved(void *arg, int index, const PGresult *res)
{
	(void)arg;
	if (res == NULL || index != saved_index)
		return;
	nsaved = PQntuples(res);
	xid = nsaved > 0 ? store_xid(res, 0, 0) : 0;
	for (int i = 0; i < nsaved; i++)
		assert_int_equal(store_xid(res, i, 0), xid);
}

/* A turn's save: its text, the talks, then what changed in their applications. */
static struct pg_batch *
save_begin(int64_t inbound_id, const struct store_conversation *rows, size_t n, const struct store_application *changed,
	size_t nchanged)
{
	struct store_inbound text = {.id = inbound_id,
		.link = "east",
		.session = "one",
		.sequence = inbound_id,
		.phone = PHONE,
		.short_code = "1069",
		.text = "Y",
		.step = "verify",
		.error = "",
		.hash = (const uint8_t *)"a hash of a text",
		.conversation_id = 10,
		.understood = true};
	struct pg_batch *b = pg_batch_begin(pg, true, NULL, on_saved, on_end);

	saved_index = inbound_id != 0;
	nsaved = 0;
	xid = 0;
	store_save_inbound(b, 1, &text, inbound_id != 0);
	store_save_conversations(b, 1, rows, n);
	store_check_conversations(b, 1, rows, n);
	store_save_applications(b, 1, changed, nchanged);
	return b;
}

static const char *
save(int64_t inbound_id, const struct store_conversation *rows, size_t n, const struct store_application *changed,
	size_t nchanged)
{
	finish(save_begin(inbound_id, rows, n, changed, nchanged));
	return failed;
}

/* The row's as SQL shows it. */
static uint32_t
xmin_of(const char *table, int id)
{
	char sql[100];

	snprintf(sql, sizeof sql, "SELECT xmin FROM %s WHERE bureau_id = 1 AND id = %d", table, id);
	return (uint32_t)strtoul(side_text(sql), NULL, 10);
}

/* What the database has of talks, applications and texts. */
static const char *
all_of_it(void)
{
	return arena_dup(arena,
		side_text("SELECT md5(concat((SELECT string_agg(c::text || c.xmin, ',' ORDER BY id) FROM conversation c), "
				  "(SELECT string_agg(a::text || a.xmin, ',' ORDER BY id) FROM application a), "
				  "(SELECT string_agg(i::text, ',' ORDER BY id) FROM inbound i)))"));
}

/*
 * Talk 10 as a turn has left it that changed application 21, for a save that does not read it; the applications as that
 * turn knew them. For talk 11 nothing but the talk changes.
 */
static struct store_conversation
kept_talk(const char *phone)
{
	struct store_conversation talk = load_one(phone);
	bool changes = strcmp(phone, PHONE) == 0;
	struct store_application *list = applications;
	size_t n = napplications;

	talk.step = "confirm";
	if (changes)
		list[1].status = "verified";
	assert_string_equal(save(0, &talk, 1, &list[1], changes), "");
	assert_int_equal(nsaved, 1);
	talk.version++;
	talk.kept_xid = xid;
	if (changes) {
		assert_int_equal(n, 2);
		list[1].xid = xid;
		/* By number they lie the other way round. */
		talk.kept_applications = arena_printf(arena, "%u,%u", (unsigned)list[1].xid, (unsigned)list[0].xid);
	} else {
		talk.kept_applications = arena_printf(arena, "%u", (unsigned)list[0].xid);
	}
	return talk;
}

/* ---- What a save leaves ---- */

static void
the_save_says_what_its_rows_bear_from_now_on(void **state)
{
	uint32_t talk_before = xmin_of("conversation", 10), second = xmin_of("application", 22);
	struct store_conversation talk = load_one(PHONE);

	(void)state;
	assert_int_equal(talk.id, 10);
	assert_int_equal(talk.kept_xid, 0);
	assert_int_equal(napplications, 2);
	assert_int_equal(applications[0].id, 22);
	assert_int_equal(applications[0].xid, second);
	assert_int_equal(applications[1].id, 21);
	assert_int_equal(applications[1].xid, xmin_of("application", 21));
	applications[1].status = "verified";
	assert_string_equal(save(500, &talk, 1, &applications[1], 1), "");
	assert_int_equal(nsaved, 1);
	assert_int_equal(xid, xmin_of("conversation", 10));
	assert_int_not_equal(xid, talk_before);
	assert_int_equal(xid, xmin_of("application", 21));
	assert_int_equal(second, xmin_of("application", 22));
	assert_int_equal(side_number("SELECT version FROM conversation WHERE id = 10"), talk.version + 1);
	assert_string_equal(side_text("SELECT status FROM application WHERE id = 21"), "verified");
	assert_int_equal(side_number("SELECT count(*) FROM inbound"), 1);
}

/* Each builds on what the one before has left, and nothing is read in between. */
static void
a_talk_that_nobody_moved_is_saved_without_being_read(void **state)
{
	struct store_conversation talk = kept_talk(PHONE);
	struct store_application *list = applications;

	(void)state;
	talk.step = "old_certificate";
	list[0].status = "verified";
	assert_string_equal(save(501, &talk, 1, &list[0], 1), "");
	assert_int_equal(nsaved, 1);
	assert_int_equal(xid, xmin_of("conversation", 10));
	assert_int_equal(xid, xmin_of("application", 22));
	assert_int_equal(list[1].xid, xmin_of("application", 21));
	assert_string_equal(side_text("SELECT concat_ws(' ', version, step) FROM conversation WHERE id = 10"),
		"5 old_certificate"); /* 3 when it was read */
	talk.version++;
	talk.kept_xid = xid;
	talk.kept_applications = arena_printf(arena, "%u,%u", (unsigned)list[1].xid, (unsigned)xid);
	talk.step = "delivery";
	assert_string_equal(save(502, &talk, 1, NULL, 0), "");
	assert_string_equal(
		side_text("SELECT concat_ws(' ', version, step) FROM conversation WHERE id = 10"), "6 delivery");
	assert_int_equal(side_number("SELECT count(*) FROM inbound"), 2);
}

/* ---- What somebody else does in between ---- */

static void
whatever_somebody_changed_fails_all_of_it(void **state)
{
	static const char *const moves[] = {
		"UPDATE conversation SET wake_at = now() WHERE id = 10",
		"UPDATE conversation SET texts = texts + 1 WHERE id = 10",
		"UPDATE conversation SET open = false, outcome = 'campaign_stopped', ended_at = now() WHERE id = 10",
		"UPDATE conversation SET version = version WHERE id = 10",
		"UPDATE application SET status = 'stopped' WHERE id = 21",
		"UPDATE application SET status = 'stopped' WHERE id = 22",
		"UPDATE application SET conversation_id = NULL WHERE id = 22",
		"UPDATE application SET conversation_id = NULL WHERE conversation_id = 10",
		"UPDATE application SET conversation_id = 10, number = 3 WHERE id = 24",
		"UPDATE application SET conversation_id = CASE id WHEN 24 THEN 10 END WHERE id IN (22, 24)",
	};

	(void)state;
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {

		side_do("BEGIN");
		side_do("UPDATE application SET conversation_id = 10 WHERE id = 22 AND conversation_id IS NULL");
		side_do("UPDATE application SET conversation_id = 10 WHERE id = 21 AND conversation_id IS NULL");
		side_do("UPDATE application SET conversation_id = NULL WHERE id = 24 AND conversation_id IS NOT NULL");
		side_do("UPDATE conversation SET open = true WHERE id = 10");
		side_do("COMMIT");
		struct store_conversation talk = kept_talk(PHONE);
		side_do(moves[i]);
		const char *before = all_of_it();
		talk.step = "old_certificate";
		applications[0].status = "declined";
		if (strcmp(save(510, &talk, 1, &applications[0], 1), MOVED) != 0)
			fail_msg("after %s: «%s»", moves[i], failed);
		assert_string_equal(all_of_it(), before);
	}
	assert_int_equal(side_number("SELECT count(*) FROM inbound"), 0);
}

/* Then nothing but the talk is looked at for it: each application answers for itself. */
static void
applications_that_are_all_saved_answer_for_themselves(void **state)
{
	static const char *const moves[] = {
		"UPDATE conversation SET version = version WHERE id = 10",
		"UPDATE application SET status = 'stopped' WHERE id = 21",
		"UPDATE application SET status = 'stopped' WHERE id = 22",
		"UPDATE application SET conversation_id = NULL WHERE id = 21",
		"UPDATE application SET conversation_id = NULL WHERE conversation_id = 10",
	};

	(void)state;
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		side_do("UPDATE application SET conversation_id = 10 WHERE id IN (21, 22) AND conversation_id IS NULL");
		struct store_conversation talk = kept_talk(PHONE);
		struct store_application *list = applications;
		side_do(moves[i]);
		const char *before = all_of_it();
		talk.kept_applications = NULL;
		talk.step = "old_certificate";
		list[0].status = list[1].status = "declined";
		if (strcmp(save(515, &talk, 1, list, 2), MOVED) != 0)
			fail_msg("after %s: «%s»", moves[i], failed);
		assert_string_equal(all_of_it(), before);
	}
	side_do("UPDATE application SET conversation_id = 10 WHERE id IN (21, 22) AND conversation_id IS NULL");
	struct store_conversation talk = kept_talk(PHONE);
	talk.kept_applications = NULL;
	talk.step = "old_certificate";
	assert_string_equal(save(516, &talk, 1, applications, 2), "");
	assert_int_equal(nsaved, 1);
	assert_int_equal(xid, xmin_of("application", 21));
	assert_int_equal(xid, xmin_of("application", 22));
}

/* Of another daemon, which reads it. */
static void
a_turn_of_somebody_else_fails_all_of_it(void **state)
{
	struct store_conversation talk = kept_talk(PHONE);
	struct store_application *list = applications;

	(void)state;
	struct store_conversation theirs = load_one(PHONE);
	theirs.step = "delivery";
	assert_string_equal(save(520, &theirs, 1, NULL, 0), "");
	const char *before = all_of_it();
	talk.step = "old_certificate";
	assert_string_equal(save(521, &talk, 1, &list[0], 1), MOVED);
	assert_string_equal(all_of_it(), before);
	assert_string_equal(
		side_text("SELECT concat_ws(' ', version, step) FROM conversation WHERE id = 10"), "5 delivery");
}

static void
one_that_moved_fails_the_whole_batch(void **state)
{
	struct store_conversation two[2] = {kept_talk(PHONE), kept_talk(OTHER)};

	(void)state;
	assert_int_equal(two[1].id, 11);
	side_do("UPDATE application SET status = 'stopped' WHERE id = 23");
	const char *before = all_of_it();
	two[0].step = two[1].step = "old_certificate";
	assert_string_equal(save(530, two, 2, NULL, 0), MOVED);
	assert_string_equal(all_of_it(), before);
	/* Side by side with one that was read. */
	struct store_conversation read = load_one(OTHER);
	two[1] = read;
	two[1].step = "old_certificate";
	assert_string_equal(save(531, two, 2, NULL, 0), "");
	assert_int_equal(nsaved, 2);
	assert_int_equal(side_number("SELECT count(*) FROM conversation WHERE step = 'old_certificate'"), 2);
	assert_int_equal(side_number("SELECT count(*) FROM inbound"), 1);
}

/* ---- What somebody else is about to do ---- */

/* Until the batch waits for a lock of `side`. */
static void
waits(void)
{
	do {
		assert_false(ended);
		event_base_loop(base, EVLOOP_NONBLOCK);
		side_do("SELECT pg_stat_clear_snapshot()");
	} while (side_number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
						 "AND pg_backend_pid() = ANY (pg_blocking_pids(pid))") == 0);
}

/* The save begins while somebody's transaction is open, and goes on when that is over. */
static const char *
save_beside(const char *theirs, const char *end)
{
	static int64_t id = 540;
	struct store_conversation talk = kept_talk(PHONE);
	struct pg_batch *b;

	side_do("BEGIN");
	side_do("SELECT c.id FROM conversation c WHERE c.bureau_id = 1 AND c.id = 10 FOR UPDATE");
	side_do(theirs);
	talk.step = "old_certificate";
	applications[1].status = "declined";
	b = save_begin(id++, &talk, 1, &applications[1], 1);
	ended = false;
	pg_batch_commit(b);
	waits();
	side_do(end);
	while (!ended)
		event_base_loop(base, EVLOOP_ONCE);
	return failed;
}

static void
who_has_the_talk_and_moves_it_is_waited_for(void **state)
{
	(void)state;
	assert_string_equal(save_beside("UPDATE conversation SET version = version + 1 WHERE id = 10", "COMMIT"), MOVED);
	assert_string_equal(side_text("SELECT concat_ws(' ', step, (SELECT count(*) FROM inbound)) FROM conversation "
								  "WHERE id = 10"),
		"confirm 0");
}

static void
who_gives_it_back_as_it_was_moves_nothing(void **state)
{
	(void)state;
	assert_string_equal(save_beside("UPDATE conversation SET version = version + 1 WHERE id = 10", "ROLLBACK"), "");
	assert_string_equal(save_beside("UPDATE application SET status = 'stopped' WHERE id = 21", "ROLLBACK"), "");
	assert_string_equal(side_text("SELECT status FROM application WHERE id = 21"), "declined");
}

/*
 * The talk is locked and left as it is, an application of it is changed: whoever waited for the talk and saves that
 * application must see it.
 */
static void
who_has_the_talk_and_moves_an_application_is_waited_for(void **state)
{
	(void)state;
	assert_string_equal(save_beside("UPDATE application SET status = 'approved' WHERE id = 21", "COMMIT"), MOVED);
	assert_string_equal(side_text("SELECT status FROM application WHERE id = 21"), "approved");
	assert_int_equal(side_number("SELECT count(*) FROM inbound"), 0);
}

/* ---- The texts of a phone ---- */

static void
on_texts(void *arg, int index, const PGresult *res)
{
	(void)arg;
	assert_int_equal(index, 0);
	assert_non_null(res);
	for (int i = 0; i < PQntuples(res); i++) {
		size_t len = strlen(texts);
		snprintf(texts + len, sizeof texts - len, "%s%s:%s", i == 0 ? "" : " ", store_text(res, i, 0) + 12,
			store_text(res, i, 1));
	}
}

/* "last digits:hash" of each. */
static const char *
texts_of(const char *const *phones, size_t n, int limit)
{
	struct pg_batch *b = pg_batch_begin(pg, true, NULL, on_texts, on_end);

	texts[0] = '\0';
	store_turn_load_texts(b, 1, phones, n, limit);
	finish(b);
	assert_string_equal(failed, "");
	return texts;
}

static void
the_latest_texts_of_each_phone_and_no_more(void **state)
{
	const char *const phones[] = {PHONE, OTHER, "+8613800000003"};

	(void)state;
	/* 1: five texts, two of them alike; 2: one; 3: none; 4 is not asked for; another bureau's are not ours. */
	side_do("INSERT INTO inbound (bureau_id, id, received_at, link, session, sequence, phone, short_code, text, hash) "
			"SELECT bureau, id, now(), 'east', 'one', id, '+861380000000' || phone, '1069', 'Y', hash::bytea "
			"FROM (VALUES (1, 1, '1', '\\xa1'), (1, 2, '1', '\\xa2'), (1, 3, '2', '\\xb1'), (1, 4, '1', '\\xa2'), "
			"(1, 5, '4', '\\xd1'), (1, 6, '1', '\\xa4'), (1, 7, '1', '\\xa5'), (2, 8, '1', '\\xe1'), "
			"(2, 9, '3', '\\xe3')) AS v(bureau, id, phone, hash)");
	assert_string_equal(texts_of(phones, 3, 3), "01:a5 01:a4 01:a2 02:b1");
	assert_string_equal(texts_of(phones, 3, 5), "01:a5 01:a4 01:a2 01:a2 01:a1 02:b1");
	assert_string_equal(texts_of(phones, 1, 2), "01:a5 01:a4");
	assert_string_equal(texts_of(phones, 1, 32), "01:a5 01:a4 01:a2 01:a2 01:a1");
	assert_string_equal(texts_of(phones + 2, 1, 32), "");
}

static int
clean(void **state)
{
	(void)state;
	arena_reset(arena);
	if (PQtransactionStatus(side) != PQTRANS_IDLE) /* left by a test that failed */
		side_do("ROLLBACK");
	side_do("TRUNCATE inbound, licence, conversation, application CASCADE");
	side_do("INSERT INTO licence (bureau_id, item_code, licence_no, holder_id, expires_on) "
			"SELECT 1, 'food', 'F' || n, h.id, '2035-12-31' FROM generate_series(1, 4) n JOIN holder h "
			"ON h.phone = CASE n WHEN 3 THEN '" OTHER "' ELSE '" PHONE "' END");
	side_do(
		"INSERT INTO conversation (bureau_id, id, phone, holder_id, language, dialog, dialog_version, step, version) "
		"SELECT 1, CASE phone WHEN '" PHONE
		"' THEN 10 ELSE 11 END, phone, id, 'zh', 'renewal', 1, 'verify', 3 FROM holder");
	/* Each from a transaction of its own; the older one of a talk has the higher number. */
	static const char *const of_talk[][3] = {
		{"21", "10", "2"}, {"22", "10", "1"}, {"23", "11", "1"}, {"24", "NULL", "1"}};
	for (int i = 0; i < 4; i++) {
		char sql[500];

		snprintf(sql, sizeof sql,
			"INSERT INTO application (bureau_id, id, licence_id, holder_id, item_code, cycle, conversation_id, number, "
			"status) SELECT 1, %s, id, holder_id, 'food', 'expiry:2035-12-31', %s, %s, 'consented' FROM licence "
			"WHERE licence_no = 'F%d'",
			of_talk[i][0], of_talk[i][1], of_talk[i][2], i + 1);
		side_do(sql);
	}
	return 0;
}

static int
set_up(void **state)
{
	if (open_schema(state) != 0)
		return -1;
	arena = arena_new();
	side_do("INSERT INTO bureau (id, code, name, signature, short_code, timezone, country) VALUES "
			"(1, 'yiyuan', 'Yiyuan', '[Y]', '1069', 'Asia/Shanghai', '86'), "
			"(2, 'other', 'Other', '[O]', '1070', 'UTC', '86')");
	side_do("INSERT INTO item (bureau_id, code, name_zh, name_en, trigger, window_before, window_after, reminder_days, "
			"dialog, approval, old_certificate, delivery, languages) VALUES (1, 'food', '食品', 'Food', 'expiry', 60, "
			"0, '{30,7}', 'renewal', 'clerk', '{on_site}', '{pick_up}', '{zh}')");
	side_do("INSERT INTO holder (bureau_id, identity_hash, name, phone, language) VALUES "
			"(1, '\\x01', '好再来', '" PHONE "', 'zh'), (1, '\\x02', '张三', '" OTHER "', 'zh')");
	return 0;
}

static int
tear_down(void **state)
{
	arena_free(arena);
	return close_schema(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_save_says_what_its_rows_bear_from_now_on, clean),
		cmocka_unit_test_setup(a_talk_that_nobody_moved_is_saved_without_being_read, clean),
		cmocka_unit_test_setup(whatever_somebody_changed_fails_all_of_it, clean),
		cmocka_unit_test_setup(applications_that_are_all_saved_answer_for_themselves, clean),
		cmocka_unit_test_setup(a_turn_of_somebody_else_fails_all_of_it, clean),
		cmocka_unit_test_setup(one_that_moved_fails_the_whole_batch, clean),
		cmocka_unit_test_setup(who_has_the_talk_and_moves_it_is_waited_for, clean),
		cmocka_unit_test_setup(who_gives_it_back_as_it_was_moves_nothing, clean),
		cmocka_unit_test_setup(who_has_the_talk_and_moves_an_application_is_waited_for, clean),
		cmocka_unit_test_setup(the_latest_texts_of_each_phone_and_no_more, clean),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
