/*
 * huizhi token verify: is this link, QR code or short code genuine, and what is it for? With --prove a clerk who has
 * the person in front of them proves their identity with it, under the same tries and lock-out as the page.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dialog/token.h"
#include "gateway/cli/commands.h"
#include "gateway/grants.h"
#include "gateway/identity.h"
#include "gateway/keys.h"
#include "gateway/keys_public.h"
#include "gateway/now.h"
#include "store/grant.h"
#include "store/view.h"

static const struct cli_column columns[] = {
	{"result", "Result"},
	{"form", "Form"},
	{"bureau", "Bureau"},
	{"bureau_id", "Bureau's number"},
	{"purpose", "Purpose"},
	{"grant", "Grant"},
	{"conversation", "Conversation"},
	{"phone", "Phone"},
	{"step", "Step"},
	{"expires_at", "Expires"},
	{"used", "Used"},
	{"revoked", "Revoked"},
	{"locked_until", "Locked until"},
	{"applications", "Applications"},
	{"identity", "Identity"},
	{NULL, NULL},
};

/* Prints what is known; exit 0 only when the thing is good now. */
static int
finish(struct cli *c, json_t *about, const char *result)
{
	bool good = strcmp(result, "good") == 0;
	json_object_set_new(about, "result", json_string(result));
	json_object_set_new(about, "good", json_boolean(good));
	cli_print_object(c, about, columns);
	return good ? CLI_DONE : CLI_FAILED;
}

/* The token in TOKEN, /r/TOKEN or https://host/r/TOKEN/qr.svg. */
static const char *
cut_token(const char *word, size_t *len)
{
	const char *at = strstr(word, "/r/");
	word = at != NULL ? at + 3 : word;
	*len = strcspn(word, "/?# \t\r\n");
	return word;
}

/* ---- With a public key alone ------------------------------------------------------------------------------------ */

static int
verify_public(struct cli *c, const char *word, const char *path)
{
	uint8_t public[32];
	const char *error;
	if (keys_public_read(path, public, &error) != 0)
		return cli_fail("%s", error);
	const uint8_t *list[1] = {public};
	const struct token_keys keys = {.publics = list, .npublics = 1};
	struct token t;
	size_t len;
	word = cut_token(word, &len);
	enum token_result r = token_verify(word, len, &keys, time(NULL), &t);
	json_t *about = json_object();
	if (r == TOKEN_OK || r == TOKEN_EXPIRED) {
		json_object_set_new(about, "form", json_string("qr"));
		json_object_set_new(about, "bureau_id", json_integer(t.bureau));
		json_object_set_new(about, "purpose", json_string(token_purpose_name(t.purpose)));
		json_object_set_new(about, "grant", json_integer((json_int_t)t.grant));
		json_object_set_new(about, "conversation", json_integer((json_int_t)t.conversation));
		json_object_set_new(about, "expires_at", view_time(t.expires_at));
	}
	return finish(c, about, r == TOKEN_OK ? "good" : token_result_text(r));
}

/* ---- A clerk proves identity ------------------------------------------------------------------------------------ */

struct tried {
	bool done;
	int tries;
	char error[256];
};

static void
on_try(void *arg, int tries, const char *error)
{
	struct tried *t = arg;
	t->tries = tries;
	snprintf(t->error, sizeof t->error, "%s", error != NULL ? error : "");
	t->done = true;
}

static void
on_settled(void *arg, int index, const PGresult *res)
{
	(void)arg;
	(void)index;
	(void)res;
}

static void
on_settled_end(void *arg, const char *error, const char *sqlstate)
{
	(void)error;
	(void)sqlstate;
	*(bool *)arg = true;
}

/* Waits until what was handed to the connection before is through: answers come in order. */
static void
settle(struct cli *c)
{
	bool done = false;
	struct pg_params *p = pg_params_new();
	pg_param_int(p, 1);
	if (pg_run(c->pg, STMT_PING, p, &done, on_settled, on_settled_end) == 0)
		pg_wait(c->pg, &done);
	pg_params_free(p);
}

