/*
 * What happens to a text whose attempt did not succeed: when it goes again, or that it does not. By the link's keys and
 * the kind of text. Pure.
 */
#ifndef GATEWAY_POLICY_H
#define GATEWAY_POLICY_H

#include <stdbool.h>
#include <stdint.h>

struct conf_link;

enum policy_kind {
	POLICY_REPLY,	 /* somebody has just asked */
	POLICY_NOTICE,	 /* a decision, a code: awaited, but nobody looks at the screen now */
	POLICY_REMINDER, /* bulk */
};
/* "reply", "notice", anything else is a reminder. */
enum policy_kind policy_kind_of(const char *kind);

/* One attempt of a text, with what came before it. */
struct policy_attempt {
	enum policy_kind kind;
	uint32_t status; /* the gravest refusal of its parts; 0 = none */
	bool uncertain;	 /* of some part nobody knows whether it arrived; otherwise, without a status: never written */
	int attempt;	 /* 1..: its number */
	int rebinds;	 /* of the earlier attempts, those that a broken session swallowed */
	int lost;		 /* of the earlier attempts, those of which nobody knows whether they arrived */
};

struct policy_next {
	int delay_seconds; /* until it goes again; -1: never */
	bool charged;	   /* the attempt keeps its number; otherwise the next one has it */
	bool rebind, lost; /* the attempt was such a one */
};

void policy_after(const struct conf_link *conf, const struct policy_attempt *a, struct policy_next *out);

#endif
