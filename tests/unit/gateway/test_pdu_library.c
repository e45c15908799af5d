/*
 * libsmpp34 as the judge of what we write: the same octets out of the same fields, for every kind of PDU and for many
 * made up from a fixed seed; and the optional parameters, whose widths are the specification's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/smpp/pdu_library.h"
#include "tests/unit/gateway/octets.h"

static uint8_t ours[PDU_ENCODED_MAX + 1024], theirs[PDU_ENCODED_MAX + 1024];

static void
assert_same(int n, int m)
{
	assert_true(n > 0);
	assert_int_equal(n, m);
	assert_memory_equal(ours, theirs, (size_t)n);
}

static void
start_check_passes(void **state)
{
	(void)state;
	assert_null(pdu_library_check());
}

static void
binds_and_plain_pdus(void **state)
{
	static const uint32_t binds[] = {PDU_BIND_TRANSCEIVER, PDU_BIND_TRANSMITTER, PDU_BIND_RECEIVER};
	static const uint32_t simple[] = {PDU_ENQUIRE_LINK, PDU_ENQUIRE_LINK_RESP, PDU_UNBIND, PDU_UNBIND_RESP,
		PDU_DELIVER_SM_RESP, PDU_DATA_SM_RESP, PDU_GENERIC_NACK};
	struct pdu_bind b = {.sequence = 1, .system_id = "a-name-of-15-ch", .password = "8-chars.", .system_type = "x"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		b.command = binds[i];
		assert_same(pdu_encode_bind(&b, ours, sizeof(ours)), pdu_library_bind(&b, theirs, sizeof(theirs)));
	}
	for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
		for (uint32_t sequence = 1; sequence; sequence <<= 1)
			assert_same(pdu_encode_simple(simple[i], 0, sequence, ours, sizeof(ours)),
				pdu_library_simple(simple[i], 0, sequence, theirs, sizeof(theirs)));
	/* and what it refuses is written all the same: a carrier's own status, sequence 0 */
	assert_int_equal(pdu_library_simple(PDU_GENERIC_NACK, 2, 0, theirs, sizeof(theirs)), -1);
	assert_int_equal(pdu_encode_simple(PDU_GENERIC_NACK, 2, 0, ours, sizeof(ours)), 16);
	assert_int_equal(pdu_library_simple(PDU_DELIVER_SM_RESP, 0x400, 1, theirs, sizeof(theirs)), -1);
	assert_int_equal(pdu_encode_simple(PDU_DELIVER_SM_RESP, 0x400, 1, ours, sizeof(ours)), 17);
}

/* ---- Many, made up ---------------------------------------------------------------------------------------------- */

static uint32_t seed = 20260102;

static uint32_t
below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static const char *
digits(char *out, uint32_t most)
{
	uint32_t n = below(most + 1);

	for (uint32_t i = 0; i < n; i++)
		out[i] = (char)('0' + below(10));
	out[n] = '\0';
	return out;
}

static void
add_options(struct pdu_options *o)
{
	static const uint16_t numbers[] = {PDU_TLV_USER_MESSAGE_REFERENCE, PDU_TLV_SAR_REFERENCE, PDU_TLV_SAR_TOTAL,
		PDU_TLV_SAR_PART, PDU_TLV_ITS_SESSION_INFO, 0x0426, 0x1204};
	static const uint8_t vendor[] = {1, 2, 3, 4, 5};
	uint8_t op = (uint8_t)below(256);

	for (uint32_t n = below(4); n > 0; n--) {
		uint16_t tag = numbers[below(sizeof(numbers) / sizeof(numbers[0]))];

		pdu_option_number(o, tag, below(pdu_tlv_facts(tag)->most == 2 ? 65536 : 256));
	}
	if (below(2))
		pdu_option_octets(o, PDU_TLV_USSD_SERVICE_OP, &op, 1);
	if (below(2))
		pdu_option_string(o, PDU_TLV_RECEIPTED_MESSAGE_ID, "session-1");
	if (below(3) == 0)
		pdu_option_octets(o, 0x1401, vendor, sizeof(vendor));
}

