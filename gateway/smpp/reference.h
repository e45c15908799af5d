/*
 * The concatenation reference of a text in several parts (3GPP TS 23.040, 9.2.3.24.1): 1-255, the same for every
 * attempt of a text, and different for texts that one phone may be putting together at the same time.
 *
 * It is the text's number modulo 255, so that another daemon and another run give the same text the same reference;
 * where a phone has lately got another text with it, the next one that is free.
 */
#ifndef GATEWAY_SMPP_REFERENCE_H
#define GATEWAY_SMPP_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#define REFERENCE_TEXTS 8 /* texts of one phone that are kept apart */

struct references;

/* Remembers the last texts of so many phones; the one longest without a text is forgotten first. NULL without memory.
 */
struct references *references_new(size_t phones);
void references_free(struct references *r);

/* The reference for this text to this phone. */
uint8_t references_pick(struct references *r, const char *phone, int64_t message_id);

#endif
