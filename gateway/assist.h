/*
 * What a clerk enters on the phone for a holder, as the events of the talk: the same steps as by text or on the page,
 * the holder's words as evidence, and at the end the text that says what was entered. The command and the console work
 * by it. Pure.
 */
#ifndef GATEWAY_ASSIST_H
#define GATEWAY_ASSIST_H

#include <stdbool.h>

struct keys;
struct pg_params;

#define ASSIST_DAYS 30 /* that a talk waits which was opened and then not begun */

struct assist {
	const char *words;			/* of consent, as the holder said them; NULL: consent was given before */
	const char *number;			/* last six characters of the identity or credit number */
	const char *old, *delivery; /* on_site, courier; pick_up, courier */
	const char *address;		/* NULL: the one on file */
	const char *pledge;			/* the words of the pledge; NULL: none was asked for */
	bool wrong;					/* the data are not right: a clerk sees to it, and nothing is chosen */
	const char *staff;			/* the command's --staff */
};

/*
 * Is it the holder? sealed: the number on file, as the database writes octets; NULL: none. The last six characters are told
 * to the clerk; nothing of it is kept.
 */
bool assist_is_holder(const struct keys *keys, const char *sealed, const char *typed);
/* Adds $4 and $5 of STMT_ASSIST_EVENTS: names and slots, in the order in which the talk asks. */
void assist_events(struct pg_params *p, const struct assist *a);

#endif
