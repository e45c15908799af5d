/* Writes a statement's octets; libsodium does the rest. */
#include "gateway/signature.h"

#include <stdio.h>
#include <string.h>
#include <sodium.h>
#include "gateway/octets.h"

#define PREFIX "huizhi sign 1"
#define STATEMENT (sizeof(PREFIX) + 4 + 8 + 8 + 8 + SIGNATURE_HASH)

static void
write_statement(const struct signature *s, uint8_t out[STATEMENT])
{
	uint8_t *at = out;

	memcpy(at, PREFIX, sizeof(PREFIX));
	at += sizeof(PREFIX);
	at = octets_put(at, (uint64_t)s->bureau_id, 4);
	at = octets_put(at, (uint64_t)s->conversation_id, 8);
	at = octets_put(at, (uint64_t)s->grant_id, 8);
	at = octets_put(at, (uint64_t)s->at, 8);
	memcpy(at, s->hash, SIGNATURE_HASH);
}

void
signature_hash(const char *document, size_t len, uint8_t hash[SIGNATURE_HASH])
{
	(void)crypto_generichash(hash, SIGNATURE_HASH, (const uint8_t *)document, len, NULL, 0);
}

void
signature_short(const uint8_t hash[SIGNATURE_HASH], char out[SIGNATURE_SHORT])
{
	(void)snprintf(out, SIGNATURE_SHORT, "%02x%02x %02x%02x", hash[0], hash[1], hash[2], hash[3]);
}

void
signature_make(const struct signature *s, const uint8_t secret_key[64], uint8_t out[SIGNATURE_OCTETS])
{
	uint8_t statement[STATEMENT];

	write_statement(s, statement);
	(void)crypto_sign_detached(out, NULL, statement, sizeof(statement), secret_key);
}

bool
signature_good(const struct signature *s, const uint8_t *const *publics, size_t npublics,
	const uint8_t signature[SIGNATURE_OCTETS])
{
	uint8_t statement[STATEMENT];

	write_statement(s, statement);
	for (size_t i = 0; i < npublics; i++) {
		if (crypto_sign_verify_detached(signature, statement, sizeof(statement), publics[i]) == 0)
			return true;
	}
	return false;
}
