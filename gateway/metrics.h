/*
 * Counters of this process, for /metrics. Whoever sees something happen adds to it; only metrics.c holds the numbers.
 * A new one is a row in metrics.def.
 */
#ifndef GATEWAY_METRICS_H
#define GATEWAY_METRICS_H

#include <stdint.h>

struct evbuffer;

enum metric {
#define METRIC(id, kind, name, labels, help) METRIC_##id,
#include "gateway/metrics.def"
#undef METRIC
	METRIC_COUNT
};

void metrics_add(enum metric m, uint64_t n);	 /* counters only grow */
void metrics_set(enum metric m, uint64_t value); /* gauges */

/* Writes all of them in the Prometheus text format (version 0.0.4). Rows of one name stand together, with one HELP. */
void metrics_write(struct evbuffer *out);

#endif
