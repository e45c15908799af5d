/* The queue of those who look at figures, and the one count that is under way. */
#include "gateway/figures.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <event2/event.h>
#include "gateway/conf.h"
#include "gateway/gateway.h"
#include "gateway/log.h"
#include "store/pg.h"

#define READER_WAITS_MS 1500
#define COUNT_SECONDS 900 /* the longest that a count may take */

struct reader {
	TAILQ_ENTRY(reader) link;
	struct figures *f;
	struct event *patience;
	int bureau_id;
	void (*then)(void *arg);
	void *arg;
};
TAILQ_HEAD(readers, reader);

struct figures {
	struct gateway *g;
	struct pg *pg; /* NULL: nobody has looked yet */
	struct readers readers;
	int counting; /* the bureau whose count is under way; 0 = none */
};

static void next_count(struct figures *f);

static void
tell(struct reader *r)
{
	void (*then)(void *arg) = r->then;
	void *arg = r->arg;

	TAILQ_REMOVE(&r->f->readers, r, link);
	event_free(r->patience);
	free(r);
	then(arg);
}

static void
on_patience_over(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tell(arg);
}

static void
on_counted(void *arg, const char *error, const char *sqlstate)
{
	struct figures *f = arg;
	int bureau_id = f->counting;
	struct reader *r, *next;

	f->counting = 0;
	if (error != NULL)
		log_warn("figures of bureau=%d could not be counted: %s sqlstate=%s", bureau_id, error, sqlstate);
	for (r = TAILQ_FIRST(&f->readers); r != NULL; r = next) {
		next = TAILQ_NEXT(r, link);
		if (r->bureau_id == bureau_id)
			tell(r);
	}
	next_count(f);
}

static void
next_count(struct figures *f)
{
	struct reader *r = TAILQ_FIRST(&f->readers);

	if (r == NULL || f->counting != 0 || !pg_ready(f->pg))
		return;
	struct pg_params *p = pg_params_new();
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): tell takes what it frees off the list */
	pg_param_int(p, r->bureau_id);
	if (pg_run(f->pg, STMT_FIGURE_COUNT, p, f, NULL, on_counted) == 0)
		f->counting = r->bureau_id;
	pg_params_free(p);
}

static void
on_state(void *arg, struct pg *pg, enum pg_state state, const char *why)
{
	(void)pg;
	(void)why; /* the other connections say what became of the database */
	if (state == PG_READY)
		next_count(arg);
}

struct figures *
figures_new(struct gateway *g)
{
	struct figures *f = calloc(1, sizeof(*f));

	if (f != NULL) {
		f->g = g;
		TAILQ_INIT(&f->readers);
	}
	return f;
}

void
figures_free(struct figures *f)
{
	if (f == NULL)
		return;
	pg_free(f->pg);
	while (!TAILQ_EMPTY(&f->readers))
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): tell takes what it frees off the list */
		tell(TAILQ_FIRST(&f->readers));
	free(f);
}

static bool
open_connection(struct figures *f)
{
	const struct pg_owner owner = {f, on_state, NULL};

	if (f->pg == NULL) {
		f->pg = pg_new(f->g->base, f->g->conf->database, &owner);
		if (f->pg != NULL)
			pg_deadline(f->pg, COUNT_SECONDS);
	}
	return f->pg != NULL;
}

void
figures_refresh(struct figures *f, int bureau_id, void (*then)(void *arg), void *arg)
{
	const struct timeval patience = {READER_WAITS_MS / 1000, READER_WAITS_MS % 1000 * 1000}, at_once = {0, 0};
	struct reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	*r = (struct reader){.f = f, .bureau_id = bureau_id, .then = then, .arg = arg};
	r->patience = evtimer_new(f->g->base, on_patience_over, r);
	if (r->patience == NULL)
		abort();
	TAILQ_INSERT_TAIL(&f->readers, r, link);
	(void)event_add(r->patience, open_connection(f) ? &patience : &at_once);
	if (f->pg != NULL)
		next_count(f);
}
