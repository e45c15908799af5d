/* huizhi campaign create, audience, preview, resend: drafts, their lists, and who would get what. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gateway/campaign_list.h"
#include "gateway/campaign_preview.h"
#include "gateway/cli/campaign.h"
#include "gateway/cli/progress.h"
#include "gateway/hours.h"
#include "gateway/templates.h"

#define TELL_SECONDS 10 /* for a connection by which progress is told */

/* ---- Counting -----------------------------------------------------------------------------------------------------
 */

/* How far it has come is drawn at a terminal; else it is told to the page that waits, over a connection of its own. */
struct telling {
	struct progress *progress;
	struct cli *c;
	struct pg *pg; /* NULL: nobody waits */
	const struct conf_bureau *b;
	int64_t id;
	char word[40];
	time_t told;
};

static void
begin_telling(struct telling *t, struct cli *c, const struct conf_bureau *b, int64_t id)
{
	const char *error;

	*t = (struct telling){.progress = progress_new(), .c = c, .b = b, .id = id};
	if (t->progress == NULL)
		t->pg = pg_open_wait(c->base, c->conf->database, TELL_SECONDS, &error);
}

static void
end_telling(struct telling *t)
{
	progress_end(t->progress);
	if (t->pg != NULL)
		pg_free(t->pg);
}

static void
tell(void *arg, const char *word, int64_t done, int64_t all)
{
	struct telling *t = arg;
	time_t now = time(NULL);
	const char *error;

	progress_show(t->progress, word, done, all);
	if (t->pg == NULL || (now == t->told && strcmp(word, t->word) == 0))
		return;
	t->told = now;
	snprintf(t->word, sizeof t->word, "%s", word);
	struct pg_params *p = campaign_params(t->b, t->id);
	pg_param_text(p, word);
	pg_param_int(p, done);
	pg_param_int(p, all);
	PQclear(pg_run_wait(t->pg, STMT_CAMPAIGN_WORKING, p, &error));
	pg_params_free(p);
}

static void
on_counted(void *arg, int64_t done, int64_t all)
{
	tell(arg, "counting", done, all);
}

/* A draft's work is over; why is kept for the page that waits for it. */
static void
worked(struct cli *c, const struct conf_bureau *b, int64_t id, const char *why)
{
	struct pg_params *p = campaign_params(b, id);

	pg_param_text(p, why);
	PQclear(cli_run(c, STMT_CAMPAIGN_WORKED, p));
	pg_params_free(p);
}

json_t *
campaign_count(struct cli *c, const struct conf_bureau *b, int64_t id)
{
	struct templates *t = cli_templates(c);
	PGconn *conn = t == NULL ? NULL : pg_raw_begin(c->pg);
	const char *error = "could not use the connection to the database; try again";
	json_t *found = NULL;
	char why[400];

	if (conn != NULL) {
		struct telling telling;
		begin_telling(&telling, c, b, id);
		found = campaign_preview(c->conf, t, conn, b, id, on_counted, &telling, &error);
		end_telling(&telling);
		pg_raw_end(c->pg);
	}
	templates_free(t);
	if (found == NULL) {
		snprintf(
			why, sizeof why, "the audience could not be counted: %s", t == NULL ? "the dialogs are faulty" : error);
		cli_fail("%s", why);
		worked(c, b, id, why);
		return NULL;
	}
	char *text = json_dumps(found, JSON_COMPACT);
	struct pg_params *p = campaign_params(b, id);
	pg_param_text(p, text);
	pg_param_int(p, json_integer_value(json_object_get(found, "audience")));
	PGresult *res = text == NULL ? NULL : cli_run(c, STMT_CAMPAIGN_PREVIEWED, p);
	pg_params_free(p);
	free(text);
	if (res == NULL) {
		json_decref(found);
		return NULL;
	}
	PQclear(res);
	return found;
}

/* ---- A list -------------------------------------------------------------------------------------------------------
 */

