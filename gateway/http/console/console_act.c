/* What staff do with an application on the console, through the same acts as the command line. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/clerk.h"
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
	const char *list; /* that it was on: the next of it is offered; "" = none */
} acts[] = {
	{"approve", APPLICATION_APPROVE, ROLE_APPROVE, "approve"},
	{"reject", APPLICATION_REJECT, ROLE_APPROVE, "approve"},
	{"send", APPLICATION_SEND, ROLE_SEND, "send"},
	{"ready", APPLICATION_READY, ROLE_SEND, "send"},
	{"collect", APPLICATION_COLLECT, ROLE_SEND, ""},
	{"old_received", APPLICATION_OLD_RECEIVED, ROLE_SEND, "collect"},
	{"verify", APPLICATION_VERIFY, ROLE_SEND, ""},
	{"passed", APPLICATION_PASSED, ROLE_APPROVE, "check"},
	{"failed", APPLICATION_FAILED_CHECK, ROLE_APPROVE, "check"},
};

static const struct act *
act_of(const struct desk_call *c)
{
	return console_act_row(c, acts, sizeof(acts) / sizeof(acts[0]), sizeof(acts[0]));
}

static bool
is_check(const struct act *a)
{
	return a->kind == APPLICATION_PASSED || a->kind == APPLICATION_FAILED_CHECK;
}

static void
see_done(struct desk_call *c)
{
	char path[100];

	snprintf(path, sizeof(path), "/applications/%" PRId64 "?done=%s&next=%s", console_id(c->r),
		json_string_value(json_object_get(c->data, "now")), act_of(c)->list);
	http_reply_see(c->r, path);
	desk_free(c);
}

static void
acted(void *arg, const struct application_answer *answer)
{
	struct desk_call *c = arg;
	char subject[40];

	if (c->r->ev == NULL || answer->outcome == APPLICATION_FAILED) {
		if (answer->outcome == APPLICATION_FAILED)
			log_warn("%s application=%" PRId64 " could not be changed: %s", c->actor, console_id(c->r), answer->text);
		http_reply_error(c->r, 503);
		desk_free(c);
	} else if (answer->outcome == APPLICATION_UNKNOWN) {
		http_reply_error(c->r, 404);
		desk_free(c);
	} else if (answer->outcome == APPLICATION_REFUSED) {
		console_refusal(c, answer);
		console_show_application(c);
	} else {
		/* The trail has it already; this says from where. */
		json_object_set_new(c->data, "now", json_string(is_check(act_of(c)) ? act_of(c)->word : answer->status));
		snprintf(subject, sizeof(subject), "application %" PRId64, console_id(c->r));
		desk_note_then(c, "acted", subject, form_get(&c->r->form, "act"), see_done);
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
		console_show_application(c);
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

/* ---- Marks on a holder's record ---------------------------------------------------------------------------------- */

static void
lifted(struct desk_call *c)
{
	char path[100];

	snprintf(path, sizeof(path), "/applications/%" PRId64 "?done=%s", console_id(c->r),
		json_array_size(json_object_get(c->data, "lifted")) > 0 ? "lifted" : "");
	http_reply_see(c->r, path);
	desk_free(c);
}

static void
lift(struct desk_call *c)
{
	const char *typed = form_get(&c->r->form, "reason");
	char reason[600], subject[40];

	if (typed == NULL || form_trim(typed, reason, sizeof(reason)) <= 0) {
		json_object_set_new(c->data, "error", json_string("refused.needs_why"));
		console_show_application(c);
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_int(p, console_id(c->r));
	pg_param_text(p, c->actor);
	pg_param_text(p, reason);
	snprintf(subject, sizeof(subject), "application %" PRId64, console_id(c->r));
	const struct desk_ask asks[] = {{"lifted", STMT_CREDIT_LIFT, p, false},
		{"noted", STMT_STAFF_EVENT, desk_event(c, "acted", subject, "lift"), false}};
	desk_gather(c, asks, 2, lifted);
}

static void
act(struct desk_call *c)
{
	const char *word = form_get(&c->r->form, "act");
	const struct act *known = act_of(c);
	bool take = word != NULL && strcmp(word, "take_over") == 0, open = word != NULL && strcmp(word, "unmask") == 0,
		 mark = word != NULL && strcmp(word, "lift") == 0;

	if ((known == NULL && !take && !open && !mark) || console_id(c->r) == 0) {
		http_reply_error(c->r, word == NULL ? 400 : 404);
		desk_free(c);
		return;
	}
	if (!desk_may(c, mark ? ROLE_APPROVE : known == NULL ? ROLE_SEND : known->role)) {
		desk_refuse_role(c);
		return;
	}
	if (mark) {
		lift(c);
		return;
	}
	if (open) {
		/* Shown at once and not behind an address that could be opened again without being noted. */
		json_object_set_new(c->data, "unmasked", json_true());
		console_show_application(c);
		return;
	}
	struct pg_params *p = console_id_params(c);
	console_who(c, p);
	pg_param_int(p, CLERK_CLAIM_SECONDS);
	pg_param_bool(p, take);
	const struct desk_ask asks[] = {{"claim", STMT_WORKLIST_CLAIM_APPLICATION, p, true}};
	desk_gather(c, asks, 1, take ? see : run_act);
}

void
console_act(struct http_request *r)
{
	desk_person_post(r, act);
}
