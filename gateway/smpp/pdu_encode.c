/*
 * Outbound: through libsmpp34 where it can, by hand where it refuses what SMPP 3.4 allows (a status it does not list,
 * a short_message of 254 octets, sequence 0, a longer system_id).
 */
#include "gateway/smpp/pdu_internal.h"

#include <string.h>

#define SHORT_MESSAGE_MAX 254
#define INTERFACE_VERSION 0x34

struct writer {
	uint8_t *start, *at, *end;
	bool full;
};

static void
write_u8(struct writer *w, uint8_t v)
{
	if (w->at == w->end) {
		w->full = true;
		return;
	}
	*w->at++ = v;
}

static void
write_u32(struct writer *w, uint32_t v)
{
	write_u8(w, (uint8_t)(v >> 24));
	write_u8(w, (uint8_t)(v >> 16));
	write_u8(w, (uint8_t)(v >> 8));
	write_u8(w, (uint8_t)v);
}

static void
write_octets(struct writer *w, const uint8_t *p, size_t len)
{
	if (len > (size_t)(w->end - w->at)) {
		w->full = true;
		return;
	}
	if (len)
		memcpy(w->at, p, len);
	w->at += len;
}

static void
write_string(struct writer *w, const char *s)
{
	write_octets(w, (const uint8_t *)s, strlen(s) + 1);
}

static struct writer
write_header(uint8_t *out, size_t room, uint32_t command, uint32_t status, uint32_t sequence)
{
	struct writer w = {.start = out, .at = out, .end = out + room};

	write_u32(&w, 0); /* the length, known at the end */
	write_u32(&w, command);
	write_u32(&w, status);
	write_u32(&w, sequence);
	return w;
}

static int
write_finish(struct writer *w)
{
	size_t len = (size_t)(w->at - w->start);

	if (w->full)
		return -1;
	w->at = w->start;
	write_u32(w, (uint32_t)len);
	return (int)len;
}

int
pdu_hand_bind(const struct pdu_bind *b, uint8_t *out, size_t room)
{
	struct writer w = write_header(out, room, b->command, 0, b->sequence);

	write_string(&w, b->system_id);
	write_string(&w, b->password);
	write_string(&w, b->system_type);
	write_u8(&w, INTERFACE_VERSION);
	write_u8(&w, 0); /* addr_ton, addr_npi, address_range: the carrier knows which numbers are ours */
	write_u8(&w, 0);
	write_string(&w, "");
	return write_finish(&w);
}

int
pdu_hand_submit(const struct pdu_submit *s, uint8_t *out, size_t room)
{
	struct writer w = write_header(out, room, PDU_SUBMIT_SM, 0, s->sequence);

	write_string(&w, ""); /* service_type: the carrier's default */
	write_u8(&w, s->source_ton);
	write_u8(&w, s->source_npi);
	write_string(&w, s->source);
	write_u8(&w, s->dest_ton);
	write_u8(&w, s->dest_npi);
	write_string(&w, s->dest);
	write_u8(&w, s->esm_class);
	write_u8(&w, 0);	  /* protocol_id */
	write_u8(&w, 0);	  /* priority_flag */
	write_string(&w, ""); /* schedule_delivery_time: at once */
	write_string(&w, s->validity);
	write_u8(&w, s->registered_delivery);
	write_u8(&w, 0); /* replace_if_present_flag */
	write_u8(&w, s->data_coding);
	write_u8(&w, 0); /* sm_default_msg_id */
	write_u8(&w, (uint8_t)s->len);
	write_octets(&w, s->octets, s->len);
	return write_finish(&w);
}

int
pdu_hand_simple(uint32_t command, uint32_t status, uint32_t sequence, uint8_t *out, size_t room)
{
	struct writer w = write_header(out, room, command, status, sequence);

	if (command == PDU_DELIVER_SM_RESP || command == PDU_DATA_SM_RESP)
		write_string(&w, ""); /* message_id, unused (4.6.2) */
	return write_finish(&w);
}

int
pdu_encode_bind(const struct pdu_bind *b, uint8_t *out, size_t room)
{
	int n;

	/* Longer than SMPP says is what some carriers hand out; beyond these it is a mistake. */
	if (strlen(b->system_id) > PDU_SYSTEM_ID_MAX || strlen(b->password) > 64 || strlen(b->system_type) > 64)
		return -1;
	n = pdu_library_bind(b, out, room);
	return n > 0 ? n : pdu_hand_bind(b, out, room);
}

int
pdu_encode_submit(const struct pdu_submit *s, uint8_t *out, size_t room)
{
	int n;

	if (strlen(s->source) > 20 || strlen(s->dest) > 20 || strlen(s->validity) > PDU_TIME_MAX ||
		s->len > SHORT_MESSAGE_MAX)
		return -1;
	n = pdu_library_submit(s, out, room);
	return n > 0 ? n : pdu_hand_submit(s, out, room);
}

int
pdu_encode_simple(uint32_t command, uint32_t status, uint32_t sequence, uint8_t *out, size_t room)
{
	int n = pdu_library_simple(command, status, sequence, out, room);

	return n > 0 ? n : pdu_hand_simple(command, status, sequence, out, room);
}
