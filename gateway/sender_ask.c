/*
 * What carriers are asked about texts that they have taken: what became of those whose receipt does not come
 * (query_sm), and to take those back that belong to a stopped campaign (cancel_sm). Each part is asked about once; that
 * it was is stored before it is.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/sender_internal.h"
#include "gateway/suffix.h"
#include "store/arena.h"
#include "store/outbox.h"
#include "store/pg.h"
#include "store/receipt.h"
#include "store/turn.h"

#define ASK_MAX 200 /* parts of one bureau at a time */
/* How far back a look goes: the first one far enough for a month without a daemon. */
#define BACK_HOURS 48
#define FIRST_BACK_HOURS 720

/* One question on its way; the link gives it back with the answer. */
struct ask {
	struct ask *next, *prev; /* every one under way */
	struct sender *s;
	const struct conf_bureau *bureau;
	struct link *link;
	struct store_overdue part; /* numbers only */
	char carrier_key[SENDER_ID_MAX], phone[24];
};

/* One bureau's questions of one kind. */
struct asking {
	struct sender *s;
	const struct conf_bureau *bureau;
	enum link_operation what;
	struct arena *arena;
	struct store_patience *links;
	size_t nlinks;
	int back_hours;
	struct store_overdue *rows;
	size_t nrows, nasked;
	int64_t *ids; /* messages given up, or changed */
	size_t nids;
};

static void
ask_free(struct ask *q)
{
	if (q->prev != NULL)
		q->prev->next = q->next;
	else
		q->s->asks = q->next;
	if (q->next != NULL)
		q->next->prev = q->prev;
	free(q);
}

void
sender_asks_free(struct sender *s)
{
	while (s->asks != NULL)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it takes itself off the list */
		ask_free(s->asks);
}

/* ---- Asking ----------------------------------------------------------------------------------------------------- */

static void
put(struct asking *a, const struct store_overdue *r)
{
	const struct lane *lane = sender_lane(a->s, r->link);
	struct ask *q = lane == NULL ? NULL : calloc(1, sizeof(*q));

	if (q == NULL)
		return;
	*q = (struct ask){.s = a->s, .bureau = a->bureau, .link = lane->link};
	q->part.message_id = r->message_id;
	q->part.part = r->part;
	q->part.attempt = r->attempt;
	(void)snprintf(q->carrier_key, sizeof(q->carrier_key), "%s", r->carrier_key);
	(void)snprintf(q->phone, sizeof(q->phone), "%s", r->phone);
	char source[SUFFIX_ADDRESS_MAX];
	suffix_address(a->s->g->conf, a->bureau, lane->conf, r->conversation_id, source);
	struct link_operate o = {.message_id = (uint64_t)r->message_id,
		.part = r->part,
		.parts = r->parts,
		.attempt = r->attempt,
		.tag = q,
		.carrier_id = r->carrier_id,
		.source = source,
		.dest = r->phone};
	int rc = a->what == LINK_QUERY ? link_query(lane->link, &o) : link_cancel(lane->link, &o);
	if (rc != 0) {
		free(q);
		return;
	}
	q->next = a->s->asks;
	if (q->next != NULL)
		q->next->prev = q;
	a->s->asks = q;
	metrics_add(a->what == LINK_QUERY ? METRIC_QUERIES : METRIC_CANCELS, 1);
}

static void
asking_free(struct asking *a)
{
	arena_free(a->arena);
	free(a);
}

static void
on_asking_end(void *arg, const char *error, const char *sqlstate)
{
	struct asking *a = arg;

	if (error != NULL)
		log_warn("bureau=%s carriers could not be asked about texts: %s sqlstate=%s", a->bureau->code, error, sqlstate);
	for (size_t i = 0; error == NULL && i < a->nasked; i++)
		put(a, &a->rows[i]);
	if (error == NULL && a->nids > 0)
		log_info("bureau=%s no receipt came for %zu texts, and none is expected any more", a->bureau->code, a->nids);
	asking_free(a);
}

/* As many as the links have room for now; the others come with the next look. */
static void
choose(struct asking *a)
{
	size_t kept = 0;

	for (size_t i = 0; i < a->s->nlanes; i++)
		a->s->lanes[i].asked = 0;
	for (size_t i = 0; i < a->nrows; i++) {
		struct lane *lane = sender_lane(a->s, a->rows[i].link);

		if (lane != NULL && lane->asked < link_room(lane->link)) {
			lane->asked++;
			a->rows[kept++] = a->rows[i];
		}
	}
	a->nasked = kept;
}

static void
on_asking_result(void *arg, int index, const PGresult *res)
{
	struct asking *a = arg;

	if (res == NULL)
		return;
	if (index == 0)
		a->rows = store_receipts_overdue_rows(a->arena, res, &a->nrows);
	else if (index == (a->nasked > 0 ? 2 : 1) && a->what == LINK_QUERY)
		sender_ids_of(a->arena, res, &a->ids, &a->nids);
}

static void
on_asking_found(void *arg, struct pg_batch *pb)
{
	struct asking *a = arg;

	choose(a);
	if (a->what == LINK_QUERY) {
		store_parts_queried(pb, a->bureau->id, a->rows, a->nasked);
		store_receipts_given_up(pb, a->bureau->id, a->links, a->nlinks, a->back_hours);
	} else {
		store_parts_cancel(pb, a->bureau->id, a->rows, a->nasked);
		store_campaigns_cancelled(pb, a->bureau->id, a->links, a->nlinks);
	}
	pg_batch_commit(pb);
}

