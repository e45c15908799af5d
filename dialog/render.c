/* Puts values into the wording of a text: placeholders, parts that depend on a value, the list of applications. */
#include <stdio.h>
#include <string.h>
#include "dialog/internal.h"
#include "dialog/substitute.h"
#include "dialog/utf8.h"

#define VALUE_ROOM (PLACEHOLDER_LONGEST * 3 + 1)

struct rendering {
	const struct wording *w;
	const struct dialog_conversation *c;
	dialog_value_fn value;
	void *arg;
	int chosen[DIALOG_APPLICATIONS_MAX]; /* numbers of the applications that the text is about */
	int nchosen;
	bool longest;			/* every value at its longest, for the loader */
	bool narrow;			/* and within the GSM alphabet */
	unsigned substitutions; /* for the wording's own signs */
	char *out;
	size_t len, room;
	bool full;
};

/* ---- Applications ---------------------------------------------------------------------------------------------- */

static int
choose(const struct dialog_conversation *c, int chosen[DIALOG_APPLICATIONS_MAX])
{
	int n = 0;
	for (int i = 1; c && i <= c->applications && i <= DIALOG_APPLICATIONS_MAX; i++)
		if (!c->selected || (c->selected >> (i - 1) & 1))
			chosen[n++] = i;
	return n;
}

/* ---- Output ---------------------------------------------------------------------------------------------------- */

static void
put(struct rendering *r, const char *s, size_t len)
{
	if (r->full || len >= r->room - r->len) {
		r->full = true;
		return;
	}
	memcpy(r->out + r->len, s, len);
	r->len += len;
	r->out[r->len] = '\0';
}

/* The author's own words; what is filled in between them goes by put_value and stays as it is on file. */
static void
put_words(struct rendering *r, const char *s, size_t len)
{
	if (r->substitutions == 0) {
		put(r, s, len);
		return;
	}
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		char room[2];
		size_t n = utf8_decode(s + i, len - i, &cp, NULL);
		const char *plain = substitute(r->substitutions, cp, room);
		put(r, plain ? plain : s + i, plain ? strlen(plain) : n);
		i += n;
	}
}

static size_t
units(uint32_t cp)
{
	return cp > 0xFFFF ? 2 : 1;
}

/* Octets of the value that stay within so many UTF-16 units. */
static size_t
within(const char *value, size_t len, size_t most)
{
	size_t at = 0, used = 0;
	while (at < len) {
		uint32_t cp;
		size_t n = utf8_decode(value + at, len - at, &cp, NULL);
		used += units(cp);
		if (used > most)
			break;
		at += n;
	}
	return at;
}

static bool
ascii(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] > 0x7E)
			return false;
	return true;
}

/* A value never brings line breaks or other control characters of its own into a text. */
static void
put_value(struct rendering *r, const struct placeholder_row *row, const char *value)
{
	size_t len = strlen(value), most = (size_t)row->characters;
	size_t keep = row->whole ? len : within(value, len, most);
	const char *cut = "";
	if (keep < len) {
		cut = ascii(value, len) ? ".." : "…";
		keep = within(value, len, most > 2 ? most - (cut[0] == '.' ? 2 : 1) : most);
	}
	for (size_t at = 0; at < keep;) {
		uint32_t cp;
		char c[4];
		at += utf8_decode(value + at, keep - at, &cp, NULL);
		size_t n = utf8_encode(cp < ' ' || cp == 0x7F ? ' ' : cp, c);
		put(r, c, n);
	}
	put(r, cut, strlen(cut));
}

/* ---- Values ---------------------------------------------------------------------------------------------------- */

static const char *
longest_value(const struct placeholder_row *row, bool narrow, char room[VALUE_ROOM])
{
	size_t len = 0;
	for (int i = 0; i < row->characters && i < PLACEHOLDER_LONGEST; i++) {
		const char *filler = row->wide && !narrow ? "国" : "8";
		memcpy(room + len, filler, strlen(filler));
		len += strlen(filler);
	}
	room[len] = '\0';
	return room;
}

/* The end of a licence's number, as people read it out. */
static const char *
tail(const char *value, size_t most)
{
	size_t len = strlen(value), count = utf8_count(value, len), at = 0;
	for (; count > most; count--) {
		uint32_t cp;
		at += utf8_decode(value + at, len - at, &cp, NULL);
	}
	return value + at;
}

