/*
 * What a text becomes on the wire and back: GSM 03.38 default alphabet with its extension table (3GPP TS 23.038,
 * 6.2.1), with national language tables where a link allows them (annex A), or UCS-2, counted, split into parts and
 * encoded; and every inbound coding decoded to UTF-8.
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

/* What octets mean. */
enum text_coding {
	TEXT_CODING_GSM7,		 /* one septet per octet */
	TEXT_CODING_GSM7_PACKED, /* eight septets in seven octets */
	TEXT_CODING_ASCII,
	TEXT_CODING_LATIN1,
	TEXT_CODING_CYRILLIC, /* ISO 8859-5 */
	TEXT_CODING_HEBREW,	  /* ISO 8859-8 */
	TEXT_CODING_UTF16,	  /* big-endian unless a byte order mark says otherwise; surrogates joined */
	TEXT_CODING_UTF8,
	TEXT_CODING_BINARY, /* every octet reads as U+FFFD: 8-bit data must never look like an answer */
};

#define TEXT_GSM7_SINGLE 160 /* septets of a text in one part */
#define TEXT_GSM7_PART 153	 /* septets of each part of several: 7 make room for the 6-octet header */
#define TEXT_UCS2_SINGLE 70
#define TEXT_UCS2_PART 67
#define TEXT_USSD_GSM7 182 /* 160 octets packed; USSD has no parts */
#define TEXT_USSD_UCS2 80
#define TEXT_PARTS_MAX 32		 /* more than any text of DIALOG_TEXT_MAX octets needs */
#define TEXT_UDH_LEN 6			 /* 05 00 03 reference total part; six more at most name national tables */
#define TEXT_PART_OCTETS_MAX 160 /* of an encoded part, header included: below libsmpp34's 253 and SMPP's 254 */

/* ---- Outbound ------------------------------------------------------------------------------------------------ */

/* How texts travel on one link. The functions below take NULL for text_rules_plain. */
struct text_rules {
	/*
	 * What a text within the GSM alphabet is written as: GSM7, GSM7_PACKED; LATIN1 or ASCII where the carrier makes
	 * septets of those (it still counts as GSM-7, and a character that they lack travels as UCS-2); UTF16: no text goes
	 * in the GSM alphabet.
	 */
	enum text_coding gsm7_as;
	uint8_t gsm7_coding, ucs2_coding; /* the data_coding that says so */
	uint16_t national;				  /* languages whose tables may be used: bits 1 << enum national */
};
extern const struct text_rules text_rules_plain; /* GSM-7 unpacked as 0, UCS-2 as 8, no national tables */

struct text_measure {
	enum text_alphabet alphabet;
	uint8_t locking, single; /* national tables (enum national); 0 = the default ones */
	size_t characters;
	size_t units;		/* of the whole text, without headers */
	int parts;			/* 1 for an empty text */
	size_t forcing;		/* characters that the GSM default alphabet lacks (as this link writes it); 0 = GSM-7 */
	uint32_t forced_by; /* the first of them; 0 = none */
	int gsm7_parts;		/* parts if each forcing character were one of the default alphabet: the cost told to authors */
};

/*
 * Never fails: a text over TEXT_PARTS_MAX is measured all the same. m may not be NULL. National tables are taken only
 * where they save a part against UCS-2; of several that save as much, those that need the fewest septets.
 */
void text_measure(const char *utf8, size_t len, struct text_measure *m);
void text_measure_by(const struct text_rules *rules, const char *utf8, size_t len, struct text_measure *m);

/* Septets that a character takes in the default GSM-7: 1, 2 (extension table), or 0 when it is not in the alphabet. */
int text_gsm7_width(uint32_t cp);

/* Distinct characters that force UCS-2, in order of appearance. Returns how many there are; writes at most room. */
size_t text_forcing(const char *utf8, size_t len, uint32_t *list, size_t room);

struct text_part {
	size_t offset, len; /* octets of the UTF-8 text; parts tile it exactly, in order */
	size_t units;
};

struct text_parts {
	struct text_rules rules;
	enum text_alphabet alphabet;
	uint8_t locking, single;
	int count; /* 1..TEXT_PARTS_MAX */
	struct text_part part[TEXT_PARTS_MAX];
};

/*
 * Splits at the limits above (less what the header takes that names national tables), never inside a character: neither
 * an escape pair nor a surrogate pair is torn. An empty text is one empty part. Returns 0, or -1 when it takes more
 * than TEXT_PARTS_MAX parts (p->count is then 0). rules NULL: text_rules_plain.
 */
int text_split_by(const struct text_rules *rules, const char *utf8, size_t len, struct text_parts *p);

struct text_wire {
	uint8_t data_coding;
	bool udh; /* octets begin with a user data header: esm_class 0x40 */
	size_t len;
	uint8_t octets[TEXT_PART_OCTETS_MAX];
};

/*
 * Encodes part `index` (from 0) of a text that text_split_by has split, as short_message carries it, behind a user data
 * header where one is needed: 8-bit concatenation (3GPP TS 23.040, 9.2.3.24.1) when there are several parts, the
 * national language elements (9.2.3.24.15 and .16) when there are such tables. Packed septets begin on a septet
 * boundary behind the header; where they leave seven bits free, these hold CR. reference is the message's, the same for
 * all its parts. Returns 0, or -1 when index is out of range or p does not belong to this text.
 */