static void
many_made_up(void **state)
{
	/* those that the library lists */
	static const uint8_t npis[] = {0, 1, 3, 4, 6, 8, 9, 10, 14, 18};
	static const char *const types[] = {NULL, "", "CMT", "USSD", "VMN12"};
	static const char *const times[] = {NULL, "", "260102090000000+"};
	uint8_t text[254];
	char source[32], dest[80];
	int agreed = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct pdu_options options = {0};
		bool data = below(4) == 0;
		struct pdu_submit s = {.command = data ? PDU_DATA_SM : PDU_SUBMIT_SM,
			.sequence = below(0x7ffffff) + 1,
			.service_type = types[below(5)],
			.source_ton = (uint8_t)below(7),
			.source_npi = npis[below(10)],
			.source = digits(source, 20),
			.dest_ton = (uint8_t)below(7),
			.dest_npi = npis[below(10)],
			.dest = digits(dest, data ? 64 : 20),
			.esm_class = (uint8_t)below(256),
			.protocol_id = (uint8_t)below(256),
			.priority_flag = (uint8_t)below(4),
			.schedule = times[below(3)],
			.validity = times[below(3)],
			.registered_delivery = (uint8_t)below(32),
			.replace_if_present = (uint8_t)below(2),
			.data_coding = (uint8_t)below(256),
			.default_msg_id = (uint8_t)below(256),
			.octets = text,
			.len = below(254),
			.payload = below(4) == 0,
			.options = below(2) ? &options : NULL};

		for (size_t k = 0; k < s.len; k++)
			text[k] = (uint8_t)below(256);
		add_options(&options);
		assert_false(options.full);
		assert_same(pdu_encode_submit(&s, ours, sizeof(ours)), pdu_library_submit(&s, theirs, sizeof(theirs)));
		agreed++;
	}
	assert_int_equal(agreed, 20000);
}

static void
operations_made_up(void **state)
{
	char id[72], source[32], dest[32];

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct pdu_operate o = {.command = below(2) ? PDU_QUERY_SM : PDU_CANCEL_SM,
			.sequence = below(0x7ffffff) + 1,
			.message_id = digits(id, 64),
			.source_ton = (uint8_t)below(7),
			.source_npi = (uint8_t)below(2),
			.source = digits(source, 20),
			.dest_ton = (uint8_t)below(7),
			.dest_npi = (uint8_t)below(2),
			.dest = digits(dest, 20)};
		int n = pdu_encode_operate(&o, ours, sizeof(ours));

		assert_same(n, pdu_library_operate(&o, theirs, sizeof(theirs)));
		assert_int_equal(pdu_encode_operate(&o, ours, (size_t)n - 1), -1);
	}
	memset(id, '1', 65);
	id[65] = '\0';
	assert_int_equal(pdu_encode_operate(&(struct pdu_operate){.command = PDU_QUERY_SM, .message_id = id, .source = "1"},
						 ours, sizeof(ours)),
		-1);
}

/* What comes back of them, and outbind: read the same by both. */
static void
operations_read_alike(void **state)
{
	struct octets final = pdu(PDU_QUERY_SM_RESP, 0, 8, "613100 32363031303130393030303030302b00 02 07"),
				  open = pdu(PDU_QUERY_SM_RESP, 0, 8, "613100 00 01 00"),
				  outbind = pdu(PDU_OUTBIND, 0, 8, "736d736300 70617373 00");
	struct pdu p;

	(void)state;
	assert_int_equal(decode(final, &p), PDU_GOOD);
	assert_int_equal(pdu_library_read(final.at, &p), PDU_AGREED);
	assert_string_equal(p.message_id, "a1");
	assert_int_equal(p.message_state, 2);
	assert_int_equal(p.error_code, 7);
	assert_int_equal(decode(open, &p), PDU_GOOD);
	assert_int_equal(pdu_library_read(open.at, &p), PDU_AGREED);
	assert_int_equal(decode(outbind, &p), PDU_GOOD);
	assert_int_equal(pdu_library_read(outbind.at, &p), PDU_AGREED);
	assert_string_equal(p.system_id, "smsc");
	free(final.at);
	free(open.at);
	free(outbind.at);
}

/* ---- Optional parameters ------------------------------------------------------------------------------------------
 */

static void
options_come_back(void **state)
{
	struct pdu_options o = {0};
	struct pdu_submit s = {.sequence = 1, .source = "1", .dest = "2", .octets = (const uint8_t *)"menu", .len = 4};
	char id[72];
	uint32_t v;
	struct pdu p;
	int n;

	(void)state;
	pdu_option_number(&o, PDU_TLV_USSD_SERVICE_OP, 17);
	pdu_option_number(&o, PDU_TLV_ITS_SESSION_INFO, 0x0a03);
	pdu_option_string(&o, PDU_TLV_RECEIPTED_MESSAGE_ID, "abc");
	pdu_option_number(&o, 0x1500, 0x0102); /* a carrier's own */
	s.options = &o;
	n = pdu_encode_submit(&s, ours, sizeof(ours));
	assert_int_equal(pdu_decode(ours, (size_t)n, &p), PDU_GOOD);
	assert_int_equal(p.ntlvs, 4);
	assert_true(pdu_tlv_number(&p, PDU_TLV_USSD_SERVICE_OP, &v));
	assert_int_equal(v, 17);
	assert_int_equal(pdu_tlv(&p, PDU_TLV_ITS_SESSION_INFO)->len, 2);
	assert_true(pdu_tlv_number(&p, PDU_TLV_ITS_SESSION_INFO, &v));
	assert_int_equal(v, 0x0a03);
	assert_true(pdu_tlv_string(&p, PDU_TLV_RECEIPTED_MESSAGE_ID, id, sizeof(id)));
	assert_string_equal(id, "abc");
	assert_int_equal(pdu_tlv(&p, PDU_TLV_RECEIPTED_MESSAGE_ID)->len, 4);
	assert_int_equal(pdu_tlv(&p, 0x1500)->len, 2);
}

