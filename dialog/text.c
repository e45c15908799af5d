/* Outbound texts: which alphabet, how many units and parts, where to split, and the octets of each part. */
#include "dialog/text.h"

#include <string.h>
#include "dialog/gsm7.h"
#include "dialog/utf8.h"

const char *
text_alphabet_name(enum text_alphabet a)
{
	return a == TEXT_GSM7 ? "gsm7" : "ucs2";
}

/* The next character as it will travel. A NUL would end the text early on some phones, so it goes as unreadable. */
static size_t
next_character(const char *s, size_t len, uint32_t *cp)
{
	size_t n = utf8_decode(s, len, cp, NULL);

	if (n > 0 && *cp == 0)
		*cp = UTF8_BAD;
	return n;
}

int
text_gsm7_width(uint32_t cp)
{
	uint8_t septets[2];

	return gsm7_encode(&gsm7_default, cp, septets);
}

static int
width_in(enum text_alphabet a, uint32_t cp)
{
	int width;

	if (a == TEXT_UCS2)
		return cp > 0xFFFF ? 2 : 1;
	width = text_gsm7_width(cp);
	return width > 0 ? width : 1; /* only when measuring what a text would cost without its odd characters */
}

static size_t
single_limit(enum text_alphabet a)
{
	return a == TEXT_GSM7 ? TEXT_GSM7_SINGLE : TEXT_UCS2_SINGLE;
}

static size_t
part_limit(enum text_alphabet a)
{
	return a == TEXT_GSM7 ? TEXT_GSM7_PART : TEXT_UCS2_PART;
}

/* Takes whole characters up to limit units. Returns the octets taken; *units what they weigh. */
static size_t
take(enum text_alphabet a, const char *s, size_t len, size_t limit, size_t *units)
{
	size_t taken = 0;

	*units = 0;
	while (taken < len) {
		uint32_t cp;
		size_t n = next_character(s + taken, len - taken, &cp);
		size_t width = (size_t)width_in(a, cp);

		if (*units + width > limit)
			break;
		*units += width;
		taken += n;
	}
	return taken;
}

static int
count_parts(enum text_alphabet a, const char *s, size_t len, size_t units)
{
	int parts = 0;

	if (units <= single_limit(a))
		return 1;
	for (size_t at = 0; at < len; parts++) {
		size_t part_units;

		at += take(a, s + at, len - at, part_limit(a), &part_units);
	}
	return parts;
}

void
text_measure(const char *utf8, size_t len, struct text_measure *m)
{
	size_t septets = 0, units = 0;

	memset(m, 0, sizeof *m);
	for (size_t i = 0; i < len; m->characters++) {
		uint32_t cp;
		int width;

		i += next_character(utf8 + i, len - i, &cp);
		width = text_gsm7_width(cp);
		if (width == 0) {
			if (m->forcing++ == 0)
				m->forced_by = cp;
			width = 1;
		}
		septets += (size_t)width;
		units += (size_t)width_in(TEXT_UCS2, cp);
	}
	m->alphabet = m->forcing > 0 ? TEXT_UCS2 : TEXT_GSM7;
	m->units = m->alphabet == TEXT_GSM7 ? septets : units;
	m->parts = count_parts(m->alphabet, utf8, len, m->units);
	m->gsm7_parts = m->alphabet == TEXT_GSM7 ? m->parts : count_parts(TEXT_GSM7, utf8, len, septets);
}

