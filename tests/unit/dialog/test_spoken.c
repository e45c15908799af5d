/*
 * Answers as people give them: dictated, in dialect, with fillers, signs and thanks around them. What says no must
 * never be read as a yes, and what nobody can be sure of is asked again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "dialog/match.h"

static const char *
read_as(const char *text)
{
	char normal[MATCH_NORMAL_MAX + 1];
	static char both[] = "yes and no";

	match_normalise(text, strlen(text), normal, sizeof normal);
	if (match_reserved(normal, "zh", NULL) != WORDS_NONE)
		return "reserved";
	bool yes = match_list_has(WORDS_YES, "zh", normal), no = match_list_has(WORDS_NO, "zh", normal);
	return yes && no ? both : yes ? "yes" : no ? "no" : "unsure";
}

static void
all_read_as(const char *const *texts, const char *want)
{
	for (; *texts != NULL; texts++)
		if (strcmp(read_as(*texts), want) != 0)
			fail_msg("\"%s\" is read as %s, not as %s", *texts, read_as(*texts), want);
}

static void
dictated_yes(void **state)
{
	static const char *const texts[] = {"我想要办理谢谢", "那个好的我要办", "可以的可以的麻烦你们了",
		"嗯那个我要办理的谢谢你们", "好的好的", "好好好", "行行行", "嗯好的", "嗯嗯好的好的谢谢", "那就办吧",
		"那就麻烦你们帮我办一下吧", "请帮我办理", "你好我要办理", "您好我需要办理谢谢", "我同意你们帮我办", "同意同意",
		"同意办理谢谢你们", "我愿意办理", "没问题可以办", "没问题没问题", "对对对要办的", "是的我要办理", "是的是的",
		"好吧那就办理吧", "好嘞麻烦了", "好滴谢谢啦", "我要续办", "我要续一下", "帮我续上吧谢谢", "要的要的",
		"要办要办", "需要需要", "可以可以可以", "可以啊", "行吧那就办吧", "办吧办吧", "我们店要办理这个",
		"我要办许可证", "我要办食品证", "确认没问题", "确定办理", "当然要办", "肯定要办的", "必须办", "安排上",
		"给我办一下谢谢", "麻烦您帮我办理一下谢谢您", "我店要办", "好的，我要办理。", "好的！！！麻烦你们了！！",
		"嗯，那个，好的。", "老师你好我想办理", "这个我要办", "这个事我同意", "现在就办", "尽快办理谢谢",
		"好的谢谢老师", "我想续办", "给办吧", NULL};

	(void)state;
	all_read_as(texts, "yes");
}

static void
yes_in_dialect_and_other_forms(void **state)
{
	static const char *const texts[] = {"中", "中中中", "中啊我要办", "要得要得", "要得噻", "得行", "阔以阔以",
		"嗯呐办吧", "昂", "俺要办", "俺要办理嘞", "咱办", "办撒", "要办噻", "好呀好呀", "冇问题", "得嘞您嘞", "成",
		"妥妥的", "行呗", "好哒", "我要辦理謝謝", "那個好的我要辦", "可以的麻煩你們了", "我願意續辦", "沒問題確認",
		"請幫我辦理", "對對對要辦", "好的\xF0\x9F\x91\x8C麻烦了\xF0\x9F\x99\x8F",
		"\xF0\x9F\x91\x8D我要办\xF0\x9F\x91\x8D", "ＯＫ我要办", "ok ok", "ｙｅｓ好的", "OK，好的，谢谢", "yes我同意",
		"好的ok", "嗯 好 的", "好的~", "可以的……", "【好的】", "y y y", NULL};

	(void)state;
	all_read_as(texts, "yes");
}

static void
yes_in_english(void **state)
{
	static const char *const texts[] = {"yes I want to renew it thank you", "um yes please", "yeah sure go ahead",
		"Yes, I agree. Thank you very much!", "ok ok please do it", "I would like to renew my licence please",
		"I'd like to renew it", "hi yes I want to do it", "well ok then please" /* then: unsure below */, NULL};
	static const char *const more[] = {"sure, no problem", "of course, thank you", "please renew my permit asap",
		"yes yes yes", "that's fine, go ahead", "yes that is correct thank you so much", "absolutely",
		"sounds good thanks", "I need to renew it, thanks a lot", "Good morning, yes please renew", NULL};

	(void)state;
	assert_string_equal(read_as(texts[8]), "unsure");
	for (size_t i = 0; i < 8; i++)
		if (strcmp(read_as(texts[i]), "yes") != 0)
			fail_msg("\"%s\" is read as %s", texts[i], read_as(texts[i]));
	all_read_as(more, "yes");
}

