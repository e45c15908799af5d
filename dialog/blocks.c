/* Finds, replaces and compares the texts of a wording file. */
#include "dialog/blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/internal.h"

/* The line at s: its octets, and where the next begins. */
static size_t
line_at(const char *s, const char *end, const char **next)
{
	const char *newline = memchr(s, '\n', (size_t)(end - s));
	*next = newline ? newline + 1 : end;
	return (size_t)((newline ? newline : end) - s);
}

static bool
blank(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] != ' ' && s[i] != '\t' && s[i] != '\r')
			return false;
	return true;
}

static int
number_after(const char *word, const char *key)
{
	size_t len = strlen(key);
	return strncmp(word, key, len) == 0 ? (int)strtol(word + len, NULL, 10) : 0;
}

/* "[reminder many parts=5 list=4]" */
static bool
read_header(const char *s, size_t len, struct block *b)
{
	char line[240], *save = NULL;
	memset(b, 0, sizeof(*b));
	while (len && blank(s + len - 1, 1))
		len--;
	if (len < 3 || len >= sizeof(line) || s[0] != '[' || s[len - 1] != ']')
		return false;
	memcpy(line, s + 1, len - 2);
	line[len - 2] = '\0';
	b->header = s;
	for (char *word = strtok_r(line, " \t", &save); word; word = strtok_r(NULL, " \t", &save)) {
		if (!b->name[0]) {
			/* as the loader has names: what it refuses is no text here either */
			if (strlen(word) > DIALOG_NAME_MAX || word[0] < 'a' || word[0] > 'z' ||
				strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(word))
				return false;
			memcpy(b->name, word, strlen(word) + 1);
			continue;
		}
		b->many = b->many || strcmp(word, "many") == 0;
		b->ussd = b->ussd || strcmp(word, "ussd") == 0;
		b->parts = b->parts ? b->parts : number_after(word, "parts=");
		b->pages = b->pages ? b->pages : number_after(word, "pages=");
		b->list = b->list ? b->list : number_after(word, "list=");
		if (strncmp(word, "for=", 4) == 0 && !b->tag[0] && strlen(word + 4) < sizeof(b->tag))
			memcpy(b->tag, word + 4, strlen(word + 4) + 1);
	}
	return b->name[0] != '\0';
}

/* What follows the last words, blank lines and comments, belongs to the next text. */
static void
close_block(struct block *b, const char *from, const char *to)
{
	const char *first = NULL, *last = NULL, *next;
	for (const char *at = from; at < to; at = next) {
		size_t len = line_at(at, to, &next);
		if (blank(at, len) || at[0] == '#')
			continue;
		first = first ? first : at;
		last = at + len;
	}
	b->words = first ? first : from;
	b->len = last ? (size_t)(last - b->words) : 0;
	b->end = from;
	if (last) {
		line_at(last, to, &next);
		b->end = next;
	}
}

size_t
blocks_read(const char *source, size_t len, struct block *list, size_t room)
{
	const char *end = source + len, *next, *body = NULL;
	struct block b, *open = NULL;
	size_t n = 0;
	for (const char *at = source; at < end; at = next) {
		size_t l = line_at(at, end, &next);
		if (at[0] != '[')
			continue;
		if (open)
			close_block(open, body, at);
		open = NULL;
		if (n < room && read_header(at, l, &b)) {
			list[n] = b;
			open = &list[n++];
			body = next;
		}
	}
	if (open)
		close_block(open, body, end);
	return n;
}

const struct block *
blocks_find(const struct block *list, size_t n, const char *name, bool many, bool ussd)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].many == many && list[i].ussd == ussd && !list[i].tag[0] && strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

bool
blocks_same_form(const struct block *a, const struct block *b)
{
	return a->many == b->many && a->ussd == b->ussd && strcmp(a->name, b->name) == 0 && strcmp(a->tag, b->tag) == 0;
}

const struct block *
blocks_find_form(const struct block *list, size_t n, const struct block *as)
{
	for (size_t i = 0; i < n; i++)
		if (blocks_same_form(&list[i], as))
			return &list[i];
	return NULL;
}

char *
blocks_join(const char *own, const char *more)
{
	struct block *a = calloc(BLOCKS_MAX, sizeof(*a)), *b = calloc(BLOCKS_MAX, sizeof(*b));
	size_t room = strlen(own) + strlen(more) + 2 * BLOCKS_MAX + 2, at = strlen(own);
	char *out = a && b ? malloc(room) : NULL;
	if (out) {
		size_t na = blocks_read(own, at, a, BLOCKS_MAX), nb = blocks_read(more, strlen(more), b, BLOCKS_MAX);
		memcpy(out, own, at + 1);
		for (size_t i = 0; i < nb; i++) {
			bool there = false;
			for (size_t k = 0; k < na && !there; k++)
				there = blocks_same_form(&a[k], &b[i]);
			if (!there)
				at += (size_t)snprintf(
					out + at, room - at, "\n%.*s\n", (int)(b[i].words + b[i].len - b[i].header), b[i].header);
		}
	}
	free(a);
	free(b);
	return out;
}

