/* The made-up world that a dialog is played in: a bureau, a few licences, and what has become of them so far. */
#include <stdio.h>
#include <string.h>
#include "dialog/play_internal.h"

struct fixed {
	const char *placeholder, *zh, *other;
};
static const struct fixed values[] = {
	{"bureau", "文登区行政审批服务局", "Wendeng Approval Bureau"},
	{"signature", "【文登审批】", "[Wendeng]"},
	{"telephone", "0631-8450000", "0631-8450000"},
	{"counter", "文山路1号政务大厅3号窗口", "Service Hall, 1 Wenshan Road, window 3"},
	{"holder", "海**餐馆", "H** Restaurant"},
	{"days_left", "30", "30"},
	{"link", "https://v.example.org/r/AQIDBAUGBwgJCgsM", "https://v.example.org/r/AQIDBAUGBwgJCgsM"},
	{"code", "12345678", "12345678"},
	{"address", "文登区***18号", "18 *** Road, Wendeng"},
};

struct licence {
	const char *zh, *other, *licence_no, *expires_on;
};
static const struct licence licences[] = {
	{"食品经营许可证延续", "Food business licence renewal", "JY13710810001234", "2026-12-01"},
	{"公共场所卫生许可证延续", "Public place hygiene licence renewal", "37108120190088", "2026-12-05"},
	{"办学许可证延续", "School licence renewal", "13710817000561", "2026-12-09"},
	{"粮食收购资格延续", "Grain purchase qualification renewal", "37100320230017", "2026-12-12"},
};
#define NLICENCES (int)(sizeof(licences) / sizeof(licences[0]))

/* What the last effect or event of such a name makes of an application. */
struct becomes {
	const char *word;
	const char *old_certificate, *delivery, *status;
};
static const struct becomes becomes[] = {
	{"consent", NULL, NULL, "status_consented"},
	{"verified", NULL, NULL, "status_verified"},
	{"confirm", NULL, NULL, "status_confirmed"},
	{"submit", NULL, NULL, "status_submitted"},
	{"decline", NULL, NULL, "status_declined"},
	{"old_on_site", "word_old_on_site", NULL, NULL},
	{"old_courier", "word_old_courier", NULL, NULL},
	{"pick_up", NULL, "word_pick_up", NULL},
	{"courier", NULL, "word_courier", NULL},
	{"approved", NULL, NULL, "status_approved"},
	{"rejected", NULL, NULL, "status_rejected"},
	{"ready", NULL, NULL, "status_ready"},
	{"sent", NULL, NULL, "status_sent"},
	{"collected", NULL, NULL, "status_collected"},
};

static void
note_word(struct play_values *v, const char *word)
{
	for (size_t i = 0; i < sizeof(becomes) / sizeof(becomes[0]); i++) {
		if (strcmp(becomes[i].word, word) != 0)
			continue;
		if (becomes[i].old_certificate)
			v->old_certificate = becomes[i].old_certificate;
		if (becomes[i].delivery)
			v->delivery = becomes[i].delivery;
		if (becomes[i].status)
			v->status = becomes[i].status;
	}
}

void
play_values_note(struct play_values *v, const struct dialog_event *event, const struct dialog_result *result)
{
	if (event->kind == DIALOG_START)
		v->status = "status_reminded";
	if (event->kind == DIALOG_OUTSIDE && result->line)
		note_word(v, event->name);
	for (size_t i = 0; i < result->neffects; i++)
		if (result->effects[i].kind == DIALOG_APPLY)
			note_word(v, dialog_do_name(result->effects[i].what));
}

/* A text of the common wording as a value. */
static const char *
words(struct play_values *v, const char *text)
{
	if (!text || v->busy)
		return "";
	v->busy = true;
	int n = (v->screen ? dialog_render_ussd : dialog_render)(
		v->d, text, v->c->language, v->c, play_value, v, v->room, sizeof(v->room));
	v->busy = false;
	return n < 0 ? "" : v->room;
}

static const char *
check_result(struct play_values *v)
{
	const char *code = dialog_slot_get(v->c, "check");
	if (!code || !code[0])
		return words(v, "check_how");
	return words(v, strcmp(code, "12345678") == 0 ? "check_genuine" : "check_unknown");
}

static int
first_chosen(const struct dialog_conversation *c)
{
	for (int i = 1; i <= c->applications && i <= 64; i++)
		if (!c->selected || (c->selected >> (i - 1) & 1))
			return i;
	return 1;
}

const char *
play_value(void *arg, const char *placeholder, int index)
{
	struct play_values *v = arg;
	bool zh = strncmp(v->c->language, "zh", 2) == 0;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(values[i].placeholder, placeholder) == 0)
			return zh ? values[i].zh : values[i].other;
	if (strcmp(placeholder, "identity") == 0)
		return v->identity ? "1" : "";
	if (strcmp(placeholder, "texted") == 0)
		return v->texted ? "1" : "";
	if (strcmp(placeholder, "old_certificate") == 0)
		return words(v, v->old_certificate);
	if (strcmp(placeholder, "delivery") == 0)
		return words(v, v->delivery);
	if (strcmp(placeholder, "status") == 0)
		return words(v, v->status ? v->status : "status_none");
	if (strcmp(placeholder, "check_result") == 0)
		return check_result(v);
	int n = index ? index : v->application ? v->application : first_chosen(v->c);
	const struct licence *l = &licences[(n - 1) % NLICENCES];
	if (strcmp(placeholder, "item") == 0)
		return zh ? l->zh : l->other;
	if (strcmp(placeholder, "licence_no") == 0)
		return l->licence_no;
	if (strcmp(placeholder, "expires_on") == 0)
		return l->expires_on;
	if (strcmp(placeholder, "n") == 0 || strcmp(placeholder, "application_no") == 0) {
		snprintf(v->number, sizeof(v->number), "%d", placeholder[0] == 'n' ? n : 1000 + n);
		return v->number;
	}
	return NULL;
}
