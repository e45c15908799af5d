/* The parts of one text read as one: what a part's end tears is made whole, in every coding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/national.h"
#include "dialog/text.h"

#define BAD "\xEF\xBF\xBD"
#define PIECE(c, s)                                                                                                    \
	{                                                                                                                  \
		.coding = (c), .octets = (const uint8_t *)(s), .len = sizeof(s) - 1                                            \
	}
#define JOINS(want, ...)                                                                                               \
	do {                                                                                                               \
		const struct text_piece pieces_[] = {__VA_ARGS__};                                                             \
		char out_[512];                                                                                                \
		size_t n_ = text_join(pieces_, sizeof pieces_ / sizeof pieces_[0], "[..]", out_, sizeof out_);                 \
		assert_string_equal(out_, want);                                                                               \
		assert_int_equal(n_, strlen(want));                                                                            \
	} while (0)

static void
a_surrogate_pair(void **state)
{
	(void)state;
	JOINS("a\xF0\x9F\x98\x80z", PIECE(TEXT_CODING_UTF16, "\0a\xD8\x3D"), PIECE(TEXT_CODING_UTF16, "\xDE\0\0z"));
	/* behind a byte order mark that a phone puts before every part */
	JOINS("a\xF0\x9F\x98\x80z",
		PIECE(TEXT_CODING_UTF16, "\xFF\xFE"
								 "a\0\x3D\xD8"),
		PIECE(TEXT_CODING_UTF16, "\xFF\xFE\x00\xDEz\0"));
	/* the mark of the first part holds for the second */
	JOINS("ab",
		PIECE(TEXT_CODING_UTF16, "\xFF\xFE"
								 "a\0"),
		PIECE(TEXT_CODING_UTF16, "b\0"));
	JOINS("a" BAD "z", PIECE(TEXT_CODING_UTF16, "\0a\xD8\x3D"), PIECE(TEXT_CODING_UTF16, "\0z"));
	JOINS("a" BAD "z", PIECE(TEXT_CODING_UTF16, "\0a\xD8\x3D"), PIECE(TEXT_CODING_GSM7, "z"));
	JOINS("a" BAD, PIECE(TEXT_CODING_UTF16, "\0a"), PIECE(TEXT_CODING_UTF16, "\xD8\x3D"));
}

static void
half_a_unit(void **state)
{
	(void)state;
	JOINS("是是", PIECE(TEXT_CODING_UTF16, "\x66\x2F\x66"), PIECE(TEXT_CODING_UTF16, "\x2F"));
	JOINS("是是Y", PIECE(TEXT_CODING_UTF16, "\x66\x2F\x66"), PIECE(TEXT_CODING_UTF16, "\x2F\0Y"));
	/* a stray octet before a part that is whole by itself shifts nothing */
	JOINS("是" BAD "是", PIECE(TEXT_CODING_UTF16, "\x66\x2F\x66"), PIECE(TEXT_CODING_UTF16, "\x66\x2F"));
	JOINS("是" BAD, PIECE(TEXT_CODING_UTF16, "\x66\x2F\x66"), PIECE(TEXT_CODING_UTF16, ""));
}

static void
an_escape_pair(void **state)
{
	(void)state;
	JOINS("5 €.", PIECE(TEXT_CODING_GSM7, "5 \x1B"), PIECE(TEXT_CODING_GSM7, "e."));
	JOINS("5 €", PIECE(TEXT_CODING_GSM7, "5 \x1B"), PIECE(TEXT_CODING_GSM7, ""), PIECE(TEXT_CODING_GSM7, "e"));
	JOINS("5  是", PIECE(TEXT_CODING_GSM7, "5 \x1B"), PIECE(TEXT_CODING_UTF16, "\x66\x2F"));
	/* packed: eight septets, the last the escape, and the next part's behind its header's fill bit */
	const struct text_piece packed[] = {
		{.coding = TEXT_CODING_GSM7_PACKED, .octets = (const uint8_t *)"\x31\xD9\x8C\x56\xB3\xDD\x36", .len = 7},
		{.coding = TEXT_CODING_GSM7_PACKED, .octets = (const uint8_t *)"\xCA", .len = 1, .header = 6}};
	char out[64];
	text_join(packed, 2, "", out, sizeof out);
	assert_string_equal(out, "1234567€");
	/* the second part's table says what the escape means */
	const struct text_piece turkish[] = {{.coding = TEXT_CODING_GSM7, .octets = (const uint8_t *)"G\x1B", .len = 2},
		{.coding = TEXT_CODING_GSM7, .octets = (const uint8_t *)"g", .len = 1, .single = NATIONAL_TURKISH}};
	text_join(turkish, 2, "", out, sizeof out);
	assert_string_equal(out, "Gğ");
}

