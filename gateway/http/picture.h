/*
 * The geometry of a dialog's picture, as values that templates/web/dialog_picture.html draws: a box for each step, one
 * below the other, an arrow to the next, and lanes beside the boxes for all other ways, one for each step that they
 * lead to. Ends are told within the boxes. Pure.
 */
#ifndef GATEWAY_HTTP_PICTURE_H
#define GATEWAY_HTTP_PICTURE_H

#include <stdint.h>
#include <jansson.h>
#include "dialog/map.h"

/* What is known of a place: so many wait there now, so many came and left within the last days. */
struct picture_count {
	int64_t waiting, came, left;
};

/*
 * {width, height, boxes: [{x, y, w, h, step, text, waiting, came, left, stays, list, ends: [{end, cause}] ...}],
 * downs: [{x, from, to, cause}], lanes: [{x, from, to}], stubs: [{x, to, y, cause}], arrows: [{x, y, from}]}. counts
 * has one element for each place of the map. The caller owns the object.
 */
json_t *picture_of(const struct map *m, const struct picture_count *counts);

#endif
