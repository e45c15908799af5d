/* Reads what headers and parameters say of a part. */
#include "gateway/smpp/reassembly.h"

#include <string.h>
#include "dialog/national.h"

#define IE_CONCAT8 0x00
#define IE_CONCAT16 0x08
#define PARTS_MAX 255

const char *
concat_kind_name(enum concat_kind k)
{
	static const char *const names[] = {"", "udh8", "udh16", "sar"};

	return names[k];
}

/* Takes the numbers when they can be; a text in one part needs no joining. */
static void
concat_set(struct concat *c, enum concat_kind kind, int reference, int part, int parts)
{
	if (part < 1 || part > parts || parts < 2)
		return;
	c->kind = kind;
	c->reference = reference;
	c->part = part;
	c->parts = parts;
}

/* The information elements after the header's length octet; elements of other kinds are stepped over. */
static void
read_udh(const uint8_t *udh, size_t len, struct concat *c)
{
	for (size_t at = 0; at + 2 <= len;) {
		uint8_t id = udh[at], n = udh[at + 1];
		const uint8_t *v = udh + at + 2;

		if (n > len - at - 2)
			return;
		if (id == IE_CONCAT8 && n == 3)
			concat_set(c, CONCAT_UDH8, v[0], v[2], v[1]);
		else if (id == IE_CONCAT16 && n == 4)
			concat_set(c, CONCAT_UDH16, v[0] << 8 | v[1], v[3], v[2]);
		else if (id == NATIONAL_IE_SINGLE && n == 1)
			c->single = v[0];
		else if (id == NATIONAL_IE_LOCKING && n == 1)
			c->locking = v[0];
		at += 2 + (size_t)n;
	}
}

static void
read_sar(const struct pdu *p, struct concat *c)
{
	uint32_t reference, parts, part;

	if (pdu_tlv_number(p, PDU_TLV_SAR_REFERENCE, &reference) && pdu_tlv_number(p, PDU_TLV_SAR_TOTAL, &parts) &&
		pdu_tlv_number(p, PDU_TLV_SAR_PART, &part) && reference <= UINT16_MAX && parts <= PARTS_MAX &&
		part <= PARTS_MAX)
		concat_set(c, CONCAT_SAR, (int)reference, (int)part, (int)parts);
}

void
concat_read(const struct pdu *p, struct concat *out)
{
	*out = (struct concat){.part = 1, .parts = 1};
	if (p->esm_class & PDU_ESM_UDHI && p->message_len > 0 && p->message[0] < p->message_len) {
		out->header = 1 + (size_t)p->message[0];
		read_udh(p->message + 1, p->message[0], out);
	}
	if (out->kind == CONCAT_NONE)
		read_sar(p, out);
}
