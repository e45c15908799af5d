/*
 * One turn of a USSD session: what an input means, what of the step's texts goes where, and the screen that answers it.
 * A session that has ended, or an answer that would come too late, is answered by texts instead.
 */
#include "gateway/turn_ussd.h"

#include <stdlib.h>
#include <string.h>

#include "dialog/screen.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/now.h"
#include "gateway/sender.h"
#include "gateway/smpp/link.h"
#include "store/grant.h"

#define SAID_MAX (4 * DIALOG_TEXT_MAX)
#define MARGIN_US 300000 /* of the network's limit, for the commit and the way to the socket */

/* ---- Identity --------------------------------------------------------------------------------------------------- */

static const struct store_tries *
tries_of(const struct turn_scene *s)
{
	const struct turn_ussd_rows *u = s->b->ussd;

	for (size_t i = 0; i < u->ntries; i++) {
		if (strcmp(u->tries[i].phone, s->t->phone) == 0)
			return &u->tries[i];
	}
	return NULL;
}

static bool
chosen(const struct turn_scene *s, int number)
{
	return s->before->selected == 0 || (s->before->selected >> (number - 1) & 1) != 0;
}

/* Every item that the talk is about lets identity be proven in a session, and too many tries have not locked it. */
static bool
identity_allowed(const struct turn_scene *s)
{
	const struct store_tries *tries = tries_of(s);
	bool any = false;

	if (!s->open || (tries != NULL && tries->locked))
		return false;
	for (size_t i = 0; i < s->napplications; i++) {
		const struct conf_item *item = conf_item_for(s->b->g->conf, s->b->bureau, s->applications[i].item_code);
		bool allowed = false;

		if (!chosen(s, s->applications[i].number))
			continue;
		for (size_t k = 0; item != NULL && k < item->nidentity; k++)
			allowed = allowed || strcmp(item->identity[k], "ussd") == 0;
		if (!allowed)
			return false;
		any = true;
	}
	return any;
}

/* The tail is that of every holder's number. */
static bool
matches(const struct turn_scene *s, const char *typed)
{
	const struct turn_ussd_rows *u = s->b->ussd;
	bool right = true, any = false;

	for (size_t i = 0; i < u->nholders; i++) {
		const struct store_ussd_holder *h = &u->holders[i];

		if (strcmp(h->phone, s->t->phone) != 0 || !chosen(s, h->number))
			continue;
		char *number = h->id_number != NULL ? keys_decrypt(s->b->g->keys, h->id_number, h->len) : NULL;
		if (number == NULL || !identity_matches(typed, number))
			right = false;
		any = true;
		free(number);
	}
	return any && right;
}

static void
say_on_screen(struct turn_scene *s, const char *wording, int application)
{
	struct turn_screen *x = s->screen;
	struct turn_values v = {.s = s, .application = application};
	char text[DIALOG_TEXT_MAX + 1];

	s->on_screen = true;
	int n = dialog_render_ussd(s->dialog, wording, s->language, s->after, turn_value, &v, text, sizeof(text));
	s->on_screen = false;
	if (n <= 0 || x->len + (size_t)n + 2 > x->room) {
		log_error("bureau=%s phone=%s text %s of dialog %s cannot be said on a screen", s->b->bureau->code, s->t->phone,
			wording, dialog_name(s->dialog));
		return;
	}
	if (x->len > 0)
		x->said[x->len++] = '\n';
	memcpy(x->said + x->len, text, (size_t)n + 1);
	x->len += (size_t)n;
}

/* A try at the identity question: counted whatever comes of it, like the page's. True: *e says that it is proven. */
static bool
try_identity(struct turn_scene *s, const char *typed, struct dialog_event *e)
{
	const struct store_tries *tries = tries_of(s);
	int n = (tries == NULL ? 0 : tries->tries) + 1;
	bool right = matches(s, typed);
	struct turn_rows *count = right ? &s->b->ussd->right : &s->b->ussd->wrong;

	/* Tries are counted on the talk's grants: one that nobody was sent will do. */
	if (!right && (tries == NULL || tries->grants == 0))
		(void)turn_grant(s);
	*(int64_t *)turn_rows_add(s->b, count, sizeof(int64_t)) = s->row->id;
	if (right) {
		*e = (struct dialog_event){.kind = DIALOG_OUTSIDE, .channel = DIALOG_CHANNEL_USSD, .name = "verified"};
		return true;
	}
	bool locked = n >= GRANT_TRIES;
	turn_trail(s, locked ? "identity_locked" : "identity_refused",
		arena_printf(s->b->arena, "{\"tries\":%d,\"channel\":\"ussd\"}", n));
	s->screen->identity = !locked;
	say_on_screen(s, locked ? "identity_locked" : "identity_wrong", 0);
	if (locked) {
		/* Another way in: the link by text, as if it had never been asked for here. */
		turn_say(s, dialog_step_text(s->dialog, s->before->step), 0, false);
		s->screen->texted = true;
	}
	return false;
}

