/* One part of a text as a submit_sm: addresses, validity, flags. Pure. */
#ifndef GATEWAY_SMPP_SUBMIT_H
#define GATEWAY_SMPP_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct link_part; /* gateway/smpp/link.h */
struct ussd_profile;

/*
 * receipts: whether this link asks for them at all. Octets written; or -1 when a field of the part is too long for any
 * submit_sm, with *status set to the command_status that a carrier would give (0x01, 0x0A, 0x0B).
 */
int submit_encode(const struct link_part *p, uint32_t sequence, bool receipts, time_t now, uint8_t *out, size_t room,
	uint32_t *status);

/*
 * A part with p->ussd as the PDU that carries it in this profile (NULL: the link has none). Octets written; or -1 as
 * above, with why in words (a constant). Neither a receipt nor a validity goes with it.
 */
int submit_encode_ussd(const struct link_part *p, const struct ussd_profile *ussd, uint32_t sequence, uint8_t *out,
	size_t room, uint32_t *status, const char **why);

#endif
