/*
 * Draws a dialog as a Graphviz DOT text: a box for each step with the first words of its question, an ellipse for each
 * end, an arrow for each way from one to the other with all that leads along it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/internal.h"
#include "dialog/out.h"
#include "dialog/utf8.h"

#define WORDS_SHOWN 40	  /* characters of a question */
#define TRIGGERS_SHOWN 60 /* characters of what a branch answers */

/* A label's text: quotes and backslashes escaped, line breaks as spaces, placeholders as they are. */
static void
add_label(struct out *o, const char *s, size_t most)
{
	size_t len = strlen(s), shown = 0;
	for (size_t at = 0; at < len && shown < most; shown++) {
		uint32_t cp;
		size_t n = utf8_decode(s + at, len - at, &cp, NULL);
		if (cp == '"' || cp == '\\')
			out_add(o, "\\%c", (char)cp);
		else if (cp < ' ')
			out_add(o, " ");
		else
			out_add(o, "%.*s", (int)n, s + at);
		at += n;
		if (shown + 1 == most && at < len)
			out_add(o, "…");
	}
}

static void
add_words(struct out *o, const struct dialog *d, int language, const char *text)
{
	const struct text *t = text[0] ? text_find(d, text) : NULL;
	if (!t || !t->forms[language][FORM_PLAIN].text)
		return;
	out_add(o, "\\n");
	add_label(o, t->forms[language][FORM_PLAIN].text, WORDS_SHOWN);
}

/* ---- Branches in words ---------------------------------------------------------------------------------------- */

/* "yes, keep: submit, says thanks, list read" */
static void
add_branch(struct out *o, const struct branch *b, bool overflow)
{
	struct out words = {.len = 0};
	print_triggers(&words, b);
	char *text = out_take(&words);
	if (text)
		add_label(o, text, TRIGGERS_SHOWN);
	free(text);
	const char *sign = ": ";
	if (overflow) {
		out_add(o, ", after %d %s", b->at_most, b->at_most == 1 ? "time" : "times");
	} else {
		for (size_t i = 0; i < b->ndos; i++, sign = ", ")
			out_add(o, "%s%s", sign, dialog_do_name(b->dos[i]));
		if (b->say[0]) {
			out_add(o, "%ssays %s", sign, b->say);
			sign = ", ";
		}
	}
	if (b->list[0])
		out_add(o, "%slist %s", sign, b->list);
}

/* What makes somebody stay is told inside the box; arrows from a box to itself would cover each other. */
static void
add_staying(struct out *o, const struct step *s)
{
	bool any = false;
	for (size_t i = 0; i < s->nbranches; i++) {
		if (s->branches[i].target.kind != TARGET_SAME)
			continue;
		out_add(o, any ? "" : "\\n\\n");
		any = true;
		add_branch(o, &s->branches[i], false);
		if (!s->branches[i].say[0] && !s->branches[i].quietly && (s->ask[0] || s->tell[0]))
			out_add(o, "%sasks again", s->branches[i].ndos || s->branches[i].list[0] ? ", " : ": ");
		out_add(o, "\\l");
	}
}

/* ---- Arrows ---------------------------------------------------------------------------------------------------------
 */

struct arrow {
	const struct branch *branch;
	const struct target *to;
	bool overflow, drawn;
};

static bool
same_target(const struct target *a, const struct target *b)
{
	return a->kind == b->kind && (a->kind == TARGET_BACK || a->index == b->index);
}

/* One arrow for all that leads the same way: drawn through for answers, dashed for events, dotted for patience. */
static void
add_arrow(struct out *o, const char *from, struct arrow *list, size_t n, size_t first)
{
	const struct target *to = list[first].to;
	bool answers = false, events = true;
	if (to->kind == TARGET_BACK)
		out_add(o, "  \"back from %s\" [shape=plaintext, label=\"back to the\\nstep before\"];\n", from);
	out_add(o, "  \"%s\" -> \"%s%s\" [label=\"", from, to->kind == TARGET_BACK ? "back from " : "",
		to->kind == TARGET_BACK ? from : to->name);
	for (size_t i = first; i < n; i++) {
		if (list[i].drawn || !same_target(list[i].to, to))
			continue;
		enum trigger_kind kind = list[i].branch->triggers[0].kind;
		list[i].drawn = true;
		answers = answers || kind == TRIGGER_PATTERN || kind == TRIGGER_RESERVED;
		events = events && kind == TRIGGER_EVENT;
		out_add(o, i > first ? "\\n" : "");
		add_branch(o, list[i].branch, list[i].overflow);
	}
	out_add(o, "\"%s];\n", answers ? "" : events ? ", style=dashed" : ", style=dotted");
}

static bool
leads_away(const struct target *t)
{
	return t->kind == TARGET_STEP || t->kind == TARGET_END || t->kind == TARGET_BACK;
}

static size_t
add_arrows(struct out *o, const struct step *s, const char *from)
{
	struct arrow list[2 * DIALOG_BRANCHES_MAX];
	size_t n = 0;
	for (size_t i = 0; i < s->nbranches; i++) {
		struct branch *b = &s->branches[i];
		if (leads_away(&b->target))
			list[n++] = (struct arrow){.branch = b, .to = &b->target};
		if (leads_away(&b->then))
			list[n++] = (struct arrow){.branch = b, .to = &b->then, .overflow = true};
	}
	for (size_t i = 0; i < n; i++)
		if (!list[i].drawn)
			add_arrow(o, from, list, n, i);
	return n;
}

/* ---- The whole ------------------------------------------------------------------------------------------------------
 */

static void
add_reserved(struct out *o, const struct step *block, const char *name, const char *label)
{
	if (add_arrows(o, block, name))
		out_add(o, "  \"%s\" [shape=box, style=\"rounded,dashed\", label=\"%s\"];\n", name, label);
}

char *
dialog_dot(const struct dialog *d, const char *language)
{
	int known = language ? language_index(d, language) : 0, l = known < 0 ? 0 : known;
	struct out o = {.len = 0};
	out_add(&o, "digraph \"%s\" {\n", d->name);
	out_add(&o,
		"  label=\"%s, version %d\";\n  rankdir=TB;\n  node [fontname=\"sans-serif\", fontsize=11];\n"
		"  edge [fontname=\"sans-serif\", fontsize=9];\n",
		d->name, d->version);
	for (size_t i = 0; i < d->nsteps; i++) {
		const struct step *s = &d->steps[i];
		out_add(&o, "  \"%s\" [shape=box%s, label=\"%s", s->name, i ? "" : ", penwidth=2", s->name);
		add_words(&o, d, l, s->ask[0] ? s->ask : s->tell);
		if (s->list[0])
			out_add(&o, "\\nlist %s", s->list);
		add_staying(&o, s);
		out_add(&o, "\"];\n");
	}
	for (size_t i = 0; i < d->nends; i++) {
		out_add(&o, "  \"%s\" [shape=ellipse, label=\"%s", d->ends[i].name, d->ends[i].name);
		add_words(&o, d, l, d->ends[i].say);
		out_add(&o, "\"];\n");
	}
	for (size_t i = 0; i < d->nsteps; i++)
		add_arrows(&o, &d->steps[i], d->steps[i].name);
	add_reserved(&o, &d->anywhere, "(anywhere)", "anywhere");
	add_reserved(&o, &d->begun, "(anywhere begun)", "anywhere,\\nonce consent was given");
	out_add(&o, "}\n");
	return out_take(&o);
}
