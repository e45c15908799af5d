/* Loads the dialogs of the templates folder and keeps them by name and version. */
#include "gateway/templates.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/conf.h"
#include "gateway/version_text.h"

#define FILE_MAX_OCTETS (1 << 20) /* of one dialog or wording file */
#define WORDINGS_MAX (3 * DIALOG_LANGUAGES_MAX)

struct entry {
	struct dialog *dialog;
	bool retired;  /* its wording was replaced; kept, because a turn under way may point into it */
	int bureau_id; /* that has published it; 0 = it is a file's */
};

struct templates {
	char *folder;
	struct entry *list; /* by name, then newest first; retired ones anywhere */
	size_t count;
};

/* One file of the folder, read. */
struct source {
	char *path, *text;
	char language[8];
	size_t len;
	bool base;
};

/* ---- Files ------------------------------------------------------------------------------------------------------ */

static char *
join(const char *folder, const char *name)
{
	size_t room = strlen(folder) + strlen(name) + 2;
	char *path = malloc(room);
	if (path == NULL)
		abort();
	snprintf(path, room, "%s/%s", folder, name);
	return path;
}

/* Reads a file whole. NULL with a fault printed, or without one when it is not there and need not be. */
static char *
read_whole(const char *path, bool needed, size_t *len, FILE *err)
{
	FILE *in = fopen(path, "re");
	if (in == NULL) {
		if (needed || errno != ENOENT)
			fprintf(err, "%s: cannot open: %s\n", path, strerror(errno));
		return NULL;
	}
	char *text = malloc(FILE_MAX_OCTETS + 1);
	if (text == NULL)
		abort();
	*len = fread(text, 1, FILE_MAX_OCTETS + 1, in);
	bool bad = ferror(in) != 0 || *len > FILE_MAX_OCTETS;
	fclose(in);
	if (bad) {
		fprintf(err, "%s: cannot read it, or it is larger than 1 MiB\n", path);
		free(text);
		return NULL;
	}
	text[*len] = '\0';
	return text;
}

static void
sources_free(struct source *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].path);
		free(list[i].text);
	}
}

/* "STEM.LANG.txt" -> LANG. */
static bool
wording_language(const char *file, const char *stem, char language[8])
{
	size_t len = strlen(stem);
	if (strncmp(file, stem, len) != 0 || file[len] != '.')
		return false;
	const char *lang = file + len + 1;
	size_t n = strcspn(lang, ".");
	if (n < 2 || n > 7 || strcmp(lang + n, ".txt") != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!islower((unsigned char)lang[i]) && lang[i] != '-')
			return false;
	}
	memcpy(language, lang, n);
	language[n] = '\0';
	return true;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The folder's file names in order, so that faults come in the same order everywhere. */
static int
list_folder(const char *folder, struct dirent ***entries, FILE *err)
{
	int n = scandir(folder, entries, NULL, by_name);
	if (n < 0)
		fprintf(err, "%s: cannot open the templates folder: %s\n", folder, strerror(errno));
	return n;
}

static void
entries_free(struct dirent **entries, int n)
{
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
}

/*
 * Adds the wordings STEM.LANG.txt of the folder to list, but for languages that are there from a stem before it when
 * `missing_only` is set. Returns the new count, or -1.
 */
static int
add_wordings(const char *folder, struct dirent **entries, int nentries, const char *stem, bool missing_only,
	struct source *list, int n, FILE *err)
{
	int before = n;
	for (int i = 0; i < nentries; i++) {
		char language[8];
		bool there = false;
		if (!wording_language(entries[i]->d_name, stem, language))
			continue;
		for (int j = 0; missing_only && j < before; j++)
			there = there || strcmp(list[j].language, language) == 0;
		if (there)
			continue;
		if (n == WORDINGS_MAX) {
			fprintf(err, "%s/%s: more than %d wordings for one dialog\n", folder, entries[i]->d_name, WORDINGS_MAX);
			return -1;
		}
		struct source *s = &list[n];
		*s = (struct source){.path = join(folder, entries[i]->d_name)};
		memcpy(s->language, language, sizeof language);
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the caller frees the whole list, whatever is returned */
		s->text = read_whole(s->path, true, &s->len, err);
		n++;
		if (s->text == NULL)
			return -1;
	}
	return n;
}

/* "NAME.dlg" or "NAME.VERSION.dlg" -> stem without ".dlg", name, version (0 = not in the name). */
static bool
parse_dialog_name(const char *file, char *stem, char *name, size_t room, int *version)
{
	size_t len = strlen(file);
	if (file[0] == '.' || len < 5 || len - 4 >= room || strcmp(file + len - 4, ".dlg") != 0)
		return false;
	memcpy(stem, file, len - 4);
	stem[len - 4] = '\0';
	snprintf(name, room, "%s", stem);
	*version = 0;
	char *dot = strrchr(name, '.');
	if (dot != NULL && dot[1] != '\0' && strspn(dot + 1, "0123456789") == strlen(dot + 1) && strlen(dot + 1) < 9) {
		*version = (int)strtol(dot + 1, NULL, 10);
		*dot = '\0';
	}
	return true;
}

