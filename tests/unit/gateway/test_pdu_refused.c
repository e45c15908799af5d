/*
 * PDUs that are legal or common and that libsmpp34 1.14.1 refuses: each line of what it refuses is one test, named for
 * it. None of them may cost a message or a link.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/smpp/pdu_library.h"
#include "tests/unit/gateway/octets.h"

/* ---- What the library refuses --------------------------------------------------------------------------------- */

static void
refuses_status_outside_its_list(void **state)
{
	static const uint32_t statuses[] = {0x400, 0x4ff, 0x101, 0x112, 0xffffffff, 0x10};

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct octets o = pdu(PDU_SUBMIT_SM_RESP, statuses[i], 9, "");
		uint8_t out[PDU_ENCODED_MAX];
		struct pdu p;
		int n;

		assert_int_equal(decode(o, &p), PDU_GOOD);
		assert_int_equal(p.status, statuses[i]);
		assert_int_equal(p.sequence, 9);
		free(o.at);
		/* and outbound */
		n = pdu_encode_simple(PDU_DELIVER_SM_RESP, statuses[i], 9, out, sizeof(out));
		assert_int_equal(n, 17);
		assert_int_equal(pdu_decode(out, (size_t)n, &p), PDU_GOOD);
		assert_int_equal(p.status, statuses[i]);
	}
}

static void
refuses_sequence_0(void **state)
{
	struct octets o = pdu(PDU_GENERIC_NACK, 3, 0, ""), d = pdu(PDU_DELIVER_SM, 0, 0, DELIVER_HEAD "02 6869");
	uint8_t out[PDU_ENCODED_MAX];
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.command, PDU_GENERIC_NACK);
	assert_non_null(p.message); /* of any PDU, so that nobody has to ask */
	assert_int_equal(p.status, 3);
	assert_int_equal(decode(d, &p), PDU_GOOD);
	assert_int_equal(pdu_library_read(d.at, &p), PDU_AGREED);
	assert_memory_equal(p.message, "hi", 2);
	assert_int_equal(pdu_encode_simple(PDU_GENERIC_NACK, 2, 0, out, sizeof(out)), 16);
	assert_memory_equal(out, "\0\0\0\x10\x80\0\0\0\0\0\0\2\0\0\0\0", 16);
	free(o.at);
	free(d.at);
}

static void
accepts_all_32_bits_of_sequence(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 0xffffffff, DELIVER_HEAD "02 6869");
	uint8_t out[PDU_ENCODED_MAX];
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.sequence, 0xffffffff);
	assert_int_equal(pdu_library_read(o.at, &p), PDU_AGREED);
	assert_int_equal(pdu_encode_simple(PDU_DELIVER_SM_RESP, 0, 0xffffffff, out, sizeof(out)), 17);
	assert_memory_equal(out + 12, "\xff\xff\xff\xff", 4);
	free(o.at);
}

static void
refuses_error_responses_without_body(void **state)
{
	static const uint32_t commands[] = {PDU_BIND_TRANSCEIVER_RESP, PDU_BIND_TRANSMITTER_RESP, PDU_BIND_RECEIVER_RESP,
		PDU_DATA_SM_RESP, PDU_SUBMIT_SM_RESP};

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		struct octets o = pdu(commands[i], 0x0e, 1, "");
		struct pdu p;

		assert_int_equal(decode(o, &p), PDU_GOOD);
		assert_int_equal(p.status, 0x0e);
		assert_false(p.has_body);
		assert_int_equal(pdu_library_read(o.at, &p), PDU_DECLINED);
		free(o.at);
	}
}

static void
refuses_submit_sm_resp_with_error_and_body(void **state)
{
	struct octets o = pdu(PDU_SUBMIT_SM_RESP, 0x58, 5, "414200"), broken = pdu(PDU_SUBMIT_SM_RESP, 0x58, 5, "4142");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.status, 0x58);
	assert_string_equal(p.message_id, "AB");
	/* an error's body may be anything */
	assert_int_equal(decode(broken, &p), PDU_GOOD);
	assert_int_equal(p.status, 0x58);
	free(o.at);
	free(broken.at);
}

static void
refuses_submit_sm_resp_without_message_id(void **state)
{
	struct octets none = pdu(PDU_SUBMIT_SM_RESP, 0, 5, ""), empty = pdu(PDU_SUBMIT_SM_RESP, 0, 5, "00");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(none, &p), PDU_GOOD);
	assert_string_equal(p.message_id, "");
	assert_int_equal(decode(empty, &p), PDU_GOOD);
	assert_string_equal(p.message_id, "");
	free(none.at);
	free(empty.at);
}

