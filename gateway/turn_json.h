/*
 * A JSON object written member by member into an arena: what a turn keeps in the trail and in its talk's slots. A turn
 * has several, so no tree is built for them.
 */
#ifndef GATEWAY_TURN_JSON_H
#define GATEWAY_TURN_JSON_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct turn_json {
	struct arena *arena;
	char *text;
	size_t len, room;
};

struct turn_json turn_json_begin(struct arena *a);
/* Of two members with one key the later counts. A text that is not UTF-8, or NULL, is left out; key must be. */
void turn_json_text(struct turn_json *o, const char *key, const char *text);
void turn_json_int(struct turn_json *o, const char *key, int64_t number);
/* The whole object, which lives in the arena; o is not to be used any more. */
const char *turn_json_end(struct turn_json *o);

#endif
