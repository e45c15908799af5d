/* How a session comes, goes and comes back, with node-smpp as the carrier; and what a peer cannot make us hold. */
#include <netinet/in.h>
#include "tests/smpp/harness.h"

#define PHONE "+8613900000001"

static void
bind_says_who_we_are(void **state)
{
	struct harness *h = *state;

	h->conf.system_type = "gw";
	link_bound(h);
	expect(h, "bind bind_transceiver huizhi secret gw version 52");
	link_gone(h);
	expect(h, "request unbind");
}

static void
drop_makes_uncertain(void **state)
{
	struct harness *h = *state;
	char before[24];

	carrier(h, "hold");
	link_bound(h);
	submit(h, PHONE, "a");
	expect(h, "submit 2 ");
	carrier(h, "drop");
	expect(h, "state waiting: closed by the carrier");
	expect(h, "submitted 1 1/1 uncertain 0x00");
	snprintf(before, sizeof(before), "%s", h->session);
	expect(h, "state bound");
	carrier(h, "answer");
	submit(h, PHONE, "b");
	expect(h, "submitted 2 1/1 accepted");
	assert_string_not_equal(before, h->session);
	link_gone(h);
}

/*
 * What was never handed to the socket is not uncertain: a text is answered by a submit, and the octets right behind the
 * text break the stream before that submit is written.
 */
static void
never_written_is_unsent(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	h->submit_on_text = true;
	carrier(h, "raw 0000002400000005000000000000000700010131000101320000000000000000000001590000000f");
	expect(h, "text from=1 to=2 concat=/0 1/1 dcs=0: Y");
	expect(h, "submitted 1 1/1 unsent");
	expect(h, "state bound");
	expect_none(h, "submit ");
	link_gone(h);
}

static void
late_response_rebinds(void **state)
{
	struct harness *h = *state;

	carrier(h, "hold");
	link_bound(h);
	h->conf.response_seconds = 1;
	submit(h, PHONE, "a");
	expect(h, "state unbinding: a request was not answered in time");
	expect(h, "submitted 1 1/1 uncertain");
	expect(h, "request unbind");
	expect(h, "state waiting: unbound");
	expect(h, "state bound");
	link_gone(h);
}

static void
silence_is_asked_about(void **state)
{
	struct harness *h = *state;

	h->conf.enquire_seconds = 1;
	link_bound(h);
	expect(h, "request enquire_link");
	expect(h, "request enquire_link"); /* and again, the session being alive */
	expect_none(h, "state waiting");
	h->conf.response_seconds = 1;
	carrier(h, "enquires off");
	expect(h, "state waiting: no answer to enquire_link");
	expect(h, "state bound");
	link_gone(h);
}

static void
carrier_unbinds(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	expect(h, "session");
	carrier(h, "unbind");
	expect(h, "resp unbind_resp 1 0");
	expect(h, "state waiting: unbound by the carrier");
	expect(h, "state bound");
	link_gone(h);
}

/* What is in flight when the carrier unbinds may still be answered. */
static void
carrier_unbinds_with_requests_in_flight(void **state)
{
	struct harness *h = *state;

	carrier(h, "hold");
	link_bound(h);
	submit(h, PHONE, "a");
	expect(h, "submit 2 ");
	carrier(h, "unbind");
	expect(h, "state unbinding: unbound by the carrier");
	assert_int_equal(link_room(h->link), 0);
	carrier(h, "answer");
	expect(h, "submitted 1 1/1 accepted");
	expect(h, "state waiting: unbound by the carrier");
	expect(h, "state bound");
	link_gone(h);
}

static void
drain_waits_for_what_is_in_flight(void **state)
{
	struct harness *h = *state;

	carrier(h, "hold");
	link_bound(h);
	submit(h, PHONE, "a");
	expect(h, "submit 2 ");
	link_drain(h->link);
	assert_int_equal(link_room(h->link), 0);
	expect(h, "state unbinding: draining");
	/* a text that comes now is put off, not lost */
	carrier(h, "deliver source_addr=861 destination_addr=2 text=Y");
	expect(h, "resp deliver_sm_resp 1 100");
	expect_none(h, "request unbind");
	carrier(h, "answer");
	expect(h, "submitted 1 1/1 accepted");
	expect(h, "request unbind");
	expect(h, "state stopped: unbound");
	link_drain(h->link);
	expect(h, "state stopped: was not running");
	link_start(h->link);
	expect(h, "state bound");
	link_gone(h);
}

