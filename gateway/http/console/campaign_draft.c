/*
 * The pages of a draft, one after the other: who gets it, what they will read and what it costs, when it goes, and
 * send. Everything chosen lies in the campaign's row, so any page can be left and come back to.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "dialog/utf8.h"
#include "gateway/bulk.h"
#include "gateway/campaign_plan.h"
#include "gateway/campaign_preview.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/hours.h"
#include "gateway/http/console/campaign.h"
#include "gateway/http/console/console.h"
#include "gateway/scan_words.h"
#include "store/pg.h"
#include "store/view.h"

#define COUNT_GOOD_SECONDS 900 /* an older count is made anew before anything is sent */

static const char *const steps[] = {"who", "what", "when", "send"};
#define HOLIDAYS_SHOWN 64
#define STEPS (sizeof(steps) / sizeof(steps[0]))

static const char *
language_of(const struct desk_call *c)
{
	return http_language(c->r, NULL);
}

/* PREFIX.NAME where the pages have such a word, else PREFIX.other. */
static json_t *
word_of(const struct desk_call *c, const char *prefix, const char *name)
{
	char word[80];

	snprintf(word, sizeof(word), "%s.%s", prefix, name);
	if (!html_has_word(c->r->server->o.html, word))
		snprintf(word, sizeof(word), "%s.other", prefix);
	return json_string(word);
}

static json_t *
cost_of(int64_t millionths)
{
	char text[80], rest[40];

	/* With a mark at the thousands, as every number here. */
	campaign_digits(millionths / 1000000, text);
	campaign_cost_text(millionths, rest, sizeof(rest));
	const char *point = strchr(rest, '.');
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s", point == NULL ? "" : point);
	return json_string(text);
}

/* What people call the currency, where the pages know; else its code. */
static void
add_currency(const struct desk_call *c, json_t *preview)
{
	char word[40];

	snprintf(word, sizeof(word), "currency.%.12s", view_text(preview, "currency"));
	if (html_has_word(c->r->server->o.html, word))
		json_object_set_new(preview, "currency_word", json_string(word));
}

/* ---- Who ----------------------------------------------------------------------------------------------------------
 */

/* "phone number" of one, "phone numbers" of several. */
static json_t *
counted_word(const struct desk_call *c, const json_t *sum, int64_t n)
{
	const char *column = view_text(sum, "column");

	return word_of(c, n == 1 ? "sum.one" : "sum.many", *column != '\0' ? column : "row");
}

/* What is wrong with a list, in three tiers: the file, how much of what, the first bad rows. */
static void
add_upload(struct desk_call *c, json_t *upload)
{
	const char *language = language_of(c), *error = view_text(upload, "error"), *behind,
			   *separator = view_text(upload, "separator");
	json_t *one;
	size_t i;

	/* What the file is called here means nothing to whoever brought it. */
	if ((behind = strstr(error, "/dev/stdin: ")) != NULL)
		error = behind + strlen("/dev/stdin: ");

	if (*error != '\0')
		json_object_set_new(upload, "file_error", json_string(bulk_file_words(error, language)));
	else if (view_number(upload, "rows") == 0)
		json_object_set_new(upload, "no_rows", json_true());
	if (strcmp(separator, "tab") == 0 || strcmp(separator, "semicolon") == 0)
		json_object_set_new(upload, "separator_word", word_of(c, "campaign.separator", separator));
	json_object_set_new(upload, "rows_n", campaign_number(view_number(upload, "rows")));
	json_object_set_new(upload, "good_n", campaign_number(view_number(upload, "good")));
	json_object_set_new(upload, "bad_n", campaign_number(view_number(upload, "bad")));
	json_object_set_new(upload, "refused",
		json_boolean(
			view_number(upload, "bad") > 0 && c->write && campaign_refused_there(c->bureau->id, console_id(c->r))));
	json_array_foreach (json_object_get(upload, "sums"), i, one) {
		json_object_set_new(one, "column_word",
			word_of(c, "column", *view_text(one, "column") != '\0' ? view_text(one, "column") : "row"));
		json_object_set_new(one, "wrong_word", counted_word(c, one, view_number(one, "wrong")));
		json_object_set_new(one, "empty_word", counted_word(c, one, view_number(one, "empty")));
		json_object_set_new(one, "wrong_n", campaign_number(view_number(one, "wrong")));
		json_object_set_new(one, "empty_n", campaign_number(view_number(one, "empty")));
	}
	json_array_foreach (json_object_get(upload, "faults"), i, one) {
		json_object_set_new(one, "column_word",
			word_of(c, "column", *view_text(one, "column") != '\0' ? view_text(one, "column") : "row"));
		json_object_set_new(one, "row_n", campaign_number(view_number(one, "row")));
		json_object_set_new(one, "fault", json_string(bulk_fault_words(view_text(one, "text"), language)));
	}
}

