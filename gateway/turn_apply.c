/* What a step's effects change: applications, worklists, opt-outs, texts to send, and the trail that proves each. */
#include "dialog/dialog.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "dialog/screen.h"
#include "gateway/conf.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/mask.h"
#include "gateway/turn_json.h"
#include "gateway/turn_ussd.h"
#include "store/application.h"

struct store_application *
turn_application(struct turn_scene *s, int number)
{
	for (size_t i = 0; i < s->napplications; i++) {
		struct store_application *a = &s->applications[i];

		if (number == 0 ? s->after->selected == 0 || (s->after->selected >> (a->number - 1) & 1) != 0
						: a->number == number)
			return a;
	}
	return NULL;
}

/* ---- Trail ---------------------------------------------------------------------------------------------------- */

static void
add_trail(struct turn_scene *s, int64_t application_id, const char *kind, const char *data)
{
	struct store_trail *t = turn_rows_add(s->b, &s->b->trail, sizeof(*t));

	*t = (struct store_trail){.application_id = application_id,
		.conversation_id = s->row != NULL ? s->row->id : 0,
		.actor = arena_dup(s->b->arena, s->actor),
		.kind = kind,
		.data = data};
}

static const char *
channel_name(const struct turn_scene *s)
{
	static const char *names[] = {"sms", "ussd", "page", "staff", "phone"};

	if (s->t->is_text)
		return s->t->ussd != NULL ? "ussd" : "sms";
	return s->t->event.kind == DIALOG_OUTSIDE || s->t->event.kind == DIALOG_TEXT ? names[s->t->event.channel] : "clock";
}

/* Which question it answers: the text's number and the hash of its words, as turn_say has kept them; by phone, the
 * words. */
static void
asked(const struct turn_scene *s, struct turn_json *o)
{
	const char *slot = dialog_slot_get(s->before, "asked"), *colon = slot == NULL ? NULL : strchr(slot, ':');

	if (colon != NULL && (s->t->is_text || s->t->event.kind == DIALOG_OUTSIDE)) {
		turn_json_int(o, "asked", strtoll(slot, NULL, 10));
		turn_json_text(o, "asked_hash", colon + 1);
	}
	for (size_t i = 0; !s->t->is_text && i < s->t->event.nslots; i++) {
		if (strcmp(s->t->event.slots[i].name, "note") == 0)
			turn_json_text(o, "words", s->t->event.slots[i].value);
		if (strcmp(s->t->event.slots[i].name, "signed") == 0)
			turn_json_text(o, "signed", s->t->event.slots[i].value);
	}
}

void
turn_asked(struct turn_scene *s, const char *wording, int64_t message_id, const char *text)
{
	char value[64];
	uint8_t hash[16];

	if (!s->open || strcmp(wording, dialog_step_text(s->dialog, s->after->step)) != 0)
		return;
	(void)crypto_generichash(hash, sizeof(hash), (const uint8_t *)text, strlen(text), NULL, 0);
	int n = snprintf(value, sizeof(value), "%lld:", (long long)message_id);
	(void)sodium_bin2hex(value + n, sizeof(value) - (size_t)n, hash, sizeof(hash));
	(void)dialog_slot_set(s->after, "asked", value);
}

/* What proves a choice: by which channel, at which line of which dialog, and the citizen's own words with their record.
 */
static const char *
evidence(struct turn_scene *s, const char *key, const char *value, const char *to)
{
	struct turn_json o = turn_json_begin(s->b->arena);

	turn_json_text(&o, "channel", channel_name(s));
	turn_json_text(&o, "dialog", dialog_name(s->dialog));
	turn_json_int(&o, "version", dialog_version(s->dialog));
	turn_json_int(&o, "line", s->result->line);
	turn_json_text(&o, "step", s->before->step);
	if (s->t->is_text) {
		turn_json_int(&o, "inbound", s->inbound_id);
		if (!s->personal)
			turn_json_text(&o, "text", s->t->text);
		if (!s->personal && s->screen != NULL && s->screen->answer[0] != '\0')
			turn_json_text(&o, "answer", s->screen->answer);
	} else if (s->t->event.name != NULL) {
		turn_json_text(&o, "event", s->t->event.name);
	} else if (s->t->event.text != NULL && !s->personal) {
		turn_json_text(&o, "text", s->t->event.text);
	}
	if (!s->t->is_text && s->t->event.grant_id != 0)
		turn_json_int(&o, "grant", s->t->event.grant_id);
	asked(s, &o);
	if (key != NULL)
		turn_json_text(&o, key, value);
	if (to != NULL)
		turn_json_text(&o, "to", to);
	return turn_json_end(&o);
}

