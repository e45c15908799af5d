/*
 * Identity proven by the bureau's platform: out by a redirect, back by a page of ours whose button posts what came. The
 * browser sends our cookies only with that post, so only there it is known that it is the browser that went out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/citizen/public.h"
#include "gateway/http/session.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/now.h"
#include "gateway/platform.h"
#include "gateway/turn.h"
#include "store/grant.h"

static void
go_out(struct visit *v)
{
	struct platform_state s = {
		.bureau_id = v->bureau->id, .grant_id = v->view->id, .expires = now_us() / 1000000 + PLATFORM_SECONDS};
	char browser[SESSION_ID_LEN + 1], state[PLATFORM_STATE_MAX + 1], url[1200];
	const char *base = v->r->g->conf->public_url;

	if (v->bureau->identity_url[0] == '\0' || (v->stage != VISIT_CHECK && v->proven)) {
		char path[ROUTER_PARAM_MAX + 8];
		snprintf(path, sizeof(path), "/r/%s", v->r->params.values[0]);
		http_reply_see(v->r, path);
		visit_free(v);
		return;
	}
	session_browser(v->r, browser);
	platform_browser(v->r->g->keys, browser, s.browser);
	platform_state_make(v->r->g->keys, &s, state);
	int n = snprintf(url, sizeof(url), "%s%sstate=%s&return=%s/identity", v->bureau->identity_url,
		strchr(v->bureau->identity_url, '?') == NULL ? "?" : "&", state, base);
	if (n < 0 || (size_t)n >= sizeof(url))
		http_reply_error(v->r, 500);
	else
		http_reply_see(v->r, url);
	visit_free(v);
}

/* GET /r/TOKEN/identity */
void
page_platform_out(struct http_request *r)
{
	visit_open(r, go_out);
}

/* GET /identity: nothing is looked at yet, for our cookies did not come with it. */
void
page_platform_back(struct http_request *r)
{
	const char *assertion = form_get(&r->query, "assertion");

	if (assertion == NULL)
		http_reply_error(r, 400);
	else
		http_reply_page(r, 200, "returned", http_language(r, NULL), json_pack("{s:s}", "assertion", assertion));
}

/* ---- What it brought -------------------------------------------------------------------------------------------- */

struct back {
	struct http_request *r;
	struct platform_assertion a;
	const struct conf_bureau *bureau;
	struct grant_view *view;
	char path[ROUTER_PARAM_MAX + 8];
};

static void
back_free(struct back *b)
{
	grant_view_free(b->view);
	free(b);
}

static void
refuse(struct back *b, const char *what)
{
	char title[48], text[48];

	snprintf(title, sizeof(title), "%s.title", what);
	snprintf(text, sizeof(text), "%s.text", what);
	json_t *data = json_pack("{s:s, s:s}", "title", title, "text", text);
	if (b->bureau != NULL)
		json_object_set_new(data, "bureau", model_bureau(b->bureau));
	http_reply_page(b->r, 403, "notice", http_language(b->r, NULL), data);
	back_free(b);
}

static void
raised(void *arg, enum turn_outcome outcome, const char *step)
{
	struct back *b = arg;

	(void)step;
	if (outcome == TURN_FAILED)
		http_reply_error(b->r, 503);
	else
		http_reply_see(b->r, b->path);
	back_free(b);
}

/* Every holder of the talk must be the one that was checked. */
static bool
is_holder(const struct back *b)
{
	bool right = b->view->nholders > 0;

	for (size_t i = 0; i < b->view->nholders; i++) {
		struct visit v = {.r = b->r, .bureau = b->bureau, .view = b->view};
		char *number = visit_unseal(&v, &b->view->holders[i].id_number);
		right = number[0] != '\0' && platform_subject_is(&b->a, number) && right;
		free(number);
	}
	return right;
}

static void
loaded(void *arg, struct grant_view *view, const char *error)
{
	struct back *b = arg;
	char token[GRANTS_TOKEN_MAX + 1], actor[100];
	struct grants_stored s = {0};

	b->view = view;
	if (error != NULL || view == NULL) {
		http_reply_error(b->r, error != NULL ? 503 : 404);
		back_free(b);
		return;
	}
	s = (struct grants_stored){.bureau_id = view->bureau_id,
		.id = view->id,
		.conversation_id = view->conversation_id,
		.expires_us = view->expires_us};
	memcpy(s.nonce, view->nonce, sizeof(s.nonce));
	if (view->revoked || view->expired || grants_purpose_from_name(view->purpose, &s.purpose) != 0 ||
		grants_token_short(b->r->g->keys, &s, token, sizeof(token)) != 0) {
		refuse(b, "expired");
		return;
	}
	snprintf(b->path, sizeof(b->path), "/r/%s", token);
	if (!is_holder(b)) {
		metrics_add(METRIC_IDENTITIES_REFUSED, 1);
		grant_refused(b->r->g->pg_side, view->bureau_id, view->conversation_id, view->id, 0);
		refuse(b, "identity.other");
		return;
	}
	metrics_add(METRIC_IDENTITIES_PROVEN, 1);
	grant_proven(b->r->g->pg_side, view->bureau_id, view->conversation_id);
	session_prove(b->r, view->bureau_id, view->id);
	snprintf(actor, sizeof(actor), "platform:%s", b->a.id);
	const struct turn_event e = {.bureau_id = view->bureau_id,
		.conversation_id = view->conversation_id,
		.phone = view->phone,
		.kind = DIALOG_OUTSIDE,
		.channel = DIALOG_CHANNEL_PAGE,
		.name = "verified",
		.actor = actor};
	turn_raise(b->r->g, &e, raised, b);
}

/* POST /identity */
void
page_platform_post(struct http_request *r)
{
	struct platform_state s;
	char browser[SESSION_ID_LEN + 1];
	uint8_t mine[8];
	int64_t now = now_us() / 1000000;

	if (http_read_form(r) != 0)
		return;
	const char *text = form_get(&r->form, "assertion");
	struct back *b = calloc(1, sizeof(*b));
	if (b == NULL) {
		http_reply_error(r, 503);
		return;
	}
	b->r = r;
	if (text == NULL || !platform_assertion_read(text, &b->a) || !platform_state_read(r->g->keys, b->a.state, &s)) {
		refuse(b, "identity.bad");
		return;
	}
	b->bureau = conf_bureau_by_id(r->g->conf, s.bureau_id);
	session_browser(r, browser);
	platform_browser(r->g->keys, browser, mine);
	if (b->bureau == NULL || b->bureau->identity_key[0] == '\0' ||
		!platform_assertion_signed(text, &b->a, b->bureau->identity_key))
		refuse(b, "identity.bad");
	else if (sodium_memcmp(mine, s.browser, sizeof(mine)) != 0 || now >= s.expires || b->a.at > now + 60 ||
			 b->a.at < now - PLATFORM_SECONDS)
		refuse(b, "identity.late");
	else if (!b->a.passed)
		refuse(b, "identity.failed");
	else if (grant_load(r->g->pg_side, b->bureau->id, s.grant_id, loaded, b) != 0) {
		http_reply_error(r, 503);
		back_free(b);
	}
}
