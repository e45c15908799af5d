/* What the files of the public listener share: the visit of a citizen's page and the values its templates show. */
#ifndef GATEWAY_HTTP_PUBLIC_H
#define GATEWAY_HTTP_PUBLIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "gateway/grants.h"
#include "gateway/http/assets.h"
#include "gateway/http/server.h"
#include "gateway/signature.h"

struct conf_bureau;
struct grant_application;
struct grant_holder;
struct grant_sealed;
struct grant_view;
struct html;
struct limiter;

struct http_public {
	struct gateway *g;
	struct assets assets;
	struct http_server *server;
	struct limiter *codes; /* wrong short codes, by address */
	struct limiter *all_codes; /* the same, of everybody together */
	struct limiter *again; /* new links asked for, by address */
};

/* Where the citizen stands on the page. It follows conversation.step, whoever moved it. */
enum visit_stage {
	VISIT_CHECK,	/* who are you? */
	VISIT_INTENT,	/* proven: do they want it, and may staff act for them? */
	VISIT_CONFIRM,	/* is this right, and the choices */
	VISIT_OLD,		/* confirmed by text: the choices */
	VISIT_DELIVERY, /* only how the new one comes */
	VISIT_ADDRESS,	/* only where to */
	VISIT_PLEDGE,	/* the pledge on which it is issued */
	VISIT_WAITING,	/* a person of the bureau is at it */
	VISIT_PROGRESS, /* submitted, or over */
};

/* A genuine grant, with its row, being shown or acted upon. */
struct visit {
	struct http_request *r;
	struct grants_read read;
	const struct conf_bureau *bureau;
	struct grant_view *view;
	enum visit_stage stage;
	enum visit_stage resume; /* at VISIT_WAITING: where the citizen may go on alone; else the stage itself */
	bool proven;			 /* this browser has proven who it is */
	bool begins;			 /* nobody has said yes yet (a letter's code): that is asked with the proof */
	char about[48];			 /* what form tokens of this page are bound to */
	const char *language;
	void (*then)(struct visit *v);
};

/*
 * Reads the token of /r/TOKEN, loads the grant and calls then with a visit (free with visit_free after answering).
 * An expired, altered, foreign or revoked link is answered here, each with its own words.
 */
void visit_open(struct http_request *r, void (*then)(struct visit *v));
void visit_free(struct visit *v);
/*
 * What the conversation's step (or, at a step of staff's own making, its applications) means for the page. *resume is
 * the same, or at VISIT_WAITING what the citizen may still do alone (VISIT_PROGRESS: nothing).
 */
enum visit_stage visit_stage_of(const struct grant_view *view, enum visit_stage *resume);
/* Is this one of the choices that all selected applications offer? */
bool visit_allows_old(const struct visit *v, const char *choice);
bool visit_allows_delivery(const struct visit *v, const char *choice);
/* malloc'd plain text of a sealed field; "" when there is none. The caller frees. */
char *visit_unseal(const struct visit *v, const struct grant_sealed *s);
/* malloc'd: where to send to unless told otherwise. */
char *visit_address(const struct visit *v);

/* ---- page_again.c: a link that is over ---- */

/* Its page: why (a word of templates/web), and a button for a new one; or that it is on its way. Answers. */
void again_show(
	struct http_request *r, const struct grants_read *read, int status, const char *why, const char *language);
/* Was that button pressed? Then again_send answers. */
bool again_asked(struct http_request *r);
void again_send(struct http_request *r, const struct grants_read *read);

/* ---- model.c: values for the templates ---- */

/* What a person typed and what was wrong with it, when a page is shown again. Fields may be NULL. */
struct visit_again {
	const char *error;		/* a word of templates/web: shown on top */
	const char *error_args; /* for {{tries}} or {{time}} in it */
	const char *old, *delivery, *address;
};

json_t *model_page(const struct visit *v, const struct visit_again *again);
json_t *model_bureau(const struct conf_bureau *b);
/* YYYY-MM-DD in the words of a language, into out; "" stays "". */
void model_date(const char *date, const char *language, char *out, size_t room);

/* ---- page_sign.c: what the citizen signs ---- */

/* The applications as they are shown, as one object; the caller owns it. */
json_t *sign_shown(const struct visit *v);
/* Its hash in hexadecimal: the form carries it, so that what is signed is what was seen. */
void sign_shown_hash(const struct visit *v, char out[2 * SIGNATURE_HASH + 1]);
/* Signs and stores it with the choices. brief gets what the text says of it. 0: done is called once; -1: it is not. */
int sign_store(struct visit *v, const char *old, const char *delivery, const char *address, char brief[SIGNATURE_SHORT],
	void (*done)(void *arg, const char *error, const char *sqlstate), void *arg);

/* ---- Handlers ---- */

void page_home(struct http_request *r);		 /* GET / */
void page_home_post(struct http_request *r); /* POST / */
void page_grant(struct http_request *r);	 /* GET /r/TOKEN */
void page_grant_post(struct http_request *r);
void page_qr_svg(struct http_request *r);
void page_qr_png(struct http_request *r);
void page_platform_out(struct http_request *r); /* GET /r/TOKEN/identity */
void page_trail(struct http_request *r);		/* GET /r/TOKEN/trail */
void page_platform_back(struct http_request *r);
void page_platform_post(struct http_request *r);
/* Shows a visit's page as it stands; answers and frees the visit. */
void page_show(struct visit *v, int status, const struct visit_again *again);

#endif
