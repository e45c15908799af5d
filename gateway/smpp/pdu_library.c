/*
 * The only file that speaks to libsmpp34. Inbound it is given header and mandatory part alone, walked before, in
 * structs zeroed before: so it allocates nothing, leaks nothing and its trace stays short. Outbound it gets few
 * optional parameters, in nodes of our own.
 */
#include "gateway/smpp/pdu_library.h"
#include "gateway/smpp/pdu_walk.h"

#include <string.h>
#include <libsmpp34/smpp34.h>
#include <libsmpp34/smpp34_structs.h>

/* What the library gets at most: a mandatory part whose strings are longer than its arrays is not for it. */
#define LIBRARY_MAX 512
#define LIBRARY_OUT_MAX (PDU_ENCODED_MAX + 1024) /* its message_payload has 1024 octets at most */
#define LIBRARY_TLVS_MAX 12

static void
put_u32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/* ---- Inbound ---------------------------------------------------------------------------------------------------- */

static bool
same_string(const char *ours, const uint8_t *theirs)
{
	return strcmp(ours, (const char *)theirs) == 0;
}

static enum pdu_judgement
verdict(bool same)
{
	return same ? PDU_AGREED : PDU_DIFFERED;
}

/* Strings that would not fit the library's arrays stay ours: it must not even be asked. */
static bool
message_fits(const struct pdu *p)
{
	return strlen(p->service_type) < SERVICE_TYPE_LENGTH && strlen(p->source) < ADDRESS_LENGTH &&
		   strlen(p->dest) < ADDRESS_LENGTH && p->message_len < SHORT_MESSAGE_LENGTH;
}

/* deliver_sm and submit_sm have the same fields under the same names, and types of their own. */
#define SAME_MESSAGE(p, m)                                                                                             \
	(same_string((p)->service_type, (m).service_type) && same_string((p)->source, (m).source_addr) &&                  \
		same_string((p)->dest, (m).destination_addr) && (p)->source_ton == (m).source_addr_ton &&                      \
		(p)->source_npi == (m).source_addr_npi && (p)->dest_ton == (m).dest_addr_ton &&                                \
		(p)->dest_npi == (m).dest_addr_npi && (p)->esm_class == (m).esm_class &&                                       \
		(p)->registered_delivery == (m).registered_delivery && (p)->data_coding == (m).data_coding)
#define SAME_SHORT_MESSAGE(p, m)                                                                                       \
	(SAME_MESSAGE(p, m) && (p)->protocol_id == (m).protocol_id && (p)->priority_flag == (m).priority_flag &&           \
		same_string((p)->schedule, (m).schedule_delivery_time) && same_string((p)->validity, (m).validity_period) &&   \
		(p)->replace_if_present == (m).replace_if_present_flag && (p)->default_msg_id == (m).sm_default_msg_id)

/* short_message, which pdu_decode leaves for message_payload when it is empty. */
static bool
same_text(const struct pdu *p, const uint8_t *octets, const uint8_t *text, size_t len)
{
	if (len == 0)
		return p->message_len == 0 || p->message >= octets + p->optional;
	return p->message_len == len && memcmp(p->message, text, len) == 0;
}

static enum pdu_judgement
read_deliver(const uint8_t *octets, int len, const struct pdu *p, const uint8_t *whole)
{
	deliver_sm_t d;

	memset(&d, 0, sizeof(d));
	if (!message_fits(p) || p->schedule[0] || p->validity[0] || smpp34_unpack(DELIVER_SM, &d, octets, len) != 0)
		return PDU_DECLINED;
	return verdict(SAME_SHORT_MESSAGE(p, d) && same_text(p, whole, d.short_message, d.sm_length));
}

static enum pdu_judgement
read_submit(const uint8_t *octets, int len, const struct pdu *p, const uint8_t *whole)
{
	submit_sm_t s;

	memset(&s, 0, sizeof(s));
	if (!message_fits(p) || smpp34_unpack(SUBMIT_SM, &s, octets, len) != 0)
		return PDU_DECLINED;
	return verdict(SAME_SHORT_MESSAGE(p, s) && same_text(p, whole, s.short_message, s.sm_length));
}