static void
no_is_no(void **state)
{
	static const char *const texts[] = {"不不不我不要了", "不不不", "不要", "不要了谢谢", "不好", "不好不好",
		"我不想办", "我不想办了谢谢", "不用了谢谢你们", "不用了不用了", "不需要谢谢", "那个我不办了", "嗯不办了谢谢",
		"算了吧", "好的不用了谢谢", "算了不办了", "算了算了", "我不办理了", "不行", "不行不行", "不可以",
		"不同意不同意", "我不同意办理" /* unsure below */, NULL};
	static const char *const more[] = {"暂时不办", "先不办了谢谢" /* unsure below */, NULL};
	static const char *const others[] = {"暂时不办谢谢", "我先不办", "不续了", "不续办了麻烦你们了",
		"店不开了不办了谢谢", "店关了不用办了", "不好意思不办了", "不好意思我不想办理了", "取消吧谢谢", "我放弃",
		"俺不办", "唔要", "唔使唔该", "唔办了多谢", "甭办了", "别办了谢谢", "我拒绝", "不中", "要不得", "不得行",
		"不必了谢谢", "不辦了謝謝", "我不想辦理", "不需要了麻煩你們了", "no不办了", "不要！！！", "不 要", "没兴趣谢谢",
		"no no no", "no thanks", "no thank you", "No, I don't want it, thank you", "I do not want to renew",
		"um no I don't need it", "please don't", "not interested sorry" /* sorry: unsure below */, NULL};

	(void)state;
	for (size_t i = 0; i < 22; i++)
		if (strcmp(read_as(texts[i]), "no") != 0)
			fail_msg("\"%s\" is read as %s", texts[i], read_as(texts[i]));
	assert_string_equal(read_as(texts[22]), "unsure");
	assert_string_equal(read_as(more[0]), "no");
	assert_string_not_equal(read_as(more[1]), "yes");
	for (size_t i = 0; i < 35; i++)
		if (strcmp(read_as(others[i]), "no") != 0)
			fail_msg("\"%s\" is read as %s", others[i], read_as(others[i]));
	assert_string_equal(read_as(others[35]), "unsure");
}

/* Nobody can tell, or something is asked: the question comes again. */
static void
unsure_is_neither(void **state)
{
	static const char *const texts[] = {"要不要办", "办不办", "好不好", "可不可以", "可以不", "是不是要办", "行不行",
		"要不办吧", "要不我办", "不办不行", "不要不办", "不是不办", "不能不办", "不得不办", "不是要办",
		"好的不用了谢谢", "可以不办", "我要办吗", "你们能办吗", "怎么办理呢", "什么时候办", "明天办", "以后再办",
		"再说吧", "等等再办", "我想想", "考虑考虑", "没想好", "还没办", "办不了", "没办", "没有办", "已经办了",
		"我办过了", "谁要办", "你们是谁", "你要办", "你们要", "要是办", "要钱", "要钱我不办", "好像要办", "好难",
		"好麻烦", "好烦", "不好办", "如果免费我要办", "免费我就办", "不花钱就办", "差不多", "不见得", "难说", "随便",
		"都行", "无所谓", "你看着办", "不知道", "听不懂", "我要投诉", "我要退款", "我要人", "我要办别的", "好吧不办",
		"办，不，办", "不办办", "要不要", "想不想", "店关了", "店不开了谢谢", "不干了好的", "不管", "管不管", "是骗子",
		"我要报警", "要死", "好烦不要办了吧要办", "不会不要", "不", NULL};
	static const char *const more[] = {"yes and no", "not sure", "maybe", "I don't know", "why", "why not",
		"yes but not now", "sure but no", "no no problem", "do I want to renew", "no yes", "yes no", "not yes",
		"I don't not want it", "yes if it is free", "I want to know more", "I want to complain", "do not not renew",
		"what do you want", "好❌", "办\xF0\x9F\xA4\x94", "好的\xF0\x9F\x91\x8E", "要\xF0\x9F\x9A\xAB", "好的？", "办？",
		"谢谢", "谢谢你们", "嗯", "哦", "麻烦了", "你好", "那个", "thank you", "um", "收到", "知道了", "不好意思我要办",
		"请放心", "好的好的不办了好的", NULL};

	(void)state;
	for (size_t i = 0; texts[i] != NULL; i++)
		if (strcmp(texts[i], "不") != 0 && strcmp(read_as(texts[i]), "yes") == 0)
			fail_msg("\"%s\" is read as a yes", texts[i]);
	for (size_t i = 0; more[i] != NULL; i++)
		if (strcmp(read_as(more[i]), "yes") == 0)
			fail_msg("\"%s\" is read as a yes", more[i]);
	static const char *const asked_again[] = {"要不要办", "办不办", "好不好", "不办不行", "不要不办", "不是不办",
		"可以不办", "明天办", "要不办吧", "店关了", "没办", "不麻烦", "谢谢你们", "要是办", "你们要", NULL};
	all_read_as(asked_again, "unsure");
	assert_string_equal(read_as("不"), "no");
}

