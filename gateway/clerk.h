/*
 * What a clerk may do in the talk that an entry of a worklist is about: answer by hand, or pick what the citizen means.
 * One rule for the console, which raises the turn itself, and for the command, which leaves it to the daemon
 * (outside_event.desk). An entry is a row of STMT_WORKLIST_SHOW, asked for by the clerk. Pure.
 */
#ifndef GATEWAY_CLERK_H
#define GATEWAY_CLERK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dialog/dialog.h"
#include "dialog/text.h"
#include "gateway/roles.h"
#include "gateway/turn.h"
#include "store/application.h"

struct conf_bureau;
struct templates;

#define CLERK_CLAIM_SECONDS 1800 /* an entry is one clerk's so long after the last thing that was done with it */
#define CLERK_UNDO_SECONDS 600	 /* within which a mark is taken back */
#define CLERK_PARTS 4			 /* of a text that a clerk writes */

enum clerk_fault {
	CLERK_GOOD,
	CLERK_CLOSED,	/* the entry is done */
	CLERK_HELD,		/* somebody else has it */
	CLERK_NOT_MINE, /* nobody has it */
	CLERK_WAITS,	/* what was said before waits for the daemon */
	CLERK_OVER,		/* there is no open talk */
	CLERK_NO_TEXTS, /* no text reaches it */
	CLERK_MOVED,	/* the talk stands elsewhere than where the clerk saw it, or that cannot be picked there any more */
	CLERK_EMPTY,
	CLERK_LONG,
	CLERK_FAULTS,
};
/* "closed", ...: the pages say entry.WORD. */
const char *clerk_fault_word(enum clerk_fault f);

struct clerk_act {
	char text[2 * DIALOG_TEXT_MAX]; /* written by hand, without spaces around it; "" = picked */
	struct text_measure measure;	/* of it, behind the signature */
	struct dialog_choice choice;	/* picked; lives as long as the templates */
	const char *step;				/* these live as long as the entry's row */
	const char *phone;
	int64_t entry, conversation;
	bool closes;
	char note[160];
};

/* The branches that can be picked where the talk stands; at most DIALOG_CHOICES_ROOM. Returns how many. */
size_t clerk_choices(const struct templates *t, int bureau_id, const json_t *entry, struct dialog_choice *list);

/*
 * May this be said, or picked? Fills *act when it may, and its measure also when the text is too long. step: where the
 * clerk saw the talk, NULL = where the row has it. free_too: an entry that nobody has may be taken with the act.
 */
enum clerk_fault clerk_answer(const struct conf_bureau *b, const json_t *entry, const char *step, bool free_too,
	const char *typed, bool closes, struct clerk_act *act);
/* what: of a choice; at: which of the choices, -1 = the only one that is called so. */
enum clerk_fault clerk_pick(const struct templates *t, int bureau_id, const json_t *entry, const char *step,
	bool free_too, const char *what, long at, struct clerk_act *act);

/* Characters of a text with Chinese in it, in so many parts, behind the bureau's signature. */
int clerk_room(const struct conf_bureau *b);

/* The turn that does it; its strings are the act's and the others given. */
struct turn_event clerk_event(
	const struct clerk_act *act, int bureau_id, const char *actor, int64_t session, const char *address);
/* The same for outside_event.desk, and back into an event that has the row's other columns already; strings are desk's.
 */
json_t *clerk_event_write(const struct turn_event *e);
void clerk_event_read(const json_t *desk, struct turn_event *e);

/* ---- Entries, several at once (clerk_lists.c) ---- */

/* The names of the lists, in order; NULL after the last. */
const char *const *clerk_lists(void);
bool clerk_is_list(const char *name);
/* Are its entries done by a mark? Those of the others go when the thing itself is done. */
bool clerk_by_hand(const char *list);
struct pg_params;
/* The names of those lists, as an array. */
void clerk_by_hand_lists(struct pg_params *p);

/* What can be done with the applications of several entries of a list at once. */
struct clerk_together {
	const char *word, *list;
	enum role role;
	enum application_act_kind kind;
	const char *event; /* of the log of the staff */
};
const struct clerk_together *clerk_togethers(size_t *n);

/* Into ascending order, each once. Returns how many are left. */
size_t clerk_ids_sort(int64_t *ids, size_t n);
/*
 * Which of these entries (sorted, as the rows are) were left as they were, and why: [{"id", "why", "by"}]. rows: the
 * answer of STMT_WORKLIST_CLAIM, _RELEASE or _DONE; absent: what it means that an entry has no row there. why: "held"
 * (by whom, as "staff:li"), "closed" (by whom), "owed" (the outcome of a check closes it), "itself" (it goes when the
 * thing itself is done), or absent. actor: who asked.
 */
json_t *clerk_left(const json_t *rows, const int64_t *ids, size_t n, const char *absent, const char *actor);

#endif