static void
refuses_submit_sm_resp_with_tlv(void **state)
{
	struct octets o = pdu(PDU_SUBMIT_SM_RESP, 0, 5, "6162633100 0428 0001 5f");
	uint32_t congestion;
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_string_equal(p.message_id, "abc1");
	assert_true(pdu_tlv_number(&p, PDU_TLV_CONGESTION_STATE, &congestion));
	assert_int_equal(congestion, 95);
	free(o.at);
}

static void
refuses_deliver_sm_with_times(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 5,
		"00 0101 3100 0101 3200 000000 32363031303130393030303030302b00 32363031303230393030303030302b00 00000000 02 "
		"6869");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(pdu_library_read(o.at, &p), PDU_DECLINED);
	assert_string_equal(p.schedule, "260101090000"
									"00+");
	assert_string_equal(p.validity, "260102090000"
									"00+");
	assert_memory_equal(p.message, "hi", 2);
	free(o.at);
}

static void
refuses_stray_trailing_nul(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 5, DELIVER_HEAD "02 6869 00");
	struct octets after = pdu(PDU_DELIVER_SM, 0, 5, DELIVER_HEAD "02 6869 0204 0002 0007 00");
	struct octets two = pdu(PDU_DELIVER_SM, 0, 5, DELIVER_HEAD "02 6869 0000");
	struct octets other = pdu(PDU_DELIVER_SM, 0, 5, DELIVER_HEAD "02 6869 01");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.message_len, 2);
	assert_int_equal(decode(after, &p), PDU_GOOD);
	assert_int_equal(p.ntlvs, 1);
	/* one is tolerated, not two, and nothing but a NUL */
	assert_int_equal(decode(two, &p), PDU_BAD_OPTIONS);
	assert_int_equal(decode(other, &p), PDU_BAD_OPTIONS);
	free(o.at);
	free(after.at);
	free(two.at);
	free(other.at);
}

static void
refuses_sm_length_255(void **state)
{
	char hex[1024] = DELIVER_HEAD "ff";
	struct octets o, cut;
	struct pdu p;

	(void)state;
	for (int i = 0; i < 254; i++)
		append(hex, "61");
	cut = pdu(PDU_DELIVER_SM, 0, 5, hex);
	append(hex, "62");
	o = pdu(PDU_DELIVER_SM, 0, 5, hex);
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.message_len, 255);
	assert_int_equal(p.message[254], 'b');
	assert_int_equal(decode(cut, &p), PDU_BAD_BODY);
	assert_int_equal(p.sequence, 5);
	free(o.at);
	free(cut.at);
}

static void
refuses_ton_npi_outside_its_list(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 5, "00 0733 3100 4f02 3200 000000 00 00 00000000 02 6869");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(pdu_library_read(o.at, &p), PDU_DECLINED);
	assert_int_equal(p.source_ton, 7);
	assert_int_equal(p.source_npi, 0x33);
	assert_int_equal(p.dest_ton, 0x4f);
	assert_int_equal(p.dest_npi, 2);
	assert_memory_equal(p.message, "hi", 2);
	free(o.at);
}

/* A carrier that speaks 3.3 or 5.0 says so in a TLV of the bind's response; the library only ever sees 0x34 from us. */
static void
refuses_interface_version(void **state)
{
	struct octets o = pdu(PDU_BIND_TRANSCEIVER_RESP, 0, 1, "736d736300 0210 0001 50");
	struct pdu_bind b = {
		.command = PDU_BIND_TRANSCEIVER, .sequence = 1, .system_id = "a", .password = "b", .system_type = ""};
	uint8_t out[PDU_ENCODED_MAX];
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_string_equal(p.system_id, "smsc");
	assert_int_equal(pdu_encode_bind(&b, out, sizeof(out)), 16 + 2 + 2 + 1 + 3 + 1);
	assert_int_equal(out[21], 0x34);
	free(o.at);
}

