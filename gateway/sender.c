/* The way out: rows of the outbox are claimed in batches, their attempts stored, their parts encoded and written. */
#include "gateway/sender.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "dialog/dialog.h"
#include "gateway/hours.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/sender_internal.h"
#include "store/arena.h"
#include "store/outbox.h"
#include "store/pg.h"
#include "store/turn.h"

#define GIVEN_UP_SECONDS 5 /* a carrier may send a text again that was not answered for so long; as in TURN_AGAIN */
#define AHEAD_WINDOWS 4	   /* attempts stored ahead of what the window takes now: one commit for many */
#define AHEAD_MIN 256
#define REFERENCE_PHONES 8192				   /* more than have texts under way: their references are kept apart */
#define WHOLE_OCTETS_MAX (2 * DIALOG_TEXT_MAX) /* UTF-16, or an escape before each septet */
#define REMINDER_VALIDITY 86400				   /* seconds: a reminder a day old is better not delivered at all */

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

/* Parts that are still to be given to the link. */
static int
parts_left(const struct sending *x)
{
	int n = 0;

	for (int i = x->written; i < x->parts.count; i++)
		n += (x->there >> i & 1) == 0;
	return n;
}

/* How many parts may lie ready with their attempts stored: enough to keep the window full through one commit. */
int
sender_ahead(const struct lane *lane)
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
	free(x->ussd);
	free(x);
}

/* Replies go ahead of bulk: behind the last reply, before the first reminder; a screen is waited for, and goes first.
 */
static void
lane_add(struct lane *lane, struct sending *x)
{
	struct sending **at = &lane->head;

	if (x->ussd != NULL)
		while (*at != NULL && (*at)->ussd != NULL)
			at = &(*at)->next;
	else if (lane->tail != NULL && lane->tail->kind <= x->kind)
		at = &lane->tail->next;
	else
		while (*at != NULL && (*at)->kind <= x->kind)
			at = &(*at)->next;
	x->next = *at;
	*at = x;
	if (x->next == NULL)
		lane->tail = x;
	lane->ready_parts += parts_left(x);
	if (x->kind != POLICY_REMINDER)
		lane->ready_urgent += parts_left(x);
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

		if (x->ussd != NULL) {
			if (sender_write_screen(s, lane, x) != 0)
				return;
			lane_remove_head(lane);
			sender_screen_unsaid(s, lane);
			continue;
		}
		while (x->written < x->parts.count) {
			uint8_t whole[WHOLE_OCTETS_MAX];
			struct text_wire wire;
			int len = 0;

			if ((x->there >> x->written & 1) != 0) {
				x->written++;
				continue;
			}
			/* Neither can fail: the text was split, or has its room, since the sending was made. */
			if (x->whole) {
				wire.udh = false;
				len = text_whole_encode(
					link_text_rules(lane->link), x->text, x->len, whole, sizeof(whole), &wire.data_coding);
			} else if (text_part_encode(x->text, x->len, &x->parts, x->written, x->reference, &wire) == 0) {
				len = (int)wire.len;
			} else {
				len = -1;
			}
			if (len < 0)
				return;
			struct link_part part = {.message_id = (uint64_t)x->message_id,
				.part = x->written + 1,
				.parts = x->parts.count,
				.attempt = x->attempt,
				.tag = x,
				.source = x->source,
				.dest = x->phone,
				.data_coding = wire.data_coding,
				.udh = wire.udh,
				.octets = x->whole ? whole : wire.octets,
				.len = (size_t)len,
				.receipt = lane->conf->receipts,
				.validity = x->kind == POLICY_REMINDER ? REMINDER_VALIDITY : 0};
			if (link_submit(lane->link, &part) != 0)
				return; /* no room now; on_room calls again */
			x->written++;
			lane->ready_parts--;
			if (x->kind != POLICY_REMINDER)
				lane->ready_urgent--;
			metrics_add(METRIC_PARTS_SENT, 1);
		}
		lane_remove_head(lane);
	}
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
	x->first = t->first;
	x->direct = sender_direct_join(s, t);
	x->attempted_us = t->attempted_us;
	x->rebinds = t->rebinds;
	x->lost = t->lost;
	x->there = t->there;
	x->kind = policy_kind_of(t->kind);
	(void)snprintf(x->phone, sizeof(x->phone), "%s", t->phone);
	suffix_address(s->g->conf, t->bureau, lane_of(s, t->link)->conf, t->conversation_id, x->source);
	x->len = len;
	memcpy(x->text, t->text, len + 1);
	/* At most DIALOG_TEXT_MAX octets: always fits TEXT_PARTS_MAX. */
	(void)text_split_by(link_text_rules(t->link), x->text, len, &x->parts);
	if (t->ussd != NULL) {
		x->ussd = sending_ussd_new(t);
		x->parts.count = 1;
		return x;
	}
	x->whole = link_takes_whole(t->link);
	if (x->whole)
		x->parts.count = 1;
	if (x->parts.count > 1)
		x->reference = references_pick(s->references, x->phone, x->message_id, t->reference);
	/* A phone puts parts together by their reference: those of another one would be half a text. */
	x->there = x->parts.count > 1 && x->reference == t->reference ? t->there : 0;
	x->answered = x->parts.count - parts_left(x);
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
		int first = x->written, last = 0;
		for (int i = first; i < x->parts.count; i++)
			last = (x->there >> i & 1) == 0 ? i + 1 : last;
		x->written = x->parts.count;
		for (r.part = first + 1; r.part <= last; r.part++) {
			if ((x->there >> (r.part - 1) & 1) == 0)
				sender_part_done(s, x, &r); /* x may go with its last part */
		}
	}
}

