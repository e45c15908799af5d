/*
 * Which host a session is bound to, who opens its connection and in which role: failover and return, outbind, links
 * that only send or only receive, a pair that shares its ids. node-smpp is the carrier.
 */
#include <netinet/in.h>
#include "tests/smpp/harness.h"

#define PHONE "+8613900000001"

/* A port that was free a moment ago; as text for the configuration. */
static const char *
free_port(int *port)
{
	static char text[32];
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	close(fd);
	*port = ntohs(in.sin_port);
	snprintf(text, sizeof(text), "127.0.0.1:%d", *port);
	return text;
}

static void
fails_over_and_returns_after_a_drain(void **state)
{
	struct harness *h = *state;
	struct link_stats stats;

	carrier(h, "also");
	host_set(h, 1, (int)strtol(expect(h, "also ") + 5, NULL, 10));
	h->conf.return_seconds = 1;
	carrier(h, "close");
	expect(h, "did close");
	link_bound(h);
	link_stats_get(h->link, &stats);
	assert_string_equal(stats.host, h->host[1]);
	carrier(h, "hold");
	expect(h, "did hold");
	submit(h, PHONE, "in flight");
	expect(h, "submit 2 ");
	carrier(h, "listen");
	expect(h, "state unbinding: returning to a preferred host");
	assert_int_equal(link_room(h->link), 0);
	expect_none(h, "request unbind"); /* not before what is in flight has come back */
	carrier(h, "answer");
	expect(h, "submitted 1 1/1 accepted");
	expect(h, "request unbind");
	expect(h, "state connecting: unbound");
	expect(h, "state bound");
	link_stats_get(h->link, &stats);
	assert_string_equal(stats.host, h->host[0]);
	expect_none(h, "state waiting");
	link_gone(h);
}

static void
loses_its_host_and_goes_to_the_next(void **state)
{
	struct harness *h = *state;
	struct link_stats stats;

	carrier(h, "also");
	host_set(h, 1, (int)strtol(expect(h, "also ") + 5, NULL, 10));
	link_bound(h);
	carrier(h, "close"); /* the session too */
	expect(h, "state waiting: closed by the carrier");
	expect(h, "state bound");
	link_stats_get(h->link, &stats);
	assert_string_equal(stats.host, h->host[1]);
	link_gone(h);
}

static void
a_link_that_only_sends(void **state)
{
	struct harness *h = *state;

	h->conf.bind = "transmitter";
	link_bound(h);
	expect(h, "bind bind_transmitter huizhi");
	assert_true(link_can_send(h->link));
	submit(h, PHONE, "a");
	expect(h, "submitted 1 1/1 accepted");
	link_gone(h);
}

static void
a_link_that_only_receives(void **state)
{
	struct harness *h = *state;

	h->conf.bind = "receiver";
	h->conf.interface_version = "3.3";
	h->conf.addr_ton = 1;
	h->conf.addr_npi = 2;
	h->conf.address_range = "^1069";
	link_bound(h);
	expect(h, "bind bind_receiver huizhi secret - version 51 1/2/^1069");
	assert_false(link_can_send(h->link));
	assert_int_equal(link_room(h->link), 0);
	assert_int_equal(submit(h, PHONE, "a"), -1);
	carrier(h, "deliver source_addr=861 destination_addr=2 text=Y");
	expect(h, "text from=861");
	expect(h, "resp deliver_sm_resp 1 0");
	link_gone(h);
}

/* What the transmitter was told makes the receiver's receipt readable: hexadecimal here, decimal there. */
static void
a_pair_shares_its_message_ids(void **state)
{
	struct harness *h = *state;

	carrier(h, "id hex");
	h->conf.bind = "transmitter+receiver";
	link_bound(h);
	submit(h, PHONE, "a");
	expect(h, "submitted 1 1/1 accepted 0x00 id=00000003E9");
	carrier(h, "deliver source_addr=8613900000001 destination_addr=10690001 esm_class=4 receipted_message_id=1001 "
			   "message_state=2 text=id:x");
	expect(h, "receipt from=8613900000001 id=1001 key=3e9 state=DELIVRD");
	link_gone(h);
}

