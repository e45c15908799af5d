/* UTF-8: every boundary of the encoding, and bytes that are none of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/utf8.h"

static void
decodes(const char *s, size_t len, uint32_t want, size_t want_len)
{
	uint32_t cp = 0;
	bool bad = true;

	assert_int_equal(utf8_decode(s, len, &cp, &bad), want_len);
	assert_int_equal(cp, want);
	assert_false(bad);
}

static void
refuses(const char *s, size_t len)
{
	uint32_t cp = 0;
	bool bad = false;

	assert_int_equal(utf8_decode(s, len, &cp, &bad), 1);
	assert_int_equal(cp, UTF8_BAD);
	assert_true(bad);
}

static void
each_length_at_its_limits(void **state)
{
	(void)state;
	decodes("\0", 1, 0, 1);
	decodes("\x7F", 1, 0x7F, 1);
	decodes("\xC2\x80", 2, 0x80, 2);
	decodes("\xDF\xBF", 2, 0x7FF, 2);
	decodes("\xE0\xA0\x80", 3, 0x800, 3);
	decodes("\xED\x9F\xBF", 3, 0xD7FF, 3);
	decodes("\xEE\x80\x80", 3, 0xE000, 3);
	decodes("\xEF\xBF\xBD", 3, 0xFFFD, 3); /* a genuine U+FFFD is not bad */
	decodes("\xF0\x90\x80\x80", 4, 0x10000, 4);
	decodes("\xF4\x8F\xBF\xBF", 4, 0x10FFFF, 4);
}

static void
bad_bytes_take_one_each(void **state)
{
	(void)state;
	refuses("\x80", 1);
	refuses("\xBF", 1);
	refuses("\xC0\x80", 2);			/* overlong */
	refuses("\xC1\xBF", 2);			/* overlong */
	refuses("\xE0\x9F\xBF", 3);		/* overlong */
	refuses("\xF0\x8F\xBF\xBF", 4); /* overlong */
	refuses("\xED\xA0\x80", 3);		/* surrogate */
	refuses("\xED\xBF\xBF", 3);
	refuses("\xF4\x90\x80\x80", 4); /* above U+10FFFF */
	refuses("\xF5\x80\x80\x80", 4);
	refuses("\xFF", 1);
	refuses("\xE4\xB8", 2);		/* cut short */
	refuses("\xE4\xB8\x80", 2); /* by its length, whatever lies behind */
	refuses("\xC2\x80", 1);
	refuses("\xE4\xB8\x41", 3);
	refuses("\xF0\x9F\x98", 3);
}

static void
nothing_takes_nothing(void **state)
{
	uint32_t cp = 7;

	(void)state;
	assert_int_equal(utf8_decode("x", 0, &cp, NULL), 0);
	assert_int_equal(cp, 7);
}

static void
every_character_goes_round(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		char octets[4];
		size_t len;

		if (cp >= 0xD800 && cp <= 0xDFFF)
			continue;
		len = utf8_encode(cp, octets);
		decodes(octets, len, cp, len);
	}
}

static void
no_character_is_encoded_as_replacement(void **state)
{
	static const uint32_t none[] = {0xD800, 0xDFFF, 0x110000, 0xFFFFFFFF};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char octets[4];

		assert_int_equal(utf8_encode(none[i], octets), 3);
		assert_memory_equal(octets, "\xEF\xBF\xBD", 3);
	}
}

static void
validity_names_the_first_bad_byte(void **state)
{
	size_t at = 99;

	(void)state;
	assert_true(utf8_valid("文登 x", 8, &at));
	assert_int_equal(at, 8);
	assert_false(utf8_valid("文\xFF登", 7, &at));
	assert_int_equal(at, 3);
	assert_true(utf8_valid("", 0, &at));
	assert_int_equal(at, 0);
	assert_false(utf8_valid("a\xE6", 2, NULL));
}

static void
cutting_keeps_characters_whole(void **state)
{
	const char *s = "a文\xF0\x9F\x98\x80z"; /* offsets 0, 1, 4, 8; length 9 */
	static const size_t want[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 9, 9};

	(void)state;
	for (size_t max = 0; max <= 10; max++)
		assert_int_equal(utf8_cut(s, 9, max), want[max]);
	/* Bad bytes are characters of one octet. */
	assert_int_equal(utf8_cut("\x80\x80\x80\x80\x80", 5, 4), 4);
	assert_int_equal(utf8_cut("\xE4\xE4\xE4", 3, 2), 2);
}

static void
counting_and_cleaning(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(utf8_count("文登a\xFF\xF0\x9F\x98\x80", 12), 5);
	assert_int_equal(utf8_clean("a\xFF\0b", 4, out, sizeof out), 8);
	assert_string_equal(out, "a\xEF\xBF\xBD\xEF\xBF\xBD"
							 "b");
	assert_int_equal(utf8_clean("文登", 6, out, 6), 3); /* room for 5 octets: one character */
	assert_string_equal(out, "文");
	assert_int_equal(utf8_clean("文登", 6, out, 7), 6);
	assert_int_equal(utf8_clean("x", 1, out, 1), 0);
	assert_string_equal(out, "");
}

static void
digits_of_every_script(void **state)
{
	static const char *const scripts[] = {
		"0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "০১২৩৪৫৬৭৮৯"};

	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
		const char *s = scripts[i];
		size_t len = strlen(s);
		uint32_t cp;

		for (int want = 0; want < 10; want++) {
			size_t n = utf8_decode(s, len, &cp, NULL);

			assert_int_equal(utf8_digit(cp), want);
			s += n;
			len -= n;
		}
	}
	assert_int_equal(utf8_digit('/'), -1);
	assert_int_equal(utf8_digit(':'), -1);
	assert_int_equal(utf8_digit(0xFF1A), -1);
	assert_int_equal(utf8_digit(0x65F), -1);
	assert_int_equal(utf8_digit(0x66A), -1);
	assert_int_equal(utf8_digit(0x4E00), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_length_at_its_limits),
		cmocka_unit_test(bad_bytes_take_one_each),
		cmocka_unit_test(nothing_takes_nothing),
		cmocka_unit_test(every_character_goes_round),
		cmocka_unit_test(no_character_is_encoded_as_replacement),
		cmocka_unit_test(validity_names_the_first_bad_byte),
		cmocka_unit_test(cutting_keeps_characters_whole),
		cmocka_unit_test(counting_and_cleaning),
		cmocka_unit_test(digits_of_every_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
