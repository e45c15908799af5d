/* The way out: rows of the outbox are claimed in batches, their attempts stored, their parts encoded and written. */
#include "gateway/sender.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "gateway/hours.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/sender_internal.h"
#include "store/arena.h"
#include "store/outbox.h"
#include "store/pg.h"
#include "store/turn.h"

#define CLAIM_MAX 500	/* rows of one claim */
#define AHEAD_WINDOWS 4 /* attempts stored ahead of what the window takes now: one commit for many */
#define AHEAD_MIN 256
#define REFERENCE_PHONES 8192	/* more than have texts under way: their references are kept apart */
#define REMINDER_ATTEMPTS 2		/* of a reminder whose fate is uncertain: sent again once */
#define REMINDER_VALIDITY 86400 /* seconds: a reminder a day old is better not delivered at all */

void
sender_clean(const char *in, char *out, size_t room)
{
	size_t n = 0;

	for (; *in != '\0' && n + 1 < room; in++)
		out[n++] = *in >= ' ' && *in <= '~' ? *in : '?';
	out[n] = '\0';
}

const char *
sender_language(const struct conf_bureau *b)
{
	return b->nlanguages > 0 ? b->languages[0] : "en";
}

static struct lane *
lane_of(struct sender *s, const struct link *l)
{
	for (size_t i = 0; i < s->nlanes; i++) {
		if (s->lanes[i].link == l)
			return &s->lanes[i];
	}
	return NULL;
}

/* How many parts may lie ready with their attempts stored: enough to keep the window full through one commit. */
static int
ahead_of(const struct lane *lane)
{
	return AHEAD_WINDOWS * lane->conf->window > AHEAD_MIN ? AHEAD_WINDOWS * lane->conf->window : AHEAD_MIN;
}

static void
run_later(struct sender *s)
{
	event_active(s->run, EV_TIMEOUT, 0);
}

/* ---- Writing -------------------------------------------------------------------------------------------------- */

void
sending_free(struct sender *s, struct sending *x)
{
	if (x->all_prev != NULL)
		x->all_prev->all_next = x->all_next;
	else
		s->all = x->all_next;
	if (x->all_next != NULL)
		x->all_next->all_prev = x->all_prev;
	s->sendings--;
	free(x);
}

/* Replies go ahead of bulk: behind the last reply, before the first reminder. */
static void
lane_add(struct lane *lane, struct sending *x)
{
	struct sending **at = &lane->head;

	if (lane->tail != NULL && lane->tail->kind <= x->kind)
		at = &lane->tail->next;
	else
		while (*at != NULL && (*at)->kind <= x->kind)
			at = &(*at)->next;
	x->next = *at;
	*at = x;
	if (x->next == NULL)
		lane->tail = x;
	lane->ready_parts += x->parts.count;
	if (x->kind != SENDING_REMINDER)
		lane->ready_urgent += x->parts.count;
}

static void
lane_remove_head(struct lane *lane)
{
	struct sending *x = lane->head;

	lane->head = x->next;
	if (lane->head == NULL)
		lane->tail = NULL;
	x->next = NULL;
}

static void
write_ready(struct sender *s, struct lane *lane)
{
	while (lane->head != NULL) {
		struct sending *x = lane->head;

		while (x->written < x->parts.count) {
			struct text_wire wire;

			if (text_part_encode(x->text, x->len, &x->parts, x->written, x->reference, &wire) != 0)
				return; /* cannot be: the text was split when the sending was made */
			struct link_part part = {.message_id = (uint64_t)x->message_id,
				.part = x->written + 1,
				.parts = x->parts.count,
				.attempt = x->attempt,
				.tag = x,
				.source = x->bureau->short_code,
				.dest = x->phone,
				.data_coding = wire.data_coding,
				.udh = wire.udh,
				.octets = wire.octets,
				.len = wire.len,
				.receipt = lane->conf->receipts,
				.validity = x->kind == SENDING_REMINDER ? REMINDER_VALIDITY : 0};
			if (link_submit(lane->link, &part) != 0)
				return; /* no room now; on_room calls again */
			x->written++;
			lane->ready_parts--;
			if (x->kind != SENDING_REMINDER)
				lane->ready_urgent--;
			metrics_add(METRIC_PARTS_SENT, 1);
		}
		lane_remove_head(lane);
	}
	(void)s;
}

