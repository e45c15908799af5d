/* The wording of a dialog as staff see it: all texts, and what its pages share. */
#include "gateway/http/console/wording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/blocks.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/dialogs.h"
#include "gateway/log.h"
#include "gateway/templates.h"
#include "store/pg.h"

#define COSTS_MAX 2048

size_t
wording_asks(struct desk_call *c, struct desk_ask asks[2])
{
	const struct dialog *d = dialogs_running(c);

	for (size_t i = 0; i < 2; i++) {
		struct pg_params *p = desk_params(c);
		pg_param_text(p, c->r->params.values[0]);
		pg_param_int(p, i == 0 ? 0 : d == NULL ? -1 : dialog_version(d));
		asks[i] = (struct desk_ask){i == 0 ? "draft" : "current", STMT_VERSION_READ, p, true};
	}
	return 2;
}

int
wording_running(struct desk_call *c, struct version_text *v)
{
	const char *name = c->r->params.values[0];

	if (dialogs_running(c) != NULL || !json_is_object(json_object_get(c->data, "draft")))
		return wording_read(c, name, json_object_get(c->data, "current"), v);
	memset(v, 0, sizeof(*v));
	snprintf(v->name, sizeof(v->name), "%.*s", DIALOG_NAME_MAX, name);
	v->flow = strdup("");
	if (v->flow == NULL)
		abort();
	return 0;
}

int
wording_read(struct desk_call *c, const char *dialog, const json_t *row, struct version_text *v)
{
	char *told = NULL;
	size_t len;

	if (version_text_from_row(row, v) == 0)
		return 0;
	FILE *err = open_memstream(&told, &len);
	if (err == NULL)
		abort();
	int rc = version_text_from_files(templates_folder(c->r->g->templates), dialog, v, err);
	fclose(err);
	if (rc != 0) {
		/* The daemon goes on with what it has read before; whoever broke the file since must know. */
		if (dialogs_running(c) != NULL)
			log_warn("dialog=%s cannot be read from its files: %s", dialog, told);
		http_reply_error(c->r, 404);
		desk_free(c);
	}
	free(told);
	return rc;
}

int
wording_open(struct desk_call *c, struct wording_copy *w)
{
	const json_t *draft = json_object_get(c->data, "draft");
	const char *state = json_string_value(json_object_get(draft, "state")),
			   *changed_by = json_string_value(json_object_get(draft, "changed_by"));

	memset(w, 0, sizeof(*w));
	if (version_text_from_row(draft, &w->text) != 0)
		return wording_running(c, &w->text);
	w->draft = true;
	w->revision = (int)json_integer_value(json_object_get(draft, "revision"));
	w->checked = state != NULL && strcmp(state, "checked") == 0;
	snprintf(w->changed_by, sizeof(w->changed_by), "%s", changed_by == NULL ? "" : changed_by);
	return 0;
}

bool
wording_may_publish(const struct desk_call *c, const char *changed_by)
{
	return desk_may(c, ROLE_MANAGE) || (desk_may(c, ROLE_WRITE) && strcmp(changed_by, c->actor) != 0);
}

static void
put_copy(struct desk_call *c, const struct wording_copy *w)
{
	json_t *draft = json_object_get(c->data, "draft");

	const struct dialog *now = dialogs_running(c);
	struct dialog *texts = now == NULL ? version_text_texts(&w->text) : NULL;

	console_dialog_name(c, c->data, c->r->params.values[0], now == NULL ? texts : now);
	dialog_free(texts);
	json_object_set_new(c->data, "revision", json_integer(w->revision));
	if (!w->draft || !json_is_object(draft))
		return;
	console_actor(c, draft, "changed_by");
	json_object_set_new(draft, "checked", json_boolean(w->checked));
	json_object_set_new(draft, "may_publish", json_boolean(wording_may_publish(c, w->changed_by)));
	/* Whole texts need not travel through the page's other sections. */
	json_object_del(draft, "flow");
	json_object_del(draft, "texts");
}

void
wording_page(struct desk_call *c, const struct wording_copy *w, int status, const char *name)
{
	put_copy(c, w);
	json_object_del(c->data, "current");
	console_page(c, status, name);
}

void
wording_show(struct desk_call *c, void (*page)(struct desk_call *c, struct wording_copy *w, int status))
{
	struct wording_copy w;

	if (wording_open(c, &w) != 0)
		return;
	page(c, &w, 200);
	version_text_free(&w.text);
}

/* ---- Keeping ------------------------------------------------------------------------------------------------------
 */

static void
kept(struct desk_call *c)
{
	char path[3 * ROUTER_PARAM_MAX];

	if (!json_is_object(json_object_get(c->data, "saved"))) {
		/* Somebody else was faster. What was typed is still in the browser's history. */
		http_reply_error(c->r, 409);
		desk_free(c);
		return;
	}
	snprintf(path, sizeof(path), "%s?kept=1", c->r->path);
	http_reply_see(c->r, path);
	desk_free(c);
}

void
wording_keep(struct desk_call *c, const struct wording_copy *w, const char *event, const char *detail)
{
	struct pg_params *p = desk_params(c);
	char subject[120];

	pg_param_text(p, w->text.name);
	if (w->draft) {
		pg_param_int(p, w->revision);
		version_text_params(&w->text, p);
		pg_param_text(p, w->text.flow);
		pg_param_text(p, c->actor);
	} else {
		pg_param_text(p, w->text.flow);
		pg_param_int(p, w->text.version);
		pg_param_text(p, c->actor);
		version_text_params(&w->text, p);
	}
	snprintf(subject, sizeof(subject), "dialog %s", w->text.name);
	const struct desk_ask asks[] = {{"saved", w->draft ? STMT_VERSION_SAVE : STMT_VERSION_BEGIN, p, true},
		{"event", STMT_STAFF_EVENT, desk_event(c, event, subject, detail), true}};
	desk_gather(c, asks, 2, kept);
}

