/* The CSV reader and its files: quotes, line ends, row numbers, limits, encodings, and damage that stays where it is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/csv.h"
#include "gateway/csv_file.h"
#include "tests/lib/folder.h"

/* Rows as one text: "1[a|b] 2!fault@column[a]". */
struct seen {
	char text[4096];
	size_t len;
	int stop_after;
	int64_t rows;
	size_t longest_field, longest_raw;
};

static void
put(struct seen *s, const char *text)
{
	size_t n = strlen(text);

	if (s->len + n < sizeof s->text) {
		memcpy(s->text + s->len, text, n + 1);
		s->len += n;
	}
}

static int
on_row(void *arg, const struct csv_row *row)
{
	struct seen *s = arg;
	char number[64];

	s->rows++;
	if (row->raw_len > s->longest_raw)
		s->longest_raw = row->raw_len;
	snprintf(number, sizeof number, "%s%lld", s->len ? " " : "", (long long)row->number);
	put(s, number);
	if (row->fault) {
		snprintf(number, sizeof number, "@%zu", row->fault_column);
		put(s, "!");
		put(s, row->fault);
		put(s, number);
	}
	put(s, "[");
	for (size_t i = 0; i < row->nfields; i++) {
		if (row->fields[i].len > s->longest_field)
			s->longest_field = row->fields[i].len;
		put(s, i ? "|" : "");
		put(s, row->fields[i].len > 200 ? "(long)" : row->fields[i].text);
	}
	put(s, "]");
	return s->stop_after && s->rows >= s->stop_after ? 7 : 0;
}

static void
parse(struct seen *s, const char *text, size_t len, size_t piece)
{
	struct csv *c = csv_new(on_row, s);
	int stopped = 0;

	for (size_t at = 0; at < len && !stopped; at += piece)
		stopped = csv_feed(c, text + at, len - at < piece ? len - at : piece);
	if (!stopped)
		csv_finish(c);
	csv_free(c);
}

/* The same whether it comes whole or octet by octet. */
static void
expect_n(const char *text, size_t len, const char *rows)
{
	struct seen whole = {0}, single = {0};

	parse(&whole, text, len, len ? len : 1);
	assert_string_equal(whole.text, rows);
	parse(&single, text, len, 1);
	assert_string_equal(single.text, rows);
}

static void
expect(const char *text, const char *rows)
{
	expect_n(text, strlen(text), rows);
}

static void
test_plain(void **state)
{
	(void)state;
	expect("", "");
	expect("a,b\n", "1[a|b]");
	expect("a,b", "1[a|b]");
	expect("a,\n,b\n", "1[a|] 2[|b]");
	expect(",", "1[|]");
	expect("\xef\xbb\xbf"
		   "a,b\n",
		"1[a|b]");
	expect("\xef\xbb\xbf\"a\",b\n", "1[a|b]");
	expect("\xef\xbb", "1[\xef\xbb]");
	expect("a b , c\n", "1[a b | c]");
	expect("5\" pipe,x\n", "1[5\" pipe|x]");
}

static void
test_line_ends(void **state)
{
	(void)state;
	expect("a\nb\n", "1[a] 2[b]");
	expect("a\r\nb\r\n", "1[a] 2[b]");
	expect("a\rb\r", "1[a] 2[b]");
	expect("a\r\n\r\nb", "1[a] 3[b]");
	expect("a\n\n\nb\n", "1[a] 4[b]");
	expect("a\r\r\nb", "1[a] 3[b]");
	expect("\n\n", "");
	expect("\"\"\nb\n", "1[] 2[b]");
}

static void
test_quotes(void **state)
{
	(void)state;
	expect("\"a,b\",c\n", "1[a,b|c]");
	expect("\"a\"\"b\",\"\"\"\"\n", "1[a\"b|\"]");
	expect("\"a\nb\",c\nd,e\n", "1[a\nb|c] 2[d|e]");
	expect("\"a\r\nb\"\r\nd\r\n", "1[a\r\nb] 2[d]");
	expect("\"a\rb\"\rd", "1[a\rb] 2[d]");
	expect("\"a\"", "1[a]");
}

/* A stray quote costs its own line; the numbers of the rows behind it are those of the lines. */
static void
test_stray_quote(void **state)
{
	(void)state;
	expect("a,\"b\nc,d\ne,f\n", "1!a quote that is never closed@2[a|b\nc,d\ne,f\n] 2[c|d] 3[e|f]");
	expect("a\n\"b", "1[a] 2!a quote that is never closed@1[b]");
	expect("\"a\"b,c\nd\n", "1!text after the closing quote@1[a] 2[d]");
	expect("\"a\"b,c\r\nd\r\n", "1!text after the closing quote@1[a] 2[d]");
	expect("\"a\nb\"c,d\ne\n", "1!text after the closing quote@1[a\nb] 2[b\"c|d] 3[e]");
	expect("\"a\r\nb\"c\ne\n", "1!text after the closing quote@1[a\r\nb] 2[b\"c] 3[e]");
}

