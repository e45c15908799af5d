/* Page templates: what is refused when they are read, and that nothing of a value reaches a page unescaped. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <event2/buffer.h>
#include "dialog/dialog.h"
#include "gateway/http/html.h"
#include "gateway/target.h"
#include "store/application.h"

static char *faults;

/* Templates and words of one test; *h is NULL when something was refused, with the faults in `faults`. */
static struct html *
make(const char *page, const char *zh, const char *en)
{
	size_t len;
	FILE *err = open_memstream(&faults, &len);
	struct html *h = html_new();
	int rc = html_add_template(h, "page.html", "page", page, strlen(page), err);

	rc |= html_add_template(h, "part.html", "part", "[{{name}}]", 10, err);
	rc |= html_add_words(h, "zh.txt", "zh", zh, strlen(zh), err);
	if (en != NULL)
		rc |= html_add_words(h, "en.txt", "en", en, strlen(en), err);
	if (rc == 0)
		rc = html_check(h, err);
	fclose(err);
	if (rc == 0)
		return h;
	html_free(h);
	return NULL;
}

static void
shows(const char *page, const char *words, const char *json, const char *want)
{
	struct html *h = make(page, words, NULL);
	struct evbuffer *out = evbuffer_new();
	json_t *data = json_loads(json, 0, NULL);

	assert_non_null(h);
	assert_non_null(data);
	assert_int_equal(html_render(h, "page", "zh", data, out), 0);
	evbuffer_add(out, "", 1);
	assert_string_equal((char *)evbuffer_pullup(out, -1), want);
	evbuffer_free(out);
	json_decref(data);
	html_free(h);
	free(faults);
}

static void
refuses(const char *page, const char *zh, const char *en, const char *fault)
{
	assert_null(make(page, zh, en));
	if (strstr(faults, fault) == NULL)
		fail_msg("\"%s\" is not among: %s", fault, faults);
	free(faults);
}

static void
values_are_escaped(void **state)
{
	(void)state;
	shows("<b>{{x}}</b>", "", "{\"x\": \"<script>&'\\\"\"}", "<b>&lt;script&gt;&amp;&#39;&quot;</b>");
	shows("<a title=\"{{x}}\">", "", "{\"x\": \"\\\" onclick=\\\"a()\"}", "<a title=\"&quot; onclick=&quot;a()\">");
	shows("{{n}} {{none}}.", "", "{\"n\": -12}", "-12 .");
	shows("{{+a}} {{+b}} {{+c}} {{+d}} {{+e}} {{+none}}.", "",
		"{\"a\": 7, \"b\": 1203, \"c\": 1234567, \"d\": -100000, \"e\": \"1203 <\"}",
		"7 1,203 1,234,567 -100,000 1203 &lt; .");
	shows("{{_w}} {{+n}}", "w: all {{+n}}", "{\"n\": 999}", "all 999 999");
	shows("{{a.b}}", "", "{\"a\": {\"b\": \"林 & 王\"}}", "林 &amp; 王");
}

static void
words_are_escaped_and_hold_values(void **state)
{
	(void)state;
	shows("<p>{{_w}}</p>", "w: 您好 {{x}} & <b>\n", "{\"x\": \"<i>\"}", "<p>您好 &lt;i&gt; &amp; &lt;b&gt;</p>");
	shows("{{@which}}", "# remark\na: one\nb: two,\n  and more\n", "{\"which\": \"b\"}", "two,\n  and more");
	shows("{{_w}}", "w: a {{o.x}}", "{\"o\": {\"x\": 3}}", "a 3");
	shows("{{_w}}", "w: no {{@kind}}\nstep: <step>", "{\"kind\": \"step\"}", "no &lt;step&gt;");
}

