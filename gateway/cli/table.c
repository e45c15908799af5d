/* Prints lists and single things for people, aligned by the width that text has on a terminal, or as JSON. */
#include "gateway/cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#define COLUMNS_MAX 24

size_t
cli_width(const char *text)
{
	mbstate_t state = {0};
	size_t width = 0;
	while (*text != '\0') {
		wchar_t c;
		size_t n = mbrtowc(&c, text, strlen(text), &state);
		if (n == (size_t)-1 || n == (size_t)-2) {
			/* No UTF-8: terminals show one sign for the octet. */
			memset(&state, 0, sizeof state);
			text++;
			width++;
			continue;
		}
		int w = wcwidth(c);
		width += w > 0 ? (size_t)w : 0;
		text += n;
	}
	return width;
}

/* "2026-01-31T01:00:00Z" -> "2026-01-31 09:00", local time. False for any other text. */
static bool
local_time(const char *text, char *out, size_t room)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (rest == NULL || *rest != '\0')
		return false;
	time_t at = timegm(&tm);
	localtime_r(&at, &tm);
	strftime(out, room, "%Y-%m-%d %H:%M", &tm);
	return true;
}

static char *
list_cell(const json_t *value)
{
	char *out = NULL;
	size_t len, i;
	json_t *element;
	FILE *text = open_memstream(&out, &len);
	if (text == NULL)
		abort();
	json_array_foreach (value, i, element) {
		char *cell = cli_cell(element);
		fprintf(text, "%s%s", i > 0 ? ", " : "", cell);
		free(cell);
	}
	fclose(text);
	return out;
}

static char *
copy(const char *s)
{
	char *out = strdup(s);
	if (out == NULL)
		abort();
	return out;
}

char *
cli_cell(const json_t *value)
{
	char number[40];
	switch (json_typeof(value)) {
	case JSON_STRING:
		return local_time(json_string_value(value), number, sizeof number) ? copy(number)
																		   : copy(json_string_value(value));
	case JSON_INTEGER:
		snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
		return copy(number);
	case JSON_REAL:
		snprintf(number, sizeof number, "%g", json_real_value(value));
		return copy(number);
	case JSON_TRUE:
		return copy("yes");
	case JSON_FALSE:
		return copy("no");
	case JSON_ARRAY:
		return list_cell(value);
	case JSON_OBJECT: {
		char *out = json_dumps(value, JSON_COMPACT);
		if (out == NULL)
			abort();
		return out;
	}
	default:
		return copy("");
	}
}

static void
print_json(json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
}

/* Control characters and line ends would tear the table; a text is shown on one line. */
static void
print_text(const char *text)
{
	for (; *text != '\0'; text++)
		putchar((unsigned char)*text < 0x20 || *text == 0x7F ? ' ' : *text);
}

/* Columns with numbers alone stand to the right. */
static bool
is_numeric(const json_t *rows, const char *key)
{
	size_t i;
	json_t *row;
	bool any = false;
	json_array_foreach (rows, i, row) {
		const json_t *value = json_object_get(row, key);
		if (value == NULL || json_is_null(value))
			continue;
		if (!json_is_integer(value))
			return false;
		any = true;
	}
	return any;
}

static void
print_cell(const char *text, size_t width, bool right, bool last)
{
	size_t own = cli_width(text), pad = width > own ? width - own : 0;
	if (right)
		printf("%*s", (int)pad, "");
	print_text(text);
	if (!last)
		printf("%*s  ", right ? 0 : (int)pad, "");
}

int
cli_print_list(const struct cli *c, json_t *rows, const struct cli_column *columns)
{
	if (c->json) {
		print_json(rows);
		return CLI_DONE;
	}
	const struct cli_column *shown[COLUMNS_MAX];
	size_t n = 0, nrows = json_array_size(rows), i;
	for (; columns->key != NULL && n < COLUMNS_MAX; columns++) {
		if (columns->heading != NULL)
			shown[n++] = columns;
	}
	if (nrows == 0) {
		puts("none");
		json_decref(rows);
		return CLI_DONE;
	}
	char **cells = calloc(nrows * n + 1, sizeof *cells);
	size_t width[COLUMNS_MAX];
	bool right[COLUMNS_MAX];
	if (cells == NULL)
		abort();
	for (size_t k = 0; k < n; k++) {
		width[k] = cli_width(shown[k]->heading);
		right[k] = is_numeric(rows, shown[k]->key);
	}
	json_t *row;
	json_array_foreach (rows, i, row) {
		for (size_t k = 0; k < n; k++) {
			const json_t *value = json_object_get(row, shown[k]->key);
			char *cell = cells[i * n + k] = value != NULL ? cli_cell(value) : copy("");
			if (cli_width(cell) > width[k])
				width[k] = cli_width(cell);
		}
	}
	for (size_t k = 0; k < n; k++)
		print_cell(shown[k]->heading, width[k], right[k], k + 1 == n);
	putchar('\n');
	for (i = 0; i < nrows; i++) {
		for (size_t k = 0; k < n; k++) {
			print_cell(cells[i * n + k], width[k], right[k], k + 1 == n);
			free(cells[i * n + k]);
		}
		putchar('\n');
	}
	free(cells);
	json_decref(rows);
	return CLI_DONE;
}

int
cli_print_object(const struct cli *c, json_t *object, const struct cli_column *columns)
{
	if (c->json) {
		print_json(object);
		return CLI_DONE;
	}
	size_t width = 0;
	for (const struct cli_column *k = columns; k->key != NULL; k++) {
		if (k->heading != NULL && cli_width(k->heading) > width)
			width = cli_width(k->heading);
	}
	for (const struct cli_column *k = columns; k->key != NULL; k++) {
		const json_t *value = json_object_get(object, k->key);
		if (k->heading == NULL || value == NULL)
			continue;
		char *cell = cli_cell(value);
		if (cell[0] != '\0') {
			print_cell(k->heading, width, false, false);
			print_text(cell);
			putchar('\n');
		}
		free(cell);
	}
	json_decref(object);
	return CLI_DONE;
}
