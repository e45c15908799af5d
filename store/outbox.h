/* The outbox's rows: what is claimed, attempted and marked. Strings live in the arena given, or with the caller. */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>

struct arena;
struct pg_batch;

struct store_claimed {
	int64_t message_id, at_us, conversation_id, reply_to;
	const char *phone, *kind, *text;
	int attempts;		  /* this one included */
	int rebinds, lost;	  /* of the earlier ones: swallowed by a broken session; nobody knows whether they arrived */
	uint32_t parts_there; /* bit n: the carrier has part n + 1 already, */
	uint8_t reference;	  /* with this reference; 0 = it is not known */
	int64_t claimed_us;
	int parts; /* as the message has them; 0 = unknown */
	int priority;
	bool first; /* nothing was ever marked of an attempt with this number */
};

/*
 * Takes a lease on at most `limit` rows of this bureau and link: the stored attempt, and their messages are on their
 * way. Two results: the rows, and when the rate of a campaign with texts for this link lets more go.
 */
void store_outbox_claim(
	struct pg_batch *b, int bureau_id, const char *link, int limit, const char *daemon, int lease_seconds, bool bulk);
/* Keeps leases that have not run out. */
void store_outbox_renew(
	struct pg_batch *b, int bureau_id, const char *daemon, int lease_seconds, const int64_t *ids, size_t n);
/* The same for rows of outbox_direct. */
void store_direct_renew(
	struct pg_batch *b, int bureau_id, const char *daemon, int lease_seconds, const int64_t *ids, size_t n);
/* In the order in which they should go. */
struct store_claimed *store_outbox_claimed(struct arena *a, const PGresult *res, size_t *n);
/* Milliseconds from now, at least 1; -1: no campaign waits for its rate. */
int64_t store_outbox_next_ms(const PGresult *res);

/* The link of a claimed text sends it in another number of parts than its message says. Adds nothing when n is 0. */
struct store_message_parts {
	int64_t message_id, at_us;
	int parts;
};
void store_message_parts(struct pg_batch *b, int bureau_id, const struct store_message_parts *rows, size_t n);

/* What became of one part of an attempt that began at attempted_us: its row. */
struct store_mark {
	int64_t message_id, at_us, attempted_us;
	int part, attempt;
	const char *link, *phone;
	const char *state, *session, *carrier_id, *carrier_key, *error;
	uint32_t status;
	bool first; /* nobody has told of this part and attempt; the statement fails (23505) when somebody has */
};
void store_marks(struct pg_batch *b, int bureau_id, const struct store_mark *rows, size_t n);

struct store_message_mark {
	int64_t message_id, at_us;
	const char *state, *error;
	const char *reason; /* in words, for a clerk */
};
/* Texts that are given up: the dialog hears of a reminder, a clerk of any other. */
void store_message_marks(struct pg_batch *b, int bureau_id, const struct store_message_mark *rows, size_t n);

struct store_release {
	int64_t message_id;
	int delay_seconds;
	bool charged;	   /* the attempt keeps its number */
	bool rebind, lost; /* what it was */
	int reference;	   /* of its parts */
	int64_t direct;	   /* its row of outbox_direct; 0 = it is in the outbox */
	int64_t at_us;	   /* when its message was made */
};
/* Locks the rows of outbox_direct that it names. */
void store_outbox_release(struct pg_batch *b, int bureau_id, const struct store_release *rows, size_t n);

/* Rows of outbox_direct that no text needs any more. */
void store_direct_done(struct pg_batch *b, int bureau_id, const int64_t *ids, size_t n);

/* What a daemon (its name; "": whose leases have run out) left behind; two results, the second one the rows, which stay
   locked. */
void store_outbox_takeover(struct pg_batch *b, int bureau_id, const char *daemon);
struct store_left {
	int64_t message_id, at_us;
	const char *kind, *link, *phone;
	int attempts, rebinds, lost; /* attempts: the one that was under way included */
};
struct store_left *store_outbox_left(struct arena *a, const PGresult *res, size_t *n);

#endif
