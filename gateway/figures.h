/*
 * Has the figures of the console counted when somebody looks: on a database connection of its own, which is opened when
 * it is first needed, so that a count of millions of rows is in nobody's way.
 */
#ifndef GATEWAY_FIGURES_H
#define GATEWAY_FIGURES_H

#include <stdint.h>

#define FIGURES_SLICES 60 /* points of a campaign's picture */

struct gateway;
struct figures;

struct figures *figures_new(struct gateway *g); /* NULL without memory */
void figures_free(struct figures *f);			/* those who wait are called */
/*
 * Counts what has aged at this bureau, then calls then(arg), once, never from within this call. A count that takes
 * longer than a reader waits goes on; then is called and finds the figures of the last one. Where the last one has taken
 * so long, nobody waits for the next.
 */
void figures_refresh(struct figures *f, int bureau_id, void (*then)(void *arg), void *arg);

/*
 * The same for a large campaign, or for those of the list (0), of which the most aged are counted; then may be NULL. A
 * reader whose figures are not ten seconds old is called at once, and the next one has the new ones. Small campaigns
 * are counted by the statements that show them.
 */
void figures_refresh_campaign(
	struct figures *f, int bureau_id, int64_t campaign_id, void (*then)(void *arg), void *arg);

#endif
