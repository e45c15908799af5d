/* Page templates: parsing them into nodes, and checking that nothing is missing. */
#include <stdlib.h>
#include <string.h>
#include "gateway/http/html_internal.h"

/* ---- Making and freeing -------------------------------------------------------------------------------------- */

static void
nodes_free(struct nodes *n)
{
	for (size_t i = 0; i < n->count; i++) {
		free(n->list[i].text);
		nodes_free(&n->list[i].inside);
	}
	free(n->list);
}

static void
entries_free(struct entries *e)
{
	for (size_t i = 0; i < e->count; i++) {
		free(e->list[i].name);
		free(e->list[i].file);
		nodes_free(&e->list[i].nodes);
	}
	free(e->list);
	free(e->slots);
}

struct html *
html_new(void)
{
	return calloc(1, sizeof(struct html));
}

void
html_free(struct html *h)
{
	if (h == NULL)
		return;
	entries_free(&h->templates);
	for (size_t i = 0; i < h->nlanguages; i++) {
		entries_free(&h->languages[i].entries);
		free(h->languages[i].file);
	}
	free(h);
}

/* Room for one more element; NULL without memory. */
static void *
grow(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	size_t want = *room == 0 ? 8 : *room * 2;
	void *more = realloc(list, want * size);
	if (more != NULL)
		*room = want;
	return more;
}

static struct node *
node_add(struct nodes *n, enum node_kind kind, int line, const char *text, size_t len)
{
	struct node *list = grow(n->list, n->count, &n->room, sizeof(*list));
	if (list == NULL)
		return NULL;
	n->list = list;
	struct node *node = &n->list[n->count];
	memset(node, 0, sizeof(*node));
	node->kind = kind;
	node->line = line;
	node->text = strndup(text, len);
	node->len = len;
	if (node->text == NULL)
		return NULL;
	n->count++;
	return node;
}

/* Where this name stands, or where it would stand. */
static uint32_t *
entry_slot(const struct entries *e, const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	for (size_t at = hash & (e->nslots - 1);; at = (at + 1) & (e->nslots - 1))
		if (e->slots[at] == 0 || strcmp(e->list[e->slots[at] - 1].name, name) == 0)
			return &e->slots[at];
}

/* Room in the slots for one entry more. 0, or -1 without memory. */
static int
entry_room(struct entries *e)
{
	size_t want = e->nslots == 0 ? 32 : e->nslots * 2;
	uint32_t *slots;

	if ((e->count + 1) * 2 <= e->nslots)
		return 0;
	if ((slots = calloc(want, sizeof(*slots))) == NULL)
		return -1;
	free(e->slots);
	e->slots = slots;
	e->nslots = want;
	for (size_t i = 0; i < e->count; i++)
		*entry_slot(e, e->list[i].name) = (uint32_t)i + 1;
	return 0;
}

static struct entry *
entry_add(struct entries *e, const char *file, const char *name, size_t len)
{
	struct entry *list = entry_room(e) != 0 ? NULL : grow(e->list, e->count, &e->room, sizeof(*list));
	if (list == NULL)
		return NULL;
	e->list = list;
	struct entry *entry = &e->list[e->count];
	memset(entry, 0, sizeof(*entry));
	entry->name = strndup(name, len);
	entry->file = strdup(file);
	if (entry->name == NULL || entry->file == NULL) {
		free(entry->name);
		free(entry->file);
		return NULL;
	}
	*entry_slot(e, entry->name) = (uint32_t)++e->count;
	return entry;
}

const struct entry *
html_entry(const struct entries *e, const char *name)
{
	uint32_t at = e->nslots == 0 ? 0 : *entry_slot(e, name);

	return at == 0 ? NULL : &e->list[at - 1];
}

const struct words *
html_words(const struct html *h, const char *language)
{
	for (size_t i = 0; i < h->nlanguages; i++)
		if (strcmp(h->languages[i].language, language) == 0)
			return &h->languages[i];
	return NULL;
}

bool
html_has_language(const struct html *h, const char *language)
{
	return html_words(h, language) != NULL;
}

bool
html_has_word(const struct html *h, const char *word)
{
	return h->nlanguages > 0 && html_entry(&h->languages[0].entries, word) != NULL;
}

/* ---- Parsing ------------------------------------------------------------------------------------------------- */

struct parse {
	const char *file;
	const char *at, *end;
	int line;
	bool words; /* literals are words, not markup: escaped when rendered */
	int faults;
	FILE *err;
};

