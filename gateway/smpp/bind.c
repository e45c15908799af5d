/* Connect, bind, stay bound, unbind, come back: every move of a session is in this file. */
#include "gateway/smpp/bind.h"
#include "gateway/smpp/status.h"
#include "gateway/conf.h"
#include "gateway/log.h"

#include <stdio.h>
#include <string.h>

#define STABLE_MS 10000	   /* bound this long, the next loss counts as the first in a row */
#define UNBIND_MAX_MS 5000 /* an unbind is answered within this, or not at all */
#define BACKOFF_DOUBLINGS 16

static int64_t
response_ms(const struct bind *b)
{
	return b->conf->response_seconds > 0 ? b->conf->response_seconds * 1000LL : 60000;
}

static int64_t
unbind_ms(const struct bind *b)
{
	return response_ms(b) < UNBIND_MAX_MS ? response_ms(b) : UNBIND_MAX_MS;
}

static int64_t
bind_ms(const struct bind *b)
{
	return b->conf->bind_seconds > 0 ? b->conf->bind_seconds * 1000LL : 30000;
}

const char *
bind_host(const struct bind *b)
{
	return b->conf->nhosts ? b->conf->hosts[b->host] : "";
}

const char *
bind_role(const struct bind *b)
{
	switch (b->command) {
	case PDU_BIND_TRANSMITTER:
		return "transmitter";
	case PDU_BIND_RECEIVER:
		return "receiver";
	default:
		return "transceiver";
	}
}

/* The only place where the state changes. */
static void
bind_state_change(struct bind *b, enum link_state now, const char *why)
{
	enum link_state old = b->state;

	b->state = now;
	if (now == LINK_WAITING)
		log_warn("link=%s role=%s state=%s was=%s host=%s why=\"%s\"", b->conf->name, bind_role(b),
			link_state_name(now), link_state_name(old), bind_host(b), why);
	else
		log_info("link=%s role=%s state=%s was=%s host=%s why=\"%s\"", b->conf->name, bind_role(b),
			link_state_name(now), link_state_name(old), bind_host(b), why);
	b->ops->changed(b->arg, old, now, why);
}

static void
bind_note(struct bind *b, const char *why)
{
	snprintf(b->error, sizeof(b->error), "%s", why);
}

static void
bind_connect(struct bind *b, const char *why)
{
	b->enquired = b->unbind_sent = b->unbind_got = false;
	b->ops->silence(b->arg, -1);
	b->ops->timer(b->arg, bind_ms(b));
	bind_state_change(b, LINK_CONNECTING, why);
	b->ops->connect(b->arg, bind_host(b));
}

static void
bind_stopped(struct bind *b, const char *why)
{
	b->ops->timer(b->arg, -1);
	b->ops->silence(b->arg, -1);
	bind_state_change(b, LINK_STOPPED, why);
	b->ops->close(b->arg);
}

/* Until the next try: exponential with jitter, so that many links do not come back in step. */
static int64_t
bind_backoff(struct bind *b)
{
	int64_t low = b->conf->backoff_min_ms > 0 ? b->conf->backoff_min_ms : 1000;
	int64_t high = b->conf->backoff_max_ms > low ? b->conf->backoff_max_ms : low;
	int64_t ms = low << (b->failures < BACKOFF_DOUBLINGS ? b->failures : BACKOFF_DOUBLINGS);

	if (ms > high)
		ms = high;
	b->failures++;
	return ms / 2 + b->ops->random(b->arg, (uint32_t)(ms / 2 + 1));
}

/* The same wrong password again at once would only lock the account: wait long, and let a person see it. */
static int64_t
bind_backoff_slow(struct bind *b)
{
	int64_t ms = b->conf->backoff_max_ms > 1000 ? b->conf->backoff_max_ms : 1000;

	return ms + b->ops->random(b->arg, (uint32_t)(ms + 1));
}

/* Closed after the state has changed: whoever hears of the requests that were in flight finds the link down already. */
static void
bind_wait(struct bind *b, int64_t ms, const char *why)
{
	b->ops->silence(b->arg, -1);
	b->ops->timer(b->arg, ms);
	bind_state_change(b, LINK_WAITING, why);
	b->ops->close(b->arg);
}

