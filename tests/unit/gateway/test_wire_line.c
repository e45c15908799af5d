/*
 * The wire log's line and what a capture may hold: a person reads every field in words; passwords never stand there,
 * and phones and texts only where somebody asked for them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/smpp/wire_line.h"
#include "tests/unit/gateway/octets.h"

static char line[WIRE_LINE_MAX];
static uint8_t out[4096];
static struct text_codings codings;

static const char *
show(const uint8_t *octets, size_t len, enum wire_detail detail)
{
	size_t n = wire_line(octets, len, detail, &codings, line, sizeof(line));

	assert_int_equal(n, strlen(line));
	return line;
}

static void
assert_shown(struct octets o, enum wire_detail detail, const char *wanted)
{
	assert_string_equal(show(o.at, o.len, detail), wanted);
	free(o.at);
}

static struct pdu_submit menu = {.sequence = 5,
	.service_type = "USSD",
	.source_npi = 1,
	.source = "10690001",
	.dest_ton = 1,
	.dest_npi = 1,
	.dest = "8613900000001",
	.registered_delivery = 1,
	.validity = "260102090000000+",
	.octets = (const uint8_t *)"1 yes 2 no",
	.len = 10};

/* ---- In words -----------------------------------------------------------------------------------------------------
 */

static void
a_submit_with_options(void **state)
{
	struct pdu_options options = {0};
	int n;

	(void)state;
	pdu_option_number(&options, PDU_TLV_USSD_SERVICE_OP, 2);
	pdu_option_number(&options, PDU_TLV_ITS_SESSION_INFO, 0x0a03);
	pdu_option_number(&options, 0x1500, 7);
	menu.options = &options;
	n = pdu_encode_submit(&menu, out, sizeof(out));
	menu.options = NULL;
	assert_string_equal(show(out, (size_t)n, WIRE_HEADERS),
		"submit_sm sequence=5 service_type=\"USSD\" source=\"10690001\" (unknown ISDN) dest=\"***0001\" (international "
		"ISDN) esm_class=0x00 validity_period=\"260102090000000+\" registered_delivery=1 (receipt) data_coding=0 "
		"(default "
		"alphabet) text=(10 octets) ussd_service_op=2 (USSR request) its_session_info=0x0a03 (end) tlv_0x1500=(2 "
		"octets)");
	assert_string_equal(show(out, (size_t)n, WIRE_FULL),
		"submit_sm sequence=5 service_type=\"USSD\" source=\"10690001\" (unknown ISDN) dest=\"8613900000001\" "
		"(international ISDN) esm_class=0x00 validity_period=\"260102090000000+\" registered_delivery=1 (receipt) "
		"data_coding=0 (default alphabet) text=\"1 yes 2 no\" ussd_service_op=2 (USSR request) its_session_info=0x0a03 "
		"(end) "
		"tlv_0x1500=0007");
}

static void
a_part_of_a_long_text(void **state)
{
	(void)state;
	assert_shown(pdu(PDU_DELIVER_SM, 0, 9,
					 "00 0101 3836313339303030303030303100 0001 313036393000 40 00 00 00 00 00 00 08 00 0a "
					 "050003070201 4f60 597d"),
		WIRE_FULL,
		"deliver_sm sequence=9 source=\"8613900000001\" (international ISDN) dest=\"10690\" (unknown ISDN) "
		"esm_class=0x40 "
		"(user data header) registered_delivery=0 (no receipt) data_coding=8 (UCS-2) part=1/2 reference=7 (udh8) "
		"user_data_header=050003070201 text=\"你好\"");
}

static void
a_receipt(void **state)
{
	const char text[] =
		"id:0012 sub:001 dlvrd:001 submit date:2601010900 done date:2601010901 stat:DELIVRD err:000 text:Your "
		"lic";
	char hex[1024];

	(void)state;
	snprintf(hex, sizeof(hex),
		"00 0101 3836313339303030303030303100 0001 313036393000 04 00 00 00 00 00 00 00 00 %02zx", strlen(text));
	for (const char *p = text; *p; p++)
		snprintf(hex + strlen(hex), 3, "%02x", *p);
	append(hex, "001e 0005 3030313200 0427 0001 02");
	assert_shown(pdu(PDU_DELIVER_SM, 0, 9, hex), WIRE_HEADERS,
		"deliver_sm sequence=9 source=\"***0001\" (international ISDN) dest=\"10690\" (unknown ISDN) esm_class=0x04 "
		"(receipt) "
		"registered_delivery=0 (no receipt) data_coding=0 (default alphabet) receipt_id=\"0012\" receipt_state=DELIVRD "
		"receipted_message_id=\"0012\" message_state=2 (delivered)");
	show(NULL, 0, WIRE_FULL);
}

