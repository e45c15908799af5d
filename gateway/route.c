/* Shares out phones among links by a hash of their number. */
#include "gateway/route.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a with a last stir: phones differ in their last digits, and every bit is used below. */
static uint64_t
hash_of(const char *phone, uint64_t salt)
{
	uint64_t h = 0xcbf29ce484222325u ^ salt;

	for (; *phone != '\0'; phone++)
		h = (h ^ (uint8_t)*phone) * 0x100000001b3u;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	h ^= h >> 33;
	return h;
}

/* Among the links that are up (or, with any, among all): by weight. -1: none has one. */
static int
share(const struct route_link *links, size_t n, uint64_t hash, bool any)
{
	uint64_t total = 0, at;

	for (size_t i = 0; i < n; i++)
		total += any || links[i].up ? (uint64_t)links[i].weight : 0;
	if (total == 0)
		return -1;
	at = hash % total;
	for (size_t i = 0; i < n; i++) {
		uint64_t weight = any || links[i].up ? (uint64_t)links[i].weight : 0;

		if (at < weight)
			return (int)i;
		at -= weight;
	}
	return -1;
}

int
route_pick(const struct route_link *links, size_t n, const char *phone, const char *prefer)
{
	int usual, spare = -1;

	if (n == 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (links[i].up && strcmp(links[i].name, prefer) == 0)
			return (int)i;
		if (links[i].up && spare < 0)
			spare = (int)i; /* when nothing but a spare is up */
	}
	usual = share(links, n, hash_of(phone, 0), true);
	if (usual >= 0 && links[usual].up)
		return usual;
	int other = share(links, n, hash_of(phone, 1), false);
	if (other >= 0)
		return other;
	if (spare >= 0)
		return spare;
	return usual >= 0 ? usual : 0;
}
