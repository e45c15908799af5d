/* Outbound texts: alphabets, counts, splits and octets, at every limit; and that parts read back as the text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/gsm7.h"
#include "dialog/text.h"
#include "dialog/utf8.h"

/* n copies of s. */
static char *
repeat(const char *s, size_t n)
{
	static char out[20000];
	size_t len = strlen(s);

	assert_true(len * n < sizeof out);
	for (size_t i = 0; i < n; i++)
		memcpy(out + i * len, s, len);
	out[n * len] = '\0';
	return out;
}

static struct text_measure
measure(const char *s)
{
	struct text_measure m;

	text_measure(s, strlen(s), &m);
	return m;
}

static void
measures(const char *s, enum text_alphabet alphabet, size_t units, int parts)
{
	struct text_measure m = measure(s);

	assert_int_equal(m.alphabet, alphabet);
	assert_int_equal(m.units, units);
	assert_int_equal(m.parts, parts);
}

static void
counts_at_the_limits(void **state)
{
	(void)state;
	measures("", TEXT_GSM7, 0, 1);
	measures(repeat("a", 160), TEXT_GSM7, 160, 1);
	measures(repeat("a", 161), TEXT_GSM7, 161, 2);
	measures(repeat("a", 306), TEXT_GSM7, 306, 2);
	measures(repeat("a", 307), TEXT_GSM7, 307, 3);
	measures(repeat("€", 80), TEXT_GSM7, 160, 1);
	measures(repeat("文", 70), TEXT_UCS2, 70, 1);
	measures(repeat("文", 71), TEXT_UCS2, 71, 2);
	measures(repeat("文", 134), TEXT_UCS2, 134, 2);
	measures(repeat("文", 135), TEXT_UCS2, 135, 3);
	measures(repeat("\xF0\x9F\x98\x80", 35), TEXT_UCS2, 70, 1);
	measures(repeat("\xF0\x9F\x98\x80", 36), TEXT_UCS2, 72, 2);
}

/* 153 is odd, so a pair never ends exactly at a part's end: each part of pairs loses a septet, and the count says so.
 */
static void
counts_what_escapes_waste(void **state)
{
	(void)state;
	measures(repeat("€", 81), TEXT_GSM7, 162, 2);
	measures(repeat("€", 152), TEXT_GSM7, 304, 2);
	measures(repeat("€", 153), TEXT_GSM7, 306, 3); /* 306 septets would fit two parts if pairs could be torn */
	measures(repeat("\xF0\x9F\x98\x80", 66), TEXT_UCS2, 132, 2);
	measures(repeat("\xF0\x9F\x98\x80", 67), TEXT_UCS2, 134, 3);
}

static void
says_what_forces_ucs2(void **state)
{
	struct text_measure m = measure("It’s 5 – ’ok’");
	uint32_t list[8];

	(void)state;
	assert_int_equal(m.alphabet, TEXT_UCS2);
	assert_int_equal(m.forcing, 4);
	assert_int_equal(m.forced_by, 0x2019);
	assert_int_equal(m.gsm7_parts, 1);
	assert_int_equal(text_forcing("It’s 5 – ’ok’", strlen("It’s 5 – ’ok’"), list, 8), 2);
	assert_int_equal(list[0], 0x2019);
	assert_int_equal(list[1], 0x2013);
	list[1] = 7;
	assert_int_equal(text_forcing("’–—", strlen("’–—"), list, 1), 3);
	assert_int_equal(list[0], 0x2019);
	assert_int_equal(list[1], 7);
	assert_int_equal(text_forcing("plain", 5, list, 8), 0);

	m = measure(repeat("a", 100));
	assert_int_equal(m.forcing, 0);
	assert_int_equal(m.forced_by, 0);
}

static void
one_dash_costs_parts(void **state)
{
	char s[400];
	struct text_measure m;

	(void)state;
	memset(s, 'a', sizeof s);
	memcpy(s, "–", 3);
	text_measure(s, 162, &m); /* 160 characters */
	assert_int_equal(m.characters, 160);
	assert_int_equal(m.parts, 3);
	assert_int_equal(m.gsm7_parts, 1);
}

