/*
 * What became of texts: outcomes of parts are gathered and marked in batches. What could not be marked stays here and
 * is tried again.
 */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/delivery.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/now.h"
#include "gateway/sender_internal.h"
#include "gateway/smpp/status.h"
#include "gateway/turn.h"
#include "store/arena.h"
#include "store/outbox.h"
#include "store/pg.h"
#include "store/receipt.h"
#include "store/turn.h"

void
sender_mark_later(struct sender *s)
{
	if ((s->marks != NULL || s->finished != NULL) && !s->marking)
		event_active(s->mark_run, EV_TIMEOUT, 0);
	else if (s->receipts != NULL && !s->receipting)
		event_active(s->mark_run, EV_TIMEOUT, 0);
}

/* ---- Outcomes of parts ---------------------------------------------------------------------------------------- */

static const struct conf_link *
conf_of(const struct sender *s, const struct link *l)
{
	return conf_link_by_name(s->g->conf, link_name(l));
}

static bool
graver(const struct conf_link *conf, uint32_t a, uint32_t than)
{
	return than == 0 ||
		   (status_action_on(conf, a) == STATUS_PERMANENT && status_action_on(conf, than) != STATUS_PERMANENT);
}

void
sender_part_done(struct sender *s, struct sending *x, const struct link_submitted *r)
{
	struct part_mark *m = calloc(1, sizeof(*m));

	if (m == NULL)
		abort(); /* the attempt is stored and uncertain for the next run */
	*m = (struct part_mark){.bureau = x->bureau,
		.link = x->link,
		.message_id = x->message_id,
		.at_us = x->at_us,
		.attempted_us = x->attempted_us,
		.part = r->part,
		.attempt = x->attempt,
		.first = x->first,
		.direct = r->outcome == LINK_ACCEPTED ? x->direct : NULL,
		.status = r->status};
	memcpy(m->phone, x->phone, sizeof(m->phone));
	(void)snprintf(m->session, sizeof(m->session), "%s", r->session);
	log_plain(r->carrier_id, m->carrier_id, sizeof(m->carrier_id));
	switch (r->outcome) {
	case LINK_ACCEPTED:
		m->state = "accepted";
		link_carrier_key(x->link, m->carrier_id, m->carrier_key, sizeof(m->carrier_key));
		metrics_add(METRIC_PARTS_ACCEPTED, 1);
		break;
	case LINK_REFUSED:
		m->state = "refused";
		if (graver(conf_of(s, x->link), r->status, x->status))
			x->status = r->status;
		metrics_add(METRIC_PARTS_REFUSED, 1);
		break;
	case LINK_UNCERTAIN:
		m->state = "uncertain";
		x->uncertain = true;
		metrics_add(METRIC_PARTS_UNCERTAIN, 1);
		break;
	case LINK_UNSENT:
		m->state = "refused";
		x->unsent = true;
		break;
	}
	SENDER_APPEND(s->marks, s->marks_tail, m);
	s->marks_waiting++;
	if (++x->answered == x->parts.count) {
		SENDER_APPEND(s->finished, s->finished_tail, x);
		if (x->reply_to != 0 && x->status == 0 && !x->uncertain && !x->unsent) {
			struct settled *n = &s->settled[(uint64_t)x->reply_to % SENDER_SETTLED];

			*n = (struct settled){.inbound_id = x->reply_to, .at_us = x->at_us, .taken_us = now_us()};
			(void)snprintf(n->session, sizeof(n->session), "%s", r->session);
		}
	}
	sender_mark_later(s);
}

/* ---- One batch of marks --------------------------------------------------------------------------------------- */

struct mark_batch {
	struct sender *s;
	const struct conf_bureau *bureau;
	struct arena *arena;
	struct part_mark *marks;
	struct sending *finished;
	const char **keys;
	size_t nkeys;
};

/* A text that does not go again: why, for the log and for the clerk who phones. */
static struct store_message_mark
given_up(struct mark_batch *b, const struct sending *x)
{
	const char *language = sender_language(x->bureau);
	struct store_message_mark m = {
		x->message_id, x->at_us, "technical", delivery_uncertain_reason("en"), delivery_uncertain_reason(language)};
	char reason[200];

	if (x->status == 0)
		return m;
	if (status_action_on(conf_of(b->s, x->link), x->status) == STATUS_PERMANENT)
		m.state = delivery_refused_state(x->status);
	status_reason(x->status, language, reason, sizeof(reason));
	m.error = arena_printf(b->arena, "%s (0x%02X)", status_text(x->status), (unsigned)x->status);
	m.reason = arena_dup(b->arena, reason);
	return m;
}

