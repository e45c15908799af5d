/* Parts of long inbound texts: stored as they came, until all are there or nobody hopes for the rest any more. */
#ifndef STORE_PART_H
#define STORE_PART_H

#include <stddef.h>
#include <stdint.h>

#include "store/pg.h"

struct arena;

/* Parts belong together when all but link and part are the same, by whichever link they came. */
struct store_part {
	const char *link, *phone, *short_code, *kind;
	int reference, total, part;
	const uint8_t *octets; /* behind the user data header */
	size_t len;
	const char *coding;			 /* what they mean: text_coding_name */
	int header, locking, single; /* of the user data header: its octets, the national tables that it names */
	const char *state;			 /* loaded rows: "waiting", "joined", "again" */
};

/*
 * Keeps other daemons off these texts until the transaction's end, then stores the parts; no part may be there twice.
 * Returns how many statements it added.
 */
int store_parts_save(struct pg_batch *b, int bureau_id, const struct store_part *rows, size_t n);
/* Everything there is of this part's text, in order; store_parts_rows reads the result, in the arena. */
void store_parts_load(struct pg_batch *b, int bureau_id, const struct store_part *key);
struct store_part *store_parts_rows(struct arena *a, const PGresult *res, size_t *n);
/* These texts are whole, and stepped with this transaction. */
void store_parts_joined(struct pg_batch *b, int bureau_id, const struct store_part *rows, size_t n);
/* The parts of texts that nobody has added to for so long, text by text; locked. */
void store_parts_overdue(struct pg_batch *b, int bureau_id, int minutes);
/* The n parts (all of one text) become this text, kept with the reason and put on the worklist to read. */
void store_parts_give_up(struct pg_batch *b, int bureau_id, const struct store_part *rows, size_t n, const char *text,
	const uint8_t *hash, size_t hash_len, const char *reason);
void store_parts_forget(struct pg_batch *b, int bureau_id, int minutes);

#endif