/* ---- What an input means ------------------------------------------------------------------------------------------
 */

static struct turn_screen *
screen_new(struct turn_scene *s)
{
	struct turn_screen *x = arena_alloc(s->b->arena, sizeof(*x));

	memset(x, 0, sizeof(*x));
	x->room = SAID_MAX;
	x->said = arena_alloc(s->b->arena, x->room);
	x->said[0] = '\0';
	x->page = 1;
	x->answer = "";
	x->why = "";
	s->screen = x;
	return x;
}

/* Can this turn be answered in its session? */
static void
look_at_time(struct turn_scene *s)
{
	const struct turn *t = s->t;
	struct turn_screen *x = s->screen;

	x->link = t->link;
	x->by_us = t->received_us + (int64_t)link_ussd_reply_seconds(t->link) * 1000000;
	x->why = t->ussd->ended || !turn_ussd_live(s->b->g, link_name(t->link), t->phone, t->ussd->session)
				 ? "the network has ended the session"
			 : now_us() + MARGIN_US > x->by_us ? "the answer would be late"
											   : "";
	x->inside = x->why[0] == '\0';
	if (!x->inside)
		log_info("bureau=%s phone=%s link=%s USSD is answered by text: %s", s->b->bureau->code, t->phone,
			link_name(t->link), x->why);
}

bool
turn_ussd_begin(struct turn_scene *s, struct dialog_event *e)
{
	struct turn *t = s->t;
	struct turn_screen *x = screen_new(s);
	const char *typed = t->ussd->typed[0] != '\0' ? t->ussd->typed : t->text;
	struct dialog_input in;
	char tail[IDENTITY_TAIL + 1] = "";

	/* What is said before the step is said about the talk as it was. */
	*s->after = *s->before;
	s->language = s->before->language;
	x->row = turn_ussd_row(s->b, t);
	x->pushed = x->row != NULL && x->row->pushed;
	x->by_text = !dialog_speaks_ussd(s->dialog);
	x->identity = identity_allowed(s);
	look_at_time(s);
	if (t->ussd->event == USSD_DIAL) {
		turn_trail(s, "dialled", arena_printf(s->b->arena, "{\"link\":\"%s\"}", link_name(t->link)));
		return dialog_dial_event(s->dialog, s->before, e);
	}
	e->channel = DIALOG_CHANNEL_USSD;
	if (x->by_text)
		return true;
	if (s->open && dialog_step_asks_identity(s->dialog, s->before->step, s->language) &&
		identity_typed(typed, tail) == 0) {
		if (t->text[0] != '\0' && t->ussd->typed[0] == '\0') {
			/* Letters for the most part, but asked for as a number: they are kept like one. */
			memcpy(t->ussd->typed, tail, sizeof(tail));
			memset(t->text, 0, strlen(t->text));
			memcpy(t->text, TURN_MASKED, sizeof(TURN_MASKED));
		}
		if (x->identity)
			return try_identity(s, tail, e);
		say_on_screen(s, "identity_locked", 0);
		return false;
	}
	dialog_screen_input(
		s->dialog, s->before, typed, x->row != NULL ? x->row->page : 1, x->row != NULL ? x->row->pages : 1, &in);
	if (in.kind == DIALOG_INPUT_PAGE) {
		x->page = in.page;
		if (x->row != NULL && x->row->said[0] != '\0') {
			x->len = strlen(x->row->said);
			x->len = x->len < x->room ? x->len : x->room - 1;
			memcpy(x->said, x->row->said, x->len);
			x->said[x->len] = '\0';
		}
		return false;
	}
	e->text = arena_dup(s->b->arena, in.text);
	x->answer = strcmp(in.text, typed) == 0 || t->ussd->typed[0] != '\0' ? "" : e->text;
	return true;
}

/* ---- What is said where ---------------------------------------------------------------------------------------------
 */

