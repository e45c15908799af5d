/* A text for a phone: refused by a switch, or taken, shown on the phone, answered and receipted. */
#include <stdlib.h>
#include <string.h>
#include "tests/smsc/carrier.h"

enum {
	TAG_CONGESTION = 0x0428,
	TEXT_OCTETS = 4096, /* of one submit; no phone of its time takes more */
};

/* One submit while it is being dealt with. */
struct submit {
	struct session *session;
	struct carrier *carrier;
	const struct pdu_header *header;
	struct pdu_sm sm;
	struct udh udh; /* also for sar_*: kind, reference, total, part */
	char phone[NUMBER_ROOM], code[NUMBER_ROOM];
	uint64_t id;
	char text[3 * TEXT_OCTETS + 1];
	enum alphabet alphabet;
	enum text_state end; /* the state it will end in */
};

/* Anything that is not plain ASCII would break the record's JSON and the pages' trust in it. */
static void
copy_address(char out[NUMBER_ROOM], const char *in)
{
	size_t n = 0;
	for (; n < NUMBER_ROOM - 1 && in[n] != '\0'; n++)
		out[n] = in[n] > 0x20 && in[n] < 0x7F ? in[n] : '?';
	out[n] = '\0';
}

/* The rate switch: so many in each second of the clock. */
static bool
too_fast(struct carrier *c)
{
	int64_t second = later_now_us() / 1000000;

	if (c->faults.number[FAULT_RATE] <= 0)
		return false;
	if (second != c->rate_second)
		c->rate_count = 0;
	c->rate_second = second;
	return ++c->rate_count > c->faults.number[FAULT_RATE];
}

static uint32_t
refusal(struct submit *u)
{
	struct faults *f = &u->carrier->faults;

	if (f->patterns[FAULT_INVALID_DESTINATION] != NULL &&
		pattern_list_match(f->patterns[FAULT_INVALID_DESTINATION], u->phone, NULL, 0))
		return PDU_BAD_DESTINATION;
	if (fault_every(f, FAULT_THROTTLE))
		return PDU_THROTTLED;
	if (fault_every(f, FAULT_QUEUE_FULL))
		return PDU_QUEUE_FULL;
	if (fault_every(f, FAULT_SYSTEM_ERROR))
		return PDU_SYSTEM_ERROR;
	if (fault_every(f, FAULT_REFUSE))
		return (uint32_t)f->number[FAULT_REFUSE_STATUS];
	if (f->number[FAULT_WINDOW] > 0 && u->session->owing >= (uint64_t)f->number[FAULT_WINDOW])
		return PDU_SUBMIT_FAILED;
	if (too_fast(u->carrier))
		return PDU_THROTTLED;
	return PDU_OK;
}

/* The text in the words of its alphabet, and its place in a longer one. */
static uint32_t
read_text(struct submit *u)
{
	const struct pdu_sm *sm = &u->sm;
	const uint8_t *octets = sm->octets;
	size_t len = sm->noctets;

	if (len > TEXT_OCTETS)
		return PDU_BAD_MESSAGE_LENGTH;
	if (sm->esm_class & PDU_ESM_UDHI) {
		u->udh = udh_read(octets, len);
		if (u->udh.octets == 0)
			return PDU_BAD_ESM_CLASS;
		octets += u->udh.octets;
		len -= u->udh.octets;
	} else if (sm->has_sar) {
		u->udh = (struct udh){0, CONCAT_SAR, sm->sar_reference, sm->sar_total, sm->sar_part};
	}
	u->alphabet = alphabet_of_coding(sm->data_coding);
	alphabet_decode(u->alphabet, octets, len, u->text, sizeof(u->text));
	return PDU_OK;
}

/* How the text ends. All parts of one text end alike, in every run with the same seed. */
static enum text_state
choose_end(const struct submit *u)
{
	const struct carrier *c = u->carrier;
	char word[16];
	int state;

	if (c->faults.patterns[FAULT_RECEIPT_STATE] != NULL &&
		pattern_list_match(c->faults.patterns[FAULT_RECEIPT_STATE], u->phone, word, sizeof(word)) &&
		(state = text_state_by_name(word)) >= 0)
		return (enum text_state)state;
	if ((state = script_receipt(c->script, u->phone)) >= 0)
		return (enum text_state)state;
	int64_t percent = c->faults.number[FAULT_FAIL];
	if (percent > 0) {
		uint64_t which = u->udh.total > 1 ? u->udh.reference : u->id;
		if (number_hash(c->seed ^ which << 20, u->phone) % 100 < (uint64_t)percent)
			return TEXT_UNDELIVERABLE;
	}
	return TEXT_DELIVERED;
}

