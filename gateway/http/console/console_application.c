/* Everything about one application: where it stands and what comes next, the talk, what proves the choices, the trail.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/clerk.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/mask.h"
#include "store/application.h"
#include "store/pg.h"

#define TEXTS 200

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
	bool send = desk_may(c, ROLE_SEND);

	if (status == NULL || delivery == NULL)
		status = delivery = "";
	put_flag(acts, "decide", desk_may(c, ROLE_APPROVE) && application_status_may(status, "approved"));
	put_flag(acts, "send", send && application_status_may(status, "sent") && strcmp(delivery, "pick_up") != 0);
	put_flag(acts, "ready", send && application_status_may(status, "ready") && strcmp(delivery, "courier") != 0);
	put_flag(acts, "collect", send && application_status_may(status, "collected"));
	bool talking = json_is_true(json_object_get(a, "conversation_open"));
	put_flag(acts, "assist",
		send && (strcmp(status, "due") == 0 || strcmp(status, "reminded") == 0 ||
					(talking && (strcmp(status, "consented") == 0 || strcmp(status, "verified") == 0 ||
									strcmp(status, "confirmed") == 0))));
	put_flag(acts, "check",
		desk_may(c, ROLE_APPROVE) && json_is_true(json_object_get(json_object_get(c->data, "pledge"), "checkable")));
	put_flag(acts, "ask_code", strcmp(status, "ready") == 0);
	put_flag(acts, "old_received",
		send && json_is_null(json_object_get(a, "old_received_at")) &&
			(strcmp(status, "submitted") == 0 || strcmp(status, "approved") == 0 || strcmp(status, "ready") == 0 ||
				strcmp(status, "sent") == 0));
	put_flag(acts, "verify",
		send && json_is_true(json_object_get(a, "conversation_open")) && application_status_may(status, "verified"));
	bool any = false;
	const char *key;
	json_t *value;
	json_object_foreach (acts, key, value)
		any = any || (json_is_true(value) && strcmp(key, "ask_code") != 0);
	put_flag(acts, "none", !any);
	json_object_set_new(a, "acts", acts);
}

/* The choices of the citizen with what proves each: his words, by which way, at which step of which dialog. */
static void
add_evidence(struct desk_call *c)
{
	static const char *const kinds[] = {"consented", "declined", "opted_out", "verified", "confirmed",
		"old_certificate_chosen", "delivery_chosen", "address_chosen", "identity_proven", "pledged", "submitted",
		"said_received", "rated", "complained"};
	json_t *out = json_array(), *row;
	size_t i;

	json_array_foreach (json_object_get(c->data, "trail"), i, row) {
		const char *kind = json_string_value(json_object_get(row, "kind"));
		json_t *data = json_object_get(row, "data");
		bool wanted = false;

		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			wanted = wanted || (kind != NULL && strcmp(kind, kinds[k]) == 0);
		if (!wanted)
			continue;
		json_t *o = json_pack("{s:O, s:O}", "at", json_object_get(row, "at"), "kind", json_object_get(row, "kind"));
		const char *channel = json_string_value(json_object_get(data, "channel"));
		json_object_set(
			o, "text", json_object_get(data, json_is_string(json_object_get(data, "text")) ? "text" : "words"));
		json_object_set_new(o, "actor", json_incref(json_object_get(row, "actor")));
		json_object_set(o, "actor_word", json_object_get(row, "actor_word"));
		json_object_set(o, "where", json_object_get(row, "where"));
		json_object_set(o, "step", json_object_get(row, "step"));
		if (channel != NULL) {
			char word[40];
			snprintf(word, sizeof(word), "channel.%.20s", channel);
			if (html_has_word(c->r->server->o.html, word))
				json_object_set_new(o, "channel", json_string(word));
		}
		json_array_append_new(out, o);
	}
	json_object_set_new(c->data, "evidence", out);
}

static void
add_parts(struct desk_call *c)
{
	json_t *text, *part;
	size_t i, k;
	char word[40];

	json_array_foreach (json_object_get(c->data, "texts"), i, text) {
		json_array_foreach (json_object_get(text, "sendings"), k, part) {
			snprintf(word, sizeof(word), "part.%.20s", json_string_value(json_object_get(part, "state")));
			if (html_has_word(c->r->server->o.html, word))
				json_object_set_new(part, "part_word", json_string(word));
		}
	}
}

