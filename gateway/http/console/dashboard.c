/* The console's first page: what waits, what happened today, who drops out where, what will be due, how the links
 * stand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "gateway/conf.h"
#include "gateway/delivery_rows.h"
#include "gateway/figures.h"
#include "gateway/gateway.h"
#include "gateway/http/chart.h"
#include "gateway/http/console/console.h"
#include "store/pg.h"
#include "store/view.h"

#define OUTBOX_COUNTED 100000
#define DROPS_SHOWN 8

/* ---- What waits ------------------------------------------------------------------------------------------------ */

/* How long ago, in the largest unit that gives one or more: its number, and the word that names the unit. */
static void
put_age(json_t *row, const char *at)
{
	struct tm tm = {0};
	const char *end = at == NULL ? NULL : strptime(at, "%Y-%m-%dT%H:%M:%SZ", &tm);

	if (end == NULL || *end != '\0')
		return;
	int64_t minutes = ((int64_t)time(NULL) - (int64_t)timegm(&tm)) / 60;
	bool days = minutes >= 48 * 60, hours = minutes >= 120;
	json_object_set_new(row, "age_word", json_string(days ? "age.days" : hours ? "age.hours" : "age.minutes"));
	json_object_set_new(row, "age",
		json_integer(minutes < 0 ? 0
					 : days		 ? minutes / 1440
					 : hours	 ? minutes / 60
								 : minutes));
}

static void
show_worklists(struct desk_call *c)
{
	json_t *row;
	json_int_t waiting = 0;
	size_t i;

	json_array_foreach (json_object_get(c->data, "worklists"), i, row) {
		put_age(row, json_string_value(json_object_get(row, "oldest")));
		waiting += view_number(row, "waiting");
	}
	json_object_set_new(c->data, "waiting", json_integer(waiting));
}

/* ---- Today ----------------------------------------------------------------------------------------------------- */

/* Several states have the same words: one row for them. */
static void
join_by_words(struct desk_call *c, json_t *texts)
{
	delivery_rows(texts, http_language(c->r, NULL));
	for (size_t i = 0; i + 1 < json_array_size(texts);) {
		json_t *row = json_array_get(texts, i), *next = NULL;
		size_t k = i + 1;

		for (; k < json_array_size(texts); k++) {
			next = json_array_get(texts, k);
			if (json_equal(json_object_get(row, "kind"), json_object_get(next, "kind")) &&
				json_equal(json_object_get(row, "status"), json_object_get(next, "status")))
				break;
		}
		if (k == json_array_size(texts)) {
			i++;
			continue;
		}
		json_object_set_new(row, "n", json_integer(view_number(row, "n") + view_number(next, "n")));
		json_array_remove(texts, k);
	}
}

static json_int_t
sum(const json_t *rows, const char *topic, const char *a, const char *b)
{
	json_int_t n = 0;
	const json_t *row;
	size_t i;

	json_array_foreach ((json_t *)rows, i, row)
		if (strcmp(view_text(row, "topic"), topic) == 0 && (a == NULL || strcmp(view_text(row, "a"), a) == 0) &&
			(b == NULL || strcmp(view_text(row, "b"), b) == 0))
			n += view_number(row, "n");
	return n;
}

static void
put_tile(json_t *tiles, const char *word, json_int_t n, bool bad)
{
	json_array_append_new(tiles, json_pack("{s:s, s:I, s:b}", "word", word, "n", n, "bad", bad && n > 0));
}