/* One that is not as the specification has it spoils the PDU, rather than going out as something else. */
static void
options_that_cannot_be(void **state)
{
	static const uint8_t octets[320];
	char many[80];
	struct pdu_options wide = {0}, kind = {0}, length = {0}, string = {0}, room = {0};
	struct pdu_submit s = {.sequence = 1, .source = "1", .dest = "2"};

	(void)state;
	memset(many, 'a', sizeof(many));
	many[79] = '\0';
	pdu_option_number(&wide, PDU_TLV_USSD_SERVICE_OP, 256);
	pdu_option_number(&kind, PDU_TLV_RECEIPTED_MESSAGE_ID, 1);
	pdu_option_octets(&length, PDU_TLV_ITS_SESSION_INFO, octets, 4);
	pdu_option_string(&string, PDU_TLV_RECEIPTED_MESSAGE_ID, many);
	pdu_option_octets(&room, 0x1500, octets, sizeof(octets));
	struct pdu_options *const bad[] = {&wide, &kind, &length, &string, &room};
	for (size_t i = 0; i < 5; i++) {
		assert_true(bad[i]->full);
		/* a good one behind it does not make it good */
		pdu_option_number(bad[i], PDU_TLV_USSD_SERVICE_OP, 2);
		assert_true(bad[i]->full);
		s.options = bad[i];
		assert_int_equal(pdu_encode_submit(&s, ours, sizeof(ours)), -1);
	}
}

/* Neither a length nor a room one octet too small lets a PDU out that is cut. */
static void
no_room_no_pdu(void **state)
{
	uint8_t text[1000] = {0};
	char long_type[] = "SIXCHR", long_address[] = "123456789012345678901", long_time[] = "260102090000000++";
	struct pdu_submit s = {.sequence = 1, .source = "1", .dest = "2", .octets = text, .len = 300, .payload = true};
	int n = pdu_encode_submit(&s, ours, sizeof(ours));

	(void)state;
	assert_int_equal(n, 16 + 1 + 4 + 4 + 3 + 2 + 4 + 1 + 4 + 300);
	for (int room = 0; room < n; room++)
		assert_int_equal(pdu_encode_submit(&s, theirs, (size_t)room), -1);
	assert_int_equal(pdu_encode_submit(&s, theirs, (size_t)n), n);
	s.payload = false;
	assert_int_equal(pdu_encode_submit(&s, ours, sizeof(ours)), -1);
	s.len = 65536;
	s.payload = true;
	assert_int_equal(pdu_encode_submit(&s, ours, sizeof(ours)), -1);
	s.len = 2;
	s.service_type = long_type;
	assert_int_equal(pdu_encode_submit(&s, ours, sizeof(ours)), -1);
	s.service_type = NULL;
	s.source = long_address;
	assert_int_equal(pdu_encode_submit(&s, ours, sizeof(ours)), -1);
	s.command = PDU_DATA_SM; /* where addresses may be longer */
	assert_true(pdu_encode_submit(&s, ours, sizeof(ours)) > 0);
	s.command = PDU_SUBMIT_SM;
	s.source = "1";
	s.validity = long_time;
	assert_int_equal(pdu_encode_submit(&s, ours, sizeof(ours)), -1);
}

static void
facts_are_in_order(void **state)
{
	size_t known = 0;

	(void)state;
	for (uint32_t tag = 0; tag <= UINT16_MAX; tag++) {
		const struct pdu_tlv_facts *f = pdu_tlv_facts((uint16_t)tag);

		if (!f)
			continue;
		known++;
		assert_int_equal(f->tag, tag);
		assert_true(f->least <= f->most);
		if (f->kind == PDU_TLV_NUMBER)
			assert_true(f->least == f->most && f->most <= 4);
	}
	assert_int_equal(known, 45);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_check_passes),
		cmocka_unit_test(binds_and_plain_pdus),
		cmocka_unit_test(many_made_up),
		cmocka_unit_test(operations_made_up),
		cmocka_unit_test(operations_read_alike),
		cmocka_unit_test(options_come_back),
		cmocka_unit_test(options_that_cannot_be),
		cmocka_unit_test(no_room_no_pdu),
		cmocka_unit_test(facts_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
