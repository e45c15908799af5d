/*
 * The whole path of a turn, readable top to bottom: it arrives, waits for its phone, goes into a batch, is loaded and
 * locked (or its talk is still in memory: gateway/turn_kept.h), stepped, saved, committed; then, and only then, the
 * carrier is answered and the texts go to the sender.
 */
#include "gateway/turn.h"

#include <event2/event.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/now.h"
#include "gateway/sender.h"
#include "gateway/smpp/link.h"
#include "gateway/suffix.h"
#include "gateway/turn_ussd.h"
#include "gateway/ussd_live.h"
#include "store/pg.h"

#define TURN_QUEUE_MAX 50000 /* texts that may wait; the carrier keeps the others */
#define TURN_TRIES 5
#define TURN_KEEP 4096 /* talks that are kept for the citizen's next text */
#define TURN_BESIDE 32 /* turns that are worth a batch beside one that is under way */

/* SMPP 3.4, 5.1.3 and what carriers make of it */
#define STATUS_STORED 0x00
#define STATUS_UNKNOWN_SHORT_CODE 0x0B /* ESME_RINVDSTADR */
#define STATUS_COME_AGAIN 0x64		   /* ESME_RX_T_APPN */
#define STATUS_CANNOT 0x66			   /* ESME_RX_R_APPN */

static void run_later(struct turns *ts);

/* ---- Arrival -------------------------------------------------------------------------------------------------- */

/* Of everything that the carrier would send again unchanged. What it numbers anew each time is left out. */
static void
hash_of(const struct link *l, const char *phone, const struct link_deliver *d, uint8_t out[STORE_HASH])
{
	crypto_generichash_state st;
	uint8_t flags[2] = {d->esm_class, d->data_coding};

	(void)crypto_generichash_init(&st, NULL, 0, STORE_HASH);
	(void)crypto_generichash_update(&st, (const uint8_t *)link_name(l), strlen(link_name(l)) + 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)phone, strlen(phone) + 1);
	(void)crypto_generichash_update(&st, (const uint8_t *)d->dest, strlen(d->dest) + 1);
	(void)crypto_generichash_update(&st, flags, sizeof(flags));
	(void)crypto_generichash_update(&st, (const uint8_t *)d->carrier_message_id, strlen(d->carrier_message_id) + 1);
	(void)crypto_generichash_update(&st, d->raw, d->raw_len);
	(void)crypto_generichash_final(&st, out, STORE_HASH);
}

static char *
must_dup(const char *s)
{
	char *p = s == NULL ? NULL : strdup(s);

	if (s != NULL && p == NULL)
		abort();
	return p;
}

/* Never NULL, even of nothing. */
static uint8_t *
octets_dup(const uint8_t *octets, size_t len)
{
	uint8_t *p = malloc(len + 1);

	if (p == NULL)
		abort();
	if (len > 0)
		memcpy(p, octets, len);
	return p;
}

static struct turn *
turn_new(const struct conf_bureau *b, const char *phone)
{
	struct turn *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	t->bureau = b;
	t->received_us = now_us();
	(void)snprintf(t->phone, sizeof(t->phone), "%s", phone);
	return t;
}

struct turn *
turn_text_new(struct gateway *g, struct link *l, const struct link_deliver *d, const struct conf_bureau *b)
{
	char phone[TURN_PHONE_MAX];

	if (g->draining || g->turns->queue.pending >= TURN_QUEUE_MAX || !pg_ready(g->pg_turn)) {
		link_answer(l, d->token, STATUS_COME_AGAIN);
		return NULL;
	}
	/* A sender that is no phone number is kept as it is; it can only be told that nothing is open. */
	if (conf_phone_normalise(b, d->source, phone, sizeof(phone), NULL) != 0) {
		(void)snprintf(phone, sizeof(phone), "%s", d->source);
		if (turn_phoneless(phone))
			phone[0] = '?';
	}

	struct turn *t = turn_new(b, phone);
	t->is_text = true;
	t->link = l;
	t->token = d->token;
	t->sequence = d->sequence;
	(void)snprintf(t->session, sizeof(t->session), "%s", d->session);
	(void)snprintf(t->short_code, sizeof(t->short_code), "%s", d->dest);
	t->text = must_dup(d->text);
	hash_of(l, phone, d, t->hash);
	metrics_add(METRIC_TEXTS_IN, 1);
	return t;
}

