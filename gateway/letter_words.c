/* Reads the words of letters and fills in what they name. */
#include "gateway/letter_words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/conf.h"

static const char *const names[] = {"title", "hello", "expires", "item", "number", "until", "how", "how_counter", "qr",
	"code", "good", "check", "genuine", NULL};

static char said[800];

/* {office}, {telephone}, ... -> their values, into a malloc'd text. */
static char *
fill(const char *text, const struct conf *conf, const struct conf_bureau *b, const char *phone)
{
	const struct {
		const char *name, *value;
	} values[] = {{"{office}", b->name}, {"{telephone}", b->telephone}, {"{address}", b->address},
		{"{short_code}", b->short_code}, {"{page}", conf->public_url}, {"{phone}", phone == NULL ? "" : phone}};
	char *out = NULL;
	size_t len = 0;
	FILE *o = open_memstream(&out, &len);

	if (o == NULL)
		abort();
	while (*text != '\0') {
		size_t i, n = sizeof values / sizeof values[0];
		for (i = 0; i < n && strncmp(text, values[i].name, strlen(values[i].name)) != 0; i++)
			;
		if (i < n) {
			fputs(values[i].value, o);
			text += strlen(values[i].name);
		} else {
			fputc(*text++, o);
		}
	}
	fclose(o);
	return out;
}

static int
read_words(const char *path, const struct conf *conf, const struct conf_bureau *b, const char *phone, json_t *words)
{
	char *line = NULL;
	size_t room = 0;
	FILE *in = fopen(path, "re");

	if (in == NULL)
		return -1;
	while (getline(&line, &room, in) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		char *value = strstr(line, ": ");
		if (line[0] == '#' || value == NULL)
			continue;
		*value = '\0';
		char *filled = fill(value + 2, conf, b, phone);
		json_object_set_new(words, line, json_string(filled));
		free(filled);
	}
	free(line);
	fclose(in);
	return 0;
}

json_t *
letter_words(
	const struct conf *conf, const struct conf_bureau *b, const char *language, const char *phone, const char **error)
{
	char path[600] = "";
	json_t *words = json_object();
	int rc = -1;

	*error = said;
	for (size_t i = 0; rc != 0 && i <= b->nlanguages; i++) {
		snprintf(path, sizeof path, "%s/letter.%s.txt", conf->templates, i == 0 ? language : b->languages[i - 1]);
		rc = read_words(path, conf, b, phone, words);
	}
	if (rc != 0) {
		snprintf(said, sizeof said, "cannot open %s: %s", path, strerror(errno));
		json_decref(words);
		return NULL;
	}
	for (const char *const *n = names; *n != NULL; n++) {
		if (json_object_get(words, *n) == NULL) {
			snprintf(said, sizeof said, "%s has no line \"%s: ...\"", path, *n);
			json_decref(words);
			return NULL;
		}
	}
	/* Who cannot be texted has the page, the counter and the telephone. */
	if (phone == NULL)
		json_object_set(words, "how", json_object_get(words, "how_counter"));
	return words;
}
