/* Values for the templates of the citizen's page. Before identity is proven nothing personal goes into them. */
#include "gateway/http/citizen/public.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/screen.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/qr.h"
#include "gateway/http/session.h"
#include "gateway/mask.h"
#include "gateway/templates.h"
#include "store/grant.h"

static void
put(json_t *o, const char *name, const char *value)
{
	/* A name that the store holds is UTF-8; json_string would refuse anything else and leave the field out. */
	json_object_set_new(o, name, json_string(value == NULL ? "" : value));
}

static void
put_flag(json_t *o, const char *name, bool value)
{
	json_object_set_new(o, name, json_boolean(value));
}

static void
put_masked(json_t *o, const char *name, void (*mask)(const char *, char *, size_t), const char *value)
{
	char masked[600];

	mask(value, masked, sizeof(masked));
	put(o, name, masked);
}

static void
put_sealed(json_t *o, const char *name, const struct visit *v, const struct grant_sealed *s)
{
	char *plain = visit_unseal(v, s);

	put(o, name, plain);
	free(plain);
}

void
model_date(const char *date, const char *language, char *out, size_t room)
{
	static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December"};
	int y, m, d;

	out[0] = '\0';
	if (sscanf(date, "%4d-%2d-%2d", &y, &m, &d) != 3 || m < 1 || m > 12)
		return;
	if (strcmp(language, "zh") == 0)
		snprintf(out, room, "%d年%d月%d日", y, m, d);
	else
		snprintf(out, room, "%d %s %d", d, months[m - 1], y);
}

static void
put_date(json_t *o, const char *name, const char *date, const char *language)
{
	char text[64];

	model_date(date, language, text, sizeof(text));
	put(o, name, text);
}

json_t *
model_bureau(const struct conf_bureau *b)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "name", b->name, "telephone", b->telephone == NULL ? "" : b->telephone,
		"counter", b->address == NULL ? "" : b->address, "short_code", b->short_code);
}

/* ---- One application ------------------------------------------------------------------------------------------ */

/* What changed on the day that the application is about, each with what it was. */
static void
add_changes(json_t *o, const struct visit *v, const struct grant_application *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->nchanges; i++) {
		const struct grant_change *c = &a->changes[i];
		json_t *change = json_object();
		char word[64];

		snprintf(word, sizeof(word), "field.%s", c->field);
		put(change, "field", word);
		put_date(change, "on", a->changed_on, v->language);
		put_sealed(change, "from", v, &c->from);
		put_sealed(change, "to", v, &c->to);
		json_array_append_new(list, change);
	}
	json_object_set_new(o, "change", list);
}

static bool
word_in(const char *word, const char *list)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

/* The way of one application as a row of milestones: done with its day, the one under way, those to come. */
static json_t *
milestones(const struct visit *v, const struct grant_application *a)
{
	bool courier = strcmp(a->delivery, "courier") == 0, rejected = strcmp(a->status, "rejected") == 0;
	const struct {
		const char *ahead, *behind, *day;
	} way[] = {
		{"mile.submitted", "mile.submitted", a->submitted_on},
		{"mile.decision", rejected ? "mile.rejected" : "mile.approved", a->decided_on},
		{courier ? "mile.sending" : "mile.making", courier ? "mile.sent" : "mile.ready", a->sent_on},
		{courier ? "mile.delivery" : "mile.collection", courier ? "mile.delivered" : "mile.collected", a->collected_on},
	};
	json_t *list = json_array();
	bool now_given = false;

	for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
		json_t *m = json_object();
		bool done = *way[i].day != '\0', now = !done && !now_given;
		put(m, "word", done ? way[i].behind : way[i].ahead);
		put_date(m, "on", way[i].day, v->language);
		put_flag(m, "done", done);
		put_flag(m, "now", now);
		put(m, "state", done ? "state.done" : now ? "state.now" : "state.later");
		now_given = now_given || now;
		json_array_append_new(list, m);
		if (rejected && i == 1)
			break;
	}
	return list;
}

