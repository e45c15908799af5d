/* Approval by rule: what a condition may be, and what holds against a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "gateway/rules.h"

static void
test_conditions(void **state)
{
	(void)state;
	static const char *const good[] = {"identity proven", "no mark", "in window", "area <= 500", "inspection = passed",
		"面积 < 300", "area = fact.measured", "area >= fact.least", "grade != C"};
	static const char *const bad[] = {
		"", "identity", "area", "area <=", "<= 5", "area <= big", "a b = c", "area == 5", "x = y = z"};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_null(rules_check(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (rules_check(bad[i]) == NULL)
			fail_msg("\"%s\" was taken for a condition", bad[i]);
}

static bool
holds(const char *condition, const char *facts, char why[RULES_WHY_MAX])
{
	json_t *o = json_loads(facts, 0, NULL);
	const struct rules_case c = {.verified_by = "page", .in_window = true, .facts = o};
	bool good = rules_hold(&condition, 1, &c, why);
	json_decref(o);
	return good;
}

static void
test_comparisons(void **state)
{
	(void)state;
	static const struct {
		const char *condition, *facts;
		bool good;
	} cases[] = {
		{"area <= 500", "{\"area\":\"500\"}", true},
		{"area <= 500", "{\"area\":500.5}", false},
		{"area < 500", "{\"area\":\"0499.9\"}", true},
		{"area = 5", "{\"area\":\"5.0\"}", true},
		{"grade = A", "{\"grade\":\"A\"}", true},
		{"grade != C", "{\"grade\":\"C\"}", false},
		{"area = fact.measured", "{\"area\":\"120\",\"measured\":120}", true},
		{"area = fact.measured", "{\"area\":\"120\"}", false},
		{"area <= 500", "{\"area\":\"\"}", false},
		{"area <= 500", "{}", false},
		{"area <= 500", "{\"area\":\"many\"}", false},
		{"open = yes", "{\"open\":true}", true},
		{"identity proven", "{}", true},
		{"nothing said wrong", "{}", true},
		{"in window", "{}", true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char why[RULES_WHY_MAX];
		if (holds(cases[i].condition, cases[i].facts, why) != cases[i].good)
			fail_msg("%s with %s: %s", cases[i].condition, cases[i].facts, why);
		assert_true(why[0] != '\0');
	}
}

static void
test_reasons(void **state)
{
	(void)state;
	static const char *const all[] = {"identity proven", "no change", "area <= 500"};
	json_t *facts = json_pack("{s:s}", "area", "320");
	struct rules_case c = {.verified_by = "ussd", .facts = facts};
	char why[RULES_WHY_MAX];
	assert_true(rules_hold(all, 3, &c, why));
	assert_string_equal(why, "identity proven; no change; area <= 500 (320)");
	c.changed = true;
	assert_false(rules_hold(all, 3, &c, why));
	assert_string_equal(why, "the business register has changed since the licence was issued");
	c.verified_by = "";
	assert_false(rules_hold(all, 3, &c, why));
	assert_string_equal(why, "identity is not proven");
	assert_false(rules_hold(all, 0, &c, why)); /* nothing named: nobody is approved */
	json_decref(facts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_comparisons),
		cmocka_unit_test(test_reasons),
	};
	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