bool
turn_ussd_say(struct turn_scene *s, size_t effect)
{
	struct turn_screen *x = s->screen;
	const struct dialog_effect *e = &s->result->effects[effect];

	if (!x->inside || x->by_text)
		return false;
	struct dialog_telling tells = dialog_screen_tells(s->dialog, s->after, s->result, effect, x->identity);
	if (tells.text) {
		turn_say(s, e->name, e->application, false);
		x->texted = true;
	}
	if (tells.said)
		say_on_screen(s, e->name, e->application);
	return true;
}

static void
save_session(struct turn_scene *s, const char *said, int page, int pages, bool ended, const char *reason)
{
	const struct turn_screen *x = s->screen;
	const struct turn_ussd *u = s->t->ussd;
	struct store_ussd *row = turn_rows_add(s->b, &s->b->ussd->saved, sizeof(*row));
	bool known = x->row != NULL && u != NULL && u->event != USSD_DIAL;

	*row = (struct store_ussd){.id = known ? x->row->id : turn_batch_id(s->b),
		.conversation_id = s->open ? s->row->id : 0,
		.phone = s->t->phone,
		.link = link_name(x->link),
		.session = u != NULL ? u->session : "",
		.code = u != NULL ? u->code : s->b->bureau->ussd_code,
		.step = arena_dup(s->b->arena, s->after->step),
		.said = said,
		.page = page,
		.pages = pages,
		.pushed = known ? x->row->pushed : u == NULL,
		.state = u != NULL ? u->state : "",
		.reason = reason,
		.ended = ended};
}

/* The screen as a message whose only attempt goes with this commit. */
static void
store_screen(struct turn_scene *s, const char *text, enum ussd_say say)
{
	struct turn_batch *b = s->b;
	struct turn *t = s->t;
	struct turn_screen *x = s->screen;
	struct store_message *m = turn_rows_add(b, &b->messages, sizeof(*m));
	struct ussd_out *out = arena_alloc(b->arena, sizeof(*out));

	*out = (struct ussd_out){.say = say,
		.session = t->ussd != NULL ? arena_dup(b->arena, t->ussd->session) : "",
		.state = t->ussd != NULL ? arena_dup(b->arena, t->ussd->state) : "",
		.code = "",
		.pushed = x->pushed};
	*m = (struct store_message){.id = turn_batch_id(b),
		.at_us = b->now_us,
		.conversation_id = s->open ? s->row->id : 0,
		.reply_to = t->is_text ? s->inbound_id : 0,
		.phone = t->phone,
		.kind = t->is_text ? "reply" : "notice",
		.wording = dialog_step_text(s->dialog, s->after->step),
		.language = arena_dup(b->arena, s->language),
		.text = text,
		.link = link_name(x->link),
		.parts = 1,
		.priority = 0,
		.now = true,
		.screen = true};
	turn_asked(s, m->wording, m->id, text);
	*(int64_t *)turn_rows_add(b, &b->ussd->screens, sizeof(int64_t)) = m->id;
	*(int64_t *)turn_rows_add(b, &b->ussd->ats, sizeof(int64_t)) = m->at_us;
	struct sender_text *send = turn_rows_add(b, &b->texts, sizeof(*send));
	*send = (struct sender_text){.bureau = b->bureau,
		.message_id = m->id,
		.at_us = m->at_us,
		.conversation_id = m->conversation_id,
		.reply_to = m->reply_to,
		.phone = m->phone,
		.kind = m->kind,
		.text = text,
		.attempt = 1,
		.first = true,
		.attempted_us = m->at_us,
		.parts = 1,
		.link = x->link,
		.ussd = out,
		.by_us = x->by_us};
}

/* The question of the step, unless it has gone out as a text by now. */
static void
ask_by_text(struct turn_scene *s)
{
	const char *question = dialog_step_text(s->dialog, s->after->step);
	const struct store_message *m = s->b->messages.list;

	for (size_t i = 0; i < s->b->messages.count; i++) {
		if (strcmp(m[i].phone, s->t->phone) == 0 && strcmp(m[i].wording, question) == 0)
			return;
	}
	if (s->open && !s->after->ended && dialog_step_waits(s->dialog, s->after->step))
		turn_say(s, question, 0, false);
}

