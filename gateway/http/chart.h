/*
 * The geometry of charts, as values that the page templates chart_*.html draw: whole numbers in the units of the
 * picture's viewBox, every label as text. Pure. The templates put title, description and a table of the same figures
 * beside each picture, for who cannot see it.
 */
#ifndef GATEWAY_HTTP_CHART_H
#define GATEWAY_HTTP_CHART_H

#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#define CHART_WIDTH 360 /* of every chart: on a phone a unit is a pixel */
#define CHART_POINTS_MAX 64
#define CHART_SERIES_MAX 3

struct chart_point {
	const char *label; /* below a column, or before a row; may be "" */
	const char *name;  /* in the table, and when the pointer rests on it */
	int64_t n;		   /* not negative */
};

/*
 * Upright columns with a scale of whole numbers: {width, height, base, ticks: [{y, n}], columns: [{x, y, w, h, middle,
 * label, name, n}]}. Labels that would touch each other are left out. The caller owns the object.
 */
json_t *chart_columns(const struct chart_point *list, size_t count);
/*
 * Rows that lie, each with its name above and its figure behind: {width, height, rows: [{y, w, h, whole, text_y, n_y,
 * name, n}]}; whole: how long a row can be.
 */
json_t *chart_rows(const struct chart_point *list, size_t count);
/*
 * Lines over the same places; every series has `count` points, their labels and names are those of the first:
 * {width, height, base, ticks, labels: [{x, label}], series: [{number, points: "x,y x,y ...", last_x, last_y}]}.
 */
json_t *chart_lines(const struct chart_point *const *series, size_t nseries, size_t count);
/* The least round number that is not below n: 1, 2, 5, 10, 20, 50, ...; at least 1. */
int64_t chart_round_up(int64_t n);

#endif
