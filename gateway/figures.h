/*
 * Has the figures of the console counted when somebody looks: on a database connection of its own, which is opened when
 * it is first needed, so that a count of millions of rows is in nobody's way.
 */
#ifndef GATEWAY_FIGURES_H
#define GATEWAY_FIGURES_H

struct gateway;
struct figures;

struct figures *figures_new(struct gateway *g); /* NULL without memory */
void figures_free(struct figures *f);			/* those who wait are called */
/*
 * Counts what has aged at this bureau, then calls then(arg), once, never from within this call. A count that takes
 * longer than a reader waits goes on; then is called and finds the figures of the last one.
 */
void figures_refresh(struct figures *f, int bureau_id, void (*then)(void *arg), void *arg);

#endif
