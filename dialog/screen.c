/* Makes USSD screens: the sheet of a conversation's step, cut into pages; and reads what is typed into them. */
#include "dialog/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialog/menu.h"
#include "dialog/text.h"
#include "dialog/utf8.h"

#define BODY_MAX (4 * DIALOG_TEXT_MAX) /* octets of what is said and asked together; more is cut */
#define CODE_DIGITS 8				   /* of a short code: typed alone it asks CHECK */

bool
dialog_speaks_ussd(const struct dialog *d)
{
	return d->ussd;
}

/* ---- Cutting ------------------------------------------------------------------------------------------------------
 */

/* What was written to a page so far, and what it costs. */
struct page {
	char *out;
	size_t len;
	size_t septets, units;
	bool wide; /* a character outside the GSM alphabet */
};

static bool
fits(const struct page *p, const struct dialog_screen_limit *limit)
{
	return (p->wide ? p->units <= (size_t)limit->ucs2 : p->septets <= (size_t)limit->gsm7) &&
		   p->len <= DIALOG_SCREEN_MAX;
}

static void
count(struct page *p, uint32_t cp)
{
	int width = text_gsm7_width(cp);
	p->septets += width > 0 ? (size_t)width : 1;
	p->units += cp > 0xFFFF ? 2 : 1;
	p->wide = p->wide || width == 0;
}

/* The page with s behind it, only counted. */
static struct page
with(struct page p, const char *s, size_t len)
{
	for (size_t at = 0; at < len;) {
		uint32_t cp;
		at += utf8_decode(s + at, len - at, &cp, NULL);
		count(&p, cp);
	}
	p.len += len;
	return p;
}

static void
put(struct page *p, const char *s, size_t len)
{
	struct page longer = with(*p, s, len);
	memcpy(p->out + p->len, s, len);
	*p = longer;
	p->out[p->len] = '\0';
}

/* "0 More 00 Back" as the last line of a page. */
static size_t
footer_of(const struct screen_sheet *sheet, bool more, bool back, char out[2 * DIALOG_LABEL_MAX + 40])
{
	int n = snprintf(out, 2 * DIALOG_LABEL_MAX + 40, "%s%s%s%s", more || back ? "\n" : "", more ? sheet->more : "",
		more && back ? " " : "", back ? sheet->back : "");
	return n > 0 ? (size_t)n : 0;
}

/* Where reading has come to: an offset of the body, then a line. */
struct place {
	size_t body, line;
};

static bool
at_end(const struct screen_sheet *sheet, const struct place *at)
{
	return !sheet->body[at->body] && at->line == sheet->nlines;
}

/* Octets of the body from s on that fit behind p and before the footer: best up to the end of a sentence or word. */
static size_t
cut_body(
	const struct page *p, const char *s, const struct dialog_screen_limit *limit, const char *footer, size_t footer_len)
{
	size_t len = strlen(s), at = 0, word = 0, sentence = 0;
	struct page so_far = *p;
	while (at < len) {
		uint32_t cp;
		size_t n = utf8_decode(s + at, len - at, &cp, NULL);
		struct page next = with(so_far, s + at, n);
		if (!fits(&next, limit))
			break;
		struct page whole = with(next, footer, footer_len);
		if (!fits(&whole, limit))
			break;
		so_far = next;
		at += n;
		if (cp == '\n' || cp == 0x3002 || cp == 0xFF1B || cp == 0xFF1F || cp == 0xFF01 ||
			((cp == '.' || cp == '?' || cp == '!' || cp == ';') && s[at] == ' '))
			sentence = at;
		else if (cp == ' ' || cp == 0xFF0C || cp == 0x3001 || cp == ',')
			word = at;
	}
	if (at == len)
		return at;
	if (sentence > at / 2)
		return sentence;
	/* A word is not torn unless it is longer than half a page. */
	return word > at / 2 ? word : at;
}

/* Fills one page before this footer, from *from on. */
static void
fill(const struct screen_sheet *sheet, const struct dialog_screen_limit *limit, struct place *from, const char *footer,
	size_t footer_len, struct page *p)
{
	while (sheet->body[from->body] == ' ' || sheet->body[from->body] == '\n')
		from->body++;
	if (sheet->body[from->body]) {
		size_t n = cut_body(p, sheet->body + from->body, limit, footer, footer_len);
		put(p, sheet->body + from->body, n);
		from->body += n;
		if (sheet->body[from->body]) {
			while (p->len && (p->out[p->len - 1] == ' ' || p->out[p->len - 1] == '\n'))
				p->out[--p->len] = '\0';
			return;
		}
	}
	for (; from->line < sheet->nlines; from->line++) {
		const char *line = sheet->lines[from->line];
		struct page next = p->len ? with(*p, "\n", 1) : *p;
		next = with(next, line, strlen(line));
		next = with(next, footer, footer_len);
		if (!fits(&next, limit))
			return;
		if (p->len)
			put(p, "\n", 1);
		put(p, line, strlen(line));
	}
}

