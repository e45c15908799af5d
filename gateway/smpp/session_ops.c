/*
 * What a session's bind machine has done: connect, close, send, settle; and how what goes out waits, responses before
 * requests, within the bounds on what a peer can make us hold.
 */
#include "gateway/smpp/session_internal.h"
#include "gateway/now.h"
#include "gateway/smpp/connect.h"
#include "gateway/smpp/status.h"
#include "gateway/conf.h"
#include "gateway/log.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>

#define OUTPUT_FULL (size_t)(256 * 1024) /* octets unread by the peer: stop reading what it sends */
#define UNANSWERED_MAX 1000				 /* deliver_sm that the owner has not answered: stop reading */

void
session_timer(struct event *timer, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	if (ms < 0)
		evtimer_del(timer);
	else
		evtimer_add(timer, &tv);
}

void
session_raise(struct session *s, enum bind_event event)
{
	bind_fsm(&s->bind, event, NULL, PDU_GOOD);
}

static bool
is_idle(const struct session *s)
{
	return window_count(s->window) == 0 && s->unanswered == 0;
}

/* ---- Out ----------------------------------------------------------------------------------------------------- */

void
session_queue(struct session *s, bool request, const uint8_t *octets, int len)
{
	if (!s->bev || len <= 0)
		return;
	if ((request ? outgoing_request : outgoing_response)(&s->out, octets, (size_t)len) != 0)
		log_error("link=%s could not queue %d octets: no memory", s->conf->name, len);
	event_active(s->flush, EV_TIMEOUT, 0);
}

