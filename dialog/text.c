/* Outbound texts: which alphabet and tables, how many units and parts, where to split. */
#include "dialog/text_internal.h"

#include <string.h>
#include "dialog/utf8.h"

#define OCTETS 140 /* of a short message on the air, header included */

const struct text_rules text_rules_plain = {.gsm7_as = TEXT_CODING_GSM7, .gsm7_coding = 0, .ucs2_coding = 8};

/* One way to write a text. */
struct shape {
	enum text_alphabet alphabet;
	enum text_coding as;
	uint8_t locking, single;
	struct gsm7_tables tables;
};

const char *
text_alphabet_name(enum text_alphabet a)
{
	return a == TEXT_GSM7 ? "gsm7" : "ucs2";
}

size_t
text_next(const char *s, size_t len, uint32_t *cp)
{
	size_t n = utf8_decode(s, len, cp, NULL);

	if (n > 0 && *cp == 0)
		*cp = UTF8_BAD;
	return n;
}

bool
text_writable(enum text_coding as, uint32_t cp)
{
	if (as == TEXT_CODING_LATIN1)
		return cp < 0x80 || (cp >= 0xA0 && cp <= 0xFF);
	return as != TEXT_CODING_ASCII || cp < 0x80;
}

size_t
text_header_len(bool several, int locking, int single)
{
	size_t n = (several ? 5 : 0) + (locking != 0 ? 3 : 0) + (single != 0 ? 3 : 0);

	return n > 0 ? n + 1 : 0;
}

static struct shape
shape_of(const struct text_rules *rules, enum text_alphabet a, int locking, int single)
{
	return (struct shape){.alphabet = a,
		.as = a == TEXT_GSM7 ? rules->gsm7_as : TEXT_CODING_UTF16,
		.locking = (uint8_t)locking,
		.single = (uint8_t)single,
		.tables = national_tables(locking, single)};
}

/* Septets of a character in GSM-7 of this shape; 0 when it cannot be written so. */
static int
septets_of(const struct shape *f, uint32_t cp)
{
	uint8_t septets[2];
	int width = gsm7_encode(&f->tables, cp, septets);

	return width > 0 && text_writable(f->as, cp) ? width : 0;
}

int
text_gsm7_width(uint32_t cp)
{
	uint8_t septets[2];

	return gsm7_encode(&gsm7_default, cp, septets);
}

static int
width_in(const struct shape *f, uint32_t cp)
{
	int width;

	if (f->alphabet == TEXT_UCS2)
		return cp > 0xFFFF ? 2 : 1;
	width = septets_of(f, cp);
	return width > 0 ? width : 1; /* only when measuring what a text would cost without its odd characters */
}

/* Units that one part holds, behind its header. */
static size_t
limit_of(const struct shape *f, bool several)
{
	size_t octets = OCTETS - text_header_len(several, f->locking, f->single);

	return f->alphabet == TEXT_GSM7 ? octets * 8 / 7 : octets / 2;
}

/* Takes whole characters up to limit units. Returns the octets taken; *units what they weigh. */
static size_t
take(const struct shape *f, const char *s, size_t len, size_t limit, size_t *units)
{
	size_t taken = 0;

	*units = 0;
	while (taken < len) {
		uint32_t cp;
		size_t n = text_next(s + taken, len - taken, &cp);
		size_t width = (size_t)width_in(f, cp);

		if (*units + width > limit)
			break;
		*units += width;
		taken += n;
	}
	return taken;
}

static int
count_parts(const struct shape *f, const char *s, size_t len, size_t units)
{
	size_t limit = limit_of(f, true);
	int parts = 0;

	if (units <= limit_of(f, false))
		return 1;
	for (size_t at = 0; at < len; parts++) {
		size_t part_units;

		at += take(f, s + at, len - at, limit, &part_units);
	}
	return parts;
}

/* ---- National tables -------------------------------------------------------------------------------------------- */

/* Septets of the whole text for every pair of allowed tables; SIZE_MAX when a character is in neither of a pair. */
struct pairs {
	bool locking[NATIONAL_COUNT], single[NATIONAL_COUNT]; /* may be used */
	size_t septets[NATIONAL_COUNT][NATIONAL_COUNT];
	size_t alive;
};

static void
pairs_init(struct pairs *p, uint16_t allowed)
{
	memset(p, 0, sizeof *p);
	for (int i = NATIONAL_NONE; i < NATIONAL_COUNT; i++) {
		p->single[i] = i == NATIONAL_NONE || (allowed >> i & 1) != 0;
		p->locking[i] = p->single[i] && (i == NATIONAL_NONE || national_locks(i));
	}
	for (int i = NATIONAL_NONE; i < NATIONAL_COUNT; i++) {
		for (int j = NATIONAL_NONE; j < NATIONAL_COUNT; j++) {
			if (!p->locking[i] || !p->single[j] || (i == NATIONAL_NONE && j == NATIONAL_NONE))
				p->septets[i][j] = SIZE_MAX;
			else
				p->alive++;
		}
	}
}

/* One look at each table for each character, however many pairs there are. */
static void
pairs_add(struct pairs *p, uint32_t cp)
{
	bool basic[NATIONAL_COUNT], extended[NATIONAL_COUNT];

	for (int i = NATIONAL_NONE; i < NATIONAL_COUNT; i++) {
		struct gsm7_tables t = national_tables(i, i);

		basic[i] = p->locking[i] && gsm7_find_basic(&t, cp) >= 0;
		extended[i] = p->single[i] && gsm7_find_extended(&t, cp) >= 0;
	}
	for (int i = NATIONAL_NONE; i < NATIONAL_COUNT; i++) {
		for (int j = NATIONAL_NONE; p->locking[i] && j < NATIONAL_COUNT; j++) {
			size_t *n = &p->septets[i][j];

			if (*n == SIZE_MAX)
				continue;
			if (basic[i] || extended[j]) {
				*n += basic[i] ? 1 : 2;
			} else {
				*n = SIZE_MAX;
				p->alive--;
			}
		}
	}
}

