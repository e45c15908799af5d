/* The lists that wait for a person: a page of one with its filters, and what is done with several entries at once. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/clerk.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "gateway/log.h"
#include "gateway/mask.h"
#include "store/application.h"
#include "store/pg.h"

#define COUNTED 999 /* of each list, for its tab */
#define ROWS 50		/* of a page; a form carries a box for each */

static const char *const lists[] = {"phone", "read", "approve", "collect", "send", "check"};

bool
console_is_worklist(const char *name)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (strcmp(lists[i], name) == 0)
			return true;
	return false;
}

static bool
by_hand(const char *list)
{
	return strcmp(list, "phone") == 0 || strcmp(list, "read") == 0 || strcmp(list, "check") == 0;
}

void
console_by_hand_lists(struct pg_params *p)
{
	pg_array_begin(p);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (by_hand(lists[i]))
			pg_array_text(p, lists[i]);
	pg_array_end(p);
}

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
read_filter(const struct desk_call *c)
{
	const struct form *q = &c->r->query;
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

static void
show_worklist(struct desk_call *c)
{
	const char *list = c->r->params.values[0], *done = form_get(&c->r->query, "done"), *n = form_get(&c->r->query, "n"),
			   *refused = form_get(&c->r->query, "refused"), *batch = form_get(&c->r->query, "batch");
	struct filter f = read_filter(c);
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
		bool talk = strcmp(list, "phone") == 0 || strcmp(list, "read") == 0;
		char href[64];
		json_int_t application = json_integer_value(json_object_get(row, "application"));
		snprintf(href, sizeof(href),
			!talk && application != 0 ? "/applications/%" JSON_INTEGER_FORMAT : "/entries/%" JSON_INTEGER_FORMAT,
			!talk && application != 0 ? application : json_integer_value(json_object_get(row, "id")));
		json_object_set_new(row, "href", json_string(href));
	}
	console_mask_phones(rows);
	console_entry_words(c, rows);
	add_items(c, f.item);
	json_t *show = json_pack(
		"{s:b, s:b, s:b, s:b}", "all", *f.who == '\0', "mine", *f.who == 'm', "free", *f.who == 'f', "due", f.due);
	json_object_set_new(c->data, "show", show);
	/* What may be done with several at once. */
	bool send = desk_may(c, ROLE_SEND), approve = desk_may(c, ROLE_APPROVE) && strcmp(list, "approve") == 0;
	bool ready = send && strcmp(list, "send") == 0, mark = send && by_hand(list),
		 passed = desk_may(c, ROLE_APPROVE) && strcmp(list, "check") == 0;
	json_object_set_new(c->data, "bulk",
		json_pack("{s:b, s:b, s:b, s:b, s:b}", "any", json_array_size(rows) > 0 && (send || approve || passed),
			"approve", approve, "ready", ready, "passed", passed, "done", mark));
	/* The list to phone is worked through one by one; whom nobody reaches gets a letter. */
	if (send && strcmp(list, "phone") == 0) {
		const char *letters = form_get(&c->r->query, "letters");
		json_object_set_new(c->data, "one_by_one", json_true());
		if (letters != NULL && strcmp(letters, "none") == 0)
			json_object_set_new(c->data, "no_letters", json_true());
	}
	if (done != NULL && n != NULL && strspn(n, "0123456789") == strlen(n) && strlen(n) < 6) {
		static const char *const words[] = {"done", "approve", "ready", "passed", "claim", "release", "undo", "next"};
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			char word[32];
			if (strcmp(words[i], done) != 0)
				continue;
			snprintf(word, sizeof(word), "bulk.%s.n", done);
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
	struct filter f = read_filter(c);
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
	const struct desk_ask asks[] = {
		{"entries", STMT_WORKLIST_PAGE, p, false}, {"worklists", STMT_WORKLIST_TABS, tabs, false}};
	desk_gather(c, asks, 2, show_worklist);
}

void
console_worklist(struct http_request *r)
{
	if (console_is_worklist(r->params.values[0]))
		desk_person(r, gather_worklist);
	else
		http_reply_error(r, 404);
}

/* ---- Several at once --------------------------------------------------------------------------------------------- */

static void
see_list(struct desk_call *c, const char *word, int n, int refused, int64_t batch)
{
	char path[500];

	snprintf(path, sizeof(path), "/worklists/%s?done=%s&n=%d&refused=%d&batch=%" PRId64, c->r->params.values[0], word,
		n, refused, batch);
	http_reply_see(c->r, path);
	desk_free(c);
}

static size_t
add_chosen(const struct desk_call *c, struct pg_params *p)
{
	const struct form *f = &c->r->form;
	size_t n = 0;

	pg_array_begin(p);
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->fields[i].name, "entry") != 0)
			continue;
		pg_array_int(p, strtoll(f->fields[i].value, NULL, 10));
		n++;
	}
	pg_array_end(p);
	return n;
}

