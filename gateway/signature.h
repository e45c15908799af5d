/*
 * Signatures on the page: the exact words that were shown, their hash, and our Ed25519 statement that whoever had proven
 * identity for this grant agreed to them then. Whoever has the public key can check it without the database. Pure.
 *
 * The statement: "huizhi sign 1", a NUL, bureau (4 octets), conversation (8), grant (8), unix seconds (8), all
 * big-endian, and the document's BLAKE2b-256.
 */
#ifndef GATEWAY_SIGNATURE_H
#define GATEWAY_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGNATURE_HASH 32
#define SIGNATURE_OCTETS 64
#define SIGNATURE_SHORT 10 /* "abcd efgh" with its NUL: what a text has room for */

struct signature {
	int bureau_id;
	int64_t conversation_id, grant_id, at; /* at: unix seconds */
	uint8_t hash[SIGNATURE_HASH];
};

void signature_hash(const char *document, size_t len, uint8_t hash[SIGNATURE_HASH]);
void signature_short(const uint8_t hash[SIGNATURE_HASH], char out[SIGNATURE_SHORT]);
void signature_make(const struct signature *s, const uint8_t secret_key[64], uint8_t out[SIGNATURE_OCTETS]);
bool signature_good(const struct signature *s, const uint8_t *const *publics, size_t npublics,
	const uint8_t signature[SIGNATURE_OCTETS]);

#endif
