/*
 * Texts that leave with the commit of their turns: which of them are still waited for. When each has its outcome, the
 * row that stands for them all goes with the last one's.
 */
#include <stdlib.h>

#include "gateway/sender_internal.h"

struct sender_direct *
sender_direct_join(struct sender *s, const struct sender_text *t)
{
	struct sender_direct *d = s->directs;

	if (t->direct == 0)
		return NULL;
	/* Those of one commit come one after the other. */
	if (d == NULL || d->id != t->direct || d->bureau != t->bureau) {
		d = calloc(1, sizeof(*d));
		if (d == NULL)
			abort(); /* the attempts are stored: another run takes them up */
		*d = (struct sender_direct){.next = s->directs, .bureau = t->bureau, .id = t->direct};
		if (d->next != NULL)
			d->next->prev = d;
		s->directs = d;
	}
	d->waiting++;
	return d;
}

void
sender_direct_finishing(const struct sending *list, bool undo)
{
	for (const struct sending *x = list; x != NULL; x = x->next) {
		if (x->direct != NULL)
			x->direct->finishing += undo ? -1 : 1;
	}
}

size_t
sender_direct_over(const struct sending *list, int64_t *ids)
{
	size_t n = 0;

	for (const struct sending *x = list; x != NULL; x = x->next) {
		size_t i = 0;

		if (x->direct == NULL || x->direct->finishing < x->direct->waiting)
			continue;
		while (i < n && ids[i] != x->direct->id)
			i++;
		if (i == n)
			ids[n++] = x->direct->id;
	}
	return n;
}

void
sender_direct_stored(struct sender *s, struct sending *x)
{
	struct sender_direct *d = x->direct;

	if (d == NULL)
		return;
	x->direct = NULL;
	d->finishing--;
	if (--d->waiting > 0)
		return;
	if (d->prev != NULL)
		d->prev->next = d->next;
	else
		s->directs = d->next;
	if (d->next != NULL)
		d->next->prev = d->prev;
	free(d);
}