void
turn_deliver(struct gateway *g, struct link *l, const struct link_deliver *d)
{
	if (d->ussd != NULL) {
		turn_ussd_deliver(g, l, d);
		return;
	}
	if (d->is_receipt) {
		sender_receipt(g, l, d);
		return;
	}
	int64_t named;
	const struct conf_bureau *b = suffix_bureau(g->conf, link_name(l), d->dest, &named);
	if (b == NULL) {
		log_warn("link=%s text for an unknown short code refused short_code=%s", link_name(l), d->dest);
		link_answer(l, d->token, STATUS_UNKNOWN_SHORT_CODE);
		return;
	}
	struct turn *t = turn_text_new(g, l, d, b);
	if (t == NULL)
		return;
	t->named = named;
	if (d->parts > 1) {
		t->long_text = true;
		t->part_key = (struct store_part){.link = must_dup(link_name(l)),
			.phone = t->phone,
			.short_code = t->short_code,
			.kind = must_dup(d->concat),
			.reference = d->reference,
			.total = d->parts,
			.part = d->part,
			.octets = octets_dup(d->raw + d->header, d->raw_len - d->header),
			.len = d->raw_len - d->header,
			.coding = text_coding_name(d->coding),
			.header = (int)d->header,
			.locking = d->locking,
			.single = d->single};
		turn_parts_add(g->turns->parts, t);
		return;
	}
	if (d->coding == TEXT_CODING_BINARY)
		t->shown = turn_octets_shown(d->raw + d->header, d->raw_len - d->header);
	turn_accept(g, t);
}

void
turn_raise(struct gateway *g, const struct turn_event *e, turn_done_fn done, void *arg)
{
	const struct conf_bureau *b = conf_bureau_by_id(g->conf, e->bureau_id);

	if (b == NULL || !pg_ready(g->pg_turn)) {
		if (done != NULL)
			done(arg, TURN_FAILED, "");
		return;
	}
	struct turn *t = turn_new(b, e->phone);
	t->event = *e;
	t->event.phone = t->phone;
	t->event.name = must_dup(e->name);
	t->event.text = must_dup(e->text);
	t->event.by_hand = must_dup(e->by_hand);
	t->event.actor = must_dup(e->actor);
	t->event.desk.step = must_dup(e->desk.step);
	t->event.desk.note = must_dup(e->desk.note);
	t->event.desk.address = must_dup(e->desk.address);
	t->event.slots = NULL;
	if (e->nslots > 0) {
		struct dialog_slot *slots = malloc(e->nslots * sizeof(*slots));
		if (slots == NULL)
			abort();
		memcpy(slots, e->slots, e->nslots * sizeof(*slots));
		t->event.slots = slots;
	}
	t->done = done;
	t->arg = arg;
	turn_accept(g, t);
}

void
turn_accept(struct gateway *g, struct turn *t)
{
	turn_queue_add(&g->turns->queue, t);
	run_later(g->turns);
}

void
turn_go_on(struct gateway *g)
{
	if (g->turns != NULL)
		run_later(g->turns);
}

void
turn_store_lost(struct gateway *g)
{
	if (g->turns == NULL)
		return;
	turn_keep_clear(g->turns->keep);
	turn_ids_forget(g->turns);
}

void
turn_kept_sweep(struct gateway *g)
{
	turn_keep_sweep(g->turns->keep, now_us());
}

bool
turn_waits(const struct gateway *g)
{
	return turn_queue_ready(&g->turns->queue);
}

