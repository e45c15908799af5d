/*
 * The dialog engine's public face: load a dialog that staff wrote as text, step a conversation through it, render
 * its wording.
 *
 * Everything here is pure: no clock, socket, file, random or log. The same arguments give the same results, so a
 * recorded turn replays. Nothing here knows bureaus, tables or carriers; it speaks of steps, texts, slots and effects.
 */
#ifndef DIALOG_DIALOG_H
#define DIALOG_DIALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIALOG_NAME_MAX 40	  /* octets of a dialog's, step's, text's, slot's or event's name, without NUL */
#define DIALOG_TEXT_MAX 1600  /* octets of one rendered text, UTF-8, without NUL */
#define DIALOG_SLOT_MAX 512	  /* octets of one slot's value, UTF-8, without NUL */
#define DIALOG_SLOTS_MAX 16	  /* slots that a conversation can keep */
#define DIALOG_COUNTS_MAX 24  /* branches of one step that can carry "at most N" */
#define DIALOG_EFFECTS_MAX 24 /* effects of one step */
#define DIALOG_LANGUAGES_MAX 8

struct dialog; /* loaded and checked; never changes afterwards */

/* ---- Loading ------------------------------------------------------------------------------------------------ */

/* What can be wrong with a dialog: faults.def. */
enum dialog_fault_code {
#define DIALOG_FAULT(id, code, about, words) DIALOG_FAULT_##id,
#include "dialog/faults.def"
#undef DIALOG_FAULT
	DIALOG_FAULT_CODES
};
#define DIALOG_FAULT_ARGS 6

/* One fault of a dialog or wording file. The loader finds all of them before it refuses. */
struct dialog_fault {
	char file[128];
	int line; /* from 1; 0 = the file as a whole */
	enum dialog_fault_code code;
	char args[320]; /* what its words speak of, a line each: dialog_fault_arg */
	char text[480]; /* in English, on one line */
};

struct dialog_faults {
	struct dialog_fault *list; /* owned; freed by dialog_faults_free */
	size_t count, room;
};

/* One wording file: SERVICE.LANG.txt, already read into memory. */
struct dialog_wording_source {
	const char *file;	  /* name used in faults */
	const char *language; /* "zh", "en", ... */
	const char *text;	  /* UTF-8, need not be NUL-terminated */
	size_t len;
	bool base; /* of the dialog that this one borrows from: texts of its own win */
};

/*
 * Load a dialog from its text and its wordings. Several sources may carry the same language: later ones add texts
 * (the common wording shared by all dialogs comes as an extra source of each language); the same text twice in one
 * language is a fault.
 * Returns the dialog (caller frees with dialog_free), or NULL with every fault appended to *faults. Warnings do not
 * exist: a dialog is good or refused.
 */
struct dialog *dialog_load(const char *file, const char *text, size_t len, const struct dialog_wording_source *wordings,
	size_t nwordings, struct dialog_faults *faults);
/*
 * The wordings alone, for who counts and shows texts while a dialog is still at fault: all that can be rendered, whatever
 * is wrong elsewhere. It has no steps: only dialog_costs and dialog_render may see it. NULL without memory.
 */
struct dialog *dialog_load_texts(const struct dialog_wording_source *wordings, size_t nwordings);
void dialog_free(struct dialog *d);
void dialog_faults_free(struct dialog_faults *f);
/* A fault that whoever publishes the dialog finds in it, of the file as a whole. */
void dialog_faults_add(
	struct dialog_faults *f, const char *file, enum dialog_fault_code code, const char *first, const char *second);

/* The code of a fault as one word, for who has words of their own: "no_target". */
const char *dialog_fault_name(enum dialog_fault_code code);
/* What the first arguments of such a fault are: nothing of its own; a kind of name ("step"); a text's name; its name,
 * with @TAG behind it, and its form: "", " many", " ussd" or " many ussd". */
enum dialog_fault_about {
	DIALOG_FAULT_ABOUT_LINE,
	DIALOG_FAULT_ABOUT_KIND,
	DIALOG_FAULT_ABOUT_NAME,
	DIALOG_FAULT_ABOUT_FORM,
};
enum dialog_fault_about dialog_fault_about(enum dialog_fault_code code);
/* Argument 1 to DIALOG_FAULT_ARGS; "" when it has none. Lives as long as the fault; len octets, not NUL-terminated. */
const char *dialog_fault_arg(const struct dialog_fault *f, int i, size_t *len);

