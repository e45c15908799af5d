/*
 * A call to somebody on the list to phone, on the entry's page: what to read out with the code of this call, and what
 * came of it, at one press. What the talk has not heard of can be taken back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "gateway/clerk.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/grants.h"
#include "gateway/hours.h"
#include "gateway/http/console/entry.h"
#include "gateway/import_check.h"
#include "gateway/phoning.h"
#include "gateway/templates.h"
#include "store/pg.h"

#define WORDS_MAX 600 /* octets of what the holder said */

/* ---- The page ---------------------------------------------------------------------------------------------------- */

bool
call_here(const struct desk_call *c)
{
	return strcmp(entry_text(c, "list"), "phone") == 0 && entry_is(c, "mine") && !entry_is_closed(c) &&
		   desk_may(c, ROLE_SEND);
}

static int
code_of(const struct desk_call *c, char code[TOKEN_CODE_LEN + 1])
{
	return phoning_code(c->r->g->keys, c->bureau->id, console_id(c->r), entry_number(c, "claimed_us"), c->actor, code);
}

size_t
call_asks(const struct desk_call *c, struct desk_ask *asks)
{
	char code[TOKEN_CODE_LEN + 1];
	uint8_t hash[32];

	if (!call_here(c) || code_of(c, code) != 0)
		return 0;
	grants_code_hash(c->r->g->keys, code, hash);
	struct pg_params *about = desk_params(c), *keep = desk_params(c);
	pg_param_int(about, console_id(c->r));
	pg_param_bytes(keep, hash, sizeof(hash));
	pg_param_text(keep, entry_text(c, "phone"));
	pg_param_text(keep, c->name);
	pg_param_int(keep, PHONING_CODE_HOURS);
	asks[0] = (struct desk_ask){"calling", STMT_PHONE_ENTRY, about, true};
	asks[1] = (struct desk_ask){"kept", STMT_CALL_CODE_KEEP, keep, false};
	return 2;
}

/* Is there a talk that can hear of it, or an application that can get one by what is said? */
static bool
may_talk(const struct desk_call *c)
{
	return entry_is(c, "open") || entry_number(c, "first_application") != 0;
}

/* What can be chosen: where there is no talk to be had nothing can be said in one. */
static json_t *
choices(const struct desk_call *c, bool final)
{
	json_t *list = json_array();
	size_t n;
	const struct phoning_outcome *all = phoning_outcomes(&n);

	for (size_t i = 0; i < n; i++) {
		char word[40];
		bool told = *all[i].event != '\0';
		if ((told && !may_talk(c)) || final != (told && strcmp(all[i].word, "agreed") != 0))
			continue;
		snprintf(word, sizeof(word), "call.%s", all[i].word);
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:b, s:b}", "value", all[i].word, "word", word, "first",
					  strcmp(all[i].word, "agreed") == 0, "dated", strcmp(all[i].word, "call_again") == 0));
	}
	return list;
}

void
call_show(struct desk_call *c)
{
	json_t *calling = json_object_get(c->data, "calling"), *call = json_object();
	char code[TOKEN_CODE_LEN + 1], spaced[TOKEN_CODE_LEN + 2], text[DIALOG_TEXT_MAX + 1], day[11] = "";
	const char *dialog = json_string_value(json_object_get(calling, "dialog")), *typed = form_get(&c->r->form, "words"),
			   *on = form_get(&c->r->form, "on");

	if (!call_here(c) || !json_is_object(calling) || code_of(c, code) != 0 || token_code_format(code, spaced) != 0) {
		json_decref(call);
		return;
	}
	const struct dialog *d = templates_find_for(
		c->r->g->templates, c->bureau->id, dialog == NULL || *dialog == '\0' ? "visitor" : dialog, 0);
	if (d != NULL && phoning_script(d, c->bureau, calling, c->name, code, text, sizeof(text)) >= 0)
		json_object_set_new(call, "script", json_string(text));
	json_object_set(call, "lang", json_object_get(calling, "language"));
	json_object_set_new(call, "code", json_string(spaced));
	json_object_set_new(call, "short_code", json_string(c->bureau->short_code));
	json_object_set_new(call, "page", json_string(c->r->g->conf->public_url));
	json_object_set_new(call, "choices", choices(c, false));
	json_object_set_new(call, "final", choices(c, true));
	json_object_set_new(call, "talking", json_boolean(may_talk(c)));
	json_object_set_new(call, "words", json_string(typed == NULL ? "" : typed));
	phoning_day(c->bureau, (int64_t)time(NULL), 1, day);
	json_object_set_new(call, "tomorrow", json_string(day));
	json_object_set_new(call, "on", json_string(on == NULL ? day : on));
	json_object_set_new(c->data, "call", call);
}

