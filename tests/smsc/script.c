/* Reads the scripts of pretend phones, and finds the rule that speaks. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/smsc/number.h"
#include "tests/smsc/phone.h"
#include "tests/smsc/script.h"

struct parser {
	const char *name, *p, *end; /* the line being read */
	int line;
	char word[1024];
	bool quoted;
	char *why;
	size_t room;
};

static int fail(struct parser *ps, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int
fail(struct parser *ps, const char *format, ...)
{
	va_list args;
	int n = snprintf(ps->why, ps->room, "%s:%d: ", ps->name, ps->line);

	va_start(args, format);
	if (n > 0 && (size_t)n < ps->room)
		vsnprintf(ps->why + n, ps->room - (size_t)n, format, args);
	va_end(args);
	return -1;
}

/* The next word or "quoted text" of the line. 1, 0 at the end of the line or before a comment, -1 at a fault. */
static int
next_word(struct parser *ps)
{
	size_t n = 0;

	while (ps->p < ps->end && isspace((unsigned char)*ps->p))
		ps->p++;
	if (ps->p == ps->end || *ps->p == '#')
		return 0;
	ps->quoted = *ps->p == '"';
	if (ps->quoted)
		ps->p++;
	for (;; ps->p++) {
		if (ps->p == ps->end) {
			if (ps->quoted)
				return fail(ps, "the quotation mark is not closed");
			break;
		}
		char c = *ps->p;
		if (ps->quoted ? c == '"' : isspace((unsigned char)c))
			break;
		if (ps->quoted && c == '\\' && ps->p + 1 < ps->end) {
			c = *++ps->p;
			c = c == 'n' ? '\n' : c;
		}
		if (n == sizeof(ps->word) - 1)
			return fail(ps, "a word is longer than %zu octets", sizeof(ps->word) - 1);
		ps->word[n++] = c;
	}
	if (ps->quoted)
		ps->p++;
	ps->word[n] = '\0';
	return 1;
}

/* A whole number from least to most at the front of the word; rest: what must follow it. */
static int
word_number(struct parser *ps, const char *what, long least, long most, const char *rest, long *out)
{
	char *end;
	int got = next_word(ps);

	if (got < 0)
		return -1;
	*out = got == 0 ? least - 1 : strtol(ps->word, &end, 10);
	if (got == 0 || end == ps->word || strcmp(end, rest) != 0 || *out < least || *out > most)
		return fail(ps, "%s is followed by a number from %ld to %ld%s", what, least, most, rest);
	return 0;
}

static int
read_reply(struct parser *ps, struct script_rule *r)
{
	int got = next_word(ps);

	if (got < 0)
		return -1;
	if (got == 0 || !ps->quoted)
		return fail(ps, "reply is followed by a \"text\" in quotation marks");
	if (r->replies == SCRIPT_REPLIES_MAX)
		return fail(ps, "more than %d replies", SCRIPT_REPLIES_MAX);
	r->reply[r->replies].text = strdup(ps->word);
	/* Each reply waits for the one before it, then a little, so that they come in this order. */
	r->reply[r->replies].after_ms = r->replies > 0 ? r->reply[r->replies - 1].after_ms + 1 : 0;
	return r->reply[r->replies++].text == NULL ? fail(ps, "could not get memory") : 0;
}

static int
read_clauses(struct parser *ps, struct script_rule *r)
{
	int got;
	long v;

	while ((got = next_word(ps)) > 0) {
		if (ps->quoted)
			return fail(ps, "\"%.40s\" stands where a word is expected", ps->word);
		if (strcmp(ps->word, "reply") == 0) {
			if (read_reply(ps, r) != 0)
				return -1;
		} else if (strcmp(ps->word, "after") == 0) {
			if (word_number(ps, "after", 0, 86400000, "", &v) != 0)
				return -1;
			if (r->replies == 0)
				return fail(ps, "after comes behind a reply");
			r->reply[r->replies - 1].after_ms = v + (r->replies > 1 ? r->reply[r->replies - 2].after_ms : 0);
		} else if (strcmp(ps->word, "ms") == 0) {
			continue;
		} else if (strcmp(ps->word, "silent") == 0) {
			continue;
		} else if (strcmp(ps->word, "once") == 0) {
			r->at_most = 1;
		} else if (strcmp(ps->word, "most") == 0) {
			if (word_number(ps, "most", 1, 255, "", &v) != 0)
				return -1;
			r->at_most = (int)v;
		} else if (strcmp(ps->word, "for") == 0) {
			if (word_number(ps, "for", 0, 100, "%", &v) != 0)
				return -1;
			r->percent = (int)v;
		} else {
			return fail(ps, "\"%.40s\" is not one of reply, after, silent, once, most, for", ps->word);
		}
	}
	return got;
}

static int
read_rule(struct parser *ps, struct script_rule *r)
{
	int got = next_word(ps);

	r->line = ps->line;
	r->receipt = -1;
	r->percent = 100;
	if (got < 0)
		return -1;
	if (ps->quoted || strcmp(ps->word, "phone") != 0)
		return fail(ps, "a line begins with phone, not \"%.40s\"", ps->word);
	if ((got = next_word(ps)) <= 0)
		return got < 0 ? -1 : fail(ps, "phone is followed by a number or a pattern such as +86138*");
	if ((r->phone = strdup(ps->word)) == NULL)
		return fail(ps, "could not get memory");
	if ((got = next_word(ps)) < 0)
		return -1;
	if (got > 0 && strcmp(ps->word, "receipt") == 0) {
		if ((got = next_word(ps)) < 0)
			return -1;
		r->receipt = got > 0 ? text_state_by_name(ps->word) : -1;
		if (r->receipt < 0)
			return fail(ps, "receipt is followed by DELIVRD, UNDELIV, EXPIRED, REJECTD, DELETED, ACCEPTD or UNKNOWN");
		got = next_word(ps);
		return got > 0 ? fail(ps, "nothing is expected behind the state") : got;
	}
	if (got == 0 || strcmp(ps->word, "when") != 0)
		return fail(ps, "the number is followed by when or receipt");
	if ((got = next_word(ps)) < 0)
		return -1;
	if (got == 0 || !ps->quoted)
		return fail(ps, "when is followed by a \"text\" in quotation marks");
	if ((r->when = strdup(ps->word)) == NULL)
		return fail(ps, "could not get memory");
	return read_clauses(ps, r);
}

static bool
blank(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	return p == end || *p == '#';
}

struct script *
script_parse(const char *name, const char *text, char *why, size_t room)
{
	struct parser ps = {.name = name, .why = why, .room = room};
	struct script *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	for (const char *p = text; *p != '\0';) {
		size_t len = strcspn(p, "\n");
		ps.line++;
		ps.p = p;
		ps.end = p + len;
		p += len + (p[len] == '\n' ? 1 : 0);
		if (blank(ps.p, ps.end))
			continue;
		struct script_rule *more =
			s->count == SCRIPT_RULES_MAX ? NULL : realloc(s->rules, (s->count + 1) * sizeof(struct script_rule));
		if (more == NULL) {
			fail(&ps, "more than %d rules", SCRIPT_RULES_MAX);
			script_free(s);
			return NULL;
		}
		s->rules = more;
		memset(&s->rules[s->count++], 0, sizeof(struct script_rule));
		if (read_rule(&ps, &s->rules[s->count - 1]) < 0) {
			script_free(s);
			return NULL;
		}
	}
	return s;
}

void
script_free(struct script *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++) {
		free(s->rules[i].phone);
		free(s->rules[i].when);
		for (int k = 0; k < s->rules[i].replies; k++)
			free(s->rules[i].reply[k].text);
	}
	free(s->rules);
	free(s);
}

int
script_match(const struct script *s, uint64_t seed, const char *number, const char *text, const uint8_t *used)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct script_rule *r = &s->rules[i];
		if (r->when == NULL || strstr(text, r->when) == NULL || !pattern_match(r->phone, number))
			continue;
		if (r->at_most > 0 && used != NULL && used[i] >= r->at_most)
			continue;
		if (r->percent < 100 && number_hash(seed + (uint64_t)r->line, number) % 100 >= (uint64_t)r->percent)
			continue;
		return (int)i;
	}
	return -1;
}

int
script_receipt(const struct script *s, const char *number)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->rules[i].receipt >= 0 && pattern_match(s->rules[i].phone, number))
			return s->rules[i].receipt;
	return -1;
}
