/*
 * The words of the closed vocabulary, language by language. To add a language: its name in words.c, then rows here;
 * tests/unit/dialog/test_words.c says what is missing, doubled or not in normalised form.
 *
 * Normalised form: lower case without accents, no apostrophes, Arabic alef, ya and ta marbuta folded, Hindi without
 * nukta and with anusvara for chandrabindu, no space beside Chinese characters.
 */
#include "dialog/words.h"

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define LIST(language, which, ...)                                                                                     \
	{                                                                                                                  \
		language, WORDS_KIND_LIST, which, false, WORDS(__VA_ARGS__)                                                    \
	}
#define RESERVED(language, which, ...)                                                                                 \
	{                                                                                                                  \
		language, WORDS_KIND_RESERVED, which, false, WORDS(__VA_ARGS__)                                                \
	}
#define OWN(language, kind, which, ...)                                                                                \
	{                                                                                                                  \
		language, kind, which, true, WORDS(__VA_ARGS__)                                                                \
	}

static const struct words_row rows[] = {
	LIST("*", WORDS_YES, "y", "1", "ok", "okay"),
	LIST("*", WORDS_NO, "n", "0"),
	RESERVED("*", WORDS_HELP, "?"),

	/* 收到 and 知道了 only say that the text has come: they are no consent, so they are not here. */
	LIST("zh", WORDS_YES, "是", "好", "同意", "可以", "行", "对", "要", "需要", "办", "办理", "续办", "我要办",
		"我要办理", "要办", "要办理", "确认", "确定", "没问题", "愿意", "我愿意", "正确", "无误", "确认无误",
		"信息无误", "没错", "我同意", "我要", "我需要", "是我", "是本人", "好好", "中", "成", "得嘞", "要得", "得行", "嗯呐", "昂", "同意办理", "确认办理", "對", "辦",
		"辦理", "續辦", "確認", "確定", "沒問題", "願意", "正確", "無誤", "確認無誤", "沒錯"),
	LIST("zh", WORDS_NO, "否", "不", "不是", "不好", "不同意", "我不同意", "不可以", "不行", "不对", "不要", "我不要",
		"不需要", "我不需要", "不用", "不办", "不办理", "不续办", "不想办", "暂不办理", "不确认", "不愿意", "不正确",
		"有误", "错", "错误", "信息有误", "没", "没有", "拒绝", "取消", "放弃", "算", "不對", "不辦", "不辦理",
		"不確認", "不願意", "不正確", "有誤", "錯", "錯誤", "拒絕", "放棄"),
	LIST("zh", WORDS_ALL, "全部", "所有", "全", "都", "全都", "都要", "全要", "都办", "全办", "全部都要", "全部办理",
		"都办理", "所有的都要", "全辦", "都辦", "全部辦理"),
	LIST("zh", WORDS_KEEP, "不变", "不改", "不用改", "不变更", "不修改", "保持", "保持不变", "保留", "原地址",
		"原来的地址", "照旧", "一样", "跟原来一样", "不變", "不改變", "照舊", "一樣", "原來的地址"),
	RESERVED("zh", WORDS_STOP, "停", "停止", "停止发送", "停止提醒", "停止短信", "td", "退订", "取消订阅", "取消提醒",
		"拒收", "不要再发", "不要发", "别发", "别再发", "不要再发短信", "停止發送", "退訂", "取消訂閱", "不要再發",
		"別再發"),
	OWN("zh", WORDS_KIND_RESERVED, WORDS_STOP, "t", "r"), /* carriers there print "拒收请回复R" */
	RESERVED("zh", WORDS_HELP, "帮助", "帮忙", "帮帮我", "求助", "怎么办", "怎么办理", "如何办理", "说明", "人工",
		"人工服务", "客服", "幫助", "怎麼辦", "說明"),
	RESERVED("zh", WORDS_STATUS, "进度", "状态", "查询", "查进度", "查询进度", "办理进度", "查办理进度", "办理状态",
		"进展", "到哪", "办到哪", "進度", "狀態", "查詢", "查詢進度", "辦理進度"),
	RESERVED("zh", WORDS_LANGUAGE, "语言", "切换语言", "更改语言", "語言", "切換語言"),
	RESERVED("zh", WORDS_NOT_ME, "不是我", "不是本人", "非本人", "我不是", "我不是本人", "这不是我", "不是我的号码",
		"打错", "发错", "发错人", "错号", "号码错", "你发错", "你们发错", "发错号码", "换号", "不认识", "不認識",
		"發錯", "發錯人", "打錯", "號碼錯", "這不是我"),
	RESERVED("zh", WORDS_CHECK, "核验", "核实", "验证", "查验", "核验码", "验证码", "核对真伪", "真伪", "辨真伪",
		"核驗", "核實", "驗證", "查驗", "驗證碼"),
	RESERVED("zh", WORDS_START, "开始", "恢复", "恢复提醒", "重新开始", "订阅", "恢复订阅", "開始", "恢復", "訂閱"),

	LIST("en", WORDS_YES, "yes", "yeah", "yep", "yup", "yea", "sure", "of course", "no problem", "agree", "i agree",
		"agreed", "accept", "i accept", "confirm", "i confirm", "confirmed", "correct", "right", "fine", "go ahead",
		"yes i do", "i do", "its correct", "it is correct", "that is right", "thats right", "all correct"),
	LIST("en", WORDS_NO, "no", "nope", "nah", "not", "no i dont", "no i do not", "i dont", "i do not", "disagree",
		"i disagree", "i dont agree", "i do not agree", "dont agree", "do not agree", "not agree", "not correct",
		"incorrect", "wrong", "not right", "its wrong", "it is wrong", "thats wrong", "that is wrong", "decline",
		"i decline", "refuse", "reject", "cancel", "not interested", "not now", "i dont want", "i do not want"),
	LIST("en", WORDS_ALL, "all", "everything", "all of them", "both", "both of them", "all of it", "every one"),
	LIST("en", WORDS_KEEP, "keep", "keep it", "same", "the same", "keep the same", "same address", "the same address",
		"unchanged", "no change", "no changes", "as it is"),
	RESERVED("en", WORDS_STOP, "stop", "stop it", "stop all", "stopall", "stop texting", "stop texting me",
		"stop sending", "stop reminders", "unsubscribe", "end", "quit", "opt out", "optout", "remove me"),
	RESERVED("en", WORDS_HELP, "help", "help me", "info", "information", "how", "what is this", "who is this",
		"who are you"),
	RESERVED(
		"en", WORDS_STATUS, "status", "progress", "my status", "check status", "check progress", "check my status"),
	RESERVED("en", WORDS_LANGUAGE, "language", "lang", "change language"),
	RESERVED("en", WORDS_NOT_ME, "not me", "notme", "not mine", "its not me", "it is not me", "this is not me",
		"thats not me", "that is not me", "im not", "i am not", "wrong number", "wrong person",
		"you have the wrong number", "not my number"),
	RESERVED("en", WORDS_CHECK, "check", "check code", "verify", "genuine"),
	RESERVED("en", WORDS_START, "start", "unstop", "resume", "restart", "subscribe"),

	LIST("ar", WORDS_YES, "نعم", "اجل", "موافق", "موافقه", "اوافق", "انا موافق", "صحيح", "حسنا", "اكيد"),
	LIST("ar", WORDS_NO, "لا", "كلا", "غير موافق", "لا اوافق", "لست موافقا", "ارفض", "غير صحيح", "خطا"),
	LIST("ar", WORDS_ALL, "الكل", "الجميع", "كلها", "جميعها"),
	LIST("ar", WORDS_KEEP, "ابقاء", "ابق", "نفسه", "نفس العنوان", "كما هو", "بدون تغيير"),
	RESERVED("ar", WORDS_STOP, "توقف", "ايقاف", "قف", "الغاء الاشتراك"),
	RESERVED("ar", WORDS_HELP, "مساعده", "المساعده", "ساعدني"),
	RESERVED("ar", WORDS_STATUS, "الحاله", "حاله", "حاله الطلب"),
	RESERVED("ar", WORDS_LANGUAGE, "لغه", "اللغه", "تغيير اللغه"),
	RESERVED("ar", WORDS_NOT_ME, "لست انا", "ليس انا", "هذا ليس انا", "رقم خاطي", "الرقم خطا"),
	RESERVED("ar", WORDS_CHECK, "تحقق", "التحقق"),
	RESERVED("ar", WORDS_START, "ابدا", "بدء", "استيناف"),

	LIST("es", WORDS_YES, "si", "vale", "claro", "de acuerdo", "acepto", "si acepto", "confirmo", "correcto",
		"esta bien"),
	OWN("es", WORDS_KIND_LIST, WORDS_YES, "s"),
	LIST("es", WORDS_NO, "no acepto", "no quiero", "no estoy de acuerdo", "rechazo", "incorrecto", "cancelar"),
	LIST("es", WORDS_ALL, "todo", "todos", "todas"),
	LIST("es", WORDS_KEEP, "mantener", "igual", "sin cambios", "la misma", "el mismo", "misma direccion",
		"la misma direccion"),
	RESERVED("es", WORDS_STOP, "alto", "parar", "baja", "darme de baja"),
	RESERVED("es", WORDS_HELP, "ayuda"),
	RESERVED("es", WORDS_STATUS, "estado", "mi estado"),
	RESERVED("es", WORDS_LANGUAGE, "idioma", "cambiar idioma"),
	RESERVED("es", WORDS_NOT_ME, "no soy yo", "yo no soy", "numero equivocado"),
	RESERVED("es", WORDS_CHECK, "verificar", "comprobar"),
	RESERVED("es", WORDS_START, "empezar", "reanudar", "alta"),

	/* A lone "o" for oui is not here: on a phone it is too easily a nought, which means no. */
	LIST("fr", WORDS_YES, "oui", "daccord", "jaccepte", "accepte", "je confirme", "exact", "bien sur"),
	LIST("fr", WORDS_NO, "non", "pas daccord", "je refuse", "je ne suis pas daccord", "je ne veux pas", "inexact",
		"annuler"),
	LIST("fr", WORDS_ALL, "tout", "tous", "toutes"),
	LIST("fr", WORDS_KEEP, "garder", "conserver", "inchange", "inchangee", "le meme", "la meme", "meme adresse",
		"la meme adresse", "sans changement"),
	RESERVED("fr", WORDS_STOP, "arret", "arreter", "arretez", "desabonner"),
	RESERVED("fr", WORDS_HELP, "aide"),
	RESERVED("fr", WORDS_STATUS, "statut", "etat", "suivi"),
	RESERVED("fr", WORDS_LANGUAGE, "langue", "changer de langue"),
	RESERVED("fr", WORDS_NOT_ME, "pas moi", "ce nest pas moi", "mauvais numero", "erreur de numero"),
	RESERVED("fr", WORDS_CHECK, "verifier", "verification"),
	RESERVED("fr", WORDS_START, "commencer", "reprendre"),

	LIST("pt", WORDS_YES, "sim", "certo", "concordo", "aceito", "confirmo", "esta certo", "esta bem"),
	OWN("pt", WORDS_KIND_LIST, WORDS_YES, "s"),
	LIST("pt", WORDS_NO, "nao", "nao concordo", "nao aceito", "nao quero", "errado", "recuso", "cancelar"),
	LIST("pt", WORDS_ALL, "tudo", "todos", "todas"),
	LIST("pt", WORDS_KEEP, "manter", "igual", "o mesmo", "a mesma", "mesmo endereco", "o mesmo endereco",
		"sem alteracao", "sem alteracoes"),
	RESERVED("pt", WORDS_STOP, "parar", "pare", "sair"),
	RESERVED("pt", WORDS_HELP, "ajuda"),
	RESERVED("pt", WORDS_STATUS, "situacao", "andamento", "estado"),
	RESERVED("pt", WORDS_LANGUAGE, "idioma", "lingua", "mudar idioma"),
	RESERVED("pt", WORDS_NOT_ME, "nao sou eu", "numero errado"),
	RESERVED("pt", WORDS_CHECK, "verificar", "conferir"),
	RESERVED("pt", WORDS_START, "comecar", "iniciar", "retomar"),

	LIST("tr", WORDS_YES, "evet", "tamam", "olur", "kabul", "kabul ediyorum", "onayliyorum", "onay", "dogru",
		"istiyorum"),
	OWN("tr", WORDS_KIND_LIST, WORDS_YES, "e"),
	LIST("tr", WORDS_NO, "hayir", "olmaz", "kabul etmiyorum", "istemiyorum", "onaylamiyorum", "yanlis"),
	OWN("tr", WORDS_KIND_LIST, WORDS_NO, "h"),
	LIST("tr", WORDS_ALL, "hepsi", "hepsini", "tumu", "tumunu"),
	LIST("tr", WORDS_KEEP, "ayni", "ayni adres", "ayni kalsin", "degismesin", "degisiklik yok"),
	RESERVED("tr", WORDS_STOP, "dur", "durdur", "ret", "iptal", "abonelikten cik"),
	RESERVED("tr", WORDS_HELP, "yardim"),
	RESERVED("tr", WORDS_STATUS, "durum", "durumu"),
	RESERVED("tr", WORDS_LANGUAGE, "dil", "dil degistir"),
	RESERVED("tr", WORDS_NOT_ME, "ben degilim", "yanlis numara", "yanlis kisi"),
	RESERVED("tr", WORDS_CHECK, "dogrula", "kontrol"),
	RESERVED("tr", WORDS_START, "basla", "baslat"),

	LIST("ru", WORDS_YES, "да", "ага", "согласен", "согласна", "я согласен", "я согласна", "хорошо", "подтверждаю",
		"верно", "правильно", "конечно"),
	OWN("ru", WORDS_KIND_LIST, WORDS_YES, "д"),
	LIST("ru", WORDS_NO, "нет", "не согласен", "не согласна", "я не согласен", "я не согласна", "отказываюсь",
		"не хочу", "не надо", "не нужно", "неверно", "неправильно", "отмена"),
	OWN("ru", WORDS_KIND_LIST, WORDS_NO, "н"),
	LIST("ru", WORDS_ALL, "все", "оба", "обе"),
	LIST("ru", WORDS_KEEP, "оставить", "без изменений", "тот же", "тот же адрес", "не менять"),
	RESERVED("ru", WORDS_STOP, "стоп", "отписаться", "отписка", "хватит", "не присылайте"),
	RESERVED("ru", WORDS_HELP, "помощь", "помогите", "справка"),
	RESERVED("ru", WORDS_STATUS, "статус", "состояние"),
	RESERVED("ru", WORDS_LANGUAGE, "язык", "сменить язык"),
	RESERVED("ru", WORDS_NOT_ME, "не я", "это не я", "ошиблись номером", "вы ошиблись номером", "не тот номер"),
	RESERVED("ru", WORDS_CHECK, "проверка", "проверить"),
	RESERVED("ru", WORDS_START, "старт", "начать", "возобновить"),

	LIST("hi", WORDS_YES, "हां", "हा", "जी", "जी हां", "सहमत", "सहमत हूं", "मैं सहमत हूं", "स्वीकार", "स्वीकार है", "ठीक है", "सही",
		"सही है", "haan", "ji haan", "theek hai"),
	LIST("hi", WORDS_NO, "नहीं", "नही", "जी नहीं", "सहमत नहीं", "सहमत नहीं हूं", "मैं सहमत नहीं हूं", "अस्वीकार", "नहीं चाहिए",
		"गलत", "nahi", "nahin"),
	LIST("hi", WORDS_ALL, "सभी", "सब", "दोनों", "sabhi"),
	LIST("hi", WORDS_KEEP, "वही", "वही पता", "वही रखें", "न बदलें", "मत बदलो"),
	RESERVED("hi", WORDS_STOP, "रोकें", "रोको", "बंद", "बंद करें", "बंद करो"),
	RESERVED("hi", WORDS_HELP, "मदद", "सहायता", "madad"),
	RESERVED("hi", WORDS_STATUS, "स्थिति"),
	RESERVED("hi", WORDS_LANGUAGE, "भाषा", "भाषा बदलें"),
	RESERVED("hi", WORDS_NOT_ME, "मैं नहीं", "मैं नहीं हूं", "यह मैं नहीं हूं", "गलत नंबर"),
	RESERVED("hi", WORDS_CHECK, "जांच", "जांचें"),
	RESERVED("hi", WORDS_START, "शुरू", "शुरू करें"),
};

const struct words_row *
words_rows(size_t *count)
{
	*count = sizeof rows / sizeof rows[0];
	return rows;
}
