/*
 * Checks the flow of a dialog that was read: every name leads somewhere, every step answers whatever is written and
 * notices silence, everything can be reached, and everybody gets to an end or to a person.
 */
#include <stdio.h>
#include <string.h>
#include "dialog/internal.h"

struct checking {
	struct dialog *d;
	struct dialog_faults *faults;
};

#define FAULT(c, line, code, ...) FAULT_AT((c)->faults, (c)->d->files[0], line, code, ##__VA_ARGS__)

long
step_index(const struct dialog *d, const char *name)
{
	for (size_t i = 0; i < d->nsteps; i++)
		if (strcmp(d->steps[i].name, name) == 0)
			return (long)i;
	return -1;
}

static bool
has_trigger(const struct branch *b, enum trigger_kind kind)
{
	for (size_t i = 0; i < b->ntriggers; i++)
		if (b->triggers[i].kind == kind)
			return true;
	return false;
}

static struct branch *
branch_on(const struct step *s, enum trigger_kind kind)
{
	for (size_t i = 0; i < s->nbranches; i++)
		if (has_trigger(&s->branches[i], kind))
			return &s->branches[i];
	return NULL;
}

/* ---- Names ------------------------------------------------------------------------------------------------------- */

static void
resolve(struct checking *c, const struct step *s, int line, struct target *t)
{
	if (t->kind != TARGET_NONE || !t->name[0])
		return;
	long i = step_index(c->d, t->name);
	if (i >= 0) {
		/* The step's own name says the same as `same`. */
		t->kind = s == &c->d->steps[i] ? TARGET_SAME : TARGET_STEP;
		t->index = (size_t)i;
		return;
	}
	for (size_t e = 0; e < c->d->nends; e++)
		if (strcmp(c->d->ends[e].name, t->name) == 0) {
			t->kind = TARGET_END;
			t->index = e;
			return;
		}
	FAULT(c, line, NO_TARGET, "%s", t->name);
}

static void
check_text_name(struct checking *c, int line, const char *name)
{
	if (name[0] && !text_find(c->d, name))
		FAULT(c, line, NO_TEXT, "%s", name);
}

/* ---- Branches ---------------------------------------------------------------------------------------------------- */

static void
check_at_most(struct checking *c, const struct step *s, const struct branch *b)
{
	if (!b->at_most || b->target.kind == TARGET_NONE || b->then.kind == TARGET_NONE)
		return;
	if (b->target.kind != TARGET_SAME)
		FAULT(c, b->line, AT_MOST_LEAVES);
	else if (b->then.kind == TARGET_SAME && !s->list[0] && !b->list[0])
		FAULT(c, b->line, THEN_SILENT);
}

/* An effect that needs a slot needs a branch that fills it. */
static void
check_slots(struct checking *c, const struct branch *b)
{
	for (size_t i = 0; i < b->ndos; i++) {
		const struct effect_row *row = effect_row(b->dos[i]);
		bool filled = !row->slot;
		for (size_t t = 0; t < b->ntriggers && !filled; t++)
			filled = b->triggers[t].kind == TRIGGER_EVENT || strcmp(b->triggers[t].slot, row->slot) == 0 ||
					 (b->triggers[t].reserved == WORDS_CHECK && strcmp(row->slot, "check") == 0);
		if (!filled)
			FAULT(c, b->line, EFFECT_SLOT, "%s\n%s", row->word, row->slot);
	}
}

static void
check_branch(struct checking *c, struct step *s, struct branch *b, bool anywhere)
{
	resolve(c, s, b->line, &b->target);
	resolve(c, s, b->line, &b->then);
	check_text_name(c, b->line, b->say);
	check_at_most(c, s, b);
	check_slots(c, b);
	if (b->target.kind == TARGET_BACK || b->then.kind == TARGET_BACK)
		s->remembers = true;
	for (size_t i = 0; i < b->ntriggers; i++) {
		const struct trigger *t = &b->triggers[i];
		if (anywhere && t->kind != TRIGGER_RESERVED && t->kind != TRIGGER_EVENT)
			FAULT(c, b->line, RESERVED_ONLY);
		else if (!anywhere && t->kind == TRIGGER_RESERVED)
			FAULT(c, b->line, RESERVED_PLACE, "%s", words_reserved_name(t->reserved));
	}
	if (anywhere && b->at_most)
		FAULT(c, b->line, RESERVED_COUNTS);
	if (anywhere && s->remembers)
		FAULT(c, b->line, RESERVED_BACK);
}

