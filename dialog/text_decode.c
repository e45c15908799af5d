/*
 * Inbound texts: the octets of every coding that carriers use, read as UTF-8 that is safe to keep and to show; the
 * parts of a text as one, whatever a part's end has torn.
 */
#include "dialog/text.h"

#include <string.h>
#include "dialog/national.h"
#include "dialog/utf8.h"

/* ---- Characters out --------------------------------------------------------------------------------------------- */

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

/* ---- What a piece's end may leave unfinished -------------------------------------------------------------------- */

struct reader {
	struct sink sink;
	bool escaped;	   /* GSM-7: the last septet was the escape */
	bool little;	   /* UTF-16: a byte order mark said so, for all pieces that follow */
	uint32_t high;	   /* UTF-16: a high surrogate waits for its low one; 0 = none */
	bool odd;		   /* UTF-16: one octet of a unit waits */
	uint8_t octets[4]; /* UTF-16: that octet; UTF-8: the beginning of a sequence */
	size_t noctets;	   /* UTF-8 */
};

static void
settle_surrogate(struct reader *r)
{
	if (r->high)
		put(&r->sink, UTF8_BAD);
	r->high = 0;
}

/* What waits will not be completed any more. */
static void
settle(struct reader *r)
{
	if (r->escaped)
		put(&r->sink, ' ');
	settle_surrogate(r);
	if (r->odd)
		put(&r->sink, UTF8_BAD);
	for (size_t i = 0; i < r->noctets; i++)
		put(&r->sink, UTF8_BAD);
	r->escaped = r->odd = false;
	r->noctets = 0;
}

/* ---- GSM-7 ------------------------------------------------------------------------------------------------------ */

static void
septet_put(struct reader *r, const struct gsm7_tables *t, uint8_t septet)
{
	if (septet > 127) {
		/* Not a septet: the carrier means another alphabet. Masking the bit would invent a letter. */
		if (r->escaped)
			put(&r->sink, ' ');
		r->escaped = false;
		put(&r->sink, UTF8_BAD);
		return;
	}
	if (r->escaped) {
		uint32_t cp;

		r->escaped = false;
		if (septet == GSM7_ESCAPE) {
			put(&r->sink, ' '); /* reserved for a further table: shown as a space */
			return;
		}
		cp = gsm7_extended(t, septet);
		if (cp == GSM7_NONE)
			cp = gsm7_basic(t, septet);
		put(&r->sink, cp);
		return;
	}
	if (septet == GSM7_ESCAPE) {
		r->escaped = true;
		return;
	}
	put(&r->sink, gsm7_basic(t, septet));
}

static void
read_packed(struct reader *r, const struct gsm7_tables *t, const uint8_t *in, size_t len, size_t header, size_t septets)
{
	size_t fill = (7 - header * 8 % 7) % 7;
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
		septet_put(r, t, (uint8_t)value);
	}
}

/* ---- Unicode ---------------------------------------------------------------------------------------------------- */

static void
unit_put(struct reader *r, uint32_t unit)
{
	if (r->high && unit >= 0xDC00 && unit <= 0xDFFF) {
		put(&r->sink, 0x10000 + ((r->high - 0xD800) << 10) + (unit - 0xDC00));
		r->high = 0;
		return;
	}
	settle_surrogate(r);
	if (unit >= 0xD800 && unit <= 0xDBFF)
		r->high = unit;
	else
		put(&r->sink, unit); /* utf8_encode turns a lone surrogate into U+FFFD */
}

static void
read_utf16(struct reader *r, const uint8_t *in, size_t len)
{
	size_t i = 0;

	/* An octet that waits belongs to this piece only when the piece lacks one: else it was a stray, as filling is. */
	if (r->odd && len % 2 == 1) {
		uint32_t first = r->octets[0], second = in[0];

		r->odd = false;
		i = 1;
		unit_put(r, r->little ? second << 8 | first : first << 8 | second);
	} else if (r->odd) {
		settle(r);
	}
	if (len - i >= 2 && in[i] == 0xFF && in[i + 1] == 0xFE) {
		r->little = true;
		i += 2;
	} else if (len - i >= 2 && in[i] == 0xFE && in[i + 1] == 0xFF) {
		r->little = false;
		i += 2;
	}
	while (len - i >= 2 && (len - i) % 2 == 0 && in[len - 1] == 0 && in[len - 2] == 0)
		len -= 2;
	for (; i + 2 <= len; i += 2)
		unit_put(r, r->little ? (uint32_t)in[i + 1] << 8 | in[i] : (uint32_t)in[i] << 8 | in[i + 1]);
	if (i < len) {
		r->odd = true;
		r->octets[0] = in[i];
	}
}

