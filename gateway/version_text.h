/*
 * One version of a dialog as text: its flow, and for each language all its wording in one, as the console and the
 * database keep it. From the files of the templates folder, from a row of dialog_version, or changed by a clerk.
 */
#ifndef GATEWAY_VERSION_TEXT_H
#define GATEWAY_VERSION_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <jansson.h>
#include "dialog/dialog.h"

struct conf_bureau;
struct pg_params;

#define VERSION_FIRST 1001 /* numbers below are those of files */

struct version_text {
	char name[DIALOG_NAME_MAX + 1];
	int version; /* 0 = a draft */
	char *flow;	 /* all owned; freed by version_text_free */
	size_t nlanguages;
	char languages[DIALOG_LANGUAGES_MAX][8];
	char *wording[DIALOG_LANGUAGES_MAX];
};

/* NAME.dlg of a folder, its wordings, and common's joined to each. 0, or -1 with the cause on err; *v is empty then. */
int version_text_from_files(const char *folder, const char *name, struct version_text *v, FILE *err);
/* A row of VERSION_READ or VERSION_MISSING: dialog, version, flow, languages, texts. 0, or -1 (no such row). */
int version_text_from_row(const json_t *row, struct version_text *v);
void version_text_free(struct version_text *v);
/* Whether a new dialog may be called so: a small letter, then small letters, digits and _, and no name of other files.
 */
bool version_text_name_good(const char *name);
/* Gives it another name, a good one, here and in its flow; its flow's first line then says version 1. */
void version_text_rename(struct version_text *v, const char *name);
/*
 * What staff call it: the text VERSION_TITLE of its wording, one line in each language. A title that it can have: no
 * sign that means something in a wording. Given in every language; each is changed as a text by itself.
 */
#define VERSION_TITLE "title"
#define VERSION_TITLE_MAX 200 /* octets */
bool version_text_title_good(const char *title);
void version_text_title(struct version_text *v, const char *title);
/* The index of a language, or -1. */
int version_text_language(const struct version_text *v, const char *language);

/* Adds languages and texts as two arrays, the last parameters of VERSION_BEGIN, VERSION_PUT and others. */
void version_text_params(const struct version_text *v, struct pg_params *p);
/*
 * Loads it, with the number that it bears here. NULL with every fault in *faults, whose files are called NAME.dlg and
 * NAME.LANG.txt. The caller frees both.
 */
struct dialog *version_text_load(const struct version_text *v, struct dialog_faults *faults);
/* Its texts alone, whatever else is wrong with it, for dialog_costs and dialog_render. The caller frees. */
struct dialog *version_text_texts(const struct version_text *v);
/*
 * The same for who publishes it at a bureau: its flow must bear its name, and each of the bureau's languages must have
 * a wording.
 */
struct dialog *version_text_check(
	const struct version_text *v, const struct conf_bureau *bureau, struct dialog_faults *faults);

#endif
