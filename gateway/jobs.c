/* Starts the daemon's jobs when they are due, and logs how they ended. */
#include "gateway/jobs.h"

#include <stdbool.h>
#include <sys/types.h>

#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/program.h"

#define RETENTION_SECONDS (6 * 3600)

enum job {
	JOB_SEAL,
	JOB_RETENTION,
	JOBS,
};

static const struct {
	const char *name, *words[3];
} jobs[JOBS] = {
	[JOB_SEAL] = {"seal", {"trail", "seal", NULL}},
	[JOB_RETENTION] = {"retention", {"retention", "run", NULL}},
};

static struct {
	pid_t child; /* 0 = none */
	enum job job;
	int64_t last[JOBS]; /* unix seconds of its last start; at first those of our own */
	bool stopped;
} work;

static int64_t
every(const struct gateway *g, enum job job)
{
	switch (job) {
	case JOB_SEAL:
		return g->conf->seal_seconds;
	case JOB_RETENTION:
		return RETENTION_SECONDS;
	case JOBS:
		break;
	}
	return 0;
}

static void
ended(void *arg, int code)
{
	(void)arg;
	work.child = 0;
	if (code == 0)
		log_debug("job=%s done", jobs[work.job].name);
	else
		log_warn("job=%s failed status=%d; it is tried again in its turn, or run: huizhi %s %s", jobs[work.job].name,
			code, jobs[work.job].words[0], jobs[work.job].words[1] != NULL ? jobs[work.job].words[1] : "");
}

static void
start(struct gateway *g, enum job job)
{
	/* What it counts is for people who run it; what it complains of goes where the daemon's words go. */
	static const int fds[3] = {PROGRAM_SAME, PROGRAM_NULL, PROGRAM_SAME};
	pid_t pid = program_start(g, jobs[job].words, fds, ended, NULL);

	work.job = job;
	work.child = pid > 0 ? pid : 0;
}

void
jobs_check(struct gateway *g, int64_t now)
{
	if (work.stopped || work.child != 0)
		return;
	for (enum job job = 0; job < JOBS; job++) {
		if (work.last[job] == 0)
			work.last[job] = now;
		if (every(g, job) > 0 && now - work.last[job] >= every(g, job)) {
			work.last[job] = now;
			start(g, job);
			return;
		}
	}
}

void
jobs_stop(void)
{
	work.stopped = true;
	if (work.child != 0)
		program_end(work.child);
	work.child = 0;
}
