/* A call of the staff listener, of a person or a program, and the rows that answer it. */
#include "gateway/http/staff/desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
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
	if (c->once_free != NULL)
		c->once_free(c);
	json_decref(c->data);
	free(c->caller);
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
	char *plain = keys_open(c->r->g->keys, json_string_value(json_object_get(o, "address")));

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
