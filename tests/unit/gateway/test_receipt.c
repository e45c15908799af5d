/* Receipts as carriers write them: one test per habit that was met. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/smpp/receipt.h"

/* A receipt's PDU by its esm_class and text; more optional parameters by add_tlv. */
static struct pdu
with_text(uint8_t esm_class, const char *text, size_t len)
{
	return (struct pdu){
		.command = PDU_DELIVER_SM, .esm_class = esm_class, .message = (const uint8_t *)text, .message_len = len};
}

static void
add_tlv(struct pdu *p, uint16_t tag, const char *value, size_t len)
{
	p->tlvs[p->ntlvs++] = (struct pdu_tlv){.tag = tag, .len = (uint16_t)len, .value = (const uint8_t *)value};
}

static struct receipt
read_text(const char *text, size_t len)
{
	struct pdu p = with_text(0x04, text, len);
	struct receipt r;

	assert_true(receipt_read(&p, &r));
	return r;
}
#define READ(text) read_text(text, sizeof(text) - 1)

static void
assert_receipt(struct receipt r, const char *id, const char *state, const char *error)
{
	assert_string_equal(r.id, id);
	assert_string_equal(r.state, state);
	assert_string_equal(r.error, error);
}

static void
as_the_specification_says(void **state)
{
	(void)state;
	assert_receipt(
		READ("id:0123456789 sub:001 dlvrd:001 submit date:2601010900 done date:2601010901 stat:DELIVRD err:000 "
			 "text:Reply Y to renew"),
		"0123456789", "DELIVRD", "");
}

static void
fields_in_any_order(void **state)
{
	(void)state;
	assert_receipt(
		READ("stat:UNDELIV err:034 id:abc sub:001 done date:2601010901 submit date:2601010900 dlvrd:000 text:"), "abc",
		"UNDELIV", "034");
	assert_receipt(READ("text: stat:EXPIRED id:77"), "77", "EXPIRED", "");
}

static void
missing_sub_and_dlvrd(void **state)
{
	(void)state;
	assert_receipt(
		READ("id:1 submit date:2601010900 done date:2601010901 stat:DELIVRD err:000 Text:"), "1", "DELIVRD", "");
}

static void
four_digit_err(void **state)
{
	(void)state;
	assert_receipt(READ("id:1 sub:001 dlvrd:000 stat:REJECTD err:1034 text:x"), "1", "REJECTD", "1034");
}

/* What the citizen is told is quoted behind text: and may look like anything. */
static void
text_may_hold_anything(void **state)
{
	(void)state;
	assert_receipt(READ("id:1 stat:DELIVRD err:000 text:stat:EXPIRED id:2 err:9"), "1", "DELIVRD", "");
	assert_receipt(READ("id:1 stat:DELIVRD err:000 Text:id:2 stat:EXPIRED"), "1", "DELIVRD", "");
}

static void
capital_text(void **state)
{
	(void)state;
	assert_receipt(READ("ID:1 SUB:001 STAT:DELIVRD ERR:000 TEXT:none"), "1", "DELIVRD", "");
}

static void
dates_with_seconds_or_plus(void **state)
{
	(void)state;
	assert_receipt(
		READ("id:1 submit date:260101090000 done date:260101090101+ stat:DELIVRD err:0"), "1", "DELIVRD", "");
	assert_receipt(READ("id:1 submit date:2601010900+08 done date: stat:DELIVRD"), "1", "DELIVRD", "");
}

static void
nuls_inside(void **state)
{
	(void)state;
	assert_receipt(READ("id:1\0 stat:DELIVRD\0err:001\0"), "1", "DELIVRD", "001");
}

static void
utf16_text(void **state)
{
	(void)state;
	assert_receipt(READ("\0i\0d\0:\0\x31\0 \0s\0t\0a\0t\0:\0D\0E\0L\0I\0V\0R\0D"), "1", "DELIVRD", "");
}

