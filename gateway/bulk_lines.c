/*
 * Rows as JSON objects, one a line, for programs: each object becomes a row of the same columns as a CSV file has, goes
 * through the same checks, and its line is told what became of it.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/bulk_internal.h"

#define LINE_MAX_OCTETS 16384 /* of one line */

struct result {
	int64_t line;
	enum import_outcome outcome;
	bool known;
	int64_t id;
	json_t *faults; /* refused */
};

struct lines {
	struct bulk *b;
	struct result *results; /* in the order of their lines */
	size_t n, room;
	json_t *faults; /* of the line being checked */
	struct csv_field fields[BULK_COLUMNS_MAX];
	char *joined[BULK_COLUMNS_MAX]; /* what was made of lists, by column */
};

struct lines *
lines_new(struct bulk *b)
{
	struct lines *l = calloc(1, sizeof *l);

	if (l)
		l->b = b;
	return l;
}

void
lines_free(struct lines *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n; i++)
		json_decref(l->results[i].faults);
	free(l->results);
	json_decref(l->faults);
	free(l);
}

/* ---- What became of lines ----------------------------------------------------------------------------------- */

static struct result *
find(struct lines *l, int64_t number)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->results[middle].line < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->n && l->results[low].line == number ? &l->results[low] : NULL;
}

static void
add_result(struct lines *l, int64_t number)
{
	if (l->n == l->room) {
		size_t room = l->room * 2 + 64;
		struct result *grown = realloc(l->results, room * sizeof *grown);

		if (!grown) {
			bulk_fail(l->b, "no memory");
			return;
		}
		l->results = grown;
		l->room = room;
	}
	l->results[l->n++] = (struct result){.line = number};
}

void
lines_fault(struct lines *l, const struct bulk_fault *f)
{
	if (!l->faults)
		l->faults = json_array();
	json_array_append_new(
		l->faults, json_pack("{s:s, s:s, s:s}", "field", f->column, "value", f->value, "detail", f->text));
}

void
lines_refuse(struct lines *l, int64_t number)
{
	struct result *r = find(l, number);

	if (r) {
		r->faults = l->faults ? l->faults : json_array();
		l->faults = NULL;
	}
}

void
lines_outcome(struct lines *l, int64_t number, enum import_outcome outcome, int64_t id)
{
	struct result *r = find(l, number);

	if (r) {
		r->known = true;
		r->outcome = outcome;
		r->id = id;
	}
}

void
lines_tell(const struct bulk *b)
{
	static const char *const words[] = {"added", "changed", "unchanged"};
	const struct lines *l = b->lines;

	for (size_t i = 0; i < l->n; i++) {
		const struct result *r = &l->results[i];
		bool good = !r->faults && r->known && r->outcome <= IMPORT_UNCHANGED;
		struct bulk_line line = {
			.line = r->line, .result = good ? words[r->outcome] : "refused", .id = r->id, .faults = r->faults};

		b->o->on_line(b->o->arg, &line);
	}
}

/* ---- One line ------------------------------------------------------------------------------------------------ */

static int
column_of(const struct bulk_columns *columns, const char *key)
{
	for (int i = 0; columns->names[i]; i++) {
		if (strcmp(columns->names[i], key) == 0 && !(columns->absent & 1u << i))
			return i;
	}
	return -1;
}

static void
unknown(struct bulk *b, const char *key)
{
	char text[200] = "is no field here; there are:";
	size_t used = strlen(text);

	for (int i = 0; b->columns->names[i] && used < sizeof text - 20; i++) {
		if (!(b->columns->absent & 1u << i))
			used += (size_t)snprintf(text + used, sizeof text - used, " %s", b->columns->names[i]);
	}
	bulk_fault_named(b, key, "", text);
}

/* A list of texts, joined as a cell of tags has them; NULL when it holds something else. */
static char *
join(const json_t *list)
{
	char *text = NULL;
	size_t len, i;
	json_t *one;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	json_array_foreach (list, i, one) {
		const char *word = json_string_value(one);

		if (!word || strpbrk(word, ";,|") != NULL) {
			fclose(out);
			free(text);
			return NULL;
		}
		fprintf(out, "%s%s", i > 0 ? ";" : "", word);
	}
	fclose(out);
	return text;
}

static void
take(struct bulk *b, int column, const char *key, const json_t *value)
{
	struct lines *l = b->lines;
	const char *text = json_string_value(value);

	if (json_is_null(value))
		return;
	if (json_is_array(value) && strcmp(key, "tags") == 0) {
		text = l->joined[column] = join(value);
		if (!text) {
			bulk_fault_named(b, key, "", "must be a list of texts without ; , |");
			return;
		}
	}
	if (!text) {
		bulk_fault_named(b, key, "", "must be a text");
		return;
	}
	l->fields[column] = (struct csv_field){.text = text, .len = strlen(text)};
}

static void
take_members(struct bulk *b, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		int column = column_of(b->columns, key);

		if (column < 0)
			unknown(b, key);
		else
			take(b, column, key, value);
	}
}

static void
read_line(struct bulk *b, int64_t number, const char *text, size_t len)
{
	struct lines *l = b->lines;
	struct csv_row row = {.number = number, .fields = l->fields};
	json_t *object = NULL;
	json_error_t e;
	char fault[200];

	for (int i = 0; i < BULK_COLUMNS_MAX; i++)
		l->fields[i] = (struct csv_field){.text = ""};
	while (b->columns->names[row.nfields])
		row.nfields++;
	l->fields[0] = (struct csv_field){.text = b->o->bureau->code, .len = strlen(b->o->bureau->code)};
	b->row = &row;
	b->r->rows++;
	add_result(l, number);
	if (len <= LINE_MAX_OCTETS)
		object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
	if (len > LINE_MAX_OCTETS) {
		bulk_fault_named(b, "", "", "the line has more than 16384 octets");
	} else if (!json_is_object(object)) {
		snprintf(fault, sizeof fault, "is no JSON object: %s", object ? "begin it with {" : e.text);
		bulk_fault_named(b, "", "", fault);
	} else {
		take_members(b, object);
	}
	if (b->nfaults == 0)
		b->columns->row(b);
	if (b->nfaults > 0)
		bulk_refuse(b, &row);
	b->row = NULL;
	json_decref(object);
	for (int i = 0; i < BULK_COLUMNS_MAX; i++) {
		free(l->joined[i]);
		l->joined[i] = NULL;
	}
}

void
lines_read(struct bulk *b)
{
	char *text = NULL;
	size_t room = 0;
	int64_t number = 0;
	ssize_t len;

	for (int i = 0; i < BULK_COLUMNS_MAX; i++)
		b->place[i] = i;
	while (!b->failed && (len = getline(&text, &room, b->o->lines)) >= 0) {
		number++;
		while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
			len--;
		if (len > 0)
			read_line(b, number, text, (size_t)len);
	}
	if (ferror(b->o->lines))
		bulk_fail(b, "could not read the lines");
	free(text);
}