static void
the_alarm_stands_until_it_is_bound(void **state)
{
	struct harness *h = *state;
	struct link_stats stats;

	carrier(h, "bind 15");
	expect(h, "did bind");
	link_up(h);
	expect(h, "state waiting: bind refused: invalid system id (0x0f)");
	link_stats_get(h->link, &stats);
	assert_non_null(strstr(stats.alarm, "invalid system id (0x0f); check system_id, password and system_type"));
	carrier(h, "bind 0");
	expect(h, "state bound");
	link_stats_get(h->link, &stats);
	assert_string_equal(stats.alarm, "");
	link_gone(h);
}

/* ---- outbind ------------------------------------------------------------------------------------------------------
 */

static void
outbind_binds_the_receiver_of_a_pair(void **state)
{
	struct harness *h = *state;
	struct link_stats stats;
	int port;

	h->conf.bind = "receiver";
	h->conf.outbind = free_port(&port);
	h->conf.outbind_system_id = "carrier";
	h->conf.outbind_password = "knock";
	h->conf.nhosts = 0;
	link_up(h);
	expect(h, "state waiting: waiting for the carrier's outbind");
	carrier(h, "outbind %d carrier wrong", port);
	expect(h, "outbind closed");
	carrier(h, "outbind %d somebody knock", port);
	expect(h, "outbind closed");
	expect_none(h, "bind ");
	carrier(h, "outbind %d carrier knock", port);
	expect(h, "bind bind_receiver huizhi secret");
	expect(h, "state bound");
	link_stats_get(h->link, &stats);
	assert_int_equal(strncmp(stats.host, "outbind 127.0.0.1:", 18), 0);
	carrier(h, "deliver source_addr=861 destination_addr=2 text=Y");
	expect(h, "text from=861");
	expect(h, "resp deliver_sm_resp");
	carrier(h, "outbind %d carrier knock", port); /* bound already */
	expect(h, "outbind closed");
	expect_none(h, "state waiting");
	carrier(h, "drop");
	expect(h, "state waiting: closed by the carrier");
	carrier(h, "outbind %d carrier knock", port);
	expect(h, "state bound");
	link_gone(h);
}

static void
strangers_at_the_outbind_port(void **state)
{
	struct harness *h = *state;
	int port;

	h->conf.outbind = free_port(&port);
	h->conf.bind_seconds = 1;
	link_bound(h);
	carrier(h, "intrude %d 0000001000000015000000000000000a", port);
	expect(h, "intruder enquire_link_resp 10 0");
	expect(h, "intruder closed"); /* no outbind in time */
	carrier(h, "intrude %d 0000000f00000015", port);
	expect(h, "intruder generic_nack 0 2");
	expect(h, "intruder closed");
	carrier(h, "intrude %d 0000100000000015000000000000000a", port); /* more than any outbind has */
	expect(h, "intruder generic_nack 0 2");
	carrier(h, "intrude %d 00000010000000060000000000000007", port);
	expect(h, "intruder generic_nack 7 4");
	/* as many as like may sit there, and the session is none the worse */
	for (int i = 0; i < 20; i++)
		carrier(h, "intrude %d 00", port);
	for (int i = 0; i < 16; i++)
		expect(h, "intruder closed");
	submit(h, PHONE, "a");
	expect(h, "submitted 1 1/1 accepted");
	expect_none(h, "state waiting");
	link_gone(h);
}

static void
no_address_to_listen_on_is_an_alarm(void **state)
{
	struct harness *h = *state;
	struct link_stats stats;
	char taken[64];

	snprintf(taken, sizeof(taken), "127.0.0.1:%d", h->port);
	h->conf.outbind = taken;
	link_bound(h); /* our own connection serves all the same */
	link_stats_get(h->link, &stats);
	assert_non_null(strstr(stats.alarm, "could not listen for outbind on 127.0.0.1:"));
	link_gone(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		link_test(fails_over_and_returns_after_a_drain),
		link_test(loses_its_host_and_goes_to_the_next),
		link_test(a_link_that_only_sends),
		link_test(a_link_that_only_receives),
		link_test(a_pair_shares_its_message_ids),
		link_test(the_alarm_stands_until_it_is_bound),
		link_test(outbind_binds_the_receiver_of_a_pair),
		link_test(strangers_at_the_outbind_port),
		link_test(no_address_to_listen_on_is_an_alarm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
