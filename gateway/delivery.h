/*
 * What became of a text, in the words of staff: one table for the states of a message, one for what a receipt gives as
 * the reason. The command line, the console, the API and the worklists speak by it. Pure.
 */
#ifndef GATEWAY_DELIVERY_H
#define GATEWAY_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The words of message.state (or of "received", for a text that came in) in a language: "zh", else English. The state
 * itself when no row has it.
 */
const char *delivery_words(const char *state, const char *language);

/* Why a text did not arrive, by the final state of its receipt ("UNDELIV"). */
const char *delivery_reason(const char *receipt, const char *language);
/* The receipts' states that have a reason, for a statement that asks for all: n pointers, constant. */
size_t delivery_receipts(const char *const **states);

/* The carrier lost every trace: the connection dropped, and no receipt came. */
const char *delivery_uncertain_reason(const char *language);

/*
 * What is stored as the reason or the error of a text, in whichever language it was, in this language: "UNDELIV 012", a
 * reason of delivery_reason with a code behind it, words with the carrier's status in brackets, "... (0x0B)". False: it
 * is none of them, and out is as it was.
 */
bool delivery_reworded(const char *stored, const char *language, char *out, size_t room);

/*
 * The state of a message that the carrier has refused for good: "failed" when it is about the phone, "technical" when
 * it is about us or the carrier itself.
 */
const char *delivery_refused_state(uint32_t status);

#endif
