/* Requests that wait for something to happen: long polls with a cursor, and server-sent events. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include "tests/smsc/http.h"

enum {
	WAITERS_MAX = 500,
	WAIT_SECONDS_MAX = 50, /* below the server's idle limit */
	BATCH = 1000,		   /* events in one answer */
	UNREAD_MOST = 4 << 20, /* a listener that lets so much pile up misses what comes then */
	HEARTBEAT_SECONDS = 15,
	AHEAD_MOST = 16 * 1024, /* what a client may send ahead while its request waits */
};

enum wait_kind {
	WAIT_MESSAGES,
	WAIT_RECORD,
	WAIT_EVENTS,
	WAIT_USSD
};

struct waiter {
	TAILQ_ENTRY(waiter) next;
	struct http *http;
	struct evhttp_request *request;
	struct event *timer;
	enum wait_kind kind;
	uint64_t after;
	size_t limit;
	char phone[NUMBER_ROOM]; /* "" = all */
	char direction[12];		 /* received, sent, "" = both */
	char only[16];			 /* a kind of record entry, "" = all */
	bool changes;			 /* states that changed count too */
};

static void
waiter_free(struct waiter *w)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(w->request);

	if (connection != NULL) {
		evhttp_connection_set_closecb(connection, NULL, NULL);
		evhttp_connection_set_timeout(connection, HTTP_IDLE_SECONDS);
		bufferevent_setwatermark(evhttp_connection_get_bufferevent(connection), EV_READ, 0, 0);
	}
	TAILQ_REMOVE(&w->http->waiters, w, next);
	w->http->nwaiters--;
	if (w->timer != NULL)
		event_free(w->timer);
	free(w);
}

/* The client went away. libevent leaves the request to us, without a connection, when it had not been answered. */
static void
on_gone(struct evhttp_connection *connection, void *arg)
{
	struct waiter *w = arg;
	struct evhttp_request *r = w->request;
	(void)connection;

	bool ours = evhttp_request_get_connection(r) == NULL;
	waiter_free(w);
	if (ours)
		evhttp_request_free(r);
}

static bool
wanted(const struct waiter *w, const struct phone_event *e, const struct text *t)
{
	if (t == NULL || (!e->fresh && !w->changes))
		return false;
	if (w->phone[0] != '\0' && strcmp(w->phone, e->phone->number) != 0)
		return false;
	return w->direction[0] == '\0' || strcmp(w->direction, t->to_phone ? "received" : "sent") == 0;
}

/* The texts that this waiter waits for, since its cursor; moves the cursor on. */
static json_t *
collect_texts(struct waiter *w, uint64_t *missed)
{
	struct phones *phones = w->http->carrier->phones;
	json_t *list = json_array();
	uint64_t lost;

	*missed = 0;
	while (json_array_size(list) < w->limit && w->after != phones_cursor(phones)) {
		struct phone_event e;
		if (phones_events(phones, w->after, &e, 1, &w->after, &lost) == 0)
			break;
		*missed += lost;
		const struct text *t = phone_text(e.phone, e.text);
		if (!wanted(w, &e, t))
			continue;
		json_t *o = api_text_json(e.phone, t);
		json_object_set_new(o, "cursor", json_integer((json_int_t)e.cursor));
		json_object_set_new(o, "fresh", json_boolean(e.fresh));
		json_array_append_new(list, o);
	}
	return list;
}

/* The phone's USSD screen, when it has changed since the version that the waiter knows. */
static bool
answer_ussd(struct waiter *w, bool anyhow)
{
	struct phone *ph = phones_find(w->http->carrier->phones, w->phone);
	uint64_t version = ph != NULL && ph->ussd != NULL ? ph->ussd->version : 0;

	if (version <= w->after && !anyhow)
		return false;
	json_t *o = api_ussd_json(ph, w->phone);
	struct evhttp_request *r = w->request;
	waiter_free(w);
	http_reply_json(r, 200, o);
	return true;
}

