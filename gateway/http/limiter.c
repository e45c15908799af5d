/* Token buckets in a fixed table. */
#include "gateway/http/limiter.h"

#include <stdlib.h>
#include <string.h>
#include <sodium.h>

#define WAYS 8 /* places that one visitor can be in; the one seen longest ago makes room */

struct bucket {
	uint64_t who; /* 0 = free */
	int64_t seen; /* unix seconds */
	double tries; /* left at `seen` */
};

struct limiter {
	uint8_t key[crypto_shorthash_KEYBYTES]; /* random: nobody can choose an address that pushes out another's */
	size_t sets;
	double most, per_second;
	struct bucket buckets[];
};

struct limiter *
limiter_new(size_t slots, int tries, int seconds)
{
	size_t sets = slots < WAYS ? 1 : slots / WAYS;
	struct limiter *l = calloc(1, sizeof(*l) + sets * WAYS * sizeof(struct bucket));

	if (l == NULL)
		return NULL;
	randombytes_buf(l->key, sizeof(l->key));
	l->sets = sets;
	l->most = tries;
	l->per_second = (double)tries / seconds;
	return l;
}

void
limiter_free(struct limiter *l)
{
	free(l);
}

static struct bucket *
find(struct limiter *l, const char *who, int64_t now)
{
	uint8_t hash[crypto_shorthash_BYTES];
	uint64_t id;

	crypto_shorthash(hash, (const uint8_t *)who, strlen(who), l->key);
	memcpy(&id, hash, sizeof(id));
	if (id == 0)
		id = 1;
	struct bucket *set = &l->buckets[id % l->sets * WAYS], *b = NULL, *oldest = set;
	for (size_t i = 0; i < WAYS && b == NULL; i++) {
		if (set[i].who == id)
			b = &set[i];
		if (set[i].who == 0 ? oldest->who != 0 : oldest->who != 0 && set[i].seen < oldest->seen)
			oldest = &set[i];
	}
	if (b == NULL) {
		b = oldest;
		*b = (struct bucket){.who = id, .seen = now, .tries = l->most};
	}
	if (now > b->seen) {
		b->tries += (double)(now - b->seen) * l->per_second;
		b->seen = now;
	}
	if (b->tries > l->most)
		b->tries = l->most;
	return b;
}

int
limiter_take(struct limiter *l, const char *who, int64_t now)
{
	struct bucket *b = find(l, who, now);

	if (b->tries < 1.0)
		return (int)((1.0 - b->tries) / l->per_second) + 1;
	b->tries -= 1.0;
	return 0;
}

void
limiter_give(struct limiter *l, const char *who, int64_t now)
{
	find(l, who, now)->tries += 1.0;
}

int
limiter_left(struct limiter *l, const char *who, int64_t now)
{
	return (int)find(l, who, now)->tries;
}

int
limiter_full(struct limiter *l, const char *who, int64_t now)
{
	double missing = l->most - find(l, who, now)->tries;

	return missing <= 0 ? 0 : (int)(missing / l->per_second) + 1;
}
