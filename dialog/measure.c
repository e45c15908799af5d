/*
 * Checks every wording: its placeholders, its sections, that no language lacks it, and that at its longest it stays
 * within the parts that its author allowed.
 *
 * The longest text is the wording with every placeholder at the length that placeholder.c gives, a full list, and ten
 * characters of signature before it. Signatures such as 【...】 are not in the GSM alphabet, so an SMS is counted in
 * UCS-2 whatever its language: 70 units in one part, 67 in each of several. What a USSD form takes is judged with its
 * menu: check_ussd.c.
 */
#include <stdio.h>
#include <string.h>
#include "dialog/internal.h"
#include "dialog/substitute.h"
#include "dialog/menu.h"
#include "dialog/text.h"
#include "dialog/utf8.h"

#define SIGNATURE_CHARACTERS 10
#define LONGEST_ROOM 16384 /* far more than the longest that is accepted: how much too long can be told */

struct reading {
	const struct dialog *d;
	const struct text *t;
	const struct wording *w;
	int form;
	struct dialog_faults *faults;
};

#define FAULT(r, code, fmt, ...)                                                                                       \
	FAULT_AT((r)->faults, (r)->d->files[(r)->w->file], (r)->w->line, code, "%s\n%s\n" fmt, (r)->t->name,               \
		form_words((r)->form), ##__VA_ARGS__)

/* ---- Placeholders and sections ----------------------------------------------------------------------------------- */

/* One {tag}. open: the sections that it stands in, outermost first. Returns false when the text cannot be read on. */
static bool
check_tag(const struct reading *r, const char *tag, size_t len, struct token open[3], int *depth)
{
	const char kind = (char)(len && (tag[0] == '#' || tag[0] == '/') ? tag[0] : ' ');
	struct token name = {tag + (kind != ' '), len - (kind != ' '), false};
	int shown = (int)(name.len < 40 ? name.len : utf8_cut(name.s, name.len, 40));
	bool list = token_is(&name, "applications"), in_list = false;
	for (int i = 0; i < *depth; i++)
		in_list = in_list || token_is(&open[i], "applications");
	if (kind == '/') {
		if (!*depth || open[*depth - 1].len != name.len || memcmp(open[*depth - 1].s, name.s, name.len) != 0) {
			FAULT(r, SECTION_CLOSES, "{/%.*s}", shown, name.s);
			return false;
		}
		--*depth;
		return true;
	}
	const struct placeholder_row *row = placeholder_by_name(name.s, name.len);
	if (!row && !(kind == '#' && list)) {
		char word[DIALOG_NAME_MAX + 1];
		const char *near = token_name(&name, word) ? table_nearest(TABLE_PLACEHOLDERS, word) : NULL;
		if (near)
			FAULT(r, PLACEHOLDER_NEAR, "{%.*s}\n{%s}", shown, name.s, near);
		else
			FAULT(r, PLACEHOLDER, "{%.*s}", shown, name.s);
		return kind != '#';
	}
	if (in_list && row && !row->in_list)
		FAULT(r, PLACEHOLDER_LISTED, "{%s}", row->name);
	if (kind == '#') {
		for (int i = 0; i < *depth; i++)
			if (open[i].len == name.len && memcmp(open[i].s, name.s, name.len) == 0) {
				FAULT(r, SECTION_INSIDE, "{#%.*s}", shown, name.s);
				return false;
			}
		if (*depth == 2) {
			FAULT(r, SECTION_DEEP, "{#%.*s}", shown, name.s);
			return false;
		}
		open[(*depth)++] = name;
	}
	return true;
}

static bool
check_tags(const struct reading *r, const char *s)
{
	struct token open[3];
	int depth = 0;
	while ((s = strpbrk(s, "{}")) != NULL) {
		const char *close = *s == '{' ? strpbrk(s + 1, "{}") : NULL;
		if (!close || *close != '}') {
			if (*s == '{')
				FAULT(r, BRACE_OPEN, "");
			else
				FAULT(r, BRACE_ALONE, "");
			return false;
		}
		if (!check_tag(r, s + 1, (size_t)(close - s) - 1, open, &depth))
			return false;
		s = close + 1;
	}
	if (depth)
		FAULT(r, SECTION_OPEN, "{#%.*s}", (int)open[depth - 1].len, open[depth - 1].s);
	return !depth;
}

/* ---- Lengths ------------------------------------------------------------------------------------------------------
 */

/* The text at its longest, with the signature unless it is for a USSD screen. Returns its octets, or -1. */
static int
measure_longest(const struct wording *w, bool ussd, struct text_measure *m)
{
	char longest[LONGEST_ROOM];
	size_t signature = 0;
	for (int i = 0; i < SIGNATURE_CHARACTERS && !ussd; i++) {
		memcpy(longest + signature, "【", strlen("【"));
		signature += strlen("【");
	}
	int len = render_longest(w, longest + signature, sizeof(longest) - signature);
	if (len >= 0)
		text_measure(longest, signature + (size_t)len, m);
	return len;
}

static void
check_length(const struct reading *r)
{
	bool ussd = r->form == FORM_USSD || r->form == FORM_USSD_MANY;
	struct text_measure m;
	int len = measure_longest(r->w, ussd, &m);
	if (len < 0 && ussd)
		return; /* told with its screens */
	if (len < 0)
		FAULT(r, TEXT_HUGE, "");
	else if (!ussd && m.parts > r->w->parts)
		FAULT(r, TEXT_PARTS, "%d\n%zu\n%d", m.parts, m.units, r->w->parts);
	else if (len > DIALOG_TEXT_MAX)
		FAULT(r, TEXT_OCTETS, "%d\n%d", len, DIALOG_TEXT_MAX);
}

/* ---- All of them ----------------------------------------------------------------------------------------------------
 */

static void
check_languages(const struct dialog *d, const struct text *t, struct dialog_faults *faults)
{
	const struct wording *there = NULL;
	for (size_t l = 0; l < d->nlanguages; l++)
		for (int f = 0; f < FORM_COUNT && !there; f++)
			if (t->forms[l][f].text)
				there = &t->forms[l][f];
	for (size_t l = 0; there && l < d->nlanguages; l++)
		if (!t->forms[l][FORM_PLAIN].text)
			FAULT_AT(faults, d->files[there->file], there->line, LANGUAGE_MISSING, "%s\n%s", t->name, d->languages[l]);
}

/* A form for one tag stands beside the one for all. */
static void
check_tagged(const struct dialog *d, const struct text *t, struct dialog_faults *faults)
{
	char name[DIALOG_NAME_MAX + 1];
	const char *at = strchr(t->name, '@');
	if (!at || at - t->name > DIALOG_NAME_MAX)
		return;
	memcpy(name, t->name, (size_t)(at - t->name));
	name[at - t->name] = '\0';
	if (text_find(d, name))
		return;
	for (size_t l = 0; l < d->nlanguages; l++)
		for (int f = 0; f < FORM_COUNT; f++)
			if (t->forms[l][f].text) {
				FAULT_AT(faults, d->files[t->forms[l][f].file], t->forms[l][f].line, TAG_ALONE, "%s", name);
				return;
			}
}

void
check_texts(struct dialog *d, struct dialog_faults *faults)
{
	for (size_t i = 0; i < d->ntexts; i++) {
		check_languages(d, &d->texts[i], faults);
		check_tagged(d, &d->texts[i], faults);
		for (size_t l = 0; l < d->nlanguages; l++) {
			for (int f = 0; f < FORM_COUNT; f++) {
				struct reading r = {d, &d->texts[i], &d->texts[i].forms[l][f], f, faults};
				if (!r.w->text)
					continue;
				if (!r.w->len)
					FAULT(&r, NO_WORDS, "");
				else if (check_tags(&r, r.w->text))
					check_length(&r);
				for (size_t x = 0; x < r.w->nchoices; x++)
					(void)check_tags(&r, r.w->choices[x].label);
			}
		}
	}
}

void
drop_unsound_texts(struct dialog *d)
{
	struct dialog_faults faults = {0};
	for (size_t i = 0; i < d->ntexts; i++)
		for (size_t l = 0; l < d->nlanguages; l++)
			for (int f = 0; f < FORM_COUNT; f++) {
				struct wording *w = &d->texts[i].forms[l][f];
				struct reading r = {d, &d->texts[i], w, f, &faults};
				bool good = w->text && w->len > 0 && check_tags(&r, w->text);
				for (size_t x = 0; good && x < w->nchoices; x++)
					good = check_tags(&r, w->choices[x].label);
				if (!good || faults.count > 0)
					wording_free(w);
				dialog_faults_free(&faults);
			}
}

/* ---- Costs ------------------------------------------------------------------------------------------------------- */

/* Parts at its longest with everything but its own words in the GSM alphabet; 0 when it is far too long. */
static int
narrow_parts(const struct wording *w, const struct text_rules *rules, unsigned sets, const char *signature,
	struct text_measure *m)
{
	char longest[LONGEST_ROOM];
	size_t at = signature ? strlen(signature) : 0;
	if (at >= sizeof(longest))
		return 0;
	if (at > 0)
		memcpy(longest, signature, at);
	int len = render_longest_narrow(w, sets, longest + at, sizeof(longest) - at);
	if (len < 0)
		return 0;
	text_measure_by(rules, longest, at + (size_t)len, m);
	return m->parts;
}

/* Characters of its own words, without the placeholders between them. */
static size_t
own_characters(const struct wording *w)
{
	size_t n = 0;
	bool inside = false;
	for (size_t i = 0; i < w->len;) {
		uint32_t cp;
		i += utf8_decode(w->text + i, w->len - i, &cp, NULL);
		inside = cp == '{' || (inside && cp != '}');
		n += !inside && cp != '}';
	}
	return n;
}

static void
narrow_costs(const struct wording *w, const struct dialog_cost_rules *rules, struct dialog_cost *cost)
{
	struct text_rules plain = rules && rules->text ? *rules->text : text_rules_plain, national = plain;
	unsigned sets = rules && rules->substitutions ? *rules->substitutions : SUBSTITUTE_ALL;
	const char *signature = rules ? rules->signature : NULL;
	struct text_measure m = {0};

	if (!rules || !rules->text)
		national.national = (uint16_t)~1u;
	plain.national = 0;
	cost->narrow = narrow_parts(w, &plain, 0, signature, &m);
	cost->narrow_plain = m.gsm7_parts;
	cost->narrow_substituted = narrow_parts(w, &plain, sets, signature, &m);
	cost->narrow_national = narrow_parts(w, &national, 0, signature, &m);
	cost->locking = m.locking;
	cost->single = m.single;
}

static void
cost_of(const struct dialog *d, const struct dialog_cost_rules *rules, const struct text *t, size_t language, int form,
	struct dialog_cost *cost)
{
	const struct wording *w = &t->forms[language][form];
	bool ussd = form == FORM_USSD || form == FORM_USSD_MANY;
	struct text_measure m = {.parts = 0}, own;
	measure_longest(w, ussd, &m);
	text_measure(w->text, w->len, &own);
	*cost = (struct dialog_cost){
		.file = d->files[w->file],
		.line = w->line,
		.text = t->name,
		.language = d->languages[language],
		.many = form == FORM_MANY || form == FORM_USSD_MANY,
		.ussd = ussd,
		.allowed = ussd ? w->pages : w->parts,
		.parts = ussd ? ussd_longest_pages(d, w, language) : m.parts,
		.characters = m.units,
		.forcing = own.forcing,
		.forced_by = own.forced_by,
		.odd = w->odd,
		.nodd = w->nodd,
		.odd_more = w->odd_more,
	};
	/* Where they are many, the language is not one of the GSM alphabet, and nothing is to be saved. */
	if (!ussd && w->nodd > 0 && !w->odd_more && own.forcing * 4 <= own_characters(w))
		narrow_costs(w, rules, cost);
}

size_t
dialog_costs(const struct dialog *d, const struct dialog_cost_rules *rules, struct dialog_cost *list, size_t room)
{
	size_t n = 0;
	for (size_t i = 0; i < d->ntexts; i++)
		for (size_t l = 0; l < d->nlanguages; l++)
			for (int f = 0; f < FORM_COUNT; f++) {
				if (!d->texts[i].forms[l][f].text)
					continue;
				if (n < room)
					cost_of(d, rules, &d->texts[i], l, f, &list[n]);
				n++;
			}
	return n;
}
