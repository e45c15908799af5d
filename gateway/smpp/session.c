/*
 * The socket of one session: octets in, PDUs to the bind machine; PDUs out, responses before requests, gathered per
 * pass of the loop; and the bounds on what a peer can make us hold.
 */
#include "gateway/smpp/session.h"
#include "gateway/smpp/bind.h"
#include "gateway/smpp/connect.h"
#include "gateway/smpp/frame.h"
#include "gateway/smpp/outgoing.h"
#include "gateway/smpp/submit.h"
#include "gateway/conf.h"
#include "gateway/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>

#define OUTPUT_FULL (256 * 1024) /* octets unread by the peer: stop reading what it sends */
#define UNANSWERED_MAX 1000		 /* deliver_sm that the owner has not answered: stop reading */
#define LATE_AGAIN_MS 1000
#define WRITE_SECONDS 60		 /* a peer that takes nothing for so long is gone */

struct session {
	struct event_base *base;
	const struct conf_link *conf;
	const struct session_calls *calls;
	void *arg;
	struct bind bind;
	struct window *window;

	struct connect *connect;
	struct bufferevent *bev;
	struct outgoing out;
	bool paused; /* reading is */
	size_t unanswered;
	size_t refused; /* entries of the window with a refusal */
	char name[17];
	uint32_t number;

	struct event *state_timer, *silence_timer, *late_timer, *flush;
	int64_t silence_ms, heard_at;
	uint8_t in[PDU_MAX];
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void
timer_set(struct event *timer, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	if (ms < 0)
		evtimer_del(timer);
	else
		evtimer_add(timer, &tv);
}

static void
raise_event(struct session *s, enum bind_event event)
{
	bind_fsm(&s->bind, event, NULL, PDU_GOOD);
}

static bool
is_idle(const struct session *s)
{
	return window_count(s->window) == 0 && s->unanswered == 0;
}

/* ---- Out ----------------------------------------------------------------------------------------------------- */

static void
queue(struct session *s, bool request, const uint8_t *octets, int len)
{
	if (!s->bev || len <= 0)
		return;
	if ((request ? outgoing_request : outgoing_response)(&s->out, octets, (size_t)len) != 0)
		log_error("link=%s could not queue %d octets: no memory", s->conf->name, len);
	event_active(s->flush, EV_TIMEOUT, 0);
}

/* Reading stops while the peer does not take our answers or the owner does not give them. */
static void
read_or_pause(struct session *s)
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

static void
flush(struct session *s)
{
	if (!s->bev)
		return;
	if (outgoing_flush(&s->out, s->bev))
		window_written(s->window);
	read_or_pause(s);
}

/* Parts that no submit_sm can hold: told from the loop, not from within the submit. */
static void
settle_refused(struct session *s)
{
	struct window_entry e;

	while (s->refused && window_take_refused(s->window, &e)) {
		s->refused--;
		s->calls->settled(s->arg, s, &e, LINK_REFUSED, e.refusal, NULL);
	}
}

/* A drain waits for this. */
static void
check_idle(struct session *s)
{
	if (s->bind.state == LINK_UNBINDING && is_idle(s))
		raise_event(s, BIND_IDLE);
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;

	(void)fd;
	(void)what;
	settle_refused(s);
	flush(s);
	check_idle(s);
}

static void
on_writable(struct bufferevent *bev, void *arg)
{
	(void)bev;
	flush(arg);
}

/* ---- What the bind machine has done --------------------------------------------------------------------------- */

static void on_connected(void *arg, struct bufferevent *bev, const char *error);

static void
op_connect(void *arg, const char *host)
{
	struct session *s = arg;

	s->connect = connect_start(s->base, host, s->conf->tls, on_connected, s);
	if (!s->connect)
		log_error("link=%s could not connect: no memory", s->conf->name); /* the state's timer tries again */
}

static void
settle_all(struct session *s)
{
	struct window_entry e;

	settle_refused(s);
	while (window_take_oldest(s->window, &e))
		s->calls->settled(s->arg, s, &e, e.written ? LINK_UNCERTAIN : LINK_UNSENT, 0, NULL);
}

static void
drop_connection(struct session *s)
{
	if (s->connect)
		connect_cancel(s->connect);
	s->connect = NULL;
	if (s->bev)
		bufferevent_free(s->bev);
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

	if (s->bev)
		outgoing_last(&s->out, s->bev);
	drop_connection(s);
	settle_all(s);
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
			.system_type = s->conf->system_type};