static void
utf8_sequences(void **state)
{
	(void)state;
	JOINS("是", PIECE(TEXT_CODING_UTF8, "\xE6"), PIECE(TEXT_CODING_UTF8, "\x98"), PIECE(TEXT_CODING_UTF8, "\xAF"));
	JOINS("a\xF0\x9F\x98\x80z", PIECE(TEXT_CODING_UTF8, "a\xF0\x9F\x98"), PIECE(TEXT_CODING_UTF8, "\x80z"));
	JOINS("a" BAD BAD "z", PIECE(TEXT_CODING_UTF8, "a\xF0\x9F"), PIECE(TEXT_CODING_UTF8, "z"));
	JOINS("a" BAD, PIECE(TEXT_CODING_UTF8, "a\xE6"));
	JOINS("是a", PIECE(TEXT_CODING_UTF8, "\xEF\xBB\xBF是a\0\0"));
	JOINS("a" BAD, PIECE(TEXT_CODING_UTF8, "a\xC0")); /* begins nothing */
	JOINS("à", PIECE(TEXT_CODING_UTF8, "\xC3"), PIECE(TEXT_CODING_UTF8, ""), PIECE(TEXT_CODING_UTF8, "\xA0"));
	JOINS("ࠀ", PIECE(TEXT_CODING_UTF8, "\xE0"), PIECE(TEXT_CODING_UTF8, "\xA0\x80"));
	JOINS("퟿", PIECE(TEXT_CODING_UTF8, "\xED"), PIECE(TEXT_CODING_UTF8, "\x9F\xBF"));
}

static void
other_codings_in_one_text(void **state)
{
	(void)state;
	JOINS("Y 是ñ", PIECE(TEXT_CODING_GSM7, "Y "), PIECE(TEXT_CODING_UTF16, "\x66\x2F"),
		PIECE(TEXT_CODING_LATIN1, "\xF1"));
	JOINS("12345678ab",
		{.coding = TEXT_CODING_GSM7_PACKED, .octets = (const uint8_t *)"\x31\xD9\x8C\x56\xB3\xDD\x70", .len = 7},
		PIECE(TEXT_CODING_GSM7, "ab"));
	JOINS("Y" BAD BAD, PIECE(TEXT_CODING_GSM7, "Y"), PIECE(TEXT_CODING_BINARY, "12"));
}

static void
empty_and_missing(void **state)
{
	(void)state;
	JOINS("ab", PIECE(TEXT_CODING_GSM7, "a"), PIECE(TEXT_CODING_UTF16, ""), PIECE(TEXT_CODING_GSM7, "b"));
	JOINS("", PIECE(TEXT_CODING_GSM7, ""), PIECE(TEXT_CODING_GSM7, ""));
	JOINS("a[..]b", PIECE(TEXT_CODING_GSM7, "a"), {.octets = NULL}, PIECE(TEXT_CODING_GSM7, "b"));
	JOINS("[..]" BAD "b", {.octets = NULL}, PIECE(TEXT_CODING_UTF16, "\xDE\0\0b"));
	JOINS("a" BAD "[..]", PIECE(TEXT_CODING_UTF16, "\0a\xD8\x3D"), {.octets = NULL});
}

static void
national_tables_in(void **state)
{
	const struct text_piece spanish = {.coding = TEXT_CODING_GSM7,
		.single = NATIONAL_SPANISH,
		.octets = (const uint8_t *)"S\x1Bi \x1Bo\x1B\x28",
		.len = 8};
	const struct text_piece hindi = {.coding = TEXT_CODING_GSM7,
		.locking = NATIONAL_HINDI,
		.single = NATIONAL_HINDI,
		.octets = (const uint8_t *)"\x15\x1B\x1Dk",
		.len = 4};
	const struct text_piece reserved = {
		.coding = TEXT_CODING_GSM7, .locking = 99, .single = 14, .octets = (const uint8_t *)"a\x1B\x65", .len = 3};
	const struct text_piece hole = {
		.coding = TEXT_CODING_GSM7, .locking = NATIONAL_TAMIL, .octets = (const uint8_t *)"\x00\x01", .len = 2};
	char out[64];

	(void)state;
	text_join(&spanish, 1, "", out, sizeof out);
	assert_string_equal(out, "Sí ó{");
	text_join(&hindi, 1, "", out, sizeof out);
	assert_string_equal(out, "क१k");
	text_join(&reserved, 1, "", out, sizeof out);
	assert_string_equal(out, "a€");
	text_join(&hole, 1, "", out, sizeof out);
	assert_string_equal(out, BAD "\xE0\xAE\x82");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_surrogate_pair),
		cmocka_unit_test(half_a_unit),
		cmocka_unit_test(an_escape_pair),
		cmocka_unit_test(utf8_sequences),
		cmocka_unit_test(other_codings_in_one_text),
		cmocka_unit_test(empty_and_missing),
		cmocka_unit_test(national_tables_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