static void
add_move(struct turn_scene *s, const struct dialog_effect *e)
{
	struct turn_json o = turn_json_begin(s->b->arena);

	turn_json_text(&o, "from", e->from);
	turn_json_text(&o, "to", e->name);
	turn_json_text(&o, "channel", channel_name(s));
	turn_json_text(&o, "dialog", dialog_name(s->dialog));
	turn_json_int(&o, "line", s->result->line);
	turn_json_int(&o, "version", dialog_version(s->dialog));
	if (s->t->is_text)
		turn_json_int(&o, "inbound", s->inbound_id);
	else if (s->t->event.name != NULL)
		turn_json_text(&o, "event", s->t->event.name);
	add_trail(s, 0, "moved", turn_json_end(&o));
}

/*
 * That the talk has gone from the step of the turn to another one needs no row of its own when an event of its only
 * application says where to: all else that is known of the move stands there already (schema 047: trail_move). Most
 * moves of most talks are told so.
 */
static void
find_move(struct turn_scene *s)
{
	for (size_t i = 0; i < s->result->neffects && s->open && s->napplications == 1; i++) {
		const struct dialog_effect *e = &s->result->effects[i];

		if (e->kind != DIALOG_MOVED)
			continue;
		s->move = strcmp(e->from, s->before->step) == 0 ? e : NULL;
		return;
	}
}

/* No event has told it so far, and what comes next is not about the application. */
static void
tell_move(struct turn_scene *s)
{
	if (s->move == NULL || !s->move_passed || s->move_told)
		return;
	s->move_told = true;
	add_move(s, s->move);
}

/* An event of an application, with its evidence and, if there is one, the value that it is about. */
static void
tell(struct turn_scene *s, const struct store_application *a, const char *kind, const char *key, const char *value)
{
	bool moves = s->move != NULL && !s->move_told;

	s->move_told = s->move_told || moves;
	add_trail(s, a->id, kind, evidence(s, key, value, moves ? s->move->name : NULL));
}

void
turn_trail(struct turn_scene *s, const char *kind, const char *data)
{
	tell_move(s);
	add_trail(s, 0, kind, data);
}

/* ---- Applications --------------------------------------------------------------------------------------------- */

/* The only place of the turn that moves an application's status. */
static bool
move(struct turn_scene *s, struct store_application *a, const char *to)
{
	if (strcmp(a->status, to) == 0)
		return false;
	if (!application_status_may(a->status, to)) {
		log_warn("bureau=%s application=%lld status %s does not become %s", s->b->bureau->code, (long long)a->id,
			a->status, to);
		return false;
	}
	a->status = to;
	a->changed = true;
	return true;
}

static void
move_and_tell(struct turn_scene *s, struct store_application *a, const char *to, const char *kind)
{
	if (move(s, a, to))
		tell(s, a, kind, NULL, NULL);
}

static void
choose_old(struct turn_scene *s, struct store_application *a, const char *how)
{
	a->old_certificate = how;
	a->changed = true;
	tell(s, a, "old_certificate_chosen", "old_certificate", how);
}

static void
choose_delivery(struct turn_scene *s, struct store_application *a, const char *how)
{
	a->delivery = how;
	a->changed = true;
	tell(s, a, "delivery_chosen", "delivery", how);
}

static void
set_address(struct turn_scene *s, struct store_application *a, const char *address)
{
	char masked[DIALOG_SLOT_MAX + 1];
	size_t len;

	uint8_t *sealed = keys_encrypt(s->b->g->keys, address, strlen(address), &len);
	if (sealed == NULL)
		return;
	a->new_address = (const uint8_t *)arena_copy(s->b->arena, (const char *)sealed, len);
	a->new_address_len = len;
	a->changed = true;
	free(sealed);
	mask_address(address, masked, sizeof(masked));
	tell(s, a, "address_chosen", "address", masked);
}