		n = pdu_encode_bind(&b, out, sizeof(out));
		if (n < 0)
			log_error("link=%s system_id, password or system_type is too long for a bind; shorten it in the configuration",
				s->conf->name);
	} else {
		n = pdu_encode_simple(command, status, sequence, out, sizeof(out));
	}
	/* An unbind goes behind the requests that wait: nothing may be sent after it. */
	queue(s, command == PDU_UNBIND, out, n);
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

	timer_set(s->state_timer, ms);
}

static void
op_silence(void *arg, int64_t ms)
{
	struct session *s = arg;

	s->silence_ms = ms;
	s->heard_at = now_ms();
	timer_set(s->silence_timer, ms);
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

static void
op_response(void *arg, const struct pdu *p)
{
	struct session *s = arg;
	struct window_entry e;

	if (!window_take(s->window, p->sequence, &e)) {
		log_warn("link=%s %s answers nothing that waits: sequence=%u status=0x%02x", s->conf->name,
			pdu_command_name(p->command), p->sequence, p->status);
		return;
	}
	s->calls->settled(s->arg, s, &e, p->command == PDU_SUBMIT_SM_RESP && p->status == 0 ? LINK_ACCEPTED : LINK_REFUSED,
		p->status, p);
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
	return now_ms();
}

static const struct bind_ops ops = {
	.connect = op_connect,
	.close = op_close,
	.send = op_send,
	.sequence = op_sequence,
	.timer = op_timer,
	.silence = op_silence,
	.idle = op_idle,
	.deliver = op_deliver,
	.response = op_response,
	.changed = op_changed,
	.random = op_random,
	.now_ms = op_now_ms,
};

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

static void
take_pdu(struct session *s, size_t len)
{
	struct pdu p;
	enum pdu_verdict v = pdu_decode(s->in, len, &p);

	if (v != PDU_GOOD)
		log_warn("link=%s host=%s %s of %zu octets is malformed: %s sequence=%u", s->conf->name, session_host(s),
			pdu_command_name(p.command), len,
			v == PDU_UNKNOWN		   ? "unknown command"
				: v == PDU_BAD_OPTIONS ? "optional parameters do not fit"
									   : "a field does not fit",
			p.sequence);
	bind_fsm(&s->bind, BIND_PDU, &p, v);
}

static void
on_readable(struct bufferevent *bev, void *arg)
{
	struct session *s = arg;

	s->heard_at = now_ms();
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
			log_warn("link=%s host=%s a PDU's length cannot be: %02x%02x%02x%02x", s->conf->name, session_host(s), head[0],
				head[1], head[2], head[3]);
			raise_event(s, BIND_BROKEN_FRAME);
			return;
		}
		evbuffer_remove(input, s->in, len);
		take_pdu(s, len);
		read_or_pause(s);
	}
	if (s->bev == bev)
		check_idle(s);
}

static void
on_socket_event(struct bufferevent *bev, short what, void *arg)
{
	struct session *s = arg;

	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT))
		raise_event(s, BIND_CLOSED);
}

static void
on_connected(void *arg, struct bufferevent *bev, const char *error)
{
	struct session *s = arg;
	struct timeval patience = {.tv_sec = WRITE_SECONDS};

	s->connect = NULL;
	if (!bev) {
		log_warn("link=%s host=%s %s", s->conf->name, session_host(s), error);
		raise_event(s, BIND_CONNECT_FAILED);
		return;
	}
	s->bev = bev;
	name_session(s);
	bufferevent_setcb(bev, on_readable, on_writable, on_socket_event, s);
	bufferevent_set_timeouts(bev, NULL, &patience);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	raise_event(s, BIND_CONNECTED);
}

