/* One turn against what its batch has loaded: finds its conversation and dialog, steps it, and keeps what changed. */
#include "dialog/dialog.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/conf.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/reminders.h"
#include "gateway/smpp/link.h"
#include "gateway/templates.h"
#include "gateway/turn_json.h"
#include "gateway/turn_ussd.h"

/* The talk with somebody who has no conversation under way: reserved words are answered, nothing is asked. */
#define DIALOG_WITHOUT_CONVERSATION "visitor"

static int
by_phone(const void *key, const void *row)
{
	return strcmp(key, ((const struct store_conversation *)row)->phone);
}

bool
turn_hash_in(const struct turn_rows *rows, const uint8_t *hash, size_t len)
{
	const char *const *list = rows->list;
	char hex[2 * 32 + 1];

	if (rows->count == 0)
		return false;
	(void)sodium_bin2hex(hex, sizeof(hex), hash, len);
	for (size_t i = 0; i < rows->count; i++) {
		if (strcmp(list[i], hex) == 0)
			return true;
	}
	return false;
}

static bool
event_in(const struct turn_rows *rows, int64_t id)
{
	const int64_t *list = rows->list;

	for (size_t i = 0; i < rows->count; i++) {
		if (list[i] == id)
			return true;
	}
	return false;
}

/* ---- The row and the engine's view of it ---------------------------------------------------------------------- */

static int
conversation_from_row(const struct store_conversation *row, int applications, struct dialog_conversation *c)
{
	json_error_t e;
	const char *name;
	json_t *value, *slots = json_loads(row->slots, 0, &e);

	memset(c, 0, sizeof(*c));
	(void)snprintf(c->step, sizeof(c->step), "%s", row->step);
	(void)snprintf(c->language, sizeof(c->language), "%s", row->language);
	c->applications = applications;
	c->selected = row->selected;
	c->begun = row->begun;
	c->ask_owed = row->ask_owed;
	c->ended = !row->open;
	memcpy(c->counts, row->counts, sizeof(c->counts));
	c->deadline = row->deadline_us == INT64_MIN ? 0 : row->deadline_us / 1000000;
	if (slots == NULL)
		return -1;
	json_object_foreach (slots, name, value) {
		if (json_is_string(value))
			(void)dialog_slot_set(c, name, json_string_value(value));
	}
	json_decref(slots);
	return 0;
}

static const char *
slots_to_json(struct arena *a, const struct dialog_conversation *c)
{
	struct turn_json slots = turn_json_begin(a);

	for (size_t i = 0; i < c->nslots; i++)
		turn_json_text(&slots, c->slots[i].name, c->slots[i].value);
	return turn_json_end(&slots);
}

/* Each that is saved is looked at by its own save: only the others must be as they were. */
static bool
all_saved(const struct turn_scene *s)
{
	for (size_t i = 0; i < s->napplications; i++) {
		if (!s->applications[i].changed)
			return false;
	}
	return s->napplications > 0;
}

static void
save_conversation(struct turn_scene *s)
{
	struct turn_batch *b = s->b;
	const struct dialog_conversation *c = s->after;
	struct store_conversation *row = turn_rows_add(b, &b->saved_conversations, sizeof(*row));

	*row = *s->row;
	row->link = s->t->is_text ? link_name(s->t->link) : "";
	row->language = arena_dup(b->arena, c->language);
	/* A talk that was not asked yet takes the newest version when it is. */
	row->dialog_version = c->step[0] == '\0' ? 0 : dialog_version(s->dialog);
	row->step = arena_dup(b->arena, c->step);
	row->selected = c->selected;
	row->begun = c->begun;
	row->ask_owed = c->ask_owed;
	memcpy(row->counts, c->counts, sizeof(row->counts));
	row->slots = slots_to_json(b->arena, c);
	row->deadline_us = c->deadline == 0 || c->ended ? INT64_MIN : c->deadline * 1000000;
	row->texts += s->said;
	row->ended = c->ended;
	if (all_saved(s))
		row->kept_applications = NULL;
	row->outcome = "";
	for (size_t i = 0; i < s->result->neffects; i++) {
		if (s->result->effects[i].kind == DIALOG_ENDED)
			row->outcome = s->result->effects[i].name;
	}
}

static void
inbound_row(struct turn_batch *b, const struct turn *t, struct turn_rows *into, int64_t conversation_id,
	const char *step, bool understood, const char *error)
{
	*(struct store_inbound *)turn_rows_add(b, into, sizeof(struct store_inbound)) =
		(struct store_inbound){.id = t->inbound_id,
			.received_us = t->received_us,
			.sequence = t->sequence,
			.link = link_name(t->link),
			.session = t->session,
			.phone = t->phone,
			.short_code = t->short_code,
			.text = t->shown != NULL ? t->shown : t->text,
			.step = step,
			.error = error,
			.hash = t->hash,
			.conversation_id = conversation_id,
			.understood = understood};
}

