/*
 * USSD at the carrier: a phone dials a code, or an ESME pushes; menus go and answers come until one side ends it or the
 * network does. The ways in which carriers carry it over SMPP are rows of ussd_way.c, written apart from the gateway's
 * profiles, or both could be wrong together.
 */
#ifndef SMSC_USSD_H
#define SMSC_USSD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "tests/smsc/number.h"
#include "tests/smsc/pdu.h"

struct carrier;
struct delivery;
struct phone;
struct queue;
struct session;

enum {
	USSD_SCREEN_ROOM = 3 * 182 + 1,
	USSD_SESSIONS_MAX = 100000, /* live ones */
	USSD_ID_ROOM = 24,
};

/* ---- ussd_way.c: pure ------------------------------------------------------------------------------------------- */

/* What an ESME's PDU does. */
enum ussd_move {
	USSD_WRONG, /* no move of this way */
	USSD_SHOW_MENU,
	USSD_SHOW_LAST, /* a menu whose answer ends the session */
	USSD_SHOW_END,
	USSD_SHOW_NOTE, /* without a session: a notification */
	USSD_OPEN_MENU, /* without a session: a menu */
	USSD_LET_GO,	/* ends it without a text */
};
/* How the network tells an ESME that a session is over. */
enum ussd_over {
	USSD_HUNG_UP,
	USSD_FAILED,
	USSD_REJECTED,
	USSD_OVERS
};
/* Which parameter names a session. */
enum ussd_name {
	USSD_BY_INFO,	   /* its_session_info, octet 1; octet 2 counts */
	USSD_BY_INFO_15,   /* its_session_info without bit 0 */
	USSD_BY_REFERENCE, /* user_message_reference */
	USSD_BY_ID,		   /* receipted_message_id */
	USSD_BY_NOTHING
};

struct ussd_way {
	const char *name;
	enum ussd_name by;
	bool data_sm;		  /* both ways, with message_payload; otherwise data_sm is refused */
	bool code_in_address; /* the dialled code is destination_addr, and short_message is empty */
	bool end_needs_bit;	  /* an end bears bit 0 of its_session_info, a menu does not */
	uint8_t menu, end;	  /* operations of the ESME */
	uint8_t end_pushed;	  /* what ends a session that the ESME opened; a second word for end elsewhere */
	uint8_t note;		  /* a notification; 0 = none */
	uint8_t last, let_go; /* 0 = none */
	int over[USSD_OVERS]; /* operations of the network; -1 = operation 18 with bit 0 and no text; -2 = nothing told */
};
extern const struct ussd_way ussd_ways[]; /* in the order of the words of the switch ussd-profile */

/* What a PDU does in a session (open), or without one. */
enum ussd_move ussd_judge(const struct ussd_way *w, const struct pdu_sm *sm, bool open, bool pushed);
/* Does it bear the session's name? */
bool ussd_names(const struct ussd_way *w, const struct pdu_sm *sm, uint16_t number, const char *id);
/* Does it bear any? */
bool ussd_bears_name(const struct ussd_way *w, const struct pdu_sm *sm);

/* ---- ussd.c ------------------------------------------------------------------------------------------------------ */

enum ussd_state {
	USSD_ASKED, /* the phone waits for the ESME */
	USSD_MENU,	/* a menu is shown */
	USSD_NOTE,	/* a notification is shown, to be confirmed */
	USSD_OVER
};

struct ussd {
	TAILQ_ENTRY(ussd) next; /* among the live ones */
	struct phone *phone;
	struct queue *queue;
	const struct ussd_way *way;
	enum ussd_state state;
	bool pushed, last, put_away; /* put_away: the citizen has closed the last screen */
	uint16_t number;			 /* its_session_info or user_message_reference */
	uint8_t sequence;			 /* of its_session_info */
	char id[USSD_ID_ROOM];		 /* receipted_message_id */
	char code[NUMBER_ROOM];		 /* what was dialled, or the ESME's address */
	char service[NUMBER_ROOM];
	char screen[USSD_SCREEN_ROOM];
	char reason[64];	 /* USSD_OVER: in words */
	uint64_t version;	 /* goes up with every change; over all sessions */
	uint64_t serial;	 /* of the session */
	int64_t deadline_us; /* monotonic */
	unsigned screens;	 /* shown so far */
};
TAILQ_HEAD(ussd_list, ussd);

const char *ussd_state_name(enum ussd_state s); /* "asked", "menu", "note", "over" */

bool ussd_is_code(const char *code); /* "*123#" */
/* A phone dials. to: the destination_addr, "" = as the way has it. NULL with why not. */
struct ussd *ussd_dial(struct carrier *c, struct phone *ph, const char *code, const char *to, const char **why);
/* The phone answers a menu, or confirms a notification. 0, or -1 with why not. */
int ussd_answer(struct carrier *c, struct phone *ph, const char *text, const char **why);
/* The phone hangs up, or puts away the last screen of a session that is over; or the network ends it in this way. */
int ussd_end(struct carrier *c, struct phone *ph, enum ussd_over how, const char **why);
/* A submit_sm or data_sm of an ESME that is USSD. Returns the status, and a message id to answer with. */
uint32_t ussd_submit(struct session *s, uint32_t command, const struct pdu_sm *sm, const char *phone,
	char id[USSD_ID_ROOM], const char **note);
bool ussd_is(const struct pdu_sm *sm);
/* The ESME answered a move of a session with an error. */
void ussd_refused(struct carrier *c, const struct delivery *d, uint32_t status);
/* Is this move still wanted? A dial or an answer of a session that is over is not. */
bool ussd_wanted(const struct delivery *d);
void ussd_tick(struct carrier *c, int64_t now_us); /* what the network's patience ends */

#endif
