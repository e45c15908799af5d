/* The phone's own side: texts that it writes, typed by a person or answered by a script, on their way to an ESME. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/smsc/carrier.h"

enum {
	EIGHT_BIT_MOST = 140
};

/* One part of a phone's text as a deliver_sm. Returns its octets, 0 when it does not fit. */
static size_t
encode_part(const struct carrier *c, const struct phone *ph, const char *to, const struct text_parts *parts, int i,
	enum concat concat, uint16_t reference, uint8_t *out, size_t room)
{
	uint8_t octets[TEXT_OCTETS_MAX + 8];
	size_t header = 0;
	struct pdu_sm sm;

	pdu_sm_init(&sm);
	sm.source_ton = 1;
	sm.source_npi = 1;
	bool plus = c->faults.number[FAULT_MO_PLUS] != 0;
	snprintf(sm.source, sizeof(sm.source), "%s", ph->number[0] == '+' && !plus ? ph->number + 1 : ph->number);
	sm.dest_npi = 1;
	snprintf(sm.dest, sizeof(sm.dest), "%s", to);
	int64_t coding = c->faults.number[FAULT_MO_CODING];
	sm.data_coding = coding >= 0 ? (uint8_t)coding : parts->alphabet == ALPHABET_UCS2 ? 8 : 0;
	sm.payload = c->faults.number[FAULT_MO_PAYLOAD] != 0;
	if (parts->count > 1 && concat == CONCAT_SAR) {
		sm.has_sar = true;
		sm.sar_reference = reference;
		sm.sar_total = (uint8_t)parts->count;
		sm.sar_part = (uint8_t)(i + 1);
	} else if (parts->count > 1) {
		sm.esm_class = PDU_ESM_UDHI;
		header = udh_write(octets, concat, reference, (uint8_t)parts->count, (uint8_t)(i + 1));
	}
	memcpy(octets + header, parts->part[i].octets, parts->part[i].len);
	sm.octets = octets;
	sm.noctets = header + parts->part[i].len;
	return delivery_encode(&c->faults, &sm, out, room);
}

/* The text in the alphabet of the mo-coding switch; codings of eight bits have one part. NULL, or why not. */
static const char *
split(const struct carrier *c, const char *body, const char *encoding, enum concat concat, struct text_parts *out)
{
	int64_t coding = c->faults.number[FAULT_MO_CODING];
	enum alphabet a = coding >= 0 ? alphabet_of_coding((uint8_t)coding) : ALPHABET_GSM7;
	const char *p = body;

	if (coding < 0)
		return text_split(body, encoding, concat, out);
	if (a == ALPHABET_GSM7 || a == ALPHABET_UCS2)
		return text_split(body, a == ALPHABET_GSM7 ? "gsm7" : "ucs2", concat, out);
	*out = (struct text_parts){.alphabet = a, .count = 1};
	for (uint32_t u; (u = utf8_next(&p)) != 0;) {
		if (out->part[0].len == EIGHT_BIT_MOST)
			return "a text in this coding has at most 140 characters";
		out->part[0].octets[out->part[0].len++] = u < 256 ? (uint8_t)u : '?';
	}
	return NULL;
}

/* The place of the i-th part that goes out. */
static int
place(const struct carrier *c, int i, int count)
{
	int64_t order = c->faults.number[FAULT_MO_ORDER];

	if (order == MO_ORDER_REVERSED)
		return count - 1 - i;
	if (order == MO_ORDER_LAST_FIRST)
		return i == 0 ? count - 1 : i - 1;
	return i;
}

struct text *
mobile_send(struct carrier *c, struct phone *ph, const char *to, const char *body, const char *encoding,
	enum concat concat, const char **why)
{
	struct text_parts parts;
	char code[NUMBER_ROOM];

