/* Signing in and out of the console, with accounts made by `huizhi staff add` or on the console. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/session.h"
#include "gateway/http/staff/desk.h"
#include "gateway/http/staff/hasher.h"
#include "gateway/http/staff/staff.h"
#include "gateway/log.h"
#include "store/pg.h"

#define ABOUT "sign-in"
/*
 * Wrong passwords that are free; then each wait is twice the one before. There is no lock: whoever could lock an
 * account by trying its name could keep a colleague out. What slows down is an account from one address, and an
 * address; an account from everywhere only where it is not used from, much later and for a minute at most, against
 * guessing from many places at once.
 */
#define PAIR_FREE 5
#define ADDRESS_FREE 20
#define ACCOUNT_FREE 50
#define WAIT_SECONDS 5
#define WAIT_SECONDS_MAX 900
#define ACCOUNT_SECONDS_MAX 60

/* A list was on its way when the session was found to be over. */
static bool
lost_upload(const struct http_request *r)
{
	const char *again = form_get(r->post ? &r->form : &r->query, "again");

	return again != NULL && strcmp(again, "upload") == 0;
}

static void
show(struct http_request *r, int status, const char *error, const char *args)
{
	char browser[SESSION_ID_LEN + 1], token[SESSION_TOKEN_LEN + 1];
	json_t *data = json_object(), *bureaus = json_array();
	const struct conf *conf = r->g->conf;
	const char *chosen = form_get(&r->form, "bureau"), *name = form_get(&r->form, "name");

	session_browser(r, browser);
	session_form_token(r, browser, ABOUT, token);
	json_object_set_new(data, "token", json_string(token));
	for (size_t i = 0; i < conf->nbureaus; i++)
		json_array_append_new(
			bureaus, json_pack("{s:s, s:s, s:b}", "code", conf->bureaus[i].code, "name", conf->bureaus[i].name,
						 "chosen", chosen != NULL && strcmp(chosen, conf->bureaus[i].code) == 0));
	json_object_set_new(data, "bureaus", bureaus);
	json_object_set_new(data, "again", json_boolean(lost_upload(r)));
	json_object_set_new(data, "several", json_boolean(conf->nbureaus > 1));
	json_object_set_new(data, "name", json_string(name == NULL || strlen(name) > DESK_NAME_MAX ? "" : name));
	if (error != NULL) {
		json_object_set_new(data, "error", json_string(error));
		json_object_set_new(data, "error_args", json_string(args == NULL ? "" : args));
	}
	http_reply_page(r, status, "sign_in", http_language(r, NULL), data);
}

void
sign_in_page(struct http_request *r)
{
	show(r, 200, NULL, NULL);
}

/* One try, from the form to the page behind it. */
struct attempt {
	struct http_request *r;
	const struct conf_bureau *bureau;
	char name[DESK_NAME_MAX + 1], password[HASHER_PASSWORD_MAX + 1], hash[crypto_pwhash_STRBYTES];
	char secret[DESK_SECRET_LEN + 1], agent[201];
	int taken, wait;
	int64_t session;
};

static void
attempt_free(struct attempt *a)
{
	sodium_memzero(a, sizeof(*a));
	free(a);
}

static void
unavailable(struct attempt *a)
{
	http_reply_error(a->r, 503);
	attempt_free(a);
}

static struct pg_params *
params(const struct attempt *a)
{
	struct pg_params *p = pg_params_new();

	pg_param_int(p, a->bureau->id);
	pg_param_text(p, a->name);
	return p;
}

static void
session_row(void *arg, int index, const PGresult *res)
{
	struct attempt *a = arg;

	(void)index;
	if (res != NULL && PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) == 1)
		a->session = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
}

static void
session_end(void *arg, const char *error, const char *sqlstate)
{
	struct attempt *a = arg;
	char value[80], browser[SESSION_ID_LEN + 1];

	(void)sqlstate;
	if (error != NULL || a->r->ev == NULL) {
		unavailable(a);
		return;
	}
	if (a->session == 0) {
		show(a->r, 422, "sign.wrong", NULL);
		attempt_free(a);
		return;
	}
	/* Neither the session's secret nor the browser's name are those that it came with: whoever planted one has nothing.
	 */
	snprintf(value, sizeof(value), "%d.%s", a->bureau->id, a->secret);
	http_set_cookie(a->r, DESK_COOKIE, value, "/");
	session_browser_new(a->r, browser);
	log_info("bureau=%s staff=%s signed in session=%" PRId64, a->bureau->code, a->name, a->session);
	http_reply_see(a->r, lost_upload(a->r) ? "/campaigns/new?again=upload" : "/");
	attempt_free(a);
}

