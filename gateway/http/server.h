/*
 * One HTTP listener on libevent's evhttp: bounds, security headers on every answer, a route table, error pages. What
 * is served stands in the route tables of public.c and staff.c.
 *
 * A request is answered exactly once by one of the http_reply functions, at once or later from a callback; answering
 * frees it. When the listener is freed meanwhile the request stays valid and its answer goes nowhere.
 */
#ifndef GATEWAY_HTTP_SERVER_H
#define GATEWAY_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <jansson.h>
#include "gateway/http/form.h"
#include "gateway/http/html.h"
#include "gateway/http/router.h"

struct evbuffer;
struct evhttp_request;
struct gateway;

#define HTTP_BODY_MAX (16 * 1024) /* octets of a form or JSON body */
#define HTTP_HEADERS_MAX (16 * 1024)
#define HTTP_SECONDS 20 /* silence on a connection before it is closed */

struct evhttp;
struct http_gate;
struct http_head;
TAILQ_HEAD(http_requests, http_request);

struct http_options {
	const char *name;	/* for logs and metrics: "public", "staff" */
	const char *listen; /* HOST:PORT; [::1]:PORT; port 0 = any */
	int proxies;		/* so many reverse proxies add to X-Forwarded-For */
	const struct route *routes;
	size_t nroutes;
	const struct html *html; /* shared; must outlive the server */
	void *owner;			 /* what the handlers find in http_request.owner */
	bool staff;				 /* error pages are for staff, and those under /api/ application/problem+json */
	size_t body_max;		 /* octets of the largest body that a route of this listener takes; 0 = HTTP_BODY_MAX */
	/* Not NULL: who sends a long body is asked first, with the owner as arg (gateway/http/gate.h). */
	void (*ask)(void *arg, struct http_gate *g, const struct http_head *head, unsigned long number);
	const char *lost; /* where a browser is sent then whose session is over; NULL: it is refused */
};

/* Only server.c and reply.c look inside. */
struct http_server {
	struct gateway *g;
	struct http_options o;
	struct evhttp *http;
	struct http_gate *gate;		  /* NULL: none */
	struct http_requests pending; /* not yet answered */
	size_t npending;
	char address[128];
	bool secure; /* the public address is https: cookies travel over TLS only */
};

/* NULL with *error (static) when the address cannot be used. */
struct http_server *http_server_new(struct gateway *g, const struct http_options *o, const char **error);
void http_server_free(struct http_server *s);
const char *http_server_address(const struct http_server *s);
size_t http_server_pending(const struct http_server *s);

/* Takes the request off its server's list and frees it; its answer has been given, or never will be. */
void http_request_end(struct http_request *r);

struct http_request {
	TAILQ_ENTRY(http_request) link;
	struct http_server *server; /* NULL after the server was freed */
	struct gateway *g;
	void *owner;
	struct evhttp_request *ev; /* NULL after the server was freed */
	const struct route *route; /* NULL: none fitted */
	enum router_method method; /* HEAD is a GET */
	bool head, post;		   /* post: whatever changes something, PUT and DELETE too */
	char path[512];			   /* as sent, without the query */
	struct router_params params;
	struct form query; /* taken apart already */
	struct form form;  /* filled by http_read_form */
	char client[64];   /* address of whoever asks */
	char network[64];  /* who may try so often: the address; of IPv6 the first 64 bits, which one house has alone */
	char language[8];  /* asked for by ?lang=, "" = not asked */
	int64_t began_us;
};

/* Takes the body apart as form fields; 0, or -1 after it answered 400 or 413 itself. */
int http_read_form(struct http_request *r);
/* The same with more (or less) than HTTP_BODY_MAX octets. */
int http_read_form_upto(struct http_request *r, size_t most);
/* The body as it came; NULL after it answered 413. Lives as long as the request. */
const char *http_body(struct http_request *r, size_t *len);
/* The same for a route that takes more (or less) than HTTP_BODY_MAX octets; at most its listener's body_max. */
const char *http_body_upto(struct http_request *r, size_t most, size_t *len);
const char *http_header(const struct http_request *r, const char *name); /* NULL when absent */
/* A cookie's value into out; 0, or -1. */
int http_cookie(const struct http_request *r, const char *name, char *out, size_t room);
/* Adds Set-Cookie: HttpOnly, SameSite=Strict, and Secure when the public address is https. Lives with the browser. */
void http_set_cookie(struct http_request *r, const char *name, const char *value, const char *path);
void http_set_header(struct http_request *r, const char *name, const char *value);
#define HTTP_LANGUAGE_COOKIE "hzl"
/* The best of our languages for this reader: ?lang= now or earlier, else `preferred` (may be NULL), else
 * Accept-Language. */
const char *http_language(const struct http_request *r, const char *preferred);

enum http_cache {
	HTTP_NO_STORE, /* personal, or true only now */
	HTTP_HOUR,	   /* style sheet and pictures of the house */
};

/* What goes before every answer; for gateway/http/stream.c. */
void http_reply_headers(struct http_request *r, int status, const char *type, enum http_cache cache);
/* Renders a page template. Adds lang, languages (the others, with addresses) and query to data, which is taken over. */
void http_reply_page(struct http_request *r, int status, const char *page, const char *language, json_t *data);
void http_reply_bytes(
	struct http_request *r, int status, const char *type, const void *bytes, size_t len, enum http_cache cache);
void http_reply_buffer(struct http_request *r, int status, const char *type, struct evbuffer *body,
	enum http_cache cache); /* drains body */
/* 303 See Other to a path of this server; the language asked for goes with it. */
void http_reply_see(struct http_request *r, const char *path);
/* A plain-words page (or problem+json under /api/): 400, 401, 403, 404, 405, 413, 429, 500, 503. */
void http_reply_error(struct http_request *r, int status);
/* application/problem+json (RFC 9457); detail may be NULL. */
void http_reply_problem(struct http_request *r, int status, const char *detail);
void http_reply_json(struct http_request *r, int status, json_t *body); /* taken over */

#endif