static bool
make(struct turn_scene *s, struct dialog_screen *screen)
{
	struct turn_screen *x = s->screen;
	struct turn_values v = {.s = s};
	const struct dialog_screen_limit limit = {link_ussd_limit(x->link, false), link_ussd_limit(x->link, true)};

	s->on_screen = true;
	int rc = dialog_screen_make(s->dialog, s->after, x->said, x->page, &limit, turn_value, &v, screen);
	s->on_screen = false;
	if (rc != 0)
		log_error("bureau=%s phone=%s step %s of dialog %s fits no USSD screen of link %s", s->b->bureau->code,
			s->t->phone, s->after->step, dialog_name(s->dialog), link_name(x->link));
	return rc == 0;
}

/* Room for the screen on the session's own link: no other can speak in it. */
static bool
reserve(struct turn_scene *s)
{
	struct link *l = sender_reserve(s->b->g, s->b->bureau, s->t->phone, link_name(s->screen->link), 1);

	if (l != NULL && l != s->screen->link)
		sender_unreserve(s->b->g, l, 1);
	return l == s->screen->link;
}

void
turn_ussd_show(struct turn_scene *s)
{
	struct turn_screen *x = s->screen;
	struct dialog_screen screen = {.waits = false};

	s->language = s->after->language;
	if (!x->inside) {
		ask_by_text(s);
		save_session(s, "", 1, 1, true, x->why);
		return;
	}
	if (x->by_text) {
		ask_by_text(s);
		say_on_screen(s, s->open ? "ussd_by_text" : "nothing_open", 0);
		(void)snprintf(screen.text, sizeof(screen.text), "%s", x->said);
	}
	if ((x->by_text ? x->len == 0 : !make(s, &screen)) || !reserve(s)) {
		x->inside = false;
		ask_by_text(s);
		save_session(s, "", 1, 1, true, "it could not be said");
		return;
	}
	/* Whoever proves identity here has tries that are counted; nobody is sent this grant. */
	const struct store_tries *tries = tries_of(s);
	if (x->identity && s->open && s->b->grants.count == 0 && (tries == NULL || tries->grants == 0) &&
		dialog_step_asks_identity(s->dialog, s->after->step, s->language))
		(void)turn_grant(s);
	store_screen(s, arena_dup(s->b->arena, screen.text), screen.waits ? USSD_MENU : USSD_END);
	save_session(
		s, screen.waits ? x->said : "", screen.page, screen.pages, !screen.waits, screen.waits ? "" : "said all");
}

/* ---- Events of ours
 * --------------------------------------------------------------------------------------------------- */

/* One of the bureau's links that is up and lets us begin a session; its place is kept. */
static struct link *
pushing_link(struct turn_scene *s)
{
	struct turn_batch *b = s->b;

	for (size_t i = 0; i < b->bureau->nlinks; i++) {
		struct link *l = sender_reserve(b->g, b->bureau, s->t->phone, b->bureau->links[i], 1);

		if (l == NULL)
			return NULL;
		if (link_has_ussd(l) && link_ussd_can(l, USSD_PUSH_MENU))
			return l;
		sender_unreserve(b->g, l, 1);
	}
	return NULL;
}

static void
push_question(struct turn_scene *s)
{
	const char *question = dialog_step_text(s->dialog, s->after->step);
	struct dialog_screen screen;
	struct turn_screen *x = screen_new(s);

	if (!s->open || s->after->ended || !dialog_step_waits(s->dialog, s->after->step))
		return;
	x->identity = identity_allowed(s);
	x->pushed = true;
	x->by_us = 0;
	x->link = dialog_speaks_ussd(s->dialog) ? pushing_link(s) : NULL;
	if (x->link == NULL || !make(s, &screen)) {
		if (x->link != NULL)
			sender_unreserve(s->b->g, x->link, 1);
		s->screen = NULL;
		turn_say(s, question, 0, false);
		turn_trail(s, "asked", "{\"channel\":\"sms\",\"why\":\"no link that is up can push by USSD\"}");
		return;
	}
	store_screen(s, arena_dup(s->b->arena, screen.text), USSD_PUSH_MENU);
	save_session(s, "", screen.page, screen.pages, false, "");
	turn_trail(s, "asked", "{\"channel\":\"ussd\"}");
}

void
turn_ussd_event(struct turn_scene *s)
{
	const char *name = s->t->event.name;

	if (!s->open)
		return;
	if (strcmp(name, TURN_EVENT_UNSAID) == 0 && dialog_step_waits(s->dialog, s->after->step) && !s->after->ended)
		turn_say(s, dialog_step_text(s->dialog, s->after->step), 0, false);
	else if (strcmp(name, TURN_EVENT_ASK) == 0)
		push_question(s);
}
