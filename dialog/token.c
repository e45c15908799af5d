/*
 * Signed tokens and short codes; token.h has the format.
 *
 * What is signed begins with a text that names the form, so that a signature made for one can never be shown as
 * another, nor one made elsewhere with the same key as a token.
 */
#include "dialog/token.h"

#include <sodium.h>
#include <string.h>
#include "dialog/utf8.h"

#define FULL_FIELDS 39
#define FULL_OCTETS (FULL_FIELDS + crypto_sign_BYTES)
#define MAC_LEN 16
#define SHORT_FIELDS_MAX 20 /* 1 + 1, 5 for a 32-bit varint, 10 for a 64-bit one, 3 for the hours */
#define SHORT_OCTETS_MAX (SHORT_FIELDS_MAX + 1 + MAC_LEN)
#define OCTETS_MAX FULL_OCTETS
#define HOURS_MAX 2016240 /* until the year 2200 */

static const char full_domain[] = "huizhi token full 1";
static const char short_domain[] = "huizhi token short 1";

/* Every length that is no multiple of three ends in a character that carries spare zero bits, and so never in "-". */
_Static_assert(FULL_OCTETS % 3 != 0, "a full token never ends in a dash");
_Static_assert(TOKEN_FULL_LEN == (FULL_OCTETS * 8 + 5) / 6, "length of a full token");
_Static_assert(SHORT_OCTETS_MAX < FULL_OCTETS, "the longest token is a full one");

const char *
token_purpose_name(enum token_purpose p)
{
	switch (p) {
	case TOKEN_RENEW:
		return "renew";
	case TOKEN_PICKUP:
		return "pickup";
	}
	return NULL;
}

bool
token_purpose_by_name(const char *name, enum token_purpose *p)
{
	for (int i = TOKEN_RENEW; i <= TOKEN_PICKUP; i++) {
		if (strcmp(name, token_purpose_name((enum token_purpose)i)) == 0) {
			*p = (enum token_purpose)i;
			return true;
		}
	}
	return false;
}

const char *
token_result_text(enum token_result r)
{
	switch (r) {
	case TOKEN_OK:
		return "ok";
	case TOKEN_MALFORMED:
		return "malformed";
	case TOKEN_WRONG_VERSION:
		return "wrong version";
	case TOKEN_BAD_SIGNATURE:
		return "bad signature";
	case TOKEN_EXPIRED:
		return "expired";
	}
	return "unknown";
}

/* ---- Writing --------------------------------------------------------------------------------------------------- */

static uint8_t *
put_number(uint8_t *p, uint64_t value, int octets)
{
	for (int i = octets - 1; i >= 0; i--)
		*p++ = (uint8_t)(value >> (8 * i));
	return p;
}

/* Seven bits to an octet, the highest first; the top bit says that more follow. */
static uint8_t *
put_varint(uint8_t *p, uint64_t value)
{
	int groups = 1;

	while (groups < 10 && value >> (7 * groups) != 0)
		groups++;
	while (groups-- > 0)
		*p++ = (uint8_t)((value >> (7 * groups) & 0x7F) | (groups > 0 ? 0x80 : 0));
	return p;
}

