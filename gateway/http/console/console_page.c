/* What every page of the console has: words beside the values, the bureau's clock, who is signed in, the form's token.
 */
#include <stdio.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/citizen/public.h"
#include "gateway/http/console/console.h"
#include "gateway/http/session.h"

/* An item's name in the reader's language, beside its code. */
static void
name_items(const struct desk_call *c, const char *language, json_t *rows)
{
	json_t *row;
	size_t i;

	if (json_is_object(rows)) {
		const char *code = json_string_value(json_object_get(rows, "item"));
		const struct conf_item *item = code == NULL ? NULL : conf_item_for(c->r->g->conf, c->bureau, code);
		if (item != NULL && strcmp(language, "zh") != 0)
			json_object_set_new(rows, "item_name", json_string(item->name_en));
	}
	json_array_foreach (rows, i, row)
		name_items(c, language, row);
}

/* A word for a column's value where the pages have one; else the value itself is shown. */
static void
add_words(const struct desk_call *c, json_t *rows, const char *column, const char *prefix)
{
	char word[80];
	json_t *row;
	size_t i;

	if (json_is_object(rows)) {
		const char *value = json_string_value(json_object_get(rows, column));
		snprintf(word, sizeof(word), "%s.%s", prefix, value == NULL ? "" : value);
		if (value != NULL && html_has_word(c->r->server->o.html, word)) {
			char name[40];
			snprintf(name, sizeof(name), "%s_word", column);
			json_object_set_new(rows, name, json_string(word));
		}
	}
	json_array_foreach (rows, i, row)
		add_words(c, row, column, prefix);
}

/* What the person may do, for the menu and for buttons: {"look": true, ...}. */
static json_t *
roles_model(unsigned roles)
{
	json_t *o = json_object();

	for (size_t i = 0; role_word(i) != NULL; i++)
		json_object_set_new(o, role_word(i), json_boolean((roles & 1u << i) != 0));
	return o;
}

void
console_page(struct desk_call *c, int status, const char *name)
{
	char browser[SESSION_ID_LEN + 1], token[SESSION_TOKEN_LEN + 1];
	const char *language = http_language(c->r, NULL), *key;
	json_t *data = json_incref(c->data), *rows;

	json_object_foreach (data, key, rows) {
		name_items(c, language, rows);
		desk_local_times(c, rows);
		add_words(c, rows, "status", "staff.status");
		add_words(c, rows, "old_certificate", "old");
		add_words(c, rows, "delivery", "delivery");
		add_words(c, rows, "kind", "kind");
		add_words(c, rows, "list", "list");
		add_words(c, rows, "state", "state");
		add_words(c, rows, "step", "step");
		add_words(c, rows, "role", "role");
		add_words(c, rows, "event", "event");
	}
	session_browser(c->r, browser);
	session_form_token(c->r, browser, c->about, token);
	json_object_set_new(data, "token", json_string(token));
	json_object_set_new(data, "action", json_string(c->r->path));
	json_object_set_new(data, "person", json_string(c->name));
	json_object_set_new(data, "may", roles_model(c->roles));
	json_object_set_new(data, "bureau", model_bureau(c->bureau));
	http_reply_page(c->r, status, name, language, data);
	desk_free(c);
}
