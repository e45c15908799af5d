/* Reads places and ways out of the table that the engine runs. */
#include "dialog/map.h"

#include <stdlib.h>
#include <string.h>
#include "dialog/internal.h"

_Static_assert(DIALOG_STEPS_MAX + DIALOG_ENDS_MAX <= MAP_PLACES_MAX, "every step and end has its place");

static enum map_cause
cause_of(const struct branch *b)
{
	bool event = false;
	for (size_t i = 0; i < b->ntriggers; i++) {
		enum trigger_kind kind = b->triggers[i].kind;
		if (kind == TRIGGER_PATTERN || kind == TRIGGER_RESERVED)
			return MAP_ANSWER;
		event = event || kind == TRIGGER_EVENT;
	}
	return event ? MAP_EVENT : MAP_PATIENCE;
}

static void
add_way(struct map *m, int from, const struct target *to, enum map_cause cause, bool overflow)
{
	if (to->kind != TARGET_STEP && to->kind != TARGET_END)
		return;
	int index = (int)(to->kind == TARGET_END ? m->nsteps + to->index : to->index);
	for (size_t i = 0; i < m->nways; i++) {
		struct map_way *w = &m->ways[i];
		if (w->from != from || w->to != index)
			continue;
		if (cause < w->cause)
			w->cause = cause;
		w->overflow = w->overflow && overflow;
		return;
	}
	if (m->nways < MAP_WAYS_MAX)
		m->ways[m->nways++] = (struct map_way){from, index, cause, overflow};
}

static void
add_ways(struct map *m, int from, const struct step *s)
{
	for (size_t i = 0; i < s->nbranches; i++) {
		const struct branch *b = &s->branches[i];
		add_way(m, from, &b->target, cause_of(b), false);
		/* Taken so often: whatever was answered, patience is over. */
		add_way(m, from, &b->then, MAP_PATIENCE, true);
	}
}

static int
by_places(const void *a, const void *b)
{
	const struct map_way *x = a, *y = b;
	return x->from != y->from ? x->from - y->from : x->to - y->to;
}

void
dialog_map(const struct dialog *d, struct map *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < d->nsteps; i++) {
		const struct step *s = &d->steps[i];
		out->places[out->nplaces++] = (struct map_place){
			.name = s->name, .text = s->ask[0] ? s->ask : s->tell, .list = s->list, .stays = s->stays};
	}
	out->nsteps = out->nplaces;
	for (size_t i = 0; i < d->nends; i++)
		out->places[out->nplaces++] =
			(struct map_place){.name = d->ends[i].name, .text = d->ends[i].say, .list = "", .end = true};
	for (size_t i = 0; i < d->nsteps; i++)
		add_ways(out, (int)i, &d->steps[i]);
	add_ways(out, -1, &d->anywhere);
	add_ways(out, -1, &d->begun);
	qsort(out->ways, out->nways, sizeof(*out->ways), by_places);
}

int
map_place_by_name(const struct map *m, const char *name)
{
	for (size_t i = 0; i < m->nplaces; i++)
		if (strcmp(m->places[i].name, name) == 0)
			return (int)i;
	return -1;
}
