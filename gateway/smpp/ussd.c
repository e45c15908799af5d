/* USSD by a profile: what a carrier's PDU says, and the fields of the PDU that answers it. */
#include "gateway/smpp/ussd.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/status.h"

#define OP_DATA 0 /* PSSD indication: a code that takes one answer and no menu */
#define SESSION_WIDTH 2
#define ADDRESS_MAX 20
#define ESM_TYPE 0x3c /* of esm_class: the kind of message, 0 = an ordinary one (5.2.12) */

/* ---- The state: what an answer must carry, in a row of letter and value with commas between ---------------------- */

struct state {
	bool has_session, has_reference, from_data;
	uint16_t session, reference;
	char receipted[64];
	char source[ADDRESS_MAX + 1];
	uint8_t source_ton, source_npi;
};

static bool
is_plain(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || *s == ',')
			return false;
	return true;
}

/* Adds one piece when there is room for it. */
static bool
add_piece(char *out, const char *piece)
{
	size_t at = strlen(out), len = strlen(piece);

	if (at + (at > 0) + len > USSD_STATE_MAX)
		return false;
	if (at > 0)
		out[at++] = ',';
	memcpy(out + at, piece, len + 1);
	return true;
}

/* The source address goes last and is left out when it has no room: the part has one of its own. */
static bool
state_write(const struct state *s, char *out)
{
	char piece[80];
	bool fits = true;

	out[0] = '\0';
	if (s->from_data)
		fits = add_piece(out, "d");
	if (s->has_session) {
		snprintf(piece, sizeof(piece), "i%04x", s->session);
		fits = fits && add_piece(out, piece);
	}
	if (s->has_reference) {
		snprintf(piece, sizeof(piece), "r%04x", s->reference);
		fits = fits && add_piece(out, piece);
	}
	if (s->receipted[0]) {
		snprintf(piece, sizeof(piece), "m%s", s->receipted);
		fits = fits && add_piece(out, piece);
	}
	if (s->source[0] && is_plain(s->source)) {
		snprintf(piece, sizeof(piece), "s%u.%u.%s", s->source_ton, s->source_npi, s->source);
		add_piece(out, piece);
	}
	return fits;
}

static bool
read_hex(const char *s, const char *end, uint16_t *out)
{
	char *stop;
	unsigned long v = strtoul(s, &stop, 16);

	*out = (uint16_t)v;
	return stop == end && end > s && v <= 0xffff;
}

static bool
read_source(const char *s, const char *end, struct state *out)
{
	char *stop;
	unsigned long ton = strtoul(s, &stop, 10), npi;

	if (ton > 255 || stop == s || *stop != '.')
		return false;
	s = stop + 1;
	npi = strtoul(s, &stop, 10);
	if (npi > 255 || stop == s || *stop != '.' || stop + 1 >= end || (size_t)(end - stop - 1) > ADDRESS_MAX)
		return false;
	out->source_ton = (uint8_t)ton;
	out->source_npi = (uint8_t)npi;
	memcpy(out->source, stop + 1, (size_t)(end - stop - 1));
	out->source[end - stop - 1] = '\0';
	return true;
}

static bool
read_piece(const char *s, const char *end, struct state *out)
{
	size_t len = (size_t)(end - s);

	switch (len > 0 ? *s : '\0') {
	case 'd':
		out->from_data = true;
		return len == 1;
	case 'i':
		out->has_session = true;
		return read_hex(s + 1, end, &out->session);
	case 'r':
		out->has_reference = true;
		return read_hex(s + 1, end, &out->reference);
	case 'm':
		if (len < 2 || len > sizeof(out->receipted))
			return false;
		memcpy(out->receipted, s + 1, len - 1);
		out->receipted[len - 1] = '\0';
		return true;
	case 's':
		return read_source(s + 1, end, out);
	default:
		return false;
	}
}

/* A state that was kept somewhere and came back may be anything. */
static bool
state_read(const char *in, struct state *out)
{
	*out = (struct state){0};
	while (*in) {
		const char *end = in + strcspn(in, ",");

		if (!read_piece(in, end, out))
			return false;
		in = end + (*end == ',');
	}
	return true;
}

/* ---- In ---------------------------------------------------------------------------------------------------------- */

enum text_coding
ussd_coding(const struct ussd_profile *p, uint8_t data_coding, enum text_coding link_default)
{
	enum text_coding coding;

	/* 15 is the default alphabet in the cell broadcast's scheme, which USSD networks know (3GPP TS 23.038, 5). */
	if (p && (data_coding == p->data_coding_gsm7 || data_coding == 0x0f))
		coding = data_coding == 0 ? link_default : TEXT_CODING_GSM7;
	else if (p && data_coding == p->data_coding_ucs2)
		coding = TEXT_CODING_UTF16;
	else
		coding = text_coding_of(data_coding, link_default);
	return p && p->packed && coding == TEXT_CODING_GSM7 ? TEXT_CODING_GSM7_PACKED : coding;
}

