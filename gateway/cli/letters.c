/* huizhi letters: one printed page for each holder who could not be reached, with QR code and short code. */
#include <errno.h>
#include <event2/buffer.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "gateway/cli/commands.h"
#include "gateway/cli/progress.h"
#include "gateway/grants.h"
#include "gateway/http/html.h"
#include "gateway/http/qr.h"
#include "gateway/keys.h"
#include "gateway/letter_words.h"
#include "gateway/mask.h"
#include "store/raw.h"
#include "store/view.h"

#define LETTERS_MAX 1000
#define DAYS 30 /* that code and QR code are good for */

struct run {
	struct cli *c;
	const struct conf_bureau *bureau;
	struct conf_bureau lasting; /* the same, with the life of a letter's grants */
	PGconn *conn;
	const char *error, *actor;
	int64_t now_us;
	json_t *letters;
	json_t *applications, *grant_ids; /* as LETTER_MADE wants them */
};

/* The address, opened; "" when there is none. */
static char *
address_of(const struct run *r, const json_t *row)
{
	char *plain = keys_open(r->c->keys, json_string_value(json_object_get(row, "address_sealed")));
	return plain != NULL ? plain : strdup("");
}

static json_t *
day_json(int64_t us)
{
	char day[20];
	time_t at = (time_t)(us / 1000000);
	struct tm tm;
	localtime_r(&at, &tm);
	strftime(day, sizeof day, "%Y-%m-%d", &tm);
	return json_string(day);
}

/* A grant of the talk: QR code and digits go on the letter, the row into the database. 0, or -1. */
static int
add_grant(struct run *r, json_t *letter, const json_t *row)
{
	struct grants_made m;
	char token[GRANTS_TOKEN_MAX + 1], url[GRANTS_URL_MAX + 1];
	int64_t id = json_integer_value(json_object_get(row, "grant_id"));

	if (grants_make(r->c->conf, r->c->keys, &r->lasting, json_integer_value(json_object_get(row, "conversation")),
			GRANTS_RENEW, id, r->now_us, &m) != 0)
		return -1;
	struct grants_stored s = {.bureau_id = r->bureau->id,
		.id = m.id,
		.conversation_id = m.conversation_id,
		.purpose = m.purpose,
		.expires_us = m.expires_us};
	memcpy(s.nonce, m.nonce, sizeof s.nonce);
	if (grants_token_full(r->c->keys, &s, token, sizeof token) != 0 ||
		grants_url(r->c->conf, token, url, sizeof url) != 0)
		return -1;
	char *picture = qr_data(url);
	json_object_set_new(letter, "qr", json_string(picture));
	free(picture);
	json_object_set_new(letter, "code", json_string(m.code));
	json_object_set_new(letter, "good_until", day_json(m.code_expires_us));

	struct pg_params *p = pg_params_new();
	pg_param_int(p, r->bureau->id);
	pg_array_begin(p), pg_array_int(p, m.id), pg_array_end(p);
	pg_array_begin(p), pg_array_int(p, m.conversation_id), pg_array_end(p);
	pg_array_begin(p), pg_array_text(p, grants_purpose_name(m.purpose)), pg_array_end(p);
	pg_array_begin(p), pg_array_bytes(p, m.nonce, sizeof m.nonce), pg_array_end(p);
	pg_array_begin(p), pg_array_bytes(p, m.code_hash, sizeof m.code_hash), pg_array_end(p);
	pg_array_begin(p), pg_array_time(p, m.expires_us), pg_array_end(p);
	pg_array_begin(p), pg_array_time(p, m.code_expires_us), pg_array_end(p);
	PGresult *res = raw_run(r->conn, STMT_GRANT_INSERT, p, &r->error);
	pg_params_free(p);
	PQclear(res);
	return res == NULL ? -1 : 0;
}

/* A letter's head from the first row of its holder. 0, or -1. */
static int
begin_letter(struct run *r, const json_t *row)
{
	const char *phone = json_string_value(json_object_get(row, "phone")), *error;
	const char *language = view_text(row, "language");
	char masked[40];
	if (phone != NULL)
		mask_number(phone, masked, sizeof masked);
	json_t *words = letter_words(r->c->conf, r->bureau, language, phone != NULL ? masked : NULL, &error);
	if (words == NULL) {
		r->error = error;
		return -1;
	}
	char *address = address_of(r, row);
	json_t *letter = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:[], s:I, s:I}", "language", language, "office",
		r->bureau->name, "holder", view_text(row, "name"), "address", address, "today", day_json(r->now_us), "words",
		words, "licences", "for", json_integer_value(json_object_get(row, "holder")), "talk",
		json_integer_value(json_object_get(row, "conversation")));
	sodium_memzero(address, strlen(address));
	free(address);
	json_array_append_new(r->letters, letter);
	return json_integer_value(json_object_get(row, "conversation")) != 0 ? add_grant(r, letter, row) : 0;
}

