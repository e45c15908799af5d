/*
 * Texts through the link, out and in, with node-smpp as the carrier: an implementation of SMPP that shares nothing with
 * ours. How the session comes, goes and comes back is in test_session.c.
 */
#include "tests/smpp/harness.h"
#include "dialog/text.h"

#define PHONE "+8613900000001"

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
	assert_int_equal(text_split_by(NULL, text, strlen(text), &parts), 0);
	assert_int_equal(parts.count, 3);
	link_bound(h);
	for (int i = 0; i < parts.count; i++) {
		struct link_part p = {
			.message_id = 9, .part = i + 1, .parts = 3, .source = "Wendeng", .dest = PHONE, .validity = 3600};

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
	carrier(h,
		"deliver source_addr=8613900000001 destination_addr=10690001 data_coding=8 hex=662f002000314f60597dd83dde00");
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
	carrier(h, "deliver source_addr=861 destination_addr=2 sar_msg_ref_num=300 sar_total_segments=2 "
			   "sar_segment_seqnum=1 text=ij");
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

/* In one pass of the loop a response overtakes the requests queued before it. */
static void
responses_before_requests(void **state)
{
	struct harness *h = *state;

	h->hold = true;
	link_bound(h);
	carrier(h, "deliver source_addr=861 destination_addr=2 text=Y");
	expect(h, "text ");
	submit(h, PHONE, "a");
	link_answer(h->link, h->token, 0);
	expect_in_order(h, "resp deliver_sm_resp", "submit 2 ");
	link_gone(h);
}

static void
packed_septets(void **state)
{
	struct harness *h = *state;

	h->conf.gsm7_packed = true;
	link_bound(h);
	carrier(h, "deliver source_addr=861 destination_addr=2 hex=e8329bfd06");
	expect(h, "text from=861 to=2 concat=/0 1/1 dcs=0: hello");
	/* behind a header of six octets one bit fills up to the next septet */
	carrier(h, "deliver source_addr=861 destination_addr=2 esm_class=64 hex=050003070201d06536fb0d");
	expect(h, "text from=861 to=2 concat=udh8/7 1/2 dcs=0: hello");
	link_gone(h);
}

/* National tables come by the header, in one part as in several, in short_message and in message_payload. */
static void
national_tables_in(void **state)
{
	struct harness *h = *state;

	link_bound(h);
	carrier(h, "deliver source_addr=861 destination_addr=2 esm_class=64 hex=0324010153611b67");
	expect(h, "text from=861 to=2 concat=/0 1/1 dcs=0: Sağ");
	carrier(h, "deliver source_addr=861 destination_addr=2 esm_class=64 payload=0b00030702012401062501061516171b1d");
	expect(h, "text from=861 to=2 concat=udh8/7 1/2 dcs=0: कखग१");
	carrier(h, "deliver source_addr=861 destination_addr=2 esm_class=64 hex=0325016341"); /* no such language */
	expect(h, "text from=861 to=2 concat=/0 1/1 dcs=0: A");
	link_gone(h);
}

/* What the link's own map says goes before what SMPP says. */
static void
data_codings_of_the_link(void **state)
{
	struct harness *h = *state;
	static const char *map[] = {"4=latin1", "15=utf8"};

	h->conf.data_codings = map;
	h->conf.ndata_codings = 2;
	link_bound(h);
	carrier(h, "deliver source_addr=861 destination_addr=2 data_coding=4 hex=e9");
	expect(h, "text from=861 to=2 concat=/0 1/1 dcs=4: é");
	carrier(h, "deliver source_addr=861 destination_addr=2 data_coding=15 hex=e698af");
	expect(h, "text from=861 to=2 concat=/0 1/1 dcs=15: 是");
	carrier(h, "deliver source_addr=861 destination_addr=2 data_coding=2 hex=3132");
	expect(h, "text from=861 to=2 concat=/0 1/1 dcs=2: \xEF\xBF\xBD\xEF\xBF\xBD");
	link_gone(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
		link_test(token_of_another_session),
		link_test(unknown_and_malformed_pdus),
		link_test(responses_before_requests),
		link_test(packed_septets),
		link_test(national_tables_in),
		link_test(data_codings_of_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
