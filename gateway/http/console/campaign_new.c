/* A campaign is made: for an item, a tag, a language, or for a list that is uploaded or pasted. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "gateway/child.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/hours.h"
#include "gateway/http/console/campaign.h"
#include "gateway/http/console/console.h"
#include "gateway/http/multipart.h"
#include "gateway/import_check.h"
#include "gateway/log.h"
#include "gateway/temp_file.h"
#include "store/pg.h"

#define HOLDERS_LOOKED_AT 20000 /* for the tags that the form offers */
#define NAME_MAX_LEN 60			/* characters of a campaign's name */

/* ---- The work of a draft ------------------------------------------------------------------------------------------
 */

struct work {
	struct gateway *g;
	int bureau_id;
	char bureau[64], id[24];
	int input, refused; /* -1 = none */
	const char *language;
	struct desk_call *c;
	void (*then)(struct desk_call *c);
	bool noted;
};

static void
forgotten(void *arg, const char *error, const char *sqlstate)
{
	struct work *w = arg;

	(void)sqlstate;
	if (error != NULL)
		log_warn("campaign=%s could not be marked as not worked on: %s", w->id, error);
	free(w);
}

/* What was refused of a list stays for a while; the page offers it. */
static void
keep_refused(struct work *w)
{
	if (w->refused >= 0)
		campaign_refused_keep(w->bureau_id, strtoll(w->id, NULL, 10), w->refused);
	w->refused = -1;
}

/* A command that failed before it could say why leaves the draft as if it were still at work. */
static void
on_done(void *arg, int code)
{
	struct work *w = arg;
	struct pg_params *p;

	keep_refused(w);
	if (code == 0) {
		free(w);
		return;
	}
	p = pg_params_new();
	pg_param_int(p, w->bureau_id);
	pg_param_int(p, strtoll(w->id, NULL, 10));
	pg_param_text(p, "it could not be counted; try again");
	if (pg_run(w->g->pg_side, STMT_CAMPAIGN_WORKED, p, w, NULL, forgotten) != 0)
		free(w);
	pg_params_free(p);
}

static void
on_noted(void *arg, int index, const PGresult *res)
{
	struct work *w = arg;

	(void)index;
	w->noted = res != NULL && PQntuples(res) == 1;
}

static void
begin(void *arg, const char *error, const char *sqlstate)
{
	struct work *w = arg;
	struct desk_call *c = w->c;
	void (*then)(struct desk_call * c) = w->then;

	(void)sqlstate;
	if (error != NULL || !w->noted) {
		if (error != NULL)
			log_warn("campaign=%s could not be worked on: %s", w->id, error);
		if (w->input >= 0)
			close(w->input);
		free(w);
	} else {
		const char *count[] = {"campaign", "preview", w->id, "--bureau", w->bureau, NULL};
		const char *read[] = {"campaign", "audience", w->id, "--file", "/dev/stdin", "--refused", "-", "--words",
			w->language, "--bureau", w->bureau, NULL};
		w->refused = w->input >= 0 ? temp_file() : -1;
		int output = w->refused >= 0 ? fcntl(w->refused, F_DUPFD_CLOEXEC, 0) : -1;
		if (child_run(w->g, w->input >= 0 ? read : count, w->input, output, on_done, w) != 0)
			on_done(w, 1);
	}
	then(c);
}

void
campaign_work(struct desk_call *c, int64_t id, int input, void (*then)(struct desk_call *c))
{
	struct work *w = calloc(1, sizeof(*w));
	struct pg_params *p = desk_params(c);
	int rc = -1;

	if (w != NULL) {
		*w = (struct work){
			.g = c->r->g, .bureau_id = c->bureau->id, .input = input, .refused = -1, .c = c, .then = then};
		w->language = strcmp(http_language(c->r, NULL), "zh") == 0 ? "zh" : "en";
		snprintf(w->bureau, sizeof(w->bureau), "%s", c->bureau->code);
		snprintf(w->id, sizeof(w->id), "%" PRId64, id);
		pg_param_int(p, id);
		pg_param_text(p, input >= 0 ? "list" : "preview");
		rc = pg_run(c->r->g->pg_side, STMT_CAMPAIGN_WORK, p, w, on_noted, begin);
	}
	pg_params_free(p);
	if (rc == 0)
		return;
	if (input >= 0)
		close(input);
	free(w);
	http_reply_error(c->r, 503);
	desk_free(c);
}

void
campaign_see(struct desk_call *c, int64_t id, const char *query)
{
	char path[120];

	snprintf(path, sizeof(path), "/campaigns/%" PRId64 "%s", id, query);
	http_reply_see(c->r, path);
	desk_free(c);
}

/* ---- The form -----------------------------------------------------------------------------------------------------
 */

static void
today(const struct desk_call *c, char out[16])
{
	struct tm tm;

	hours_local(c->bureau, (int64_t)time(NULL), &tm);
	strftime(out, 16, "%Y-%m-%d", &tm);
}

