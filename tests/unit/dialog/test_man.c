/* man/huizhi-dialog.5 names every word that a dialog may use, and every placeholder with its length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "dialog/internal.h"
#include "tests/unit/dialog/files.h"

static char *page;

static int
setup(void **state)
{
	size_t len;
	(void)state;
	page = file_read("man/huizhi-dialog.5", &len);
	return page ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	free(page);
	return 0;
}

static bool
part_of_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* As a word of its own. */
static void
named(const char *word)
{
	size_t len = strlen(word);
	for (const char *at = page; (at = strstr(at, word)) != NULL; at++)
		if ((at == page || !part_of_word(at[-1])) && !part_of_word(at[len]))
			return;
	print_error("man/huizhi-dialog.5 does not name %s\n", word);
	fail();
}

static void
test_words(void **state)
{
	(void)state;
	const char *word;
	for (enum table t = TABLE_EFFECTS; t <= TABLE_SLOTS; t++)
		for (size_t i = 0; (word = table_word(t, i)) != NULL; i++)
			named(word);
	for (enum words_list l = 0; l < WORDS_LISTS; l++)
		named(words_list_name(l));
	for (enum words_reserved r = WORDS_NONE + 1; r < WORDS_RESERVED; r++)
		named(words_reserved_name(r));
}

static void
test_placeholders(void **state)
{
	(void)state;
	size_t n;
	const struct placeholder_row *rows = placeholder_rows(&n);
	for (size_t i = 0; i < n; i++) {
		char entry[64];
		if (strcmp(rows[i].name, "signature") == 0)
			continue; /* the gateway's own */
		snprintf(entry, sizeof(entry), "%s %d", rows[i].name, rows[i].characters);
		named(entry);
	}
}

/* Every effect has a word, and only one. */
static void
test_effects(void **state)
{
	(void)state;
	for (int what = DIALOG_DO_NONE + 1; what < DIALOG_DO_COUNT; what++) {
		const char *word = dialog_do_name((enum dialog_do)what);
		assert_true(word[0]);
		assert_int_equal(effect_by_word(word)->what, what);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_placeholders),
		cmocka_unit_test(test_effects),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
