/* How texts travel on one link: packed septets, other alphabets behind data_coding 0, national tables, USSD screens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/national.h"
#include "dialog/text.h"

#define BIT(language) (uint16_t)(1u << (language))

static const struct text_rules packed = {.gsm7_as = TEXT_CODING_GSM7_PACKED, .gsm7_coding = 0, .ucs2_coding = 8};

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

/* head copies of s, then tail. */
static char *
ends_with(const char *s, size_t head, const char *tail)
{
	char *out = repeat(s, head);
	size_t len = strlen(out);

	memcpy(out + len, tail, strlen(tail) + 1);
	return out;
}

/* The part's header read as a phone would, its octets as text. */
static size_t
read_part(const struct text_wire *w, enum text_coding coding, char *out, size_t room)
{
	struct text_piece p = {.coding = coding, .octets = w->octets, .len = w->len};

	if (w->udh) {
		size_t end = 1 + (size_t)w->octets[0];

		for (size_t at = 1; at + 2 <= end; at += 2 + (size_t)w->octets[at + 1]) {
			if (w->octets[at] == NATIONAL_IE_SINGLE)
				p.single = w->octets[at + 2];
			if (w->octets[at] == NATIONAL_IE_LOCKING)
				p.locking = w->octets[at + 2];
		}
		p.header = end;
		p.octets += end;
		p.len -= end;
	}
	return text_join(&p, 1, "", out, room);
}

static struct text_parts
goes_round(const struct text_rules *rules, const char *s, int want_parts)
{
	struct text_parts p;
	struct text_measure m;
	char part[1000];
	size_t at = 0, len = strlen(s);

	text_measure_by(rules, s, len, &m);
	assert_int_equal(text_split_by(rules, s, len, &p), 0);
	assert_int_equal(p.count, want_parts);
	assert_int_equal(m.parts, want_parts);
	assert_int_equal(m.alphabet, p.alphabet);
	for (int i = 0; i < p.count; i++) {
		struct text_wire w;

		assert_int_equal(p.part[i].offset, at);
		at += p.part[i].len;
		assert_int_equal(text_part_encode(s, len, &p, i, 7, &w), 0);
		assert_int_equal(w.data_coding, p.alphabet == TEXT_GSM7 ? rules->gsm7_coding : rules->ucs2_coding);
		assert_int_equal(w.udh, p.count > 1 || p.locking || p.single);
		size_t n = read_part(&w, p.alphabet == TEXT_GSM7 ? rules->gsm7_as : TEXT_CODING_UTF16, part, sizeof part);
		assert_int_equal(n, p.part[i].len);
		assert_memory_equal(part, s + p.part[i].offset, n);
	}
	assert_int_equal(at, len);
	return p;
}

static void
packed_septets(void **state)
{
	struct text_parts p;
	struct text_wire w;

	(void)state;
	assert_int_equal(text_split_by(&packed, "hellohello", 10, &p), 0);
	assert_int_equal(text_part_encode("hellohello", 10, &p, 0, 1, &w), 0);
	assert_int_equal(w.len, 9);
	assert_memory_equal(w.octets, "\xE8\x32\x9B\xFD\x46\x97\xD9\xEC\x37", 9); /* the specification's way */
	goes_round(&packed, "", 1);
	goes_round(&packed, "a", 1);
	goes_round(&packed, "1234567", 1);
	goes_round(&packed, "12345678", 1);
	goes_round(&packed, repeat("a", 160), 1);
	goes_round(&packed, repeat("a", 161), 2);
	goes_round(&packed, repeat("€", 153), 3);
	goes_round(&packed, repeat("文", 71), 2);
	/* 160 septets fill 140 octets; behind a header of 6 octets and one fill bit, 153 septets do. */
	assert_int_equal(text_split_by(&packed, repeat("a", 306), 306, &p), 0);
	assert_int_equal(text_part_encode(repeat("a", 306), 306, &p, 0, 9, &w), 0);
	assert_int_equal(w.len, 140);
	assert_memory_equal(w.octets, "\x05\x00\x03\x09\x02\x01", 6);
	assert_int_equal(w.octets[6] & 1, 0);
	assert_int_equal(w.octets[6] >> 1, 'a');
	/* Seven bits left over hold CR, or a phone would show an at sign. */
	assert_int_equal(text_split_by(&packed, "1234567", 7, &p), 0);
	assert_int_equal(text_part_encode("1234567", 7, &p, 0, 1, &w), 0);
	assert_memory_equal(w.octets, "\x31\xD9\x8C\x56\xB3\xDD\x1A", 7);
}

