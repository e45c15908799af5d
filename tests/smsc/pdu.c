/* The SMPP 3.4 octets of the pretend carrier: header, bind, short messages and their optional parameters. */
#include <string.h>
#include "tests/smsc/pdu.h"

/* Optional parameters that this carrier reads or writes, SMPP 3.4 section 5.3.2. */
enum {
	TAG_RECEIPTED_ID = 0x001E,
	TAG_USER_REFERENCE = 0x0204,
	TAG_SAR_REFERENCE = 0x020C,
	TAG_SAR_TOTAL = 0x020E,
	TAG_SAR_PART = 0x020F,
	TAG_PAYLOAD = 0x0424,
	TAG_STATE = 0x0427,
	TAG_USSD_OP = 0x0501,
	TAG_SESSION_INFO = 0x1383,
	TLVS_MAX = 64, /* more in one PDU is noise */
};

/* A window on octets that cannot be read past: once something does not fit, every further read fails. */
struct reader {
	const uint8_t *p, *end;
	bool bad;
};

static uint8_t
read_octet(struct reader *r)
{
	if (r->p >= r->end) {
		r->bad = true;
		return 0;
	}
	return *r->p++;
}

/* A C-octet string of at most room octets, its NUL included. */
static void
read_string(struct reader *r, char *out, size_t room)
{
	out[0] = '\0';
	if (r->bad)
		return;
	size_t left = (size_t)(r->end - r->p);
	const uint8_t *nul = memchr(r->p, 0, left < room ? left : room);
	if (nul == NULL) {
		r->bad = true;
		return;
	}
	memcpy(out, r->p, (size_t)(nul - r->p) + 1);
	r->p = nul + 1;
}

static uint32_t
load32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void
store32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

struct pdu_header
pdu_decode_header(const uint8_t *p)
{
	return (struct pdu_header){load32(p), load32(p + 4), load32(p + 8), load32(p + 12)};
}

uint32_t
pdu_decode_bind(const uint8_t *body, size_t len, struct pdu_bind *out)
{
	struct reader r = {body, body + len, false};

	memset(out, 0, sizeof(*out));
	read_string(&r, out->system_id, sizeof(out->system_id));
	if (r.bad)
		return PDU_BAD_SYSTEM_ID;
	read_string(&r, out->password, sizeof(out->password));
	if (r.bad)
		return PDU_BAD_PASSWORD;
	read_string(&r, out->system_type, sizeof(out->system_type));
	out->interface_version = read_octet(&r);
	out->ton = read_octet(&r);
	out->npi = read_octet(&r);
	read_string(&r, out->address_range, sizeof(out->address_range));
	return r.bad ? PDU_BAD_LENGTH : PDU_OK;
}

uint32_t
pdu_decode_about(uint32_t command, const uint8_t *body, size_t len, struct pdu_about *out)
{
	struct reader r = {body, body + len, false};

	memset(out, 0, sizeof(*out));
	if (command == PDU_CANCEL_SM)
		read_string(&r, out->service_type, sizeof(out->service_type));
	read_string(&r, out->id, sizeof(out->id));
	read_octet(&r);
	read_octet(&r);
	read_string(&r, out->source, sizeof(out->source));
	if (command == PDU_CANCEL_SM) {
		read_octet(&r);
		read_octet(&r);
		read_string(&r, out->dest, sizeof(out->dest));
	}
	return r.bad ? PDU_BAD_LENGTH : PDU_OK;
}

void
pdu_sm_init(struct pdu_sm *sm)
{
	memset(sm, 0, sizeof(*sm));
	sm->user_reference = sm->ussd_op = sm->session_info = -1;
}

