/* A binary heap of work by time, driven by one libevent timer. */
#include <stdlib.h>
#include <time.h>
#include <event2/event.h>
#include "tests/smsc/later.h"

enum {
	LATER_MAX = 4000000,
	LATER_BURST = 20000
};

struct work {
	int64_t at_us;
	uint64_t serial;
	later_fn fn;
	void *item;
	void (*drop)(void *item);
};

struct later {
	struct event *timer;
	void *arg;
	struct work *heap;
	size_t count, room;
	uint64_t serial;
	int64_t armed_us; /* when the timer will ring; 0 = it will not */
};

int64_t
later_now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int
earlier(const struct work *a, const struct work *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->serial < b->serial;
}

static void
arm(struct later *l)
{
	if (l->count == 0)
		return;
	int64_t at = l->heap[0].at_us, wait = at - later_now_us();
	if (l->armed_us != 0 && l->armed_us <= at)
		return;
	if (wait < 0)
		wait = 0;
	struct timeval tv = {wait / 1000000, wait % 1000000};
	event_add(l->timer, &tv);
	l->armed_us = at;
}

static struct work
take_first(struct later *l)
{
	struct work first = l->heap[0], last = l->heap[--l->count];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;
		if (child >= l->count)
			break;
		if (child + 1 < l->count && earlier(&l->heap[child + 1], &l->heap[child]))
			child++;
		if (!earlier(&l->heap[child], &last))
			break;
		l->heap[i] = l->heap[child];
		i = child;
	}
	if (l->count > 0)
		l->heap[i] = last;
	return first;
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct later *l = arg;
	(void)fd;
	(void)what;

	l->armed_us = 0;
	int64_t now = later_now_us();
	/* In bursts: sockets get their turn between them. */
	for (int i = 0; i < LATER_BURST && l->count > 0 && l->heap[0].at_us <= now; i++) {
		struct work w = take_first(l);
		w.fn(l->arg, w.item);
	}
	arm(l);
}

struct later *
later_new(struct event_base *base, void *arg)
{
	struct later *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->arg = arg;
	l->timer = evtimer_new(base, on_timer, l);
	if (l->timer == NULL) {
		free(l);
		return NULL;
	}
	return l;
}

void
later_free(struct later *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->count; i++)
		if (l->heap[i].drop != NULL)
			l->heap[i].drop(l->heap[i].item);
	event_free(l->timer);
	free(l->heap);
	free(l);
}

int
later_add(struct later *l, int64_t milliseconds, later_fn fn, void *item, void (*drop)(void *item))
{
	if (l->count == l->room) {
		size_t room = l->room == 0 ? 256 : l->room * 2;
		struct work *more = l->count >= LATER_MAX ? NULL : realloc(l->heap, room * sizeof(struct work));
		if (more == NULL)
			return -1;
		l->heap = more;
		l->room = room;
	}
	struct work w = {later_now_us() + milliseconds * 1000, ++l->serial, fn, item, drop};
	size_t i = l->count++;
	while (i > 0 && earlier(&w, &l->heap[(i - 1) / 2])) {
		l->heap[i] = l->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	l->heap[i] = w;
	arm(l);
	return 0;
}

size_t
later_count(const struct later *l)
{
	return l->count;
}
