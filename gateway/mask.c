/* Masks for names, addresses and numbers. */
#include "gateway/mask.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Octets of the UTF-8 character at s, at least 1. */
static size_t
char_len(const char *s)
{
	size_t n = 1;

	while (((uint8_t)s[n] & 0xC0) == 0x80)
		n++;
	return n;
}

static size_t
char_count(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s += char_len(s))
		n++;
	return n;
}

struct out {
	char *at;
	size_t room; /* NUL included */
};

static void
put(struct out *o, const char *s, size_t len)
{
	if (len >= o->room)
		return;
	memcpy(o->at, s, len);
	o->at += len;
	o->room -= len;
	*o->at = '\0';
}

static void
put_chars(struct out *o, const char *s, size_t from, size_t count)
{
	for (size_t i = 0; *s != '\0' && i < from + count; i++, s += char_len(s))
		if (i >= from)
			put(o, s, char_len(s));
}

static bool
is_space(const char *s)
{
	return *s == ' ' || *s == '\t' || *s == '\n';
}

/* Words in scripts with spaces: the first letter of each. */
static void
mask_words(const char *name, struct out *o)
{
	while (*name != '\0') {
		if (is_space(name)) {
			put(o, " ", 1);
			while (is_space(name))
				name++;
			continue;
		}
		put(o, name, char_len(name));
		put(o, "***", 3);
		while (*name != '\0' && !is_space(name))
			name++;
	}
}

/* Han, kana and hangul stand above U+2E80: three octets from E2 BA 80 on. */
static bool
is_wide(const char *s)
{
	return (uint8_t)s[0] >= 0xE3 || ((uint8_t)s[0] == 0xE2 && (uint8_t)s[1] >= 0xBA);
}

void
mask_name(const char *name, char *out, size_t room)
{
	struct out o = {out, room};
	size_t n = char_count(name);

	if (room == 0)
		return;
	*out = '\0';
	if (!is_wide(name)) {
		mask_words(name, &o);
	} else if (n < 6) {
		put_chars(&o, name, 0, 1);
		put(&o, "**", n > 1 ? 2 : 0);
	} else {
		put_chars(&o, name, 0, 2);
		put(&o, "***", 3);
		put_chars(&o, name, n - 2, 2);
	}
}

void
mask_address(const char *address, char *out, size_t room)
{
	struct out o = {out, room};
	size_t n = char_count(address), keep = n >= 12 ? 6 : n / 2;

	if (room == 0)
		return;
	*out = '\0';
	put_chars(&o, address, 0, keep);
	put(&o, "***", n > 0 ? 3 : 0);
}

void
mask_number(const char *number, char *out, size_t room)
{
	struct out o = {out, room};
	size_t n = char_count(number), keep = n >= 8 ? 4 : n / 2;

	if (room == 0)
		return;
	*out = '\0';
	put(&o, "***", n > 0 ? 3 : 0);
	put_chars(&o, number, n - keep, keep);
}

void
mask_phone(const char *phone, char *out, size_t room)
{
	size_t len = strlen(phone), keep = len >= 9 ? 4 : len < 2 ? len : 2, hidden = len >= 9 ? 4 : len - keep;

	for (size_t i = 0; i < len && i + 1 < room; i++) {
		out[i] = i >= len - keep - hidden && i < len - keep ? '*' : phone[i];
		out[i + 1] = '\0';
	}
	if (len == 0 && room > 0)
		out[0] = '\0';
}

#define DOT "\u2022"
#define TOKEN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Octets of the code that begins at s, a digit that no digit stands before; 0 when it is none. */
static size_t
code_len(const char *s, const char *keep)
{
	size_t n = strspn(s, "0123456789");

	if (n == 4 && s[4] == ' ' && strspn(s + 5, "0123456789") == 4)
		return 9;
	if ((n == 8 && strncmp(s, keep, 8) == 0 && keep[8] == '\0') || s[n] == '-')
		return 0;
	return n == 6 || n == 8 ? n : 0;
}

char *
mask_codes(const char *text, const char *keep)
{
	char *out = malloc(3 * strlen(text) + 1), *at = out;
	bool digit = false, dash = false;

	if (out == NULL)
		return NULL;
	while (*text != '\0') {
		size_t n = strncmp(text, "/r/", 3) == 0			? strspn(text + 3, TOKEN_CHARACTERS)
				   : is_digit(*text) && !digit && !dash ? code_len(text, keep)
														: 0;
		if (*text == '/' && n > 0) {
			memcpy(at, "/r/", 3);
			at += 3;
			text += 3;
			if (n > 6)
				n = 6, text += strspn(text, TOKEN_CHARACTERS) - 6;
		}
		digit = is_digit(*text);
		dash = *text == '-';
		if (n == 0)
			*at++ = *text++;
		for (; n > 0; n--, text++) {
			digit = is_digit(*text);
			if (*text == ' ') {
				*at++ = ' ';
			} else {
				memcpy(at, DOT, strlen(DOT));
				at += strlen(DOT);
			}
		}
	}
	*at = '\0';
	return out;
}
