/*
 * What one connection has still to write: responses before requests, gathered per pass of the loop, in bounds.
 */
#ifndef GATEWAY_SMPP_OUTGOING_H
#define GATEWAY_SMPP_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct evbuffer;

struct outgoing {
	struct evbuffer *responses, *requests;
	/* Sees what is handed to the socket, whole PDUs, in that order. NULL = nobody looks. */
	void (*tap)(void *arg, const uint8_t *octets, size_t len);
	void *tap_arg;
};

/* 0, or -1 without memory (outgoing_clear and outgoing_free are then fine all the same). */
int outgoing_init(struct outgoing *o);
void outgoing_free(struct outgoing *o);
void outgoing_clear(struct outgoing *o); /* forgets what was not handed to the socket */

/* Copied. 0, or -1 without memory. */
int outgoing_response(struct outgoing *o, const uint8_t *octets, size_t len);
int outgoing_request(struct outgoing *o, const uint8_t *octets, size_t len);

/*
 * Hands what waits to the connection: every response; the requests only while little is queued there, so that later
 * responses can still overtake them. Returns true when the requests went (or there were none).
 */
bool outgoing_flush(struct outgoing *o, struct bufferevent *bev);
/* Octets that the peer has not taken yet, requests behind the socket's queue left out. */
size_t outgoing_length(const struct outgoing *o, struct bufferevent *bev);
/*
 * Writes what waits as far as the socket takes it now, past libevent, just before the connection is freed: the last
 * words (an unbind_resp, a generic_nack) nobody waits for.
 */
void outgoing_last(struct outgoing *o, struct bufferevent *bev);

#endif