int
screen_page(const struct screen_sheet *sheet, const struct dialog_screen_limit *limit, int page, char *out)
{
	struct place at = {0, 0};
	char room[DIALOG_SCREEN_MAX * 2 + 2 * DIALOG_LABEL_MAX + 40], footer[2 * DIALOG_LABEL_MAX + 40];
	int pages = 0;
	out[0] = '\0';
	do {
		struct place last = at;
		struct page p = {.out = room};
		room[0] = '\0';
		pages++;
		/* Everything that is left, without a way on; else as much as leaves room for it. */
		size_t footer_len = footer_of(sheet, false, pages > 1, footer);
		fill(sheet, limit, &last, footer, footer_len, &p);
		if (at_end(sheet, &last)) {
			at = last;
		} else {
			struct place before = at;
			p = (struct page){.out = room};
			room[0] = '\0';
			footer_len = footer_of(sheet, true, pages > 1, footer);
			fill(sheet, limit, &at, footer, footer_len, &p);
			if (at.body == before.body && at.line == before.line)
				return -1;
		}
		if (p.len + footer_len > DIALOG_SCREEN_MAX || pages > DIALOG_PAGES_MAX)
			return -1;
		put(&p, footer, footer_len);
		if (pages <= page)
			memcpy(out, room, p.len + 1);
	} while (!at_end(sheet, &at));
	return pages;
}

/* ---- The sheet of a conversation -----------------------------------------------------------------------------------
 */

struct subject {
	const struct dialog *d;
	const struct dialog_conversation *c;
	int language;
	const struct step *step; /* NULL: none, or the conversation is over */
	const struct wording *w; /* of its question or statement; NULL without one */
	struct menu menu;
};

static int
subject_of(const struct dialog *d, const struct dialog_conversation *c, struct subject *s)
{
	int language = language_index(d, c->language);
	long i = c->ended ? -1 : step_index(d, c->step);
	*s = (struct subject){.d = d, .c = c, .language = language < 0 ? 0 : language};
	if (c->ended)
		return 0;
	if (i < 0)
		return -1;
	s->step = &d->steps[i];
	const struct text *t = text_find(d, menu_text(s->step));
	if (t)
		s->w = wording_of(t, s->language, true, render_applications(c) > 1);
	menu_make(s->step, s->w, c->applications < 1 ? 1 : c->applications, &s->menu, NULL);
	return 0;
}

static int
label_of(const struct subject *s, const struct menu_line *l, dialog_value_fn value, void *arg, char *out, size_t room)
{
	if (l->choice)
		return render_label(l->choice->label, s->c, l->application, value, arg, out, room);
	const struct text *t = text_find(s->d, l->label);
	const struct wording *w = t ? wording_of(t, s->language, true, false) : NULL;
	return w && w->text ? render_label(w->text, s->c, l->application, value, arg, out, room) : -1;
}

/* An application that has left the talk keeps its number, and has no line. */
static bool
there(const struct menu_line *l, dialog_value_fn value, void *arg)
{
	const char *item = l->application && value ? value(arg, "item", l->application) : "there";
	return item && item[0];
}

static void
add_key(const struct dialog *d, const struct dialog_conversation *c, const char *key, const char *text, char *out,
	size_t room)
{
	char label[DIALOG_LABEL_MAX + 1];
	if (dialog_render_ussd(d, text, c->language, c, NULL, NULL, label, sizeof(label)) < 0)
		label[0] = '\0';
	snprintf(out, room, "%s %s", key, label);
}

/* Joins with a newline; what does not fit is left out. */
static void
join(char *body, const char *s)
{
	size_t len = strlen(body), n = strlen(s);
	if (!n || len + n + 1 > BODY_MAX)
		return;
	if (len)
		body[len++] = '\n';
	memcpy(body + len, s, n + 1);
}

