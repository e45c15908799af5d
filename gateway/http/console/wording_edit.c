/* One text of a dialog: every language and form of it, what each costs, how it looks; counted or kept in the draft. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/blocks.h"
#include "dialog/utf8.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/http/console/wording.h"
#include "store/pg.h"

#define COSTS_MAX 2048
#define WORDS_MAX (2 * DIALOG_TEXT_MAX)
#define FORMS_MAX 32 /* of one text in one language: the usual four, and those for tags */
#define TAG_MAX 120	 /* octets, as in wording.c */
#define FIELD_MAX (TAG_MAX + 40)

/* ---- The forms --------------------------------------------------------------------------------------------------- */

/* "w-zh-many-ussd-for-TAG": the field that has this form's words; "p-...": its parts. */
static void
field_name(char kind, const char *language, const struct block *b, char out[FIELD_MAX])
{
	snprintf(out, FIELD_MAX, "%c-%s%s%s%s%s", kind, language, b->many ? "-many" : "", b->ussd ? "-ussd" : "",
		b->tag[0] != '\0' ? "-for-" : "", b->tag);
}

/* Those for all first, in one order everywhere; of forms that stand there twice the first. */
static int
form_rank(const struct block *b)
{
	return (b->tag[0] != '\0' ? 4 : 0) + (b->ussd ? 2 : 0) + (b->many ? 1 : 0);
}

/* The forms of a text in a wording. Returns how many. */
static size_t
forms_of(const char *source, const char *name, struct block list[FORMS_MAX])
{
	static struct block blocks[BLOCKS_MAX];
	size_t all = blocks_read(source, strlen(source), blocks, BLOCKS_MAX), n = 0;

	for (int rank = 0; rank < 8; rank++)
		for (size_t i = 0; i < all && n < FORMS_MAX; i++)
			if (form_rank(&blocks[i]) == rank && strcmp(blocks[i].name, name) == 0 &&
				blocks_find_form(list, n, &blocks[i]) == NULL)
				list[n++] = blocks[i];
	return n;
}

static void
put_cost(const struct dialog_cost *costs, size_t n, const struct block *b, const char *language, json_t *form)
{
	char odd[200] = "", name[DIALOG_NAME_MAX + sizeof(b->tag) + 2];
	size_t at = 0;

	snprintf(name, sizeof(name), "%s%s%s", b->name, b->tag[0] != '\0' ? "@" : "", b->tag);
	for (size_t i = 0; i < n; i++) {
		const struct dialog_cost *k = &costs[i];
		if (k->many != b->many || k->ussd != b->ussd || strcmp(k->text, name) != 0 ||
			strcmp(k->language, language) != 0)
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
form_word(const struct block *b)
{
	return b->many && b->ussd ? "form.many_ussd" : b->many ? "form.many" : b->ussd ? "form.ussd" : "form.plain";
}

/* Parts or screens that a form may take, where its header does not say so too. */
static int
allowed_of(const struct block *b)
{
	return b->ussd ? b->pages == 0 ? 1 : b->pages : b->parts == 0 ? 3 : b->parts;
}

/* What every form shows: its language, its fields, its words. */
static json_t *
form_row(const struct desk_call *c, const char *language, const struct block *b)
{
	char field[FIELD_MAX], parts[FIELD_MAX], word[40];

	field_name('w', language, b, field);
	field_name('p', language, b, parts);
	json_t *form = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:b, s:b}", "language", language, "field", field,
		"parts_field", parts, "form", form_word(b), "tag", b->tag, "allowed", allowed_of(b), "most_allowed",
		b->ussd ? 9 : 7, "ussd", b->ussd, "may_go", form_rank(b) > 0);
	if (form == NULL)
		abort();
	json_object_set_new(form, "words", json_stringn(b->words == NULL ? "" : b->words, b->len));
	snprintf(word, sizeof(word), "language.%s", language);
	if (html_has_word(c->r->server->o.html, word))
		json_object_set_new(form, "language_word", json_string(word));
	return form;
}

