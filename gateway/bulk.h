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
#include <libpq-fe.h>
#include "store/import.h"

struct conf;
struct keys;

enum bulk_kind {
	BULK_LICENCES, /* bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags */
	BULK_CHANGES,  /* bureau,licence_no,id_number,changed_on,field,old,new; licence_no or id_number may be missing */
};

struct bulk_options {
	enum bulk_kind kind;
	const char *file;
	const struct conf *conf;
	const struct keys *keys;
	PGconn *conn;					   /* blocking, not in pipeline mode */
	bool dry_run;					   /* everything is checked and counted, nothing is written anywhere */
	const volatile sig_atomic_t *stop; /* may be NULL; not 0: give up, the database stays as it was */
	void (*on_progress)(void *arg, const char *word, int64_t done, int64_t all); /* may be NULL */
	void *arg;
};

#define BULK_FAULTS_KEPT 100

struct bulk_fault {
	int64_t row;	 /* as the spreadsheet shows it */
	char column[24]; /* "" = the row as a whole */
	char value[96];	 /* cut at a character */
	char text[256];	 /* "is no date; write it in the form 2026-12-31" */
};

struct bulk_result {
	const char *encoding;	 /* "UTF-8", "GB18030" */
	int64_t rows;			 /* data rows, empty lines not counted */
	int64_t refused;		 /* of them */
	int64_t faults;			 /* found; the first BULK_FAULTS_KEPT are in list */
	struct bulk_fault *list; /* freed by bulk_result_free */
	size_t nlist;
	struct import_counts counts; /* of BULK_CHANGES only rows, added, changed, unchanged */
	char rejected[1024];		 /* the file of refused rows; "" when there is none */
};

/*
 * 0: done, also when rows were refused. -1: nothing was imported; error has one line that says why.
 * FILE.csv's refused rows are in FILE.rejected.csv, put in place after the commit; it can be corrected and imported.
 */
int bulk_import(const struct bulk_options *o, struct bulk_result *r, char *error, size_t room);
void bulk_result_free(struct bulk_result *r);

#endif
