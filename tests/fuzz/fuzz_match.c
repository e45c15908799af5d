/*
 * What a citizen (or anybody) may write: nothing runs past an end, a normalised text stays as it is, a text means one
 * thing. What carriers make of texts is fuzz_text's.
 *
 * links: dialog/utf8.c dialog/normalise.c dialog/match.c dialog/match_value.c dialog/match_collide.c dialog/words.c
 * links: dialog/words_table.c dialog/spoken.c dialog/words_spoken.c
 */
#include "dialog/match.h"
#include "dialog/utf8.h"
#include "tests/fuzz/fuzz.h"

/* Copies to the heap so that a byte read beyond the end is found. */
static char *
exact(const void *data, size_t size)
{
	char *copy = malloc(size > 0 ? size : 1);

	must(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}

static void
check_utf8(const char *s, size_t len)
{
	size_t room = len * 3 + 1, n, boundary = 0, max = len > 0 ? (unsigned char)s[0] % (len + 1) : 0;
	char *out = malloc(room);

	must(out != NULL);
	n = utf8_clean(s, len, out, room);
	must(utf8_valid(out, n, NULL) && strlen(out) == n);
	must(utf8_count(out, n) == utf8_count(s, len));
	free(out);
	for (size_t i = 0; i < len;) {
		uint32_t cp;

		i += utf8_decode(s + i, len - i, &cp, NULL);
		if (i <= max)
			boundary = i;
	}
	must(utf8_cut(s, len, max) == boundary);
}

static void
check_match(const char *s, size_t len)
{
	static const char *const languages[] = {"zh", NULL};
	char normal[MATCH_NORMAL_MAX + 1], again[MATCH_NORMAL_MAX + 1], arg[MATCH_ARG_MAX + 1], date[11];
	size_t n = match_normalise(s, len, normal, sizeof normal);

	must(strlen(normal) == n && utf8_valid(normal, n, NULL));
	must(match_normalise(normal, n, again, sizeof again) == n && memcmp(normal, again, n) == 0);
	for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
		const char *language = languages[i];
		enum words_reserved r = match_reserved(normal, language, arg);
		int lists = 0;
		uint64_t mask;
		int64_t value;

		must(strlen(arg) <= MATCH_ARG_MAX);
		for (int list = 0; list < WORDS_LISTS; list++)
			lists += match_list_has((enum words_list)list, language, normal);
		must(lists <= 1 && (lists == 0 || r == WORDS_NONE));
		if (match_select(normal, language, 5, &mask))
			must(mask != 0 && mask < 32);
		else
			must(mask == 0);
		if (match_number(normal, -5, 500, &value))
			must(value >= 0 && value <= 500);
	}
	if (match_date(normal, date))
		must(strlen(date) == 10 && match_date(date, again));
	must(match_literal(normal, normal) == (n > 0));
}

static void
check_free_text(const char *s, size_t len)
{
	char *raw = malloc(len + 1);
	struct match_pattern p = {.kind = MATCH_FREE_TEXT};
	struct match_message m = {.raw = raw, .normal = "", .language = "zh", .applications = 1};
	struct match_value v;

	must(raw != NULL);
	memcpy(raw, s, len);
	raw[len] = '\0';
	if (match_pattern(&p, &m, &v)) {
		size_t n = strlen(v.text);

		must(n > 0 && utf8_valid(v.text, n, NULL) && v.text[0] != ' ' && v.text[n - 1] != ' ');
	}
	free(raw);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = exact(data, size);

	check_utf8(s, size);
	check_match(s, size);
	check_free_text(s, size);
	free(s);
	return 0;
}
