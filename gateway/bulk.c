/*
 * The run of an import: header, rows, faults, and the commit. What a row must hold is in bulk_licence.c and
 * bulk_change.c.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dialog/utf8.h"
#include "gateway/bulk_internal.h"
#include "gateway/csv_file.h"
#include "gateway/keys.h"

static void
copy_cut(char *out, size_t room, const char *text, size_t len)
{
	(void)utf8_clean(text, len, out, room);
}

void
bulk_fail(struct bulk *b, const char *fmt, ...)
{
	char whole[1400];
	va_list ap;

	if (b->failed)
		return;
	b->failed = true;
	va_start(ap, fmt);
	vsnprintf(whole, sizeof whole, fmt, ap);
	va_end(ap);
	copy_cut(b->error, b->error_room, whole, strlen(whole));
}

/* ---- Faults and refused rows -------------------------------------------------------------------------------- */

/* The cell as it stands in the file, line breaks shown as spaces. */
static void
cell_value(const struct bulk *b, int column, char *out, size_t room)
{
	int place = column >= 0 ? b->place[column] : -1;

	out[0] = '\0';
	if (place < 0 || (size_t)place >= b->row->nfields)
		return;
	copy_cut(out, room, b->row->fields[place].text, b->row->fields[place].len);
	for (char *p = out; *p; p++) {
		if ((unsigned char)*p < ' ')
			*p = ' ';
	}
}

static void
fault_add(struct bulk *b, const struct bulk_fault *f)
{
	struct bulk_result *r = b->r;
	size_t used = strlen(b->fault_text), n;
	char one[400];

	r->faults++;
	b->nfaults++;
	bulk_sum(b->columns, f, r->sums);
	if (b->lines)
		lines_fault(b->lines, f);
	if (b->o->refused)
		refused_fault(b, f);
	if (r->nlist < BULK_FAULTS_KEPT) {
		struct bulk_fault *list = realloc(r->list, (r->nlist + 1) * sizeof *list);

		if (!list) {
			bulk_fail(b, "no memory");
			return;
		}
		r->list = list;
		r->list[r->nlist++] = *f;
	}
	snprintf(one, sizeof one, "%s%s%s%s", used ? "; " : "", f->column, f->column[0] ? " " : "", f->text);
	n = utf8_cut(one, strlen(one), sizeof b->fault_text - 1 - used);
	memcpy(b->fault_text + used, one, n);
	b->fault_text[used + n] = '\0';
}

void
bulk_fault(struct bulk *b, int column, const char *text)
{
	struct bulk_fault f = {.row = b->row->number};

	if (column >= 0)
		snprintf(f.column, sizeof f.column, "%s", b->columns->names[column]);
	cell_value(b, column, f.value, sizeof f.value);
	copy_cut(f.text, sizeof f.text, text, strlen(text));
	fault_add(b, &f);
}

void
bulk_fault_named(struct bulk *b, const char *name, const char *value, const char *text)
{
	struct bulk_fault f = {.row = b->row->number};

	copy_cut(f.column, sizeof f.column, name, strlen(name));
	copy_cut(f.value, sizeof f.value, value, strlen(value));
	copy_cut(f.text, sizeof f.text, text, strlen(text));
	fault_add(b, &f);
}

void
bulk_refuse(struct bulk *b, const struct csv_row *row)
{
	b->r->refused++;
	if (b->lines)
		lines_refuse(b->lines, row->number);
	else if (b->o->list_of)
		refused_add(b, row);
	else if (!b->o->dry_run && !b->failed && reject_add(&b->reject, row, b->fault_text) < 0)
		bulk_fail(b, "could not write %s: %s; nothing was imported", b->reject.path, strerror(errno));
	b->fault_text[0] = '\0';
	b->nfaults = 0;
}

/* ---- Cells -------------------------------------------------------------------------------------------------- */

const char *
bulk_cell(struct bulk *b, int column, bool fold, size_t max, char *out)
{
	int place = b->place[column];
	const struct csv_field *f;
	char text[128];
	size_t count;

	out[0] = '\0';
	if (place < 0 || (size_t)place >= b->row->nfields)
		return out;
	f = &b->row->fields[place];
	/* An apostrophe that a file of refused rows has put before a formula is none of the cell's. */
	size_t guard = f->len > 1 && f->text[0] == '\'' && csv_is_formula(f->text + 1, f->len - 1);
	check_clean(f->text + guard, f->len - guard, fold, out, CHECK_TEXT_MAX + 1);
	count = utf8_count(out, strlen(out));
	if (check_damaged(out)) {
		bulk_fault(b, column, "holds a character that cannot be read; look it up where the file comes from");
		out[0] = '\0';
	} else if (count > max || f->len > CHECK_TEXT_MAX) {
		snprintf(text, sizeof text, "has %zu characters; %zu at most", utf8_count(f->text, f->len), max);
		bulk_fault(b, column, text);
		out[0] = '\0';
	}
	return out;
}

