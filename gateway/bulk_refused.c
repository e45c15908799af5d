/*
 * The refused rows of a list as CSV: the row's number and what is wrong, in the reader's language, before the columns
 * that the file has. Whoever corrects it brings it as it is: those two columns are nobody's of ours, and are passed
 * over.
 */
#include <inttypes.h>
#include <string.h>

#include "dialog/utf8.h"
#include "gateway/bulk_internal.h"

static bool
chinese(const char *language)
{
	return language != NULL && strcmp(language, "zh") == 0;
}

static void
write_text(FILE *out, const char *text, bool first)
{
	csv_write(out, text, strlen(text), first);
}

static void
begin_row(FILE *out, int64_t row, const char *fault)
{
	char number[24];

	snprintf(number, sizeof number, "%" PRId64, row);
	write_text(out, number, true);
	write_text(out, fault, false);
}

/* Our own two columns, of a list that is brought again, are not written twice. */
static size_t
ours(const struct csv_row *row)
{
	static const char *const names[][2] = {{"row", "wrong"}, {"行号", "问题"}};

	for (size_t i = 0; i < sizeof names / sizeof names[0] && row->nfields > 2; i++) {
		if (strcmp(row->fields[0].text, names[i][0]) == 0 && strcmp(row->fields[1].text, names[i][1]) == 0)
			return 2;
	}
	return 0;
}

void
refused_header(struct bulk *b, const struct csv_row *row)
{
	FILE *out = b->o->refused;
	bool zh = chinese(b->o->language);

	if (!out)
		return;
	b->reject.ours = ours(row);
	fputs("\xef\xbb\xbf", out);
	write_text(out, zh ? "行号" : "row", true);
	write_text(out, zh ? "问题" : "wrong", false);
	if (b->r->short_list) {
		write_text(out, "licence_no", false);
		write_text(out, "item", false);
	}
	for (size_t i = b->reject.ours; i < b->reject.ncolumns && !b->r->short_list; i++)
		csv_write(out, row->fields[i].text, row->fields[i].len, false);
	fputs("\r\n", out);
}

void
refused_fault(struct bulk *b, const struct bulk_fault *f)
{
	const char *language = chinese(b->o->language) ? "zh" : "en", *column = bulk_column_words(f->column, language);
	size_t used = strlen(b->fault_words), n;
	char one[400];

	snprintf(one, sizeof one, "%s%s%s%s", used ? (chinese(language) ? "；" : "; ") : "", column, column[0] ? " " : "",
		bulk_fault_words(f->text, language));
	n = utf8_cut(one, strlen(one), sizeof b->fault_words - 1 - used);
	memcpy(b->fault_words + used, one, n);
	b->fault_words[used + n] = '\0';
}

void
bulk_refused_short(
	FILE *out, const char *language, int64_t row, const char *fault, const char *licence_no, const char *item)
{
	if (!out)
		return;
	begin_row(out, row, bulk_fault_words(fault, chinese(language) ? "zh" : "en"));
	write_text(out, licence_no, false);
	write_text(out, item, false);
	fputs("\r\n", out);
}

/* A cell of one of our columns; nothing where the row has none. */
static void
write_cell(const struct bulk *b, const char *column)
{
	int place = b->place[bulk_column(b->columns, column)];
	const struct csv_row *row = b->row;

	if (place >= 0 && (size_t)place < row->nfields)
		csv_write(b->o->refused, row->fields[place].text, row->fields[place].len, false);
	else
		write_text(b->o->refused, "", false);
}

void
refused_add(struct bulk *b, const struct csv_row *row)
{
	FILE *out = b->o->refused;

	if (!out)
		return;
	begin_row(out, row->number, b->fault_words);
	b->fault_words[0] = '\0';
	if (b->r->short_list && !row->fault) {
		write_cell(b, "licence_no");
		write_cell(b, "item");
	} else if (row->fault && row->fault_column > 0) {
		/* a row that cannot be taken apart stands there as it was, in one cell */
		csv_write(out, row->raw, row->raw_len, false);
	} else {
		for (size_t i = b->reject.ours; i < row->nfields; i++)
			csv_write(out, row->fields[i].text, row->fields[i].len, false);
	}
	fputs("\r\n", out);
	if (ferror(out))
		bulk_fail(b, "could not write the refused rows; nothing was imported");
}