static void
fault(struct parse *p, int line, const char *text, const char *name)
{
	p->faults++;
	fprintf(p->err, "%s:%d: %s%s%s\n", p->file, line, text, *name != '\0' ? ": " : "", name);
}

static bool
name_good(const char *name)
{
	if (strcmp(name, ".") == 0)
		return true;
	for (const char *c = name; *c != '\0'; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
				strchr("._-", *c) != NULL))
			return false;
	return *name != '\0';
}

/* A value right after "=" would stand in an attribute without quotes, where escaping does not protect. */
static bool
ends_in_equals(const char *from, const char *to)
{
	while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\n'))
		to--;
	return to > from && to[-1] == '=';
}

/* Reads up to the end of the text or of the section `inside` (NULL = top). */
static void
parse_nodes(struct parse *p, struct nodes *out, const char *inside, int inside_line, int depth)
{
	const char *from = p->at;

	while (p->at < p->end) {
		if (*p->at == '\n')
			p->line++;
		if (p->end - p->at < 2 || p->at[0] != '{' || p->at[1] != '{') {
			p->at++;
			continue;
		}
		if (p->at > from)
			node_add(out, NODE_LITERAL, p->line, from, (size_t)(p->at - from));
		const char *close = memmem(p->at, (size_t)(p->end - p->at), "}}", 2);
		if (close == NULL) {
			fault(p, p->line, "a tag does not close", "");
			p->at = from = p->end;
			break;
		}
		const char *start = p->at + 2;
		char kind = '\0';
		if (start < close && strchr("#^/_@>!+", *start) != NULL)
			kind = *start++;
		char name[NAME_MAX_LEN + 1];
		size_t len = (size_t)(close - start);
		while (len > 0 && *start == ' ')
			start++, len--;
		while (len > 0 && start[len - 1] == ' ')
			len--;
		bool quoted = p->words || !ends_in_equals(from, p->at);
		p->at = from = close + 2;
		if (kind == '!')
			continue;
		if (len > NAME_MAX_LEN)
			len = NAME_MAX_LEN;
		memcpy(name, start, len);
		name[len] = '\0';
		if (!name_good(name)) {
			fault(p, p->line, "a tag's name may hold letters, digits, dot, dash and underline only", name);
			continue;
		}
		if (!quoted && kind != '/')
			fault(p, p->line, "an attribute's value must stand in quotes", name);
		if (kind == '/') {
			if (inside == NULL || strcmp(inside, name) != 0) {
				fault(p, p->line, "a section ends that was not begun here", name);
				continue;
			}
			return;
		}
		if (p->words && kind != '\0' && kind != '@' && kind != '+') {
			fault(p, p->line, "a word may hold values and words only", name);
			continue;
		}
		static const struct {
			char sign;
			enum node_kind kind;
		} kinds[] = {{'\0', NODE_VALUE}, {'#', NODE_SECTION}, {'^', NODE_INVERTED}, {'_', NODE_WORD},
			{'@', NODE_WORD_OF}, {'+', NODE_NUMBER}, {'>', NODE_PART}};
		enum node_kind what = NODE_VALUE;
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (kinds[i].sign == kind)
				what = kinds[i].kind;
		struct node *node = node_add(out, what, p->line, name, len);
		if (node == NULL || (what != NODE_SECTION && what != NODE_INVERTED))
			continue;
		if (depth >= DEPTH_MAX) {
			fault(p, p->line, "sections are nested too deep", name);
			continue;
		}
		/* The list may move while the inside grows elsewhere, so it is read into its own and put in its place. */
		struct nodes within = {0};
		size_t index = out->count - 1;
		parse_nodes(p, &within, name, p->line, depth + 1);
		out->list[index].inside = within;
		from = p->at;
	}
	if (p->end > from)
		node_add(out, NODE_LITERAL, p->line, from, (size_t)(p->end - from));
	if (inside != NULL)
		fault(p, inside_line, "a section does not end", inside);
}

int
html_add_template(struct html *h, const char *file, const char *name, const char *text, size_t len, FILE *err)
{
	struct parse p = {.file = file, .at = text, .end = text + len, .line = 1, .err = err};
	struct nodes nodes = {0};

	parse_nodes(&p, &nodes, NULL, 0, 0);
	struct entry *e = entry_add(&h->templates, file, name, strlen(name));
	if (e == NULL) {
		nodes_free(&nodes);
		return -1;
	}
	e->nodes = nodes;
	return p.faults == 0 ? 0 : -1;
}

