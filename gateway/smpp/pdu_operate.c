/* Outbound: query_sm (SMPP 3.4, 4.8.1) and cancel_sm (4.9.1). */
#include "gateway/smpp/pdu.h"
#include "gateway/smpp/pdu_write.h"

#define MESSAGE_ID_MAX 64
#define ADDRESS_MAX 20

int
pdu_encode_operate(const struct pdu_operate *o, uint8_t *out, size_t room)
{
	struct writer w = write_header(out, room, o->command, 0, o->sequence);

	/* A service_type would cancel a whole group of texts: there is never one. */
	if (o->command == PDU_CANCEL_SM)
		write_string(&w, "", 0);
	write_string(&w, o->message_id, MESSAGE_ID_MAX);
	write_u8(&w, o->source_ton);
	write_u8(&w, o->source_npi);
	write_string(&w, o->source, ADDRESS_MAX);
	if (o->command == PDU_CANCEL_SM) {
		write_u8(&w, o->dest_ton);
		write_u8(&w, o->dest_npi);
		write_string(&w, o->dest, ADDRESS_MAX);
	}
	return write_finish(&w);
}
