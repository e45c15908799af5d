/* The list of campaigns, one campaign with its progress, and what may be done with one under way. */
#include "gateway/http/console/campaign.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <event2/buffer.h>
#include "gateway/campaign_plan.h"
#include "gateway/conf.h"
#include "gateway/figures.h"
#include "gateway/gateway.h"
#include "gateway/hours.h"
#include "gateway/http/console/console.h"
#include "store/pg.h"
#include "store/view.h"

#define ROWS 50 /* campaigns on a page of the list */

/* ---- What a row shows beside its columns ------------------------------------------------------------------------- */

static const char *
status_of(const json_t *row)
{
	const char *status = json_string_value(json_object_get(row, "status"));

	return status == NULL ? "" : status;
}

static bool
is(const json_t *row, const char *status)
{
	return strcmp(status_of(row), status) == 0;
}

void
campaign_digits(int64_t n, char out[32])
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRId64, n), used = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	out[used] = '\0';
}

json_t *
campaign_number(int64_t n)
{
	char text[32];

	campaign_digits(n, text);
	return json_string(text);
}

/* One that was stopped stays short of what it was to be. */
static int64_t
in_all(const json_t *row)
{
	int64_t sent = view_number(row, "sent"), all = sent + campaign_texts_left(row);

	if (is(row, "stopped") && view_number(row, "audience") > all)
		all = view_number(row, "audience");
	return all;
}

