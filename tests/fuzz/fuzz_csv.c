/*
 * Fuzz target of the CSV reader: any octets, cut anywhere, give the same rows, and every row keeps its promises.
 *
 * links: gateway/csv.c
 */

#include "gateway/csv.h"
#include "tests/fuzz/fuzz.h"

struct sum {
	uint64_t hash;
	int64_t last;
};

static void
mix(struct sum *s, const void *octets, size_t len)
{
	const uint8_t *p = octets;

	for (size_t i = 0; i < len; i++)
		s->hash = (s->hash ^ p[i]) * 1099511628211u;
	s->hash = (s->hash ^ len) * 1099511628211u;
}

static int
on_row(void *arg, const struct csv_row *row)
{
	struct sum *s = arg;

	must(row->number > s->last && row->nfields <= CSV_COLUMNS_MAX && row->raw_len <= CSV_ROW_MAX);
	must(row->fault || row->nfields > 0);
	s->last = row->number;
	mix(s, &row->number, sizeof row->number);
	mix(s, row->raw, row->raw_len);
	if (row->fault)
		mix(s, row->fault, strlen(row->fault));
	for (size_t i = 0; i < row->nfields; i++) {
		must(row->fields[i].len <= CSV_FIELD_MAX && strlen(row->fields[i].text) == row->fields[i].len);
		mix(s, row->fields[i].text, row->fields[i].len);
	}
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sum whole = {0}, cut = {0};
	struct csv *c = csv_new(on_row, &whole);
	size_t piece = size ? (size_t)data[0] % 7 + 1 : 1;

	csv_feed(c, (const char *)data, size);
	csv_finish(c);
	csv_free(c);
	c = csv_new(on_row, &cut);
	for (size_t at = 0; at < size; at += piece)
		csv_feed(c, (const char *)data + at, size - at < piece ? size - at : piece);
	csv_finish(c);
	csv_free(c);
	must(whole.hash == cut.hash && whole.last == cut.last);
	return 0;
}
