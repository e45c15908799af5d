/* Versions of a dialog: what was published when and by whom, the draft on its way, undo, and moving talks on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/blocks.h"
#include "dialog/map.h"
#include "gateway/conf.h"
#include "gateway/figures.h"
#include "gateway/gateway.h"
#include "gateway/http/console/dialogs.h"
#include "gateway/http/console/wording.h"
#include "gateway/log.h"
#include "gateway/templates.h"
#include "gateway/version_move.h"
#include "gateway/versions.h"
#include "store/pg.h"
#include "store/view.h"

#define NOTE_MAX 200

static void
see_versions(struct desk_call *c, const char *done)
{
	char path[ROUTER_PARAM_MAX + 40];

	snprintf(path, sizeof(path), "/dialogs/%s/versions?done=%s", c->r->params.values[0], done);
	http_reply_see(c->r, path);
	desk_free(c);
}

/* ---- The page ---------------------------------------------------------------------------------------------------- */

/* Talks on versions that are not the newest, by step; those at a step that the newest has too can be moved. */
static void
put_behind(struct desk_call *c, const struct dialog *now)
{
	static struct map m;
	json_t *behind = json_array(), *row;
	json_int_t current = 0;
	size_t i;

	dialog_map(now, &m);
	json_array_foreach (json_object_get(c->data, "waits"), i, row) {
		int version = (int)json_integer_value(json_object_get(row, "version"));
		if (version == 0 || version == dialog_version(now)) {
			current += json_integer_value(json_object_get(row, "n"));
			continue;
		}
		int at = map_place_by_name(&m, view_text(row, "step"));
		json_t *one = json_deep_copy(row);
		json_object_set_new(one, "movable", json_boolean(at >= 0 && !m.places[at].end));
		console_step_word(c, one, "step");
		json_array_append_new(behind, one);
	}
	json_object_set_new(c->data, "any_behind", json_boolean(json_array_size(behind) > 0));
	json_object_set_new(c->data, "behind", behind);
	json_object_set_new(c->data, "on_current", json_integer(current));
}

static void
put_list(struct desk_call *c, int running)
{
	json_t *list = json_array(), *row;
	const struct dialog *file = templates_find(c->r->g->templates, c->r->params.values[0], 0);
	size_t i;

	json_array_foreach (json_object_get(c->data, "versions"), i, row) {
		int version = (int)json_integer_value(json_object_get(row, "version"));
		if (version == 0)
			continue;
		json_array_append(list, row);
	}
	if (file != NULL)
		json_array_append_new(list, json_pack("{s:i, s:b}", "version", dialog_version(file), "file", 1));
	json_array_foreach (list, i, row) {
		char path[ROUTER_PARAM_MAX + 60];
		int version = (int)json_integer_value(json_object_get(row, "version"));
		console_actor(c, row, "published_by");
		json_object_set_new(row, "runs", json_boolean(version == running));
		snprintf(path, sizeof(path), "/dialogs/%s/versions/%d?with=%d", c->r->params.values[0], running, version);
		json_object_set_new(row, "compare", json_string(path));
	}
	json_object_set_new(c->data, "versions", list);
}

static void
show_versions(struct desk_call *c)
{
	static const char *const dones[] = {"published_now", "checked", "dropped", "moved", "faulty"};
	const struct dialog *now = dialogs_running(c);
	const char *done = form_get(&c->r->query, "done");
	struct dialog_faults faults = {0};
	struct wording_copy w;
	char word[40];

	if (wording_open(c, &w) != 0)
		return;
	struct dialog *d = w.draft ? version_text_check(&w.text, c->bureau, &faults) : NULL;
	for (size_t i = 0; done != NULL && i < sizeof(dones) / sizeof(dones[0]); i++) {
		if (strcmp(dones[i], done) != 0)
			continue;
		snprintf(word, sizeof(word), "version.%s", done);
		json_object_set_new(c->data, "done", json_string(word));
	}
	int running = now == NULL ? 0 : dialog_version(now);
	if (now != NULL)
		put_behind(c, now);
	put_list(c, running);
	json_object_set_new(c->data, "running", json_integer(running));
	wording_put_faults(c, &faults, NULL);
	if (d != NULL && now != NULL)
		wording_put_fates(c, now, d);
	wording_page(c, &w, 200, "console_versions");
	dialog_free(d);
	dialog_faults_free(&faults);
	version_text_free(&w.text);
}

