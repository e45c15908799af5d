/*
 * Digits behind a short code that name a conversation, where a carrier lets them be added (the link's suffix_digits):
 * an answer then says which text it answers, and bureaus may share a short code. Pure.
 *
 * The digits are a number: its remainder by how many bureaus share the short code says which of them, in the order of
 * their ids; the quotient is 0 for a text outside any conversation, else it follows from the conversation's id. So one
 * phone's conversations at bureaus that share a short code always differ.
 */
#ifndef GATEWAY_SUFFIX_H
#define GATEWAY_SUFFIX_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct conf_bureau;
struct conf_link;

#define SUFFIX_MAX 10		  /* digits */
#define SUFFIX_ADDRESS_MAX 24 /* octets of an address with its digits, and NUL */

/* The address that a text of this bureau comes from on this link; conversation 0 = none. */
void suffix_address(const struct conf *c, const struct conf_bureau *b, const struct conf_link *l,
	int64_t conversation_id, char out[SUFFIX_ADDRESS_MAX]);
/*
 * Whose address this is on this link, as conf_bureau_by_address says it; of several bureaus that share a short code the
 * one that its digits name, the first of the configuration when there are none. NULL: nobody's. *named (may be NULL)
 * gets the quotient that its digits hold, 0 when they name no conversation.
 */
const struct conf_bureau *suffix_bureau(const struct conf *c, const char *link, const char *address, int64_t *named);
/* By how many the quotient of a conversation's id is taken: it is 1 + id % this. 0: the bureau's texts have no digits.
 */
int64_t suffix_modulus(const struct conf *c, const struct conf_bureau *b);

#endif
