/* An HTTP request of ours, from the address to the answer. */
#include "gateway/webhook_post.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/http.h>
#include <inttypes.h>
#include <netdb.h>
#include <arpa/inet.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/smpp/tls.h"
#include "gateway/target.h"

#define SECONDS 15			   /* of silence until it is given up */
#define ANSWER_MAX (64 * 1024) /* octets of an answer; nothing of it is read */

struct post {
	struct gateway *g;
	struct target target;
	char *secret, *type, *body;
	int64_t delivery;
	webhook_done_fn done;
	void *arg;
	struct bufferevent *bev; /* the connection's */
	struct evhttp_connection *connection;
	int status;
	char error[200];
	bool ended;
};

void
webhook_sign(const char *secret, int64_t at, const char *body, char out[65])
{
	crypto_auth_hmacsha256_state state;
	uint8_t mac[crypto_auth_hmacsha256_BYTES];
	char time_text[32];

	snprintf(time_text, sizeof(time_text), "%" PRId64 ".", at);
	crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)time_text, strlen(time_text));
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)body, strlen(body));
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_bin2hex(out, 65, mac, sizeof(mac));
}

static void
post_free(struct post *p)
{
	if (p->connection != NULL)
		evhttp_connection_free(p->connection);
	if (p->secret != NULL)
		sodium_memzero(p->secret, strlen(p->secret));
	free(p->secret);
	free(p->type);
	free(p->body);
	free(p);
}

static void
on_over(evutil_socket_t fd, short what, void *arg)
{
	struct post *p = arg;

	(void)fd;
	(void)what;
	p->done(p->arg, p->status, p->error);
	post_free(p);
}

/* Told from the loop: what called us still uses the connection. */
static void
over(struct post *p)
{
	const struct timeval now = {0, 0};

	if (p->ended)
		return;
	p->ended = true;
	(void)event_base_once(p->g->base, -1, EV_TIMEOUT, on_over, p, &now);
}

static void
fail(struct post *p, const char *why)
{
	snprintf(p->error, sizeof(p->error), "%s", why);
	over(p);
}

/* ---- The answer ------------------------------------------------------------------------------------------------- */

/* Why there was none, as far as anybody knows. */
static void
explain(struct post *p)
{
	SSL *ssl = p->target.tls && p->bev != NULL ? bufferevent_openssl_get_ssl(p->bev) : NULL;
	long verified = ssl == NULL ? X509_V_OK : SSL_get_verify_result(ssl);

	if (verified != X509_V_OK)
		snprintf(
			p->error, sizeof(p->error), "the certificate was refused: %s", X509_verify_cert_error_string(verified));
	else
		snprintf(p->error, sizeof(p->error), "no answer from %.150s: %s", p->target.authority,
			errno == 0 ? "the connection was closed" : evutil_socket_error_to_string(errno));
}

static void
on_answer(struct evhttp_request *r, void *arg)
{
	struct post *p = arg;

	if (p->ended)
		return;
	p->status = r == NULL ? 0 : evhttp_request_get_response_code(r);
	if (p->status == 0 && p->error[0] == '\0')
		explain(p);
	else if (p->status != 0 && (p->status < 200 || p->status > 299))
		snprintf(p->error, sizeof(p->error), "answered %d%s", p->status,
			p->status >= 300 && p->status < 400 ? "; redirects are not followed, give the address itself" : "");
	over(p);
}

static void
on_error(enum evhttp_request_error error, void *arg)
{
	struct post *p = arg;

	if (error == EVREQ_HTTP_TIMEOUT)
		snprintf(p->error, sizeof(p->error), "no answer from %.120s within %d seconds", p->target.authority, SECONDS);
	else if (error == EVREQ_HTTP_DATA_TOO_LONG)
		snprintf(p->error, sizeof(p->error), "the answer has more than 64 KiB; send none");
}

/* ---- The request ------------------------------------------------------------------------------------------------ */

static int
make_request(struct post *p)
{
	struct evhttp_request *r = evhttp_request_new(on_answer, p);
	char signature[120], hex[65], number[24];
	int64_t at = (int64_t)time(NULL);

	if (r == NULL)
		return -1;
	evhttp_request_set_error_cb(r, on_error);
	struct evkeyvalq *h = evhttp_request_get_output_headers(r);
	webhook_sign(p->secret, at, p->body, hex);
	snprintf(signature, sizeof(signature), "t=%" PRId64 ",v1=%s", at, hex);
	snprintf(number, sizeof(number), "%" PRId64, p->delivery);
	evhttp_add_header(h, "Host", p->target.authority);
	evhttp_add_header(h, "Connection", "close");
	evhttp_add_header(h, "Content-Type", "application/json");
	evhttp_add_header(h, "User-Agent", "huizhi/" HUIZHI_VERSION);
	evhttp_add_header(h, "Huizhi-Event", p->type);
	evhttp_add_header(h, "Huizhi-Delivery", number);
	evhttp_add_header(h, "Huizhi-Signature", signature);
	evbuffer_add(evhttp_request_get_output_buffer(r), p->body, strlen(p->body));
	errno = 0;
	/* On failure the connection has freed the request. */
	return evhttp_make_request(p->connection, r, EVHTTP_REQ_POST, p->target.path);
}

