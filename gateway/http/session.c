/* Signed cookies and form tokens. */
#include "gateway/http/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/gateway.h"
#include "gateway/http/server.h"
#include "gateway/keys.h"
#include "gateway/now.h"

#define COOKIE_BROWSER "hz"

static void
encode(const uint8_t *data, size_t len, char *out, size_t room)
{
	sodium_bin2base64(out, room, data, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool
browser_from_cookie(const struct http_request *r, char out[SESSION_ID_LEN + 1])
{
	char value[64];

	if (http_cookie(r, COOKIE_BROWSER, value, sizeof(value)) != 0 || strlen(value) != SESSION_ID_LEN ||
		strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != SESSION_ID_LEN)
		return false;
	memcpy(out, value, SESSION_ID_LEN + 1);
	return true;
}

void
session_browser(struct http_request *r, char out[SESSION_ID_LEN + 1])
{
	if (!browser_from_cookie(r, out))
		session_browser_new(r, out);
}

void
session_browser_new(struct http_request *r, char out[SESSION_ID_LEN + 1])
{
	uint8_t random[16];

	randombytes_buf(random, sizeof(random));
	encode(random, sizeof(random), out, SESSION_ID_LEN + 1);
	http_set_cookie(r, COOKIE_BROWSER, out, "/");
}

/* One use of the key never stands for another: the purpose is part of the hash. */
static void
sign(struct http_request *r, const char *purpose, const char *text, char out[SESSION_TOKEN_LEN + 1])
{
	uint8_t hash[32];

	keys_hash(r->g->keys, purpose, text, strlen(text), hash);
	encode(hash, sizeof(hash), out, SESSION_TOKEN_LEN + 1);
}

static bool
same(const char *a, const char *b)
{
	return strlen(a) == SESSION_TOKEN_LEN && strlen(b) == SESSION_TOKEN_LEN &&
		   sodium_memcmp(a, b, SESSION_TOKEN_LEN) == 0;
}

void
session_form_token(struct http_request *r, const char *browser, const char *about, char out[SESSION_TOKEN_LEN + 1])
{
	char text[400];

	snprintf(text, sizeof(text), "%s %s", browser, about);
	sign(r, "page-form", text, out);
}

bool
session_form_good(struct http_request *r, const char *about)
{
	char browser[SESSION_ID_LEN + 1], want[SESSION_TOKEN_LEN + 1];
	const char *token = form_get(&r->form, "token");

	if (token == NULL || !browser_from_cookie(r, browser))
		return false;
	session_form_token(r, browser, about, want);
	return same(token, want);
}

/* ---- Proof of identity: "UNTIL.MAC", bound to browser, grant and time ------------------------------------------ */

static void
proof_name(int bureau_id, int64_t grant_id, char *out, size_t room)
{
	snprintf(out, room, "hzp%d_%" PRId64, bureau_id, grant_id);
}

static void
proof_sign(struct http_request *r, const char *browser, int bureau_id, int64_t grant_id, int64_t until,
	char out[SESSION_TOKEN_LEN + 1])
{
	char text[200];

	snprintf(text, sizeof(text), "%s %d %" PRId64 " %" PRId64, browser, bureau_id, grant_id, until);
	sign(r, "page-proof", text, out);
}

void
session_prove(struct http_request *r, int bureau_id, int64_t grant_id)
{
	char browser[SESSION_ID_LEN + 1], mac[SESSION_TOKEN_LEN + 1], name[64], value[100];
	int64_t until = now_us() / 1000000 + SESSION_PROOF_SECONDS;

	session_browser(r, browser);
	proof_sign(r, browser, bureau_id, grant_id, until, mac);
	proof_name(bureau_id, grant_id, name, sizeof(name));
	snprintf(value, sizeof(value), "%" PRId64 ".%s", until, mac);
	http_set_cookie(r, name, value, "/r");
}

bool
session_proven(struct http_request *r, int bureau_id, int64_t grant_id)
{
	char browser[SESSION_ID_LEN + 1], want[SESSION_TOKEN_LEN + 1], name[64], value[100];
	char *dot;

	proof_name(bureau_id, grant_id, name, sizeof(name));
	if (!browser_from_cookie(r, browser) || http_cookie(r, name, value, sizeof(value)) != 0)
		return false;
	int64_t until = strtoll(value, &dot, 10);
	if (*dot != '.' || until <= now_us() / 1000000)
		return false;
	proof_sign(r, browser, bureau_id, grant_id, until, want);
	return same(dot + 1, want);
}

void
session_forget(struct http_request *r, int bureau_id, int64_t grant_id)
{
	char name[64];

	proof_name(bureau_id, grant_id, name, sizeof(name));
	http_set_cookie(r, name, "", "/r");
}
