/* The words for what became of a text. */
#include "gateway/delivery.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/smpp/status.h"

struct row {
	const char *name, *en, *zh;
};

static const struct row states[] = {
	{"queued", "Delivering", "发送中"},
	{"delivering", "Delivering", "发送中"},
	{"delivered", "Delivered", "已送达"},
	{"unavailable", "Phone not accepting messages right now", "手机暂时收不到短信"},
	{"expired", "Phone not accepting messages right now", "手机暂时收不到短信"},
	{"failed", "Not delivered", "未送达"},
	{"technical", "Technical failure", "技术故障"},
	{"cancelled", "Cancelled", "已取消"},
	{"received", "Received", "已收到"},
	/* of a campaign, where no text was written */
	{"waiting", "Not sent yet", "还没有发出"},
	{"not_asked", "Not sent: the campaign was stopped", "没有发出：批次已停止"},
};

static const struct row receipts[] = {
	{"EXPIRED", "the phone could not be reached for as long as the carrier kept the text",
		"手机在运营商保留短信的时间内一直收不到"},
	{"UNDELIV", "the carrier could not deliver it to this phone", "运营商无法送达这个手机"},
	{"REJECTD", "the carrier rejected it", "运营商拒绝了这条短信"},
	{"DELETED", "the carrier deleted it before it arrived", "运营商在送达前删除了这条短信"},
};

static const char *
words_of(const struct row *row, const char *language)
{
	return strcmp(language, "zh") == 0 ? row->zh : row->en;
}

static const struct row *
find(const struct row *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	}
	return NULL;
}

const char *
delivery_words(const char *state, const char *language)
{
	const struct row *row = find(states, sizeof(states) / sizeof(states[0]), state);

	return row == NULL ? state : words_of(row, language);
}

const char *
delivery_reason(const char *receipt, const char *language)
{
	const struct row *row = find(receipts, sizeof(receipts) / sizeof(receipts[0]), receipt);

	if (row != NULL)
		return words_of(row, language);
	return strcmp(language, "zh") == 0 ? "没有送达" : "it was not delivered";
}

size_t
delivery_receipts(const char *const **out)
{
	static const char *names[sizeof(receipts) / sizeof(receipts[0])];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		names[i] = receipts[i].name;
	*out = names;
	return sizeof(names) / sizeof(names[0]);
}

const char *
delivery_uncertain_reason(const char *language)
{
	return strcmp(language, "zh") == 0 ? "与运营商的连接中断，不知道短信是否到达"
									   : "the connection to the carrier dropped, and nobody knows whether it arrived";
}

/* What follows begin in text, NULL when text begins otherwise or goes on in the middle of a word. */
static const char *
after(const char *text, const char *begin)
{
	size_t len = strlen(begin);

	return strncmp(text, begin, len) == 0 && (text[len] == '\0' || text[len] == ' ') ? text + len : NULL;
}

bool
delivery_reworded(const char *stored, const char *language, char *out, size_t room)
{
	bool zh = strcmp(language, "zh") == 0;

	if (strcmp(stored, delivery_uncertain_reason("en")) == 0 || strcmp(stored, delivery_uncertain_reason("zh")) == 0) {
		(void)snprintf(out, room, "%s", delivery_uncertain_reason(language));
		return true;
	}
	for (size_t i = 0; i < sizeof(receipts) / sizeof(receipts[0]); i++) {
		const struct row *r = &receipts[i];
		const char *code = after(stored, r->name);
		if (code == NULL)
			code = after(stored, r->en);
		if (code == NULL)
			code = after(stored, r->zh);
		if (code == NULL)
			continue;
		code += strspn(code, " (");
		int len = (int)strcspn(code, ")");
		(void)snprintf(out, room, len == 0 ? "%s" : zh ? "%s（%.*s）" : "%s (%.*s)", words_of(r, language), len, code);
		return true;
	}
	const char *hex = strstr(stored, "0x");
	char *end;
	if (hex == NULL || hex == stored || (hex[-1] != '(' && (unsigned char)hex[-1] != 0x88))
		return false;
	unsigned long status = strtoul(hex + 2, &end, 16);
	if (end == hex + 2 || status > UINT32_MAX || (strcmp(end, ")") != 0 && strcmp(end, "）") != 0))
		return false;
	status_reason((uint32_t)status, language, out, room);
	return true;
}

const char *
delivery_refused_state(uint32_t status)
{
	/* SMPP 3.4, 5.1.3: what speaks of the destination, or of the delivery to it. */
	static const uint32_t of_phone[] = {
		STATUS_INVALID_DESTINATION, 0x33, 0x34, 0x40, 0x44, 0x50, 0x51, 0x65, 0x66, 0xfe};

	for (size_t i = 0; i < sizeof(of_phone) / sizeof(of_phone[0]); i++) {
		if (of_phone[i] == status)
			return "failed";
	}
	return "technical";
}
