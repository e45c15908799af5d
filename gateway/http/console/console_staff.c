/* The people of the bureau: who there is, what each may do, what each did. For who has the role to manage. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event2/http.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/http/staff/hasher.h"
#include "gateway/http/staff/staff.h"
#include "store/pg.h"

#define NAME_MAX_OCTETS 40 /* as `huizhi staff add` */
#define EVENTS_OF_ONE 30

/* ---- What the pages show ---------------------------------------------------------------------------------------- */

/* Every role with its words and whether this person has it. */
static json_t *
roles_model(unsigned bits)
{
	json_t *list = json_array();
	char word[24], hint[28];

	for (size_t i = 0; role_word(i) != NULL; i++) {
		snprintf(word, sizeof(word), "role.%s", role_word(i));
		snprintf(hint, sizeof(hint), "role.%s.hint", role_word(i));
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:b}", "role", role_word(i), "word", word, "hint",
										hint, "has", (bits & 1u << i) != 0, "always", i == 0));
	}
	return list;
}

static unsigned
bits_of(const json_t *roles)
{
	unsigned bits = 0;
	json_t *word;
	size_t i;

	json_array_foreach (roles, i, word) {
		int one = roles_parse(json_string_value(word), NULL, NULL);
		bits |= one < 0 ? 0 : (unsigned)one;
	}
	return bits;
}

void
console_href(json_t *o, const char *key, const char *path, const char *value)
{
	char *encoded = evhttp_uriencode(value, -1, 0);
	char text[600];

	snprintf(text, sizeof(text), "%s%s", path, encoded == NULL ? "" : encoded);
	free(encoded);
	json_object_set_new(o, key, json_string(text));
}

static void
put_error(struct desk_call *c, const char *word)
{
	json_object_set_new(c->data, "error", json_string(word));
}

/* What was done before the redirect that led here, told once. */
static void
put_done(struct desk_call *c)
{
	static const char *const words[] = {"added", "roles", "password", "disabled", "enabled", "ended"};
	const char *done = form_get(&c->r->query, "done");
	char word[32];

	for (size_t i = 0; done != NULL && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i], done) != 0)
			continue;
		snprintf(word, sizeof(word), "people.done.%s", done);
		json_object_set_new(c->data, "done", json_string(word));
	}
}

static int
status_of(const struct desk_call *c)
{
	return json_object_get(c->data, "error") == NULL ? 200 : 422;
}

/* ---- Everybody -------------------------------------------------------------------------------------------------- */

static void
show_staff(struct desk_call *c)
{
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(c->data, "people"), i, row) {
		json_object_set_new(row, "roles", roles_model(bits_of(json_object_get(row, "roles"))));
		console_href(row, "href", "/staff/person?name=", json_string_value(json_object_get(row, "name")));
	}
	put_done(c);
	json_object_set_new(c->data, "roles", roles_model(ROLE_LOOK | ROLE_SEND));
	console_page(c, status_of(c), "console_staff");
}

static void
gather_staff(struct desk_call *c)
{
	const struct desk_ask asks[] = {{"people", STMT_STAFF_LIST, desk_params(c), false}};
	desk_gather(c, asks, 1, show_staff);
}

void
console_staff(struct http_request *r)
{
	desk_person_may(r, ROLE_MANAGE, gather_staff);
}

/* ---- One -------------------------------------------------------------------------------------------------------- */

static const char *
person_name(const struct desk_call *c)
{
	const char *name = form_get(c->r->post ? &c->r->form : &c->r->query, "name");

	return name == NULL ? "" : name;
}

static void
show_person(struct desk_call *c)
{
	json_t *who = json_object_get(c->data, "who");

	if (!json_is_object(who)) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	json_object_set_new(who, "roles", roles_model(bits_of(json_object_get(who, "roles"))));
	console_log_rows(c, json_object_get(c->data, "events"));
	json_object_set_new(who, "self", json_boolean(strcmp(person_name(c), c->name) == 0));
	console_href(who, "log", "/staff/log?name=", person_name(c));
	put_done(c);
	console_page(c, status_of(c), "console_person");
}

static void
gather_person(struct desk_call *c)
{
	struct pg_params *one = desk_params(c), *sessions = desk_params(c), *events = desk_params(c);

	pg_param_text(one, person_name(c));
	pg_param_text(sessions, person_name(c));
	pg_param_int(sessions, c->session);
	pg_param_text(events, person_name(c));
	pg_param_text(events, NULL);
	pg_param_text(events, NULL);
	pg_param_int(events, EVENTS_OF_ONE);
	const struct desk_ask asks[] = {{"who", STMT_STAFF_SHOW, one, true},
		{"sessions", STMT_STAFF_SESSIONS, sessions, false}, {"events", STMT_STAFF_EVENTS, events, false}};
	desk_gather(c, asks, 3, show_person);
}

void
console_person(struct http_request *r)
{
	desk_person_may(r, ROLE_MANAGE, gather_person);
}

/* ---- Changes ---------------------------------------------------------------------------------------------------- */

