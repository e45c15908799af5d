/*
 * One SMPP connection to a carrier and its reconnects: socket, framing, window, timers around the bind machine. A link
 * has one (transceiver) or two (transmitter and receiver).
 */
#ifndef GATEWAY_SMPP_SESSION_H
#define GATEWAY_SMPP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "gateway/smpp/link.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/window.h"

struct bufferevent;
struct event_base;
struct conf_link;
struct session;
struct wire; /* gateway/smpp/wire.h */

/* What the link hears. None of them may free the session or raise an event in it; submits and answers are fine. */
struct session_calls {
	void (*changed)(void *arg, struct session *s, enum link_state old, enum link_state now, const char *why);
	void (*deliver)(void *arg, struct session *s, const struct pdu *p);
	/* A request is settled. status is the response's or, for a part that cannot be written, our own; p is the response,
	 * NULL unless there was one. */
	void (*settled)(void *arg, struct session *s, const struct window_entry *e, enum link_outcome outcome,
		uint32_t status, const struct pdu *p);
};

/* command: PDU_BIND_TRANSCEIVER, PDU_BIND_TRANSMITTER or PDU_BIND_RECEIVER. NULL without memory. */
struct session *session_new(struct event_base *base, const struct conf_link *conf, uint32_t command,
	const struct session_calls *calls, void *arg);
void session_free(struct session *s); /* closes at once, no calls */
/* Shows every PDU of this session to the wire log; before session_start, and w must outlive the session. */
void session_wire(struct session *s, struct wire *w);

void session_start(struct session *s);
void session_stop(struct session *s); /* drain, unbind, stay away */

/*
 * A connection that the carrier has opened and whose outbind was good: the session is bound on it. It may hold octets
 * already. False, with the connection still the caller's, when the session is not to be bound now.
 */
bool session_outbind(struct session *s, struct bufferevent *bev, const char *peer, const uint8_t *octets, size_t len);

enum link_state session_state(const struct session *s);
const char *session_host(const struct session *s);
const char *session_error(const struct session *s);
const char *session_alarm(const struct session *s); /* what a person must put right; "" when nothing */
const char *session_name(const struct session *s);	/* of the bind under way or last had: another bind, another name */
uint32_t session_number(const struct session *s);	/* the same as a small number, unique in this process; 0 = none */
size_t session_in_flight(const struct session *s);
size_t session_room(const struct session *s); /* requests that fit beside those in flight */
bool session_choked(const struct session *s); /* not reading, for the bounds on memory */

/*
 * Queues one submit_sm. 0, or -1 when not bound or without room. A part with a field that no submit_sm can hold is
 * taken too and settled as refused, from the loop.
 */
int session_submit(struct session *s, const struct link_part *p);
/* Queues a query_sm or cancel_sm. 0, or -1 when not bound, without room, or when a field is too long for it. */
int session_operate(struct session *s, enum link_operation operation, const struct link_operate *o);
/* Answers a deliver_sm or data_sm of this session. */
void session_answer(struct session *s, uint32_t command, uint32_t sequence, uint32_t status);

#endif
