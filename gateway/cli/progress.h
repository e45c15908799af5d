/* A progress bar for a person who waits at a terminal; anywhere else it says nothing. */
#ifndef GATEWAY_CLI_PROGRESS_H
#define GATEWAY_CLI_PROGRESS_H

#include <stdint.h>

struct progress;

/* Draws on standard error. NULL (which every call takes) when that is no terminal. */
struct progress *progress_new(void);
/* done of all, in any unit; drawn at most ten times a second, and whenever the word changes. */
void progress_show(struct progress *p, const char *word, int64_t done, int64_t all);
/* Takes the bar off the screen and frees it. */
void progress_end(struct progress *p);

#endif