/*
 * Every wording of a dialog: its own, those of the version-less name for languages that the version has not, what it
 * borrows, and the common ones. Returns how many, or -1.
 */
static int
add_all(const char *folder, struct dirent **entries, int nentries, const char *stem, const char *name, int version,
	const char *text, size_t len, struct source *wordings, FILE *err)
{
	char borrowed[DIALOG_NAME_MAX + 1];
	int n = add_wordings(folder, entries, nentries, stem, false, wordings, 0, err);
	if (n >= 0 && version != 0)
		n = add_wordings(folder, entries, nentries, name, true, wordings, n, err);
	if (n >= 0 && dialog_borrows(text, len, borrowed)) {
		int own = n;
		n = add_wordings(folder, entries, nentries, borrowed, false, wordings, n, err);
		for (int i = own; i < n; i++)
			wordings[i].base = true;
		if (n == own) {
			fprintf(err, "%s/%s.dlg: it borrows the wording of %s, and there is no %s.LANG.txt\n", folder, stem,
				borrowed, borrowed);
			n = -1;
		}
	}
	if (n >= 0 && strcmp(name, "common") != 0)
		n = add_wordings(folder, entries, nentries, "common", false, wordings, n, err);
	return n;
}

void
templates_tell(struct dialog_faults *faults, FILE *err)
{
	for (size_t i = 0; i < faults->count; i++) {
		const struct dialog_fault *f = &faults->list[i];
		if (f->line > 0)
			fprintf(err, "%s:%d: %s\n", f->file, f->line, f->text);
		else
			fprintf(err, "%s: %s\n", f->file, f->text);
	}
	dialog_faults_free(faults);
}

/* Loads one dialog with its wordings. NULL with the faults printed. */
static struct dialog *
load_dialog(const char *folder, struct dirent **entries, int nentries, const char *file, FILE *err)
{
	char stem[256] = "", name[256] = "";
	int version = 0;
	struct source wordings[WORDINGS_MAX];
	struct dialog_wording_source sources[WORDINGS_MAX];
	struct dialog_faults faults = {0};
	struct dialog *d = NULL;
	size_t len;

	parse_dialog_name(file, stem, name, sizeof stem, &version);
	char *path = join(folder, file);
	char *text = read_whole(path, true, &len, err);
	if (text == NULL) {
		free(path);
		return NULL;
	}
	memset(wordings, 0, sizeof wordings);
	int n = add_all(folder, entries, nentries, stem, name, version, text, len, wordings, err);
	for (int i = 0; i < n; i++)
		sources[i] = (struct dialog_wording_source){.file = wordings[i].path,
			.language = wordings[i].language,
			.text = wordings[i].text,
			.len = wordings[i].len,
			.base = wordings[i].base};
	if (n >= 0)
		d = dialog_load(path, text, len, sources, (size_t)n, &faults);
	templates_tell(&faults, err);
	if (d != NULL && strcmp(dialog_name(d), name) != 0) {
		fprintf(err, "%s: it holds the dialog %s; the file must bear the dialog's name\n", path, dialog_name(d));
		dialog_free(d);
		d = NULL;
	} else if (d != NULL && dialog_version(d) >= VERSION_FIRST) {
		fprintf(err, "%s: version %d: numbers from %d on are for what bureaus publish themselves\n", path,
			dialog_version(d), VERSION_FIRST);
		dialog_free(d);
		d = NULL;
	} else if (d != NULL && version != 0 && dialog_version(d) != version) {
		fprintf(err, "%s: it holds version %d; the file must bear the version's number\n", path, dialog_version(d));
		dialog_free(d);
		d = NULL;
	}
	sources_free(wordings, WORDINGS_MAX);
	free(text);
	free(path);
	return d;
}

struct dialog *
templates_load_file(const char *path, FILE *err)
{
	const char *slash = strrchr(path, '/'), *file = slash != NULL ? slash + 1 : path;
	char *folder = slash != NULL ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	char stem[256], name[256];
	int version;
	struct dirent **entries;
	struct dialog *d = NULL;

	if (folder == NULL)
		abort();
	if (!parse_dialog_name(file, stem, name, sizeof stem, &version)) {
		fprintf(err, "%s: a dialog's file is called NAME.dlg\n", path);
	} else {
		int n = list_folder(folder, &entries, err);
		if (n >= 0) {
			d = load_dialog(folder, entries, n, file, err);
			entries_free(entries, n);
		}
	}
	free(folder);
	return d;
}

