/* Takes out of a PDU's octets, in place, what a capture must not hold: passwords always, persons unless asked. */
#include "gateway/smpp/wire_line.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/reassembly.h"
#include "gateway/smpp/receipt.h"

#define STAR '*'
#define PHONE_DIGITS 9
#define DIGITS_KEPT 4

/* Where the octets of a C-octet string end; NULL when it runs over the end. */
static uint8_t *
after_string(uint8_t *at, const uint8_t *end)
{
	uint8_t *nul = at && at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;

	return nul ? nul + 1 : NULL;
}

static void
star(const uint8_t *octets, uint8_t *all, size_t len)
{
	/* The decoded PDU points into the same octets, as constants. */
	memset(all + (octets - all), STAR, len);
}

/* system_id stays, password goes; one that cannot be found takes everything with it. */
static void
blank_password(uint8_t *octets, size_t len)
{
	const uint8_t *end = octets + len;
	uint8_t *password = after_string(octets + PDU_HEADER, end), *next = after_string(password, end);

	if (!next)
		star(octets + PDU_HEADER, octets, len - PDU_HEADER);
	else
		memset(password, STAR, (size_t)(next - 1 - password));
}

/* An address behind its TON and NPI; returns what follows it, or NULL. */
static uint8_t *
blank_address(uint8_t *at, const uint8_t *end)
{
	uint8_t *next = at && end - at > 2 ? after_string(at + 2, end) : NULL;
	size_t digits = 0, len;

	if (!next)
		return NULL;
	at += 2;
	len = (size_t)(next - 1 - at);
	for (size_t i = 0; i < len; i++)
		digits += isdigit(at[i]) != 0;
	if (digits >= PHONE_DIGITS)
		memset(at, STAR, len - DIGITS_KEPT);
	return next;
}

/* What a receipt quotes of the text it speaks of; the rest of it is the carrier's. */
static void
blank_quotation(uint8_t *text, size_t len)
{
	for (size_t i = 0; i + 5 <= len; i++) {
		if (strncasecmp((const char *)text + i, "text:", 5) == 0) {
			memset(text + i + 5, STAR, len - i - 5);
			return;
		}
	}
}

static void
blank_text(const struct pdu *p, uint8_t *octets)
{
	uint8_t *text = octets + (p->message - octets);
	struct receipt r;
	struct concat c;

	if (p->message_len == 0)
		return;
	if (p->command != PDU_SUBMIT_SM && receipt_read(p, &r)) {
		blank_quotation(text, p->message_len);
		return;
	}
	concat_read(p, &c);
	memset(text + c.header, STAR, p->message_len - c.header);
}

static void
blank_options(const struct pdu *p, uint8_t *octets)
{
	for (size_t i = 0; i < p->ntlvs; i++) {
		const struct pdu_tlv *t = &p->tlvs[i];
		const struct pdu_tlv_facts *f = pdu_tlv_facts(t->tag);
		bool is_message = p->message == t->value && p->message_len == t->len;

		/* Numbers and ids say nothing of a person; addresses, texts and what is not known may. */
		if (!is_message && (!f || (f->kind == PDU_TLV_OCTETS && t->tag != PDU_TLV_NETWORK_ERROR_CODE)))
			star(t->value, octets, t->len);
	}
}

static void
blank_message(const struct pdu *p, uint8_t *octets, size_t len)
{
	const uint8_t *end = octets + len;

	blank_address(blank_address(after_string(octets + PDU_HEADER, end), end), end);
	blank_text(p, octets);
	blank_options(p, octets);
}

void
wire_blank(uint8_t *octets, size_t len, enum wire_detail detail)
{
	struct pdu p;
	enum pdu_verdict verdict = pdu_decode(octets, len, &p);
	const uint8_t *end = octets + len;

	if (verdict == PDU_BAD_LENGTH) {
		if (len > PDU_HEADER)
			star(octets + PDU_HEADER, octets, len - PDU_HEADER);
		return;
	}
	switch (p.command) {
	case PDU_BIND_RECEIVER:
	case PDU_BIND_TRANSMITTER:
	case PDU_BIND_TRANSCEIVER:
	case PDU_OUTBIND:
		blank_password(octets, len);
		return;
	default:
		break;
	}
	if (detail == WIRE_FULL || !p.has_body)
		return;
	switch (p.command) {
	case PDU_SUBMIT_SM:
	case PDU_DELIVER_SM:
	case PDU_DATA_SM:
		if (verdict == PDU_GOOD && p.tlvs_left_out == 0)
			blank_message(&p, octets, len);
		else
			star(octets + PDU_HEADER, octets, len - PDU_HEADER);
		return;
	case PDU_QUERY_SM:
		blank_address(after_string(octets + PDU_HEADER, end), end);
		return;
	case PDU_CANCEL_SM:
		blank_address(blank_address(after_string(after_string(octets + PDU_HEADER, end), end), end), end);
		return;
	case PDU_ALERT_NOTIFICATION:
		blank_address(blank_address(octets + PDU_HEADER, end), end);
		return;
	default:
		/* Responses carry ids and numbers; of a command that is not known nothing is known. */
		if (verdict != PDU_GOOD)
			star(octets + PDU_HEADER, octets, len - PDU_HEADER);
		return;
	}
}