static bool
same(const json_t *letter, const char *key, const json_t *row, const char *column)
{
	return json_integer_value(json_object_get(letter, key)) == json_integer_value(json_object_get(row, column));
}

static int
add_row(struct run *r, const json_t *row)
{
	json_t *letter = json_array_get(r->letters, json_array_size(r->letters) - 1);
	if (letter == NULL || !same(letter, "for", row, "holder") || !same(letter, "talk", row, "conversation")) {
		if (begin_letter(r, row) != 0)
			return -1;
		letter = json_array_get(r->letters, json_array_size(r->letters) - 1);
		json_array_append(r->grant_ids, json_object_get(row, "grant_id"));
	} else {
		json_array_append_new(r->grant_ids, json_integer(0));
	}
	json_array_append(r->applications, json_object_get(row, "application"));
	bool zh = strncmp(view_text(row, "language"), "zh", 2) == 0;
	json_array_append_new(json_object_get(letter, "licences"),
		json_pack("{s:s, s:s, s:s}", "item_name", view_text(row, zh ? "name_zh" : "name_en"), "licence_no",
			view_text(row, "licence_no"), "expires_on", view_text(row, "expires_on")));
	return 0;
}

static void
put_numbers(struct pg_params *p, const json_t *list)
{
	json_t *n;
	size_t i;
	pg_array_begin(p);
	json_array_foreach (list, i, n)
		pg_array_int(p, json_integer_value(n));
	pg_array_end(p);
}

static int
note(struct run *r)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, r->bureau->id);
	put_numbers(p, r->applications);
	put_numbers(p, r->grant_ids);
	pg_param_text(p, r->actor);
	PGresult *res = raw_run(r->conn, STMT_LETTER_MADE, p, &r->error);
	pg_params_free(p);
	PQclear(res);
	return res == NULL ? -1 : 0;
}

static PGresult *
of_the_list(struct run *r, enum stmt stmt, int64_t limit, bool again)
{
	struct pg_params *p = pg_params_new();
	pg_param_int(p, r->bureau->id);
	pg_param_int(p, limit);
	pg_param_bool(p, again);
	PGresult *res = raw_run(r->conn, stmt, p, &r->error);
	pg_params_free(p);
	return res;
}

/* Whoever waits without a talk gets one, not begun: the letter's code leads to it. */
static int
open_talks(struct run *r, int64_t limit, bool again)
{
	PGresult *waiting = of_the_list(r, STMT_LETTER_WAITING, limit, again);
	if (waiting == NULL)
		return -1;
	struct pg_params *p = pg_params_new();
	pg_param_int(p, r->bureau->id);
	pg_param_text(p, PQgetvalue(waiting, 0, 0));
	pg_param_int(p, r->lasting.grant_hours / 24);
	pg_param_bool(p, false);
	PGresult *res = raw_run(r->conn, STMT_TALK_OPEN, p, &r->error);
	pg_params_free(p);
	PQclear(waiting);
	PQclear(res);
	return res == NULL ? -1 : 0;
}

static int
gather(struct run *r, int64_t limit, bool again)
{
	PGresult *res = open_talks(r, limit, again) == 0 ? of_the_list(r, STMT_LETTER_DUE, limit, again) : NULL;
	if (res == NULL)
		return -1;
	json_t *rows = view_rows(res), *row;
	size_t i;
	int rc = 0;
	PQclear(res);
	struct progress *progress = progress_new();
	for (i = 0; rc == 0 && (row = json_array_get(rows, i)) != NULL; i++) {
		progress_show(progress, "writing letters", (int64_t)i, (int64_t)json_array_size(rows));
		rc = add_row(r, row);
	}
	progress_end(progress);
	json_decref(rows);
	return rc == 0 && json_array_size(r->applications) > 0 ? note(r) : rc;
}

/* Draws the letters; NULL (printed) when the templates are at fault. The caller frees. */
static struct evbuffer *
draw(const struct run *r)
{
	char folder[4096];
	struct evbuffer *out = evbuffer_new();
	snprintf(folder, sizeof folder, "%s/web", r->c->conf->templates);
	struct html *html = html_load(folder, stderr);
	json_t *data = json_pack(
		"{s:s, s:{s:s}, s:O}", "lang", cli_language(), "bureau", "name", r->bureau->name, "letters", r->letters);
	bool good = html != NULL && out != NULL && html_render(html, "letters", cli_language(), data, out) == 0;
	json_decref(data);
	html_free(html);
	if (good)
		return out;
	if (out != NULL)
		evbuffer_free(out);
	cli_fail("could not draw the letters with the templates in %s", folder);
	return NULL;
}

