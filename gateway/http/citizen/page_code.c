/* The first page: a short code is typed, and leads to its citizen's page. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/limiter.h"
#include "gateway/http/citizen/public.h"
#include "gateway/http/session.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/now.h"
#include "store/grant.h"
#include "store/pg.h"

#define ABOUT "code"

static void
show(struct http_request *r, int status, const char *error, const char *args, const char *typed)
{
	char browser[SESSION_ID_LEN + 1], token[SESSION_TOKEN_LEN + 1];
	json_t *data = json_object(), *bureaus = json_array();

	session_browser(r, browser);
	session_form_token(r, browser, ABOUT, token);
	json_object_set_new(data, "token", json_string(token));
	json_object_set_new(data, "typed", json_string(typed == NULL ? "" : typed));
	if (error != NULL) {
		json_object_set_new(data, "error", json_string(error));
		json_object_set_new(data, "error_args", json_string(args == NULL ? "" : args));
	}
	for (size_t i = 0; i < r->g->conf->nbureaus; i++)
		json_array_append_new(bureaus, model_bureau(&r->g->conf->bureaus[i]));
	if (r->g->conf->nbureaus == 1)
		json_object_set_new(data, "bureau", model_bureau(&r->g->conf->bureaus[0]));
	json_object_set_new(data, "bureaus", bureaus);
	http_reply_page(r, status, "home", http_language(r, NULL), data);
}

void
page_home(struct http_request *r)
{
	show(r, 200, NULL, NULL, NULL);
}

struct search {
	struct http_request *r;
	char typed[32]; /* eight digits */
	size_t asked;	/* bureaus that were asked whether it is a call's */
	const struct conf_bureau *bureau;
	bool called;
	char staff[80], at[40];
};

static bool ask_call(struct search *s);

static void
found_grant(void *arg, struct grant_view *view, const char *error)
{
	struct http_request *r = arg;
	char token[GRANTS_TOKEN_MAX + 1], path[GRANTS_TOKEN_MAX + 8];
	struct grants_stored s = {0};

	if (view != NULL) {
		s.bureau_id = view->bureau_id;
		s.id = view->id;
		s.conversation_id = view->conversation_id;
		s.expires_us = view->expires_us;
		memcpy(s.nonce, view->nonce, sizeof(s.nonce));
	}
	if (view == NULL || grants_purpose_from_name(view->purpose, &s.purpose) != 0 ||
		grants_token_short(r->g->keys, &s, token, sizeof(token)) != 0) {
		log_warn("http=public could not open the grant of a short code: %s", error == NULL ? "cannot sign it" : error);
		http_reply_error(r, 503);
	} else {
		snprintf(path, sizeof(path), "/r/%s", token);
		http_reply_see(r, path);
	}
	grant_view_free(view);
}

static void
no_code(struct search *s)
{
	metrics_add(METRIC_CODES_REFUSED, 1);
	show(s->r, 422, "code.unknown", NULL, s->typed);
}

/* ---- Codes of calls --------------------------------------------------------------------------------------------- */

static void
found_call(void *arg, int index, const PGresult *res)
{
	struct search *s = arg;

	(void)index;
	if (res != NULL && PQntuples(res) > 0) {
		s->called = true;
		(void)snprintf(s->staff, sizeof(s->staff), "%s", PQgetvalue(res, 0, 0));
		(void)snprintf(s->at, sizeof(s->at), "%s", PQgetvalue(res, 0, 1));
	}
}

static void
found_call_end(void *arg, const char *error, const char *sqlstate)
{
	struct search *s = arg;

	(void)sqlstate;
	if (s->called)
		http_reply_page(s->r, 200, "notice", http_language(s->r, NULL),
			json_pack("{s:s, s:s, s:s, s:s, s:o}", "title", "call.title", "text", "call.text", "staff", s->staff, "at",
				s->at, "bureau", model_bureau(s->bureau)));
	else if (error == NULL && ask_call(s))
		return;
	else if (error == NULL)
		no_code(s);
	else
		http_reply_error(s->r, 503);
	free(s);
}

/* Asks the next bureau; false when all were asked. */
static bool
ask_call(struct search *s)
{
	const struct conf *conf = s->r->g->conf;
	uint8_t hash[32];

	if (s->asked == conf->nbureaus)
		return false;
	s->bureau = &conf->bureaus[s->asked++];
	grants_code_hash(s->r->g->keys, s->typed, hash);
	struct pg_params *p = pg_params_new();
	pg_param_int(p, s->bureau->id);
	pg_param_bytes(p, hash, sizeof(hash));
	bool asked = pg_run(s->r->g->pg_side, STMT_CALL_CODE_FIND, p, s, found_call, found_call_end) == 0;
	pg_params_free(p);
	return asked;
}

/* Seconds to wait; 0: a try was taken, of the visitor's and of everybody's. */
static int
take(struct http_request *r)
{
	struct http_public *p = r->owner;
	int64_t now = now_us() / 1000000;
	int wait = limiter_take(p->codes, r->network, now);

	return wait > 0 ? wait : limiter_take(p->all_codes, "", now);
}

static void
give_back(struct http_request *r)
{
	struct http_public *p = r->owner;

	limiter_give(p->codes, r->network, now_us() / 1000000);
	limiter_give(p->all_codes, "", now_us() / 1000000);
}

static void
found_code(void *arg, int bureau_id, int64_t id, const char *error)
{
	struct search *s = arg;
	struct http_request *r = s->r;

	if (error != NULL) {
		log_warn("http=public could not look up a short code: %s", error);
		http_reply_error(r, 503);
	} else if (id == 0 && ask_call(s)) {
		return; /* perhaps a clerk has read it out on the phone */
	} else if (id == 0) {
		no_code(s);
	} else {
		if (r->server != NULL)
			give_back(r);
		if (grant_load(r->g->pg_side, bureau_id, id, found_grant, r) != 0)
			http_reply_error(r, 503);
	}
	free(s);
}

void
page_home_post(struct http_request *r)
{
	const struct conf *conf = r->g->conf;
	char digits[GRANTS_CODE_DIGITS + 1], minutes[16];
	uint8_t hash[32];

	if (http_read_form(r) != 0)
		return;
	if (!session_form_good(r, ABOUT)) {
		http_reply_error(r, 403);
		return;
	}
	const char *typed = form_get(&r->form, "code");
	if (typed == NULL || strlen(typed) > 64)
		typed = "";
	if (grants_code_normalise(typed, digits) != 0) {
		show(r, 422, "code.unreadable", NULL, typed);
		return;
	}
	/* The try is taken before the look-up, and given back when the code was good. */
	int wait = take(r);
	if (wait > 0) {
		snprintf(minutes, sizeof(minutes), "%d", (wait + 59) / 60);
		show(r, 429, "code.wait", minutes, NULL);
		return;
	}
	struct search *s = calloc(1, sizeof(*s));
	int *ids = calloc(conf->nbureaus + 1, sizeof(*ids));
	if (s != NULL && ids != NULL) {
		s->r = r;
		snprintf(s->typed, sizeof(s->typed), "%s", digits);
		for (size_t i = 0; i < conf->nbureaus; i++)
			ids[i] = conf->bureaus[i].id;
		grants_code_hash(r->g->keys, digits, hash);
	}
	if (s == NULL || ids == NULL || grant_find_code(r->g->pg_side, ids, conf->nbureaus, hash, found_code, s) != 0) {
		free(s);
		http_reply_error(r, 503);
	}
	free(ids);
}
