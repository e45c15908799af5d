/*
 * What a citizen (or anybody) may write, and what a carrier may deliver: nothing runs past an end, a normalised text
 * stays as it is, a text means one thing, and a text split into parts reads back as itself.
 *
 * links: dialog/utf8.c dialog/gsm7.c dialog/text.c dialog/text_decode.c dialog/normalise.c
 * links: dialog/match.c dialog/match_value.c dialog/match_collide.c dialog/words.c dialog/words_table.c
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/gsm7.h"
#include "dialog/match.h"
#include "dialog/text.h"
#include "dialog/utf8.h"

#define MUST(condition)                                                                                                \
	do {                                                                                                               \
		if (!(condition))                                                                                              \
			abort();                                                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Copies to the heap so that a byte read beyond the end is found. */
static char *
exact(const void *data, size_t size)
{
	char *copy = malloc(size > 0 ? size : 1);

	MUST(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}

static void
check_utf8(const char *s, size_t len)
{
	size_t room = len * 3 + 1, n, boundary = 0, max = len > 0 ? (unsigned char)s[0] % (len + 1) : 0;
	char *out = malloc(room);

	MUST(out != NULL);
	n = utf8_clean(s, len, out, room);
	MUST(utf8_valid(out, n, NULL) && strlen(out) == n);
	MUST(utf8_count(out, n) == utf8_count(s, len));
	free(out);
	for (size_t i = 0; i < len;) {
		uint32_t cp;

		i += utf8_decode(s + i, len - i, &cp, NULL);
		if (i <= max)
			boundary = i;
	}
	MUST(utf8_cut(s, len, max) == boundary);
}

static void
check_match(const char *s, size_t len)
{
	static const char *const languages[] = {"zh", NULL};
	char normal[MATCH_NORMAL_MAX + 1], again[MATCH_NORMAL_MAX + 1], arg[MATCH_ARG_MAX + 1], date[11];
	size_t n = match_normalise(s, len, normal, sizeof normal);

	MUST(strlen(normal) == n && utf8_valid(normal, n, NULL));
	MUST(match_normalise(normal, n, again, sizeof again) == n && memcmp(normal, again, n) == 0);
	for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
		const char *language = languages[i];
		enum words_reserved r = match_reserved(normal, language, arg);
		int lists = 0;
		uint64_t mask;
		int64_t value;

		MUST(strlen(arg) <= MATCH_ARG_MAX);
		for (int list = 0; list < WORDS_LISTS; list++)
			lists += match_list_has((enum words_list)list, language, normal);
		MUST(lists <= 1 && (lists == 0 || r == WORDS_NONE));
		if (match_select(normal, language, 5, &mask))
			MUST(mask != 0 && mask < 32);
		else
			MUST(mask == 0);
		if (match_number(normal, -5, 500, &value))
			MUST(value >= 0 && value <= 500);
	}
	if (match_date(normal, date))
		MUST(strlen(date) == 10 && match_date(date, again));
	MUST(match_literal(normal, normal) == (n > 0));
}

static void
check_free_text(const char *s, size_t len)
{
	char *raw = malloc(len + 1);
	struct match_pattern p = {.kind = MATCH_FREE_TEXT};
	struct match_message m = {.raw = raw, .normal = "", .language = "zh", .applications = 1};
	struct match_value v;

	MUST(raw != NULL);
	memcpy(raw, s, len);
	raw[len] = '\0';
	if (match_pattern(&p, &m, &v)) {
		size_t n = strlen(v.text);

		MUST(n > 0 && utf8_valid(v.text, n, NULL) && v.text[0] != ' ' && v.text[n - 1] != ' ');
	}
	free(raw);
}

