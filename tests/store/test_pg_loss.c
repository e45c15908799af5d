/* The connection lost in every way, and what the command line does with it, against a real PostgreSQL. */
#include <sys/socket.h>
#include <sys/un.h>
#include "tests/lib/folder.h"
#include "tests/store/pg_told.h"

/* Ends the backend once it is busy sleeping, so that the cut comes in the middle. */
static void
end_backend_in_sleep(struct pg *pg)
{
	char sql[300];
	int pid = PQbackendPID(pg->conn);

	snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND wait_event = 'PgSleep'", pid);
	for (;;) {
		event_base_loop(base, EVLOOP_NONBLOCK);
		if (side_number(sql) == 1)
			break;
	}
	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)::int", pid);
	assert_int_equal(side_number(sql), 1);
}

static void
a_backend_that_is_ended_fails_every_batch_once(void **state)
{
	struct pg *pg = open_pg();
	struct told a = {0}, asleep = {0}, behind = {0}, open = {0}, after = {0};
	struct pg_batch *b, *filling;

	(void)state;
	side_do("TRUNCATE pg_test CASCADE");
	b = pg_batch_begin(pg, true, &a, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (1, 'a')");
	pg_batch_commit(b);
	b = pg_batch_begin(pg, true, &asleep, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (2, 'b')");
	pg_batch_add_sql(b, "SELECT pg_sleep(60)");
	add_echo(b, 1);
	pg_batch_commit(b);
	b = pg_batch_begin(pg, true, &behind, on_result, on_end);
	add_echo(b, 1);
	pg_batch_commit(b);
	filling = pg_batch_begin(pg, true, &open, on_result, on_end);
	add_echo(filling, 1);
	end_backend_in_sleep(pg);
	until(&open.ends, 1);
	assert_false(pg_ready(pg));
	assert_null(pg_batch_begin(pg, true, &after, on_result, on_end));
	assert_int_equal(pg_run(pg, STMT_PING, NULL, &after, on_result, on_end), -1);
	assert_string_equal(a.error, "");
	assert_int_equal(asleep.ends, 1);
	assert_string_equal(asleep.sqlstate, "");
	assert_non_null(strstr(asleep.error, "terminating connection"));
	assert_int_equal(asleep.results, 1);
	assert_int_equal(asleep.nulls, 2);
	assert_int_equal(behind.ends, 1);
	assert_string_equal(behind.sqlstate, "");
	assert_int_equal(behind.nulls, 1);
	assert_int_equal(open.nulls, 1);
	assert_int_equal(after.ends, 0);
	assert_int_equal(seen.down, 1);
	until(&seen.ready, 2);
	b = pg_batch_begin(pg, true, &after, on_result, on_end);
	add_echo(b, 4);
	pg_batch_commit(b);
	until(&after.ends, 1);
	assert_string_equal(after.error, "");
	assert_int_equal(after.last, 4);
	assert_int_equal(side_number("SELECT sum(id) FROM pg_test"), 1);
	pg_free(pg);
}

static void
phase_stay(void *arg, struct pg_batch *b)
{
	struct told *t = arg;

	(void)b;
	t->phases++;
}

static void
a_loss_between_phases_ends_the_batch(void **state)
{
	struct pg *pg = open_pg();
	struct told t = {0};
	struct pg_batch *b = pg_batch_begin(pg, true, &t, on_result, on_end);
	char sql[100];

	(void)state;
	add_echo(b, 1);
	pg_batch_flush(b, phase_stay);
	until(&t.phases, 1);
	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)::int", PQbackendPID(pg->conn));
	assert_int_equal(side_number(sql), 1);
	until(&t.ends, 1);
	assert_int_equal(t.phases, 1);
	assert_string_equal(t.sqlstate, "");
	until(&seen.ready, 2);
	pg_free(pg);
}

static void
cluster(const char *verb, const char *more)
{
	const char *folder = getenv("HUIZHI_TEST_CLUSTER");
	char command[400];

	assert_non_null(folder);
	snprintf(command, sizeof command, "tools/cluster %s '%s' %s >/dev/null", verb, folder, more);
	assert_int_equal(system(command), 0);
}

static void
a_server_that_crashes_is_found_again(void **state)
{
	struct pg *pg;
	struct told t = {0}, after = {0};
	struct pg_batch *b;
	int ready;

	(void)state;
	if (getenv("HUIZHI_TEST_CLUSTER") == NULL)
		skip();
	pg = open_pg();
	b = pg_batch_begin(pg, true, &t, on_result, on_end);
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (1000, 'crash')");
	pg_batch_add_sql(b, "SELECT pg_sleep(60)");
	pg_batch_commit(b);
	event_base_loop(base, EVLOOP_NONBLOCK);
	cluster("stop", "--immediate");
	until(&t.ends, 1);
	assert_string_equal(t.sqlstate, "");
	until(&seen.down, 2); /* and at least one attempt that finds nobody */
	ready = seen.ready;
	cluster("start", "fsync=off");
	PQreset(side);
	until(&seen.ready, ready + 1);
	b = pg_batch_begin(pg, true, &after, on_result, on_end);
	add_echo(b, 4);
	pg_batch_commit(b);
	until(&after.ends, 1);
	assert_string_equal(after.error, "");
	assert_int_equal(side_number("SELECT count(*) FROM pg_test WHERE id = 1000"), 0);
	pg_free(pg);
}

static void
a_deadline_cuts_what_is_in_flight(void **state)
{
	struct pg *pg = open_pg();
	struct told t = {0}, quiet = {0}, open = {0}, waits = {0}, after = {0};
	struct pg_batch *b;

	(void)state;
	/* Never sent: ends alone, the connection stays. */
	b = pg_batch_begin(pg, true, &quiet, on_result, on_end);
	add_echo(b, 1);
	pg_batch_deadline(b, 1);
	until(&quiet.ends, 1);
	assert_string_equal(quiet.sqlstate, "57014");
	assert_int_equal(quiet.nulls, 1);
	assert_true(pg_ready(pg));
	/* Forgotten between phases: rolled back, the connection stays and serves who waited. */
	b = pg_batch_begin(pg, true, &open, on_result, on_end);
	add_echo(b, 1);
	pg_batch_deadline(b, 1);
	pg_batch_flush(b, phase_stay);
	b = pg_batch_begin(pg, true, &waits, on_result, on_end);
	add_echo(b, 2);
	pg_batch_commit(b);
	until(&waits.ends, 1);
	assert_string_equal(open.sqlstate, "57014");
	assert_int_equal(open.ends, 1);
	assert_string_equal(waits.error, "");
	assert_int_equal(seen.down, 0);
	/* In flight: the connection goes. The connection's own deadline is as good as the batch's. */
	pg_deadline(pg, 1);
	b = pg_batch_begin(pg, true, &t, on_result, on_end);
	pg_batch_add_sql(b, "SELECT pg_sleep(60)");
	pg_batch_commit(b);
	until(&t.ends, 1);
	assert_string_equal(t.sqlstate, "");
	assert_string_equal(t.error, "no answer from the database within 1 s");
	assert_int_equal(seen.down, 1);
	until(&seen.ready, 2);
	b = pg_batch_begin(pg, false, &after, on_result, on_end);
	add_echo(b, 3);
	pg_batch_commit(b);
	until(&after.ends, 1);
	assert_int_equal(after.last, 3);
	pg_free(pg);
}

static void
notifications_come_on_every_connection(void **state)
{
	struct pg *pg;
	struct told t = {0};
	char sql[100];

	(void)state;
	memset(&seen, 0, sizeof seen);
	pg = pg_new(base, conninfo, &owner);
	pg_listen(pg, "early");
	until(&seen.ready, 1);
	side_do("SELECT pg_notify('early', 'one')");
	until(&seen.notified, 1);
	assert_string_equal(seen.channel, "early");
	assert_string_equal(seen.payload, "one");
	pg_listen(pg, "Late \"channel\"");
	pg_listen(pg, "Late \"channel\"");
	/* Behind the LISTEN in the queue: when it has ended, we listen. */
	pg_batch_commit(pg_batch_begin(pg, false, &t, on_result, on_end));
	until(&t.ends, 1);
	side_do("SELECT pg_notify('Late \"channel\"', 'two')");
	until(&seen.notified, 2);
	assert_string_equal(seen.payload, "two");
	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 5000)::int", PQbackendPID(pg->conn));
	assert_int_equal(side_number(sql), 1);
	until(&seen.ready, 2);
	side_do("SELECT pg_notify('Late \"channel\"', 'three'), pg_notify('early', 'four')");
	until(&seen.notified, 4);
	assert_string_equal(seen.payload, "four");
	pg_free(pg);
}

