/* Migrations against a real PostgreSQL: fresh, stepwise, twice, two at once, newer; partitions; every statement. */
#include <ctype.h>
#include <sys/wait.h>
#define NAMESPACE "t_schema"
#include "tests/store/store_db.h"

static void
fresh(void)
{
	side_do("DROP SCHEMA " NAMESPACE " CASCADE");
	side_do("CREATE SCHEMA " NAMESPACE);
}

/* What a dump would show: every column, default, constraint, index and function, in a fixed order. */
static char *
picture(void)
{
	PGresult *res = PQexec(side,
		"SELECT string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM ("
		"SELECT format('%s.%s %s null=%s default=%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), "
		"NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid)) AS line FROM pg_class c JOIN pg_attribute a ON a.attrelid "
		"= c.oid "
		"AND a.attnum > 0 AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "
		"WHERE c.relnamespace = '" NAMESPACE "'::regnamespace AND c.relkind IN ('r', 'p') "
		"UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint "
		"WHERE connamespace = '" NAMESPACE "'::regnamespace "
		"UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = '" NAMESPACE "' "
		"UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = '" NAMESPACE "'::regnamespace "
		"UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = '" NAMESPACE
		"') AS all_of_it");
	char *text;

	assert_int_equal(PQresultStatus(res), PGRES_TUPLES_OK);
	text = strdup(PQgetvalue(res, 0, 0));
	PQclear(res);
	return text;
}

static void
a_fresh_schema_is_applied_once(void **state)
{
	const char *error = "";
	int n;

	(void)state;
	fresh();
	n = schema_apply(side, NULL, &error);
	if (n < 0)
		fail_msg("%s", error);
	assert_true(n >= 1);
	assert_int_equal(side_number("SELECT count(*) FROM schema_version"), n);
	assert_int_equal(side_number("SELECT max(version) FROM schema_version"), schema_version());
	assert_string_equal(side_text("SELECT name FROM schema_version ORDER BY version DESC LIMIT 1"), schema_name());
	assert_int_equal(schema_apply(side, NULL, &error), 0);
}

static void
upgrading_the_oldest_equals_a_fresh_one(void **state)
{
	const char *error = "";
	char *at_once, *stepwise;

	(void)state;
	fresh();
	assert_true(schema_apply(side, NULL, &error) >= 1);
	at_once = picture();
	fresh();
	/* Rows that lived in the oldest schema must survive the way up. */
	assert_int_equal(schema_apply_until(side, 1, NULL, &error), 1);
	side_do("INSERT INTO bureau (id, code, name, signature, short_code, timezone, country) "
			"VALUES (1, 'old', 'Old', '[Old]', '1069', 'Asia/Shanghai', '86')");
	for (int version = 2; version <= schema_version(); version++)
		assert_int_equal(schema_apply_until(side, version, NULL, &error), 1);
	assert_int_equal(schema_apply(side, NULL, &error), 0);
	assert_int_equal(side_number("SELECT count(*) FROM bureau WHERE code = 'old'"), 1);
	stepwise = picture();
	assert_true(strlen(at_once) > 5000);
	assert_string_equal(at_once, stepwise);
	free(at_once);
	free(stepwise);
}

