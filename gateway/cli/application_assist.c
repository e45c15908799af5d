/* huizhi application assist: a clerk enters on the phone what the holder says, question by question, as evidence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/application_assist.h"
#include "gateway/identity.h"
#include "gateway/keys.h"

#define EVENTS_MAX 8
#define ASSIST_DAYS 30 /* that a talk waits which was opened and then not begun */

struct events {
	const char *names[EVENTS_MAX];
	char *slots[EVENTS_MAX];
	size_t n;
};

static void
event(struct events *e, const char *name, const char *slot, const char *value)
{
	json_t *o = json_object();
	if (value != NULL)
		json_object_set_new(o, slot, json_string(value));
	e->slots[e->n] = json_dumps(o, JSON_COMPACT);
	e->names[e->n++] = name;
	json_decref(o);
}

/* Is it the holder? The last six characters of the number are told to the clerk; nothing of it is kept. */
static bool
is_holder(const struct keys *keys, const PGresult *res, const char *typed)
{
	char tail[IDENTITY_TAIL + 1];
	bool right = false;
	if (identity_typed(typed, tail) != 0 || PQgetisnull(res, 0, 4))
		return false;
	char *number = keys_open(keys, PQgetvalue(res, 0, 4));
	if (number != NULL)
		right = identity_matches(tail, number);
	free(number);
	return right;
}

static int
store(struct cli *c, const struct conf_bureau *b, const PGresult *talk, const struct events *e, const char *actor)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_int(p, strtoll(PQgetvalue(talk, 0, 0), NULL, 10));
	pg_param_text(p, PQgetvalue(talk, 0, 5));
	pg_array_begin(p);
	for (size_t i = 0; i < e->n; i++)
		pg_array_text(p, e->names[i]);
	pg_array_end(p);
	pg_array_begin(p);
	for (size_t i = 0; i < e->n; i++)
		pg_array_text(p, e->slots[i]);
	pg_array_end(p);
	pg_param_text(p, actor);
	PGresult *res = cli_run(c, STMT_ASSIST_EVENTS, p);
	pg_params_free(p);
	bool good = res != NULL;
	PQclear(res);
	return good ? CLI_DONE : CLI_FAILED;
}

/* Whose words, in the order in which the talk asks. */
static void
gather(struct events *e, const struct assist *a)
{
	if (a->words != NULL) {
		event(e, "consented", "note", a->words);
		event(e, "verified", NULL, NULL);
		event(e, "consented", "note", a->words); /* where the will is asked after the proof */
	} else {
		event(e, "verified", NULL, NULL);
	}
	event(e, "confirmed", NULL, NULL);
	event(e, strcmp(a->old, "courier") == 0 ? "old_courier" : "old_on_site", NULL, NULL);
	event(e, strcmp(a->delivery, "courier") == 0 ? "courier" : "pick_up", "address", a->address);
	if (a->pledge != NULL)
		event(e, "pledged", "note", a->pledge);
	event(e, "assisted", NULL, NULL);
}

static PGresult *
load(struct cli *c, const struct conf_bureau *b, int64_t id)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_int(p, id);
	PGresult *res = cli_run(c, STMT_ASSIST_TALK, p);
	pg_params_free(p);
	return res;
}

int
assist_open(struct cli *c, const struct conf_bureau *b, int64_t id)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_array_begin(p);
	pg_array_int(p, id);
	pg_array_end(p);
	pg_param_int(p, ASSIST_DAYS);
	pg_param_bool(p, true);
	PGresult *res = cli_run(c, STMT_TALK_OPEN, p);
	pg_params_free(p);
	bool opened = res != NULL && strcmp(PQgetvalue(res, 0, 0), "0") != 0;
	PQclear(res);
	return opened ? 0 : -1;
}

/* Who is it, and is there a talk to enter it into? One that nobody has begun is opened by what the holder says. */
static int
enter(struct cli *c, const struct conf_bureau *b, PGresult **res, int64_t id, const struct assist *a)
{
	char actor[80];

	if (!is_holder(c->keys, *res, a->number))
		return cli_fail(
			"the last six characters are not those on file for application %lld; nothing was entered", (long long)id);
	if (PQgetisnull(*res, 0, 0)) {
		if (a->words == NULL)
			return cli_fail("application %lld has not begun: --words says how the holder agreed", (long long)id);
		PGresult *opened = assist_open(c, b, id) == 0 ? load(c, b, id) : NULL;
		if (opened == NULL || PQgetisnull(opened, 0, 0)) {
			PQclear(opened);
			return cli_fail("application %lld is over, or somebody else has begun it; look at it again", (long long)id);
		}
		PQclear(*res);
		*res = opened;
	}
	struct events e = {.n = 0};
	gather(&e, a);
	int code = store(c, b, *res, &e, cli_actor(a->staff, actor, sizeof actor));
	for (size_t k = 0; k < e.n; k++)
		free(e.slots[k]);
	return code;
}

int
assist_run(struct cli *c, int64_t id, const struct assist *a)
{
	size_t n;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	for (size_t i = 0; i < n; i++) {
		PGresult *res = load(c, &b[i], id);
		if (res == NULL)
			return CLI_FAILED;
		if (PQntuples(res) == 0) {
			PQclear(res);
			continue;
		}
		int code = enter(c, &b[i], &res, id, a);
		char phone[32];
		snprintf(phone, sizeof phone, "%s", PQgetvalue(res, 0, 1));
		PQclear(res);
		if (code == CLI_DONE && c->json)
			return cli_print_object(
				c, json_pack("{s:s, s:I, s:s}", "bureau", b[i].code, "id", (json_int_t)id, "phone", phone), NULL);
		if (code == CLI_DONE)
			printf("application %lld: entered; %s\n", (long long)id,
				phone[0] != '\0' ? "the holder gets a text that says what"
								 : "no mobile number is known, so read out to the holder what was entered");
		return code;
	}
	return cli_fail("there is no application %lld", (long long)id);
}