/* A host that accepts and says nothing, and one that is not there, ahead of the one that works. */
static void
another_host_is_tried(void **state)
{
	char folder[90], line[600];
	const char *rest = strstr(conninfo, "host=");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct pg *pg;
	const char *error;

	(void)state;
	assert_non_null(rest);
	assert_int_equal(folder_make(folder, sizeof folder, "mute"), 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 5), 0);

	snprintf(line, sizeof line, "connect_timeout=1 host=/nowhere,%s", rest + strlen("host="));
	pg = pg_open_wait(base, line, 20, &error);
	if (pg == NULL)
		fail_msg("%s", error);
	pg_free(pg);

	snprintf(line, sizeof line, "connect_timeout=1 host=%s,%s", folder, rest + strlen("host="));
	memset(&seen, 0, sizeof seen);
	pg = pg_new(base, line, &owner);
	until(&seen.ready, 1);
	assert_int_equal(seen.down, 1);
	pg_free(pg);

	snprintf(line, sizeof line, "connect_timeout=1 host=%s dbname=x", folder);
	assert_null(pg_open_wait(base, line, 20, &error));
	assert_non_null(strstr(error, "no answer from the database"));
	assert_null(pg_open_wait(base, "host=/nowhere dbname=x", 20, &error));
	assert_non_null(strstr(error, "/nowhere"));
	assert_null(pg_open_wait(base, "hots=typo", 20, &error));
	assert_non_null(strstr(error, "hots"));
	close(fd);
	unlink(address.sun_path);
	rmdir(folder);
}

