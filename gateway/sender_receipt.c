/*
 * Receipts: gathered, marked in batches, and only then answered to their carrier. What comes before its response is put
 * aside by the store and looked for again.
 */
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/delivery.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/sender_internal.h"
#include "gateway/smpp/carrier_id.h"
#include "gateway/smpp/receipt.h"
#include "gateway/smpp/status.h"
#include "gateway/suffix.h"
#include "store/arena.h"
#include "store/outbox.h"
#include "store/pg.h"
#include "store/receipt.h"
#include "store/turn.h"

void
sender_ids_of(struct arena *a, const PGresult *res, int64_t **ids, size_t *n)
{
	*n = (size_t)PQntuples(res);
	*ids = arena_alloc(a, *n * sizeof(**ids) + 1);
	for (size_t i = 0; i < *n; i++)
		(*ids)[i] = store_int(res, (int)i, 0);
}

void
sender_save_states(struct pg_batch *pb, const struct conf_bureau *b, struct arena *a, const int64_t *ids, size_t n)
{
	struct store_reasons reasons;

	reasons.n = delivery_receipts(&reasons.receipts);
	reasons.words = arena_alloc(a, reasons.n * sizeof(*reasons.words));
	for (size_t i = 0; i < reasons.n; i++)
		reasons.words[i] = delivery_reason(reasons.receipts[i], sender_language(b));
	store_message_states(pb, b->id, ids, n, &reasons);
}

/* ---- Arrival ---------------------------------------------------------------------------------------------------- */

static const struct conf_bureau *
bureau_of_receipt(const struct gateway *g, const char *link, const struct link_deliver *d, const char **phone)
{
	const struct conf_bureau *b = suffix_bureau(g->conf, link, d->dest, NULL);

	*phone = d->source;
	if (b != NULL)
		return b;
	/* Some carriers leave the addresses as they were in the submit_sm. */
	b = suffix_bureau(g->conf, link, d->source, NULL);
	if (b != NULL)
		*phone = d->dest;
	return b;
}

/* Where the link must find out how its carrier writes ids, the database is asked for every reading. */
static void
read_otherwise(const struct link_deliver *d, struct receipt_mark *m)
{
	struct carrier_id_learnt none = {0};
	char key[SENDER_ID_MAX];

	carrier_id_receipt_key(CARRIER_ID_HEX, &none, d->receipt_id, "", key, sizeof(key));
	if (strcmp(key, m->carrier_key) != 0)
		log_plain(key, m->hex_key, sizeof(m->hex_key));
	carrier_id_receipt_key(CARRIER_ID_DECIMAL, &none, d->receipt_id, "", key, sizeof(key));
	if (strcmp(key, m->carrier_key) != 0)
		log_plain(key, m->decimal_key, sizeof(m->decimal_key));
	/* Read by the habit, and wrongly: the id as it is. */
	carrier_id_response_key(CARRIER_ID_AUTO, d->receipt_id, key, sizeof(key));
	if (strcmp(key, m->carrier_key) != 0 && m->hex_key[0] == '\0')
		log_plain(key, m->hex_key, sizeof(m->hex_key));
	else if (strcmp(key, m->carrier_key) != 0 && m->decimal_key[0] == '\0')
		log_plain(key, m->decimal_key, sizeof(m->decimal_key));
}

static void
count_receipt(const char *state)
{
	if (strcmp(state, "DELIVRD") == 0)
		metrics_add(METRIC_RECEIPTS_DELIVERED, 1);
	else if (receipt_is_final(state))
		metrics_add(METRIC_RECEIPTS_FAILED, 1);
	else
		metrics_add(METRIC_RECEIPTS_OTHER, 1);
}

void
sender_receipt_add(struct sender *s, struct receipt_mark *m)
{
	/* Marks go by another connection: those of the response before this must be through. */
	m->after = s->marked + (s->marking ? 1 : 0) + (s->marks != NULL ? 1 : 0);
	SENDER_APPEND(s->receipts, s->receipts_tail, m);
	s->receipts_waiting++;
	sender_mark_later(s);
}

