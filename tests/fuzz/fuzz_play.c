/*
 * Fuzz target of the dry run: lines of a play, as the console takes them from a form, against a dialog with screens. No
 * line does more than it says, and what is shown is UTF-8.
 *
 * links: dialog/[a-z]*.c
 */
#include <stdio.h>

#include "dialog/play.h"
#include "dialog/utf8.h"
#include "tests/fuzz/fuzz.h"

#define LINES_MAX 40

static struct dialog *dialog;

static char *
file(const char *path, size_t *len)
{
	FILE *in = fopen(path, "re");
	char *text = malloc(300000);

	must(in != NULL && text != NULL);
	*len = fread(text, 1, 300000, in);
	fclose(in);
	return text;
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct dialog_wording_source w[2] = {
		{.file = "r", .language = "zh"}, {.file = "c", .language = "zh", .base = true}};
	struct dialog_faults faults = {0};
	size_t len;
	char *flow = file("templates/renewal.dlg", &len);

	(void)argc;
	(void)argv;
	w[0].text = file("templates/renewal.zh.txt", &w[0].len);
	w[1].text = file("templates/common.zh.txt", &w[1].len);
	dialog = dialog_load("renewal.dlg", flow, len, w, 2, &faults);
	for (size_t i = 0; i < faults.count; i++)
		fprintf(stderr, "%s:%d: %s\n", faults.list[i].file, faults.list[i].line, faults.list[i].text);
	must(dialog != NULL);
	free(flow);
	free((char *)(uintptr_t)w[0].text);
	free((char *)(uintptr_t)w[1].text);
	return 0;
}

static void
out(void *arg, const char *line)
{
	(void)arg;
	for (size_t i = 0, len = strlen(line); i < len;) {
		uint32_t cp;
		bool bad;

		i += utf8_decode(line + i, len - i, &cp, &bad);
		must(!bad);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct play_options o = {.language = "zh", .applications = size % 3 + 1, .out = size % 2 ? out : NULL};
	struct play *p = play_new(dialog, &o);
	char *text = malloc(size + 1), *save = NULL;
	int n = 0;

	must(p != NULL && text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	for (char *line = strtok_r(text, "\n", &save); line != NULL && n < LINES_MAX;
		 line = strtok_r(NULL, "\n", &save), n++) {
		const char *why = NULL;
		must(play_line(p, line, &why) == 0 || (why != NULL && why[0] != '\0'));
	}
	must(play_conversation(p) != NULL);
	free(text);
	play_free(p);
	return 0;
}
