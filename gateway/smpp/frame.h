/*
 * Where one PDU ends and the next begins in a stream of octets (SMPP 3.4, 3.2). Pure: the caller keeps the octets that
 * have come so far, however the network cut them, and asks again when more are there.
 */
#ifndef GATEWAY_SMPP_FRAME_H
#define GATEWAY_SMPP_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum frame {
	FRAME_MORE,	 /* the PDU is not complete yet */
	FRAME_READY, /* *len octets from the beginning are one PDU */
	FRAME_BAD,	 /* a length under 16 or over PDU_MAX: the stream is lost; generic_nack with sequence 0, then close */
};

#define FRAME_LENGTH 4 /* octets of `head` that frame_check looks at */

/*
 * head: the first octets of what has come, at least FRAME_LENGTH of them once `have` is that many.
 * have: how many have come in all. *len is set with FRAME_READY, and with FRAME_MORE when the length is known (else 0).
 */
enum frame frame_check(const uint8_t *head, size_t have, size_t *len);

#endif