/* A text that is not there yet may be begun where its address says so: ?new=1. */
static bool
is_new(const struct desk_call *c)
{
	const char *name = c->r->params.values[1];

	return form_get(c->r->post ? &c->r->form : &c->r->query, "new") != NULL && name[0] >= 'a' && name[0] <= 'z' &&
		   strlen(name) <= DIALOG_NAME_MAX && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/*
 * Every form that the text has, with its words as they are in the copy. Returns how many; none: there is no such text.
 */
static size_t
put_forms(struct desk_call *c, const struct wording_copy *w, const struct dialog *d, const char *name)
{
	static struct block list[FORMS_MAX];
	static struct dialog_cost costs[COSTS_MAX];
	size_t ncosts = dialog_costs(d, NULL, costs, COSTS_MAX), count = 0, n;
	json_t *forms = json_array(), *empty = json_array();

	if (ncosts > COSTS_MAX)
		ncosts = COSTS_MAX;
	/* The reader's own language comes first. */
	int own = version_text_language(&w->text, http_language(c->r, NULL));
	for (size_t i = 0; i < w->text.nlanguages; i++) {
		size_t l = own <= 0 || i > (size_t)own ? i : i == 0 ? (size_t)own : i - 1;
		const char *language = w->text.languages[l];
		n = forms_of(w->text.wording[l], name, list);
		for (size_t f = 0; f < n; f++) {
			json_t *form = form_row(c, language, &list[f]);
			put_cost(costs, ncosts, &list[f], language, form);
			/* What has faults of its own is neither counted nor shown. */
			if (json_object_get(form, "most") != NULL)
				wording_put_sample(c, d, &list[f], form);
			json_array_append_new(forms, form);
		}
		count += n;
		if (n == 0 && strlen(name) <= DIALOG_NAME_MAX) {
			struct block plain = {.parts = 0};
			memcpy(plain.name, name, strlen(name) + 1);
			json_array_append_new(empty, form_row(c, language, &plain));
		}
	}
	if (is_new(c) && count == 0) {
		json_object_set_new(c->data, "new", json_true());
		json_array_extend(forms, empty);
		count = json_array_size(forms);
	}
	json_decref(empty);
	json_object_set_new(c->data, "forms", forms);
	return count;
}

static void
show_copy(struct desk_call *c, struct wording_copy *w, int status)
{
	const char *name = c->r->params.values[1];
	struct dialog_faults faults = {0};
	struct dialog *whole = version_text_load(&w->text, &faults);
	struct dialog *d = whole != NULL ? whole : version_text_texts(&w->text);

	if (put_forms(c, w, d, name) == 0) {
		http_reply_error(c->r, 404);
		desk_free(c);
	} else {
		json_object_set_new(c->data, "text", json_string(name));
		wording_put_faults(c, &faults, name);
		json_object_set_new(c->data, "kept", json_boolean(form_get(&c->r->query, "kept") != NULL));
		wording_page(c, w, status, "console_text");
	}
	dialog_faults_free(&faults);
	dialog_free(d);
}

static void
show_text(struct desk_call *c)
{
	wording_show(c, show_copy);
}

static void
gather(struct desk_call *c, void (*then)(struct desk_call *c))
{
	struct desk_ask asks[3];

	(void)wording_asks(c, asks);
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

static const char *
word_of(enum blocks_fault fault)
{
	return fault == BLOCKS_LARGE ? "wording.too_long" : fault == BLOCKS_EMPTY ? "wording.empty" : "wording.line";
}

/* This form's words as they were typed, into the copy. Returns the word of what is wrong with them, or NULL. */
static const char *
take_form(struct desk_call *c, struct wording_copy *w, size_t l, struct block *as)
{
	char field[FIELD_MAX], words[WORDS_MAX];
	enum blocks_fault fault;

	field_name('w', w->text.languages[l], as, field);
	const char *typed = form_get(&c->r->form, field);
	if (typed == NULL)
		return NULL;
	int len = form_trim(typed, words, sizeof(words));
	if (len < 0)
		return "wording.too_long";
	field_name('p', w->text.languages[l], as, field);
	const char *parts = form_get(&c->r->form, field);
	int allowed = parts == NULL ? 0 : (int)strtol(parts, NULL, 10);
	if (allowed < 0 || allowed > 9)
		allowed = 0;
	/* What a header leaves to the rule stays unsaid there: only what somebody chose is a change. */
	if (allowed == allowed_of(as))
		allowed = as->ussd ? as->pages : as->parts;
	as->parts = as->ussd ? 0 : allowed;
	as->pages = as->ussd ? allowed : 0;
	as->list = 0;
	char *changed = blocks_replace(w->text.wording[l], as, words, (size_t)len, &fault);
	if (changed == NULL)
		return word_of(fault);
	free(w->text.wording[l]);
	w->text.wording[l] = changed;
	return NULL;
}

/*
 * Puts what was typed into the copy. Only forms that are there are changed: what a field is called makes no new ones.
 * Returns the word of what is wrong with it, or NULL.
 */
static const char *
take_typed(struct desk_call *c, struct wording_copy *w)
{
	static struct block list[FORMS_MAX];
	const char *wrong = NULL, *name = c->r->params.values[1];
	bool any = false;

	for (size_t l = 0; l < w->text.nlanguages; l++) {
		size_t n = forms_of(w->text.wording[l], name, list);
		any = any || n > 0;
		for (size_t f = 0; f < n; f++) {
			const char *fault = take_form(c, w, l, &list[f]);
			wrong = fault != NULL ? fault : wrong;
		}
	}
	for (size_t l = 0; !any && is_new(c) && l < w->text.nlanguages; l++) {
		struct block plain = {.parts = 0};
		memcpy(plain.name, name, strlen(name) + 1);
		const char *fault = take_form(c, w, l, &plain);
		wrong = fault != NULL ? fault : wrong;
	}
	return wrong;
}

/* A tag as a header can hold it. */
static bool
tag_good(const char *tag)
{
	for (const char *s = tag; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || strchr(",\"#]", *s) != NULL)
			return false;
	return strlen(tag) <= TAG_MAX;
}

/* This form, with the words of the plain one until others are written. Returns the word of what is wrong, or NULL. */
static const char *
add_in(struct wording_copy *w, size_t l, struct block *as)
{
	static struct block list[FORMS_MAX];
	enum blocks_fault fault;
	size_t n = forms_of(w->text.wording[l], as->name, list);
	const struct block *plain = blocks_find(list, n, as->name, false, false);

	if (blocks_find_form(list, n, as) != NULL)
		return "form.there";
	if (plain == NULL)
		return "form.unknown";
	as->parts = as->ussd ? 0 : plain->parts;
	char *words = strndup(plain->words, plain->len);
	char *changed = words == NULL ? NULL : blocks_replace(w->text.wording[l], as, words, plain->len, &fault);
	free(words);
	if (changed == NULL)
		return "wording.too_long";
	free(w->text.wording[l]);
	w->text.wording[l] = changed;
	return NULL;
}

/* One more form of the text, in every language that has it not yet. The same returns. */
static const char *
add_form(struct desk_call *c, struct wording_copy *w)
{
	const char *kind = form_get(&c->r->form, "kind"), *typed = form_get(&c->r->form, "tag"),
			   *name = c->r->params.values[1], *wrong = "form.unknown";
	struct block as = {.parts = 0};
	bool added = false;

	if (kind == NULL || strlen(name) > DIALOG_NAME_MAX)
		return wrong;
	memcpy(as.name, name, strlen(name) + 1);
	as.many = strncmp(kind, "many", 4) == 0;
	as.ussd = strstr(kind, "ussd") != NULL;
	if (typed != NULL && (form_trim(typed, as.tag, sizeof(as.tag)) < 0 || !tag_good(as.tag)))
		return "form.tag";
	for (size_t l = 0; l < w->text.nlanguages; l++) {
		wrong = add_in(w, l, &as);
		added = added || wrong == NULL;
	}
	return added ? NULL : wrong;
}

static void
change(struct desk_call *c)
{
	const char *act = form_get(&c->r->form, "act"), *revision = form_get(&c->r->form, "revision");
	struct wording_copy w;

	if (wording_open(c, &w) != 0)
		return;
	bool stale = revision == NULL || strtol(revision, NULL, 10) != w.revision,
		 add = act != NULL && strcmp(act, "form") == 0;
	const char *wrong = take_typed(c, &w);
	if (wrong == NULL && add)
		wrong = add_form(c, &w);
	if (wrong != NULL || stale || act == NULL || (strcmp(act, "keep") != 0 && !add)) {
		/* Counted, not kept; what was typed stays in the page, above what somebody else may have kept meanwhile. */
		if (wrong != NULL || stale)
			json_object_set_new(c->data, "error", json_string(wrong != NULL ? wrong : "wording.stale"));
		json_object_set_new(c->data, "counted_only", json_true());
		show_copy(c, &w, wrong != NULL ? 422 : stale ? 409 : 200);
	} else {
		wording_keep(c, &w, "wording_changed", c->r->params.values[1]);
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
	desk_person_post_upto(r, ROLE_WRITE, WORDING_BODY_MAX, gather_change);
}
