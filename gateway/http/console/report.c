/*
 * Figures of each item and the forecast: counted by `huizhi report` and `huizhi forecast` in a process of their own,
 * for they walk every application; and the letters of the phone list, made by `huizhi letters`.
 */
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "gateway/command.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/chart.h"
#include "gateway/http/console/console.h"
#include "gateway/import_check.h"
#include "gateway/log.h"
#include "store/view.h"

#define FORECAST_MONTHS 12
#define AT_ONCE 4 /* such commands of all readers together */

static int running;

/*
 * What was counted last: whoever asks the same soon after gets it with its moment. A count that took long is good for
 * twenty times as long; one of less than a second is made anew.
 */
#define KEPT 16
#define KEPT_FROM_MS 1000
#define KEPT_TIMES 20

static struct kept {
	char words[160];
	int64_t at_ms, took_ms;
	char *text;
	size_t len;
} kept[KEPT];

/* A command under way for a reader. */
struct asking {
	struct desk_call *c;
	void (*then)(struct desk_call *c, struct evbuffer *out);
	char words[160]; /* "": its answer is not kept */
	int64_t began_ms;
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
keep(const struct asking *a, struct evbuffer *out)
{
	int64_t now = now_ms(), took = now - a->began_ms;
	struct kept *k = &kept[0];
	size_t len = evbuffer_get_length(out);
	char *text;

	if (*a->words == '\0' || took < KEPT_FROM_MS || (text = malloc(len + 1)) == NULL)
		return;
	/* In the place of the same, or of the oldest. */
	for (size_t i = 0; i < KEPT; i++) {
		if (strcmp(kept[i].words, a->words) == 0) {
			k = &kept[i];
			break;
		}
		if (kept[i].at_ms < k->at_ms)
			k = &kept[i];
	}
	evbuffer_copyout(out, text, len);
	free(k->text);
	*k = (struct kept){.at_ms = a->began_ms, .took_ms = took, .text = text, .len = len};
	snprintf(k->words, sizeof(k->words), "%s", a->words);
}

static const struct kept *
still_good(const char *words)
{
	for (size_t i = 0; i < KEPT && *words != '\0'; i++)
		if (kept[i].text != NULL && strcmp(kept[i].words, words) == 0 && now_ms() >= kept[i].at_ms &&
			now_ms() < kept[i].at_ms + KEPT_TIMES * kept[i].took_ms)
			return &kept[i];
	return NULL;
}

/* The page says of when its figures are. */
static bool
give_kept(struct desk_call *c, const char *words, void (*then)(struct desk_call *c, struct evbuffer *out))
{
	const struct kept *k = still_good(words);
	struct evbuffer *out = k == NULL ? NULL : evbuffer_new();

	if (out == NULL || evbuffer_add(out, k->text, k->len) != 0) {
		if (out != NULL)
			evbuffer_free(out);
		return false;
	}
	json_object_set_new(c->data, "counted_at", view_time(k->at_ms / 1000));
	desk_local_times(c, c->data);
	then(c, out);
	evbuffer_free(out);
	return true;
}

static void
on_done(void *arg, int code, struct evbuffer *out, struct evbuffer *err)
{
	struct asking *a = arg;
	struct desk_call *c = a->c;
	void (*then)(struct desk_call * c, struct evbuffer * out) = a->then;

	running--;
	if (code == 0)
		keep(a, out);
	free(a);
	if (code == 0 && c->r->ev != NULL) {
		then(c, out);
		return;
	}
	(void)evbuffer_add(err, "", 1);
	log_warn("%s figures could not be counted: %.300s", c->actor, (const char *)evbuffer_pullup(err, -1));
	http_reply_error(c->r, 503);
	desk_free(c);
}

/* Runs huizhi with these words (NULL-ended, at most 12) at the caller's bureau. figures: its answer may be of before.
 */
static void
ask(struct desk_call *c, const char *const *words, bool figures,
	void (*then)(struct desk_call *c, struct evbuffer *out))
{
	const char *args[16];
	char all[160] = "";
	size_t n = 0;

	if (figures)
		snprintf(all, sizeof(all), "%d", c->bureau->id);
	while (n < 12 && words[n] != NULL) {
		if (figures)
			snprintf(all + strlen(all), sizeof(all) - strlen(all), " %s", words[n]);
		args[n] = words[n];
		n++;
	}
	if (give_kept(c, all, then))
		return;
	struct asking *a = running < AT_ONCE ? calloc(1, sizeof(*a)) : NULL;
	args[n++] = "--bureau";
	args[n++] = c->bureau->code;
	args[n] = NULL;
	if (a != NULL) {
		a->c = c;
		a->then = then;
		a->began_ms = now_ms();
		memcpy(a->words, all, sizeof(a->words));
		running++;
		if (command_run(c->r->g, args, "", 0, on_done, a) == 0)
			return;
		running--;
	}
	free(a);
	http_reply_error(c->r, 503);
	desk_free(c);
}

/* ---- The page --------------------------------------------------------------------------------------------------- */

static json_t *
rows_of(struct evbuffer *out)
{
	size_t len = evbuffer_get_length(out);
	json_t *rows = json_loadb((const char *)evbuffer_pullup(out, -1), len, 0, NULL);

	return rows != NULL ? rows : json_array();
}

static void
put_names(const struct desk_call *c, json_t *rows)
{
	bool zh = strcmp(http_language(c->r, NULL), "zh") == 0;
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *code = json_string_value(json_object_get(row, "item"));
		const struct conf_item *item = code == NULL ? NULL : conf_item_for(c->r->g->conf, c->bureau, code);
		json_object_set_new(row, "name", json_string(item == NULL ? "" : zh ? item->name_zh : item->name_en));
		json_object_del(row, "item");
	}
}

