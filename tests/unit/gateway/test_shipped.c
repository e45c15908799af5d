/* Files that are shipped beside the program speak of things that exist in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *const metric_names[] = {
#define METRIC(id, kind, name, labels, help) name,
#include "gateway/metrics.def"
#undef METRIC
#define LINK_METRIC(name, kind, help, value) name,
#include "gateway/link_metrics.def"
#undef LINK_METRIC
};

static void
test_alerts_name_metrics_that_exist(void **state)
{
	(void)state;
	static char text[65536];
	FILE *in = fopen("conf/alerts/huizhi.yml", "r");
	assert_non_null(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	int found = 0;
	for (const char *p = strstr(text, "huizhi_"); p != NULL; p = strstr(p, "huizhi_")) {
		char name[128];
		size_t n = 0;
		while (n + 1 < sizeof name && (isalnum((unsigned char)p[n]) || p[n] == '_')) {
			name[n] = p[n];
			n++;
		}
		name[n] = '\0';
		bool exists = false;
		for (size_t i = 0; i < sizeof metric_names / sizeof metric_names[0]; i++)
			exists = exists || strcmp(metric_names[i], name) == 0;
		if (!exists)
			fail_msg("conf/alerts/huizhi.yml speaks of %s, which /metrics does not have", name);
		found++;
		p += n;
	}
	assert_true(found >= 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alerts_name_metrics_that_exist),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