static void
note_submit(const struct submit *u, uint32_t status, const char *id, const char *answer)
{
	struct record_entry e = {
		.kind = RECORD_SUBMIT,
		.session = u->session->id,
		.sequence = u->header->sequence,
		.status = status,
		.system_id = u->session->queue->system_id,
		.id = status == PDU_OK ? id : NULL,
		.source = u->code,
		.dest = u->phone,
		.state = status == PDU_OK ? text_state_name(u->end) : NULL,
		.note = answer,
		.text = u->text,
		.data_coding = u->sm.data_coding,
		.concat = u->udh.kind,
		.reference = u->udh.reference,
		.part = u->udh.part,
		.parts = u->udh.total,
	};
	record_add(u->carrier->record, &e);
}

static void
respond(struct session *s, uint32_t command, uint32_t sequence, uint32_t status, const char *id)
{
	struct faults *f = &s->carrier->faults;
	uint8_t pdu[128];
	struct pdu_out o;

	pdu_begin(&o, pdu, sizeof(pdu), command | PDU_RESPONSE, status, sequence);
	if (status == PDU_OK ? f->number[FAULT_EMPTY_RESPONSE] == 0 : f->number[FAULT_ERROR_BODY] != 0)
		pdu_add_string(&o, id);
	if (f->number[FAULT_ODD_TLVS] != 0 && o.len > PDU_HEADER) {
		pdu_add_tlv(&o, 0x1400, "abc", 3);
		pdu_add_tlv(&o, 0x0423, "\3", 1);				/* network_error_code has three octets */
		pdu_add_tlv(&o, 0x0005, "\377\377\377\377", 4); /* dest_addr_subunit has one, and it is no subunit */
	}
	if (f->number[FAULT_CONGESTION] >= 0 && status == PDU_OK) {
		uint8_t congestion = (uint8_t)f->number[FAULT_CONGESTION];
		pdu_add_tlv(&o, TAG_CONGESTION, &congestion, 1);
	}
	size_t len = pdu_end(&o);
	session_respond(s, command, pdu, len);
	if (f->number[FAULT_UNKNOWN_COMMAND] != 0) {
		pdu_begin(&o, pdu, sizeof(pdu), 0xFFFF, PDU_OK, sequence);
		session_write(s, pdu, pdu_end(&o));
	}
}

/* A response that waits until its receipt has gone ahead. */
struct late_response {
	uint32_t session, command, sequence;
	char id[ID_ROOM];
};

static void
late_response_due(void *arg, void *item)
{
	struct late_response *r = item;
	struct session *s = session_by_id(arg, r->session);

	if (s != NULL)
		respond(s, r->command, r->sequence, PDU_OK, r->id);
	free(r);
}

static bool
respond_late(const struct submit *u, const char *id, int64_t milliseconds)
{
	struct late_response *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return false;
	r->session = u->session->id;
	r->command = u->header->command;
	r->sequence = u->header->sequence;
	memcpy(r->id, id, ID_ROOM);
	if (later_add(u->carrier->later, milliseconds, late_response_due, r, free) == 0)
		return true;
	free(r);
	return false;
}

/* registered_delivery, SMPP 3.4 section 5.2.17. */
static bool
wants_receipt(const struct submit *u)
{
	uint8_t wish = u->sm.registered & 3;
	return u->carrier->faults.number[FAULT_NO_RECEIPTS] == 0 && (wish == 1 || (wish == 2 && u->end != TEXT_DELIVERED));
}

static struct receipt
make_receipt(const struct submit *u)
{
	struct receipt r = {
		.carrier = u->carrier,
		.queue = u->session->queue,
		.id = u->id,
		.code_ton = u->sm.source_ton,
		.code_npi = u->sm.source_npi,
		.state = u->end,
		.submitted_us = clock_now_us(),
	};
	memcpy(r.phone, u->phone, sizeof(r.phone));
	memcpy(r.code, u->code, sizeof(r.code));
	for (size_t i = 0; i < 20 && u->text[i] >= 0x20 && u->text[i] < 0x7F; i++)
		r.text[i] = u->text[i];
	return r;
}