static void
save_inbound(struct turn_scene *s, const char *error)
{
	struct turn_batch *b = s->b;
	const struct turn *t = s->t;
	bool understood = error[0] != '\0' || s->result->understood;

	if (!t->ahead || !understood || error[0] != '\0')
		inbound_row(b, t, t->ahead ? &b->inbound_found : &b->inbound, s->open ? s->row->id : 0,
			arena_dup(b->arena, s->before->step), understood, error);
	if (t->long_text)
		*(struct store_part *)turn_rows_add(b, &b->parts_done, sizeof(struct store_part)) = t->part_key;
}

/* ---- The turn ------------------------------------------------------------------------------------------------- */

static bool
stored_before(const struct turn_batch *b, const struct turn *t)
{
	return t->twin || turn_hash_in(&b->again, t->hash, STORE_HASH);
}

static void
find(const struct turn_batch *b, struct turn *t)
{
	t->row = NULL;
	t->of_row = NULL;
	t->nof_row = 0;
	if (b->nconversations > 0)
		t->row = bsearch(t->phone, b->conversations, b->nconversations, sizeof(*b->conversations), by_phone);
	if (t->row == NULL)
		return;
	for (size_t i = 0; i < b->napplications; i++) {
		if (b->applications[i].conversation_id != t->row->id)
			continue;
		if (t->nof_row++ == 0)
			t->of_row = &b->applications[i];
	}
}

/*
 * A text that is new and belongs to a talk under way: all of its row is known but for what the step finds out. So the
 * database is at work on it while the turns are stepped, and a single one has less to wait for.
 */
void
turn_inbound_ahead(struct turn_batch *b, struct pg_batch *pb)
{
	for (int i = 0; i < b->nturns; i++) {
		struct turn *t = b->turns[i];

		find(b, t);
		t->ahead =
			t->is_text && t->ussd == NULL && t->named == 0 && t->row != NULL && t->row->open && !stored_before(b, t);
		if (!t->ahead)
			continue;
		t->inbound_id = turn_batch_id(b);
		inbound_row(b, t, &b->inbound, t->row->id, t->row->step, true, "");
	}
	b->nahead = b->inbound.count;
	store_save_inbound(pb, b->bureau->id, b->inbound.list, b->nahead);
	pg_batch_push(pb);
}

static int
highest_number(const struct turn_scene *s)
{
	int n = 1;

	for (size_t i = 0; i < s->napplications; i++) {
		if (s->applications[i].number > n)
			n = s->applications[i].number;
	}
	return n;
}

static int
number_of(const struct turn_scene *s, int64_t application_id)
{
	for (size_t i = 0; i < s->napplications; i++) {
		if (s->applications[i].id == application_id)
			return s->applications[i].number;
	}
	return 0;
}

static void
save_applications(struct turn_scene *s)
{
	struct turn_batch *b = s->b;

	for (size_t i = 0; i < s->napplications; i++) {
		if (s->applications[i].changed) {
			struct store_application *row = turn_rows_add(b, &b->saved_applications, sizeof(*row));
			*row = s->applications[i];
		}
	}
}

/* What is left of the talk's applications, where it goes on. */
static void
keep(struct turn_scene *s)
{
	struct turn *t = s->t;

	if (!t->keeps || s->after->ended || s->after->step[0] == '\0' || s->napplications == 0)
		return;
	t->applications = arena_alloc(s->b->arena, s->napplications * sizeof(*t->applications));
	for (size_t i = 0; i < s->napplications; i++) {
		if (!s->applications[i].detached)
			t->applications[t->napplications++] = s->applications[i];
	}
}

/* The entry for which a clerk has said or picked this learns what became of it. */
static void
tell_entry(const struct turn_scene *s, const char *became)
{
	const struct turn_event *e = &s->t->event;

	if (s->t->is_text || e->desk.entry == 0)
		return;
	*(struct store_said *)turn_rows_add(s->b, &s->b->said, sizeof(struct store_said)) =
		(struct store_said){.entry_id = e->desk.entry,
			.actor = e->actor,
			.became = became,
			.note = e->desk.note,
			.closes = e->desk.closes,
			.session = e->desk.session,
			.address = e->desk.address};
}

/* A text that came although its step cannot be found: kept, and a clerk reads it. */
static int
unstepped(struct turn_scene *s, const char **why, const char *reason)
{
	*why = reason;
	s->t->outcome = TURN_FAILED;
	if (s->t->is_text) {
		save_inbound(s, reason);
	}
	tell_entry(s, "failed");
	return -1;
}

