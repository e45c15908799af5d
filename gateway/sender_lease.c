/* Leases on texts: those that this daemon holds are kept, those that a dead one held are taken over. */
#include <string.h>
#include <time.h>

#include "gateway/log.h"
#include "gateway/sender_internal.h"
#include "store/arena.h"
#include "store/outbox.h"
#include "store/pg.h"

static void
on_renewed(void *arg, const char *error, const char *sqlstate)
{
	(void)arg;
	if (error != NULL)
		log_warn("leases could not be renewed: %s sqlstate=%s", error, sqlstate);
}

/*
 * What this daemon holds stays its own, however slow the link is. What it does not hold, though its name is on the
 * lease (a claim whose commit nobody heard of), runs out and is taken over.
 */
void
sender_renew(struct sender *s)
{
	int64_t now = (int64_t)time(NULL);
	const struct conf *conf = s->g->conf;

	if (s->all == NULL || now - s->renewed < (conf->lease_seconds + 2) / 3)
		return;
	struct pg_batch *pb = pg_batch_begin(s->g->pg_send, true, s, NULL, on_renewed);
	if (pb == NULL)
		return;
	s->renewed = now;
	for (size_t i = 0; i < conf->nbureaus; i++) {
		struct arena *a = arena_new();
		int64_t *ids = arena_alloc(a, (size_t)s->sendings * sizeof(*ids));
		size_t n = 0;

		for (const struct sending *x = s->all; x != NULL; x = x->all_next) {
			if (x->bureau == &conf->bureaus[i])
				ids[n++] = x->message_id;
		}
		if (n > 0)
			store_outbox_renew(pb, conf->bureaus[i].id, s->g->daemon_id, conf->lease_seconds, ids, n);
		arena_free(a);
	}
	pg_batch_commit(pb);
}

static void
on_takeover(void *arg, const char *error, const char *sqlstate)
{
	struct sender *s = arg;

	if (error != NULL)
		log_warn("leases could not be taken over: %s sqlstate=%s", error, sqlstate);
	else
		sender_wake(s->g);
}

void
sender_takeover(struct gateway *g, const char *daemon)
{
	const struct conf *conf = g->conf;
	int wait = 0;

	for (size_t i = 0; i < conf->nlinks; i++) {
		if (strcmp(conf->links[i].uncertain_reminder, "receipt") == 0 && conf->links[i].receipt_wait_seconds > wait)
			wait = conf->links[i].receipt_wait_seconds;
	}
	struct pg_batch *pb = pg_batch_begin(g->pg_send, true, g->sender, NULL, on_takeover);
	if (pb == NULL)
		return;
	for (size_t i = 0; i < conf->nbureaus; i++)
		store_outbox_takeover(pb, conf->bureaus[i].id, daemon, wait);
	pg_batch_commit(pb);
}
