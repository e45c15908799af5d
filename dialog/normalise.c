/*
 * Normalises a citizen's text for comparing: one form for every way a phone writes the same answer. What would change
 * the meaning (a question mark, a minus, a crossed-out face) is kept, so that the text then matches nothing.
 */
#include "dialog/match.h"

#include <string.h>
#include "dialog/match_internal.h"
#include "dialog/utf8.h"

/* What fold() makes of a character, when it is not a character to compare. */
enum {
	NOTHING = 0x110000, /* dropped without a trace */
	SPACE,				/* spaces and punctuation between words */
	SOFT_DOT,			/* . and / separate a date's numbers, otherwise they are punctuation */
	SOFT_DASH,
	QUESTION,
};

struct range {
	uint32_t first, last;
};

static bool
in_ranges(const struct range *list, size_t count, uint32_t cp)
{
	for (size_t i = 0; i < count; i++)
		if (cp >= list[i].first && cp <= list[i].last)
			return true;
	return false;
}
#define IN(list, cp) in_ranges(list, sizeof(list) / sizeof((list)[0]), cp)

/* Invisible: marks on other characters, joiners, directions, variation selectors, and apostrophes. */
static const struct range invisible[] = {{0xAD, 0xAD}, {0x2BC, 0x2BC}, {0x300, 0x36F}, {0x61C, 0x61C}, {0x640, 0x640},
	{0x64B, 0x655}, {0x670, 0x670}, {0x93C, 0x93C}, {0x180B, 0x180E}, {0x200B, 0x200F}, {0x2018, 0x2019},
	{0x201B, 0x201B}, {0x202A, 0x202E}, {0x2032, 0x2032}, {0x2060, 0x206F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
	{0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}};

static const struct range spaces[] = {{0x80, 0xA1}, {0xAB, 0xAB}, {0xB7, 0xB7}, {0xBB, 0xBB}, {0xBF, 0xBF},
	{0x60C, 0x60C}, {0x61B, 0x61B}, {0x66A, 0x66D}, {0x6D4, 0x6D4}, {0x964, 0x965}, {0x1680, 0x1680}, {0x2000, 0x200A},
	{0x201A, 0x201A}, {0x201C, 0x201F}, {0x2020, 0x2029}, {0x202F, 0x202F}, {0x203B, 0x203C}, {0x205F, 0x205F},
	{0x3000, 0x3003}, {0x3008, 0x3011}, {0x3014, 0x301B}, {0x301D, 0x301F}, {0x30FB, 0x30FB}, {0xFF5F, 0xFF65}};

static const struct range emoji[] = {{0x2190, 0x23FF}, {0x25A0, 0x25CA}, {0x25CC, 0x2714}, {0x2719, 0x2775},
	{0x2794, 0x27BF}, {0x2900, 0x297F}, {0x2B00, 0x2BFF}, {0x3030, 0x3030}, {0x303D, 0x303D}, {0x1F000, 0x1FAFF}};

/* Pictures that say no or doubt: dropping them would turn "好❌" into a yes. */
static const struct range refusing[] = {{0x26D4, 0x26D4}, {0x2715, 0x2718}, {0x274C, 0x274E}, {0x1F44E, 0x1F44E},
	{0x1F595, 0x1F595}, {0x1F645, 0x1F645}, {0x1F64E, 0x1F64E}, {0x1F6AB, 0x1F6AB}, {0x1F6D1, 0x1F6D1},
	{0x1F914, 0x1F914}, {0x1F928, 0x1F928}, {0x1F937, 0x1F937}};

/* Circled, bracketed and dotted numbers: the first stands for `from`. */
static const struct {
	uint32_t first, last;
	int from;
} enclosed[] = {{0x2460, 0x2473, 1}, {0x2474, 0x2487, 1}, {0x2488, 0x249B, 1}, {0x24EA, 0x24EA, 0}, {0x24F5, 0x24FE, 1},
	{0x2776, 0x277F, 1}, {0x2780, 0x2789, 1}, {0x278A, 0x2793, 1}};

/* U+00C0..U+017F without their accents; a space where the letter has no plain form and is only lowered. */
static const char plain_latin[] = "aaaaaa ceeeeiiii nooooo ouuuuy  aaaaaa ceeeeiiii nooooo ouuuuy y"
								  "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllll"
								  "nnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
_Static_assert(sizeof plain_latin == 0x180 - 0xC0 + 1, "one letter for each character");

static uint32_t
fold_latin(uint32_t cp)
{
	char plain = plain_latin[cp - 0xC0];

	if (plain != ' ')
		return (uint32_t)plain;
	if (cp == 0xD7 || cp == 0xF7)
		return cp; /* times and divide are no letters; people also write the first for "no" */
	return cp >= 0xC0 && cp <= 0xDE ? cp + 0x20 : cp;
}

static uint32_t
fold_arabic(uint32_t cp)
{
	switch (cp) {
	case 0x622: /* alef with madda, with hamza above or below, wasla */
	case 0x623:
	case 0x625:
	case 0x671:
		return 0x627;
	case 0x629: /* ta marbuta is often written as ha */
		return 0x647;
	case 0x649: /* alef maksura, Persian ya, ya with hamza */
	case 0x6CC:
	case 0x626:
		return 0x64A;
	case 0x624:
		return 0x648;
	case 0x6A9: /* Persian kaf */
		return 0x643;
	default:
		return cp;
	}
}

static uint32_t
fold_devanagari(uint32_t cp)
{
	static const uint16_t without_nukta[] = {0x915, 0x916, 0x917, 0x91C, 0x921, 0x922, 0x92B, 0x92F};

	if (cp == 0x901)
		return 0x902; /* chandrabindu and anusvara are written for each other */
	if (cp >= 0x958 && cp <= 0x95F)
		return without_nukta[cp - 0x958];
	return cp;
}

static uint32_t
fold_ascii(uint32_t cp)
{
	if (cp >= 'A' && cp <= 'Z')
		return cp + 0x20;
	if (cp <= ' ' || cp == 0x7F)
		return SPACE;
	switch (cp) {
	case '\'':
	case '`':
		return NOTHING;
	case '?':
		return QUESTION;
	case '-':
	case '~':
		return SOFT_DASH;
	case '.':
	case '/':
		return SOFT_DOT;
	case '!':
	case '"':
	case '#':
	case '&':
	case '(':
	case ')':
	case '*':
	case '+':
	case ',':
	case ':':
	case ';':
	case '@':
	case '[':
	case '\\':
	case ']':
	case '_':
	case '{':
	case '|':
	case '}':
		return SPACE;
	default:
		return cp; /* letters, digits, and signs that change a number: $ % < = > ^ */
	}
}

static uint32_t
fold(uint32_t cp)
{
	int digit;

	if (cp >= 0xFF01 && cp <= 0xFF5E)
		cp -= 0xFEE0;
	if (cp < 0x80)
		return fold_ascii(cp);
	digit = utf8_digit(cp);
	if (digit >= 0)
		return (uint32_t)('0' + digit);
	if (cp == 0x61F || cp == 0x2753 || cp == 0x2754 || cp == 0x2047)
		return QUESTION;
	if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212 || cp == 0x301C || cp == 0x2796)
		return SOFT_DASH;
	if (IN(refusing, cp))
		return cp;
	if (IN(invisible, cp) || IN(emoji, cp))
		return NOTHING;
	if (IN(spaces, cp))
		return SPACE;
	if (cp >= 0xC0 && cp <= 0x17F)
		return fold_latin(cp);
	if (cp >= 0x218 && cp <= 0x21B)
		return cp < 0x21A ? 's' : 't'; /* Romanian comma below */
	if (cp >= 0x391 && cp <= 0x3A9)
		return cp + 0x20;
	if (cp >= 0x400 && cp <= 0x45F) {
		if (cp < 0x410)
			cp += 0x50;
		else if (cp < 0x430)
			cp += 0x20;
		return cp == 0x451 ? 0x435 : cp; /* yo is mostly written as ye */
	}
	if (cp >= 0x620 && cp <= 0x6CC)
		return fold_arabic(cp);
	if (cp >= 0x901 && cp <= 0x95F)
		return fold_devanagari(cp);
	return cp;
}

