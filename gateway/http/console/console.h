/* Pages and forms of the staff console; rows of staff.c's route table. */
#ifndef GATEWAY_HTTP_CONSOLE_H
#define GATEWAY_HTTP_CONSOLE_H

#include "dialog/dialog.h"
#include "gateway/http/staff/desk.h"

#define CONSOLE_ROWS 100 /* rows of one page of a list */

void console_today(struct http_request *r);			/* GET / */
void console_applications(struct http_request *r);	/* GET /applications */
void console_application(struct http_request *r);	/* GET /applications/ID */
void console_worklist(struct http_request *r);		/* GET /worklists/NAME */
void console_phone(struct http_request *r);			/* GET /phones/PHONE */
void console_act(struct http_request *r);			/* POST /applications/ID */
void console_worklist_post(struct http_request *r); /* POST /worklists/NAME */
void console_entry(struct http_request *r);			/* GET /entries/ID */
void console_entry_post(struct http_request *r);	/* POST /entries/ID */

void console_assist(struct http_request *r);	  /* GET /applications/ID/assist */
void console_assist_post(struct http_request *r); /* POST /applications/ID/assist */
void console_search(struct http_request *r);	  /* GET /search?s= */
void console_search_post(struct http_request *r); /* POST /search */

void console_counter(struct http_request *r);	   /* GET /counter */
void console_counter_post(struct http_request *r); /* POST /counter */
void console_staff(struct http_request *r);		   /* GET /staff */
void console_staff_post(struct http_request *r);   /* POST /staff */
void console_person(struct http_request *r);	   /* GET /staff/person?name= */
void console_person_post(struct http_request *r);  /* POST /staff/person */
/* Rows of the log in words: event, about_word and which, said, command_line, and where the thing is shown. */
void console_log_rows(const struct desk_call *c, json_t *rows);
void console_me(struct http_request *r);	  /* GET /me */
void console_me_post(struct http_request *r); /* POST /me */
void console_events(struct http_request *r);  /* GET /staff/log */

void console_webhooks(struct http_request *r);	  /* GET /webhooks */
void console_webhook_add(struct http_request *r); /* POST /webhooks */
void console_webhook(struct http_request *r);	  /* GET /webhooks/ID?state=&before= */
void console_webhook_act(struct http_request *r); /* POST /webhooks/ID: hold, go on, bring again, remove */

void console_report(struct http_request *r);	 /* GET /report?from=&to= */
void console_report_csv(struct http_request *r); /* GET /report.csv?from=&to= */
void console_letters(struct http_request *r);	 /* POST /letters */

/*
 * Answers with a page of templates/web and frees the call. c->data gives its values; every object in it, at any depth
 * of arrays, gets words beside its columns (status_word, kind_word, ...), items in the reader's language and times by
 * the bureau's clock. Pages also have: person, may.ROLE, token, action (this path), bureau.
 */
void console_page(struct desk_call *c, int status, const char *name);
/* path followed by value, made fit for an address, as o[key]. */
void console_href(json_t *o, const char *key, const char *path, const char *value);
struct pg_params;
/* Who does it, in which session and from where: $4, $5 and $6 of store/stmt/staff.def's changes. */
void console_who(const struct desk_call *c, struct pg_params *p);
/* Shows application ID of the address, with c->data's error (a word) or refusal. Answers and frees the call. */
void console_show_application(struct desk_call *c);
struct application_answer;
/* Into c->data.refusal, for the part "refused": why an act was refused, in words, by whom and when, where it stands. */
void console_refusal(struct desk_call *c, const struct application_answer *answer);
/* In place of telephone numbers and landlines in value, at any depth: with their middle taken out. */
void console_mask_phones(json_t *value);
/* Opens a talk for an application that waits for an answer and is in none; a question for desk_gather. */
struct desk_ask console_open_talk(const struct desk_call *c, int64_t application);
/* ---- console_names.c ---- */
/* A text of a dialog (NULL: none) in the reader's language, "…" for what is filled in; false when there is none. */
bool console_text_words(
	const struct desk_call *c, const struct dialog *d, const char *text, char out[DIALOG_TEXT_MAX + 1]);
/* The dialog of this name that this bureau runs now, or NULL. */
const struct dialog *console_dialog(const struct desk_call *c, const char *name);
/*
 * For the part "dialog_name": dialog, its name, with dialog_title where d (may be NULL) has a text of that name, else
 * dialog_word where the pages have one.
 */
void console_dialog_name(const struct desk_call *c, json_t *o, const char *name, const struct dialog *d);
/* The word of the step or end under KEY of a row as KEY_word, where the pages have one. */
void console_step_word(const struct desk_call *c, json_t *row, const char *key);
/*
 * A step or end of a dialog for people: KEY_word where the pages have a word for it, else under KEY the first words of
 * what it asks; version 0: the one that runs.
 */
void console_step(
	const struct desk_call *c, json_t *row, const char *key, const char *dialog, int version, const char *step);
/* The same for `step` of every object of value, which has `dialog` and `dialog_version` beside it. */
void console_steps(const struct desk_call *c, json_t *value);
/* ---- console_words.c ---- */
/*
 * Into a row, for the part "why": why_word (with why_more, somebody's words or what a machine said, behind it) or
 * why_text; neither for what a citizen wrote.
 */
void console_why(const struct desk_call *c, json_t *row, const char *reason);
/* Who it was, under KEY of a row: KEY_word, or the name alone of a colleague in its place. */
void console_actor(const struct desk_call *c, json_t *row, const char *key);
/*
 * For rows of the trail: actor as above; said: what the data say, each {label, word | text | quote}; went, from, to,
 * step: {name | name_word}; where: the dialog {word | name, version}.
 */
void console_trail(const struct desk_call *c, json_t *rows);

/* console_why beside every `reason` of value, and age and age_args beside `age_hours`. */
void console_entry_words(const struct desk_call *c, json_t *value);
/* Rows of texts as bubbles: in, unread (it was not understood), by_hand, and the delivery in words. */
void console_bubbles(struct desk_call *c, json_t *texts);
/* Where an entry (its id and application) is worked on: in the talk, or at the application that it is about. */
void console_entry_path(const json_t *row, const char *list, char *out, size_t room);
/* The address of the list's page with `more` in front of the filter that q has. */
void console_worklist_path(const struct desk_call *c, const struct form *q, const char *more, char *out, size_t room);
/* The row of a table that the form's field `act` names, or NULL; every row begins with its word, a const char *. */
const void *console_act_row(const struct desk_call *c, const void *rows, size_t n, size_t size);
/* The number in the address, 0 when it is none. */
int64_t console_id(const struct http_request *r);
/* Parameters with the bureau and that number. */
struct pg_params *console_id_params(const struct desk_call *c);
/* Six random digits for the counter. */
void console_pickup_code(char out[7]);

#endif
