/* What staff do on the console, through the same acts as the command line. */
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

static void
acted(void *arg, const struct application_answer *answer)
{
	struct desk_call *c = arg;
	char path[100];

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
		snprintf(path, sizeof(path), "/applications/%" PRId64 "?done=%s", console_id(c->r), answer->status);
		http_reply_see(c->r, path);
		desk_free(c);
	}
}

static void
act(struct desk_call *c)
{
	static const struct {
		const char *word;
		enum application_act_kind kind;
		bool decides;
	} acts[] = {
		{"approve", APPLICATION_APPROVE, true},
		{"reject", APPLICATION_REJECT, true},
		{"send", APPLICATION_SEND, false},
		{"ready", APPLICATION_READY, false},
		{"collect", APPLICATION_COLLECT, false},
		{"old_received", APPLICATION_OLD_RECEIVED, false},
		{"verify", APPLICATION_VERIFY, false},
	};
	const struct form *f = &c->r->form;
	const char *word = form_get(f, "act");
	char code[7], reason[600], tracking[100], told[20];
	size_t i = 0;

	while (i < sizeof(acts) / sizeof(acts[0]) && (word == NULL || strcmp(acts[i].word, word) != 0))
		i++;
	if (i == sizeof(acts) / sizeof(acts[0]) || console_id(c->r) == 0) {
		http_reply_error(c->r, word == NULL ? 400 : 404);
		desk_free(c);
		return;
	}
	if (acts[i].decides && !c->decide) {
		http_reply_error(c->r, 403);
		desk_free(c);
		return;
	}
	struct application_act a = {
		.kind = acts[i].kind, .bureau_id = c->bureau->id, .id = console_id(c->r), .actor = c->actor};
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

void
console_act(struct http_request *r)
{
	desk_person_post(r, act);
}
