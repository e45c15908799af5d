/*
 * What leads where in a dialog, for who draws it or checks a move from one version to another: its steps and ends as
 * places, and the ways between them. Pure; the names live as long as the dialog.
 */
#ifndef DIALOG_MAP_H
#define DIALOG_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include "dialog/dialog.h"

#define MAP_PLACES_MAX 96
#define MAP_WAYS_MAX 1024

struct map_place {
	const char *name;
	const char *text; /* of its question, statement or farewell; "" = it says nothing */
	const char *list; /* worklist that entering it puts the application on; "" = none */
	bool end;
	bool stays; /* answers, and waits for whatever comes from outside */
};

/* What makes somebody go a way: what he answers, something from outside, or that he was silent or not understood. */
enum map_cause {
	MAP_ANSWER,
	MAP_EVENT,
	MAP_PATIENCE,
};

struct map_way {
	int from, to;		  /* indexes of places; from -1: a reserved word, from anywhere */
	enum map_cause cause; /* the first that holds of all the branches that lead this way */
	bool overflow;		  /* only after "at most N" */
};

struct map {
	struct map_place places[MAP_PLACES_MAX]; /* steps in the order of the file, then ends */
	size_t nplaces, nsteps;
	struct map_way ways[MAP_WAYS_MAX]; /* one for each pair, by from, then to */
	size_t nways;
};

void dialog_map(const struct dialog *d, struct map *out);
/* The place of this name, or -1. */
int map_place_by_name(const struct map *m, const char *name);

#endif
