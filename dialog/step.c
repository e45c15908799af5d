/*
 * Steps a conversation: one event in, the conversation as it is afterwards and the effects out.
 *
 * Effects come in this order: what the branch does, its worklist, its text; then the move, the worklist of the step
 * that is entered, its question; or the end's text and the end.
 */
#include <string.h>
#include "dialog/internal.h"
#include "dialog/utf8.h"

struct stepping {
	const struct dialog *d;
	const struct dialog_event *event;
	int64_t now;
	struct dialog_conversation *c; /* as it becomes */
	struct dialog_result *result;
	const struct step *step; /* where it stands */
	bool unbegun;			 /* it had no step before this event */
};

/* ---- Slots ------------------------------------------------------------------------------------------------------- */

const char *
dialog_slot_get(const struct dialog_conversation *c, const char *name)
{
	for (size_t i = 0; i < c->nslots && i < DIALOG_SLOTS_MAX; i++)
		if (strcmp(c->slots[i].name, name) == 0)
			return c->slots[i].value;
	return NULL;
}

int
dialog_slot_set(struct dialog_conversation *c, const char *name, const char *value)
{
	size_t i = 0, len = strlen(name);
	while (i < c->nslots && strcmp(c->slots[i].name, name) != 0)
		i++;
	if (i >= DIALOG_SLOTS_MAX || len > DIALOG_NAME_MAX)
		return -1;
	struct dialog_slot *s = &c->slots[i];
	if (i == c->nslots) {
		memset(s, 0, sizeof(*s));
		memcpy(s->name, name, len + 1);
		c->nslots++;
	}
	/* Slots may be handed from one conversation to the other: the value may lie where it is written to. */
	size_t n = utf8_cut(value, strlen(value), DIALOG_SLOT_MAX);
	memmove(s->value, value, n);
	s->value[n] = '\0';
	return 0;
}

/* ---- Effects ----------------------------------------------------------------------------------------------------- */

/* A branch's effects, and beside them at most: begin, worklist, text, move, worklist, text, end. */
_Static_assert(DIALOG_DOS_MAX + 7 <= DIALOG_EFFECTS_MAX, "one step has room for all its effects");

static struct dialog_effect *
add_effect(struct stepping *s, enum dialog_effect_kind kind, const char *name)
{
	struct dialog_effect *e = &s->result->effects[s->result->neffects++];
	*e = (struct dialog_effect){.kind = kind, .name = name, .from = "", .application = s->event->application};
	return e;
}

static void
say(struct stepping *s, const char *text)
{
	if (text[0])
		add_effect(s, DIALOG_SAY, text);
}

static void
put_on_list(struct stepping *s, const char *list)
{
	if (list[0])
		add_effect(s, DIALOG_LIST, list);
}

static void
apply(struct stepping *s, const struct branch *b)
{
	for (size_t i = 0; i < b->ndos; i++) {
		const struct effect_row *row = effect_row(b->dos[i]);
		if (row->slot && !dialog_slot_get(s->c, row->slot))
			continue; /* a page that kept the address on file sends none */
		add_effect(s, DIALOG_APPLY, row->word)->what = b->dos[i];
		if (b->dos[i] == DIALOG_DO_CONSENT)
			s->c->begun = true;
	}
}

/* ---- Asking ------------------------------------------------------------------------------------------------------ */

static const struct trigger *
silence_of(const struct step *step)
{
	for (size_t i = 0; i < step->nbranches; i++)
		for (size_t t = 0; t < step->branches[i].ntriggers; t++)
			if (step->branches[i].triggers[t].kind == TRIGGER_SILENT)
				return &step->branches[i].triggers[t];
	return NULL;
}

/* The next reminder day, or else the day to phone; never within a day of now, or an answer could not come in between.
 */
static int64_t
reminder_day_after(const struct stepping *s, const struct trigger *silent)
{
	const struct dialog_event *e = s->event;
	int64_t at = e->next_reminder ? e->next_reminder : e->phone_at, soonest = s->now + 86400;
	if (!at)
		return s->now + silent->seconds;
	return at == e->phone_at && at < soonest ? soonest : at;
}

static void
wait_for_answer(struct stepping *s)
{
	const struct trigger *silent = silence_of(s->step);
	s->c->deadline = !silent ? 0 : silent->reminder_day ? reminder_day_after(s, silent) : s->now + silent->seconds;
	s->c->ask_owed = false;
}

/* Nobody has answered until the day to phone: then no further reminder is sent. */
static bool
phone_day_has_come(const struct stepping *s, const struct branch *b)
{
	const struct trigger *silent = silence_of(s->step);
	return s->event->kind == DIALOG_TIMER && silent && silent->reminder_day && b->ntriggers == 1 &&
		   b->triggers[0].kind == TRIGGER_SILENT && s->event->phone_at && s->now >= s->event->phone_at;
}

/*
 * The step's question, or its statement. While the citizen is at work on the page the question is put off: the page
 * asks it, and only when it falls silent does a text.
 */
