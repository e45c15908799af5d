/* The HTTP server of the pretend carrier: its routes, and how answers are made. Everything that comes in is bounded. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include "tests/smsc/address.h"
#include "tests/smsc/http.h"

enum {
	HEADERS_MOST = 16 * 1024,
	BODY_MOST = SCRIPT_MAX,
	IDLE_SECONDS = 60
};

/* A '+' in the pattern stands for a phone's number. */
static const struct {
	enum evhttp_cmd_type method;
	const char *pattern;
	void (*serve)(struct call *c);
} routes[] = {
	{EVHTTP_REQ_GET, "/", page_show},
	{EVHTTP_REQ_POST, "/send", page_send},
	{EVHTTP_REQ_POST, "/dial", page_dial},
	{EVHTTP_REQ_POST, "/ussd", page_ussd},
	{EVHTTP_REQ_GET, "/phone.css", page_file},
	{EVHTTP_REQ_GET, "/phone.js", page_file},
	{EVHTTP_REQ_GET, "/favicon.svg", page_file},
	{EVHTTP_REQ_GET, "/phones", api_phones},
	{EVHTTP_REQ_GET, "/phones/+/messages", api_phone_messages},
	{EVHTTP_REQ_POST, "/phones/+/send", api_phone_send},
	{EVHTTP_REQ_POST, "/phones/+/dial", api_ussd_dial},
	{EVHTTP_REQ_POST, "/phones/+/answer", api_ussd_answer},
	{EVHTTP_REQ_POST, "/phones/+/hangup", api_ussd_hangup},
	{EVHTTP_REQ_GET, "/phones/+/ussd", wait_ussd},
	{EVHTTP_REQ_GET, "/messages", wait_messages},
	{EVHTTP_REQ_GET, "/events", wait_events},
	{EVHTTP_REQ_GET, "/record", wait_record},
	{EVHTTP_REQ_GET, "/faults", api_faults},
	{EVHTTP_REQ_POST, "/faults", api_set_faults},
	{EVHTTP_REQ_GET, "/sessions", api_sessions},
	{EVHTTP_REQ_POST, "/sessions/drop", api_drop_sessions},
	{EVHTTP_REQ_POST, "/outbind", api_outbind},
	{EVHTTP_REQ_GET, "/stats", api_stats},
	{EVHTTP_REQ_POST, "/script", api_script},
};

void
http_add_headers(struct evhttp_request *r, const char *type)
{
	struct evkeyvalq *h = evhttp_request_get_output_headers(r);

	evhttp_add_header(h, "Content-Type", type);
	evhttp_add_header(h, "Cache-Control", "no-store");
	evhttp_add_header(h, "X-Content-Type-Options", "nosniff");
	/* Other sites learn nothing of it; our own forms keep their Origin, which no-referrer would turn into "null". */
	evhttp_add_header(h, "Referrer-Policy", "same-origin");
	evhttp_add_header(h, "Content-Security-Policy",
		"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
}

void
http_reply(struct evhttp_request *r, int code, const char *type, struct evbuffer *body)
{
	http_add_headers(r, type);
	evhttp_send_reply(r, code, NULL, body);
}

void
http_reply_json(struct evhttp_request *r, int code, json_t *o)
{
	struct evbuffer *body = evbuffer_new();
	char *text = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	if (body == NULL || text == NULL) {
		evhttp_send_error(r, 500, NULL);
	} else {
		evbuffer_add(body, text, strlen(text));
		evbuffer_add(body, "\n", 1);
		http_reply(r, code, "application/json", body);
	}
	free(text);
	if (body != NULL)
		evbuffer_free(body);
}

void
http_reply_error(struct evhttp_request *r, int code, const char *format, ...)
{
	char why[512];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	json_t *text = json_string(why);
	http_reply_json(r, code, json_pack("{s:o}", "error", text != NULL ? text : json_string("unreadable request")));
}

const char *
http_query(const struct call *c, const char *name)
{
	const char *value = evhttp_find_header(&c->query, name);
	return value != NULL ? value : "";
}

int64_t
http_query_number(const struct call *c, const char *name, int64_t usual, int64_t most)
{
	const char *text = http_query(c, name);
	char *end;

	if (text[0] == '\0')
		return usual;
	errno = 0;
	long long v = strtoll(text, &end, 10);
	if (errno == 0 && *end == '\0' && v >= 0 && v <= most)
		return v;
	http_reply_error(c->request, 400, "%s is a number from 0 to %lld", name, (long long)most);
	return -1;
}

json_t *
http_body_json(const struct call *c)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(c->request);
	size_t len = evbuffer_get_length(in);
	json_error_t error;

	if (len == 0)
		return json_object();
	json_t *o = json_loadb((const char *)evbuffer_pullup(in, -1), len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(o))
		return o;
	http_reply_error(c->request, 400, "the body is not a JSON object: %s", o == NULL ? error.text : "something else");
	json_decref(o);
	return NULL;
}

