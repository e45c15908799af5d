/* Plays a dialog line by line: reads the lines, turns the clock, and compares or writes what the citizen would see. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/play_internal.h"
#include "dialog/text.h"

#define EPOCH INT64_C(1780272000) /* the play begins on 1 June 2026, 00:00 UTC */
#define WORDS_MAX 8

struct said {
	char name[DIALOG_NAME_MAX + 8];
	bool reminder;
	char *text;
};

struct play {
	const struct dialog *d;
	struct play_options o;
	struct dialog_conversation c;
	struct play_values values;
	int64_t now;
	struct dialog_result
		last;	/* of the last line that did something; a wait gathers those of its timers, while there is room */
	bool moved; /* the last line changed the conversation */
	struct said queue[PLAY_QUEUE_MAX];
	size_t nqueue;
	bool session; /* a USSD session is open */
	int page, pages;
	char on_screen[4 * DIALOG_TEXT_MAX]; /* what was said before its question */
	char *expected;						 /* text of a `>` line that may still be continued; NULL = none */
	bool last_reminder;
	char why[4 * DIALOG_TEXT_MAX];
};

static int
fail(struct play *p, const char **why, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, ap);
	va_end(ap);
	*why = p->why;
	return -1;
}

struct play *
play_new(const struct dialog *d, const struct play_options *options)
{
	struct play *p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	const char *languages[DIALOG_LANGUAGES_MAX], *language = options->language;
	dialog_languages(d, languages);
	p->d = d;
	p->o = *options;
	p->now = EPOCH;
	p->c.applications = options->applications ? options->applications : 1;
	snprintf(p->c.language, sizeof(p->c.language), "%s", language && language[0] ? language : languages[0]);
	p->values.d = d;
	p->values.c = &p->c;
	return p;
}

void
play_free(struct play *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->nqueue; i++)
		free(p->queue[i].text);
	free(p->expected);
	free(p);
}

const struct dialog_conversation *
play_conversation(const struct play *p)
{
	return &p->c;
}

/* ---- Output ---------------------------------------------------------------------------------------------------- */

static void
show(struct play *p, const char *sign, const char *text)
{
	char line[DIALOG_TEXT_MAX + 8];
	while (p->o.out) {
		size_t n = strcspn(text, "\n");
		snprintf(line, sizeof(line), "%s %.*s", sign, (int)n, text);
		p->o.out(p->o.arg, line);
		if (!text[n])
			return;
		text += n + 1;
		sign = " ";
	}
}

static void
tell(struct play *p, const char *name, bool reminder, const char *text)
{
	if (p->o.out) {
		show(p, ">", text);
		return;
	}
	if (p->nqueue == PLAY_QUEUE_MAX)
		return; /* the next line fails anyway: none of these was expected */
	struct said *s = &p->queue[p->nqueue];
	*s = (struct said){.reminder = reminder, .text = strdup(text)};
	snprintf(s->name, sizeof(s->name), "%s", name);
	p->nqueue += s->text != NULL;
}

static void
say(struct play *p, const struct dialog_effect *e)
{
	char text[DIALOG_TEXT_MAX + 1];
	p->values.application = e->application;
	if (dialog_render(p->d, e->name, p->c.language, &p->c, play_value, &p->values, text, sizeof(text)) < 0)
		snprintf(text, sizeof(text), "(text %s cannot be rendered)", e->name);
	tell(p, e->name, e->reminder, text);
}

/* ---- The USSD session ------------------------------------------------------------------------------------------- */

static void
show_screen(struct play *p, int page)
{
	static const struct dialog_screen_limit limit = {TEXT_USSD_GSM7, TEXT_USSD_UCS2};
	struct dialog_screen screen;
	char name[DIALOG_NAME_MAX + 8];
	p->values.application = 0;
	p->values.identity = p->values.screen = true;
	if (dialog_screen_make(p->d, &p->c, p->on_screen, page, &limit, play_value, &p->values, &screen)) {
		snprintf(screen.text, sizeof(screen.text), "(the screen of step %s cannot be made)", p->c.step);
		screen.waits = false;
	}
	p->values.screen = false;
	p->page = screen.page;
	p->pages = screen.pages;
	p->session = screen.waits;
	snprintf(name, sizeof(name), "%s %s", screen.waits ? "screen" : "last", p->c.step);
	tell(p, name, false, screen.text);
}

