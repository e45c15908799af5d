/* A child process whose input and output are sockets of the loop. */
#include "gateway/command.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "gateway/gateway.h"
#include "gateway/program.h"

#define OUTPUT_MAX (32 * 1024 * 1024) /* octets that a child may say */

struct command {
	struct bufferevent *talk, *errors;
	struct evbuffer *out, *err;
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
on_ended(void *arg, int code)
{
	struct command *c = arg;

	c->ended = true;
	c->code = code < 128 ? code : -1;
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
	int talk = -1, errors = -1;

	if (c == NULL)
		return -1;
	c->done = done;
	c->arg = arg;
	c->talk = open_pair(g, &talk);
	c->errors = open_pair(g, &errors);
	c->out = evbuffer_new();
	c->err = evbuffer_new();
	if (c->talk != NULL && c->errors != NULL && c->out != NULL && c->err != NULL) {
		const int fds[3] = {talk, talk, errors};
		c->child = program_start(g, args, fds, on_ended, c);
	}
	if (talk >= 0)
		(void)close(talk);
	if (errors >= 0)
		(void)close(errors);
	if (c->child <= 0) {
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
