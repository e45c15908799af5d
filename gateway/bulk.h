/*
 * Bulk import: a CSV file that a bureau brings, row by row through the checks and into the store. Good rows go in, bad
 * ones into a file beside it with what is wrong with them; every fault is told at once, by row and column.
 *
 * Memory does not grow with the rows but for 16 octets of each licence number, by which duplicates are found.
 */
#ifndef GATEWAY_BULK_H
#define GATEWAY_BULK_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <jansson.h>
#include <libpq-fe.h>
#include "store/import.h"

struct conf;
struct conf_bureau;
struct keys;

enum bulk_kind {
	BULK_LICENCES, /* bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags */
	BULK_CHANGES,  /* bureau,licence_no,id_number,changed_on,field,old,new; licence_no or id_number may be missing */
	BULK_HOLDERS,  /* holder,phone,language,id_number,address,tags: lines only */
};

/* What became of one line (bulk_options.lines). */
struct bulk_line {
	int64_t line;		  /* from 1 */
	const char *result;	  /* added, changed, unchanged, refused */
	int64_t id;			  /* of the licence or holder; 0 = none */
	const json_t *faults; /* of a refused one: an array of {field, value, detail}; NULL */
};

/* A good row of a list. Everything lives until the callback returns. */
struct bulk_listed {
	int64_t row;
	const char *item, *licence_no, *phone; /* "" = the list does not say it */
};

struct bulk_options {
	enum bulk_kind kind;
	const char *file;
	/*
	 * Not NULL: JSON objects, one a line, are read from here instead of a CSV file; their members are the columns but
	 * `bureau`, which is this one. on_line is told of every line, in order, after the commit. Refused lines go nowhere.
	 */
	FILE *lines;
	const struct conf_bureau *bureau;
	void (*on_line)(void *arg, const struct bulk_line *line);
	const struct conf *conf;
	const struct keys *keys;
	PGconn *conn; /* blocking, not in pipeline mode */
	bool dry_run; /* everything is checked and counted, nothing is written anywhere */
	/*
	 * A list for a campaign of this bureau (BULK_LICENCES): the column bureau may be missing, each row needs a mobile
	 * number, no file of refused rows is written, and a list of nothing but licence_no (and item) speaks of licences
	 * that are on file. on_listed is told of every good row as it is read. NULL: an import.
	 */
	const struct conf_bureau *list_of;
	/*
	 * Of a list: its refused rows go here as CSV (UTF-8 with a byte order mark), each with its row number and what is
	 * wrong in `language` before the file's own columns, so that they can be corrected and brought again. May be NULL.
	 */
	FILE *refused;
	const char *language;
	int (*on_listed)(void *list_arg, const struct bulk_listed *row); /* 0, or -1 without memory */
	void *list_arg;
	const volatile sig_atomic_t *stop; /* may be NULL; not 0: give up, the database stays as it was */
	void (*on_progress)(void *arg, const char *word, int64_t done, int64_t all); /* may be NULL */
	void *arg;
};

#define BULK_FAULTS_KEPT 100
#define BULK_LIST_MAX 100000 /* rows of a list */

struct bulk_fault {
	int64_t row;	 /* as the spreadsheet shows it */
	char column[24]; /* "" = the row as a whole */
	char value[96];	 /* cut at a character */
	char text[256];	 /* "is no date; write it in the form 2026-12-31" */
};

/* How many cells of a column are to be corrected, and how many to be filled in. */
struct bulk_sum {
	char column[24]; /* "" = rows as a whole */
	int64_t wrong, empty;
};
#define BULK_SUMS_MAX 13

struct bulk_result {
	const char *encoding;	 /* "UTF-8", "GB18030", "UTF-16" */
	const char *separator;	 /* what stands between the cells: "comma", "tab", "semicolon" */
	int64_t rows;			 /* data rows, empty lines not counted */
	int64_t refused;		 /* of them */
	int64_t faults;			 /* found; the first BULK_FAULTS_KEPT are in list */
	struct bulk_fault *list; /* freed by bulk_result_free */
	size_t nlist;
	struct bulk_sum sums[BULK_SUMS_MAX]; /* by column, in their order */
	bool short_list;					 /* only licence numbers: they are on file or not */
	struct import_counts counts;		 /* of BULK_CHANGES only rows, added, changed, unchanged */
	char rejected[1024];				 /* the file of refused rows; "" when there is none */
};

/*
 * 0: done, also when rows were refused. -1: nothing was imported; error has one line that says why.
 * FILE.csv's refused rows are in FILE.rejected.csv, put in place after the commit; it can be corrected and imported.
 */
int bulk_import(const struct bulk_options *o, struct bulk_result *r, char *error, size_t room);
/* Counts one more fault of a licence's column in the sums. */
void bulk_count(struct bulk_result *r, const struct bulk_fault *f);
/* What a column is called in a language: its name, or the Chinese one that spreadsheets have. */
const char *bulk_column_words(const char *column, const char *language);
/* Writes a refused row of a short list, which is nothing but these. */
void bulk_refused_short(
	FILE *out, const char *language, int64_t row, const char *fault, const char *licence_no, const char *item);
/* A fault, or what is said of the file as a whole, in a language: "zh", else English as it is. */
const char *bulk_fault_words(const char *text, const char *language);
const char *bulk_file_words(const char *text, const char *language);
void bulk_result_free(struct bulk_result *r);

#endif
