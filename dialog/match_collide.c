/* Which words would match two patterns: what the loader asks before it lets a dialog in. */
#include "dialog/match.h"

#include <string.h>

/* Tries a normalised word as a whole message in any language. */
static bool
takes(const struct match_pattern *p, const char *word)
{
	struct match_message m = {.raw = word, .normal = word, .language = NULL, .applications = 64};

	return match_pattern(p, &m, NULL);
}

/* A word of this row that the pattern takes too, or NULL. */
static const char *
row_word_taken(const struct words_row *row, const struct match_pattern *p)
{
	for (const char *const *word = row->words; *word != NULL; word++)
		if (takes(p, *word))
			return *word;
	return NULL;
}

static const char *
list_word_taken(enum words_list list, const struct match_pattern *p)
{
	size_t count;
	const struct words_row *rows = words_rows(&count);
	const char *word = NULL;

	for (size_t i = 0; i < count && word == NULL; i++)
		if (rows[i].kind == WORDS_KIND_LIST && rows[i].which == (int)list)
			word = row_word_taken(&rows[i], p);
	return word;
}

static bool
overlap(int64_t a_min, int64_t a_max, int64_t b_min, int64_t b_max)
{
	return a_min <= b_max && b_min <= a_max;
}

/* One direction; match_collide asks both. */
static const char *
collides(const struct match_pattern *a, const struct match_pattern *b)
{
	switch (a->kind) {
	case MATCH_LITERAL:
		return takes(b, a->literal) ? a->literal : NULL;
	case MATCH_LIST:
		return list_word_taken(a->list, b);
	case MATCH_NUMBER:
		if (b->kind == MATCH_NUMBER && overlap(a->min, a->max, b->min, b->max))
			return "a number in both ranges";
		if (b->kind == MATCH_SELECT && overlap(a->min, a->max, 1, 64))
			return "the number of an application";
		if (b->kind == MATCH_DATE && overlap(a->min, a->max, 19000101, 21991231))
			return "a day written as one number";
		return NULL;
	case MATCH_DATE:
		return b->kind == MATCH_DATE ? "2026-12-01" : NULL;
	case MATCH_SELECT:
		return b->kind == MATCH_SELECT ? "1 3" : NULL;
	case MATCH_FREE_TEXT:
		return b->kind == MATCH_FREE_TEXT ? "any text" : NULL;
	}
	return NULL;
}

bool
match_collide(const struct match_pattern *a, const struct match_pattern *b, const char **word)
{
	const char *found = NULL;

	/* Free text takes what the branches before it leave; only a second free text could never be reached. */
	if ((a->kind == MATCH_FREE_TEXT) == (b->kind == MATCH_FREE_TEXT)) {
		found = collides(a, b);
		if (found == NULL)
			found = collides(b, a);
	}
	if (word != NULL)
		*word = found;
	return found != NULL;
}

bool
match_collide_reserved(const struct match_pattern *p, enum words_reserved *r, const char **word)
{
	size_t count;
	const struct words_row *rows = words_rows(&count);
	enum words_reserved which = WORDS_NONE;
	const char *found = NULL;

	if (p->kind == MATCH_LITERAL && (which = match_reserved(p->literal, NULL, NULL)) != WORDS_NONE)
		found = p->literal;
	/* Reserved words come first, so a free text may take everything else. */
	for (size_t i = 0; i < count && found == NULL && p->kind != MATCH_FREE_TEXT; i++) {
		if (rows[i].kind != WORDS_KIND_RESERVED)
			continue;
		found = row_word_taken(&rows[i], p);
		if (found != NULL)
			which = (enum words_reserved)rows[i].which;
	}
	if (r != NULL)
		*r = which;
	if (word != NULL)
		*word = found;
	return found != NULL;
}
