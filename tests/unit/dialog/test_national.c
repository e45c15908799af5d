/* National language tables: every place of every table there and back, known places, and what the tables have in
 * common. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/national.h"
#include "dialog/text.h"
#include "dialog/utf8.h"

static void
names(void **state)
{
	(void)state;
	assert_string_equal(national_name(NATIONAL_TURKISH), "turkish");
	assert_string_equal(national_name(NATIONAL_URDU), "urdu");
	assert_string_equal(national_name(NATIONAL_NONE), "");
	assert_string_equal(national_name(NATIONAL_COUNT), "");
	assert_string_equal(national_name(-1), "");
	for (int i = NATIONAL_TURKISH; i < NATIONAL_COUNT; i++)
		assert_int_equal(national_by_name(national_name(i)), i);
	assert_int_equal(national_by_name(""), NATIONAL_NONE);
	assert_int_equal(national_by_name("klingon"), NATIONAL_NONE);
	assert_false(national_locks(NATIONAL_SPANISH));
	assert_true(national_locks(NATIONAL_URDU));
}

/* What the specification itself has at two places of one single shift table. */
static bool
doubled(int language, uint32_t cp)
{
	return language >= NATIONAL_BENGALI && (cp == '*' || cp == 0xA1);
}

static void
every_place_goes_round(void **state)
{
	(void)state;
	for (int language = NATIONAL_TURKISH; language < NATIONAL_COUNT; language++) {
		struct gsm7_tables both = national_tables(language, language);
		int basic = 0, extended = 0;

		assert_int_equal(gsm7_basic(&both, GSM7_ESCAPE), GSM7_NONE);
		assert_int_equal(gsm7_extended(&both, GSM7_ESCAPE), GSM7_NONE);
		for (int place = 0; place < 128; place++) {
			uint32_t cp = gsm7_basic(&both, (uint8_t)place);
			uint8_t septets[2];

			if (cp != GSM7_NONE) {
				basic++;
				assert_int_equal(gsm7_encode(&both, cp, septets), 1);
				assert_int_equal(septets[0], place); /* so no character stands at two places */
			}
			cp = gsm7_extended(&both, (uint8_t)place);
			if (cp == GSM7_NONE)
				continue;
			extended++;
			/* The single shift table alone, behind a basic table that has the character perhaps itself. */
			struct gsm7_tables single = national_tables(NATIONAL_NONE, language);
			int width = gsm7_encode(&single, cp, septets);
			assert_true(width == 1 || width == 2);
			if (width == 1)
				assert_int_equal(gsm7_basic(&single, septets[0]), cp);
			else if (doubled(language, cp))
				assert_int_equal(gsm7_extended(&single, septets[1]), cp);
			else
				assert_int_equal(septets[1], place);
		}
		/* Letters, digits, LF, CR, space and the six signs that every Indian table keeps: nothing fell out. */
		assert_true(basic >= (language == NATIONAL_TAMIL ? 90 : 100));
		assert_true(extended >= 17);
	}
}

static void
no_place_is_there_twice(void **state)
{
	(void)state;
	for (int language = NATIONAL_TURKISH; language < NATIONAL_COUNT; language++) {
		struct gsm7_tables t = national_tables(language, language);
		bool seen[128] = {false};

		for (size_t i = 0; i < t.nextra + t.nshared; i++) {
			const struct gsm7_extra *e = i < t.nextra ? &t.extra[i] : &t.shared[i - t.nextra];

			assert_true(e->septet < 128);
			assert_false(seen[e->septet]);
			seen[e->septet] = true;
			for (size_t j = 0; j < i; j++) {
				const struct gsm7_extra *f = j < t.nextra ? &t.extra[j] : &t.shared[j - t.nextra];

				assert_true(e->cp != f->cp || doubled(language, e->cp));
			}
		}
	}
}

