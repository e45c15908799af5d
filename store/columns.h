/* How rows become array parameters: one array for one member of all rows. Included by the files that save rows. */
#ifndef STORE_COLUMNS_H
#define STORE_COLUMNS_H

#include "store/pg.h"

/* `call` adds the member of *r to p. */
#define COLUMN(p, rows, n, call)                                                                                       \
	do {                                                                                                               \
		pg_array_begin(p);                                                                                             \
		for (size_t i_ = 0; i_ < (n); i_++) {                                                                          \
			const __typeof__(*(rows)) *r = &(rows)[i_];                                                                \
			call;                                                                                                      \
		}                                                                                                              \
		pg_array_end(p);                                                                                               \
	} while (0)

static inline struct pg_params *
params_for(int bureau_id)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, bureau_id);
	return p;
}

/* Columns of n rows: one row's go by themselves, to the statement's form for one row. */
static inline struct pg_params *
params_for_rows(int bureau_id, size_t n)
{
	struct pg_params *p = params_for(bureau_id);

	if (n == 1)
		pg_params_single(p);
	return p;
}

/* An id of an array; 0 is NULL. */
static inline void
array_id(struct pg_params *p, int64_t id)
{
	if (id == 0)
		pg_array_text(p, NULL);
	else
		pg_array_int(p, id);
}

/* Adds the statement and frees its parameters. */
static inline void
add(struct pg_batch *b, enum stmt s, struct pg_params *p)
{
	pg_batch_add(b, s, p);
	pg_params_free(p);
}

/* The statement in its form for so many rows, of which store/stmt/ has two: NAME and NAME_ONE. */
#define ADD_ROWS(b, name, n, p) add((b), (n) == 1 ? STMT_##name##_ONE : STMT_##name, (p))

#endif
