/* Reading a list with the checks of the bulk import, and its digest. */
#include "gateway/campaign_list.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialog/utf8.h"
#include "gateway/conf.h"

static int
on_listed(void *arg, const struct bulk_listed *one)
{
	struct campaign_list *list = arg;
	crypto_generichash_state h;

	if (list->n == list->room) {
		size_t room = list->room == 0 ? 1024 : list->room * 2;
		void *more = realloc(list->rows, room * sizeof(*list->rows));

		if (more == NULL)
			return -1;
		list->rows = more;
		list->room = room;
	}
	struct campaign_list_row *row = &list->rows[list->n];
	*row =
		(struct campaign_list_row){.row = one->row, .item = strdup(one->item), .licence_no = strdup(one->licence_no)};
	list->n++;
	if (row->item == NULL || row->licence_no == NULL)
		return -1;
	/* With their ends: "ab" and "c" are not "a" and "bc". */
	crypto_generichash_init(&h, NULL, 0, sizeof(row->hash));
	crypto_generichash_update(&h, (const uint8_t *)one->item, strlen(one->item) + 1);
	crypto_generichash_update(&h, (const uint8_t *)one->licence_no, strlen(one->licence_no) + 1);
	crypto_generichash_update(&h, (const uint8_t *)one->phone, strlen(one->phone) + 1);
	crypto_generichash_final(&h, row->hash, sizeof(row->hash));
	return 0;
}

int
campaign_list_read(struct campaign_list *list, const char *file, const struct conf *conf, const struct keys *keys,
	const struct conf_bureau *b, PGconn *conn,
	void (*on_progress)(void *arg, const char *word, int64_t done, int64_t all), void *arg)
{
	const struct bulk_options o = {.kind = BULK_LICENCES,
		.file = file,
		.conf = conf,
		.keys = keys,
		.conn = conn,
		.list_of = b,
		.refused = list->refused,
		.language = list->language,
		.on_listed = on_listed,
		.list_arg = list,
		.on_progress = on_progress,
		.arg = arg};

	return bulk_import(&o, &list->found, list->error, sizeof(list->error));
}

static int
by_hash(const void *a, const void *b)
{
	const struct campaign_list_row *left = a, *right = b;

	return memcmp(left->hash, right->hash, sizeof(left->hash));
}

void
campaign_list_digest(struct campaign_list *list, const char *day, uint8_t out[CAMPAIGN_DIGEST])
{
	crypto_generichash_state h;

	qsort(list->rows, list->n, sizeof(*list->rows), by_hash);
	crypto_generichash_init(&h, NULL, 0, CAMPAIGN_DIGEST);
	crypto_generichash_update(&h, (const uint8_t *)day, strlen(day) + 1);
	for (size_t i = 0; i < list->n; i++)
		crypto_generichash_update(&h, list->rows[i].hash, sizeof(list->rows[i].hash));
	crypto_generichash_final(&h, out, CAMPAIGN_DIGEST);
}

/* The row of this number; rows stand in the order of the file until their digest is made. */
static const struct campaign_list_row *
row_of(const struct campaign_list *list, int64_t row)
{
	size_t from = 0, to = list->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (list->rows[middle].row < row)
			from = middle + 1;
		else
			to = middle;
	}
	return from < list->n && list->rows[from].row == row ? &list->rows[from] : NULL;
}

void
campaign_list_unknown(struct campaign_list *list, int64_t row)
{
	const struct campaign_list_row *one = row_of(list, row);
	struct bulk_result *r = &list->found;
	struct bulk_fault f = {.row = row, .column = "licence_no", .text = "is no licence on file; look its number up"};

	if (one != NULL) {
		snprintf(f.value, sizeof(f.value), "%.*s",
			(int)utf8_cut(one->licence_no, strlen(one->licence_no), sizeof(f.value) - 1), one->licence_no);
		bulk_refused_short(list->refused, list->language, row, f.text, one->licence_no, one->item);
	}
	r->refused++;
	r->faults++;
	bulk_count(r, &f);
	if (r->nlist >= BULK_FAULTS_KEPT)
		return;
	void *more = realloc(r->list, (r->nlist + 1) * sizeof(*r->list));
	if (more == NULL)
		return;
	r->list = more;
	r->list[r->nlist++] = f;
}

json_t *
campaign_list_json(const struct campaign_list *list)
{
	const struct bulk_result *r = &list->found;
	json_t *sums = json_array(), *faults = json_array();
	int64_t last = 0;
	size_t shown = 0;

	for (size_t i = 0; i < BULK_SUMS_MAX; i++)
		if (r->sums[i].wrong + r->sums[i].empty > 0)
			json_array_append_new(sums, json_pack("{s:s, s:I, s:I}", "column", r->sums[i].column, "wrong",
											(json_int_t)r->sums[i].wrong, "empty", (json_int_t)r->sums[i].empty));
	for (size_t i = 0; i < r->nlist; i++) {
		if (r->list[i].row != last && shown++ == CAMPAIGN_FAULT_ROWS)
			break;
		last = r->list[i].row;
		json_array_append_new(faults, json_pack("{s:I, s:s, s:s, s:s}", "row", (json_int_t)last, "column",
										  r->list[i].column, "value", r->list[i].value, "text", r->list[i].text));
	}
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:o}", "error", list->error, "encoding",
		r->encoding == NULL ? "" : r->encoding, "separator", r->separator == NULL ? "" : r->separator, "rows",
		(json_int_t)r->rows, "good", (json_int_t)(r->rows - r->refused), "bad", (json_int_t)r->refused, "sums", sums,
		"faults", faults);
}

void
campaign_list_free(struct campaign_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->rows[i].item);
		free(list->rows[i].licence_no);
	}
	free(list->rows);
	bulk_result_free(&list->found);
	memset(list, 0, sizeof(*list));
}
