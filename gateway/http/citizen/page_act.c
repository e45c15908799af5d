/*
 * What a citizen does on the page, as events of the conversation: each is raised, committed, and only then the next;
 * afterwards the browser is sent to look at where things stand.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/identity.h"
#include "gateway/http/citizen/public.h"
#include "gateway/http/session.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/turn.h"
#include "store/grant.h"

#define EVENTS_MAX 3
#define ADDRESS_MIN 6	/* octets: two Han characters are no address, but who knows every village */
#define ADDRESS_MAX 300 /* octets; a hundred Han characters */

/* ---- Raising events one after the other ------------------------------------------------------------------------ */

struct act {
	struct visit *v;
	const char *events[EVENTS_MAX];
	size_t nevents, next;
	bool uses;				  /* the last event is what the grant was for */
	struct dialog_slot slot;  /* with the last event; name "" = none */
	struct dialog_slot first; /* with the first event: what was signed, or agreed to */
};

static void
see_page(struct visit *v)
{
	http_reply_see(v->r, v->r->path);
	visit_free(v);
}

static void raise_next(struct act *a);

static void
raised(void *arg, enum turn_outcome outcome, const char *step)
{
	struct act *a = arg;

	(void)step;
	if (outcome == TURN_DONE && a->next < a->nevents) {
		raise_next(a);
		return;
	}
	if (outcome == TURN_FAILED) {
		http_reply_error(a->v->r, 503);
		visit_free(a->v);
	} else {
		see_page(a->v);
	}
	free(a);
}

/* An event that is out of place by now (answered by text meanwhile, or clicked twice) changes nothing. */
static void
raise_next(struct act *a)
{
	struct visit *v = a->v;
	struct turn_event e = {.bureau_id = v->bureau->id,
		.conversation_id = v->view->conversation_id,
		.phone = v->view->phone,
		.kind = DIALOG_OUTSIDE,
		.channel = DIALOG_CHANNEL_PAGE,
		.actor = "citizen"};

	if (a->next == 0 && *a->first.name != '\0') {
		e.slots = &a->first;
		e.nslots = 1;
	}
	e.name = a->events[a->next++];
	if (a->next == a->nevents) {
		e.grant_id = a->uses ? v->view->id : 0;
		if (*a->slot.name != '\0') {
			e.slots = &a->slot;
			e.nslots = 1;
		}
	}
	turn_raise(v->r->g, &e, raised, a);
}

static struct act *
act_new(struct visit *v)
{
	struct act *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		http_reply_error(v->r, 503);
		visit_free(v);
		return NULL;
	}
	a->v = v;
	return a;
}

/* ---- Identity --------------------------------------------------------------------------------------------------- */

/* Compares every holder's answer; how many were right is not told. */
static bool
answers_right(const struct visit *v)
{
	bool right = v->view->nholders > 0;

	for (size_t i = 0; i < v->view->nholders; i++) {
		char field[24], typed[IDENTITY_TAIL + 1];
		snprintf(field, sizeof(field), "id%zu", i + 1);
		const char *value = form_get(&v->r->form, field);
		char *number = visit_unseal(v, &v->view->holders[i].id_number);
		if (value == NULL || identity_typed(value, typed) != 0 || !identity_matches(typed, number))
			right = false;
		free(number);
	}
	return right;
}

static bool
answers_complete(const struct visit *v)
{
	for (size_t i = 0; i < v->view->nholders; i++) {
		char field[24], typed[IDENTITY_TAIL + 1];
		snprintf(field, sizeof(field), "id%zu", i + 1);
		const char *value = form_get(&v->r->form, field);
		if (value == NULL || identity_typed(value, typed) != 0)
			return false;
	}
	return true;
}

/* What stood beside the box that was ticked: kept with the consent, as the words of a text are. */
static void
words_agreed(const struct visit *v, struct dialog_slot *slot)
{
	struct evbuffer *words = evbuffer_new();
	json_t *none = json_object();

	snprintf(slot->name, sizeof(slot->name), "note");
	if (words != NULL && v->r->server != NULL &&
		html_render(v->r->server->o.html, "check_agree", v->language, none, words) == 0) {
		size_t len = evbuffer_get_length(words);
		snprintf(slot->value, sizeof(slot->value), "%.*s", (int)len, (const char *)evbuffer_pullup(words, -1));
		slot->value[strcspn(slot->value, "\n")] = '\0';
	}
	json_decref(none);
	if (words != NULL)
		evbuffer_free(words);
}

