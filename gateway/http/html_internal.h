/* The nodes of a template, shared by html.c, which makes them, and html_render.c, which walks them. */
#ifndef GATEWAY_HTTP_HTML_INTERNAL_H
#define GATEWAY_HTTP_HTML_INTERNAL_H

#include <stdint.h>
#include "gateway/http/html.h"

#define NAME_MAX_LEN 90
#define DEPTH_MAX 16 /* parts and sections inside each other */

enum node_kind {
	NODE_LITERAL,
	NODE_VALUE,
	NODE_NUMBER,
	NODE_SECTION,
	NODE_INVERTED,
	NODE_WORD,
	NODE_WORD_OF, /* the word whose name is a value */
	NODE_PART,
};

struct nodes {
	struct node *list;
	size_t count, room;
};

struct node {
	enum node_kind kind;
	int line;
	char *text; /* the literal, or the name */
	size_t len;
	struct nodes inside; /* of a section */
};

struct entry {
	char *name, *file;
	struct nodes nodes;
};

/* Looked up by name at every word of every page: slots holds 1 + the index of each, where its name's hash says. */
struct entries {
	struct entry *list;
	size_t count, room;
	uint32_t *slots;
	size_t nslots; /* a power of two, twice as many as there are entries; 0 = none yet */
};

struct words {
	char language[8];
	char *file;
	struct entries entries;
};

#define LANGUAGES_MAX 16

struct html {
	struct entries templates;
	struct words languages[LANGUAGES_MAX];
	size_t nlanguages;
};

const struct entry *html_entry(const struct entries *e, const char *name); /* NULL when there is none */
const struct words *html_words(const struct html *h, const char *language);

#endif
