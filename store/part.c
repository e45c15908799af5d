/* The rows of parts of long inbound texts. */
#include "store/part.h"

#include "store/arena.h"
#include "store/columns.h"
#include "store/turn.h"

static struct pg_params *
keys_of(int bureau_id, const struct store_part *rows, size_t n)
{
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->short_code));
	COLUMN(p, rows, n, pg_array_text(p, r->kind));
	COLUMN(p, rows, n, pg_array_int(p, r->reference));
	COLUMN(p, rows, n, pg_array_int(p, r->total));
	return p;
}

static struct pg_params *
key_of(int bureau_id, const struct store_part *key)
{
	struct pg_params *p = params_for(bureau_id);

	pg_param_text(p, key->phone);
	pg_param_text(p, key->short_code);
	pg_param_text(p, key->kind);
	pg_param_int(p, key->reference);
	pg_param_int(p, key->total);
	return p;
}

int
store_parts_save(struct pg_batch *b, int bureau_id, const struct store_part *rows, size_t n)
{
	if (n == 0)
		return 0;
	add(b, STMT_PART_LOCK, keys_of(bureau_id, rows, n));
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_text(p, r->link));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->short_code));
	COLUMN(p, rows, n, pg_array_text(p, r->kind));
	COLUMN(p, rows, n, pg_array_int(p, r->reference));
	COLUMN(p, rows, n, pg_array_int(p, r->total));
	COLUMN(p, rows, n, pg_array_int(p, r->part));
	COLUMN(p, rows, n, pg_array_bytes(p, r->octets, r->len));
	COLUMN(p, rows, n, pg_array_text(p, r->coding));
	COLUMN(p, rows, n, pg_array_int(p, r->header));
	COLUMN(p, rows, n, pg_array_int(p, r->locking));
	COLUMN(p, rows, n, pg_array_int(p, r->single));
	add(b, STMT_PART_STORE, p);
	return 2;
}

void
store_parts_load(struct pg_batch *b, int bureau_id, const struct store_part *key)
{
	add(b, STMT_PART_LOAD, key_of(bureau_id, key));
}

struct store_part *
store_parts_rows(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_part *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++) {
		struct store_part *p = &list[i];

		p->link = arena_dup(a, store_text(res, i, 0));
		p->phone = arena_dup(a, store_text(res, i, 1));
		p->short_code = arena_dup(a, store_text(res, i, 2));
		p->kind = arena_dup(a, store_text(res, i, 3));
		p->reference = (int)store_int(res, i, 4);
		p->total = (int)store_int(res, i, 5);
		p->part = (int)store_int(res, i, 6);
		p->octets = store_hex(a, store_text(res, i, 7), &p->len);
		p->coding = arena_dup(a, store_text(res, i, 8));
		p->header = (int)store_int(res, i, 9);
		p->locking = (int)store_int(res, i, 10);
		p->single = (int)store_int(res, i, 11);
		p->state = arena_dup(a, store_text(res, i, 12));
	}
	*n = (size_t)rows;
	return list;
}

void
store_parts_joined(struct pg_batch *b, int bureau_id, const struct store_part *rows, size_t n)
{
	if (n > 0)
		add(b, STMT_PART_JOINED, keys_of(bureau_id, rows, n));
}

static void
add_minutes(struct pg_batch *b, enum stmt s, int bureau_id, int minutes)
{
	struct pg_params *p = params_for(bureau_id);

	pg_param_int(p, minutes);
	add(b, s, p);
}

void
store_parts_overdue(struct pg_batch *b, int bureau_id, int minutes)
{
	add_minutes(b, STMT_PART_OVERDUE, bureau_id, minutes);
}

void
store_parts_forget(struct pg_batch *b, int bureau_id, int minutes)
{
	add_minutes(b, STMT_PART_FORGET, bureau_id, minutes);
}

void
store_parts_give_up(struct pg_batch *b, int bureau_id, const struct store_part *rows, size_t n, const char *text,
	const uint8_t *hash, size_t hash_len, const char *reason)
{
	struct pg_params *p = key_of(bureau_id, &rows[0]);

	COLUMN(p, rows, n, pg_array_int(p, r->part));
	pg_param_text(p, rows[0].link);
	pg_param_text(p, text);
	pg_param_bytes(p, hash, hash_len);
	pg_param_text(p, reason);
	add(b, STMT_PART_GIVE_UP, p);
}