/* Compares with the number of every holder of the chosen applications: all must be the one in front of the clerk. */
static bool
number_right(const struct keys *keys, const struct grant_view *v, const char *typed)
{
	bool right = v->nholders > 0;
	for (size_t i = 0; i < v->nholders; i++) {
		const struct grant_sealed *sealed = &v->holders[i].id_number;
		char *number = sealed->data != NULL ? keys_decrypt(keys, sealed->data, sealed->len) : NULL;
		right = number != NULL && identity_matches(typed, number) && right;
		if (number != NULL)
			sodium_memzero(number, strlen(number));
		free(number);
	}
	return right;
}

/* Returns what to tell, "good" when identity is proven and the daemon will hear of it. */
static const char *
prove(struct cli *c, const struct grant_view *v, const char *id, const char *staff)
{
	static char told[320];
	char typed[IDENTITY_TAIL + 1], actor[80];
	const char *error;
	struct tried t = {0};

	if (identity_typed(id, typed) != 0)
		return "--id takes the last 6 letters and digits of the identity or credit number";
	if (grant_try(c->pg, v->bureau_id, v->conversation_id, on_try, &t) != 0)
		return "could not reach the database";
	pg_wait(c->pg, &t.done);
	if (t.error[0] != '\0') {
		snprintf(told, sizeof told, "the database says: %s", t.error);
		return told;
	}
	if (t.tries == 0)
		return "locked after too many wrong numbers";
	if (!number_right(c->keys, v, typed)) {
		grant_refused(c->pg, v->bureau_id, v->conversation_id, v->id, t.tries);
		settle(c);
		snprintf(told, sizeof told, "the number does not fit; %d of %d tries used", t.tries, GRANT_TRIES);
		return told;
	}
	grant_proven(c->pg, v->bureau_id, v->conversation_id);
	int rc = grant_prove_wait(c->pg, v->bureau_id, v->id, cli_actor(staff, actor, sizeof actor), &error);
	if (rc < 0) {
		snprintf(told, sizeof told, "the database says: %s", error);
		return told;
	}
	return rc == 1 ? "good" : "the conversation is over";
}

/* ---- With keys and database ------------------------------------------------------------------------------------- */

static void
add_view(json_t *about, const struct grant_view *v, bool code)
{
	json_t *applications = json_array();
	for (size_t i = 0; i < v->napplications; i++) {
		const struct grant_application *a = &v->applications[i];
		json_array_append_new(applications, json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)a->id, "item",
												a->item_code, "licence_no", a->licence_no, "status", a->status));
	}
	json_object_set_new(about, "conversation", json_integer(v->conversation_id));
	json_object_set_new(about, "phone", json_string(v->phone));
	json_object_set_new(about, "step", json_string(v->open ? v->step : v->outcome));
	json_object_set_new(about, "expires_at", view_time((code ? v->code_expires_us : v->expires_us) / 1000000));
	json_object_set_new(about, "used", json_boolean(v->used));
	json_object_set_new(about, "revoked", json_boolean(v->revoked));
	if (v->locked_until[0] != '\0')
		json_object_set_new(about, "locked_until", json_string(v->locked_until));
	json_object_set_new(about, "applications", applications);
}

/* The grant's row decides: a genuine token may have been revoked or be over. */
static int
verify_stored(struct cli *c, json_t *about, int bureau_id, int64_t id, const char *prove_id, const char *staff)
{
	struct grant_view *v = NULL;
	const char *error, *result = "good";
	if (grant_load_wait(c->pg, bureau_id, id, &v, &error) != 0) {
		json_decref(about);
		return cli_fail("the database says: %s", error);
	}
	const struct conf_bureau *b = conf_bureau_by_id(c->conf, bureau_id);
	json_object_set_new(about, "bureau", json_string(b != NULL ? b->code : "?"));
	json_object_set_new(about, "grant", json_integer(id));
	if (v == NULL)
		return finish(c, about, "genuine, but its grant is no longer stored");
	json_object_set_new(about, "purpose", json_string(v->purpose));
	/* A code lives shorter than the link of the same grant. */
	add_view(about, v, strcmp(json_string_value(json_object_get(about, "form")), "code") == 0);
	if (v->revoked)
		result = "genuine, but a newer one has replaced it";
	else if (v->expired)
		result = "expired";
	else if (prove_id != NULL) {
		result = prove(c, v, prove_id, staff);
		if (strcmp(result, "good") == 0)
			json_object_set_new(about, "identity", json_string("proven"));
	}
	int code = finish(c, about, result);
	grant_view_free(v);
	return code;
}

