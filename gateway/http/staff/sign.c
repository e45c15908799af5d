/* Signing in and out of the console, with accounts made by `huizhi staff add`. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/staff/desk.h"
#include "gateway/http/limiter.h"
#include "gateway/http/session.h"
#include "gateway/http/staff/staff.h"
#include "gateway/log.h"
#include "store/pg.h"

#define ABOUT "sign-in"

static void
show(struct http_request *r, int status, const char *error, const char *args)
{
	char browser[SESSION_ID_LEN + 1], token[SESSION_TOKEN_LEN + 1];
	json_t *data = json_object(), *bureaus = json_array();
	const struct conf *conf = r->g->conf;

	session_browser(r, browser);
	session_form_token(r, browser, ABOUT, token);
	json_object_set_new(data, "token", json_string(token));
	for (size_t i = 0; i < conf->nbureaus; i++)
		json_array_append_new(
			bureaus, json_pack("{s:s, s:s}", "code", conf->bureaus[i].code, "name", conf->bureaus[i].name));
	json_object_set_new(data, "bureaus", bureaus);
	json_object_set_new(data, "several", json_boolean(conf->nbureaus > 1));
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

struct attempt {
	struct http_request *r;
	const struct conf_bureau *bureau;
	char name[DESK_NAME_MAX + 1], password[260], hash[crypto_pwhash_STRBYTES];
};

static void
account_row(void *arg, int index, const PGresult *res)
{
	struct attempt *a = arg;

	(void)index;
	if (res != NULL && PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) == 1)
		snprintf(a->hash, sizeof(a->hash), "%s", PQgetvalue(res, 0, 0));
}

static void
let_in(struct attempt *a)
{
	char mac[44], name[120], value[256];
	int64_t until = http_now_us() / 1000000 + DESK_SESSION_SECONDS;

	desk_session_sign(a->r, a->bureau->id, a->name, a->hash, until, mac);
	sodium_bin2base64(
		name, sizeof(name), (const uint8_t *)a->name, strlen(a->name), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(value, sizeof(value), "%d.%" PRId64 ".%s.%s", a->bureau->id, until, mac, name);
	http_set_cookie(a->r, DESK_COOKIE, value, "/");
	log_info("bureau=%s staff=%s signed in", a->bureau->code, a->name);
	http_reply_see(a->r, "/");
}

static void
account_end(void *arg, const char *error, const char *sqlstate)
{
	struct attempt *a = arg;
	struct http_request *r = a->r;
	struct http_staff *s = r->owner;

	(void)sqlstate;
	if (*a->hash == '\0') {
		/* A name that does not exist takes as long as a wrong password, or the time would tell which names there are.
		 */
		char idle[crypto_pwhash_STRBYTES];
		if (crypto_pwhash_str(idle, a->password, strlen(a->password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
				crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
			log_warn("http=staff without memory to check a password");
	}
	if (error != NULL || r->ev == NULL) {
		http_reply_error(r, 503);
	} else if (*a->hash != '\0' && crypto_pwhash_str_verify(a->hash, a->password, strlen(a->password)) == 0) {
		limiter_give(s->sign_ins, r->client, http_now_us() / 1000000);
		let_in(a);
	} else {
		log_warn("bureau=%s a sign-in was refused client=%s", a->bureau->code, r->client);
		show(r, 422, "sign.wrong", NULL);
	}
	sodium_memzero(a, sizeof(*a));
	free(a);
}

void
sign_in(struct http_request *r)
{
	struct http_staff *s = r->owner;
	const struct conf *conf = r->g->conf;
	char minutes[16];

	if (http_read_form(r) != 0)
		return;
	if (!session_form_good(r, ABOUT)) {
		http_reply_error(r, 403);
		return;
	}
	const char *code = form_get(&r->form, "bureau"), *name = form_get(&r->form, "name"),
			   *password = form_get(&r->form, "password");
	const struct conf_bureau *b = code != NULL		   ? conf_bureau_by_code(conf, code)
								  : conf->nbureaus > 0 ? &conf->bureaus[0]
													   : NULL;
	if (b == NULL || name == NULL || password == NULL || *name == '\0' || strlen(name) > DESK_NAME_MAX ||
		strlen(password) > 256) {
		show(r, 422, "sign.wrong", NULL);
		return;
	}
	int wait = limiter_take(s->sign_ins, r->client, http_now_us() / 1000000);
	if (wait > 0) {
		snprintf(minutes, sizeof(minutes), "%d", (wait + 59) / 60);
		show(r, 429, "sign.wait", minutes);
		return;
	}
	struct attempt *a = calloc(1, sizeof(*a));
	struct pg_params *p = pg_params_new();
	int rc = -1;
	if (a != NULL && p != NULL) {
		a->r = r;
		a->bureau = b;
		snprintf(a->name, sizeof(a->name), "%s", name);
		snprintf(a->password, sizeof(a->password), "%s", password);
		pg_param_int(p, b->id);
		pg_param_text(p, name);
		rc = pg_run(r->g->pg_side, STMT_STAFF_LOAD, p, a, account_row, account_end);
	}
	pg_params_free(p);
	if (rc != 0) {
		free(a);
		http_reply_error(r, 503);
	}
}

static void
leave(struct desk_call *c)
{
	http_set_cookie(c->r, DESK_COOKIE, "", "/");
	http_reply_see(c->r, "/sign-in");
	desk_free(c);
}

void
sign_out(struct http_request *r)
{
	desk_person_post(r, leave);
}
