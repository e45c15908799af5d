/*
 * What a loaded dialog is made of, for the files of this folder that build it, check it, step it and show it.
 * Nobody outside dialog/ includes this.
 */
#ifndef DIALOG_INTERNAL_H
#define DIALOG_INTERNAL_H

#include "dialog/dialog.h"
#include "dialog/match.h"
#include "dialog/words.h"

#define DIALOG_SOURCE_MAX                                                                                              \
	((size_t)256 * 1024)	 /* octets of a .dlg or wording file: far above any that a person wrote                    \
							  */
#define DIALOG_LINE_MAX 1000 /* octets of one line */
#define DIALOG_STEPS_MAX 64
#define DIALOG_ENDS_MAX 32
#define DIALOG_BRANCHES_MAX 48 /* of one step */
#define DIALOG_TRIGGERS_MAX 12 /* of one branch */
#define DIALOG_DOS_MAX 6	   /* effects of one branch: leaves room in DIALOG_EFFECTS_MAX for the rest */
#define DIALOG_TEXTS_MAX 512   /* of all wordings together */
#define DIALOG_FAULTS_MAX 200  /* more are not kept: the first ones are what a person mends */
#define DIALOG_LITERAL_MAX 60  /* octets of a word in quotes */
#define DIALOG_TOKENS_MAX 64   /* of one line */
#define DIALOG_APPLICATIONS_MAX 64
#define DIALOG_PARTS_MAX 7 /* parts that a text may be allowed: more than feature phones join */
#define DIALOG_PARTS_DEFAULT 3
#define DIALOG_LISTED_DEFAULT 4 /* applications that a list in a text shows unless its header says otherwise */
#define DIALOG_LISTED_MAX 9
#define DIALOG_LABEL_MAX 240  /* octets of a menu line's label, with its placeholders */
#define DIALOG_CHOICES_MAX 24 /* menu lines of one wording */
#define DIALOG_SCREENS_MAX 9  /* screens that a USSD text may be allowed */
#define DIALOG_AT_MOST_MAX 20
#define DIALOG_PAGE_SECONDS 300 /* how long a page may be silent before the question goes out as a text */
#define DIALOG_TAG_MAX 120	  /* octets of a tag that chooses a wording */
#define DIALOG_TEXT_NAME_MAX (DIALOG_NAME_MAX + 1 + DIALOG_TAG_MAX)
#define DIALOG_REMINDER_DAY_SECONDS (INT64_C(7) * 86400) /* `silent reminder_day` where no such day is known */
#define DIALOG_BACK_SLOT "back" /* engine's own slot: the step that `back` returns to; no dialog can name it */

/* ---- Branches ----------------------------------------------------------------------------------------------- */

enum trigger_kind {
	TRIGGER_PATTERN, /* something that a citizen writes: dialog/match.h */
	TRIGGER_RESERVED,
	TRIGGER_EVENT,
	TRIGGER_SILENT,
	TRIGGER_ELSE,
};

struct trigger {
	enum trigger_kind kind;
	struct match_pattern pattern;
	char written[DIALOG_LITERAL_MAX + 1]; /* literal: as the author wrote it */
	char normal[MATCH_NORMAL_MAX + 1];	  /* literal: what pattern.literal points to */
	char slot[DIALOG_NAME_MAX + 1];		  /* number, date, text: where the value is kept */
	enum words_reserved reserved;
	char event[DIALOG_NAME_MAX + 1];
	int64_t seconds;   /* silent */
	bool reminder_day; /* silent until the next reminder day; seconds = where there is none */
};

enum target_kind {
	TARGET_NONE,
	TARGET_STEP,
	TARGET_END,
	TARGET_SAME, /* stay */
	TARGET_BACK, /* the step before this one */
};

struct target {
	enum target_kind kind;
	size_t index; /* into steps or ends */
	char name[DIALOG_NAME_MAX + 1];
};

struct branch {
	int line;
	struct trigger *triggers;
	size_t ntriggers;
	struct target target;
	enum dialog_do dos[DIALOG_DOS_MAX];
	size_t ndos;
	bool quietly; /* the question of the step that it leads to is not asked */
	char say[DIALOG_NAME_MAX + 1];
	char list[DIALOG_NAME_MAX + 1];
	int at_most;		/* 0 = not counted */
	struct target then; /* where the branch leads when it was taken at_most times */
	size_t count;		/* which of the conversation's counts */
};

