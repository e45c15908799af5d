/*
 * What a campaign would send: to how many phones, why others are left out, and each kind of text as a phone shows it,
 * with its parts and what they cost. Nothing is changed.
 */
#ifndef GATEWAY_CAMPAIGN_PREVIEW_H
#define GATEWAY_CAMPAIGN_PREVIEW_H

#include <jansson.h>
#include <libpq-fe.h>
#include <stdint.h>
#include "store/scan.h"

struct conf;
struct conf_bureau;
struct templates;

#define CAMPAIGN_TEXTS_SHOWN 6 /* kinds of texts that are kept with their words: those that most phones get */

/*
 * On a blocking connection. {"counted_at", "audience", "licences", "left_out": {reason: licences}, "parts", "cost",
 * "kinds", "texts": [{"language", "phones", "licences", "text", "characters", "alphabet", "parts", "parts_in_all",
 * "cost", "forced": [characters], "plain_parts", "cut", "fewer_parts"}]}. cost is in millionths, without one null.
 * NULL with *error (static). on_progress may be NULL.
 */
json_t *campaign_preview(const struct conf *conf, const struct templates *templates, PGconn *conn,
	const struct conf_bureau *b, int64_t campaign_id, void (*on_progress)(void *arg, int64_t done, int64_t all),
	void *arg, const char **error);

/* "0.045" -> 45000 millionths; -1 for "". */
int64_t campaign_cost_of(const char *part_cost);
/* 45000 -> "0.045"; 12300000 -> "12.30": two digits at least, six at most. */
void campaign_cost_text(int64_t millionths, char *out, size_t room);

#endif
