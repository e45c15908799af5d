/*
 * The loader with arbitrary text, and the engine behind it. The input is a .dlg, a line of '%', and a wording. What
 * loads must print to a text that loads again and prints the same, and fifty events drawn from the input must neither
 * crash nor leave the conversation at a step that the dialog does not have.
 *
 * links: dialog/source.c dialog/effect.c dialog/placeholder.c dialog/parse.c dialog/parse_branch.c
 * links: dialog/parse_trigger.c dialog/wording.c dialog/load.c dialog/check.c dialog/clash.c dialog/measure.c
 * links: dialog/step.c dialog/render.c dialog/print.c dialog/graph.c dialog/match.c dialog/match_collide.c
 * links: dialog/spoken.c dialog/words_spoken.c dialog/match_value.c dialog/normalise.c dialog/text.c
 * links: dialog/national*.c dialog/gsm7.c dialog/utf8.c dialog/words.c dialog/words_table.c dialog/menu.c
 * links: dialog/screen.c dialog/check_ussd.c dialog/substitute.c dialog/faults.c
 */
#include <stdio.h>
#include "dialog/dialog.h"
#include "dialog/screen.h"
#include "dialog/text.h"
#include "tests/fuzz/fuzz.h"

/* A wording and reserved words that most inputs lack, so that more of them load. */
static const char anywhere[] = "\nanywhere\nSTOP, HELP, STATUS, LANGUAGE, NOT ME, CHECK, START -> same say a\n";
static const char texts[] = "[a]\na {item}\n[b]\n{#applications}{n}{/applications}\n[c]\nc\n"
							"[menu_yes]\n是\n[menu_no]\nNo\n[menu_all]\nAll\n[menu_keep]\nKeep\n[menu_more]\nMore\n"
							"[menu_back]\n返回\n[menu_noted]\nNoted.\n[menu_application]\n{item}\n";

static struct dialog *
load(const char *dlg, size_t len, const char *wording, size_t wording_len)
{
	struct dialog_faults faults = {0};
	struct dialog_wording_source w[] = {
		{"x.zh.txt", "zh", wording, wording_len, false}, {"c.zh.txt", "zh", texts, sizeof(texts) - 1, true}};
	struct dialog *d = dialog_load("x.dlg", dlg, len, w, 2, &faults);
	must(d || faults.count);
	for (size_t i = 0; i < faults.count; i++)
		must(faults.list[i].text[0] && faults.list[i].line >= 0 && !strchr(faults.list[i].text, '\n'));
	dialog_faults_free(&faults);
	if (!d) {
		/* What can be rendered is counted all the same. */
		struct dialog_cost costs[16];
		struct dialog *sound = dialog_load_texts(w, 2);
		must(sound && dialog_costs(sound, NULL, costs, 16) <= 4096);
		dialog_free(sound);
	}
	return d;
}

static const char *
value(void *arg, const char *placeholder, int index)
{
	(void)placeholder;
	(void)index;
	return arg;
}

static void
render_all(const struct dialog *d, const struct dialog_conversation *c, const struct dialog_result *r)
{
	char out[DIALOG_TEXT_MAX + 1];
	for (size_t i = 0; i < r->neffects; i++) {
		must(r->effects[i].name && r->effects[i].name[0]);
		if (r->effects[i].kind == DIALOG_SAY)
			must(
				dialog_render(d, r->effects[i].name, c->language, c, value, (void *)"12345678", out, sizeof(out)) >= 0);
	}
}

/* Every page of the conversation's screen stays within its limits; what is typed into it is a page or a text. */
static void
show_all(const struct dialog *d, const struct dialog_conversation *c, const char *said, const char *input, unsigned b)
{
	struct dialog_screen_limit limit = {20 + (int)(b % 163), 20 + (int)(b % 61)};
	struct dialog_screen s = {.pages = 1};
	for (int page = 1; page <= s.pages; page++) {
		struct text_measure m;
		if (dialog_screen_make(d, c, said, page, &limit, value, (void *)"12345678", &s) != 0)
			return;
		must(s.page == page && s.pages <= DIALOG_PAGES_MAX);
		text_measure(s.text, strlen(s.text), &m);
		must(m.units <= (size_t)(m.alphabet == TEXT_GSM7 ? limit.gsm7 : limit.ucs2));
	}
	struct dialog_input in;
	dialog_screen_input(d, c, input, 1, s.pages, &in);
	must(in.kind == DIALOG_INPUT_PAGE ? in.page >= 1 && in.page <= s.pages : in.text[0] != '\0');
	(void)dialog_step_asks_identity(d, c->step, c->language);
	(void)dialog_step_text(d, c->step);
}

static void
step_about(const struct dialog *d, const unsigned char *data, size_t size)
{
	static const char *const words[] = {
		"Y", "n", "1", "2", "hm", "stop", "help", "language", "not me", "check 1", "start", "a"};
	static const char *const events[] = {"verified", "confirmed", "approved", "finished", "courier"};
	struct dialog_conversation c = {.applications = 2}, after;
	struct dialog_result r;
	struct dialog_slot slot = {"address", "here"};
	int64_t now = 1000;
	char text[64];
	for (size_t i = 0; i < 50; i++) {
		unsigned b = size ? data[(i * 7) % size] + (unsigned)i : (unsigned)i;
		snprintf(text, sizeof(text), "%.*s", (int)(size < 60 ? size : 60), (const char *)data);
		struct dialog_event e = {.kind = (enum dialog_event_kind)(b % 4), .channel = (enum dialog_channel)(b / 4 % 4)};
		e.text = b % 13 == 12 ? text : words[b % 12];
		e.name = events[b % 5];
		e.slots = &slot;
		e.nslots = b % 2;
		now += (int64_t)b * 3600;
		/* dialog_step says so itself when it is left at a step that is not there. */
		must(dialog_step(d, &c, &e, now, &after, &r) == 0);
		must(r.neffects <= DIALOG_EFFECTS_MAX && after.nslots <= DIALOG_SLOTS_MAX);
		render_all(d, &after, &r);
		for (size_t k = 0; k < r.neffects; k++)
			(void)dialog_screen_tells(d, &after, &r, k, b % 2);
		if (dialog_speaks_ussd(d) && after.step[0] && i % 5 == 0)
			show_all(d, &after, b % 3 ? text : "", e.text, b);
		c = after;
		if (c.ended)
			c = (struct dialog_conversation){.applications = 1};
	}
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	const unsigned char *mark = size ? memchr(data, '%', size) : NULL;
	size_t dlg_len = mark ? (size_t)(mark - data) : size, rest = mark ? size - dlg_len - 1 : 0;
	char *dlg = malloc(dlg_len + sizeof(anywhere));
	if (!dlg)
		return 0;
	memcpy(dlg, data, dlg_len);
	memcpy(dlg + dlg_len, anywhere, sizeof(anywhere));
	struct dialog *d = load(dlg, dlg_len + sizeof(anywhere) - 1, mark ? (const char *)mark + 1 : "", rest);
	free(dlg);
	if (!d)
		return 0;
	char *once = dialog_print(d), *dot = dialog_dot(d, "zh");
	must(once && dot);
	struct dialog *again = load(once, strlen(once), mark ? (const char *)mark + 1 : "", rest);
	must(again);
	char *twice = dialog_print(again);
	must(twice && strcmp(once, twice) == 0);
	step_about(d, data, size);
	free(once);
	free(twice);
	free(dot);
	dialog_free(again);
	dialog_free(d);
	return 0;
}
