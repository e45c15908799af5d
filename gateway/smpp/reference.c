/* References of texts in several parts, by phone. */
#include "gateway/smpp/reference.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct phone {
	char phone[24];
	uint32_t chain;		   /* the next in its bucket */
	uint32_t older, newer; /* by last use */
	uint8_t last;		   /* given last; 0 = none yet */
	uint8_t count, next;   /* of the texts below, a ring */
	uint8_t reference[REFERENCE_TEXTS];
	int64_t message_id[REFERENCE_TEXTS];
};

struct references {
	struct phone *phones;
	uint32_t *buckets;
	size_t room, count, nbuckets;
	uint32_t oldest, newest;
};

struct references *
references_new(size_t phones)
{
	struct references *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->room = phones;
	r->nbuckets = phones * 2;
	r->phones = calloc(phones, sizeof(*r->phones));
	r->buckets = malloc(r->nbuckets * sizeof(*r->buckets));
	r->oldest = r->newest = NONE;
	if (r->phones == NULL || r->buckets == NULL) {
		references_free(r);
		return NULL;
	}
	for (size_t i = 0; i < r->nbuckets; i++)
		r->buckets[i] = NONE;
	return r;
}

void
references_free(struct references *r)
{
	if (r == NULL)
		return;
	free(r->phones);
	free(r->buckets);
	free(r);
}

static uint32_t *
bucket_of(struct references *r, const char *phone)
{
	uint64_t h = 14695981039346656037u;

	for (; *phone != '\0'; phone++)
		h = (h ^ (uint8_t)*phone) * 1099511628211u;
	return &r->buckets[h % r->nbuckets];
}

static void
use_unlink(struct references *r, uint32_t i)
{
	struct phone *p = &r->phones[i];

	*(p->older != NONE ? &r->phones[p->older].newer : &r->oldest) = p->newer;
	*(p->newer != NONE ? &r->phones[p->newer].older : &r->newest) = p->older;
}

static void
use_newest(struct references *r, uint32_t i)
{
	struct phone *p = &r->phones[i];

	p->older = r->newest;
	p->newer = NONE;
	*(r->newest != NONE ? &r->phones[r->newest].newer : &r->oldest) = i;
	r->newest = i;
}

/* A place for one more phone: a fresh one, or that of the phone longest without a text. */
static uint32_t
place(struct references *r)
{
	if (r->count < r->room)
		return (uint32_t)r->count++;
	uint32_t i = r->oldest, *at = bucket_of(r, r->phones[i].phone);

	use_unlink(r, i);
	while (*at != i)
		at = &r->phones[*at].chain;
	*at = r->phones[i].chain;
	return i;
}

static struct phone *
phone_of(struct references *r, const char *phone)
{
	uint32_t *bucket = bucket_of(r, phone), i = *bucket;

	while (i != NONE && strncmp(r->phones[i].phone, phone, sizeof(r->phones[i].phone) - 1) != 0)
		i = r->phones[i].chain;
	if (i != NONE) {
		use_unlink(r, i);
	} else {
		i = place(r);
		memset(&r->phones[i], 0, sizeof(r->phones[i]));
		(void)snprintf(r->phones[i].phone, sizeof(r->phones[i].phone), "%s", phone);
		/* Where a place was taken over, the bucket may have changed. */
		r->phones[i].chain = *bucket;
		*bucket = i;
	}
	use_newest(r, i);
	return &r->phones[i];
}

static bool
in_use(const struct phone *p, uint8_t reference)
{
	for (int i = 0; i < p->count; i++)
		if (p->reference[i] == reference)
			return true;
	return false;
}

static uint8_t
after(uint8_t reference)
{
	return reference == 255 ? 1 : (uint8_t)(reference + 1);
}

uint8_t
references_of(int64_t conversation_id, int64_t nth)
{
	return (uint8_t)(((uint64_t)conversation_id * 97 + (uint64_t)nth) % 255 + 1);
}

uint8_t
references_pick(struct references *r, const char *phone, int64_t message_id, uint8_t had)
{
	struct phone *p = phone_of(r, phone);
	uint8_t reference = had;

	for (int i = 0; i < p->count; i++)
		if (p->message_id[i] == message_id)
			return p->reference[i];
	if (had == 0) {
		reference = p->last != 0 ? after(p->last) : (uint8_t)((uint64_t)message_id % 255 + 1);
		while (in_use(p, reference))
			reference = after(reference);
		p->last = reference;
	}
	p->reference[p->next] = reference;
	p->message_id[p->next] = message_id;
	p->next = (uint8_t)((p->next + 1) % REFERENCE_TEXTS);
	if (p->count < REFERENCE_TEXTS)
		p->count++;
	return reference;
}
