/* Listens for a carrier's outbind. */
#include "gateway/smpp/outbind.h"
#include "gateway/smpp/frame.h"
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/status.h"
#include "gateway/conf.h"
#include "gateway/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>
#include <openssl/crypto.h>

#define GUESTS_MAX 4		 /* connections without an outbind yet */
#define GUEST_OCTETS_MAX 256 /* of its first PDU: an outbind has 16 octets and two short strings */

struct guest {
	struct outbind *owner;
	struct bufferevent *bev; /* NULL: the place is free */
	char peer[64];
};

struct outbind {
	struct event_base *base;
	const struct conf_link *conf;
	outbind_taken_fn taken;
	void *arg;
	struct evconnlistener *listener;
	struct guest guests[GUESTS_MAX];
	char alarm[160];
};

static void
guest_close(struct guest *g)
{
	if (g->bev)
		bufferevent_free(g->bev);
	g->bev = NULL;
}

/* Past libevent, as the last word before the connection goes. */
static void
guest_nack(struct guest *g, uint32_t status, uint32_t sequence)
{
	uint8_t out[PDU_HEADER];
	int n = pdu_encode_simple(PDU_GENERIC_NACK, status, sequence, out, sizeof(out));

	if (n > 0)
		(void)!send(bufferevent_getfd(g->bev), out, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
	guest_close(g);
}

/* Takes the same time however much of it is right. */
static bool
is_secret(const char *want, const char *got)
{
	size_t len = strlen(want);

	return len == 0 || (strlen(got) == len && CRYPTO_memcmp(want, got, len) == 0);
}

static void
guest_outbind(struct guest *g, const struct pdu *p, const uint8_t *octets, size_t len)
{
	const struct conf_link *conf = g->owner->conf;
	struct bufferevent *bev = g->bev;

	if (!is_secret(conf->outbind_system_id ? conf->outbind_system_id : "", p->system_id) ||
		!is_secret(conf->outbind_password ? conf->outbind_password : "", p->password)) {
		log_warn("link=%s %s refused: its system_id or password is not the one configured", conf->name, g->peer);
		guest_close(g);
		return;
	}
	bufferevent_setcb(bev, NULL, NULL, NULL, NULL);
	bufferevent_set_timeouts(bev, NULL, NULL);
	bufferevent_setwatermark(bev, EV_READ, 0, 0);
	if (g->owner->taken(g->owner->arg, bev, g->peer, octets, len)) {
		g->bev = NULL; /* the session's */
		return;
	}
	log_info("link=%s %s not needed: the session is bound or being bound already", conf->name, g->peer);
	guest_close(g);
}

static void
on_readable(struct bufferevent *bev, void *arg)
{
	struct guest *g = arg;
	struct evbuffer *input = bufferevent_get_input(bev);
	uint8_t octets[GUEST_OCTETS_MAX] = {0};
	struct pdu p;
	size_t len;

	while (g->bev) {
		evbuffer_copyout(input, octets, FRAME_LENGTH);
		switch (frame_check(octets, evbuffer_get_length(input), &len)) {
		case FRAME_MORE:
			if (len > sizeof(octets))
				guest_nack(g, STATUS_INVALID_COMMAND_LENGTH, 0);
			return;
		case FRAME_BAD:
			guest_nack(g, STATUS_INVALID_COMMAND_LENGTH, 0);
			return;
		case FRAME_READY:
			break;
		}
		if (len > sizeof(octets)) {
			guest_nack(g, STATUS_INVALID_COMMAND_LENGTH, 0);
			return;
		}
		evbuffer_remove(input, octets, len);
		if (pdu_decode(octets, len, &p) == PDU_GOOD && p.command == PDU_OUTBIND) {
			guest_outbind(g, &p, octets, len);
		} else if (p.command == PDU_ENQUIRE_LINK) {
			uint8_t out[PDU_HEADER];
			int n = pdu_encode_simple(PDU_ENQUIRE_LINK_RESP, 0, p.sequence, out, sizeof(out));

			bufferevent_write(bev, out, n > 0 ? (size_t)n : 0);
		} else {
			log_warn(
				"link=%s %s sent %s where outbind was due", g->owner->conf->name, g->peer, pdu_command_name(p.command));
			guest_nack(g, STATUS_WRONG_BIND_STATE, p.sequence);
		}
	}
}

static void
on_gone(struct bufferevent *bev, short what, void *arg)
{
	struct guest *g = arg;

	(void)bev;
	if (what & BEV_EVENT_TIMEOUT)
		log_warn("link=%s %s sent no outbind in time", g->owner->conf->name, g->peer);
	guest_close(g);
}

static void
name_peer(struct guest *g, const struct sockaddr *address)
{
	char host[INET6_ADDRSTRLEN] = "";
	int port = 0;

	if (address->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		evutil_inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
		port = ntohs(in.sin_port);
	} else if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in;

		memcpy(&in, address, sizeof(in));
		evutil_inet_ntop(AF_INET6, &in.sin6_addr, host, sizeof(host));
		port = ntohs(in.sin6_port);
	}
	snprintf(g->peer, sizeof(g->peer), strchr(host, ':') ? "outbind [%s]:%d" : "outbind %s:%d", host, port);
}

