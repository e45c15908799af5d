/*
 * National language shift tables of the GSM 7-bit alphabet (3GPP TS 23.038, annex A; the numbers are those
 * of 6.2.1.2.4). A locking table replaces the default alphabet, a single shift table the extension table behind the
 * escape; a user data header names them (TS 23.040, 9.2.3.24.15 and .16: elements 0x25 and 0x24).
 */
#ifndef DIALOG_NATIONAL_H
#define DIALOG_NATIONAL_H

#include <stdbool.h>
#include "dialog/gsm7.h"

enum national {
	NATIONAL_NONE, /* the default alphabet, or its extension table */
	NATIONAL_TURKISH,
	NATIONAL_SPANISH, /* a single shift table only */
	NATIONAL_PORTUGUESE,
	NATIONAL_BENGALI,
	NATIONAL_GUJARATI,
	NATIONAL_HINDI,
	NATIONAL_KANNADA,
	NATIONAL_MALAYALAM,
	NATIONAL_ORIYA,
	NATIONAL_PUNJABI,
	NATIONAL_TAMIL,
	NATIONAL_TELUGU,
	NATIONAL_URDU,
	NATIONAL_COUNT
};

#define NATIONAL_IE_SINGLE 0x24
#define NATIONAL_IE_LOCKING 0x25

/* "turkish", "spanish", ...; "" for NATIONAL_NONE and for what is none. */
const char *national_name(int language);
/* The language of this name, or NATIONAL_NONE. */
enum national national_by_name(const char *name);
/* Is there a locking table of this language? (A single shift table there always is.) */
bool national_locks(int language);

/*
 * The alphabet that these two numbers name together. A number that is not assigned, or has no such table, means the
 * default, as the specification wants it from receivers.
 */
struct gsm7_tables national_tables(int locking, int single);

#endif
