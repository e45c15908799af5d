/*
 * A clerk enters what a holder says on the phone, in the citizen's own steps: who it is and that he wants it, the data
 * read out, both choices, the pledge. Nothing is kept between the two pages; what is entered goes into the talk at
 * once, with the holder's words, and a text tells the holder.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/screen.h"
#include "gateway/assist.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/http/limiter.h"
#include "gateway/http/staff/staff.h"
#include "gateway/identity.h"
#include "gateway/now.h"
#include "gateway/templates.h"
#include "store/pg.h"

#define WORDS_MAX 600	/* octets of what the holder said */
#define ADDRESS_MIN 6	/* as on the citizen's page */
#define ADDRESS_MAX 300 /* octets */

static const char *
text_of(const struct desk_call *c, const char *key)
{
	const char *text = json_string_value(json_object_get(json_object_get(c->data, "talk"), key));

	return text == NULL ? "" : text;
}

static bool
talk_is(const struct desk_call *c, const char *key)
{
	return json_is_true(json_object_get(json_object_get(c->data, "talk"), key));
}

/* A field of the form without spaces at its ends, NULL when it is empty; *bad: it is too long. */
static const char *
field(const struct desk_call *c, const char *name, char *out, size_t room, bool *bad)
{
	const char *typed = form_get(&c->r->form, name);
	int len = typed == NULL ? 0 : form_trim(typed, out, room);

	if (len < 0)
		*bad = true;
	return len > 0 ? out : NULL;
}

/* ---- The pages --------------------------------------------------------------------------------------------------- */

static const struct dialog *
dialog_of(const struct desk_call *c)
{
	return templates_find_for(c->r->g->templates, c->bureau->id, text_of(c, "dialog"),
		(int)json_integer_value(json_object_get(json_object_get(c->data, "talk"), "dialog_version")));
}

struct reading {
	const struct desk_call *c;
	json_t *application; /* the first */
};

static const char *
value(void *arg, const char *placeholder, int index)
{
	const struct reading *r = arg;
	const char *s = NULL;

	(void)index;
	if (strcmp(placeholder, "bureau") == 0)
		return r->c->bureau->name;
	if (strcmp(placeholder, "telephone") == 0)
		return r->c->bureau->telephone;
	if (strcmp(placeholder, "item") == 0)
		s = json_string_value(
			json_object_get(r->application, strcmp(text_of(r->c, "language"), "zh") == 0 ? "name_zh" : "name_en"));
	return s != NULL ? s : "…";
}

static void
put_text(struct desk_call *c, const char *key, const struct dialog *d, const char *name)
{
	char words[DIALOG_TEXT_MAX + 1];
	struct reading r = {.c = c, .application = json_array_get(json_object_get(c->data, "applications"), 0)};

	if (d != NULL && name != NULL && *name != '\0' &&
		dialog_render(d, name, text_of(c, "language"), NULL, value, &r, words, sizeof(words)) >= 0)
		json_object_set_new(c->data, key, json_string(words));
}

static json_t *
choices(const struct desk_call *c, const char *offered, const char *name, const char *const words[2])
{
	const char *chosen = form_get(&c->r->form, name);
	json_t *list = json_array(), *known;
	size_t i;

	json_array_foreach (json_object_get(json_object_get(c->data, "talk"), offered), i, known) {
		for (int k = 0; k < 2; k++) {
			char word[40];
			if (strcmp(words[k], json_string_value(known)) != 0)
				continue;
			snprintf(word, sizeof(word), "assist.%s.%s", name, words[k]);
			json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:b}", "value", words[k], "word", word, "checked",
											chosen != NULL && strcmp(chosen, words[k]) == 0, "to_address",
											strcmp(name, "delivery") == 0 && k == 1));
		}
	}
	return list;
}

static const char *const old_words[2] = {"on_site", "courier"}, *const delivery_words[2] = {"pick_up", "courier"};

/* second: identity is right, the data are shown in full. */
static void
show(struct desk_call *c, bool second)
{
	static const char *const kept[] = {"words", "number", "address", "pledge"};
	const struct dialog *d = dialog_of(c);
	const char *pledge = d == NULL ? "" : dialog_step_text(d, "pledge");
	json_t *row;
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const char *typed = form_get(&c->r->form, kept[i]);
		json_object_set_new(c->data, kept[i], json_string(typed == NULL ? "" : typed));
	}
	json_object_set_new(c->data, "second", json_boolean(second));
	json_object_set_new(c->data, "ask_words", json_boolean(!talk_is(c, "begun")));
	if (second) {
		json_object_set_new(c->data, "old", choices(c, "old_offered", "old", old_words));
		json_object_set_new(c->data, "delivery", choices(c, "delivery_offered", "delivery", delivery_words));
		put_text(c, "pledge_text", d, pledge);
		if (talk_is(c, "texts_reach"))
			put_text(c, "confirmation", d, "assisted");
		json_object_set_new(c->data, "texts_reach", json_boolean(talk_is(c, "texts_reach")));
	} else {
		json_array_foreach (json_object_get(c->data, "applications"), i, row) {
			json_object_set(row, "holder_name", json_object_get(row, "holder"));
			json_object_del(row, "address");
		}
		console_mask_phones(c->data);
	}
	json_object_del(json_object_get(c->data, "talk"), "id_number");
	char back[60];
	snprintf(back, sizeof(back), "/applications/%" PRId64, console_id(c->r));
	json_object_set_new(c->data, "back", json_string(back));
	console_page(c, json_object_get(c->data, "error") == NULL ? 200 : 422, "console_assist");
}

