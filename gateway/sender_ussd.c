/*
 * Screens on their way out: one part, one attempt, and only while the session lives and its time is not over. One that
 * cannot be written is unsent, and turn_ussd.c makes a text of what it asked.
 */
#include <stdlib.h>
#include <string.h>

#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/now.h"
#include "gateway/sender_internal.h"
#include "gateway/turn.h"

struct sending_ussd *
sending_ussd_new(const struct sender_text *t)
{
	struct sending_ussd *u = calloc(1, sizeof(*u));

	if (u == NULL)
		abort(); /* the attempt is stored: it becomes a text */
	u->out = *t->ussd;
	u->by_us = t->by_us;
	(void)snprintf(u->session, sizeof(u->session), "%s", t->ussd->session);
	(void)snprintf(u->state, sizeof(u->state), "%s", t->ussd->state);
	(void)snprintf(u->code, sizeof(u->code), "%s", t->ussd->code);
	u->out.session = u->session;
	u->out.state = u->state;
	u->out.code = u->code;
	return u;
}

static const char *
too_late(const struct sender *s, const struct lane *lane, const struct sending *x)
{
	if (x->ussd->by_us != 0 && now_us() > x->ussd->by_us)
		return "the network does not wait any more";
	if (x->ussd->session[0] != '\0' && !turn_ussd_live(s->g, lane->conf->name, x->phone, x->ussd->session))
		return "the network has ended the session";
	return NULL;
}

int
sender_write_screen(struct sender *s, struct lane *lane, struct sending *x)
{
	struct text_ussd_wire wire;
	const char *why = too_late(s, lane, x);

	if (why == NULL && text_ussd_encode(x->text, x->len, &wire) != 0)
		why = "it does not fit a screen";
	if (why == NULL) {
		struct link_part part = {.message_id = (uint64_t)x->message_id,
			.part = 1,
			.parts = 1,
			.attempt = x->attempt,
			.tag = x,
			.source = x->bureau->short_code,
			.dest = x->phone,
			.data_coding = wire.data_coding,
			.octets = wire.octets,
			.len = wire.len,
			.ussd = &x->ussd->out};
		if (link_submit(lane->link, &part) != 0)
			return -1;
		metrics_add(METRIC_PARTS_SENT, 1);
	}
	x->written = 1;
	lane->ready_parts--;
	lane->ready_urgent--;
	if (why != NULL) {
		log_info("bureau=%s link=%s phone=%s message=%lld screen not sent: %s", x->bureau->code, lane->conf->name,
			x->phone, (long long)x->message_id, why);
		lane->unsaid = x; /* told when it has left the lane */
	}
	return 0;
}

void
sender_screen_unsaid(struct sender *s, struct lane *lane)
{
	struct sending *x = lane->unsaid;
	struct link_submitted unsent = {.outcome = LINK_UNSENT, .part = 1, .carrier_id = "", .session = ""};

	lane->unsaid = NULL;
	if (x != NULL)
		sender_part_done(s, x, &unsent);
}