/* ---- Steps ------------------------------------------------------------------------------------------------------- */

static void
check_doubles(struct checking *c, const struct step *s)
{
	const struct trigger *seen[DIALOG_BRANCHES_MAX * DIALOG_TRIGGERS_MAX];
	int lines[DIALOG_BRANCHES_MAX * DIALOG_TRIGGERS_MAX];
	size_t n = 0;
	for (size_t i = 0; i < s->nbranches; i++) {
		for (size_t k = 0; k < s->branches[i].ntriggers; k++) {
			const struct trigger *t = &s->branches[i].triggers[k];
			for (size_t j = 0; j < n; j++) {
				if (seen[j]->kind != t->kind || t->kind == TRIGGER_PATTERN || strcmp(seen[j]->event, t->event) != 0 ||
					seen[j]->reserved != t->reserved)
					continue;
				FAULT(c, s->branches[i].line, ANSWERED, "%s%s\n%d",
					t->kind == TRIGGER_EVENT	  ? "event "
					: t->kind == TRIGGER_RESERVED ? words_reserved_name(t->reserved)
					: t->kind == TRIGGER_SILENT	  ? "silent"
												  : "else",
					t->event, lines[j]);
			}
			seen[n] = t;
			lines[n++] = s->branches[i].line;
		}
	}
}

static void
check_step(struct checking *c, struct step *s)
{
	size_t counted = 0;
	for (size_t i = 0; i < s->nbranches; i++) {
		check_branch(c, s, &s->branches[i], false);
		if (s->branches[i].at_most)
			s->branches[i].count = counted++;
	}
	check_doubles(c, s);
	check_text_name(c, s->ask_line, s->ask);
	check_text_name(c, s->ask_line, s->tell);
	if (counted > DIALOG_COUNTS_MAX)
		FAULT(c, s->line, COUNTS_MANY, "%d\n%s", DIALOG_COUNTS_MAX, s->name);
	if (s->ask[0] && s->tell[0])
		FAULT(c, s->ask_line, ASKS_AND_TELLS, "%s", s->name);
	if (s->remembers && s == c->d->steps)
		FAULT(c, s->line, FIRST_BACK, "%s", s->name);
	if (s->broken)
		return;
	if (!branch_on(s, TRIGGER_ELSE))
		FAULT(c, s->line, NO_ELSE, "%s", s->name);
	if (!s->stays && !branch_on(s, TRIGGER_SILENT))
		FAULT(c, s->line, NO_SILENT, "%s", s->name);
	if (s->stays && branch_on(s, TRIGGER_SILENT))
		FAULT(c, s->line, STAYS_SILENT, "%s", s->name);
}

static void
check_reserved(struct checking *c)
{
	struct dialog *d = c->d;
	struct step *blocks[] = {&d->anywhere, &d->begun};
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < blocks[k]->nbranches; i++)
			check_branch(c, blocks[k], &blocks[k]->branches[i], true);
		check_doubles(c, blocks[k]);
	}
	if (d->anywhere.broken)
		return;
	for (enum words_reserved r = WORDS_NONE + 1; r < WORDS_RESERVED; r++) {
		bool answered = false;
		for (size_t i = 0; i < d->anywhere.nbranches; i++)
			for (size_t t = 0; t < d->anywhere.branches[i].ntriggers; t++)
				answered = answered || d->anywhere.branches[i].triggers[t].reserved == r;
		if (!answered)
			FAULT(c, d->anywhere.line, RESERVED_UNANSWERED, "%s", words_reserved_name(r));
	}
}

/* ---- Misunderstanding and silence -----------------------------------------------------------------------------------
 */

