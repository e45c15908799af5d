/* A USSD profile from its section of the configuration: words and lists become flags and a table of operations. */
#include "gateway/smpp/ussd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "gateway/conf.h"

static unsigned
key_flags(const struct conf_profile *c)
{
	static const char *const words[] = {"phone", "address", "code", "session", "reference", "receipted_message_id"};
	unsigned key = 0;

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (conf_in_list(c->key, c->nkey, words[i]))
			key |= 1u << i;
	return key;
}

/* One operation has one meaning. */
static int
add_meaning(struct ussd_profile *p, int op, struct ussd_meaning meaning, char *why, size_t room)
{
	if (op < 0 || op > 255) {
		snprintf(why, room, "names the operation %d; operations go from 0 to 255", op);
		return -1;
	}
	if (p->meaning[op].event != USSD_NONE) {
		snprintf(why, room, "gives operation %d a second meaning", op);
		return -1;
	}
	p->meaning[op] = meaning;
	return 0;
}

static int
add_meanings(struct ussd_profile *p, const struct conf_profile *c, const char **key, char *why, size_t room)
{
	const struct {
		const char *key;
		const int *ops;
		size_t n;
		struct ussd_meaning meaning;
	} lists[] = {
		{"dial", c->dial, c->ndial, {USSD_DIAL, false, ""}},
		{"input", c->input, c->ninput, {USSD_INPUT, false, ""}},
		{"input_last", c->input_last, c->ninput_last, {USSD_INPUT, true, "ended by the network with this answer"}},
		{"noticed", c->noticed, c->nnoticed, {USSD_NOTICED, false, ""}},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		*key = lists[i].key;
		for (size_t k = 0; k < lists[i].n; k++)
			if (add_meaning(p, lists[i].ops[k], lists[i].meaning, why, room) != 0)
				return -1;
	}
	*key = "released";
	for (size_t i = 0; i < c->nreleased; i++) {
		const char *reason = c->released[i] + strspn(c->released[i], "0123456789");
		struct ussd_meaning meaning = {USSD_RELEASED, true, reason + (*reason == ' ')};

		if (add_meaning(p, (int)strtol(c->released[i], NULL, 10), meaning, why, room) != 0)
			return -1;
	}
	return 0;
}

static int
fault(const char **key, const char *name, char *why, size_t room, const char *text)
{
	*key = name;
	snprintf(why, room, "%s", text);
	return -1;
}

/* What the carrier could not tell apart, or would never understand. */
static int
check(const struct ussd_profile *p, const struct conf_profile *c, const char **key, char *why, size_t room)
{
	bool told_by_bit = p->end_by_bit && p->key & USSD_KEY_SESSION;

	if (c->nkey == 0)
		return fault(key, "key", why, room, "is empty: two sessions could not be told apart");
	if (c->ndial == 0)
		return fault(key, "dial", why, room, "is empty: no session could begin");
	if (c->ninput == 0)
		return fault(key, "input", why, room, "is empty: no menu could be answered");
	if (p->end_by_bit && !(p->key & USSD_KEY_SESSION))
		return fault(key, "end", why, room, "is shown in its_session_info, which is not in key");
	if (p->op[USSD_MENU] < 0 || p->op[USSD_END] < 0)
		return fault(
			key, p->op[USSD_MENU] < 0 ? "menu_op" : "end_op", why, room, "is -1: a session needs a menu and an end");
	if (p->op[USSD_END] == p->op[USSD_MENU] && !told_by_bit)
		return fault(
			key, "end_op", why, room, "is the menu's too, and bit 0 of its_session_info does not tell them apart");
	if (p->data_coding_gsm7 == p->data_coding_ucs2)
		return fault(key, "data_coding_ucs2", why, room, "is the same as data_coding_gsm7");
	if (!p->code_in_text && !p->code_in_address)
		return fault(key, "code_in", why, room, "is empty: no dialled code could be found");
	return 0;
}

int
ussd_profile_make(const struct conf_profile *c, struct ussd_profile *p, const char **key, char *why, size_t room)
{
	*p = (struct ussd_profile){.name = c->name,
		.key = key_flags(c),
		.session_mask = (uint16_t)strtoul(c->session_mask, NULL, 16),
		.next_sequence = strcmp(c->session_sequence, "next") == 0,
		.end_by_bit = strcmp(c->end, "operation") != 0,
		.end_by_op = strcmp(c->end, "bit0") != 0,
		.data_sm = strcmp(c->send, "data_sm") == 0,
		.packed = c->packed,
		.code_in_text = conf_in_list(c->code_in, c->ncode_in, "short_message"),
		.code_in_address = conf_in_list(c->code_in, c->ncode_in, "destination_addr"),
		.data_coding_gsm7 = (uint8_t)c->data_coding_gsm7,
		.data_coding_ucs2 = (uint8_t)c->data_coding_ucs2,
		.length_gsm7 = c->length_gsm7,
		.length_ucs2 = c->length_ucs2,
		.reply_seconds = c->reply_seconds,
		.idle_seconds = c->idle_seconds,
		.op = {[USSD_MENU] = c->menu_op,
			[USSD_END] = c->end_op,
			[USSD_PUSH_MENU] = c->push_menu_op,
			[USSD_PUSH_NOTE] = c->push_note_op,
			[USSD_RELEASE] = c->release_op},
		.op_end_pushed = c->end_pushed_op,
		.op_end_data = c->end_data_op};
	p->payload = c->payload || p->data_sm; /* data_sm has no short_message (4.7.1) */
	snprintf(p->service_type, sizeof(p->service_type), "%s", c->service_type);
	if (add_meanings(p, c, key, why, room) != 0)
		return -1;
	return check(p, c, key, why, room);
}
