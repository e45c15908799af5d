/* The lists that wait for a person: a page of one with its filters, and what an act on several of its entries came to.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/clerk.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/mask.h"
#include "store/pg.h"

#define COUNTED 999 /* of each list, for its tab */
#define ROWS 50		/* of a page; a form carries a box for each */
#define LEFT_WHY 20 /* letters of a reason why an entry was left */

void
console_mask_phones(json_t *value)
{
	const char *key;
	json_t *inside;
	void *next;
	size_t i;
	char masked[32];

	json_array_foreach (value, i, inside)
		console_mask_phones(inside);
	json_object_foreach_safe(value, next, key, inside)
	{
		const char *text = json_string_value(inside);
		if (text != NULL && (strcmp(key, "phone") == 0 || strcmp(key, "landline") == 0)) {
			mask_phone(text, masked, sizeof(masked));
			json_object_set_new(value, key, json_string(masked));
		} else if (text == NULL) {
			console_mask_phones(inside);
		}
	}
}

void
console_entry_words(const struct desk_call *c, json_t *value)
{
	json_t *inside;
	size_t i;

	json_array_foreach (value, i, inside)
		console_entry_words(c, inside);
	const char *reason = json_string_value(json_object_get(value, "reason"));
	if (reason != NULL)
		console_why(c, value, reason);
	json_t *hours = json_object_get(value, "age_hours");
	if (json_is_integer(hours)) {
		json_int_t h = json_integer_value(hours);
		json_object_set_new(value, "age", json_string(h < 1 ? "waited.now" : h < 48 ? "waited.hours" : "waited.days"));
		json_object_set_new(value, "age_args", json_integer(h < 48 ? h : h / 24));
	}
}

/* ---- A page ------------------------------------------------------------------------------------------------------ */

struct filter {
	const char *who; /* "", "mine", "free" */
	const char *item;
	bool due;
	char after_due[16];
	int64_t after_id;
};

/* Only what we wrote ourselves into an address comes through: a day, or "infinity". */
static bool
is_day(const char *text)
{
	int y, m, d, end = 0;

	return strcmp(text, "infinity") == 0 || (strlen(text) == 10 && strspn(text, "0123456789-") == 10 &&
												sscanf(text, "%4d-%2d-%2d%n", &y, &m, &d, &end) == 3 && end == 10 &&
												y > 0 && m >= 1 && m <= 12 && d >= 1 &&
												d <= 28 + (m == 2									  ? y % 4 == 0
															  : m == 4 || m == 6 || m == 9 || m == 11 ? 2
																									  : 3));
}

static struct filter
read_filter(const struct form *q)
{
	const char *who = form_get(q, "who"), *item = form_get(q, "item"), *after = form_get(q, "after");
	struct filter f = {.who = who != NULL && (strcmp(who, "mine") == 0 || strcmp(who, "free") == 0) ? who : "",
		.item = item != NULL && *item != '\0' && strlen(item) <= 80 ? item : NULL,
		.due = form_get(q, "due") != NULL,
		.after_due = "-infinity"};
	const char *dot = after == NULL ? NULL : strrchr(after, '.');
	char day[16];

	if (dot != NULL && (size_t)(dot - after) < sizeof(day)) {
		memcpy(day, after, (size_t)(dot - after));
		day[dot - after] = '\0';
		if (is_day(day)) {
			snprintf(f.after_due, sizeof(f.after_due), "%s", day);
			f.after_id = strtoll(dot + 1, NULL, 10);
		}
	}
	return f;
}

void
console_worklist_path(const struct desk_call *c, const struct form *q, const char *more, char *out, size_t room)
{
	struct filter f = read_filter(q);
	json_t *o = json_object();

	snprintf(out, room, "/worklists/%s?%s&who=%s%s&item=", c->r->params.values[0], more, f.who, f.due ? "&due=1" : "");
	console_href(o, "path", out, f.item == NULL ? "" : f.item);
	snprintf(out, room, "%s", json_string_value(json_object_get(o, "path")));
	json_decref(o);
}

static void
add_items(struct desk_call *c, const char *chosen)
{
	const struct conf *conf = c->r->g->conf;
	bool zh = strcmp(http_language(c->r, NULL), "zh") == 0;
	json_t *items = json_array();

	for (size_t i = 0; i < conf->nitems; i++) {
		const struct conf_item *item = conf_item_for(conf, c->bureau, conf->items[i].code);
		if (item != NULL)
			json_array_append_new(
				items, json_pack("{s:s, s:s, s:b}", "code", item->code, "label", zh ? item->name_zh : item->name_en,
						   "chosen", chosen != NULL && strcmp(chosen, item->code) == 0));
	}
	json_object_set_new(c->data, "items", items);
}

