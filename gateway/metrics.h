/* Counters of this daemon since its start, for /metrics. One table gives each its name and sentence. */
#ifndef GATEWAY_METRICS_H
#define GATEWAY_METRICS_H

#include <stdint.h>

enum metric {
	METRIC_TEXTS_IN,
	METRIC_TEXTS_IN_AGAIN,
	METRIC_NOT_UNDERSTOOD,
	METRIC_TURNS,
	METRIC_BATCHES,
	METRIC_PARTS_SENT,
	METRIC_PARTS_ACCEPTED,
	METRIC_PARTS_REFUSED,
	METRIC_PARTS_UNCERTAIN,
	METRIC_RECEIPTS,
	METRIC_HTTP_REQUESTS,
	METRIC_HTTP_ERRORS,
	METRIC_IDENTITY_PROVEN,
	METRIC_IDENTITY_REFUSED,
	METRIC_COUNT
};

void metrics_add(enum metric m, uint64_t n);
uint64_t metrics_get(enum metric m);
const char *metrics_name(enum metric m); /* huizhi_turns_total */
const char *metrics_help(enum metric m); /* one sentence */

#endif
