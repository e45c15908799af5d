/* A part as a submit_sm: what the carrier reads in its fields; and what a status is taken for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "gateway/smpp/link.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/status.h"
#include "gateway/smpp/submit.h"

static uint8_t out[PDU_ENCODED_MAX];
static uint32_t status;

static struct pdu
encode(const struct link_part *part, bool receipts)
{
	int n = submit_encode(part, 7, receipts, 1767258000, out, sizeof(out), &status);
	struct pdu p;

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
	assert_int_equal(submit_encode(&part, 7, true, 0, out, sizeof(out), &status), -1);
	assert_int_equal(status, STATUS_INVALID_SOURCE);
	part.source = "123456789012345678901";
	assert_int_equal(submit_encode(&part, 7, true, 0, out, sizeof(out), &status), -1);
	assert_int_equal(status, STATUS_INVALID_SOURCE);
	part.source = "1";
	part.dest = "";
	assert_int_equal(submit_encode(&part, 7, true, 0, out, sizeof(out), &status), -1);
	assert_int_equal(status, STATUS_INVALID_DESTINATION);
	part.dest = "+123456789012345678901";
	assert_int_equal(submit_encode(&part, 7, true, 0, out, sizeof(out), &status), -1);
	assert_int_equal(status, STATUS_INVALID_DESTINATION);
	part.dest = "+12345678901234567890";
	part.len = 255;
	assert_int_equal(submit_encode(&part, 7, true, 0, out, sizeof(out), &status), -1);
	assert_int_equal(status, STATUS_INVALID_MESSAGE_LENGTH);
	part.len = 254;
	assert_true(submit_encode(&part, 7, true, 0, out, sizeof(out), &status) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(flags),
		cmocka_unit_test(what_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
