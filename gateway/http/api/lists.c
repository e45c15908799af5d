/* What programs read of the bureau's days: texts, worklists, opt-outs, figures; and the document that describes it all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <event2/http.h>
#include "gateway/clerk.h"
#include "gateway/conf.h"
#include "gateway/delivery_rows.h"
#include "gateway/hours.h"
#include "gateway/http/api/api.h"
#include "gateway/http/console/console.h"
#include "gateway/http/staff/staff.h"
#include "gateway/now.h"
#include "store/pg.h"

#define STATISTICS_DAYS 366

void
api_openapi(struct http_request *r)
{
	struct http_staff *s = r->owner;

	http_reply_bytes(r, 200, "application/json", s->assets.openapi, s->assets.openapi_len, HTTP_HOUR);
}

/* ---- Texts --------------------------------------------------------------------------------------------------------
 */

static void
give_messages(struct desk_call *c)
{
	delivery_rows(json_object_get(c->data, "messages"), http_language(c->r, NULL));
	api_give_page(c, "messages", "id");
}

void
api_messages(struct desk_call *c)
{
	static const char *const states[] = {"queued", "delivering", "delivered", "unavailable", "expired", "failed",
		"technical", "cancelled", "received", NULL};
	static const char *const directions[] = {"in", "out", NULL};
	const char *state, *direction;
	struct api_page page;
	char phone[20];
	int64_t campaign;

	if (!api_query_phone(c, "phone", phone) || !api_query_word(c, "state", states, &state) ||
		!api_query_word(c, "direction", directions, &direction) ||
		!api_query_number(c, "campaign", 1, INT64_MAX, 0, &campaign) || !api_page(c, "messages", &page))
		return;
	if (phone[0] != '\0' && campaign != 0) {
		api_refuse(c, "invalid-field", "campaign", "Ask by phone or by campaign, not by both.");
		return;
	}
	struct pg_params *p = desk_params(c);
	if (phone[0] != '\0')
		pg_param_text(p, phone);
	pg_param_text(p, state);
	pg_param_text(p, direction);
	if (phone[0] == '\0' && campaign == 0)
		pg_param_text(p, NULL);
	else if (phone[0] == '\0')
		pg_param_int(p, campaign);
	api_page_params(p, &page);
	const struct desk_ask asks[] = {
		{"messages", phone[0] != '\0' ? STMT_API_MESSAGES_OF : STMT_API_MESSAGES, p, false}};
	desk_gather(c, asks, 1, give_messages);
}

static void
give_message(struct desk_call *c)
{
	json_t *rows = json_object_get(c->data, "message");

	if (json_array_size(rows) == 0) {
		api_refuse(c, "not-found", NULL, "This bureau has no such text; its number stands in the list.");
		return;
	}
	delivery_rows(rows, http_language(c->r, NULL));
	api_answer(c, 200, json_incref(json_array_get(rows, 0)));
}

void
api_message(struct desk_call *c)
{
	int64_t id = api_path_id(c, "text");

	if (id < 0)
		return;
	struct pg_params *p = desk_params(c);
	pg_param_int(p, id);
	const struct desk_ask asks[] = {{"message", STMT_API_MESSAGE, p, false}};
	desk_gather(c, asks, 1, give_message);
}

/* ---- Worklists ----------------------------------------------------------------------------------------------------
 */

void
api_worklists(struct desk_call *c)
{
	const struct desk_ask asks[] = {{"worklists", STMT_VIEW_WORKLISTS, desk_params(c), false}};

	desk_gather(c, asks, 1, api_give_all);
}

void
api_worklist(struct desk_call *c)
{
	const char *name = c->r->params.values[0];
	int64_t limit;

	if (!api_query_number(c, "limit", 1, API_LIMIT_MAX, API_LIMIT_DEFAULT, &limit))
		return;
	if (!clerk_is_list(name)) {
		api_refuse(c, "not-found", NULL, "There is no such worklist; GET /api/v1/worklists names them.");
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, name);
	pg_param_int(p, limit);
	const struct desk_ask asks[] = {{"entries", STMT_VIEW_WORKLIST, p, false}};
	desk_gather(c, asks, 1, api_give_all);
}

/* ---- Opt-outs -----------------------------------------------------------------------------------------------------
 */

static void
give_suppressions(struct desk_call *c)
{
	api_give_page(c, "suppressions", "phone");
}

