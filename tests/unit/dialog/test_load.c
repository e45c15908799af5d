/*
 * What the loader refuses. Each row bends one place of a dialog that is good, and says in which file and line the fault
 * must be told and how; nothing else may be told beside it, so that one mistake is one line for its author.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/dialog.h"

#define GOOD_DLG                                                                                                       \
	"dialog good 1\n"                                                                                                  \
	"step one\n"                                                                                                       \
	"  ask question\n"                                                                                                 \
	"  yes -> two do consent\n"                                                                                        \
	"  \"blue\" -> done\n"                                                                                             \
	"  else -> same say again at most 2 then clerk\n"                                                                  \
	"  silent 3d -> same at most 2 then done\n"                                                                        \
	"step two\n"                                                                                                       \
	"  tell question\n"                                                                                                \
	"  number 1-5 in rating -> done do rate say again\n"                                                               \
	"  event finished -> done\n"                                                                                       \
	"  else -> clerk\n"                                                                                                \
	"  silent 12h -> done\n"                                                                                           \
	"step clerk\n"                                                                                                     \
	"  list read\n"                                                                                                    \
	"  yes -> back\n"                                                                                                  \
	"  else -> same say again at most 1 then same\n"                                                                   \
	"  silent 30m -> done\n"                                                                                           \
	"end done say again\n"                                                                                             \
	"anywhere\n"                                                                                                       \
	"  STOP -> done do opt_out\n"                                                                                      \
	"  HELP, STATUS, LANGUAGE, NOT ME, CHECK, START -> same say again\n"
#define GOOD_ZH                                                                                                        \
	"[question parts=2]\n"                                                                                             \
	"{item}要到期了,办吗?\n"                                                                                     \
	"[again]\n"                                                                                                        \
	"请回复 Y。\n"                                                                                                 \
	"[list]\n"                                                                                                         \
	"{#applications}{n}. {item}\n"                                                                                     \
	"{/applications}\n"
#define GOOD_EN                                                                                                        \
	"[question parts=2]\n"                                                                                             \
	"Renew {item}?\n"                                                                                                  \
	"[again]\n"                                                                                                        \
	"Reply Y.\n"                                                                                                       \
	"[list]\n"                                                                                                         \
	"{#applications}{n}. {item}\n"                                                                                     \
	"{/applications}\n"

enum file {
	DLG,
	ZH,
	EN
};
static const char *const names[] = {"good.dlg", "good.zh.txt", "good.en.txt"};

#define TEN(x) x x x x x x x x x x

struct refusal {
	const char *name;
	enum file file;	  /* the file that is bent: */
	const char *find; /* this is replaced ("" = at the end is added) */
	const char *put;
	enum file told; /* where the fault is told */
	int line;
	const char *text; /* contained in what is told */
	int faults;		  /* how many in all; 0 = more than this row is about */
};

