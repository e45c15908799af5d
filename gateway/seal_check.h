/*
 * Checks one bureau's trail against its seals, from wherever both come: the database or a file. Pure.
 *
 * The caller tells, in this order: what was dropped; then seal by seal the seal, its redactions and the events with ids
 * up to its to_id, in the order of ids; at the end the events that no seal holds yet.
 */
#ifndef GATEWAY_SEAL_CHECK_H
#define GATEWAY_SEAL_CHECK_H

#include "gateway/seal.h"

#define SEAL_KEYS_MAX 64

/* What is wrong. id 0: it is not about one event; number 0: about no seal. text lives until the call returns. */
struct seal_fault {
	int64_t id, at_us, number;
	const char *text;
};
typedef void (*seal_fault_fn)(void *arg, const struct seal_fault *f);

struct seal_counts {
	int64_t seals, events, redacted, dropped, unsealed, faults;
	int64_t number; /* of the last seal */
	uint8_t head[SEAL_HASH];
	int64_t sealed_us;
};

struct seal_check;

/* publics: the keys that may sign, n of them (at most SEAL_KEYS_MAX), copied. NULL without memory. */
struct seal_check *seal_check_new(
	int bureau_id, const uint8_t (*publics)[SEAL_KEY], size_t n, seal_fault_fn fn, void *arg);
void seal_check_free(struct seal_check *c);
void seal_check_drop(struct seal_check *c, const struct seal_drop *d);
/* The body is copied. */
void seal_check_seal(struct seal_check *c, const struct seal *s);
void seal_check_redaction(struct seal_check *c, const struct seal_redaction *r);
void seal_check_event(struct seal_check *c, const struct seal_event *e);
/* Ends the last seal; the counts are complete then. */
void seal_check_end(struct seal_check *c, struct seal_counts *out);
/* The seal of that number must have this head, as somebody has noted it down elsewhere; call it before anything else.
 */
void seal_check_expect(struct seal_check *c, int64_t number, const uint8_t head[SEAL_HASH]);

#endif