static void
latin1_behind_zero(void **state)
{
	const struct text_rules rules = {.gsm7_as = TEXT_CODING_LATIN1, .gsm7_coding = 0, .ucs2_coding = 8};
	struct text_parts p = goes_round(&rules, "Sí: ñ @ £ $", 1);
	struct text_wire w;
	struct text_measure m;

	(void)state;
	assert_int_equal(p.alphabet, TEXT_UCS2); /* the air has no í: the carrier could only drop its accent */
	p = goes_round(&rules, "ñ @ £ [", 1);
	assert_int_equal(p.alphabet, TEXT_GSM7);
	assert_int_equal(text_part_encode("ñ @ £ [", strlen("ñ @ £ ["), &p, 0, 1, &w), 0);
	assert_int_equal(w.len, 7);
	assert_memory_equal(w.octets, "\xF1 @ \xA3 [", 7);
	p = goes_round(&rules, "5 €", 1); /* Latin-1 has no euro, though the GSM alphabet has */
	assert_int_equal(p.alphabet, TEXT_UCS2);
	goes_round(&rules, repeat("a", 160), 1);
	goes_round(&rules, repeat("[", 81), 2); /* two septets each on the air */
	text_measure_by(&rules, "5 €", strlen("5 €"), &m);
	assert_int_equal(m.forcing, 1);
	assert_int_equal(m.forced_by, 0x20AC);
}

static void
ascii_behind_zero(void **state)
{
	const struct text_rules rules = {.gsm7_as = TEXT_CODING_ASCII, .gsm7_coding = 1, .ucs2_coding = 8};
	struct text_parts p = goes_round(&rules, "Reply Y @ 5 $", 1);

	(void)state;
	assert_int_equal(p.alphabet, TEXT_GSM7);
	assert_int_equal(goes_round(&rules, "£5", 1).alphabet, TEXT_UCS2);
	assert_int_equal(goes_round(&rules, "a`b", 1).alphabet, TEXT_UCS2); /* ASCII, and not on the air */
}

static void
no_gsm_alphabet_at_all(void **state)
{
	const struct text_rules rules = {.gsm7_as = TEXT_CODING_UTF16, .gsm7_coding = 0, .ucs2_coding = 0};
	struct text_measure m;

	(void)state;
	assert_int_equal(goes_round(&rules, "Reply Y", 1).alphabet, TEXT_UCS2);
	goes_round(&rules, repeat("a", 71), 2);
	text_measure_by(&rules, "Reply Y", 7, &m);
	assert_int_equal(m.forcing, 0);
}

static void
numbers_of_the_link(void **state)
{
	const struct text_rules rules = {.gsm7_as = TEXT_CODING_GSM7, .gsm7_coding = 0xF1, .ucs2_coding = 0x18};

	(void)state;
	goes_round(&rules, "Reply Y", 1);
	goes_round(&rules, "是", 1);
}

