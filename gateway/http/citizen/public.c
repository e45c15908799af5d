/* The public listener: what citizens see. Its route table is the whole of it. */
#include "gateway/http/citizen/public.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/http.h"
#include "gateway/http/limiter.h"
#include "gateway/log.h"

/* Wrong short codes from one address: so many at once, and as many again over this time. */
#define CODE_TRIES 10
#define CODE_SECONDS 600
#define CODE_VISITORS 8192
/* From all addresses together: eight digits are not guessed from many networks at once either. */
#define CODE_ALL_TRIES 3000
/* New links asked for from one address; how often one talk gets one is the store's: GRANT_AGAIN. */
#define AGAIN_TRIES 20
#define AGAIN_SECONDS 600

static void
page_style(struct http_request *r)
{
	struct http_public *p = r->owner;

	http_reply_bytes(r, 200, "text/css; charset=utf-8", p->assets.style, p->assets.style_len, HTTP_HOUR);
}

static void
page_icon(struct http_request *r)
{
	struct http_public *p = r->owner;

	http_reply_bytes(r, 200, "image/svg+xml", p->assets.icon, p->assets.icon_len, HTTP_HOUR);
}

static void
page_health(struct http_request *r)
{
	http_reply_bytes(r, 200, "text/plain; charset=utf-8", "ok\n", 3, HTTP_NO_STORE);
}

static void
page_robots(struct http_request *r)
{
	static const char text[] = "User-agent: *\nDisallow: /\n";

	http_reply_bytes(r, 200, "text/plain; charset=utf-8", text, sizeof(text) - 1, HTTP_HOUR);
}

static const struct route routes[] = {
	{ROUTER_GET, "/", page_home},
	{ROUTER_POST, "/", page_home_post},
	{ROUTER_GET, "/r/:", page_grant},
	{ROUTER_POST, "/r/:", page_grant_post},
	{ROUTER_GET, "/r/:/trail", page_trail},
	{ROUTER_GET, "/r/:/identity", page_platform_out},
	{ROUTER_GET, "/identity", page_platform_back},
	{ROUTER_POST, "/identity", page_platform_post},
	{ROUTER_GET, "/r/:/qr.svg", page_qr_svg},
	{ROUTER_GET, "/r/:/qr.png", page_qr_png},
	{ROUTER_GET, "/style.css", page_style},
	{ROUTER_GET, "/icon.svg", page_icon},
	{ROUTER_GET, "/robots.txt", page_robots},
	{ROUTER_GET, "/healthz", page_health},
};

struct http_public *
http_public_new(struct gateway *g)
{
	struct http_public *p = calloc(1, sizeof(*p));
	const char *error = "without memory";

	if (p == NULL)
		return NULL;
	p->g = g;
	p->codes = limiter_new(CODE_VISITORS, CODE_TRIES, CODE_SECONDS);
	p->all_codes = limiter_new(1, CODE_ALL_TRIES, CODE_SECONDS);
	p->again = limiter_new(CODE_VISITORS, AGAIN_TRIES, AGAIN_SECONDS);
	if (p->codes != NULL && p->all_codes != NULL && p->again != NULL && assets_load(g->conf, &p->assets) == 0) {
		struct http_options o = {.name = "public",
			.listen = g->conf->public_listen,
			.proxies = g->conf->public_proxy,
			.routes = routes,
			.nroutes = sizeof(routes) / sizeof(routes[0]),
			.html = p->assets.html,
			.owner = p};
		p->server = http_server_new(g, &o, &error);
		if (p->server != NULL)
			return p;
		log_error("http=public %s", error);
	}
	http_public_free(p);
	return NULL;
}

void
http_public_free(struct http_public *p)
{
	if (p == NULL)
		return;
	http_server_free(p->server);
	assets_free(&p->assets);
	limiter_free(p->codes);
	limiter_free(p->all_codes);
	limiter_free(p->again);
	free(p);
}

const char *
http_public_address(const struct http_public *p)
{
	return http_server_address(p->server);
}

size_t
http_public_pending(const struct http_public *p)
{
	return http_server_pending(p->server);
}

int
http_public_reload(struct http_public *p)
{
	return assets_reload(p->g->conf, &p->assets, p->server);
}
