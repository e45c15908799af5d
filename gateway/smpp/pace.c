/* A token bucket whose rate follows what the carrier says, and a pause that doubles. */
#include "gateway/smpp/pace.h"

#include <limits.h>

#define SECOND 1000000LL
#define PART 1000000000LL /* tokens of one part: a microsecond of a thousandth of a part per second is one */
#define THOUSAND 1000LL	  /* thousandths of one part per second: the slowest that a carrier makes us */
#define BURST 20		  /* the bucket holds a second's parts divided by this: carriers count in short windows */
#define PAUSE_MIN_US SECOND
#define LIFTED 4		/* without a rate of our own, no limit any more at so many times the speed that was refused */
#define CEILING_MIN 100 /* and not below so many parts per second */
#define STEPS_MAX 600	/* seconds that one step up makes good for */

#define CONGESTED 80	  /* congestion_state from which we go slower */
#define NEAR_CONGESTED 90 /* from which we all but stop (SMPP 5.0, 4.8.4.18: 90 to 99 is "nearing") */
#define CONGESTION_US (5 * SECOND)

static int64_t
lesser(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* ---- The rate -----------------------------------------------------------------------------------------------------
 */

/* Thousandths of a part per second that go in fact. */
static int64_t
speed_at(const struct pace *p, int64_t now)
{
	int64_t age = (now - p->second_at) / SECOND;
	int64_t last = age == 0 ? p->last_second : age == 1 ? p->in_second : 0;

	return greater(age == 0 ? greater(p->in_second, last) : last, 1) * THOUSAND;
}

static int64_t
effective_at(const struct pace *p, int64_t now)
{
	int64_t own = p->rate * THOUSAND, rate = own && p->limit ? lesser(own, p->limit) : own + p->limit;

	if (now >= p->congested_until || p->congestion < CONGESTED)
		return rate;
	if (p->congestion >= NEAR_CONGESTED)
		return THOUSAND;
	if (!rate)
		rate = p->congested_from;
	return greater(rate * (NEAR_CONGESTED - p->congestion) / (NEAR_CONGESTED - CONGESTED + 1), THOUSAND);
}

static int64_t
tokens_at(const struct pace *p, int64_t now)
{
	int64_t passed = now > p->counted_at ? now - p->counted_at : 0;

	/* A long rest fills the bucket; it must not overflow the product. */
	if (passed > p->most / p->current)
		return p->most;
	return lesser(p->tokens + passed * p->current, p->most);
}

/* What has gathered so far counts at the old rate; a bucket that was none begins full. */
static void
set_rate(struct pace *p, int64_t now)
{
	int64_t rate = effective_at(p, now), most = greater(rate / THOUSAND / BURST, 1) * PART;

	if (rate == p->current)
		return;
	p->tokens = p->current ? lesser(tokens_at(p, now), most) : most;
	p->current = rate;
	p->most = most;
	p->counted_at = now;
}

void
pace_init(struct pace *p, int rate, int min_ms, int max_ms, int64_t now)
{
	*p = (struct pace){.rate = rate > 0 ? rate : 0, .counted_at = now, .second_at = now};
	set_rate(p, now);
	p->pause_min = min_ms > 0 ? min_ms * 1000LL : PAUSE_MIN_US;
	p->pause_max = greater(max_ms * 1000LL, p->pause_min);
	p->pause = p->pause_min;
}

int
pace_rate(const struct pace *p)
{
	return (int)((p->current + THOUSAND - 1) / THOUSAND);
}

/* ---- Parts --------------------------------------------------------------------------------------------------------
 */

int
pace_allowed(const struct pace *p, int64_t now)
{
	if (now < p->paused_until)
		return 0;
	return p->current ? (int)(tokens_at(p, now) / PART) : INT_MAX;
}

int64_t
pace_wait(const struct pace *p, int64_t now)
{
	int64_t pause = now < p->paused_until ? p->paused_until - now : 0, lack, wait = 0;

	if (p->current && (lack = PART - tokens_at(p, now)) > 0)
		wait = (lack + p->current - 1) / p->current;
	return greater(wait, pause);
}

void
pace_spend(struct pace *p, int64_t now)
{
	int64_t age = (now - p->second_at) / SECOND;

	if (age > 0) {
		p->last_second = age == 1 ? p->in_second : 0;
		p->in_second = 0;
		p->second_at += age * SECOND;
	}
	p->in_second++;
	set_rate(p, now);
	if (!p->current)
		return;
	p->tokens = tokens_at(p, now) - PART;
	p->counted_at = now;
}

/* ---- What the carrier says ----------------------------------------------------------------------------------------
 */

bool
pace_throttled(struct pace *p, int64_t now)
{
	int64_t speed = speed_at(p, now);

	if (now < p->paused_until)
		return false;
	p->paused_until = now + p->pause;
	p->pause = lesser(p->pause * 2, p->pause_max);
	p->ceiling = p->rate ? p->rate * THOUSAND : greater(speed * LIFTED, CEILING_MIN * THOUSAND);
	p->limit = greater((p->current ? lesser(p->current, speed) : speed) / 2, THOUSAND);
	p->raise_at = p->paused_until + SECOND;
	set_rate(p, now);
	return true;
}

void
pace_accepted(struct pace *p, int64_t now)
{
	p->pause = p->pause_min;
	for (int i = 0; p->limit && p->raise_at <= now && i < STEPS_MAX; i++) {
		p->limit += greater(p->limit / 4, 2 * THOUSAND);
		p->raise_at += SECOND;
		if (p->limit >= p->ceiling)
			p->limit = 0;
	}
	set_rate(p, now);
}

bool
pace_congested(struct pace *p, uint32_t state, int64_t now)
{
	bool was = p->congestion >= CONGESTED && now < p->congested_until;

	if (!was)
		p->congested_from = speed_at(p, now);
	p->congestion = state;
	p->congested_until = state >= CONGESTED ? now + CONGESTION_US : 0;
	set_rate(p, now);
	return state >= CONGESTED && !was;
}
