/* The figures of large campaigns: what is counted and kept is what a look would count itself, and when it is counted
 * anew. */
#define NAMESPACE "t_campaign_figure"
#include "tests/store/store_db.h"

#define SLICES "60"

/* The rows of a statement as text, one a line; the moment of counting left out. */
static char *
rows(enum stmt s, int n, const char *const *values)
{
	PGresult *res = PQexecParams(side, stmt_sql(s), n, NULL, values, NULL, NULL, 0);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", stmt_name(s), PQerrorMessage(side));
	assert_non_null(out);
	for (int i = 0; i < PQntuples(res); i++)
		for (int k = 0; k < PQnfields(res); k++) {
			const char *name = PQfname(res, k);
			if (strcmp(name, "counted_at") != 0)
				fprintf(out, "%s=%s%s", name, PQgetvalue(res, i, k), k + 1 < PQnfields(res) ? " " : "\n");
		}
	fclose(out);
	PQclear(res);
	return text;
}

/* All that pages show of campaign 1. */
static char *
shown(void)
{
	const char *values[] = {"1", "1", SLICES};
	char *show = rows(STMT_CAMPAIGN_SHOW, 2, values), *states = rows(STMT_CAMPAIGN_STATES, 2, values),
		 *course = rows(STMT_CAMPAIGN_COURSE, 3, values), *all = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&all, &len);

	assert_non_null(out);
	fprintf(out, "%s\n%s\n%s", show, states, course);
	fclose(out);
	free(show);
	free(states);
	free(course);
	return all;
}

static void
count(void)
{
	const char *values[] = {"1", "1", SLICES};
	char *id = rows(STMT_CAMPAIGN_COUNT, 3, values);

	assert_string_equal(id, "campaign_id=1\n");
	free(id);
}

/* "1:1" = campaign 1 has aged and its readers wait; $2 and $3 of CAMPAIGN_AGED. */
static const char *
aged(const char *campaign)
{
	static char text[80];
	const char *values[] = {"1", campaign, "5"};
	PGresult *res = PQexecParams(side, stmt_sql(STMT_CAMPAIGN_AGED), 3, NULL, values, NULL, NULL, 0);

	assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
	text[0] = '\0';
	for (int i = 0; i < PQntuples(res); i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s:%s", i > 0 ? " " : "", PQgetvalue(res, i, 0),
			PQgetvalue(res, i, 1));
	PQclear(res);
	return text;
}

/* Talks first..last of campaign 1 as their columns say; with a text of it in this state, or ("") without any. */
static void
talks(int first, int last, const char *columns, const char *values, const char *state)
{
	char sql[700];

	snprintf(sql, sizeof sql,
		"INSERT INTO conversation (bureau_id, id, phone, holder_id, campaign_id, language, dialog, %s) "
		"SELECT 1, n, '+86138' || n, 1, 1, 'zh', 'renewal', %s FROM generate_series(%d, %d) n",
		columns, values, first, last);
	side_do(sql);
	if (*state == '\0')
		return;
	snprintf(sql, sizeof sql,
		"INSERT INTO message (bureau_id, id, created_at, state_at, conversation_id, campaign_id, phone, kind, text, "
		"parts, state) "
		"SELECT 1, nextval('row_id'), c.started_at + (n %% 97) * interval '1 second', c.started_at + (n %% 89) * "
		"interval '1 second', "
		"n, 1, '+86138' || n, 'reminder', 't', 2, '%s' FROM generate_series(%d, %d) n, campaign c WHERE c.id = 1",
		state, first, last);
	side_do(sql);
}

#define STEP "step, dialog_version"
#define REMINDED "'reminded', 1"

/* One of everything: under way, answered in each way, taken back, sent after it was taken back, stopped, spoken before.
 */
static void
populate(void)
{
	side_do("INSERT INTO campaign (bureau_id, id, name, on_date, status, audience, created_by, started_at, scanned_at) "
			"OVERRIDING SYSTEM VALUE VALUES (1, 1, 'c', '2026-11-21', 'running', 2000, 'test', "
			"date_trunc('second', now()) - interval '100 seconds', now())");
	talks(101, 130, STEP, REMINDED, "delivered");
	talks(131, 140, STEP, REMINDED, "delivering");
	talks(141, 145, STEP ", open, outcome", "'', 1, false, 'unreachable'", "failed");
	talks(146, 147, STEP, REMINDED, "expired");
	talks(148, 148, STEP, REMINDED, "technical");
	talks(149, 149, STEP, REMINDED, "unavailable");
	talks(151, 160, STEP, REMINDED, "queued");
	talks(161, 170, STEP, "'', 0", "");
	talks(171, 173, STEP ", begun", REMINDED ", true", "delivered");
	talks(174, 175, STEP ", open, outcome", "'', 1, false, 'declined'", "delivered");
	talks(176, 178, STEP ", open, outcome", "'', 1, false, 'stopped'", "delivered");
	talks(179, 179, STEP ", open, outcome", "'', 1, false, 'wrong_number'", "delivered");
	/* Taken back, and waits again. */
	talks(181, 184, STEP, "'', 0", "cancelled");
	/* Taken back, then sent. */
	talks(185, 187, STEP, REMINDED, "cancelled");
	side_do("INSERT INTO message (bureau_id, id, created_at, state_at, conversation_id, campaign_id, phone, kind, "
			"text, parts, state) "
			"SELECT 1, nextval('row_id'), now(), now(), n, 1, '+86138' || n, 'reminder', 't', 2, 'delivered' "
			"FROM generate_series(185, 187) n");
	/* The carrier took it back: its talk goes on. Stopped before it was asked. Had spoken before its text was written.
	 */
	talks(191, 192, STEP, REMINDED, "cancelled");
	talks(193, 195, STEP ", open, outcome", "'', 0, false, 'campaign_stopped'", "cancelled");
	talks(196, 197, STEP ", open, outcome", "'', 0, false, 'campaign_stopped'", "");
	talks(198, 199, STEP, "'verify', 1", "");
}

