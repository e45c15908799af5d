/* Hashes, chains and signs what seal.h describes. */
#include "gateway/seal.h"

#include <sodium.h>
#include <string.h>

_Static_assert(SEAL_HASH == crypto_generichash_BYTES, "BLAKE2b-256");
_Static_assert(SEAL_SALT >= crypto_generichash_KEYBYTES_MIN, "a salt is a key of BLAKE2b");

static void
put32(uint8_t *out, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void
put64(uint8_t *out, int64_t v)
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)((uint64_t)v >> (56 - 8 * i));
}

static int64_t
get64(const uint8_t *in)
{
	uint64_t v = 0;
	for (int i = 0; i < 8; i++)
		v = v << 8 | in[i];
	return (int64_t)v;
}

/* ---- Hashes ----------------------------------------------------------------------------------------------------- */

static void
add(crypto_generichash_state *state, const void *octets, size_t n)
{
	crypto_generichash_update(state, octets, n);
}

static void
add32(crypto_generichash_state *state, uint32_t v)
{
	uint8_t octets[4];
	put32(octets, v);
	add(state, octets, sizeof octets);
}

static void
add64(crypto_generichash_state *state, int64_t v)
{
	uint8_t octets[8];
	put64(octets, v);
	add(state, octets, sizeof octets);
}

static void
add_text(crypto_generichash_state *state, const char *text)
{
	size_t len = strlen(text);
	add32(state, (uint32_t)len);
	add(state, text, len);
}

/* The name and its NUL keep one kind of hash apart from every other. */
static void
begin(crypto_generichash_state *state, const char *name, const uint8_t *key, size_t key_len)
{
	crypto_generichash_init(state, key, key_len, SEAL_HASH);
	add(state, name, strlen(name) + 1);
}

void
seal_digest(const uint8_t salt[SEAL_SALT], const char *data, uint8_t out[SEAL_HASH])
{
	crypto_generichash_state state;
	begin(&state, "huizhi trail data 1", salt, SEAL_SALT);
	add(&state, data, strlen(data));
	crypto_generichash_final(&state, out, SEAL_HASH);
}

void
seal_plain_hash(const char *data, uint8_t out[SEAL_HASH])
{
	crypto_generichash_state state;
	begin(&state, "huizhi trail redacted 1", NULL, 0);
	add(&state, data, strlen(data));
	crypto_generichash_final(&state, out, SEAL_HASH);
}

void
seal_hash(const struct seal_event *e, const uint8_t digest[SEAL_HASH], uint8_t out[SEAL_HASH])
{
	crypto_generichash_state state;
	begin(&state, "huizhi trail event 1", NULL, 0);
	add32(&state, (uint32_t)e->bureau_id);
	add64(&state, e->id);
	add64(&state, e->at_us);
	add64(&state, e->application_id);
	add64(&state, e->conversation_id);
	add_text(&state, e->actor);
	add_text(&state, e->kind);
	add(&state, digest, SEAL_HASH);
	crypto_generichash_final(&state, out, SEAL_HASH);
}

void
seal_head(const uint8_t previous[SEAL_HASH], const uint8_t *body, int n, uint8_t out[SEAL_HASH])
{
	memcpy(out, previous, SEAL_HASH);
	for (int i = 0; i < n; i++) {
		crypto_generichash_state state;
		begin(&state, "huizhi trail link 1", NULL, 0);
		add(&state, out, SEAL_HASH);
		/* Id, time and hash; the salt is left out, for it may be deleted. */
		add(&state, body + (size_t)i * SEAL_ENTRY, 16 + SEAL_HASH);
		crypto_generichash_final(&state, out, SEAL_HASH);
	}
}

/* ---- Bodies ----------------------------------------------------------------------------------------------------- */

void
seal_entry_put(uint8_t *body, int n, const struct seal_entry *e)
{
	uint8_t *at = body + (size_t)n * SEAL_ENTRY;
	put64(at, e->id);
	put64(at + 8, e->at_us);
	memcpy(at + 16, e->hash, SEAL_HASH);
	memcpy(at + 16 + SEAL_HASH, e->salt, SEAL_SALT);
}

void
seal_entry_get(const uint8_t *body, int n, struct seal_entry *e)
{
	const uint8_t *at = body + (size_t)n * SEAL_ENTRY;
	e->id = get64(at);
	e->at_us = get64(at + 8);
	memcpy(e->hash, at + 16, SEAL_HASH);
	memcpy(e->salt, at + 16 + SEAL_HASH, SEAL_SALT);
}

