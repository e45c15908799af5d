/*
 * Reads one configuration file through libconfuse by the table of keys, with the line of every value kept, and fills
 * the structs from it. libconfuse stops at the first fault it finds itself; unknown keys are blanked and the file is
 * read again, and values are judged here, so that a person sees all faults at once.
 */
#include "gateway/conf_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_OCTETS (4 << 20)
#define UNKNOWN_MAX 50	/* unknown keys told before the reader gives up */
#define OPTIONS_MAX 128 /* keys of one section */

/* libconfuse's callbacks carry no pointer of ours; a configuration is read by one thread, one file at a time. */
static struct {
	struct conf_file *file;
	char unknown[64]; /* the unknown key that stopped this pass, "" when none */
	char error[256];  /* what else stopped it */
	int line;
} reading;

/* ---- Words near to an unknown one ------------------------------------------------------------------------------- */

static size_t
edit_distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);
	if (n >= 64)
		return 64;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[n];
}

static void
fault_unknown(const char *file, int line, const char *word, struct conf_faults *faults)
{
	const struct conf_key *best = NULL;
	size_t distance = 3;
	for (const struct conf_key *key = conf_keys; key->name != NULL; key++) {
		size_t d = edit_distance(word, key->name);
		if (d < distance && d < strlen(word)) {
			distance = d;
			best = key;
		}
	}
	if (best == NULL)
		conf_fault(faults, file, line, "unknown key %s", word);
	else if (distance > 0)
		conf_fault(faults, file, line, "unknown key %s; did you mean %s", word, best->name);
	else
		conf_fault(faults, file, line, "unknown key %s in this section; it belongs to %s%s", word,
			best->section == CONF_ROOT ? "the top of the file" : "section ",
			best->section == CONF_ROOT ? "" : conf_sections[best->section].name);
}

/* ---- libconfuse's callbacks ------------------------------------------------------------------------------------- */

static void
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char text[256];
	vsnprintf(text, sizeof text, fmt, ap);
	reading.line = cfg != NULL ? cfg->line : 0;
	if (sscanf(text, "no such option '%63[^']'", reading.unknown) == 1)
		return;
	char title[128];
	if (sscanf(text, "found duplicate title '%127[^']'", title) == 1) {
		snprintf(reading.error, sizeof reading.error, "there is a section \"%s\" already", title);
		return;
	}
	for (char *p = text; *p != '\0'; p++) {
		if (*p == '\n')
			*p = ' ';
	}
	text[0] = (char)tolower((unsigned char)text[0]);
	snprintf(reading.error, sizeof reading.error, "%s", text);
}

/* Called with every value as it is read: keeps its line, marks a key that is given twice, takes the text as it is. */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct conf_file *file = reading.file;
	unsigned index = opt->nvalues > 0 ? opt->nvalues - 1 : 0;

	*(const char **)result = value;
	for (size_t i = 0; i < file->nlines; i++) {
		struct conf_line *line = &file->lines[i];
		if (line->section == cfg && line->index == index && strcmp(line->key, opt->name) == 0) {
			line->again = cfg->line;
			return 0;
		}
	}
	if (file->nlines == file->room) {
		file->room = file->room == 0 ? 64 : file->room * 2;
		file->lines = realloc(file->lines, file->room * sizeof *file->lines);
		if (file->lines == NULL)
			abort();
	}
	file->lines[file->nlines++] =
		(struct conf_line){.section = cfg, .key = opt->name, .index = index, .line = cfg->line};
	return 0;
}

static size_t
make_options(enum conf_section section, cfg_opt_t *options)
{
	size_t n = 0;
	for (const struct conf_key *key = conf_keys; key->name != NULL; key++) {
		if (key->section != section)
			continue;
		bool list = key->type == CONF_LIST || key->type == CONF_NUMBER_LIST;
		cfg_opt_t option = CFG_STR_CB(key->name, NULL, CFGF_NODEFAULT, on_value);
		cfg_opt_t option_list = CFG_STR_LIST_CB(key->name, NULL, CFGF_NODEFAULT, on_value);
		if (n >= OPTIONS_MAX - 8)
			abort();
		options[n++] = list ? option_list : option;
	}
	return n;
}