static void
fail(struct desk_call *c, bool second, const char *field_name, const char *word)
{
	char key[40];

	snprintf(key, sizeof(key), "error_%s", field_name);
	json_object_set_new(c->data, "error", json_string(word));
	json_object_set_new(c->data, key, json_string(word));
	show(c, second);
}

static void
loaded(struct desk_call *c)
{
	json_t *row;
	size_t i;

	if (!json_is_object(json_object_get(c->data, "talk"))) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	json_array_foreach (json_object_get(c->data, "applications"), i, row) {
		/* desk_unseal opens what lies at the top. */
		json_object_set(c->data, "opened", row);
		desk_unseal(c, "opened");
		json_object_del(c->data, "opened");
	}
	if (!talk_is(c, "may_talk") || !talk_is(c, "waits") || talk_is(c, "several_holders")) {
		json_object_set_new(c->data, "no_way",
			json_string(!talk_is(c, "waits")	  ? "assist.no.late"
						: !talk_is(c, "may_talk") ? "assist.no.talk"
												  : "assist.no.holders"));
		show(c, false);
		return;
	}
	c->then(c);
}

static void
load(struct desk_call *c, void (*then)(struct desk_call *c))
{
	struct pg_params *talk = desk_params(c), *rows = desk_params(c);

	c->then = then;
	pg_param_int(talk, console_id(c->r));
	pg_param_int(rows, console_id(c->r));
	const struct desk_ask asks[] = {
		{"talk", STMT_CONSOLE_ASSIST, talk, true}, {"applications", STMT_CONSOLE_ASSIST_ROWS, rows, false}};
	desk_gather(c, asks, 2, loaded);
}

static void
first_page(struct desk_call *c)
{
	show(c, false);
}

static void
get(struct desk_call *c)
{
	load(c, first_page);
}

void
console_assist(struct http_request *r)
{
	desk_person_may(r, ROLE_SEND, get);
}

/* ---- Who it is --------------------------------------------------------------------------------------------------- */

/* Wrong numbers are counted, for one application and for one clerk: a million are soon guessed. */
static int
tries(const struct desk_call *c, bool wrong)
{
	struct http_staff *s = c->r->owner;
	char who[2][100];
	int64_t now = now_us() / 1000000;
	int wait = 0;

	snprintf(who[0], sizeof(who[0]), "assist %d %" PRId64, c->bureau->id, console_id(c->r));
	snprintf(who[1], sizeof(who[1]), "assist %d %s", c->bureau->id, c->name);
	for (int i = 0; i < 2; i++) {
		int left = limiter_take(s->counter, who[i], now);
		if (left == 0 && !wrong)
			limiter_give(s->counter, who[i], now);
		wait = left > wait ? left : wait;
	}
	return wait;
}

/* 0: it is the holder, and consent is there; else the page says what is missing. */
static int
check_first(struct desk_call *c)
{
	char words[WORDS_MAX], typed[60], tail[IDENTITY_TAIL + 1], subject[40], minutes[16];
	bool bad = false;
	const char *said = field(c, "words", words, sizeof(words), &bad),
			   *number = field(c, "number", typed, sizeof(typed), &bad);
	int wait = tries(c, false);

	snprintf(subject, sizeof(subject), "application %" PRId64, console_id(c->r));
	if (bad || (said == NULL && !talk_is(c, "begun"))) {
		fail(c, false, "words", bad ? "call.words.long" : "call.words.empty");
	} else if (number == NULL || identity_typed(number, tail) != 0) {
		fail(c, false, "number", "assist.number.six");
	} else if (*text_of(c, "id_number") == '\0') {
		fail(c, false, "number", "assist.number.none");
	} else if (wait > 0) {
		snprintf(minutes, sizeof(minutes), "%d", (wait + 59) / 60);
		json_object_set_new(c->data, "error_args", json_string(minutes));
		fail(c, false, "number", "assist.number.wait");
	} else if (!assist_is_holder(c->r->g->keys, text_of(c, "id_number"), number)) {
		(void)tries(c, true);
		desk_note(c, "assist_refused", subject, NULL);
		fail(c, false, "number", "assist.number.wrong");
	} else {
		return 0;
	}
	return -1;
}

static void
second_page(struct desk_call *c)
{
	show(c, true);
}

static void
check(struct desk_call *c)
{
	char subject[40];

	snprintf(subject, sizeof(subject), "application %" PRId64, console_id(c->r));
	if (check_first(c) == 0)
		desk_note_then(c, "assist_opened", subject, NULL, second_page);
}

/* ---- Entering ---------------------------------------------------------------------------------------------------- */

