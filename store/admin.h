/*
 * Worklist entries, many at once. What else operators and daemons keep (links' state, scans, opt-outs, accounts) needs
 * no more than its parameters and is used by its enum: store/stmt/admin.def.
 */
#ifndef STORE_ADMIN_H
#define STORE_ADMIN_H

#include <stddef.h>
#include <stdint.h>

struct pg_batch;

/* One entry for a person to work on. 0 = none for the ids; due_on NULL or YYYY-MM-DD. */
struct admin_worklist {
	const char *list; /* phone, read, approve, collect, send, check */
	const char *phone, *reason, *due_on;
	int64_t application_id, conversation_id;
};
/* Adds what is not open on its list already. */
void admin_worklist_add(struct pg_batch *b, int bureau_id, const struct admin_worklist *rows, size_t n);

#endif
