/*
 * What waits for an ESME: receipts and phones' texts, in order, one queue per system_id. A deliver_sm stays until it is
 * answered with 0 or refused for good: a lost connection, a timeout or a status of 0x64 sends it again.
 */
#include <stdlib.h>
#include <string.h>
#include "tests/smsc/carrier.h"

struct queue *
queue_get(struct carrier *c, const char *system_id)
{
	struct queue *q;
	int n = 0;

	TAILQ_FOREACH (q, &c->queues, next) {
		if (strcmp(q->system_id, system_id) == 0)
			return q;
		n++;
	}
	if (n >= QUEUES_MAX || (q = calloc(1, sizeof(*q))) == NULL)
		return NULL;
	memcpy(q->system_id, system_id, strnlen(system_id, sizeof(q->system_id) - 1));
	TAILQ_INIT(&q->waiting);
	TAILQ_INSERT_TAIL(&c->queues, q, next);
	return q;
}

void
queue_learn_code(struct carrier *c, const char *code, struct queue *q)
{
	static const unsigned most = sizeof(c->codes) / sizeof(c->codes[0]);

	for (unsigned i = 0; i < c->ncodes; i++) {
		if (strcmp(c->codes[i].code, code) == 0) {
			c->codes[i].queue = q;
			return;
		}
	}
	if (c->ncodes == most)
		return;
	struct code *e = &c->codes[c->ncodes++];
	memset(e, 0, sizeof(*e));
	memcpy(e->code, code, strnlen(code, NUMBER_ROOM - 1));
	e->queue = q;
}

struct queue *
queue_for_code(struct carrier *c, const char *code)
{
	struct queue *q;

	const struct code *best = NULL;

	/* A longer number under a known code (10690001 and 1069000199) belongs to the same ESME. */
	for (unsigned i = 0; i < c->ncodes; i++) {
		const struct code *e = &c->codes[i];
		if (strncmp(e->code, code, strlen(e->code)) == 0 && (best == NULL || strlen(e->code) > strlen(best->code)))
			best = e;
	}
	if (best != NULL)
		return best->queue;
	TAILQ_FOREACH (q, &c->queues, next)
		if (q->receivers > 0)
			return q;
	return &c->nobody;
}

struct delivery *
queue_add(struct carrier *c, struct queue *q, const uint8_t *pdu, size_t len)
{
	struct delivery *d = q->count >= QUEUE_MAX ? NULL : calloc(1, sizeof(*d) + len);

	(void)c;
	if (d == NULL) {
		q->dropped++;
		return NULL;
	}
	memcpy(d->pdu, pdu, len);
	d->len = len;
	d->queue = q;
	TAILQ_INSERT_TAIL(&q->waiting, d, next);
	q->count++;
	return d;
}

static void
delivery_free(struct delivery *d)
{
	d->queue->count--;
	free(d);
}

static void
note(struct carrier *c, const struct session *s, const struct delivery *d, enum record_kind kind, uint32_t status,
	const char *why)
{
	struct record_entry e = {
		.kind = kind,
		.session = s->id,
		.sequence = d->sequence,
		.status = status,
		.system_id = d->queue->system_id,
		.id = d->phone == NULL ? d->id : NULL,
		.source = d->phone != NULL ? d->phone->number : NULL,
		.note = why,
		.data_coding = -1,
		.part = d->phone != NULL ? d->part : 0,
		.parts = d->phone != NULL ? d->parts : 0,
		.attempt = d->attempts,
		.phone_text = d->text,
	};
	record_add(c->record, &e);
}

void
queue_pump(struct carrier *c, struct queue *q)
{
	struct session *s = NULL, *first = NULL;

	if (q->receivers == 0)
		return;
	while (!TAILQ_EMPTY(&q->waiting)) {
		/* Round the sessions in turn, so that two daemons under one name share the texts. */
		s = s != NULL ? TAILQ_NEXT(s, next) : TAILQ_FIRST(&c->sessions);
		if (s == NULL)
			s = TAILQ_FIRST(&c->sessions);
		if (s == NULL || s == first)
			return; /* a whole round without room */
		if (first == NULL)
			first = s;
		if (s->queue != q || !session_has_room(s))
			continue;
		first = NULL;
		struct delivery *d = TAILQ_FIRST(&q->waiting);
		TAILQ_REMOVE(&q->waiting, d, next);
		if (!ussd_wanted(d)) {
			delivery_free(d);
			continue;
		}
		if (d->attempts++ > 0)
			c->stats.redelivered++;
		session_deliver(s, d);
		note(c, s, d, RECORD_DELIVER, 0, NULL);
	}
}

