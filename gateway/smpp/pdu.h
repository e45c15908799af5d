/*
 * SMPP 3.4 PDUs: octets of a peer to plain fields and back, without an allocation.
 *
 * Every octet is walked and written by our own code, with bounds, in some tens of nanoseconds. libsmpp34 is the judge
 * of it: in the tests, in the fuzz target and once at every start of the daemon (pdu_library.h), where both must agree.
 * It is not asked about each PDU, because it refuses what is legal or common, and because its trace costs fifty times
 * as much. Nothing here touches a socket, the clock or the log.
 */
#ifndef GATEWAY_SMPP_PDU_H
#define GATEWAY_SMPP_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PDU_HEADER 16	/* octets of every PDU's header (SMPP 3.4, 3.2) */
#define PDU_MAX 70000	/* octets of the longest PDU that is read: a 64 KiB message_payload and what stands before it */
#define PDU_TLVS_MAX 64 /* optional parameters that are kept; more are walked and left out */
/* Octets that hold every PDU that is written here, but one with a message_payload of more than 254 octets. */
#define PDU_ENCODED_MAX 1024

#define PDU_ADDRESS_MAX 64	  /* SMPP says 20 (65 in data_sm); longer ones are read all the same */
#define PDU_MESSAGE_ID_MAX 71 /* SMPP says 64 */
#define PDU_SYSTEM_ID_MAX 64  /* SMPP says 15 */
#define PDU_TIME_MAX 16

enum pdu_command {
	PDU_BIND_RECEIVER = 0x00000001,
	PDU_BIND_TRANSMITTER = 0x00000002,
	PDU_QUERY_SM = 0x00000003,
	PDU_SUBMIT_SM = 0x00000004,
	PDU_DELIVER_SM = 0x00000005,
	PDU_UNBIND = 0x00000006,
	PDU_REPLACE_SM = 0x00000007,
	PDU_CANCEL_SM = 0x00000008,
	PDU_BIND_TRANSCEIVER = 0x00000009,
	PDU_OUTBIND = 0x0000000b,
	PDU_ENQUIRE_LINK = 0x00000015,
	PDU_SUBMIT_MULTI = 0x00000021,
	PDU_ALERT_NOTIFICATION = 0x00000102,
	PDU_DATA_SM = 0x00000103,
};
/* Responses as plain numbers: an enumerator above INT_MAX is not C17. */
#define PDU_RESPONSE 0x80000000u
#define PDU_GENERIC_NACK 0x80000000u
#define PDU_BIND_RECEIVER_RESP 0x80000001u
#define PDU_BIND_TRANSMITTER_RESP 0x80000002u
#define PDU_QUERY_SM_RESP 0x80000003u
#define PDU_SUBMIT_SM_RESP 0x80000004u
#define PDU_DELIVER_SM_RESP 0x80000005u
#define PDU_UNBIND_RESP 0x80000006u
#define PDU_REPLACE_SM_RESP 0x80000007u
#define PDU_CANCEL_SM_RESP 0x80000008u
#define PDU_BIND_TRANSCEIVER_RESP 0x80000009u
#define PDU_ENQUIRE_LINK_RESP 0x80000015u
#define PDU_SUBMIT_MULTI_RESP 0x80000021u
#define PDU_DATA_SM_RESP 0x80000103u

/* Optional parameters (SMPP 3.4, 5.3.2) that something here asks for or sends; pdu_tlv_facts knows all of them. */
#define PDU_TLV_QOS_TIME_TO_LIVE 0x0017
#define PDU_TLV_RECEIPTED_MESSAGE_ID 0x001e
#define PDU_TLV_USER_MESSAGE_REFERENCE 0x0204
#define PDU_TLV_SAR_REFERENCE 0x020c
#define PDU_TLV_SAR_TOTAL 0x020e
#define PDU_TLV_SAR_PART 0x020f
#define PDU_TLV_SC_INTERFACE_VERSION 0x0210
#define PDU_TLV_NETWORK_ERROR_CODE 0x0423
#define PDU_TLV_MESSAGE_PAYLOAD 0x0424
#define PDU_TLV_MESSAGE_STATE 0x0427
#define PDU_TLV_CONGESTION_STATE 0x0428
#define PDU_TLV_USSD_SERVICE_OP 0x0501
#define PDU_TLV_ITS_SESSION_INFO 0x1383

#define PDU_ESM_UDHI 0x40 /* the message begins with a user data header */

struct pdu_tlv {
	uint16_t tag, len;
	const uint8_t *value; /* into the caller's octets */
};

/* A PDU as plain fields. Pointers go into the octets it was decoded from and live as long as they. */
struct pdu {
	uint32_t length, command, status, sequence;
	bool has_body;	   /* something follows the header */
	uint32_t optional; /* where the optional part begins in a PDU with one, counted from the header's first octet */

	/* submit_sm, deliver_sm, data_sm */
	char service_type[PDU_TIME_MAX + 1];
	uint8_t source_ton, source_npi, dest_ton, dest_npi;
	char source[PDU_ADDRESS_MAX + 1], dest[PDU_ADDRESS_MAX + 1];
	uint8_t esm_class, protocol_id, priority_flag, registered_delivery, replace_if_present, data_coding, default_msg_id;
	char schedule[PDU_TIME_MAX + 1], validity[PDU_TIME_MAX + 1];
	const uint8_t *message; /* short_message, or message_payload when that is empty; never NULL */
	size_t message_len;