static void
responses_and_plain_pdus(void **state)
{
	(void)state;
	assert_shown(pdu(PDU_SUBMIT_SM_RESP, 0, 5, "6162633100 0428 0001 5f"), WIRE_HEADERS,
		"submit_sm_resp sequence=5 status=0x00 (ok) message_id=\"abc1\" congestion_state=95");
	assert_shown(
		pdu(PDU_SUBMIT_SM_RESP, 0x58, 5, ""), WIRE_HEADERS, "submit_sm_resp sequence=5 status=0x58 (throttled)");
	assert_shown(pdu(PDU_ENQUIRE_LINK, 0, 7, ""), WIRE_HEADERS, "enquire_link sequence=7");
	assert_shown(
		pdu(PDU_GENERIC_NACK, 3, 0, ""), WIRE_HEADERS, "generic_nack sequence=0 status=0x03 (invalid command)");
	assert_shown(pdu(PDU_BIND_TRANSCEIVER_RESP, 0, 1, "736d736300 0210 0001 34"), WIRE_HEADERS,
		"bind_transceiver_resp sequence=1 status=0x00 (ok) system_id=\"smsc\" sc_interface_version=52");
	assert_shown(pdu(PDU_QUERY_SM, 0, 8, "61623100 0001 3130363900"), WIRE_HEADERS,
		"query_sm sequence=8 message_id=\"ab1\" source=\"1069\" (unknown ISDN)");
	assert_shown(pdu(PDU_QUERY_SM_RESP, 0, 8, "61623100 00 02 00"), WIRE_HEADERS,
		"query_sm_resp sequence=8 status=0x00 (ok) message_id=\"ab1\" message_state=2 (delivered) error_code=0");
	assert_shown(pdu(PDU_CANCEL_SM, 0, 8, "00 61623100 0001 3130363900 0101 3836313339303030303030303100"),
		WIRE_HEADERS,
		"cancel_sm sequence=8 message_id=\"ab1\" source=\"1069\" (unknown ISDN) dest=\"***0001\" (international ISDN)");
	assert_shown(pdu(PDU_ALERT_NOTIFICATION, 0, 8, "0101 3836313339303030303030303100 0001 3130363900"), WIRE_FULL,
		"alert_notification sequence=8 source=\"8613900000001\" (international ISDN) esme=\"1069\" (unknown ISDN)");
}

static void
what_cannot_be_read(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 9, DELIVER_HEAD "09 6869");

	(void)state;
	assert_string_equal(show(o.at, o.len, WIRE_FULL), "deliver_sm sequence=9 malformed: a field does not fit");
	assert_string_equal(show(o.at, 7, WIRE_FULL), "no PDU: a length that cannot be first_octets=00000025000000");
	free(o.at);
	assert_shown(pdu(0x00010203, 0, 9, "01"), WIRE_FULL,
		"command 0x00010203 sequence=9 malformed: a command that SMPP 3.4 does not have");
	assert_shown(pdu(PDU_DELIVER_SM, 0, 9, DELIVER_HEAD "02 6869 0204 ffff 1234"), WIRE_HEADERS,
		"deliver_sm sequence=9 source=\"1\" (international ISDN) dest=\"2\" (international ISDN) esm_class=0x00 "
		"registered_delivery=0 (no receipt) data_coding=0 (default alphabet) text=(2 octets) malformed: the optional "
		"parameters do not fit");
}

