/* Loads the configuration in order: the main file, its folders, the item catalogue, the checks; and looks things up. */
#include "gateway/conf_internal.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- Memory and faults ------------------------------------------------------------------------------------------ */

struct conf_block {
	struct conf_block *next;
	max_align_t data[];
};

void *
conf_alloc(struct conf_box *box, size_t size)
{
	struct conf_block *block = calloc(1, sizeof *block + size);
	if (block == NULL)
		abort();
	block->next = box->blocks;
	box->blocks = block;
	return block->data;
}

char *
conf_copy(struct conf_box *box, const char *text)
{
	size_t size = strlen(text) + 1;
	return memcpy(conf_alloc(box, size), text, size);
}

static void
print_fault(struct conf_faults *f, const char *file, int line, const char *kind, const char *fmt, va_list ap)
{
	char text[1024];
	vsnprintf(text, sizeof text, fmt, ap);
	if (f->err == NULL)
		return;
	if (line > 0)
		fprintf(f->err, "%s:%d: %s%s\n", file, line, kind, text);
	else
		fprintf(f->err, "%s: %s%s\n", file, kind, text);
}

void
conf_fault(struct conf_faults *f, const char *file, int line, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	print_fault(f, file, line, "", fmt, ap);
	va_end(ap);
	f->count++;
}

void
conf_warning(struct conf_faults *f, const char *file, int line, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	print_fault(f, file, line, "warning: ", fmt, ap);
	va_end(ap);
}

/* ---- Folders ---------------------------------------------------------------------------------------------------- */

static bool
is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *
conf_join(struct conf_box *box, const char *folder, const char *name)
{
	size_t room = strlen(folder) + strlen(name) + 2;
	char *path = conf_alloc(box, room);
	snprintf(path, room, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
	return path;
}

/* The folder that holds `file`, absolute where that can be told. */
static char *
folder_of(struct conf_box *box, const char *file)
{
	char whole[PATH_MAX];
	char *path = conf_copy(box, realpath(file, whole) != NULL ? whole : file);
	char *slash = strrchr(path, '/');
	if (slash == NULL)
		return conf_copy(box, ".");
	slash[slash == path] = '\0';
	return path;
}

/* The folder above the one the program lies in: the checkout for build/huizhid, the prefix for sbin/huizhid. */
static void
program_folder(char *out, size_t room)
{
	ssize_t n = readlink("/proc/self/exe", out, room - 1);
	for (int up = 0; n > 0 && up < 2; up++) {
		out[n] = '\0';
		char *slash = strrchr(out, '/');
		n = slash == NULL ? 0 : slash - out;
	}
	out[n > 0 ? n : 0] = '\0';
}

int
conf_find_folder(const char *beside, const char *name, char *out, size_t room)
{
	char here[PATH_MAX], program[PATH_MAX], share[PATH_MAX + 16];
	program_folder(program, sizeof program);
	snprintf(share, sizeof share, "%s/share/huizhi", program);
	/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one path in two literals */
	const char *places[] = {beside, getcwd(here, sizeof here), share, HUIZHI_PREFIX "/share/huizhi", program};

	if (name[0] == '/')
		return (size_t)snprintf(out, room, "%s", name) < room && is_folder(name) ? 0 : -1;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		if (places[i] != NULL && (size_t)snprintf(out, room, "%s/%s", places[i], name) < room && is_folder(out))
			return 0;
	}
	return -1;
}

/* Finds a folder as conf_load promises; a fault when it is nowhere. */
static const char *
find_folder(
	struct conf_box *box, const struct conf_file *file, const char *key, const char *name, struct conf_faults *faults)
{
	char path[PATH_MAX];
	const char *beside = folder_of(box, file->name);
	if (conf_find_folder(beside, name, path, sizeof path) == 0)
		return conf_copy(box, path);
	int line = conf_file_line(file, CONF_ROOT, 0, key, 0);
	if (name[0] == '/')
		conf_fault(faults, file->name, line, "%s = \"%s\": no such folder", key, name);
	else
		conf_fault(faults, file->name, line, "%s = \"%s\": no such folder in %s, in the current folder or in %s", key,
			name, beside, HUIZHI_PREFIX "/share/huizhi");
	return name;
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int
is_conf_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

int
conf_folder_files(const char *folder, struct dirent ***entries)
{
	*entries = NULL;
	return scandir(folder, entries, is_conf_file, by_name);
}

/* ---- The parts of a configuration -------------------------------------------------------------------------------- */

/* A password from its own file: the first line, as editors end files with a newline. */
static void
read_password(
	struct conf_box *box, struct conf_link *l, const struct conf_file *file, size_t n, struct conf_faults *faults)
{
	int line = conf_file_line(file, CONF_LINK, n, "password_file", 0);
	const char *path = l->password_file;
	char text[64] = "";
	struct stat st;