/* ---- Timers --------------------------------------------------------------------------------------------------- */

static void
on_state_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	raise_event(arg, BIND_STATE_LATE);
}

/* Set once and moved only when it fires: a busy link would otherwise move it with every PDU. */
static void
on_silence_timer(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	int64_t silent = now_ms() - s->heard_at;

	(void)fd;
	(void)what;
	if (s->silence_ms < 0)
		return;
	if (s->paused)
		timer_set(s->silence_timer, s->silence_ms); /* we are not listening: its silence says nothing */
	else if (silent < s->silence_ms)
		timer_set(s->silence_timer, s->silence_ms - silent);
	else
		raise_event(s, BIND_SILENCE);
}

static void
on_late_timer(evutil_socket_t fd, short what, void *arg)
{
	struct session *s = arg;
	int64_t now = now_ms(), deadline = window_deadline(s->window);
	struct window_entry e;

	(void)fd;
	(void)what;
	if (deadline >= 0 && deadline <= now && s->paused) {
		timer_set(s->late_timer, LATE_AGAIN_MS); /* the response may lie unread on our side */
		return;
	}
	/* The machine first: whoever hears of the uncertain requests must not send more of them into this session. */
	if (deadline >= 0 && deadline <= now)
		raise_event(s, BIND_RESPONSE_LATE);
	while ((deadline = window_deadline(s->window)) >= 0 && deadline <= now && window_take_oldest(s->window, &e)) {
		log_warn("link=%s host=%s no response in time: sequence=%u message=%llu part=%d", s->conf->name, session_host(s),
			e.sequence, (unsigned long long)e.message_id, e.part);
		s->calls->settled(s->arg, s, &e, LINK_UNCERTAIN, 0, NULL);
	}
	if (deadline >= 0)
		timer_set(s->late_timer, deadline - now);
	check_idle(s);
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
	bind_init(&s->bind, conf, command, &ops, s);
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
	drop_connection(s);
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
session_start(struct session *s)
{
	raise_event(s, BIND_START);
}

void
session_stop(struct session *s)
{
	raise_event(s, BIND_STOP);
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

bool
session_choked(const struct session *s)
{
	return s->paused;
}

int
session_submit(struct session *s, const struct link_part *p)
{
	int64_t wait = s->conf->response_seconds > 0 ? s->conf->response_seconds * 1000LL : 60000;
	struct window_entry e = {.message_id = p->message_id,
		.part = p->part,
		.parts = p->parts,
		.attempt = p->attempt,
		.tag = p->tag,
		.deadline = now_ms() + wait};
	uint8_t out[PDU_ENCODED_MAX];
	uint32_t sequence, status;
	int n;

	if (s->bind.state != LINK_BOUND || !s->bev)
		return -1;
	snprintf(e.dest, sizeof(e.dest), "%s", p->dest);
	sequence = window_put(s->window, &e);
	if (!sequence)
		return -1;
	n = submit_encode(p, sequence, s->conf->receipts, time(NULL), out, sizeof(out), &status);
	if (n < 0) {
		window_take(s->window, sequence, &e);
		e.refusal = status;
		window_put(s->window, &e);
		s->refused++;
		event_active(s->flush, EV_TIMEOUT, 0);
		return 0;
	}
	if (!evtimer_pending(s->late_timer, NULL))
		timer_set(s->late_timer, wait);
	queue(s, true, out, n);
	return 0;
}

void
session_answer(struct session *s, uint32_t command, uint32_t sequence, uint32_t status)
{
	uint8_t out[PDU_ENCODED_MAX];

	if (!s->bev)
		return;
	queue(s, false, out, pdu_encode_simple(command | PDU_RESPONSE, status, sequence, out, sizeof(out)));
	if (s->unanswered)
		s->unanswered--;
}