/* Nobody knows whether this is the carrier's second delivery or the same words anew: the question is asked again. */
static void
answer_again(struct turn_scene *s)
{
	const char *const *hashes = s->b->again.list;
	const int64_t *ids = s->b->again_ids.list;

	for (size_t i = 0; i < s->b->again.count; i++) {
		struct turn_rows one = {.list = (void *)&hashes[i], .count = 1};

		if (ids[i] == 0 || !turn_hash_in(&one, s->t->hash, STORE_HASH))
			continue;
		*(struct store_again *)turn_rows_add(s->b, &s->b->answer_again, sizeof(struct store_again)) =
			(struct store_again){ids[i], s->t->phone, s->t->session, s->t->sequence, s->t->received_us};
	}
}

static int
step_text(struct turn_scene *s, struct dialog_event *e)
{
	struct turn *t = s->t;

	if (stored_before(s->b, t)) {
		/* Stored before; the carrier did not hear our answer. It gets it now, and nothing is stepped twice. */
		t->again = true;
		metrics_add(METRIC_TEXTS_IN_AGAIN, 1);
		/* What was said in a session is never said again. */
		if (!t->twin && t->ussd == NULL)
			answer_again(s);
		if (t->long_text)
			*(struct store_part *)turn_rows_add(s->b, &s->b->parts_done, sizeof(struct store_part)) = t->part_key;
		return 1;
	}
	if (!t->ahead)
		t->inbound_id = turn_batch_id(s->b);
	s->inbound_id = t->inbound_id;
	s->actor = "citizen";
	*e = (struct dialog_event){.kind = DIALOG_TEXT, .channel = DIALOG_CHANNEL_SMS, .text = t->text};
	return 0;
}

static int
step_event(struct turn_scene *s, struct dialog_event *e)
{
	struct turn *t = s->t;
	const struct turn_event *ev = &t->event;

	if (ev->outside_event_id != 0) {
		/* Another daemon was first. */
		if (!event_in(&s->b->events, ev->outside_event_id))
			return 1;
		*(int64_t *)turn_rows_add(s->b, &s->b->events_done, sizeof(int64_t)) = ev->outside_event_id;
	}
	if (s->row == NULL || !s->open || s->row->id != ev->conversation_id) {
		t->outcome = TURN_NO_CONVERSATION;
		tell_entry(s, "over");
		return 1;
	}
	if (ev->desk.entry != 0 && strcmp(ev->desk.step, s->row->step) != 0) {
		t->outcome = TURN_MOVED;
		tell_entry(s, "moved");
		return 1;
	}
	s->actor = ev->actor;
	*e = (struct dialog_event){.kind = ev->kind,
		.channel = ev->channel,
		.name = ev->name,
		.text = ev->text,
		.application = ev->application_id == 0 ? 0 : number_of(s, ev->application_id),
		.slots = ev->slots,
		.nslots = ev->nslots};
	if (ev->application_id != 0 && e->application == 0) {
		t->outcome = TURN_NO_CONVERSATION; /* the application left this conversation */
		return 1;
	}
	return 0;
}

/* The language that this phone asked for, or NULL. */
static const char *
spoken(const struct turn_batch *b, const char *phone)
{
	const char *const *phones = b->spoken_phones.list, *const *words = b->spoken.list;

	for (size_t i = 0; i < b->spoken_phones.count; i++) {
		if (strcmp(phones[i], phone) == 0)
			return words[i];
	}
	return NULL;
}

/* LANGUAGE holds for every talk with this phone from now on. */
static void
save_language(struct turn_scene *s)
{
	if (strcmp(s->before->language, s->after->language) == 0)
		return;
	*(const char **)turn_rows_add(s->b, &s->b->language_phones, sizeof(char *)) = s->t->phone;
	*(const char **)turn_rows_add(s->b, &s->b->language_words, sizeof(char *)) =
		arena_dup(s->b->arena, s->after->language);
}

/* An answer to a text of a talk that is over must not move the one that is open: it is answered outside of both. */
static bool
names_another(const struct turn_batch *b, const char *phone)
{
	const char *const *phones = b->named_other.list;

	for (size_t i = 0; i < b->named_other.count; i++) {
		if (strcmp(phones[i], phone) == 0)
			return true;
	}
	return false;
}

/* Before consent the item's days say when the next reminder is due; of several licences the first that runs out counts.
 */
static void
schedule(const struct turn_scene *s, struct dialog_event *e)
{
	const struct store_application *first = NULL;

	for (size_t i = 0; i < s->napplications; i++) {
		const struct store_application *a = &s->applications[i];

		if (a->last_day[0] != '\0' && (first == NULL || strcmp(a->last_day, first->last_day) < 0))
			first = a;
	}
	const struct conf_item *it = first == NULL ? NULL : conf_item_for(s->b->g->conf, s->b->bureau, first->item_code);
	if (it != NULL)
		reminders_next(s->b->bureau, it, first->last_day, s->b->now_us / 1000000, &e->next_reminder, &e->phone_at);
}