/* index: number of the application inside a list, 0 outside. Never NULL. */
static const char *
value_of(struct rendering *r, const struct placeholder_row *row, int index, char room[VALUE_ROOM])
{
	if (r->longest)
		return longest_value(row, r->narrow, room);
	if (strcmp(row->name, "count") == 0) {
		snprintf(room, VALUE_ROOM, "%d", r->nchosen);
		return room;
	}
	if (strcmp(row->name, "more") == 0) {
		snprintf(room, VALUE_ROOM, "%d", r->nchosen - r->w->listed);
		return r->nchosen > r->w->listed ? room : "";
	}
	if (strcmp(row->name, "n") == 0 && index) {
		snprintf(room, VALUE_ROOM, "%d", index);
		return room;
	}
	const char *v = r->c && !index ? dialog_slot_get(r->c, row->name) : NULL;
	if (v)
		return v;
	bool is_tail = strcmp(row->name, "licence_tail") == 0;
	v = r->value ? r->value(r->arg, is_tail ? "licence_no" : row->name, index) : NULL;
	if (!v)
		return "";
	return is_tail ? tail(v, (size_t)row->characters) : v;
}

/* ---- Sections -------------------------------------------------------------------------------------------------- */

/* The end of the section that begins behind s: offset of its closing tag, or len when there is none. */
static size_t
section_end(const char *s, size_t len, const char *name, size_t name_len)
{
	for (size_t i = 0; i + name_len + 3 <= len; i++)
		if (s[i] == '{' && s[i + 1] == '/' && memcmp(s + i + 2, name, name_len) == 0 && s[i + 2 + name_len] == '}')
			return i;
	return len;
}

static void
render_range(struct rendering *r, const char *s, size_t len, int index, int depth)
{
	char room[VALUE_ROOM];
	for (size_t i = 0; i < len && !r->full;) {
		const char *open = memchr(s + i, '{', len - i);
		size_t text = open ? (size_t)(open - s) - i : len - i;
		put_words(r, s + i, text);
		i += text;
		const char *close = open ? memchr(open, '}', len - i) : NULL;
		if (!close) {
			put_words(r, s + i, len - i); /* the loader lets no such text through */
			return;
		}
		bool section = open[1] == '#';
		const char *name = open + 1 + section;
		size_t name_len = (size_t)(close - name);
		const struct placeholder_row *row = placeholder_by_name(name, name_len);
		i = (size_t)(close - s) + 1;
		if (!section) {
			if (row)
				put_value(r, row, value_of(r, row, index, room));
			continue;
		}
		size_t inner = section_end(s + i, len - i, name, name_len);
		if (!row && depth < 2) { /* {#applications} */
			for (int k = 0; k < r->nchosen && k < r->w->listed; k++)
				render_range(r, s + i, inner, r->chosen[k], depth + 1);
		} else if (row && depth < 3 && value_of(r, row, index, room)[0]) {
			render_range(r, s + i, inner, index, depth + 1);
		}
		i += inner + name_len + 3;
	}
}

static int
render(struct rendering *r)
{
	if (!r->room)
		return -1;
	r->out[0] = '\0';
	render_range(r, r->w->text, r->w->len, 0, 0);
	/* What a list or a part left out may leave a line break behind. */
	while (r->len && (r->out[r->len - 1] == '\n' || r->out[r->len - 1] == ' '))
		r->out[--r->len] = '\0';
	return r->full ? -1 : (int)r->len;
}

int
render_longest(const struct wording *w, char *out, size_t room)
{
	struct rendering r = {.w = w, .longest = true, .nchosen = w->listed, .out = out, .room = room};
	return render(&r);
}

int
render_longest_narrow(const struct wording *w, unsigned substitutions, char *out, size_t room)
{
	struct rendering r = {.w = w,
		.longest = true,
		.narrow = true,
		.substitutions = substitutions,
		.nchosen = w->listed,
		.out = out,
		.room = room};
	return render(&r);
}

