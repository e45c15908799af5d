/* Writes a PDU as a line of words, in the order of its fields. */
#include "gateway/smpp/wire_line.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "gateway/mask.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/pdu_walk.h"
#include "gateway/smpp/reassembly.h"
#include "gateway/smpp/receipt.h"
#include "gateway/smpp/status.h"
#include "gateway/smpp/wire_words.h"

#define CUT " ..."
#define PHONE_DIGITS 9 /* an address of so many digits is a person's */
#define OCTETS_SHOWN 40
#define TEXT_SHOWN 512 /* octets; a line holds no more anyway */

struct line {
	char *at;
	size_t room; /* what is left, the NUL and the mark of a cut included */
	bool cut;
	enum wire_detail detail;
	const struct text_codings *codings;
};

int
wire_detail_by_name(const char *name, enum wire_detail *detail)
{
	*detail = strcmp(name, "full") == 0 ? WIRE_FULL : strcmp(name, "off") == 0 ? WIRE_OFF : WIRE_HEADERS;
	return *detail != WIRE_HEADERS || strcmp(name, "headers") == 0 || strcmp(name, "on") == 0 ? 0 : -1;
}

const char *
wire_detail_name(enum wire_detail detail)
{
	return detail == WIRE_FULL ? "full" : detail == WIRE_HEADERS ? "headers" : "off";
}

/* ---- Putting ----------------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void
put(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (l->cut)
		return;
	va_start(ap, fmt);
	n = vsnprintf(l->at, l->room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + sizeof(CUT) > l->room) {
		l->cut = true;
		memcpy(l->at, CUT, sizeof(CUT));
		return;
	}
	l->at += n;
	l->room -= (size_t)n;
}

/* A string of the peer's: printable ASCII as it is, anything else as a question mark; quoted. */
static void
put_string(struct line *l, const char *name, const char *s)
{
	char clean[256];
	size_t n = 0;

	for (; *s && n < sizeof(clean) - 1; s++)
		clean[n++] = isprint((unsigned char)*s) && *s != '"' ? *s : '?';
	clean[n] = '\0';
	put(l, " %s=\"%s\"", name, clean);
}

static void
put_number(struct line *l, const char *name, uint32_t value, const char *word)
{
	put(l, *word ? " %s=%u (%s)" : " %s=%u", name, value, word);
}

static void
put_octets(struct line *l, const char *name, const uint8_t *p, size_t len)
{
	put(l, " %s=", name);
	for (size_t i = 0; i < len && i < OCTETS_SHOWN; i++)
		put(l, "%02x", p[i]);
	if (len == 0)
		put(l, "none");
	if (len > OCTETS_SHOWN)
		put(l, "... (%zu octets)", len);
}

/* A text, or in its place how long it is: 3 octets of UTF-8 for each octet at most. */
static void
put_text(struct line *l, const struct pdu *p, const struct concat *c)
{
	char text[3 * TEXT_SHOWN + 1];
	size_t len = p->message_len - c->header;
	struct text_piece piece = {.coding = (enum text_coding)l->codings->of[p->data_coding],
		.locking = c->locking,
		.single = c->single,
		.octets = p->message + c->header,
		.len = len < TEXT_SHOWN ? len : TEXT_SHOWN,
		.header = c->header};

	if (c->header)
		put_octets(l, "user_data_header", p->message, c->header);
	if (l->detail != WIRE_FULL) {
		put(l, " text=(%zu octets)", len);
	} else if (piece.coding == TEXT_CODING_BINARY) {
		put_octets(l, "data", piece.octets, len);
	} else {
		text_join(&piece, 1, "", text, sizeof(text));
		put(l, " text=\"%s\"", text);
	}
}

static void
put_address(struct line *l, const char *name, uint8_t ton, uint8_t npi, const char *address)
{
	char shown[16];

	if (l->detail != WIRE_FULL && strspn(address, "+0123456789") == strlen(address) &&
		strlen(address) >= PHONE_DIGITS) {
		mask_number(address, shown, sizeof(shown));
		address = shown;
	}
	put_string(l, name, address);
	if (*wire_ton_word(ton))
		put(l, " (%s", wire_ton_word(ton));
	else
		put(l, " (ton %u", ton);
	if (*wire_npi_word(npi))
		put(l, " %s)", wire_npi_word(npi));
	else
		put(l, " npi %u)", npi);
}

/* ---- The parts of a PDU --------------------------------------------------------------------------------------------
 */

