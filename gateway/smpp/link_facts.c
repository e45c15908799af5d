/* What a link says of itself: its state and figures, and what its carrier can and wants. */
#include "gateway/smpp/link_internal.h"
#include "gateway/smpp/outbind.h"
#include "gateway/conf.h"

#include <string.h>

const char *
link_state_name(enum link_state s)
{
	static const char *const names[] = {"stopped", "connecting", "binding", "bound", "unbinding", "waiting"};

	return names[s];
}

void
link_stats_get(const struct link *l, struct link_stats *out)
{
	*out = (struct link_stats){.state = l->state,
		.host = session_host(l->sessions[0]),
		.error = "",
		.alarm = outbind_alarm(l->outbind),
		.since = l->since,
		.in_flight = (int)session_in_flight(l->sessions[0]),
		.sent = l->sent,
		.received = l->received,
		.refused = l->refused,
		.throttled = l->throttled,
		.window = l->conf->window,
		.rate = pace_rate(&l->pace)};
	for (size_t i = 0; i < l->nsessions; i++) {
		if (!*out->error)
			out->error = session_error(l->sessions[i]);
		if (!*out->alarm)
			out->alarm = session_alarm(l->sessions[i]);
		out->choked = out->choked || session_choked(l->sessions[i]);
	}
}

struct wire *
link_wire(struct link *l)
{
	return l->wire;
}

const char *
link_name(const struct link *l)
{
	return l->conf->name;
}

bool
link_can_send(const struct link *l)
{
	return !l->conf->bind || strcmp(l->conf->bind, "receiver") != 0;
}

bool
link_takes_whole(const struct link *l)
{
	return l->conf->long_text && strcmp(l->conf->long_text, "payload") == 0;
}

int
link_parts(const struct link *l, const char *utf8, size_t len)
{
	struct text_measure m;

	if (link_takes_whole(l))
		return 1;
	text_measure_by(link_text_rules(l), utf8, len, &m);
	return m.parts;
}

bool
link_has_ussd(const struct link *l)
{
	return l->conf->ussd_profile != NULL;
}

bool
link_ussd_can(const struct link *l, enum ussd_say say)
{
	return l->conf->ussd_profile && l->conf->ussd_profile->op[say] >= 0;
}

int
link_ussd_limit(const struct link *l, bool ucs2)
{
	if (!l->conf->ussd_profile)
		return ucs2 ? TEXT_USSD_UCS2 : TEXT_USSD_GSM7;
	return ucs2 ? l->conf->ussd_profile->length_ucs2 : l->conf->ussd_profile->length_gsm7;
}

int
link_ussd_reply_seconds(const struct link *l)
{
	return l->conf->ussd_reply_seconds || !l->conf->ussd_profile ? l->conf->ussd_reply_seconds
																 : l->conf->ussd_profile->reply_seconds;
}

int
link_ussd_idle_seconds(const struct link *l)
{
	return l->conf->ussd_idle_seconds || !l->conf->ussd_profile ? l->conf->ussd_idle_seconds
																: l->conf->ussd_profile->idle_seconds;
}

const struct text_rules *
link_text_rules(const struct link *l)
{
	return &l->alphabet.out;
}

void
link_carrier_key(const struct link *l, const char *carrier_id, char *out, size_t room)
{
	carrier_id_response_key(l->id_setting, carrier_id, out, room);
}

void
link_habit_get(const struct link *l, uint32_t met[LINK_HABITS])
{
	memcpy(met, l->learnt.met, sizeof(l->learnt.met));
}

void
link_habit_set(struct link *l, const uint32_t met[LINK_HABITS])
{
	memcpy(l->learnt.met, met, sizeof(l->learnt.met));
}
