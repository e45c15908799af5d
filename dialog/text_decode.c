/* Inbound texts: the octets of every coding that carriers use, read as UTF-8 that is safe to keep and to show. */
#include "dialog/text.h"

#include <string.h>
#include "dialog/gsm7.h"
#include "dialog/utf8.h"

/* Where decoded characters go; once one does not fit, nothing after it goes in either. */
struct sink {
	char *out;
	size_t room, n;
	bool full;
};

static void
put(struct sink *s, uint32_t cp)
{
	char octets[4];
	size_t width;

	/* Control characters have no meaning in a text, but a terminal obeys them. */
	if ((cp < 0x20 && cp != '\n' && cp != '\r' && cp != '\t' && cp != '\f') || (cp >= 0x7F && cp < 0xA0))
		cp = UTF8_BAD;
	width = utf8_encode(cp, octets);
	if (s->full || s->n + width >= s->room) {
		s->full = true;
		return;
	}
	memcpy(s->out + s->n, octets, width);
	s->n += width;
}

static size_t
finish(struct sink *s)
{
	s->out[s->n] = '\0';
	return s->n;
}

enum text_coding
text_coding_of(uint8_t data_coding, enum text_coding link_default)
{
	enum text_coding gsm = link_default == TEXT_CODING_GSM7_PACKED ? TEXT_CODING_GSM7_PACKED : TEXT_CODING_GSM7;

	switch (data_coding) {
	case 0:
		return link_default;
	case 1:
		return TEXT_CODING_ASCII;
	case 3:
		return TEXT_CODING_LATIN1;
	case 6:
		return TEXT_CODING_CYRILLIC;
	case 7:
		return TEXT_CODING_HEBREW;
	case 8:
		return TEXT_CODING_UTF16;
	default:
		break;
	}
	if (data_coding < 0x10)
		return TEXT_CODING_BINARY; /* 8-bit data, and the East Asian codings that nobody sends */
	if (data_coding < 0x80) {	   /* TS 23.038 general and automatic deletion groups */
		if (data_coding & 0x20)
			return TEXT_CODING_BINARY; /* compressed */
		if ((data_coding & 0x0C) == 0x04)
			return TEXT_CODING_BINARY;
		return (data_coding & 0x0C) == 0x08 ? TEXT_CODING_UTF16 : gsm;
	}
	if (data_coding >= 0xE0 && data_coding < 0xF0)
		return TEXT_CODING_UTF16; /* message waiting, UCS-2 */
	if (data_coding >= 0xF0)
		return data_coding & 0x04 ? TEXT_CODING_BINARY : gsm;
	return gsm; /* message waiting, and reserved groups, which the specification reads as the default alphabet */
}

int
text_coding_by_name(const char *name, enum text_coding *coding)
{
	static const struct {
		const char *name;
		enum text_coding coding;
	} names[] = {
		{"gsm7", TEXT_CODING_GSM7},
		{"gsm7-packed", TEXT_CODING_GSM7_PACKED},
		{"ascii", TEXT_CODING_ASCII},
		{"latin1", TEXT_CODING_LATIN1},
		{"ucs2", TEXT_CODING_UTF16},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(name, names[i].name) == 0) {
			*coding = names[i].coding;
			return 0;
		}
	}
	return -1;
}

/* Reads septets one by one and keeps whether the last one was the escape. */
struct septets {
	struct sink sink;
	bool escaped;
};

static void
septet_put(struct septets *s, uint8_t septet)
{
	if (septet > 127) {
		/* Not a septet: the carrier means another alphabet. Masking the bit would invent a letter. */
		if (s->escaped)
			put(&s->sink, ' ');
		s->escaped = false;
		put(&s->sink, UTF8_BAD);
		return;
	}
	if (s->escaped) {
		uint32_t cp;

		s->escaped = false;
		if (septet == GSM7_ESCAPE) {
			put(&s->sink, ' '); /* reserved for a further table: shown as a space */
			return;
		}
		cp = gsm7_extended(&gsm7_default, septet);
		if (cp == GSM7_NONE)
			cp = gsm7_basic(&gsm7_default, septet);
		put(&s->sink, cp);
		return;
	}
	if (septet == GSM7_ESCAPE) {
		s->escaped = true;
		return;
	}
	put(&s->sink, gsm7_basic(&gsm7_default, septet));
}

static size_t
septets_finish(struct septets *s)
{
	if (s->escaped)
		put(&s->sink, ' ');
	return finish(&s->sink);
}

size_t
text_decode_gsm7(const uint8_t *in, size_t len, char *out, size_t room)
{
	struct septets s = {.sink = {.out = out, .room = room}};

	for (size_t i = 0; i < len; i++)
		septet_put(&s, in[i]);
	return septets_finish(&s);
}

