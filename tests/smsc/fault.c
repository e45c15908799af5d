/* The table of fault switches, and setting them by name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/smsc/fault.h"

const struct fault_info fault_table[FAULT_COUNT] = {
	[FAULT_THROTTLE] = {"throttle", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL, "refuse every Nth submit with 0x58"},
	[FAULT_QUEUE_FULL] = {"queue-full", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL, "refuse every Nth submit with 0x14"},
	[FAULT_SYSTEM_ERROR] = {"system-error", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL,
		"refuse every Nth submit with 0x08"},
	[FAULT_INVALID_DESTINATION] = {"invalid-destination", FAULT_PATTERNS, 0, 0, 0, 0, NULL,
		"refuse submits to these numbers with 0x0B; patterns with * and ?, separated by commas"},
	[FAULT_ERROR_BODY] = {"error-body", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"refusals carry an empty message_id instead of no body"},
	[FAULT_DROP] = {"drop", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL,
		"close each connection when it has sent N PDUs, the Nth unanswered and not taken"},
	[FAULT_DROP_BYTES] = {"drop-bytes", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL,
		"close each connection when N octets have been written to it, in the middle of a PDU if need be"},
	[FAULT_DROP_UNANSWERED] = {"drop-unanswered", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL,
		"take every Nth submit, then close without an answer"},
	[FAULT_SILENCE] = {"silence", FAULT_SWITCH, 0, 1, 0, 1, NULL, "throw away all that comes and answer nothing"},
	[FAULT_SILENT_SUBMITS] = {"silent-submits", FAULT_SWITCH, 0, 1, 0, 1, NULL, "take submits and never answer them"},
	[FAULT_DELAY] = {"delay", FAULT_NUMBER, 0, 100, 0, 3600000, NULL, "answer N milliseconds late"},
	[FAULT_REORDER] = {"reorder", FAULT_NUMBER, 0, 8, 0, 1000, NULL,
		"answer submits in groups of N, last one first; a group waits 50 ms for its last"},
	[FAULT_SPLIT_WRITES] = {"split-writes", FAULT_NUMBER, 0, 1, 0, 1000, NULL,
		"write one octet at a time, N milliseconds apart"},
	[FAULT_MERGED_WRITES] = {"merged-writes", FAULT_NUMBER, 0, 20, 0, 60000, NULL,
		"keep what is to be written for N milliseconds and write it in one go"},
	[FAULT_WRONG_LENGTH] = {"wrong-length", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL,
		"every Nth response to a submit claims a command_length of 7"},
	[FAULT_HUGE_LENGTH] = {"huge-length", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL,
		"every Nth response to a submit claims a command_length of 0x7FFFFFFF"},
	[FAULT_REFUSE_BIND] = {"refuse-bind", FAULT_NUMBER, 0, 0x0D, 0, INT32_MAX, NULL, "refuse binds with status N"},
	[FAULT_CONGESTION] = {"congestion", FAULT_NUMBER, -1, 95, -1, 100, NULL,
		"answer submits with a congestion_state of N"},
	[FAULT_NO_RECEIPTS] = {"no-receipts", FAULT_SWITCH, 0, 1, 0, 1, NULL, "send no receipts"},
	[FAULT_DUPLICATE_RECEIPTS] = {"duplicate-receipts", FAULT_NUMBER, 1, 2, 1, 100, NULL, "send each receipt N times"},
	[FAULT_EARLY_RECEIPTS] = {"receipts-before-responses", FAULT_NUMBER, 0, 20, 0, 60000, NULL,
		"send the receipt at once and the response N milliseconds later"},
	[FAULT_INTERMEDIATE_RECEIPTS] = {"intermediate-receipts", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"an ENROUTE receipt goes ahead of the final one"},
	[FAULT_FAIL] = {"fail", FAULT_NUMBER, 0, 5, 0, 100, NULL, "N percent of the texts end UNDELIV"},
	[FAULT_REDELIVER] = {"redeliver", FAULT_NUMBER, 1, 2, 1, 100, NULL, "send every text of a phone N times"},
	[FAULT_ID_STYLE] = {"id-style", FAULT_WORD, ID_DECIMAL, ID_HEX, 0, 0, "decimal|hex|HEX|zeros|none",
		"how message ids are written"},
	[FAULT_RECEIPT_ID] = {"receipt-id", FAULT_WORD, RECEIPT_ID_SAME, RECEIPT_ID_OTHER, 0, 0,
		"same|other|other-text|case|padded",
		"receipts name the id as the response did, in the other base, or so in their text only, in the other case, or "
		"with zeros before it"},
	[FAULT_RECEIPT_FORM] = {"receipt-form", FAULT_WORD, RECEIPT_BOTH, RECEIPT_TEXT, 0, 0, "both|text|tlv|unmarked",
		"a receipt is a text, optional parameters, both, or both without its mark in esm_class"},
	[FAULT_RECEIPT_STATE] = {"receipt-state", FAULT_PATTERNS, 0, 0, 0, 0, NULL,
		"PATTERN=STATE,...: texts to these numbers end DELIVRD, UNDELIV, EXPIRED, REJECTD, DELETED, ACCEPTD or "
		"UNKNOWN"},
	[FAULT_RECEIPT_DELAY] = {"receipt-delay", FAULT_NUMBER, 100, 100, 0, 86400000, NULL,
		"receipts come N milliseconds after the response"},
	[FAULT_MO_PLUS] = {"mo-plus", FAULT_SWITCH, 0, 1, 0, 1, NULL, "phones write with a plus before their number"},
	[FAULT_DELIVER_WINDOW] = {"deliver-window", FAULT_NUMBER, 256, 1, 1, 512, NULL,
		"deliver_sm in flight per connection"},
	[FAULT_DELIVER_TIMEOUT] = {"deliver-timeout", FAULT_NUMBER, 10000, 1000, 1, 3600000, NULL,
		"a deliver_sm without an answer is sent again after N milliseconds"},
	[FAULT_RETRY_DELAY] = {"retry-delay", FAULT_NUMBER, 1000, 100, 0, 3600000, NULL,
		"a deliver_sm answered with 0x64 is sent again after N milliseconds"},
	[FAULT_ENQUIRE_LINK] = {"enquire-link", FAULT_NUMBER, 30, 1, 0, 86400, NULL,
		"ask a connection that was silent for N seconds whether it is there, and close it when two askings bring "
		"nothing"},
	[FAULT_REFUSE] = {"refuse", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL,
		"refuse every Nth submit with the status of refuse-status"},
	[FAULT_REFUSE_STATUS] = {"refuse-status", FAULT_NUMBER, 0x45, 0x400, 1, UINT32_MAX, NULL,
		"the status of refuse: 0x45 for a window that is full, 0x400 to 0x4FF for a vendor's own"},
	[FAULT_NACK] = {"nack", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL,
		"answer every Nth submit with a generic_nack of nack-status, and do not take it"},
	[FAULT_NACK_STATUS] = {"nack-status", FAULT_NUMBER, 3, 2, 0, INT32_MAX, NULL, "the status of nack"},
	[FAULT_NACK_ZERO] = {"nack-zero", FAULT_SWITCH, 0, 1, 0, 1, NULL, "each generic_nack has sequence number 0"},
	[FAULT_RATE] = {"rate", FAULT_NUMBER, 0, 10, 0, INT32_MAX, NULL,
		"refuse what is over N submits a second with 0x58"},
	[FAULT_WINDOW] = {"window", FAULT_NUMBER, 0, 10, 0, INT32_MAX, NULL,
		"refuse a submit with 0x45 while N of its connection wait for their answers (needs delay)"},
	[FAULT_EMPTY_RESPONSE] = {"empty-response", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"responses to submits that were taken have no body, so no id"},
	[FAULT_ODD_TLVS] = {"odd-tlvs", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"responses and deliveries carry optional parameters that the table does not have there: unknown tags, other "
		"widths, values out of range"},
	[FAULT_STRAY_NUL] = {"stray-nul", FAULT_SWITCH, 0, 1, 0, 1, NULL, "each deliver_sm ends with one octet 0 too many"},
	[FAULT_NO_VERSION] = {"no-interface-version", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"the answer to a bind has no sc_interface_version"},
	[FAULT_ALREADY_BOUND] = {"already-bound", FAULT_NUMBER, 0, 1000, 0, 3600000, NULL,
		"for N milliseconds after a connection that did not unbind, its system_id is refused with 0x05"},
	[FAULT_UNBIND] = {"unbind", FAULT_NUMBER, 0, 10, 0, INT32_MAX, NULL,
		"ask each connection to go when it has sent N PDUs"},
	[FAULT_EARLY_ENQUIRE] = {"early-enquire", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"ask enquire_link of each connection before it binds"},
	[FAULT_OUTBIND] = {"outbind", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"each connection that an ESME makes begins with an outbind"},
	[FAULT_DEAF] = {"deaf", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"read nothing that connections send, while what waits for them still goes out"},
	[FAULT_NIGHT] = {"night", FAULT_NUMBER, 0, 20, 0, 60, NULL,
		"throw away all that comes in the first N seconds of each minute"},
	[FAULT_UNKNOWN_COMMAND] = {"unknown-command", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"a PDU with a command_id that does not exist follows each response to a submit"},
	[FAULT_SEQUENCES] = {"sequences", FAULT_WORD, 0, 1, 0, 0, "usual|high",
		"sequence numbers of deliver_sm begin at 1, or at 0xFFFFFFF0 and pass through 0"},
	[FAULT_RECEIPT_ESM] = {"receipt-esm", FAULT_NUMBER, 4, 0x44, 0, 255, NULL, "the esm_class of final receipts"},
	[FAULT_RECEIPT_TEXT] = {"receipt-text", FAULT_WORD, 0, 1, 0, 0,
		"usual|order|short|seconds|plus|lower|err4|nul|no-id",
		"the text of receipts: fields in another order, without sub and dlvrd, dates with seconds or with a plus, "
		"text: in small letters, err with four digits, NULs inside, no id"},
	[FAULT_RECEIPT_WORD] = {"receipt-word", FAULT_WORD, 0, 1, 0, 0, "usual|ACKED|BUFFRED|BUFFERD",
		"the state that receipts of delivered texts tell in their text"},
	[FAULT_LATE_INTERMEDIATE] = {"late-intermediate", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"an ENROUTE receipt comes after the final one"},
	[FAULT_MO_PAYLOAD] = {"mo-payload", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"texts of phones travel in message_payload, with a header inside where they have one"},
	[FAULT_MO_DATA_SM] = {"mo-data-sm", FAULT_SWITCH, 0, 1, 0, 1, NULL, "texts of phones and receipts come as data_sm"},
	[FAULT_MO_ORDER] = {"mo-order", FAULT_WORD, 0, 1, 0, 0, "usual|reversed|last-first",
		"in which order the parts of a phone's long text come"},
	[FAULT_MO_REFERENCE] = {"mo-reference", FAULT_NUMBER, -1, 0, -1, 65535, NULL,
		"every long text of a phone has this reference"},
	[FAULT_MO_CODING] = {"mo-coding", FAULT_NUMBER, -1, 0xF0, -1, 255, NULL,
		"the data_coding of phones' texts, which are written in its alphabet"},
	[FAULT_FLOOD] = {"flood", FAULT_NUMBER, 0, 1000, 0, 100000, NULL,
		"N texts of other phones come at once when a receiver binds"},
	[FAULT_MALFORMED] = {"malformed", FAULT_NUMBER, 0, 1000, 0, 100000, NULL,
		"N PDUs that no table allows come when a receiver binds: broken bodies, texts that end too early, optional "
		"parameters that do not fit"},
	[FAULT_DELIVERY_DELAY] = {"delivery-delay", FAULT_NUMBER, 0, 1000, 0, 86400000, NULL,
		"a text reaches its phone N milliseconds after it was taken; until then it can be cancelled"},
	[FAULT_USSD_PROFILE] = {"ussd-profile", FAULT_WORD, 0, 0, 0, 0, "standard|tata|6d|mica|smpp+|glo|huawei",
		"how USSD is carried"},
	[FAULT_USSD_REPLY_TIMEOUT] = {"ussd-reply-timeout", FAULT_NUMBER, 10000, 1000, 1, 3600000, NULL,
		"the network ends a USSD session when the ESME has not answered for N milliseconds"},
	[FAULT_USSD_IDLE_TIMEOUT] = {"ussd-idle-timeout", FAULT_NUMBER, 180000, 1000, 1, 3600000, NULL,
		"the network ends a USSD session when the phone has not answered for N milliseconds"},
	[FAULT_USSD_NETWORK_END] = {"ussd-network-end", FAULT_NUMBER, 0, 1, 0, INT32_MAX, NULL,
		"the network ends the session instead of carrying every Nth answer of a phone"},
	[FAULT_USSD_SILENT_END] = {"ussd-silent-end", FAULT_SWITCH, 0, 1, 0, 1, NULL,
		"the ESME is not told when a phone or the network ends a USSD session"},
};

void
faults_init(struct faults *f)
{
	memset(f, 0, sizeof(*f));
	for (int i = 0; i < FAULT_COUNT; i++)
		f->number[i] = fault_table[i].usual;
}

void
faults_clear(struct faults *f)
{
	for (int i = 0; i < FAULT_COUNT; i++)
		free(f->patterns[i]);
	faults_init(f);
}

/* The number of a word in "a|b|c", or -1. */
static int64_t
word_number(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (int64_t i = 0;; i++) {
		size_t n = strcspn(words, "|");
		if (n == len && memcmp(words, word, n) == 0)
			return i;
		if (words[n] == '\0')
			return -1;
		words += n + 1;
	}
}

