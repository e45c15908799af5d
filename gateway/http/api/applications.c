/* Applications: lists, one, its trail, and what the bureau's systems do with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/api/api.h"
#include "gateway/http/console/console.h"
#include "gateway/log.h"
#include "store/application.h"
#include "store/pg.h"

#define EVIDENCE_MAX 200 /* characters of each of its texts */

static void
give_applications(struct desk_call *c)
{
	api_give_page(c, "applications", "id");
}

void
api_applications(struct desk_call *c)
{
	const char *status, *item = form_get(&c->r->query, "item"), *licence_no = form_get(&c->r->query, "licence_no");
	struct api_page page;
	char phone[20];
	int64_t holder;

	if (!api_query_word(c, "status", application_statuses(), &status) || !api_query_phone(c, "phone", phone) ||
		!api_query_number(c, "holder", 1, INT64_MAX, 0, &holder) || !api_page(c, "applications", &page))
		return;
	struct pg_params *p = desk_params(c);
	pg_param_text(p, status);
	pg_param_text(p, item);
	bool keyed = licence_no != NULL || phone[0] != '\0' || holder != 0;
	if (keyed) {
		pg_param_text(p, licence_no);
		pg_param_text(p, phone[0] == '\0' ? NULL : phone);
		if (holder == 0)
			pg_param_text(p, NULL);
		else
			pg_param_int(p, holder);
	}
	api_page_params(p, &page);
	const struct desk_ask asks[] = {
		{"applications", keyed ? STMT_API_APPLICATIONS_OF : STMT_API_APPLICATIONS, p, false}};
	desk_gather(c, asks, 1, give_applications);
}

static void
give_application(struct desk_call *c)
{
	json_t *a = json_object_get(c->data, "application");

	if (!json_is_object(a)) {
		api_refuse(c, "not-found", NULL, "This bureau has no such application; its number stands in the list.");
		return;
	}
	desk_unseal(c, "application");
	api_answer(c, 200, json_incref(a));
}

/* A statement of an application's number. */
static void
ask_about(struct desk_call *c, const char *key, enum stmt s, bool one, void (*then)(struct desk_call *c))
{
	int64_t id = api_path_id(c, "application");

	if (id < 0)
		return;
	struct pg_params *p = desk_params(c);
	pg_param_int(p, id);
	const struct desk_ask asks[] = {{key, s, p, one}};
	desk_gather(c, asks, 1, then);
}

void
api_application(struct desk_call *c)
{
	ask_about(c, "application", STMT_VIEW_APPLICATION, true, give_application);
}

static void
give_trail(struct desk_call *c)
{
	json_t *trail = json_object_get(c->data, "trail");

	if (json_array_size(trail) == 0)
		api_refuse(c, "not-found", NULL, "This bureau has no such application; its number stands in the list.");
	else
		api_answer(c, 200, json_pack("{s:O}", "trail", trail));
}

void
api_application_trail(struct desk_call *c)
{
	ask_about(c, "trail", STMT_VIEW_TRAIL, false, give_trail);
}

/* ---- Acts ---------------------------------------------------------------------------------------------------------
 */

static void
acted(void *arg, const struct application_answer *done)
{
	struct desk_call *c = arg;

	switch (done->outcome) {
	case APPLICATION_DONE:
		api_answer(c, 200,
			json_pack("{s:I, s:s, s:s, s:b, s:b}", "id", (json_int_t)done->id, "before", done->before, "status",
				done->status, "told", done->told, "finished", done->finished));
		break;
	case APPLICATION_REFUSED:
		api_refuse_with(c, "conflict", NULL, done->text,
			json_pack("{s:s, s:s}", "status_now", done->before, "why", done->refusal.code));
		break;
	case APPLICATION_UNKNOWN:
		api_refuse(c, "not-found", NULL, "This bureau has no such application; its number stands in the list.");
		break;
	case APPLICATION_FAILED:
		log_warn("%s could not change an application: %s", c->actor, done->text);
		api_unavailable(c);
		break;
	}
}

/* Does it with the application of the path. */
static void
act(struct desk_call *c, struct application_act *a)
{
	a->bureau_id = c->bureau->id;
	a->actor = c->actor;
	a->id = api_path_id(c, "application");
	if (a->id > 0 && application_act(c->r->g->pg_side, a, acted, c) != 0)
		api_unavailable(c);
}

void
api_verify(struct desk_call *c)
{
	static const char *const names[] = {"s:system!", "s:evidence!", "s:level", NULL};
	json_t *body = json_object_get(c->data, "body"), *value;
	const char *key;

	if (!api_body_check(c, names))
		return;
	json_object_foreach (body, key, value) {
		const char *text = json_string_value(value);
		if (text != NULL && (*text == '\0' || strlen(text) > EVIDENCE_MAX)) {
			api_refuse(c, "invalid-field", key,
				"Write 1 to 200 octets: what the identity system and its record of the proof are called.");
			return;
		}
	}
	char *evidence = json_dumps(body, JSON_COMPACT);
	act(c, &(struct application_act){.kind = APPLICATION_VERIFY, .evidence = evidence});
	free(evidence);
}

void
api_decide(struct desk_call *c)
{
	static const char *const names[] = {"s:decision!", "s:reason", NULL};

	if (!api_body_check(c, names))
		return;
	const char *decision = api_text(c, "decision"), *reason = api_text(c, "reason");
	bool approve = strcmp(decision, "approve") == 0;
	if (!approve && strcmp(decision, "reject") != 0)
		api_refuse(c, "invalid-field", "decision", "decision is \"approve\" or \"reject\".");
	else if (!approve && (reason == NULL || *reason == '\0'))
		api_refuse(c, "invalid-field", "reason", "A rejection needs a reason; it is texted to the citizen.");
	else
		act(c, &(struct application_act){.kind = approve ? APPLICATION_APPROVE : APPLICATION_REJECT, .reason = reason});
}

void
api_send(struct desk_call *c)
{
	static const char *const names[] = {"s:tracking_no", "b:ready", NULL};
	char code[7];

	if (!api_body_check(c, names))
		return;
	const char *tracking = api_text(c, "tracking_no");
	bool ready = json_is_true(json_object_get(json_object_get(c->data, "body"), "ready"));
	if ((tracking != NULL && *tracking != '\0') == ready) {
		api_refuse(c, "invalid-field", "tracking_no",
			"Send either \"tracking_no\" (by courier) or \"ready\": true (at the counter).");
		return;
	}
	console_pickup_code(code);
	act(c, &(struct application_act){.kind = ready ? APPLICATION_READY : APPLICATION_SEND,
			   .tracking_no = tracking,
			   .pickup_code = ready ? code : NULL});
}

void
api_collect(struct desk_call *c)
{
	static const char *const names[] = {"s:pickup_code", NULL};

	if (api_body_check(c, names))
		act(c, &(struct application_act){.kind = APPLICATION_COLLECT, .pickup_code = api_text(c, "pickup_code")});
}

void
api_old_certificate(struct desk_call *c)
{
	static const char *const names[] = {"b:received!", NULL};

	if (!api_body_check(c, names))
		return;
	if (!json_is_true(json_object_get(json_object_get(c->data, "body"), "received")))
		api_refuse(c, "invalid-field", "received", "received is true: the bureau has the old certificate.");
	else
		act(c, &(struct application_act){.kind = APPLICATION_OLD_RECEIVED});
}
