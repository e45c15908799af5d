/* A dry run of the scan, and one text of each kind written as the turn would write it. */
#include "gateway/campaign_preview.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dialog/dialog.h"
#include "dialog/text.h"
#include "dialog/utf8.h"
#include "gateway/conf.h"
#include "gateway/scan_words.h"
#include "gateway/templates.h"
#include "store/view.h"

#define FORCED_SHOWN 12 /* a text with more such characters is written in them */

int64_t
campaign_cost_of(const char *text)
{
	int64_t sum = 0;
	int digits = -1;

	if (*text == '\0')
		return -1;
	for (; *text != '\0' && digits < 6; text++) {
		if (*text == '.') {
			digits = 0;
			continue;
		}
		sum = sum * 10 + (*text - '0');
		digits += digits >= 0;
	}
	for (digits = digits < 0 ? 0 : digits; digits < 6; digits++)
		sum *= 10;
	return sum;
}

void
campaign_cost_text(int64_t millionths, char *out, size_t room)
{
	int len = snprintf(out, room, "%" PRId64 ".%06" PRId64, millionths / 1000000, millionths % 1000000);

	for (int behind = 6; behind > 2 && len > 0 && (size_t)len < room && out[len - 1] == '0'; behind--)
		out[--len] = '\0';
}

/* ---- One text -----------------------------------------------------------------------------------------------------
 */

struct sample {
	const struct conf *conf;
	const struct conf_bureau *b;
	const char *language;
	json_t *licences; /* of one phone */
	char room[4][300];
	unsigned next;
};

static const char *
value_of_licence(struct sample *s, const json_t *l, const char *p)
{
	const char *code = json_string_value(json_object_get(l, "item"));
	const char *no = json_string_value(json_object_get(l, "licence_no"));
	char *out = s->room[s->next++ % 4];

	if (code == NULL || no == NULL)
		return "";
	if (strcmp(p, "item") == 0) {
		const struct conf_item *item = conf_item_for(s->conf, s->b, code);
		return item == NULL ? code : strcmp(s->language, "zh") == 0 ? item->name_zh : item->name_en;
	}
	if (strcmp(p, "licence_no") == 0)
		return no;
	if (strcmp(p, "licence_tail") == 0) {
		size_t n = utf8_count(no, strlen(no)), at = 0;
		for (uint32_t cp; n > 4; n--)
			at += utf8_decode(no + at, strlen(no + at), &cp, NULL);
		return no + at;
	}
	if (strcmp(p, "expires_on") == 0)
		return json_string_value(json_object_get(l, "last_day"));
	if (strcmp(p, "days_left") == 0) {
		int64_t days = json_integer_value(json_object_get(l, "days_left"));
		snprintf(out, sizeof(s->room[0]), "%" PRId64, days > 0 ? days : 0);
		return out;
	}
	return NULL;
}

static const char *
value(void *arg, const char *p, int index)
{
	struct sample *s = arg;

	if (strcmp(p, "bureau") == 0)
		return s->b->name;
	if (strcmp(p, "signature") == 0)
		return s->b->signature;
	if (strcmp(p, "telephone") == 0)
		return s->b->telephone;
	if (strcmp(p, "counter") == 0)
		return s->b->address;
	return value_of_licence(s, json_array_get(s->licences, index > 0 ? (size_t)index - 1 : 0), p);
}

/* The name of the text that the dialog begins with. */
static const char *
first_text(const struct dialog *d, struct dialog_conversation *c, int64_t now)
{
	struct dialog_conversation before = *c;
	const struct dialog_event start = {.kind = DIALOG_START, .channel = DIALOG_CHANNEL_SMS};
	struct dialog_result r;

	if (dialog_step(d, &before, &start, now, c, &r) != 0)
		return NULL;
	for (size_t i = 0; i < r.neffects; i++)
		if (r.effects[i].kind == DIALOG_SAY)
			return r.effects[i].name;
	return NULL;
}

/* With the bureau's plain signs where that saves parts, as turn_text.c does. */
static int
write_text(
	const struct dialog *d, struct sample *s, struct dialog_conversation *c, const char *name, char *out, size_t room)
{
	unsigned sets = conf_substitutions(s->b);
	int used = snprintf(out, room, "%s", s->b->signature);
	struct text_measure written, plain;
	char other[3 * DIALOG_TEXT_MAX];

	if (used < 0 || (size_t)used >= room ||
		dialog_render(d, name, s->language, c, value, s, out + used, room - (size_t)used) < 0)
		return -1;
	text_measure(out, strlen(out), &written);
	if (sets == 0 || written.alphabet == TEXT_GSM7)
		return 0;
	memcpy(other, out, (size_t)used);
	if (dialog_render_plain(d, name, s->language, sets, c, value, s, other + used, sizeof(other) - (size_t)used) < 0)
		return 0;
	text_measure(other, strlen(other), &plain);
	if (plain.alphabet == TEXT_GSM7 && plain.parts < written.parts)
		snprintf(out, room, "%s", other);
	return 0;
}