static void
on_guest(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int len, void *arg)
{
	struct outbind *o = arg;
	struct timeval patience = {.tv_sec = o->conf->bind_seconds > 0 ? o->conf->bind_seconds : 30};
	struct guest *g = NULL;
	int one = 1;

	(void)listener;
	(void)len;
	for (size_t i = 0; i < GUESTS_MAX && !g; i++)
		if (!o->guests[i].bev)
			g = &o->guests[i];
	if (g)
		g->bev = bufferevent_socket_new(o->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!g || !g->bev) {
		evutil_closesocket(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	name_peer(g, address);
	bufferevent_setcb(g->bev, on_readable, NULL, on_gone, g);
	bufferevent_set_timeouts(g->bev, &patience, &patience);
	bufferevent_setwatermark(g->bev, EV_READ, 0, GUEST_OCTETS_MAX);
	bufferevent_enable(g->bev, EV_READ | EV_WRITE);
}

struct outbind *
outbind_new(struct event_base *base, const struct conf_link *conf, outbind_taken_fn taken, void *arg)
{
	struct outbind *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->base = base;
	o->conf = conf;
	o->taken = taken;
	o->arg = arg;
	for (size_t i = 0; i < GUESTS_MAX; i++)
		o->guests[i].owner = o;
	return o;
}

void
outbind_listen(struct outbind *o)
{
	struct sockaddr_storage address;
	int len = sizeof(address);

	if (o->listener)
		return;
	o->alarm[0] = '\0';
	if (evutil_parse_sockaddr_port(o->conf->outbind, (struct sockaddr *)&address, &len) == 0)
		o->listener = evconnlistener_new_bind(o->base, on_guest, o,
			LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, -1, (struct sockaddr *)&address, len);
	else
		errno = EINVAL;
	if (!o->listener) {
		snprintf(o->alarm, sizeof(o->alarm), "could not listen for outbind on %.60s: %.60s", o->conf->outbind,
			strerror(errno));
		log_error("link=%s alarm: %s", o->conf->name, o->alarm);
	}
}

void
outbind_close(struct outbind *o)
{
	if (o->listener)
		evconnlistener_free(o->listener);
	o->listener = NULL;
	o->alarm[0] = '\0';
	for (size_t i = 0; i < GUESTS_MAX; i++)
		guest_close(&o->guests[i]);
}

void
outbind_free(struct outbind *o)
{
	if (!o)
		return;
	outbind_close(o);
	free(o);
}

const char *
outbind_alarm(const struct outbind *o)
{
	return o ? o->alarm : "";
}