static void
a_primary_that_became_read_only_is_left(void **state)
{
	struct pg *pg = open_pg();
	struct told t = {0};
	struct pg_batch *b = pg_batch_begin(pg, true, &t, on_result, on_end);

	(void)state;
	pg_batch_add_sql(b, "SET TRANSACTION READ ONLY");
	pg_batch_add_sql(b, "INSERT INTO pg_test VALUES (2000, 'x')");
	pg_batch_commit(b);
	until(&t.ends, 1);
	assert_string_equal(t.sqlstate, "25006");
	until(&seen.ready, 2);
	assert_int_equal(seen.down, 1);
	pg_free(pg);
}

/* ---- Freeing, waiting, raw ---- */

static void
free_in_end(void *arg, const char *error, const char *sqlstate)
{
	struct told *t = arg;

	(void)error, (void)sqlstate;
	t->ends++;
	pg_free(t->again);
}

static void
freeing_ends_every_batch(void **state)
{
	struct pg *pg = open_pg();
	struct told a = {0}, b = {0}, c = {0};
	struct pg_batch *x;

	(void)state;
	x = pg_batch_begin(pg, true, &a, on_result, on_end);
	add_echo(x, 1);
	pg_batch_commit(x);
	pg_batch_begin(pg, true, &b, on_result, on_end);
	pg_free(pg);
	assert_int_equal(a.ends, 1);
	assert_int_equal(a.nulls, 1);
	assert_int_equal(b.ends, 1);
	/* From a callback, with others waiting. */
	memset(&b, 0, sizeof b);
	pg = open_pg();
	c.again = pg;
	x = pg_batch_begin(pg, true, &c, on_result, free_in_end);
	add_echo(x, 1);
	pg_batch_commit(x);
	x = pg_batch_begin(pg, true, &b, on_result, on_end);
	add_echo(x, 1);
	pg_batch_commit(x);
	until(&b.ends, 1);
	assert_int_equal(c.ends, 1);
	assert_non_null(strstr(b.error, "closed"));
	/* Before it ever connected. */
	pg_free(pg_new(base, conninfo, NULL));
}

