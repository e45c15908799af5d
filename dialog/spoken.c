/*
 * Reads an answer as people speak it ("那个好的我要办麻烦你们了"): the message is cut into the pieces of
 * words_spoken.c, the longest first, and means something only when they cover all of it and say one thing. Whatever
 * else stands there, or a yes beside a no, is nothing: then the question is asked again.
 */
#include <string.h>
#include "dialog/match.h"
#include "dialog/match_internal.h"
#include "dialog/utf8.h"

/* What was heard so far. */
struct heard {
	bool yes, no, bad, lead, why;
	bool filler;			   /* anything beside them */
	const char *one, *another; /* the pieces said once: which, and whether a different one came */
};

/* With Chinese in simplified characters; the same octets, for both forms have three. */
static void
simplify(char *text)
{
	const char *const *pairs = words_simplified();

	for (char *c = text; *c != '\0'; c++) {
		for (const char *const *p = pairs; ((unsigned char)*c & 0xF0) == 0xE0 && *p != NULL; p += 2) {
			if (strncmp(c, p[0], 3) == 0) {
				memcpy(c, p[1], 3);
				break;
			}
		}
	}
}

static bool
letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The longest piece at `at`, where words of letters stand apart; NULL when there is none. */
static const char *
piece_at(const char *text, size_t at, enum words_spoken_kind *kind)
{
	size_t count, best = 0;
	const struct words_spoken *rows = words_spoken(&count);
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		for (const char *const *word = rows[i].words; *word != NULL; word++) {
			size_t len;

			if ((*word)[0] != text[at])
				continue;
			len = strlen(*word);
			if (len <= best || strncmp(*word, text + at, len) != 0)
				continue;
			if (letter((*word)[len - 1]) && letter(text[at + len]))
				continue;
			best = len;
			found = *word;
			*kind = rows[i].kind;
		}
	}
	return found;
}

/* Takes a piece in; false when nobody can be sure any more. */
static bool
hear(struct heard *h, enum words_spoken_kind kind, const char *piece)
{
	switch (kind) {
	case WORDS_SPOKEN_FILLER:
		h->filler = true;
		break;
	case WORDS_SPOKEN_YES:
		h->yes = true;
		break;
	case WORDS_SPOKEN_NO:
		h->no = true;
		break;
	case WORDS_SPOKEN_ONE_NO:
	case WORDS_SPOKEN_BAD:
		h->bad = h->bad || kind == WORDS_SPOKEN_BAD;
		if (h->one == NULL)
			h->one = piece;
		else if (h->one != piece)
			h->another = piece;
		break;
	case WORDS_SPOKEN_LEAD:
		h->lead = true;
		break;
	case WORDS_SPOKEN_WHY:
		h->why = true;
		break;
	case WORDS_SPOKEN_UNSURE:
		return false;
	}
	return true;
}

static enum match_spoken
judge(const struct heard *h)
{
	bool refuses = h->no || h->one != NULL;

	if (h->yes)
		return refuses || h->lead || h->why ? MATCH_SPOKEN_NOTHING : MATCH_SPOKEN_YES;
	if (h->no)
		return h->bad ? MATCH_SPOKEN_NOTHING : MATCH_SPOKEN_NO;
	if (h->one != NULL)
		return h->another != NULL ? MATCH_SPOKEN_NOTHING : MATCH_SPOKEN_NO;
	return h->lead && !h->filler && !h->why ? MATCH_SPOKEN_NO : MATCH_SPOKEN_NOTHING;
}

enum match_spoken
match_spoken(const char *normal)
{
	char text[MATCH_NORMAL_MAX + 1];
	struct heard h = {0};
	size_t len = strlen(normal), at = 0;

	if (len == 0 || len >= sizeof text)
		return MATCH_SPOKEN_NOTHING;
	memcpy(text, normal, len + 1);
	simplify(text);
	while (at < len) {
		enum words_spoken_kind kind = WORDS_SPOKEN_UNSURE;
		const char *piece;

		if (text[at] == ' ') {
			at++;
			continue;
		}
		piece = piece_at(text, at, &kind);
		if (piece == NULL || !hear(&h, kind, piece))
			return MATCH_SPOKEN_NOTHING;
		at += strlen(piece);
	}
	return judge(&h);
}