/* When the figures of a large campaign were counted, to the second where that is today. */
static void
put_moment(const struct desk_call *c, json_t *row)
{
	const char *at = json_string_value(json_object_get(row, "counted_at"));
	struct tm tm = {0}, now;
	char text[24];

	if (at == NULL || strptime(at, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return;
	hours_local(c->bureau, (int64_t)timegm(&tm), &tm);
	hours_local(c->bureau, (int64_t)time(NULL), &now);
	strftime(text, sizeof(text), tm.tm_year == now.tm_year && tm.tm_yday == now.tm_yday ? "%H:%M:%S" : "%Y-%m-%d %H:%M",
		&tm);
	json_object_set_new(row, "as_of", json_string(text));
}

void
campaign_complete(const struct desk_call *c, json_t *row)
{
	static const char *const counts[] = {"audience", "queued", "sent", "delivered", "failed", "answered", "yes", "no",
		"stop", "not_me", "parts_sent", "rate", "canary"};
	int64_t sent = view_number(row, "sent"), left = campaign_texts_left(row), all = sent + left;
	char word[60], name[40];

	const char *code = json_string_value(json_object_get(row, "item"));
	const struct conf_item *item = code == NULL ? NULL : conf_item_for(c->r->g->conf, c->bureau, code);
	if (item != NULL)
		json_object_set_new(row, "item_name",
			json_string(strcmp(http_language(c->r, NULL), "zh") == 0 ? item->name_zh : item->name_en));
	const char *language = json_string_value(json_object_get(row, "language"));
	if (language != NULL) {
		snprintf(word, sizeof(word), "language.%.20s", language);
		json_object_set_new(
			row, "language_word", json_string(html_has_word(c->r->server->o.html, word) ? word : "language.other"));
	}
	console_actor(c, row, "created_by");
	console_actor(c, row, "asked_by");
	campaign_end_add(c->r->g->conf, c->bureau, row);
	if (is(row, "done"))
		all = sent;
	else if (is(row, "stopped"))
		all = in_all(row);
	json_object_set_new(row, "all", json_integer(all > 0 ? all : 1));
	json_object_set_new(row, "all_n", campaign_number(all));
	json_object_set_new(row, "percent", json_integer(all > 0 ? sent * 100 / all : is(row, "done") ? 100 : 0));
	json_object_set_new(row, "moving", json_boolean(is(row, "running") || is(row, "canary")));
	json_object_set_new(row, "running", json_boolean(is(row, "running")));
	json_object_set_new(row, "held", json_boolean(is(row, "canary")));
	json_object_set_new(row, "begun", json_boolean(!is(row, "draft") && !is(row, "waiting") && !is(row, "scheduled")));
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		snprintf(name, sizeof(name), "%s_n", counts[i]);
		json_object_set_new(row, name, campaign_number(view_number(row, counts[i])));
	}
	snprintf(word, sizeof(word), "campaign.status.%s", status_of(row));
	json_object_set_new(row, "state_word", json_string(word));
	put_moment(c, row);
}

/* ---- The list -----------------------------------------------------------------------------------------------------
 */

static void
show_list(struct desk_call *c)
{
	json_t *rows = json_object_get(c->data, "campaigns"), *row;
	size_t n = json_array_size(rows), i;

	if (n > ROWS) {
		char more[80];
		json_array_remove(rows, --n);
		snprintf(more, sizeof(more), "/campaigns?before=%" JSON_INTEGER_FORMAT,
			json_integer_value(json_object_get(json_array_get(rows, n - 1), "id")));
		json_object_set_new(c->data, "more", json_string(more));
	}
	json_array_foreach (rows, i, row)
		campaign_complete(c, row);
	json_object_set_new(c->data, "may_send", json_boolean(c->write));
	console_page(c, 200, "campaigns");
}

static void
gather_list(void *arg)
{
	struct desk_call *c = arg;
	const char *before = form_get(&c->r->query, "before");
	struct pg_params *p = desk_params(c);

	if (before != NULL && strtoll(before, NULL, 10) > 0)
		pg_param_int(p, strtoll(before, NULL, 10));
	else
		pg_param_text(p, NULL);
	pg_param_int(p, ROWS + 1);
	const struct desk_ask asks[] = {{"campaigns", STMT_CAMPAIGN_LIST, p, false}};
	desk_gather(c, asks, 1, show_list);
}

static void
refresh_list(struct desk_call *c)
{
	figures_refresh_campaign(c->r->g->figures, c->bureau->id, 0, gather_list, c);
}

void
console_campaigns(struct http_request *r)
{
	desk_person(r, refresh_list);
}

/* ---- One ----------------------------------------------------------------------------------------------------------
 */

/* Which buttons there are. */
static void
add_acts(const struct desk_call *c, json_t *row)
{
	json_t *acts = json_object();
	bool held = is(row, "canary") || is(row, "paused");
	bool over = is(row, "stopped") || is(row, "done");

	json_object_set_new(acts, "pause", json_boolean(c->write && is(row, "running")));
	json_object_set_new(acts, "resume", json_boolean(c->write && held));
	json_object_set_new(acts, "resume_word", json_string(is(row, "canary") ? "campaign.go_on" : "campaign.resume"));
	json_object_set_new(acts, "stop", json_boolean(c->write && !over && !is(row, "draft")));
	json_object_set_new(acts, "report", json_boolean(view_number(row, "sent") > 0 || over));
	json_object_set_new(acts, "resend", json_boolean(c->write && over && view_number(row, "failed") > 0));
	json_object_set_new(acts, "back", json_boolean(c->write && (is(row, "waiting") || is(row, "scheduled"))));
	const char *asked = json_string_value(json_object_get(row, "asked_by"));
	bool second = is(row, "waiting") && asked != NULL && strcmp(asked, c->name) != 0 && strcmp(asked, c->actor) != 0;
	json_object_set_new(acts, "confirm", json_boolean(c->write && second));
	json_object_set_new(row, "waits", json_boolean(is(row, "waiting")));
	json_object_set_new(row, "own", json_boolean(is(row, "waiting") && !second));
	json_object_set_new(row, "set_time", json_boolean(is(row, "scheduled")));
	json_object_set_new(row, "acts", acts);
}

/* Each state of the texts with its share, in the order of their life. */
static void
add_states(struct desk_call *c, json_t *row)
{
	static const char *const order[] = {"waiting", "queued", "delivering", "delivered", "unavailable", "failed",
		"expired", "technical", "cancelled", "not_asked"};
	json_t *found = json_object_get(c->data, "states"), *list = json_array(), *one;
	char word[60];
	size_t k;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		json_array_foreach (found, k, one) {
			const char *state = json_string_value(json_object_get(one, "state"));
			if (state == NULL || strcmp(state, order[i]) != 0)
				continue;
			snprintf(word, sizeof(word), "campaign.text.%s", state);
			json_array_append_new(list, json_pack("{s:s, s:s, s:o}", "text_state", state, "text_word", word, "n",
											campaign_number(view_number(one, "n"))));
		}
	json_object_set_new(row, "text_states", list);
}

/* How far the command has come that reads a list or counts. */
static void
add_work(const struct desk_call *c, json_t *row, const json_t *draft)
{
	int64_t done = view_number(draft, "work_done"), all = view_number(draft, "work_all");
	const char *what = json_string_value(json_object_get(draft, "work_word"));
	char word[80];

	snprintf(word, sizeof(word), "campaign.work.%s", what == NULL || *what == '\0' ? "waiting" : what);
	for (char *at = word; *at != '\0'; at++)
		if (*at == ' ')
			*at = '_';
	if (!html_has_word(c->r->server->o.html, word))
		snprintf(word, sizeof(word), "campaign.work.storing");
	json_object_set_new(row, "work_step", json_string(word));
	if (all <= 0)
		return;
	json_object_set_new(row, "work_all", json_integer(all));
	json_object_set_new(row, "work_done", json_integer(done < all ? done : all));
	json_object_set_new(row, "work_percent", json_integer(done < all ? done * 100 / all : 100));
}

/* The row as pages show it; NULL after 404 was answered. */
static json_t *
the_row(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "campaign");

	if (!json_is_object(row)) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return NULL;
	}
	campaign_complete(c, row);
	add_acts(c, row);
	add_states(c, row);
	/* A draft that is being counted has another page than one that was. */
	const char *work = json_string_value(json_object_get(json_object_get(c->data, "draft"), "work"));
	bool working = is(row, "draft") && work != NULL && *work != '\0' &&
				   !json_is_true(json_object_get(json_object_get(c->data, "draft"), "work_lost"));
	json_object_set_new(row, "working", json_boolean(working));
	if (working)
		add_work(c, row, json_object_get(c->data, "draft"));
	json_object_set_new(row, "live_state", json_string(working ? "working" : status_of(row)));
	return row;
}

