/* Rows of the database as JSON values: what every list and every view of the command line is made of. */
#include "gateway/cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
	TYPE_TIMESTAMPTZ = 1184,
	TYPE_NUMERIC = 1700,
	TYPE_JSONB = 3802,
};

/* "2026-01-31 09:00:00.123+08" -> "2026-01-31T01:00:00Z". What is no such text stays as it is. */
static json_t *
time_value(const char *text)
{
	struct tm tm = {0};
	const char *rest = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
	if (rest == NULL)
		return json_string(text);
	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	int sign = *rest == '-' ? -1 : 1, hours = 0, minutes = 0;
	if ((*rest != '+' && *rest != '-') || sscanf(rest + 1, "%2d:%2d", &hours, &minutes) < 1)
		return json_string(text);
	time_t at = timegm(&tm) - sign * (hours * 3600 + minutes * 60);
	char out[40];
	gmtime_r(&at, &tm);
	strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(out);
}

/* {a,"b c",NULL} -> a list. Elements with quotes and backslashes are undone. */
static json_t *
array_value(const char *text, bool numbers)
{
	json_t *list = json_array();
	if (*text == '{')
		text++;
	while (*text != '\0' && *text != '}') {
		char element[1024];
		size_t n = 0;
		bool quoted = *text == '"';
		if (quoted)
			text++;
		while (*text != '\0' && (quoted ? *text != '"' : *text != ',' && *text != '}')) {
			if (*text == '\\' && text[1] != '\0')
				text++;
			if (n + 1 < sizeof element)
				element[n++] = *text;
			text++;
		}
		element[n] = '\0';
		if (quoted && *text == '"')
			text++;
		if (*text == ',')
			text++;
		if (numbers)
			json_array_append_new(list, json_integer(strtoll(element, NULL, 10)));
		else
			json_array_append_new(list, !quoted && strcmp(element, "NULL") == 0 ? json_null() : json_string(element));
	}
	return list;
}

static json_t *
cell_value(const PGresult *res, int row, int column)
{
	if (PQgetisnull(res, row, column))
		return json_null();
	const char *text = PQgetvalue(res, row, column);
	json_t *value = NULL;
	switch (PQftype(res, column)) {
	case TYPE_BOOL:
		return json_boolean(text[0] == 't');
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
		value = json_loads(text, JSON_DECODE_ANY, NULL);
		break;
	case TYPE_TEXT_ARRAY:
		return array_value(text, false);
	case TYPE_INT4_ARRAY:
		return array_value(text, true);
	case TYPE_TIMESTAMPTZ:
		return time_value(text);
	default:
		break;
	}
	if (value == NULL)
		value = json_string(text);
	return value != NULL ? value : json_null();
}

json_t *
cli_rows(const PGresult *res)
{
	json_t *rows = json_array();
	for (int i = 0; i < PQntuples(res); i++) {
		json_t *row = json_object();
		for (int j = 0; j < PQnfields(res); j++)
			json_object_set_new(row, PQfname(res, j), cell_value(res, i, j));
		json_array_append_new(rows, row);
	}
	return rows;
}

void
cli_rows_bureau(json_t *rows, const char *code)
{
	size_t i;
	json_t *row;
	json_array_foreach(rows, i, row)
	{
		json_t *with = json_object();
		json_object_set_new(with, "bureau", json_string(code));
		json_object_update_missing(with, row);
		json_array_set_new(rows, i, with);
	}
}
