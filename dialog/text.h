/*
 * What a text becomes on the wire and back: GSM 03.38 default alphabet with its extension table (3GPP TS 23.038,
 * 6.2.1) or UCS-2, counted, split into parts and encoded; and every inbound coding decoded to UTF-8.
 *
 * Pure; the caller owns all buffers. Bytes that are not UTF-8 count, split and travel as U+FFFD.
 */
#ifndef DIALOG_TEXT_H
#define DIALOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum text_alphabet {
	TEXT_GSM7, /* units are septets; an extension character takes two */
	TEXT_UCS2, /* units are 16-bit; a character beyond U+FFFF takes two */
};
const char *text_alphabet_name(enum text_alphabet a); /* "gsm7", "ucs2" */

#define TEXT_GSM7_SINGLE 160 /* septets of a text in one part */
#define TEXT_GSM7_PART 153	 /* septets of each part of several: 7 make room for the 6-octet header */
#define TEXT_UCS2_SINGLE 70
#define TEXT_UCS2_PART 67
#define TEXT_USSD_GSM7 182 /* 160 octets packed; USSD has no parts */
#define TEXT_USSD_UCS2 80
#define TEXT_PARTS_MAX 32		 /* more than any text of DIALOG_TEXT_MAX octets needs */
#define TEXT_UDH_LEN 6			 /* 05 00 03 reference total part */
#define TEXT_PART_OCTETS_MAX 160 /* of an encoded part, header included: below libsmpp34's 253 and SMPP's 254 */

struct text_measure {
	enum text_alphabet alphabet;
	size_t characters;
	size_t units;		/* of the whole text, without headers */
	int parts;			/* 1 for an empty text */
	size_t forcing;		/* characters that the GSM alphabet lacks; 0 = GSM-7 */
	uint32_t forced_by; /* the first of them; 0 = none */
	int gsm7_parts;		/* parts if each forcing character were one of the default alphabet: the cost told to authors */
};

/* Never fails: a text over TEXT_PARTS_MAX is measured all the same. m may not be NULL. */
void text_measure(const char *utf8, size_t len, struct text_measure *m);

/* Septets that a character takes in GSM-7: 1, 2 (extension table), or 0 when it is not in the alphabet. */
int text_gsm7_width(uint32_t cp);

/* Distinct characters that force UCS-2, in order of appearance. Returns how many there are; writes at most room. */
size_t text_forcing(const char *utf8, size_t len, uint32_t *list, size_t room);

/* True when the text fits one USSD screen: 182 septets or 80 UCS-2 units. */
bool text_ussd_fits(const char *utf8, size_t len);

struct text_part {
	size_t offset, len; /* octets of the UTF-8 text; parts tile it exactly, in order */
	size_t units;
};

struct text_parts {
	enum text_alphabet alphabet;
	int count; /* 1..TEXT_PARTS_MAX */
	struct text_part part[TEXT_PARTS_MAX];
};

/*
 * Splits at the limits above, never inside a character: neither an escape pair nor a surrogate pair is torn. An empty
 * text is one empty part. Returns 0, or -1 when it takes more than TEXT_PARTS_MAX parts (p->count is then 0).
 */
int text_split(const char *utf8, size_t len, struct text_parts *p);

struct text_wire {
	uint8_t data_coding; /* 0 = GSM-7, 8 = UCS-2 */
	bool udh;			 /* octets begin with the concatenation header: esm_class 0x40 */
	size_t len;
	uint8_t octets[TEXT_PART_OCTETS_MAX];
};

/*
 * Encodes part `index` (from 0) of a text that text_split has split, as short_message carries it: one septet per octet
 * (data_coding 0) or UTF-16BE (8), behind an 8-bit concatenation header (3GPP TS 23.040, 9.2.3.24.1) when there are
 * several parts. reference is the message's, the same for all its parts.
 * Returns 0, or -1 when index is out of range or p does not belong to this text.
 */
int text_part_encode(
	const char *utf8, size_t len, const struct text_parts *p, int index, uint8_t reference, struct text_wire *out);

/* The whole text as one USSD string, unpacked GSM-7 or UTF-16BE. Returns 0, or -1 when it does not fit. */
#define TEXT_USSD_OCTETS_MAX 182
struct text_ussd_wire {
	uint8_t data_coding;
	size_t len;
	uint8_t octets[TEXT_USSD_OCTETS_MAX];
};
int text_ussd_encode(const char *utf8, size_t len, struct text_ussd_wire *out);

/* ---- Inbound ------------------------------------------------------------------------------------------------- */

enum text_coding {
	TEXT_CODING_GSM7,		 /* one septet per octet */
	TEXT_CODING_GSM7_PACKED, /* eight septets in seven octets */
	TEXT_CODING_ASCII,
	TEXT_CODING_LATIN1,
	TEXT_CODING_CYRILLIC, /* ISO 8859-5 */
	TEXT_CODING_HEBREW,	  /* ISO 8859-8 */
	TEXT_CODING_UTF16,	  /* big-endian unless a byte order mark says otherwise; surrogates joined */
	TEXT_CODING_BINARY,	  /* every octet reads as U+FFFD: 8-bit data must never look like an answer */
};

/*
 * The coding of a deliver_sm by its data_coding (SMPP 3.4, 5.2.19; GSM message classes 0x10-0x1F and 0xF0-0xFF as 3GPP
 * TS 23.038, section 4). 0 means what the link's default_alphabet says.
 */
enum text_coding text_coding_of(uint8_t data_coding, enum text_coding link_default);
/* "gsm7", "gsm7-packed", "ascii", "latin1", "ucs2" as in the configuration -> coding. 0, or -1 when unknown. */
int text_coding_by_name(const char *name, enum text_coding *coding);

/*
 * Decodes octets (user data without its header) into NUL-terminated UTF-8 without NULs inside, cut at a character when
 * room does not suffice (room at least 1; 3 octets for each unit + 1 always suffice). Unreadable units become U+FFFD;
 * NULs at the end of an ASCII, Latin-1 or UCS-2 text are dropped. Returns octets written without the NUL.
 */
size_t text_decode(enum text_coding coding, const uint8_t *in, size_t len, char *out, size_t room);

/* One septet per octet. An escape with an unknown second septet shows that septet; a lone escape is a space. */
size_t text_decode_gsm7(const uint8_t *in, size_t len, char *out, size_t room);

/*
 * Packed septets. header_len: octets of the user data header that stood before `in` (its length octet included); it
 * decides the fill bits, as septets begin on a septet boundary of the whole user data. septets: how many follow, or
 * SIZE_MAX when the length is only known in octets (then one fill septet of 0 or CR at the very end is dropped).
 */
size_t text_decode_gsm7_packed(
	const uint8_t *in, size_t len, size_t header_len, size_t septets, char *out, size_t room);

size_t text_decode_utf16(const uint8_t *in, size_t len, char *out, size_t room);

/* "0a ff 31" for logs and worklists: lower-case pairs with spaces, cut to room. Returns octets without the NUL. */
size_t text_hex(const uint8_t *in, size_t len, char *out, size_t room);

#endif
