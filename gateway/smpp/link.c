/*
 * A link as its owner sees it: one or two sessions, how much may be sent now (window, rate, throttle), and what became
 * of it. What comes in is in link_in.c.
 */
#include "gateway/smpp/link_internal.h"
#include "gateway/now.h"
#include "gateway/smpp/operate.h"
#include "gateway/smpp/outbind.h"
#include "gateway/smpp/status.h"
#include "gateway/smpp/wire.h"
#include "gateway/conf.h"
#include "gateway/log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <event2/event.h>

/* ---- Room ----------------------------------------------------------------------------------------------------- */

int
link_room(const struct link *l)
{
	int room, allowed;

	if (l->state != LINK_BOUND || !l->run || !link_can_send(l))
		return 0;
	room = (int)session_room(l->sessions[0]);
	allowed = pace_allowed(&l->pace, now_wait_us());
	return room < allowed ? room : allowed;
}

/* Tell the owner in this pass when there is room, otherwise when the pace allows the next part. */
void
link_wake_later(struct link *l)
{
	int64_t us = pace_wait(&l->pace, now_wait_us());
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
	else if (l->state == LINK_BOUND && pace_wait(&l->pace, now_wait_us()) > 0)
		link_wake_later(l);
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
		link_wake_later(l);
}

/* Too fast: the link pauses, and goes on slower. */
static void
heed_throttle(struct link *l, const struct session *s, uint32_t status)
{
	int64_t now = now_wait_us();

	l->throttled++;
	if (pace_throttled(&l->pace, now))
		log_warn("link=%s host=%s throttled: %s (0x%02x); paused for %lld ms, then %d parts a second", l->conf->name,
			session_host(s), status_text(status), status, (long long)(l->pace.paused_until - now) / 1000,
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
		pace_accepted(&l->pace, now_wait_us());
	} else if (outcome == LINK_REFUSED && e->kind == WINDOW_TEXT) {
		l->refused++;
	}
	if (p)
		link_heed_congestion(l, p);
	if (status_action_on(l->conf, status) == STATUS_PAUSE)
		heed_throttle(l, s, status);
	if (e->kind == WINDOW_TEXT)
		l->owner.on_submitted(l->owner.arg, l, &done);
	else
		on_operated(l, e, outcome, status, p);
	if (l->state == LINK_BOUND)
		link_wake_later(l);
}

static const struct session_calls calls = {
	.changed = on_changed,
	.deliver = link_deliver_pdu,
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
	pace_init(&l->pace, conf->rate, conf->throttle_min_ms, conf->throttle_max_ms, now_wait_us());
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
	pace_spend(&l->pace, now_wait_us());
	/* Out of pace with window left: nobody else would say when it goes on. */
	if (pace_wait(&l->pace, now_wait_us()) > 0 && !evtimer_pending(l->wake, NULL))
		link_wake_later(l);
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