/* What makes it long: the characters that force UCS-2 where they are few, and how much to cut for a part less. */
static void
add_measure(json_t *o, const char *text)
{
	struct text_measure m;
	uint32_t forcing[FORCED_SHOWN];
	json_t *forced = json_array();
	size_t len = strlen(text), n, limit;

	text_measure(text, len, &m);
	n = text_forcing(text, len, forcing, FORCED_SHOWN);
	for (size_t i = 0; i < n && n <= FORCED_SHOWN; i++) {
		char octets[5] = "";
		octets[utf8_encode(forcing[i], octets)] = '\0';
		json_array_append_new(forced, json_string(octets));
	}
	json_object_set_new(o, "alphabet", json_string(text_alphabet_name(m.alphabet)));
	json_object_set_new(o, "characters", json_integer((json_int_t)m.characters));
	json_object_set_new(o, "parts", json_integer(m.parts));
	json_object_set_new(o, "forced", forced);
	json_object_set_new(o, "plain_parts", json_integer(m.gsm7_parts));
	if (m.parts < 2)
		return;
	if (m.alphabet == TEXT_GSM7)
		limit = m.parts == 2 ? TEXT_GSM7_SINGLE : (size_t)(m.parts - 1) * TEXT_GSM7_PART;
	else
		limit = m.parts == 2 ? TEXT_UCS2_SINGLE : (size_t)(m.parts - 1) * TEXT_UCS2_PART;
	json_object_set_new(o, "cut", json_integer(m.units > limit ? (json_int_t)(m.units - limit) : 1));
	json_object_set_new(o, "fewer_parts", json_integer(m.parts - 1));
}

/* {"text", its measure}, or NULL: the dialog has no such text. */
static json_t *
write_kind(const struct conf *conf, const struct templates *templates, const struct conf_bureau *b, json_t *kind)
{
	const char *language = json_string_value(json_object_get(kind, "language"));
	const char *name = json_string_value(json_object_get(kind, "dialog"));
	const struct dialog *d = name == NULL ? NULL : templates_find_for(templates, b->id, name, 0);
	struct sample s = {.conf = conf, .b = b, .language = language, .licences = json_object_get(kind, "licences")};
	struct dialog_conversation *c = calloc(1, sizeof(*c));
	char text[3 * DIALOG_TEXT_MAX];
	json_t *o = NULL;

	if (d != NULL && c != NULL && language != NULL) {
		snprintf(c->language, sizeof(c->language), "%.7s", language);
		c->applications = (int)json_array_size(s.licences);
		const char *first = first_text(d, c, (int64_t)time(NULL));
		if (first != NULL && write_text(d, &s, c, first, text, sizeof(text)) == 0) {
			o = json_pack("{s:s, s:i, s:s}", "language", language, "licences", c->applications, "text", text);
			if (o != NULL)
				add_measure(o, text);
		}
	}
	free(c);
	return o;
}

/* ---- All of them --------------------------------------------------------------------------------------------------
 */

struct preview {
	const struct conf *conf;
	const struct templates *templates;
	const struct conf_bureau *b;
	json_t *texts; /* kinds that differ in their licences' items, each with its phones */
	int64_t parts;
	void (*on_progress)(void *arg, int64_t done, int64_t all);
	void *arg;
};