/* Could more octets make these the beginning of a character? */
static bool
begins(const uint8_t *in, size_t len)
{
	size_t need = in[0] >= 0xF0 ? 4 : in[0] >= 0xE0 ? 3 : 2;
	uint8_t whole[4];
	uint32_t cp;
	bool bad;

	if (in[0] < 0xC2 || in[0] > 0xF4 || len >= need)
		return false;
	/* The second octet of some sequences is bounded from either side, so both ends are tried. */
	for (int low = 0; low < 2; low++) {
		memcpy(whole, in, len);
		memset(whole + len, low ? 0x80 : 0xBF, need - len);
		if (utf8_decode((const char *)whole, need, &cp, &bad) == need && !bad)
			return true;
	}
	return false;
}

static void
read_utf8(struct reader *r, const uint8_t *in, size_t len)
{
	/* What waits is completed octet by octet; it is at most three. */
	while (r->noctets > 0 && len > 0) {
		uint32_t cp;
		bool bad;

		r->octets[r->noctets] = in[0];
		if (utf8_decode((const char *)r->octets, r->noctets + 1, &cp, &bad) == r->noctets + 1 && !bad) {
			put(&r->sink, cp);
			r->noctets = 0;
		} else if (begins(r->octets, r->noctets + 1)) {
			r->noctets++;
		} else {
			settle(r);
			break; /* this octet begins something else */
		}
		in++;
		len--;
	}
	if (r->sink.n == 0 && len >= 3 && memcmp(in, "\xEF\xBB\xBF", 3) == 0) {
		in += 3;
		len -= 3;
	}
	while (len > 0 && in[len - 1] == 0)
		len--;
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		bool bad;
		size_t n = utf8_decode((const char *)in + i, len - i, &cp, &bad);

		if (bad && len - i < 4 && begins(in + i, len - i)) {
			r->noctets = len - i;
			memcpy(r->octets, in + i, r->noctets);
			return;
		}
		put(&r->sink, cp);
		i += n;
	}
}

/* ---- One octet, one character ----------------------------------------------------------------------------------- */

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

static void
read_octets(struct reader *r, enum text_coding coding, const uint8_t *in, size_t len)
{
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
		put(&r->sink, cp);
	}
}

/* ---- Pieces ----------------------------------------------------------------------------------------------------- */

static void
read_piece(struct reader *r, const struct text_piece *p, size_t septets)
{
	struct gsm7_tables tables;

	switch (p->coding) {
	case TEXT_CODING_GSM7:
	case TEXT_CODING_GSM7_PACKED:
		tables = national_tables(p->locking, p->single);
		if (p->coding == TEXT_CODING_GSM7_PACKED) {
			read_packed(r, &tables, p->octets, p->len, p->header, septets);
			return;
		}
		for (size_t i = 0; i < p->len; i++)
			septet_put(r, &tables, p->octets[i]);
		return;
	case TEXT_CODING_UTF16:
		read_utf16(r, p->octets, p->len);
		return;
	case TEXT_CODING_UTF8:
		read_utf8(r, p->octets, p->len);
		return;
	case TEXT_CODING_BINARY:
		for (size_t i = 0; i < p->len; i++)
			put(&r->sink, UTF8_BAD);
		return;
	default:
		read_octets(r, p->coding, p->octets, p->len);
	}
}

/* Packed or not, septets go on as septets. */
static bool
goes_on(enum text_coding a, enum text_coding b)
{
	bool gsm_a = a == TEXT_CODING_GSM7 || a == TEXT_CODING_GSM7_PACKED;
	bool gsm_b = b == TEXT_CODING_GSM7 || b == TEXT_CODING_GSM7_PACKED;

	return gsm_a ? gsm_b : a == b;
}

size_t
text_join(const struct text_piece *pieces, size_t n, const char *gap, char *out, size_t room)
{
	struct reader r = {.sink = {.out = out, .room = room}};

	for (size_t i = 0; i < n; i++) {
		if (pieces[i].octets == NULL) {
			settle(&r);
			for (const char *s = gap; *s != '\0';) {
				uint32_t cp;

				s += utf8_decode(s, strlen(s), &cp, NULL);
				put(&r.sink, cp);
			}
			continue;
		}
		if (i > 0 && !goes_on(pieces[i - 1].coding, pieces[i].coding))
			settle(&r);
		read_piece(&r, &pieces[i], SIZE_MAX);
	}
	settle(&r);
	return finish(&r.sink);
}

size_t
text_decode(enum text_coding coding, const uint8_t *in, size_t len, char *out, size_t room)
{
	const struct text_piece piece = {.coding = coding, .octets = in != NULL ? in : (const uint8_t *)"", .len = len};

	return text_join(&piece, 1, "", out, room);
}

size_t
text_decode_gsm7_packed(const uint8_t *in, size_t len, size_t header_len, size_t septets, char *out, size_t room)
{
	const struct text_piece piece = {.coding = TEXT_CODING_GSM7_PACKED, .octets = in, .len = len, .header = header_len};
	struct reader r = {.sink = {.out = out, .room = room}};

	read_piece(&r, &piece, septets);
	settle(&r);
	return finish(&r.sink);
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