/* The try is counted by now; only then is anything compared. */
static void
tried(void *arg, int tries, const char *error)
{
	struct visit *v = arg;
	struct pg *pg = v->r->g->pg_side;
	char left[16];

	if (error != NULL) {
		log_warn("bureau=%d could not count an identity try: %s", v->view->bureau_id, error);
		http_reply_error(v->r, 503);
		visit_free(v);
	} else if (tries == 0) {
		see_page(v); /* locked: the page tells until when */
	} else if (!answers_right(v)) {
		metrics_add(METRIC_IDENTITIES_REFUSED, 1);
		grant_refused(pg, v->view->bureau_id, v->view->conversation_id, v->view->id, tries);
		if (tries >= GRANT_TRIES) {
			see_page(v);
			return;
		}
		snprintf(left, sizeof(left), "%d", GRANT_TRIES - tries);
		page_show(v, 422, &(struct visit_again){.error = "check.wrong", .error_args = left});
	} else {
		metrics_add(METRIC_IDENTITIES_PROVEN, 1);
		grant_proven(pg, v->view->bureau_id, v->view->conversation_id);
		session_prove(v->r, v->view->bureau_id, v->view->id);
		if (v->stage != VISIT_CHECK) {
			see_page(v);
			return;
		}
		struct act *a = act_new(v);
		if (a == NULL)
			return;
		if (v->begins) {
			a->events[a->nevents++] = "consented";
			words_agreed(v, &a->first);
		}
		a->events[a->nevents++] = "verified";
		raise_next(a);
	}
}

static void
check(struct visit *v)
{
	if (*v->view->locked_until != '\0' || (v->view->used && v->stage == VISIT_CHECK)) {
		see_page(v);
	} else if (v->begins && form_get(&v->r->form, "agree") == NULL) {
		page_show(v, 422, &(struct visit_again){.error = "check.agree_missing"});
	} else if (!answers_complete(v)) {
		page_show(v, 422, &(struct visit_again){.error = "check.unreadable"});
	} else if (grant_try(v->r->g->pg_side, v->view->bureau_id, v->view->conversation_id, tried, v) != 0) {
		http_reply_error(v->r, 503);
		visit_free(v);
	}
}

/* ---- Confirming and choosing ------------------------------------------------------------------------------------ */

static const char *const old_events[][2] = {{"on_site", "old_on_site"}, {"courier", "old_courier"}};
static const char *const delivery_events[][2] = {{"pick_up", "pick_up"}, {"courier", "courier"}};

static const char *
event_of(const char *const table[2][2], const char *choice)
{
	for (size_t i = 0; choice != NULL && i < 2; i++)
		if (strcmp(table[i][0], choice) == 0)
			return table[i][1];
	return NULL;
}

static bool
on_pledge(const struct visit *v)
{
	for (size_t i = 0; i < v->view->napplications; i++)
		if (v->view->applications[i].selected && strcmp(v->view->applications[i].approval, "pledge") == 0)
			return true;
	return false;
}

/* The will, or the pledge, said on the page. */
static void
agree(struct visit *v, bool yes)
{
	struct act *a = act_new(v);

	if (a == NULL)
		return;
	if (v->stage == VISIT_PLEDGE) {
		a->events[a->nevents++] = "pledged";
		a->uses = true;
	} else {
		a->events[a->nevents++] = yes ? "consented" : "declined";
	}
	raise_next(a);
}

/* Nobody signs what he has not seen: what was on file may have changed since the page was shown. */
static bool
shown_still(const struct visit *v)
{
	const char *shown = form_get(&v->r->form, "shown");
	char now[2 * SIGNATURE_HASH + 1];

	sign_shown_hash(v, now);
	return shown != NULL && strcmp(shown, now) == 0;
}

static void
signed_now(void *arg, const char *error, const char *sqlstate)
{
	struct act *a = arg;

	if (error == NULL) {
		raise_next(a);
		return;
	}
	log_warn("bureau=%s could not store a signature: %s sqlstate=%s", a->v->bureau->code, error, sqlstate);
	http_reply_error(a->v->r, 503);
	visit_free(a->v);
	free(a);
}

