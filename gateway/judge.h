/*
 * What the program decides by itself: approval by an item's rules, approval on a pledge, parcels that have come. The
 * clock looks each second; what must be done stands in the table pending_act, so that nothing is forgotten by a crash,
 * and doing it twice does nothing the second time.
 */
#ifndef GATEWAY_JUDGE_H
#define GATEWAY_JUDGE_H

struct gateway;
struct judge;

struct judge *judge_new(struct gateway *g); /* NULL without memory */
void judge_free(struct judge *j);
/* Looks what is due, unless it is at it. */
void judge_look(struct judge *j);

#endif