static struct sending *
sending_new(struct sender *s, const struct sender_text *t)
{
	size_t len = strlen(t->text);
	struct sending *x = calloc(1, sizeof(*x) + len + 1);

	if (x == NULL)
		abort(); /* the attempt is stored: another run takes it up */
	s->sendings++;
	x->all_next = s->all;
	if (s->all != NULL)
		s->all->all_prev = x;
	s->all = x;
	x->bureau = t->bureau;
	x->link = t->link;
	x->message_id = t->message_id;
	x->at_us = t->at_us;
	x->reply_to = t->reply_to;
	x->attempt = t->attempt;
	x->attempted_us = t->attempted_us;
	x->kind = strcmp(t->kind, "reply") == 0	   ? SENDING_REPLY
			  : strcmp(t->kind, "notice") == 0 ? SENDING_NOTICE
											   : SENDING_REMINDER;
	(void)snprintf(x->phone, sizeof(x->phone), "%s", t->phone);
	x->len = len;
	memcpy(x->text, t->text, len + 1);
	/* At most DIALOG_TEXT_MAX octets: always fits TEXT_PARTS_MAX. */
	(void)text_split_by(link_text_rules(t->link), x->text, len, &x->parts);
	if (x->parts.count > 1)
		x->reference = references_pick(s->references, x->phone, x->message_id);
	return x;
}

/* The link went down: parts that were never written have their outcome now. */
static void
unsent(struct sender *s, struct lane *lane)
{
	struct sending *list = lane->head;

	lane->head = lane->tail = NULL;
	lane->ready_parts = lane->ready_urgent = 0;
	while (list != NULL) {
		struct sending *x = list;
		struct link_submitted r = {.outcome = LINK_UNSENT, .carrier_id = "", .session = ""};

		list = x->next;
		x->next = NULL;
		int missing = x->parts.count - x->written, first = x->written + 1;
		x->written = x->parts.count;
		for (int i = 0; i < missing; i++) {
			r.part = first + i;
			sender_part_done(s, x, &r); /* frees x with its last part */
		}
	}
}

bool
sender_has_place(const struct lane *lane, int parts)
{
	return lane->reserved + lane->ready_urgent + parts <= ahead_of(lane);
}

void
sender_unreserve(struct gateway *g, struct link *l, int parts)
{
	lane_of(g->sender, l)->reserved -= parts;
}

void
sender_adopt(struct gateway *g, const struct sender_text *t)
{
	struct sender *s = g->sender;
	struct lane *lane = lane_of(s, t->link);

	lane->reserved -= t->parts;
	lane_add(lane, sending_new(s, t));
	if (link_room(lane->link) > 0)
		write_ready(s, lane);
	else
		run_later(s);
}

void
sender_submitted(struct gateway *g, struct link *l, const struct link_submitted *r)
{
	(void)l;
	sender_part_done(g->sender, r->tag, r);
}

bool
sender_settling(const struct gateway *g, int64_t inbound_id, const char *session)
{
	for (const struct sending *x = g->sender->all; x != NULL && inbound_id != 0; x = x->all_next) {
		if (x->reply_to == inbound_id && x->answered == x->parts.count && x->status == 0 && !x->uncertain &&
			!x->unsent && strcmp(x->session, session) == 0)
			return true;
	}
	return false;
}

/* ---- Claiming ------------------------------------------------------------------------------------------------- */

