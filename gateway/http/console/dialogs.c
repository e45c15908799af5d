/* The dialogs that a bureau runs, and each one's picture with who waits and who left at every step. */
#include "gateway/http/console/dialogs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/map.h"
#include "gateway/conf.h"
#include "gateway/figures.h"
#include "gateway/gateway.h"
#include "gateway/http/console/wording.h"
#include "gateway/http/picture.h"
#include "gateway/templates.h"
#include "store/pg.h"
#include "store/view.h"

#define WORDS_SHOWN 36 /* columns of a question in its box; an ideograph takes two */

const struct dialog *
dialogs_running(const struct desk_call *c)
{
	return console_dialog(c, c->r->params.values[0]);
}

/* ---- The list ---------------------------------------------------------------------------------------------------- */

/* One more of the list, unless it is there already. */
static void
list_one(const struct desk_call *c, json_t *list, const char *name)
{
	const struct dialog *d = console_dialog(c, name);
	json_int_t waiting = 0;
	json_t *row;
	size_t i;

	json_array_foreach (list, i, row)
		if (strcmp(view_text(row, "dialog"), name) == 0)
			return;
	json_array_foreach (json_object_get(c->data, "waits"), i, row)
		if (strcmp(view_text(row, "dialog"), name) == 0)
			waiting += json_integer_value(json_object_get(row, "n"));
	row = json_pack("{s:b, s:I}", "published", d != NULL, "waiting", waiting);
	console_dialog_name(c, row, name, d);
	json_array_append_new(list, row);
}

/* Those of the files, those that the bureau has made itself, and drafts of new ones; which of them have a draft. */
static void
show_list(struct desk_call *c)
{
	const struct templates *t = c->r->g->templates;
	json_t *list = json_array(), *row, *draft;
	const char *error = json_string_value(json_object_get(c->data, "error")), *typed = form_get(&c->r->form, "name");
	const struct dialog *d;
	size_t i, k;

	for (i = 0; (d = templates_get(t, i)) != NULL; i++)
		list_one(c, list, dialog_name(d));
	for (i = 0; (d = templates_get_own(t, c->bureau->id, i)) != NULL; i++)
		list_one(c, list, dialog_name(d));
	json_array_foreach (json_object_get(c->data, "drafts"), i, draft) {
		if (json_integer_value(json_object_get(draft, "version")) != 0)
			continue;
		list_one(c, list, view_text(draft, "dialog"));
		json_array_foreach (list, k, row)
			if (strcmp(view_text(row, "dialog"), view_text(draft, "dialog")) == 0)
				json_object_set_new(row, "has_draft", json_true());
	}
	json_object_del(c->data, "drafts");
	/* What never ran has its title in its draft alone. */
	json_array_foreach (json_object_get(c->data, "titles"), i, draft)
		json_array_foreach (list, k, row)
			if (!json_is_true(json_object_get(row, "published")) &&
				strcmp(view_text(row, "dialog"), view_text(draft, "dialog")) == 0)
				json_object_set(row, "dialog_title", json_object_get(draft, "title"));
	json_object_del(c->data, "titles");
	json_array_foreach (list, i, row)
		json_object_set_new(
			row, "chosen", json_boolean(strcmp(view_text(row, "dialog"), view_text(c->data, "from")) == 0));
	json_object_set_new(c->data, "dialogs", list);
	const char *done = form_get(&c->r->query, "done");
	json_object_set_new(c->data, "dropped", json_boolean(done != NULL && strcmp(done, "dropped") == 0));
	json_object_set_new(c->data, "name", json_string(error != NULL && typed != NULL ? typed : ""));
	typed = form_get(&c->r->form, "title");
	json_object_set_new(c->data, "title", json_string(error != NULL && typed != NULL ? typed : ""));
	console_page(c, error != NULL ? 422 : 200, "console_dialogs");
}

