/* The table of counters. One thread counts, so plain integers do. */
#include "gateway/metrics.h"

static const struct {
	const char *name, *help;
} table[METRIC_COUNT] = {
	[METRIC_TEXTS_IN] = {"huizhi_texts_in_total", "Texts that carriers delivered"},
	[METRIC_TEXTS_IN_AGAIN] = {"huizhi_texts_in_again_total", "Texts that a carrier delivered again; not stepped twice"},
	[METRIC_NOT_UNDERSTOOD] = {"huizhi_texts_not_understood_total", "Texts that matched no answer of their step"},
	[METRIC_TURNS] = {"huizhi_turns_total", "Turns committed"},
	[METRIC_BATCHES] = {"huizhi_batches_total", "Transactions that turns were committed in"},
	[METRIC_PARTS_SENT] = {"huizhi_parts_sent_total", "Parts written to carriers"},
	[METRIC_PARTS_ACCEPTED] = {"huizhi_parts_accepted_total", "Parts that carriers accepted"},
	[METRIC_PARTS_REFUSED] = {"huizhi_parts_refused_total", "Parts that carriers refused"},
	[METRIC_PARTS_UNCERTAIN] = {"huizhi_parts_uncertain_total", "Parts in flight when a connection dropped or a response never came"},
	[METRIC_RECEIPTS] = {"huizhi_receipts_total", "Receipts that carriers delivered"},
	[METRIC_HTTP_REQUESTS] = {"huizhi_http_requests_total", "Requests answered by the public and staff listeners"},
	[METRIC_HTTP_ERRORS] = {"huizhi_http_errors_total", "Requests answered with a status of 500 or more"},
	[METRIC_IDENTITY_PROVEN] = {"huizhi_identity_proven_total", "Identities proven on the page"},
	[METRIC_IDENTITY_REFUSED] = {"huizhi_identity_refused_total", "Wrong identity characters typed on the page"},
};

static uint64_t values[METRIC_COUNT];

void
metrics_add(enum metric m, uint64_t n)
{
	values[m] += n;
}

uint64_t
metrics_get(enum metric m)
{
	return values[m];
}

const char *
metrics_name(enum metric m)
{
	return table[m].name;
}

const char *
metrics_help(enum metric m)
{
	return table[m].help;
}
