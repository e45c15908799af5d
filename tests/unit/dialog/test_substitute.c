/* Plain signs for those that the GSM alphabet lacks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/substitute.h"
#include "dialog/text.h"
#include "dialog/utf8.h"

static void
becomes(unsigned sets, const char *text, const char *want)
{
	char out[300], room[2];
	size_t n = 0, len = strlen(text);

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t width = utf8_decode(text + i, len - i, &cp, NULL);
		const char *plain = substitute(sets, cp, room);
		size_t take = plain != NULL ? strlen(plain) : width;

		assert_true(plain == NULL || take <= SUBSTITUTE_MOST);
		assert_true(n + take < sizeof out);
		memcpy(out + n, plain != NULL ? plain : text + i, take);
		n += take;
		i += width;
	}
	out[n] = '\0';
	assert_string_equal(out, want);
}

static void
sets_by_name(void **state)
{
	(void)state;
	assert_int_equal(substitute_by_name("typographic"), SUBSTITUTE_TYPOGRAPHIC);
	assert_int_equal(substitute_by_name("fullwidth"), SUBSTITUTE_FULLWIDTH);
	assert_int_equal(substitute_by_name("accents"), SUBSTITUTE_ACCENTS);
	assert_int_equal(substitute_by_name("all"), 0);
}

static void
each_set_does_its_own(void **state)
{
	(void)state;
	becomes(SUBSTITUTE_TYPOGRAPHIC, "“It’s” 5–6 — wait… now", "\"It's\" 5-6 - wait... now");
	becomes(SUBSTITUTE_TYPOGRAPHIC, "re\xC2\xADnew\xE2\x80\x8B", "renew");
	becomes(SUBSTITUTE_TYPOGRAPHIC, "ＡＢＣ 是 é ł", "ＡＢＣ 是 é ł");
	becomes(SUBSTITUTE_FULLWIDTH, "ＡＢＣ１２３！，。　【x】", "ABC123!,. [x]");
	becomes(SUBSTITUTE_FULLWIDTH, "“是”", "“是”");
	becomes(SUBSTITUTE_ACCENTS, "São Łódź, ğış Œ", "Sao Lodz, gis OE");
	becomes(SUBSTITUTE_ACCENTS, "é è ù ì ò Ç Ä Ö Ñ Ü à ä ö ñ ü ß Å å Æ æ Ø ø",
		"é è ù ì ò Ç Ä Ö Ñ Ü à ä ö ñ ü ß Å å Æ æ Ø ø");
	becomes(0, "“’–…", "“’–…");
	becomes(SUBSTITUTE_ALL, "", "");
	becomes(SUBSTITUTE_ALL, "plain @ [text] 5€\n", "plain @ [text] 5€\n");
}

/* Whatever stands for a character is in the GSM alphabet itself, and what the alphabet has is never touched. */
static void
only_what_is_needed_and_only_what_helps(void **state)
{
	int replaced = 0;

	(void)state;
	for (uint32_t cp = 0; cp <= 0xFFFF; cp++) {
		char room[2];
		const char *plain = substitute(SUBSTITUTE_ALL, cp, room);

		if (plain == NULL)
			continue;
		replaced++;
		assert_int_equal(text_gsm7_width(cp), 0);
		assert_true(strlen(plain) <= SUBSTITUTE_MOST);
		for (; *plain; plain++)
			assert_true(text_gsm7_width((uint32_t)*plain) > 0);
	}
	assert_int_equal(replaced, 42 + 9 + 93 + 94);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_by_name),
		cmocka_unit_test(each_set_does_its_own),
		cmocka_unit_test(only_what_is_needed_and_only_what_helps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
