/* The table of statuses against smpp.md's, a link's own rows before it, delays, and reasons in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/conf.h"
#include "gateway/smpp/status.h"
#include "tests/unit/gateway/conf_help.h"

/* smpp.md, "Status -> action", line by line: first and last of each range, ended by 0. */
static const struct {
	enum status_action action;
	uint32_t ranges[24][2];
} lines[] = {
	{STATUS_PAUSE, {{0x58, 0x58}, {0x14, 0x14}}},
	{STATUS_RETRY, {{0x08, 0x08}, {0x64, 0x64}, {0x45, 0x45}, {0xff, 0xff}}},
	{STATUS_REBIND, {{0x04, 0x04}, {0x02, 0x03}}},
	{STATUS_BACKOFF, {{0x05, 0x05}, {0x0d, 0x0d}}},
	{STATUS_ALARM, {{0x0e, 0x0f}, {0x53, 0x53}}},
	{STATUS_PERMANENT,
		{{0x01, 0x01}, {0x06, 0x07}, {0x0a, 0x0c}, {0x11, 0x11}, {0x13, 0x13}, {0x15, 0x15}, {0x33, 0x34}, {0x40, 0x40},
			{0x42, 0x44}, {0x48, 0x51}, {0x54, 0x55}, {0x61, 0x63}, {0x65, 0x67}, {0xc0, 0xc4}, {0xfe, 0xfe}}},
	{STATUS_UNKNOWN, {{0x400, 0x4ff}, {0x09, 0x09}, {0x10, 0x10}, {0x99, 0x99}, {0x100, 0x112}, {~0u, ~0u}}},
};

static void
every_status_has_the_action_of_its_line(void **state)
{
	size_t n = 0;

	(void)state;
	assert_int_equal(status_action(0), STATUS_OK);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		for (size_t k = 0; lines[i].ranges[k][0]; k++)
			for (uint64_t s = lines[i].ranges[k][0]; s <= lines[i].ranges[k][1]; s++, n++)
				if (status_action((uint32_t)s) != lines[i].action)
					fail_msg("0x%llx", (unsigned long long)s);
	assert_true(n > 256);
	assert_string_equal(status_text(0x0e), "invalid password");
	assert_string_equal(status_text(0x477), "unknown status");
}

static void
a_link_maps_its_own_statuses(void **state)
{
	const char *rows[] = {"0x400-0x4ff=retry", "0x45=throttle", "0x401=permanent", "unknown=alarm", "1024=rebind"};
	struct conf_link conf = {.name = "east", .statuses = rows, .nstatuses = 5};

	(void)state;
	assert_int_equal(status_action_on(&conf, 0), STATUS_OK);
	assert_int_equal(status_action_on(&conf, 0x402), STATUS_RETRY);
	assert_int_equal(status_action_on(&conf, 0x4ff), STATUS_RETRY);
	assert_int_equal(status_action_on(&conf, 0x45), STATUS_PAUSE);
	assert_int_equal(status_action_on(&conf, 0x401), STATUS_PERMANENT); /* the narrowest row */
	assert_int_equal(status_action_on(&conf, 0x400), STATUS_REBIND);
	assert_int_equal(status_action_on(&conf, 0x500), STATUS_ALARM); /* no table has it */
	assert_int_equal(status_action_on(&conf, 0x0b), STATUS_PERMANENT);
	conf.nstatuses = 0;
	assert_int_equal(status_action_on(&conf, 0x45), STATUS_RETRY);
	assert_int_equal(status_action_on(&conf, 0x401), STATUS_UNKNOWN);
}

static void
rows_as_they_are_written(void **state)
{
	static const char *const wrong[] = {"", "=", "0x400", "0x400=", "0x400=Retry", "=retry", "0=retry", "0x0-0x5=retry",
		"5-4=retry", "5-=retry", "-5=retry", " 5=retry", "0x1ffffffff=retry", "0x400 =retry", "0x400=retry ", "unknown",
		"unknown-5=retry", "0x=retry", "99999999999999999999=retry"};
	struct status_row row;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (status_row_read(wrong[i], &row) == 0)
			fail_msg("\"%s\" was taken", wrong[i]);
	assert_int_equal(status_row_read("0xffffffff=permanent", &row), 0);
	assert_int_equal(row.first, UINT32_MAX);
	assert_int_equal(status_row_read("1-0x10=backoff", &row), 0);
	assert_int_equal(row.first, 1);
	assert_int_equal(row.last, 16);
	assert_int_equal(row.action, STATUS_BACKOFF);
}

