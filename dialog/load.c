/*
 * Loads a dialog: reads its lines, reads its wordings, checks the whole, and refuses it with every fault at once.
 *
 * The language of dialogs; one line, one arrow; the first branch that fits is taken (huizhi-dialog(5) tells the same
 * to staff):
 *
 *   dialog NAME VERSION [ussd]              first line; ussd: held by USSD too, see dialog/screen.h
 *   wording NAME                            texts that this dialog has not are those of the dialog NAME
 *   step NAME                               the first step is where a conversation begins
 *     ask TEXT                              the question; put off while the citizen is at work on the page
 *     tell TEXT                             a statement in its place; said at once
 *     list WORKLIST                         entering the step puts the application on a worklist
 *     stays                                 the step is a place of rest: it needs no `silent` and no way to an end
 *     TRIGGER[, TRIGGER ...] -> TARGET [quietly] [do EFFECT[, EFFECT ...]] [say TEXT] [list WORKLIST]
 *                               [at most N then TARGET]
 *   end NAME [say TEXT]
 *   anywhere                                reserved words; each must be answered
 *     RESERVED -> TARGET ...
 *   anywhere begun                          wins over `anywhere` once the citizen has consented
 *
 *   TRIGGER   yes no all keep               a word list, in every language
 *             "on site"                     a word of the dialog's own
 *             choose                        yes, all, or numbers of applications: "Y 1 3"
 *             number A-B in SLOT, date in SLOT
 *             text in SLOT, text A-B in SLOT    free text, of A to B characters
 *             event NAME                    something happened outside
 *             silent 30m | 12h | 7d         so long without an answer
 *             silent reminder_day           none until the item's next reminder day, or, after the last of them, until
 *                                           the day to phone; then the branch's `at most` is over
 *             else                          anything that no other branch takes
 *   RESERVED  STOP HELP STATUS LANGUAGE NOT ME CHECK START
 *   TARGET    a step, an end, `same` (stay), `back` (to the step before this one)
 *
 * A branch that stays says its text, or without one asks the step's question again. `quietly`: the question of the step
 * that it leads to is not asked. `at most N`: taken so often
 * before the step is left, then TARGET instead, without effects and text; `then same` stays and says nothing more.
 * A comment begins with #. Names are a-z, 0-9 and _, a letter first.
 */
#include <stdlib.h>
#include <string.h>
#include "dialog/internal.h"

static int
add_file(struct dialog *d, const char *file)
{
	char *name = strdup(file);
	if (!name)
		return -1;
	d->files[d->nfiles++] = name;
	return 0;
}

static int
read_all(struct dialog *d, const char *file, const char *text, size_t len, const struct dialog_wording_source *wordings,
	size_t nwordings, struct dialog_faults *faults)
{
	d->files = calloc(nwordings + 1, sizeof(*d->files));
	if (!d->files || add_file(d, file) || parse_dialog(d, text, len, faults))
		return -1;
	for (size_t i = 0; i < nwordings; i++)
		if (add_file(d, wordings[i].file) || parse_wording(d, &wordings[i], faults))
			return -1;
	return 0;
}

struct dialog *
dialog_load(const char *file, const char *text, size_t len, const struct dialog_wording_source *wordings,
	size_t nwordings, struct dialog_faults *faults)
{
	struct dialog *d = calloc(1, sizeof(*d));
	size_t before = faults->count;
	if (!d || read_all(d, file, text, len, wordings, nwordings, faults)) {
		FAULT_AT(faults, file, 0, MEMORY);
		dialog_free(d);
		return NULL;
	}
	if (!d->nlanguages)
		FAULT_AT(faults, file, 0, NO_WORDING);
	check_flow(d, faults);
	check_words(d, faults);
	check_texts(d, faults);
	check_ussd(d, faults);
	if (faults->count == before)
		return d;
	fault_sort(faults, before, d->files, d->nfiles);
	dialog_free(d);
	return NULL;
}

struct dialog *
dialog_load_texts(const struct dialog_wording_source *wordings, size_t nwordings)
{
	struct dialog *d = calloc(1, sizeof(*d));
	struct dialog_faults faults = {0};
	bool good = d && (d->files = calloc(nwordings + 1, sizeof(*d->files))) && add_file(d, "") == 0;
	for (size_t i = 0; good && i < nwordings; i++)
		good = add_file(d, wordings[i].file) == 0 && parse_wording(d, &wordings[i], &faults) == 0;
	dialog_faults_free(&faults);
	if (!good) {
		dialog_free(d);
		return NULL;
	}
	drop_unsound_texts(d);
	return d;
}

static void
free_step(struct step *s)
{
	for (size_t i = 0; i < s->nbranches; i++)
		free(s->branches[i].triggers);
	free(s->branches);
}

void
dialog_free(struct dialog *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->nsteps; i++)
		free_step(&d->steps[i]);
	free_step(&d->anywhere);
	free_step(&d->begun);
	for (size_t i = 0; i < d->ntexts; i++)
		for (size_t l = 0; l < DIALOG_LANGUAGES_MAX; l++)
			for (size_t f = 0; f < FORM_COUNT; f++)
				wording_free(&d->texts[i].forms[l][f]);
	for (size_t i = 0; i < d->nfiles; i++)
		free(d->files[i]);
	free(d->files);
	free(d->steps);
	free(d->ends);
	free(d->texts);
	free(d);
}

const char *
dialog_name(const struct dialog *d)
{
	return d->name;
}

void
dialog_number(struct dialog *d, int version)
{
	d->version = version;
}

int
dialog_version(const struct dialog *d)
{
	return d->version;
}

const char *
dialog_first_step(const struct dialog *d)
{
	return d->steps[0].name;
}

size_t
dialog_languages(const struct dialog *d, const char *list[DIALOG_LANGUAGES_MAX])
{
	for (size_t i = 0; i < d->nlanguages; i++)
		list[i] = d->languages[i];
	return d->nlanguages;
}

static int
ascending(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static size_t
add_lines(const struct step *s, int *lines, size_t n, size_t room)
{
	for (size_t i = 0; i < s->nbranches; i++, n++)
		if (n < room)
			lines[n] = s->branches[i].line;
	return n;
}

size_t
dialog_branch_lines(const struct dialog *d, int *lines, size_t room)
{
	size_t n = add_lines(&d->begun, lines, add_lines(&d->anywhere, lines, 0, room), room);
	for (size_t i = 0; i < d->nsteps; i++)
		n = add_lines(&d->steps[i], lines, n, room);
	qsort(lines, n < room ? n : room, sizeof(*lines), ascending);
	return n;
}

bool
dialog_step_waits(const struct dialog *d, const char *step)
{
	long i = step_index(d, step);
	return i >= 0 && d->steps[i].ask[0];
}
