/*
 * The counter: a scanner types what the QR code says, or a clerk types the code that the citizen tells, and the page
 * says in large letters whether to hand over, to whom, and what to take back. Then one button records it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/match.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/grants.h"
#include "gateway/http/console/console.h"
#include "gateway/http/limiter.h"
#include "gateway/http/staff/staff.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/now.h"
#include "store/application.h"
#include "store/grant.h"
#include "store/pg.h"

#define CODE_MAX 500		 /* octets that a scanner may type */
#define PICKUP_CODE_DIGITS 6 /* console_pickup_code */

static int
person_tries(const struct desk_call *c, bool wrong)
{
	struct http_staff *s = c->r->owner;
	char who[100];
	int64_t now = now_us() / 1000000;

	snprintf(who, sizeof(who), "%d %s", c->bureau->id, c->name);
	int wait = limiter_take(s->counter, who, now);
	if (wait == 0 && !wrong)
		limiter_give(s->counter, who, now);
	return wait;
}

/* ---- What is to be done ------------------------------------------------------------------------------------------ */

/* The verdict on one application: a word of the pages (counter.WORD), and its colour. */
static const struct verdict {
	const char *status, *delivery; /* delivery NULL: any */
	const char *word, *colour;
	bool hand, old; /* something may be handed over; an old certificate is taken in this state */
} verdicts[] = {
	{"ready", NULL, "hand", "go", true, true},
	{"collected", NULL, "already", "stop", false, false},
	{"submitted", NULL, "examined", "wait", false, true},
	{"approved", "courier", "courier", "stop", false, true},
	{"approved", NULL, "not_ready", "wait", false, true},
	{"sent", NULL, "courier", "stop", false, true},
	{"rejected", NULL, "rejected", "stop", false, false},
};

static const struct verdict *
judge(const json_t *a)
{
	static const struct verdict begun = {"", NULL, "begun", "wait", false, false};
	const char *status = json_string_value(json_object_get(a, "status")),
			   *delivery = json_string_value(json_object_get(a, "delivery"));

	for (size_t i = 0; status != NULL && i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(verdicts[i].status, status) == 0 &&
			(verdicts[i].delivery == NULL || (delivery != NULL && strcmp(verdicts[i].delivery, delivery) == 0)))
			return &verdicts[i];
	return &begun;
}

static void
show(struct desk_call *c, int status)
{
	json_t *a;
	size_t i;
	char word[40];

	json_array_foreach (json_object_get(c->data, "found"), i, a) {
		const struct verdict *v = judge(a);
		snprintf(word, sizeof(word), "counter.%s", v->word);
		json_object_set_new(a, "verdict", json_string(word));
		snprintf(word, sizeof(word), "counter.%s.do", v->word);
		json_object_set_new(a, "do", json_string(word));
		json_object_set_new(a, "colour", json_string(v->colour));
		json_object_set_new(a, "hand", json_boolean(v->hand));
		bool old = v->old && json_is_true(json_object_get(a, "old_waits"));
		json_object_set_new(a, "take_old", json_boolean(old));
		json_object_set_new(a, "only_old", json_boolean(old && !v->hand));
		json_object_del(a, "pickup_code"); /* only the citizen has it */
	}
	console_page(c, status, "console_counter");
}

static void
fail(struct desk_call *c, int status, const char *word)
{
	json_object_del(c->data, "found");
	json_object_set_new(c->data, "error", json_string(word));
	show(c, status);
}

/* A code that opens nothing; it counts, and too many wait. */
static void
wrong(struct desk_call *c, const char *word)
{
	char minutes[16];
	int wait = person_tries(c, true);

	desk_note(c, "counter_refused", NULL, word);
	if (wait > 0) {
		snprintf(minutes, sizeof(minutes), "%d", (wait + 59) / 60);
		json_object_set_new(c->data, "error_args", json_string(minutes));
		fail(c, 429, "counter.wait");
		return;
	}
	fail(c, 422, word);
}

/* ---- Looking up -------------------------------------------------------------------------------------------------- */