static void
show_campaign(struct desk_call *c)
{
	json_t *row = the_row(c), *event;
	char word[80];
	size_t i;

	if (row == NULL)
		return;
	json_array_foreach (json_object_get(c->data, "history"), i, event) {
		snprintf(word, sizeof(word), "kind.%s", json_string_value(json_object_get(event, "kind")));
		if (html_has_word(c->r->server->o.html, word))
			json_object_set_new(event, "event_word", json_string(word));
		console_actor(c, event, "actor");
	}
	if (form_get(&c->r->query, "refused") != NULL)
		json_object_set_new(c->data, "refused", json_true());
	if (is(row, "draft")) {
		campaign_draft_show(c);
		return;
	}
	/* Whoever confirms sees what will be read. */
	if (is(row, "waiting"))
		campaign_draft_describe(c);
	console_page(c, 200, "campaign");
}

static void
gather_campaign(void *arg)
{
	struct desk_call *c = arg;
	const struct desk_ask asks[] = {{"campaign", STMT_CAMPAIGN_SHOW, console_id_params(c), true},
		{"states", STMT_CAMPAIGN_STATES, console_id_params(c), false},
		{"history", STMT_CAMPAIGN_TRAIL, console_id_params(c), false},
		{"draft", STMT_CAMPAIGN_DRAFT, console_id_params(c), true}};

	desk_gather(c, asks, 4, show_campaign);
}

static void
refresh_campaign(struct desk_call *c)
{
	figures_refresh_campaign(c->r->g->figures, c->bureau->id, console_id(c->r), gather_campaign, c);
}

void
console_campaign(struct http_request *r)
{
	desk_person(r, refresh_campaign);
}

static void
show_live(struct desk_call *c)
{
	if (the_row(c) != NULL)
		console_page(c, 200, "campaign_live");
}

static void
gather_live(void *arg)
{
	struct desk_call *c = arg;
	const struct desk_ask asks[] = {{"campaign", STMT_CAMPAIGN_SHOW, console_id_params(c), true},
		{"states", STMT_CAMPAIGN_STATES, console_id_params(c), false},
		{"draft", STMT_CAMPAIGN_DRAFT, console_id_params(c), true}};

	desk_gather(c, asks, 3, show_live);
}

static void
refresh_live(struct desk_call *c)
{
	figures_refresh_campaign(c->r->g->figures, c->bureau->id, console_id(c->r), gather_live, c);
}

void
console_campaign_live(struct http_request *r)
{
	desk_person(r, refresh_live);
}

/* ---- The picture --------------------------------------------------------------------------------------------------
 */

static void
clock_text(const struct desk_call *c, int64_t at, bool seconds, char out[24])
{
	struct tm tm;

	hours_local(c->bureau, at, &tm);
	strftime(out, 24, seconds ? "%m-%d %H:%M:%S" : "%m-%d %H:%M", &tm);
}