/* The connection did not come to be: the next host at once; after the last one, wait. */
static void
bind_next_host(struct bind *b, const char *why)
{
	bind_note(b, why);
	if (b->host + 1 < b->conf->nhosts) {
		b->ops->close(b->arg);
		b->host++;
		bind_connect(b, why);
		return;
	}
	b->host = 0;
	bind_wait(b, bind_backoff(b), why);
}

/* A session that was bound is over: stop, or come back to the first host. */
static void
bind_over(struct bind *b, const char *why)
{
	if (b->stopping) {
		bind_stopped(b, why);
		return;
	}
	if (b->ops->now_ms(b->arg) - b->bound_at >= STABLE_MS)
		b->failures = 0;
	b->host = 0;
	bind_wait(b, bind_backoff(b), why);
}

static void
bind_lost(struct bind *b, const char *why)
{
	bind_note(b, why);
	bind_over(b, why);
}

static void
bind_send_unbind(struct bind *b)
{
	b->unbind_sent = true;
	b->sequence = b->ops->sequence(b->arg);
	b->ops->timer(b->arg, unbind_ms(b));
	b->ops->send(b->arg, PDU_UNBIND, 0, b->sequence);
}

/* Leave in order: what is in flight may still be answered; new requests of the carrier are put off. */
static void
bind_unbind(struct bind *b, bool at_once, const char *why)
{
	b->ops->silence(b->arg, -1);
	b->ops->timer(b->arg, response_ms(b));
	bind_state_change(b, LINK_UNBINDING, why);
	if (at_once || b->ops->idle(b->arg))
		bind_send_unbind(b);
}

static void
bind_refused(struct bind *b, uint32_t status)
{
	char why[96];
	bool alarm = status_action_on(b->conf, status) == STATUS_ALARM;

	snprintf(why, sizeof(why), "bind refused: %s (0x%02x)", status_text(status), status);
	bind_note(b, why);
	b->host = b->conf->nhosts > 1 && !alarm ? (b->host + 1) % b->conf->nhosts : b->host;
	if (alarm)
		log_error("link=%s role=%s host=%s system_id=%s status=0x%02x bind refused: %s; check system_id, password and "
				  "system_type of this link, then restart or wait for the next try",
			b->conf->name, bind_role(b), bind_host(b), b->conf->system_id, status, status_text(status));
	bind_wait(b, alarm ? bind_backoff_slow(b) : bind_backoff(b), why);
}

static bool
is_bind_resp(const struct pdu *p)
{
	return p->command == PDU_BIND_TRANSCEIVER_RESP || p->command == PDU_BIND_TRANSMITTER_RESP ||
		   p->command == PDU_BIND_RECEIVER_RESP;
}

/* Requests that are answered the same in every state; the rest is refused by its name and sequence. */
static void
bind_answer(struct bind *b, const struct pdu *p, enum pdu_verdict verdict, uint32_t message_status)
{
	switch (p->command) {
	case PDU_ENQUIRE_LINK:
		b->ops->send(b->arg, PDU_ENQUIRE_LINK_RESP, 0, p->sequence);
		return;
	case PDU_UNBIND:
		b->ops->send(b->arg, PDU_UNBIND_RESP, 0, p->sequence);
		return;
	case PDU_DELIVER_SM:
	case PDU_DATA_SM:
		if (verdict == PDU_BAD_BODY)
			message_status = STATUS_INVALID_COMMAND_LENGTH;
		else if (verdict == PDU_BAD_OPTIONS)
			message_status = STATUS_BAD_OPTIONS;
		b->ops->send(b->arg, p->command | PDU_RESPONSE, message_status, p->sequence);
		return;
	case PDU_OUTBIND:
	case PDU_ALERT_NOTIFICATION:
		return; /* neither has a response */
	default:
		if (!(p->command & PDU_RESPONSE))
			b->ops->send(b->arg, PDU_GENERIC_NACK, STATUS_INVALID_COMMAND, p->sequence);
		return;
	}
}

static void
fsm_stopped(struct bind *b, enum bind_event event)
{
	if (event == BIND_START)
		bind_connect(b, "started");
}