/* One text of a turn inside the session: onto the screen, out as an SMS, or both. */
static void
say_in_session(struct play *p, const struct dialog_result *r, size_t i)
{
	struct dialog_telling t = dialog_screen_tells(p->d, &p->c, r, i, true);
	char text[DIALOG_TEXT_MAX + 1];
	size_t len = strlen(p->on_screen);
	if (t.text) {
		p->values.texted = true;
		say(p, &r->effects[i]);
	}
	p->values.application = r->effects[i].application;
	p->values.screen = true;
	if (t.said && dialog_render_ussd(
					  p->d, r->effects[i].name, p->c.language, &p->c, play_value, &p->values, text, sizeof(text)) > 0)
		snprintf(p->on_screen + len, sizeof(p->on_screen) - len, "%s%s", len ? "\n" : "", text);
	p->values.screen = false;
}

static void
show_effect(struct play *p, const struct dialog_effect *e)
{
	static const char *const kinds[] = {
		[DIALOG_APPLY] = "effect", [DIALOG_LIST] = "list", [DIALOG_MOVED] = "step", [DIALOG_ENDED] = "end"};
	char line[2 * DIALOG_NAME_MAX];
	/* Moving to an end is told by the end itself. */
	if (e->kind == DIALOG_SAY || (e->kind == DIALOG_MOVED && p->c.ended && strcmp(p->c.step, e->name) == 0))
		return;
	snprintf(line, sizeof(line), "%s %s", kinds[e->kind], e->name);
	show(p, "=", line);
}

/* ---- Steps ------------------------------------------------------------------------------------------------------ */

static int
raise_event(struct play *p, const struct dialog_event *e, const char **why)
{
	struct dialog_conversation after;
	struct dialog_result r;
	if (dialog_step(p->d, &p->c, e, p->now, &after, &r))
		return fail(p, why, "the conversation stands at a step that the dialog does not have: %s", p->c.step);
	bool left = strcmp(p->c.step[0] ? p->c.step : dialog_first_step(p->d), after.step) != 0;
	p->moved = p->moved || r.neffects || r.line;
	p->c = after;
	play_values_note(&p->values, e, &r);
	p->last.understood = r.understood;
	bool inside = p->session && e->channel == DIALOG_CHANNEL_USSD;
	if (inside) {
		p->on_screen[0] = '\0';
		p->values.texted = false;
	}
	for (size_t i = 0; i < r.neffects; i++) {
		if (p->last.neffects < DIALOG_EFFECTS_MAX)
			p->last.effects[p->last.neffects++] = r.effects[i];
		if (r.effects[i].kind != DIALOG_SAY)
			show_effect(p, &r.effects[i]);
		else if (inside)
			say_in_session(p, &r, i);
		else
			say(p, &r.effects[i]);
	}
	if (inside)
		show_screen(p, 1);
	if (r.line && p->o.taken)
		p->o.taken(p->o.arg, r.line, left);
	return 0;
}

/* Compares the oldest text with what a `>` line expects: a name in brackets, or the whole text. */
static int
compare(struct play *p, const char **why)
{
	char *expected = p->expected;
	if (!expected)
		return 0;
	p->expected = NULL;
	int rc = 0;
	size_t len = strlen(expected);
	if (!p->nqueue) {
		rc = fail(p, why, "nothing was sent, where this was expected:\n%s", expected);
	} else {
		struct said s = p->queue[0];
		p->last_reminder = s.reminder;
		bool by_name = len > 2 && expected[0] == '[' && expected[len - 1] == ']';
		bool same = by_name ? strlen(s.name) == len - 2 && memcmp(s.name, expected + 1, len - 2) == 0
							: strcmp(s.text, expected) == 0;
		if (!same)
			rc = fail(p, why, "expected:\n%s\nbut sent was [%s]:\n%s", expected, s.name, s.text);
		memmove(p->queue, p->queue + 1, --p->nqueue * sizeof(*p->queue));
		free(s.text);
	}
	free(expected);
	return rc;
}

/* Before something happens, every text so far must have been expected. */
static int
settle(struct play *p, const char **why)
{
	if (compare(p, why))
		return -1;
	if (p->nqueue)
		return fail(p, why, "this was sent and not expected, [%s]:\n%s", p->queue[0].name, p->queue[0].text);
	p->last = (struct dialog_result){.neffects = 0};
	p->moved = false;
	p->last_reminder = false;
	return 0;
}

/* ---- Lines ------------------------------------------------------------------------------------------------------- */

/* Cuts a copy of the line into words. Returns how many. */
static int
split(char *line, char *words[WORDS_MAX])
{
	int n = 0;
	char *rest = NULL;
	for (char *w = strtok_r(line, " \t", &rest); w && n < WORDS_MAX; w = strtok_r(NULL, " \t", &rest))
		words[n++] = w;
	return n;
}