static void
no_id_at_all(void **state)
{
	(void)state;
	assert_receipt(READ("sub:001 dlvrd:001 stat:DELIVRD err:000 text:"), "", "DELIVRD", "");
	assert_receipt(READ("id: sub:001 dlvrd:001 stat:DELIVRD err:000"), "", "DELIVRD", "");
	assert_receipt(READ("id: submit date:2601010900 stat:DELIVRD"), "", "DELIVRD", "");
	assert_receipt(READ("id: done date:2601010900 stat:DELIVRD"), "", "DELIVRD", "");
	assert_receipt(READ(""), "", "UNKNOWN", "");
	assert_receipt(READ("id"), "", "UNKNOWN", "");
	assert_receipt(READ("id:"), "", "UNKNOWN", "");
}

static void
blank_after_the_colon(void **state)
{
	(void)state;
	assert_receipt(READ("id: 55 stat: DELIVRD err: 7"), "55", "DELIVRD", "7");
}

/* "valid:" is not "id:", "laststat:" is not "stat:". */
static void
names_begin_at_a_blank(void **state)
{
	(void)state;
	assert_receipt(READ("valid:8 id:1 valid:9 stat:DELIVRD laststat:EXPIRED"), "1", "DELIVRD", "");
}

static void
states_in_every_spelling(void **state)
{
	static const char *const spellings[][2] = {{"DELIVRD", "DELIVRD"}, {"DELIVERED", "DELIVRD"}, {"delivrd", "DELIVRD"},
		{"EXPIRED", "EXPIRED"}, {"DELETED", "DELETED"}, {"UNDELIV", "UNDELIV"}, {"UNDELIVERABLE", "UNDELIV"},
		{"FAILED", "UNDELIV"}, {"ACCEPTD", "ACCEPTD"}, {"ACCEPTED", "ACCEPTD"}, {"ACKED", "ACCEPTD"},
		{"BUFFRED", "BUFFERD"}, {"BUFFERD", "BUFFERD"}, {"ENROUTE", "ENROUTE"}, {"UNKNOWN", "UNKNOWN"},
		{"REJECTD", "REJECTD"}, {"REJECTED", "REJECTD"}, {"SCHEDULED", "ENROUTE"}, {"WHATEVER", "UNKNOWN"}};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		int n = snprintf(text, sizeof(text), "id:1 stat:%s err:000", spellings[i][0]);

		assert_receipt(read_text(text, (size_t)n), "1", spellings[i][1], "");
	}
}

static void
tlvs_go_first(void **state)
{
	static const char text[] = "id:1 stat:ENROUTE err:034";
	struct pdu p = with_text(0x04, text, sizeof(text) - 1);
	struct receipt r;

	(void)state;
	add_tlv(&p, PDU_TLV_RECEIPTED_MESSAGE_ID, "A1B2\0", 5);
	add_tlv(&p, PDU_TLV_MESSAGE_STATE, "\x02", 1);
	add_tlv(&p, PDU_TLV_NETWORK_ERROR_CODE, "\x03\0\x22", 3);
	assert_true(receipt_read(&p, &r));
	assert_receipt(r, "A1B2", "DELIVRD", "3:34");
}

/* What a parameter does not say the text may. */
static void
tlvs_and_text_together(void **state)
{
	static const char text[] = "id:1 stat:EXPIRED err:034";
	struct pdu p = with_text(0x04, text, sizeof(text) - 1);
	struct receipt r;

	(void)state;
	add_tlv(&p, PDU_TLV_RECEIPTED_MESSAGE_ID, "", 0);
	add_tlv(&p, PDU_TLV_MESSAGE_STATE, "\x63", 1); /* out of range */
	assert_true(receipt_read(&p, &r));
	assert_receipt(r, "1", "EXPIRED", "034");
}

