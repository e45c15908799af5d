/* What a command_status means and what to do about it (SMPP 3.4, 5.1.3). Pure. */
#ifndef GATEWAY_SMPP_STATUS_H
#define GATEWAY_SMPP_STATUS_H

#include <stdint.h>

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
#define STATUS_QUEUE_FULL 0x14
#define STATUS_THROTTLED 0x58
#define STATUS_COME_AGAIN 0x64 /* ESME receiver temporary error: the carrier sends it again */
#define STATUS_BAD_OPTIONS 0xc0

enum status_action status_action(uint32_t status);
/* "invalid password"; "unknown status" for what no table has. */
const char *status_text(uint32_t status);

#endif