static int
write_out(struct evbuffer *page, const char *file)
{
	bool to_stdout = strcmp(file, "-") == 0;
	FILE *out = to_stdout ? stdout : fopen(file, "wxe");
	if (out == NULL)
		return cli_fail("cannot make %s: %s", file, strerror(errno));
	size_t len = evbuffer_get_length(page);
	bool good = fwrite(evbuffer_pullup(page, -1), 1, len, out) == len;
	if ((to_stdout ? fflush(out) : fclose(out)) != 0 || !good)
		return cli_fail("could not write %s: %s", file, strerror(errno));
	return CLI_DONE;
}

static int
run(struct cli *c, int argc, char **argv)
{
	const char *file = NULL, *limit = NULL, *staff = NULL, *days = NULL, *ignored;
	bool again = false;
	int64_t most = LETTERS_MAX, life = DAYS;
	char actor[80];
	const struct cli_option options[] = {{"--out", &file, NULL}, {"--limit", &limit, NULL}, {"--days", &days, NULL},
		{"--again", NULL, &again}, {"--staff", &staff, NULL}, {NULL, NULL, NULL}};

	if (cli_args(c, argc, argv, options, NULL, 0, 0) < 0 ||
		(limit != NULL && cli_number(c, "--limit", limit, 1, LETTERS_MAX, &most) != 0) ||
		(days != NULL && cli_number(c, "--days", days, 1, 90, &life) != 0))
		return CLI_USAGE;
	if (file == NULL)
		return cli_usage(c, "--out FILE.html says where the letters go; - is standard output");
	if (c->json && strcmp(file, "-") == 0)
		return cli_usage(c, "the letters are no JSON document; give --out a file, or leave --json out");
	struct run r = {.c = c, .bureau = cli_bureau(c), .error = "", .actor = cli_actor(staff, actor, sizeof actor)};
	if (r.bureau == NULL || cli_keys(c) == NULL || cli_pg(c) == NULL)
		return CLI_FAILED;
	r.lasting = *r.bureau;
	r.lasting.grant_hours = (int)life * 24;
	r.lasting.code_minutes = (int)life * 24 * 60;
	r.now_us = (int64_t)time(NULL) * 1000000;
	r.letters = json_array();
	r.applications = json_array();
	r.grant_ids = json_array();
	r.conn = pg_raw_begin(c->pg);
	if (r.conn == NULL)
		return cli_fail("could not use the connection to the database; try again");
	/* Nothing is stored of letters that were not written. */
	int code = raw_do(r.conn, "BEGIN", &r.error) == 0 && gather(&r, most, again) == 0
				   ? CLI_DONE
				   : cli_fail("could not make the letters: %s", r.error);
	size_t n = json_array_size(r.letters);
	struct evbuffer *page = code == CLI_DONE && n > 0 ? draw(&r) : NULL;
	if (code == CLI_DONE && n > 0)
		code = page == NULL ? CLI_FAILED : write_out(page, file);
	if (page != NULL)
		evbuffer_free(page);
	if (code == CLI_DONE && raw_do(r.conn, "COMMIT", &r.error) != 0)
		code = cli_fail("the letters were written, but are good for nothing, for the database says: %s", r.error);
	else if (code != CLI_DONE)
		(void)raw_do(r.conn, "ROLLBACK", &ignored);
	pg_raw_end(c->pg);
	json_decref(r.letters);
	json_decref(r.applications);
	json_decref(r.grant_ids);
	if (code != CLI_DONE || strcmp(file, "-") == 0)
		return code;
	if (c->json)
		return cli_print_object(c, json_pack("{s:I, s:s}", "letters", (json_int_t)n, "file", n == 0 ? "" : file), NULL);
	if (n == 0)
		puts("nobody is to be written to");
	else
		printf("%zu letters in %s: open it in a browser and print it\n", n, file);
	return CLI_DONE;
}

const struct cli_command cli_letters = {
	.name = "letters",
	.usage = "letters --out FILE.html|- [--limit N] [--days N] [--again] [--staff NAME]\n",
	.summary = "letters to print for who could not be reached by text or phone",
	.help =
		"One page for each holder on the list to phone, 1000 at most, with address, licences and what to do, in the\n"
		"holder's language; open the file in a browser and print it, or print it to a PDF. It bears a QR code with "
		"the\n"
		"bureau's signature (huizhi token verify --public-key checks it without the database) and an 8-digit code,\n"
		"good for --days (30): a clerk finds the case by either, and both lead to the page, where the holder says yes\n"
		"and proves who it is by the last six of the identity number; no phone is needed. Who was written to within\n"
		"30 days is left out, unless --again. That a letter was made is in the trail. The words are in\n"
		"templates/letter.LANG.txt.\n",
	.run = run,
};
