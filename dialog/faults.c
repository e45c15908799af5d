/* The faults of a dialog: their table, keeping them in the order of files and lines, and their words in English. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/internal.h"
#include "dialog/utf8.h"

static const struct {
	const char *code;
	enum dialog_fault_about about;
	const char *words;
} table[] = {
#define DIALOG_FAULT(id, code, about, words) [DIALOG_FAULT_##id] = {code, DIALOG_FAULT_ABOUT_##about, words},
#include "dialog/faults.def"
#undef DIALOG_FAULT
};

const char *
dialog_fault_name(enum dialog_fault_code code)
{
	return table[code].code;
}

enum dialog_fault_about
dialog_fault_about(enum dialog_fault_code code)
{
	return table[code].about;
}

const char *
dialog_fault_arg(const struct dialog_fault *f, int i, size_t *len)
{
	const char *at = f->args;
	for (; i > 1 && *at; i--) {
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	*len = strcspn(at, "\n");
	return *len > 0 ? at : "";
}

/* The English words, with the arguments in their places. */
static void
say(struct dialog_fault *x)
{
	size_t n = 0;
	for (const char *at = table[x->code].words; *at && n + 1 < sizeof(x->text);) {
		if (at[0] != '{' || at[1] < '1' || at[1] > '0' + DIALOG_FAULT_ARGS || at[2] != '}') {
			x->text[n++] = *at++;
			continue;
		}
		size_t len, room = sizeof(x->text) - 1 - n;
		const char *arg = dialog_fault_arg(x, at[1] - '0', &len);
		if (len > room)
			len = utf8_cut(arg, len, room);
		memcpy(x->text + n, arg, len);
		n += len;
		at += 3;
	}
	x->text[n] = '\0';
}

static void
add(struct dialog_faults *f, const char *file, int line, enum dialog_fault_code code, const char *args)
{
	if (f->count >= DIALOG_FAULTS_MAX || !dialog_grow(&f->list, &f->room, f->count, sizeof(*f->list)))
		return;
	struct dialog_fault *x = &f->list[f->count++];
	/* A file name too long keeps its end, which tells more than its beginning. */
	size_t len = strlen(file);
	snprintf(x->file, sizeof(x->file), "%s", len < sizeof(x->file) ? file : file + len - sizeof(x->file) + 1);
	x->line = line;
	x->code = code;
	utf8_clean(args, strlen(args), x->args, sizeof(x->args));
	say(x);
}

void
fault_add(struct dialog_faults *f, const char *file, int line, enum dialog_fault_code code, const char *fmt, ...)
{
	char args[sizeof(((struct dialog_fault *)0)->args)];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(args, sizeof(args), fmt, ap);
	va_end(ap);
	/* The first line is what FAULT_ARGS puts before them all. Cutting may have torn a character. */
	add(f, file, line, code, args + 1);
}

void
dialog_faults_add(
	struct dialog_faults *f, const char *file, enum dialog_fault_code code, const char *first, const char *second)
{
	fault_add(f, file, 0, code, FAULT_ARGS "%s\n%s", first, second);
}

static size_t
file_order(const char *file, char *const *files, size_t nfiles)
{
	for (size_t i = 0; i < nfiles; i++) {
		size_t len = strlen(files[i]), room = sizeof(((struct dialog_fault *)0)->file);
		if (strcmp(len < room ? files[i] : files[i] + len - room + 1, file) == 0)
			return i;
	}
	return nfiles;
}

/* Insertion: stable, and the lists are short. */
void
fault_sort(struct dialog_faults *f, size_t from, char *const *files, size_t nfiles)
{
	for (size_t i = from + 1; i < f->count; i++) {
		struct dialog_fault x = f->list[i];
		size_t order = file_order(x.file, files, nfiles), j = i;
		for (; j > from; j--) {
			size_t before = file_order(f->list[j - 1].file, files, nfiles);
			if (before < order || (before == order && f->list[j - 1].line <= x.line))
				break;
			f->list[j] = f->list[j - 1];
		}
		f->list[j] = x;
	}
}

void
dialog_faults_free(struct dialog_faults *f)
{
	free(f->list);
	memset(f, 0, sizeof(*f));
}