	if (path[0] != '/')
		l->password_file = path = conf_join(box, folder_of(box, file->name), path);
	FILE *in = fopen(path, "re");
	if (in == NULL || fstat(fileno(in), &st) != 0) {
		conf_fault(
			faults, file->name, line, "link \"%s\": cannot open password_file %s: %s", l->name, path, strerror(errno));
	} else if ((st.st_mode & 077) != 0) {
		conf_fault(faults, file->name, line, "link \"%s\": others may read password_file %s; run: chmod 600 %s",
			l->name, path, path);
	} else if (fgets(text, sizeof text, in) == NULL && ferror(in)) {
		conf_fault(faults, file->name, line, "link \"%s\": cannot read password_file %s", l->name, path);
	} else {
		text[strcspn(text, "\r\n")] = '\0';
		const char *wrong = conf_check_password(text);
		if (wrong != NULL)
			conf_fault(faults, file->name, line, "link \"%s\": the password in %s %s", l->name, path, wrong);
	}
	if (in != NULL)
		fclose(in);
	l->password = conf_copy(box, text);
	explicit_bzero(text, sizeof text);
}

/* A file of a link is looked for beside the configuration. */
static void
find_beside(struct conf_box *box, const struct conf_file *file, const char **path)
{
	if (*path != NULL && (*path)[0] != '/')
		*path = conf_join(box, folder_of(box, file->name), *path);
}

static void
fill_main(struct conf_box *box, const struct conf_file *file, struct conf_faults *faults)
{
	struct conf *c = &box->conf;
	conf_file_fill(file, CONF_ROOT, 0, c, box, faults);
	conf_file_fill(file, CONF_PUBLIC, 0, c, box, faults);
	conf_file_fill(file, CONF_STAFF, 0, c, box, faults);
	if (c->public_url == NULL) {
		size_t room = strlen(c->public_listen) + 8;
		char *url = conf_alloc(box, room);
		snprintf(url, room, "http://%s", c->public_listen);
		c->public_url = url;
	}

	c->nlinks = conf_file_sections(file, CONF_LINK);
	c->links = conf_alloc(box, (c->nlinks + 1) * sizeof *c->links);
	for (size_t n = 0; n < c->nlinks; n++) {
		struct conf_link *l = &c->links[n];
		conf_file_fill(file, CONF_LINK, n, l, box, faults);
		l->name = conf_copy(box, cfg_title(conf_file_section(file, CONF_LINK, n)));
		find_beside(box, file, &l->tls_ca);
		find_beside(box, file, &l->tls_certificate);
		find_beside(box, file, &l->tls_key);
		if (l->password_file != NULL)
			read_password(box, l, file, n, faults);
		else if (l->password == NULL)
			l->password = "";
	}

	c->nbureaus = conf_file_sections(file, CONF_BUREAU);
	c->bureaus = conf_alloc(box, (c->nbureaus + 1) * sizeof *c->bureaus);
	for (size_t n = 0; n < c->nbureaus; n++) {
		conf_file_fill(file, CONF_BUREAU, n, &c->bureaus[n], box, faults);
		c->bureaus[n].code = conf_copy(box, cfg_title(conf_file_section(file, CONF_BUREAU, n)));
	}
}

/* Adds the items of one file; the catalogue's arrays grow by copying, which for some dozens costs nothing. */
static void
fill_items(struct conf_box *box, const char *path, const char *service, struct conf_origin **origin,
	struct conf_faults *faults)
{
	struct conf *c = &box->conf;
	struct conf_file file;
	conf_file_read(&file, path, CONF_ITEM, faults);
	size_t n = conf_file_sections(&file, CONF_ITEM);