static void
the_command_line_waits(void **state)
{
	const char *error = NULL;
	struct pg *pg = pg_open_wait(base, conninfo, 20, &error);
	struct pg_params *p = pg_params_new();
	PGresult *res;
	PGconn *raw;

	(void)state;
	assert_non_null(pg);
	pg_param_int(p, 42);
	res = pg_run_wait(pg, STMT_PING, p, &error);
	assert_non_null(res);
	assert_string_equal(PQgetvalue(res, 0, 0), "42");
	PQclear(res);
	pg_params_reset(p);
	pg_param_text(p, "no number");
	assert_null(pg_run_wait(pg, STMT_PING, p, &error));
	assert_non_null(strstr(error, "no number"));
	raw = pg_raw_begin(pg);
	assert_non_null(raw);
	assert_false(pg_ready(pg));
	res = PQexec(raw, "SELECT 1; SELECT 2");
	assert_string_equal(PQgetvalue(res, 0, 0), "2");
	PQclear(res);
	pg_raw_end(pg);
	pg_params_reset(p);
	pg_param_int(p, 43);
	res = pg_run_wait(pg, STMT_PING, p, &error);
	assert_string_equal(PQgetvalue(res, 0, 0), "43");
	PQclear(res);
	pg_params_free(p);
	pg_free(pg);
}

/* ---- Everything at once, from a fixed seed ---- */

enum {
	SOAK = 3000
};
static struct told soak_told[SOAK];

static void
soak_phase(void *arg, struct pg_batch *b)
{
	struct told *t = arg;
	long i = t - soak_told;

	t->phases++;
	add_echo(b, i);
	if (i % 5 == 0)
		pg_batch_rollback(b);
	else if (i % 7 == 0 && t->phases < 4)
		pg_batch_flush(b, soak_phase);
	else
		pg_batch_commit(b);
}

static void
soak_ends_everything_once(void **state)
{
	struct pg *pg = open_pg();
	unsigned int seed = 20251121;
	int refused = 0, cuts = 0;

	(void)state;
	side_do("TRUNCATE pg_test CASCADE");
	memset(soak_told, 0, sizeof soak_told);
	for (int i = 0; i < SOAK; i++) {
		bool transaction = rand_r(&seed) % 4 != 0;
		int kind = rand_r(&seed) % 10;
		struct pg_batch *b;

		if (rand_r(&seed) % 400 == 0 && pg->conn != NULL) {
			char sql[100];

			snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d)::int", PQbackendPID(pg->conn));
			side_number(sql);
			cuts++;
		}
		while ((b = pg_batch_begin(pg, transaction, &soak_told[i], on_result, on_end)) == NULL) {
			refused++;
			event_base_loop(base, EVLOOP_ONCE);
		}
		if (transaction) {
			char sql[100];

			soak_told[i].stores = 1;
			/* The row that says "committed", to be compared with what the batch was told. */
			snprintf(sql, sizeof sql, "INSERT INTO pg_test VALUES (%d, 'soak')", i);
			pg_batch_add_sql(b, sql);
		}
		for (int k = rand_r(&seed) % 20; k > 0; k--)
			add_echo(b, i);
		if (kind == 0)
			pg_batch_add_sql(b, "SELECT 1 / 0");
		if (kind == 1 && transaction)
			pg_batch_rollback(b);
		else if (kind < 5)
			pg_batch_flush(b, soak_phase);
		else
			pg_batch_commit(b);
		if (rand_r(&seed) % 8 == 0)
			event_base_loop(base, EVLOOP_NONBLOCK);
	}
	/* Batches with phases may end after later ones. */
	for (int i = 0; i < SOAK; i++)
		until(&soak_told[i].ends, 1);
	for (int i = 0; i < SOAK; i++) {
		char sql[100];
		long stored;

		assert_int_equal(soak_told[i].ends, 1);
		assert_int_equal(soak_told[i].out_of_order, 0);
		snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_test WHERE id = %d", i);
		stored = side_number(sql);
		if (soak_told[i].sqlstate[0] != '\0')
			assert_int_equal(stored, 0);
		else if (soak_told[i].error[0] == '\0')
			assert_int_equal(stored, soak_told[i].stores);
	}
	assert_true(cuts > 0);
	assert_true(refused > 0);
	assert_true(TAILQ_EMPTY(&pg->all));
	pg_free(pg);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_backend_that_is_ended_fails_every_batch_once),
		cmocka_unit_test(a_loss_between_phases_ends_the_batch),
		cmocka_unit_test(a_server_that_crashes_is_found_again),
		cmocka_unit_test(a_deadline_cuts_what_is_in_flight),
		cmocka_unit_test(notifications_come_on_every_connection),
		cmocka_unit_test(another_host_is_tried),
		cmocka_unit_test(a_primary_that_became_read_only_is_left),
		cmocka_unit_test(freeing_ends_every_batch),
		cmocka_unit_test(the_command_line_waits),
		cmocka_unit_test(soak_ends_everything_once),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
