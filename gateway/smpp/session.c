/*
 * The socket of one session: octets in, PDUs to the bind machine; its timers; and what the link may ask of it.
 */
#include "gateway/smpp/session_internal.h"
#include "gateway/now.h"
#include "gateway/smpp/frame.h"
#include "gateway/smpp/operate.h"
#include "gateway/smpp/submit.h"
#include "gateway/conf.h"
#include "gateway/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>

#define LATE_AGAIN_MS 1000
#define MALFORMED_TOLD 20 /* malformed PDUs that are told of in a minute; a flood of them must not fill the disk */

/* ---- In ------------------------------------------------------------------------------------------------------- */

/* A unique name, because the store tells a redelivery from a new text by it, across restarts too. */
static void
name_session(struct session *s)
{
	static uint32_t last;
	uint8_t random[8];

	evutil_secure_rng_get_bytes(random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(s->name + 2 * i, 3, "%02x", random[i]);
	if (++last == 0)
		last = 1;
	s->number = last;
}

bool
session_may_tell(struct session *s)
{
	int64_t now = now_wait_ms();

	if (s->malformed == 0 || now - s->malformed_at > 60000) {
		s->malformed_at = now;
		s->malformed = 0;
	}
	if (++s->malformed == MALFORMED_TOLD)
		log_warn("link=%s host=%s more PDUs like these are answered, and not told of for a minute", s->conf->name,
			session_host(s));
	return s->malformed < MALFORMED_TOLD;
}

static void
take_pdu(struct session *s, size_t len)
{
	struct pdu p;
	enum pdu_verdict v = pdu_decode(s->in, len, &p);

	wire_pdu(s->wire, &s->flow, false, s->in, len);
	if (v != PDU_GOOD && session_may_tell(s))
		log_warn("link=%s host=%s %s of %zu octets is malformed: %s sequence=%u", s->conf->name, session_host(s),
			pdu_command_name(p.command), len,
			v == PDU_UNKNOWN	   ? "unknown command"
			: v == PDU_BAD_OPTIONS ? "optional parameters do not fit"
								   : "a field does not fit",
			p.sequence);
	bind_fsm(&s->bind, BIND_PDU, &p, v);
}

static void
on_readable(struct bufferevent *bev, void *arg)
{
	struct session *s = arg;

	s->heard_at = now_wait_ms();
	/* Each PDU may end the session: look anew every time. */
	while (s->bev == bev && !s->paused) {
		struct evbuffer *input = bufferevent_get_input(bev);
		uint8_t head[FRAME_LENGTH] = {0};
		size_t len;
		enum frame f;

		evbuffer_copyout(input, head, sizeof(head));
		f = frame_check(head, evbuffer_get_length(input), &len);
		if (f == FRAME_MORE)
			break;
		if (f == FRAME_BAD) {
			log_warn("link=%s host=%s a PDU's length cannot be: %02x%02x%02x%02x", s->conf->name, session_host(s),
				head[0], head[1], head[2], head[3]);
			len = (size_t)evbuffer_remove(input, s->in, sizeof(s->in));
			wire_pdu(s->wire, &s->flow, false, s->in, len);
			session_raise(s, BIND_BROKEN_FRAME);
			return;
		}
		evbuffer_remove(input, s->in, len);
		take_pdu(s, len);
		session_read_or_pause(s);
	}
	if (s->bev == bev)
		session_check_idle(s);
}

static void
on_socket_event(struct bufferevent *bev, short what, void *arg)
{
	struct session *s = arg;

	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		wire_end(s->wire, &s->flow, false);
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT))
		session_raise(s, BIND_CLOSED);
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;

	(void)fd;
	(void)what;
	session_settle_refused(s);
	session_flush(s);
	session_check_idle(s);
}

static void
on_writable(struct bufferevent *bev, void *arg)
{
	(void)bev;
	session_flush(arg);
}

