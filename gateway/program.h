/*
 * Runs the program `huizhi` beside the daemon: what takes long, or much memory, or blocks, does not do so in the
 * daemon. Everything that the daemon starts goes through here; one handler of SIGCHLD hears of every end.
 */
#ifndef GATEWAY_PROGRAM_H
#define GATEWAY_PROGRAM_H

#include <sys/types.h>

struct gateway;

/* What its standard input, output or error is, instead of a descriptor of ours. */
enum {
	PROGRAM_SAME = -1, /* the daemon's own */
	PROGRAM_NULL = -2, /* /dev/null */
};

/* code: its exit code, or 128 and the signal that ended it. */
typedef void (*program_ended_fn)(void *arg, int code);

/*
 * Starts `huizhi -c FILE WORDS...`; words is NULL-ended. ended is called once, from the loop and never from here, when
 * it is over; not after program_end. Returns its process id, or -1 with the reason logged.
 */
pid_t program_start(struct gateway *g, const char *const *words, const int fds[3], program_ended_fn ended, void *arg);
/* Asks it to end (SIGTERM), and tells nobody when it has. */
void program_end(pid_t pid);
/* Leaves no core file with what was decrypted in it, unless whoever starts us raises the limit again (prlimit). */
void program_no_core(void);

#endif