/* What was typed, so that a form that was refused is shown as it was. */
static void
add_typed(struct desk_call *c, const struct form *f)
{
	static const char *const names[] = {"name", "item", "tag", "language", "date"};
	json_t *typed = json_object();
	char day[16];

	today(c, day);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = form_get(f, names[i]);
		json_object_set_new(typed, names[i], json_string(value != NULL ? value : i == 4 ? day : ""));
	}
	json_object_set_new(c->data, "typed", typed);
	json_object_set_new(c->data, "today", json_string(day));
}

static void
show_form(struct desk_call *c)
{
	const struct conf *conf = c->r->g->conf;
	const char *chosen = form_get(&c->r->form, "item"), *language = form_get(&c->r->form, "language");
	bool zh = strcmp(http_language(c->r, NULL), "zh") == 0;
	json_t *items = json_array(), *languages = json_array();

	for (size_t i = 0; i < conf->nitems; i++) {
		const struct conf_item *item = conf_item_for(conf, c->bureau, conf->items[i].code);
		if (item == &conf->items[i])
			json_array_append_new(
				items, json_pack("{s:s, s:s, s:b}", "code", item->code, "title", zh ? item->name_zh : item->name_en,
						   "chosen", chosen != NULL && strcmp(chosen, item->code) == 0));
	}
	for (size_t i = 0; i < c->bureau->nlanguages; i++) {
		char word[40];
		const char *code = c->bureau->languages[i];
		snprintf(word, sizeof(word), "language.%s", code);
		json_array_append_new(languages, json_pack("{s:s, s:s, s:b}", "code", code, "word",
											 html_has_word(c->r->server->o.html, word) ? word : "language.other",
											 "chosen", language != NULL && strcmp(language, code) == 0));
	}
	json_object_set_new(c->data, "items", items);
	json_object_set_new(c->data, "choices", languages);
	add_typed(c, &c->r->form);
	json_object_set_new(c->data, "again", json_boolean(form_get(&c->r->query, "again") != NULL));
	console_page(c, json_object_get(c->data, "error") == NULL ? 200 : 422, "campaign_new");
}

static void
gather_form(struct desk_call *c)
{
	struct pg_params *tags = desk_params(c);

	pg_param_int(tags, HOLDERS_LOOKED_AT);
	const struct desk_ask asks[] = {{"tags", STMT_CAMPAIGN_TAGS, tags, false}};
	desk_gather(c, asks, 1, show_form);
}

void
console_campaign_new(struct http_request *r)
{
	desk_person_may(r, ROLE_SEND, gather_form);
}

static void
refuse(struct desk_call *c, const char *word)
{
	json_object_set_new(c->data, "error", json_string(word));
	gather_form(c);
}

/* The form's fields, checked: the word of what is wrong, or NULL with the parameters of CAMPAIGN_CREATE. */
static const char *
read_fields(struct desk_call *c, bool listed, struct pg_params *p)
{
	const struct form *f = &c->r->form;
	const char *item = form_get(f, "item"), *language = form_get(f, "language"), *date = form_get(f, "date");
	char name[4 * NAME_MAX_LEN + 1] = "", tag[200] = "", day[16], fault[CHECK_FAULT_MAX + 1];
	bool speaks = language == NULL || *language == '\0';

	today(c, day);
	if (form_get(f, "name") == NULL || form_trim(form_get(f, "name"), name, sizeof(name)) <= 0)
		return "campaign.error.name";
	if (date != NULL && *date != '\0' && check_date(date, day, fault) != 0)
		return "campaign.error.date";
	if (form_get(f, "tag") != NULL && form_trim(form_get(f, "tag"), tag, sizeof(tag)) < 0)
		return "campaign.error.tag";
	if (item != NULL && *item != '\0' && conf_item_for(c->r->g->conf, c->bureau, item) == NULL)
		return "campaign.error.item";
	for (size_t i = 0; i < c->bureau->nlanguages && !speaks; i++)
		speaks = strcmp(c->bureau->languages[i], language) == 0;
	if (!speaks)
		return "campaign.error.language";
	pg_param_text(p, listed || item == NULL || *item == '\0' ? NULL : item);
	pg_param_text(p, listed || *tag == '\0' ? NULL : tag);
	pg_param_text(p, listed || language == NULL || *language == '\0' ? NULL : language);
	pg_param_text(p, day);
	pg_param_text(p, name);
	pg_param_int(p, 0);
	pg_param_int(p, 0);
	pg_param_text(p, c->actor);
	pg_param_int(p, 0);
	pg_param_bool(p, listed);
	return NULL;
}

static int64_t
made_id(const struct desk_call *c)
{
	return json_integer_value(json_object_get(json_object_get(c->data, "made"), "id"));
}

static void
see_made(struct desk_call *c)
{
	campaign_see(c, made_id(c), "");
}

static void
made(struct desk_call *c)
{
	campaign_work(c, made_id(c), -1, see_made);
}

static void
make(struct desk_call *c)
{
	struct pg_params *p = desk_params(c);
	const char *wrong = read_fields(c, false, p);

	if (wrong != NULL) {
		pg_params_free(p);
		refuse(c, wrong);
		return;
	}
	const struct desk_ask asks[] = {{"made", STMT_CAMPAIGN_CREATE, p, true}};
	desk_gather(c, asks, 1, made);
}

