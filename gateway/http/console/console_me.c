/* A person's own page: where one is signed in, ending that, and a new password. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/http/staff/hasher.h"
#include "gateway/http/staff/staff.h"
#include "store/pg.h"

/* Wrong present passwords that are free; a stolen session shall not find it out. */
#define TRIES_FREE 5
#define TRIES_WAIT 5
#define TRIES_WAIT_MAX 900

static void
show_me(struct desk_call *c)
{
	const char *done = form_get(&c->r->query, "done");

	if (done != NULL && (strcmp(done, "password") == 0 || strcmp(done, "ended") == 0)) {
		char word[32];
		snprintf(word, sizeof(word), "people.done.%s", done);
		json_object_set_new(c->data, "done", json_string(word));
	}
	console_page(c, json_object_get(c->data, "error") == NULL ? 200 : 422, "console_me");
}

static void
gather_me(struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_text(p, c->name);
	pg_param_int(p, c->session);
	const struct desk_ask asks[] = {{"sessions", STMT_STAFF_SESSIONS, p, false}};
	desk_gather(c, asks, 1, show_me);
}

void
console_me(struct http_request *r)
{
	desk_person(r, gather_me);
}

static void
again(struct desk_call *c, const char *error)
{
	json_object_set_new(c->data, "error", json_string(error));
	gather_me(c);
}

static void
ended(struct desk_call *c)
{
	http_reply_see(c->r, "/me?done=ended");
	desk_free(c);
}

static void
changed(struct desk_call *c)
{
	http_reply_see(c->r, "/me?done=password");
	desk_free(c);
}

static void
on_hashed(void *arg, bool good, const char *hash)
{
	struct desk_call *c = arg;

	if (!good || c->r->ev == NULL) {
		http_reply_error(c->r, 503);
		desk_free(c);
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, c->name);
	pg_param_text(p, hash);
	console_who(c, p);
	const struct desk_ask asks[] = {{"changed", STMT_STAFF_PASSWORD, p, false}};
	desk_gather(c, asks, 1, changed);
}

static void
on_checked(void *arg, bool good, const char *hash)
{
	struct desk_call *c = arg;
	struct http_staff *s = c->r->owner;

	(void)hash;
	if (c->r->ev == NULL) {
		http_reply_error(c->r, 503);
		desk_free(c);
	} else if (!good) {
		desk_note(c, "password_refused", NULL, NULL);
		again(c, "me.wrong");
	} else if (hasher_make(s->hasher, form_get(&c->r->form, "password"), on_hashed, c) != 0) {
		again(c, "sign.busy");
	}
}

static void
check_present(struct desk_call *c)
{
	struct http_staff *s = c->r->owner;
	json_t *tries = json_object_get(c->data, "tries"), *account = json_object_get(c->data, "account");
	const char *hash = json_string_value(json_object_get(account, "password_hash"));
	char seconds[16];

	if (json_integer_value(json_object_get(tries, "taken")) < 1) {
		snprintf(seconds, sizeof(seconds), "%d", (int)json_integer_value(json_object_get(tries, "wait")));
		json_object_set_new(c->data, "error_args", json_string(seconds));
		again(c, "sign.wait_seconds");
	} else if (hasher_check(s->hasher, form_get(&c->r->form, "present"), hash == NULL ? "" : hash, on_checked, c) !=
			   0) {
		again(c, "sign.busy");
	}
	json_object_del(c->data, "account");
}

static void
change_password(struct desk_call *c)
{
	const char *present = form_get(&c->r->form, "present"), *password = form_get(&c->r->form, "password"),
			   *repeated = form_get(&c->r->form, "repeated");

	if (present == NULL || password == NULL || repeated == NULL) {
		http_reply_error(c->r, 400);
		desk_free(c);
		return;
	}
	if (strlen(password) < HASHER_PASSWORD_MIN || strlen(password) > HASHER_PASSWORD_MAX ||
		strcmp(password, repeated) != 0 || strlen(present) > HASHER_PASSWORD_MAX) {
		again(c, strcmp(password, repeated) != 0 ? "me.differ" : "people.short");
		return;
	}
	struct pg_params *try = desk_params(c), *load = desk_params(c);
	pg_param_text(try, c->name);
	pg_param_text(try, c->r->client);
	pg_param_int(try, TRIES_FREE);
	pg_param_int(try, TRIES_FREE * 4);
	pg_param_int(try, TRIES_FREE * 10);
	pg_param_int(try, TRIES_WAIT);
	pg_param_int(try, TRIES_WAIT_MAX);
	pg_param_int(try, TRIES_WAIT_MAX);
	pg_param_text(load, c->name);
	const struct desk_ask asks[] = {{"tries", STMT_STAFF_TRY, try, true}, {"account", STMT_STAFF_LOAD, load, true}};
	desk_gather(c, asks, 2, check_present);
}

static void
change_me(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act"), *session = form_get(&c->r->form, "session");

	if (act != NULL && strcmp(act, "password") == 0) {
		change_password(c);
	} else if (act != NULL && strcmp(act, "end") == 0) {
		struct pg_params *p = desk_params(c);
		pg_param_text(p, c->name);
		if (session == NULL)
			pg_param_text(p, NULL);
		else
			pg_param_int(p, strtoll(session, NULL, 10));
		console_who(c, p);
		const struct desk_ask asks[] = {{"ended", STMT_STAFF_SESSION_END, p, false}};
		desk_gather(c, asks, 1, ended);
	} else {
		http_reply_error(c->r, act == NULL ? 400 : 404);
		desk_free(c);
	}
}

void
console_me_post(struct http_request *r)
{
	desk_person_post(r, change_me);
}
