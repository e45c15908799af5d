/*
 * Checks that a dialog which says `ussd` can be held on a screen: every answer that a citizen chooses has a label in
 * every language, every line of a menu answers something, and with everything at its longest a text and its menu stay
 * within the screens that their author allowed: 182 characters of the GSM alphabet, else 80, on each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/menu.h"
#include "dialog/screen.h"
#include "dialog/text.h"

#define LONGEST_ROOM 8192

struct checking {
	struct dialog *d;
	struct dialog_faults *faults;
	bool used[DIALOG_TEXTS_MAX]; /* texts that a step asks or tells */
};

#define FAULT(c, w, line, code, ...) FAULT_AT((c)->faults, (c)->d->files[(w)->file], line, code, ##__VA_ARGS__)

static const struct dialog_screen_limit screen = {TEXT_USSD_GSM7, TEXT_USSD_UCS2};

/* ---- Menus --------------------------------------------------------------------------------------------------------
 */

/* The lines that an author wrote for step s. */
static bool
check_choices(struct checking *c, const struct step *s, const struct text *t, const struct wording *w, const char *form)
{
	bool good = true;
	for (size_t i = 0; i < w->nchoices; i++) {
		const struct choice *x = &w->choices[i];
		size_t branch = 0;
		int64_t number = 0;
		if (menu_resolve(s, x->answer, &branch, &number) == CHOICE_NOTHING) {
			FAULT(c, w, x->line, CHOICE_NO_ANSWER, "%s\n%s\n%s\n%s", t->name, form, x->answer, s->name);
			good = false;
		}
		for (size_t k = 0; k < i; k++)
			if (strcmp(w->choices[k].answer, x->answer) == 0) {
				FAULT(c, w, x->line, CHOICE_TWICE, "%s\n%s\n%s\n%d", t->name, form, x->answer, w->choices[k].line);
				good = false;
			}
	}
	return good;
}

static const struct wording *
label_wording(const struct dialog *d, const char *name, size_t language)
{
	const struct text *t = text_find(d, name);
	const struct wording *w = t ? wording_of(t, (int)language, true, false) : NULL;
	return w && w->text ? w : NULL;
}

/* How many screens it takes at its longest; -1 when a line fits none, 0 when it cannot be told. */
static int
longest_pages(const struct checking *c, const struct wording *w, const struct menu *m, size_t language, int *too_long)
{
	static char body[LONGEST_ROOM], lines[MENU_LINES_MAX][LONGEST_ROOM / 8];
	char label[LONGEST_ROOM / 8], out[DIALOG_SCREEN_MAX + 1];
	struct screen_sheet sheet = {.body = body};
	if (render_longest(w, body, sizeof(body)) < 0)
		return 0;
	for (size_t i = 0; m && i < m->n; i++) {
		const struct menu_line *l = &m->lines[i];
		const struct wording *named = l->choice ? NULL : label_wording(c->d, l->label, language);
		const char *words = l->choice ? l->choice->label : named ? named->text : "";
		if (render_label(words, NULL, l->application, NULL, NULL, label, sizeof(label)) < 0)
			return 0;
		snprintf(lines[i], sizeof(lines[i]), "%d %.*s", l->number, (int)sizeof(lines[i]) - 16, label);
		sheet.lines[sheet.nlines++] = lines[i];
	}
	const struct wording *more = label_wording(c->d, "menu_more", language),
						 *back = label_wording(c->d, "menu_back", language);
	snprintf(sheet.more, sizeof(sheet.more), "0 %s", more ? more->text : "");
	snprintf(sheet.back, sizeof(sheet.back), "00 %s", back ? back->text : "");
	/* The first line that even alone, between two others, fits no screen. */
	for (size_t i = 0; i < sheet.nlines; i++) {
		struct screen_sheet one = {.body = "", .lines = {sheet.lines[i], "1", "1"}, .nlines = 3};
		memcpy(one.more, sheet.more, sizeof(one.more));
		memcpy(one.back, sheet.back, sizeof(one.back));
		if (screen_page(&one, &screen, 1, out) < 0) {
			*too_long = (int)i;
			return -1;
		}
	}
	return screen_page(&sheet, &screen, 1, out);
}

int
ussd_longest_pages(const struct dialog *d, const struct wording *w, size_t language)
{
	struct checking c = {.d = (struct dialog *)d};
	int line = 0, pages = longest_pages(&c, w, NULL, language, &line);
	return pages > 0 ? pages : -1;
}

static void
check_pages(
	struct checking *c, const struct text *t, const struct wording *w, const struct menu *m, size_t language, bool many)
{
	int line = 0, pages = longest_pages(c, w, m, language, &line);
	const char *form = form_words(many ? FORM_USSD_MANY : FORM_USSD);
	if (pages == 0)
		FAULT(c, w, w->line, TEXT_HUGE, "%s\n%s", t->name, form);
	else if (pages < 0)
		FAULT(c, w, m && m->lines[line].choice ? m->lines[line].choice->line : w->line, LABEL_LONG, "%s\n%s\n%s",
			t->name, form, m ? m->lines[line].answer : "");
	else if (pages > w->pages)
		FAULT(c, w, w->line, TEXT_SCREENS, "%s\n%s\n%d\n%d\n%d\n%d", t->name, form, pages, TEXT_USSD_GSM7,
			TEXT_USSD_UCS2, w->pages);
}

