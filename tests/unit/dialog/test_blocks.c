/* One text of a wording file is replaced, and nothing else of it changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dialog/blocks.h"

static const char file[] = "# head\n\n[a parts=2]\nfirst\n\nsecond\n\n# about b\n[b many parts=5 "
						   "list=3]\nlist\n\n[b]\nplain\n[c ussd pages=2]\nscreen\n* yes: Yes\n";

static void
test_read(void **state)
{
	(void)state;
	struct block list[8];
	assert_int_equal(blocks_read(file, strlen(file), list, 8), 4);
	assert_string_equal(list[0].name, "a");
	assert_int_equal(list[0].parts, 2);
	assert_memory_equal(list[0].words, "first\n\nsecond", list[0].len);
	assert_int_equal(list[0].len, strlen("first\n\nsecond"));
	assert_true(list[1].many && !list[1].ussd && list[1].list == 3);
	const struct block *b = blocks_find(list, 4, "b", false, false);
	assert_ptr_equal(b, &list[2]);
	assert_memory_equal(b->words, "plain", b->len);
	assert_true(list[3].ussd && list[3].pages == 2);
	assert_memory_equal(list[3].words, "screen\n* yes: Yes", list[3].len);
	assert_null(blocks_find(list, 4, "a", true, false));
	assert_int_equal(blocks_read(file, strlen(file), list, 2), 2);
	assert_int_equal(blocks_read("", 0, list, 8), 0);
	assert_int_equal(blocks_read("[", 1, list, 8), 0);
	assert_int_equal(blocks_read("[]\nx\n[ ]\ny\n[d]", 14, list, 8), 1);
	assert_int_equal(list[0].len, 0);
}

static void
expect(const char *source, struct block as, const char *words, const char *want)
{
	enum blocks_fault fault;
	char *out = blocks_replace(source, &as, words, strlen(words), &fault);
	assert_int_equal(fault, BLOCKS_GOOD);
	assert_non_null(out);
	assert_string_equal(out, want);
	free(out);
}

static void
test_replace(void **state)
{
	(void)state;
	expect(file, (struct block){.name = "a"}, "\n\nnew\nwords\n\n",
		"# head\n\n[a parts=2]\nnew\nwords\n\n# about b\n[b many parts=5 list=3]\nlist\n\n[b]\nplain\n[c ussd "
		"pages=2]\nscreen\n* yes: Yes\n");
	expect(file, (struct block){.name = "c", .ussd = true, .pages = 4}, "* no: No",
		"# head\n\n[a parts=2]\nfirst\n\nsecond\n\n# about b\n[b many parts=5 list=3]\nlist\n\n[b]\nplain\n[c ussd "
		"pages=4]\n* no: No\n");
	/* A form besides the plain one goes when it has no words any more. */
	expect("[b many]\nx\n[b]\ny\n", (struct block){.name = "b", .many = true}, "", "[b]\ny\n");
	expect("[b]\ny", (struct block){.name = "b", .many = true, .parts = 4}, "z", "[b]\ny\n\n[b many parts=4]\nz\n");
	/* The form for a tag is another than the one for all, and may go too. */
	expect("[b for=shop parts=4]\nx\n[b]\ny\n", (struct block){.name = "b", .tag = "shop"}, "z",
		"[b for=shop parts=4]\nz\n[b]\ny\n");
	expect("[b for=shop]\nx\n[b]\ny\n", (struct block){.name = "b"}, "z", "[b for=shop]\nx\n[b]\nz\n");
	expect("[b for=shop]\nx\n[b]\ny\n", (struct block){.name = "b", .tag = "shop"}, "", "[b]\ny\n");
	expect("[b]\ny\n", (struct block){.name = "b", .ussd = true, .tag = "个体", .pages = 2}, "z",
		"[b]\ny\n\n[b ussd for=个体 pages=2]\nz\n");
}

static void
test_refused(void **state)
{
	(void)state;
	enum blocks_fault fault;
	struct block a = {.name = "a"};
	assert_null(blocks_replace(file, &a, "x\n[b]\ny", 7, &fault));
	assert_int_equal(fault, BLOCKS_LINE);
	assert_null(blocks_replace(file, &a, "x\n#y", 4, &fault));
	assert_int_equal(fault, BLOCKS_LINE);
	assert_null(blocks_replace(file, &a, " \n ", 3, &fault));
	assert_int_equal(fault, BLOCKS_EMPTY);
	char *large = calloc(1, 300000);
	memset(large, 'x', 299999);
	assert_null(blocks_replace(file, &a, large, 299999, &fault));
	assert_int_equal(fault, BLOCKS_LARGE);
	free(large);
}

static void
compared(const char *a, const char *b, const char *signs)
{
	struct block_line lines[32];
	int n = blocks_compare(a, b, lines, 32);
	assert_int_equal(n, strlen(signs));
	for (int i = 0; i < n; i++)
		assert_int_equal(lines[i].sign, signs[i]);
}

static void
test_compare(void **state)
{
	(void)state;
	compared("a\nb\nc\n", "a\nb\nc\n", "   ");
	compared("a\nb\nc\n", "a\nx\nc\n", " -+ ");
	compared("", "a\nb", "++");
	compared("a\nb", "", "--");
	compared("a\nb\nc\nd", "b\nd\ne", "- - +");
	struct block_line lines[4];
	assert_int_equal(blocks_compare("a\nb\nc", "d\ne", lines, 4), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_replace),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_compare)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
