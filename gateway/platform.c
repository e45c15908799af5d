/* States and assertions of an identity platform. */
#include "gateway/platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <sodium.h>

#include "gateway/keys.h"
#include "gateway/octets.h"

#define FIELDS (4 + 8 + 8 + 8)
#define MAC 16
#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING

void
platform_browser(const struct keys *keys, const char *browser, uint8_t out[8])
{
	uint8_t hash[32];

	keys_hash(keys, "identity-browser", browser, strlen(browser), hash);
	memcpy(out, hash, 8);
}

void
platform_state_make(const struct keys *keys, const struct platform_state *s, char out[PLATFORM_STATE_MAX + 1])
{
	uint8_t octets[FIELDS + 32], *at = octets;

	at = octets_put(at, (uint64_t)s->bureau_id, 4);
	at = octets_put(at, (uint64_t)s->grant_id, 8);
	at = octets_put(at, (uint64_t)s->expires, 8);
	memcpy(at, s->browser, 8);
	keys_hash(keys, "identity-state", octets, FIELDS, octets + FIELDS);
	(void)sodium_bin2base64(out, PLATFORM_STATE_MAX + 1, octets, FIELDS + MAC, BASE64);
}

bool
platform_state_read(const struct keys *keys, const char *text, struct platform_state *out)
{
	uint8_t octets[FIELDS + MAC], mac[32];
	const uint8_t *at = octets;
	size_t len;

	if (sodium_base642bin(octets, sizeof(octets), text, strlen(text), NULL, &len, NULL, BASE64) != 0 ||
		len != sizeof(octets))
		return false;
	keys_hash(keys, "identity-state", octets, FIELDS, mac);
	if (sodium_memcmp(mac, octets + FIELDS, MAC) != 0)
		return false;
	out->bureau_id = (int)octets_take(&at, 4);
	out->grant_id = (int64_t)octets_take(&at, 8);
	out->expires = (int64_t)octets_take(&at, 8);
	memcpy(out->browser, at, 8);
	return true;
}

static bool
copy(const json_t *o, const char *name, char *out, size_t room)
{
	const char *text = json_string_value(json_object_get(o, name));

	if (text == NULL || strlen(text) >= room)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

bool
platform_assertion_read(const char *text, struct platform_assertion *out)
{
	uint8_t payload[1024];
	size_t len;

	memset(out, 0, sizeof(*out));
	out->payload_len = strcspn(text, ".");
	if (text[out->payload_len] != '.' ||
		sodium_base642bin(payload, sizeof(payload), text, out->payload_len, NULL, &len, NULL, BASE64) != 0)
		return false;
	json_t *o = json_loadb((const char *)payload, len, JSON_REJECT_DUPLICATES, NULL);
	const char *result = json_string_value(json_object_get(o, "result"));
	bool good = copy(o, "state", out->state, sizeof(out->state)) &&
				copy(o, "subject", out->subject, sizeof(out->subject)) && copy(o, "id", out->id, sizeof(out->id)) &&
				json_is_integer(json_object_get(o, "at")) && result != NULL;
	out->at = json_integer_value(json_object_get(o, "at"));
	out->passed = good && strcmp(result, "passed") == 0;
	json_decref(o);
	return good;
}

bool
platform_assertion_signed(const char *text, const struct platform_assertion *a, const char *public_key)
{
	const char *tail = text + a->payload_len + 1;
	uint8_t key[32], signature[64];
	size_t len, key_len;

	return sodium_hex2bin(key, sizeof(key), public_key, strlen(public_key), NULL, &key_len, NULL) == 0 &&
		   key_len == sizeof(key) &&
		   sodium_base642bin(signature, sizeof(signature), tail, strlen(tail), NULL, &len, NULL, BASE64) == 0 &&
		   len == sizeof(signature) &&
		   crypto_sign_verify_detached(signature, (const uint8_t *)text, a->payload_len, key) == 0;
}

bool
platform_subject_is(const struct platform_assertion *a, const char *number)
{
	crypto_hash_sha256_state h;
	uint8_t hash[32];
	char hex[65];

	(void)crypto_hash_sha256_init(&h);
	(void)crypto_hash_sha256_update(&h, (const uint8_t *)a->state, strlen(a->state));
	(void)crypto_hash_sha256_update(&h, (const uint8_t *)"|", 1);
	(void)crypto_hash_sha256_update(&h, (const uint8_t *)number, strlen(number));
	(void)crypto_hash_sha256_final(&h, hash);
	(void)sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	return strlen(a->subject) == 64 && sodium_memcmp(hex, a->subject, 64) == 0;
}
