/* When a text goes again after an attempt that did not succeed, and what staff read about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/conf.h"
#include "gateway/delivery.h"
#include "gateway/policy.h"

static int retry[] = {5, 30}, rebind[] = {0, 2};

static struct conf_link
link_conf(void)
{
	return (struct conf_link){.name = "east",
		.uncertain_reply = "send",
		.uncertain_notice = "receipt",
		.uncertain_reminder = "receipt",
		.receipt_wait_seconds = 3600,
		.retry_seconds = retry,
		.nretry_seconds = 2,
		.rebind_seconds = rebind,
		.nrebind_seconds = 2};
}

static struct policy_next
after(const struct conf_link *conf, struct policy_attempt a)
{
	struct policy_next next;

	policy_after(conf, &a, &next);
	return next;
}

static void
refusals_have_growing_delays_and_an_end(void **state)
{
	struct conf_link conf = link_conf();

	(void)state;
	for (int attempt = 1; attempt <= 3; attempt++) {
		struct policy_next next = after(&conf, (struct policy_attempt){POLICY_REPLY, 0x08, false, attempt, 0, 0});

		assert_int_equal(next.delay_seconds, attempt <= 2 ? retry[attempt - 1] : -1);
		assert_true(next.charged);
		assert_false(next.rebind || next.lost);
	}
	assert_int_equal(after(&conf, (struct policy_attempt){POLICY_REPLY, 0x0b, false, 1, 0, 0}).delay_seconds, -1);
	/* Known to be refused for good: that another part is uncertain changes nothing. */
	assert_int_equal(after(&conf, (struct policy_attempt){POLICY_REPLY, 0x0b, true, 1, 0, 0}).delay_seconds, -1);
}

/* A session that breaks costs no try of those that the carrier may refuse; it is bounded by itself. */
static void
a_broken_session_charges_no_refusal(void **state)
{
	struct conf_link conf = link_conf();
	struct policy_next next;

	(void)state;
	for (int before = 0; before <= 2; before++) {
		next = after(&conf, (struct policy_attempt){POLICY_REMINDER, 0x04, false, before + 1, before, 0});
		assert_int_equal(next.delay_seconds, before < 2 ? rebind[before] : -1);
		assert_true(next.rebind);
		assert_true(next.charged); /* the next attempt has a number of its own */
	}
	/* The fifth attempt, of which two were swallowed and two lost, is the first that was refused. */
	assert_int_equal(after(&conf, (struct policy_attempt){POLICY_REPLY, 0x08, false, 5, 2, 2}).delay_seconds, 5);
}

static void
throttled_or_unwritten_costs_nothing(void **state)
{
	struct conf_link conf = link_conf();
	struct policy_next next = after(&conf, (struct policy_attempt){POLICY_REPLY, 0x58, false, 7, 0, 0});

	(void)state;
	assert_int_equal(next.delay_seconds, 1);
	assert_false(next.charged);
	next = after(&conf, (struct policy_attempt){POLICY_REMINDER, 0, false, 1, 0, 0});
	assert_int_equal(next.delay_seconds, 0);
	assert_false(next.charged);
}

static void
what_is_uncertain_follows_its_kind(void **state)
{
	struct conf_link conf = link_conf();
	struct policy_next next;

	(void)state;
	for (int lost = 0; lost < 5; lost++) {
		next = after(&conf, (struct policy_attempt){POLICY_REPLY, 0, true, lost + 1, 0, lost});
		assert_int_equal(next.delay_seconds, lost < 3 ? 0 : -1);
		assert_true(next.lost && next.charged);
		next = after(&conf, (struct policy_attempt){POLICY_NOTICE, 0, true, lost + 1, 0, lost});
		assert_int_equal(next.delay_seconds, lost < 4 ? 3600 : -1);
		next = after(&conf, (struct policy_attempt){POLICY_REMINDER, 0, true, lost + 1, 0, lost});
		assert_int_equal(next.delay_seconds, lost < 2 ? 3600 : -1);
	}
	conf.uncertain_reminder = "send";
	assert_int_equal(after(&conf, (struct policy_attempt){POLICY_REMINDER, 0, true, 1, 0, 0}).delay_seconds, 0);
	assert_int_equal(after(&conf, (struct policy_attempt){POLICY_REMINDER, 0, true, 2, 0, 1}).delay_seconds, -1);
	conf.uncertain_reply = conf.uncertain_notice = conf.uncertain_reminder = "hold";
	for (enum policy_kind kind = POLICY_REPLY; kind <= POLICY_REMINDER; kind++)
		assert_int_equal(after(&conf, (struct policy_attempt){kind, 0, true, 1, 0, 0}).delay_seconds, -1);
	assert_int_equal(policy_kind_of("reply"), POLICY_REPLY);
	assert_int_equal(policy_kind_of("notice"), POLICY_NOTICE);
	assert_int_equal(policy_kind_of("reminder"), POLICY_REMINDER);
}