size_t
text_forcing(const char *utf8, size_t len, uint32_t *list, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < len;) {
		uint32_t cp;
		size_t at = i;
		bool seen = false;

		i += next_character(utf8 + i, len - i, &cp);
		if (text_gsm7_width(cp) > 0)
			continue;
		/* Look back in the text itself: the list may be shorter than what has been seen. */
		for (size_t j = 0; j < at && !seen;) {
			uint32_t before;

			j += next_character(utf8 + j, at - j, &before);
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

bool
text_ussd_fits(const char *utf8, size_t len)
{
	struct text_measure m;

	text_measure(utf8, len, &m);
	return m.units <= (m.alphabet == TEXT_GSM7 ? TEXT_USSD_GSM7 : TEXT_USSD_UCS2);
}

int
text_split(const char *utf8, size_t len, struct text_parts *p)
{
	struct text_measure m;
	size_t at = 0;

	text_measure(utf8, len, &m);
	p->alphabet = m.alphabet;
	p->count = 0;
	if (m.parts > TEXT_PARTS_MAX)
		return -1;
	if (m.parts == 1) {
		p->part[0] = (struct text_part){.offset = 0, .len = len, .units = m.units};
		p->count = 1;
		return 0;
	}
	while (at < len) {
		struct text_part *part = &p->part[p->count++];

		part->offset = at;
		part->len = take(p->alphabet, utf8 + at, len - at, part_limit(p->alphabet), &part->units);
		at += part->len;
	}
	return 0;
}

/* Appends the characters of s to octets[at..room). Returns the new length, or SIZE_MAX when they do not fit. */
static size_t
encode(enum text_alphabet a, const char *s, size_t len, uint8_t *octets, size_t at, size_t room)
{
	for (size_t i = 0; i < len;) {
		uint32_t cp;
		uint8_t unit[4];
		size_t n;

		i += next_character(s + i, len - i, &cp);
		if (a == TEXT_GSM7) {
			n = (size_t)gsm7_encode(&gsm7_default, cp, unit);
			if (n == 0)
				return SIZE_MAX;
		} else if (cp > 0xFFFF) {
			uint32_t high = 0xD800 + ((cp - 0x10000) >> 10), low = 0xDC00 + ((cp - 0x10000) & 0x3FF);

			unit[0] = (uint8_t)(high >> 8);
			unit[1] = (uint8_t)high;
			unit[2] = (uint8_t)(low >> 8);
			unit[3] = (uint8_t)low;
			n = 4;
		} else {
			unit[0] = (uint8_t)(cp >> 8);
			unit[1] = (uint8_t)cp;
			n = 2;
		}
		if (n > room - at)
			return SIZE_MAX;
		memcpy(octets + at, unit, n);
		at += n;
	}
	return at;
}

int
text_part_encode(
	const char *utf8, size_t len, const struct text_parts *p, int index, uint8_t reference, struct text_wire *out)
{
	const struct text_part *part;
	size_t at = 0, end;

	memset(out, 0, sizeof *out);
	if (p->count < 1 || p->count > TEXT_PARTS_MAX || index < 0 || index >= p->count)
		return -1;
	part = &p->part[index];
	if (part->offset > len || part->len > len - part->offset)
		return -1;
	out->data_coding = p->alphabet == TEXT_GSM7 ? 0 : 8;
	out->udh = p->count > 1;
	if (out->udh) {
		const uint8_t header[TEXT_UDH_LEN] = {5, 0, 3, reference, (uint8_t)p->count, (uint8_t)(index + 1)};

		memcpy(out->octets, header, sizeof header);
		at = sizeof header;
	}
	end = encode(p->alphabet, utf8 + part->offset, part->len, out->octets, at, sizeof out->octets);
	if (end == SIZE_MAX) {
		memset(out, 0, sizeof *out);
		return -1;
	}
	out->len = end;
	return 0;
}

int
text_ussd_encode(const char *utf8, size_t len, struct text_ussd_wire *out)
{
	struct text_measure m;
	size_t end;

	memset(out, 0, sizeof *out);
	text_measure(utf8, len, &m);
	if (m.units > (m.alphabet == TEXT_GSM7 ? TEXT_USSD_GSM7 : TEXT_USSD_UCS2))
		return -1;
	end = encode(m.alphabet, utf8, len, out->octets, 0, sizeof out->octets);
	if (end == SIZE_MAX)
		return -1;
	out->data_coding = m.alphabet == TEXT_GSM7 ? 0 : 8;
	out->len = end;
	return 0;
}