static void
counted(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act");
	json_t *rows = json_object_get(c->data, "rows"), *row;
	int n = 0, refused = 0;
	int64_t batch = 0;
	size_t i;

	json_array_foreach (rows, i, row) {
		json_t *changed = json_object_get(row, "changed"), *by = json_object_get(row, "claimed_by");
		bool good =
			changed != NULL ? json_is_true(changed) : by == NULL || strcmp(json_string_value(by), c->actor) == 0;
		n += good;
		refused += !good;
		batch = json_integer_value(json_object_get(row, "batch"));
	}
	see_list(c, act, n, refused, batch);
}

/* What can be done with the applications of several entries of a list at once. */
static const struct together {
	const char *act, *list;
	enum role role;
	enum application_act_kind kind;
	const char *event; /* of the log */
} togethers[] = {
	{"approve", "approve", ROLE_APPROVE, APPLICATION_APPROVE, "bulk_approved"},
	{"ready", "send", ROLE_SEND, APPLICATION_READY, "bulk_ready"},
	{"passed", "check", ROLE_APPROVE, APPLICATION_PASSED, "bulk_passed"},
};

/* The one that the form asks for, NULL when it is none of this list. */
static const struct together *
together_of(const struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act"), *list = c->r->params.values[0];

	for (size_t i = 0; act != NULL && i < sizeof(togethers) / sizeof(togethers[0]); i++)
		if (strcmp(togethers[i].act, act) == 0 && strcmp(togethers[i].list, list) == 0)
			return &togethers[i];
	return NULL;
}

/* Acts on applications run side by side; the last one answers. */
struct bulk {
	struct desk_call *c;
	int waiting, done, refused;
};

static void
see_bulk(struct desk_call *c)
{
	const json_t *b = json_object_get(c->data, "bulk");

	see_list(c, together_of(c)->act, (int)json_integer_value(json_object_get(b, "done")),
		(int)json_integer_value(json_object_get(b, "refused")), 0);
}

static void
bulk_end(struct bulk *b)
{
	struct desk_call *c = b->c;
	char detail[80];

	if (--b->waiting > 0)
		return;
	snprintf(detail, sizeof(detail), "%d of %d entries", b->done, b->done + b->refused);
	json_object_set_new(c->data, "bulk", json_pack("{s:i, s:i}", "done", b->done, "refused", b->refused));
	free(b);
	desk_note_then(c, together_of(c)->event, c->r->params.values[0], detail, see_bulk);
}

static void
acted(void *arg, const struct application_answer *answer)
{
	struct bulk *b = arg;

	if (answer->outcome == APPLICATION_DONE)
		b->done++;
	else
		b->refused++;
	if (answer->outcome == APPLICATION_FAILED)
		log_warn("%s could not change an application: %s", b->c->actor, answer->text);
	bulk_end(b);
}

