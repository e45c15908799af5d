/* Writes the configuration out of the table of keys: printed back, as the sample file, as the manual's list. */
#include "gateway/conf_internal.h"

#include <string.h>

#define WIDTH 116 /* of the sample's comments */

/* A text as libconfuse reads it back: quotes, backslashes and ${ mean something to it. */
static void
print_quoted(const char *s, FILE *out)
{
	fputc('"', out);
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\' || *s == '$')
			fputc('\\', out);
		if (*s == '\n')
			fputs("\\n", out);
		else
			fputc(*s, out);
	}
	fputc('"', out);
}

/* A value given as the table gives defaults: a list's elements with commas between. */
static void
print_table_value(const struct conf_key *key, const char *value, FILE *out)
{
	char element[256];
	if (key->type == CONF_TEXT) {
		print_quoted(value, out);
	} else if (key->type == CONF_LIST || key->type == CONF_NUMBER_LIST) {
		fputc('{', out);
		for (size_t i = 0; conf_fallback_element(value, i, element, sizeof element); i++) {
			fputs(i > 0 ? ", " : "", out);
			if (key->type == CONF_LIST)
				print_quoted(element, out);
			else
				fputs(element, out);
		}
		fputc('}', out);
	} else {
		fputs(value, out);
	}
}

/* ---- Printed back ----------------------------------------------------------------------------------------------- */

static void
print_field(const struct conf_key *key, const char *target, const char *indent, FILE *out)
{
	const char *field = target + key->offset;
	if (key->type == CONF_TEXT) {
		const char *value = *(const char *const *)field;
		if (value == NULL)
			return;
		fprintf(out, "%s%s = ", indent, key->name);
		print_quoted(value, out);
	} else if (key->type == CONF_NUMBER) {
		fprintf(out, "%s%s = %d", indent, key->name, *(const int *)field);
	} else if (key->type == CONF_BOOL) {
		fprintf(out, "%s%s = %s", indent, key->name, *(const bool *)field ? "true" : "false");
	} else {
		size_t n = *(const size_t *)(target + key->count);
		if (*(void *const *)field == NULL)
			return;
		fprintf(out, "%s%s = {", indent, key->name);
		for (size_t i = 0; i < n; i++) {
			fputs(i > 0 ? ", " : "", out);
			if (key->type == CONF_LIST)
				print_quoted((*(const char *const *const *)field)[i], out);
			else
				fprintf(out, "%d", (*(const int *const *)field)[i]);
		}
		fputc('}', out);
	}
	fputc('\n', out);
}

bool
conf_key_stays_hidden(const struct conf_key *key, const void *target)
{
	return key->section == CONF_LINK && strcmp(key->name, "password") == 0 &&
		   ((const struct conf_link *)target)->password_file != NULL;
}

static void
print_section(enum conf_section kind, const char *title, const void *target, FILE *out)
{
	if (kind != CONF_ROOT) {
		fprintf(out, "\n%s ", conf_sections[kind].name);
		if (title != NULL) {
			print_quoted(title, out);
			fputc(' ', out);
		}
		fputs("{\n", out);
	}
	for (const struct conf_key *key = conf_keys; key->name != NULL; key++) {
		if (key->section != kind || conf_key_stays_hidden(key, target))
			continue;
		print_field(key, target, kind == CONF_ROOT ? "" : "\t", out);
	}
	if (kind != CONF_ROOT)
		fputs("}\n", out);
}

void
conf_print(const struct conf *c, FILE *out)
{
	print_section(CONF_ROOT, NULL, c, out);
	print_section(CONF_PUBLIC, NULL, c, out);
	print_section(CONF_STAFF, NULL, c, out);
	for (size_t i = 0; i < c->nlinks; i++)
		print_section(CONF_LINK, c->links[i].name, &c->links[i], out);
	for (size_t i = 0; i < c->nbureaus; i++)
		print_section(CONF_BUREAU, c->bureaus[i].code, &c->bureaus[i], out);
}

/* ---- The sample ------------------------------------------------------------------------------------------------- */

/* A comment that breaks between words. */
static void
print_comment(const char *indent, const char *text, FILE *out)
{
	size_t column = 0;
	fprintf(out, "%s#", indent);
	while (*text != '\0') {
		size_t word = strcspn(text, " ");
		if (column + word + 1 > WIDTH - strlen(indent) * 4) {
			fprintf(out, "\n%s#", indent);
			column = 0;
		}
		fprintf(out, " %.*s", (int)word, text);
		column += word + 1;
		text += word;
		text += *text == ' ';
	}
	fputc('\n', out);
}

/* "{zh, en}"-like hint of the words that a key takes. */
static void
print_words(const char *indent, const struct conf_key *key, FILE *out)
{
	if (key->words == NULL)
		return;
	fprintf(out, "%s# One of:", indent);
	for (const char *const *w = key->words; *w != NULL; w++)
		fprintf(out, "%s %s", w == key->words ? "" : ",", *w);
	fputc('\n', out);
}

