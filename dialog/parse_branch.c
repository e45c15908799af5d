/* Reads a branch: what is answered, where it leads, what it does and says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/parse_internal.h"

/* ---- Branches ------------------------------------------------------------------------------------------------- */

static bool
parse_target(struct parser *p, struct words *w, struct target *t)
{
	if (!take_name(p, w, "target", t->name))
		return false;
	t->kind = strcmp(t->name, "same") == 0 ? TARGET_SAME : strcmp(t->name, "back") == 0 ? TARGET_BACK : TARGET_NONE;
	return true;
}

static bool
parse_effects(struct parser *p, struct words *w, struct branch *b)
{
	do {
		char word[DIALOG_NAME_MAX + 1];
		if (!take_name(p, w, "effect", word))
			return false;
		const struct effect_row *row = effect_by_word(word);
		if (!row) {
			fault_unknown(p, TABLE_EFFECTS, "effect", word);
			return false;
		}
		if (b->ndos == DIALOG_DOS_MAX) {
			FAULT(p, EFFECTS_MANY, "%d", DIALOG_DOS_MAX);
			return false;
		}
		b->dos[b->ndos++] = row->what;
	} while (take(w, ","));
	return true;
}

bool
parse_list_name(struct parser *p, struct words *w, char out[DIALOG_NAME_MAX + 1])
{
	if (!take_name(p, w, "worklist", out))
		return false;
	if (worklist_known(out))
		return true;
	fault_unknown(p, TABLE_WORKLISTS, "worklist", out);
	return false;
}

static bool
parse_at_most(struct parser *p, struct words *w, struct branch *b)
{
	int64_t n = 0;
	if (b->at_most || !take(w, "most") || !more(w) || !token_number(&w->list[w->at], &n) || n < 1 ||
		n > DIALOG_AT_MOST_MAX) {
		FAULT(p, AT_MOST, "%d", DIALOG_AT_MOST_MAX);
		return false;
	}
	w->at++;
	if (!take(w, "then")) {
		FAULT(p, AT_MOST_THEN, "%d", (int)n);
		return false;
	}
	b->at_most = (int)n;
	return parse_target(p, w, &b->then);
}

static bool
parse_rest(struct parser *p, struct words *w, struct branch *b)
{
	while (more(w)) {
		if (take(w, "do")) {
			if (!parse_effects(p, w, b))
				return false;
		} else if (!b->quietly && take(w, "quietly")) {
			b->quietly = true;
		} else if (!b->say[0] && take(w, "say")) {
			if (!take_name(p, w, "text", b->say))
				return false;
		} else if (!b->list[0] && take(w, "list")) {
			if (!parse_list_name(p, w, b->list))
				return false;
		} else if (take(w, "at")) {
			if (!parse_at_most(p, w, b))
				return false;
		} else {
			FAULT(p, NOT_UNDERSTOOD, "%.*s", SHOWN(&w->list[w->at]));
			return false;
		}
	}
	return true;
}

/* Gives back the room for triggers that did not come. What points into a trigger is set when none moves any more. */
static void
settle_triggers(struct branch *b)
{
	struct trigger *fitting = realloc(b->triggers, b->ntriggers * sizeof(*fitting));
	if (fitting)
		b->triggers = fitting;
	for (size_t i = 0; i < b->ntriggers; i++)
		if (b->triggers[i].kind == TRIGGER_PATTERN && b->triggers[i].pattern.kind == MATCH_LITERAL)
			b->triggers[i].pattern.literal = b->triggers[i].normal;
}

bool
parse_branch(struct parser *p, struct words *w, struct branch *b)
{
	b->line = p->src.line;
	b->triggers = calloc(DIALOG_TRIGGERS_MAX, sizeof(*b->triggers));
	if (!b->triggers) {
		p->no_memory = true;
		return false;
	}
	do {
		if (!more(w) || next_is(w, "->")) {
			FAULT(p, NO_ANSWER);
			return false;
		}
		if (b->ntriggers == DIALOG_TRIGGERS_MAX) {
			FAULT(p, ANSWERS_MANY, "%d", DIALOG_TRIGGERS_MAX);
			return false;
		}
		if (!parse_trigger(p, w, &b->triggers[b->ntriggers]))
			return false;
		b->ntriggers++;
	} while (take(w, ","));
	if (!take(w, "->")) {
		if (more(w))
			FAULT(p, ARROW_BEFORE, "%.*s", SHOWN(&w->list[w->at]));
		else
			FAULT(p, ARROW_MISSING);
		return false;
	}
	if (!parse_target(p, w, &b->target) || !parse_rest(p, w, b))
		return false;
	settle_triggers(b);
	return true;
}