static const struct refusal refusals[] = {
	/* names that lead nowhere */
	{"missing target", DLG, "yes -> two", "yes -> tow", DLG, 4, "there is no step and no end \"tow\"", 2},
	{"missing target of at most", DLG, "then clerk", "then nobody", DLG, 6, "there is no step and no end \"nobody\"",
		1},
	{"text in no wording file", DLG, "  ask question", "  ask qestion", DLG, 3, "there is no text \"qestion\"", 1},
	{"text of a branch", DLG, "rate say again", "rate say agian", DLG, 10, "there is no text \"agian\"", 1},
	{"text of an end", DLG, "end done say again", "end done say bye", DLG, 19, "there is no text \"bye\"", 1},
	{"unknown effect", DLG, "do consent", "do consnet", DLG, 4,
		"there is no effect \"consnet\"; do you mean \"consent\"", 1},
	{"unknown event", DLG, "event finished", "event finishd", DLG, 11, "no event \"finishd\"; do you mean \"finished\"",
		1},
	{"unknown worklist", DLG, "  list read", "  list reed", DLG, 15, "there is no worklist \"reed\"", 1},
	{"unknown slot", DLG, "in rating", "in ratings", DLG, 10, "no slot \"ratings\"; do you mean \"rating\"", 1},
	{"unknown placeholder", ZH, "{item}要", "{itme}要", ZH, 1, "there is no placeholder {itme}; do you mean {item}", 1},
	{"unknown word list", DLG, "  yes -> two", "  yep -> two", DLG, 4, "\"yep\" is no word list and no reserved word",
		1},
	{"unknown effect near none", DLG, "do consent", "do abracadabra", DLG, 4, "there is no effect \"abracadabra\"", 1},
	/* wording */
	{"missing wording", EN, "[again]\nReply Y.\n", "", ZH, 3, "the text \"again\" is missing in the language en", 1},
	{"wording of no dialog's", ZH, "", "[more]\n多\n", ZH, 8, "the text \"more\" is missing in the language en", 1},
	{"double text", ZH, "", "[again]\n再\n", ZH, 8, "stands in good.zh.txt, line 3 already", 1},
	{"empty text", ZH, "请回复 Y。\n", "", ZH, 3, "it has no words", 1},
	{"line before the first header", EN, "[question parts=2]", "Hello\n[question parts=2]", EN, 1,
		"before the first header", 1},
	{"bad header", EN, "[again]", "[again twice]", EN, 3, "\"twice\" is not understood", 2},
	{"bad name in a header", EN, "[again]", "[Again]", EN, 3, "a header is [NAME]", 2},
	{"header not closed", EN, "[again]", "[again", EN, 3, "ends with ]", 2},
	{"too many parts allowed", EN, "parts=2", "parts=8", EN, 1, "\"parts=8\" is not understood", 2},
	{"control character", EN, "Reply Y", "Reply\x01Y", EN, 4, "control character (0x01)", 2},
	{"open brace", EN, "{item}?", "{item?", EN, 1, "a { is opened and not closed", 1},
	{"lone brace", EN, "{item}?", "item}?", EN, 1, "a } closes nothing", 1},
	{"list not closed", EN, "{/applications}", "", EN, 5, "{#applications} is not closed", 1},
	{"list closed twice", EN, "{/applications}", "{/applications}{/applications}", EN, 5, "closes nothing that is open",
		1},
	{"list in a list", EN, "{n}. {item}", "{#applications}{n}{/applications}", EN, 5, "stands inside itself", 1},
	{"no such section", EN, "{n}. {item}", "{#itme}{n}{/itme}", EN, 5, "there is no placeholder {itme}", 1},
	{"meaningless in a list", EN, "{n}. {item}", "{n}. {bureau}", EN, 5,
		"{bureau} means nothing inside {#applications}", 1},
	{"no placeholder near it", EN, "{item}?", "{abracadabra}?", EN, 1, "there is no placeholder {abracadabra}", 1},
	{"section in a section in a section", EN, "{n}. {item}", "{#item}{#n}{n}{/n}{/item}", EN, 5,
		"{#n} stands inside two others", 1},
	{"tag without the text for all", EN, "[again]", "[other for=shop]\nx\n[again]", EN, 3,
		"the text \"other\" is there for a tag and not for everybody", 2},
	{"menu line without a label", EN, "[again]", "[again ussd]\nx\n* yes\n[again]", EN, 5,
		"a line of a menu is \"* ANSWER: LABEL\"", 1},
	{"menu line with a long answer", EN, "[again]", "[again ussd]\nx\n* " TEN("1234567") ": yes\n[again]", EN, 5,
		"a line of a menu has at most 60 octets of answer and 240 of label", 1},
	{"menu of many lines", EN, "[again]", "[again ussd]\nx\n" TEN("* yes: y\n* no: n\n* keep: k\n") "[again]", EN, 29,
		"more than 24 lines in one menu", 0},
	/* lengths: 70 units in one part, ten of them the signature, 36 for {item} */
	{"one character too long", ZH, "[again]\n请回复 Y。",
		"[again parts=1]\n一二三四五六七八九十一二三四五六七八九十一二三四五{item}", ZH, 3,
		"at its longest it takes 2 parts (71 characters with the signature), and at most 1 may be", 1},
	{"over its parts", EN, "[again]\nReply Y.", "[again parts=1]\n{item}{item}", EN, 3,
		"at its longest it takes 2 parts (82 characters with the signature), and at most 1 may be", 1},
	{"list over its parts", EN, "[list]", "[list parts=1 list=9]", EN, 5, "and at most 1 may be", 1},
	{"over a USSD screen", EN, "[again]", "[again ussd]\n{item}{item}{item}\n[again]", EN, 3,
		"at its longest it takes 2 screens", 1},
	{"over a GSM USSD screen", EN, "[again]",
		"[again "
		"ussd]\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n[again]",
		EN, 3, "at its longest it takes 2 screens", 1},
	{"far too long", EN, "Reply Y.", TEN("{check_result}{check_result}{check_result}{check_result}{check_result}"), EN,
		3, "text \"again\": far too long", 1},
	{"more octets than are rendered", EN, "[again]",
		"[again ussd pages=9]\n" TEN(TEN("12345678")) "\n" TEN(TEN("12345678")) "\nx\n[again]", EN, 3,
		"at its longest it has 1603 octets; 1600 are the most", 2},
	/* flow */
	{"no else", DLG, "  else -> same say again at most 2 then clerk\n", "", DLG, 2, "step \"one\" has no \"else\"", 1},
	{"no silent", DLG, "  silent 12h -> done\n", "", DLG, 8, "step \"two\" has no \"silent\"", 1},
	{"two else", DLG, "  silent 12h", "  else -> done\n  silent 12h", DLG, 13, "else is answered in line 12 already",
		1},
	{"event twice", DLG, "  event finished -> done\n", "  event finished -> done\n  event finished -> clerk\n", DLG, 12,
		"event finished is answered in line 11 already", 1},
	{"unreachable step", DLG, "yes -> two do consent", "yes -> done do consent", DLG, 8,
		"nothing leads to step \"two\"", 1},
	{"unreachable end", DLG, "end done say again", "end done say again\nend gone", DLG, 20,
		"nothing leads to end \"gone\"", 1},
	{"no way out", DLG, "  silent 30m -> done\n", "  silent 30m -> same list phone\n", DLG, 14,
		"step \"clerk\" has no way to an end", 1},
	{"misunderstood for ever", DLG, "say again at most 2 then clerk", "say again", DLG, 6,
		"misunderstandings in step \"one\" would go round for ever", 1},
	{"then same with nobody told", DLG, "  list read\n", "", DLG, 16, "falls silent with nobody told", 1},
	{"misunderstood in a circle", DLG, "  list read\n  yes -> back\n  else -> same say again at most 1 then same\n",
		"  else -> two\n", DLG, 6, "misunderstandings from step \"one\" on never come to a clerk", 3},
	{"silent for ever", DLG, "silent 3d -> same at most 2 then done", "silent 3d -> same", DLG, 7,
		"silences in step \"one\" would go round for ever", 1},
	{"else leads back", DLG, "else -> same say again at most 1 then same", "else -> back", DLG, 17, "cannot lead back",
		1},
	{"back from the first step", DLG, "\"blue\" -> done", "\"blue\" -> back", DLG, 2, "there is no way back", 1},
	{"at most on the way out", DLG, "else -> clerk", "else -> clerk at most 2 then done", DLG, 12, "this one leaves it",
		1},
	{"asks and tells", DLG, "  ask question", "  ask question\n  tell again", DLG, 4, "both asks and tells", 1},
	{"effect without its slot", DLG, "number 1-5 in rating -> done do rate", "yes -> done do rate", DLG, 10,
		"\"do rate\" needs what a branch with \"in rating\" keeps", 1},
	{"silence leads back", DLG, "silent 30m -> done", "silent 30m -> back", DLG, 18, "silences cannot lead back", 0},
	{"silent in a circle", DLG,
		"  silent 3d -> same at most 2 then done\n"
		"step two\n"
		"  tell question\n"
		"  number 1-5 in rating -> done do rate say again\n"
		"  event finished -> done\n"
		"  else -> clerk\n"
		"  silent 12h -> done\n",
		"  silent 3d -> two\n"
		"step two\n"
		"  tell question\n"
		"  number 1-5 in rating -> done do rate say again\n"
		"  event finished -> done\n"
		"  else -> clerk\n"
		"  silent 12h -> one\n",
		DLG, 7, "silences from step \"one\" on never come to a clerk", 2},
	{"stays and is silent", DLG, "  list read\n", "  list read\n  stays\n", DLG, 14,
		"step \"clerk\" stays; it cannot notice silence", 1},
	/* words that mean two things */
	{"word of two branches", DLG, "\"blue\" -> done", "\"blue\" -> done\n  \"Blue!\" -> two", DLG, 6,
		"\"blue\" is answered in line 5 already", 1},
	{"word of a list", DLG, "\"blue\"", "\"同意\"", DLG, 5, "is answered in line 4 already", 1},
	{"number of a list", DLG, "\"blue\"", "\"1\"", DLG, 5, "is answered in line 4 already", 1},
	{"full-width number", DLG, "\"blue\"", "\"1\"", DLG, 5, "is answered in line 4 already", 1},
	{"choose and yes", DLG, "\"blue\"", "choose", DLG, 5, "is answered in line 4 already", 1},
	{"number and a word", DLG, "  event finished", "  \"3\" -> done\n  event finished", DLG, 11,
		"is answered in line 10", 1},
	{"reserved word", DLG, "\"blue\"", "\"stop\"", DLG, 5, "and the reserved word STOP, which always wins", 1},
	{"reserved word of another language", DLG, "\"blue\"", "\"退订\"", DLG, 5, "the reserved word STOP", 1},
	{"after free text", DLG, "  event finished", "  text in note -> done\n  \"red\" -> done\n  event finished", DLG, 12,
		"the free text of line 11 takes every answer", 1},
	/* reserved words */
	{"not answered", DLG, "STATUS, ", "", DLG, 20, "the anywhere block does not answer STATUS", 1},
	{"reserved word in a step", DLG, "\"blue\" -> done", "HELP -> done", DLG, 5, "it belongs into an anywhere block",
		1},
	{"word in anywhere", DLG, "  STOP -> done", "  yes -> done\n  STOP -> done", DLG, 21, "only answers reserved words",
		1},
	{"reserved word twice", DLG, "HELP, STATUS", "HELP, HELP, STATUS", DLG, 22, "HELP is answered in line 22 already",
		1},
	{"counted reserved word", DLG, "START -> same say again", "START -> same say again at most 1 then done", DLG, 22,
		"does not count", 1},
	{"reserved word leads back", DLG, "STOP -> done", "STOP -> back", DLG, 21, "a reserved word cannot lead back", 0},
	{"anywhere twice", DLG, "", "anywhere\n", DLG, 23, "stands in line 20 already", 1},
	{"step lines in anywhere", DLG, "  STOP -> done", "  ask question\n  STOP -> done", DLG, 21, "belongs into a step",
		1},
	{"asks twice", DLG, "  ask question", "  ask question\n  ask again", DLG, 4, "the step has its \"ask\" already", 1},
	/* names */
	{"step twice", DLG, "step two", "step one", DLG, 8, "the name \"one\" is taken in line 2", 2},
	{"end named as a step", DLG, "end done", "end two", DLG, 19, "the name \"two\" is taken in line 8", 0},
	{"step named same", DLG, "step two", "step same", DLG, 8, "has a meaning of its own", 2},
	{"bad name", DLG, "step two", "step Two", DLG, 8, "\"Two\" cannot be the name of the step", 2},
	{"long name", DLG, "step two", "step a2345678901234567890123456789012345678901", DLG, 8, "at most 40", 2},
	/* lines that cannot be read */
	{"no heading", DLG, "dialog good 1\n", "", DLG, 1, "the first line of a dialog is \"dialog NAME VERSION\"", 1},
	{"heading twice", DLG, "step one", "dialog good 2\nstep one", DLG, 2, "has its name already, in line 1", 1},
	{"no version", DLG, "dialog good 1", "dialog good", DLG, 1, "a dialog has a version", 1},
	{"line in no step", DLG, "step one\n", "", DLG, 2, "this line stands in no step", 0},
	{"no arrow", DLG, "\"blue\" -> done", "\"blue\" done", DLG, 5, "\"->\" is missing before \"done\"", 1},
	{"no target", DLG, "\"blue\" -> done", "\"blue\" ->", DLG, 5, "the name of the target is missing", 1},
	{"open quote", DLG, "\"blue\"", "\"blue", DLG, 5, "a quote is opened and not closed", 1},
	{"rubbish behind", DLG, "\"blue\" -> done", "\"blue\" -> done now", DLG, 5, "\"now\" is not understood here", 1},
	{"bad time", DLG, "silent 3d", "silent 3w", DLG, 7, "silent wants a time", 1},
	{"time too long", DLG, "silent 3d", "silent 367d", DLG, 7, "at most 366d", 1},
	{"bad range", DLG, "number 1-5", "number 5-1", DLG, 10, "number wants a range", 1},
	{"nothing to say", DLG, "\"blue\"", "\"?!\"", DLG, 5, "", 0},
	{"empty literal", DLG, "\"blue\"", "\"\"", DLG, 5, "nothing that a citizen could write", 1},
	{"long literal", DLG, "\"blue\"", "\"1234567890123456789012345678901234567890123456789012345678901\"", DLG, 5,
		"too long for an answer", 1},
	{"at most without a number", DLG, "at most 2 then clerk", "at most then clerk", DLG, 6, "most N then TARGET", 1},
	{"at most without then", DLG, "at most 2 then clerk", "at most 2", DLG, 6, "does not say where to go then", 1},
	{"borrowed wording too late", DLG, "step two", "wording other\nstep two", DLG, 8,
		"\"wording NAME\" stands once, before the first step", 1},
	{"rubbish behind a name", DLG, "step two", "step two three", DLG, 8, "\"three\" is too much at the end", 2},
	{"no answer", DLG, "\"blue\" -> done", "-> done", DLG, 5, "a branch begins with what the citizen may answer", 1},
	{"no arrow at the end", DLG, "\"blue\" -> done", "\"blue\"", DLG, 5, "\"-> TARGET\" is missing", 1},
	{"many effects", DLG, "do consent", "do " TEN("consent, ") "consent", DLG, 4, "more than 6 effects in one branch",
		1},
	{"many answers", DLG, "\"blue\"", TEN("\"a\",") "\"b\",\"c\",\"d\"", DLG, 5, "more than 12 answers", 1},
	{"many words", DLG, "\"blue\" -> done", TEN("a b c d e f g "), DLG, 5, "the line has more than 64 words", 1},
	{"bad length of a text", DLG, "  event finished", "  text 0-5 in note -> done\n  event finished", DLG, 11,
		"a text has 1 to 512 characters", 1},
	{"no slot", DLG, "number 1-5 in rating", "number 1-5", DLG, 10, "\"in SLOT\" is missing", 1},
	{"bad UTF-8", DLG, "\"blue\"", "\"bl\xFFue\"", DLG, 5, "this is not UTF-8", 0},
	{"bad UTF-8 in a wording", EN, "Reply", "Rep\xC0\x80ly", EN, 4, "this is not UTF-8", 0},
};

