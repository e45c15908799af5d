/*
 * USSD by profile: for each shipped profile the carrier's PDUs, octet by octet, what they say, and the octets of what
 * is said back; then what carriers do wrong. A profile that nobody foresaw comes from a file (test_ussd_profile.c).
 */
#include "tests/unit/gateway/ussd_help.h"

/* ---- standard ---------------------------------------------------------------------------------------------------- */

static void
standard_dial_menu_input_end(void **state)
{
	(void)state;
	use("standard");
	hear("123", "2a31323323", OP("01") ITS("1a00"));
	assert_event(USSD_DIAL, "8613800000001:1a00", "*123#");
	assert_string_equal(reading.state, "i1a00,s1.1.123");
	/* ussd_service_op 2, the session as it came, from the number that was dialled. */
	assert_said(USSD_MENU, "1 Yes",
		"00000004 00000000 00000007 5553534400 01 01 31323300 01 01 3836313338303030303030303100 00 00 00 00 00 00 00 "
		"00 00"
		" 05 3120596573" OP("02") ITS("1a00"));
	/* The carrier counts on in bits 7 to 1: the session is the same. */
	hear("123", "31", OP("12") ITS("1a02"));
	assert_event(USSD_INPUT, "8613800000001:1a00", "");
	assert_false(reading.in.ended);
	assert_said(USSD_END, "Done",
		"00000004 00000000 00000007 5553534400 01 01 31323300 01 01 3836313338303030303030303100 00 00 00 00 00 00 00 "
		"00 00"
		" 04 446f6e65" OP("11") ITS("1a03"));
	assert_said(USSD_RELEASE, "never sent",
		"00000004 00000000 00000007 5553534400 01 01 31323300 01 01 3836313338303030303030303100 00 00 00 00 00 00 00 "
		"00 00"
		" 00" OP("11") ITS("1a03"));
}

static void
standard_the_network_ends_it_with_bit_0(void **state)
{
	(void)state;
	use("standard");
	hear("123", "", OP("12") ITS("1a05"));
	assert_event(USSD_RELEASED, "8613800000001:1a00", "");
	assert_true(reading.in.ended);
	assert_string_equal(reading.in.reason, "ended by the network");
	/* An answer that came with the end is heard, but nothing can be said to it. */
	hear("123", "32", OP("12") ITS("1a05"));
	assert_event(USSD_INPUT, "8613800000001:1a00", "");
	assert_true(reading.in.ended);
	/* An operation that the profile does not know ends it all the same. */
	hear("123", "", OP("a0") ITS("1a05"));
	assert_event(USSD_RELEASED, "8613800000001:1a00", "");
}

static void
standard_operation_0_takes_one_answer(void **state)
{
	(void)state;
	use("standard");
	hear("123", "2a31323323", OP("00") ITS("0100"));
	assert_event(USSD_DIAL, "8613800000001:0100", "*123#");
	assert_string_equal(reading.state, "d,i0100,s1.1.123");
	assert_tail(USSD_END, "Y", "01 59" OP("10") ITS("0101"));
}

static void
standard_push(void **state)
{
	(void)state;
	use("standard");
	pushed = true;
	assert_push(USSD_PUSH_MENU, "*123#", "Y?",
		"5553534400 00 01 2a3132332300 01 01 3836313338303030303030303100"
		" 00 00 00 00 00 00 00 00 00 02 593f" OP("02"));
	assert_push(USSD_PUSH_NOTE, "", "Hi",
		"5553534400 00 01 313036393000 01 01 3836313338303030303030303100"
		" 00 00 00 00 00 00 00 00 00 02 4869" OP("03"));
	hear("10690", "59", OP("12") ITS("2200"));
	assert_event(USSD_INPUT, "8613800000001:2200", "");
	assert_tail(USSD_MENU, "N?", "02 4e3f" OP("02") ITS("2200"));
	assert_tail(USSD_END, "Ok", "02 4f6b" OP("03") ITS("2201")); /* a pushed session ends with USSN */
	hear("10690", "", OP("13") ITS("2300"));
	assert_event(USSD_NOTICED, "8613800000001:2300", "");
	assert_false(reading.in.ended);
}