static void
take_tlv(struct pdu_sm *sm, uint16_t tag, const uint8_t *value, size_t len)
{
	/* Numbers are taken in whatever width they come, as long as the value is clear. */
	uint32_t number = 0;
	for (size_t i = 0; i < len && i < 4; i++)
		number = number << 8 | value[i];
	switch (tag) {
	case TAG_SAR_REFERENCE:
		sm->sar_reference = (uint16_t)number;
		break;
	case TAG_SAR_TOTAL:
		sm->sar_total = (uint8_t)number;
		break;
	case TAG_SAR_PART:
		sm->sar_part = (uint8_t)number;
		break;
	case TAG_USER_REFERENCE:
		sm->user_reference = (int)(number & 0xFFFF);
		break;
	case TAG_USSD_OP:
		sm->ussd_op = (int)(number & 0xFF);
		break;
	case TAG_SESSION_INFO:
		sm->session_info = (int)(number & 0xFFFF);
		break;
	case TAG_STATE:
		sm->has_state = true;
		sm->state = (uint8_t)number;
		break;
	case TAG_RECEIPTED_ID:
		if (len >= sizeof(sm->receipted_id))
			len = sizeof(sm->receipted_id) - 1;
		memcpy(sm->receipted_id, value, len);
		sm->receipted_id[len] = '\0';
		break;
	case TAG_PAYLOAD:
		/* Section 5.3.2.32: the payload counts only when short_message is empty. */
		if (sm->noctets == 0) {
			sm->octets = value;
			sm->noctets = len;
			sm->payload = true;
		}
		break;
	default:
		break;
	}
}

static uint32_t
read_tlvs(struct reader *r, struct pdu_sm *sm)
{
	for (int n = 0; r->p < r->end; n++) {
		if (r->end - r->p < 4 || n == TLVS_MAX)
			return PDU_BAD_TLVS;
		uint16_t tag = (uint16_t)(r->p[0] << 8 | r->p[1]);
		size_t len = (size_t)(r->p[2] << 8 | r->p[3]);
		r->p += 4;
		if ((size_t)(r->end - r->p) < len)
			return PDU_BAD_TLVS;
		take_tlv(sm, tag, r->p, len);
		r->p += len;
	}
	sm->has_sar = sm->sar_total > 1 && sm->sar_part >= 1 && sm->sar_part <= sm->sar_total;
	return PDU_OK;
}

uint32_t
pdu_decode_sm(uint32_t command, const uint8_t *body, size_t len, struct pdu_sm *sm)
{
	struct reader r = {body, body + len, false};
	bool data = command == PDU_DATA_SM;
	size_t address = data ? sizeof(sm->source) : 21;

	pdu_sm_init(sm);
	read_string(&r, sm->service_type, sizeof(sm->service_type));
	sm->source_ton = read_octet(&r);
	sm->source_npi = read_octet(&r);
	read_string(&r, sm->source, address);
	sm->dest_ton = read_octet(&r);
	sm->dest_npi = read_octet(&r);
	read_string(&r, sm->dest, address);
	sm->esm_class = read_octet(&r);
	if (!data) {
		sm->protocol_id = read_octet(&r);
		sm->priority = read_octet(&r);
		read_string(&r, sm->schedule, sizeof(sm->schedule));
		read_string(&r, sm->validity, sizeof(sm->validity));
	}
	sm->registered = read_octet(&r);
	if (!data)
		sm->replace = read_octet(&r);
	sm->data_coding = read_octet(&r);
	if (!data) {
		sm->default_id = read_octet(&r);
		sm->noctets = read_octet(&r);
	}
	if (r.bad)
		return PDU_BAD_LENGTH;
	if (sm->noctets > 254 || sm->noctets > (size_t)(r.end - r.p))
		return PDU_BAD_MESSAGE_LENGTH;
	sm->octets = r.p;
	r.p += sm->noctets;
	return read_tlvs(&r, sm);
}

void
pdu_begin(struct pdu_out *o, uint8_t *octets, size_t room, uint32_t command, uint32_t status, uint32_t sequence)
{
	*o = (struct pdu_out){octets, room, 0, false};
	if (room < PDU_HEADER) {
		o->full = true;
		return;
	}
	store32(octets, 0);
	store32(octets + 4, command);
	store32(octets + 8, status);
	store32(octets + 12, sequence);
	o->len = PDU_HEADER;
}

void
pdu_add_octets(struct pdu_out *o, const void *p, size_t len)
{
	if (o->full || o->room - o->len < len) {
		o->full = true;
		return;
	}
	if (len > 0)
		memcpy(o->octets + o->len, p, len);
	o->len += len;
}

void
pdu_add_octet(struct pdu_out *o, uint8_t v)
{
	pdu_add_octets(o, &v, 1);
}

void
pdu_add_string(struct pdu_out *o, const char *s)
{
	pdu_add_octets(o, s, strlen(s) + 1);
}

void
pdu_add_tlv(struct pdu_out *o, uint16_t tag, const void *value, size_t len)
{
	uint8_t head[4] = {(uint8_t)(tag >> 8), (uint8_t)tag, (uint8_t)(len >> 8), (uint8_t)len};

	pdu_add_octets(o, head, sizeof(head));
	pdu_add_octets(o, value, len);
}

