/*
 * What the tests of import and scan share: a database with the schema in it, a configuration of two bureaus and the
 * item catalogue that the tests count on, keys, and short ways to ask.
 */
#ifndef TESTS_STORE_BULK_H
#define TESTS_STORE_BULK_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libpq-fe.h>

#include "gateway/bulk.h"
#include "gateway/conf.h"
#include "gateway/keys.h"
#include "tests/lib/folder.h"

struct embedded_file {
	const char *name, *text;
};
extern const struct embedded_file schema_files[];

static struct bulk_test {
	PGconn *conn;
	struct conf *conf;
	struct keys *keys;
	char folder[256];
	char file[300];
	char error[600];
	struct bulk_result r;
} t;

#ifdef BULK_REAL_ITEMS
/* The catalogue that is shipped, and Yiyuan's four items of it. */
static const char conf_text[] =
	"database = \"dbname=none\"\nkeys = \"keys\"\ntemplates = \"templates\"\nitems = \"%s\"\n"
	"link \"east\" { hosts = {\"127.0.0.1:2775\"} system_id = \"huizhi\" password = \"secret\" }\n"
	"bureau \"yiyuan\" { id = 1 name = \"沂源县行政审批服务局\" signature = \"【沂源审批】\" short_code = "
	"\"10690002\"\n"
	" links = {\"east\"} languages = {\"zh\", \"en\"} items = {\"food-business-renewal\", \"school-licence-renewal\",\n"
	" \"performing-troupe-renewal\", \"public-place-hygiene-renewal\"} }\n";
#else
static const char conf_text[] =
	"database = \"dbname=none\"\nkeys = \"keys\"\ntemplates = \"templates\"\nitems = \"%s\"\n"
	"link \"east\" { hosts = {\"127.0.0.1:2775\"} system_id = \"huizhi\" password = \"secret\" }\n"
	"bureau \"yiyuan\" { id = 1 name = \"沂源县行政审批服务局\" signature = \"【沂源审批】\" short_code = "
	"\"10690002\"\n"
	" links = {\"east\"} languages = {\"zh\", \"en\"} items = {\"food\", \"hygiene\", \"troupe\"} }\n"
	"bureau \"qingdao\" { id = 2 name = \"青岛市行政审批服务局\" signature = \"【青岛审批】\" short_code = "
	"\"10690003\"\n"
	" links = {\"east\"} languages = {\"zh\"} items = {\"food\", \"grain-change\", \"water-change\"} }\n";
#endif

static const char items_text[] =
	"item \"food\" { name_zh = \"食品\" name_en = \"Food\" trigger = \"expiry\" window_before = 90 window_after = 0\n"
	" reminder_days = {30, 7} dialog = \"renewal\" approval = \"clerk\" old_certificate = {\"on_site\"}\n"
	" delivery = {\"courier\"} languages = {\"zh\", \"en\"} }\n"
	"item \"hygiene\" { name_zh = \"卫生\" name_en = \"Hygiene\" trigger = \"expiry\" window_before = 60 window_after "
	"= 10\n"
	" reminder_days = {60, 30, 7, 0} dialog = \"renewal\" approval = \"clerk\" old_certificate = {\"on_site\"}\n"
	" delivery = {\"courier\"} languages = {\"zh\", \"en\"} }\n"
	"item \"troupe\" { name_zh = \"文艺\" name_en = \"Troupe\" trigger = \"expiry\" window_before = 60 window_after = "
	"0\n"
	" reminder_days = {30} dialog = \"change\" approval = \"clerk\" old_certificate = {\"on_site\"}\n"
	" delivery = {\"courier\"} languages = {\"zh\"} }\n"
	"item \"grain-change\" { name_zh = \"粮食\" name_en = \"Grain\" trigger = \"change\" window_before = 0 "
	"window_after = 30\n"
	" reminder_days = {30, 7} dialog = \"change\" approval = \"clerk\" old_certificate = {\"on_site\"}\n"
	" delivery = {\"courier\"} languages = {\"zh\"} }\n"
	"item \"water-change\" { name_zh = \"供水\" name_en = \"Water\" trigger = \"change\" window_before = 0 "
	"window_after = 30\n"
	" reminder_days = {30, 7} dialog = \"change\" approval = \"clerk\" old_certificate = {\"on_site\"}\n"
	" change_fields = {\"legal_representative\"} delivery = {\"courier\"} languages = {\"zh\"} }\n";

#define HEADER "bureau,item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags\n"

static inline void
put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static inline char *
path_in(const char *name)
{
	static char path[300];

	snprintf(path, sizeof path, "%s/%s", t.folder, name);
	return path;
}

static inline void
sql(const char *text)
{
	PGresult *res = PQexec(t.conn, text);

	if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQerrorMessage(t.conn));
	PQclear(res);
}

/* The first column of the first row, in a buffer that the next call but three writes over; "" when there is none. */
static inline const char *
ask(const char *text)
{
	static char answers[4][4096];
	static int next;
	char *answer = answers[next++ % 4];
	PGresult *res = PQexec(t.conn, text);

	if (PQresultStatus(res) != PGRES_TUPLES_OK)
		fail_msg("%s: %s", text, PQerrorMessage(t.conn));
	snprintf(answer, sizeof answers[0], "%s", PQntuples(res) ? PQgetvalue(res, 0, 0) : "");
	PQclear(res);
	return answer;
}

static inline void
put_words(char *out, size_t room, const char *const *words, size_t n)
{
	size_t used = (size_t)snprintf(out, room, "{");

	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(out + used, room - used, "%s%s", i ? "," : "", words[i]);
	snprintf(out + used, room - used, "}");
}