static void
every_gsm_character_has_one_place(void **state)
{
	int found = 0;

	(void)state;
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
		uint8_t septets[2] = {0xEE, 0xEE};
		int width = gsm7_encode(&gsm7_default, cp, septets);

		if (width == 0)
			continue;
		found++;
		if (width == 1) {
			assert_int_not_equal(septets[0], GSM7_ESCAPE);
			assert_int_equal(gsm7_basic(&gsm7_default, septets[0]), cp);
		} else {
			assert_int_equal(septets[0], GSM7_ESCAPE);
			assert_int_equal(gsm7_extended(&gsm7_default, septets[1]), cp);
		}
	}
	assert_int_equal(found, 127 + 10);
	assert_int_equal(gsm7_basic(&gsm7_default, GSM7_ESCAPE), GSM7_NONE);
	assert_int_equal(gsm7_basic(&gsm7_default, 128), GSM7_NONE);
}

static void
known_places_of_the_table(void **state)
{
	static const struct {
		uint8_t septet;
		uint32_t cp;
	} known[] = {{0x00, '@'}, {0x01, 0xA3}, {0x02, '$'}, {0x03, 0xA5}, {0x09, 0xC7}, {0x0A, '\n'}, {0x0D, '\r'},
		{0x10, 0x394}, {0x11, '_'}, {0x13, 0x393}, {0x15, 0x3A9}, {0x1A, 0x39E}, {0x1C, 0xC6}, {0x1F, 0xC9},
		{0x20, ' '}, {0x24, 0xA4}, {0x40, 0xA1}, {0x41, 'A'}, {0x5B, 0xC4}, {0x5E, 0xDC}, {0x5F, 0xA7}, {0x60, 0xBF},
		{0x61, 'a'}, {0x7B, 0xE4}, {0x7D, 0xF1}, {0x7F, 0xE0}};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		assert_int_equal(gsm7_basic(&gsm7_default, known[i].septet), known[i].cp);
	assert_int_equal(gsm7_extended(&gsm7_default, 0x65), 0x20AC);
	assert_int_equal(gsm7_extended(&gsm7_default, 0x14), '^');
	assert_int_equal(gsm7_extended(&gsm7_default, 0x40), '|');
	assert_int_equal(gsm7_extended(&gsm7_default, 0x0A), '\f');
	assert_int_equal(text_gsm7_width('`'), 0); /* easily taken for one of them */
	assert_int_equal(text_gsm7_width(0xE7), 0);
	assert_int_equal(text_gsm7_width('\t'), 0);
}

/* Splits, encodes every part, reads each back, and compares the whole with the text. */
static void
goes_round(const char *s, size_t len, int want_parts)
{
	struct text_parts p;
	char whole[20000], part[1000];
	size_t at = 0, n = 0;

	assert_int_equal(text_split_by(NULL, s, len, &p), 0);
	assert_int_equal(p.count, want_parts);
	for (int i = 0; i < p.count; i++) {
		struct text_wire w;
		size_t header = p.count > 1 ? TEXT_UDH_LEN : 0;

		assert_int_equal(p.part[i].offset, at);
		at += p.part[i].len;
		assert_int_equal(text_part_encode(s, len, &p, i, 0xAB, &w), 0);
		assert_int_equal(w.udh, p.count > 1);
		assert_int_equal(w.data_coding, p.alphabet == TEXT_GSM7 ? 0 : 8);
		assert_true(w.len <= TEXT_PART_OCTETS_MAX);
		assert_int_equal(w.len - header, p.part[i].units * (p.alphabet == TEXT_GSM7 ? 1 : 2));
		if (header > 0) {
			const uint8_t udh[] = {5, 0, 3, 0xAB, (uint8_t)p.count, (uint8_t)(i + 1)};

			assert_memory_equal(w.octets, udh, sizeof udh);
		}
		n = text_decode(p.alphabet == TEXT_GSM7 ? TEXT_CODING_GSM7 : TEXT_CODING_UTF16, w.octets + header,
			w.len - header, part, sizeof part);
		assert_int_equal(n, p.part[i].len);
		assert_memory_equal(part, s + p.part[i].offset, n);
		memcpy(whole + p.part[i].offset, part, n);
	}
	assert_int_equal(at, len);
	assert_memory_equal(whole, s, len);
}

