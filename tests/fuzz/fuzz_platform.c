/*
 * Fuzz target of what comes back from an identity platform. The input is an assertion as a stranger sends it; then a
 * payload that the platform signed, which holds only as it was signed; then a state of ours.
 *
 * links: gateway/platform.c
 */
#include <sodium.h>
#include <stdio.h>

#include "gateway/keys.h"
#include "gateway/platform.h"
#include "tests/fuzz/fuzz.h"

static uint8_t secret[crypto_sign_SECRETKEYBYTES];
static char public_key[65];

/* In the place of the keys folder. */
void
keys_hash(const struct keys *k, const char *purpose, const void *data, size_t len, uint8_t out[32])
{
	(void)k;
	crypto_generichash(out, 32, data, len, (const uint8_t *)purpose, strlen(purpose));
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	uint8_t key[crypto_sign_PUBLICKEYBYTES], seed[crypto_sign_SEEDBYTES] = {7};

	(void)argc;
	(void)argv;
	must(sodium_init() >= 0 && crypto_sign_seed_keypair(key, secret, seed) == 0);
	sodium_bin2hex(public_key, sizeof(public_key), key, sizeof(key));
	return 0;
}

/* The text of a stranger: what is read fits, and it is signed by nobody. */
static void
check_stranger(const char *text)
{
	struct platform_assertion a;

	if (!platform_assertion_read(text, &a))
		return;
	must(text[a.payload_len] == '.');
	must(!platform_assertion_signed(text, &a, public_key) || strstr(text, ".") != NULL);
	must(strlen(a.state) <= PLATFORM_STATE_MAX && strlen(a.subject) <= 64 && strlen(a.id) <= PLATFORM_ID_MAX);
	(void)platform_subject_is(&a, text);
	(void)platform_assertion_signed(text, &a, text);
}

/* The same octets as a payload that the platform signed. */
static void
check_signed(const uint8_t *data, size_t size)
{
	uint8_t signature[crypto_sign_BYTES];
	struct platform_assertion a;
	char text[4200], tail[100];

	if (size > 1500)
		return;
	sodium_bin2base64(text, sizeof(text), data, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	size_t len = strlen(text);
	crypto_sign_detached(signature, NULL, (const uint8_t *)text, len, secret);
	sodium_bin2base64(tail, sizeof(tail), signature, sizeof(signature), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(text + len, sizeof(text) - len, ".%s", tail);
	if (!platform_assertion_read(text, &a))
		return;
	must(a.payload_len == len && platform_assertion_signed(text, &a, public_key));
	size_t at = size % (len + 1 + strlen(tail));
	if (at == len)
		return;
	text[at] = text[at] == 'A' ? 'B' : 'A';
	/* The last character of a signature holds four bits that say nothing; only strict readers refuse them. */
	if (platform_assertion_read(text, &a))
		must(!platform_assertion_signed(text, &a, public_key));
}

static void
check_state(const char *text, const uint8_t *data, size_t size)
{
	struct platform_state s = {0}, read;
	char made[PLATFORM_STATE_MAX + 1];

	must(!platform_state_read(NULL, text, &read) || strlen(text) <= PLATFORM_STATE_MAX);
	memcpy(&s.bureau_id, data, size < 4 ? size : 4);
	memcpy(&s.grant_id, data, size < 8 ? size : 8);
	s.expires = (int64_t)size;
	memcpy(s.browser, data, size < 8 ? size : 8);
	platform_state_make(NULL, &s, made);
	must(platform_state_read(NULL, made, &read));
	must(read.bureau_id == s.bureau_id && read.grant_id == s.grant_id && read.expires == s.expires &&
		 memcmp(read.browser, s.browser, sizeof(s.browser)) == 0);
	size_t at = size % strlen(made);
	made[at] = made[at] == 'A' ? 'B' : 'A';
	must(!platform_state_read(NULL, made, &read));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	must(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	check_stranger(text);
	check_signed(data, size);
	check_state(text, data, size);
	free(text);
	return 0;
}
