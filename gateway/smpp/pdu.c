/* Inbound: walks every octet of a peer's PDU with bounds. SMPP 3.4, chapters 3 to 5. */
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/pdu_walk.h"

#include <stddef.h>
#include <string.h>

/*
 * Optional parameters from `at` to `end` (SMPP 3.4, 3.2.4). They must tile the rest; one stray NUL behind them is what
 * some carriers add, and is let pass.
 */
static bool
walk_tlvs(struct pdu *p, const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		size_t rest = (size_t)(end - at);
		uint16_t len;

		if (rest == 1 && *at == 0)
			return true;
		if (rest < 4 || (len = walk_peek_u16(at + 2)) > rest - 4)
			return false;
		if (p->ntlvs < PDU_TLVS_MAX)
			p->tlvs[p->ntlvs++] = (struct pdu_tlv){.tag = walk_peek_u16(at), .len = len, .value = at + 4};
		else
			p->tlvs_left_out++;
		at += 4 + (size_t)len;
	}
	return true;
}

static void
walk_addresses(struct walk *w, struct pdu *p)
{
	walk_string(w, p->service_type, sizeof(p->service_type));
	p->source_ton = walk_u8(w);
	p->source_npi = walk_u8(w);
	walk_string(w, p->source, sizeof(p->source));
	p->dest_ton = walk_u8(w);
	p->dest_npi = walk_u8(w);
	walk_string(w, p->dest, sizeof(p->dest));
	p->esm_class = walk_u8(w);
}

/* submit_sm and deliver_sm have the same layout (4.4.1, 4.6.1). */
static void
walk_short_message(struct walk *w, struct pdu *p)
{
	walk_addresses(w, p);
	p->protocol_id = walk_u8(w);
	p->priority_flag = walk_u8(w);
	walk_string(w, p->schedule, sizeof(p->schedule));
	walk_string(w, p->validity, sizeof(p->validity));
	p->registered_delivery = walk_u8(w);
	p->replace_if_present = walk_u8(w);
	p->data_coding = walk_u8(w);
	p->default_msg_id = walk_u8(w);
	p->message_len = walk_u8(w);
	if (w->bad || p->message_len > (size_t)(w->end - w->at)) {
		w->bad = true;
		p->message_len = 0;
		return;
	}
	p->message = w->at;
	w->at += p->message_len;
}

static void
walk_data_sm(struct walk *w, struct pdu *p)
{
	walk_addresses(w, p);
	p->registered_delivery = walk_u8(w);
	p->data_coding = walk_u8(w);
}

static enum pdu_verdict
decode_message(const uint8_t *octets, struct walk *w, struct pdu *p)
{
	const struct pdu_tlv *payload;

	if (p->command == PDU_DATA_SM)
		walk_data_sm(w, p);
	else
		walk_short_message(w, p);
	if (w->bad)
		return PDU_BAD_BODY;
	p->optional = (uint32_t)(w->at - octets);
	if (!walk_tlvs(p, w->at, w->end))
		return PDU_BAD_OPTIONS;
	payload = pdu_tlv(p, PDU_TLV_MESSAGE_PAYLOAD);
	if (p->message_len == 0 && payload) {
		p->message = payload->value;
		p->message_len = payload->len;
	}
	return PDU_GOOD;
}

/*
 * A response counts by its header: an error needs no body and any body does (smppex and smpp.pdu met both), and an
 * accepted submit_sm_resp without a readable id is accepted all the same.
 */
static enum pdu_verdict
decode_response(const uint8_t *octets, struct walk *w, struct pdu *p)
{
	bool bind = p->command == PDU_BIND_RECEIVER_RESP || p->command == PDU_BIND_TRANSMITTER_RESP ||
				p->command == PDU_BIND_TRANSCEIVER_RESP;

	if (!p->has_body)
		return PDU_GOOD;
	if (bind)
		walk_string(w, p->system_id, sizeof(p->system_id));
	else
		walk_string(w, p->message_id, sizeof(p->message_id));
	if (w->bad)
		return p->status ? PDU_GOOD : PDU_BAD_BODY;
	p->optional = (uint32_t)(w->at - octets);
	if (!walk_tlvs(p, w->at, w->end))
		return p->status ? PDU_GOOD : PDU_BAD_OPTIONS;
	return PDU_GOOD;
}

/* 4.8.2. A refused one needs no body; an accepted one has nothing to say without. */
static enum pdu_verdict
decode_query_resp(struct walk *w, struct pdu *p)
{
	if (p->status)
		return PDU_GOOD;
	walk_string(w, p->message_id, sizeof(p->message_id));
	walk_string(w, p->final_date, sizeof(p->final_date));
	p->message_state = walk_u8(w);
	p->error_code = walk_u8(w);
	p->optional = w->bad ? 0 : p->length - (uint32_t)(w->end - w->at);
	return w->bad ? PDU_BAD_BODY : PDU_GOOD;
}