static void
ask(struct stepping *s)
{
	const struct step *step = s->step;
	wait_for_answer(s);
	if (step->ask[0] && s->event->kind == DIALOG_OUTSIDE &&
		(s->event->channel == DIALOG_CHANNEL_PAGE || s->event->channel == DIALOG_CHANNEL_PHONE)) {
		s->c->ask_owed = true;
		s->c->deadline = s->now + DIALOG_PAGE_SECONDS;
		return;
	}
	const char *text = step->ask[0] ? step->ask : step->tell;
	if (!text[0])
		return;
	struct dialog_effect *e = add_effect(s, DIALOG_SAY, text);
	e->reminder = !s->c->begun && (s->event->kind == DIALOG_START || s->event->kind == DIALOG_TIMER);
}

/* ---- Moving: the only place where a conversation's step changes -----------------------------------------------------
 */

static void
move(struct stepping *s, const char *name)
{
	struct dialog_conversation *c = s->c;
	add_effect(s, DIALOG_MOVED, name)->from = s->unbegun ? "" : s->step->name;
	memset(c->step, 0, sizeof(c->step));
	memcpy(c->step, name, strlen(name));
	memset(c->counts, 0, sizeof(c->counts));
	c->ask_owed = false;
	c->deadline = 0;
	s->unbegun = false;
}

static void
enter(struct stepping *s, const struct step *to, bool quietly)
{
	/* From one step with a way back to the next, the way back stays the same: it never leads in a circle. */
	if (to->remembers && !s->step->remembers)
		dialog_slot_set(s->c, DIALOG_BACK_SLOT, s->step->name);
	move(s, to->name);
	s->step = to;
	put_on_list(s, to->list);
	if (quietly)
		wait_for_answer(s);
	else
		ask(s);
}

static void
finish(struct stepping *s, const struct end *end)
{
	move(s, end->name);
	s->c->ended = true;
	say(s, end->say);
	add_effect(s, DIALOG_ENDED, end->name);
}

static const struct step *
step_before(struct stepping *s)
{
	const char *name = dialog_slot_get(s->c, DIALOG_BACK_SLOT);
	long i = name ? step_index(s->d, name) : -1;
	return i >= 0 ? &s->d->steps[i] : NULL;
}

/* quietly: the question of the step that is entered, or stayed in, is not asked. */
static void
go(struct stepping *s, const struct target *to, bool quietly)
{
	const struct step *before = to->kind == TARGET_BACK ? step_before(s) : NULL;
	if (to->kind == TARGET_STEP)
		enter(s, &s->d->steps[to->index], quietly);
	else if (to->kind == TARGET_END)
		finish(s, &s->d->ends[to->index]);
	else if (before && before != s->step)
		enter(s, before, quietly);
	else if (quietly)
		wait_for_answer(s);
	else
		ask(s);
}

static void
take(struct stepping *s, const struct branch *b)
{
	s->result->line = b->line;
	if (s->unbegun)
		move(s, s->step->name);
	if (b->at_most) {
		if (s->c->counts[b->count] >= b->at_most || phone_day_has_come(s, b)) {
			put_on_list(s, b->list);
			/* Who is asked no more stays, and is left in peace; who is led on is asked there. */
			go(s, &b->then, b->then.kind == TARGET_SAME);
			return;
		}
		s->c->counts[b->count]++;
	}
	apply(s, b);
	put_on_list(s, b->list);
	say(s, b->say);
	go(s, &b->target, b->quietly || (b->target.kind == TARGET_SAME && b->say[0]));
}

/* ---- What the citizen wrote
 * -------------------------------------------------------------------------------------------- */

static const struct branch *
reserved_branch(const struct step *block, enum words_reserved r)
{
	for (size_t i = 0; i < block->nbranches; i++)
		for (size_t t = 0; t < block->branches[i].ntriggers; t++)
			if (block->branches[i].triggers[t].reserved == r)
				return &block->branches[i];
	return NULL;
}

/* A language that the dialog has: the one that was named, or else the one after the present one. */
static void
change_language(struct stepping *s, const char *named)
{
	const struct dialog *d = s->d;
	int now = language_index(d, s->c->language),
		to = named[0] ? language_index(d, named) : (now + 1) % (int)d->nlanguages;
	if (to < 0)
		return;
	memset(s->c->language, 0, sizeof(s->c->language));
	memcpy(s->c->language, d->languages[to], strlen(d->languages[to]));
}

/* What is answered at every step answers and stays: a question that was put off stays put off, and no count grows. */
static void
take_anywhere(struct stepping *s, const struct branch *b)
{
	bool owed = s->c->ask_owed && b->target.kind == TARGET_SAME && b->say[0];
	int64_t deadline = s->c->deadline;
	take(s, b);
	if (owed) {
		s->c->ask_owed = true;
		s->c->deadline = deadline;
	}
}

static void
take_reserved(struct stepping *s, enum words_reserved r, const char *arg)
{
	const struct branch *b = s->c->begun ? reserved_branch(&s->d->begun, r) : NULL;
	if (!b)
		b = reserved_branch(&s->d->anywhere, r);
	if (!b)
		return;
	if (r == WORDS_LANGUAGE)
		change_language(s, arg);
	if (r == WORDS_CHECK)
		dialog_slot_set(s->c, "check", arg);
	s->result->understood = true;
	take_anywhere(s, b);
}

