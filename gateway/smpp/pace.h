/*
 * How fast a link may send: its parts per second, and the pauses that a carrier asks for by refusing (0x58, 0x14).
 * Pure; times are microseconds of a clock that only goes forward.
 */
#ifndef GATEWAY_SMPP_PACE_H
#define GATEWAY_SMPP_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	int rate;		/* parts per second; 0 = no limit */
	int64_t tokens; /* millionths of a part that may go */
	int64_t most;	/* that tokens grow to: a twentieth of a second's parts, at least one */
	int64_t counted_at;
	int64_t paused_until; /* 0 = not */
	int64_t pause, pause_min, pause_max;
};

/* rate: parts per second, 0 or less = no limit. The first pause takes min_ms; each one after it, with nothing accepted
 * in between, twice as long, up to max_ms (at most 30 s). */
void pace_init(struct pace *p, int rate, int min_ms, int max_ms, int64_t now);
/* Parts that may go now; INT_MAX without a limit, 0 in a pause. */
int pace_allowed(const struct pace *p, int64_t now);
/* Microseconds until a part may go; 0 = now. */
int64_t pace_wait(const struct pace *p, int64_t now);
void pace_spend(struct pace *p, int64_t now); /* one part goes */
/* A part was refused for speed. False when that was known already: parts in flight are refused by the dozen. */
bool pace_throttled(struct pace *p, int64_t now);
/* The carrier says that it soon will: a shortest pause. */
void pace_congested(struct pace *p, int64_t now);
void pace_accepted(struct pace *p); /* a part was accepted: the next pause is a first one again */

#endif
