/* The scripts of pretend phones, the fault switches, and receipts in every form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "tests/smsc/address.h"
#include "tests/smsc/carrier.h"

static char why[256];

static struct script *
parse(const char *text)
{
	return script_parse("s", text, why, sizeof(why));
}

static void
reads_rules(void **state)
{
	struct script *s = parse("# people\n\n"
							 "phone * when \"回复Y\" reply \"Y\" after 50 ms reply \"2\" after 20\n"
							 "phone +86139* when \"say \\\"hi\\\"\" reply \"a\\nb\" once for 30%  # some\n"
							 "phone +86137* when \"\" silent\n"
							 "  phone +86136* receipt UNDELIV\r\n");
	(void)state;

	assert_non_null(s);
	assert_int_equal(s->count, 4);
	assert_int_equal(s->rules[0].line, 3);
	assert_int_equal(s->rules[0].replies, 2);
	assert_string_equal(s->rules[0].reply[0].text, "Y");
	assert_int_equal(s->rules[0].reply[0].after_ms, 50);
	assert_int_equal(s->rules[0].reply[1].after_ms, 70);
	assert_string_equal(s->rules[1].when, "say \"hi\"");
	assert_string_equal(s->rules[1].reply[0].text, "a\nb");
	assert_int_equal(s->rules[1].at_most, 1);
	assert_int_equal(s->rules[1].percent, 30);
	assert_int_equal(s->rules[2].replies, 0);
	assert_int_equal(s->rules[3].receipt, TEXT_UNDELIVERABLE);
	assert_int_equal(script_receipt(s, "+8613600000000"), TEXT_UNDELIVERABLE);
	assert_int_equal(script_receipt(s, "+8613700000000"), -1);
	script_free(s);
	s = parse("");
	assert_int_equal(s->count, 0);
	script_free(s);
}

static void
refuses_with_the_line(void **state)
{
	static const char *const bad[][2] = {
		{"\nfone * when \"a\" reply \"b\"", "s:2: a line begins with phone"},
		{"phone", "s:1: phone is followed by"},
		{"phone *", "s:1: the number is followed by when or receipt"},
		{"phone * when a", "s:1: when is followed by"},
		{"phone * when \"a", "s:1: the quotation mark is not closed"},
		{"phone * when \"a\" reply b", "s:1: reply is followed by"},
		{"phone * when \"a\" after 5", "s:1: after comes behind a reply"},
		{"phone * when \"a\" reply \"b\" after x", "s:1: after is followed by a number"},
		{"phone * when \"a\" reply \"b\" after", "s:1: after is followed by a number"},
		{"phone * when \"a\" reply \"b\" for 101%", "s:1: for is followed by a number from 0 to 100%"},
		{"phone * when \"a\" reply \"b\" for 10", "s:1: for is followed by"},
		{"phone * when \"a\" say \"b\"", "s:1: \"say\" is not one of"},
		{"phone * receipt LOST", "s:1: receipt is followed by"},
		{"phone * receipt UNDELIV now", "s:1: nothing is expected"},
		{"phone * when \"a\" reply \"1\" reply \"2\" reply \"3\" reply \"4\" reply \"5\"", "s:1: more than 4 replies"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(parse(bad[i][0]));
		assert_memory_equal(why, bad[i][1], strlen(bad[i][1]));
	}
}

static void
first_match_speaks(void **state)
{
	struct script *s = parse("phone +86139* when \"回复Y\" silent\n"
							 "phone * when \"回复Y\" reply \"Y\" once\n"
							 "phone * when \"回复\" reply \"?\"\n");
	uint8_t used[3] = {0, 1, 0};
	(void)state;

	assert_int_equal(script_match(s, 0, "+8613900000000", "请回复Y。", NULL), 0);
	assert_int_equal(script_match(s, 0, "+8613800000000", "请回复Y。", NULL), 1);
	assert_int_equal(script_match(s, 0, "+8613800000000", "请回复Y。", used), 2);
	assert_int_equal(script_match(s, 0, "+8613800000000", "您好", NULL), -1);
	script_free(s);
}

static void
a_share_of_the_phones(void **state)
{
	struct script *s = parse("phone * when \"\" reply \"Y\" for 30%");
	char number[NUMBER_ROOM];
	int n = 0, again = 0;
	(void)state;

	for (int i = 0; i < 10000; i++) {
		snprintf(number, sizeof(number), "+86138%08d", i);
		n += script_match(s, 5, number, "x", NULL) == 0;
		again += script_match(s, 5, number, "y", NULL) == 0;
	}
	assert_in_range(n, 2850, 3150);
	assert_int_equal(n, again);
	script_free(s);
}

static int
set(struct faults *f, const char *name, const char *value)
{
	return faults_set(f, name, value, why, sizeof(why));
}

static void
sets_faults(void **state)
{
	struct faults f;
	char value[64];
	(void)state;

	faults_init(&f);
	assert_false(fault_every(&f, FAULT_THROTTLE));
	assert_int_equal(set(&f, "throttle", "3"), 0);
	for (int i = 1; i <= 9; i++)
		assert_int_equal(fault_every(&f, FAULT_THROTTLE), i % 3 == 0);
	assert_int_equal(set(&f, "throttle", "off"), 0);
	assert_false(fault_every(&f, FAULT_THROTTLE));
	assert_int_equal(set(&f, "silence", NULL), 0);
	assert_string_equal(faults_get(&f, FAULT_SILENCE, value, sizeof(value)), "on");
	assert_int_equal(set(&f, "id-style", "HEX"), 0);
	assert_string_equal(faults_get(&f, FAULT_ID_STYLE, value, sizeof(value)), "HEX");
	assert_int_equal(set(&f, "refuse-bind", "0x0E"), 0);
	assert_int_equal(f.number[FAULT_REFUSE_BIND], 14);
	assert_int_equal(set(&f, "duplicate-receipts", ""), 0);
	assert_int_equal(f.number[FAULT_DUPLICATE_RECEIPTS], 2);
	assert_int_equal(set(&f, "invalid-destination", "+86139*"), 0);
	assert_string_equal(faults_get(&f, FAULT_INVALID_DESTINATION, value, sizeof(value)), "+86139*");

	assert_int_equal(set(&f, "trottle", "3"), -1);
	assert_string_equal(why, "there is no fault \"trottle\"; --help lists them");
	assert_int_equal(set(&f, "throttle", "-1"), -1);
	assert_int_equal(set(&f, "throttle", "3x"), -1);
	assert_int_equal(set(&f, "throttle", "99999999999999999999"), -1);
	assert_int_equal(set(&f, "id-style", "octal"), -1);
	assert_int_equal(set(&f, "silence", "2"), -1);
	faults_clear(&f);
	assert_int_equal(f.number[FAULT_SILENCE], 0);
	assert_null(f.patterns[FAULT_INVALID_DESTINATION]);
	for (int i = 0; i < FAULT_COUNT; i++)
		assert_non_null(fault_table[i].name);
}

static void
writes_ids(void **state)
{
	static const char *const expected[][3] = {
		{"decimal", "48879", "BEEF"},
		{"hex", "beef", "48879"},
		{"HEX", "BEEF", "48879"},
		{"zeros", "00000000000000048879", "BEEF"},
		{"none", "", "BEEF"},
	};
	struct faults f;
	char id[ID_ROOM];
	(void)state;

	faults_init(&f);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(set(&f, "id-style", expected[i][0]), 0);
		id_write(&f, 0xBEEF, false, id);
		assert_string_equal(id, expected[i][1]);
		id_write(&f, 0xBEEF, true, id);
		assert_string_equal(id, expected[i][2]);
	}
}

static void
receipts(void **state)
{
	struct faults f;
	struct receipt r = {
		.id = 48879, .phone = "+8613800138000", .code = "10690001", .state = TEXT_UNDELIVERABLE, .text = "Hi"};
	uint8_t out[512];
	struct pdu_sm sm;
	static const char text[] =
		"id:48879 sub:001 dlvrd:000 submit date:7001010000 done date:7001010001 stat:UNDELIV err:001 Text:Hi";
	(void)state;

	faults_init(&f);
	size_t len = receipt_encode(&f, &r, false, 60000000, out, sizeof(out));
	assert_int_equal(pdu_decode_sm(PDU_DELIVER_SM, out + PDU_HEADER, len - PDU_HEADER, &sm), PDU_OK);
	assert_int_equal(sm.esm_class, PDU_ESM_RECEIPT);
	assert_string_equal(sm.source, "8613800138000");
	assert_string_equal(sm.dest, "10690001");
	assert_int_equal(sm.noctets, sizeof(text) - 1);
	assert_memory_equal(sm.octets, text, sm.noctets);
	assert_string_equal(sm.receipted_id, "48879");
	assert_int_equal(sm.state, 5);

	/* Only the text, and its id in the other base. */
	set(&f, "receipt-form", "text");
	set(&f, "receipt-id", "other");
	len = receipt_encode(&f, &r, false, 60000000, out, sizeof(out));
	assert_int_equal(pdu_decode_sm(PDU_DELIVER_SM, out + PDU_HEADER, len - PDU_HEADER, &sm), PDU_OK);
	assert_memory_equal(sm.octets, "id:BEEF sub", 11);
	assert_string_equal(sm.receipted_id, "");
	assert_false(sm.has_state);

	/* Only optional parameters. */
	set(&f, "receipt-form", "tlv");
	set(&f, "receipt-id", "other-text");
	len = receipt_encode(&f, &r, false, 60000000, out, sizeof(out));
	assert_int_equal(pdu_decode_sm(PDU_DELIVER_SM, out + PDU_HEADER, len - PDU_HEADER, &sm), PDU_OK);
	assert_int_equal(sm.noctets, 0);
	assert_string_equal(sm.receipted_id, "48879");

	/* Without its mark; and the intermediate one. */
	set(&f, "receipt-form", "unmarked");
	len = receipt_encode(&f, &r, false, 60000000, out, sizeof(out));
	assert_int_equal(pdu_decode_sm(PDU_DELIVER_SM, out + PDU_HEADER, len - PDU_HEADER, &sm), PDU_OK);
	assert_int_equal(sm.esm_class, 0);
	set(&f, "receipt-form", "off");
	len = receipt_encode(&f, &r, true, 60000000, out, sizeof(out));
	assert_int_equal(pdu_decode_sm(PDU_DELIVER_SM, out + PDU_HEADER, len - PDU_HEADER, &sm), PDU_OK);
	assert_int_equal(sm.esm_class, PDU_ESM_INTERMEDIATE);
	assert_int_equal(sm.state, 1);
}