/* ---- The carriers' own ways -------------------------------------------------------------------------------------- */

static void
tata(void **state)
{
	(void)state;
	use("tata");
	hear("123", "2a31323323", OP("01") ITS("1a2c"));
	assert_event(USSD_DIAL, "1a2c", "*123#");
	assert_tail(USSD_MENU, "1", "01 31" OP("02") ITS("1a2c"));
	assert_tail(USSD_END, "2", "01 32" OP("02") ITS("1a2d"));
	hear("123", "", OP("12") ITS("1a2d"));
	assert_event(USSD_RELEASED, "1a2c", "");
	/* Fifteen bits are the number: the next session is another one. */
	hear("123", "31", OP("12") ITS("1a2e"));
	assert_event(USSD_INPUT, "1a2e", "");
}

static void
sixd(void **state)
{
	(void)state;
	use("6d");
	/* The code stands in the address here, and in the text below. */
	hear("*123#", "", OP("01") ITS("1a2c"));
	assert_event(USSD_DIAL, "8613800000001:1a2c", "*123#");
	assert_tail(USSD_MENU, "1", "01 31" OP("02") ITS("1a2c"));
	assert_tail(USSD_END, "2", "01 32" OP("11") ITS("1a2d")); /* operation 17 and bit 0 */
	hear("123", "2a3132332a3423", OP("01") ITS("1a30"));
	assert_event(USSD_DIAL, "8613800000001:1a30", "*123*4#");
	hear("123", "", OP("81") ITS("1a30"));
	assert_event(USSD_RELEASED, "8613800000001:1a30", "");
	assert_true(reading.in.ended);
	assert_string_equal(reading.in.reason, "hung up by the citizen");
}

static void
mica(void **state)
{
	(void)state;
	use("mica");
	hear("123", "2a31323323", OP("01") REFERENCE("0b17"));
	assert_event(USSD_DIAL, "8613800000001:0b17", "*123#");
	assert_tail(USSD_MENU, "1", "01 31" OP("02") REFERENCE("0b17"));
	hear("123", "31", OP("12") REFERENCE("0b17"));
	assert_event(USSD_INPUT, "8613800000001:0b17", "");
	assert_tail(USSD_END, "2", "01 32" OP("11") REFERENCE("0b17"));
	hear("123", "", OP("81") REFERENCE("0b17"));
	assert_event(USSD_RELEASED, "8613800000001:0b17", "");
	assert_string_equal(reading.in.reason, "released by the network");
}

static void
smpp_plus(void **state)
{
	(void)state;
	use("smpp+");
	hear("123", "2a31323323", OP("01") REFERENCE("0b17"));
	assert_event(USSD_DIAL, "8613800000001:123:0b17", "*123#");
	assert_tail(USSD_MENU, "1", "01 31" OP("02") REFERENCE("0b17"));
	assert_tail(USSD_END, "2", "01 32" OP("11") REFERENCE("0b17"));
	assert_tail(USSD_RELEASE, "", "00" OP("80") REFERENCE("0b17"));
	hear("123", "31", OP("92") REFERENCE("0b17")); /* 146 USSR-confirm-last */
	assert_event(USSD_INPUT, "8613800000001:123:0b17", "");
	assert_true(reading.in.ended);
	hear("123", "", OP("81") REFERENCE("0b17")); /* 129 USSREL ind */
	assert_event(USSD_RELEASED, "8613800000001:123:0b17", "");
	pushed = true;
	assert_push(USSD_PUSH_MENU, "", "Y?",
		"5553534400 00 01 313036393000 01 01 3836313338303030303030303100"
		" 00 00 00 00 00 00 00 00 00 02 593f" OP("02")); /* no reference: a push */
	assert_push(USSD_PUSH_NOTE, "", "Hi",
		"5553534400 00 01 313036393000 01 01 3836313338303030303030303100"
		" 00 00 00 00 00 00 00 00 00 02 4869" OP("83")); /* 131 USSN-last */
	hear("123", "59", OP("12") REFERENCE("0c01"));
	assert_tail(USSD_END, "Ok", "02 4f6b" OP("83") REFERENCE("0c01"));
	assert_tail(USSD_RELEASE, "", "00" OP("80") REFERENCE("0c01"));
}