static cfg_t *
make_cfg(enum conf_section kind)
{
	static cfg_opt_t inner[CONF_SECTIONS][OPTIONS_MAX];
	cfg_opt_t root[OPTIONS_MAX];
	cfg_opt_t end = CFG_END();
	size_t n = kind != CONF_ROOT ? 0 : make_options(CONF_ROOT, root);

	for (enum conf_section s = CONF_PUBLIC; s < CONF_SECTIONS; s++) {
		if ((s >= CONF_ITEM ? s : CONF_ROOT) != kind)
			continue;
		inner[s][make_options(s, inner[s])] = end;
		cfg_flag_t flags = conf_sections[s].title != NULL ? CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES : CFGF_NONE;
		cfg_opt_t section = CFG_SEC(conf_sections[s].name, inner[s], flags);
		root[n++] = section;
	}
	root[n] = end;
	return cfg_init(root, CFGF_NONE);
}

/* ---- One file --------------------------------------------------------------------------------------------------- */

static char *
read_whole(const char *name, size_t *len, struct conf_faults *faults)
{
	FILE *in = fopen(name, "re");
	if (in == NULL) {
		conf_fault(faults, name, 0, "cannot open: %s", strerror(errno));
		return NULL;
	}
	char *text = malloc(FILE_MAX_OCTETS + 1);
	if (text == NULL)
		abort();
	*len = fread(text, 1, FILE_MAX_OCTETS + 1, in);
	bool bad = ferror(in) != 0;
	int error = errno;
	fclose(in);
	if (bad || *len > FILE_MAX_OCTETS) {
		conf_fault(faults, name, 0, "cannot read: %s", bad ? strerror(error) : "larger than 4 MiB");
		free(text);
		return NULL;
	}
	if (memchr(text, '\0', *len) != NULL) {
		conf_fault(faults, name, 0, "cannot read: it holds a NUL octet, so it is no text");
		free(text);
		return NULL;
	}
	text[*len] = '\0';
	return text;
}

/*
 * Notes the lines on which sections begin: libconfuse only knows where they end. Returns the line of a brace that is
 * never closed, which libconfuse takes for closed at the end of the file, or 0.
 */
static int
find_sections(struct conf_file *file, const char *text, size_t len)
{
	struct conf_lexer lexer = {.text = text, .len = len, .line = 1};
	int depth = 0, open = 0;

	for (struct conf_token token = conf_lex_next(&lexer); token.kind != 0; token = conf_lex_next(&lexer)) {
		if (token.kind == '{' && depth++ == 0)
			open = token.line;
		else if (token.kind == '}')
			depth--;
		if (depth != 0 || token.kind != 's')
			continue;
		for (enum conf_section s = CONF_PUBLIC; s < CONF_SECTIONS; s++) {
			const char *name = conf_sections[s].name;
			struct conf_lexer ahead = lexer;
			if (token.end - token.begin != strlen(name) || memcmp(text + token.begin, name, strlen(name)) != 0)
				continue;
			if (conf_lex_next(&ahead).kind == '=')
				break;
			file->opened[s] = realloc(file->opened[s], (file->nopened[s] + 1) * sizeof(int));
			if (file->opened[s] == NULL)
				abort();
			file->opened[s][file->nopened[s]++] = token.line;
			break;
		}
	}
	return depth > 0 ? open : 0;
}

bool
conf_file_read(struct conf_file *file, const char *name, enum conf_section kind, struct conf_faults *faults)
{
	*file = (struct conf_file){.name = name};
	size_t len;
	char *text = read_whole(name, &len, faults);
	if (text == NULL)
		return false;
	int unclosed = find_sections(file, text, len);

	for (int pass = 0; pass <= UNKNOWN_MAX; pass++) {
		file->nlines = 0;
		memset(&reading, 0, sizeof reading);
		reading.file = file;

		file->cfg = make_cfg(kind);
		if (file->cfg == NULL)
			abort();
		cfg_set_error_function(file->cfg, on_error);
		int rc = cfg_parse_buf(file->cfg, text);
		if (rc == CFG_SUCCESS)
			break;
		cfg_free(file->cfg);
		file->cfg = NULL;

		if (reading.unknown[0] == '\0') {
			conf_fault(faults, name, reading.line, "%s",
				reading.error[0] != '\0' ? reading.error : "cannot be read as key = value");
			break;
		}
		fault_unknown(name, reading.line, reading.unknown, faults);
		if (!conf_lex_blank(text, len, reading.line, reading.unknown))
			break;
	}
	free(text);
	if (file->cfg != NULL && unclosed != 0)
		conf_fault(faults, name, unclosed, "the brace that opens here is never closed");
	for (size_t i = 0; file->cfg != NULL && i < file->nlines; i++) {
		if (file->lines[i].again != 0)
			conf_fault(faults, name, file->lines[i].again, "%s is given a second time, first in line %d",
				file->lines[i].key, file->lines[i].line);
	}
	return file->cfg != NULL;
}

