/* A JSON object written member by member. */
#include "gateway/turn_json.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "dialog/utf8.h"
#include "store/arena.h"

#define JSON_ROOM 384 /* most of them fit */

static void
put(struct turn_json *o, const char *s, size_t len)
{
	if (o->len + len >= o->room) {
		size_t room = 2 * (o->len + len);
		char *text = arena_alloc(o->arena, room);

		memcpy(text, o->text, o->len);
		o->text = text;
		o->room = room;
	}
	memcpy(o->text + o->len, s, len);
	o->len += len;
}

static void
put_quoted(struct turn_json *o, const char *s, size_t len)
{
	size_t from = 0;

	put(o, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		char escape[8];

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		put(o, s + from, i - from);
		from = i + 1;
		int n = snprintf(escape, sizeof(escape), c < ' ' ? "\\u%04x" : "\\%c", c);
		put(o, escape, (size_t)n);
	}
	put(o, s + from, len - from);
	put(o, "\"", 1);
}

static void
put_key(struct turn_json *o, const char *key)
{
	put(o, ",", o->len > 1);
	put_quoted(o, key, strlen(key));
	put(o, ":", 1);
}

struct turn_json
turn_json_begin(struct arena *a)
{
	struct turn_json o = {.arena = a, .text = arena_alloc(a, JSON_ROOM), .room = JSON_ROOM};

	put(&o, "{", 1);
	return o;
}

void
turn_json_text(struct turn_json *o, const char *key, const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	if (text == NULL || !utf8_valid(text, len, NULL))
		return;
	put_key(o, key);
	put_quoted(o, text, len);
}

void
turn_json_int(struct turn_json *o, const char *key, int64_t number)
{
	char digits[24];

	int n = snprintf(digits, sizeof(digits), "%" PRId64, number);

	put_key(o, key);
	put(o, digits, (size_t)n);
}

const char *
turn_json_end(struct turn_json *o)
{
	put(o, "}", 2);
	return o->text;
}
