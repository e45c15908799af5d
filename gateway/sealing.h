/*
 * Seals what a bureau's trail has new. It runs beside the turns, in a process of its own, and looks only at events that
 * are committed: ids are handed out in one order and committed in another, so it first waits until every transaction
 * that was writing the trail is over.
 */
#ifndef GATEWAY_SEALING_H
#define GATEWAY_SEALING_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Up to which id the trail is settled, waiting at most `seconds` for its writers. 0 with *highest and *settled_us; 1
 * when a writer's transaction stays open (nothing can be sealed now); -1 with *error.
 */
int sealing_settle(PGconn *conn, int seconds, int64_t *highest, int64_t *settled_us, const char **error);

/* Is told how far one bureau's sealing is, in ids of the trail. NULL: nobody is. */
struct sealing_watch {
	void *arg;
	void (*on_progress)(void *arg, int64_t done, int64_t all);
};
struct sealing_done {
	int64_t seals, events;
	bool busy; /* another process is sealing this bureau; nothing was done */
};
/* Seals a bureau's events up to highest, in one transaction. secret: 64 octets. 0, or -1 with *error. */
int sealing_run(PGconn *conn, const uint8_t *secret, int bureau_id, int64_t highest, int64_t settled_us,
	const struct sealing_watch *watch, struct sealing_done *done, const char **error);
/*
 * For what must find everything sealed: settles and seals, and waits for another sealer to end, at most `seconds` in
 * all. 0, or -1 with *error.
 */
int sealing_whole(PGconn *conn, const uint8_t *secret, int bureau_id, int seconds, const char **error);

#endif
