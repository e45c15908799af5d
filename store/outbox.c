/* The outbox's rows, from results and into parameters. */
#include "store/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "store/arena.h"
#include "store/columns.h"
#include "store/turn.h"

void
store_outbox_claim(
	struct pg_batch *b, int bureau_id, const char *link, int limit, const char *daemon, int lease_seconds, bool bulk)
{
	struct pg_params *p = params_for(bureau_id);

	pg_param_text(p, link);
	pg_param_int(p, limit);
	pg_param_text(p, daemon);
	pg_param_int(p, lease_seconds);
	pg_param_bool(p, bulk);
	add(b, STMT_OUTBOX_CLAIM, p);

	p = params_for(bureau_id);
	pg_param_text(p, link);
	add(b, STMT_OUTBOX_NEXT, p);
}

static void
renew(struct pg_batch *b, enum stmt stmt, int bureau_id, const char *daemon, int lease_seconds, const int64_t *ids,
	size_t n)
{
	struct pg_params *p = params_for(bureau_id);

	pg_param_text(p, daemon);
	pg_param_int(p, lease_seconds);
	COLUMN(p, ids, n, pg_array_int(p, *r));
	add(b, stmt, p);
}

void
store_outbox_renew(
	struct pg_batch *b, int bureau_id, const char *daemon, int lease_seconds, const int64_t *ids, size_t n)
{
	renew(b, STMT_OUTBOX_RENEW, bureau_id, daemon, lease_seconds, ids, n);
}

void
store_direct_renew(
	struct pg_batch *b, int bureau_id, const char *daemon, int lease_seconds, const int64_t *ids, size_t n)
{
	renew(b, STMT_DIRECT_RENEW, bureau_id, daemon, lease_seconds, ids, n);
}

static int
by_turn(const void *a, const void *b)
{
	const struct store_claimed *x = a, *y = b;

	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x->message_id < y->message_id ? -1 : x->message_id > y->message_id;
}

struct store_claimed *
store_outbox_claimed(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_claimed *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++) {
		list[i] = (struct store_claimed){.message_id = store_int(res, i, 0),
			.at_us = store_int(res, i, 1),
			.conversation_id = store_int(res, i, 2),
			.phone = arena_dup(a, store_text(res, i, 3)),
			.kind = arena_dup(a, store_text(res, i, 4)),
			.text = arena_dup(a, store_text(res, i, 5)),
			.reply_to = store_int(res, i, 6),
			.attempts = (int)store_int(res, i, 7),
			.priority = (int)store_int(res, i, 8),
			.claimed_us = store_int(res, i, 9),
			.rebinds = (int)store_int(res, i, 10),
			.lost = (int)store_int(res, i, 11),
			.parts_there = (uint32_t)store_int(res, i, 12),
			.reference = (uint8_t)store_int(res, i, 13),
			.parts = (int)store_int(res, i, 14),
			.first = store_int(res, i, 15) != 0};
	}
	/* RETURNING keeps no order. */
	if (rows > 1)
		qsort(list, (size_t)rows, sizeof(*list), by_turn);
	*n = (size_t)rows;
	return list;
}

int64_t
store_outbox_next_ms(const PGresult *res)
{
	if (PQntuples(res) == 0 || PQgetisnull(res, 0, 0))
		return -1;
	int64_t ms = store_int(res, 0, 0);
	return ms > 0 ? ms : 1;
}

void
store_message_parts(struct pg_batch *b, int bureau_id, const struct store_message_parts *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_int(p, r->message_id));
	COLUMN(p, rows, n, pg_array_time(p, r->at_us));
	COLUMN(p, rows, n, pg_array_int(p, r->parts));
	add(b, STMT_MESSAGE_PARTS_SET, p);
}

/* As COLUMN, of those rows r of which `which` is true. */
#define COLUMN_OF(p, rows, n, which, call) COLUMN(p, rows, n, if (which) call)

