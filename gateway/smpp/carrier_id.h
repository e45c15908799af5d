/*
 * A carrier's message id as a key that its response and its receipt share, whatever base, case or padding it writes
 * them in. Pure: a function of the link's setting and of what was seen on the link so far.
 */
#ifndef GATEWAY_SMPP_CARRIER_ID_H
#define GATEWAY_SMPP_CARRIER_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CARRIER_KEY_MAX 72 /* octets of a key with its NUL */

/* The setting `message_id` of a link: how the carrier writes the id in the response to a submit_sm. */
enum carrier_id_setting {
	CARRIER_ID_AUTO,	 /* learn it */
	CARRIER_ID_VERBATIM, /* response and receipt hold the same octets */
	CARRIER_ID_HEX,		 /* hexadecimal in the response, decimal in the receipt */
	CARRIER_ID_DECIMAL,	 /* decimal in the response, hexadecimal in the receipt */
};
/* "auto", "verbatim", "hex", "decimal". 0, or -1 when it is none of them. */
int carrier_id_setting_by_name(const char *name, enum carrier_id_setting *out);

/* What a link has learnt: the last ids given out, and how often each reading of a receipt met one of them. Zeroed =
 * new. */
#define CARRIER_ID_REMEMBERED 1024
enum carrier_id_habit {
	CARRIER_HABIT_SAME,
	CARRIER_HABIT_HEX,
	CARRIER_HABIT_DECIMAL,
	CARRIER_HABITS,
};
struct carrier_id_learnt {
	uint64_t recent[CARRIER_ID_REMEMBERED]; /* hashes of key and destination; 0 = empty */
	size_t next;
	uint32_t met[CARRIER_HABITS];
};

/*
 * The key of an id from a response. Verbatim: itself. Otherwise case-folded, blanks around it and leading zeros
 * stripped. out needs CARRIER_KEY_MAX octets; "" for an empty id; longer ids are cut.
 */
void carrier_id_response_key(enum carrier_id_setting setting, const char *id, char *out, size_t room);

/* Remember an id given out for this destination (digits of a phone, any spelling of the plus), for AUTO. */
void carrier_id_remember(struct carrier_id_learnt *l, const char *response_key, const char *dest);

/*
 * The key of an id from a receipt: the one that carrier_id_response_key gave for the response's. With AUTO the reading
 * that meets a remembered id of this destination wins; without such evidence the link's habit so far; without a habit
 * the id is read as it is. Learns from unambiguous evidence only.
 */
void carrier_id_receipt_key(enum carrier_id_setting setting, struct carrier_id_learnt *l, const char *id,
	const char *dest, char *out, size_t room);

#endif
