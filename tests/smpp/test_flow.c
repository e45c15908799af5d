/*
 * How much goes, how fast and in which order: a carrier that is too slow says so and is heeded, and what one carrier
 * does is nothing to the next. node-smpp is the carrier.
 */
#include "tests/smpp/harness.h"

#define PHONE "+8613900000001"

static struct link_stats
stats_of(const struct harness *h)
{
	struct link_stats stats;

	link_stats_get(h->link, &stats);
	return stats;
}

static void
when_room(struct harness *h)
{
	while (link_room(h->link) == 0)
		expect(h, "room ");
}

static void
throttled_pauses_and_then_goes_slower(void **state)
{
	static const char *const statuses[] = {"88", "20"};

	for (size_t i = 0; i < 2; i++) {
		struct harness *h = *state;

		carrier(h, "submit %s", statuses[i]);
		expect(h, "did submit");
		if (i == 0)
			link_bound(h);
		when_room(h);
		submit(h, PHONE, "a");
		expect(h, "submitted %d 1/1 refused 0x%02lx", 3 * (int)i + 1, strtol(statuses[i], NULL, 10));
		assert_int_equal(link_room(h->link), 0);
		assert_int_equal(submit(h, PHONE, "b"), -1);
		when_room(h); /* the pause is over */
		assert_int_equal(link_room(h->link), 1);
		assert_int_equal(stats_of(h).rate, 1);
		assert_int_equal(stats_of(h).throttled, i + 1);
		submit(h, PHONE, "b");
		expect(h, "submitted %d 1/1 accepted", 3 * (int)i + 3);
	}
	link_gone(*state);
}

/* smpp.md: "0x45 (some use it for window overflow)" and "per-link map in the configuration". */
static void
throttled_by_a_status_of_the_links_own(void **state)
{
	struct harness *h = *state;
	const char *rows[] = {"0x45=throttle", "0x400=throttle"};

	h->conf.statuses = rows;
	h->conf.nstatuses = 2;
	carrier(h, "submit 1024");
	expect(h, "did submit");
	link_bound(h);
	submit(h, PHONE, "a");
	expect(h, "submitted 1 1/1 refused 0x400");
	assert_int_equal(link_room(h->link), 0);
	expect(h, "room 1");
	assert_int_equal(stats_of(h).throttled, 1);
	link_gone(h);
}

/* One wave of refusals is one pause, and what was sent before and after it is in the order of submission. */
static void
order_is_kept_across_a_pause(void **state)
{
	struct harness *h = *state;

	carrier(h, "submit 0 0 0 88 88 88 88 88 88 88");
	expect(h, "did submit");
	link_bound(h);
	for (int i = 0; i < 10; i++) {
		char text[16];

		snprintf(text, sizeof(text), "%d", i);
		assert_int_equal(submit(h, PHONE, text), 0);
	}
	for (int i = 0; i < 10; i++) {
		char *line = expect(h, "submit ");
		char want[32];

		snprintf(want, sizeof(want), "submit %d ", i + 2);
		assert_memory_equal(line, want, strlen(want));
		snprintf(want, sizeof(want), "\"%d\"", i);
		assert_non_null(strstr(line, want));
	}
	for (int i = 4; i <= 10; i++)
		expect(h, "submitted %d 1/1 refused 0x58", i);
	assert_int_equal(stats_of(h).throttled, 7);
	assert_in_range(stats_of(h).rate, 1, 5); /* half of the last second's ten, once; fewer where they took longer */
	/* Where refusals come far apart there is room between two of them, which the second takes away again. */
	do {
		expect(h, "room 1");
		h->next_id = 11;
	} while (submit(h, PHONE, "again") != 0);
	expect(h, "submitted 11 1/1 accepted");
	link_gone(h);
}

/* smpp.md: "congestion_state TLV: slow down before being refused", from responses and from what is delivered. */
static void
congestion_slows_the_link_down(void **state)
{
	struct harness *h = *state;

	h->conf.rate = 1100;
	carrier(h, "congestion 85");
	expect(h, "did congestion");
	link_bound(h);
	assert_int_equal(stats_of(h).rate, 1100);
	submit(h, PHONE, "a");
	expect(h, "submitted 1 1/1 accepted");
	assert_int_equal(stats_of(h).rate, 500);
	assert_int_equal(stats_of(h).throttled, 0);
	carrier(h, "deliver source_addr=861 destination_addr=2 congestion_state=95 text=Y");
	expect(h, "text from=861");
	assert_int_equal(stats_of(h).rate, 1);
	carrier(h, "congestion 20");
	expect(h, "did congestion");
	/* one part a second still goes, and its response brings the news */
	when_room(h);
	submit(h, PHONE, "b");
	expect(h, "submitted ");
	assert_int_equal(stats_of(h).rate, 1100);
	link_gone(h);
}

