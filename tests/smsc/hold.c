/*
 * Texts on their way to their phones, and what became of the latest: the delivery-delay switch, query_sm (SMPP 3.4,
 * 4.8) and cancel_sm (4.9).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tests/smsc/carrier.h"

enum {
	SENT = 1 << 16, /* texts that are remembered */
};

struct sent {
	uint64_t id;
	char phone[NUMBER_ROOM], code[NUMBER_ROOM];
	struct held_text *held; /* still on its way; later's, not ours */
	enum text_state state;
	int64_t done_us;
};

struct held_text {
	struct arrival arrival;
	struct receipt receipt;
	char text[];
};

static struct sent *
slot(struct carrier *c, uint64_t id)
{
	if (c->sent == NULL)
		c->sent = calloc(SENT, sizeof(struct sent));
	return c->sent != NULL ? &c->sent[id % SENT] : NULL;
}

/* On its phone, or listed there as one that never came. */
static bool
arrive(struct carrier *c, const struct arrival *a)
{
	struct phone *ph = phones_get(c->phones, a->phone);
	struct text *t;

	if (ph == NULL)
		return false;
	if (a->concat == CONCAT_NONE || a->parts == 1)
		t = phone_add(c->phones, ph, true, a->code, a->text, 1, a->alphabet, a->end, clock_now_us());
	else
		t = phone_add_part(c->phones, ph, a->code, a->concat, a->reference, a->parts, a->part, a->text, a->alphabet,
			a->end, clock_now_us());
	if (t != NULL) {
		c->stats.texts++;
		mobile_react(c, ph, t);
	}
	return true;
}

static void
finish(struct carrier *c, struct held_text *h, enum text_state end)
{
	struct sent *s = slot(c, h->arrival.id);

	if (s != NULL && s->held == h) {
		s->held = NULL;
		s->state = end;
		s->done_us = clock_now_us();
	}
	h->arrival.end = h->receipt.state = end;
	arrive(c, &h->arrival);
	if (h->arrival.told != NULL)
		receipt_send(&h->receipt, false);
}

static void
on_due(void *arg, void *item)
{
	struct held_text *h = item;

	if (h->arrival.id != 0) /* not cancelled */
		finish(arg, h, h->arrival.end);
	free(h);
}

static struct held_text *
hold(struct carrier *c, const struct arrival *a)
{
	size_t len = strlen(a->text) + 1;
	struct held_text *h = malloc(sizeof(*h) + len);

	if (h == NULL)
		return NULL;
	h->arrival = *a;
	h->arrival.text = memcpy(h->text, a->text, len);
	if (a->told != NULL)
		h->receipt = *a->told;
	if (later_add(c->later, c->faults.number[FAULT_DELIVERY_DELAY], on_due, h, free) == 0)
		return h;
	free(h);
	return NULL;
}

bool
hold_arrival(struct carrier *c, const struct arrival *a)
{
	struct sent *s = slot(c, a->id);
	struct held_text *h = c->faults.number[FAULT_DELIVERY_DELAY] > 0 ? hold(c, a) : NULL;

	if (h == NULL && !arrive(c, a))
		return false;
	if (s != NULL) {
		*s = (struct sent){.id = a->id, .held = h, .state = a->end, .done_us = clock_now_us()};
		memcpy(s->phone, a->phone, sizeof(s->phone));
		memcpy(s->code, a->code, sizeof(s->code));
	}
	if (h == NULL && a->told != NULL)
		receipt_send(a->told, false);
	return true;
}

/* The text that an id names, in the style that ids are written in now. */
static struct sent *
by_id(struct carrier *c, const char *text, const char *code)
{
	int64_t style = c->faults.number[FAULT_ID_STYLE];
	uint64_t id = strtoull(text, NULL, style == ID_HEX || style == ID_HEX_UPPER ? 16 : 10);
	struct sent *s = slot(c, id);
	char written[ID_ROOM];

	id_write(&c->faults, id, false, written);
	if (s == NULL || id == 0 || s->id != id || strcmp(written, text) != 0 || strcmp(s->code, code) != 0)
		return NULL;
	return s;
}

static void
answer(struct session *s, const struct pdu_header *h, uint32_t status, const struct sent *about, const char *id)
{
	uint8_t pdu[160];
	struct pdu_out o;
	char date[32] = "";

	pdu_begin(&o, pdu, sizeof(pdu), h->command | PDU_RESPONSE, status, h->sequence);
	if (h->command == PDU_QUERY_SM && status == PDU_OK) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is said to be good is about something */
		time_t t = (time_t)(about->done_us / 1000000);
		struct tm tm;
		if (about->held == NULL && gmtime_r(&t, &tm) != NULL)
			strftime(date, sizeof(date), "%y%m%d%H%M%S000+", &tm);
		pdu_add_string(&o, id);
		pdu_add_string(&o, date);
		pdu_add_octet(&o, about->held != NULL ? 1 : receipt_state(about->state));
		pdu_add_octet(&o, 0);
	}
	session_respond(s, h->command, pdu, pdu_end(&o));
}

static void
note(struct session *s, const struct pdu_header *h, uint32_t status, const struct pdu_about *a, const char *state)
{
	struct record_entry e = {
		.kind = h->command == PDU_QUERY_SM ? RECORD_QUERY : RECORD_CANCEL,
		.session = s->id,
		.sequence = h->sequence,
		.status = status,
		.system_id = s->queue->system_id,
		.id = a->id,
		.source = a->source,
		.dest = a->dest,
		.state = state,
		.data_coding = -1,
	};
	record_add(s->carrier->record, &e);
}

void
hold_query(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	struct pdu_about a;
	uint32_t status = pdu_decode_about(h->command, body, h->length - PDU_HEADER, &a);
	struct sent *t = status == PDU_OK ? by_id(s->carrier, a.id, a.source) : NULL;

	if (status == PDU_OK && t == NULL)
		status = PDU_BAD_MESSAGE_ID;
	note(s, h, status, &a, t == NULL ? NULL : t->held != NULL ? "ENROUTE" : text_state_name(t->state));
	answer(s, h, status, t, a.id);
}

static bool
cancel(struct carrier *c, struct sent *t)
{
	struct held_text *held = t->held;

	if (held == NULL)
		return false;
	finish(c, held, TEXT_DELETED);
	held->arrival.id = 0; /* its time will come, and it will do nothing */
	return true;
}

void
hold_cancel(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	struct carrier *c = s->carrier;
	struct pdu_about a;
	char phone[NUMBER_ROOM] = "";
	uint32_t status = pdu_decode_about(h->command, body, h->length - PDU_HEADER, &a);
	bool any = false;

	number_normalise(a.dest, phone);
	if (status == PDU_OK && a.id[0] != '\0') {
		struct sent *t = by_id(c, a.id, a.source);
		if (t == NULL || (phone[0] != '\0' && strcmp(phone, t->phone) != 0))
			status = PDU_BAD_MESSAGE_ID;
		else
			any = cancel(c, t);
	} else if (status == PDU_OK && c->sent != NULL) {
		/* Without an id: all between these two. */
		for (size_t i = 0; i < SENT; i++)
			if (c->sent[i].held != NULL && strcmp(c->sent[i].code, a.source) == 0 &&
				strcmp(c->sent[i].phone, phone) == 0)
				any = cancel(c, &c->sent[i]) || any;
	}
	if (status == PDU_OK && !any)
		status = PDU_CANCEL_FAILED;
	note(s, h, status, &a, NULL);
	answer(s, h, status, NULL, "");
}

void
hold_free(struct carrier *c)
{
	free(c->sent);
	c->sent = NULL;
}