static void
add_more(struct desk_call *c, const struct filter *f, const char *list)
{
	json_t *rows = json_object_get(c->data, "entries"), *last;
	size_t n = json_array_size(rows);
	char path[300];

	if (n <= ROWS)
		return;
	json_array_remove(rows, n - 1);
	last = json_array_get(rows, n - 2);
	snprintf(path, sizeof(path), "/worklists/%s?after=%s.%" JSON_INTEGER_FORMAT "&who=%s%s&item=", list,
		json_string_value(json_object_get(last, "due_key")), json_integer_value(json_object_get(last, "id")), f->who,
		f->due ? "&due=1" : "");
	console_href(c->data, "more", path, f->item == NULL ? "" : f->item);
}

void
console_entry_path(const json_t *row, const char *list, char *out, size_t room)
{
	json_int_t application = json_integer_value(json_object_get(row, "application"));
	bool talk = strcmp(list, "phone") == 0 || strcmp(list, "read") == 0 || application == 0;

	snprintf(out, room, talk ? "/entries/%" JSON_INTEGER_FORMAT : "/applications/%" JSON_INTEGER_FORMAT,
		talk ? json_integer_value(json_object_get(row, "id")) : application);
}

static void
add_href(json_t *row, const char *list)
{
	char href[64];

	console_entry_path(row, list, href, sizeof(href));
	json_object_set_new(row, "href", json_string(href));
}

/* ---- What an act on several has left ----------------------------------------------------------------------------- */

struct left {
	int64_t id;
	char why[LEFT_WHY + 1];
};

/* "12.held,15.closed" of an address. Returns how many there are. */
static size_t
read_left(const char *text, struct left list[ROWS])
{
	size_t n = 0;

	while (text != NULL && n < ROWS) {
		char *end;
		list[n].id = strtoll(text, &end, 10);
		size_t len = *end == '.' ? strspn(end + 1, "abcdefghijklmnopqrstuvwxyz_") : 0;
		if (len == 0 || len > LEFT_WHY)
			break;
		memcpy(list[n].why, end + 1, len);
		list[n++].why[len] = '\0';
		text = end[1 + len] == ',' ? end + len + 2 : NULL;
	}
	return n;
}

static void
show_left(struct desk_call *c, const char *list)
{
	json_t *rows = json_object_get(c->data, "left"), *row;
	struct left left[ROWS];
	size_t n = read_left(form_get(&c->r->query, "left"), left), i;

	json_array_foreach (rows, i, row) {
		char word[LEFT_WHY + 16] = "";
		size_t k = 0;

		while (k < n && left[k].id != json_integer_value(json_object_get(row, "id")))
			k++;
		if (k < n)
			snprintf(word, sizeof(word), "left.%s", left[k].why);
		if (!html_has_word(c->r->server->o.html, word) && k < n)
			snprintf(word, sizeof(word), "refused.%s", left[k].why);
		if (html_has_word(c->r->server->o.html, word))
			json_object_set_new(row, "why_word", json_string(word));
		if (strcmp(word, "left.held") != 0 && strcmp(word, "left.closed") != 0)
			json_object_del(row, "by");
		add_href(row, list);
	}
}

