/* A part as a submit_sm or data_sm: what the carrier reads in its fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/conf.h"
#include "gateway/smpp/link.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/status.h"
#include "gateway/smpp/submit.h"

static uint8_t out[PDU_ENCODED_MAX];
static uint32_t status;
static struct conf_link conf = {.name = "east"};

static struct pdu
encode(const struct link_part *part, bool receipts)
{
	int n;
	struct pdu p;

	conf.receipts = receipts;
	n = submit_encode(part, &conf, 7, 1767258000, out, sizeof(out), &status);
	assert_true(n > 0);
	assert_int_equal(status, 0);
	assert_int_equal(pdu_decode(out, (size_t)n, &p), PDU_GOOD);
	assert_int_equal(p.sequence, 7);
	return p;
}

static void
addresses(void **state)
{
	struct link_part part = {.source = "10690001", .dest = "+8613900000001", .octets = (const uint8_t *)"Y", .len = 1};
	struct pdu p = encode(&part, true);

	(void)state;
	assert_string_equal(p.source, "10690001");
	assert_int_equal(p.source_ton, 0);
	assert_int_equal(p.source_npi, 1);
	assert_string_equal(p.dest, "8613900000001");
	assert_int_equal(p.dest_ton, 1);
	assert_int_equal(p.dest_npi, 1);
	part.source = "Wendeng Gov"; /* eleven characters */
	p = encode(&part, true);
	assert_string_equal(p.source, "Wendeng Gov");
	assert_int_equal(p.source_ton, 5);
	assert_int_equal(p.source_npi, 0);
	part.source = "+8610000";
	p = encode(&part, true);
	assert_string_equal(p.source, "8610000");
	assert_int_equal(p.source_ton, 1);
}

static void
flags(void **state)
{
	struct link_part part = {.source = "1", .dest = "+861", .octets = (const uint8_t *)"Y", .len = 1, .data_coding = 8};
	struct pdu p = encode(&part, true);

	(void)state;
	assert_int_equal(p.esm_class, 0);
	assert_int_equal(p.registered_delivery, 0);
	assert_int_equal(p.data_coding, 8);
	assert_string_equal(p.validity, "");
	part.udh = part.receipt = true;
	part.validity = 86400;
	p = encode(&part, true);
	assert_int_equal(p.esm_class, PDU_ESM_UDHI);
	assert_int_equal(p.registered_delivery, 1);
	assert_string_equal(p.validity, "260102090000000+");
	p = encode(&part, false); /* a link that wants no receipts */
	assert_int_equal(p.registered_delivery, 0);
}

static void
what_cannot_be_written(void **state)
{
	uint8_t octets[255] = {0};
	struct link_part part = {.source = "A name too long", .dest = "+861", .octets = octets, .len = 1};

	(void)state;
	assert_int_equal(submit_encode(&part, &conf, 7, 0, out, sizeof(out), &status), -1);
	assert_int_equal(status, STATUS_INVALID_SOURCE);
	part.source = "123456789012345678901";
	assert_int_equal(submit_encode(&part, &conf, 7, 0, out, sizeof(out), &status), -1);
	assert_int_equal(status, STATUS_INVALID_SOURCE);
	part.source = "1";
	part.dest = "";
	assert_int_equal(submit_encode(&part, &conf, 7, 0, out, sizeof(out), &status), -1);
	assert_int_equal(status, STATUS_INVALID_DESTINATION);
	part.dest = "+123456789012345678901";
	assert_int_equal(submit_encode(&part, &conf, 7, 0, out, sizeof(out), &status), -1);
	assert_int_equal(status, STATUS_INVALID_DESTINATION);
	part.dest = "+12345678901234567890";
	part.len = 255;
	assert_int_equal(submit_encode(&part, &conf, 7, 0, out, sizeof(out), &status), -1);
	assert_int_equal(status, STATUS_INVALID_MESSAGE_LENGTH);
	part.len = 254;
	assert_true(submit_encode(&part, &conf, 7, 0, out, sizeof(out), &status) > 0);
}

static void
data_sm_and_payload(void **state)
{
	static const uint8_t octets[LINK_PART_MAX + 1] = {'Y'};
	static uint8_t wide[LINK_PART_MAX + 256];
	struct link_part part = {
		.source = "1", .dest = "+861", .octets = octets, .len = 3, .validity = 3600, .receipt = true};
	struct pdu p;
	uint32_t seconds;
	int n;

	(void)state;
	conf.submit_with = "data_sm";
	p = encode(&part, true);
	assert_int_equal(p.command, PDU_DATA_SM);
	assert_int_equal(p.message_len, 3);
	assert_non_null(pdu_tlv(&p, PDU_TLV_MESSAGE_PAYLOAD));
	assert_true(pdu_tlv_number(&p, PDU_TLV_QOS_TIME_TO_LIVE, &seconds));
	assert_int_equal(seconds, 3600);
	assert_int_equal(p.registered_delivery, 1);
	conf.submit_with = "submit_sm";
	conf.long_text = "payload";
	part.len = 255;
	p = encode(&part, true);
	assert_int_equal(p.command, PDU_SUBMIT_SM);
	assert_int_equal(p.message_len, 255);
	assert_non_null(pdu_tlv(&p, PDU_TLV_MESSAGE_PAYLOAD));
	part.len = 254; /* what fits short_message goes there */
	p = encode(&part, true);
	assert_null(pdu_tlv(&p, PDU_TLV_MESSAGE_PAYLOAD));
	part.len = LINK_PART_MAX;
	n = submit_encode(&part, &conf, 7, 0, wide, sizeof(wide), &status);
	assert_true(n > LINK_PART_MAX);
	assert_int_equal(pdu_decode(wide, (size_t)n, &p), PDU_GOOD);
	assert_int_equal(p.message_len, LINK_PART_MAX);
	part.len = LINK_PART_MAX + 1;
	assert_int_equal(submit_encode(&part, &conf, 7, 0, wide, sizeof(wide), &status), -1);
	assert_int_equal(status, STATUS_INVALID_MESSAGE_LENGTH);
	conf.long_text = NULL;
}

static void
types_of_number_by_configuration(void **state)
{
	struct link_part part = {.source = "10690001", .dest = "+861", .octets = (const uint8_t *)"Y", .len = 1};
	struct pdu p;

	(void)state;
	conf.source_ton = "3";
	conf.source_npi = "0";
	conf.dest_ton = "2";
	conf.dest_npi = "auto";
	conf.service_type = "CMT";
	p = encode(&part, true);
	assert_int_equal(p.source_ton, 3);
	assert_int_equal(p.source_npi, 0);
	assert_int_equal(p.dest_ton, 2);
	assert_int_equal(p.dest_npi, 1);
	assert_string_equal(p.service_type, "CMT");
	part.source = "Wendeng"; /* a name stays one */
	p = encode(&part, true);
	assert_int_equal(p.source_ton, 5);
	assert_int_equal(p.source_npi, 0);
	conf = (struct conf_link){.name = "east"};
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(flags),
		cmocka_unit_test(what_cannot_be_written),
		cmocka_unit_test(data_sm_and_payload),
		cmocka_unit_test(types_of_number_by_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
