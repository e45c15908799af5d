/*
 * Wireshark's SMPP dissector, which nobody here wrote, as the judge of every PDU that the gateway writes: each goes
 * through our own capture to tshark, which must find the values that were meant, nothing malformed, nothing to warn
 * of, and a TCP stream without a gap. Broken PDUs among them show that it would say so.
 */
#include "tests/lib/folder.h"
#include "tests/unit/gateway/ussd_help.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/wait.h>
#include <unistd.h>
#include "dialog/text.h"
#include "gateway/smpp/alphabet.h"
#include "gateway/smpp/status.h"
#include "gateway/smpp/wire.h"

#define PORT 2775
#define LIST_MAX 96

/* ---- What is written --------------------------------------------------------------------------------------------- */

/* The columns that are asked for, in this order. */
static const char *const columns[] = {"smpp.command_id", "smpp.sequence_number", "smpp.command_status",
	"smpp.system_id", "smpp.password", "smpp.system_type", "smpp.interface_version", "smpp.service_type",
	"smpp.source_addr_ton", "smpp.source_addr_npi", "smpp.source_addr", "smpp.dest_addr_ton", "smpp.dest_addr_npi",
	"smpp.destination_addr", "smpp.esm.submit.features", "smpp.regdel.receipt", "smpp.validity_period",
	"smpp.data_coding", "smpp.sm_length", "smpp.message", "smpp.message_payload", "smpp.message_id",
	"smpp.ussd_service_op", "smpp.its_session.number", "smpp.its_session.sequence", "smpp.its_session.ind",
	"smpp.user_message_reference", "smpp.receipted_message_id"};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct wanted {
	const char *name;
	const char *values; /* "COLUMN=VALUE ..." in the columns' names without smpp. */
};
static struct wanted list[LIST_MAX];
static size_t nlist;

static char place[256], path[300];
static struct wire *wire;
static struct wire_flow flow;
static struct conf_link conf = {.name = "east",
	.default_alphabet = "gsm7",
	.wire_log = "off",
	.wire_pcap = path,
	.wire_pcap_mb = 8,
	.receipts = true,
	.data_coding_ucs2 = 8};
static uint8_t out[PDU_ENCODED_MAX];

static void
wrote(const char *name, int n, const char *values)
{
	if (n <= 0)
		fail_msg("%s could not be written", name);
	assert_true(nlist < LIST_MAX);
	list[nlist++] = (struct wanted){name, values};
	wire_pdu(wire, &flow, true, out, (size_t)n);
}

static void
write_session(void)
{
	static const struct {
		uint32_t command;
		const char *name, *values;
	} binds[] = {
		{PDU_BIND_RECEIVER, "bind_receiver",
			"command_id=0x00000001 sequence_number=1 system_id=huizhi password=****** "
			"system_type=VMA interface_version=52"},
		{PDU_BIND_TRANSMITTER, "bind_transmitter", "command_id=0x00000002 sequence_number=1 system_id=huizhi"},
		{PDU_BIND_TRANSCEIVER, "bind_transceiver", "command_id=0x00000009 sequence_number=1 system_id=huizhi"},
	};
	static const struct {
		uint32_t command, status;
		const char *name, *values;
	} headers[] = {
		{PDU_ENQUIRE_LINK, 0, "enquire_link", "command_id=0x00000015 sequence_number=7"},
		{PDU_ENQUIRE_LINK_RESP, 0, "enquire_link_resp", "command_id=0x80000015 sequence_number=7"},
		{PDU_UNBIND, 0, "unbind", "command_id=0x00000006 sequence_number=7"},
		{PDU_UNBIND_RESP, 0, "unbind_resp", "command_id=0x80000006 sequence_number=7"},
		{PDU_DELIVER_SM_RESP, 0, "deliver_sm_resp",
			"command_id=0x80000005 sequence_number=7 command_status=0x00000000"},
		{PDU_DELIVER_SM_RESP, STATUS_COME_AGAIN, "deliver_sm_resp, come again",
			"command_id=0x80000005 command_status=0x00000064"},
		{PDU_DELIVER_SM_RESP, STATUS_INVALID_COMMAND_LENGTH, "deliver_sm_resp, a field does not fit",
			"command_status=0x00000002"},
		{PDU_DELIVER_SM_RESP, STATUS_BAD_OPTIONS, "deliver_sm_resp, bad options", "command_status=0x000000c0"},
		{PDU_DELIVER_SM_RESP, STATUS_WRONG_BIND_STATE, "deliver_sm_resp, wrong bind", "command_status=0x00000004"},
		{PDU_DATA_SM_RESP, 0, "data_sm_resp", "command_id=0x80000103 sequence_number=7"},
		{PDU_DATA_SM_RESP, STATUS_COME_AGAIN, "data_sm_resp, come again",
			"command_id=0x80000103 command_status=0x00000064"},
		{PDU_GENERIC_NACK, STATUS_INVALID_COMMAND, "generic_nack", "command_id=0x80000000 command_status=0x00000003"},
		{PDU_GENERIC_NACK, STATUS_INVALID_COMMAND_LENGTH, "generic_nack, length",
			"command_id=0x80000000 command_status=0x00000002"},
	};
	struct pdu_bind b = {.sequence = 1, .system_id = "huizhi", .password = "secret", .system_type = "VMA"};

	for (size_t i = 0; i < sizeof(binds) / sizeof(binds[0]); i++) {
		b.command = binds[i].command;
		wrote(binds[i].name, pdu_encode_bind(&b, out, sizeof(out)), binds[i].values);
	}
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		wrote(headers[i].name, pdu_encode_simple(headers[i].command, headers[i].status, 7, out, sizeof(out)),
			headers[i].values);
	wrote("generic_nack, sequence 0",
		pdu_encode_simple(PDU_GENERIC_NACK, STATUS_INVALID_COMMAND_LENGTH, 0, out, sizeof(out)), "sequence_number=0");
	wrote("the highest sequence", pdu_encode_simple(PDU_ENQUIRE_LINK_RESP, 0, UINT32_MAX, out, sizeof(out)),
		"sequence_number=4294967295");
}