int
render_label(const char *label, const struct dialog_conversation *c, int index, dialog_value_fn value, void *arg,
	char *out, size_t room)
{
	struct wording w = {.text = (char *)label, .len = strlen(label), .listed = 1};
	struct rendering r = {.w = &w, .c = c, .value = value, .arg = arg, .longest = !c, .out = out, .room = room};
	r.nchosen = choose(c, r.chosen);
	if (!room)
		return -1;
	out[0] = '\0';
	render_range(&r, w.text, w.len, index, 0);
	return r.full ? -1 : (int)r.len;
}

int
render_applications(const struct dialog_conversation *c)
{
	int chosen[DIALOG_APPLICATIONS_MAX];
	return choose(c, chosen);
}

/* ---- Public ------------------------------------------------------------------------------------------------------ */

const struct wording *
wording_of(const struct text *t, int language, bool ussd, bool many)
{
	const struct wording *forms = t->forms[language];
	if (ussd && many && forms[FORM_USSD_MANY].text)
		return &forms[FORM_USSD_MANY];
	if (ussd && forms[FORM_USSD].text)
		return &forms[FORM_USSD];
	return many && forms[FORM_MANY].text ? &forms[FORM_MANY] : &forms[FORM_PLAIN];
}

/* The text's form for one of the holder's tags, the first that there is in this language; else the one for everybody.
 */
static const struct text *
text_for(
	const struct dialog *d, const char *name, int language, bool ussd, bool many, const struct dialog_conversation *c)
{
	for (const char *tag = c && c->tags ? c->tags : ""; *tag;) {
		char tagged[DIALOG_TEXT_NAME_MAX + 1];
		size_t len = strcspn(tag, "\n");
		if (len > 0 && len <= DIALOG_TAG_MAX && strlen(name) <= DIALOG_NAME_MAX) {
			snprintf(tagged, sizeof(tagged), "%s@%.*s", name, (int)len, tag);
			const struct text *t = text_find(d, tagged);
			if (t && wording_of(t, language, ussd, many)->text && (!ussd || t->forms[language][FORM_USSD].text) &&
				(!many || t->forms[language][FORM_MANY].text || ussd))
				return t;
		}
		tag += len + (tag[len] == '\n');
	}
	return text_find(d, name);
}

static int
render_form(const struct dialog *d, const char *name, const char *language, bool ussd, unsigned substitutions,
	const struct dialog_conversation *c, dialog_value_fn value, void *arg, char *out, size_t room)
{
	int known = language_index(d, language);
	struct rendering r = {.c = c, .value = value, .arg = arg, .substitutions = substitutions, .out = out, .room = room};
	r.nchosen = choose(c, r.chosen);
	const struct text *t = text_for(d, name, known < 0 ? 0 : known, ussd, r.nchosen > 1, c);
	if (!t)
		return -1;
	r.w = wording_of(t, known < 0 ? 0 : known, ussd, r.nchosen > 1);
	return r.w->text ? render(&r) : -1;
}

int
dialog_render(const struct dialog *d, const char *name, const char *language, const struct dialog_conversation *c,
	dialog_value_fn value, void *arg, char *out, size_t room)
{
	return render_form(d, name, language, false, 0, c, value, arg, out, room);
}

int
dialog_render_plain(const struct dialog *d, const char *name, const char *language, unsigned substitutions,
	const struct dialog_conversation *c, dialog_value_fn value, void *arg, char *out, size_t room)
{
	return render_form(d, name, language, false, substitutions, c, value, arg, out, room);
}

int
dialog_render_ussd(const struct dialog *d, const char *name, const char *language, const struct dialog_conversation *c,
	dialog_value_fn value, void *arg, char *out, size_t room)
{
	return render_form(d, name, language, true, 0, c, value, arg, out, room);
}

static bool
uses(const struct wording *w, const char *placeholder)
{
	size_t len = strlen(placeholder);
	const char *s = w->text ? strchr(w->text, '{') : NULL;
	for (; s; s = strchr(s, '{')) {
		s += s[1] == '#' ? 2 : 1;
		if (strncmp(s, placeholder, len) == 0 && s[len] == '}')
			return true;
	}
	return false;
}

bool
dialog_text_uses(const struct dialog *d, const char *name, const char *language, const char *placeholder)
{
	const struct text *t = text_find(d, name);
	int known = language_index(d, language);
	for (int f = 0; t && f < FORM_COUNT; f++)
		if (uses(&t->forms[known < 0 ? 0 : known][f], placeholder))
			return true;
	return false;
}