/* A try that failed for now: wait a little, then stand in line again. */
static void
try_again(void *arg, void *item)
{
	struct carrier *c = arg;
	struct delivery *d = item;

	TAILQ_INSERT_TAIL(&d->queue->waiting, d, next);
	queue_pump(c, d->queue);
}

static void
release(struct session *s, struct delivery *d)
{
	s->slot[d->sequence & (IN_FLIGHT - 1)] = NULL;
	TAILQ_REMOVE(&s->in_flight, d, next);
	s->window--;
	d->session = NULL;
}

/* The answer to a part of a phone's text shows on the phone. */
static void
mark_text(struct carrier *c, const struct delivery *d, uint32_t status)
{
	if (d->phone == NULL || d->copy)
		return;
	struct text *t = phone_text(d->phone, d->text);
	if (t == NULL || t->state != TEXT_QUEUED)
		return;
	if (status != PDU_OK) {
		phone_set_state(c->phones, d->phone, t, TEXT_REFUSED);
		return;
	}
	if (++t->answered == t->parts)
		phone_set_state(c->phones, d->phone, t, TEXT_DELIVERED);
}

static bool
comes_again(uint32_t status)
{
	return status == PDU_COME_AGAIN || status == PDU_SYSTEM_ERROR || status == PDU_QUEUE_FULL ||
		   status == PDU_THROTTLED;
}

void
queue_answered(struct session *s, uint32_t sequence, uint32_t status)
{
	struct carrier *c = s->carrier;
	struct delivery *d = s->slot[sequence & (IN_FLIGHT - 1)];

	if (d == NULL || d->sequence != sequence)
		return; /* late, or to nothing of ours */
	release(s, d);
	note(c, s, d, RECORD_ANSWERED, status, NULL);
	if (comes_again(status) && later_add(c->later, c->faults.number[FAULT_RETRY_DELAY], try_again, d, free) == 0) {
		queue_pump(c, d->queue);
		return;
	}
	if (status == PDU_OK)
		c->stats.delivered++;
	else if (d->is_ussd)
		ussd_refused(c, d, status);
	mark_text(c, d, status);
	struct queue *q = d->queue;
	delivery_free(d);
	queue_pump(c, q);
}

void
queue_take_back(struct session *s, const char *why)
{
	struct delivery *d;

	/* The newest first to the head: they stand there in their old order afterwards. */
	while ((d = TAILQ_LAST(&s->in_flight, delivery_list)) != NULL) {
		release(s, d);
		note(s->carrier, s, d, RECORD_LOST, 0, why);
		s->carrier->stats.lost++;
		TAILQ_INSERT_HEAD(&d->queue->waiting, d, next);
	}
}

void
queue_time_out(struct session *s, int64_t now_us)
{
	int64_t patience = s->carrier->faults.number[FAULT_DELIVER_TIMEOUT] * 1000;
	struct delivery *d;
	bool any = false;

	while ((d = TAILQ_FIRST(&s->in_flight)) != NULL && now_us - d->sent_us >= patience) {
		release(s, d);
		note(s->carrier, s, d, RECORD_LOST, 0, "no answer in time");
		s->carrier->stats.lost++;
		TAILQ_INSERT_TAIL(&d->queue->waiting, d, next);
		any = true;
	}
	if (any)
		queue_pump(s->carrier, s->queue);
}

void
queue_receiver_bound(struct session *s)
{
	struct carrier *c = s->carrier;
	struct delivery *d;

	s->queue->receivers++;
	while ((d = TAILQ_FIRST(&c->nobody.waiting)) != NULL) {
		TAILQ_REMOVE(&c->nobody.waiting, d, next);
		c->nobody.count--;
		d->queue = s->queue;
		d->queue->count++;
		TAILQ_INSERT_TAIL(&d->queue->waiting, d, next);
	}
	queue_pump(c, s->queue);
}

void
queues_free(struct carrier *c)
{
	struct queue *q;
	struct delivery *d;

	TAILQ_INSERT_TAIL(&c->queues, &c->nobody, next);
	while ((q = TAILQ_FIRST(&c->queues)) != NULL) {
		TAILQ_REMOVE(&c->queues, q, next);
		while ((d = TAILQ_FIRST(&q->waiting)) != NULL) {
			TAILQ_REMOVE(&q->waiting, d, next);
			free(d);
		}
		if (q != &c->nobody)
			free(q);
	}
}
