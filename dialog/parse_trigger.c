/* Reads what stands on the left of a branch: what the citizen may answer, what may happen, or silence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/parse_internal.h"

void
fault_unknown(struct parser *p, enum table table, const char *kind, const char *name)
{
	const char *near = table_nearest(table, name);
	if (near)
		FAULT(p, UNKNOWN_NEAR, "%s\n%s\n%s", kind, name, near);
	else
		FAULT(p, UNKNOWN, "%s\n%s", kind, name);
}

/* ---- Triggers ------------------------------------------------------------------------------------------------ */

/* 90m, 12h, 7d -> seconds; 0 when it is none. */
static int64_t
duration(const struct token *t)
{
	struct token digits = {t->s, t->len ? t->len - 1 : 0, t->quoted};
	int64_t n;
	if (!token_number(&digits, &n) || n < 1)
		return 0;
	int64_t seconds = t->s[t->len - 1] == 'm'	? n * 60
					  : t->s[t->len - 1] == 'h' ? n * 3600
					  : t->s[t->len - 1] == 'd' ? n * 86400
												: 0;
	return seconds <= INT64_C(366) * 86400 ? seconds : 0;
}

static bool
parse_slot(struct parser *p, struct words *w, struct trigger *t)
{
	if (!take(w, "in")) {
		FAULT(p, SLOT_MISSING);
		return false;
	}
	if (!take_name(p, w, "slot", t->slot))
		return false;
	if (slot_known(t->slot))
		return true;
	fault_unknown(p, TABLE_SLOTS, "slot", t->slot);
	return false;
}

static bool
parse_range(const struct token *t, int64_t *min, int64_t *max)
{
	const char *dash = t->quoted ? NULL : memchr(t->s, '-', t->len);
	if (!dash)
		return false;
	struct token a = {t->s, (size_t)(dash - t->s), false}, b = {dash + 1, (size_t)(t->s + t->len - dash - 1), false};
	return token_number(&a, min) && token_number(&b, max) && *min <= *max;
}

static bool
parse_literal(struct parser *p, const struct token *word, struct trigger *t)
{
	if (word->len > DIALOG_LITERAL_MAX) {
		FAULT(p, ANSWER_LONG, "%.*s\n%d", SHOWN(word), DIALOG_LITERAL_MAX);
		return false;
	}
	memcpy(t->written, word->s, word->len);
	t->written[word->len] = '\0';
	if (!match_normalise(t->written, word->len, t->normal, sizeof(t->normal))) {
		FAULT(p, ANSWER_NOTHING, "%s", t->written);
		return false;
	}
	t->kind = TRIGGER_PATTERN;
	t->pattern.kind = MATCH_LITERAL;
	return true;
}

static bool
parse_reserved(struct words *w, struct trigger *t)
{
	char word[DIALOG_NAME_MAX + 1];
	const struct token *a = &w->list[w->at];
	if (a->quoted)
		return false;
	/* NOT ME is two words: try two before one. */
	for (int two = 1; two >= 0; two--) {
		const struct token *b = two && w->at + 1 < w->count ? &w->list[w->at + 1] : NULL;
		if (two && (!b || b->quoted))
			continue;
		snprintf(word, sizeof(word), b ? "%.*s %.*s" : "%.*s", (int)(a->len < 20 ? a->len : 20), a->s,
			b ? (int)(b->len < 20 ? b->len : 20) : 0, b ? b->s : "");
		if (words_reserved_by_name(word, &t->reserved) && t->reserved != WORDS_NONE) {
			t->kind = TRIGGER_RESERVED;
			w->at += two ? 2 : 1;
			return true;
		}
	}
	return false;
}

bool
parse_trigger(struct parser *p, struct words *w, struct trigger *t)
{
	const struct token *first = &w->list[w->at];
	t->kind = TRIGGER_PATTERN;
	if (first->quoted) {
		w->at++;
		return parse_literal(p, first, t);
	}
	if (take(w, "choose")) {
		t->pattern.kind = MATCH_SELECT;
		return true;
	}
	if (take(w, "number")) {
		t->pattern.kind = MATCH_NUMBER;
		if (!more(w) || !parse_range(&w->list[w->at], &t->pattern.min, &t->pattern.max)) {
			FAULT(p, NUMBER_RANGE);
			return false;
		}
		w->at++;
		return parse_slot(p, w, t);
	}
	if (take(w, "date")) {
		t->pattern.kind = MATCH_DATE;
		return parse_slot(p, w, t);
	}
	if (take(w, "text")) {
		t->pattern.kind = MATCH_FREE_TEXT;
		/* How many characters make sense is optional: anything that is not empty does. */
		t->pattern.min = 1;
		t->pattern.max = DIALOG_SLOT_MAX;
		if (more(w) && parse_range(&w->list[w->at], &t->pattern.min, &t->pattern.max))
			w->at++;
		if (t->pattern.min < 1 || t->pattern.max > DIALOG_SLOT_MAX) {
			FAULT(p, TEXT_RANGE, "%d", DIALOG_SLOT_MAX);
			return false;
		}
		return parse_slot(p, w, t);
	}
	if (take(w, "event")) {
		t->kind = TRIGGER_EVENT;
		if (!take_name(p, w, "event", t->event))
			return false;
		if (event_known(t->event))
			return true;
		fault_unknown(p, TABLE_EVENTS, "event", t->event);
		return false;
	}
	if (take(w, "silent")) {
		t->kind = TRIGGER_SILENT;
		t->reminder_day = more(w) && token_is(&w->list[w->at], "reminder_day");
		t->seconds = t->reminder_day ? DIALOG_REMINDER_DAY_SECONDS : more(w) ? duration(&w->list[w->at]) : 0;
		if (!t->seconds) {
			FAULT(p, SILENT_TIME);
			return false;
		}
		w->at++;
		return true;
	}
	if (take(w, "else")) {
		t->kind = TRIGGER_ELSE;
		return true;
	}
	if (parse_reserved(w, t))
		return true;
	char name[DIALOG_NAME_MAX + 1];
	if (token_name(first, name) && words_list_by_name(name, &t->pattern.list)) {
		t->pattern.kind = MATCH_LIST;
		w->at++;
		return true;
	}
	FAULT(p, NO_WORD, "%.*s", SHOWN(first));
	return false;
}
