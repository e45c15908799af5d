/* The way of a program's request to its function: the key, its scopes, how often it may ask, and the body. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sodium.h>
#include "dialog/utf8.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/api/api.h"
#include "gateway/http/limiter.h"
#include "gateway/http/staff/staff.h"
#include "gateway/now.h"
#include "store/pg.h"

#define KEYS_REMEMBERED 1024 /* of a bureau, by the limiter */
#define MINUTE 60

struct caller {
	const struct api_route *route;
	char scopes[200];
	bool known;
};

bool
api_may(const struct desk_call *c, const char *scope)
{
	const struct caller *who = c->caller;

	return who != NULL && api_scope_in(who->scopes, scope);
}

/* ---- How often ----------------------------------------------------------------------------------------------------
 */

struct bureau_limit {
	SLIST_ENTRY(bureau_limit) link;
	int bureau_id, rate;
	struct limiter *keys;
};

struct api_limits {
	SLIST_HEAD(, bureau_limit) bureaus;
};

struct api_limits *
api_limits_new(void)
{
	return calloc(1, sizeof(struct api_limits));
}

void
api_limits_free(struct api_limits *l)
{
	struct bureau_limit *b;

	while (l != NULL && (b = SLIST_FIRST(&l->bureaus)) != NULL) {
		SLIST_REMOVE_HEAD(&l->bureaus, link);
		limiter_free(b->keys);
		free(b);
	}
	free(l);
}

/* The bureau's limiter as the configuration has it now; NULL when there is no limit, or no memory for one. */
static struct limiter *
limiter_of(struct api_limits *l, const struct conf_bureau *bureau)
{
	struct bureau_limit *b;

	if (bureau->api_rate == 0)
		return NULL;
	SLIST_FOREACH(b, &l->bureaus, link)
	if (b->bureau_id == bureau->id)
		break;
	if (b == NULL) {
		if ((b = calloc(1, sizeof(*b))) == NULL)
			return NULL;
		b->bureau_id = bureau->id;
		SLIST_INSERT_HEAD(&l->bureaus, b, link);
	}
	if (b->keys == NULL || b->rate != bureau->api_rate) {
		limiter_free(b->keys);
		b->rate = bureau->api_rate;
		b->keys = limiter_new(KEYS_REMEMBERED, b->rate, MINUTE);
	}
	return b->keys;
}

/* Takes one request from what this key may still ask; false after it answered 429. */
static bool
within_rate(struct desk_call *c)
{
	struct http_staff *s = c->r->owner;
	struct limiter *l = limiter_of(s->api_limits, c->bureau);
	int64_t now = now_us() / 1000000;
	char number[24], text[160];

	if (l == NULL)
		return true;
	int wait = limiter_take(l, c->name, now);
	snprintf(number, sizeof(number), "%d", c->bureau->api_rate);
	http_set_header(c->r, "RateLimit-Limit", number);
	snprintf(number, sizeof(number), "%d", limiter_left(l, c->name, now));
	http_set_header(c->r, "RateLimit-Remaining", number);
	snprintf(number, sizeof(number), "%d", limiter_full(l, c->name, now));
	http_set_header(c->r, "RateLimit-Reset", number);
	if (wait == 0)
		return true;
	snprintf(number, sizeof(number), "%d", wait);
	http_set_header(c->r, "Retry-After", number);
	snprintf(text, sizeof(text),
		"This key may ask %d times a minute. Ask again in %d s; many rows at once go as lines (application/x-ndjson).",
		c->bureau->api_rate, wait);
	api_refuse(c, "too-many-requests", NULL, text);
	return false;
}

/* ---- The body -----------------------------------------------------------------------------------------------------
 */

static bool
is_type(const struct http_request *r, const char *type)
{
	const char *sent = http_header(r, "Content-Type");
	size_t len = strlen(type);

	return sent != NULL && strncasecmp(sent, type, len) == 0 &&
		   (sent[len] == '\0' || sent[len] == ';' || sent[len] == ' ');
}