/* What became of a pledge, and the marks that pledges which were not kept have left. */
static void
add_pledge(struct desk_call *c)
{
	json_t *pledge = json_object_get(c->data, "pledge"), *marks = json_object_get(c->data, "marks"), *row;
	const char *result = json_string_value(json_object_get(pledge, "check_result"));
	bool stands = false;
	size_t i;

	if (result != NULL && *result != '\0')
		json_object_set_new(pledge, "check_word",
			json_string(strcmp(result, "passed") == 0 ? "kind.pledge_passed" : "kind.pledge_failed"));
	json_array_foreach (marks, i, row)
		stands = stands || json_is_true(json_object_get(row, "stands"));
	put_flag(c->data, "marked", json_array_size(marks) > 0);
	put_flag(c->data, "mark_stands", stands);
}

static void
show(struct desk_call *c)
{
	json_t *a = json_object_get(c->data, "application"), *who = json_object_get(c->data, "holder"), *row;
	bool open = json_is_true(json_object_get(c->data, "unmasked"));
	char masked[400];
	size_t i;

	if (!json_is_object(a)) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	desk_unseal(c, "application");
	add_acts(c, a);
	console_actor(c, a, "verified_by");
	console_actor(c, a, "decided_by");
	console_entry_words(c, a);
	console_trail(c, json_object_get(c->data, "trail"));
	add_evidence(c);
	/* Times and words of the page are for what is shown, not for what it was made of. */
	json_array_foreach (json_object_get(c->data, "trail"), i, row)
		json_object_del(row, "data");
	console_bubbles(c, json_object_get(c->data, "texts"));
	add_parts(c);
	json_object_set_new(c->data, "detailed", json_true());
	if (open) {
		json_object_set(a, "holder", json_object_get(who, "name"));
		json_object_set(a, "landline", json_object_get(who, "landline"));
	} else {
		const char *address = json_string_value(json_object_get(a, "address"));
		if (address != NULL) {
			mask_address(address, masked, sizeof(masked));
			json_object_set_new(a, "address", json_string(masked));
		}
		console_mask_phones(c->data);
		put_flag(a, "may_open", desk_may(c, ROLE_SEND));
	}
	json_object_del(c->data, "holder");
	add_pledge(c);
	const char *done = form_get(&c->r->query, "done");
	static const char *const told[] = {"passed", "failed", "lifted", "assisted", "wrong"};
	for (i = 0; done != NULL && i < sizeof(told) / sizeof(told[0]); i++) {
		char word[40];
		snprintf(word, sizeof(word), "application.told.%s", told[i]);
		if (strcmp(done, told[i]) == 0)
			json_object_set_new(c->data, "told", json_string(word));
	}
	for (const char *const *s = application_statuses(); done != NULL && *s != NULL; s++)
		if (strcmp(done, *s) == 0)
			json_object_set_new(c->data, "done", json_pack("{s:s}", "status", done));
	const char *next = form_get(&c->r->query, "next");
	if (next != NULL && clerk_is_list(next) && desk_may(c, ROLE_SEND))
		json_object_set_new(c->data, "next", json_pack("{s:s, s:s}", "list", next, "to", next));
	bool refused = json_object_get(c->data, "error") != NULL || json_object_get(c->data, "refusal") != NULL ||
				   json_object_get(c->data, "held_by") != NULL;
	console_page(c, refused ? 409 : 200, "console_application");
}

static void
gather(struct desk_call *c)
{
	struct pg_params *one = desk_params(c), *trail = desk_params(c), *talk = desk_params(c), *holder = desk_params(c),
					 *pledge = desk_params(c), *marks = desk_params(c);
	char subject[40];

	snprintf(subject, sizeof(subject), "application %" PRId64, console_id(c->r));
	pg_param_int(one, console_id(c->r));
	pg_param_int(trail, console_id(c->r));
	pg_param_int(talk, console_id(c->r));
	pg_param_int(talk, TEXTS);
	pg_param_int(holder, console_id(c->r));
	bool open = json_is_true(json_object_get(c->data, "unmasked"));
	pg_param_int(pledge, console_id(c->r));
	pg_param_int(marks, console_id(c->r));
	struct desk_ask asks[7] = {{"application", STMT_VIEW_APPLICATION, one, true},
		{"trail", STMT_VIEW_TRAIL, trail, false}, {"texts", STMT_VIEW_TALK, talk, false},
		{"holder", STMT_VIEW_HOLDER, holder, true}, {"pledge", STMT_CONSOLE_PLEDGE, pledge, true},
		{"marks", STMT_CONSOLE_MARKS, marks, false}};
	/* Noted in the transaction that brings it. */
	if (open)
		asks[6] = (struct desk_ask){"noted", STMT_STAFF_EVENT, desk_event(c, "unmasked", subject, NULL), false};
	desk_gather(c, asks, open ? 7 : 6, show);
}

void
console_show_application(struct desk_call *c)
{
	gather(c);
}

void
console_application(struct http_request *r)
{
	desk_person(r, gather);
}
