/* What happened, in words: who acted, and what an event of the trail says beside its kind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"
#include "gateway/delivery.h"
#include "gateway/gateway.h"
#include "gateway/http/console/console.h"
#include "store/application.h"
#include "store/view.h"

#define WORD_MAX 96

static bool
has_word(const struct desk_call *c, const char *prefix, const char *value, char out[WORD_MAX])
{
	size_t n = (size_t)snprintf(out, WORD_MAX, "%s.%s", prefix, value);

	return *value != '\0' && n < WORD_MAX && html_has_word(c->r->server->o.html, out);
}

static bool
reason_word(const struct desk_call *c, const char *reason, char out[WORD_MAX])
{
	char plain[WORD_MAX - 8];
	size_t n = (size_t)snprintf(plain, sizeof(plain), "%s", reason);

	for (char *at = plain; *at != '\0'; at++)
		if (strchr(" ,;-'", *at) != NULL)
			*at = '_';
	return n < sizeof(plain) && has_word(c, "why", plain, out);
}

/* Reasons that say more behind or around fixed words: the word of the pages, and whether the whole is shown beside it.
 */
static const struct longer {
	const char *begins, *ends, *word;
	bool all;
} longers[] = {
	{"no mobile number; to be told: ", "", "why.to_be_told", false},
	{"part", " of a long text never came", "why.part_missing", false},
	{"a long text of ", " parts came whole and was not answered", "why.parts_unanswered", false},
	{"could not ", "", "why.not_processed", true},
	{"cannot ", "", "why.not_processed", true},
};

void
console_why(const struct desk_call *c, json_t *row, const char *reason)
{
	char word[WORD_MAX], text[300];
	size_t len = strlen(reason);

	if (reason_word(c, reason, word)) {
		json_object_set_new(row, "why_word", json_string(word));
		return;
	}
	for (size_t i = 0; i < sizeof(longers) / sizeof(longers[0]); i++) {
		const struct longer *l = &longers[i];
		size_t begin = strlen(l->begins), end = strlen(l->ends);
		if (len < begin + end || strncmp(reason, l->begins, begin) != 0 || strcmp(reason + len - end, l->ends) != 0)
			continue;
		json_object_set_new(row, "why_word", json_string(l->word));
		if (l->all || end == 0)
			json_object_set_new(row, "why_more", json_string(l->all ? reason : reason + begin));
		return;
	}
	if (delivery_reworded(reason, http_language(c->r, NULL), text, sizeof(text)))
		json_object_set_new(row, "why_text", json_string(text));
}

/* ---- Who --------------------------------------------------------------------------------------------------------- */

void
console_actor(const struct desk_call *c, json_t *row, const char *key)
{
	char word[WORD_MAX], name[40];
	const char *actor = view_text(row, key);

	snprintf(name, sizeof(name), "%s_word", key);
	if (has_word(c, "actor", actor, word))
		json_object_set_new(row, name, json_string(word));
	else if (strncmp(actor, "staff:", 6) == 0)
		json_object_set_new(row, key, json_string(actor + 6));
}

void
console_refusal(struct desk_call *c, const struct application_answer *answer)
{
	char word[WORD_MAX];

	if (!has_word(c, "refused", answer->outcome == APPLICATION_UNKNOWN ? "unknown" : answer->refusal.code, word))
		snprintf(word, sizeof(word), "refused.cannot");
	json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "word", word, "status", answer->before, "by", answer->refusal.by,
		"at", answer->refusal.at);
	console_actor(c, o, "by");
	json_object_set_new(c->data, "refusal", o);
}

/* ---- What an event says ------------------------------------------------------------------------------------------ */

/* The keys of an event's data that are told, in this order: the word in front (detail.KEY), the values' own words. */
static const struct told {
	const char *key;
	const char *values; /* prefix of the words of its values; NULL: it is shown as it is */
	bool quote;			/* somebody's own words */
} told[] = {
	{"channel", "channel", false},
	{"text", NULL, true},
	{"words", NULL, true},
	{"result", "called", false},
	{"tries", NULL, false},
	{"next", NULL, false},
	{"reason", NULL, false},
	{"old_certificate", "staff.old", false},
	{"delivery", "staff.delivery", false},
	{"address", NULL, false},
	{"rating", NULL, false},
	{"tracking_no", NULL, false},
	{"certificate_no", NULL, false},
	{"check_due_on", NULL, false},
	{"due_on", NULL, false},
	{"last_day", NULL, false},
	{"days_left", NULL, false},
	{"carrier", NULL, false},
	{"evidence", NULL, false},
	{"from_version", NULL, false},
	{"order", NULL, false},
};

/* A reason, from the words of console_why. */
static void
tell_why(const struct desk_call *c, json_t *o, const char *reason)
{
	json_t *why = json_object();

	console_why(c, why, reason);
	json_object_set(o, "word", json_object_get(why, "why_word"));
	json_object_set(o, "quote", json_object_get(why, "why_more"));
	json_object_set(o, "text", json_object_get(why, "why_text"));
	if (json_object_size(why) == 0)
		json_object_set_new(o, "text", json_string(reason));
	json_decref(why);
}

static void
add_told(const struct desk_call *c, json_t *list, const struct told *t, const json_t *value)
{
	char word[WORD_MAX];
	json_t *o = json_object();

	if (has_word(c, "detail", t->key, word))
		json_object_set_new(o, "label", json_string(word));
	if (json_is_integer(value))
		json_object_set_new(o, "text", json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value)));
	else if (strcmp(t->key, "reason") == 0)
		tell_why(c, o, json_string_value(value));
	else if (t->values != NULL && has_word(c, t->values, json_string_value(value), word))
		json_object_set_new(o, "word", json_string(word));
	else
		json_object_set_new(o, t->quote ? "quote" : "text", json_string(json_string_value(value)));
	json_array_append_new(list, o);
}

/* Where it was, in which dialog. */
static void
add_where(const struct desk_call *c, json_t *row, const json_t *data)
{
	static const char *const keys[] = {"step", "from", "to"};
	const char *dialog = view_text(data, "dialog");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *step = view_text(data, keys[i]);
		json_t *o = json_object();
		console_step(c, o, "name", dialog, (int)json_integer_value(json_object_get(data, "version")), step);
		if (*step != '\0')
			json_object_set(row, keys[i], o);
		json_decref(o);
	}
	if (*dialog == '\0')
		return;
	json_t *o = json_object();
	console_dialog_name(c, o, dialog, console_dialog(c, dialog));
	json_object_set(o, "version", json_object_get(data, "version"));
	json_object_set_new(row, "where", o);
}

void
console_trail(const struct desk_call *c, json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		const json_t *data = json_object_get(row, "data");
		json_t *list = json_array();
		console_actor(c, row, "actor");
		for (size_t k = 0; k < sizeof(told) / sizeof(told[0]); k++) {
			const json_t *value = json_object_get(data, told[k].key);
			if ((json_is_string(value) && json_string_length(value) > 0) || json_is_integer(value))
				add_told(c, list, &told[k], value);
		}
		if (json_object_get(data, "redacted") != NULL)
			json_array_append_new(list, json_pack("{s:s}", "word", "detail.redacted"));
		json_object_set_new(row, "said", list);
		add_where(c, row, data);
		/* An event that moved the talk: it came from the step that the event is of (schema 047, trail_move). */
		if (*view_text(data, "to") != '\0') {
			json_object_set_new(row, "went", json_true());
			if (json_object_get(row, "from") == NULL && json_object_get(row, "step") != NULL)
				json_object_set(row, "from", json_object_get(row, "step"));
		}
	}
}
