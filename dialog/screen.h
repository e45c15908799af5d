/*
 * A dialog on a USSD screen: menus made of a step's answers, pages of what does not fit, and what an input means.
 *
 * A screen is what was said in this turn, the question of the step where the conversation stands, and one numbered line
 * for each answer of the step. Staff label the answers in the question's `ussd` form:
 *
 *     [old_certificate ussd]
 *     How will you return the old certificate?
 *     * on site: I bring it
 *     * courier: A courier fetches it
 *
 *   * ANSWER: LABEL     ANSWER is a word of the step ("on site"), a list (yes, no, all, keep), `choose`, a number of
 *                       a `number A-B`, or a reserved word (STATUS, HELP, ...). A list, or choose, without a line of
 *                       its own comes behind with the label of the common wording: menu_yes, menu_no, menu_all,
 *                       menu_keep, menu_application. Numbers, dates and free text are typed.
 *
 * Lines are numbered from 1, on all pages alike, and a number stays what it is on whatever page it is pressed; a line
 * for a number of `number A-B` bears that number. 0 leads to the next page and 00 to the one before (# and * where 0 is
 * an answer). A step that `tell`s has a menu only when its text's `ussd` form has lines.
 *
 * Pure. The same conversation and arguments give the same screen, so that a screen need not be kept to be shown again.
 */
#ifndef DIALOG_SCREEN_H
#define DIALOG_SCREEN_H

#include "dialog/dialog.h"

#define DIALOG_SCREEN_MAX 546 /* octets of a screen, UTF-8, without NUL: 182 characters of the GSM alphabet */
#define DIALOG_PAGES_MAX 64

struct dialog_screen_limit {
	int gsm7; /* septets that a screen holds; 182 at most */
	int ucs2; /* UTF-16 units when a character is outside the GSM alphabet */
};

struct dialog_screen {
	int page, pages; /* from 1 */
	bool waits;		 /* an answer, or the wish for the next page, is awaited: the session stays open */
	char text[DIALOG_SCREEN_MAX + 1];
};

/* Is the dialog held by USSD ("dialog NAME VERSION ussd")? Only then can screens be made of it. */
bool dialog_speaks_ussd(const struct dialog *d);

/*
 * The page (from 1; one that is not there is taken for the nearest) of the conversation's screen. said: texts of this
 * turn, rendered, with newlines between; "" = none. The step's own question is not among them. A screen with nothing to
 * show says menu_noted. Returns 0, or -1 when a word of the wording fits no screen or the step is unknown.
 */
int dialog_screen_make(const struct dialog *d, const struct dialog_conversation *c, const char *said, int page,
	const struct dialog_screen_limit *limit, dialog_value_fn value, void *arg, struct dialog_screen *out);

/* What a citizen's input on this screen means. */
enum dialog_input_kind {
	DIALOG_INPUT_PAGE, /* show page `page` of the same screen; nothing is stepped */
	DIALOG_INPUT_TEXT, /* step the conversation with `text`, as if it had been written */
};
struct dialog_input {
	enum dialog_input_kind kind;
	int page;
	char text[DIALOG_SLOT_MAX + 1];
};
/* page, pages: of the screen that was shown. A number that is not on the menu becomes a text that nothing understands.
 */
void dialog_screen_input(const struct dialog *d, const struct dialog_conversation *c, const char *input, int page,
	int pages, struct dialog_input *out);

/*
 * What dialling a code does to the conversation: true with the event to step it with (a talk that has not begun begins,
 * a step that tells says how things stand), false when the step's question is simply shown.
 */
bool dialog_dial_event(const struct dialog *d, const struct dialog_conversation *c, struct dialog_event *event);

/*
 * How effect i of a step taken in a session is told (DIALOG_SAY only). The question of the step where the conversation
 * stands is the screen's own. What carries a link or a code, and the receipt of a submitted application, goes out as a
 * text beside the screen; a question that asks for the identity number in the session (it uses {identity}) sends its
 * link only when `new_link` asks for one.
 */
struct dialog_telling {
	bool said; /* on the screen, before the question */
	bool text; /* as an SMS */
};
struct dialog_telling dialog_screen_tells(const struct dialog *d, const struct dialog_conversation *after,
	const struct dialog_result *result, size_t i, bool identity);

/* Does the question of the step ask for the identity number in the session (its `ussd` form uses {identity})? */
bool dialog_step_asks_identity(const struct dialog *d, const char *step, const char *language);
/* The step's question or statement, or the end's text: what to send when a screen was never seen. "" when none. */
const char *dialog_step_text(const struct dialog *d, const char *step);

#endif