void
session_adopt(struct session *s, struct bufferevent *bev)
{
	/* A peer that takes nothing for so long is gone. */
	struct timeval patience = {.tv_sec = s->conf->dead_seconds > 0 ? s->conf->dead_seconds : 60};

	s->bev = bev;
	wire_begin(s->wire, &s->flow, bufferevent_getfd(bev));
	name_session(s);
	bufferevent_setcb(bev, on_readable, on_writable, on_socket_event, s);
	bufferevent_set_timeouts(bev, NULL, &patience);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

void
session_connected(void *arg, struct bufferevent *bev, const char *error)
{
	struct session *s = arg;

	s->connect = NULL;
	if (!bev) {
		snprintf(s->bind.detail, sizeof(s->bind.detail), "%s", error);
		session_raise(s, BIND_CONNECT_FAILED);
		return;
	}
	session_adopt(s, bev);
	session_raise(s, BIND_CONNECTED);
}

bool
session_outbind(struct session *s, struct bufferevent *bev, const char *peer, const uint8_t *octets, size_t len)
{
	if (!bind_takes_outbind(&s->bind))
		return false;
	session_drop(s);
	session_adopt(s, bev);
	wire_pdu(s->wire, &s->flow, false, octets, len);
	snprintf(s->bind.peer, sizeof(s->bind.peer), "%s", peer);
	session_raise(s, BIND_OUTBIND);
	/* What came right behind the outbind raises no event of its own. */
	bufferevent_trigger(bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
	return true;
}

/* ---- Timers --------------------------------------------------------------------------------------------------- */

static void
on_state_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	session_raise(arg, BIND_STATE_LATE);
}

/* Set once and moved only when it fires: a busy link would otherwise move it with every PDU. */
static void
on_silence_timer(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	int64_t silent = now_wait_ms() - s->heard_at;

	(void)fd;
	(void)what;
	if (s->silence_ms < 0)
		return;
	if (s->paused)
		session_timer(s->silence_timer, s->silence_ms); /* we are not listening: its silence says nothing */
	else if (silent < s->silence_ms)
		session_timer(s->silence_timer, s->silence_ms - silent);
	else
		session_raise(s, BIND_SILENCE);
}

static void
on_late_timer(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	int64_t now = now_wait_ms(), deadline = window_deadline(s->window);
	struct window_entry e;

	(void)fd;
	(void)what;
	if (deadline >= 0 && deadline <= now && s->paused) {
		session_timer(s->late_timer, LATE_AGAIN_MS); /* the response may lie unread on our side */
		return;
	}
	while ((deadline = window_deadline(s->window)) >= 0 && deadline <= now) {
		/*
		 * The machine first: whoever hears of the uncertain requests must not send more of them into this session. A
		 * carrier that passes over questions in silence is none the worse for texts.
		 */
		if (window_oldest(s->window)->kind == WINDOW_TEXT && s->bind.state == LINK_BOUND)
			session_raise(s, BIND_RESPONSE_LATE);
		if (!window_take_oldest(s->window, &e))
			break;
		log_warn("link=%s host=%s no response in time: sequence=%u message=%llu part=%d", s->conf->name,
			session_host(s), e.sequence, (unsigned long long)e.message_id, e.part);
		s->calls->settled(s->arg, s, &e, LINK_UNCERTAIN, 0, NULL);
	}
	if (deadline >= 0)
		session_timer(s->late_timer, deadline - now);
	session_check_idle(s);
}

/* ---- The link's side ------------------------------------------------------------------------------------------ */

struct session *
session_new(struct event_base *base, const struct conf_link *conf, uint32_t command, const struct session_calls *calls,
	void *arg)
{
	struct session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->base = base;
	s->conf = conf;
	s->calls = calls;
	s->arg = arg;
	bind_init(&s->bind, conf, command, &session_ops, s);
	s->window = window_new(conf->window > 0 ? (size_t)conf->window : 1);
	s->state_timer = evtimer_new(base, on_state_timer, s);
	s->silence_timer = evtimer_new(base, on_silence_timer, s);
	s->late_timer = evtimer_new(base, on_late_timer, s);
	s->flush = evtimer_new(base, on_flush, s);
	if (outgoing_init(&s->out) != 0 || !s->window || !s->state_timer || !s->silence_timer || !s->late_timer ||
		!s->flush) {
		session_free(s);
		return NULL;
	}
	return s;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	session_drop(s);
	outgoing_free(&s->out);
	for (size_t i = 0; i < 4; i++) {
		struct event *e = (struct event *[]){s->state_timer, s->silence_timer, s->late_timer, s->flush}[i];

		if (e)
			event_free(e);
	}
	window_free(s->window);
	free(s);
}

void
session_wire(struct session *s, struct wire *w)
{
	s->wire = w;
}

void
session_start(struct session *s)
{
	session_raise(s, BIND_START);
}

void
session_stop(struct session *s)
{
	session_raise(s, BIND_STOP);
}

enum link_state
session_state(const struct session *s)
{
	return s->bind.state;
}

const char *
session_host(const struct session *s)
{
	return bind_host(&s->bind);
}

const char *
session_error(const struct session *s)
{
	return s->bind.error;
}

const char *
session_alarm(const struct session *s)
{
	return s->bind.alarm;
}

const char *
session_name(const struct session *s)
{
	return s->name;
}

uint32_t
session_number(const struct session *s)
{
	return s->number;
}

size_t
session_in_flight(const struct session *s)
{
	return window_count(s->window);
}

size_t
session_room(const struct session *s)
{
	return window_room(s->window);
}

bool
session_choked(const struct session *s)
{
	return s->paused;
}

static int64_t
session_response_ms(const struct session *s)
{
	return s->conf->response_seconds > 0 ? s->conf->response_seconds * 1000LL : 60000;
}

int
session_submit(struct session *s, const struct link_part *p)
{
	struct window_entry e = {.kind = WINDOW_TEXT,
		.message_id = p->message_id,
		.part = p->part,
		.parts = p->parts,
		.attempt = p->attempt,
		.tag = p->tag,
		.deadline = now_wait_ms() + session_response_ms(s)};
	uint8_t out[PDU_MAX];
	uint32_t sequence, status;
	const char *why = "";
	int n;

	if (s->bind.state != LINK_BOUND || !s->bev || s->bind.command == PDU_BIND_RECEIVER)
		return -1;
	snprintf(e.dest, sizeof(e.dest), "%s", p->dest);
	sequence = window_put(s->window, &e);
	if (!sequence)
		return -1;
	if (p->ussd)
		n = submit_encode_ussd(p, s->conf, s->conf->ussd_profile, sequence, out, sizeof(out), &status, &why);
	else
		n = submit_encode(p, s->conf, sequence, time(NULL), out, sizeof(out), &status);
	if (n < 0 && p->ussd)
		log_warn("link=%s message=%llu USSD not said: %s", s->conf->name, (unsigned long long)p->message_id, why);
	if (n < 0) {
		window_take(s->window, sequence, &e);
		e.refusal = status;
		window_put(s->window, &e);
		s->refused++;
		event_active(s->flush, EV_TIMEOUT, 0);
		return 0;
	}
	if (!evtimer_pending(s->late_timer, NULL))
		session_timer(s->late_timer, session_response_ms(s));
	session_queue(s, true, out, n);
	return 0;
}

int
session_operate(struct session *s, enum link_operation operation, const struct link_operate *o)
{
	struct window_entry e = {.kind = operation == LINK_QUERY ? WINDOW_QUERY : WINDOW_CANCEL,
		.message_id = o->message_id,
		.part = o->part,
		.parts = o->parts,
		.attempt = o->attempt,
		.tag = o->tag,
		.deadline = now_wait_ms() + session_response_ms(s)};
	uint8_t out[PDU_ENCODED_MAX];
	uint32_t sequence;
	int n;

	if (s->bind.state != LINK_BOUND || !s->bev || s->bind.command == PDU_BIND_RECEIVER)
		return -1;
	snprintf(e.dest, sizeof(e.dest), "%s", o->dest);
	sequence = window_put(s->window, &e);
	if (!sequence)
		return -1;
	n = operate_encode(o, operation, s->conf, sequence, out, sizeof(out));
	if (n < 0) {
		window_take(s->window, sequence, &e);
		return -1;
	}
	if (!evtimer_pending(s->late_timer, NULL))
		session_timer(s->late_timer, session_response_ms(s));
	session_queue(s, true, out, n);
	return 0;
}

void
session_answer(struct session *s, uint32_t command, uint32_t sequence, uint32_t status)
{
	uint8_t out[PDU_ENCODED_MAX];

	if (!s->bev)
		return;
	session_queue(s, false, out, pdu_encode_simple(command | PDU_RESPONSE, status, sequence, out, sizeof(out)));
	if (s->unanswered)
		s->unanswered--;
}
