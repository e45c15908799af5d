/* What a searched text may mean. */
#include "gateway/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/utf8.h"
#include "gateway/conf.h"
#include "gateway/keys.h"
#include "store/pg.h"

#define LICENCE_MIN 4	   /* characters of a licence number's beginning or end */
#define PHONE_MIN 7		   /* digits of a phone number's beginning */
#define PHONE_END_MIN 4	   /* digits of its end */
#define NAME_PART_MIN 2	   /* characters of a part of a name */
#define PHONE_MAX 15	   /* digits of one that can be */
#define APPLICATION_MAX 15 /* digits */
#define CREDIT_CODE 18	   /* characters of a credit code or an identity number */
#define OLD_IDENTITY 15	   /* of one of the last century */

/* Letters and digits of full width become plain; what else a licence number holds stays as it was typed. */
static size_t
plain(const char *text, char *out, size_t room)
{
	size_t n = 0;

	for (const unsigned char *p = (const unsigned char *)text; *p != '\0' && n + 1 < room; p++) {
		unsigned c = p[0] == 0xEF && (p[1] == 0xBC || p[1] == 0xBD) && p[2] != '\0'
						 ? ((p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu)) - (0xFF00u & 0xFFF) + 0x20u
						 : 0;
		bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		out[n++] = word ? (char)c : (char)*p;
		p += word ? 2 : 0;
	}
	out[n] = '\0';
	return n;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* The digits of what is written as a number: blanks, dashes and parentheses between them; -1: it is no number. */
static int
digits_of(const char *text, char *out, size_t room)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text >= '0' && *text <= '9' && n + 1 < room)
			out[n++] = *text;
		else if (strchr(" -()+", *text) == NULL)
			return -1;
	}
	out[n] = '\0';
	return (int)n;
}

static struct pg_params *
add(struct search_way *out, size_t *n, const char *name, enum stmt stmt, const struct conf_bureau *b)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, b->id);
	out[(*n)++] = (struct search_way){name, stmt, p};
	return p;
}

/* A number as it is on file (*whole), or what it begins with there. False: it can be no phone. */
static bool
phone_range(const struct conf_bureau *b, const char *text, const char *digits, char from[40], bool *whole)
{
	char number[20];
	size_t country = strlen(b->country);

	*whole = conf_phone_normalise(b, text, number, sizeof(number), NULL) == 0;
	if (*whole)
		snprintf(from, 40, "%s", number);
	else if (strlen(digits) < PHONE_MIN || strlen(digits) > PHONE_MAX)
		return false;
	else if (*text == '+')
		snprintf(from, 40, "+%.15s", digits);
	else if (strncmp(digits, b->country, country) == 0 && strlen(digits) > country + 4)
		snprintf(from, 40, "+%.15s", digits);
	else
		snprintf(from, 40, "+%s%.15s", b->country, digits + strspn(digits, "0"));
	return true;
}

/*
 * What a name must hold, as LIKE says it: words in their order, with anything between them. The characters alone into
 * characters. Returns how many those are.
 */
static size_t
name_part(const char *typed, char like[2 * SEARCH_TEXT_MAX + 4], char characters[SEARCH_TEXT_MAX + 1])
{
	size_t n = 0, k = 0;

	like[n++] = '%';
	for (const char *p = typed; *p != '\0'; p++) {
		/* The blank of full width is one too. */
		bool wide = strncmp(p, "\xE3\x80\x80", 3) == 0;
		if (*p == ' ' || wide) {
			if (like[n - 1] != '%' || (n > 1 && like[n - 2] == '\\'))
				like[n++] = '%';
			p += wide ? 2 : 0;
			continue;
		}
		if (strchr("%_\\", *p) != NULL)
			like[n++] = '\\';
		like[n++] = characters[k++] = *p;
	}
	if (like[n - 1] != '%' || (n > 1 && like[n - 2] == '\\'))
		like[n++] = '%';
	like[n] = characters[k] = '\0';
	return utf8_count(characters, k);
}

/* A way that asks for a text. */
static struct pg_params *
add_text(struct search_way *out, size_t *n, const char *name, enum stmt stmt, const struct conf_bureau *b,
	const char *text, int limit)
{
	struct pg_params *p = add(out, n, name, stmt, b);

	pg_param_text(p, text);
	pg_param_int(p, limit);
	return p;
}

