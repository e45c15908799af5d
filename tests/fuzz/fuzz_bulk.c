/*
 * Fuzz target of rows that programs and clerks bring. The first octet chooses what the rest is: lines of JSON as the
 * API takes them (holders, licences, changes), or a CSV file in whatever encoding, as an import or as a campaign's
 * list. The store is a made-up one. Each line is told of once and in order; what is refused has its reasons, all of it
 * UTF-8; what goes into the store is what a column may hold.
 *
 * links: gateway/bulk*.c gateway/csv*.c gateway/import_check.c gateway/conf_find.c gateway/phone.c dialog/utf8.c
 */
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dialog/utf8.h"
#include "gateway/bulk.h"
#include "gateway/conf.h"
#include "gateway/import_check.h"
#include "gateway/keys.h"
#include "tests/fuzz/fuzz.h"

/* ---- In the place of the keys and the store ---------------------------------------------------------------------- */

unsigned substitute_by_name(const char *name);
unsigned
substitute_by_name(const char *name)
{
	(void)name;
	return 0;
}

void
keys_hash(const struct keys *k, const char *purpose, const void *data, size_t len, uint8_t out[32])
{
	(void)k;
	crypto_generichash(out, 32, data, len, (const uint8_t *)purpose, strlen(purpose));
}

uint8_t *
keys_encrypt(const struct keys *k, const char *plain, size_t len, size_t *out_len)
{
	uint8_t *out = malloc(len + 1);

	(void)k;
	must(out != NULL && readable(plain));
	memcpy(out, plain, len);
	*out_len = len;
	return out;
}

#define ROWS_MAX 4096

struct import {
	void (*on_row)(void *arg, int64_t row, enum import_outcome outcome, int64_t id);
	void *arg;
	int64_t rows[ROWS_MAX];
	size_t n;
	bool alone;
};

struct import *
import_begin(PGconn *conn, bool wait, const char **error)
{
	(void)conn;
	(void)wait;
	*error = "no memory";
	return calloc(1, sizeof(struct import));
}

struct import *
import_changes_begin(PGconn *conn, bool wait, const char **error)
{
	return import_begin(conn, wait, error);
}

void
import_holders_alone(struct import *im)
{
	im->alone = true;
}

void
import_tell_rows(
	struct import *im, void (*on_row)(void *arg, int64_t row, enum import_outcome outcome, int64_t id), void *arg)
{
	im->on_row = on_row;
	im->arg = arg;
}

static bool
is_day(const char *day)
{
	return day == NULL || (strlen(day) == 10 && day[4] == '-' && day[7] == '-' && strspn(day, "0123456789-") == 10);
}

static bool
is_phone(const char *phone)
{
	return phone == NULL || (phone[0] == '+' && strspn(phone + 1, "0123456789") == strlen(phone + 1));
}

int
import_add(struct import *im, const struct import_licence *l)
{
	must(l->bureau_id == 1 && readable(l->holder) && l->holder[0] != '\0' &&
		 utf8_count(l->holder, strlen(l->holder)) <= 200);
	must(im->alone || (l->item[0] != '\0' && l->licence_no[0] != '\0' && readable(l->licence_no)));
	must(is_day(l->issued_on) && is_day(l->expires_on) && is_phone(l->phone) && is_phone(l->landline));
	must(strcmp(l->language, "zh") == 0 || strcmp(l->language, "en") == 0);
	must(l->ntags <= CHECK_TAGS_MAX && (l->phone == NULL || l->landline == NULL));
	for (size_t i = 0; i < l->ntags; i++)
		must(l->tags[i][0] != '\0' && readable(l->tags[i]));
	must(l->facts == NULL || (l->facts[0] == '{' && readable(l->facts)));
	if (im->n < ROWS_MAX)
		im->rows[im->n++] = l->row;
	return 0;
}

int
import_merge(struct import *im, bool dry_run, struct import_counts *counts,
	void (*on_phase)(void *arg, const char *word, int done, int all), void *arg)
{
	(void)dry_run;
	on_phase(arg, "merging", 1, 1);
	counts->rows = counts->added = (int64_t)im->n;
	for (size_t i = 0; im->on_row != NULL && i < im->n; i++)
		im->on_row(im->arg, im->rows[i], (enum import_outcome)(i % 3), (int64_t)i + 1);
	free(im);
	return 0;
}

