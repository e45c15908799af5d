/*
 * Draws one line over and over: a word, a bar, per cent, and the time that is left by the pace so far; where nobody
 * knows how much there is, what was done so far.
 */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "gateway/now.h"

#include "gateway/cli/progress.h"

struct progress {
	char word[40];
	int64_t drawn_ms;
	int64_t word_ms; /* when the word came up, and how much was done then: the pace is the word's own */
	int64_t word_done;
	struct event *tick; /* draws while something is waited for; NULL = nothing is */
};

static int
columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

struct progress *
progress_new(void)
{
	return isatty(STDERR_FILENO) ? calloc(1, sizeof(struct progress)) : NULL;
}

static void
put_left(char *out, size_t room, int64_t ms)
{
	int64_t seconds = (ms + 999) / 1000;

	if (seconds >= 60)
		snprintf(out, room, "%lld min %02lld s left", (long long)(seconds / 60), (long long)(seconds % 60));
	else
		snprintf(out, room, "%lld s left", (long long)seconds);
}

/* done -1: there is nothing to count. */
static void
draw_so_far(const struct progress *p, int64_t now, int64_t done)
{
	int64_t seconds = (now - p->word_ms) / 1000;

	fprintf(stderr, "\r%-20s", p->word);
	if (done >= 0)
		fprintf(stderr, " %lld", (long long)done);
	if (seconds > 0)
		fprintf(stderr, "  %lld min %02lld s", (long long)(seconds / 60), (long long)(seconds % 60));
	fputs("\033[K", stderr);
}

static void
draw_bar(const struct progress *p, int64_t now, int64_t done, int64_t all)
{
	int percent = all > 0 ? (int)(done * 100 / all) : 100;
	int width = columns() - 60, filled;
	char left[40] = "";

	width = width < 10 ? 10 : width > 50 ? 50 : width;
	filled = width * percent / 100;
	/* The first second says little about the pace. */
	if (done > p->word_done && done < all && now - p->word_ms >= 1000)
		put_left(left, sizeof left, (now - p->word_ms) * (all - done) / (done - p->word_done));
	fprintf(stderr, "\r%-20s [", p->word);
	for (int i = 0; i < width; i++)
		fputc(i < filled ? '#' : '.', stderr);
	fprintf(stderr, "] %3d %%  %s\033[K", percent, left);
}

static void
draw(struct progress *p, int64_t now, int64_t done, int64_t all)
{
	if (all < 0)
		draw_so_far(p, now, done);
	else
		draw_bar(p, now, done, all);
	fflush(stderr);
	p->drawn_ms = now;
}

void
progress_show(struct progress *p, const char *word, int64_t done, int64_t all)
{
	int64_t now;

	if (!p)
		return;
	now = now_wait_ms();
	if (strcmp(p->word, word) != 0) {
		snprintf(p->word, sizeof p->word, "%s", word);
		p->word_ms = now;
		p->word_done = done;
		p->drawn_ms = 0;
	}
	if (p->drawn_ms == 0 || now - p->drawn_ms >= 100)
		draw(p, now, done, all);
}

static void
on_tick(int fd, short what, void *arg)
{
	struct progress *p = arg;

	(void)fd;
	(void)what;
	draw(p, now_wait_ms(), -1, -1);
}

void
progress_wait(struct progress *p, struct event_base *base, const char *word)
{
	const struct timeval fifth = {0, 200000};

	if (!p)
		return;
	progress_show(p, word, -1, -1);
	p->tick = event_new(base, -1, EV_PERSIST, on_tick, p);
	if (p->tick)
		(void)event_add(p->tick, &fifth);
}

void
progress_clear(struct progress *p)
{
	if (!p || p->drawn_ms == 0)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->drawn_ms = 0;
}

void
progress_end(struct progress *p)
{
	if (!p)
		return;
	progress_clear(p);
	if (p->tick)
		event_free(p->tick);
	free(p);
}