/* By how a number ends; what stands at the end of many and nobody says does not count. */
static void
add_ends(struct search_way *out, size_t *n, const struct conf_bureau *b, const char *typed, int limit)
{
	char end[SEARCH_TEXT_MAX + 1];
	size_t len = (size_t)snprintf(end, sizeof(end), "%s", typed);

	while (len >= 3 && strcmp(end + len - 3, "号") == 0)
		end[len -= 3] = '\0';
	if (utf8_count(end, len) < LICENCE_MIN)
		return;
	add_text(out, n, "licence_end", STMT_SEARCH_LICENCE_END, b, end, limit);
	add_text(out, n, "certificate_end", STMT_SEARCH_CERTIFICATE_END, b, end, limit);
}

size_t
search_ways(const struct keys *keys, const struct conf_bureau *b, const char *text, bool numbers, int limit,
	struct search_way out[SEARCH_WAYS])
{
	char typed[SEARCH_TEXT_MAX + 1], digits[40], from[40], like[2 * SEARCH_TEXT_MAX + 4],
		characters[SEARCH_TEXT_MAX + 1];
	size_t n = 0, len = plain(text, typed, sizeof(typed)), count = utf8_count(typed, strlen(typed));
	int ndigits = digits_of(typed, digits, sizeof(digits));
	bool any_digit = strpbrk(typed, "0123456789") != NULL;
	struct pg_params *p;

	if (len == 0)
		return 0;
	if (ndigits > 0 && ndigits <= APPLICATION_MAX && (size_t)ndigits == len) {
		p = add(out, &n, "application", STMT_SEARCH_APPLICATION, b);
		pg_param_int(p, strtoll(digits, NULL, 10));
	}
	if (numbers && ndigits > 0) {
		bool whole = false;
		if (phone_range(b, typed, digits, from, &whole))
			add_text(out, &n, "phone", STMT_SEARCH_PHONE, b, from, limit);
		if (!whole && ndigits >= PHONE_END_MIN && ndigits < PHONE_MAX && *typed != '+')
			add_text(out, &n, "phone_end", STMT_SEARCH_PHONE_END, b, digits, limit);
	}
	if (numbers && is_ascii(typed) && (len == CREDIT_CODE || len == OLD_IDENTITY) && keys != NULL) {
		uint8_t hash[32];
		for (char *at = typed; *at != '\0'; at++)
			if (*at >= 'a' && *at <= 'z')
				*at -= 'a' - 'A';
		keys_hash(keys, "identity", typed, len, hash);
		p = add(out, &n, "identity", STMT_SEARCH_IDENTITY, b);
		pg_param_bytes(p, hash, sizeof(hash));
		pg_param_int(p, limit);
	}
	if (any_digit && count >= LICENCE_MIN) {
		add_text(out, &n, "licence", STMT_SEARCH_LICENCE, b, typed, limit);
		add_text(out, &n, "certificate", STMT_SEARCH_CERTIFICATE, b, typed, limit);
		add_ends(out, &n, b, typed, limit);
	}
	if (ndigits < 0 && (!is_ascii(typed) || count >= 2)) {
		add_text(out, &n, "holder", STMT_SEARCH_NAME, b, typed, limit);
		if (name_part(typed, like, characters) >= NAME_PART_MIN) {
			p = add_text(out, &n, "holder_part", STMT_SEARCH_NAME_PART, b, like, limit);
			pg_param_text(p, characters);
			pg_param_text(p, typed);
		}
	}
	return n;
}

bool
search_add(json_t *all, json_t *rows, const char *by, size_t limit)
{
	json_t *row, *known;
	size_t i, k;

	json_array_foreach (rows, i, row) {
		bool there = false;
		json_array_foreach (all, k, known)
			there = there || json_equal(json_object_get(known, "licence"), json_object_get(row, "licence"));
		if (there)
			continue;
		if (json_array_size(all) == limit)
			return true;
		json_object_set_new(row, "by", json_string(by));
		json_array_append(all, row);
	}
	return false;
}