void
sender_receipt(struct gateway *g, struct link *l, const struct link_deliver *d)
{
	struct sender *s = g->sender;
	const char *from;
	const struct conf_bureau *b = bureau_of_receipt(g, link_name(l), d, &from);

	if (b == NULL) {
		log_warn("link=%s receipt for an unknown short code taken and left aside id=%s", link_name(l), d->receipt_id);
		link_answer(l, d->token, 0);
		return;
	}
	struct receipt_mark *m = calloc(1, sizeof(*m));
	if (m == NULL || !pg_ready(s->pg_receipt)) {
		free(m);
		link_answer(l, d->token, STATUS_COME_AGAIN);
		return;
	}
	m->bureau = b;
	m->link = l;
	m->token = d->token;
	m->answer = true;
	if (conf_phone_normalise(b, from, m->phone, sizeof(m->phone), NULL) != 0)
		log_plain(from, m->phone, sizeof(m->phone));
	log_plain(d->receipt_key, m->carrier_key, sizeof(m->carrier_key));
	log_plain(d->receipt_state, m->state, sizeof(m->state));
	log_plain(d->receipt_error, m->error, sizeof(m->error));
	if (strcmp(conf_link_by_name(g->conf, link_name(l))->message_id, "auto") == 0)
		read_otherwise(d, m);
	count_receipt(m->state);
	sender_receipt_add(s, m);
}

/* ---- One batch -------------------------------------------------------------------------------------------------- */

struct receipt_batch {
	struct sender *s;
	const struct conf_bureau *bureau;
	struct arena *arena;
	struct receipt_mark *list;
	int n;
	struct receipt_mark **exact; /* of them, those that name their part as its response did */
	size_t nexact, nother;
	int64_t *changed; /* messages whose parts have changed */
	size_t nchanged;
};

static void
on_receipt_result(void *arg, int index, const PGresult *res)
{
	struct receipt_batch *b = arg;

	if (res == NULL)
		return;
	if (b->nexact > 0 && index == 0) {
		size_t n;
		struct store_receipt_found *found = store_receipts_found(b->arena, res, &n);

		b->changed = arena_alloc(b->arena, n * sizeof(*b->changed) + 1);
		for (size_t i = 0; i < n; i++) {
			b->exact[found[i].row]->found = true;
			b->changed[b->nchanged++] = found[i].message_id;
		}
	} else if (b->nother > 0 && index == (b->nexact > 0)) {
		int64_t *ids, *all;
		size_t n;

		sender_ids_of(b->arena, res, &ids, &n);
		if (n < b->nother)
			b->s->early += (int)(b->nother - n);
		all = arena_alloc(b->arena, (b->nchanged + n) * sizeof(*all) + 1);
		if (b->nchanged > 0)
			memcpy(all, b->changed, b->nchanged * sizeof(*all));
		if (n > 0)
			memcpy(all + b->nchanged, ids, n * sizeof(*all));
		b->changed = all;
		b->nchanged += n;
	}
}

static void
on_receipts_marked(void *arg, struct pg_batch *pb)
{
	struct receipt_batch *b = arg;

	sender_save_states(pb, b->bureau, b->arena, b->changed, b->nchanged);
	store_save_ids(pb, STMT_OUTBOX_RECEIPTED, b->bureau->id, b->changed, b->nchanged);
	pg_batch_commit(pb);
}

static struct store_receipt
row_of(const struct receipt_mark *m)
{
	return (struct store_receipt){.link = link_name(m->link),
		.carrier_key = m->carrier_key,
		.hex_key = m->hex_key,
		.decimal_key = m->decimal_key,
		.phone = m->phone,
		.state = m->state,
		.error = m->error};
}

