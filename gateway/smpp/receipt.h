/*
 * Delivery receipts as carriers write them: optional parameters first, then the text of SMPP 3.4 appendix B, read
 * leniently. Pure.
 */
#ifndef GATEWAY_SMPP_RECEIPT_H
#define GATEWAY_SMPP_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "gateway/smpp/pdu.h"

struct receipt {
	char id[PDU_MESSAGE_ID_MAX + 1]; /* verbatim; "" when the carrier sent none */
	/*
	 * DELIVRD EXPIRED DELETED UNDELIV ACCEPTD UNKNOWN REJECTD ENROUTE, whatever the carrier's spelling; and BUFFERD,
	 * which the specification has not: held until the phone takes it.
	 */
	const char *state;
	char error[16]; /* "TYPE:CODE" of network_error_code, or the text's err field; "" when none or all zeros */
};

/*
 * Is this deliver_sm or data_sm a receipt, and what does it say? True by esm_class (receipt or intermediate
 * notification, with or without UDHI), or by its optional parameters where the carrier forgets esm_class. A text that
 * only looks like a receipt is a text: a citizen could write one.
 */
bool receipt_read(const struct pdu *p, struct receipt *out);

/* The text alone, as octets; fields that are absent leave out as it is. For receipt_read and its tests. */
void receipt_read_text(const uint8_t *text, size_t len, struct receipt *out);

/* The state that a message_state says (SMPP 3.4, 5.2.28), in the same spelling; "UNKNOWN" for a number out of range. */
const char *receipt_state_of(uint32_t message_state);

/* A state that no later receipt changes. "UNKNOWN", "ACCEPTD", "ENROUTE" and "BUFFERD" are none. */
bool receipt_is_final(const char *state);

#endif
