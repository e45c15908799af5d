/* A string that grows, and the words of branches written into it: what print.c and graph.c share. */
#ifndef DIALOG_OUT_H
#define DIALOG_OUT_H

#include <stdbool.h>
#include <stddef.h>

struct branch;

struct out {
	char *text; /* malloc'd, NUL-terminated; NULL until something is added */
	size_t len, room;
	bool failed; /* no memory; what is added afterwards is dropped */
};

void out_add(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *out_take(struct out *o); /* the caller frees; NULL when memory was short */

void print_triggers(struct out *o, const struct branch *b); /* yes, "1", event approved */

#endif
