/* Webhooks: who is told of what, what became of it, and bringing it again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/api/api.h"
#include "gateway/webhook_add.h"
#include "store/pg.h"

void
api_webhooks(struct desk_call *c)
{
	const struct desk_ask asks[] = {{"webhooks", STMT_WEBHOOK_LIST, desk_params(c), false}};

	desk_gather(c, asks, 1, api_give_all);
}

static void
give_row(struct desk_call *c, int status)
{
	json_t *row = json_object_get(c->data, "row");

	if (!json_is_object(row)) {
		api_refuse(c, "not-found", NULL, "This bureau has no such webhook; GET /api/v1/webhooks lists them.");
		return;
	}
	json_object_del(row, "told");
	api_answer(c, status, json_incref(row));
}

static void
give_webhook(struct desk_call *c)
{
	give_row(c, 200);
}

static void
give_added(struct desk_call *c)
{
	json_object_set(json_object_get(c->data, "row"), "secret", json_object_get(c->data, "secret"));
	give_row(c, 201);
}

void
api_webhook_add(struct desk_call *c)
{
	static const char *const names[] = {"s:url!", "a:events!", NULL};
	const char *events[WEBHOOK_EVENTS_MAX];
	char secret[48], detail[300];
	size_t i, n = 0;
	json_t *one;

	if (!api_body_check(c, names))
		return;
	json_array_foreach (json_object_get(json_object_get(c->data, "body"), "events"), i, one)
		if (n < WEBHOOK_EVENTS_MAX)
			events[n++] = json_string_value(one);
	struct pg_params *p = desk_params(c);
	struct webhook_wrong wrong;
	if (!webhook_add(p, c->r->g->conf, c->r->g->keys, api_text(c, "url"), events, n, c->actor, secret, &wrong)) {
		pg_params_free(p);
		snprintf(detail, sizeof(detail), "The webhook %s.", wrong.words);
		api_refuse_with(c, "invalid-field", strcmp(wrong.code, "event") == 0 ? "events" : "url", detail,
			json_pack("{s:s}", "why", wrong.code));
		return;
	}
	json_object_set_new(c->data, "secret", json_string(secret));
	sodium_memzero(secret, sizeof(secret));
	const struct desk_ask asks[] = {{"row", STMT_WEBHOOK_ADD, p, true}};
	desk_gather(c, asks, 1, give_added);
}

static void
ask_one(struct desk_call *c, enum stmt s)
{
	int64_t id = api_path_id(c, "webhook");

	if (id < 0)
		return;
	struct pg_params *p = desk_params(c);
	pg_param_int(p, id);
	const struct desk_ask asks[] = {{"row", s, p, true}};
	desk_gather(c, asks, 1, give_webhook);
}

void
api_webhook(struct desk_call *c)
{
	ask_one(c, STMT_WEBHOOK_SHOW);
}

void
api_webhook_remove(struct desk_call *c)
{
	ask_one(c, STMT_WEBHOOK_REMOVE);
}

/* For a request without a body about the webhook of the path; NULL: it was refused. */
static struct pg_params *
of_webhook(struct desk_call *c)
{
	static const char *const names[] = {NULL};
	int64_t id;

	if (!api_body_check(c, names) || (id = api_path_id(c, "webhook")) < 0)
		return NULL;
	struct pg_params *p = desk_params(c);
	pg_param_int(p, id);
	return p;
}

static void
pause_one(struct desk_call *c, bool held)
{
	struct pg_params *p = of_webhook(c);

	if (p == NULL)
		return;
	pg_param_bool(p, held);
	const struct desk_ask asks[] = {{"row", STMT_WEBHOOK_PAUSE, p, true}};
	desk_gather(c, asks, 1, give_webhook);
}

void
api_webhook_pause(struct desk_call *c)
{
	pause_one(c, true);
}

void
api_webhook_resume(struct desk_call *c)
{
	pause_one(c, false);
}

static void
give_test(struct desk_call *c)
{
	give_row(c, 202);
}

void
api_webhook_test(struct desk_call *c)
{
	struct pg_params *p = of_webhook(c);

	if (p == NULL)
		return;
	pg_param_text(p, c->actor);
	const struct desk_ask asks[] = {{"row", STMT_WEBHOOK_TEST, p, true}};
	desk_gather(c, asks, 1, give_test);
}

static void
give_deliveries(struct desk_call *c)
{
	api_give_page(c, "deliveries", "id");
}

void
api_deliveries(struct desk_call *c)
{
	static const char *const states[] = {"pending", "delivered", "dead", NULL};
	struct api_page page;
	const char *state;
	int64_t id;

	if (!api_query_word(c, "state", states, &state) || !api_page(c, "deliveries", &page) ||
		(id = api_path_id(c, "webhook")) < 0)
		return;
	struct pg_params *p = desk_params(c);
	pg_param_int(p, id);
	pg_param_text(p, state);
	api_page_params(p, &page);
	const struct desk_ask asks[] = {{"deliveries", STMT_WEBHOOK_DELIVERIES, p, false}};
	desk_gather(c, asks, 1, give_deliveries);
}

static void
give_replayed(struct desk_call *c)
{
	json_t *rows = json_object_get(c->data, "replayed"), *row;
	size_t i;

	json_array_foreach (rows, i, row)
		json_object_del(row, "told");
	api_answer(c, 200, json_pack("{s:O}", "replayed", rows));
}

void
api_replay(struct desk_call *c)
{
	static const char *const names[] = {"i:delivery", NULL};
	json_t *delivery;
	int64_t id;

	if (!api_body_check(c, names) || (id = api_path_id(c, "webhook")) < 0)
		return;
	delivery = json_object_get(json_object_get(c->data, "body"), "delivery");
	struct pg_params *p = desk_params(c);
	pg_param_id(p, json_integer_value(delivery)); /* 0 for what is no number */
	pg_param_int(p, id);
	const struct desk_ask asks[] = {{"replayed", STMT_WEBHOOK_REPLAY, p, false}};
	desk_gather(c, asks, 1, give_replayed);
}
