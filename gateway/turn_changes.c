/* What changed in the business register, in words for a text: entries by name, values masked. */
#include "dialog/dialog.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/keys.h"
#include "gateway/mask.h"
#include "gateway/turn_internal.h"

/* A sealed value in hexadecimal, up to a space or colon, as people may see it in a text. */
static const char *
value_of(struct turn_scene *s, const char *field, const char *hex, size_t len)
{
	char masked[400];
	size_t n;

	if (len == 0)
		return "";
	const uint8_t *sealed = store_hex(s->b->arena, arena_printf(s->b->arena, "%.*s", (int)len, hex), &n);
	char *plain = keys_decrypt(s->b->g->keys, sealed, n);
	if (plain == NULL)
		return "";
	if (strcmp(field, "address") == 0)
		mask_address(plain, masked, sizeof(masked));
	else
		mask_name(plain, masked, sizeof(masked));
	free(plain);
	return arena_dup(s->b->arena, masked);
}

const char *
turn_changes(struct turn_scene *s, const struct store_application *a, bool values)
{
	const char *out = "", *at = a->changes;
	bool zh = strcmp(s->language, "zh") == 0;

	while (*at != '\0') {
		size_t len = strcspn(at, " "), name = strcspn(at, ":");
		const char *field = arena_printf(s->b->arena, "%.*s", (int)name, at), *old = at + name + 1;
		size_t old_len = strcspn(old, ":");
		const char *word = turn_word(s, arena_printf(s->b->arena, "field_%s", field), a->number);

		if (values) {
			const char *before = value_of(s, field, old, old_len),
					   *after = value_of(s, field, old + old_len + 1, len - name - old_len - 2);
			word = arena_printf(s->b->arena, zh ? "%s：%s→%s" : "%s: %s -> %s", word, before, after);
		}
		out = arena_printf(s->b->arena, "%s%s%s", out, out[0] == '\0' ? "" : zh ? "、" : ", ", word);
		at += len + (at[len] == ' ');
	}
	return out;
}
