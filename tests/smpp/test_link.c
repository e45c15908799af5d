/* The link against node-smpp as the carrier: an implementation of SMPP that shares nothing with ours. */
#include "tests/smpp/harness.h"
#include "dialog/text.h"

#define PHONE "+8613900000001"

static int
setup(void **state)
{
	char *argv[] = {"node", "tests/smpp/smsc-node.mjs", NULL};

	*state = harness_new(argv);
	return 0;
}

static int
teardown(void **state)
{
	harness_free(*state);
	return 0;
}

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
text_out_response_and_receipt(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	assert_int_equal(link_room(h->link), 64);
	assert_int_equal(submit(h, PHONE, "Reply Y"), 0);
	assert_int_equal(link_room(h->link), 63);
	expect(h, "submit 2 0/1/10690001 1/1/8613900000001 0 0 1 - \"Reply Y\"");
	expect(h, "submitted 1 1/1 accepted 0x00 id=1001 tag=mine");
	assert_string_equal(h->key, "1001");
	assert_int_equal(link_room(h->link), 64);
	carrier(h, "deliver source_addr=8613900000001 destination_addr=10690001 esm_class=4 "
			   "text=id:1001%%20sub:001%%20dlvrd:001%%20submit%%20date:2601010900%%20done%%20date:2601010901%%20"
			   "stat:DELIVRD%%20err:000%%20text:Reply%%20Y");
	expect(h, "receipt from=8613900000001 id=1001 key=1001 state=DELIVRD error=");
	expect(h, "resp deliver_sm_resp 1 0");
	link_gone(h);
}

static void
receipt_by_tlv_in_hexadecimal(void **state)
{
	struct harness *h = *state;

	carrier(h, "id hex");
	link_bound(h);
	submit(h, PHONE, "Reply Y");
	expect(h, "submitted 1 1/1 accepted 0x00 id=00000003E9");
	assert_string_equal(h->key, "3e9");
	/* the receipt says the same number in decimal: the link learns that this carrier does so */
	carrier(h, "deliver source_addr=8613900000001 destination_addr=10690001 esm_class=4 receipted_message_id=1001 "
			   "message_state=5 text=id:x");
	expect(h, "receipt from=8613900000001 id=1001 key=3e9 state=UNDELIV");
	link_gone(h);
}

/* Every octet of every PDU comes alone. */
static void
split_writes(void **state)
{
	struct harness *h = *state;

	carrier(h, "split on");
	link_bound(h);
	for (int i = 0; i < 20; i++)
		assert_int_equal(submit(h, PHONE, "hello"), 0);
	for (int i = 1; i <= 20; i++)
		expect(h, "submitted %d 1/1 accepted", i);
	carrier(h, "deliver source_addr=8613900000001 destination_addr=10690001 text=Y");
	expect(h, "text from=8613900000001 to=10690001 concat=/0 1/1 dcs=1: Y");
	expect(h, "resp deliver_sm_resp 1 0");
	link_gone(h);
}

/* A long Chinese text as dialog/text cuts it reads the same at the carrier, with its headers. */
static void
long_text_out(void **state)
{
	struct harness *h = *state;
	struct text_parts parts;
	struct text_wire wire;
	char text[1024] = "", got[2048] = "";

	for (int i = 0; i < 20; i++)
		strncat(text, "您的食品经营许可证", sizeof(text) - strlen(text) - 1);
	assert_int_equal(text_split(text, strlen(text), &parts), 0);
	assert_int_equal(parts.count, 3);
	link_bound(h);
	for (int i = 0; i < parts.count; i++) {
		struct link_part p = {.message_id = 9, .part = i + 1, .parts = 3, .source = "Wendeng", .dest = PHONE, .validity = 3600};

		assert_int_equal(text_part_encode(text, strlen(text), &parts, i, 77, &wire), 0);
		p.data_coding = wire.data_coding;
		p.udh = wire.udh;
		p.octets = wire.octets;
		p.len = wire.len;
		assert_int_equal(link_submit(h->link, &p), 0);
	}
	for (int i = 0; i < parts.count; i++) {
		char *line = expect(h, "submit %d 5/0/Wendeng 1/1/8613900000001 8 64 0 00034d030%d \"", i + 2, i + 1);

		line = strchr(line, '"') + 1;
		line[strlen(line) - 1] = '\0';
		strncat(got, line, sizeof(got) - strlen(got) - 1);
		expect(h, "validity 2");
		expect(h, "submitted 9 %d/3 accepted", i + 1);
	}
	assert_string_equal(got, text);
	link_gone(h);
}