static void
sections_repeat_and_choose(void **state)
{
	(void)state;
	shows("{{#l}}<{{.}}>{{/l}}", "", "{\"l\": [\"a\", \"&\"]}", "<a><&amp;>");
	shows("{{#l}}{{name}}{{outer}} {{/l}}", "", "{\"outer\": \"!\", \"l\": [{\"name\": \"a\"}, {\"name\": \"b\"}]}",
		"a! b! ");
	shows("{{#t}}yes{{/t}}{{#f}}no{{/f}}{{^f}}not{{/f}}", "", "{\"t\": true, \"f\": false}", "yesnot");
	shows("{{#s}}a{{/s}}{{^s}}b{{/s}}", "", "{\"s\": \"\"}", "b");
	shows("{{#n}}{{n}}{{/n}}{{#z}}z{{/z}}", "", "{\"n\": 7, \"z\": 0}", "7");
	shows("{{^none}}b{{/none}}{{^l}}c{{/l}}", "", "{\"l\": []}", "bc");
	shows("{{#a}}{{#b}}{{x}}{{/b}}{{/a}}", "", "{\"a\": {\"b\": [{\"x\": 1}, {\"x\": 2}]}}", "12");
	shows("{{>part}}{{#l}}{{>part}}{{/l}}{{! remark }}", "", "{\"name\": \"A\", \"l\": [{\"name\": \"B\"}]}", "[A][B]");
}

static void
faults_name_file_and_line(void **state)
{
	(void)state;
	refuses("a\n{{#x}}", "", NULL, "page.html:2: a section does not end: x");
	refuses("a\n\n{{/x}}", "", NULL, "page.html:3: a section ends that was not begun here: x");
	refuses("{{#x}}{{#y}}{{/x}}{{/y}}", "", NULL, "page.html:1: a section ends that was not begun here: x");
	refuses("{{x", "", NULL, "page.html:1: a tag does not close");
	refuses("{{{x}}}", "", NULL, "page.html:1: a tag's name may hold");
	refuses("{{>other}}", "", NULL, "page.html:1: there is no template of this name: other");
	refuses("<a href={{x}}>", "", NULL, "page.html:1: an attribute's value must stand in quotes: x");
	refuses("{{_w}}", "", NULL, "page.html:1: the word is missing in zh.txt: w");
	refuses("", "a: 1\nb: 2", "a: 1", "en.txt: the word is missing: b");
	refuses("", "a: 1", "a: 1\nb: 2", "zh.txt: the word is missing: b");
	refuses("", "a: 1\na: 2", NULL, "zh.txt:2: the word is there twice: a");
	refuses("", "\nnonsense", NULL, "zh.txt:2: a line is NAME: TEXT");
	refuses("", "a: {{#x}}", NULL, "zh.txt:1: a word may hold values and words only: x");
}

static void
what_cannot_be_shown_is_told(void **state)
{
	struct html *h = make("{{@w}}", "a: 1", NULL);
	struct evbuffer *out = evbuffer_new();
	json_t *data = json_pack("{s:s}", "w", "b");

	(void)state;
	assert_int_equal(html_render(h, "page", "zh", data, out), -1);
	assert_int_equal(html_render(h, "page", "fr", data, out), -1);
	assert_int_equal(html_render(h, "other", "zh", data, out), -1);
	assert_true(html_has_language(h, "zh"));
	assert_false(html_has_language(h, "en"));
	assert_true(html_has_word(h, "a"));
	json_decref(data);
	html_free(h);
	free(faults);
	/* A part that holds itself ends, too. */
	h = make("{{>page}}", "", NULL);
	data = json_object();
	assert_int_equal(html_render(h, "page", "zh", data, out), -1);
	json_decref(data);
	evbuffer_free(out);
	html_free(h);
	free(faults);
}

/* A word with every argument in its place, as wording_faults.c fills them: "[1]" for the first. The caller frees. */
static char *
filled(const struct html *h, const char *word, const char *language)
{
	struct evbuffer *out = evbuffer_new();
	json_t *data = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "word", word, "kind", "fault.kind.step", "a1",
		"[1]", "a2", "[2]", "a3", "[3]", "a4", "[4]", "a5", "[5]", "a6", "[6]");

	if (html_render(h, "filled", language, data, out) != 0)
		fail_msg("%s: %s cannot be rendered", language, word);
	evbuffer_add(out, "", 1);
	char *text = strdup((char *)evbuffer_pullup(out, -1));
	assert_non_null(text);
	evbuffer_free(out);
	json_decref(data);
	return text;
}