struct claim {
	struct sender *s;
	struct lane *lane;
	const struct conf_bureau *bureau;
	size_t bureau_index;
	int limit;
	struct arena *arena;
	struct store_claimed *rows;
	size_t nrows, nsend;
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

static void
on_pace(int fd, short what, void *arg)
{
	struct sender *s = arg;

	(void)fd;
	(void)what;
	sender_wake(s->g);
}

/* A reminder that was uncertain twice is not sent a third time: a clerk phones. */
static bool
worn_out(const struct store_claimed *r)
{
	return strcmp(r->kind, "reminder") == 0 && r->attempts > REMINDER_ATTEMPTS;
}

static void
on_claim_phase(void *arg, struct pg_batch *b)
{
	struct claim *c = arg;
	struct store_attempt *attempts = arena_alloc(c->arena, c->nrows * sizeof(*attempts) + 1);
	struct store_message_mark *failed = arena_alloc(c->arena, c->nrows * sizeof(*failed) + 1);
	int64_t *done = arena_alloc(c->arena, c->nrows * sizeof(*done) + 1);
	size_t nfailed = 0;

	for (size_t i = 0; i < c->nrows; i++) {
		const struct store_claimed *r = &c->rows[i];
		struct text_measure m;

		if (worn_out(r)) {
			done[nfailed] = r->message_id;
			failed[nfailed++] = (struct store_message_mark){
				r->message_id, r->at_us, "failed", "the carrier never said what became of it"};
			continue;
		}
		text_measure_by(link_text_rules(c->lane->link), r->text, strlen(r->text), &m);
		attempts[c->nsend++] = (struct store_attempt){
			.message_id = r->message_id, .at_us = r->at_us, .parts = m.parts, .link = c->lane->conf->name};
	}
	store_messages_sending(b, c->bureau->id, attempts, c->nsend);
	store_message_marks(b, c->bureau->id, failed, nfailed);
	store_save_ids(b, STMT_OUTBOX_DONE, c->bureau->id, done, nfailed);
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
		for (size_t i = 0; i < c->nrows; i++) {
			const struct store_claimed *r = &c->rows[i];
			struct sender_text t = {.bureau = c->bureau,
				.message_id = r->message_id,
				.at_us = r->at_us,
				.conversation_id = r->conversation_id,
				.reply_to = r->reply_to,
				.phone = r->phone,
				.kind = r->kind,
				.text = r->text,
				.attempt = r->attempts,
				.attempted_us = r->claimed_us,
				.link = c->lane->link};
			if (!worn_out(r))
				lane_add(c->lane, sending_new(s, &t));
		}
		if (sender_bound(c->lane->link))
			write_ready(s, c->lane);
		else
			unsent(s, c->lane);
		run_later(s);
	}
	arena_free(c->arena);
	free(c);
}

static bool
serves(const struct conf_bureau *b, const char *link)
{
	for (size_t i = 0; i < b->nlinks; i++) {
		if (strcmp(b->links[i], link) == 0)
			return true;
	}
	return false;
}

/* One claim at a time, bureau after bureau, for as many parts as the link has room. */
static bool
claim(struct sender *s, struct lane *lane)
{
	const struct conf *conf = s->g->conf;
	int ahead = ahead_of(lane), room = ahead - lane->ready_parts;

	/* A link that is down or throttled gets nothing more; one that is slow is kept supplied, not flooded. */
	if (s->claiming || lane->ready_parts > ahead / 2 || (link_room(lane->link) <= 0 && lane->ready_parts > 0) ||
		!sender_bound(lane->link) || s->g->draining)
		return false;
	for (size_t n = 0; n < conf->nbureaus; n++) {
		size_t i = (lane->next_bureau + n) % conf->nbureaus;
		const struct conf_bureau *b = &conf->bureaus[i];

		if (lane->empty[i] || !serves(b, lane->conf->name))
			continue;
		struct claim *c = calloc(1, sizeof(*c));
		if (c == NULL)
			return false;
		*c = (struct claim){.s = s, .lane = lane, .bureau = b, .bureau_index = i, .arena = arena_new(), .next_ms = -1};
		c->limit = room < CLAIM_MAX ? room : CLAIM_MAX;
		struct pg_batch *pb = pg_batch_begin(s->g->pg_send, true, c, on_claimed, on_claim_end);
		if (pb == NULL) {
			arena_free(c->arena);
			free(c);
			return false;
		}
		s->claiming = true;
		lane->next_bureau = i + 1;
		store_outbox_claim(pb, b->id, lane->conf->name, c->limit, s->g->daemon_id, conf->lease_seconds,
			hours_open(b, (int64_t)time(NULL)));
		pg_batch_flush(pb, on_claim_phase);
		return true;
	}
	return false;
}

