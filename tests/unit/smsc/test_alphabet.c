/* GSM 03.38, UCS-2 and the others to UTF-8 and back, headers, and where long texts are split. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/smsc/alphabet.h"

static const char *
decode(enum alphabet a, const char *octets, size_t len)
{
	static char out[512];
	alphabet_decode(a, (const uint8_t *)octets, len, out, sizeof(out));
	return out;
}

static void
decodes_gsm(void **state)
{
	(void)state;
	assert_string_equal(decode(ALPHABET_GSM7, "Hi\0\x02\x1B\x65\x1B\x28 \x11\x10", 11), "Hi@$€{ _Δ");
	assert_string_equal(decode(ALPHABET_GSM7, "\x60\x7F\x5E\x40", 4), "¿àÜ¡");
	/* A lone escape, an unknown extension, an octet that is no septet. */
	assert_string_equal(decode(ALPHABET_GSM7, "a\x1B", 2), "a ");
	assert_string_equal(decode(ALPHABET_GSM7,
							"\x1B"
							"A",
							2),
		"A");
	assert_string_equal(decode(ALPHABET_GSM7, "\x80", 1), "\uFFFD");
}

static void
decodes_ucs2(void **state)
{
	(void)state;
	assert_string_equal(decode(ALPHABET_UCS2, "\x56\xDE\x62\x67\0Y", 6), "回执Y");
	assert_string_equal(decode(ALPHABET_UCS2, "\xD8\x3D\xDE\x00", 4), "😀");
	/* Halves of a pair, a NUL, a stray octet. */
	assert_string_equal(decode(ALPHABET_UCS2, "\xD8\x3D\0a", 4), "\uFFFD"
																 "a");
	assert_string_equal(decode(ALPHABET_UCS2, "\xDE\x00\0a", 4), "\uFFFD"
																 "a");
	assert_string_equal(decode(ALPHABET_UCS2, "\xD8\x3D", 2), "\uFFFD");
	assert_string_equal(decode(ALPHABET_UCS2, "\0\0", 2), "\uFFFD");
	assert_string_equal(decode(ALPHABET_UCS2, "\0a\0", 3), "a\uFFFD");
}

static void
decodes_others(void **state)
{
	(void)state;
	assert_string_equal(decode(ALPHABET_ASCII, "a@\xE9", 3), "a@\uFFFD");
	assert_string_equal(decode(ALPHABET_LATIN1, "a@\xE9", 3), "a@é");
	assert_string_equal(decode(ALPHABET_BINARY, "\x00\xAF", 2), "00af");
	assert_int_equal(alphabet_of_coding(0x00), ALPHABET_GSM7);
	assert_int_equal(alphabet_of_coding(0x01), ALPHABET_ASCII);
	assert_int_equal(alphabet_of_coding(0x03), ALPHABET_LATIN1);
	assert_int_equal(alphabet_of_coding(0x04), ALPHABET_BINARY);
	assert_int_equal(alphabet_of_coding(0x08), ALPHABET_UCS2);
	assert_int_equal(alphabet_of_coding(0x18), ALPHABET_UCS2);
	assert_int_equal(alphabet_of_coding(0x10), ALPHABET_GSM7);
	assert_int_equal(alphabet_of_coding(0xF1), ALPHABET_GSM7);
	assert_int_equal(alphabet_of_coding(0xF5), ALPHABET_BINARY);
}

static void
cuts_between_characters(void **state)
{
	char out[6];
	(void)state;
	assert_int_equal(alphabet_decode(ALPHABET_UCS2, (const uint8_t *)"\x56\xDE\x62\x67", 4, out, sizeof(out)), 3);
	assert_string_equal(out, "回");
}

static void
knows_utf8(void **state)
{
	(void)state;
	assert_true(utf8_valid("回执 a é 😀 \uFFFD"));
	assert_false(utf8_valid("\xC0\x80"));
	assert_false(utf8_valid("\xE5\x9B"));
	assert_false(utf8_valid("\xED\xA0\x80")); /* a surrogate */
	assert_false(utf8_valid("\xF4\x90\x80\x80"));
	assert_false(utf8_valid("\xFF"));
	assert_int_equal(utf8_count("回执😀a"), 4);
}

/* Every septet there and back. */
static void
gsm_round_trip(void **state)
{
	struct text_parts parts;
	(void)state;
	for (int i = 0; i < 128; i++) {
		if (i == 0x1B)
			continue;
		char text[8];
		uint8_t septet = (uint8_t)i;
		alphabet_decode(ALPHABET_GSM7, &septet, 1, text, sizeof(text));
		assert_null(text_split(text, "gsm7", CONCAT_UDH8, &parts));
		assert_int_equal(parts.part[0].len, 1);
		assert_int_equal(parts.part[0].octets[0], i);
	}
}

static char *
repeat(const char *s, int times)
{
	static char out[20000];
	size_t len = strlen(s);
	for (int i = 0; i < times; i++)
		memcpy(out + (size_t)i * len, s, len);
	out[(size_t)times * len] = '\0';
	return out;
}