/* Every line is words of this text. */
static bool
plain_lines(const char *s, size_t len)
{
	const char *end = s + len, *next;
	for (const char *at = s; at < end; at = next) {
		(void)line_at(at, end, &next);
		if (at[0] == '[' || at[0] == '#')
			return false;
	}
	return true;
}

char *
blocks_replace(const char *source, const struct block *as, const char *words, size_t len, enum blocks_fault *fault)
{
	static struct block list[BLOCKS_MAX]; /* large, and done with when this returns */
	size_t size = strlen(source);
	const struct block *old = blocks_find_form(list, blocks_read(source, size, list, BLOCKS_MAX), as);

	*fault = BLOCKS_GOOD;
	while (len && (blank(words + len - 1, 1) || words[len - 1] == '\n'))
		len--;
	while (len && words[0] == '\n')
		words++, len--;
	if (!plain_lines(words, len))
		*fault = BLOCKS_LINE;
	else if (!len && !as->many && !as->ussd && !as->tag[0])
		*fault = BLOCKS_EMPTY;
	else if (size + len + 300 > DIALOG_SOURCE_MAX)
		*fault = BLOCKS_LARGE;
	if (*fault != BLOCKS_GOOD)
		return NULL;

	size_t room = size + len + 400, at;
	const char *cut = old ? old->header : source + size, *rest = old ? old->end : source + size;
	char *out = malloc(room);
	if (!out)
		return NULL;
	at = (size_t)(cut - source);
	memcpy(out, source, at);
	if (!old && at && out[at - 1] != '\n')
		out[at++] = '\n';
	if (len) {
		int parts = as->parts ? as->parts
					: old	  ? old->parts
							  : 0,
			pages = as->pages ? as->pages
					: old	  ? old->pages
							  : 0,
			listed = as->list ? as->list
					 : old	  ? old->list
							  : 0;
		at += (size_t)snprintf(out + at, room - at, "%s[%s%s%s%s%s", old ? "" : "\n", as->name, as->many ? " many" : "",
			as->ussd ? " ussd" : "", as->tag[0] ? " for=" : "", as->tag);
		const struct {
			const char *key;
			int n;
		} settings[] = {{"parts", parts}, {"pages", pages}, {"list", listed}};
		for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
			if (settings[i].n > 0)
				at += (size_t)snprintf(out + at, room - at, " %s=%d", settings[i].key, settings[i].n);
		at += (size_t)snprintf(out + at, room - at, "]\n%.*s\n", (int)len, words);
	}
	memcpy(out + at, rest, strlen(rest) + 1);
	return out;
}

/* ---- Comparing --------------------------------------------------------------------------------------------------- */

static size_t
split(const char *s, struct block_line *list, size_t room)
{
	const char *end = s + strlen(s), *next;
	size_t n = 0;
	for (const char *at = s; at < end; at = next, n++) {
		size_t len = line_at(at, end, &next);
		if (n < room)
			list[n] = (struct block_line){.text = at, .len = len};
	}
	return n;
}

static bool
same_line(const struct block_line *a, const struct block_line *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* The longest common lines by the table of their lengths. */
int
blocks_compare(const char *a, const char *b, struct block_line *out, size_t room)
{
	struct block_line *x = calloc(BLOCKS_LINES_MAX, sizeof(*x)), *y = calloc(BLOCKS_LINES_MAX, sizeof(*y));
	size_t nx = x ? split(a, x, BLOCKS_LINES_MAX) : BLOCKS_LINES_MAX,
		   ny = y ? split(b, y, BLOCKS_LINES_MAX) : BLOCKS_LINES_MAX;
	uint16_t *t = NULL;
	int n = -1;
	if (x && y && nx + ny <= BLOCKS_LINES_MAX && nx + ny <= room)
		t = calloc((nx + 1) * (ny + 1), sizeof(*t));
	if (t) {
		size_t i, j, w = ny + 1;
		for (i = nx; i-- > 0;)
			for (j = ny; j-- > 0;)
				t[i * w + j] = same_line(&x[i], &y[j])					? (uint16_t)(t[(i + 1) * w + j + 1] + 1)
							   : t[(i + 1) * w + j] >= t[i * w + j + 1] ? t[(i + 1) * w + j]
																		: t[i * w + j + 1];
		for (i = j = 0, n = 0; i < nx || j < ny; n++) {
			if (i < nx && j < ny && same_line(&x[i], &y[j])) {
				out[n] = x[i++];
				out[n].sign = ' ';
				j++;
			} else if (i < nx && (j == ny || t[(i + 1) * w + j] >= t[i * w + j + 1])) {
				out[n] = x[i++];
				out[n].sign = '-';
			} else {
				out[n] = y[j++];
				out[n].sign = '+';
			}
		}
	}
	free(t);
	free(x);
	free(y);
	return n;
}