/* What did not find its part by its id as it is, is looked for in every other way. */
static void
on_receipts_exact(void *arg, struct pg_batch *pb)
{
	struct receipt_batch *b = arg;
	struct store_receipt *rows = arena_alloc(b->arena, (size_t)b->n * sizeof(*rows));

	for (const struct receipt_mark *m = b->list; m != NULL; m = m->next) {
		if (!m->found)
			rows[b->nother++] = row_of(m);
	}
	if (b->nother == 0) {
		on_receipts_marked(b, pb);
		return;
	}
	store_receipts(pb, b->bureau->id, rows, b->nother);
	pg_batch_flush(pb, on_receipts_marked);
}

static void
on_receipts_end(void *arg, const char *error, const char *sqlstate)
{
	struct receipt_batch *b = arg;
	struct sender *s = b->s;

	s->receipting = false;
	if (error != NULL)
		log_warn("bureau=%s receipts could not be stored: %s sqlstate=%s", b->bureau->code, error, sqlstate);
	for (struct receipt_mark *m = b->list, *next; m != NULL; m = next) {
		next = m->next;
		if (m->answer)
			link_answer(m->link, m->token, error == NULL ? 0 : STATUS_COME_AGAIN);
		free(m);
		s->receipts_waiting--;
	}
	arena_free(b->arena);
	free(b);
	sender_mark_later(s);
}

static int
by_key(const void *x, const void *y)
{
	const struct receipt_mark *a = *(struct receipt_mark *const *)x, *b = *(struct receipt_mark *const *)y;
	int d = strcmp(a->carrier_key, b->carrier_key);

	if (d != 0)
		return d;
	if (a->link != b->link)
		return strcmp(link_name(a->link), link_name(b->link));
	return a->nth < b->nth ? -1 : a->nth > b->nth;
}

/* The first one of each key: in the order of the keys, which is that of the index. */
static void
pick_exact(struct receipt_batch *b)
{
	struct receipt_mark **list = arena_alloc(b->arena, (size_t)b->n * sizeof(*list));
	size_t n = 0;

	for (struct receipt_mark *m = b->list; m != NULL; m = m->next) {
		if (m->carrier_key[0] != '\0')
			list[n++] = m;
	}
	qsort(list, n, sizeof(*list), by_key);
	for (size_t i = 0; i < n; i++) {
		const struct receipt_mark *before = b->nexact > 0 ? list[b->nexact - 1] : NULL;

		if (before == NULL || before->link != list[i]->link || strcmp(before->carrier_key, list[i]->carrier_key) != 0)
			list[b->nexact++] = list[i];
	}
	b->exact = list;
}

void
sender_receipts_run(struct sender *s)
{
	struct receipt_batch *b;
	struct receipt_mark *keep = NULL, *keep_tail = NULL, *tail = NULL;

	if (s->receipting || s->receipts == NULL || s->receipts->after > s->marked || (b = calloc(1, sizeof(*b))) == NULL)
		return;
	*b = (struct receipt_batch){.s = s, .arena = arena_new(), .bureau = s->receipts->bureau};
	for (struct receipt_mark *m = s->receipts, *next; m != NULL; m = next) {
		next = m->next;
		if (m->bureau == b->bureau && m->after <= s->marked && b->n < SENDER_MARK_BATCH) {
			SENDER_APPEND(b->list, tail, m);
			m->nth = b->n++;
		} else {
			SENDER_APPEND(keep, keep_tail, m);
		}
	}
	s->receipts = keep;
	s->receipts_tail = keep_tail;
	s->receipting = true;
	struct pg_batch *pb = pg_batch_begin(s->pg_receipt, true, b, on_receipt_result, on_receipts_end);
	if (pb == NULL) {
		on_receipts_end(b, "not connected", "");
		return;
	}
	pick_exact(b);
	if (b->nexact == 0) {
		on_receipts_exact(b, pb);
		return;
	}
	struct store_receipt *rows = arena_alloc(b->arena, b->nexact * sizeof(*rows));
	for (size_t i = 0; i < b->nexact; i++)
		rows[i] = row_of(b->exact[i]);
	store_receipts_exact(pb, b->bureau->id, rows, b->nexact);
	pg_batch_flush(pb, on_receipts_exact);
}

