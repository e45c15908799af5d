/* One text of a dialog: every language and form of it, what each costs, how it looks; counted or kept in the draft. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/blocks.h"
#include "dialog/text.h"
#include "dialog/utf8.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/wording.h"
#include "gateway/mask.h"
#include "gateway/smpp/alphabet.h"
#include "store/pg.h"

#define COSTS_MAX 2048
#define WORDS_MAX (2 * DIALOG_TEXT_MAX)

/* ---- The longest that a real holder would get -------------------------------------------------------------------- */

struct worst {
	const struct desk_call *c;
	const char *language;
	char holder[400], link[200], item[400];
};

/* Values of real rows where they are the longest, the bureau's own, and made-up ones of the usual length. */
static const char *
worst_value(void *arg, const char *placeholder, int index)
{
	static const struct {
		const char *name, *zh, *other;
	} usual[] = {{"code", "12345678", "12345678"}, {"expires_on", "2026-12-31", "2026-12-31"},
		{"days_left", "30", "30"}, {"application_no", "1234567", "1234567"},
		{"address", "沂源县***15号", "15 *** Road"}, {"old_certificate", "快递上门取", "fetched by courier"},
		{"delivery", "快递寄送", "sent by courier"}, {"tracking_no", "SF1234567890123", "SF1234567890123"},
		{"pickup_code", "123456", "123456"}, {"reason", "照片不清楚，请重新提交", "the photograph is not clear"},
		{"rating", "5", "5"}, {"status", "审批机关办理中", "with the bureau"},
		{"check_result", "代码12345678是我们发出的", "Code 12345678 is ours"}, {"check", "12345678", "12345678"},
		{"day", "2026-12-31", "2026-12-31"}, {"note", "请下午联系", "please call in the afternoon"}};
	struct worst *w = arg;
	const struct conf_bureau *b = w->c->bureau;
	const json_t *row = json_object_get(w->c->data, "worst");
	bool zh = strcmp(w->language, "zh") == 0;

	(void)index;
	if (strcmp(placeholder, "bureau") == 0)
		return b->name;
	if (strcmp(placeholder, "telephone") == 0)
		return b->telephone;
	if (strcmp(placeholder, "counter") == 0)
		return b->address;
	if (strcmp(placeholder, "holder") == 0)
		return w->holder;
	if (strcmp(placeholder, "item") == 0)
		return w->item;
	if (strcmp(placeholder, "licence_no") == 0)
		return json_string_value(json_object_get(row, "licence_no"));
	if (strcmp(placeholder, "link") == 0)
		return w->link;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strcmp(usual[i].name, placeholder) == 0)
			return zh ? usual[i].zh : usual[i].other;
	return NULL;
}

static void
find_worst(const struct desk_call *c, const char *language, struct worst *w)
{
	const json_t *row = json_object_get(c->data, "worst");
	const char *holder = json_string_value(json_object_get(row, "holder")),
			   *item = json_string_value(json_object_get(row, "item_zh")),
			   *code = json_string_value(json_object_get(row, "item_code"));
	const struct conf_item *it = code == NULL ? NULL : conf_item_for(c->r->g->conf, c->bureau, code);

	*w = (struct worst){.c = c, .language = language};
	mask_name(holder == NULL ? "沂源县某某面馆" : holder, w->holder, sizeof(w->holder));
	snprintf(w->item, sizeof(w->item), "%s",
		it != NULL && strcmp(language, "zh") != 0 ? it->name_en
		: item == NULL							  ? "食品经营许可证延续"
												  : item);
	snprintf(w->link, sizeof(w->link), "%s/r/EgEBg3aeuS0ALEoizH2udxQ-g6oEZ3yAmQ", c->r->g->conf->public_url);
}

