/*
 * Grants: the making and reading of a citizen's access in its three forms, one grant each: the short link in a text
 * (keyed MAC), the QR code (full Ed25519 signature) and the 8-digit short code.
 *
 * Nothing here touches the database: turn.c stores what grants_make fills (STMT_GRANT_INSERT) in the same commit as
 * the text that carries it, and the pages look up what grants_read found to be genuine.
 */
#ifndef GATEWAY_GRANTS_H
#define GATEWAY_GRANTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf;
struct conf_bureau;
struct keys;

#define GRANTS_NONCE 8 /* octets of a grant's nonce */
#define GRANTS_CODE_DIGITS 8
#define GRANTS_TOKEN_MAX 200 /* characters of a token in its longest form, without NUL */
#define GRANTS_URL_MAX 400	 /* characters of <public.url>/r/TOKEN, without NUL */

enum grants_purpose {
	GRANTS_RENEW,  /* prove identity, confirm, choose; afterwards look at the progress */
	GRANTS_PICKUP, /* show at the counter */
};
const char *grants_purpose_name(enum grants_purpose p); /* "renew", "pickup": access_grant.purpose */
/* 0, or -1 when the word is not one of them. */
int grants_purpose_from_name(const char *name, enum grants_purpose *out);

/* What a new grant is made of. The columns of access_grant, and the two forms that a text carries. */
struct grants_made {
	int64_t id, conversation_id;
	enum grants_purpose purpose;
	uint8_t nonce[GRANTS_NONCE];
	uint8_t code_hash[32];
	int64_t expires_us, code_expires_us; /* unix microseconds */
	char url[GRANTS_URL_MAX + 1];		 /* {link}: <public.url>/r/TOKEN, short form */
	char code[GRANTS_CODE_DIGITS + 2];	 /* {code}: "1234 5678" */
};

/*
 * Makes a grant: `id` was taken from row_id by the caller; lives are the bureau's grant_hours and code_minutes from
 * now_us. Nonce and code come from the system's random source. A code can by chance equal one that another open grant
 * of the same bureau has: GRANT_BY_CODE then takes neither, and the person asks for a new one.
 * Returns 0, or -1 when the address does not fit.
 */
int grants_make(const struct conf *conf, const struct keys *keys, const struct conf_bureau *bureau,
	int64_t conversation_id, enum grants_purpose purpose, int64_t id, int64_t now_us, struct grants_made *out);

/* What a token says about itself, signature proven. */
struct grants_read {
	const struct conf_bureau *bureau;
	int64_t id, conversation_id; /* conversation 0: a short token does not tell */
	enum grants_purpose purpose;
	int64_t expires_us;			 /* of a short token rounded up to the hour: the grant's row is exact */
	uint8_t nonce[GRANTS_NONCE]; /* zeros in a short token */
	bool full;					 /* Ed25519 form; false: the form of a link */
};

enum grants_reason {
	GRANTS_GOOD,
	GRANTS_UNREADABLE, /* not a token: cut off, never one, or of a version unknown here */
	GRANTS_ALTERED,	   /* a token's shape, but no key of ours signed it */
	GRANTS_EXPIRED,	   /* genuine, its time is over; *out is filled */
	GRANTS_FOREIGN,	   /* genuine, for a bureau that is not served here */
};
/* One sentence for the command line and the log; lower case, no full stop. */
const char *grants_reason_text(enum grants_reason r);

/* Reads a token in either form: as it stands in the address after /r/, or the whole address. */
enum grants_reason grants_read(
	const struct conf *conf, const struct keys *keys, const char *token, int64_t now_us, struct grants_read *out);

/* A grant as its row has it. */
struct grants_stored {
	int bureau_id;
	int64_t id, conversation_id;
	enum grants_purpose purpose;
	int64_t expires_us;
	uint8_t nonce[GRANTS_NONCE];
};

/*
 * The tokens of a stored grant: full (Ed25519, for the QR code and the API) or short (as in a text). out needs
 * GRANTS_TOKEN_MAX + 1. 0, or -1 when the row cannot be a grant of ours.
 */
int grants_token_full(const struct keys *keys, const struct grants_stored *s, char *out, size_t room);
int grants_token_short(const struct keys *keys, const struct grants_stored *s, char *out, size_t room);
/* <public.url>/r/TOKEN. 0, or -1 when it does not fit. */
int grants_url(const struct conf *conf, const char *token, char *out, size_t room);

/*
 * A short code as a person types it (spaces, dashes, full-width and other digits of the dialog's languages) -> its
 * eight ASCII digits. 0, or -1 when it does not hold exactly eight.
 */
int grants_code_normalise(const char *typed, char out[GRANTS_CODE_DIGITS + 1]);
/* The hash that access_grant.code_hash keeps. digits: eight ASCII digits. */
void grants_code_hash(const struct keys *keys, const char *digits, uint8_t out[32]);

#endif
