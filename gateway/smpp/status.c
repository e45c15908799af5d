/* The statuses of SMPP 3.4 as a table: what the gateway makes of each, its name for logs, its reason for people. */
#include "gateway/smpp/status.h"
#include "gateway/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reasons as the staff of a bureau can use them: what the carrier objects to, not its word for it. */
enum reason {
	REASON_NONE,
	REASON_NUMBER,
	REASON_SENDER,
	REASON_TEXT,
	REASON_PHONE,
	REASON_BUSY,
	REASON_FAULT,
	REASON_SESSION,
	REASON_ACCOUNT,
	REASON_ID,
	REASON_OWN,
};

static const struct {
	const char *en, *zh;
} reasons[] = {
	[REASON_NONE] = {"accepted by the carrier", "运营商已接收"},
	[REASON_NUMBER] = {"the carrier does not accept this phone number", "运营商不接受该手机号码"},
	[REASON_SENDER] = {"the carrier does not accept our sending number; the operators must look",
		"运营商不接受本单位的发送号码，请运维人员处理"},
	[REASON_TEXT] = {"the carrier does not accept the text as it was sent; the operators must look",
		"运营商不接受该短信的格式，请运维人员处理"},
	[REASON_PHONE] = {"the carrier could not deliver to this phone", "运营商无法送达该手机"},
	[REASON_BUSY] = {"the carrier was too busy", "运营商繁忙"},
	[REASON_FAULT] = {"the carrier had a fault", "运营商系统故障"},
	[REASON_SESSION] = {"the connection to the carrier was broken", "与运营商的连接中断"},
	[REASON_ACCOUNT] = {"the carrier refuses our account; the operators must look",
		"运营商拒绝本系统的账号，请运维人员处理"},
	[REASON_ID] = {"the carrier does not know the text any more, or cannot change it",
		"运营商查不到该短信或已不能更改"},
	[REASON_OWN] = {"the carrier refused with a code of its own; the operators must look",
		"运营商以自有代码拒绝，请运维人员处理"},
};

