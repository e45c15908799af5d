/* The dialogs that a bureau runs, and each one's picture with who waits and who left at every step. */
#include "gateway/http/console/dialogs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/map.h"
#include "gateway/conf.h"
#include "gateway/figures.h"
#include "gateway/gateway.h"
#include "gateway/http/picture.h"
#include "gateway/templates.h"
#include "store/pg.h"

#define WORDS_SHOWN 36 /* columns of a question in its box; an ideograph takes two */

static const char *
text(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s == NULL ? "" : s;
}

void
dialogs_put_word(const struct desk_call *c, json_t *row, const char *key)
{
	static const char *const kinds[] = {"step", "staff.status"};
	char word[80], name[40];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		snprintf(word, sizeof(word), "%s.%s", kinds[i], text(row, key));
		if (!html_has_word(c->r->server->o.html, word))
			continue;
		snprintf(name, sizeof(name), "%s_word", key);
		json_object_set_new(row, name, json_string(word));
		return;
	}
}

const struct dialog *
dialogs_named(struct desk_call *c)
{
	const struct dialog *d = templates_find_for(c->r->g->templates, c->bureau->id, c->r->params.values[0], 0);

	if (d == NULL) {
		http_reply_error(c->r, 404);
		desk_free(c);
	}
	return d;
}

/* ---- The list ---------------------------------------------------------------------------------------------------- */

static void
show_list(struct desk_call *c)
{
	const struct templates *t = c->r->g->templates;
	json_t *list = json_array(), *row;
	const struct dialog *d;
	const char *before = "";

	/* Newest first within a name: the first of each name is the one that runs. */
	for (size_t i = 0; (d = templates_get(t, i)) != NULL; i++) {
		json_int_t waiting = 0;
		size_t k;
		if (strcmp(dialog_name(d), before) == 0)
			continue;
		before = dialog_name(d);
		d = templates_find_for(t, c->bureau->id, before, 0);
		json_array_foreach (json_object_get(c->data, "waits"), k, row)
			if (strcmp(text(row, "dialog"), before) == 0)
				waiting += json_integer_value(json_object_get(row, "n"));
		json_t *one = json_pack("{s:s, s:i, s:I}", "dialog", before, "version", dialog_version(d), "waiting", waiting);
		char word[80];
		snprintf(word, sizeof(word), "dialog.%s", before);
		if (html_has_word(c->r->server->o.html, word))
			json_object_set_new(one, "dialog_word", json_string(word));
		json_array_append_new(list, one);
	}
	json_object_set_new(c->data, "dialogs", list);
	console_page(c, 200, "console_dialogs");
}

static void
gather_list(void *arg)
{
	struct desk_call *c = arg;
	struct pg_params *p = desk_params(c);

	pg_param_text(p, NULL);
	const struct desk_ask asks[] = {{"waits", STMT_FIGURE_WAITING, p, false}};
	desk_gather(c, asks, 1, show_list);
}

static void
refresh_list(struct desk_call *c)
{
	figures_refresh(c->r->g->figures, c->bureau->id, gather_list, c);
}

void
dialogs_list(struct http_request *r)
{
	desk_person(r, refresh_list);
}

/* ---- One dialog -------------------------------------------------------------------------------------------------- */

/* The first words of a text, on one line, cut where the box ends. */
static json_t *
first_words(const char *s)
{
	char out[4 * WORDS_SHOWN + 8];
	size_t at = 0;
	int columns = 0;

	for (; *s != '\0' && columns < WORDS_SHOWN; s++) {
		unsigned char b = (unsigned char)*s;
		if ((b & 0xC0) != 0x80)
			columns += b >= 0xE0 ? 2 : 1;
		out[at++] = (char)(b < ' ' ? ' ' : *s);
	}
	/* The rest of the last character. */
	for (; ((unsigned char)*s & 0xC0) == 0x80; s++)
		out[at++] = *s;
	memcpy(out + at, *s != '\0' ? "…" : "", *s != '\0' ? sizeof("…") : 1);
	return json_string(out);
}

