/* Pages of the staff console: applications, one application, a worklist, the texts of a phone. */
#include "gateway/http/console/console.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/delivery_rows.h"
#include "gateway/gateway.h"
#include "store/application.h"
#include "store/pg.h"

#define PHONE_TEXTS 200

int64_t
console_id(const struct http_request *r)
{
	char *end;
	const char *text = r->params.values[0];
	int64_t id = strtoll(text, &end, 10);

	return *text >= '0' && *text <= '9' && *end == '\0' ? id : 0;
}

void
console_pickup_code(char out[7])
{
	snprintf(out, 7, "%06u", (unsigned)randombytes_uniform(1000000));
}

/* ---- Applications ---------------------------------------------------------------------------------------------- */

static void
show_applications(struct desk_call *c)
{
	json_t *rows = json_object_get(c->data, "applications"), *statuses = json_array();
	const char *chosen = form_get(&c->r->query, "status");
	size_t n = json_array_size(rows);

	for (const char *const *s = application_statuses(); *s != NULL; s++)
		json_array_append_new(
			statuses, json_pack("{s:s, s:b}", "status", *s, "chosen", chosen != NULL && strcmp(chosen, *s) == 0));
	json_object_set_new(c->data, "statuses", statuses);
	if (n > CONSOLE_ROWS) {
		char more[200];
		json_array_remove(rows, n - 1);
		snprintf(more, sizeof(more), "/applications?after=%" JSON_INTEGER_FORMAT "%s%s",
			json_integer_value(json_object_get(json_array_get(rows, n - 2), "id")), chosen != NULL ? "&status=" : "",
			chosen != NULL ? chosen : "");
		json_object_set_new(c->data, "more", json_string(more));
	}
	console_page(c, 200, "console_applications");
}

static bool
is_status(const char *word)
{
	for (const char *const *s = application_statuses(); *s != NULL; s++)
		if (strcmp(*s, word) == 0)
			return true;
	return false;
}

static void
gather_applications(struct desk_call *c)
{
	const char *status = form_get(&c->r->query, "status"), *after = form_get(&c->r->query, "after");
	struct pg_params *p = desk_params(c);

	pg_param_text(p, status == NULL || !is_status(status) ? NULL : status);
	pg_param_text(p, NULL);
	pg_param_int(p, after == NULL ? 0 : strtoll(after, NULL, 10));
	pg_param_int(p, CONSOLE_ROWS + 1);
	const struct desk_ask asks[] = {{"applications", STMT_VIEW_APPLICATIONS, p, false}};
	desk_gather(c, asks, 1, show_applications);
}

void
console_applications(struct http_request *r)
{
	desk_person(r, gather_applications);
}

/* ---- One application -------------------------------------------------------------------------------------------- */

static void
put_flag(json_t *o, const char *name, bool value)
{
	json_object_set_new(o, name, json_boolean(value));
}

/* Which acts are open now, by the same table that judges them. */
static void
add_acts(const struct desk_call *c, json_t *a)
{
	const char *status = json_string_value(json_object_get(a, "status"));
	const char *delivery = json_string_value(json_object_get(a, "delivery"));
	json_t *acts = json_object();

	if (status == NULL || delivery == NULL)
		status = delivery = "";
	put_flag(acts, "decide", c->decide && application_status_may(status, "approved"));
	put_flag(acts, "send", application_status_may(status, "sent") && strcmp(delivery, "pick_up") != 0);
	put_flag(acts, "ready", application_status_may(status, "ready") && strcmp(delivery, "courier") != 0);
	put_flag(acts, "collect", application_status_may(status, "collected"));
	put_flag(acts, "ask_code", strcmp(status, "ready") == 0);
	put_flag(acts, "old_received",
		json_is_null(json_object_get(a, "old_received_at")) &&
			(strcmp(status, "submitted") == 0 || strcmp(status, "approved") == 0 || strcmp(status, "ready") == 0 ||
				strcmp(status, "sent") == 0));
	put_flag(acts, "verify",
		json_is_true(json_object_get(a, "conversation_open")) && application_status_may(status, "verified"));
	bool any = false;
	const char *key;
	json_t *value;
	json_object_foreach (acts, key, value)
		any = any || json_is_true(value);
	put_flag(acts, "none", !any);
	json_object_set_new(a, "acts", acts);
}

static void
show_application(struct desk_call *c)
{
	json_t *a = json_object_get(c->data, "application"), *row;
	size_t i;

	if (!json_is_object(a)) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	desk_unseal(c, "application");
	add_acts(c, a);
	json_array_foreach (json_object_get(c->data, "trail"), i, row) {
		json_t *more = json_object_get(row, "data");
		char *text = json_object_size(more) == 0 ? NULL : json_dumps(more, JSON_COMPACT | JSON_SORT_KEYS);
		json_object_set_new(row, "more", json_string(text == NULL ? "" : text));
		free(text);
	}
	bool refused = json_object_get(c->data, "error") != NULL;
	const char *done = form_get(&c->r->query, "done");
	if (done != NULL && is_status(done))
		json_object_set_new(c->data, "done", json_pack("{s:s}", "status", done));
	console_page(c, refused ? 409 : 200, "console_application");
}

static void
gather_application(struct desk_call *c)
{
	struct pg_params *one = desk_params(c), *trail = desk_params(c);

	pg_param_int(one, console_id(c->r));
	pg_param_int(trail, console_id(c->r));
	const struct desk_ask asks[] = {
		{"application", STMT_VIEW_APPLICATION, one, true}, {"trail", STMT_VIEW_TRAIL, trail, false}};
	desk_gather(c, asks, 2, show_application);
}

void
console_show_application(struct desk_call *c, const char *error)
{
	if (error != NULL)
		json_object_set_new(c->data, "error", json_string(error));
	gather_application(c);
}

void
console_application(struct http_request *r)
{
	desk_person(r, gather_application);
}

/* ---- The texts of a phone ---------------------------------------------------------------------------------------- */

static void
show_phone(struct desk_call *c)
{
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(c->data, "texts"), i, row)
		put_flag(row, "in", strcmp(json_string_value(json_object_get(row, "direction")), "in") == 0);
	delivery_rows(json_object_get(c->data, "texts"), http_language(c->r, NULL));
	json_object_set_new(c->data, "phone", json_string(c->r->params.values[0]));
	console_page(c, 200, "console_phone");
}

static void
gather_phone(struct desk_call *c)
{
	struct pg_params *talks = desk_params(c), *texts = desk_params(c);

	pg_param_text(talks, c->r->params.values[0]);
	pg_param_int(talks, 20);
	pg_param_text(texts, c->r->params.values[0]);
	pg_param_int(texts, PHONE_TEXTS);
	const struct desk_ask asks[] = {
		{"conversations", STMT_VIEW_CONVERSATIONS, talks, false}, {"texts", STMT_VIEW_TEXTS, texts, false}};
	desk_gather(c, asks, 2, show_phone);
}

void
console_phone(struct http_request *r)
{
	char phone[20];

	if (r->g->conf->nbureaus > 0 &&
		conf_phone_normalise(&r->g->conf->bureaus[0], r->params.values[0], phone, sizeof(phone), NULL) == 0 &&
		strcmp(phone, r->params.values[0]) == 0)
		desk_person(r, gather_phone);
	else
		http_reply_error(r, 404);
}