static void
test_nul(void **state)
{
	(void)state;
	expect_n("a\0b,c\nd\n", 8, "1!a NUL octet@1[ab|c] 2[d]");
	expect_n("a,\"\0\"\nd\n", 8, "1!a NUL octet@2[a|] 2[d]");
}

static void
test_limits(void **state)
{
	struct seen s = {0};
	char *text = malloc(300000);
	size_t n = 0;

	(void)state;
	memset(text, 'x', 300000);
	text[CSV_FIELD_MAX] = '\n';
	memcpy(text + CSV_FIELD_MAX + 1, "y\n", 2);
	parse(&s, text, CSV_FIELD_MAX + 3, 1000);
	assert_string_equal(s.text, "1[(long)] 2[y]");

	memset(&s, 0, sizeof s);
	text[CSV_FIELD_MAX] = 'x';
	text[CSV_FIELD_MAX + 1] = '\n';
	parse(&s, text, CSV_FIELD_MAX + 2, 1000);
	assert_string_equal(s.text, "1!longer than 8192 octets@1[(long)]");

	/* a line without an end: cut, and what comes behind it is read */
	memset(&s, 0, sizeof s);
	memset(text, ',', 300000);
	memcpy(text + 299990, "\nz,y\n", 5);
	parse(&s, text, 299995, 4096);
	assert_int_equal(s.rows, 2);
	assert_true(s.longest_raw <= CSV_ROW_MAX);
	assert_non_null(strstr(s.text, "1!more than 64 columns@0["));
	assert_non_null(strstr(s.text, " 2[z|y]"));

	/* a quote that opens and 300,000 octets of lines behind it */
	memset(&s, 0, sizeof s);
	text[n++] = '"';
	while (n + 4 < 300000) {
		memcpy(text + n, "a,b\n", 4);
		n += 4;
	}
	parse(&s, text, n, 8192);
	assert_true(strncmp(s.text, "1!longer than 8192 octets@1[", 28) == 0);
	assert_int_equal(s.rows, (n - 1) / 4);
	free(text);
}

/* Tabs and semicolons, told by the first line that is not empty; what stands in quotes tells nothing. */
static void
test_separators(void **state)
{
	(void)state;
	expect("a\tb,c\n1,5\t\"2\t3\"\n", "1[a|b,c] 2[1,5|2\t3]");
	expect("\n\na;b;c,d\n1,5;2\n", "3[a|b|c,d] 4[1,5|2]");
	expect("a,b;c\n1;2,3\n", "1[a|b;c] 2[1;2|3]");
	expect("\"a;b;c\td\",e\nf;g,h\n", "1[a;b;c\td|e] 2[f;g|h]");
	expect("\"a\nb\";c\nd;e\n", "1[a\nb|c] 2[d|e]");
	expect("a\nb;c\td\n", "1[a] 2[b;c\td]");
	expect("a;b", "1[a|b]");
	expect("5\" pipe;b\n6;c\n", "1[5\" pipe|b] 2[6|c]");
}

static void
test_stop(void **state)
{
	struct seen s = {.stop_after = 2};
	struct csv *c = csv_new(on_row, &s);

	(void)state;
	assert_int_equal(csv_feed(c, "a\nb\nc\n", 6), 7);
	assert_string_equal(s.text, "1[a] 2[b]");
	csv_free(c);
}

static void
test_write(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	csv_write(out, "plain", 5, true);
	csv_write(out, "a,b", 3, false);
	csv_write(out, "q\"q", 3, false);
	csv_write(out, "l\nl", 3, false);
	csv_write(out, "", 0, false);
	csv_write(out, " x", 2, false);
	fclose(out);
	assert_string_equal(text, "plain,\"a,b\",\"q\"\"q\",\"l\nl\",,\" x\"");
	expect(text, "1[plain|a,b|q\"q|l\nl|| x]");
	free(text);
}

static void
test_formulas(void **state)
{
	static const char *const guarded[] = {"=1+1", "=cmd|'/C calc'!A0", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1",
		"\n=1", "＝1", "＋1", "－1", "＠x", "-", "+"};
	static const char *const plain[] = {"", "13800138000", "+8613800138000", "-12.5", "a=b", "王记=店", " =1", "'=1"};
	char *text, want[100];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof guarded / sizeof guarded[0] + sizeof plain / sizeof plain[0]; i++) {
		bool bad = i < sizeof guarded / sizeof guarded[0];
		const char *cell = bad ? guarded[i] : plain[i - sizeof guarded / sizeof guarded[0]];
		FILE *out = open_memstream(&text, &len);
		csv_write_guarded(out, cell, strlen(cell), true);
		fclose(out);
		snprintf(want, sizeof want, "1[%s%s]", bad ? "'" : "", cell);
		if (*cell != '\0')
			expect(text, want);
		free(text);
	}
}

/* ---- Files -------------------------------------------------------------------------------------------------- */

static char folder[256], path[300];

static void
write_file(const void *octets, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fwrite(octets, 1, len, f);
	fclose(f);
}

