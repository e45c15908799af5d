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
hours_workday(const struct conf_bureau *b, const char *day)
{
	static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
	int64_t number = hours_day_number(day);

	if (conf_in_list(b->holidays, b->nholidays, day))
		return false;
	if (conf_in_list(b->workdays, b->nworkdays, day))
		return true;
	return !conf_in_list(b->weekend, b->nweekend, names[((number + 4) % 7 + 7) % 7]); /* 1970-01-01 was a Thursday */
}

int64_t
hours_day_number(const char *day)
{
	struct tm tm = {0};

	if (sscanf(day, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3)
		return INT64_MIN;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	return (int64_t)timegm(&tm) / 86400;
}

void
hours_day_text(int64_t number, char out[11])
{
	time_t t = (time_t)(number * 86400);
	struct tm tm;
	char text[40];

	(void)gmtime_r(&t, &tm);
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	(void)snprintf(out, 11, "%.10s", text);
}

int64_t
hours_workday_before(const struct conf_bureau *b, int64_t number)
{
	char day[11];

	for (int i = 0; i < 30; i++) {
		hours_day_text(number - i, day);
		if (hours_workday(b, day))
			return number - i;
	}
	return number; /* a month of holidays: the day itself is as good as any */
}

int64_t
hours_morning(const struct conf_bureau *b, int64_t number)
{
	struct tm tm;
	int from = 0, to;
	time_t t = (time_t)(number * 86400);

	hours_local(b, 0, &tm); /* the bureau's zone is in force from here on */
	(void)gmtime_r(&t, &tm);
	(void)conf_send_hours(b->send_hours, &from, &to);
	tm.tm_hour = from / 60;
	tm.tm_min = from % 60;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

bool
hours_open(const struct conf_bureau *b, int64_t now)
{
	struct tm tm;
	int from, to;
	char day[40];

	hours_local(b, now, &tm);
	(void)snprintf(day, sizeof(day), "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	if (!hours_workday(b, day))
		return false;
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