/* Two kinds of one language, with texts that are alike but for their licences, are shown as one. */
static json_t *
like(const json_t *texts, const json_t *text)
{
	static const char *const keys[] = {"language", "licences", "parts", "dialog"};
	json_t *one;
	size_t i, k;

	json_array_foreach (texts, i, one) {
		for (k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			if (!json_equal(json_object_get(one, keys[k]), json_object_get(text, keys[k])))
				break;
		if (k == sizeof(keys) / sizeof(keys[0]))
			return one;
	}
	return NULL;
}

static void
on_kinds(void *arg, const char *json)
{
	struct preview *p = arg;
	json_t *kinds = json_loads(json, 0, NULL), *kind;
	size_t i;

	json_array_foreach (kinds, i, kind) {
		int64_t phones = json_integer_value(json_object_get(kind, "phones"));
		json_t *text = write_kind(p->conf, p->templates, p->b, kind), *same;

		if (text == NULL)
			continue;
		int64_t parts = phones * json_integer_value(json_object_get(text, "parts"));
		json_object_set(text, "dialog", json_object_get(kind, "dialog"));
		p->parts += parts;
		same = like(p->texts, text);
		if (same == NULL) {
			json_object_set_new(text, "phones", json_integer(0));
			json_object_set_new(text, "parts_in_all", json_integer(0));
			json_array_append(p->texts, text);
			same = text;
		}
		json_object_set_new(same, "phones", json_integer(json_integer_value(json_object_get(same, "phones")) + phones));
		json_object_set_new(
			same, "parts_in_all", json_integer(json_integer_value(json_object_get(same, "parts_in_all")) + parts));
		json_decref(text);
	}
	json_decref(kinds);
}

static void
on_progress(void *arg, int64_t done, int64_t all)
{
	struct preview *p = arg;

	if (p->on_progress != NULL)
		p->on_progress(p->arg, done, all);
}

static int
by_phones(const void *a, const void *b)
{
	int64_t left = json_integer_value(json_object_get(*(json_t *const *)a, "phones"));
	int64_t right = json_integer_value(json_object_get(*(json_t *const *)b, "phones"));

	return (left < right) - (left > right);
}

/* The kinds that most phones get, with what they cost. */
static json_t *
most_first(const struct preview *p, int64_t each)
{
	size_t n = json_array_size(p->texts);
	json_t **list = calloc(n + 1, sizeof(*list)), *out = json_array();

	for (size_t i = 0; list != NULL && i < n; i++)
		list[i] = json_array_get(p->texts, i);
	if (list != NULL)
		qsort(list, n, sizeof(*list), by_phones);
	for (size_t i = 0; list != NULL && i < n && i < CAMPAIGN_TEXTS_SHOWN; i++) {
		int64_t parts = json_integer_value(json_object_get(list[i], "parts"));
		json_object_set_new(list[i], "cost", each < 0 ? json_null() : json_integer(parts * each));
		json_array_append(out, list[i]);
	}
	free(list);
	return out;
}

/* A campaign that sends again is counted as if its texts' talks were over already; nothing of that stays. */
static int
run(PGconn *conn, const struct scan_options *o, const struct scan_campaign *c, struct scan_counts *counts,
	const char **error)
{
	int rc;

	if (c->resend_of == 0)
		return scan_run(conn, o, counts, error);
	PQclear(PQexec(conn, "BEGIN"));
	rc = scan_campaign_release(conn, o->bureau_id, o->list_id, error);
	if (rc == 0)
		rc = scan_run(conn, o, counts, error);
	PQclear(PQexec(conn, "ROLLBACK"));
	return rc;
}

json_t *
campaign_preview(const struct conf *conf, const struct templates *templates, PGconn *conn, const struct conf_bureau *b,
	int64_t campaign_id, void (*progress)(void *arg, int64_t done, int64_t all), void *arg, const char **error)
{
	struct preview p = {.conf = conf, .templates = templates, .b = b, .on_progress = progress, .arg = arg};
	struct scan_campaign c;
	struct scan_counts n;
	char *trial;
	time_t now = time(NULL);

	if (scan_campaign(conn, b->id, campaign_id, &c, error) != 0)
		return NULL;
	trial = conf_trial(b);
	p.texts = json_array();
	struct scan_options o = {.bureau_id = b->id,
		.date = c.date,
		.item = c.item[0] ? c.item : NULL,
		.tag = c.tag[0] ? c.tag : NULL,
		.language = c.language[0] ? c.language : NULL,
		.list_id = c.listed ? campaign_id : 0,
		.trial = trial,
		.dry_run = true,
		.actor = "clock",
		.on_kinds = on_kinds,
		.on_progress = on_progress,
		.arg = &p};
	int rc = run(conn, &o, &c, &n, error);
	free(trial);
	if (rc != 0) {
		json_decref(p.texts);
		return NULL;
	}
	int64_t each = campaign_cost_of(b->part_cost);
	json_t *found = json_pack("{s:o, s:I, s:I, s:I, s:I, s:o, s:I, s:o, s:s, s:i, s:o}", "counted_at", view_time(now),
		"audience", (json_int_t)n.conversations, "licences", (json_int_t)n.licences, "reminders",
		(json_int_t)n.reminders, "listed", (json_int_t)n.listed, "left_out", scan_left_out(&n), "parts",
		(json_int_t)p.parts, "cost", each < 0 ? json_null() : json_integer(p.parts * each), "currency", b->currency,
		"kinds", (int)json_array_size(p.texts), "texts", most_first(&p, each));
	json_decref(p.texts);
	return found;
}
