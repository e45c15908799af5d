/*
 * The guarded PDU layer. Each memory-safety fault of libsmpp34 1.14.1 (B1 to B6) and each line of what it refuses is
 * one test, named for it: no input of a peer may reach the faults, and nothing legal or common may be lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libsmpp34/smpp34_heap.h>
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/pdu_internal.h"

/* Octets in a block of exactly their size, so that a sanitizer sees the first octet read too many. */
struct octets {
	uint8_t *at;
	size_t len;
};

static int
nibble(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Hexadecimal with spaces; the length field is as written. */
static struct octets
raw(const char *hex)
{
	struct octets o = {.at = malloc(strlen(hex) / 2 + 1)};

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		o.at[o.len++] = (uint8_t)(nibble(hex[0]) << 4 | nibble(hex[1]));
		hex++;
	}
	o.at = realloc(o.at, o.len ? o.len : 1);
	return o;
}

/* A PDU from its command, status, sequence and body in hexadecimal; the length is counted. */
static struct octets
pdu(uint32_t command, uint32_t status, uint32_t sequence, const char *body)
{
	struct octets b = raw(body), o = {.at = malloc(16 + b.len), .len = 16 + b.len};
	uint32_t words[] = {(uint32_t)o.len, command, status, sequence};

	for (size_t i = 0; i < 16; i++)
		o.at[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
	memcpy(o.at + 16, b.at, b.len);
	free(b.at);
	return o;
}

static enum pdu_verdict
decode(struct octets o, struct pdu *p)
{
	return pdu_decode(o.at, o.len, p);
}

/* The tests' own hexadecimal, in buffers sized for it. */
static void
append(char *hex, const char *more)
{
	memcpy(hex + strlen(hex), more, strlen(more) + 1);
}

#define DELIVER_HEAD "00 0101 3100 0101 3200 000000 00 00 00000000" /* up to sm_length */

/* ---- The memory-safety table ---------------------------------------------------------------------------------- */

static void
b1_many_tlvs(void **state)
{
	char hex[1024] = "00000099 00000005 00000000 00000001 00010131000101320000000000000000000002 6869";
	struct octets o;
	struct pdu p;

	(void)state;
	for (int i = 0; i < 29; i++)
		append(hex, "14000000");
	o = raw(hex);
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.ntlvs, 29);
	assert_string_equal(p.source, "1");
	assert_string_equal(p.dest, "2");
	assert_int_equal(p.message_len, 2);
	assert_memory_equal(p.message, "hi", 2);
	assert_true(p.by_library);
	free(o.at);
}

/* More than are kept: the message is none the worse. */
static void
b1_more_tlvs_than_are_kept(void **state)
{
	char *hex = calloc(1, 20000);
	struct octets o;
	struct pdu p;

	(void)state;
	append(hex, DELIVER_HEAD "02 6869");
	for (int i = 0; i < 2000; i++)
		append(hex, "14000000");
	o = pdu(PDU_DELIVER_SM, 0, 1, hex);
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.ntlvs, PDU_TLVS_MAX);
	assert_int_equal(p.tlvs_left_out, 2000 - PDU_TLVS_MAX);
	assert_memory_equal(p.message, "hi", 2);
	free(o.at);
	free(hex);
}

/* submit_multi_resp never reaches the library: its fields come out empty, its header holds. */
static void
b1c_submit_multi_resp(void **state)
{
	char hex[1024] = "6100 14";
	struct octets o;
	struct pdu p;

	(void)state;
	for (int i = 0; i < 20; i++)
		append(hex, "0101 3132333400 00000001");
	o = pdu(0x80000021, 0, 77, hex);
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_false(p.by_library);
	assert_int_equal(p.sequence, 77);
	assert_string_equal(p.message_id, "");
	free(o.at);
}

static void
b2_tlv_that_does_not_parse(void **state)
{
	struct octets o = raw("00000012 80000009 00000000 00000001 0000");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_string_equal(p.system_id, "");
	assert_int_equal(p.ntlvs, 0);
	assert_true(p.by_library);
	free(o.at);
}

static void
b3_long_payload(void **state)
{
	uint8_t text[488];
	char hex[2 * 488 + 64] = DELIVER_HEAD "00 0424 01e8";
	struct octets o;
	struct pdu p;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < sizeof(text); i++)
		append(hex, "78");
	o = pdu(PDU_DELIVER_SM, 0, 1, hex);
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.message_len, 488);
	assert_memory_equal(p.message, text, 488);
	free(o.at);
}

static void
b4_shorter_than_a_header(void **state)
{
	struct octets o = raw("00000010"), empty = raw("");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_BAD_LENGTH);
	assert_int_equal(decode(empty, &p), PDU_BAD_LENGTH);
	for (size_t n = 0; n < 16; n++) {
		struct octets cut = raw("00000010 00000015 00000000 00000001");

		cut.at[3] = (uint8_t)n; /* a length that agrees, as far as it is there */
		cut.at = realloc(cut.at, n ? n : 1);
		assert_int_equal(pdu_decode(cut.at, n, &p), PDU_BAD_LENGTH);
		free(cut.at);
	}
	free(o.at);
	free(empty.at);
}

