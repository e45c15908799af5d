/*
 * A wording file as its texts, for who edits one of them: each text's header and words are found, and one can be
 * replaced without touching the others or the comments between them. Pure. What the words mean is wording.c's matter;
 * here lines that begin with [ are headers and lines that begin with # are comments, as there.
 */
#ifndef DIALOG_BLOCKS_H
#define DIALOG_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include "dialog/dialog.h"

#define BLOCKS_MAX 512

struct block {
	char name[DIALOG_NAME_MAX + 1];
	bool many, ussd;
	char tag[122];			/* for=TAG: of the form for holders with this tag; "" = for all */
	int parts, pages, list; /* of the header; 0 = it does not say */
	const char *header;		/* its line, in the source */
	const char *words;		/* without blank lines and comments at their ends */
	size_t len;				/* octets of words */
	const char *end;		/* where the next block or the comment before it begins */
};

/* The texts of a wording file in their order; headers that cannot be read are left out. Returns how many (<= room). */
size_t blocks_read(const char *source, size_t len, struct block *list, size_t room);
/* The block of this text and form that is for all holders, or NULL. */
const struct block *blocks_find(const struct block *list, size_t n, const char *name, bool many, bool ussd);
/* Are both the same form (many, ussd, tag) of the same text? */
bool blocks_same_form(const struct block *a, const struct block *b);
/* The first block of the same form, or NULL. */
const struct block *blocks_find_form(const struct block *list, size_t n, const struct block *as);

/* The first source with those texts of the second that it has not in any such form; a malloc'd string. */
char *blocks_join(const char *own, const char *more);

enum blocks_fault {
	BLOCKS_GOOD,
	BLOCKS_LINE,  /* a line begins with [ or #: it would be no words of this text */
	BLOCKS_EMPTY, /* no words, for the plain form for all, which must have some */
	BLOCKS_LARGE, /* the file would become too large */
};
/*
 * The source with this text's words in the place of the old ones, or with it added at the end; a malloc'd string. Words
 * that are empty take the form out; the plain form for all cannot be. parts, pages, list: for the header, 0 = as it was. NULL
 * with *fault.
 */
char *blocks_replace(
	const char *source, const struct block *as, const char *words, size_t len, enum blocks_fault *fault);

/* One line of a comparison of two texts: ' ' both have it, '-' only the first, '+' only the second. */
struct block_line {
	char sign;
	const char *text;
	size_t len;
};
#define BLOCKS_LINES_MAX 2400 /* of both texts together, beyond which nothing is compared */
/* Compares line by line. Returns how many lines of out (room for lines of both), or -1 when there are too many. */
int blocks_compare(const char *a, const char *b, struct block_line *out, size_t room);

#endif