static void
entered(struct desk_call *c)
{
	char path[100];

	snprintf(path, sizeof(path), "/applications/%" PRId64 "?done=%s", console_id(c->r),
		strcmp(form_get(&c->r->form, "act"), "wrong") == 0 ? "wrong" : "assisted");
	http_reply_see(c->r, path);
	desk_free(c);
}

static bool
offered(const struct desk_call *c, const char *key, const char *choice)
{
	json_t *known;
	size_t i;

	json_array_foreach (json_object_get(json_object_get(c->data, "talk"), key), i, known)
		if (choice != NULL && strcmp(choice, json_string_value(known)) == 0)
			return true;
	return false;
}

/* What the form says; bad, long_address: a field that is too long. */
struct typed {
	char words[WORDS_MAX], address[2 * ADDRESS_MAX], pledge[WORDS_MAX];
	bool bad, long_address;
	struct assist a;
};

static void
read_form(const struct desk_call *c, struct typed *t)
{
	t->bad = t->long_address = false;
	t->a = (struct assist){.words = field(c, "words", t->words, sizeof(t->words), &t->bad),
		.old = form_get(&c->r->form, "old"),
		.delivery = form_get(&c->r->form, "delivery"),
		.address = field(c, "address", t->address, sizeof(t->address), &t->long_address),
		.pledge = field(c, "pledge", t->pledge, sizeof(t->pledge), &t->bad),
		.wrong = strcmp(form_get(&c->r->form, "act"), "wrong") == 0};
	if (talk_is(c, "begun"))
		t->a.words = NULL;
	if (!t->a.wrong && t->a.delivery != NULL && strcmp(t->a.delivery, "courier") != 0)
		t->a.address = NULL;
}

static void
store(struct desk_call *c)
{
	struct typed t;
	char subject[40];

	read_form(c, &t);
	struct pg_params *p = desk_params(c);
	pg_param_int(p, json_integer_value(json_object_get(json_object_get(c->data, "talk"), "conversation")));
	pg_param_text(p, text_of(c, "talk_phone"));
	assist_events(p, &t.a);
	pg_param_text(p, c->actor);
	snprintf(subject, sizeof(subject), "application %" PRId64, console_id(c->r));
	const struct desk_ask asks[] = {{"entered", STMT_ASSIST_EVENTS, p, true},
		{"noted", STMT_STAFF_EVENT, desk_event(c, "assisted", subject, t.a.wrong ? "wrong" : ""), false}};
	desk_gather(c, asks, 2, entered);
}

struct desk_ask
console_open_talk(const struct desk_call *c, int64_t application)
{
	struct pg_params *p = desk_params(c);

	pg_array_begin(p);
	pg_array_int(p, application);
	pg_array_end(p);
	pg_param_int(p, ASSIST_DAYS);
	pg_param_bool(p, true);
	return (struct desk_ask){"opened_talk", STMT_TALK_OPEN, p, true};
}

static void
begun(struct desk_call *c)
{
	if (talk_is(c, "open"))
		store(c);
	else
		loaded(c); /* somebody else was faster: the page says how it stands */
}

/* Nobody has texted with this holder: what is said now opens the talk. */
static void
begin(struct desk_call *c)
{
	struct pg_params *talk = desk_params(c);

	pg_param_int(talk, console_id(c->r));
	c->then = first_page;
	const struct desk_ask asks[] = {console_open_talk(c, console_id(c->r)), {"talk", STMT_CONSOLE_ASSIST, talk, true}};
	desk_gather(c, asks, 2, begun);
}

static void
enter(struct desk_call *c)
{
	struct typed t;

	if (check_first(c) != 0)
		return;
	read_form(c, &t);
	const struct assist a = t.a;
	bool wrong = a.wrong, bad = t.bad, long_address = t.long_address;
	if (!wrong && !offered(c, "old_offered", a.old)) {
		fail(c, true, "old", "assist.old.choose");
	} else if (!wrong && !offered(c, "delivery_offered", a.delivery)) {
		fail(c, true, "delivery", "assist.delivery.choose");
	} else if (!wrong && (long_address || (a.address != NULL &&
											  (strlen(a.address) < ADDRESS_MIN || strlen(a.address) > ADDRESS_MAX)))) {
		fail(c, true, "address", "assist.address.wrong");
	} else if (!wrong && strcmp(a.delivery, "courier") == 0 && a.address == NULL && !talk_is(c, "address_on_file")) {
		fail(c, true, "address", "assist.address.none");
	} else if (bad) {
		fail(c, true, "pledge", "call.words.long");
	} else {
		if (talk_is(c, "open"))
			store(c);
		else
			begin(c);
	}
}

static void
post(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act");
	bool checks = act != NULL && strcmp(act, "check") == 0,
		 enters = act != NULL && (strcmp(act, "enter") == 0 || strcmp(act, "wrong") == 0);

	if (checks || enters) {
		load(c, checks ? check : enter);
	} else {
		http_reply_error(c->r, 400);
		desk_free(c);
	}
}

/* The second page is the answer itself: what identity was proven with stands in no address. */
void
console_assist_post(struct http_request *r)
{
	desk_person_post_may(r, ROLE_SEND, post);
}