static void
add_left_out(struct desk_call *c, json_t *preview)
{
	json_t *list = json_array();
	const char *key;

	for (size_t i = 0; (key = scan_reason(i, NULL, NULL, NULL)) != NULL; i++) {
		int64_t n = view_number(json_object_get(preview, "left_out"), key);
		if (n > 0)
			json_array_append_new(
				list, json_pack("{s:o, s:o}", "why", word_of(c, "left", key), "n", campaign_number(n)));
	}
	json_object_set_new(preview, "left", list);
	json_object_set_new(preview, "audience_n", campaign_number(view_number(preview, "audience")));
	json_object_set_new(preview, "licences_n", campaign_number(view_number(preview, "licences")));
}

/* ---- What ---------------------------------------------------------------------------------------------------------
 */

/* "“ ” …" where a few characters force the long alphabet; a text that is written in them says nothing. */
static void
add_forced(json_t *text)
{
	const json_t *forced = json_object_get(text, "forced"), *one;
	char joined[200] = "";
	size_t used = 0, i;

	json_array_foreach (forced, i, one)
		used +=
			(size_t)snprintf(joined + used, sizeof(joined) - used, "%s%s", i > 0 ? " " : "", json_string_value(one));
	json_object_set_new(text, "forced_text", json_string(joined));
	json_object_set_new(
		text, "plain_helps", json_boolean(used > 0 && view_number(text, "plain_parts") < view_number(text, "parts")));
}

static void
add_texts(struct desk_call *c, json_t *preview)
{
	json_t *text;
	size_t i;

	json_array_foreach (json_object_get(preview, "texts"), i, text) {
		add_forced(text);
		json_object_set_new(text, "language_word", word_of(c, "language", view_text(text, "language")));
		json_object_set_new(text, "phones_n", campaign_number(view_number(text, "phones")));
		json_object_set_new(text, "several", json_boolean(view_number(text, "licences") > 1));
		json_object_set_new(text, "ucs2", json_boolean(strcmp(view_text(text, "alphabet"), "ucs2") == 0));
		if (json_is_integer(json_object_get(text, "cost")))
			json_object_set_new(text, "cost_text", cost_of(view_number(text, "cost")));
	}
	add_currency(c, preview);
	json_object_set_new(preview, "parts_n", campaign_number(view_number(preview, "parts")));
	if (json_is_integer(json_object_get(preview, "cost")))
		json_object_set_new(preview, "cost_text", cost_of(view_number(preview, "cost")));
}

/* ---- When ---------------------------------------------------------------------------------------------------------
 */

static int64_t
start_of(const json_t *row)
{
	struct tm tm = {0};

	return strptime(view_text(row, "start_at"), "%Y-%m-%dT%H:%M:%S", &tm) != NULL ? (int64_t)timegm(&tm) : 0;
}

static void
local_text(const struct desk_call *c, int64_t at, const char *format, char out[24])
{
	struct tm tm;

	hours_local(c->bureau, at, &tm);
	strftime(out, 24, format, &tm);
}

