/* The counters behind /metrics. */
#include "gateway/metrics.h"

#include <inttypes.h>
#include <string.h>
#include <event2/buffer.h>

static const struct {
	const char *kind, *name, *labels, *help;
} rows[METRIC_COUNT] = {
#define METRIC(id, k, n, l, h) [METRIC_##id] = {k, n, l, h},
#include "gateway/metrics.def"
#undef METRIC
};

static uint64_t values[METRIC_COUNT];

void
metrics_add(enum metric m, uint64_t n)
{
	values[m] += n;
}

void
metrics_set(enum metric m, uint64_t value)
{
	values[m] = value;
}

void
metrics_write(struct evbuffer *out)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		if (i == 0 || strcmp(rows[i].name, rows[i - 1].name) != 0)
			evbuffer_add_printf(
				out, "# HELP %s %s\n# TYPE %s %s\n", rows[i].name, rows[i].help, rows[i].name, rows[i].kind);
		if (*rows[i].labels != '\0')
			evbuffer_add_printf(out, "%s{%s} %" PRIu64 "\n", rows[i].name, rows[i].labels, values[i]);
		else
			evbuffer_add_printf(out, "%s %" PRIu64 "\n", rows[i].name, values[i]);
	}
}
