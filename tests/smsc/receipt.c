/* Message ids in the styles that carriers have, and receipts as texts and optional parameters. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "tests/smsc/carrier.h"

void
id_write(const struct faults *f, uint64_t id, bool other, char out[ID_ROOM])
{
	int64_t style = f->number[FAULT_ID_STYLE];

	if (other)
		style = style == ID_HEX || style == ID_HEX_UPPER ? ID_DECIMAL : ID_HEX_UPPER;
	switch (style) {
	case ID_HEX:
		snprintf(out, ID_ROOM, "%" PRIx64, id);
		break;
	case ID_HEX_UPPER:
		snprintf(out, ID_ROOM, "%" PRIX64, id);
		break;
	case ID_ZEROS:
		snprintf(out, ID_ROOM, "%020" PRIu64, id);
		break;
	case ID_NONE:
		out[0] = '\0';
		break;
	default:
		snprintf(out, ID_ROOM, "%" PRIu64, id);
		break;
	}
}

/* message_state, SMPP 3.4 section 5.2.28, and the err: field that goes with it. */
static uint8_t
state_number(enum text_state s, const char **error)
{
	switch (s) {
	case TEXT_DELIVERED:
		*error = "000";
		return 2;
	case TEXT_EXPIRED:
		*error = "027";
		return 3;
	case TEXT_DELETED:
		*error = "005";
		return 4;
	case TEXT_UNDELIVERABLE:
		*error = "001";
		return 5;
	case TEXT_ACCEPTED:
		*error = "000";
		return 6;
	case TEXT_UNKNOWN:
		*error = "255";
		return 7;
	case TEXT_REJECTED:
		*error = "012";
		return 8;
	default:
		*error = "000";
		return 1;
	}
}

/* YYMMDDhhmm, kept for as long as the minute lasts: receipts come by the thousand. */
static void
minute_text(int64_t at_us, char out[16])
{
	static int64_t known = -1;
	static char text[16];
	int64_t minute = at_us / 60000000;

	if (minute != known) {
		time_t t = (time_t)(minute * 60);
		struct tm tm;
		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), "%y%m%d%H%M", &tm);
		known = minute;
	}
	memcpy(out, text, sizeof(text));
}

size_t
receipt_encode(
	const struct faults *f, const struct receipt *r, bool intermediate, int64_t done_us, uint8_t *out, size_t room)
{
	int64_t form = f->number[FAULT_RECEIPT_FORM], base = f->number[FAULT_RECEIPT_ID];
	char in_text[ID_ROOM], submitted[16], done[16], text[256];
	const char *error;
	struct pdu_sm sm;
	struct pdu_out o;

	pdu_sm_init(&sm);
	sm.source_ton = 1;
	sm.source_npi = 1;
	bool plus = f->number[FAULT_MO_PLUS] != 0;
	snprintf(sm.source, sizeof(sm.source), "%s", r->phone[0] == '+' && !plus ? r->phone + 1 : r->phone);
	sm.dest_ton = r->code_ton;
	sm.dest_npi = r->code_npi;
	snprintf(sm.dest, sizeof(sm.dest), "%s", r->code);
	if (form != RECEIPT_UNMARKED)
		sm.esm_class = intermediate ? PDU_ESM_INTERMEDIATE : PDU_ESM_RECEIPT;

	uint8_t state = state_number(r->state, &error);
	if (intermediate) {
		state = 1;
		error = "000";
	}
	id_write(f, r->id, base != RECEIPT_ID_SAME, in_text);
	if (form != RECEIPT_TLV) {
		minute_text(r->submitted_us, submitted);
		minute_text(done_us, done);
		/* SMPP 3.4 appendix B */
		int n =
			snprintf(text, sizeof(text), "id:%s sub:001 dlvrd:%s submit date:%s done date:%s stat:%s err:%s Text:%s",
				in_text, r->state == TEXT_DELIVERED && !intermediate ? "001" : "000", submitted, done,
				intermediate ? "ENROUTE" : text_state_name(r->state), error, r->text);
		sm.octets = (const uint8_t *)text;
		sm.noctets = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;
	}
	if (form != RECEIPT_TEXT) {
		id_write(f, r->id, base == RECEIPT_ID_OTHER, sm.receipted_id);
		sm.has_state = true;
		sm.state = state;
	}
	pdu_begin(&o, out, room, PDU_DELIVER_SM, PDU_OK, 0);
	pdu_add_sm(&o, &sm);
	return pdu_end(&o);
}

static void
queue_receipt(struct carrier *c, const struct receipt *r, bool intermediate)
{
	uint8_t pdu[512];
	char id[ID_ROOM];
	size_t len = receipt_encode(&c->faults, r, intermediate, clock_now_us(), pdu, sizeof(pdu));
	int64_t copies = intermediate ? 1 : c->faults.number[FAULT_DUPLICATE_RECEIPTS];

	id_write(&c->faults, r->id, false, id);
	struct record_entry e = {
		.kind = RECORD_RECEIPT,
		.system_id = r->queue->system_id,
		.id = id,
		.source = r->phone,
		.dest = r->code,
		.state = intermediate ? "ENROUTE" : text_state_name(r->state),
		.data_coding = -1,
	};
	record_add(c->record, &e);
	c->stats.receipts++;
	for (int64_t i = 0; i < copies; i++) {
		struct delivery *d = len > 0 ? queue_add(c, r->queue, pdu, len) : NULL;
		if (d == NULL)
			return;
		memcpy(d->id, id, sizeof(id));
		d->copy = i > 0;
	}
}

static void
receipt_due(void *arg, void *item)
{
	struct carrier *c = arg;
	struct receipt *r = item;

	if (c->faults.number[FAULT_INTERMEDIATE_RECEIPTS] != 0)
		queue_receipt(c, r, true);
	queue_receipt(c, r, false);
	queue_pump(c, r->queue);
	free(r);
}

void
receipt_send(const struct receipt *r, bool at_once)
{
	struct receipt *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		return;
	*copy = *r;
	if (at_once)
		receipt_due(r->carrier, copy);
	else if (later_add(r->carrier->later, r->carrier->faults.number[FAULT_RECEIPT_DELAY], receipt_due, copy, free) != 0)
		free(copy);
}
