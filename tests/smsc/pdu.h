/*
 * The pretend carrier's own SMPP 3.4 codec: reads what an ESME sends, writes what an SMSC sends. Pure: no socket, no
 * allocation. It shares nothing with the gateway's packer, or both could be wrong together.
 */
#ifndef SMSC_PDU_H
#define SMSC_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PDU_HEADER = 16,
	PDU_MAX = 68 * 1024, /* a message_payload of 64 KiB with its fields; anything longer is an attack or noise */
};

enum pdu_command {
	PDU_BIND_RECEIVER = 0x01,
	PDU_BIND_TRANSMITTER = 0x02,
	PDU_QUERY_SM = 0x03,
	PDU_SUBMIT_SM = 0x04,
	PDU_DELIVER_SM = 0x05,
	PDU_UNBIND = 0x06,
	PDU_CANCEL_SM = 0x08,
	PDU_BIND_TRANSCEIVER = 0x09,
	PDU_OUTBIND = 0x0B,
	PDU_ENQUIRE_LINK = 0x15,
	PDU_DATA_SM = 0x103,
};
#define PDU_RESPONSE 0x80000000u /* set in the command_id of every response */
#define PDU_GENERIC_NACK 0x80000000u

/* command_status, SMPP 3.4 section 5.1.3 */
enum pdu_status {
	PDU_OK = 0x00,
	PDU_BAD_MESSAGE_LENGTH = 0x01,
	PDU_BAD_LENGTH = 0x02,
	PDU_BAD_COMMAND = 0x03,
	PDU_NOT_BOUND = 0x04,
	PDU_ALREADY_BOUND = 0x05,
	PDU_SYSTEM_ERROR = 0x08,
	PDU_BAD_DESTINATION = 0x0B,
	PDU_BAD_MESSAGE_ID = 0x0C,
	PDU_BIND_FAILED = 0x0D,
	PDU_BAD_PASSWORD = 0x0E,
	PDU_BAD_SYSTEM_ID = 0x0F,
	PDU_CANCEL_FAILED = 0x11,
	PDU_QUEUE_FULL = 0x14,
	PDU_SUBMIT_FAILED = 0x45,
	PDU_BAD_ESM_CLASS = 0x43,
	PDU_THROTTLED = 0x58,
	PDU_COME_AGAIN = 0x64, /* ESME_RX_T_APPN: the receiver cannot take it now */
	PDU_QUERY_FAILED = 0x67,
	PDU_BAD_TLVS = 0xC0,
};

enum {
	PDU_ESM_UDHI = 0x40,	/* the octets begin with a user data header */
	PDU_ESM_RECEIPT = 0x04, /* bits 5..2: a delivery receipt */
	PDU_ESM_INTERMEDIATE = 0x20,
	PDU_ESM_TYPE = 0x3C,
};

struct pdu_header {
	uint32_t length, command, status, sequence;
};

struct pdu_bind {
	char system_id[16], password[9], system_type[13], address_range[41];
	uint8_t interface_version, ton, npi;
};

/* query_sm (4.8.1) and cancel_sm (4.9.1). */
struct pdu_about {
	char service_type[6], id[66], source[21], dest[21]; /* dest: cancel_sm */
};

/* submit_sm, deliver_sm and data_sm: one shape. octets points into the decoded buffer, or at the caller's. */
struct pdu_sm {
	char service_type[6];
	uint8_t source_ton, source_npi, dest_ton, dest_npi;
	char source[65], dest[65]; /* 20 characters in submit_sm and deliver_sm, 64 in data_sm */
	uint8_t esm_class, protocol_id, priority, registered, replace, data_coding, default_id;
	char schedule[17], validity[17];
	const uint8_t *octets;
	size_t noctets;
	bool payload; /* the octets travel in message_payload, not in short_message */

	/* optional parameters */
	bool has_sar;
	uint16_t sar_reference;
	uint8_t sar_total, sar_part;
	bool has_state;
	uint8_t state;		   /* message_state */
	char receipted_id[66]; /* "" when absent */
	int user_reference;	   /* user_message_reference, -1 when absent */
	int ussd_op;		   /* ussd_service_op, -1 when absent */
	int session_info;	   /* its_session_info, -1 when absent */
};

/* Reads the 16 octets at p. */
struct pdu_header pdu_decode_header(const uint8_t *p);

/*
 * Read the body of len octets behind a header. Return PDU_OK, or the status to refuse it with: PDU_BAD_LENGTH (fields
 * do not fit), PDU_BAD_MESSAGE_LENGTH (sm_length says more than there is), PDU_BAD_TLVS (optional parameters do not
 * tile to the end).
 */
uint32_t pdu_decode_bind(const uint8_t *body, size_t len, struct pdu_bind *out);
uint32_t pdu_decode_about(uint32_t command, const uint8_t *body, size_t len, struct pdu_about *out);
uint32_t pdu_decode_sm(uint32_t command, const uint8_t *body, size_t len, struct pdu_sm *out);

/* A PDU being written into the caller's octets. full is set, and nothing more written, when it does not fit. */
struct pdu_out {
	uint8_t *octets;
	size_t room, len;
	bool full;
};
void pdu_begin(struct pdu_out *o, uint8_t *octets, size_t room, uint32_t command, uint32_t status, uint32_t sequence);
void pdu_add_octet(struct pdu_out *o, uint8_t v);
void pdu_add_string(struct pdu_out *o, const char *s); /* with its NUL */
void pdu_add_octets(struct pdu_out *o, const void *p, size_t len);
void pdu_add_tlv(struct pdu_out *o, uint16_t tag, const void *value, size_t len);
void pdu_add_sm(struct pdu_out *o, const struct pdu_sm *sm); /* mandatory fields, octets and optional parameters */
void pdu_add_sm_as(struct pdu_out *o, uint32_t command, const struct pdu_sm *sm); /* PDU_DATA_SM has fewer fields */
/* Writes command_length. Returns the octets of the whole PDU, 0 when it did not fit. */
size_t pdu_end(struct pdu_out *o);

/* An empty sm: zeroed, with the optional numbers absent. */
void pdu_sm_init(struct pdu_sm *sm);
void pdu_patch_sequence(uint8_t *pdu, uint32_t sequence);
const char *pdu_command_name(uint32_t command); /* "submit_sm", ... or "unknown" */

#endif
