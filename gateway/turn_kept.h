/*
 * Talks as this daemon's last turns have left them, for the next text of the same citizen, who often answers within the
 * minute: what was read for one turn need not be read again for the next. The save says which state it builds on, and
 * the database refuses it when somebody else has changed the talk meanwhile (store/turn.h); nothing here has to be
 * true.
 */
#ifndef GATEWAY_TURN_KEPT_H
#define GATEWAY_TURN_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/turn.h"

/* What stands in the register is at most so old when a text quotes it. */
#define TURN_KEPT_SECONDS 120
/* Of a phone with more stored texts nothing is kept. */
#define TURN_KEPT_TEXTS 32

/* A text of the phone that is stored. */
struct turn_kept_text {
	uint8_t hash[STORE_HASH];
	int64_t inbound_id; /* 0: it was stored before this daemon knew of the talk */
	int64_t received_us, sequence;
	char session[48];
};

/* One open talk. Owns all that it points to, in one piece of memory. */
struct turn_kept {
	struct turn_kept *hash_next, *older, *newer;
	int bureau_id;
	int64_t read_us;			   /* unix microseconds: when it was read from the database */
	struct store_conversation row; /* kept_xid: the transaction that saved it; kept_applications: NULL */
	struct store_application *applications;
	size_t napplications;
	struct turn_kept_text *texts; /* all of them */
	size_t ntexts;
};

/*
 * A copy of all of it as the transaction xid has saved it; `text` is one more, which came last. NULL: there are too
 * many texts or no memory, and nothing is kept.
 */
struct turn_kept *turn_kept_new(int bureau_id, int64_t read_us, uint32_t xid, const struct store_conversation *row,
	const struct store_application *applications, size_t napplications, const struct turn_kept_text *texts,
	size_t ntexts, const struct turn_kept_text *text);
void turn_kept_free(struct turn_kept *k); /* NULL: nothing */

struct turn_keep;
struct turn_keep *turn_keep_new(
	size_t max);							/* talks; the one that nobody used for longest gives way. NULL: no memory */
void turn_keep_free(struct turn_keep *all); /* NULL: nothing */
/* Takes it out, the caller's from now on; NULL: not kept, or read too long ago. */
struct turn_kept *turn_keep_take(struct turn_keep *all, int bureau_id, const char *phone, int64_t now_us);
void turn_keep_put(struct turn_keep *all, struct turn_kept *k); /* takes k, in place of an older one of its phone */
void turn_keep_clear(struct turn_keep *all);
void turn_keep_sweep(struct turn_keep *all, int64_t now_us); /* those that turn_keep_take would not give any more */
size_t turn_keep_count(const struct turn_keep *all);

#endif
