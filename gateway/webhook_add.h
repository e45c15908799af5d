/* What a new webhook must be, for the command, the console and the API alike. */
#ifndef GATEWAY_WEBHOOK_ADD_H
#define GATEWAY_WEBHOOK_ADD_H

#include <stdbool.h>
#include <stddef.h>

struct conf;
struct keys;
struct pg_params;

/* Types of events, and groups such as "application.*"; NULL after the last. */
extern const char *const webhook_events[];
#define WEBHOOK_EVENTS_MAX 64
/* Is it a type, a group or "*"? */
bool webhook_event_known(const char *word);
/* Why a webhook is refused: a target_fault_name, "event" or "memory", and in English words that begin behind its
 * address. */
struct webhook_wrong {
	const char *code;
	char words[160];
};
/*
 * Adds the parameters of STMT_WEBHOOK_ADD behind the bureau's: the address, the events, a new secret (sealed; in plain
 * into secret, room 48), who. False when something is wrong.
 */
bool webhook_add(struct pg_params *p, const struct conf *conf, const struct keys *keys, const char *url,
	const char *const *events, size_t n, const char *actor, char secret[48], struct webhook_wrong *wrong);

#endif