int text_part_encode(
	const char *utf8, size_t len, const struct text_parts *p, int index, uint8_t reference, struct text_wire *out);

/*
 * The whole text without any header, for a carrier that cuts long texts itself (message_payload): no national tables.
 * Returns the octets written, or -1 when they do not fit room.
 */
int text_whole_encode(
	const struct text_rules *rules, const char *utf8, size_t len, uint8_t *octets, size_t room, uint8_t *data_coding);

/* How USSD screens travel on one link. */
struct text_ussd_rules {
	bool packed;					  /* eight septets in seven octets; else one per octet */
	uint8_t gsm7_coding, ucs2_coding; /* data_coding: often 0x0F and 0x48 (cell broadcast's), or 0 and 8 */
	size_t gsm7_most, ucs2_most;	  /* septets and units of one screen; 0 = 182 and 80 */
};

/*
 * The whole text as one USSD string. Packed septets that leave seven bits free are filled with CR (3GPP TS 23.038,
 * 6.1.2.3.1). rules NULL: unpacked as 0, UTF-16BE as 8, 182 and 80. Returns 0, or -1 when it does not fit.
 */
#define TEXT_USSD_OCTETS_MAX 182
struct text_ussd_wire {
	uint8_t data_coding;
	size_t len;
	uint8_t octets[TEXT_USSD_OCTETS_MAX];
};
int text_ussd_encode(const char *utf8, size_t len, struct text_ussd_wire *out);
int text_ussd_encode_by(const struct text_ussd_rules *rules, const char *utf8, size_t len, struct text_ussd_wire *out);

/* ---- Inbound ------------------------------------------------------------------------------------------------- */

/*
 * The coding of a deliver_sm by its data_coding (SMPP 3.4, 5.2.19 and 3GPP TS 23.038, sections 4 and 5): 2, 4 and
 * 0xF4-0xF7 are binary; 0x0F, the message classes 0x10-0x13 and 0xF0-0xF3 are GSM-7, packed when the link's default is.
 * 0 means what the link's default_alphabet says.
 */
enum text_coding text_coding_of(uint8_t data_coding, enum text_coding link_default);

/* What every data_coding of a link means. */
struct text_codings {
	uint8_t of[256]; /* enum text_coding */
};

/* All of them by text_coding_of; 0 is `zero`. packed: whatever is GSM-7 has eight septets in seven octets. */
void text_codings_fill(struct text_codings *c, enum text_coding zero, bool packed);
/* One entry of a link's list, "4=latin1" or "0xF5=utf8": its number, with the table changed (c may be NULL); or -1. */
int text_codings_override(struct text_codings *c, const char *entry);

/* "gsm7", "gsm7-packed", "ascii", "latin1", "cyrillic", "hebrew", "ucs2", "utf8", "binary" -> coding. 0, or -1. */
int text_coding_by_name(const char *name, enum text_coding *coding);
const char *text_coding_name(enum text_coding coding);

/*
 * Decodes octets (user data without its header) into NUL-terminated UTF-8 without NULs inside, cut at a character when
 * room does not suffice (room at least 1; 3 octets for each unit + 1 always suffice). Unreadable units become U+FFFD;
 * NULs at the end of an ASCII, Latin-1, UTF-8 or UCS-2 text are dropped. Returns octets written without the NUL.
 *
 * GSM-7: an escape with an unknown second septet shows that septet; a lone escape is a space.
 * Packed septets: one fill septet of 0 or CR at the very end is dropped, as their number is not known.
 */
size_t text_decode(enum text_coding coding, const uint8_t *in, size_t len, char *out, size_t room);

/*
 * Packed septets behind a header of header_len octets; septets: how many there are, or SIZE_MAX when nobody says. For
 * tests and the fuzzer, which know how many they have packed: no carrier says it.
 */
size_t text_decode_gsm7_packed(
	const uint8_t *in, size_t len, size_t header_len, size_t septets, char *out, size_t room);

/* One part of a text, or the whole when there is one. */
struct text_piece {
	enum text_coding coding;
	uint8_t locking, single; /* national tables, as the user data header names them */
	const uint8_t *octets;	 /* behind the header */
	size_t len;
	size_t header; /* octets of the header before them, its length octet included: decides the fill bits of packed
					  septets, which begin on a septet boundary of the whole user data */
};

/*
 * The pieces of one text read as one, in their order: an escape, a surrogate pair, a UTF-8 sequence that is torn
 * between two pieces of the same kind is made whole again. A piece with octets NULL is missing; `gap` stands for it (""
 * for nothing).
 */
size_t text_join(const struct text_piece *pieces, size_t n, const char *gap, char *out, size_t room);

/* "0a ff 31" for logs and worklists: lower-case pairs with spaces, cut to room. Returns octets without the NUL. */
size_t text_hex(const uint8_t *in, size_t len, char *out, size_t room);

#endif
