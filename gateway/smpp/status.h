/*
 * What a command_status means and what to do about it (SMPP 3.4, 5.1.3): one table, and the link's own rows
 * (`statuses` in the configuration) before it. Pure.
 */
#ifndef GATEWAY_SMPP_STATUS_H
#define GATEWAY_SMPP_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_link; /* gateway/conf.h */

enum status_action {
	STATUS_OK,
	STATUS_PAUSE,	  /* too fast for the carrier: the link pauses by itself; send again, no attempt charged */
	STATUS_RETRY,	  /* the carrier's trouble: send again a few times */
	STATUS_REBIND,	  /* the session is broken: send again, no attempt charged */
	STATUS_BACKOFF,	  /* the bind is refused for now */
	STATUS_ALARM,	  /* our credentials are wrong: a person must see it */
	STATUS_PERMANENT, /* this message will never go through */
	STATUS_UNKNOWN,	  /* a carrier's own code or one that no table has: treated like STATUS_RETRY unless known better */
};

#define STATUS_INVALID_MESSAGE_LENGTH 0x01
#define STATUS_INVALID_COMMAND_LENGTH 0x02
#define STATUS_INVALID_COMMAND 0x03
#define STATUS_WRONG_BIND_STATE 0x04
#define STATUS_INVALID_SOURCE 0x0a
#define STATUS_INVALID_DESTINATION 0x0b
#define STATUS_INVALID_PASSWORD 0x0e
#define STATUS_QUEUE_FULL 0x14
#define STATUS_INVALID_SERVICE_TYPE 0x15
#define STATUS_THROTTLED 0x58
#define STATUS_COME_AGAIN 0x64 /* ESME receiver temporary error: the carrier sends it again */
#define STATUS_BAD_OPTIONS 0xc0
#define STATUS_MISSING_OPTION 0xc3
#define STATUS_INVALID_OPTION 0xc4

/* As the table has it. */
enum status_action status_action(uint32_t status);
/* As this link has it: its own rows first. */
enum status_action status_action_on(const struct conf_link *conf, uint32_t status);
/* "invalid password"; "unknown status" for what no table has. For logs. */
const char *status_text(uint32_t status);

/* What becomes of a text that was refused. */
struct status_plan {
	enum status_action action;
	int delay_seconds; /* until it goes again; -1 = never again: a person must see to it */
	bool charged;	   /* the attempt counts against the retries; otherwise it was nobody's fault */
};
/*
 * attempt: 1.. of the attempt that was refused. The delays of a class and, by their number, its retries are the link's
 * keys retry_seconds (STATUS_RETRY), unknown_seconds (STATUS_UNKNOWN) and rebind_seconds (STATUS_REBIND: not charged,
 * and bounded all the same, because a text that upsets every session must not go on for ever). A pause is not bounded:
 * the link itself waits. USSD does not ask: it is never sent twice.
 */
void status_plan(const struct conf_link *conf, uint32_t status, int attempt, struct status_plan *out);

/*
 * The reason in plain words for the people who read a worklist: language "zh", else English. "the carrier does not
 * accept this phone number (0x0B)". Cut to room; 200 octets hold every one.
 */
void status_reason(uint32_t status, const char *language, char *out, size_t room);

/* One row of a link's `statuses`: "0x400=retry", "0x410-0x41f=permanent", "unknown=permanent". */
struct status_row {
	uint32_t first, last; /* first > last: the statuses that no table has */
	enum status_action action;
};
/* 0, or -1 when the text is no row. Actions: throttle, retry, rebind, backoff, alarm, permanent. Status 0 has none. */
int status_row_read(const char *text, struct status_row *out);

#endif
