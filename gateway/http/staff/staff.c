/* The staff listener: figures for machines, the console and the API for people of the bureau and their programs. */
#include "gateway/http/staff/staff.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/api/api.h"
#include "gateway/http/console/campaign.h"
#include "gateway/http/console/console.h"
#include "gateway/http/console/dialogs.h"
#include "gateway/http/console/wording.h"
#include "gateway/http/http.h"
#include "gateway/http/gate.h"
#include "gateway/http/head.h"
#include "gateway/http/limiter.h"
#include "gateway/http/staff/hasher.h"
#include "gateway/log.h"
#include "store/pg.h"

/* Wrong codes at the counter, of one person: so many at once, and as many again over this time. */
#define COUNTER_TRIES 10
#define COUNTER_SECONDS 600
#define COUNTER_PEOPLE 1024

static void
staff_style(struct http_request *r)
{
	struct http_staff *s = r->owner;

	http_reply_bytes(r, 200, "text/css; charset=utf-8", s->assets.style, s->assets.style_len, HTTP_HOUR);
}

static void
staff_icon(struct http_request *r)
{
	struct http_staff *s = r->owner;

	http_reply_bytes(r, 200, "image/svg+xml", s->assets.icon, s->assets.icon_len, HTTP_HOUR);
}

static void
staff_live(struct http_request *r)
{
	struct http_staff *s = r->owner;

	http_reply_bytes(r, 200, "text/javascript; charset=utf-8", s->assets.live, s->assets.live_len, HTTP_HOUR);
}

static const struct route routes[] = {
	{ROUTER_GET, "/", console_today},
	{ROUTER_GET, "/sign-in", sign_in_page},
	{ROUTER_POST, "/sign-in", sign_in},
	{ROUTER_POST, "/sign-out", sign_out},
	{ROUTER_GET, "/applications", console_applications},
	{ROUTER_GET, "/applications/:", console_application},
	{ROUTER_POST, "/applications/:", console_act},
	{ROUTER_GET, "/applications/:/assist", console_assist},
	{ROUTER_POST, "/applications/:/assist", console_assist_post},
	{ROUTER_GET, "/search", console_search},
	{ROUTER_POST, "/search", console_search_post},
	{ROUTER_GET, "/worklists/:", console_worklist},
	{ROUTER_POST, "/worklists/:", console_worklist_post},
	{ROUTER_GET, "/entries/:", console_entry},
	{ROUTER_POST, "/entries/:", console_entry_post},
	{ROUTER_GET, "/phones/:", console_phone},
	{ROUTER_GET, "/counter", console_counter},
	{ROUTER_POST, "/counter", console_counter_post},
	{ROUTER_GET, "/dialogs", dialogs_list},
	{ROUTER_POST, "/dialogs", dialogs_begin},
	{ROUTER_GET, "/dialogs/:", dialogs_show},
	{ROUTER_GET, "/dialogs/:/flow", wording_flow},
	{ROUTER_POST, "/dialogs/:/flow", wording_flow_edit},
	{ROUTER_GET, "/dialogs/:/texts", wording_texts},
	{ROUTER_POST, "/dialogs/:/texts", wording_new},
	{ROUTER_GET, "/dialogs/:/texts/:", wording_text},
	{ROUTER_POST, "/dialogs/:/texts/:", wording_edit},
	{ROUTER_GET, "/dialogs/:/versions", wording_versions},
	{ROUTER_POST, "/dialogs/:/versions", wording_act},
	{ROUTER_GET, "/dialogs/:/versions/:", wording_compare},
	{ROUTER_GET, "/dialogs/:/play", wording_play},
	{ROUTER_POST, "/dialogs/:/play", wording_play_on},
	{ROUTER_GET, "/campaigns", console_campaigns},
	{ROUTER_GET, "/campaigns/new", console_campaign_new},
	{ROUTER_POST, "/campaigns/new", console_campaign_make},
	{ROUTER_POST, "/campaigns/list", console_campaign_upload},
	{ROUTER_GET, "/campaigns/list.csv", console_campaign_sample},
	{ROUTER_GET, "/campaigns/:", console_campaign},
	{ROUTER_POST, "/campaigns/:", console_campaign_act},
	{ROUTER_POST, "/campaigns/:/list", console_campaign_upload},
	{ROUTER_GET, "/campaigns/:/live", console_campaign_live},
	{ROUTER_GET, "/campaigns/:/states.svg", console_campaign_picture},
	{ROUTER_GET, "/campaigns/:/report.csv", console_campaign_report},
	{ROUTER_GET, "/campaigns/:/refused.csv", console_campaign_refused},
	{ROUTER_GET, "/staff", console_staff},
	{ROUTER_POST, "/staff", console_staff_post},
	{ROUTER_GET, "/staff/person", console_person},
	{ROUTER_POST, "/staff/person", console_person_post},
	{ROUTER_GET, "/staff/log", console_events},
	{ROUTER_GET, "/webhooks", console_webhooks},
	{ROUTER_POST, "/webhooks", console_webhook_add},
	{ROUTER_GET, "/webhooks/:", console_webhook},
	{ROUTER_POST, "/webhooks/:", console_webhook_act},
	{ROUTER_GET, "/report", console_report},
	{ROUTER_GET, "/report.csv", console_report_csv},
	{ROUTER_POST, "/letters", console_letters},
	{ROUTER_GET, "/me", console_me},
	{ROUTER_POST, "/me", console_me_post},
	{ROUTER_GET, "/api/v1/openapi.json", api_openapi},
#define API(method, path, scope, body, name) {ROUTER_##method, path, api_##name##_serve},
#include "gateway/http/api/routes.def"
#undef API
	{ROUTER_GET, "/healthz", watch_health},
	{ROUTER_GET, "/readyz", watch_ready},
	{ROUTER_GET, "/metrics", watch_metrics},
	{ROUTER_GET, "/style.css", staff_style},
	{ROUTER_GET, "/icon.svg", staff_icon},
	{ROUTER_GET, "/live.js", staff_live},
};

