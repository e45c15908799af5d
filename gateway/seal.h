/*
 * Seals of the trail: what is hashed, chained and signed, octet by octet. Pure but for libsodium.
 *
 * An event's data may be personal and are hashed apart, keyed with a salt of their own: when the data and the salt are
 * deleted, the digest that stays tells nothing, and the event's hash can still be recomputed from it.
 *
 * Numbers are big-endian, times microseconds since 1970, hashes BLAKE2b-256, signatures Ed25519. Each thing that is
 * hashed or signed begins with a name of its own and a NUL.
 *   digest   "huizhi trail data 1" data, keyed with the salt
 *   hash     "huizhi trail event 1" bureau (4) id (8) time (8) application (8) conversation (8), -1 = none,
 *            length (4) and octets of actor and of kind, digest
 *   head     "huizhi trail link 1" head before, id, time, hash; 32 zeros before the first
 *   seal     "huizhi trail seal 1" bureau (4) number (8) after_id (8) to_id (8) events (4) first and last time (8, 8)
 *            head before, head, time of sealing (8)
 */
#ifndef GATEWAY_SEAL_H
#define GATEWAY_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEAL_HASH 32
#define SEAL_SALT 16
#define SEAL_KEY 32
#define SEAL_SIGNATURE 64
#define SEAL_ENTRY 64	 /* octets of one event in a seal's body */
#define SEAL_REDACTED 72 /* octets of one event in a redaction's body */
#define SEAL_EVENTS 1000 /* of one seal at most */
#define SEAL_NONE (-1)

struct seal_event {
	int bureau_id;
	int64_t id, at_us;
	int64_t application_id, conversation_id; /* SEAL_NONE = none */
	const char *actor, *kind, *data;		 /* data: the text of the JSON as the database writes it */
};

struct seal {
	int bureau_id;
	int64_t number, after_id, to_id;
	int events;
	int64_t first_us, last_us, sealed_us;
	uint8_t previous[SEAL_HASH], head[SEAL_HASH], public_key[SEAL_KEY], signature[SEAL_SIGNATURE];
	uint8_t *body; /* events * SEAL_ENTRY octets; the caller's */
};

/* Events of one seal whose data an order took out; body: entries * SEAL_REDACTED octets, the caller's. */
struct seal_redaction {
	int bureau_id;
	int64_t number, order_id;
	int entries;
	uint8_t public_key[SEAL_KEY], signature[SEAL_SIGNATURE];
	uint8_t *body;
};

/* Events before that time were dropped by an order. */
struct seal_drop {
	int bureau_id;
	int64_t order_id, before_us;
	uint8_t public_key[SEAL_KEY], signature[SEAL_SIGNATURE];
};

void seal_digest(const uint8_t salt[SEAL_SALT], const char *data, uint8_t out[SEAL_HASH]);
void seal_hash(const struct seal_event *e, const uint8_t digest[SEAL_HASH], uint8_t out[SEAL_HASH]);
/* Unkeyed: of the data that stand in a redacted event. */
void seal_plain_hash(const char *data, uint8_t out[SEAL_HASH]);

/* Entries of bodies. */
struct seal_entry {
	int64_t id, at_us;
	uint8_t hash[SEAL_HASH], salt[SEAL_SALT];
};
void seal_entry_put(uint8_t *body, int n, const struct seal_entry *e);
void seal_entry_get(const uint8_t *body, int n, struct seal_entry *e);
struct seal_redacted {
	int64_t id;
	uint8_t digest[SEAL_HASH], now[SEAL_HASH];
};
void seal_redacted_put(uint8_t *body, int n, const struct seal_redacted *e);
void seal_redacted_get(const uint8_t *body, int n, struct seal_redacted *e);

/* The head that the entries lead to from `previous`. */
void seal_head(const uint8_t previous[SEAL_HASH], const uint8_t *body, int n, uint8_t out[SEAL_HASH]);

/* Fill public_key and signature. secret: 64 octets as libsodium has them. */
void seal_sign(struct seal *s, const uint8_t *secret);
void seal_sign_redaction(struct seal_redaction *r, const uint8_t *secret);
void seal_sign_drop(struct seal_drop *d, const uint8_t *secret);
/* Is the signature that of the key that stands in it? Whose key it is, the caller must know. */
bool seal_signed(const struct seal *s);
bool seal_signed_redaction(const struct seal_redaction *r);
bool seal_signed_drop(const struct seal_drop *d);

#endif
