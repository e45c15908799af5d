/* One PDU as one line of words, for people who look into a link; and what of it nobody may see. Pure. */
#ifndef GATEWAY_SMPP_WIRE_LINE_H
#define GATEWAY_SMPP_WIRE_LINE_H

#include <stddef.h>
#include <stdint.h>
#include "dialog/text.h"

enum wire_detail {
	WIRE_OFF,
	WIRE_HEADERS, /* everything but phones, texts and what carriers put in parameters of their own */
	WIRE_FULL,	  /* everything but passwords, which nothing ever shows */
};
/* "off", "headers", "full" as in the configuration, "on" for headers -> detail. 0, or -1 when it is no such word. */
int wire_detail_by_name(const char *name, enum wire_detail *detail);
const char *wire_detail_name(enum wire_detail detail);

#define WIRE_LINE_MAX 1800 /* octets of a line; what is longer is cut, and says so */

/*
 * Writes the line, NUL-terminated, without a newline, as UTF-8 on the whole. octets: one PDU, sound or not; codings:
 * what each data_coding means on the link. Returns its length.
 */
size_t wire_line(const uint8_t *octets, size_t len, enum wire_detail detail, const struct text_codings *codings,
	char *out, size_t room);

/*
 * Overwrites with stars, in place, what a capture of this detail must not hold; every length stays. The bind's
 * password always; with WIRE_HEADERS texts behind their header, phones but for their last four digits, and parameters
 * that the specification does not have; of a PDU that cannot be read everything behind its header.
 */
void wire_blank(uint8_t *octets, size_t len, enum wire_detail detail);

#endif