static void
put_tlv(struct line *l, const struct pdu *p, const struct pdu_tlv *t)
{
	const struct pdu_tlv_facts *f = pdu_tlv_facts(t->tag);
	char name[16], text[72];
	uint32_t value;

	if (!f) {
		snprintf(name, sizeof(name), "tlv_0x%04x", t->tag);
		if (l->detail == WIRE_FULL)
			put_octets(l, name, t->value, t->len);
		else
			put(l, " %s=(%u octets)", name, t->len);
	} else if (t->tag == PDU_TLV_MESSAGE_PAYLOAD) {
		put(l, " message_payload=(%u octets)", t->len); /* its text stands where a text stands */
	} else if (t->tag == PDU_TLV_ITS_SESSION_INFO && t->len == 2) {
		put(l, " its_session_info=0x%02x%02x%s", t->value[0], t->value[1], t->value[1] & 1 ? " (end)" : "");
	} else if (t->tag == PDU_TLV_NETWORK_ERROR_CODE) {
		put_octets(l, f->name, t->value, t->len);
	} else if (f->kind == PDU_TLV_STRING && pdu_tlv_string(p, t->tag, text, sizeof(text))) {
		put_string(l, f->name, text);
	} else if (f->kind == PDU_TLV_NUMBER && pdu_tlv_number(p, t->tag, &value)) {
		put_number(l, f->name, value,
			t->tag == PDU_TLV_USSD_SERVICE_OP ? wire_ussd_word(value)
			: t->tag == PDU_TLV_MESSAGE_STATE ? wire_state_word(value)
											  : "");
	} else if (l->detail == WIRE_FULL) {
		put_octets(l, f->name, t->value, t->len);
	} else {
		put(l, " %s=(%u octets)", f->name, t->len);
	}
}

static void
put_tlvs(struct line *l, const struct pdu *p)
{
	for (size_t i = 0; i < p->ntlvs; i++)
		put_tlv(l, p, &p->tlvs[i]);
	if (p->tlvs_left_out)
		put(l, " and %zu optional parameters more", p->tlvs_left_out);
}

static void
put_content(struct line *l, const struct pdu *p)
{
	struct receipt r;
	struct concat c;

	if (p->command != PDU_SUBMIT_SM && receipt_read(p, &r)) {
		put_string(l, "receipt_id", r.id);
		put(l, " receipt_state=%s", r.state);
		if (*r.error)
			put_string(l, "receipt_error", r.error);
		if (l->detail == WIRE_FULL)
			put_text(l, p, &(struct concat){.parts = 1});
		return;
	}
	concat_read(p, &c);
	if (c.parts > 1)
		put(l, " part=%d/%d reference=%d (%s)", c.part, c.parts, c.reference, concat_kind_name(c.kind));
	put_text(l, p, &c);
}

static void
put_message(struct line *l, const struct pdu *p)
{
	char words[96];

	if (*p->service_type)
		put_string(l, "service_type", p->service_type);
	put_address(l, "source", p->source_ton, p->source_npi, p->source);
	put_address(l, "dest", p->dest_ton, p->dest_npi, p->dest);
	wire_esm_words(p->esm_class, words, sizeof(words));
	put(l, *words ? " esm_class=0x%02x (%s)" : " esm_class=0x%02x", p->esm_class, words);
	if (p->protocol_id)
		put_number(l, "protocol_id", p->protocol_id, "");
	if (p->priority_flag)
		put_number(l, "priority_flag", p->priority_flag, "");
	if (*p->schedule)
		put_string(l, "schedule_delivery_time", p->schedule);
	if (*p->validity)
		put_string(l, "validity_period", p->validity);
	put_number(l, "registered_delivery", p->registered_delivery, wire_delivery_word(p->registered_delivery));
	if (p->replace_if_present)
		put_number(l, "replace_if_present", p->replace_if_present, "");
	put_number(l, "data_coding", p->data_coding, wire_coding_word(p->data_coding));
	if (p->default_msg_id)
		put_number(l, "sm_default_msg_id", p->default_msg_id, "");
	put_content(l, p);
	put_tlvs(l, p);
}

/* The bind's request and outbind: whose they are, and never their password. */
static bool
put_bind(struct line *l, struct walk *w, bool outbind)
{
	char system_id[PDU_SYSTEM_ID_MAX + 1], secret[PDU_SYSTEM_ID_MAX + 1], type[PDU_SYSTEM_ID_MAX + 1];
	uint8_t version, ton, npi;

	walk_string(w, system_id, sizeof(system_id));
	walk_string(w, secret, sizeof(secret));
	put_string(l, "system_id", system_id);
	put(l, " password=%s", *secret ? "***" : "\"\"");
	memset(secret, 0, sizeof(secret));
	if (outbind)
		return !w->bad;
	walk_string(w, type, sizeof(type));
	version = walk_u8(w);
	ton = walk_u8(w);
	npi = walk_u8(w);
	walk_string(w, secret, sizeof(secret)); /* address_range */
	put_string(l, "system_type", type);
	put(l, " interface_version=0x%02x", version);
	put_address(l, "address_range", ton, npi, secret);
	return !w->bad;
}

