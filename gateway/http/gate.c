/* The gate on libevent's side: heads seen as they arrive, reading held back and let go on. */
#include "gateway/http/gate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include "gateway/http/head.h"
#include "gateway/http/server.h"

enum place {
	IN_HEAD,
	IN_BODY, /* a short one, or one that is refused */
	ASKING,	 /* not read on until it is known whose it is */
	WAITING, /* known; as many as may are being read */
	READING, /* known, and read */
};

struct seen {
	TAILQ_ENTRY(seen) link;
	struct http_gate *g;
	struct bufferevent *bev;
	struct evhttp_connection *c; /* NULL until its first octets */
	struct event *hold;
	enum place place;
	unsigned long number; /* of the question */
	bool browser;		  /* that asks by a cookie alone */
	size_t len;
	char *head; /* what has come of it; NULL between heads */
};

struct http_gate {
	struct gate_options o;
	TAILQ_HEAD(, seen) all;
	size_t reading;
	unsigned long asked, open; /* questions; those without an answer */
	bool over;
};

/* ---- Holding back and letting go --------------------------------------------------------------------------------- */

/* The library switches reading on after each piece; it is switched off when it has come back to the loop. */
static void
on_hold(evutil_socket_t fd, short what, void *arg)
{
	struct seen *s = arg;

	(void)fd;
	(void)what;
	if (s->place == ASKING || s->place == WAITING)
		bufferevent_disable(s->bev, EV_READ);
}

static void
go_on(struct seen *s, enum place place)
{
	s->place = place;
	s->g->reading += place == READING;
	evhttp_connection_set_max_body_size(s->c, (ev_ssize_t)(place == READING ? s->g->o.large : s->g->o.small));
	event_del(s->hold);
	bufferevent_enable(s->bev, EV_READ);
}

static void
let_next(struct http_gate *g)
{
	struct seen *s;

	TAILQ_FOREACH (s, &g->all, link) {
		if (g->reading >= GATE_AT_ONCE)
			return;
		if (s->place == WAITING)
			go_on(s, READING);
	}
}

/* Its body has come, or never will. */
static void
leave(struct seen *s)
{
	if (s->place == READING)
		s->g->reading--;
	s->place = IN_HEAD;
	s->len = 0;
	free(s->head);
	s->head = NULL;
}

static void
forget(struct seen *s)
{
	struct http_gate *g = s->g;

	leave(s);
	TAILQ_REMOVE(&g->all, s, link);
	event_free(s->hold);
	free(s);
	let_next(g);
}

static void
on_close(struct evhttp_connection *c, void *arg)
{
	(void)c;
	forget(arg);
}

/*
 * Its answer stands before the one that the library has for a body of that length, which ends the connection: what
 * comes behind the first answer is nobody's. It leaves when the body has been passed over.
 */
static void
send_on(const struct seen *s)
{
	(void)evbuffer_add_printf(bufferevent_get_output(s->bev),
		"HTTP/1.1 303 See Other\r\nLocation: %s\r\nContent-Length: 0\r\nCache-Control: no-store\r\nConnection: "
		"close\r\n\r\n",
		s->g->o.lost);
}

void
http_gate_known(struct http_gate *g, unsigned long number, bool known)
{
	struct seen *s;

	g->open--;
	if (g->over) {
		http_gate_free(g);
		return;
	}
	TAILQ_FOREACH (s, &g->all, link)
		if (s->place == ASKING && s->number == number)
			break;
	if (s == NULL)
		return;
	if (!known) {
		if (s->browser && g->o.lost != NULL)
			send_on(s);
		go_on(s, IN_BODY);
		return;
	}
	s->place = WAITING;
	let_next(g);
}

/* ---- Heads ------------------------------------------------------------------------------------------------------- */

static void
judge(struct seen *s, size_t end)
{
	struct http_gate *g = s->g;
	struct http_head head;

	http_head_read(s->head, end, &head);
	leave(s);
	s->place = IN_BODY;
	bool small = !head.chunked && head.length <= (int64_t)g->o.small;
	bool nobody = *head.cookie == '\0' && *head.authorization == '\0';
	if (small || nobody || (!head.chunked && head.length > (int64_t)g->o.large))
		return;
	s->place = ASKING;
	s->number = ++g->asked;
	s->browser = *head.authorization == '\0';
	g->open++;
	evhttp_connection_set_max_body_size(s->c, (ev_ssize_t)g->o.large);
	event_active(s->hold, EV_TIMEOUT, 1);
	g->o.ask(g->o.arg, g, &head, s->number);
}

