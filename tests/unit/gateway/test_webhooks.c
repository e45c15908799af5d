/* Webhooks: how a body is signed, how long the next try waits, and which events there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "gateway/webhook_add.h"
#include "gateway/webhook_post.h"
#include "gateway/webhooks.h"

/* As `printf '1700000000.{"id":"event-1"}' | openssl dgst -sha256 -hmac whs_test` has it. */
static void
test_signature(void **state)
{
	char hex[65], other[65];

	(void)state;
	webhook_sign("whs_test", 1700000000, "{\"id\":\"event-1\"}", hex);
	assert_string_equal(hex, "c32ade8d3fc9828d7174c080c5a5d2803e0477d374c270d0209376e2b831999d");
	webhook_sign("whs_test", 1700000001, "{\"id\":\"event-1\"}", other);
	assert_string_not_equal(hex, other);
	webhook_sign("whs_tesu", 1700000000, "{\"id\":\"event-1\"}", other);
	assert_string_not_equal(hex, other);
}

static void
test_waits(void **state)
{
	(void)state;
	assert_int_equal(webhooks_wait(1, 12, 10), 10);
	assert_int_equal(webhooks_wait(2, 12, 10), 20);
	assert_int_equal(webhooks_wait(5, 12, 10), 160);
	assert_int_equal(webhooks_wait(11, 12, 10), 10240);
	assert_int_equal(webhooks_wait(12, 12, 10), -1);
	assert_int_equal(webhooks_wait(99, 100, 3600), 6 * 3600);
	assert_int_equal(webhooks_wait(1, 1, 1), -1);
}

static void
test_events(void **state)
{
	(void)state;
	assert_true(webhook_event_known("application.approved"));
	assert_true(webhook_event_known("campaign.*"));
	assert_true(webhook_event_known("*"));
	assert_false(webhook_event_known("application"));
	assert_false(webhook_event_known("application.approved "));
	assert_false(webhook_event_known(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signature),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