/* Reading stops while the peer does not take our answers or the owner does not give them. */
void
session_read_or_pause(struct session *s)
{
	bool pause;

	if (!s->bev)
		return;
	pause = outgoing_length(&s->out, s->bev) > OUTPUT_FULL || s->unanswered >= UNANSWERED_MAX;
	if (pause == s->paused)
		return;
	s->paused = pause;
	if (pause) {
		bufferevent_disable(s->bev, EV_READ);
	} else {
		bufferevent_enable(s->bev, EV_READ);
		/* What came before the pause raises no event of its own. */
		bufferevent_trigger(s->bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
	}
}

/* What is handed to the socket, in that order. */
static void
on_written(void *arg, const uint8_t *octets, size_t len)
{
	struct session *s = arg;

	wire_pdus(s->wire, &s->flow, true, octets, len);
}

static void
tap(struct session *s)
{
	s->out.tap = wire_on(s->wire) ? on_written : NULL;
	s->out.tap_arg = s;
}

void
session_flush(struct session *s)
{
	if (!s->bev)
		return;
	tap(s);
	if (outgoing_flush(&s->out, s->bev))
		window_written(s->window);
	session_read_or_pause(s);
}

/* Parts that no submit_sm can hold: told from the loop, not from within the submit. */
void
session_settle_refused(struct session *s)
{
	struct window_entry e;

	while (s->refused && window_take_refused(s->window, &e)) {
		s->refused--;
		s->calls->settled(s->arg, s, &e, LINK_REFUSED, e.refusal, NULL);
	}
}

/* A drain waits for this. */
void
session_check_idle(struct session *s)
{
	if (s->bind.state == LINK_UNBINDING && is_idle(s))
		session_raise(s, BIND_IDLE);
}

/* ---- What the bind machine has done --------------------------------------------------------------------------- */

static void
op_connect(void *arg, const char *host)
{
	struct session *s = arg;

	s->connect = connect_start(s->base, host, s->conf, session_connected, s);
	if (!s->connect)
		log_error("link=%s could not connect: no memory", s->conf->name); /* the state's timer tries again */
}

static void
on_probed(void *arg, struct bufferevent *bev, const char *error)
{
	struct session *s = arg;

	s->probe = NULL;
	if (bev)
		bufferevent_free(bev);
	else
		log_info("link=%s host=%s is not back: %s", s->conf->name, s->conf->hosts[s->bind.probe], error);
	session_raise(s, bev ? BIND_PROBE_GOOD : BIND_PROBE_BAD);
}

/* A connection and nothing more: a second bind beside the one that works would be refused by many carriers. */
static void
op_probe(void *arg, const char *host)
{
	struct session *s = arg;

	if (s->probe)
		connect_cancel(s->probe);
	s->probe = connect_start(s->base, host, s->conf, on_probed, s);
	if (!s->probe)
		log_error("link=%s could not see whether %s is back: no memory", s->conf->name, host);
}

static void
settle_all(struct session *s)
{
	struct window_entry e;

	session_settle_refused(s);
	while (window_take_oldest(s->window, &e))
		s->calls->settled(s->arg, s, &e, e.written ? LINK_UNCERTAIN : LINK_UNSENT, 0, NULL);
}

void
session_drop(struct session *s)
{
	if (s->connect)
		connect_cancel(s->connect);
	if (s->probe)
		connect_cancel(s->probe);
	s->connect = s->probe = NULL;
	if (s->bev) {
		wire_end(s->wire, &s->flow, true);
		bufferevent_free(s->bev);
	}
	s->bev = NULL;
	outgoing_clear(&s->out);
	if (s->late_timer)
		evtimer_del(s->late_timer);
	s->unanswered = 0;
	s->paused = false;
	s->number = 0;
}

static void
op_close(void *arg)
{
	struct session *s = arg;

	if (s->bev) {
		tap(s);
		outgoing_last(&s->out, s->bev);
	}
	session_drop(s);
	settle_all(s);
}

/* "3.4" as 0x34. */
static uint8_t
version_number(const char *version)
{
	return version ? (uint8_t)((version[0] - '0') << 4 | (version[2] - '0')) : 0;
}

static void
op_send(void *arg, uint32_t command, uint32_t status, uint32_t sequence)
{
	struct session *s = arg;
	uint8_t out[PDU_ENCODED_MAX];
	int n;

	if (command == s->bind.command) {
		struct pdu_bind b = {.command = command,
			.sequence = sequence,
			.system_id = s->conf->system_id,
			.password = s->conf->password,
			.system_type = s->conf->system_type,
			.interface_version = version_number(s->conf->interface_version),
			.addr_ton = (uint8_t)s->conf->addr_ton,
			.addr_npi = (uint8_t)s->conf->addr_npi,
			.address_range = s->conf->address_range};

		n = pdu_encode_bind(&b, out, sizeof(out));
		if (n < 0)
			log_error("link=%s a field of the bind is too long; shorten system_id, password or address_range in the "
					  "configuration",
				s->conf->name);
	} else {
		n = pdu_encode_simple(command, status, sequence, out, sizeof(out));
	}
	/* An unbind goes behind the requests that wait: nothing may be sent after it. */
	session_queue(s, command == PDU_UNBIND, out, n);
}

static uint32_t
op_sequence(void *arg)
{
	struct session *s = arg;

	return window_sequence(s->window);
}

static void
op_timer(void *arg, int64_t ms)
{
	struct session *s = arg;

	session_timer(s->state_timer, ms);
}

static void
op_silence(void *arg, int64_t ms)
{
	struct session *s = arg;

	s->silence_ms = ms;
	s->heard_at = now_wait_ms();
	session_timer(s->silence_timer, ms);
}

static bool
op_idle(void *arg)
{
	return is_idle(arg);
}

static void
op_deliver(void *arg, const struct pdu *p)
{
	struct session *s = arg;

	s->unanswered++;
	s->calls->deliver(s->arg, s, p);
}

static bool
op_broken(void *arg, const struct pdu *p)
{
	struct session *s = arg;
	const struct window_entry *e = window_peek(s->window, p->sequence);

	/* A carrier that does not know query_sm says so with the same status as one that has lost the stream. */
	if (e && e->kind != WINDOW_TEXT)
		return false;
	return status_action_on(s->conf, p->status) == STATUS_REBIND;
}

/* The response that the request asked for, and not a nack or another one's. */
static bool
is_accepted(const struct window_entry *e, const struct pdu *p)
{
	if (p->status != 0)
		return false;
	switch (e->kind) {
	case WINDOW_QUERY:
		return p->command == PDU_QUERY_SM_RESP;
	case WINDOW_CANCEL:
		return p->command == PDU_CANCEL_SM_RESP;
	default:
		return p->command == PDU_SUBMIT_SM_RESP || p->command == PDU_DATA_SM_RESP;
	}
}

static void
op_response(void *arg, const struct pdu *p)
{
	struct session *s = arg;
	struct window_entry e;

	if (!window_take(s->window, p->sequence, &e)) {
		if (!session_may_tell(s))
			return;
		log_warn("link=%s %s answers nothing that waits: sequence=%u status=0x%02x", s->conf->name,
			pdu_command_name(p->command), p->sequence, p->status);
		return;
	}
	if (is_accepted(&e, p))
		s->calls->settled(s->arg, s, &e, LINK_ACCEPTED, 0, p);
	else /* a generic_nack with status 0 was met: a refusal needs a reason all the same */
		s->calls->settled(s->arg, s, &e, LINK_REFUSED, p->status ? p->status : STATUS_INVALID_COMMAND, p);
}

static void
op_changed(void *arg, enum link_state old, enum link_state now, const char *why)
{
	struct session *s = arg;

	s->calls->changed(s->arg, s, old, now, why);
}

static uint32_t
op_random(void *arg, uint32_t below)
{
	uint32_t r;

	(void)arg;
	evutil_secure_rng_get_bytes(&r, sizeof(r));
	return below ? r % below : 0;
}

static int64_t
op_now_ms(void *arg)
{
	(void)arg;
	return now_wait_ms();
}

const struct bind_ops session_ops = {
	.connect = op_connect,
	.probe = op_probe,
	.close = op_close,
	.send = op_send,
	.sequence = op_sequence,
	.timer = op_timer,
	.silence = op_silence,
	.idle = op_idle,
	.deliver = op_deliver,
	.response = op_response,
	.broken = op_broken,
	.changed = op_changed,
	.random = op_random,
	.now_ms = op_now_ms,
};
