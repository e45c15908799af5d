/*
 * Identity proven elsewhere: the hand-over to a bureau's identity platform (a face check, say) and what it brings back.
 *
 * Out: <identity_url>?state=STATE&return=<public url>/identity. STATE is ours, authenticated, for one grant and one browser,
 * good for ten minutes.
 * Back: <public url>/identity?assertion=PAYLOAD.SIGNATURE, both base64url without padding. PAYLOAD is a JSON object with
 * state, result ("passed"), at (unix seconds), id (the platform's own number of the check) and subject: SHA-256, in
 * hexadecimal, of STATE, a | and the number that was checked, so that no number travels. SIGNATURE is Ed25519 of PAYLOAD as
 * it stands there. Pure.
 */
#ifndef GATEWAY_PLATFORM_H
#define GATEWAY_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keys;

#define PLATFORM_STATE_MAX 120
#define PLATFORM_SECONDS 600
#define PLATFORM_ID_MAX 60

struct platform_state {
	int bureau_id;
	int64_t grant_id, expires; /* unix seconds */
	uint8_t browser[8];		   /* of the browser's name, hashed */
};

void platform_browser(const struct keys *keys, const char *browser, uint8_t out[8]);
void platform_state_make(const struct keys *keys, const struct platform_state *s, char out[PLATFORM_STATE_MAX + 1]);
bool platform_state_read(const struct keys *keys, const char *text, struct platform_state *out);

struct platform_assertion {
	char state[PLATFORM_STATE_MAX + 1], subject[65], id[PLATFORM_ID_MAX + 1];
	int64_t at;
	bool passed;
	size_t payload_len; /* of the text: what is signed */
};

/* Takes it apart, nothing proven yet. */
bool platform_assertion_read(const char *text, struct platform_assertion *out);
/* Did the owner of this key (64 hexadecimal digits) sign it? */
bool platform_assertion_signed(const char *text, const struct platform_assertion *a, const char *public_key);
bool platform_subject_is(const struct platform_assertion *a, const char *number);

#endif