const char *dialog_name(const struct dialog *d);
int dialog_version(const struct dialog *d);
/* Gives a dialog that was just loaded another number than its text says: for who keeps versions of its own. */
void dialog_number(struct dialog *d, int version);
const char *dialog_first_step(const struct dialog *d);
size_t dialog_languages(const struct dialog *d, const char *list[DIALOG_LANGUAGES_MAX]);

/* ---- Stepping ----------------------------------------------------------------------------------------------- */

enum dialog_channel {
	DIALOG_CHANNEL_SMS,
	DIALOG_CHANNEL_USSD,
	DIALOG_CHANNEL_PAGE,
	DIALOG_CHANNEL_STAFF,
	DIALOG_CHANNEL_PHONE, /* a clerk enters what the citizen says on the phone: questions are put off as on the page */
};

struct dialog_slot {
	char name[DIALOG_NAME_MAX + 1];
	char value[DIALOG_SLOT_MAX + 1];
};

/* What the dialog moves: the engine's part of a conversation row. Zeroed = not begun. */
struct dialog_conversation {
	char step[DIALOG_NAME_MAX + 1]; /* "" = not begun */
	char language[8];
	int applications;  /* how many applications the conversation covers, 1..64; set by the caller */
	uint64_t selected; /* bit n-1: application n was chosen ("Y 1 3"); 0 = nothing chosen yet, meaning all */
	bool begun;		   /* the citizen has consented: STOP now ends reminders only */
	bool ask_owed;	   /* the step's question was put off because the page was at work; sent when it falls silent */
	bool ended;		   /* reached an `end` */
	const char
		*tags; /* the holder's, a line each: they choose among the wordings of a text; NULL = none. The caller's */
	uint8_t counts[DIALOG_COUNTS_MAX]; /* times each counted branch of this step was taken */
	int64_t deadline;				   /* unix seconds at which DIALOG_TIMER is due; 0 = none */
	struct dialog_slot slots[DIALOG_SLOTS_MAX];
	size_t nslots;
};

enum dialog_event_kind {
	DIALOG_START,	/* the conversation begins: enter the first step */
	DIALOG_TEXT,	/* the citizen wrote something */
	DIALOG_TIMER,	/* conversation.deadline has passed */
	DIALOG_OUTSIDE, /* `event NAME` from the page, the clerk or the workflow */
};

struct dialog_event {
	enum dialog_event_kind kind;
	enum dialog_channel channel;
	const char *text; /* DIALOG_TEXT: UTF-8 as received; may hold anything */
	const char *name; /* DIALOG_OUTSIDE: the event's name */
	int application;  /* DIALOG_OUTSIDE: which application of the conversation (1..n); 0 = all selected */
	const struct dialog_slot *slots; /* DIALOG_OUTSIDE: values that come with it; kept in the conversation */
	size_t nslots;
	/*
	 * For `silent reminder_day`: when the next reminder day begins, and when who has not answered is to be phoned (unix
	 * seconds; 0 = there is none).
	 */
	int64_t next_reminder, phone_at;
};

/* The effects that a dialog may name after `do`. One table in effect.c gives each its word and meaning. */
enum dialog_do {
	DIALOG_DO_NONE,
	DIALOG_DO_CONSENT,	   /* consent: the citizen wants it and lets staff act; sets begun */
	DIALOG_DO_DECLINE,	   /* decline: the citizen does not want it */
	DIALOG_DO_OPT_OUT,	   /* opt_out: no more reminders to this phone */
	DIALOG_DO_OPT_IN,	   /* opt_in: reminders again */
	DIALOG_DO_NOT_ME,	   /* not_me: this phone is not the holder's */
	DIALOG_DO_VERIFIED,	   /* verified: identity is proven */
	DIALOG_DO_CONFIRM,	   /* confirm: the prefilled application is right */
	DIALOG_DO_CORRECT,	   /* correct: it is not; a clerk reads */
	DIALOG_DO_OLD_ON_SITE, /* old_on_site: old certificate handed in at the counter */
	DIALOG_DO_OLD_COURIER, /* old_courier: old certificate collected by courier */
	DIALOG_DO_PICK_UP,	   /* pick_up: new certificate fetched at the counter */
	DIALOG_DO_COURIER,	   /* courier: new certificate sent by courier */
	DIALOG_DO_ADDRESS,	   /* address: slot address is where to send it */
	DIALOG_DO_SUBMIT,	   /* submit: the application goes to the bureau */
	DIALOG_DO_RATE,		   /* rate: slot rating is the citizen's mark */
	DIALOG_DO_CHECK,	   /* check: was the code in slot check issued by this bureau? answered by the gateway */
	DIALOG_DO_NEW_LINK,	   /* new_link: revoke the grants so far; the next {link}/{code} is fresh */
	DIALOG_DO_PROVEN,	   /* proven: identity is proven before consent is asked for */
	DIALOG_DO_PLEDGE,	   /* pledge: the citizen pledges; issued first, checked afterwards */
	DIALOG_DO_RECEIVED,	   /* received: what the courier brings has come */
	DIALOG_DO_COMPLAIN,	   /* complain: slot note is why the mark is low */
	DIALOG_DO_COUNT
};

