/* Where the marks of a chart lie. */
#include "gateway/http/chart.h"

#include <stdio.h>
#include <string.h>

#define LEFT 38 /* room for the scale's figures */
#define RIGHT 8
#define TOP 12
#define HEIGHT 190
#define BASE 160	  /* y of nought */
#define LABEL_EACH 46 /* units that a label needs */
#define ROW_EACH 40
#define ROW_BAR 14
#define ROW_FIGURE 92 /* room behind the longest row: "100000 · 100%" */

int64_t
chart_round_up(int64_t n)
{
	static const int steps[] = {1, 2, 5};

	for (int64_t ten = 1; ten <= INT64_MAX / 10; ten *= 10)
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
			if (ten * steps[i] >= n)
				return ten * steps[i];
	return n;
}

static int64_t
largest(const struct chart_point *list, size_t count, int64_t so_far)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].n > so_far)
			so_far = list[i].n;
	return so_far;
}

/* Where a figure lies between nought at `from` and `top` at `to`. */
static int
place(int64_t n, int64_t top, int from, int to)
{
	return from + (int)((double)n / (double)top * (to - from));
}

/* "12k": a scale has little room. */
static void
short_figure(int64_t n, char *out, size_t room)
{
	if (n >= 10000000)
		snprintf(out, room, "%lldM", (long long)(n / 1000000));
	else if (n >= 10000)
		snprintf(out, room, "%lldk", (long long)(n / 1000));
	else
		snprintf(out, room, "%lld", (long long)n);
}

static json_t *
scale(int64_t top)
{
	json_t *ticks = json_array();
	int steps = top % 4 == 0 ? 4 : top % 5 == 0 ? 5 : top % 2 == 0 ? 2 : 1;

	for (int i = 0; i <= steps; i++) {
		char text[24];
		short_figure(top / steps * i, text, sizeof(text));
		json_array_append_new(ticks, json_pack("{s:i, s:s}", "y", place(top / steps * i, top, BASE, TOP), "n", text));
	}
	return ticks;
}

static json_t *
frame(int64_t top)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:o}", "width", CHART_WIDTH, "height", HEIGHT, "base", BASE,
		"left", LEFT, "right", CHART_WIDTH - RIGHT, "label_y", BASE + 18, "ticks", scale(top));
}

/* Every so-manieth place has its label, so that none touches the next. */
static size_t
label_step(size_t count)
{
	size_t fit = (CHART_WIDTH - LEFT - RIGHT) / LABEL_EACH;

	return count <= fit ? 1 : (count + fit - 1) / fit;
}

json_t *
chart_columns(const struct chart_point *list, size_t count)
{
	int64_t top = chart_round_up(largest(list, count, 1));
	json_t *chart = frame(top), *columns = json_array();
	size_t step = label_step(count);

	for (size_t i = 0; i < count; i++) {
		int from = LEFT + 4 + (int)((CHART_WIDTH - LEFT - RIGHT - 8) * i / count);
		int to = LEFT + 4 + (int)((CHART_WIDTH - LEFT - RIGHT - 8) * (i + 1) / count);
		int gap = to - from > 8 ? 4 : 1, y = place(list[i].n, top, BASE, TOP);
		/* What is there shows, however little it is. */
		if (list[i].n > 0 && y > BASE - 2)
			y = BASE - 2;
		json_array_append_new(
			columns, json_pack("{s:i, s:i, s:i, s:i, s:i, s:s, s:s, s:I}", "x", from, "y", y, "w", to - from - gap, "h",
						 BASE - y, "middle", from + (to - from - gap) / 2, "label", i % step == 0 ? list[i].label : "",
						 "name", list[i].name, "n", (json_int_t)list[i].n));
	}
	json_object_set_new(chart, "columns", columns);
	return chart;
}

json_t *
chart_rows(const struct chart_point *list, size_t count)
{
	int64_t top = largest(list, count, 1);
	json_t *chart, *rows = json_array();

	for (size_t i = 0; i < count; i++) {
		int y = (int)i * ROW_EACH, w = place(list[i].n, top, 0, CHART_WIDTH - ROW_FIGURE);
		if (list[i].n > 0 && w < 2)
			w = 2;
		json_array_append_new(rows,
			json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:s, s:I}", "y", y + 20, "w", w, "h", ROW_BAR, "text_y", y + 14,
				"n_y", y + 32, "whole", CHART_WIDTH - ROW_FIGURE, "name", list[i].name, "n", (json_int_t)list[i].n));
	}
	chart = json_pack(
		"{s:i, s:i, s:o}", "width", CHART_WIDTH, "height", count == 0 ? 1 : (int)count * ROW_EACH, "rows", rows);
	return chart;
}

json_t *
chart_lines(const struct chart_point *const *series, size_t nseries, size_t count)
{
	int64_t top = 1;
	for (size_t s = 0; s < nseries; s++)
		top = largest(series[s], count, top);
	top = chart_round_up(top);
	json_t *chart = frame(top), *labels = json_array(), *lines = json_array();
	size_t step = label_step(count);

	for (size_t s = 0; s < nseries; s++) {
		char points[CHART_POINTS_MAX * 10];
		size_t at = 0;
		int x = LEFT, y = BASE;
		points[0] = '\0';
		for (size_t i = 0; i < count && i < CHART_POINTS_MAX; i++) {
			x = count < 2 ? LEFT : LEFT + 10 + (int)((CHART_WIDTH - LEFT - RIGHT - 20) * i / (count - 1));
			y = place(series[s][i].n, top, BASE, TOP);
			at += (size_t)snprintf(points + at, sizeof(points) - at, "%s%d,%d", i == 0 ? "" : " ", x, y);
			/* The last one, today, always has its label. */
			if (s == 0 && (count - 1 - i) % step == 0)
				json_array_append_new(labels, json_pack("{s:i, s:s}", "x", x, "label", series[0][i].label));
		}
		json_array_append_new(
			lines, json_pack("{s:i, s:s, s:i, s:i, s:I}", "number", (int)s + 1, "points", points, "last_x", x, "last_y",
					   y, "last", count == 0 ? (json_int_t)0 : (json_int_t)series[s][count - 1].n));
	}
	json_object_set_new(chart, "labels", labels);
	json_object_set_new(chart, "series", lines);
	return chart;
}
