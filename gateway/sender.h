/*
 * The batch sender: outbox row -> attempt -> submit_sm; response and receipt -> mark. Attempts are stored before they
 * are written; responses and receipts are marked in batches; a receipt's carrier is answered after the mark is
 * committed.
 */
#ifndef GATEWAY_SENDER_H
#define GATEWAY_SENDER_H

#include <stdbool.h>
#include <stdint.h>

struct gateway;
struct link;
struct link_deliver;
struct link_operated;
struct ussd_out;
struct link_submitted;
struct conf_bureau;

struct sender *sender_new(struct gateway *g); /* NULL without memory */
void sender_free(struct sender *s);
/* Rows may wait in the outbox, or a link has room: look in this pass of the loop. */
void sender_wake(struct gateway *g);
/* The link has room (again), or went down. */
void sender_room(struct gateway *g, struct link *l);
void sender_link_down(struct gateway *g, struct link *l);
/*
 * Frees the leases of this (dead) daemon's name, or with "" those that have run out; their attempts are uncertain. done
 * (may be NULL) hears when that is stored, or that it could not be.
 */
void sender_takeover(struct gateway *g, const char *daemon, void (*done)(void *arg, bool good), void *arg);
/*
 * May this daemon take over what others seem to have left? If it lost the database itself, others lost it with it: a
 * daemon takes up to PG_BACK_SECONDS until its number is locked again, and its texts are under way meanwhile.
 */
bool sender_may_take_over(const struct gateway *g);
/* The daemon's number is held (again), perhaps another one: what it holds goes under it at once, and it may send. */
void sender_named(struct gateway *g);

/* A text whose first attempt is stored in the same commit as the turn that made it. */
struct sender_text {
	const struct conf_bureau *bureau;
	int64_t message_id, at_us, conversation_id, reply_to; /* 0 = none */
	const char *phone, *kind, *text;
	int64_t direct;	   /* its row of outbox_direct (store/turn.h); 0: it has its own in the outbox */
	int attempt;	   /* 1..: the number of the stored attempt */
	bool first;		   /* nothing was ever marked of an attempt with this number */
	int rebinds, lost; /* of those before it: swallowed by a broken session; nobody knows whether they arrived */
	uint32_t there;	   /* bit n: the carrier has part n + 1 from one of them, */
	uint8_t reference; /* with this reference */
	int64_t attempted_us;
	int parts;
	struct link *link;
	const struct ussd_out *ussd; /* it is a screen of a USSD session; NULL = a text */
	int64_t by_us;				 /* a screen: not written after this time (unix microseconds); 0 = at any time */
};
/*
 * The name of the link that a text for this phone should wait for in the outbox: `prefer` (a link's name or "") while
 * it is up, else one of the bureau's by weight, always the same for a phone while that one is up. Up: bound by this or
 * another daemon, or down for less than its failover_seconds. Never NULL.
 */
const char *sender_route(struct gateway *g, const struct conf_bureau *b, const char *phone, const char *prefer);
/*
 * A link of this bureau on which a reply or notice of so many parts goes ahead of all bulk, chosen in the same way
 * among those that this daemon has bound. Its place is kept until sender_adopt or sender_unreserve. NULL: it must wait
 * in the outbox.
 */
struct link *sender_reserve(
	struct gateway *g, const struct conf_bureau *b, const char *phone, const char *prefer, int parts);
void sender_unreserve(struct gateway *g, struct link *l, int parts);
/* After the commit: write it. Copies. */
void sender_adopt(struct gateway *g, const struct sender_text *t);

/*
 * Receipts that are overdue: their carriers are asked where they answer; what is not expected any more is given up.
 * Called now and then.
 */
void sender_overdue(struct gateway *g);
/* Asks the carriers to take back what they still hold of this bureau's stopped campaigns. */
void sender_cancel_held(struct gateway *g, const struct conf_bureau *b);

/* From the link's owner. */
void sender_operated(struct gateway *g, struct link *l, const struct link_operated *o);
void sender_submitted(struct gateway *g, struct link *l, const struct link_submitted *s);
void sender_receipt(struct gateway *g, struct link *l, const struct link_deliver *d);
/* Receipts that were put aside, by this or another daemon, find their parts; called now and then. */
void sender_early_receipts(struct gateway *g);

/*
 * Has the carrier just taken the answer to this inbound on this bind ("" = on any), though the database may not have
 * the mark yet, or not have had it when it was asked? Only an answer that was written since since_us counts (unix
 * microseconds), and that was taken before a carrier gives up waiting for our response to the text, which came at
 * came_us, and sends it again.
 */
bool sender_settling(
	const struct gateway *g, int64_t inbound_id, const char *session, int64_t since_us, int64_t came_us);

/* Texts on the way plus marks not yet committed; a drain waits for 0. */
int sender_pending(const struct gateway *g);

#endif
