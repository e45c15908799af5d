/* Makes versions of dialogs out of files and rows, and dialogs out of versions. */
#include "gateway/version_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/blocks.h"
#include "gateway/conf.h"
#include "gateway/templates.h"
#include "store/pg.h"

void
version_text_free(struct version_text *v)
{
	free(v->flow);
	for (size_t i = 0; i < v->nlanguages; i++)
		free(v->wording[i]);
	memset(v, 0, sizeof(*v));
}

int
version_text_language(const struct version_text *v, const char *language)
{
	for (size_t i = 0; i < v->nlanguages; i++)
		if (strcmp(v->languages[i], language) == 0)
			return (int)i;
	return -1;
}

bool
version_text_name_good(const char *name)
{
	return name[0] >= 'a' && name[0] <= 'z' && strlen(name) <= DIALOG_NAME_MAX &&
		   strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name) && strcmp(name, "common") != 0 &&
		   strcmp(name, "letter") != 0;
}

void
version_text_rename(struct version_text *v, const char *name)
{
	const char *line = v->flow, *old, *rest;
	size_t room = strlen(v->flow) + DIALOG_NAME_MAX + 8;
	char *out;

	snprintf(v->name, sizeof(v->name), "%.*s", DIALOG_NAME_MAX, name);
	v->version = 0;
	/* The line "dialog NAME VERSION [ussd]" is the first that is no comment. */
	while (line != NULL && strncmp(line + strspn(line, " \t"), "dialog", 6) != 0)
		line = strchr(line, '\n') == NULL ? NULL : strchr(line, '\n') + 1;
	if (line == NULL)
		return;
	old = line + strspn(line, " \t") + 6;
	old += strspn(old, " \t");
	rest = old + strcspn(old, " \t\r\n");
	rest += strspn(rest, " \t");
	rest += strspn(rest, "0123456789");
	out = malloc(room);
	if (out == NULL)
		abort();
	snprintf(out, room, "%.*s%s 1%s", (int)(old - v->flow), v->flow, v->name, rest);
	free(v->flow);
	v->flow = out;
}

bool
version_text_title_good(const char *title)
{
	return *title != '\0' && strlen(title) <= VERSION_TITLE_MAX && strpbrk(title, "{}[]#*\r\n\t") == NULL;
}

void
version_text_title(struct version_text *v, const char *title)
{
	const struct block as = {.name = VERSION_TITLE};

	for (size_t i = 0; i < v->nlanguages; i++) {
		enum blocks_fault fault;
		char *changed = blocks_replace(v->wording[i], &as, title, strlen(title), &fault);
		if (changed == NULL)
			continue; /* a wording that is full keeps its name */
		free(v->wording[i]);
		v->wording[i] = changed;
	}
}

static char *
copy(const char *s, size_t len)
{
	char *out = malloc(len + 1);
	if (out == NULL)
		abort();
	memcpy(out, s, len);
	out[len] = '\0';
	return out;
}

/* One more source of a language: its texts follow those that are there. */
static void
take(void *arg, const char *language, const char *text, size_t len, bool base)
{
	struct version_text *v = arg;
	if (language == NULL) {
		v->flow = copy(text, len);
		return;
	}
	int i = version_text_language(v, language);
	if (i < 0) {
		if (v->nlanguages == DIALOG_LANGUAGES_MAX)
			return;
		i = (int)v->nlanguages++;
		snprintf(v->languages[i], sizeof(v->languages[i]), "%s", language);
		v->wording[i] = copy(text, len);
		return;
	}
	size_t before = strlen(v->wording[i]);
	char *more = copy(text, len), *joined;
	if (base) {
		/* Borrowed: only what the dialog has not itself. */
		joined = blocks_join(v->wording[i], more);
		free(v->wording[i]);
	} else {
		joined = realloc(v->wording[i], before + len + 2);
		if (joined != NULL)
			snprintf(joined + before, len + 2, "\n%s", more);
	}
	if (joined == NULL)
		abort();
	free(more);
	v->wording[i] = joined;
}

int
version_text_from_files(const char *folder, const char *name, struct version_text *v, FILE *err)
{
	memset(v, 0, sizeof(*v));
	if (strlen(name) > DIALOG_NAME_MAX || strchr(name, '/') != NULL || name[0] == '.')
		return -1;
	snprintf(v->name, sizeof(v->name), "%s", name);
	v->version = templates_read(folder, name, take, v, err);
	if (v->version > 0 && v->flow != NULL)
		return 0;
	version_text_free(v);
	return -1;
}