static int
line_outside(struct play *p, char *words[], int n, const char **why)
{
	struct dialog_slot slots[WORDS_MAX];
	struct dialog_event e = {.kind = DIALOG_OUTSIDE, .slots = slots};
	if (n < 2 || (strcmp(words[0], "event") != 0 && strcmp(words[0], "page") != 0 && strcmp(words[0], "ussd") != 0))
		return fail(p, why, "after ! comes \"event NAME\", \"page NAME\" or \"ussd NAME\"");
	e.channel = words[0][0] == 'p'	 ? DIALOG_CHANNEL_PAGE
				: words[0][0] == 'u' ? DIALOG_CHANNEL_USSD
									 : DIALOG_CHANNEL_STAFF;
	e.name = words[1];
	for (int i = 2; i < n; i++) {
		char *equals = strchr(words[i], '=');
		if (strcmp(words[i], "application") == 0 && i + 1 < n) {
			e.application = (int)strtol(words[++i], NULL, 10);
		} else if (equals && equals - words[i] <= DIALOG_NAME_MAX) {
			struct dialog_slot *s = &slots[e.nslots++];
			snprintf(s->name, sizeof(s->name), "%.*s", (int)(equals - words[i]), words[i]);
			snprintf(s->value, sizeof(s->value), "%s", equals + 1);
		} else {
			return fail(p, why, "\"%s\" is not understood: application N, or slot=value", words[i]);
		}
	}
	return settle(p, why) || raise_event(p, &e, why) ? -1 : 0;
}

static int
line_wait(struct play *p, const char *time, const char **why)
{
	char *unit;
	long n = time ? strtol(time, &unit, 10) : 0;
	int64_t seconds = n < 1 || n > 1000 ? 0
					  : *unit == 'm'	? n * 60
					  : *unit == 'h'	? n * 3600
					  : *unit == 'd'	? n * 86400
										: 0;
	if (!seconds)
		return fail(p, why, "wait wants a time such as 30m, 12h or 7d");
	if (settle(p, why))
		return -1;
	int64_t until = p->now + seconds;
	while (p->c.deadline && p->c.deadline <= until && !p->c.ended) {
		p->now = p->c.deadline > p->now ? p->c.deadline : p->now;
		struct dialog_event e = {.kind = DIALOG_TIMER};
		if (raise_event(p, &e, why))
			return -1;
	}
	p->now = until;
	return 0;
}

static bool
caused(const struct play *p, enum dialog_effect_kind kind, const char *name)
{
	for (size_t i = 0; i < p->last.neffects; i++)
		if (p->last.effects[i].kind == kind && strcmp(p->last.effects[i].name, name) == 0)
			return true;
	return false;
}

static int
line_selected(struct play *p, char *words[], int n, const char **why)
{
	uint64_t mask = 0;
	for (int i = 1; i < n; i++) {
		long k = strtol(words[i], NULL, 10);
		if (k >= 1 && k <= 64)
			mask |= UINT64_C(1) << (k - 1);
	}
	return mask == p->c.selected ? 0 : fail(p, why, "the selection is %#llx", (unsigned long long)p->c.selected);
}

static int
line_expect(struct play *p, char *words[], int n, const char **why)
{
	const char *what = n ? words[0] : "", *name = n > 1 ? words[1] : "";
	if (strcmp(what, "selected") == 0)
		return line_selected(p, words, n, why);
	if (strcmp(what, "nothing") == 0)
		return p->moved ? fail(p, why, "something happened: %zu effects", p->last.neffects) : 0;
	if (strcmp(what, "not") == 0 && strcmp(name, "understood") == 0)
		return p->last.understood ? fail(p, why, "it was understood") : 0;
	if (strcmp(what, "no") == 0 && strcmp(name, "session") == 0)
		return p->session ? fail(p, why, "the session is open") : 0;
	if (strcmp(what, "reminder") == 0)
		return p->last_reminder ? 0 : fail(p, why, "the text is no reminder");
	if (strcmp(what, "step") == 0 || strcmp(what, "end") == 0)
		return strcmp(p->c.step, name) == 0 && p->c.ended == (what[0] == 'e')
				   ? 0
				   : fail(p, why, "the conversation stands at %s %s", p->c.ended ? "end" : "step", p->c.step);
	if (strcmp(what, "language") == 0)
		return strcmp(p->c.language, name) == 0 ? 0 : fail(p, why, "the language is %s", p->c.language);
	if (strcmp(what, "effect") == 0)
		return caused(p, DIALOG_APPLY, name) ? 0 : fail(p, why, "there was no effect %s", name);
	if (strcmp(what, "list") == 0)
		return caused(p, DIALOG_LIST, name) ? 0 : fail(p, why, "it was not put on the list %s", name);
	if (strcmp(what, "slot") == 0) {
		const char *value = dialog_slot_get(&p->c, name);
		return value && n > 2 && strcmp(value, words[2]) == 0
				   ? 0
				   : fail(p, why, "the slot holds \"%s\"", value ? value : "");
	}
	return fail(p, why, "\"%s\" is nothing that can be expected", what);
}

