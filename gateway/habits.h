/* What links have found out about their carriers' message ids, kept over restarts. */
#ifndef GATEWAY_HABITS_H
#define GATEWAY_HABITS_H

struct gateway;
struct pg;

/* At the start, before the links run; waits. 0, or -1 with *error set. */
int habits_load(struct gateway *g, struct pg *pg, const char **error);
/* Stores what has changed since; called now and then, and when the daemon drains. */
void habits_save(struct gateway *g);

#endif
