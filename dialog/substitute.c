/* Signs for which plain ones may stand. */
#include "dialog/substitute.h"

#include <string.h>
#include "dialog/utf8.h"

struct row {
	uint16_t cp;
	const char *plain;
};

static const struct row typographic[] = {
	{0x00A0, " "},
	{0x00AB, "\""},
	{0x00AD, ""},
	{0x00B4, "'"},
	{0x00B7, "."},
	{0x00BB, "\""},
	{0x02BC, "'"},
	{0x2002, " "},
	{0x2003, " "},
	{0x2004, " "},
	{0x2005, " "},
	{0x2006, " "},
	{0x2007, " "},
	{0x2008, " "},
	{0x2009, " "},
	{0x200A, " "},
	{0x200B, ""},
	{0x2010, "-"},
	{0x2011, "-"},
	{0x2012, "-"},
	{0x2013, "-"},
	{0x2014, "-"},
	{0x2015, "-"},
	{0x2018, "'"},
	{0x2019, "'"},
	{0x201A, ","},
	{0x201B, "'"},
	{0x201C, "\""},
	{0x201D, "\""},
	{0x201E, "\""},
	{0x201F, "\""},
	{0x2022, "-"},
	{0x2026, "..."},
	{0x202F, " "},
	{0x2032, "'"},
	{0x2033, "\""},
	{0x2039, "'"},
	{0x203A, "'"},
	{0x2044, "/"},
	{0x2060, ""},
	{0x2212, "-"},
	{0xFEFF, ""},
};

/* U+FF01 to U+FF5E are ASCII in another width; these are the others. */
static const struct row fullwidth[] = {
	{0x3000, " "},
	{0x3001, ","},
	{0x3002, "."},
	{0x300C, "\""},
	{0x300D, "\""},
	{0x3010, "["},
	{0x3011, "]"},
	{0xFF61, "."},
	{0xFF64, ","},
};

/* What is not here has no plain letter, or is in the GSM alphabet. */
static const struct row accents[] = {
	{0xC0, "A"},
	{0xC1, "A"},
	{0xC2, "A"},
	{0xC3, "A"},
	{0xC8, "E"},
	{0xCA, "E"},
	{0xCB, "E"},
	{0xCC, "I"},
	{0xCD, "I"},
	{0xCE, "I"},
	{0xCF, "I"},
	{0xD2, "O"},
	{0xD3, "O"},
	{0xD4, "O"},
	{0xD5, "O"},
	{0xD9, "U"},
	{0xDA, "U"},
	{0xDB, "U"},
	{0xDD, "Y"},
	{0xE1, "a"},
	{0xE2, "a"},
	{0xE3, "a"},
	{0xE7, "c"},
	{0xEA, "e"},
	{0xEB, "e"},
	{0xED, "i"},
	{0xEE, "i"},
	{0xEF, "i"},
	{0xF3, "o"},
	{0xF4, "o"},
	{0xF5, "o"},
	{0xFA, "u"},
	{0xFB, "u"},
	{0xFD, "y"},
	{0xFF, "y"},
	{0x102, "A"},
	{0x103, "a"},
	{0x104, "A"},
	{0x105, "a"},
	{0x106, "C"},
	{0x107, "c"},
	{0x10C, "C"},
	{0x10D, "c"},
	{0x10E, "D"},
	{0x10F, "d"},
	{0x118, "E"},
	{0x119, "e"},
	{0x11A, "E"},
	{0x11B, "e"},
	{0x11E, "G"},
	{0x11F, "g"},
	{0x130, "I"},
	{0x131, "i"},
	{0x139, "L"},
	{0x13A, "l"},
	{0x13D, "L"},
	{0x13E, "l"},
	{0x141, "L"},
	{0x142, "l"},
	{0x143, "N"},
	{0x144, "n"},
	{0x147, "N"},
	{0x148, "n"},
	{0x150, "O"},
	{0x151, "o"},
	{0x152, "OE"},
	{0x153, "oe"},
	{0x158, "R"},
	{0x159, "r"},
	{0x15A, "S"},
	{0x15B, "s"},
	{0x15E, "S"},
	{0x15F, "s"},
	{0x160, "S"},
	{0x161, "s"},
	{0x162, "T"},
	{0x163, "t"},
	{0x164, "T"},
	{0x165, "t"},
	{0x16E, "U"},
	{0x16F, "u"},
	{0x170, "U"},
	{0x171, "u"},
	{0x178, "Y"},
	{0x179, "Z"},
	{0x17A, "z"},
	{0x17B, "Z"},
	{0x17C, "z"},
	{0x17D, "Z"},
	{0x17E, "z"},
	{0x218, "S"},
	{0x219, "s"},
	{0x21A, "T"},
	{0x21B, "t"},
};

unsigned
substitute_by_name(const char *name)
{
	static const char *const names[] = {"typographic", "fullwidth", "accents"};

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(names[i], name) == 0)
			return 1u << i;
	return 0;
}

static const char *
find(const struct row *rows, size_t n, uint32_t cp)
{
	size_t low = 0;

	while (low < n) {
		size_t mid = low + (n - low) / 2;

		if (rows[mid].cp == cp)
			return rows[mid].plain;
		if (rows[mid].cp < cp)
			low = mid + 1;
		else
			n = mid;
	}
	return NULL;
}

#define FIND(rows, cp) find(rows, sizeof(rows) / sizeof((rows)[0]), cp)

const char *
substitute(unsigned sets, uint32_t cp, char room[2])
{
	const char *plain = NULL;

	if (cp < 0xA0)
		return NULL;
	if (sets & SUBSTITUTE_TYPOGRAPHIC)
		plain = FIND(typographic, cp);
	if (plain == NULL && sets & SUBSTITUTE_ACCENTS)
		plain = FIND(accents, cp);
	if (plain == NULL && sets & SUBSTITUTE_FULLWIDTH) {
		if (cp >= 0xFF01 && cp <= 0xFF5E && cp != 0xFF40) { /* the GSM alphabet has no grave accent either */
			room[0] = (char)(cp - 0xFF01 + '!');
			room[1] = '\0';
			return room;
		}
		plain = FIND(fullwidth, cp);
	}
	return plain;
}