const struct conf_bureau *
bulk_bureau(struct bulk *b, int column, char *cell)
{
	const struct conf *conf = b->o->conf;
	const struct conf_bureau *bureau;
	size_t faults = b->nfaults, used;
	char text[256];

	bulk_cell(b, column, true, 64, cell);
	if (b->nfaults > faults)
		return NULL;
	if (b->o->list_of && (cell[0] == '\0' || strcmp(cell, b->o->list_of->code) == 0))
		return b->o->list_of;
	if (b->o->list_of) {
		bulk_fault(b, column, "is another bureau; take the row out");
		return NULL;
	}
	bureau = conf_bureau_by_code(conf, cell);
	if (bureau)
		return bureau;
	used =
		(size_t)snprintf(text, sizeof text, "%s; known:", cell[0] ? "is no bureau of the configuration" : "is empty");
	for (size_t i = 0; i < conf->nbureaus && used < 180; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, " %.60s", conf->bureaus[i].code);
	bulk_fault(b, column, text);
	return NULL;
}

uint8_t *
bulk_encrypt(struct bulk *b, const char *text, size_t *len)
{
	uint8_t *cipher = keys_encrypt(b->o->keys, text, strlen(text), len);

	if (!cipher)
		bulk_fail(b, "could not encrypt: no memory");
	return cipher;
}

/* ---- Header ------------------------------------------------------------------------------------------------- */

static void
say(char *out, size_t room, const char *before, const char *name)
{
	size_t used = strlen(out);

	/* Whole or not at all: names may be of any script. */
	if (used + strlen(before) + strlen(name) < room)
		snprintf(out + used, room - used, "%s%s", before, name);
}

/* Keeps the header's names for the file of refused rows. */
static void
keep_header(struct bulk *b, const struct csv_row *row)
{
	size_t len;
	FILE *out = open_memstream(&b->reject.header, &len);

	if (!out) {
		bulk_fail(b, "no memory");
		return;
	}
	for (size_t i = 0; i < b->reject.ncolumns; i++)
		csv_write(out, row->fields[i].text, row->fields[i].len, i == 0);
	if (fclose(out) != 0)
		bulk_fail(b, "no memory");
}

/*
 * A list needs what a text says and where it goes; one that has no holders is short: its licences are on file, and only
 * their numbers matter.
 */
static unsigned
optional(const struct bulk *b)
{
	static const char *const wanted[] = {"licence_no", "item", "holder", "phone"};
	unsigned needed = 0;

	if (!b->o->list_of)
		return b->columns->optional;
	for (size_t i = 0; i < (b->r->short_list ? 1 : sizeof wanted / sizeof wanted[0]); i++)
		needed |= 1u << bulk_column(b->columns, wanted[i]);
	return ~needed;
}

/* A column of the bureau's own about its licences, which rules compare: fact.area, fact.inspection. */
static bool
fact_column(struct bulk *b, const char *name, size_t place)
{
	if (!b->columns->facts || strncmp(name, "fact.", 5) != 0 || name[5] == '\0' ||
		strlen(name + 5) > BULK_FACT_NAME_MAX || b->nfacts == BULK_FACTS_MAX)
		return false;
	for (size_t i = 0; i < b->nfacts; i++) {
		if (strcmp(b->facts[i].name, name + 5) == 0)
			return false;
	}
	snprintf(b->facts[b->nfacts].name, sizeof b->facts[b->nfacts].name, "%s", name + 5);
	b->facts[b->nfacts++].place = (int)place;
	return true;
}