static int
empty(void **state)
{
	(void)state;
	side_do("TRUNCATE campaign, campaign_figure, conversation, message CASCADE");
	return 0;
}

static void
kept_figures_are_those_of_a_look(void **state)
{
	(void)state;
	populate();
	char *looked = shown();
	assert_non_null(strstr(looked, "queued=24 sent=61 delivered=42 failed=7 answered=9 yes=3 no=2 stop=3 not_me=1 "));
	assert_non_null(strstr(looked, "state=cancelled n=2\n"));
	assert_non_null(strstr(looked, "state=not_asked n=5\n"));
	assert_non_null(strstr(looked, "state=waiting n=16\n"));
	/* What is over has an end to its picture; before, both would look at other moments. */
	side_do("UPDATE campaign SET status = 'done', ended_at = now()");
	free(looked);
	looked = shown();
	count();
	side_do("UPDATE message SET state = 'failed' WHERE state = 'delivering'");
	char *kept = shown();
	assert_string_equal(kept, looked);
	free(kept);
	free(looked);
	count();
	kept = shown();
	assert_non_null(strstr(kept, " failed=17 "));
	free(kept);
}

static void
counted_anew_when_aged(void **state)
{
	(void)state;
	populate();
	side_do("UPDATE campaign SET audience = 1999");
	assert_string_equal(aged("1"), ""); /* a small one is counted at each look */
	side_do("UPDATE campaign SET audience = 2000");
	assert_string_equal(aged("1"), "1:1"); /* never counted: its reader waits */
	assert_string_equal(aged(NULL), "1:1");
	count();
	side_do("UPDATE campaign_figure SET took = '0.4 s'");
	assert_string_equal(aged("1"), "");
	side_do("UPDATE campaign_figure SET looked_at = now() - interval '9 seconds'"); /* 20 times 0.4 s are over */
	assert_string_equal(aged("1"), "1:0");
	side_do("UPDATE campaign_figure SET looked_at = now() - interval '11 seconds'");
	assert_string_equal(aged("1"), "1:1");
	side_do("UPDATE campaign_figure SET took = '1 s'");
	assert_string_equal(aged("1"), "");
	side_do("UPDATE campaign SET status = 'done', ended_at = now() - interval '1 day'");
	assert_string_equal(aged("1"), "1:1"); /* of another state */
	assert_string_equal(aged(NULL), "1:1");
	count();
	side_do("UPDATE campaign_figure SET looked_at = now() - interval '25 minutes', took = '1 s'");
	assert_string_equal(aged(NULL), ""); /* over since a day: a list may show what is half an hour old */
	assert_string_equal(aged("1"), "1:1");
	side_do("UPDATE campaign_figure SET looked_at = now() - interval '31 minutes'");
	assert_string_equal(aged(NULL), "1:0");
}

static void
texts_that_retention_dropped_are_still_counted(void **state)
{
	(void)state;
	populate();
	side_do("UPDATE campaign SET status = 'done', ended_at = now()");
	count();
	char *before = shown();
	side_do("UPDATE campaign_figure SET counted_at = '2026-11-21', looked_at = '2026-11-21'");
	side_do("DELETE FROM message WHERE conversation_id < 150");
	count();
	char *after = shown();
	assert_string_equal(after, before);
	assert_int_equal(side_number("SELECT count(*) FROM campaign_figure WHERE counted_at = '2026-11-21' "
								 "AND looked_at > now() - interval '1 minute'"),
		1);
	free(before);
	free(after);
}

static int
set_up(void **state)
{
	if (open_schema(state) != 0)
		return -1;
	side_do("INSERT INTO bureau (id, code, name, signature, short_code, timezone, country) "
			"VALUES (1, 'b', 'B', '[B]', '1069', 'Asia/Shanghai', '86')");
	side_do("INSERT INTO holder (bureau_id, id, identity_hash, name, language) OVERRIDING SYSTEM VALUE "
			"VALUES (1, 1, '\\x00', 'H', 'zh')");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(kept_figures_are_those_of_a_look, empty),
		cmocka_unit_test_setup(counted_anew_when_aged, empty),
		cmocka_unit_test_setup(texts_that_retention_dropped_are_still_counted, empty),
	};

	return cmocka_run_group_tests(tests, set_up, close_schema);
}