static void
glo(void **state)
{
	(void)state;
	use("glo");
	hear_data("123", OP("01") RECEIPTED("6162632d3137") PAYLOAD("0005", "2a31323323"));
	assert_event(USSD_DIAL, "abc-17", "*123#");
	/* data_sm: no short_message, the text in message_payload. */
	assert_said(USSD_MENU, "1 Yes",
		"00000103 00000000 00000007 5553534400 01 01 31323300 01 01 3836313338303030303030303100 00 00 00"
		" 0424 0005 3120596573" OP("02") RECEIPTED("6162632d3137"));
	hear_data("123", OP("12") RECEIPTED("6162632d3137") PAYLOAD("0001", "31"));
	assert_event(USSD_INPUT, "abc-17", "");
	assert_said(USSD_END, "Done",
		"00000103 00000000 00000007 5553534400 01 01 31323300 01 01 3836313338303030303030303100 00 00 00"
		" 0424 0004 446f6e65" OP("11") RECEIPTED("6162632d3137"));
	assert_said(USSD_RELEASE, "",
		"00000103 00000000 00000007 5553534400 01 01 31323300 01 01 3836313338303030303030303100 00 00 00" OP("44")
			RECEIPTED("6162632d3137"));
	static const char *const ends[][2] = {
		{"41", "hung up by the citizen"}, {"42", "failed in the network"}, {"43", "rejected by the network"}};
	for (size_t i = 0; i < 3; i++) {
		char tlvs[128] = " 0501 0001 ";
		append(tlvs, ends[i][0]);
		append(tlvs, RECEIPTED("6162632d3137"));
		hear_data("123", tlvs);
		assert_event(USSD_RELEASED, "abc-17", "");
		assert_string_equal(reading.in.reason, ends[i][1]);
	}
}

static void
huawei(void **state)
{
	(void)state;
	use("huawei");
	hear("*123*4#", "2a3132332a3423", OP("01"));
	assert_event(USSD_DIAL, "8613800000001:123", "*123*4#");
	assert_tail(USSD_MENU, "1", "01 31" OP("02"));
	/* Nothing names the session but the phone and the code. */
	hear("123", "31", OP("12"));
	assert_event(USSD_INPUT, "8613800000001:123", "");
	assert_tail(USSD_END, "2", "01 32" OP("11"));
}

/* ---- Texts ------------------------------------------------------------------------------------------------------- */

static void
ucs2_and_length(void **state)
{
	(void)state;
	uint8_t octets[254] = {0};
	use("standard");
	hear("123", "2a31323323", OP("01") ITS("1a00"));
	part.octets = (const uint8_t *)"\x60\xa8\x59\x7d"; /* 您好 */
	part.len = 4;
	part.data_coding = 8;
	assert_hex(encode(USSD_MENU),
		"00000004 00000000 00000007 5553534400 01 01 31323300 01 01 3836313338303030303030303100"
		" 00 00 00 00 00 00 00 08 00 04 60a8597d" OP("02") ITS("1a00"));
	part.octets = octets;
	part.len = 160;
	assert_true(encode(USSD_MENU) > 0);
	part.len = 162;
	assert_refused(USSD_MENU, 0x01, "the text is longer than a screen");
	part.data_coding = 0;
	part.len = 182;
	assert_true(encode(USSD_MENU) > 0);
	part.len = 183;
	assert_refused(USSD_MENU, 0x01, "the text is longer than a screen");
	part.data_coding = 8;
	part.len = 3; /* half a character */
	assert_refused(USSD_MENU, 0x01, "the text is longer than a screen");
}