	char message_id[PDU_MESSAGE_ID_MAX + 1]; /* submit_sm_resp, data_sm_resp, deliver_sm_resp, query_sm_resp */
	char system_id[PDU_SYSTEM_ID_MAX + 1];	 /* bind_*_resp, outbind */
	char password[PDU_SYSTEM_ID_MAX + 1];	 /* outbind; never logged */
	char final_date[PDU_TIME_MAX + 1];		 /* query_sm_resp, with the two below */
	uint8_t message_state, error_code;

	size_t ntlvs;
	size_t tlvs_left_out;
	struct pdu_tlv tlvs[PDU_TLVS_MAX]; /* the first ntlvs hold; the others are not touched, which is most of the time */
};

enum pdu_verdict {
	PDU_GOOD,
	PDU_BAD_LENGTH,	 /* no header, or command_length is not the octets' count or over PDU_MAX: nack 0, close */
	PDU_UNKNOWN,	 /* header good; the command is none that a carrier sends: generic_nack 0x03 */
	PDU_BAD_BODY,	 /* header good; a mandatory field runs over the end or its length: answer 0x02 by sequence */
	PDU_BAD_OPTIONS, /* header and mandatory part good; the optional part does not tile: answer 0xC0 by sequence */
};

/*
 * Decodes exactly one PDU of `len` octets; out is filled from zero whatever it held (but for tlvs beyond ntlvs). With
 * every verdict but PDU_BAD_LENGTH the header fields hold, so that an answer by sequence is possible.
 */
enum pdu_verdict pdu_decode(const uint8_t *octets, size_t len, struct pdu *out);

/* The first TLV with this tag, or NULL. */
const struct pdu_tlv *pdu_tlv(const struct pdu *p, uint16_t tag);
/* Its value as a number of 1 to 8 octets when that fits 32 bits (widths other than the table's are tolerated). */
bool pdu_tlv_number(const struct pdu *p, uint16_t tag, uint32_t *value);
/* Its value as a string: up to the first NUL or its end. False, with out "", when absent; cut to room. */
bool pdu_tlv_string(const struct pdu *p, uint16_t tag, char *out, size_t room);

const char *pdu_command_name(uint32_t command); /* "deliver_sm"; "command" for one that SMPP 3.4 does not have */

/* What SMPP 3.4, 5.3.2 says of an optional parameter. */
enum pdu_tlv_kind {
	PDU_TLV_NUMBER, /* an integer of most octets, most significant first */
	PDU_TLV_STRING, /* a C-octet string: its NUL counts */
	PDU_TLV_OCTETS,
};
struct pdu_tlv_facts {
	uint16_t tag;
	uint16_t least, most; /* octets of its value */
	enum pdu_tlv_kind kind;
	const char *name; /* "ussd_service_op" */
};
const struct pdu_tlv_facts *pdu_tlv_facts(uint16_t tag); /* NULL for one that the specification does not have */

/* ---- Outbound: each returns the octets written, or -1 when a field is too long or room is too small. --------- */

struct pdu_bind {
	uint32_t command; /* PDU_BIND_TRANSCEIVER, ... */
	uint32_t sequence;
	const char *system_id, *password, *system_type;
	uint8_t interface_version; /* 0x34, which 0 means too */
	uint8_t addr_ton, addr_npi;
	const char *address_range; /* at most 40 characters; NULL and "" = the carrier knows which numbers are ours */
};
int pdu_encode_bind(const struct pdu_bind *b, uint8_t *out, size_t room);

/* Optional parameters on their way out, as they go on the wire. Begin with {0}; add; give to pdu_encode_submit. */
struct pdu_options {
	uint8_t octets[320];
	size_t used;
	bool full; /* one did not fit, or is not as its facts say: no PDU is made of it */
};
/* Width by the tag's facts; two octets where there are none. */
void pdu_option_number(struct pdu_options *o, uint16_t tag, uint32_t value);
void pdu_option_string(struct pdu_options *o, uint16_t tag, const char *value); /* with its NUL */
void pdu_option_octets(struct pdu_options *o, uint16_t tag, const uint8_t *value, size_t len);

/* A submit_sm (SMPP 3.4, 4.4.1) or data_sm (4.7.1); strings that are NULL are empty. */
struct pdu_submit {
	uint32_t command; /* PDU_SUBMIT_SM, which 0 means too, or PDU_DATA_SM */
	uint32_t sequence;
	const char *service_type; /* at most 5 characters; "USSD" */
	uint8_t source_ton, source_npi, dest_ton, dest_npi;
	const char *source, *dest; /* at most 20 characters, 64 in a data_sm */
	uint8_t esm_class, protocol_id, priority_flag, registered_delivery, replace_if_present, data_coding, default_msg_id;
	const char *schedule, *validity; /* "" or YYMMDDhhmmsstnnp (SMPP 3.4, 7.1.1); a data_sm has neither */
	const uint8_t *octets;
	size_t len;						   /* at most 254, or 65535 as payload */
	bool payload;					   /* octets go into message_payload; in a data_sm they always do */
	const struct pdu_options *options; /* written behind message_payload in their order; NULL = none */
};
int pdu_encode_submit(const struct pdu_submit *s, uint8_t *out, size_t room);

/* query_sm (SMPP 3.4, 4.8.1) and cancel_sm (4.9.1); a query_sm has no destination. */
struct pdu_operate {
	uint32_t command, sequence;
	const char *message_id; /* verbatim, as the carrier gave it; at most 64 characters */
	uint8_t source_ton, source_npi, dest_ton, dest_npi;
	const char *source, *dest; /* as they were submitted */
};
int pdu_encode_operate(const struct pdu_operate *o, uint8_t *out, size_t room);

/* Header-only PDUs, and deliver_sm_resp and data_sm_resp, which get the empty message_id that they need. */
int pdu_encode_simple(uint32_t command, uint32_t status, uint32_t sequence, uint8_t *out, size_t room);

#endif
