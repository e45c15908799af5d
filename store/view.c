/* Rows as JSON values. Results are in the form that every connection asks for: times in UTC, ISO dates. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "store/view.h"

/* Type numbers of PostgreSQL (pg_type.dat), which never change. */
enum {
	TYPE_BOOL = 16,
	TYPE_INT8 = 20,
	TYPE_INT2 = 21,
	TYPE_INT4 = 23,
	TYPE_JSON = 114,
	TYPE_FLOAT4 = 700,
	TYPE_FLOAT8 = 701,
	TYPE_INT4_ARRAY = 1007,
	TYPE_TEXT_ARRAY = 1009,
	TYPE_INT8_ARRAY = 1016,
	TYPE_TIMESTAMPTZ = 1184,
	TYPE_NUMERIC = 1700,
	TYPE_JSONB = 3802,
};

/* 2025-11-21 19:14:00.5+00 -> 2025-11-21T19:14:00Z; infinity and times before Christ stay as they are. */
static json_t *
time_value(const char *text)
{
	enum {
		SECONDS = 19
	}; /* octets up to the seconds */
	size_t len = strlen(text);
	char out[24];

	if (len < SECONDS + 3 || text[10] != ' ' || strcmp(text + len - 3, "+00") != 0)
		return json_string(text);
	snprintf(out, sizeof out, "%.10sT%.8sZ", text, text + 11);
	return json_string(out);
}

/* One element of an array literal, its quotes and escapes undone; *text is left behind it. */
static json_t *
element_value(const char **text, bool numbers)
{
	const char *s = *text;
	bool quoted = *s == '"';
	char *plain = malloc(strlen(s) + 1);
	json_t *value;
	size_t n = 0;

	if (plain == NULL)
		return NULL;
	if (quoted)
		s++;
	while (*s != '\0' && (quoted ? *s != '"' : *s != ',' && *s != '}')) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		plain[n++] = *s++;
	}
	plain[n] = '\0';
	if (quoted && *s == '"')
		s++;
	if (!quoted && strcmp(plain, "NULL") == 0)
		value = json_null();
	else if (numbers)
		value = json_integer(strtoll(plain, NULL, 10));
	else
		value = json_string(plain);
	free(plain);
	*text = s;
	return value;
}

static json_t *
array_value(const char *text, bool numbers)
{
	json_t *list = json_array();

	text += *text == '{';
	while (*text != '\0' && *text != '}') {
		if (json_array_append_new(list, element_value(&text, numbers)) != 0)
			break;
		text += *text == ',';
	}
	return list;
}

static json_t *
cell_value(const PGresult *res, int row, int column)
{
	const char *text = PQgetvalue(res, row, column);

	if (PQgetisnull(res, row, column))
		return json_null();
	switch (PQftype(res, column)) {
	case TYPE_BOOL:
		return json_boolean(*text == 't');
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
		return json_integer(strtoll(text, NULL, 10));
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
	case TYPE_NUMERIC:
		return json_real(strtod(text, NULL));
	case TYPE_JSON:
	case TYPE_JSONB:
		return json_loads(text, JSON_DECODE_ANY, NULL);
	case TYPE_TEXT_ARRAY:
		return array_value(text, false);
	case TYPE_INT4_ARRAY:
	case TYPE_INT8_ARRAY:
		return array_value(text, true);
	case TYPE_TIMESTAMPTZ:
		return time_value(text);
	default:
		return json_string(text);
	}
}

json_t *
view_row(const PGresult *res, int row)
{
	json_t *object = json_object();

	for (int i = 0; i < PQnfields(res); i++)
		json_object_set_new(object, PQfname(res, i), cell_value(res, row, i));
	return object;
}

json_t *
view_rows(const PGresult *res)
{
	json_t *rows = json_array();

	for (int i = 0; i < PQntuples(res); i++)
		json_array_append_new(rows, view_row(res, i));
	return rows;
}

const char *
view_text(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text == NULL ? "" : text;
}

int64_t
view_number(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

json_t *
view_time(int64_t unix_seconds)
{
	char text[40];
	time_t at = (time_t)unix_seconds;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

bool
view_is(const json_t *row, const char *key, const char *text)
{
	return strcmp(view_text(row, key), text) == 0;
}