/* Every state that a message can have (store/schema) has its words, in both languages. */
static void
states_have_words(void **state)
{
	static const char *const rows[][3] = {
		{"queued", "Delivering", "发送中"},
		{"delivering", "Delivering", "发送中"},
		{"delivered", "Delivered", "已送达"},
		{"unavailable", "Phone not accepting messages right now", "手机暂时收不到短信"},
		{"expired", "Phone not accepting messages right now", "手机暂时收不到短信"},
		{"failed", "Not delivered", "未送达"},
		{"technical", "Technical failure", "技术故障"},
		{"cancelled", "Cancelled", "已取消"},
		{"received", "Received", "已收到"},
		{"something new", "something new", "something new"},
	};
	const char *const *receipts;
	size_t n = delivery_receipts(&receipts);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_string_equal(delivery_words(rows[i][0], "en"), rows[i][1]);
		assert_string_equal(delivery_words(rows[i][0], "fr"), rows[i][1]);
		assert_string_equal(delivery_words(rows[i][0], "zh"), rows[i][2]);
	}
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++) {
		assert_true(strlen(delivery_reason(receipts[i], "en")) > 20);
		assert_string_not_equal(delivery_reason(receipts[i], "zh"), delivery_reason(receipts[i], "en"));
	}
	/* Stored in one language, read in the other. */
	static const struct {
		const char *stored, *en, *zh;
	} reworded[] = {
		{"UNDELIV 012", "the carrier could not deliver it to this phone (012)", "运营商无法送达这个手机（012）"},
		{"REJECTD", "the carrier rejected it", "运营商拒绝了这条短信"},
		{"运营商无法送达这个手机 (8)", "the carrier could not deliver it to this phone (8)",
			"运营商无法送达这个手机（8）"},
		{"与运营商的连接中断，不知道短信是否到达",
			"the connection to the carrier dropped, and nobody knows whether it arrived",
			"与运营商的连接中断，不知道短信是否到达"},
	};
	char out[200] = "", again[200];
	for (size_t i = 0; i < sizeof reworded / sizeof reworded[0]; i++) {
		assert_true(delivery_reworded(reworded[i].stored, "en", out, sizeof out));
		assert_string_equal(out, reworded[i].en);
		assert_true(delivery_reworded(out, "zh", again, sizeof again));
		assert_string_equal(again, reworded[i].zh);
	}
	assert_true(delivery_reworded("invalid destination address (0x0B)", "zh", out, sizeof out));
	assert_non_null(strstr(out, "（0x0B）"));
	assert_true(delivery_reworded(out, "en", again, sizeof again));
	assert_non_null(strstr(again, " (0x0B)"));
	static const char *const others[] = {
		"", "no answer", "UNDELIVERABLE", "(0x)", "0x0B", "my flat (0x0B) 3", "好的 谢谢"};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(delivery_reworded(others[i], "zh", out, sizeof out));
	assert_string_equal(delivery_refused_state(0x0b), "failed");
	assert_string_equal(delivery_refused_state(0x0a), "technical");
	assert_string_equal(delivery_refused_state(0x400), "technical");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_have_growing_delays_and_an_end),
		cmocka_unit_test(a_broken_session_charges_no_refusal),
		cmocka_unit_test(throttled_or_unwritten_costs_nothing),
		cmocka_unit_test(what_is_uncertain_follows_its_kind),
		cmocka_unit_test(states_have_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
