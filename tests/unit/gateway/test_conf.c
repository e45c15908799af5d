/* The configuration: the shipped files load, say what the table says, and every kind of fault is told with its line. */
#include "tests/unit/gateway/conf_help.h"

static char *
read_file(const char *path)
{
	FILE *in = fopen(path, "r");
	if (in == NULL)
		fail_msg("cannot open %s; tests run from the project's folder", path);
	char *text = calloc(1, 1 << 20);
	size_t n = fread(text, 1, (1 << 20) - 1, in);
	fclose(in);
	text[n] = '\0';
	return text;
}

/* ---- The shipped files ------------------------------------------------------------------------------------------ */

static void
test_sample_file_is_the_tables_sample(void **state)
{
	(void)state;
	char *file = read_file("conf/huizhi.conf"), *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	conf_print_sample(out);
	fclose(out);
	assert_string_equal(file, text);
	free(file);
	free(text);
}

static void
test_manual_lists_the_tables_keys(void **state)
{
	(void)state;
	char *file = read_file("man/huizhi.conf.5"), *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	conf_print_man(out);
	fclose(out);
	char *begin = strstr(file, ".\\\" keys: begin"), *end = strstr(file, ".\\\" keys: end");
	assert_non_null(begin);
	assert_non_null(end);
	begin = strchr(begin, '\n') + 1;
	*end = '\0';
	assert_string_equal(begin, text);
	free(file);
	free(text);
}

static void
test_sample_and_minimal_load_alike(void **state)
{
	(void)state;
	struct conf *sample = conf_load("conf/huizhi.conf", stderr), *minimal = conf_load("conf/minimal.conf", stderr);
	assert_non_null(sample);
	assert_non_null(minimal);
	char *a = NULL, *b = NULL;
	size_t len;
	FILE *out = open_memstream(&a, &len);
	conf_print(sample, out);
	fclose(out);
	out = open_memstream(&b, &len);
	conf_print(minimal, out);
	fclose(out);
	assert_string_equal(a, b);
	free(a);
	free(b);
	conf_free(sample);
	conf_free(minimal);
}

static void
test_defaults(void **state)
{
	(void)state;
	const char *faults;
	struct conf *c = load(LINK BUREAU "}", &faults);
	assert_string_equal(faults, "");
	assert_non_null(c);
	assert_string_equal(c->database, "host=/run/huizhi dbname=huizhi");
	assert_string_equal(c->keys, "/etc/huizhi/keys");
	assert_string_equal(c->public_listen, "127.0.0.1:8080");
	assert_string_equal(c->public_url, "http://127.0.0.1:8080");
	assert_string_equal(c->staff_listen, "127.0.0.1:8081");
	assert_int_equal(c->links[0].window, 64);
	assert_int_equal(c->links[0].rate, 0);
	assert_true(c->links[0].receipts);
	assert_false(c->links[0].tls);
	assert_string_equal(c->links[0].bind, "transceiver");
	assert_string_equal(c->bureaus[0].timezone, "Asia/Shanghai");
	assert_string_equal(c->bureaus[0].country, "86");
	assert_int_equal(c->bureaus[0].nlanguages, 2);
	assert_string_equal(c->bureaus[0].languages[0], "zh");
	assert_null(c->bureaus[0].items);
	assert_int_equal(c->bureaus[0].nholidays, 0);
	conf_free(c);
}

/* ---- Printing back ---------------------------------------------------------------------------------------------- */

static void
test_printed_back_is_the_same(void **state)
{
	(void)state;
	const char *faults;
	struct conf *c =
		load("database = \"host=/run dbname='a b' password=\\\"x\\\\y\\${z}\\\"\"\n"
			 "log_level = debug batch_max = 7\n"
			 "public { listen = \"[::1]:0\" url = \"https://v.example.org/x\" proxy = 2 }\n"
			 "link \"ea\\\"st\" { hosts = {\"a.example:1\", \"[::1]:2\"} system_id = \"h\" password = \"p$w\\\"d'\"\n"
			 "  tls = yes receipts = off bind = \"transmitter+receiver\" ussd = \"smpp+\" }\n"
			 "bureau \"w\" { id = 2147483647 name = \"a\\nb\" signature = \"【文登审批】\" short_code = \"1\"\n"
			 "  links = {\"ea\\\"st\"} holidays = {\"2024-02-29\", \"2026-10-01\"} items = {} scan_at = \"\"\n"
			 "  send_hours = \"00:00-24:00\" languages = {\"en\"} country = 49 timezone = \"Europe/Berlin\" }\n",
			&faults);
	assert_string_equal(faults, "");
	assert_non_null(c);
	assert_string_equal(c->database, "host=/run dbname='a b' password=\"x\\y${z}\"");
	assert_string_equal(c->links[0].password, "p$w\"d'");
	assert_string_equal(c->bureaus[0].name, "a\nb");
	assert_non_null(c->bureaus[0].items);
	assert_int_equal(c->bureaus[0].nitems, 0);
	assert_true(c->links[0].tls);
	assert_false(c->links[0].receipts);

	char *first = NULL, *second = NULL;
	size_t len;
	FILE *out = open_memstream(&first, &len);
	conf_print(c, out);
	fclose(out);
	struct conf *again = load(first, &faults);
	assert_string_equal(faults, "");
	assert_non_null(again);
	out = open_memstream(&second, &len);
	conf_print(again, out);
	fclose(out);
	assert_string_equal(first, second);
	assert_string_equal(again->database, c->database);
	assert_string_equal(again->links[0].password, c->links[0].password);
	assert_string_equal(again->bureaus[0].name, c->bureaus[0].name);
	assert_int_equal(again->bureaus[0].nholidays, 2);
	free(first);
	free(second);
	conf_free(c);
	conf_free(again);
}

