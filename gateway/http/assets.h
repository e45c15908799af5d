/* The files of <templates>/web that both listeners serve: page templates, style sheet, icon; read once, at start. */
#ifndef GATEWAY_HTTP_ASSETS_H
#define GATEWAY_HTTP_ASSETS_H

#include <stddef.h>

struct conf;
struct html;
struct http_server;

struct assets {
	struct html *html;
	char *style, *icon, *live, *openapi; /* style.css, icon.svg, live.js and openapi.json as they are served */
	size_t style_len, icon_len, live_len, openapi_len;
};

/* Reads all of them. 0, or -1 after every fault was logged; *a is empty then. */
int assets_load(const struct conf *conf, struct assets *a);
void assets_free(struct assets *a);
/* Reads them again and puts them in the place of *a; the server renders with the new ones. 0, or -1: nothing changed.
 */
int assets_reload(const struct conf *conf, struct assets *a, struct http_server *server);

#endif