/* The parts tile the text, none holds half a pair, and read back they are the text. */
static void
check_split(const char *s, size_t len)
{
	struct text_parts p;
	struct text_measure m;
	char *clean = malloc(len * 3 + 1), *whole = malloc(len * 3 + 1);
	size_t clean_len, n = 0, at = 0, units = 0;

	MUST(clean != NULL && whole != NULL);
	clean_len = utf8_clean(s, len, clean, len * 3 + 1);
	text_measure(s, len, &m);
	if (text_split(s, len, &p) != 0) {
		MUST(m.parts > TEXT_PARTS_MAX && p.count == 0);
		goto done;
	}
	MUST(p.count == m.parts && p.alphabet == m.alphabet);
	for (int i = 0; i < p.count; i++) {
		struct text_wire w;
		size_t header = p.count > 1 ? TEXT_UDH_LEN : 0;
		enum text_coding coding = p.alphabet == TEXT_GSM7 ? TEXT_CODING_GSM7 : TEXT_CODING_UTF16;
		char part[TEXT_PART_OCTETS_MAX * 3 + 1];
		size_t part_len;

		MUST(p.part[i].offset == at);
		at += p.part[i].len;
		units += p.part[i].units;
		MUST(text_part_encode(s, len, &p, i, (uint8_t)len, &w) == 0);
		MUST(w.len <= (p.alphabet == TEXT_GSM7 ? (header > 0 ? 159 : 160) : 140));
		if (p.alphabet == TEXT_GSM7) {
			size_t escapes = 0;

			while (escapes < w.len - header && w.octets[w.len - 1 - escapes] == GSM7_ESCAPE)
				escapes++;
			MUST(escapes == 0); /* the alphabet has no pair that ends in an escape */
		} else if (w.len > header) {
			MUST((w.octets[header] & 0xFC) != 0xDC && (w.octets[w.len - 2] & 0xFC) != 0xD8);
		}
		/* What begins like a byte order mark or ends in a NUL would be read as such; neither can come from a split. */
		part_len = text_decode(coding, w.octets + header, w.len - header, part, sizeof part);
		memcpy(whole + n, part, part_len);
		n += part_len;
	}
	MUST(at == len && units == m.units);
	if (strstr(clean, "\xEF\xBB\xBF") == NULL && strstr(clean, "\xEF\xBF\xBE") == NULL) {
		/* Control characters are sent as they are and read as U+FFFD: compare what both can hold. */
		bool control = false;

		for (size_t i = 0; i < clean_len;) {
			uint32_t cp;

			i += utf8_decode(clean + i, clean_len - i, &cp, NULL);
			control = control || cp < 0x20 || (cp >= 0x7F && cp < 0xA0);
		}
		MUST(control || (n == clean_len && memcmp(whole, clean, n) == 0));
	}
done:
	free(clean);
	free(whole);
}

static void
check_decoders(const uint8_t *data, size_t size)
{
	size_t header = size > 0 ? data[0] % 20 : 0, septets = size > 1 ? data[1] : SIZE_MAX, room = size % 7 + 1;
	char *out = malloc(size * 6 + 8), *small = malloc(room);
	size_t n;

	MUST(out != NULL && small != NULL);
	for (int coding = TEXT_CODING_GSM7; coding <= TEXT_CODING_BINARY; coding++) {
		n = text_decode((enum text_coding)coding, data, size, out, size * 6 + 8);
		MUST(strlen(out) == n && utf8_valid(out, n, NULL));
		n = text_decode((enum text_coding)coding, data, size, small, room);
		MUST(strlen(small) == n && n < room && memcmp(small, out, n) == 0);
	}
	n = text_decode_gsm7_packed(data, size, header, septets, out, size * 6 + 8);
	MUST(strlen(out) == n && utf8_valid(out, n, NULL));
	n = text_hex(data, size, small, room);
	MUST(strlen(small) == n && n < room);
	free(out);
	free(small);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = exact(data, size);

	check_utf8(s, size);
	check_match(s, size);
	check_free_text(s, size);
	check_split(s, size);
	check_decoders((const uint8_t *)s, size);
	free(s);
	return 0;
}