	struct conf_item *items = conf_alloc(box, (c->nitems + n + 1) * sizeof *items);
	struct conf_origin *origins = conf_alloc(box, (c->nitems + n + 1) * sizeof *origins);
	if (c->nitems > 0) {
		memcpy(items, c->items, c->nitems * sizeof *items);
		/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): items and origins grow together */
		memcpy(origins, *origin, c->nitems * sizeof *origins);
	}
	for (size_t i = 0; i < n; i++) {
		struct conf_item *it = &items[c->nitems + i];
		conf_file_fill(&file, CONF_ITEM, i, it, box, faults);
		it->code = conf_copy(box, cfg_title(conf_file_section(&file, CONF_ITEM, i)));
		it->service = service;
		origins[c->nitems + i] =
			(struct conf_origin){.file = path, .line = i < file.nopened[CONF_ITEM] ? file.opened[CONF_ITEM][i] : 0};
	}
	c->items = items;
	c->nitems += n;
	*origin = origins;
	conf_file_close(&file);
}

static void
load_items(struct conf_box *box, const struct conf_file *main_file, struct conf_faults *faults)
{
	struct conf *c = &box->conf;
	struct conf_origin *origin = NULL;
	struct dirent **entries = NULL;
	int line = conf_file_line(main_file, CONF_ROOT, 0, "items", 0);

	int n = conf_folder_files(c->items_dir, &entries);
	for (int i = 0; i < n; i++) {
		char *service = conf_copy(box, entries[i]->d_name);
		service[strlen(service) - 5] = '\0';
		fill_items(box, conf_join(box, c->items_dir, entries[i]->d_name), service, &origin, faults);
		free(entries[i]);
	}
	free(entries);
	if (c->nitems == 0 && faults->count == 0)
		conf_fault(faults, main_file->name, line, "items = \"%s\": no item in this folder", c->items_dir);
	if (c->nitems > 0)
		conf_check_items(box, origin, faults);
}

/* Every item that a bureau names must exist for it. */
static void
check_bureau_items(const struct conf *c, const struct conf_file *file, struct conf_faults *faults)
{
	for (size_t n = 0; n < c->nbureaus; n++) {
		const struct conf_bureau *b = &c->bureaus[n];
		for (size_t i = 0; b->items != NULL && i < b->nitems; i++) {
			if (conf_item_for(c, b, b->items[i]) == NULL)
				conf_fault(faults, file->name, conf_file_line(file, CONF_BUREAU, n, "items", (unsigned)i),
					"bureau \"%s\": unknown item \"%s\"; the catalogue in %s does not have it for this bureau", b->code,
					b->items[i], c->items_dir);
		}
	}
}

/* A configuration with a password in it that anyone may read works, but somebody should know. */
static void
warn_readable(const struct conf_file *file, const struct conf *c, struct conf_faults *faults)
{
	struct stat st;
	for (size_t n = 0; n < c->nlinks; n++) {
		if (c->links[n].password_file == NULL && stat(file->name, &st) == 0 && (st.st_mode & 04) != 0) {
			conf_warning(faults, file->name, conf_file_line(file, CONF_LINK, n, "password", 0),
				"everybody on this machine may read the password; run: chmod 640 %s, or use password_file", file->name);
			return;
		}
	}
}

struct conf *
conf_load(const char *name, FILE *err)
{
	struct conf_box *box = calloc(1, sizeof *box);
	if (box == NULL)
		abort();
	struct conf *c = &box->conf;
	struct conf_faults faults = {.err = err};
	struct conf_file file;

	c->file = conf_copy(box, name);
	if (conf_file_read(&file, c->file, CONF_ROOT, &faults)) {
		fill_main(box, &file, &faults);
		conf_check(box, &file, &faults);
		if (c->keys[0] != '/')
			c->keys = conf_join(box, folder_of(box, c->file), c->keys);
		c->templates = find_folder(box, &file, "templates", c->templates, &faults);
		int before = faults.count;
		c->items_dir = find_folder(box, &file, "items", c->items_dir, &faults);
		if (faults.count == before) {
			load_items(box, &file, &faults);
			check_bureau_items(c, &file, &faults);
		}
		before = faults.count;
		c->profiles_dir = find_folder(box, &file, "ussd_profiles", c->profiles_dir, &faults);
		if (faults.count == before)
			conf_profiles_load(box, &file, &faults);
		if (faults.count == 0)
			warn_readable(&file, c, &faults);
	}
	conf_file_close(&file);
	if (faults.count > 0) {
		conf_free(c);
		return NULL;
	}
	return c;
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	conf_free(c->adopted);
	struct conf_box *box = (struct conf_box *)c; /* the configuration is the box's first field */
	for (struct conf_block *block = box->blocks, *next; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(box);
}