static const struct row {
	uint32_t first, last;
	enum status_action action;
	enum reason reason;
	const char *text;
} table[] = {
	{0x00, 0x00, STATUS_OK, REASON_NONE, "ok"},
	{0x01, 0x01, STATUS_PERMANENT, REASON_TEXT, "invalid message length"},
	{0x02, 0x02, STATUS_REBIND, REASON_SESSION, "invalid command length"},
	{0x03, 0x03, STATUS_REBIND, REASON_SESSION, "invalid command"},
	{0x04, 0x04, STATUS_REBIND, REASON_SESSION, "wrong bind state for this command"},
	{0x05, 0x05, STATUS_BACKOFF, REASON_SESSION, "already bound"},
	{0x06, 0x06, STATUS_PERMANENT, REASON_TEXT, "invalid priority flag"},
	{0x07, 0x07, STATUS_PERMANENT, REASON_TEXT, "invalid registered delivery flag"},
	{0x08, 0x08, STATUS_RETRY, REASON_FAULT, "system error"},
	{0x0a, 0x0a, STATUS_PERMANENT, REASON_SENDER, "invalid source address"},
	{0x0b, 0x0b, STATUS_PERMANENT, REASON_NUMBER, "invalid destination address"},
	{0x0c, 0x0c, STATUS_PERMANENT, REASON_ID, "invalid message id"},
	{0x0d, 0x0d, STATUS_BACKOFF, REASON_SESSION, "bind failed"},
	{0x0e, 0x0e, STATUS_ALARM, REASON_ACCOUNT, "invalid password"},
	{0x0f, 0x0f, STATUS_ALARM, REASON_ACCOUNT, "invalid system id"},
	{0x11, 0x11, STATUS_PERMANENT, REASON_ID, "cancel failed"},
	{0x13, 0x13, STATUS_PERMANENT, REASON_ID, "replace failed"},
	{0x14, 0x14, STATUS_PAUSE, REASON_BUSY, "message queue full"},
	{0x15, 0x15, STATUS_PERMANENT, REASON_TEXT, "invalid service type"},
	{0x33, 0x33, STATUS_PERMANENT, REASON_NUMBER, "invalid number of destinations"},
	{0x34, 0x34, STATUS_PERMANENT, REASON_NUMBER, "invalid distribution list name"},
	{0x40, 0x40, STATUS_PERMANENT, REASON_NUMBER, "invalid destination flag"},
	{0x42, 0x42, STATUS_PERMANENT, REASON_TEXT, "invalid replace request"},
	{0x43, 0x43, STATUS_PERMANENT, REASON_TEXT, "invalid esm class"},
	{0x44, 0x44, STATUS_PERMANENT, REASON_NUMBER, "cannot submit to distribution list"},
	{0x45, 0x45, STATUS_RETRY, REASON_FAULT, "submit failed"},
	{0x48, 0x48, STATUS_PERMANENT, REASON_SENDER, "invalid source type of number"},
	{0x49, 0x49, STATUS_PERMANENT, REASON_SENDER, "invalid source numbering plan"},
	{0x4a, 0x4f, STATUS_PERMANENT, REASON_NUMBER, "invalid address (reserved status)"},
	{0x50, 0x50, STATUS_PERMANENT, REASON_NUMBER, "invalid destination type of number"},
	{0x51, 0x51, STATUS_PERMANENT, REASON_NUMBER, "invalid destination numbering plan"},
	{0x53, 0x53, STATUS_ALARM, REASON_ACCOUNT, "invalid system type"},
	{0x54, 0x54, STATUS_PERMANENT, REASON_TEXT, "invalid replace flag"},
	{0x55, 0x55, STATUS_PERMANENT, REASON_TEXT, "invalid number of messages"},
	{0x58, 0x58, STATUS_PAUSE, REASON_BUSY, "throttled"},
	{0x61, 0x61, STATUS_PERMANENT, REASON_TEXT, "invalid scheduled delivery time"},
	{0x62, 0x62, STATUS_PERMANENT, REASON_TEXT, "invalid validity period"},
	{0x63, 0x63, STATUS_PERMANENT, REASON_TEXT, "invalid predefined message"},
	{0x64, 0x64, STATUS_RETRY, REASON_FAULT, "temporary error of the receiver"},
	{0x65, 0x65, STATUS_PERMANENT, REASON_PHONE, "permanent error of the receiver"},
	{0x66, 0x66, STATUS_PERMANENT, REASON_PHONE, "rejected by the receiver"},
	{0x67, 0x67, STATUS_PERMANENT, REASON_ID, "query failed"},
	{0xc0, 0xc0, STATUS_PERMANENT, REASON_TEXT, "error in the optional part"},
	{0xc1, 0xc1, STATUS_PERMANENT, REASON_TEXT, "optional parameter not allowed"},
	{0xc2, 0xc2, STATUS_PERMANENT, REASON_TEXT, "invalid parameter length"},
	{0xc3, 0xc3, STATUS_PERMANENT, REASON_TEXT, "optional parameter missing"},
	{0xc4, 0xc4, STATUS_PERMANENT, REASON_TEXT, "invalid optional parameter value"},
	{0xfe, 0xfe, STATUS_PERMANENT, REASON_PHONE, "delivery failed"},
	{0xff, 0xff, STATUS_RETRY, REASON_FAULT, "unknown error"},
};

static const struct row *
find(uint32_t status)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (status >= table[i].first && status <= table[i].last)
			return &table[i];
	return NULL;
}

enum status_action
status_action(uint32_t status)
{
	const struct row *r = find(status);

	return r ? r->action : STATUS_UNKNOWN;
}

const char *
status_text(uint32_t status)
{
	const struct row *r = find(status);

	return r ? r->text : "unknown status";
}