/* A text as the sender splits and encodes it, each part a PDU. */
static void
write_text_on(const struct conf_link *link, const char *name, const char *text, const char *const values[])
{
	static struct alphabet alphabet;
	struct text_parts parts;
	struct text_wire w;
	struct link_part p = {.dest = "+8613800000001", .source = "10690001", .receipt = true, .validity = 3600};
	uint32_t refused;

	alphabet_of(link, &alphabet);
	assert_int_equal(text_split_by(&alphabet.out, text, strlen(text), &parts), 0);
	for (int i = 0; i < parts.count; i++) {
		assert_int_equal(text_part_encode(text, strlen(text), &parts, i, 0x5a, &w), 0);
		p.data_coding = w.data_coding;
		p.udh = w.udh;
		p.octets = w.octets;
		p.len = w.len;
		wrote(name, submit_encode(&p, link, 100 + (uint32_t)i, 1767312000, out, sizeof(out), &refused), values[i]);
	}
}

static void
write_text(const char *name, const char *text, const char *const values[])
{
	write_text_on(&conf, name, text, values);
}

/* As a link may have it in its configuration. */
static void
write_links(void)
{
	static const char *turkish[] = {"turkish"};
	static const char words[] = "Başvurunuz için teşekkür ederiz. Ruhsatınızın süresi yakında doluyor; yenilemek ister "
								"misiniz? Yanıtınızı bekliyoruz.";
	struct conf_link link = conf;

	link.submit_with = "data_sm";
	write_text_on(&link, "a text as data_sm", "hi",
		(const char *const[]){"command_id=0x00000103 source_addr=10690001 regdel.receipt=0x01 message_payload=6869"});
	link = conf;
	link.gsm7_packed = true;
	write_text_on(
		&link, "packed septets", "hellohello", (const char *const[]){"sm_length=9 message=e8329bfd4697d9ec37"});
	link = conf;
	link.service_type = "VMA";
	link.source_ton = "3";
	link.dest_npi = "9";
	link.default_alphabet = "latin1";
	link.data_coding_gsm7 = 3;
	write_text_on(&link, "Latin-1, types of number", "é@",
		(const char *const[]){
			"service_type=VMA source_addr_ton=0x03 dest_addr_npi=0x09 data_coding=0x03 message=e940"});
	link = conf;
	link.national_shift = turkish;
	link.nnational_shift = 1;
	write_text_on(&link, "the Turkish tables", words,
		(const char *const[]){
			"esm.submit.features=0x01 data_coding=0x00", "esm.submit.features=0x01 data_coding=0x00"});
}

