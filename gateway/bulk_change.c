/*
 * A row of the business register: whose licence or number, the day, which field, what it was and what it is. Whether
 * the licence or the holder is on file only the store knows, so rows are put in chunks and refused when it answers.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/bulk_internal.h"
#include "gateway/keys.h"

enum {
	BUREAU,
	LICENCE_NO,
	ID_NUMBER,
	CHANGED_ON,
	FIELD,
	OLD,
	NEW
};

#define CHUNK_ROWS 256

static void check_row(struct bulk *b);

const struct bulk_columns bulk_change_columns = {
	.names = {"bureau", "licence_no", "id_number", "changed_on", "field", "old", "new"},
	.optional = 1u << LICENCE_NO | 1u << ID_NUMBER,
	.absent = 1u << BUREAU,
	.row = check_row,
};

/* One row that waits: as the store wants it, and as it stood in the file. */
struct kept {
	uint8_t identity[IMPORT_HASH], values[IMPORT_HASH];
	char changed_on[11];
	char *licence_no;
	const char *field;
	uint8_t *old_value, *new_value;
	int64_t number;
	size_t nfields;
	struct csv_field *fields;
	char *octets;
};

struct change_chunk {
	size_t n;
	struct kept kept[CHUNK_ROWS];
	struct import_change rows[CHUNK_ROWS];
	enum import_outcome outcomes[CHUNK_ROWS];
	struct csv_row refused; /* the one whose faults are being told */
};

/* The register's three fields, by the words of the file. */
static const char *
find_field(const char *cell)
{
	static const struct {
		const char *cell, *field;
	} words[] = {
		{"legal_representative", "legal_representative"},
		{"法定代表人", "legal_representative"},
		{"负责人", "legal_representative"},
		{"name", "name"},
		{"名称", "name"},
		{"address", "address"},
		{"住所", "address"},
		{"地址", "address"},
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(words[i].cell, cell) == 0)
			return words[i].field;
	}
	return NULL;
}

static void
kept_clear(struct kept *k)
{
	free(k->licence_no);
	free(k->old_value);
	free(k->new_value);
	free(k->fields);
	free(k->octets);
	memset(k, 0, sizeof *k);
}

static void
keep_row(struct bulk *b, struct kept *k)
{
	size_t total = 0;
	char *at;

	for (size_t i = 0; i < b->row->nfields; i++)
		total += b->row->fields[i].len + 1;
	k->number = b->row->number;
	k->nfields = b->row->nfields;
	k->fields = calloc(k->nfields + 1, sizeof *k->fields);
	k->octets = at = malloc(total + 1);
	if (!k->fields || !at) {
		bulk_fail(b, "no memory");
		return;
	}
	for (size_t i = 0; i < k->nfields; i++) {
		k->fields[i].text = at;
		k->fields[i].len = b->row->fields[i].len;
		memcpy(at, b->row->fields[i].text, k->fields[i].len + 1);
		at += k->fields[i].len + 1;
	}
}

static void
hash_values(const struct bulk *b, const char *before, const char *after, uint8_t out[IMPORT_HASH])
{
	char text[2 * CHECK_TEXT_MAX + 8];
	int len = snprintf(text, sizeof text, "%s\n%s", before, after);

	keys_hash(b->o->keys, "change", text, (size_t)len, out);
}

/* The same holder or licence, day and field twice in one file: which of the two holds cannot be known. */
static void
check_duplicate(
	struct bulk *b, int bureau_id, const char *who, const char *licence_no, const char *day, const char *field)
{
	char key[2 * CHECK_TEXT_MAX + 80], text[100];
	int len = snprintf(key, sizeof key, "%d\n%s\n%s\n%s\n%s", bureau_id, who, licence_no, day, field);
	int64_t before = seen_add(b->seen, key, (size_t)len, b->row->number);

	if (before < 0) {
		bulk_fail(b, "no memory");
	} else if (before > 0) {
		snprintf(text, sizeof text, "this change is in row %lld already; keep one of the two rows", (long long)before);
		bulk_fault(b, -1, text);
	}
}

static void
keep(struct bulk *b, const struct conf_bureau *bureau, const char *licence_no, const char *number, const char *day,
	const char *field, const char *before, const char *after)
{
	struct change_chunk *chunk = b->chunk;
	struct import_change *row;
	struct kept *k;

	if (!chunk)
		chunk = b->chunk = calloc(1, sizeof *chunk);
	if (!chunk) {
		bulk_fail(b, "no memory");
		return;
	}
	k = &chunk->kept[chunk->n];
	row = &chunk->rows[chunk->n++];
	memset(row, 0, sizeof *row);
	keep_row(b, k);
	row->row = k->number;
	row->bureau_id = bureau->id;
	if (number[0]) {
		keys_hash(b->o->keys, "identity", number, strlen(number), k->identity);
		row->identity_hash = k->identity;
	}
	if (licence_no[0]) {
		row->licence_no = k->licence_no = strdup(licence_no);
		if (!k->licence_no)
			bulk_fail(b, "no memory");
	}
	memcpy(k->changed_on, day, sizeof k->changed_on);
	row->changed_on = k->changed_on;
	row->field = field;
	if (before[0])
		row->old_value = k->old_value = bulk_encrypt(b, before, &row->old_len);
	if (after[0])
		row->new_value = k->new_value = bulk_encrypt(b, after, &row->new_len);
	hash_values(b, before, after, k->values);
	row->value_hash = k->values;
	if (chunk->n == CHUNK_ROWS)
		bulk_change_flush(b);
}

