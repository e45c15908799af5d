/* What the files of the national language tables share. */
#ifndef DIALOG_NATIONAL_INTERNAL_H
#define DIALOG_NATIONAL_INTERNAL_H

#include "dialog/national.h"

struct national_row {
	const char *name;
	const uint16_t *locking;		 /* 128, or NULL: there is none */
	const struct gsm7_extra *single; /* its own places */
	size_t nsingle;
	bool shares; /* the rows that the languages of India and Pakistan have in common come to them */
};

#define NATIONAL_ROW(lock, extra, common)                                                                              \
	{                                                                                                                  \
		.name = #extra, .locking = lock, .single = extra##_single,                                                     \
		.nsingle = sizeof extra##_single / sizeof *extra##_single, .shares = common                                    \
	}

extern const struct national_row national_latin[3], national_from_bengali[5], national_from_oriya[5];

#endif
