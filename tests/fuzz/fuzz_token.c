/*
 * Tokens from anybody: nothing unsigned passes, what is signed comes back field for field, and a genuine token with one
 * octet changed does not pass. Codes as typed by anybody.
 *
 * links: dialog/utf8.c dialog/token.c
 */
#include <sodium.h>
#include "dialog/token.h"
#include "tests/fuzz/fuzz.h"

static uint8_t public_key[32], secret_key[64], mac_key[32];

static struct token_keys
keys(void)
{
	static const uint8_t *publics[1] = {public_key}, *macs[1] = {mac_key};
	static const uint8_t seed[32] = {5};

	if (public_key[0] == 0)
		crypto_sign_seed_keypair(public_key, secret_key, seed);
	return (struct token_keys){.publics = publics, .npublics = 1, .macs = macs, .nmacs = 1};
}

/* A token whose fields are the input's octets. */
static struct token
token_from(const uint8_t *data, size_t size)
{
	uint8_t octets[40] = {0};
	struct token t = {.purpose = TOKEN_RENEW};

	memcpy(octets, data, size < sizeof octets ? size : sizeof octets);
	memcpy(&t.bureau, octets, 4);
	memcpy(&t.conversation, octets + 4, 8);
	memcpy(&t.grant, octets + 12, 8);
	memcpy(&t.expires_at, octets + 20, 8);
	memcpy(t.nonce, octets + 28, 8);
	if (octets[36] & 1)
		t.purpose = TOKEN_PICKUP;
	if (octets[36] & 2)
		t.expires_at &= 0xFFFFFFFF; /* or a short form would hardly ever be made */
	return t;
}

static void
check_made(const char *s, const struct token *t, const struct token_keys *k, const uint8_t *data, size_t size)
{
	char altered[TOKEN_MAX + 1];
	struct token got;
	size_t len = strlen(s), at = data[0] % len;

	must(len <= TOKEN_MAX && s[len - 1] != '-');
	must(token_verify(s, len, k, t->expires_at - 1, &got) == TOKEN_OK);
	must(got.bureau == t->bureau && got.grant == t->grant && got.purpose == t->purpose);
	must(got.expires_at >= t->expires_at && got.expires_at - t->expires_at < 3600);
	must(token_verify(s, len, k, got.expires_at, &got) == TOKEN_EXPIRED);
	memcpy(altered, s, len + 1);
	altered[at] = (char)data[size / 2];
	if (altered[at] != s[at]) {
		enum token_result r = token_verify(altered, len, k, 0, &got);

		must(r != TOKEN_OK && r != TOKEN_EXPIRED && got.grant == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct token_keys k = keys();
	struct token t = token_from(data, size), got;
	char s[TOKEN_MAX + 1], code[TOKEN_CODE_LEN + 1], shown[TOKEN_CODE_LEN + 2], again[TOKEN_CODE_LEN + 1];
	char *copy = malloc(size > 0 ? size : 1);
	enum token_result r;

	must(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	/* The text itself as a token, and as octets under the text. */
	r = token_verify(copy, size, &k, 0, &got);
	must(r != TOKEN_OK && r != TOKEN_EXPIRED && got.grant == 0);
	if (size > 0 && size <= 100) {
		sodium_bin2base64(s, sizeof s, data, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		r = token_verify(s, strlen(s), &k, 0, &got);
		must(r != TOKEN_OK && r != TOKEN_EXPIRED && got.grant == 0);
	}
	if (size > 0 && token_make_short(&t, mac_key, s) == 0)
		check_made(s, &t, &k, data, size);
	/* Signing is slow; every eighth input is enough. */
	if (size > 0 && data[size - 1] % 8 == 0 && token_make_full(&t, secret_key, s) == 0)
		check_made(s, &t, &k, data, size);

	if (token_code_parse(copy, size, code) == 0) {
		must(strlen(code) == TOKEN_CODE_LEN);
		must(token_code_format(code, shown) == 0);
		must(token_code_parse(shown, strlen(shown), again) == 0 && strcmp(code, again) == 0);
	}
	if (token_code_draw(data, size, code) == 0)
		must(strlen(code) == TOKEN_CODE_LEN && strspn(code, "0123456789") == TOKEN_CODE_LEN);
	free(copy);
	return 0;
}
