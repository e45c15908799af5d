/* Which part of which text a PDU is, and what its header says of its letters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/smpp/reassembly.h"

static struct concat
read_udh(const char *octets, size_t len)
{
	struct pdu p = {.esm_class = PDU_ESM_UDHI, .message = (const uint8_t *)octets, .message_len = len};
	struct concat c;

	concat_read(&p, &c);
	assert_true(c.header <= len);
	return c;
}
#define READ(octets) read_udh(octets, sizeof(octets) - 1)

static void
assert_concat(struct concat c, enum concat_kind kind, int reference, int part, int parts, size_t header)
{
	assert_int_equal(c.kind, kind);
	assert_int_equal(c.reference, reference);
	assert_int_equal(c.part, part);
	assert_int_equal(c.parts, parts);
	assert_int_equal(c.header, header);
}

static void
eight_bit_reference(void **state)
{
	(void)state;
	assert_concat(READ("\x05\x00\x03\x4d\x03\x02hello"), CONCAT_UDH8, 77, 2, 3, 6);
	assert_concat(READ("\x05\x00\x03\x00\x02\x01"), CONCAT_UDH8, 0, 1, 2, 6); /* reference 0, and no text */
	assert_concat(READ("\x05\x00\x03\xff\xff\xff"), CONCAT_UDH8, 255, 255, 255, 6);
}

static void
sixteen_bit_reference(void **state)
{
	(void)state;
	assert_concat(READ("\x06\x08\x04\x12\x34\x03\x02hello"), CONCAT_UDH16, 0x1234, 2, 3, 7);
}

/* A port address, then the concatenation, then a language: the others are stepped over. */
static void
other_elements_are_skipped(void **state)
{
	(void)state;
	assert_concat(READ("\x0e\x05\x04\x0b\x84\x23\xf0\x00\x03\x07\x02\x01\x24\x01\x01x"), CONCAT_UDH8, 7, 1, 2, 15);
	assert_concat(READ("\x0c\x05\x04\x0b\x84\x23\xf0\x08\x04\x12\x34\x03\x01x"), CONCAT_UDH16, 0x1234, 1, 3, 13);
	assert_concat(READ("\x03\x24\x01\x01x"), CONCAT_NONE, 0, 1, 1, 4);
}

static void
without_udhi_it_is_text(void **state)
{
	struct pdu p = {.message = (const uint8_t *)"\x05\x00\x03\x4d\x03\x02hello", .message_len = 11};
	struct concat c;

	(void)state;
	concat_read(&p, &c);
	assert_concat(c, CONCAT_NONE, 0, 1, 1, 0);
}

/* Rather a text with odd characters than none. */
static void
broken_headers(void **state)
{
	(void)state;
	assert_concat(READ("\x20hello"), CONCAT_NONE, 0, 1, 1, 0);				   /* longer than the message */
	assert_concat(READ("\x05hello"), CONCAT_NONE, 0, 1, 1, 6);				   /* an element over its end */
	assert_concat(READ(""), CONCAT_NONE, 0, 1, 1, 0);						   /* no octets at all */
	assert_concat(READ("\x00hello"), CONCAT_NONE, 0, 1, 1, 1);				   /* an empty header */
	assert_concat(READ("\x05\x00\x03\x07\x02\x03x"), CONCAT_NONE, 0, 1, 1, 6); /* part 3 of 2 */
	assert_concat(READ("\x05\x00\x03\x07\x02\x00x"), CONCAT_NONE, 0, 1, 1, 6); /* part 0 */
	assert_concat(READ("\x05\x00\x03\x07\x00\x00x"), CONCAT_NONE, 0, 1, 1, 6); /* of none */
	assert_concat(READ("\x05\x00\x03\x07\x01\x01x"), CONCAT_NONE, 0, 1, 1, 6); /* of one: a text by itself */
	assert_concat(READ("\x04\x00\x02\x07\x02\x01"), CONCAT_NONE, 0, 1, 1, 5);  /* too short an element */
}

static struct concat
read_sar(const char *reference, size_t len, const char *total, const char *part)
{
	struct pdu p = {.message = (const uint8_t *)"x", .message_len = 1};
	struct concat c;

	p.tlvs[p.ntlvs++] = (struct pdu_tlv){PDU_TLV_SAR_REFERENCE, (uint16_t)len, (const uint8_t *)reference};
	if (total)
		p.tlvs[p.ntlvs++] = (struct pdu_tlv){PDU_TLV_SAR_TOTAL, 1, (const uint8_t *)total};
	p.tlvs[p.ntlvs++] = (struct pdu_tlv){PDU_TLV_SAR_PART, 1, (const uint8_t *)part};
	concat_read(&p, &c);
	return c;
}

static void
sar_parameters(void **state)
{
	(void)state;
	assert_concat(read_sar("\x01\x2c", 2, "\x02", "\x01"), CONCAT_SAR, 300, 1, 2, 0);
	assert_concat(read_sar("\x07", 1, "\x02", "\x02"), CONCAT_SAR, 7, 2, 2, 0); /* an octet where two belong */
	assert_concat(read_sar("\0\0", 2, "\x02", "\x02"), CONCAT_SAR, 0, 2, 2, 0);
	assert_concat(read_sar("\x01\x2c", 2, NULL, "\x01"), CONCAT_NONE, 0, 1, 1, 0);
	assert_concat(read_sar("\x01\x2c", 2, "\x02", "\x03"), CONCAT_NONE, 0, 1, 1, 0);
	assert_concat(read_sar("\x01\0\0\0", 4, "\x02", "\x01"), CONCAT_NONE, 0, 1, 1, 0); /* no 16-bit number */
}

static void
names_of_kinds(void **state)
{
	(void)state;
	assert_string_equal(concat_kind_name(CONCAT_NONE), "");
	assert_string_equal(concat_kind_name(CONCAT_UDH8), "udh8");
	assert_string_equal(concat_kind_name(CONCAT_UDH16), "udh16");
	assert_string_equal(concat_kind_name(CONCAT_SAR), "sar");
}

/* The header names national tables, whatever else it says; one that is not an octet long says nothing. */
static void
national_tables(void **state)
{
	struct concat c = READ("\x0b\x00\x03\x07\x02\x01\x24\x01\x01\x25\x01\x0dx");

	(void)state;
	assert_concat(c, CONCAT_UDH8, 7, 1, 2, 12);
	assert_int_equal(c.single, 1);
	assert_int_equal(c.locking, 13);
	c = READ("\x03\x24\x01\x02x");
	assert_int_equal(c.single, 2);
	assert_int_equal(c.locking, 0);
	c = READ("\x04\x25\x02\x01\x01x");
	assert_int_equal(c.locking, 0);
	c = READ("\x03\x25\x05\x01x"); /* longer than its header */
	assert_int_equal(c.locking, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_bit_reference),
		cmocka_unit_test(sixteen_bit_reference),
		cmocka_unit_test(other_elements_are_skipped),
		cmocka_unit_test(without_udhi_it_is_text),
		cmocka_unit_test(broken_headers),
		cmocka_unit_test(sar_parameters),
		cmocka_unit_test(names_of_kinds),
		cmocka_unit_test(national_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