size_t
text_decode_gsm7_packed(const uint8_t *in, size_t len, size_t header_len, size_t septets, char *out, size_t room)
{
	struct septets s = {.sink = {.out = out, .room = room}};
	size_t fill = (7 - header_len * 8 % 7) % 7;
	size_t have = len * 8 > fill ? (len * 8 - fill) / 7 : 0;
	bool counted = septets != SIZE_MAX;

	if (counted && septets < have)
		have = septets;
	for (size_t i = 0; i < have; i++) {
		size_t bit = fill + i * 7;
		unsigned value = in[bit / 8] >> bit % 8;

		if (bit % 8 > 1)
			value |= (unsigned)in[bit / 8 + 1] << (8 - bit % 8);
		value &= 0x7F;
		/* A last septet that lies in the last octet alone may be nothing but filling. */
		if (!counted && i + 1 == have && bit % 8 == 1 && (value == 0 || value == '\r'))
			break;
		septet_put(&s, (uint8_t)value);
	}
	return septets_finish(&s);
}

size_t
text_decode_utf16(const uint8_t *in, size_t len, char *out, size_t room)
{
	struct sink s = {.out = out, .room = room};
	size_t i = 0, big = 0; /* big: which octet of a unit is the higher one */

	if (len >= 2 && in[0] == 0xFF && in[1] == 0xFE)
		big = 1;
	if (len >= 2 && (big == 1 || (in[0] == 0xFE && in[1] == 0xFF)))
		i = 2;
	while (len - i >= 2 && len % 2 == 0 && in[len - 1] == 0 && in[len - 2] == 0)
		len -= 2;
	for (; i + 2 <= len; i += 2) {
		uint32_t unit = (uint32_t)in[i + big] << 8 | in[i + 1 - big];

		if (unit >= 0xD800 && unit <= 0xDBFF && i + 4 <= len) {
			uint32_t low = (uint32_t)in[i + 2 + big] << 8 | in[i + 3 - big];

			if (low >= 0xDC00 && low <= 0xDFFF) {
				unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
				i += 2;
			}
		}
		put(&s, unit); /* utf8_encode turns a lone surrogate into U+FFFD */
	}
	if (i < len)
		put(&s, UTF8_BAD);
	return finish(&s);
}

/* 0x80..0x9F where senders who say Latin-1 mean Windows-1252; 0 = nothing there. */
static const uint16_t windows_1252[32] = {0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030,
	0x0160, 0x2039, 0x0152, 0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
	0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};

static uint32_t
cyrillic(uint8_t octet) /* ISO 8859-5 */
{
	if (octet <= 0xA0 || octet == 0xAD)
		return octet;
	if (octet == 0xF0)
		return 0x2116;
	if (octet == 0xFD)
		return 0xA7;
	return 0x401u + (octet - 0xA1u);
}

static uint32_t
hebrew(uint8_t octet) /* ISO 8859-8 */
{
	if (octet >= 0xE0 && octet <= 0xFA)
		return 0x5D0u + (octet - 0xE0u);
	if (octet == 0xAA)
		return 0xD7;
	if (octet == 0xBA)
		return 0xF7;
	if (octet == 0xDF)
		return 0x2017;
	if (octet == 0xFD || octet == 0xFE)
		return 0x200Eu + (octet - 0xFDu);
	return octet <= 0xBE && octet != 0xA1 ? octet : UTF8_BAD;
}

size_t
text_decode(enum text_coding coding, const uint8_t *in, size_t len, char *out, size_t room)
{
	struct sink s = {.out = out, .room = room};

	switch (coding) {
	case TEXT_CODING_GSM7:
		return text_decode_gsm7(in, len, out, room);
	case TEXT_CODING_GSM7_PACKED:
		return text_decode_gsm7_packed(in, len, 0, SIZE_MAX, out, room);
	case TEXT_CODING_UTF16:
		return text_decode_utf16(in, len, out, room);
	case TEXT_CODING_BINARY:
		for (size_t i = 0; i < len; i++)
			put(&s, UTF8_BAD);
		return finish(&s);
	default:
		break;
	}
	while (len > 0 && in[len - 1] == 0)
		len--;
	for (size_t i = 0; i < len; i++) {
		uint32_t cp = in[i];

		if (coding == TEXT_CODING_ASCII && cp > 0x7F)
			cp = UTF8_BAD;
		else if (coding == TEXT_CODING_LATIN1 && cp >= 0x80 && cp < 0xA0)
			cp = windows_1252[cp - 0x80];
		else if (coding == TEXT_CODING_CYRILLIC)
			cp = cyrillic(in[i]);
		else if (coding == TEXT_CODING_HEBREW)
			cp = hebrew(in[i]);
		put(&s, cp);
	}
	return finish(&s);
}

size_t
text_hex(const uint8_t *in, size_t len, char *out, size_t room)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		size_t width = i > 0 ? 3 : 2;

		if (n + width >= room)
			break;
		if (i > 0)
			out[n++] = ' ';
		out[n++] = digits[in[i] >> 4];
		out[n++] = digits[in[i] & 15];
	}
	out[n] = '\0';
	return n;
}