bool
sender_has_place(const struct lane *lane, int parts)
{
	return lane->reserved + lane->ready_urgent + parts <= sender_ahead(lane);
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
sender_settling(const struct gateway *g, int64_t inbound_id, const char *session, int64_t since_us, int64_t came_us)
{
	const struct sender *s = g->sender;

	const struct settled *x = &s->settled[(uint64_t)inbound_id % SENDER_SETTLED];

	return inbound_id != 0 && x->inbound_id == inbound_id && x->at_us >= since_us &&
		   x->taken_us < came_us + (int64_t)GIVEN_UP_SECONDS * 1000000 &&
		   (session[0] == '\0' || strcmp(x->session, session) == 0);
}

/* ---- One pass of the loop ------------------------------------------------------------------------------------- */

static void
run(int fd, short what, void *arg)
{
	struct sender *s = arg;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < s->nlanes; i++)
		write_ready(s, &s->lanes[i]);
	for (size_t i = 0; i < s->nlanes && !s->claiming; i++)
		sender_claim(s, &s->lanes[i]);
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
sender_take(struct sender *s, struct lane *lane, const struct sender_text *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		lane_add(lane, sending_new(s, &texts[i]));
	if (sender_bound(lane->link))
		write_ready(s, lane);
	else
		unsent(s, lane);
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

static void
on_pace(int fd, short what, void *arg)
{
	struct sender *s = arg;

	(void)fd;
	(void)what;
	sender_wake(s->g);
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
	s->pg_receipt = pg_new(g->base, g->conf->database, NULL);
	if (s->pg_receipt == NULL) {
		sender_free(s);
		return NULL;
	}
	pg_prefer_indexes(s->pg_receipt);
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
	pg_free(s->pg_receipt);
	sender_mark_free(s);
	sender_asks_free(s);
	references_free(s->references);
	for (struct sending *x = s->all, *next; x != NULL; x = next) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the list forgets a sending that is freed */
		next = x->all_next;
		sending_free(s, x);
	}
	for (struct sender_direct *d = s->directs, *next; d != NULL; d = next) {
		next = d->next;
		free(d);
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
