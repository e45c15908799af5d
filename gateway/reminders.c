/* The days of an item counted back from its last day, on the bureau's working days. */
#include "gateway/reminders.h"

#include <stdio.h>

#include "gateway/conf.h"
#include "gateway/hours.h"

void
reminders_next(const struct conf_bureau *b, const struct conf_item *it, const char *last_day, int64_t now,
	int64_t *next, int64_t *phone)
{
	int64_t last = hours_day_number(last_day), today, call = 0;
	char text[40];
	struct tm tm;

	*next = *phone = 0;
	if (last == INT64_MIN)
		return;
	hours_local(b, now, &tm);
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
	today = hours_day_number(text);
	if (it->phone_days > 0) {
		call = hours_workday_before(b, last - it->phone_days);
		*phone = hours_morning(b, call);
	}
	for (size_t i = 0; i < it->nreminder_days; i++) {
		int64_t day = hours_workday_before(b, last - it->reminder_days[i]);

		if (day > today) {
			if (call == 0 || day < call)
				*next = hours_morning(b, day);
			return;
		}
	}
}
