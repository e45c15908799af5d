/* Where charts put their marks: inside the picture, in proportion, the small ones still to be seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "gateway/http/chart.h"

static json_int_t
num(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	assert_true(json_is_integer(v));
	return json_integer_value(v);
}

static void
test_round_up(void **state)
{
	(void)state;
	static const int64_t pairs[][2] = {
		{0, 1}, {1, 1}, {2, 2}, {3, 5}, {6, 10}, {11, 20}, {21, 50}, {51, 100}, {9999999, 10000000}};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		assert_int_equal(chart_round_up(pairs[i][0]), pairs[i][1]);
	assert_true(chart_round_up(INT64_MAX) == INT64_MAX);
}

static void
test_columns(void **state)
{
	(void)state;
	static const struct chart_point list[] = {{"a", "A", 0}, {"b", "B", 1}, {"c", "C", 1000}, {"d", "D", 500}};
	json_t *c = chart_columns(list, 4), *columns = json_object_get(c, "columns"), *one;
	json_int_t before = -1, base = num(c, "base");
	size_t i;
	assert_int_equal(json_array_size(columns), 4);
	json_array_foreach (columns, i, one) {
		assert_true(num(one, "x") > before);
		before = num(one, "x") + num(one, "w");
		assert_true(num(one, "y") >= 0 && num(one, "y") + num(one, "h") == base);
		assert_true(before <= CHART_WIDTH);
		assert_int_equal(num(one, "n"), list[i].n);
	}
	assert_int_equal(num(json_array_get(columns, 0), "h"), 0);
	assert_int_equal(num(json_array_get(columns, 1), "h"), 2); /* one of a thousand still shows */
	json_int_t whole = num(json_array_get(columns, 2), "h"), half = num(json_array_get(columns, 3), "h");
	assert_true(whole - 2 * half <= 2 && 2 * half - whole <= 2);
	json_decref(c);
}

/* With many places the labels are thinned out, the last of a line is kept. */
static void
test_labels(void **state)
{
	(void)state;
	struct chart_point list[40];
	const struct chart_point *series[] = {list, list};
	for (size_t i = 0; i < 40; i++)
		list[i] = (struct chart_point){"11-22", "2026-11-22", (int64_t)i};
	json_t *c = chart_lines(series, 2, 40), *labels = json_object_get(c, "labels"), *one;
	json_int_t before = -100;
	size_t i;
	json_array_foreach (labels, i, one) {
		assert_true(num(one, "x") - before >= 40);
		before = num(one, "x");
	}
	assert_true(i > 2 && i < 9);
	const json_t *line = json_array_get(json_object_get(c, "series"), 1);
	assert_int_equal(before, num(line, "last_x"));
	assert_int_equal(num(line, "number"), 2);
	int points = 0;
	for (const char *s = json_string_value(json_object_get(line, "points")); (s = strchr(s, ',')) != NULL; s++)
		points++;
	assert_int_equal(points, 40);
	json_decref(c);
}

static void
test_empty(void **state)
{
	(void)state;
	const struct chart_point one[] = {{"x", "X", 0}};
	const struct chart_point *series[] = {one};
	json_t *c = chart_columns(NULL, 0);
	assert_int_equal(json_array_size(json_object_get(c, "columns")), 0);
	assert_true(json_array_size(json_object_get(c, "ticks")) >= 2);
	json_decref(c);
	c = chart_rows(NULL, 0);
	assert_int_equal(json_array_size(json_object_get(c, "rows")), 0);
	assert_true(num(c, "height") > 0);
	json_decref(c);
	c = chart_lines(series, 1, 1);
	assert_int_equal(json_array_size(json_object_get(c, "series")), 1);
	json_decref(c);
}

static void
test_rows(void **state)
{
	(void)state;
	static const struct chart_point list[] = {{"", "reminded", 3000000000}, {"", "verify", 1}};
	json_t *c = chart_rows(list, 2), *rows = json_object_get(c, "rows");
	assert_int_equal(num(json_array_get(rows, 0), "w"), num(json_array_get(rows, 0), "whole"));
	assert_int_equal(num(json_array_get(rows, 1), "w"), 2);
	assert_true(num(json_array_get(rows, 1), "y") + num(json_array_get(rows, 1), "h") <= num(c, "height"));
	assert_true(num(json_array_get(rows, 0), "n") == 3000000000);
	json_decref(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_up),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
