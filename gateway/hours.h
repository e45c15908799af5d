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
/* May bulk be sent now? */
bool hours_open(const struct conf_bureau *b, int64_t now);
/* When `seconds` of sending hours will have passed from `now` on, to the minute; -1: not within a year. */
int64_t hours_after(const struct conf_bureau *b, int64_t now, int64_t seconds);
#endif
