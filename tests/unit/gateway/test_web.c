/* The small pure parts of the pages: routes, forms, cookies, limits, the identity answer, QR pictures, masks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include <png.h>
#include "gateway/roles.h"
#include "gateway/http/form.h"
#include "gateway/identity.h"
#include "gateway/http/limiter.h"
#include "gateway/http/qr.h"
#include "gateway/http/router.h"
#include "gateway/mask.h"
#include "gateway/metrics.h"

/* ---- Routes ---- */

static void
routes_match_whole_paths(void **state)
{
	static const struct route table[] = {{ROUTER_GET, "/", NULL}, {ROUTER_GET, "/r/:", NULL},
		{ROUTER_GET, "/r/:/qr.svg", NULL}, {ROUTER_POST, "/a/:/b/:", NULL}};
	static const struct {
		const char *path;
		int row;
		const char *first, *second;
	} cases[] = {{"/", 0, NULL, NULL}, {"", -1, NULL, NULL}, {"/r", -1, NULL, NULL}, {"/r/", -1, NULL, NULL},
		{"/r/abc", 1, "abc", NULL}, {"/r/abc/", -1, NULL, NULL}, {"/r/abc/qr.svg", 2, "abc", NULL},
		{"/r/abc/qr.svgx", -1, NULL, NULL}, {"/a/1/b/2", 3, "1", "2"}, {"/a/1/b/", -1, NULL, NULL},
		{"//", -1, NULL, NULL}};
	struct router_params p;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct route *r = router_match(table, 4, cases[i].path, &p);
		assert_ptr_equal(r, cases[i].row < 0 ? NULL : &table[cases[i].row]);
		assert_int_equal(p.count, (cases[i].first != NULL) + (cases[i].second != NULL));
		if (cases[i].first != NULL)
			assert_string_equal(p.values[0], cases[i].first);
		if (cases[i].second != NULL)
			assert_string_equal(p.values[1], cases[i].second);
	}
	char longest[ROUTER_PARAM_MAX + 8] = "/r/";
	memset(longest + 3, 'x', ROUTER_PARAM_MAX);
	assert_non_null(router_match(table, 4, longest, &p));
	longest[3 + ROUTER_PARAM_MAX] = 'x';
	assert_null(router_match(table, 4, longest, &p));
}

/* ---- Forms ---- */

static void
forms_are_taken_apart(void **state)
{
	static const char body[] = "a=1&b=%E6%9E%97+x%0D%0Ay&&c&=d&a=2&e=%3D%26";
	struct form f;

	(void)state;
	assert_int_equal(form_parse(&f, body, sizeof(body) - 1), 0);
	assert_int_equal(f.count, 6);
	assert_string_equal(form_get(&f, "a"), "1");
	assert_string_equal(form_get(&f, "b"), "林 x\ny");
	assert_string_equal(form_get(&f, "c"), "");
	assert_string_equal(form_get(&f, ""), "d");
	assert_string_equal(form_get(&f, "e"), "=&");
	assert_null(form_get(&f, "z"));
	form_free(&f);
	assert_int_equal(form_parse(&f, NULL, 0), 0);
	assert_null(form_get(&f, "a"));
}

static void
broken_forms_are_refused(void **state)
{
	static const char *const bad[] = {"a=%", "a=%4", "a=%zz", "a=%00", "a=%01", "a=%7F", "a=%FF", "a=%C0%80",
		"a=%ED%A0%80", "a=%F4%90%80%80", "a=%E6%9E", "%C2%85=1"};
	struct form f;
	char many[FORM_FIELDS_MAX * 2 + 8];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (form_parse(&f, bad[i], strlen(bad[i])) != -1 || f.count != 0)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(form_parse(&f, "a=\0b", 4), -1);
	for (size_t i = 0; i <= FORM_FIELDS_MAX; i++)
		memcpy(many + 2 * i, "a&", 2);
	assert_int_equal(form_parse(&f, many, 2 * FORM_FIELDS_MAX), 0);
	form_free(&f);
	assert_int_equal(form_parse(&f, many, 2 * FORM_FIELDS_MAX + 2), -1);
}

static void
values_are_trimmed(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(form_trim("  a b \t\n", out, sizeof(out)), 3);
	assert_string_equal(out, "a b");
	assert_int_equal(form_trim("\xE3\x80\x80林\xC2\xA0", out, sizeof(out)), 3);
	assert_string_equal(out, "林");
	assert_int_equal(form_trim("   ", out, sizeof(out)), 0);
	assert_int_equal(form_trim("123456789012345", out, sizeof(out)), 15);
	assert_int_equal(form_trim("1234567890123456", out, sizeof(out)), -1);
}