/* smpp.md: "Rate is counted in segments, not messages": three parts of one text take what three texts take. */
static void
rate_counts_parts_not_messages(void **state)
{
	struct harness *h = *state;
	struct link_part p = {.message_id = 1,
		.parts = 3,
		.source = "10690001",
		.dest = PHONE,
		.udh = true,
		.octets = (const uint8_t *)"\x05\x00\x03\x4d\x03\x01part",
		.len = 10};

	h->conf.rate = 40; /* two parts in a twentieth of a second */
	link_bound(h);
	assert_int_equal(link_room(h->link), 2);
	for (p.part = 1; p.part <= 2; p.part++)
		assert_int_equal(link_submit(h->link, &p), 0);
	assert_int_equal(link_submit(h->link, &p), -1);
	when_room(h);
	assert_int_equal(link_submit(h->link, &p), 0);
	for (int i = 1; i <= 3; i++)
		expect(h, "submitted 1 %d/3 accepted", i);
	link_gone(h);
}

/* smpp.md: "Error responses come with and without a body". */
static void
error_responses_with_and_without_a_body(void **state)
{
	struct harness *h = *state;

	carrier(h, "hold");
	expect(h, "did hold");
	link_bound(h);
	for (int i = 0; i < 4; i++) {
		submit(h, PHONE, "a");
		expect(h, "submit ");
	}
	carrier(h, "raw 00000010800000040000000b00000002");
	expect(h, "submitted 1 1/1 refused 0x0b");
	carrier(h, "raw 00000011800000040000000b0000000300");
	expect(h, "submitted 2 1/1 refused 0x0b");
	carrier(h, "raw 00000014800000040000000b00000004616263ff"); /* not even a string */
	expect(h, "submitted 3 1/1 refused 0x0b");
	carrier(h, "raw 00000010800000040000000000000005"); /* accepted, and no id: no receipt will be matched */
	expect(h, "submitted 4 1/1 accepted 0x00 id= ");
	expect_none(h, "state waiting");
	link_gone(h);
}

/* smpp.md: "Sequences: send 1-0x7FFFFFFF, accept all 32 bits and 0." */
static void
sequences_of_all_32_bits_and_0(void **state)
{
	static const char *const sequences[] = {"00000000", "00000001", "7fffffff", "80000000", "ffffffff"};
	static const char *const told[] = {"0", "1", "2147483647", "2147483648", "4294967295"};
	struct harness *h = *state;

	link_bound(h);
	for (size_t i = 0; i < 5; i++) {
		carrier(h, "raw 000000240000000500000000%s0001013100010132000000000000000000000159", sequences[i]);
		expect(h, "text from=1");
		expect(h, "resp deliver_sm_resp %s 0", told[i]);
	}
	link_gone(h);
}

/* smpp.md: "Out-of-range TLV values and TLVs where the table says none are tolerated." */
static void
optional_parameters_that_should_not_be_there(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	/* deliver_sm with message_state 99, a congestion_state of 300 in two octets, its_session_info of four, a tag of
	 * nobody's, and sc_interface_version, which is a bind response's */
	carrier(h, "raw 000000430000000500000000000000070001013100010132000000000000000000000159"
			   "0427000163"
			   "04280002012c1383000400010002deaf000300010202100001ff");
	expect(h, "text from=1 to=2 concat=/0 1/1 dcs=0: Y");
	expect(h, "resp deliver_sm_resp 7 0");
	/* a submit_sm_resp with optional parameters, where 3.4 has none */
	carrier(h, "hold");
	expect(h, "did hold");
	when_room(h);
	submit(h, PHONE, "a");
	expect(h, "submit 2 ");
	carrier(h, "raw 00000018800000040000000000000002616200001d000178");
	expect(h, "submitted ");
	expect_none(h, "state waiting");
	link_gone(h);
}