/* One word: its name, then its text, which may go on over lines that begin with a space. */
static int
add_word(struct words *w, const char *file, int line, const char *name, size_t name_len, const char *text, size_t len,
	FILE *err)
{
	char word[NAME_MAX_LEN + 1];
	struct parse p = {.file = file, .at = text, .end = text + len, .line = line, .words = true, .err = err};
	struct nodes nodes = {0};

	if (name_len > NAME_MAX_LEN)
		name_len = NAME_MAX_LEN;
	memcpy(word, name, name_len);
	word[name_len] = '\0';
	if (!name_good(word))
		fault(&p, line, "a line is NAME: TEXT", word);
	else if (html_entry(&w->entries, word) != NULL)
		fault(&p, line, "the word is there twice", word);
	parse_nodes(&p, &nodes, NULL, 0, 0);
	struct entry *e = entry_add(&w->entries, file, word, name_len);
	if (e == NULL) {
		nodes_free(&nodes);
		return -1;
	}
	e->nodes = nodes;
	return p.faults == 0 ? 0 : -1;
}

int
html_add_words(struct html *h, const char *file, const char *language, const char *text, size_t len, FILE *err)
{
	const char *end = text + len;
	int line = 0, faults = 0;

	if (h->nlanguages == LANGUAGES_MAX || strlen(language) >= sizeof(h->languages[0].language)) {
		fprintf(err, "%s:1: cannot take this language: too many, or its name is too long\n", file);
		return -1;
	}
	struct words *w = &h->languages[h->nlanguages++];
	snprintf(w->language, sizeof(w->language), "%s", language);
	w->file = strdup(file);
	while (text < end) {
		const char *eol = memchr(text, '\n', (size_t)(end - text));
		if (eol == NULL)
			eol = end;
		line++;
		const char *colon = memchr(text, ':', (size_t)(eol - text));
		if (text == eol || *text == '#') {
			text = eol + 1;
			continue;
		}
		if (colon == NULL) {
			fprintf(err, "%s:%d: a line is NAME: TEXT\n", file, line);
			faults++;
			text = eol + 1;
			continue;
		}
		const char *name = text, *value = colon + 1;
		int first = line;
		while (value < eol && *value == ' ')
			value++;
		while (eol + 1 < end && (eol[1] == ' ' || eol[1] == '\t')) {
			const char *next = memchr(eol + 1, '\n', (size_t)(end - eol - 1));
			eol = next == NULL ? end : next;
			line++;
		}
		if (add_word(w, file, first, name, (size_t)(colon - name), value, (size_t)(eol - value), err) != 0)
			faults++;
		text = eol + 1;
	}
	return faults == 0 ? 0 : -1;
}

/* ---- Checking ------------------------------------------------------------------------------------------------ */

static int
check_nodes(const struct html *h, const char *file, const struct nodes *nodes, FILE *err)
{
	int faults = 0;

	for (size_t i = 0; i < nodes->count; i++) {
		const struct node *n = &nodes->list[i];
		if (n->kind == NODE_PART && html_entry(&h->templates, n->text) == NULL) {
			fprintf(err, "%s:%d: there is no template of this name: %s\n", file, n->line, n->text);
			faults++;
		}
		for (size_t l = 0; n->kind == NODE_WORD && l < h->nlanguages; l++)
			if (html_entry(&h->languages[l].entries, n->text) == NULL) {
				fprintf(err, "%s:%d: the word is missing in %s: %s\n", file, n->line, h->languages[l].file, n->text);
				faults++;
			}
		faults += check_nodes(h, file, &n->inside, err);
	}
	return faults;
}

int
html_check(const struct html *h, FILE *err)
{
	int faults = 0;

	if (h->nlanguages == 0) {
		fprintf(err, "there is no file of words (LANG.txt) beside the page templates\n");
		return -1;
	}
	for (size_t i = 0; i < h->templates.count; i++)
		faults += check_nodes(h, h->templates.list[i].file, &h->templates.list[i].nodes, err);
	/* Words that pages reach through {{@name}} alone must be complete as well. */
	for (size_t a = 0; a < h->nlanguages; a++)
		for (size_t i = 0; i < h->languages[a].entries.count; i++)
			for (size_t b = 0; b < h->nlanguages; b++) {
				/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what has entries has a list of them */
				const char *name = h->languages[a].entries.list[i].name;
				if (html_entry(&h->languages[b].entries, name) == NULL) {
					fprintf(err, "%s: the word is missing: %s\n", h->languages[b].file, name);
					faults++;
				}
			}
	return faults == 0 ? 0 : -1;
}
