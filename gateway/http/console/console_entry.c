/* One entry of a list: the talk as on the phone, who it is about, and what a clerk may do with it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/dialog.h"
#include "gateway/clerk.h"
#include "gateway/conf.h"
#include "gateway/delivery.h"
#include "gateway/delivery_rows.h"
#include "gateway/gateway.h"
#include "gateway/http/console/entry.h"
#include "gateway/log.h"
#include "gateway/mask.h"
#include "gateway/turn.h"
#include "store/pg.h"

#define TEXTS 100

const char *
entry_text(const struct desk_call *c, const char *key)
{
	const char *text = json_string_value(json_object_get(json_object_get(c->data, "entry"), key));

	return text == NULL ? "" : text;
}

bool
entry_is(const struct desk_call *c, const char *key)
{
	return json_is_true(json_object_get(json_object_get(c->data, "entry"), key));
}

int64_t
entry_number(const struct desk_call *c, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(c->data, "entry"), key));
}

bool
entry_is_closed(const struct desk_call *c)
{
	return json_is_string(json_object_get(json_object_get(c->data, "entry"), "done_at"));
}

/* ---- What can be picked for the citizen -------------------------------------------------------------------------- */

static void
add_choices(struct desk_call *c)
{
	struct dialog_choice list[DIALOG_CHOICES_ROOM];
	size_t n = clerk_choices(c->r->g->templates, c->bureau->id, json_object_get(c->data, "entry"), list);
	json_t *out = json_array();
	char word[80];

	for (size_t i = 0; i < n; i++) {
		json_t *o = json_pack(
			"{s:i, s:s, s:s}", "at", (int)i, "what", list[i].what, "say", list[i].say == NULL ? "" : list[i].say);
		snprintf(word, sizeof(word), "pick.%s%s", list[i].what, strcmp(list[i].target, "back") == 0 ? ".back" : "");
		if (html_has_word(c->r->server->o.html, word))
			json_object_set_new(o, "word", json_string(word));
		json_array_append_new(out, o);
	}
	json_object_set_new(c->data, "choices", out);
}

/* ---- The page ---------------------------------------------------------------------------------------------------- */

void
console_bubbles(struct desk_call *c, json_t *texts)
{
	json_t *row;
	size_t i;

	json_array_foreach (texts, i, row) {
		const char *direction = json_string_value(json_object_get(row, "direction"));
		json_object_set_new(row, "in", json_boolean(direction != NULL && strcmp(direction, "in") == 0));
		json_object_set_new(row, "unread", json_boolean(json_is_false(json_object_get(row, "understood"))));
		/* What opens something belongs to the citizen alone. */
		const char *text = json_string_value(json_object_get(row, "text"));
		char *masked = text == NULL ? NULL : mask_codes(text, c->bureau->short_code);
		json_object_set_new(row, "text", json_string(masked == NULL ? "" : masked));
		free(masked);
		const char *wording = json_string_value(json_object_get(row, "wording"));
		json_object_set_new(row, "by_hand", json_boolean(wording != NULL && strcmp(wording, "by_hand") == 0));
		const char *error = json_string_value(json_object_get(row, "error"));
		char words[300];
		if (error != NULL && delivery_reworded(error, http_language(c->r, NULL), words, sizeof(words)))
			json_object_set_new(row, "error", json_string(words));
	}
	delivery_rows(texts, http_language(c->r, NULL));
}

