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

uint8_t
receipt_state(enum text_state s)
{
	const char *error;

	return state_number(s, &error);
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

/* The id as a receipt names it: as the response did, or changed by the receipt-id switch. */
static void
write_id(const struct faults *f, uint64_t id, bool changed, char out[ID_ROOM])
{
	int64_t how = f->number[FAULT_RECEIPT_ID];
	char same[ID_ROOM];

	id_write(f, id, changed && (how == RECEIPT_ID_OTHER || how == RECEIPT_ID_OTHER_TEXT), out);
	if (!changed)
		return;
	for (char *p = out; how == RECEIPT_ID_CASE && *p != '\0'; p++)
		*p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	if (how == RECEIPT_ID_PADDED) {
		memcpy(same, out, sizeof(same));
		snprintf(out, ID_ROOM, "0000%.*s", ID_ROOM - 6, same);
	}
}

/* The text of SMPP 3.4 appendix B, or what carriers make of it. */
static size_t
write_text(const struct faults *f, const struct receipt *r, bool intermediate, const char *id, const char *submitted,
	const char *done, const char *error, char *out, size_t room)
{
	static const char *const words[] = {NULL, "ACKED", "BUFFRED", "BUFFERD"};
	int64_t how = f->number[FAULT_RECEIPT_TEXT], word = f->number[FAULT_RECEIPT_WORD];
	const char *state = intermediate ? "ENROUTE" : text_state_name(r->state);
	const char *seconds = how == RECEIPT_TEXT_SECONDS ? "07" : how == RECEIPT_TEXT_PLUS ? "07+" : "";
	const char *zero = how == RECEIPT_TEXT_ERR4 ? "0" : "";
	const char *delivered = r->state == TEXT_DELIVERED && !intermediate ? "001" : "000";
	int n;

	if (word != 0 && r->state == TEXT_DELIVERED && !intermediate)
		state = words[word];
	if (how == RECEIPT_TEXT_ORDER)
		n = snprintf(out, room, "stat:%s err:%s done date:%s submit date:%s dlvrd:%s sub:001 id:%s Text:%s", state,
			error, done, submitted, delivered, id, r->text);
	else if (how == RECEIPT_TEXT_SHORT)
		n = snprintf(out, room, "id:%s submit date:%s done date:%s stat:%s err:%s", id, submitted, done, state, error);
	else if (how == RECEIPT_TEXT_NO_ID)
		n = snprintf(out, room, "sub:001 dlvrd:%s submit date:%s done date:%s stat:%s err:%s Text:%s", delivered,
			submitted, done, state, error, r->text);
	else
		n = snprintf(out, room, "id:%s%csub:001 dlvrd:%s submit date:%s%s done date:%s%s stat:%s err:%s%s %s:%s", id,
			how == RECEIPT_TEXT_NUL ? '\001' : ' ', delivered, submitted, seconds, done, seconds, state, zero, error,
			how == RECEIPT_TEXT_LOWER ? "text" : "Text", r->text);
	size_t len = n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
	/* snprintf would end at a NUL of its own. */
	for (char *p = out; how == RECEIPT_TEXT_NUL && p < out + len; p++)
		*p = *p == '\001' ? '\0' : *p;
	return len;
}

size_t
delivery_encode(const struct faults *f, const struct pdu_sm *sm, uint8_t *out, size_t room)
{
	uint32_t command = f->number[FAULT_MO_DATA_SM] != 0 ? PDU_DATA_SM : PDU_DELIVER_SM;
	struct pdu_out o;

	pdu_begin(&o, out, room, command, PDU_OK, 0);
	pdu_add_sm_as(&o, command, sm);
	if (f->number[FAULT_ODD_TLVS] != 0) {
		pdu_add_tlv(&o, 0x1400, "abc", 3);
		pdu_add_tlv(&o, 0x0005, "\377\377\377\377", 4); /* dest_addr_subunit: one octet, 0 to 4 */
		pdu_add_tlv(&o, 0x0019, "\377", 1);				/* payload_type 255 */
		pdu_add_tlv(&o, 0x0202, "", 0);					/* source_subaddress of no octets */
	}
	if (f->number[FAULT_STRAY_NUL] != 0)
		pdu_add_octet(&o, 0);
	return pdu_end(&o);
}

size_t
receipt_encode(
	const struct faults *f, const struct receipt *r, bool intermediate, int64_t done_us, uint8_t *out, size_t room)
{
	int64_t form = f->number[FAULT_RECEIPT_FORM], base = f->number[FAULT_RECEIPT_ID];
	char in_text[ID_ROOM], submitted[16], done[16], text[256];
	const char *error;
	struct pdu_sm sm;

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
	} else if (form != RECEIPT_UNMARKED) {
		sm.esm_class = (uint8_t)f->number[FAULT_RECEIPT_ESM];
	}
	write_id(f, r->id, base != RECEIPT_ID_SAME, in_text);
	if (form != RECEIPT_TLV) {
		minute_text(r->submitted_us, submitted);
		minute_text(done_us, done);
		sm.octets = (const uint8_t *)text;
		sm.noctets = write_text(f, r, intermediate, in_text, submitted, done, error, text, sizeof(text));
	}
	if (form != RECEIPT_TEXT) {
		write_id(f, r->id, base != RECEIPT_ID_SAME && base != RECEIPT_ID_OTHER_TEXT, sm.receipted_id);
		sm.has_state = true;
		sm.state = state;
	}
	return delivery_encode(f, &sm, out, room);
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
	if (c->faults.number[FAULT_LATE_INTERMEDIATE] != 0)
		queue_receipt(c, r, true);
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
