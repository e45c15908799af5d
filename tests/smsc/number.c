/* Phone numbers, patterns of them, and the hash that spreads them. */
#include <ctype.h>
#include <string.h>
#include "tests/smsc/number.h"

int
number_normalise(const char *in, char out[NUMBER_ROOM])
{
	size_t n = 0;
	bool digits = true;

	if (*in == '+')
		in++;
	for (const char *p = in; *p != '\0'; p++, n++) {
		if (!isalnum((unsigned char)*p) || n == NUMBER_ROOM - 2)
			return -1;
		digits = digits && isdigit((unsigned char)*p);
	}
	if (n == 0)
		return -1;
	size_t plus = digits ? 1 : 0;
	if (plus > 0)
		out[0] = '+';
	memcpy(out + plus, in, n + 1);
	return 0;
}

bool
pattern_match(const char *pattern, const char *s)
{
	/* The last star seen, and how far its run has been tried: no recursion, so no pattern is expensive. */
	const char *star = NULL, *from = s;

	while (*s != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			from = s;
		} else if (*pattern == '?' || *pattern == *s) {
			pattern++;
			s++;
		} else if (star != NULL) {
			pattern = star + 1;
			s = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool
pattern_list_match(const char *list, const char *s, char *value, size_t room)
{
	while (*list != '\0') {
		char one[64];
		size_t len = strcspn(list, ",");
		if (len < sizeof(one)) {
			memcpy(one, list, len);
			one[len] = '\0';
			char *equals = value != NULL ? strchr(one, '=') : NULL;
			if (equals != NULL)
				*equals = '\0';
			if (pattern_match(one, s) && (value == NULL || (equals != NULL && strlen(equals + 1) < room))) {
				if (value != NULL)
					memcpy(value, equals + 1, strlen(equals + 1) + 1);
				return true;
			}
		}
		list += len;
		if (*list == ',')
			list++;
	}
	return false;
}

uint64_t
number_hash(uint64_t seed, const char *s)
{
	uint64_t h = 0xCBF29CE484222325u ^ seed;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001B3u;
	h = (h ^ h >> 30) * 0xBF58476D1CE4E5B9u;
	h = (h ^ h >> 27) * 0x94D049BB133111EBu;
	return h ^ h >> 31;
}
