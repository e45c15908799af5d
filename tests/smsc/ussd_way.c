/* The ways in which carriers carry USSD over SMPP, and what an ESME's PDU means in each. Pure. */
#include "tests/smsc/ussd.h"

#include <string.h>

enum {
	OP_USSR = 2,	 /* menu */
	OP_USSN = 3,	 /* notification */
	OP_PSSR_END = 17 /* PSSR response: the end */
};
enum {
	BIT = -1,	 /* operation 18, bit 0, no text */
	UNTOLD = -2, /* the ESME never hears of it */
};

const struct ussd_way ussd_ways[] = {
	{.name = "standard",
		.by = USSD_BY_INFO,
		.end_needs_bit = true,
		.menu = OP_USSR,
		.end = OP_PSSR_END,
		.end_pushed = OP_USSN,
		.note = OP_USSN,
		.over = {BIT, BIT, BIT}},
	{.name = "tata",
		.by = USSD_BY_INFO_15,
		.end_needs_bit = true,
		.menu = OP_USSR,
		.end = OP_USSR,
		.end_pushed = OP_USSR,
		.note = OP_USSN,
		.over = {BIT, BIT, BIT}},
	{.name = "6d",
		.by = USSD_BY_INFO_15,
		.code_in_address = true,
		.end_needs_bit = true,
		.menu = OP_USSR,
		.end = OP_PSSR_END,
		.end_pushed = OP_USSN,
		.note = OP_USSN,
		.over = {0x81, BIT, BIT}},
	{.name = "mica",
		.by = USSD_BY_REFERENCE,
		.menu = OP_USSR,
		.end = OP_PSSR_END,
		.end_pushed = OP_PSSR_END,
		.note = OP_USSN,
		.over = {0x81, 0x81, 0x81}},
	{.name = "smpp+",
		.by = USSD_BY_REFERENCE,
		.menu = OP_USSR,
		.end = OP_PSSR_END,
		.end_pushed = 131,
		.note = 131,
		.last = 130,
		.let_go = 128,
		.over = {129, 129, 129}},
	{.name = "glo",
		.by = USSD_BY_ID,
		.data_sm = true,
		.menu = OP_USSR,
		.end = OP_PSSR_END,
		.end_pushed = OP_USSN,
		.note = OP_USSN,
		.let_go = 68,
		.over = {65, 66, 67}},
	{.name = "huawei",
		.by = USSD_BY_NOTHING,
		.menu = OP_USSR,
		.end = OP_PSSR_END,
		.end_pushed = OP_USSN,
		.note = OP_USSN,
		.over = {UNTOLD, UNTOLD, UNTOLD}},
};

bool
ussd_bears_name(const struct ussd_way *w, const struct pdu_sm *sm)
{
	switch (w->by) {
	case USSD_BY_INFO:
	case USSD_BY_INFO_15:
		return sm->session_info >= 0;
	case USSD_BY_REFERENCE:
		return sm->user_reference >= 0;
	case USSD_BY_ID:
		return sm->receipted_id[0] != '\0';
	default:
		return false;
	}
}

bool
ussd_names(const struct ussd_way *w, const struct pdu_sm *sm, uint16_t number, const char *id)
{
	switch (w->by) {
	case USSD_BY_INFO:
		return sm->session_info >= 0 && (sm->session_info & 0xFF00) == (number & 0xFF00);
	case USSD_BY_INFO_15:
		return sm->session_info >= 0 && (sm->session_info & 0xFFFE) == (number & 0xFFFE);
	case USSD_BY_REFERENCE:
		return sm->user_reference == number;
	case USSD_BY_ID:
		return strcmp(sm->receipted_id, id) == 0;
	default:
		return !ussd_bears_name(w, sm);
	}
}

enum ussd_move
ussd_judge(const struct ussd_way *w, const struct pdu_sm *sm, bool open, bool pushed)
{
	int op = sm->ussd_op;
	bool bit = sm->session_info >= 0 && (sm->session_info & 1) != 0;

	if (op <= 0)
		return USSD_WRONG;
	if (!open)
		return op == w->menu ? USSD_OPEN_MENU : op == w->note ? USSD_SHOW_NOTE : USSD_WRONG;
	if (w->let_go != 0 && op == w->let_go)
		return USSD_LET_GO;
	if (w->last != 0 && op == w->last)
		return USSD_SHOW_LAST;
	if (w->end_needs_bit && bit)
		return op == w->end || (pushed && op == w->end_pushed) ? USSD_SHOW_END : USSD_WRONG;
	if (op == w->menu)
		return USSD_SHOW_MENU;
	if (!w->end_needs_bit && (op == w->end || (pushed && op == w->end_pushed)))
		return USSD_SHOW_END;
	return USSD_WRONG;
}