static void
show_entry(struct desk_call *c)
{
	json_t *e = json_object_get(c->data, "entry");
	const char *list = entry_text(c, "list"), *done = form_get(&c->r->query, "done"),
			   *batch = form_get(&c->r->query, "batch");
	bool closed = entry_is_closed(c), mine = entry_is(c, "mine"), send = desk_may(c, ROLE_SEND);
	bool by_hand = clerk_by_hand(list);
	char word[40];

	console_bubbles(c, json_object_get(c->data, "texts"));
	add_choices(c);
	/* In full for who has it and shall phone; the claim is noted. */
	json_object_set_new(e, "full", json_boolean(mine && !closed && send && *entry_text(c, "phone") != '\0'));
	if (!entry_is(c, "full")) {
		console_mask_phones(c->data);
		json_object_set_new(e, "holder_name", json_null());
	}
	console_entry_words(c, e);
	if (*entry_text(c, "step") != '\0') {
		json_t *step = json_object();
		console_step(
			c, step, "name", entry_text(c, "dialog"), (int)entry_number(c, "dialog_version"), entry_text(c, "step"));
		json_object_set_new(e, "talk_step", step);
	}
	json_object_set_new(e, "acts",
		json_pack("{s:b, s:b, s:b, s:b, s:b, s:b}", "closed", closed, "claim",
			!closed && send && *entry_text(c, "claimed_by") == '\0', "take_over",
			!closed && send && *entry_text(c, "claimed_by") != '\0' && !mine, "mine", !closed && mine, "done",
			!closed && mine && by_hand && !call_here(c), "talk", !closed && mine && entry_is(c, "open")));
	/* To whom no text goes nobody can write by hand. */
	json_object_set_new(e, "texts_reach", json_boolean(entry_text(c, "talk_phone")[0] == '+'));
	json_object_del(e, "talk_phone");
	snprintf(word, sizeof(word), "entry.next.%s", list);
	if (html_has_word(c->r->server->o.html, word))
		json_object_set_new(e, "next_word", json_string(word));
	const char *parts = form_get(&c->r->query, "parts");
	if (parts != NULL && strlen(parts) == 1 && *parts >= '1' && *parts <= '9')
		json_object_set_new(c->data, "parts", json_string(parts));
	json_object_set_new(e, "answer_room", json_integer(clerk_room(c->bureau)));
	if (done != NULL) {
		snprintf(word, sizeof(word), "entry.told.%.24s", done);
		if (html_has_word(c->r->server->o.html, word))
			json_object_set_new(c->data, "told", json_string(word));
		if (batch != NULL && strcmp(batch, "0") != 0 && entry_is(c, "undoable"))
			json_object_set_new(c->data, "batch", json_string(batch));
	}
	call_show(c);
	if (entry_is(c, "call_undoable"))
		json_object_set_new(c->data, "call_undo", json_true());
	if (*entry_text(c, "result") != '\0') {
		snprintf(word, sizeof(word), "called.%.24s", entry_text(c, "result"));
		if (html_has_word(c->r->server->o.html, word))
			json_object_set_new(e, "result_word", json_string(word));
	}
	snprintf(word, sizeof(word), "entry.said.%s", entry_text(c, "said"));
	if (!closed && html_has_word(c->r->server->o.html, word))
		json_object_set_new(e, "said_word", json_string(word));
	json_object_set_new(e, "next_go", json_string(strcmp(list, "phone") == 0 ? "entry.next" : "entry.next_any"));
	json_object_set_new(e, "next", json_boolean(send && (closed || done != NULL) && !entry_is(c, "mine")));
	json_object_set_new(e, "assist", json_boolean(send && entry_number(c, "first_application") != 0));
	console_page(c, json_object_get(c->data, "wrong") == NULL ? 200 : 409, "console_entry");
}

static void
gather_texts(struct desk_call *c)
{
	if (!json_is_object(json_object_get(c->data, "entry"))) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, entry_text(c, "phone"));
	pg_param_int(p, TEXTS);
	struct desk_ask asks[3] = {{"texts", STMT_VIEW_TEXTS, p, false}};
	size_t more = call_asks(c, asks + 1);
	desk_gather(c, asks, 1 + more, show_entry);
}

