/* The rows of texts that change their link, from results and into parameters. */
#include "store/route.h"

#include "store/arena.h"
#include "store/columns.h"
#include "store/turn.h"

void
store_links_elsewhere(struct pg_batch *b, const char *daemon)
{
	struct pg_params *p = pg_params_new();

	pg_param_text(p, daemon);
	add(b, STMT_LINKS_ELSEWHERE, p);
}

void
store_outbox_stranded(struct pg_batch *b, int bureau_id, const char *link, bool bulk, int limit)
{
	struct pg_params *p = params_for(bureau_id);

	pg_param_text(p, link);
	pg_param_bool(p, bulk);
	pg_param_int(p, limit);
	add(b, STMT_OUTBOX_STRANDED, p);
}

void
store_outbox_orphans(struct pg_batch *b, int bureau_id, const char *const *links, size_t n, int limit)
{
	struct pg_params *p = params_for(bureau_id);

	COLUMN(p, links, n, pg_array_text(p, *r));
	pg_param_int(p, limit);
	add(b, STMT_OUTBOX_ORPHANS, p);
}

struct store_stranded *
store_outbox_stranded_rows(struct arena *a, const PGresult *res, size_t *n)
{
	int rows = PQntuples(res);
	struct store_stranded *list = arena_alloc(a, (size_t)rows * sizeof(*list) + 1);

	for (int i = 0; i < rows; i++)
		list[i] = (struct store_stranded){store_int(res, i, 0), arena_dup(a, store_text(res, i, 1)), ""};
	*n = (size_t)rows;
	return list;
}

void
store_outbox_move(struct pg_batch *b, int bureau_id, const struct store_stranded *rows, size_t n)
{
	if (n == 0)
		return;
	struct pg_params *p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_int(p, r->message_id));
	COLUMN(p, rows, n, pg_array_text(p, r->link));
	add(b, STMT_OUTBOX_MOVE, p);
}
