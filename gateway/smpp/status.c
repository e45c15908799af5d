/* One table of the statuses of SMPP 3.4 and what the gateway makes of them. */
#include "gateway/smpp/status.h"

#include <stddef.h>

static const struct {
	uint32_t status;
	enum status_action action;
	const char *text;
} table[] = {
	{0x00, STATUS_OK, "ok"},
	{0x01, STATUS_PERMANENT, "invalid message length"},
	{0x02, STATUS_REBIND, "invalid command length"},
	{0x03, STATUS_REBIND, "invalid command"},
	{0x04, STATUS_REBIND, "wrong bind state for this command"},
	{0x05, STATUS_BACKOFF, "already bound"},
	{0x06, STATUS_PERMANENT, "invalid priority flag"},
	{0x07, STATUS_PERMANENT, "invalid registered delivery flag"},
	{0x08, STATUS_RETRY, "system error"},
	{0x0a, STATUS_PERMANENT, "invalid source address"},
	{0x0b, STATUS_PERMANENT, "invalid destination address"},
	{0x0c, STATUS_PERMANENT, "invalid message id"},
	{0x0d, STATUS_BACKOFF, "bind failed"},
	{0x0e, STATUS_ALARM, "invalid password"},
	{0x0f, STATUS_ALARM, "invalid system id"},
	{0x11, STATUS_PERMANENT, "cancel failed"},
	{0x13, STATUS_PERMANENT, "replace failed"},
	{0x14, STATUS_PAUSE, "message queue full"},
	{0x15, STATUS_PERMANENT, "invalid service type"},
	{0x33, STATUS_PERMANENT, "invalid number of destinations"},
	{0x34, STATUS_PERMANENT, "invalid distribution list name"},
	{0x40, STATUS_PERMANENT, "invalid destination flag"},
	{0x42, STATUS_PERMANENT, "invalid replace request"},
	{0x43, STATUS_PERMANENT, "invalid esm class"},
	{0x44, STATUS_PERMANENT, "cannot submit to distribution list"},
	{0x45, STATUS_RETRY, "submit failed"},
	{0x48, STATUS_PERMANENT, "invalid source type of number"},
	{0x49, STATUS_PERMANENT, "invalid source numbering plan"},
	{0x50, STATUS_PERMANENT, "invalid destination type of number"},
	{0x51, STATUS_PERMANENT, "invalid destination numbering plan"},
	{0x53, STATUS_ALARM, "invalid system type"},
	{0x54, STATUS_PERMANENT, "invalid replace flag"},
	{0x55, STATUS_PERMANENT, "invalid number of messages"},
	{0x58, STATUS_PAUSE, "throttled"},
	{0x61, STATUS_PERMANENT, "invalid scheduled delivery time"},
	{0x62, STATUS_PERMANENT, "invalid validity period"},
	{0x63, STATUS_PERMANENT, "invalid predefined message"},
	{0x64, STATUS_RETRY, "temporary error of the receiver"},
	{0x65, STATUS_PERMANENT, "permanent error of the receiver"},
	{0x66, STATUS_PERMANENT, "rejected by the receiver"},
	{0x67, STATUS_PERMANENT, "query failed"},
	{0xc0, STATUS_PERMANENT, "error in the optional part"},
	{0xc1, STATUS_PERMANENT, "optional parameter not allowed"},
	{0xc2, STATUS_PERMANENT, "invalid parameter length"},
	{0xc3, STATUS_PERMANENT, "optional parameter missing"},
	{0xc4, STATUS_PERMANENT, "invalid optional parameter value"},
	{0xfe, STATUS_PERMANENT, "delivery failed"},
	{0xff, STATUS_RETRY, "unknown error"},
};

enum status_action
status_action(uint32_t status)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			return table[i].action;
	return STATUS_UNKNOWN;
}

const char *
status_text(uint32_t status)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].status == status)
			return table[i].text;
	return "unknown status";
}
