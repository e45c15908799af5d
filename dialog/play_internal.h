/* What the two files of the player share. */
#ifndef DIALOG_PLAY_INTERNAL_H
#define DIALOG_PLAY_INTERNAL_H

#include "dialog/play.h"
#include "dialog/screen.h"

#define PLAY_QUEUE_MAX 64 /* texts that wait to be expected: more than a wait of a year can bring */

/* What the made-up values depend on. */
struct play_values {
	const struct dialog *d;
	const struct dialog_conversation *c;
	const char *old_certificate, *delivery, *status; /* names of texts in the common wording; NULL = none yet */
	int application;								 /* that the text is about; 0 = all */
	char room[DIALOG_TEXT_MAX + 1], number[16];
	bool screen;		   /* the text is for a USSD screen */
	bool identity, texted; /* there: the number may be typed, the link has gone out as a text */
	bool busy;			   /* a value is being made of a text: that text gets no such values itself */
};

void play_values_note(struct play_values *v, const struct dialog_event *event, const struct dialog_result *result);
const char *play_value(void *arg, const char *placeholder, int index); /* arg: struct play_values */

#endif