static void
found(struct desk_call *c)
{
	json_t *rows = json_object_get(c->data, "found"), *first = json_array_get(rows, 0);
	char subject[40];

	if (first == NULL) {
		wrong(c, "counter.unknown");
	} else if (json_is_true(json_object_get(first, "revoked"))) {
		wrong(c, "counter.revoked");
	} else if (json_is_true(json_object_get(first, "expired"))) {
		wrong(c, "counter.expired");
	} else {
		void (*then)(struct desk_call * c) = c->then;
		snprintf(subject, sizeof(subject), "application %" JSON_INTEGER_FORMAT,
			json_integer_value(json_object_get(first, "id")));
		if (json_object_get(c->data, "recording") == NULL)
			desk_note_then(c, "counter_seen", subject, NULL, then);
		else
			then(c);
	}
}

static void
look_by(struct desk_call *c, enum stmt s, int64_t id, const char *code)
{
	struct pg_params *p = desk_params(c);

	if (code != NULL)
		pg_param_text(p, code);
	else
		pg_param_int(p, id);
	const struct desk_ask asks[] = {{"found", s, p, false}};
	desk_gather(c, asks, 1, found);
}

static void
grant_known(struct desk_call *c)
{
	json_t *g = json_object_get(c->data, "grant");

	if (!json_is_object(g))
		wrong(c, "counter.unknown");
	else
		look_by(c, STMT_COUNTER_BY_GRANT, json_integer_value(json_object_get(g, "id")), NULL);
}

/*
 * Finds what the form's code is about and calls then with c->data.found; says itself what is wrong with a code. A QR
 * code or an address carries a signature; six digits are a pick-up code, eight a short code.
 */
static void
look_up(struct desk_call *c, void (*then)(struct desk_call *c))
{
	const char *typed = form_get(&c->r->form, "code");
	char code[CODE_MAX + 1], digits[MATCH_NORMAL_MAX + 1], eight[GRANTS_CODE_DIGITS + 1];
	struct grants_read read;
	uint8_t hash[32];
	int len = typed == NULL ? -1 : form_trim(typed, code, sizeof(code));

	c->then = then;
	if (len <= 0) {
		fail(c, 422, len == 0 ? "counter.empty" : "counter.unreadable");
		return;
	}
	if (person_tries(c, false) > 0) {
		wrong(c, "counter.unknown");
		return;
	}
	if (len > 2 * GRANTS_CODE_DIGITS + 8) {
		switch (grants_read(c->r->g->conf, c->r->g->keys, code, now_us(), &read)) {
		case GRANTS_GOOD:
			if (read.bureau == c->bureau)
				look_by(c, STMT_COUNTER_BY_GRANT, read.id, NULL);
			else
				wrong(c, "counter.foreign");
			return;
		case GRANTS_EXPIRED:
			wrong(c, "counter.expired");
			return;
		case GRANTS_ALTERED:
			wrong(c, "counter.altered");
			return;
		case GRANTS_FOREIGN:
			wrong(c, "counter.foreign");
			return;
		default:
			wrong(c, "counter.unreadable");
			return;
		}
	}
	json_object_set_new(c->data, "typed", json_string(code));
	if (grants_code_normalise(code, eight) == 0) {
		grants_code_hash(c->r->g->keys, eight, hash);
		struct pg_params *p = desk_params(c);
		pg_param_bytes(p, hash, sizeof(hash));
		pg_param_int(p, GRANT_CODE_USES);
		const struct desk_ask asks[] = {{"grant", STMT_GRANT_BY_CODE, p, true}};
		desk_gather(c, asks, 1, grant_known);
		return;
	}
	/* "12 34 56", in the digits of any script. */
	size_t n = 0;
	match_normalise(code, (size_t)len, digits, sizeof(digits));
	for (const char *at = digits; *at != '\0'; at++)
		if (*at >= '0' && *at <= '9')
			digits[n++] = *at;
		else if (*at != ' ' && *at != '-')
			n = sizeof(digits) - 1;
	digits[n] = '\0';
	if (n == PICKUP_CODE_DIGITS)
		look_by(c, STMT_COUNTER_BY_CODE, 0, digits);
	else
		wrong(c, "counter.unreadable");
}

static void
show_found(struct desk_call *c)
{
	json_object_set_new(c->data, "code", json_string(form_get(&c->r->form, "code")));
	show(c, 200);
}