static void
texts_go_round(void **state)
{
	char *s;

	(void)state;
	goes_round("", 0, 1);
	goes_round("Hello @£$ {€}", strlen("Hello @£$ {€}"), 1);
	goes_round("【文登审批】您好", strlen("【文登审批】您好"), 1);
	s = repeat("a", 160);
	goes_round(s, 160, 1);
	s = repeat("a", 161);
	goes_round(s, 161, 2);
	s = repeat("文", 70);
	goes_round(s, 210, 1);
	s = repeat("文", 71);
	goes_round(s, 213, 2);
	s = repeat("{", 200);
	goes_round(s, 200, 3);
	s = repeat("\xF0\x9F\x98\x80", 80);
	goes_round(s, 320, 3);
}

static void
no_escape_pair_is_torn(void **state)
{
	struct text_parts p;
	struct text_wire w;
	char s[200];

	(void)state;
	/* 152 letters, then a euro: its escape would be septet 153 of the first part. */
	memset(s, 'a', sizeof s);
	memcpy(s + 152, "€", 3);
	assert_int_equal(text_split_by(NULL, s, 175, &p), 0);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.part[0].units, 152);
	assert_int_equal(p.part[1].offset, 152);
	assert_int_equal(text_part_encode(s, 175, &p, 0, 1, &w), 0);
	assert_int_equal(w.octets[w.len - 1], 'a');
	assert_int_equal(text_part_encode(s, 175, &p, 1, 1, &w), 0);
	assert_int_equal(w.octets[TEXT_UDH_LEN], GSM7_ESCAPE);
	assert_int_equal(w.octets[TEXT_UDH_LEN + 1], 0x65);
	goes_round(s, 175, 2);
	/* one earlier, the pair just fits */
	memset(s, 'a', sizeof s);
	memcpy(s + 151, "€", 3);
	assert_int_equal(text_split_by(NULL, s, 175, &p), 0);
	assert_int_equal(p.part[0].units, 153);
	assert_int_equal(p.part[1].offset, 154);
}

static void
no_surrogate_pair_is_torn(void **state)
{
	struct text_parts p;
	struct text_wire w;
	char s[300];

	(void)state;
	/* 66 characters, then an emoji: its high half would be unit 67. */
	for (int i = 0; i < 90; i++)
		memcpy(s + i * 3, "文", 3);
	memcpy(s + 198, "\xF0\x9F\x98\x80", 4);
	memcpy(s + 202, "文文文文文文文", 21);
	assert_int_equal(text_split_by(NULL, s, 223, &p), 0);
	assert_int_equal(p.count, 2);
	assert_int_equal(p.part[0].units, 66);
	assert_int_equal(p.part[1].offset, 198);
	assert_int_equal(text_part_encode(s, 223, &p, 1, 0, &w), 0);
	assert_int_equal(w.octets[6], 0xD8);
	assert_int_equal(w.octets[7], 0x3D);
	assert_int_equal(w.octets[8], 0xDE);
	assert_int_equal(w.octets[9], 0x00);
	goes_round(s, 223, 2);
}

static void
references_travel_as_given(void **state)
{
	struct text_parts p;
	struct text_wire w;
	char *s = repeat("a", 161);

	(void)state;
	assert_int_equal(text_split_by(NULL, s, 161, &p), 0);
	assert_int_equal(text_part_encode(s, 161, &p, 0, 0, &w), 0);
	assert_memory_equal(w.octets, "\x05\x00\x03\x00\x02\x01", 6);
	assert_int_equal(w.len, 159);
	assert_int_equal(text_part_encode(s, 161, &p, 1, 255, &w), 0);
	assert_memory_equal(w.octets, "\x05\x00\x03\xFF\x02\x02", 6);
	assert_int_equal(w.len, 14);
}

