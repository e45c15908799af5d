/*
 * Which link carries a text, and what happens to texts that wait for one that is down: while no daemon has it bound,
 * replies go to another link of their bureau at once, reminders after the link's failover_seconds.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/now.h"
#include "gateway/route.h"
#include "gateway/sender_internal.h"
#include "store/arena.h"
#include "store/pg.h"
#include "store/route.h"

#define MOVE_MAX 1000 /* texts of one bureau and link that one pass moves */

/* ---- Which link ------------------------------------------------------------------------------------------------- */

struct lane *
sender_lane(struct sender *s, const char *link)
{
	for (size_t i = 0; i < s->nlanes; i++) {
		if (strcmp(s->lanes[i].conf->name, link) == 0)
			return &s->lanes[i];
	}
	return NULL;
}

bool
sender_bound(const struct link *l)
{
	struct link_stats stats;

	link_stats_get(l, &stats);
	return stats.state == LINK_BOUND && link_can_send(l);
}

/* Down in every daemon, and for so long that bulk does not wait for it any more. */
static bool
given_up(const struct lane *lane)
{
	return lane->down_ms != 0 && !lane->elsewhere &&
		   now_wait_ms() - lane->down_ms >= lane->conf->failover_seconds * 1000LL;
}

/* What can carry a text now (here or in another daemon), or is expected back soon. */
static bool
carries(const struct lane *lane, bool soon)
{
	return sender_bound(lane->link) || lane->elsewhere || (soon && !given_up(lane));
}

static const char *
route(struct sender *s, const struct conf_bureau *b, const char *phone, const char *prefer, bool soon)
{
	struct route_link links[b->nlinks + 1];
	size_t n = 0;

	for (size_t i = 0; i < b->nlinks; i++) {
		const struct lane *lane = sender_lane(s, b->links[i]);
		if (lane != NULL)
			links[n++] = (struct route_link){lane->conf->name, lane->conf->weight, carries(lane, soon)};
	}
	int at = route_pick(links, n, phone, prefer);
	return at < 0 ? "" : links[at].name;
}

const char *
sender_route(struct gateway *g, const struct conf_bureau *b, const char *phone, const char *prefer)
{
	return route(g->sender, b, phone, prefer, true);
}

struct link *
sender_reserve(struct gateway *g, const struct conf_bureau *b, const char *phone, const char *prefer, int parts)
{
	struct sender *s = g->sender;
	struct route_link links[b->nlinks + 1];
	size_t n = 0;

	if (!g->named)
		return NULL;
	for (size_t i = 0; i < b->nlinks; i++) {
		const struct lane *lane = sender_lane(s, b->links[i]);
		if (lane != NULL)
			links[n++] = (struct route_link){
				lane->conf->name, lane->conf->weight, sender_bound(lane->link) && sender_has_place(lane, parts)};
	}
	int at = route_pick(links, n, phone, prefer);
	if (at < 0 || !links[at].up)
		return NULL;
	struct lane *lane = sender_lane(s, links[at].name);
	lane->reserved += parts;
	return lane->link;
}

/* ---- What waits for a link that is down ------------------------------------------------------------------------- */

/* One question: what waits for this link at this bureau. */
struct stranded {
	const struct conf_bureau *bureau;
	const struct lane *lane; /* NULL: for a link that the bureau has no more */
	struct store_stranded *rows;
	size_t nrows;
};

struct moving {
	struct sender *s;
	struct arena *arena;
	struct stranded *list; /* the questions, in their order */
	size_t n;
	bool asked; /* result 0 is about other daemons, the next ones are the questions' */
	size_t moved;
	bool more;
};

static void
on_result(void *arg, int index, const PGresult *res)
{
	struct moving *m = arg;

	if (res == NULL)
		return;
	if (index == 0) {
		for (size_t i = 0; i < m->s->nlanes; i++) {
			struct lane *lane = &m->s->lanes[i];

			lane->elsewhere = false;
			for (int row = 0; row < PQntuples(res); row++)
				lane->elsewhere = lane->elsewhere || strcmp(PQgetvalue(res, row, 0), lane->conf->name) == 0;
		}
	} else if (m->asked && (size_t)index <= m->n) {
		struct stranded *w = &m->list[index - 1];

		w->rows = store_outbox_stranded_rows(m->arena, res, &w->nrows);
		m->more = m->more || w->nrows >= MOVE_MAX;
	}
}