static bool
tells(const struct dialog_faults *f, const char *text)
{
	for (size_t i = 0; i < f->count; i++)
		if (strstr(f->list[i].text, text))
			return true;
	return false;
}

static void
print_faults(const struct dialog_faults *f)
{
	for (size_t i = 0; i < f->count; i++)
		print_message("  %s:%d: %s\n", f->list[i].file, f->list[i].line, f->list[i].text);
}

/* The codes that were told by any test so far. */
static bool seen[DIALOG_FAULT_CODES];

static void
remember(const struct dialog_faults *f)
{
	for (size_t i = 0; i < f->count; i++)
		seen[f->list[i].code] = true;
}

/* The text with the first `find` replaced, or with `put` at its end. The caller frees. */
static char *
bend(const char *text, const char *find, const char *put)
{
	const char *at = find[0] ? strstr(text, find) : text + strlen(text);
	assert_non_null(at);
	size_t size = strlen(text) + strlen(put) + 1;
	char *bent = malloc(size);
	assert_non_null(bent);
	snprintf(bent, size, "%.*s%s%s", (int)(at - text), text, put, at + strlen(find));
	return bent;
}

static struct dialog *
load(char *const texts[3], struct dialog_faults *faults)
{
	struct dialog_wording_source w[] = {
		{names[ZH], "zh", texts[ZH], strlen(texts[ZH]), false}, {names[EN], "en", texts[EN], strlen(texts[EN]), false}};
	return dialog_load(names[DLG], texts[DLG], strlen(texts[DLG]), w, 2, faults);
}

