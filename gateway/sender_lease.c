/* Leases on texts: those that this daemon holds are kept, those that a dead one held are taken over. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/delivery.h"
#include "gateway/log.h"
#include "gateway/now.h"
#include "gateway/sender_internal.h"
#include "store/arena.h"
#include "store/outbox.h"
#include "store/pg.h"
#include "store/turn.h"

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
			if (x->bureau == &conf->bureaus[i] && x->direct == NULL)
				ids[n++] = x->message_id;
		}
		if (n > 0)
			store_outbox_renew(pb, conf->bureaus[i].id, s->g->daemon_id, conf->lease_seconds, ids, n);
		n = 0;
		for (const struct sender_direct *d = s->directs; d != NULL; d = d->next) {
			if (d->bureau == &conf->bureaus[i])
				ids[n++] = d->id;
		}
		if (n > 0)
			store_direct_renew(pb, conf->bureaus[i].id, s->g->daemon_id, conf->lease_seconds, ids, n);
		arena_free(a);
	}
	pg_batch_commit(pb);
}

bool
sender_may_take_over(const struct gateway *g)
{
	return g->named && (g->again_ms == 0 || now_wait_ms() - g->again_ms >= PG_BACK_SECONDS * 1000LL);
}

void
sender_named(struct gateway *g)
{
	g->sender->renewed = 0;
	sender_renew(g->sender);
	sender_wake(g);
}

/* ---- What a dead daemon left ------------------------------------------------------------------------------------ */

struct takeover {
	struct sender *s;
	void (*done)(void *arg, bool good);
	void *arg;
	struct arena *arena;
	struct store_left **rows; /* by bureau */
	size_t *nrows;
};

static void
on_left(void *arg, int index, const PGresult *res)
{
	struct takeover *t = arg;

	size_t bureau = (size_t)index / 2; /* two statements each */

	if (res != NULL && index % 2 == 1 && bureau < t->s->g->conf->nbureaus)
		t->rows[bureau] = store_outbox_left(t->arena, res, &t->nrows[bureau]);
}

/* Nobody knows what became of these attempts: the link's policy decides, as it does after a drop. */
static void
decide(struct takeover *t, const struct conf_bureau *b, const struct store_left *rows, size_t n, struct pg_batch *pb)
{
	struct store_release *released = arena_alloc(t->arena, n * sizeof(*released) + 1);
	struct store_message_mark *marks = arena_alloc(t->arena, n * sizeof(*marks) + 1);
	int64_t *done = arena_alloc(t->arena, n * sizeof(*done) + 1);
	size_t nreleased = 0, ndone = 0;

	for (size_t i = 0; i < n; i++) {
		const struct store_left *r = &rows[i];
		const struct conf_link *conf = conf_link_by_name(t->s->g->conf, r->link);
		struct policy_attempt a = {policy_kind_of(r->kind), 0, true, r->attempts, r->rebinds, r->lost};
		struct policy_next next = {.charged = true, .lost = true};

		if (conf != NULL) /* a link that is gone has no policy: by another one, at once */
			policy_after(conf, &a, &next);
		if (next.delay_seconds >= 0) {
			released[nreleased++] = (struct store_release){.message_id = r->message_id,
				.delay_seconds = next.delay_seconds,
				.charged = next.charged,
				.rebind = next.rebind,
				.lost = next.lost};
			continue;
		}
		done[ndone] = r->message_id;
		marks[ndone++] = (struct store_message_mark){r->message_id, r->at_us, "technical",
			delivery_uncertain_reason("en"), delivery_uncertain_reason(sender_language(b))};
	}
	store_outbox_release(pb, b->id, released, nreleased);
	store_save_ids(pb, STMT_OUTBOX_DONE, b->id, done, ndone);
	store_message_marks(pb, b->id, marks, ndone);
}

static void
on_locked(void *arg, struct pg_batch *pb)
{
	struct takeover *t = arg;
	const struct conf *conf = t->s->g->conf;

	for (size_t i = 0; i < conf->nbureaus; i++) {
		if (t->nrows[i] > 0)
			decide(t, &conf->bureaus[i], t->rows[i], t->nrows[i], pb);
	}
	pg_batch_commit(pb);
}

static void
on_takeover(void *arg, const char *error, const char *sqlstate)
{
	struct takeover *t = arg;
	size_t n = 0;

	for (size_t i = 0; i < t->s->g->conf->nbureaus; i++)
		n += t->nrows[i];
	if (error != NULL)
		log_warn("leases could not be taken over: %s sqlstate=%s", error, sqlstate);
	else if (n > 0)
		sender_wake(t->s->g);
	if (t->done != NULL)
		t->done(t->arg, error == NULL);
	arena_free(t->arena);
	free(t);
}

void
sender_takeover(struct gateway *g, const char *daemon, void (*done)(void *arg, bool good), void *arg)
{
	const struct conf *conf = g->conf;
	struct takeover *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort(); /* what was left waits for the next run */
	t->s = g->sender;
	t->done = done;
	t->arg = arg;
	t->arena = arena_new();
	t->rows = arena_alloc(t->arena, (conf->nbureaus + 1) * sizeof(struct store_left *));
	t->nrows = arena_alloc(t->arena, (conf->nbureaus + 1) * sizeof(*t->nrows));
	struct pg_batch *pb = pg_batch_begin(g->pg_send, true, t, on_left, on_takeover);
	if (pb == NULL) {
		on_takeover(t, "not connected", "");
		return;
	}
	for (size_t i = 0; i < conf->nbureaus; i++)
		store_outbox_takeover(pb, conf->bureaus[i].id, daemon);
	pg_batch_flush(pb, on_locked);
}