/* 4.1.7.1. */
static enum pdu_verdict
decode_outbind(struct walk *w, struct pdu *p)
{
	walk_string(w, p->system_id, sizeof(p->system_id));
	walk_string(w, p->password, sizeof(p->password));
	p->optional = w->bad ? 0 : p->length - (uint32_t)(w->end - w->at);
	return w->bad ? PDU_BAD_BODY : PDU_GOOD;
}

enum pdu_verdict
pdu_decode(const uint8_t *octets, size_t len, struct pdu *out)
{
	static const uint8_t nothing[1];
	struct walk w;

	memset(out, 0, offsetof(struct pdu, tlvs));
	out->message = nothing;
	if (len < PDU_HEADER || len > PDU_MAX || walk_peek_u32(octets) != len)
		return PDU_BAD_LENGTH;
	out->length = (uint32_t)len;
	out->command = walk_peek_u32(octets + 4);
	out->status = walk_peek_u32(octets + 8);
	out->sequence = walk_peek_u32(octets + 12);
	out->has_body = len > PDU_HEADER;
	w = (struct walk){.at = octets + PDU_HEADER, .end = octets + len};

	switch (out->command) {
	case PDU_SUBMIT_SM:
	case PDU_DELIVER_SM:
	case PDU_DATA_SM:
		return decode_message(octets, &w, out);
	case PDU_BIND_RECEIVER_RESP:
	case PDU_BIND_TRANSMITTER_RESP:
	case PDU_BIND_TRANSCEIVER_RESP:
	case PDU_SUBMIT_SM_RESP:
	case PDU_DATA_SM_RESP:
		return decode_response(octets, &w, out);
	case PDU_QUERY_SM_RESP:
		return decode_query_resp(&w, out);
	case PDU_OUTBIND:
		return decode_outbind(&w, out);
	/* These say all they have to say in the header, whatever follows it. */
	case PDU_UNBIND:
	case PDU_ENQUIRE_LINK:
	case PDU_ALERT_NOTIFICATION:
		return PDU_GOOD;
	default:
		/* A response to nothing of ours is for the caller to pass over; it is not answered. */
		return out->command & PDU_RESPONSE ? PDU_GOOD : PDU_UNKNOWN;
	}
}

const char *
pdu_command_name(uint32_t command)
{
	static const struct {
		uint32_t command;
		const char *name;
	} names[] = {
		{PDU_BIND_RECEIVER, "bind_receiver"},
		{PDU_BIND_TRANSMITTER, "bind_transmitter"},
		{PDU_QUERY_SM, "query_sm"},
		{PDU_SUBMIT_SM, "submit_sm"},
		{PDU_DELIVER_SM, "deliver_sm"},
		{PDU_UNBIND, "unbind"},
		{PDU_REPLACE_SM, "replace_sm"},
		{PDU_CANCEL_SM, "cancel_sm"},
		{PDU_BIND_TRANSCEIVER, "bind_transceiver"},
		{PDU_OUTBIND, "outbind"},
		{PDU_ENQUIRE_LINK, "enquire_link"},
		{PDU_SUBMIT_MULTI, "submit_multi"},
		{PDU_ALERT_NOTIFICATION, "alert_notification"},
		{PDU_DATA_SM, "data_sm"},
		{PDU_GENERIC_NACK, "generic_nack"},
		{PDU_BIND_RECEIVER_RESP, "bind_receiver_resp"},
		{PDU_BIND_TRANSMITTER_RESP, "bind_transmitter_resp"},
		{PDU_QUERY_SM_RESP, "query_sm_resp"},
		{PDU_SUBMIT_SM_RESP, "submit_sm_resp"},
		{PDU_DELIVER_SM_RESP, "deliver_sm_resp"},
		{PDU_UNBIND_RESP, "unbind_resp"},
		{PDU_REPLACE_SM_RESP, "replace_sm_resp"},
		{PDU_CANCEL_SM_RESP, "cancel_sm_resp"},
		{PDU_BIND_TRANSCEIVER_RESP, "bind_transceiver_resp"},
		{PDU_ENQUIRE_LINK_RESP, "enquire_link_resp"},
		{PDU_SUBMIT_MULTI_RESP, "submit_multi_resp"},
		{PDU_DATA_SM_RESP, "data_sm_resp"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].command == command)
			return names[i].name;
	return "command";
}