/* Seconds as hours, for the table of times. */
static void
put_hours(json_t *rows)
{
	static const char *const times[] = {"answer_median", "answer_p90", "proof_median", "proof_p90",
		"application_median", "application_p90", "decision_median", "decision_p90", "delivery_median", "delivery_p90",
		"whole_median", "whole_p90"};
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++) {
			const json_t *s = json_object_get(row, times[k]);
			char text[32] = "–";
			if (json_is_integer(s))
				snprintf(text, sizeof(text), "%.1f", (double)json_integer_value(s) / 3600);
			json_object_set_new(row, times[k], json_string(text));
		}
	}
}

static void
show(struct desk_call *c, struct evbuffer *out)
{
	struct chart_point points[FORECAST_MONTHS];
	json_t *rows = rows_of(out), *row;
	size_t i, n = 0;

	json_array_foreach (rows, i, row) {
		const char *month = json_string_value(json_object_get(row, "month"));
		if (month == NULL || strlen(month) != 7 || n == FORECAST_MONTHS)
			continue;
		points[n++] = (struct chart_point){month + 5, month, json_integer_value(json_object_get(row, "expected"))};
		if (json_is_null(json_object_get(row, "expected"))) {
			json_object_set_new(row, "expected", json_string("–"));
			json_object_set_new(row, "low", json_string("–"));
			json_object_set_new(row, "high", json_string("–"));
		}
	}
	json_object_set_new(c->data, "forecast_chart", chart_columns(points, n));
	json_object_set_new(c->data, "forecast", rows);
	console_page(c, 200, "console_report");
}

static void
reported(struct desk_call *c, struct evbuffer *out)
{
	static const char *const words[] = {"--json", "forecast", NULL};
	json_t *rows = rows_of(out), *first = json_array_get(rows, 0);

	put_names(c, rows);
	put_hours(rows);
	if (first != NULL) {
		json_object_set(c->data, "from", json_object_get(first, "from"));
		json_object_set(c->data, "to", json_object_get(first, "to"));
		json_object_set_new(c->data, "csv_href",
			json_sprintf("/report.csv?from=%s&to=%s", json_string_value(json_object_get(first, "from")),
				json_string_value(json_object_get(first, "to"))));
	}
	json_object_set_new(c->data, "rows", rows);
	ask(c, words, true, show);
}

/* YYYY-MM-DD of the query, or NULL: what is no day is not asked for. */
static const char *
day_of(const struct desk_call *c, const char *name)
{
	const char *s = form_get(&c->r->query, name);
	char fault[CHECK_FAULT_MAX + 1], day[11];

	return s != NULL && check_date(s, day, fault) == 0 && strcmp(s, day) == 0 ? s : NULL;
}

static void
ask_report(struct desk_call *c, bool csv, void (*then)(struct desk_call *c, struct evbuffer *out))
{
	const char *words[10], *from = day_of(c, "from"), *to = day_of(c, "to");
	size_t n = 0;

	if (!csv)
		words[n++] = "--json";
	words[n++] = "report";
	if (csv) {
		words[n++] = "--csv";
		words[n++] = "-";
	}
	if (from != NULL && (to == NULL || strcmp(from, to) <= 0)) {
		words[n++] = "--from";
		words[n++] = from;
	}
	if (to != NULL) {
		words[n++] = "--to";
		words[n++] = to;
	}
	words[n] = NULL;
	ask(c, words, true, then);
}

static void
gather_page(struct desk_call *c)
{
	ask_report(c, false, reported);
}

void
console_report(struct http_request *r)
{
	desk_person(r, gather_page);
}

/* ---- Files ------------------------------------------------------------------------------------------------------ */

static void
give_csv(struct desk_call *c, struct evbuffer *out)
{
	http_set_header(c->r, "Content-Disposition", "attachment; filename=\"huizhi-report.csv\"");
	http_reply_buffer(c->r, 200, "text/csv; charset=utf-8", out, HTTP_NO_STORE);
	desk_free(c);
}

static void
gather_csv(struct desk_call *c)
{
	ask_report(c, true, give_csv);
}

void
console_report_csv(struct http_request *r)
{
	desk_person(r, gather_csv);
}

static void
give_letters(struct desk_call *c, struct evbuffer *out)
{
	if (evbuffer_get_length(out) == 0) {
		http_reply_see(c->r, "/worklists/phone?letters=none");
	} else {
		/* A file: it has a style of its own, which pages of the console may not. */
		http_set_header(c->r, "Content-Disposition", "attachment; filename=\"huizhi-letters.html\"");
		http_reply_buffer(c->r, 200, "text/html; charset=utf-8", out, HTTP_NO_STORE);
	}
	desk_free(c);
}

static void
make_letters(struct desk_call *c)
{
	const char *words[] = {"letters", "--out", "-", "--staff", c->name, NULL};

	ask(c, words, false, give_letters);
}

void
console_letters(struct http_request *r)
{
	desk_person_post_may(r, ROLE_SEND, make_letters);
}
