/*
 * Running campaigns: their audience is scanned, their talks begin as fast as their texts leave, what a pause or a stop
 * leaves behind is taken back, and one with nothing to send any more is done. The rate and the canary themselves are
 * kept by the claim of the outbox (store/stmt/outbox.def).
 */
#ifndef GATEWAY_CAMPAIGNS_H
#define GATEWAY_CAMPAIGNS_H

struct campaigns;
struct gateway;

struct campaigns *campaigns_new(struct gateway *g); /* NULL without memory */
void campaigns_free(struct campaigns *c);
/* Looks after every bureau's campaigns; called with every tick and whenever something may have changed. */
void campaigns_look(struct campaigns *c);

#endif
