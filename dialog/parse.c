/* Reads the lines of a .dlg file into steps, branches and ends. What they name is looked up later: check.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/internal.h"
#include "dialog/utf8.h"

struct parser {
	struct dialog *d;
	struct source src;
	struct step *step; /* the block that lines belong to; NULL = none yet */
	bool skipping;	   /* the block's own line was at fault, and was told: its lines are not */
	bool no_memory;
};

/* The words of one line and how far they were read. */
struct words {
	struct token list[DIALOG_TOKENS_MAX];
	size_t count, at;
};

#define FAULT(p, ...) fault_add((p)->src.faults, (p)->src.file, (p)->src.line, __VA_ARGS__)
#define SHOWN(t) (int)((t)->len > 60 ? utf8_cut((t)->s, (t)->len, 60) : (t)->len), (t)->s

static bool
more(const struct words *w)
{
	return w->at < w->count;
}

static bool
next_is(const struct words *w, const char *word)
{
	return more(w) && token_is(&w->list[w->at], word);
}

static bool
take(struct words *w, const char *word)
{
	if (!next_is(w, word))
		return false;
	w->at++;
	return true;
}

static bool
take_name(struct parser *p, struct words *w, const char *what, char out[DIALOG_NAME_MAX + 1])
{
	if (!more(w)) {
		FAULT(p, "the name of a %s is missing at the end of the line", what);
		return false;
	}
	if (!token_name(&w->list[w->at], out)) {
		FAULT(p, "\"%.*s\" cannot be the name of a %s: small letters, digits and _, at most %d, a letter first",
			SHOWN(&w->list[w->at]), what, DIALOG_NAME_MAX);
		return false;
	}
	w->at++;
	return true;
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
	int64_t seconds = t->s[t->len - 1] == 'm' ? n * 60 : t->s[t->len - 1] == 'h' ? n * 3600 : t->s[t->len - 1] == 'd' ? n * 86400 : 0;
	return seconds <= INT64_C(366) * 86400 ? seconds : 0;
}

static bool
parse_slot(struct parser *p, struct words *w, struct trigger *t)
{
	if (!take(w, "in")) {
		FAULT(p, "\"in SLOT\" is missing: where is what the citizen writes to be kept");
		return false;
	}
	if (!take_name(p, w, "slot", t->slot))
		return false;
	if (slot_known(t->slot))
		return true;
	const char *near = table_nearest(TABLE_SLOTS, t->slot);
	FAULT(p, "there is no slot \"%s\"%s%s%s", t->slot, near ? "; do you mean \"" : "", near ? near : "", near ? "\"" : "");
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
		FAULT(p, "\"%.*s...\" is too long for an answer: at most %d octets", SHOWN(word), DIALOG_LITERAL_MAX);
		return false;
	}
	memcpy(t->written, word->s, word->len);
	t->written[word->len] = '\0';
	if (!match_normalise(t->written, word->len, t->normal, sizeof(t->normal))) {
		FAULT(p, "\"%s\" is nothing that a citizen could write", t->written);
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

static bool
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
			FAULT(p, "number wants a range such as 1-5");
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
			FAULT(p, "a text has 1 to %d characters", DIALOG_SLOT_MAX);
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
		const char *near = table_nearest(TABLE_EVENTS, t->event);
		FAULT(p, "there is no event \"%s\"%s%s%s", t->event, near ? "; do you mean \"" : "", near ? near : "",
			near ? "\"" : "");
		return false;
	}
	if (take(w, "silent")) {
		t->kind = TRIGGER_SILENT;
		t->seconds = more(w) ? duration(&w->list[w->at]) : 0;
		if (!t->seconds) {
			FAULT(p, "silent wants a time such as 30m, 12h or 7d, at most 366d");
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
	FAULT(p, "\"%.*s\" is no word list and no reserved word; put a word of your own in quotes", SHOWN(first));
	return false;
}

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
			const char *near = table_nearest(TABLE_EFFECTS, word);
			FAULT(p, "there is no effect \"%s\"%s%s%s", word, near ? "; do you mean \"" : "", near ? near : "",
				near ? "\"" : "");
			return false;
		}
		if (b->ndos == DIALOG_DOS_MAX) {
			FAULT(p, "more than %d effects in one branch", DIALOG_DOS_MAX);
			return false;
		}
		b->dos[b->ndos++] = row->what;
	} while (take(w, ","));
	return true;
}