static const char *
blank(void *arg, const char *placeholder, int index)
{
	(void)arg;
	(void)placeholder;
	(void)index;
	return "…";
}

void
dialogs_count(const struct desk_call *c, const struct map *m, struct picture_count *counts)
{
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(c->data, "waits"), i, row) {
		int at = map_place_by_name(m, text(row, "step"));
		if (at >= 0)
			counts[at].waiting += json_integer_value(json_object_get(row, "n"));
	}
	json_array_foreach (json_object_get(c->data, "moved"), i, row) {
		json_int_t n = json_integer_value(json_object_get(row, "n"));
		int from = map_place_by_name(m, text(row, "from")), to = map_place_by_name(m, text(row, "to"));
		if (to >= 0)
			counts[to].came += n;
		if (from >= 0 && to >= 0 && m->places[to].end)
			counts[from].left += n;
	}
}

static json_t *
places_table(const struct desk_call *c, const struct map *m, const struct picture_count *counts, bool ends)
{
	json_t *list = json_array();

	for (size_t i = ends ? m->nsteps : 0; i < (ends ? m->nplaces : m->nsteps); i++) {
		json_t *row =
			json_pack("{s:s, s:s, s:I, s:I, s:I}", "step", m->places[i].name, "text", m->places[i].text, "waiting",
				(json_int_t)counts[i].waiting, "came", (json_int_t)counts[i].came, "left", (json_int_t)counts[i].left);
		dialogs_put_word(c, row, "step");
		json_array_append_new(list, row);
	}
	return list;
}

void
dialogs_put_picture(
	struct desk_call *c, const struct dialog *d, const struct map *m, const struct picture_count *counts)
{
	const char *language = http_language(c->r, NULL);
	char words[DIALOG_TEXT_MAX + 1];
	json_t *picture = picture_of(m, counts), *box, *end;
	size_t i, k;

	json_array_foreach (json_object_get(picture, "boxes"), i, box) {
		dialogs_put_word(c, box, "step");
		json_array_foreach (json_object_get(box, "ends"), k, end)
			dialogs_put_word(c, end, "end");
		const char *name = text(box, "text");
		if (*name != '\0' && dialog_render(d, name, language, NULL, blank, NULL, words, sizeof(words)) >= 0)
			json_object_set_new(box, "words", first_words(words));
	}
	json_object_set_new(c->data, "picture", picture);
}

static void
show_dialog(struct desk_call *c)
{
	static struct map m; /* large, and used within this call only */
	struct picture_count counts[MAP_PLACES_MAX] = {{0}};
	const struct dialog *d = dialogs_named(c);

	if (d == NULL)
		return;
	dialog_map(d, &m);
	dialogs_count(c, &m, counts);
	dialogs_put_picture(c, d, &m, counts);
	json_object_set_new(c->data, "steps", places_table(c, &m, counts, false));
	json_object_set_new(c->data, "endings", places_table(c, &m, counts, true));
	json_object_set_new(c->data, "dialog", json_string(dialog_name(d)));
	json_object_set_new(c->data, "version", json_integer(dialog_version(d)));
	console_page(c, 200, "console_dialog");
}

static void
gather_dialog(void *arg)
{
	struct desk_call *c = arg;
	struct pg_params *waits = desk_params(c), *moved = desk_params(c);

	pg_param_text(waits, c->r->params.values[0]);
	pg_param_text(moved, c->r->params.values[0]);
	const struct desk_ask asks[] = {{"counted", STMT_FIGURE_AGE, desk_params(c), true},
		{"waits", STMT_FIGURE_WAITING, waits, false}, {"moved", STMT_FIGURE_MOVED, moved, false}};
	desk_gather(c, asks, sizeof(asks) / sizeof(asks[0]), show_dialog);
}

static void
refresh_dialog(struct desk_call *c)
{
	if (dialogs_named(c) != NULL)
		figures_refresh(c->r->g->figures, c->bureau->id, gather_dialog, c);
}

void
dialogs_show(struct http_request *r)
{
	desk_person(r, refresh_dialog);
}