/* ---- Faults ----------------------------------------------------------------------------------------------------- */

static void
test_faults_name_their_line(void **state)
{
	(void)state;
	static const struct {
		const char *text, *fault;
	} cases[] = {
		{LINK BUREAU "}\nlog_leve = \"info\"", "t.conf:4: unknown key log_leve; did you mean log_level"},
		{LINK BUREAU "tls = true }", "t.conf:3: unknown key tls in this section; it belongs to section link"},
		{LINK BUREAU "database = \"\" }",
			"t.conf:3: unknown key database in this section; it belongs to the top of the file"},
		{LINK BUREAU "}\nzzzzzz { a = {1,\n2} }", "t.conf:4: unknown key zzzzzz"},
		{LINK BUREAU "sender = \"Wendeng City\" }",
			"t.conf:3: bureau \"wendeng\": sender = \"Wendeng City\": is longer than 11"},
		{LINK BUREAU "sender = \"W@deng\" }",
			"t.conf:3: bureau \"wendeng\": sender = \"W@deng\": must be letters, digits"},
		{LINK BUREAU "sender = \"10690001\" }",
			"t.conf:3: bureau \"wendeng\": sender = \"10690001\": must have a letter"},
		{LINK BUREAU "sender = \"Wendeng \" }", "must not begin or end with a blank"},
		{LINK BUREAU "}\nlog_level = \"loud\"", "t.conf:4: log_level = \"loud\": must be debug, info, warn or error"},
		{LINK BUREAU "}\nbatch_max = many", "t.conf:4: batch_max = \"many\": must be a whole number"},
		{LINK BUREAU "}\nbatch_max = 0", "t.conf:4: batch_max = 0: must lie between 1 and 10000"},
		{LINK BUREAU "}\nbatch_max = 99999999999999999999", "t.conf:4: batch_max = 99999999999999999999: must lie"},
		{LINK BUREAU "}\nbatch_max = 5\nbatch_max = 6", "t.conf:5: batch_max is given a second time, first in line 4"},
		{LINK BUREAU "}\nlink \"x\" { hosts = {\"h:1\"} system_id = \"x\"\npassword = \"123456789\" }",
			"t.conf:5: link \"x\": password: must be at most 8"},
		{LINK BUREAU "}\nlink \"x\" { hosts = {\"h\",\n\"h:70000\"} }",
			"t.conf:5: link \"x\": hosts = \"h:70000\": must be host:port"},
		{LINK BUREAU "}\nlink \"x\" { tls = maybe }", "t.conf:4: link \"x\": tls = \"maybe\": must be true or false"},
		{LINK BUREAU "}\nlink \"x\" { bind = \"both\" }", "t.conf:4: link \"x\": bind = \"both\": must be transceiver, "
														  "transmitter+receiver, transmitter or receiver"},
		{LINK BUREAU "}\nlink \"x\" { message_id = \"octal\" }",
			"message_id = \"octal\": must be auto, verbatim, hex or decimal"},
		{LINK BUREAU "}\nlink \"x\" { system_id = \"sixteen-letters-\" }",
			"system_id = \"sixteen-letters-\": must be 1 to 15"},
		{LINK BUREAU "}\nlink \"x\" { }", "t.conf:4: link \"x\": hosts is missing"},
		{LINK BUREAU "}\nlink \"x\" { }", "t.conf:4: link \"x\": password is missing"},
		{LINK BUREAU "}\nlink \"x\" { backoff_min_ms = 5000\n backoff_max_ms = 50 }",
			"t.conf:4: link \"x\": backoff_min_ms 5000"},
		{LINK BUREAU "}\nlink \"x\" { password = \"\" password_file = \"/x\" }",
			"give password or password_file, not both"},
		{LINK BUREAU "}\nlink \"x\" { password_file = \"none-there\" }", "cannot open password_file"},
		{LINK BUREAU "}\nlink \"east\" { }", "t.conf:4: there is a section \"east\" already"},
		{LINK BUREAU "timezone = \"Asia/Shangrila\" }",
			"t.conf:3: bureau \"wendeng\": timezone = \"Asia/Shangrila\": is no time zone"},
		{LINK BUREAU "timezone = \"../../etc/passwd\" }", "is no time zone"},
		{LINK BUREAU "send_hours = \"20:00-09:00\" }",
			"t.conf:3: bureau \"wendeng\": send_hours = \"20:00-09:00\": must be"},
		{LINK BUREAU "send_hours = \"9-20\" }", "send_hours = \"9-20\": must be HH:MM-HH:MM"},
		{LINK BUREAU "send_hours = \"09:00-24:01\" }", "send_hours = \"09:00-24:01\": must be"},
		{LINK BUREAU "scan_at = \"24:00\" }", "scan_at = \"24:00\": must be HH:MM"},
		{LINK BUREAU "holidays = {\"2026-02-28\", \"2026-02-29\"} }", "holidays = \"2026-02-29\": must be a day"},
		{LINK BUREAU "country = \"086\" }", "country = \"086\": must be a country code"},
		{LINK BUREAU "languages = {\"zh\",\n\"tlh\"} }",
			"t.conf:4: bureau \"wendeng\": languages = \"tlh\": is no language that the dialogs understand; there are"},
		{LINK BUREAU "languages = {\"zh\", \"zh\"} }", "languages: \"zh\" stands in it twice"},
		{LINK BUREAU "items = {\"food-business-renewal\",\n\"nothing\"} }",
			"t.conf:4: bureau \"wendeng\": unknown item \"nothing\""},
		{LINK BUREAU "}\nbureau \"b\" { id = 2 name = \"b\" signature = \"b\" short_code = \"2\"\nlinks = {\"west\"} }",
			"t.conf:5: bureau \"b\": unknown link \"west\""},
		{LINK BUREAU "}\nbureau \"b\" { id = 1 }",
			"t.conf:4: bureau \"b\": id 1 belongs to bureau \"wendeng\" already"},
		{LINK BUREAU "}\nbureau \"b\" {\nshort_code = \"10690001\" links = {\"east\"} }",
			"t.conf:5: bureau \"b\": short_code 10690001 belongs to bureau \"wendeng\" on link \"east\" too"},
		{SUFFIXED BUREAU "}\nbureau \"b\" {\nshort_code = \"106900015\" links = {\"east\"} }",
			"t.conf:6: bureau \"b\": short_code 106900015 and 10690001 of bureau \"wendeng\" begin alike"},
		{SUFFIXED BUREAU "}\nbureau \"b\" {\nshort_code = \"106900020000000000\" links = {\"east\"} }",
			"t.conf:6: bureau \"b\": short_code 106900020000000000 and the 4 digits that link \"east\" adds are "
			"longer"},
		{LINK BUREAU "}\nbureau \"b\" { short_code = \"+106\" }", "short_code = \"+106\": must be 1 to 20 digits"},
		{LINK BUREAU "ussd_code = \"123\" }", "ussd_code = \"123\": must be a code as it is dialled"},
		{LINK BUREAU "ussd_code = \"*12#3#\" }", "ussd_code = \"*12#3#\": must be a code as it is dialled"},
		{LINK BUREAU "ussd_code = \"*123*#\" }", "ussd_code = \"*123*#\": must be a code as it is dialled"},
		{LINK BUREAU "ussd_code = \"*1#\" }\nbureau \"b\" {\nussd_code = \"*1#\" links = {\"east\"} }",
			"t.conf:5: bureau \"b\": ussd_code *1# belongs to bureau \"wendeng\" on link \"east\" too"},
		{"link \"east\" { hosts = {\"h:1\"} system_id = \"x\" password = \"\" ussd = \"none\" }\n" BUREAU
		 "\nussd_code = \"*1#\" }",
			"ussd_code *1# cannot be dialled, for none of its links carries USSD"},
		{LINK BUREAU "}\nbureau \"b\" { signature = \"一二三四五六七八九十一\" }", "is longer than 10 characters"},
		{LINK BUREAU "}\nbureau \"b\" { id = 0 }", "id = 0: must lie between 1 and"},
		{LINK BUREAU "}\npublic { url = \"v.example.org\" }",
			"t.conf:4: public: url = \"v.example.org\": must begin with https://"},
		{LINK BUREAU "}\npublic { url = \"https://v.example.org/\" }", "must not end with a slash"},
		{LINK BUREAU "}\nstaff { listen = \"8081\" }", "t.conf:4: staff: listen = \"8081\": must be address:port"},
		{LINK BUREAU "}\nitems = \"no-such-folder\"", "t.conf:4: items = \"no-such-folder\": no such folder"},
		{LINK BUREAU "}\ntemplates = \"/no-such-folder\"", "t.conf:4: templates = \"/no-such-folder\": no such folder"},
		{LINK, "t.conf: no bureau"},
		{BUREAU "}", "t.conf: no link"},
		{LINK BUREAU, "t.conf:2: the brace that opens here is never closed"},
		{"database \"x\"", "t.conf:1: missing equal sign"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_fault(cases[i].text, cases[i].fault);
}

/* Bureaus may share a short code where each text's digits tell whose it is. */
static void
test_suffixed_code_is_shared(void **state)
{
	(void)state;
	const char *faults;
	struct conf *c =
		load(SUFFIXED BUREAU "}\nbureau \"b\" { id = 2 name = \"b\" signature = \"b\" short_code = \"10690001\""
							 " links = {\"east\"} }\n",
			&faults);
	assert_non_null(c);
	assert_string_equal(faults, "");
	assert_int_equal(c->links[0].suffix_digits, 4);
	conf_free(c);
}

static void
test_faults_come_all_at_once(void **state)
{
	(void)state;
	const char *faults;
	struct conf *c =
		load("databse = \"x\"\nlog_level = \"loud\"\nkeys = stray stray = 1 odd { a = 1 b { c = {1, 2} } }\n" LINK
			 "foo(\"a\")\n" BUREAU "tmezone = 1 timezone = \"Mars\"\n}\n",
			&faults);
	assert_null(c);
	static const char *const expected[] = {"t.conf:1: unknown key databse", "t.conf:2: log_level",
		"t.conf:3: unknown key stray", "t.conf:3: unknown key odd", "t.conf:5: unknown key foo",
		"t.conf:7: unknown key tmezone; did you mean timezone", "t.conf:7: bureau \"wendeng\": timezone"};
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		const char *first = strstr(faults, expected[i]);
		if (first == NULL)
			fail_msg("expected \"%s\" in:\n%s", expected[i], faults);
		if (strstr(first + 1, expected[i]) != NULL)
			fail_msg("\"%s\" is told twice:\n%s", expected[i], faults);
	}
}

static void
test_missing_file(void **state)
{
	(void)state;
	char told[512] = "";
	FILE *err = fmemopen(told, sizeof told - 1, "w");
	assert_null(conf_load("/no/such/file.conf", err));
	fclose(err);
	assert_string_equal(told, "/no/such/file.conf: cannot open: No such file or directory\n");
}

static void
test_passwords_are_not_told(void **state)
{
	(void)state;
	const char *faults;
	assert_null(load("link \"x\" { password = \"verysecret\" }", &faults));
	assert_null(strstr(faults, "verysecret"));
}

static void
test_small_readers(void **state)
{
	(void)state;
	char host[64];
	int port, from, to;
	assert_int_equal(conf_host_port("[2001:db8::1]:2775", host, sizeof host, &port), 0);
	assert_string_equal(host, "2001:db8::1");
	assert_int_equal(port, 2775);
	assert_int_equal(conf_host_port("smsc.example:1", host, sizeof host, &port), 0);
	assert_string_equal(host, "smsc.example");
	static const char *const bad[] = {
		"", ":", "h:", ":1", "h:65536", "h:1x", "::1:2775", "[]:1", "h h:1", "h:-1", "h: 1"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (conf_host_port(bad[i], host, sizeof host, &port) == 0)
			fail_msg("\"%s\" is no host:port", bad[i]);
	}
	assert_int_equal(conf_host_port("abcdef:1", host, 6, &port), -1);
	assert_int_equal(conf_send_hours("09:00-20:00", &from, &to), 0);
	assert_int_equal(from, 540);
	assert_int_equal(to, 1200);
	assert_int_equal(conf_send_hours("00:00-24:00", &from, &to), 0);
	assert_int_equal(to, 1440);
	assert_int_equal(conf_send_hours("09:00-09:00", &from, &to), -1);
	assert_int_equal(conf_time_of_day("23:59", &from), 0);
	assert_int_equal(from, 1439);
	assert_int_equal(conf_time_of_day("24:00", &from), -1);
	assert_int_equal(conf_time_of_day("1:00", &from), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sample_file_is_the_tables_sample),
		cmocka_unit_test(test_manual_lists_the_tables_keys),
		cmocka_unit_test(test_sample_and_minimal_load_alike),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_printed_back_is_the_same),
		cmocka_unit_test(test_faults_name_their_line),
		cmocka_unit_test(test_suffixed_code_is_shared),
		cmocka_unit_test(test_faults_come_all_at_once),
		cmocka_unit_test(test_missing_file),
		cmocka_unit_test(test_passwords_are_not_told),
		cmocka_unit_test(test_small_readers),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
