/*
 * Receipts of any kind: the first octet is the esm_class, the second says how many octets are a TLV's value, the rest
 * is text. The keys of whatever id comes out are made too.
 *
 * links: gateway/smpp/receipt.c gateway/smpp/pdu.c gateway/smpp/pdu_tlv.c gateway/smpp/carrier_id.c
 */
#include "gateway/smpp/carrier_id.h"
#include "gateway/smpp/receipt.h"
#include "tests/fuzz/fuzz.h"

static void
check_keys(const char *id)
{
	static struct carrier_id_learnt learnt;
	char response[CARRIER_KEY_MAX], receipt[CARRIER_KEY_MAX];

	for (enum carrier_id_setting s = CARRIER_ID_AUTO; s <= CARRIER_ID_DECIMAL; s++) {
		carrier_id_response_key(s, id, response, sizeof(response));
		must(memchr(response, 0, sizeof(response)));
		carrier_id_receipt_key(s, &learnt, id, "+8613900000001", receipt, sizeof(receipt));
		must(memchr(receipt, 0, sizeof(receipt)));
		if (s == CARRIER_ID_VERBATIM)
			must(strcmp(response, receipt) == 0);
		if (s == CARRIER_ID_AUTO)
			carrier_id_remember(&learnt, response, "+8613900000001");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char states[] = "DELIVRD EXPIRED DELETED UNDELIV ACCEPTD UNKNOWN REJECTD ENROUTE BUFFERD";
	struct pdu p = {.command = PDU_DELIVER_SM};
	struct receipt r;
	uint8_t *text;
	size_t value;

	if (size < 2)
		return 0;
	value = data[1] < size - 2 ? data[1] : size - 2;
	text = malloc(size - 2 ? size - 2 : 1);
	memcpy(text, data + 2, size - 2);
	p.esm_class = data[0];
	p.tlvs[0] = (struct pdu_tlv){PDU_TLV_RECEIPTED_MESSAGE_ID, (uint16_t)value, text};
	p.tlvs[1] = (struct pdu_tlv){PDU_TLV_MESSAGE_STATE, (uint16_t)(value > 4 ? 1 : value), text};
	p.tlvs[2] = (struct pdu_tlv){PDU_TLV_NETWORK_ERROR_CODE, (uint16_t)(value > 3 ? 3 : value), text};
	p.ntlvs = data[0] & 3;
	p.message = text + value;
	p.message_len = size - 2 - value;
	if (receipt_read(&p, &r)) {
		must(memchr(r.id, 0, sizeof(r.id)) && memchr(r.error, 0, sizeof(r.error)));
		must(strlen(r.state) == 7 && strstr(states, r.state));
		receipt_is_final(r.state);
		check_keys(r.id);
	}
	free(text);
	return 0;
}
