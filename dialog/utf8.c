/* UTF-8: decode, encode, validate, cut, and the digits of the scripts that citizens' phones write. */
#include "dialog/utf8.h"

#include <string.h>

size_t
utf8_decode(const char *s, size_t len, uint32_t *cp, bool *bad)
{
	const unsigned char *p = (const unsigned char *)s;
	unsigned char low = 0x80, high = 0xBF; /* what the second byte may be: narrower after E0, ED, F0 and F4 */
	size_t need;
	uint32_t c;

	if (bad != NULL)
		*bad = false;
	if (len == 0)
		return 0;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	if (p[0] >= 0xC2 && p[0] <= 0xDF) {
		need = 2;
		c = p[0] & 0x1Fu;
	} else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
		need = 3;
		c = p[0] & 0x0Fu;
		if (p[0] == 0xE0)
			low = 0xA0;
		else if (p[0] == 0xED)
			high = 0x9F;
	} else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
		need = 4;
		c = p[0] & 0x07u;
		if (p[0] == 0xF0)
			low = 0x90;
		else if (p[0] == 0xF4)
			high = 0x8F;
	} else {
		goto bad_byte;
	}
	if (len < need)
		goto bad_byte;
	for (size_t i = 1; i < need; i++) {
		if (p[i] < low || p[i] > high)
			goto bad_byte;
		c = c << 6 | (p[i] & 0x3Fu);
		low = 0x80;
		high = 0xBF;
	}
	*cp = c;
	return need;

bad_byte:
	*cp = UTF8_BAD;
	if (bad != NULL)
		*bad = true;
	return 1;
}

size_t
utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		cp = UTF8_BAD;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xC0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xE0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		out[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	out[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

bool
utf8_valid(const char *s, size_t len, size_t *at)
{
	size_t i = 0;

	while (i < len) {
		uint32_t cp;
		bool bad;
		size_t n = utf8_decode(s + i, len - i, &cp, &bad);

		if (bad)
			break;
		i += n;
	}
	if (at != NULL)
		*at = i;
	return i == len;
}

size_t
utf8_cut(const char *s, size_t len, size_t max)
{
	size_t start;

	if (len <= max)
		return len;
	/* Only the character that straddles max matters; it begins at most three octets before. */
	start = max > 3 ? max - 3 : 0;
	while (start < max && ((unsigned char)s[start] & 0xC0) == 0x80)
		start++;
	for (size_t i = start; i < max;) {
		uint32_t cp;
		size_t n = utf8_decode(s + i, len - i, &cp, NULL);

		if (i + n > max)
			return i;
		i += n;
	}
	return max;
}

size_t
utf8_count(const char *s, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; count++) {
		uint32_t cp;

		i += utf8_decode(s + i, len - i, &cp, NULL);
	}
	return count;
}

size_t
utf8_clean(const char *s, size_t len, char *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		char octets[4];
		size_t width;

		i += utf8_decode(s + i, len - i, &cp, NULL);
		width = utf8_encode(cp == 0 ? UTF8_BAD : cp, octets);
		if (n + width >= room)
			break;
		memcpy(out + n, octets, width);
		n += width;
	}
	out[n] = '\0';
	return n;
}

int
utf8_digit(uint32_t cp)
{
	/* Each script keeps its ten digits together and in order. */
	static const uint32_t zeros[] = {
		0xFF10, /* full-width */
		0x0660, /* Arabic-Indic */
		0x06F0, /* extended Arabic-Indic: Persian, Urdu */
		0x0966, /* Devanagari */
		0x09E6, /* Bengali */
	};

	if (cp < 0x80)
		return cp >= '0' && cp <= '9' ? (int)(cp - '0') : -1;
	for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++)
		if (cp >= zeros[i] && cp <= zeros[i] + 9)
			return (int)(cp - zeros[i]);
	return -1;
}