int
templates_read(const char *folder, const char *name,
	void (*take)(void *arg, const char *language, const char *text, size_t len, bool base), void *arg, FILE *err)
{
	struct source wordings[WORDINGS_MAX];
	struct dirent **entries;
	char file[300];
	int version = 0, n = 0;
	size_t len;

	snprintf(file, sizeof file, "%s.dlg", name);
	int nentries = list_folder(folder, &entries, err);
	if (nentries < 0)
		return 0;
	struct dialog *d = load_dialog(folder, entries, nentries, file, err);
	char *path = join(folder, file), *text = d == NULL ? NULL : read_whole(path, true, &len, err);
	memset(wordings, 0, sizeof wordings);
	n = text == NULL ? -1 : add_all(folder, entries, nentries, name, name, 0, text, len, wordings, err);
	if (n >= 0) {
		version = dialog_version(d);
		take(arg, NULL, text, len, false);
		for (int base = 0; base < 2; base++)
			for (int i = 0; i < n; i++)
				if (wordings[i].base == (base != 0))
					take(arg, wordings[i].language, wordings[i].text, wordings[i].len, wordings[i].base);
	}
	sources_free(wordings, WORDINGS_MAX);
	free(text);
	free(path);
	dialog_free(d);
	entries_free(entries, nentries);
	return version;
}

/* ---- The collection --------------------------------------------------------------------------------------------- */

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(dialog_name(x->dialog), dialog_name(y->dialog));
	return order != 0 ? order : dialog_version(y->dialog) - dialog_version(x->dialog);
}

static void
add_entry(struct templates *t, int bureau_id, struct dialog *d)
{
	struct entry *list = realloc(t->list, (t->count + 1) * sizeof *list);
	if (list == NULL)
		abort();
	t->list = list;
	t->list[t->count++] = (struct entry){.dialog = d, .bureau_id = bureau_id};
}

/* Loads the folder into a fresh collection. Returns how many files were at fault, or -1. */
static int
load_folder(struct templates *t, FILE *err)
{
	struct dirent **entries;
	int nentries = list_folder(t->folder, &entries, err), bad = 0;
	if (nentries < 0)
		return -1;
	for (int i = 0; i < nentries; i++) {
		char stem[256], name[256];
		int version;
		if (!parse_dialog_name(entries[i]->d_name, stem, name, sizeof stem, &version))
			continue;
		struct dialog *d = load_dialog(t->folder, entries, nentries, entries[i]->d_name, err);
		if (d == NULL) {
			bad++;
			continue;
		}
		if (templates_find(t, dialog_name(d), dialog_version(d)) != NULL) {
			fprintf(err, "%s/%s: version %d of %s stands in another file too\n", t->folder, entries[i]->d_name,
				dialog_version(d), dialog_name(d));
			dialog_free(d);
			bad++;
			continue;
		}
		add_entry(t, 0, d);
	}
	entries_free(entries, nentries);
	if (t->count == 0 && bad == 0) {
		fprintf(err, "%s: no dialog in this folder; templates must name the folder with the .dlg files\n", t->folder);
		bad++;
	}
	if (t->count > 0)
		qsort(t->list, t->count, sizeof *t->list, compare_entries);
	return bad;
}

struct templates *
templates_load(const char *folder, FILE *err)
{
	struct templates *t = calloc(1, sizeof *t);
	if (t == NULL || (t->folder = strdup(folder)) == NULL)
		abort();
	if (load_folder(t, err) != 0) {
		templates_free(t);
		return NULL;
	}
	return t;
}

/* Whether two dialogs have the same flow: their canonical texts are equal. */
static bool
same_flow(const struct dialog *a, const struct dialog *b)
{
	char *x = dialog_print(a), *y = dialog_print(b);
	if (x == NULL || y == NULL)
		abort();
	bool same = strcmp(x, y) == 0;
	free(x);
	free(y);
	return same;
}

int
templates_reload(struct templates *t, FILE *err)
{
	struct templates *next = calloc(1, sizeof *next);
	if (next == NULL || (next->folder = strdup(t->folder)) == NULL)
		abort();
	int bad = load_folder(next, err);
	for (size_t i = 0; bad == 0 && i < next->count; i++) {
		const struct dialog *d = next->list[i].dialog;
		const struct dialog *old = templates_find(t, dialog_name(d), dialog_version(d));
		if (old != NULL && !same_flow(old, d)) {
			fprintf(err, "%s/%s.dlg: the flow has changed but is still version %d; give it the next number\n",
				t->folder, dialog_name(d), dialog_version(d));
			bad++;
		}
	}
	if (bad != 0) {
		templates_free(next);
		return -1;
	}
	for (size_t i = 0; i < next->count; i++) {
		struct dialog *d = next->list[i].dialog;
		for (size_t j = 0; j < t->count; j++) {
			if (t->list[j].bureau_id == 0 && strcmp(dialog_name(t->list[j].dialog), dialog_name(d)) == 0 &&
				dialog_version(t->list[j].dialog) == dialog_version(d))
				t->list[j].retired = true;
		}
		add_entry(t, 0, d);
	}
	next->count = 0; /* the dialogs are t's now */
	templates_free(next);
	qsort(t->list, t->count, sizeof *t->list, compare_entries);
	return 0;
}

