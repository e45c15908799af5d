/*
 * The daemon's two HTTP listeners, for main.c: the public one (citizens) and the staff one (console, API, metrics).
 */
#ifndef GATEWAY_HTTP_HTTP_H
#define GATEWAY_HTTP_HTTP_H

#include <stddef.h>

struct conf;
struct gateway;
struct http_public;
struct http_staff;

/* Are the page templates, words and other files of <templates>/web good? 0, or -1 after every fault was logged. */
int http_check(const struct conf *conf);

/*
 * Reads the page templates (<templates>/web) and listens on public.listen; port 0 takes a free one. g->base, conf,
 * keys, pg_side and turns must be there first. NULL when a template is faulty or the address cannot be listened on;
 * every fault was logged.
 */
struct http_public *http_public_new(struct gateway *g);
void http_public_free(struct http_public *p); /* requests under way are dropped */
/* "127.0.0.1:8080", with the real port. */
const char *http_public_address(const struct http_public *p);

/* Reads the page templates and words again. 0, or -1 after every fault was logged; then the old ones stay. */
int http_public_reload(struct http_public *p);
int http_staff_reload(struct http_staff *s);

/* The same for staff.listen. */
struct http_staff *http_staff_new(struct gateway *g);
void http_staff_free(struct http_staff *s);
const char *http_staff_address(const struct http_staff *s);

/* Answers that are not yet given; a drain waits for 0. */
size_t http_public_pending(const struct http_public *p);
size_t http_staff_pending(const struct http_staff *s);

#endif
