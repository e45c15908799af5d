/* What a carrier sends through a link: texts, receipts and USSD, decoded for the owner; answered when it says so. */
#include "gateway/smpp/link_internal.h"
#include "gateway/now.h"
#include "gateway/smpp/reassembly.h"
#include "gateway/smpp/receipt.h"
#include "gateway/conf.h"
#include "gateway/log.h"

#include <string.h>
#include <event2/event.h>

#define CONGESTION_MAX 100
#define TOLD_AGAIN_US 60000000LL

/* Nearly too fast: told in responses, and by some in what they send us. */
void
link_heed_congestion(struct link *l, const struct pdu *p)
{
	int64_t now = now_wait_us();
	uint32_t state;
	bool slower;

	if (!pdu_tlv_number(p, PDU_TLV_CONGESTION_STATE, &state) || state > CONGESTION_MAX)
		return;
	slower = pace_congested(&l->pace, state, now);
	if (l->state == LINK_BOUND && !evtimer_pending(l->wake, NULL))
		link_wake_later(l); /* or nobody would say when the first part may go again */
	if (!slower || now < l->congestion_told)
		return;
	l->congestion_told = now + TOLD_AGAIN_US; /* it may come and go many times a second */
	log_warn("link=%s the carrier is congested (%u of 100): %d parts a second for now", l->conf->name, state,
		pace_rate(&l->pace));
}

static uint64_t
token_make(const struct session *s, const struct pdu *p)
{
	return (uint64_t)session_number(s) << 33 | (uint64_t)(p->command == PDU_DATA_SM) << 32 | p->sequence;
}

static void
deliver_receipt(
	struct link *l, const struct pdu *p, const struct receipt *r, char key[CARRIER_KEY_MAX], struct link_deliver *d)
{
	carrier_id_receipt_key(l->id_setting, &l->learnt, r->id, p->source, key, CARRIER_KEY_MAX);
	d->is_receipt = true;
	d->text = "";
	d->receipt_id = r->id;
	d->receipt_key = key;
	d->receipt_state = r->state;
	d->receipt_error = r->error;
}

/* The text of a PDU behind its header, into l->text. */
static void
read_text(struct link *l, const struct pdu *p, const struct concat *c, enum text_coding coding)
{
	const struct text_piece piece = {.coding = coding,
		.locking = c->locking,
		.single = c->single,
		.octets = p->message_len > c->header ? p->message + c->header : (const uint8_t *)"",
		.len = p->message_len - c->header,
		.header = c->header};

	text_join(&piece, 1, "", l->text, sizeof(l->text));
}

void
link_deliver_pdu(void *arg, struct session *s, const struct pdu *p)
{
	struct link *l = arg;
	char carrier_message_id[PDU_MESSAGE_ID_MAX + 1], key[CARRIER_KEY_MAX];
	struct receipt r;
	struct concat c;
	struct link_deliver d = {.token = token_make(s, p),
		.session = session_name(s),
		.sequence = p->sequence,
		.source = p->source,
		.source_ton = p->source_ton,
		.dest = p->dest,
		.raw = p->message,
		.raw_len = p->message_len,
		.data_coding = p->data_coding,
		.esm_class = p->esm_class,
		.concat = "",
		.part = 1,
		.parts = 1,
		.carrier_message_id = "",
		.receipt_id = "",
		.receipt_key = "",
		.receipt_state = "",
		.receipt_error = ""};

	l->received++;
	link_heed_congestion(l, p);
	if (ussd_read(l->conf->ussd_profile, p, l->default_coding, &l->moved)) {
		/* A carrier that learns at once what is wrong ends the session; one that waits leaves the citizen before it. */
		if (l->moved.in.event == USSD_NONE) {
			log_warn("link=%s sequence=%u USSD answered with status 0x%02x: %s", l->conf->name, p->sequence,
				l->moved.status, l->moved.why);
			session_answer(s, p->command, p->sequence, l->moved.status);
			return;
		}
		c = (struct concat){.parts = 1};
		read_text(l, p, &c, ussd_coding(l->conf->ussd_profile, p->data_coding, l->default_coding));
		d.text = l->text;
		d.ussd = &l->moved.in;
	} else if (receipt_read(p, &r)) {
		deliver_receipt(l, p, &r, key, &d);
	} else {
		concat_read(p, &c);
		d.coding = (enum text_coding)l->alphabet.in.of[p->data_coding];
		d.header = c.header;
		d.locking = c.locking;
		d.single = c.single;
		read_text(l, p, &c, d.coding);
		d.text = l->text;
		d.concat = concat_kind_name(c.kind);
		d.reference = c.reference;
		d.part = c.part;
		d.parts = c.parts;
		if (pdu_tlv_string(p, PDU_TLV_RECEIPTED_MESSAGE_ID, carrier_message_id, sizeof(carrier_message_id)))
			d.carrier_message_id = carrier_message_id;
	}
	l->owner.on_deliver(l->owner.arg, l, &d);
}

void
link_answer(struct link *l, uint64_t token, uint32_t status)
{
	uint32_t number = (uint32_t)(token >> 33);
	uint32_t request = token >> 32 & 1 ? PDU_DATA_SM : PDU_DELIVER_SM;

	for (size_t i = 0; i < l->nsessions; i++)
		if (number && session_number(l->sessions[i]) == number)
			session_answer(l->sessions[i], request, (uint32_t)token, status);
}
