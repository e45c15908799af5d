/* Receipts' rows, and what they make of messages. Strings live in the arena given, or with the caller. */
#ifndef STORE_RECEIPT_H
#define STORE_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>

struct arena;
struct pg_batch;

struct store_receipt {
	const char *link, *carrier_key, *phone, *state, *error;
	const char *hex_key, *decimal_key; /* the id read in these ways too; "" = the link knows how to read it */
	int64_t came_us;				   /* after 1970; 0 = now */
};
/*
 * Those that name their part as the response did, no key twice on a link; hex_key and decimal_key are not looked at.
 * One result: which of them have changed their part (store_receipt_found); the others are for store_receipts.
 */
void store_receipts_exact(struct pg_batch *b, int bureau_id, const struct store_receipt *rows, size_t n);
struct store_receipt_found {
	size_t row;			/* of those given, from 0 */
	int64_t message_id; /* whose part it was */
};
struct store_receipt_found *store_receipts_found(struct arena *a, const PGresult *res, size_t *n);
/* One result: ids of the messages whose parts have changed. What finds no part is kept for later. */
void store_receipts(struct pg_batch *b, int bureau_id, const struct store_receipt *rows, size_t n);
/* Takes receipts that came early for these keys (n = 0: for any) out of their table; the rows come as a result. */
void store_receipts_late(struct pg_batch *b, int bureau_id, const char *const *keys, size_t n);
/* Takes those out that nothing claims and that may be given to a part whose response was lost; the same result. */
void store_receipts_guess(struct pg_batch *b, int bureau_id);
struct store_receipt *store_receipts_taken(struct arena *a, const PGresult *res, size_t *n);

/* The states of messages whose parts have changed; language: of the reasons that clerks read. */
struct store_reasons {
	const char *const *receipts; /* "UNDELIV", ... */
	const char **words;			 /* as many */
	size_t n;
};
void store_message_states(
	struct pg_batch *b, int bureau_id, const int64_t *ids, size_t n, const struct store_reasons *reasons);

/* ---- Receipts that do not come ---- */

struct store_patience {
	const char *link;
	int hours; /* that a receipt may take */
	bool asks; /* the carrier answers query_sm */
};
struct store_overdue {
	int64_t message_id, conversation_id; /* 0 = none */
	int part, attempt, parts;
	const char *link, *phone, *carrier_id, *carrier_key;
};
/* One result: at most `limit` parts to ask about, of texts at most so many hours older than patience lasts. */
void store_receipts_overdue(
	struct pg_batch *b, int bureau_id, const struct store_patience *links, size_t n, int limit, int back_hours);
struct store_overdue *store_receipts_overdue_rows(struct arena *a, const PGresult *res, size_t *n);
/* These were asked about and are not again. Adds nothing when n is 0. */
void store_parts_queried(struct pg_batch *b, int bureau_id, const struct store_overdue *rows, size_t n);
/* One result: ids of the messages of which no receipt is expected any more. */
void store_receipts_given_up(
	struct pg_batch *b, int bureau_id, const struct store_patience *links, size_t n, int back_hours);

/* ---- Texts that are taken back ---- */

/* One result: at most `limit` parts of stopped campaigns that these links' carriers may still hold; locked. */
void store_campaigns_held(struct pg_batch *b, int bureau_id, const struct store_patience *links, size_t n, int limit);
/* Each adds nothing when n is 0. The second has one result: ids of the messages whose parts have changed. */
void store_parts_cancel(struct pg_batch *b, int bureau_id, const struct store_overdue *rows, size_t n);
void store_parts_cancelled(struct pg_batch *b, int bureau_id, const struct store_overdue *rows, size_t n);
/* Campaigns of which no carrier holds anything any more. */
void store_campaigns_cancelled(struct pg_batch *b, int bureau_id, const struct store_patience *links, size_t n);

#endif
