/* Follows an application's status through its trail. */
#include "gateway/trail.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "store/application.h"

/* An event is stamped when its transaction begins: one that waited for another may bear the earlier time. */
#define OVERTAKE_SECONDS 60

static char text[256];

/* The status that an event leads to, or NULL when it moves none. */
static const char *
status_of(const char *kind)
{
	if (strcmp(kind, "opted_out") == 0)
		return "stopped";
	for (const char *const *s = application_statuses(); *s != NULL; s++) {
		if (strcmp(*s, kind) == 0)
			return *s;
	}
	return NULL;
}

const char *
trail_check(const struct trail_event *events, size_t n, const char *status)
{
	const char *now = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct trail_event *e = &events[i];
		if (i > 0 && e->at + OVERTAKE_SECONDS < events[i - 1].at) {
			snprintf(text, sizeof text, "event %zu (%s) is older than the one before it", i + 1, e->kind);
			return text;
		}
		const char *to = status_of(e->kind);
		if (to == NULL)
			continue;
		if (now == NULL && strcmp(to, "due") != 0) {
			snprintf(text, sizeof text, "it begins with %s, not with due", e->kind);
			return text;
		}
		/* Each further reminder is an event, but no move. */
		bool again = now != NULL && strcmp(to, "reminded") == 0;
		if (now != NULL && e->from[0] != '\0' && strcmp(e->from, now) != 0) {
			snprintf(text, sizeof text, "event %zu (%s) comes from %s, but the trail stood at %s", i + 1, e->kind,
				e->from, now);
			return text;
		}
		if (now != NULL && !application_status_may(now, to)) {
			if (again)
				continue;
			snprintf(text, sizeof text, "event %zu moves from %s to %s, which is no allowed move", i + 1, now, to);
			return text;
		}
		now = to;
	}
	if (now == NULL)
		return "it has no event";
	if (strcmp(now, status) != 0) {
		snprintf(text, sizeof text, "the trail ends at %s, but the application is %s", now, status);
		return text;
	}
	return NULL;
}
