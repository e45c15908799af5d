/* National language tables by their numbers, and what Turkish, Spanish and Portuguese have (3GPP TS 23.038, annex A).
 */
#include "dialog/national_internal.h"

#include <string.h>

#define NONE GSM7_EMPTY

/* ---- The three of Latin script ---------------------------------------------------------------------------------- */

/* clang-format off */

/* A.3.1 */
static const uint16_t turkish_locking[128] = {
	'@', 0xA3, '$', 0xA5, 0x20AC, 0xE9, 0xF9, 0x131, 0xF2, 0xC7, '\n', 0x11E, 0x11F, '\r', 0xC5, 0xE5,
	0x394, '_', 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, NONE, 0x15E, 0x15F, 0xDF, 0xC9,
	' ', '!', '"', '#', 0xA4, '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
	'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
	0x130, 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
	'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 0xC4, 0xD6, 0xD1, 0xDC, 0xA7,
	0xE7, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 0xE4, 0xF6, 0xF1, 0xFC, 0xE0,
};

/* A.2.1 */
static const struct gsm7_extra turkish_single[] = {
	{0x0A, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'}, {0x3C, '['}, {0x3D, '~'}, {0x3E, ']'}, {0x40, '|'},
	{0x47, 0x11E}, {0x49, 0x130}, {0x53, 0x15E}, {0x63, 0xE7}, {0x65, 0x20AC}, {0x67, 0x11F}, {0x69, 0x131}, {0x73, 0x15F},
};

/* A.2.2 */
static const struct gsm7_extra spanish_single[] = {
	{0x09, 0xE7}, {0x0A, '\f'}, {0x14, '^'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'}, {0x3C, '['}, {0x3D, '~'}, {0x3E, ']'},
	{0x40, '|'}, {0x41, 0xC1}, {0x49, 0xCD}, {0x4F, 0xD3}, {0x55, 0xDA}, {0x61, 0xE1}, {0x65, 0x20AC}, {0x69, 0xED},
	{0x6F, 0xF3}, {0x75, 0xFA},
};

/* A.3.3 */
static const uint16_t portuguese_locking[128] = {
	'@', 0xA3, '$', 0xA5, 0xEA, 0xE9, 0xFA, 0xED, 0xF3, 0xE7, '\n', 0xD4, 0xF4, '\r', 0xC1, 0xE1,
	0x394, '_', 0xAA, 0xC7, 0xC0, 0x221E, '^', '\\', 0x20AC, 0xD3, '|', NONE, 0xC2, 0xE2, 0xCA, 0xC9,
	' ', '!', '"', '#', 0xBA, '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
	'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?',
	0xCD, 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O',
	'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 0xC3, 0xD5, 0xDA, 0xDC, 0xA7,
	'~', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
	'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 0xE3, 0xF5, '`', 0xFC, 0xE0,
};

/* A.2.3 */
static const struct gsm7_extra portuguese_single[] = {
	{0x05, 0xEA}, {0x09, 0xE7}, {0x0A, '\f'}, {0x0B, 0xD4}, {0x0C, 0xF4}, {0x0E, 0xC1}, {0x0F, 0xE1}, {0x12, 0x3A6},
	{0x13, 0x393}, {0x14, '^'}, {0x15, 0x3A9}, {0x16, 0x3A0}, {0x17, 0x3A8}, {0x18, 0x3A3}, {0x19, 0x398}, {0x1F, 0xCA},
	{0x28, '{'}, {0x29, '}'}, {0x2F, '\\'}, {0x3C, '['}, {0x3D, '~'}, {0x3E, ']'}, {0x40, '|'}, {0x41, 0xC0}, {0x49, 0xCD},
	{0x4F, 0xD3}, {0x55, 0xDA}, {0x5B, 0xC3}, {0x5C, 0xD5}, {0x61, 0xC2}, {0x65, 0x20AC}, {0x69, 0xED}, {0x6F, 0xF3},
	{0x75, 0xFA}, {0x7B, 0xE3}, {0x7C, 0xF5}, {0x7F, 0xE2},
};

/* A.2.4 to A.2.13: what the ten languages of India and Pakistan have in common; '*' and the inverted ! stand twice. */
static const struct gsm7_extra shared_single[] = {
	{0x00, '@'}, {0x01, 0xA3}, {0x02, '$'}, {0x03, 0xA5}, {0x04, 0xBF}, {0x05, '"'}, {0x06, 0xA4}, {0x07, '%'}, {0x08, '&'},
	{0x09, '\''}, {0x0A, '\f'}, {0x0B, '*'}, {0x0C, '+'}, {0x0E, '-'}, {0x0F, '/'}, {0x10, '<'}, {0x11, '='}, {0x12, '>'},
	{0x13, 0xA1}, {0x14, '^'}, {0x15, 0xA1}, {0x16, '_'}, {0x17, '#'}, {0x18, '*'}, {0x28, '{'}, {0x29, '}'}, {0x2F, '\\'},
	{0x3C, '['}, {0x3D, '~'}, {0x3E, ']'}, {0x40, '|'}, {0x41, 'A'}, {0x42, 'B'}, {0x43, 'C'}, {0x44, 'D'}, {0x45, 'E'},
	{0x46, 'F'}, {0x47, 'G'}, {0x48, 'H'}, {0x49, 'I'}, {0x4A, 'J'}, {0x4B, 'K'}, {0x4C, 'L'}, {0x4D, 'M'}, {0x4E, 'N'},
	{0x4F, 'O'}, {0x50, 'P'}, {0x51, 'Q'}, {0x52, 'R'}, {0x53, 'S'}, {0x54, 'T'}, {0x55, 'U'}, {0x56, 'V'}, {0x57, 'W'},
	{0x58, 'X'}, {0x59, 'Y'}, {0x5A, 'Z'}, {0x65, 0x20AC},
};

const struct national_row national_latin[3] = {
	NATIONAL_ROW(turkish_locking, turkish, false),
	NATIONAL_ROW(NULL, spanish, false),
	NATIONAL_ROW(portuguese_locking, portuguese, false),
};

/* clang-format on */

/* ---- By number -------------------------------------------------------------------------------------------------- */

static const struct national_row *
row_of(int language)
{
	if (language >= NATIONAL_TURKISH && language <= NATIONAL_PORTUGUESE)
		return &national_latin[language - NATIONAL_TURKISH];
	if (language >= NATIONAL_BENGALI && language <= NATIONAL_MALAYALAM)
		return &national_from_bengali[language - NATIONAL_BENGALI];
	if (language >= NATIONAL_ORIYA && language <= NATIONAL_URDU)
		return &national_from_oriya[language - NATIONAL_ORIYA];
	return NULL;
}

const char *
national_name(int language)
{
	const struct national_row *row = row_of(language);

	return row != NULL ? row->name : "";
}

enum national
national_by_name(const char *name)
{
	for (int i = NATIONAL_TURKISH; i < NATIONAL_COUNT; i++)
		if (strcmp(national_name(i), name) == 0)
			return (enum national)i;
	return NATIONAL_NONE;
}

bool
national_locks(int language)
{
	const struct national_row *row = row_of(language);

	return row != NULL && row->locking != NULL;
}

struct gsm7_tables
national_tables(int locking, int single)
{
	struct gsm7_tables t = gsm7_default;
	const struct national_row *lock = row_of(locking), *shift = row_of(single);

	if (lock != NULL && lock->locking != NULL)
		t.basic = lock->locking;
	if (shift == NULL)
		return t;
	t.extra = shift->single;
	t.nextra = shift->nsingle;
	if (shift->shares) {
		t.shared = shared_single;
		t.nshared = sizeof shared_single / sizeof shared_single[0];
	}
	return t;
}
