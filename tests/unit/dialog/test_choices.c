/* What a clerk may pick for the citizen: every choice that is offered is understood when it is stepped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/dialog.h"

static const char dlg[] = "dialog d 1\n"
						  "step one\n"
						  "  ask q\n"
						  "  choose -> two do consent\n"
						  "  event confirmed -> two do consent\n"
						  "  no -> gone do decline\n"
						  "  event verified, event undeliverable -> two\n"
						  "  else -> same say q at most 1 then clerk\n"
						  "  silent 1d -> clerk\n"
						  "step two\n"
						  "  ask q\n"
						  "  \"1\", \"counter\" -> clerk do old_on_site\n"
						  "  \"2\" -> clerk do old_courier\n"
						  "  \"maybe\" -> same say q\n"
						  "  keep -> clerk\n"
						  "  event old_on_site -> clerk do old_on_site\n"
						  "  number 3-5 in rating -> clerk do rate\n"
						  "  else -> clerk\n"
						  "  silent 1d -> clerk\n"
						  "step clerk\n"
						  "  tell q\n"
						  "  list read\n"
						  "  yes -> back\n"
						  "  event approved -> gone\n"
						  "  else -> same say q at most 1 then same\n"
						  "  silent 1d -> gone\n"
						  "end gone\n"
						  "anywhere\n"
						  "  STOP -> gone do opt_out\n"
						  "  HELP, STATUS, NOT ME, START, LANGUAGE -> same say q\n"
						  "  CHECK -> same do check say q\n"
						  "anywhere begun\n"
						  "  STOP -> same do opt_out say q\n";
static const char words[] = "[q]\nq\n";
static struct dialog *d;

static int
setup(void **state)
{
	struct dialog_faults faults = {0};
	struct dialog_wording_source w[] = {
		{"d.zh.txt", "zh", words, strlen(words), false}, {"d.en.txt", "en", words, strlen(words), false}};

	(void)state;
	d = dialog_load("d.dlg", dlg, strlen(dlg), w, 2, &faults);
	for (size_t i = 0; i < faults.count; i++)
		fprintf(stderr, "%d: %s\n", faults.list[i].line, faults.list[i].text);
	dialog_faults_free(&faults);
	return d == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	dialog_free(d);
	return 0;
}

static const char *
all(const char *step, const char *language)
{
	static char out[600];
	struct dialog_choice list[DIALOG_CHOICES_ROOM];
	size_t n = dialog_choices(d, step, language, list, DIALOG_CHOICES_ROOM);

	out[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(out);
		snprintf(out + len, sizeof(out) - len, "%s%s>%s", i > 0 ? " " : "", list[i].what, list[i].target);
	}
	return out;
}

static void
branches_that_do_the_same_are_one(void **state)
{
	(void)state;
	assert_string_equal(all("one", "zh"), "consent>two decline>gone");
	assert_string_equal(all("two", "zh"), "old_on_site>clerk old_courier>clerk maybe> keep>clerk");
	assert_string_equal(all("clerk", "en"), "yes>back");
	assert_string_equal(all("none", "en"), "");
}

static void
each_choice_is_understood(void **state)
{
	static const char *const steps[] = {"one", "two", "clerk"}, *const languages[] = {"zh", "en"};

	(void)state;
	for (size_t s = 0; s < 3; s++) {
		for (size_t l = 0; l < 2; l++) {
			struct dialog_choice list[DIALOG_CHOICES_ROOM];
			size_t n = dialog_choices(d, steps[s], languages[l], list, DIALOG_CHOICES_ROOM);
			for (size_t i = 0; i < n; i++) {
				struct dialog_conversation before = {.applications = 1}, after;
				struct dialog_result result;
				struct dialog_event e = {.kind = list[i].say != NULL ? DIALOG_TEXT : DIALOG_OUTSIDE,
					.channel = DIALOG_CHANNEL_STAFF,
					.text = list[i].say,
					.name = list[i].event};
				snprintf(before.step, sizeof(before.step), "%s", steps[s]);
				snprintf(before.language, sizeof(before.language), "%s", languages[l]);
				assert_int_equal(dialog_step(d, &before, &e, 1780000000, &after, &result), 0);
				assert_true(result.understood);
				assert_true(result.neffects > 0);
				if (list[i].target[0] != '\0' && strcmp(list[i].target, "back") != 0 && !after.ended)
					assert_string_equal(after.step, list[i].target);
			}
		}
	}
}

static void
no_more_than_there_is_room_for(void **state)
{
	struct dialog_choice one[1];

	(void)state;
	assert_int_equal(dialog_choices(d, "two", "zh", one, 1), 1);
	assert_string_equal(one[0].say, "1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(branches_that_do_the_same_are_one),
		cmocka_unit_test(each_choice_is_understood),
		cmocka_unit_test(no_more_than_there_is_room_for),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
