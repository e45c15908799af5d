/* Rows of the outbox are claimed in batches, bureau after bureau, and their attempts stored. */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "gateway/delivery.h"
#include "gateway/hours.h"
#include "gateway/log.h"
#include "gateway/sender_internal.h"
#include "gateway/smpp/status.h"
#include "gateway/turn.h"
#include "store/arena.h"
#include "store/outbox.h"
#include "store/pg.h"
#include "store/turn.h"

#define CLAIM_MAX 500 /* rows of one claim */

struct claim {
	struct sender *s;
	struct lane *lane;
	const struct conf_bureau *bureau;
	size_t bureau_index;
	int limit;
	struct arena *arena;
	struct store_claimed *rows;
	size_t nrows;
	struct sender_text *texts; /* of them, those that go */
	size_t ntexts;
	int64_t next_ms; /* a campaign's rate lets more go then; -1 = none waits */
};

static void
on_claimed(void *arg, int index, const PGresult *res)
{
	struct claim *c = arg;

	if (index == 0 && res != NULL)
		c->rows = store_outbox_claimed(c->arena, res, &c->nrows);
	else if (index == 1 && res != NULL)
		c->next_ms = store_outbox_next_ms(res);
}

/* Looks again when a campaign's rate lets more go: at the earliest time that any claim has said. */
static void
pace(struct sender *s, int64_t ms)
{
	struct timeval at, now, in = {ms / 1000, (suseconds_t)(ms % 1000) * 1000};

	(void)gettimeofday(&now, NULL);
	if (evtimer_pending(s->pace, &at) && (at.tv_sec - now.tv_sec) * 1000 + (at.tv_usec - now.tv_usec) / 1000 <= ms)
		return;
	(void)evtimer_add(s->pace, &in);
}

/* Nobody knows of two attempts of a reminder whether they arrived: it is not sent a third time, a clerk phones. */
static bool
worn_out(const struct store_claimed *r)
{
	return policy_kind_of(r->kind) == POLICY_REMINDER && r->lost >= 2;
}

/* A receipt, or an answer that was marked late, says that the carrier has all of it. */
static bool
all_there(const struct store_claimed *r, const struct link *link)
{
	int parts;

	if (r->parts_there == 0)
		return false;
	parts = link_parts(link, r->text, strlen(r->text));
	for (int i = 0; i < parts; i++) {
		if ((r->parts_there >> i & 1) == 0)
			return false;
	}
	return true;
}

static void
on_claim_phase(void *arg, struct pg_batch *b)
{
	struct claim *c = arg;
	struct store_message_parts *other = arena_alloc(c->arena, c->nrows * sizeof(*other) + 1);
	struct store_message_mark *failed = arena_alloc(c->arena, c->nrows * sizeof(*failed) + 1);
	int64_t *done = arena_alloc(c->arena, c->nrows * sizeof(*done) + 1);
	size_t nfailed = 0, ndone = 0, nother = 0;

	c->texts = arena_alloc(c->arena, c->nrows * sizeof(*c->texts) + 1);
	for (size_t i = 0; i < c->nrows; i++) {
		const struct store_claimed *r = &c->rows[i];
		if (worn_out(r) || all_there(r, c->lane->link)) {
			done[ndone++] = r->message_id;
			if (!all_there(r, c->lane->link))
				failed[nfailed++] = (struct store_message_mark){r->message_id, r->at_us, "technical",
					delivery_uncertain_reason("en"), delivery_uncertain_reason(sender_language(c->bureau))};
			continue;
		}
		int parts = link_parts(c->lane->link, r->text, strlen(r->text));
		if (parts != r->parts)
			other[nother++] = (struct store_message_parts){r->message_id, r->at_us, parts};
		c->texts[c->ntexts++] = (struct sender_text){.bureau = c->bureau,
			.message_id = r->message_id,
			.at_us = r->at_us,
			.conversation_id = r->conversation_id,
			.reply_to = r->reply_to,
			.phone = r->phone,
			.kind = r->kind,
			.text = r->text,
			.attempt = r->attempts,
			.first = r->first,
			.rebinds = r->rebinds,
			.lost = r->lost,
			.there = r->parts_there,
			.reference = r->reference,
			.attempted_us = r->claimed_us,
			.link = c->lane->link};
	}
	store_message_parts(b, c->bureau->id, other, nother);
	store_message_marks(b, c->bureau->id, failed, nfailed);
	store_save_ids(b, STMT_OUTBOX_DONE, c->bureau->id, done, ndone);
	pg_batch_commit(b);
}

static void
on_claim_end(void *arg, const char *error, const char *sqlstate)
{
	struct claim *c = arg;
	struct sender *s = c->s;

	s->claiming = false;
	if (error != NULL) {
		log_warn("link=%s outbox could not be claimed: %s sqlstate=%s", c->lane->conf->name, error, sqlstate);
	} else {
		c->lane->empty[c->bureau_index] = c->nrows < (size_t)c->limit;
		if (c->next_ms >= 0)
			pace(s, c->next_ms);
		sender_take(s, c->lane, c->texts, c->ntexts);
	}
	arena_free(c->arena);
	free(c);
}

/* One claim at a time, bureau after bureau, for as many parts as the link has room. */
void
sender_claim(struct sender *s, struct lane *lane)
{
	const struct conf *conf = s->g->conf;
	int ahead = sender_ahead(lane), room = ahead - lane->ready_parts;

	/* A link that is down or throttled gets nothing more; one that is slow is kept supplied, not flooded. */
	if (s->claiming || lane->ready_parts > ahead / 2 || (link_room(lane->link) <= 0 && lane->ready_parts > 0) ||
		!sender_bound(lane->link) || s->g->draining || !s->g->named || !turn_unsure_told(s->g))
		return;
	for (size_t n = 0; n < conf->nbureaus; n++) {
		size_t i = (lane->next_bureau + n) % conf->nbureaus;
		const struct conf_bureau *b = &conf->bureaus[i];

		if (lane->empty[i] || !conf_in_list(b->links, b->nlinks, lane->conf->name))
			continue;
		struct claim *c = calloc(1, sizeof(*c));
		if (c == NULL)
			return;
		*c = (struct claim){.s = s, .lane = lane, .bureau = b, .bureau_index = i, .arena = arena_new(), .next_ms = -1};
		c->limit = room < CLAIM_MAX ? room : CLAIM_MAX;
		struct pg_batch *pb = pg_batch_begin(s->g->pg_send, true, c, on_claimed, on_claim_end);
		if (pb == NULL) {
			arena_free(c->arena);
			free(c);
			return;
		}
		s->claiming = true;
		lane->next_bureau = i + 1;
		store_outbox_claim(pb, b->id, lane->conf->name, c->limit, s->g->daemon_id, conf->lease_seconds,
			hours_open(b, (int64_t)time(NULL)));
		pg_batch_flush(pb, on_claim_phase);
		return;
	}
}
