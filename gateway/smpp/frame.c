/* Finds the borders of PDUs in a stream. */
#include "gateway/smpp/frame.h"
#include "gateway/smpp/pdu.h"

enum frame
frame_check(const uint8_t *head, size_t have, size_t *len)
{
	uint32_t n;

	*len = 0;
	if (have < FRAME_LENGTH)
		return FRAME_MORE;
	n = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
	/* Refused as soon as it is seen: waiting for the octets of a length that lies would hold memory for nothing. */
	if (n < PDU_HEADER || n > PDU_MAX)
		return FRAME_BAD;
	*len = n;
	return have < n ? FRAME_MORE : FRAME_READY;
}