static void
rate(struct turn_scene *s, struct store_application *a, const char *rating)
{
	a->new_rating = a->rating = (int)strtol(rating, NULL, 10);
	a->changed = true;
	tell(s, a, "rated", "rating", rating);
}

static bool
chosen(const struct turn_scene *s, const struct store_application *a, int application)
{
	if (application != 0)
		return a->number == application;
	return s->after->selected == 0 || (s->after->selected >> (a->number - 1) & 1) != 0;
}

/* Not chosen ("Y 1 3" leaves 2): it leaves this talk, and its next reminder day brings it again. */
static void
leave(struct turn_scene *s, struct store_application *a)
{
	a->detached = true;
	a->changed = true;
	tell(s, a, "left_for_later", NULL, NULL);
}

/* How identity was proven: by a clerk, or by which channel; a platform's name comes with its event. */
static void
prove(struct turn_scene *s, struct store_application *a)
{
	const char *by = channel_name(s);

	if (strncmp(s->actor, "staff:", 6) == 0 || strncmp(s->actor, "platform:", 9) == 0)
		by = arena_dup(s->b->arena, s->actor);
	a->verified_by = by;
	a->changed = true;
}

/* The program itself sees to it, a second later (gateway/judge.c). */
static void
later(struct turn_scene *s, const struct store_application *a, const char *kind)
{
	*(int64_t *)turn_rows_add(s->b, &s->b->act_ids, sizeof(int64_t)) = a->id;
	*(const char **)turn_rows_add(s->b, &s->b->act_kinds, sizeof(char *)) = kind;
}

static void
apply_to(struct turn_scene *s, enum dialog_do what, struct store_application *a, const char *address)
{
	const char *slot;

	switch (what) {
	case DIALOG_DO_CONSENT:
		move_and_tell(s, a, "consented", "consented");
		break;
	case DIALOG_DO_DECLINE:
		move_and_tell(s, a, "declined", "declined");
		break;
	case DIALOG_DO_OPT_OUT:
		if (!s->after->begun)
			move_and_tell(s, a, "stopped", "opted_out");
		break;
	case DIALOG_DO_NOT_ME:
		move_and_tell(s, a, "wrong_number", "wrong_number");
		break;
	case DIALOG_DO_VERIFIED:
		if (move(s, a, "verified")) {
			if (a->verified_by[0] == '\0')
				prove(s, a);
			tell(s, a, "verified", "by", a->verified_by);
		}
		break;
	case DIALOG_DO_CONFIRM:
		move_and_tell(s, a, "confirmed", "confirmed");
		break;
	case DIALOG_DO_CORRECT:
		tell(s, a, "said_wrong", NULL, NULL);
		break;
	case DIALOG_DO_OLD_ON_SITE:
		choose_old(s, a, "on_site");
		break;
	case DIALOG_DO_OLD_COURIER:
		choose_old(s, a, "courier");
		break;
	case DIALOG_DO_PICK_UP:
		choose_delivery(s, a, "pick_up");
		break;
	case DIALOG_DO_COURIER:
		choose_delivery(s, a, "courier");
		break;
	case DIALOG_DO_ADDRESS:
		if (address != NULL)
			set_address(s, a, address);
		break;
	case DIALOG_DO_SUBMIT:
		move_and_tell(s, a, "submitted", "submitted");
		break;
	case DIALOG_DO_RATE:
		slot = dialog_slot_get(s->after, "rating");
		if (slot != NULL)
			rate(s, a, slot);
		break;
	case DIALOG_DO_PROVEN:
		prove(s, a);
		tell(s, a, "identity_proven", "by", a->verified_by);
		break;
	case DIALOG_DO_PLEDGE:
		tell(s, a, "pledged", NULL, NULL);
		break;
	case DIALOG_DO_RECEIVED:
		if (strcmp(a->status, "sent") == 0) {
			tell(s, a, "said_received", NULL, NULL);
			later(s, a, "arrive");
		}
		break;
	case DIALOG_DO_COMPLAIN:
		slot = dialog_slot_get(s->after, "note");
		if (slot != NULL) {
			a->new_complaint = arena_dup(s->b->arena, slot);
			a->changed = true;
			tell(s, a, "complained", NULL, NULL);
		}
		break;
	case DIALOG_DO_NONE:
	case DIALOG_DO_OPT_IN:
	case DIALOG_DO_CHECK:
	case DIALOG_DO_NEW_LINK:
	case DIALOG_DO_COUNT:
		break;
	}
}

