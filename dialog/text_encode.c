/* Outbound texts: the octets of each part, and of a USSD screen. */
#include "dialog/text_internal.h"

#include <string.h>

#define IE_CONCAT8 0x00

/* Septets into octets, packed or one each; begins behind a header on a septet boundary of the whole. */
struct writer {
	uint8_t *octets;
	size_t at, room; /* octets; packed: at is where the header ended */
	size_t bits;	 /* packed: written behind the header, filling included */
	bool packed;
	bool full;
};

static void
septet_write(struct writer *w, uint8_t septet)
{
	if (!w->packed) {
		if (w->at == w->room)
			w->full = true;
		else
			w->octets[w->at++] = septet;
		return;
	}
	size_t octet = w->at + w->bits / 8, shift = w->bits % 8;
	if (octet + (shift > 1 ? 1 : 0) >= w->room) {
		w->full = true;
		return;
	}
	w->octets[octet] |= (uint8_t)(septet << shift);
	if (shift > 1)
		w->octets[octet + 1] |= (uint8_t)(septet >> (8 - shift));
	w->bits += 7;
}

/* Seven bits left over would read as one more '@'; filled with CR they show nothing (TS 23.038, 6.1.2.3.1). */
static size_t
writer_end(struct writer *w)
{
	if (!w->packed)
		return w->at;
	if (w->bits % 8 == 1)
		w->octets[w->at + w->bits / 8] |= '\r' << 1;
	return w->at + (w->bits + 7) / 8;
}

static size_t
utf16_put(uint32_t cp, uint8_t unit[4])
{
	if (cp > 0xFFFF) {
		uint32_t high = 0xD800 + ((cp - 0x10000) >> 10), low = 0xDC00 + ((cp - 0x10000) & 0x3FF);

		unit[0] = (uint8_t)(high >> 8);
		unit[1] = (uint8_t)high;
		unit[2] = (uint8_t)(low >> 8);
		unit[3] = (uint8_t)low;
		return 4;
	}
	unit[0] = (uint8_t)(cp >> 8);
	unit[1] = (uint8_t)cp;
	return 2;
}

/* Appends the characters of s to octets[at..room), which is zero. The new length, or SIZE_MAX: they do not fit. */
static size_t
encode(enum text_coding as, const struct gsm7_tables *t, const char *s, size_t len, uint8_t *octets, size_t at,
	size_t room)
{
	struct writer w = {.octets = octets, .at = at, .room = room, .packed = as == TEXT_CODING_GSM7_PACKED};

	w.bits = (7 - at * 8 % 7) % 7;
	for (size_t i = 0; i < len && !w.full;) {
		uint32_t cp;
		uint8_t unit[4];
		size_t n;

		i += text_next(s + i, len - i, &cp);
		switch (as) {
		case TEXT_CODING_GSM7:
		case TEXT_CODING_GSM7_PACKED:
			n = (size_t)gsm7_encode(t, cp, unit);
			for (size_t k = 0; k < n; k++)
				septet_write(&w, unit[k]);
			break;
		case TEXT_CODING_UTF16:
			n = utf16_put(cp, unit);
			w.full = n > room - w.at;
			if (!w.full)
				memcpy(octets + w.at, unit, n);
			w.at += w.full ? 0 : n;
			break;
		default: /* Latin-1, ASCII */
			n = text_writable(as, cp) ? 1 : 0;
			w.full = w.at == room;
			if (!w.full && n > 0)
				octets[w.at++] = (uint8_t)cp;
		}
		if (n == 0)
			return SIZE_MAX;
	}
	return w.full ? SIZE_MAX : writer_end(&w);
}

static size_t
header_write(const struct text_parts *p, int index, uint8_t reference, uint8_t *out)
{
	size_t n = 1;

	if (text_header_len(p->count > 1, p->locking, p->single) == 0)
		return 0;
	if (p->count > 1) {
		const uint8_t concat[5] = {IE_CONCAT8, 3, reference, (uint8_t)p->count, (uint8_t)(index + 1)};

		memcpy(out + n, concat, sizeof concat);
		n += sizeof concat;
	}
	if (p->single != NATIONAL_NONE) {
		out[n++] = NATIONAL_IE_SINGLE;
		out[n++] = 1;
		out[n++] = p->single;
	}
	if (p->locking != NATIONAL_NONE) {
		out[n++] = NATIONAL_IE_LOCKING;
		out[n++] = 1;
		out[n++] = p->locking;
	}
	out[0] = (uint8_t)(n - 1);
	return n;
}

