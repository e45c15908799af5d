/*
 * A call to somebody on the list to phone: the words to read out, the code by which the holder can tell that the call
 * is genuine, and what can come of it. The command and the console work by it. Pure.
 */
#ifndef GATEWAY_PHONING_H
#define GATEWAY_PHONING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dialog/dialog.h"
#include "dialog/token.h"

struct conf_bureau;
struct keys;
struct pg_params;

#define PHONING_CODE_HOURS 24 /* that a call's code is good for */

/* What came of a call. One without an event changes the entry alone, and can be taken back. */
struct phoning_outcome {
	const char *word;	 /* worklist.result, and a word of the pages: called.WORD */
	const char *event;	 /* that the talk hears; "" = none */
	const char *meaning; /* for people */
	bool done;			 /* the entry is closed */
	int workdays;		 /* else it comes up again so many working days later; 0 = on a day that is named */
};
/* Every one, in the order in which a clerk is offered them. */
const struct phoning_outcome *phoning_outcomes(size_t *n);
const struct phoning_outcome *phoning_outcome(const char *word); /* NULL: there is no such one */
/* What is kept of it at this try (from 1): whom nobody has reached three times is visited. */
const struct phoning_outcome *phoning_kept(const struct phoning_outcome *o, int64_t tries);
/* The so-many-th working day after today, where the bureau is. */
void phoning_day(const struct conf_bureau *b, int64_t now, int workdays, char out[11]);

/* A new code. 0, or -1. */
int phoning_draw(char code[TOKEN_CODE_LEN + 1]);
/*
 * The code of the call that a clerk (staff:NAME) makes in a claim of an entry: the same each time the page is looked
 * at, and nobody else can find it out. 0, or -1.
 */
int phoning_code(const struct keys *keys, int bureau_id, int64_t entry, int64_t claimed_us, const char *actor,
	char code[TOKEN_CODE_LEN + 1]);

/*
 * The script in the holder's language: the text phone_script of the entry's dialog, names masked, for whoever picks up
 * may be somebody else. entry: a row of STMT_PHONE_ENTRY. staff: the clerk's name. Octets, or -1 when the dialog has no
 * such text.
 */
int phoning_script(const struct dialog *d, const struct conf_bureau *b, const json_t *entry, const char *staff,
	const char *code, char *out, size_t room);

/*
 * The parameters of STMT_PHONE_RESULT behind the bureau. words: of the holder, "" = none; day: of the next call, NULL
 * where there is none.
 */
void phoning_params(struct pg_params *p, int64_t entry, const struct phoning_outcome *kept, const char *words,
	const char *actor, const char *day);

#endif
