/* Where boxes, arrows and lanes of a dialog's picture lie. */
#include "gateway/http/picture.h"

#include <stdbool.h>
#include <string.h>

#define WIDTH 360 /* a phone's; lanes beyond make the picture wider */
#define BOX_X 2
#define BOX_WIDTH 236
#define BOX_HEIGHT 74
#define BOX_EACH 96
#define LANE_EACH 13
#define LANE_FIRST (BOX_X + BOX_WIDTH + 14)
#define ENTRY_Y 13 /* below a box's top: where ways come in */
#define LEAVE_Y 26 /* and where the first goes out */
#define LEAVE_EACH 9

struct lane {
	int to;			 /* the step it leads to */
	int first, last; /* rows it passes */
	int column;
};

struct drawing {
	const struct map *m;
	struct lane lanes[MAP_PLACES_MAX];
	size_t nlanes;
	int ncolumns;
	int leaving[MAP_PLACES_MAX]; /* ways drawn so far from each box */
};

static const char *
cause_word(enum map_cause cause)
{
	static const char *const words[] = {"answer", "event", "patience"};

	return words[cause];
}

static bool
goes_by_lane(const struct map *m, const struct map_way *w)
{
	return w->from >= 0 && !m->places[w->to].end && w->to != w->from + 1;
}

static int
top_of(int row)
{
	return row * BOX_EACH + 2;
}

static struct lane *
lane_to(struct drawing *d, int to)
{
	for (size_t i = 0; i < d->nlanes; i++)
		if (d->lanes[i].to == to)
			return &d->lanes[i];
	d->lanes[d->nlanes] = (struct lane){.to = to, .first = to, .last = to};
	return &d->lanes[d->nlanes++];
}

/* Short lanes come first, next to the boxes; those that pass the same rows never share a column. */
static void
place_lanes(struct drawing *d)
{
	bool placed[MAP_PLACES_MAX] = {false};

	for (size_t n = 0; n < d->nlanes; n++) {
		size_t best = d->nlanes;
		for (size_t i = 0; i < d->nlanes; i++)
			if (!placed[i] && (best == d->nlanes ||
								  d->lanes[i].last - d->lanes[i].first < d->lanes[best].last - d->lanes[best].first))
				best = i;
		struct lane *l = &d->lanes[best];
		for (l->column = 0;; l->column++) {
			bool free = true;
			for (size_t i = 0; i < d->nlanes; i++)
				free = free && (!placed[i] || d->lanes[i].column != l->column || d->lanes[i].first > l->last ||
								   d->lanes[i].last < l->first);
			if (free)
				break;
		}
		placed[best] = true;
		if (l->column + 1 > d->ncolumns)
			d->ncolumns = l->column + 1;
	}
}

static void
find_lanes(struct drawing *d)
{
	for (size_t i = 0; i < d->m->nways; i++) {
		const struct map_way *w = &d->m->ways[i];
		if (!goes_by_lane(d->m, w))
			continue;
		struct lane *l = lane_to(d, w->to);
		if (w->from < l->first)
			l->first = w->from;
		if (w->from > l->last)
			l->last = w->from;
	}
	place_lanes(d);
}

static int
lane_x(const struct lane *l)
{
	return LANE_FIRST + l->column * LANE_EACH;
}