static int
by_day(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Those that are to come, the next ones first. */
static void
add_holidays(const struct desk_call *c, json_t *when)
{
	const char *days[HOLIDAYS_SHOWN] = {NULL};
	char line[HOLIDAYS_SHOWN * 16] = "", today[24];
	size_t n = 0, used = 0;

	local_text(c, (int64_t)time(NULL), "%Y-%m-%d", today);
	for (size_t i = 0; i < c->bureau->nholidays && n < HOLIDAYS_SHOWN; i++)
		if (strcmp(c->bureau->holidays[i], today) >= 0)
			days[n++] = c->bureau->holidays[i];
	qsort(days, n, sizeof(days[0]), by_day);
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%.10s", i > 0 ? ", " : "", days[i]);
	if (n > 0)
		json_object_set_new(when, "holidays", json_string(line));
}

static void
add_when(struct desk_call *c, const json_t *row, json_t *when)
{
	int64_t at = start_of(row);
	char text[24];

	json_object_set_new(when, "later", json_boolean(at > 0));
	local_text(c, at > 0 ? at : (int64_t)time(NULL) + 3600, "%Y-%m-%d", text);
	json_object_set_new(when, "date", json_string(text));
	local_text(c, at > 0 ? at : (int64_t)time(NULL) + 3600, "%H:%M", text);
	json_object_set_new(when, "time", json_string(text));
	json_object_set_new(when, "send_hours", json_string(c->bureau->send_hours));
	add_holidays(c, when);
	json_object_set_new(when, "open_now", json_boolean(hours_open(c->bureau, (int64_t)time(NULL))));
}

/* "2026-11-22", "09:30" -> unix seconds by the bureau's clock; -1 when they are none. */
static int64_t
read_time(const struct desk_call *c, const char *date, const char *hour)
{
	char text[64];
	struct tm tm = {.tm_isdst = -1}, ignored;

	snprintf(text, sizeof(text), "%.20s %.10s", date == NULL ? "" : date, hour == NULL ? "" : hour);
	const char *end = strptime(text, "%Y-%m-%d %H:%M", &tm);
	if (end == NULL || *end != '\0')
		return -1;
	hours_local(c->bureau, 0, &ignored); /* the bureau's zone is in force from here on */
	return (int64_t)mktime(&tm);
}

/* ---- Send ---------------------------------------------------------------------------------------------------------
 */

struct foreseen {
	int64_t start, end; /* end < 0: nobody knows, for nothing limits the pace */
	bool tomorrow;		/* it does not end within the sending hours of its first day */
};

static struct foreseen
foresee(const struct desk_call *c, const json_t *row)
{
	int64_t now = (int64_t)time(NULL), seconds = 0;
	struct foreseen f = {.start = start_of(row)};

	if (f.start < now)
		f.start = now;
	f.end = campaign_end(c->r->g->conf, c->bureau, row, f.start, &seconds);
	f.tomorrow = f.end >= 0 && f.end - f.start > seconds + 60;
	return f;
}

static void
show_send(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "campaign"), *send = json_object();
	struct foreseen f = foresee(c, row);
	int64_t late = view_number(json_object_get(c->data, "late"), "count");
	char text[24];

	local_text(c, f.start, "%Y-%m-%d %H:%M", text);
	json_object_set_new(send, "start_text", json_string(text));
	json_object_set_new(send, "later", json_boolean(start_of(row) > 0));
	if (f.end >= 0) {
		local_text(c, f.end, "%Y-%m-%d %H:%M", text);
		json_object_set_new(send, "end_text", json_string(text));
	}
	json_object_set_new(send, "tomorrow", json_boolean(f.tomorrow));
	json_object_set_new(send, "send_hours", json_string(c->bureau->send_hours));
	json_object_set_new(send, "closed", json_boolean(!hours_open(c->bureau, f.start)));
	if (late > 0)
		json_object_set_new(send, "late_n", campaign_number(late));
	int64_t audience = view_number(row, "audience");
	json_object_set_new(send, "button_n", campaign_number(audience));
	json_object_set_new(send, "one", json_boolean(audience == 1));
	json_object_set_new(send, "nobody", json_boolean(audience == 0));
	json_object_set_new(
		send, "refused_here", json_boolean(audience == 0 || json_is_true(json_object_get(c->data, "same"))));
	json_object_set_new(
		send, "two", json_boolean(c->bureau->two_person_over > 0 && audience > c->bureau->two_person_over));
	json_object_set_new(send, "over_n", campaign_number(c->bureau->two_person_over));
	json_object_set_new(c->data, "send", send);
	console_page(c, 200, "campaign_draft");
}

/* ---- The page -----------------------------------------------------------------------------------------------------
 */

static size_t
step_of(const struct desk_call *c)
{
	const char *step = form_get(&c->r->query, "step");

	for (size_t i = 0; step != NULL && i < STEPS; i++)
		if (strcmp(step, steps[i]) == 0)
			return i;
	return 0;
}

static void
add_steps(struct desk_call *c, size_t at, int64_t id)
{
	json_t *list = json_array();
	char word[40], href[80];

	for (size_t i = 0; i < STEPS; i++) {
		snprintf(word, sizeof(word), "campaign.step.%s", steps[i]);
		snprintf(href, sizeof(href), "/campaigns/%" PRId64 "?step=%s", id, steps[i]);
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:b, s:b}", "word", word, "href", href, "current", i == at, "passed", i < at));
	}
	json_object_set_new(c->data, "steps", list);
}

