/*
 * USSD over SMPP (ussd_service_op and its_session_info, SMPP 3.4, 5.3.2.44 and 5.3.2.43): what a citizen did, and how
 * what is to be said goes out. Carriers do it in different ways; a way is a profile, and a profile is data: a file of
 * the ussd_profiles folder, read with the configuration. Pure.
 */
#ifndef GATEWAY_SMPP_USSD_H
#define GATEWAY_SMPP_USSD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "dialog/text.h"
#include "gateway/smpp/pdu.h"

struct conf_profile; /* gateway/conf.h */

#define USSD_SESSION_MAX 63 /* octets of a session's key */
#define USSD_STATE_MAX 63	/* octets of its state */
#define USSD_CODE_MAX 63	/* octets of a dialled code that are kept */

enum ussd_event {
	USSD_NONE,
	USSD_DIAL,	   /* the citizen dialled a code: a session begins */
	USSD_INPUT,	   /* the citizen answered our menu */
	USSD_NOTICED,  /* our notification was confirmed */
	USSD_RELEASED, /* the session is over: hung up, ended by the network, failed; `reason` says it in words */
};

enum ussd_say {
	USSD_MENU,		/* text, and wait for an answer: the session goes on */
	USSD_END,		/* the last text of a session, whoever opened it */
	USSD_PUSH_MENU, /* begin a session by ourselves, wait for an answer */
	USSD_PUSH_NOTE, /* begin one by ourselves; nothing is awaited but the confirmation */
	USSD_RELEASE,	/* end it without a text, where the profile can */
	USSD_SAYS,
};

struct ussd_in {
	enum ussd_event event;
	const char *session; /* names the session on this link while it lives; never "" */
	const char *state;	 /* opaque: goes back with the next thing said in this session */
	const char *code;	 /* what was dialled ("*123#") with USSD_DIAL, else "" */
	bool ended;			 /* the network has ended the session: nothing can be said in it any more */
	const char *reason;	 /* why, in words; "" when not ended */
};

struct ussd_out {
	enum ussd_say say;
	const char *session, *state; /* "" with a push */
	const char *code;			 /* what a push comes from, "" = the link's own */
	bool pushed;				 /* the session was opened by our push: some networks end it in another way */
};

/* ---- The profile ------------------------------------------------------------------------------------------------ */

enum ussd_key {
	USSD_KEY_PHONE = 1,		 /* the citizen's address */
	USSD_KEY_ADDRESS = 2,	 /* ours */
	USSD_KEY_CODE = 4,		 /* the first digits of our address: "123" of *123*4# and of 123 */
	USSD_KEY_SESSION = 8,	 /* its_session_info under session_mask */
	USSD_KEY_REFERENCE = 16, /* user_message_reference */
	USSD_KEY_RECEIPTED = 32, /* receipted_message_id */
};

/* What an operation of the carrier means. */
struct ussd_meaning {
	enum ussd_event event;
	bool ended;
	const char *reason; /* USSD_RELEASED: into the configuration */
};

struct ussd_profile {
	const char *name;
	unsigned key; /* enum ussd_key, joined */
	uint16_t session_mask;
	bool next_sequence;			/* the sequence number in its_session_info goes up with each PDU of ours */
	bool end_by_bit, end_by_op; /* how the end of a session shows */
	bool data_sm, payload, packed;
	bool code_in_text, code_in_address;
	char service_type[6];
	uint8_t data_coding_gsm7, data_coding_ucs2;
	int length_gsm7, length_ucs2; /* septets, UTF-16 units of one screen */
	int reply_seconds, idle_seconds;
	int op[USSD_SAYS]; /* ussd_service_op of what we say, -1 = this profile cannot */
	int op_end_pushed; /* ends a session that we opened */
	int op_end_data;   /* ends a session that came as operation 0 */
	struct ussd_meaning meaning[256];
};

/*
 * A profile from its section of the configuration, whose texts it points into. 0, or -1 with the key at fault and what
 * is wrong with it (why: room octets).
 */
int ussd_profile_make(
	const struct conf_profile *conf, struct ussd_profile *out, const char **key, char *why, size_t room);

/* ---- In --------------------------------------------------------------------------------------------------------- */

struct ussd_reading {
	struct ussd_in in; /* points into what follows */
	char session[USSD_SESSION_MAX + 1], state[USSD_STATE_MAX + 1], code[USSD_CODE_MAX + 1];
	uint32_t status; /* USSD_NONE: the command_status that tells the carrier what is wrong with its PDU */
	char why[96];	 /* USSD_NONE: the same in words */
};

/*
 * Is this deliver_sm or data_sm USSD, and what does it say? p may be NULL: a link without USSD; then true means that a
 * carrier sent USSD where none is spoken, which nobody could read as a text. False: a text or a receipt. With true and
 * USSD_NONE nothing can be made of it, and out->status and out->why say why.
 */
bool ussd_read(
	const struct ussd_profile *p, const struct pdu *d, enum text_coding link_default, struct ussd_reading *out);

/* The coding of a USSD text by its data_coding. */
enum text_coding ussd_coding(const struct ussd_profile *p, uint8_t data_coding, enum text_coding link_default);

/* ---- Out -------------------------------------------------------------------------------------------------------- */

/* The fields of the submit_sm or data_sm that says it, beside the addresses of the part. */
struct ussd_wire {
	bool data_sm; /* otherwise submit_sm */
	bool payload; /* the text goes as message_payload */
	const char *service_type;
	uint8_t data_coding;
	const char *source; /* NULL = the part's own */
	uint8_t source_ton, source_npi;
	uint8_t octets[255];
	size_t len;
	struct pdu_options options; /* message_payload is not among them */
	char source_buffer[21];
};

/*
 * octets: the text as text_ussd_encode writes it, one septet per octet or, with ucs2, UTF-16BE. 0; or -1 when it cannot
 * be said in this profile, with the status that a carrier would give and why in words (a constant).
 */
int ussd_write(const struct ussd_profile *p, const struct ussd_out *say, bool ucs2, const uint8_t *octets, size_t len,
	struct ussd_wire *out, uint32_t *status, const char **why);

#endif
