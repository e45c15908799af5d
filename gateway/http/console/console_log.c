/* The log of who did what on the console: its page, and each row in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/http/console/console.h"
#include "gateway/version_text.h"
#include "store/pg.h"

#define WORD_MAX 96
#define DETAIL_MAX 400

/* What the details of a kind of event are: words of the pages that begin with this, one or several with commas. */
static const struct {
	const char *kinds, *prefix; /* kinds: how they begin */
} details[] = {
	{"entry_", "list."},
	{"staff_", "role."},
	{"searched", "search.by."},
	{"called", "called."},
	{"acted", "did."},
	{"assisted", "assist."},
	{"counter_refused", ""},
};

static bool
has_word(const struct desk_call *c, const char *prefix, const char *value, size_t len, char out[WORD_MAX])
{
	size_t n = (size_t)snprintf(out, WORD_MAX, "%s%.*s", prefix, (int)len, value);

	return len > 0 && n < WORD_MAX && html_has_word(c->r->server->o.html, out);
}

static void
say(json_t *list, const char *key, const char *value)
{
	if (*value != '\0')
		json_array_append_new(list, json_pack("{s:s}", key, value));
}

/* "application 12" -> a word for what it is, the rest, and where it is shown; the name of a list is a word whole. */
static void
add_subject(const struct desk_call *c, json_t *row)
{
	const char *subject = json_string_value(json_object_get(row, "subject"));
	size_t len = subject == NULL ? 0 : strcspn(subject, " ");
	char word[WORD_MAX], title[DIALOG_TEXT_MAX + 1];

	if (subject == NULL)
		return;
	if (subject[len] == '\0') {
		if (has_word(c, "list.", subject, len, word))
			json_object_set_new(row, "about_word", json_string(word));
		return;
	}
	if (!has_word(c, "about.", subject, len, word))
		return;
	const char *rest = subject + len + 1;
	json_object_set_new(row, "about_word", json_string(word));
	if (strncmp(subject, "application ", 12) == 0)
		console_href(row, "href", "/applications/", rest);
	else if (strncmp(subject, "entry ", 6) == 0)
		console_href(row, "href", "/entries/", rest);
	else if (strncmp(subject, "dialog ", 7) == 0 &&
			 console_text_words(c, console_dialog(c, rest), VERSION_TITLE, title))
		rest = title;
	else if (strncmp(subject, "dialog ", 7) == 0 && has_word(c, "dialog.", rest, strlen(rest), word)) {
		json_object_set_new(row, "which_word", json_string(word));
		rest = "";
	}
	json_object_set_new(row, "which", json_string(rest));
}

/*
 * A word, or several with commas between them; behind the last ", from NAME" of whom it was taken, or ": " and what
 * somebody wrote. Whatever is none of this stands as it is.
 */
static void
add_detail(const struct desk_call *c, json_t *row)
{
	const char *kind = json_string_value(json_object_get(row, "event")), *prefix = NULL, *at;
	const char *detail = json_string_value(json_object_get(row, "detail"));
	json_t *said = json_array();
	char word[WORD_MAX], text[DETAIL_MAX];
	int n, of, end = 0;

	json_object_set_new(row, "said", said);
	if (detail == NULL || kind == NULL)
		return;
	for (size_t i = 0; i < sizeof(details) / sizeof(details[0]) && prefix == NULL; i++)
		if (strncmp(kind, details[i].kinds, strlen(details[i].kinds)) == 0)
			prefix = details[i].prefix;
	if (sscanf(detail, "%d of %d entries%n", &n, &of, &end) == 2 && end > 0 && detail[end] == '\0') {
		snprintf(text, sizeof(text), "%d / %d", n, of);
		say(said, "text", text);
		return;
	}
	for (at = detail; prefix != NULL && *at != '\0';) {
		size_t len = strcspn(at, ",:");
		if (!has_word(c, prefix, at, len, word))
			break;
		say(said, "word", word);
		at += len;
		if (*at == ':') {
			say(said, "quote", at + (at[1] == ' ' ? 2 : 1));
			return;
		}
		at += strspn(at, ", ");
		if (strncmp(at, "from ", 5) == 0) {
			say(said, "from", at + 5);
			return;
		}
	}
	say(said, "text", prefix == NULL ? detail : at);
}

void
console_log_rows(const struct desk_call *c, json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const char *address = json_string_value(json_object_get(row, "address"));
		json_object_set(row, "event", json_object_get(row, "kind"));
		json_object_del(row, "kind");
		add_subject(c, row);
		add_detail(c, row);
		if (address != NULL && strcmp(address, "command line") == 0)
			json_object_set_new(row, "command_line", json_true());
	}
}

/* ---- The page ---------------------------------------------------------------------------------------------------- */

/* What is looked for: as the log has it; a number alone is an application's. */
static const char *
about(const struct desk_call *c, char *out, size_t room)
{
	const char *typed = form_get(&c->r->query, "about");
	size_t len = typed == NULL ? 0 : strlen(typed);

	if (len == 0 || len > 80)
		return NULL;
	snprintf(out, room, "%s%s", strspn(typed, "0123456789") == len ? "application " : "", typed);
	return out;
}

static void
show(struct desk_call *c)
{
	const char *name = form_get(&c->r->query, "name"), *what = form_get(&c->r->query, "about");
	json_t *rows = json_object_get(c->data, "events");
	size_t n = json_array_size(rows);

	console_log_rows(c, rows);
	json_object_set_new(c->data, "name", json_string(name == NULL ? "" : name));
	json_object_set_new(c->data, "about", json_string(what == NULL ? "" : what));
	if (n > CONSOLE_ROWS) {
		json_array_remove(rows, n - 1);
		char path[100];
		snprintf(path, sizeof(path), "/staff/log?before=%" JSON_INTEGER_FORMAT "&about=",
			json_integer_value(json_object_get(json_array_get(rows, n - 2), "id")));
		console_href(c->data, "more", path, what == NULL ? "" : what);
		char with[400];
		snprintf(with, sizeof(with), "%s&name=", json_string_value(json_object_get(c->data, "more")));
		console_href(c->data, "more", with, name == NULL ? "" : name);
	}
	console_page(c, 200, "console_events");
}

static void
gather(struct desk_call *c)
{
	const char *name = form_get(&c->r->query, "name"), *before = form_get(&c->r->query, "before");
	char subject[100];
	struct pg_params *p = desk_params(c);

	pg_param_text(p, name != NULL && *name != '\0' && strlen(name) <= DESK_NAME_MAX ? name : NULL);
	pg_param_text(p, about(c, subject, sizeof(subject)));
	if (before == NULL)
		pg_param_text(p, NULL);
	else
		pg_param_int(p, strtoll(before, NULL, 10));
	pg_param_int(p, CONSOLE_ROWS + 1);
	const struct desk_ask asks[] = {{"events", STMT_STAFF_EVENTS, p, false}};
	desk_gather(c, asks, 1, show);
}

void
console_events(struct http_request *r)
{
	desk_person_may(r, ROLE_MANAGE, gather);
}
