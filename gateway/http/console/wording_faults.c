/* What is wrong with a dialog, in the reader's language: where it stands, where it is mended, and what to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/http/console/wording.h"

/* An argument as text of its own. */
static json_t *
argument(const struct dialog_fault *f, int i)
{
	size_t len;
	const char *text = dialog_fault_arg(f, i, &len);

	return json_stringn(text, len);
}

/* "renewal.zh.txt" -> "zh", "" for a flow. */
static void
language_of(const struct dialog_fault *f, char out[8])
{
	const char *dot = strchr(f->file, '.'), *end = dot == NULL ? NULL : strchr(dot + 1, '.');
	size_t len = end == NULL ? 0 : (size_t)(end - dot - 1);

	out[0] = '\0';
	if (len > 0 && len < 8) {
		memcpy(out, dot + 1, len);
		out[len] = '\0';
	}
}

/* Where it stands, in words: a line of the flow, the flow, a text in a language, or a line of a language's texts. */
static void
put_place(const struct desk_call *c, const struct dialog_fault *f, json_t *row)
{
	static const char *const forms[][2] = {
		{"", ""}, {" many", "form.many"}, {" ussd", "form.ussd"}, {" many ussd", "form.many_ussd"}};
	enum dialog_fault_about about = dialog_fault_about(f->code);
	bool text = about == DIALOG_FAULT_ABOUT_FORM || about == DIALOG_FAULT_ABOUT_NAME;
	char language[8], word[40];

	language_of(f, language);
	const char *place = language[0] == '\0' ? (f->line > 0 ? "fault.at.line" : "fault.at.flow")
											: (text ? "fault.at.text" : "fault.at.words");
	json_object_set_new(row, "place", json_string(place));
	snprintf(word, sizeof(word), "language.%s", language);
	if (html_has_word(c->r->server->o.html, word))
		json_object_set_new(row, "language_word", json_string(word));
	else
		json_object_set_new(row, "language", json_string(language));
	if (text)
		json_object_set_new(row, "text", argument(f, 1));
	for (size_t i = 1; about == DIALOG_FAULT_ABOUT_FORM && i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(json_string_value(json_object_get(row, "a2")), forms[i][0]) == 0)
			json_object_set_new(row, "form", json_string(forms[i][1]));
}

/* Where it is mended: its line of the flow, its text, there or not; NULL when that is not known. */
static json_t *
mended_at(const struct desk_call *c, const struct dialog_fault *f)
{
	const char *dialog = c->r->params.values[0];
	enum dialog_fault_about about = dialog_fault_about(f->code);
	size_t len;
	const char *name = dialog_fault_arg(f, 1, &len), *end = strrchr(f->file, '.');

	if (about == DIALOG_FAULT_ABOUT_FORM || about == DIALOG_FAULT_ABOUT_NAME) {
		size_t plain = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
		return json_sprintf("/dialogs/%s/texts/%.*s%s", dialog, (int)(plain < len ? plain : len), name,
			about == DIALOG_FAULT_ABOUT_NAME ? "?new=1" : "");
	}
	if (f->line > 0 && end != NULL && strcmp(end, ".dlg") == 0)
		return json_sprintf("/dialogs/%s/flow#line-%d", dialog, f->line);
	return NULL;
}

json_t *
wording_fault(const struct desk_call *c, const struct dialog_fault *f)
{
	char key[16], word[80];
	json_t *row = json_object();

	for (int i = 1; i <= DIALOG_FAULT_ARGS; i++) {
		snprintf(key, sizeof(key), "a%d", i);
		json_object_set_new(row, key, argument(f, i));
	}
	snprintf(word, sizeof(word), "fault.%s", dialog_fault_name(f->code));
	json_object_set_new(row, "fault", json_string(word));
	json_object_set_new(row, "line", json_integer(f->line));
	if (dialog_fault_about(f->code) == DIALOG_FAULT_ABOUT_KIND) {
		snprintf(word, sizeof(word), "fault.kind.%.40s", json_string_value(json_object_get(row, "a1")));
		json_object_set_new(row, "kind", json_string(word));
	}
	put_place(c, f, row);
	return row;
}

/* Is it about this text, in whatever form? */
static bool
is_about(const struct dialog_fault *f, const char *text)
{
	size_t len, plain = strlen(text);
	const char *name = dialog_fault_arg(f, 1, &len);

	return dialog_fault_about(f->code) == DIALOG_FAULT_ABOUT_FORM && len >= plain && memcmp(name, text, plain) == 0 &&
		   (len == plain || name[plain] == '@');
}

void
wording_put_faults(struct desk_call *c, const struct dialog_faults *faults, const char *first)
{
	json_t *list = json_array(), *others = json_array();

	for (size_t i = 0; i < faults->count; i++) {
		const struct dialog_fault *f = &faults->list[i];
		bool here = first != NULL && is_about(f, first);
		json_t *one = wording_fault(c, f);
		json_object_set_new(one, "where", here ? json_string("") : mended_at(c, f));
		json_array_append_new(here ? list : others, one);
	}
	json_array_extend(list, others);
	json_decref(others);
	json_object_set_new(c->data, "faulty", json_boolean(json_array_size(list) > 0));
	json_object_set_new(c->data, "faults", list);
}
