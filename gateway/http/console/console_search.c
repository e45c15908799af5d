/*
 * One field that finds a holder or an application by what a clerk was told. What was typed is somebody's name or
 * number: the page's address bears it sealed, so that going back works and neither the browser's history nor a proxy's
 * log has it, and the log of who looked names only the way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sodium.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/keys.h"
#include "gateway/search.h"
#include "store/pg.h"

#define ROWS 50
#define SEALED_MAX (SEARCH_TEXT_MAX + 128)

static void
show(struct desk_call *c)
{
	json_t *all = json_array(), *row, *ways = json_object_get(c->data, "ways"), *way;
	char word[40];
	bool more = false;
	size_t i;

	json_array_foreach (ways, i, way)
		more = search_add(all, json_object_get(c->data, json_string_value(way)), json_string_value(way), ROWS) || more;
	json_array_foreach (all, i, row) {
		snprintf(word, sizeof(word), "search.by.%.20s", json_string_value(json_object_get(row, "by")));
		json_object_set_new(row, "by_word", json_string(word));
	}
	console_mask_phones(all);
	json_array_foreach (ways, i, way)
		json_object_del(c->data, json_string_value(way));
	json_object_del(c->data, "ways");
	json_object_set_new(c->data, "found", json_integer((json_int_t)json_array_size(all)));
	json_object_set_new(c->data, "more", json_boolean(more));
	json_object_set_new(c->data, "rows", all);
	json_object_set_new(c->data, "numbers", json_boolean(desk_may(c, ROLE_SEND)));
	console_page(c, 200, "console_search");
}

/* The text of the address, opened; "" when it is none of ours. The caller frees. */
static char *
typed(const struct desk_call *c)
{
	const char *s = form_get(&c->r->query, "s");
	uint8_t sealed[SEALED_MAX];
	size_t len = 0;
	char *plain = NULL;

	if (s != NULL && sodium_base642bin(sealed, sizeof(sealed), s, strlen(s), NULL, &len, NULL,
						 sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0)
		plain = keys_decrypt(c->r->g->keys, sealed, len);
	return plain != NULL ? plain : strdup("");
}

static void
search(struct desk_call *c)
{
	struct search_way ways[SEARCH_WAYS];
	struct desk_ask asks[SEARCH_WAYS + 1];
	char names[200] = "", *text = typed(c);
	json_t *list = json_array();

	if (text == NULL) {
		json_decref(list);
		http_reply_error(c->r, 503);
		desk_free(c);
		return;
	}
	size_t n = search_ways(c->r->g->keys, c->bureau, text, desk_may(c, ROLE_SEND), ROWS + 1, ways);
	for (size_t i = 0; i < n; i++) {
		asks[i] = (struct desk_ask){ways[i].name, ways[i].stmt, ways[i].params, false};
		json_array_append_new(list, json_string(ways[i].name));
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i == 0 ? "" : ", ", ways[i].name);
	}
	json_object_set_new(c->data, "ways", list);
	json_object_set_new(c->data, "q", json_string(text));
	json_object_set_new(c->data, "asked", json_boolean(*text != '\0'));
	free(text);
	if (n == 0) {
		show(c);
		return;
	}
	asks[n] = (struct desk_ask){"noted", STMT_STAFF_EVENT, desk_event(c, "searched", NULL, names), false};
	desk_gather(c, asks, n + 1, show);
}

void
console_search(struct http_request *r)
{
	desk_person(r, search);
}

static void
post_search(struct desk_call *c)
{
	const char *q = form_get(&c->r->form, "q");
	char text[SEARCH_TEXT_MAX + 1], base64[2 * SEALED_MAX], path[2 * SEALED_MAX + 20];
	int len = q == NULL ? 0 : form_trim(q, text, sizeof(text));
	size_t sealed_len = 0;
	uint8_t *sealed = len > 0 ? keys_encrypt(c->r->g->keys, text, (size_t)len, &sealed_len) : NULL;

	if (sealed == NULL || sealed_len > SEALED_MAX) {
		snprintf(path, sizeof(path), "/search");
	} else {
		sodium_bin2base64(base64, sizeof(base64), sealed, sealed_len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		snprintf(path, sizeof(path), "/search?s=%s", base64);
	}
	free(sealed);
	http_reply_see(c->r, path);
	desk_free(c);
}

void
console_search_post(struct http_request *r)
{
	desk_person_post(r, post_search);
}