/* Does the path fit? The number in it is copied. -1: it fits, but what stands for the number is none. */
static int
match_route(const char *pattern, const char *path, char number[NUMBER_ROOM])
{
	const char *plus = strchr(pattern, '+');
	char word[64];

	number[0] = '\0';
	if (plus == NULL)
		return strcmp(pattern, path) == 0;
	size_t before = (size_t)(plus - pattern), len;
	if (strncmp(pattern, path, before) != 0)
		return 0;
	len = strcspn(path + before, "/");
	if (strcmp(plus + 1, path + before + len) != 0 || len >= sizeof(word))
		return 0;
	memcpy(word, path + before, len);
	word[len] = '\0';
	return number_normalise(word, number) == 0 ? 1 : -1;
}

/* A page of another site must not be able to send texts from these phones. */
static bool
foreign(struct evhttp_request *r)
{
	struct evkeyvalq *h = evhttp_request_get_input_headers(r);
	const char *origin = evhttp_find_header(h, "Origin"), *host = evhttp_find_header(h, "Host");
	const char *at = origin != NULL ? strstr(origin, "://") : NULL;

	return origin != NULL && (at == NULL || host == NULL || strcmp(at + 3, host) != 0);
}

static void
on_request(struct evhttp_request *r, void *arg)
{
	struct call c = {.http = arg, .carrier = ((struct http *)arg)->carrier, .request = r};
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(r);
	const char *raw = uri != NULL ? evhttp_uri_get_path(uri) : NULL,
			   *query = uri != NULL ? evhttp_uri_get_query(uri) : NULL;
	enum evhttp_cmd_type method = evhttp_request_get_command(r);
	char *path = raw != NULL ? evhttp_uridecode(raw, 0, NULL) : NULL;
	bool known = false, served = false;

	if (path == NULL || evhttp_parse_query_str(query != NULL ? query : "", &c.query) != 0) {
		http_reply_error(r, 400, "the address cannot be read");
		free(path);
		return;
	}
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]) && !served; i++) {
		int fits = match_route(routes[i].pattern, path, c.number);
		known = known || fits != 0;
		if (fits == 0 || routes[i].method != method)
			continue;
		served = true;
		if (fits < 0)
			http_reply_error(r, 400, "that is no phone number");
		else if (method == EVHTTP_REQ_POST && foreign(r))
			http_reply_error(r, 403, "this comes from another site's page");
		else
			routes[i].serve(&c);
	}
	if (!served)
		http_reply_error(r, known ? 405 : 404, known ? "not with this method" : "there is nothing here");
	evhttp_clear_headers(&c.query);
	free(path);
}

struct http *
http_start(struct carrier *c, const char *address, char *bound, size_t room)
{
	struct sockaddr_storage at;
	char host[64];
	uint16_t port;
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->carrier = c;
	TAILQ_INIT(&h->waiters);
	if (address_split(address, host, sizeof(host), &port) != 0 || (h->server = evhttp_new(c->base)) == NULL) {
		free(h);
		return NULL;
	}
	struct evhttp_bound_socket *s = evhttp_bind_socket_with_handle(h->server, host, port);
	if (s == NULL) {
		int why = errno;
		evhttp_free(h->server);
		free(h);
		errno = why;
		return NULL;
	}
	socklen_t size = sizeof(at);
	getsockname(evhttp_bound_socket_get_fd(s), (struct sockaddr *)&at, &size);
	address_text((struct sockaddr *)&at, size, bound, room);
	evhttp_set_allowed_methods(h->server, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
	evhttp_set_max_headers_size(h->server, HEADERS_MOST);
	evhttp_set_max_body_size(h->server, BODY_MOST);
	evhttp_set_timeout(h->server, HTTP_IDLE_SECONDS);
	evhttp_set_gencb(h->server, on_request, h);
	wait_start(h);
	return h;
}

void
http_stop(struct http *h)
{
	wait_stop(h);
	evhttp_free(h->server);
	free(h);
}
