/* Runs `huizhi ...` beside the daemon for a page that waits: a few at a time, the others in their order. */
#ifndef GATEWAY_CHILD_H
#define GATEWAY_CHILD_H

struct gateway;

#define CHILD_WORDS_MAX 12

/*
 * words: the command and its arguments, NULL-ended, copied. input: a file that it reads as its standard input, taken
 * over; -1 = none. output: its standard output likewise. done is told its exit code (128 and more: it was ended) when
 * it is over, never from here; not when the daemon ends first. 0, or -1: too many wait, or no memory; input and output
 * are closed then as well.
 */
int child_run(
	struct gateway *g, const char *const *words, int input, int output, void (*done)(void *arg, int code), void *arg);
/* Ends those under way and forgets the others. */
void child_stop(void);

#endif
