/* What the files of a session share; nobody else looks in here. */
#ifndef GATEWAY_SMPP_SESSION_INTERNAL_H
#define GATEWAY_SMPP_SESSION_INTERNAL_H

#include "gateway/smpp/bind.h"
#include "gateway/smpp/outgoing.h"
#include "gateway/smpp/session.h"
#include "gateway/smpp/wire.h"

struct bufferevent;
struct connect;
struct event;

struct session {
	struct event_base *base;
	const struct conf_link *conf;
	const struct session_calls *calls;
	void *arg;
	struct bind bind;
	struct window *window;

	struct connect *connect, *probe;
	struct bufferevent *bev;
	struct outgoing out;
	struct wire *wire;
	struct wire_flow flow;
	bool paused; /* reading is */
	size_t unanswered;
	int64_t malformed_at; /* of the minute that is counted */
	unsigned malformed;	  /* in it */
	size_t refused;		  /* entries of the window with a refusal */
	char name[17];
	uint32_t number;

	struct event *state_timer, *silence_timer, *late_timer, *flush;
	int64_t silence_ms, heard_at;
	uint8_t in[PDU_MAX];
};

extern const struct bind_ops session_ops; /* what the machine has done: session_ops.c */

void session_timer(struct event *timer, int64_t ms); /* -1 = off */
void session_raise(struct session *s, enum bind_event event);
/* Copies a PDU to what waits to be written, and has it written in this pass of the loop. len <= 0: nothing. */
void session_queue(struct session *s, bool request, const uint8_t *octets, int len);
void session_flush(struct session *s);			/* hands what waits to the socket */
void session_settle_refused(struct session *s); /* parts that no submit_sm can hold */
void session_read_or_pause(struct session *s);	/* by how much is held */
void session_check_idle(struct session *s);		/* a drain waits for this */
bool session_may_tell(struct session *s);		/* of a PDU that is not as it should be, unless there were many */
void session_drop(struct session *s);			/* the connection, without a word to anybody */
/* The connection that the session lives on from now on; whoever calls raises the event that says so. */
void session_adopt(struct session *s, struct bufferevent *bev);
/* connect.h's callback. */
void session_connected(void *arg, struct bufferevent *bev, const char *error);

#endif
