/*
 * What this carrier can do wrong, and its habits: one table of switches with name, value and a sentence each. Set at
 * the start (--fault NAME=VALUE) and while it runs (POST /faults).
 */
#ifndef SMSC_FAULT_H
#define SMSC_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault {
	FAULT_THROTTLE,
	FAULT_QUEUE_FULL,
	FAULT_SYSTEM_ERROR,
	FAULT_INVALID_DESTINATION,
	FAULT_ERROR_BODY,
	FAULT_DROP,
	FAULT_DROP_BYTES,
	FAULT_DROP_UNANSWERED,
	FAULT_SILENCE,
	FAULT_SILENT_SUBMITS,
	FAULT_DELAY,
	FAULT_REORDER,
	FAULT_SPLIT_WRITES,
	FAULT_MERGED_WRITES,
	FAULT_WRONG_LENGTH,
	FAULT_HUGE_LENGTH,
	FAULT_REFUSE_BIND,
	FAULT_CONGESTION,
	FAULT_NO_RECEIPTS,
	FAULT_DUPLICATE_RECEIPTS,
	FAULT_EARLY_RECEIPTS,
	FAULT_INTERMEDIATE_RECEIPTS,
	FAULT_FAIL,
	FAULT_REDELIVER,
	FAULT_ID_STYLE,
	FAULT_RECEIPT_ID,
	FAULT_RECEIPT_FORM,
	FAULT_RECEIPT_STATE,
	FAULT_RECEIPT_DELAY,
	FAULT_MO_PLUS,
	FAULT_DELIVER_WINDOW,
	FAULT_DELIVER_TIMEOUT,
	FAULT_RETRY_DELAY,
	FAULT_ENQUIRE_LINK,
	FAULT_USSD_PROFILE,
	FAULT_USSD_REPLY_TIMEOUT,
	FAULT_USSD_IDLE_TIMEOUT,
	FAULT_USSD_NETWORK_END,
	FAULT_USSD_SILENT_END,
	FAULT_REFUSE,
	FAULT_REFUSE_STATUS,
	FAULT_NACK,
	FAULT_NACK_STATUS,
	FAULT_NACK_ZERO,
	FAULT_RATE,
	FAULT_WINDOW,
	FAULT_EMPTY_RESPONSE,
	FAULT_ODD_TLVS,
	FAULT_STRAY_NUL,
	FAULT_NO_VERSION,
	FAULT_ALREADY_BOUND,
	FAULT_UNBIND,
	FAULT_EARLY_ENQUIRE,
	FAULT_OUTBIND,
	FAULT_DEAF,
	FAULT_NIGHT,
	FAULT_UNKNOWN_COMMAND,
	FAULT_SEQUENCES,
	FAULT_RECEIPT_ESM,
	FAULT_RECEIPT_TEXT,
	FAULT_RECEIPT_WORD,
	FAULT_LATE_INTERMEDIATE,
	FAULT_MO_PAYLOAD,
	FAULT_MO_DATA_SM,
	FAULT_MO_ORDER,
	FAULT_MO_REFERENCE,
	FAULT_MO_CODING,
	FAULT_FLOOD,
	FAULT_MALFORMED,
	FAULT_DELIVERY_DELAY,
	FAULT_COUNT,
};

/* FAULT_ID_STYLE */
enum {
	ID_DECIMAL,
	ID_HEX,
	ID_HEX_UPPER,
	ID_ZEROS,
	ID_NONE
};
/* FAULT_RECEIPT_ID */
enum {
	RECEIPT_ID_SAME,
	RECEIPT_ID_OTHER,
	RECEIPT_ID_OTHER_TEXT,
	RECEIPT_ID_CASE,
	RECEIPT_ID_PADDED
};
/* FAULT_RECEIPT_FORM */
enum {
	RECEIPT_BOTH,
	RECEIPT_TEXT,
	RECEIPT_TLV,
	RECEIPT_UNMARKED
};

/* FAULT_RECEIPT_TEXT */
enum {
	RECEIPT_TEXT_USUAL,
	RECEIPT_TEXT_ORDER,
	RECEIPT_TEXT_SHORT,
	RECEIPT_TEXT_SECONDS,
	RECEIPT_TEXT_PLUS,
	RECEIPT_TEXT_LOWER,
	RECEIPT_TEXT_ERR4,
	RECEIPT_TEXT_NUL,
	RECEIPT_TEXT_NO_ID
};
/* FAULT_MO_ORDER */
enum {
	MO_ORDER_USUAL,
	MO_ORDER_REVERSED,
	MO_ORDER_LAST_FIRST
};

enum fault_kind {
	FAULT_SWITCH,
	FAULT_NUMBER,
	FAULT_WORD,
	FAULT_PATTERNS
};

struct fault_info {
	const char *name;
	enum fault_kind kind;
	int64_t usual; /* before anyone sets it; "" for patterns */
	int64_t given; /* when set without a value */
	int64_t least, most;
	const char *words; /* FAULT_WORD: separated by |, in the order of their numbers */
	const char *sentence;
};
extern const struct fault_info fault_table[FAULT_COUNT];

enum {
	FAULT_PATTERNS_ROOM = 1024
};

struct faults {
	int64_t number[FAULT_COUNT];
	char *patterns[FAULT_COUNT]; /* owned; NULL = none */
	uint64_t seen[FAULT_COUNT];	 /* how often fault_every was asked since the switch was set */
};

void faults_init(struct faults *f);
void faults_clear(struct faults *f); /* back to the usual; frees */
/* Sets by name. value NULL or "": the value that the table gives; "off": the usual. 0, or -1 with a sentence in why. */
int faults_set(struct faults *f, const char *name, const char *value, char *why, size_t room);
/* The value as text, for printing. */
const char *faults_get(const struct faults *f, enum fault which, char *out, size_t room);
/* True for every nth asking, n being the switch's number; never when it is 0. */
bool fault_every(struct faults *f, enum fault which);

#endif
