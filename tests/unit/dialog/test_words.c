/* The vocabulary as data: complete in every language, normalised, and no word with two meanings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/match.h"
#include "dialog/words.h"

static const struct words_row *
rows(size_t *count)
{
	const struct words_row *r = words_rows(count);

	assert_true(*count > 0);
	return r;
}

static bool
has_row(const char *language, enum words_kind kind, int which)
{
	size_t count;
	const struct words_row *r = rows(&count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(r[i].language, language) == 0 && r[i].kind == kind && r[i].which == which && !r[i].own &&
			r[i].words[0] != NULL)
			return true;
	return false;
}

static void
every_language_has_every_meaning(void **state)
{
	const char *languages[WORDS_LANGUAGES_MAX];
	size_t n = words_languages(languages);

	(void)state;
	assert_true(n >= 9);
	for (size_t i = 0; i < n; i++) {
		for (int list = 0; list < WORDS_LISTS; list++)
			if (!has_row(languages[i], WORDS_KIND_LIST, list))
				fail_msg("%s has no words for %s", languages[i], words_list_name((enum words_list)list));
		for (int r = WORDS_NONE + 1; r < WORDS_RESERVED; r++)
			if (!has_row(languages[i], WORDS_KIND_RESERVED, r))
				fail_msg("%s has no words for %s", languages[i], words_reserved_name((enum words_reserved)r));
	}
}

static void
is_normal(const char *word)
{
	char normal[MATCH_NORMAL_MAX + 1];

	match_normalise(word, strlen(word), normal, sizeof normal);
	if (strcmp(word, normal) != 0)
		fail_msg("\"%s\" is not normalised: \"%s\"", word, normal);
}

static void
all_normal(const char *const *words)
{
	assert_non_null(words[0]);
	for (; *words != NULL; words++)
		is_normal(*words);
}

static void
every_word_is_normalised(void **state)
{
	size_t count;
	const struct words_row *r = rows(&count);
	const struct words_polite *polite;
	const struct words_named *named;

	(void)state;
	for (size_t i = 0; i < count; i++)
		all_normal(r[i].words);
	polite = words_polite_before(&count);
	for (size_t i = 0; i < count; i++)
		all_normal(polite[i].words);
	polite = words_polite_after(&count);
	for (size_t i = 0; i < count; i++)
		all_normal(polite[i].words);
	named = words_language_names(&count);
	for (size_t i = 0; i < count; i++)
		all_normal(named[i].words);
	named = words_numbers(&count);
	for (size_t i = 0; i < count; i++)
		all_normal(named[i].words);
	all_normal(words_number_before());
	all_normal(words_number_after());
	all_normal(words_number_between());
}

/* Meant as the table says, and as nothing else, in a conversation of this language. */
static void
means_one_thing(const struct words_row *row, const char *word, const char *language)
{
	enum words_reserved r = match_reserved(word, language, NULL);

	if (row->kind == WORDS_KIND_RESERVED) {
		if ((int)r != row->which)
			fail_msg("%s \"%s\" is %s in %s", row->language, word, words_reserved_name(r), language ? language : "any");
	} else if (r != WORDS_NONE) {
		fail_msg("%s \"%s\" is reserved: %s", row->language, word, words_reserved_name(r));
	}
	for (int list = 0; list < WORDS_LISTS; list++) {
		bool want = row->kind == WORDS_KIND_LIST && row->which == list;

		if (match_list_has((enum words_list)list, language, word) != want)
			fail_msg("%s \"%s\" %s %s in %s", row->language, word, want ? "is not" : "is also",
				words_list_name((enum words_list)list), language ? language : "any");
	}
}

static void
no_word_means_two_things(void **state)
{
	size_t count;
	const struct words_row *r = rows(&count);
	const char *languages[WORDS_LANGUAGES_MAX];
	size_t n = words_languages(languages);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (const char *const *word = r[i].words; *word != NULL; word++) {
			if (r[i].own) {
				means_one_thing(&r[i], *word, r[i].language);
				continue;
			}
			means_one_thing(&r[i], *word, NULL);
			for (size_t k = 0; k < n; k++)
				means_one_thing(&r[i], *word, languages[k]);
		}
	}
}

