/* One entry of a list: the talk as on the phone, who it is about, and what a clerk may do with it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/dialog.h"
#include "dialog/text.h"
#include "gateway/conf.h"
#include "gateway/delivery.h"
#include "gateway/delivery_rows.h"
#include "gateway/gateway.h"
#include "gateway/http/console/entry.h"
#include "gateway/log.h"
#include "gateway/mask.h"
#include "gateway/templates.h"
#include "gateway/turn.h"
#include "store/pg.h"

#define TEXTS 100
#define ANSWER_PARTS 4 /* of a text that a clerk writes */

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

static size_t
choices_of(const struct desk_call *c, struct dialog_choice *list)
{
	const struct dialog *d = entry_is(c, "open") ? templates_find_for(c->r->g->templates, c->bureau->id,
													   entry_text(c, "dialog"), (int)entry_number(c, "dialog_version"))
												 : NULL;

	return d == NULL ? 0
					 : dialog_choices(d, entry_text(c, "step"), entry_text(c, "language"), list, DIALOG_CHOICES_ROOM);
}

static void
add_choices(struct desk_call *c)
{
	struct dialog_choice list[DIALOG_CHOICES_ROOM];
	size_t n = choices_of(c, list);
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
	bool by_hand = strcmp(list, "phone") == 0 || strcmp(list, "read") == 0 || strcmp(list, "check") == 0;
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
after_answer(struct desk_call *c)
{
	entry_see(c, "answered");
}

static void
after_undone_pick(struct desk_call *c)
{
	entry_again(c, "entry.over");
}

/* The database did not keep it: what was closed for it waits again. */
static void
reopen(struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_int(p, json_integer_value(json_object_get(json_object_get(c->data, "changed"), "batch")));
	console_who(c, p);
	pg_param_int(p, CONSOLE_UNDO_SECONDS);
	const struct desk_ask asks[] = {{"reopened", STMT_WORKLIST_UNDO, p, true}};
	desk_gather(c, asks, 1, after_undone_pick);
}

static void
picked(void *arg, enum turn_outcome outcome, const char *step)
{
	struct desk_call *c = arg;

	if (outcome == TURN_DONE) {
		log_info(
			"%s entry=%" PRId64 " picked for the citizen; the talk stands at %s", c->actor, console_id(c->r), step);
		json_object_set_new(c->data, "changed", json_object()); /* a step cannot be undone */
		entry_see(c, "picked");
	} else {
		reopen(c);
	}
}

static struct turn_event
event_of(const struct desk_call *c)
{
	return (struct turn_event){.bureau_id = c->bureau->id,
		.conversation_id = entry_number(c, "conversation"),
		.phone = entry_text(c, "talk_phone"),
		.channel = DIALOG_CHANNEL_STAFF,
		.actor = c->actor};
}

static void
raise_pick(struct desk_call *c)
{
	struct dialog_choice list[DIALOG_CHOICES_ROOM];
	size_t n = choices_of(c, list), at = (size_t)strtoul(form_get(&c->r->form, "pick"), NULL, 10);
	struct turn_event e = event_of(c);

	if (at >= n) {
		reopen(c);
		return;
	}
	e.kind = list[at].say != NULL ? DIALOG_TEXT : DIALOG_OUTSIDE;
	e.text = list[at].say;
	e.name = list[at].event;
	turn_raise(c->r->g, &e, picked, c);
}

/* The entry is closed first: the step may put the talk on a list again, and that entry is to stay. */
static void
pick(struct desk_call *c)
{
	const char *at = form_get(&c->r->form, "pick"), *step = form_get(&c->r->form, "step"),
			   *what = form_get(&c->r->form, "what");
	struct dialog_choice list[DIALOG_CHOICES_ROOM];
	size_t n = choices_of(c, list);
	char note[120];

	if (at == NULL || step == NULL || what == NULL) {
		http_reply_error(c->r, 400);
		desk_free(c);
		return;
	}
	size_t i = (size_t)strtoul(at, NULL, 10);
	if (strcmp(step, entry_text(c, "step")) != 0 || i >= n || strcmp(what, list[i].what) != 0) {
		entry_again(c, "entry.moved");
		return;
	}
	snprintf(note, sizeof(note), "picked %s at %s", list[i].what, step);
	struct pg_params *p = entry_params(c, false);
	pg_param_text(p, note);
	const struct desk_ask asks[] = {{"changed", STMT_WORKLIST_DONE_TALK, p, true}};
	desk_gather(c, asks, 1, raise_pick);
}

static void
answered(void *arg, enum turn_outcome outcome, const char *step)
{
	struct desk_call *c = arg;

	(void)step;
	if (outcome != TURN_DONE) {
		entry_again(c, outcome == TURN_NO_CONVERSATION ? "entry.over" : "entry.again");
	} else if (form_get(&c->r->form, "close") == NULL) {
		char subject[40];
		snprintf(subject, sizeof(subject), "entry %" PRId64, console_id(c->r));
		desk_note_then(c, "answered", subject, NULL, after_answer);
	} else {
		struct pg_params *p = entry_params(c, false);
		pg_param_text(p, "answered by hand");
		const struct desk_ask asks[] = {{"closed", STMT_WORKLIST_DONE_TALK, p, true}};
		desk_gather(c, asks, 1, after_answer);
	}
}

static void
answer(struct desk_call *c)
{
	char text[2 * DIALOG_TEXT_MAX], whole[3 * DIALOG_TEXT_MAX];
	const char *typed = form_get(&c->r->form, "text");
	struct text_measure measure;
	int len = typed == NULL ? 0 : form_trim(typed, text, sizeof(text));

	json_object_set_new(c->data, "typed", json_string(typed == NULL ? "" : typed));
	if (len <= 0) {
		entry_again(c, len == 0 ? "entry.empty" : "entry.long");
		return;
	}
	snprintf(whole, sizeof(whole), "%s%s", c->bureau->signature, text);
	text_measure(whole, strlen(whole), &measure);
	if (measure.parts > ANSWER_PARTS || len > DIALOG_TEXT_MAX) {
		entry_again(c, "entry.long");
		return;
	}
	struct turn_event e = event_of(c);
	e.kind = DIALOG_OUTSIDE;
	e.by_hand = text;
	turn_raise(c->r->g, &e, answered, c);
}

/* The talk is only touched by who has the entry. */
static void
with_entry(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act");

	if (!json_is_object(json_object_get(c->data, "entry"))) {
		http_reply_error(c->r, 404);
		desk_free(c);
	} else if (json_is_string(json_object_get(json_object_get(c->data, "entry"), "done_at"))) {
		entry_again(c, "entry.closed");
	} else if (!entry_is(c, "mine")) {
		entry_again(c, *entry_text(c, "claimed_by") == '\0' ? "entry.not_mine" : "entry.held");
	} else if (strcmp(act, "called") == 0) {
		call_here(c) ? call_result(c) : entry_again(c, "entry.moved");
	} else if (!entry_is(c, "open")) {
		entry_again(c, "entry.over");
	} else if (strcmp(act, "answer") == 0) {
		answer(c);
	} else {
		pick(c);
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
		pg_param_int(ask.params, CONSOLE_CLAIM_SECONDS);
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
		pg_param_int(ask.params, CONSOLE_UNDO_SECONDS);
		then = after_undo;
	} else if (act != NULL && strcmp(act, "done") == 0) {
		if (typed == NULL || form_trim(typed, note, sizeof(note)) < 0)
			note[0] = '\0';
		ask.stmt = STMT_WORKLIST_DONE;
		ask.params = entry_params(c, true);
		pg_param_text(ask.params, note);
		console_by_hand_lists(ask.params);
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