/* A number as wide as the table has it, or of another width that holds the same. */
static bool
tlv_number(const struct pdu *d, uint16_t tag, uint32_t max, uint32_t *value)
{
	return pdu_tlv_number(d, tag, value) && *value <= max;
}

static bool
speaks_ussd(const struct pdu *d)
{
	if (pdu_tlv(d, PDU_TLV_USSD_SERVICE_OP))
		return true;
	/* A receipt for a USSD text may bear its service_type. */
	return strcasecmp(d->service_type, "USSD") == 0 && (d->esm_class & ESM_TYPE) == 0 &&
		   !pdu_tlv(d, PDU_TLV_MESSAGE_STATE);
}

static bool
is_code(const char *s)
{
	return *s == '*' || *s == '#';
}

static bool
refuse(struct ussd_reading *r, uint32_t status, const char *fmt, unsigned n)
{
	r->in.event = USSD_NONE;
	r->status = status;
	/* cppcheck-suppress wrongPrintfScanfArgNum; a sentence without a number leaves it unused */
	snprintf(r->why, sizeof(r->why), fmt, n);
	return true;
}

/* What was dialled: of two places the one that looks like a code, else the first that holds anything. */
static void
read_code(const struct ussd_profile *p, const struct pdu *d, const char *text, struct ussd_reading *r)
{
	const char *code = p->code_in_text ? text : "";

	if (p->code_in_address && !is_code(code) && (is_code(d->dest) || !*code))
		code = d->dest;
	snprintf(r->code, sizeof(r->code), "%.*s", USSD_CODE_MAX, code);
}

/* Adds one part of the key. */
static void
add_key(char *key, size_t room, const char *part)
{
	size_t at = strlen(key);

	snprintf(key + at, room - at, "%s%s", at > 0 ? ":" : "", *part ? part : "-");
}

static void
add_number(char *key, size_t room, bool there, unsigned n)
{
	char part[8];

	snprintf(part, sizeof(part), "%04x", n);
	add_key(key, room, there ? part : "");
}

/* The first digits: "123" of "*123*4#". */
static void
first_digits(const char *address, char *out, size_t room)
{
	const char *digits = address + strcspn(address, "0123456789");

	snprintf(out, room, "%.*s", (int)strspn(digits, "0123456789"), digits);
}

static uint64_t
hash(const char *s, uint64_t seed)
{
	for (; *s; s++)
		seed = (seed ^ (unsigned char)*s) * 0x100000001b3u; /* FNV-1a */
	return seed;
}

/* A key that a table can hold: longer ones, and ones with odd octets, become their own fingerprint. */
static void
finish_key(const char *whole, char *out)
{
	bool plain = strlen(whole) <= USSD_SESSION_MAX;

	for (const char *s = whole; *s; s++)
		plain = plain && *s > ' ' && *s <= '~';
	if (plain)
		memcpy(out, whole, strlen(whole) + 1);
	else
		snprintf(out, USSD_SESSION_MAX + 1, "~%016llx%016llx", (unsigned long long)hash(whole, 0xcbf29ce484222325u),
			(unsigned long long)hash(whole, 0x9e3779b97f4a7c15u));
}