/* How the text reads with them, and its parts with this bureau's signature on its first link. */
static void
put_sample(const struct desk_call *c, const struct dialog *d, const char *name, json_t *form, bool many, bool ussd)
{
	/* Several applications, so that the text takes its `many` form. */
	static struct dialog_conversation talk;
	char words[DIALOG_TEXT_MAX + 1], whole[DIALOG_TEXT_MAX + 200];
	const char *language = json_string_value(json_object_get(form, "language"));
	struct alphabet alphabet;
	struct text_measure m;
	struct worst w;

	memset(&talk, 0, sizeof(talk));
	talk.applications = many ? 3 : 1;
	snprintf(talk.language, sizeof(talk.language), "%s", language);
	find_worst(c, language, &w);
	int len = ussd ? dialog_render_ussd(d, name, language, &talk, worst_value, &w, words, sizeof(words))
				   : dialog_render(d, name, language, &talk, worst_value, &w, words, sizeof(words));
	if (len < 0)
		return;
	snprintf(whole, sizeof(whole), "%s%s", ussd ? "" : c->bureau->signature, words);
	json_object_set_new(form, "sample", json_string(whole));
	if (ussd)
		return;
	alphabet_of(conf_link_by_name(c->r->g->conf, c->bureau->links[0]), &alphabet);
	text_measure_by(&alphabet.out, whole, strlen(whole), &m);
	json_object_set_new(form, "sample_parts", json_integer(m.parts));
	json_object_set_new(form, "sample_units", json_integer((json_int_t)m.units));
}

/* ---- The forms --------------------------------------------------------------------------------------------------- */

/* "w-zh-many-ussd": the field that has this form's words; "p-...": its parts. */
static void
field_name(char kind, const char *language, bool many, bool ussd, char *out, size_t room)
{
	snprintf(out, room, "%c-%s%s%s", kind, language, many ? "-many" : "", ussd ? "-ussd" : "");
}

static void
put_cost(const struct dialog_cost *costs, size_t n, const char *name, const char *language, bool many, bool ussd,
	json_t *form)
{
	char odd[200] = "";
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct dialog_cost *k = &costs[i];
		if (k->many != many || k->ussd != ussd || strcmp(k->text, name) != 0 || strcmp(k->language, language) != 0)
			continue;
		json_object_set_new(form, "most", json_integer(k->parts));
		json_object_set_new(form, "characters", json_integer((json_int_t)k->characters));
		json_object_set_new(form, "allowed", json_integer(k->allowed));
		/* Signs that make a text dear which otherwise needs few parts. */
		for (size_t o = 0; k->narrow > k->narrow_plain && o < k->nodd && at + 12 < sizeof(odd); o++) {
			odd[at] = ' ';
			at += 1 + (size_t)utf8_encode(k->odd[o].cp, odd + at + 1);
			odd[at] = '\0';
		}
		json_object_set_new(form, "odd", json_string(odd));
		json_object_set_new(form, "plain_parts", json_integer(k->narrow_plain));
	}
}

static const char *
form_word(bool many, bool ussd)
{
	return many && ussd ? "form.many_ussd" : many ? "form.many" : ussd ? "form.ussd" : "form.plain";
}

/*
 * Every form that the text has, with its words as they are typed (`typed`) or as they are in the copy. Returns how
 * many; none: there is no such text.
 */
