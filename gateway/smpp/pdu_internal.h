/* What the files of the PDU layer share: our own encoders, and the one door to libsmpp34. */
#ifndef GATEWAY_SMPP_PDU_INTERNAL_H
#define GATEWAY_SMPP_PDU_INTERNAL_H

#include "gateway/smpp/pdu.h"

/*
 * Give a PDU whose header and mandatory part (`len` octets of `octets`) our own walk has found sound to libsmpp34 and
 * take the fields that it reads. Returns false, with p unchanged, when the library refuses or does not know it.
 */
bool pdu_library_decode(const uint8_t *octets, size_t len, struct pdu *p);

/* Through libsmpp34: octets written, or -1 when it refuses. The caller has checked that every field fits its array. */
int pdu_library_bind(const struct pdu_bind *b, uint8_t *out, size_t room);
int pdu_library_submit(const struct pdu_submit *s, uint8_t *out, size_t room);
int pdu_library_simple(uint32_t command, uint32_t status, uint32_t sequence, uint8_t *out, size_t room);

/* By hand: the same octets, and what the library refuses. */
int pdu_hand_bind(const struct pdu_bind *b, uint8_t *out, size_t room);
int pdu_hand_submit(const struct pdu_submit *s, uint8_t *out, size_t room);
int pdu_hand_simple(uint32_t command, uint32_t status, uint32_t sequence, uint8_t *out, size_t room);

#endif
