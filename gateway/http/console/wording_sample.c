/* How a text reads at its longest: with the longest names and numbers among this bureau's real holders. */
#include <stdio.h>
#include <string.h>
#include "dialog/blocks.h"
#include "dialog/text.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/wording.h"
#include "gateway/mask.h"
#include "gateway/smpp/alphabet.h"

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
void
wording_put_sample(const struct desk_call *c, const struct dialog *d, const struct block *b, json_t *form)
{
	/* Several applications, so that the text takes its `many` form. */
	static struct dialog_conversation talk;
	char words[DIALOG_TEXT_MAX + 1], whole[DIALOG_TEXT_MAX + 200];
	const char *language = json_string_value(json_object_get(form, "language"));
	struct alphabet alphabet;
	struct text_measure m;
	struct worst w;

	memset(&talk, 0, sizeof(talk));
	talk.applications = b->many ? 3 : 1;
	talk.tags = b->tag;
	snprintf(talk.language, sizeof(talk.language), "%s", language);
	find_worst(c, language, &w);
	int len = b->ussd ? dialog_render_ussd(d, b->name, language, &talk, worst_value, &w, words, sizeof(words))
					  : dialog_render(d, b->name, language, &talk, worst_value, &w, words, sizeof(words));
	if (len < 0)
		return;
	snprintf(whole, sizeof(whole), "%s%s", b->ussd ? "" : c->bureau->signature, words);
	json_object_set_new(form, "sample", json_string(whole));
	if (b->ussd)
		return;
	alphabet_of(conf_link_by_name(c->r->g->conf, c->bureau->links[0]), &alphabet);
	text_measure_by(&alphabet.out, whole, strlen(whole), &m);
	json_object_set_new(form, "sample_parts", json_integer(m.parts));
	json_object_set_new(form, "sample_units", json_integer((json_int_t)m.units));
}
