/*
 * Signs that the GSM alphabet lacks, and what may stand for them: a curly quote or a long dash makes a text travel in
 * UCS-2 and cost twice the parts. Each bureau chooses which sets it wants; only the words that its staff have written
 * are changed, never names, addresses and numbers that are filled in.
 */
#ifndef DIALOG_SUBSTITUTE_H
#define DIALOG_SUBSTITUTE_H

#include <stddef.h>
#include <stdint.h>

enum substitute_set {
	SUBSTITUTE_TYPOGRAPHIC = 1, /* quotes, dashes, ellipsis, spaces of other widths, bullets; soft hyphens vanish */
	SUBSTITUTE_FULLWIDTH = 2,	/* full-width letters, digits and signs, ideographic space and stops */
	SUBSTITUTE_ACCENTS = 4,		/* Latin letters with accents that the GSM alphabet lacks, as the letter alone */
	SUBSTITUTE_ALL = 7
};
/* "typographic", "fullwidth", "accents"; 0 = none of them. */
unsigned substitute_by_name(const char *name);

#define SUBSTITUTE_MOST 3 /* characters that stand for one */

/*
 * What stands for cp in these sets: ASCII, "" for a character that vanishes; NULL when it stays as it is. room holds
 * the answer where it is made up.
 */
const char *substitute(unsigned sets, uint32_t cp, char room[2]);

#endif