void
api_suppressions(struct desk_call *c)
{
	const char *reason = form_get(&c->r->query, "reason");
	struct api_page page;

	if (!api_page(c, "suppressions", &page))
		return;
	struct pg_params *p = desk_params(c);
	pg_param_text(p, reason);
	api_page_params(p, &page);
	const struct desk_ask asks[] = {{"suppressions", STMT_API_SUPPRESSIONS, p, false}};
	desk_gather(c, asks, 1, give_suppressions);
}

static void
give_suppression(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "row");
	bool added = json_is_true(json_object_get(row, "added"));

	api_answer(c, added ? 201 : 200, json_incref(row));
}

void
api_suppression_add(struct desk_call *c)
{
	static const char *const names[] = {"s:phone!", "s:reason!", NULL};
	const char *reason;
	char phone[20];

	if (!api_body_check(c, names))
		return;
	reason = api_text(c, "reason");
	if (conf_phone_normalise(c->bureau, api_text(c, "phone"), phone, sizeof(phone), NULL) != 0) {
		api_refuse(
			c, "invalid-field", "phone", "phone is no telephone number; write it as +86..., 86... or as at home.");
		return;
	}
	if (*reason == '\0' || strlen(reason) > 200) {
		api_refuse(c, "invalid-field", "reason",
			"Say in 1 to 200 octets why this phone gets no reminders, such as \"asked by letter\".");
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, phone);
	pg_param_text(p, reason);
	pg_param_text(p, c->actor);
	const struct desk_ask asks[] = {{"row", STMT_API_SUPPRESSION_ADD, p, true}};
	desk_gather(c, asks, 1, give_suppression);
}

static void
give_removed(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "row");

	if (json_is_object(row))
		api_answer(c, 200, json_incref(row));
	else
		api_refuse(c, "not-found", NULL, "This phone has not opted out.");
}

void
api_suppression_remove(struct desk_call *c)
{
	const char *reason = form_get(&c->r->query, "reason");
	char *typed = evhttp_uridecode(c->r->params.values[0], 0, NULL), phone[20]; /* the plus sign may come as %2B */
	int rc = typed == NULL ? -1 : conf_phone_normalise(c->bureau, typed, phone, sizeof(phone), NULL);

	free(typed);
	if (rc != 0) {
		api_refuse(c, "not-found", NULL, "The address ends in no telephone number.");
		return;
	}
	if (reason == NULL || *reason == '\0') {
		api_refuse(
			c, "invalid-field", "reason", "reason is missing: who wants to be reminded again, and how do you know?");
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, phone);
	pg_param_text(p, c->actor);
	pg_param_text(p, reason);
	const struct desk_ask asks[] = {{"row", STMT_API_SUPPRESSION_REMOVE, p, true}};
	desk_gather(c, asks, 1, give_removed);
}

/* ---- Figures ------------------------------------------------------------------------------------------------------
 */

static int64_t
day_number(const char *day)
{
	struct tm tm = {0};

	return strptime(day, "%Y-%m-%d", &tm) == NULL ? 0 : (int64_t)timegm(&tm) / 86400;
}

void
api_statistics(struct desk_call *c)
{
	const char *from, *to;
	char today[24];
	struct tm tm;

	if (!api_query_day(c, "from", &from) || !api_query_day(c, "to", &to))
		return;
	hours_local(c->bureau, now_us() / 1000000, &tm);
	strftime(today, sizeof(today), "%Y-%m-%d", &tm);
	to = to == NULL ? today : to;
	from = from == NULL ? to : from;
	int64_t days = day_number(to) - day_number(from) + 1;
	if (days < 1 || days > STATISTICS_DAYS) {
		api_refuse(c, "invalid-field", "from", "from is the first day and to the last one, at most 366 days in all.");
		return;
	}
	static const struct {
		const char *key;
		enum stmt stmt;
	} parts[] = {{"events", STMT_API_STATISTICS_EVENTS}, {"texts", STMT_API_STATISTICS_TEXTS},
		{"ratings", STMT_API_STATISTICS_RATINGS}, {"applications", STMT_API_STATISTICS_APPLICATIONS}};
	struct desk_ask asks[4];
	for (size_t i = 0; i < 4; i++) {
		asks[i] = (struct desk_ask){parts[i].key, parts[i].stmt, desk_params(c), false};
		if (i == 3)
			continue;
		pg_param_text(asks[i].params, from);
		pg_param_text(asks[i].params, to);
	}
	json_object_set_new(c->data, "from", json_string(from));
	json_object_set_new(c->data, "to", json_string(to));
	desk_gather(c, asks, 4, api_give_all);
}
