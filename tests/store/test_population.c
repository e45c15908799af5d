/* The made-up population of the demo, imported and scanned with the catalogue that is shipped: Yiyuan's figures. */
#define BULK_REAL_ITEMS
#include "store/scan.h"
#include "tests/store/bulk.h"

static void
make(const char *arguments)
{
	char command[400];

	snprintf(command, sizeof command, "awk -v date=2026-11-21 %s -f demo/population.awk > '%s'", arguments, t.file);
	assert_int_equal(system(command), 0);
	if (import_as(BULK_LICENCES, false) != 0)
		fail_msg("%s", t.error);
	for (size_t i = 0; i < t.r.nlist; i++)
		fail_msg("row %d %s %s", (int)t.r.list[i].row, t.r.list[i].column, t.r.list[i].text);
}

static struct scan_counts
scan(bool dry_run)
{
	struct scan_options o = {.bureau_id = 1, .date = "2026-11-21", .actor = "clock", .dry_run = dry_run};
	struct scan_counts c;
	const char *error;

	if (scan_run(t.conn, &o, &c, &error) != 0)
		fail_msg("%s", error);
	return c;
}

static void
test_yiyuan(void **state)
{
	struct scan_counts dry, c;

	(void)state;
	make("");
	assert_int_equal(t.r.counts.added, 7507);
	assert_int_equal(t.r.counts.holders_added, 6356);
	dry = scan(true);
	c = scan(false);
	assert_memory_equal(&dry, &c, sizeof c);
	assert_int_equal(c.reminders, 1793);
	assert_int_equal(c.conversations, 1326);
	assert_int_equal(c.listed, 40);
	assert_string_equal(
		ask("SELECT count(DISTINCT holder_id) FROM application WHERE conversation_id IS NOT NULL"), "1326");
	c = scan(false);
	assert_int_equal(c.reminders + c.applications + c.listed, 0);
	assert_int_equal(c.already_open, 1793);
}

/* Every shape keeps its promise: other numbers, another seed, everything due. */
static void
test_shapes(void **state)
{
	struct scan_counts c;

	(void)state;
	make("-v seed=7 -v rows=1500");
	assert_int_equal(t.r.rows, 1500);
	c = scan(true);
	assert_int_equal(c.reminders, 358);
	assert_int_equal(c.conversations, 265);
	bulk_empty(NULL);
	make("-v rows=20000 -v due=all");
	c = scan(false);
	assert_int_equal(c.reminders, 20000);
	assert_int_equal(c.conversations, t.r.counts.holders);
	assert_string_equal(ask("SELECT count(*) FROM reminder"), "20000");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_yiyuan, bulk_empty),
		cmocka_unit_test_setup(test_shapes, bulk_empty),
	};
	return cmocka_run_group_tests(tests, bulk_setup, bulk_teardown);
}
