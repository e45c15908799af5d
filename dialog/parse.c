/* Reads the lines of a .dlg file into steps and ends. What they name is looked up later: check.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/parse_internal.h"

bool
take_name(struct parser *p, struct words *w, const char *what, char out[DIALOG_NAME_MAX + 1])
{
	if (!more(w)) {
		FAULT(p, NAME_MISSING, "%s", what);
		return false;
	}
	if (!token_name(&w->list[w->at], out)) {
		FAULT(p, NAME_BAD, "%s\n%.*s\n%d", what, SHOWN(&w->list[w->at]), DIALOG_NAME_MAX);
		return false;
	}
	w->at++;
	return true;
}

static bool
add_branch(struct parser *p, struct words *w)
{
	struct step *s = p->step;
	if (s->nbranches == DIALOG_BRANCHES_MAX) {
		FAULT(p, BRANCHES_MANY, "%d", DIALOG_BRANCHES_MAX);
		return false;
	}
	if (!dialog_grow(&s->branches, &s->room, s->nbranches, sizeof(*s->branches))) {
		p->no_memory = true;
		return false;
	}
	struct branch *b = &s->branches[s->nbranches];
	memset(b, 0, sizeof(*b));
	if (parse_branch(p, w, b)) {
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
	FAULT(p, TOO_MUCH, "%.*s", SHOWN(&w->list[w->at]));
	return false;
}

static bool
parse_heading(struct parser *p, struct words *w)
{
	struct dialog *d = p->d;
	int64_t version = 0;
	if (d->name_line) {
		FAULT(p, HEADING_TWICE, "%d", d->name_line);
		return false;
	}
	d->name_line = p->src.line;
	if (!take_name(p, w, "dialog", d->name))
		return false;
	if (!more(w) || !token_number(&w->list[w->at], &version) || version < 1) {
		FAULT(p, NO_VERSION, "%s", d->name);
		return false;
	}
	w->at++;
	d->version = (int)version;
	d->ussd = take(w, "ussd");
	return at_end(p, w);
}

/* Texts that this dialog has not are taken from another one's wording. */
static bool
parse_borrowing(struct parser *p, struct words *w)
{
	if (p->d->borrows[0] || p->d->nsteps) {
		FAULT(p, BORROWS_LATE);
		return false;
	}
	return take_name(p, w, "dialog", p->d->borrows) && at_end(p, w);
}

bool
dialog_borrows(const char *text, size_t len, char out[DIALOG_NAME_MAX + 1])
{
	struct dialog_faults faults = {0};
	struct source src;
	struct token list[DIALOG_TOKENS_MAX];
	const char *line;
	size_t n;
	bool found = false;
	out[0] = '\0';
	if (source_open(&src, "", text, len, &faults))
		while (!found && source_line(&src, &line, &n)) {
			int words = source_tokens(&src, line, n, list);
			if (words > 0 && token_is(&list[0], "step"))
				break;
			found = words == 2 && token_is(&list[0], "wording") && token_name(&list[1], out);
		}
	dialog_faults_free(&faults);
	return found;
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
		FAULT(p, NAME_MEANS, "%s", name);
		return false;
	}
	if (line)
		FAULT(p, NAME_TAKEN, "%s\n%d", name, line);
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
		FAULT(p, STEPS_MANY, "%d", DIALOG_STEPS_MAX);
		return false;
	}
	if (!dialog_grow(&d->steps, &d->steps_room, d->nsteps, sizeof(*d->steps))) {
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
		FAULT(p, ENDS_MANY, "%d", DIALOG_ENDS_MAX);
		return false;
	}
	if (!dialog_grow(&d->ends, &d->ends_room, d->nends, sizeof(*d->ends))) {
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
		FAULT(p, BLOCK_TWICE, "%d", s->line);
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
		FAULT(p, ENTRY_PLACE, "%s", keyword);
		return false;
	}
	if (field[0]) {
		FAULT(p, ENTRY_TWICE, "%s", keyword);
		return false;
	}
	*line = p->src.line;
	return (strcmp(keyword, "list") == 0 ? parse_list_name(p, w, field) : take_name(p, w, "text", field)) &&
		   at_end(p, w);
}

static bool
parse_line(struct parser *p, struct words *w)
{
	if (take(w, "dialog"))
		return parse_heading(p, w);
	if (!p->d->name_line) {
		p->d->name_line = p->src.line;
		FAULT(p, NO_HEADING);
	}
	if (take(w, "wording"))
		return parse_borrowing(p, w);
	if (take(w, "step"))
		return parse_step(p, w);
	if (take(w, "end"))
		return parse_end(p, w);
	if (take(w, "anywhere"))
		return parse_anywhere(p, w);
	if (!p->step) {
		if (!p->skipping)
			FAULT(p, NO_BLOCK);
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
		FAULT_AT(faults, d->files[0], 0, EMPTY_FILE);
	return 0;
}
