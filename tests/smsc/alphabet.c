/* The alphabets' tables and their way to and from UTF-8; user data headers; splitting. */
#include <string.h>
#include "tests/smsc/alphabet.h"

/* GSM 03.38 section 6.2.1: the default alphabet by septet, as Unicode. 0x1B escapes to the extension. */
/* clang-format off */
static const uint16_t gsm_default[128] = {
	'@', 0xA3, '$', 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, '\n', 0xD8, 0xF8, '\r', 0xC5, 0xE5, /* 00 */
	0x394, '_', 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, 0x00, 0xC6, 0xE6, 0xDF, 0xC9, /* 10 */
	' ', '!', '"', '#', 0xA4, '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', /* 20 */
	'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?', /* 30 */
	0xA1, 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', /* 40 */
	'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 0xC4, 0xD6, 0xD1, 0xDC, 0xA7, /* 50 */
	0xBF, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', /* 60 */
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 0xE4, 0xF6, 0xF1, 0xFC, 0xE0, /* 70 */
};
/* clang-format on */

/* Section 6.2.1.1: the extension table. */
static const struct {
	uint8_t septet;
	uint16_t character;
} gsm_extension[] = {
	{0x0A, 0x0C},
	{0x14, '^'},
	{0x28, '{'},
	{0x29, '}'},
	{0x2F, '\\'},
	{0x3C, '['},
	{0x3D, '~'},
	{0x3E, ']'},
	{0x40, '|'},
	{0x65, 0x20AC},
};
enum {
	GSM_ESCAPE = 0x1B,
	UNREADABLE = 0xFFFD
};

const char *
alphabet_name(enum alphabet a)
{
	static const char *const names[] = {"gsm7", "ascii", "latin1", "ucs2", "binary"};
	return names[a];
}

enum alphabet
alphabet_of_coding(uint8_t data_coding)
{
	switch (data_coding) {
	case 0x00:
		return ALPHABET_GSM7;
	case 0x01:
		return ALPHABET_ASCII;
	case 0x03:
		return ALPHABET_LATIN1;
	case 0x08:
		return ALPHABET_UCS2;
	default:
		break;
	}
	if ((data_coding & 0xF0) == 0xF0) /* message class */
		return data_coding & 0x04 ? ALPHABET_BINARY : ALPHABET_GSM7;
	if ((data_coding & 0xF0) == 0x10) /* general data coding with a class: bits 3..2 name the alphabet */
		return (data_coding & 0x0C) == 0x08	  ? ALPHABET_UCS2
			   : (data_coding & 0x0C) == 0x00 ? ALPHABET_GSM7
											  : ALPHABET_BINARY;
	return ALPHABET_BINARY;
}

/* Adds one character when it fits whole with the NUL; false when it does not. */
static bool
put_utf8(char *out, size_t room, size_t *len, uint32_t c)
{
	char b[4];
	size_t n;

	if (c == 0)
		c = UNREADABLE;
	if (c < 0x80) {
		b[0] = (char)c;
		n = 1;
	} else if (c < 0x800) {
		b[0] = (char)(0xC0 | c >> 6);
		b[1] = (char)(0x80 | (c & 0x3F));
		n = 2;
	} else if (c < 0x10000) {
		b[0] = (char)(0xE0 | c >> 12);
		b[1] = (char)(0x80 | (c >> 6 & 0x3F));
		b[2] = (char)(0x80 | (c & 0x3F));
		n = 3;
	} else {
		b[0] = (char)(0xF0 | c >> 18);
		b[1] = (char)(0x80 | (c >> 12 & 0x3F));
		b[2] = (char)(0x80 | (c >> 6 & 0x3F));
		b[3] = (char)(0x80 | (c & 0x3F));
		n = 4;
	}
	if (*len + n >= room)
		return false;
	memcpy(out + *len, b, n);
	*len += n;
	return true;
}

static uint32_t
decode_gsm(const uint8_t *octets, size_t len, size_t *i)
{
	uint8_t septet = octets[(*i)++];

	if (septet >= 128)
		return UNREADABLE;
	if (septet != GSM_ESCAPE)
		return gsm_default[septet];
	if (*i == len)
		return ' '; /* an escape with nothing behind it shows as a space */
	septet = octets[(*i)++];
	for (size_t k = 0; k < sizeof(gsm_extension) / sizeof(gsm_extension[0]); k++)
		if (gsm_extension[k].septet == septet)
			return gsm_extension[k].character;
	/* Section 6.2.1.1: a phone that lacks the extension shows the default character. */
	return septet < 128 && septet != GSM_ESCAPE ? gsm_default[septet] : ' ';
}