int
dialog_screen_make(const struct dialog *d, const struct dialog_conversation *c, const char *said, int page,
	const struct dialog_screen_limit *limit, dialog_value_fn value, void *arg, struct dialog_screen *out)
{
	struct subject s;
	struct screen_sheet sheet = {.nlines = 0};
	char body[BODY_MAX + 1] = "", text[DIALOG_TEXT_MAX + 1], label[DIALOG_TEXT_MAX + 1];
	memset(out, 0, sizeof(*out));
	if (subject_of(d, c, &s))
		return -1;
	char *lines = malloc((size_t)MENU_LINES_MAX * (DIALOG_SCREEN_MAX + 1));
	if (!lines)
		return -1;
	join(body, said);
	if (s.step && (s.step->ask[0] || (s.menu.n && !body[0])) &&
		dialog_render_ussd(d, menu_text(s.step), c->language, c, value, arg, text, sizeof(text)) > 0)
		join(body, text);
	for (size_t i = 0; i < s.menu.n; i++) {
		char *line = lines + sheet.nlines * (DIALOG_SCREEN_MAX + 1);
		int n = label_of(&s, &s.menu.lines[i], value, arg, label, sizeof(label));
		if (n <= 0 || !there(&s.menu.lines[i], value, arg))
			continue;
		snprintf(line, DIALOG_SCREEN_MAX + 1, "%d %.*s", s.menu.lines[i].number,
			(int)utf8_cut(label, (size_t)n, DIALOG_SCREEN_MAX - 8), label);
		sheet.lines[sheet.nlines++] = line;
	}
	if (!body[0] && !sheet.nlines &&
		dialog_render_ussd(d, "menu_noted", c->language, c, value, arg, text, sizeof(text)) > 0)
		join(body, text);
	sheet.body = body;
	add_key(d, c, s.menu.more ? s.menu.more : "0", "menu_more", sheet.more, sizeof(sheet.more));
	add_key(d, c, s.menu.back ? s.menu.back : "00", "menu_back", sheet.back, sizeof(sheet.back));
	out->pages = screen_page(&sheet, limit, page < 1 ? 1 : page, out->text);
	free(lines);
	if (out->pages < 1)
		return -1;
	out->page = page < 1 ? 1 : page > out->pages ? out->pages : page;
	out->waits = out->page < out->pages || sheet.nlines || (s.step && s.step->ask[0]);
	return 0;
}

/* ---- Input ---------------------------------------------------------------------------------------------------------
 */

/* Trims, and writes digits of every script as 0-9. Returns the length. */
static size_t
clean(const char *input, char out[DIALOG_SLOT_MAX + 1])
{
	size_t len = strlen(input), n = 0;
	for (size_t at = 0; at < len && n + 4 <= DIALOG_SLOT_MAX;) {
		uint32_t cp;
		at += utf8_decode(input + at, len - at, &cp, NULL);
		if (cp < ' ' || cp == 0x3000)
			cp = ' ';
		if (cp == ' ' && !n)
			continue;
		int digit = utf8_digit(cp);
		n += utf8_encode(digit >= 0 ? (uint32_t)('0' + digit) : cp, out + n);
	}
	while (n && out[n - 1] == ' ')
		n--;
	out[n] = '\0';
	return n;
}

static const struct menu_line *
line_of(const struct menu *m, long number)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->lines[i].number == number)
			return &m->lines[i];
	return NULL;
}

/* "2 3", "2*3", "2,3": lines that choose applications, together. */
static bool
choose_several(const struct menu *m, const char *s, char out[DIALOG_SLOT_MAX + 1])
{
	size_t n = (size_t)snprintf(out, DIALOG_SLOT_MAX + 1, "y");
	int chosen = 0;
	while (*s) {
		char *end;
		if (*s == ' ' || *s == ',' || *s == '*' || *s == '.' || *s == '+') {
			s++;
			continue;
		}
		if (*s < '0' || *s > '9')
			return false;
		const struct menu_line *l = line_of(m, strtol(s, &end, 10));
		if (!l || !l->application || n + 8 > DIALOG_SLOT_MAX)
			return false;
		n += (size_t)snprintf(out + n, DIALOG_SLOT_MAX + 1 - n, " %d", l->application);
		s = end;
		chosen++;
	}
	return chosen > 1;
}

static void
read_digits(const struct menu *m, const char *s, size_t len, struct dialog_input *out)
{
	long n = len <= 4 ? strtol(s, NULL, 10) : -1;
	const struct menu_line *l = n >= 0 && s[0] != '0' ? line_of(m, n) : NULL;
	out->kind = DIALOG_INPUT_TEXT;
	if (l)
		snprintf(out->text, sizeof(out->text), "%s", l->answer);
	else if (m->free || (m->numbers && len <= 9))
		memcpy(out->text, s, len + 1);
	else if (len == CODE_DIGITS)
		snprintf(out->text, sizeof(out->text), "check %.*s", CODE_DIGITS, s);
	else
		/* "0" would be a no and "1" a yes: on a menu a number is its line or nothing at all. */
		snprintf(out->text, sizeof(out->text), "\xEF\xBF\xBD");
}