static void
let_in(struct attempt *a)
{
	struct desk_cookie old;
	uint8_t random[32], hash[32];

	randombytes_buf(random, sizeof(random));
	sodium_bin2base64(a->secret, sizeof(a->secret), random, sizeof(random), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	desk_cookie_hash(a->secret, hash);
	struct pg_params *p = params(a);
	pg_param_bytes(p, hash, sizeof(hash));
	pg_param_int(p, DESK_SESSION_SECONDS);
	pg_param_text(p, a->r->client);
	pg_param_text(p, a->agent);
	if (desk_cookie_read(a->r, &old) == 0 && old.bureau_id == a->bureau->id)
		pg_param_bytes(p, old.hash, sizeof(old.hash));
	else
		pg_param_text(p, NULL);
	if (pg_run(a->r->g->pg_side, STMT_STAFF_SESSION_NEW, p, a, session_row, session_end) != 0)
		unavailable(a);
	pg_params_free(p);
}

static void
refused_end(void *arg, const char *error, const char *sqlstate)
{
	struct attempt *a = arg;

	(void)sqlstate;
	if (error != NULL)
		log_warn("http=staff a refused sign-in could not be noted: %s", error);
	show(a->r, 422, "sign.wrong", NULL);
	attempt_free(a);
}

static void
on_checked(void *arg, bool good, const char *hash)
{
	struct attempt *a = arg;

	(void)hash;
	if (a->r->ev == NULL) {
		unavailable(a);
		return;
	}
	if (good) {
		let_in(a);
		return;
	}
	log_warn("bureau=%s a sign-in was refused client=%s", a->bureau->code, a->r->client);
	/* A name that nobody has stays out: it may be a password in the wrong field. */
	struct pg_params *p = pg_params_new();
	pg_param_int(p, a->bureau->id);
	pg_param_text(p, *a->hash == '\0' ? "" : a->name);
	pg_param_text(p, NULL);
	pg_param_text(p, "sign_in_refused");
	pg_param_text(p, "");
	pg_param_text(p, a->agent);
	pg_param_text(p, a->r->client);
	if (pg_run(a->r->g->pg_side, STMT_STAFF_EVENT, p, a, NULL, refused_end) != 0)
		unavailable(a);
	pg_params_free(p);
}

static void
account_row(void *arg, int index, const PGresult *res)
{
	struct attempt *a = arg;

	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
		return;
	if (index == 0) {
		a->taken = (int)strtol(PQgetvalue(res, 0, 0), NULL, 10);
		a->wait = (int)strtol(PQgetvalue(res, 0, 1), NULL, 10);
	} else {
		snprintf(a->hash, sizeof(a->hash), "%s", PQgetvalue(res, 0, 0));
	}
}

static void
account_end(void *arg, const char *error, const char *sqlstate)
{
	struct attempt *a = arg;
	struct http_staff *s = a->r->owner;
	char text[16];

	(void)sqlstate;
	if (error != NULL || a->r->ev == NULL) {
		unavailable(a);
	} else if (a->taken == 0) {
		bool minutes = a->wait > 90;
		snprintf(text, sizeof(text), "%d", minutes ? (a->wait + 59) / 60 : a->wait);
		log_warn("bureau=%s a sign-in came too soon client=%s wait=%d", a->bureau->code, a->r->client, a->wait);
		show(a->r, 429, minutes ? "sign.wait" : "sign.wait_seconds", text);
		attempt_free(a);
	} else if (hasher_check(s->hasher, a->password, a->hash, on_checked, a) != 0) {
		show(a->r, 503, "sign.busy", NULL);
		attempt_free(a);
	}
}

void
sign_in(struct http_request *r)
{
	const struct conf *conf = r->g->conf;

	if (http_read_form(r) != 0)
		return;
	if (!session_form_good(r, ABOUT)) {
		http_reply_error(r, 403);
		return;
	}
	const char *code = form_get(&r->form, "bureau"), *name = form_get(&r->form, "name"),
			   *password = form_get(&r->form, "password"), *agent = http_header(r, "User-Agent");
	const struct conf_bureau *b = code != NULL		   ? conf_bureau_by_code(conf, code)
								  : conf->nbureaus > 0 ? &conf->bureaus[0]
													   : NULL;
	if (b == NULL || name == NULL || password == NULL || *name == '\0' || strlen(name) > DESK_NAME_MAX ||
		strlen(password) > HASHER_PASSWORD_MAX) {
		show(r, 422, "sign.wrong", NULL);
		return;
	}
	struct attempt *a = calloc(1, sizeof(*a));
	struct pg_batch *batch = a == NULL ? NULL : pg_batch_begin(r->g->pg_side, true, a, account_row, account_end);
	if (batch == NULL) {
		free(a);
		http_reply_error(r, 503);
		return;
	}
	a->r = r;
	a->bureau = b;
	snprintf(a->name, sizeof(a->name), "%s", name);
	snprintf(a->password, sizeof(a->password), "%s", password);
	log_plain(agent == NULL ? "" : agent, a->agent, sizeof(a->agent));
	struct pg_params *try = params(a), *load = params(a);
	pg_param_text(try, r->client);
	pg_param_int(try, PAIR_FREE);
	pg_param_int(try, ADDRESS_FREE);
	pg_param_int(try, ACCOUNT_FREE);
	pg_param_int(try, WAIT_SECONDS);
	pg_param_int(try, WAIT_SECONDS_MAX);
	pg_param_int(try, ACCOUNT_SECONDS_MAX);
	pg_batch_add(batch, STMT_STAFF_TRY, try);
	pg_batch_add(batch, STMT_STAFF_LOAD, load);
	pg_params_free(try);
	pg_params_free(load);
	pg_batch_commit(batch);
}

static void
left(struct desk_call *c)
{
	http_set_cookie(c->r, DESK_COOKIE, "", "/");
	http_reply_see(c->r, "/sign-in");
	desk_free(c);
}

static void
leave(struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_text(p, c->name);
	pg_param_int(p, c->session);
	pg_param_text(p, c->actor);
	pg_param_int(p, c->session);
	pg_param_text(p, c->r->client);
	const struct desk_ask asks[] = {{"ended", STMT_STAFF_SESSION_END, p, false}};
	desk_gather(c, asks, 1, left);
}

void
sign_out(struct http_request *r)
{
	desk_person_post(r, leave);
}