void
status_reason(uint32_t status, const char *language, char *out, size_t room)
{
	const struct row *r = find(status);
	enum reason reason = r ? r->reason : REASON_OWN;
	bool chinese = language && strcmp(language, "zh") == 0;

	snprintf(out, room, chinese ? "%s（0x%02X）" : "%s (0x%02X)", chinese ? reasons[reason].zh : reasons[reason].en,
		(unsigned)status);
}

/* ---- A link's own rows ------------------------------------------------------------------------------------------ */

static int
number_read(const char *text, char **end, uint32_t *out)
{
	unsigned long long n;

	if (*text < '0' || *text > '9') /* strtoull would take a sign and blanks */
		return -1;
	errno = 0;
	n = strtoull(text, end, 0);
	if (errno || n > UINT32_MAX)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

int
status_row_read(const char *text, struct status_row *out)
{
	static const struct {
		const char *word;
		enum status_action action;
	} words[] = {{"throttle", STATUS_PAUSE}, {"retry", STATUS_RETRY}, {"rebind", STATUS_REBIND},
		{"backoff", STATUS_BACKOFF}, {"alarm", STATUS_ALARM}, {"permanent", STATUS_PERMANENT}};
	static const char unknown[] = "unknown";
	char *at = (char *)text;

	if (strncmp(text, unknown, sizeof(unknown) - 1) == 0) {
		*out = (struct status_row){.first = 1, .last = 0};
		at += sizeof(unknown) - 1;
	} else {
		if (number_read(at, &at, &out->first) != 0)
			return -1;
		out->last = out->first;
		if (*at == '-' && number_read(at + 1, &at, &out->last) != 0)
			return -1;
		if (out->first == 0 || out->first > out->last)
			return -1;
	}
	if (*at++ != '=')
		return -1;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(at, words[i].word) == 0) {
			out->action = words[i].action;
			return 0;
		}
	}
	return -1;
}

/* The narrowest row that holds the status counts, so that one code can be taken out of a range. */
enum status_action
status_action_on(const struct conf_link *conf, uint32_t status)
{
	enum status_action action = status_action(status);
	uint64_t narrowest = UINT64_MAX;
	struct status_row row;

	if (status == 0)
		return STATUS_OK;
	for (size_t i = 0; i < conf->nstatuses; i++) {
		if (status_row_read(conf->statuses[i], &row) != 0)
			continue; /* the configuration has been checked */
		if (row.first > row.last) {
			if (action == STATUS_UNKNOWN && narrowest == UINT64_MAX)
				action = row.action;
		} else if (status >= row.first && status <= row.last && row.last - row.first < narrowest) {
			narrowest = row.last - row.first;
			action = row.action;
		}
	}
	return action;
}

/* ---- What becomes of a refused text ----------------------------------------------------------------------------- */

static int
delay_of(const int *seconds, size_t n, int attempt)
{
	return attempt >= 1 && (size_t)attempt <= n ? seconds[attempt - 1] : -1;
}

void
status_plan(const struct conf_link *conf, uint32_t status, int attempt, struct status_plan *out)
{
	*out = (struct status_plan){.action = status_action_on(conf, status), .delay_seconds = -1, .charged = true};
	switch (out->action) {
	case STATUS_OK:
	case STATUS_PERMANENT:
		break;
	case STATUS_PAUSE:
		out->delay_seconds = 1;
		out->charged = false;
		break;
	case STATUS_REBIND:
		out->delay_seconds = delay_of(conf->rebind_seconds, conf->nrebind_seconds, attempt);
		out->charged = false;
		break;
	case STATUS_UNKNOWN:
		out->delay_seconds = delay_of(conf->unknown_seconds, conf->nunknown_seconds, attempt);
		break;
	/* A text is not bound: these codes in answer to one are the carrier's trouble with the account. */
	case STATUS_RETRY:
	case STATUS_BACKOFF:
	case STATUS_ALARM:
		out->delay_seconds = delay_of(conf->retry_seconds, conf->nretry_seconds, attempt);
		break;
	}
}