static void
show_day(struct desk_call *c)
{
	static const char *const kinds[] = {"reminded", "consented", "verified", "confirmed", "submitted", "approved",
		"rejected", "ready", "sent", "collected", "declined", "opted_out"};
	json_t *rows = json_object_get(c->data, "today"), *tiles = json_array(), *counts = json_array(),
		   *texts = json_array(), *row;
	size_t i;

	put_tile(tiles, "today.texts", sum(rows, "texts", NULL, NULL) - sum(rows, "texts", NULL, "cancelled"), false);
	put_tile(tiles, "today.delivered", sum(rows, "texts", NULL, "delivered"), false);
	put_tile(tiles, "today.failed",
		sum(rows, "texts", NULL, "failed") + sum(rows, "texts", NULL, "expired") +
			sum(rows, "texts", NULL, "technical"),
		true);
	put_tile(tiles, "today.answers", sum(rows, "answers", NULL, NULL), false);
	put_tile(tiles, "today.not_understood", sum(rows, "answers", "false", NULL), false);
	put_tile(tiles, "today.consented", sum(rows, "trail", "consented", NULL), false);
	put_tile(tiles, "today.submitted", sum(rows, "trail", "submitted", NULL), false);
	put_tile(tiles, "today.collected", sum(rows, "trail", "collected", NULL), false);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		json_array_append_new(
			counts, json_pack("{s:s, s:I}", "kind", kinds[k], "n", sum(rows, "trail", kinds[k], NULL)));
	json_array_foreach (rows, i, row)
		if (strcmp(view_text(row, "topic"), "texts") == 0)
			json_array_append_new(texts, json_pack("{s:s, s:s, s:I}", "kind", view_text(row, "a"), "state",
											 view_text(row, "b"), "n", (json_int_t)view_number(row, "n")));
	join_by_words(c, texts);
	json_object_set_new(c->data, "tiles", tiles);
	json_object_set_new(c->data, "today", counts);
	json_object_set_new(c->data, "texts", texts);
}

/* ---- Plots ------------------------------------------------------------------------------------------------------- */

/* "2026-11-22" -> "11-22": what is this year needs no year. */
static const char *
day_label(const json_t *row, const char *key)
{
	const char *day = view_text(row, key);

	return strlen(day) == 10 ? day + 5 : day;
}

static void
plot_days(struct desk_call *c)
{
	struct chart_point texts[CHART_POINTS_MAX], answers[CHART_POINTS_MAX];
	const struct chart_point *series[] = {texts, answers};
	json_t *row;
	size_t i, n = 0;

	json_array_foreach (json_object_get(c->data, "days"), i, row) {
		if (n == CHART_POINTS_MAX)
			break;
		texts[n] = (struct chart_point){day_label(row, "day"), view_text(row, "day"), view_number(row, "texts")};
		answers[n++] = (struct chart_point){day_label(row, "day"), view_text(row, "day"), view_number(row, "answers")};
	}
	json_object_set_new(c->data, "days_chart", chart_lines(series, 2, n));
}

static void
plot_due(struct desk_call *c)
{
	struct chart_point points[CHART_POINTS_MAX];
	json_t *row;
	json_int_t all = 0;
	size_t i, n = 0;

	json_array_foreach (json_object_get(c->data, "due"), i, row) {
		if (n == CHART_POINTS_MAX)
			break;
		points[n++] = (struct chart_point){day_label(row, "starts"), view_text(row, "starts"), view_number(row, "n")};
		all += view_number(row, "n");
	}
	json_object_set_new(c->data, "due_all", json_integer(all));
	json_object_set_new(c->data, "due_chart", chart_columns(points, n));
}

static void
plot_rating(struct desk_call *c)
{
	static const char *const names[] = {"1", "2", "3", "4", "5"};
	struct chart_point points[5];
	json_t *row;
	json_int_t all = 0, marks = 0;
	size_t i, n = 0;
	char mean[16];

	json_array_foreach (json_object_get(c->data, "rated"), i, row) {
		if (n == 5)
			break;
		points[n] = (struct chart_point){names[n], names[n], view_number(row, "n")};
		all += points[n].n;
		marks += points[n].n * (json_int_t)(n + 1);
		n++;
	}
	snprintf(mean, sizeof(mean), "%.1f", all == 0 ? 0.0 : (double)marks / (double)all);
	json_object_set_new(c->data, "rated_all", json_integer(all));
	json_object_set_new(c->data, "rated_mean", json_string(mean));
	json_object_set_new(c->data, "rated_chart", chart_columns(points, n));
}

/* An end of a talk that brought nothing: an application's status when it ends without a result. */
static bool
is_loss(const char *to)
{
	static const char *const ends[] = {"declined", "stopped", "unreachable", "wrong_number", "withdrawn", "closed"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(ends[i], to) == 0)
			return true;
	return false;
}

struct drop {
	const char *step;
	json_int_t came, lost;
};

