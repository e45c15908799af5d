/*
 * How fast a link may send: its parts per second; the pauses and the lower rate that a carrier asks for by refusing
 * (0x58, 0x14), crept back up while it accepts; and what its congestion_state asks for before it refuses. Pure; times
 * are microseconds of a clock that only goes forward.
 */
#ifndef GATEWAY_SMPP_PACE_H
#define GATEWAY_SMPP_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
	int rate; /* parts per second by configuration; 0 = no limit */

	/* The bucket. */
	int64_t current; /* thousandths of a part per second that fill it; 0 = no limit */
	int64_t tokens;	 /* 10^-9 parts that may go */
	int64_t most;	 /* that tokens grow to: a twentieth of a second's parts, at least one */
	int64_t counted_at;

	/* Refusals. */
	int64_t paused_until; /* 0 = not */
	int64_t pause, pause_min, pause_max;
	int64_t limit;	  /* thousandths of a part per second after a refusal; 0 = none */
	int64_t ceiling;  /* the limit is lifted beyond this */
	int64_t raise_at; /* the next step up */

	/* Congestion. */
	uint32_t congestion; /* as last told, 0 to 100 */
	int64_t congested_until;
	int64_t congested_from; /* thousandths of a part per second that went when it began */

	/* What went: parts in the second that began at second_at, and in the one before. */
	int64_t second_at;
	int64_t in_second, last_second;
};

/* rate: parts per second, 0 or less = no limit. The first pause takes min_ms; each one after it, with nothing accepted
 * in between, twice as long, up to max_ms. */
void pace_init(struct pace *p, int rate, int min_ms, int max_ms, int64_t now);
/* Parts that may go now; INT_MAX without a limit, 0 in a pause. */
int pace_allowed(const struct pace *p, int64_t now);
/* Microseconds until a part may go; 0 = now. */
int64_t pace_wait(const struct pace *p, int64_t now);
void pace_spend(struct pace *p, int64_t now); /* one part goes */
/*
 * A part was refused for speed: a pause, then half of what went last. False when that was known already: parts in
 * flight are refused by the dozen.
 */
bool pace_throttled(struct pace *p, int64_t now);
/* A part was accepted: the next pause is a first one again, and once a second the rate creeps up. */
void pace_accepted(struct pace *p, int64_t now);
/*
 * congestion_state, 0 (idle) to 100 (refuses all): slower from 80 on, next to nothing from 90 on, until another is told
 * or for a few seconds. True when it begins to slow the link down.
 */
bool pace_congested(struct pace *p, uint32_t state, int64_t now);
/* Parts per second that go now, rounded up; 0 = no limit. */
int pace_rate(const struct pace *p);

#endif
