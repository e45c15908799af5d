/* Questions about texts and requests to take them back, as PDUs; and the answer, as plain fields. Pure. */
#ifndef GATEWAY_SMPP_OPERATE_H
#define GATEWAY_SMPP_OPERATE_H

#include <stddef.h>
#include <stdint.h>
#include "gateway/smpp/link.h"

struct pdu;

/* Octets written, or -1 when the id or an address is too long. Addresses are written as submit_encode wrote them. */
int operate_encode(const struct link_operate *o, enum link_operation operation, const struct conf_link *conf,
	uint32_t sequence, uint8_t *out, size_t room);
/* State, final date and error of a query_sm_resp. */
void operate_read(const struct pdu *p, struct link_operated *out);
/*
 * An absolute time of SMPP 3.4, 7.1.1 ("YYMMDDhhmmsstnnp", nn quarters of an hour from UTC) as unix seconds. What
 * stands behind the seconds may be missing, and then it is UTC. 0 when it cannot be read, or is relative.
 */
int64_t operate_time(const char *text);

#endif
