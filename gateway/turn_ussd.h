/* USSD in the turn: what turn*.c call of turn_ussd*.c. The whole path is told in turn_ussd.c. */
#ifndef GATEWAY_TURN_USSD_H
#define GATEWAY_TURN_USSD_H

#include "gateway/identity.h"
#include "gateway/smpp/ussd.h"
#include "gateway/turn_internal.h"
#include "store/ussd.h"

#define TURN_EVENT_UNSAID "unsaid" /* outside_event: a screen was never seen */
#define TURN_EVENT_ASK "ask_ussd"  /* outside_event: push the question to the phone */
#define TURN_MASKED "******"	   /* what is stored of a typed identity number */

/* A turn's part of a session; owned by the turn. */
struct turn_ussd {
	enum ussd_event event;
	bool ended; /* the network has ended the session: nothing can be said in it */
	char session[USSD_SESSION_MAX + 1], state[USSD_STATE_MAX + 1], code[USSD_CODE_MAX + 1], reason[80];
	char typed[IDENTITY_TAIL + 1]; /* what may be an identity number, out of the turn's text; "" = nothing */
};

/* What a batch has loaded of its sessions, and what it saves of them. */
struct turn_ussd_rows {
	struct store_ussd *sessions;
	size_t nsessions;
	struct store_tries *tries;
	size_t ntries;
	struct store_ussd_holder *holders;
	size_t nholders;
	struct turn_rows saved;		   /* struct store_ussd */
	struct turn_rows screens, ats; /* int64_t: messages, created at */
	struct turn_rows wrong, right; /* int64_t: conversations */
};

/* The screen of the turn being stepped. */
struct turn_screen {
	bool inside;	 /* it is answered in the session; else by texts */
	const char *why; /* not inside: why, in words */
	bool identity;	 /* the number may be typed */
	bool texted;	 /* a link went out as a text in this turn */
	bool granted;	 /* a grant was made in this turn */
	bool pushed;	 /* the session was opened by us */
	bool by_text;	 /* the dialog is not held by USSD */
	int page;
	const struct store_ussd *row; /* as loaded; NULL = a new session */
	struct link *link;
	int64_t by_us;
	char *said;
	size_t len, room;
	const char *answer; /* what the input stood for; "" = what was typed */
};

/* From turn.c: a PDU of a session. Copied. Answered after the commit. */
void turn_ussd_deliver(struct gateway *g, struct link *l, const struct link_deliver *d);
void turn_ussd_free(struct turn_ussd *u);
void turn_ussd_unsaid_run(int fd, short what, void *gateway); /* of the event behind turn_ussd_unsaid */

/* turn_load.c: the questions of the batch's sessions, and their answers in the same order. Returns how many results. */
int turn_ussd_load(struct turn_batch *b, struct pg_batch *pb);
void turn_ussd_loaded(struct turn_batch *b, int nth, const PGresult *res);
/* turn.c: after the rows of messages and grants. */
void turn_ussd_save(struct turn_batch *b, struct pg_batch *pb);

/* The session's row as it was loaded; NULL when it is new. */
const struct store_ussd *turn_ussd_row(const struct turn_batch *b, const struct turn *t);

/*
 * turn_step.c, with the conversation and its dialog known: what the dial or the input means. True: step with *e; false:
 * nothing is stepped, the screen is shown (again).
 */
bool turn_ussd_begin(struct turn_scene *s, struct dialog_event *e);
/* turn_apply.c: one text of the step. False: it goes out as a text, as outside of a session. */
bool turn_ussd_say(struct turn_scene *s, size_t effect);
/* After the effects: the screen, or what takes its place. */
void turn_ussd_show(struct turn_scene *s);
/* An event of ours (TURN_EVENT_*), which no dialog knows. */
void turn_ussd_event(struct turn_scene *s);
/* A session is over: its row says so. */
void turn_ussd_over(struct turn_batch *b, struct turn *t);

#endif
