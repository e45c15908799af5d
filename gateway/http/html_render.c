/* Rendering a page template: values are looked up and everything that is not markup of ours is escaped. */
#include <stdio.h>
#include <string.h>
#include <event2/buffer.h>
#include "gateway/http/html_internal.h"

struct render {
	const struct html *h;
	const struct words *words;
	struct evbuffer *out;
	json_t *stack[DEPTH_MAX * 2];
	size_t depth;
	int faults;
};

void
html_escape(struct evbuffer *out, const char *text, size_t len)
{
	size_t from = 0;

	for (size_t i = 0; i < len; i++) {
		const char *as;
		switch (text[i]) {
		case '&':
			as = "&amp;";
			break;
		case '<':
			as = "&lt;";
			break;
		case '>':
			as = "&gt;";
			break;
		case '"':
			as = "&quot;";
			break;
		case '\'':
			as = "&#39;";
			break;
		default:
			continue;
		}
		evbuffer_add(out, text + from, i - from);
		evbuffer_add(out, as, strlen(as));
		from = i + 1;
	}
	evbuffer_add(out, text + from, len - from);
}

/* The value of a dotted name: its first part is looked for from the innermost section outwards. */
static json_t *
lookup(const struct render *r, const char *name)
{
	char part[NAME_MAX_LEN + 1];
	json_t *value = NULL;

	if (strcmp(name, ".") == 0)
		return r->stack[r->depth - 1];
	size_t len = strcspn(name, ".");
	memcpy(part, name, len);
	part[len] = '\0';
	for (size_t i = r->depth; i-- > 0 && value == NULL;)
		value = json_object_get(r->stack[i], part);
	for (name += len; value != NULL && *name == '.'; name += len) {
		name++;
		len = strcspn(name, ".");
		memcpy(part, name, len);
		part[len] = '\0';
		value = json_object_get(value, part);
	}
	return value;
}

static void
put_value(struct render *r, const json_t *v)
{
	if (json_is_string(v))
		html_escape(r->out, json_string_value(v), json_string_length(v));
	else if (json_is_integer(v))
		evbuffer_add_printf(r->out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
}

/* 1203 -> 1,203; what is no number as it is. */
static void
put_number(struct render *r, const json_t *v)
{
	char digits[24];

	if (!json_is_integer(v)) {
		put_value(r, v);
		return;
	}
	size_t n = (size_t)snprintf(digits, sizeof(digits), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && digits[i - 1] != '-' && (n - i) % 3 == 0)
			evbuffer_add(r->out, ",", 1);
		evbuffer_add(r->out, digits + i, 1);
	}
}

static bool
shows(const json_t *v)
{
	if (json_is_array(v))
		return json_array_size(v) > 0;
	if (json_is_string(v))
		return json_string_length(v) > 0;
	if (json_is_integer(v))
		return json_integer_value(v) != 0;
	return v != NULL && !json_is_false(v) && !json_is_null(v);
}

static void render_nodes(struct render *r, const struct nodes *nodes, bool words, int level);

static void
put_word(struct render *r, const char *name, int level)
{
	const struct entry *e = html_entry(&r->words->entries, name);

	if (e == NULL)
		r->faults++;
	else
		render_nodes(r, &e->nodes, true, level + 1);
}

static void
render_inside(struct render *r, const struct node *n, json_t *value, int level)
{
	if (r->depth == DEPTH_MAX * 2) {
		r->faults++;
		return;
	}
	r->stack[r->depth++] = value;
	render_nodes(r, &n->inside, false, level + 1);
	r->depth--;
}

static void
render_node(struct render *r, const struct node *n, bool words, int level)
{
	json_t *value;
	const struct entry *part;

	switch (n->kind) {
	case NODE_LITERAL:
		if (words)
			html_escape(r->out, n->text, n->len);
		else
			evbuffer_add(r->out, n->text, n->len);
		break;
	case NODE_VALUE:
		put_value(r, lookup(r, n->text));
		break;
	case NODE_NUMBER:
		put_number(r, lookup(r, n->text));
		break;
	case NODE_WORD:
		put_word(r, n->text, level);
		break;
	case NODE_WORD_OF:
		value = lookup(r, n->text);
		if (json_is_string(value))
			put_word(r, json_string_value(value), level);
		else
			r->faults++;
		break;
	case NODE_PART:
		part = html_entry(&r->h->templates, n->text);
		if (part != NULL)
			render_nodes(r, &part->nodes, false, level + 1);
		break;
	case NODE_SECTION:
		value = lookup(r, n->text);
		if (!shows(value))
			break;
		if (json_is_array(value))
			for (size_t i = 0; i < json_array_size(value); i++)
				render_inside(r, n, json_array_get(value, i), level);
		else
			render_inside(r, n, value, level);
		break;
	case NODE_INVERTED:
		value = lookup(r, n->text);
		if (!shows(value))
			render_nodes(r, &n->inside, false, level + 1);
		break;
	}
}

static void
render_nodes(struct render *r, const struct nodes *nodes, bool words, int level)
{
	if (level > DEPTH_MAX * 2) {
		r->faults++;
		return;
	}
	for (size_t i = 0; i < nodes->count; i++)
		render_node(r, &nodes->list[i], words, level);
}

int
html_render(const struct html *h, const char *name, const char *language, json_t *data, struct evbuffer *out)
{
	const struct entry *e = html_entry(&h->templates, name);
	struct render r = {.h = h, .words = html_words(h, language), .out = out};

	if (e == NULL || r.words == NULL)
		return -1;
	r.stack[r.depth++] = data;
	render_nodes(&r, &e->nodes, false, 0);
	return r.faults == 0 ? 0 : -1;
}
