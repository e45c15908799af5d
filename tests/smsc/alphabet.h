/*
 * Texts in the alphabets of the air: GSM 03.38 (one octet per septet, as SMPP carries it), UCS-2 (UTF-16, big-endian),
 * ASCII and Latin-1, to and from UTF-8, and the split of a long text into parts. Pure; own tables.
 */
#ifndef SMSC_ALPHABET_H
#define SMSC_ALPHABET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum alphabet {
	ALPHABET_GSM7,
	ALPHABET_ASCII,
	ALPHABET_LATIN1,
	ALPHABET_UCS2,
	ALPHABET_BINARY
};
const char *alphabet_name(enum alphabet a);
/* What data_coding means, SMPP 3.4 section 5.2.19 and GSM 03.38 section 4. */
enum alphabet alphabet_of_coding(uint8_t data_coding);

/*
 * Octets -> UTF-8, NUL-terminated, cut at room between characters. What cannot be read, and NUL, becomes U+FFFD; binary
 * becomes hexadecimal. Three octets of room for each octet in, and one, are always enough. Returns the length.
 */
size_t alphabet_decode(enum alphabet a, const uint8_t *octets, size_t len, char *out, size_t room);

enum {
	TEXT_PARTS_MAX = 32,
	TEXT_OCTETS_MAX = 160
};
enum concat {
	CONCAT_NONE,
	CONCAT_UDH8,
	CONCAT_UDH16,
	CONCAT_SAR
};
const char *concat_name(enum concat c); /* "", "udh8", "udh16", "sar" */
/* By name; -1 when there is no such way. "" is udh8. */
int concat_by_name(const char *name);

/* A text as it goes over the air: user data without header, per part. */
struct text_parts {
	enum alphabet alphabet; /* GSM7 or UCS2 */
	int count;
	struct {
		uint8_t octets[TEXT_OCTETS_MAX];
		uint8_t len;
	} part[TEXT_PARTS_MAX];
};
/*
 * UTF-8 -> parts for this way of concatenation: 160 septets or 140 octets alone, less the header in a longer text. An
 * escape pair or a surrogate pair is never split. encoding: "auto" (GSM-7 when it can say it all), "gsm7", "ucs2".
 * Returns NULL, or why not.
 */
const char *text_split(const char *utf8, const char *encoding, enum concat concat, struct text_parts *out);

/* A user data header's concatenation element (GSM 03.40 section 9.2.3.24.1 and .8). */
struct udh {
	size_t octets; /* the header's own, length octet included; 0 = broken header */
	enum concat kind;
	uint16_t reference;
	uint8_t total, part; /* 1, 1 without concatenation */
};
struct udh udh_read(const uint8_t *octets, size_t len);
/* Writes a header into out (7 octets of room). Returns its octets: 6 or 7. */
size_t udh_write(uint8_t *out, enum concat kind, uint16_t reference, uint8_t total, uint8_t part);

/* The next character at *p, moved on; U+FFFD for a broken one; 0 at the end. */
uint32_t utf8_next(const char **p);
bool utf8_valid(const char *s);
/* Characters, not octets. */
size_t utf8_count(const char *s);

#endif
