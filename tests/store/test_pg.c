/* Batches over one connection, against a real PostgreSQL: order, errors, phases, size. */
#include <dlfcn.h>
#include "tests/store/pg_told.h"

static int full; /* so many times PQflush finds the socket full; the server has emptied it when somebody looks again */

/* NOLINTNEXTLINE(readability-identifier-naming): in libpq's place */
int
PQflush(PGconn *conn)
{
	static int (*real)(PGconn *);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "PQflush");
	if (full > 0) {
		full--;
		return 1;
	}
	return real(conn);
}

static void
many_batches_answer_in_order(void **state)
{
	struct pg *pg = open_pg();
	struct told told[300] = {0};

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct pg_batch *b = pg_batch_begin(pg, i % 3 != 0, &told[i], on_result, on_end);

		for (int k = 0; k <= i % 7; k++)
			add_echo(b, i * 10 + k);
		pg_batch_commit(b);
		assert_int_equal(told[i].ends, 0); /* never from inside a call */
	}
	until(&told[299].ends, 1);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(told[i].ends, 1);
		assert_int_equal(told[i].results, i % 7 + 1);
		assert_int_equal(told[i].out_of_order + told[i].nulls, 0);
		assert_int_equal(told[i].last, i * 10 + i % 7);
		assert_string_equal(told[i].error, "");
	}
	pg_free(pg);
}

static void
an_empty_batch_ends(void **state)
{
	struct pg *pg = open_pg();
	struct told a = {0}, b = {0};

	(void)state;
	pg_batch_commit(pg_batch_begin(pg, true, &a, on_result, on_end));
	pg_batch_commit(pg_batch_begin(pg, false, &b, on_result, on_end));
	until(&b.ends, 1);
	assert_int_equal(a.ends, 1);
	assert_string_equal(a.error, "");
	assert_int_equal(a.results + a.nulls, 0);
	pg_free(pg);
}