/* Nothing that a peer writes forges words or lines; a line that is too long says so, at every room. */
static void
hostile_strings_and_long_lines(void **state)
{
	char hex[4096] = DELIVER_HEAD "ff";
	struct octets o = pdu(PDU_SUBMIT_SM_RESP, 0, 5, "61220a80ff7f00");

	(void)state;
	assert_string_equal(
		show(o.at, o.len, WIRE_FULL), "submit_sm_resp sequence=5 status=0x00 (ok) message_id=\"a?????\"");
	free(o.at);
	for (int i = 0; i < 255; i++)
		append(hex, "61");
	for (int i = 0; i < 60; i++)
		append(hex, "1500 000a 0102030405060708090a");
	o = pdu(PDU_DELIVER_SM, 0, 9, hex);
	assert_int_equal(strcmp(show(o.at, o.len, WIRE_FULL) + strlen(line) - 4, " ..."), 0);
	for (size_t room = 16; room < 600; room++) {
		char *small = malloc(room);

		assert_true(wire_line(o.at, o.len, WIRE_FULL, &codings, small, room) < room);
		free(small);
	}
	free(o.at);
}

static void
names_of_details(void **state)
{
	enum wire_detail d;

	(void)state;
	assert_int_equal(wire_detail_by_name("on", &d), 0);
	assert_int_equal(d, WIRE_HEADERS);
	assert_int_equal(wire_detail_by_name("full", &d), 0);
	assert_int_equal(d, WIRE_FULL);
	assert_int_equal(wire_detail_by_name("off", &d), 0);
	assert_int_equal(d, WIRE_OFF);
	assert_int_equal(wire_detail_by_name("loud", &d), -1);
	assert_string_equal(wire_detail_name(WIRE_HEADERS), "headers");
}

/* ---- What nobody may see -------------------------------------------------------------------------------------------
 */

static bool
holds(const uint8_t *octets, size_t len, const char *what)
{
	return memmem(octets, len, what, strlen(what)) != NULL;
}

static void
passwords_never(void **state)
{
	static const uint32_t commands[] = {PDU_BIND_TRANSCEIVER, PDU_BIND_TRANSMITTER, PDU_BIND_RECEIVER, PDU_OUTBIND};
	static const enum wire_detail details[] = {WIRE_OFF, WIRE_HEADERS, WIRE_FULL};
	struct pdu_bind b = {.sequence = 1, .system_id = "huizhi", .password = "secret", .system_type = "x"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t d = 0; d < 3; d++) {
			int n;

			b.command = commands[i];
			n = pdu_encode_bind(&b, out, sizeof(out));
			assert_null(strstr(show(out, (size_t)n, details[d]), "secret"));
			assert_non_null(strstr(line, "password=***"));
			assert_non_null(strstr(line, "huizhi"));
			wire_blank(out, (size_t)n, details[d]);
			assert_false(holds(out, (size_t)n, "secret"));
			assert_true(holds(out, (size_t)n, "huizhi"));
			assert_int_equal(out[3], n);
			/* one whose password has no end */
			n = pdu_encode_bind(&b, out, sizeof(out));
			n = 16 + 7 + 6;
			out[3] = (uint8_t)n;
			assert_null(strstr(show(out, (size_t)n, details[d]), "secret"));
			wire_blank(out, (size_t)n, details[d]);
			assert_false(holds(out, (size_t)n, "secret"));
		}
	}
	assert_string_equal(show(out, 0, WIRE_FULL), "no PDU: a length that cannot be first_octets=none");
}

static void
texts_and_phones_unless_asked(void **state)
{
	struct pdu_options options = {0};
	struct pdu before, after;
	uint8_t copy[1024];
	int n;

	(void)state;
	pdu_option_octets(&options, 0x1500, (const uint8_t *)"460001234567890", 15); /* an IMSI, as some carriers have it */
	pdu_option_number(&options, PDU_TLV_USSD_SERVICE_OP, 2);
	menu.options = &options;
	for (int payload = 0; payload < 2; payload++) {
		menu.payload = payload;
		n = pdu_encode_submit(&menu, out, sizeof(out));
		memcpy(copy, out, (size_t)n);
		wire_blank(copy, (size_t)n, WIRE_FULL);
		assert_memory_equal(copy, out, (size_t)n);
		wire_blank(copy, (size_t)n, WIRE_HEADERS);
		assert_false(holds(copy, (size_t)n, "yes"));
		assert_false(holds(copy, (size_t)n, "86139"));
		assert_false(holds(copy, (size_t)n, "46000"));
		assert_int_equal(pdu_decode(out, (size_t)n, &before), PDU_GOOD);
		assert_int_equal(pdu_decode(copy, (size_t)n, &after), PDU_GOOD);
		assert_string_equal(after.source, "10690001");
		assert_string_equal(after.dest, "*********0001");
		assert_int_equal(after.message_len, before.message_len);
		assert_int_equal(after.ntlvs, before.ntlvs);
		assert_int_equal(pdu_tlv(&after, PDU_TLV_USSD_SERVICE_OP)->value[0], 2);
		assert_string_equal(after.validity, before.validity);
	}
	menu.options = NULL;
	menu.payload = false;
}

