/* Makes the menu of a step: one line for each answer that a citizen can choose, and the number that stands for it. */
#include "dialog/menu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 99 /* more digits than two are no menu */

/* ---- What a line of the author's answers ------------------------------------------------------------------------- */

static bool
find(const struct step *s, enum match_kind kind, int list, size_t *index)
{
	for (size_t i = 0; i < s->nbranches; i++)
		for (size_t t = 0; t < s->branches[i].ntriggers; t++) {
			const struct trigger *x = &s->branches[i].triggers[t];
			if (x->kind == TRIGGER_PATTERN && x->pattern.kind == kind &&
				(kind != MATCH_LIST || x->pattern.list == (enum words_list)list)) {
				*index = i;
				return true;
			}
		}
	return false;
}

static bool
find_literal(const struct step *s, const char *answer, size_t *index)
{
	char normal[MATCH_NORMAL_MAX + 1];
	match_normalise(answer, strlen(answer), normal, sizeof(normal));
	for (size_t i = 0; normal[0] && i < s->nbranches; i++)
		for (size_t t = 0; t < s->branches[i].ntriggers; t++) {
			const struct trigger *x = &s->branches[i].triggers[t];
			if (x->kind == TRIGGER_PATTERN && x->pattern.kind == MATCH_LITERAL && strcmp(x->normal, normal) == 0) {
				*index = i;
				return true;
			}
		}
	return false;
}

static bool
find_number(const struct step *s, const char *answer, size_t *index, int64_t *number)
{
	char *end;
	long n = strtol(answer, &end, 10);
	if (*end || end == answer || n < 0 || n > NUMBER_MAX)
		return false;
	for (size_t i = 0; i < s->nbranches; i++)
		for (size_t t = 0; t < s->branches[i].ntriggers; t++) {
			const struct match_pattern *p = &s->branches[i].triggers[t].pattern;
			if (s->branches[i].triggers[t].kind == TRIGGER_PATTERN && p->kind == MATCH_NUMBER && n >= p->min &&
				n <= p->max) {
				*index = i;
				*number = n;
				return true;
			}
		}
	return false;
}

enum choice_kind
menu_resolve(const struct step *s, const char *answer, size_t *index, int64_t *number)
{
	enum words_reserved r;
	enum words_list list;
	if (words_reserved_by_name(answer, &r) && r != WORDS_NONE)
		return CHOICE_RESERVED;
	if (strcmp(answer, "choose") == 0)
		return find(s, MATCH_SELECT, 0, index) ? CHOICE_EACH : CHOICE_NOTHING;
	if (words_list_by_name(answer, &list)) {
		if (find(s, MATCH_LIST, (int)list, index))
			return CHOICE_BRANCH;
		return (list == WORDS_YES || list == WORDS_ALL) && find(s, MATCH_SELECT, 0, index) ? CHOICE_SELECT
																						   : CHOICE_NOTHING;
	}
	if (find_literal(s, answer, index))
		return CHOICE_BRANCH;
	return find_number(s, answer, index, number) ? CHOICE_NUMBER : CHOICE_NOTHING;
}

const char *
menu_text(const struct step *s)
{
	return s->ask[0] ? s->ask : s->tell;
}

/* ---- The menu -----------------------------------------------------------------------------------------------------
 */

struct making {
	struct menu *m;
	const struct step *s;
	int applications, next;
	bool covered[DIALOG_BRANCHES_MAX];
};

/* The next number that is no answer by itself. 0 when there is none. */
static int
take_number(struct making *k)
{
	do
		k->next++;
	while (k->m->numbers && k->next >= k->m->low && k->next <= k->m->high && k->next <= NUMBER_MAX);
	return k->next <= NUMBER_MAX ? k->next : 0;
}

static struct menu_line *
add(struct making *k, const struct choice *choice, const char *label, const char *answer)
{
	struct menu *m = k->m;
	if (m->n == MENU_LINES_MAX)
		return NULL;
	struct menu_line *l = &m->lines[m->n];
	*l = (struct menu_line){.choice = choice, .label = label};
	snprintf(l->answer, sizeof(l->answer), "%s", answer);
	l->number = take_number(k);
	m->n += l->number > 0;
	return l;
}

