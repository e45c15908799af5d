/*
 * Before a long body: libevent would collect all of it before anybody is asked who sends it. The gate reads each
 * request's head as it comes; what is short goes on as ever. A longer body waits unread until whoever sends it is known
 * by session or key, and so many at once are read; everybody else's is passed over unkept and answered with 413, or, when
 * it comes from a browser whose session is over, by sending that on.
 */
#ifndef GATEWAY_HTTP_GATE_H
#define GATEWAY_HTTP_GATE_H

#include <stdbool.h>
#include <stddef.h>

struct evhttp;
struct evhttp_connection;
struct http_gate;
struct http_head;

#define GATE_AT_ONCE 4 /* long bodies that are read at the same time; others wait their turn */

struct gate_options {
	size_t small; /* octets that everybody may send */
	size_t large; /* octets that those may who are known */
	/*
	 * Asks whether somebody is known by this head; answers (once, at once or later) with http_gate_known and the
	 * number it was given.
	 */
	void (*ask)(void *arg, struct http_gate *g, const struct http_head *head, unsigned long number);
	void *arg;
	/* Where a browser is sent whose cookie nobody knows (any more); it lives as long as the gate. NULL: it gets a 413. */
	const char *lost;
};

/* Every connection that comes to http from now on goes through it. NULL without memory. */
struct http_gate *http_gate_new(struct evhttp *http, const struct gate_options *o);
void http_gate_free(struct http_gate *g); /* after evhttp_free */
void http_gate_known(struct http_gate *g, unsigned long number, bool known);
/* The request of this connection has come whole: its next one begins with a head again. */
void http_gate_request(struct http_gate *g, struct evhttp_connection *c);
/* Somebody else has used the connection's close callback and gives it back; gone: the connection is over. */
void http_gate_back(struct http_gate *g, struct evhttp_connection *c, bool gone);

#endif
