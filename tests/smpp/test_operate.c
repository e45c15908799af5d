/*
 * query_sm, cancel_sm and data_sm through the link, with node-smpp as the carrier: what is asked, what comes back, and
 * what becomes of it when the carrier does not know the command, says nothing or goes away.
 */
#include "tests/smpp/harness.h"
#include "gateway/smpp/operate.h"

#define PHONE "+8613900000001"

static struct link_operate operation = {.message_id = 7,
	.part = 1,
	.parts = 2,
	.attempt = 1,
	.tag = "q",
	.carrier_id = "00AB",
	.source = "10690001",
	.dest = PHONE};

/* From now on: the carrier has heard of it before anything is sent. */
static void
set(struct harness *h, const char *command)
{
	carrier(h, "%s", command);
	expect(h, "did %.*s", (int)strcspn(command, " "), command);
}

static void
what_became_of_a_text(void **state)
{
	struct harness *h = *state;

	set(h, "query 2 261121101530000+ 0");
	link_bound(h);
	assert_int_equal(link_query(h->link, &operation), 0);
	assert_int_equal(link_room(h->link), 63); /* it counts in the window */
	expect(h, "query 2 00AB 0/1/10690001");
	expect(h, "queried 7 1/2 accepted 0x00 state=DELIVRD at=1795256130 error=0 tag=q");
	set(h, "query 1 - 0"); /* not final: no date */
	link_query(h->link, &operation);
	expect(h, "queried 7 1/2 accepted 0x00 state=ENROUTE at=0 error=0");
	set(h, "query 5 261121101530000+ 42");
	link_query(h->link, &operation);
	expect(h, "queried 7 1/2 accepted 0x00 state=UNDELIV at=1795256130 error=42");
	set(h, "query 99 - 0");
	link_query(h->link, &operation);
	expect(h, "queried 7 1/2 accepted 0x00 state=UNKNOWN at=0");
	set(h, "query 0x67");
	link_query(h->link, &operation);
	expect(h, "queried 7 1/2 refused 0x67 state= at=0");
	assert_int_equal(link_room(h->link), 64);
	link_gone(h);
}

static void
a_text_taken_back(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	assert_int_equal(link_cancel(h->link, &operation), 0);
	expect(h, "cancel 2 00AB 0/1/10690001 1/1/8613900000001");
	expect(h, "cancelled 7 1/2 accepted 0x00");
	set(h, "cancel 17");
	link_cancel(h->link, &operation);
	expect(h, "cancelled 7 1/2 refused 0x11");
	link_gone(h);
}

/* A carrier that does not know query_sm, in its three ways, keeps its session and its texts. */
static void
a_carrier_that_knows_no_questions(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	set(h, "query nack");
	link_query(h->link, &operation);
	expect(h, "queried 7 1/2 refused 0x03");
	set(h, "query 0x03");
	link_query(h->link, &operation);
	expect(h, "queried 7 1/2 refused 0x03");
	set(h, "query silent");
	h->conf.response_seconds = 1;
	link_query(h->link, &operation);
	expect(h, "queried 7 1/2 uncertain 0x00");
	h->conf.response_seconds = 60;
	expect_none(h, "state unbinding");
	submit(h, PHONE, "a");
	expect(h, "submitted 1 1/1 accepted");
	expect_none(h, "state waiting");
	link_gone(h);
}

static void
uncertain_after_a_drop(void **state)
{
	struct harness *h = *state;

	set(h, "cancel silent");
	link_bound(h);
	link_cancel(h->link, &operation);
	expect(h, "cancel 2 ");
	carrier(h, "drop");
	expect(h, "cancelled 7 1/2 uncertain 0x00");
	expect(h, "state bound");
	link_gone(h);
}

static void
what_cannot_be_asked(void **state)
{
	struct harness *h = *state;
	struct link_operate long_id = operation;

	long_id.carrier_id = "12345678901234567890123456789012345678901234567890123456789012345";
	h->conf.window = 1;
	set(h, "query silent");
	assert_int_equal(strlen(long_id.carrier_id), 65);
	link_bound(h);
	assert_int_equal(link_query(h->link, &long_id), -1);
	assert_int_equal(link_room(h->link), 1);
	assert_int_equal(link_query(h->link, &operation), 0);
	assert_int_equal(link_query(h->link, &operation), -1); /* the window is full */
	expect(h, "query ");
	carrier(h, "drop");
	expect(h, "queried 7 1/2 uncertain");
	expect(h, "state bound");
	link_gone(h);
}

static void
data_sm_both_ways(void **state)
{
	struct harness *h = *state;

	h->conf.submit_with = "data_sm";
	h->conf.service_type = "CMT";
	link_bound(h);
	submit(h, PHONE, "Reply Y");
	expect(h, "data 2 0/1/10690001 1/1/8613900000001 0 0 1 - \"Reply Y\" CMT");
	expect(h, "submitted 1 1/1 accepted 0x00 id=1001");
	set(h, "submit 88");
	submit(h, PHONE, "a");
	expect(h, "submitted 2 1/1 refused 0x58");
	carrier(h, "data source_addr=8613900000001 destination_addr=10690001 payload=59");
	expect(h, "text from=8613900000001 to=10690001 concat=/0 1/1 dcs=0: Y");
	expect(h, "resp data_sm_resp");
	link_gone(h);
}

/* A text of 600 octets in one piece, cut by the carrier. */
static void
message_payload_carries_a_whole_text(void **state)
{
	struct harness *h = *state;
	char text[601];
	struct link_part p = {.message_id = 3,
		.part = 1,
		.parts = 1,
		.source = "10690001",
		.dest = PHONE,
		.octets = (uint8_t *)text,
		.len = 600};

	memset(text, 'x', 600);
	text[600] = '\0';
	h->conf.long_text = "payload";
	link_bound(h);
	assert_true(link_takes_whole(h->link));
	assert_int_equal(link_submit(h->link, &p), 0);
	expect(h, "payload 2 600 octets");
	expect(h, "submitted 3 1/1 accepted");
	link_gone(h);
}

static void
final_dates(void **state)
{
	(void)state;
	assert_int_equal(operate_time("261121101530000+"), 1795256130);
	assert_int_equal(operate_time("261121101530"), 1795256130);
	assert_int_equal(operate_time("261121181530932+"), 1795256130); /* eight hours east of UTC */
	assert_int_equal(operate_time("261121061530916-"), 1795256130);
	assert_int_equal(operate_time(""), 0);
	assert_int_equal(operate_time("000007000000000R"), 0);
	assert_int_equal(operate_time("2611211015300000"), 0);
	assert_int_equal(operate_time("26112110153000+"), 0);
	assert_int_equal(operate_time("261321101530000+"), 0);
	assert_int_equal(operate_time("26112110153x000+"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		link_test(what_became_of_a_text),
		link_test(a_text_taken_back),
		link_test(a_carrier_that_knows_no_questions),
		link_test(uncertain_after_a_drop),
		link_test(what_cannot_be_asked),
		link_test(data_sm_both_ways),
		link_test(message_payload_carries_a_whole_text),
		cmocka_unit_test(final_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