static int
by_lost(const void *a, const void *b)
{
	const struct drop *x = a, *y = b;

	return x->lost == y->lost ? strcmp(x->step, y->step) : x->lost < y->lost ? 1 : -1;
}

static struct drop *
drop_of(struct drop *list, size_t *n, const char *step)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp(list[i].step, step) == 0)
			return &list[i];
	if (*n == CHART_POINTS_MAX)
		return NULL;
	list[*n] = (struct drop){.step = step};
	return &list[(*n)++];
}

static void
plot_drops(struct desk_call *c)
{
	struct drop list[CHART_POINTS_MAX];
	struct chart_point points[DROPS_SHOWN];
	json_t *row, *chart;
	size_t i, n = 0, shown = 0;

	json_array_foreach (json_object_get(c->data, "moved"), i, row) {
		struct drop *from = *view_text(row, "from") == '\0' ? NULL : drop_of(list, &n, view_text(row, "from"));
		struct drop *to = is_loss(view_text(row, "to")) ? NULL : drop_of(list, &n, view_text(row, "to"));
		if (from != NULL && is_loss(view_text(row, "to")))
			from->lost += view_number(row, "n");
		if (to != NULL)
			to->came += view_number(row, "n");
	}
	qsort(list, n, sizeof(*list), by_lost);
	while (shown < n && shown < DROPS_SHOWN && list[shown].lost > 0) {
		points[shown] = (struct chart_point){list[shown].step, list[shown].step, list[shown].lost};
		shown++;
	}
	chart = chart_rows(points, shown);
	json_array_foreach (json_object_get(chart, "rows"), i, row) {
		char part[24];
		json_int_t came = list[i].came < list[i].lost ? list[i].lost : list[i].came;
		snprintf(part, sizeof(part), "%d%%", (int)(100 * list[i].lost / came));
		json_object_set_new(row, "part", json_string(part));
		json_object_set_new(row, "came", json_integer(came));
		char word[80];
		snprintf(word, sizeof(word), "step.%s", list[i].step);
		if (html_has_word(c->r->server->o.html, word))
			json_object_set_new(row, "step_word", json_string(word));
	}
	json_object_set_new(c->data, "drops", json_boolean(shown > 0));
	json_object_set_new(c->data, "drops_chart", chart);
}

/* ---- The page ---------------------------------------------------------------------------------------------------- */

static void
show_links(struct desk_call *c)
{
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(c->data, "links"), i, row)
		json_object_set_new(row, "good",
			json_boolean(strcmp(view_text(row, "state"), "bound") == 0 && *view_text(row, "alarm") == '\0'));
}

static void
show_today(struct desk_call *c)
{
	show_worklists(c);
	show_day(c);
	show_links(c);
	plot_days(c);
	plot_due(c);
	plot_rating(c);
	plot_drops(c);
	console_page(c, 200, "console_today");
}

static void
gather(void *arg)
{
	struct desk_call *c = arg;
	struct pg_params *outbox = desk_params(c), *moved = desk_params(c);

	pg_param_int(outbox, OUTBOX_COUNTED);
	pg_param_text(moved, NULL);
	const struct desk_ask asks[] = {
		{"counted", STMT_FIGURE_AGE, desk_params(c), true},
		{"today", STMT_FIGURE_TODAY, desk_params(c), false},
		{"days", STMT_FIGURE_DAYS, desk_params(c), false},
		{"due", STMT_FIGURE_DUE, desk_params(c), false},
		{"rated", STMT_FIGURE_RATED, desk_params(c), false},
		{"moved", STMT_FIGURE_MOVED, moved, false},
		{"outbox", STMT_CONSOLE_OUTBOX, outbox, true},
		{"worklists", STMT_VIEW_WORKLISTS, desk_params(c), false},
		{"links", STMT_VIEW_LINKS, pg_params_new(), false},
	};
	desk_gather(c, asks, sizeof(asks) / sizeof(asks[0]), show_today);
}

static void
refresh(struct desk_call *c)
{
	figures_refresh(c->r->g->figures, c->bureau->id, gather, c);
}

void
console_today(struct http_request *r)
{
	desk_person(r, refresh);
}