static void
cookies_are_found(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(form_cookie("a=1; hz=abc; b=2", "hz", out, sizeof(out)), 0);
	assert_string_equal(out, "abc");
	assert_int_equal(form_cookie("xhz=no;hz=", "hz", out, sizeof(out)), 0);
	assert_string_equal(out, "");
	assert_int_equal(form_cookie("hz=toolongvalue", "hz", out, sizeof(out)), -1);
	assert_int_equal(form_cookie("hzz=1; h=2", "hz", out, sizeof(out)), -1);
	assert_int_equal(form_cookie(NULL, "hz", out, sizeof(out)), -1);
}

static void
only_our_proxies_are_believed(void **state)
{
	static const struct {
		const char *header;
		int proxies;
		const char *want;
	} cases[] = {{"9.9.9.9", 0, NULL}, {NULL, 1, NULL}, {"9.9.9.9", 1, "9.9.9.9"}, {"1.1.1.1, 9.9.9.9", 1, "9.9.9.9"},
		{"1.1.1.1, 9.9.9.9 , 10.0.0.1", 2, "9.9.9.9"}, {"9.9.9.9", 3, "9.9.9.9"}, {"", 1, NULL}, {" , ", 1, NULL},
		{"1.1.1.1,", 1, NULL}, {"1234567890123456789012345678901234567890123456789012345678901234567890", 1, NULL},
		{"2001:db8::1", 1, "2001:db8::1"}};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = form_forwarded(cases[i].header, cases[i].proxies, out, sizeof(out));
		assert_int_equal(rc, cases[i].want == NULL ? -1 : 0);
		if (cases[i].want != NULL)
			assert_string_equal(out, cases[i].want);
	}
}

/* ---- Limits ---- */

static void
one_house_is_one_visitor(void **state)
{
	static const char *const cases[][2] = {{"203.0.113.7", "203.0.113.7"},
		{"2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"}, {"2001:db8:1:2:ffff:0:0:9", "2001:db8:1:2::/64"},
		{"2001:db8:1:3::1", "2001:db8:1:3::/64"}, {"::ffff:203.0.113.7", "203.0.113.7"},
		{"fe80::1%eth0", "fe80:0:0:0::/64"}, {"::1", "0:0:0:0::/64"}, {"", ""}, {"unix:", "unix:"}};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		form_network(cases[i][0], out, sizeof(out));
		assert_string_equal(out, cases[i][1]);
	}
}

static void
tries_run_out_and_come_back(void **state)
{
	struct limiter *l = limiter_new(64, 3, 60);

	(void)state;
	assert_int_equal(limiter_take(l, "10.0.0.1", 1000), 0);
	assert_int_equal(limiter_take(l, "10.0.0.1", 1000), 0);
	assert_int_equal(limiter_take(l, "10.0.0.1", 1000), 0);
	assert_in_range(limiter_take(l, "10.0.0.1", 1000), 20, 21);
	assert_int_equal(limiter_take(l, "10.0.0.2", 1000), 0); /* somebody else */
	assert_int_not_equal(limiter_take(l, "10.0.0.1", 1010), 0);
	assert_int_equal(limiter_take(l, "10.0.0.1", 1021), 0);
	assert_int_not_equal(limiter_take(l, "10.0.0.1", 1021), 0);
	limiter_give(l, "10.0.0.1", 1021);
	assert_int_equal(limiter_take(l, "10.0.0.1", 1021), 0);
	/* After a long time there are three again, not more. */
	for (int i = 0; i < 3; i++)
		assert_int_equal(limiter_take(l, "10.0.0.1", 9000), 0);
	assert_int_not_equal(limiter_take(l, "10.0.0.1", 9000), 0);
	/* A clock set back gives nothing away. */
	assert_int_not_equal(limiter_take(l, "10.0.0.1", 8000), 0);
	limiter_free(l);
}

static void
a_crowd_does_not_grow_the_table(void **state)
{
	struct limiter *l = limiter_new(64, 2, 60);
	char who[24];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		snprintf(who, sizeof(who), "10.%d.%d", i / 100, i % 100);
		assert_int_equal(limiter_take(l, who, 1000 + i), 0);
	}
	assert_int_equal(limiter_take(l, who, 10999), 0);
	assert_int_not_equal(limiter_take(l, who, 10999), 0);
	limiter_free(l);
}

/* ---- Identity ---- */

