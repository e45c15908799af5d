/* Work for a later moment: one heap and one timer for all of it, so that a million receipts cost no million timers. */
#ifndef SMSC_LATER_H
#define SMSC_LATER_H

#include <stddef.h>
#include <stdint.h>

struct event_base;
struct later;
typedef void (*later_fn)(void *arg, void *item);

/* arg is handed to every call. NULL without memory. */
struct later *later_new(struct event_base *base, void *arg);
void later_free(struct later *l); /* calls nothing; frees the items that were added with drop */
/* Calls fn(arg, item) after so many milliseconds, in the order of time and then of adding. drop frees the item when it
 * is never called. Returns 0, or -1 when there is too much waiting or no memory: then item is still the caller's. */
int later_add(struct later *l, int64_t milliseconds, later_fn fn, void *item, void (*drop)(void *item));
size_t later_count(const struct later *l);
int64_t later_now_us(void); /* monotonic */

#endif
