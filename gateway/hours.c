/* Sending hours, in the bureau's own time zone. */
#include "gateway/hours.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/conf.h"

void
hours_local(const struct conf_bureau *b, int64_t now, struct tm *out)
{
	static char zone[64]; /* the zone in force; setting it anew reads a file, so only when it changes */
	time_t t = (time_t)now;

	if (strcmp(zone, b->timezone) != 0) {
		(void)snprintf(zone, sizeof(zone), "%s", b->timezone);
		(void)setenv("TZ", zone, 1);
		tzset();
	}
	(void)localtime_r(&t, out);
}

bool
hours_open(const struct conf_bureau *b, int64_t now)
{
	struct tm tm;
	int from, to;
	char day[40];

	hours_local(b, now, &tm);
	(void)snprintf(day, sizeof(day), "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	for (size_t i = 0; i < b->nholidays; i++) {
		if (strcmp(b->holidays[i], day) == 0)
			return false;
	}
	if (conf_send_hours(b->send_hours, &from, &to) != 0)
		return false; /* the configuration was checked; nothing is sent on a doubt */
	int minute = tm.tm_hour * 60 + tm.tm_min;
	if (from <= to)
		return minute >= from && minute < to;
	return minute >= from || minute < to; /* over midnight */
}

int64_t
hours_after(const struct conf_bureau *b, int64_t now, int64_t seconds)
{
	const int64_t last = now + (int64_t)366 * 86400;

	while (now < last) {
		int64_t minute_end = now - now % 60 + 60;

		if (hours_open(b, now)) {
			if (seconds <= minute_end - now)
				return now + seconds;
			seconds -= minute_end - now;
		}
		now = minute_end;
	}
	return -1;
}
