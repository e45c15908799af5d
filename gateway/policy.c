/* Decides when a text goes again. */
#include "gateway/policy.h"

#include <string.h>

#include "gateway/conf.h"
#include "gateway/smpp/status.h"

#define REMINDER_LOST 2 /* a reminder of which nobody knows twice whether it arrived is not sent a third time */
#define OTHER_LOST 4

enum policy_kind
policy_kind_of(const char *kind)
{
	if (strcmp(kind, "reply") == 0)
		return POLICY_REPLY;
	return strcmp(kind, "notice") == 0 ? POLICY_NOTICE : POLICY_REMINDER;
}

/* After the wait a reminder that has had its chances ends in the claim, so that the last receipt has its time too. */
static int
after_uncertain(const struct conf_link *conf, const struct policy_attempt *a)
{
	const char *policy = a->kind == POLICY_REPLY	? conf->uncertain_reply
						 : a->kind == POLICY_NOTICE ? conf->uncertain_notice
													: conf->uncertain_reminder;
	int chances = a->kind == POLICY_REMINDER ? REMINDER_LOST : OTHER_LOST;

	if (strcmp(policy, "hold") == 0)
		return -1;
	if (strcmp(policy, "receipt") == 0)
		return a->lost <= chances - 1 ? conf->receipt_wait_seconds : -1;
	return a->lost + 1 < chances ? 0 : -1;
}

void
policy_after(const struct conf_link *conf, const struct policy_attempt *a, struct policy_next *out)
{
	struct status_plan plan;

	*out = (struct policy_next){.delay_seconds = -1, .charged = true};
	if (a->status != 0 && status_action_on(conf, a->status) == STATUS_PERMANENT)
		return;
	if (a->uncertain) {
		out->lost = true;
		out->delay_seconds = after_uncertain(conf, a);
		return;
	}
	if (a->status == 0) {
		out->delay_seconds = 0;
		out->charged = false;
		return;
	}
	/* A class counts its own attempts; what was not charged to it has a number of its own all the same. */
	out->rebind = status_action_on(conf, a->status) == STATUS_REBIND;
	status_plan(conf, a->status, out->rebind ? a->rebinds + 1 : a->attempt - a->rebinds - a->lost, &plan);
	out->delay_seconds = plan.delay_seconds;
	out->charged = plan.charged || out->rebind;
}