static void
write_base64(const uint8_t *octets, size_t len, char out[TOKEN_MAX + 1])
{
	sodium_bin2base64(out, TOKEN_MAX + 1, octets, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool
in_range(const struct token *t)
{
	return t->bureau != 0 && t->grant != 0 && token_purpose_name(t->purpose) != NULL && t->expires_at >= 0;
}

static void
domain_begin(uint8_t *signed_octets, const char *domain, size_t domain_len, const uint8_t *fields, size_t len)
{
	memcpy(signed_octets, domain, domain_len);
	memcpy(signed_octets + domain_len, fields, len);
}

/* The text's own NUL stands between it and the fields. */
static void
full_signed(const uint8_t fields[FULL_FIELDS], uint8_t out[sizeof full_domain + FULL_FIELDS])
{
	domain_begin(out, full_domain, sizeof full_domain, fields, FULL_FIELDS);
}

static void
short_mac(const uint8_t *fields, size_t len, const uint8_t key[32], uint8_t mac[MAC_LEN])
{
	uint8_t input[sizeof short_domain + SHORT_FIELDS_MAX + 1];

	domain_begin(input, short_domain, sizeof short_domain, fields, len);
	crypto_generichash(mac, MAC_LEN, input, sizeof short_domain + len, key, 32);
}

int
token_make_full(const struct token *t, const uint8_t secret_key[64], char out[TOKEN_MAX + 1])
{
	uint8_t octets[FULL_OCTETS], input[sizeof full_domain + FULL_FIELDS], *p = octets;

	out[0] = '\0';
	if (!in_range(t))
		return -1;
	*p++ = TOKEN_VERSION;
	*p++ = TOKEN_FULL;
	*p++ = (uint8_t)t->purpose;
	p = put_number(p, t->bureau, 4);
	p = put_number(p, t->conversation, 8);
	p = put_number(p, t->grant, 8);
	p = put_number(p, (uint64_t)t->expires_at, 8);
	memcpy(p, t->nonce, TOKEN_NONCE_LEN);
	full_signed(octets, input);
	if (crypto_sign_detached(octets + FULL_FIELDS, NULL, input, sizeof input, secret_key) != 0)
		return -1;
	write_base64(octets, FULL_OCTETS, out);
	return 0;
}

int
token_make_short(const struct token *t, const uint8_t mac_key[32], char out[TOKEN_MAX + 1])
{
	uint8_t octets[SHORT_OCTETS_MAX], *p = octets;
	int64_t hours;

	out[0] = '\0';
	if (!in_range(t))
		return -1;
	hours = t->expires_at / 3600 + (t->expires_at % 3600 != 0);
	if (hours > HOURS_MAX)
		return -1;
	*p++ = TOKEN_VERSION << 4 | TOKEN_SHORT;
	*p++ = (uint8_t)t->purpose;
	p = put_varint(p, t->bureau);
	p = put_varint(p, t->grant);
	p = put_varint(p, (uint64_t)hours);
	if (((size_t)(p - octets) + MAC_LEN) % 3 == 0)
		*p++ = 0;
	short_mac(octets, (size_t)(p - octets), mac_key, p);
	p += MAC_LEN;
	write_base64(octets, (size_t)(p - octets), out);
	return 0;
}

/* ---- Reading --------------------------------------------------------------------------------------------------- */

static uint64_t
get_number(const uint8_t **p, int octets)
{
	uint64_t value = 0;

	while (octets-- > 0)
		value = value << 8 | *(*p)++;
	return value;
}

/* Reads only the shortest spelling, so that a token has one. */
static bool
get_varint(const uint8_t **p, const uint8_t *end, uint64_t max, uint64_t *value)
{
	*value = 0;
	if (*p < end && **p == 0x80)
		return false;
	while (*p < end) {
		uint8_t octet = *(*p)++;

		if (*value > max >> 7)
			return false;
		*value = *value << 7 | (octet & 0x7Fu);
		if ((octet & 0x80) == 0)
			return *value <= max;
	}
	return false;
}

static enum token_result
read_full(const uint8_t *octets, size_t len, const struct token_keys *keys, struct token *t)
{
	uint8_t input[sizeof full_domain + FULL_FIELDS];
	const uint8_t *p = octets + 2;

	if (len != FULL_OCTETS)
		return TOKEN_MALFORMED;
	t->form = TOKEN_FULL;
	t->purpose = (enum token_purpose)get_number(&p, 1);
	t->bureau = (uint32_t)get_number(&p, 4);
	t->conversation = get_number(&p, 8);
	t->grant = get_number(&p, 8);
	t->expires_at = (int64_t)get_number(&p, 8);
	memcpy(t->nonce, p, TOKEN_NONCE_LEN);
	if (!in_range(t))
		return TOKEN_MALFORMED;
	full_signed(octets, input);
	for (size_t i = 0; i < keys->npublics; i++)
		if (crypto_sign_verify_detached(octets + FULL_FIELDS, input, sizeof input, keys->publics[i]) == 0)
			return TOKEN_OK;
	return TOKEN_BAD_SIGNATURE;
}

static enum token_result
read_short(const uint8_t *octets, size_t len, const struct token_keys *keys, struct token *t)
{
	const uint8_t *p = octets + 1, *end;
	uint64_t bureau, hours;

	if (len < 5 + MAC_LEN || len > SHORT_OCTETS_MAX || len % 3 == 0)
		return TOKEN_MALFORMED;
	end = octets + len - MAC_LEN;
	t->form = TOKEN_SHORT;
	t->purpose = (enum token_purpose)get_number(&p, 1);
	if (!get_varint(&p, end, UINT32_MAX, &bureau) || !get_varint(&p, end, UINT64_MAX, &t->grant) ||
		!get_varint(&p, end, HOURS_MAX, &hours))
		return TOKEN_MALFORMED;
	t->bureau = (uint32_t)bureau;
	t->expires_at = (int64_t)hours * 3600;
	/* The one zero is there exactly when it is needed. */
	if (p < end && (*p++ != 0 || p != end || (len - 1) % 3 != 0))
		return TOKEN_MALFORMED;
	if (!in_range(t))
		return TOKEN_MALFORMED;
	for (size_t i = 0; i < keys->nmacs; i++) {
		uint8_t mac[MAC_LEN];

		short_mac(octets, len - MAC_LEN, keys->macs[i], mac);
		if (sodium_memcmp(mac, octets + len - MAC_LEN, MAC_LEN) == 0)
			return TOKEN_OK;
	}
	return TOKEN_BAD_SIGNATURE;
}

/* libsodium's decoder reads some octets beyond ASCII as "-" or "_" where char is signed: a token would have aliases. */
static bool
in_alphabet(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return true;
}

enum token_result
token_verify(const char *s, size_t len, const struct token_keys *keys, int64_t now, struct token *t)
{
	uint8_t octets[OCTETS_MAX];
	size_t octets_len;
	enum token_result r;

	memset(t, 0, sizeof *t);
	if (len == 0 || len > TOKEN_MAX || !in_alphabet(s, len))
		return TOKEN_MALFORMED;
	if (sodium_base642bin(
			octets, sizeof octets, s, len, NULL, &octets_len, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
		octets_len < 2)
		return TOKEN_MALFORMED;
	if (octets[0] == TOKEN_VERSION && octets[1] == TOKEN_FULL)
		r = read_full(octets, octets_len, keys, t);
	else if (octets[0] == (TOKEN_VERSION << 4 | TOKEN_SHORT))
		r = read_short(octets, octets_len, keys, t);
	else
		r = TOKEN_WRONG_VERSION;
	if (r != TOKEN_OK) {
		memset(t, 0, sizeof *t);
		return r;
	}
	return now < t->expires_at ? TOKEN_OK : TOKEN_EXPIRED;
}

/* ---- Short codes ----------------------------------------------------------------------------------------------- */

int
token_code_draw(const uint8_t *random, size_t len, char out[TOKEN_CODE_LEN + 1])
{
	const uint32_t codes = 100000000;
	const uint32_t fair = UINT32_MAX - UINT32_MAX % codes; /* words from here on would favour the small codes */

	out[0] = '\0';
	for (; len >= 4; random += 4, len -= 4) {
		const uint8_t *p = random;
		uint32_t word = (uint32_t)get_number(&p, 4);

		if (word >= fair)
			continue;
		word %= codes;
		for (int i = TOKEN_CODE_LEN - 1; i >= 0; i--, word /= 10)
			out[i] = (char)('0' + word % 10);
		out[TOKEN_CODE_LEN] = '\0';
		return 0;
	}
	return -1;
}

int
token_code_format(const char *code, char out[TOKEN_CODE_LEN + 2])
{
	out[0] = '\0';
	for (int i = 0; i < TOKEN_CODE_LEN; i++)
		if (code[i] < '0' || code[i] > '9')
			return -1;
	if (code[TOKEN_CODE_LEN] != '\0')
		return -1;
	memcpy(out, code, 4);
	out[4] = ' ';
	memcpy(out + 5, code + 4, 5);
	return 0;
}

/* A space or a dash of any kind, as keyboards set them between groups of digits. */
static bool
between_digits(uint32_t cp)
{
	return cp == ' ' || cp == '\t' || cp == '\n' || cp == '\r' || cp == '-' || cp == 0xA0 ||
		   (cp >= 0x2000 && cp <= 0x2015) || cp == 0x202F || cp == 0x2212 || cp == 0x3000 || cp == 0xFF0D ||
		   cp == 0xFEFF;
}

int
token_code_parse(const char *utf8, size_t len, char out[TOKEN_CODE_LEN + 1])
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		int digit;

		i += utf8_decode(utf8 + i, len - i, &cp, NULL);
		if (between_digits(cp))
			continue;
		digit = utf8_digit(cp);
		if (digit < 0 || n == TOKEN_CODE_LEN)
			goto refuse;
		out[n++] = (char)('0' + digit);
	}
	if (n != TOKEN_CODE_LEN)
		goto refuse;
	out[n] = '\0';
	return 0;

refuse:
	out[0] = '\0';
	return -1;
}