static void
test_refusal(void **state)
{
	const struct refusal *r = *state;
	const char *const good[] = {GOOD_DLG, GOOD_ZH, GOOD_EN};
	char *texts[3];
	for (int i = 0; i < 3; i++)
		texts[i] = bend(good[i], (int)r->file == i ? r->find : "", (int)r->file == i ? r->put : "");
	struct dialog_faults f = {0};
	struct dialog *d = load(texts, &f);
	print_faults(&f);
	remember(&f);
	assert_null(d);
	bool told = false;
	for (size_t i = 0; i < f.count; i++)
		told = told || (strcmp(f.list[i].file, names[r->told]) == 0 && f.list[i].line == r->line &&
						   strstr(f.list[i].text, r->text));
	assert_true(told);
	if (r->faults)
		assert_int_equal(f.count, r->faults);
	dialog_faults_free(&f);
	for (int i = 0; i < 3; i++)
		free(texts[i]);
}

static void
test_good(void **state)
{
	(void)state;
	char *texts[] = {bend(GOOD_DLG, "", ""), bend(GOOD_ZH, "", ""), bend(GOOD_EN, "", "")};
	struct dialog_faults f = {0};
	struct dialog *d = load(texts, &f);
	print_faults(&f);
	assert_non_null(d);
	assert_string_equal(dialog_name(d), "good");
	assert_int_equal(dialog_version(d), 1);
	assert_string_equal(dialog_first_step(d), "one");
	const char *languages[DIALOG_LANGUAGES_MAX];
	assert_int_equal(dialog_languages(d, languages), 2);
	assert_string_equal(languages[0], "zh");
	assert_string_equal(languages[1], "en");
	int lines[32];
	assert_int_equal(dialog_branch_lines(d, lines, 32), 13);
	assert_int_equal(lines[0], 4);
	assert_int_equal(lines[12], 22);
	assert_true(dialog_step_waits(d, "one"));
	assert_false(dialog_step_waits(d, "two"));
	dialog_free(d);
	for (int i = 0; i < 3; i++)
		free(texts[i]);
}