enum dialog_effect_kind {
	DIALOG_SAY,	  /* send text `name` to the citizen, rendered with the conversation as it is after the step */
	DIALOG_APPLY, /* carry out `what` */
	DIALOG_LIST,  /* put on worklist `name`: phone, read, approve, collect, send, check */
	DIALOG_MOVED, /* step `from` -> step `name`, for the trail; always present when the step changed */
	DIALOG_ENDED, /* the conversation is over; `name` is the end's name (declined, stopped, finished, ...) */
};

struct dialog_effect {
	enum dialog_effect_kind kind;
	enum dialog_do what;
	const char *name; /* points into the dialog; lives as long as it */
	const char *from; /* DIALOG_MOVED; "" for a start */
	int application;  /* from the event; 0 = all selected */
	bool reminder;	  /* DIALOG_SAY: this is the step's question asked by START or TIMER before consent: bulk, sending
						 hours */
};

struct dialog_result {
	struct dialog_effect effects[DIALOG_EFFECTS_MAX];
	size_t neffects;
	bool understood; /* a TEXT matched something other than `else` */
	int line;		 /* line of the .dlg file whose branch was taken; 0 = none */
};

/*
 * One step. `before` is not touched; *after gets the conversation as it is afterwards. `now` is unix seconds.
 * `out_of_place` events (an `event` the step does not know, a timer not due) leave the conversation as it is with no
 * effects; that is not an error, because a page may be clicked twice.
 * Returns 0, or -1 when `before` names a step that the dialog does not have (then *after is a copy).
 */
int dialog_step(const struct dialog *d, const struct dialog_conversation *before, const struct dialog_event *event,
	int64_t now, struct dialog_conversation *after, struct dialog_result *result);

const char *dialog_slot_get(const struct dialog_conversation *c, const char *name); /* NULL when absent */
/* Returns 0, or -1 when there is no room; a value too long is cut at a character. */
int dialog_slot_set(struct dialog_conversation *c, const char *name, const char *value);

/* ---- Wording ------------------------------------------------------------------------------------------------ */

/*
 * Value of one placeholder for the text being rendered, or NULL when unknown (the placeholder then renders as
 * nothing). For the placeholders of a list ({#applications}...{/applications}) index is 1..n; otherwise 0: then the
 * value is of the effect's application, or of the first one chosen when the effect is about all of them.
 * A value longer than its placeholder allows (dialog/placeholder.c) is cut with an ellipsis, links and numbers never.
 */
typedef const char *(*dialog_value_fn)(void *arg, const char *placeholder, int index);

/*
 * Render text `name` in `language` (falls back to the dialog's first language) into out.
 * Slots of the conversation are looked up before `value` is asked. {n} inside a list, {count}, {more} and list
 * repetition are the engine's; {licence_tail} is made from the value of "licence_no". c may be NULL (no applications).
 * When several applications are chosen the text's `many` form is used where it has one.
 * Returns octets written without NUL, or -1 when there is no such text or it does not fit.
 */
int dialog_render(const struct dialog *d, const char *name, const char *language, const struct dialog_conversation *c,
	dialog_value_fn value, void *arg, char *out, size_t room);
/* The same with plain signs for those of the wording's own that are in these sets (dialog/substitute.h). */
int dialog_render_plain(const struct dialog *d, const char *name, const char *language, unsigned substitutions,
	const struct dialog_conversation *c, dialog_value_fn value, void *arg, char *out, size_t room);