/* Every way into a lane, the lane itself as long as it must be, and the arrow at its end. */
static void
draw_lanes(struct drawing *d, json_t *picture)
{
	json_t *stubs = json_array(), *lanes = json_array(), *arrows = json_array();

	for (size_t n = 0; n < d->nlanes; n++) {
		const struct lane *l = &d->lanes[n];
		int entry = top_of(l->to) + ENTRY_Y, from = entry, to = entry;
		for (size_t i = 0; i < d->m->nways; i++) {
			const struct map_way *w = &d->m->ways[i];
			if (!goes_by_lane(d->m, w) || w->to != l->to)
				continue;
			int k = d->leaving[w->from]++;
			int y = top_of(w->from) + LEAVE_Y + (k * LEAVE_EACH) % (BOX_HEIGHT - LEAVE_Y - 4);
			from = y < from ? y : from;
			to = y > to ? y : to;
			json_array_append_new(stubs, json_pack("{s:i, s:i, s:i, s:s}", "x", BOX_X + BOX_WIDTH, "to", lane_x(l), "y",
											 y, "cause", cause_word(w->cause)));
		}
		json_array_append_new(lanes, json_pack("{s:i, s:i, s:i}", "x", lane_x(l), "from", from, "to", to));
		json_array_append_new(
			arrows, json_pack("{s:i, s:i, s:i, s:i, s:i, s:i}", "x", BOX_X + BOX_WIDTH, "y", entry, "from", lane_x(l),
						"back", BOX_X + BOX_WIDTH + 7, "above", entry - 4, "below", entry + 4));
	}
	json_object_set_new(picture, "stubs", stubs);
	json_object_set_new(picture, "lanes", lanes);
	json_object_set_new(picture, "arrows", arrows);
}

static void
draw_downs(const struct drawing *d, json_t *picture)
{
	json_t *downs = json_array();

	for (size_t i = 0; i < d->m->nways; i++) {
		const struct map_way *w = &d->m->ways[i];
		if (w->from < 0 || d->m->places[w->to].end || w->to != w->from + 1)
			continue;
		int x = BOX_X + 40, from = top_of(w->from) + BOX_HEIGHT, to = top_of(w->to);
		json_array_append_new(
			downs, json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:s}", "x", x, "from", from, "to", to, "above", to - 7,
					   "left", x - 4, "right", x + 4, "cause", cause_word(w->cause)));
	}
	json_object_set_new(picture, "downs", downs);
}

static json_t *
box_of(const struct drawing *d, int row, const struct picture_count *count)
{
	const struct map_place *p = &d->m->places[row];
	json_t *ends = json_array();
	int y = top_of(row);

	for (size_t i = 0; i < d->m->nways; i++) {
		const struct map_way *w = &d->m->ways[i];
		if (w->from == row && d->m->places[w->to].end)
			json_array_append_new(
				ends, json_pack("{s:s, s:s}", "end", d->m->places[w->to].name, "cause", cause_word(w->cause)));
	}
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:s, s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:o, s:b}",
		"x", BOX_X, "y", y, "w", BOX_WIDTH, "h", BOX_HEIGHT, "name_y", y + 23, "text_y", y + 43, "foot_y", y + 63,
		"badge_y", y + 8, "badge_text_y", y + 23, "step", p->name, "text", p->text, "list", p->list, "stays", p->stays,
		"first", row == 0, "waiting", (json_int_t)count->waiting, "came", (json_int_t)count->came, "left",
		(json_int_t)count->left, "ends", ends, "crowded", json_array_size(ends) > 2);
}

json_t *
picture_of(const struct map *m, const struct picture_count *counts)
{
	struct drawing d = {.m = m};
	json_t *boxes = json_array(), *picture;

	find_lanes(&d);
	int width = LANE_FIRST + d.ncolumns * LANE_EACH;
	for (size_t i = 0; i < m->nsteps; i++)
		json_array_append_new(boxes, box_of(&d, (int)i, &counts[i]));
	picture = json_pack("{s:i, s:i, s:i, s:i, s:o}", "width", width > WIDTH ? width : WIDTH, "height",
		m->nsteps == 0 ? 1 : (int)m->nsteps * BOX_EACH - (BOX_EACH - BOX_HEIGHT) + 4, "text_x", BOX_X + 12, "badge_x",
		BOX_X + BOX_WIDTH - 12, "boxes", boxes);
	draw_lanes(&d, picture);
	draw_downs(&d, picture);
	return picture;
}
