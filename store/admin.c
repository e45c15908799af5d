/* Worklist entries, written as arrays. */
#include "store/admin.h"
#include "store/columns.h"

static void
id_or_null(struct pg_params *p, int64_t id)
{
	if (id == 0)
		pg_array_text(p, NULL);
	else
		pg_array_int(p, id);
}

void
admin_worklist_add(struct pg_batch *b, int bureau_id, const struct admin_worklist *rows, size_t n)
{
	struct pg_params *p;

	if (n == 0)
		return;
	p = params_for(bureau_id);
	COLUMN(p, rows, n, pg_array_text(p, r->list));
	COLUMN(p, rows, n, id_or_null(p, r->application_id));
	COLUMN(p, rows, n, id_or_null(p, r->conversation_id));
	COLUMN(p, rows, n, pg_array_text(p, r->phone));
	COLUMN(p, rows, n, pg_array_text(p, r->reason));
	COLUMN(p, rows, n, pg_array_text(p, r->due_on));
	add(b, STMT_WORKLIST_ADD, p);
}
