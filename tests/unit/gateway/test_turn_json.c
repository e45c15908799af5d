/* What a turn writes as JSON is read back as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "gateway/turn_json.h"
#include "store/arena.h"

static void
members_come_back(void **state)
{
	struct arena *a = arena_new();
	struct turn_json o = turn_json_begin(a);
	char all[128], long_text[5000];

	(void)state;
	for (int i = 0; i < 127; i++)
		all[i] = (char)(i + 1);
	all[127] = '\0';
	memset(long_text, '"', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	turn_json_text(&o, "all", all);
	turn_json_text(&o, "words", "好的 谢谢 \xf0\x9f\x98\x80");
	turn_json_int(&o, "least", INT64_MIN);
	turn_json_int(&o, "most", INT64_MAX);
	turn_json_text(&o, "a \"key\"", "");
	turn_json_text(&o, "long", long_text);
	turn_json_text(&o, "bad", "cut \xe5\xa5");
	turn_json_text(&o, "none", NULL);
	turn_json_text(&o, "words", "later");
	json_t *read = json_loads(turn_json_end(&o), 0, NULL);
	assert_non_null(read);
	assert_int_equal(json_object_size(read), 6);
	assert_string_equal(json_string_value(json_object_get(read, "all")), all);
	assert_string_equal(json_string_value(json_object_get(read, "words")), "later");
	assert_true(json_integer_value(json_object_get(read, "least")) == INT64_MIN);
	assert_true(json_integer_value(json_object_get(read, "most")) == INT64_MAX);
	assert_string_equal(json_string_value(json_object_get(read, "a \"key\"")), "");
	assert_string_equal(json_string_value(json_object_get(read, "long")), long_text);
	json_decref(read);
	arena_free(a);
}

static void
every_length_fits(void **state)
{
	char text[1200] = "";

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		struct arena *a = arena_new();
		struct turn_json o = turn_json_begin(a);
		json_t *read;

		turn_json_text(&o, "k", text);
		turn_json_text(&o, "l", "x");
		read = json_loads(turn_json_end(&o), 0, NULL);
		assert_non_null(read);
		assert_int_equal(json_string_length(json_object_get(read, "k")), n);
		json_decref(read);
		arena_free(a);
		text[n] = 'y';
	}
}

static void
an_empty_object(void **state)
{
	struct arena *a = arena_new();
	struct turn_json o = turn_json_begin(a);

	(void)state;
	assert_string_equal(turn_json_end(&o), "{}");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_back),
		cmocka_unit_test(every_length_fits),
		cmocka_unit_test(an_empty_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
