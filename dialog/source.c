/* Reads what staff wrote line by line and word by word. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/internal.h"
#include "dialog/utf8.h"

#define FAULT(s, code, ...) FAULT_AT((s)->faults, (s)->file, (s)->line, code, ##__VA_ARGS__)

bool
dialog_grow(void *list_ptr, size_t *room, size_t count, size_t size)
{
	void **list = list_ptr;
	if (count < *room)
		return true;
	size_t more = *room ? *room * 2 : 8;
	void *bigger = realloc(*list, more * size);
	if (!bigger)
		return false;
	memset((char *)bigger + *room * size, 0, (more - *room) * size);
	*list = bigger;
	*room = more;
	return true;
}

/* ---- Lines --------------------------------------------------------------------------------------------------- */

bool
source_open(struct source *s, const char *file, const char *text, size_t len, struct dialog_faults *faults)
{
	*s = (struct source){.file = file, .text = text, .len = len, .faults = faults};
	if (len > DIALOG_SOURCE_MAX) {
		fault_add(faults, file, 0, DIALOG_FAULT_FILE_LARGE, FAULT_ARGS "%zu\n%zu", len, DIALOG_SOURCE_MAX);
		return false;
	}
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		s->at = 3;
	size_t bad;
	const char *nul = len ? memchr(text, '\0', len) : NULL;
	if (utf8_valid(text, len, &bad) && !nul)
		return true;
	if (nul && (size_t)(nul - text) < bad)
		bad = (size_t)(nul - text);
	int line = 1;
	for (size_t i = 0; i < bad; i++)
		line += text[i] == '\n';
	fault_add(
		faults, file, line, nul && (size_t)(nul - text) == bad ? DIALOG_FAULT_NUL : DIALOG_FAULT_NOT_UTF8, FAULT_ARGS);
	return false;
}

bool
source_line(struct source *s, const char **line, size_t *len)
{
	if (s->at >= s->len)
		return false;
	const char *start = s->text + s->at;
	const char *nl = memchr(start, '\n', s->len - s->at);
	size_t n = nl ? (size_t)(nl - start) : s->len - s->at;
	s->at += n + (nl ? 1 : 0);
	s->line++;
	if (n && start[n - 1] == '\r')
		n--;
	if (n > DIALOG_LINE_MAX) {
		FAULT(s, LINE_LONG, "%zu\n%d", n, DIALOG_LINE_MAX);
		n = 0;
	}
	*line = start;
	*len = n;
	return true;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

int
source_tokens(struct source *s, const char *line, size_t len, struct token list[DIALOG_TOKENS_MAX])
{
	int n = 0;
	for (size_t i = 0; i < len;) {
		if (is_space(line[i])) {
			i++;
			continue;
		}
		if (line[i] == '#')
			break;
		if (n == DIALOG_TOKENS_MAX) {
			FAULT(s, LINE_WORDS, "%d", DIALOG_TOKENS_MAX);
			return -1;
		}
		struct token *t = &list[n++];
		size_t start = i;
		if (line[i] == '"') {
			const char *close = memchr(line + i + 1, '"', len - i - 1);
			if (!close) {
				FAULT(s, QUOTE_OPEN);
				return -1;
			}
			*t = (struct token){line + i + 1, (size_t)(close - line) - i - 1, true};
			i = (size_t)(close - line) + 1;
			continue;
		}
		if (line[i] == ',')
			i++;
		else
			while (i < len && !is_space(line[i]) && line[i] != ',' && line[i] != '"' && line[i] != '#')
				i++;
		*t = (struct token){line + start, i - start, false};
	}
	return n;
}

bool
token_is(const struct token *t, const char *word)
{
	return !t->quoted && t->len == strlen(word) && memcmp(t->s, word, t->len) == 0;
}

bool
token_name(const struct token *t, char out[DIALOG_NAME_MAX + 1])
{
	if (t->quoted || t->len == 0 || t->len > DIALOG_NAME_MAX || t->s[0] < 'a' || t->s[0] > 'z')
		return false;
	for (size_t i = 0; i < t->len; i++) {
		char c = t->s[i];
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	memcpy(out, t->s, t->len);
	out[t->len] = '\0';
	return true;
}

bool
token_number(const struct token *t, int64_t *out)
{
	if (t->quoted || t->len == 0 || t->len > 9)
		return false;
	int64_t v = 0;
	for (size_t i = 0; i < t->len; i++) {
		if (t->s[i] < '0' || t->s[i] > '9')
			return false;
		v = v * 10 + (t->s[i] - '0');
	}
	*out = v;
	return true;
}