void
conf_file_close(struct conf_file *file)
{
	if (file->cfg != NULL)
		cfg_free(file->cfg);
	for (enum conf_section s = 0; s < CONF_SECTIONS; s++)
		free(file->opened[s]);
	free(file->lines);
	*file = (struct conf_file){0};
}

cfg_t *
conf_file_section(const struct conf_file *file, enum conf_section kind, size_t n)
{
	if (file->cfg == NULL)
		return NULL;
	if (kind == CONF_ROOT)
		return n == 0 ? file->cfg : NULL;
	cfg_opt_t *opt = cfg_getopt(file->cfg, conf_sections[kind].name);
	return opt != NULL && n < cfg_opt_size(opt) ? cfg_opt_getnsec(opt, (unsigned)n) : NULL;
}

size_t
conf_file_sections(const struct conf_file *file, enum conf_section kind)
{
	size_t n = 0;
	while (conf_file_section(file, kind, n) != NULL)
		n++;
	return n;
}

int
conf_file_line(const struct conf_file *file, enum conf_section kind, size_t n, const char *name, unsigned index)
{
	const cfg_t *section = conf_file_section(file, kind, n);
	for (size_t i = 0; i < file->nlines; i++) {
		const struct conf_line *line = &file->lines[i];
		if (line->section == section && line->index == index && strcmp(line->key, name) == 0)
			return line->line;
	}
	return n < file->nopened[kind] ? file->opened[kind][n] : 0;
}

bool
conf_file_given(const struct conf_file *file, enum conf_section kind, size_t n, const char *name)
{
	cfg_t *section = conf_file_section(file, kind, n);
	cfg_opt_t *opt = section != NULL ? cfg_getopt(section, name) : NULL;
	return opt != NULL && (opt->nvalues > 0 || (opt->flags & CFGF_MODIFIED) != 0);
}

/* ---- Values into fields ----------------------------------------------------------------------------------------- */

struct filling {
	const struct conf_file *file;
	const struct conf_key *key;
	struct conf_box *box;
	struct conf_faults *faults;
	char where[96]; /* 'link "east": ' or "" */
};

static void
fault_words(const struct filling *f, int line, const char *value)
{
	char list[256];
	size_t at = 0;
	list[0] = '\0';
	for (const char *const *w = f->key->words; *w != NULL; w++)
		at += (size_t)snprintf(list + at, sizeof list - at, "%s%s", at == 0 ? "" : w[1] == NULL ? " or " : ", ", *w);
	conf_fault(f->faults, f->file->name, line, "%s%s = \"%s\": must be %s", f->where, f->key->name, value, list);
}

/* Judges one text; false when it was told to be at fault. */
static bool
text_good(const struct filling *f, int line, const char *value)
{
	const struct conf_key *key = f->key;
	if (key->words != NULL) {
		const char *const *w = key->words;
		while (*w != NULL && strcmp(*w, value) != 0)
			w++;
		if (*w == NULL) {
			fault_words(f, line, value);
			return false;
		}
	}
	const char *wrong = key->check != NULL ? key->check(value) : NULL;
	/* A password at fault is not repeated: this line may land in a log. */
	if (wrong != NULL && strstr(key->name, "password") != NULL)
		conf_fault(f->faults, f->file->name, line, "%s%s: %s", f->where, key->name, wrong);
	else if (wrong != NULL)
		conf_fault(f->faults, f->file->name, line, "%s%s = \"%s\": %s", f->where, key->name, value, wrong);
	return wrong == NULL;
}

static int
number_read(const struct filling *f, int line, const char *value)
{
	const struct conf_key *key = f->key;
	char *end;
	errno = 0;
	long n = strtol(value, &end, 10);
	if (*value == '\0' || *end != '\0')
		conf_fault(f->faults, f->file->name, line, "%s%s = \"%s\": must be a whole number", f->where, key->name, value);
	else if (errno != 0 || n < key->min || n > key->max)
		conf_fault(f->faults, f->file->name, line, "%s%s = %s: must lie between %ld and %ld", f->where, key->name,
			value, key->min, key->max);
	else
		return (int)n;
	return (int)key->min;
}

