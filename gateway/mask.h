/* Personal data with its middle taken out, for texts and pages that anybody may see. Pure. */
#ifndef GATEWAY_MASK_H
#define GATEWAY_MASK_H

#include <stddef.h>

/*
 * A holder's name: 王小明 -> 王**, a firm of six or more Han characters keeps two at each end (文登***菜馆), words in
 * other scripts keep their first letter (Blue Harbour -> B*** H***). Each writes UTF-8 into out, cut at a character
 * when it does not fit, always NUL-terminated; the stars do not tell the length beyond three.
 */
void mask_name(const char *name, char *out, size_t room);
/* The first six characters, then stars; a short one loses its second half. */
void mask_address(const char *address, char *out, size_t room);
/* A telephone number: the four digits before the last four; a short one keeps its last two. */
void mask_phone(const char *phone, char *out, size_t room);
/*
 * A text of ours as staff may read it: pick-up codes (six digits), short codes (eight, with or without a space in the
 * middle) and the tokens of addresses behind "/r/" become dots, in place; `keep` (the office's own number) stays. The
 * result is malloc'd; NULL without memory.
 */
char *mask_codes(const char *text, const char *keep);
/* A licence number: the last four characters are kept, at most half of it. */
void mask_number(const char *number, char *out, size_t room);

#endif