static void
on_found(void *arg, struct pg_batch *b)
{
	struct moving *m = arg;

	for (size_t i = 0; i < m->n; i++) {
		struct stranded *w = &m->list[i];
		size_t keep = 0;

		for (size_t k = 0; k < w->nrows; k++) {
			const char *to = route(m->s, w->bureau, w->rows[k].phone, "", w->lane == NULL);

			if (to[0] == '\0' || (w->lane != NULL && strcmp(to, w->lane->conf->name) == 0))
				continue;
			w->rows[keep] = w->rows[k];
			w->rows[keep++].link = to;
		}
		store_outbox_move(b, w->bureau->id, w->rows, keep);
		w->nrows = keep;
		m->moved += keep;
	}
	pg_batch_commit(b);
}

/* Is there a link of this bureau that carries what this one does not? */
static bool
has_other(struct sender *s, const struct conf_bureau *b)
{
	for (size_t i = 0; i < b->nlinks; i++) {
		const struct lane *lane = sender_lane(s, b->links[i]);
		if (lane != NULL && carries(lane, false))
			return true;
	}
	return false;
}

static void
question(struct moving *m, const struct conf_bureau *b, const struct lane *lane)
{
	m->list[m->n++] = (struct stranded){.bureau = b, .lane = lane};
}

static void
on_elsewhere(void *arg, struct pg_batch *b)
{
	struct moving *m = arg;
	struct sender *s = m->s;
	const struct conf *conf = s->g->conf;

	m->asked = true;
	for (size_t i = 0; i < conf->nbureaus; i++) {
		const struct conf_bureau *bureau = &conf->bureaus[i];

		if (s->orphans) {
			question(m, bureau, NULL);
			store_outbox_orphans(b, bureau->id, bureau->links, bureau->nlinks, MOVE_MAX);
		}
		for (size_t k = 0; k < s->nlanes && has_other(s, bureau); k++) {
			const struct lane *lane = &s->lanes[k];

			if (carries(lane, false) || !conf_in_list(bureau->links, bureau->nlinks, lane->conf->name))
				continue;
			question(m, bureau, lane);
			store_outbox_stranded(b, bureau->id, lane->conf->name, given_up(lane), MOVE_MAX);
		}
	}
	if (m->n == 0)
		pg_batch_commit(b);
	else
		pg_batch_flush(b, on_found);
}

static void
on_moved(void *arg, const char *error, const char *sqlstate)
{
	struct moving *m = arg;
	struct sender *s = m->s;

	s->moving = false;
	if (error != NULL) {
		log_warn("texts could not be given to other links: %s sqlstate=%s", error, sqlstate);
	} else {
		for (size_t i = 0; i < m->n; i++) {
			const struct stranded *w = &m->list[i];
			if (w->nrows > 0)
				log_info("bureau=%s link=%s %s: %zu texts that waited for it go by another link", w->bureau->code,
					w->lane != NULL ? w->lane->conf->name : "-",
					w->lane != NULL ? "is down" : "is not the bureau's any more", w->nrows);
		}
		s->orphans = s->orphans && m->more;
		metrics_add(METRIC_TEXTS_MOVED, m->moved);
		if (m->moved > 0)
			sender_wake(s->g);
		if (m->more)
			sender_move(s);
	}
	arena_free(m->arena);
	free(m->list);
	free(m);
}

void
sender_move(struct sender *s)
{
	bool down = s->orphans;

	for (size_t i = 0; i < s->nlanes; i++) {
		struct lane *lane = &s->lanes[i];

		if (sender_bound(lane->link))
			lane->down_ms = 0;
		else if (lane->down_ms == 0)
			lane->down_ms = now_wait_ms();
		down = down || lane->down_ms != 0;
	}
	if (!down || s->moving || s->g->draining)
		return;
	struct moving *m = calloc(1, sizeof(*m));
	size_t room = s->g->conf->nbureaus * (s->nlanes + 1);
	if (m == NULL || (m->list = calloc(room, sizeof(*m->list))) == NULL)
		abort();
	m->s = s;
	m->arena = arena_new();
	struct pg_batch *pb = pg_batch_begin(s->g->pg_send, true, m, on_result, on_moved);
	s->moving = true;
	if (pb == NULL) {
		on_moved(m, "not connected", "");
		return;
	}
	store_links_elsewhere(pb, s->g->daemon_id);
	pg_batch_flush(pb, on_elsewhere);
}
