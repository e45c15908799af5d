/*
 * Approval by rule: the conditions that an item names, held against what is on file. Nobody is refused by a rule: what
 * does not hold, or cannot be told, goes to a clerk with the reason. Pure.
 *
 * A condition is one of the fixed ones ("identity proven", "nothing said wrong", "no change", "no mark", "in window")
 * or a comparison FACT OP VALUE: OP is = != < <= > >=, VALUE a word, a number or another fact as fact.NAME. Numbers are
 * compared as numbers where both sides are; order needs numbers.
 */
#ifndef GATEWAY_RULES_H
#define GATEWAY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <jansson.h>

#define RULES_WHY_MAX 600

/* What is known of an application. */
struct rules_case {
	const char *verified_by; /* "" = identity was not proven */
	bool said_wrong;		 /* the citizen said that the prefilled data are wrong */
	bool changed;			 /* the business register has changed since the licence was issued */
	bool marked;			 /* a pledge of the holder was not kept */
	bool in_window;
	const json_t *facts; /* of the licence: an object of texts and numbers */
};

/* NULL when it is a condition, else what is wrong with it (a key's check). */
const char *rules_check(const char *condition);
/*
 * Do all n conditions hold? why gets each with what was found ("area <= 500 (320); inspection = passed (passed)"), or,
 * when one does not, the first that does not.
 */
bool rules_hold(const char *const *conditions, size_t n, const struct rules_case *c, char why[RULES_WHY_MAX]);

#endif