static void
show_worklist(struct desk_call *c)
{
	const char *list = c->r->params.values[0], *done = form_get(&c->r->query, "done"), *n = form_get(&c->r->query, "n"),
			   *refused = form_get(&c->r->query, "refused"), *batch = form_get(&c->r->query, "batch");
	struct filter f = read_filter(&c->r->query);
	json_t *rows = json_object_get(c->data, "entries"), *row;
	size_t i;

	json_object_set_new(c->data, "this", json_pack("{s:s}", "list", list));
	json_array_foreach (json_object_get(c->data, "worklists"), i, row)
		json_object_set_new(
			row, "current", json_boolean(strcmp(list, json_string_value(json_object_get(row, "list"))) == 0));
	add_more(c, &f, list);
	json_array_foreach (rows, i, row) {
		const char *by = json_string_value(json_object_get(row, "claimed_by"));
		json_object_set_new(row, "mine", json_boolean(by != NULL && strcmp(by, c->name) == 0));
		add_href(row, list);
	}
	show_left(c, list);
	console_mask_phones(rows);
	console_entry_words(c, rows);
	add_items(c, f.item);
	json_t *show = json_pack("{s:b, s:b, s:b, s:b, s:s, s:s}", "all", *f.who == '\0', "mine", *f.who == 'm', "free",
		*f.who == 'f', "due", f.due, "who", f.who, "item", f.item == NULL ? "" : f.item);
	json_object_set_new(c->data, "show", show);
	/* What may be done with several at once. */
	bool send = desk_may(c, ROLE_SEND), approve = desk_may(c, ROLE_APPROVE) && strcmp(list, "approve") == 0;
	bool ready = send && strcmp(list, "send") == 0, mark = send && clerk_by_hand(list),
		 passed = desk_may(c, ROLE_APPROVE) && strcmp(list, "check") == 0;
	json_object_set_new(c->data, "bulk",
		json_pack("{s:b, s:b, s:b, s:b, s:b}", "any", json_array_size(rows) > 0 && (send || approve || passed),
			"approve", approve, "ready", ready, "passed", passed, "done", mark));
	/* A list is worked through one by one; whom nobody reaches by phone gets a letter. Nothing to choose among, no
	 * filter. */
	bool phone = strcmp(list, "phone") == 0, any = json_array_size(rows) > 0;
	if (send && any) {
		json_object_set_new(c->data, "one_by_one", json_true());
		json_object_set_new(c->data, "next_go", json_string(phone ? "entry.next" : "entry.next_any"));
		if (json_array_size(rows) > 1)
			json_object_set_new(c->data, "all", json_sprintf("%zu", json_array_size(rows)));
	}
	if (any || *f.who != '\0' || f.item != NULL || f.due)
		json_object_set_new(c->data, "filter", json_true());
	if (send && (any || phone))
		json_object_set_new(c->data, "doing", json_true());
	if (send && phone) {
		const char *letters = form_get(&c->r->query, "letters");
		json_object_set_new(c->data, "letters", json_true());
		if (letters != NULL && strcmp(letters, "none") == 0)
			json_object_set_new(c->data, "no_letters", json_true());
	}
	if (done != NULL && strcmp(done, "none") == 0)
		json_object_set_new(c->data, "nothing", json_true());
	if (done != NULL && n != NULL && strspn(n, "0123456789") == strlen(n) && strlen(n) < 6) {
		static const char *const words[] = {"done", "approve", "ready", "passed", "claim", "release", "undo", "next"};
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			char word[32];
			if (strcmp(words[i], done) != 0)
				continue;
			snprintf(word, sizeof(word), "bulk.%s%s.n", done, strcmp(done, "next") == 0 && !phone ? "_any" : "");
			json_object_set_new(c->data, "told", json_pack("{s:s, s:s}", "word", word, "n", n));
			if (strcmp(done, "done") == 0 && batch != NULL && strcmp(n, "0") != 0 &&
				strspn(batch, "0123456789") == strlen(batch))
				json_object_set_new(c->data, "batch", json_string(batch));
		}
		if (refused != NULL && strcmp(refused, "0") != 0 && strspn(refused, "0123456789") == strlen(refused))
			json_object_set_new(c->data, "refused", json_string(refused));
	}
	console_page(c, 200, "console_worklist");
}

static void
gather_worklist(struct desk_call *c)
{
	struct filter f = read_filter(&c->r->query);
	struct pg_params *p = desk_params(c);

	pg_param_text(p, c->r->params.values[0]);
	pg_param_text(p, *f.who == 'm' ? c->actor : NULL);
	pg_param_bool(p, *f.who == 'f');
	pg_param_bool(p, f.due);
	pg_param_text(p, f.item);
	pg_param_text(p, f.after_due);
	pg_param_int(p, f.after_id);
	pg_param_int(p, ROWS + 1);
	struct pg_params *tabs = desk_params(c);
	pg_param_int(tabs, COUNTED);
	struct desk_ask asks[3] = {
		{"entries", STMT_WORKLIST_PAGE, p, false}, {"worklists", STMT_WORKLIST_TABS, tabs, false}};
	size_t nasks = 2;
	struct left left[ROWS];
	size_t n = read_left(form_get(&c->r->query, "left"), left);
	if (n > 0) {
		struct pg_params *ids = desk_params(c);
		pg_array_begin(ids);
		for (size_t i = 0; i < n; i++)
			pg_array_int(ids, left[i].id);
		pg_array_end(ids);
		asks[nasks++] = (struct desk_ask){"left", STMT_WORKLIST_NAMES, ids, false};
	}
	desk_gather(c, asks, nasks, show_worklist);
}

void
console_worklist(struct http_request *r)
{
	if (clerk_is_list(r->params.values[0]))
		desk_person(r, gather_worklist);
	else
		http_reply_error(r, 404);
}
