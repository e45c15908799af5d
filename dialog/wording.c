/*
 * Reads wording files, SERVICE.LANG.txt:
 *
 *     # a comment; only at the start of a line
 *     [reminder parts=3]
 *     Your {item} runs out on {expires_on}.
 *     Reply Y to renew.
 *
 *     [reminder many parts=5 list=4]
 *     {count} licences run out:
 *     {#applications}{n}. {item} {expires_on}
 *     {/applications}Reply Y for all, or Y 1 3.
 *
 *     [reminder ussd pages=2]
 *     {item} expires on {expires_on}. Renew it?
 *     * yes: Renew
 *     * no: Not now
 *
 * A header names the text and, if need be: `many` = the form for a conversation about several applications; `ussd` =
 * the form for a USSD screen; parts=N = how many parts of an SMS it may take at most; pages=N = how many screens
 * a USSD form may take with its menu; list=N = how many applications its list shows; for=TAG = the form for holders
 * with this tag, beside the one for all. In a USSD form "* ANSWER: LABEL"
 * is a line of the menu: dialog/screen.h. Lines are joined with a newline; blank lines before and after a text do not
 * count. {name} stands for a value; {#name}...{/name} is left out when the value is empty;
 * {#applications}...{/applications} repeats.
 */
#include <stdlib.h>
#include <string.h>
#include "dialog/internal.h"
#include "dialog/text.h"
#include "dialog/utf8.h"

struct writing {
	struct dialog *d;
	struct source src;
	size_t file, language;
	struct wording *w;					 /* the text that lines belong to; NULL = none, or it was at fault */
	bool base;							 /* borrowed from another dialog */
	char name[DIALOG_TEXT_NAME_MAX + 1]; /* of w */
	enum form form;
	bool any;	  /* a header was seen */
	size_t blank; /* blank lines held back: they count only when a line follows */
};

#define FAULT(p, code, ...) FAULT_AT((p)->src.faults, (p)->src.file, (p)->src.line, code, ##__VA_ARGS__)
/* Of the text that the line stands in. */
#define FAULT_IN(p, code, fmt, ...) FAULT(p, code, "%s\n%s\n" fmt, (p)->name, form_words((p)->form), ##__VA_ARGS__)

int
language_index(const struct dialog *d, const char *language)
{
	for (size_t i = 0; i < d->nlanguages; i++)
		if (strcmp(d->languages[i], language) == 0)
			return (int)i;
	return -1;
}

const char *
form_words(enum form form)
{
	static const char *const words[FORM_COUNT] = {"", " many", " ussd", " many ussd"};
	return words[form];
}

void
wording_free(struct wording *w)
{
	free(w->text);
	free(w->choices);
	free(w->odd);
	*w = (struct wording){.text = NULL};
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct text *)a)->name, ((const struct text *)b)->name);
}

struct text *
text_find(const struct dialog *d, const char *name)
{
	struct text key;
	size_t len = strlen(name);
	if (len > DIALOG_TEXT_NAME_MAX || !d->ntexts)
		return NULL;
	memcpy(key.name, name, len + 1);
	return bsearch(&key, d->texts, d->ntexts, sizeof(*d->texts), by_name);
}

/* Keeps the table sorted, so that it can be searched while it grows. NULL without memory or when it is full. */
static struct text *
text_add(struct dialog *d, const char *name)
{
	struct text *t = text_find(d, name);
	if (t)
		return t;
	if (d->ntexts == DIALOG_TEXTS_MAX || !dialog_grow(&d->texts, &d->texts_room, d->ntexts, sizeof(*d->texts)))
		return NULL;
	size_t i = d->ntexts++;
	while (i > 0 && strcmp(d->texts[i - 1].name, name) > 0)
		i--;
	memmove(&d->texts[i + 1], &d->texts[i], (d->ntexts - 1 - i) * sizeof(*d->texts));
	t = &d->texts[i];
	memset(t, 0, sizeof(*t));
	memcpy(t->name, name, strlen(name) + 1);
	return t;
}

/* "parts=3": the number behind the sign, 1 to most. */
static bool
setting(const struct token *t, const char *key, int64_t most, int64_t *out)
{
	size_t len = strlen(key);
	int64_t n;
	if (t->quoted || t->len <= len || memcmp(t->s, key, len) != 0)
		return false;
	const struct token value = {t->s + len, t->len - len, false};
	if (!token_number(&value, &n) || n < 1 || n > most)
		return false;
	*out = n;
	return true;
}

