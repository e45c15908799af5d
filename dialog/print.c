/* Writes a loaded dialog as canonical text: it loads to the same dialog, whatever spacing its author used. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/internal.h"
#include "dialog/out.h"
#include "dialog/utf8.h"

/* ---- A string that grows -------------------------------------------------------------------------------------------
 */

void
out_add(struct out *o, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (o->failed || n < 0)
		return;
	if (o->len + (size_t)n + 1 > o->room) {
		size_t room = (o->len + (size_t)n + 1) * 2;
		char *bigger = realloc(o->text, room);
		if (!bigger) {
			o->failed = true;
			return;
		}
		o->text = bigger;
		o->room = room;
	}
	va_start(ap, fmt);
	vsnprintf(o->text + o->len, o->room - o->len, fmt, ap);
	va_end(ap);
	o->len += (size_t)n;
}

char *
out_take(struct out *o)
{
	if (!o->failed)
		return o->text;
	free(o->text);
	return NULL;
}

/* ---- Branches
 * --------------------------------------------------------------------------------------------------------- */

static void
print_seconds(struct out *o, int64_t s)
{
	if (s % 86400 == 0)
		out_add(o, "%lldd", (long long)(s / 86400));
	else if (s % 3600 == 0)
		out_add(o, "%lldh", (long long)(s / 3600));
	else
		out_add(o, "%lldm", (long long)(s / 60));
}

static void
print_pattern(struct out *o, const struct trigger *t)
{
	switch (t->pattern.kind) {
	case MATCH_LITERAL:
		out_add(o, "\"%s\"", t->written);
		break;
	case MATCH_LIST:
		out_add(o, "%s", words_list_name(t->pattern.list));
		break;
	case MATCH_NUMBER:
		out_add(o, "number %lld-%lld in %s", (long long)t->pattern.min, (long long)t->pattern.max, t->slot);
		break;
	case MATCH_DATE:
		out_add(o, "date in %s", t->slot);
		break;
	case MATCH_SELECT:
		out_add(o, "choose");
		break;
	case MATCH_FREE_TEXT:
		out_add(o, "text ");
		if (t->pattern.min > 1 || t->pattern.max < DIALOG_SLOT_MAX)
			out_add(o, "%lld-%lld ", (long long)t->pattern.min, (long long)t->pattern.max);
		out_add(o, "in %s", t->slot);
		break;
	}
}

void
print_triggers(struct out *o, const struct branch *b)
{
	for (size_t i = 0; i < b->ntriggers; i++) {
		const struct trigger *t = &b->triggers[i];
		out_add(o, i ? ", " : "");
		switch (t->kind) {
		case TRIGGER_PATTERN:
			print_pattern(o, t);
			break;
		case TRIGGER_RESERVED:
			out_add(o, "%s", words_reserved_name(t->reserved));
			break;
		case TRIGGER_EVENT:
			out_add(o, "event %s", t->event);
			break;
		case TRIGGER_SILENT:
			out_add(o, "silent ");
			if (t->reminder_day)
				out_add(o, "reminder_day");
			else
				print_seconds(o, t->seconds);
			break;
		case TRIGGER_ELSE:
			out_add(o, "else");
			break;
		}
	}
}

static const char *
target_name(const struct target *t)
{
	return t->kind == TARGET_SAME ? "same" : t->name;
}

static size_t
triggers_width(const struct branch *b)
{
	struct out o = {.len = 0};
	print_triggers(&o, b);
	size_t width = o.text ? utf8_count(o.text, o.len) : 0;
	free(o.text);
	return width;
}

static void
print_branch(struct out *o, const struct branch *b, size_t column)
{
	size_t width = triggers_width(b);
	out_add(o, "  ");
	print_triggers(o, b);
	out_add(o, "%*s -> %s", (int)(column > width ? column - width : 0), "", target_name(&b->target));
	if (b->quietly)
		out_add(o, " quietly");
	for (size_t i = 0; i < b->ndos; i++)
		out_add(o, "%s%s", i ? ", " : " do ", dialog_do_name(b->dos[i]));
	if (b->say[0])
		out_add(o, " say %s", b->say);
	if (b->list[0])
		out_add(o, " list %s", b->list);
	if (b->at_most)
		out_add(o, " at most %d then %s", b->at_most, target_name(&b->then));
	out_add(o, "\n");
}

static void
print_branches(struct out *o, const struct step *s)
{
	size_t column = 0;
	for (size_t i = 0; i < s->nbranches; i++) {
		size_t width = triggers_width(&s->branches[i]);
		/* One very long branch does not push the arrows of all others to the right. */
		if (width > column && width <= 32)
			column = width;
	}
	for (size_t i = 0; i < s->nbranches; i++)
		print_branch(o, &s->branches[i], column);
}

/* ---- The whole
 * ---------------------------------------------------------------------------------------------------------- */

static void
print_step(struct out *o, const struct step *s)
{
	out_add(o, "\nstep %s\n", s->name);
	if (s->stays)
		out_add(o, "  stays\n");
	if (s->ask[0])
		out_add(o, "  ask %s\n", s->ask);
	if (s->tell[0])
		out_add(o, "  tell %s\n", s->tell);
	if (s->list[0])
		out_add(o, "  list %s\n", s->list);
	print_branches(o, s);
}

char *
dialog_print(const struct dialog *d)
{
	struct out o = {.len = 0};
	out_add(&o, "dialog %s %d%s\n", d->name, d->version, d->ussd ? " ussd" : "");
	if (d->borrows[0])
		out_add(&o, "wording %s\n", d->borrows);
	for (size_t i = 0; i < d->nsteps; i++)
		print_step(&o, &d->steps[i]);
	out_add(&o, d->nends ? "\n" : "");
	for (size_t i = 0; i < d->nends; i++)
		out_add(&o, d->ends[i].say[0] ? "end %s say %s\n" : "end %s\n", d->ends[i].name, d->ends[i].say);
	out_add(&o, "\nanywhere\n");
	print_branches(&o, &d->anywhere);
	if (d->begun.nbranches) {
		out_add(&o, "\nanywhere begun\n");
		print_branches(&o, &d->begun);
	}
	return out_take(&o);
}