static void
an_error_undoes_its_batch_and_no_other(void **state)
{
	struct pg *pg = open_pg();
	struct told a = {0}, bad = {0}, c = {0};
	struct pg_batch *b;

	(void)state;
	side_do("TRUNCATE pg_test CASCADE");
	b = pg_batch_begin(pg, true, &a, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (1, 'a')");
	pg_batch_commit(b);
	b = pg_batch_begin(pg, true, &bad, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (2, 'bad')");
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (1, 'twice')");
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (3, 'after')");
	add_echo(b, 5);
	pg_batch_commit(b);
	b = pg_batch_begin(pg, true, &c, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (4, 'c')");
	add_echo(b, 6);
	pg_batch_commit(b);
	until(&c.ends, 1);
	assert_string_equal(a.error, "");
	assert_int_equal(bad.ends, 1);
	assert_string_equal(bad.sqlstate, "23505");
	assert_non_null(strstr(bad.error, "duplicate key"));
	assert_int_equal(bad.results, 1);
	assert_int_equal(bad.nulls, 3);
	assert_int_equal(bad.out_of_order, 0);
	assert_string_equal(c.error, "");
	assert_int_equal(c.last, 6);
	assert_int_equal(side_number("SELECT sum(id) FROM pg_test"), 5);
	pg_free(pg);
}

static void
without_a_transaction_each_statement_stands_alone(void **state)
{
	struct pg *pg = open_pg();
	struct told t = {0};
	struct pg_batch *b;

	(void)state;
	side_do("TRUNCATE pg_test CASCADE");
	b = pg_batch_begin(pg, false, &t, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (1, 'a')");
	pg_batch_add_sql(b, "SELECT 1 / 0");
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (2, 'b')");
	pg_batch_commit(b);
	until(&t.ends, 1);
	assert_string_equal(t.sqlstate, "22012");
	assert_int_equal(t.results, 2);
	assert_int_equal(t.nulls, 1);
	assert_int_equal(side_number("SELECT sum(id) FROM pg_test"), 3);
	pg_free(pg);
}

static void
a_commit_that_fails_is_an_error(void **state)
{
	struct pg *pg = open_pg();
	struct told t = {0}, after = {0};
	struct pg_batch *b;

	(void)state;
	side_do("TRUNCATE pg_test CASCADE");
	b = pg_batch_begin(pg, true, &t, on_result, on_end);
	/* The constraint is deferred: only COMMIT finds out. */
	pg_batch_add_sql(b, "INSERT INTO pg_test_child VALUES (1, 99)");
	pg_batch_commit(b);
	b = pg_batch_begin(pg, true, &after, on_result, on_end);
	add_echo(b, 3);
	pg_batch_commit(b);
	until(&after.ends, 1);
	assert_int_equal(t.results, 1);
	assert_string_equal(t.sqlstate, "23503");
	assert_string_equal(after.error, "");
	/* The same outside a transaction: the commit comes with the synchronisation. */
	memset(&t, 0, sizeof t);
	b = pg_batch_begin(pg, false, &t, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test_child VALUES (1, 99)");
	pg_batch_commit(b);
	until(&t.ends, 1);
	assert_string_equal(t.sqlstate, "23503");
	assert_int_equal(side_number("SELECT count(*) FROM pg_test_child"), 0);
	pg_free(pg);
}

static void
a_statement_that_could_not_be_prepared_is_tried_anew(void **state)
{
	struct pg *pg = open_pg();
	struct told a = {0}, b = {0}, c = {0}, d = {0};
	struct pg_batch *x;

	(void)state;
	side_do("DROP TABLE IF EXISTS schema_version");
	assert_int_equal(pg_run(pg, STMT_SCHEMA_VERSION, NULL, &a, on_result, on_end), 0);
	until(&a.ends, 1);
	assert_string_equal(a.sqlstate, "42P01");
	/* Without a transaction it takes nothing with it. */
	x = pg_batch_begin(pg, false, &d, on_result, on_end);
	add_echo(x, 8);
	pg_batch_add(x, STMT_SCHEMA_VERSION, NULL);
	pg_batch_commit(x);
	until(&d.ends, 1);
	assert_string_equal(d.sqlstate, "42P01");
	assert_int_equal(d.results, 1);
	assert_int_equal(d.last, 8);
	side_do("CREATE TABLE schema_version (version integer, name text, applied_at timestamptz)");
	/* A failure ahead of it in the same batch must not leave it half prepared either. */
	x = pg_batch_begin(pg, true, &b, on_result, on_end);
	pg_batch_add_sql(x, "SELECT 1 / 0");
	pg_batch_add(x, STMT_SCHEMA_VERSION, NULL);
	pg_batch_commit(x);
	pg_run(pg, STMT_SCHEMA_VERSION, NULL, &c, on_result, on_end);
	until(&c.ends, 1);
	assert_string_equal(b.sqlstate, "22012");
	assert_string_equal(c.error, "");
	assert_int_equal(c.results, 1);
	side_do("DROP TABLE schema_version");
	pg_free(pg);
}

static void
a_prepared_statement_that_vanished_comes_back(void **state)
{
	struct pg *pg = open_pg();
	struct told a = {0}, b = {0};
	struct pg_batch *x;

	(void)state;
	x = pg_batch_begin(pg, false, &a, on_result, on_end);
	add_echo(x, 1);
	pg_batch_add_sql(x, "DEALLOCATE ALL");
	add_echo(x, 2);
	pg_batch_commit(x);
	until(&a.ends, 1);
	assert_string_equal(a.sqlstate, "26000");
	x = pg_batch_begin(pg, true, &b, on_result, on_end);
	add_echo(x, 3);
	pg_batch_commit(x);
	until(&b.ends, 1);
	assert_string_equal(b.error, "");
	assert_int_equal(b.last, 3);
	pg_free(pg);
}

/* ---- Phases ---- */

static void
phase_save(void *arg, struct pg_batch *b)
{
	struct told *t = arg;

	t->phases++;
	add_echo(b, t->last + 100);
	if (t->phases == 1)
		pg_batch_flush(b, phase_save);
	else
		pg_batch_commit(b);
}

static void
phases_keep_their_transaction_to_themselves(void **state)
{
	struct pg *pg = open_pg();
	struct told a = {0}, c = {0}, d = {0};
	struct pg_batch *b;

	(void)state;
	b = pg_batch_begin(pg, true, &a, on_result, on_end);
	add_echo(b, 1);
	pg_batch_flush(b, phase_save);
	/* Asked for meanwhile: must not run inside the open transaction. */
	b = pg_batch_begin(pg, false, &c, on_result, on_end);
	pg_batch_add_sql(b, "SELECT 1 / 0");
	pg_batch_commit(b);
	b = pg_batch_begin(pg, true, &d, on_result, on_end);
	add_echo(b, 9);
	pg_batch_flush(b, phase_save);
	until(&d.ends, 1);
	assert_int_equal(a.phases, 2);
	assert_int_equal(a.results, 3);
	assert_int_equal(a.last, 201);
	assert_int_equal(a.ends, 1);
	assert_string_equal(a.error, "");
	assert_string_equal(c.sqlstate, "22012");
	assert_int_equal(d.last, 209);
	assert_string_equal(d.error, "");
	pg_free(pg);
}

static void
phase_break(void *arg, struct pg_batch *b)
{
	struct told *t = arg;

	t->phases++;
	pg_batch_add_sql(b, "SELECT 1 / 0");
	pg_batch_flush(b, phase_break);
}

static void
phase_give_up(void *arg, struct pg_batch *b)
{
	struct told *t = arg;

	t->phases++;
	pg_batch_rollback(b);
}

static void
a_phase_that_fails_or_gives_up_is_rolled_back(void **state)
{
	struct pg *pg = open_pg();
	struct told a = {0}, g = {0}, h = {0}, i = {0}, d = {0};
	struct pg_batch *b;

	(void)state;
	side_do("TRUNCATE pg_test CASCADE");
	b = pg_batch_begin(pg, true, &a, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (1, 'a')");
	pg_batch_flush(b, phase_break);
	b = pg_batch_begin(pg, true, &g, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (2, 'g')");
	pg_batch_flush(b, phase_give_up);
	/* Given up while the phase is in flight. */
	b = pg_batch_begin(pg, true, &h, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (3, 'h')");
	pg_batch_flush(b, phase_save);
	pg_batch_rollback(b);
	/* Given up before anything was sent. */
	b = pg_batch_begin(pg, true, &i, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (4, 'i')");
	pg_batch_rollback(b);
	b = pg_batch_begin(pg, true, &d, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (5, 'd')");
	pg_batch_commit(b);
	until(&d.ends, 1);
	assert_int_equal(a.phases, 1);
	assert_string_equal(a.sqlstate, "22012");
	assert_int_equal(a.results, 1);
	assert_int_equal(a.nulls, 1);
	assert_int_equal(g.phases, 1);
	assert_string_equal(g.error, "rolled back");
	assert_int_equal(h.phases, 0);
	assert_string_equal(h.error, "rolled back");
	assert_string_equal(i.error, "rolled back");
	assert_int_equal(i.nulls, 1);
	assert_int_equal(a.ends + g.ends + h.ends + i.ends, 4);
	assert_string_equal(d.error, "");
	assert_int_equal(side_number("SELECT sum(id) FROM pg_test"), 5);
	pg_free(pg);
}

static void
phase_break_the_save(void *arg, struct pg_batch *b)
{
	struct told *t = arg;

	t->phases++;
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (7, 'save')");
	pg_batch_add_sql(b, "SELECT 1 / 0");
	pg_batch_commit(b);
	/* What comes behind it must not run inside what is open still. */
	if (t->other != NULL) {
		b = pg_batch_begin(t->again, true, t->other, on_result, on_end);
		pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (8, 'other')");
		pg_batch_commit(b);
		t->again = NULL;
	}
}

static void
a_save_that_fails_is_rolled_back_before_the_next_batch(void **state)
{
	(void)state;
	/* Alone, with another that begins behind it, with another that waits already. */
	for (int waits = 0; waits < 3; waits++) {
		struct pg *pg = open_pg();
		struct told a = {0}, c = {0}, d = {0};
		struct pg_batch *b;

		side_do("TRUNCATE pg_test CASCADE");
		a.other = waits == 1 ? &c : NULL;
		a.again = waits == 1 ? pg : NULL;
		b = pg_batch_begin(pg, true, &a, on_result, on_end);
		pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (6, 'load')");
		pg_batch_flush(b, phase_break_the_save);
		if (waits == 2) {
			b = pg_batch_begin(pg, true, &c, on_result, on_end);
			pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (8, 'other')");
			pg_batch_commit(b);
		}
		until(&a.ends, 1);
		assert_string_equal(a.sqlstate, "22012");
		assert_int_equal(a.results, 2);
		assert_int_equal(a.nulls, 1);
		b = pg_batch_begin(pg, true, &d, on_result, on_end);
		pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (9, 'next')");
		pg_batch_commit(b);
		until(&d.ends, 1);
		assert_string_equal(c.error, "");
		assert_string_equal(d.error, "");
		assert_int_equal(side_number("SELECT sum(id) FROM pg_test"), waits > 0 ? 17 : 9);
		pg_free(pg);
	}
}

/* Without going back to the loop: until the server has done what was pushed, and others do not see it. */
static void
pushed_and_unseen(int rows)
{
	int looks = 0;

	while (side_number("SELECT count(*) FROM pg_locks WHERE relation = 'pg_test'::regclass AND mode = "
					   "'RowExclusiveLock'") == 0)
		assert_true(++looks < 200000);
	assert_int_equal(side_number("SELECT count(*) FROM pg_test"), rows);
}

static void
phase_push(void *arg, struct pg_batch *b)
{
	struct told *t = arg;

	t->phases++;
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (6, 'pushed in a phase')");
	pg_batch_push(b);
	pushed_and_unseen(3);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (7, 'behind it')");
	pg_batch_commit(b);
}

static void
what_is_pushed_is_begun_and_stands_or_falls_with_the_rest(void **state)
{
	struct pg *pg = open_pg();
	struct told told[7] = {0};
	struct pg_batch *b, *c;

	(void)state;
	side_do("TRUNCATE pg_test CASCADE");
	b = pg_batch_begin(pg, true, &told[0], on_result, on_end);
	pg_batch_push(b); /* of nothing: nothing */
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (1, 'pushed')");
	pg_batch_push(b);
	pushed_and_unseen(0);
	add_echo(b, 4); /* has to be prepared behind what was pushed */
	pg_batch_push(b);
	pg_batch_push(b);
	add_echo(b, 5);
	/* Nobody else gets between. */
	c = pg_batch_begin(pg, true, &told[1], on_result, on_end);
	pg_batch_add_sql(c, "INSERT INTO pg_test VALUES (2, 'another')");
	pg_batch_push(c);
	pg_batch_commit(c);
	assert_int_equal(side_number("SELECT count(*) FROM pg_test"), 0);
	pg_batch_commit(b);
	until(&told[1].ends, 1);
	assert_string_equal(told[0].error, "");
	assert_int_equal(told[0].results, 3);
	assert_int_equal(told[0].out_of_order + told[0].nulls, 0);
	assert_int_equal(told[0].last, 5);
	assert_string_equal(told[1].error, "");
	assert_int_equal(side_number("SELECT sum(id) FROM pg_test"), 3);

	b = pg_batch_begin(pg, true, &told[2], on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (3, 'pushed')");
	pg_batch_push(b);
	pg_batch_add_sql(b, "SELECT 1 / 0");
	pg_batch_commit(b);
	b = pg_batch_begin(pg, true, &told[3], on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (4, 'pushed and given up')");
	pg_batch_push(b);
	pg_batch_rollback(b);
	/* One that has no transaction, and one before which others wait, are sent with their commit. */
	b = pg_batch_begin(pg, false, &told[4], on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (5, 'by itself')");
	pg_batch_push(b);
	pg_batch_commit(b);
	until(&told[4].ends, 1);
	assert_string_equal(told[2].sqlstate, "22012");
	assert_int_equal(told[2].results, 1);
	assert_int_equal(told[2].nulls, 1);
	assert_string_equal(told[3].error, "rolled back");
	assert_string_equal(told[4].error, "");
	assert_int_equal(side_number("SELECT sum(id) FROM pg_test"), 8);

	b = pg_batch_begin(pg, true, &told[5], on_result, on_end);
	add_echo(b, 1);
	pg_batch_flush(b, phase_push);
	until(&told[5].ends, 1);
	assert_string_equal(told[5].error, "");
	assert_int_equal(told[5].results, 3);
	assert_int_equal(side_number("SELECT sum(id) FROM pg_test"), 21);
	pg_free(pg);
}

static void
a_batch_can_begin_where_another_ends(void **state)
{
	struct pg *pg = open_pg();
	struct told a = {0}, b = {0};
	struct pg_batch *x;

	(void)state;
	a.again = pg;
	a.other = &b;
	x = pg_batch_begin(pg, true, &a, on_result, on_end);
	pg_batch_add_sql(x, "SELECT 1 / 0");
	pg_batch_commit(x);
	until(&b.ends, 1);
	assert_int_equal(b.last, 77);
	assert_string_equal(b.error, "");
	pg_free(pg);
}

/* Between two looks at it the socket is empty again: the rest is written all the same, which nothing else calls for. */
static void
a_socket_that_was_full_for_a_moment(void **state)
{
	struct pg *pg = open_pg();

	(void)state;
	for (int times = 1; times <= 3; times++) {
		struct told a = {0};
		struct pg_batch *b = pg_batch_begin(pg, true, &a, on_result, on_end);

		pg_batch_deadline(b, 20);
		for (int i = 0; i < 1000; i++)
			add_echo(b, i);
		full = times;
		pg_batch_commit(b);
		until(&a.ends, 1);
		assert_string_equal(a.error, "");
		assert_int_equal(a.results, 1000);
		assert_int_equal(a.last, 999);
		assert_int_equal(full, 0);
	}
	pg_free(pg);
}

static void
a_hundred_thousand_statements(void **state)
{
	struct pg *pg = open_pg();
	struct told a = {0}, small = {0};
	struct pg_batch *b;

	(void)state;
	b = pg_batch_begin(pg, true, &a, on_result, on_end);
	pg_batch_deadline(b, 240); /* sanitized, on a busy machine, it outlasts a turn's */
	for (int i = 0; i < 100000; i++)
		add_echo(b, i);
	pg_batch_commit(b);
	b = pg_batch_begin(pg, false, &small, on_result, on_end);
	pg_batch_deadline(b, 240);
	add_echo(b, 1);
	pg_batch_commit(b);
	until(&small.ends, 1);
	assert_int_equal(a.results, 100000);
	assert_int_equal(a.out_of_order + a.nulls, 0);
	assert_int_equal(a.last, 99999);
	assert_string_equal(a.error, "");
	pg_free(pg);
}

static void
answers_larger_than_every_buffer(void **state)
{
	struct pg *pg = open_pg();
	struct told a[20] = {0};

	(void)state;
	/* Both directions at once: the server stops reading while it cannot write, so we must read while we write. */
	for (int i = 0; i < 20; i++) {
		struct pg_batch *b = pg_batch_begin(pg, true, &a[i], on_result, on_end);
		char *sql = pg_alloc(1200100);

		snprintf(sql, 1200100, "SELECT length(repeat('x', 1000000)), repeat('y', 2000000) AS big -- %01200000d", 1);
		pg_batch_add_sql(b, sql);
		free(sql);
		pg_batch_commit(b);
	}
	until(&a[19].ends, 1);
	for (int i = 0; i < 20; i++) {
		assert_string_equal(a[i].error, "");
		assert_int_equal(a[i].results, 1);
	}
	pg_free(pg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_batches_answer_in_order),
		cmocka_unit_test(an_empty_batch_ends),
		cmocka_unit_test(an_error_undoes_its_batch_and_no_other),
		cmocka_unit_test(without_a_transaction_each_statement_stands_alone),
		cmocka_unit_test(a_commit_that_fails_is_an_error),
		cmocka_unit_test(a_statement_that_could_not_be_prepared_is_tried_anew),
		cmocka_unit_test(a_prepared_statement_that_vanished_comes_back),
		cmocka_unit_test(phases_keep_their_transaction_to_themselves),
		cmocka_unit_test(a_phase_that_fails_or_gives_up_is_rolled_back),
		cmocka_unit_test(a_save_that_fails_is_rolled_back_before_the_next_batch),
		cmocka_unit_test(what_is_pushed_is_begun_and_stands_or_falls_with_the_rest),
		cmocka_unit_test(a_batch_can_begin_where_another_ends),
		cmocka_unit_test(a_socket_that_was_full_for_a_moment),
		cmocka_unit_test(a_hundred_thousand_statements),
		cmocka_unit_test(answers_larger_than_every_buffer),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
