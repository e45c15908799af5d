/*
 * The carrier's own record of every PDU that matters: what was submitted and how it was answered, what was delivered
 * and how that was answered. A ring in memory (GET /record), and a file of JSON lines when asked for (--record). Tests
 * compare the gateway's database with it.
 */
#ifndef SMSC_RECORD_H
#define SMSC_RECORD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tests/smsc/alphabet.h"

struct event_base;

enum record_kind {
	RECORD_CONNECT,
	RECORD_BIND, /* status: how it was answered */
	RECORD_UNBIND,
	RECORD_CLOSE,	 /* note: why */
	RECORD_SUBMIT,	 /* one part taken or refused: id, status */
	RECORD_ANSWER,	 /* its response went to the socket's buffer later than at once */
	RECORD_RECEIPT,	 /* a receipt came into being: id as the receipt names it, state */
	RECORD_MO,		 /* a phone wrote: text, parts */
	RECORD_DELIVER,	 /* a deliver_sm was written: text (the phone's text number) or id (receipt), attempt */
	RECORD_ANSWERED, /* the ESME answered it: status */
	RECORD_LOST,	 /* it will not be answered: timeout or a lost connection; it goes out again */
	RECORD_NACK,	 /* something unreadable came */
	RECORD_IGNORED,	 /* a PDU was thrown away, by the silence or night switch: note names it */
	RECORD_QUERY,	 /* query_sm: id, status, state */
	RECORD_CANCEL,	 /* cancel_sm: id, status */
	RECORD_USSD,	 /* a USSD session went on: note says how, id names it, state: asked, menu, note, over */
};

struct record_entry {
	uint64_t n; /* given by record_add */
	int64_t at_us;
	enum record_kind kind;
	uint32_t session, sequence, status;
	const char *system_id; /* strings are copied; NULL = none */
	const char *id;
	const char *source, *dest;
	const char *state;
	const char *note;
	const char *text; /* UTF-8 of this part, or of the whole text of a phone */
	int data_coding;  /* -1 = does not apply */
	enum concat concat;
	uint16_t reference;
	uint8_t part, parts; /* 0 = does not apply */
	unsigned attempt;
	uint64_t phone_text; /* serial of the phone's text, 0 = none */
};

struct record;
/* keep: entries in memory. file: appended to, "" or NULL for none. tell: who comes and goes is told on standard error.
 * NULL with errno set when the file cannot be opened. */
struct record *record_new(struct event_base *base, size_t keep, const char *file, bool tell);
void record_free(struct record *r);
void record_on_entry(struct record *r, void (*fn)(void *arg), void *arg);
void record_add(struct record *r, const struct record_entry *e);
uint64_t record_cursor(const struct record *r);
/* Entries after a cursor, oldest first, at most limit, as a new array; NULL without memory. only: this kind, or NULL.
 */
json_t *record_json(
	const struct record *r, uint64_t after, size_t limit, const char *only, uint64_t *next, uint64_t *missed);

/* Microseconds of the unix clock, and as "2026-11-21T19:14:20.123Z" (room for 25). */
int64_t clock_now_us(void);
const char *clock_text(int64_t at_us, char out[32]);

#endif
