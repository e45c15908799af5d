/* The alphabets of a link, from the lines of its configuration to what octets mean and how texts are written. */
#include "tests/unit/gateway/conf_help.h"
#include "dialog/national.h"
#include "gateway/smpp/alphabet.h"

#define LINK_WITH(lines)                                                                                               \
	"link \"east\" { hosts = {\"127.0.0.1:2775\"} system_id = \"huizhi\" password = \"secret\"\n" lines "\n}\n"        \
	"bureau \"wendeng\" { id = 1 name = \"n\" signature = \"s\" short_code = \"10690001\" links = {\"east\"} }\n"

static struct alphabet
alphabet(const char *text)
{
	const char *faults;
	struct conf *c = load(text, &faults);
	struct alphabet a;

	assert_string_equal(faults, "");
	alphabet_of(&c->links[0], &a);
	conf_free(c);
	return a;
}

static void
says(const struct alphabet *a, const char *in, size_t len, uint8_t data_coding, const char *want)
{
	char out[200];

	text_decode((enum text_coding)a->in.of[data_coding], (const uint8_t *)in, len, out, sizeof out);
	assert_string_equal(out, want);
}

static struct text_wire
written(const struct alphabet *a, const char *text)
{
	struct text_parts p;
	struct text_wire w;

	assert_int_equal(text_split_by(&a->out, text, strlen(text), &p), 0);
	assert_int_equal(text_part_encode(text, strlen(text), &p, 0, 1, &w), 0);
	return w;
}

/* smpp.md, inbound: data_coding 0 is per link; 1, 3, 6, 7, 8 as specified; 2 and 4 binary; 0xF0-0xF3, 0xF4-0xF7. */
static void
the_default(void **state)
{
	struct alphabet a = alphabet(LINK_WITH(""));
	struct text_wire w = written(&a, "Y @ é");

	(void)state;
	says(&a, "\0\4", 2, 0, "@è");
	says(&a, "A", 1, 1, "A");
	says(&a, "1", 1, 2, "\xEF\xBF\xBD");
	says(&a, "\xE9", 1, 3, "é");
	says(&a, "1", 1, 4, "\xEF\xBF\xBD");
	says(&a, "\xB4\xD0", 2, 6, "Да");
	says(&a, "\xEB\xEF", 2, 7, "כן");
	says(&a, "\x66\x2F\xD8\x3D\xDE\x00", 6, 8, "是\xF0\x9F\x98\x80");
	for (int i = 0xF0; i <= 0xF3; i++)
		says(&a, "\0", 1, (uint8_t)i, "@");
	for (int i = 0xF4; i <= 0xF7; i++)
		says(&a, "1", 1, (uint8_t)i, "\xEF\xBF\xBD");
	assert_int_equal(w.data_coding, 0);
	assert_memory_equal(w.octets, "Y \0 \5", 5);
	w = written(&a, "是");
	assert_int_equal(w.data_coding, 8);
	assert_int_equal(a.out.national, 0);
}

static void
other_defaults(void **state)
{
	struct alphabet a = alphabet(LINK_WITH("default_alphabet = \"latin1\""));
	struct text_wire w = written(&a, "@ é");

	(void)state;
	says(&a, "\xE9@", 2, 0, "é@");
	says(&a, "\0", 1, 0xF0, "@"); /* the other numbers mean what they always do */
	assert_int_equal(w.data_coding, 0);
	assert_int_equal(w.len, 3);
	assert_memory_equal(w.octets, "@ \xE9", 3);

	/* The same carrier takes GSM-7 under a number of its own. */
	a = alphabet(LINK_WITH("default_alphabet = \"latin1\" data_coding_gsm7 = 240"));
	w = written(&a, "@ é");
	assert_int_equal(w.data_coding, 0xF0);
	assert_memory_equal(w.octets, "\0 \5", 3);

	a = alphabet(LINK_WITH("default_alphabet = \"ascii\""));
	says(&a, "a@", 2, 0, "a@");
	assert_memory_equal(written(&a, "a@").octets, "a@", 2);
	assert_int_equal(written(&a, "é").data_coding, 8);

	a = alphabet(LINK_WITH("default_alphabet = \"ucs2\" data_coding_ucs2 = 0"));
	says(&a, "\x66\x2F", 2, 0, "是");
	w = written(&a, "Y");
	assert_int_equal(w.data_coding, 0);
	assert_int_equal(w.len, 2);
}

static void
packed(void **state)
{
	struct alphabet a = alphabet(LINK_WITH("gsm7_packed = true"));
	struct text_wire w = written(&a, "hello");

	(void)state;
	says(&a, "\xE8\x32\x9B\xFD\x06", 5, 0, "hello");
	says(&a, "\xE8\x32\x9B\xFD\x06", 5, 0xF1, "hello");
	assert_int_equal(w.len, 5);
	assert_memory_equal(w.octets, "\xE8\x32\x9B\xFD\x06", 5);
}

static void
numbers_that_mean_something_else(void **state)
{
	struct alphabet a = alphabet(LINK_WITH("data_codings = {\"4=latin1\", \"2=gsm7\", \"15=utf8\", \"0xF5=ucs2\"}"));

	(void)state;
	says(&a, "\xE9", 1, 4, "é");
	says(&a, "\0", 1, 2, "@");
	says(&a, "是", 3, 15, "是");
	says(&a, "\x66\x2F", 2, 0xF5, "是");
	a = alphabet(LINK_WITH("data_codings = {\"4=ucs2\"} data_coding_ucs2 = 4"));
	assert_int_equal(written(&a, "是").data_coding, 4);
}

static void
national_tables_of_the_link(void **state)
{
	struct alphabet a = alphabet(LINK_WITH("national_shift = {\"turkish\", \"urdu\"}"));

	(void)state;
	assert_int_equal(a.out.national, 1 << NATIONAL_TURKISH | 1 << NATIONAL_URDU);
	/* Every language has its word in the table of keys. */
	for (int i = NATIONAL_TURKISH; i < NATIONAL_COUNT; i++) {
		char text[600];

		(void)snprintf(text, sizeof text, LINK_WITH("national_shift = {\"%s\"}"), national_name(i));
		assert_int_equal(alphabet(text).out.national, 1 << i);
	}
}

static void
faults(void **state)
{
	(void)state;
	assert_fault(LINK_WITH("data_codings = {\"4=ebcdic\"}"),
		"t.conf:2: link \"east\": data_codings = \"4=ebcdic\": must be NUMBER=ALPHABET");
	assert_fault(LINK_WITH("data_codings = {\"4=utf8\",\n\"0x04=latin1\"}"),
		"t.conf:3: link \"east\": data_codings: \"0x04=latin1\" and \"4=utf8\" speak of the same number");
	assert_fault(
		LINK_WITH("data_coding_gsm7 = 4"), "t.conf:2: link \"east\": data_coding_gsm7: no text can be written so");
	assert_fault(
		LINK_WITH("\ndata_coding_ucs2 = 3"), "t.conf:3: link \"east\": data_coding_ucs2: on this link the number");
	assert_fault(
		LINK_WITH("national_shift = {\"klingon\"}"), "t.conf:2: link \"east\": national_shift = \"klingon\": must");
	assert_fault(LINK_WITH("data_coding_gsm7 = 256"), "must lie between 0 and 255");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default),
		cmocka_unit_test(other_defaults),
		cmocka_unit_test(packed),
		cmocka_unit_test(numbers_that_mean_something_else),
		cmocka_unit_test(national_tables_of_the_link),
		cmocka_unit_test(faults),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
