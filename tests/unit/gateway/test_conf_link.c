/* A link's keys: what `huizhid -n` says of those that cannot be, and of those that cannot be together. */
#include "tests/unit/gateway/conf_help.h"

#define WITH(keys)                                                                                                     \
	"link \"east\" { hosts = {\"127.0.0.1:2775\"} system_id = \"h\" password = \"p\"\n" keys "\n}\n" BUREAU "}"

static void
keys_of_a_session(void **state)
{
	const char *faults;
	struct conf *c = load(WITH("bind = \"receiver\" interface_version = \"5.0\" addr_ton = 1 addr_npi = 8 "
							   "address_range = \"^1069\" return_seconds = 0\n"
							   "outbind = \"127.0.0.1:2776\" outbind_system_id = \"c\" outbind_password = \"k\""),
		&faults);

	(void)state;
	assert_string_equal(faults, "");
	assert_non_null(c);
	assert_string_equal(c->links[0].outbind, "127.0.0.1:2776");
	assert_int_equal(c->links[0].addr_npi, 8);
	assert_int_equal(c->links[0].dead_seconds, 60);
	assert_int_equal(c->links[0].return_seconds, 0);
	conf_free(c);
	assert_fault(
		WITH("interface_version = \"3\""), "t.conf:2: link \"east\": interface_version = \"3\": must be 3.3, ");
	assert_fault(WITH("address_range = \"a b\""), "must be at most 40 ASCII characters without blanks");
	assert_fault(WITH("addr_ton = 256"), "addr_ton = 256: must lie between 0 and 255");
	assert_fault(WITH("return_seconds = -1"), "must lie between 0 and 86400");
}

static void
keys_of_outbind(void **state)
{
	(void)state;
	assert_fault(WITH("outbind = \"2776\""), "outbind = \"2776\": must be address:port");
	assert_fault(WITH("outbind = \"localhost:2776\""), "must be an address in figures");
	assert_fault(WITH("outbind = \"127.0.0.1:2776\" bind = \"transmitter\""), "outbind needs a session that receives");
	assert_fault(WITH("outbind = \"127.0.0.1:2776\" tls = true"), "outbind cannot go with tls");
	assert_fault(WITH("outbind = \"127.0.0.1:2776\" outbind_password = \"ninechars\""),
		"outbind_password: must be at most 8 ASCII characters"); /* and is not repeated */
}

static void
no_hosts_but_with_outbind(void **state)
{
	static const char format[] =
		"link \"east\" { hosts = {} system_id = \"h\" password = \"p\" bind = \"%s\" outbind = \"%s\" }\n" BUREAU "}";
	char text[512];
	const char *faults;
	struct conf *c;

	(void)state;
	snprintf(text, sizeof(text), format, "receiver", "127.0.0.1:2776");
	c = load(text, &faults);
	assert_string_equal(faults, "");
	assert_int_equal(c->links[0].nhosts, 0);
	conf_free(c);
	snprintf(text, sizeof(text), format, "receiver", "");
	assert_fault(text, "link \"east\": hosts is empty");
	snprintf(text, sizeof(text), format, "transmitter+receiver", "127.0.0.1:2776");
	assert_fault(text, "link \"east\": hosts is empty");
}

static void
keys_of_tls(void **state)
{
	const char *path;
	char expected[400];

	(void)state;
	assert_fault(WITH("tls = true tls_ca = \"/nowhere/ca.pem\""),
		"t.conf:2: link \"east\": tls_ca: cannot open /nowhere/ca.pem: No such file or directory");
	assert_fault(WITH("tls = true tls_key = \"k.pem\""), "tls_key: give tls_certificate too");
	path = write_conf("ca.pem", "nothing\n"); /* beside the configuration */
	snprintf(expected, sizeof(expected), "tls_ca: cannot use %s", "ca.pem as PEM certificates");
	assert_fault(WITH("tls = true tls_ca = \"ca.pem\""), expected);
	snprintf(expected, sizeof(expected), "%s/ca.pem", folder);
	unlink(expected);
	(void)path;
}

static void
keys_of_what_is_sent(void **state)
{
	const char *faults;
	struct conf *c = load(WITH("source_ton = 3 dest_npi = \"auto\" service_type = \"CMT\" submit_with = \"data_sm\" "
							   "long_text = \"payload\""),
		&faults);

	(void)state;
	assert_string_equal(faults, "");
	assert_string_equal(c->links[0].source_ton, "3");
	assert_string_equal(c->links[0].source_npi, "auto");
	conf_free(c);
	assert_fault(WITH("dest_ton = 300"), "dest_ton = \"300\": must be auto or a number from 0 to 255");
	assert_fault(WITH("source_npi = \"isdn\""), "must be auto or a number from 0 to 255");
	assert_fault(WITH("service_type = \"SIXSIX\""), "must be at most 5 ASCII characters");
	assert_fault(
		WITH("submit_with = \"submit_multi\""), "submit_with = \"submit_multi\": must be submit_sm or data_sm");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_a_session),
		cmocka_unit_test(keys_of_outbind),
		cmocka_unit_test(no_hosts_but_with_outbind),
		cmocka_unit_test(keys_of_tls),
		cmocka_unit_test(keys_of_what_is_sent),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
