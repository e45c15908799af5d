/* Programs that call the staff listener, and the rows that answer every caller. */
#include "gateway/http/staff/desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/hours.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "store/pg.h"
#include "store/view.h"

void
desk_free(struct desk_call *c)
{
	json_decref(c->data);
	free(c);
}

struct desk_call *
desk_call_new(struct http_request *r, void (*then)(struct desk_call *c))
{
	struct desk_call *c = calloc(1, sizeof(*c));

	if (c != NULL)
		c->data = json_object();
	if (c == NULL || c->data == NULL) {
		free(c);
		http_reply_error(r, 503);
		return NULL;
	}
	c->r = r;
	c->then = then;
	return c;
}

/* ---- A program ------------------------------------------------------------------------------------------------ */

struct key_search {
	const char *scope; /* wanted */
	bool known, allowed;
};

static void
key_row(void *arg, int index, const PGresult *res)
{
	struct desk_call *c = arg;
	struct key_search *k = c->gathering;

	(void)index;
	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
		return;
	c->bureau = conf_bureau_by_id(c->r->g->conf, (int)strtol(PQgetvalue(res, 0, 0), NULL, 10));
	k->known = c->bureau != NULL;
	snprintf(c->name, sizeof(c->name), "%s", PQgetvalue(res, 0, 1));
	snprintf(c->actor, sizeof(c->actor), "api:%s", c->name);
	const char *scopes = PQgetvalue(res, 0, 2);
	bool admin = strstr(scopes, "admin") != NULL, write = admin || strstr(scopes, "write") != NULL;
	c->write = c->decide = write;
	c->roles = admin ? ROLE_ALL : write ? ROLE_LOOK | ROLE_SEND | ROLE_APPROVE : ROLE_LOOK;
	k->allowed = write || (strcmp(k->scope, "read") == 0 && strstr(scopes, "read") != NULL);
}

static void
key_end(void *arg, const char *error, const char *sqlstate)
{
	struct desk_call *c = arg;
	struct key_search k = *(struct key_search *)c->gathering;

	(void)sqlstate;
	free(c->gathering);
	c->gathering = NULL;
	if (error == NULL && k.known && k.allowed && c->r->ev != NULL) {
		c->then(c);
		return;
	}
	if (error != NULL || c->r->ev == NULL) {
		http_reply_problem(c->r, 503, NULL);
	} else if (!k.known) {
		http_set_header(c->r, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
		http_reply_problem(c->r, 401, "The key is not known, or it was revoked.");
	} else {
		http_set_header(c->r, "WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
		http_reply_problem(c->r, 403, "The key's scopes do not allow this.");
	}
	desk_free(c);
}

void
desk_program(struct http_request *r, const char *scope, void (*then)(struct desk_call *c))
{
	const char *sent = http_header(r, "Authorization");
	uint8_t hash[crypto_generichash_BYTES];
	struct desk_call *c;
	struct key_search *k;

	if (sent == NULL || strncasecmp(sent, "Bearer ", 7) != 0 || sent[7] == '\0') {
		http_set_header(r, "WWW-Authenticate", "Bearer");
		http_reply_problem(r, 401, "Send a key made with `huizhi apikey add` as Authorization: Bearer KEY.");
		return;
	}
	if ((c = desk_call_new(r, then)) == NULL)
		return;
	c->gathering = k = calloc(1, sizeof(*k));
	struct pg_params *p = pg_params_new();
	int rc = -1;
	if (k != NULL && p != NULL) {
		k->scope = scope;
		/* As apikey add keeps it. */
		crypto_generichash(hash, sizeof(hash), (const uint8_t *)sent + 7, strlen(sent + 7), NULL, 0);
		pg_param_bytes(p, hash, sizeof(hash));
		rc = pg_run(r->g->pg_side, STMT_API_KEY_FIND, p, c, key_row, key_end);
	}
	pg_params_free(p);
	if (rc != 0) {
		free(k);
		http_reply_problem(r, 503, NULL);
		desk_free(c);
	}
}

/* ---- Rows ----------------------------------------------------------------------------------------------------- */

#define ASKS_MAX 16

struct gathering {
	struct {
		const char *key;
		bool one;
	} asks[ASKS_MAX];
	void (*then)(struct desk_call *c);
};

struct pg_params *
desk_params(const struct desk_call *c)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, c->bureau->id);
	return p;
}