static void
texts_in(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	carrier(h, "deliver source_addr=8613900000001 destination_addr=10690001 data_coding=8 hex=662f002000314f60597dd83dde00");
	expect(h, "text from=8613900000001 to=10690001 concat=/0 1/1 dcs=8: 是 1你好😀");
	carrier(h, "deliver source_addr=8613900000001 destination_addr=10690001 data_coding=3 hex=e9");
	expect(h, "text from=8613900000001 to=10690001 concat=/0 1/1 dcs=3: é");
	carrier(h, "deliver source_addr=8613900000001 destination_addr=10690001 payload=5920616c6c");
	expect(h, "text from=8613900000001 to=10690001 concat=/0 1/1 dcs=0: Y all");
	carrier(h, "data source_addr=8613900000001 destination_addr=10690001 payload=4e");
	expect(h, "text from=8613900000001 to=10690001 concat=/0 1/1 dcs=0: N");
	expect(h, "resp data_sm_resp");
	carrier(h, "deliver source_addr=8613900000001 destination_addr=10690001 hex=");
	expect(h, "text from=8613900000001 to=10690001 concat=/0 1/1 dcs=0: ");
	link_gone(h);
}

static void
parts_in_any_order(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	carrier(h, "deliver source_addr=861 destination_addr=2 esm_class=64 hex=0500030003036f6e65");
	carrier(h, "deliver source_addr=861 destination_addr=2 esm_class=64 hex=050003000301616263");
	carrier(h, "deliver source_addr=861 destination_addr=2 esm_class=64 hex=06080412340302646566");
	carrier(h, "deliver source_addr=861 destination_addr=2 esm_class=64 payload=0500030003026768");
	carrier(h, "deliver source_addr=861 destination_addr=2 sar_msg_ref_num=300 sar_total_segments=2 sar_segment_seqnum=1 text=ij");
	expect(h, "text from=861 to=2 concat=udh8/0 3/3 dcs=0: one");
	expect(h, "text from=861 to=2 concat=udh8/0 1/3 dcs=0: abc");
	expect(h, "text from=861 to=2 concat=udh16/4660 2/3 dcs=0: def");
	expect(h, "text from=861 to=2 concat=udh8/0 2/3 dcs=0: gh");
	expect(h, "text from=861 to=2 concat=sar/300 1/2 dcs=1: ij");
	link_gone(h);
}

/* Nothing is acknowledged before the owner says so, and the owner may say "come again". */
static void
deliver_is_answered_by_the_owner(void **state)
{
	struct harness *h = *state;

	h->hold = true;
	link_bound(h);
	carrier(h, "deliver source_addr=861 destination_addr=2 text=Y");
	expect(h, "text ");
	carrier(h, "enquire");
	expect(h, "resp enquire_link_resp 2 0");
	expect_none(h, "resp deliver_sm_resp");
	link_answer(h->link, h->token, 0x64);
	expect(h, "resp deliver_sm_resp 1 100");
	link_gone(h);
}

static void
responses_out_of_order(void **state)
{
	struct harness *h = *state;

	carrier(h, "hold");
	link_bound(h);
	for (int i = 0; i < 3; i++)
		submit(h, PHONE, "x");
	for (int i = 0; i < 3; i++)
		expect(h, "submit %d ", i + 2);
	carrier(h, "answer backwards");
	expect(h, "submitted 3 1/1 accepted 0x00 id=1001");
	expect(h, "submitted 2 1/1 accepted 0x00 id=1002");
	expect(h, "submitted 1 1/1 accepted 0x00 id=1003");
	link_gone(h);
}

static void
window_is_the_limit(void **state)
{
	struct harness *h = *state;

	h->conf.window = 2;
	carrier(h, "hold");
	link_bound(h);
	expect(h, "room 2");
	assert_int_equal(submit(h, PHONE, "a"), 0);
	assert_int_equal(submit(h, PHONE, "b"), 0);
	assert_int_equal(link_room(h->link), 0);
	assert_int_equal(submit(h, PHONE, "c"), -1);
	expect(h, "submit 3 ");
	carrier(h, "answer");
	expect(h, "room ");
	expect(h, "submitted 2 ");
	assert_int_equal(link_room(h->link), 2);
	link_gone(h);
}