static void
addresses(void **state)
{
	char host[64];
	uint16_t port;
	(void)state;

	assert_int_equal(address_split("127.0.0.1:2775", host, sizeof(host), &port), 0);
	assert_string_equal(host, "127.0.0.1");
	assert_int_equal(port, 2775);
	assert_int_equal(address_split("[::1]:0", host, sizeof(host), &port), 0);
	assert_string_equal(host, "::1");
	assert_int_equal(port, 0);
	assert_int_equal(address_split("127.0.0.1", host, sizeof(host), &port), -1);
	assert_int_equal(address_split(":2775", host, sizeof(host), &port), -1);
	assert_int_equal(address_split("a:65536", host, sizeof(host), &port), -1);
	assert_int_equal(address_split("a:-1", host, sizeof(host), &port), -1);
	assert_int_equal(address_split("a:", host, sizeof(host), &port), -1);
	assert_int_equal(address_split("[]:1", host, sizeof(host), &port), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_rules),
		cmocka_unit_test(refuses_with_the_line),
		cmocka_unit_test(first_match_speaks),
		cmocka_unit_test(a_share_of_the_phones),
		cmocka_unit_test(sets_faults),
		cmocka_unit_test(writes_ids),
		cmocka_unit_test(receipts),
		cmocka_unit_test(addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