static void
drain_waits_for_answers_of_the_owner(void **state)
{
	struct harness *h = *state;

	h->hold = true;
	link_bound(h);
	carrier(h, "deliver source_addr=861 destination_addr=2 text=Y");
	expect(h, "text ");
	link_drain(h->link);
	expect(h, "state unbinding: draining");
	expect_none(h, "request unbind");
	link_answer(h->link, h->token, 0);
	expect(h, "resp deliver_sm_resp 1 0");
	expect(h, "request unbind");
	expect(h, "state stopped");
}

static void
wrong_password(void **state)
{
	struct harness *h = *state;
	struct link_stats stats;

	carrier(h, "bind 14");
	link_up(h);
	expect(h, "bind ");
	expect(h, "state waiting: bind refused: invalid password (0x0e)");
	link_stats_get(h->link, &stats);
	assert_int_equal(stats.state, LINK_WAITING);
	assert_string_equal(stats.error, "bind refused: invalid password (0x0e)");
	carrier(h, "bind 0");
	expect(h, "state bound");
	link_stats_get(h->link, &stats);
	assert_string_equal(stats.error, "");
	link_gone(h);
}

static void
already_bound(void **state)
{
	struct harness *h = *state;

	carrier(h, "bind 5");
	link_up(h);
	expect(h, "state waiting: bind refused: already bound (0x05)");
	expect(h, "state waiting: bind refused: already bound (0x05)");
	carrier(h, "bind 1029"); /* a carrier's own code */
	expect(h, "state waiting: bind refused: unknown status (0x405)");
	carrier(h, "bind 0");
	expect(h, "state bound");
	link_gone(h);
}

static void
bind_without_answer(void **state)
{
	struct harness *h = *state;

	h->conf.bind_seconds = 1;
	carrier(h, "bind silent");
	link_up(h);
	expect(h, "state waiting: bind not answered in time");
	/* asked before the bind is answered, it answers */
	expect(h, "bind ");
	expect(h, "bind ");
	carrier(h, "enquire");
	expect(h, "resp enquire_link_resp");
	carrier(h, "bind 0");
	expect(h, "state bound");
	link_gone(h);
}

static void
broken_frame(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	carrier(h, "raw 0000000f00000015");
	expect(h, "nack 0 2");
	expect(h, "state waiting: a length that cannot be");
	expect(h, "state bound");
	carrier(h, "raw 7fffffff");
	expect(h, "nack 0 2");
	expect(h, "state bound");
	link_gone(h);
}

static void
hosts_in_order(void **state)
{
	struct harness *h = *state;
	struct link_stats stats;

	/* the first is a port that nobody listens on: the one that this socket has, without listening */
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0), port;
	struct {
		uint16_t family, port;
		uint32_t address;
	} in = {.family = AF_INET, .address = htonl(0x7f000001)};

	memset(&a, 0, sizeof(a));
	memcpy(&a, &in, sizeof(in));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	memcpy(&in, &a, sizeof(in));
	port = ntohs(in.port);
	host_set(h, 0, port);
	host_set(h, 1, h->port);
	link_bound(h);
	link_stats_get(h->link, &stats);
	assert_string_equal(stats.host, h->host[1]);
	link_gone(h);
	close(fd);
}

static void
host_by_name(void **state)
{
	struct harness *h = *state;

	snprintf(h->host[0], sizeof(h->host[0]), "localhost:%d", h->port);
	link_bound(h);
	link_gone(h);
}

static void
carrier_comes_later(void **state)
{
	struct harness *h = *state;

	carrier(h, "close");
	link_up(h);
	expect(h, "state waiting: could not connect");
	expect(h, "state waiting: could not connect");
	carrier(h, "listen");
	expect(h, "state bound");
	link_gone(h);
}