/* Towards its phone, with its receipt after it. false when there are too many phones. */
static bool
send_on(struct submit *u, struct receipt *receipt)
{
	struct arrival a = {.concat = u->udh.kind,
		.reference = u->udh.reference,
		.part = u->udh.part,
		.parts = u->udh.total,
		.alphabet = u->alphabet,
		.end = u->end,
		.id = u->id,
		.told = receipt,
		.text = u->text};

	memcpy(a.phone, u->phone, sizeof(a.phone));
	memcpy(a.code, u->code, sizeof(a.code));
	return hold_arrival(u->carrier, &a);
}

static void
refuse(struct submit *u, uint32_t status, const char *why)
{
	u->carrier->stats.refused++;
	note_submit(u, status, NULL, why);
	respond(u->session, u->header->command, u->header->sequence, status, "");
}

static void
take(struct submit *u)
{
	struct carrier *c = u->carrier;
	struct session *s = u->session;
	char id[ID_ROOM];

	u->id = c->next_id++;
	u->end = choose_end(u);
	id_write(&c->faults, u->id, false, id);
	bool wanted = wants_receipt(u);
	int64_t early = wanted ? c->faults.number[FAULT_EARLY_RECEIPTS] : 0;
	struct receipt receipt = make_receipt(u);
	/* An early receipt goes by itself. */
	if (!send_on(u, wanted && early == 0 ? &receipt : NULL)) {
		refuse(u, PDU_QUEUE_FULL, "too many phones");
		return;
	}
	queue_learn_code(c, u->code, s->queue);
	c->stats.accepted++;

	if (fault_every(&c->faults, FAULT_DROP_UNANSWERED)) {
		note_submit(u, PDU_OK, id, "not answered: dropped");
		session_close(s, "drop-unanswered");
	} else if (c->faults.number[FAULT_SILENT_SUBMITS] != 0) {
		note_submit(u, PDU_OK, id, "not answered: silent");
	} else if (early > 0 && respond_late(u, id, early)) {
		note_submit(u, PDU_OK, id, "answered late");
	} else {
		note_submit(u, PDU_OK, id, c->faults.number[FAULT_DELAY] > 0 ? "answered late" : NULL);
		respond(s, u->header->command, u->header->sequence, PDU_OK, id);
	}
	if (early > 0)
		receipt_send(&receipt, true);
}

/* USSD goes to the phone's screen or nowhere: there is no receipt and nothing is kept for later. */
static void
take_ussd(struct submit *u)
{
	struct carrier *c = u->carrier;
	char id[USSD_ID_ROOM];
	const char *why = NULL;
	uint32_t status = refusal(u);

	if (status == PDU_OK)
		status = ussd_submit(u->session, u->header->command, &u->sm, u->phone, id, &why);
	if (status != PDU_OK) {
		refuse(u, status, why);
		return;
	}
	c->stats.accepted++;
	if (fault_every(&c->faults, FAULT_DROP_UNANSWERED))
		session_close(u->session, "drop-unanswered");
	else if (c->faults.number[FAULT_SILENT_SUBMITS] == 0)
		respond(u->session, u->header->command, u->header->sequence, PDU_OK, id);
}

void
carrier_submit(struct session *s, const struct pdu_header *h, const uint8_t *body)
{
	struct submit u;

	u.session = s;
	u.carrier = s->carrier;
	u.header = h;
	u.text[0] = '\0';
	u.phone[0] = '\0';
	u.udh = (struct udh){0, CONCAT_NONE, 0, 1, 1};
	u.end = TEXT_UNKNOWN;
	u.carrier->stats.submits++;
	if (fault_every(&u.carrier->faults, FAULT_NACK)) {
		session_nack(s, (uint32_t)u.carrier->faults.number[FAULT_NACK_STATUS], h->sequence, "by a switch");
		return;
	}
	uint32_t status = pdu_decode_sm(h->command, body, h->length - PDU_HEADER, &u.sm);
	copy_address(u.code, u.sm.source);
	if (status != PDU_OK) {
		refuse(&u, status, "malformed");
		return;
	}
	if (number_normalise(u.sm.dest, u.phone) != 0) {
		copy_address(u.phone, u.sm.dest);
		refuse(&u, PDU_BAD_DESTINATION, "no phone number");
		return;
	}
	if (ussd_is(&u.sm)) {
		take_ussd(&u);
		return;
	}
	status = read_text(&u);
	if (status != PDU_OK) {
		refuse(&u, status, status == PDU_BAD_ESM_CLASS ? "broken user data header" : "too long");
		return;
	}
	status = refusal(&u);
	if (status != PDU_OK)
		refuse(&u, status, NULL);
	else
		take(&u);
}
