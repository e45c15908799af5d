/* Requests that wait for a response: a fixed array, a hash on the sequence, and a list from oldest to newest. */
#include "gateway/smpp/window.h"

#include <stdlib.h>

#define SEQUENCE_LAST 0x7fffffffu
#define NONE SIZE_MAX

struct slot {
	struct window_entry entry;
	size_t older, newer; /* the list; `newer` also links the free slots */
	size_t chain;		 /* the next slot with the same hash */
};

struct window {
	size_t room, count;
	size_t oldest, newest, free;
	uint32_t next;
	size_t nheads; /* a power of two */
	size_t *heads;
	struct slot *slots;
};

struct window *
window_new(size_t room)
{
	struct window *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->room = room;
	for (w->nheads = 16; w->nheads < 2 * room; w->nheads *= 2)
		;
	w->heads = calloc(w->nheads, sizeof(*w->heads));
	w->slots = calloc(room, sizeof(*w->slots));
	if (!w->heads || !w->slots) {
		window_free(w);
		return NULL;
	}
	for (size_t i = 0; i < w->nheads; i++)
		w->heads[i] = NONE;
	for (size_t i = 0; i < room; i++)
		w->slots[i].newer = i + 1 < room ? i + 1 : NONE;
	w->oldest = w->newest = NONE;
	w->next = 1;
	return w;
}

void
window_free(struct window *w)
{
	if (!w)
		return;
	free(w->heads);
	free(w->slots);
	free(w);
}

size_t
window_count(const struct window *w)
{
	return w->count;
}

size_t
window_room(const struct window *w)
{
	return w->room - w->count;
}

static size_t *
window_head(const struct window *w, uint32_t sequence)
{
	return &w->heads[sequence & (w->nheads - 1)];
}

static size_t
window_find(const struct window *w, uint32_t sequence)
{
	size_t i = *window_head(w, sequence);

	while (i != NONE && w->slots[i].entry.sequence != sequence)
		i = w->slots[i].chain;
	return i;
}

uint32_t
window_sequence(struct window *w)
{
	uint32_t s;

	do {
		s = w->next;
		w->next = s == SEQUENCE_LAST ? 1 : s + 1;
	} while (window_find(w, s) != NONE);
	return s;
}

uint32_t
window_put(struct window *w, const struct window_entry *e)
{
	size_t i = w->free, *head;
	struct slot *s;

	if (w->count == w->room)
		return 0;
	s = &w->slots[i];
	w->free = s->newer;
	s->entry = *e;
	s->entry.sequence = window_sequence(w);
	head = window_head(w, s->entry.sequence);
	s->chain = *head;
	*head = i;
	s->older = w->newest;
	s->newer = NONE;
	if (w->newest != NONE)
		w->slots[w->newest].newer = i;
	else
		w->oldest = i;
	w->newest = i;
	w->count++;
	return s->entry.sequence;
}

static void
window_remove(struct window *w, size_t i, struct window_entry *out)
{
	struct slot *s = &w->slots[i];
	size_t *link = window_head(w, s->entry.sequence);

	*out = s->entry;
	while (*link != i)
		link = &w->slots[*link].chain;
	*link = s->chain;
	if (s->older != NONE)
		w->slots[s->older].newer = s->newer;
	else
		w->oldest = s->newer;
	if (s->newer != NONE)
		w->slots[s->newer].older = s->older;
	else
		w->newest = s->older;
	s->newer = w->free;
	w->free = i;
	w->count--;
}

bool
window_take(struct window *w, uint32_t sequence, struct window_entry *out)
{
	size_t i = window_find(w, sequence);

	if (i == NONE)
		return false;
	window_remove(w, i, out);
	return true;
}

const struct window_entry *
window_peek(const struct window *w, uint32_t sequence)
{
	size_t i = window_find(w, sequence);

	return i == NONE ? NULL : &w->slots[i].entry;
}

const struct window_entry *
window_oldest(const struct window *w)
{
	return w->oldest == NONE ? NULL : &w->slots[w->oldest].entry;
}

bool
window_take_oldest(struct window *w, struct window_entry *out)
{
	if (w->oldest == NONE)
		return false;
	window_remove(w, w->oldest, out);
	return true;
}

bool
window_take_refused(struct window *w, struct window_entry *out)
{
	size_t i = w->newest;

	while (i != NONE && !w->slots[i].entry.refusal)
		i = w->slots[i].older;
	if (i == NONE)
		return false;
	window_remove(w, i, out);
	return true;
}

int64_t
window_deadline(const struct window *w)
{
	return w->oldest == NONE ? -1 : w->slots[w->oldest].entry.deadline;
}

void
window_written(struct window *w)
{
	/* They go out in order, so the unwritten ones are the newest. */
	for (size_t i = w->newest; i != NONE && !w->slots[i].entry.written; i = w->slots[i].older)
		w->slots[i].entry.written = true;
}

void
window_set_sequence(struct window *w, uint32_t next)
{
	w->next = next;
}