static void
refuses_system_id_over_15(void **state)
{
	struct octets o = pdu(PDU_BIND_TRANSCEIVER_RESP, 0, 1, "6162636465666768696a6b6c6d6e6f70717200 0210 0001 34");
	struct pdu_bind b = {.command = PDU_BIND_TRANSCEIVER,
		.sequence = 1,
		.system_id = "a-system-id-of-many-letters",
		.password = "a-password-of-many-letters",
		.system_type = ""};
	uint8_t out[PDU_ENCODED_MAX];
	struct pdu p;
	int n;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_string_equal(p.system_id, "abcdefghijklmnopqr");
	n = pdu_encode_bind(&b, out, sizeof(out));
	assert_true(n > 0);
	assert_string_equal((char *)out + 16, b.system_id);
	assert_string_equal((char *)out + 16 + strlen(b.system_id) + 1, b.password);
	free(o.at);
}

static void
refuses_payload_over_1024(void **state)
{
	size_t n = 60000;
	char *hex = malloc(2 * n + 64);
	struct octets o;
	struct pdu p;
	char *at;

	(void)state;
	at = hex + snprintf(hex, 64, DELIVER_HEAD "00 0424 %04zx", n);
	for (size_t i = 0; i < n; i++)
		at += snprintf(at, 3, "%02zx", i % 251);
	o = pdu(PDU_DELIVER_SM, 0, 5, hex);
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.message_len, n);
	assert_int_equal(p.message[n - 1], (n - 1) % 251);
	free(o.at);
	free(hex);
}

static void
refuses_other_widths(void **state)
{
	struct octets o =
		pdu(PDU_DELIVER_SM, 0, 5, DELIVER_HEAD "00 020c 0001 07 0427 0004 00000002 1383 0004 00000102 020e 0002 0003");
	struct octets wide = pdu(PDU_DELIVER_SM, 0, 5, DELIVER_HEAD "00 0427 0009 000000000000000002 020c 0000");
	uint32_t v;
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.ntlvs, 4); /* and no phantom one */
	assert_true(pdu_tlv_number(&p, PDU_TLV_SAR_REFERENCE, &v));
	assert_int_equal(v, 7);
	assert_true(pdu_tlv_number(&p, PDU_TLV_MESSAGE_STATE, &v));
	assert_int_equal(v, 2);
	assert_true(pdu_tlv_number(&p, 0x1383, &v));
	assert_int_equal(v, 0x102);
	assert_true(pdu_tlv_number(&p, PDU_TLV_SAR_TOTAL, &v));
	assert_int_equal(v, 3);
	assert_int_equal(decode(wide, &p), PDU_GOOD);
	assert_false(pdu_tlv_number(&p, PDU_TLV_MESSAGE_STATE, &v));
	assert_false(pdu_tlv_number(&p, PDU_TLV_SAR_REFERENCE, &v));
	free(o.at);
	free(wide.at);
}

static void
pack_refuses_sm_length_254(void **state)
{
	uint8_t text[255], out[PDU_ENCODED_MAX];
	struct pdu_submit s = {
		.sequence = 3, .source = "10690001", .dest = "8613900000001", .validity = "", .octets = text};
	struct pdu p;

	(void)state;
	memset(text, 'q', sizeof(text));
	for (s.len = 252; s.len <= 254; s.len++) {
		int n = pdu_encode_submit(&s, out, sizeof(out));

		assert_true(n > 0);
		assert_int_equal(pdu_decode(out, (size_t)n, &p), PDU_GOOD);
		assert_int_equal(p.message_len, s.len);
		assert_memory_equal(p.message, text, s.len);
	}
	s.len = 255;
	assert_int_equal(pdu_encode_submit(&s, out, sizeof(out)), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_status_outside_its_list),
		cmocka_unit_test(refuses_sequence_0),
		cmocka_unit_test(accepts_all_32_bits_of_sequence),
		cmocka_unit_test(refuses_error_responses_without_body),
		cmocka_unit_test(refuses_submit_sm_resp_with_error_and_body),
		cmocka_unit_test(refuses_submit_sm_resp_without_message_id),
		cmocka_unit_test(refuses_submit_sm_resp_with_tlv),
		cmocka_unit_test(refuses_deliver_sm_with_times),
		cmocka_unit_test(refuses_stray_trailing_nul),
		cmocka_unit_test(refuses_sm_length_255),
		cmocka_unit_test(refuses_ton_npi_outside_its_list),
		cmocka_unit_test(refuses_interface_version),
		cmocka_unit_test(refuses_system_id_over_15),
		cmocka_unit_test(refuses_payload_over_1024),
		cmocka_unit_test(refuses_other_widths),
		cmocka_unit_test(pack_refuses_sm_length_254),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
