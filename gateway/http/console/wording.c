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
	const struct dialog *d = dialogs_named(c);

	if (d == NULL)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		struct pg_params *p = desk_params(c);
		pg_param_text(p, dialog_name(d));
		pg_param_int(p, i == 0 ? 0 : dialog_version(d));
		asks[i] = (struct desk_ask){i == 0 ? "draft" : "current", STMT_VERSION_READ, p, true};
	}
	return 2;
}

int
wording_running(struct desk_call *c, struct version_text *v)
{
	char *told = NULL;
	size_t len;

	if (version_text_from_row(json_object_get(c->data, "current"), v) == 0)
		return 0;
	FILE *err = open_memstream(&told, &len);
	if (err == NULL)
		abort();
	int rc = version_text_from_files(templates_folder(c->r->g->templates), c->r->params.values[0], v, err);
	fclose(err);
	if (rc != 0) {
		/* The daemon goes on with what it has read before; whoever broke the file since must know. */
		log_warn("dialog=%s cannot be read from its files: %s", c->r->params.values[0], told);
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

void
wording_put(struct desk_call *c, const struct wording_copy *w)
{
	json_t *draft = json_object_get(c->data, "draft");

	json_object_set_new(c->data, "dialog", json_string(c->r->params.values[0]));
	json_object_set_new(c->data, "revision", json_integer(w->revision));
	if (!w->draft || !json_is_object(draft))
		return;
	json_object_set_new(draft, "checked", json_boolean(w->checked));
	json_object_set_new(draft, "may_publish", json_boolean(wording_may_publish(c, w->changed_by)));
	/* Whole texts need not travel through the page's other sections. */
	json_object_del(draft, "flow");
	json_object_del(draft, "texts");
}

void
wording_put_faults(struct desk_call *c, const struct dialog_faults *faults, const char *first)
{
	json_t *list = json_array(), *others = json_array();
	char mark[DIALOG_NAME_MAX + 12];

	snprintf(mark, sizeof(mark), "text \"%s", first == NULL ? "" : first);
	for (size_t i = 0; i < faults->count; i++) {
		const struct dialog_fault *f = &faults->list[i];
		bool here =
			first != NULL && strncmp(f->text, mark, strlen(mark)) == 0 && strchr("\" ", f->text[strlen(mark)]) != NULL;
		json_array_append_new(
			here ? list : others, json_pack("{s:s, s:i, s:s}", "file", f->file, "line", f->line, "text", f->text));
	}
	json_array_extend(list, others);
	json_decref(others);
	json_object_set_new(c->data, "faulty", json_boolean(json_array_size(list) > 0));
	json_object_set_new(c->data, "faults", list);
}

/* ---- All texts --------------------------------------------------------------------------------------------------- */

/* The parts of a text at its longest, over all languages and forms of it by SMS; 0 when it is not known. */
static int
most_parts(const struct dialog_cost *costs, size_t n, const char *name)
{
	int most = 0;

	for (size_t i = 0; i < n; i++)
		if (!costs[i].ussd && strcmp(costs[i].text, name) == 0 && costs[i].parts > most)
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

static bool
same_everywhere(const struct version_text *a, const struct version_text *b, const char *name)
{
	static struct block x[BLOCKS_MAX], y[BLOCKS_MAX];

	for (size_t l = 0; l < a->nlanguages; l++) {
		int other = version_text_language(b, a->languages[l]);
		size_t nx = blocks_read(a->wording[l], strlen(a->wording[l]), x, BLOCKS_MAX), ny;
		if (other < 0)
			return false;
		ny = blocks_read(b->wording[other], strlen(b->wording[other]), y, BLOCKS_MAX);
		for (int form = 0; form < 4; form++) {
			const struct block *p = blocks_find(x, nx, name, (form & 1) != 0, (form & 2) != 0),
							   *q = blocks_find(y, ny, name, (form & 1) != 0, (form & 2) != 0);
			if ((p == NULL) != (q == NULL))
				return false;
			if (p != NULL && q != NULL &&
				(p->len != q->len || memcmp(p->words, q->words, p->len) != 0 || p->parts != q->parts))
				return false;
		}
	}
	return true;
}

static void
put_texts(struct desk_call *c, const struct wording_copy *w, const struct version_text *running)
{
	static struct block blocks[BLOCKS_MAX];
	static struct dialog_cost costs[COSTS_MAX];
	struct dialog_faults faults = {0};
	struct dialog *d = version_text_load(&w->text, &faults);
	size_t ncosts = d == NULL ? 0 : dialog_costs(d, NULL, costs, COSTS_MAX);
	int l = version_text_language(&w->text, http_language(c->r, NULL));
	const char *source = w->text.wording[l < 0 ? 0 : l];
	size_t n = blocks_read(source, strlen(source), blocks, BLOCKS_MAX);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		if (blocks[i].many || blocks[i].ussd || blocks[i].tag[0] != '\0')
			continue;
		int parts = most_parts(costs, ncosts < COSTS_MAX ? ncosts : COSTS_MAX, blocks[i].name);
		json_array_append_new(list,
			json_pack("{s:s, s:o, s:i, s:b}", "text", blocks[i].name, "words", plain_words(blocks, n, blocks[i].name),
				"parts", parts, "changed", w->draft && !same_everywhere(&w->text, running, blocks[i].name)));
	}
	json_object_set_new(c->data, "texts", list);
	wording_put_faults(c, &faults, NULL);
	dialog_faults_free(&faults);
	dialog_free(d);
}

static void
show_texts(struct desk_call *c)
{
	struct wording_copy w;
	struct version_text running;

	if (wording_open(c, &w) != 0)
		return;
	if (wording_running(c, &running) == 0) {
		put_texts(c, &w, &running);
		wording_put(c, &w);
		json_object_del(c->data, "current");
		console_page(c, 200, "console_texts");
		version_text_free(&running);
	}
	version_text_free(&w.text);
}

static void
gather_texts(struct desk_call *c)
{
	struct desk_ask asks[2];

	if (wording_asks(c, asks) > 0)
		desk_gather(c, asks, 2, show_texts);
}

void
wording_texts(struct http_request *r)
{
	desk_person(r, gather_texts);
}