static void
apply(struct visit *v)
{
	const struct form *f = &v->r->form;
	const char *old = form_get(f, "old"), *delivery = form_get(f, "delivery"), *typed = form_get(f, "address");
	bool ask_old = v->stage == VISIT_CONFIRM || v->stage == VISIT_OLD;
	char address[ADDRESS_MAX + 1] = "";
	struct visit_again again = {.old = old, .delivery = delivery, .address = typed};

	if (v->stage == VISIT_ADDRESS)
		delivery = "courier";
	bool courier = delivery != NULL && strcmp(delivery, "courier") == 0;
	if (ask_old && (event_of(old_events, old) == NULL || !visit_allows_old(v, old)))
		again.error = "apply.choose_old";
	else if (event_of(delivery_events, delivery) == NULL ||
			 (v->stage != VISIT_ADDRESS && !visit_allows_delivery(v, delivery)))
		again.error = "apply.choose_delivery";
	else if (courier && typed != NULL && form_trim(typed, address, sizeof(address)) < 0)
		again.error = "apply.address_long";
	else if (courier && strlen(address) < ADDRESS_MIN)
		again.error = "apply.address_missing";
	else if (v->stage == VISIT_CONFIRM && !shown_still(v))
		again.error = "apply.changed";
	if (again.error != NULL) {
		page_show(v, 422, &again);
		return;
	}
	struct act *a = act_new(v);
	if (a == NULL)
		return;
	if (v->stage == VISIT_CONFIRM)
		a->events[a->nevents++] = "confirmed";
	if (ask_old)
		a->events[a->nevents++] = event_of(old_events, old);
	a->events[a->nevents++] = event_of(delivery_events, delivery);
	a->uses = !on_pledge(v); /* the pledge comes after the choices, by the same link */
	if (courier) {
		snprintf(a->slot.name, sizeof(a->slot.name), "address");
		for (char *c = address; *c != '\0'; c++)
			*c = *c == '\n' || *c == '\t' ? ' ' : *c; /* one line, as it goes on a label */
		snprintf(a->slot.value, sizeof(a->slot.value), "%s", address);
	}
	if (v->stage != VISIT_CONFIRM) {
		raise_next(a);
		return;
	}
	/* Signed first: what is confirmed has its signature. */
	char brief[SIGNATURE_SHORT];
	if (sign_store(v, old, delivery, address, brief, signed_now, a) != 0) {
		signed_now(a, "not connected", "");
		return;
	}
	snprintf(a->first.name, sizeof(a->first.name), "signed");
	snprintf(a->first.value, sizeof(a->first.value), "%s", brief);
}

static void
act(struct visit *v)
{
	const char *what = form_get(&v->r->form, "do");
	bool asks = v->stage != VISIT_CHECK && v->stage != VISIT_WAITING && v->stage != VISIT_PROGRESS;

	if (!session_form_good(v->r, v->about)) {
		http_reply_error(v->r, 403);
		visit_free(v);
		return;
	}
	if (what == NULL) {
		http_reply_error(v->r, 400);
		visit_free(v);
	} else if (strcmp(what, "check") == 0) {
		check(v);
	} else if (strcmp(what, "leave") == 0) {
		/* Another person may sit down at the same browser: nothing that was made for this one holds there any more. */
		char browser[SESSION_ID_LEN + 1];
		session_forget(v->r, v->view->bureau_id, v->view->id);
		session_browser_new(v->r, browser);
		see_page(v);
	} else if (!v->proven || !asks || v->view->used) {
		see_page(v); /* the proof ran out, or a text moved it on: the page shows which */
	} else if (v->stage == VISIT_INTENT || v->stage == VISIT_PLEDGE) {
		bool yes = strcmp(what, "agree") == 0;
		if (yes || (strcmp(what, "decline") == 0 && v->stage == VISIT_INTENT))
			agree(v, yes);
		else
			see_page(v);
	} else if (strcmp(what, "apply") == 0) {
		apply(v);
	} else if (strcmp(what, "wrong") == 0 && v->stage == VISIT_CONFIRM) {
		struct act *a = act_new(v);
		if (a == NULL)
			return;
		a->events[a->nevents++] = "correct";
		raise_next(a);
	} else {
		http_reply_error(v->r, 400);
		visit_free(v);
	}
}

void
page_grant_post(struct http_request *r)
{
	if (http_read_form(r) == 0)
		visit_open(r, act);
}
