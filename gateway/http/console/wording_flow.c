/*
 * The flow of a dialog as text, as in NAME.dlg: every fault beside its line, the picture of what is typed, what it
 * changes against what runs, and what it means to those who wait. Checked, or kept in the draft.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/map.h"
#include "gateway/conf.h"
#include "gateway/figures.h"
#include "gateway/gateway.h"
#include "gateway/http/console/dialogs.h"
#include "gateway/http/console/wording.h"
#include "gateway/http/picture.h"
#include "store/pg.h"

#define FLOW_MAX ((size_t)60 * 1024) /* octets; the longest that is shipped has 8,000 */

/* ---- What becomes of those who wait -------------------------------------------------------------------------------
 */

/* The step of this name as the canonical print has it; "" when there is none. */
static const char *
step_text(const char *print, const char *name, size_t *len)
{
	char head[DIALOG_NAME_MAX + 16];

	snprintf(head, sizeof(head), "\nstep %s\n", name);
	const char *at = strstr(print, head), *end = at == NULL ? NULL : strstr(at + 1, "\n\n");
	*len = at == NULL ? 0 : end == NULL ? strlen(at) : (size_t)(end - at);
	return at == NULL ? "" : at;
}

void
wording_put_fates(struct desk_call *c, const struct dialog *now, const struct dialog *draft)
{
	static struct map m;
	char *before = dialog_print(now), *after = dialog_print(draft);
	json_t *list = json_array(), *row;
	size_t i, a, b;

	if (before == NULL || after == NULL)
		abort();
	dialog_map(draft, &m);
	json_array_foreach (json_object_get(c->data, "waits"), i, row) {
		const char *step = json_string_value(json_object_get(row, "step"));
		int version = (int)json_integer_value(json_object_get(row, "version"));
		if (step == NULL || (version != 0 && version != dialog_version(now)))
			continue;
		int at = map_place_by_name(&m, step);
		const char *x = step_text(before, step, &a), *y = step_text(after, step, &b);
		json_t *one = json_pack("{s:s, s:O, s:b, s:b}", "step", step, "n", json_object_get(row, "n"), "gone",
			at < 0 || m.places[at].end, "changed", a != b || memcmp(x, y, a) != 0);
		console_step_word(c, one, "step");
		json_array_append_new(list, one);
	}
	free(before);
	free(after);
	json_object_set_new(c->data, "any_fates", json_boolean(json_array_size(list) > 0));
	json_object_set_new(c->data, "fates", list);
}

/* ---- The page ---------------------------------------------------------------------------------------------------- */

/* The faults of one line of the flow. */
static json_t *
faults_at(const struct desk_call *c, const struct dialog_faults *faults, const char *file, int line)
{
	json_t *list = json_array();

	for (size_t i = 0; i < faults->count; i++)
		if (faults->list[i].line == line && strcmp(faults->list[i].file, file) == 0)
			json_array_append_new(list, wording_fault(c, &faults->list[i]));
	return list;
}

/* Every line with its number and what is wrong with it. */
static void
put_lines(struct desk_call *c, const char *name, const char *flow, const struct dialog_faults *faults)
{
	json_t *lines = json_array();
	char file[DIALOG_NAME_MAX + 8];
	int n = 0;

	snprintf(file, sizeof(file), "%s.dlg", name);
	for (const char *at = flow; *at != '\0';) {
		size_t len = strcspn(at, "\n");
		json_t *here = faults_at(c, faults, file, ++n);
		json_array_append_new(lines, json_pack("{s:i, s:s%, s:b, s:o}", "number", n, "words", at, len, "wrong",
										 json_array_size(here) > 0, "here", here));
		at += len + (at[len] == '\n');
	}
	json_object_set_new(c->data, "lines", lines);
}