static void
known_places(void **state)
{
	static const struct {
		int language, place;
		uint32_t locking, single; /* 0 = nothing is asked */
	} known[] = {
		{NATIONAL_TURKISH, 0x04, 0x20AC, 0},
		{NATIONAL_TURKISH, 0x07, 0x131, 0},
		{NATIONAL_TURKISH, 0x0B, 0x11E, 0},
		{NATIONAL_TURKISH, 0x1D, 0x15F, 0},
		{NATIONAL_TURKISH, 0x40, 0x130, '|'},
		{NATIONAL_TURKISH, 0x60, 0xE7, 0},
		{NATIONAL_TURKISH, 0x47, 'G', 0x11E},
		{NATIONAL_TURKISH, 0x63, 'c', 0xE7},
		{NATIONAL_TURKISH, 0x69, 'i', 0x131},
		{NATIONAL_SPANISH, 0x09, 0xC7, 0xE7},
		{NATIONAL_SPANISH, 0x41, 'A', 0xC1},
		{NATIONAL_SPANISH, 0x75, 'u', 0xFA},
		{NATIONAL_PORTUGUESE, 0x15, 0x221E, 0x3A9},
		{NATIONAL_PORTUGUESE, 0x5B, 0xC3, 0xC3},
		{NATIONAL_PORTUGUESE, 0x60, '~', 0},
		{NATIONAL_PORTUGUESE, 0x7B, 0xE3, 0xE3},
		{NATIONAL_PORTUGUESE, 0x7D, '`', 0},
		{NATIONAL_PORTUGUESE, 0x1F, 0xC9, 0xCA},
		{NATIONAL_BENGALI, 0x15, 0x995, 0xA1},
		{NATIONAL_BENGALI, 0x46, 0x9B2, 'F'},
		{NATIONAL_BENGALI, 0x19, 0x999, 0x9E6},
		{NATIONAL_GUJARATI, 0x7F, 0xAF1, 0},
		{NATIONAL_GUJARATI, 0x1C, 0xA9B, 0xAE6},
		{NATIONAL_HINDI, 0x5F, 0x94D, 0},
		{NATIONAL_HINDI, 0x60, 0x950, 0},
		{NATIONAL_HINDI, 0x19, 0x919, 0x964},
		{NATIONAL_HINDI, 0x25, 0x922, 0x96F},
		{NATIONAL_HINDI, 0x3A, ':', 0x971},
		{NATIONAL_KANNADA, 0x24, 0xCA1, 0xCEE},
		{NATIONAL_KANNADA, 0x3D, 0xCAA, '~'},
		{NATIONAL_KANNADA, 0x2A, 0xCA5, 0xCF2},
		{NATIONAL_MALAYALAM, 0x48, 0xD34, 'H'},
		{NATIONAL_MALAYALAM, 0x34, '4', 0xD7F},
		{NATIONAL_ORIYA, 0x5F, 0xB4D, 0},
		{NATIONAL_ORIYA, 0x26, 0xB23, 0xB5C},
		{NATIONAL_PUNJABI, 0x7B, 0xA70, 0},
		{NATIONAL_PUNJABI, 0x2D, 0xA27, 0xA75},
		{NATIONAL_TAMIL, 0x24, 0, 0xBEE},
		{NATIONAL_TAMIL, 0x48, 0xBB4, 'H'},
		{NATIONAL_TAMIL, 0x7F, 0xBF9, 0},
		{NATIONAL_TELUGU, 0x22, 0xC1F, 0xC6C},
		{NATIONAL_TELUGU, 0x23, 0xC20, 0xC6D},
		{NATIONAL_TELUGU, 0x60, 0xC55, 0},
		{NATIONAL_URDU, 0x00, 0x627, '@'},
		{NATIONAL_URDU, 0x47, 0x6A9, 'G'},
		{NATIONAL_URDU, 0x60, 0x654, 0},
		{NATIONAL_URDU, 0x3F, '?', 0x6D4},
		{NATIONAL_URDU, 0x26, 0x691, 0x60C},
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		struct gsm7_tables t = national_tables(known[i].language, known[i].language);

		if (known[i].locking)
			assert_int_equal(gsm7_basic(&t, (uint8_t)known[i].place), known[i].locking);
		if (known[i].single)
			assert_int_equal(gsm7_extended(&t, (uint8_t)known[i].place), known[i].single);
	}
}

/*
 * The nine scripts derived from Brahmi have one order in Unicode (that of ISCII), and one in these tables: so a letter
 * at one place of one table says what stands there in all, and a slip in any of them shows.
 */
static void
indian_tables_agree_place_by_place(void **state)
{
	static const uint32_t blocks[] = {0x980, 0xA80, 0x900, 0xC80, 0xD00, 0xB00, 0xA00, 0xB80, 0xC00};
	struct gsm7_tables hindi = national_tables(NATIONAL_HINDI, NATIONAL_NONE);

	(void)state;
	for (int language = NATIONAL_BENGALI; language <= NATIONAL_TELUGU; language++) {
		struct gsm7_tables t = national_tables(language, NATIONAL_NONE);
		uint32_t block = blocks[language - NATIONAL_BENGALI];

		for (uint8_t place = 0; place < 0x7B; place++) {
			uint32_t cp = gsm7_basic(&t, place), there = gsm7_basic(&hindi, place);

			if (cp == GSM7_NONE || place == 0x60)
				continue;
			if (there < 0x80)
				assert_int_equal(cp, there);
			else
				assert_int_equal(cp - block, there - 0x900);
		}
		/* Digits stand in a row behind the escape; Bengali begins two places before the others. */
		struct gsm7_tables s = national_tables(NATIONAL_NONE, language);
		for (uint32_t digit = 0; digit < 10; digit++) {
			uint8_t place = (uint8_t)(0x1C + digit);

			if (language == NATIONAL_BENGALI)
				place = (uint8_t)(digit < 2 ? 0x19 + digit : 0x1A + digit);
			assert_int_equal(gsm7_extended(&s, place), block + 0x66 + digit);
		}
	}
}

/* Numbers that are not assigned mean the default tables. */
static void
unknown_numbers_are_the_default(void **state)
{
	struct gsm7_tables t = national_tables(200, -5);

	(void)state;
	assert_ptr_equal(t.basic, gsm7_default.basic);
	assert_ptr_equal(t.extra, gsm7_default.extra);
	t = national_tables(NATIONAL_SPANISH, NATIONAL_NONE);
	assert_ptr_equal(t.basic, gsm7_default.basic);
	assert_int_equal(gsm7_extended(&t, 0x65), 0x20AC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(every_place_goes_round),
		cmocka_unit_test(no_place_is_there_twice),
		cmocka_unit_test(known_places),
		cmocka_unit_test(indian_tables_agree_place_by_place),
		cmocka_unit_test(unknown_numbers_are_the_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
