/*
 * Work that the daemon starts now and then as `huizhi ...` in a process of its own, so that its memory, its time and
 * its faults stay out of the daemon: the sealing of the trail, retention. One at a time; of several daemons each starts
 * its own, and the database lets one of them do it.
 */
#ifndef GATEWAY_JOBS_H
#define GATEWAY_JOBS_H

#include <stdint.h>

struct gateway;

/* Starts what is due; called each second. now: unix seconds. */
void jobs_check(struct gateway *g, int64_t now);
/* Starts nothing more; what is under way is asked to end, and loses nothing that it has committed. */
void jobs_stop(void);

#endif
