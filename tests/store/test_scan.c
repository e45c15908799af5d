/* The scan against a real database: who is due, who is left out and why, once and never twice. */
#include <sys/wait.h>

#include "store/scan.h"
#include "tests/store/bulk.h"

static struct scan_counts c;

#define TODAY "2026-11-21"

static void
scan_with(struct scan_options o)
{
	const char *error;

	if (!o.bureau_id)
		o.bureau_id = 1;
	if (!o.date)
		o.date = TODAY;
	o.actor = "clock";
	if (scan_run(t.conn, &o, &c, &error) != 0)
		fail_msg("%s", error);
	/* nothing is forgotten: every licence looked at is due or left out for one reason */
	assert_true(c.reminders + c.no_mobile + c.outside_window + c.not_yet + c.answered + c.shared_phone +
					c.already_open + c.already_reminded + c.wrong_number + c.opted_out + c.language + c.trial >=
				c.licences);
}

#define SCAN(...) scan_with((struct scan_options){__VA_ARGS__})

/* A dry run first: it says the same and leaves every table as it was. */
static void
scan_both(const char *date)
{
	struct scan_counts dry;
	char before[4096];
	const char *all =
		"SELECT (SELECT count(*) FROM conversation) || ' ' || (SELECT count(*) FROM application) || ' ' ||"
		" (SELECT count(*) FROM reminder) || ' ' || (SELECT count(*) FROM worklist) || ' ' ||"
		" (SELECT count(*) FROM trail) || ' ' || (SELECT last_value FROM application_id)";

	snprintf(before, sizeof before, "%s", ask(all));
	SCAN(.date = date, .dry_run = true);
	assert_string_equal(ask(all), before);
	dry = c;
	SCAN(.date = date);
	assert_memory_equal(&dry, &c, sizeof c);
}

static void
test_groups(void **state)
{
	(void)state;
	/* one firm with three due licences and one far away, one firm without a mobile number, one far away */
	import_good("yiyuan,food,A1,甲店,13800000001,zh,,2026-12-20,,,\n"
				"yiyuan,hygiene,A2,甲店,13800000001,zh,,2026-12-01,,,\n"
				"yiyuan,food,A3,甲店,13800000001,zh,,2026-12-11,,,\n"
				"yiyuan,food,A4,甲店,13800000001,zh,,2027-06-11,,,\n"
				"yiyuan,food,B1,乙店,0533-3241234,zh,,2026-12-11,,,\n"
				"yiyuan,food,B2,无电话,,zh,,2026-12-11,,,\n"
				"yiyuan,food,C1,丙店,13800000003,en,,2028-12-11,,,\n");
	scan_both(TODAY);
	assert_int_equal(c.licences, 7);
	assert_int_equal(c.reminders, 3);
	assert_int_equal(c.conversations, 1);
	assert_int_equal(c.applications, 5);
	assert_int_equal(c.outside_window, 2);
	assert_int_equal(c.no_mobile, 2);
	assert_int_equal(c.listed, 2);
	assert_string_equal(
		ask("SELECT string_agg(number || ':' || licence_no || ':' || status || ':' || cycle, ' ' ORDER BY number)"
			" FROM application a JOIN licence l ON l.id = licence_id WHERE conversation_id IS NOT NULL"),
		"1:A2:due:expiry:2026-12-01 2:A3:due:expiry:2026-12-11 3:A1:due:expiry:2026-12-20");
	assert_string_equal(
		ask("SELECT phone || ' ' || dialog || ' ' || step || ' ' || dialog_version || ' ' || language || ' ' ||"
			" (deadline_at <= now()) || ' ' || open || ' ' || version FROM conversation"),
		"+8613800000001 renewal  0 zh true true 0");
	assert_string_equal(ask("SELECT string_agg(step::text, ' ' ORDER BY application_id) FROM reminder"), "30 30 30");
	assert_string_equal(ask("SELECT string_agg(list || '|' || phone || '|' || reason || '|' || due_on, ' ' ORDER BY "
							"phone DESC) FROM worklist"),
		"phone|+865333241234|no mobile number|2026-12-11 phone||no mobile number|2026-12-11");
	assert_string_equal(
		ask("SELECT count(*) || ' ' || count(conversation_id) || ' ' || min(kind) || ' ' || min(actor) || ' ' ||"
			" max(data->>'licence_no') FROM trail"),
		"5 3 due clock B2");

	/* again on the same day, and on the next: nothing */
	for (int i = 0; i < 2; i++) {
		scan_both(i ? "2026-11-22" : TODAY);
		assert_int_equal(c.reminders + c.conversations + c.applications + c.listed, 0);
		assert_int_equal(c.already_open, 3);
		assert_int_equal(c.no_mobile, 2);
	}
	assert_string_equal(ask("SELECT count(*) FROM worklist"), "2");
}