static void
print_sample_section(enum conf_section kind, FILE *out)
{
	const struct conf_section_facts *facts = &conf_sections[kind];
	const char *indent = kind == CONF_ROOT ? "" : "\t";
	bool first = true;

	if (kind != CONF_ROOT) {
		fputc('\n', out);
		print_comment("", facts->comment, out);
		fprintf(out, "%s ", facts->name);
		if (facts->title != NULL)
			fprintf(out, "\"%s\" ", facts->title);
		fputs("{\n", out);
	}
	for (const struct conf_key *key = conf_keys; key->name != NULL; key++) {
		if (key->section != kind)
			continue;
		if (!first || kind == CONF_ROOT)
			fputc('\n', out);
		first = false;
		print_comment(indent, key->sentence, out);
		print_words(indent, key, out);
		/* What may be absent and has no default is shown, but not set; a password must stand in one place. */
		bool set = key->fallback != NULL || key->required || strcmp(key->name, "password") == 0;
		fprintf(out, "%s%s%s = ", indent, set ? "" : "# ", key->name);
		print_table_value(key, key->fallback != NULL ? key->fallback : key->sample != NULL ? key->sample : "", out);
		fputc('\n', out);
	}
	if (kind != CONF_ROOT)
		fputs("}\n", out);
}

void
conf_print_sample(FILE *out)
{
	fputs("# Huizhi's configuration: every key there is, at its default; what must be given bears an example.\n"
		  "# `huizhid -c FILE -n` checks a file. minimal.conf is enough to start. Printed by `huizhi conf sample`.\n",
		out);
	for (enum conf_section kind = CONF_ROOT; kind < CONF_ITEM; kind++)
		print_sample_section(kind, out);
}

/* ---- The manual ------------------------------------------------------------------------------------------------- */

/* Text for man(7): a hyphen is a minus, a leading dot or apostrophe no request, a backslash itself. */
static void
print_roff(const char *s, FILE *out)
{
	for (const char *p = s; *p != '\0'; p++) {
		if (*p == '\\')
			fputs("\\e", out);
		else if (*p == '-')
			fputs("\\-", out);
		else if (p == s && (*p == '.' || *p == '\''))
			fprintf(out, "\\&%c", *p);
		else
			fputc(*p, out);
	}
}

static void
print_man_key(const struct conf_key *key, FILE *out)
{
	static const char *const types[] = {
		[CONF_TEXT] = "text",
		[CONF_NUMBER] = "number",
		[CONF_BOOL] = "true or false",
		[CONF_LIST] = "list of texts",
		[CONF_NUMBER_LIST] = "list of numbers",
	};
	fprintf(out, ".TP\n.B %s\n(%s", key->name, types[key->type]);
	if (key->required) {
		fputs(", required", out);
	} else if (key->fallback != NULL) {
		fputs(", default ", out);
		char value[256] = "";
		FILE *text = fmemopen(value, sizeof value, "w");
		if (text != NULL) {
			print_table_value(key, key->fallback, text);
			fclose(text);
		}
		print_roff(value, out);
	}
	fputs(")\n", out);
	print_roff(key->sentence, out);
	fputc('\n', out);
	if (key->words != NULL) {
		fputs("One of", out);
		for (const char *const *w = key->words; *w != NULL; w++) {
			fputs(w == key->words ? " " : w[1] == NULL ? " and " : ", ", out);
			print_roff(*w, out);
		}
		fputs(".\n", out);
	} else if (key->type == CONF_NUMBER || key->type == CONF_NUMBER_LIST) {
		fprintf(out, "From %ld to %ld.\n", key->min, key->max);
	}
	if (key->reload)
		fputs("Taken over at SIGHUP.\n", out);
}

void
conf_print_man(FILE *out)
{
	for (enum conf_section kind = CONF_ROOT; kind < CONF_SECTIONS; kind++) {
		const struct conf_section_facts *facts = &conf_sections[kind];
		if (kind == CONF_ROOT)
			fputs(".SS At the top of the file\n", out);
		else
			fprintf(out, ".SS Section %s%s\n", facts->name, facts->title != NULL ? " \"TITLE\"" : "");
		print_roff(facts->comment, out);
		fputc('\n', out);
		for (const struct conf_key *key = conf_keys; key->name != NULL; key++) {
			if (key->section == kind)
				print_man_key(key, out);
		}
	}
}

bool
conf_same_field(const struct conf_key *key, const void *a, const void *b)
{
	char texts[2][4096] = {"", ""};
	for (int i = 0; i < 2; i++) {
		FILE *out = fmemopen(texts[i], sizeof texts[i], "w");
		if (out == NULL)
			return false;
		print_field(key, i == 0 ? a : b, "", out);
		fclose(out);
	}
	return strcmp(texts[0], texts[1]) == 0;
}
