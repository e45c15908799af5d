/*
 * USSD over SMPP as the conversation sees it: what a citizen did, and what is to be said (ussd_service_op, SMPP 3.4,
 * 5.3.2.44). Pure.
 */
#ifndef GATEWAY_SMPP_USSD_H
#define GATEWAY_SMPP_USSD_H

#include <stdbool.h>

#define USSD_SESSION_MAX 63 /* octets of a session's key */
#define USSD_STATE_MAX 63	/* octets of its state */

enum ussd_event {
	USSD_NONE,
	USSD_DIAL,	   /* the citizen dialled a code: a session begins */
	USSD_INPUT,	   /* the citizen answered our menu */
	USSD_NOTICED,  /* our notification was confirmed */
	USSD_RELEASED, /* the session is over: hung up, ended by the network, failed; `reason` says it in words */
};

enum ussd_say {
	USSD_MENU,		/* text, and wait for an answer: the session goes on */
	USSD_END,		/* the last text of a session, whoever opened it */
	USSD_PUSH_MENU, /* begin a session by ourselves, wait for an answer */
	USSD_PUSH_NOTE, /* begin one by ourselves; nothing is awaited but the confirmation */
	USSD_RELEASE,	/* end it without a text, where the profile can */
};

struct ussd_in {
	enum ussd_event event;
	const char *session; /* names the session on this link while it lives; never "" */
	const char *state;	 /* opaque: goes back with the next thing said in this session */
	const char *code;	 /* what was dialled ("*123#") with USSD_DIAL, else "" */
	bool ended;			 /* the network has ended the session: nothing can be said in it any more */
	const char *reason;	 /* why, in words; "" when not ended */
};

struct ussd_out {
	enum ussd_say say;
	const char *session, *state; /* "" with a push */
	const char *code;			 /* what a push comes from, "" = the link's own */
};

#endif
