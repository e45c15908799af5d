/* The queues in front of a connection's socket. */
#include "gateway/smpp/outgoing.h"

#include <sys/socket.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/ssl.h>

#define AHEAD (size_t)(16 * 1024) /* octets queued at the socket beyond which requests wait */

int
outgoing_init(struct outgoing *o)
{
	o->responses = evbuffer_new();
	o->requests = evbuffer_new();
	return o->responses && o->requests ? 0 : -1;
}

void
outgoing_free(struct outgoing *o)
{
	if (o->responses)
		evbuffer_free(o->responses);
	if (o->requests)
		evbuffer_free(o->requests);
}

void
outgoing_clear(struct outgoing *o)
{
	if (o->responses)
		evbuffer_drain(o->responses, evbuffer_get_length(o->responses));
	if (o->requests)
		evbuffer_drain(o->requests, evbuffer_get_length(o->requests));
}

int
outgoing_response(struct outgoing *o, const uint8_t *octets, size_t len)
{
	return evbuffer_add(o->responses, octets, len);
}

int
outgoing_request(struct outgoing *o, const uint8_t *octets, size_t len)
{
	return evbuffer_add(o->requests, octets, len);
}

static void
show(const struct outgoing *o, struct evbuffer *waiting)
{
	size_t len = o->tap ? evbuffer_get_length(waiting) : 0;
	const uint8_t *octets = len ? evbuffer_pullup(waiting, -1) : NULL;

	if (octets)
		o->tap(o->tap_arg, octets, len);
}

bool
outgoing_flush(struct outgoing *o, struct bufferevent *bev)
{
	struct evbuffer *out = bufferevent_get_output(bev);
	bool at_once = evbuffer_get_length(out) == 0 && bufferevent_openssl_get_ssl(bev) == NULL;

	show(o, o->responses);
	if (!at_once) {
		evbuffer_add_buffer(out, o->responses);
		if (evbuffer_get_length(o->requests) && evbuffer_get_length(out) > AHEAD)
			return false;
	}
	show(o, o->requests);
	if (!at_once) {
		evbuffer_add_buffer(out, o->requests);
		return true;
	}
	/* The socket most often takes it all; to ask first whether it may be written would be three system calls. */
	evbuffer_add_buffer(o->responses, o->requests);
	if (evbuffer_get_length(o->responses) > 0)
		(void)evbuffer_write(o->responses, bufferevent_getfd(bev));
	evbuffer_add_buffer(out, o->responses); /* what it has not taken, and whoever learns what is wrong */
	return true;
}

size_t
outgoing_length(const struct outgoing *o, struct bufferevent *bev)
{
	return evbuffer_get_length(bufferevent_get_output(bev)) + evbuffer_get_length(o->responses);
}

void
outgoing_last(struct outgoing *o, struct bufferevent *bev)
{
	struct evbuffer *out = bufferevent_get_output(bev);
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	uint8_t *octets;
	size_t len;

	show(o, o->responses);
	evbuffer_add_buffer(out, o->responses);
	len = evbuffer_get_length(out);
	octets = len ? evbuffer_pullup(out, -1) : NULL;
	if (!octets)
		return;
	if (ssl)
		(void)!SSL_write(ssl, octets, (int)len);
	else
		(void)!send(bufferevent_getfd(bev), octets, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}