static void
gather_versions(void *arg)
{
	struct desk_call *c = arg;
	struct desk_ask asks[4];
	struct pg_params *list = desk_params(c), *waits = desk_params(c);

	(void)wording_asks(c, asks);
	pg_param_text(list, c->r->params.values[0]);
	pg_param_text(waits, c->r->params.values[0]);
	asks[2] = (struct desk_ask){"versions", STMT_VERSION_LIST, list, false};
	asks[3] = (struct desk_ask){"waits", STMT_FIGURE_WAITING, waits, false};
	desk_gather(c, asks, 4, show_versions);
}

static void
refresh_versions(struct desk_call *c)
{
	figures_refresh(c->r->g->figures, c->bureau->id, gather_versions, c);
}

void
wording_versions(struct http_request *r)
{
	desk_person(r, refresh_versions);
}

/* ---- Acts -------------------------------------------------------------------------------------------------------- */

static void
subject_of(const struct desk_call *c, char *out, size_t room)
{
	snprintf(out, room, "dialog %s", c->r->params.values[0]);
}

/* The statement gave a row, or somebody else was faster. */
static bool
happened(struct desk_call *c)
{
	if (json_is_object(json_object_get(c->data, "result")))
		return true;
	http_reply_error(c->r, 409);
	desk_free(c);
	return false;
}

static void
after_check(struct desk_call *c)
{
	if (happened(c))
		see_versions(c, "checked");
}

static void
after_drop(struct desk_call *c)
{
	if (!happened(c))
		return;
	if (dialogs_running(c) != NULL) {
		see_versions(c, "dropped");
		return;
	}
	/* Of a dialog that never ran nothing is left. */
	http_reply_see(c->r, "/dialogs?done=dropped");
	desk_free(c);
}

/* The daemon has it before the page is asked for: both go over the same connection. */
static void
after_publish(struct desk_call *c)
{
	char subject[ROUTER_PARAM_MAX + 8], version[16];

	if (!happened(c))
		return;
	versions_refresh(c->r->g);
	subject_of(c, subject, sizeof(subject));
	snprintf(version, sizeof(version), "%d",
		(int)json_integer_value(json_object_get(json_object_get(c->data, "result"), "version")));
	log_info("%s dialog=%s version=%s published", c->actor, c->r->params.values[0], version);
	desk_note(c, "dialog_published", subject, version);
	see_versions(c, "published_now");
}

static bool
is_good(const struct desk_call *c, const struct version_text *v)
{
	struct dialog_faults faults = {0};
	struct dialog *d = version_text_check(v, c->bureau, &faults);
	bool good = d != NULL;

	dialog_free(d);
	dialog_faults_free(&faults);
	return good;
}

static void
run_one(struct desk_call *c, enum stmt s, struct pg_params *p, const char *event, void (*then)(struct desk_call *c))
{
	char subject[ROUTER_PARAM_MAX + 8];
	struct desk_ask asks[2] = {{"result", s, p, true}};

	subject_of(c, subject, sizeof(subject));
	if (event != NULL)
		asks[1] = (struct desk_ask){"event", STMT_STAFF_EVENT, desk_event(c, event, subject, NULL), true};
	desk_gather(c, asks, event == NULL ? 1 : 2, then);
}

static struct pg_params *
dialog_params(const struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_text(p, c->r->params.values[0]);
	return p;
}

static void
check_draft(struct desk_call *c, const struct wording_copy *w)
{
	if (!is_good(c, &w->text)) {
		see_versions(c, "faulty");
		return;
	}
	struct pg_params *p = dialog_params(c);
	pg_param_int(p, w->revision);
	pg_param_text(p, c->actor);
	run_one(c, STMT_VERSION_CHECKED, p, "dialog_checked", after_check);
}

static void
publish_draft(struct desk_call *c, const struct wording_copy *w)
{
	const char *revision = form_get(&c->r->form, "revision"), *typed = form_get(&c->r->form, "note");
	char note[NOTE_MAX * 4 + 1] = "";

	if (!wording_may_publish(c, w->changed_by)) {
		desk_refuse_role(c);
		return;
	}
	if (!w->checked || revision == NULL || strtol(revision, NULL, 10) != w->revision || !is_good(c, &w->text)) {
		http_reply_error(c->r, 409);
		desk_free(c);
		return;
	}
	if (typed != NULL)
		(void)form_trim(typed, note, sizeof(note));
	struct pg_params *p = dialog_params(c);
	pg_param_int(p, w->revision);
	pg_param_text(p, c->actor);
	pg_param_text(p, note);
	run_one(c, STMT_VERSION_PUBLISH, p, NULL, after_publish);
}

