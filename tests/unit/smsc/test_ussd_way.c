/* The carrier's own tables of USSD: which PDU does what in which way, and which session it names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "tests/smsc/ussd.h"

static const struct ussd_way *
way(const char *name)
{
	for (size_t i = 0; i < 7; i++)
		if (strcmp(ussd_ways[i].name, name) == 0)
			return &ussd_ways[i];
	fail_msg("there is no way %s", name);
	return NULL;
}

static struct pdu_sm
sm(int op, int info)
{
	struct pdu_sm s;

	pdu_sm_init(&s);
	s.ussd_op = op;
	s.session_info = info;
	return s;
}

static void
moves_of_each_way(void **state)
{
	static const struct {
		const char *way;
		int op, info;
		bool open, pushed;
		enum ussd_move move;
	} rows[] = {
		{"standard", 2, 0x0100, true, false, USSD_SHOW_MENU},
		{"standard", 17, 0x0101, true, false, USSD_SHOW_END},
		{"standard", 17, 0x0100, true, false, USSD_WRONG}, /* the end needs bit 0 */
		{"standard", 2, 0x0101, true, false, USSD_WRONG},
		{"standard", 3, 0x0101, true, true, USSD_SHOW_END},
		{"standard", 3, 0x0101, true, false, USSD_WRONG}, /* only what was pushed ends so */
		{"standard", 2, -1, false, false, USSD_OPEN_MENU},
		{"standard", 3, -1, false, false, USSD_SHOW_NOTE},
		{"standard", 17, -1, false, false, USSD_WRONG},
		{"standard", -1, 0x0100, true, false, USSD_WRONG},
		{"tata", 2, 0x0101, true, false, USSD_SHOW_END},
		{"tata", 17, 0x0101, true, false, USSD_WRONG},
		{"6d", 17, 0x0101, true, false, USSD_SHOW_END},
		{"6d", 17, 0x0100, true, false, USSD_WRONG},
		{"mica", 17, -1, true, false, USSD_SHOW_END},
		{"mica", 68, -1, true, false, USSD_WRONG},
		{"smpp+", 130, -1, true, false, USSD_SHOW_LAST},
		{"smpp+", 128, -1, true, false, USSD_LET_GO},
		{"smpp+", 131, -1, false, false, USSD_SHOW_NOTE},
		{"smpp+", 131, -1, true, true, USSD_SHOW_END},
		{"glo", 68, -1, true, false, USSD_LET_GO},
		{"glo", 2, -1, true, false, USSD_SHOW_MENU},
		{"huawei", 17, -1, true, false, USSD_SHOW_END},
		{"huawei", 2, -1, false, false, USSD_OPEN_MENU},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pdu_sm s = sm(rows[i].op, rows[i].info);
		enum ussd_move m = ussd_judge(way(rows[i].way), &s, rows[i].open, rows[i].pushed);
		if (m != rows[i].move)
			fail_msg("row %zu: %s operation %d is taken for %d", i, rows[i].way, rows[i].op, m);
	}
}

static void
names_of_sessions(void **state)
{
	struct pdu_sm s = sm(2, 0x0107);

	(void)state;
	assert_true(ussd_names(way("standard"), &s, 0x0100, "")); /* octet 2 counts */
	assert_false(ussd_names(way("standard"), &s, 0x0200, ""));
	assert_false(ussd_names(way("tata"), &s, 0x0100, "")); /* fifteen bits */
	assert_true(ussd_names(way("tata"), &s, 0x0106, ""));
	s = sm(2, -1);
	assert_false(ussd_bears_name(way("standard"), &s));
	s.user_reference = 7;
	assert_true(ussd_names(way("mica"), &s, 7, ""));
	assert_false(ussd_names(way("smpp+"), &s, 8, ""));
	assert_false(ussd_bears_name(way("huawei"), &s));
	snprintf(s.receipted_id, sizeof(s.receipted_id), "s7");
	assert_true(ussd_names(way("glo"), &s, 0, "s7"));
	assert_false(ussd_names(way("glo"), &s, 0, "s8"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_of_each_way),
		cmocka_unit_test(names_of_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
