/* The visit of a citizen's page: from the token in the address to the grant's row, or to the words that explain why
 * not. */
#include "gateway/http/citizen/public.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/session.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/now.h"
#include "store/grant.h"

/* A page of its own for each way in which a link can be no good: what happened, and what to do now. */
static void
refuse(struct http_request *r, int status, const char *what, const struct conf_bureau *bureau, const char *language)
{
	json_t *data = json_object();
	char word[48];

	snprintf(word, sizeof(word), "%s.title", what);
	json_object_set_new(data, "title", json_string(word));
	snprintf(word, sizeof(word), "%s.text", what);
	json_object_set_new(data, "text", json_string(word));
	if (bureau != NULL)
		json_object_set_new(data, "bureau", model_bureau(bureau));
	http_reply_page(r, status, "notice", http_language(r, language), data);
}

void
visit_free(struct visit *v)
{
	grant_view_free(v->view);
	free(v);
}

static bool
status_in(const char *status, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(status, *list) == 0)
			return true;
	return false;
}

/* Is the answer to the reminder still owed? What a letter's code leads to begins on the page, as a Y begins it by text.
 */
static bool
begins_here(const struct grant_view *view)
{
	static const char *const before[] = {"", "reminded", "phone_list", NULL};

	return view->open && !view->begun && status_in(view->step, before);
}

static void
loaded(void *arg, struct grant_view *view, const char *error)
{
	struct visit *v = arg;
	struct http_request *r = v->r;

	v->view = view;
	if (error != NULL) {
		log_warn("http=public could not load a grant: %s", error);
		http_reply_error(r, 503);
		visit_free(v);
		return;
	}
	const char *why = NULL;
	int status = 410;
	if (view == NULL)
		why = "foreign", status = 404;
	else if (v->read.full && (sodium_memcmp(view->nonce, v->read.nonce, GRANTS_NONCE) != 0 ||
								 view->conversation_id != v->read.conversation_id))
		why = "altered", status = 403;
	else if (view->revoked)
		why = "revoked";
	else if (view->expired)
		why = "expired";
	if (why != NULL) {
		if (view != NULL && status == 410)
			again_show(r, &v->read, status, why, view->language);
		else
			refuse(r, status, why, v->bureau, view == NULL ? NULL : view->language);
		visit_free(v);
		return;
	}
	v->language = http_language(r, view->language);
	v->stage = visit_stage_of(view, &v->resume);
	v->proven = session_proven(r, v->bureau->id, view->id);
	v->begins = v->stage == VISIT_CHECK && begins_here(view);
	/* Somebody who waits for a clerk has asked to go on alone, or is posting from that page. */
	if (v->stage == VISIT_WAITING && (r->post || form_get(&r->query, "go") != NULL))
		v->stage = v->resume;
	snprintf(v->about, sizeof(v->about), "grant %d %" PRId64, v->bureau->id, view->id);
	v->then(v);
}

void
visit_open(struct http_request *r, void (*then)(struct visit *v))
{
	struct visit *v = calloc(1, sizeof(*v));
	enum grants_reason reason;

	if (v == NULL) {
		http_reply_error(r, 503);
		return;
	}
	v->r = r;
	v->then = then;
	reason = grants_read(r->g->conf, r->g->keys, r->params.values[0], now_us(), &v->read);
	v->bureau = v->read.bureau;
	if ((reason == GRANTS_GOOD || reason == GRANTS_EXPIRED) && again_asked(r)) {
		again_send(r, &v->read);
		visit_free(v);
		return;
	}
	switch (reason) {
	case GRANTS_UNREADABLE:
		refuse(r, 404, "unreadable", NULL, NULL);
		break;
	case GRANTS_ALTERED:
		refuse(r, 403, "altered", NULL, NULL);
		break;
	case GRANTS_FOREIGN:
		refuse(r, 404, "foreign", NULL, NULL);
		break;
	case GRANTS_EXPIRED:
		again_show(r, &v->read, 410, "expired", NULL);
		break;
	case GRANTS_GOOD:
		if (grant_load(r->g->pg_side, v->bureau->id, v->read.id, loaded, v) == 0)
			return;
		http_reply_error(r, 503);
		break;
	}
	visit_free(v);
}