static int
verify_code(struct cli *c, const char *digits, const char *prove_id, const char *staff)
{
	uint8_t hash[32];
	size_t n;
	const struct conf_bureau *b = cli_bureaus(c, &n);
	if (n == 0 || cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	int *ids = calloc(n, sizeof *ids), bureau_id;
	int64_t id;
	const char *error;
	if (ids == NULL)
		abort();
	for (size_t i = 0; i < n; i++)
		ids[i] = b[i].id;
	grants_code_hash(c->keys, digits, hash);
	int found = grant_find_code_wait(c->pg, ids, n, hash, &bureau_id, &id, &error);
	free(ids);
	if (found < 0)
		return cli_fail("the database says: %s", error);
	json_t *about = json_pack("{s:s}", "form", "code");
	if (found == 0)
		return finish(c, about, "no such code, or its time is over");
	return verify_stored(c, about, bureau_id, id, prove_id, staff);
}

static int
verify_token(struct cli *c, const char *word, bool offline, const char *prove_id, const char *staff)
{
	struct grants_read r;
	char token[GRANTS_URL_MAX + 1];
	size_t len;
	if (cli_keys(c) == NULL)
		return CLI_FAILED;
	word = cut_token(word, &len);
	snprintf(token, sizeof token, "%.*s", (int)(len < sizeof token ? len : sizeof token - 1), word);
	enum grants_reason reason = grants_read(c->conf, c->keys, token, now_us(), &r);

	json_t *about = json_object();
	if (reason == GRANTS_GOOD || reason == GRANTS_EXPIRED) {
		json_object_set_new(about, "form", json_string(r.full ? "qr" : "link"));
		json_object_set_new(about, "bureau", json_string(r.bureau->code));
		json_object_set_new(about, "purpose", json_string(grants_purpose_name(r.purpose)));
		json_object_set_new(about, "grant", json_integer(r.id));
		json_object_set_new(about, "expires_at", view_time(r.expires_us / 1000000));
		if (r.conversation_id != 0)
			json_object_set_new(about, "conversation", json_integer(r.conversation_id));
	}
	if (reason != GRANTS_GOOD || offline)
		return finish(c, about, reason == GRANTS_GOOD ? "good" : grants_reason_text(reason));
	if (cli_pg(c) == NULL) {
		json_decref(about);
		return CLI_FAILED;
	}
	return verify_stored(c, about, r.bureau->id, r.id, prove_id, staff);
}

static int
verify(struct cli *c, int argc, char **argv)
{
	const char *word, *public_key = NULL, *id = NULL, *staff = NULL;
	bool offline = false, proving = false;
	const struct cli_option options[] = {{"--public-key", &public_key, NULL}, {"--offline", NULL, &offline},
		{"--prove", NULL, &proving}, {"--id", &id, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char digits[GRANTS_CODE_DIGITS + 1];

	if (cli_args(c, argc, argv, options, &word, 1, 1) < 0)
		return CLI_USAGE;
	if (proving != (id != NULL))
		return cli_usage(c, "--prove and --id belong together");
	if (proving && (offline || public_key != NULL))
		return cli_usage(c, "--prove needs the database");
	if (public_key != NULL)
		return verify_public(c, word, public_key);
	if (grants_code_normalise(word, digits) == 0) {
		if (offline)
			return cli_usage(c, "a short code can only be looked up in the database");
		return verify_code(c, digits, id, staff);
	}
	return verify_token(c, word, offline, id, staff);
}

static int
run(struct cli *c, int argc, char **argv)
{
	static const struct cli_sub subs[] = {{"verify", verify}, {NULL, NULL}};
	return cli_sub_run(c, subs, argc, argv);
}

const struct cli_command cli_token = {
	.name = "token",
	.usage = "token verify TOKEN|URL|CODE [--offline] [--public-key FILE]\n"
			 "token verify TOKEN|URL|CODE --prove --id LAST6 [--staff NAME]\n",
	.summary = "is a link, a QR code or a short code genuine, and what is it for?",
	.help =
		"--public-key FILE  check a QR code with the bureau's public key (sign.N.pub) alone; needs no configuration\n"
		"--offline          check with the keys folder, without the database\n"
		"--prove --id       the person is here and has said the last 6 characters of the identity or credit number:\n"
		"                   identity counts as proven, with the tries and the lock-out of the page\n"
		"Exit 0 only when it is good now.\n",
	.run = run,
};