static void
load(struct desk_call *c, void (*then)(struct desk_call *c))
{
	struct pg_params *p = console_id_params(c);

	pg_param_text(p, c->actor);
	const struct desk_ask asks[] = {{"entry", STMT_WORKLIST_SHOW, p, true}};
	desk_gather(c, asks, 1, then);
}

static void
gather_entry(struct desk_call *c)
{
	load(c, gather_texts);
}

void
console_entry(struct http_request *r)
{
	desk_person(r, gather_entry);
}

/* ---- What is done with it ---------------------------------------------------------------------------------------- */

void
entry_again(struct desk_call *c, const char *error)
{
	json_object_set_new(c->data, "wrong", json_true());
	if (error != NULL)
		json_object_set_new(c->data, "error", json_string(error));
	gather_entry(c);
}

void
entry_see(struct desk_call *c, const char *done)
{
	char path[120];

	snprintf(path, sizeof(path), "/entries/%" PRId64 "?done=%s&batch=%" JSON_INTEGER_FORMAT, console_id(c->r), done,
		json_integer_value(json_object_get(json_object_get(c->data, "changed"), "batch")));
	http_reply_see(c->r, path);
	desk_free(c);
}

static struct pg_params *
entry_params(const struct desk_call *c, bool array)
{
	struct pg_params *p = desk_params(c);

	if (array) {
		pg_array_begin(p);
		pg_array_int(p, console_id(c->r));
		pg_array_end(p);
	} else {
		pg_param_int(p, console_id(c->r));
	}
	console_who(c, p);
	return p;
}

static void
after_claim(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "changed");
	const char *by = json_string_value(json_object_get(row, "claimed_by"));

	if (!json_is_object(row))
		entry_again(c, "entry.closed");
	else if (by == NULL || strcmp(by, c->actor) != 0)
		entry_again(c, "entry.held");
	else
		entry_see(c, "claimed");
}

static void
after_release(struct desk_call *c)
{
	entry_see(c, "released");
}

static void
after_undo(struct desk_call *c)
{
	if (json_is_object(json_object_get(c->data, "changed")))
		entry_see(c, "undone");
	else
		entry_again(c, "entry.cannot_undo");
}

static void
after_done(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "changed");

	if (json_is_true(json_object_get(row, "changed")))
		entry_see(c, "done");
	else if (json_is_string(json_object_get(row, "held_by")) &&
			 *json_string_value(json_object_get(row, "held_by")) != '\0')
		entry_again(c, "entry.held");
	else
		entry_again(c, "entry.closed");
}

static void
said(void *arg, enum turn_outcome outcome, const char *step)
{
	struct desk_call *c = arg;
	const char *act = form_get(&c->r->form, "act");
	char done[40] = "picked";

	switch (outcome) {
	case TURN_DONE:
		log_info("%s entry=%" PRId64 " %s; the talk stands at %s", c->actor, console_id(c->r), act, step);
		if (*act == 'a')
			snprintf(done, sizeof(done), "answered&parts=%" JSON_INTEGER_FORMAT,
				json_integer_value(json_object_get(c->data, "parts")));
		entry_see(c, done); /* without a batch: what the citizen was told is not undone */
		break;
	case TURN_NO_CONVERSATION:
		entry_again(c, "entry.over");
		break;
	case TURN_MOVED:
		entry_again(c, "entry.moved");
		break;
	case TURN_FAILED:
		entry_again(c, "entry.again");
		break;
	}
}

