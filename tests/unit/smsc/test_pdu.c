/* The pretend carrier's codec against octets written by hand from the specification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "tests/smsc/pdu.h"

/* submit_sm body: 10690001 -> 8613800138000, UCS-2 "你好", receipt asked for. */
static const uint8_t submit[] = "\0"
								"\0\1"
								"10690001\0"
								"\1\1"
								"8613800138000\0"
								"\0\0\0"
								"\0"
								"\0"
								"\1\0\x08\0"
								"\4"
								"\x4F\x60\x59\x7D";
enum {
	SUBMIT = sizeof(submit) - 1
};

static void
reads_header(void **state)
{
	static const uint8_t h[] = {0, 0, 1, 2, 0x80, 0, 0, 4, 0, 0, 4, 0, 0x7F, 0xFF, 0xFF, 0xFF};
	struct pdu_header got = pdu_decode_header(h);
	(void)state;

	assert_int_equal(got.length, 0x102);
	assert_int_equal(got.command, 0x80000004);
	assert_int_equal(got.status, 0x400);
	assert_int_equal(got.sequence, 0x7FFFFFFF);
}

static void
reads_submit(void **state)
{
	struct pdu_sm sm;
	(void)state;

	assert_int_equal(pdu_decode_sm(PDU_SUBMIT_SM, submit, SUBMIT, &sm), PDU_OK);
	assert_string_equal(sm.source, "10690001");
	assert_string_equal(sm.dest, "8613800138000");
	assert_int_equal(sm.dest_ton, 1);
	assert_int_equal(sm.registered, 1);
	assert_int_equal(sm.data_coding, 8);
	assert_int_equal(sm.noctets, 4);
	assert_memory_equal(sm.octets, "\x4F\x60\x59\x7D", 4);
	assert_false(sm.has_sar);
	assert_int_equal(sm.user_reference, -1);
}

static void
refuses_every_cut(void **state)
{
	struct pdu_sm sm;
	(void)state;

	for (size_t len = 0; len < SUBMIT; len++) {
		uint8_t exact[SUBMIT];
		memcpy(exact, submit, len);
		assert_int_not_equal(pdu_decode_sm(PDU_SUBMIT_SM, exact, len, &sm), PDU_OK);
	}
	/* The text cut short has a status of its own. */
	assert_int_equal(pdu_decode_sm(PDU_SUBMIT_SM, submit, SUBMIT - 1, &sm), PDU_BAD_MESSAGE_LENGTH);
}

static void
reads_tlvs(void **state)
{
	uint8_t body[128];
	size_t n = SUBMIT;
	struct pdu_sm sm;
	static const uint8_t tlvs[] = {0x02, 0x0C, 0, 2, 0x12, 0x34, 0x02, 0x0E, 0, 1, 3, 0x02, 0x0F, 0, 1, 2, 0x14, 0x01,
		0, 0, 0x02, 0x04, 0, 2, 0, 9};
	(void)state;

	memcpy(body, submit, n);
	memcpy(body + n, tlvs, sizeof(tlvs));
	assert_int_equal(pdu_decode_sm(PDU_SUBMIT_SM, body, n + sizeof(tlvs), &sm), PDU_OK);
	assert_true(sm.has_sar);
	assert_int_equal(sm.sar_reference, 0x1234);
	assert_int_equal(sm.sar_total, 3);
	assert_int_equal(sm.sar_part, 2);
	assert_int_equal(sm.user_reference, 9);
	/* They must tile exactly. */
	for (size_t cut = 1; cut < 4; cut++)
		assert_int_equal(pdu_decode_sm(PDU_SUBMIT_SM, body, n + cut, &sm), PDU_BAD_TLVS);
	assert_int_equal(pdu_decode_sm(PDU_SUBMIT_SM, body, n + sizeof(tlvs) - 1, &sm), PDU_BAD_TLVS);
}

static void
payload_counts_when_short_message_is_empty(void **state)
{
	uint8_t body[128];
	struct pdu_sm sm;
	size_t n = SUBMIT - 4;
	(void)state;

	memcpy(body, submit, n);
	memcpy(body + n, "\x04\x24\0\2hi", 6);
	body[n - 1] = 0;
	assert_int_equal(pdu_decode_sm(PDU_SUBMIT_SM, body, n + 6, &sm), PDU_OK);
	assert_true(sm.payload);
	assert_int_equal(sm.noctets, 2);
	assert_memory_equal(sm.octets, "hi", 2);
}

static void
too_many_tlvs(void **state)
{
	uint8_t body[SUBMIT + 65 * 4];
	struct pdu_sm sm;
	(void)state;

	memcpy(body, submit, SUBMIT);
	for (int i = 0; i < 65; i++)
		memcpy(body + SUBMIT + i * 4, "\x14\0\0\0", 4);
	assert_int_equal(pdu_decode_sm(PDU_SUBMIT_SM, body, SUBMIT + 64 * 4, &sm), PDU_OK);
	assert_int_equal(pdu_decode_sm(PDU_SUBMIT_SM, body, SUBMIT + 65 * 4, &sm), PDU_BAD_TLVS);
}

