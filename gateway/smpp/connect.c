/* Opens a carrier's connection: names, addresses in turn, TLS. */
#include "gateway/smpp/connect.h"
#include "gateway/smpp/tls.h"
#include "gateway/conf.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#define DEFAULT_PORT "2775"

struct connect {
	struct event_base *base;
	char name[256], port[16];
	const struct conf_link *conf;
	bool tls, numeric, resolved;
	connect_done_fn done;
	void *arg;
	struct event *step; /* begins, and goes on when the name is resolved: from the loop, out of anyone's callback */
	struct evdns_base *dns;
	struct evdns_getaddrinfo_request *request;
	struct evutil_addrinfo *addresses, *next;
	struct bufferevent *bev;
	char error[TLS_WHY];
};

static void try_next(struct connect *c);

static void
connect_free(struct connect *c)
{
	if (c->request)
		evdns_getaddrinfo_cancel(c->request);
	if (c->bev)
		bufferevent_free(c->bev);
	if (c->addresses)
		evutil_freeaddrinfo(c->addresses);
	if (c->dns)
		evdns_base_free(c->dns, 0);
	if (c->step)
		event_free(c->step);
	free(c);
}

static void
finish(struct connect *c)
{
	connect_done_fn done = c->done;
	void *arg = c->arg;
	struct bufferevent *bev = c->bev;
	char error[sizeof(c->error)];

	memcpy(error, c->error, sizeof(error));
	c->bev = NULL;
	connect_free(c);
	done(arg, bev, bev ? NULL : error);
}

/* The most telling reason that is to be had: a refused certificate, else the socket's error. */
static void
note_error(struct connect *c)
{
	SSL *ssl = c->tls ? bufferevent_openssl_get_ssl(c->bev) : NULL;
	long verify = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;
	unsigned long code = c->tls ? bufferevent_get_openssl_error(c->bev) : 0;
	int err = EVUTIL_SOCKET_ERROR();

	if (verify != X509_V_OK)
		snprintf(c->error, sizeof(c->error), "certificate refused: %s", X509_verify_cert_error_string(verify));
	else if (code)
		snprintf(c->error, sizeof(c->error), "could not speak TLS: %s", ERR_reason_error_string(code));
	else
		snprintf(c->error, sizeof(c->error), "could not connect: %s",
			err ? evutil_socket_error_to_string(err) : "closed by the carrier");
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct connect *c = arg;

	if (what & BEV_EVENT_CONNECTED) {
		bufferevent_setcb(bev, NULL, NULL, NULL, NULL);
		finish(c);
		return;
	}
	note_error(c);
	bufferevent_free(bev);
	c->bev = NULL;
	try_next(c);
}

static struct bufferevent *
make_bufferevent(struct connect *c)
{
	struct bufferevent *bev;
	SSL *ssl;

	snprintf(c->error, sizeof(c->error), "could not prepare a connection: no memory");
	if (!c->tls)
		return bufferevent_socket_new(c->base, -1, BEV_OPT_CLOSE_ON_FREE);
	ssl = tls_client(c->conf, c->name, c->numeric, c->error, sizeof(c->error));
	if (!ssl)
		return NULL;
	bev = bufferevent_openssl_socket_new(c->base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	if (!bev)
		SSL_free(ssl);
	else
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

static void
try_next(struct connect *c)
{
	while (c->next) {
		struct evutil_addrinfo *a = c->next;
		int one = 1;

		c->next = a->ai_next;
		c->bev = make_bufferevent(c);
		if (!c->bev)
			break;
		bufferevent_setcb(c->bev, NULL, NULL, on_event, c);
		if (bufferevent_socket_connect(c->bev, a->ai_addr, (int)a->ai_addrlen) == 0) {
			/* Texts are small and wait for their answers: Nagle's delay would be the whole latency. */
			setsockopt(bufferevent_getfd(c->bev), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			return;
		}
		note_error(c);
		bufferevent_free(c->bev);
		c->bev = NULL;
	}
	finish(c);
}

static void
on_resolved(int result, struct evutil_addrinfo *addresses, void *arg)
{
	struct connect *c = arg;

	if (result == EVUTIL_EAI_CANCEL)
		return;
	c->request = NULL;
	c->resolved = true;
	if (result)
		snprintf(c->error, sizeof(c->error), "could not resolve %.100s: %s", c->name, evutil_gai_strerror(result));
	c->addresses = c->next = addresses;
	event_active(c->step, EV_TIMEOUT, 0);
}

static void
resolve(struct connect *c)
{
	struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};
	struct evutil_addrinfo *addresses = NULL;

	hints.ai_flags = EVUTIL_AI_NUMERICHOST;
	if (evutil_getaddrinfo(c->name, c->port, &hints, &addresses) == 0) {
		c->numeric = c->resolved = true;
		c->addresses = c->next = addresses;
		try_next(c);
		return;
	}
	hints.ai_flags = 0;
	c->dns = evdns_base_new(c->base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (!c->dns) {
		/* Without a name server the hosts file still counts. */
		c->dns = evdns_base_new(c->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
		if (c->dns)
			evdns_base_load_hosts(c->dns, "/etc/hosts");
	}
	if (!c->dns) {
		snprintf(c->error, sizeof(c->error), "could not resolve %.100s: no resolver", c->name);
		finish(c);
		return;
	}
	/* NULL when the callback has run already, as for a name of the hosts file. */
	c->request = evdns_getaddrinfo(c->dns, c->name, c->port, &hints, on_resolved, c);
}

static void
on_step(evutil_socket_t fd, short what, void *arg)
{
	struct connect *c = arg;

	(void)fd;
	(void)what;
	if (c->resolved)
		try_next(c);
	else
		resolve(c);
}

/* "name:port", "[v6]:port", "name", "v6" */
static void
split_host(struct connect *c, const char *host)
{
	const char *colon = strrchr(host, ':'), *close = strchr(host, ']');
	size_t len;

	if (host[0] == '[' && close) {
		host++;
		len = (size_t)(close - host);
		colon = close[1] == ':' ? close + 1 : NULL;
	} else if (colon && strchr(host, ':') == colon) {
		len = (size_t)(colon - host);
	} else {
		colon = NULL;
		len = strlen(host);
	}
	snprintf(c->name, sizeof(c->name), "%.*s", (int)len, host);
	snprintf(c->port, sizeof(c->port), "%s", colon && colon[1] ? colon + 1 : DEFAULT_PORT);
}

struct connect *
connect_start(struct event_base *base, const char *host, const struct conf_link *conf, connect_done_fn done, void *arg)
{
	struct connect *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->base = base;
	c->conf = conf;
	c->tls = conf->tls;
	c->done = done;
	c->arg = arg;
	split_host(c, host);
	snprintf(c->error, sizeof(c->error), "could not resolve %.100s: no address", c->name);
	c->step = evtimer_new(base, on_step, c);
	if (!c->step) {
		free(c);
		return NULL;
	}
	event_active(c->step, EV_TIMEOUT, 0);
	return c;
}

void
connect_cancel(struct connect *c)
{
	connect_free(c);
}