/* Adds what the finished texts change. */
static void
finish(struct mark_batch *b, struct pg_batch *pb)
{
	size_t n = 0, ndone = 0, nmarks = 0, nreleased = 0, nseen = 0;

	for (const struct sending *x = b->finished; x != NULL; x = x->next)
		n++;
	int64_t *done = arena_alloc(b->arena, n * sizeof(*done) + 1), *seen = arena_alloc(b->arena, n * sizeof(*seen) + 1);
	struct store_message_mark *marks = arena_alloc(b->arena, n * sizeof(*marks) + 1);
	struct store_release *released = arena_alloc(b->arena, n * sizeof(*released) + 1);

	for (const struct sending *x = b->finished; x != NULL; x = x->next) {
		bool good = !x->uncertain && !x->unsent && x->status == 0;
		struct policy_attempt a = {x->kind, x->status, x->uncertain, x->attempt, x->rebinds, x->lost};
		struct policy_next next;

		if (!good && x->ussd != NULL) {
			/* Said once or never: its row is given back, and what it asked becomes a text. */
			released[nreleased++] = (struct store_release){.message_id = x->message_id, .charged = true};
			continue;
		}
		policy_after(conf_of(b->s, x->link), &a, &next);
		if (!good && next.delay_seconds >= 0) {
			metrics_add(METRIC_TEXTS_AGAIN, 1);
			released[nreleased++] = (struct store_release){.message_id = x->message_id,
				.delay_seconds = next.delay_seconds,
				.charged = next.charged,
				.rebind = next.rebind,
				.lost = next.lost,
				.reference = x->reference,
				.direct = x->direct != NULL ? x->direct->id : 0,
				.at_us = x->at_us};
			continue;
		}
		/* A direct one that is given up: its row may have been taken over. */
		if (x->direct == NULL || !good)
			done[ndone++] = x->message_id;
		if (good && x->ussd != NULL)
			seen[nseen++] = x->message_id;
		if (good)
			continue; /* its message is on its way since the attempt was stored */
		marks[nmarks] = given_up(b, x);
		log_warn("bureau=%s link=%s phone=%s message=%lld not sent: %s", x->bureau->code, link_name(x->link), x->phone,
			(long long)x->message_id, marks[nmarks].error);
		nmarks++;
	}
	int id = b->bureau->id;
	store_save_ids(pb, STMT_USSD_SEEN, id, seen, nseen);
	store_save_ids(pb, STMT_OUTBOX_DONE, id, done, ndone);
	store_message_marks(pb, id, marks, nmarks);
	store_outbox_release(pb, id, released, nreleased);
	ndone = sender_direct_over(b->finished, done);
	store_direct_done(pb, id, done, ndone);
}

static void
on_marked(void *arg, const char *error, const char *sqlstate)
{
	struct mark_batch *b = arg;
	struct sender *s = b->s;
	bool released = false;

	s->marking = false;
	s->marked++;
	if (error != NULL) {
		/*
		 * Kept, and tried again with the next poll: marking twice changes nothing. At once, when somebody has told of
		 * a part before: who took a text over, or this daemon in a commit whose answer was lost.
		 */
		bool told = strcmp(sqlstate, "23505") == 0;

		if (!told)
			log_warn("bureau=%s outcomes could not be stored: %s sqlstate=%s", b->bureau->code, error, sqlstate);
		sender_direct_finishing(b->finished, true);
		for (struct part_mark *m = b->marks, *next; m != NULL; m = next) {
			next = m->next;
			m->first = false;
			SENDER_APPEND(s->marks, s->marks_tail, m);
		}
		for (struct sending *x = b->finished, *next; x != NULL; x = next) {
			next = x->next;
			SENDER_APPEND(s->finished, s->finished_tail, x);
		}
		if (told)
			sender_mark_later(s);
	} else {
		/* Receipts may have come before these responses: now they find their parts. */
		if (s->early > 0)
			sender_receipts_late(s, b->bureau, b->keys, b->nkeys);
		for (struct part_mark *m = b->marks, *next; m != NULL; m = next) {
			next = m->next;
			free(m);
			s->marks_waiting--;
		}
		for (struct sending *x = b->finished, *next; x != NULL; x = next) {
			next = x->next;
			released = released || x->unsent || x->uncertain || x->status != 0;
			if (x->ussd != NULL && (x->unsent || x->uncertain || x->status != 0))
				turn_ussd_unsaid(s->g);
			sender_direct_stored(s, x);
			sending_free(s, x);
		}
		sender_mark_later(s);
	}
	if (released)
		sender_wake(s->g);
	arena_free(b->arena);
	free(b);
}

