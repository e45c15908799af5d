/*
 * Runs the program `huizhi` beside the daemon: what takes long, or much memory, or blocks, does not do so here, and its
 * rules have one owner.
 */
#ifndef GATEWAY_COMMAND_H
#define GATEWAY_COMMAND_H

#include <stddef.h>

struct evbuffer;
struct gateway;

/* code: its exit code, or -1 when it was ended by a signal. out and err are drained after the call. */
typedef void (*command_done_fn)(void *arg, int code, struct evbuffer *out, struct evbuffer *err);

/*
 * args (NULL-ended) stand behind `huizhi -c FILE`; input (copied) is its standard input. done is called once, from the
 * loop, when it has ended; never when the daemon ends before. 0, or -1 (logged) when it could not be started.
 */
int command_run(
	struct gateway *g, const char *const *args, const void *input, size_t len, command_done_fn done, void *arg);

#endif
