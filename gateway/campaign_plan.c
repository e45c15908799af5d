/* When a campaign will be through: what is left of it, at its pace, inside the bureau's sending hours. */
#include "gateway/campaign_plan.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "gateway/conf.h"
#include "gateway/hours.h"
#include "store/view.h"

#define PARTS_OF_A_TEXT 2 /* before any was sent: a Chinese reminder has two parts */

int64_t
campaign_texts_left(const json_t *row)
{
	int64_t queued = view_number(row, "queued"), expected = view_number(row, "audience") - view_number(row, "sent");
	if (json_is_string(json_object_get(row, "scanned_at")))
		return queued;
	return expected > queued ? expected : queued;
}

/* Texts a second that the links of the bureau take; 0: they have no limit. */
static double
pace_of_links(const struct conf *conf, const struct conf_bureau *b, const json_t *row)
{
	int64_t sent = view_number(row, "sent"), parts = view_number(row, "parts_sent");
	double sum = 0;
	for (size_t i = 0; i < b->nlinks; i++) {
		const struct conf_link *l = conf_link_by_name(conf, b->links[i]);
		if (l == NULL || l->rate == 0)
			return 0;
		sum += l->rate;
	}
	return sum / (sent > 0 && parts > 0 ? (double)parts / (double)sent : PARTS_OF_A_TEXT);
}

/* Texts a second; 0: not known, for nothing limits it and nothing was sent yet. */
static double
pace_of(const struct conf *conf, const struct conf_bureau *b, const json_t *row, int64_t now)
{
	double pace = (double)view_number(row, "rate"), links = pace_of_links(conf, b, row);
	const char *started = json_string_value(json_object_get(row, "started_at"));
	struct tm tm = {0};

	if (links > 0 && (pace == 0 || links < pace))
		pace = links;
	if (pace == 0 && view_is(row, "status", "running") && view_number(row, "sent") > 0 && started != NULL &&
		strptime(started, "%Y-%m-%dT%H:%M:%S", &tm) != NULL && timegm(&tm) < now)
		pace = (double)view_number(row, "sent") / (double)(now - timegm(&tm));
	return pace;
}

int64_t
campaign_end(const struct conf *conf, const struct conf_bureau *b, const json_t *row, int64_t now, int64_t *seconds)
{
	double pace = pace_of(conf, b, row, now);
	if (pace <= 0 || json_is_string(json_object_get(row, "ended_at")) || view_is(row, "status", "stopped"))
		return -1;
	*seconds = (int64_t)((double)campaign_texts_left(row) / pace + 0.999);
	return hours_after(b, now, *seconds);
}

void
campaign_end_add(const struct conf *conf, const struct conf_bureau *b, json_t *row)
{
	int64_t seconds, end = campaign_end(conf, b, row, (int64_t)time(NULL), &seconds);

	json_object_set_new(row, "estimated_end", end >= 0 ? view_time(end) : json_null());
}
