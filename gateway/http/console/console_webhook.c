/* Webhooks on the console: who is told of what, what was answered, trying, holding, bringing again. For who has the
 * role to manage. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/webhook_add.h"
#include "store/pg.h"

/* ---- The list ---------------------------------------------------------------------------------------------------- */

/* {application.*, opt_out} -> "application.*, opt_out" beside it. */
static void
put_events(json_t *hook)
{
	char list[2000] = "";
	size_t used = 0, i;
	json_t *one;

	json_array_foreach (json_object_get(hook, "events"), i, one)
		if (used + 80 < sizeof(list))
			used += (size_t)snprintf(
				list + used, sizeof(list) - used, "%s%.60s", used > 0 ? ", " : "", json_string_value(one));
	json_object_set_new(hook, "event_list", json_string(list));
}

/* Every type of event with its box: "e-application.approved". */
static json_t *
choices(const struct desk_call *c)
{
	json_t *list = json_array();
	char field[80];

	for (size_t i = 0; webhook_events[i] != NULL; i++) {
		snprintf(field, sizeof(field), "e-%s", webhook_events[i]);
		if (strcmp(webhook_events[i], "*") != 0)
			json_array_append_new(list, json_pack("{s:s, s:s, s:b}", "name", webhook_events[i], "field", field,
											"chosen", form_get(&c->r->form, field) != NULL));
	}
	return list;
}

static void
show_list(struct desk_call *c)
{
	const char *done = form_get(&c->r->query, "done"), *typed = form_get(&c->r->form, "url");
	json_t *rows = json_object_get(c->data, "webhooks"), *row;
	bool wrong = json_object_get(c->data, "wrong") != NULL;
	size_t i;

	json_array_foreach (rows, i, row)
		put_events(row);
	json_object_set_new(c->data, "any", json_boolean(json_array_size(rows) > 0));
	json_object_set_new(c->data, "choices", choices(c));
	json_object_set_new(c->data, "url", json_string(wrong && typed != NULL ? typed : ""));
	if (done != NULL && strcmp(done, "removed") == 0)
		json_object_set_new(c->data, "done", json_string("hooks.done.removed"));
	console_page(c, wrong ? 422 : 200, "console_webhooks");
}

static void
gather_list(struct desk_call *c)
{
	const struct desk_ask asks[] = {{"webhooks", STMT_WEBHOOK_LIST, desk_params(c), false}};

	desk_gather(c, asks, 1, show_list);
}

void
console_webhooks(struct http_request *r)
{
	desk_person_may(r, ROLE_MANAGE, gather_list);
}

/* ---- One more ---------------------------------------------------------------------------------------------------- */

static void
add(struct desk_call *c)
{
	const char *events[WEBHOOK_EVENTS_MAX], *typed = form_get(&c->r->form, "url");
	char secret[48], url[1200], field[80];
	size_t n = 0;

	if (typed == NULL || form_trim(typed, url, sizeof(url)) < 0)
		url[0] = '\0';
	for (size_t i = 0; webhook_events[i] != NULL && n < WEBHOOK_EVENTS_MAX; i++) {
		snprintf(field, sizeof(field), "e-%s", webhook_events[i]);
		if (form_get(&c->r->form, field) != NULL)
			events[n++] = webhook_events[i];
	}
	struct pg_params *p = desk_params(c);
	struct webhook_wrong wrong;
	if (!webhook_add(p, c->r->g->conf, c->r->g->keys, url, events, n, c->actor, secret, &wrong)) {
		pg_params_free(p);
		json_object_set_new(c->data, "wrong", json_sprintf("hooks.wrong.%s", wrong.code));
		gather_list(c);
		return;
	}
	/* Shown in the answer itself: it is kept nowhere that could show it again. */
	json_object_set_new(c->data, "secret", json_string(secret));
	sodium_memzero(secret, sizeof(secret));
	const struct desk_ask asks[] = {{"added", STMT_WEBHOOK_ADD, p, true},
		{"event", STMT_STAFF_EVENT, desk_event(c, "webhook_added", url, NULL), true},
		{"webhooks", STMT_WEBHOOK_LIST, desk_params(c), false}};
	desk_gather(c, asks, 3, show_list);
}

void
console_webhook_add(struct http_request *r)
{
	desk_person_post_may(r, ROLE_MANAGE, add);
}

/* ---- One --------------------------------------------------------------------------------------------------------- */

