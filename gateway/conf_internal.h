/* What the files of the configuration share: the table of keys, the reader's output, the list of faults. */
#ifndef GATEWAY_CONF_INTERNAL_H
#define GATEWAY_CONF_INTERNAL_H

#include <confuse.h>
#include "gateway/conf.h"

/* ---- The table of keys (conf_keys.c) --------------------------------------------------------------------------- */

enum conf_section {
	CONF_ROOT,
	CONF_PUBLIC,
	CONF_STAFF,
	CONF_LINK,
	CONF_BUREAU,
	CONF_ITEM,
	CONF_PROFILE,
	CONF_SECTIONS
};

enum conf_type {
	CONF_TEXT,
	CONF_NUMBER,
	CONF_BOOL,
	CONF_LIST,		  /* of texts */
	CONF_NUMBER_LIST, /* of whole numbers */
};

struct conf_key {
	enum conf_section section;
	const char *name;
	enum conf_type type;
	const char *fallback;					 /* the default; elements of a list with commas between; NULL: none */
	const char *sample;						 /* shown in the sample file where there is no default */
	bool required;							 /* without a default, and must be given */
	bool may_be_empty;						 /* a required list; another key decides */
	bool reload;							 /* a running daemon takes a new value over at SIGHUP */
	long min, max;							 /* CONF_NUMBER, CONF_NUMBER_LIST */
	const char *const *words;				 /* the values that exist, NULL-ended; NULL = any */
	const char *(*check)(const char *value); /* says what is wrong with one value, or NULL */
	size_t offset, count;					 /* of the field, and of a list's count, in the section's struct */
	const char *sentence;
};

extern const struct conf_key conf_keys[]; /* ends with a NULL name; in the order of the sample file */

struct conf_section_facts {
	const char *name;	 /* as written in the file; NULL for the root */
	const char *title;	 /* the sample's title; NULL when the section has none */
	const char *comment; /* one sentence */
};
extern const struct conf_section_facts conf_sections[CONF_SECTIONS];

/* A password that was read from a file of its own stays there: it is printed in no form (conf_print.c). */
bool conf_key_stays_hidden(const struct conf_key *key, const void *target);
/* Whether a key has the same value in both structs of its section; compared as printed, as every type can be. */
bool conf_same_field(const struct conf_key *key, const void *a, const void *b);
/* One value of a list's default: copies element n into out. Returns false after the last. */
bool conf_fallback_element(const char *fallback, size_t n, char *out, size_t room);

/* ---- Memory and faults ------------------------------------------------------------------------------------------ */

struct conf_block; /* one allocation; all go with the configuration */

/* What conf_load returns points into this. */
struct conf_box {
	struct conf conf;
	struct conf_block *blocks;
};

void *conf_alloc(struct conf_box *box, size_t size); /* zeroed; aborts the program without memory, as at start only */
char *conf_copy(struct conf_box *box, const char *text);

/* folder/name */
char *conf_join(struct conf_box *box, const char *folder, const char *name);
struct dirent;
/* The files NAME.conf of a folder by name; the caller frees each and the list. How many, or -1. */
int conf_folder_files(const char *folder, struct dirent ***entries);

