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
#include "gateway/roles.h"
#include "store/stmt.h"

struct conf_bureau;
struct pg_params;

#define DESK_SESSION_SECONDS (8 * 3600) /* a working day, then sign in again */
#define DESK_IDLE_SECONDS (2 * 3600)	/* of silence that end a session before */
#define DESK_NAME_MAX 60

struct desk_call {
	struct http_request *r;
	const struct conf_bureau *bureau;
	char name[DESK_NAME_MAX + 1];
	char actor[DESK_NAME_MAX + 8];	/* staff:NAME or api:NAME, for the trail */
	char about[DESK_NAME_MAX + 32]; /* what form tokens of this person are bound to */
	int64_t session;				/* a person's; 0 for a program */
	unsigned roles;					/* of enum role; ask desk_may */
	bool write;						/* ROLE_SEND: may send, hand over, prove */
	bool decide;					/* ROLE_APPROVE: may approve and reject */
	json_t *data;					/* what desk_gather brought, by key; owned */
	void (*then)(struct desk_call *c);
	unsigned wanted; /* the role without which the call is refused; 0 = none */
	void *gathering; /* the house's own */
	/* api/'s own: the key that calls, freed with free(), and the request's Idempotency-Key with what frees it */
	void *caller, *once;
	void (*once_free)(struct desk_call *c);
};

/* A person: then gets the call, or the browser is sent to the sign-in page. Free with desk_free after answering. */
void desk_person(struct http_request *r, void (*then)(struct desk_call *c));
/* The same for a form: it must have come from our own page. */
void desk_person_post(struct http_request *r, void (*then)(struct desk_call *c));
/* The same for who has this role; anyone else is told so (403), and the try is noted. */
void desk_person_may(struct http_request *r, enum role role, void (*then)(struct desk_call *c));
void desk_person_post_may(struct http_request *r, enum role role, void (*then)(struct desk_call *c));
/* The same for a form of up to so many octets. */
void desk_person_post_upto(struct http_request *r, enum role role, size_t most, void (*then)(struct desk_call *c));
bool desk_may(const struct desk_call *c, enum role role);
/* Answers 403 in words and notes what was refused; frees the call. */
void desk_refuse_role(struct desk_call *c);
/*
 * New parameters of STMT_STAFF_EVENT, to go into the batch of what they tell of: what was done (`kind`, a word of the
 * pages: event.KIND), to what ("application 12"), and more in words; subject and detail may be NULL.
 */
struct pg_params *desk_event(const struct desk_call *c, const char *kind, const char *subject, const char *detail);
/* Notes it by itself, for what has been done by another statement. */
void desk_note(const struct desk_call *c, const char *kind, const char *subject, const char *detail);

/*
 * The same for an act that has been done already, and must be in the log before anybody is told so: then is called when
 * it is stored. What cannot be noted is logged, and then is called all the same, for it was done. c->r->ev may be NULL
 * by then.
 */
void desk_note_then(
	struct desk_call *c, const char *kind, const char *subject, const char *detail, void (*then)(struct desk_call *c));

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

/* A call that nobody is known of yet; NULL after it answered 503. For the files of this folder. */
struct desk_call *desk_call_new(struct http_request *r, void (*then)(struct desk_call *c));

/* The session's cookie: BUREAU.SECRET. What is stored is the secret's hash. */
#define DESK_COOKIE "hzs"
#define DESK_SECRET_LEN 43 /* characters */
struct desk_cookie {
	int bureau_id;
	uint8_t hash[32];
};
/* 0, or -1 when the browser sent none that could be one of ours. */
int desk_cookie_read(const struct http_request *r, struct desk_cookie *out);
/* The same of a Cookie header, which may be NULL. */
int desk_cookie_find(const char *header, struct desk_cookie *out);
void desk_cookie_hash(const char *secret, uint8_t hash[32]);

#endif
