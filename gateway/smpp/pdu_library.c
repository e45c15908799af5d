/*
 * The only file that speaks to libsmpp34. It hands the library nothing but header and mandatory part, walked before,
 * in structs zeroed before, with no optional parameters: so it allocates nothing, leaks nothing and its trace stays
 * short. The library's trace holds passwords; nothing here reads it.
 */
#include "gateway/smpp/pdu_internal.h"

#include <string.h>
#include <libsmpp34/smpp34.h>
#include <libsmpp34/smpp34_structs.h>

/* What the library gets at most: a mandatory part whose strings are longer than its arrays is not for it. */
#define LIBRARY_MAX 512

static void
write_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static void
copy_string(char *out, size_t room, const uint8_t *in)
{
	size_t n = strnlen((const char *)in, room - 1);

	memcpy(out, in, n);
	out[n] = '\0';
}

/* Strings that would not fit the library's arrays stay ours: it must not even be asked. */
static bool
message_fits(const struct pdu *p)
{
	return strlen(p->service_type) < SERVICE_TYPE_LENGTH && strlen(p->source) < ADDRESS_LENGTH &&
		   strlen(p->dest) < ADDRESS_LENGTH && p->message_len < SHORT_MESSAGE_LENGTH;
}

static bool
decode_deliver(const uint8_t *octets, int len, struct pdu *p)
{
	deliver_sm_t d;

	memset(&d, 0, sizeof(d));
	if (!message_fits(p) || p->schedule[0] || p->validity[0] || smpp34_unpack(DELIVER_SM, &d, octets, len) != 0)
		return false;
	copy_string(p->service_type, sizeof(p->service_type), d.service_type);
	copy_string(p->source, sizeof(p->source), d.source_addr);
	copy_string(p->dest, sizeof(p->dest), d.destination_addr);
	p->source_ton = d.source_addr_ton;
	p->source_npi = d.source_addr_npi;
	p->dest_ton = d.dest_addr_ton;
	p->dest_npi = d.dest_addr_npi;
	p->esm_class = d.esm_class;
	p->protocol_id = d.protocol_id;
	p->priority_flag = d.priority_flag;
	p->registered_delivery = d.registered_delivery;
	p->replace_if_present = d.replace_if_present_flag;
	p->data_coding = d.data_coding;
	p->default_msg_id = d.sm_default_msg_id;
	return true;
}

static bool
decode_submit(const uint8_t *octets, int len, struct pdu *p)
{
	submit_sm_t s;

	memset(&s, 0, sizeof(s));
	if (!message_fits(p) || smpp34_unpack(SUBMIT_SM, &s, octets, len) != 0)
		return false;
	copy_string(p->service_type, sizeof(p->service_type), s.service_type);
	copy_string(p->source, sizeof(p->source), s.source_addr);
	copy_string(p->dest, sizeof(p->dest), s.destination_addr);
	p->source_ton = s.source_addr_ton;
	p->source_npi = s.source_addr_npi;
	p->dest_ton = s.dest_addr_ton;
	p->dest_npi = s.dest_addr_npi;
	p->esm_class = s.esm_class;
	p->protocol_id = s.protocol_id;
	p->priority_flag = s.priority_flag;
	copy_string(p->schedule, sizeof(p->schedule), s.schedule_delivery_time);
	copy_string(p->validity, sizeof(p->validity), s.validity_period);
	p->registered_delivery = s.registered_delivery;
	p->replace_if_present = s.replace_if_present_flag;
	p->data_coding = s.data_coding;
	p->default_msg_id = s.sm_default_msg_id;
	return true;
}

static bool
decode_data(const uint8_t *octets, int len, struct pdu *p)
{
	data_sm_t d;

	memset(&d, 0, sizeof(d));
	if (!message_fits(p) || smpp34_unpack(DATA_SM, &d, octets, len) != 0)
		return false;
	copy_string(p->service_type, sizeof(p->service_type), d.service_type);
	copy_string(p->source, sizeof(p->source), d.source_addr);
	copy_string(p->dest, sizeof(p->dest), d.destination_addr);
	p->source_ton = d.source_addr_ton;
	p->source_npi = d.source_addr_npi;
	p->dest_ton = d.dest_addr_ton;
	p->dest_npi = d.dest_addr_npi;
	p->esm_class = d.esm_class;
	p->registered_delivery = d.registered_delivery;
	p->data_coding = d.data_coding;
	return true;
}

static bool
decode_bind_resp(const uint8_t *octets, int len, struct pdu *p)
{
	union {
		bind_transceiver_resp_t trx;
		bind_transmitter_resp_t tx;
		bind_receiver_resp_t rx;
	} r;
	const uint8_t *system_id;

	memset(&r, 0, sizeof(r));
	if (strlen(p->system_id) >= sizeof(r.trx.system_id) || smpp34_unpack(p->command, &r, octets, len) != 0)
		return false;
	system_id = p->command == PDU_BIND_TRANSCEIVER_RESP	  ? r.trx.system_id
				: p->command == PDU_BIND_TRANSMITTER_RESP ? r.tx.system_id
														  : r.rx.system_id;
	copy_string(p->system_id, sizeof(p->system_id), system_id);
	return true;
}