struct conf_faults {
	FILE *err;
	int count;
};
/* line 0 = the file as a whole */
void conf_fault(struct conf_faults *f, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void conf_warning(struct conf_faults *f, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- One file through libconfuse (conf_read.c) ------------------------------------------------------------------ */

struct conf_line {
	const cfg_t *section;
	const char *key;
	unsigned index; /* of the value in its list */
	int line;
	int again; /* where the key is given a second time; 0 = nowhere */
};

struct conf_file {
	const char *name;
	cfg_t *cfg; /* NULL when it could not be parsed */
	struct conf_line *lines;
	size_t nlines, room;
	int *opened[CONF_SECTIONS]; /* the line on which the n-th section of a kind begins */
	size_t nopened[CONF_SECTIONS];
};

/*
 * kind: CONF_ITEM or CONF_PROFILE for a file of such sections alone, CONF_ROOT for one that holds all else. Faults are
 * added; false when nothing is usable.
 */
bool conf_file_read(struct conf_file *file, const char *name, enum conf_section kind, struct conf_faults *faults);
void conf_file_close(struct conf_file *file);
/* The n-th section of a kind (the root: n = 0), or NULL. */
cfg_t *conf_file_section(const struct conf_file *file, enum conf_section kind, size_t n);
/* The line of value `index` of a key; of the section when the key is not given. */
int conf_file_line(const struct conf_file *file, enum conf_section kind, size_t n, const char *key, unsigned index);
/* Fills the fields of target from the n-th section of a kind, defaults included; every fault is added. */
void conf_file_fill(const struct conf_file *file, enum conf_section kind, size_t n, void *target, struct conf_box *box,
	struct conf_faults *faults);
size_t conf_file_sections(const struct conf_file *file, enum conf_section kind); /* how many of a kind */
bool conf_file_given(const struct conf_file *file, enum conf_section kind, size_t n, const char *key);

/* The text of a file, blanked where an unknown key stood (conf_lex.c). */
struct conf_lexer {
	const char *text;
	size_t len, at;
	int line;
};
struct conf_token {
	char kind; /* 's' a word or quoted text, 0 the end, else the character itself */
	size_t begin, end;
	int line;
};
struct conf_token conf_lex_next(struct conf_lexer *lexer);
/* Blanks the assignment or section that begins with `word` on `line`. False when it is not found. */
bool conf_lex_blank(char *text, size_t len, int line, const char *word);

/* ---- USSD profiles (conf_profile.c) ----------------------------------------------------------------------------- */

/* Adds the profiles of one file; each is proven to make sense. */
void conf_profiles_read(struct conf_box *box, const char *path, struct conf_faults *faults);
/* Reads the folder and gives each link its profile. */
void conf_profiles_load(struct conf_box *box, const struct conf_file *main_file, struct conf_faults *faults);

/* ---- Checks across keys (conf_check.c) -------------------------------------------------------------------------- */

void conf_check(struct conf_box *box, const struct conf_file *file, struct conf_faults *faults);
/* origin[i]: file and line of item i, for faults. */
struct conf_origin {
	const char *file;
	int line;
};
void conf_check_items(struct conf_box *box, const struct conf_origin *origin, struct conf_faults *faults);

/* The n-th link (conf_check_link.c). */
void conf_check_link(const struct conf *c, size_t n, const struct conf_file *file, struct conf_faults *faults);

/* Checks of one value; each says what is wrong, or NULL. */
const char *conf_check_host_port(const char *value);
const char *conf_check_listen(const char *value);
const char *conf_check_network(const char *value);
const char *conf_check_url(const char *value);
const char *conf_check_timezone(const char *value);
const char *conf_check_send_hours(const char *value);
const char *conf_check_scan_at(const char *value);
const char *conf_check_identity_url(const char *value);
const char *conf_check_identity_key(const char *value);
const char *conf_check_certificate(const char *value);
const char *conf_check_date(const char *value);
const char *conf_check_digits(const char *value);
const char *conf_check_trial_phone(const char *value);
const char *conf_check_cost(const char *value);
const char *conf_check_not_empty(const char *value);
const char *conf_check_signature(const char *value);
const char *conf_check_wire_pcap(const char *value);
const char *conf_check_system_id(const char *value);
const char *conf_check_system_type(const char *value);
const char *conf_check_password(const char *value);
const char *conf_check_address(const char *value);
const char *conf_check_sender(const char *value);
const char *conf_check_ussd_code(const char *value); /* conf_code.c */
/* conf_code.c: a bureau's ussd_code beside its links and the other bureaus' codes. */
struct conf_file;
void conf_check_ussd(const struct conf *c, size_t n, const struct conf_file *file, struct conf_faults *faults);
const char *conf_check_status(const char *value);
const char *conf_check_address_range(const char *value);
const char *conf_check_outbind(const char *value);
const char *conf_check_ton(const char *value);
const char *conf_check_language(const char *value);
const char *conf_check_data_coding(const char *value);
const char *conf_check_mask(const char *value);
const char *conf_check_released(const char *value);
const char *conf_check_service_type(const char *value);

#endif
