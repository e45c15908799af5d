/* What staff do with an application on the console, through the same acts as the command line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/log.h"
#include "store/application.h"
#include "store/pg.h"

static const struct act {
	const char *word;
	enum application_act_kind kind;
	enum role role;
} acts[] = {
	{"approve", APPLICATION_APPROVE, ROLE_APPROVE},
	{"reject", APPLICATION_REJECT, ROLE_APPROVE},
	{"send", APPLICATION_SEND, ROLE_SEND},
	{"ready", APPLICATION_READY, ROLE_SEND},
	{"collect", APPLICATION_COLLECT, ROLE_SEND},
	{"old_received", APPLICATION_OLD_RECEIVED, ROLE_SEND},
	{"verify", APPLICATION_VERIFY, ROLE_SEND},
};

static const struct act *
act_of(const struct desk_call *c)
{
	const char *word = form_get(&c->r->form, "act");

	for (size_t i = 0; word != NULL && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].word, word) == 0)
			return &acts[i];
	return NULL;
}

static void
acted(void *arg, const struct application_answer *answer)
{
	struct desk_call *c = arg;
	char path[100], subject[40];

	if (c->r->ev == NULL || answer->outcome == APPLICATION_FAILED) {
		if (answer->outcome == APPLICATION_FAILED)
			log_warn("%s application=%" PRId64 " could not be changed: %s", c->actor, console_id(c->r), answer->text);
		http_reply_error(c->r, 503);
		desk_free(c);
	} else if (answer->outcome == APPLICATION_UNKNOWN) {
		http_reply_error(c->r, 404);
		desk_free(c);
	} else if (answer->outcome == APPLICATION_REFUSED) {
		console_show_application(c, answer->text);
	} else {
		/* The trail has it already; this says from where. */
		snprintf(subject, sizeof(subject), "application %" PRId64, console_id(c->r));
		desk_note(c, "acted", subject, form_get(&c->r->form, "act"));
		snprintf(path, sizeof(path), "/applications/%" PRId64 "?done=%s", console_id(c->r), answer->status);
		http_reply_see(c->r, path);
		desk_free(c);
	}
}

static void
run_act(struct desk_call *c)
{
	const struct form *f = &c->r->form;
	const char *by = json_string_value(json_object_get(json_object_get(c->data, "claim"), "held_by"));
	char code[7], reason[600], tracking[100], told[20];

	if (by != NULL) {
		/* Not by two at a time: the page says who has it, and offers to take it over. */
		json_object_set_new(c->data, "held_by", json_string(by));
		json_object_set_new(c->data, "again", json_string(form_get(f, "act")));
		console_show_application(c, NULL);
		return;
	}
	struct application_act a = {
		.kind = act_of(c)->kind, .bureau_id = c->bureau->id, .id = console_id(c->r), .actor = c->actor};
	if (form_get(f, "reason") != NULL && form_trim(form_get(f, "reason"), reason, sizeof(reason)) >= 0)
		a.reason = reason;
	if (form_get(f, "tracking_no") != NULL && form_trim(form_get(f, "tracking_no"), tracking, sizeof(tracking)) >= 0)
		a.tracking_no = tracking;
	if (form_get(f, "pickup_code") != NULL && form_trim(form_get(f, "pickup_code"), told, sizeof(told)) >= 0)
		a.pickup_code = told;
	if (a.kind == APPLICATION_READY) {
		console_pickup_code(code);
		a.pickup_code = code;
	}
	if (application_act(c->r->g->pg_side, &a, acted, c) != 0) {
		http_reply_error(c->r, 503);
		desk_free(c);
	}
}

static void
see(struct desk_call *c)
{
	http_reply_see(c->r, c->r->path);
	desk_free(c);
}

static void
act(struct desk_call *c)
{
	const char *word = form_get(&c->r->form, "act");
	const struct act *known = act_of(c);
	bool take = word != NULL && strcmp(word, "take_over") == 0, open = word != NULL && strcmp(word, "unmask") == 0;

	if ((known == NULL && !take && !open) || console_id(c->r) == 0) {
		http_reply_error(c->r, word == NULL ? 400 : 404);
		desk_free(c);
		return;
	}
	if (!desk_may(c, known == NULL ? ROLE_SEND : known->role)) {
		desk_refuse_role(c);
		return;
	}
	if (open) {
		/* Shown at once and not behind an address that could be opened again without being noted. */
		json_object_set_new(c->data, "unmasked", json_true());
		console_show_application(c, NULL);
		return;
	}
	struct pg_params *p = console_id_params(c);
	console_who(c, p);
	pg_param_int(p, CONSOLE_CLAIM_SECONDS);
	pg_param_bool(p, take);
	const struct desk_ask asks[] = {{"claim", STMT_WORKLIST_CLAIM_APPLICATION, p, true}};
	desk_gather(c, asks, 1, take ? see : run_act);
}

void
console_act(struct http_request *r)
{
	desk_person_post(r, act);
}