/* Puts the good rows of a list in the place of what the draft had. 0, or -1 with the reason printed. */
static int
put_rows(struct cli *c, const struct conf_bureau *b, int64_t id, struct campaign_list *list)
{
	struct pg_params *p = campaign_params(b, id);

	PGresult *res = cli_run(c, STMT_CAMPAIGN_LIST_EMPTY, p);
	PQclear(res);
	if (res != NULL) {
		pg_array_begin(p);
		for (size_t i = 0; i < list->n; i++)
			pg_array_text(p, list->rows[i].item);
		pg_array_end(p);
		pg_array_begin(p);
		for (size_t i = 0; i < list->n; i++)
			pg_array_text(p, list->rows[i].licence_no);
		pg_array_end(p);
		pg_array_begin(p);
		for (size_t i = 0; i < list->n; i++)
			pg_array_int(p, list->rows[i].row);
		pg_array_end(p);
		res = cli_run(c, STMT_CAMPAIGN_LIST_PUT, p);
	}
	pg_params_free(p);
	if (res == NULL)
		return -1;
	for (int i = 0; i < PQntuples(res); i++)
		campaign_list_unknown(list, strtoll(PQgetvalue(res, i, 0), NULL, 10));
	PQclear(res);
	return 0;
}

/* Keeps what was found, and what the list is. Its JSON, with "same" when it went with another campaign; NULL, printed.
 */
static json_t *
keep_found(struct cli *c, const struct conf_bureau *b, int64_t id, struct campaign_list *list, const char *day)
{
	json_t *found = campaign_list_json(list);
	char *text = found == NULL ? NULL : json_dumps(found, JSON_COMPACT);
	struct pg_params *p = campaign_params(b, id);
	uint8_t digest[CAMPAIGN_DIGEST];

	campaign_list_digest(list, day, digest);
	pg_param_text(p, text);
	if (list->n > 0)
		pg_param_bytes(p, digest, sizeof digest);
	else
		pg_param_text(p, NULL);
	PGresult *res = text == NULL ? NULL : cli_run(c, STMT_CAMPAIGN_LISTED, p);
	pg_params_free(p);
	free(text);
	if (res == NULL || PQntuples(res) == 0) {
		if (res != NULL)
			cli_fail("campaign %lld is no draft; its list stays as it is", (long long)id);
		PQclear(res);
		json_decref(found);
		return NULL;
	}
	if (!PQgetisnull(res, 0, 1))
		json_object_set_new(found, "same",
			json_pack("{s:I, s:s}", "id", (json_int_t)strtoll(PQgetvalue(res, 0, 1), NULL, 10), "name",
				PQgetvalue(res, 0, 2)));
	PQclear(res);
	return found;
}

struct brought {
	const char *file;
	const char *refused;  /* where its refused rows go: a file, "-" = standard output; NULL */
	const char *language; /* in which it is said what is wrong with them */
};

/* The refused rows are where they belong, or there were none and so there is no such file. */
static void
end_refused(const struct brought *l, FILE *out, const json_t *found)
{
	bool none = json_integer_value(json_object_get(found, "bad")) == 0;

	if (out == NULL)
		return;
	if ((out == stdout ? fflush(out) : fclose(out)) != 0)
		cli_fail("could not write %s", l->refused);
	else if (out != stdout && none)
		(void)remove(l->refused);
}

/* Reads a list for a draft. The JSON of what was found; NULL with the reason printed. */
static json_t *
take_list(struct cli *c, const struct conf_bureau *b, int64_t id, const struct brought *l)
{
	const struct keys *keys = cli_keys(c);
	json_t *row = keys == NULL ? NULL : campaign_load(c, b, id), *found = NULL;
	struct campaign_list list = {.language = l->language};
	struct telling telling;

	if (row == NULL)
		return NULL;
	if (strcmp(json_string_value(json_object_get(row, "status")), "draft") != 0) {
		cli_fail("campaign %lld is %s; only a draft takes a list", (long long)id,
			json_string_value(json_object_get(row, "status")));
		json_decref(row);
		return NULL;
	}
	if (l->refused != NULL &&
		(list.refused = strcmp(l->refused, "-") == 0 ? stdout : fopen(l->refused, "wex")) == NULL) {
		cli_fail("could not write %s: %s", l->refused, strerror(errno));
		json_decref(row);
		return NULL;
	}
	PGconn *conn = pg_raw_begin(c->pg);
	if (conn == NULL) {
		cli_fail("could not use the connection to the database; try again");
		end_refused(l, list.refused, NULL);
		json_decref(row);
		return NULL;
	}
	begin_telling(&telling, c, b, id);
	int rc = campaign_list_read(&list, l->file, c->conf, keys, b, conn, tell, &telling);
	end_telling(&telling);
	pg_raw_end(c->pg);
	/* Tables that were empty a moment ago: what follows is planned by what they hold now. */
	PQclear(cli_run(c, STMT_ANALYZE_NEW, NULL));
	if (put_rows(c, b, id, &list) == 0)
		found = keep_found(c, b, id, &list, json_string_value(json_object_get(row, "on_date")));
	end_refused(l, list.refused, found);
	if (rc != 0)
		cli_fail("%s", list.error);
	campaign_list_free(&list);
	json_decref(row);
	return found;
}