/* The same for a USSD screen: the text's `ussd` form where it has one, else its SMS form. */
int dialog_render_ussd(const struct dialog *d, const char *name, const char *language,
	const struct dialog_conversation *c, dialog_value_fn value, void *arg, char *out, size_t room);
/* Does text `name` in `language` use this placeholder? (e.g. "link": then a grant must be made first) */
bool dialog_text_uses(const struct dialog *d, const char *name, const char *language, const char *placeholder);

/* ---- Three outputs of the same table ------------------------------------------------------------------------ */

/* Each returns a malloc'd NUL-terminated string that the caller frees, or NULL without memory. */
char *dialog_print(const struct dialog *d);						/* canonical text; loads to the same dialog */
char *dialog_dot(const struct dialog *d, const char *language); /* Graphviz DOT */

/* Lines of the .dlg file that hold branches, in order; for coverage by the .chat tests. Returns how many. */
size_t dialog_branch_lines(const struct dialog *d, int *lines, size_t room);

/* The dialog whose wording is borrowed (`wording NAME` behind the first line) into out; false when there is none. Looks
 * at the text alone, faults or not. */
bool dialog_borrows(const char *text, size_t len, char out[DIALOG_NAME_MAX + 1]);

/* Does the step ask the citizen something (`ask`), so that a USSD session stays open for the answer? */
bool dialog_step_waits(const struct dialog *d, const char *step);

/*
 * A branch that somebody may take for the citizen: with a text (step it with DIALOG_TEXT) or with an event of the
 * citizen's own (DIALOG_OUTSIDE). The bureau's own events, answers that carry a value, reserved words, `else` and
 * silence are none. Branches that do the same are one. Names live as long as the dialog.
 */
struct dialog_choice {
	const char *say;	/* what is stepped as the citizen's text, understood in `language`; NULL: */
	const char *event;	/* the event's name */
	const char *what;	/* in words of the dialog: its first effect, else yes, no, keep, else the text itself */
	const char *target; /* the step or end it leads to; "" = stays, "back" = the step before */
};
#define DIALOG_CHOICES_ROOM 24
/* Of a step, in the order of its branches. Returns how many there are, at most room; 0 for a step that is not there. */
size_t dialog_choices(
	const struct dialog *d, const char *step, const char *language, struct dialog_choice *list, size_t room);

/* The word of an effect as dialogs write it after `do`; "" for DIALOG_DO_NONE. */
const char *dialog_do_name(enum dialog_do what);

/* A character outside the GSM alphabet, and the line of the wording file that has it first. */
struct dialog_odd {
	uint32_t cp;
	int line;
};
#define DIALOG_ODD_MAX                                                                                                 \
	8 /* that are told of one wording; a language that needs more is not written in that alphabet                      \
	   */

/* One wording and what it costs at its longest, for authors. */
struct dialog_cost {
	const char *file; /* this and the names live as long as the dialog */
	int line;
	const char *text, *language;
	bool many, ussd;
	int allowed, parts;			  /* parts of an SMS, at its longest with a signature that is not in the GSM alphabet */
	size_t characters;			  /* UTF-16 units, or GSM septets of a USSD text within that alphabet */
	size_t forcing;				  /* characters of its own words that the GSM alphabet lacks */
	uint32_t forced_by;			  /* the first of them; 0 = none */
	const struct dialog_odd *odd; /* the distinct ones */
	size_t nodd;
	bool odd_more; /* there are more of them */
	/*
	 * What the odd characters alone cost: parts of an SMS at its longest where the signature and all that is filled in
	 * are within the GSM alphabet; as it is written; with plain letters instead; with the substitutions; with the
	 * national tables (then of these languages; 0 = the default tables). 0 for a USSD text.
	 */
	int narrow, narrow_plain, narrow_substituted, narrow_national;
	uint8_t locking, single;
};
/* What costs are reckoned by; NULL members: no signature, what every set and every table could save. */
struct text_rules;
struct dialog_cost_rules {
	const struct text_rules *text;
	const unsigned *substitutions;
	const char *signature;
};
/* Every wording by name, language and form. Returns how many there are; writes at most room. rules may be NULL. */
size_t dialog_costs(
	const struct dialog *d, const struct dialog_cost_rules *rules, struct dialog_cost *list, size_t room);

#endif
