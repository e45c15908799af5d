/* Answers of the programs' interface: JSON, problems (RFC 9457), pages of lists; and what a query or a body may hold.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/utf8.h"
#include "gateway/conf.h"
#include "gateway/http/api/api.h"
#include "gateway/http/api/cursor.h"
#include "gateway/import_check.h"
#include "store/pg.h"

/* ---- Answers ------------------------------------------------------------------------------------------------------
 */

void
api_answer_text(struct desk_call *c, int status, const char *type, const char *text, size_t len)
{
	if (api_once_keep(c, status, type, text, len))
		return;
	http_reply_bytes(c->r, status, type, text, len, HTTP_NO_STORE);
	desk_free(c);
}

static void
answer(struct desk_call *c, int status, const char *type, json_t *body)
{
	char *text = json_dumps(body, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	json_decref(body);
	if (text == NULL)
		api_unavailable(c);
	else
		api_answer_text(c, status, type, text, strlen(text));
	free(text);
}

void
api_answer(struct desk_call *c, int status, json_t *body)
{
	answer(c, status, "application/json", body);
}

/* ---- Problems -----------------------------------------------------------------------------------------------------
 */

/* The words of a problem's type, behind "urn:huizhi:problem:". */
static const struct {
	const char *what;
	int status;
	const char *title;
} problems[] = {
	{"invalid-field", 400, "A field or parameter is not as it must be"},
	{"invalid-body", 400, "The body cannot be read"},
	{"unauthorized", 401, "No key, or none that holds"},
	{"forbidden", 403, "The key does not allow this"},
	{"not-found", 404, "There is no such thing at this bureau"},
	{"conflict", 409, "What it is about does not allow this now"},
	{"under-way", 409, "The same request is under way"},
	{"unsupported-media-type", 415, "This kind of body is not taken here"},
	{"refused-rows", 422, "Fields of what was sent have faults"},
	{"other-request", 422, "The Idempotency-Key belongs to another request"},
	{"too-many-requests", 429, "Asked too often"},
	{"unavailable", 503, "Not possible just now"},
};

void
api_refuse_with(struct desk_call *c, const char *what, const char *field, const char *detail, json_t *more)
{
	size_t i = 0;
	char type[80];

	while (i + 1 < sizeof(problems) / sizeof(problems[0]) && strcmp(problems[i].what, what) != 0)
		i++;
	snprintf(type, sizeof(type), "urn:huizhi:problem:%s", problems[i].what);
	json_t *body = json_pack("{s:s, s:s, s:i, s:s}", "type", type, "title", problems[i].title, "status",
		problems[i].status, "detail", detail);
	if (field != NULL)
		json_object_set_new(body, "field", json_string(field));
	if (more != NULL)
		json_object_update(body, more);
	json_decref(more);
	answer(c, problems[i].status, "application/problem+json", body);
}

void
api_refuse(struct desk_call *c, const char *what, const char *field, const char *detail)
{
	api_refuse_with(c, what, field, detail, NULL);
}

void
api_unavailable(struct desk_call *c)
{
	http_set_header(c->r, "Retry-After", "5");
	api_refuse(c, "unavailable", NULL, "The database did not answer. Nothing was changed; try again.");
}

/* ---- Pages --------------------------------------------------------------------------------------------------------
 */

bool
api_page(struct desk_call *c, const char *list, struct api_page *page)
{
	const char *cursor = form_get(&c->r->query, "cursor");

	page->after[0] = '\0';
	if (!api_query_number(c, "limit", 1, API_LIMIT_MAX, API_LIMIT_DEFAULT, &page->limit))
		return false;
	if (cursor == NULL || cursor_read(cursor, list, page->after, sizeof(page->after)) == 0)
		return true;
	api_refuse(c, "invalid-field", "cursor", "cursor is \"next\" of the page before, as it came, of the same list.");
	return false;
}

void
api_page_params(struct pg_params *p, const struct api_page *page)
{
	pg_param_text(p, page->after[0] == '\0' ? NULL : page->after);
	pg_param_int(p, page->limit + 1);
}

static json_t *
cursor_after(const char *list, const json_t *key)
{
	char number[24], cursor[CURSOR_ROOM];

	snprintf(number, sizeof(number), "%" PRId64, (int64_t)json_integer_value(key));
	cursor_make(list, json_is_string(key) ? json_string_value(key) : number, cursor);
	return json_string(cursor);
}

void
api_give_page(struct desk_call *c, const char *list, const char *key)
{
	json_t *rows = json_incref(json_object_get(c->data, list)), *next = json_null();
	size_t n = json_array_size(rows), limit = API_LIMIT_DEFAULT;
	const char *asked = form_get(&c->r->query, "limit");

	if (asked != NULL)
		limit = (size_t)strtoll(asked, NULL, 10); /* checked by api_page */
	if (n > limit) {
		json_array_remove(rows, n - 1);
		next = cursor_after(list, json_object_get(json_array_get(rows, n - 2), key));
	}
	api_answer(c, 200, json_pack("{s:o, s:o}", list, rows, "next", next));
}

void
api_give_all(struct desk_call *c)
{
	api_answer(c, 200, json_incref(c->data));
}

/* ---- What a query may hold ----------------------------------------------------------------------------------------
 */

bool
api_query_number(struct desk_call *c, const char *name, int64_t least, int64_t most, int64_t otherwise, int64_t *out)
{
	const char *text = form_get(&c->r->query, name);
	char detail[160], *end;

	*out = otherwise;
	if (text == NULL)
		return true;
	*out = strtoll(text, &end, 10);
	if (((*text >= '0' && *text <= '9') || *text == '-') && *end == '\0' && *out >= least && *out <= most)
		return true;
	snprintf(detail, sizeof(detail), "%s is a whole number from %" PRId64 " to %" PRId64 ".", name, least, most);
	api_refuse(c, "invalid-field", name, detail);
	return false;
}

static void
list_words(char *out, size_t room, const char *const *words)
{
	size_t used = strlen(out);

	for (size_t i = 0; words[i] != NULL && used < room; i++)
		used += (size_t)snprintf(out + used, room - used, "%s%s", i == 0 ? "" : ", ", words[i]);
}

bool
api_query_word(struct desk_call *c, const char *name, const char *const *words, const char **out)
{
	const char *text = *out = form_get(&c->r->query, name);
	char detail[500];

	for (size_t i = 0; text != NULL && words[i] != NULL; i++)
		if (strcmp(words[i], text) == 0)
			return true;
	if (text == NULL)
		return true;
	snprintf(detail, sizeof(detail), "%s is one of: ", name);
	list_words(detail, sizeof(detail), words);
	api_refuse(c, "invalid-field", name, detail);
	return false;
}

bool
api_query_day(struct desk_call *c, const char *name, const char **out)
{
	const char *text = *out = form_get(&c->r->query, name);
	char day[11], fault[CHECK_FAULT_MAX + 1], detail[CHECK_FAULT_MAX + 80];

	if (text == NULL || (check_date(text, day, fault) == 0 && strcmp(day, text) == 0))
		return true;
	snprintf(detail, sizeof(detail), "%s is no day of the form 2026-12-31.", name);
	api_refuse(c, "invalid-field", name, detail);
	return false;
}

bool
api_query_phone(struct desk_call *c, const char *name, char *out)
{
	const char *text = form_get(&c->r->query, name);
	char detail[160];

	out[0] = '\0';
	if (text == NULL || conf_phone_normalise(c->bureau, text, out, 20, NULL) == 0)
		return true;
	snprintf(detail, sizeof(detail), "%s is no telephone number; write it as +86..., 86... or as at home.", name);
	api_refuse(c, "invalid-field", name, detail);
	return false;
}

int64_t
api_path_id(struct desk_call *c, const char *what)
{
	const char *text = c->r->params.values[0];
	char detail[120], *end;
	int64_t id = strtoll(text, &end, 10);

	if (*text >= '0' && *text <= '9' && *end == '\0' && id > 0 && id < INT64_MAX)
		return id;
	snprintf(detail, sizeof(detail), "This bureau has no such %s; its number stands in the list.", what);
	api_refuse(c, "not-found", NULL, detail);
	return -1;
}

/* ---- What a body may hold -----------------------------------------------------------------------------------------
 */

const char *
api_text(const struct desk_call *c, const char *name)
{
	return json_string_value(json_object_get(json_object_get(c->data, "body"), name));
}

static bool
is_texts(const json_t *value)
{
	size_t i;
	json_t *one;

	json_array_foreach (value, i, one)
		if (!json_is_string(one))
			return false;
	return json_is_array(value);
}

static const char *
wrong_type(char letter, const json_t *value)
{
	switch (letter) {
	case 's':
		return json_is_string(value) ? NULL : "must be a text";
	case 'i':
		return json_is_integer(value) ? NULL : "must be a whole number";
	case 'b':
		return json_is_boolean(value) ? NULL : "must be true or false";
	case 'a':
		return is_texts(value) ? NULL : "must be a list of texts";
	default:
		return json_is_object(value) ? NULL : "must be an object";
	}
}

/* The entry of `names` for this member; NULL when there is none. */
static const char *
find_name(const char *const *names, const char *key)
{
	size_t len = strlen(key);

	for (; *names != NULL; names++)
		if (strncmp(*names + 2, key, len) == 0 && (*names + 2)[len + ((*names + 2)[len] == '!')] == '\0')
			return *names;
	return NULL;
}

bool
api_body_check(struct desk_call *c, const char *const *names)
{
	json_t *body = json_object_get(c->data, "body"), *value;
	char detail[400], field[60];
	const char *key;

	json_object_foreach (body, key, value) {
		const char *name = find_name(names, key), *wrong = name == NULL ? NULL : wrong_type(name[0], value);
		if (name != NULL && (wrong == NULL || json_is_null(value)))
			continue;
		snprintf(field, sizeof(field), "%.*s", (int)utf8_cut(key, strlen(key), sizeof(field) - 1), key);
		if (wrong != NULL) {
			snprintf(detail, sizeof(detail), "%s %s.", field, wrong);
		} else {
			size_t used = (size_t)snprintf(detail, sizeof(detail), "There is no field %s here; there are:", field);
			for (size_t i = 0; names[i] != NULL && used < sizeof(detail); i++)
				used += (size_t)snprintf(
					detail + used, sizeof(detail) - used, " %.*s", (int)strcspn(names[i] + 2, "!"), names[i] + 2);
		}
		api_refuse(c, "invalid-field", field, detail);
		return false;
	}
	for (; *names != NULL; names++) {
		size_t len = strcspn(*names + 2, "!");
		snprintf(field, sizeof(field), "%.*s", (int)len, *names + 2);
		value = json_object_get(body, field);
		if ((*names + 2)[len] == '\0' || (value != NULL && !json_is_null(value)))
			continue;
		snprintf(detail, sizeof(detail), "%s is missing.", field);
		api_refuse(c, "invalid-field", field, detail);
		return false;
	}
	return true;
}
