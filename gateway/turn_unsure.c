/*
 * Texts whose commit was sent and never answered: they may be stored. The carrier is told to come again and does so on
 * the same bind, under another sequence number, where a text like an earlier one is otherwise a new one. Here it is
 * remembered which are not; and the store is told as soon as it is back, for this memory dies with the daemon.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/log.h"
#include "gateway/sender.h"
#include "gateway/turn_internal.h"
#include "store/pg.h"

#define UNSURE_MAX 4096		/* texts; the oldest give way */
#define UNSURE_SECONDS 3600 /* as long as the store looks back for a second delivery */

struct unsure {
	uint8_t hash[STORE_HASH];
	char phone[TURN_PHONE_MAX];
	int bureau_id;
	int64_t came_us, at_us; /* at_us 0: over */
	enum {
		UNTOLD,
		TELLING,
		TOLD
	} store;
};

struct turn_unsure {
	size_t count, next;
	size_t waiting; /* of them, those that the store is to be told of */
	struct unsure list[UNSURE_MAX];
};

static bool
waits(const struct unsure *x)
{
	return x->at_us != 0 && x->store != TOLD;
}

/* Made when the first one comes: most daemons never lose a commit. */
void
turn_unsure_add(struct turn_unsure **all, const struct turn *t, int64_t now_us)
{
	struct turn_unsure *u = *all != NULL ? *all : calloc(1, sizeof(*u));

	if (u == NULL)
		abort(); /* what was not answered comes again, on another bind then */
	*all = u;
	struct unsure *x = &u->list[u->next];
	u->waiting += waits(x) ? 0 : 1;
	*x = (struct unsure){.bureau_id = t->bureau->id, .came_us = t->received_us, .at_us = now_us, .store = UNTOLD};
	memcpy(x->hash, t->hash, STORE_HASH);
	memcpy(x->phone, t->phone, sizeof(x->phone));
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
		struct unsure *x = &u->list[i];

		if (memcmp(x->hash, t->hash, STORE_HASH) != 0)
			continue;
		u->waiting -= waits(x) ? 1 : 0;
		x->at_us = 0;
	}
}

/* ---- What the store is told ------------------------------------------------------------------------------------- */

bool
turn_unsure_told(const struct gateway *g)
{
	const struct turn_unsure *u = g->turns == NULL ? NULL : g->turns->unsure;

	return u == NULL || u->waiting == 0;
}

static void
on_told(void *arg, const char *error, const char *sqlstate)
{
	struct gateway *g = arg;
	struct turn_unsure *u = g->turns->unsure;
	/* Away once more: told when it is back. What it refuses while it is there it would refuse each time. */
	bool again = error != NULL && turn_store_is_down(sqlstate);

	if (error != NULL)
		log_warn("texts that may be stored could not be marked: %s", error);
	for (size_t i = 0; i < u->count; i++) {
		struct unsure *x = &u->list[i];

		if (x->store != TELLING)
			continue;
		u->waiting -= waits(x) && !again ? 1 : 0;
		x->store = again ? UNTOLD : TOLD;
	}
	if (!again)
		sender_wake(g);
}

void
turn_unsure_tell(struct gateway *g)
{
	struct turn_unsure *u = g->turns == NULL ? NULL : g->turns->unsure;
	struct pg_batch *b;
	size_t n = 0;

	if (turn_unsure_told(g) || g->pg_turn == NULL || (b = pg_batch_begin(g->pg_turn, false, g, NULL, on_told)) == NULL)
		return;
	struct store_unsure *rows = calloc(u->count, sizeof(*rows));
	if (rows == NULL)
		abort();
	for (size_t i = 0; i < u->count; i++) {
		struct unsure *x = &u->list[i];

		if (!waits(x))
			continue;
		x->store = TELLING;
		rows[n++] = (struct store_unsure){x->phone, x->hash, x->came_us, x->bureau_id};
	}
	store_unsure(b, rows, n);
	free(rows);
	pg_batch_commit(b);
}