static int
read_value(const struct fault_info *info, const char *value, int64_t *out)
{
	if (info->kind == FAULT_WORD) {
		*out = word_number(info->words, value);
		return *out < 0 ? -1 : 0;
	}
	if (info->kind == FAULT_SWITCH && (strcmp(value, "on") == 0 || strcmp(value, "true") == 0)) {
		*out = 1;
		return 0;
	}
	char *end;
	errno = 0;
	long long v = strtoll(value, &end, 0);
	if (errno != 0 || end == value || *end != '\0' || v < info->least || v > info->most)
		return -1;
	*out = v;
	return 0;
}

int
faults_set(struct faults *f, const char *name, const char *value, char *why, size_t room)
{
	int i = 0;

	while (i < FAULT_COUNT && strcmp(fault_table[i].name, name) != 0)
		i++;
	if (i == FAULT_COUNT) {
		snprintf(why, room, "there is no fault \"%.40s\"; --help lists them", name);
		return -1;
	}
	const struct fault_info *info = &fault_table[i];
	bool off = value != NULL && (strcmp(value, "off") == 0 || strcmp(value, "false") == 0);

	if (info->kind == FAULT_PATTERNS) {
		if (value != NULL && strlen(value) >= FAULT_PATTERNS_ROOM) {
			snprintf(why, room, "%s: the list is longer than %d octets", name, FAULT_PATTERNS_ROOM - 1);
			return -1;
		}
		char *copy = value == NULL || off || value[0] == '\0' ? NULL : strdup(value);
		free(f->patterns[i]);
		f->patterns[i] = copy;
		return 0;
	}
	int64_t number = info->usual;
	if (value == NULL || value[0] == '\0') {
		number = info->given;
	} else if (!off && read_value(info, value, &number) != 0) {
		if (info->kind == FAULT_WORD)
			snprintf(why, room, "%s is one of %s, not \"%.40s\"", name, info->words, value);
		else
			snprintf(why, room, "%s is a number from %lld to %lld or off, not \"%.40s\"", name, (long long)info->least,
				(long long)info->most, value);
		return -1;
	}
	f->number[i] = number;
	f->seen[i] = 0;
	return 0;
}

const char *
faults_get(const struct faults *f, enum fault which, char *out, size_t room)
{
	const struct fault_info *info = &fault_table[which];

	if (info->kind == FAULT_PATTERNS) {
		snprintf(out, room, "%s", f->patterns[which] != NULL ? f->patterns[which] : "");
	} else if (info->kind == FAULT_SWITCH) {
		snprintf(out, room, "%s", f->number[which] != 0 ? "on" : "off");
	} else if (info->kind == FAULT_NUMBER) {
		snprintf(out, room, "%lld", (long long)f->number[which]);
	} else {
		const char *word = info->words;
		for (int64_t i = f->number[which]; i > 0; i--)
			word = strchr(word, '|') + 1;
		snprintf(out, room, "%.*s", (int)strcspn(word, "|"), word);
	}
	return out;
}

bool
fault_every(struct faults *f, enum fault which)
{
	if (f->number[which] <= 0)
		return false;
	return ++f->seen[which] % (uint64_t)f->number[which] == 0;
}
