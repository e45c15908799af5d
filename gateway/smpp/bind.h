/*
 * The session machine of one SMPP connection (SMPP 3.4, 2.2 and 4.1-4.2). One function takes every event in every
 * state; everyone else only says what happened. It opens no socket itself: what is to be done goes through bind_ops,
 * so that the machine is tested without one.
 */
#ifndef GATEWAY_SMPP_BIND_H
#define GATEWAY_SMPP_BIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "gateway/smpp/link.h"
#include "gateway/smpp/pdu.h"

enum bind_event {
	BIND_START,			 /* asked to run */
	BIND_STOP,			 /* asked to drain, unbind and stay away */
	BIND_CONNECTED,		 /* TCP (and TLS) is there */
	BIND_CONNECT_FAILED, /* no address of this host answered */
	BIND_OUTBIND,		 /* the carrier has connected and sent its outbind; bind on that connection */
	BIND_PROBE_GOOD,	 /* the host that was probed takes connections */
	BIND_PROBE_BAD,
	BIND_CLOSED,		/* the connection is gone, or its peer does not read */
	BIND_BROKEN_FRAME,	/* a length that cannot be: the stream is lost */
	BIND_PDU,			/* comes with the PDU and its verdict */
	BIND_STATE_LATE,	/* the state's timer: connect, bind, unbind, or the next try is due */
	BIND_SILENCE,		/* nothing came for as long as ops->silence said */
	BIND_RESPONSE_LATE, /* a request was not answered in time */
	BIND_IDLE,			/* nothing is in flight any more, in neither direction */
	BIND_EVENTS,
};

struct bind;
struct conf_link;

/* What the machine has done. arg is bind.arg. */
struct bind_ops {
	void (*connect)(void *arg, const char *host); /* raises BIND_CONNECTED or BIND_CONNECT_FAILED, never at once */
	/* Sees whether this host takes connections: raises BIND_PROBE_GOOD or _BAD, never at once; given up at close. */
	void (*probe)(void *arg, const char *host);
	void (*close)(void *arg); /* after writing what is queued, as far as the socket takes it */
	/* A bind request or a PDU without fields. */
	void (*send)(void *arg, uint32_t command, uint32_t status, uint32_t sequence);
	uint32_t (*sequence)(void *arg);
	void (*timer)(void *arg, int64_t ms);			  /* the state's timer; -1 = none */
	void (*silence)(void *arg, int64_t ms);			  /* raise BIND_SILENCE after so long without a PDU; -1 = never */
	bool (*idle)(void *arg);						  /* nothing in flight, in neither direction */
	void (*deliver)(void *arg, const struct pdu *p);  /* deliver_sm, data_sm: the owner answers */
	void (*response)(void *arg, const struct pdu *p); /* to a request of the window */
	/* Whether this response says that the session is broken, not the one request that it answers. */
	bool (*broken)(void *arg, const struct pdu *p);
	void (*changed)(void *arg, enum link_state old, enum link_state now, const char *why);
	uint32_t (*random)(void *arg, uint32_t below);
	int64_t (*now_ms)(void *arg);
};

struct bind {
	enum link_state state; /* changed in one function alone */
	const struct conf_link *conf;
	uint32_t command; /* PDU_BIND_TRANSCEIVER, ... */
	const struct bind_ops *ops;
	void *arg;

	size_t host;	   /* the one in use or tried last */
	char peer[64];	   /* who connected to us, in a session by outbind; else "" */
	size_t probe;	   /* the host that is or was probed, to return to it */
	bool returning;	   /* from a host that is bound to the one probed */
	unsigned strays;   /* returns in a row that did not come to a bind there */
	unsigned failures; /* in a row; the backoff's exponent */
	int64_t bound_at;  /* of the last bind, ms */
	bool stopping;	   /* BIND_STOP: do not come back */
	bool enquired;	   /* an enquire_link waits */
	bool unbind_sent;  /* ours */
	bool unbind_got;   /* the carrier's, answered */
	uint32_t sequence; /* of the bind or unbind that waits */
	char detail[160];  /* why BIND_CONNECT_FAILED; whoever raises it may set it before */
	char error[160];   /* the last thing that went wrong, "" when none */
	char alarm[300];   /* what a person must put right; "" when nothing, and once bound */
};

/* conf, ops and arg must outlive it. */
void bind_init(struct bind *b, const struct conf_link *conf, uint32_t command, const struct bind_ops *ops, void *arg);
/* p and verdict matter with BIND_PDU alone. */
void bind_fsm(struct bind *b, enum bind_event event, const struct pdu *p, enum pdu_verdict verdict);
const char *bind_host(const struct bind *b); /* as configured, or who connected to us */
/* Whether a connection that the carrier has opened would be bound now. */
bool bind_takes_outbind(const struct bind *b);
const char *bind_role(const struct bind *b); /* "transceiver", "transmitter", "receiver" */

#endif
