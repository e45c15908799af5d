/*
 * Comma-separated values as RFC 4180 has them, read as a stream: octets go in as they come, whole rows come out.
 *
 * Pure: no file, no encoding but UTF-8 (gateway/csv_file.h brings everything else to it). Rows are numbered as a
 * spreadsheet shows them: a line break inside quotes starts no new row, an empty line is one, and the header is row 1.
 * Lines end with LF, CRLF or CR. A byte order mark at the start is passed over.
 *
 * Between the cells stand commas, or tabs (cells copied from a spreadsheet, its "text" files), or semicolons (what
 * spreadsheets of some countries write): whichever the first line that is not empty has, outside its quotes.
 */
#ifndef GATEWAY_CSV_H
#define GATEWAY_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CSV_FIELD_MAX 8192 /* octets of one field, quotes taken off */
#define CSV_ROW_MAX 65536  /* octets of one row as it stands in the file */
#define CSV_COLUMNS_MAX 64

struct csv_field {
	const char *text; /* NUL-terminated; no NUL inside */
	size_t len;
};

/* One row. Everything lives until the callback returns. */
struct csv_row {
	int64_t number; /* from 1 */
	const struct csv_field *fields;
	size_t nfields;
	/*
	 * NULL, or what is wrong with the row in words; fields then hold what could still be read, and raw the line.
	 * A quote that never closes costs its own line only: reading goes on with the next line.
	 */
	const char *fault;
	size_t fault_column; /* from 1; 0 = the row as a whole */
	const char *raw;	 /* not NUL-terminated, line break not included; cut at CSV_ROW_MAX */
	size_t raw_len;
};

/* Empty lines are counted but not given. Anything but 0 stops the reading. */
typedef int (*csv_row_fn)(void *arg, const struct csv_row *row);

struct csv;

struct csv *csv_new(csv_row_fn on_row, void *arg); /* NULL without memory */
void csv_free(struct csv *c);
/* 0, or what the callback returned when it stopped the reading; nothing may be fed after that. */
int csv_feed(struct csv *c, const char *octets, size_t len);
/* The end of the file: gives the last row when no line break ended it. As csv_feed. */
int csv_finish(struct csv *c);

/* ',', '\t' or ';'; 0 while the first line is not there. */
char csv_separator(const struct csv *c);

/* Writes one field, quoted where it must be; first: no comma before it. */
void csv_write(FILE *out, const char *text, size_t len, bool first);
/*
 * As csv_write, for files that people open: a spreadsheet takes a cell that begins with = + - @ (also full-width), a tab
 * or a line break for a formula, whoever wrote it; such a cell gets an apostrophe in front. Numbers and phones do not.
 */
void csv_write_guarded(FILE *out, const char *text, size_t len, bool first);
/* Does text begin so? The reading of a file takes the apostrophe off what a file of ours has put it before. */
bool csv_is_formula(const char *text, size_t len);

#endif