static void
b5_struct_not_zeroed(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 1, DELIVER_HEAD "02 6869 0204 0002 1234");
	struct pdu p, again;

	(void)state;
	memset(&p, 0xa5, sizeof(p));
	memset(&again, 0, sizeof(again));
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(decode(o, &again), PDU_GOOD);
	assert_memory_equal(&p, &again, sizeof(p));
	free(o.at);
}

static int allocations;

static void *
no_malloc(size_t n)
{
	(void)n;
	allocations++;
	return NULL;
}

static void *
no_realloc(void *p, size_t n)
{
	(void)p;
	(void)n;
	allocations++;
	return NULL;
}

static void
no_free(void *p)
{
	(void)p;
	allocations++;
}

/* The library allocates for optional parameters alone, and it is never given any. */
static void
b6_no_memory(void **state)
{
	static const struct smpp34_memory_functions none = {no_malloc, no_realloc, no_free};
	static const struct smpp34_memory_functions usual = {malloc, realloc, free};
	struct octets o = pdu(PDU_DELIVER_SM, 0, 1, DELIVER_HEAD "02 6869 0204 0002 1234 0424 0003 414243");
	struct pdu_submit s = {.sequence = 1, .source = "1", .dest = "2", .validity = "", .octets = (uint8_t *)"hi", .len = 2};
	uint8_t out[PDU_ENCODED_MAX];
	struct pdu p;
	enum pdu_verdict v;
	int n;

	(void)state;
	allocations = 0;
	smpp34_set_memory_functions(&none);
	v = decode(o, &p);
	n = pdu_encode_submit(&s, out, sizeof(out));
	smpp34_set_memory_functions(&usual);
	assert_int_equal(v, PDU_GOOD);
	assert_true(p.by_library);
	assert_true(n > 0);
	assert_int_equal(allocations, 0);
	free(o.at);
}

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
	assert_false(p.by_library);
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
	assert_true(p.by_library);
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
		assert_false(p.by_library);
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
		"00 0101 3100 0101 3200 000000 32363031303130393030303030302b00 32363031303230393030303030302b00 00000000 02 6869");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_false(p.by_library);
	assert_string_equal(p.schedule, "260101090000" "00+");
	assert_string_equal(p.validity, "260102090000" "00+");
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
	assert_false(p.by_library);
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
	struct pdu_submit s = {.sequence = 3, .source = "10690001", .dest = "8613900000001", .validity = "", .octets = text};
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

/* ---- The guard in general ------------------------------------------------------------------------------------- */

static void
length_must_be_the_octets(void **state)
{
	struct octets longer = raw("00000011 00000015 00000000 00000001"), shorter = raw("00000010 00000015 00000000 00000001 00");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(longer, &p), PDU_BAD_LENGTH);
	assert_int_equal(decode(shorter, &p), PDU_BAD_LENGTH);
	free(longer.at);
	free(shorter.at);
}

static void
unknown_command(void **state)
{
	struct octets o = pdu(0x00010203, 0, 42, "6162"), r = pdu(0x80010203, 0, 42, "6162");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_UNKNOWN);
	assert_int_equal(p.sequence, 42);
	assert_int_equal(decode(r, &p), PDU_GOOD); /* an unknown response is nobody's to answer */
	free(o.at);
	free(r.at);
}

/* A good deliver_sm cut anywhere, its length patched: never read past, never taken for good without its text. */
static void
cut_anywhere(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 5, "434d5400 0101 3100 0101 3200 000000 00 00 00000000 05 68656c6c6f 0204 0002 1234");
	size_t text_end = o.len - 6;
	struct pdu p;

	(void)state;
	for (size_t n = 16; n < o.len; n++) {
		uint8_t *cut = malloc(n);
		enum pdu_verdict v;

		memcpy(cut, o.at, n);
		cut[2] = (uint8_t)(n >> 8);
		cut[3] = (uint8_t)n;
		v = pdu_decode(cut, n, &p);
		if (n < text_end)
			assert_int_equal(v, PDU_BAD_BODY);
		else if (n == text_end)
			assert_int_equal(v, PDU_GOOD);
		else
			assert_int_equal(v, PDU_BAD_OPTIONS);
		assert_int_equal(p.sequence, 5);
		free(cut);
	}
	free(o.at);
}

static void
tlv_over_the_end(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 5, DELIVER_HEAD "02 6869 0204 ffff 1234");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_BAD_OPTIONS);
	assert_int_equal(p.sequence, 5);
	free(o.at);
}

/* Longer than SMPP allows, and still a person's text. */
static void
long_addresses(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 5,
		"00 0101 3132333435363738393031323334353637383930313233343500 0101 3200 000000 00 00 00000000 02 6869");
	char hex[512] = "00 0101";
	struct octets over;
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_false(p.by_library);
	assert_string_equal(p.source, "1234567890123456789012345");
	for (int i = 0; i < PDU_ADDRESS_MAX + 1; i++)
		append(hex, "31");
	append(hex, "00 0101 3200 000000 00 00 00000000 02 6869");
	over = pdu(PDU_DELIVER_SM, 0, 5, hex);
	assert_int_equal(decode(over, &p), PDU_BAD_BODY);
	free(o.at);
	free(over.at);
}