static void
check_row(struct bulk *b)
{
	char cell[CHECK_TEXT_MAX + 1], licence_no[CHECK_TEXT_MAX + 1], before[CHECK_TEXT_MAX + 1],
		after[CHECK_TEXT_MAX + 1];
	char number[41] = "", day[11] = "", fault[CHECK_FAULT_MAX + 1];
	const struct conf_bureau *bureau = bulk_bureau(b, BUREAU, cell);
	const char *field;

	bulk_cell(b, LICENCE_NO, false, 100, licence_no);
	bulk_cell(b, ID_NUMBER, true, 64, cell);
	if (cell[0] && bureau && check_id_number(bureau->country, cell, number, fault) < 0)
		bulk_fault(b, ID_NUMBER, fault);
	if (!cell[0] && !licence_no[0])
		bulk_fault(b, -1, "neither licence_no nor id_number is given; one of them must say whose change it is");
	bulk_cell(b, CHANGED_ON, true, 40, cell);
	if (check_date(cell, day, fault) < 0)
		bulk_fault(b, CHANGED_ON, fault);
	bulk_cell(b, FIELD, true, 60, cell);
	field = find_field(cell);
	if (!field)
		bulk_fault(b, FIELD, "is no field of the register; write legal_representative, name or address");
	bulk_cell(b, OLD, false, 300, before);
	bulk_cell(b, NEW, false, 300, after);
	if (!after[0])
		bulk_fault(b, NEW, "is empty; write what the register says now");
	if (b->nfaults > 0 || !bureau || !field)
		return;
	check_duplicate(b, bureau->id, number, licence_no, day, field);
	if (b->nfaults == 0 && !b->failed)
		keep(b, bureau, licence_no, number, day, field, before, after);
}

/* ---- What the store says ------------------------------------------------------------------------------------ */

static void
refuse_kept(struct bulk *b, const struct kept *k, enum import_outcome outcome)
{
	struct csv_row *row = &b->chunk->refused;
	const struct csv_row *current = b->row;
	char current_text[sizeof b->fault_text];
	size_t current_faults = b->nfaults;

	memcpy(current_text, b->fault_text, sizeof current_text);
	b->fault_text[0] = '\0';
	*row = (struct csv_row){.number = k->number, .fields = k->fields, .nfields = k->nfields};
	b->row = row;
	switch (outcome) {
	case IMPORT_NO_HOLDER:
		bulk_fault(b, ID_NUMBER, "belongs to nobody on file at this bureau; import the holder's licences first");
		break;
	case IMPORT_NO_LICENCE:
		bulk_fault(b, LICENCE_NO, "is no licence on file of this holder; import it first, or correct the number");
		break;
	default:
		bulk_fault(b, LICENCE_NO, "is a licence number of several holders; give id_number too");
		break;
	}
	bulk_refuse(b, row);
	b->row = current;
	b->nfaults = current_faults;
	memcpy(b->fault_text, current_text, sizeof current_text);
}

void
bulk_change_flush(struct bulk *b)
{
	struct change_chunk *chunk = b->chunk;

	if (b->failed || !chunk || chunk->n == 0)
		return;
	if (import_changes(b->im, chunk->rows, chunk->n, chunk->outcomes) < 0)
		bulk_fail(b, "could not import: %s", import_error(b->im));
	for (size_t i = 0; i < chunk->n && !b->failed; i++) {
		struct import_counts *counts = &b->r->counts;

		switch (chunk->outcomes[i]) {
		case IMPORT_ADDED:
			counts->added++;
			break;
		case IMPORT_CHANGED:
			counts->changed++;
			break;
		case IMPORT_UNCHANGED:
			counts->unchanged++;
			break;
		default:
			refuse_kept(b, &chunk->kept[i], chunk->outcomes[i]);
			continue;
		}
		if (b->lines)
			lines_outcome(b->lines, chunk->kept[i].number, chunk->outcomes[i], 0);
		counts->rows++;
	}
	for (size_t i = 0; i < chunk->n; i++)
		kept_clear(&chunk->kept[i]);
	chunk->n = 0;
}

void
bulk_change_free(struct bulk *b)
{
	for (size_t i = 0; b->chunk && i < b->chunk->n; i++)
		kept_clear(&b->chunk->kept[i]);
	free(b->chunk);
	b->chunk = NULL;
}
