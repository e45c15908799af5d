/*
 * Idempotency-Key: a request that comes again gets the answer of the first one, and is not done twice. The answer is
 * kept before it is given, for a day; a failure of ours is not kept, so that the request may be made again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/gateway.h"
#include "gateway/http/api/api.h"
#include "gateway/log.h"
#include "store/pg.h"

#define KEY_MAX 200 /* octets of an Idempotency-Key */

struct once {
	struct gateway *g;
	char key[KEY_MAX + 1];
	void (*go)(struct desk_call *c);
	/* what the database said */
	bool mine, there, same;
	int stored; /* the status of the answer kept; 0 = none yet */
	char *type, *text;
	bool kept; /* an answer was kept, or there is nothing to let go of */
	/* the answer that is being kept */
	int status;
};

static struct pg_params *
params(const struct desk_call *c, const struct once *o)
{
	struct pg_params *p = desk_params(c);

	pg_param_text(p, c->name);
	pg_param_text(p, o->key);
	return p;
}

/* The call ends without an answer that was kept: whoever asks again is served anew. */
static void
let_go(struct desk_call *c)
{
	struct once *o = c->once;

	if (o->mine && !o->kept) {
		struct pg_params *p = params(c, o);
		(void)pg_run(o->g->pg_side, STMT_API_ONCE_FORGET, p, NULL, NULL, NULL);
		pg_params_free(p);
	}
	free(o->type);
	free(o->text);
	free(o);
}

static void
on_row(void *arg, int index, const PGresult *res)
{
	struct desk_call *c = arg;
	struct once *o = c->once;

	(void)index;
	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
		return;
	o->mine = PQgetvalue(res, 0, 0)[0] != '0';
	o->there = !PQgetisnull(res, 0, 1);
	o->same = PQgetvalue(res, 0, 1)[0] == '1';
	o->stored = (int)strtol(PQgetvalue(res, 0, 2), NULL, 10);
	if (o->stored != 0) {
		o->type = strdup(PQgetvalue(res, 0, 3));
		o->text = strdup(PQgetvalue(res, 0, 4));
	}
}

static void
on_begun(void *arg, const char *error, const char *sqlstate)
{
	struct desk_call *c = arg;
	struct once *o = c->once;

	(void)sqlstate;
	if (error != NULL || c->r->ev == NULL) {
		o->mine = false;
		api_unavailable(c);
	} else if (o->mine) {
		o->go(c);
	} else if (o->there && !o->same) {
		api_refuse(c, "other-request", "Idempotency-Key",
			"This Idempotency-Key came with another request within the last 24 hours. Take a new one for each "
			"request.");
	} else if (o->stored != 0 && o->type != NULL && o->text != NULL) {
		http_set_header(c->r, "Idempotency-Replayed", "true");
		api_answer_text(c, o->stored, o->type, o->text, strlen(o->text));
	} else {
		http_set_header(c->r, "Retry-After", "1");
		api_refuse(c, "under-way", "Idempotency-Key",
			"A request with this Idempotency-Key is under way. Ask again with the same one for its answer.");
	}
}

/* What makes two requests the same: path and body (the method is always POST). */
static void
hash_request(struct desk_call *c, const char *body, size_t len, uint8_t out[32])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, 32);
	crypto_generichash_update(&state, (const uint8_t *)c->r->path, strlen(c->r->path) + 1);
	crypto_generichash_update(&state, (const uint8_t *)body, len);
	crypto_generichash_final(&state, out, 32);
}

void
api_once(struct desk_call *c, void (*go)(struct desk_call *c))
{
	const char *key = http_header(c->r, "Idempotency-Key");
	struct once *o;
	uint8_t hash[32];
	size_t len;

	if (key == NULL) {
		go(c);
		return;
	}
	if (*key == '\0' || strlen(key) > KEY_MAX ||
		strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:\"") != strlen(key)) {
		api_refuse(c, "invalid-field", "Idempotency-Key",
			"Idempotency-Key has 1 to 200 letters, digits and - _ . : such as a UUID.");
		return;
	}
	const char *body = http_body_upto(c->r, API_LINES_MAX, &len);
	if (body == NULL) {
		desk_free(c); /* too long; told already */
		return;
	}
	if ((o = c->once = calloc(1, sizeof(*o))) == NULL) {
		api_unavailable(c);
		return;
	}
	c->once_free = let_go;
	o->g = c->r->g;
	o->go = go;
	snprintf(o->key, sizeof(o->key), "%s", key);
	hash_request(c, body, len, hash);
	struct pg_params *p = params(c, o);
	pg_param_bytes(p, hash, sizeof(hash));
	if (pg_run(c->r->g->pg_side, STMT_API_ONCE_BEGIN, p, c, on_row, on_begun) != 0)
		api_unavailable(c);
	pg_params_free(p);
}

static void
on_kept(void *arg, const char *error, const char *sqlstate)
{
	struct desk_call *c = arg;
	struct once *o = c->once;

	(void)sqlstate;
	if (error != NULL) {
		log_warn("%s an answer could not be kept: %s", c->actor, error);
		http_set_header(c->r, "Retry-After", "5");
		http_reply_problem(
			c->r, 503, "It was done, but its answer could not be kept. Ask again with the same Idempotency-Key.");
	} else {
		o->kept = true;
		http_reply_bytes(c->r, o->status, o->type, o->text, strlen(o->text), HTTP_NO_STORE);
	}
	desk_free(c);
}

bool
api_once_keep(struct desk_call *c, int status, const char *type, const char *text, size_t len)
{
	struct once *o = c->once;

	if (o == NULL || !o->mine || o->kept || status >= 500)
		return false;
	o->status = status;
	free(o->type);
	free(o->text);
	o->type = strdup(type);
	o->text = strndup(text, len);
	if (o->type == NULL || o->text == NULL)
		return false;
	struct pg_params *p = params(c, o);
	pg_param_int(p, status);
	pg_param_text(p, type);
	pg_param_text(p, o->text);
	int rc = pg_run(c->r->g->pg_side, STMT_API_ONCE_KEEP, p, c, NULL, on_kept);
	pg_params_free(p);
	return rc == 0;
}