/* The bureaus and items of the configuration, as `huizhi init` puts them there. */
static inline void
mirror_conf(void)
{
	for (size_t b = 0; b < t.conf->nbureaus; b++) {
		const struct conf_bureau *bureau = &t.conf->bureaus[b];
		char id[16];
		const char *values[] = {
			id, bureau->code, bureau->name, bureau->signature, bureau->short_code, bureau->timezone, bureau->country};

		snprintf(id, sizeof id, "%d", bureau->id);
		PQclear(PQexecParams(
			t.conn, "INSERT INTO bureau VALUES ($1, $2, $3, $4, $5, $6, $7)", 7, NULL, values, NULL, NULL, 0));
		for (size_t i = 0; i < t.conf->nitems; i++) {
			const struct conf_item *item = conf_item_for(t.conf, bureau, t.conf->items[i].code);
			char days[100], before[16], after[16], languages[100], fields[100];
			size_t used = (size_t)snprintf(days, sizeof days, "{");
			const char *row[] = {id, NULL, NULL, NULL, NULL, before, after, days, NULL, NULL, languages, fields};
			PGresult *res;

			if (!item)
				continue;
			row[1] = item->code, row[2] = item->name_zh, row[3] = item->name_en, row[4] = item->trigger;
			row[8] = item->dialog, row[9] = item->approval;
			snprintf(before, sizeof before, "%d", item->window_before);
			snprintf(after, sizeof after, "%d", item->window_after);
			for (size_t d = 0; d < item->nreminder_days; d++)
				used += (size_t)snprintf(days + used, sizeof days - used, "%s%d", d ? "," : "", item->reminder_days[d]);
			snprintf(days + used, sizeof days - used, "}");
			put_words(languages, sizeof languages, item->languages, item->nlanguages);
			put_words(fields, sizeof fields, item->change_fields, item->nchange_fields);
			res = PQexecParams(t.conn,
				"INSERT INTO item (bureau_id, code, name_zh, name_en, trigger, window_before, window_after, "
				"reminder_days,"
				" dialog, approval, languages, change_fields, old_certificate, delivery)"
				" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '{on_site}', '{courier}') ON CONFLICT DO "
				"NOTHING",
				12, NULL, row, NULL, NULL, 0);
			if (PQresultStatus(res) != PGRES_COMMAND_OK)
				fail_msg("%s", PQerrorMessage(t.conn));
			PQclear(res);
		}
	}
}

static inline int
bulk_setup(void **state)
{
	const char *conninfo = getenv("HUIZHI_TEST_DB"), *error = NULL;
	char path[300], items[4096] = "items", *text;

	(void)state;
#ifdef BULK_REAL_ITEMS
	assert_non_null(realpath("conf/items", items));
#endif
	if (!conninfo) {
		fprintf(stderr, "HUIZHI_TEST_DB must be the connection string of an empty database (tests/run gives one)\n");
		return -1;
	}
	assert_int_equal(folder_make(t.folder, sizeof t.folder, "bulk"), 0);
	snprintf(t.file, sizeof t.file, "%s/licences.csv", t.folder);
	snprintf(path, sizeof path, "%s/items", t.folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(asprintf(&text, conf_text, items) > 0);
	put_file(path_in("huizhi.conf"), text);
	free(text);
	chmod(path_in("huizhi.conf"), 0600);
	put_file(path_in("items/test.conf"), items_text);
	t.conf = conf_load(path_in("huizhi.conf"), stderr);
	assert_non_null(t.conf);
	if (keys_generate(path_in("keys"), &error) < 0 || (t.keys = keys_load(path_in("keys"), &error)) == NULL)
		fail_msg("%s", error);
	t.conn = PQconnectdb(conninfo);
	if (PQstatus(t.conn) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(t.conn));
	sql("SET client_min_messages = warning");
	for (size_t i = 0; schema_files[i].name; i++)
		sql(schema_files[i].text);
	mirror_conf();
	return 0;
}

static inline int
bulk_teardown(void **state)
{
	(void)state;
	PQfinish(t.conn);
	keys_free(t.keys);
	conf_free(t.conf);
	bulk_result_free(&t.r);
	return folder_drop(t.folder);
}

static inline int
bulk_empty(void **state)
{
	(void)state;
	sql("TRUNCATE register_change, licence, holder, conversation, application, reminder, worklist, suppression, trail,"
		" campaign, scan_run RESTART IDENTITY CASCADE");
	unlink(t.file);
	unlink(path_in("licences.rejected.csv"));
	return 0;
}

static inline int
import_as(enum bulk_kind kind, bool dry_run)
{
	struct bulk_options o = {
		.kind = kind, .file = t.file, .conf = t.conf, .keys = t.keys, .conn = t.conn, .dry_run = dry_run};

	bulk_result_free(&t.r);
	return bulk_import(&o, &t.r, t.error, sizeof t.error);
}

/* Imports these rows; every one must be good. */
static inline void
import_good(const char *rows)
{
	char *text;

	assert_true(asprintf(&text, HEADER "%s", rows) > 0);
	put_file(t.file, text);
	free(text);
	if (import_as(BULK_LICENCES, false) != 0)
		fail_msg("%s", t.error);
	for (size_t i = 0; i < t.r.nlist; i++)
		fail_msg("row %d %s %s", (int)t.r.list[i].row, t.r.list[i].column, t.r.list[i].text);
}

#endif