static void
see_person(struct desk_call *c)
{
	const char *done = json_string_value(json_object_get(c->data, "did"));
	json_t *o = json_object();
	char path[700];

	console_href(o, "href", "/staff/person?name=", person_name(c));
	snprintf(path, sizeof(path), "%s&done=%s", json_string_value(json_object_get(o, "href")), done == NULL ? "" : done);
	json_decref(o);
	http_reply_see(c->r, path);
	desk_free(c);
}

static void
add_roles(struct pg_params *p, const struct form *f)
{
	char name[24];

	pg_array_begin(p);
	pg_array_text(p, role_word(0));
	for (size_t i = 1; role_word(i) != NULL; i++) {
		snprintf(name, sizeof(name), "role_%s", role_word(i));
		if (form_get(f, name) != NULL)
			pg_array_text(p, role_word(i));
	}
	pg_array_end(p);
}

void
console_who(const struct desk_call *c, struct pg_params *p)
{
	pg_param_text(p, c->actor);
	pg_param_int(p, c->session);
	pg_param_text(p, c->r->client);
}

static void
run_change(struct desk_call *c, const char *did, enum stmt s, struct pg_params *p)
{
	const struct desk_ask asks[] = {{"changed", s, p, false}};

	json_object_set_new(c->data, "did", json_string(did));
	desk_gather(c, asks, 1, see_person);
}

static void
on_hashed(void *arg, bool good, const char *hash)
{
	struct desk_call *c = arg;
	bool adds = strcmp(c->r->route->path, "/staff") == 0;

	if (!good || c->r->ev == NULL) {
		http_reply_error(c->r, 503);
		desk_free(c);
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, person_name(c));
	if (adds)
		add_roles(p, &c->r->form);
	else
		pg_param_text(p, hash);
	console_who(c, p);
	if (adds)
		pg_param_text(p, hash);
	run_change(c, adds ? "added" : "password", adds ? STMT_STAFF_PUT : STMT_STAFF_PASSWORD, p);
}

/* Hashes the password of the form, or shows `again` with what is wrong with it. */
static void
hash_password(struct desk_call *c, void (*again)(struct desk_call *c))
{
	const char *password = form_get(&c->r->form, "password");
	struct http_staff *s = c->r->owner;

	if (password == NULL || strlen(password) < HASHER_PASSWORD_MIN || strlen(password) > HASHER_PASSWORD_MAX)
		put_error(c, "people.short");
	else if (hasher_make(s->hasher, password, on_hashed, c) == 0)
		return;
	else
		put_error(c, "sign.busy");
	again(c);
}

static void
add_if_new(struct desk_call *c)
{
	if (json_is_object(json_object_get(c->data, "there"))) {
		put_error(c, "people.taken");
		gather_staff(c);
	} else {
		hash_password(c, gather_staff);
	}
}

static void
add_person(struct desk_call *c)
{
	const char *name = person_name(c);

	json_object_set_new(c->data, "name", json_string(name));
	if (*name == '\0' || strlen(name) > NAME_MAX_OCTETS || strpbrk(name, " \t:\n") != NULL) {
		put_error(c, "people.bad_name");
		gather_staff(c);
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, name);
	const struct desk_ask asks[] = {{"there", STMT_STAFF_SHOW, p, true}};
	desk_gather(c, asks, 1, add_if_new);
}

void
console_staff_post(struct http_request *r)
{
	desk_person_post_may(r, ROLE_MANAGE, add_person);
}

static void
change_person(struct desk_call *c)
{
	const struct form *f = &c->r->form;
	const char *act = form_get(f, "act"), *session = form_get(f, "session");
	bool self = strcmp(person_name(c), c->name) == 0;

	if (act == NULL) {
		http_reply_error(c->r, 400);
		desk_free(c);
		return;
	}
	/* Nobody locks himself out by a slip: another does it. */
	if (self && (strcmp(act, "disable") == 0 || (strcmp(act, "roles") == 0 && form_get(f, "role_manage") == NULL))) {
		put_error(c, "people.self");
		gather_person(c);
		return;
	}
	if (strcmp(act, "password") == 0) {
		hash_password(c, gather_person);
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, person_name(c));
	if (strcmp(act, "roles") == 0) {
		add_roles(p, f);
		console_who(c, p);
		run_change(c, "roles", STMT_STAFF_ROLES, p);
	} else if (strcmp(act, "disable") == 0 || strcmp(act, "enable") == 0) {
		pg_param_bool(p, *act == 'e');
		console_who(c, p);
		run_change(c, *act == 'e' ? "enabled" : "disabled", STMT_STAFF_OPEN, p);
	} else if (strcmp(act, "end") == 0) {
		if (session == NULL)
			pg_param_text(p, NULL);
		else
			pg_param_int(p, strtoll(session, NULL, 10));
		console_who(c, p);
		run_change(c, "ended", STMT_STAFF_SESSION_END, p);
	} else {
		pg_params_free(p);
		http_reply_error(c->r, 404);
		desk_free(c);
	}
}

void
console_person_post(struct http_request *r)
{
	desk_person_post_may(r, ROLE_MANAGE, change_person);
}
