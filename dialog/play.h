/*
 * Plays a dialog line by line, as it looks on a phone, with a clock of its own and made-up values: for the .chat tests
 * and for `huizhi dialog play`. Pure, as the engine is.
 *
 *   start                              the conversation begins
 *   < Y 1 3                            the citizen writes
 *   > Thank you.                       a text to the citizen; lines that begin with two spaces continue it
 *   > [verify]                         the same, only by the text's name
 *   ! event approved application 2     something happened outside: a clerk or the workflow; slot=value may follow
 *   ! page verified                    the same from the page
 *   wait 3d                            time passes (m, h, d); timers fire on the way
 *   = step confirm                     what is so now: step, end, language, selected 1 3, slot NAME VALUE
 *   = effect consent                   what the last line that did something caused: effect, list
 *   = nothing                          it changed nothing; = not understood; = reminder (its text is bulk)
 *   applications 3                     how many the conversation covers; before start
 *   dial *123#                         the citizen dials: from now on < is typed into the session and > is its screen
 *   > [screen verify]                  a screen that waits at this step, by the step's name; > [last submitted] one
 * that ends the session; texts that go out from inside come before the screen ! ussd verified something happened inside
 * the session: the identity number was right hang up                            the session is dropped; what is written
 * next is a text again = no session                       there is none
 *
 * In a check (no `out`) every text must be expected by a line that begins with >, in order, or the play fails. With
 * `out`, texts, effects and moves are written as such lines when they happen.
 */
#ifndef DIALOG_PLAY_H
#define DIALOG_PLAY_H

#include <stddef.h>
#include "dialog/dialog.h"

struct play;

struct play_options {
	const char *language;					  /* "" or NULL = the dialog's first */
	int applications;						  /* 0 = 1 */
	void (*out)(void *arg, const char *line); /* NULL = check */
	/* A branch of the .dlg was taken; left: the step was left by it. May be NULL. */
	void (*taken)(void *arg, int line, bool left);
	void *arg;
};

/* d must outlive the play. NULL without memory. */
struct play *play_new(const struct dialog *d, const struct play_options *options);
void play_free(struct play *p);

/*
 * One line, without its newline. Blank lines and lines that begin with # do nothing. Returns 0, or -1 with *why (lives
 * until the next call) when the line is not understood or what it expects is not so.
 */
int play_line(struct play *p, const char *line, const char **why);
/* After the last line: 0 when every text was expected, else -1 with *why. */
int play_finish(struct play *p, const char **why);

const struct dialog_conversation *play_conversation(const struct play *p);

#endif
