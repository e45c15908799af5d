/* One part of a text as a submit_sm: addresses, validity, flags. Pure. */
#ifndef GATEWAY_SMPP_SUBMIT_H
#define GATEWAY_SMPP_SUBMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct link_part; /* gateway/smpp/link.h */
struct conf_link; /* gateway/conf.h: service_type, submit_with, receipts, types of number */
struct ussd_profile;

/*
 * As the link sends: submit_sm or data_sm, a text over 254 octets in message_payload. Octets written; or -1 when a
 * field of the part is too long for either, with *status set to the command_status that a carrier would give (0x01,
 * 0x0A, 0x0B).
 */
int submit_encode(const struct link_part *p, const struct conf_link *conf, uint32_t sequence, time_t now, uint8_t *out,
	size_t room, uint32_t *status);

/* An address without its plus, with the types of number that it goes out with: found out, or the configuration's. */
const char *submit_source(const struct conf_link *conf, const char *source, uint8_t *ton, uint8_t *npi);
const char *submit_dest(const struct conf_link *conf, const char *dest, uint8_t *ton, uint8_t *npi);

/*
 * A part with p->ussd as the PDU that carries it in this profile (NULL: the link has none). Octets written; or -1 as
 * above, with why in words (a constant). Neither a receipt nor a validity goes with it.
 */
int submit_encode_ussd(const struct link_part *p, const struct conf_link *conf, const struct ussd_profile *ussd,
	uint32_t sequence, uint8_t *out, size_t room, uint32_t *status, const char **why);

#endif
