/* USSD sessions: loaded with a batch of turns, saved with it. */
#include "store/ussd.h"

#include "store/arena.h"
#include "store/columns.h"
#include "store/grant.h"
#include "store/pg.h"
#include "store/turn.h"

/* ---- Load ------------------------------------------------------------------------------------------------------- */

void
store_ussd_load(struct pg_batch *b, int bureau_id, const char *const *phones, const char *const *links,
	const char *const *sessions, size_t n)
{
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, phones, n, pg_array_text(p, *r));
	COLUMN(p, links, n, pg_array_text(p, *r));
	COLUMN(p, sessions, n, pg_array_text(p, *r));
	add(b, STMT_USSD_SESSIONS, p);
}

void
store_ussd_load_tries(struct pg_batch *b, int bureau_id, const char *const *phones, size_t n)
{
	store_save_phones(b, STMT_USSD_TRIES, bureau_id, phones, n);
}

void
store_ussd_load_holders(struct pg_batch *b, int bureau_id, const char *const *phones, size_t n)
{
	store_save_phones(b, STMT_USSD_HOLDERS, bureau_id, phones, n);
}

struct store_ussd *
store_ussd_sessions(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_ussd *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++) {
		list[i] = (struct store_ussd){.id = store_int(res, i, 0),
			.phone = arena_dup(a, store_text(res, i, 1)),
			.link = arena_dup(a, store_text(res, i, 2)),
			.session = arena_dup(a, store_text(res, i, 3)),
			.conversation_id = store_int(res, i, 4),
			.code = arena_dup(a, store_text(res, i, 5)),
			.pushed = store_int(res, i, 6) != 0,
			.step = arena_dup(a, store_text(res, i, 7)),
			.said = arena_dup(a, store_text(res, i, 8)),
			.page = (int)store_int(res, i, 9),
			.pages = (int)store_int(res, i, 10),
			.state = "",
			.reason = ""};
	}
	*n = (size_t)rows;
	return list;
}

struct store_tries *
store_ussd_tries(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_tries *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++) {
		list[i] = (struct store_tries){.phone = arena_dup(a, store_text(res, i, 0)),
			.grants = (int)store_int(res, i, 1),
			.tries = (int)store_int(res, i, 2),
			.locked = store_int(res, i, 3) != 0};
	}
	*n = (size_t)rows;
	return list;
}

struct store_ussd_holder *
store_ussd_holders(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_ussd_holder *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++) {
		list[i] = (struct store_ussd_holder){
			.phone = arena_dup(a, store_text(res, i, 0)), .number = (int)store_int(res, i, 1)};
		if (!PQgetisnull(res, i, 2))
			list[i].id_number = store_hex(a, PQgetvalue(res, i, 2), &list[i].len);
	}
	*n = (size_t)rows;
	return list;
}

/* ---- Save ------------------------------------------------------------------------------------------------------- */

void
store_ussd_save(struct pg_batch *b, int bureau_id, const struct store_ussd *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, rows, n, pg_array_int(p, r->id));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->link));
	add(b, STMT_USSD_SESSION_CLOSE, p);

	p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_int(p, r->id));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->link));
	COLUMN(p, rows, n, pg_array_text(p, r->session));
	COLUMN(p, rows, n, array_id(p, r->conversation_id));
	COLUMN(p, rows, n, pg_array_text(p, r->code));
	COLUMN(p, rows, n, pg_array_bool(p, r->pushed));
	COLUMN(p, rows, n, pg_array_text(p, r->state));
	COLUMN(p, rows, n, pg_array_text(p, r->step));
	COLUMN(p, rows, n, pg_array_text(p, r->said));
	COLUMN(p, rows, n, pg_array_int(p, r->page));
	COLUMN(p, rows, n, pg_array_int(p, r->pages));
	COLUMN(p, rows, n, pg_array_bool(p, r->ended));
	COLUMN(p, rows, n, pg_array_text(p, r->reason));
	add(b, STMT_USSD_SESSION_SAVE, p);
}

void
store_ussd_screens(struct pg_batch *b, int bureau_id, const int64_t *ids, const int64_t *at_us, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, ids, n, pg_array_int(p, *r));
	COLUMN(p, at_us, n, pg_array_time(p, *r));
	add(b, STMT_USSD_SCREENS, p);
}

void
store_ussd_tried(struct pg_batch *b, int bureau_id, int64_t conversation_id, bool right)
{
	struct pg_params *p = params_for(bureau_id);

	pg_param_int(p, conversation_id);
	if (!right) {
		pg_param_int(p, GRANT_TRIES);
		pg_param_int(p, GRANT_LOCK_MINUTES);
	}
	add(b, right ? STMT_GRANT_PROVEN : STMT_GRANT_TRY, p);
}
