/* One HTTP listener: listening, bounds, and the way of a request to its row in the route table. */
#include "gateway/http/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/gate.h"
#include "gateway/log.h"
#include "gateway/now.h"

/* An answer's last octets do not wait for the reader to acknowledge the others. */
static void
send_at_once(struct evhttp_request *ev)
{
	struct bufferevent *b = evhttp_connection_get_bufferevent(evhttp_request_get_connection(ev));
	int on = 1;

	(void)setsockopt(bufferevent_getfd(b), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* ---- One request ---------------------------------------------------------------------------------------------- */

/* Who asks: the peer, or whom our own proxies say it is. */
static void
find_client(struct http_request *r)
{
	struct evhttp_connection *c = evhttp_request_get_connection(r->ev);
	char *peer = NULL;
	ev_uint16_t port;

	evhttp_connection_get_peer(c, &peer, &port);
	if (form_forwarded(http_header(r, "X-Forwarded-For"), r->server->o.proxies, r->client, sizeof(r->client)) != 0)
		snprintf(r->client, sizeof(r->client), "%s", peer == NULL ? "" : peer);
	form_network(r->client, r->network, sizeof(r->network));
}

/* Takes the address apart. 0, or the status to refuse it with. */
static int
read_address(struct http_request *r)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(r->ev);
	const char *path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
	const char *query = uri == NULL ? NULL : evhttp_uri_get_query(uri);
	const char *language;

	if (path == NULL || strlen(path) >= sizeof(r->path))
		return 404;
	snprintf(r->path, sizeof(r->path), "%s", path);
	if (query != NULL && form_parse(&r->query, query, strlen(query)) != 0)
		return 400;
	language = form_get(&r->query, "lang");
	if (language != NULL && strlen(language) < sizeof(r->language) && html_has_language(r->server->o.html, language))
		snprintf(r->language, sizeof(r->language), "%s", language);
	if (*r->language != '\0')
		http_set_cookie(r, HTTP_LANGUAGE_COOKIE, r->language, "/");
	return 0;
}

/* The names of the methods that some row of this path takes: "GET, HEAD, POST". */
static void
allow(struct http_request *r, const char *path)
{
	static const struct {
		unsigned method;
		const char *names;
	} methods[] = {{ROUTER_GET, "GET, HEAD"}, {ROUTER_POST, "POST"}, {ROUTER_PUT, "PUT"}, {ROUTER_DELETE, "DELETE"}};
	const struct http_options *o = &r->server->o;
	unsigned taken = 0;
	char line[64] = "";
	size_t used = 0;

	for (size_t i = 0; i < o->nroutes; i++)
		if (strcmp(o->routes[i].path, path) == 0)
			taken |= o->routes[i].methods;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if ((taken & methods[i].method) != 0)
			used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s", used == 0 ? "" : ", ", methods[i].names);
	http_set_header(r, "Allow", line);
}

static int
route_request(struct http_request *r)
{
	const struct http_options *o = &r->server->o;

	r->route = router_match(o->routes, o->nroutes, r->path, &r->params);
	if (r->route == NULL)
		return 404;
	/* A row for each method: the same path may stand in the table twice. */
	for (const struct route *row = r->route; row < o->routes + o->nroutes; row++)
		if (strcmp(row->path, r->route->path) == 0 && (row->methods & r->method) != 0) {
			r->route = row;
			return 0;
		}
	allow(r, r->route->path);
	return 405;
}

/* What a request wants; 0 for a method that no route has. */
static enum router_method
method_of(enum evhttp_cmd_type method)
{
	switch (method) {
	case EVHTTP_REQ_GET:
	case EVHTTP_REQ_HEAD:
		return ROUTER_GET;
	case EVHTTP_REQ_POST:
		return ROUTER_POST;
	case EVHTTP_REQ_PUT:
		return ROUTER_PUT;
	case EVHTTP_REQ_DELETE:
		return ROUTER_DELETE;
	default:
		return 0;
	}
}

static void
serve(struct evhttp_request *ev, void *arg)
{
	struct http_server *s = arg;
	struct http_request *r = calloc(1, sizeof(*r));
	enum evhttp_cmd_type method = evhttp_request_get_command(ev);

	if (r == NULL) {
		evhttp_send_error(ev, 503, NULL);
		return;
	}
	r->server = s;
	r->g = s->g;
	r->owner = s->o.owner;
	r->ev = ev;
	r->began_us = now_us();
	r->head = method == EVHTTP_REQ_HEAD;
	r->method = method_of(method);
	r->post = r->method != ROUTER_GET;
	TAILQ_INSERT_TAIL(&s->pending, r, link);
	s->npending++;
	send_at_once(ev);
	if (s->gate != NULL)
		http_gate_request(s->gate, evhttp_request_get_connection(ev));
	find_client(r);
	int status = read_address(r);
	if (status == 0)
		status = route_request(r);
	/* A form of another site's page: the cookies would not come along, and nothing of ours is posted from there. */
	const char *site = http_header(r, "Sec-Fetch-Site");
	if (status == 0 && r->post && site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		status = 403;
	if (status != 0)
		http_reply_error(r, status);
	else
		r->route->serve(r);
}

void
http_request_end(struct http_request *r)
{
	if (r->server != NULL) {
		TAILQ_REMOVE(&r->server->pending, r, link);
		r->server->npending--;
	}
	form_free(&r->query);
	form_free(&r->form);
	free(r);
}

const char *
http_header(const struct http_request *r, const char *name)
{
	return r->ev == NULL ? NULL : evhttp_find_header(evhttp_request_get_input_headers(r->ev), name);
}

int
http_cookie(const struct http_request *r, const char *name, char *out, size_t room)
{
	return form_cookie(http_header(r, "Cookie"), name, out, room);
}

const char *
http_body_upto(struct http_request *r, size_t most, size_t *len)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(r->ev);

	*len = evbuffer_get_length(in);
	if (*len > most) {
		http_reply_error(r, 413);
		return NULL;
	}
	const unsigned char *body = evbuffer_pullup(in, -1);
	return body == NULL ? "" : (const char *)body;
}

const char *
http_body(struct http_request *r, size_t *len)
{
	return http_body_upto(r, HTTP_BODY_MAX, len);
}

int
http_read_form_upto(struct http_request *r, size_t most)
{
	static const char type[] = "application/x-www-form-urlencoded";
	const char *sent = http_header(r, "Content-Type");
	size_t len;
	const char *body = http_body_upto(r, most, &len);

	if (body == NULL)
		return -1;
	if (sent == NULL || strncasecmp(sent, type, sizeof(type) - 1) != 0 || form_parse(&r->form, body, len) != 0) {
		http_reply_error(r, 400);
		return -1;
	}
	return 0;
}

int
http_read_form(struct http_request *r)
{
	return http_read_form_upto(r, HTTP_BODY_MAX);
}

/* ---- The listener --------------------------------------------------------------------------------------------- */

/* "HOST:PORT" or "[HOST]:PORT" -> its parts. */
static int
split_listen(const char *listen, char *host, size_t room, uint16_t *port)
{
	const char *colon = strrchr(listen, ':');
	char *end;

	if (colon == NULL || colon == listen || colon[1] == '\0')
		return -1;
	unsigned long n = strtoul(colon + 1, &end, 10);
	size_t len = (size_t)(colon - listen);
	if (listen[0] == '[' && colon[-1] == ']') {
		listen++;
		len -= 2;
	}
	if (*end != '\0' || n > 65535 || len >= room)
		return -1;
	memcpy(host, listen, len);
	host[len] = '\0';
	*port = (uint16_t)n;
	return 0;
}

/* The port that was really taken, into s->address. */
static void
name_address(struct http_server *s, evutil_socket_t fd, const char *host)
{
	struct sockaddr_storage addr = {0};
	socklen_t len = sizeof(addr);
	uint16_t port = 0;

	if (getsockname(fd, (struct sockaddr *)&addr, &len) == 0)
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): the whole of addr is set to zero */
		port = ntohs(addr.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&addr)->sin6_port
												: ((struct sockaddr_in *)&addr)->sin_port);
	snprintf(s->address, sizeof(s->address), strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

struct http_server *
http_server_new(struct gateway *g, const struct http_options *o, const char **error)
{
	struct http_server *s = calloc(1, sizeof(*s));
	char host[96];
	uint16_t port;

	*error = "without memory";
	if (s == NULL)
		return NULL;
	s->g = g;
	s->o = *o;
	s->secure = strncmp(g->conf->public_url, "https:", 6) == 0;
	TAILQ_INIT(&s->pending);
	if (split_listen(o->listen, host, sizeof(host), &port) != 0) {
		*error = "the address to listen on must be HOST:PORT";
		free(s);
		return NULL;
	}
	s->http = evhttp_new(g->base);
	struct evhttp_bound_socket *bound = s->http == NULL ? NULL : evhttp_bind_socket_with_handle(s->http, host, port);
	if (bound == NULL) {
		static char text[200];
		snprintf(text, sizeof(text), "could not listen on %s: %s", o->listen, strerror(errno));
		*error = text;
		if (s->http != NULL)
			evhttp_free(s->http);
		free(s);
		return NULL;
	}
	name_address(s, evhttp_bound_socket_get_fd(bound), host);
	evhttp_set_max_headers_size(s->http, HTTP_HEADERS_MAX);
	/* More than what is taken is read, so that whoever sent too much sees our page and not a closed socket. */
	evhttp_set_max_body_size(s->http, (ev_ssize_t)(o->body_max > HTTP_BODY_MAX ? o->body_max * 2 : HTTP_BODY_MAX * 4));
	if (o->ask != NULL) {
		struct gate_options gate = {.small = (size_t)HTTP_BODY_MAX * 4,
			.large = o->body_max * 2,
			.ask = o->ask,
			.arg = o->owner,
			.lost = o->lost};
		s->gate = http_gate_new(s->http, &gate);
	}
	evhttp_set_timeout(s->http, HTTP_SECONDS);
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
											EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PATCH);
	evhttp_set_gencb(s->http, serve, s);
	return s;
}

void
http_server_free(struct http_server *s)
{
	struct http_request *r;

	if (s == NULL)
		return;
	/* Callbacks still hold these; they find that there is nobody to answer. */
	while ((r = TAILQ_FIRST(&s->pending)) != NULL) {
		TAILQ_REMOVE(&s->pending, r, link);
		r->server = NULL;
		r->ev = NULL;
	}
	evhttp_free(s->http);
	http_gate_free(s->gate);
	free(s);
}

const char *
http_server_address(const struct http_server *s)
{
	return s->address;
}

size_t
http_server_pending(const struct http_server *s)
{
	return s->npending;
}
