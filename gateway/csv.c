/*
 * The CSV reader's state machine. One buffer holds the octets from the start of the current row; a row whose quotes do
 * not add up is given up at its first line break, and reading goes on from there, so that one stray quote cannot
 * swallow the rest of a file.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/csv.h"

enum csv_state {
	AT_FIELD, /* before the first octet of a field */
	IN_FIELD, /* in a field without quotes */
	IN_QUOTES,
	AFTER_QUOTE, /* a quote inside quotes: the end of the field, or the first half of a doubled one */
	SKIPPING,	 /* the row is lost: up to its line break */
};

#define BUFFER_SIZE (CSV_ROW_MAX + 65536)

struct csv {
	csv_row_fn on_row;
	void *arg;
	int stopped;
	bool bom_passed;
	char separator; /* 0: the first line is not whole yet */
	bool skip_lf;	/* the last row ended with CR: an LF that follows belongs to it */
	enum csv_state state;
	int64_t number; /* of the current row */
	const char *fault;
	size_t fault_column;
	bool row_quoted; /* a quote was seen: then even an empty row is one */

	/* buffer[start..pos) is the current row so far, buffer[pos..end) is not looked at yet */
	size_t start, pos, end;

	size_t nfields;
	size_t text_len, field_start;
	struct csv_field fields[CSV_COLUMNS_MAX];
	char text[CSV_ROW_MAX + CSV_COLUMNS_MAX + 2];
	char buffer[BUFFER_SIZE];
};

/* How far the first line is looked through. */
#define HEAD_MAX CSV_ROW_MAX

static const char bom[3] = {'\xef', '\xbb', '\xbf'};

struct csv *
csv_new(csv_row_fn on_row, void *arg)
{
	struct csv *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->on_row = on_row;
	c->arg = arg;
	c->number = 1;
	return c;
}

void
csv_free(struct csv *c)
{
	free(c);
}

static void
row_reset(struct csv *c)
{
	c->state = AT_FIELD;
	c->fault = NULL;
	c->fault_column = 0;
	c->row_quoted = false;
	c->nfields = 0;
	c->text_len = c->field_start = 0;
}

/* The first fault of a row is the one that is told: what follows is mostly its consequence. */
static void
row_fault(struct csv *c, const char *fault, size_t column)
{
	if (c->fault)
		return;
	c->fault = fault;
	c->fault_column = column;
}

static void
field_put(struct csv *c, char ch)
{
	if (ch == '\0') {
		row_fault(c, "a NUL octet", c->nfields + 1);
		return;
	}
	if (c->text_len - c->field_start >= CSV_FIELD_MAX) {
		row_fault(c, "longer than 8192 octets", c->nfields + 1);
		return;
	}
	c->text[c->text_len++] = ch;
}

static void
field_end(struct csv *c)
{
	if (c->nfields == CSV_COLUMNS_MAX) {
		row_fault(c, "more than 64 columns", 0);
		c->text_len = c->field_start;
		return;
	}
	c->fields[c->nfields].text = c->text + c->field_start;
	c->fields[c->nfields].len = c->text_len - c->field_start;
	c->nfields++;
	c->text[c->text_len++] = '\0';
	c->field_start = c->text_len;
}

/* Gives the row that ends before buffer[raw_end] and starts the next at buffer[next]. */
static void
row_give(struct csv *c, size_t raw_end, size_t next)
{
	bool empty = !c->fault && !c->row_quoted && c->nfields == 1 && c->fields[0].len == 0;

	if (!empty) {
		struct csv_row row = {
			.number = c->number,
			.fields = c->fields,
			.nfields = c->nfields,
			.fault = c->fault,
			.fault_column = c->fault_column,
			.raw = c->buffer + c->start,
			.raw_len = raw_end - c->start,
		};
		c->stopped = c->on_row(c->arg, &row);
	}
	c->number++;
	c->start = c->pos = next;
	row_reset(c);
}

