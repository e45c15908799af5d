/* What the tests of USSD profiles share: a profile in use, a carrier's PDU heard by it, and what is said back. */
#ifndef TESTS_UNIT_GATEWAY_USSD_HELP_H
#define TESTS_UNIT_GATEWAY_USSD_HELP_H

#include "tests/unit/gateway/conf_help.h"

#include "gateway/smpp/link.h"
#include "gateway/smpp/submit.h"
#include "gateway/smpp/ussd.h"
#include "tests/unit/gateway/octets.h"

#define OP(hex) " 0501 0001 " hex
#define ITS(hex) " 1383 0002 " hex
#define REFERENCE(hex) " 0204 0002 " hex
#define RECEIPTED(hex) " 001e 0007 " hex "00"
#define PAYLOAD(length, hex) " 0424 " length " " hex
static struct conf *loaded;
static struct ussd_profile made;
static const struct ussd_profile *profile;
static struct ussd_reading reading;
static struct link_part part;
static bool pushed;
static uint8_t written[PDU_ENCODED_MAX];
static uint32_t status;
static const char *why;
static const struct conf_link plain = {.name = "east"};

static inline int
load_profiles(void **state)
{
	(void)state;
	loaded = conf_load("conf/minimal.conf", stderr);
	return loaded == NULL ? -1 : 0;
}

static inline int
free_profiles(void **state)
{
	(void)state;
	conf_free(loaded);
	return 0;
}

static inline int
begin(void **state)
{
	(void)state;
	profile = NULL;
	pushed = false;
	part = (struct link_part){.source = "10690", .dest = "+8613800000001", .part = 1, .parts = 1};
	memset(&reading, 0, sizeof reading);
	return 0;
}

static inline void
use_of(const struct conf *c, const char *name)
{
	const struct conf_profile *p = conf_profile_by_name(c, name);
	const char *key;
	char wrong[128];
	if (p == NULL)
		fail_msg("there is no profile %s", name);
	assert_int_equal(ussd_profile_make(p, &made, &key, wrong, sizeof wrong), 0);
	profile = &made;
}

static inline void
use(const char *name)
{
	use_of(loaded, name);
}

static inline void
append_hex(char *hex, const void *octets, size_t len)
{
	for (size_t i = 0; i < len; i++)
		snprintf(hex + strlen(hex), 3, "%02x", ((const uint8_t *)octets)[i]);
}

static inline bool
read_body(uint32_t command, const char *body)
{
	struct octets o = pdu(command, 0, 5, body);
	struct pdu p;
	assert_int_equal(decode(o, &p), PDU_GOOD);
	bool heard = ussd_read(profile, &p, TEXT_CODING_GSM7, &reading);
	free(o.at);
	return heard;
}

/* A deliver_sm from its octets up to sm_length, its text's octets and its optional parameters. */
static inline bool
is_ussd(const char *head, const char *text, const char *tlvs)
{
	char body[4096] = "";
	struct octets t = raw(text);
	uint8_t length = (uint8_t)t.len;
	append(body, head);
	append_hex(body, &length, 1);
	append_hex(body, t.at, t.len);
	append(body, tlvs);
	free(t.at);
	return read_body(PDU_DELIVER_SM, body);
}

static inline void
hear_head(const char *head, const char *text, const char *tlvs)
{
	assert_true(is_ussd(head, text, tlvs));
}

/* From phone 8613800000001 to this address, both international. */
static inline void
hear(const char *address, const char *text, const char *tlvs)
{
	char head[256] = "5553534400 01 01 3836313338303030303030303100 01 01 ";
	append_hex(head, address, strlen(address) + 1);
	append(head, " 00 00 00 00 00 00 00 00 00 ");
	hear_head(head, text, tlvs);
}

static inline void
hear_data(const char *address, const char *tlvs)
{
	char body[512] = "5553534400 01 01 3836313338303030303030303100 01 01 ";
	append_hex(body, address, strlen(address) + 1);
	append(body, " 00 00 00 ");
	append(body, tlvs);
	assert_true(read_body(PDU_DATA_SM, body));
}

static inline void
assert_event(enum ussd_event event, const char *session, const char *code)
{
	assert_string_equal(reading.why, "");
	assert_int_equal(reading.in.event, event);
	assert_string_equal(reading.in.session, session);
	assert_string_equal(reading.in.code, code);
	assert_int_equal(reading.in.ended, reading.in.reason[0] != '\0');
}

static inline void
assert_none(uint32_t refusal, const char *words)
{
	assert_int_equal(reading.in.event, USSD_NONE);
	assert_string_equal(reading.why, words);
	assert_int_equal(reading.status, refusal);
}

/* Encodes what is in part as an answer in the session that was heard last. */
static inline int
encode(enum ussd_say say)
{
	struct ussd_out out = {
		.say = say, .session = reading.session, .state = reading.state, .code = "", .pushed = pushed};
	part.ussd = &out;
	int n = submit_encode_ussd(&part, &plain, profile, 7, written, sizeof written, &status, &why);
	part.ussd = NULL;
	return n;
}

static inline void
put_text(const char *text)
{
	part.octets = (const uint8_t *)text;
	part.len = strlen(text);
	part.data_coding = 0;
}

/* The whole PDU but its length, which is proven against the octets. */
static inline void
assert_hex(int n, const char *hex)
{
	struct octets expected = raw(hex);
	char is[2048] = "", should[2048] = "";
	assert_true(n > 4);
	assert_int_equal(written[2] << 8 | written[3], n);
	append_hex(is, written + 4, (size_t)n - 4);
	append_hex(should, expected.at, expected.len);
	free(expected.at);
	assert_string_equal(is, should);
}

static inline void
assert_said(enum ussd_say say, const char *text, const char *hex)
{
	put_text(text);
	assert_hex(encode(say), hex);
}

/* The end of the PDU: sm_length, text and optional parameters. */
static inline void
assert_tail(enum ussd_say say, const char *text, const char *hex)
{
	struct octets expected = raw(hex);
	char is[2048] = "", should[2048] = "";
	put_text(text);
	int n = encode(say);
	assert_true(n > (int)expected.len);
	append_hex(is, written + n - expected.len, expected.len);
	append_hex(should, expected.at, expected.len);
	free(expected.at);
	assert_string_equal(is, should);
	/* Nothing stands between the fixed fields and it: the mandatory part ends where SMPP says. */
	struct pdu p;
	assert_int_equal(pdu_decode(written, (size_t)n, &p), PDU_GOOD);
	assert_int_equal(p.message_len, say == USSD_RELEASE ? 0 : strlen(text));
}

/* A push has no session; hex: the body. */
static inline void
assert_push(enum ussd_say say, const char *code, const char *text, const char *hex)
{
	struct ussd_out out = {.say = say, .session = "", .state = "", .code = code};
	char whole[1024] = "00000004 00000000 00000007 ";
	append(whole, hex);
	put_text(text);
	part.ussd = &out;
	int n = submit_encode_ussd(&part, &plain, profile, 7, written, sizeof written, &status, &why);
	part.ussd = NULL;
	assert_hex(n, whole);
}

static inline void
assert_refused(enum ussd_say say, uint32_t refusal, const char *words)
{
	assert_int_equal(encode(say), -1);
	assert_string_equal(why, words);
	assert_int_equal(status, refusal);
}

#endif
