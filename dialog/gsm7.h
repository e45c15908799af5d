/*
 * The GSM 7-bit alphabet as tables (3GPP TS 23.038, 6.2.1): septet <-> Unicode, with the extension table behind the
 * escape. A national language (TS 23.038, annex A; dialog/national.h) is other tables; the functions take the tables.
 */
#ifndef DIALOG_GSM7_H
#define DIALOG_GSM7_H

#include <stddef.h>
#include <stdint.h>

#define GSM7_ESCAPE 0x1B
#define GSM7_NONE 0xFFFFFFFFu /* no character stands at this septet */
#define GSM7_EMPTY 0xFFFF	  /* the same inside a table */

struct gsm7_extra {
	uint8_t septet;
	uint16_t cp;
};

struct gsm7_tables {
	const uint16_t *basic;			/* 128; locking table; the escape's own place is GSM7_EMPTY */
	const struct gsm7_extra *extra; /* single shift table, behind the escape */
	size_t nextra;
	const struct gsm7_extra *shared; /* rows that several languages' single shift tables have; NULL = none */
	size_t nshared;
};

extern const struct gsm7_tables gsm7_default;

/* Septets of a character: 1 (septets[0]), 2 (the escape and septets[1]), or 0 when the tables lack it. */
int gsm7_encode(const struct gsm7_tables *t, uint32_t cp, uint8_t septets[2]);
/* The septet at which a character stands in the basic table, or behind the escape; -1 when it does not. */
int gsm7_find_basic(const struct gsm7_tables *t, uint32_t cp);
int gsm7_find_extended(const struct gsm7_tables *t, uint32_t cp);
/* Unicode of a basic septet (0..127), or of one behind the escape; GSM7_NONE when nothing stands there. */
uint32_t gsm7_basic(const struct gsm7_tables *t, uint8_t septet);
uint32_t gsm7_extended(const struct gsm7_tables *t, uint8_t septet);

#endif