/* ---- What came of it --------------------------------------------------------------------------------------------- */

static void
after_result(struct desk_call *c)
{
	const char *word = form_get(&c->r->form, "result");
	char done[60];

	if (!json_is_object(json_object_get(c->data, "changed"))) {
		entry_again(c, "entry.closed");
		return;
	}
	snprintf(done, sizeof(done), "called_%.40s", word);
	entry_see(c, done);
}

/* The day of the next call, when it is one to come. */
static bool
next_day(const struct desk_call *c, const char *typed, char day[11])
{
	char fault[CHECK_FAULT_MAX + 1], today[40];
	struct tm tm;

	if (typed == NULL || check_date(typed, day, fault) < 0 || *day == '\0')
		return false;
	hours_local(c->bureau, (int64_t)time(NULL), &tm);
	strftime(today, sizeof(today), "%Y-%m-%d", &tm);
	int64_t from = hours_day_number(today), on = hours_day_number(day);
	return on > from && on <= from + 366;
}

void
call_result(struct desk_call *c)
{
	const char *word = form_get(&c->r->form, "result"), *typed = form_get(&c->r->form, "words");
	const struct phoning_outcome *o = word == NULL ? NULL : phoning_outcome(word);
	char words[WORDS_MAX], day[11] = "", subject[40];
	int len = typed == NULL ? 0 : form_trim(typed, words, sizeof(words));

	if (o == NULL) {
		http_reply_error(c->r, 400);
		desk_free(c);
		return;
	}
	if (typed == NULL)
		words[0] = '\0';
	if (*o->event != '\0' && !may_talk(c)) {
		entry_again(c, "entry.over");
	} else if (len < 0 || (len == 0 && strcmp(o->word, "agreed") == 0)) {
		json_object_set_new(c->data, "words_error", json_string(len < 0 ? "call.words.long" : "call.words.empty"));
		entry_again(c, NULL);
	} else if (strcmp(o->word, "call_again") == 0 && !next_day(c, form_get(&c->r->form, "on"), day)) {
		json_object_set_new(c->data, "on_error", json_string("call.on.wrong"));
		entry_again(c, NULL);
	} else {
		o = phoning_kept(o, entry_number(c, "tries") + 1);
		if (!o->done && *day == '\0')
			phoning_day(c->bureau, (int64_t)time(NULL), o->workdays, day);
		struct pg_params *p = desk_params(c);
		phoning_params(p, console_id(c->r), o, words, c->actor, day);
		snprintf(subject, sizeof(subject), "entry %" JSON_INTEGER_FORMAT, (json_int_t)console_id(c->r));
		struct desk_ask asks[3];
		size_t n = 0;
		/* What is said opens the talk of whom no text reaches. */
		if (*o->event != '\0' && !entry_is(c, "open"))
			asks[n++] = console_open_talk(c, entry_number(c, "first_application"));
		asks[n++] = (struct desk_ask){"changed", STMT_PHONE_RESULT, p, true};
		asks[n++] = (struct desk_ask){"noted", STMT_STAFF_EVENT, desk_event(c, "called", subject, o->word), false};
		desk_gather(c, asks, n, after_result);
	}
}

static void
after_undo(struct desk_call *c)
{
	if (json_is_object(json_object_get(c->data, "changed")))
		entry_see(c, "call_undone");
	else
		entry_again(c, "entry.cannot_undo");
}

void
call_undo(struct desk_call *c)
{
	struct pg_params *p = desk_params(c);

	pg_param_int(p, console_id(c->r));
	console_who(c, p);
	pg_param_int(p, CLERK_UNDO_SECONDS);
	pg_param_int(p, CLERK_CLAIM_SECONDS);
	const struct desk_ask asks[] = {{"changed", STMT_PHONE_UNDO, p, true}};
	desk_gather(c, asks, 1, after_undo);
}