	snprintf(code, sizeof(code), "%s", to[0] != '\0' ? to : ph->code);
	if (code[0] == '\0') {
		*why = "nobody has written to this phone yet; say to which short code the text goes";
		return NULL;
	}
	if ((*why = split(c, body, encoding, concat, &parts)) != NULL)
		return NULL;
	struct queue *q = queue_for_code(c, code);
	if (q->count + (size_t)parts.count > QUEUE_MAX) {
		*why = "too many texts wait for this short code";
		return NULL;
	}
	struct text *t =
		phone_add(c->phones, ph, false, code, body, (uint8_t)parts.count, parts.alphabet, TEXT_QUEUED, clock_now_us());
	if (t == NULL) {
		*why = "could not get memory";
		return NULL;
	}
	struct record_entry e = {
		.kind = RECORD_MO,
		.source = ph->number,
		.dest = code,
		.text = body,
		.data_coding = parts.alphabet == ALPHABET_UCS2 ? 8 : 0,
		.concat = parts.count > 1 ? concat : CONCAT_NONE,
		.reference = ph->next_reference,
		.part = (uint8_t)parts.count,
		.parts = (uint8_t)parts.count,
		.phone_text = t->n,
	};
	record_add(c->record, &e);
	c->stats.mo_texts++;
	int64_t same = c->faults.number[FAULT_MO_REFERENCE];
	uint16_t reference = same >= 0 ? (uint16_t)same : ph->next_reference++;
	for (int k = 0; k < parts.count; k++) {
		uint8_t pdu[512];
		int i = place(c, k, parts.count);
		size_t len = encode_part(c, ph, code, &parts, i, concat, reference, pdu, sizeof(pdu));
		for (int64_t n = 0; n < c->faults.number[FAULT_REDELIVER]; n++) {
			struct delivery *d = queue_add(c, q, pdu, len);
			if (d == NULL)
				break;
			d->phone = ph;
			d->text = t->n;
			d->part = (uint8_t)(i + 1);
			d->parts = (uint8_t)parts.count;
			d->copy = n > 0;
		}
	}
	queue_pump(c, q);
	return t;
}

/* A reply that a script will type in a moment. */
struct typing {
	struct phone *phone;
	char code[NUMBER_ROOM];
	char text[];
};

static void
type_reply(void *arg, void *item)
{
	struct typing *y = item;
	const char *why;

	if (mobile_send(arg, y->phone, y->code, y->text, "auto", CONCAT_UDH8, &why) == NULL)
		fprintf(stderr, "huizhi-smsc: %s could not reply: %s\n", y->phone->number, why);
	free(y);
}

/* Counts that the rule spoke for this phone. */
static void
count_use(const struct carrier *c, struct phone *ph, int rule)
{
	if (c->script->rules[rule].at_most == 0)
		return;
	if (ph->nused < c->script->count) {
		uint8_t *used = realloc(ph->used, c->script->count);
		if (used == NULL)
			return;
		memset(used + ph->nused, 0, c->script->count - ph->nused);
		ph->used = used;
		ph->nused = (unsigned)c->script->count;
	}
	ph->used[rule]++;
}

void
mobile_react(struct carrier *c, struct phone *ph, const struct text *t)
{
	if (c->script->count == 0 || !text_shows(t->state))
		return;
	const uint8_t *used = ph->nused >= c->script->count ? ph->used : NULL;
	int i = script_match(c->script, c->seed, ph->number, t->body, used);
	if (i < 0)
		return;
	count_use(c, ph, i);
	const struct script_rule *rule = &c->script->rules[i];
	for (int k = 0; k < rule->replies; k++) {
		const struct script_reply *reply = &rule->reply[k];
		struct typing *y = calloc(1, sizeof(*y) + strlen(reply->text) + 1);
		if (y == NULL)
			return;
		y->phone = ph;
		memcpy(y->code, t->other, sizeof(y->code));
		memcpy(y->text, reply->text, strlen(reply->text) + 1);
		if (later_add(c->later, reply->after_ms, type_reply, y, free) != 0)
			free(y);
	}
}

void
mobile_set_script(struct carrier *c, struct script *s)
{
	struct phone *ph;

	script_free(c->script);
	c->script = s;
	/* The counts belong to the rules that are gone. */
	TAILQ_FOREACH (ph, phones_by_age(c->phones), by_age)
		ph->nused = 0;
}
