/*
 * Looking a holder, licence or application up by what somebody was told: which ways a text can be meant, each as one
 * statement over an index. Names by their beginning or any part, of which words are enough; phone numbers whole, by
 * their first digits or their last; licence and certificate numbers by their beginning or end; application numbers
 * whole. A whole identity number is found by its keyed hash. Addresses are sealed and have no index: nobody is found by
 * one. Pure.
 */
#ifndef GATEWAY_SEARCH_H
#define GATEWAY_SEARCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "store/stmt.h"

struct conf_bureau;
struct keys;
struct pg_params;

#define SEARCH_TEXT_MAX 200 /* octets */
#define SEARCH_WAYS 10

struct search_way {
	const char *name; /* application, phone, phone_end, identity, licence, ..., holder, holder_part */
	enum stmt stmt;
	struct pg_params *params; /* the caller's, once it is told */
};

/*
 * The ways in which text may be meant; returns how many. numbers: also phone and identity numbers, for who may see
 * them. Rows: licence, licence_no, item, item_name, expires_on, holder (masked), phone, application, status.
 */
size_t search_ways(const struct keys *keys, const struct conf_bureau *b, const char *text, bool numbers, int limit,
	struct search_way out[SEARCH_WAYS]);
/* Adds rows to all (at most limit), each licence once, with `by`: the way that found it first. True: there were more.
 */
bool search_add(json_t *all, json_t *rows, const char *by, size_t limit);

#endif