/* The JSON object that was sent, into c->data.body; false after it answered. */
static bool
read_object(struct desk_call *c)
{
	char detail[300], near[JSON_ERROR_TEXT_LENGTH];
	json_error_t e;
	size_t len;
	const char *text = http_body(c->r, &len);

	if (text == NULL) {
		desk_free(c); /* too long; told already */
		return false;
	}
	if (!is_type(c->r, "application/json")) {
		api_refuse(c, "unsupported-media-type", NULL, "Send one JSON object, as Content-Type: application/json.");
		return false;
	}
	json_t *body = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
	if (body == NULL) {
		/* What it quotes may end within a character. */
		(void)utf8_clean(e.text, strlen(e.text), near, sizeof(near));
		snprintf(detail, sizeof(detail), "The body is no JSON: %s, in line %d, column %d.", near, e.line, e.column);
		api_refuse_with(c, "invalid-body", NULL, detail, json_pack("{s:i}", "line", e.line));
		return false;
	}
	if (!json_is_object(body)) {
		json_decref(body);
		api_refuse(c, "invalid-body", NULL, "Send one JSON object, {...}.");
		return false;
	}
	json_object_set_new(c->data, "body", body);
	return true;
}

static void
go(struct desk_call *c)
{
	const struct api_route *route = ((struct caller *)c->caller)->route;

	/* Lines are read by who takes them; they may be many. */
	if (route->body == API_NO_BODY || (route->body == API_LINES && is_type(c->r, "application/x-ndjson")) ||
		read_object(c))
		route->serve(c);
}

/* ---- The key ------------------------------------------------------------------------------------------------------
 */

static void
key_row(void *arg, int index, const PGresult *res)
{
	struct desk_call *c = arg;
	struct caller *who = c->caller;

	(void)index;
	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
		return;
	c->bureau = conf_bureau_by_id(c->r->g->conf, (int)strtol(PQgetvalue(res, 0, 0), NULL, 10));
	who->known = c->bureau != NULL;
	snprintf(c->name, sizeof(c->name), "%s", PQgetvalue(res, 0, 1));
	snprintf(c->actor, sizeof(c->actor), "api:%s", c->name);
	snprintf(who->scopes, sizeof(who->scopes), "%s", PQgetvalue(res, 0, 2));
}

static void
key_end(void *arg, const char *error, const char *sqlstate)
{
	struct desk_call *c = arg;
	const struct caller *who = c->caller;
	char text[360];

	(void)sqlstate;
	if (error != NULL || c->r->ev == NULL) {
		api_unavailable(c);
	} else if (!who->known) {
		http_set_header(c->r, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
		api_refuse(c, "unauthorized", NULL,
			"The key is not known, or it was revoked. `huizhi apikey list` shows those that hold.");
	} else if (!api_may(c, who->route->scope)) {
		http_set_header(c->r, "WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
		snprintf(text, sizeof(text), "This needs a key with the scope \"%s\"; \"%s\" has %s.", who->route->scope,
			c->name, who->scopes);
		api_refuse(c, "forbidden", NULL, text);
	} else if (within_rate(c)) {
		/* An export does nothing twice, and no copy of it is to be kept. */
		if (c->r->method == ROUTER_POST && strcmp(who->route->scope, "export") != 0)
			api_once(c, go);
		else
			go(c);
	}
}

static void
serve(struct http_request *r, const struct api_route *route)
{
	const char *sent = http_header(r, "Authorization");
	uint8_t hash[crypto_generichash_BYTES];
	struct desk_call *c = desk_call_new(r, NULL);
	struct caller *who = calloc(1, sizeof(*who));

	if (c == NULL || who == NULL) {
		free(who);
		if (c != NULL)
			api_unavailable(c);
		return;
	}
	c->caller = who;
	who->route = route;
	if (sent == NULL || strncasecmp(sent, "Bearer ", 7) != 0 || sent[7] == '\0') {
		http_set_header(r, "WWW-Authenticate", "Bearer");
		api_refuse(c, "unauthorized", NULL, "Send a key made with `huizhi apikey add` as Authorization: Bearer KEY.");
		return;
	}
	struct pg_params *p = pg_params_new();
	/* As apikey add keeps it. */
	crypto_generichash(hash, sizeof(hash), (const uint8_t *)sent + 7, strlen(sent + 7), NULL, 0);
	pg_param_bytes(p, hash, sizeof(hash));
	if (pg_run(r->g->pg_side, STMT_API_KEY_FIND, p, c, key_row, key_end) != 0)
		api_unavailable(c);
	pg_params_free(p);
}

#define API(method, path, scope, body, name)                                                                           \
	void api_##name(struct desk_call *c);                                                                              \
	void api_##name##_serve(struct http_request *r)                                                                    \
	{                                                                                                                  \
		static const struct api_route route = {scope, body, api_##name};                                               \
		serve(r, &route);                                                                                              \
	}
#include "gateway/http/api/routes.def"
#undef API
