/* A campaign's row (STMT_CAMPAIGN_SHOW as JSON) and when it will be through: for the command line and the console. */
#ifndef GATEWAY_CAMPAIGN_PLAN_H
#define GATEWAY_CAMPAIGN_PLAN_H

#include <jansson.h>
#include <stdint.h>

struct conf;
struct conf_bureau;

/* Texts that have not left. Before its scan a campaign knows only how many there will be. */
int64_t campaign_texts_left(const json_t *row);
/*
 * Unix seconds, and in *seconds how long it sends until then. -1 (*seconds is not set): it has no end to come, or
 * nobody knows its pace, for nothing limits it and nothing was sent yet, or the sending hours do not bring it within a
 * year.
 */
int64_t campaign_end(
	const struct conf *conf, const struct conf_bureau *b, const json_t *row, int64_t now, int64_t *seconds);
/* Adds the key "estimated_end": UTC as the other times of the row, or null. */
void campaign_end_add(const struct conf *conf, const struct conf_bureau *b, json_t *row);

#endif