static void
encoding_refuses_what_does_not_belong(void **state)
{
	struct text_parts p;
	struct text_wire w;
	char *s = repeat("a", 161);

	(void)state;
	assert_int_equal(text_split_by(NULL, s, 161, &p), 0);
	assert_int_equal(text_part_encode(s, 161, &p, 2, 1, &w), -1);
	assert_int_equal(text_part_encode(s, 161, &p, -1, 1, &w), -1);
	assert_int_equal(text_part_encode(s, 100, &p, 1, 1, &w), -1); /* another, shorter text */
	assert_int_equal(text_part_encode(repeat("文", 60), 180, &p, 0, 1, &w), -1);
	assert_int_equal(w.len, 0);
	s = repeat("a", 170);
	p.part[1].len = 9; /* one more than the text has */
	assert_int_equal(text_part_encode(s, 161, &p, 1, 1, &w), -1);
	p.part[1].len = 8;
	assert_int_equal(text_part_encode(s, 161, &p, 1, 1, &w), 0);
	p.count = TEXT_PARTS_MAX + 1;
	assert_int_equal(text_part_encode(s, 161, &p, 0, 1, &w), -1);
}

static void
too_many_parts_are_refused(void **state)
{
	struct text_parts p;
	char *s = repeat("a", TEXT_PARTS_MAX * 153);

	(void)state;
	goes_round(s, TEXT_PARTS_MAX * 153, TEXT_PARTS_MAX);
	s = repeat("a", TEXT_PARTS_MAX * 153 + 1);
	assert_int_equal(text_split_by(NULL, s, TEXT_PARTS_MAX * 153 + 1, &p), -1);
	assert_int_equal(p.count, 0);
	assert_int_equal(measure(s).parts, TEXT_PARTS_MAX + 1);
}

static void
hostile_bytes_travel_as_replacement(void **state)
{
	struct text_parts p;
	struct text_wire w;
	char out[32];

	(void)state;
	assert_int_equal(text_split_by(NULL, "a\xFF\0", 3, &p), 0);
	assert_int_equal(p.alphabet, TEXT_UCS2);
	assert_int_equal(text_part_encode("a\xFF\0", 3, &p, 0, 1, &w), 0);
	assert_memory_equal(w.octets, "\0a\xFF\xFD\xFF\xFD", 6);
	text_decode(TEXT_CODING_UTF16, w.octets, w.len, out, sizeof out);
	assert_string_equal(out, "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void
ussd_has_one_screen(void **state)
{
	struct text_ussd_wire w;
	char *s = repeat("a", 182);

	(void)state;
	assert_int_equal(text_ussd_encode(s, 182, &w), 0);
	assert_int_equal(w.len, 182);
	assert_int_equal(w.data_coding, 0);
	s = repeat("a", 183);
	assert_int_equal(text_ussd_encode(s, 183, &w), -1);
	assert_int_equal(w.len, 0);
	s = repeat("文", 80);
	assert_int_equal(text_ussd_encode(s, 240, &w), 0);
	assert_int_equal(w.len, 160);
	assert_int_equal(w.data_coding, 8);
	s = repeat("文", 81);
	assert_int_equal(text_ussd_encode(s, 243, &w), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_at_the_limits),
		cmocka_unit_test(counts_what_escapes_waste),
		cmocka_unit_test(says_what_forces_ucs2),
		cmocka_unit_test(one_dash_costs_parts),
		cmocka_unit_test(every_gsm_character_has_one_place),
		cmocka_unit_test(known_places_of_the_table),
		cmocka_unit_test(texts_go_round),
		cmocka_unit_test(no_escape_pair_is_torn),
		cmocka_unit_test(no_surrogate_pair_is_torn),
		cmocka_unit_test(references_travel_as_given),
		cmocka_unit_test(encoding_refuses_what_does_not_belong),
		cmocka_unit_test(too_many_parts_are_refused),
		cmocka_unit_test(hostile_bytes_travel_as_replacement),
		cmocka_unit_test(ussd_has_one_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