static void
act_on_claimed(struct desk_call *c)
{
	const struct together *t = together_of(c);
	struct bulk *b = calloc(1, sizeof(*b));
	json_t *row;
	size_t i;

	if (b == NULL) {
		http_reply_error(c->r, 503);
		desk_free(c);
		return;
	}
	*b = (struct bulk){.c = c, .waiting = 1};
	json_array_foreach (json_object_get(c->data, "rows"), i, row) {
		int64_t id = json_integer_value(json_object_get(row, "application"));
		char code[7];
		console_pickup_code(code);
		struct application_act a = {.kind = t->kind,
			.bureau_id = c->bureau->id,
			.id = id,
			.actor = c->actor,
			.pickup_code = t->kind == APPLICATION_READY ? code : NULL};
		const char *by = json_string_value(json_object_get(row, "claimed_by"));
		b->waiting++;
		if (id == 0 || by == NULL || strcmp(by, c->actor) != 0 ||
			application_act(c->r->g->pg_side, &a, acted, b) != 0) {
			b->refused++;
			b->waiting--;
		}
	}
	bulk_end(b);
}

static void
after_next(struct desk_call *c)
{
	json_t *entry = json_object_get(c->data, "next");
	char path[ROUTER_PARAM_MAX + 64];

	if (json_is_object(entry))
		snprintf(path, sizeof(path), "/entries/%" JSON_INTEGER_FORMAT "?done=claimed",
			json_integer_value(json_object_get(entry, "id")));
	else
		snprintf(path, sizeof(path), "/worklists/%s?done=next&n=0", c->r->params.values[0]);
	http_reply_see(c->r, path);
	desk_free(c);
}

/* The next of a list that is worked through one by one becomes this person's. */
static void
take_next(struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_text(p, c->r->params.values[0]);
	console_who(c, p);
	pg_param_int(p, CLERK_CLAIM_SECONDS);
	const struct desk_ask asks[] = {{"next", STMT_WORKLIST_NEXT, p, true}};
	desk_gather(c, asks, 1, after_next);
}

static void
post_worklist(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act"), *list = c->r->params.values[0],
			   *batch = form_get(&c->r->form, "batch");
	const struct together *t = together_of(c);
	struct pg_params *p = desk_params(c);
	struct desk_ask ask = {.key = "rows", .params = p};
	void (*then)(struct desk_call * c) = counted;

	if (!desk_may(c, t != NULL ? t->role : ROLE_SEND)) {
		pg_params_free(p);
		desk_refuse_role(c);
		return;
	}
	if (act != NULL && strcmp(act, "next") == 0) {
		pg_params_free(p);
		take_next(c);
		return;
	}
	if (act != NULL && strcmp(act, "undo") == 0) {
		pg_param_int(p, batch == NULL ? 0 : strtoll(batch, NULL, 10));
		console_who(c, p);
		pg_param_int(p, CLERK_UNDO_SECONDS);
		ask.stmt = STMT_WORKLIST_UNDO;
		desk_gather(c, &ask, 1, then);
		return;
	}
	if (add_chosen(c, p) == 0) {
		pg_params_free(p);
		http_reply_see(c->r, c->r->path);
		desk_free(c);
		return;
	}
	console_who(c, p);
	if (t != NULL || (act != NULL && strcmp(act, "claim") == 0)) {
		pg_param_int(p, CLERK_CLAIM_SECONDS);
		pg_param_bool(p, false);
		ask.stmt = STMT_WORKLIST_CLAIM;
		if (t != NULL)
			then = act_on_claimed;
	} else if (act != NULL && strcmp(act, "release") == 0) {
		ask.stmt = STMT_WORKLIST_RELEASE;
	} else if (act != NULL && strcmp(act, "done") == 0 && by_hand(list)) {
		pg_param_text(p, "");
		console_by_hand_lists(p);
		ask.stmt = STMT_WORKLIST_DONE;
	} else {
		pg_params_free(p);
		http_reply_error(c->r, act == NULL ? 400 : 404);
		desk_free(c);
		return;
	}
	desk_gather(c, &ask, 1, then);
}

void
console_worklist_post(struct http_request *r)
{
	if (console_is_worklist(r->params.values[0]))
		desk_person_post(r, post_worklist);
	else
		http_reply_error(r, 404);
}
