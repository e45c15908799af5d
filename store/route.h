/* What waits for a link that is down, and where it goes instead. Strings live in the arena given, or with the caller.
 */
#ifndef STORE_ROUTE_H
#define STORE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>

struct arena;
struct pg_batch;

/* One result: the links that another daemon has bound. */
void store_links_elsewhere(struct pg_batch *b, const char *daemon);

struct store_stranded {
	int64_t message_id;
	const char *phone;
	const char *link; /* where it goes; the caller's to fill */
};
/* One result: at most `limit` rows of what waits for this link; locked. bulk: not only replies and notices. */
void store_outbox_stranded(struct pg_batch *b, int bureau_id, const char *link, bool bulk, int limit);
/* The same for links that are none of these. */
void store_outbox_orphans(struct pg_batch *b, int bureau_id, const char *const *links, size_t n, int limit);
struct store_stranded *store_outbox_stranded_rows(struct arena *a, const PGresult *res, size_t *n);
void store_outbox_move(struct pg_batch *b, int bureau_id, const struct store_stranded *rows, size_t n);

#endif