static struct asking *
asking_new(struct sender *s, const struct conf_bureau *b, enum link_operation what)
{
	struct asking *a = calloc(1, sizeof(*a));

	if (a == NULL)
		abort();
	*a = (struct asking){.s = s, .bureau = b, .what = what, .arena = arena_new()};
	a->back_hours = s->looked_back ? BACK_HOURS : FIRST_BACK_HOURS;
	a->links = arena_alloc(a->arena, (s->nlanes + 1) * sizeof(*a->links));
	for (size_t i = 0; i < s->nlanes; i++) {
		const struct conf_link *conf = s->lanes[i].conf;
		bool bound = sender_bound(s->lanes[i].link);

		if (what == LINK_CANCEL ? conf->cancel && bound : conf->receipts && conf->receipt_timeout_hours > 0)
			a->links[a->nlinks++] = (struct store_patience){conf->name, conf->receipt_timeout_hours, conf->query};
	}
	return a;
}

void
sender_overdue(struct gateway *g)
{
	for (size_t i = 0; i < g->conf->nbureaus; i++) {
		struct asking *a = asking_new(g->sender, &g->conf->bureaus[i], LINK_QUERY);
		struct pg_batch *pb =
			a->nlinks == 0 ? NULL : pg_batch_begin(g->pg_side, true, a, on_asking_result, on_asking_end);

		if (pb == NULL) {
			asking_free(a);
			continue;
		}
		store_receipts_overdue(pb, a->bureau->id, a->links, a->nlinks, ASK_MAX, a->back_hours);
		pg_batch_flush(pb, on_asking_found);
	}
	g->sender->looked_back = true;
}

void
sender_cancel_held(struct gateway *g, const struct conf_bureau *b)
{
	struct asking *a = asking_new(g->sender, b, LINK_CANCEL);
	struct pg_batch *pb = pg_batch_begin(g->pg_send, true, a, on_asking_result, on_asking_end);

	if (pb == NULL) {
		asking_free(a);
		return;
	}
	store_campaigns_held(pb, b->id, a->links, a->nlinks, ASK_MAX);
	pg_batch_flush(pb, on_asking_found);
}

/* ---- Answers ---------------------------------------------------------------------------------------------------- */

/* A part that the carrier has taken back. */
static void
on_cancel_marked(void *arg, struct pg_batch *pb)
{
	struct asking *a = arg;

	sender_save_states(pb, a->bureau, a->arena, a->ids, a->nids);
	store_save_ids(pb, STMT_CAMPAIGN_UNSENT, a->bureau->id, a->ids, a->nids);
	pg_batch_commit(pb);
}

static void
on_cancel_result(void *arg, int index, const PGresult *res)
{
	struct asking *a = arg;

	if (index == 0 && res != NULL)
		sender_ids_of(a->arena, res, &a->ids, &a->nids);
}

static void
on_cancel_end(void *arg, const char *error, const char *sqlstate)
{
	struct asking *a = arg;

	if (error != NULL)
		log_warn("bureau=%s a text that was taken back could not be marked: %s sqlstate=%s", a->bureau->code, error,
			sqlstate);
	asking_free(a);
}

static void
cancelled(const struct ask *q)
{
	struct asking *a = asking_new(q->s, q->bureau, LINK_CANCEL);
	struct pg_batch *pb = pg_batch_begin(q->s->pg_receipt, true, a, on_cancel_result, on_cancel_end);

	if (pb == NULL) {
		asking_free(a); /* its receipt will say DELETED */
		return;
	}
	store_parts_cancelled(pb, q->bureau->id, &q->part, 1);
	pg_batch_flush(pb, on_cancel_marked);
}

/* The answer says what a receipt would. */
static void
queried(const struct ask *q, const struct link_operated *o)
{
	struct receipt_mark *m = o->state[0] == '\0' ? NULL : calloc(1, sizeof(*m));

	if (m == NULL)
		return;
	m->bureau = q->bureau;
	m->link = q->link;
	memcpy(m->carrier_key, q->carrier_key, sizeof(m->carrier_key));
	memcpy(m->phone, q->phone, sizeof(m->phone));
	log_plain(o->state, m->state, sizeof(m->state));
	if (o->error != 0)
		(void)snprintf(m->error, sizeof(m->error), "%d", o->error);
	sender_receipt_add(q->s, m);
}

void
sender_operated(struct gateway *g, struct link *l, const struct link_operated *o)
{
	struct ask *q = o->tag;

	(void)g;
	(void)l;
	if (o->outcome == LINK_ACCEPTED && o->operation == LINK_CANCEL)
		cancelled(q);
	else if (o->outcome == LINK_ACCEPTED)
		queried(q, o);
	else
		log_debug("link=%s message=%lld part=%d %s: the carrier answered 0x%02X", link_name(l),
			(long long)o->message_id, o->part, o->operation == LINK_CANCEL ? "cannot be taken back" : "is not known",
			(unsigned)o->status);
	ask_free(q);
}