void
seal_redacted_put(uint8_t *body, int n, const struct seal_redacted *e)
{
	uint8_t *at = body + (size_t)n * SEAL_REDACTED;
	put64(at, e->id);
	memcpy(at + 8, e->digest, SEAL_HASH);
	memcpy(at + 8 + SEAL_HASH, e->now, SEAL_HASH);
}

void
seal_redacted_get(const uint8_t *body, int n, struct seal_redacted *e)
{
	const uint8_t *at = body + (size_t)n * SEAL_REDACTED;
	e->id = get64(at);
	memcpy(e->digest, at + 8, SEAL_HASH);
	memcpy(e->now, at + 8 + SEAL_HASH, SEAL_HASH);
}

/* ---- Signatures ------------------------------------------------------------------------------------------------- */

/* What is signed: short enough to lie in one piece. */
struct words {
	uint8_t octets[256];
	size_t len;
};

static void
say(struct words *w, const void *octets, size_t n)
{
	memcpy(w->octets + w->len, octets, n);
	w->len += n;
}

static void
say64(struct words *w, int64_t v)
{
	put64(w->octets + w->len, v);
	w->len += 8;
}

static void
say32(struct words *w, int v)
{
	put32(w->octets + w->len, (uint32_t)v);
	w->len += 4;
}

static void
words_of_seal(const struct seal *s, struct words *w)
{
	static const char name[] = "huizhi trail seal 1";
	w->len = 0;
	say(w, name, sizeof name);
	say32(w, s->bureau_id);
	say64(w, s->number);
	say64(w, s->after_id);
	say64(w, s->to_id);
	say32(w, s->events);
	say64(w, s->first_us);
	say64(w, s->last_us);
	say(w, s->previous, SEAL_HASH);
	say(w, s->head, SEAL_HASH);
	say64(w, s->sealed_us);
}

static void
words_of_redaction(const struct seal_redaction *r, struct words *w)
{
	static const char name[] = "huizhi trail redaction 1";
	uint8_t hash[SEAL_HASH];
	w->len = 0;
	say(w, name, sizeof name);
	say32(w, r->bureau_id);
	say64(w, r->number);
	say64(w, r->order_id);
	say32(w, r->entries);
	crypto_generichash(hash, sizeof hash, r->body, (size_t)r->entries * SEAL_REDACTED, NULL, 0);
	say(w, hash, sizeof hash);
}

static void
words_of_drop(const struct seal_drop *d, struct words *w)
{
	static const char name[] = "huizhi trail drop 1";
	w->len = 0;
	say(w, name, sizeof name);
	say32(w, d->bureau_id);
	say64(w, d->order_id);
	say64(w, d->before_us);
}

static void
sign(const struct words *w, const uint8_t *secret, uint8_t *public_key, uint8_t *signature)
{
	crypto_sign_ed25519_sk_to_pk(public_key, secret);
	crypto_sign_detached(signature, NULL, w->octets, w->len, secret);
}

static bool
is_signed(const struct words *w, const uint8_t *public_key, const uint8_t *signature)
{
	return crypto_sign_verify_detached(signature, w->octets, w->len, public_key) == 0;
}

void
seal_sign(struct seal *s, const uint8_t *secret)
{
	struct words w;
	words_of_seal(s, &w);
	sign(&w, secret, s->public_key, s->signature);
}

void
seal_sign_redaction(struct seal_redaction *r, const uint8_t *secret)
{
	struct words w;
	words_of_redaction(r, &w);
	sign(&w, secret, r->public_key, r->signature);
}

void
seal_sign_drop(struct seal_drop *d, const uint8_t *secret)
{
	struct words w;
	words_of_drop(d, &w);
	sign(&w, secret, d->public_key, d->signature);
}

bool
seal_signed(const struct seal *s)
{
	struct words w;
	words_of_seal(s, &w);
	return is_signed(&w, s->public_key, s->signature);
}

bool
seal_signed_redaction(const struct seal_redaction *r)
{
	struct words w;
	words_of_redaction(r, &w);
	return is_signed(&w, r->public_key, r->signature);
}

bool
seal_signed_drop(const struct seal_drop *d)
{
	struct words w;
	words_of_drop(d, &w);
	return is_signed(&w, d->public_key, d->signature);
}