static void
gather_rows(void *arg, int index, const PGresult *res)
{
	struct desk_call *c = arg;
	struct gathering *g = c->gathering;

	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK)
		return;
	json_t *rows = !g->asks[index].one ? view_rows(res) : PQntuples(res) > 0 ? view_row(res, 0) : json_null();
	json_object_set_new(c->data, g->asks[index].key, rows);
}

static void
gather_end(void *arg, const char *error, const char *sqlstate)
{
	struct desk_call *c = arg;
	struct gathering *g = c->gathering;

	(void)sqlstate;
	c->gathering = NULL;
	if (error != NULL || c->r->ev == NULL) {
		if (error != NULL)
			log_warn("http=staff route=%s could not read: %s", c->r->route->path, error);
		http_reply_error(c->r, 503);
		desk_free(c);
	} else {
		g->then(c);
	}
	free(g);
}

void
desk_gather(struct desk_call *c, const struct desk_ask *asks, size_t n, void (*then)(struct desk_call *c))
{
	struct gathering *g = calloc(1, sizeof(*g));
	struct pg_batch *b =
		g == NULL || n > ASKS_MAX ? NULL : pg_batch_begin(c->r->g->pg_side, true, c, gather_rows, gather_end);

	for (size_t i = 0; b != NULL && i < n; i++) {
		g->asks[i].key = asks[i].key;
		g->asks[i].one = asks[i].one;
		pg_batch_add(b, asks[i].stmt, asks[i].params);
	}
	for (size_t i = 0; i < n; i++)
		pg_params_free(asks[i].params);
	if (b == NULL) {
		free(g);
		http_reply_error(c->r, 503);
		desk_free(c);
		return;
	}
	g->then = then;
	c->gathering = g;
	pg_batch_commit(b);
}

void
desk_unseal(struct desk_call *c, const char *key)
{
	json_t *o = json_object_get(c->data, key);
	const char *hex = json_string_value(json_object_get(o, "address"));
	uint8_t sealed[2048];
	size_t len;
	char *plain = NULL;

	/* bytea comes as \x and hexadecimal digits. */
	if (hex != NULL && strncmp(hex, "\\x", 2) == 0 &&
		sodium_hex2bin(sealed, sizeof(sealed), hex + 2, strlen(hex + 2), NULL, &len, NULL) == 0)
		plain = keys_decrypt(c->r->g->keys, sealed, len);
	if (json_is_object(o))
		json_object_set_new(o, "address", plain == NULL ? json_null() : json_string(plain));
	free(plain);
}

static json_t *
local_time(const struct desk_call *c, const char *text)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	char out[32];

	if (end == NULL || *end != '\0')
		return NULL;
	hours_local(c->bureau, (int64_t)timegm(&tm), &tm);
	strftime(out, sizeof(out), "%Y-%m-%d %H:%M", &tm);
	return json_string(out);
}

void
desk_local_times(const struct desk_call *c, json_t *value)
{
	const char *key;
	json_t *inside, *local;
	size_t i;

	if (json_is_array(value)) {
		json_array_foreach (value, i, inside)
			desk_local_times(c, inside);
		return;
	}
	void *next;
	json_object_foreach_safe(value, next, key, inside)
	{
		if (!json_is_string(inside))
			desk_local_times(c, inside);
		else if (strlen(json_string_value(inside)) == 20 && (local = local_time(c, json_string_value(inside))) != NULL)
			json_object_set_new(value, key, local);
	}
}
