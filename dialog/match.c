/* Decides which word, number, day or choice a normalised message is, with polite words around it or without. */
#include "dialog/match.h"

#include <stdio.h>
#include <string.h>
#include "dialog/match_internal.h"
#include "dialog/utf8.h"

/* A piece of the message: polite words are peeled off by narrowing it. */
struct piece {
	const char *s;
	size_t len;
};

static struct piece
piece_of(const char *s)
{
	return (struct piece){.s = s, .len = strlen(s)};
}

static struct piece
piece_trim(struct piece p)
{
	while (p.len > 0 && p.s[0] == ' ') {
		p.s++;
		p.len--;
	}
	while (p.len > 0 && p.s[p.len - 1] == ' ')
		p.len--;
	return p;
}

static bool
piece_is(struct piece p, const char *word)
{
	/* Most of a thousand words differ in their first octet. */
	return p.len > 0 && word[0] == p.s[0] && strncmp(word, p.s, p.len) == 0 && word[p.len] == '\0';
}

static bool
piece_in(struct piece p, const char *const *words)
{
	for (; *words != NULL; words++)
		if (piece_is(p, *words))
			return true;
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ---- Polite words ---------------------------------------------------------------------------------------------- */

/* A spaced word ends at a space, or at Chinese, beside which normalised text has none. p.s[at] is the octet beside. */
static bool
stands_apart(struct piece p, size_t at, bool spaced)
{
	uint32_t cp;

	if (!spaced)
		return true;
	while (at > 0 && ((unsigned char)p.s[at] & 0xC0) == 0x80)
		at--;
	utf8_decode(p.s + at, p.len - at, &cp, NULL);
	return cp == ' ' || match_spaceless(cp);
}

/* Octets of the longest polite word at the piece's end (or beginning), with something left before (after) it; or 0. */
static size_t
polite_len(struct piece p, bool at_end)
{
	size_t count, best = 0;
	const struct words_polite *list = at_end ? words_polite_after(&count) : words_polite_before(&count);

	for (size_t i = 0; i < count; i++) {
		for (const char *const *word = list[i].words; *word != NULL; word++) {
			size_t len;

			if (!at_end && (*word)[0] != p.s[0])
				continue;
			len = strlen(*word);
			if (len >= p.len || len <= best)
				continue;
			if (memcmp(at_end ? p.s + p.len - len : p.s, *word, len) != 0)
				continue;
			if (stands_apart(p, at_end ? p.len - len - 1 : len, list[i].spaced))
				best = len;
		}
	}
	return best;
}

/*
 * Takes one polite word off, the last first. The order is fixed, so a message narrows along one chain only; whether
 * two words collide is then whether one of them lies on the other's chain. Returns false when nothing is left to take.
 */
static bool
narrow(struct piece *p)
{
	size_t len = polite_len(*p, true);

	if (len > 0) {
		p->len -= len;
	} else {
		len = polite_len(*p, false);
		if (len == 0)
			return false;
		p->s += len;
		p->len -= len;
	}
	*p = piece_trim(*p);
	return p->len > 0;
}

/* ---- Words ----------------------------------------------------------------------------------------------------- */

static bool
row_counts(const struct words_row *row, const char *language)
{
	return !row->own || language == NULL || strcmp(row->language, language) == 0;
}

/* The piece is a word of the list as it stands. */
static bool
list_word(enum words_list list, const char *language, struct piece p)
{
	size_t count;
	const struct words_row *rows = words_rows(&count);

	for (size_t i = 0; i < count; i++) {
		const struct words_row *row = &rows[i];

		if (row->kind == WORDS_KIND_LIST && row->which == (int)list && row_counts(row, language) &&
			piece_in(p, row->words))
			return true;
	}
	return false;
}

bool
match_list_has(enum words_list list, const char *language, const char *normal)
{
	struct piece p = piece_of(normal);

	if (p.len == 0)
		return false;
	do {
		if (list_word(list, language, p))
			return true;
	} while (narrow(&p));
	if (list != WORDS_YES && list != WORDS_NO)
		return false;
	return match_spoken(normal) == (list == WORDS_YES ? MATCH_SPOKEN_YES : MATCH_SPOKEN_NO);
}

bool
match_literal(const char *literal, const char *normal)
{
	struct piece p = piece_of(normal);

	if (p.len == 0)
		return false;
	do {
		if (piece_is(p, literal))
			return true;
	} while (narrow(&p));
	return false;
}

/* ---- Reserved words -------------------------------------------------------------------------------------------- */

/* A language's name, or (coded) its code too. NULL when it is none. */
static const char *
language_called(struct piece p, bool coded)
{
	size_t count;
	const struct words_named *names = words_language_names(&count);

	for (size_t i = 0; i < count; i++) {
		for (const char *const *word = names[i].words; *word != NULL; word++)
			if (piece_is(p, *word) && (coded || strlen(*word) > 2))
				return names[i].meaning;
	}
	return NULL;
}

/* The digits of a code, whatever separates them. False when anything else stands there, or there are too many. */
static bool
code_digits(struct piece p, char arg[MATCH_ARG_MAX + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < p.len; i++) {
		if (is_digit(p.s[i])) {
			if (n == MATCH_ARG_MAX)
				return false;
			arg[n++] = p.s[i];
		} else if (p.s[i] != ' ' && p.s[i] != '-' && p.s[i] != '.' && p.s[i] != '/') {
			return false;
		}
	}
	arg[n] = '\0';
	return n > 0;
}

static bool
one_word(struct piece p)
{
	return p.len > 0 && p.len <= 24 && memchr(p.s, ' ', p.len) == NULL;
}

/* What stands behind a reserved word that takes an argument. False when it is no argument of it. */
static bool
argument(enum words_reserved r, struct piece rest, bool spaced, char arg[MATCH_ARG_MAX + 1])
{
	rest = piece_trim(rest);
	if (r == WORDS_CHECK)
		return code_digits(rest, arg);
	if (r == WORDS_LANGUAGE) {
		const char *code = language_called(rest, true);

		arg[0] = '\0';
		if (code != NULL)
			snprintf(arg, MATCH_ARG_MAX + 1, "%s", code);
		/* A language that nobody taught us: asked for all the same, so that the answer can list the ones there are. */
		return code != NULL || (spaced && one_word(rest));
	}
	return false;
}

static enum words_reserved
reserved_word(struct piece p, const char *language, char arg[MATCH_ARG_MAX + 1])
{
	size_t count;
	const struct words_row *rows = words_rows(&count);
	enum words_reserved found = WORDS_NONE;
	const char *code;

	arg[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const struct words_row *row = &rows[i];
		enum words_reserved r = (enum words_reserved)row->which;

		if (row->kind != WORDS_KIND_RESERVED || !row_counts(row, language))
			continue;
		for (const char *const *word = row->words; *word != NULL; word++) {
			char given[MATCH_ARG_MAX + 1];
			struct piece rest;
			size_t len;

			if ((*word)[0] != p.s[0])
				continue;
			len = strlen(*word);
			if (p.len < len || memcmp(p.s, *word, len) != 0)
				continue;
			if (p.len == len) {
				arg[0] = '\0';
				return r; /* the whole message is the word */
			}
			rest = (struct piece){.s = p.s + len, .len = p.len - len};
			/* "check code 1" is also "check" with something behind it; the argument decides. */
			if ((r == WORDS_CHECK || r == WORDS_LANGUAGE) && argument(r, rest, rest.s[0] == ' ', given)) {
				found = r;
				memcpy(arg, given, sizeof given);
			}
		}
	}
	if (found != WORDS_NONE)
		return found;
	code = language_called(p, false);
	if (code == NULL)
		return WORDS_NONE;
	snprintf(arg, MATCH_ARG_MAX + 1, "%s", code);
	return WORDS_LANGUAGE;
}

enum words_reserved
match_reserved(const char *normal, const char *language, char arg[MATCH_ARG_MAX + 1])
{
	char local[MATCH_ARG_MAX + 1];
	struct piece p = piece_of(normal);
	enum words_reserved r = WORDS_NONE;

	if (arg == NULL)
		arg = local;
	arg[0] = '\0';
	/* "HELP?" and "进度?" ask for what they name; a question mark alone is a word itself. */
	if (p.len > 1 && p.s[p.len - 1] == '?')
		p.len--;
	p = piece_trim(p);
	if (p.len == 0)
		return WORDS_NONE;
	do {
		r = reserved_word(p, language, arg);
	} while (r == WORDS_NONE && narrow(&p));
	return r;
}

/* ---- Patterns -------------------------------------------------------------------------------------------------- */

/*
 * Free text as it is kept: line breaks and other control characters as spaces, no space at the ends. Nothing where a
 * character could not be read: half an address must not pass for one.
 */
static size_t
clean_free_text(const char *raw, char out[MATCH_VALUE_MAX + 1])
{
	size_t n = 0, len = strlen(raw);
	bool space = false;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		char octets[4];
		size_t width;

		i += utf8_decode(raw + i, len - i, &cp, NULL);
		if (cp == UTF8_BAD) {
			n = 0;
			break;
		}
		if (cp <= ' ' || (cp >= 0x7F && cp <= 0xA0) || cp == 0x3000 || cp == 0x2028 || cp == 0x2029) {
			space = n > 0;
			continue;
		}
		width = utf8_encode(cp, octets);
		if (n + width + (space ? 1 : 0) > MATCH_VALUE_MAX)
			break;
		if (space)
			out[n++] = ' ';
		space = false;
		memcpy(out + n, octets, width);
		n += width;
	}
	out[n] = '\0';
	return n;
}