static void
show_flow(struct desk_call *c, struct wording_copy *w, int status)
{
	static struct map m;
	struct picture_count counts[MAP_PLACES_MAX] = {{0}};
	const struct dialog *now = dialogs_running(c);
	struct dialog_faults faults = {0};
	struct version_text running;

	if (wording_running(c, &running) != 0)
		return;
	struct dialog *d = version_text_load(&w->text, &faults);
	json_object_set_new(c->data, "flow", json_string(w->text.flow));
	put_lines(c, w->text.name, w->text.flow, &faults);
	wording_put_faults(c, &faults, NULL);
	if (d != NULL) {
		dialog_map(d, &m);
		dialogs_count(c, &m, counts);
		dialogs_put_picture(c, d, &m, counts);
		if (now != NULL)
			wording_put_fates(c, now, d);
		if (strcmp(dialog_name(d), w->text.name) != 0 && json_object_get(c->data, "error") == NULL)
			json_object_set_new(c->data, "error", json_string("flow.name"));
	}
	json_t *changes = wording_changes(running.flow, w->text.flow);
	json_object_set_new(c->data, "differs", json_boolean(changes != NULL));
	json_object_set_new(c->data, "changes", changes == NULL ? json_array() : changes);
	json_object_set_new(c->data, "running", json_integer(running.version));
	json_object_set_new(c->data, "kept", json_boolean(form_get(&c->r->query, "kept") != NULL));
	wording_page(c, w, status, "console_flow");
	version_text_free(&running);
	dialog_faults_free(&faults);
	dialog_free(d);
}

static void
show(struct desk_call *c)
{
	wording_show(c, show_flow);
}

static void
gather(struct desk_call *c, void (*then)(struct desk_call *c))
{
	struct desk_ask asks[4];
	struct pg_params *waits, *moved;

	(void)wording_asks(c, asks);
	waits = desk_params(c);
	moved = desk_params(c);
	pg_param_text(waits, c->r->params.values[0]);
	pg_param_text(moved, c->r->params.values[0]);
	asks[2] = (struct desk_ask){"waits", STMT_FIGURE_WAITING, waits, false};
	asks[3] = (struct desk_ask){"moved", STMT_FIGURE_MOVED, moved, false};
	desk_gather(c, asks, 4, then);
}

static void
gather_flow(void *arg)
{
	gather(arg, show);
}

static void
refresh_flow(struct desk_call *c)
{
	figures_refresh(c->r->g->figures, c->bureau->id, gather_flow, c);
}

void
wording_flow(struct http_request *r)
{
	desk_person(r, refresh_flow);
}

/* ---- Changing ---------------------------------------------------------------------------------------------------- */

/* What was typed, in the place of the copy's flow. False when it is too long, or not there. */
static bool
take_typed(const struct desk_call *c, struct wording_copy *w)
{
	const char *typed = form_get(&c->r->form, "flow");
	size_t len = typed == NULL ? 0 : strlen(typed);

	while (len > 0 && strchr(" \t\n", typed[len - 1]) != NULL)
		len--;
	if (len == 0 || len > FLOW_MAX)
		return false;
	char *flow = malloc(len + 2);
	if (flow == NULL)
		abort();
	memcpy(flow, typed, len);
	memcpy(flow + len, "\n", 2);
	free(w->text.flow);
	w->text.flow = flow;
	return true;
}

static void
change(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act"), *revision = form_get(&c->r->form, "revision");
	struct wording_copy w;

	if (wording_open(c, &w) != 0)
		return;
	bool stale = revision == NULL || strtol(revision, NULL, 10) != w.revision, good = take_typed(c, &w);
	if (good && !stale && act != NULL && strcmp(act, "keep") == 0) {
		wording_keep(c, &w, "flow_changed", NULL);
	} else {
		if (!good || stale)
			json_object_set_new(c->data, "error", json_string(good ? "wording.stale" : "flow.size"));
		show_flow(c, &w, !good ? 422 : stale ? 409 : 200);
	}
	version_text_free(&w.text);
}

static void
gather_change(struct desk_call *c)
{
	gather(c, change);
}

void
wording_flow_edit(struct http_request *r)
{
	desk_person_post_upto(r, ROLE_WRITE, WORDING_BODY_MAX, gather_change);
}
