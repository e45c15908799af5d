/* The menu of a step, for the files of this folder: which answers are lines, their numbers, what they stand for. */
#ifndef DIALOG_MENU_H
#define DIALOG_MENU_H

#include "dialog/internal.h"

#define MENU_LINES_MAX 96 /* 64 applications, and what else a step can offer */

struct menu_line {
	int number;					 /* that the citizen presses */
	int application;			 /* > 0: this line chooses that one */
	const struct choice *choice; /* NULL: the label is the common text `label` */
	const char *label;
	char answer[DIALOG_LITERAL_MAX + 1]; /* what dialog_step is given */
};

struct menu {
	struct menu_line lines[MENU_LINES_MAX];
	size_t n;
	bool typed;	  /* numbers, dates or free text are awaited too */
	bool free;	  /* of them, what may be any digits: dates and free text */
	bool numbers; /* a number low-high is awaited */
	int64_t low, high;
	const char *more, *back; /* keys */
};

/* What a line of the author's answers. */
enum choice_kind {
	CHOICE_NOTHING,
	CHOICE_BRANCH,	 /* branch `index` of the step */
	CHOICE_SELECT,	 /* that branch, which is `choose`: every application */
	CHOICE_EACH,	 /* the same, one application a line */
	CHOICE_NUMBER,	 /* that branch, with `number` */
	CHOICE_RESERVED, /* a reserved word */
};
enum choice_kind menu_resolve(const struct step *s, const char *answer, size_t *index, int64_t *number);

/* The step's question, or its statement. */
const char *menu_text(const struct step *s);
/*
 * w: the form of the step's text that is shown (its lines), or NULL. applications: how many the conversation has.
 * unlabelled (may be NULL) gets the first branch that should be on the menu and has no label, or NULL.
 */
void menu_make(
	const struct step *s, const struct wording *w, int applications, struct menu *m, const struct branch **unlabelled);

/* check_ussd.c: screens that a USSD form takes at its longest, without its menu. -1: far too long. */
int ussd_longest_pages(const struct dialog *d, const struct wording *w, size_t language);

/* ---- screen.c, for check_ussd.c ------------------------------------------------------------------------------------
 */

/* What pages are cut from: a text that may be cut anywhere, then lines that stay whole. */
struct screen_sheet {
	const char *body;
	const char *lines[MENU_LINES_MAX];
	size_t nlines;
	char more[DIALOG_LABEL_MAX + 16], back[DIALOG_LABEL_MAX + 16]; /* "0 More", "00 Back" */
};
struct dialog_screen_limit;
/* Writes page `page` to out (DIALOG_SCREEN_MAX + 1 octets). Returns how many pages there are, or -1: one fits nothing.
 */
int screen_page(const struct screen_sheet *sheet, const struct dialog_screen_limit *limit, int page, char *out);

#endif