void
pdu_add_sm(struct pdu_out *o, const struct pdu_sm *sm)
{
	pdu_add_sm_as(o, PDU_SUBMIT_SM, sm);
}

void
pdu_add_sm_as(struct pdu_out *o, uint32_t command, const struct pdu_sm *sm)
{
	bool data = command == PDU_DATA_SM, payload = data || sm->payload || sm->noctets > 254;

	pdu_add_string(o, sm->service_type);
	pdu_add_octet(o, sm->source_ton);
	pdu_add_octet(o, sm->source_npi);
	pdu_add_string(o, sm->source);
	pdu_add_octet(o, sm->dest_ton);
	pdu_add_octet(o, sm->dest_npi);
	pdu_add_string(o, sm->dest);
	pdu_add_octet(o, sm->esm_class);
	if (!data) {
		pdu_add_octet(o, sm->protocol_id);
		pdu_add_octet(o, sm->priority);
		pdu_add_string(o, sm->schedule);
		pdu_add_string(o, sm->validity);
	}
	pdu_add_octet(o, sm->registered);
	if (!data)
		pdu_add_octet(o, sm->replace);
	pdu_add_octet(o, sm->data_coding);
	if (!data) {
		pdu_add_octet(o, sm->default_id);
		pdu_add_octet(o, payload ? 0 : (uint8_t)sm->noctets);
	}
	if (!payload)
		pdu_add_octets(o, sm->octets, sm->noctets);

	if (sm->has_sar) {
		uint8_t reference[2] = {(uint8_t)(sm->sar_reference >> 8), (uint8_t)sm->sar_reference};
		pdu_add_tlv(o, TAG_SAR_REFERENCE, reference, 2);
		pdu_add_tlv(o, TAG_SAR_TOTAL, &sm->sar_total, 1);
		pdu_add_tlv(o, TAG_SAR_PART, &sm->sar_part, 1);
	}
	if (sm->user_reference >= 0) {
		uint8_t reference[2] = {(uint8_t)(sm->user_reference >> 8), (uint8_t)sm->user_reference};
		pdu_add_tlv(o, TAG_USER_REFERENCE, reference, 2);
	}
	if (sm->receipted_id[0] != '\0')
		pdu_add_tlv(o, TAG_RECEIPTED_ID, sm->receipted_id, strlen(sm->receipted_id) + 1);
	if (sm->has_state)
		pdu_add_tlv(o, TAG_STATE, &sm->state, 1);
	if (sm->ussd_op >= 0) {
		uint8_t op = (uint8_t)sm->ussd_op;
		pdu_add_tlv(o, TAG_USSD_OP, &op, 1);
	}
	if (sm->session_info >= 0) {
		uint8_t info[2] = {(uint8_t)(sm->session_info >> 8), (uint8_t)sm->session_info};
		pdu_add_tlv(o, TAG_SESSION_INFO, info, 2);
	}
	if (payload && (sm->noctets > 0 || !data))
		pdu_add_tlv(o, TAG_PAYLOAD, sm->octets, sm->noctets);
}

size_t
pdu_end(struct pdu_out *o)
{
	if (o->full)
		return 0;
	store32(o->octets, (uint32_t)o->len);
	return o->len;
}

void
pdu_patch_sequence(uint8_t *pdu, uint32_t sequence)
{
	store32(pdu + 12, sequence);
}

const char *
pdu_command_name(uint32_t command)
{
	switch (command & ~PDU_RESPONSE) {
	case PDU_BIND_RECEIVER:
		return "bind_receiver";
	case PDU_BIND_TRANSMITTER:
		return "bind_transmitter";
	case PDU_BIND_TRANSCEIVER:
		return "bind_transceiver";
	case PDU_QUERY_SM:
		return "query_sm";
	case PDU_CANCEL_SM:
		return "cancel_sm";
	case PDU_OUTBIND:
		return "outbind";
	case PDU_SUBMIT_SM:
		return "submit_sm";
	case PDU_DELIVER_SM:
		return "deliver_sm";
	case PDU_DATA_SM:
		return "data_sm";
	case PDU_UNBIND:
		return "unbind";
	case PDU_ENQUIRE_LINK:
		return "enquire_link";
	default:
		return command == PDU_GENERIC_NACK ? "generic_nack" : "unknown";
	}
}
