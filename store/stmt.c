/* The table behind enum stmt: name and text of every statement. */
#include "store/stmt.h"

static const struct {
	const char *name, *sql;
} statements[] = {
#define STMT(n, s) {"s_" #n, s},
#include "store/stmt/all.def"
#undef STMT
};

const char *
stmt_name(enum stmt s)
{
	return statements[s].name;
}

const char *
stmt_sql(enum stmt s)
{
	return statements[s].sql;
}