int
version_text_from_row(const json_t *row, struct version_text *v)
{
	const json_t *languages = json_object_get(row, "languages"), *texts = json_object_get(row, "texts");
	const char *name = json_string_value(json_object_get(row, "dialog")),
			   *flow = json_string_value(json_object_get(row, "flow"));

	memset(v, 0, sizeof(*v));
	if (name == NULL || flow == NULL || strlen(name) > DIALOG_NAME_MAX)
		return -1;
	snprintf(v->name, sizeof(v->name), "%s", name);
	v->version = (int)json_integer_value(json_object_get(row, "version"));
	take(v, NULL, flow, strlen(flow), false);
	for (size_t i = 0; i < json_array_size(languages); i++) {
		const char *language = json_string_value(json_array_get(languages, i)),
				   *text = json_string_value(json_array_get(texts, i));
		if (language != NULL && text != NULL && strlen(language) < sizeof(v->languages[0]))
			take(v, language, text, strlen(text), false);
	}
	return 0;
}

void
version_text_params(const struct version_text *v, struct pg_params *p)
{
	pg_array_begin(p);
	for (size_t i = 0; i < v->nlanguages; i++)
		pg_array_text(p, v->languages[i]);
	pg_array_end(p);
	pg_array_begin(p);
	for (size_t i = 0; i < v->nlanguages; i++)
		pg_array_text(p, v->wording[i]);
	pg_array_end(p);
}

/* Its wordings by the names that faults tell. Returns how many. */
static size_t
sources_of(const struct version_text *v, char files[DIALOG_LANGUAGES_MAX][DIALOG_NAME_MAX + 16],
	struct dialog_wording_source sources[DIALOG_LANGUAGES_MAX])
{
	for (size_t i = 0; i < v->nlanguages; i++) {
		snprintf(files[i], DIALOG_NAME_MAX + 16, "%s.%s.txt", v->name, v->languages[i]);
		sources[i] = (struct dialog_wording_source){
			.file = files[i], .language = v->languages[i], .text = v->wording[i], .len = strlen(v->wording[i])};
	}
	return v->nlanguages;
}

struct dialog *
version_text_load(const struct version_text *v, struct dialog_faults *faults)
{
	struct dialog_wording_source sources[DIALOG_LANGUAGES_MAX];
	char files[DIALOG_LANGUAGES_MAX][DIALOG_NAME_MAX + 16], file[DIALOG_NAME_MAX + 8];
	size_t n = sources_of(v, files, sources);

	snprintf(file, sizeof(file), "%s.dlg", v->name);
	struct dialog *d = dialog_load(file, v->flow, strlen(v->flow), sources, n, faults);
	if (d != NULL)
		dialog_number(d, v->version);
	return d;
}

struct dialog *
version_text_texts(const struct version_text *v)
{
	struct dialog_wording_source sources[DIALOG_LANGUAGES_MAX];
	char files[DIALOG_LANGUAGES_MAX][DIALOG_NAME_MAX + 16];
	size_t n = sources_of(v, files, sources);
	struct dialog *d = dialog_load_texts(sources, n);

	if (d == NULL)
		abort();
	return d;
}

struct dialog *
version_text_check(const struct version_text *v, const struct conf_bureau *bureau, struct dialog_faults *faults)
{
	struct dialog *d = version_text_load(v, faults);
	char file[DIALOG_NAME_MAX + 8];
	size_t before = faults->count;

	snprintf(file, sizeof(file), "%s.dlg", v->name);
	if (d != NULL && strcmp(dialog_name(d), v->name) != 0)
		dialog_faults_add(faults, file, DIALOG_FAULT_OTHER_NAME, v->name, dialog_name(d));
	for (size_t i = 0; i < bureau->nlanguages; i++)
		if (version_text_language(v, bureau->languages[i]) < 0)
			dialog_faults_add(faults, file, DIALOG_FAULT_LANGUAGE_LACKS, bureau->languages[i], bureau->code);
	if (faults->count > before) {
		dialog_free(d);
		d = NULL;
	}
	return d;
}