/* The days at both ends of the window, and of the first reminder. */
static void
test_edges(void **state)
{
	static const struct {
		const char *day;
		int reminders, not_yet, outside, step;
	} days[] = {
		{"2026-09-01", 0, 0, 1, 0},	 /* 91 days before 2026-12-01 */
		{"2026-09-02", 0, 1, 0, 0},	 /* 90: the window opens, the first reminder is for 30 */
		{"2026-10-31", 0, 1, 0, 0},	 /* 31 */
		{"2026-11-01", 1, 0, 0, 30}, /* 30 */
		{"2026-11-23", 1, 0, 0, 30}, /* 8 */
		{"2026-11-24", 1, 0, 0, 7},	 /* 7 */
		{"2026-12-01", 1, 0, 0, 7},	 /* the last day */
		{"2026-12-02", 0, 0, 1, 0},	 /* over */
	};

	(void)state;
	for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
		bulk_empty(NULL);
		import_good("yiyuan,food,A1,甲店,13800000001,zh,,2026-12-01,,,\n");
		scan_both(days[i].day);
		assert_int_equal(c.reminders, days[i].reminders);
		assert_int_equal(c.not_yet, days[i].not_yet);
		assert_int_equal(c.outside_window, days[i].outside);
		if (days[i].reminders) {
			char step[16];
			snprintf(step, sizeof step, "%d", days[i].step);
			assert_string_equal(ask("SELECT step FROM reminder"), step);
		}
	}
	/* a window that goes on after the expiry day, with a reminder on the day itself */
	bulk_empty(NULL);
	import_good("yiyuan,hygiene,A1,甲店,13800000001,zh,,2026-12-01,,,\n");
	scan_both("2026-12-12");
	assert_int_equal(c.outside_window, 1);
	scan_both("2026-12-11");
	assert_int_equal(c.reminders, 1);
	assert_string_equal(ask("SELECT step FROM reminder"), "0");
}

/* A later step reaches only those who have not answered and with whom nobody talks. */
static void
test_steps(void **state)
{
	(void)state;
	import_good("yiyuan,food,A1,甲店,13800000001,zh,,2026-12-01,,,\n"
				"yiyuan,food,B1,乙店,13800000002,zh,,2026-12-01,,,\n"
				"yiyuan,food,C1,丙店,13800000003,zh,,2026-12-01,,,\n");
	scan_both("2026-11-01");
	assert_int_equal(c.reminders, 3);
	/* A: the talk ended without an answer; B: answered; C: still talking */
	sql("UPDATE conversation SET open = false WHERE phone <> '+8613800000003'");
	sql("UPDATE application SET status = 'reminded'");
	sql("UPDATE application SET status = 'declined' FROM licence l WHERE l.id = licence_id AND licence_no = 'B1'");
	scan_both("2026-11-10");
	assert_int_equal(c.reminders, 0);
	assert_int_equal(c.already_reminded, 1);
	assert_int_equal(c.answered, 1);
	assert_int_equal(c.already_open, 1);
	scan_both("2026-11-24");
	assert_int_equal(c.reminders, 1);
	assert_int_equal(c.applications, 0);
	assert_int_equal(c.already_reminded, 0);
	assert_string_equal(
		ask("SELECT string_agg(r.step || ':' || (r.conversation_id = a.conversation_id), ' ' ORDER BY r.step)"
			" FROM application a JOIN licence l ON l.id = licence_id JOIN reminder r ON r.application_id = a.id"
			" WHERE licence_no = 'A1'"),
		"7:true 30:false");
	assert_string_equal(ask("SELECT count(*) FROM application"), "3");
	/* renewed: the next cycle is another application */
	import_good("yiyuan,food,B1,乙店,13800000002,zh,,2031-12-01,,,\n");
	scan_both("2031-11-20");
	assert_int_equal(c.reminders, 1);
	assert_string_equal(
		ask("SELECT count(*) FROM application a JOIN licence l ON l.id = licence_id WHERE licence_no = 'B1'"), "2");
}

