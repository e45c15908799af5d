/* What dialogs and their steps are called for people: a title or a word, and where there is none what they ask. */
#include <stdio.h>
#include <string.h>
#include "dialog/screen.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/templates.h"
#include "gateway/version_text.h"
#include "store/view.h"

#define WORD_MAX 96
#define SHOWN 24 /* characters of a question that stands for its step */

/* A placeholder where nobody is meant. */
static const char *
blank(void *arg, const char *placeholder, int index)
{
	(void)arg;
	(void)placeholder;
	(void)index;
	return "…";
}

bool
console_text_words(const struct desk_call *c, const struct dialog *d, const char *text, char out[DIALOG_TEXT_MAX + 1])
{
	return d != NULL && *text != '\0' &&
		   dialog_render(d, text, http_language(c->r, NULL), NULL, blank, NULL, out, DIALOG_TEXT_MAX + 1) >= 0;
}

/* ---- Dialogs ----------------------------------------------------------------------------------------------------- */

const struct dialog *
console_dialog(const struct desk_call *c, const char *name)
{
	return *name == '\0' ? NULL : templates_find_for(c->r->g->templates, c->bureau->id, name, 0);
}

void
console_dialog_name(const struct desk_call *c, json_t *o, const char *name, const struct dialog *d)
{
	char word[WORD_MAX], title[DIALOG_TEXT_MAX + 1];
	size_t n = (size_t)snprintf(word, sizeof(word), "dialog.%s", name);

	json_object_set_new(o, "dialog", json_string(name));
	if (console_text_words(c, d, VERSION_TITLE, title))
		json_object_set_new(o, "dialog_title", json_string(title));
	else if (n < sizeof(word) && html_has_word(c->r->server->o.html, word))
		json_object_set_new(o, "dialog_word", json_string(word));
}

/* ---- Steps ------------------------------------------------------------------------------------------------------- */

/* The pages' word for a step or an end: "step.verify". */
static bool
step_word(const struct desk_call *c, const char *step, char out[WORD_MAX])
{
	static const char *const kinds[] = {"step", "staff.status"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && *step != '\0'; i++) {
		size_t n = (size_t)snprintf(out, WORD_MAX, "%s.%s", kinds[i], step);
		if (n < WORD_MAX && html_has_word(c->r->server->o.html, out))
			return true;
	}
	return false;
}

void
console_step_word(const struct desk_call *c, json_t *row, const char *key)
{
	char word[WORD_MAX], name[40];

	snprintf(name, sizeof(name), "%s_word", key);
	if (step_word(c, view_text(row, key), word))
		json_object_set_new(row, name, json_string(word));
}

/* The first words of what a step of a bureau's own dialog asks, for the pages have no word for it. */
static bool
asks(const struct desk_call *c, const char *dialog, int version, const char *step, char *out, size_t room)
{
	const struct dialog *d =
		*dialog == '\0' ? NULL : templates_find_for(c->r->g->templates, c->bureau->id, dialog, version);
	char words[DIALOG_TEXT_MAX + 1];
	size_t n = 0, shown = 0;

	if (!console_text_words(c, d, d == NULL ? "" : dialog_step_text(d, step), words))
		return false;
	for (const char *at = words; *at != '\0' && *at != '\n' && n + 8 < room; at++) {
		if (((unsigned char)*at & 0xC0) != 0x80 && shown++ == SHOWN) {
			n += (size_t)snprintf(out + n, room - n, "…");
			break;
		}
		out[n++] = *at;
	}
	out[n] = '\0';
	return n > 0;
}

void
console_step(const struct desk_call *c, json_t *row, const char *key, const char *dialog, int version, const char *step)
{
	char word[WORD_MAX], name[40], words[200];

	if (step_word(c, step, word)) {
		snprintf(name, sizeof(name), "%s_word", key);
		json_object_set_new(row, name, json_string(word));
		json_object_del(row, key);
	} else if (*step != '\0' && asks(c, dialog, version, step, words, sizeof(words))) {
		json_object_set_new(row, key, json_string(words));
	} else {
		json_object_set_new(row, key, json_string(step));
	}
}

void
console_steps(const struct desk_call *c, json_t *value)
{
	json_t *inside;
	size_t i;

	json_array_foreach (value, i, inside)
		console_steps(c, inside);
	if (json_is_object(value) && json_is_string(json_object_get(value, "step"))) {
		char step[DIALOG_NAME_MAX + 1], dialog[DIALOG_NAME_MAX + 1];
		snprintf(step, sizeof(step), "%s", view_text(value, "step"));
		snprintf(dialog, sizeof(dialog), "%s", view_text(value, "dialog"));
		console_step(c, value, "step", dialog, (int)json_integer_value(json_object_get(value, "dialog_version")), step);
	}
}
