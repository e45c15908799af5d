/* A child process whose input and output are sockets of the loop. */
#include "gateway/command.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "gateway/program.h"

#define ARGS_MAX 24
#define OUTPUT_MAX (32 * 1024 * 1024) /* octets that a child may say */

extern char **environ;

struct command {
	struct bufferevent *talk, *errors;
	struct evbuffer *out, *err;
	struct event *on_child;
	pid_t child;
	bool ended; /* the process has; its code is known */
	bool said;	/* its output has come to its end */
	int code;
	command_done_fn done;
	void *arg;
};

static void
command_free(struct command *c)
{
	if (c->talk != NULL)
		bufferevent_free(c->talk);
	if (c->errors != NULL)
		bufferevent_free(c->errors);
	if (c->on_child != NULL)
		event_free(c->on_child);
	if (c->out != NULL)
		evbuffer_free(c->out);
	if (c->err != NULL)
		evbuffer_free(c->err);
	free(c);
}

static void
finish(struct command *c)
{
	if (!c->ended || !c->said)
		return;
	(void)evbuffer_add_buffer(c->err, bufferevent_get_input(c->errors));
	c->done(c->arg, c->code, c->out, c->err);
	command_free(c);
}

static void
on_child(int fd, short what, void *arg)
{
	struct command *c = arg;
	int status;

	(void)fd;
	(void)what;
	if (c->ended || waitpid(c->child, &status, WNOHANG) != c->child)
		return;
	c->ended = true;
	c->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	finish(c);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct command *c = arg;

	(void)evbuffer_add_buffer(c->out, bufferevent_get_input(bev));
	if (evbuffer_get_length(c->out) > OUTPUT_MAX && !c->ended)
		(void)kill(c->child, SIGKILL);
}

/* The input is written: the child sees its end. */
static void
on_written(struct bufferevent *bev, void *arg)
{
	(void)arg;
	(void)shutdown(bufferevent_getfd(bev), SHUT_WR);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct command *c = arg;

	/* A child that reads no more of its input still has something to say. */
	if ((what & BEV_EVENT_WRITING) != 0 && (what & BEV_EVENT_READING) == 0) {
		(void)bufferevent_disable(bev, EV_WRITE);
		return;
	}
	on_read(bev, arg);
	c->said = true;
	finish(c);
}

static int
spawn(struct gateway *g, struct command *c, const char *const *args, int talk, int errors)
{
	char program[4200];
	char *argv[ARGS_MAX + 4] = {program, "-c", (char *)g->conf->file};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int n = 3;

	for (; *args != NULL && n < ARGS_MAX + 3; args++)
		argv[n++] = (char *)*args;
	if (program_find(program, sizeof(program)) != 0)
		return ENOENT;
	(void)sigemptyset(&none);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	(void)posix_spawn_file_actions_init(&files);
	(void)posix_spawn_file_actions_adddup2(&files, talk, 0);
	(void)posix_spawn_file_actions_adddup2(&files, talk, 1);
	(void)posix_spawn_file_actions_adddup2(&files, errors, 2);
	int rc = posix_spawn(&c->child, program, &files, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&files);
	(void)posix_spawnattr_destroy(&attr);
	return rc;
}

/* One end into a bufferevent; the other is the child's. */
static struct bufferevent *
open_pair(struct gateway *g, int *theirs)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return NULL;
	(void)evutil_make_socket_nonblocking(fds[0]);
	*theirs = fds[1];
	return bufferevent_socket_new(g->base, fds[0], BEV_OPT_CLOSE_ON_FREE);
}

int
command_run(struct gateway *g, const char *const *args, const void *input, size_t len, command_done_fn done, void *arg)
{
	struct command *c = calloc(1, sizeof(*c));
	int talk = -1, errors = -1, rc = ENOMEM;

	if (c == NULL)
		return -1;
	c->done = done;
	c->arg = arg;
	c->talk = open_pair(g, &talk);
	c->errors = open_pair(g, &errors);
	c->out = evbuffer_new();
	c->err = evbuffer_new();
	c->on_child = evsignal_new(g->base, SIGCHLD, on_child, c);
	if (c->talk != NULL && c->errors != NULL && c->out != NULL && c->err != NULL && c->on_child != NULL &&
		event_add(c->on_child, NULL) == 0)
		rc = spawn(g, c, args, talk, errors);
	if (talk >= 0)
		(void)close(talk);
	if (errors >= 0)
		(void)close(errors);
	if (rc != 0) {
		log_error("the program huizhi could not be started for %s: %s", args[0], strerror(rc));
		command_free(c);
		return -1;
	}
	bufferevent_setcb(c->talk, on_read, on_written, on_event, c);
	(void)bufferevent_enable(c->talk, EV_READ | EV_WRITE);
	(void)bufferevent_enable(c->errors, EV_READ);
	if (len > 0)
		(void)bufferevent_write(c->talk, input, len);
	else
		on_written(c->talk, c);
	return 0;
}
