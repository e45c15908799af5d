/* What single signs cost: which they are, on which line, and what would help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/dialog.h"
#include "dialog/national.h"
#include "dialog/substitute.h"
#include "dialog/text.h"

#define FIFTY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char dlg[] = "dialog d 1\nstep s\n  stays\n  else -> same say a\nanywhere\n"
						  "  STOP, HELP, STATUS, LANGUAGE, NOT ME, CHECK, START -> same say a\n";
static const char en[] = "[a parts=7]\n" /* 1 */
						 "Hi {item}\n"
						 "[quotes parts=7]\n"
						 "# a comment\n"
						 "\n"
						 "“" FIFTY FIFTY "”\n" /* 6 */
						 "it’s – " FIFTY "“”\n"
						 "[turkish parts=7]\n"
						 "ş" FIFTY "ğ" FIFTY "\n" /* 9 */
						 "[short parts=7]\n"
						 "it’s quick\n" /* 11 */
						 "[quotes ussd pages=3]\n“" FIFTY "”\n"
						 "[foreign parts=7]\n文中是的好吗？\n"
						 "[sun parts=7]\n" FIFTY FIFTY " ☀ {item}\n"; /* 17 */

static struct dialog *d;
static struct dialog_cost list[32];
static size_t n;

static int
setup(void **state)
{
	(void)state;
	struct dialog_faults f = {0};
	struct dialog_wording_source w[] = {{"d.en.txt", "en", en, sizeof(en) - 1, false}};
	d = dialog_load("d.dlg", dlg, sizeof(dlg) - 1, w, 1, &f);
	for (size_t i = 0; i < f.count; i++)
		print_error("%s:%d: %s\n", f.list[i].file, f.list[i].line, f.list[i].text);
	dialog_faults_free(&f);
	return d ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	dialog_free(d);
	return 0;
}

static const struct dialog_cost *
cost(const char *text, const struct dialog_cost_rules *rules)
{
	n = dialog_costs(d, rules, list, 32);
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].text, text) == 0 && !list[i].ussd)
			return &list[i];
	fail_msg("no cost of %s", text);
	return NULL;
}

static void
signs_and_their_lines(void **state)
{
	const struct dialog_cost *k = cost("quotes", NULL);
	static const struct dialog_odd want[] = {{0x201C, 6}, {0x201D, 6}, {0x2019, 7}, {0x2013, 7}};

	(void)state;
	assert_int_equal(k->nodd, 4); /* each once, where it stands first */
	assert_false(k->odd_more);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(k->odd[i].cp, want[i].cp);
		assert_int_equal(k->odd[i].line, want[i].line);
	}
	assert_int_equal(cost("a", NULL)->nodd, 0);
	assert_int_equal(cost("a", NULL)->narrow, 0);
}

static void
what_would_help(void **state)
{
	const struct dialog_cost *k = cost("quotes", NULL);

	(void)state;
	assert_int_equal(k->narrow, 3); /* 162 characters in UCS-2 */
	assert_int_equal(k->narrow_plain, 2);
	assert_int_equal(k->narrow_substituted, 2);
	assert_int_equal(k->narrow_national, 3); /* no national table has a curly quote */
	k = cost("turkish", NULL);
	assert_int_equal(k->narrow, 2);
	assert_int_equal(k->narrow_plain, 1);
	assert_int_equal(k->narrow_substituted, 1); /* without its accents */
	assert_int_equal(k->narrow_national, 1);
	assert_int_equal(k->locking ? k->locking : k->single, NATIONAL_TURKISH);
	k = cost("short", NULL);
	assert_int_equal(k->narrow, 1);
	assert_int_equal(k->narrow_plain, 1);
	k = cost("sun", NULL); /* {item} is reckoned as 36 plain characters here, as Chinese ones in `parts` */
	assert_int_equal(k->narrow, 3);
	assert_int_equal(k->narrow_plain, 1);
	assert_int_equal(k->narrow_substituted, 3);
	k = cost("foreign", NULL); /* nothing to be saved in a language of other letters */
	assert_int_equal(k->narrow, 0);
}

static void
with_a_bureaus_own_settings(void **state)
{
	unsigned none = 0, typographic = SUBSTITUTE_TYPOGRAPHIC;
	struct text_rules rules = text_rules_plain;
	struct dialog_cost_rules by = {.text = &rules, .substitutions = &none, .signature = "[Bureau] "};
	const struct dialog_cost *k = cost("quotes", &by);

	(void)state;
	assert_int_equal(k->narrow_substituted, 3);
	by.substitutions = &typographic;
	assert_int_equal(cost("quotes", &by)->narrow_substituted, 2);
	assert_int_equal(cost("turkish", &by)->narrow_substituted, 2);
	assert_int_equal(cost("turkish", &by)->narrow_national, 2); /* the link has none */
	rules.national = 1 << NATIONAL_TURKISH;
	assert_int_equal(cost("turkish", &by)->narrow_national, 1);
	by.signature = "【局】";
	k = cost("quotes", &by); /* the signature keeps all of its texts in UCS-2 */
	assert_int_equal(k->narrow_substituted, 3);
}

/* A dialog under way: what can be rendered is counted as it will be, whatever is wrong with the rest. */
static void
texts_are_counted_beside_faults(void **state)
{
	static const char faulty[] = "lost line\n[short parts=7]\nit’s quick\n[wrong]\nHello {nmae}\n[open]\nHello {item\n"
								 "[empty]\n[menu ussd]\nWell?\n* yes: {nmae}\n[huge parts=1]\n" FIFTY FIFTY FIFTY "\n";
	struct dialog_wording_source w[] = {{"d.en.txt", "en", faulty, sizeof(faulty) - 1, false}};
	struct dialog *texts = dialog_load_texts(w, 1);
	char out[100];

	(void)state;
	assert_non_null(texts);
	assert_int_equal(dialog_costs(texts, NULL, list, 32), 2);
	assert_string_equal(list[0].text, "huge");
	assert_int_equal(list[0].parts, 3);
	assert_string_equal(list[1].text, "short");
	assert_int_equal(list[1].characters, 20); /* ten of them the signature */
	assert_int_equal(
		dialog_render(texts, "short", "en", NULL, NULL, NULL, out, sizeof(out)), (int)strlen("it’s quick"));
	assert_int_equal(dialog_render(texts, "wrong", "en", NULL, NULL, NULL, out, sizeof(out)), -1);
	dialog_free(texts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_and_their_lines),
		cmocka_unit_test(what_would_help),
		cmocka_unit_test(with_a_bureaus_own_settings),
		cmocka_unit_test(texts_are_counted_beside_faults),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
