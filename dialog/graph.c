/*
 * Draws a dialog as a Graphviz DOT text: a box for each step with the first words of its question, an ellipse for each
 * end, an arrow for each way from one to the other with what leads along it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/internal.h"
#include "dialog/out.h"
#include "dialog/utf8.h"

#define WORDS_SHOWN 40 /* characters of a question */

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

/* ---- Arrows
 * ------------------------------------------------------------------------------------------------------------ */

static void
add_triggers(struct out *o, const struct branch *b)
{
	struct out words = {.len = 0};
	print_triggers(&words, b);
	char *text = out_take(&words);
	if (text)
		add_label(o, text, 200);
	free(text);
}

static void
add_arrow(struct out *o, const struct step *from, const struct branch *b, const struct target *to, bool overflow)
{
	/* Staying is no arrow unless something happens on the way. */
	if (to->kind == TARGET_NONE || (to->kind == TARGET_SAME && (overflow || !b->say[0])))
		return;
	if (to->kind == TARGET_BACK)
		out_add(o,
			"  \"back from %s\" [shape=plaintext, label=\"back to the\\nstep before\"];\n  \"%s\" -> \"back from %s\"",
			from->name, from->name, from->name);
	else
		out_add(o, "  \"%s\" -> \"%s\"", from->name, to->kind == TARGET_SAME ? from->name : to->name);
	out_add(o, " [label=\"");
	add_triggers(o, b);
	if (overflow)
		out_add(o, "\\nafter %d %s", b->at_most, b->at_most == 1 ? "time" : "times");
	else if (b->say[0])
		out_add(o, "\\nsays %s", b->say);
	for (size_t i = 0; !overflow && i < b->ndos; i++)
		out_add(o, "%s%s", i ? ", " : "\\ndoes ", dialog_do_name(b->dos[i]));
	if (b->list[0])
		out_add(o, "\\nlist %s", b->list);
	bool outside = b->triggers[0].kind == TRIGGER_EVENT, clock = b->triggers[0].kind == TRIGGER_SILENT;
	out_add(o, "\"%s];\n", outside ? ", style=dashed" : clock || overflow ? ", style=dotted" : "");
}

static void
add_arrows(struct out *o, const struct step *s)
{
	for (size_t i = 0; i < s->nbranches; i++) {
		add_arrow(o, s, &s->branches[i], &s->branches[i].target, false);
		if (s->branches[i].at_most)
			add_arrow(o, s, &s->branches[i], &s->branches[i].then, true);
	}
}

/* ---- Steps and ends
 * ---------------------------------------------------------------------------------------------------- */

static void
add_reserved(struct out *o, const struct step *block, const char *name, const char *label)
{
	bool any = false;
	for (size_t i = 0; i < block->nbranches; i++)
		any = any || block->branches[i].target.kind == TARGET_STEP || block->branches[i].target.kind == TARGET_END;
	if (!any)
		return;
	struct step from = *block;
	snprintf(from.name, sizeof(from.name), "%s", name);
	out_add(o, "  \"%s\" [shape=box, style=\"rounded,dashed\", label=\"%s\"];\n", name, label);
	for (size_t i = 0; i < from.nbranches; i++)
		if (from.branches[i].target.kind != TARGET_SAME)
			add_arrow(o, &from, &from.branches[i], &from.branches[i].target, false);
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
		out_add(&o, "\"];\n");
	}
	for (size_t i = 0; i < d->nends; i++) {
		out_add(&o, "  \"%s\" [shape=ellipse, label=\"%s", d->ends[i].name, d->ends[i].name);
		add_words(&o, d, l, d->ends[i].say);
		out_add(&o, "\"];\n");
	}
	for (size_t i = 0; i < d->nsteps; i++)
		add_arrows(&o, &d->steps[i]);
	add_reserved(&o, &d->anywhere, "anywhere", "anywhere");
	add_reserved(&o, &d->begun, "anywhere begun", "anywhere,\\nonce consent was given");
	out_add(&o, "}\n");
	return out_take(&o);
}
