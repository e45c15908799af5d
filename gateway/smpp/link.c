/*
 * A link as its owner sees it: one or two sessions, how much may be sent now (window, rate, throttle), and what came
 * in, decoded.
 */
#include "gateway/smpp/link.h"
#include "gateway/smpp/alphabet.h"
#include "gateway/smpp/carrier_id.h"
#include "gateway/smpp/operate.h"
#include "gateway/smpp/outbind.h"
#include "gateway/smpp/pace.h"
#include "gateway/smpp/reassembly.h"
#include "gateway/smpp/receipt.h"
#include "gateway/smpp/session.h"
#include "gateway/smpp/status.h"
#include "gateway/smpp/wire.h"
#include "gateway/smpp/ussd.h"
#include "gateway/conf.h"
#include "gateway/log.h"
#include "dialog/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <event2/event.h>

#define TEXT_ROOM (3 * 65535 + 1) /* UTF-8 of the longest message_payload */
#define CONGESTION_MAX 100
#define TOLD_AGAIN_US 60000000LL

_Static_assert(LINK_HABITS == CARRIER_HABITS, "the habits of carrier_id.h");

struct link {
	struct event_base *base;
	const struct conf_link *conf;
	struct link_owner owner;
	struct session *sessions[2]; /* the first is the one that submits */
	size_t nsessions;
	struct wire *wire;
	struct outbind *outbind; /* NULL: the carrier does not connect to us */
	enum link_state state;	 /* of all sessions together */
	int64_t since;
	struct pace pace;
	int64_t congestion_told; /* when it may be told of again */
	uint64_t throttled;
	enum carrier_id_setting id_setting;
	struct carrier_id_learnt learnt;
	struct alphabet alphabet;
	enum text_coding default_coding; /* of data_coding 0 */
	struct ussd_reading moved;
	uint64_t sent, received, refused;
	struct event *command; /* start and drain act from the loop, out of the owner's own callbacks */
	bool run;
	struct event *wake; /* on_room, once per pass */
	char text[TEXT_ROOM];
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

const char *
link_state_name(enum link_state s)
{
	static const char *const names[] = {"stopped", "connecting", "binding", "bound", "unbinding", "waiting"};

	return names[s];
}

/* ---- Room ----------------------------------------------------------------------------------------------------- */

int
link_room(const struct link *l)
{
	int room, allowed;

	if (l->state != LINK_BOUND || !l->run || !link_can_send(l))
		return 0;
	room = (int)session_room(l->sessions[0]);
	allowed = pace_allowed(&l->pace, now_us());
	return room < allowed ? room : allowed;
}

/* Tell the owner in this pass when there is room, otherwise when the pace allows the next part. */
static void
wake_later(struct link *l)
{
	int64_t us = pace_wait(&l->pace, now_us());
	struct timeval tv = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};

	if (us == 0)
		event_active(l->wake, EV_TIMEOUT, 0);
	else
		evtimer_add(l->wake, &tv);
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;

	(void)fd;
	(void)what;
	if (link_room(l) > 0)
		l->owner.on_room(l->owner.arg, l);
	else if (l->state == LINK_BOUND && pace_wait(&l->pace, now_us()) > 0)
		wake_later(l);
}

/* ---- From the sessions ---------------------------------------------------------------------------------------- */

/* All bound is bound; otherwise what keeps the link from it. */
static enum link_state
joint_state(const struct link *l)
{
	static const enum link_state order[] = {LINK_UNBINDING, LINK_WAITING, LINK_CONNECTING, LINK_BINDING, LINK_STOPPED};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (size_t k = 0; k < l->nsessions; k++)
			if (session_state(l->sessions[k]) == order[i])
				return order[i];
	return LINK_BOUND;
}

static void
on_changed(void *arg, struct session *s, enum link_state old, enum link_state now, const char *why)
{
	struct link *l = arg;
	enum link_state was = l->state;

	(void)s;
	(void)old;
	(void)now;
	l->state = joint_state(l);
	if (l->state == was)
		return;
	l->since = time(NULL);
	l->owner.on_state(l->owner.arg, l, was, l->state, why);
	if (l->state == LINK_BOUND)
		wake_later(l);
}

/* Too fast: the link pauses, and goes on slower. */
static void
heed_throttle(struct link *l, const struct session *s, uint32_t status)
{
	int64_t now = now_us();

	l->throttled++;
	if (pace_throttled(&l->pace, now))
		log_warn("link=%s host=%s throttled: %s (0x%02x); paused for %lld ms, then %d parts a second", l->conf->name,
			session_host(s), status_text(status), status, (long long)(l->pace.paused_until - now) / 1000,
			pace_rate(&l->pace));
}

/* Nearly too fast: told in responses, and by some in what they send us. */
static void
heed_congestion(struct link *l, const struct pdu *p)
{
	int64_t now = now_us();
	uint32_t state;
	bool slower;

	if (!pdu_tlv_number(p, PDU_TLV_CONGESTION_STATE, &state) || state > CONGESTION_MAX)
		return;
	slower = pace_congested(&l->pace, state, now);
	if (l->state == LINK_BOUND && !evtimer_pending(l->wake, NULL))
		wake_later(l); /* or nobody would say when the first part may go again */
	if (!slower || now < l->congestion_told)
		return;
	l->congestion_told = now + TOLD_AGAIN_US; /* it may come and go many times a second */
	log_warn("link=%s the carrier is congested (%u of 100): %d parts a second for now", l->conf->name, state,
		pace_rate(&l->pace));
}

