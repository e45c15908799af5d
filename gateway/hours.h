/* A bureau's sending hours and holidays: when bulk may go. Replies do not ask. */
#ifndef GATEWAY_HOURS_H
#define GATEWAY_HOURS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct conf_bureau;

/* The bureau's wall clock at this unix second. The process takes the zone last asked for as its own; nothing else reads
 * it. */
void hours_local(const struct conf_bureau *b, int64_t now, struct tm *out);
/* Is this day (YYYY-MM-DD) worked: no holiday, and of no weekend unless it is worked all the same? */
bool hours_workday(const struct conf_bureau *b, const char *day);
/* Days since 1970-01-01, and back; INT64_MIN when it is no day. */
int64_t hours_day_number(const char *day);
void hours_day_text(int64_t number, char out[11]);
/* This day, or the last working day before it. */
int64_t hours_workday_before(const struct conf_bureau *b, int64_t number);
/* The unix second at which the bureau's sending hours begin on a day. */
int64_t hours_morning(const struct conf_bureau *b, int64_t number);
/* May bulk be sent now? */
bool hours_open(const struct conf_bureau *b, int64_t now);
/* When `seconds` of sending hours will have passed from `now` on, to the minute; -1: not within a year. */
int64_t hours_after(const struct conf_bureau *b, int64_t now, int64_t seconds);
#endif
