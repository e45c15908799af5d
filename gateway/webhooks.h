/*
 * Webhooks: events of the trail become deliveries, and deliveries are brought, again and again with growing waits, by
 * whichever daemon has claimed them. What a daemon that dies had in hand is brought by another when its lease is over:
 * a receiver may see an event twice, and knows it by its id.
 */
#ifndef GATEWAY_WEBHOOKS_H
#define GATEWAY_WEBHOOKS_H

struct gateway;
struct webhooks;

struct webhooks *webhooks_new(struct gateway *g); /* NULL without memory */
void webhooks_free(struct webhooks *w);
/* Looks after every bureau's; called with every tick and whenever something may have happened. */
void webhooks_look(struct webhooks *w);
/* A webhook was added, or something goes again: look now. */
void webhooks_changed(struct webhooks *w);
/* What a failed try is followed by: seconds until the next one, or -1 when it was the last. attempts: so far, from 1.
 */
int webhooks_wait(int attempts, int tries, int backoff_seconds);

#endif