void
turn_refuse(struct turn *t)
{
	if (t->is_text)
		link_answer(t->link, t->token, STATUS_COME_AGAIN);
	else if (t->done != NULL)
		t->done(t->arg, TURN_FAILED, "");
	turn_free(t);
}

int
turn_pending(const struct gateway *g)
{
	return g->turns->queue.pending + turn_parts_pending(g->turns->parts);
}

/* ---- The batch: step and save --------------------------------------------------------------------------------- */

static void
fault(struct turn_batch *b, struct turn *t, const char *why)
{
	log_error("bureau=%s phone=%s turn cannot be stepped: %s", b->bureau->code, t->phone, why);
	struct store_worklist *w = turn_rows_add(b, &b->worklist, sizeof(*w));
	*w = (struct store_worklist){.list = "read", .phone = t->phone, .reason = arena_dup(b->arena, why)};
}

static void
on_loaded(void *arg, struct pg_batch *pb)
{
	struct turn_batch *b = arg;

	turn_batch_loaded(b);
	turn_inbound_ahead(b, pb);
	for (int i = 0; i < b->nturns; i++) {
		const char *why = "";

		if (turn_step(b, b->turns[i], &why) != 0)
			fault(b, b->turns[i], why);
	}
	turn_batch_save(b, pb);
	pg_batch_commit(pb);
}

/* ---- After the commit ----------------------------------------------------------------------------------------- */

static void
committed(struct turn_batch *b)
{
	struct turns *ts = b->g->turns;
	struct sender_text *texts = b->texts.list;
	int64_t direct = 0;

	/* Responses before requests: the carriers are answered before the replies go to the sender. */
	for (int i = 0; i < b->nturns; i++) {
		struct turn *t = b->turns[i];

		if (t->is_text) {
			turn_unsure_drop(ts->unsure, t);
			link_answer(t->link, t->token, STATUS_STORED);
			turn_batch_keep(b, t);
		}
		turn_queue_done(&ts->queue, t);
	}
	for (size_t i = 0; i < b->texts.count; i++) {
		if (texts[i].ussd == NULL) {
			direct = direct != 0 ? direct : texts[i].message_id;
			texts[i].direct = direct;
		}
		sender_adopt(b->g, &texts[i]);
	}
	if (b->messages.count > b->texts.count || b->answer_again.count > 0)
		sender_wake(b->g);
	for (int i = 0; i < b->nturns; i++) {
		struct turn *t = b->turns[i];

		if (!t->is_text && t->done != NULL)
			t->done(t->arg, t->outcome, t->step);
		turn_free(t);
	}
	metrics_add(METRIC_TURNS, (uint64_t)b->nturns);
	metrics_add(METRIC_TURNS_KEPT, b->nkept);
	metrics_add(METRIC_BATCHES, 1);
}

static void
on_faulty_stored(void *arg, const char *error, const char *sqlstate)
{
	struct turn *t = arg;

	(void)sqlstate;
	if (t->is_text)
		link_answer(t->link, t->token, error == NULL ? STATUS_CANNOT : STATUS_COME_AGAIN);
	turn_free(t);
}

/* The database refuses this turn alone: it is kept with the cause, and a clerk reads it. */
static void
faulty(struct turns *ts, struct turn *t, const char *error)
{
	char why[300];

	log_error("bureau=%s phone=%s turn refused by the database: %s", t->bureau->code, t->phone, error);
	(void)snprintf(why, sizeof(why), "could not be stored: %s", error);
	turn_queue_done(&ts->queue, t);
	if (!t->is_text) {
		if (t->done != NULL)
			t->done(t->arg, TURN_FAILED, "");
		turn_free(t);
		return;
	}
	struct pg_params *p = pg_params_new();
	pg_param_int(p, t->bureau->id);
	pg_param_text(p, link_name(t->link));
	pg_param_text(p, t->session);
	pg_param_int(p, t->sequence);
	pg_param_text(p, t->phone);
	pg_param_text(p, t->short_code);
	pg_param_text(p, t->shown != NULL ? t->shown : t->text);
	pg_param_bytes(p, t->hash, STORE_HASH);
	pg_param_text(p, why);
	if (pg_run(ts->g->pg_turn, STMT_TURN_FAULTY, p, t, NULL, on_faulty_stored) != 0)
		on_faulty_stored(t, "not connected", "");
	pg_params_free(p);
}

