/* Comparing the last six characters of a number. */
#include "gateway/identity.h"

#include <stdint.h>
#include <string.h>
#include <sodium.h>

/* The next character: a capital letter or digit, 0 for what is skipped, -1 for anything else, -2 at the end. */
static int
next(const char **s)
{
	const uint8_t *u = (const uint8_t *)*s;
	int c = u[0];

	if (c == '\0')
		return -2;
	*s += 1;
	if (c == ' ' || c == '-' || c == '\t')
		return 0;
	if (c == 0xE3 && u[1] == 0x80 && u[2] == 0x80) { /* ideographic space */
		*s += 2;
		return 0;
	}
	if (c == 0xEF && (u[1] == 0xBC || u[1] == 0xBD) && u[2] >= 0x80) { /* U+FF00 to U+FF7F: full width */
		c = (u[1] == 0xBC ? 0x20 : 0x60) + (u[2] - 0x80);
		*s += 2;
		if (c == '-')
			return 0;
	}
	if (c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ? c : -1;
}

int
identity_typed(const char *typed, char out[IDENTITY_TAIL + 1])
{
	int n = 0, c;

	while ((c = next(&typed)) != -2) {
		if (c == 0)
			continue;
		if (c < 0 || n == IDENTITY_TAIL)
			return -1;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return n == IDENTITY_TAIL ? 0 : -1;
}

bool
identity_matches(const char *typed, const char *number)
{
	char tail[IDENTITY_TAIL] = {0};
	int c, n = 0;

	while ((c = next(&number)) != -2)
		if (c > 0) {
			memmove(tail, tail + 1, IDENTITY_TAIL - 1);
			tail[IDENTITY_TAIL - 1] = (char)c;
			n++;
		}
	return n >= IDENTITY_TAIL && sodium_memcmp(tail, typed, IDENTITY_TAIL) == 0;
}