/* Columns may stand in any order. All that is wrong with the header is said in one line. */
static void
read_header(struct bulk *b, const struct csv_row *row)
{
	char faults[700] = "", name[64];
	size_t n = row->nfields;
	bool fault_column = false;

	b->header_done = true;
	for (int i = 0; i < BULK_COLUMNS_MAX; i++)
		b->place[i] = -1;
	while (n > 0 && row->fields[n - 1].len == 0)
		n--; /* a spreadsheet may write commas for columns that are empty */
	for (size_t i = 0; i < n && !row->fault; i++) {
		int known;

		check_clean(row->fields[i].text, row->fields[i].len, true, name, sizeof name);
		known = bulk_column(b->columns, name);
		if (known < 0 && i + 1 == n && strcmp(name, "fault") == 0)
			fault_column = true;
		else if (known < 0 && fact_column(b, name, i))
			continue;
		else if (known < 0 && b->o->list_of)
			continue; /* a clerk's own column, such as remarks */
		else if (known < 0)
			say(faults, sizeof faults, faults[0] ? "; unknown column " : "unknown column ", name[0] ? name : "(empty)");
		else if (b->place[known] >= 0)
			say(faults, sizeof faults, faults[0] ? "; twice the column " : "twice the column ", name);
		else
			b->place[known] = (int)i;
	}
	b->r->short_list = b->o->list_of && b->place[bulk_column(b->columns, "holder")] < 0 &&
					   b->place[bulk_column(b->columns, "licence_no")] >= 0;
	for (int i = 0; b->columns->names[i] && !row->fault; i++) {
		if (b->place[i] < 0 && !(optional(b) & 1u << i))
			say(faults, sizeof faults, faults[0] ? "; missing column " : "missing column ", b->columns->names[i]);
	}
	if (row->fault)
		say(faults, sizeof faults, "the header cannot be read: ", row->fault);
	if (faults[0] && b->o->list_of) {
		bulk_fail(b,
			"row %lld: %s; a list needs item, licence_no, holder and phone, or licence_no alone where the licences are "
			"on file",
			(long long)row->number, faults);
		return;
	}
	if (faults[0]) {
		char all[300] = "";

		for (int i = 0; b->columns->names[i]; i++)
			say(all, sizeof all, i ? "," : "", b->columns->names[i]);
		bulk_fail(b, "row %lld: %s; the header must be: %s", (long long)row->number, faults, all);
		return;
	}
	b->ncolumns = b->reject.file_columns = n;
	b->reject.ncolumns = n - fault_column;
	keep_header(b, row);
	refused_header(b, row);
}

/* ---- Rows --------------------------------------------------------------------------------------------------- */

static bool
is_empty(const struct csv_row *row)
{
	for (size_t i = 0; i < row->nfields; i++) {
		if (row->fields[i].len > 0)
			return false;
	}
	return !row->fault;
}

/* Is the row a row? Its cells are looked at only then. */
static void
check_shape(struct bulk *b)
{
	const struct csv_row *row = b->row;
	size_t n = row->nfields;
	char text[200];

	while (n > b->ncolumns && row->fields[n - 1].len == 0)
		n--;
	if (row->fault) {
		struct bulk_fault f = {.row = row->number};

		if (row->fault_column > 0)
			snprintf(text, sizeof text, "cell %zu: %s; correct the line", row->fault_column, row->fault);
		else
			snprintf(text, sizeof text, "the row is %s; correct the line", row->fault);
		copy_cut(f.value, sizeof f.value, row->raw, utf8_cut(row->raw, row->raw_len, sizeof f.value - 1));
		copy_cut(f.text, sizeof f.text, text, strlen(text));
		fault_add(b, &f);
	} else if (n != b->ncolumns && !(n + 1 == b->ncolumns && b->reject.ncolumns == n)) {
		snprintf(text, sizeof text,
			"the row has %zu cells, the header %zu; a separator inside a cell needs quotes around the cell",
			row->nfields, b->ncolumns);
		bulk_fault(b, -1, text);
	}
}

static int
on_row(void *arg, const struct csv_row *row)
{
	struct bulk *b = arg;

	if (!b->header_done) {
		read_header(b, row);
		return b->failed;
	}
	if (is_empty(row))
		return 0;
	b->row = row;
	if (b->o->list_of && b->r->rows == BULK_LIST_MAX) {
		bulk_fail(b, "a list has more than %d rows; cut it into several", BULK_LIST_MAX);
		return -1;
	}
	b->r->rows++;
	check_shape(b);
	if (b->nfaults == 0)
		b->columns->row(b);
	if (b->nfaults > 0)
		bulk_refuse(b, row);
	b->row = NULL;
	return b->failed;
}

/* ---- The run ------------------------------------------------------------------------------------------------ */

static bool
stopped(const struct bulk *b)
{
	return b->o->stop && *b->o->stop;
}