static void
test_left_out(void **state)
{
	(void)state;
	import_good("yiyuan,food,A1,甲店,13800000001,zh,,2026-12-01,,,\n"
				"yiyuan,food,B1,乙店,13800000002,zh,,2026-12-01,,,\n"
				"yiyuan,troupe,C1,丙剧团,13800000003,en,,2026-12-01,,,\n"
				"yiyuan,food,D1,丁店,13800000004,zh,,2026-12-05,,,\n"
				"yiyuan,food,D2,丁店隔壁,13800000004,zh,,2026-12-01,,,\n"
				"yiyuan,troupe,E1,戊店,13800000005,zh,,2026-12-10,,,\n"
				"yiyuan,food,E2,戊店,13800000005,zh,,2026-12-01,,,\n");
	sql("INSERT INTO suppression VALUES (1, '+8613800000001', 'opt_out'), (1, '+8613800000002', 'not_me'),"
		" (2, '+8613800000005', 'opt_out')");
	scan_both(TODAY);
	assert_int_equal(c.reminders, 2); /* D2 and E2: the more urgent ones */
	assert_int_equal(c.opted_out, 1);
	assert_int_equal(c.wrong_number, 1);
	assert_int_equal(c.language, 1);
	assert_int_equal(c.shared_phone, 1);
	assert_int_equal(c.already_open, 1);
	assert_string_equal(ask("SELECT string_agg(licence_no, ' ' ORDER BY licence_no) FROM application a JOIN licence l"
							" ON l.id = licence_id"),
		"D2 E2");
	scan_both(TODAY);
	assert_int_equal(c.reminders, 0);
	assert_int_equal(c.shared_phone, 1);
	assert_int_equal(c.already_open, 3);
	/* when the talk is over, those who waited have their turn */
	sql("UPDATE conversation SET open = false");
	sql("UPDATE application SET status = 'declined'");
	scan_both("2026-11-25");
	assert_int_equal(c.reminders, 2);
	assert_int_equal(c.answered, 2);
	assert_string_equal(ask("SELECT count(*) || ' ' || count(DISTINCT phone) FROM conversation WHERE open"), "2 2");
}

static void
test_filters(void **state)
{
	(void)state;
	import_good("yiyuan,food,A1,甲店,13800000001,zh,,2026-12-01,,,餐饮;学校\n"
				"yiyuan,food,B1,乙店,13800000002,en,,2026-12-01,,,餐饮\n"
				"yiyuan,hygiene,C1,丙店,13800000003,zh,,2026-12-01,,,学校\n"
				"qingdao,food,Q1,青店,13800000001,zh,,2026-12-01,,,餐饮\n");
	SCAN(.dry_run = true, .tag = "学校");
	assert_int_equal(c.reminders, 2);
	SCAN(.dry_run = true, .tag = "学校", .item = "food");
	assert_int_equal(c.reminders, 1);
	SCAN(.dry_run = true, .language = "en");
	assert_int_equal(c.reminders, 1);
	SCAN(.dry_run = true, .bureau_id = 2);
	assert_int_equal(c.reminders, 1);
	sql("INSERT INTO campaign (bureau_id, name, item_code, tag, on_date, status, created_by)"
		" VALUES (1, '秋季', 'food', '学校', '2026-11-25', 'running', 'test')");
	{
		struct scan_campaign campaign;
		const char *error;

		assert_int_equal(scan_campaign(t.conn, 1, 1, &campaign, &error), 0);
		assert_string_equal(campaign.item, "food");
		assert_string_equal(campaign.language, "");
		assert_string_equal(campaign.date, "2026-11-25");
		assert_int_equal(scan_campaign(t.conn, 2, 1, &campaign, &error), -1);
		SCAN(.tag = "学校", .item = "food", .campaign_id = 1);
		assert_string_equal(
			ask("SELECT string_agg(phone || ':' || campaign_id, ' ') FROM conversation"), "+8613800000001:1");
	}
	/* an item that is no longer in the configuration is not reminded of */
	sql("UPDATE item SET active = false WHERE code = 'hygiene'");
	SCAN(.dry_run = true);
	assert_int_equal(c.outside_window, 1);
	sql("UPDATE item SET active = true");
}