static void
gather_list(void *arg)
{
	struct desk_call *c = arg;
	struct pg_params *waits = desk_params(c), *drafts = desk_params(c), *titles = desk_params(c);

	pg_param_text(waits, NULL);
	pg_param_text(drafts, NULL);
	pg_param_text(titles, http_language(c->r, NULL));
	const struct desk_ask asks[] = {{"waits", STMT_FIGURE_WAITING, waits, false},
		{"drafts", STMT_VERSION_LIST, drafts, false}, {"titles", STMT_VERSION_TITLES, titles, false}};
	desk_gather(c, asks, 3, show_list);
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

/* ---- A new one --------------------------------------------------------------------------------------------------- */

/* The list again, with what is wrong; what was typed stays. */
static void
refuse_new(struct desk_call *c, const char *word)
{
	const char *from = form_get(&c->r->form, "from");

	json_object_set_new(c->data, "error", json_string(word));
	json_object_set_new(c->data, "from", json_string(from == NULL ? "" : from));
	refresh_list(c);
}

static void
begun(struct desk_call *c)
{
	char path[DIALOG_NAME_MAX + 40], name[DIALOG_NAME_MAX + 1], subject[DIALOG_NAME_MAX + 8];

	if (!json_is_object(json_object_get(c->data, "result"))) {
		refuse_new(c, "dialogs.new.there");
		return;
	}
	(void)form_trim(form_get(&c->r->form, "name"), name, sizeof(name));
	snprintf(subject, sizeof(subject), "dialog %s", name);
	desk_note(c, "dialog_begun", subject, form_get(&c->r->form, "from"));
	snprintf(path, sizeof(path), "/dialogs/%s/flow?kept=1", name);
	http_reply_see(c->r, path);
	desk_free(c);
}

/* A copy of what runs under the old name, as the draft of the new one. */
static void
put_new(struct desk_call *c)
{
	const char *from = form_get(&c->r->form, "from");
	char name[DIALOG_NAME_MAX + 1], title[VERSION_TITLE_MAX + 1];
	struct version_text v;

	(void)form_trim(form_get(&c->r->form, "name"), name, sizeof(name));
	if (wording_read(c, from, json_object_get(c->data, "source"), &v) != 0)
		return;
	version_text_rename(&v, name);
	if (form_trim(form_get(&c->r->form, "title"), title, sizeof(title)) > 0)
		version_text_title(&v, title);
	struct pg_params *p = desk_params(c);
	pg_param_text(p, v.name);
	pg_param_text(p, v.flow);
	pg_param_int(p, 0); /* begun from no version of its own */
	pg_param_text(p, c->actor);
	version_text_params(&v, p);
	version_text_free(&v);
	const struct desk_ask asks[] = {{"result", STMT_VERSION_BEGIN, p, true}};
	desk_gather(c, asks, 1, begun);
}

static void
begin(struct desk_call *c)
{
	const struct templates *t = c->r->g->templates;
	const char *typed = form_get(&c->r->form, "name"), *from = form_get(&c->r->form, "from");
	const struct dialog *source = from == NULL ? NULL : templates_find_for(t, c->bureau->id, from, 0);
	char name[DIALOG_NAME_MAX + 1], title[VERSION_TITLE_MAX + 1];

	if (typed == NULL || form_trim(typed, name, sizeof(name)) <= 0 || !version_text_name_good(name)) {
		refuse_new(c, "dialogs.new.hint");
		return;
	}
	typed = form_get(&c->r->form, "title");
	if (typed == NULL || form_trim(typed, title, sizeof(title)) < 0 || !version_text_title_good(title)) {
		refuse_new(c, "dialogs.new.title.bad");
		return;
	}
	if (source == NULL) {
		refuse_new(c, "dialogs.new.from");
		return;
	}
	if (templates_find_for(t, c->bureau->id, name, 0) != NULL) {
		refuse_new(c, "dialogs.new.there");
		return;
	}
	struct pg_params *p = desk_params(c);
	pg_param_text(p, from);
	pg_param_int(p, dialog_version(source));
	const struct desk_ask asks[] = {{"source", STMT_VERSION_READ, p, true}};
	desk_gather(c, asks, 1, put_new);
}

void
dialogs_begin(struct http_request *r)
{
	desk_person_post_may(r, ROLE_WRITE, begin);
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

void
dialogs_count(const struct desk_call *c, const struct map *m, struct picture_count *counts)
{
	json_t *row;
	size_t i;

	json_array_foreach (json_object_get(c->data, "waits"), i, row) {
		int at = map_place_by_name(m, view_text(row, "step"));
		if (at >= 0)
			counts[at].waiting += json_integer_value(json_object_get(row, "n"));
	}
	json_array_foreach (json_object_get(c->data, "moved"), i, row) {
		json_int_t n = json_integer_value(json_object_get(row, "n"));
		int from = map_place_by_name(m, view_text(row, "from")), to = map_place_by_name(m, view_text(row, "to"));
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
		console_step_word(c, row, "step");
		json_array_append_new(list, row);
	}
	return list;
}

void
dialogs_put_picture(
	struct desk_call *c, const struct dialog *d, const struct map *m, const struct picture_count *counts)
{
	char words[DIALOG_TEXT_MAX + 1];
	json_t *picture = picture_of(m, counts), *box, *end;
	size_t i, k;

	json_array_foreach (json_object_get(picture, "boxes"), i, box) {
		console_step_word(c, box, "step");
		json_array_foreach (json_object_get(box, "ends"), k, end)
			console_step_word(c, end, "end");
		if (console_text_words(c, d, view_text(box, "text"), words))
			json_object_set_new(box, "words", first_words(words));
	}
	json_object_set_new(c->data, "picture", picture);
}

static void
show_dialog(struct desk_call *c)
{
	static struct map m; /* large, and used within this call only */
	struct picture_count counts[MAP_PLACES_MAX] = {{0}};
	const struct dialog *d = dialogs_running(c);
	struct dialog_faults faults = {0};
	struct dialog *draft = NULL;
	struct wording_copy w;
	char path[ROUTER_PARAM_MAX + 20];

	if (d == NULL) {
		if (wording_open(c, &w) != 0)
			return;
		d = draft = version_text_load(&w.text, &faults);
		dialog_faults_free(&faults);
		version_text_free(&w.text);
	}
	if (d == NULL) {
		/* A draft with faults has no picture; its flow's page names them. */
		snprintf(path, sizeof(path), "/dialogs/%s/flow", c->r->params.values[0]);
		http_reply_see(c->r, path);
		desk_free(c);
		return;
	}
	dialog_map(d, &m);
	dialogs_count(c, &m, counts);
	dialogs_put_picture(c, d, &m, counts);
	json_object_set_new(c->data, "steps", places_table(c, &m, counts, false));
	json_object_set_new(c->data, "endings", places_table(c, &m, counts, true));
	json_object_set_new(c->data, "unpublished", json_boolean(draft != NULL));
	json_object_del(c->data, "draft");
	json_object_del(c->data, "current");
	console_dialog_name(c, c->data, c->r->params.values[0], d);
	console_page(c, 200, "console_dialog");
	dialog_free(draft);
}

static void
gather_dialog(void *arg)
{
	struct desk_call *c = arg;
	struct pg_params *waits = desk_params(c), *moved = desk_params(c);
	struct desk_ask asks[5];
	size_t n = wording_asks(c, asks);

	pg_param_text(waits, c->r->params.values[0]);
	pg_param_text(moved, c->r->params.values[0]);
	asks[n++] = (struct desk_ask){"counted", STMT_FIGURE_AGE, desk_params(c), true};
	asks[n++] = (struct desk_ask){"waits", STMT_FIGURE_WAITING, waits, false};
	asks[n++] = (struct desk_ask){"moved", STMT_FIGURE_MOVED, moved, false};
	desk_gather(c, asks, n, show_dialog);
}

static void
refresh_dialog(struct desk_call *c)
{
	figures_refresh(c->r->g->figures, c->bureau->id, gather_dialog, c);
}

void
dialogs_show(struct http_request *r)
{
	desk_person(r, refresh_dialog);
}
