/*
 * Bulk loading of licences and of changes in the business register: COPY into a staging table, then a merge by whole
 * sets. One import is one transaction on one blocking connection; until it is committed nobody sees anything of it, and
 * a connection that is closed in the middle leaves the database as it was.
 *
 * An empty value (NULL here) never erases what is on file.
 */
#ifndef STORE_IMPORT_H
#define STORE_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libpq-fe.h>

#define IMPORT_HASH 32

/* One licence with its holder. Personal fields come encrypted; hashes are keyed (gateway/keys.h). Days: YYYY-MM-DD. */
struct import_licence {
	int64_t row; /* its number in the file: of several rows of one holder the later one holds */
	int bureau_id;
	const char *item, *licence_no, *holder, *language;
	bool language_given;	/* false: the bureau's first language stands in for an empty cell */
	const char *phone;		/* E.164, can receive texts; NULL: none */
	const char *landline;	/* E.164, cannot; NULL: none */
	const char *issued_on;	/* NULL: not known */
	const char *expires_on; /* NULL: not known, or never when expires_given */
	bool expires_given;
	bool identified;			  /* identity_hash comes from an identity number, not from the name */
	const uint8_t *identity_hash; /* IMPORT_HASH octets */
	const uint8_t *id_number;	  /* NULL: none */
	size_t id_number_len;
	const uint8_t *address; /* NULL: none */
	size_t address_len;
	const uint8_t *address_hash; /* IMPORT_HASH octets; NULL without an address */
	const char *const *tags;
	size_t ntags;
	const char *facts; /* a JSON object; NULL: nothing new */
};

enum import_outcome {
	IMPORT_ADDED,
	IMPORT_CHANGED,
	IMPORT_UNCHANGED,
	IMPORT_NO_HOLDER,  /* nobody on file has this identity number */
	IMPORT_NO_LICENCE, /* no such licence on file, or not this holder's */
	IMPORT_AMBIGUOUS,  /* several holders have a licence of this number */
};

struct import_counts {
	int64_t rows;					   /* good rows: added + changed + unchanged */
	int64_t added, changed, unchanged; /* licences; changed: the licence or its holder */
	int64_t holders, holders_added, holders_changed;
	int64_t without_mobile; /* holders of the file that no text can reach afterwards */
};

struct import;

/*
 * Begins: transaction, staging table, COPY. One import at a time: while another runs this one is refused, or waits up
 * to 30 s. NULL with *error (lives until the next call) when it could not.
 */
struct import *import_begin(PGconn *conn, bool wait, const char **error);
/* The rows are holders alone: item and licence_no are empty, and no licence comes of them. Before import_merge. */
void import_holders_alone(struct import *im);
/* What became of each row, in their order, before the commit; id: the licence's, or the holder's. Before import_merge.
 */
void import_tell_rows(
	struct import *im, void (*on_row)(void *arg, int64_t row, enum import_outcome outcome, int64_t id), void *arg);
/* Adds one row. 0, or -1 (import_error says why; then only import_abort is left). */
int import_add(struct import *im, const struct import_licence *l);
/*
 * Merges everything and commits; dry_run: counts the same and rolls back. Frees im on success.
 * on_phase (may be NULL) is called before each statement with its number of all and a word for people.
 */
int import_merge(struct import *im, bool dry_run, struct import_counts *counts,
	void (*on_phase)(void *arg, const char *word, int done, int all), void *arg);
void import_abort(struct import *im); /* rolls back, frees */
const char *import_error(const struct import *im);

/* ---- Changes in the business register ----------------------------------------------------------------------- */

struct import_change {
	int64_t row;
	int bureau_id;
	const uint8_t *identity_hash; /* of the holder's number; NULL: found by licence_no */
	const char *licence_no;		  /* NULL: every licence of the holder */
	const char *changed_on;
	const char *field;					  /* legal_representative, name, address */
	const uint8_t *old_value, *new_value; /* encrypted; NULL: not known */
	size_t old_len, new_len;
	const uint8_t *value_hash; /* IMPORT_HASH octets, of both */
};

/* The same transaction for any number of calls of import_changes. */
struct import *import_changes_begin(PGconn *conn, bool wait, const char **error);
/* Puts n rows (n >= 1); outcomes[i] tells what became of rows[i]. 0, or -1 (import_error). */
int import_changes(struct import *im, const struct import_change *rows, size_t n, enum import_outcome *outcomes);
/* Commits (dry_run: rolls back) and frees im. 0, or -1 (import_error; then import_abort is left). */
int import_changes_end(struct import *im, bool dry_run);

#endif