static bool
parse_list_name(struct parser *p, struct words *w, char out[DIALOG_NAME_MAX + 1])
{
	if (!take_name(p, w, "worklist", out))
		return false;
	if (worklist_known(out))
		return true;
	const char *near = table_nearest(TABLE_WORKLISTS, out);
	FAULT(p, "there is no worklist \"%s\"%s%s%s", out, near ? "; do you mean \"" : "", near ? near : "", near ? "\"" : "");
	return false;
}

static bool
parse_at_most(struct parser *p, struct words *w, struct branch *b)
{
	int64_t n = 0;
	if (b->at_most || !take(w, "most") || !more(w) || !token_number(&w->list[w->at], &n) || n < 1 || n > DIALOG_AT_MOST_MAX) {
		FAULT(p, "after \"at\" comes \"most N then TARGET\", once, N from 1 to %d", DIALOG_AT_MOST_MAX);
		return false;
	}
	w->at++;
	if (!take(w, "then")) {
		FAULT(p, "\"at most %d\" does not say where to go then: \"then TARGET\"", (int)n);
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
			FAULT(p, "\"%.*s\" is not understood here; after the target come do, say, list and at most, once each",
				SHOWN(&w->list[w->at]));
			return false;
		}
	}
	return true;
}

static bool
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
			FAULT(p, "a branch begins with what the citizen may answer");
			return false;
		}
		if (b->ntriggers == DIALOG_TRIGGERS_MAX) {
			FAULT(p, "more than %d answers in one branch", DIALOG_TRIGGERS_MAX);
			return false;
		}
		if (!parse_trigger(p, w, &b->triggers[b->ntriggers]))
			return false;
		b->ntriggers++;
	} while (take(w, ","));
	if (!take(w, "->")) {
		if (more(w))
			FAULT(p, "\"->\" is missing before \"%.*s\"; several answers are parted by commas", SHOWN(&w->list[w->at]));
		else
			FAULT(p, "\"-> TARGET\" is missing at the end of the line");
		return false;
	}
	return parse_target(p, w, &b->target) && parse_rest(p, w, b);
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

static bool
add_branch(struct parser *p, struct words *w)
{
	struct step *s = p->step;
	if (s->nbranches == DIALOG_BRANCHES_MAX) {
		FAULT(p, "more than %d branches in one step", DIALOG_BRANCHES_MAX);
		return false;
	}
	if (!grow(&s->branches, &s->room, s->nbranches, sizeof(*s->branches))) {
		p->no_memory = true;
		return false;
	}
	struct branch *b = &s->branches[s->nbranches];
	memset(b, 0, sizeof(*b));
	if (parse_branch(p, w, b)) {
		settle_triggers(b);
		s->nbranches++;
		return true;
	}
	free(b->triggers);
	return false;
}

/* ---- Other lines ----------------------------------------------------------------------------------------------- */

static bool
at_end(struct parser *p, const struct words *w)
{
	if (!more(w))
		return true;
	FAULT(p, "\"%.*s\" is too much at the end of the line", SHOWN(&w->list[w->at]));
	return false;
}

static bool
parse_heading(struct parser *p, struct words *w)
{
	struct dialog *d = p->d;
	int64_t version = 0;
	if (d->name_line) {
		FAULT(p, "the dialog has its name already, in line %d", d->name_line);
		return false;
	}
	d->name_line = p->src.line;
	if (!take_name(p, w, "dialog", d->name))
		return false;
	if (!more(w) || !token_number(&w->list[w->at], &version) || version < 1) {
		FAULT(p, "a dialog has a version, a number from 1: \"dialog %s 1\"", d->name);
		return false;
	}
	w->at++;
	d->version = (int)version;
	return at_end(p, w);
}

/* Steps and ends share one space of names: a target may be either. */
static int
line_of_name(const struct dialog *d, const char *name)
{
	for (size_t i = 0; i < d->nsteps; i++)
		if (strcmp(d->steps[i].name, name) == 0)
			return d->steps[i].line;
	for (size_t i = 0; i < d->nends; i++)
		if (strcmp(d->ends[i].name, name) == 0)
			return d->ends[i].line;
	return 0;
}

static bool
free_name(struct parser *p, const char *name)
{
	int line = line_of_name(p->d, name);
	if (strcmp(name, "same") == 0 || strcmp(name, "back") == 0) {
		FAULT(p, "\"%s\" has a meaning of its own and cannot be a name", name);
		return false;
	}
	if (line)
		FAULT(p, "the name \"%s\" is taken in line %d", name, line);
	return !line;
}

