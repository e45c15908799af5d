/*
 * Scans that the daemon starts by itself: every bureau's daily one at its set time, and those of campaigns that were
 * started. Each runs as `huizhi scan` in a process of its own, so that its memory and its faults stay out of the
 * daemon.
 */
#ifndef GATEWAY_DAILY_H
#define GATEWAY_DAILY_H

#include <stdint.h>

struct conf_bureau;
struct gateway;

/* Starts the scan of a campaign, unless one is under way or failed just now: then it is asked for again. */
void daily_scan_campaign(struct gateway *g, const struct conf_bureau *b, int64_t campaign_id);
/* Starts what is due; called now and then. now: unix seconds. */
void daily_check(struct gateway *g, int64_t now);
/* Starts nothing more; a scan under way is asked to end (it commits in steps, and the next run goes on from there). */
void daily_stop(struct gateway *g);

#endif