static void
every_message_state(void **state)
{
	static const char *const names[] = {
		"UNKNOWN", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD", "UNKNOWN"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char value[4] = {0, 0, 0, (char)i};
		struct pdu p = with_text(0x04, "", 0);
		struct receipt r;

		add_tlv(&p, PDU_TLV_MESSAGE_STATE, value, i % 2 ? 1 : 4); /* one octet, or the four that some send */
		if (i % 2)
			p.tlvs[0].value += 3;
		assert_true(receipt_read(&p, &r));
		assert_string_equal(r.state, names[i]);
	}
}

static void
which_pdus_are_receipts(void **state)
{
	static const char text[] = "id:1 stat:DELIVRD";
	struct {
		uint8_t esm_class;
		bool id, state, receipt;
	} cases[] = {
		{0x04, false, false, true},
		{0x44, false, false, true},	 /* with UDHI set */
		{0x07, false, false, true},	 /* with a messaging mode */
		{0x20, false, false, true},	 /* intermediate notification */
		{0x00, true, true, true},	 /* esm_class forgotten */
		{0x00, false, false, false}, /* a citizen wrote it */
		{0x00, true, false, false},
		{0x00, false, true, false},
		{0x40, false, false, false},
		{0x08, false, false, false}, /* a phone's own acknowledgement is a text */
		{0x10, false, false, false},
	};
	struct receipt r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pdu p = with_text(cases[i].esm_class, text, sizeof(text) - 1);

		if (cases[i].id)
			add_tlv(&p, PDU_TLV_RECEIPTED_MESSAGE_ID, "1", 1);
		if (cases[i].state)
			add_tlv(&p, PDU_TLV_MESSAGE_STATE, "\x02", 1);
		assert_int_equal(receipt_read(&p, &r), cases[i].receipt);
	}
}

static void
stray_header_before_the_text(void **state)
{
	struct pdu p = with_text(0x44, "\x05\0\x03\x07\x01\x01id:1 stat:DELIVRD", 23);
	struct receipt r;

	(void)state;
	assert_true(receipt_read(&p, &r));
	assert_receipt(r, "1", "DELIVRD", "");
}

static void
long_values_are_cut(void **state)
{
	char text[3000];
	struct receipt r;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "id:", 3);
	r = read_text(text, sizeof(text));
	assert_int_equal(strlen(r.id), PDU_MESSAGE_ID_MAX);
	memcpy(text, "err:", 4);
	r = read_text(text, sizeof(text));
	assert_int_equal(strlen(r.error), sizeof(r.error) - 1);
}

static void
which_states_are_final(void **state)
{
	(void)state;
	assert_true(receipt_is_final("DELIVRD"));
	assert_true(receipt_is_final("EXPIRED"));
	assert_true(receipt_is_final("DELETED"));
	assert_true(receipt_is_final("UNDELIV"));
	assert_true(receipt_is_final("REJECTD"));
	assert_false(receipt_is_final("ENROUTE"));
	assert_false(receipt_is_final("ACCEPTD"));
	assert_false(receipt_is_final("UNKNOWN"));
	assert_false(receipt_is_final(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_specification_says),
		cmocka_unit_test(fields_in_any_order),
		cmocka_unit_test(missing_sub_and_dlvrd),
		cmocka_unit_test(four_digit_err),
		cmocka_unit_test(text_may_hold_anything),
		cmocka_unit_test(capital_text),
		cmocka_unit_test(dates_with_seconds_or_plus),
		cmocka_unit_test(nuls_inside),
		cmocka_unit_test(utf16_text),
		cmocka_unit_test(no_id_at_all),
		cmocka_unit_test(blank_after_the_colon),
		cmocka_unit_test(names_begin_at_a_blank),
		cmocka_unit_test(states_in_every_spelling),
		cmocka_unit_test(tlvs_go_first),
		cmocka_unit_test(tlvs_and_text_together),
		cmocka_unit_test(every_message_state),
		cmocka_unit_test(which_pdus_are_receipts),
		cmocka_unit_test(stray_header_before_the_text),
		cmocka_unit_test(long_values_are_cut),
		cmocka_unit_test(which_states_are_final),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
