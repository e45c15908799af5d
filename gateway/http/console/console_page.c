/* What every page of the console has: words beside the values, the bureau's clock, who is signed in, the form's token.
 */
#include <stdio.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/citizen/public.h"
#include "gateway/http/console/console.h"
#include "gateway/http/session.h"

/* The columns whose values have words, and what those words begin with. */
static const struct {
	const char *column, *prefix, *name;
} worded[] = {
	{"status", "staff.status", "status_word"},
	{"old_certificate", "staff.old", "old_certificate_word"},
	{"delivery", "staff.delivery", "delivery_word"},
	{"kind", "kind", "kind_word"},
	{"list", "list", "list_word"},
	{"state", "state", "state_word"},
	{"step", "step", "step_word"},
	{"result", "called", "result_word"},
	{"role", "role", "role_word"},
	{"event", "event", "event_word"},
};

/* A word for a column's value where the pages have one (else the value itself is shown); an item's name. */
static void
add_words(const struct desk_call *c, const char *language, json_t *row)
{
	const char *code = json_string_value(json_object_get(row, "item"));
	const struct conf_item *item = code == NULL ? NULL : conf_item_for(c->r->g->conf, c->bureau, code);
	char word[80];

	if (item != NULL && strcmp(language, "zh") != 0)
		json_object_set_new(row, "item_name", json_string(item->name_en));
	for (size_t i = 0; i < sizeof(worded) / sizeof(worded[0]); i++) {
		const char *value = json_string_value(json_object_get(row, worded[i].column));
		if (value == NULL)
			continue;
		snprintf(word, sizeof(word), "%s.%s", worded[i].prefix, value);
		if (html_has_word(c->r->server->o.html, word))
			json_object_set_new(row, worded[i].name, json_string(word));
	}
}

static void
add_all_words(const struct desk_call *c, const char *language, json_t *rows)
{
	const char *key;
	json_t *inside;
	size_t i;

	if (json_is_object(rows))
		add_words(c, language, rows);
	json_object_foreach (rows, key, inside)
		if (json_is_object(inside) || json_is_array(inside))
			add_all_words(c, language, inside);
	json_array_foreach (rows, i, inside)
		add_all_words(c, language, inside);
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
		desk_local_times(c, rows);
		add_all_words(c, language, rows);
	}
	session_browser(c->r, browser);
	session_form_token(c->r, browser, c->about, token);
	json_object_set_new(data, "token", json_string(token));
	json_object_set_new(data, "action", json_string(c->r->path));
	json_object_set_new(data, "person", json_string(c->name));
	json_object_set_new(data, "may", roles_model(c->roles));
	json_object_set_new(data, "bureau", model_bureau(c->bureau));
	json_object_set_new(data, "trial", json_integer((json_int_t)c->bureau->ntrial_phones));
	http_reply_page(c->r, status, name, language, data);
	desk_free(c);
}
