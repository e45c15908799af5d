/* Wording and versions of dialogs on the console; rows of staff.c's route table, and what their files share. */
#ifndef GATEWAY_HTTP_WORDING_H
#define GATEWAY_HTTP_WORDING_H

#include <stdbool.h>
#include "gateway/http/console/console.h"
#include "gateway/version_text.h"

struct block;

#define WORDING_BODY_MAX ((size_t)192 * 1024) /* octets of a form with a flow, or with every form of a text */

void wording_flow(struct http_request *r);		/* GET /dialogs/NAME/flow */
void wording_flow_edit(struct http_request *r); /* POST the same: checked, or kept in the draft */
void wording_texts(struct http_request *r);		/* GET /dialogs/NAME/texts */
void wording_new(struct http_request *r);		/* POST the same: a text that is not there yet */
void wording_text(struct http_request *r);		/* GET /dialogs/NAME/texts/TEXT */
void wording_edit(struct http_request *r);		/* POST the same: counted, or kept in the draft */
void wording_versions(struct http_request *r);	/* GET /dialogs/NAME/versions */
void wording_act(struct http_request *r);		/* POST the same: check, publish, undo, throw away, move */
void wording_compare(struct http_request *r);	/* GET /dialogs/NAME/versions/VERSION */
void wording_play(struct http_request *r);		/* GET /dialogs/NAME/play */
void wording_play_on(struct http_request *r);	/* POST the same */

/* The dialog of the address as text: its draft where there is one, else what this bureau runs. */
struct wording_copy {
	struct version_text text;
	bool draft;
	int revision;		 /* of the draft */
	bool checked;		 /* and nothing was changed since */
	char changed_by[80]; /* actor */
};
/* Two statements for desk_gather that wording_open then reads: the draft ("draft") and what runs ("current").
 * Returns 2. */
size_t wording_asks(struct desk_call *c, struct desk_ask asks[2]);
/* 0 (free w->text with version_text_free), or -1 after it answered 404 and freed the call. */
int wording_open(struct desk_call *c, struct wording_copy *w);
/* What runs, the draft aside; without any text and with version 0 when nothing was published yet. The same returns. */
int wording_running(struct desk_call *c, struct version_text *v);
/* A published version of a dialog: of its row, else of its files (row: null). The same returns. */
int wording_read(struct desk_call *c, const char *dialog, const json_t *row, struct version_text *v);
/* Answers with a page about the copy: c->data gets its dialog's name, its draft, and what may be done. Frees the call.
 */
void wording_page(struct desk_call *c, const struct wording_copy *w, int status, const char *name);
/* Opens the copy and hands it to a page, which answers; when there is none it has answered 404. Both free the call. */
void wording_show(struct desk_call *c, void (*page)(struct desk_call *c, struct wording_copy *w, int status));
/* ---- wording_faults.c ---- */
/*
 * A fault for the pages: fault, the word that says it, and what that holds: a1 to a6, kind; place, a word, with line,
 * text, form and language.
 */
json_t *wording_fault(const struct desk_call *c, const struct dialog_fault *f);
/* Into c->data: `faults`, an array of these with `where`, those of text `first` (may be NULL) first; `faulty`. */
void wording_put_faults(struct desk_call *c, const struct dialog_faults *faults, const char *first);
/* Keeps the copy in the draft, with an event of this kind, and shows the page again; frees the call. */
void wording_keep(struct desk_call *c, const struct wording_copy *w, const char *event, const char *detail);
/* Lines of b that are otherwise than a's, with a few around them; NULL when nothing differs. */
json_t *wording_changes(const char *a, const char *b);
/*
 * Who waits where (`waits` of c->data), and what the draft means to them: `fates`, an array of {step, n, gone,
 * changed}.
 */
void wording_put_fates(struct desk_call *c, const struct dialog *now, const struct dialog *draft);
/* A form at its longest among real holders (`worst` of c->data) into `form`: sample, sample_parts, sample_units. */
void wording_put_sample(const struct desk_call *c, const struct dialog *d, const struct block *b, json_t *form);
/* May this person publish? Who manages may; who writes may publish what somebody else has written. */
bool wording_may_publish(const struct desk_call *c, const char *changed_by);

#endif
