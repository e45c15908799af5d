/*
 * Array parameters on their way to the server: in its binary form where the statement names the array's type and every
 * element is of it, which costs the server no parsing, and else as a literal. Until then an array is a list of
 * elements.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "store/pg_internal.h"

#define EPOCH_US INT64_C(946684800000000) /* 2000-01-01, from which PostgreSQL counts */
#define HEADER 20						  /* dimensions, nulls, element type, length, lower bound: 4 octets each */

/* Element types, as their pg_type rows number them; what a list must hold for each. */
static const struct array_type {
	const char *name;
	uint32_t oid;
	enum pg_element kind;
	int width; /* octets of an integer */
} types[] = {
	{"text[]", 25, PG_ELEMENT_TEXT, 0},
	{"bigint[]", 20, PG_ELEMENT_INT, 8},
	{"int[]", 23, PG_ELEMENT_INT, 4},
	{"smallint[]", 21, PG_ELEMENT_INT, 2},
	{"boolean[]", 16, PG_ELEMENT_BOOL, 1},
	{"bytea[]", 17, PG_ELEMENT_BYTES, 0},
	{"timestamptz[]", 1184, PG_ELEMENT_TIME, 8},
};

/* ---- What a statement expects --------------------------------------------------------------------------------- */

static const struct array_type *
type_at(const char *cast)
{
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		if (strncmp(cast, "::", 2) == 0 && strncmp(cast + 2, types[i].name, strlen(types[i].name)) == 0)
			return &types[i];
	}
	return NULL;
}

const struct array_type *
pg_array_type(const char *sql, int n)
{
	const struct array_type *type = NULL;
	bool seen = false;

	for (const char *p = strchr(sql, '$'); p != NULL; p = strchr(p + 1, '$')) {
		char *end;
		const struct array_type *here;

		if (strtol(p + 1, &end, 10) != n || end == p + 1)
			continue;
		here = type_at(end);
		/* Cast to two types: which of them the server takes it for is its secret. */
		if (here == NULL || (seen && here != type))
			return NULL;
		type = here;
		seen = true;
	}
	return type;
}

static const struct array_type *known[STMT_COUNT][PG_ARRAYS_MAX + 1];
static bool looked_up[STMT_COUNT];

const struct array_type *
pg_array_type_of(enum stmt s, int n)
{
	if (n > PG_ARRAYS_MAX)
		return NULL;
	if (!looked_up[s]) {
		for (int i = 1; i <= PG_ARRAYS_MAX; i++)
			known[s][i] = pg_array_type(stmt_sql(s), i);
		looked_up[s] = true;
	}
	return known[s][n];
}

/* ---- The binary form ------------------------------------------------------------------------------------------ */

static char *
put32(char *out, uint32_t v)
{
	v = htonl(v);
	memcpy(out, &v, sizeof v);
	return out + sizeof v;
}

static char *
put_number(char *out, int64_t number, int width)
{
	uint64_t v = (uint64_t)number;

	out = put32(out, (uint32_t)width);
	for (int i = width; i-- > 0; v >>= 8)
		out[i] = (char)(v & 0xff);
	return out + width;
}

bool
pg_array_fits(const struct array_type *type, const struct pg_list *list)
{
	if (list->kinds == 0)
		return true;
	if (list->kinds != 1u << type->kind)
		return false;
	switch (type->kind) {
	case PG_ELEMENT_INT:
		return type->width == 8 || (type->width == 4 ? list->min >= INT32_MIN && list->max <= INT32_MAX
													 : list->min >= INT16_MIN && list->max <= INT16_MAX);
	case PG_ELEMENT_TIME:
		return list->min > INT64_MIN + EPOCH_US;
	default:
		return true;
	}
}

size_t
pg_array_room(const struct pg_list *list)
{
	return HEADER + list->len; /* an element takes less than its entry in the list */
}

size_t
pg_array_put(const struct array_type *type, const struct pg_list *list, char *out)
{
	char *p = out + HEADER;
	uint32_t count = 0, nulls = 0;

	for (size_t at = 0; at < list->len; count++) {
		struct pg_entry e;
		const char *value = pg_entry_read(list->entries, &at, &e);
		int64_t v;

		switch (e.kind) {
		case PG_ELEMENT_NULL:
			p = put32(p, UINT32_MAX);
			nulls = 1;
			break;
		case PG_ELEMENT_TEXT:
		case PG_ELEMENT_BYTES:
			p = put32(p, e.len);
			memcpy(p, value, e.len);
			p += e.len;
			break;
		default:
			memcpy(&v, value, sizeof v);
			/* Its infinity is the largest number too. */
			if (e.kind == PG_ELEMENT_TIME && v != INT64_MAX)
				v -= EPOCH_US;
			p = put_number(p, v, type->width);
			break;
		}
	}
	char *head = put32(put32(put32(out, count > 0), nulls), type->oid);
	if (count == 0)
		return (size_t)(head - out);
	(void)put32(put32(head, count), 1);
	return (size_t)(p - out);
}