/* A yes with a small "not" anywhere in it is no yes any more. */
static void
a_not_anywhere_spoils_a_yes(void **state)
{
	static const char *const sentences[] = {"我想要办理谢谢", "那个好的我要办", "可以的可以的麻烦你们了",
		"我同意你们帮我办", "是的我要办理", "没问题可以办", "俺要办理嘞", "yes I agree", "please do it", NULL};
	static const char *const nots[] = {"不", "没", "别", "莫", "甭", "未", "唔", "非", "勿", "冇", " not ", " dont ",
		" no ", " never ", "\xE2\x9D\x8C", "\xF0\x9F\x91\x8E"};
	char text[300];
	int tried = 0;

	(void)state;
	for (size_t s = 0; sentences[s] != NULL; s++) {
		size_t len = strlen(sentences[s]);

		for (size_t at = 0; at <= len; at++) {
			if (((unsigned char)sentences[s][at] & 0xC0) == 0x80)
				continue;
			for (size_t n = 0; n < sizeof nots / sizeof nots[0]; n++) {
				snprintf(text, sizeof text, "%.*s%s%s", (int)at, sentences[s], nots[n], sentences[s] + at);
				tried++;
				if (strcmp(read_as(text), "yes") == 0)
					fail_msg("\"%s\" is read as a yes", text);
			}
		}
	}
	assert_true(tried > 900);
}

static void
several_licences(void **state)
{
	char normal[MATCH_NORMAL_MAX + 1];
	uint64_t mask;

	(void)state;
	match_normalise("我想要办理谢谢", strlen("我想要办理谢谢"), normal, sizeof normal);
	assert_true(match_select(normal, "zh", 3, &mask));
	assert_int_equal(mask, 7);
	match_normalise("那个不要了谢谢", strlen("那个不要了谢谢"), normal, sizeof normal);
	assert_false(match_select(normal, "zh", 3, &mask));
	match_normalise("Y 1 3 谢谢你们", strlen("Y 1 3 谢谢你们"), normal, sizeof normal);
	assert_true(match_select(normal, "zh", 3, &mask));
	assert_int_equal(mask, 5);
}

/* Every piece stands as normalised text has it, once, in simplified characters. */
static void
the_pieces_are_in_order(void **state)
{
	size_t count;
	const struct words_spoken *rows = words_spoken(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		for (const char *const *word = rows[i].words; *word != NULL; word++) {
			char normal[MATCH_NORMAL_MAX + 1];

			match_normalise(*word, strlen(*word), normal, sizeof normal);
			assert_string_equal(normal, *word);
			for (size_t k = 0; k < count; k++)
				for (const char *const *other = rows[k].words; *other != NULL; other++)
					if (other != word && strcmp(*word, *other) == 0)
						fail_msg("\"%s\" stands twice", *word);
			for (const char *const *p = words_simplified(); *p != NULL; p += 2)
				if (strstr(*word, p[0]) != NULL)
					fail_msg("\"%s\" is not simplified", *word);
		}
	}
	for (const char *const *p = words_simplified(); *p != NULL; p += 2)
		assert_true(strlen(p[0]) == 3 && strlen(p[1]) == 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dictated_yes),
		cmocka_unit_test(yes_in_dialect_and_other_forms),
		cmocka_unit_test(yes_in_english),
		cmocka_unit_test(no_is_no),
		cmocka_unit_test(unsure_is_neither),
		cmocka_unit_test(a_not_anywhere_spoils_a_yes),
		cmocka_unit_test(several_licences),
		cmocka_unit_test(the_pieces_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
