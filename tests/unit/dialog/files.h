/* Reads the shipped dialogs with their wordings, and files of tests. Tests run in the project's root folder. */
#ifndef TESTS_UNIT_DIALOG_FILES_H
#define TESTS_UNIT_DIALOG_FILES_H

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/dialog.h"

/* NUL-terminated; the caller frees. NULL when it cannot be read. */
static inline char *
file_read(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	if (!f)
		return NULL;
	fseek(f, 0, SEEK_END);
	long size = ftell(f);
	rewind(f);
	char *text = malloc((size_t)size + 1);
	*len = text ? fread(text, 1, (size_t)size, f) : 0;
	if (text)
		text[*len] = '\0';
	fclose(f);
	return text;
}

/* templates/NAME.dlg with NAME.*.txt and common.*.txt; faults go to stderr. */
static inline struct dialog *
dialog_shipped(const char *name)
{
	char path[128];
	char borrowed[DIALOG_NAME_MAX + 1] = "none";
	const char *const stems[] = {name, "common", borrowed};
	struct dialog_wording_source sources[32];
	char languages[32][8];
	size_t n = 0, len;
	glob_t g[3];
	snprintf(path, sizeof(path), "templates/%s.dlg", name);
	char *text = file_read(path, &len);
	size_t dialog_len = len;
	if (text && !dialog_borrows(text, len, borrowed))
		snprintf(borrowed, sizeof(borrowed), "none");
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "templates/%s.*.txt", stems[i]);
		if (glob(path, 0, NULL, &g[i]))
			g[i].gl_pathc = 0;
		for (size_t k = 0; k < g[i].gl_pathc && n < 32; k++, n++) {
			const char *dot = strchr(g[i].gl_pathv[k], '.') + 1;
			snprintf(languages[n], sizeof(languages[n]), "%.*s", (int)(strchr(dot, '.') - dot), dot);
			sources[n].base = i == 2;
			sources[n].file = g[i].gl_pathv[k];
			sources[n].language = languages[n];
			sources[n].text = file_read(g[i].gl_pathv[k], &sources[n].len);
		}
	}
	snprintf(path, sizeof(path), "templates/%s.dlg", name);
	struct dialog_faults faults = {0};
	struct dialog *d = text ? dialog_load(path, text, dialog_len, sources, n, &faults) : NULL;
	for (size_t i = 0; i < faults.count; i++)
		fprintf(stderr, "%s:%d: %s\n", faults.list[i].file, faults.list[i].line, faults.list[i].text);
	dialog_faults_free(&faults);
	for (size_t i = 0; i < n; i++)
		free((void *)sources[i].text);
	free(text);
	for (int i = 0; i < 3; i++)
		if (g[i].gl_pathc)
			globfree(&g[i]);
	return d;
}

#endif