bool
turn_store_is_down(const char *sqlstate)
{
	return sqlstate[0] == '\0' || strncmp(sqlstate, "08", 2) == 0 || strncmp(sqlstate, "53", 2) == 0 ||
		   strncmp(sqlstate, "57", 2) == 0 || strncmp(sqlstate, "58", 2) == 0;
}

/* The connection went with the commit under way, perhaps: it may have happened. 57P0x: the server ended it. */
static bool
may_be_stored(const char *sqlstate)
{
	return sqlstate[0] == '\0' || strncmp(sqlstate, "08", 2) == 0 || strncmp(sqlstate, "57P", 3) == 0;
}

static void
refused(struct turn_batch *b, const char *error, const char *sqlstate)
{
	struct turns *ts = b->g->turns;
	const struct sender_text *texts = b->texts.list;

	for (size_t i = 0; i < b->texts.count; i++)
		sender_unreserve(b->g, texts[i].link, texts[i].parts);
	/* Stepped again, a turn reads its talk. */
	for (int i = 0; i < b->nturns; i++) {
		turn_kept_free(b->turns[i]->kept);
		b->turns[i]->kept = NULL;
	}
	if (turn_store_is_down(sqlstate)) {
		turn_keep_clear(ts->keep);
		log_warn("bureau=%s batch of %d turns could not be stored: %s", b->bureau->code, b->nturns, error);
		for (int i = 0; i < b->nturns; i++) {
			if (b->turns[i]->is_text && may_be_stored(sqlstate))
				turn_unsure_add(&ts->unsure, b->turns[i], b->now_us);
			turn_queue_done(&ts->queue, b->turns[i]);
			turn_refuse(b->turns[i]);
		}
		turn_unsure_tell(b->g); /* at once where only this connection went */
		return;
	}
	bool conflict = strncmp(sqlstate, "40", 2) == 0;
	if (!conflict && b->nturns > 1) {
		/* One of them is at fault: step them one by one, and the others go through. */
		ts->single_left = b->nturns;
		log_warn("bureau=%s batch of %d turns refused, trying one by one: %s", b->bureau->code, b->nturns, error);
	}
	for (int i = 0; i < b->nturns; i++) {
		struct turn *t = b->turns[i];

		if ((conflict && ++t->tries < TURN_TRIES) || (!conflict && b->nturns > 1))
			turn_queue_again(&ts->queue, t);
		else
			faulty(ts, t, error);
	}
}

static void
on_end(void *arg, const char *error, const char *sqlstate)
{
	struct turn_batch *b = arg;
	struct turns *ts = b->g->turns;

	if (b->single && ts->single_left > 0)
		ts->single_left--;
	if (error == NULL)
		committed(b);
	else
		refused(b, error, sqlstate);
	b->lane->batch = NULL;
	ts->promised -= b->promised;
	if (error != NULL && turn_store_is_down(sqlstate))
		turn_ids_forget(ts);
	struct arena *a = b->arena;
	free(b->turns);
	free(b);
	arena_free(a);
	run_later(ts);
}

/* ---- One pass of the loop ------------------------------------------------------------------------------------- */

