/*
 * The concatenation reference of a text in several parts (3GPP TS 23.040, 9.2.3.24.1): 1-255, the same for every
 * attempt of a text, and different for texts that one phone may be putting together at the same time.
 *
 * Each phone has its own, which wander: a text gets the one after its predecessor's, so that all 255 are used before
 * one comes a second time. Parts that never find the others (the rest was refused; or an attempt that nobody knew the
 * end of was made again though it had arrived) wait in a phone until it drops them, and another text with their
 * reference would be put together with them.
 *
 * A phone that has, or had, a conversation has its references from there: the latest one's row counts the texts in
 * parts that were said, and each goes into the outbox with its own. So neither a crash nor another daemon begins anew.
 * Only for phones without any, and texts that were queued by an older program, does a daemon choose from what it
 * remembers.
 */
#ifndef GATEWAY_SMPP_REFERENCE_H
#define GATEWAY_SMPP_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#define REFERENCE_TEXTS 8 /* the latest texts of one phone, whose further attempts are known by their number */

struct references;

/* Remembers the last texts of so many phones; the one longest without a text is forgotten first. NULL without memory.
 */
struct references *references_new(size_t phones);
void references_free(struct references *r);

/* Of the text in parts that is said to the phone of this conversation after nth others; TURN_ANSWER_AGAIN counts alike.
 */
uint8_t references_of(int64_t conversation_id, int64_t nth);
/* The reference for this text to this phone. had: what it was stored with, which it keeps; 0 = none is known. */
uint8_t references_pick(struct references *r, const char *phone, int64_t message_id, uint8_t had);

#endif