/* Answers a long poll when there is something to say, or when it must. */
static bool
answer(struct waiter *w, bool anyhow)
{
	if (w->kind == WAIT_USSD)
		return answer_ussd(w, anyhow);
	bool texts = w->kind == WAIT_MESSAGES;
	uint64_t missed, next = w->after;
	json_t *list = texts ? collect_texts(w, &missed)
						 : record_json(w->http->carrier->record, w->after, w->limit,
							   w->only[0] != '\0' ? w->only : NULL, &next, &missed);
	if (!texts)
		w->after = next;
	if (json_array_size(list) == 0 && !anyhow) {
		json_decref(list);
		return false;
	}
	json_t *o = json_pack("{s:I, s:I, s:o}", "next", (json_int_t)w->after, "missed", (json_int_t)missed,
		texts ? "messages" : "record", list);
	struct evhttp_request *r = w->request;
	waiter_free(w);
	http_reply_json(r, 200, o);
	return true;
}

/* Writes what happened to an open stream. */
static void
stream(struct waiter *w)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(w->request);
	struct evbuffer *pending = bufferevent_get_output(evhttp_connection_get_bufferevent(connection));
	struct evbuffer *out = evbuffer_new();
	uint64_t missed;

	if (out == NULL || evbuffer_get_length(pending) > UNREAD_MOST) {
		if (out != NULL)
			evbuffer_free(out);
		w->after = phones_cursor(w->http->carrier->phones);
		return;
	}
	json_t *list = collect_texts(w, &missed);
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *o = json_array_get(list, i);
		char *text = json_dumps(o, JSON_COMPACT);
		evbuffer_add_printf(out, "id: %lld\ndata: %s\n\n", (long long)json_integer_value(json_object_get(o, "cursor")),
			text != NULL ? text : "{}");
		free(text);
	}
	json_decref(list);
	if (evbuffer_get_length(out) > 0)
		evhttp_send_reply_chunk(w->request, out);
	evbuffer_free(out);
	/* A full batch: the rest in the next pass, after everyone else had a turn. */
	if (w->after != phones_cursor(w->http->carrier->phones))
		event_active(w->http->wake, EV_TIMEOUT, 0);
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct http *h = arg;
	struct waiter *w, *next;
	(void)fd;
	(void)what;

	for (w = TAILQ_FIRST(&h->waiters); w != NULL; w = next) {
		next = TAILQ_NEXT(w, next);
		if (w->kind == WAIT_EVENTS)
			stream(w);
		else
			answer(w, false);
	}
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct waiter *w = arg;
	(void)fd;
	(void)what;

	if (w->kind != WAIT_EVENTS) {
		answer(w, true);
		return;
	}
	struct evbuffer *out = evbuffer_new();
	if (out != NULL) {
		evbuffer_add_printf(out, ": still here\n\n");
		evhttp_send_reply_chunk(w->request, out);
		evbuffer_free(out);
	}
}

/* Joins the waiting. NULL after answering that there are too many. */
static struct waiter *
wait_new(struct call *c, enum wait_kind kind, int64_t seconds)
{
	struct http *h = c->http;
	struct timeval tv = {seconds, 0};
	struct waiter *w = h->nwaiters < WAITERS_MAX ? calloc(1, sizeof(*w)) : NULL;

	if (w == NULL) {
		http_reply_error(c->request, 503, "too many wait already");
		return NULL;
	}
	w->http = h;
	w->request = c->request;
	w->kind = kind;
	w->limit = BATCH;
	w->timer = event_new(c->carrier->base, -1, kind == WAIT_EVENTS ? EV_PERSIST : 0, on_timer, w);
	TAILQ_INSERT_TAIL(&h->waiters, w, next);
	h->nwaiters++;
	if (w->timer != NULL)
		event_add(w->timer, &tv);
	struct evhttp_connection *connection = evhttp_request_get_connection(c->request);
	evhttp_connection_set_closecb(connection, on_gone, w);
	/* evhttp stops reading while a request is served; only who reads hears that the other side went away. What else
	 * comes is left in the buffer for later. */
	struct bufferevent *bev = evhttp_connection_get_bufferevent(connection);
	bufferevent_data_cb written;
	bufferevent_event_cb failed;
	void *arg;
	bufferevent_getcb(bev, NULL, &written, &failed, &arg);
	bufferevent_setcb(bev, NULL, written, failed, arg);
	bufferevent_setwatermark(bev, EV_READ, 0, AHEAD_MOST);
	bufferevent_set_timeouts(bev, NULL, NULL);
	bufferevent_enable(bev, EV_READ);
	return w;
}