static void
national_tables_where_they_save(void **state)
{
	struct text_rules rules = {.gsm7_as = TEXT_CODING_GSM7, .ucs2_coding = 8};
	struct text_parts p;
	char *s = repeat("güneş ", 20); /* 120 characters, ş is in no default table: two parts of UCS-2 */

	(void)state;
	assert_int_equal(goes_round(&rules, s, 2).alphabet, TEXT_UCS2); /* none allowed */
	rules.national = BIT(NATIONAL_SPANISH) | BIT(NATIONAL_HINDI);
	assert_int_equal(goes_round(&rules, s, 2).alphabet, TEXT_UCS2); /* not the right ones */
	rules.national |= BIT(NATIONAL_TURKISH);
	p = goes_round(&rules, s, 1);
	assert_int_equal(p.alphabet, TEXT_GSM7);
	assert_int_equal(p.locking, NATIONAL_TURKISH);
	assert_int_equal(p.single, NATIONAL_NONE);
	/* Short enough for one part of UCS-2: nothing saved, so nothing a phone might not know. */
	p = goes_round(&rules, "güneş", 1);
	assert_int_equal(p.alphabet, TEXT_UCS2);
	/* Within the default alphabet nothing is named. */
	p = goes_round(&rules, repeat("a", 161), 2);
	assert_int_equal(p.locking + p.single, 0);
	/* A text with a character that no table has goes as it did. */
	p = goes_round(&rules, "文güneş güneş güneş güneş güneş güneş güneş güneş güneş güneş güneş güneş güneş", 2);
	assert_int_equal(p.alphabet, TEXT_UCS2);
}

static void
national_limits(void **state)
{
	struct text_rules rules = {.gsm7_as = TEXT_CODING_GSM7, .ucs2_coding = 8};
	char *s;
	struct text_wire w;
	struct text_parts p;

	(void)state;
	/* Spanish has a single shift table alone: á is two septets; the header takes 4 octets of 140, which leaves 155. */
	rules.national = BIT(NATIONAL_SPANISH);
	s = ends_with("a", 153, "á");
	p = goes_round(&rules, s, 1);
	assert_int_equal(p.single, NATIONAL_SPANISH);
	assert_int_equal(p.part[0].units, 155);
	assert_int_equal(text_part_encode(s, strlen(s), &p, 0, 1, &w), 0);
	assert_int_equal(w.len, 159);
	assert_memory_equal(w.octets, "\x03\x24\x01\x02", 4);
	s = ends_with("a", 154, "á");
	p = goes_round(&rules, s, 2);
	assert_int_equal(p.single, NATIONAL_SPANISH);
	assert_int_equal(p.part[0].units, 149); /* 9 octets of header */
	assert_int_equal(text_part_encode(s, strlen(s), &p, 1, 0x55, &w), 0);
	assert_memory_equal(w.octets, "\x08\x00\x03\x55\x02\x02\x24\x01\x02", 9);
	/* Locking and single shift together: 12 octets of header leave 146 septets. */
	rules.national = BIT(NATIONAL_HINDI);
	s = ends_with("क", 200, "१");
	p = goes_round(&rules, s, 2);
	assert_int_equal(p.locking, NATIONAL_HINDI);
	assert_int_equal(p.single, NATIONAL_HINDI);
	assert_int_equal(p.part[0].units, 146);
	assert_int_equal(text_part_encode(s, strlen(s), &p, 0, 0x55, &w), 0);
	assert_int_equal(w.len, 158);
	assert_memory_equal(w.octets, "\x0B\x00\x03\x55\x02\x01\x24\x01\x06\x25\x01\x06", 12);
	/* The same packed: no septet more than 140 octets hold. */
	rules.gsm7_as = TEXT_CODING_GSM7_PACKED;
	p = goes_round(&rules, s, 2);
	assert_int_equal(text_part_encode(s, strlen(s), &p, 0, 0x55, &w), 0);
	assert_int_equal(w.len, 140);
}

/* An escape pair of a national table ends a part early, as one of the default table does. */
static void
no_national_escape_pair_is_torn(void **state)
{
	struct text_rules rules = {.gsm7_as = TEXT_CODING_GSM7, .ucs2_coding = 8, .national = BIT(NATIONAL_SPANISH)};
	struct text_parts p;
	struct text_wire w;
	char *s;

	(void)state;
	s = ends_with("a", 148, "ábbbbbbbbbbbbbbbbbbbb");
	p = goes_round(&rules, s, 2);
	assert_int_equal(p.part[0].units, 148);
	assert_int_equal(text_part_encode(s, strlen(s), &p, 1, 1, &w), 0);
	assert_int_equal(w.octets[9], GSM7_ESCAPE);
	assert_int_equal(w.octets[10], 'a');
}

