/*
 * What the files of the programs' interface, /api/v1, share. Its rows are in api/routes.def: method, path, the scope
 * that a key needs, what body is taken, and the function that serves it. call.c brings a request there, answer.c away
 * from it.
 */
#ifndef GATEWAY_HTTP_API_API_H
#define GATEWAY_HTTP_API_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include "gateway/http/api/scopes.h"
#include "gateway/http/staff/desk.h"

struct api_limits;
struct pg_params;

#define API_LIMIT_DEFAULT 100
#define API_LIMIT_MAX 1000
#define API_LINES_MAX (8 * 1024 * 1024) /* octets of a body of lines (NDJSON) */

enum api_body {
	API_NO_BODY,
	API_OBJECT, /* one JSON object: c->data.body */
	API_LINES,	/* the same, or one JSON object in each line (NDJSON), which the handler reads itself */
};

struct api_route {
	const char *scope;
	enum api_body body;
	void (*serve)(struct desk_call *c);
};

/* The rows of the route table: api_NAME_serve for every row api_NAME of routes.def. */
#define API(method, path, scope, body, name) void api_##name##_serve(struct http_request *r);
#include "gateway/http/api/routes.def"
#undef API
void api_openapi(struct http_request *r);

/* ---- call.c ---- */

/* May this caller do what the scope names? */
bool api_may(const struct desk_call *c, const char *scope);
/* How often each key has asked; NULL without memory. */
struct api_limits *api_limits_new(void);
void api_limits_free(struct api_limits *l);

/* ---- once.c: Idempotency-Key ---- */

/*
 * With such a header the request is looked up: then `go` is called when it is new, or the stored answer given. Without
 * one `go` is called at once.
 */
void api_once(struct desk_call *c, void (*go)(struct desk_call *c));
/* Keeps the answer, then gives it. False: this call has no Idempotency-Key; nothing was done. */
bool api_once_keep(struct desk_call *c, int status, const char *type, const char *text, size_t len);

/* ---- answer.c: each answers and frees the call ---- */

void api_answer(struct desk_call *c, int status, json_t *body); /* body is taken over */
void api_answer_text(struct desk_call *c, int status, const char *type, const char *text, size_t len);
/*
 * A problem: what of it is one of the words of the document's Problem ("invalid-field", "conflict", ...), field the
 * field or parameter at fault or NULL, detail a sentence that says what to do.
 */
void api_refuse(struct desk_call *c, const char *what, const char *field, const char *detail);
/* The same with more members (taken over), such as `faults`. */
void api_refuse_with(struct desk_call *c, const char *what, const char *field, const char *detail, json_t *more);
void api_unavailable(struct desk_call *c);

/* ---- answer.c: pages of lists ---- */

struct api_page {
	char after[40]; /* the key that the last page ended with: a number or a telephone number; "" = the first page */
	int64_t limit;
};
/* Reads `limit` and `cursor` of the query; false after it refused. list: the name that the cursor must have come from.
 */
bool api_page(struct desk_call *c, const char *list, struct api_page *page);
/* Adds the page's parameters: the key, and one row more than is shown. */
void api_page_params(struct pg_params *p, const struct api_page *page);
/* Answers with c->data[list] as a page: the row too many goes, `next` is the cursor after the last one's `key`. */
void api_give_page(struct desk_call *c, const char *list, const char *key);
/* For desk_gather: answers with all of c->data. */
void api_give_all(struct desk_call *c);
/* A whole number of the query between least and most, or otherwise when it is not there; false after it refused. */
bool api_query_number(
	struct desk_call *c, const char *name, int64_t least, int64_t most, int64_t otherwise, int64_t *out);
/* One of the words (NULL-ended) or NULL when it is not there; false after it refused. */
bool api_query_word(struct desk_call *c, const char *name, const char *const *words, const char **out);
/* A day YYYY-MM-DD, or NULL; false after it refused. */
bool api_query_day(struct desk_call *c, const char *name, const char **out);
/* A telephone number, brought to E.164 in out (room 20); "" when it is not there; false after it refused. */
bool api_query_phone(struct desk_call *c, const char *name, char *out);
/* The id in the path, or -1 after it answered 404 (this bureau has no such `what`). */
int64_t api_path_id(struct desk_call *c, const char *what);

/* ---- The JSON object that was sent ---- */

const char *api_text(const struct desk_call *c, const char *name); /* NULL when it is none */
/*
 * Are all members of the body among `names` (NULL-ended) and of the type their letter says: s text, i whole number,
 * b boolean, a array of texts, o object? Each name is "s:decision", with "!" behind it when it must be there. False
 * after it refused.
 */
bool api_body_check(struct desk_call *c, const char *const *names);

#endif
