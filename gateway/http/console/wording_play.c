/* A dry run: a talk is played against the draft, or what runs, as on a phone. Nothing is kept but in the page itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/play.h"
#include "gateway/gateway.h"
#include "gateway/http/console/dialogs.h"
#include "gateway/http/console/wording.h"
#include "store/pg.h"

#define LINES_MAX 120
#define TALK_MAX 6000 /* octets of what was typed so far; with the rest of the form it stays below a form's most */

struct stage {
	json_t *lines;
	struct desk_call *c;
};

/* "> Hello" from the bureau; "= step verify" and "= effect consent" as notes. */
static void
said(void *arg, const char *line)
{
	struct stage *s = arg;
	json_t *last = json_array_get(s->lines, json_array_size(s->lines) - 1);

	if (strncmp(line, "> ", 2) == 0) {
		json_array_append_new(s->lines, json_pack("{s:b, s:s}", "out", 1, "words", line + 2));
	} else if (strncmp(line, "  ", 2) == 0 && last != NULL) {
		/* The next line of the same text. */
		const char *before = json_string_value(json_object_get(last, "words"));
		size_t room = strlen(before) + strlen(line);
		char *joined = malloc(room);
		if (joined == NULL)
			abort();
		snprintf(joined, room, "%s\n%s", before, line + 2);
		json_object_set_new(last, "words", json_string(joined));
		free(joined);
	} else if (strncmp(line, "= step ", 7) == 0) {
		json_t *note = json_pack("{s:b, s:s}", "note", 1, "step", line + 7);
		console_step_word(s->c, note, "step");
		json_array_append_new(s->lines, note);
	} else if (strncmp(line, "= ", 2) == 0) {
		json_array_append_new(s->lines, json_pack("{s:b, s:s}", "note", 1, "words", line + 2));
	}
}

/* What was pressed, as a line of a play; "" = nothing. */
static void
line_of(const struct form *f, char *out, size_t room)
{
	static const struct {
		const char *act, *line;
	} acts[] = {{"wait", "wait 3d"}, {"long", "wait 14d"}, {"verified", "! event verified"},
		{"approved", "! event approved"}, {"dial", "dial *123#"}, {"hang_up", "hang up"}};
	const char *act = form_get(f, "act"), *say = form_get(f, "say");
	char words[400];

	out[0] = '\0';
	for (size_t i = 0; act != NULL && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].act, act) == 0)
			snprintf(out, room, "%s", acts[i].line);
	if (act == NULL || strcmp(act, "say") != 0 || say == NULL || form_trim(say, words, sizeof(words)) <= 0)
		return;
	for (char *p = words; *p != '\0'; p++)
		*p = *p == '\n' ? ' ' : *p;
	snprintf(out, room, "< %s", words);
}

static void
play_one(struct play *p, struct stage *s, const char *line)
{
	const char *why;

	if (strncmp(line, "< ", 2) == 0)
		json_array_append_new(s->lines, json_pack("{s:b, s:s}", "in", 1, "words", line + 2));
	else if (strcmp(line, "start") != 0)
		json_array_append_new(s->lines, json_pack("{s:b, s:s}", "note", 1, "words", line));
	/* Only what this page writes itself and free words after "<" comes here: a script's checks have no place in it. */
	if (play_line(p, line, &why) != 0)
		json_array_append_new(s->lines, json_pack("{s:b, s:s}", "note", 1, "words", why));
}

static bool
allowed(const char *line)
{
	static const char *const begins[] = {
		"< ", "wait 3d", "wait 14d", "! event verified", "! event approved", "dial *123#", "hang up"};

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (i == 0 ? strncmp(line, begins[i], 2) == 0 : strcmp(line, begins[i]) == 0)
			return true;
	return false;
}

static void
play_talk(struct desk_call *c, const struct dialog *d, const char *language)
{
	const char *before = form_get(&c->r->form, "talk"), *act = form_get(&c->r->form, "act");
	struct stage s = {json_array(), c};
	const struct play_options o = {.language = language, .applications = 1, .out = said, .arg = &s};
	char talk[TALK_MAX + 500] = "", line[420];
	struct play *p = play_new(d, &o);
	int n = 0;

	if (p == NULL)
		abort();
	play_one(p, &s, "start");
	bool again = act != NULL && strcmp(act, "again") == 0;
	if (before != NULL && !again && strlen(before) < TALK_MAX)
		snprintf(talk, sizeof(talk), "%s", before);
	line_of(&c->r->form, line, sizeof(line));
	if (line[0] != '\0')
		snprintf(talk + strlen(talk), sizeof(talk) - strlen(talk), "%s%s", talk[0] != '\0' ? "\n" : "", line);
	char *save = NULL, *played = strdup(talk);
	for (char *l = played == NULL ? NULL : strtok_r(played, "\n", &save); l != NULL && n < LINES_MAX;
		 l = strtok_r(NULL, "\n", &save), n++)
		if (allowed(l))
			play_one(p, &s, l);
	free(played);
	json_object_set_new(c->data, "talk", json_string(talk));
	json_object_set_new(c->data, "full", json_boolean(n >= LINES_MAX || strlen(talk) >= TALK_MAX));
	json_object_set_new(c->data, "ended", json_boolean(play_conversation(p)->ended));
	json_object_set_new(c->data, "lines", s.lines);
	play_free(p);
}

static void
show_play(struct desk_call *c)
{
	const char *language = form_get(c->r->post ? &c->r->form : &c->r->query, "language");
	struct dialog_faults faults = {0};
	struct wording_copy w;
	json_t *languages = json_array();

	if (wording_open(c, &w) != 0) {
		json_decref(languages);
		return;
	}
	struct dialog *d = version_text_load(&w.text, &faults);
	int chosen = language == NULL ? -1 : version_text_language(&w.text, language);
	if (chosen < 0)
		chosen = version_text_language(&w.text, http_language(c->r, NULL));
	for (size_t i = 0; i < w.text.nlanguages; i++)
		json_array_append_new(
			languages, json_pack("{s:s, s:b}", "language", w.text.languages[i], "chosen", (int)i == chosen));
	json_object_set_new(c->data, "talk_languages", languages);
	wording_put_faults(c, &faults, NULL);
	if (d != NULL)
		play_talk(c, d, w.text.languages[chosen < 0 ? 0 : chosen]);
	wording_page(c, &w, 200, "console_play");
	dialog_free(d);
	dialog_faults_free(&faults);
	version_text_free(&w.text);
}

static void
gather_play(struct desk_call *c)
{
	struct desk_ask asks[2];

	desk_gather(c, asks, wording_asks(c, asks), show_play);
}

void
wording_play(struct http_request *r)
{
	desk_person(r, gather_play);
}

void
wording_play_on(struct http_request *r)
{
	desk_person_post(r, gather_play);
}
