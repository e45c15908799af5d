/* Lists of the staff console: applications, and the texts of a phone. */
#include "gateway/http/console/console.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/mask.h"
#include "store/application.h"
#include "store/pg.h"

#define PHONE_TEXTS 200

const void *
console_act_row(const struct desk_call *c, const void *rows, size_t n, size_t size)
{
	const char *act = form_get(&c->r->form, "act"), *at = rows;

	for (; act != NULL && n > 0; n--, at += size) {
		const char *word;
		memcpy(&word, at, sizeof(word));
		if (strcmp(word, act) == 0)
			return at;
	}
	return NULL;
}

int64_t
console_id(const struct http_request *r)
{
	char *end;
	const char *text = r->params.values[0];
	int64_t id = strtoll(text, &end, 10);

	return *text >= '0' && *text <= '9' && *end == '\0' ? id : 0;
}

struct pg_params *
console_id_params(const struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_int(p, console_id(c->r));
	return p;
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
	console_mask_phones(rows);
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

/* ---- The texts of a phone ---------------------------------------------------------------------------------------- */

static void
show_phone(struct desk_call *c)
{
	json_t *row;
	size_t i;

	console_bubbles(c, json_object_get(c->data, "texts"));
	json_array_foreach (json_object_get(c->data, "conversations"), i, row) {
		static const char *const keys[] = {"step", "outcome"};
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
			char name[40];
			json_t *o = json_object();
			snprintf(name, sizeof(name), "at_%s", keys[k]);
			console_step(c, o, "name", json_string_value(json_object_get(row, "dialog")),
				(int)json_integer_value(json_object_get(row, "dialog_version")),
				json_string_value(json_object_get(row, keys[k])));
			json_object_set_new(row, name, o);
		}
	}
	json_object_set_new(c->data, "detailed", json_true());
	json_object_set_new(c->data, "phone", json_string(c->r->params.values[0]));
	console_page(c, 200, "console_phone");
}

static void
gather_phone(struct desk_call *c)
{
	struct pg_params *talks = desk_params(c), *texts = desk_params(c), *noted = desk_params(c);
	char masked[32];

	mask_phone(c->r->params.values[0], masked, sizeof(masked));
	pg_param_text(noted, c->name);
	pg_param_int(noted, c->session);
	pg_param_text(noted, "phone_seen");
	pg_param_text(noted, c->r->client);
	pg_param_text(noted, c->r->params.values[0]);
	pg_param_text(noted, masked);
	pg_param_text(talks, c->r->params.values[0]);
	pg_param_int(talks, 20);
	pg_param_text(texts, c->r->params.values[0]);
	pg_param_int(texts, PHONE_TEXTS);
	const struct desk_ask asks[] = {{"conversations", STMT_VIEW_CONVERSATIONS, talks, false},
		{"texts", STMT_VIEW_TEXTS, texts, false}, {"noted", STMT_STAFF_EVENT_PHONE, noted, false}};
	desk_gather(c, asks, 3, show_phone);
}

void
console_phone(struct http_request *r)
{
	char phone[20];

	if (r->g->conf->nbureaus > 0 &&
		conf_phone_normalise(&r->g->conf->bureaus[0], r->params.values[0], phone, sizeof(phone), NULL) == 0 &&
		strcmp(phone, r->params.values[0]) == 0)
		desk_person_may(r, ROLE_SEND, gather_phone);
	else
		http_reply_error(r, 404);
}