static bool
bool_read(const struct filling *f, int line, const char *value)
{
	int b = cfg_parse_boolean(value);
	if (b < 0)
		conf_fault(
			f->faults, f->file->name, line, "%s%s = \"%s\": must be true or false", f->where, f->key->name, value);
	return b == 1;
}

/* One list, from the file's values or from the default's elements. */
static void
fill_list(
	const struct filling *f, enum conf_section kind, size_t n, cfg_opt_t *opt, bool given, char *field, char *count)
{
	const struct conf_key *key = f->key;
	char element[256];
	size_t total = 0;

	if (given)
		total = cfg_opt_size(opt);
	else
		while (conf_fallback_element(key->fallback, total, element, sizeof element))
			total++;
	if (!given && key->fallback == NULL) {
		*(void **)field = NULL;
		*(size_t *)count = 0;
		return;
	}
	const char **texts = conf_alloc(f->box, (total + 1) * sizeof *texts);
	int *numbers = conf_alloc(f->box, (total + 1) * sizeof *numbers);
	for (size_t i = 0; i < total; i++) {
		const char *value = element;
		int line = conf_file_line(f->file, kind, n, key->name, (unsigned)i);
		if (given)
			value = cfg_opt_getnstr(opt, (unsigned)i);
		else
			conf_fallback_element(key->fallback, i, element, sizeof element);
		texts[i] = conf_copy(f->box, value);
		if (key->type == CONF_NUMBER_LIST)
			numbers[i] = number_read(f, line, value);
		else if (given && text_good(f, line, value)) {
			for (size_t j = 0; j < i; j++) {
				if (strcmp(texts[j], value) == 0)
					conf_fault(
						f->faults, f->file->name, line, "%s%s: \"%s\" stands in it twice", f->where, key->name, value);
			}
		}
	}
	*(void **)field = key->type == CONF_NUMBER_LIST ? (void *)numbers : (void *)texts;
	*(size_t *)count = total;
}

static void
fill_key(const struct filling *f, enum conf_section kind, size_t n, char *target)
{
	const struct conf_key *key = f->key;
	cfg_t *section = conf_file_section(f->file, kind, n);
	cfg_opt_t *opt = section != NULL ? cfg_getopt(section, key->name) : NULL;
	bool given = section != NULL && conf_file_given(f->file, kind, n, key->name);
	int line = conf_file_line(f->file, kind, n, key->name, 0);
	char *field = target + key->offset;

	if (!given && key->required) {
		conf_fault(f->faults, f->file->name, line, "%s%s is missing: %s", f->where, key->name, key->sentence);
		/* The field keeps something that later checks may read. */
	}
	if (key->type == CONF_LIST || key->type == CONF_NUMBER_LIST) {
		fill_list(f, kind, n, opt, given, field, target + key->count);
		if (given && key->required && !key->may_be_empty && *(size_t *)(target + key->count) == 0)
			conf_fault(f->faults, f->file->name, line, "%s%s is empty: %s", f->where, key->name, key->sentence);
		return;
	}
	const char *value = given ? cfg_opt_getnstr(opt, 0) : key->fallback;
	if (key->type == CONF_TEXT) {
		if (given)
			text_good(f, line, value);
		else if (value == NULL && key->required)
			value = "";
		*(const char **)field = value != NULL ? conf_copy(f->box, value) : NULL;
	} else if (key->type == CONF_NUMBER) {
		*(int *)field = value != NULL ? number_read(f, line, value) : 0;
	} else {
		*(bool *)field = value != NULL && bool_read(f, line, value);
	}
}

void
conf_file_fill(const struct conf_file *file, enum conf_section kind, size_t n, void *target, struct conf_box *box,
	struct conf_faults *faults)
{
	struct filling f = {.file = file, .box = box, .faults = faults};
	cfg_t *section = conf_file_section(file, kind, n);
	if (kind != CONF_ROOT && section != NULL && cfg_title(section) != NULL)
		snprintf(f.where, sizeof f.where, "%s \"%.60s\": ", conf_sections[kind].name, cfg_title(section));
	else if (kind != CONF_ROOT)
		snprintf(f.where, sizeof f.where, "%s: ", conf_sections[kind].name);

	for (const struct conf_key *key = conf_keys; key->name != NULL; key++) {
		if (key->section != kind)
			continue;
		f.key = key;
		fill_key(&f, kind, n, target);
	}
}
