/* Names of lists, reserved words and languages, and the small words around an answer; words_table.c has the rest. */
#include "dialog/words.h"

#include <string.h>

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NAMED(meaning, ...)                                                                                            \
	{                                                                                                                  \
		meaning, WORDS(__VA_ARGS__)                                                                                    \
	}
#define POLITE(spaced, ...)                                                                                            \
	{                                                                                                                  \
		WORDS(__VA_ARGS__), spaced                                                                                     \
	}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The code first, which counts only after LANGUAGE; then what people call the language. */
static const struct words_named languages[] = {
	NAMED("zh", "zh", "中文", "cn", "汉语", "普通话", "国语", "漢語", "chinese", "mandarin"),
	NAMED("en", "en", "english", "英文", "英语", "英語"),
	NAMED("ar", "ar", "العربيه", "عربي", "arabic", "阿拉伯语", "阿拉伯文"),
	NAMED("es", "es", "espanol", "castellano", "spanish", "西班牙语", "西班牙文"),
	NAMED("fr", "fr", "francais", "french", "法语", "法文"),
	NAMED("pt", "pt", "portugues", "portuguese", "葡萄牙语", "葡萄牙文"),
	NAMED("tr", "tr", "turkce", "turkish", "土耳其语", "土耳其文"),
	NAMED("ru", "ru", "русский", "по русски", "russian", "俄语", "俄文"),
	NAMED("hi", "hi", "हिंदी", "हिन्दी", "hindi", "印地语", "印地文"),
};
/* As people write them, in the order of languages[]. */
static const char *const display_names[] = {
	"中文", "English", "العربية", "Español", "Français", "Português", "Türkçe", "Русский", "हिन्दी"};
_Static_assert(sizeof languages / sizeof languages[0] == sizeof display_names / sizeof display_names[0],
	"a language has a display name");
_Static_assert(sizeof languages / sizeof languages[0] <= WORDS_LANGUAGES_MAX, "languages fit the callers' arrays");

static const struct words_named numbers[] = {
	NAMED("0", "零", "〇", "zero"),
	NAMED("1", "一", "one"),
	NAMED("2", "二", "两", "兩", "two"),
	NAMED("3", "三", "three"),
	NAMED("4", "四", "four"),
	NAMED("5", "五", "five"),
	NAMED("6", "六", "six"),
	NAMED("7", "七", "seven"),
	NAMED("8", "八", "eight"),
	NAMED("9", "九", "nine"),
	NAMED("10", "十", "ten"),
};

/* 吗 and 么 make a question of an answer, and a question is no answer: they are not here. */
static const struct words_polite before[] = {
	POLITE(false, "您好", "你好", "请问", "请", "麻烦", "麻烦您", "麻烦你", "谢谢", "谢谢您", "谢谢你", "感谢", "好的",
		"嗯", "嗯嗯", "哦", "噢", "那", "那就", "老师好", "請", "請問", "謝謝", "麻煩"),
	POLITE(true, "hi", "hello", "hey", "dear sir", "dear madam", "dear sir or madam", "good morning", "good afternoon",
		"good evening", "please", "pls", "ok", "okay", "well", "thanks", "thank you", "hola", "por favor", "gracias",
		"bonjour", "sil vous plait", "svp", "merci", "ola", "obrigado", "obrigada", "merhaba", "lutfen", "здравствуйте",
		"пожалуйста", "спасибо", "السلام عليكم", "مرحبا", "من فضلك", "لو سمحت", "شكرا", "नमस्ते", "कृपया", "धन्यवाद"),
};
static const struct words_polite after[] = {
	POLITE(false, "谢谢", "谢谢您", "谢谢你", "谢谢你们", "谢谢啦", "谢谢了", "谢了", "谢", "多谢", "感谢", "非常感谢",
		"辛苦了", "辛苦您了", "麻烦了", "麻烦您了", "麻烦你了", "麻烦你们了", "辛苦你们了", "拜托", "拜托了", "您好",
		"你好", "的", "滴", "吧", "呀", "啊", "哦", "噢", "了", "啦", "嗯", "哈", "嘞", "哟", "謝謝", "謝謝您", "多謝",
		"感謝", "辛苦了", "麻煩了"),
	POLITE(true, "please", "pls", "plz", "thanks", "thank you", "thank you very much", "thanks a lot", "many thanks",
		"thx", "ty", "sir", "madam", "por favor", "gracias", "muchas gracias", "sil vous plait", "svp", "merci",
		"merci beaucoup", "obrigado", "obrigada", "muito obrigado", "muito obrigada", "lutfen", "tesekkurler",
		"tesekkur ederim", "пожалуйста", "спасибо", "من فضلك", "لو سمحت", "شكرا", "شكرا لك", "धन्यवाद", "कृपया",
		"शुक्रिया"),
};

static const char *const list_names[WORDS_LISTS] = {"yes", "no", "all", "keep"};
static const char *const reserved_names[WORDS_RESERVED] = {
	"", "STOP", "HELP", "STATUS", "LANGUAGE", "NOT ME", "CHECK", "START"};

const char *
words_list_name(enum words_list list)
{
	return (unsigned)list < WORDS_LISTS ? list_names[list] : NULL;
}

bool
words_list_by_name(const char *name, enum words_list *list)
{
	for (int i = 0; i < WORDS_LISTS; i++) {
		if (strcmp(name, list_names[i]) == 0) {
			*list = (enum words_list)i;
			return true;
		}
	}
	return false;
}

const char *
words_reserved_name(enum words_reserved r)
{
	return (unsigned)r < WORDS_RESERVED ? reserved_names[r] : NULL;
}

bool
words_reserved_by_name(const char *name, enum words_reserved *r)
{
	for (int i = WORDS_NONE + 1; i < WORDS_RESERVED; i++) {
		if (strcmp(name, reserved_names[i]) == 0) {
			*r = (enum words_reserved)i;
			return true;
		}
	}
	return false;
}

size_t
words_languages(const char *list[WORDS_LANGUAGES_MAX])
{
	for (size_t i = 0; list != NULL && i < COUNT(languages); i++)
		list[i] = languages[i].meaning;
	return COUNT(languages);
}

const char *
words_language_name(const char *code)
{
	for (size_t i = 0; i < COUNT(languages); i++)
		if (strcmp(code, languages[i].meaning) == 0)
			return display_names[i];
	return NULL;
}

bool
words_language_known(const char *code)
{
	return words_language_name(code) != NULL;
}

const struct words_polite *
words_polite_before(size_t *count)
{
	*count = COUNT(before);
	return before;
}

const struct words_polite *
words_polite_after(size_t *count)
{
	*count = COUNT(after);
	return after;
}

const struct words_named *
words_language_names(size_t *count)
{
	*count = COUNT(languages);
	return languages;
}

const struct words_named *
words_numbers(size_t *count)
{
	*count = COUNT(numbers);
	return numbers;
}

const char *const *
words_number_before(void)
{
	static const char *const words[] = {"选择", "选", "第", "编号", "number", NULL};

	return words;
}

const char *const *
words_number_after(void)
{
	static const char *const words[] = {"分", "颗星", "星", "个", "号", "项", "份", "stars", "star", "points", NULL};

	return words;
}

const char *const *
words_number_between(void)
{
	static const char *const words[] = {"和", "与", "及", "跟", "and", NULL};

	return words;
}
