/*
 * A set of keys for finding duplicates in a file of any length: open addressing, 16 octets a key. Two different keys
 * are taken for one with a chance of one in 2^96 for each pair, and nobody can choose such a pair: the hash is keyed.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/bulk_internal.h"

struct slot {
	uint64_t hash;
	uint32_t more;
	uint32_t row; /* 0 = free */
};

struct seen {
	struct slot *slots;
	size_t room, used; /* room is a power of two */
	uint8_t key[crypto_shorthash_siphashx24_KEYBYTES];
};

struct seen *
seen_new(void)
{
	struct seen *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->room = 4096;
	s->slots = calloc(s->room, sizeof *s->slots);
	if (!s->slots) {
		free(s);
		return NULL;
	}
	randombytes_buf(s->key, sizeof s->key);
	return s;
}

void
seen_free(struct seen *s)
{
	if (!s)
		return;
	free(s->slots);
	free(s);
}

static struct slot *
find(struct slot *slots, size_t room, const struct slot *like)
{
	size_t at = like->hash & (room - 1);

	while (slots[at].row != 0 && (slots[at].hash != like->hash || slots[at].more != like->more))
		at = (at + 1) & (room - 1);
	return &slots[at];
}

static int
grow(struct seen *s)
{
	size_t room = s->room * 2;
	struct slot *slots = calloc(room, sizeof *slots);

	if (!slots)
		return -1;
	for (size_t i = 0; i < s->room; i++) {
		if (s->slots[i].row != 0)
			*find(slots, room, &s->slots[i]) = s->slots[i];
	}
	free(s->slots);
	s->slots = slots;
	s->room = room;
	return 0;
}

int64_t
seen_add(struct seen *s, const void *key, size_t len, int64_t row)
{
	uint8_t hash[crypto_shorthash_siphashx24_BYTES];
	struct slot one, *at;

	crypto_shorthash_siphashx24(hash, key, len, s->key);
	memcpy(&one.hash, hash, sizeof one.hash);
	memcpy(&one.more, hash + sizeof one.hash, sizeof one.more);
	one.row = row > 0 && row <= UINT32_MAX ? (uint32_t)row : UINT32_MAX;
	at = find(s->slots, s->room, &one);
	if (at->row != 0)
		return at->row;
	*at = one;
	if (++s->used > s->room / 4 * 3 && grow(s) < 0)
		return -1;
	return 0;
}