/* What became of a delivery that was not taken, by what is kept of it; that, in English, is shown beside it. */
static void
put_error(json_t *row, const char *error)
{
	static const struct {
		const char *holds, *word;
	} errors[] = {{"private network", "private"}, {"could not be looked up", "name"}, {"resolv.conf", "resolver"},
		{"certificate", "certificate"}, {"redirects", "redirect"}, {"answered ", "status"}, {" within ", "late"},
		{"KiB", "large"}, {"no answer from", "none"}, {"", "other"}};
	size_t i = 0;

	if (error == NULL || *error == '\0')
		return;
	while (strstr(error, errors[i].holds) == NULL)
		i++;
	json_object_set_new(row, "error_word", json_sprintf("hooks.error.%s", errors[i].word));
	/* An answer's number says it all. */
	if (strcmp(errors[i].word, "status") == 0)
		json_object_del(row, "error");
}

/* What a page shows of a delivery; the body stays here but for the application that it is about. */
static void
put_delivery(json_t *row)
{
	const char *state = json_string_value(json_object_get(row, "state"));
	json_t *application = json_object_get(json_object_get(row, "body"), "application");
	char word[40];

	snprintf(word, sizeof(word), "hooks.state.%s", state == NULL ? "pending" : state);
	json_object_set_new(row, "word", json_string(word));
	json_object_set_new(row, "over", json_boolean(state != NULL && strcmp(state, "pending") != 0));
	put_error(row, json_string_value(json_object_get(row, "error")));
	json_object_set(row, "application", json_object_get(application, "id"));
	json_object_del(row, "body");
}

/* What became of the test delivery that the address names: the page looks again by itself until it was answered. */
static void
put_test(struct desk_call *c, const json_t *rows)
{
	const char *asked = form_get(&c->r->query, "test");
	int64_t id = asked == NULL ? 0 : strtoll(asked, NULL, 10);
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *error = json_string_value(json_object_get(row, "error")),
				   *state = json_string_value(json_object_get(row, "state"));
		if (id == 0 || json_integer_value(json_object_get(row, "id")) != id || error == NULL || state == NULL)
			continue;
		bool good = strcmp(state, "delivered") == 0, failed = !good && *error != '\0';
		json_t *test = json_pack("{s:b, s:b, s:b, s:s, s:s}", "good", good, "failed", failed, "waits", !good && !failed,
			"error", error, "state", good || failed ? "over" : "waits");
		put_error(test, error);
		json_object_set_new(test, "look", json_sprintf("/webhooks/%" PRId64 "?test=%" PRId64, console_id(c->r), id));
		json_object_set_new(c->data, "test", test);
		if (json_is_integer(json_object_get(row, "status")))
			json_object_set(json_object_get(c->data, "test"), "status", json_object_get(row, "status"));
	}
}

static void
show_one(struct desk_call *c)
{
	static const char *const dones[] = {"paused", "resumed", "replayed"};
	json_t *hook = json_object_get(c->data, "hook"), *rows = json_object_get(c->data, "deliveries"), *row;
	const char *done = form_get(&c->r->query, "done"), *state = form_get(&c->r->query, "state");
	size_t n = json_array_size(rows), i;
	char text[120];

	if (!json_is_object(hook)) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	put_events(hook);
	put_test(c, rows);
	if (n > CONSOLE_ROWS) {
		json_array_remove(rows, --n);
		snprintf(text, sizeof(text), "/webhooks/%" PRId64 "?before=%" JSON_INTEGER_FORMAT "%s%s", console_id(c->r),
			json_integer_value(json_object_get(json_array_get(rows, n - 1), "id")), state != NULL ? "&state=" : "",
			state != NULL ? state : "");
		json_object_set_new(c->data, "more", json_string(text));
	}
	json_array_foreach (rows, i, row)
		put_delivery(row);
	json_object_set_new(c->data, "any", json_boolean(n > 0));
	for (i = 0; done != NULL && i < sizeof(dones) / sizeof(dones[0]); i++) {
		snprintf(text, sizeof(text), "hooks.done.%s", dones[i]);
		if (strcmp(done, dones[i]) == 0)
			json_object_set_new(c->data, "done", json_string(text));
	}
	console_page(c, 200, "console_webhook");
}