void
console_campaign_make(struct http_request *r)
{
	desk_person_post_may(r, ROLE_SEND, make);
}

/* ---- A list -------------------------------------------------------------------------------------------------------
 */

/* The list as a file without a name. -1 with errno. */
static int
keep_list(const struct multipart_part *part)
{
	int fd = temp_file(), copy = -1;
	FILE *out = NULL;
	bool good = false;

	if (fd < 0)
		return -1;
	if ((copy = dup(fd)) >= 0 && (out = fdopen(copy, "w")) != NULL) {
		good = fwrite(part->data, 1, part->len, out) == part->len;
		good = fclose(out) == 0 && good;
	} else if (copy >= 0) {
		close(copy);
	}
	if (good && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The part that holds the list; NULL when there is none. */
static const struct multipart_part *
list_of(const struct multipart *m)
{
	const struct multipart_part *file = multipart_get(m, "file"), *text = multipart_get(m, "pasted");

	if (file != NULL && file->len > 0)
		return file;
	return text != NULL && text->len > 0 ? text : NULL;
}

/* The body again: it lies where it lay, as long as the request does. */
static int
parse_body(struct http_request *r, struct multipart *m)
{
	size_t len;
	const char *body = http_body_upto(r, CAMPAIGN_UPLOAD_MAX, &len);

	return body == NULL ? -2 : multipart_parse(m, http_header(r, "Content-Type"), body, len);
}

static void
take(struct desk_call *c, int64_t id)
{
	struct multipart m;
	const struct multipart_part *part = parse_body(c->r, &m) == 0 ? list_of(&m) : NULL;
	int fd = part == NULL ? -1 : keep_list(part);

	if (fd < 0) {
		log_warn("campaign=%" PRId64 " the list could not be kept: %s; is there room in the folder of TMPDIR?", id,
			part == NULL ? "none came" : strerror(errno));
		http_reply_error(c->r, 503);
		desk_free(c);
		return;
	}
	json_object_set_new(c->data, "made", json_pack("{s:I}", "id", (json_int_t)id));
	campaign_work(c, id, fd, see_made);
}

static void
made_listed(struct desk_call *c)
{
	take(c, made_id(c));
}

static void
upload(struct desk_call *c)
{
	struct pg_params *p;
	const char *wrong;

	if (console_id(c->r) != 0) {
		take(c, console_id(c->r));
		return;
	}
	p = desk_params(c);
	wrong = read_fields(c, true, p);
	if (wrong != NULL) {
		pg_params_free(p);
		refuse(c, wrong);
		return;
	}
	const struct desk_ask asks[] = {{"made", STMT_CAMPAIGN_CREATE, p, true}};
	desk_gather(c, asks, 1, made_listed);
}

static void
no_list(struct desk_call *c)
{
	if (console_id(c->r) != 0)
		campaign_see(c, console_id(c->r), "?empty=1");
	else
		refuse(c, "campaign.error.list");
}

/* The short fields as a form of the usual kind, so that they are judged by the same rules; the token is one of them. */
static int
read_short_fields(struct http_request *r, const struct multipart *m)
{
	static const char hex[] = "0123456789ABCDEF";
	char text[4096];
	size_t used = 0;

	for (size_t i = 0; i < m->count; i++) {
		const struct multipart_part *p = &m->parts[i];
		if (strcmp(p->name, "file") == 0 || strcmp(p->name, "pasted") == 0)
			continue;
		if (used + strlen(p->name) + 3 * p->len + 3 > sizeof(text))
			return -1;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s=", used > 0 ? "&" : "", p->name);
		for (size_t k = 0; k < p->len; k++) {
			text[used++] = '%';
			text[used++] = hex[(unsigned char)p->data[k] >> 4];
			text[used++] = hex[(unsigned char)p->data[k] & 15];
		}
	}
	return form_parse(&r->form, text, used);
}

void
console_campaign_upload(struct http_request *r)
{
	struct multipart m;
	int rc = parse_body(r, &m);

	if (rc == -2)
		return; /* 413 was answered */
	if (rc != 0 || read_short_fields(r, &m) != 0) {
		http_reply_error(r, 400);
		return;
	}
	desk_person_may(r, ROLE_SEND, list_of(&m) == NULL ? no_list : upload);
}

void
console_campaign_sample(struct http_request *r)
{
	static const char sample[] =
		"\xef\xbb\xbf"
		"item,licence_no,holder,phone,language,issued_on,expires_on,id_number,address,tags\r\n"
		"food-business-renewal,JY13703230000001,示例面馆,13800000000,zh,2021-12-21,2026-12-20,,示例路1号,餐饮\r\n";

	http_set_header(r, "Content-Disposition", "attachment; filename=\"list.csv\"");
	http_reply_bytes(r, 200, "text/csv; charset=utf-8", sample, sizeof(sample) - 1, HTTP_HOUR);
}