static void
suppress(struct turn_scene *s, const char *reason)
{
	if (turn_phoneless(s->t->phone))
		return;
	*(const char **)turn_rows_add(s->b, &s->b->suppressed, sizeof(char *)) = s->t->phone;
	*(const char **)turn_rows_add(s->b, &s->b->suppress_reasons, sizeof(char *)) = reason;
}

static void
apply(struct turn_scene *s, const struct dialog_effect *e, const char *address)
{
	for (size_t i = 0; i < s->napplications && s->open; i++) {
		struct store_application *a = &s->applications[i];

		if (chosen(s, a, e->application))
			apply_to(s, e->what, a, address);
		else if (e->what == DIALOG_DO_CONSENT)
			leave(s, a);
	}
	switch (e->what) {
	case DIALOG_DO_OPT_OUT:
		suppress(s, "opt_out");
		if (s->napplications == 0 || s->after->begun || !s->open)
			turn_trail(s, "opted_out", evidence(s, NULL, NULL, NULL));
		break;
	case DIALOG_DO_NOT_ME:
		suppress(s, "not_me");
		break;
	case DIALOG_DO_OPT_IN:
		*(const char **)turn_rows_add(s->b, &s->b->unsuppressed, sizeof(char *)) = s->t->phone;
		turn_trail(s, "opted_in", evidence(s, NULL, NULL, NULL));
		break;
	case DIALOG_DO_NEW_LINK:
		if (s->open)
			*(int64_t *)turn_rows_add(s->b, &s->b->grants_revoked, sizeof(int64_t)) = s->row->id;
		break;
	default:
		break;
	}
}

/* The phone by which a person finds somebody: none is better than one that rings nowhere. */
static const char *
phone_to_show(const struct turn_scene *s)
{
	return turn_phoneless(s->t->phone) ? "" : s->t->phone;
}

/* ---- Worklists and ends --------------------------------------------------------------------------------------- */

static void
list_application(struct turn_scene *s, const struct store_application *a, const char *name, const char *reason)
{
	struct store_worklist *w = turn_rows_add(s->b, &s->b->worklist, sizeof(*w));

	*w = (struct store_worklist){.list = name,
		.phone = phone_to_show(s),
		.reason = reason,
		.application_id = a->id,
		.conversation_id = s->row->id,
		.item_code = a->item_code};
}

/* Why somebody must see to it: the citizen's words, silence, or what the event says in words. */
static const char *
reason_of(const struct turn *t)
{
	if (t->is_text)
		return t->text;
	if (t->event.kind == DIALOG_TIMER)
		return "no answer";
	if (t->event.kind == DIALOG_TEXT)
		return t->event.text;
	for (size_t i = 0; i < t->event.nslots; i++) {
		if (strcmp(t->event.slots[i].name, "reason") == 0 && t->event.slots[i].value[0] != '\0')
			return t->event.slots[i].value;
	}
	return t->event.name;
}

static void
list(struct turn_scene *s, const struct dialog_effect *e)
{
	const char *reason = reason_of(s->t);
	bool person = strcmp(e->name, "phone") == 0 || strcmp(e->name, "read") == 0;

	if (person) {
		struct store_worklist *w = turn_rows_add(s->b, &s->b->worklist, sizeof(*w));
		*w = (struct store_worklist){.list = e->name,
			.phone = phone_to_show(s),
			.reason = arena_dup(s->b->arena, reason),
			.conversation_id = s->open ? s->row->id : 0};
		return;
	}
	for (size_t i = 0; i < s->napplications; i++) {
		const struct store_application *a = &s->applications[i];

		if (chosen(s, a, e->application) && !a->detached)
			list_application(s, a, e->name, arena_dup(s->b->arena, reason));
	}
}

