/*
 * Long inbound texts: which part of which text a PDU carries, and where its text begins. Pure; where the parts wait for
 * one another is the owner's business (gateway/turn_parts.c: they are stored before the carrier is answered), and
 * dialog/text.h reads them as one.
 */
#ifndef GATEWAY_SMPP_REASSEMBLY_H
#define GATEWAY_SMPP_REASSEMBLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "gateway/smpp/pdu.h"

enum concat_kind {
	CONCAT_NONE,
	CONCAT_UDH8,  /* 8-bit reference, 3GPP TS 23.040 9.2.3.24.1 */
	CONCAT_UDH16, /* 16-bit reference, 9.2.3.24.8 */
	CONCAT_SAR,	  /* sar_* parameters, SMPP 3.4 5.3.2.22-24 */
};
const char *concat_kind_name(enum concat_kind k); /* "", "udh8", "udh16", "sar" */

/* One part. Two parts belong together when phone, short code, kind, reference and parts are the same. */
struct concat {
	enum concat_kind kind;
	int reference;			 /* 0 is as good as any */
	int part;				 /* 1..parts */
	int parts;				 /* 1 with CONCAT_NONE */
	uint8_t locking, single; /* national language tables that the header names; 0 = the default */
	size_t header;			 /* octets of the user data header before the text; 0 when there is none, or it is broken */
};

/*
 * Reads the user data header (esm_class says there is one; in short_message or message_payload alike) or the sar_*
 * parameters. A header that is broken, or counts parts in a way that cannot be (part 0, part 3 of 2), makes the PDU a
 * text of its own rather than none.
 */
void concat_read(const struct pdu *p, struct concat *out);

#endif