/* Connects to this address and no other: what was checked is what is spoken to. */
static void
connect_to(struct post *p, const struct sockaddr *address)
{
	static const struct conf_link no_files;
	char text[INET6_ADDRSTRLEN], why[TLS_WHY];
	const void *octets = address->sa_family == AF_INET
							 ? (const void *)&((const struct sockaddr_in *)address)->sin_addr
							 : (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr;

	if (inet_ntop(address->sa_family, octets, text, sizeof(text)) == NULL) {
		fail(p, "has an address of an unknown kind");
		return;
	}
	if (p->target.tls) {
		SSL *ssl = tls_client(&no_files, p->target.host, p->target.numeric, why, sizeof(why));
		if (ssl == NULL) {
			fail(p, why);
			return;
		}
		p->bev = bufferevent_openssl_socket_new(p->g->base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
		if (p->bev == NULL)
			SSL_free(ssl);
	} else {
		p->bev = bufferevent_socket_new(p->g->base, -1, BEV_OPT_CLOSE_ON_FREE);
	}
	if (p->bev != NULL)
		p->connection =
			evhttp_connection_base_bufferevent_new(p->g->base, NULL, p->bev, text, (uint16_t)p->target.port);
	if (p->connection == NULL) {
		if (p->bev != NULL)
			bufferevent_free(p->bev);
		p->bev = NULL;
		fail(p, "no memory");
		return;
	}
	evhttp_connection_set_timeout(p->connection, SECONDS);
	evhttp_connection_set_max_body_size(p->connection, ANSWER_MAX);
	evhttp_connection_set_max_headers_size(p->connection, ANSWER_MAX);
	if (make_request(p) != 0)
		fail(p, "the connection could not be begun");
}

/* ---- The name --------------------------------------------------------------------------------------------------- */

static void
on_found(int error, struct evutil_addrinfo *found, void *arg)
{
	const struct conf *conf;
	struct post *p = arg;

	if (error != 0) {
		snprintf(p->error, sizeof(p->error), "%.120s could not be looked up: %s", p->target.host,
			evutil_gai_strerror(error));
		over(p);
		return;
	}
	conf = p->g->conf;
	for (struct evutil_addrinfo *a = found; a != NULL; a = a->ai_next) {
		if (!target_address_allowed(a->ai_addr, (const char *const *)conf->webhook_allow, conf->nwebhook_allow))
			continue;
		connect_to(p, a->ai_addr);
		evutil_freeaddrinfo(found);
		return;
	}
	if (found != NULL)
		evutil_freeaddrinfo(found);
	snprintf(p->error, sizeof(p->error),
		"%.100s is in a private network; webhook_allow names those that may be spoken to", p->target.host);
	over(p);
}

static void
look_up(struct post *p, struct evdns_base **dns)
{
	struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};

	if (p->target.numeric) {
		struct evutil_addrinfo *found = NULL;
		hints.ai_flags = EVUTIL_AI_NUMERICHOST;
		int error = evutil_getaddrinfo(p->target.host, NULL, &hints, &found);
		on_found(error, found, p);
		return;
	}
	if (*dns == NULL)
		*dns = evdns_base_new(p->g->base, EVDNS_BASE_INITIALIZE_NAMESERVERS);
	if (*dns == NULL) {
		fail(p, "names cannot be looked up here: /etc/resolv.conf names no server");
		return;
	}
	(void)evdns_getaddrinfo(*dns, p->target.host, NULL, &hints, on_found, p);
}

int
webhook_post(struct gateway *g, struct evdns_base **dns, const struct webhook_event *e, webhook_done_fn done, void *arg)
{
	struct post *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	p->g = g;
	p->secret = strdup(e->secret);
	p->type = strdup(e->type);
	p->body = strdup(e->body);
	p->delivery = e->delivery;
	p->done = done;
	p->arg = arg;
	if (p->secret == NULL || p->type == NULL || p->body == NULL) {
		post_free(p);
		return -1;
	}
	enum target_fault wrong = target_parse(e->url, &p->target);
	if (wrong != TARGET_GOOD)
		fail(p, target_fault_words(wrong));
	else
		look_up(p, dns);
	return 0;
}