static size_t
put_forms(struct desk_call *c, const struct wording_copy *w, const struct dialog *d, const char *name)
{
	static struct block blocks[BLOCKS_MAX];
	static struct dialog_cost costs[COSTS_MAX];
	size_t ncosts = d == NULL ? 0 : dialog_costs(d, NULL, costs, COSTS_MAX), count = 0;
	json_t *forms = json_array();

	if (ncosts > COSTS_MAX)
		ncosts = COSTS_MAX;
	/* The reader's own language comes first. */
	int own = version_text_language(&w->text, http_language(c->r, NULL));
	for (size_t i = 0; i < w->text.nlanguages; i++) {
		size_t l = own <= 0 || i > (size_t)own ? i : i == 0 ? (size_t)own : i - 1;
		const char *language = w->text.languages[l];
		size_t n = blocks_read(w->text.wording[l], strlen(w->text.wording[l]), blocks, BLOCKS_MAX);
		for (int f = 0; f < 4; f++) {
			bool many = (f & 1) != 0, ussd = (f & 2) != 0;
			const struct block *b = blocks_find(blocks, n, name, many, ussd);
			char field[40], parts[40], word[40];
			if (b == NULL)
				continue;
			field_name('w', language, many, ussd, field, sizeof(field));
			field_name('p', language, many, ussd, parts, sizeof(parts));
			int allowed = ussd ? b->pages == 0 ? 1 : b->pages : b->parts == 0 ? 3 : b->parts;
			json_t *form = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:b}", "language", language, "field", field,
				"parts_field", parts, "form", form_word(many, ussd), "allowed", allowed, "most_allowed", ussd ? 9 : 7,
				"ussd", ussd);
			json_object_set_new(form, "words", json_stringn(b->words, b->len));
			snprintf(word, sizeof(word), "language.%s", language);
			if (html_has_word(c->r->server->o.html, word))
				json_object_set_new(form, "language_word", json_string(word));
			put_cost(costs, ncosts, name, language, many, ussd, form);
			if (d != NULL)
				put_sample(c, d, name, form, many, ussd);
			json_array_append_new(forms, form);
			count++;
		}
	}
	json_object_set_new(c->data, "forms", forms);
	return count;
}

static void
show_copy(struct desk_call *c, struct wording_copy *w, int status)
{
	const char *name = c->r->params.values[1];
	struct dialog_faults faults = {0};
	struct dialog *d = version_text_load(&w->text, &faults);

	if (put_forms(c, w, d, name) == 0) {
		http_reply_error(c->r, 404);
		desk_free(c);
	} else {
		json_object_set_new(c->data, "text", json_string(name));
		wording_put_faults(c, &faults, name);
		json_object_set_new(c->data, "kept", json_boolean(form_get(&c->r->query, "kept") != NULL));
		wording_put(c, w);
		json_object_del(c->data, "current");
		console_page(c, status, "console_text");
	}
	dialog_faults_free(&faults);
	dialog_free(d);
}

static void
show_text(struct desk_call *c)
{
	struct wording_copy w;

	if (wording_open(c, &w) != 0)
		return;
	show_copy(c, &w, 200);
	version_text_free(&w.text);
}

static void
gather(struct desk_call *c, void (*then)(struct desk_call *c))
{
	struct desk_ask asks[3];

	if (wording_asks(c, asks) == 0)
		return;
	asks[2] = (struct desk_ask){"worst", STMT_VERSION_WORST, desk_params(c), true};
	desk_gather(c, asks, 3, then);
}

static void
gather_text(struct desk_call *c)
{
	gather(c, show_text);
}

void
wording_text(struct http_request *r)
{
	desk_person(r, gather_text);
}

/* ---- Changing ---------------------------------------------------------------------------------------------------- */

/* Only forms that are there are changed: what an address or a field is called makes no new ones. */
static bool
has_form(const char *source, const struct block *as)
{
	static struct block blocks[BLOCKS_MAX];

	return blocks_find(blocks, blocks_read(source, strlen(source), blocks, BLOCKS_MAX), as->name, as->many, as->ussd) !=
		   NULL;
}