static enum pdu_judgement
read_data(const uint8_t *octets, int len, const struct pdu *p)
{
	data_sm_t d;

	memset(&d, 0, sizeof(d));
	if (strlen(p->service_type) >= SERVICE_TYPE_LENGTH || strlen(p->source) >= ADDRESS_LENGTH ||
		strlen(p->dest) >= sizeof(d.destination_addr) || smpp34_unpack(DATA_SM, &d, octets, len) != 0)
		return PDU_DECLINED;
	return verdict(SAME_MESSAGE(p, d));
}

static enum pdu_judgement
read_bind_resp(const uint8_t *octets, int len, const struct pdu *p)
{
	union {
		bind_transceiver_resp_t trx;
		bind_transmitter_resp_t tx;
		bind_receiver_resp_t rx;
	} r;

	memset(&r, 0, sizeof(r));
	if (strlen(p->system_id) >= sizeof(r.trx.system_id) || smpp34_unpack(p->command, &r, octets, len) != 0)
		return PDU_DECLINED;
	return verdict(same_string(p->system_id, p->command == PDU_BIND_TRANSCEIVER_RESP   ? r.trx.system_id
											 : p->command == PDU_BIND_TRANSMITTER_RESP ? r.tx.system_id
																					   : r.rx.system_id));
}

static enum pdu_judgement
read_submit_resp(const uint8_t *octets, int len, const struct pdu *p)
{
	submit_sm_resp_t r;

	memset(&r, 0, sizeof(r));
	if (strlen(p->message_id) >= sizeof(r.message_id) || smpp34_unpack(SUBMIT_SM_RESP, &r, octets, len) != 0)
		return PDU_DECLINED;
	return verdict(same_string(p->message_id, r.message_id));
}

static enum pdu_judgement
read_query_resp(const uint8_t *octets, int len, const struct pdu *p)
{
	query_sm_resp_t r;

	memset(&r, 0, sizeof(r));
	if (strlen(p->message_id) >= sizeof(r.message_id) || smpp34_unpack(QUERY_SM_RESP, &r, octets, len) != 0)
		return PDU_DECLINED;
	return verdict(same_string(p->message_id, r.message_id) && same_string(p->final_date, r.final_date) &&
				   p->message_state == r.message_state && p->error_code == r.error_code);
}

static enum pdu_judgement
read_outbind(const uint8_t *octets, int len, const struct pdu *p)
{
	outbind_t o;

	memset(&o, 0, sizeof(o));
	if (strlen(p->system_id) >= sizeof(o.system_id) || strlen(p->password) >= sizeof(o.password) ||
		smpp34_unpack(OUTBIND, &o, octets, len) != 0)
		return PDU_DECLINED;
	return verdict(same_string(p->system_id, o.system_id) && same_string(p->password, o.password));
}

enum pdu_judgement
pdu_library_read(const uint8_t *octets, const struct pdu *p)
{
	uint8_t patched[LIBRARY_MAX];
	size_t len = p->optional;

	/* Without a readable mandatory part, or with a status that it does not list, it is not asked. */
	if (len < PDU_HEADER || len > sizeof(patched) || p->status)
		return PDU_DECLINED;
	memcpy(patched, octets, len);
	put_u32(patched, (uint32_t)len);
	put_u32(patched + 12, 1);
	switch (p->command) {
	case PDU_DELIVER_SM:
		return read_deliver(patched, (int)len, p, octets);
	case PDU_SUBMIT_SM:
		return read_submit(patched, (int)len, p, octets);
	case PDU_DATA_SM:
		return read_data(patched, (int)len, p);
	case PDU_BIND_TRANSCEIVER_RESP:
	case PDU_BIND_TRANSMITTER_RESP:
	case PDU_BIND_RECEIVER_RESP:
		return read_bind_resp(patched, (int)len, p);
	case PDU_SUBMIT_SM_RESP:
		return read_submit_resp(patched, (int)len, p);
	case PDU_QUERY_SM_RESP:
		return read_query_resp(patched, (int)len, p);
	case PDU_OUTBIND:
		return read_outbind(patched, (int)len, p);
	default:
		return PDU_DECLINED;
	}
}