/* ---- All texts --------------------------------------------------------------------------------------------------- */

/* The parts of a text at its longest, over all languages, forms and tags of it by SMS; 0 when it is not known. */
static int
most_parts(const struct dialog_cost *costs, size_t n, const char *name)
{
	size_t len = strlen(name);
	int most = 0;

	for (size_t i = 0; i < n; i++)
		if (!costs[i].ussd && strncmp(costs[i].text, name, len) == 0 && strchr("@", costs[i].text[len]) != NULL &&
			costs[i].parts > most)
			most = costs[i].parts;
	return most;
}

/* The plain form's words in a language, as text. */
static json_t *
plain_words(const struct block *blocks, size_t n, const char *name)
{
	const struct block *b = blocks_find(blocks, n, name, false, false);

	return b == NULL ? NULL : json_stringn(b->words, b->len);
}

/* Are all forms of a text the same in both wordings? */
static bool
same_forms(const char *a, const char *b, const char *name)
{
	static struct block x[BLOCKS_MAX], y[BLOCKS_MAX];
	size_t nx = blocks_read(a, strlen(a), x, BLOCKS_MAX), ny = blocks_read(b, strlen(b), y, BLOCKS_MAX);
	int more = 0;

	for (size_t i = 0; i < ny; i++)
		more += strcmp(y[i].name, name) == 0;
	for (size_t i = 0; i < nx; i++) {
		const struct block *q = strcmp(x[i].name, name) != 0 ? NULL : blocks_find_form(y, ny, &x[i]);
		if (strcmp(x[i].name, name) != 0)
			continue;
		more--;
		if (q == NULL || x[i].len != q->len || memcmp(x[i].words, q->words, q->len) != 0 || x[i].parts != q->parts ||
			x[i].pages != q->pages)
			return false;
	}
	return more == 0;
}

static bool
same_everywhere(const struct version_text *a, const struct version_text *b, const char *name)
{
	for (size_t l = 0; l < a->nlanguages; l++) {
		int other = version_text_language(b, a->languages[l]);
		if (other < 0 || !same_forms(a->wording[l], b->wording[other], name))
			return false;
	}
	return true;
}

static void
put_texts(struct desk_call *c, const struct wording_copy *w, const struct version_text *running)
{
	static struct block blocks[BLOCKS_MAX];
	static struct dialog_cost costs[COSTS_MAX];
	struct dialog_faults faults = {0};
	struct dialog *whole = version_text_load(&w->text, &faults);
	struct dialog *d = whole != NULL ? whole : version_text_texts(&w->text);
	size_t ncosts = dialog_costs(d, NULL, costs, COSTS_MAX);
	int l = version_text_language(&w->text, http_language(c->r, NULL));
	const char *source = w->text.wording[l < 0 ? 0 : l];
	size_t n = blocks_read(source, strlen(source), blocks, BLOCKS_MAX);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		if (blocks[i].many || blocks[i].ussd || blocks[i].tag[0] != '\0')
			continue;
		int parts = most_parts(costs, ncosts < COSTS_MAX ? ncosts : COSTS_MAX, blocks[i].name);
		json_array_append_new(
			list, json_pack("{s:s, s:o, s:i, s:b}", "text", blocks[i].name, "words",
					  plain_words(blocks, n, blocks[i].name), "parts", parts, "changed",
					  w->draft && running->nlanguages > 0 && !same_everywhere(&w->text, running, blocks[i].name)));
	}
	json_object_set_new(c->data, "texts", list);
	wording_put_faults(c, &faults, NULL);
	dialog_faults_free(&faults);
	dialog_free(d);
}

static void
show_texts(struct desk_call *c, struct wording_copy *w, int status)
{
	struct version_text running;

	if (wording_running(c, &running) != 0)
		return;
	put_texts(c, w, &running);
	wording_page(c, w, status, "console_texts");
	version_text_free(&running);
}

static void
show_all(struct desk_call *c)
{
	wording_show(c, show_texts);
}

static void
gather_texts(struct desk_call *c)
{
	struct desk_ask asks[2];

	desk_gather(c, asks, wording_asks(c, asks), show_all);
}

void
wording_texts(struct http_request *r)
{
	desk_person(r, gather_texts);
}

/* A text that the flow is to say and that is not there yet: its page, where its words are written. */
static void
begin_text(struct desk_call *c)
{
	const char *typed = form_get(&c->r->form, "text");
	char name[DIALOG_NAME_MAX + 1], path[ROUTER_PARAM_MAX + DIALOG_NAME_MAX + 40];

	if (typed == NULL || form_trim(typed, name, sizeof(name)) <= 0 || name[0] < 'a' || name[0] > 'z' ||
		strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name)) {
		json_object_set_new(c->data, "error", json_string("wording.new.hint"));
		gather_texts(c);
		return;
	}
	snprintf(path, sizeof(path), "/dialogs/%s/texts/%s?new=1", c->r->params.values[0], name);
	http_reply_see(c->r, path);
	desk_free(c);
}

void
wording_new(struct http_request *r)
{
	desk_person_post_may(r, ROLE_WRITE, begin_text);
}