static void
gather_late(struct desk_call *c)
{
	struct foreseen f = foresee(c, json_object_get(c->data, "campaign"));
	struct pg_params *p = desk_params(c);
	char day[24];

	local_text(c, f.end >= 0 ? f.end : f.start, "%Y-%m-%d", day);
	pg_param_int(p, console_id(c->r));
	pg_param_text(p, day);
	const struct desk_ask asks[] = {{"late", STMT_CAMPAIGN_LATE, p, true}};
	desk_gather(c, asks, 1, show_send);
}

void
campaign_draft_describe(struct desk_call *c)
{
	json_t *draft = json_object_get(c->data, "draft");
	json_t *preview = json_object_get(draft, "preview"), *upload = json_object_get(draft, "upload");

	if (json_is_object(upload))
		add_upload(c, upload);
	if (json_is_object(preview)) {
		json_object_set_new(preview, "unread", json_boolean(*view_text(upload, "error") != '\0'));
		add_left_out(c, preview);
		add_texts(c, preview);
	}
}

/* The same list that another campaign has sent, and a file that is good for nothing: said on every step. */
static void
add_refused(struct desk_call *c, const json_t *draft, const json_t *upload)
{
	bool useless = json_is_object(upload) &&
				   (*view_text(upload, "error") != '\0' || json_is_true(json_object_get(upload, "no_rows")));

	json_object_set_new(c->data, "bring_again", json_boolean(useless));
	json_object_set_new(c->data, "same", json_boolean(view_number(draft, "same_id") > 0));
	json_object_set(c->data, "same_id", json_object_get(draft, "same_id"));
	json_object_set(c->data, "same_name", json_object_get(draft, "same_name"));
	json_object_set_new(c->data, "zone", json_string(c->bureau->timezone));
}

void
campaign_draft_show(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "campaign"), *draft = json_object_get(c->data, "draft");
	json_t *preview = json_object_get(draft, "preview");
	bool working = json_is_true(json_object_get(row, "working"));
	size_t step = working || !json_is_object(preview) ? 0 : step_of(c);

	add_steps(c, step, view_number(row, "id"));
	campaign_draft_describe(c);
	add_refused(c, draft, json_object_get(draft, "upload"));
	json_object_set_new(c->data, "may_send", json_boolean(c->write));
	json_object_set_new(c->data, "counting", json_boolean(working));
	json_object_set_new(c->data, "uncounted", json_boolean(!working && !json_is_object(preview)));
	json_object_set_new(c->data, "empty", json_boolean(form_get(&c->r->query, "empty") != NULL));
	json_object_set_new(c->data, "stale", json_boolean(form_get(&c->r->query, "stale") != NULL));
	json_object_set_new(c->data, "past", json_boolean(form_get(&c->r->query, "past") != NULL));
	json_object_set_new(c->data, "refused_start", json_boolean(form_get(&c->r->query, "refused") != NULL));
	if (step == 3) {
		gather_late(c);
		return;
	}
	if (!working && json_is_object(preview))
		json_object_set_new(c->data, steps[step], json_object());
	if (step == 2)
		add_when(c, row, json_object_get(c->data, "when"));
	console_page(c, 200, "campaign_draft");
}

/* ---- Acts ---------------------------------------------------------------------------------------------------------
 */

static void
see(struct desk_call *c)
{
	campaign_see(c, console_id(c->r), "");
}

static void
count_again(struct desk_call *c)
{
	campaign_work(c, console_id(c->r), -1, see);
}

static void
see_send(struct desk_call *c)
{
	campaign_see(c, console_id(c->r), "?step=send");
}

static int64_t
number_field(const struct desk_call *c, const char *name, int64_t most)
{
	const char *text = form_get(&c->r->form, name);
	char *end;
	long long n = text == NULL ? 0 : strtoll(text, &end, 10);

	return n < 0 ? 0 : n > most ? most : n;
}