/* ---- Outbound --------------------------------------------------------------------------------------------------- */

/* Fixed arrays of the library's structs; NULL is "". */
static bool
fill(uint8_t *array, size_t room, const char *s)
{
	if (!s)
		return true;
	if (strlen(s) >= room)
		return false;
	memcpy(array, s, strlen(s));
	return true;
}

/* The three bind requests differ in their command alone. */
_Static_assert(
	sizeof(bind_transceiver_t) == sizeof(bind_transmitter_t) && sizeof(bind_transceiver_t) == sizeof(bind_receiver_t),
	"the library's bind structs have one layout");

/* The library wants one octet more than the PDU takes. */
static int
pack(uint32_t command, void *pdu, uint8_t *out, size_t room)
{
	uint8_t buffer[LIBRARY_OUT_MAX + 1];
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
	if (!fill(t.system_id, sizeof(t.system_id), b->system_id) || !fill(t.password, sizeof(t.password), b->password) ||
		!fill(t.system_type, sizeof(t.system_type), b->system_type) ||
		!fill(t.address_range, sizeof(t.address_range), b->address_range))
		return -1;
	t.command_id = b->command;
	t.sequence_number = b->sequence;
	t.interface_version = b->interface_version ? b->interface_version : SMPP_VERSION;
	t.addr_ton = b->addr_ton;
	t.addr_npi = b->addr_npi;
	return pack(b->command, &t, out, room);
}

/* Numbers that the library turns round in data_sm and not in submit_sm: it is no judge of these. */
#define DEST_TELEMATICS_ID 0x0008
#define QOS_TIME_TO_LIVE 0x0017

/* A TLV as the library keeps it: numbers in the host's order, ussd_service_op as an octet. */
static bool
fill_tlv(tlv_t *t, uint16_t tag, uint16_t len, const uint8_t *value)
{
	const struct pdu_tlv_facts *f = pdu_tlv_facts(tag);

	if (len > sizeof(t->value.octet) || tag == DEST_TELEMATICS_ID || tag == QOS_TIME_TO_LIVE)
		return false;
	memset(t, 0, sizeof(*t));
	t->tag = tag;
	t->length = len;
	if (f && f->kind == PDU_TLV_NUMBER && len == 2)
		t->value.val16 = walk_peek_u16(value);
	else if (f && f->kind == PDU_TLV_NUMBER && len == 4)
		t->value.val32 = walk_peek_u32(value);
	else
		memcpy(t->value.octet, value, len);
	return true;
}

/* Nodes for the payload and the options of s, in the order in which they are written. Returns how many, or -1. */
static int
fill_tlvs(tlv_t nodes[LIBRARY_TLVS_MAX], const struct pdu_submit *s, bool payload)
{
	const uint8_t *at = s->options ? s->options->octets : NULL, *end = at ? at + s->options->used : NULL;
	int n = 0;

	if (payload && s->len) {
		if (s->len > UINT16_MAX || !fill_tlv(&nodes[n++], PDU_TLV_MESSAGE_PAYLOAD, (uint16_t)s->len, s->octets))
			return -1;
	}
	for (; at < end; at += 4 + walk_peek_u16(at + 2)) {
		if (n == LIBRARY_TLVS_MAX || !fill_tlv(&nodes[n++], walk_peek_u16(at), walk_peek_u16(at + 2), at + 4))
			return -1;
	}
	for (int i = 0; i + 1 < n; i++)
		nodes[i].next = &nodes[i + 1];
	return n;
}