int
turn_step(struct turn_batch *b, struct turn *t, const char **why)
{
	/* Large, and only one turn is stepped at a time. */
	static struct dialog_conversation before, after;
	static struct dialog_result result;
	struct turn_scene s = {.b = b, .t = t, .before = &before, .after = &after, .result = &result};
	struct dialog_event e;

	t->outcome = TURN_DONE;
	t->inbound_id = t->ahead ? t->inbound_id : 0;
	t->napplications = 0;
	if (t->ussd != NULL && t->ussd->event == USSD_RELEASED) {
		turn_ussd_over(b, t);
		return 0;
	}
	s.row = t->row;
	s.open = t->row != NULL && t->row->open;
	s.applications = t->of_row;
	s.napplications = t->nof_row;
	if (t->is_text && t->named != 0 && names_another(b, t->phone))
		s.open = false;
	int skip = t->is_text ? step_text(&s, &e) : step_event(&s, &e);
	if (s.row != NULL)
		(void)snprintf(t->step, sizeof(t->step), "%s", s.row->step);
	if (skip != 0)
		return 0;

	memset(&before, 0, sizeof(before));
	if (s.open) {
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is open has its row */
		s.dialog = templates_find_for(b->g->templates, b->bureau->id, s.row->dialog, s.row->dialog_version);
		if (conversation_from_row(s.row, highest_number(&s), &before) != 0)
			return unstepped(&s, why, "the conversation's slots cannot be read");
		before.tags = s.napplications > 0 ? s.applications[0].tags : NULL;
		if (!before.begun)
			schedule(&s, &e);
	} else {
		s.dialog = templates_find_for(b->g->templates, b->bureau->id, DIALOG_WITHOUT_CONVERSATION, 0);
		before.applications = 1;
		(void)snprintf(before.language, sizeof(before.language), "%s",
			s.row != NULL				? s.row->language
			: b->bureau->nlanguages > 0 ? b->bureau->languages[0]
										: "zh");
		if (s.dialog != NULL)
			(void)snprintf(before.step, sizeof(before.step), "%s", dialog_first_step(s.dialog));
	}
	/* A talk begins, or goes on without a conversation, in the language that the phone asked for. */
	const char *language = spoken(b, t->phone);
	if (language != NULL && (!s.open || before.step[0] == '\0'))
		(void)snprintf(before.language, sizeof(before.language), "%s", language);
	if (s.dialog == NULL)
		return unstepped(&s, why, "the conversation's dialog is not among the templates");
	bool by_hand = !t->is_text && t->event.by_hand != NULL;
	bool steps = !by_hand && (t->ussd == NULL || turn_ussd_begin(&s, &e));
	if (!steps) {
		after = before;
		result = (struct dialog_result){.understood = true};
	} else if (dialog_step(s.dialog, &before, &e, b->now_us / 1000000, &after, &result) != 0)
		return unstepped(&s, why, "the conversation stands at a step that its dialog does not have");
	s.language = after.language;

	if (t->is_text && !result.understood)
		metrics_add(METRIC_NOT_UNDERSTOOD, 1);
	save_language(&s);
	turn_apply(&s);
	if (by_hand)
		turn_say_by_hand(&s);
	if (t->ussd != NULL)
		turn_ussd_show(&s);
	else if (!t->is_text && t->event.name != NULL)
		turn_ussd_event(&s);
	if (t->is_text)
		save_inbound(&s, "");
	bool saved = false;
	if (s.open) {
		/* Written even where nothing moved: the version counts turns, and replies go back by the last link. */
		/* Octets between the fields can only make it be written once more than needed. */
		/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c) */
		saved = t->is_text || result.neffects > 0 || memcmp(&before, &after, sizeof(before)) != 0;
		if (saved)
			save_conversation(&s);
		save_applications(&s);
		if (saved)
			keep(&s);
		(void)snprintf(t->step, sizeof(t->step), "%s", after.step);
	}
	if (s.said > 0 && !saved) {
		struct store_conversation *row = turn_rows_add(b, &b->texts_said, sizeof(*row));
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): only texts to a phone with a row are counted */
		*row = *s.row;
		row->texts += s.said;
	}
	if (!t->is_text && t->event.grant_id != 0)
		*(int64_t *)turn_rows_add(b, &b->grants_used, sizeof(int64_t)) = t->event.grant_id;
	tell_entry(&s, t->outcome == TURN_DONE ? "done" : "over");
	return 0;
}