static void
add_progress(json_t *o, const struct visit *v, const struct grant_application *a)
{
	static const char *const over = "declined stopped unreachable wrong_number withdrawn closed";
	char word[64];

	snprintf(word, sizeof(word), "status.%s", a->status);
	put(o, "status", html_has_word(v->r->server->o.html, word) ? word : "status.other");
	put_flag(o, "over", word_in(a->status, over));
	if (*a->submitted_on != '\0')
		json_object_set_new(o, "way", milestones(v, a));
	put(o, "tracking_no", a->tracking_no);
	put(o, "pickup_code", a->pickup_code);
	put(o, "reason", a->decision_reason);
	if (word_in(a->status, "submitted approved ready sent")) {
		put_flag(o, "hand_in", strcmp(a->old_certificate, "on_site") == 0 && word_in(a->status, "submitted approved"));
		put_flag(o, "fetched", strcmp(a->old_certificate, "courier") == 0 && word_in(a->status, "submitted approved"));
		bool made = word_in(a->status, "ready sent"), courier = strcmp(a->delivery, "courier") == 0;
		put_flag(o, "will_come", courier && !made);
		put_flag(o, "will_wait", strcmp(a->delivery, "pick_up") == 0 && !made);
		put_flag(o, "on_its_way", strcmp(a->status, "sent") == 0);
		bool waits = strcmp(a->status, "ready") == 0;
		put_flag(o, "waits", waits);
		if (waits && *a->pickup_code != '\0') {
			char *qr = qr_data(a->pickup_code); /* what the counter's scanner types is what the text says */
			put(o, "pickup_qr", qr);
			free(qr);
		}
	}
}

static json_t *
application(const struct visit *v, const struct grant_application *a)
{
	json_t *o = json_object();
	char id[32];

	put(o, "item", strcmp(v->language, "zh") == 0 || *a->name_en == '\0' ? a->name_zh : a->name_en);
	put_date(o, "expires_on", a->expires_on, v->language);
	if (!v->proven || v->stage == VISIT_CHECK) {
		put_masked(o, "licence_no", mask_number, a->licence_no);
		put_masked(o, "holder", mask_name, a->holder->name);
		return o;
	}
	snprintf(id, sizeof(id), "%" PRId64, a->id);
	put(o, "application_no", id);
	put(o, "licence_no", a->licence_no);
	put(o, "holder", a->holder->name);
	put_date(o, "issued_on", a->issued_on, v->language);
	put_sealed(o, "address", v, &a->holder->address);
	add_changes(o, v, a);
	if (v->stage == VISIT_PROGRESS)
		add_progress(o, v, a);
	return o;
}

/* ---- The questions of each stage ------------------------------------------------------------------------------- */

static void
add_check(json_t *o, const struct visit *v)
{
	json_t *list = json_array();
	bool missing = false;

	for (size_t i = 0; i < v->view->nholders; i++) {
		const struct grant_holder *h = &v->view->holders[i];
		json_t *one = json_object();
		char field[24];
		snprintf(field, sizeof(field), "id%zu", i + 1);
		put(one, "field", field);
		put_masked(one, "holder", mask_name, h->name);
		missing = missing || h->id_number.data == NULL;
		json_array_append_new(list, one);
	}
	json_object_set_new(o, "holders", list);
	if (*v->bureau->identity_url != '\0' && *v->view->locked_until == '\0') {
		char out[600];
		snprintf(out, sizeof(out), "%s/identity", v->r->path);
		put(o, "platform", out);
	}
	put_flag(o, "many_holders", v->view->nholders > 1);
	put_flag(o, "no_number", missing);
	put(o, "locked_until", v->view->locked_until);
	put_flag(o, "begins", v->begins);
	put_flag(o, "ask", !missing && *v->view->locked_until == '\0');
}

static void
add_choice(json_t *list, const char *value, const char *word, const char *chosen, bool only)
{
	json_t *c = json_object();
	char hint[64];

	snprintf(hint, sizeof(hint), "%s.hint", word);
	put(c, "value", value);
	put(c, "word", word);
	put(c, "hint", hint);
	put_flag(c, "checked", only || (chosen != NULL && strcmp(chosen, value) == 0));
	put_flag(c, "to_address", strcmp(value, "courier") == 0);
	json_array_append_new(list, c);
}

static json_t *
old_choices(const struct visit *v, const char *chosen)
{
	json_t *list = json_array();
	bool on_site = visit_allows_old(v, "on_site"), courier = visit_allows_old(v, "courier");

	if (on_site)
		add_choice(list, "on_site", "old.on_site", chosen, !courier);
	if (courier)
		add_choice(list, "courier", "old.courier", chosen, !on_site);
	return list;
}

static json_t *
delivery_choices(const struct visit *v, const char *chosen)
{
	json_t *list = json_array();
	bool pick_up = visit_allows_delivery(v, "pick_up"), courier = visit_allows_delivery(v, "courier");

	if (pick_up)
		add_choice(list, "pick_up", "delivery.pick_up", chosen, !courier);
	if (courier)
		add_choice(list, "courier", "delivery.courier", chosen, !pick_up);
	return list;
}

