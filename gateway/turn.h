/*
 * The path of every turn: what came from outside (a text, an event, a deadline), in a batch, through the dialog, into
 * one commit, and only then answered.
 */
#ifndef GATEWAY_TURN_H
#define GATEWAY_TURN_H

#include <stdbool.h>
#include <stdint.h>
#include "dialog/dialog.h"

struct gateway; /* gateway/gateway.h: what the daemon holds */
struct pg;
struct link;
struct link_deliver;

/* A text from a carrier. Copied. The carrier is answered after the commit (or with 0x64). */
void turn_deliver(struct gateway *g, struct link *l, const struct link_deliver *d);

/* A clerk answers or picks for an entry of a worklist, in the talk that it is about (gateway/clerk.h). */
struct turn_desk {
	int64_t entry;		 /* 0 = this is no clerk's doing */
	const char *step;	 /* where the talk stood when it was decided: what it means elsewhere nobody knows */
	const char *note;	 /* what is kept with the entry */
	bool closes;		 /* the entry is done with it, and so are those to phone and to read of the same talk */
	int64_t session;	 /* of the console; 0 = none */
	const char *address; /* from where, for the log of the staff */
};

/* An event raised inside the daemon: a page, a deadline, an outside_event row. */
struct turn_event {
	int bureau_id;
	int64_t conversation_id;
	const char *phone; /* E.164, the conversation's */
	enum dialog_event_kind
		kind; /* DIALOG_START, DIALOG_TIMER, DIALOG_OUTSIDE; DIALOG_TEXT: a clerk answers for the citizen */
	enum dialog_channel channel;
	const char *name;	 /* DIALOG_OUTSIDE */
	const char *text;	 /* DIALOG_TEXT: the words that are stepped, UTF-8 */
	const char *by_hand; /* not NULL: nothing is stepped, and this goes to the citizen as it is, behind the signature */
	int64_t application_id; /* 0 = all selected */
	const char *actor;		/* citizen, clock, staff:NAME, ... for the trail */
	const struct dialog_slot *slots;
	size_t nslots;
	int64_t outside_event_id; /* the row to delete in the same commit; 0 = none */
	int64_t grant_id;		  /* the grant to mark used in the same commit; 0 = none */
	struct turn_desk desk;	  /* in the same commit its entry learns what became of it */
};

enum turn_outcome {
	TURN_DONE, /* committed; the conversation moved or the event changed nothing because it was out of place */
	TURN_NO_CONVERSATION, /* the conversation is over or is not this phone's */
	TURN_MOVED,			  /* it stands at another step than the clerk has seen; nothing was done */
	TURN_FAILED,		  /* nothing was stored; may be tried again */
};
/* step: where the conversation stands after the commit ("" without one). Called once, from the loop. */
typedef void (*turn_done_fn)(void *arg, enum turn_outcome outcome, const char *step);
void turn_raise(struct gateway *g, const struct turn_event *e, turn_done_fn done, void *arg);

/* May this USSD session still be spoken in? False only when the network is known to have ended it. */
bool turn_ussd_live(const struct gateway *g, const char *link, const char *phone, const char *session);
/* USSD screens have lost their lease unsent: in this pass of the loop what they asked becomes a text. */
void turn_ussd_unsaid(struct gateway *g);
/* The clock's: the same, and sessions that fell silent end. */
void turn_ussd_sweep(struct gateway *g);
/* At the start, before the links run: the sessions that an earlier run has heard of. Waits. 0, or -1 with *error set.
 */
int turn_ussd_recall(struct gateway *g, struct pg *pg, const char **error);

/* Turns under way or waiting; a drain waits for 0. */
int turn_pending(const struct gateway *g);
bool turn_waits(const struct gateway *g); /* somebody waits for the answer to a text that is in no batch yet */

/* The daemon has its number, or turns do not wait for it any more: those that waited begin. */
void turn_go_on(struct gateway *g);
/* A connection to the database is lost; another server may answer next: nothing that was read before is built upon. */
void turn_store_lost(struct gateway *g);
/* Talks that were kept in memory and are too old for it leave it. Called now and then. */
void turn_kept_sweep(struct gateway *g);

/*
 * Texts whose commit was never answered are marked in the store: called when the connection of turns is there (again).
 * Until they are, nothing is sent that could be taken for an answer to them.
 */
void turn_unsure_tell(struct gateway *g);
bool turn_unsure_told(const struct gateway *g);

/*
 * Long texts that miss a part for incomplete_minutes go to the worklist with what there is of them. Called now and
 * then; works on pg_side.
 */
void turn_incomplete(struct gateway *g);

#endif