static int
count(const char *text, const char *encoding, enum concat concat)
{
	struct text_parts parts;
	assert_null(text_split(text, encoding, concat, &parts));
	return parts.count;
}

static void
splits_at_the_limits(void **state)
{
	struct text_parts parts;
	(void)state;
	assert_int_equal(count("", "auto", CONCAT_UDH8), 1);
	assert_int_equal(count(repeat("a", 160), "auto", CONCAT_UDH8), 1);
	assert_int_equal(count(repeat("a", 161), "auto", CONCAT_UDH8), 2);
	assert_int_equal(count(repeat("a", 306), "auto", CONCAT_UDH8), 2);
	assert_int_equal(count(repeat("a", 307), "auto", CONCAT_UDH8), 3);
	assert_int_equal(count(repeat("a", 304), "auto", CONCAT_UDH16), 2);
	assert_int_equal(count(repeat("a", 305), "auto", CONCAT_UDH16), 3);
	assert_int_equal(count(repeat("€", 80), "auto", CONCAT_UDH8), 1);
	assert_int_equal(count(repeat("€", 81), "auto", CONCAT_UDH8), 2);
	assert_int_equal(count(repeat("执", 70), "auto", CONCAT_UDH8), 1);
	assert_int_equal(count(repeat("执", 71), "auto", CONCAT_UDH8), 2);
	assert_int_equal(count(repeat("执", 134), "auto", CONCAT_UDH8), 2);
	assert_int_equal(count(repeat("执", 135), "auto", CONCAT_UDH8), 3);
	assert_int_equal(count(repeat("执", 133), "auto", CONCAT_UDH16), 3);
	assert_int_equal(count(repeat("a", 71), "ucs2", CONCAT_SAR), 2);

	/* 153 is odd: an escape pair that would straddle the limit moves whole to the next part. */
	assert_null(text_split(repeat("€", 81), "gsm7", CONCAT_UDH8, &parts));
	assert_int_equal(parts.part[0].len, 152);
	/* 67 units are odd: so does a surrogate pair. */
	assert_null(text_split(repeat("😀", 36), "auto", CONCAT_UDH8, &parts));
	assert_int_equal(parts.part[0].len, 132);
	assert_int_equal(parts.alphabet, ALPHABET_UCS2);
}

static void
refuses_what_cannot_go(void **state)
{
	struct text_parts parts;
	(void)state;
	assert_non_null(text_split("执", "gsm7", CONCAT_UDH8, &parts));
	assert_non_null(text_split("a", "gsm8", CONCAT_UDH8, &parts));
	assert_non_null(text_split("\xFF", "auto", CONCAT_UDH8, &parts));
	assert_null(text_split(repeat("a", 153 * 32), "auto", CONCAT_UDH8, &parts));
	assert_non_null(text_split(repeat("a", 153 * 32 + 1), "auto", CONCAT_UDH8, &parts));
}

static void
headers(void **state)
{
	uint8_t out[8];
	(void)state;
	assert_int_equal(udh_write(out, CONCAT_UDH8, 0x1FF, 3, 2), 6);
	assert_memory_equal(out, "\5\0\3\xFF\3\2", 6);
	struct udh h = udh_read(out, 6);
	assert_int_equal(h.octets, 6);
	assert_int_equal(h.kind, CONCAT_UDH8);
	assert_int_equal(h.reference, 0xFF);
	assert_int_equal(h.total, 3);
	assert_int_equal(h.part, 2);

	assert_int_equal(udh_write(out, CONCAT_UDH16, 0x1234, 3, 2), 7);
	h = udh_read(out, 7);
	assert_int_equal(h.kind, CONCAT_UDH16);
	assert_int_equal(h.reference, 0x1234);

	/* Another element in front; elements that make no sense; broken headers. */
	h = udh_read((const uint8_t *)"\x0B\x05\4\1\2\3\4\0\3\7\2\1", 12);
	assert_int_equal(h.octets, 12);
	assert_int_equal(h.part, 1);
	assert_int_equal(h.total, 2);
	h = udh_read((const uint8_t *)"\5\0\3\7\2\3", 6);
	assert_int_equal(h.octets, 6);
	assert_int_equal(h.kind, CONCAT_NONE);
	assert_int_equal(udh_read((const uint8_t *)"\5\0\3\7\2", 5).octets, 0);
	assert_int_equal(udh_read((const uint8_t *)"\5\0\4\7\2\1", 6).octets, 0);
	assert_int_equal(udh_read((const uint8_t *)"\3\0", 2).octets, 0);
	assert_int_equal(udh_read(NULL, 0).octets, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_gsm),
		cmocka_unit_test(decodes_ucs2),
		cmocka_unit_test(decodes_others),
		cmocka_unit_test(cuts_between_characters),
		cmocka_unit_test(knows_utf8),
		cmocka_unit_test(gsm_round_trip),
		cmocka_unit_test(splits_at_the_limits),
		cmocka_unit_test(refuses_what_cannot_go),
		cmocka_unit_test(headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