/* An earlier version is published again, as a copy: what was published is never changed. */
static void
put_again(struct desk_call *c)
{
	struct version_text v;
	char note[40];

	if (version_text_from_row(json_object_get(c->data, "earlier"), &v) != 0 &&
		wording_read(c, c->r->params.values[0], NULL, &v) != 0)
		return;
	if (!is_good(c, &v)) {
		see_versions(c, "faulty");
	} else {
		struct pg_params *p = dialog_params(c);
		pg_param_text(p, v.flow);
		pg_param_int(p, v.version);
		pg_param_text(p, c->actor);
		version_text_params(&v, p);
		snprintf(note, sizeof(note), "= %d", v.version);
		pg_param_text(p, note);
		run_one(c, STMT_VERSION_PUT, p, NULL, after_publish);
	}
	version_text_free(&v);
}

static void
undo(struct desk_call *c)
{
	const char *to = form_get(&c->r->form, "version");
	int version = to == NULL ? 0 : (int)strtol(to, NULL, 10);
	const struct dialog *d = templates_find_for(c->r->g->templates, c->bureau->id, c->r->params.values[0], version);

	if (version <= 0 || d == NULL) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	json_object_del(c->data, "current"); /* a file's version is read from its files */
	struct pg_params *p = dialog_params(c);
	pg_param_int(p, version);
	const struct desk_ask asks[] = {{"earlier", STMT_VERSION_READ, p, true}};
	desk_gather(c, asks, 1, put_again);
}

static void
after_move(struct desk_call *c)
{
	char subject[ROUTER_PARAM_MAX + 8], detail[80];

	subject_of(c, subject, sizeof(subject));
	snprintf(detail, sizeof(detail), "%d: %.50s",
		(int)json_integer_value(json_object_get(json_object_get(c->data, "result"), "n")),
		form_get(&c->r->form, "step"));
	desk_note(c, "talks_moved", subject, detail);
	see_versions(c, "moved");
}

static void
move_talks(struct desk_call *c)
{
	const char *from = form_get(&c->r->form, "version"), *step = form_get(&c->r->form, "step");
	int version = from == NULL ? 0 : (int)strtol(from, NULL, 10);
	struct pg_params *p = step == NULL ? NULL
									   : version_move_params(c->r->g->templates, c->bureau->id, c->r->params.values[0],
											 version, step, c->actor);

	if (p == NULL) {
		http_reply_error(c->r, 409);
		desk_free(c);
		return;
	}
	run_one(c, STMT_VERSION_MOVE, p, NULL, after_move);
}

static void
act(struct desk_call *c)
{
	const char *what = form_get(&c->r->form, "act");
	struct wording_copy w;

	if (what == NULL)
		what = "";
	if (strcmp(what, "undo") == 0 || strcmp(what, "move") == 0) {
		if (!desk_may(c, ROLE_MANAGE))
			desk_refuse_role(c);
		else if (*what == 'u')
			undo(c);
		else
			move_talks(c);
		return;
	}
	if (wording_open(c, &w) != 0)
		return;
	if (!w.draft) {
		http_reply_error(c->r, 409);
		desk_free(c);
	} else if (strcmp(what, "check") == 0) {
		check_draft(c, &w);
	} else if (strcmp(what, "publish") == 0) {
		publish_draft(c, &w);
	} else if (strcmp(what, "drop") == 0) {
		run_one(c, STMT_VERSION_DROP, dialog_params(c), "draft_dropped", after_drop);
	} else {
		http_reply_error(c->r, 400);
		desk_free(c);
	}
	version_text_free(&w.text);
}

static void
gather_act(struct desk_call *c)
{
	struct desk_ask asks[2];

	desk_gather(c, asks, wording_asks(c, asks), act);
}

void
wording_act(struct http_request *r)
{
	desk_person_post_may(r, ROLE_WRITE, gather_act);
}
