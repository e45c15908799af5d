/*
 * The pieces that spoken answers are made of: what somebody dictates to a phone, in one breath and without a full stop.
 * dialog/spoken.c reads a message only when these cover all of it, so a piece that is missing here costs a second
 * question and nothing worse. Pieces stand in normalised form, Chinese ones in simplified characters. Longer pieces
 * win.
 *
 * What may well be a yes and a no (要不, 办不办), or asks something (你们要), is listed as unsure: it must not fall
 * apart into harmless pieces.
 */
#include "dialog/words.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct words_spoken rows[] = {
	{WORDS_SPOKEN_FILLER,
		WORDS("我", "我们", "俺", "俺们", "咱", "咱们", "本人", "你", "你们", "您", "帮我", "帮我们", "帮俺", "给我",
			"给我们", "给俺", "替我", "请", "麻烦", "麻烦您", "麻烦你", "麻烦你们", "麻烦您了", "麻烦你了",
			"麻烦你们了", "麻烦了", "谢谢", "谢谢您", "谢谢你", "谢谢你们", "谢谢了", "谢谢啦", "多谢", "谢了", "感谢",
			"非常感谢", "感谢您", "感谢你们", "辛苦了", "辛苦您了", "辛苦你们了", "拜托", "拜托了", "拜托你们了",
			"唔该", "那", "那个", "那就", "那么", "这", "这个", "这事", "这件事", "这个事", "就", "就是", "就这样",
			"就这么", "然后", "打扰了")},
	{WORDS_SPOKEN_FILLER, WORDS("啊", "呀", "哦", "噢", "喔", "哎", "唉", "诶", "欸", "哎呀", "嗯", "嗯嗯", "恩", "呃",
							  "额", "哈", "嘿", "喂", "吧", "呗", "哟", "哒", "滴", "的", "嘞", "咯", "喽", "啦", "哩",
							  "撒", "噻", "嘛", "昂", "呐", "哇", "你好", "您好", "喂你好", "老师", "师傅", "同志",
							  "领导", "现在", "马上", "尽快", "快点", "抓紧", "一下", "下子")},
	{WORDS_SPOKEN_FILLER, WORDS("证", "证件", "证照", "许可证", "执照", "业务", "手续", "延续", "续期", "事情", "店",
							  "我店", "我们店", "俺店", "店里的", "我家的", "我店的", "我们店的", "食品证", "卫生证")},
	{WORDS_SPOKEN_YES,
		WORDS("好", "好的", "好吧", "好滴", "好哒", "好嘞", "好呀", "好啊", "可以", "可以的", "可以呀", "阔以", "行",
			"行的", "行吧", "行啊", "中", "要得", "得行", "得嘞", "妥妥的", "嗯呐", "冇问题", "是的", "是是", "是我",
			"是本人", "系呀", "对的", "对对", "对对对", "当然", "当然要", "当然可以", "肯定要", "肯定办", "必须办",
			"没问题", "没有问题", "没毛病", "没错", "无误", "正确")},
	{WORDS_SPOKEN_YES, WORDS("要", "要的", "需要", "需要的", "同意", "同意了", "愿意", "确认", "确定", "办", "办理",
						   "办证", "办一下", "要办", "要办理", "想办", "想办理", "想要办", "想要办理", "想续", "想续办",
						   "续", "续办", "续上", "续一下", "代办", "帮办", "给办", "安排", "安排上", "办上")},
	{WORDS_SPOKEN_YES, WORDS("yes", "yeah", "yep", "yup", "sure", "ok", "okay", "y", "agree", "i agree", "i do agree",
						   "accept", "i accept", "confirm", "i confirm", "correct", "thats right", "that is right",
						   "thats correct", "that is correct", "fine", "thats fine", "that is fine", "of course",
						   "definitely", "absolutely", "certainly", "go ahead", "do it", "please do", "please do it",
						   "renew", "renew it", "i want it", "i want to renew", "i want to renew it", "i want to do it",
						   "i would like to renew", "i would like to renew it", "id like to renew",
						   "id like to renew it", "i would like that", "id like that", "i need it", "i need to renew",
						   "i need to renew it", "no problem", "no worries", "sounds good", "looks good", "all good")},
	/* What somebody does not want, said for good: several of them say it again. */
	{WORDS_SPOKEN_NO,
		WORDS("不办了", "不办理了", "不要了", "不用了", "不需要了", "不想办了", "不想办理了", "不想要了", "不续了",
			"不续办了", "不用办了", "不用办理了", "不用麻烦了", "不麻烦了", "不麻烦你们了", "不必了", "算了", "算了吧",
			"算了算了", "别办了", "甭办了", "取消吧", "取消了", "放弃了", "拒绝办理", "唔要了", "唔办了", "唔使了")},
	{WORDS_SPOKEN_NO,
		WORDS("no thanks", "no thank you", "no need", "no need to renew", "not needed", "not interested",
			"im not interested", "i am not interested", "i dont want it", "i dont want to", "i dont want to renew",
			"i dont want to renew it", "i do not want it", "i do not want to renew", "i do not want to renew it",
			"dont renew", "dont renew it", "do not renew", "do not renew it", "dont do it", "do not do it",
			"please dont", "i dont need it", "i do not need it", "i dont need to renew", "i dont agree",
			"i do not agree", "i decline", "never mind", "nevermind", "cancel it", "please cancel")},
	/* The same said once: two of them may turn each other round ("不要不办"). */
	{WORDS_SPOKEN_ONE_NO,
		WORDS("不要", "不办", "不办理", "不续", "不续办", "不续期", "不延续", "不需要", "不用", "不用办", "不想办",
			"不想办理", "不想续", "不想续办", "不想要", "不同意", "不愿意", "不必", "别办", "甭办", "先不办", "暂不办",
			"暂时不办", "暂时不用", "暂时不需要", "不打算办", "不打算续", "不考虑", "没兴趣", "拒绝", "取消", "放弃",
			"不确认", "唔要", "唔办", "唔使", "唔想办")},
	/* Judgements: alone a no, beside another no its opposite ("不办不行"). */
	{WORDS_SPOKEN_BAD, WORDS("不好", "不行", "不可以", "不成", "不中", "不得行", "要不得", "唔得", "唔好")},
	/* Nothing by themselves; in front of a no, or alone, they are one. */
	{WORDS_SPOKEN_LEAD, WORDS("不", "no", "nope", "nah")},
	/* Why somebody does not want it; no answer yet, and certainly no yes. "不好意思同意" may be shy of agreeing. */
	{WORDS_SPOKEN_WHY, WORDS("店关了", "店不开了", "不开店了", "不开了", "不干了", "不做了", "关门了", "转让了",
						   "不营业了", "歇业了", "注销了", "店转让了", "店关门了", "不好意思")},
	{WORDS_SPOKEN_UNSURE,
		WORDS("要不", "要不要", "要不是", "办不办", "好不好", "可不可以", "可以不", "行不行", "是不是", "能不能",
			"想不想", "同不同意", "需不需要", "办不了", "办不成", "办不到", "不得不", "不能不", "不是不", "不会不",
			"不见得", "没办", "没有办", "没要", "想想", "看看", "你要", "你们要", "您要", "你们是", "你是", "您是",
			"要是", "好像", "好难", "好烦", "好麻烦", "要钱", "行吗", "不行吗", "不管", "办好", "好办", "不好办",
			"中不中", "不中用", "要得不", "yes and no", "ok but", "sure but", "no no problem")},
	{WORDS_SPOKEN_FILLER,
		WORDS("um", "uh", "er", "hmm", "hm", "oh", "ah", "well", "so", "and", "just", "now", "please", "pls", "kindly",
			"hi", "hello", "hey", "dear", "sir", "madam", "thanks", "thank you", "thank you very much",
			"thank you so much", "thanks a lot", "many thanks", "thx", "cheers", "for me", "this", "my licence",
			"my license", "my permit", "my certificate", "the licence", "the license", "right away", "asap",
			"as soon as possible", "good morning", "good afternoon", "good evening")},
};

