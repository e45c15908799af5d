/* Addresses of webhooks, and the networks that they must not lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <cmocka.h>
#include "gateway/target.h"

static void
test_parts(void **state)
{
	struct target t;

	(void)state;
	assert_false(target_parse("https://erp.example.gov.cn/hooks/huizhi?x=1", &t));
	assert_true(t.tls);
	assert_string_equal(t.host, "erp.example.gov.cn");
	assert_int_equal(t.port, 443);
	assert_string_equal(t.authority, "erp.example.gov.cn");
	assert_string_equal(t.path, "/hooks/huizhi?x=1");
	assert_false(target_parse("http://10.0.0.1:8080", &t));
	assert_false(t.tls);
	assert_true(t.numeric);
	assert_int_equal(t.port, 8080);
	assert_string_equal(t.authority, "10.0.0.1:8080");
	assert_string_equal(t.path, "/");
	assert_false(target_parse("HTTPS://[2001:470::1]:8443?a", &t));
	assert_string_equal(t.host, "2001:470::1");
	assert_int_equal(t.port, 8443);
	assert_string_equal(t.path, "/?a");
}

static void
test_refused(void **state)
{
	static const struct {
		const char *url;
		enum target_fault fault;
	} bad[] = {{"", TARGET_SCHEME}, {"ftp://a.example/", TARGET_SCHEME}, {"//a.example/", TARGET_SCHEME},
		{"https://", TARGET_NO_HOST}, {"https:///x", TARGET_NO_HOST}, {"https://[name]/", TARGET_NO_HOST},
		{"http://user:pw@a.example/", TARGET_USER}, {"https://a.example:0/", TARGET_PORT},
		{"https://a.example:65536/", TARGET_PORT}, {"https://a.example:x/", TARGET_PORT},
		{"https://a.example:80x/", TARGET_PORT}, {"https://a.example:000080/", TARGET_PORT},
		{"https://a example/", TARGET_CHARACTERS}, {"https://a.example/\r\nX: y", TARGET_CHARACTERS},
		{"https://例子.example/", TARGET_CHARACTERS}, {"https://a.example/#top", TARGET_FRAGMENT},
		{"https://[::1/", TARGET_BRACKETS}, {"https://[::1]x/", TARGET_BRACKETS}};
	struct target t;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (target_parse(bad[i].url, &t) != bad[i].fault)
			fail_msg("%s is not \"%s\"", bad[i].url, target_fault_words(bad[i].fault));
	char longest[TARGET_URL_MAX + 10];
	memset(longest, 'a', sizeof longest);
	memcpy(longest, "https://", 8);
	longest[sizeof longest - 1] = '\0';
	assert_int_equal(target_parse(longest, &t), TARGET_LONG);
	longest[500] = '\0';
	assert_int_equal(target_parse(longest, &t), TARGET_NAME_LONG);
}

static bool
allowed(const char *text, const char *const *networks, size_t n)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return target_address_allowed((struct sockaddr *)&v4, networks, n);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return target_address_allowed((struct sockaddr *)&v6, networks, n);
}

static void
test_networks(void **state)
{
	static const char *const good[] = {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
		"126.0.0.1", "128.0.0.1", "172.15.255.255", "172.32.0.0", "192.167.0.1", "192.169.0.1", "223.255.255.255",
		"2400:3200::1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"};
	static const char *const bad[] = {"0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1",
		"127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.2.1", "192.168.1.1", "198.18.0.1",
		"203.0.113.5", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3",
		"::7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a00:1::1", "2001::1", "2001:db8::1", "3fff::1", "fc00::1",
		"fd12::1", "fe80::1", "fec0::1", "ff02::1", "64:ff9b:1::1", "100::1"};
	static const char *const own[] = {"10.1.0.0/16", "127.0.0.1", "fd00:1::/32"};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		if (!allowed(good[i], NULL, 0))
			fail_msg("%s was refused", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (allowed(bad[i], NULL, 0))
			fail_msg("%s was allowed", bad[i]);
	assert_true(allowed("10.1.255.255", own, 3));
	assert_false(allowed("10.2.0.0", own, 3));
	assert_true(allowed("127.0.0.1", own, 3));
	assert_false(allowed("127.0.0.2", own, 3));
	assert_true(allowed("fd00:1::9", own, 3));
	assert_false(allowed("fd00:2::9", own, 3));
	assert_false(allowed("::ffff:127.0.0.1", own, 3));
}

static void
test_network_words(void **state)
{
	static const char *const bad[] = {
		"", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/8x", "fd00::/129", "name", "10.0.0.0/-1"};
	struct target_network n;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(target_network_parse(bad[i], &n), -1);
	assert_int_equal(target_network_parse("0.0.0.0/0", &n), 0);
	assert_int_equal(n.bits, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_network_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