bool
match_spaceless(uint32_t cp)
{
	return (cp >= 0x2E80 && cp <= 0x2FDF) || (cp >= 0x3004 && cp <= 0x3007) || (cp >= 0x3040 && cp <= 0x30FF) ||
		   (cp >= 0x3400 && cp <= 0x9FFF) || (cp >= 0xF900 && cp <= 0xFAFF) || (cp >= 0x20000 && cp <= 0x3FFFF);
}

static bool
is_digit(uint32_t cp)
{
	return cp >= '0' && cp <= '9';
}

/* What has been written, and what waits to be written until the next character shows whether it matters. */
struct writer {
	char *out;
	size_t room, n;
	uint32_t last;	  /* 0 = nothing yet */
	uint32_t pending; /* 0, ' ', '-', '.' or '/' */
	bool overflow;
};

static void
append(struct writer *w, uint32_t cp)
{
	char octets[4];
	size_t width = utf8_encode(cp, octets);

	if (w->overflow || w->n + width >= w->room) {
		w->overflow = true;
		return;
	}
	memcpy(w->out + w->n, octets, width);
	w->n += width;
	w->last = cp;
}

static void
write_character(struct writer *w, uint32_t cp)
{
	uint32_t pending = w->pending;

	w->pending = 0;
	if (pending != 0 && pending != ' ' && !is_digit(cp))
		pending = w->last != 0 ? ' ' : 0;
	if (pending == ' ' && (match_spaceless(cp) || match_spaceless(w->last) || cp == '?' || w->last == '?'))
		pending = 0;
	if (pending != 0)
		append(w, pending);
	append(w, cp);
}