/* A part that cannot be written comes back as refused; the session is none the worse. */
static void
part_that_cannot_be_written(void **state)
{
	struct harness *h = *state;
	struct link_part p = {.message_id = 5, .part = 1, .parts = 1, .source = "A name too long", .dest = PHONE};

	link_bound(h);
	assert_int_equal(link_submit(h->link, &p), 0);
	expect(h, "submitted 5 1/1 refused 0x0a");
	p.source = "1";
	p.dest = "+123456789012345678901";
	assert_int_equal(link_submit(h->link, &p), 0);
	expect(h, "submitted 5 1/1 refused 0x0b");
	assert_int_equal(link_room(h->link), 64);
	submit(h, PHONE, "x");
	expect(h, "submitted 1 1/1 accepted");
	link_gone(h);
}

static void
throttled_then_resumed(void **state)
{
	struct harness *h = *state;

	carrier(h, "submit 88 0 20 0");
	link_bound(h);
	expect(h, "room ");
	submit(h, PHONE, "a");
	expect(h, "submitted 1 1/1 refused 0x58");
	assert_int_equal(link_room(h->link), 0);
	assert_int_equal(submit(h, PHONE, "b"), -1);
	expect(h, "room 64");
	submit(h, PHONE, "b");
	expect(h, "submitted 3 1/1 accepted");
	expect(h, "room ");
	submit(h, PHONE, "c");
	expect(h, "submitted 4 1/1 refused 0x14");
	assert_int_equal(link_room(h->link), 0);
	expect(h, "room 64");
	link_gone(h);
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

/* An answer to a session that is over goes nowhere. */
static void
token_of_another_session(void **state)
{
	struct harness *h = *state;

	h->hold = true;
	link_bound(h);
	carrier(h, "deliver source_addr=861 destination_addr=2 text=Y");
	expect(h, "text ");
	carrier(h, "drop");
	expect(h, "state waiting");
	expect(h, "state bound");
	link_answer(h->link, h->token, 0);
	carrier(h, "enquire");
	expect(h, "resp enquire_link_resp");
	expect_none(h, "resp deliver_sm_resp");
	link_gone(h);
}

static void
late_response_rebinds(void **state)
{
	struct harness *h = *state;

	h->conf.response_seconds = 1;
	carrier(h, "hold");
	link_bound(h);
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
	h->conf.response_seconds = 1;
	link_bound(h);
	expect(h, "request enquire_link");
	expect(h, "request enquire_link"); /* and again, the session being alive */
	expect_none(h, "state waiting");
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
unknown_and_malformed_pdus(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	carrier(h, "raw 000000120001020300000000000000076162");
	expect(h, "nack 7 3");
	carrier(h, "raw 00000014000000050000000000000008ffffffff"); /* deliver_sm without a body that can be */
	expect(h, "resp deliver_sm_resp 8 2");
	carrier(h, "raw 00000014000000040000000000000009ffffffff"); /* submit_sm to an ESME */
	expect(h, "nack 9 3");
	carrier(h, "raw 0000001080000004000000000000ffff"); /* an answer to nothing */
	carrier(h, "enquire");
	expect(h, "resp enquire_link_resp");
	expect_none(h, "state waiting");
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
	carrier(h, "flood 1000000");
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define link_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		link_test(bind_says_who_we_are),
		link_test(text_out_response_and_receipt),
		link_test(receipt_by_tlv_in_hexadecimal),
		link_test(split_writes),
		link_test(long_text_out),
		link_test(texts_in),
		link_test(parts_in_any_order),
		link_test(deliver_is_answered_by_the_owner),
		link_test(responses_out_of_order),
		link_test(window_is_the_limit),
		link_test(part_that_cannot_be_written),
		link_test(throttled_then_resumed),
		link_test(drop_makes_uncertain),
		link_test(never_written_is_unsent),
		link_test(token_of_another_session),
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
		link_test(unknown_and_malformed_pdus),
		link_test(hosts_in_order),
		link_test(host_by_name),
		link_test(carrier_comes_later),
		link_test(transmitter_and_receiver),
		link_test(peer_that_does_not_read),
	};

	/* Before libevent allocates anything. */
	event_set_mem_functions(count_malloc, count_realloc, count_free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