static void
answers_are_read_as_people_type_them(void **state)
{
	static const struct {
		const char *typed, *want;
	} cases[] = {{"12034x", "12034X"}, {" 120 34-X ", "12034X"}, {"１２０３４ｘ", "12034X"}, {"１２０３４Ｘ", "12034X"},
		{"12034", NULL}, {"120345X", NULL}, {"", NULL}, {"12034林", NULL}, {"12034;", NULL}, {"\xEF\xBC", NULL},
		{"　011234　", "011234"}, {"\xE3\x80", NULL}};
	char out[IDENTITY_TAIL + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = identity_typed(cases[i].typed, out);
		if ((rc == 0) != (cases[i].want != NULL))
			fail_msg("%s: %d", cases[i].typed, rc);
		if (rc == 0)
			assert_string_equal(out, cases[i].want);
	}
}

static void
only_the_last_six_count(void **state)
{
	(void)state;
	assert_true(identity_matches("12034X", "92371081MA3F12034X"));
	assert_true(identity_matches("12034X", "92371081MA3F12034x"));
	assert_true(identity_matches("12034X", "92371081-MA3F-1203 4Ｘ"));
	assert_false(identity_matches("12034X", "92371081MA3F12034Y"));
	assert_false(identity_matches("92371X", "92371081MA3F12034X"));
	assert_false(identity_matches("000000", ""));
	assert_false(identity_matches("012345", "12345"));
	assert_true(identity_matches("123456", "123456"));
}

/* ---- QR ---- */

/* Counts the dark modules of the path, and whether the three finder patterns stand where they must. */
static void
svg_is_a_square_of_modules(void **state)
{
	struct evbuffer *out = evbuffer_new();

	(void)state;
	assert_int_equal(qr_svg("https://v.example.org/r/abc", out), 0);
	evbuffer_add(out, "", 1);
	const char *svg = (const char *)evbuffer_pullup(out, -1);
	/* 27 octets at level M: version 3, 29 modules, four more on each side. */
	assert_non_null(strstr(svg, "viewBox=\"0 0 37 37\""));
	assert_non_null(strstr(svg, "M4 4h7v1h-7z"));
	assert_non_null(strstr(svg, "M26 4h7v1h-7z"));
	assert_non_null(strstr(svg, "M4 26h7v1h-7z"));
	assert_null(strstr(svg, "M3 "));
	evbuffer_free(out);
}

static void
png_shows_the_same_modules(void **state)
{
	struct evbuffer *png = evbuffer_new(), *svg = evbuffer_new();
	png_image image = {.version = PNG_IMAGE_VERSION};

	(void)state;
	assert_int_equal(qr_png("https://v.example.org/r/abc", 3, png), 0);
	assert_int_equal(qr_svg("https://v.example.org/r/abc", svg), 0);
	evbuffer_add(svg, "", 1);
	size_t len = evbuffer_get_length(png);
	assert_true(png_image_begin_read_from_memory(&image, evbuffer_pullup(png, -1), len));
	image.format = PNG_FORMAT_GRAY;
	assert_int_equal(image.width, 37 * 3);
	assert_int_equal(image.height, 37 * 3);
	uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image));
	assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
	/* Paints the runs of the SVG and compares module by module. */
	uint8_t modules[37][37] = {{0}};
	const char *at = strstr((const char *)evbuffer_pullup(svg, -1), "fill=\"#000\"");
	int x, y, run, runs = 0;
	while ((at = strchr(at + 1, 'M')) != NULL && sscanf(at, "M%d %dh%dv1", &x, &y, &run) == 3) {
		memset(&modules[y][x], 1, (size_t)run);
		runs++;
	}
	assert_true(runs > 100);
	for (y = 0; y < 37 * 3; y++)
		for (x = 0; x < 37 * 3; x++)
			assert_int_equal(pixels[y * 37 * 3 + x] < 128, modules[y / 3][x / 3]);
	free(pixels);
	evbuffer_free(png);
	evbuffer_free(svg);
}

static void
a_text_too_long_is_refused(void **state)
{
	char text[4000];
	struct evbuffer *out = evbuffer_new();

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(qr_svg(text, out), -1);
	assert_int_equal(qr_png(text, 2, out), -1);
	assert_int_equal(evbuffer_get_length(out), 0);
	evbuffer_free(out);
}

/* ---- Masks ---- */

static void
masks_keep_little(void **state)
{
	static const struct {
		void (*mask)(const char *, char *, size_t);
		const char *plain, *want;
	} cases[] = {{mask_name, "王小明", "王**"}, {mask_name, "王", "王"}, {mask_name, "文登区老王饺子馆", "文登***子馆"},
		{mask_name, "Wang Xiaoming", "W*** X***"}, {mask_name, "", ""}, {mask_name, " Ann ", " A*** "},
		{mask_address, "山东省威海市文登区龙山路12号", "山东省威海市***"}, {mask_address, "龙山路12号", "龙山路***"},
		{mask_address, "", ""}, {mask_number, "JY23710810012345", "***2345"}, {mask_number, "A1", "***1"},
		{mask_number, "", ""}};
	char out[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cases[i].mask(cases[i].plain, out, sizeof(out));
		assert_string_equal(out, cases[i].want);
	}
	mask_address("山东省威海市文登区龙山路12号", out, 8);
	assert_string_equal(out, "山东"); /* cut at a character */
}