static void
fsm_connecting(struct bind *b, enum bind_event event)
{
	switch (event) {
	case BIND_CONNECTED:
		b->sequence = b->ops->sequence(b->arg);
		b->ops->timer(b->arg, bind_ms(b));
		bind_state_change(b, LINK_BINDING, "connected");
		b->ops->send(b->arg, b->command, 0, b->sequence);
		break;
	case BIND_CONNECT_FAILED:
		bind_next_host(b, b->detail[0] ? b->detail : "could not connect");
		break;
	case BIND_STATE_LATE:
		bind_next_host(b, "could not connect in time");
		break;
	case BIND_STOP:
		bind_stopped(b, "stopped");
		break;
	default:
		break;
	}
}

static void
bind_bound(struct bind *b)
{
	b->bound_at = b->ops->now_ms(b->arg);
	b->error[0] = '\0';
	b->enquired = false;
	b->ops->timer(b->arg, -1);
	b->ops->silence(b->arg, b->conf->enquire_seconds > 0 ? b->conf->enquire_seconds * 1000LL : -1);
	bind_state_change(b, LINK_BOUND, "bound");
}

static void
fsm_binding(struct bind *b, enum bind_event event, const struct pdu *p, enum pdu_verdict verdict)
{
	switch (event) {
	case BIND_PDU:
		if (p->command == (b->command | PDU_RESPONSE) || (is_bind_resp(p) && p->sequence == b->sequence)) {
			if (p->status == 0)
				bind_bound(b);
			else
				bind_refused(b, p->status);
		} else if (p->command == PDU_GENERIC_NACK) {
			bind_refused(b, p->status ? p->status : STATUS_INVALID_COMMAND);
		} else {
			bind_answer(b, p, verdict, STATUS_WRONG_BIND_STATE);
			if (p->command == PDU_UNBIND)
				bind_next_host(b, "unbound by the carrier instead of bound");
		}
		break;
	case BIND_CLOSED:
		bind_next_host(b, "closed by the carrier before the bind was answered");
		break;
	case BIND_BROKEN_FRAME:
		bind_next_host(b, "not SMPP: a length that cannot be");
		break;
	case BIND_STATE_LATE:
		bind_next_host(b, "bind not answered in time");
		break;
	case BIND_STOP:
		bind_stopped(b, "stopped");
		break;
	default:
		break;
	}
}

static void
bound_pdu(struct bind *b, const struct pdu *p, enum pdu_verdict verdict)
{
	if (b->enquired) {
		b->enquired = false;
		b->ops->silence(b->arg, b->conf->enquire_seconds * 1000LL);
	}
	switch (p->command) {
	case PDU_DELIVER_SM:
	case PDU_DATA_SM:
		if (verdict == PDU_GOOD && b->command != PDU_BIND_TRANSMITTER)
			b->ops->deliver(b->arg, p);
		else
			bind_answer(b, p, verdict, STATUS_WRONG_BIND_STATE);
		break;
	case PDU_UNBIND:
		bind_answer(b, p, verdict, 0);
		b->unbind_got = true;
		bind_note(b, "unbound by the carrier");
		b->ops->silence(b->arg, -1);
		b->ops->timer(b->arg, unbind_ms(b));
		bind_state_change(b, LINK_UNBINDING, "unbound by the carrier");
		if (b->ops->idle(b->arg))
			bind_over(b, "unbound by the carrier");
		break;
	case PDU_GENERIC_NACK:
	case PDU_SUBMIT_SM_RESP:
	case PDU_DATA_SM_RESP:
	case PDU_QUERY_SM_RESP:
	case PDU_CANCEL_SM_RESP:
		/*
		 * What the carrier makes of the stream or of our bind is broken, not this one message. The state first: whoever
		 * hears of the response must not send more into this session.
		 */
		if (b->ops->broken(b->arg, p)) {
			bind_note(b, status_text(p->status));
			bind_unbind(b, true, status_text(p->status));
		}
		b->ops->response(b->arg, p);
		break;
	default:
		bind_answer(b, p, verdict, 0);
		break;
	}
}