/*
 * The row's quotes do not add up. Its first line alone is given as faulty; reading goes on behind that line's break
 * when there is one in the buffer, else the rest of the line is skipped.
 */
static void
row_lost(struct csv *c, const char *fault, size_t column)
{
	const char *line = c->buffer + c->start;
	size_t n = 0, room = c->pos - c->start;

	row_fault(c, fault, column);
	while (n < room && line[n] != '\n' && line[n] != '\r')
		n++;
	if (n == room) {
		c->state = SKIPPING;
		return;
	}
	field_end(c);
	c->skip_lf = line[n] == '\r';
	row_give(c, c->start + n, c->start + n + 1);
}

static void
line_break(struct csv *c, char ch)
{
	field_end(c);
	c->skip_lf = ch == '\r';
	row_give(c, c->pos - 1, c->pos);
}

static void
step(struct csv *c, char ch)
{
	bool breaks = ch == '\n' || ch == '\r';

	switch (c->state) {
	case AT_FIELD:
		if (ch == '"') {
			c->row_quoted = true;
			c->state = IN_QUOTES;
			return;
		}
		c->state = IN_FIELD;
		/* fall through */
	case IN_FIELD:
		if (breaks) {
			line_break(c, ch);
		} else if (ch == c->separator) {
			field_end(c);
			c->state = AT_FIELD;
		} else {
			field_put(c, ch);
		}
		return;
	case IN_QUOTES:
		if (ch == '"')
			c->state = AFTER_QUOTE;
		else
			field_put(c, ch);
		return;
	case AFTER_QUOTE:
		if (breaks) {
			line_break(c, ch);
		} else if (ch == c->separator) {
			field_end(c);
			c->state = AT_FIELD;
		} else if (ch == '"') {
			field_put(c, '"');
			c->state = IN_QUOTES;
		} else {
			row_lost(c, "text after the closing quote", c->nfields + 1);
		}
		return;
	case SKIPPING:
		if (breaks)
			line_break(c, ch);
		return;
	}
}

/* Takes everything up to the next line break out of the buffer: the row already holds all that is kept of it. */
static void
drop_line(struct csv *c)
{
	size_t n = c->pos;

	while (n < c->end && c->buffer[n] != '\n' && c->buffer[n] != '\r')
		n++;
	memmove(c->buffer + c->pos, c->buffer + n, c->end - n);
	c->end -= n - c->pos;
}

/* Looks at everything in the buffer. A row that is too long is cut here, so that the buffer always has room again. */
static void
scan(struct csv *c)
{
	while (c->pos < c->end && !c->stopped) {
		char ch = c->buffer[c->pos];

		if (c->skip_lf) {
			c->skip_lf = false;
			if (ch == '\n') {
				c->start = ++c->pos;
				continue;
			}
		}
		if (c->pos - c->start < CSV_ROW_MAX || (c->state != IN_QUOTES && (ch == '\n' || ch == '\r'))) {
			c->pos++;
			step(c, ch);
			continue;
		}
		if (c->state == IN_QUOTES)
			row_lost(c, "a quote that is never closed", c->nfields + 1);
		if (c->pos - c->start >= CSV_ROW_MAX) {
			row_fault(c, "longer than 65536 octets", 0);
			c->state = SKIPPING;
			drop_line(c);
		}
	}
}

static void
pass_bom(struct csv *c, bool at_end)
{
	size_t have = c->end - c->start;

	if (c->bom_passed || (have < sizeof bom && !at_end && memcmp(c->buffer + c->start, bom, have) == 0))
		return;
	if (have >= sizeof bom && memcmp(c->buffer + c->start, bom, sizeof bom) == 0)
		c->start = c->pos = c->start + sizeof bom;
	c->bom_passed = true;
}

/*
 * Counts what may stand between cells in the first line that is not empty. A tab in it is no accident; a semicolon may
 * stand in a name. Waits, with separator 0, until that line is there.
 */