static void
data_sm(void **state)
{
	struct octets o = pdu(PDU_DATA_SM, 0, 5, "00 0101 3100 0101 3200 40 01 08 0424 0004 4f60597d");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_true(p.by_library);
	assert_string_equal(p.source, "1");
	assert_int_equal(p.esm_class, 0x40);
	assert_int_equal(p.data_coding, 8);
	assert_int_equal(p.message_len, 4);
	free(o.at);
}

static void
payload_gives_way_to_short_message(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 5, DELIVER_HEAD "02 6869 0424 0003 616263");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.message_len, 2);
	assert_memory_equal(p.message, "hi", 2);
	free(o.at);
}

static void
empty_message(void **state)
{
	struct octets o = pdu(PDU_DELIVER_SM, 0, 5, DELIVER_HEAD "00");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	assert_int_equal(p.message_len, 0);
	assert_non_null(p.message);
	free(o.at);
}

/* ---- Outbound: the library's octets are ours --------------------------------------------------------------------- */

static void
library_and_hand_agree(void **state)
{
	uint8_t text[] = {5, 0, 3, 7, 2, 1, 0x4f, 0x60}, a[PDU_ENCODED_MAX], b[PDU_ENCODED_MAX];
	struct pdu_submit s = {.sequence = 0x7fffffff,
		.source_ton = 5,
		.source = "Bureau",
		.dest_ton = 1,
		.dest_npi = 1,
		.dest = "8613900000001",
		.esm_class = 0x40,
		.registered_delivery = 1,
		.data_coding = 8,
		.validity = "260102090000000+",
		.octets = text,
		.len = sizeof(text)};
	struct pdu_bind bind = {.sequence = 1, .system_id = "huizhi", .password = "secret", .system_type = "x"};
	static const uint32_t binds[] = {PDU_BIND_TRANSCEIVER, PDU_BIND_TRANSMITTER, PDU_BIND_RECEIVER};
	static const uint32_t simple[] = {PDU_ENQUIRE_LINK, PDU_ENQUIRE_LINK_RESP, PDU_UNBIND, PDU_UNBIND_RESP,
		PDU_DELIVER_SM_RESP, PDU_DATA_SM_RESP, PDU_GENERIC_NACK};
	int n = pdu_library_submit(&s, a, sizeof(a));

	(void)state;
	assert_true(n > 0);
	assert_int_equal(pdu_hand_submit(&s, b, sizeof(b)), n);
	assert_memory_equal(a, b, (size_t)n);
	for (size_t i = 0; i < 3; i++) {
		bind.command = binds[i];
		n = pdu_library_bind(&bind, a, sizeof(a));
		assert_true(n > 0);
		assert_int_equal(pdu_hand_bind(&bind, b, sizeof(b)), n);
		assert_memory_equal(a, b, (size_t)n);
	}
	for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
		n = pdu_library_simple(simple[i], 0, 7, a, sizeof(a));
		assert_true(n > 0);
		assert_int_equal(pdu_hand_simple(simple[i], 0, 7, b, sizeof(b)), n);
		assert_memory_equal(a, b, (size_t)n);
	}
}

static void
encode_refuses_what_does_not_fit(void **state)
{
	uint8_t out[PDU_ENCODED_MAX];
	struct pdu_submit s = {.sequence = 1, .source = "123456789012345678901", .dest = "2", .validity = ""};
	char many[80];
	struct pdu_bind b = {.command = PDU_BIND_TRANSCEIVER, .system_id = many, .password = "", .system_type = ""};

	(void)state;
	assert_int_equal(pdu_encode_submit(&s, out, sizeof(out)), -1);
	s.source = "12345678901234567890";
	assert_true(pdu_encode_submit(&s, out, sizeof(out)) > 0);
	assert_int_equal(pdu_encode_submit(&s, out, 30), -1);
	memset(many, 'a', sizeof(many));
	many[79] = '\0';
	assert_int_equal(pdu_encode_bind(&b, out, sizeof(out)), -1);
	assert_int_equal(pdu_encode_simple(PDU_ENQUIRE_LINK, 0, 1, out, 15), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(b1_many_tlvs),
		cmocka_unit_test(b1_more_tlvs_than_are_kept),
		cmocka_unit_test(b1c_submit_multi_resp),
		cmocka_unit_test(b2_tlv_that_does_not_parse),
		cmocka_unit_test(b3_long_payload),
		cmocka_unit_test(b4_shorter_than_a_header),
		cmocka_unit_test(b5_struct_not_zeroed),
		cmocka_unit_test(b6_no_memory),
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
		cmocka_unit_test(length_must_be_the_octets),
		cmocka_unit_test(unknown_command),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(tlv_over_the_end),
		cmocka_unit_test(long_addresses),
		cmocka_unit_test(data_sm),
		cmocka_unit_test(payload_gives_way_to_short_message),
		cmocka_unit_test(empty_message),
		cmocka_unit_test(library_and_hand_agree),
		cmocka_unit_test(encode_refuses_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
