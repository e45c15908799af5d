/* Inbound texts: every coding, its odd units, and octets that are none of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/text.h"

#define BAD "\xEF\xBF\xBD"

static void
decodes(enum text_coding coding, const char *in, size_t len, const char *want)
{
	char out[512];
	size_t n = text_decode(coding, (const uint8_t *)in, len, out, sizeof out);

	assert_string_equal(out, want);
	assert_int_equal(n, strlen(want));
}

static void
unpacked_gsm7(void **state)
{
	(void)state;
	decodes(TEXT_CODING_GSM7, "", 0, "");
	decodes(TEXT_CODING_GSM7, "Y", 1, "Y");
	decodes(TEXT_CODING_GSM7, "\0\1\2\x11\x1B\x65\x1B\x28\x10", 9, "@£$_€{Δ");
	decodes(TEXT_CODING_GSM7, "a\x1B", 2, "a ");	 /* an escape at the end */
	decodes(TEXT_CODING_GSM7, "a\x1B\x41", 3, "aA"); /* unknown behind the escape: the basic table's */
	decodes(TEXT_CODING_GSM7,
		"a\x1B\x1B"
		"b",
		4, "a b"); /* reserved for another table */
	decodes(TEXT_CODING_GSM7, "a\x80\xFF", 3, "a" BAD BAD);
	decodes(TEXT_CODING_GSM7, "a\x1B\xE9", 3, "a " BAD);
	decodes(TEXT_CODING_GSM7, "a\0", 2, "a@"); /* a NUL at the end is an at sign here */
}

static void
packed(const char *in, size_t len, size_t header, size_t septets, const char *want)
{
	char out[512];

	text_decode_gsm7_packed((const uint8_t *)in, len, header, septets, out, sizeof out);
	assert_string_equal(out, want);
}

static void
packed_gsm7(void **state)
{
	(void)state;
	/* "hellohello", the specification's way of packing */
	packed("\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37", 9, 0, SIZE_MAX, "hellohello");
	packed("\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37", 9, 0, 5, "hello");
	packed("\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37", 9, 0, 99, "hellohello"); /* a count beyond the octets */
	packed("", 0, 0, SIZE_MAX, "");
	packed("\xD9", 1, 0, SIZE_MAX, "Y");
	/* Seven letters leave seven spare bits: zero or CR there is filling, unless the count says it is a letter. */
	packed("\x31\xD9\x8C\x56\xB3\xDD\x00", 7, 0, SIZE_MAX, "1234567");
	packed("\x31\xD9\x8C\x56\xB3\xDD\x00", 7, 0, 8, "1234567@");
	packed("\x31\xD9\x8C\x56\xB3\xDD\x1A", 7, 0, SIZE_MAX, "1234567");
	packed("\x31\xD9\x8C\x56\xB3\xDD\x1A", 7, 0, 8, "1234567\r");
	/* Behind a six-octet header: 48 bits, one fill bit to the next septet. */
	packed("\xD0\x65", 2, 6, SIZE_MAX, "he");
	packed("\xD0\x65", 2, 6, 2, "he");
	packed("\xB2", 1, 6, 1, "Y");
	packed("\x00", 1, 1, 5, ""); /* six fill bits leave nothing */
	/* Behind seven octets there is none. */
	packed("\xE8\x32\x9B\xFD\x06", 5, 7, 5, "hello");
}

static void
eight_bit_codings(void **state)
{
	(void)state;
	decodes(TEXT_CODING_ASCII, "Y.\xE9", 3, "Y." BAD);
	decodes(TEXT_CODING_ASCII, "Y\0\0", 3, "Y");
	decodes(TEXT_CODING_ASCII, "Y\x7F", 2, "Y" BAD);
	decodes(TEXT_CODING_ASCII, "Y\0Y", 3, "Y" BAD "Y");
	decodes(TEXT_CODING_LATIN1, "S\xED, \xBFno?", 8, "Sí, ¿no?");
	decodes(TEXT_CODING_LATIN1, "\x80\x92\x81", 3, "€’" BAD);
	decodes(TEXT_CODING_CYRILLIC, "\xB4\xD0 \xA1\xF1\xF0\xFD", 7, "Да Ёё№§");
	decodes(TEXT_CODING_HEBREW, "\xEB\xEF 1\xDB", 5, "כן 1" BAD);
	decodes(TEXT_CODING_BINARY, "12", 2, BAD BAD);				   /* never an answer by chance */
	decodes(TEXT_CODING_LATIN1, "a\x1B[2J\n", 6, "a" BAD "[2J\n"); /* no terminal is to obey it */
}

