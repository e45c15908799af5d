/* A short queue of commands, each in a process of its own; SIGCHLD says when one is over. */
#include "gateway/child.h"

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/program.h"

#define AT_ONCE 2
#define WAITING_MAX 32

extern char **environ;

struct child {
	struct child *next;
	struct gateway *g;
	char *words[CHILD_WORDS_MAX + 1];
	int input;
	pid_t pid; /* 0 = it waits */
	void (*done)(void *arg, int code);
	void *arg;
};

static struct {
	struct child *first;
	int under_way, waiting;
	struct event *on_child;
} children;

static void
forget(struct child *c)
{
	for (size_t i = 0; c->words[i] != NULL; i++)
		free(c->words[i]);
	if (c->input >= 0)
		close(c->input);
	free(c);
}

static int
start(struct child *c)
{
	char command[4200];
	char *argv[CHILD_WORDS_MAX + 5] = {command, "-c", (char *)c->g->conf->file, "--json"};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;

	if (program_find(command, sizeof(command)) != 0) {
		log_error("cannot run %s: the program huizhi is not beside huizhid", c->words[0]);
		return -1;
	}
	for (size_t i = 0; c->words[i] != NULL; i++)
		argv[4 + i] = c->words[i];
	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawn_file_actions_init(&files);
	if (c->input >= 0)
		(void)posix_spawn_file_actions_adddup2(&files, c->input, STDIN_FILENO);
	else
		(void)posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	int rc = posix_spawn(&c->pid, command, &files, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	if (rc != 0) {
		c->pid = 0;
		log_error("%s could not be started: %s", c->words[0], strerror(rc));
		return -1;
	}
	if (c->input >= 0)
		close(c->input);
	c->input = -1;
	children.under_way++;
	children.waiting--;
	return 0;
}

/* Takes what is over off the list, and starts what waits. */
static void
look(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	for (struct child **at = &children.first; *at != NULL;) {
		struct child *c = *at;
		int status = 0, code = -1;

		if (c->pid != 0 && waitpid(c->pid, &status, WNOHANG) == c->pid) {
			children.under_way--;
			code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		} else if (c->pid == 0 && children.under_way < AT_ONCE && start(c) != 0) {
			children.waiting--;
			code = 127;
		}
		if (code < 0) {
			at = &c->next;
			continue;
		}
		*at = c->next;
		c->done(c->arg, code);
		forget(c);
		at = &children.first; /* there is room for another one */
	}
}

int
child_run(struct gateway *g, const char *const *words, int input, void (*done)(void *arg, int code), void *arg)
{
	struct child *c = children.waiting >= WAITING_MAX ? NULL : calloc(1, sizeof(*c)), **at;
	struct timeval now = {0};

	if (children.on_child == NULL) {
		children.on_child = evsignal_new(g->base, SIGCHLD, look, NULL);
		if (children.on_child != NULL)
			(void)event_add(children.on_child, NULL);
	}
	if (c == NULL || children.on_child == NULL) {
		free(c);
		if (input >= 0)
			close(input);
		return -1;
	}
	*c = (struct child){.g = g, .input = input, .done = done, .arg = arg};
	for (size_t i = 0; i < CHILD_WORDS_MAX && words[i] != NULL; i++)
		c->words[i] = strdup(words[i]);
	for (at = &children.first; *at != NULL; at = &(*at)->next)
		;
	*at = c;
	children.waiting++;
	/* From the loop: done is never called from here. */
	return event_base_once(g->base, -1, EV_TIMEOUT, look, NULL, &now);
}

void
child_stop(void)
{
	while (children.first != NULL) {
		struct child *c = children.first;

		children.first = c->next;
		if (c->pid != 0)
			(void)kill(c->pid, SIGTERM);
		forget(c);
	}
	if (children.on_child != NULL)
		event_free(children.on_child);
	children.on_child = NULL;
	children.under_way = children.waiting = 0;
}