void
templates_free(struct templates *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->count; i++)
		dialog_free(t->list[i].dialog);
	free(t->list);
	free(t->folder);
	free(t);
}

static const struct dialog *
find(const struct templates *t, int bureau_id, const char *name, int version)
{
	const struct dialog *best = NULL;
	for (size_t i = 0; i < t->count; i++) {
		const struct dialog *d = t->list[i].dialog;
		if (t->list[i].retired || t->list[i].bureau_id != bureau_id || strcmp(dialog_name(d), name) != 0)
			continue;
		if (dialog_version(d) == version)
			return d;
		if (version == 0 && (best == NULL || dialog_version(d) > dialog_version(best)))
			best = d;
	}
	return best;
}

const struct dialog *
templates_find(const struct templates *t, const char *name, int version)
{
	return find(t, 0, name, version);
}

const struct dialog *
templates_find_for(const struct templates *t, int bureau_id, const char *name, int version)
{
	const struct dialog *own = version == 0 || version >= VERSION_FIRST ? find(t, bureau_id, name, version) : NULL;
	return own != NULL || version >= VERSION_FIRST ? own : find(t, 0, name, version);
}

void
templates_add_own(struct templates *t, int bureau_id, struct dialog *d)
{
	add_entry(t, bureau_id, d);
	qsort(t->list, t->count, sizeof *t->list, compare_entries);
}

static const struct dialog *
get(const struct templates *t, int bureau_id, size_t n)
{
	for (size_t i = 0; i < t->count; i++) {
		if (!t->list[i].retired && t->list[i].bureau_id == bureau_id && n-- == 0)
			return t->list[i].dialog;
	}
	return NULL;
}

const struct dialog *
templates_get(const struct templates *t, size_t n)
{
	return get(t, 0, n);
}

const struct dialog *
templates_get_own(const struct templates *t, int bureau_id, size_t n)
{
	return get(t, bureau_id, n);
}

const char *
templates_folder(const struct templates *t)
{
	return t->folder;
}

/* ---- Against the configuration ---------------------------------------------------------------------------------- */

static bool
speaks(const struct dialog *d, const char *language)
{
	const char *list[DIALOG_LANGUAGES_MAX];
	size_t n = dialog_languages(d, list);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i], language) == 0)
			return true;
	}
	return false;
}

static int
check_dialog(const struct templates *t, const struct conf_bureau *b, const char *name, const char *why, bool published,
	FILE *err)
{
	const struct dialog *d = templates_find_for(t, b->id, name, 0);
	int bad = 0;
	if (d == NULL) {
		fprintf(err, "%s%s: there is no dialog %s.dlg, which bureau \"%s\" needs for %s%s\n",
			published ? "" : "warning: ", t->folder, name, b->code, why,
			published ? "" : "; the bureau itself must have published it");
		return published ? 1 : 0;
	}
	for (size_t i = 0; i < b->nlanguages; i++) {
		if (!speaks(d, b->languages[i])) {
			fprintf(err, "%s: dialog %s has no wording in \"%s\", a language of bureau \"%s\"\n", t->folder, name,
				b->languages[i], b->code);
			bad++;
		}
	}
	return bad;
}

int
templates_check(const struct templates *t, const struct conf *c, bool published, FILE *err)
{
	int bad = 0;
	for (size_t i = 0; i < c->nbureaus; i++) {
		const struct conf_bureau *b = &c->bureaus[i];
		bad += check_dialog(t, b, "visitor", "texts without a conversation", published, err);
		for (size_t j = 0; j < c->nitems; j++) {
			const struct conf_item *it = conf_item_for(c, b, c->items[j].code);
			bool told = it != &c->items[j]; /* another definition counts for this bureau, or none */
			for (size_t k = 0; k < j && !told; k++)
				told = strcmp(c->items[k].dialog, it->dialog) == 0 &&
					   conf_item_for(c, b, c->items[k].code) == &c->items[k];
			if (!told)
				bad += check_dialog(t, b, it->dialog, it->code, published, err);
		}
	}
	return bad;
}