void
dialog_screen_input(const struct dialog *d, const struct dialog_conversation *c, const char *input, int page, int pages,
	struct dialog_input *out)
{
	struct subject s;
	char text[DIALOG_SLOT_MAX + 1];
	size_t len = clean(input, text);
	memset(out, 0, sizeof(*out));
	if (subject_of(d, c, &s) || !s.step)
		s.menu = (struct menu){.more = "0", .back = "00"};
	out->kind = DIALOG_INPUT_PAGE;
	out->page = page;
	if (!len)
		return;
	if (strcmp(text, s.menu.more) == 0) {
		out->page = page < pages ? page + 1 : page;
		return;
	}
	if (strcmp(text, s.menu.back) == 0) {
		out->page = page > 1 ? page - 1 : page;
		return;
	}
	if (strspn(text, "0123456789") == len) {
		read_digits(&s.menu, text, len, out);
		return;
	}
	out->kind = DIALOG_INPUT_TEXT;
	if (!choose_several(&s.menu, text, out->text))
		memcpy(out->text, text, len + 1);
}

/* ---- What is told how
 * ------------------------------------------------------------------------------------------------ */

bool
dialog_dial_event(const struct dialog *d, const struct dialog_conversation *c, struct dialog_event *event)
{
	long i = step_index(d, c->step);
	*event = (struct dialog_event){.kind = DIALOG_TEXT, .channel = DIALOG_CHANNEL_USSD, .text = "STATUS"};
	if (!c->step[0])
		event->kind = DIALOG_START;
	if (c->ended || (c->step[0] && i < 0))
		return false;
	if (!c->step[0])
		return true;
	/* A place of rest has no progress to tell: its statement and its menu are what there is. */
	return !d->steps[i].ask[0] && !(d->steps[i].stays && d->steps[i].tell[0]);
}

const char *
dialog_step_text(const struct dialog *d, const char *step)
{
	long i = step_index(d, step);
	if (i >= 0)
		return menu_text(&d->steps[i]);
	for (size_t e = 0; e < d->nends; e++)
		if (strcmp(d->ends[e].name, step) == 0)
			return d->ends[e].say;
	return "";
}

static bool
form_uses(const struct dialog *d, const char *name, const char *language, const char *placeholder)
{
	const struct text *t = text_find(d, name);
	int known = language_index(d, language);
	const struct wording *w = t ? &t->forms[known < 0 ? 0 : known][FORM_USSD] : NULL;
	char tag[DIALOG_NAME_MAX + 4];
	snprintf(tag, sizeof(tag), "{#%s}", placeholder);
	return w && w->text && strstr(w->text, tag);
}

bool
dialog_step_asks_identity(const struct dialog *d, const char *step, const char *language)
{
	long i = step_index(d, step);
	return i >= 0 && d->steps[i].ask[0] && form_uses(d, d->steps[i].ask, language, "identity");
}

static bool
did(const struct dialog_result *r, enum dialog_do what)
{
	for (size_t i = 0; i < r->neffects; i++)
		if (r->effects[i].kind == DIALOG_APPLY && r->effects[i].what == what)
			return true;
	return false;
}

struct dialog_telling
dialog_screen_tells(const struct dialog *d, const struct dialog_conversation *after, const struct dialog_result *result,
	size_t i, bool identity)
{
	struct dialog_telling t = {false, false};
	const struct dialog_effect *e = &result->effects[i];
	if (e->kind != DIALOG_SAY)
		return t;
	long at = after->ended ? -1 : step_index(d, after->step);
	bool question = at >= 0 && strcmp(d->steps[at].ask, e->name) == 0;
	bool told = at >= 0 && strcmp(d->steps[at].tell, e->name) == 0;
	bool link =
		dialog_text_uses(d, e->name, after->language, "link") || dialog_text_uses(d, e->name, after->language, "code");
	t.said = !question;
	t.text = (told && did(result, DIALOG_DO_SUBMIT)) ||
			 (link && !(identity && question && form_uses(d, e->name, after->language, "identity") &&
						  !did(result, DIALOG_DO_NEW_LINK)));
	return t;
}