/* query_sm, cancel_sm, query_sm_resp and alert_notification: 4.8, 4.9, 4.12. */
static bool
put_operation(struct line *l, struct walk *w, uint32_t command)
{
	char text[PDU_MESSAGE_ID_MAX + 1];
	uint8_t ton, npi;

	if (command == PDU_CANCEL_SM) {
		walk_string(w, text, PDU_TIME_MAX + 1);
		if (*text)
			put_string(l, "service_type", text);
	}
	if (command != PDU_ALERT_NOTIFICATION) {
		walk_string(w, text, sizeof(text));
		put_string(l, "message_id", text);
	}
	if (command == PDU_QUERY_SM_RESP) {
		walk_string(w, text, PDU_TIME_MAX + 1);
		if (*text)
			put_string(l, "final_date", text);
		ton = walk_u8(w);
		put_number(l, "message_state", ton, wire_state_word(ton));
		put_number(l, "error_code", walk_u8(w), "");
		return !w->bad;
	}
	ton = walk_u8(w);
	npi = walk_u8(w);
	walk_string(w, text, sizeof(text));
	put_address(l, "source", ton, npi, text);
	if (command == PDU_QUERY_SM)
		return !w->bad;
	ton = walk_u8(w);
	npi = walk_u8(w);
	walk_string(w, text, sizeof(text));
	put_address(l, command == PDU_CANCEL_SM ? "dest" : "esme", ton, npi, text);
	return !w->bad;
}

static bool
is_known(uint32_t command)
{
	return strcmp(pdu_command_name(command), "command") != 0;
}

static void
put_body(struct line *l, const uint8_t *octets, size_t len, const struct pdu *p, enum pdu_verdict verdict)
{
	struct walk w = {.at = octets + PDU_HEADER, .end = octets + len};
	bool good = true;

	switch (p->command) {
	case PDU_BIND_RECEIVER:
	case PDU_BIND_TRANSMITTER:
	case PDU_BIND_TRANSCEIVER:
	case PDU_OUTBIND:
		good = put_bind(l, &w, p->command == PDU_OUTBIND);
		break;
	case PDU_QUERY_SM:
	case PDU_CANCEL_SM:
	case PDU_ALERT_NOTIFICATION:
		good = put_operation(l, &w, p->command);
		break;
	case PDU_QUERY_SM_RESP:
		good = !p->has_body || put_operation(l, &w, p->command) || p->status;
		break;
	case PDU_SUBMIT_SM:
	case PDU_DELIVER_SM:
	case PDU_DATA_SM:
		if (verdict != PDU_BAD_BODY)
			put_message(l, p);
		good = verdict == PDU_GOOD;
		break;
	default:
		if (*p->system_id)
			put_string(l, "system_id", p->system_id);
		if (*p->message_id)
			put_string(l, "message_id", p->message_id);
		put_tlvs(l, p);
		good = verdict == PDU_GOOD;
		break;
	}
	if (!good)
		put(l, " malformed: %s",
			verdict == PDU_BAD_OPTIONS ? "the optional parameters do not fit"
			: is_known(p->command)	   ? "a field does not fit"
									   : "a command that SMPP 3.4 does not have");
}

size_t
wire_line(const uint8_t *octets, size_t len, enum wire_detail detail, const struct text_codings *codings, char *out,
	size_t room)
{
	struct line l = {.at = out, .room = room, .detail = detail, .codings = codings};
	struct pdu p;
	enum pdu_verdict verdict = pdu_decode(octets, len, &p);

	out[0] = '\0';
	if (verdict == PDU_BAD_LENGTH) {
		put(&l, "no PDU: a length that cannot be");
		put_octets(&l, "first_octets", octets, len < PDU_HEADER ? len : PDU_HEADER);
		return strlen(out);
	}
	put(&l, "%s", pdu_command_name(p.command));
	if (!is_known(p.command))
		put(&l, " 0x%08x", p.command);
	put(&l, " sequence=%u", p.sequence);
	if (p.command & PDU_RESPONSE || p.status)
		put(&l, " status=0x%02x (%s)", p.status, status_text(p.status));
	if (p.has_body)
		put_body(&l, octets, len, &p, verdict);
	return strlen(out);
}