static int
library_data(const struct pdu_submit *s, tlv_t *tlvs, uint8_t *out, size_t room)
{
	data_sm_t t;

	memset(&t, 0, sizeof(t));
	if (!fill(t.service_type, sizeof(t.service_type), s->service_type) ||
		!fill(t.source_addr, sizeof(t.source_addr), s->source) ||
		!fill(t.destination_addr, sizeof(t.destination_addr), s->dest))
		return -1;
	t.command_id = DATA_SM;
	t.sequence_number = s->sequence;
	t.source_addr_ton = s->source_ton;
	t.source_addr_npi = s->source_npi;
	t.dest_addr_ton = s->dest_ton;
	t.dest_addr_npi = s->dest_npi;
	t.esm_class = s->esm_class;
	t.registered_delivery = s->registered_delivery;
	t.data_coding = s->data_coding;
	t.tlv = tlvs;
	return pack(DATA_SM, &t, out, room);
}

int
pdu_library_submit(const struct pdu_submit *s, uint8_t *out, size_t room)
{
	tlv_t nodes[LIBRARY_TLVS_MAX];
	bool data = s->command == PDU_DATA_SM, payload = data || s->payload;
	int n = fill_tlvs(nodes, s, payload);
	submit_sm_t t;

	if (n < 0 || (s->options && s->options->full))
		return -1;
	if (data)
		return library_data(s, n ? nodes : NULL, out, room);
	memset(&t, 0, sizeof(t));
	if (!fill(t.service_type, sizeof(t.service_type), s->service_type) ||
		!fill(t.source_addr, sizeof(t.source_addr), s->source) ||
		!fill(t.destination_addr, sizeof(t.destination_addr), s->dest) ||
		!fill(t.schedule_delivery_time, sizeof(t.schedule_delivery_time), s->schedule) ||
		!fill(t.validity_period, sizeof(t.validity_period), s->validity) || (!payload && s->len > 253))
		return -1;
	t.command_id = SUBMIT_SM;
	t.sequence_number = s->sequence;
	t.source_addr_ton = s->source_ton;
	t.source_addr_npi = s->source_npi;
	t.dest_addr_ton = s->dest_ton;
	t.dest_addr_npi = s->dest_npi;
	t.esm_class = s->esm_class;
	t.protocol_id = s->protocol_id;
	t.priority_flag = s->priority_flag;
	t.registered_delivery = s->registered_delivery;
	t.replace_if_present_flag = s->replace_if_present;
	t.data_coding = s->data_coding;
	t.sm_default_msg_id = s->default_msg_id;
	if (!payload && s->len) {
		t.sm_length = (uint8_t)s->len;
		memcpy(t.short_message, s->octets, s->len);
	}
	t.tlv = n ? nodes : NULL;
	return pack(SUBMIT_SM, &t, out, room);
}

int
pdu_library_operate(const struct pdu_operate *o, uint8_t *out, size_t room)
{
	query_sm_t q;
	cancel_sm_t c;

	memset(&q, 0, sizeof(q));
	memset(&c, 0, sizeof(c));
	q.command_id = QUERY_SM;
	c.command_id = CANCEL_SM;
	q.sequence_number = c.sequence_number = o->sequence;
	q.source_addr_ton = c.source_addr_ton = o->source_ton;
	q.source_addr_npi = c.source_addr_npi = o->source_npi;
	c.dest_addr_ton = o->dest_ton;
	c.dest_addr_npi = o->dest_npi;
	if (!fill(q.message_id, sizeof(q.message_id), o->message_id) ||
		!fill(c.message_id, sizeof(c.message_id), o->message_id) ||
		!fill(q.source_addr, sizeof(q.source_addr), o->source) ||
		!fill(c.source_addr, sizeof(c.source_addr), o->source) ||
		!fill(c.destination_addr, sizeof(c.destination_addr), o->dest))
		return -1;
	return o->command == PDU_QUERY_SM ? pack(QUERY_SM, &q, out, room) : pack(CANCEL_SM, &c, out, room);
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
