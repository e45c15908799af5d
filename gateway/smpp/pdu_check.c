/* What is asked of libsmpp34 at every start: one PDU of each kind, written and read. */
#include "gateway/smpp/pdu_library.h"

#include <string.h>

static bool
same_octets(int ours, const uint8_t *a, int theirs, const uint8_t *b)
{
	return ours > 0 && ours == theirs && memcmp(a, b, (size_t)ours) == 0;
}

static const char *
check_out(void)
{
	static const uint32_t binds[] = {PDU_BIND_TRANSCEIVER, PDU_BIND_TRANSMITTER, PDU_BIND_RECEIVER};
	static const uint32_t simple[] = {PDU_ENQUIRE_LINK, PDU_ENQUIRE_LINK_RESP, PDU_UNBIND, PDU_UNBIND_RESP,
		PDU_DELIVER_SM_RESP, PDU_DATA_SM_RESP, PDU_GENERIC_NACK};
	static const uint32_t messages[] = {PDU_SUBMIT_SM, PDU_DATA_SM};
	struct pdu_bind bind = {.sequence = 1, .system_id = "huizhi", .password = "word", .system_type = "type"};
	struct pdu_operate operate = {.sequence = 2, .message_id = "a1b2", .source = "10690001", .dest = "8613900000001"};
	static const uint32_t operations[] = {PDU_QUERY_SM, PDU_CANCEL_SM};
	struct pdu_options options = {0};
	struct pdu_submit s = {.sequence = 0x7fffffff,
		.service_type = "USSD",
		.source_ton = 5,
		.source = "Bureau",
		.dest_ton = 1,
		.dest_npi = 1,
		.dest = "8613900000001",
		.esm_class = 0x40,
		.protocol_id = 1,
		.priority_flag = 2,
		.registered_delivery = 1,
		.data_coding = 8,
		.validity = "260102090000000+",
		.octets = (const uint8_t *)"\5\0\3\7\2\1\x4f\x60",
		.len = 8,
		.options = &options};
	uint8_t a[PDU_ENCODED_MAX], b[PDU_ENCODED_MAX];

	for (size_t i = 0; i < sizeof(binds) / sizeof(binds[0]); i++) {
		bind.command = binds[i];
		if (!same_octets(pdu_encode_bind(&bind, a, sizeof(a)), a, pdu_library_bind(&bind, b, sizeof(b)), b))
			return pdu_command_name(bind.command);
	}
	for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
		if (!same_octets(pdu_encode_simple(simple[i], 0, 7, a, sizeof(a)), a,
				pdu_library_simple(simple[i], 0, 7, b, sizeof(b)), b))
			return pdu_command_name(simple[i]);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		operate.command = operations[i];
		if (!same_octets(pdu_encode_operate(&operate, a, sizeof(a)), a, pdu_library_operate(&operate, b, sizeof(b)), b))
			return pdu_command_name(operate.command);
	}
	pdu_option_number(&options, PDU_TLV_USER_MESSAGE_REFERENCE, 0x1234);
	pdu_option_number(&options, PDU_TLV_ITS_SESSION_INFO, 0x0102);
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		s.command = messages[i];
		if (!same_octets(pdu_encode_submit(&s, a, sizeof(a)), a, pdu_library_submit(&s, b, sizeof(b)), b))
			return pdu_command_name(s.command);
	}
	return NULL;
}

static const char *
check_in(void)
{
	static const struct {
		size_t len;
		const char *octets;
	} samples[] = {
		{44, "\0\0\0\x2c\0\0\0\5\0\0\0\0\0\0\0\1CMT\0\1\1"
			 "861\0\1\1"
			 "106\0\x40\0\0\0\0\0\0\x08\0\2hi"},
		{20, "\0\0\0\x14\x80\0\0\4\0\0\0\0\0\0\0\1"
			 "a1b\0"},
		{21, "\0\0\0\x15\x80\0\0\x09\0\0\0\0\0\0\0\1smsc\0"},
	};
	struct pdu p;

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const uint8_t *octets = (const uint8_t *)samples[i].octets;

		if (pdu_decode(octets, samples[i].len, &p) != PDU_GOOD || pdu_library_read(octets, &p) != PDU_AGREED)
			return pdu_command_name(p.command);
	}
	return NULL;
}

const char *
pdu_library_check(void)
{
	const char *differs = check_out();

	return differs ? differs : check_in();
}