/* A submitted application waits for a person to approve; an old certificate that a courier fetches waits for that too.
 */
static void
list_submitted(struct turn_scene *s)
{
	for (size_t i = 0; i < s->napplications; i++) {
		const struct store_application *a = &s->applications[i];

		if (a->detached || strcmp(a->status, "submitted") != 0)
			continue;
		const struct conf_item *it = conf_item_for(s->b->g->conf, s->b->bureau, a->item_code);
		if (it != NULL && strcmp(it->approval, "clerk") != 0)
			later(s, a, "judge");
		else
			list_application(s, a, "approve", "submitted");
		if (strcmp(a->delivery, "courier") == 0 && a->new_address == NULL && a->address == NULL &&
			a->holder_address == NULL)
			list_application(s, a, "read", "by courier, and no address is on file");
		if (strcmp(a->old_certificate, "courier") == 0)
			list_application(s, a, "collect", "old certificate by courier");
	}
}

/* The talk is over: each of its applications ends with it, unless it has come to an end of its own. */
static void
end(struct turn_scene *s, const struct dialog_effect *e)
{
	for (size_t i = 0; i < s->napplications && s->open; i++) {
		struct store_application *a = &s->applications[i];

		if (a->detached)
			continue;
		if (application_status_may(a->status, e->name))
			move_and_tell(s, a, e->name, e->name);
		else if (application_status_may(a->status, "closed"))
			move_and_tell(s, a, "closed", "closed");
	}
	turn_trail(s, "ended", evidence(s, "outcome", e->name, NULL));
}

static void
moved(struct turn_scene *s, const struct dialog_effect *e)
{
	tell_move(s);
	if (e == s->move)
		s->move_passed = true;
	else
		add_move(s, e);
	/* Who answers need not be phoned or read any more, unless this very step asks for it again. */
	if (s->t->is_text || s->t->event.channel == DIALOG_CHANNEL_PAGE || s->t->event.channel == DIALOG_CHANNEL_PHONE)
		*(int64_t *)turn_rows_add(s->b, &s->b->worklist_done, sizeof(int64_t)) = s->row->id;
}

/* The question of the first step went out: this is the reminder of every application in the talk. */
static void
reminded(struct turn_scene *s, const struct dialog_effect *e)
{
	for (size_t i = 0; i < s->napplications; i++) {
		struct store_application *a = &s->applications[i];

		if (application_status_may(a->status, "reminded"))
			(void)move(s, a, "reminded");
		tell(s, a, "reminded", "wording", e->name);
	}
}

/* A plain address is kept sealed in the application; the conversation, which anybody reads, keeps its masked form. */
static const char *
take_address(struct turn_scene *s)
{
	const char *slot = dialog_slot_get(s->after, "address");
	char masked[DIALOG_SLOT_MAX + 1];

	if (slot == NULL)
		return NULL;
	const char *was = dialog_slot_get(s->before, "address");
	if (was != NULL && strcmp(was, slot) == 0)
		return NULL; /* masked by an earlier turn */
	const char *plain = arena_dup(s->b->arena, slot);
	mask_address(plain, masked, sizeof(masked));
	(void)dialog_slot_set(s->after, "address", masked);
	return plain;
}

void
turn_apply(struct turn_scene *s)
{
	const char *address = take_address(s);

	s->personal = address != NULL;
	find_move(s);
	for (size_t i = 0; i < s->result->neffects; i++) {
		const struct dialog_effect *e = &s->result->effects[i];

		switch (e->kind) {
		case DIALOG_MOVED:
			if (s->open)
				moved(s, e);
			break;
		case DIALOG_APPLY:
			apply(s, e, address);
			if (e->what == DIALOG_DO_SUBMIT)
				list_submitted(s);
			break;
		case DIALOG_LIST:
			list(s, e);
			break;
		case DIALOG_SAY:
			if (e->reminder && !turn_phoneless(s->t->phone))
				reminded(s, e);
			if (s->screen == NULL || !turn_ussd_say(s, i))
				turn_say(s, e->name, e->application, e->reminder);
			break;
		case DIALOG_ENDED:
			if (s->open)
				end(s, e);
			break;
		}
	}
	tell_move(s);
}