static void
a_code_in_ucs2(void **state)
{
	(void)state;
	use("standard");
	hear_head("5553534400 01 01 3836313338303030303030303100 01 01 31323300 00 00 00 00 00 00 00 08 00",
		"002a003100320033 0023", OP("01") ITS("1a00"));
	assert_event(USSD_DIAL, "8613800000001:1a00", "*123#");
	/* The cell broadcast scheme's default alphabet. */
	hear_head("5553534400 01 01 3836313338303030303030303100 01 01 31323300 00 00 00 00 00 00 00 0f 00", "2a31323323",
		OP("01") ITS("1a00"));
	assert_event(USSD_DIAL, "8613800000001:1a00", "*123#");
}

/* ---- What carriers do wrong -------------------------------------------------------------------------------------- */

static void
other_widths_and_missing_fields(void **state)
{
	(void)state;
	use("standard");
	hear("123", "2a31323323", " 0501 0004 00000001 1383 0004 00001a00");
	assert_event(USSD_DIAL, "8613800000001:1a00", "*123#");
	hear("123", "31", OP("12") " 1383 0001 1a"); /* the session alone */
	assert_event(USSD_INPUT, "8613800000001:1a00", "");
	assert_tail(USSD_MENU, "1", "01 31" OP("02") ITS("1a00"));
	/* The phone alone names the session where its_session_info is left out; none is sent back. */
	hear("123", "2a31323323", OP("01"));
	assert_event(USSD_DIAL, "8613800000001:-", "*123#");
	assert_tail(USSD_MENU, "1", "01 31" OP("02"));
	/* Without an operation the service_type says USSD, and the text what it is. */
	hear("123", "2a31323323", ITS("1a00"));
	assert_event(USSD_DIAL, "8613800000001:1a00", "*123#");
	hear("123", "31", ITS("1a00"));
	assert_event(USSD_INPUT, "8613800000001:1a00", "");
	/* Without the service_type the operation says it. */
	hear_head(
		"00 01 01 3836313338303030303030303100 01 01 31323300 00 00 00 00 00 00 00 00 00", "31", OP("12") ITS("1a00"));
	assert_event(USSD_INPUT, "8613800000001:1a00", "");
	/* Phones with and without plus are one phone. */
	hear_head("00 01 01 2b3836313338303030303030303100 01 01 31323300 00 00 00 00 00 00 00 00 00", "31",
		OP("12") ITS("1a00"));
	assert_event(USSD_INPUT, "8613800000001:1a00", "");
}

static void
what_nothing_can_be_made_of_is_refused(void **state)
{
	(void)state;
	use("standard");
	hear("123", "31", OP("c8") ITS("1a00"));
	assert_none(0xc4, "this profile does not know operation 200");
	hear("123", "31", " 0501 0002 0112" ITS("1a00"));
	assert_none(0xc4, "ussd_service_op is not one octet");
	hear("123", "31", OP("12") " 1383 0003 011a00");
	assert_none(0xc4, "its_session_info has 3 octets instead of 2");
	use("tata");
	hear("123", "31", OP("12"));
	assert_none(0xc3, "its_session_info is missing");
	use("glo");
	hear("123", "31", OP("12"));
	assert_none(0xc3, "receipted_message_id is missing or empty");
	hear("123", "31", OP("12") " 001e 0004 61206200");
	assert_none(0xc4, "receipted_message_id is no id that can be sent back");
	/* A link without USSD has nobody to read it. */
	profile = NULL;
	hear("123", "31", OP("12") ITS("1a00"));
	assert_none(0x15, "USSD is not spoken on this link");
}