static void
fsm_bound(struct bind *b, enum bind_event event, const struct pdu *p, enum pdu_verdict verdict)
{
	switch (event) {
	case BIND_PDU:
		bound_pdu(b, p, verdict);
		break;
	case BIND_SILENCE:
		if (b->enquired) {
			bind_lost(b, "no answer to enquire_link");
			break;
		}
		b->enquired = true;
		b->ops->silence(b->arg, response_ms(b));
		b->ops->send(b->arg, PDU_ENQUIRE_LINK, 0, b->ops->sequence(b->arg));
		break;
	case BIND_RESPONSE_LATE:
		bind_note(b, "a request was not answered in time");
		bind_unbind(b, true, "a request was not answered in time");
		break;
	case BIND_CLOSED:
		bind_lost(b, "closed by the carrier");
		break;
	case BIND_BROKEN_FRAME:
		b->ops->send(b->arg, PDU_GENERIC_NACK, STATUS_INVALID_COMMAND_LENGTH, 0);
		bind_lost(b, "a length that cannot be");
		break;
	case BIND_STOP:
		bind_unbind(b, false, "draining");
		break;
	default:
		break;
	}
}

static void
unbinding_pdu(struct bind *b, const struct pdu *p, enum pdu_verdict verdict)
{
	switch (p->command) {
	case PDU_UNBIND_RESP:
		if (b->unbind_sent)
			bind_over(b, "unbound");
		break;
	case PDU_UNBIND:
		bind_answer(b, p, verdict, 0);
		b->unbind_got = true;
		if (b->ops->idle(b->arg))
			bind_over(b, "unbound by the carrier");
		break;
	case PDU_GENERIC_NACK:
	case PDU_SUBMIT_SM_RESP:
	case PDU_DATA_SM_RESP:
	case PDU_QUERY_SM_RESP:
	case PDU_CANCEL_SM_RESP:
		b->ops->response(b->arg, p);
		break;
	default:
		bind_answer(b, p, verdict, STATUS_COME_AGAIN);
		break;
	}
}

static void
fsm_unbinding(struct bind *b, enum bind_event event, const struct pdu *p, enum pdu_verdict verdict)
{
	switch (event) {
	case BIND_PDU:
		unbinding_pdu(b, p, verdict);
		break;
	case BIND_IDLE:
		if (b->unbind_got)
			bind_over(b, "unbound by the carrier");
		else if (!b->unbind_sent)
			bind_send_unbind(b);
		break;
	case BIND_STATE_LATE:
		if (b->unbind_got || b->unbind_sent)
			bind_over(b, b->unbind_got ? "unbound by the carrier" : "unbind not answered in time");
		else
			bind_send_unbind(b);
		break;
	case BIND_CLOSED:
	case BIND_BROKEN_FRAME:
		bind_over(b, "closed while unbinding");
		break;
	default:
		break;
	}
}

static void
fsm_waiting(struct bind *b, enum bind_event event)
{
	if (event == BIND_STATE_LATE)
		bind_connect(b, "trying again");
	else if (event == BIND_STOP)
		bind_stopped(b, "stopped");
}

void
bind_init(struct bind *b, const struct conf_link *conf, uint32_t command, const struct bind_ops *ops, void *arg)
{
	*b = (struct bind){.state = LINK_STOPPED, .conf = conf, .command = command, .ops = ops, .arg = arg};
}

void
bind_fsm(struct bind *b, enum bind_event event, const struct pdu *p, enum pdu_verdict verdict)
{
	if (event == BIND_STOP || event == BIND_START)
		b->stopping = event == BIND_STOP;
	switch (b->state) {
	case LINK_STOPPED:
		fsm_stopped(b, event);
		break;
	case LINK_CONNECTING:
		fsm_connecting(b, event);
		break;
	case LINK_BINDING:
		fsm_binding(b, event, p, verdict);
		break;
	case LINK_BOUND:
		fsm_bound(b, event, p, verdict);
		break;
	case LINK_UNBINDING:
		fsm_unbinding(b, event, p, verdict);
		break;
	case LINK_WAITING:
		fsm_waiting(b, event);
		break;
	}
}