/* The filters that texts can be asked for by. false after answering 400. */
static bool
read_filters(struct call *c, struct waiter *w)
{
	const char *phone = http_query(c, "phone"), *direction = http_query(c, "direction");

	/* In a query a plus reads as a space. */
	if (phone[0] == ' ')
		phone++;
	bool good = phone[0] == '\0' || number_normalise(phone, w->phone) == 0;
	good = good && (direction[0] == '\0' || strcmp(direction, "received") == 0 || strcmp(direction, "sent") == 0);
	if (!good) {
		struct evhttp_request *r = w->request;
		waiter_free(w);
		http_reply_error(r, 400, "phone is a number, direction is received or sent");
		return false;
	}
	snprintf(w->direction, sizeof(w->direction), "%s", direction);
	return true;
}

/* after, limit and wait of a long poll. NULL after answering. */
static struct waiter *
poll_new(struct call *c, enum wait_kind kind)
{
	int64_t after = http_query_number(c, "after", 0, INT64_MAX);
	int64_t limit = after < 0 ? -1 : http_query_number(c, "limit", BATCH, BATCH);
	int64_t seconds = limit < 0 ? -1 : http_query_number(c, "wait", 0, 3600);

	if (seconds < 0)
		return NULL;
	struct waiter *w = wait_new(c, kind, seconds < WAIT_SECONDS_MAX ? seconds : WAIT_SECONDS_MAX);
	if (w == NULL)
		return NULL;
	w->after = (uint64_t)after;
	w->limit = limit > 0 ? (size_t)limit : 1;
	return w;
}

void
wait_messages(struct call *c)
{
	struct waiter *w = poll_new(c, WAIT_MESSAGES);

	if (w == NULL || !read_filters(c, w))
		return;
	w->changes = http_query(c, "changes")[0] == '1';
	answer(w, http_query(c, "wait")[0] == '\0');
}

void
wait_record(struct call *c)
{
	struct waiter *w = poll_new(c, WAIT_RECORD);

	if (w == NULL)
		return;
	snprintf(w->only, sizeof(w->only), "%s", http_query(c, "kind"));
	answer(w, http_query(c, "wait")[0] == '\0');
}

/* GET /phones/+86138.../ussd?after=VERSION&wait=SECONDS */
void
wait_ussd(struct call *c)
{
	struct waiter *w = poll_new(c, WAIT_USSD);

	if (w == NULL)
		return;
	memcpy(w->phone, c->number, sizeof(w->phone));
	answer(w, http_query(c, "wait")[0] == '\0');
}

void
wait_events(struct call *c)
{
	const char *last = evhttp_find_header(evhttp_request_get_input_headers(c->request), "Last-Event-ID");
	uint64_t newest = phones_cursor(c->carrier->phones);
	int64_t after = http_query_number(c, "after", (int64_t)newest, INT64_MAX);
	struct waiter *w = after < 0 ? NULL : wait_new(c, WAIT_EVENTS, HEARTBEAT_SECONDS);

	if (w == NULL || !read_filters(c, w))
		return;
	w->changes = true;
	w->after = last != NULL && last[0] != '\0' ? strtoull(last, NULL, 10) : (uint64_t)after;
	if (w->after > newest)
		w->after = newest;
	http_add_headers(c->request, "text/event-stream");
	evhttp_send_reply_start(c->request, 200, NULL);
	struct evbuffer *hello = evbuffer_new();
	if (hello != NULL) {
		evbuffer_add_printf(hello, "retry: 1000\n\n");
		evhttp_send_reply_chunk(c->request, hello);
		evbuffer_free(hello);
	}
	stream(w);
}

static void
something_happened(void *arg)
{
	struct http *h = arg;

	/* Once per pass of the loop, however many texts came in it. */
	if (h->nwaiters > 0)
		event_active(h->wake, EV_TIMEOUT, 0);
}

void
wait_start(struct http *h)
{
	h->wake = event_new(h->carrier->base, -1, 0, on_wake, h);
	phones_on_event(h->carrier->phones, something_happened, h);
	record_on_entry(h->carrier->record, something_happened, h);
}

void
wait_stop(struct http *h)
{
	struct waiter *w;

	phones_on_event(h->carrier->phones, NULL, NULL);
	record_on_entry(h->carrier->record, NULL, NULL);
	while ((w = TAILQ_FIRST(&h->waiters)) != NULL) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the list forgets a waiter that is freed */
		struct evhttp_request *r = w->request;
		bool streaming = w->kind == WAIT_EVENTS;
		waiter_free(w);
		if (streaming)
			evhttp_send_reply_end(r);
		else
			http_reply_error(r, 503, "the carrier ends");
	}
	event_free(h->wake);
}
