/* Outbound: fields to the octets of a PDU, with bounds and the lengths of SMPP 3.4, chapters 4 and 5. */
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/pdu_write.h"

#define SHORT_MESSAGE_MAX 254
#define PAYLOAD_MAX 65535
#define SERVICE_TYPE_MAX 5
#define ADDRESS_MAX 20
#define DATA_ADDRESS_MAX 64
#define CREDENTIAL_MAX 64 /* longer than SMPP says is what some carriers hand out; beyond this it is a mistake */
#define ADDRESS_RANGE_MAX 40
#define INTERFACE_VERSION 0x34

int
pdu_encode_bind(const struct pdu_bind *b, uint8_t *out, size_t room)
{
	struct writer w = write_header(out, room, b->command, 0, b->sequence);

	write_string(&w, b->system_id, PDU_SYSTEM_ID_MAX);
	write_string(&w, b->password, CREDENTIAL_MAX);
	write_string(&w, b->system_type, CREDENTIAL_MAX);
	write_u8(&w, b->interface_version ? b->interface_version : INTERFACE_VERSION);
	write_u8(&w, b->addr_ton);
	write_u8(&w, b->addr_npi);
	write_string(&w, b->address_range, ADDRESS_RANGE_MAX);
	return write_finish(&w);
}

static void
write_addresses(struct writer *w, const struct pdu_submit *s, size_t most)
{
	write_string(w, s->service_type, SERVICE_TYPE_MAX);
	write_u8(w, s->source_ton);
	write_u8(w, s->source_npi);
	write_string(w, s->source, most);
	write_u8(w, s->dest_ton);
	write_u8(w, s->dest_npi);
	write_string(w, s->dest, most);
	write_u8(w, s->esm_class);
}

/* 4.4.1, behind the addresses. */
static void
write_short_message(struct writer *w, const struct pdu_submit *s)
{
	size_t len = s->payload ? 0 : s->len;

	write_u8(w, s->protocol_id);
	write_u8(w, s->priority_flag);
	write_string(w, s->schedule, PDU_TIME_MAX);
	write_string(w, s->validity, PDU_TIME_MAX);
	write_u8(w, s->registered_delivery);
	write_u8(w, s->replace_if_present);
	write_u8(w, s->data_coding);
	write_u8(w, s->default_msg_id);
	write_u8(w, (uint8_t)len);
	write_octets(w, s->octets, len);
}

static void
write_payload(struct writer *w, const uint8_t *octets, size_t len)
{
	if (!len)
		return;
	write_u16(w, PDU_TLV_MESSAGE_PAYLOAD);
	write_u16(w, (uint16_t)len);
	write_octets(w, octets, len);
}

int
pdu_encode_submit(const struct pdu_submit *s, uint8_t *out, size_t room)
{
	bool data = s->command == PDU_DATA_SM, payload = data || s->payload;
	struct writer w = write_header(out, room, data ? PDU_DATA_SM : PDU_SUBMIT_SM, 0, s->sequence);

	if (s->len > (payload ? PAYLOAD_MAX : SHORT_MESSAGE_MAX) || (s->options && s->options->full))
		return -1;
	write_addresses(&w, s, data ? DATA_ADDRESS_MAX : ADDRESS_MAX);
	if (data) {
		write_u8(&w, s->registered_delivery);
		write_u8(&w, s->data_coding);
	} else {
		write_short_message(&w, s);
	}
	if (payload)
		write_payload(&w, s->octets, s->len);
	if (s->options)
		write_octets(&w, s->options->octets, s->options->used);
	return write_finish(&w);
}

int
pdu_encode_simple(uint32_t command, uint32_t status, uint32_t sequence, uint8_t *out, size_t room)
{
	struct writer w = write_header(out, room, command, status, sequence);

	if (command == PDU_DELIVER_SM_RESP || command == PDU_DATA_SM_RESP)
		write_string(&w, "", 0); /* message_id, unused (4.6.2) */
	return write_finish(&w);
}
