/*
 * A link's wire log: each PDU as a line in the log, and in a capture file that Wireshark opens. Both can be switched
 * while the link runs; off, they cost one comparison per PDU.
 *
 * The capture is bounded: at its limit the file becomes FILE.1, the one before goes, and a new one begins.
 */
#ifndef GATEWAY_SMPP_WIRE_H
#define GATEWAY_SMPP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "gateway/smpp/pcap.h"
#include "gateway/smpp/wire_line.h"

struct conf_link; /* gateway/conf.h */
struct wire;

/* conf must outlive it; its wire_... values are taken over at once. NULL without memory. */
struct wire *wire_new(const struct conf_link *conf);
void wire_free(struct wire *w); /* NULL is fine */

/* Takes over what the configuration says now. */
void wire_reload(struct wire *w);
/* Until the next wire_reload. Each tells the log. */
void wire_set_detail(struct wire *w, enum wire_detail detail);
void wire_set_capture(struct wire *w, bool on);
bool wire_on(const struct wire *w); /* whether a PDU must be shown at all; false for NULL */

/* One connection. Zero it once. */
struct wire_flow {
	bool known, shown;	 /* its addresses are known; the file that is open has its beginning */
	uint32_t generation; /* of that file */
	struct pcap_flow pcap;
};
void wire_begin(struct wire *w, struct wire_flow *f, int fd);
/* One PDU as it was read, or as it is handed to the socket; octets are not changed. */
void wire_pdu(struct wire *w, struct wire_flow *f, bool out, const uint8_t *octets, size_t len);
/* Several PDUs, one behind the other. */
void wire_pdus(struct wire *w, struct wire_flow *f, bool out, const uint8_t *octets, size_t len);
void wire_end(struct wire *w, struct wire_flow *f, bool by_us);

#endif