static void
begin(struct turns *ts, struct turn_lane *lane, int max)
{
	struct gateway *g = ts->g;
	struct turn_batch *b = calloc(1, sizeof(*b));

	if (b == NULL || (b->turns = calloc((size_t)max, sizeof(*b->turns))) == NULL)
		abort();
	b->nturns = turn_queue_take(&ts->queue, b->turns, max);
	b->g = g;
	b->lane = lane;
	b->single = ts->single_left > 0;
	b->bureau = b->turns[0]->bureau;
	b->arena = arena_new();
	b->now_us = now_us();
	b->saved_stage = -1;

	struct pg_batch *pb = pg_batch_begin(lane->pg, true, b, turn_batch_result, on_end);
	lane->batch = b;
	if (pb == NULL) {
		on_end(b, "not connected", "");
		return;
	}
	if (turn_batch_load(b, pb))
		pg_batch_flush(pb, on_loaded);
	else
		on_loaded(b, pb);
}

/*
 * What became ready in this pass of the loop makes one batch: no added wait when idle, larger batches under load. While
 * one batch is under way the next begins beside it when it is large enough to be worth its round trips.
 */
static void
run(int fd, short what, void *arg)
{
	struct turns *ts = arg;
	bool busy = false;

	(void)fd;
	(void)what;
	if (ts->g->naming)
		return; /* turn_go_on calls again */
	for (int i = 0; i < ts->nlanes; i++)
		busy = busy || ts->lanes[i].batch != NULL;
	for (int i = 0; i < ts->nlanes && turn_queue_ready(&ts->queue); i++) {
		struct turn_lane *lane = &ts->lanes[i];
		int max = ts->single_left > 0 ? 1 : ts->g->conf->batch_max, ready = turn_queue_count(&ts->queue);

		if (lane->batch != NULL)
			continue;
		if (busy && (ready < TURN_BESIDE || ts->single_left > 0))
			return;
		if (i > 0 && (!pg_ready(lane->pg) || !turn_ids_suffice(ts, lane, ready < max ? ready : max)))
			continue;
		busy = true;
		begin(ts, lane, max);
	}
}

static void
run_later(struct turns *ts)
{
	if (turn_queue_ready(&ts->queue))
		event_active(ts->run, EV_TIMEOUT, 0);
}

int
turns_connect(struct turns *ts)
{
	struct gateway *g = ts->g;

	ts->lanes = calloc((size_t)g->conf->turn_connections, sizeof(*ts->lanes));
	if (ts->lanes == NULL)
		return -1;
	ts->lanes[0].pg = g->pg_turn;
	for (ts->nlanes = 1; ts->nlanes < g->conf->turn_connections; ts->nlanes++) {
		struct pg *pg = pg_new(g->base, g->conf->database, NULL);

		if (pg == NULL)
			return -1;
		pg_prefer_indexes(pg);
		ts->lanes[ts->nlanes].pg = pg;
	}
	return 0;
}

struct turns *
turns_new(struct gateway *g)
{
	struct turns *ts = calloc(1, sizeof(*ts));

	if (ts == NULL)
		return NULL;
	ts->g = g;
	ts->began_us = now_us();
	ts->run = event_new(g->base, -1, 0, run, ts);
	ts->parts = turn_parts_new(g);
	ts->keep = turn_keep_new(TURN_KEEP);
	ts->live = ussd_live_new();
	ts->unsaid = event_new(g->base, -1, 0, turn_ussd_unsaid_run, g);
	if (ts->run == NULL || ts->parts == NULL || ts->live == NULL || ts->keep == NULL || ts->unsaid == NULL ||
		turn_queue_init(&ts->queue) != 0) {
		turns_free(ts);
		return NULL;
	}
	return ts;
}

void
turns_free(struct turns *ts)
{
	if (ts == NULL)
		return;
	for (int i = 1; i < ts->nlanes; i++)
		pg_free(ts->lanes[i].pg);
	free(ts->lanes);
	if (ts->run != NULL)
		event_free(ts->run);
	if (ts->unsaid != NULL)
		event_free(ts->unsaid);
	ussd_live_free(ts->live);
	turn_parts_free(ts->parts);
	turn_queue_free(&ts->queue);
	free(ts->unsure);
	turn_keep_free(ts->keep);
	free(ts->ids);
	free(ts);
}
