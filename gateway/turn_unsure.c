/*
 * Texts whose commit was sent and never answered: they may be stored. The carrier is told to come again and does so on
 * the same bind, under another sequence number, where a text like an earlier one is otherwise a new one. Here it is
 * remembered which are not.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/turn_internal.h"

#define UNSURE_MAX 4096		/* texts; the oldest give way */
#define UNSURE_SECONDS 3600 /* as long as the store looks back for a second delivery */

struct unsure {
	uint8_t hash[STORE_HASH];
	int64_t came_us, at_us;
};

struct turn_unsure {
	size_t count, next;
	struct unsure list[UNSURE_MAX];
};

/* Made when the first one comes: most daemons never lose a commit. */
void
turn_unsure_add(struct turn_unsure **all, const struct turn *t, int64_t now_us)
{
	struct turn_unsure *u = *all != NULL ? *all : calloc(1, sizeof(*u));

	if (u == NULL)
		abort(); /* what was not answered comes again, on another bind then */
	*all = u;
	memcpy(u->list[u->next].hash, t->hash, STORE_HASH);
	u->list[u->next].came_us = t->received_us;
	u->list[u->next].at_us = now_us;
	u->next = (u->next + 1) % UNSURE_MAX;
	if (u->count < UNSURE_MAX)
		u->count++;
}

int64_t
turn_unsure_since(const struct turn_unsure *u, const struct turn *t, int64_t now_us)
{
	int64_t since_us = 0;

	for (size_t i = 0; u != NULL && i < u->count; i++) {
		if (u->list[i].at_us + (int64_t)UNSURE_SECONDS * 1000000 > now_us &&
			memcmp(u->list[i].hash, t->hash, STORE_HASH) == 0 && (since_us == 0 || u->list[i].came_us < since_us))
			since_us = u->list[i].came_us;
	}
	return since_us;
}

void
turn_unsure_drop(struct turn_unsure *u, const struct turn *t)
{
	for (size_t i = 0; u != NULL && i < u->count; i++) {
		if (memcmp(u->list[i].hash, t->hash, STORE_HASH) == 0)
			u->list[i].at_us = 0;
	}
}
