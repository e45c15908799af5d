/* The table of live USSD sessions: hashed by link, phone and key; silent ones go when their bucket is walked. */
#include "gateway/ussd_live.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096
#define OVER_SECONDS 600 /* an ended one is remembered so long: an answer to it may still be on its way */

struct live {
	struct live *next;
	int bureau_id;
	bool over;
	int64_t until_us;
	const char *link, *phone, *session; /* into text */
	char text[];
};

struct ussd_live {
	struct live *buckets[BUCKETS];
};

struct ussd_live *
ussd_live_new(void)
{
	return calloc(1, sizeof(struct ussd_live));
}

void
ussd_live_free(struct ussd_live *t)
{
	for (size_t i = 0; t != NULL && i < BUCKETS; i++) {
		for (struct live *x = t->buckets[i], *next; x != NULL; x = next) {
			next = x->next;
			free(x);
		}
	}
	free(t);
}

static size_t
bucket_of(const char *link, const char *phone, const char *session)
{
	const char *const parts[] = {link, phone, session};
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < 3; i++) {
		for (const char *p = parts[i]; *p != '\0'; p++)
			h = (h ^ (unsigned char)*p) * 1099511628211u;
		h *= 1099511628211u;
	}
	return (size_t)(h ^ h >> 32) % BUCKETS;
}

static struct live *
find(const struct ussd_live *t, const char *link, const char *phone, const char *session)
{
	struct live *x = t->buckets[bucket_of(link, phone, session)];

	while (
		x != NULL && (strcmp(x->session, session) != 0 || strcmp(x->phone, phone) != 0 || strcmp(x->link, link) != 0))
		x = x->next;
	return x;
}

static void
sweep(struct live **at, int64_t now_us)
{
	while (*at != NULL) {
		struct live *x = *at;

		if (x->until_us > now_us) {
			at = &x->next;
			continue;
		}
		*at = x->next;
		free(x);
	}
}

void
ussd_live_heard(struct ussd_live *t, const char *link, const char *phone, const char *session, int bureau_id,
	int64_t now_us, int idle_seconds)
{
	struct live **bucket = &t->buckets[bucket_of(link, phone, session)];

	sweep(bucket, now_us);
	struct live *x = find(t, link, phone, session);
	if (x == NULL) {
		size_t a = strlen(link) + 1, b = strlen(phone) + 1, c = strlen(session) + 1;

		x = calloc(1, sizeof(*x) + a + b + c);
		if (x == NULL)
			return; /* then its bureau is found by the address, and its end by its row */
		x->link = memcpy(x->text, link, a);
		x->phone = memcpy(x->text + a, phone, b);
		x->session = memcpy(x->text + a + b, session, c);
		x->next = *bucket;
		*bucket = x;
	}
	x->bureau_id = bureau_id;
	x->over = false;
	x->until_us = now_us + (int64_t)idle_seconds * 1000000;
}

void
ussd_live_over(struct ussd_live *t, const char *link, const char *phone, const char *session, int64_t now_us)
{
	struct live *x = find(t, link, phone, session);

	if (x == NULL)
		return;
	x->over = true;
	x->until_us = now_us + (int64_t)OVER_SECONDS * 1000000;
}

int
ussd_live_bureau(const struct ussd_live *t, const char *link, const char *phone, const char *session)
{
	const struct live *x = find(t, link, phone, session);

	return x == NULL ? 0 : x->bureau_id;
}

bool
ussd_live_open(const struct ussd_live *t, const char *link, const char *phone, const char *session)
{
	const struct live *x = find(t, link, phone, session);

	return x == NULL || !x->over;
}
