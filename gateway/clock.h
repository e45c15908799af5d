/* Time: due deadlines and outside events become turns; due scans and campaigns run; leases, partitions and old parts
 * are seen to. */
#ifndef GATEWAY_CLOCK_H
#define GATEWAY_CLOCK_H

struct gateway;

struct clock *clock_new(struct gateway *g); /* NULL without memory */
void clock_free(struct clock *c);
void clock_start(struct gateway *g);
void clock_stop(struct gateway *g); /* raises nothing new; a scan under way ends by itself */
/* Something was notified: look for outside events in this pass of the loop. */
void clock_wake(struct gateway *g);
/* A webhook was added, or deliveries go again. */
void clock_webhooks_changed(struct gateway *g);
/* A link's state changed: the table link_state hears of it now. */
void clock_links_changed(struct gateway *g);

#endif