static void
transmitter_and_receiver(void **state)
{
	struct harness *h = *state;

	h->conf.bind = "transmitter+receiver";
	link_bound(h);
	expect(h, "bind bind_transmitter huizhi");
	expect(h, "bind bind_receiver huizhi");
	submit(h, PHONE, "a");
	expect(h, "submitted 1 1/1 accepted");
	carrier(h, "deliver source_addr=861 destination_addr=2 text=Y");
	expect(h, "text from=861");
	expect(h, "resp deliver_sm_resp 1 0");
	carrier(h, "drop"); /* one of the two */
	expect(h, "state waiting");
	assert_int_equal(link_room(h->link), 0);
	expect(h, "state bound");
	link_gone(h);
	expect(h, "request unbind");
	expect(h, "request unbind");
}

/* ---- A peer that floods and does not read ----------------------------------------------------------------------- */

static size_t held, held_most;

static void *
count_malloc(size_t n)
{
	size_t *p = malloc(n + 16);

	*p = n;
	held += n;
	if (held > held_most)
		held_most = held;
	return (char *)p + 16;
}

static void
count_free(void *p)
{
	size_t *start;

	if (!p)
		return;
	start = (size_t *)((char *)p - 16);
	held -= *start;
	free(start);
}

static void *
count_realloc(void *p, size_t n)
{
	void *q = n ? count_malloc(n) : NULL;

	if (p && q) {
		size_t had = *(size_t *)((char *)p - 16);

		memcpy(q, p, had < n ? had : n);
	}
	count_free(p);
	return q;
}

static void
peer_that_does_not_read(void **state)
{
	struct harness *h = *state;
	struct link_stats stats;
	struct event *guard;

	link_bound(h);
	carrier(h, "quiet");
	expect(h, "quiet");
	carrier(h, "pause");
	carrier(h, "flood 1000000 00000010000000150000000000000001");
	held_most = held;
	patience(h, &guard);
	do {
		event_base_loop(h->base, EVLOOP_ONCE);
		link_stats_get(h->link, &stats);
	} while (!stats.choked && !h->impatient);
	assert_true(stats.choked);
	event_free(guard);
	carrier(h, "resume 1000000");
	expect(h, "counted 1000000");
	assert_in_range(held_most, 1, 4 * 1024 * 1024);
	expect_none(h, "state waiting");
	link_gone(h);
}

/* An owner that does not answer is not given more than it can have at once; nothing is lost, and it goes on. */
static void
owner_that_does_not_answer(void **state)
{
	struct harness *h = *state;
	struct link_stats stats;
	uint64_t first;

	h->hold = true;
	link_bound(h);
	/* the last ten have been read with the others when reading stops: no octet comes after them to wake anybody */
	carrier(h, "flood 1010 000000240000000500000000000000070001013100010132000000000000000000000159");
	for (int i = 0; i < 1000; i++)
		expect(h, "text from=1");
	first = h->token;
	link_stats_get(h->link, &stats);
	assert_true(stats.choked);
	assert_int_equal(stats.received, 1000);
	for (int i = 0; i < 1000; i++)
		link_answer(h->link, first, 0);
	for (int i = 0; i < 10; i++)
		expect(h, "text from=1");
	for (int i = 0; i < 10; i++)
		link_answer(h->link, h->token, 0);
	for (int i = 0; i < 1010; i++)
		expect(h, "resp deliver_sm_resp 7 0");
	link_stats_get(h->link, &stats);
	assert_false(stats.choked);
	link_gone(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		link_test(bind_says_who_we_are),
		link_test(drop_makes_uncertain),
		link_test(never_written_is_unsent),
		link_test(late_response_rebinds),
		link_test(silence_is_asked_about),
		link_test(carrier_unbinds),
		link_test(carrier_unbinds_with_requests_in_flight),
		link_test(drain_waits_for_what_is_in_flight),
		link_test(drain_waits_for_answers_of_the_owner),
		link_test(wrong_password),
		link_test(already_bound),
		link_test(bind_without_answer),
		link_test(broken_frame),
		link_test(hosts_in_order),
		link_test(host_by_name),
		link_test(carrier_comes_later),
		link_test(transmitter_and_receiver),
		link_test(peer_that_does_not_read),
		link_test(owner_that_does_not_answer),
	};

	/* Before libevent allocates anything. */
	event_set_mem_functions(count_malloc, count_realloc, count_free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
