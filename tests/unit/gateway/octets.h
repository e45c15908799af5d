/* Octets of PDUs for the tests of the PDU layer, written as hexadecimal. */
#ifndef TESTS_UNIT_GATEWAY_OCTETS_H
#define TESTS_UNIT_GATEWAY_OCTETS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/smpp/pdu.h"

/* Octets in a block of exactly their size, so that a sanitizer sees the first octet read too many. */
struct octets {
	uint8_t *at;
	size_t len;
};

static inline int
nibble(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Hexadecimal with spaces; the length field is as written. */
static inline struct octets
raw(const char *hex)
{
	struct octets o = {.at = malloc(strlen(hex) / 2 + 1)};

	for (; *hex; hex++) {
		if (*hex == ' ')
			continue;
		o.at[o.len++] = (uint8_t)(nibble(hex[0]) << 4 | nibble(hex[1]));
		hex++;
	}
	o.at = realloc(o.at, o.len ? o.len : 1);
	return o;
}

/* A PDU from its command, status, sequence and body in hexadecimal; the length is counted. */
static inline struct octets
pdu(uint32_t command, uint32_t status, uint32_t sequence, const char *body)
{
	struct octets b = raw(body), o = {.at = malloc(16 + b.len), .len = 16 + b.len};
	uint32_t words[] = {(uint32_t)o.len, command, status, sequence};

	for (size_t i = 0; i < 16; i++)
		o.at[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
	memcpy(o.at + 16, b.at, b.len);
	free(b.at);
	return o;
}

static inline enum pdu_verdict
decode(struct octets o, struct pdu *p)
{
	return pdu_decode(o.at, o.len, p);
}

/* The tests' own hexadecimal, in buffers sized for it. */
static inline void
append(char *hex, const char *more)
{
	memcpy(hex + strlen(hex), more, strlen(more) + 1);
}

#define DELIVER_HEAD "00 0101 3100 0101 3200 000000 00 00 00000000" /* up to sm_length */

#endif
