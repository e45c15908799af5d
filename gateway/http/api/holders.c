/* Holders, their licences and the changes of the business register, as they are on file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/api/api.h"
#include "gateway/import_check.h"
#include "gateway/keys.h"
#include "store/pg.h"

/* The bureau, and whether names and addresses are shown in full. */
static struct pg_params *
params(const struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_bool(p, api_may(c, "personal"));
	return p;
}

static void
optional_number(struct pg_params *p, int64_t n)
{
	if (n == 0)
		pg_param_text(p, NULL);
	else
		pg_param_int(p, n);
}

/* ---- Holders ------------------------------------------------------------------------------------------------------
 */

static void
give_holders(struct desk_call *c)
{
	json_t *rows = json_object_get(c->data, "holders"), *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		json_object_set(c->data, "one", row);
		desk_unseal(c, "one");
	}
	api_give_page(c, "holders", "id");
}

void
api_holders(struct desk_call *c)
{
	const char *tag = form_get(&c->r->query, "tag");
	struct api_page page;
	char phone[20];

	if (!api_query_phone(c, "phone", phone) || !api_page(c, "holders", &page))
		return;
	if (tag != NULL && phone[0] != '\0') {
		api_refuse(c, "invalid-field", "tag", "Ask by phone or by tag, not by both.");
		return;
	}
	struct pg_params *p = params(c);
	pg_param_text(p, phone[0] != '\0' ? phone : tag);
	api_page_params(p, &page);
	const struct desk_ask asks[] = {
		{"holders", phone[0] != '\0' ? STMT_API_HOLDERS_OF_PHONE : STMT_API_HOLDERS, p, false}};
	desk_gather(c, asks, 1, give_holders);
}

static void
give_holder(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "holder");

	if (!json_is_object(row)) {
		api_refuse(c, "not-found", NULL, "This bureau has no such holder on file.");
		return;
	}
	desk_unseal(c, "holder");
	api_answer(c, 200, json_incref(row));
}

void
api_holder(struct desk_call *c)
{
	int64_t id = api_path_id(c, "holder");

	if (id < 0)
		return;
	struct pg_params *p = params(c);
	pg_param_int(p, id);
	const struct desk_ask asks[] = {{"holder", STMT_API_HOLDER, p, true}};
	desk_gather(c, asks, 1, give_holder);
}

/* The identity number comes in a body: addresses are written into logs. */
void
api_holder_find(struct desk_call *c)
{
	static const char *const names[] = {"s:id_number!", NULL};
	char clean[CHECK_TEXT_MAX + 1], number[41], fault[CHECK_FAULT_MAX + 1], detail[CHECK_FAULT_MAX + 20];
	uint8_t hash[32];

	if (!api_body_check(c, names))
		return;
	const char *sent = api_text(c, "id_number");
	check_clean(sent, strlen(sent), true, clean, sizeof(clean));
	if (check_id_number(c->bureau->country, clean, number, fault) != 0) {
		snprintf(detail, sizeof(detail), "id_number %s.", fault);
		api_refuse(c, "invalid-field", "id_number", detail);
		return;
	}
	keys_hash(c->r->g->keys, "identity", number, strlen(number), hash);
	struct pg_params *p = params(c);
	pg_param_bytes(p, hash, sizeof(hash));
	const struct desk_ask asks[] = {{"holder", STMT_API_HOLDER_FIND, p, true}};
	desk_gather(c, asks, 1, give_holder);
}

static void
give_forgotten(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "row");

	if (json_is_object(row))
		api_answer(c, 200, json_incref(row));
	else
		api_refuse(c, "not-found", NULL, "This bureau has no such holder on file.");
}

void
api_holder_forget(struct desk_call *c)
{
	const char *field = c->r->params.values[1];
	int64_t id = api_path_id(c, "holder");

	if (id < 0)
		return;
	if (strcmp(field, "phone") != 0 && strcmp(field, "landline") != 0 && strcmp(field, "address") != 0) {
		api_refuse(c, "not-found", NULL, "What can be removed of a holder is phone, landline and address.");
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_int(p, id);
	pg_param_text(p, field);
	pg_param_text(p, c->actor);
	const struct desk_ask asks[] = {{"row", STMT_API_HOLDER_FORGET, p, true}};
	desk_gather(c, asks, 1, give_forgotten);
}

/* ---- Licences -----------------------------------------------------------------------------------------------------
 */

static void
give_licences(struct desk_call *c)
{
	api_give_page(c, "licences", "id");
}

void
api_licences(struct desk_call *c)
{
	const char *item = form_get(&c->r->query, "item"), *licence_no = form_get(&c->r->query, "licence_no"), *from, *to;
	struct api_page page;
	int64_t holder;

	if (!api_query_number(c, "holder", 1, INT64_MAX, 0, &holder) || !api_query_day(c, "expires_from", &from) ||
		!api_query_day(c, "expires_to", &to) || !api_page(c, "licences", &page))
		return;
	bool keyed = licence_no != NULL || holder != 0;
	if (keyed && (from != NULL || to != NULL)) {
		api_refuse(c, "invalid-field", "expires_from", "Ask by days, or by licence_no and holder, not by both.");
		return;
	}
	struct pg_params *p = params(c);
	if (keyed) {
		pg_param_text(p, licence_no);
		optional_number(p, holder);
		pg_param_text(p, item);
	} else {
		pg_param_text(p, item);
		pg_param_text(p, from);
		pg_param_text(p, to);
	}
	api_page_params(p, &page);
	const struct desk_ask asks[] = {{"licences", keyed ? STMT_API_LICENCES_OF : STMT_API_LICENCES, p, false}};
	desk_gather(c, asks, 1, give_licences);
}

static void
give_licence(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "licence");

	if (json_is_object(row))
		api_answer(c, 200, json_incref(row));
	else
		api_refuse(c, "not-found", NULL, "This bureau has no such licence on file.");
}

void
api_licence(struct desk_call *c)
{
	int64_t id = api_path_id(c, "licence");

	if (id < 0)
		return;
	struct pg_params *p = params(c);
	pg_param_int(p, id);
	const struct desk_ask asks[] = {{"licence", STMT_API_LICENCE, p, true}};
	desk_gather(c, asks, 1, give_licence);
}

/* ---- Changes ------------------------------------------------------------------------------------------------------
 */

static void
give_changes(struct desk_call *c)
{
	api_give_page(c, "changes", "id");
}

void
api_changes(struct desk_call *c)
{
	struct api_page page;
	int64_t holder;

	if (!api_query_number(c, "holder", 1, INT64_MAX, 0, &holder) || !api_page(c, "changes", &page))
		return;
	struct pg_params *p = desk_params(c);
	optional_number(p, holder);
	api_page_params(p, &page);
	const struct desk_ask asks[] = {{"changes", STMT_API_CHANGES, p, false}};
	desk_gather(c, asks, 1, give_changes);
}