/* A carrier that reads nothing holds at most a window of requests, and none of them twice. */
static void
requests_are_bounded_by_the_window(void **state)
{
	struct harness *h = *state;
	char text[141];
	int n = 0;

	memset(text, 'x', 140);
	text[140] = '\0';
	h->conf.window = 3000;
	link_bound(h);
	carrier(h, "pause");
	expect(h, "did pause");
	while (submit(h, PHONE, text) == 0)
		n++;
	assert_int_equal(n, 3000);
	assert_int_equal(stats_of(h).in_flight, 3000);
	assert_int_equal(link_room(h->link), 0);
	carrier(h, "drop");
	for (int i = 1; i <= 3000; i++)
		expect(h, "submitted %d 1/1 un", i); /* uncertain, or never written */
	expect(h, "state bound");
	link_free(h->link);
	h->link = NULL;
}

/* ---- Two carriers -------------------------------------------------------------------------------------------------
 */

static void
west_state(void *arg, struct link *l, enum link_state old, enum link_state now, const char *why)
{
	(void)l;
	(void)old;
	note(arg, "west %s: %s", link_state_name(now), why);
}

static void
west_submitted(void *arg, struct link *l, const struct link_submitted *s)
{
	(void)l;
	note(arg, "west submitted %d", (int)s->outcome);
}

static void
west_deliver(void *arg, struct link *l, const struct link_deliver *d)
{
	note(arg, "west text");
	link_answer(l, d->token, 0);
}

static void
west_room(void *arg, struct link *l)
{
	(void)arg;
	(void)l;
}

/* Standard error, which is the log, into a file and back; stop returns how many lines of it held the word. */
static FILE *log_file;
static int log_saved;

static void
log_to_file(void)
{
	log_file = tmpfile();
	assert_non_null(log_file);
	log_saved = dup(2);
	dup2(fileno(log_file), 2);
}

static int
log_lines_with(const char *word)
{
	char line[1024];
	int n = 0;

	dup2(log_saved, 2);
	close(log_saved);
	rewind(log_file);
	while (fgets(line, sizeof(line), log_file))
		n += strstr(line, word) != NULL;
	fclose(log_file);
	return n;
}

/*
 * A flood of malformed PDUs on one link: each is answered, few are told of, and the other link's texts go as if nothing
 * were.
 */
static void
a_flood_on_one_link_is_nothing_to_another(void **state)
{
	struct harness *h = *state;
	const struct link_owner owner = {.arg = h,
		.on_state = west_state,
		.on_submitted = west_submitted,
		.on_deliver = west_deliver,
		.on_room = west_room};
	struct conf_link conf = h->conf;
	struct link *west;

	conf.name = "west";
	west = link_new(h->base, &conf, &owner);
	assert_non_null(west);
	link_start(west);
	expect(h, "west bound");
	link_bound(h);
	carrier(h, "quiet 60000");
	expect(h, "quiet");
	log_to_file();
	carrier(h, "inundate 20000 00000010000102030000000000000007");		   /* no such command */
	carrier(h, "inundate 20000 00000014000000050000000000000008ffffffff"); /* a deliver_sm without a body that can be */
	carrier(h, "inundate 20000 00000010000000210000000000000009");		   /* a submit_multi, to us */
	for (int i = 1; i <= 200; i++) {
		assert_int_equal(submit(h, PHONE, "in between"), 0);
		expect(h, "submitted %d 1/1 accepted", i);
	}
	expect(h, "counted 60000");
	assert_in_range(log_lines_with("malformed"), 1, 30);
	carrier(h, "inundate 1 0000000f");
	expect(h, "west waiting: a length that cannot be");
	expect(h, "west bound");
	submit(h, PHONE, "after");
	expect(h, "submitted 201 1/1 accepted");
	expect_none(h, "state waiting");
	expect_none(h, "state unbinding");
	expect_none(h, "west submitted");
	link_free(west);
	link_gone(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		link_test(throttled_pauses_and_then_goes_slower),
		link_test(throttled_by_a_status_of_the_links_own),
		link_test(order_is_kept_across_a_pause),
		link_test(congestion_slows_the_link_down),
		link_test(rate_counts_parts_not_messages),
		link_test(error_responses_with_and_without_a_body),
		link_test(sequences_of_all_32_bits_and_0),
		link_test(optional_parameters_that_should_not_be_there),
		link_test(requests_are_bounded_by_the_window),
		link_test(a_flood_on_one_link_is_nothing_to_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