struct step {
	char name[DIALOG_NAME_MAX + 1];
	int line;
	char ask[DIALOG_NAME_MAX + 1];	/* the question; put off while the page is at work */
	char tell[DIALOG_NAME_MAX + 1]; /* a statement instead of a question; always said at once */
	char list[DIALOG_NAME_MAX + 1];
	int ask_line, list_line;
	bool stays;		/* answers and stays: no conversation to end, no silence to notice */
	bool broken;	/* a line of it could not be read: what it lacks is not held against it */
	bool remembers; /* a branch of it goes back: entering it keeps the step before */
	struct branch *branches;
	size_t nbranches, room;
};

struct end {
	char name[DIALOG_NAME_MAX + 1];
	int line;
	char say[DIALOG_NAME_MAX + 1];
};

/* ---- Wording ------------------------------------------------------------------------------------------------ */

enum form {
	FORM_PLAIN,
	FORM_MANY, /* the conversation is about several applications */
	FORM_USSD,
	FORM_USSD_MANY,
	FORM_COUNT
};

/* A form as a header says it behind the text's name: "", " many", " ussd", " many ussd". */
const char *form_words(enum form form);

/* A line of a menu, "* ANSWER: LABEL" in a text's `ussd` form: what is shown for an answer of the step. */
struct choice {
	char answer[DIALOG_LITERAL_MAX + 1]; /* as the author wrote it */
	char label[DIALOG_LABEL_MAX + 1];
	int line;
};

struct wording {
	char *text; /* NULL = there is none */
	size_t len;
	size_t file; /* into files */
	bool base;	 /* borrowed: a text of the dialog's own takes its place */
	int line;	 /* of the header; the text begins on the next */
	int parts;	 /* limit */
	int pages;	 /* limit of a USSD text, in screens */
	int listed;	 /* applications that a list shows */
	struct choice *choices;
	size_t nchoices, choices_room;
	struct dialog_odd *odd; /* the first of its distinct characters outside the GSM alphabet */
	size_t nodd, odd_room;
	bool odd_more; /* there are more than DIALOG_ODD_MAX */
};

struct text {
	char name[DIALOG_TEXT_NAME_MAX + 1]; /* with @TAG behind it: the form for holders with this tag */
	struct wording forms[DIALOG_LANGUAGES_MAX][FORM_COUNT];
};

struct dialog {
	char name[DIALOG_NAME_MAX + 1];
	int version;
	bool ussd; /* held by USSD too: every answer of its questions stands in a menu */
	char borrows[DIALOG_NAME_MAX + 1]; /* the dialog whose wording it borrows; "" = none */
	int name_line;
	bool broken; /* a line could not be read: no verdict on what can be reached */
	char **files;
	size_t nfiles; /* [0] is the .dlg */
	struct step *steps;
	size_t nsteps, steps_room;
	struct end *ends;
	size_t nends, ends_room;
	struct step anywhere, begun; /* reserved words; begun wins once consent was given */
	char languages[DIALOG_LANGUAGES_MAX][8];
	size_t nlanguages;
	struct text *texts; /* sorted by name once loaded */
	size_t ntexts, texts_room;
};

/* ---- source.c: lines, words of a line ------------------------------------------------------------------------- */

struct token {
	const char *s;
	size_t len;
	bool quoted; /* without its quotes */
};

struct source {
	const char *file;
	const char *text;
	size_t len, at;
	int line; /* of the line given last, from 1 */
	struct dialog_faults *faults;
};

/* Looks at the whole text once: size, UTF-8, NULs. False when it is not worth reading on. */
bool source_open(struct source *s, const char *file, const char *text, size_t len, struct dialog_faults *faults);
/* The next line without its end; false at the end of the text. Overlong lines are a fault and come back empty. */
bool source_line(struct source *s, const char **line, size_t *len);
/* Words of a line; `#` begins a comment. Returns how many, or -1 when a fault was told. */
int source_tokens(struct source *s, const char *line, size_t len, struct token list[DIALOG_TOKENS_MAX]);
bool token_is(const struct token *t, const char *word);
/* [a-z][a-z0-9_]*, at most DIALOG_NAME_MAX. */
bool token_name(const struct token *t, char out[DIALOG_NAME_MAX + 1]);
bool token_number(const struct token *t, int64_t *out);

