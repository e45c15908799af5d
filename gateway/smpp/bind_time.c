/* How long a session waits. */
#include "gateway/smpp/bind_time.h"
#include "gateway/conf.h"

#define BACKOFF_DOUBLINGS 16
#define RETURN_DOUBLINGS 4

static int64_t
seconds_or(int seconds, int64_t otherwise)
{
	return seconds > 0 ? seconds * 1000LL : otherwise;
}

int64_t
bind_ms_connect(const struct bind *b)
{
	return seconds_or(b->conf->bind_seconds, 30000);
}

int64_t
bind_ms_response(const struct bind *b)
{
	return seconds_or(b->conf->response_seconds, 60000);
}

int64_t
bind_ms_dead(const struct bind *b)
{
	return seconds_or(b->conf->dead_seconds, bind_ms_response(b));
}

int64_t
bind_ms_unbind(const struct bind *b)
{
	return seconds_or(b->conf->unbind_seconds, 5000);
}

int64_t
bind_ms_silence(const struct bind *b)
{
	return seconds_or(b->conf->enquire_seconds, -1);
}

static int64_t
jitter(const struct bind *b, int64_t most)
{
	return b->ops->random(b->arg, (uint32_t)(most + 1));
}

int64_t
bind_ms_return(const struct bind *b)
{
	int64_t ms = seconds_or(b->conf->return_seconds, -1);

	if (ms < 0)
		return -1;
	ms <<= b->strays < RETURN_DOUBLINGS ? b->strays : RETURN_DOUBLINGS;
	return ms + jitter(b, ms / 10);
}

int64_t
bind_ms_backoff(struct bind *b)
{
	int64_t low = b->conf->backoff_min_ms > 0 ? b->conf->backoff_min_ms : 1000;
	int64_t high = b->conf->backoff_max_ms > low ? b->conf->backoff_max_ms : low;
	int64_t ms = low << (b->failures < BACKOFF_DOUBLINGS ? b->failures : BACKOFF_DOUBLINGS);

	if (ms > high)
		ms = high;
	b->failures++;
	/* Never below the floor: some carriers count connections and shut out who comes too often. */
	if (ms / 2 < low)
		return low + jitter(b, ms - low);
	return ms / 2 + jitter(b, ms / 2);
}

int64_t
bind_ms_backoff_bind(struct bind *b)
{
	int64_t ms = bind_ms_backoff(b), low = b->conf->backoff_bind_ms;

	return ms < low ? low + jitter(b, low / 4) : ms;
}

int64_t
bind_ms_backoff_slow(const struct bind *b)
{
	int64_t ms = seconds_or(b->conf->refused_seconds, 300000);

	return ms + jitter(b, ms / 4);
}