/* Every language by itself: 100 of one of its own letters in one part, and back. */
static void
every_language_goes_round(void **state)
{
	static const char *const letters[NATIONAL_COUNT] = {[NATIONAL_TURKISH] = "ş",
		[NATIONAL_SPANISH] = "",
		[NATIONAL_PORTUGUESE] = "ã",
		[NATIONAL_BENGALI] = "ক",
		[NATIONAL_GUJARATI] = "ક",
		[NATIONAL_HINDI] = "क",
		[NATIONAL_KANNADA] = "ಕ",
		[NATIONAL_MALAYALAM] = "ക",
		[NATIONAL_ORIYA] = "କ",
		[NATIONAL_PUNJABI] = "ਕ",
		[NATIONAL_TAMIL] = "க",
		[NATIONAL_TELUGU] = "క",
		[NATIONAL_URDU] = "ک"};

	(void)state;
	for (int language = NATIONAL_TURKISH; language < NATIONAL_COUNT; language++) {
		const struct text_rules rules = {.gsm7_as = TEXT_CODING_GSM7, .ucs2_coding = 8, .national = BIT(language)};
		if (letters[language][0] == '\0')
			continue;
		struct text_parts p = goes_round(&rules, repeat(letters[language], 152), 1);
		assert_int_equal(p.locking, language);
		assert_int_equal(p.alphabet, TEXT_GSM7);
	}
}

static void
whole_texts(void **state)
{
	uint8_t octets[400], data_coding;
	struct text_rules rules = packed;
	char back[400];

	(void)state;
	rules.national = BIT(NATIONAL_TURKISH);
	assert_int_equal(text_whole_encode(NULL, repeat("a", 300), 300, octets, sizeof octets, &data_coding), 300);
	assert_int_equal(data_coding, 0);
	assert_int_equal(text_whole_encode(&rules, repeat("a", 320), 320, octets, sizeof octets, &data_coding), 280);
	text_decode(TEXT_CODING_GSM7_PACKED, octets, 280, back, sizeof back);
	assert_string_equal(back, repeat("a", 320));
	/* Whoever cuts it would have to repeat a header, so no tables are named. */
	assert_int_equal(text_whole_encode(&rules, repeat("ş", 100), 200, octets, sizeof octets, &data_coding), 200);
	assert_int_equal(data_coding, 8);
	assert_int_equal(text_whole_encode(NULL, repeat("文", 201), 603, octets, sizeof octets, &data_coding), -1);
	assert_int_equal(text_whole_encode(NULL, "", 0, octets, sizeof octets, &data_coding), 0);
}

/* ---- USSD ------------------------------------------------------------------------------------------------------- */

static void
ussd_screens(void **state)
{
	const struct text_ussd_rules broadcast = {.packed = true, .gsm7_coding = 0x0F, .ucs2_coding = 0x48};
	const struct text_ussd_rules small = {.gsm7_coding = 0, .ucs2_coding = 8, .gsm7_most = 100, .ucs2_most = 50};
	struct text_ussd_wire w;
	char back[400];

	(void)state;
	assert_int_equal(text_ussd_encode_by(&broadcast, repeat("a", 182), 182, &w), 0);
	assert_int_equal(w.len, 160);
	assert_int_equal(w.data_coding, 0x0F);
	text_decode_gsm7_packed(w.octets, w.len, 0, 182, back, sizeof back);
	assert_string_equal(back, repeat("a", 182));
	assert_int_equal(text_ussd_encode_by(&broadcast, repeat("a", 183), 183, &w), -1);
	assert_int_equal(text_ussd_encode_by(&broadcast, "1234567", 7, &w), 0);
	assert_memory_equal(w.octets, "\x31\xD9\x8C\x56\xB3\xDD\x1A", 7);
	assert_int_equal(text_ussd_encode_by(&broadcast, "1234567\r", 8, &w), 0);
	assert_int_equal(w.len, 8); /* a CR that is meant ends the last octet, so it comes twice */
	assert_memory_equal(w.octets, "\x31\xD9\x8C\x56\xB3\xDD\x1A\x0D", 8);
	assert_int_equal(text_ussd_encode_by(&broadcast, repeat("文", 80), 240, &w), 0);
	assert_int_equal(w.data_coding, 0x48);
	assert_int_equal(w.len, 160);
	assert_int_equal(text_ussd_encode_by(&broadcast, repeat("文", 81), 243, &w), -1);
	assert_int_equal(text_ussd_encode_by(&small, repeat("a", 100), 100, &w), 0);
	assert_int_equal(w.len, 100);
	assert_int_equal(text_ussd_encode_by(&small, repeat("a", 101), 101, &w), -1);
	assert_int_equal(text_ussd_encode_by(&small, repeat("文", 51), 153, &w), -1);
	assert_int_equal(text_ussd_encode_by(NULL, repeat("a", 182), 182, &w), 0);
	assert_int_equal(w.len, 182);
	assert_int_equal(w.data_coding, 0);
}