/* ---- Recording --------------------------------------------------------------------------------------------------- */

static json_t *
chosen(const struct desk_call *c)
{
	const char *text = form_get(&c->r->form, "application");
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(c->data, "found"), i, row)
		if (text != NULL && json_integer_value(json_object_get(row, "id")) == strtoll(text, NULL, 10))
			return row;
	return NULL;
}

static void collect(struct desk_call *c);

static void
see_recorded(struct desk_call *c)
{
	http_reply_see(c->r, json_string_value(json_object_get(c->data, "see")));
	desk_free(c);
}

static void
recorded(void *arg, const struct application_answer *answer)
{
	struct desk_call *c = arg;
	char subject[40];
	bool only_old = form_get(&c->r->form, "only_old") != NULL, old = json_object_get(c->data, "old_first") != NULL;

	if (c->r->ev == NULL || answer->outcome == APPLICATION_FAILED) {
		if (answer->outcome == APPLICATION_FAILED)
			log_warn("%s application=%" PRId64 " could not be changed: %s", c->actor, answer->id, answer->text);
		http_reply_error(c->r, 503);
		desk_free(c);
	} else if (answer->outcome != APPLICATION_DONE) {
		/* Somebody else was faster: what holds now is shown. */
		console_refusal(c, answer);
		show_found(c);
	} else if (old && !only_old) {
		json_object_del(c->data, "old_first");
		collect(c);
	} else {
		json_object_set_new(
			c->data, "see", json_sprintf("/counter?done=%s&id=%" PRId64, only_old ? "old" : "hand", answer->id));
		snprintf(subject, sizeof(subject), "application %" PRId64, answer->id);
		desk_note_then(c, only_old ? "old_received" : "handed_over", subject, NULL, see_recorded);
	}
}

static void
run_act(struct desk_call *c, enum application_act_kind kind)
{
	json_t *row = chosen(c);
	struct application_act a = {.kind = kind,
		.bureau_id = c->bureau->id,
		.id = json_integer_value(json_object_get(row, "id")),
		.actor = c->actor,
		.pickup_code = json_string_value(json_object_get(row, "pickup_code"))};

	if (application_act(c->r->g->pg_side, &a, recorded, c) != 0) {
		http_reply_error(c->r, 503);
		desk_free(c);
	}
}

static void
collect(struct desk_call *c)
{
	run_act(c, APPLICATION_COLLECT);
}

static void
record(struct desk_call *c)
{
	json_t *row = chosen(c);
	bool only_old = form_get(&c->r->form, "only_old") != NULL;
	const struct verdict *v = row == NULL ? NULL : judge(row);
	bool old = v != NULL && v->old && json_is_true(json_object_get(row, "old_waits"));

	if (v == NULL || (only_old ? !old : !v->hand)) {
		show_found(c);
	} else if (old) {
		if (!only_old && form_get(&c->r->form, "old") == NULL) {
			json_object_set_new(c->data, "error", json_string("counter.old_first"));
			show_found(c);
			return;
		}
		json_object_set_new(c->data, "old_first", json_true());
		run_act(c, APPLICATION_OLD_RECEIVED);
	} else {
		collect(c);
	}
}

static void
post_counter(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act");

	if (act != NULL && strcmp(act, "record") == 0) {
		json_object_set_new(c->data, "recording", json_true());
		look_up(c, record);
	} else {
		look_up(c, show_found);
	}
}

/* The answer is the page itself: a code that opens something stands in no address and no history. */
void
console_counter_post(struct http_request *r)
{
	desk_person_post_may(r, ROLE_SEND, post_counter);
}

static void
empty_counter(struct desk_call *c)
{
	const char *done = form_get(&c->r->query, "done"), *id = form_get(&c->r->query, "id");

	if (done != NULL && id != NULL && *id != '\0' && strspn(id, "0123456789") == strlen(id) && strlen(id) < 19)
		json_object_set_new(c->data, "told",
			json_pack(
				"{s:s, s:s}", "word", strcmp(done, "old") == 0 ? "counter.told.old" : "counter.told.hand", "id", id));
	show(c, 200);
}

void
console_counter(struct http_request *r)
{
	desk_person_may(r, ROLE_SEND, empty_counter);
}