static void
headers_and_receipts_stay(void **state)
{
	struct octets part =
		pdu(PDU_DELIVER_SM, 0, 9, "00 0101 3100 0001 3200 40 00 00 00 00 00 00 08 00 0a 050003070201 4f60597d");
	const char text[] = "id:12 stat:DELIVRD err:000 Text:Hello";
	char hex[512] = "00 0101 3100 0001 3200 04 00 00 00 00 00 00 00 00 25";
	struct octets receipt;

	(void)state;
	wire_blank(part.at, part.len, WIRE_HEADERS);
	assert_memory_equal(part.at + part.len - 10, "\5\0\3\7\2\1****", 10);
	free(part.at);
	for (const char *p = text; *p; p++)
		snprintf(hex + strlen(hex), 3, "%02x", *p);
	receipt = pdu(PDU_DELIVER_SM, 0, 9, hex);
	wire_blank(receipt.at, receipt.len, WIRE_HEADERS);
	assert_memory_equal(receipt.at + receipt.len - 37, "id:12 stat:DELIVRD err:000 Text:*****", 37);
	free(receipt.at);
}

/* Of what cannot be read, or is of no known shape, nothing behind the header stays. */
static void
the_unreadable_goes_as_a_whole(void **state)
{
	static const char *const bodies[] = {DELIVER_HEAD "09 6869", DELIVER_HEAD "02 6869 0204 ffff 1234"};
	struct octets o;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		o = pdu(PDU_DELIVER_SM, 0, 9, bodies[i]);
		wire_blank(o.at, o.len, WIRE_HEADERS);
		for (size_t k = 16; k < o.len; k++)
			assert_int_equal(o.at[k], '*');
		assert_int_equal(o.at[15], 9);
		free(o.at);
	}
	o = pdu(0x00010203, 0, 9, "616263");
	wire_blank(o.at, o.len, WIRE_HEADERS);
	assert_memory_equal(o.at + 16, "***", 3);
	free(o.at);
	o = raw("ffffffff 616263 00 00000000 00000000 616263");
	wire_blank(o.at, o.len, WIRE_FULL);
	assert_memory_equal(o.at + 16, "***", 3);
	free(o.at);
}

static void
operations_lose_their_phones(void **state)
{
	struct octets q = pdu(PDU_QUERY_SM, 0, 8, "61623100 0101 3836313339303030303030303100");
	struct octets c = pdu(PDU_CANCEL_SM, 0, 8, "00 61623100 0001 3130363900 0101 3836313339303030303030303100");

	(void)state;
	wire_blank(q.at, q.len, WIRE_HEADERS);
	assert_memory_equal(q.at + 22, "*********0001", 14);
	wire_blank(c.at, c.len, WIRE_HEADERS);
	assert_true(holds(c.at, c.len, "1069"));
	assert_memory_equal(c.at + c.len - 14, "*********0001", 14);
	free(q.at);
	free(c.at);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_submit_with_options),
		cmocka_unit_test(a_part_of_a_long_text),
		cmocka_unit_test(a_receipt),
		cmocka_unit_test(responses_and_plain_pdus),
		cmocka_unit_test(what_cannot_be_read),
		cmocka_unit_test(hostile_strings_and_long_lines),
		cmocka_unit_test(names_of_details),
		cmocka_unit_test(passwords_never),
		cmocka_unit_test(texts_and_phones_unless_asked),
		cmocka_unit_test(headers_and_receipts_stay),
		cmocka_unit_test(the_unreadable_goes_as_a_whole),
		cmocka_unit_test(operations_lose_their_phones),
	};

	text_codings_fill(&codings, TEXT_CODING_GSM7, false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