int
text_part_encode(
	const char *utf8, size_t len, const struct text_parts *p, int index, uint8_t reference, struct text_wire *out)
{
	const struct text_part *part;
	size_t at, end;

	memset(out, 0, sizeof *out);
	if (p->count < 1 || p->count > TEXT_PARTS_MAX || index < 0 || index >= p->count)
		return -1;
	part = &p->part[index];
	if (part->offset > len || part->len > len - part->offset)
		return -1;
	const struct gsm7_tables tables = national_tables(p->locking, p->single);
	out->data_coding = p->alphabet == TEXT_GSM7 ? p->rules.gsm7_coding : p->rules.ucs2_coding;
	at = header_write(p, index, reference, out->octets);
	out->udh = at > 0;
	end = encode(p->alphabet == TEXT_GSM7 ? p->rules.gsm7_as : TEXT_CODING_UTF16, &tables, utf8 + part->offset,
		part->len, out->octets, at, sizeof out->octets);
	if (end == SIZE_MAX) {
		memset(out, 0, sizeof *out);
		return -1;
	}
	out->len = end;
	return 0;
}

int
text_whole_encode(
	const struct text_rules *rules, const char *utf8, size_t len, uint8_t *octets, size_t room, uint8_t *data_coding)
{
	struct text_rules own = rules != NULL ? *rules : text_rules_plain;
	struct text_measure m;
	size_t n;

	own.national = 0;
	text_measure_by(&own, utf8, len, &m);
	memset(octets, 0, room);
	n = encode(m.alphabet == TEXT_GSM7 ? own.gsm7_as : TEXT_CODING_UTF16, &gsm7_default, utf8, len, octets, 0, room);
	*data_coding = m.alphabet == TEXT_GSM7 ? own.gsm7_coding : own.ucs2_coding;
	return n == SIZE_MAX ? -1 : (int)n;
}

/* ---- USSD ------------------------------------------------------------------------------------------------------- */

int
text_ussd_encode_by(const struct text_ussd_rules *rules, const char *utf8, size_t len, struct text_ussd_wire *out)
{
	static const struct text_ussd_rules plain = {.gsm7_coding = 0, .ucs2_coding = 8};
	struct text_measure m;
	size_t most, end;

	if (rules == NULL)
		rules = &plain;
	memset(out, 0, sizeof *out);
	text_measure(utf8, len, &m);
	if (m.alphabet == TEXT_GSM7)
		most = rules->gsm7_most > 0 && rules->gsm7_most < TEXT_USSD_GSM7 ? rules->gsm7_most : TEXT_USSD_GSM7;
	else
		most = rules->ucs2_most > 0 && rules->ucs2_most < TEXT_USSD_UCS2 ? rules->ucs2_most : TEXT_USSD_UCS2;
	if (m.units > most)
		return -1;
	end = encode(m.alphabet == TEXT_UCS2 ? TEXT_CODING_UTF16
				 : rules->packed		 ? TEXT_CODING_GSM7_PACKED
										 : TEXT_CODING_GSM7,
		&gsm7_default, utf8, len, out->octets, 0, sizeof out->octets);
	if (end == SIZE_MAX)
		return -1;
	/* The phone drops a CR that ends the last octet, so one that is meant comes twice. */
	if (m.alphabet == TEXT_GSM7 && rules->packed && len > 0 && m.units % 8 == 0 && utf8[len - 1] == '\r')
		out->octets[end++] = '\r';
	out->data_coding = m.alphabet == TEXT_GSM7 ? rules->gsm7_coding : rules->ucs2_coding;
	out->len = end;
	return 0;
}

int
text_ussd_encode(const char *utf8, size_t len, struct text_ussd_wire *out)
{
	return text_ussd_encode_by(NULL, utf8, len, out);
}