static bool
decode_submit_resp(const uint8_t *octets, int len, struct pdu *p)
{
	submit_sm_resp_t r;

	memset(&r, 0, sizeof(r));
	if (strlen(p->message_id) >= sizeof(r.message_id) || smpp34_unpack(SUBMIT_SM_RESP, &r, octets, len) != 0)
		return false;
	copy_string(p->message_id, sizeof(p->message_id), r.message_id);
	return true;
}

bool
pdu_library_decode(const uint8_t *octets, size_t len, struct pdu *p)
{
	uint8_t patched[LIBRARY_MAX];

	if (len > sizeof(patched))
		return false;
	memcpy(patched, octets, len);
	write_u32(patched, (uint32_t)len);
	write_u32(patched + 8, 0);
	write_u32(patched + 12, 1);
	switch (p->command) {
	case PDU_DELIVER_SM:
		return decode_deliver(patched, (int)len, p);
	case PDU_SUBMIT_SM:
		return decode_submit(patched, (int)len, p);
	case PDU_DATA_SM:
		return decode_data(patched, (int)len, p);
	case PDU_BIND_TRANSCEIVER_RESP:
	case PDU_BIND_TRANSMITTER_RESP:
	case PDU_BIND_RECEIVER_RESP:
		return decode_bind_resp(patched, (int)len, p);
	case PDU_SUBMIT_SM_RESP:
		return decode_submit_resp(patched, (int)len, p);
	default:
		return false;
	}
}

/* The three bind requests differ in their command alone. */
_Static_assert(
	sizeof(bind_transceiver_t) == sizeof(bind_transmitter_t) && sizeof(bind_transceiver_t) == sizeof(bind_receiver_t),
	"the library's bind structs have one layout");

/* The library wants one octet more than the PDU takes. */
static int
pack(uint32_t command, void *pdu, uint8_t *out, size_t room)
{
	uint8_t buffer[PDU_ENCODED_MAX + 1];
	int len = 0;

	if (smpp34_pack(command, buffer, (int)sizeof(buffer), &len, pdu) != 0 || len < PDU_HEADER || (size_t)len > room)
		return -1;
	memcpy(out, buffer, (size_t)len);
	return len;
}

int
pdu_library_bind(const struct pdu_bind *b, uint8_t *out, size_t room)
{
	bind_transceiver_t t;

	memset(&t, 0, sizeof(t));
	if (strlen(b->system_id) >= sizeof(t.system_id) || strlen(b->password) >= sizeof(t.password) ||
		strlen(b->system_type) >= sizeof(t.system_type))
		return -1;
	t.command_id = b->command;
	t.sequence_number = b->sequence;
	memcpy(t.system_id, b->system_id, strlen(b->system_id));
	memcpy(t.password, b->password, strlen(b->password));
	memcpy(t.system_type, b->system_type, strlen(b->system_type));
	t.interface_version = SMPP_VERSION;
	return pack(b->command, &t, out, room);
}

int
pdu_library_submit(const struct pdu_submit *s, uint8_t *out, size_t room)
{
	submit_sm_t t;

	memset(&t, 0, sizeof(t));
	if (strlen(s->source) >= sizeof(t.source_addr) || strlen(s->dest) >= sizeof(t.destination_addr) ||
		strlen(s->validity) >= sizeof(t.validity_period) || s->len > 253)
		return -1;
	t.command_id = SUBMIT_SM;
	t.sequence_number = s->sequence;
	t.source_addr_ton = s->source_ton;
	t.source_addr_npi = s->source_npi;
	memcpy(t.source_addr, s->source, strlen(s->source));
	t.dest_addr_ton = s->dest_ton;
	t.dest_addr_npi = s->dest_npi;
	memcpy(t.destination_addr, s->dest, strlen(s->dest));
	t.esm_class = s->esm_class;
	memcpy(t.validity_period, s->validity, strlen(s->validity));
	t.registered_delivery = s->registered_delivery;
	t.data_coding = s->data_coding;
	t.sm_length = (uint8_t)s->len;
	if (s->len)
		memcpy(t.short_message, s->octets, s->len);
	return pack(SUBMIT_SM, &t, out, room);
}

int
pdu_library_simple(uint32_t command, uint32_t status, uint32_t sequence, uint8_t *out, size_t room)
{
	union {
		enquire_link_t header; /* every header-only PDU has this layout */
		deliver_sm_resp_t deliver_resp;
		data_sm_resp_t data_resp;
	} t;

	switch (command) {
	case PDU_ENQUIRE_LINK:
	case PDU_ENQUIRE_LINK_RESP:
	case PDU_UNBIND:
	case PDU_UNBIND_RESP:
	case PDU_GENERIC_NACK:
	case PDU_DELIVER_SM_RESP:
	case PDU_DATA_SM_RESP:
		break;
	default:
		return -1; /* it would read a struct of another shape than t's */
	}
	memset(&t, 0, sizeof(t));
	t.header.command_id = command;
	t.header.command_status = status;
	t.header.sequence_number = sequence;
	return pack(command, &t, out, room);
}
