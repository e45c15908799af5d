/* A progress bar for a person who waits at a terminal; anywhere else it says nothing. */
#ifndef GATEWAY_CLI_PROGRESS_H
#define GATEWAY_CLI_PROGRESS_H

#include <stdint.h>

struct event_base;
struct progress;

/* Draws on standard error. NULL (which every call takes) when that is no terminal. */
struct progress *progress_new(void);
/*
 * done of all, in any unit; drawn at most ten times a second, and whenever the word changes. all -1: nobody knows how
 * much there is, and what was done so far is shown as a number.
 */
void progress_show(struct progress *p, const char *word, int64_t done, int64_t all);
/* The word and how long it has taken, five times a second while the loop runs, until progress_end. */
void progress_wait(struct progress *p, struct event_base *base, const char *word);
/* Takes the bar off the screen, so that a line can be printed; the next progress_show draws it again. */
void progress_clear(struct progress *p);
/* Takes the bar off the screen and frees it. */
void progress_end(struct progress *p);

#endif