const struct words_spoken *
words_spoken(size_t *count)
{
	*count = sizeof rows / sizeof rows[0];
	return rows;
}

/* Traditional characters of the pieces above, each with its simplified form. */
const char *const *
words_simplified(void)
{
	static const char *const pairs[] = {"辦", "办", "續", "续", "幫", "帮", "謝", "谢", "煩", "烦", "這", "这", "個",
		"个", "們", "们", "願", "愿", "對", "对", "沒", "没", "問", "问", "題", "题", "確", "确", "認", "认", "請",
		"请", "給", "给", "證", "证", "執", "执", "業", "业", "營", "营", "開", "开", "現", "现", "馬", "马", "盡",
		"尽", "該", "该", "當", "当", "擾", "扰", "無", "无", "誤", "误", "錯", "错", "別", "别", "師", "师", "領",
		"领", "導", "导", "點", "点", "緊", "紧", "許", "许", "絕", "绝", "棄", "弃", "關", "关", "門", "门", "轉",
		"转", "讓", "让", "註", "注", "銷", "销", "暫", "暂", "時", "时", "興", "兴", "慮", "虑", "係", "系", "嗰",
		"那", "嘅", "的", "喺", "在", "難", "难", "見", "见", "錢", "钱", "後", "后", "麼", "么", "氣", "气", "煩",
		"烦", "慮", "虑", "會", "会", "樣", "样", "準", "准", "據", "据", "處", "处", "嗎", "吗", "嘍", "喽", "囉",
		"啰", "囖", "啰", NULL};

	return pairs;
}