static void
expect_file(const void *octets, size_t len, const char *encoding, const char *rows)
{
	const char *error;
	struct seen s = {0};
	struct csv *c = csv_new(on_row, &s);
	struct csv_file *f;
	int more;

	write_file(octets, len);
	f = csv_file_open(path, &error);
	assert_non_null(f);
	assert_string_equal(csv_file_encoding(f), encoding);
	assert_int_equal(csv_file_size(f), len);
	while ((more = csv_file_feed(f, c)) > 0)
		;
	assert_int_equal(more, 0);
	assert_int_equal(csv_file_offset(f), len);
	if (rows)
		assert_string_equal(s.text, rows);
	csv_file_close(f);
	csv_free(c);
}

static void
expect_refused(const void *octets, size_t len, const char *word)
{
	const char *error = NULL;

	write_file(octets, len);
	assert_null(csv_file_open(path, &error));
	assert_non_null(strstr(error, word));
}

#define FILE_IS(text, encoding, rows) expect_file(text, sizeof text - 1, encoding, rows)

static void
test_encodings(void **state)
{
	(void)state;
	FILE_IS("a,b\n", "UTF-8", "1[a|b]");
	FILE_IS("\xef\xbb\xbf\xe6\xb2\x82\xe6\xba\x90,b\n", "UTF-8", "1[沂源|b]");
	/* 沂源县,餐饮 in GBK, then a character of four octets: U+20000 */
	FILE_IS("\xd2\xca\xd4\xb4\xcf\xd8,\xb2\xcd\xd2\xfb\n", "GB18030", "1[沂源县|餐饮]");
	FILE_IS("\xd2\xca,\x95\x32\x82\x36\n", "GB18030", "1[沂|\xf0\xa0\x80\x80]");
	/* one bad octet in UTF-8, and one in GB18030: named by row and column through U+FFFD */
	FILE_IS("沂源县,餐\xff\n山东,b\n", "UTF-8", "1[沂源县|餐\xef\xbf\xbd] 2[山东|b]");
	FILE_IS("\xd2\xca\xd4\xb4,a\n\xff,\xcf\xd8\n", "GB18030", "1[沂源|a] 2[\xef\xbf\xbd|县]");
	FILE_IS("沂\xe6\xb2", "UTF-8", "1[沂\xef\xbf\xbd\xef\xbf\xbd]");
	FILE_IS("\xd2\xca\xd4\xb4\xd2", "GB18030", "1[沂源\xef\xbf\xbd]");
	/* 沂源, U+20000 as two units; half a pair and a last octet alone are named as well */
	FILE_IS("\xff\xfe\x82\x6c\x90\x6e\t\0\x40\xd8\0\xdc\r\0\n\0", "UTF-16", "1[沂源|\xf0\xa0\x80\x80]");
	FILE_IS("\xfe\xff\x6c\x82\x6e\x90\0\t\xd8\x40\xdc\0\0\n", "UTF-16", "1[沂源|\xf0\xa0\x80\x80]");
	FILE_IS("\xff\xfe\x40\xd8"
			"a\0\n\0b\0c",
		"UTF-16",
		"1[\xef\xbf\xbd"
		"a] 2[b\xef\xbf\xbd]");
}

static void
test_strangers(void **state)
{
	const char *error;

	(void)state;
	expect_refused("", 0, "empty");
	expect_refused("PK\3\4aaaa", 8, "workbook");
	unlink(path);
	assert_null(csv_file_open(path, &error));
	assert_non_null(strstr(error, "No such file"));
	assert_null(csv_file_open("/", &error));
	assert_non_null(strstr(error, "regular"));
}

/* Characters across the borders of the pieces that a file is read in, in both encodings. */
static void
test_piece_borders(void **state)
{
	size_t room = 400000, n = 0;
	char *text = malloc(room);
	struct seen utf8 = {0}, gbk = {0};

	(void)state;
	for (int shift = 0; shift < 3; shift++) {
		const char *error;
		struct csv *c = csv_new(on_row, shift ? &gbk : &utf8);
		struct csv_file *f;

		memset(&utf8, 0, sizeof utf8);
		memset(&gbk, 0, sizeof gbk);
		for (n = 0; n < (size_t)shift; n++)
			text[n] = 'x';
		while (n + 20 < room) {
			memcpy(text + n, shift ? "\xd2\xca\xd4\xb4\xcf\xd8\n" : "沂源县\n", shift ? 7 : 10);
			n += shift ? 7 : 10;
		}
		write_file(text, n);
		f = csv_file_open(path, &error);
		assert_non_null(f);
		while (csv_file_feed(f, c) > 0)
			;
		assert_null(strstr(shift ? gbk.text : utf8.text, "\xef\xbf\xbd"));
		assert_int_equal(shift ? gbk.rows : utf8.rows, (n - (size_t)shift) / (shift ? 7 : 10));
		assert_int_equal(shift ? gbk.longest_field : utf8.longest_field, 9 + shift);
		csv_file_close(f);
		csv_free(c);
	}
	free(text);
}

static int
setup(void **state)
{
	(void)state;
	if (folder_make(folder, sizeof(folder), "csv") != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/list.csv", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return folder_drop(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_stray_quote),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_separators),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_formulas),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test(test_piece_borders),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
