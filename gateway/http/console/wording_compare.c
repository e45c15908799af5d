/* What one version of a dialog says otherwise than another, line by line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/blocks.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/dialogs.h"
#include "gateway/http/console/wording.h"
#include "gateway/templates.h"
#include "store/pg.h"

#define AROUND 2 /* lines that both have, shown beside a change */

json_t *
wording_changes(const char *a, const char *b)
{
	struct block_line *lines = calloc(BLOCKS_LINES_MAX, sizeof(*lines));
	int n = lines == NULL ? -1 : blocks_compare(a, b, lines, BLOCKS_LINES_MAX);
	json_t *list = json_array();
	bool any = false, gap = false;

	for (int i = 0; i < n; i++) {
		bool near = false;
		for (int k = i - AROUND; k <= i + AROUND; k++)
			near = near || (k >= 0 && k < n && lines[k].sign != ' ');
		any = any || lines[i].sign != ' ';
		if (near && gap)
			json_array_append_new(list, json_pack("{s:b}", "gap", 1));
		gap = !near && json_array_size(list) > 0;
		if (near)
			json_array_append_new(list, json_pack("{s:s%, s:b, s:b}", "words", lines[i].text, lines[i].len, "gone",
											lines[i].sign == '-', "came", lines[i].sign == '+'));
	}
	free(lines);
	if (any)
		return list;
	json_decref(list);
	return NULL;
}

static void
add_changes(json_t *files, const char *name, const char *a, const char *b)
{
	json_t *list = wording_changes(a, b);

	if (list != NULL)
		json_array_append_new(files, json_pack("{s:s, s:o}", "file", name, "lines", list));
}

static void
show_compare(struct desk_call *c)
{
	const json_t *left = json_object_get(c->data, "left"), *right = json_object_get(c->data, "right");
	struct version_text a, b;
	json_t *files = json_array();
	char name[DIALOG_NAME_MAX + 16];

	if (wording_read(c, c->r->params.values[0], right, &b) != 0) {
		json_decref(files);
		return;
	}
	if (left == NULL) {
		a = (struct version_text){.flow = strdup("")};
		memcpy(a.name, b.name, sizeof(a.name));
		if (a.flow == NULL)
			abort();
	} else if (wording_read(c, c->r->params.values[0], left, &a) != 0) {
		version_text_free(&b);
		json_decref(files);
		return;
	}
	snprintf(name, sizeof(name), "%s.dlg", a.name);
	add_changes(files, name, a.flow, b.flow);
	for (size_t i = 0; i < b.nlanguages; i++) {
		int l = version_text_language(&a, b.languages[i]);
		snprintf(name, sizeof(name), "%s.%s.txt", b.name, b.languages[i]);
		add_changes(files, name, l < 0 ? "" : a.wording[l], b.wording[i]);
	}
	json_object_set_new(c->data, "files", files);
	struct dialog *texts = version_text_texts(&b);
	console_dialog_name(c, c->data, c->r->params.values[0], texts);
	dialog_free(texts);
	json_object_set_new(c->data, "from", json_integer(a.version));
	json_object_set_new(c->data, "to", json_integer(b.version));
	json_object_del(c->data, "left");
	json_object_del(c->data, "right");
	console_page(c, 200, "console_compare");
	version_text_free(&a);
	version_text_free(&b);
}

/* The version of the address (or "draft"), and that of ?with=, else the one that runs. */
static void
gather_compare(struct desk_call *c)
{
	const char *shown = c->r->params.values[1], *with = form_get(&c->r->query, "with");
	const struct dialog *now = dialogs_running(c);
	int right = strcmp(shown, "draft") == 0 ? 0 : (int)strtol(shown, NULL, 10);

	int left = with != NULL ? (int)strtol(with, NULL, 10) : now == NULL ? 0 : dialog_version(now);
	const struct templates *t = c->r->g->templates;
	if ((right == 0) != (strcmp(shown, "draft") == 0) || right < 0 || left < 0 ||
		(left == 0 && (now != NULL || right > 0)) ||
		(left > 0 && templates_find_for(t, c->bureau->id, c->r->params.values[0], left) == NULL) ||
		(right > 0 && templates_find_for(t, c->bureau->id, c->r->params.values[0], right) == NULL)) {
		http_reply_error(c->r, 404);
		desk_free(c);
		return;
	}
	struct pg_params *p = desk_params(c), *q = desk_params(c);
	pg_param_text(p, c->r->params.values[0]);
	pg_param_int(p, left);
	pg_param_text(q, c->r->params.values[0]);
	pg_param_int(q, right);
	/* The draft of a dialog that never ran is told apart from nothing: every line of it is new. */
	const struct desk_ask asks[] = {
		{left == 0 ? "none" : "left", STMT_VERSION_READ, p, true}, {"right", STMT_VERSION_READ, q, true}};
	desk_gather(c, asks, 2, show_compare);
}

void
wording_compare(struct http_request *r)
{
	desk_person(r, gather_compare);
}