/* An answer by hand, or what is picked for the citizen: the rule is gateway/clerk.h's. */
static void
say(struct desk_call *c)
{
	const struct form *f = &c->r->form;
	const json_t *entry = json_object_get(c->data, "entry");
	const char *text = form_get(f, "text"), *step = form_get(f, "step"), *what = form_get(f, "what"),
			   *at = form_get(f, "pick");
	struct clerk_act act;
	enum clerk_fault fault;
	char word[40];

	if (strcmp(form_get(f, "act"), "answer") == 0) {
		json_object_set_new(c->data, "typed", json_string(text == NULL ? "" : text));
		fault =
			clerk_answer(c->bureau, entry, step, false, text == NULL ? "" : text, form_get(f, "close") != NULL, &act);
	} else if (at == NULL || step == NULL || what == NULL) {
		http_reply_error(c->r, 400);
		desk_free(c);
		return;
	} else {
		long i = strtol(at, NULL, 10);
		fault = i < 0 ? CLERK_MOVED : clerk_pick(c->r->g->templates, c->bureau->id, entry, step, false, what, i, &act);
	}
	if (fault != CLERK_GOOD) {
		snprintf(word, sizeof(word), "entry.%s", clerk_fault_word(fault));
		entry_again(c, word);
		return;
	}
	json_object_set_new(c->data, "parts", json_integer(act.measure.parts));
	struct turn_event e = clerk_event(&act, c->bureau->id, c->actor, c->session, c->r->client);
	turn_raise(c->r->g, &e, said, c);
}

/* What is done in the talk itself, or noted of a call. */
static void
with_entry(struct desk_call *c)
{
	if (!json_is_object(json_object_get(c->data, "entry"))) {
		http_reply_error(c->r, 404);
		desk_free(c);
	} else if (strcmp(form_get(&c->r->form, "act"), "called") != 0) {
		say(c);
	} else if (entry_is_closed(c)) {
		entry_again(c, "entry.closed");
	} else if (!entry_is(c, "mine")) {
		entry_again(c, *entry_text(c, "claimed_by") == '\0' ? "entry.not_mine" : "entry.held");
	} else {
		call_here(c) ? call_result(c) : entry_again(c, "entry.moved");
	}
}

static void
post_entry(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act"), *batch = form_get(&c->r->form, "batch"),
			   *typed = form_get(&c->r->form, "note");
	struct desk_ask ask = {.key = "changed", .one = true};
	void (*then)(struct desk_call * c) = NULL;
	char note[400];

	if (act != NULL && (strcmp(act, "answer") == 0 || strcmp(act, "pick") == 0 || strcmp(act, "called") == 0)) {
		load(c, with_entry);
		return;
	}
	if (act != NULL && strcmp(act, "undo_call") == 0) {
		call_undo(c);
		return;
	}
	if (act != NULL && (strcmp(act, "claim") == 0 || strcmp(act, "take_over") == 0)) {
		ask.stmt = STMT_WORKLIST_CLAIM;
		ask.params = entry_params(c, true);
		pg_param_int(ask.params, CLERK_CLAIM_SECONDS);
		pg_param_bool(ask.params, *act == 't');
		then = after_claim;
	} else if (act != NULL && strcmp(act, "release") == 0) {
		ask.stmt = STMT_WORKLIST_RELEASE;
		ask.params = entry_params(c, true);
		then = after_release;
	} else if (act != NULL && strcmp(act, "undo") == 0) {
		ask.stmt = STMT_WORKLIST_UNDO;
		ask.params = desk_params(c);
		pg_param_int(ask.params, batch == NULL ? 0 : strtoll(batch, NULL, 10));
		console_who(c, ask.params);
		pg_param_int(ask.params, CLERK_UNDO_SECONDS);
		then = after_undo;
	} else if (act != NULL && strcmp(act, "done") == 0) {
		if (typed == NULL || form_trim(typed, note, sizeof(note)) < 0)
			note[0] = '\0';
		ask.stmt = STMT_WORKLIST_DONE;
		ask.params = entry_params(c, true);
		pg_param_text(ask.params, note);
		clerk_by_hand_lists(ask.params);
		then = after_done;
	} else {
		http_reply_error(c->r, act == NULL ? 400 : 404);
		desk_free(c);
		return;
	}
	desk_gather(c, &ask, 1, then);
}

void
console_entry_post(struct http_request *r)
{
	desk_person_post_may(r, ROLE_SEND, post_entry);
}