/* 24 characters, 36 of {item} and 10 of signature are the 70 of one part. */
static void
test_fits_exactly(void **state)
{
	(void)state;
	char *texts[] = {bend(GOOD_DLG, "", ""),
		bend(GOOD_ZH, "[again]\n请回复 Y。", "[again parts=1]\n一二三四五六七八九十一二三四五六七八九十一二三四{item}"),
		bend(GOOD_EN, "", "")};
	struct dialog_faults f = {0};
	struct dialog *d = load(texts, &f);
	print_faults(&f);
	assert_non_null(d);
	dialog_free(d);
	for (int i = 0; i < 3; i++)
		free(texts[i]);
}

/* A byte order mark and the line ends of other systems change nothing. */
static void
test_windows(void **state)
{
	(void)state;
	char *texts[] = {bend(GOOD_DLG, "dialog",
						 "\xEF\xBB\xBF"
						 "dialog"),
		bend(GOOD_ZH, "", ""), bend(GOOD_EN, "", "")};
	for (char *at = texts[DLG]; (at = strchr(at, '\n')) != NULL; at += 2) {
		size_t rest = strlen(at) + 1;
		char *longer = malloc(strlen(texts[DLG]) + 2);
		assert_non_null(longer);
		size_t offset = (size_t)(at - texts[DLG]);
		memcpy(longer, texts[DLG], offset);
		longer[offset] = '\r';
		memcpy(longer + offset + 1, at, rest);
		free(texts[DLG]);
		texts[DLG] = longer;
		at = longer + offset;
	}
	struct dialog_faults f = {0};
	struct dialog *d = load(texts, &f);
	print_faults(&f);
	assert_non_null(d);
	dialog_free(d);
	for (int i = 0; i < 3; i++)
		free(texts[i]);
}