static void
test_many_on_one_phone(void **state)
{
	char *rows = NULL;
	size_t len;
	FILE *out = open_memstream(&rows, &len);

	(void)state;
	for (int i = 0; i < 70; i++)
		fprintf(out, "yiyuan,food,N%02d,连锁总店,13800000001,zh,,2026-12-%02d,,,\n", i, i % 10 + 1);
	fclose(out);
	import_good(rows);
	free(rows);
	scan_both(TODAY);
	assert_int_equal(c.reminders, 64);
	assert_int_equal(c.conversations, 1);
	assert_int_equal(c.already_open, 6);
	assert_string_equal(ask("SELECT count(DISTINCT number) || ' ' || max(number) FROM application"), "64 64");
}

/* Changes in the register: the licences of change items that answer to the field, once for each day. */
static void
test_register(void **state)
{
	(void)state;
	import_good("qingdao,grain-change,L1,甲公司,13800000001,,,,91350100M000100Y43,,\n"
				"qingdao,water-change,L2,甲公司,13800000001,,,,91350100M000100Y43,,\n"
				"qingdao,grain-change,L3,乙公司,13800000002,,,,,,\n"
				"qingdao,food,L4,甲公司,13800000001,,,2030-12-01,91350100M000100Y43,,\n");
	put_file(t.file, "bureau,licence_no,id_number,changed_on,field,old,new\n"
					 "qingdao,,91350100M000100Y43,2026-11-10,name,甲,新甲\n"
					 "qingdao,,91350100M000100Y43,2026-11-10,address,旧,新\n"
					 "qingdao,L3,,2026-10-21,name,乙,新乙\n");
	assert_int_equal(import_as(BULK_CHANGES, false), 0);
	/* L1 answers to any field: one application for the day; L2 only to the representative; L3's 30 days were over */
	SCAN(.bureau_id = 2);
	assert_int_equal(c.reminders, 1);
	assert_int_equal(c.outside_window, 3);
	assert_string_equal(ask("SELECT licence_no || ' ' || (cycle = 'change:' || (SELECT min(id) FROM register_change r "
							"WHERE r.holder_id = a.holder_id)) || ' ' ||"
							" (SELECT step FROM reminder) FROM application a JOIN licence l ON l.id = licence_id"),
		"L1 true 30");
	SCAN(.bureau_id = 2);
	assert_int_equal(c.reminders, 0);
	assert_int_equal(c.already_open, 1);
	SCAN(.bureau_id = 2, .date = "2026-11-20", .dry_run = true);
	assert_int_equal(c.reminders, 1); /* L3 on its last day */
	SCAN(.bureau_id = 2, .date = "2026-10-20", .dry_run = true);
	assert_int_equal(c.reminders, 0); /* before it happened */
	/* another change of another day is another application */
	put_file(t.file, "bureau,licence_no,id_number,changed_on,field,old,new\n"
					 "qingdao,,91350100M000100Y43,2026-11-15,legal_representative,张三,李四\n");
	assert_int_equal(import_as(BULK_CHANGES, false), 0);
	sql("UPDATE conversation SET open = false");
	sql("UPDATE application SET status = 'collected'");
	SCAN(.bureau_id = 2);
	assert_int_equal(c.reminders, 2);
	assert_int_equal(c.conversations, 1);
	assert_int_equal(c.answered, 1);
}

