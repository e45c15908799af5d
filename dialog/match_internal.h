/* What the files of the matcher share; nobody else includes it. */
#ifndef DIALOG_MATCH_INTERNAL_H
#define DIALOG_MATCH_INTERNAL_H

#include "dialog/match.h"

/* Takes one polite word off s[0..*len); false when there is none left or nothing would remain. */
bool match_narrow(const char **s, size_t *len);
/* s[0..len) is a word of the list as it stands, without polite words around it. */
bool match_list_word(enum words_list list, const char *language, const char *s, size_t len);
/* What a whole message says as people speak it; nothing when it is not quite clear. */
enum match_spoken {
	MATCH_SPOKEN_NOTHING,
	MATCH_SPOKEN_YES,
	MATCH_SPOKEN_NO,
};
enum match_spoken match_spoken(const char *normal);
/* The character belongs to a script that puts no space between words; normalised text has none beside it. */
bool match_spaceless(uint32_t cp);

#endif
