/* What a clerk may say or pick for an entry, as a turn; and that turn as a row that waits for the daemon. */
#include "gateway/clerk.h"

#include <stdio.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/http/form.h"
#include "gateway/templates.h"

#define UCS2_PART 67 /* characters of a part of several, in UCS-2 */

static const char *
text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text == NULL ? "" : text;
}

const char *
clerk_fault_word(enum clerk_fault f)
{
	static const char *const words[CLERK_FAULTS] = {
		"good", "closed", "held", "not_mine", "waits", "over", "no_texts", "moved", "empty", "long"};

	return words[f];
}

size_t
clerk_choices(const struct templates *t, int bureau_id, const json_t *entry, struct dialog_choice *list)
{
	const struct dialog *d = NULL;

	if (json_is_true(json_object_get(entry, "open")))
		d = templates_find_for(
			t, bureau_id, text_of(entry, "dialog"), (int)json_integer_value(json_object_get(entry, "dialog_version")));
	return d == NULL ? 0
					 : dialog_choices(d, text_of(entry, "step"), text_of(entry, "language"), list, DIALOG_CHOICES_ROOM);
}

/* Is it this clerk's to do, in a talk that goes on where he has seen it? */
static enum clerk_fault
begin(const json_t *entry, const char *step, bool free_too, struct clerk_act *act)
{
	*act = (struct clerk_act){.step = text_of(entry, "step"),
		.phone = text_of(entry, "talk_phone"),
		.entry = json_integer_value(json_object_get(entry, "id")),
		.conversation = json_integer_value(json_object_get(entry, "conversation"))};
	if (json_is_string(json_object_get(entry, "done_at")))
		return CLERK_CLOSED;
	if (!json_is_true(json_object_get(entry, "mine"))) {
		if (*text_of(entry, "claimed_by") != '\0')
			return CLERK_HELD;
		if (!free_too)
			return CLERK_NOT_MINE;
	}
	if (strcmp(text_of(entry, "said"), "waits") == 0)
		return CLERK_WAITS;
	if (!json_is_true(json_object_get(entry, "open")))
		return CLERK_OVER;
	return step != NULL && strcmp(step, act->step) != 0 ? CLERK_MOVED : CLERK_GOOD;
}

enum clerk_fault
clerk_answer(const struct conf_bureau *b, const json_t *entry, const char *step, bool free_too, const char *typed,
	bool closes, struct clerk_act *act)
{
	char whole[sizeof(act->text) + 256];
	enum clerk_fault fault = begin(entry, step, free_too, act);

	if (fault != CLERK_GOOD)
		return fault;
	/* To whom no text goes nobody can write. */
	if (act->phone[0] != '+')
		return CLERK_NO_TEXTS;
	int len = form_trim(typed, act->text, sizeof(act->text));
	if (len <= 0)
		return len == 0 ? CLERK_EMPTY : CLERK_LONG;
	snprintf(whole, sizeof(whole), "%s%s", b->signature, act->text);
	text_measure(whole, strlen(whole), &act->measure);
	if (act->measure.parts > CLERK_PARTS || len > DIALOG_TEXT_MAX)
		return CLERK_LONG;
	act->closes = closes;
	snprintf(act->note, sizeof(act->note), "answered by hand");
	return CLERK_GOOD;
}

int
clerk_room(const struct conf_bureau *b)
{
	struct text_measure m;

	text_measure(b->signature, strlen(b->signature), &m);
	return CLERK_PARTS * UCS2_PART - (int)m.characters;
}

enum clerk_fault
clerk_pick(const struct templates *t, int bureau_id, const json_t *entry, const char *step, bool free_too,
	const char *what, long at, struct clerk_act *act)
{
	struct dialog_choice list[DIALOG_CHOICES_ROOM];
	enum clerk_fault fault = begin(entry, step, free_too, act);

	if (fault != CLERK_GOOD)
		return fault;
	size_t n = clerk_choices(t, bureau_id, entry, list), found = n, same = 0;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].what, what) != 0 || (at >= 0 && (size_t)at != i))
			continue;
		found = i;
		same++;
	}
	if (same != 1)
		return CLERK_MOVED;
	act->choice = list[found];
	act->closes = true;
	snprintf(act->note, sizeof(act->note), "picked %s at %s", act->choice.what, act->step);
	return CLERK_GOOD;
}

struct turn_event
clerk_event(const struct clerk_act *act, int bureau_id, const char *actor, int64_t session, const char *address)
{
	struct turn_event e = {.bureau_id = bureau_id,
		.conversation_id = act->conversation,
		.phone = act->phone,
		.kind = DIALOG_OUTSIDE,
		.channel = DIALOG_CHANNEL_STAFF,
		.actor = actor,
		.desk = {act->entry, act->step, act->note, act->closes, session, address}};

	if (act->text[0] != '\0') {
		e.by_hand = act->text;
	} else if (act->choice.say != NULL) {
		e.kind = DIALOG_TEXT;
		e.text = act->choice.say;
	} else {
		e.name = act->choice.event;
	}
	return e;
}

json_t *
clerk_event_write(const struct turn_event *e)
{
	return json_pack("{s:I, s:s, s:s, s:b, s:s, s:s*, s:s*}", "entry", (json_int_t)e->desk.entry, "step", e->desk.step,
		"note", e->desk.note, "closes", e->desk.closes, "address", e->desk.address, "say", e->text, "by_hand",
		e->by_hand);
}

void
clerk_event_read(const json_t *desk, struct turn_event *e)
{
	e->desk = (struct turn_desk){.entry = json_integer_value(json_object_get(desk, "entry")),
		.step = text_of(desk, "step"),
		.note = text_of(desk, "note"),
		.closes = json_is_true(json_object_get(desk, "closes")),
		.address = text_of(desk, "address")};
	e->text = json_string_value(json_object_get(desk, "say"));
	e->by_hand = json_string_value(json_object_get(desk, "by_hand"));
	if (e->text != NULL)
		e->kind = DIALOG_TEXT;
	/* The row's name says for people what it is; only of an event it is one that the dialog knows. */
	if (e->text != NULL || e->by_hand != NULL)
		e->name = NULL;
}
