/* Phone numbers and patterns of them. Pure. */
#ifndef SMSC_NUMBER_H
#define SMSC_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NUMBER_ROOM = 22
}; /* 20 characters, a plus and a NUL */

/* Where a text goes, as one name per phone: digits with a plus, alphanumerics as they are. Returns 0, or -1 when it is
 * empty, too long or has octets that no address has. */
int number_normalise(const char *in, char out[NUMBER_ROOM]);
/* '*' any run, '?' any one character. */
bool pattern_match(const char *pattern, const char *s);
/* Does s match one of the patterns in a list separated by commas? With value: "PATTERN=VALUE" entries, and the value of
 * the first that matches is copied there. */
bool pattern_list_match(const char *list, const char *s, char *value, size_t room);
/* A well-mixed number from a seed and a text: the same choice for the same phone in every run. */
uint64_t number_hash(uint64_t seed, const char *s);

#endif