/* ---- Metrics ---- */

static void
metrics_are_written_for_prometheus(void **state)
{
	struct evbuffer *out = evbuffer_new();

	(void)state;
	metrics_add(METRIC_HTTP_PUBLIC, 2);
	metrics_add(METRIC_HTTP_PUBLIC, 1);
	metrics_write(out);
	evbuffer_add(out, "", 1);
	const char *text = (const char *)evbuffer_pullup(out, -1);
	assert_non_null(
		strstr(text, "# TYPE huizhi_http_requests_total counter\nhuizhi_http_requests_total{listener=\"public\"} 3\n"
					 "huizhi_http_requests_total{listener=\"staff\"} 0\n"));
	/* HELP once a name, or Prometheus refuses the whole page. */
	const char *first = strstr(text, "# HELP huizhi_http_requests_total ");
	assert_non_null(first);
	assert_null(strstr(first + 1, "# HELP huizhi_http_requests_total "));
	evbuffer_free(out);
}

static void
phones_and_codes_are_masked(void **state)
{
	static const struct {
		const char *text, *want;
	} codes[] = {
		{"取件码365590到窗口", "取件码••••••到窗口"},
		{"代码 1234 5678。", "代码 •••• ••••。"},
		{"代码12345678", "代码••••••••"},
		{"http://a.cn/r/Abc-_9Xyz1 核实", "http://a.cn/r/•••••• 核实"},
		{"回复到10690001", "回复到10690001"},
		{"致电0533-3241234", "致电0533-3241234"},
		{"2026-12-12到期，还有20天", "2026-12-12到期，还有20天"},
		{"1234567", "1234567"},
		{"123456789", "123456789"},
		{"/r/", "/r/"},
		{"", ""},
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		char *masked = mask_codes(codes[i].text, "10690001");
		assert_string_equal(masked, codes[i].want);
		free(masked);
	}
	mask_phone("+8613800100001", out, sizeof(out));
	assert_string_equal(out, "+86138****0001");
	mask_phone("12345", out, sizeof(out));
	assert_string_equal(out, "***45");
	mask_phone("", out, sizeof(out));
	assert_string_equal(out, "");
}

static void
roles_are_read_in_every_form(void **state)
{
	const char *bad = "";
	size_t len = 0;

	(void)state;
	assert_int_equal(roles_parse("{look,send}", NULL, NULL), ROLE_LOOK | ROLE_SEND);
	assert_int_equal(roles_parse("approve", NULL, NULL), ROLE_LOOK | ROLE_APPROVE);
	assert_int_equal(roles_parse("clerk, approver", NULL, NULL), ROLE_LOOK | ROLE_SEND | ROLE_APPROVE);
	assert_int_equal(roles_parse("admin", NULL, NULL), ROLE_ALL);
	assert_int_equal(roles_parse("", NULL, NULL), 0);
	assert_int_equal(roles_parse("look,king", &bad, &len), -1);
	assert_int_equal(len, 4);
	assert_memory_equal(bad, "king", 4);
	assert_int_equal(roles_parse("looks", NULL, NULL), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phones_and_codes_are_masked),
		cmocka_unit_test(roles_are_read_in_every_form),
		cmocka_unit_test(routes_match_whole_paths),
		cmocka_unit_test(forms_are_taken_apart),
		cmocka_unit_test(broken_forms_are_refused),
		cmocka_unit_test(values_are_trimmed),
		cmocka_unit_test(cookies_are_found),
		cmocka_unit_test(only_our_proxies_are_believed),
		cmocka_unit_test(one_house_is_one_visitor),
		cmocka_unit_test(tries_run_out_and_come_back),
		cmocka_unit_test(a_crowd_does_not_grow_the_table),
		cmocka_unit_test(answers_are_read_as_people_type_them),
		cmocka_unit_test(only_the_last_six_count),
		cmocka_unit_test(svg_is_a_square_of_modules),
		cmocka_unit_test(png_shows_the_same_modules),
		cmocka_unit_test(a_text_too_long_is_refused),
		cmocka_unit_test(masks_keep_little),
		cmocka_unit_test(metrics_are_written_for_prometheus),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
