/*
 * The carrier connects to us and sends outbind (SMPP 3.4, 2.2.1 and 4.1.7); the receiving session is then bound on that
 * connection. What comes before a good outbind is held in narrow bounds: anybody may connect.
 */
#ifndef GATEWAY_SMPP_OUTBIND_H
#define GATEWAY_SMPP_OUTBIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct conf_link;
struct event_base;
struct outbind;

/*
 * A connection with a good outbind, whose octets come along for the wire log; the callee owns the connection when it
 * returns true, otherwise it is closed.
 */
typedef bool (*outbind_taken_fn)(
	void *arg, struct bufferevent *bev, const char *peer, const uint8_t *octets, size_t len);

/* conf must outlive it. NULL without memory. It listens only from outbind_listen on. */
struct outbind *outbind_new(struct event_base *base, const struct conf_link *conf, outbind_taken_fn taken, void *arg);
void outbind_listen(struct outbind *o); /* what keeps it from listening is logged, and its alarm */
void outbind_close(struct outbind *o);	/* no more connections; those without an outbind are closed */
void outbind_free(struct outbind *o);
const char *outbind_alarm(const struct outbind *o); /* why it does not listen though it should; "" otherwise */

#endif
