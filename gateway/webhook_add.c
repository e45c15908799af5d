/* Checks of a new webhook, and its secret. */
#include "gateway/webhook_add.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dialog/utf8.h"
#include "gateway/conf.h"
#include "gateway/keys.h"
#include "gateway/target.h"
#include "store/pg.h"

const char *const webhook_events[] = {"application.due", "application.reminded", "application.phoned",
	"application.consented", "application.identity_proven", "application.verified", "application.confirmed",
	"application.said_wrong", "application.pledged", "application.submitted", "application.left_to_clerk",
	"application.approved", "application.rejected", "application.old_received", "application.ready", "application.sent",
	"application.collected", "application.said_received", "application.pledge_passed", "application.pledge_failed",
	"application.declined", "application.unreachable", "application.wrong_number", "application.withdrawn",
	"application.closed", "application.rated", "application.complained", "application.*", "conversation.ended",
	"conversation.*", "opt_out", "opt_in", "message.failed", "campaign.created", "campaign.running", "campaign.canary",
	"campaign.paused", "campaign.stopped", "campaign.done", "campaign.*", "*", NULL};

bool
webhook_event_known(const char *word)
{
	for (size_t i = 0; webhook_events[i] != NULL; i++)
		if (strcmp(webhook_events[i], word) == 0)
			return true;
	return false;
}

/* Addresses that are written in digits can be judged at once; names are when they are looked up, each time. */
static bool
is_private(const struct conf *conf, const struct target *t)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	const char *const *networks = (const char *const *)conf->webhook_allow;

	if (!t->numeric)
		return false;
	if (inet_pton(AF_INET, t->host, &v4.sin_addr) == 1)
		return !target_address_allowed((const struct sockaddr *)&v4, networks, conf->nwebhook_allow);
	return inet_pton(AF_INET6, t->host, &v6.sin6_addr) != 1 ||
		   !target_address_allowed((const struct sockaddr *)&v6, networks, conf->nwebhook_allow);
}

static bool
refuse(struct webhook_wrong *wrong, const char *code, const char *words)
{
	wrong->code = code;
	snprintf(wrong->words, sizeof(wrong->words), "%s", words);
	return false;
}

bool
webhook_add(struct pg_params *p, const struct conf *conf, const struct keys *keys, const char *url,
	const char *const *events, size_t n, const char *actor, char secret[48], struct webhook_wrong *wrong)
{
	struct target target;
	uint8_t random[24];
	size_t len;
	enum target_fault fault = target_parse(url, &target);

	if (fault == TARGET_GOOD && is_private(conf, &target))
		fault = TARGET_PRIVATE;
	if (fault != TARGET_GOOD)
		return refuse(wrong, target_fault_name(fault), target_fault_words(fault));
	for (size_t i = 0; i < n; i++)
		if (!webhook_event_known(events[i])) {
			wrong->code = "event";
			snprintf(wrong->words, sizeof(wrong->words),
				"wants \"%.*s\", which is no event; `huizhi webhook --help` lists them",
				(int)utf8_cut(events[i], strlen(events[i]), 60), events[i]);
			return false;
		}
	randombytes_buf(random, sizeof(random));
	memcpy(secret, "whs_", 4);
	sodium_bin2base64(secret + 4, 44, random, sizeof(random), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	uint8_t *sealed = keys_encrypt(keys, secret, strlen(secret), &len);
	if (sealed == NULL)
		return refuse(wrong, "memory", "could not get a secret: no memory");
	pg_param_text(p, url);
	pg_array_begin(p);
	for (size_t i = 0; i < n; i++)
		pg_array_text(p, events[i]);
	if (n == 0)
		pg_array_text(p, "*");
	pg_array_end(p);
	pg_param_bytes(p, sealed, len);
	pg_param_text(p, actor);
	free(sealed);
	return true;
}
