/* The programs' interface: JSON over the same views and acts as the console and the command line. /api/v1/openapi.json.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/delivery_rows.h"
#include "gateway/gateway.h"
#include "gateway/http/api/api.h"
#include "gateway/http/console/console.h"
#include "gateway/http/staff/staff.h"
#include "gateway/log.h"
#include "store/application.h"
#include "store/pg.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX 1000

void
api_openapi(struct http_request *r)
{
	struct http_staff *s = r->owner;

	http_reply_bytes(r, 200, "application/json", s->assets.openapi, s->assets.openapi_len, HTTP_HOUR);
}

/* A whole number of the query between 1 and most, or otherwise when it is not there; 0 when it is no such number. */
static int64_t
query_number(const struct http_request *r, const char *name, int64_t otherwise, int64_t most)
{
	const char *text = form_get(&r->query, name);
	char *end;

	if (text == NULL)
		return otherwise;
	int64_t n = strtoll(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && n >= 1 && n <= most ? n : 0;
}

static void
refuse(struct desk_call *c, int status, const char *detail)
{
	http_reply_problem(c->r, status, detail);
	desk_free(c);
}

static void
answer(struct desk_call *c, json_t *body)
{
	http_reply_json(c->r, 200, body);
	desk_free(c);
}

/* ---- Applications ---------------------------------------------------------------------------------------------- */

static void
give_applications(struct desk_call *c)
{
	json_t *rows = json_incref(json_object_get(c->data, "applications")), *next = json_null();
	size_t n = json_array_size(rows), limit = (size_t)query_number(c->r, "limit", LIMIT_DEFAULT, LIMIT_MAX);

	if (n > limit) {
		json_array_remove(rows, n - 1);
		next = json_incref(json_object_get(json_array_get(rows, n - 2), "id"));
	}
	answer(c, json_pack("{s:o, s:o}", "applications", rows, "next", next));
}

static void
list_applications(struct desk_call *c)
{
	const char *status = form_get(&c->r->query, "status"), *item = form_get(&c->r->query, "item");
	int64_t limit = query_number(c->r, "limit", LIMIT_DEFAULT, LIMIT_MAX),
			after = query_number(c->r, "after", -1, INT64_MAX);
	bool known = status == NULL;

	for (const char *const *s = application_statuses(); *s != NULL && !known; s++)
		known = strcmp(*s, status) == 0;
	if (!known || limit == 0 || after == 0) {
		refuse(c, 400,
			!known ? "There is no such status."
				   : "limit is a number from 1 to 1000, after the id that the last page ended with.");
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, status);
	pg_param_text(p, item);
	pg_param_int(p, after < 0 ? 0 : after);
	pg_param_int(p, limit + 1);
	const struct desk_ask asks[] = {{"applications", STMT_VIEW_APPLICATIONS, p, false}};
	desk_gather(c, asks, 1, give_applications);
}

void
api_applications(struct http_request *r)
{
	desk_program(r, "read", list_applications);
}

static void
give_application(struct desk_call *c)
{
	json_t *a = json_object_get(c->data, "application");

	if (!json_is_object(a)) {
		refuse(c, 404, "This bureau has no such application.");
		return;
	}
	desk_unseal(c, "application");
	answer(c, json_incref(a));
}

static void
load_application(struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_int(p, console_id(c->r));
	const struct desk_ask asks[] = {{"application", STMT_VIEW_APPLICATION, p, true}};
	desk_gather(c, asks, 1, give_application);
}

void
api_application(struct http_request *r)
{
	desk_program(r, "read", load_application);
}

static void
give_trail(struct desk_call *c)
{
	json_t *trail = json_object_get(c->data, "trail");

	if (json_array_size(trail) == 0)
		refuse(c, 404, "This bureau has no such application, or nothing happened to it.");
	else
		answer(c, json_pack("{s:O}", "trail", trail));
}

static void
load_trail(struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_int(p, console_id(c->r));
	const struct desk_ask asks[] = {{"trail", STMT_VIEW_TRAIL, p, false}};
	desk_gather(c, asks, 1, give_trail);
}

void
api_trail(struct http_request *r)
{
	desk_program(r, "read", load_trail);
}

/* ---- Acts ------------------------------------------------------------------------------------------------------- */

static void
acted(void *arg, const struct application_answer *done)
{
	struct desk_call *c = arg;

	switch (done->outcome) {
	case APPLICATION_DONE:
		answer(c, json_pack("{s:I, s:s, s:s, s:b, s:b}", "id", (json_int_t)done->id, "before", done->before, "status",
					  done->status, "told", done->told, "finished", done->finished));
		break;
	case APPLICATION_REFUSED:
		refuse(c, 409, done->text);
		break;
	case APPLICATION_UNKNOWN:
		refuse(c, 404, "This bureau has no such application.");
		break;
	case APPLICATION_FAILED:
		log_warn("%s could not change an application: %s", c->actor, done->text);
		refuse(c, 503, "The database did not answer. Nothing was changed; try again.");
		break;
	}
}

static void
act(struct desk_call *c, const struct application_act *a)
{
	if (application_act(c->r->g->pg_side, a, acted, c) != 0)
		refuse(c, 503, "The database is not there. Nothing was changed; try again.");
}

/* The JSON object that was sent, into c->data.body; false after it answered. */
static bool
read_body(struct desk_call *c)
{
	const char *type = http_header(c->r, "Content-Type");
	json_error_t e;
	size_t len;
	const char *text = http_body(c->r, &len);

	if (text == NULL) {
		desk_free(c); /* too long; told already */
		return false;
	}
	json_t *body = type != NULL && strncasecmp(type, "application/json", 16) == 0
					   ? json_loadb(text, len, JSON_REJECT_DUPLICATES, &e)
					   : NULL;
	if (!json_is_object(body)) {
		json_decref(body);
		refuse(c, 400, "Send one JSON object, as Content-Type: application/json.");
		return false;
	}
	json_object_set_new(c->data, "body", body);
	return true;
}

static const char *
body_text(const struct desk_call *c, const char *name)
{
	return json_string_value(json_object_get(json_object_get(c->data, "body"), name));
}

static void
decide(struct desk_call *c)
{
	if (!read_body(c))
		return;
	const char *decision = body_text(c, "decision");
	bool approve = decision != NULL && strcmp(decision, "approve") == 0;
	if (!approve && (decision == NULL || strcmp(decision, "reject") != 0)) {
		refuse(c, 400, "decision is \"approve\" or \"reject\".");
		return;
	}
	act(c, &(struct application_act){.kind = approve ? APPLICATION_APPROVE : APPLICATION_REJECT,
			   .bureau_id = c->bureau->id,
			   .id = console_id(c->r),
			   .actor = c->actor,
			   .reason = body_text(c, "reason")});
}

void
api_decide(struct http_request *r)
{
	desk_program(r, "write", decide);
}

static void
send_or_make_ready(struct desk_call *c)
{
	char code[7];

	if (!read_body(c))
		return;
	const char *tracking = body_text(c, "tracking_no");
	bool ready = json_is_true(json_object_get(json_object_get(c->data, "body"), "ready"));
	if ((tracking != NULL) == ready) {
		refuse(c, 400, "Send either \"tracking_no\" (by courier) or \"ready\": true (at the counter).");
		return;
	}
	console_pickup_code(code);
	act(c, &(struct application_act){.kind = ready ? APPLICATION_READY : APPLICATION_SEND,
			   .bureau_id = c->bureau->id,
			   .id = console_id(c->r),
			   .actor = c->actor,
			   .tracking_no = tracking,
			   .pickup_code = ready ? code : NULL});
}

void
api_send(struct http_request *r)
{
	desk_program(r, "write", send_or_make_ready);
}

static void
collect(struct desk_call *c)
{
	if (read_body(c))
		act(c, &(struct application_act){.kind = APPLICATION_COLLECT,
				   .bureau_id = c->bureau->id,
				   .id = console_id(c->r),
				   .actor = c->actor,
				   .pickup_code = body_text(c, "pickup_code")});
}

void
api_collect(struct http_request *r)
{
	desk_program(r, "write", collect);
}

/* ---- Messages and worklists ----------------------------------------------------------------------------------------
 */

static void
give_all(struct desk_call *c)
{
	answer(c, json_incref(c->data));
}

static void
give_messages(struct desk_call *c)
{
	delivery_rows(json_object_get(c->data, "messages"), http_language(c->r, NULL));
	give_all(c);
}

static void
list_messages(struct desk_call *c)
{
	const char *phone = form_get(&c->r->query, "phone");
	int64_t limit = query_number(c->r, "limit", LIMIT_DEFAULT, LIMIT_MAX);
	char e164[20];

	if (limit == 0 || (phone != NULL && conf_phone_normalise(c->bureau, phone, e164, sizeof(e164), NULL) != 0)) {
		refuse(c, 400, limit == 0 ? "limit is a number from 1 to 1000." : "phone is no telephone number.");
		return;
	}
	struct pg_params *p = desk_params(c);
	if (phone != NULL)
		pg_param_text(p, e164);
	pg_param_int(p, limit);
	const struct desk_ask asks[] = {{"messages", phone != NULL ? STMT_VIEW_TEXTS : STMT_VIEW_MESSAGES, p, false}};
	desk_gather(c, asks, 1, give_messages);
}

void
api_messages(struct http_request *r)
{
	desk_program(r, "read", list_messages);
}

static void
list_worklists(struct desk_call *c)
{
	const struct desk_ask asks[] = {{"worklists", STMT_VIEW_WORKLISTS, desk_params(c), false}};

	desk_gather(c, asks, 1, give_all);
}

void
api_worklists(struct http_request *r)
{
	desk_program(r, "read", list_worklists);
}

static void
list_worklist(struct desk_call *c)
{
	int64_t limit = query_number(c->r, "limit", LIMIT_DEFAULT, LIMIT_MAX);

	if (limit == 0 || !console_is_worklist(c->r->params.values[0])) {
		refuse(
			c, limit == 0 ? 400 : 404, limit == 0 ? "limit is a number from 1 to 1000." : "There is no such worklist.");
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, c->r->params.values[0]);
	pg_param_int(p, limit);
	const struct desk_ask asks[] = {{"entries", STMT_VIEW_WORKLIST, p, false}};
	desk_gather(c, asks, 1, give_all);
}

void
api_worklist(struct http_request *r)
{
	desk_program(r, "read", list_worklist);
}