void
sender_receipts_free(struct sender *s)
{
	for (struct receipt_mark *m = s->receipts, *next; m != NULL; m = next) {
		next = m->next;
		free(m);
	}
}

/* ---- The sweep -------------------------------------------------------------------------------------------------- */

/* What slipped between a response and its receipt on two connections, of one bureau. */
struct sweep {
	struct sender *s;
	const struct conf_bureau *bureau;
	struct arena *arena;
	struct store_receipt *taken[2]; /* whose part is known now; that may be given to a part which nobody told of */
	size_t ntaken[2];
	int questions; /* the second one is asked now and then only */
	int64_t *changed;
	size_t nchanged;
};

static void
on_sweep_result(void *arg, int index, const PGresult *res)
{
	struct sweep *w = arg;

	if (res == NULL)
		return;
	if (index < w->questions)
		w->taken[index] = store_receipts_taken(w->arena, res, &w->ntaken[index]);
	else if (index == w->questions)
		sender_ids_of(w->arena, res, &w->changed, &w->nchanged);
}

static void
on_sweep_marked(void *arg, struct pg_batch *pb)
{
	struct sweep *w = arg;

	sender_save_states(pb, w->bureau, w->arena, w->changed, w->nchanged);
	store_save_ids(pb, STMT_OUTBOX_RECEIPTED, w->bureau->id, w->changed, w->nchanged);
	pg_batch_commit(pb);
}

static void
on_swept(void *arg, struct pg_batch *pb)
{
	struct sweep *w = arg;
	size_t n = w->ntaken[0] + w->ntaken[1];
	struct store_receipt *rows = arena_alloc(w->arena, n * sizeof(*rows) + 1);

	w->s->early -= w->s->early < (int)w->ntaken[0] ? w->s->early : (int)w->ntaken[0];
	if (n == 0) {
		pg_batch_commit(pb);
		return;
	}
	for (size_t i = 0; i < n; i++)
		rows[i] = i < w->ntaken[0] ? w->taken[0][i] : w->taken[1][i - w->ntaken[0]];
	store_receipts(pb, w->bureau->id, rows, n);
	pg_batch_flush(pb, on_sweep_marked);
}

static void
on_sweep_end(void *arg, const char *error, const char *sqlstate)
{
	struct sweep *w = arg;

	if (error != NULL)
		log_warn("bureau=%s early receipts could not be looked at: %s sqlstate=%s", w->bureau->code, error, sqlstate);
	arena_free(w->arena);
	free(w);
}

static struct sweep *
sweep_new(struct sender *s, const struct conf_bureau *b, struct pg_batch **pb)
{
	struct sweep *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	*w = (struct sweep){.s = s, .bureau = b};
	*pb = pg_batch_begin(s->pg_receipt, true, w, on_sweep_result, on_sweep_end);
	if (*pb == NULL) {
		free(w);
		return NULL;
	}
	w->arena = arena_new();
	return w;
}

void
sender_receipts_late(struct sender *s, const struct conf_bureau *b, const char *const *keys, size_t n)
{
	struct pg_batch *pb;
	struct sweep *w = n == 0 ? NULL : sweep_new(s, b, &pb);

	if (w == NULL)
		return; /* the next look at all of them finds these too */
	w->questions = 1;
	store_receipts_late(pb, b->id, keys, n);
	pg_batch_flush(pb, on_swept);
}

void
sender_early_receipts(struct gateway *g)
{
	for (size_t i = 0; i < g->conf->nbureaus; i++) {
		struct pg_batch *pb;
		struct sweep *w = sweep_new(g->sender, &g->conf->bureaus[i], &pb);

		if (w == NULL)
			return;
		w->questions = 2;
		store_receipts_late(pb, w->bureau->id, NULL, 0);
		store_receipts_guess(pb, w->bureau->id);
		pg_batch_flush(pb, on_swept);
	}
}