static void
add_each(struct making *k, const struct choice *choice, const char *label)
{
	char answer[16];
	for (int i = 1; i <= k->applications; i++) {
		snprintf(answer, sizeof(answer), "y %d", i);
		struct menu_line *l = add(k, choice, label, answer);
		if (l)
			l->application = i;
	}
}

static void
add_authored(struct making *k, const struct choice *x)
{
	size_t branch = 0;
	int64_t number = 0;
	struct menu_line *l;
	switch (menu_resolve(k->s, x->answer, &branch, &number)) {
	case CHOICE_NOTHING:
		return; /* the loader lets no such line through */
	case CHOICE_EACH:
		if (k->applications > 1)
			add_each(k, x, "");
		else
			add(k, x, "", "yes");
		break;
	case CHOICE_SELECT:
		add(k, x, "", k->applications > 1 ? "all" : "yes");
		break;
	case CHOICE_NUMBER:
		l = k->m->n < MENU_LINES_MAX ? &k->m->lines[k->m->n++] : NULL;
		if (l) {
			*l = (struct menu_line){.choice = x, .label = "", .number = (int)number};
			snprintf(l->answer, sizeof(l->answer), "%d", l->number);
		}
		break;
	case CHOICE_RESERVED:
		add(k, x, "", x->answer);
		return;
	case CHOICE_BRANCH:
		add(k, x, "", x->answer);
		break;
	}
	k->covered[branch] = true;
}

static void
look(struct making *k)
{
	struct menu *m = k->m;
	for (size_t i = 0; i < k->s->nbranches; i++)
		for (size_t t = 0; t < k->s->branches[i].ntriggers; t++) {
			const struct trigger *x = &k->s->branches[i].triggers[t];
			if (x->kind != TRIGGER_PATTERN)
				continue;
			switch (x->pattern.kind) {
			case MATCH_NUMBER:
				m->low = m->numbers && m->low < x->pattern.min ? m->low : x->pattern.min;
				m->high = m->numbers && m->high > x->pattern.max ? m->high : x->pattern.max;
				m->numbers = m->typed = true;
				k->covered[i] = true;
				break;
			case MATCH_DATE:
			case MATCH_FREE_TEXT:
				m->free = m->typed = true;
				k->covered[i] = true;
				break;
			case MATCH_LITERAL:
			case MATCH_LIST:
			case MATCH_SELECT:
				break;
			}
		}
	bool nought = m->numbers && m->low <= 0 && m->high >= 0;
	m->more = nought ? "#" : "0";
	m->back = nought ? "*" : "00";
}

/* The answers without a line of the author's: lists have a label in the common wording, words of the dialog none. */
static void
add_default(struct making *k, const struct branch *b, const struct branch **unlabelled)
{
	static const char *const labels[WORDS_LISTS] = {
		[WORDS_YES] = "menu_yes", [WORDS_NO] = "menu_no", [WORDS_ALL] = "menu_all", [WORDS_KEEP] = "menu_keep"};
	bool literal = false;
	for (size_t t = 0; t < b->ntriggers; t++) {
		const struct trigger *x = &b->triggers[t];
		if (x->kind != TRIGGER_PATTERN)
			continue;
		if (x->pattern.kind == MATCH_LIST) {
			add(k, NULL, labels[x->pattern.list], words_list_name(x->pattern.list));
			return;
		}
		if (x->pattern.kind == MATCH_SELECT) {
			bool many = k->applications > 1;
			add(k, NULL, many ? "menu_all" : "menu_yes", many ? "all" : "yes");
			if (many)
				add_each(k, NULL, "menu_application");
			return;
		}
		literal = literal || x->pattern.kind == MATCH_LITERAL;
	}
	if (literal && unlabelled && !*unlabelled)
		*unlabelled = b;
}

void
menu_make(
	const struct step *s, const struct wording *w, int applications, struct menu *m, const struct branch **unlabelled)
{
	struct making k = {.m = m, .s = s, .applications = applications};
	memset(m, 0, sizeof(*m));
	if (unlabelled)
		*unlabelled = NULL;
	look(&k);
	for (size_t i = 0; w && i < w->nchoices; i++)
		add_authored(&k, &w->choices[i]);
	/* What is only told needs no menu; where its author gave it one, that is all of it. */
	for (size_t i = 0; s->ask[0] && i < s->nbranches; i++)
		if (!k.covered[i])
			add_default(&k, &s->branches[i], unlabelled);
}