/* Reads what names the session, and keeps what an answer must carry. False with the refusal told. */
static bool
read_session(const struct ussd_profile *p, const struct pdu *d, struct state *s, struct ussd_reading *r)
{
	char whole[4 * PDU_ADDRESS_MAX] = "", part[PDU_MESSAGE_ID_MAX + 1];
	uint32_t n;
	bool named = p->key & (USSD_KEY_PHONE | USSD_KEY_CODE | USSD_KEY_ADDRESS);

	if (p->key & USSD_KEY_PHONE)
		add_key(whole, sizeof(whole), d->source + (d->source[0] == '+'));
	if (p->key & USSD_KEY_ADDRESS)
		add_key(whole, sizeof(whole), d->dest);
	if (p->key & USSD_KEY_CODE) {
		first_digits(d->dest, part, sizeof(part));
		add_key(whole, sizeof(whole), part);
	}
	if (p->key & USSD_KEY_SESSION) {
		const struct pdu_tlv *t = pdu_tlv(d, PDU_TLV_ITS_SESSION_INFO);

		s->has_session = tlv_number(d, PDU_TLV_ITS_SESSION_INFO, 0xffff, &n);
		if (!s->has_session && (t || !named))
			return !refuse(r, t ? STATUS_INVALID_OPTION : STATUS_MISSING_OPTION,
				t ? "its_session_info has %u octets instead of 2" : "its_session_info is missing", t ? t->len : 0u);
		/* One octet is the first of the two: the session without a sequence. */
		s->session = !s->has_session ? 0 : (uint16_t)(t->len < SESSION_WIDTH ? n << 8 : n);
		add_number(whole, sizeof(whole), s->has_session, s->session & p->session_mask);
	}
	if (p->key & USSD_KEY_REFERENCE) {
		s->has_reference = tlv_number(d, PDU_TLV_USER_MESSAGE_REFERENCE, 0xffff, &n);
		if (!s->has_reference && (pdu_tlv(d, PDU_TLV_USER_MESSAGE_REFERENCE) || !named))
			return !refuse(r, STATUS_MISSING_OPTION, "user_message_reference is missing or no number", 0);
		s->reference = s->has_reference ? (uint16_t)n : 0;
		add_number(whole, sizeof(whole), s->has_reference, s->reference);
	}
	if (p->key & USSD_KEY_RECEIPTED) {
		pdu_tlv_string(d, PDU_TLV_RECEIPTED_MESSAGE_ID, part, sizeof(part));
		if (!*part && !named)
			return !refuse(r, STATUS_MISSING_OPTION, "receipted_message_id is missing or empty", 0);
		if (strlen(part) >= USSD_STATE_MAX || !is_plain(part))
			return !refuse(r, STATUS_INVALID_OPTION, "receipted_message_id is no id that can be sent back", 0);
		memcpy(s->receipted, part, strlen(part) + 1);
		add_key(whole, sizeof(whole), part);
	}
	finish_key(whole, r->session);
	return true;
}

/* What the operation means. Without one, which is clear where a code is dialled, the text decides. */
static struct ussd_meaning
read_meaning(const struct ussd_profile *p, const struct pdu *d, const char *text, int *op)
{
	uint32_t n;

	*op = -1;
	if (!pdu_tlv(d, PDU_TLV_USSD_SERVICE_OP))
		return (struct ussd_meaning){is_code(text) || is_code(d->dest) ? USSD_DIAL : USSD_INPUT, false, ""};
	if (!tlv_number(d, PDU_TLV_USSD_SERVICE_OP, 0xff, &n))
		return (struct ussd_meaning){USSD_NONE, false, ""};
	*op = (int)n;
	return p->meaning[n];
}

bool
ussd_read(const struct ussd_profile *p, const struct pdu *d, enum text_coding link_default, struct ussd_reading *r)
{
	char text[3 * 255 + 1];
	struct ussd_meaning meaning;
	struct state s = {0};
	bool over;
	int op;

	*r = (struct ussd_reading){
		.in = {.session = r->session, .state = r->state, .code = r->code, .reason = ""}, .status = 0};
	if (!speaks_ussd(d))
		return false;
	if (!p)
		return refuse(r, STATUS_INVALID_SERVICE_TYPE, "USSD is not spoken on this link", 0);
	text_decode(ussd_coding(p, d->data_coding, link_default), d->message, d->message_len < 255 ? d->message_len : 255,
		text, sizeof(text));
	meaning = read_meaning(p, d, text, &op);
	if (!read_session(p, d, &s, r))
		return true;
	over = p->end_by_bit && s.has_session && s.session & 1;
	if (meaning.event == USSD_NONE && !over)
		return op < 0 ? refuse(r, STATUS_INVALID_OPTION, "ussd_service_op is not one octet", 0)
					  : refuse(r, STATUS_INVALID_OPTION, "this profile does not know operation %u", (unsigned)op);
	/* The end wins over an operation that brings nothing with it. */
	if (over && meaning.event != USSD_RELEASED) {
		if (meaning.event == USSD_NONE || (meaning.event == USSD_INPUT && !d->message_len))
			meaning.event = USSD_RELEASED;
		meaning.ended = true;
		meaning.reason = "ended by the network";
	}
	s.from_data = op == OP_DATA && meaning.event == USSD_DIAL;
	memcpy(s.source, d->dest, strlen(d->dest) <= ADDRESS_MAX ? strlen(d->dest) : 0);
	s.source_ton = d->dest_ton;
	s.source_npi = d->dest_npi;
	if (!state_write(&s, r->state))
		return refuse(r, STATUS_INVALID_OPTION, "what names the session is too long to be sent back", 0);
	if (meaning.event == USSD_DIAL)
		read_code(p, d, text, r);
	r->in.event = meaning.event;
	r->in.ended = meaning.ended;
	r->in.reason = meaning.reason;
	return true;
}