/*
 * May these outcomes reach the disk a moment later, with the next commit that waits for it (the store writes within
 * 0.6 s what nobody waits for)? Nobody was told of them. When the database's machine goes down in that moment they are
 * lost, their row's lease runs out, and the answers go again: twice is what may happen to an answer, not to a reminder.
 * So most turns have one wait for the disk less beside them. Only what goes with its row: were some of its outcomes
 * lost, and the others stored later with the row's end, nobody would ever look for what became of the first ones.
 */
static bool
may_wait(const struct mark_batch *b)
{
	for (const struct part_mark *m = b->marks; m != NULL; m = m->next) {
		if (m->direct == NULL || m->direct->finishing < m->direct->waiting)
			return false;
	}
	for (const struct sending *x = b->finished; x != NULL; x = x->next) {
		if (x->direct == NULL || x->uncertain || x->unsent || x->status != 0)
			return false;
	}
	return true;
}

static void
mark(struct sender *s)
{
	struct mark_batch *b = calloc(1, sizeof(*b));
	struct part_mark *keep = NULL, *keep_tail = NULL, *take_tail = NULL;
	struct sending *rest = NULL, *rest_tail = NULL, *done_tail = NULL;
	size_t n = 0;

	if (b == NULL)
		return;
	*b = (struct mark_batch){.s = s, .arena = arena_new()};
	b->bureau = s->marks != NULL ? s->marks->bureau : s->finished->bureau;
	for (struct part_mark *m = s->marks, *next; m != NULL; m = next) {
		next = m->next;
		if (m->bureau == b->bureau && n < SENDER_MARK_BATCH) {
			SENDER_APPEND(b->marks, take_tail, m);
			n++;
		} else {
			SENDER_APPEND(keep, keep_tail, m);
		}
	}
	s->marks = keep;
	s->marks_tail = keep_tail;
	/* A text is finished in the batch that holds its last part, or later: its marks never come after it. */
	for (struct sending *x = s->finished, *next; x != NULL; x = next) {
		next = x->next;
		if (x->bureau == b->bureau && keep == NULL)
			SENDER_APPEND(b->finished, done_tail, x);
		else
			SENDER_APPEND(rest, rest_tail, x);
	}
	s->finished = rest;
	s->finished_tail = rest_tail;

	struct pg_batch *pb = pg_batch_begin(s->g->pg_send, true, b, NULL, on_marked);
	sender_direct_finishing(b->finished, false);
	s->marking = true;
	if (pb == NULL) {
		on_marked(b, "not connected", "");
		return;
	}
	struct store_mark *rows = arena_alloc(b->arena, n * sizeof(*rows) + 1);
	b->keys = arena_alloc(b->arena, n * sizeof(*b->keys) + 1);
	size_t i = 0;
	for (const struct part_mark *m = b->marks; m != NULL; m = m->next) {
		rows[i++] = (struct store_mark){.message_id = m->message_id,
			.at_us = m->at_us,
			.attempted_us = m->attempted_us,
			.link = link_name(m->link),
			.phone = m->phone,
			.part = m->part,
			.attempt = m->attempt,
			.state = m->state,
			.session = m->session,
			.carrier_id = m->carrier_id,
			.carrier_key = m->carrier_key,
			.error = "",
			.status = m->status,
			.first = m->first};
		if (m->carrier_key[0] != '\0')
			b->keys[b->nkeys++] = m->carrier_key;
	}
	if (may_wait(b))
		pg_batch_add(pb, STMT_COMMIT_LATER, NULL);
	/* Rows of the outbox before those of parts: who takes texts over locks them in this order too. */
	finish(b, pb);
	store_marks(pb, b->bureau->id, rows, n);
	pg_batch_commit(pb);
}

/* ---- One pass of the loop ------------------------------------------------------------------------------------- */

static void
run(int fd, short what, void *arg)
{
	struct sender *s = arg;

	(void)fd;
	(void)what;
	/* What came with them may be a citizen's next text: somebody waits for its answer, and nobody for these. */
	s->gave_way = !s->gave_way && turn_waits(s->g);
	if (s->gave_way) {
		event_active(s->mark_run, EV_TIMEOUT, 0);
		return;
	}
	if (!s->marking && (s->marks != NULL || s->finished != NULL))
		mark(s);
	sender_receipts_run(s);
}

int
sender_mark_init(struct sender *s)
{
	s->mark_run = event_new(s->g->base, -1, 0, run, s);
	return s->mark_run == NULL ? -1 : 0;
}

void
sender_mark_free(struct sender *s)
{
	for (struct part_mark *m = s->marks, *next; m != NULL; m = next) {
		next = m->next;
		free(m);
	}
	sender_receipts_free(s);
	if (s->mark_run != NULL)
		event_free(s->mark_run);
}