/* The last n octets of what lies in the buffer are new. */
static void
take(struct seen *s, struct evbuffer *in, size_t n)
{
	struct evbuffer_ptr at;
	size_t all = evbuffer_get_length(in), end;

	if (s->head == NULL && (s->head = malloc(HTTP_HEADERS_MAX)) == NULL) {
		s->place = IN_BODY;
		return;
	}
	if (n > all || evbuffer_ptr_set(in, &at, all - n, EVBUFFER_PTR_SET) != 0)
		return;
	ev_ssize_t got =
		evbuffer_copyout_from(in, &at, s->head + s->len, n < HTTP_HEADERS_MAX - s->len ? n : HTTP_HEADERS_MAX - s->len);
	s->len += got > 0 ? (size_t)got : 0;
	if ((end = http_head_end(s->head, s->len)) > 0) {
		judge(s, end);
	} else if (s->len == HTTP_HEADERS_MAX) {
		/* Longer than a head may be: the library refuses it. */
		leave(s);
		s->place = IN_BODY;
	}
}

static void
on_input(struct evbuffer *in, const struct evbuffer_cb_info *info, void *arg)
{
	struct seen *s = arg;

	if (info->n_added == 0 || s->place != IN_HEAD)
		return;
	if (s->c == NULL) {
		void *of = NULL;
		bufferevent_getcb(s->bev, NULL, NULL, NULL, &of);
		if (of == NULL)
			return;
		s->c = of;
		evhttp_connection_set_closecb(s->c, on_close, s);
	}
	take(s, in, info->n_added);
}

/* ---- Connections ------------------------------------------------------------------------------------------------- */

static struct bufferevent *
on_connection(struct event_base *base, void *arg)
{
	struct http_gate *g = arg;
	struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);
	struct seen *s = bev == NULL ? NULL : calloc(1, sizeof(*s));

	if (s == NULL)
		return bev; /* without one it may send what everybody may */
	*s = (struct seen){.g = g, .bev = bev};
	s->hold = event_new(base, -1, 0, on_hold, s);
	if (s->hold == NULL || evbuffer_add_cb(bufferevent_get_input(bev), on_input, s) == NULL) {
		if (s->hold != NULL)
			event_free(s->hold);
		free(s);
		return bev;
	}
	TAILQ_INSERT_TAIL(&g->all, s, link);
	return bev;
}

static struct seen *
find(struct http_gate *g, const struct evhttp_connection *c)
{
	struct seen *s;

	TAILQ_FOREACH (s, &g->all, link)
		if (s->c == c)
			break;
	return s;
}

void
http_gate_request(struct http_gate *g, struct evhttp_connection *c)
{
	struct seen *s = find(g, c);

	if (s == NULL)
		return;
	leave(s);
	evhttp_connection_set_max_body_size(c, (ev_ssize_t)g->o.small);
	let_next(g);
	/* Of a next request that came with it. */
	struct evbuffer *in = bufferevent_get_input(s->bev);
	if (evbuffer_get_length(in) > 0)
		take(s, in, evbuffer_get_length(in));
}

void
http_gate_back(struct http_gate *g, struct evhttp_connection *c, bool gone)
{
	struct seen *s = find(g, c);

	if (s != NULL && gone)
		forget(s);
	else if (s != NULL)
		evhttp_connection_set_closecb(c, on_close, s);
}

struct http_gate *
http_gate_new(struct evhttp *http, const struct gate_options *o)
{
	struct http_gate *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->o = *o;
	TAILQ_INIT(&g->all);
	evhttp_set_max_body_size(http, (ev_ssize_t)o->small);
	/* What is refused is read to its end and dropped: then its sender sees the answer and not a broken connection. */
	evhttp_set_flags(http, EVHTTP_SERVER_LINGERING_CLOSE);
	evhttp_set_bevcb(http, on_connection, g);
	return g;
}

void
http_gate_free(struct http_gate *g)
{
	struct seen *s;

	if (g == NULL)
		return;
	g->over = true;
	while ((s = TAILQ_FIRST(&g->all)) != NULL)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): forget takes what it frees off the list */
		forget(s);
	/* Whoever was asked still has it. */
	if (g->open == 0)
		free(g);
}