/* ---- Where the citizen stands ---------------------------------------------------------------------------------- */

/* How far the first selected application is tells what can be done next, whatever the step is called. */
static enum visit_stage
stage_by_status(const struct grant_view *view)
{
	static const char *const before[] = {"due", "reminded", "consented", NULL};

	for (size_t i = 0; i < view->napplications; i++) {
		const struct grant_application *a = &view->applications[i];
		if (!a->selected)
			continue;
		if (status_in(a->status, before))
			return VISIT_CHECK;
		if (strcmp(a->status, "verified") == 0)
			return VISIT_CONFIRM;
		if (strcmp(a->status, "confirmed") == 0)
			return *a->old_certificate == '\0' ? VISIT_OLD : VISIT_DELIVERY;
		break;
	}
	return VISIT_PROGRESS;
}

enum visit_stage
visit_stage_of(const struct grant_view *view, enum visit_stage *resume)
{
	static const struct {
		const char *step;
		enum visit_stage stage;
	} steps[] = {
		{"", VISIT_CHECK},
		{"reminded", VISIT_CHECK},
		{"phone_list", VISIT_CHECK},
		{"verify", VISIT_CHECK},
		{"intent", VISIT_INTENT},
		{"confirm", VISIT_CONFIRM},
		{"old_certificate", VISIT_OLD},
		{"delivery", VISIT_DELIVERY},
		{"address", VISIT_ADDRESS},
		{"pledge", VISIT_PLEDGE},
		{"clerk", VISIT_WAITING},
		{"submitted", VISIT_PROGRESS},
		{"rating", VISIT_PROGRESS},
		{"complaint", VISIT_PROGRESS},
	};

	*resume = VISIT_PROGRESS;
	if (!view->open)
		return VISIT_PROGRESS;
	*resume = stage_by_status(view);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(steps[i].step, view->step) != 0)
			continue;
		/* A clerk cannot do anything for somebody who has not proven who it is: that question stays open. */
		if (steps[i].stage == VISIT_WAITING)
			return *resume == VISIT_CHECK ? VISIT_CHECK : VISIT_WAITING;
		return *resume = steps[i].stage;
	}
	return *resume;
}

/* ---- What may be chosen, and where to ------------------------------------------------------------------------- */

static bool
has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (; *words != '\0'; words += strcspn(words, " ")) {
		words += strspn(words, " ");
		if (strncmp(words, word, len) == 0 && (words[len] == ' ' || words[len] == '\0'))
			return true;
	}
	return false;
}

/* One answer counts for all applications of the talk, so only what every one of them offers can be given. */
static bool
allows(const struct visit *v, const char *choice, bool old)
{
	bool any = false;

	for (size_t i = 0; i < v->view->napplications; i++) {
		const struct grant_application *a = &v->view->applications[i];
		if (!a->selected)
			continue;
		any = true;
		if (!has_word(old ? a->old_choices : a->delivery_choices, choice))
			return false;
	}
	return any;
}

bool
visit_allows_old(const struct visit *v, const char *choice)
{
	/* Items with nothing in common: the counter takes everything. */
	if (strcmp(choice, "on_site") == 0 && !allows(v, "courier", true))
		return true;
	return allows(v, choice, true);
}

bool
visit_allows_delivery(const struct visit *v, const char *choice)
{
	if (strcmp(choice, "pick_up") == 0 && !allows(v, "courier", false))
		return true;
	return allows(v, choice, false);
}

char *
visit_unseal(const struct visit *v, const struct grant_sealed *s)
{
	char *plain = s->data == NULL ? NULL : keys_decrypt(v->r->g->keys, s->data, s->len);

	if (plain == NULL && s->data != NULL)
		log_error("bureau=%s grant=%" PRId64 " cannot open a sealed field: its key is missing in the keys folder",
			v->bureau->code, v->view->id);
	return plain == NULL ? strdup("") : plain;
}

char *
visit_address(const struct visit *v)
{
	for (size_t i = 0; i < v->view->napplications; i++) {
		const struct grant_application *a = &v->view->applications[i];
		if (!a->selected)
			continue;
		return visit_unseal(v, a->address.data != NULL ? &a->address : &a->holder->address);
	}
	return strdup("");
}