static void
add_questions(json_t *o, const struct visit *v, const struct visit_again *again)
{
	char *address = again->address != NULL ? strdup(again->address) : visit_address(v);

	put_flag(o, "ask_confirm", v->stage == VISIT_CONFIRM);
	if (v->stage == VISIT_CONFIRM) {
		char shown[2 * SIGNATURE_HASH + 1];
		sign_shown_hash(v, shown);
		put(o, "shown", shown);
	}
	if (v->stage == VISIT_CONFIRM || v->stage == VISIT_OLD)
		json_object_set_new(o, "old", json_pack("{s:o}", "choices", old_choices(v, again->old)));
	if (v->stage != VISIT_ADDRESS)
		json_object_set_new(o, "delivery", json_pack("{s:o}", "choices", delivery_choices(v, again->delivery)));
	put_flag(o, "only_address", v->stage == VISIT_ADDRESS);
	put(o, "address", address);
	free(address);
}

/* The question as its text asks it, in the words of the dialog: what is agreed to is the same by text and on the page.
 */
static const char *
agree_value(void *arg, const char *placeholder, int index)
{
	const struct visit *v = arg;
	const struct grant_application *a = NULL;

	for (size_t i = 0; i < v->view->napplications && a == NULL; i++)
		if (index > 0 ? v->view->applications[i].number == index : v->view->applications[i].selected)
			a = &v->view->applications[i];
	if (strcmp(placeholder, "bureau") == 0)
		return v->bureau->name;
	if (strcmp(placeholder, "telephone") == 0)
		return v->bureau->telephone;
	if (strcmp(placeholder, "item") == 0 && a != NULL)
		return strcmp(v->language, "zh") == 0 ? a->name_zh : a->name_en;
	if (strcmp(placeholder, "licence_no") == 0 && a != NULL)
		return a->licence_no;
	return NULL;
}

static void
add_agreement(json_t *o, const struct visit *v)
{
	const struct dialog *d =
		templates_find_for(v->r->g->templates, v->bureau->id, v->view->dialog, v->view->dialog_version);
	struct dialog_conversation c = {.selected = v->view->selected};
	char text[DIALOG_TEXT_MAX + 1] = "";

	for (size_t i = 0; i < v->view->napplications; i++)
		if (v->view->applications[i].number > c.applications)
			c.applications = v->view->applications[i].number;
	if (d != NULL)
		(void)dialog_render(
			d, dialog_step_text(d, v->view->step), v->language, &c, agree_value, (void *)v, text, sizeof(text));
	put(o, "text", text);
	put_flag(o, "pledge", v->stage == VISIT_PLEDGE);
}

static bool
all_over(const struct visit *v, const char *statuses)
{
	for (size_t i = 0; i < v->view->napplications; i++)
		if (v->view->applications[i].selected && !word_in(v->view->applications[i].status, statuses))
			return false;
	return true;
}

json_t *
model_page(const struct visit *v, const struct visit_again *again)
{
	static const struct visit_again none;
	char browser[SESSION_ID_LEN + 1], token[SESSION_TOKEN_LEN + 1];
	json_t *o = json_object(), *list = json_array();
	bool known = v->proven && v->stage != VISIT_CHECK;

	if (again == NULL)
		again = &none;
	session_browser(v->r, browser);
	session_form_token(v->r, browser, v->about, token);
	put(o, "token", token);
	put(o, "action", v->r->path);
	json_object_set_new(o, "bureau", model_bureau(v->bureau));
	for (size_t i = 0; i < v->view->napplications; i++)
		if (v->view->applications[i].selected)
			json_array_append_new(list, application(v, &v->view->applications[i]));
	put_flag(o, "many", json_array_size(list) > 1);
	json_object_set_new(o, "applications", list);
	put_flag(o, "known", known);
	if (again->error != NULL) {
		put(o, "error", again->error);
		put(o, "error_args", again->error_args);
	}
	if (!known) {
		add_check(o, v);
		return o;
	}
	if (v->stage == VISIT_PROGRESS) {
		char trail[600];
		snprintf(trail, sizeof(trail), "%s/trail", v->r->path);
		put(o, "trail", trail);
		put_flag(o, "ended", !v->view->open);
		put_flag(o, "qr",
			v->view->open &&
				!all_over(v, "collected declined stopped unreachable wrong_number withdrawn closed rejected"));
	} else if (v->stage == VISIT_WAITING) {
		char go[600];
		snprintf(go, sizeof(go), "%s?go=on%s%s", v->r->path, *v->r->language == '\0' ? "" : "&lang=", v->r->language);
		put(o, "go_on", v->resume == VISIT_PROGRESS ? "" : go);
	} else if (v->stage == VISIT_INTENT || v->stage == VISIT_PLEDGE) {
		add_agreement(o, v);
	} else {
		add_questions(o, v, again);
	}
	return o;
}
