/*
 * The carrier's HTTP side: the control API for tests and demonstrations, and the page with the phone.
 *
 *   http.c   the server, the table of routes, answers
 *   api.c    JSON: phones, texts, faults, sessions, record
 *   api_ussd.c  JSON: USSD
 *   wait.c   long polls and server-sent events
 *   page.c   the page
 */
#ifndef SMSC_HTTP_H
#define SMSC_HTTP_H

#include <jansson.h>
#include <stddef.h>
#include <sys/queue.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include "tests/smsc/carrier.h"

enum {
	HTTP_IDLE_SECONDS = 60
};

struct waiter;
TAILQ_HEAD(waiter_list, waiter);

struct http {
	struct carrier *carrier;
	struct evhttp *server;
	struct waiter_list waiters;
	struct event *wake;
	unsigned nwaiters;
};

/* One request while it is served. */
struct call {
	struct http *http;
	struct carrier *carrier;
	struct evhttp_request *request;
	struct evkeyvalq query;
	char number[NUMBER_ROOM]; /* from the path, normalised; "" when the route has none */
};

/* Listens; bound gets the real address. NULL with errno set when it cannot. */
struct http *http_start(struct carrier *c, const char *address, char *bound, size_t room);
void http_stop(struct http *h);

/* Answers; o is taken over. */
void http_reply_json(struct evhttp_request *r, int code, json_t *o);
void http_reply_error(struct evhttp_request *r, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* type is a media type; buffer may be NULL. Adds the security headers. */
void http_reply(struct evhttp_request *r, int code, const char *type, struct evbuffer *body);
void http_add_headers(struct evhttp_request *r, const char *type);
/* A query parameter: "" when absent. */
const char *http_query(const struct call *c, const char *name);
/* A whole number from a query parameter, usual when absent; -1 after answering 400 when it is none or past most. */
int64_t http_query_number(const struct call *c, const char *name, int64_t usual, int64_t most);
/* The body as a JSON object (an empty body as an empty object); NULL after answering 400. The caller's to release. */
json_t *http_body_json(const struct call *c);

/* api.c */
void api_phones(struct call *c);
void api_phone_messages(struct call *c);
void api_phone_send(struct call *c);
void api_faults(struct call *c);
void api_set_faults(struct call *c);
void api_sessions(struct call *c);
void api_drop_sessions(struct call *c);
void api_stats(struct call *c);
void api_script(struct call *c);
void api_outbind(struct call *c);
json_t *api_text_json(const struct phone *ph, const struct text *t);

/* api_ussd.c */
void api_ussd_dial(struct call *c);
void api_ussd_answer(struct call *c);
void api_ussd_hangup(struct call *c);
json_t *api_ussd_json(const struct phone *ph, const char *number); /* ph NULL: a phone nobody has heard of */

/* wait.c */
void wait_ussd(struct call *c);
void wait_messages(struct call *c);
void wait_record(struct call *c);
void wait_events(struct call *c);
void wait_start(struct http *h);
void wait_stop(struct http *h);

/* page.c */
void page_show(struct call *c);
void page_send(struct call *c); /* the page's form, by its keys */
void page_dial(struct call *c);
void page_ussd(struct call *c);
void page_file(struct call *c);

#endif