static void
utf16(void **state)
{
	(void)state;
	decodes(TEXT_CODING_UTF16, "\x66\x2F", 2, "是");
	decodes(TEXT_CODING_UTF16, "\xFE\xFF\x66\x2F", 4, "是");
	decodes(TEXT_CODING_UTF16, "\xFF\xFE\x2F\x66", 4, "是");
	decodes(TEXT_CODING_UTF16, "\xD8\x3D\xDE\x00", 4, "\xF0\x9F\x98\x80");
	decodes(TEXT_CODING_UTF16, "\xDB\xFF\xDF\xFF", 4, "\xF4\x8F\xBF\xBF");
	decodes(TEXT_CODING_UTF16, "\xD8\x3D", 2, BAD);			 /* a high half alone */
	decodes(TEXT_CODING_UTF16, "\xDE\x00\x00Y", 4, BAD "Y"); /* a low half alone */
	decodes(TEXT_CODING_UTF16, "\xD8\x3D\xD8\x3D\xDE\x00", 6, BAD "\xF0\x9F\x98\x80");
	decodes(TEXT_CODING_UTF16, "\x00Y\x66", 3, "Y" BAD); /* half a unit */
	decodes(TEXT_CODING_UTF16, "\x00Y\x00\x00", 4, "Y");
	decodes(TEXT_CODING_UTF16, "\x00Y\x00\x00\x00Y", 6, "Y" BAD "Y");
	decodes(TEXT_CODING_UTF16, "\x00Y\x00\x00\x00", 5, "Y" BAD BAD); /* the NULs of no whole number of units stay */
	decodes(TEXT_CODING_UTF16, "\x00\x85", 2, BAD);
	decodes(TEXT_CODING_UTF16, "\xFE\xFF", 2, "");
	decodes(TEXT_CODING_UTF16, "\xFF", 1, BAD);
	decodes(TEXT_CODING_UTF16, "\x00\x00", 2, "");
}

static void
cut_at_a_character(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(text_decode(TEXT_CODING_UTF16, (const uint8_t *)"\x66\x2F\x66\x2F\x00Y", 6, out, 6), 3);
	assert_string_equal(out, "是"); /* nothing after the first that does not fit, not even the smaller Y */
	assert_int_equal(text_decode(TEXT_CODING_GSM7, (const uint8_t *)"abc", 3, out, 3), 2);
	assert_string_equal(out, "ab");
	assert_int_equal(text_decode(TEXT_CODING_GSM7, (const uint8_t *)"abc", 3, out, 1), 0);
	assert_string_equal(out, "");
}

static void
data_codings(void **state)
{
	static const struct {
		uint8_t data_coding;
		enum text_coding want;
	} known[] = {{0, TEXT_CODING_LATIN1}, {1, TEXT_CODING_ASCII}, {2, TEXT_CODING_BINARY}, {3, TEXT_CODING_LATIN1},
		{4, TEXT_CODING_BINARY}, {5, TEXT_CODING_BINARY}, {6, TEXT_CODING_CYRILLIC}, {7, TEXT_CODING_HEBREW},
		{8, TEXT_CODING_UTF16}, {9, TEXT_CODING_BINARY}, {0x10, TEXT_CODING_GSM7}, {0x14, TEXT_CODING_BINARY},
		{0x18, TEXT_CODING_UTF16}, {0x19, TEXT_CODING_UTF16}, {0x20, TEXT_CODING_BINARY}, {0xC0, TEXT_CODING_GSM7},
		{0xE0, TEXT_CODING_UTF16}, {0xF0, TEXT_CODING_GSM7}, {0xF3, TEXT_CODING_GSM7}, {0xF4, TEXT_CODING_BINARY},
		{0xF7, TEXT_CODING_BINARY}};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		assert_int_equal(text_coding_of(known[i].data_coding, TEXT_CODING_LATIN1), known[i].want);
	assert_int_equal(text_coding_of(0xF1, TEXT_CODING_GSM7_PACKED), TEXT_CODING_GSM7_PACKED);
	assert_int_equal(text_coding_of(0, TEXT_CODING_GSM7_PACKED), TEXT_CODING_GSM7_PACKED);
}

static void
names_of_the_configuration(void **state)
{
	enum text_coding c;

	(void)state;
	assert_int_equal(text_coding_by_name("gsm7", &c), 0);
	assert_int_equal(c, TEXT_CODING_GSM7);
	assert_int_equal(text_coding_by_name("ucs2", &c), 0);
	assert_int_equal(c, TEXT_CODING_UTF16);
	assert_int_equal(text_coding_by_name("latin1", &c), 0);
	assert_int_equal(c, TEXT_CODING_LATIN1);
	assert_int_equal(text_coding_by_name("ascii", &c), 0);
	assert_int_equal(c, TEXT_CODING_ASCII);
	assert_int_equal(text_coding_by_name("ebcdic", &c), -1);
	assert_string_equal(text_alphabet_name(TEXT_GSM7), "gsm7");
	assert_string_equal(text_alphabet_name(TEXT_UCS2), "ucs2");
}

static void
hex(void **state)
{
	char out[10];

	(void)state;
	assert_int_equal(text_hex((const uint8_t *)"\x0A\xFF\x31", 3, out, sizeof out), 8);
	assert_string_equal(out, "0a ff 31");
	assert_int_equal(text_hex((const uint8_t *)"\x0A\xFF\x31", 3, out, 8), 5);
	assert_string_equal(out, "0a ff");
	assert_int_equal(text_hex((const uint8_t *)"\x0A", 1, out, 1), 0);
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacked_gsm7),
		cmocka_unit_test(packed_gsm7),
		cmocka_unit_test(eight_bit_codings),
		cmocka_unit_test(utf16),
		cmocka_unit_test(cut_at_a_character),
		cmocka_unit_test(data_codings),
		cmocka_unit_test(names_of_the_configuration),
		cmocka_unit_test(hex),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