static void
find_separator(struct csv *c, bool at_end)
{
	size_t have = c->end - c->start, most = have < HEAD_MAX ? have : HEAD_MAX, commas = 0, tabs = 0, semicolons = 0;
	const char *line = c->buffer + c->start;
	bool quoted = false, begun = false, whole = false, may_open = true;

	for (size_t i = 0; i < most && !whole; i++) {
		bool breaks = line[i] == '\n' || line[i] == '\r';

		if (breaks && begun && !quoted)
			whole = true;
		begun |= !breaks;
		/* A quote opens a cell, or goes on with one where it is doubled; in the middle of a cell it is nothing. */
		if (line[i] == '"' && (quoted || may_open)) {
			quoted = !quoted;
			may_open = true;
			continue;
		}
		if (quoted)
			continue;
		commas += line[i] == ',';
		tabs += line[i] == '\t';
		semicolons += line[i] == ';';
		may_open = breaks || line[i] == ',' || line[i] == '\t' || line[i] == ';';
	}
	if (!whole && !at_end && have < HEAD_MAX)
		return;
	c->separator = tabs > 0 && tabs >= commas && tabs >= semicolons ? '\t' : semicolons > commas ? ';' : ',';
}

int
csv_feed(struct csv *c, const char *octets, size_t len)
{
	while (len > 0 && !c->stopped) {
		size_t n;

		if (c->start > 0) {
			memmove(c->buffer, c->buffer + c->start, c->end - c->start);
			c->pos -= c->start;
			c->end -= c->start;
			c->start = 0;
		}
		n = BUFFER_SIZE - c->end;
		if (n > len)
			n = len;
		memcpy(c->buffer + c->end, octets, n);
		c->end += n;
		octets += n;
		len -= n;
		pass_bom(c, false);
		if (c->bom_passed && c->separator == 0)
			find_separator(c, false);
		if (c->separator != 0)
			scan(c);
	}
	return c->stopped;
}

int
csv_finish(struct csv *c)
{
	pass_bom(c, true);
	if (c->separator == 0)
		find_separator(c, true);
	scan(c);
	while (!c->stopped && c->pos > c->start) {
		if (c->state == IN_QUOTES) {
			row_lost(c, "a quote that is never closed", c->nfields + 1);
			if (c->state != SKIPPING) {
				scan(c);
				continue;
			}
		}
		field_end(c);
		row_give(c, c->pos, c->pos);
	}
	return c->stopped;
}

char
csv_separator(const struct csv *c)
{
	return c->separator;
}

void
csv_write(FILE *out, const char *text, size_t len, bool first)
{
	bool quote = len > 0 && (text[0] == ' ' || text[len - 1] == ' ');

	if (!first)
		fputc(',', out);
	for (size_t i = 0; i < len && !quote; i++)
		quote = text[i] == '"' || text[i] == ',' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r';
	if (!quote) {
		fwrite(text, 1, len, out);
		return;
	}
	fputc('"', out);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			fputc('"', out);
		fputc(text[i], out);
	}
	fputc('"', out);
}

bool
csv_is_formula(const char *text, size_t len)
{
	static const char *const signs[] = {
		"=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
	size_t digits = 1;

	if (len > 1 && (text[0] == '+' || text[0] == '-')) {
		while (digits < len && ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.'))
			digits++;
		if (digits == len)
			return false;
	}
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		size_t n = strlen(signs[i]);
		if (len >= n && memcmp(text, signs[i], n) == 0)
			return true;
	}
	return false;
}

void
csv_write_guarded(FILE *out, const char *text, size_t len, bool first)
{
	char *guarded;

	if (!csv_is_formula(text, len)) {
		csv_write(out, text, len, first);
		return;
	}
	guarded = malloc(len + 1);
	if (guarded == NULL)
		abort();
	guarded[0] = '\'';
	memcpy(guarded + 1, text, len);
	csv_write(out, guarded, len + 1, first);
	free(guarded);
}
