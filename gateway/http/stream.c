/* Answers in pieces, by chunks of HTTP/1.1; the connection says when the next one may come, and when its reader is
 * gone. */
#include "gateway/http/stream.h"

#include <stdlib.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include "gateway/http/gate.h"
#include "gateway/http/server.h"

struct http_stream {
	struct http_request *r;
	bool closed, writing;
	void (*more)(void *arg);
	void *arg;
};

static void
on_close(struct evhttp_connection *connection, void *arg)
{
	struct http_stream *s = arg;

	s->closed = true;
	if (s->r->server != NULL && s->r->server->gate != NULL)
		http_gate_back(s->r->server->gate, connection, true);
	if (!s->writing)
		return;
	s->writing = false;
	s->more(s->arg);
}

static void
on_written(struct evhttp_connection *connection, void *arg)
{
	struct http_stream *s = arg;

	(void)connection;
	if (!s->writing)
		return;
	s->writing = false;
	s->more(s->arg);
}

struct http_stream *
http_stream_begin(struct http_request *r, const char *type, void (*more)(void *arg), void *arg)
{
	struct http_stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = (struct http_stream){.r = r, .more = more, .arg = arg, .closed = r->ev == NULL};
	if (r->ev != NULL) {
		http_reply_headers(r, 200, type, HTTP_NO_STORE);
		evhttp_connection_set_closecb(evhttp_request_get_connection(r->ev), on_close, s);
		evhttp_send_reply_start(r->ev, 200, "OK");
	}
	return s;
}

bool
http_stream_open(const struct http_stream *s)
{
	return !s->closed && s->r->ev != NULL;
}

void
http_stream_add(struct http_stream *s, struct evbuffer *body)
{
	s->writing = true;
	evhttp_send_reply_chunk_with_cb(s->r->ev, body, on_written, s);
}

void
http_stream_end(struct http_stream *s)
{
	struct evhttp_request *ev = s->r->ev;

	if (ev != NULL) {
		struct evhttp_connection *connection = evhttp_request_get_connection(ev);
		if (connection != NULL)
			evhttp_connection_set_closecb(connection, NULL, NULL);
		if (connection != NULL && s->r->server != NULL && s->r->server->gate != NULL && !s->closed)
			http_gate_back(s->r->server->gate, connection, false);
		evhttp_send_reply_end(ev);
	}
	http_request_end(s->r);
	free(s);
}
