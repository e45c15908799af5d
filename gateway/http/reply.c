/* Answers: headers that go with every one, pages, redirects, errors in plain words, JSON. */
#include "gateway/http/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/now.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{200, "OK"},
	{201, "Created"},
	{303, "See Other"},
	{304, "Not Modified"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{409, "Conflict"},
	{410, "Gone"},
	{413, "Content Too Large"},
	{415, "Unsupported Media Type"},
	{422, "Unprocessable Content"},
	{429, "Too Many Requests"},
	{500, "Internal Server Error"},
	{503, "Service Unavailable"},
};

static const char *
reason_of(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "Error";
}

void
http_set_header(struct http_request *r, const char *name, const char *value)
{
	if (r->ev != NULL)
		evhttp_add_header(evhttp_request_get_output_headers(r->ev), name, value);
}

void
http_set_cookie(struct http_request *r, const char *name, const char *value, const char *path)
{
	char line[600];

	if (r->ev == NULL)
		return;
	snprintf(line, sizeof(line), "%s=%s; Path=%s; HttpOnly; SameSite=Strict%s", name, value, path,
		r->server->secure ? "; Secure" : "");
	http_set_header(r, "Set-Cookie", line);
}

void
http_reply_headers(struct http_request *r, int status, const char *type, enum http_cache cache)
{
	bool public = strcmp(r->server->o.name, "public") == 0;

	metrics_add(public ? METRIC_HTTP_PUBLIC : METRIC_HTTP_STAFF, 1);
	if (status >= 400)
		metrics_add(status >= 500 ? METRIC_HTTP_FAILED : METRIC_HTTP_REFUSED, 1);
	log_debug("http=%s route=%s method=%s status=%d us=%lld", r->server->o.name,
		r->route == NULL ? "-" : r->route->path,
		r->method == ROUTER_POST	 ? "POST"
		: r->method == ROUTER_PUT	 ? "PUT"
		: r->method == ROUTER_DELETE ? "DELETE"
		: r->head					 ? "HEAD"
		: r->method == ROUTER_GET	 ? "GET"
									 : "-",
		status, (long long)(now_us() - r->began_us));
	/* The console has a little script of its own (live.js); the citizens' pages have none. */
	http_set_header(r, "Content-Security-Policy",
		public ? "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
				 "frame-ancestors 'none'; base-uri 'none'"
			   : "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
				 "form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
	http_set_header(r, "Referrer-Policy", "no-referrer");
	http_set_header(r, "X-Content-Type-Options", "nosniff");
	http_set_header(r, "X-Frame-Options", "DENY");
	http_set_header(r, "Cache-Control", cache == HTTP_HOUR ? "public, max-age=3600" : "no-store");
	if (type != NULL)
		http_set_header(r, "Content-Type", type);
}

/* The last word of every answer: headers, counters, the log line (the route, never the address: it holds a token). */
void
http_reply_buffer(struct http_request *r, int status, const char *type, struct evbuffer *body, enum http_cache cache)
{
	char length[24];

	if (r->ev == NULL) {
		http_request_end(r);
		return;
	}
	http_reply_headers(r, status, type, cache);
	snprintf(length, sizeof(length), "%zu", body == NULL ? (size_t)0 : evbuffer_get_length(body));
	if (status != 304)
		http_set_header(r, "Content-Length", length);
	evhttp_send_reply(r->ev, status, reason_of(status), r->head ? NULL : body);
	http_request_end(r);
}

/*
 * What is kept by browsers is named by what it holds (RFC 9110, 8.8.3), so that after its hour only the name travels.
 * True: the reader has it already.
 */
static bool
has_it(struct http_request *r, const void *bytes, size_t len)
{
	const char *held = http_header(r, "If-None-Match");
	uint8_t hash[16];
	char hex[2 * sizeof(hash) + 1], tag[sizeof(hex) + 2];

	crypto_generichash(hash, sizeof(hash), bytes, len, NULL, 0);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	snprintf(tag, sizeof(tag), "\"%s\"", hex);
	http_set_header(r, "ETag", tag);
	return held != NULL && (strcmp(held, "*") == 0 || strstr(held, tag) != NULL);
}

void
http_reply_bytes(
	struct http_request *r, int status, const char *type, const void *bytes, size_t len, enum http_cache cache)
{
	if (status == 200 && cache == HTTP_HOUR && has_it(r, bytes, len)) {
		http_reply_buffer(r, 304, NULL, NULL, cache);
		return;
	}
	struct evbuffer *body = evbuffer_new();

	if (body != NULL)
		evbuffer_add(body, bytes, len);
	http_reply_buffer(r, status, type, body, cache);
	if (body != NULL)
		evbuffer_free(body);
}

void
http_reply_see(struct http_request *r, const char *path)
{
	char to[700];

	if (*r->language != '\0')
		snprintf(to, sizeof(to), "%s%slang=%s", path, strchr(path, '?') == NULL ? "?" : "&", r->language);
	else
		snprintf(to, sizeof(to), "%s", path);
	http_set_header(r, "Location", to);
	http_reply_buffer(r, 303, NULL, NULL, HTTP_NO_STORE);
}

/* ---- Pages ---------------------------------------------------------------------------------------------------- */

/* The languages of the house in the order they are offered, each under its own name. */
static const struct {
	const char *code, *name;
} languages[] = {{"zh", "中文"}, {"en", "English"}};
#define LANGUAGES (sizeof(languages) / sizeof(languages[0]))

const char *
http_language(const struct http_request *r, const char *preferred)
{
	const char *accept = http_header(r, "Accept-Language"), *best = NULL;
	char kept[8];

	if (*r->language != '\0')
		return r->language;
	if (http_cookie(r, HTTP_LANGUAGE_COOKIE, kept, sizeof(kept)) == 0)
		for (size_t i = 0; i < LANGUAGES; i++)
			if (strcmp(languages[i].code, kept) == 0)
				return languages[i].code;
	if (preferred != NULL && r->server != NULL && html_has_language(r->server->o.html, preferred))
		return preferred;
	/* Browsers list what they like best first; the weights only repeat that order. */
	for (size_t at = 0, i; accept != NULL && best == NULL && accept[at] != '\0'; at += strcspn(accept + at, ",")) {
		at += strspn(accept + at, ", ");
		for (i = 0; i < LANGUAGES && best == NULL; i++)
			if (strncasecmp(accept + at, languages[i].code, strlen(languages[i].code)) == 0)
				best = languages[i].code;
	}
	return best == NULL ? languages[0].code : best;
}

static void
add_languages(struct http_request *r, const char *language, json_t *data)
{
	json_t *others = json_array();
	char text[600];

	for (size_t i = 0; i < LANGUAGES; i++) {
		if (strcmp(languages[i].code, language) == 0)
			continue;
		snprintf(text, sizeof(text), "%s?lang=%s", r->path, languages[i].code);
		json_array_append_new(
			others, json_pack("{s:s, s:s, s:s}", "code", languages[i].code, "name", languages[i].name, "href", text));
	}
	json_object_set_new(data, "languages", others);
	json_object_set_new(data, "lang", json_string(language));
	snprintf(text, sizeof(text), *r->language == '\0' ? "%s" : "?lang=%s", r->language);
	json_object_set_new(data, "query", json_string(text));
}

void
http_reply_page(struct http_request *r, int status, const char *page, const char *language, json_t *data)
{
	struct evbuffer *body = evbuffer_new();

	if (r->ev == NULL || body == NULL) {
		json_decref(data);
		http_reply_buffer(r, 503, NULL, NULL, HTTP_NO_STORE);
	} else {
		add_languages(r, language, data);
		if (html_render(r->server->o.html, page, language, data, body) != 0) {
			/* Half a page would mislead; the templates are at fault and their owner must know. */
			log_error(
				"http=%s page=%s language=%s cannot render: see templates/web", r->server->o.name, page, language);
			evbuffer_drain(body, evbuffer_get_length(body));
			evbuffer_add_printf(body, "<!doctype html><title>500</title><p>500\n");
			status = 500;
		}
		json_decref(data);
		http_reply_buffer(r, status, "text/html; charset=utf-8", body, HTTP_NO_STORE);
	}
	if (body != NULL)
		evbuffer_free(body);
}

void
http_reply_error(struct http_request *r, int status)
{
	char word[32];

	if (r->ev != NULL && r->server->o.staff && strncmp(r->path, "/api/", 5) == 0) {
		http_reply_problem(r, status, NULL);
		return;
	}
	/* Staff hold no text with an address in it: where their words differ they have their own. */
	bool staff = r->ev != NULL && r->server->o.staff;
	snprintf(word, sizeof(word), "error.staff.%d", status);
	if (!staff || !html_has_word(r->server->o.html, word))
		snprintf(word, sizeof(word), "error.%d", status);
	if (r->ev != NULL && !html_has_word(r->server->o.html, word))
		snprintf(word, sizeof(word), "error.%d", status >= 500 ? 500 : 400);
	http_reply_page(r, status, staff ? "staff_error" : "error", http_language(r, NULL),
		json_pack("{s:s, s:b}", "what", word, "retry", status == 503 || status == 500));
}

/* ---- JSON ----------------------------------------------------------------------------------------------------- */

static void
reply_json(struct http_request *r, int status, const char *type, json_t *body)
{
	char *text = json_dumps(body, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	json_decref(body);
	http_reply_bytes(r, status, type, text == NULL ? "{}" : text, text == NULL ? 2 : strlen(text), HTTP_NO_STORE);
	free(text);
}

void
http_reply_json(struct http_request *r, int status, json_t *body)
{
	reply_json(r, status, "application/json", body);
}

/* What a program is told where nobody knows more: the word of the type, and what to do. */
static const struct {
	int status;
	const char *what, *detail;
} problems[] = {
	{400, "invalid-body", "The request cannot be read. /api/v1/openapi.json describes every one."},
	{403, "forbidden", "This is not for pages of other sites."},
	{404, "not-found", "There is no such address. /api/v1/openapi.json lists all that there are."},
	{405, "method-not-allowed", "The header Allow names what may be done here."},
	{413, "too-large", "A body has 16 KiB at most here; lines (application/x-ndjson), where they are taken, 8 MiB."},
	{503, "unavailable", "The database did not answer. Nothing was changed; try again."},
};

void
http_reply_problem(struct http_request *r, int status, const char *detail)
{
	char type[80] = "about:blank";

	for (size_t i = 0; i < sizeof(problems) / sizeof(problems[0]); i++)
		if (problems[i].status == status) {
			snprintf(type, sizeof(type), "urn:huizhi:problem:%s", problems[i].what);
			detail = detail == NULL ? problems[i].detail : detail;
		}
	json_t *body = json_pack(
		"{s:s, s:s, s:i, s:s*}", "type", type, "title", reason_of(status), "status", status, "detail", detail);

	reply_json(r, status, "application/problem+json", body);
}