static void
no_word_stands_twice_in_a_row(void **state)
{
	size_t count;
	const struct words_row *r = rows(&count);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (const char *const *a = r[i].words; *a != NULL; a++)
			for (const char *const *b = a + 1; *b != NULL; b++)
				if (strcmp(*a, *b) == 0)
					fail_msg("%s \"%s\" stands twice", r[i].language, *a);
}

/* Shouted, full-width, with spaces, a full stop and thanks: the same word. */
static void
every_word_survives_decoration(void **state)
{
	size_t count;
	const struct words_row *r = rows(&count);
	static const char *const around[][2] = {
		{" ", "!"}, {"【", "】。"}, {"*", "…"}, {"", " 谢谢!"}, {"", ", thanks."}, {"您好,", ""}};

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (const char *const *word = r[i].words; *word != NULL; word++) {
			if (strcmp(*word, "?") == 0)
				continue;
			for (size_t k = 0; k < sizeof around / sizeof around[0]; k++) {
				char text[200], normal[MATCH_NORMAL_MAX + 1];
				const char *language = r[i].own ? r[i].language : NULL;

				snprintf(text, sizeof text, "%s%s%s", around[k][0], *word, around[k][1]);
				match_normalise(text, strlen(text), normal, sizeof normal);
				if (r[i].kind == WORDS_KIND_RESERVED) {
					if ((int)match_reserved(normal, language, NULL) != r[i].which)
						fail_msg("\"%s\" is not %s", text, words_reserved_name((enum words_reserved)r[i].which));
				} else if (!match_list_has((enum words_list)r[i].which, language, normal)) {
					fail_msg("\"%s\" is not %s", text, words_list_name((enum words_list)r[i].which));
				}
			}
		}
	}
}

static void
own_words_stay_at_home(void **state)
{
	(void)state;
	assert_true(match_list_has(WORDS_YES, "tr", "e"));
	assert_false(match_list_has(WORDS_YES, "zh", "e"));
	assert_true(match_list_has(WORDS_YES, NULL, "e"));
	assert_int_equal(match_reserved("r", "zh", NULL), WORDS_STOP);
	assert_int_equal(match_reserved("r", "en", NULL), WORDS_NONE);
	assert_int_equal(match_reserved("r", NULL, NULL), WORDS_STOP);
}

static void
names_go_both_ways(void **state)
{
	enum words_list list;
	enum words_reserved r;

	(void)state;
	for (int i = 0; i < WORDS_LISTS; i++) {
		assert_true(words_list_by_name(words_list_name((enum words_list)i), &list));
		assert_int_equal(list, i);
	}
	for (int i = WORDS_NONE + 1; i < WORDS_RESERVED; i++) {
		assert_true(words_reserved_by_name(words_reserved_name((enum words_reserved)i), &r));
		assert_int_equal(r, i);
	}
	assert_false(words_list_by_name("maybe", &list));
	assert_false(words_reserved_by_name("", &r));
	assert_false(words_reserved_by_name("GO", &r));
	assert_true(words_language_known("zh"));
	assert_false(words_language_known("xx"));
	assert_string_equal(words_language_name("ar"), "العربية");
	assert_string_equal(words_language_name("zh"), "中文");
	assert_null(words_language_name("*"));
}

/* A language's own name, as a person writes it, asks for that language. */
static void
every_language_answers_to_its_name(void **state)
{
	const char *languages[WORDS_LANGUAGES_MAX];
	size_t n = words_languages(languages);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		char normal[MATCH_NORMAL_MAX + 1], text[100], arg[MATCH_ARG_MAX + 1];
		const char *name = words_language_name(languages[i]);

		match_normalise(name, strlen(name), normal, sizeof normal);
		assert_int_equal(match_reserved(normal, "zh", arg), WORDS_LANGUAGE);
		assert_string_equal(arg, languages[i]);
		snprintf(text, sizeof text, "LANGUAGE %s", languages[i]);
		match_normalise(text, strlen(text), normal, sizeof normal);
		assert_int_equal(match_reserved(normal, "zh", arg), WORDS_LANGUAGE);
		assert_string_equal(arg, languages[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_language_has_every_meaning),
		cmocka_unit_test(every_word_is_normalised),
		cmocka_unit_test(no_word_means_two_things),
		cmocka_unit_test(no_word_stands_twice_in_a_row),
		cmocka_unit_test(every_word_survives_decoration),
		cmocka_unit_test(own_words_stay_at_home),
		cmocka_unit_test(names_go_both_ways),
		cmocka_unit_test(every_language_answers_to_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