/* The menu of step s in one form of its text. */
static void
check_menu(struct checking *c, const struct step *s, const struct text *t, size_t language, bool many)
{
	const struct wording *w = wording_of(t, (int)language, true, many);
	bool own = w == &t->forms[language][many ? FORM_USSD_MANY : FORM_USSD];
	const char *form = form_words(many ? FORM_USSD_MANY : FORM_USSD);
	const struct branch *unlabelled;
	struct menu m;
	if (!w->text)
		return; /* a text that is missing is told by its language */
	if (own && !check_choices(c, s, t, w, form))
		return;
	menu_make(s, w, many ? w->listed : 1, &m, &unlabelled);
	if (unlabelled)
		FAULT(c, w, w->line, NO_LABEL, "%s\n%s\n%d\n%s", t->name, form, unlabelled->line, c->d->files[0]);
	for (size_t i = 0; i < m.n; i++)
		if (!m.lines[i].choice && !label_wording(c->d, m.lines[i].label, language))
			FAULT(c, w, w->line, MENU_TEXT, "%s\n%s\n%s", m.lines[i].label, s->name, c->d->languages[language]);
	if (own)
		check_pages(c, t, w, &m, language, many);
}

static bool
chooses(const struct step *s)
{
	size_t branch;
	int64_t number;
	return menu_resolve(s, "choose", &branch, &number) == CHOICE_EACH;
}

static void
check_step(struct checking *c, const struct step *s)
{
	const struct text *t = text_find(c->d, menu_text(s));
	if (!t)
		return;
	c->used[t - c->d->texts] = true;
	for (size_t l = 0; l < c->d->nlanguages; l++) {
		check_menu(c, s, t, l, false);
		if (t->forms[l][FORM_USSD_MANY].text || chooses(s))
			check_menu(c, s, t, l, true);
	}
}

/* ---- Texts ----------------------------------------------------------------------------------------------------------
 */

static bool
says_link(const struct wording *w)
{
	return w->text && (strstr(w->text, "{link}") || strstr(w->text, "{code}"));
}

static void
check_text(struct checking *c, const struct text *t, size_t language)
{
	const struct wording *forms = t->forms[language], *one = &forms[FORM_USSD], *many = &forms[FORM_USSD_MANY];
	bool asked = c->used[t - c->d->texts];
	for (int k = 0; k < 2; k++) {
		const struct wording *w = k ? many : one;
		if (!w->text)
			continue;
		if (says_link(w))
			FAULT(c, w, w->line, LINK_ON_SCREEN, "%s\n%s", t->name, form_words(k ? FORM_USSD_MANY : FORM_USSD));
		if (!asked && w->nchoices)
			FAULT(c, w, w->choices[0].line, MENU_UNASKED, "%s", t->name);
		else if (!asked)
			check_pages(c, t, w, NULL, language, k);
	}
	if (!one->text && (says_link(&forms[FORM_PLAIN]) || says_link(&forms[FORM_MANY])))
		FAULT(c, &forms[FORM_PLAIN], forms[FORM_PLAIN].line, LINK_NO_SCREEN, "%s", t->name);
	if (one->text && forms[FORM_MANY].text && !many->text)
		FAULT(c, one, one->line, MANY_NO_SCREEN, "%s", t->name);
}

static void
need(struct checking *c, const char *name, enum dialog_fault_code code)
{
	if (!text_find(c->d, name))
		fault_add(c->faults, c->d->files[0], c->d->name_line, code, FAULT_ARGS "%s", name);
}

static void
check_common(struct checking *c)
{
	bool identity = false;
	need(c, "menu_more", DIALOG_FAULT_USSD_TEXT);
	need(c, "menu_back", DIALOG_FAULT_USSD_TEXT);
	need(c, "menu_noted", DIALOG_FAULT_USSD_TEXT);
	for (size_t i = 0; i < c->d->nsteps; i++)
		for (size_t l = 0; l < c->d->nlanguages; l++)
			identity = identity || dialog_step_asks_identity(c->d, c->d->steps[i].name, c->d->languages[l]);
	if (identity) {
		need(c, "identity_wrong", DIALOG_FAULT_IDENTITY_TEXT);
		need(c, "identity_locked", DIALOG_FAULT_IDENTITY_TEXT);
	}
}

/* Screens of a dialog that is not held by USSD: a form that nobody sees must still be one. */
static void
check_plain(struct checking *c, const struct text *t, size_t language)
{
	for (int k = 0; k < 2; k++) {
		const struct wording *w = &t->forms[language][k ? FORM_USSD_MANY : FORM_USSD];
		if (w->text && w->len)
			check_pages(c, t, w, NULL, language, k);
	}
}

void
check_ussd(struct dialog *d, struct dialog_faults *faults)
{
	struct checking c = {.d = d, .faults = faults};
	if (d->broken)
		return;
	if (d->ussd) {
		check_common(&c);
		for (size_t i = 0; i < d->nsteps; i++)
			if (!d->steps[i].broken)
				check_step(&c, &d->steps[i]);
	}
	for (size_t i = 0; i < d->ntexts; i++)
		for (size_t l = 0; l < d->nlanguages; l++)
			if (d->ussd)
				check_text(&c, &d->texts[i], l);
			else
				check_plain(&c, &d->texts[i], l);
}