/* Makes room for one more element. False without memory. */
bool dialog_grow(void *list_ptr, size_t *room, size_t count, size_t size);

/* ---- faults.c -------------------------------------------------------------------------------------------------- */

/*
 * Keeps one more fault. What fmt makes are its arguments, a line each, behind FAULT_ARGS: no line of a file holds the
 * end of a line.
 */
#define FAULT_ARGS "\n"
void fault_add(struct dialog_faults *f, const char *file, int line, enum dialog_fault_code code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The same by the code's id, with its arguments behind, if it has any: FAULT_AT(f, file, 3, NAME_TAKEN, "%s\n%d", ...)
 */
#define FAULT_AT(f, file, line, code, ...) fault_add(f, file, line, DIALOG_FAULT_##code, FAULT_ARGS __VA_ARGS__)
/* Those from index `from` on: by file in the order of `files`, then by line. */
void fault_sort(struct dialog_faults *f, size_t from, char *const *files, size_t nfiles);

/* ---- Tables: effect.c, placeholder.c --------------------------------------------------------------------------- */

struct effect_row {
	enum dialog_do what;
	const char *word;
	const char *slot; /* NULL, or the slot without which the effect means nothing and is left out */
	const char *meaning;
};
const struct effect_row *effect_by_word(const char *word);
const struct effect_row *effect_row(enum dialog_do what);
bool event_known(const char *name);
bool worklist_known(const char *name);
bool slot_known(const char *name);
/* The table's word nearest to a mistyped one, or NULL when none is near. kind: one of the tables below. */
enum table {
	TABLE_EFFECTS,
	TABLE_EVENTS,
	TABLE_WORKLISTS,
	TABLE_SLOTS,
	TABLE_PLACEHOLDERS,
};
const char *table_nearest(enum table table, const char *word);
const char *table_word(enum table table, size_t i); /* NULL after the last */

#define PLACEHOLDER_LONGEST 140
struct placeholder_row {
	const char *name;
	int characters; /* UTF-16 units of the longest value that is rendered, up to PLACEHOLDER_LONGEST; what is longer is
					   cut, or refused when `whole` */
	bool wide;		/* may hold characters outside the GSM alphabet */
	bool whole;		/* means nothing when cut */
	bool in_list;	/* may stand inside {#applications} */
	const char *meaning;
};
const struct placeholder_row *placeholder_by_name(const char *name, size_t len);
const struct placeholder_row *placeholder_rows(size_t *count);

/* ---- The loader's parts ---------------------------------------------------------------------------------------- */

int parse_dialog(struct dialog *d, const char *text, size_t len, struct dialog_faults *faults); /* -1: no memory */
int parse_wording(struct dialog *d, const struct dialog_wording_source *w, struct dialog_faults *faults);
void check_flow(struct dialog *d, struct dialog_faults *faults);  /* check.c */
void check_words(struct dialog *d, struct dialog_faults *faults); /* clash.c */
void check_texts(struct dialog *d, struct dialog_faults *faults); /* measure.c */
void drop_unsound_texts(struct dialog *d);						  /* measure.c: those that cannot be rendered */
void check_ussd(struct dialog *d, struct dialog_faults *faults);  /* check_ussd.c */

void wording_free(struct wording *w);							  /* and makes it one that is not there */
struct text *text_find(const struct dialog *d, const char *name); /* NULL; only when sorted */
int language_index(const struct dialog *d, const char *language); /* -1 */
long step_index(const struct dialog *d, const char *name);		  /* -1 */

/* ---- render.c, for measure.c and the screens ----------------------------------------------------------------------
 */

/* A text with every placeholder at its longest. Returns octets, or -1 when it does not fit room. */
int render_longest(const struct wording *w, char *out, size_t room);
/* The same with every value within the GSM alphabet, and the wording's own signs replaced (dialog/substitute.h). */
int render_longest_narrow(const struct wording *w, unsigned substitutions, char *out, size_t room);
/* The form of text t that is used; its text is NULL when the language has none. */
const struct wording *wording_of(const struct text *t, int language, bool ussd, bool many);
/* A menu line's label; index: the application it is about, 0 = none. c NULL: every placeholder at its longest. */
int render_label(const char *label, const struct dialog_conversation *c, int index, dialog_value_fn value, void *arg,
	char *out, size_t room);
/* How many of the conversation's applications a text is about. */
int render_applications(const struct dialog_conversation *c);

#endif
