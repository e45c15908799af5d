/* Who is calling the staff listener, and the rows that answer them. */
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
#include "gateway/http/session.h"
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

static struct desk_call *
call_new(struct http_request *r, void (*then)(struct desk_call *c))
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

/* ---- A person ------------------------------------------------------------------------------------------------- */

void
desk_session_sign(const struct http_request *r, int bureau_id, const char *name, const char *password_hash,
	int64_t until, char out[44])
{
	char text[400];
	uint8_t hash[32];

	snprintf(text, sizeof(text), "%d %" PRId64 " %s %s", bureau_id, until, password_hash, name);
	keys_hash(r->g->keys, "staff-session", text, strlen(text), hash);
	sodium_bin2base64(out, 44, hash, sizeof(hash), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

struct session {
	int bureau_id;
	int64_t until;
	char mac[44];
	bool good;
};

/* The cookie: BUREAU.UNTIL.MAC.NAME, the name in base64url. Nothing of it is believed yet. */
static bool
read_session(struct desk_call *c, struct session *s)
{
	char value[256], *at = value, *end;
	size_t len;

	if (http_cookie(c->r, DESK_COOKIE, value, sizeof(value)) != 0)
		return false;
	s->bureau_id = (int)strtol(at, &end, 10);
	if (*end != '.')
		return false;
	s->until = strtoll(end + 1, &end, 10);
	if (*end != '.' || strlen(end + 1) < 45 || end[44] != '.')
		return false;
	memcpy(s->mac, end + 1, 43);
	at = end + 45;
	if (sodium_base642bin((unsigned char *)c->name, DESK_NAME_MAX, at, strlen(at), NULL, &len, NULL,
			sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return false;
	c->name[len] = '\0';
	c->bureau = conf_bureau_by_id(c->r->g->conf, s->bureau_id);
	return c->bureau != NULL && s->until > http_now_us() / 1000000;
}

/* Clerks send and hand over; who approves is somebody else's decision, made when the account is added. */
static void
take_roles(struct desk_call *c, const char *roles)
{
	c->write = true;
	c->decide = strstr(roles, "approver") != NULL || strstr(roles, "manager") != NULL || strstr(roles, "admin") != NULL;
}

static void
person_row(void *arg, int index, const PGresult *res)
{
	struct desk_call *c = arg;
	struct session *s = c->gathering;
	char want[44];

	(void)index;
	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
		return;
	desk_session_sign(c->r, s->bureau_id, c->name, PQgetvalue(res, 0, 0), s->until, want);
	s->good = sodium_memcmp(want, s->mac, 43) == 0;
	take_roles(c, PQgetvalue(res, 0, 1));
}

static void
person_end(void *arg, const char *error, const char *sqlstate)
{
	struct desk_call *c = arg;
	struct session *s = c->gathering;
	bool good = s->good;

	(void)sqlstate;
	free(s);
	c->gathering = NULL;
	if (c->r->ev == NULL || error != NULL) {
		http_reply_error(c->r, 503);
		desk_free(c);
	} else if (!good) {
		http_reply_see(c->r, "/sign-in");
		desk_free(c);
	} else if (c->r->post && !session_form_good(c->r, c->about)) {
		http_reply_error(c->r, 403);
		desk_free(c);
	} else {
		c->then(c);
	}
}

void
desk_person(struct http_request *r, void (*then)(struct desk_call *c))
{
	struct desk_call *c = call_new(r, then);
	struct session *s;

	if (c == NULL)
		return;
	s = calloc(1, sizeof(*s));
	if (s == NULL || !read_session(c, s)) {
		free(s);
		http_reply_see(r, "/sign-in");
		desk_free(c);
		return;
	}
	c->gathering = s;
	snprintf(c->actor, sizeof(c->actor), "staff:%s", c->name);
	snprintf(c->about, sizeof(c->about), "staff %d %s", s->bureau_id, c->name);
	struct pg_params *p = desk_params(c);
	pg_param_text(p, c->name);
	if (pg_run(r->g->pg_side, STMT_STAFF_LOAD, p, c, person_row, person_end) != 0) {
		free(s);
		http_reply_error(r, 503);
		desk_free(c);
	}
	pg_params_free(p);
}

void
desk_person_post(struct http_request *r, void (*then)(struct desk_call *c))
{
	if (http_read_form(r) == 0)
		desk_person(r, then);
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
	if ((c = call_new(r, then)) == NULL)
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

#define ASKS_MAX 8

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