/* ---- The map of data_coding ------------------------------------------------------------------------------------- */

static void
maps_of_the_link(void **state)
{
	struct text_codings c;

	(void)state;
	text_codings_fill(&c, TEXT_CODING_LATIN1, true);
	assert_int_equal(c.of[0], TEXT_CODING_LATIN1);
	assert_int_equal(c.of[0xF0], TEXT_CODING_GSM7_PACKED);
	assert_int_equal(c.of[0x10], TEXT_CODING_GSM7_PACKED);
	assert_int_equal(c.of[8], TEXT_CODING_UTF16);
	text_codings_fill(&c, TEXT_CODING_GSM7, true);
	assert_int_equal(c.of[0], TEXT_CODING_GSM7_PACKED);
	text_codings_fill(&c, TEXT_CODING_GSM7, false);
	assert_int_equal(c.of[0], TEXT_CODING_GSM7);
	assert_int_equal(c.of[0x0F], TEXT_CODING_GSM7);
	assert_int_equal(c.of[2], TEXT_CODING_BINARY);
	assert_int_equal(c.of[4], TEXT_CODING_BINARY);
	for (int i = 0xF0; i <= 0xF3; i++)
		assert_int_equal(c.of[i], TEXT_CODING_GSM7);
	for (int i = 0xF4; i <= 0xF7; i++)
		assert_int_equal(c.of[i], TEXT_CODING_BINARY);

	assert_int_equal(text_codings_override(&c, "4=latin1"), 4);
	assert_int_equal(text_codings_override(&c, "0xF5=utf8"), 0xF5);
	assert_int_equal(text_codings_override(&c, "255=gsm7-packed"), 255);
	assert_int_equal(c.of[4], TEXT_CODING_LATIN1);
	assert_int_equal(c.of[0xF5], TEXT_CODING_UTF8);
	assert_int_equal(c.of[255], TEXT_CODING_GSM7_PACKED);
	assert_int_equal(text_codings_override(NULL, "0=cyrillic"), 0);
	static const char *const wrong[] = {"", "4", "4=", "=latin1", "256=latin1", "-1=latin1", " 4=latin1", "4=ebcdic",
		"0x=utf8", "4x=utf8", "0000000004=utf8"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(text_codings_override(&c, wrong[i]), -1);
	for (int i = TEXT_CODING_GSM7; i <= TEXT_CODING_BINARY; i++) {
		enum text_coding coding;

		assert_int_equal(text_coding_by_name(text_coding_name((enum text_coding)i), &coding), 0);
		assert_int_equal(coding, i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_septets),
		cmocka_unit_test(latin1_behind_zero),
		cmocka_unit_test(ascii_behind_zero),
		cmocka_unit_test(no_gsm_alphabet_at_all),
		cmocka_unit_test(numbers_of_the_link),
		cmocka_unit_test(national_tables_where_they_save),
		cmocka_unit_test(national_limits),
		cmocka_unit_test(no_national_escape_pair_is_torn),
		cmocka_unit_test(every_language_goes_round),
		cmocka_unit_test(whole_texts),
		cmocka_unit_test(ussd_screens),
		cmocka_unit_test(maps_of_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