static int
line_text(struct play *p, const char *text, const char **why)
{
	struct dialog_event e = {.kind = DIALOG_TEXT, .channel = DIALOG_CHANNEL_SMS, .text = text};
	struct dialog_input in;
	if (settle(p, why))
		return -1;
	if (p->session) {
		dialog_screen_input(p->d, &p->c, text, p->page, p->pages, &in);
		if (in.kind == DIALOG_INPUT_PAGE) {
			show_screen(p, in.page);
			return 0;
		}
		e.channel = DIALOG_CHANNEL_USSD;
		e.text = in.text;
	}
	return raise_event(p, &e, why);
}

static int
line_dial(struct play *p, const char **why)
{
	struct dialog_event e;
	if (settle(p, why))
		return -1;
	if (!dialog_speaks_ussd(p->d))
		return fail(p, why, "the dialog is not held by USSD: its first line does not say ussd");
	p->session = true;
	p->on_screen[0] = '\0';
	p->values.texted = false;
	if (dialog_dial_event(p->d, &p->c, &e))
		return raise_event(p, &e, why);
	show_screen(p, 1);
	return 0;
}

static int
line_hang_up(struct play *p, const char **why)
{
	if (settle(p, why))
		return -1;
	if (!p->session)
		return fail(p, why, "there is no session to hang up");
	p->session = false;
	return 0;
}

static int
line_words(struct play *p, char *line, const char **why)
{
	char *words[WORDS_MAX];
	int n = split(line, words);
	if (n == 0)
		return 0;
	if (strcmp(words[0], "=") == 0)
		return compare(p, why) ? -1 : line_expect(p, words + 1, n - 1, why);
	if (strcmp(words[0], "!") == 0)
		return line_outside(p, words + 1, n - 1, why);
	if (strcmp(words[0], "wait") == 0)
		return line_wait(p, n > 1 ? words[1] : NULL, why);
	if (strcmp(words[0], "start") == 0) {
		struct dialog_event e = {.kind = DIALOG_START};
		return settle(p, why) || raise_event(p, &e, why) ? -1 : 0;
	}
	if (strcmp(words[0], "dial") == 0)
		return line_dial(p, why);
	if (strcmp(words[0], "hang") == 0 && n > 1 && strcmp(words[1], "up") == 0)
		return line_hang_up(p, why);
	if (strcmp(words[0], "applications") == 0 && n > 1 && !p->c.step[0]) {
		long count = strtol(words[1], NULL, 10);
		p->c.applications = (int)(count < 1 ? 1 : count > 64 ? 64 : count);
		return 0;
	}
	return fail(p, why, "the line begins with no sign that is known: < > ! = wait start dial hang up applications");
}

int
play_line(struct play *p, const char *line, const char **why)
{
	*why = "";
	if (p->expected && strncmp(line, "  ", 2) == 0) {
		size_t len = strlen(p->expected), more = strlen(line) - 1;
		char *longer = realloc(p->expected, len + more + 1);
		if (!longer)
			return fail(p, why, "out of memory");
		longer[len] = '\n';
		memcpy(longer + len + 1, line + 2, more);
		p->expected = longer;
		return 0;
	}
	if (line[strspn(line, " \t")] == '\0' || line[0] == '#')
		return compare(p, why);
	if (line[0] == '<')
		return line_text(p, line + (line[1] == ' ' ? 2 : 1), why);
	if (line[0] == '>') {
		if (compare(p, why))
			return -1;
		p->expected = strdup(line + (line[1] == ' ' ? 2 : 1));
		return p->expected ? 0 : fail(p, why, "out of memory");
	}
	char *copy = strdup(line);
	int rc = copy ? line_words(p, copy, why) : fail(p, why, "out of memory");
	free(copy);
	return rc;
}

int
play_finish(struct play *p, const char **why)
{
	*why = "";
	return settle(p, why);
}