static void
reads_bind(void **state)
{
	static const uint8_t body[] = "huizhi\0secret\0\0\x34\0\0"; /* the literal's NUL ends address_range */
	struct pdu_bind b;
	(void)state;

	assert_int_equal(pdu_decode_bind(body, sizeof(body), &b), PDU_OK);
	assert_string_equal(b.system_id, "huizhi");
	assert_string_equal(b.password, "secret");
	assert_int_equal(b.interface_version, 0x34);
	assert_int_equal(pdu_decode_bind(body, sizeof(body) - 1, &b), PDU_BAD_LENGTH);
	assert_int_equal(pdu_decode_bind((const uint8_t *)"huizhi-is-too-long", 19, &b), PDU_BAD_SYSTEM_ID);
	assert_int_equal(pdu_decode_bind((const uint8_t *)"huizhi\0longsecret", 18, &b), PDU_BAD_PASSWORD);
}

static void
writes_deliver(void **state)
{
	uint8_t out[128];
	struct pdu_sm sm;
	struct pdu_out o;
	static const uint8_t expected[] = "\0\0\0\x37"
									  "\0\0\0\5"
									  "\0\0\0\0"
									  "\0\0\0\7"
									  "\0"
									  "\1\1"
									  "8613800138000\0"
									  "\0\1"
									  "10690001\0"
									  "\0\0\0"
									  "\0\0"
									  "\0\0\0\0"
									  "\1"
									  "Y";
	(void)state;

	pdu_sm_init(&sm);
	sm.source_ton = sm.source_npi = sm.dest_npi = 1;
	snprintf(sm.source, sizeof(sm.source), "8613800138000");
	snprintf(sm.dest, sizeof(sm.dest), "10690001");
	sm.octets = (const uint8_t *)"Y";
	sm.noctets = 1;
	pdu_begin(&o, out, sizeof(out), PDU_DELIVER_SM, PDU_OK, 7);
	pdu_add_sm(&o, &sm);
	assert_int_equal(pdu_end(&o), sizeof(expected) - 1);
	assert_memory_equal(out, expected, sizeof(expected) - 1);
	pdu_patch_sequence(out, 0x01020304);
	assert_memory_equal(out + 12, "\1\2\3\4", 4);

	/* What does not fit is not written. */
	for (size_t room = 0; room < sizeof(expected) - 1; room++) {
		pdu_begin(&o, out, room, PDU_DELIVER_SM, PDU_OK, 7);
		pdu_add_sm(&o, &sm);
		assert_int_equal(pdu_end(&o), 0);
	}
}

static void
writes_what_it_reads(void **state)
{
	uint8_t out[512], octets[300];
	struct pdu_sm sm, got;
	struct pdu_out o;
	(void)state;

	memset(octets, 'x', sizeof(octets));
	pdu_sm_init(&sm);
	snprintf(sm.source, sizeof(sm.source), "8613800138000");
	snprintf(sm.dest, sizeof(sm.dest), "10690001");
	sm.octets = octets;
	sm.noctets = sizeof(octets); /* only a payload can hold it */
	sm.has_sar = true;
	sm.sar_reference = 7;
	sm.sar_total = 2;
	sm.sar_part = 1;
	sm.has_state = true;
	sm.state = 2;
	sm.ussd_op = 18;
	sm.session_info = 0x0103;
	snprintf(sm.receipted_id, sizeof(sm.receipted_id), "00ab");
	pdu_begin(&o, out, sizeof(out), PDU_DELIVER_SM, PDU_OK, 1);
	pdu_add_sm(&o, &sm);
	size_t len = pdu_end(&o);
	assert_int_not_equal(len, 0);
	assert_int_equal(pdu_decode_sm(PDU_DELIVER_SM, out + PDU_HEADER, len - PDU_HEADER, &got), PDU_OK);
	assert_true(got.payload);
	assert_int_equal(got.noctets, sizeof(octets));
	assert_int_equal(got.sar_reference, 7);
	assert_int_equal(got.state, 2);
	assert_int_equal(got.ussd_op, 18);
	assert_int_equal(got.session_info, 0x0103);
	assert_string_equal(got.receipted_id, "00ab");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_header),
		cmocka_unit_test(reads_submit),
		cmocka_unit_test(refuses_every_cut),
		cmocka_unit_test(reads_tlvs),
		cmocka_unit_test(payload_counts_when_short_message_is_empty),
		cmocka_unit_test(too_many_tlvs),
		cmocka_unit_test(reads_bind),
		cmocka_unit_test(writes_deliver),
		cmocka_unit_test(writes_what_it_reads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