static void
write_texts(void)
{
	static const char hundred[] =
		"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
	char two[201], ucs2[3 * 100 + 1] = "";
	struct link_part p = {.dest = "+8613800000001", .source = "Bureau", .octets = (const uint8_t *)"hi", .len = 2};
	uint8_t octets[254];
	uint32_t refused;

	write_text("submit_sm, GSM-7", "Hello {you} @home",
		(const char *const[]){
			"command_id=0x00000004 sequence_number=100 service_type=(Default) source_addr_ton=0x00 "
			"source_addr_npi=0x01 "
			"source_addr=10690001 dest_addr_ton=0x01 dest_addr_npi=0x01 destination_addr=8613800000001 "
			"esm.submit.features=0x00 regdel.receipt=0x01 data_coding=0x00 sm_length=19 "
			"message=48656c6c6f201b28796f751b292000686f6d65 validity_period=*"});
	snprintf(two, sizeof(two), "%s%s", hundred, hundred);
	write_text("submit_sm, GSM-7 in two parts", two,
		(const char *const[]){"esm.submit.features=0x01 sm_length=159 data_coding=0x00",
			"esm.submit.features=0x01 sm_length=53 data_coding=0x00"});
	write_text("submit_sm, UCS-2 with a surrogate pair", "你好😀",
		(const char *const[]){"data_coding=0x08 sm_length=8 message=4f60597dd83dde00"});
	for (int i = 0; i < 100; i++)
		memcpy(ucs2 + strlen(ucs2), "证", 4);
	write_text("submit_sm, UCS-2 in two parts", ucs2,
		(const char *const[]){
			"esm.submit.features=0x01 data_coding=0x08 sm_length=140", "esm.submit.features=0x01 sm_length=72"});
	wrote("submit_sm, a name as source", submit_encode(&p, &conf, 3, 0, out, sizeof(out), &refused),
		"source_addr_ton=0x05 source_addr_npi=0x00 source_addr=Bureau regdel.receipt=0x00 message=6869");
	p.len = 0;
	wrote("submit_sm, empty", submit_encode(&p, &conf, 3, 0, out, sizeof(out), &refused), "sm_length=0");
	p.octets = octets;
	p.len = sizeof(octets);
	memset(octets, 0x80, sizeof(octets));
	p.data_coding = 4;
	wrote("submit_sm, 254 octets of data", submit_encode(&p, &conf, 3, 0, out, sizeof(out), &refused),
		"sm_length=254 data_coding=0x04");
}

static void
write_options(void)
{
	struct pdu_operate query = {.command = PDU_QUERY_SM,
						   .sequence = 11,
						   .message_id = "a1b2",
						   .source_npi = 1,
						   .source = "10690001"},
					   cancel = {.command = PDU_CANCEL_SM,
						   .sequence = 12,
						   .message_id = "a1b2",
						   .source_npi = 1,
						   .source = "10690001",
						   .dest_ton = 1,
						   .dest_npi = 1,
						   .dest = "8613800000001"};
	struct pdu_options o = {0};
	struct pdu_submit s = {.sequence = 9,
		.source = "1069",
		.dest = "8613800000001",
		.dest_ton = 1,
		.dest_npi = 1,
		.octets = (const uint8_t *)"payload",
		.len = 7,
		.payload = true};

	wrote("submit_sm, message_payload", pdu_encode_submit(&s, out, sizeof(out)),
		"sm_length=0 message_payload=7061796c6f6164");
	s.command = PDU_DATA_SM;
	wrote("data_sm", pdu_encode_submit(&s, out, sizeof(out)),
		"command_id=0x00000103 source_addr=1069 destination_addr=8613800000001 message_payload=7061796c6f6164");
	wrote("query_sm", pdu_encode_operate(&query, out, sizeof(out)),
		"command_id=0x00000003 sequence_number=11 message_id=a1b2 source_addr=10690001");
	wrote("cancel_sm", pdu_encode_operate(&cancel, out, sizeof(out)),
		"command_id=0x00000008 sequence_number=12 message_id=a1b2 source_addr=10690001 destination_addr=8613800000001");
	pdu_option_number(&o, PDU_TLV_USER_MESSAGE_REFERENCE, 0x1234);
	pdu_option_number(&o, PDU_TLV_SAR_REFERENCE, 7);
	pdu_option_number(&o, PDU_TLV_SAR_TOTAL, 2);
	pdu_option_number(&o, PDU_TLV_SAR_PART, 1);
	pdu_option_string(&o, PDU_TLV_RECEIPTED_MESSAGE_ID, "session-1");
	pdu_option_number(&o, PDU_TLV_USSD_SERVICE_OP, 2);
	pdu_option_number(&o, PDU_TLV_ITS_SESSION_INFO, 0x1a05);
	s.options = &o;
	wrote("data_sm, optional parameters", pdu_encode_submit(&s, out, sizeof(out)),
		"user_message_reference=0x1234 receipted_message_id=session-1 ussd_service_op=2 its_session.number=26 "
		"its_session.sequence=0x02 its_session.ind=0x01");
}

