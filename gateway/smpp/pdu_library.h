/*
 * libsmpp34 as the judge of our own reading and writing of PDUs: the same octets out of the same fields, the same
 * fields out of the same octets. Asked by the tests, by the fuzz target, and once at every start.
 *
 * The library keeps a trace of every field, the bind's password too, in a global: one thread only, and nobody reads it.
 */
#ifndef GATEWAY_SMPP_PDU_LIBRARY_H
#define GATEWAY_SMPP_PDU_LIBRARY_H

#include "gateway/smpp/pdu.h"

enum pdu_judgement {
	PDU_AGREED,
	PDU_DECLINED, /* the library refuses it, does not know it, or must not be given it */
	PDU_DIFFERED,
};

/*
 * What it reads of the mandatory part against what pdu_decode has read. octets: those that p was decoded from, with the
 * verdict PDU_GOOD.
 */
enum pdu_judgement pdu_library_read(const uint8_t *octets, const struct pdu *p);

/* As pdu_encode_...: octets written by the library, or -1 when it refuses or its structs have no room for a field. */
int pdu_library_bind(const struct pdu_bind *b, uint8_t *out, size_t room);
int pdu_library_submit(const struct pdu_submit *s, uint8_t *out, size_t room);
int pdu_library_operate(const struct pdu_operate *o, uint8_t *out, size_t room);
int pdu_library_simple(uint32_t command, uint32_t status, uint32_t sequence, uint8_t *out, size_t room);

/* One PDU of each kind both ways (pdu_check.c). NULL, or the name of the first on which we differ. */
const char *pdu_library_check(void);

#endif
