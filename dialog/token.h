/*
 * Signed tokens and short codes: the three forms of one grant (design: links, QR and short codes).
 *
 * FULL   a QR code or the API carries it: everything about the grant, signed with Ed25519; whoever has the bureau's
 *        public key can check it without asking anybody.
 * SHORT  the link in a text carries it: the grant's id, authenticated with 16 octets of keyed BLAKE2b; short enough to
 *        leave a Chinese text in two parts. Only the gateway, which has the key, can check it.
 * CODE   8 digits, drawn at random and kept as a hash by the caller; here they are only drawn, written and read.
 *
 * Octets before base64url (RFC 4648, section 5, without padding); numbers are big-endian:
 *   FULL   version 1, form 1, purpose, bureau (4 octets), conversation (8), grant (8), expiry in unix seconds (8),
 *          nonce (8), Ed25519 signature (64) of "huizhi token full 1", a NUL and the fields before the signature
 *   SHORT  0x12 (version 1, form 2), purpose, then bureau, grant and expiry in hours as varints (seven bits to an
 * octet, highest first, top bit = more), a zero where the whole would else be a multiple of three octets, and 16 octets
 * of BLAKE2b keyed with 32, of "huizhi token short 1", a NUL and the fields before
 *
 * Pure: keys, time and random octets are arguments. libsodium needs no initialisation for what is used here.
 */
#ifndef DIALOG_TOKEN_H
#define DIALOG_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_VERSION 1
#define TOKEN_NONCE_LEN 8
#define TOKEN_FULL_LEN 138	   /* characters of a FULL token, always */
#define TOKEN_SHORT_TYPICAL 40 /* characters that a SHORT token stays within while bureau < 16384 and grant < 2^42 */
#define TOKEN_MAX TOKEN_FULL_LEN

enum token_form {
	TOKEN_FULL = 1,
	TOKEN_SHORT = 2,
};

enum token_purpose { /* as in the table access_grant; at most 15 */
	TOKEN_RENEW = 1,
	TOKEN_PICKUP = 2,
};
const char *token_purpose_name(enum token_purpose p); /* "renew", "pickup"; NULL when unknown */
bool token_purpose_by_name(const char *name, enum token_purpose *p);

struct token {
	enum token_form form; /* set by token_verify; not read by token_make_* */
	uint32_t bureau;
	uint64_t conversation; /* 0 in a SHORT token: the grant's row knows it */
	uint64_t grant;
	enum token_purpose purpose;
	int64_t expires_at; /* unix seconds; in a SHORT token rounded up to the hour (the grant's row is exact) */
	uint8_t nonce[TOKEN_NONCE_LEN]; /* zeros in a SHORT token */
};

enum token_result {
	TOKEN_OK,
	TOKEN_MALFORMED,	 /* not a token: wrong characters, length or fields */
	TOKEN_WRONG_VERSION, /* a token of a version or form that this program does not know */
	TOKEN_BAD_SIGNATURE, /* altered, or of another authority, or its key is no longer listed */
	TOKEN_EXPIRED,		 /* genuine, but its time is over */
};
const char *token_result_text(enum token_result r); /* "ok", "malformed", "wrong version", "bad signature", "expired" */

/*
 * base64url without padding, NUL-terminated; it never ends in "-", which some phones leave out of a link. The same
 * arguments give the same token. Return 0, or -1 when a field is out of range (bureau or grant 0, unknown purpose,
 * expires_at before 1970 or, SHORT, after the year 2200).
 */
int token_make_full(const struct token *t, const uint8_t secret_key[64], char out[TOKEN_MAX + 1]);
int token_make_short(const struct token *t, const uint8_t mac_key[32], char out[TOKEN_MAX + 1]);

/* Keys that may verify, newest first; a list may be empty. */
struct token_keys {
	const uint8_t *const *publics; /* 32 octets each, Ed25519 */
	size_t npublics;
	const uint8_t *const *macs; /* 32 octets each */
	size_t nmacs;
};

/*
 * Verifies either form. s need not be NUL-terminated. now: unix seconds; a token is good while now < expires_at.
 * *t is filled for TOKEN_OK and TOKEN_EXPIRED (both genuine) and zeroed otherwise, so that nothing unproven is used.
 */
enum token_result token_verify(const char *s, size_t len, const struct token_keys *keys, int64_t now, struct token *t);

/* ---- Short codes ---------------------------------------------------------------------------------------------- */

#define TOKEN_CODE_LEN 8

/*
 * Draws 8 digits from random octets, each of the 10^8 codes as likely as any other: 32-bit words that would favour
 * small codes are passed over. Returns 0, or -1 when every word was passed over (32 octets: about once in 10^13;
 * draw again).
 */
int token_code_draw(const uint8_t *random, size_t len, char out[TOKEN_CODE_LEN + 1]);

/* "12345678" -> "1234 5678". -1 when it is not 8 digits. */
int token_code_format(const char *code, char out[TOKEN_CODE_LEN + 2]);

/*
 * Reads what a person typed: exactly 8 digits, in any script that utf8_digit knows, with spaces and dashes anywhere
 * between or around them. Returns 0 with the code in ASCII digits, or -1.
 */
int token_code_parse(const char *utf8, size_t len, char out[TOKEN_CODE_LEN + 1]);

#endif
