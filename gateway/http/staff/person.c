/* A person who calls the staff listener: the session behind the cookie, the form's token, the role that is wanted. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/session.h"
#include "gateway/http/staff/desk.h"
#include "gateway/log.h"
#include "store/pg.h"

void
desk_cookie_hash(const char *secret, uint8_t hash[32])
{
	/* The secret is random and long: no key is needed, and a new one would end every session. */
	crypto_generichash(hash, 32, (const uint8_t *)secret, strlen(secret), NULL, 0);
}

int
desk_cookie_find(const char *header, struct desk_cookie *out)
{
	char value[80], *end;

	if (form_cookie(header, DESK_COOKIE, value, sizeof(value)) != 0 || *value < '0' || *value > '9')
		return -1;
	long id = strtol(value, &end, 10);
	if (*end != '.' || id <= 0 || id > INT32_MAX || strlen(end + 1) != DESK_SECRET_LEN)
		return -1;
	out->bureau_id = (int)id;
	desk_cookie_hash(end + 1, out->hash);
	return 0;
}

int
desk_cookie_read(const struct http_request *r, struct desk_cookie *out)
{
	return desk_cookie_find(http_header(r, "Cookie"), out);
}

bool
desk_may(const struct desk_call *c, enum role role)
{
	return (c->roles & (unsigned)role) != 0;
}

static void
on_noted(void *arg, const char *error, const char *sqlstate)
{
	(void)arg;
	(void)sqlstate;
	if (error != NULL)
		log_warn("http=staff what was done could not be noted: %s", error);
}

struct pg_params *
desk_event(const struct desk_call *c, const char *kind, const char *subject, const char *detail)
{
	struct pg_params *p = desk_params(c);

	pg_param_text(p, c->name);
	if (c->session != 0)
		pg_param_int(p, c->session);
	else
		pg_param_text(p, NULL);
	pg_param_text(p, kind);
	pg_param_text(p, subject == NULL ? "" : subject);
	pg_param_text(p, detail == NULL ? "" : detail);
	pg_param_text(p, c->r->client);
	return p;
}

void
desk_note(const struct desk_call *c, const char *kind, const char *subject, const char *detail)
{
	struct pg_params *p = desk_event(c, kind, subject, detail);

	if (pg_run(c->r->g->pg_side, STMT_STAFF_EVENT, p, NULL, NULL, on_noted) != 0)
		log_warn("http=staff %s %s %s could not be noted: the database is not there", c->actor, kind,
			subject == NULL ? "" : subject);
	pg_params_free(p);
}

struct noting {
	struct desk_call *c;
	void (*then)(struct desk_call *c);
};

static void
on_noted_then(void *arg, const char *error, const char *sqlstate)
{
	struct noting n = *(struct noting *)arg;

	free(arg);
	on_noted(NULL, error, sqlstate);
	n.then(n.c);
}

void
desk_note_then(
	struct desk_call *c, const char *kind, const char *subject, const char *detail, void (*then)(struct desk_call *c))
{
	struct noting *n = malloc(sizeof(*n));
	struct pg_params *p = desk_event(c, kind, subject, detail);
	bool asked = false;

	if (n != NULL) {
		*n = (struct noting){c, then};
		asked = pg_run(c->r->g->pg_side, STMT_STAFF_EVENT, p, n, NULL, on_noted_then) == 0;
	}
	pg_params_free(p);
	if (asked)
		return;
	log_warn("http=staff %s %s %s could not be noted: the database is not there", c->actor, kind,
		subject == NULL ? "" : subject);
	free(n);
	then(c);
}

void
desk_refuse_role(struct desk_call *c)
{
	log_warn("http=staff %s may not: route=%s", c->actor, c->r->route->path);
	desk_note(c, "refused", c->r->route->path, NULL);
	http_reply_page(
		c->r, 403, "staff_error", http_language(c->r, NULL), json_pack("{s:s, s:b}", "what", "error.role", "retry", 0));
	desk_free(c);
}

struct session {
	bool good;
};

static void
person_row(void *arg, int index, const PGresult *res)
{
	struct desk_call *c = arg;
	struct session *s = c->gathering;

	(void)index;
	if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK || PQntuples(res) != 1)
		return;
	s->good = true;
	c->session = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
	snprintf(c->name, sizeof(c->name), "%s", PQgetvalue(res, 0, 1));
	int roles = roles_parse(PQgetvalue(res, 0, 2), NULL, NULL);
	c->roles = roles < 0 ? 0 : (unsigned)roles;
	c->write = desk_may(c, ROLE_SEND);
	c->decide = desk_may(c, ROLE_APPROVE);
	snprintf(c->actor, sizeof(c->actor), "staff:%s", c->name);
	/* Bound to the session: a token of one that is over, or of another's, is worth nothing. */
	snprintf(c->about, sizeof(c->about), "staff %d %" PRId64, c->bureau->id, c->session);
}

static void
person_end(void *arg, const char *error, const char *sqlstate)
{
	struct desk_call *c = arg;
	struct session s = *(struct session *)c->gathering;

	(void)sqlstate;
	free(c->gathering);
	c->gathering = NULL;
	if (c->r->ev == NULL || error != NULL) {
		http_reply_error(c->r, 503);
		desk_free(c);
	} else if (!s.good) {
		http_reply_see(c->r, "/sign-in");
		desk_free(c);
	} else if (c->r->post && !session_form_good(c->r, c->about)) {
		http_reply_error(c->r, 403);
		desk_free(c);
	} else if (c->wanted != 0 && !desk_may(c, c->wanted)) {
		desk_refuse_role(c);
	} else {
		c->then(c);
	}
}

void
desk_person_may(struct http_request *r, enum role role, void (*then)(struct desk_call *c))
{
	struct desk_call *c = desk_call_new(r, then);
	struct desk_cookie cookie;

	if (c == NULL)
		return;
	c->wanted = role;
	c->bureau = desk_cookie_read(r, &cookie) == 0 ? conf_bureau_by_id(r->g->conf, cookie.bureau_id) : NULL;
	c->gathering = calloc(1, sizeof(struct session));
	if (c->bureau == NULL || c->gathering == NULL) {
		http_reply_see(r, "/sign-in");
		free(c->gathering);
		desk_free(c);
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_bytes(p, cookie.hash, sizeof(cookie.hash));
	pg_param_int(p, DESK_IDLE_SECONDS);
	pg_param_text(p, r->client);
	if (pg_run(r->g->pg_side, STMT_STAFF_SESSION_LOAD, p, c, person_row, person_end) != 0) {
		free(c->gathering);
		http_reply_error(r, 503);
		desk_free(c);
	}
	pg_params_free(p);
}

void
desk_person(struct http_request *r, void (*then)(struct desk_call *c))
{
	desk_person_may(r, 0, then);
}

void
desk_person_post_upto(struct http_request *r, enum role role, size_t most, void (*then)(struct desk_call *c))
{
	if (http_read_form_upto(r, most) == 0)
		desk_person_may(r, role, then);
}

void
desk_person_post_may(struct http_request *r, enum role role, void (*then)(struct desk_call *c))
{
	desk_person_post_upto(r, role, HTTP_BODY_MAX, then);
}

void
desk_person_post(struct http_request *r, void (*then)(struct desk_call *c))
{
	desk_person_post_may(r, 0, then);
}
