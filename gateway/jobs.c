/* Starts the daemon's jobs when they are due, and logs how they ended. */
#include "gateway/jobs.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "gateway/program.h"
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/log.h"

#define RETENTION_SECONDS (6 * 3600)

extern char **environ;

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
	struct event *on_child;
	pid_t child; /* 0 = none */
	enum job job;
	int64_t last[JOBS]; /* unix seconds of its last start; at first those of our own */
	bool stopped, missing;
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
on_child(int fd, short what, void *arg)
{
	int status;

	(void)fd;
	(void)what;
	(void)arg;
	if (work.child == 0 || waitpid(work.child, &status, WNOHANG) != work.child)
		return;
	work.child = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		log_debug("job=%s done", jobs[work.job].name);
	else if (!work.stopped)
		log_warn("job=%s failed status=%d; it is tried again in its turn, or run: huizhi %s %s", jobs[work.job].name,
			WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), jobs[work.job].words[0],
			jobs[work.job].words[1] != NULL ? jobs[work.job].words[1] : "");
}

static void
start(const struct gateway *g, enum job job)
{
	char command[4200];
	sigset_t none;
	posix_spawnattr_t attr;
	posix_spawn_file_actions_t files;

	if (program_find(command, sizeof(command)) != 0) {
		if (!work.missing)
			log_error("job=%s cannot run: the program huizhi is not beside huizhid", jobs[job].name);
		work.missing = true;
		return;
	}
	char *argv[] = {command, "-c", (char *)g->conf->file, (char *)jobs[job].words[0], (char *)jobs[job].words[1],
		(char *)jobs[job].words[2], NULL};
	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	/* What it counts is for people who run it; what it complains of goes where the daemon's words go. */
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_addopen(&files, 1, "/dev/null", 1 /* O_WRONLY */, 0);
	int rc = posix_spawn(&work.child, command, &files, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	work.job = job;
	if (rc != 0) {
		work.child = 0;
		log_error("job=%s could not be started: %s", jobs[job].name, strerror(rc));
	}
}

void
jobs_check(struct gateway *g, int64_t now)
{
	if (work.stopped || work.child != 0)
		return;
	if (work.on_child == NULL) {
		work.on_child = evsignal_new(g->base, SIGCHLD, on_child, NULL);
		if (work.on_child == NULL || event_add(work.on_child, NULL) != 0)
			return;
	}
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
		(void)kill(work.child, SIGTERM);
	if (work.on_child != NULL) {
		event_free(work.on_child);
		work.on_child = NULL;
	}
}