/* Puts what was typed into the copy. Returns the word of what is wrong with it, or NULL. */
static const char *
take_typed(struct desk_call *c, struct wording_copy *w)
{
	const char *wrong = NULL, *name = c->r->params.values[1];

	for (size_t l = 0; l < w->text.nlanguages && strlen(name) <= DIALOG_NAME_MAX; l++) {
		for (int f = 0; f < 4; f++) {
			struct block as = {.many = (f & 1) != 0, .ussd = (f & 2) != 0};
			char field[40], words[WORDS_MAX];
			enum blocks_fault fault;
			field_name('w', w->text.languages[l], as.many, as.ussd, field, sizeof(field));
			const char *typed = form_get(&c->r->form, field);
			if (typed == NULL)
				continue;
			int len = form_trim(typed, words, sizeof(words));
			field_name('p', w->text.languages[l], as.many, as.ussd, field, sizeof(field));
			const char *parts = form_get(&c->r->form, field);
			int allowed = parts == NULL ? 0 : (int)strtol(parts, NULL, 10);
			if (allowed < 0 || allowed > 9)
				allowed = 0;
			if (as.ussd)
				as.pages = allowed;
			else
				as.parts = allowed;
			memcpy(as.name, name, strlen(name) + 1);
			if (!has_form(w->text.wording[l], &as))
				continue;
			char *changed = len < 0 ? NULL : blocks_replace(w->text.wording[l], &as, words, (size_t)len, &fault);
			if (changed != NULL) {
				free(w->text.wording[l]);
				w->text.wording[l] = changed;
			} else {
				wrong = len < 0 || fault == BLOCKS_LARGE ? "wording.too_long"
						: fault == BLOCKS_EMPTY			 ? "wording.empty"
														 : "wording.line";
			}
		}
	}
	return wrong;
}

static void
kept(struct desk_call *c)
{
	char path[2 * ROUTER_PARAM_MAX + 40];

	if (!json_is_object(json_object_get(c->data, "saved"))) {
		/* Somebody else was faster. What was typed is still in the browser's history. */
		http_reply_error(c->r, 409);
		desk_free(c);
		return;
	}
	snprintf(path, sizeof(path), "/dialogs/%s/texts/%s?kept=1", c->r->params.values[0], c->r->params.values[1]);
	http_reply_see(c->r, path);
	desk_free(c);
}

static void
keep(struct desk_call *c, const struct wording_copy *w)
{
	struct pg_params *p = desk_params(c);
	char subject[120];
	enum stmt s = w->draft ? STMT_VERSION_SAVE : STMT_VERSION_BEGIN;

	pg_param_text(p, w->text.name);
	if (w->draft) {
		pg_param_int(p, w->revision);
		version_text_params(&w->text, p);
		pg_param_text(p, NULL);
		pg_param_text(p, c->actor);
	} else {
		pg_param_text(p, w->text.flow);
		pg_param_int(p, w->text.version);
		pg_param_text(p, c->actor);
		version_text_params(&w->text, p);
	}
	snprintf(subject, sizeof(subject), "dialog %s", w->text.name);
	const struct desk_ask asks[] = {{"saved", s, p, true},
		{"event", STMT_STAFF_EVENT, desk_event(c, "wording_changed", subject, c->r->params.values[1]), true}};
	desk_gather(c, asks, 2, kept);
}

static void
change(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act"), *revision = form_get(&c->r->form, "revision");
	struct wording_copy w;

	if (wording_open(c, &w) != 0)
		return;
	bool stale = revision == NULL || strtol(revision, NULL, 10) != w.revision;
	const char *wrong = take_typed(c, &w);
	if (wrong != NULL || stale || act == NULL || strcmp(act, "keep") != 0) {
		/* Counted, not kept; what was typed stays in the page, above what somebody else may have kept meanwhile. */
		if (wrong != NULL || stale)
			json_object_set_new(c->data, "error", json_string(wrong != NULL ? wrong : "wording.stale"));
		json_object_set_new(c->data, "counted_only", json_true());
		show_copy(c, &w, wrong != NULL ? 422 : stale ? 409 : 200);
	} else {
		keep(c, &w);
	}
	version_text_free(&w.text);
}

static void
gather_change(struct desk_call *c)
{
	gather(c, change);
}

void
wording_edit(struct http_request *r)
{
	desk_person_post_may(r, ROLE_WRITE, gather_change);
}