static void
read_file(struct bulk *b, struct csv_file *f)
{
	struct csv *csv = csv_new(on_row, b);
	int more = csv ? 1 : -1;

	while (more > 0 && !stopped(b)) {
		if (b->o->on_progress)
			b->o->on_progress(b->o->arg, "reading", csv_file_offset(f), csv_file_size(f));
		errno = 0;
		more = csv_file_feed(f, csv);
	}
	if (more < 0)
		bulk_fail(b, "could not read %s: %s", b->o->file, errno ? strerror(errno) : "no memory");
	else if (more == 0 && !b->header_done)
		bulk_fail(b, "the file has no header row");
	if (csv && csv_separator(csv) != 0)
		b->r->separator = csv_separator(csv) == '\t' ? "tab" : csv_separator(csv) == ';' ? "semicolon" : "comma";
	csv_free(csv);
}

static void
on_phase(void *arg, const char *word, int done, int all)
{
	const struct bulk *b = arg;

	if (b->o->on_progress)
		b->o->on_progress(b->o->arg, word, done, all);
}

static void
on_outcome(void *arg, int64_t row, enum import_outcome outcome, int64_t id)
{
	lines_outcome(arg, row, outcome, id);
}

/* The merge, or the last changes; frees b->im when it is committed. */
static void
finish(struct bulk *b)
{
	int bad;

	if (b->o->kind == BULK_CHANGES)
		bulk_change_flush(b);
	if (b->failed)
		return;
	if (b->lines && b->o->kind != BULK_CHANGES)
		import_tell_rows(b->im, on_outcome, b->lines);
	if (b->o->kind == BULK_CHANGES)
		bad = import_changes_end(b->im, b->o->dry_run);
	else
		bad = import_merge(b->im, b->o->dry_run, &b->r->counts, on_phase, b);
	if (bad) {
		bulk_fail(b, "could not import: %s", import_error(b->im));
		return;
	}
	b->im = NULL;
	if (b->lines) {
		lines_tell(b);
		return;
	}
	if (reject_finish(&b->reject) < 0)
		bulk_fail(b, "the good rows are in, but %s could not be written: %s", b->reject.path, strerror(errno));
	else
		snprintf(b->r->rejected, sizeof b->r->rejected, "%s", b->reject.path);
}

static int
by_row(const void *a, const void *b)
{
	const struct bulk_fault *left = a, *right = b;

	return (left->row > right->row) - (left->row < right->row);
}

int
bulk_import(const struct bulk_options *o, struct bulk_result *r, char *error, size_t room)
{
	struct bulk b = {.o = o, .r = r, .error = error, .error_room = room};
	const char *why;
	struct csv_file *f = NULL;

	memset(r, 0, sizeof *r);
	error[0] = '\0';
	b.columns = o->kind == BULK_CHANGES	  ? &bulk_change_columns
				: o->kind == BULK_HOLDERS ? &bulk_holder_columns
										  : &bulk_licence_columns;
	b.reject.beside = o->file;
	if (!o->lines && (f = csv_file_open(o->file, &why)) == NULL) {
		bulk_fail(&b, "cannot read %s: %s", o->file, why);
		return -1;
	}
	r->encoding = f ? csv_file_encoding(f) : "UTF-8";
	r->separator = "comma";
	b.im = o->kind == BULK_CHANGES ? import_changes_begin(o->conn, o->lines != NULL, &why)
								   : import_begin(o->conn, o->lines != NULL, &why);
	if (b.im && o->kind == BULK_HOLDERS)
		import_holders_alone(b.im);
	b.seen = seen_new();
	if (o->lines)
		b.lines = lines_new(&b);
	if (!b.im)
		bulk_fail(&b, "could not import: %s", why);
	else if (!b.seen || (o->lines && !b.lines))
		bulk_fail(&b, "no memory");
	else if (o->lines)
		lines_read(&b);
	else
		read_file(&b, f);
	if (!b.failed && !stopped(&b))
		finish(&b);
	if (f)
		csv_file_close(f);
	/* what the store refused was found later than its row was read */
	if (r->nlist > 0)
		qsort(r->list, r->nlist, sizeof *r->list, by_row);
	import_abort(b.im);
	if (stopped(&b) && b.im) {
		b.failed = true;
		snprintf(error, room, "stopped; nothing was imported");
	}
	reject_abandon(&b.reject);
	seen_free(b.seen);
	lines_free(b.lines);
	bulk_change_free(&b);
	return b.failed ? -1 : 0;
}

void
bulk_result_free(struct bulk_result *r)
{
	free(r->list);
	r->list = NULL;
	r->nlist = 0;
}