/* Everything that every shipped profile can say, into sessions as its carrier would have opened them. */
static void
write_ussd(void)
{
	static const char *const says[] = {"a menu", "an end", "a pushed menu", "a pushed note", "a release"};
	static char names[64][64];
	static size_t nnames;

	for (size_t i = 0; i < loaded->nprofiles; i++) {
		use_of(loaded, loaded->profiles[i].name);
		for (enum ussd_say say = USSD_MENU; say < USSD_SAYS; say++) {
			bool push = say == USSD_PUSH_MENU || say == USSD_PUSH_NOTE;
			struct ussd_out o = {.say = say, .session = push ? "" : "8613800000001:1a00", .state = "", .code = ""};
			struct link_part p = {
				.dest = "+8613800000001", .source = "10690", .octets = (const uint8_t *)"1 Yes", .len = 5, .ussd = &o};
			uint32_t refused;
			const char *reason;
			int n = submit_encode_ussd(&p, &conf, profile, 20 + (uint32_t)say, out, sizeof(out), &refused, &reason);

			if (n <= 0)
				continue; /* not every carrier can */
			assert_true(nnames < 64);
			snprintf(names[nnames], sizeof(names[0]), "USSD %s: %s", profile->name, says[say]);
			wrote(names[nnames++], n,
				profile->data_sm ? "command_id=0x00000103 ussd_service_op=*"
								 : "command_id=0x00000004 ussd_service_op=*");
		}
	}
	assert_true(nnames > 14);
}

/* ---- The judge -----------------------------------------------------------------------------------------------------
 */

static int
open_capture(void **state)
{
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(40000)},
					   peer = {.sin_family = AF_INET, .sin_port = htons(PORT)};

	local.sin_addr.s_addr = peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (load_profiles(state) != 0 || folder_make(place, sizeof(place), "dissect") != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/east.pcap", place);
	wire = wire_new(&conf);
	wire_set_detail(wire, WIRE_FULL); /* or the capture would star out what is looked for */
	flow.known = true;
	pcap_flow_begin(&flow.pcap, (struct sockaddr *)&local, (struct sockaddr *)&peer);
	nlist = 0;
	return 0;
}

static int
drop_capture(void **state)
{
	wire_free(wire);
	unlink(path);
	rmdir(place);
	return free_profiles(state);
}

/* Reads what tshark prints of the capture into `text`, which the next call overwrites. */
static char *
tshark(const char *arguments)
{
	static char text[1 << 20], command[4096];
	size_t n;
	FILE *in;
	int rc;

	/* A home of its own: neither a user's settings nor root's absence of one must matter. */
	snprintf(command, sizeof(command),
		"HOME=%s WIRESHARK_CONFIG_DIR=%s tshark -n -r %s -d tcp.port==%d,smpp -o tcp.check_checksum:TRUE -o "
		"ip.check_checksum:TRUE %s "
		"2>%s/errors",
		place, place, path, PORT, arguments, place);
	in = popen(command, "r");
	assert_non_null(in);
	n = fread(text, 1, sizeof(text) - 1, in);
	text[n] = '\0';
	rc = pclose(in);
	if (rc != 0) {
		snprintf(command, sizeof(command), "cat %s/errors >&2", place);
		(void)!system(command);
		fail_msg("tshark ended with %d", WEXITSTATUS(rc));
	}
	snprintf(command, sizeof(command), "%s/errors", place);
	unlink(command);
	return text;
}

#define FAULTS                                                                                                         \
	"-Y '_ws.malformed || _ws.expert.severity >= 0x600000 || tcp.analysis.flags || smpp.message_payload.duplicate' "   \
	"-T fields "                                                                                                       \
	"-e frame.number -e _ws.col.Info -e _ws.expert.message"

static void
assert_value(const struct wanted *w, const char *column, const char *found, const char *value, size_t len)
{
	if (len == 1 && *value == '*') {
		if (!*found)
			fail_msg("%s: tshark finds no %s", w->name, column);
	} else if (strlen(found) != len || strncmp(found, value, len) != 0) {
		fail_msg("%s: %s is \"%s\", wanted \"%.*s\"", w->name, column, found, (int)len, value);
	}
}

