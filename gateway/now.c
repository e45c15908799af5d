/* What time it is. */
#include "gateway/now.h"

#include <time.h>

static int64_t
read_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t
now_us(void)
{
	return read_us(CLOCK_REALTIME);
}

int64_t
now_wait_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

int64_t
now_wait_ms(void)
{
	return now_wait_us() / 1000;
}
