/*
 * Who is calling the staff listener, a person with a session or a program with a key, and what they may do; and the
 * gathering of rows for an answer.
 */
#ifndef GATEWAY_HTTP_DESK_H
#define GATEWAY_HTTP_DESK_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include "gateway/http/server.h"
#include "store/stmt.h"

struct conf_bureau;
struct pg_params;

#define DESK_SESSION_SECONDS (8 * 3600) /* a working day, then sign in again */
#define DESK_NAME_MAX 60

struct desk_call {
	struct http_request *r;
	const struct conf_bureau *bureau;
	char name[DESK_NAME_MAX + 1];
	char actor[DESK_NAME_MAX + 8];	/* staff:NAME or api:NAME, for the trail */
	char about[DESK_NAME_MAX + 32]; /* what form tokens of this person are bound to */
	bool write;						/* may send, hand over, prove */
	bool decide;					/* may approve and reject */
	json_t *data;					/* what desk_gather brought, by key; owned */
	void (*then)(struct desk_call *c);
	void *gathering; /* desk.c's own */
};

/* A person: then gets the call, or the browser is sent to the sign-in page. Free with desk_free after answering. */
void desk_person(struct http_request *r, void (*then)(struct desk_call *c));
/* The same for a form: it must have come from our own page. */
void desk_person_post(struct http_request *r, void (*then)(struct desk_call *c));
/* A program with `Authorization: Bearer KEY` and this scope ("read", "write"); else 401 or 403. */
void desk_program(struct http_request *r, const char *scope, void (*then)(struct desk_call *c));
void desk_free(struct desk_call *c);

/* One statement whose rows are wanted. params is freed here. one: the first row (or null) instead of an array. */
struct desk_ask {
	const char *key;
	enum stmt stmt;
	struct pg_params *params;
	bool one;
};
/* Runs them in one transaction and calls then; the rows are in c->data. Answers 503 itself when it cannot. */
void desk_gather(struct desk_call *c, const struct desk_ask *asks, size_t n, void (*then)(struct desk_call *c));
/* New parameters that begin with the caller's bureau. */
struct pg_params *desk_params(const struct desk_call *c);

/* Opens c->data[key].address, sealed, as plain text in its place. */
void desk_unseal(struct desk_call *c, const char *key);
/* "2025-11-21T19:14:00Z" -> "2025-11-22 03:14" by the bureau's clock, everywhere in a value. */
void desk_local_times(const struct desk_call *c, json_t *value);

/* ---- sign.c ---- */
void sign_in_page(struct http_request *r); /* GET /sign-in */
void sign_in(struct http_request *r);	   /* POST /sign-in */
void sign_out(struct http_request *r);	   /* POST /sign-out */

/* The session's signature: bound to the password's hash, so that a new password ends all sessions. */
void desk_session_sign(const struct http_request *r, int bureau_id, const char *name, const char *password_hash,
	int64_t until, char out[44]);
#define DESK_COOKIE "hzs"

#endif