static bool
better(const struct text_measure *best, int parts, size_t septets)
{
	return parts < best->parts || (parts == best->parts && best->alphabet == TEXT_GSM7 && septets < best->units);
}

/* The allowed tables that take fewer parts than UCS-2 does, if any. */
static void
choose_national(const struct text_rules *rules, const char *s, size_t len, struct text_measure *m)
{
	struct text_measure best = *m;
	struct pairs p;

	pairs_init(&p, rules->national);
	for (size_t i = 0; i < len && p.alive > 0;) {
		uint32_t cp;

		i += text_next(s + i, len - i, &cp);
		pairs_add(&p, cp);
	}
	for (int i = NATIONAL_NONE; p.alive > 0 && i < NATIONAL_COUNT; i++) {
		for (int j = NATIONAL_NONE; j < NATIONAL_COUNT; j++) {
			if (p.septets[i][j] == SIZE_MAX)
				continue;
			struct shape f = shape_of(rules, TEXT_GSM7, i, j);
			size_t n = p.septets[i][j], least = n <= limit_of(&f, false) ? 1 : (n - 1) / limit_of(&f, true) + 1;
			/* Escape pairs may make it a part more, never less. */
			if (least > (size_t)best.parts || (least == (size_t)best.parts && !better(&best, best.parts, n)))
				continue;
			int parts = count_parts(&f, s, len, n);
			if (!better(&best, parts, n))
				continue;
			best.alphabet = TEXT_GSM7;
			best.locking = (uint8_t)i;
			best.single = (uint8_t)j;
			best.units = p.septets[i][j];
			best.parts = parts;
		}
	}
	*m = best;
}

/* ---- Measuring -------------------------------------------------------------------------------------------------- */

void
text_measure_by(const struct text_rules *rules, const char *utf8, size_t len, struct text_measure *m)
{
	size_t septets = 0, units = 0;

	if (rules == NULL)
		rules = &text_rules_plain;
	const struct shape gsm = shape_of(rules, TEXT_GSM7, NATIONAL_NONE, NATIONAL_NONE);
	const struct shape ucs2 = shape_of(rules, TEXT_UCS2, NATIONAL_NONE, NATIONAL_NONE);

	memset(m, 0, sizeof *m);
	for (size_t i = 0; i < len; m->characters++) {
		uint32_t cp;
		int width;

		i += text_next(utf8 + i, len - i, &cp);
		width = septets_of(&gsm, cp);
		if (width == 0) {
			if (m->forcing++ == 0)
				m->forced_by = cp;
			width = 1;
		}
		septets += (size_t)width;
		units += (size_t)width_in(&ucs2, cp);
	}
	m->gsm7_parts = count_parts(&gsm, utf8, len, septets);
	if (m->forcing == 0 && rules->gsm7_as != TEXT_CODING_UTF16) {
		m->alphabet = TEXT_GSM7;
		m->units = septets;
		m->parts = m->gsm7_parts;
		return;
	}
	m->alphabet = TEXT_UCS2;
	m->units = units;
	m->parts = count_parts(&ucs2, utf8, len, units);
	/* A header for one part costs septets, so tables are for texts that would take several. */
	if (m->parts > 1 && rules->national != 0 &&
		(rules->gsm7_as == TEXT_CODING_GSM7 || rules->gsm7_as == TEXT_CODING_GSM7_PACKED))
		choose_national(rules, utf8, len, m);
}

void
text_measure(const char *utf8, size_t len, struct text_measure *m)
{
	text_measure_by(NULL, utf8, len, m);
}

size_t
text_forcing(const char *utf8, size_t len, uint32_t *list, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t at = i;
		bool seen = false;

		i += text_next(utf8 + i, len - i, &cp);
		if (text_gsm7_width(cp) > 0)
			continue;
		/* Look back in the text itself: the list may be shorter than what has been seen. */
		for (size_t j = 0; j < at && !seen;) {
			uint32_t before;

			j += text_next(utf8 + j, at - j, &before);
			seen = before == cp;
		}
		if (seen)
			continue;
		if (count < room)
			list[count] = cp;
		count++;
	}
	return count;
}

/* ---- Splitting -------------------------------------------------------------------------------------------------- */

int
text_split_by(const struct text_rules *rules, const char *utf8, size_t len, struct text_parts *p)
{
	struct text_measure m;
	size_t at = 0;

	if (rules == NULL)
		rules = &text_rules_plain;
	text_measure_by(rules, utf8, len, &m);
	p->rules = *rules;
	p->alphabet = m.alphabet;
	p->locking = m.locking;
	p->single = m.single;
	p->count = 0;
	if (m.parts > TEXT_PARTS_MAX)
		return -1;
	if (m.parts == 1) {
		p->part[0] = (struct text_part){.offset = 0, .len = len, .units = m.units};
		p->count = 1;
		return 0;
	}
	const struct shape f = shape_of(rules, m.alphabet, m.locking, m.single);
	while (at < len) {
		struct text_part *part = &p->part[p->count++];

		part->offset = at;
		part->len = take(&f, utf8 + at, len - at, limit_of(&f, true), &part->units);
		at += part->len;
	}
	return 0;
}
