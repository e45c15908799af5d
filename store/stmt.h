/*
 * Every statement of the program, by enum. Each table group lists its own in store/stmt/GROUP.def as
 *     STMT(NAME, "sql with $1::int, $2::text ...")
 * Parameter types are written as casts in the SQL. A connection prepares a statement when it first uses it.
 */
#ifndef STORE_STMT_H
#define STORE_STMT_H

enum stmt {
#define STMT(name, sql) STMT_##name,
#include "store/stmt/all.def"
#undef STMT
	STMT_COUNT
};

const char *stmt_name(enum stmt s); /* "s_" + lower-case name; the prepared statement's name */
const char *stmt_sql(enum stmt s);

#endif
