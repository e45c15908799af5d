/*
 * One delivery of an event: the host is looked up, its address is checked and kept to, TLS is verified, the body is
 * signed and posted. Redirects are not followed.
 */
#ifndef GATEWAY_WEBHOOK_POST_H
#define GATEWAY_WEBHOOK_POST_H

#include <stddef.h>
#include <stdint.h>

struct evdns_base;
struct gateway;

/* Hexadecimal HMAC-SHA256 of "TIME.BODY"; out has room for 65. The receiver computes the same with its copy of the
 * secret. */
void webhook_sign(const char *secret, int64_t at, const char *body, char out[65]);

struct webhook_event {
	const char *url, *secret, *type, *body;
	int64_t delivery;
};

/* status: of the answer, 0 = none came; error: "" when it was taken (2xx), else words. */
typedef void (*webhook_done_fn)(void *arg, int status, const char *error);
/* Strings are copied. done is called once, from the loop. -1 without memory: it is not called. */
int webhook_post(
	struct gateway *g, struct evdns_base **dns, const struct webhook_event *e, webhook_done_fn done, void *arg);

#endif
