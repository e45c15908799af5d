/* Finds `huizhi`, starts it, and hears of its end. */
#include "gateway/program.h"

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/log.h"

#define WORDS_MAX 28

extern char **environ;

struct run {
	struct run *next;
	pid_t pid;
	program_ended_fn ended;
	void *arg;
};

static struct {
	struct run *first;
	struct event *on_child; /* there while anything runs */
} runs;

/* Beside huizhid, or in bin beside its sbin. */
static int
find(char *out, size_t room)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return -1;
	self[n] = '\0';
	char *slash = strrchr(self, '/');
	if (slash == NULL)
		return -1;
	*slash = '\0';
	(void)snprintf(out, room, "%s/huizhi", self);
	if (access(out, X_OK) == 0)
		return 0;
	(void)snprintf(out, room, "%s/../bin/huizhi", self);
	return access(out, X_OK);
}

/* Nobody listens for the ends of none. */
static void
rest(void)
{
	if (runs.first == NULL && runs.on_child != NULL) {
		event_free(runs.on_child);
		runs.on_child = NULL;
	}
}

static void
forget(struct run *r)
{
	struct run **at = &runs.first;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	free(r);
	rest();
}

/* One signal may stand for several ends. */
static void
on_child(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	for (struct run *r = runs.first; r != NULL;) {
		const struct run was = *r;
		int status;

		if (waitpid(r->pid, &status, WNOHANG) != r->pid) {
			r = r->next;
			continue;
		}
		forget(r);
		was.ended(was.arg, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
		r = runs.first; /* what was told of it may have started or ended others */
	}
}

static int
listen_for_ends(struct gateway *g)
{
	if (runs.on_child != NULL)
		return 0;
	runs.on_child = evsignal_new(g->base, SIGCHLD, on_child, NULL);
	return runs.on_child != NULL && event_add(runs.on_child, NULL) == 0 ? 0 : -1;
}

static int
spawn(pid_t *pid, char *const *argv, const int fds[3])
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;

	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawn_file_actions_init(&files);
	for (int i = 0; i < 3; i++) {
		if (fds[i] >= 0)
			(void)posix_spawn_file_actions_adddup2(&files, fds[i], i);
		else if (fds[i] == PROGRAM_NULL)
			(void)posix_spawn_file_actions_addopen(&files, i, "/dev/null", i == 0 ? O_RDONLY : O_WRONLY, 0);
	}
	int rc = posix_spawn(pid, argv[0], &files, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	return rc;
}

pid_t
program_start(struct gateway *g, const char *const *words, const int fds[3], program_ended_fn ended, void *arg)
{
	char program[4200];
	char *argv[WORDS_MAX + 4] = {program, "-c", (char *)g->conf->file};
	struct run *r = calloc(1, sizeof(*r));
	const char *why = NULL;

	for (int n = 0; n < WORDS_MAX && words[n] != NULL; n++)
		argv[3 + n] = (char *)words[n];
	if (r == NULL || listen_for_ends(g) != 0) {
		why = "no memory";
	} else if (find(program, sizeof(program)) != 0) {
		why = "the program huizhi is not beside huizhid";
	} else {
		int rc = spawn(&r->pid, argv, fds);
		why = rc != 0 ? strerror(rc) : NULL;
	}
	if (why != NULL) {
		log_error("huizhi %s could not be started: %s", words[0], why);
		free(r);
		rest();
		return -1;
	}
	r->ended = ended;
	r->arg = arg;
	r->next = runs.first;
	runs.first = r;
	return r->pid;
}

void
program_end(pid_t pid)
{
	(void)kill(pid, SIGTERM);
	for (struct run *r = runs.first; r != NULL; r = r->next)
		if (r->pid == pid) {
			forget(r);
			return;
		}
}

void
program_no_core(void)
{
	struct rlimit core;

	if (getrlimit(RLIMIT_CORE, &core) == 0) {
		core.rlim_cur = 0;
		(void)setrlimit(RLIMIT_CORE, &core);
	}
}