/* A fault of `else` or of `silent`. */
#define FAULT_OF(c, line, kind, code, ...)                                                                             \
	fault_add((c)->faults, (c)->d->files[0], line,                                                                     \
		(kind) == TRIGGER_ELSE ? DIALOG_FAULT_ELSE_##code : DIALOG_FAULT_SILENT_##code, FAULT_ARGS __VA_ARGS__)

/*
 * Where does somebody get who is never understood, or never answers? Follows that branch from step to step until it
 * ends the conversation or puts it on a worklist.
 */
static void
check_patience(struct checking *c, size_t start, enum trigger_kind kind)
{

	const struct dialog *d = c->d;
	const struct step *s = &d->steps[start];
	struct branch *first = branch_on(s, kind);
	if (!first || s->stays)
		return;
	for (size_t hops = 0; hops <= d->nsteps; hops++) {
		const struct branch *b = branch_on(s, kind);
		if (!b || s->stays || s->broken)
			return; /* told elsewhere */
		const struct target *t = &b->target;
		if (t->kind == TARGET_SAME) {
			if (!b->at_most && (kind == TRIGGER_ELSE || !b->list[0])) {
				if (hops == 0)
					FAULT_OF(c, b->line, kind, FOR_EVER, "%s", s->name);
				return;
			}
			if (!b->at_most)
				return;
			t = &b->then;
		}
		if (t->kind == TARGET_BACK) {
			if (hops == 0)
				FAULT_OF(c, b->line, kind, BACK);
			return;
		}
		if (t->kind == TARGET_NONE || t->kind == TARGET_END || t->kind == TARGET_SAME || b->list[0])
			return;
		s = &d->steps[t->index];
		if (s->list[0])
			return;
	}
	FAULT_OF(c, first->line, kind, NOBODY, "%s", d->steps[start].name);
}

/* ---- Reaching ------------------------------------------------------------------------------------------------------
 */

struct reach {
	bool steps[DIALOG_STEPS_MAX], ends[DIALOG_ENDS_MAX];
};

static bool
mark(struct reach *r, const struct target *t)
{
	bool *seen = t->kind == TARGET_STEP ? &r->steps[t->index] : t->kind == TARGET_END ? &r->ends[t->index] : NULL;
	if (!seen || *seen)
		return false;
	*seen = true;
	return true;
}

static bool
mark_branches(struct reach *r, const struct step *s)
{
	bool any = false;
	for (size_t i = 0; i < s->nbranches; i++) {
		any |= mark(r, &s->branches[i].target);
		any |= mark(r, &s->branches[i].then);
	}
	return any;
}

static void
check_reachable(struct checking *c)
{
	const struct dialog *d = c->d;
	struct reach r = {.steps = {true}};
	bool any = true;
	while (any) {
		any = mark_branches(&r, &d->anywhere);
		any |= mark_branches(&r, &d->begun);
		for (size_t i = 0; i < d->nsteps; i++)
			if (r.steps[i])
				any |= mark_branches(&r, &d->steps[i]);
	}
	for (size_t i = 0; i < d->nsteps; i++)
		if (!r.steps[i])
			FAULT(c, d->steps[i].line, STEP_ALONE, "%s", d->steps[i].name);
	for (size_t i = 0; i < d->nends; i++)
		if (!r.ends[i])
			FAULT(c, d->ends[i].line, END_ALONE, "%s", d->ends[i].name);
}

static bool
leads_out(const bool out[DIALOG_STEPS_MAX], const struct step *s)
{
	for (size_t i = 0; i < s->nbranches; i++) {
		const struct target *list[] = {&s->branches[i].target, &s->branches[i].then};
		for (size_t k = 0; k < 2; k++)
			if (list[k]->kind == TARGET_END || (list[k]->kind == TARGET_STEP && out[list[k]->index]))
				return true;
	}
	return s->stays;
}

/* Reserved words do not count: a citizen should not need STOP to get out. */
static void
check_ways_out(struct checking *c)
{
	const struct dialog *d = c->d;
	bool out[DIALOG_STEPS_MAX] = {false}, any = true;
	while (any) {
		any = false;
		for (size_t i = 0; i < d->nsteps; i++)
			if (!out[i] && leads_out(out, &d->steps[i]))
				any = out[i] = true;
	}
	for (size_t i = 0; i < d->nsteps; i++)
		if (!out[i])
			FAULT(c, d->steps[i].line, NO_WAY_OUT, "%s", d->steps[i].name);
}

void
check_flow(struct dialog *d, struct dialog_faults *faults)
{
	struct checking c = {d, faults};
	for (size_t i = 0; i < d->nsteps; i++)
		check_step(&c, &d->steps[i]);
	for (size_t i = 0; i < d->nends; i++)
		check_text_name(&c, d->ends[i].line, d->ends[i].say);
	check_reserved(&c);
	for (size_t i = 0; i < d->nsteps; i++) {
		check_patience(&c, i, TRIGGER_ELSE);
		check_patience(&c, i, TRIGGER_SILENT);
	}
	/* What a broken line may have led to is not told as unreachable. */
	if (d->broken)
		return;
	if (!d->nsteps) {
		FAULT(&c, d->name_line, NO_STEP);
		return;
	}
	check_reachable(&c);
	check_ways_out(&c);
}
