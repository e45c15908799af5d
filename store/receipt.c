/* Receipts' rows, from results and into parameters. */
#include "store/receipt.h"

#include "store/arena.h"
#include "store/columns.h"
#include "store/turn.h"

void
store_receipts_exact(struct pg_batch *b, int bureau_id, const struct store_receipt *rows, size_t n)
{
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, rows, n, pg_array_text(p, r->link));
	COLUMN(p, rows, n, pg_array_text(p, r->carrier_key));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->state));
	COLUMN(p, rows, n, pg_array_text(p, r->error));
	add(b, STMT_RECEIPT_EXACT, p);
}

struct store_receipt_found *
store_receipts_found(struct arena *a, const PGresult *res, size_t *n)
{
	struct store_receipt_found *list;

	*n = (size_t)PQntuples(res);
	list = arena_alloc(a, *n * sizeof(*list) + 1);
	for (size_t i = 0; i < *n; i++)
		list[i] = (struct store_receipt_found){(size_t)store_int(res, (int)i, 0) - 1, store_int(res, (int)i, 1)};
	return list;
}

void
store_receipts(struct pg_batch *b, int bureau_id, const struct store_receipt *rows, size_t n)
{
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, rows, n, pg_array_text(p, r->link));
	COLUMN(p, rows, n, pg_array_text(p, r->carrier_key));
	COLUMN(p, rows, n, pg_array_text(p, r->hex_key));
	COLUMN(p, rows, n, pg_array_text(p, r->decimal_key));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->state));
	COLUMN(p, rows, n, pg_array_text(p, r->error));
	COLUMN(p, rows, n, pg_array_time(p, r->came_us == 0 ? INT64_MIN : r->came_us));
	add(b, STMT_RECEIPT_MARK, p);
}

void
store_receipts_late(struct pg_batch *b, int bureau_id, const char *const *keys, size_t n)
{
	struct pg_params *p = params_for(bureau_id);

	if (n == 0)
		pg_param_text(p, NULL);
	else
		COLUMN(p, keys, n, pg_array_text(p, *r));
	add(b, STMT_RECEIPT_LATE, p);
}

void
store_receipts_guess(struct pg_batch *b, int bureau_id)
{
	add(b, STMT_RECEIPT_GUESS, params_for(bureau_id));
}

struct store_receipt *
store_receipts_taken(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_receipt *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++)
		list[i] = (struct store_receipt){.link = arena_dup(a, store_text(res, i, 0)),
			.carrier_key = arena_dup(a, store_text(res, i, 1)),
			.phone = arena_dup(a, store_text(res, i, 2)),
			.state = arena_dup(a, store_text(res, i, 3)),
			.error = arena_dup(a, store_text(res, i, 4)),
			.hex_key = arena_dup(a, store_text(res, i, 5)),
			.decimal_key = arena_dup(a, store_text(res, i, 6)),
			.came_us = store_int(res, i, 7)};
	*n = (size_t)rows;
	return list;
}

void
store_message_states(
	struct pg_batch *b, int bureau_id, const int64_t *ids, size_t n, const struct store_reasons *reasons)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, ids, n, pg_array_int(p, *r));
	COLUMN(p, reasons->receipts, reasons->n, pg_array_text(p, *r));
	COLUMN(p, reasons->words, reasons->n, pg_array_text(p, *r));
	add(b, STMT_MESSAGE_STATE, p);
}

static void
patience_columns(struct pg_params *p, const struct store_patience *links, size_t n)
{
	COLUMN(p, links, n, pg_array_text(p, r->link));
	COLUMN(p, links, n, pg_array_int(p, r->hours));
	COLUMN(p, links, n, pg_array_bool(p, r->asks));
}

void
store_receipts_overdue(
	struct pg_batch *b, int bureau_id, const struct store_patience *links, size_t n, int limit, int back_hours)
{
	struct pg_params *p = params_for(bureau_id);

	patience_columns(p, links, n);
	pg_param_int(p, limit);
	pg_param_int(p, back_hours);
	add(b, STMT_RECEIPT_OVERDUE, p);
}

struct store_overdue *
store_receipts_overdue_rows(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_overdue *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++)
		list[i] = (struct store_overdue){.message_id = store_int(res, i, 0),
			.part = (int)store_int(res, i, 1),
			.attempt = (int)store_int(res, i, 2),
			.link = arena_dup(a, store_text(res, i, 3)),
			.phone = arena_dup(a, store_text(res, i, 4)),
			.carrier_id = arena_dup(a, store_text(res, i, 5)),
			.carrier_key = arena_dup(a, store_text(res, i, 6)),
			.parts = (int)store_int(res, i, 7),
			.conversation_id = store_int(res, i, 8)};
	*n = (size_t)rows;
	return list;
}

static void
parts(struct pg_batch *b, enum stmt stmt, int bureau_id, const struct store_overdue *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_int(p, r->message_id));
	COLUMN(p, rows, n, pg_array_int(p, r->part));
	COLUMN(p, rows, n, pg_array_int(p, r->attempt));
	add(b, stmt, p);
}

void
store_parts_queried(struct pg_batch *b, int bureau_id, const struct store_overdue *rows, size_t n)
{
	parts(b, STMT_RECEIPT_QUERIED, bureau_id, rows, n);
}

void
store_receipts_given_up(struct pg_batch *b, int bureau_id, const struct store_patience *links, size_t n, int back_hours)
{
	struct pg_params *p = params_for(bureau_id);

	patience_columns(p, links, n);
	pg_param_int(p, back_hours);
	add(b, STMT_RECEIPT_GIVEN_UP, p);
}

void
store_campaigns_held(struct pg_batch *b, int bureau_id, const struct store_patience *links, size_t n, int limit)
{
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, links, n, pg_array_text(p, r->link));
	pg_param_int(p, limit);
	add(b, STMT_CAMPAIGN_HELD, p);
}

void
store_parts_cancel(struct pg_batch *b, int bureau_id, const struct store_overdue *rows, size_t n)
{
	parts(b, STMT_PART_CANCEL, bureau_id, rows, n);
}

void
store_parts_cancelled(struct pg_batch *b, int bureau_id, const struct store_overdue *rows, size_t n)
{
	parts(b, STMT_PART_CANCELLED, bureau_id, rows, n);
}

void
store_campaigns_cancelled(struct pg_batch *b, int bureau_id, const struct store_patience *links, size_t n)
{
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, links, n, pg_array_text(p, r->link));
	add(b, STMT_CAMPAIGN_CANCELLED, p);
}
