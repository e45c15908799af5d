/* Numbers as octets, most significant first, in what is signed or sealed. Each moves on and gives the place behind. */
#ifndef GATEWAY_OCTETS_H
#define GATEWAY_OCTETS_H

#include <stdint.h>

static inline uint8_t *
octets_put(uint8_t *at, uint64_t value, int octets)
{
	for (int i = octets - 1; i >= 0; i--)
		*at++ = (uint8_t)(value >> (8 * i));
	return at;
}

static inline uint64_t
octets_take(const uint8_t **at, int octets)
{
	uint64_t value = 0;

	for (int i = 0; i < octets; i++)
		value = value << 8 | *(*at)++;
	return value;
}

#endif