static void
texts_and_receipts_are_no_ussd(void **state)
{
	(void)state;
	use("standard");
	assert_false(is_ussd("00 01 01 3100 01 01 3200 00 00 00 00 00 00 00 00 00", "2a31323323", ITS("1a00")));
	assert_false(is_ussd("5553534400 01 01 3100 01 01 3200 04 00 00 00 00 00 00 00 00", "69643a31", ""));
	assert_false(
		is_ussd("5553534400 01 01 3100 01 01 3200 00 00 00 00 00 00 00 00 00", "", " 001e 0003 313700 0427 0001 02"));
}

static void
a_long_key_becomes_a_fingerprint(void **state)
{
	(void)state;
	char first[64];
	use("smpp+");
	hear_head(
		"5553534400 01 01 3131313131313131313131313131313131313131313131313131313131313131313131313131313100 01 01"
		" 3232323232323232323232323232323232323232323232323232323200 00 00 00 00 00 00 00 00 00",
		"31", OP("12") REFERENCE("0001"));
	assert_int_equal(reading.in.event, USSD_INPUT);
	assert_int_equal(strlen(reading.session), 33);
	snprintf(first, sizeof first, "%s", reading.session);
	hear_head(
		"5553534400 01 01 3131313131313131313131313131313131313131313131313131313131313131313131313131313100 01 01"
		" 3232323232323232323232323232323232323232323232323232323200 00 00 00 00 00 00 00 00 00",
		"31", OP("12") REFERENCE("0002"));
	assert_string_not_equal(reading.session, first);
	/* An address that no answer could bear is left out: the part has its own. */
	assert_string_equal(reading.state, "r0002");
}

static void
a_foreign_state_says_nothing(void **state)
{
	(void)state;
	static const char *const states[] = {"x", "i", "i12345", "iq", "s", "s1", "s1.1", "s1.1.", "s256.1.1", "d1", "m",
		"s1.1.123456789012345678901", "i1a00,,", "i1a00 ", ",",
		"m1234567890123456789012345678901234567890123456789012345678901234"};
	use("standard");
	part.octets = (const uint8_t *)"1";
	part.len = 1;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		snprintf(reading.state, sizeof reading.state, "%s", states[i]);
		if (strlen(states[i]) < sizeof reading.state)
			assert_refused(USSD_MENU, 0xc4, "the session's state is not one that came from this link");
	}
	reading.state[0] = '\0'; /* nothing was kept: the operation goes out alone */
	assert_tail(USSD_MENU, "1", "01 31" OP("02"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(standard_dial_menu_input_end, begin),
		cmocka_unit_test_setup(standard_the_network_ends_it_with_bit_0, begin),
		cmocka_unit_test_setup(standard_operation_0_takes_one_answer, begin),
		cmocka_unit_test_setup(standard_push, begin),
		cmocka_unit_test_setup(tata, begin),
		cmocka_unit_test_setup(sixd, begin),
		cmocka_unit_test_setup(mica, begin),
		cmocka_unit_test_setup(smpp_plus, begin),
		cmocka_unit_test_setup(glo, begin),
		cmocka_unit_test_setup(huawei, begin),
		cmocka_unit_test_setup(ucs2_and_length, begin),
		cmocka_unit_test_setup(a_code_in_ucs2, begin),
		cmocka_unit_test_setup(other_widths_and_missing_fields, begin),
		cmocka_unit_test_setup(what_nothing_can_be_made_of_is_refused, begin),
		cmocka_unit_test_setup(texts_and_receipts_are_no_ussd, begin),
		cmocka_unit_test_setup(a_long_key_becomes_a_fingerprint, begin),
		cmocka_unit_test_setup(a_foreign_state_says_nothing, begin),
	};
	return cmocka_run_group_tests(tests, load_profiles, free_profiles);
}
