/* Connect, bind, stay bound, unbind, come back: every move of a session is in this file. */
#include "gateway/smpp/bind.h"
#include "gateway/smpp/bind_time.h"
#include "gateway/smpp/status.h"
#include "gateway/conf.h"
#include "gateway/log.h"

#include <stdio.h>
#include <string.h>

#define STABLE_MS 10000 /* bound this long, the next loss counts as the first in a row */

const char *
bind_host(const struct bind *b)
{
	if (b->peer[0])
		return b->peer;
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

/* Closed after the state has changed: whoever hears of the requests that were in flight finds the link down already. */
static void
bind_wait(struct bind *b, int64_t ms, const char *why)
{
	b->ops->silence(b->arg, -1);
	b->ops->timer(b->arg, b->conf->nhosts ? ms : -1); /* without a host, the next try is the carrier's */
	bind_state_change(b, LINK_WAITING, why);
	b->ops->close(b->arg);
	b->peer[0] = '\0';
}

static void
bind_connect(struct bind *b, const char *why)
{
	if (!b->conf->nhosts) {
		bind_wait(b, -1, "waiting for the carrier's outbind");
		return;
	}
	b->peer[0] = '\0';
	b->ops->silence(b->arg, -1);
	b->ops->timer(b->arg, bind_ms_connect(b));
	bind_state_change(b, LINK_CONNECTING, why);
	b->ops->connect(b->arg, bind_host(b));
}

static void
bind_stopped(struct bind *b, const char *why)
{
	b->ops->timer(b->arg, -1);
	b->ops->silence(b->arg, -1);
	b->returning = false;
	bind_state_change(b, LINK_STOPPED, why);
	b->ops->close(b->arg);
	b->peer[0] = '\0';
}

/* The connection did not come to be: the next host at once; after the last one, wait. */
static void
bind_next_host(struct bind *b, const char *why)
{
	bind_note(b, why);
	if (!b->peer[0] && b->host + 1 < b->conf->nhosts) {
		b->ops->close(b->arg);
		b->host++;
		bind_connect(b, why);
		return;
	}
	b->host = 0;
	bind_wait(b, bind_ms_backoff(b), why);
}

/* A session that was bound is over: stop, or come back to the first host; at once when that is why it was left. */
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
	if (b->returning) {
		b->host = b->probe;
		b->ops->close(b->arg);
		bind_connect(b, why);
		return;
	}
	bind_wait(b, bind_ms_backoff(b), why);
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
	b->ops->timer(b->arg, bind_ms_unbind(b));
	b->ops->send(b->arg, PDU_UNBIND, 0, b->sequence);
}

/* Leave in order: what is in flight may still be answered; new requests of the carrier are put off. */
static void
bind_unbind(struct bind *b, bool at_once, const char *why)
{
	b->ops->silence(b->arg, -1);
	b->ops->timer(b->arg, bind_ms_response(b));
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
	if (alarm) {
		snprintf(b->alarm, sizeof(b->alarm), "%.60s: %s; check system_id, password and system_type of this link",
			bind_host(b), why);
		log_error(
			"link=%s role=%s host=%s system_id=%s status=0x%02x alarm: bind refused: %s; check system_id, password "
			"and system_type of this link, then restart or wait for the next try",
			b->conf->name, bind_role(b), bind_host(b), b->conf->system_id, status, status_text(status));
	} else if (b->conf->nhosts > 1 && !b->peer[0]) {
		b->host = (b->host + 1) % b->conf->nhosts;
	}
	bind_wait(b, alarm ? bind_ms_backoff_slow(b) : bind_ms_backoff_bind(b), why);
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
bind_begin(struct bind *b, const char *why)
{
	b->enquired = b->unbind_sent = b->unbind_got = false;
	b->sequence = b->ops->sequence(b->arg);
	b->ops->timer(b->arg, bind_ms_connect(b));
	bind_state_change(b, LINK_BINDING, why);
	b->ops->send(b->arg, b->command, 0, b->sequence);
}

bool
bind_takes_outbind(const struct bind *b)
{
	return (b->state == LINK_WAITING || b->state == LINK_CONNECTING) && !b->stopping;
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
		bind_begin(b, "connected");
		break;
	case BIND_OUTBIND:
		bind_begin(b, "outbind of the carrier");
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

/* On another host than the preferred one, by our own connection. */
static bool
bind_may_return(const struct bind *b)
{
	return b->host > 0 && !b->peer[0];
}

static void
bind_bound(struct bind *b)
{
	b->bound_at = b->ops->now_ms(b->arg);
	b->error[0] = b->alarm[0] = '\0';
	b->strays = b->returning && b->host != b->probe ? b->strays + 1 : 0;
	b->returning = false;
	b->ops->timer(b->arg, bind_may_return(b) ? bind_ms_return(b) : -1);
	b->ops->silence(b->arg, bind_ms_silence(b));
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
		b->ops->send(b->arg, PDU_GENERIC_NACK, STATUS_INVALID_COMMAND_LENGTH, 0);
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
		b->ops->silence(b->arg, bind_ms_silence(b));
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
		b->ops->timer(b->arg, bind_ms_unbind(b));
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
		b->ops->silence(b->arg, bind_ms_dead(b));
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
	case BIND_STATE_LATE: /* see whether a host before this one is back */
		if (!bind_may_return(b))
			break;
		b->probe = 0;
		b->ops->probe(b->arg, b->conf->hosts[0]);
		break;
	case BIND_PROBE_BAD:
		if (++b->probe < b->host)
			b->ops->probe(b->arg, b->conf->hosts[b->probe]);
		else
			b->ops->timer(b->arg, bind_ms_return(b));
		break;
	case BIND_PROBE_GOOD:
		b->returning = true;
		bind_unbind(b, false, "returning to a preferred host");
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
	case BIND_BROKEN_FRAME:
		b->ops->send(b->arg, PDU_GENERIC_NACK, STATUS_INVALID_COMMAND_LENGTH, 0);
		bind_over(b, "a length that cannot be");
		break;
	case BIND_CLOSED:
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
	else if (event == BIND_OUTBIND)
		bind_begin(b, "outbind of the carrier");
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