/* ---- Out --------------------------------------------------------------------------------------------------------- */

/* Eight septets in seven octets. A whole octet of fill would read as a further "@": it becomes a CR
 * (TS 23.038, 6.1.2.3.1). */
static size_t
pack(const uint8_t *septets, size_t n, uint8_t *out)
{
	size_t len = (n * 7 + 7) / 8;

	memset(out, 0, len);
	for (size_t i = 0; i < n; i++) {
		size_t bit = i * 7;
		unsigned v = (septets[i] & 0x7fu) << bit % 8;

		out[bit / 8] |= (uint8_t)v;
		if (bit % 8 > 1)
			out[bit / 8 + 1] |= (uint8_t)(v >> 8);
	}
	if (n % 8 == 7)
		out[len - 1] |= '\r' << 1;
	return len;
}

static int
write_operation(const struct ussd_profile *p, const struct ussd_out *say, const struct state *s)
{
	if (say->say == USSD_END && s->from_data && p->op_end_data >= 0)
		return p->op_end_data;
	if ((say->say == USSD_END || say->say == USSD_RELEASE) && say->pushed && p->op_end_pushed >= 0 &&
		(say->say == USSD_END || p->op[USSD_RELEASE] == p->op[USSD_END]))
		return p->op_end_pushed;
	return p->op[say->say];
}

static uint16_t
write_session(const struct ussd_profile *p, const struct state *s, bool end)
{
	uint16_t info = s->session;

	if (!p->end_by_bit)
		return info;
	if (p->next_sequence)
		info = (uint16_t)((info & 0xff00) | ((info + 2) & 0xfe));
	return (uint16_t)((info & 0xfffe) | end);
}

static int
cannot(uint32_t *status, const char **why, uint32_t code, const char *text)
{
	*status = code;
	*why = text;
	return -1;
}

int
ussd_write(const struct ussd_profile *p, const struct ussd_out *say, bool ucs2, const uint8_t *octets, size_t len,
	struct ussd_wire *w, uint32_t *status, const char **why)
{
	bool push = say->say == USSD_PUSH_MENU || say->say == USSD_PUSH_NOTE;
	bool end = say->say == USSD_END || say->say == USSD_RELEASE;
	struct state s = {0};
	int op;

	*w = (struct ussd_wire){.data_sm = p->data_sm, .payload = p->payload, .service_type = p->service_type};
	*status = 0;
	*why = "";
	if ((unsigned)say->say >= USSD_SAYS)
		return cannot(status, why, STATUS_INVALID_OPTION, "this is nothing that can be said");
	if (!push && !state_read(say->state, &s))
		return cannot(status, why, STATUS_INVALID_OPTION, "the session's state is not one that came from this link");
	op = write_operation(p, say, &s);
	if (op < 0)
		return cannot(status, why, STATUS_INVALID_SERVICE_TYPE, "the carrier has no operation for it");
	if (say->say == USSD_RELEASE)
		len = 0;
	if (ucs2 ? len % 2 || len / 2 > (size_t)p->length_ucs2 : len > (size_t)p->length_gsm7)
		return cannot(status, why, STATUS_INVALID_MESSAGE_LENGTH, "the text is longer than a screen");

	w->data_coding = ucs2 ? p->data_coding_ucs2 : p->data_coding_gsm7;
	if (!ucs2 && p->packed)
		w->len = pack(octets, len, w->octets);
	else if (len)
		memcpy(w->octets, octets, w->len = len);
	pdu_option_number(&w->options, PDU_TLV_USSD_SERVICE_OP, (uint32_t)op);
	if (p->key & USSD_KEY_SESSION && s.has_session)
		pdu_option_number(&w->options, PDU_TLV_ITS_SESSION_INFO, write_session(p, &s, end));
	if (p->key & USSD_KEY_REFERENCE && s.has_reference)
		pdu_option_number(&w->options, PDU_TLV_USER_MESSAGE_REFERENCE, s.reference);
	if (p->key & USSD_KEY_RECEIPTED && s.receipted[0])
		pdu_option_string(&w->options, PDU_TLV_RECEIPTED_MESSAGE_ID, s.receipted);
	if (push && say->code[0] && strlen(say->code) <= ADDRESS_MAX) {
		memcpy(s.source, say->code, strlen(say->code) + 1);
		s.source_npi = 1; /* E.164, as short codes go; a type of number it has none */
	}
	if (s.source[0]) {
		memcpy(w->source_buffer, s.source, strlen(s.source) + 1);
		w->source = w->source_buffer;
		w->source_ton = s.source_ton;
		w->source_npi = s.source_npi;
	}
	return 0;
}