static void
write_space(struct writer *w)
{
	/* "1 - 3" is "1-3", but "1. 3" is two numbers of a list, and "- 1" is an item of one. */
	if (w->pending == '-' && w->last != 0)
		return;
	w->pending = w->last != 0 ? ' ' : 0;
}

static void
write_soft(struct writer *w, uint32_t sign)
{
	if (w->last == 0) {
		w->pending = sign == '-' && w->pending == 0 ? '-' : 0; /* a minus counts, a bullet does not */
		return;
	}
	if (is_digit(w->last) && (w->pending == 0 || (w->pending == ' ' && sign == '-')))
		w->pending = sign;
	else
		w->pending = ' ';
}

static void
write_folded(struct writer *w, uint32_t source)
{
	uint32_t cp = fold(source);

	switch (cp) {
	case NOTHING:
		return;
	case SPACE:
		write_space(w);
		return;
	case SOFT_DASH:
		write_soft(w, '-');
		return;
	case SOFT_DOT:
		write_soft(w, source == '/' || source == 0xFF0F ? '/' : '.');
		return;
	case QUESTION:
		if (w->last == '?')
			w->pending = 0;
		else
			write_character(w, '?');
		return;
	default:
		write_character(w, cp);
		return;
	}
}

size_t
match_normalise(const char *utf8, size_t len, char *out, size_t room)
{
	struct writer w = {.out = out, .room = room < MATCH_NORMAL_MAX + 1 ? room : MATCH_NORMAL_MAX + 1};

	if (room == 0)
		return 0;
	for (size_t i = 0; i < len && !w.overflow;) {
		uint32_t cp;
		bool done = false;

		i += utf8_decode(utf8 + i, len - i, &cp, NULL);
		for (size_t k = 0; k < sizeof enclosed / sizeof enclosed[0] && !done; k++) {
			if (cp >= enclosed[k].first && cp <= enclosed[k].last) {
				int value = enclosed[k].from + (int)(cp - enclosed[k].first);

				write_space(&w);
				if (value >= 10)
					write_character(&w, (uint32_t)('0' + value / 10));
				write_character(&w, (uint32_t)('0' + value % 10));
				write_space(&w);
				done = true;
			}
		}
		if (!done)
			write_folded(&w, cp);
	}
	if (w.overflow)
		w.n = 0;
	out[w.n] = '\0';
	return w.n;
}