bool
match_pattern(const struct match_pattern *p, const struct match_message *m, struct match_value *value)
{
	struct match_value local;
	int64_t number;
	char date[11];

	if (value == NULL)
		value = &local;
	value->text[0] = '\0';
	value->mask = 0;
	switch (p->kind) {
	case MATCH_LITERAL:
		return match_literal(p->literal, m->normal);
	case MATCH_LIST:
		return match_list_has(p->list, m->language, m->normal);
	case MATCH_NUMBER:
		if (!match_number(m->normal, p->min, p->max, &number))
			return false;
		snprintf(value->text, sizeof value->text, "%lld", (long long)number);
		return true;
	case MATCH_DATE:
		if (!match_date(m->normal, date))
			return false;
		memcpy(value->text, date, sizeof date);
		return true;
	case MATCH_SELECT:
		return match_select(m->normal, m->language, m->applications, &value->mask);
	case MATCH_FREE_TEXT:
		return clean_free_text(m->raw, value->text) > 0;
	}
	return false;
}

bool
match_narrow(const char **s, size_t *len)
{
	struct piece p = {.s = *s, .len = *len};
	bool narrowed = narrow(&p);

	*s = p.s;
	*len = p.len;
	return narrowed;
}

bool
match_list_word(enum words_list list, const char *language, const char *s, size_t len)
{
	return list_word(list, language, (struct piece){.s = s, .len = len});
}
