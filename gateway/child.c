/* A short queue of commands, a few under way at once. */
#include "gateway/child.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "gateway/program.h"

#define AT_ONCE 2
#define WAITING_MAX 32

struct child {
	struct child *next;
	struct gateway *g;
	char *words[CHILD_WORDS_MAX + 1];
	int input, output; /* -1 = none */
	pid_t pid;		   /* 0 = it waits */
	void (*done)(void *arg, int code);
	void *arg;
};

static struct {
	struct child *first;
	int under_way, waiting;
} children;

static void
close_files(struct child *c)
{
	if (c->input >= 0)
		close(c->input);
	if (c->output >= 0)
		close(c->output);
	c->input = c->output = -1;
}

static void
forget(struct child *c)
{
	for (size_t i = 0; c->words[i] != NULL; i++)
		free(c->words[i]);
	close_files(c);
	free(c);
}

static void ended(void *arg, int code);

static int
start(struct child *c)
{
	const int fds[3] = {
		c->input >= 0 ? c->input : PROGRAM_NULL, c->output >= 0 ? c->output : PROGRAM_NULL, PROGRAM_SAME};
	pid_t pid = program_start(c->g, (const char *const *)c->words, fds, ended, c);

	if (pid < 0)
		return -1;
	c->pid = pid;
	close_files(c);
	children.under_way++;
	return 0;
}

static void
take_off(struct child *c)
{
	struct child **at = &children.first;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
}

/* It is over: the next one that waits has its room. */
static void
ended(void *arg, int code)
{
	struct child *c = arg, *next;

	children.under_way--;
	take_off(c);
	c->done(c->arg, code);
	forget(c);
	while (children.under_way < AT_ONCE && children.waiting > 0) {
		for (next = children.first; next->pid != 0;)
			next = next->next;
		children.waiting--;
		if (start(next) != 0) {
			take_off(next);
			next->done(next->arg, 127);
			forget(next);
		}
	}
}

int
child_run(
	struct gateway *g, const char *const *words, int input, int output, void (*done)(void *arg, int code), void *arg)
{
	struct child *c = children.waiting >= WAITING_MAX ? NULL : calloc(1, sizeof(*c)), **at;

	if (c == NULL) {
		close_files(&(struct child){.input = input, .output = output});
		return -1;
	}
	*c = (struct child){.g = g, .input = input, .output = output, .done = done, .arg = arg};
	for (size_t i = 0; i < CHILD_WORDS_MAX && words[i] != NULL; i++)
		c->words[i] = strdup(words[i]);
	if (children.under_way < AT_ONCE) {
		if (start(c) != 0) {
			forget(c);
			return -1;
		}
	} else {
		children.waiting++;
	}
	for (at = &children.first; *at != NULL; at = &(*at)->next)
		;
	*at = c;
	return 0;
}

void
child_stop(void)
{
	while (children.first != NULL) {
		struct child *c = children.first;

		children.first = c->next;
		if (c->pid != 0)
			program_end(c->pid);
		forget(c);
	}
	children.under_way = children.waiting = 0;
}