static void
delays_and_retries_by_class(void **state)
{
	int retry[] = {5, 30}, unknown[] = {7}, rebind[] = {0, 0, 9};
	const char *rows[] = {"0x45=permanent"};
	struct conf_link conf = {.name = "east",
		.statuses = rows,
		.nstatuses = 1,
		.retry_seconds = retry,
		.nretry_seconds = 2,
		.unknown_seconds = unknown,
		.nunknown_seconds = 1,
		.rebind_seconds = rebind,
		.nrebind_seconds = 3};
	static const struct {
		uint32_t status;
		int attempt, delay;
		bool charged;
	} cases[] = {
		{0x08, 1, 5, true},
		{0x08, 2, 30, true},
		{0x08, 3, -1, true},
		{0x05, 1, 5, true},
		{0x0e, 2, 30, true},
		{0x400, 1, 7, true},
		{0x400, 2, -1, true},
		{0x04, 2, 0, false},
		{0x04, 3, 9, false},
		{0x04, 4, -1, false},
		{0x58, 1, 1, false},
		{0x14, 1000, 1, false},
		{0x0b, 1, -1, true},
		{0x45, 1, -1, true},
	};
	struct status_plan plan;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		status_plan(&conf, cases[i].status, cases[i].attempt, &plan);
		if (plan.delay_seconds != cases[i].delay || plan.charged != cases[i].charged)
			fail_msg("case %zu: %d %d", i, plan.delay_seconds, plan.charged);
	}
	conf.nretry_seconds = 0; /* never again */
	status_plan(&conf, 0x08, 1, &plan);
	assert_int_equal(plan.delay_seconds, -1);
}

static void
reasons_in_words(void **state)
{
	char out[200], zh[200];

	(void)state;
	status_reason(0x0b, "en", out, sizeof(out));
	assert_string_equal(out, "the carrier does not accept this phone number (0x0B)");
	status_reason(0x0b, "zh", out, sizeof(out));
	assert_string_equal(out, "运营商不接受该手机号码（0x0B）");
	status_reason(0x401, NULL, out, sizeof(out));
	assert_string_equal(out, "the carrier refused with a code of its own; the operators must look (0x401)");
	for (uint32_t s = 0; s < 0x500; s++) {
		status_reason(s, "en", out, sizeof(out));
		status_reason(s, "zh", zh, sizeof(zh));
		assert_true(strlen(out) > 8 && strlen(out) < 199 && strlen(zh) > 8 && strlen(zh) < 199);
		assert_true((unsigned char)zh[0] >= 0x80);
	}
}

static void
rows_in_the_configuration_are_checked(void **state)
{
	static const char format[] =
		"link \"east\" { hosts = {\"127.0.0.1:2775\"} system_id = \"h\" password = \"p\"\n"
		"%s }\n"
		"bureau \"w\" { id = 1 name = \"w\" signature = \"【文】\" short_code = \"1\" links = {\"east\"} }\n";
	char text[512];
	const char *faults;
	struct conf *c;

	(void)state;
	snprintf(text, sizeof(text), format,
		"statuses = {\"0x400=retry\", \"0x45=throttle\", \"0x401=permanent\"} retry_seconds = {1, 2, 3}");
	c = load(text, &faults);
	assert_string_equal(faults, "");
	assert_int_equal(status_action_on(&c->links[0], 0x45), STATUS_PAUSE);
	assert_int_equal(c->links[0].nretry_seconds, 3);
	assert_int_equal(c->links[0].nrebind_seconds, 6);
	conf_free(c);
	snprintf(text, sizeof(text), format, "statuses = {\"0x400=again\"}");
	assert_fault(text, "statuses = \"0x400=again\": must be STATUS=ACTION");
	snprintf(text, sizeof(text), format, "statuses = {\"0x400=retry\", \"1024=permanent\"}");
	assert_fault(text, "\"1024=permanent\" and \"0x400=retry\" speak of the same status");
	snprintf(text, sizeof(text), format, "statuses = {\"unknown=retry\", \"unknown=permanent\"}");
	assert_fault(text, "speak of the same status");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_the_action_of_its_line),
		cmocka_unit_test(a_link_maps_its_own_statuses),
		cmocka_unit_test(rows_as_they_are_written),
		cmocka_unit_test(delays_and_retries_by_class),
		cmocka_unit_test(reasons_in_words),
		cmocka_unit_test(rows_in_the_configuration_are_checked),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
