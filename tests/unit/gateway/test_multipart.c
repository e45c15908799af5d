/* multipart/form-data: what browsers send, and what nobody may. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include <string.h>

#include "gateway/http/multipart.h"

#define TYPE "multipart/form-data; boundary=----b1"
#define PART(name, more, data)                                                                                         \
	"------b1\r\nContent-Disposition: form-data; name=\"" name "\"" more "\r\n\r\n" data "\r\n"
#define END "------b1--\r\n"

static struct multipart m;

static int
parse(const char *type, const char *body)
{
	return multipart_parse(&m, type, body, strlen(body));
}

static void
test_browser(void **state)
{
	(void)state;
	assert_int_equal(parse(TYPE, PART("token", "", "abc")
									 PART("file", "; filename=\"../../etc/\xe5\x90\x8d.csv\"\r\nContent-Type: text/csv",
										 "a,b\r\n\r\n1,2\r\n") PART("empty", "", "") END),
		0);
	assert_int_equal(m.count, 3);
	const struct multipart_part *p = multipart_get(&m, "token");
	assert_non_null(p);
	assert_int_equal(p->len, 3);
	assert_memory_equal(p->data, "abc", 3);
	p = multipart_get(&m, "file");
	assert_non_null(p);
	assert_int_equal(p->len, strlen("a,b\r\n\r\n1,2\r\n"));
	assert_int_equal(multipart_get(&m, "empty")->len, 0);
	assert_null(multipart_get(&m, "other"));
	assert_int_equal(parse("Multipart/Form-Data; boundary=\"----b1\"", PART("a", "", "1") END), 0);
	/* What looks like a boundary in the middle of a line is data. */
	assert_int_equal(parse(TYPE, PART("a", "", "x------b1y") END), 0);
	assert_int_equal(multipart_get(&m, "a")->len, strlen("x------b1y"));
}

static void
test_refused(void **state)
{
	static const char *const bodies[] = {
		"",
		END,
		"------b1",
		"------b1\r\n",
		"------b1\r\n\r\n1\r\n" END,											   /* no name */
		PART("a", "", "1"),														   /* no end */
		"x" PART("a", "", "1") END,												   /* something before it */
		PART("A b", "", "1") END,												   /* no name of ours */
		PART("", "", "1") END,													   /* an empty one */
		PART("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "", "1") END, /* too long */
		"------b1\r\nContent-Disposition: form-data; filename=\"name=\"\r\n\r\n1\r\n" END,
		"------b1\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; "
		"name=\"b\"\r\n\r\n1\r\n" END,
		"------b1\nContent-Disposition: form-data; name=\"a\"\n\n1\n" END,
	};

	(void)state;
	for (size_t i = 2; i < sizeof bodies / sizeof bodies[0]; i++) {
		if (parse(TYPE, bodies[i]) != -1)
			fail_msg("taken: %s", bodies[i]);
		assert_int_equal(m.count, 0);
	}
	assert_int_equal(parse(TYPE, ""), -1);
	assert_int_equal(parse("text/plain; boundary=----b1", PART("a", "", "1") END), -1);
	assert_int_equal(parse("multipart/form-data", PART("a", "", "1") END), -1);
	assert_int_equal(parse("multipart/form-data; boundary=", PART("a", "", "1") END), -1);
	assert_int_equal(multipart_parse(&m, NULL, "", 0), -1);
}

static void
test_bounds(void **state)
{
	static char body[100 * (MULTIPART_PARTS_MAX + 2)];
	size_t used = 0;

	(void)state;
	for (int i = 0; i < MULTIPART_PARTS_MAX + 1; i++)
		used += (size_t)snprintf(body + used, sizeof body - used, "%s", PART("a", "", "1"));
	snprintf(body + used, sizeof body - used, "%s", END);
	assert_int_equal(parse(TYPE, body), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_browser), cmocka_unit_test(test_refused), cmocka_unit_test(test_bounds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
