/* What the files of the bulk import share: the run, its columns, and how a row tells its faults. */
#ifndef GATEWAY_BULK_INTERNAL_H
#define GATEWAY_BULK_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "gateway/bulk.h"
#include "gateway/conf.h"
#include "gateway/csv.h"
#include "gateway/import_check.h"

#define BULK_COLUMNS_MAX 12

struct bulk;
struct seen;

/* A kind of file. A column that may be missing is read as empty. */
struct bulk_columns {
	const char *names[BULK_COLUMNS_MAX]; /* NULL after the last */
	unsigned optional;					 /* bit i: names[i] may be missing from the header */
	unsigned absent;					 /* bit i: names[i] is no member of a line */
	bool facts;							 /* columns fact.NAME may be there too */
	void (*row)(struct bulk *b);		 /* checks b->row and hands it to the store when it has no fault */
};
extern const struct bulk_columns bulk_licence_columns, bulk_change_columns, bulk_holder_columns;

/* The file of refused rows (bulk_reject.c). */
struct reject {
	const char *beside; /* the imported file */
	FILE *out;			/* NULL until the first refused row */
	char path[1024], temporary[1040];
	size_t ncolumns; /* without a last column `fault`, which an earlier such file brought */
	size_t file_columns;
	size_t ours;  /* of a list: so many first columns that an earlier file of its refused rows brought */
	char *header; /* the names, as CSV */
};

#define BULK_FACTS_MAX 24
#define BULK_FACT_NAME_MAX 60 /* octets */

/* A column fact.NAME. */
struct bulk_fact {
	char name[BULK_FACT_NAME_MAX + 1];
	int place;
};

struct bulk {
	const struct bulk_options *o;
	struct bulk_result *r;
	char *error;
	size_t error_room;
	bool failed; /* error is set; nothing more is done */
	struct import *im;
	struct seen *seen;
	struct reject reject;
	const struct bulk_columns *columns;
	bool header_done;
	size_t ncolumns;			 /* of the header */
	int place[BULK_COLUMNS_MAX]; /* where in the file each known column is; -1 = missing */
	struct bulk_fact facts[BULK_FACTS_MAX];
	size_t nfacts;
	const struct csv_row *row; /* the one being checked */
	char fault_text[1200];	   /* its faults, joined */
	char fault_words[1200];	   /* the same in the reader's language, of a list whose refused rows are kept */
	size_t nfaults;
	struct change_chunk *chunk; /* bulk_change.c: rows that wait to be put */
	struct lines *lines;		/* bulk_lines.c; NULL: a CSV file is read */
};

/* ---- bulk_refused.c: the refused rows of a list ---- */
void refused_header(struct bulk *b, const struct csv_row *row);
void refused_add(struct bulk *b, const struct csv_row *row);
void refused_fault(struct bulk *b, const struct bulk_fault *f);

/* ---- bulk_words.c ---- */
/* The index of a column by its name in a header, also a Chinese one that spreadsheets have; -1 when it is none. */
int bulk_column(const struct bulk_columns *columns, const char *name);
/* Counts a fault in its column's sum. */
void bulk_sum(const struct bulk_columns *columns, const struct bulk_fault *f, struct bulk_sum sums[BULK_SUMS_MAX]);

/* Ends the run with this line. */
void bulk_fail(struct bulk *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A fault of the current row; column: index into columns->names, -1 = the row as a whole. text without the value. */
void bulk_fault(struct bulk *b, int column, const char *text);
/* The same, of something that is no column. */
void bulk_fault_named(struct bulk *b, const char *name, const char *value, const char *text);
/* The cleaned cell, "" when empty; a damaged or overlong one (max: characters) is a fault. room: CHECK_TEXT_MAX + 1. */
const char *bulk_cell(struct bulk *b, int column, bool fold, size_t max, char *out);
/* The bureau that the row's first column names; NULL with a fault. */
const struct conf_bureau *bulk_bureau(struct bulk *b, int column, char *cell);
/* Puts the current row into the file of refused ones. */
void bulk_refuse(struct bulk *b, const struct csv_row *row);
/* The rows that still wait go to the store. */
void bulk_change_flush(struct bulk *b);
void bulk_change_free(struct bulk *b);

/* Octets of an encrypted text of `len` octets, into a malloc'd buffer; ends the run without memory. */
uint8_t *bulk_encrypt(struct bulk *b, const char *text, size_t *len);

/* ---- bulk_lines.c: JSON objects, one a line ---- */

struct lines *lines_new(struct bulk *b); /* NULL without memory */
void lines_free(struct lines *l);
/* Reads every line of o->lines through b->columns->row. */
void lines_read(struct bulk *b);
/* A fault of the line being checked. */
void lines_fault(struct lines *l, const struct bulk_fault *f);
/* The line of this number was refused; its faults are those since the last call. */
void lines_refuse(struct lines *l, int64_t number);
void lines_outcome(struct lines *l, int64_t number, enum import_outcome outcome, int64_t id);
/* Tells all of them, in order. */
void lines_tell(const struct bulk *b);

int reject_add(struct reject *j, const struct csv_row *row, const char *fault); /* 0, or -1 (errno) */
int reject_finish(struct reject *j);											/* puts it in place; 0 or -1 (errno) */
void reject_abandon(struct reject *j);

/* Which keys were seen, by 96 bits of a keyed hash (bulk_seen.c). */
struct seen *seen_new(void);
void seen_free(struct seen *s);
/* The row that had this key before, 0 when it is new (it is remembered then), -1 without memory. */
int64_t seen_add(struct seen *s, const void *key, size_t len, int64_t row);

#endif