/*
 * A fault of a dialog is told in the reader's words, which no template names, and in every language of the same things:
 * none that the fault does not speak of.
 */
static void
every_fault_of_a_dialog_has_words(void **state)
{
	static const struct {
		const char *code, *english;
		enum dialog_fault_about about;
	} rows[] = {
#define DIALOG_FAULT(id, code, about, words) {code, words, DIALOG_FAULT_ABOUT_##about},
#include "dialog/faults.def"
#undef DIALOG_FAULT
	};
	static const char *const kinds[] = {
		"dialog", "step", "end", "text", "target", "effect", "worklist", "slot", "event"};
	struct html *h = html_load("templates/web", stderr);

	(void)state;
	assert_non_null(h);
	assert_int_equal(html_add_template(h, "filled.html", "filled", "{{@word}}", 9, stderr), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char word[80];
		(void)snprintf(word, sizeof(word), "fault.%s", rows[i].code);
		if (!html_has_word(h, word))
			fail_msg("templates/web/*.txt have no %s", word);
		char *zh = filled(h, word, "zh"), *en = filled(h, word, "en");
		for (int a = 1; a <= DIALOG_FAULT_ARGS; a++) {
			char page[16], command[16];
			(void)snprintf(page, sizeof(page), "[%d]", a);
			(void)snprintf(command, sizeof(command), "{%d}", a);
			bool there = strstr(zh, page) != NULL;
			if (there != (strstr(en, page) != NULL) || (there && strstr(rows[i].english, command) == NULL))
				fail_msg("%s: argument %d: %s / %s / %s", word, a, rows[i].english, zh, en);
			/* The place before it has a text's name and form already. */
			if (there && a <= 2 && rows[i].about == DIALOG_FAULT_ABOUT_FORM)
				fail_msg("%s says argument %d twice", word, a);
		}
		free(zh);
		free(en);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char word[80];
		(void)snprintf(word, sizeof(word), "fault.kind.%s", kinds[i]);
		assert_true(html_has_word(h, word));
	}
	html_free(h);
}

/* Every template and word that is shipped. */
static void
the_shipped_pages_load(void **state)
{
	struct html *h = html_load("templates/web", stderr);

	(void)state;
	assert_non_null(h);
	assert_true(html_has_language(h, "zh") && html_has_language(h, "en"));
	/* A refused act is told in the reader's words, which no template names. */
	for (const char *const *code = application_refusals(); *code != NULL; code++) {
		char word[80];
		(void)snprintf(word, sizeof(word), "refused.%s", *code);
		if (!html_has_word(h, word))
			fail_msg("templates/web/*.txt have no %s", word);
	}
	for (int fault = TARGET_GOOD + 1; fault < TARGET_FAULTS; fault++) {
		char word[80];
		(void)snprintf(word, sizeof(word), "hooks.wrong.%s", target_fault_name((enum target_fault)fault));
		if (!html_has_word(h, word))
			fail_msg("templates/web/*.txt have no %s", word);
	}
	html_free(h);
	char *text;
	size_t len;
	FILE *err = open_memstream(&text, &len);
	assert_null(html_load("templates/no-such-folder", err));
	fclose(err);
	assert_non_null(strstr(text, "no-such-folder: could not read the folder"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_escaped),
		cmocka_unit_test(words_are_escaped_and_hold_values),
		cmocka_unit_test(sections_repeat_and_choose),
		cmocka_unit_test(faults_name_file_and_line),
		cmocka_unit_test(what_cannot_be_shown_is_told),
		cmocka_unit_test(every_fault_of_a_dialog_has_words),
		cmocka_unit_test(the_shipped_pages_load),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