static int
parse_header(struct writing *p, const char *line, size_t len)
{
	struct token list[DIALOG_TOKENS_MAX];
	char name[DIALOG_TEXT_NAME_MAX + 1];
	bool many = false, ussd = false, tagged = false;
	int64_t parts = DIALOG_PARTS_DEFAULT, listed = DIALOG_LISTED_DEFAULT, pages = 1;
	p->w = NULL;
	p->any = true;
	p->blank = 0;
	if (line[len - 1] != ']') {
		FAULT(p, HEADER_OPEN);
		return 0;
	}
	int n = source_tokens(&p->src, line + 1, len - 2, list);
	if (n < 0)
		return 0;
	if (n == 0 || !token_name(&list[0], name)) {
		FAULT(p, HEADER_FORM);
		return 0;
	}
	for (int i = 1; i < n; i++) {
		if (token_is(&list[i], "many"))
			many = true;
		else if (token_is(&list[i], "ussd"))
			ussd = true;
		else if (list[i].len > 4 && list[i].len <= 4 + DIALOG_TAG_MAX && memcmp(list[i].s, "for=", 4) == 0 && !tagged) {
			size_t at = strlen(name), tag = list[i].len - 4;
			tagged = true;
			name[at] = '@';
			memcpy(name + at + 1, list[i].s + 4, tag);
			name[at + 1 + tag] = '\0';
		} else if (!setting(&list[i], "parts=", DIALOG_PARTS_MAX, &parts) &&
				   !setting(&list[i], "pages=", DIALOG_SCREENS_MAX, &pages) &&
				   !setting(&list[i], "list=", DIALOG_LISTED_MAX, &listed)) {
			FAULT(p, HEADER_WORD, "%.*s\n%d\n%d\n%d", (int)(list[i].len < 40 ? list[i].len : 40), list[i].s,
				DIALOG_PARTS_MAX, DIALOG_SCREENS_MAX, DIALOG_LISTED_MAX);
			return 0;
		}
	}
	struct text *t = text_add(p->d, name);
	if (!t) {
		if (p->d->ntexts < DIALOG_TEXTS_MAX)
			return -1;
		FAULT(p, TEXTS_MANY, "%d", DIALOG_TEXTS_MAX);
		return 0;
	}
	enum form form = ussd ? (many ? FORM_USSD_MANY : FORM_USSD) : many ? FORM_MANY : FORM_PLAIN;
	struct wording *w = &t->forms[p->language][form];
	if (w->text && p->base)
		return 0; /* the dialog has its own */
	if (w->text && w->base)
		wording_free(w);
	if (w->text) {
		FAULT(p, TEXT_TWICE, "%s\n%s\n%s\n%d", name, form_words(form), p->d->files[w->file], w->line);
		return 0;
	}
	*w = (struct wording){.text = calloc(1, 1),
		.base = p->base,
		.file = p->file,
		.line = p->src.line,
		.parts = (int)parts,
		.pages = (int)pages,
		.listed = (int)listed};
	p->w = w;
	p->form = form;
	memcpy(p->name, name, strlen(name) + 1);
	return w->text ? 0 : -1;
}

/* "* ANSWER: LABEL", with a colon of either width. line: behind the sign. */
static int
parse_choice(struct writing *p, const char *line, size_t len)
{
	struct wording *w = p->w;
	size_t colon = 0, wide = strlen("：");
	bool full = false;
	for (; colon < len && line[colon] != ':' && !full; colon += !full)
		full = colon + wide <= len && memcmp(line + colon, "：", wide) == 0;
	size_t from = colon + (full ? wide : 1), to = colon, begin = 0;
	while (begin < to && line[begin] == ' ')
		begin++;
	while (to > begin && line[to - 1] == ' ')
		to--;
	while (from < len && line[from] == ' ')
		from++;
	if (colon == len || to == begin || from >= len) {
		FAULT_IN(p, CHOICE_FORM, "");
		return 0;
	}
	if (to - begin > DIALOG_LITERAL_MAX || len - from > DIALOG_LABEL_MAX) {
		FAULT_IN(p, CHOICE_LONG, "%d\n%d", DIALOG_LITERAL_MAX, DIALOG_LABEL_MAX);
		return 0;
	}
	if (w->nchoices == DIALOG_CHOICES_MAX) {
		FAULT_IN(p, CHOICES_MANY, "%d", DIALOG_CHOICES_MAX);
		return 0;
	}
	if (!dialog_grow(&w->choices, &w->choices_room, w->nchoices, sizeof(*w->choices)))
		return -1;
	struct choice *x = &w->choices[w->nchoices++];
	memset(x, 0, sizeof(*x));
	memcpy(x->answer, line + begin, to - begin);
	memcpy(x->label, line + from, len - from);
	x->line = p->src.line;
	return 0;
}

