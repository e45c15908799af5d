/* A token bucket and a pause that doubles. */
#include "gateway/smpp/pace.h"

#include <limits.h>

#define PART 1000000LL /* tokens of one part; also microseconds of a second */
#define BURST 20	   /* the bucket holds a second's parts divided by this: carriers count in short windows */
#define PAUSE_MAX_US 30000000LL
#define PAUSE_MIN_US 1000000LL

void
pace_init(struct pace *p, int rate, int min_ms, int max_ms, int64_t now)
{
	*p = (struct pace){.rate = rate > 0 ? rate : 0, .counted_at = now};
	p->most = (p->rate > BURST ? p->rate / BURST : 1) * PART;
	p->tokens = p->most;
	p->pause_min = min_ms > 0 ? min_ms * 1000LL : PAUSE_MIN_US;
	p->pause_max = max_ms * 1000LL < PAUSE_MAX_US ? max_ms * 1000LL : PAUSE_MAX_US;
	if (p->pause_max < p->pause_min)
		p->pause_max = p->pause_min;
	p->pause = p->pause_min;
}

static int64_t
tokens_at(const struct pace *p, int64_t now)
{
	int64_t passed = now > p->counted_at ? now - p->counted_at : 0;

	/* A microsecond brings `rate` tokens. A long rest fills the bucket; it must not overflow the product. */
	if (passed > p->most / p->rate)
		return p->most;
	return p->tokens + passed * p->rate < p->most ? p->tokens + passed * p->rate : p->most;
}

int
pace_allowed(const struct pace *p, int64_t now)
{
	if (now < p->paused_until)
		return 0;
	return p->rate ? (int)(tokens_at(p, now) / PART) : INT_MAX;
}

int64_t
pace_wait(const struct pace *p, int64_t now)
{
	int64_t pause = now < p->paused_until ? p->paused_until - now : 0, lack, wait = 0;

	if (p->rate && (lack = PART - tokens_at(p, now)) > 0)
		wait = (lack + p->rate - 1) / p->rate;
	return wait > pause ? wait : pause;
}

void
pace_spend(struct pace *p, int64_t now)
{
	if (!p->rate)
		return;
	p->tokens = tokens_at(p, now) - PART;
	p->counted_at = now;
}

bool
pace_throttled(struct pace *p, int64_t now)
{
	if (now < p->paused_until)
		return false;
	p->paused_until = now + p->pause;
	p->pause = p->pause * 2 < p->pause_max ? p->pause * 2 : p->pause_max;
	return true;
}

void
pace_congested(struct pace *p, int64_t now)
{
	if (now >= p->paused_until)
		p->paused_until = now + p->pause_min;
}

void
pace_accepted(struct pace *p)
{
	p->pause = p->pause_min;
}
