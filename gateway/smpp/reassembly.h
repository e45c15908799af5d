/*
 * Long inbound texts: which part of which text a PDU carries, what it says, and the whole once all parts are there.
 * Pure; where the parts wait meanwhile is the owner's business (they are stored before the carrier is answered).
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

/* A part as it waited. */
struct reassembly_part {
	int part;
	int64_t received_at; /* seconds or microseconds, as `oldest` below */
	const char *text;	 /* UTF-8 */
	size_t len;
};

enum reassembly {
	REASSEMBLY_WAITING,	 /* at least one part is missing */
	REASSEMBLY_COMPLETE, /* out holds the whole, NUL-terminated */
	REASSEMBLY_TOO_LONG, /* complete, but out is too small (parts' lengths + 1 always suffice) */
};

/*
 * Joins the parts 1..total of one text in their order, whatever the order they are listed in. A part that is there
 * twice counts once, the one received last. Parts received before `oldest` are left out: they belong to an earlier
 * text that used the same reference and was never completed.
 */
enum reassembly reassembly_join(
	const struct reassembly_part *list, size_t count, int total, int64_t oldest, char *out, size_t room);

#endif