static void
gather_one(struct desk_call *c)
{
	static const char *const states[] = {"pending", "delivered", "dead"};
	const char *state = form_get(&c->r->query, "state"), *before = form_get(&c->r->query, "before");
	int64_t key = before == NULL ? 0 : strtoll(before, NULL, 10);
	bool known = state == NULL;

	for (size_t i = 0; state != NULL && i < sizeof(states) / sizeof(states[0]); i++)
		known = known || strcmp(state, states[i]) == 0;
	if (!known || console_id(c->r) == 0) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	struct pg_params *one = desk_params(c), *list = desk_params(c);
	pg_param_int(one, console_id(c->r));
	pg_param_int(list, console_id(c->r));
	pg_param_text(list, state);
	if (key > 0)
		pg_param_int(list, key);
	else
		pg_param_text(list, NULL);
	pg_param_int(list, CONSOLE_ROWS + 1);
	const struct desk_ask asks[] = {
		{"hook", STMT_WEBHOOK_SHOW, one, true}, {"deliveries", STMT_WEBHOOK_DELIVERIES, list, false}};
	desk_gather(c, asks, 2, show_one);
}

void
console_webhook(struct http_request *r)
{
	desk_person_may(r, ROLE_MANAGE, gather_one);
}

/* ---- Acts -------------------------------------------------------------------------------------------------------- */

static const struct act {
	const char *word;
	enum stmt stmt;
	const char *event, *done;
} acts[] = {{"pause", STMT_WEBHOOK_PAUSE, "webhook_paused", "paused"},
	{"resume", STMT_WEBHOOK_PAUSE, "webhook_resumed", "resumed"},
	{"replay", STMT_WEBHOOK_REPLAY, "webhook_replayed", "replayed"},
	{"replay_dead", STMT_WEBHOOK_REPLAY, "webhook_replayed", "replayed"},
	{"remove", STMT_WEBHOOK_REMOVE, "webhook_removed", NULL}, {"test", STMT_WEBHOOK_TEST, "webhook_tested", NULL}};

static const struct act *
act_of(const struct desk_call *c)
{
	return console_act_row(c, acts, sizeof(acts) / sizeof(acts[0]), sizeof(acts[0]));
}

static void
acted(struct desk_call *c)
{
	const struct act *a = act_of(c);
	char path[80], subject[40];

	if (json_array_size(json_object_get(c->data, "result")) == 0) {
		/* It is gone, or goes already. */
		http_reply_error(c->r, 409);
		desk_free(c);
		return;
	}
	snprintf(subject, sizeof(subject), "webhook %" PRId64, console_id(c->r));
	desk_note(c, a->event, subject, form_get(&c->r->form, "delivery"));
	if (a->stmt == STMT_WEBHOOK_TEST)
		snprintf(path, sizeof(path), "/webhooks/%" PRId64 "?test=%" JSON_INTEGER_FORMAT, console_id(c->r),
			json_integer_value(json_object_get(json_array_get(json_object_get(c->data, "result"), 0), "id")));
	else if (a->done == NULL)
		snprintf(path, sizeof(path), "/webhooks?done=removed");
	else
		snprintf(path, sizeof(path), "/webhooks/%" PRId64 "?done=%s", console_id(c->r), a->done);
	http_reply_see(c->r, path);
	desk_free(c);
}

static void
act(struct desk_call *c)
{
	const struct act *a = act_of(c);
	const char *delivery = form_get(&c->r->form, "delivery");
	int64_t id = console_id(c->r), which = delivery == NULL ? 0 : strtoll(delivery, NULL, 10);

	if (a == NULL || id == 0 || (strcmp(a->word, "replay") == 0 && which <= 0)) {
		http_reply_error(c->r, id == 0 ? 404 : 400);
		desk_free(c);
		return;
	}
	struct pg_params *p = desk_params(c);
	if (a->stmt == STMT_WEBHOOK_REPLAY && strcmp(a->word, "replay") == 0)
		pg_param_int(p, which);
	else if (a->stmt == STMT_WEBHOOK_REPLAY)
		pg_param_text(p, NULL);
	pg_param_int(p, id);
	if (a->stmt == STMT_WEBHOOK_PAUSE)
		pg_param_bool(p, strcmp(a->word, "pause") == 0);
	if (a->stmt == STMT_WEBHOOK_TEST)
		pg_param_text(p, c->actor);
	const struct desk_ask asks[] = {{"result", a->stmt, p, false}};
	desk_gather(c, asks, 1, acted);
}

void
console_webhook_act(struct http_request *r)
{
	desk_person_post_may(r, ROLE_MANAGE, act);
}
