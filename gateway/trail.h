/* Checks of the trail of one application: do its events lead from the beginning to where it stands? Pure. */
#ifndef GATEWAY_TRAIL_H
#define GATEWAY_TRAIL_H

#include <stddef.h>
#include <stdint.h>

/* One event of the application, in the order of their ids. */
struct trail_event {
	const char *kind; /* due, reminded, consented, ... and kinds that move no status */
	const char *from; /* the status before, where the event tells it; else "" */
	int64_t at;		  /* unix seconds */
};

/*
 * What is checked: the first event is `due`; every event that moves the status makes a move that is allowed
 * (store/application.h) from where the one before left it, and names that status where it names one; the last one
 * leaves the application where it stands now; no event is more than a minute older than the one before it. Returns
 * NULL, or one line that says what is wrong (static, until the next call).
 */
const char *trail_check(const struct trail_event *events, size_t n, const char *status);

#endif
