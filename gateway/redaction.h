/*
 * Takes personal data out of what is over, by an order with a reason: for retention and for people who ask. Rows stay
 * where figures and the chain of the trail need them. An event whose data go keeps its place in its seal: the salt of
 * its data is deleted, and a signed note says which order took them out (gateway/seal.h).
 *
 * Blocking, on a lent connection, in small transactions: nothing that is under way waits for it, and it may be broken
 * off and run again.
 */
#ifndef GATEWAY_REDACTION_H
#define GATEWAY_REDACTION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

struct pg_params;

struct redaction {
	PGconn *conn;
	const uint8_t *secret; /* the key that signs, 64 octets */
	int bureau_id;
	int64_t order_id; /* 0 until there is something to do */
	const char *kind; /* retention, erasure */
	const char *reason, *actor;
	const char *error; /* of the call that failed */
	/* how many rows, of all orders together; and how many when this order was made */
	int64_t conversations, applications, holders, texts, events;
	int64_t before[5];
};

/* What it is about: arrays as the database writes them, {1,2,3}. */
struct redaction_set {
	const char *conversations, *phones, *applications;
};

/* Makes the order when there is none yet. 0, or -1. */
int redaction_order(struct redaction *r);
/*
 * Takes out the data of the events of these talks and applications, and of those of no talk that name one of these
 * phones, or any phone for more than old_days (0: these phones alone). Makes the order when there is none yet and
 * something is found. 0, or -1.
 */
int redaction_trail(struct redaction *r, const struct redaction_set *set, int old_days);
/* Takes out what else is kept of them. One transaction: give it a hundred or so at a time. 0, or -1. */
int redaction_talks(struct redaction *r, const struct redaction_set *set);
/* Notes in the order what was taken out since it was made. 0, or -1. */
int redaction_done(struct redaction *r);

#endif
