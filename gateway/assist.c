/* Staff-assisted entry: who is asked, and what the talk hears. */
#include "gateway/assist.h"

#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include "gateway/identity.h"
#include "gateway/keys.h"
#include "store/pg.h"

#define EVENTS_MAX 8

struct events {
	const char *names[EVENTS_MAX];
	char *slots[EVENTS_MAX];
	size_t n;
};

static void
event(struct events *e, const char *name, const char *slot, const char *value)
{
	json_t *o = json_object();

	if (value != NULL)
		json_object_set_new(o, slot, json_string(value));
	e->slots[e->n] = json_dumps(o, JSON_COMPACT);
	e->names[e->n++] = name;
	json_decref(o);
}

bool
assist_is_holder(const struct keys *keys, const char *sealed, const char *typed)
{
	char tail[IDENTITY_TAIL + 1];

	if (sealed == NULL || identity_typed(typed, tail) != 0)
		return false;
	char *number = keys_open(keys, sealed);
	bool right = number != NULL && identity_matches(tail, number);
	free(number);
	return right;
}

void
assist_events(struct pg_params *p, const struct assist *a)
{
	struct events e = {.n = 0};

	if (a->words != NULL) {
		event(&e, "consented", "note", a->words);
		event(&e, "verified", NULL, NULL);
		event(&e, "consented", "note", a->words); /* where the will is asked after the proof */
	} else {
		event(&e, "verified", NULL, NULL);
	}
	if (a->wrong) {
		event(&e, "correct", NULL, NULL);
	} else {
		event(&e, "confirmed", NULL, NULL);
		event(&e, strcmp(a->old, "courier") == 0 ? "old_courier" : "old_on_site", NULL, NULL);
		event(&e, strcmp(a->delivery, "courier") == 0 ? "courier" : "pick_up", "address", a->address);
		if (a->pledge != NULL)
			event(&e, "pledged", "note", a->pledge);
		event(&e, "assisted", NULL, NULL);
	}
	pg_array_begin(p);
	for (size_t i = 0; i < e.n; i++)
		pg_array_text(p, e.names[i]);
	pg_array_end(p);
	pg_array_begin(p);
	for (size_t i = 0; i < e.n; i++)
		pg_array_text(p, e.slots[i]);
	pg_array_end(p);
	for (size_t i = 0; i < e.n; i++)
		free(e.slots[i]);
}
