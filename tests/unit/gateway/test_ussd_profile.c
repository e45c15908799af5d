/* USSD profiles as files: one that nobody foresaw works without C, and every fault is told with file and line. */
#include "tests/unit/gateway/ussd_help.h"

#include <sys/stat.h>

#define USES_MADE_UP                                                                                                   \
	"link \"east\" { hosts = {\"127.0.0.1:1\"} system_id = \"h\" password = \"p\" ussd = \"made-up\" }\n"

/* Loads a configuration whose profiles are this one file; returns what was told. */
static struct conf *
load_profile(const char *links, const char *text, const char **faults)
{
	char path[300], whole[1024];
	snprintf(path, sizeof path, "%s/profiles", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	write_conf("profiles/a.conf", text);
	snprintf(whole, sizeof whole, "ussd_profiles = \"profiles\"\n%s" BUREAU "}", links);
	struct conf *c = load(whole, faults);
	snprintf(path, sizeof path, "%s/profiles/a.conf", folder);
	unlink(path);
	snprintf(path, sizeof path, "%s/profiles", folder);
	rmdir(path);
	return c;
}

static void
assert_profile_fault(const char *text, const char *expected)
{
	const char *faults;
	struct conf *c = load_profile(LINK, text, &faults);
	if (c != NULL) {
		conf_free(c);
		fail_msg("taken without a fault:\n%s", text);
	}
	if (strstr(faults, expected) == NULL)
		fail_msg("expected \"%s\" in:\n%s", expected, faults);
}

/* Operations, widths, alphabets and keys of no shipped profile: packed septets, counting sequence, data_sm. */
static void
a_new_profile_needs_no_c(void **state)
{
	(void)state;
	const char *faults;
	struct conf *c = load_profile(USES_MADE_UP,
		"profile \"made-up\" {\n"
		"\tkey = {\"address\", \"session\", \"reference\"}  session_mask = \"0xFF00\"  session_sequence = \"next\"\n"
		"\tend = \"bit0\"  dial = {40}  input = {41, 42}  input_last = {43}  noticed = {44}\n"
		"\treleased = {\"45 lost\", \"46 out of coverage\"}\n"
		"\tmenu_op = 50  end_op = 51  end_pushed_op = 52  push_menu_op = -1  push_note_op = 53  release_op = 54\n"
		"\tsend = \"submit_sm\"  payload = true  service_type = \"XUSSD\"\n"
		"\tdata_coding_gsm7 = 15  data_coding_ucs2 = 72  packed = true  length_gsm7 = 100  length_ucs2 = 40\n"
		"\tcode_in = {\"destination_addr\"}  reply_seconds = 4  idle_seconds = 60\n"
		"}\n",
		&faults);
	assert_string_equal(faults, "");
	assert_non_null(c);
	profile = c->links[0].ussd_profile;
	assert_non_null(profile);
	assert_string_equal(profile->name, "made-up");

	/* "*1#" stands in the address; the text is something else, packed. */
	hear("*1#", "e8329bfd06", OP("28") ITS("07fc") REFERENCE("0102"));
	assert_event(USSD_DIAL, "*1#:0700:0102", "*1#");
	/* 31 is "1" alone; the sequence goes on from 7f to 00 and the session stays; text in message_payload. */
	assert_said(USSD_MENU, "1",
		"00000004 00000000 00000007 585553534400 01 01 2a312300 01 01 3836313338303030303030303100 00 00 00 00 00 00 "
		"00 0f "
		"00 00 0424 0001 31 0501 0001 32 1383 0002 07fe 0204 0002 0102");
	hear("*1#", "b1", OP("29") ITS("07fe") REFERENCE("0102"));
	assert_event(USSD_INPUT, "*1#:0700:0102", "");
	assert_tail(USSD_END, "Done", " 0424 0004 c4b7bb0c 0501 0001 33 1383 0002 0701 0204 0002 0102");
	/* Seven septets fill seven octets but for a fill that must not read as an eighth character. */
	assert_tail(USSD_MENU, "1234567", " 0424 0007 31d98c56b3dd1a 0501 0001 32 1383 0002 0700 0204 0002 0102");
	hear("*1#", "", OP("2e") ITS("0700") REFERENCE("0102"));
	assert_event(USSD_RELEASED, "*1#:0700:0102", "");
	assert_string_equal(reading.in.reason, "out of coverage");
	hear("*1#", "31", OP("2b") ITS("0700") REFERENCE("0102"));
	assert_event(USSD_INPUT, "*1#:0700:0102", "");
	assert_true(reading.in.ended);
	assert_int_equal(profile->op[USSD_PUSH_MENU], -1);
	assert_refused(USSD_PUSH_MENU, 0x15, "the carrier has no operation for it");
	part.octets = (const uint8_t[101]){0};
	part.len = 101;
	assert_refused(USSD_MENU, 0x01, "the text is longer than a screen");
	assert_int_equal(ussd_coding(profile, 72, TEXT_CODING_GSM7), TEXT_CODING_UTF16);
	assert_int_equal(ussd_coding(profile, 15, TEXT_CODING_LATIN1), TEXT_CODING_GSM7_PACKED);
	conf_free(c);
}

static void
faults_are_told_with_file_and_line(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{"profile \"a\" {\n}\n", "profiles/a.conf:1: profile \"a\": key is missing"},
		{"profile \"a\" {\n key = {}\n}\n", "profiles/a.conf:1: profile \"a\": key is empty"},
		{"profile \"a\" {\n key = {\"phone\"}\n\n end = \"operation\" dial = {1, 300}\n}\n",
			"profiles/a.conf:4: profile \"a\": dial = 300: must lie between 0 and 255"},
		{"profile \"a\" {\n key = {\"phone\", \"shoe\"}\n}\n",
			"profiles/a.conf:2: profile \"a\": key = \"shoe\": must be phone, address, code, session, reference or "
			"receipted_message_id"},
		{"profile \"a\" {\n key = {\"session\"}\n session_mask = \"0xFFFFF\"\n}\n",
			"profiles/a.conf:3: profile \"a\": session_mask = \"0xFFFFF\": must be a mask in hexadecimal"},
		{"profile \"a\" {\n key = {\"session\"}\n released = {\"hang-up\"}\n}\n",
			"profiles/a.conf:3: profile \"a\": released = \"hang-up\": must be an operation from 0 to 255"},
		{"profile \"a\" {\n key = {\"session\"}\n input = {18}\n noticed = {18}\n}\n",
			"profiles/a.conf:4: profile \"a\": noticed gives operation 18 a second meaning"},
		{"profile \"a\" {\n key = {\"session\"}\n released = {\"18 gone\"}\n}\n",
			"profiles/a.conf:3: profile \"a\": released gives operation 18 a second meaning"},
		{"profile \"a\" {\n key = {\"phone\"}\n end = \"bit0\"\n}\n",
			"profiles/a.conf:3: profile \"a\": end is shown in its_session_info, which is not in key"},
		{"profile \"a\" {\n key = {\"phone\"} end = \"operation\"\n end_op = 2\n}\n",
			"profiles/a.conf:3: profile \"a\": end_op is the menu's too"},
		{"profile \"a\" {\n key = {\"session\"}\n menu_op = -1\n}\n",
			"profiles/a.conf:3: profile \"a\": menu_op is -1: a session needs a menu and an end"},
		{"profile \"a\" {\n key = {\"session\"}\n data_coding_ucs2 = 0\n}\n",
			"profiles/a.conf:3: profile \"a\": data_coding_ucs2 is the same as data_coding_gsm7"},
		{"profile \"a\" {\n key = {\"session\"}\n dial = {}\n}\n",
			"profiles/a.conf:1: profile \"a\": dial is empty: no session could begin"},
		{"profile \"a\" {\n key = {\"session\"}\n code_in = {}\n}\n",
			"code_in is empty: no dialled code could be found"},
		{"profile \"a\" {\n key = {\"session\"}\n service_type = \"TOOLONG\"\n}\n",
			"profiles/a.conf:3: profile \"a\": service_type = \"TOOLONG\": must be at most 5 ASCII characters"},
		{"profile \"a\" {\n key = {\"session\"}\n menu_ob = 2\n}\n",
			"profiles/a.conf:3: unknown key menu_ob; did you mean "
			"menu_op"},
		{"profile \"None\" { key = {\"session\"} }\n",
			"profiles/a.conf:1: profile \"None\": a name is made of small letters"},
		{"profile \"none\" { key = {\"session\"} }\n", "profiles/a.conf:1: profile \"none\": a name is made of"},
		{"item \"a\" { }\n", "profiles/a.conf:1: unknown key item"},
		{"profile \"b\" { key = {\"session\"} }\n",
			"t.conf:2: link \"east\": ussd = \"standard\": there is no such profile in"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_profile_fault(cases[i][0], cases[i][1]);
	assert_fault("ussd_profiles = \"nowhere/at/all\"\n" LINK BUREAU "}",
		"t.conf:1: ussd_profiles = \"nowhere/at/all\": no such");
}

static void
a_link_without_ussd_needs_no_profile(void **state)
{
	(void)state;
	const char *faults;
	struct conf *c =
		load_profile("link \"east\" { hosts = {\"127.0.0.1:1\"} system_id = \"h\" password = \"p\" ussd = \"none\" }\n",
			"", &faults);
	assert_string_equal(faults, "");
	assert_null(c->links[0].ussd_profile);
	conf_free(c);
}

static void
shipped_profiles_are_the_ones_that_are_known(void **state)
{
	(void)state;
	static const char *const names[] = {"6d", "glo", "huawei", "mica", "smpp+", "standard", "tata"};
	struct conf *c = conf_load("conf/minimal.conf", stderr);
	assert_non_null(c);
	assert_int_equal(c->nprofiles, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_string_equal(c->profiles[i].name, names[i]);
		use_of(c, names[i]);
		assert_int_equal(made.length_gsm7, 182);
		assert_int_equal(made.length_ucs2, 80);
		assert_int_equal(made.reply_seconds, 10);
		assert_int_equal(made.idle_seconds, 180);
	}
	assert_string_equal(c->links[0].ussd_profile->name, "standard");
	conf_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_new_profile_needs_no_c, begin),
		cmocka_unit_test(faults_are_told_with_file_and_line),
		cmocka_unit_test(a_link_without_ussd_needs_no_profile),
		cmocka_unit_test(shipped_profiles_are_the_ones_that_are_known),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