static void
two_upgrades_at_once_take_turns(void **state)
{
	const char *error = "";
	int status, n;
	pid_t child;

	(void)state;
	fresh();
	/* The child waits for our lock before it looks at the version. */
	side_do("SELECT pg_advisory_lock(728330)");
	child = fork();
	if (child == 0) {
		PGconn *other = PQconnectdb(conninfo);

		n = schema_apply(other, NULL, &error);
		PQfinish(other);
		_exit(n == 0 ? 0 : n < 0 ? 1 : 2);
	}
	while (side_number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 0)
		;
	n = schema_apply(side, NULL, &error);
	assert_true(n >= 1);
	side_do("SELECT pg_advisory_unlock_all()");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
a_migration_that_fails_leaves_nothing(void **state)
{
	const char *error = "";

	(void)state;
	fresh();
	side_do("CREATE TABLE holder (mine integer)"); /* in the way of the first migration */
	assert_int_equal(schema_apply(side, NULL, &error), -1);
	assert_non_null(strstr(error, "001_initial"));
	assert_non_null(strstr(error, "holder"));
	assert_string_equal(side_text("SELECT to_regclass('bureau') IS NULL"), "t");
	assert_int_equal(side_number("SELECT count(*) FROM schema_version"), 0);
	side_do("DROP TABLE holder");
	assert_true(schema_apply(side, NULL, &error) >= 1);
}

static void
the_check_names_the_command(void **state)
{
	const char *error = "";
	struct pg *checker;

	(void)state;
	fresh();
	checker = pg_open_wait(base, conninfo, 20, &error);
	assert_non_null(checker);
	assert_int_equal(schema_check_wait(checker, "/etc/h.conf", &error), -1);
	assert_string_equal(error, "the database has no schema yet; run: huizhi -c /etc/h.conf init");
	assert_int_equal(schema_apply_until(side, 1, NULL, &error), 1);
	if (schema_version() > 1) {
		assert_int_equal(schema_check_wait(checker, "/etc/h.conf", &error), -1);
		assert_non_null(strstr(error, "001_initial"));
		assert_non_null(strstr(error, "run: huizhi -c /etc/h.conf init"));
		assert_true(schema_apply(side, NULL, &error) >= 1);
	}
	assert_int_equal(schema_check_wait(checker, "/etc/h.conf", &error), 0);
	side_do("INSERT INTO schema_version (version, name) VALUES (9999, '9999_future')");
	assert_int_equal(schema_check_wait(checker, "/etc/h.conf", &error), -1);
	assert_non_null(strstr(error, "9999_future, which is newer"));
	assert_int_equal(schema_apply(side, NULL, &error), -1);
	assert_non_null(strstr(error, "use the newer program"));
	pg_free(checker);
	assert_int_equal(schema_check_wait(pg = pg_new(base, "host=/nowhere", NULL), "x", &error), -1);
	pg_free(pg);
	pg = NULL;
}

static void
partitions_hold_their_months(void **state)
{
	const char *error = "";

	(void)state;
	fresh();
	assert_true(schema_apply(side, NULL, &error) >= 1);
	/* this month and three ahead, and the default, of each */
	assert_int_equal(side_number("SELECT count(*) FROM pg_inherits WHERE inhparent = 'message'::regclass"), 5);
	assert_int_equal(side_number("SELECT count(*) FROM pg_inherits WHERE inhparent = 'trail'::regclass"), 5);
	side_do("INSERT INTO bureau (id, code, name, signature, short_code, timezone, country) "
			"VALUES (1, 'b', 'B', '[B]', '1069', 'Asia/Shanghai', '86')");
	/* Nothing is refused, however far away. */
	side_do(
		"INSERT INTO trail (bureau_id, at, actor, kind) VALUES (1, now(), 'system', 'now'), "
		"(1, now() + interval '5 months', 'system', 'later'), (1, now() - interval '3 years', 'system', 'long ago')");
	assert_int_equal(side_number("SELECT count(*) FROM trail_default"), 2);
	assert_int_equal(side_number("SELECT ensure_partitions(3)"), 0);
	/* When the month gets its partition, its rows move there. */
	assert_int_equal(side_number("SELECT ensure_partitions(6)"), 6);
	assert_string_equal(side_text("SELECT string_agg(kind, ',') FROM trail_default"), "long ago");
	assert_int_equal(side_number("SELECT count(*) FROM trail"), 3);
	assert_string_equal(
		side_text("SELECT tableoid::regclass::text = 'trail_' || to_char(at AT TIME ZONE 'UTC', 'YYYY_MM') "
				  "FROM trail WHERE kind = 'later'"),
		"t");
	/* It has the room for second versions that those without a month have. */
	assert_int_equal(side_number("SELECT count(DISTINCT coalesce(reloptions::text, '')) FROM pg_class JOIN pg_inherits "
								 "ON inhrelid = oid WHERE inhparent = 'message'::regclass"),
		1);
	/* The partition made later has the parent's keys and indexes. */
	assert_int_equal(
		side_number("SELECT count(*) FROM pg_index WHERE indrelid = (SELECT tableoid FROM trail WHERE kind = 'later')"),
		side_number("SELECT count(*) FROM pg_index WHERE indrelid = 'trail'::regclass"));
}

static void
names_are_masked(void **state)
{
	(void)state;
	assert_string_equal(side_text("SELECT mask_name('张三丰')"), "张**");
	assert_string_equal(side_text("SELECT mask_name('张')"), "张");
	assert_string_equal(side_text("SELECT mask_name('沂源县好再来餐饮有限公司')"), "沂源***公司");
	assert_string_equal(side_text("SELECT mask_name('Li  Wei')"), "L*** W***");
	assert_string_equal(side_text("SELECT mask_name('')"), "");
	assert_string_equal(side_text("SELECT mask_name(NULL) IS NULL"), "t");
}

/* ---- Statements ---- */

static void
every_statement_prepares(void **state)
{
	const char *error = "";
	int faults = 0;

	(void)state;
	fresh();
	assert_true(schema_apply(side, NULL, &error) >= 1);
	assert_true(STMT_COUNT > 60);
	for (int s = 0; s < STMT_COUNT; s++) {
		PGresult *res = PQprepare(side, stmt_name(s), stmt_sql(s), 0, NULL);

		if (PQresultStatus(res) != PGRES_COMMAND_OK) {
			print_error("%s: %s", stmt_name(s), PQerrorMessage(side));
			faults++;
		}
		PQclear(res);
	}
	side_do("DEALLOCATE ALL");
	assert_int_equal(faults, 0);
}

/* The tables whose primary key, or any index where there is none, begins with bureau_id, asked of the database itself.
 */
static int
growing_tables(char names[64][64])
{
	PGresult *res = PQexec(side,
		"SELECT DISTINCT c.relname FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND (i.indisprimary "
		"OR NOT EXISTS (SELECT FROM pg_index p WHERE p.indrelid = c.oid AND p.indisprimary)) "
		"JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] "
		"WHERE c.relnamespace = '" NAMESPACE
		"'::regnamespace AND NOT c.relispartition AND a.attname = 'bureau_id' ORDER BY 1");
	int n = PQntuples(res);

	assert_in_range(n, 15, 64);
	for (int i = 0; i < n; i++)
		snprintf(names[i], 64, "%s", PQgetvalue(res, i, 0));
	PQclear(res);
	return n;
}

/* Times that a table stands behind FROM, JOIN, UPDATE, INTO or USING. */
static int
mentions(const char *sql, const char *table)
{
	static const char *const before[] = {"FROM ", "JOIN ", "UPDATE ", "INTO ", "USING "};
	size_t len = strlen(table);
	int n = 0;

	for (const char *at = sql; (at = strstr(at, table)) != NULL; at += len) {
		if (isalnum((unsigned char)at[len]) || at[len] == '_')
			continue;
		for (size_t k = 0; k < sizeof before / sizeof before[0]; k++) {
			size_t w = strlen(before[k]);

			if ((size_t)(at - sql) >= w && memcmp(at - w, before[k], w) == 0)
				n++;
		}
	}
	return n;
}

static int
count_of(const char *text, const char *word)
{
	int n = 0;

	for (; (text = strstr(text, word)) != NULL; text += strlen(word))
		n++;
	return n;
}

static void
every_statement_on_a_growing_table_names_the_bureau(void **state)
{
	static char names[64][64];
	int n, faults = 0, checked = 0;

	(void)state;
	assert_int_equal(mentions("UPDATE trail SET x FROM trails JOIN trail t", "trail"), 2);
	n = growing_tables(names);
	for (int s = 0; s < STMT_COUNT; s++) {
		int tables = 0;

		for (int i = 0; i < n; i++)
			tables += mentions(stmt_sql(s), names[i]);
		checked += tables > 0;
		/* Each mention of such a table needs its own bureau_id, in a condition or among the columns it inserts. */
		if (count_of(stmt_sql(s), "bureau_id") < tables) {
			print_error("%s names %d growing tables and bureau_id %d times\n", stmt_name(s), tables,
				count_of(stmt_sql(s), "bureau_id"));
			faults++;
		}
	}
	assert_true(checked > 50);
	assert_int_equal(faults, 0);
}

/* Every key and index of what grows begins with the bureau, so that tenants shard as they are. */
static void
every_key_begins_with_the_bureau(void **state)
{
	(void)state;
	assert_string_equal(
		side_text("SELECT coalesce(string_agg(x.indexrelid::regclass::text, ' '), '') FROM pg_class c "
				  "JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = 'bureau_id' "
				  "JOIN pg_index x ON x.indrelid = c.oid WHERE c.relnamespace = '" NAMESPACE "'::regnamespace "
				  /* An inverted index has no first key: there the bureau is among what it holds. */
				  "AND x.indkey[0] <> k.attnum AND pg_get_indexdef(x.indexrelid) !~ 'USING gin .*bureau_id'"),
		"");
	assert_string_equal(
		side_text("SELECT coalesce(string_agg(conrelid::regclass::text || '.' || conname, ' '), '') "
				  "FROM pg_constraint f JOIN pg_attribute k ON k.attrelid = f.confrelid AND k.attname = 'bureau_id' "
				  "WHERE f.contype = 'f' AND f.connamespace = '" NAMESPACE "'::regnamespace "
				  "AND f.confkey[1] <> k.attnum"),
		"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fresh_schema_is_applied_once),
		cmocka_unit_test(upgrading_the_oldest_equals_a_fresh_one),
		cmocka_unit_test(two_upgrades_at_once_take_turns),
		cmocka_unit_test(a_migration_that_fails_leaves_nothing),
		cmocka_unit_test(the_check_names_the_command),
		cmocka_unit_test(partitions_hold_their_months),
		cmocka_unit_test(names_are_masked),
		cmocka_unit_test(every_statement_prepares),
		cmocka_unit_test(every_statement_on_a_growing_table_names_the_bureau),
		cmocka_unit_test(every_key_begins_with_the_bureau),
	};

	return cmocka_run_group_tests(tests, open_empty, close_schema);
}
