/*
 * A link that is over: its page offers a new one. It goes as a text to the phone of the link's own talk and nowhere
 * else, not often, and whoever asks is told the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/citizen/public.h"
#include "gateway/http/limiter.h"
#include "gateway/http/session.h"
#include "gateway/log.h"
#include "gateway/now.h"
#include "gateway/turn.h"
#include "store/grant.h"
#include "store/pg.h"

static void
about(const struct grants_read *read, char *out, size_t room)
{
	snprintf(out, room, "again %d %" PRId64, read->bureau->id, read->id);
}

void
again_show(struct http_request *r, const struct grants_read *read, int status, const char *why, const char *language)
{
	bool sent = form_get(&r->query, "sent") != NULL;
	char title[48], text[48], form[64], browser[SESSION_ID_LEN + 1], token[SESSION_TOKEN_LEN + 1];

	snprintf(title, sizeof(title), "%s.title", sent ? "again" : why);
	snprintf(text, sizeof(text), "%s.text", sent ? "again" : why);
	json_t *data = json_pack("{s:s, s:s, s:o}", "title", title, "text", text, "bureau", model_bureau(read->bureau));
	if (!sent) {
		about(read, form, sizeof(form));
		session_browser(r, browser);
		session_form_token(r, browser, form, token);
		json_object_set_new(data, "again", json_pack("{s:s, s:s}", "token", token, "action", r->path));
	}
	http_reply_page(r, sent ? 200 : status, "notice", http_language(r, language), data);
}

/* ---- Asking for it ---------------------------------------------------------------------------------------------- */

struct again {
	struct http_request *r;
	struct grants_read read;
	struct grant_view *view;
	bool due; /* none was sent just now, nor too many today */
};

static void
answer(struct again *a)
{
	char path[sizeof(a->r->path) + 8];

	snprintf(path, sizeof(path), "%s?sent=1", a->r->path);
	http_reply_see(a->r, path);
	grant_view_free(a->view);
	free(a);
}

static void
raised(void *arg, enum turn_outcome outcome, const char *step)
{
	struct again *a = arg;

	(void)step;
	if (outcome != TURN_FAILED) {
		answer(a);
		return;
	}
	http_reply_error(a->r, 503);
	grant_view_free(a->view);
	free(a);
}

static void
looked(void *arg, int index, const PGresult *res)
{
	struct again *a = arg;

	(void)index;
	a->due = res != NULL && PQntuples(res) == 1 && PQgetvalue(res, 0, 0)[0] == 't';
}

static void
looked_end(void *arg, const char *error, const char *sqlstate)
{
	struct again *a = arg;
	struct turn_event e = {.bureau_id = a->read.bureau->id,
		.conversation_id = a->view->conversation_id,
		.phone = a->view->phone,
		.kind = DIALOG_OUTSIDE,
		.channel = DIALOG_CHANNEL_STAFF, /* as a text, at once: nobody is at work on a page that is over */
		.name = "new_link",
		.actor = "citizen"};

	(void)sqlstate;
	if (error != NULL)
		log_warn("bureau=%s could not look when the last link was sent: %s", a->read.bureau->code, error);
	if (error == NULL && !a->due)
		answer(a);
	else if (error == NULL)
		turn_raise(a->r->g, &e, raised, a);
	else
		raised(a, TURN_FAILED, "");
}

/* At the steps before consent nothing is agreed yet: there a Y is what brings a link. */
static bool
may_have(const struct grant_view *v)
{
	static const char *const before[] = {"", "reminded", "phone_list"};

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (!v->begun && strcmp(v->step, before[i]) == 0)
			return false;
	return v->open;
}

static void
loaded(void *arg, struct grant_view *view, const char *error)
{
	struct again *a = arg;

	a->view = view;
	if (error != NULL) {
		log_warn("http=public could not load a grant: %s", error);
		raised(a, TURN_FAILED, "");
	} else if (view == NULL || !may_have(view)) {
		answer(a);
	} else {
		struct pg_params *p = pg_params_new();
		pg_param_int(p, a->read.bureau->id);
		pg_param_int(p, view->conversation_id);
		pg_param_int(p, GRANT_AGAIN_SECONDS);
		pg_param_int(p, GRANT_AGAIN_A_DAY);
		if (pg_run(a->r->g->pg_side, STMT_GRANT_AGAIN, p, a, looked, looked_end) != 0)
			raised(a, TURN_FAILED, "");
		pg_params_free(p);
	}
}

bool
again_asked(struct http_request *r)
{
	const char *what = r->post ? form_get(&r->form, "do") : NULL;

	return what != NULL && strcmp(what, "new_link") == 0;
}

void
again_send(struct http_request *r, const struct grants_read *read)
{
	struct http_public *p = r->owner;
	char form[64];

	about(read, form, sizeof(form));
	if (!session_form_good(r, form)) {
		http_reply_error(r, 403);
		return;
	}
	if (limiter_take(p->again, r->network, now_us() / 1000000) > 0) {
		http_reply_error(r, 429);
		return;
	}
	struct again *a = calloc(1, sizeof(*a));
	if (a != NULL) {
		a->r = r;
		a->read = *read;
	}
	if (a == NULL || grant_load(r->g->pg_side, read->bureau->id, read->id, loaded, a) != 0) {
		free(a);
		http_reply_error(r, 503);
	}
}
