/*
 * The queue of turns, by phone: turns of one phone are stepped in the order of arrival, one at a time; phones are taken
 * in the order in which they became ready, those that wait for an answer before what the clock raises.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/turn_ussd.h"

#define QUEUE_BUCKETS 1024

static size_t
bucket_of(const struct turn_queue *q, int bureau_id, const char *phone)
{
	uint64_t h = 1469598103934665603u ^ (uint64_t)bureau_id;

	for (const char *p = phone; *p != '\0'; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211u;
	return (size_t)(h ^ h >> 32) & (q->nbuckets - 1);
}

int
turn_queue_init(struct turn_queue *q)
{
	memset(q, 0, sizeof(*q));
	q->nbuckets = QUEUE_BUCKETS;
	q->buckets = calloc(q->nbuckets, sizeof(*q->buckets));
	return q->buckets == NULL ? -1 : 0;
}

void
turn_free(struct turn *t)
{
	if (t == NULL)
		return;
	turn_kept_free(t->kept);
	free(t->text);
	free(t->shown);
	turn_ussd_free(t->ussd);
	free((char *)t->part_key.link);
	free((char *)t->part_key.kind);
	free((uint8_t *)t->part_key.octets);
	free((char *)t->event.name);
	free((char *)t->event.text);
	free((char *)t->event.by_hand);
	free((char *)t->event.actor);
	free((char *)t->event.desk.step);
	free((char *)t->event.desk.note);
	free((char *)t->event.desk.address);
	free((void *)t->event.slots);
	free(t);
}

void
turn_queue_free(struct turn_queue *q)
{
	for (size_t i = 0; q->buckets != NULL && i < q->nbuckets; i++) {
		struct turn_phone *next;

		for (struct turn_phone *p = q->buckets[i]; p != NULL; p = next) {
			next = p->hash_next;
			while (p->head != NULL) {
				struct turn *t = p->head;
				p->head = t->next;
				turn_free(t);
			}
			free(p);
		}
	}
	free(q->buckets);
	memset(q, 0, sizeof(*q));
}

/* Chains stay short: the table doubles when there are as many phones as buckets. Without memory it stays as it is. */
static void
grow(struct turn_queue *q)
{
	size_t was = q->nbuckets;
	struct turn_phone **old = q->buckets, **buckets = calloc(was * 2, sizeof(*buckets));

	if (buckets == NULL)
		return;
	q->buckets = buckets;
	q->nbuckets = was * 2;
	for (size_t i = 0; i < was; i++) {
		struct turn_phone *next;

		for (struct turn_phone *p = old[i]; p != NULL; p = next) {
			size_t at = bucket_of(q, p->bureau_id, p->phone);
			next = p->hash_next;
			p->hash_next = buckets[at];
			buckets[at] = p;
		}
	}
	free(old);
}

/* Somebody waits for the answer to a text or a page; nobody does for what the clock raises. */
static int
line_of(const struct turn *t)
{
	return t->is_text || t->event.channel == DIALOG_CHANNEL_PAGE ? 0 : 1;
}

static void
make_ready(struct turn_queue *q, struct turn_phone *p)
{
	struct turn_line *line = &q->ready[line_of(p->head)];

	p->ready_next = NULL;
	if (line->tail != NULL)
		line->tail->ready_next = p;
	else
		line->head = p;
	line->tail = p;
	line->count++;
}

int
turn_queue_count(const struct turn_queue *q)
{
	return q->ready[0].count + q->ready[1].count;
}

bool
turn_queue_ready(const struct turn_queue *q)
{
	return q->ready[0].head != NULL || q->ready[1].head != NULL;
}

static bool
same_text(const struct turn *a, const struct turn *b)
{
	return a->is_text && b->is_text && memcmp(a->hash, b->hash, sizeof(a->hash)) == 0 &&
		   strcmp(a->session, b->session) == 0;
}

void
turn_queue_add(struct turn_queue *q, struct turn *t)
{
	size_t at = bucket_of(q, t->bureau->id, t->phone);
	struct turn_phone *p = q->buckets[at];

	while (p != NULL && (p->bureau_id != t->bureau->id || strcmp(p->phone, t->phone) != 0))
		p = p->hash_next;
	t->next = NULL;
	q->pending++;
	if (p != NULL) {
		/* The same text on the same bind before the first was answered: the carrier sends it twice. */
		for (const struct turn *o = p->head; o != NULL; o = o->next)
			t->twin = t->twin || same_text(o, t);
		p->tail->next = t;
		p->tail = t;
		t->chain = p;
		return;
	}
	if (q->nphones >= q->nbuckets) {
		grow(q);
		at = bucket_of(q, t->bureau->id, t->phone);
	}
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		abort(); /* what was not answered comes again */
	p->bureau_id = t->bureau->id;
	memcpy(p->phone, t->phone, sizeof(p->phone));
	p->head = p->tail = t;
	t->chain = p;
	p->hash_next = q->buckets[at];
	q->buckets[at] = p;
	q->nphones++;
	make_ready(q, p);
}

static int
take(struct turn_line *line, int bureau_id, struct turn **out, int max)
{
	struct turn_phone *p, *before = NULL, *next;
	int n = 0;

	for (p = line->head; p != NULL && n < max; p = next) {
		next = p->ready_next;
		if (p->bureau_id != bureau_id) {
			before = p;
			continue;
		}
		if (before != NULL)
			before->ready_next = next;
		else
			line->head = next;
		if (line->tail == p)
			line->tail = before;
		p->ready_next = NULL;
		p->busy = true;
		line->count--;
		out[n++] = p->head;
	}
	return n;
}

int
turn_queue_take(struct turn_queue *q, struct turn **out, int max)
{
	struct turn_phone *first = q->ready[0].head != NULL ? q->ready[0].head : q->ready[1].head;

	if (first == NULL)
		return 0;
	int n = take(&q->ready[0], first->bureau_id, out, max);
	return n + take(&q->ready[1], first->bureau_id, out + n, max - n);
}

void
turn_queue_done(struct turn_queue *q, struct turn *t)
{
	struct turn_phone *p = t->chain;

	/* It was not stepped, for it might have been before: then the next one like it is judged by itself. */
	for (struct turn *o = t->next; o != NULL && t->again && !t->twin; o = o->next) {
		if (same_text(o, t))
			o->twin = false;
	}
	q->pending--;
	p->busy = false;
	p->head = t->next;
	if (p->head != NULL) {
		make_ready(q, p);
		return;
	}
	struct turn_phone **at = &q->buckets[bucket_of(q, p->bureau_id, p->phone)];
	while (*at != p)
		at = &(*at)->hash_next;
	*at = p->hash_next;
	q->nphones--;
	free(p);
}

void
turn_queue_again(struct turn_queue *q, struct turn *t)
{
	t->chain->busy = false;
	make_ready(q, t->chain);
}