void
import_abort(struct import *im)
{
	free(im);
}

const char *
import_error(const struct import *im)
{
	(void)im;
	return "";
}

int
import_changes(struct import *im, const struct import_change *rows, size_t n, enum import_outcome *outcomes)
{
	(void)im;
	for (size_t i = 0; i < n; i++) {
		must(rows[i].bureau_id == 1 && is_day(rows[i].changed_on) && rows[i].changed_on[0] != '\0');
		must(rows[i].licence_no != NULL || rows[i].identity_hash != NULL);
		must(rows[i].new_len > 0 && (rows[i].licence_no == NULL || readable(rows[i].licence_no)));
		outcomes[i] = (enum import_outcome)(rows[i].new_len % 6);
	}
	return 0;
}

int
import_changes_end(struct import *im, bool dry_run)
{
	(void)dry_run;
	free(im);
	return 0;
}

/* ---- The target -------------------------------------------------------------------------------------------------- */

static const char *languages[] = {"zh", "en"};
static struct conf_item items[] = {
	{.code = "food-business-renewal", .name_zh = "食品经营许可证延续", .name_en = "Food", .trigger = "expiry"},
	{.code = "change", .name_zh = "变更", .name_en = "Change", .trigger = "change"}};
static struct conf_bureau bureau = {.code = "yiyuan",
	.id = 1,
	.name = "沂源",
	.short_code = "1069",
	.country = "86",
	.languages = languages,
	.nlanguages = 2};
static struct conf conf = {.bureaus = &bureau, .nbureaus = 1, .items = items, .nitems = 2};

struct told {
	int64_t last, lines, refused;
};

static void
on_line(void *arg, const struct bulk_line *line)
{
	struct told *t = arg;
	bool refused = strcmp(line->result, "refused") == 0;

	must(line->line > t->last);
	t->last = line->line;
	t->lines++;
	t->refused += refused;
	must(refused || line->faults == NULL);
	must(!refused || json_array_size(line->faults) > 0);
	for (size_t i = 0; i < json_array_size(line->faults); i++) {
		const json_t *f = json_array_get(line->faults, i);
		must(json_string_length(json_object_get(f, "detail")) > 0);
		must(json_is_string(json_object_get(f, "field")) && json_is_string(json_object_get(f, "value")));
	}
}

static int
on_listed(void *arg, const struct bulk_listed *row)
{
	(void)arg;
	must(row->row > 0 && readable(row->licence_no) && (row->phone[0] == '\0' || is_phone(row->phone)));
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const words[] = {"zh", "en"};
	struct told told = {0};
	struct bulk_result r;
	char error[600], path[40] = "";
	int fd = -1;

	if (size < 2 || size > 100000)
		return 0;
	unsigned choice = data[0];
	struct bulk_options o = {
		.kind = (enum bulk_kind)(choice % 3), .file = path, .conf = &conf, .dry_run = true, .arg = &told};
	if (choice % 2 == 0) {
		o.lines = fmemopen((void *)(uintptr_t)(data + 1), size - 1, "r");
		o.bureau = &bureau;
		o.on_line = on_line;
		must(o.lines != NULL);
	} else {
		fd = memfd_create("rows", MFD_CLOEXEC);
		must(fd >= 0 && write(fd, data + 1, size - 1) == (ssize_t)size - 1);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (o.kind == BULK_HOLDERS) {
			/* of a campaign */
			o.kind = BULK_LICENCES;
			o.list_of = &bureau;
			o.on_listed = on_listed;
		}
	}
	int rc = bulk_import(&o, &r, error, sizeof(error));
	must(rc == 0 || error[0] != '\0');
	must(readable(error));
	for (size_t i = 0; i < r.nlist; i++) {
		must(r.list[i].text[0] != '\0' && readable(r.list[i].text) && readable(r.list[i].column) &&
			 readable(r.list[i].value));
		must(i == 0 || r.list[i - 1].row <= r.list[i].row);
		for (int w = 0; w < 2; w++)
			must(bulk_fault_words(r.list[i].text, words[w])[0] != '\0');
	}
	must(r.refused <= r.rows && (r.refused == 0) == (r.faults == 0));
	if (rc == 0 && o.lines)
		must(told.lines == r.rows && told.refused == r.refused);
	bulk_result_free(&r);
	if (o.lines)
		fclose(o.lines);
	if (fd >= 0)
		close(fd);
	return 0;
}
