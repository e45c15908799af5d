/* The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1 and 6.2.1.1). */
#include "dialog/gsm7.h"

#define HIGHEST 0x221E /* of any table: the Portuguese infinity sign */

static const struct gsm7_extra default_extra[] = {
	{0x0A, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'}, {0x3C, '['}, {0x3D, '~'}, {0x3E, ']'},
	{0x40, '|'}, {0x65, 0x20AC}, /* euro */
};

/* Sixteen to a row, as in the specification. */
/* clang-format off */
static const uint16_t default_basic[128] = {
	'@', 0xA3, '$', 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, '\n', 0xD8, 0xF8, '\r', 0xC5, 0xE5,
	0x394, '_', 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, GSM7_EMPTY, 0xC6, 0xE6, 0xDF, 0xC9,
	' ', '!', '"', '#', 0xA4, '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
	'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
	0xA1, 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
	'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 0xC4, 0xD6, 0xD1, 0xDC, 0xA7,
	0xBF, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 0xE4, 0xF6, 0xF1, 0xFC, 0xE0,
};
/* clang-format on */

const struct gsm7_tables gsm7_default = {
	.basic = default_basic,
	.extra = default_extra,
	.nextra = sizeof default_extra / sizeof default_extra[0],
};

int
gsm7_find_basic(const struct gsm7_tables *t, uint32_t cp)
{
	/* Most characters of a text stand where ASCII has them; the table itself confirms the guess. */
	if (cp < 128 && t->basic[cp] == cp)
		return (int)cp;
	/* Chinese texts are measured without a search. */
	for (int i = 0; cp <= HIGHEST && i < 128; i++)
		if (t->basic[i] == cp)
			return i;
	return -1;
}

int
gsm7_find_extended(const struct gsm7_tables *t, uint32_t cp)
{
	if (cp > HIGHEST)
		return -1;
	for (size_t i = 0; i < t->nextra; i++)
		if (t->extra[i].cp == cp)
			return t->extra[i].septet;
	for (size_t i = 0; i < t->nshared; i++)
		if (t->shared[i].cp == cp)
			return t->shared[i].septet;
	return -1;
}

int
gsm7_encode(const struct gsm7_tables *t, uint32_t cp, uint8_t septets[2])
{
	int place = gsm7_find_basic(t, cp);

	if (place >= 0) {
		septets[0] = (uint8_t)place;
		return 1;
	}
	place = gsm7_find_extended(t, cp);
	if (place < 0)
		return 0;
	septets[0] = GSM7_ESCAPE;
	septets[1] = (uint8_t)place;
	return 2;
}

uint32_t
gsm7_basic(const struct gsm7_tables *t, uint8_t septet)
{
	if (septet > 127 || t->basic[septet] == GSM7_EMPTY)
		return GSM7_NONE;
	return t->basic[septet];
}

uint32_t
gsm7_extended(const struct gsm7_tables *t, uint8_t septet)
{
	for (size_t i = 0; i < t->nextra; i++)
		if (t->extra[i].septet == septet)
			return t->extra[i].cp;
	for (size_t i = 0; i < t->nshared; i++)
		if (t->shared[i].septet == septet)
			return t->shared[i].cp;
	return GSM7_NONE;
}