/* One line of tshark's against what was wanted of it. */
static void
assert_line(const struct wanted *w, char *line)
{
	char *cells[COLUMNS];

	for (size_t i = 0; i < COLUMNS; i++)
		cells[i] = strsep(&line, "\t");
	assert_null(line);
	for (const char *p = w->values; *p; p += strspn(p, " ")) {
		size_t name = strcspn(p, "="), value = strcspn(p + name + 1, " "), i = 0;

		while (i < COLUMNS && (strlen(columns[i]) != 5 + name || strncmp(columns[i] + 5, p, name) != 0))
			i++;
		if (i == COLUMNS)
			fail_msg("%s: no column %.*s", w->name, (int)name, p);
		assert_value(w, columns[i], cells[i] ? cells[i] : "", p + name + 1, value);
		p += name + 1 + value;
	}
}

static void
tshark_reads_what_was_meant(void **state)
{
	char arguments[2048] = "-Y smpp -T fields -E occurrence=f", *text, *line;
	size_t n = 0;

	(void)state;
	write_session();
	write_texts();
	write_links();
	write_options();
	write_ussd();
	wire_end(wire, &flow, true);
	for (size_t i = 0; i < COLUMNS; i++)
		snprintf(arguments + strlen(arguments), sizeof(arguments) - strlen(arguments), " -e %s", columns[i]);
	text = tshark(arguments);
	while ((line = strsep(&text, "\n")) != NULL && *line) {
		assert_true(n < nlist);
		assert_line(&list[n++], line);
	}
	assert_int_equal(n, nlist);
	assert_string_equal(tshark(FAULTS), "");
	assert_string_equal(
		tshark("-Y 'ip.checksum.status != 1 || tcp.checksum.status != 1' -T fields -e frame.number"), "");
}

/* The judge sees what is broken: a length that lies, a text that is cut, a parameter that runs over the end. */
static void
tshark_finds_what_is_broken(void **state)
{
	static const struct {
		const char *name;
		uint32_t command;
		const char *body;
	} broken[] = {
		{"a text that is cut", PDU_SUBMIT_SM, "00 0001 3100 0101 3200 000000 00 00 00000000 09 6869"},
		{"a parameter over the end", PDU_DATA_SM, "00 0001 3100 0101 3200 000000 0424 00ff 6869"},
		{"a string without an end", PDU_BIND_TRANSCEIVER, "687569"},
	};

	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct octets o = pdu(broken[i].command, 0, 1, broken[i].body);

		drop_capture(state);
		assert_int_equal(open_capture(state), 0);
		wire_pdu(wire, &flow, true, o.at, o.len);
		if (!*tshark(FAULTS))
			fail_msg("tshark finds nothing wrong with %s", broken[i].name);
		free(o.at);
	}
}

/* The other direction, IPv6, and a PDU of several segments: streams that Wireshark follows without a complaint. */
static void
tshark_follows_the_stream(void **state)
{
	struct sockaddr_in6 local = {.sin6_family = AF_INET6, .sin6_port = htons(40001)},
						peer = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
	static uint8_t text[60000], big[PDU_MAX];
	struct pdu_submit s = {
		.sequence = 5, .source = "8613800000001", .dest = "1069", .octets = text, .len = sizeof(text), .payload = true};
	char *lines;
	int n;

	(void)state;
	memset(text, 'x', sizeof(text));
	local.sin6_addr = peer.sin6_addr = in6addr_loopback;
	pcap_flow_begin(&flow.pcap, (struct sockaddr *)&local, (struct sockaddr *)&peer);
	n = pdu_encode_submit(&s, big, sizeof(big));
	assert_true(n > 60000);
	big[7] = PDU_DELIVER_SM;
	for (int i = 0; i < 4; i++) {
		wire_pdu(wire, &flow, false, big, (size_t)n);
		wire_pdu(wire, &flow, true, out, (size_t)pdu_encode_simple(PDU_DELIVER_SM_RESP, 0, 5, out, sizeof(out)));
	}
	wire_end(wire, &flow, false);
	lines = tshark("-Y smpp -T fields -e smpp.command_id -e ipv6.src -e tcp.len");
	for (int i = 0; i < 4; i++) {
		assert_int_equal(strncmp(strsep(&lines, "\n"), "0x00000005\t::1", 14), 0);
		assert_int_equal(strncmp(strsep(&lines, "\n"), "0x80000005\t::1\t17", 17), 0);
	}
	assert_string_equal(lines, "");
	assert_string_equal(tshark(FAULTS), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tshark_reads_what_was_meant, open_capture, drop_capture),
		cmocka_unit_test_setup_teardown(tshark_finds_what_is_broken, open_capture, drop_capture),
		cmocka_unit_test_setup_teardown(tshark_follows_the_stream, open_capture, drop_capture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