static uint32_t
decode_ucs2(const uint8_t *octets, size_t len, size_t *i)
{
	if (len - *i < 2) {
		*i = len;
		return UNREADABLE;
	}
	uint32_t unit = (uint32_t)octets[*i] << 8 | octets[*i + 1];
	*i += 2;
	if (unit < 0xD800 || unit > 0xDFFF)
		return unit;
	if (unit > 0xDBFF || len - *i < 2)
		return UNREADABLE;
	uint32_t low = (uint32_t)octets[*i] << 8 | octets[*i + 1];
	if (low < 0xDC00 || low > 0xDFFF)
		return UNREADABLE;
	*i += 2;
	return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

size_t
alphabet_decode(enum alphabet a, const uint8_t *octets, size_t len, char *out, size_t room)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0, i = 0;
	bool fits = room > 0;

	while (i < len && fits) {
		uint32_t c;
		switch (a) {
		case ALPHABET_GSM7:
			c = decode_gsm(octets, len, &i);
			break;
		case ALPHABET_UCS2:
			c = decode_ucs2(octets, len, &i);
			break;
		case ALPHABET_ASCII:
			c = octets[i] < 128 ? octets[i] : UNREADABLE;
			i++;
			break;
		case ALPHABET_LATIN1:
			c = octets[i++];
			break;
		default:
			fits = put_utf8(out, room, &n, (uint32_t)digits[octets[i] >> 4]);
			c = (uint32_t)digits[octets[i++] & 15];
			break;
		}
		fits = fits && put_utf8(out, room, &n, c);
	}
	if (room > 0)
		out[n] = '\0';
	return n;
}

uint32_t
utf8_next(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;
	uint32_t c = s[0];
	int more = c < 0x80 ? 0 : c >= 0xC2 && c < 0xE0 ? 1 : (c & 0xF0) == 0xE0 ? 2 : c >= 0xF0 && c < 0xF5 ? 3 : -1;

	if (c == 0)
		return 0;
	if (more < 0) {
		(*p)++;
		return UNREADABLE;
	}
	c &= more == 0 ? 0x7F : 0x3Fu >> more;
	for (int i = 1; i <= more; i++) {
		if ((s[i] & 0xC0) != 0x80) {
			(*p)++;
			return UNREADABLE;
		}
		c = c << 6 | (s[i] & 0x3F);
	}
	*p += more + 1;
	if ((more == 2 && c < 0x800) || (more == 3 && (c < 0x10000 || c > 0x10FFFF)) || (c >= 0xD800 && c <= 0xDFFF))
		return UNREADABLE;
	return c;
}

bool
utf8_valid(const char *s)
{
	static const char replacement[] = "\xEF\xBF\xBD";

	for (const char *p = s; *p != '\0';) {
		const char *at = p;
		if (utf8_next(&p) == UNREADABLE && strncmp(at, replacement, 3) != 0)
			return false;
	}
	return true;
}

size_t
utf8_count(const char *s)
{
	size_t n = 0;
	while (utf8_next(&s) != 0)
		n++;
	return n;
}

/* One character in septets: 1 or 2, 0 when the alphabet lacks it. */
static int
gsm_encode(uint32_t c, uint8_t out[2])
{
	for (int i = 0; i < 128; i++) {
		if (i != GSM_ESCAPE && gsm_default[i] == c) {
			out[0] = (uint8_t)i;
			return 1;
		}
	}
	for (size_t i = 0; i < sizeof(gsm_extension) / sizeof(gsm_extension[0]); i++) {
		if (gsm_extension[i].character == c) {
			out[0] = GSM_ESCAPE;
			out[1] = gsm_extension[i].septet;
			return 2;
		}
	}
	return 0;
}

static int
ucs2_encode(uint32_t c, uint8_t out[4])
{
	if (c < 0x10000) {
		out[0] = (uint8_t)(c >> 8);
		out[1] = (uint8_t)c;
		return 2;
	}
	c -= 0x10000;
	uint32_t high = 0xD800 + (c >> 10), low = 0xDC00 + (c & 0x3FF);
	out[0] = (uint8_t)(high >> 8);
	out[1] = (uint8_t)high;
	out[2] = (uint8_t)(low >> 8);
	out[3] = (uint8_t)low;
	return 4;
}

static bool
gsm_can_say(const char *s)
{
	uint8_t unused[2];
	for (uint32_t c; (c = utf8_next(&s)) != 0;)
		if (gsm_encode(c, unused) == 0)
			return false;
	return true;
}