/* All faults of all files come at once, in the order of the files and their lines. */
static void
test_all_at_once(void **state)
{
	(void)state;
	char *a = bend(GOOD_DLG, "in rating", "in ratings"), *b = bend(a, "ask question", "ask qestion");
	char *texts[] = {b, bend(GOOD_ZH, "{item}要", "{x}要"), bend(GOOD_EN, "{item}?", "{y}?")};
	struct dialog_faults f = {0};
	assert_null(load(texts, &f));
	print_faults(&f);
	assert_int_equal(f.count, 4);
	assert_int_equal(f.list[0].line, 3);
	assert_int_equal(f.list[1].line, 10);
	assert_string_equal(f.list[2].file, names[ZH]);
	assert_string_equal(f.list[3].file, names[EN]);
	dialog_faults_free(&f);
	free(a);
	for (int i = 0; i < 3; i++)
		free(texts[i]);
}

/* Sizes that no person writes are refused and cost nothing. */
static void
test_hostile(void **state)
{
	(void)state;
	struct dialog_faults f = {0};
	size_t size = 300 * 1024;
	char *big = malloc(size);
	assert_non_null(big);
	memset(big, 'a', size);
	struct dialog_wording_source w = {"x.zh.txt", "zh", big, size, false};
	assert_null(dialog_load("x.dlg", big, size, &w, 1, &f));
	remember(&f);
	assert_true(tells(&f, "at most 262144 are read"));
	dialog_faults_free(&f);

	assert_null(dialog_load("x.dlg", big, 5000, NULL, 0, &f)); /* one line of 5000 */
	remember(&f);
	assert_true(tells(&f, "the line has 5000 octets; at most 1000 are read"));
	dialog_faults_free(&f);

	/* Many faults: kept up to a limit. */
	for (size_t i = 0; i < 200000; i++)
		big[i] = i % 2 ? '\n' : '!';
	assert_null(dialog_load("x.dlg", big, 200000, NULL, 0, &f));
	remember(&f);
	assert_in_range(f.count, 2, 200);
	dialog_faults_free(&f);

	/* Many steps. */
	size_t len = (size_t)snprintf(big, size, "dialog x 1\n");
	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(big + len, size - len, "step s%d\n", i);
	assert_null(dialog_load("x.dlg", big, len, NULL, 0, &f));
	remember(&f);
	assert_true(tells(&f, "more than 64 steps"));
	dialog_faults_free(&f);

	/* Many branches with many triggers. */
	len = (size_t)snprintf(big, size, "dialog x 1\nstep s\n");
	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(big + len, size - len, "\"a%d\",\"b%d\",\"c%d\" -> same\n", i, i, i);
	assert_null(dialog_load("x.dlg", big, len, NULL, 0, &f));
	remember(&f);
	assert_true(tells(&f, "more than 48 branches"));
	dialog_faults_free(&f);

	/* Many ends, counted branches, texts and languages; a file that does not say its language. */
	len = (size_t)snprintf(big, size, "dialog x 1\nstep s\n");
	for (int i = 0; i < 30; i++)
		len += (size_t)snprintf(big + len, size - len, "\"a%d\" -> same at most 1 then e\n", i);
	for (int i = 0; i < 40; i++)
		len += (size_t)snprintf(big + len, size - len, "end e%d\n", i);
	char *words = big + len + 1;
	size_t room = size - len - 1, written = 0;
	for (int i = 0; i < 600; i++)
		written += (size_t)snprintf(words + written, room - written, "[t%d]\nx\n", i);
	struct dialog_wording_source many[12] = {{"x.zh.txt", "zh", words, written, false}};
	static const char *const codes[] = {"aa", "ab", "ac", "ad", "ae", "af", "ag", "ah", "ai", "aj", "?"};
	for (int i = 0; i < 11; i++)
		many[1 + i] = (struct dialog_wording_source){"y.txt", codes[i], "", 0, false};
	many[11].file = "x.txt";
	assert_null(dialog_load("x.dlg", big, len, many, 12, &f));
	remember(&f);
	assert_true(tells(&f, "more than 32 ends"));
	assert_true(tells(&f, "more than 8 languages"));
	assert_true(tells(&f, "more than 512 texts"));
	assert_true(tells(&f, "the file's name does not say its language"));
	dialog_faults_free(&f);
	assert_null(dialog_load("x.dlg", big, len, NULL, 0, &f));
	remember(&f);
	assert_true(tells(&f, "more than 24 branches of step \"s\" have \"at most\""));
	dialog_faults_free(&f);

	assert_null(dialog_load("x.dlg", "", 0, NULL, 0, &f));
	remember(&f);
	assert_true(tells(&f, "the file is empty"));
	dialog_faults_free(&f);

	assert_null(dialog_load("x.dlg", "dialog x\0y 1\n", 13, NULL, 0, &f));
	remember(&f);
	assert_true(tells(&f, "a NUL is no text"));
	dialog_faults_free(&f);
	free(big);
}