/* Remembers the signs that make a text dear, for its author: what and where. */
static int
note_odd(struct writing *p, const char *line, size_t len)
{
	struct wording *w = p->w;
	for (size_t i = 0; i < len && !w->odd_more;) {
		uint32_t cp;
		size_t known = 0;
		i += utf8_decode(line + i, len - i, &cp, NULL);
		if (text_gsm7_width(cp) > 0)
			continue;
		while (known < w->nodd && w->odd[known].cp != cp)
			known++;
		if (known < w->nodd)
			continue;
		w->odd_more = w->nodd == DIALOG_ODD_MAX;
		if (w->odd_more)
			continue;
		if (!dialog_grow(&w->odd, &w->odd_room, w->nodd, sizeof(*w->odd)))
			return -1;
		w->odd[w->nodd++] = (struct dialog_odd){cp, p->src.line};
	}
	return 0;
}

static int
append(struct writing *p, const char *line, size_t len)
{
	struct wording *w = p->w;
	if (note_odd(p, line, len) < 0)
		return -1;
	size_t newlines = w->len ? p->blank + 1 : 0, room = w->len + newlines + len + 1;
	p->blank = 0;
	if (room > DIALOG_SOURCE_MAX)
		return 0;
	char *bigger = realloc(w->text, room);
	if (!bigger)
		return -1;
	memset(bigger + w->len, '\n', newlines);
	memcpy(bigger + w->len + newlines, line, len);
	w->text = bigger;
	w->len += newlines + len;
	w->text[w->len] = '\0';
	return 0;
}

static int
parse_line(struct writing *p, const char *line, size_t len)
{
	while (len && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	if (len && line[0] == '#')
		return 0;
	if (len && line[0] == '[')
		return parse_header(p, line, len);
	if (!len) {
		p->blank++;
		return 0;
	}
	if (!p->any) {
		FAULT(p, NO_HEADER);
		p->any = true;
		return 0;
	}
	if (!p->w)
		return 0;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7F) {
			FAULT_IN(p, CONTROL, "0x%02x", (unsigned)(unsigned char)line[i]);
			return 0;
		}
	if ((p->form == FORM_USSD || p->form == FORM_USSD_MANY) && len > 1 && line[0] == '*' && line[1] == ' ')
		return parse_choice(p, line + 2, len - 2);
	return append(p, line, len);
}

static bool
language_code(const char *s)
{
	size_t len = strlen(s);
	if (len < 2 || len > 7)
		return false;
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || *s == '-'))
			return false;
	return true;
}

/* The source's file is the last one of d->files. */
int
parse_wording(struct dialog *d, const struct dialog_wording_source *source, struct dialog_faults *faults)
{
	struct writing p = {.d = d, .file = d->nfiles - 1, .base = source->base};
	if (!language_code(source->language)) {
		FAULT_AT(faults, source->file, 0, FILE_LANGUAGE);
		return 0;
	}
	int language = language_index(d, source->language);
	if (language < 0) {
		if (d->nlanguages == DIALOG_LANGUAGES_MAX) {
			FAULT_AT(faults, source->file, 0, LANGUAGES_MANY, "%d", DIALOG_LANGUAGES_MAX);
			return 0;
		}
		language = (int)d->nlanguages++;
		memcpy(d->languages[language], source->language, strlen(source->language) + 1);
	}
	p.language = (size_t)language;
	if (!source_open(&p.src, source->file, source->text, source->len, faults)) {
		d->broken = true;
		return 0;
	}
	const char *line;
	size_t len;
	while (source_line(&p.src, &line, &len))
		if (parse_line(&p, line, len) < 0)
			return -1;
	return 0;
}
