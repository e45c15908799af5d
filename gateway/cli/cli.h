/* What the commands of `huizhi` share: one entry struct each, the way to configuration and database, the output. */
#ifndef GATEWAY_CLI_CLI_H
#define GATEWAY_CLI_CLI_H

#include <jansson.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "gateway/conf.h"
#include "store/pg.h"

struct event_base;
struct keys;
struct templates;

/* Exit codes. */
enum {
	CLI_DONE = 0,
	CLI_FAILED = 1, /* refused or failed; the reason is on standard error */
	CLI_USAGE = 2,
};

/* One run of the program. Everything but the options is opened when a command first asks for it. */
struct cli {
	const char *file;		 /* -c */
	bool json;				 /* --json */
	const char *bureau_code; /* --bureau, NULL when not given */
	const struct cli_command *command;
	const char *sub; /* the word after it that cli_sub_find went by, or NULL */

	struct conf *conf;
	struct keys *keys;
	struct event_base *base;
	struct pg *pg;
};

struct cli_command {
	const char *name;
	const char *usage;	 /* one line per form, without "huizhi", each ended by a newline */
	const char *summary; /* one line for the list of commands */
	const char *help;	 /* more, for --help; may be NULL */
	/* argv[0] is the first word after the command's name. Returns an exit code. */
	int (*run)(struct cli *c, int argc, char **argv);
};

/* The table that lists them (main.c); ends with NULL. */
extern const struct cli_command *const cli_commands[];

/* ---- Arguments (args.c) ----------------------------------------------------------------------------------------- */

/* An option of a command: with `value` it takes a word, with `flag` it does not. The list ends with a NULL name. */
struct cli_option {
	const char *name; /* with its dashes: "--date" */
	const char **value;
	bool *flag;
};

/*
 * Sorts argv into options and words; -c, --json and --bureau are taken everywhere, `--` ends the options. Returns the
 * number of words, or -1 with the usage printed (unknown option, missing value, fewer words than min, more than max).
 */
int cli_args(
	struct cli *c, int argc, char **argv, const struct cli_option *options, const char **words, int min, int max);
/* Prints "huizhi: ..." and the command's usage on standard error; returns CLI_USAGE. */
int cli_usage(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Prints "huizhi: ..." on standard error; returns CLI_FAILED. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Reads a whole number within bounds; -1 (printed) when it is none. */
int cli_number(const struct cli *c, const char *what, const char *text, int64_t min, int64_t max, int64_t *out);
/* A command whose first word chooses among several. */
struct cli_sub {
	const char *name;
	int (*run)(struct cli *c, int argc, char **argv);
};
/* The one that the first word names, or NULL. */
const struct cli_sub *cli_sub_find(struct cli *c, const struct cli_sub *subs, int argc, char **argv);
int cli_sub_run(struct cli *c, const struct cli_sub *subs, int argc, char **argv);

/* ---- What commands work on (context.c) -------------------------------------------------------------------------- */

/* Each returns NULL with the reason printed. All are closed by cli_close. */
const struct conf *cli_conf(struct cli *c);
const struct keys *cli_keys(struct cli *c);
/* Connected, and the schema is the one this program knows. */
struct pg *cli_pg(struct cli *c);
/* The dialogs of the files and, with them, what the bureaus have published. The caller frees with templates_free. */
struct templates *cli_templates(struct cli *c);
/* Connected, whatever the schema: for `huizhi init`. */
struct pg *cli_pg_any(struct cli *c);
void cli_close(struct cli *c);

/* The bureau of --bureau, or the only one; NULL (printed) when it must be named. */
const struct conf_bureau *cli_bureau(struct cli *c);
/* The bureaus to look in: the one of --bureau, else all. *n is 0 with the reason printed when there is no such one. */
const struct conf_bureau *cli_bureaus(struct cli *c, size_t *n);
/* Runs one statement; NULL with the database's words printed. The caller PQclears. */
PGresult *cli_run(struct cli *c, enum stmt s, const struct pg_params *p);
/* "staff:NAME": from --staff, else the login name; --staff api:KEY stays as it is. */
const char *cli_actor(const char *staff, char *out, size_t room);

/* ---- Output (table.c, common.c) -----------------------------------------------------------------------------------
 */

/* "zh" where the locale is Chinese, else "en". */
const char *cli_language(void);
/* Parameters with the bureau as $1. The caller frees. */
struct pg_params *cli_params(const struct conf_bureau *b);
/* The rows of a result as an array of objects (store/view.h), "bureau": CODE in front of each row's keys. */
json_t *cli_rows(const PGresult *res, const struct conf_bureau *b);

struct cli_column {
	const char *key;	 /* of the row's object */
	const char *heading; /* for people; NULL: only in JSON */
};
/*
 * Prints a list: JSON as it is, else a table of these columns (columns ends with a NULL key). Cells are aligned by the
 * width they have on a terminal. Takes over the reference. Returns CLI_DONE.
 */
int cli_print_list(const struct cli *c, json_t *rows, const struct cli_column *columns);
/* Prints one object: JSON, else a line for each column that has a value. Takes over the reference. */
int cli_print_object(const struct cli *c, json_t *object, const struct cli_column *columns);
/* The rows of one statement of a bureau; NULL, printed, when it failed. Frees the parameters. */
json_t *cli_rows_run(struct cli *c, enum stmt s, struct pg_params *p, const struct conf_bureau *b);
/* Its first row. NULL with *failed false: there is none; with *failed true: the statement failed, printed. */
json_t *cli_row_run(struct cli *c, enum stmt s, struct pg_params *p, const struct conf_bureau *b, bool *failed);
/* A statement whose $1 is the bureau, for every bureau meant. */
struct cli_each {
	enum stmt stmt;
	/* Adds $2 and what follows. False: this bureau is left out. May be NULL. */
	bool (*ask)(struct pg_params *p, const struct conf_bureau *b, void *arg);
	/* Changes what came of one bureau. May be NULL. */
	void (*got)(json_t *rows, const struct conf_bureau *b, void *arg);
	void *arg;
	const char *word; /* what a terminal shows while the database is at work; NULL: nothing, it is quick */
};
/* The rows of all of them, one behind the other; NULL, printed, when it failed. The caller owns the reference. */
json_t *cli_rows_bureaus(struct cli *c, const struct cli_each *each);
/* The same, printed as a list. */
int cli_list_each(struct cli *c, const struct cli_each *each, const struct cli_column *columns);
/* The same for a statement with no more parameters than the bureau. */
int cli_list_bureaus(struct cli *c, enum stmt s, const struct cli_column *columns);
/* Runs a statement for its effect and frees the parameters. The number of rows that it gave, -1 (printed) failed. */
int cli_change(struct cli *c, enum stmt s, struct pg_params *p);
/* Says what was done to something with a name: "NAME: done". */
int cli_told_named(const struct cli *c, const struct conf_bureau *b, const char *name, const char *done);
/* For --json: the file that was written, and how many rows it has. */
int cli_told_file(const struct cli *c, const char *file, int64_t rows);
/* Rows of STMT_VIEW_TEXTS with their status (gateway/delivery_rows.h), as on a phone: what came in with <, what went
 * out with >. */
void cli_print_texts(const json_t *texts);
/* A cell for people: lists joined, times in local time, null as "". Returns a malloc'd string. */
char *cli_cell(const json_t *value);
/* Columns that UTF-8 text takes on a terminal. */
size_t cli_width(const char *text);

#endif