/* Small steps give what one large step gives, and a stop between two of them loses nothing. */
static volatile sig_atomic_t stop;

static void
stop_now(void *arg, int64_t done, int64_t all)
{
	(void)all;
	assert_true(done <= all);
	if (++*(int *)arg == 3)
		stop = 1;
}

static void
test_small_steps(void **state)
{
	int calls = 0;
	char *rows = NULL;
	const char *error;
	size_t len;
	FILE *out = open_memstream(&rows, &len);
	struct scan_options o = {.bureau_id = 1,
		.date = TODAY,
		.actor = "clock",
		.step = 3,
		.stop = &stop,
		.on_progress = stop_now,
		.arg = &calls};

	(void)state;
	for (int i = 0; i < 50; i++)
		fprintf(
			out, "yiyuan,food,N%02d,第%d店,%s%02d,zh,,2026-12-01,,,\n", i, i, i % 5 ? "138000000" : "0533-32412", i);
	fclose(out);
	import_good(rows);
	free(rows);
	stop = 0;
	assert_int_equal(scan_run(t.conn, &o, &c, &error), -1);
	assert_non_null(strstr(error, "stopped"));
	assert_int_equal(c.reminders, 9);
	stop = 0;
	o.stop = NULL;
	assert_int_equal(scan_run(t.conn, &o, &c, &error), 0);
	assert_int_equal(c.reminders, 31);
	assert_int_equal(c.already_open, 9);
	assert_int_equal(c.listed, 10);
	assert_string_equal(
		ask("SELECT count(*) || ' ' || (SELECT count(*) FROM reminder) || ' ' || (SELECT count(*) FROM conversation)"
			" FROM application"),
		"50 40 40");
}

/* Two scans at once: each phone is taken by one of them. */
static void
test_two_at_once(void **state)
{
	char *rows = NULL;
	size_t len;
	FILE *out = open_memstream(&rows, &len);
	int64_t found = -1;
	int pipes[2], status;
	pid_t child;

	(void)state;
	for (int i = 0; i < 4000; i++)
		fprintf(out, "yiyuan,food,N%04d,第%d店,1380000%04d,zh,,2026-12-01,,,\n", i, i, i);
	fclose(out);
	import_good(rows);
	free(rows);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		PGconn *other = PQconnectdb(getenv("HUIZHI_TEST_DB"));
		const char *error;
		struct scan_options o = {.bureau_id = 1, .date = TODAY, .actor = "clock", .step = 200};
		struct scan_counts counts;
		int64_t told = scan_run(other, &o, &counts, &error) != 0 ? -1 : counts.reminders;

		_exit(write(pipes[1], &told, sizeof told) != sizeof told);
	}
	SCAN(.step = 200);
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &found, sizeof found), sizeof found);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(pipes[0]);
	assert_true(found >= 0);
	assert_int_equal(c.reminders + found, 4000);
	assert_string_equal(ask("SELECT count(*) || ' ' || count(DISTINCT conversation_id) FROM application"), "4000 4000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_groups, bulk_empty),
		cmocka_unit_test_setup(test_edges, bulk_empty),
		cmocka_unit_test_setup(test_steps, bulk_empty),
		cmocka_unit_test_setup(test_left_out, bulk_empty),
		cmocka_unit_test_setup(test_filters, bulk_empty),
		cmocka_unit_test_setup(test_many_on_one_phone, bulk_empty),
		cmocka_unit_test_setup(test_register, bulk_empty),
		cmocka_unit_test_setup(test_small_steps, bulk_empty),
		cmocka_unit_test_setup(test_two_at_once, bulk_empty),
	};
	return cmocka_run_group_tests(tests, bulk_setup, bulk_teardown);
}