/* What a list gives: the campaign cannot go while its file cannot be read, or when it went already. */
static int
list_code(const json_t *found)
{
	const json_t *same = json_object_get(found, "same");

	if (same != NULL)
		return cli_fail("this list was sent already, with campaign %lld (%s)",
			(long long)json_integer_value(json_object_get(same, "id")),
			json_string_value(json_object_get(same, "name")));
	if (*json_string_value(json_object_get(found, "error")) != '\0')
		return CLI_FAILED;
	return json_integer_value(json_object_get(found, "bad")) > 0 ? CLI_FAILED : CLI_DONE;
}

int
campaign_audience(struct cli *c, int argc, char **argv)
{
	struct brought l = {.language = "en"};
	const struct cli_option options[] = {
		{"--file", &l.file, NULL}, {"--refused", &l.refused, NULL}, {"--words", &l.language, NULL}, {NULL, NULL, NULL}};
	const struct conf_bureau *b;
	int64_t id;

	if (campaign_read_id(c, argc, argv, options, &id) != 0)
		return CLI_USAGE;
	if (l.file == NULL)
		return cli_usage(c, "name the list with --file");
	if ((b = cli_bureau(c)) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	json_t *list = take_list(c, b, id, &l), *found;
	if (list == NULL) {
		worked(c, b, id, "the list could not be read");
		return CLI_FAILED;
	}
	int code = list_code(list);
	found = campaign_count(c, b, id);
	if (found == NULL) {
		json_decref(list);
		return CLI_FAILED;
	}
	if (l.refused != NULL && strcmp(l.refused, "-") == 0) {
		json_decref(list);
		json_decref(found);
		return code;
	}
	if (c->json) {
		json_object_set_new(list, "preview", found);
		cli_print_object(c, list, NULL);
		return code;
	}
	campaign_print_list(list);
	campaign_print_preview(found);
	json_decref(list);
	json_decref(found);
	return code;
}

/* ---- create -------------------------------------------------------------------------------------------------------
 */

struct wanted {
	const char *name, *item, *tag, *language, *date;
	struct brought list;
	int64_t rate, canary;
};

static json_t *
insert(struct cli *c, const struct conf_bureau *b, const struct wanted *w, const char *actor)
{
	struct pg_params *p = cli_params(b);
	bool failed;

	pg_param_text(p, w->item);
	pg_param_text(p, w->tag);
	pg_param_text(p, w->language);
	pg_param_text(p, w->date);
	pg_param_text(p, w->name);
	pg_param_int(p, w->rate);
	pg_param_int(p, w->canary);
	pg_param_text(p, actor);
	pg_param_int(p, 0);
	pg_param_bool(p, w->list.file != NULL);
	return cli_row_run(c, STMT_CAMPAIGN_CREATE, p, b, &failed);
}

/* A draft with its list and its count. */
static int
make(struct cli *c, const struct conf_bureau *b, const struct wanted *w, const char *actor)
{
	json_t *row = insert(c, b, w, actor), *list = NULL, *found;
	int code = CLI_DONE;

	if (row == NULL)
		return CLI_FAILED;
	int64_t id = json_integer_value(json_object_get(row, "id"));
	if (w->list.file != NULL && (list = take_list(c, b, id, &w->list)) == NULL) {
		json_decref(row);
		return CLI_FAILED;
	}
	if (list != NULL)
		code = list_code(list);
	found = campaign_count(c, b, id);
	if (found == NULL) {
		json_decref(row);
		json_decref(list);
		return CLI_FAILED;
	}
	json_object_set(row, "audience", json_object_get(found, "audience"));
	if (c->json && list != NULL)
		json_object_set(row, "upload", list);
	if (c->json)
		json_object_set(row, "preview", found);
	else if (list != NULL)
		campaign_print_list(list);
	json_decref(list);
	json_decref(found);
	cli_print_object(c, row, campaign_columns);
	return code;
}

int
campaign_create(struct cli *c, int argc, char **argv)
{
	struct wanted w = {.list.language = "en"};
	const char *rate = "0", *canary = "0", *staff = NULL;
	const struct cli_option options[] = {{"--item", &w.item, NULL}, {"--tag", &w.tag, NULL},
		{"--language", &w.language, NULL}, {"--date", &w.date, NULL}, {"--rate", &rate, NULL},
		{"--canary", &canary, NULL}, {"--file", &w.list.file, NULL}, {"--refused", &w.list.refused, NULL},
		{"--words", &w.list.language, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	char day[24], actor[80];
	struct tm tm = {0};

	if (cli_args(c, argc, argv, options, &w.name, 1, 1) < 0 || cli_number(c, "--rate", rate, 0, 100000, &w.rate) != 0 ||
		cli_number(c, "--canary", canary, 0, 1000000, &w.canary) != 0)
		return CLI_USAGE;
	if (w.list.file != NULL && (w.item != NULL || w.tag != NULL || w.language != NULL))
		return cli_usage(c, "a list says itself who: --file goes without --item, --tag and --language");
	const char *rest = w.date != NULL ? strptime(w.date, "%Y-%m-%d", &tm) : "";
	if (rest == NULL || *rest != '\0')
		return cli_usage(c, "\"%s\" is no day; write YYYY-MM-DD", w.date);
	const struct conf_bureau *b = cli_bureau(c);
	if (b == NULL)
		return CLI_FAILED;
	if (w.item != NULL && conf_item_for(c->conf, b, w.item) == NULL)
		return cli_fail("bureau %s does not offer the item \"%s\"", b->code, w.item);
	if (w.language != NULL && !conf_in_list(b->languages, b->nlanguages, w.language))
		return cli_fail("bureau %s does not write in the language \"%s\"", b->code, w.language);
	if (cli_pg(c) == NULL)
		return CLI_FAILED;
	if (w.date == NULL) {
		hours_local(b, (int64_t)time(NULL), &tm);
		strftime(day, sizeof day, "%Y-%m-%d", &tm);
		w.date = day;
	}
	return make(c, b, &w, cli_actor(staff, actor, sizeof actor));
}

/* ---- preview, resend ----------------------------------------------------------------------------------------------
 */

int
campaign_preview_show(struct cli *c, int argc, char **argv)
{
	const struct conf_bureau *b;
	int64_t id;

	int code = campaign_begin(c, argc, argv, NULL, &b, &id);
	if (code != CLI_DONE)
		return code;
	json_t *found = campaign_count(c, b, id);
	if (found == NULL)
		return CLI_FAILED;
	if (c->json)
		return cli_print_object(c, found, NULL);
	campaign_print_preview(found);
	json_decref(found);
	return CLI_DONE;
}

int
campaign_resend(struct cli *c, int argc, char **argv)
{
	const char *name = NULL, *staff = NULL;
	const struct cli_option options[] = {{"--name", &name, NULL}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};
	const struct conf_bureau *b;
	char actor[80], made[300];
	int64_t id;

	int code = campaign_begin(c, argc, argv, options, &b, &id);
	if (code != CLI_DONE)
		return code;
	json_t *row = campaign_load(c, b, id);
	if (row == NULL)
		return CLI_FAILED;
	snprintf(made, sizeof made, "%.200s (again)", json_string_value(json_object_get(row, "name")));
	json_decref(row);
	struct pg_params *p = campaign_params(b, id);
	pg_param_text(p, name == NULL ? made : name);
	pg_param_text(p, cli_actor(staff, actor, sizeof actor));
	PGresult *res = cli_run(c, STMT_CAMPAIGN_RESEND, p);
	pg_params_free(p);
	if (res == NULL)
		return CLI_FAILED;
	if (PQntuples(res) == 0) {
		PQclear(res);
		return cli_fail("nobody's text of campaign %lld failed for good and waits to be sent again", (long long)id);
	}
	int64_t fresh = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
	PQclear(res);
	json_t *found = campaign_count(c, b, fresh);
	json_decref(found);
	row = found == NULL ? NULL : campaign_load(c, b, fresh);
	return row == NULL ? CLI_FAILED : cli_print_object(c, row, campaign_columns);
}