static void
marks(struct pg_batch *b, int bureau_id, const struct store_mark *rows, size_t n, bool first)
{
	size_t some = 0;

	while (some < n && rows[some].first != first)
		some++;
	if (some == n)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN_OF(p, rows, n, r->first == first, pg_array_int(p, r->message_id));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_int(p, r->part));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_int(p, r->attempt));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_time(p, r->attempted_us));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_text(p, r->link));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_text(p, r->phone));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_text(p, r->state));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_text(p, r->session));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_text(p, r->carrier_id));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_text(p, r->carrier_key));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_int(p, r->status));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_text(p, r->error));
	COLUMN_OF(p, rows, n, r->first == first, pg_array_time(p, r->at_us));
	add(b, first ? STMT_ATTEMPT_FIRST : STMT_ATTEMPT_MARK, p);
}

void
store_marks(struct pg_batch *b, int bureau_id, const struct store_mark *rows, size_t n)
{
	marks(b, bureau_id, rows, n, true);
	marks(b, bureau_id, rows, n, false);
}

void
store_message_marks(struct pg_batch *b, int bureau_id, const struct store_message_mark *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_int(p, r->message_id));
	COLUMN(p, rows, n, pg_array_time(p, r->at_us));
	COLUMN(p, rows, n, pg_array_text(p, r->state));
	COLUMN(p, rows, n, pg_array_text(p, r->error));
	COLUMN(p, rows, n, pg_array_text(p, r->reason));
	add(b, STMT_MESSAGE_MARK, p);
}

static void
release(struct pg_batch *b, int bureau_id, const struct store_release *rows, size_t n, bool direct)
{
	size_t some = 0;

	while (some < n && (rows[some].direct != 0) != direct)
		some++;
	if (some == n)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN_OF(p, rows, n, (r->direct != 0) == direct, pg_array_int(p, r->message_id));
	COLUMN_OF(p, rows, n, (r->direct != 0) == direct, pg_array_int(p, r->delay_seconds));
	COLUMN_OF(p, rows, n, (r->direct != 0) == direct, pg_array_bool(p, r->charged));
	COLUMN_OF(p, rows, n, (r->direct != 0) == direct, pg_array_bool(p, r->rebind));
	COLUMN_OF(p, rows, n, (r->direct != 0) == direct, pg_array_bool(p, r->lost));
	COLUMN_OF(p, rows, n, (r->direct != 0) == direct, pg_array_int(p, r->reference));
	if (direct) {
		COLUMN_OF(p, rows, n, (r->direct != 0) == direct, pg_array_int(p, r->direct));
		COLUMN_OF(p, rows, n, (r->direct != 0) == direct, pg_array_time(p, r->at_us));
	}
	add(b, direct ? STMT_DIRECT_RELEASE : STMT_OUTBOX_RELEASE, p);
}
#undef COLUMN_OF

void
store_outbox_release(struct pg_batch *b, int bureau_id, const struct store_release *rows, size_t n)
{
	release(b, bureau_id, rows, n, true);
	release(b, bureau_id, rows, n, false);
}

void
store_direct_done(struct pg_batch *b, int bureau_id, const int64_t *ids, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, ids, n, pg_array_int(p, *r));
	add(b, STMT_DIRECT_DONE, p);
}

void
store_outbox_takeover(struct pg_batch *b, int bureau_id, const char *daemon)
{
	static const enum stmt both[] = {STMT_DIRECT_TAKEOVER, STMT_OUTBOX_TAKEOVER};

	for (size_t i = 0; i < 2; i++) {
		struct pg_params *p = params_for(bureau_id);

		pg_param_text(p, daemon);
		add(b, both[i], p);
	}
}

struct store_left *
store_outbox_left(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_left *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++)
		list[i] = (struct store_left){.message_id = store_int(res, i, 0),
			.at_us = store_int(res, i, 1),
			.kind = arena_dup(a, store_text(res, i, 2)),
			.link = arena_dup(a, store_text(res, i, 3)),
			.attempts = (int)store_int(res, i, 4),
			.rebinds = (int)store_int(res, i, 5),
			.lost = (int)store_int(res, i, 6),
			.phone = arena_dup(a, store_text(res, i, 7))};
	*n = (size_t)rows;
	return list;
}
