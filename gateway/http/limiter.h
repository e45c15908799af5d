/*
 * How often somebody may try: a fixed table of buckets by a keyed hash of who it is, so that memory does not grow with
 * the number of visitors. Time is an argument.
 */
#ifndef GATEWAY_HTTP_LIMITER_H
#define GATEWAY_HTTP_LIMITER_H

#include <stddef.h>
#include <stdint.h>

struct limiter;

/* `tries` at once, and as many again over `seconds`. `slots` visitors are remembered; NULL without memory. */
struct limiter *limiter_new(size_t slots, int tries, int seconds);
void limiter_free(struct limiter *l);
/* Takes one try. Returns 0, or the seconds until the next one is free (nothing was taken then). now: unix seconds. */
int limiter_take(struct limiter *l, const char *who, int64_t now);
/* Tries that are left, and the seconds until all are there again. */
int limiter_left(struct limiter *l, const char *who, int64_t now);
int limiter_full(struct limiter *l, const char *who, int64_t now);
/* Gives a try back: it was not a bad one. */
void limiter_give(struct limiter *l, const char *who, int64_t now);

#endif
