/* Telephone numbers as people and carriers write them, brought to E.164 (ITU-T E.164, at most 15 digits). */
#include "gateway/conf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 20

/*
 * The next character of UTF-8 text; 0 at the end. What is no UTF-8 comes out as U+FFFD, so that a number with
 * rubbish in it is refused and not repaired.
 */
static uint32_t
next_character(const char **at)
{
	const unsigned char *p = (const unsigned char *)*at;
	int more = p[0] < 0x80 ? 0 : (p[0] & 0xE0) == 0xC0 ? 1 : (p[0] & 0xF0) == 0xE0 ? 2 : (p[0] & 0xF8) == 0xF0 ? 3 : -1;
	if (p[0] == '\0')
		return 0;
	if (more < 0) {
		*at += 1;
		return 0xFFFD;
	}
	uint32_t c = more == 0 ? p[0] : p[0] & (0x3Fu >> more);
	for (int i = 1; i <= more; i++) {
		if ((p[i] & 0xC0) != 0x80) {
			*at += i;
			return 0xFFFD;
		}
		c = c << 6 | (p[i] & 0x3F);
	}
	*at += more + 1;
	return c;
}

static bool
is_separator(uint32_t c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '-':
	case '.':
	case '(':
	case ')':
	case 0x00A0: /* no-break space */
	case 0x2010: /* hyphens and dashes, as word processors put them */
	case 0x2011:
	case 0x2012:
	case 0x2013:
	case 0x2014:
	case 0x3000: /* ideographic space */
	case 0xFF08: /* full-width parentheses */
	case 0xFF09:
	case 0xFF0D: /* full-width hyphen */
		return true;
	default:
		return false;
	}
}

/* The digits of any script that people here type, separators left out. False when something else is in it. */
static bool
collect_digits(const char *in, char digits[DIGITS_MAX + 1], bool *plus)
{
	size_t n = 0;
	*plus = false;
	for (uint32_t c = next_character(&in); c != 0; c = next_character(&in)) {
		int digit = -1;
		if (c >= '0' && c <= '9')
			digit = (int)(c - '0');
		else if (c >= 0xFF10 && c <= 0xFF19) /* full-width */
			digit = (int)(c - 0xFF10);
		else if (c >= 0x0660 && c <= 0x0669) /* Arabic-Indic */
			digit = (int)(c - 0x0660);
		else if (c >= 0x06F0 && c <= 0x06F9) /* Extended Arabic-Indic */
			digit = (int)(c - 0x06F0);

		if (digit >= 0) {
			if (n == DIGITS_MAX)
				return false;
			digits[n++] = (char)('0' + digit);
		} else if ((c == '+' || c == 0xFF0B) && n == 0 && !*plus) {
			*plus = true;
		} else if (!is_separator(c)) {
			return false;
		}
	}
	digits[n] = '\0';
	return n > 0;
}

static bool
china_mobile(const char *national)
{
	return strlen(national) == 11 && national[0] == '1' && national[1] >= '3' && national[1] <= '9';
}

/* A number inside China, without the trunk zero: area code and subscriber, 10 + 8 digits for Beijing, 400 and 800. */
static bool
china_fixed(const char *national)
{
	size_t len = strlen(national);
	if (national[0] == '1')
		return len == 10 && national[1] == '0' && national[2] >= '2';
	return national[0] >= '2' && len >= 9 && len <= 11;
}

/* The number after the country code. 0, or -1. A trunk zero that was written by habit is dropped. */
static int
china(const char *national, char *out, size_t room, bool *mobile)
{
	bool trunk = national[0] == '0';
	if (trunk)
		national++;
	*mobile = china_mobile(national);
	if ((!*mobile && !china_fixed(national)) || strlen(national) + 4 > room)
		return -1;
	memcpy(out, "+86", 3);
	memcpy(out + 3, national, strlen(national) + 1);
	return 0;
}

/* Elsewhere only the shape can be judged, and whether it is a mobile phone cannot: the carrier will say. */
static int
elsewhere(const char *country, const char *rest, char *out, size_t room, bool *mobile)
{
	size_t code = strlen(country), len = strlen(rest);
	*mobile = true;
	if (code + len < 8 || code + len > 15 || code + len + 2 > room || (code == 0 && rest[0] == '0'))
		return -1;
	out[0] = '+';
	memcpy(out + 1, country, code);
	memcpy(out + 1 + code, rest, len + 1);
	return 0;
}

int
conf_phone_normalise(const struct conf_bureau *b, const char *in, char *out, size_t room, bool *mobile)
{
	char digits[DIGITS_MAX + 1] = "";
	const char *country = b->country, *rest = digits;
	bool plus, unasked;

	if (mobile == NULL)
		mobile = &unasked;
	*mobile = false;
	if (!collect_digits(in, digits, &plus))
		return -1;
	if (!plus && strncmp(rest, "00", 2) == 0) {
		plus = true;
		rest += 2;
	}
	if (plus) {
		if (strncmp(rest, "86", 2) == 0)
			return china(rest + 2, out, room, mobile);
		return elsewhere("", rest, out, room, mobile);
	}

	/* Nationally first: 86... might be the beginning of a fixed number only where it is too short for the country. */
	size_t code = strlen(country);
	if (strcmp(country, "86") == 0) {
		if (strncmp(rest, "86", 2) == 0 && strlen(rest) >= 11 && china(rest + 2, out, room, mobile) == 0 &&
			(*mobile || strlen(rest) > 11))
			return 0;
		/* A bare subscriber number without its area code reaches nobody from here. */
		if (rest[0] != '0' && !china_mobile(rest) && strncmp(rest, "400", 3) != 0 && strncmp(rest, "800", 3) != 0)
			return -1;
		return china(rest, out, room, mobile);
	}
	if (rest[0] == '0')
		return elsewhere(country, rest + 1, out, room, mobile);
	if (strncmp(rest, country, code) == 0 && strlen(rest) >= code + 8)
		return elsewhere("", rest, out, room, mobile);
	return elsewhere(country, rest, out, room, mobile);
}

char *
conf_trial(const struct conf_bureau *b)
{
	char *list = b->ntrial_phones == 0 ? NULL : malloc(b->ntrial_phones * 21 + 3), phone[20];
	size_t used = 0;

	if (list == NULL)
		return NULL;
	list[used++] = '{';
	for (size_t i = 0; i < b->ntrial_phones; i++)
		if (conf_phone_normalise(b, b->trial_phones[i], phone, sizeof(phone), NULL) == 0)
			used += (size_t)snprintf(list + used, 22, "%s%s", used > 1 ? "," : "", phone);
	list[used++] = '}';
	list[used] = '\0';
	return list;
}
