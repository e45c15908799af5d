/*
 * What an application's status is and which moves it may make: one table, asked by everyone. And what the bureau does
 * with an application: decide, send, make ready, take the old certificate, hand over the new one, prove an identity.
 *
 * Each act is one transaction: the application changes, the trail says so, the talk hears of it (outside_event, the
 * daemon is notified), and the worklists move on. A refusal changes nothing and comes back in words.
 */
#ifndef STORE_APPLICATION_H
#define STORE_APPLICATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pg;

/* May an application go from one status to another? False for a word that is no status, and from a status to itself. */
bool application_status_may(const char *from, const char *to);
/* Has it come to its end: does nothing move it any more? */
bool application_status_ended(const char *status);
/* Every status, in order; NULL after the last. */
const char *const *application_statuses(void);

enum application_act_kind {
	APPLICATION_APPROVE,
	APPLICATION_REJECT,		  /* reason */
	APPLICATION_SEND,		  /* by courier; tracking_no */
	APPLICATION_READY,		  /* at the counter; pickup_code, made by the caller */
	APPLICATION_COLLECT,	  /* in the citizen's hands: pickup_code as told by him; none asked when it was sent */
	APPLICATION_OLD_RECEIVED, /* the bureau has the old certificate */
	APPLICATION_VERIFY,		  /* a clerk saw the identity document */
	APPLICATION_PASSED,		  /* issued on a pledge, and the pledge was kept */
	APPLICATION_FAILED_CHECK, /* it was not: reason; the holder's record is marked */
};

struct application_act {
	enum application_act_kind kind;
	int bureau_id;
	int64_t id;
	const char *actor;								/* staff:NAME, api:NAME, system */
	const char *reason, *tracking_no, *pickup_code; /* NULL where the act has none */
	const char *evidence; /* of a proof of identity that another system made: a JSON object for the trail; NULL: none */
};

/*
 * Why an act was refused, for whoever has words of its own: code is one of application_refusals(), the rest what it
 * speaks of, "" where it speaks of nothing.
 */
struct application_refusal {
	const char *code;
	char by[80], at[80]; /* who did it before, "staff:li", and when, by the bureau's clock */
};

enum application_outcome {
	APPLICATION_DONE,
	APPLICATION_REFUSED, /* text says why, and what to do */
	APPLICATION_UNKNOWN, /* this bureau has no such application */
	APPLICATION_FAILED,	 /* the database; text has its words; may be tried again */
};

struct application_answer {
	enum application_outcome outcome;
	int64_t id;
	char before[24], status[24]; /* "" when unknown */
	bool told;					 /* the citizen will hear of it: there is an open talk */
	bool finished;				 /* it was the last of its talk */
	struct application_refusal refusal;
	char text[700]; /* one line in English for a person; "" when done */
};

/* The code of every refusal that there is; NULL after the last. */
const char *const *application_refusals(void);

typedef void (*application_done_fn)(void *arg, const struct application_answer *answer);
/* Strings of the act are copied. fn is called once, from the loop. -1 when the connection is not ready; then it is not
 * called. */
int application_act(struct pg *pg, const struct application_act *act, application_done_fn fn, void *arg);
/* The same, waiting. */
struct application_answer application_act_wait(struct pg *pg, const struct application_act *act);

#endif