/* ---- Whose a long body is ---------------------------------------------------------------------------------------- */

struct question {
	struct http_gate *gate;
	unsigned long number;
	bool known;
};

static void
on_known(void *arg, int index, const PGresult *res)
{
	struct question *q = arg;

	(void)index;
	q->known = res != NULL && PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) == 1;
}

static void
on_asked(void *arg, const char *error, const char *sqlstate)
{
	struct question *q = arg;

	(void)sqlstate;
	http_gate_known(q->gate, q->number, error == NULL && q->known);
	free(q);
}

/* By session or by key; whether they may do what they ask for is found out later, as of every request. */
static void
ask(void *arg, struct http_gate *gate, const struct http_head *head, unsigned long number)
{
	static const char bearer[] = "Bearer ";
	struct http_staff *s = arg;
	struct question *q = calloc(1, sizeof(*q));
	struct pg_params *p = pg_params_new();
	struct desk_cookie cookie;
	uint8_t hash[crypto_generichash_BYTES];
	int rc = -1;

	if (q != NULL)
		*q = (struct question){.gate = gate, .number = number};
	if (q != NULL && strncasecmp(head->authorization, bearer, sizeof(bearer) - 1) == 0) {
		const char *key = head->authorization + sizeof(bearer) - 1;
		crypto_generichash(hash, sizeof(hash), (const uint8_t *)key, strlen(key), NULL, 0);
		pg_param_bytes(p, hash, sizeof(hash));
		rc = pg_run(s->g->pg_side, STMT_API_KEY_FIND, p, q, on_known, on_asked);
	} else if (q != NULL && desk_cookie_find(head->cookie, &cookie) == 0) {
		pg_param_int(p, cookie.bureau_id);
		pg_param_bytes(p, cookie.hash, sizeof(cookie.hash));
		pg_param_int(p, DESK_IDLE_SECONDS);
		rc = pg_run(s->g->pg_side, STMT_STAFF_SESSION_KNOWN, p, q, on_known, on_asked);
	}
	pg_params_free(p);
	if (rc == 0)
		return;
	free(q);
	http_gate_known(gate, number, false);
}

struct http_staff *
http_staff_new(struct gateway *g)
{
	struct http_staff *s = calloc(1, sizeof(*s));
	const char *error = "without memory";

	if (s == NULL)
		return NULL;
	s->g = g;
	s->hasher = hasher_new(g->base);
	s->api_limits = api_limits_new();
	s->counter = limiter_new(COUNTER_PEOPLE, COUNTER_TRIES, COUNTER_SECONDS);
	if (s->hasher != NULL && s->counter != NULL && s->api_limits != NULL && assets_load(g->conf, &s->assets) == 0) {
		struct http_options o = {.name = "staff",
			.listen = g->conf->staff_listen,
			.proxies = g->conf->staff_proxy,
			.routes = routes,
			.nroutes = sizeof(routes) / sizeof(routes[0]),
			.html = s->assets.html,
			.owner = s,
			.ask = ask,
			.lost = "/sign-in?again=upload",
			.staff = true,
			.body_max = CAMPAIGN_UPLOAD_MAX > API_LINES_MAX ? CAMPAIGN_UPLOAD_MAX : API_LINES_MAX};
		s->server = http_server_new(g, &o, &error);
		if (s->server != NULL)
			return s;
		log_error("http=staff %s", error);
	}
	http_staff_free(s);
	return NULL;
}

void
http_staff_free(struct http_staff *s)
{
	if (s == NULL)
		return;
	http_server_free(s->server);
	hasher_free(s->hasher);
	limiter_free(s->counter);
	assets_free(&s->assets);
	api_limits_free(s->api_limits);
	free(s);
}

const char *
http_staff_address(const struct http_staff *s)
{
	return http_server_address(s->server);
}

size_t
http_staff_pending(const struct http_staff *s)
{
	return http_server_pending(s->server);
}

int
http_staff_reload(struct http_staff *s)
{
	return assets_reload(s->g->conf, &s->assets, s->server);
}