/* The octets of user data that a part may hold: unpacked septets for GSM-7, octets for UCS-2. */
static size_t
part_room(enum alphabet a, enum concat concat, bool alone)
{
	if (a == ALPHABET_GSM7)
		return alone ? 160 : concat == CONCAT_UDH16 ? 152 : 153;
	return alone ? 140 : concat == CONCAT_UDH16 ? 132 : 134;
}

static const char *
fill_parts(const char *s, size_t room, struct text_parts *out)
{
	out->count = 1;
	out->part[0].len = 0;
	for (uint32_t c; (c = utf8_next(&s)) != 0;) {
		uint8_t b[4];
		int n = out->alphabet == ALPHABET_GSM7 ? gsm_encode(c, b) : ucs2_encode(c, b);
		if (n == 0)
			return "the text has characters that GSM-7 lacks";
		if (out->part[out->count - 1].len + (size_t)n > room) {
			if (out->count == TEXT_PARTS_MAX)
				return "the text is too long";
			out->part[out->count++].len = 0;
		}
		memcpy(out->part[out->count - 1].octets + out->part[out->count - 1].len, b, (size_t)n);
		out->part[out->count - 1].len = (uint8_t)(out->part[out->count - 1].len + n);
	}
	return NULL;
}

const char *
text_split(const char *utf8, const char *encoding, enum concat concat, struct text_parts *out)
{
	if (!utf8_valid(utf8))
		return "the text is not UTF-8";
	if (strcmp(encoding, "gsm7") == 0)
		out->alphabet = ALPHABET_GSM7;
	else if (strcmp(encoding, "ucs2") == 0)
		out->alphabet = ALPHABET_UCS2;
	else if (strcmp(encoding, "auto") == 0 || encoding[0] == '\0')
		out->alphabet = gsm_can_say(utf8) ? ALPHABET_GSM7 : ALPHABET_UCS2;
	else
		return "encoding is one of auto, gsm7, ucs2";
	const char *why = fill_parts(utf8, part_room(out->alphabet, concat, true), out);
	if (why == NULL && out->count > 1)
		why = fill_parts(utf8, part_room(out->alphabet, concat, false), out);
	return why;
}

const char *
concat_name(enum concat c)
{
	static const char *const names[] = {"", "udh8", "udh16", "sar"};
	return names[c];
}

int
concat_by_name(const char *name)
{
	if (name[0] == '\0')
		return CONCAT_UDH8;
	for (int c = CONCAT_UDH8; c <= CONCAT_SAR; c++)
		if (strcmp(name, concat_name((enum concat)c)) == 0)
			return c;
	return -1;
}

struct udh
udh_read(const uint8_t *octets, size_t len)
{
	struct udh h = {0, CONCAT_NONE, 0, 1, 1};

	if (len == 0 || (size_t)octets[0] + 1 > len)
		return h;
	size_t end = (size_t)octets[0] + 1;
	size_t i = 1;
	while (i + 2 <= end) {
		uint8_t element = octets[i], n = octets[i + 1];
		const uint8_t *v = octets + i + 2;
		i += 2 + (size_t)n;
		if (i > end)
			return h;
		if (element == 0x00 && n == 3) {
			h.kind = CONCAT_UDH8;
			h.reference = v[0];
			h.total = v[1];
			h.part = v[2];
		} else if (element == 0x08 && n == 4) {
			h.kind = CONCAT_UDH16;
			h.reference = (uint16_t)(v[0] << 8 | v[1]);
			h.total = v[2];
			h.part = v[3];
		}
	}
	if (i != end)
		return h;
	/* GSM 03.40: a total of 0 or a part outside it makes the element void. */
	if (h.total == 0 || h.part == 0 || h.part > h.total) {
		h.kind = CONCAT_NONE;
		h.total = h.part = 1;
	}
	h.octets = end;
	return h;
}

size_t
udh_write(uint8_t *out, enum concat kind, uint16_t reference, uint8_t total, uint8_t part)
{
	if (kind == CONCAT_UDH16) {
		const uint8_t h[7] = {6, 0x08, 4, (uint8_t)(reference >> 8), (uint8_t)reference, total, part};
		memcpy(out, h, sizeof(h));
		return sizeof(h);
	}
	const uint8_t h[6] = {5, 0x00, 3, (uint8_t)reference, total, part};
	memcpy(out, h, sizeof(h));
	return sizeof(h);
}
