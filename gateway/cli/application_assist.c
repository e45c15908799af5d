/* huizhi application assist: a clerk enters on the phone what the holder says, question by question, as evidence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/cli/application_assist.h"
#include "gateway/keys.h"

static int
store(struct cli *c, const struct conf_bureau *b, const PGresult *talk, const struct assist *a)
{
	char actor[80];
	struct pg_params *p = pg_params_new();
	pg_param_int(p, b->id);
	pg_param_int(p, strtoll(PQgetvalue(talk, 0, 0), NULL, 10));
	pg_param_text(p, PQgetvalue(talk, 0, 5));
	assist_events(p, a);
	pg_param_text(p, cli_actor(a->staff, actor, sizeof actor));
	PGresult *res = cli_run(c, STMT_ASSIST_EVENTS, p);
	pg_params_free(p);
	bool good = res != NULL;
	PQclear(res);
	return good ? CLI_DONE : CLI_FAILED;
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
	if (!assist_is_holder(c->keys, PQgetisnull(*res, 0, 4) ? NULL : PQgetvalue(*res, 0, 4), a->number))
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
	return store(c, b, *res, a);
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
