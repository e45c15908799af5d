/*
 * Page templates: markup lives in templates/web/NAME.html, words in templates/web/LANG.txt, values in a JSON object.
 * Everything that is not literal markup of a template file is escaped; there is no way to ask for raw output.
 *
 *   {{name}} {{a.b}} {{.}}      a value, escaped for text and for quoted attributes alike
 *   {{+name}}                   a number that counts something, with marks between its thousands: 1,203
 *   {{#name}} ... {{/name}}     once for each element of an array, or once when true, an object, a number but 0, or
 *                               text that is not empty; inside, names are looked up in the element first
 *   {{^name}} ... {{/name}}     when the section above would show nothing
 *   {{_word}}                   the word in the page's language; a word may hold {{name}}, {{+name}}
 *                               and {{@name}} itself
 *   {{@name}}                   the word whose name is the value of `name`
 *   {{>part}}                   another template, with the values as they are here
 *   {{! remark }}
 */
#ifndef GATEWAY_HTTP_HTML_H
#define GATEWAY_HTTP_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <jansson.h>

struct evbuffer;
struct html; /* templates and words, loaded and checked; never changes afterwards */

/*
 * Reads every *.html and *.txt of the folder. NULL when one fault is found; every fault is printed to err as
 * "FILE:LINE: text": a tag that does not close, an unknown part, a word that a language lacks, a value outside quotes.
 */
struct html *html_load(const char *folder, FILE *err);
void html_free(struct html *h);

/* The same from memory; html_check must have said 0 before anything is rendered. 0, or -1 with faults on err. */
struct html *html_new(void);
int html_add_template(struct html *h, const char *file, const char *name, const char *text, size_t len, FILE *err);
int html_add_words(struct html *h, const char *file, const char *language, const char *text, size_t len, FILE *err);
int html_check(const struct html *h, FILE *err);

/*
 * Renders a template in a language into out. data is an object; it stays the caller's. Returns 0, or -1 when there is
 * no such template or language, a {{@name}} names no word, or parts nest without end; out then holds what came so far.
 */
int html_render(const struct html *h, const char *name, const char *language, json_t *data, struct evbuffer *out);

bool html_has_language(const struct html *h, const char *language);
bool html_has_word(const struct html *h, const char *word);

/* Appends text with & < > " ' escaped. len octets, UTF-8. */
void html_escape(struct evbuffer *out, const char *text, size_t len);

#endif
