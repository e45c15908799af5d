/*
 * Fuzz target of the wording editor: a wording file, a line of '%', and what a clerk typed. A text is replaced, and the
 * others and the comments between them stay as they are; a comparison holds both sides.
 *
 * links: dialog/blocks.c
 */

#include "dialog/blocks.h"
#include "dialog/internal.h"
#include "tests/fuzz/fuzz.h"

static struct block before[BLOCKS_MAX], after[BLOCKS_MAX];

static char *
copy(const uint8_t *data, size_t size)
{
	char *out = malloc(size + 1);

	must(out != NULL);
	memcpy(out, data, size);
	out[size] = '\0';
	return out;
}

static size_t
read_all(const char *source, struct block *list)
{
	size_t len = strlen(source), n = blocks_read(source, len, list, BLOCKS_MAX);
	const char *last = source, *end = source + len;

	must(n <= BLOCKS_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct block *b = &list[i];
		must(b->name[0] != '\0' && b->header >= last && *b->header == '[' && b->words > b->header &&
			 b->words + b->len <= end && b->end >= b->header && b->end <= end &&
			 b->words + b->len <= b->end + (b->len == 0 ? len : 0));
		last = b->header + 1;
	}
	return n;
}

static bool
same_words(const struct block *a, const struct block *b)
{
	return a->len == b->len && memcmp(a->words, b->words, a->len) == 0;
}

/* One text replaced by what was typed: it has those words then, and the others their own. */
static void
check_replace(const char *source, size_t n, size_t which, const char *typed)
{
	enum blocks_fault fault;
	char *out = blocks_replace(source, &before[which], typed, strlen(typed), &fault);

	must((out == NULL) == (fault != BLOCKS_GOOD));
	if (out == NULL)
		return;
	size_t now = read_all(out, after), first = 0;
	/* Of forms that stand there twice the first is meant. */
	while (!blocks_same_form(&before[first], &before[which]))
		first++;
	bool gone = now + 1 == n;
	must(now == n || gone);
	for (size_t i = 0, k = 0; i < n; i++) {
		if (i == first && gone)
			continue;
		must(blocks_same_form(&before[i], &after[k]));
		if (i != first)
			must(same_words(&before[i], &after[k]));
		k++;
	}
	free(out);
}

static void
check_compare(const char *a, const char *b)
{
	static struct block_line lines[BLOCKS_LINES_MAX];
	int n = blocks_compare(a, b, lines, BLOCKS_LINES_MAX);
	const char *x = a, *y = b;

	for (int i = 0; i < n; i++) {
		const struct block_line *l = &lines[i];
		if (l->sign != '+') {
			must(strncmp(x, l->text, l->len) == 0);
			x += l->len;
			x += *x == '\n';
		}
		if (l->sign != '-') {
			must(strncmp(y, l->text, l->len) == 0);
			y += l->len;
			y += *y == '\n';
		}
	}
	must(n < 0 || (*x == '\0' && *y == '\0'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *mark = size ? memchr(data, '%', size) : NULL;
	size_t len = mark ? (size_t)(mark - data) : size;
	char *source = copy(data, len), *typed = copy(mark ? mark + 1 : data, mark ? size - len - 1 : 0);
	size_t n = read_all(source, before);

	for (size_t i = 0; i < n && i < 6; i++)
		check_replace(source, n, i, typed);
	char *joined = blocks_join(source, typed);
	must(joined != NULL && strncmp(joined, source, strlen(source)) == 0 && read_all(joined, after) >= n);
	free(joined);
	check_compare(source, typed);
	free(source);
	free(typed);
	return 0;
}