static void
show_picture(struct desk_call *c)
{
	json_t *row = json_object_get(c->data, "campaign"), *rows = json_object_get(c->data, "course"), *one;
	struct campaign_point points[FIGURES_SLICES + 1] = {0};
	struct evbuffer *out = evbuffer_new();
	char from[24] = "", until[24] = "";
	size_t i;

	if (!json_is_object(row) || out == NULL) {
		http_reply_error(c->r, out == NULL ? 503 : 404);
		if (out != NULL)
			evbuffer_free(out);
		desk_free(c);
		return;
	}
	json_array_foreach (rows, i, one) {
		int64_t slice = view_number(one, "slice");
		/* Of what is over in minutes both ends would read alike. */
		bool brief = view_number(one, "until") - view_number(one, "since") < 600;
		clock_text(c, view_number(one, "since"), brief, from);
		clock_text(c, view_number(one, "until"), brief, until);
		if (slice >= 1 && slice <= FIGURES_SLICES)
			points[slice] = (struct campaign_point){
				view_number(one, "sent"), view_number(one, "delivered"), view_number(one, "failed")};
	}
	for (i = 1; i <= FIGURES_SLICES; i++) {
		points[i].sent += points[i - 1].sent;
		points[i].delivered += points[i - 1].delivered;
		points[i].failed += points[i - 1].failed;
	}
	bool narrow = form_get(&c->r->query, "narrow") != NULL;
	campaign_draw(&(struct campaign_course){in_all(row), narrow, from, until, FIGURES_SLICES + 1, points}, out);
	http_reply_buffer(c->r, 200, "image/svg+xml", out, HTTP_NO_STORE);
	evbuffer_free(out);
	desk_free(c);
}

static void
gather_picture(struct desk_call *c)
{
	struct pg_params *course = console_id_params(c);

	pg_param_int(course, FIGURES_SLICES);
	const struct desk_ask asks[] = {
		{"campaign", STMT_CAMPAIGN_SHOW, console_id_params(c), true}, {"course", STMT_CAMPAIGN_COURSE, course, false}};
	desk_gather(c, asks, 2, show_picture);
}

void
console_campaign_picture(struct http_request *r)
{
	desk_person(r, gather_picture);
}

/* ---- Pause, resume, stop ------------------------------------------------------------------------------------------
 */

static void
moved(struct desk_call *c)
{
	char path[80];

	/* Somebody else was quicker, or it has ended meanwhile: the page shows how it stands. */
	snprintf(path, sizeof(path), "/campaigns/%" PRId64 "%s", console_id(c->r),
		json_is_object(json_object_get(c->data, "moved")) ? "" : "?refused=1");
	http_reply_see(c->r, path);
	desk_free(c);
}

static void
act(struct desk_call *c)
{
	static const struct {
		const char *word, *to;
		const char *from[6];
	} acts[] = {
		{"pause", "paused", {"running"}},
		{"resume", "running", {"paused", "canary"}},
		{"stop", "stopped", {"draft", "waiting", "scheduled", "running", "canary", "paused"}},
	};
	const char *word = form_get(&c->r->form, "act");
	size_t i = 0;

	if (word != NULL && console_id(c->r) != 0 && campaign_draft_act(c, word))
		return;

	while (i < sizeof(acts) / sizeof(acts[0]) && (word == NULL || strcmp(word, acts[i].word) != 0))
		i++;
	if (i == sizeof(acts) / sizeof(acts[0]) || console_id(c->r) == 0) {
		http_reply_error(c->r, word == NULL ? 400 : 404);
		desk_free(c);
		return;
	}
	struct pg_params *p = console_id_params(c);
	pg_array_begin(p);
	for (size_t k = 0; k < sizeof(acts[i].from) / sizeof(acts[i].from[0]) && acts[i].from[k] != NULL; k++)
		pg_array_text(p, acts[i].from[k]);
	pg_array_end(p);
	pg_param_text(p, acts[i].to);
	pg_param_text(p, c->actor);
	const struct desk_ask asks[] = {{"moved", STMT_CAMPAIGN_MOVE, p, true}};
	desk_gather(c, asks, 1, moved);
}

void
console_campaign_act(struct http_request *r)
{
	desk_person_post_may(r, ROLE_SEND, act);
}
