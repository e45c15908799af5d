/* The picture of a dialog: every way of the engine's table is in it, and no two lanes lie on each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "dialog/map.h"
#include "gateway/http/picture.h"
#include "gateway/templates.h"

static struct map m;
static struct picture_count counts[MAP_PLACES_MAX];

static json_int_t
num(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);
	assert_true(json_is_integer(v));
	return json_integer_value(v);
}

static void
check_picture(const char *file)
{
	struct dialog *d = templates_load_file(file, stderr);
	assert_non_null(d);
	dialog_map(d, &m);
	for (size_t i = 0; i < m.nplaces; i++)
		counts[i] = (struct picture_count){(int64_t)i, 2 * (int64_t)i, 3 * (int64_t)i};
	json_t *p = picture_of(&m, counts), *boxes = json_object_get(p, "boxes"), *lanes = json_object_get(p, "lanes"),
		   *one, *other;
	size_t drawn = json_array_size(json_object_get(p, "downs")) + json_array_size(json_object_get(p, "stubs")),
		   ways = 0, i, k;
	assert_int_equal(json_array_size(boxes), m.nsteps);
	json_array_foreach (boxes, i, one) {
		assert_string_equal(json_string_value(json_object_get(one, "step")), m.places[i].name);
		assert_int_equal(num(one, "waiting"), i);
		assert_int_equal(num(one, "left"), 3 * i);
		assert_true(num(one, "y") + num(one, "h") <= num(p, "height"));
		drawn += json_array_size(json_object_get(one, "ends"));
	}
	for (i = 0; i < m.nways; i++)
		ways += m.ways[i].from >= 0;
	assert_int_equal(drawn, ways);
	json_array_foreach (lanes, i, one) {
		assert_true(num(one, "x") <= num(p, "width"));
		json_array_foreach (lanes, k, other)
			assert_true(i == k || num(one, "x") != num(other, "x") || num(one, "to") < num(other, "from") ||
						num(other, "to") < num(one, "from"));
	}
	json_decref(p);
	dialog_free(d);
}

static void
test_shipped(void **state)
{
	(void)state;
	check_picture("templates/renewal.dlg");
	check_picture("templates/change.dlg");
	check_picture("templates/visitor.dlg");
}

/* Ways of the shipped renewal as its author wrote them. */
static void
test_ways(void **state)
{
	(void)state;
	struct dialog *d = templates_load_file("templates/renewal.dlg", stderr);
	assert_non_null(d);
	dialog_map(d, &m);
	int reminded = map_place_by_name(&m, "reminded"), verify = map_place_by_name(&m, "verify"),
		phone = map_place_by_name(&m, "phone_list"), declined = map_place_by_name(&m, "declined"),
		stopped = map_place_by_name(&m, "stopped"), confirm = map_place_by_name(&m, "confirm");
	assert_int_equal(reminded, 0);
	assert_int_equal(map_place_by_name(&m, "nowhere"), -1);
	assert_true(m.places[declined].end && !m.places[verify].end);
	assert_string_equal(m.places[phone].list, "phone");
	assert_string_equal(m.places[verify].text, "verify");
	bool answer = false, patience = false, event = false, stop = false;
	for (size_t i = 0; i < m.nways; i++) {
		const struct map_way *w = &m.ways[i];
		answer = answer || (w->from == reminded && w->to == verify && w->cause == MAP_ANSWER && !w->overflow);
		patience = patience || (w->from == verify && w->to == phone && w->cause == MAP_PATIENCE && w->overflow);
		event = event || (w->from == verify && w->to == confirm && w->cause == MAP_EVENT);
		stop = stop || (w->from == -1 && w->to == stopped && w->cause == MAP_ANSWER);
	}
	assert_true(answer && patience && event && stop);
	dialog_free(d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_shipped), cmocka_unit_test(test_ways)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
