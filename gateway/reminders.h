/* When an application's next reminder is due, and when who has not answered is to be phoned. Pure but for the time zone. */
#ifndef GATEWAY_REMINDERS_H
#define GATEWAY_REMINDERS_H

#include <stdint.h>

struct conf_bureau;
struct conf_item;

/*
 * Of an item whose last day (YYYY-MM-DD) is given. Reminder days and the day to phone that are no working days move to
 * the working day before. *next: the morning of the next reminder day after today; 0 = there is none before the
 * day to phone. *phone: the morning of the day to phone; 0 = the item has none. Unix seconds.
 */
void reminders_next(const struct conf_bureau *b, const struct conf_item *it, const char *last_day, int64_t now,
	int64_t *next, int64_t *phone);

#endif