static bool
parse_step(struct parser *p, struct words *w)
{
	struct dialog *d = p->d;
	char name[DIALOG_NAME_MAX + 1];
	p->step = NULL;
	p->skipping = true;
	if (!take_name(p, w, "step", name) || !at_end(p, w) || !free_name(p, name))
		return false;
	if (d->nsteps == DIALOG_STEPS_MAX) {
		FAULT(p, "more than %d steps", DIALOG_STEPS_MAX);
		return false;
	}
	if (!grow(&d->steps, &d->steps_room, d->nsteps, sizeof(*d->steps))) {
		p->no_memory = true;
		return false;
	}
	p->step = &d->steps[d->nsteps++];
	p->step->line = p->src.line;
	memcpy(p->step->name, name, sizeof(name));
	p->skipping = false;
	return true;
}

static bool
parse_end(struct parser *p, struct words *w)
{
	struct dialog *d = p->d;
	struct end e = {.line = p->src.line};
	p->step = NULL;
	p->skipping = false;
	if (!take_name(p, w, "end", e.name) || !free_name(p, e.name))
		return false;
	if (take(w, "say") && !take_name(p, w, "text", e.say))
		return false;
	if (!at_end(p, w))
		return false;
	if (d->nends == DIALOG_ENDS_MAX) {
		FAULT(p, "more than %d ends", DIALOG_ENDS_MAX);
		return false;
	}
	if (!grow(&d->ends, &d->ends_room, d->nends, sizeof(*d->ends))) {
		p->no_memory = true;
		return false;
	}
	d->ends[d->nends++] = e;
	return true;
}

static bool
parse_anywhere(struct parser *p, struct words *w)
{
	struct step *s = take(w, "begun") ? &p->d->begun : &p->d->anywhere;
	p->step = NULL;
	p->skipping = true;
	if (!at_end(p, w))
		return false;
	if (s->line) {
		FAULT(p, "this block stands in line %d already", s->line);
		return false;
	}
	s->line = p->src.line;
	p->step = s;
	p->skipping = false;
	return true;
}

static bool
parse_entry(struct parser *p, struct words *w, const char *keyword, char *field, int *line)
{
	struct step *s = p->step;
	if (s == &p->d->anywhere || s == &p->d->begun) {
		FAULT(p, "\"%s\" belongs into a step; an anywhere block only has branches", keyword);
		return false;
	}
	if (field[0]) {
		FAULT(p, "the step has its \"%s\" already", keyword);
		return false;
	}
	*line = p->src.line;
	return (strcmp(keyword, "list") == 0 ? parse_list_name(p, w, field) : take_name(p, w, "text", field)) && at_end(p, w);
}

static bool
parse_line(struct parser *p, struct words *w)
{
	if (take(w, "dialog"))
		return parse_heading(p, w);
	if (!p->d->name_line) {
		p->d->name_line = p->src.line;
		FAULT(p, "the first line of a dialog is \"dialog NAME VERSION\"");
	}
	if (take(w, "step"))
		return parse_step(p, w);
	if (take(w, "end"))
		return parse_end(p, w);
	if (take(w, "anywhere"))
		return parse_anywhere(p, w);
	if (!p->step) {
		if (!p->skipping)
			FAULT(p, "this line stands in no step");
		return false;
	}
	struct step *s = p->step;
	if (take(w, "ask"))
		return parse_entry(p, w, "ask", s->ask, &s->ask_line);
	if (take(w, "tell"))
		return parse_entry(p, w, "tell", s->tell, &s->ask_line);
	if (take(w, "list"))
		return parse_entry(p, w, "list", s->list, &s->list_line);
	if (take(w, "stays")) {
		s->stays = true;
		return at_end(p, w);
	}
	return add_branch(p, w);
}

int
parse_dialog(struct dialog *d, const char *text, size_t len, struct dialog_faults *faults)
{
	struct parser p = {.d = d};
	if (!source_open(&p.src, d->files[0], text, len, faults)) {
		d->broken = true;
		return 0;
	}
	const char *line;
	size_t n;
	while (source_line(&p.src, &line, &n)) {
		struct words w = {.at = 0};
		int count = source_tokens(&p.src, line, n, w.list);
		w.count = count > 0 ? (size_t)count : 0;
		if (count == 0 || (count > 0 && parse_line(&p, &w)))
			continue;
		d->broken = true;
		if (p.step)
			p.step->broken = true;
		if (p.no_memory)
			return -1;
	}
	if (!d->name_line)
		fault_add(faults, d->files[0], 0, "the file is empty: it begins with \"dialog NAME VERSION\"");
	return 0;
}
