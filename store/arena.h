/*
 * Memory for the life of one batch: taken in pieces, given back at once. No call fails: without memory the process
 * ends, and what was not committed comes again.
 */
#ifndef STORE_ARENA_H
#define STORE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);
void arena_reset(struct arena *a);							  /* keeps one block for the next batch */
void *arena_alloc(struct arena *a, size_t size);			  /* zeroed, aligned for any type */
char *arena_copy(struct arena *a, const char *s, size_t len); /* NUL-terminated copy */
char *arena_dup(struct arena *a, const char *s);			  /* NULL gives "" */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