static void
on_operated(
	struct link *l, const struct window_entry *e, enum link_outcome outcome, uint32_t status, const struct pdu *p)
{
	struct link_operated done = {.operation = e->kind == WINDOW_QUERY ? LINK_QUERY : LINK_CANCEL,
		.message_id = e->message_id,
		.part = e->part,
		.parts = e->parts,
		.attempt = e->attempt,
		.tag = e->tag,
		.outcome = outcome,
		.status = status,
		.state = ""};

	if (outcome == LINK_ACCEPTED && e->kind == WINDOW_QUERY)
		operate_read(p, &done);
	if (l->owner.on_operated)
		l->owner.on_operated(l->owner.arg, l, &done);
}

static void
on_settled(void *arg, struct session *s, const struct window_entry *e, enum link_outcome outcome, uint32_t status,
	const struct pdu *p)
{
	struct link *l = arg;
	struct link_submitted done = {.message_id = e->message_id,
		.part = e->part,
		.parts = e->parts,
		.attempt = e->attempt,
		.tag = e->tag,
		.outcome = outcome,
		.status = status,
		.carrier_id = outcome == LINK_ACCEPTED ? p->message_id : "",
		.session = session_name(s)};
	char key[CARRIER_KEY_MAX];

	if (outcome == LINK_ACCEPTED && e->kind == WINDOW_TEXT) {
		carrier_id_response_key(l->id_setting, p->message_id, key, sizeof(key));
		carrier_id_remember(&l->learnt, key, e->dest);
		pace_accepted(&l->pace, now_us());
	} else if (outcome == LINK_REFUSED && e->kind == WINDOW_TEXT) {
		l->refused++;
	}
	if (p)
		heed_congestion(l, p);
	if (status_action_on(l->conf, status) == STATUS_PAUSE)
		heed_throttle(l, s, status);
	if (e->kind == WINDOW_TEXT)
		l->owner.on_submitted(l->owner.arg, l, &done);
	else
		on_operated(l, e, outcome, status, p);
	if (l->state == LINK_BOUND)
		wake_later(l);
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

static void
on_deliver(void *arg, struct session *s, const struct pdu *p)
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
	heed_congestion(l, p);
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

static const struct session_calls calls = {
	.changed = on_changed,
	.deliver = on_deliver,
	.settled = on_settled,
};

/* ---- The owner's side ----------------------------------------------------------------------------------------- */

static void
on_command(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;

	(void)fd;
	(void)what;
	if (!l->run && l->state == LINK_STOPPED) {
		l->owner.on_state(l->owner.arg, l, LINK_STOPPED, LINK_STOPPED, "was not running");
		return;
	}
	if (l->outbind && l->run)
		outbind_listen(l->outbind);
	else if (l->outbind)
		outbind_close(l->outbind);
	for (size_t i = 0; i < l->nsessions; i++) {
		if (l->run)
			session_start(l->sessions[i]);
		else
			session_stop(l->sessions[i]);
	}
}

/* The session that receives is bound on the carrier's connection. */
static bool
on_outbind(void *arg, struct bufferevent *bev, const char *peer, const uint8_t *octets, size_t len)
{
	struct link *l = arg;

	return l->run && session_outbind(l->sessions[l->nsessions - 1], bev, peer, octets, len);
}

static bool
open_sessions(struct link *l)
{
	bool pair = strcmp(l->conf->bind, "transmitter+receiver") == 0;
	uint32_t first = PDU_BIND_TRANSCEIVER;

	if (pair || strcmp(l->conf->bind, "transmitter") == 0)
		first = PDU_BIND_TRANSMITTER;
	else if (strcmp(l->conf->bind, "receiver") == 0)
		first = PDU_BIND_RECEIVER;
	l->nsessions = pair ? 2 : 1;
	l->sessions[0] = session_new(l->base, l->conf, first, &calls, l);
	if (pair)
		l->sessions[1] = session_new(l->base, l->conf, PDU_BIND_RECEIVER, &calls, l);
	for (size_t i = 0; i < l->nsessions; i++)
		if (l->sessions[i])
			session_wire(l->sessions[i], l->wire);
	if (l->conf->outbind && *l->conf->outbind) {
		l->outbind = outbind_new(l->base, l->conf, on_outbind, l);
		if (!l->outbind)
			return false;
	}
	return l->sessions[0] && (!pair || l->sessions[1]);
}

struct link *
link_new(struct event_base *base, const struct conf_link *conf, const struct link_owner *owner)
{
	struct link *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->base = base;
	l->conf = conf;
	l->owner = *owner;
	l->state = LINK_STOPPED;
	l->since = time(NULL);
	pace_init(&l->pace, conf->rate, conf->throttle_min_ms, conf->throttle_max_ms, now_us());
	/* The configuration has been checked; a word that is not known here reads as the default. */
	if (carrier_id_setting_by_name(conf->message_id, &l->id_setting) != 0)
		l->id_setting = CARRIER_ID_AUTO;
	alphabet_of(conf, &l->alphabet);
	l->default_coding = (enum text_coding)l->alphabet.in.of[0];
	l->command = evtimer_new(base, on_command, l);
	l->wake = evtimer_new(base, on_wake, l);
	l->wire = wire_new(conf);
	if (!l->wire || !l->command || !l->wake || !open_sessions(l)) {
		link_free(l);
		return NULL;
	}
	return l;
}

static void
command(struct link *l, bool run)
{
	l->run = run;
	event_active(l->command, EV_TIMEOUT, 0);
}

void
link_start(struct link *l)
{
	command(l, true);
}

void
link_drain(struct link *l)
{
	command(l, false);
}

void
link_free(struct link *l)
{
	if (!l)
		return;
	outbind_free(l->outbind);
	session_free(l->sessions[0]);
	session_free(l->sessions[1]);
	wire_free(l->wire);
	if (l->command)
		event_free(l->command);
	if (l->wake)
		event_free(l->wake);
	free(l);
}

static void
spend(struct link *l)
{
	pace_spend(&l->pace, now_us());
	/* Out of pace with window left: nobody else would say when it goes on. */
	if (pace_wait(&l->pace, now_us()) > 0 && !evtimer_pending(l->wake, NULL))
		wake_later(l);
}

int
link_submit(struct link *l, const struct link_part *p)
{
	if (link_room(l) < 1 || session_submit(l->sessions[0], p) != 0)
		return -1;
	spend(l);
	l->sent++;
	return 0;
}

static int
operate(struct link *l, enum link_operation operation, const struct link_operate *o)
{
	if (link_room(l) < 1 || session_operate(l->sessions[0], operation, o) != 0)
		return -1;
	spend(l);
	return 0;
}

int
link_query(struct link *l, const struct link_operate *o)
{
	return operate(l, LINK_QUERY, o);
}

int
link_cancel(struct link *l, const struct link_operate *o)
{
	return operate(l, LINK_CANCEL, o);
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

void
link_stats_get(const struct link *l, struct link_stats *out)
{
	*out = (struct link_stats){.state = l->state,
		.host = session_host(l->sessions[0]),
		.error = "",
		.alarm = outbind_alarm(l->outbind),
		.since = l->since,
		.in_flight = (int)session_in_flight(l->sessions[0]),
		.sent = l->sent,
		.received = l->received,
		.refused = l->refused,
		.throttled = l->throttled,
		.window = l->conf->window,
		.rate = pace_rate(&l->pace)};
	for (size_t i = 0; i < l->nsessions; i++) {
		if (!*out->error)
			out->error = session_error(l->sessions[i]);
		if (!*out->alarm)
			out->alarm = session_alarm(l->sessions[i]);
		out->choked = out->choked || session_choked(l->sessions[i]);
	}
}

struct wire *
link_wire(struct link *l)
{
	return l->wire;
}

const char *
link_name(const struct link *l)
{
	return l->conf->name;
}

bool
link_can_send(const struct link *l)
{
	return !l->conf->bind || strcmp(l->conf->bind, "receiver") != 0;
}

bool
link_takes_whole(const struct link *l)
{
	return l->conf->long_text && strcmp(l->conf->long_text, "payload") == 0;
}

bool
link_has_ussd(const struct link *l)
{
	return l->conf->ussd_profile != NULL;
}

bool
link_ussd_can(const struct link *l, enum ussd_say say)
{
	return l->conf->ussd_profile && l->conf->ussd_profile->op[say] >= 0;
}

int
link_ussd_limit(const struct link *l, bool ucs2)
{
	if (!l->conf->ussd_profile)
		return ucs2 ? TEXT_USSD_UCS2 : TEXT_USSD_GSM7;
	return ucs2 ? l->conf->ussd_profile->length_ucs2 : l->conf->ussd_profile->length_gsm7;
}

int
link_ussd_reply_seconds(const struct link *l)
{
	return l->conf->ussd_reply_seconds || !l->conf->ussd_profile ? l->conf->ussd_reply_seconds
																 : l->conf->ussd_profile->reply_seconds;
}

int
link_ussd_idle_seconds(const struct link *l)
{
	return l->conf->ussd_idle_seconds || !l->conf->ussd_profile ? l->conf->ussd_idle_seconds
																: l->conf->ussd_profile->idle_seconds;
}

const struct text_rules *
link_text_rules(const struct link *l)
{
	return &l->alphabet.out;
}

void
link_carrier_key(const struct link *l, const char *carrier_id, char *out, size_t room)
{
	carrier_id_response_key(l->id_setting, carrier_id, out, room);
}

void
link_habit_get(const struct link *l, uint32_t met[LINK_HABITS])
{
	memcpy(met, l->learnt.met, sizeof(l->learnt.met));
}

void
link_habit_set(struct link *l, const uint32_t met[LINK_HABITS])
{
	memcpy(l->learnt.met, met, sizeof(l->learnt.met));
}