static void
run(int fd, short what, void *arg)
{
	struct sender *s = arg;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < s->nlanes; i++)
		write_ready(s, &s->lanes[i]);
	for (size_t i = 0; i < s->nlanes && !s->claiming; i++)
		(void)claim(s, &s->lanes[i]);
}

/* ---- What wakes it -------------------------------------------------------------------------------------------- */

void
sender_wake(struct gateway *g)
{
	struct sender *s = g->sender;

	for (size_t i = 0; i < s->nlanes; i++)
		memset(s->lanes[i].empty, 0, g->conf->nbureaus * sizeof(bool));
	run_later(s);
}

void
sender_room(struct gateway *g, struct link *l)
{
	struct sender *s = g->sender;

	write_ready(s, lane_of(s, l));
	if (!s->claiming)
		run_later(s);
}

void
sender_link_down(struct gateway *g, struct link *l)
{
	unsent(g->sender, lane_of(g->sender, l));
	sender_move(g->sender);
}

/* Rows become due by themselves: retries, other daemons' rows, opening hours. */
static void
poll(int fd, short what, void *arg)
{
	struct sender *s = arg;

	(void)fd;
	(void)what;
	sender_renew(s);
	sender_move(s);
	sender_wake(s->g);
	sender_mark_later(s);
}

int
sender_pending(const struct gateway *g)
{
	const struct sender *s = g->sender;

	return s->sendings + s->marks_waiting + s->receipts_waiting + (s->marking ? 1 : 0) + (s->receipting ? 1 : 0) +
		   (s->claiming ? 1 : 0);
}

struct sender *
sender_new(struct gateway *g)
{
	const struct timeval second = {1, 0};
	struct sender *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->g = g;
	s->nlanes = g->conf->nlinks;
	s->orphans = true;
	s->lanes = calloc(s->nlanes + 1, sizeof(*s->lanes));
	s->references = references_new(REFERENCE_PHONES);
	s->run = event_new(g->base, -1, 0, run, s);
	s->poll = event_new(g->base, -1, EV_PERSIST, poll, s);
	s->pace = evtimer_new(g->base, on_pace, s);
	if (s->lanes == NULL || s->references == NULL || s->run == NULL || s->poll == NULL || s->pace == NULL ||
		sender_mark_init(s) != 0) {
		sender_free(s);
		return NULL;
	}
	for (size_t i = 0; i < s->nlanes; i++) {
		s->lanes[i].link = g->links[i];
		s->lanes[i].conf = &g->conf->links[i];
		s->lanes[i].empty = calloc(g->conf->nbureaus + 1, sizeof(bool));
		if (s->lanes[i].empty == NULL) {
			sender_free(s);
			return NULL;
		}
	}
	(void)event_add(s->poll, &second);
	return s;
}

void
sender_free(struct sender *s)
{
	if (s == NULL)
		return;
	sender_mark_free(s);
	references_free(s->references);
	for (struct sending *x = s->all, *next; x != NULL; x = next) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the list forgets a sending that is freed */
		next = x->all_next;
		sending_free(s, x);
	}
	for (size_t i = 0; s->lanes != NULL && i < s->nlanes; i++)
		free(s->lanes[i].empty);
	free(s->lanes);
	if (s->run != NULL)
		event_free(s->run);
	if (s->poll != NULL)
		event_free(s->poll);
	if (s->pace != NULL)
		event_free(s->pace);
	free(s);
}
