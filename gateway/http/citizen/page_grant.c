/* The citizen's page as it stands, and the QR code of its link. */
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/citizen/public.h"
#include "gateway/http/qr.h"
#include "store/grant.h"

#define QR_PNG_SCALE 8 /* pixels a module: sharp on a printed page */

static const char *
template_of(const struct visit *v)
{
	if (!v->proven || v->stage == VISIT_CHECK)
		return "check";
	if (v->stage == VISIT_WAITING)
		return "waiting";
	if (v->stage == VISIT_INTENT || v->stage == VISIT_PLEDGE)
		return "agree";
	return v->stage == VISIT_PROGRESS ? "progress" : "apply";
}

void
page_show(struct visit *v, int status, const struct visit_again *again)
{
	const struct grant_view *view = v->view;
	bool asks = v->stage != VISIT_PROGRESS && v->stage != VISIT_WAITING;

	if (v->r->ev == NULL) {
		http_reply_error(v->r, 503);
		visit_free(v);
		return;
	}
	/* A link does its work once. To look at the progress it stays good; to begin anew a new one is texted. */
	if (view->used && asks) {
		again_show(v->r, &v->read, 410, "used", v->language);
	} else if (v->stage == VISIT_CHECK && view->napplications == 0) {
		/* A letter's, and by now the holder has a phone: the reminder went there. */
		http_reply_page(v->r, 200, "notice", v->language,
			json_pack(
				"{s:s, s:s, s:o}", "title", "early.title", "text", "early.text", "bureau", model_bureau(v->bureau)));
	} else {
		if (!view->opened && !v->r->head)
			grant_opened(v->r->g->pg_side, v->bureau->id, view->id);
		http_reply_page(v->r, status, template_of(v), v->language, model_page(v, again));
	}
	visit_free(v);
}

static void
show(struct visit *v)
{
	page_show(v, 200, NULL);
}

void
page_grant(struct http_request *r)
{
	visit_open(r, show);
}

/* ---- QR: the full, signed form of the same grant -------------------------------------------------------------- */

static void
answer_qr(struct visit *v, bool png)
{
	char token[GRANTS_TOKEN_MAX + 1], url[GRANTS_URL_MAX + 1];
	struct evbuffer *out = evbuffer_new();
	struct grants_stored s = {.bureau_id = v->bureau->id,
		.id = v->view->id,
		.conversation_id = v->view->conversation_id,
		.purpose = v->read.purpose,
		.expires_us = v->view->expires_us};

	memcpy(s.nonce, v->view->nonce, sizeof(s.nonce));
	if (out == NULL || grants_token_full(v->r->g->keys, &s, token, sizeof(token)) != 0 ||
		grants_url(v->r->g->conf, token, url, sizeof(url)) != 0 ||
		(png ? qr_png(url, QR_PNG_SCALE, out) : qr_svg(url, out)) != 0)
		http_reply_error(v->r, 500);
	else
		http_reply_buffer(v->r, 200, png ? "image/png" : "image/svg+xml", out, HTTP_NO_STORE);
	if (out != NULL)
		evbuffer_free(out);
	visit_free(v);
}

static void
show_svg(struct visit *v)
{
	answer_qr(v, false);
}

static void
show_png(struct visit *v)
{
	answer_qr(v, true);
}

void
page_qr_svg(struct http_request *r)
{
	visit_open(r, show_svg);
}

void
page_qr_png(struct http_request *r)
{
	visit_open(r, show_png);
}