static bool
long_enough(const struct match_pattern *p, const struct match_value *value)
{
	int64_t characters = (int64_t)utf8_count(value->text, strlen(value->text));
	return p->kind != MATCH_FREE_TEXT || (characters >= p->min && characters <= p->max);
}

/* The first branch with a pattern that fits, its value kept; else the branch for what nobody can read. */
static const struct branch *
text_branch(struct stepping *s, const struct match_message *m)
{
	const struct branch *otherwise = NULL;
	for (size_t i = 0; i < s->step->nbranches; i++) {
		const struct branch *b = &s->step->branches[i];
		for (size_t t = 0; t < b->ntriggers; t++) {
			const struct trigger *x = &b->triggers[t];
			struct match_value value;
			if (x->kind == TRIGGER_ELSE)
				otherwise = b;
			if (x->kind != TRIGGER_PATTERN || !match_pattern(&x->pattern, m, &value) ||
				!long_enough(&x->pattern, &value))
				continue;
			s->result->understood = true;
			if (x->slot[0])
				dialog_slot_set(s->c, x->slot, value.text);
			if (x->pattern.kind == MATCH_SELECT)
				s->c->selected = value.mask;
			return b;
		}
	}
	return otherwise;
}

static int
applications_of(const struct dialog_conversation *c)
{
	return c->applications < 1						   ? 1
		   : c->applications > DIALOG_APPLICATIONS_MAX ? DIALOG_APPLICATIONS_MAX
													   : c->applications;
}

static void
step_text(struct stepping *s)
{
	char normal[MATCH_NORMAL_MAX + 1], arg[MATCH_ARG_MAX + 1] = "";
	const char *raw = s->event->text ? s->event->text : "";
	match_normalise(raw, strlen(raw), normal, sizeof(normal));
	enum words_reserved r = match_reserved(normal, s->c->language, arg);
	if (r != WORDS_NONE) {
		take_reserved(s, r, arg);
		return;
	}
	struct match_message m = {raw, normal, s->c->language, applications_of(s->c)};
	const struct branch *b = text_branch(s, &m);
	if (s->unbegun && !s->result->understood && !s->step->stays) {
		/* They wrote before we did: asking is the answer. */
		enter(s, s->step, false);
		return;
	}
	if (b)
		take(s, b);
}

/* ---- What else happens
 * ----------------------------------------------------------------------------------------------- */

static void
step_timer(struct stepping *s)
{
	if (!s->c->deadline || s->now < s->c->deadline)
		return;
	if (s->c->ask_owed) {
		ask(s);
		return;
	}
	for (size_t i = 0; i < s->step->nbranches; i++)
		for (size_t t = 0; t < s->step->branches[i].ntriggers; t++)
			if (s->step->branches[i].triggers[t].kind == TRIGGER_SILENT) {
				take(s, &s->step->branches[i]);
				return;
			}
}

static const struct branch *
event_branch(const struct step *step, const char *name)
{
	for (size_t i = 0; i < step->nbranches; i++)
		for (size_t t = 0; t < step->branches[i].ntriggers; t++)
			if (step->branches[i].triggers[t].kind == TRIGGER_EVENT &&
				strcmp(step->branches[i].triggers[t].event, name) == 0)
				return &step->branches[i];
	return NULL;
}

/* The step's own branch, else what is answered at every step. */
static void
step_outside(struct stepping *s)
{
	const struct dialog_event *e = s->event;
	const char *name = e->name ? e->name : "";
	const struct branch *own = event_branch(s->step, name), *b = own;
	if (!b && s->c->begun)
		b = event_branch(&s->d->begun, name);
	if (!b)
		b = event_branch(&s->d->anywhere, name);
	if (!b)
		return;
	for (size_t k = 0; k < e->nslots; k++)
		if (slot_known(e->slots[k].name))
			dialog_slot_set(s->c, e->slots[k].name, e->slots[k].value);
	if (own)
		take(s, b);
	else
		take_anywhere(s, b);
}

int
dialog_step(const struct dialog *d, const struct dialog_conversation *before, const struct dialog_event *event,
	int64_t now, struct dialog_conversation *after, struct dialog_result *result)
{
	struct stepping s = {.d = d, .event = event, .now = now, .c = after, .result = result};
	*after = *before;
	*result = (struct dialog_result){.neffects = 0};
	if (before->ended)
		return 0;
	s.unbegun = !before->step[0];
	long i = s.unbegun ? 0 : step_index(d, before->step);
	if (i < 0)
		return -1;
	s.step = &d->steps[i];
	switch (event->kind) {
	case DIALOG_START:
		if (s.unbegun)
			enter(&s, s.step, false);
		break;
	case DIALOG_TEXT:
		step_text(&s);
		break;
	case DIALOG_TIMER:
		if (!s.unbegun)
			step_timer(&s);
		break;
	case DIALOG_OUTSIDE:
		step_outside(&s);
		break;
	}
	return 0;
}