static void
set_when(struct desk_call *c)
{
	const char *start = form_get(&c->r->form, "start");
	bool later = start != NULL && strcmp(start, "later") == 0;
	int64_t at = later ? read_time(c, form_get(&c->r->form, "date"), form_get(&c->r->form, "time")) : 0;
	struct pg_params *p;

	if (later && at <= (int64_t)time(NULL)) {
		campaign_see(c, console_id(c->r), "?step=when&past=1");
		return;
	}
	p = desk_params(c);
	pg_param_int(p, console_id(c->r));
	pg_param_int(p, number_field(c, "rate", 100000));
	pg_param_int(p, number_field(c, "canary", 1000000));
	if (later)
		pg_param_time(p, at * 1000000);
	else
		pg_param_text(p, NULL);
	const struct desk_ask asks[] = {{"when", STMT_CAMPAIGN_WHEN, p, true}};
	desk_gather(c, asks, 1, see_send);
}

static void
started(struct desk_call *c)
{
	bool done = json_is_object(json_object_get(c->data, "started"));

	campaign_see(c, console_id(c->r), done ? "" : "?step=send&refused=1");
}

static void
see_stale(struct desk_call *c)
{
	campaign_see(c, console_id(c->r), "?stale=1");
}

/* A second person starts what the first has counted and asked for; a draft needs a fresh count. */
static void
start(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "campaign"),
		   *preview = json_object_get(json_object_get(c->data, "draft"), "preview");
	struct tm tm = {0};

	if (!json_is_object(row)) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	if (strcmp(view_text(row, "status"), "draft") == 0 &&
		(strptime(view_text(preview, "counted_at"), "%Y-%m-%dT%H:%M:%S", &tm) == NULL ||
			(int64_t)time(NULL) - (int64_t)timegm(&tm) > COUNT_GOOD_SECONDS)) {
		campaign_work(c, console_id(c->r), -1, see_stale);
		return;
	}
	struct pg_params *p = desk_params(c), *note = desk_event(c, "campaign_start", view_text(row, "name"), NULL);
	pg_param_int(p, console_id(c->r));
	pg_param_text(p, c->actor);
	pg_param_int(p, c->bureau->two_person_over);
	pg_param_text(p, NULL);
	const struct desk_ask asks[] = {
		{"started", STMT_CAMPAIGN_START, p, true}, {"noted", STMT_STAFF_EVENT, note, false}};
	desk_gather(c, asks, 2, started);
}

static void
look_and_start(struct desk_call *c)
{
	const struct desk_ask asks[] = {{"campaign", STMT_CAMPAIGN_ROW, console_id_params(c), true},
		{"draft", STMT_CAMPAIGN_DRAFT, console_id_params(c), true}};

	desk_gather(c, asks, 2, start);
}

static void
back(struct desk_call *c)
{
	struct pg_params *p = console_id_params(c);

	pg_param_text(p, c->actor);
	const struct desk_ask asks[] = {{"back", STMT_CAMPAIGN_BACK, p, true}};
	desk_gather(c, asks, 1, see);
}

/* ---- Again --------------------------------------------------------------------------------------------------------
 */

static void
see_again(struct desk_call *c)
{
	campaign_see(c, view_number(json_object_get(c->data, "again"), "id"), "");
}

static void
made_again(struct desk_call *c)
{
	int64_t id = view_number(json_object_get(c->data, "again"), "id");

	if (id == 0)
		campaign_see(c, console_id(c->r), "?refused=1");
	else
		campaign_work(c, id, -1, see_again);
}

static void
resend(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "campaign");
	const char *name = view_text(row, "name");
	char again[300];

	snprintf(again, sizeof(again), "%.*s · %s", (int)utf8_cut(name, strlen(name), 200), name,
		strcmp(language_of(c), "zh") == 0 ? "重发" : "again");
	struct pg_params *p = console_id_params(c);
	pg_param_text(p, again);
	pg_param_text(p, c->actor);
	const struct desk_ask asks[] = {{"again", STMT_CAMPAIGN_RESEND, p, true}};
	desk_gather(c, asks, 1, made_again);
}

static void
look_and_resend(struct desk_call *c)
{
	const struct desk_ask asks[] = {{"campaign", STMT_CAMPAIGN_ROW, console_id_params(c), true}};

	desk_gather(c, asks, 1, resend);
}

bool
campaign_draft_act(struct desk_call *c, const char *word)
{
	static const struct {
		const char *word;
		void (*act)(struct desk_call *c);
	} acts[] = {{"count", count_again}, {"when", set_when}, {"send", look_and_start}, {"back", back},
		{"resend", look_and_resend}};

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].word, word) == 0) {
			acts[i].act(c);
			return true;
		}
	return false;
}
