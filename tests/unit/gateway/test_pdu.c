/*
 * The guarded PDU layer: each memory-safety fault of libsmpp34 1.14.1 (B1 to B6) is one test, named for it, and so is
 * the guard that no peer's octets pass unwalked. What the library refuses is in test_pdu_refused.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libsmpp34/smpp34.h>
#include <libsmpp34/smpp34_heap.h>
#include <libsmpp34/smpp34_structs.h>
#include "gateway/smpp/pdu_library.h"
#include "tests/unit/gateway/octets.h"

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
	assert_int_equal(pdu_library_read(o.at, &p), PDU_AGREED);
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

/* n digits and a NUL, in hexadecimal. */
static void
append_string(char *hex, int n)
{
	while (n-- > 0)
		append(hex, "39");
	append(hex, "00");
}

/* The longest mandatory parts that the library is given leave most of its trace's 2048 octets free, both ways. */
static void
b1_trace_stays_short(void **state)
{
	static const uint32_t commands[] = {PDU_SUBMIT_SM, PDU_DELIVER_SM};
	uint8_t text[253], out[PDU_ENCODED_MAX];
	struct pdu_submit s = {.sequence = 0x7fffffff,
		.source_ton = 5,
		.source = "99999999999999999999",
		.dest = "99999999999999999999",
		.validity = "260102090000000+",
		.octets = text,
		.len = sizeof(text)};
	struct pdu p;

	(void)state;
	memset(text, 0xff, sizeof(text));
	for (size_t i = 0; i < 2; i++) {
		int time = commands[i] == PDU_SUBMIT_SM ? 16 : 0;
		char hex[2048] = "";
		struct octets o;

		append_string(hex, 5);
		append(hex, "0612");
		append_string(hex, 20);
		append(hex, "0612");
		append_string(hex, 20);
		append(hex, "ffffff");
		append_string(hex, time);
		append_string(hex, time);
		append(hex, "fffffffffe");
		for (int n = 0; n < 254; n++)
			append(hex, "ff");
		o = pdu(commands[i], 0, 0xffffffff, hex);
		assert_int_equal(decode(o, &p), PDU_GOOD);
		assert_int_equal(pdu_library_read(o.at, &p), PDU_AGREED);
		/* Read for one reason: that the library stayed within its buffer, whatever it has to say. */
		assert_in_range(strlen(smpp34_strerror), 1, 1023);
		free(o.at);
	}
	assert_true(pdu_library_submit(&s, out, sizeof(out)) > 0);
	assert_in_range(strlen(smpp34_strerror), 1, 1023);
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
	assert_int_equal(pdu_library_read(o.at, &p), PDU_DECLINED);
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
	assert_int_equal(pdu_library_read(o.at, &p), PDU_AGREED);
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
	assert_memory_equal(&p, &again, offsetof(struct pdu, tlvs));
	assert_int_equal(p.ntlvs, 1);
	assert_int_equal(p.tlvs[0].tag, again.tlvs[0].tag);
	assert_int_equal(p.tlvs[0].len, again.tlvs[0].len);
	assert_ptr_equal(p.tlvs[0].value, again.tlvs[0].value);
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

/* The library allocates for optional parameters that it reads alone, and it is never given any to read. */
static void
b6_no_memory(void **state)
{
	static const struct smpp34_memory_functions none = {no_malloc, no_realloc, no_free};
	static const struct smpp34_memory_functions usual = {malloc, realloc, free};
	struct octets o = pdu(PDU_DELIVER_SM, 0, 1, DELIVER_HEAD "02 6869 0204 0002 1234 0424 0003 414243");
	struct pdu_options options = {0};
	struct pdu_submit s = {.sequence = 1,
		.source = "1",
		.dest = "2",
		.validity = "",
		.octets = (uint8_t *)"hi",
		.len = 2,
		.options = &options};
	uint8_t out[PDU_ENCODED_MAX];
	struct pdu p;
	enum pdu_verdict v;
	enum pdu_judgement judgement;
	int n;

	(void)state;
	allocations = 0;
	pdu_option_number(&options, PDU_TLV_USER_MESSAGE_REFERENCE, 7);
	smpp34_set_memory_functions(&none);
	v = decode(o, &p);
	judgement = pdu_library_read(o.at, &p);
	n = pdu_library_submit(&s, out, sizeof(out));
	smpp34_set_memory_functions(&usual);
	assert_int_equal(v, PDU_GOOD);
	assert_int_equal(judgement, PDU_AGREED);
	assert_true(n > 0);
	assert_int_equal(allocations, 0);
	free(o.at);
}

/* ---- The guard in general ------------------------------------------------------------------------------------- */

/* A carrier that says nothing of its version, as most do. */
static void
bind_resp_without_interface_version(void **state)
{
	static const uint32_t commands[] = {PDU_BIND_TRANSCEIVER_RESP, PDU_BIND_TRANSMITTER_RESP, PDU_BIND_RECEIVER_RESP};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct octets o = pdu(commands[i], 0, 1, "736d736300");
		struct pdu p;

		assert_int_equal(decode(o, &p), PDU_GOOD);
		assert_string_equal(p.system_id, "smsc");
		assert_null(pdu_tlv(&p, PDU_TLV_SC_INTERFACE_VERSION));
		assert_int_equal(pdu_library_read(o.at, &p), PDU_AGREED);
		free(o.at);
	}
}

static void
length_must_be_the_octets(void **state)
{
	struct octets longer = raw("00000011 00000015 00000000 00000001"),
				  shorter = raw("00000010 00000015 00000000 00000001 00");
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
	struct octets o =
		pdu(PDU_DELIVER_SM, 0, 5, "434d5400 0101 3100 0101 3200 000000 00 00 00000000 05 68656c6c6f 0204 0002 1234");
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
	assert_int_equal(pdu_library_read(o.at, &p), PDU_DECLINED);
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
	assert_int_equal(pdu_library_read(o.at, &p), PDU_AGREED);
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

/* ---- Outbound; what the library makes of it is in test_pdu_library.c -------------------------------------------- */

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
		cmocka_unit_test(b1_trace_stays_short),
		cmocka_unit_test(b1c_submit_multi_resp),
		cmocka_unit_test(b2_tlv_that_does_not_parse),
		cmocka_unit_test(b3_long_payload),
		cmocka_unit_test(b4_shorter_than_a_header),
		cmocka_unit_test(b5_struct_not_zeroed),
		cmocka_unit_test(b6_no_memory),
		cmocka_unit_test(bind_resp_without_interface_version),
		cmocka_unit_test(length_must_be_the_octets),
		cmocka_unit_test(unknown_command),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(tlv_over_the_end),
		cmocka_unit_test(long_addresses),
		cmocka_unit_test(data_sm),
		cmocka_unit_test(payload_gives_way_to_short_message),
		cmocka_unit_test(empty_message),
		cmocka_unit_test(encode_refuses_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