/* The last one: no fault is in the table that nothing tells, but those of screens, which test_screen.c walks. */
static void
test_every_code(void **state)
{
	static const enum dialog_fault_code others[] = {
		DIALOG_FAULT_MEMORY, DIALOG_FAULT_LANGUAGE_LACKS, DIALOG_FAULT_OTHER_NAME};
	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		seen[others[i]] = true;
	int missing = 0;
	for (int i = 0; i < DIALOG_FAULT_TEXT_SCREENS; i++)
		if (!seen[i]) {
			print_error("no test tells %s\n", dialog_fault_name((enum dialog_fault_code)i));
			missing++;
		}
	assert_int_equal(missing, 0);
}

int
main(void)
{
	static const struct CMUnitTest fixed[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_fits_exactly),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_hostile),
	};
	enum {
		FIXED = sizeof(fixed) / sizeof(fixed[0]),
		ROWS = sizeof(refusals) / sizeof(refusals[0])
	};
	static struct CMUnitTest tests[FIXED + ROWS + 1];
	memcpy(tests, fixed, sizeof(fixed));
	for (size_t i = 0; i < ROWS; i++)
		tests[FIXED + i] = (struct CMUnitTest){
			.name = refusals[i].name, .test_func = test_refusal, .initial_state = (void *)&refusals[i]};
	tests[FIXED + ROWS] = (struct CMUnitTest)cmocka_unit_test(test_every_code);
	return _cmocka_run_group_tests("load", tests, FIXED + ROWS + 1, NULL, NULL);
}
