/* Making grants and reading their tokens: dialog/token.h with the daemon's keys, configuration and random source. */
#include "gateway/grants.h"

#include <stdio.h>
#include <string.h>
#include <sodium.h>
#include "dialog/token.h"
#include "gateway/conf.h"
#include "gateway/keys.h"

_Static_assert(GRANTS_NONCE == TOKEN_NONCE_LEN, "the nonce of a grant is the nonce of its token");
_Static_assert(GRANTS_CODE_DIGITS == TOKEN_CODE_LEN, "one length of short codes");
_Static_assert(GRANTS_TOKEN_MAX >= TOKEN_MAX, "room for the longest token");

#define SECOND_US INT64_C(1000000)

static enum token_purpose
to_token(enum grants_purpose p)
{
	return p == GRANTS_PICKUP ? TOKEN_PICKUP : TOKEN_RENEW;
}

const char *
grants_purpose_name(enum grants_purpose p)
{
	return token_purpose_name(to_token(p));
}

int
grants_purpose_from_name(const char *name, enum grants_purpose *out)
{
	enum token_purpose p;

	if (!token_purpose_by_name(name, &p))
		return -1;
	*out = p == TOKEN_PICKUP ? GRANTS_PICKUP : GRANTS_RENEW;
	return 0;
}

const char *
grants_reason_text(enum grants_reason r)
{
	switch (r) {
	case GRANTS_GOOD:
		return "good";
	case GRANTS_UNREADABLE:
		return "not a token: cut off, or never one";
	case GRANTS_ALTERED:
		return "altered, or not signed by a key of this gateway";
	case GRANTS_EXPIRED:
		return "expired";
	case GRANTS_FOREIGN:
		return "for a bureau that this gateway does not serve";
	}
	return "unknown";
}

/* ---- Tokens and addresses ------------------------------------------------------------------------------------- */

static void
to_payload(const struct grants_stored *s, struct token *t)
{
	memset(t, 0, sizeof(*t));
	t->bureau = (uint32_t)s->bureau_id;
	t->conversation = (uint64_t)s->conversation_id;
	t->grant = (uint64_t)s->id;
	t->purpose = to_token(s->purpose);
	t->expires_at = s->expires_us / SECOND_US;
	memcpy(t->nonce, s->nonce, sizeof(t->nonce));
}

int
grants_token_full(const struct keys *keys, const struct grants_stored *s, char *out, size_t room)
{
	struct token t;

	to_payload(s, &t);
	return room > TOKEN_MAX ? token_make_full(&t, keys_sign_secret(keys), out) : -1;
}

int
grants_token_short(const struct keys *keys, const struct grants_stored *s, char *out, size_t room)
{
	const uint8_t *macs[8];
	struct token t;

	to_payload(s, &t);
	if (keys_mac(keys, macs) == 0 || room <= TOKEN_MAX)
		return -1;
	return token_make_short(&t, macs[0], out);
}

int
grants_url(const struct conf *conf, const char *token, char *out, size_t room)
{
	size_t len = strlen(conf->public_url);

	while (len > 0 && conf->public_url[len - 1] == '/')
		len--;
	int n = snprintf(out, room, "%.*s/r/%s", (int)len, conf->public_url, token);
	return n < 0 || (size_t)n >= room ? -1 : 0;
}

/* ---- Making --------------------------------------------------------------------------------------------------- */

static int
draw_code(char code[TOKEN_CODE_LEN + 1])
{
	uint8_t random[32];

	for (int i = 0; i < 8; i++) {
		randombytes_buf(random, sizeof(random));
		if (token_code_draw(random, sizeof(random), code) == 0)
			return 0;
	}
	return -1;
}

int
grants_make(const struct conf *conf, const struct keys *keys, const struct conf_bureau *bureau, int64_t conversation_id,
	enum grants_purpose purpose, int64_t id, int64_t now_us, struct grants_made *out)
{
	struct grants_stored s = {.bureau_id = bureau->id,
		.id = id,
		.conversation_id = conversation_id,
		.purpose = purpose,
		.expires_us = now_us + bureau->grant_hours * 3600 * SECOND_US};
	char token[GRANTS_TOKEN_MAX + 1], code[TOKEN_CODE_LEN + 1];

	/* Whole seconds, so that the row and the signed form tell the same instant. */
	s.expires_us -= s.expires_us % SECOND_US;
	randombytes_buf(s.nonce, sizeof(s.nonce));
	memset(out, 0, sizeof(*out));
	if (grants_token_short(keys, &s, token, sizeof(token)) != 0 || draw_code(code) != 0 ||
		grants_url(conf, token, out->url, sizeof(out->url)) != 0)
		return -1;
	out->id = id;
	out->conversation_id = conversation_id;
	out->purpose = purpose;
	memcpy(out->nonce, s.nonce, sizeof(out->nonce));
	out->expires_us = s.expires_us;
	out->code_expires_us = now_us + bureau->code_minutes * 60 * SECOND_US;
	if (out->code_expires_us > out->expires_us)
		out->code_expires_us = out->expires_us;
	grants_code_hash(keys, code, out->code_hash);
	return token_code_format(code, out->code);
}

/* ---- Reading -------------------------------------------------------------------------------------------------- */

enum grants_reason
grants_read(
	const struct conf *conf, const struct keys *keys, const char *token, int64_t now_us, struct grants_read *out)
{
	const uint8_t *publics[8], *macs[8];
	struct token_keys tk = {.publics = publics, .macs = macs};
	struct token t;
	const char *slash = strrchr(token, '/');

	memset(out, 0, sizeof(*out));
	if (slash != NULL)
		token = slash + 1;
	tk.npublics = keys_sign_public(keys, publics);
	tk.nmacs = keys_mac(keys, macs);
	enum token_result r = token_verify(token, strlen(token), &tk, now_us / SECOND_US, &t);
	if (r == TOKEN_BAD_SIGNATURE)
		return GRANTS_ALTERED;
	if (r != TOKEN_OK && r != TOKEN_EXPIRED)
		return GRANTS_UNREADABLE;
	out->bureau = conf_bureau_by_id(conf, (int)t.bureau);
	out->id = (int64_t)t.grant;
	out->conversation_id = (int64_t)t.conversation;
	out->purpose = t.purpose == TOKEN_PICKUP ? GRANTS_PICKUP : GRANTS_RENEW;
	out->expires_us = t.expires_at * SECOND_US;
	memcpy(out->nonce, t.nonce, sizeof(out->nonce));
	out->full = t.form == TOKEN_FULL;
	if (out->bureau == NULL)
		return GRANTS_FOREIGN;
	return r == TOKEN_EXPIRED ? GRANTS_EXPIRED : GRANTS_GOOD;
}

int
grants_code_normalise(const char *typed, char out[GRANTS_CODE_DIGITS + 1])
{
	return token_code_parse(typed, strlen(typed), out);
}

void
grants_code_hash(const struct keys *keys, const char *digits, uint8_t out[32])
{
	keys_hash(keys, "code", digits, strlen(digits), out);
}
