/*
 * What a browser remembers between pages, all of it signed, nothing of it kept here: which browser it is, that a form
 * came from our own page, and that identity was proven for one grant.
 */
#ifndef GATEWAY_HTTP_SESSION_H
#define GATEWAY_HTTP_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_request;

#define SESSION_ID_LEN 22		   /* characters of a browser's random name */
#define SESSION_TOKEN_LEN 43	   /* characters of a form token */
#define SESSION_PROOF_SECONDS 3600 /* a proven identity is remembered this long, or until the browser closes */

/* The browser's name from its cookie, or a new one, whose cookie goes out with the answer. */
void session_browser(struct http_request *r, char out[SESSION_ID_LEN + 1]);

/* A new name in any case, as somebody signs in: tokens made for the old one are over. */
void session_browser_new(struct http_request *r, char out[SESSION_ID_LEN + 1]);

/* The token for forms of `about` ("code", or a grant) in this browser. */
void session_form_token(
	struct http_request *r, const char *browser, const char *about, char out[SESSION_TOKEN_LEN + 1]);
/* Did the form that came (field `token`) come from our page in this very browser? */
bool session_form_good(struct http_request *r, const char *about);

/* Remembers that this browser has proven who it is for a grant; tells; forgets. */
void session_prove(struct http_request *r, int bureau_id, int64_t grant_id);
bool session_proven(struct http_request *r, int bureau_id, int64_t grant_id);
void session_forget(struct http_request *r, int bureau_id, int64_t grant_id);

#endif
